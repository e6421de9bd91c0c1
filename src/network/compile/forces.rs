//! Forces that act on the network: controls, events, outages and projects, and when.

use super::Quantities;
use super::nodes::Nodes;
use crate::draw::{Distribution, Law};
use crate::network::{
    CommodityIx, Contract, Control, ControlIx, Course, DAYS_PER_YEAR, Event, EventIx, Exposure, ExposureIx,
    Fading, InStates, IndexVec, InputIx, Ix, Leg, Licence, Licences, Moment, OnsetIx, Origin, OutputIx,
    Param, Project, ProjectIx, Regime, RegimeIx, Serial, SiteIx, State, StateIx, When,
};
use crate::scenario::{self, Leaf, Recovery, Tables, Target, join_path};
use indexmap::IndexSet;
use std::collections::{BTreeMap, BTreeSet, HashMap};

impl Moment {
    fn of(origin: Origin) -> Self {
        Moment { origin, legs: Vec::new() }
    }

    fn never() -> Self {
        Moment::of(Origin::Never)
    }

    /// Whether it is day 0 in every trial.
    pub(super) fn is_start(&self, q: &Quantities<'_>) -> bool {
        let mut moment = self;
        loop {
            if !moment.legs.iter().all(|leg| matches!(leg, Leg::Days(days) if days.is_zero())) {
                return false;
            }
            match moment.origin {
                Origin::Start => return true,
                Origin::States(_) | Origin::Never => return false,
                // It stands before this one.
                Origin::Onset(number) => match q.onsets.get_index(number.at()) {
                    Some((_, before)) => moment = before,
                    None => return false,
                },
            }
        }
    }
}

/// A moment some days after the onset of the force that `after` names, or after day 0.
pub(super) fn moment(t: &Tables, after: Option<&str>, days: Param, q: &mut Quantities<'_>) -> Moment {
    Moment { origin: origin(t, after, q), legs: vec![Leg::Days(days)] }
}

/// Where days are counted from that are those after the onset of a force, or after day 0. The check has found that nothing
/// waits for itself.
fn origin(t: &Tables, after: Option<&str>, q: &mut Quantities<'_>) -> Origin {
    let Some(id) = after else { return Origin::Start };
    // Thousands of forces may wait for each other in a row: each comes after the one it waits for.
    let (mut row, mut next) = (Vec::new(), Some(id));
    while let Some(id) = next.filter(|id| !q.onsets.contains_key(*id)) {
        let beginning = beginning(t, id, q);
        next = beginning.after;
        row.push((id.to_owned(), beginning));
    }
    for (id, Beginning { after, origin, legs }) in row.into_iter().rev() {
        let origin = match after {
            Some(before) => Origin::Onset(OnsetIx::new(q.onsets.get_index_of(before).unwrap_or(0))),
            None => origin,
        };
        q.onsets.insert(id, Moment { origin, legs });
    }
    q.onsets.get_index_of(id).map_or(Origin::Never, |number| Origin::Onset(OnsetIx::new(number)))
}

/// How a force begins: after another one, or counted from its origin.
struct Beginning<'t> {
    after: Option<&'t str>,
    origin: Origin,
    legs: Vec<Leg>,
}

/// How the control, event or re-export of that id begins.
fn beginning<'t>(t: &'t Tables, id: &str, q: &mut Quantities<'_>) -> Beginning<'t> {
    let at = |origin: Origin| Beginning { after: None, origin, legs: Vec::new() };
    let entered = |during: &scenario::InStates| known_states(t, during).map_or(Origin::Never, Origin::States);
    let waits = |after: &'t Option<String>, days: Param| Beginning {
        after: after.as_deref(),
        origin: Origin::Start,
        legs: vec![Leg::Days(days)],
    };
    if let Some(c) = t.controls.get(id) {
        match (&c.during, &c.onset_days) {
            (Some(during), _) => at(entered(during)),
            (None, Some(days)) => waits(&c.after, q.param(&["controls", id, "onset_days"], days)),
            (None, None) => at(Origin::Never),
        }
    } else if let Some(e) = t.events.get(id) {
        match (&e.during, &e.start_days, &e.series) {
            (Some(during), ..) => at(entered(during)),
            (None, Some(days), _) => waits(&e.after, q.param(&["events", id, "start_days"], days)),
            // A series begins to act at its first value that is not 1.
            (None, None, Some(series)) => match series.values.iter().position(|x| *x != 1.0) {
                Some(step) => waits(&None, Param::known(step as f64 * f64::from(t.time.step_days))),
                None => at(Origin::Never),
            },
            (None, None, None) => at(Origin::Never),
        }
    } else if let Some(r) = t.reexports.get(id)
        && let Some(control) = t.controls.get_index_of(&r.control)
    {
        let setup = q.param(&["reexports", id, "setup_days"], &r.setup_days);
        let hazard = q.param(&["reexports", id, "discovery_per_year"], &r.discovery_per_year);
        let name = join_path(&["reexports", id, "discovery"].map(str::to_owned));
        let discovery = Leg::Discovery { name, hazard, control: ControlIx::new(control) };
        let legs = vec![Leg::Days(setup), discovery];
        Beginning { after: Some(&r.control), origin: Origin::Start, legs }
    } else {
        at(Origin::Never)
    }
}

