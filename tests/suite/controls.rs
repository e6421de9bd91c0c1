//! Controls: what passes a lane, quotas, leakage, phases, and continuity in time.

use crate::chains::{Course, commodities, control, event, link, maker, same, sector};
use crate::common::head;

/// A plant without cover behind a lane that cannot catch up: its activity is the passage `lead` before.
fn bare(controls: &str) -> Course {
    let text = [
        head(7, 350),
        commodities(&["part", "good"]),
        maker("mine", "CN", "part"),
        sector("plant", "part", 0.0, "good", 1.0 / 7.0),
        link("mine>plant:part", 14, "surge_limit = 1"),
        controls.to_owned(),
    ];
    Course::of(&text.concat())
}

/// Mean over each weekly step of a passage that is constant between the given days.
fn means(ends: &[f64], passage: impl Fn(f64) -> f64) -> Vec<f64> {
    let mean = |t: i32| {
        let (from, until) = (7.0 * f64::from(t), 7.0 * f64::from(t + 1));
        let mut cuts: Vec<f64> = ends.iter().copied().filter(|e| from < *e && *e < until).collect();
        cuts.extend([from, until]);
        cuts.sort_by(f64::total_cmp);
        cuts.windows(2).map(|w| (w[1] - w[0]) * passage(0.5 * (w[0] + w[1]))).sum::<f64>() / 7.0
    };
    (0..48).map(mean).collect()
}

#[track_caller]
fn follows(course: &Course, passage: &[f64], case: &str) {
    let activity = course.activity("plant");
    for (t, mean) in passage.iter().enumerate() {
        same(activity[t + 2], *mean, &format!("{case}, step {t}"));
    }
    assert!(passage.iter().any(|p| *p < 0.9), "{case}: nothing is barred");
}

#[test]
fn the_phases_of_a_control_follow_one_another_and_end_with_it() {
    let phases = "phases = [{ after_days = 2.5, severity = 0.2 }, { after_days = 10.1, severity = 0.6 }, \
                  { after_days = 30, severity = 1 }, { after_days = 90, severity = 0.1 }]\nleakage = 0.1\n";
    let course = bare(&(control("cut", 100.3, 45.0, 0.0).replace("severity = 0\n", "") + phases));
    let ends = [102.8, 110.4, 130.3, 145.3];
    let passage = |day: f64| match ends.iter().filter(|e| **e <= day).count() {
        1 => 1.0 - 0.2 * 0.9,
        2 => 1.0 - 0.6 * 0.9,
        3 => 0.1,
        _ => 1.0,
    };
    follows(&course, &means(&ends, passage), "phases");
}

#[test]
fn overlapping_controls_multiply() {
    let controls = control("a", 100.3, 40.0, 0.5)
        + &control("b", 121.7, 63.2, 0.75)
        + "leakage = 0.2\n"
        // One that ends in the step in which it begins.
        + &control("c", 130.0, 1.4, 0.3);
    let ends = [100.3, 140.3, 121.7, 184.9, 130.0, 131.4];
    let within =
        |day: f64, from: f64, until: f64, left: f64| if from <= day && day < until { left } else { 1.0 };
    let passage = |day: f64| {
        within(day, 100.3, 140.3, 0.5) * within(day, 121.7, 184.9, 0.4) * within(day, 130.0, 131.4, 0.7)
    };
    follows(&bare(&controls), &means(&ends, passage), "three controls");
}

#[test]
fn leakage_is_the_share_of_what_is_barred_that_passes() {
    for (severity, leakage) in [(1.0, 0.0), (1.0, 0.3), (0.6, 0.25), (0.6, 1.0), (0.0, 0.5)] {
        let control = control("cut", 98.0, 70.0, severity) + &format!("leakage = {leakage}\n");
        let activity = bare(&control).activity("plant");
        for x in &activity[16..26] {
            same(*x, 1.0 - severity * (1.0 - leakage), &format!("severity {severity}, leakage {leakage}"));
        }
        same(activity[15], 1.0, "before");
        same(activity[26], 1.0, "after");
    }
}

/// A half-closed lane without surge limit to a plant with cover, whose final demand doubles midway.
fn half_closed(rules: &str, restoration: u32) -> Course {
    let text = [
        head(7, 420),
        rules.to_owned(),
        commodities(&["part", "good"]),
        maker("mine", "CN", "part") + "spare_capacity = 9\n",
        sector("plant", "part", 20.0, "good", 1.0 / 7.0)
            + &format!("inputs.part.restoration_days = {restoration}\nspare_capacity = 2\n"),
        link("mine>plant:part", 14, ""),
        control("cut", 98.0, 400.0, 0.5),
        event("boom", "plant", "final_demand", 252.0, 400.0, -1.0),
    ];
    Course::of(&text.concat())
}

#[test]
fn a_half_closed_lane_is_half_of_the_agreed_volume_however_much_is_ordered() {
    for rules in ["", "[rules]\naware_of_controls = false\n"] {
        for restoration in [0, 28, 200] {
            let course = half_closed(rules, restoration);
            let case = format!("{rules}restoration in {restoration} d");
            // What the supplier sees: the quota, whatever panic or a boom makes of the orders.
            for passed in &course.demand("mine")[14..] {
                same(*passed, 0.5, &case);
            }
            // Stocks are gone 20 / 0.5 days after the first half delivery.
            let activity = course.activity("plant");
            assert!(activity[..21].iter().all(|x| (x - 1.0).abs() < 1e-9), "{case}");
            for x in &activity[22..] {
                same(*x, 0.5, &case);
            }
        }
    }
}

