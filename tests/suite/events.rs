//! Events on capacity, final demand and use against integrals of their curves.

use crate::chains::{Course, all_same, commodities, event, link, maker, same, sector};
use crate::common::head;

/// A plant that makes one unit a day and cannot catch up, with a supplier that always delivers.
fn plant(step: u32, horizon: u32, cover: f64, event: &str, more: &str) -> Course {
    let text = [
        head(step, horizon),
        commodities(&["part", "good"]),
        maker("mine", "XX", "part") + "spare_capacity = 3\n",
        sector("plant", "part", cover, "good", 1.0) + more,
        link("mine>plant:part", 7, ""),
        event.to_owned(),
    ];
    Course::of(&text.concat())
}

/// Area under `g` from the start of an event up to a day, in days.
type Area = fn(f64, f64) -> f64;

/// Area under the recovery curve after `u` recovery times of `tau` days.
const CURVES: [(&str, Area); 4] = [
    ("", |_, _| 0.0),
    ("recovery.linear.days = TAU\n", |u, tau| if u < 1.0 { tau * (u - u * u / 2.0) } else { tau / 2.0 }),
    ("recovery.exponential.days = TAU\n", |u, tau| tau * (1.0 - (-u).exp())),
    // 2/(1 + e^u) is 2 − 2e^u/(1 + e^u).
    ("recovery.logistic.days = TAU\n", |u, tau| tau * 2.0 * (u - ((1.0 + u.exp()) / 2.0).ln())),
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
                let lines = event("quake", "plant", "capacity", start, duration, severity)
                    + &curve.replace("TAU", &tau.to_string());
                let horizon = 280;
                // Cover enough for orders that lag behind the recovery.
                let course = plant(step, horizon, 60.0, &lines, "");
                let end = start + duration;
                let until = |day: f64| {
                    let before = (day.min(end) - start).max(0.0);
                    before + if day > end { area((day - end) / tau, tau) } else { 0.0 }
                };
                let days = f64::from(step);
                let case = format!("{step} d, {curve}{start}+{duration}");
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
fn two_outages_leave_the_product_of_what_each_leaves() {
    let lines = event("quake", "plant", "capacity", 98.0, 35.0, 0.4)
        + &event("flood", "plant", "capacity", 119.0, 35.0, 0.5);
    let activity = plant(7, 210, 10.0, &lines, "").activity("plant");
    for (t, left) in [(13, 1.0), (14, 0.6), (16, 0.6), (17, 0.3), (18, 0.3), (19, 0.5), (21, 0.5), (22, 1.0)]
    {
        same(activity[t], 7.0 * left, &format!("step {t}"));
    }
}

#[test]
fn a_series_is_what_is_left_step_by_step_and_all_after_its_last_value() {
    let lines = "[events.strike]\nsites = [\"plant\"]\nseries = [1, 1, 0.25, 0, 0.75, 1.5, 1, 0.5]\n";
    let course = plant(7, 84, 10.0, lines, "");
    let left = [1.0, 1.0, 0.25, 0.0, 0.75, 1.0, 1.0, 0.5, 1.0, 1.0, 1.0, 1.0];
    all_same(&course.activity("plant"), &left.map(|x| 7.0 * x), "activity");
    same(course.lost("plant"), 7.0 * (0.75 + 1.0 + 0.25 + 0.5), "loss");
}

#[test]
fn more_final_demand_is_made_where_capacity_and_stock_allow() {
    let boom = event("boom", "plant", "final_demand", 100.3, 30.0, -0.2) + "commodities = [\"good\"]\n";
    let course = plant(1, 280, 30.0, &boom, "spare_capacity = 0.5\n");
    same(course.lost("plant"), -0.2 * 30.0, "with spare capacity and stock");
    same(course.activity("plant")[100], 1.0 + 0.2 * 0.7, "the mean over the step of the onset");
    same(course.activity("plant")[115], 1.2, "in the boom");
    same(course.activity("plant")[130], 1.0 + 0.2 * 0.3, "the mean over the step of the end");
    // Nothing more is made without capacity, and a slump loses what is not asked for.
    same(plant(1, 280, 30.0, &boom, "").lost("plant"), 0.0, "without spare capacity");
    let slump = event("slump", "plant", "final_demand", 100.3, 30.0, 0.4);
    same(plant(7, 280, 30.0, &slump, "").lost("plant"), 0.4 * 30.0, "slump");
}

#[test]
fn thrift_cuts_orders_and_greed_cuts_output_until_deliveries_follow() {
    // Use falls to 3/4: as much is made, a quarter less is bought in the end.
    let course = plant(7, 1400, 20.0, &event("thrift", "plant", "use", 98.0, 2000.0, 0.25), "");
    same(course.lost("plant"), 0.0, "thrift");
    same(course.demand("mine")[13], 7.0, "orders before");
    assert!((course.demand("mine")[199] - 5.25).abs() < 1e-6, "{}", course.demand("mine")[199]);
    // After use the stock is the cover, in days of the lower use.
    let stock = course.stock("plant", "part")[199];
    assert!((stock - 15.0).abs() < 1e-5, "{stock}");
    // Without cover, a fifth more use finds 1/1.2 of what it takes.
    let course = plant(7, 1400, 0.0, &event("greed", "plant", "use", 98.0, 2000.0, -0.2), "");
    same(course.activity("plant")[13], 7.0, "before");
    same(course.activity("plant")[14], 7.0 / 1.2, "first step");
    assert_eq!(course.limits("plant")[14], Some("part"));
    assert!((course.activity("plant")[40] - 7.0).abs() < 1e-6, "{}", course.activity("plant")[40]);
    // The other commodity is left alone.
    let other = event("greed", "plant", "use", 98.0, 2000.0, -0.2) + "commodities = [\"part\"]\n";
    same(plant(7, 280, 0.0, &other, "").activity("plant")[14], 7.0 / 1.2, "by commodity");
}

#[test]
fn an_event_on_the_demand_of_one_output_leaves_the_other_alone() {
    let text = |list: &str| {
        let text = [
            head(7, 210),
            commodities(&["a", "b"]),
            "[sites.works]\ncountry = \"JP\"\nstage = \"sector\"\nspare_capacity = 2\n\
             outputs.a.final_demand_per_year = 365\n\
             outputs.b = { yield_per_unit = 1, role = \"driving\", final_demand_per_year = 365 }\n"
                .to_owned(),
            event("boom", "works", "final_demand", 98.0, 49.0, -0.5) + list,
        ];
        Course::of(&text.concat())
    };
    for (list, a, activity) in
        [("", 1.5, 1.5), ("commodities = [\"a\"]\n", 1.5, 1.5), ("commodities = [\"b\"]\n", 1.0, 1.5)]
    {
        let course = text(list);
        same(course.demand("works")[15], 7.0 * a, list);
        same(course.activity("works")[15], 7.0 * activity, list);
    }
}