/// The states of a regime during which something holds.
pub(super) fn known_states(t: &Tables, during: &scenario::InStates) -> Option<InStates> {
    let (regime, _, spec) = t.regimes.get_full(&during.regime)?;
    let states = during.states.iter().filter_map(|s| spec.states.get_index_of(s)).map(StateIx::new);
    Some(InStates { regime: RegimeIx::new(regime), states: states.collect() })
}

pub(super) fn regime(id: &str, r: &scenario::Regime, q: &mut Quantities<'_>) -> Regime {
    let states = r
        .states
        .iter()
        .map(|(name, state)| State {
            holding: state
                .holding_days
                .as_ref()
                .map(|days| q.serial(&["regimes", id, "states", name, "holding_days"], days)),
            next: state
                .next
                .iter()
                .filter_map(|(to, weight)| {
                    let weight = q.param(&["regimes", id, "states", name, "next", to], weight);
                    Some((StateIx::new(r.states.get_index_of(to)?), weight))
                })
                .collect(),
        })
        .collect();
    Regime {
        name: join_path(&["regimes".to_owned(), id.to_owned()]),
        start: StateIx::new(r.states.get_index_of(&r.start).unwrap_or(0)),
        states,
    }
}

/// The contracts of a link, or of the links under a control.
pub(super) fn contract([table, id]: [&str; 2], c: &scenario::Contract, q: &mut Quantities<'_>) -> Contract {
    let path = |key: &'static str| [table, id, "contract", key];
    Contract {
        name: join_path(&[table, id, "contract"].map(str::to_owned)),
        shared: table == "controls",
        term: q.param(&path("term_share"), &c.term_share),
        count: c.contracts,
        remaining: q.serial(&path("remaining_days"), &c.remaining_days),
        suspended: q.param(&path("suspended"), &c.suspended),
        reviewed: q.param(&path("reviewed"), &c.reviewed),
        review: q.serial(&path("review_days"), &c.review_days),
    }
}

fn licences(id: &str, l: &scenario::Licences, q: &mut Quantities<'_>) -> Licences {
    let mut terms = |word: &'static str, l: &Option<scenario::Licence>| {
        let path = |key: &'static str| ["controls", id, "licences", word, key];
        l.as_ref().map(|l| Licence {
            processing: q.serial(&path("processing_days"), &l.processing_days),
            chance: q.param(&path("monthly_chance"), &l.monthly_chance),
            growth: q.param(&path("monthly_growth"), &l.monthly_growth),
            quota: q.param(&path("quota"), &l.quota),
        })
    };
    let by_use = [terms("civil", &l.civil), terms("military", &l.military)];
    Licences { name: join_path(&["controls", id, "licences"].map(str::to_owned)), by_use }
}

/// When a control or an event holds.
fn when(
    t: &Tables,
    during: Option<&scenario::InStates>,
    after: Option<&str>,
    [start, duration]: [Param; 2],
    q: &mut Quantities<'_>,
) -> When {
    match during.map(|during| known_states(t, during)) {
        None => When::Once { from: moment(t, after, start, q), duration },
        Some(Some(states)) => When::States(states),
        Some(None) => When::Once { from: Moment::never(), duration },
    }
}

pub(super) fn control(id: &str, c: &scenario::Control, t: &Tables, q: &mut Quantities<'_>) -> Control {
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
    let mut days = |key: &'static str, leaf: &Option<Leaf>| {
        leaf.as_ref().map_or(Param::known(0.0), |l| q.param(&path(key), l))
    };
    let span = [days("onset_days", &c.onset_days), days("duration_days", &c.duration_days)];
    Control {
        when: when(t, c.during.as_ref(), c.after.as_deref(), span, q),
        leakage: q.param(&path("leakage"), &c.leakage),
        phases,
        licences: c.licences.as_ref().map(|l| licences(id, l, q)),
    }
}

/// Numbers of the sites that a list names, each once and in their order.
pub(super) fn named(list: &[String], site_of: &HashMap<String, SiteIx>) -> BTreeSet<SiteIx> {
    list.iter().filter_map(|id| site_of.get(id).copied()).collect()
}

/// Exposures while they are gathered.
#[derive(Default)]
pub(super) struct Exposed {
    sites: BTreeMap<SiteIx, Exposure>,
    inputs: BTreeMap<InputIx, Exposure>,
    outputs: BTreeMap<OutputIx, Exposure>,
}

impl Exposed {
    /// Exposes the capacities of some sites to an event.
    pub(super) fn capacities(&mut self, number: EventIx, sites: BTreeSet<SiteIx>) {
        sites.into_iter().for_each(|n| self.sites.entry(n).or_default().events.push(number));
    }