#[test]
fn an_unaware_buyer_gets_in_full_what_it_orders_within_the_quota() {
    // Final demand falls to 0.3, so that orders are below the quota of one half.
    let text = [
        head(7, 420),
        "[rules]\naware_of_controls = false\n".to_owned(),
        commodities(&["part", "good"]),
        maker("mine", "CN", "part"),
        sector("plant", "part", 20.0, "good", 1.0 / 7.0),
        link("mine>plant:part", 14, ""),
        control("cut", 98.0, 400.0, 0.5),
        event("slump", "plant", "final_demand", 7.0, 500.0, 0.7),
    ];
    let course = Course::of(&text.concat());
    same(course.activity("plant")[50], 0.3, "activity");
    assert!((course.demand("mine")[50] - 0.3).abs() < 0.01, "{}", course.demand("mine")[50]);
}

#[test]
fn a_control_that_bars_nothing_leaves_surges_alone_and_a_mild_one_does_not() {
    // The near lane closes; the far one could carry all of it, three times its usual flow.
    let far = |severity: f64, leakage: f64| {
        let text = [
            head(7, 420),
            commodities(&["part", "good"]),
            maker("near", "CN", "part"),
            maker("far", "XX", "part") + "spare_capacity = 9\n",
            sector("plant", "part", 0.0, "good", 1.0 / 7.0),
            link("near>plant:part", 7, "share = 0.6"),
            link("far>plant:part", 7, "share = 0.4\nsurge_limit = 3"),
            control("cut", 98.0, 400.0, 1.0),
            control("mild", 98.0, 400.0, severity).replace("CN", "XX") + &format!("leakage = {leakage}\n"),
        ];
        Course::of(&text.concat()).activity("plant")[55]
    };
    same(far(0.0, 0.0), 1.0, "no severity");
    same(far(0.7, 1.0), 1.0, "all leaks");
    same(far(0.05, 0.0), 0.4 * 0.95, "mild");
}

#[test]
fn an_aware_buyer_moves_its_orders_in_the_step_of_the_onset() {
    // Two suppliers of one half each; the lane of the first closes at 30% of a step.
    let text = [
        head(7, 210),
        commodities(&["part", "good"]),
        maker("near", "CN", "part"),
        maker("far", "XX", "part") + "spare_capacity = 9\n",
        sector("plant", "part", 0.0, "good", 1.0 / 7.0),
        link("near>plant:part", 7, "share = 0.5"),
        link("far>plant:part", 7, "share = 0.5"),
        control("cut", 100.1, 50.0, 1.0),
    ];
    for (rule, near, lost) in
        [("", 0.3 / 1.3, 0.0), ("[rules]\naware_of_controls = false\n", 0.3 * 0.5, 0.35)]
    {
        let course = Course::of(&(text.concat() + rule));
        same(course.demand("near")[14], near, "what is bought of the closing lane");
        same(1.0 - course.activity("plant")[15], lost, "what is missing in the next step");
    }
}

/// Two tiers with two suppliers each, spare capacity, and every lag that a chain can have.
fn two_tiers(step: u32, onset: f64, duration: f64, severity: f64, waiting: f64) -> f64 {
    let text = [
        head(step, 1001),
        commodities(&["ore", "part", "good"]),
        maker("near", "CN", "ore"),
        maker("far", "XX", "ore") + "spare_capacity = 1\n",
        sector("works", "ore", 17.0, "part", 0.0) + "spare_capacity = 0.3\n",
        sector("plant", "part", 10.0, "good", 1.0)
            + &format!("outputs.good.waiting_share = {waiting}\noutputs.good.cancellation_per_week = 0.02\n")
            + "spare_capacity = 0.2\novertime_max = 1.1\n",
        link("near>works:ore", 14, "share = 0.8"),
        link("far>works:ore", 35, "share = 0.2\nsurge_limit = 2"),
        link("works>plant:part", 7, ""),
        control("cut", onset, duration, severity),
    ];
    Course::of(&text.concat()).lost("plant")
}

#[test]
fn the_loss_is_continuous_in_onset_and_duration() {
    for step in [1, 7] {
        for (onset, duration) in [(98.0, 90.0), (100.3, 90.0), (104.999_999_5, 77.0), (101.0, 67.0)] {
            let loss = two_tiers(step, onset, duration, 0.9, 0.4);
            assert!(loss > 5.0, "lost only {loss}");
            for (later, longer) in [(1e-6, 0.0), (-1e-6, 0.0), (0.0, 1e-6), (0.0, -1e-6)] {
                let moved = (two_tiers(step, onset + later, duration + longer, 0.9, 0.4) - loss).abs();
                assert!(
                    moved <= 3e-6,
                    "{step} d, {onset}+{duration}: a move of {later}/{longer} d moves {moved} d"
                );
            }
        }
    }
}

#[test]
fn the_loss_is_the_same_for_daily_and_weekly_steps() {
    for (onset, duration, severity, ends_inside) in
        [(98.0, 91.0, 1.0, 0), (126.0, 140.0, 0.8, 0), (101.3, 60.0, 1.0, 2), (100.0, 180.0, 0.7, 1)]
    {
        let [daily, weekly] = [1, 7].map(|step| two_tiers(step, onset, duration, severity, 0.0));
        // Where the cut begins or ends within a week, a buyer may use the surge of the far lane, 0.2 of
        // its need, in all of that week.
        let bound = 0.2 * 7.0 * f64::from(ends_inside) + 1e-9;
        assert!((weekly - daily).abs() <= bound, "{onset}+{duration}: {daily} daily, {weekly} weekly");
        assert!(daily > 10.0, "lost only {daily}");
    }
}
