//! Events on capacity, final demand and use against integrals of their curves.

use crate::chains::{Course, all_same, same};
use crate::common::head;
use crate::parts::{Build, event, maker, sector, sold};
use supplyshock::scenario::{Event, Link, Recovery, RecoveryTime, Role, Series, Site, Stage, Tables, Target};

/// A plant that makes one unit a day and cannot catch up, with a supplier that always delivers.
fn plant(step: u32, horizon: u32, cover: f64) -> Tables {
    head(step, horizon)
        .goods(["part", "good"])
        .site("mine", maker("XX", "part").spare_capacity(3))
        .site("plant", sector("part", cover, "good", 1.0))
        .link("mine>plant:part", Link::new(7))
}

/// The course of that plant under an event.
fn course(step: u32, horizon: u32, cover: f64, event: Event) -> Course {
    Course::of(&plant(step, horizon, cover).event("it", event))
}

/// A recovery curve of this time, and the area under `g` from the start of an event up to a day, in days.
type Curve = (fn(f64) -> Option<Recovery>, fn(f64, f64) -> f64);

/// Area under the recovery curve after `u` recovery times of `tau` days.
const CURVES: [Curve; 4] = [
    (|_| None, |_, _| 0.0),
    (
        |tau| Some(Recovery::Linear(RecoveryTime::new(tau))),
        |u, tau| if u < 1.0 { tau * (u - u * u / 2.0) } else { tau / 2.0 },
    ),
    (|tau| Some(Recovery::Exponential(RecoveryTime::new(tau))), |u, tau| tau * (1.0 - (-u).exp())),
    // 2/(1 + e^u) is 2 − 2e^u/(1 + e^u).
    (
        |tau| Some(Recovery::Logistic(RecoveryTime::new(tau))),
        |u, tau| tau * 2.0 * (u - ((1.0 + u.exp()) / 2.0).ln()),
    ),
];

#[test]
fn lost_output_is_the_area_under_the_recovery_curve() {
    for step in [1, 7] {
        for (curve, area) in CURVES {
            for (start, duration, severity, tau) in [
                (98.0, 35.0, 1.0, 28.0),
                (100.3, 20.4, 0.6, 40.0),
                (102.0, 2.5, 0.8, 1.3),
                (101.2, 0.0, 0.5, 60.0),
            ] {
                let mut quake = event(["plant"], Target::Capacity, start, duration, severity);
                quake.recovery = curve(tau);
                let case = format!("{step} d, {:?}, {start}+{duration}", quake.recovery);
                let horizon = 280;
                // Cover enough for orders that lag behind the recovery.
                let course = course(step, horizon, 60.0, quake);
                let end = start + duration;
                let until = |day: f64| {
                    let before = (day.min(end) - start).max(0.0);
                    before + if day > end { area((day - end) / tau, tau) } else { 0.0 }
                };
                let days = f64::from(step);
                for (t, x) in (0..).zip(course.activity("plant")) {
                    let (from, to) = (f64::from(t) * days, f64::from(t + 1) * days);
                    same(x, days - severity * (until(to) - until(from)), &format!("{case}, step {t}"));
                }
                same(course.lost("plant"), severity * until(f64::from(horizon)), &case);
            }
        }
    }
}

#[test]
fn a_shock_without_length_that_recovers_marks_an_onset() {
    // Before it nothing is in force: the day of the first stop is counted from day 70.3.
    let mut shock = event(["plant"], Target::Capacity, 70.3, 0.0, 0.9);
    shock.recovery = Some(Recovery::Exponential(RecoveryTime::new(50.0)));
    let course = course(1, 280, 60.0, shock);
    let stopped = course.activity("plant").iter().position(|x| *x < 0.95).expect("it stops");
    assert_eq!(stopped, 70);
    let x = course.activity("plant")[stopped];
    same(course.stop("plant"), f64::max(70.0 + x - 70.3, 0.0), "first stop");
    assert!(course.stop("plant") > 0.0);
    // One that grows first has no effect, and marks none.
    let mut none = event(["plant"], Target::Capacity, 70.3, 0.0, 0.9);
    none.recovery = Some(Recovery::Exponential(RecoveryTime::new(50.0)));
    none.growth_days = Some(5.into());
    let tables = plant(1, 280, 60.0)
        .event("none", none)
        .event("late", event(["plant"], Target::Capacity, 100.5, 30.0, 0.9));
    let course = Course::of(&tables);
    same(
        course.stop("plant"),
        f64::max(100.0 + course.activity("plant")[100] - 100.5, 0.0),
        "onset of the other",
    );
}