    /// Exposes all that an event acts on.
    pub(super) fn mark(
        &mut self,
        number: EventIx,
        e: &scenario::Event,
        commodities: &IndexSet<String>,
        site_of: &HashMap<String, SiteIx>,
        nodes: &Nodes,
    ) {
        let covers = |commodity: CommodityIx| {
            e.commodities
                .as_ref()
                .is_none_or(|list| list.iter().any(|c| commodities.get_index_of(c) == Some(commodity.at())))
        };
        let sites = named(&e.sites, site_of);
        match e.target {
            Target::Capacity => self.capacities(number, sites),
            Target::FinalDemand => {
                let outputs = sites.into_iter().flat_map(|n| nodes.sites[n].outputs);
                for o in outputs.filter(|&o| covers(nodes.outputs[o].commodity)) {
                    self.outputs.entry(o).or_default().events.push(number);
                }
            }
            Target::Use => {
                let inputs = sites.into_iter().flat_map(|n| nodes.sites[n].inputs);
                for i in inputs.filter(|&i| covers(nodes.inputs[i].commodity)) {
                    self.inputs.entry(i).or_default().events.push(number);
                }
            }
        }
    }

    /// Has a site built by a project.
    pub(super) fn build(&mut self, number: ProjectIx, site: SiteIx) {
        self.sites.entry(site).or_default().project = Some(number);
    }

    /// Tells sites, inputs and outputs which exposures are theirs.
    pub(super) fn finish(self, nodes: &mut Nodes) -> IndexVec<ExposureIx, Exposure> {
        let mut known = IndexSet::from([Exposure::default()]);
        let mut number = |exposure| ExposureIx::new(known.insert_full(exposure).0);
        self.sites.into_iter().for_each(|(n, exposure)| nodes.sites[n].exposure = number(exposure));
        self.inputs.into_iter().for_each(|(i, exposure)| nodes.inputs[i].exposure = number(exposure));
        self.outputs.into_iter().for_each(|(o, exposure)| nodes.outputs[o].exposure = number(exposure));
        known.into_iter().collect()
    }
}

pub(super) fn event(id: &str, e: &scenario::Event, t: &Tables, q: &mut Quantities<'_>) -> Event {
    let mut param = |key: &'static str, leaf: &Option<Leaf>| {
        leaf.as_ref().map_or(Param::known(0.0), |l| q.param(&["events", id, key], l))
    };
    let course = match &e.series {
        Some(series) => Course::Series(series.values.clone()),
        None => {
            let (start, duration, severity) = (
                param("start_days", &e.start_days),
                param("duration_days", &e.duration_days),
                param("severity", &e.severity),
            );
            let growth = q.optional(&["events", id, "growth_days"], e.growth_days.as_ref());
            let (fading, fading_days) = fading(["events", id], e.recovery.as_ref(), q);
            Course::Timed {
                when: when(t, e.during.as_ref(), e.after.as_deref(), [start, duration], q),
                severity: Serial::Once(severity),
                growth,
                fading,
                fading_days,
            }
        }
    };
    Event { course, rebuilding: None }
}

fn fading([table, id]: [&str; 2], recovery: Option<&Recovery>, q: &mut Quantities<'_>) -> (Fading, Param) {
    let Some(recovery) = recovery else { return (Fading::None, Param::known(0.0)) };
    let (fading, tag) = match recovery {
        Recovery::Linear(_) => (Fading::Linear, "linear"),
        Recovery::Exponential(_) => (Fading::Exponential, "exponential"),
        Recovery::Logistic(_) => (Fading::Logistic, "logistic"),
    };
    (fading, q.param(&[table, id, "recovery", tag, "days"], recovery.days()))
}

/// An outage is an event that comes again and again.
pub(super) fn outage(id: &str, o: &scenario::Outage, q: &mut Quantities<'_>) -> Event {
    let path = |key: &'static str| ["outages", id, key];
    let (fading, fading_days) = fading(["outages", id], o.recovery.as_ref(), q);
    Event {
        course: Course::Timed {
            when: When::Renewal {
                up: q.serial(&path("up_days"), &o.up_days),
                down: q.serial(&path("down_days"), &o.down_days),
            },
            severity: q.serial(&path("severity"), &o.severity),
            growth: Param::known(0.0),
            fading,
            fading_days,
        },
        rebuilding: None,
    }
}

pub(super) fn project(id: &str, p: &scenario::Project, t: &Tables, q: &mut Quantities<'_>) -> Project {
    let step_days = f64::from(t.time.step_days);
    let path = |key: &'static str| ["projects", id, key];
    let trigger = match &p.after {
        None => moment(t, None, Param::known(0.0), q),
        Some(after) => Moment::of(origin(t, Some(after), q)),
    };
    let certain = p.success.as_number().is_some_and(|s| s == 1.0);
    let outcome = if certain {
        Param::known(0.0)
    } else {
        Distribution::uniform(0.0, 1.0)
            .map_or(Param::known(f64::NAN), |u| q.drawn(&path("outcome"), || Law::Distribution(u)))
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
        capital: p.capital.as_ref().map_or(Param::known(0.0), |c| q.param(&path("capital"), c)),
    }
}
