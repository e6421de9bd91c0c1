//! Forces that meet on one thing within a step act together at each moment, not by their means.

use crate::chains::{Course, same};
use crate::common::head;
use crate::parts::{A_DAY, Build, control, event, maker, sector, state};
use crate::trials::integral;
use supplyshock::scenario::{
    Event, InStates, Link, Outage, Project, Recovery, RecoveryTime, Regime, Tables, Target,
};

/// A plant that makes one unit a day and cannot catch up, with a supplier that always delivers.
fn plant(step: u32, horizon: u32) -> Tables {
    head(step, horizon)
        .goods(["part", "good"])
        .site("mine", maker("XX", "part").spare_capacity(3))
        .site("plant", sector("part", 60.0, "good", 1.0))
        .link("mine>plant:part", Link::new(step))
}

fn outage(start: f64, duration: f64, severity: f64) -> Event {
    event(["plant"], Target::Capacity, start, duration, severity)
}

#[test]
fn two_halves_leave_a_quarter_and_two_wholes_that_follow_each_other_leave_nothing() {
    // Days 10 to 17 lie across two weekly steps.
    for step in [1, 3, 7] {
        let of = |a: Event, b: Event| Course::of(&plant(step, 84).event("a", a).event("b", b)).lost("plant");
        same(of(outage(10.0, 7.0, 0.5), outage(10.0, 7.0, 0.5)), 7.0 * 0.75, "halves");
        same(of(outage(10.0, 3.5, 1.0), outage(13.5, 3.5, 1.0)), 7.0, "wholes");
        same(of(outage(10.0, 3.5, 0.5), outage(12.0, 3.5, 0.5)), 1.0 + 1.5 * 0.75 + 1.0, "parts");
        let slump = |start, severity| event(["plant"], Target::FinalDemand, start, 3.5, severity);
        same(of(slump(10.0, 1.0), slump(13.5, 1.0)), 7.0, "final demand");
        // A surge of demand has nothing to act on while there is none.
        same(of(slump(10.0, 1.0), slump(10.0, -0.5)), 3.5, "a surge of no demand");
    }
}

/// The share of its severity that an event has on a day.
fn height(start: f64, duration: f64, growth: f64, curve: &Option<Recovery>, day: f64) -> f64 {
    let grown = |days: f64| if growth > 0.0 { f64::min(days / growth, 1.0) } else { 1.0 };
    if day < start {
        return 0.0;
    }
    if day < start + duration {
        return grown(day - start);
    }
    let since = day - start - duration;
    grown(duration)
        * match curve {
            None => 0.0,
            Some(Recovery::Linear(t)) => f64::max(1.0 - since / days(t), 0.0),
            Some(Recovery::Exponential(t)) => (-since / days(t)).exp(),
            Some(Recovery::Logistic(t)) => 2.0 / (1.0 + (since / days(t)).exp()),
            Some(_) => unreachable!("there is no other curve"),
        }
}

fn days(time: &RecoveryTime) -> f64 {
    time.days.as_number().expect("a number")
}

#[test]
fn curves_that_meet_leave_the_integral_of_their_product() {
    let linear = |days: f64| Some(Recovery::Linear(RecoveryTime::new(days)));
    let exponential = |days: f64| Some(Recovery::Exponential(RecoveryTime::new(days)));
    let logistic = |days: f64| Some(Recovery::Logistic(RecoveryTime::new(days)));
    let cases = [
        [(98.0, 20.0, 0.0, 0.8, linear(30.0)), (101.3, 40.2, 12.5, 0.5, exponential(9.0))],
        [(98.4, 0.0, 0.0, 0.9, exponential(0.3)), (99.1, 0.0, 0.0, 0.9, logistic(1.7))],
        [(98.4, 3.3, 2.0, 1.0, logistic(20.0)), (103.9, 15.0, 30.0, 0.7, linear(2.2))],
        [(90.0, 60.0, 0.0, 0.4, None), (100.5, 1.0, 0.0, 1.0, exponential(40.0))],
    ];
    for step in [1, 7] {
        for case in &cases {
            let mut tables = plant(step, 280);
            let mut corners = Vec::new();
            for (k, (start, duration, growth, severity, curve)) in case.iter().enumerate() {
                let mut event = outage(*start, *duration, *severity);
                if *growth > 0.0 {
                    event.growth_days = Some((*growth).into());
                }
                event.recovery = curve.clone();
                tables = tables.event(format!("e{k}"), event);
                corners.extend([*start, start + growth, start + duration]);
                if let Some(Recovery::Linear(t)) = curve {
                    corners.push(start + duration + days(t));
                }
                // Where a curve falls fast, Simpson needs help.
                corners.extend((1..40).map(|n| start + duration + f64::from(n) * 0.3));
            }
            let left = |day: f64| {
                case.iter().fold(1.0, |left, (start, duration, growth, severity, curve)| {
                    left * (1.0 - severity * height(*start, *duration, *growth, curve, day))
                })
            };
            let activity = Course::of(&tables).activity("plant");
            for (t, x) in (0..).zip(&activity) {
                let (from, until) = (f64::from(t * step), f64::from((t + 1) * step));
                let mut ends: Vec<f64> =
                    corners.iter().copied().filter(|day| from < *day && *day < until).collect();
                ends.extend([from, until]);
                ends.sort_by(f64::total_cmp);
                ends.dedup();
                let inside = |w: &[f64]| {
                    // Just inside the ends, where the product may jump.
                    let (a, b) = (w[0] + 1e-12, w[1] - 1e-12);
                    integral(a, b, 60, left)
                };
                let made: f64 = ends.windows(2).filter(|w| w[1] - w[0] > 1e-9).map(inside).sum();
                assert!((x - made).abs() < 2e-9, "{step} d, {case:?}, step {t}: {x}, expected {made}");
            }
        }
    }
}