#[test]
fn two_outages_leave_the_product_of_what_each_leaves() {
    let tables = plant(7, 210, 10.0)
        .event("quake", event(["plant"], Target::Capacity, 98.0, 35.0, 0.4))
        .event("flood", event(["plant"], Target::Capacity, 119.0, 35.0, 0.5));
    let activity = Course::of(&tables).activity("plant");
    for (t, left) in [(13, 1.0), (14, 0.6), (16, 0.6), (17, 0.3), (18, 0.3), (19, 0.5), (21, 0.5), (22, 1.0)]
    {
        same(activity[t], 7.0 * left, &format!("step {t}"));
    }
}

#[test]
fn a_series_is_what_is_left_step_by_step_and_all_after_its_last_value() {
    let series = Series::from([1.0, 1.0, 0.25, 0.0, 0.75, 1.5, 1.0, 0.5]);
    let course = course(7, 84, 10.0, Event::new(["plant"]).series(series));
    let left = [1.0, 1.0, 0.25, 0.0, 0.75, 1.0, 1.0, 0.5, 1.0, 1.0, 1.0, 1.0];
    all_same(&course.activity("plant"), &left.map(|x| 7.0 * x), "activity");
    same(course.lost("plant"), 7.0 * (0.75 + 1.0 + 0.25 + 0.5), "loss");
}

#[test]
fn more_final_demand_is_made_where_capacity_and_stock_allow() {
    let boom = event(["plant"], Target::FinalDemand, 100.3, 30.0, -0.2).commodities(["good"]);
    let mut able = plant(1, 280, 30.0);
    able.sites["plant"].spare_capacity = 0.5.into();
    let found = Course::of(&able.event("boom", boom.clone()));
    same(found.lost("plant"), -0.2 * 30.0, "with spare capacity and stock");
    same(found.activity("plant")[100], 1.0 + 0.2 * 0.7, "the mean over the step of the onset");
    same(found.activity("plant")[115], 1.2, "in the boom");
    same(found.activity("plant")[130], 1.0 + 0.2 * 0.3, "the mean over the step of the end");
    // Nothing more is made without capacity, and a slump loses what is not asked for.
    same(course(1, 280, 30.0, boom).lost("plant"), 0.0, "without spare capacity");
    let slump = event(["plant"], Target::FinalDemand, 100.3, 30.0, 0.4);
    same(course(7, 280, 30.0, slump).lost("plant"), 0.4 * 30.0, "slump");
}

#[test]
fn thrift_cuts_orders_and_greed_cuts_output_until_deliveries_follow() {
    // Use falls to 3/4: as much is made, a quarter less is bought in the end.
    let thrift = course(7, 1400, 20.0, event(["plant"], Target::Use, 98.0, 2000.0, 0.25));
    same(thrift.lost("plant"), 0.0, "thrift");
    same(thrift.demand("mine")[13], 7.0, "orders before");
    assert!((thrift.demand("mine")[199] - 5.25).abs() < 1e-6, "{}", thrift.demand("mine")[199]);
    // After use the stock is the cover, in days of the lower use.
    let stock = thrift.stock("plant", "part")[199];
    assert!((stock - 15.0).abs() < 1e-5, "{stock}");
    // Without cover, a fifth more use finds 1/1.2 of what it takes.
    let greed = event(["plant"], Target::Use, 98.0, 2000.0, -0.2);
    let found = course(7, 1400, 0.0, greed.clone());
    same(found.activity("plant")[13], 7.0, "before");
    same(found.activity("plant")[14], 7.0 / 1.2, "first step");
    assert_eq!(found.limits("plant")[14], Some("part"));
    assert!((found.activity("plant")[40] - 7.0).abs() < 1e-6, "{}", found.activity("plant")[40]);
    // The other commodity is left alone.
    let other = greed.commodities(["part"]);
    same(course(7, 280, 0.0, other).activity("plant")[14], 7.0 / 1.2, "by commodity");
}

#[test]
fn an_event_on_the_demand_of_one_output_leaves_the_other_alone() {
    let works = Site::new("JP", Stage::SECTOR)
        .spare_capacity(2)
        .output("a", sold(1.0))
        .output("b", sold(1.0).yield_per_unit(1).role(Role::Driving));
    let boom = event(["works"], Target::FinalDemand, 98.0, 49.0, -0.5);
    for (list, a, activity) in [(None, 1.5, 1.5), (Some("a"), 1.5, 1.5), (Some("b"), 1.0, 1.5)] {
        let mut boom = boom.clone();
        boom.commodities = list.map(|good| [good].into());
        let tables = head(7, 210).goods(["a", "b"]).site("works", works.clone()).event("boom", boom);
        let list = list.unwrap_or("all");
        let course = Course::of(&tables);
        same(course.demand("works")[15], 7.0 * a, list);
        same(course.activity("works")[15], 7.0 * activity, list);
    }
}
