//! What acts on the network: controls, events and projects.

use super::Quantities;
use crate::draw::Distribution;
use crate::model::{Control, Course, DAYS_PER_YEAR, Event, Fading, Input, Output, Param, Project, Site};
use crate::scenario::{self, Leaf, Recovery, Tables, Target};
use indexmap::IndexSet;

pub(super) fn control(id: &str, c: &scenario::Control, q: &mut Quantities<'_>) -> Control {
    let path = |key: &'static str| ["controls", id, key];
    let phases = if c.phases.is_empty() {
        vec![(0.0, q.param(&path("severity"), &c.severity))]
    } else {
        c.phases
            .iter()
            .enumerate()
            .map(|(k, p)| {
                let severity = q.param(&["controls", id, "phases", &k.to_string(), "severity"], &p.severity);
                (p.after_days.as_number().unwrap_or(0.0), severity)
            })
            .collect()
    };
    Control {
        onset: q.param(&path("onset_days"), &c.onset_days),
        duration: q.param(&path("duration_days"), &c.duration_days),
        leakage: q.param(&path("leakage"), &c.leakage),
        phases,
    }
}

#[expect(clippy::too_many_arguments, reason = "it marks the three kinds of place an event can act on")]
pub(super) fn event(
    k: usize,
    id: &str,
    e: &scenario::Event,
    commodities: &IndexSet<String>,
    sites: &mut [Site],
    inputs: &mut [Input],
    outputs: &mut [Output],
    q: &mut Quantities<'_>,
) -> Event {
    let k = u32::try_from(k).unwrap_or(u32::MAX);
    let covers = |commodity: usize| {
        e.commodities
            .as_ref()
            .is_none_or(|list| list.iter().any(|c| commodities.get_index_of(c) == Some(commodity)))
    };
    for site in sites.iter_mut().filter(|s| e.sites.contains(&s.id)) {
        match e.target {
            Target::Capacity => site.events.push(k),
            Target::FinalDemand => outputs[site.outputs.clone()]
                .iter_mut()
                .filter(|o| covers(o.commodity))
                .for_each(|o| o.events.push(k)),
            Target::Use => inputs[site.inputs.clone()]
                .iter_mut()
                .filter(|i| covers(i.commodity))
                .for_each(|i| i.events.push(k)),
        }
    }
    let mut param = |key: &'static str, leaf: &Option<Leaf>| {
        leaf.as_ref().map_or(Param::known(0.0), |l| q.param(&["events", id, key], l))
    };
    let course = match &e.series {
        Some(series) => Course::Series(series.0.clone()),
        None => {
            let (start, duration, severity) = (
                param("start_days", &e.start_days),
                param("duration_days", &e.duration_days),
                param("severity", &e.severity),
            );
            let (fading, tag) = match &e.recovery {
                None => (Fading::None, ""),
                Some(Recovery::Linear(_)) => (Fading::Linear, "linear"),
                Some(Recovery::Exponential(_)) => (Fading::Exponential, "exponential"),
                Some(Recovery::Logistic(_)) => (Fading::Logistic, "logistic"),
            };
            let fading_days = e
                .recovery
                .as_ref()
                .map_or(Param::known(0.0), |r| q.param(&["events", id, "recovery", tag, "days"], r.days()));
            Course::Timed { start, duration, severity, fading, fading_days }
        }
    };
    Event { course }
}

pub(super) fn project(
    k: usize,
    id: &str,
    p: &scenario::Project,
    t: &Tables,
    step_days: f64,
    sites: &mut [Site],
    q: &mut Quantities<'_>,
) -> Project {
    let site = sites.iter().position(|s| s.id == p.site).unwrap_or(0);
    sites[site].project = u32::try_from(k).ok();
    let path = |key: &'static str| ["projects", id, key];
    let trigger = match &p.after {
        None => Some(Param::known(0.0)),
        Some(after) => match (t.controls.get(after), t.events.get(after)) {
            (Some(c), _) => Some(q.param(&["controls", after, "onset_days"], &c.onset_days)),
            (None, Some(e)) => match (&e.start_days, &e.series) {
                (Some(start), _) => Some(q.param(&["events", after, "start_days"], start)),
                // A series begins to act at its first value that is not 1.
                (None, Some(series)) => {
                    series.0.iter().position(|x| *x != 1.0).map(|t| Param::known(t as f64 * step_days))
                }
                (None, None) => None,
            },
            (None, None) => None,
        },
    };
    let certain = p.success.as_number().is_some_and(|s| s == 1.0);
    let outcome = if certain {
        Param::known(0.0)
    } else {
        Distribution::uniform(0.0, 1.0).map_or(Param::known(f64::NAN), |u| q.drawn(&path("outcome"), &u))
    };
    Project {
        trigger,
        start: q.param(&path("start_days"), &p.start_days),
        permit: q.param(&path("permit_days"), &p.permit_days),
        build: q.param(&path("build_days"), &p.build_days),
        ramp: q.param(&path("ramp_days"), &p.ramp_days),
        success: q.param(&path("success"), &p.success),
        outcome,
        design: q.param(&path("capacity_per_year"), &p.capacity_per_year).scaled(step_days / DAYS_PER_YEAR),
        capital: p.capital_jpy.as_ref().map_or(Param::known(0.0), |c| q.param(&path("capital_jpy"), c)),
    }
}