#[test]
fn an_outage_meets_the_ramp_of_a_project_at_each_moment() {
    let tables = head(7, 420)
        .goods(["part", "good"])
        .site("mine", maker("CN", "part"))
        .site("new", maker("XX", "part"))
        .site("plant", sector("part", 0.0, "good", 1.0))
        .link("mine>plant:part", Link::new(7).surge_limit(1))
        .link("new>plant:part", Link::new(7).contingent_volume_per_year(146).surge_limit(1.5))
        .control("cut", control(98.0, 1000.0, 1.0))
        .project("build", Project::new("new", A_DAY).start_days(100).ramp_days(10))
        // Half of what is built on day 105 is lost for two days.
        .event("fire", event(["new"], Target::Capacity, 106.0, 2.0, 0.5));
    let capacity = Course::of(&tables).capacity("new");
    let ramp = |from: f64, until: f64| (until - from) * ((from + until) / 2.0 - 100.0) / 10.0;
    same(capacity[15], ramp(105.0, 110.0) - 0.5 * ramp(106.0, 108.0) + 2.0, "capacity");
}

#[test]
fn spells_of_one_event_that_meet_never_take_more_than_all() {
    // Down on days 10 to 14, and again from day 16 on while the first still fades.
    let states = Regime::new("calm")
        .state("calm", state(10.0, "row"))
        .state("row", state(4.0, "pause"))
        .state("pause", state(2.0, "again"))
        .state("again", state(4.0, "end"))
        .state("end", supplyshock::scenario::State::new());
    let mut unrest = Event::new(["plant"]).severity(0.8).during(InStates::new("policy", ["row", "again"]));
    unrest.recovery = Some(Recovery::Linear(RecoveryTime::new(10)));
    for step in [1, 5, 7] {
        let tables = plant(step, 70).regime("policy", states.clone()).event("unrest", unrest.clone());
        let first = |day: f64| f64::max(1.0 - (day - 14.0) / 10.0, 0.0);
        // Over all of days 16 to 20 the two would take 0.8 · (1 + first), which is over 1 until day 21.5.
        let both = |day: f64| f64::min(0.8 * (first(day) + f64::max(1.0 - (day - 20.0) / 10.0, 0.0)), 1.0);
        let lost = 4.0 * 0.8
            + integral(14.0, 16.0, 10, |day| 0.8 * first(day))
            + integral(16.0, 20.0, 4000, |day| f64::min(0.8 * (1.0 + first(day)), 1.0))
            + integral(20.0, 30.0, 40_000, both);
        let found = Course::of(&tables).lost("plant");
        assert!((found - lost).abs() < 1e-6, "{step} d: {found}, expected {lost}");
    }
}

#[test]
fn outages_of_two_causes_meet_by_moments_too() {
    // Both are down half of the time, in turn: one or the other always is.
    let beat = |first: f64| {
        let up = supplyshock::draw::Distribution::uniform(first, first).expect("a range");
        Outage::new(["plant"], up, 3.5)
    };
    let tables = plant(7, 70).outage("even", beat(3.5)).event("odd", outage(0.0, 3.5, 1.0));
    let activity = Course::of(&tables).activity("plant");
    same(activity[0], 0.0, "one after the other");
    same(activity[1], 3.5, "the other alone");
}
