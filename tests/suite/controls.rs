//! Controls: what passes a lane, quotas, leakage, phases, and continuity in time.

use crate::chains::{Course, same};
use crate::common::head;
use crate::parts::{Build, control, control_of, event, maker, sector, sold};
use supplyshock::scenario::{Input, Link, Phase, Rules, Tables, Target};

/// A plant without cover behind a lane that cannot catch up: its activity is the passage `lead` before.
fn bare(controls: impl FnOnce(Tables) -> Tables) -> Course {
    let tables = head(7, 350)
        .goods(["part", "good"])
        .site("mine", maker("CN", "part"))
        .site("plant", sector("part", 0.0, "good", 1.0 / 7.0))
        .link("mine>plant:part", Link::new(14).surge_limit(1))
        .also(controls);
    Course::of(&tables)
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
    let phases = [(2.5, 0.2), (10.1, 0.6), (30.0, 1.0), (90.0, 0.1)];
    let phases: Vec<Phase> =
        phases.into_iter().map(|(after, severity)| Phase::new(after, severity)).collect();
    let cut = control(100.3, 45.0, 1.0).phases(phases).leakage(0.1);
    let course = bare(|t| t.control("cut", cut));
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
    let course = bare(|t| {
        t.control("a", control(100.3, 40.0, 0.5))
            .control("b", control(121.7, 63.2, 0.75).leakage(0.2))
            // One that ends in the step in which it begins.
            .control("c", control(130.0, 1.4, 0.3))
    });
    let ends = [100.3, 140.3, 121.7, 184.9, 130.0, 131.4];
    let within =
        |day: f64, from: f64, until: f64, left: f64| if from <= day && day < until { left } else { 1.0 };
    let passage = |day: f64| {
        within(day, 100.3, 140.3, 0.5) * within(day, 121.7, 184.9, 0.4) * within(day, 130.0, 131.4, 0.7)
    };
    follows(&course, &means(&ends, passage), "three controls");
}

#[test]
fn leakage_is_the_share_of_what_is_barred_that_passes() {
    for (severity, leakage) in [(1.0, 0.0), (1.0, 0.3), (0.6, 0.25), (0.6, 1.0), (0.0, 0.5)] {
        let cut = control(98.0, 70.0, severity).leakage(leakage);
        let activity = bare(|t| t.control("cut", cut)).activity("plant");
        for x in &activity[16..26] {
            same(*x, 1.0 - severity * (1.0 - leakage), &format!("severity {severity}, leakage {leakage}"));
        }
        same(activity[15], 1.0, "before");
        same(activity[26], 1.0, "after");
    }
}

/// A half-closed lane without surge limit to a plant with cover, whose final demand doubles midway.
fn half_closed(rules: Rules, restoration: u32) -> Course {
    let plant = sector("part", 20.0, "good", 1.0 / 7.0)
        .input("part", Input::new(1, 20).restoration_days(restoration))
        .spare_capacity(2);
    let tables = head(7, 420)
        .rules(rules)
        .goods(["part", "good"])
        .site("mine", maker("CN", "part").spare_capacity(9))
        .site("plant", plant)
        .link("mine>plant:part", Link::new(14))
        .control("cut", control(98.0, 400.0, 0.5))
        .event("boom", event(["plant"], Target::FinalDemand, 252.0, 400.0, -1.0));
    Course::of(&tables)
}

#[test]
fn a_half_closed_lane_is_half_of_the_agreed_volume_however_much_is_ordered() {
    for aware in [true, false] {
        for restoration in [0, 28, 200] {
            let course = half_closed(Rules::new().aware_of_controls(aware), restoration);
            let case = format!("aware: {aware}, restoration in {restoration} d");
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
    let tables = head(7, 420)
        .rules(Rules::new().aware_of_controls(false))
        .goods(["part", "good"])
        .site("mine", maker("CN", "part"))
        .site("plant", sector("part", 20.0, "good", 1.0 / 7.0))
        .link("mine>plant:part", Link::new(14))
        .control("cut", control(98.0, 400.0, 0.5))
        .event("slump", event(["plant"], Target::FinalDemand, 7.0, 500.0, 0.7));
    let course = Course::of(&tables);
    same(course.activity("plant")[50], 0.3, "activity");
    assert!((course.demand("mine")[50] - 0.3).abs() < 0.01, "{}", course.demand("mine")[50]);
}

#[test]
fn a_control_that_bars_nothing_leaves_surges_alone_and_a_mild_one_does_not() {
    // The near lane closes; the far one could carry all of it, three times its usual flow.
    let far = |severity: f64, leakage: f64| {
        let tables = head(7, 420)
            .goods(["part", "good"])
            .site("near", maker("CN", "part"))
            .site("far", maker("XX", "part").spare_capacity(9))
            .site("plant", sector("part", 0.0, "good", 1.0 / 7.0))
            .link("near>plant:part", Link::new(7).share(0.6))
            .link("far>plant:part", Link::new(7).share(0.4).surge_limit(3))
            .control("cut", control(98.0, 400.0, 1.0))
            .control("mild", control_of("XX", 98.0, 400.0, severity).leakage(leakage));
        Course::of(&tables).activity("plant")[55]
    };
    same(far(0.0, 0.0), 1.0, "no severity");
    same(far(0.7, 1.0), 1.0, "all leaks");
    same(far(0.05, 0.0), 0.4 * 0.95, "mild");
}

#[test]
fn an_aware_buyer_moves_its_orders_in_the_step_of_the_onset() {
    // Two suppliers of one half each; the lane of the first closes at 30% of a step.
    let tables = head(7, 210)
        .goods(["part", "good"])
        .site("near", maker("CN", "part"))
        .site("far", maker("XX", "part").spare_capacity(9))
        .site("plant", sector("part", 0.0, "good", 1.0 / 7.0))
        .link("near>plant:part", Link::new(7).share(0.5))
        .link("far>plant:part", Link::new(7).share(0.5))
        .control("cut", control(100.1, 50.0, 1.0));
    for (aware, near, lost) in [(true, 0.3 / 1.3, 0.0), (false, 0.3 * 0.5, 0.35)] {
        let course = Course::of(&tables.clone().rules(Rules::new().aware_of_controls(aware)));
        same(course.demand("near")[14], near, "what is bought of the closing lane");
        same(1.0 - course.activity("plant")[15], lost, "what is missing in the next step");
    }
}

/// Two tiers with two suppliers each, spare capacity, and every lag that a chain can have.
fn two_tiers(step: u32, onset: f64, duration: f64, severity: f64, waiting: f64) -> f64 {
    let good = sold(1.0).waiting_share(waiting).cancellation_per_week(0.02);
    let plant = sector("part", 10.0, "good", 1.0).output("good", good).spare_capacity(0.2).overtime_max(1.1);
    let tables = head(step, 1001)
        .goods(["ore", "part", "good"])
        .site("near", maker("CN", "ore"))
        .site("far", maker("XX", "ore").spare_capacity(1))
        .site("works", sector("ore", 17.0, "part", 0.0).spare_capacity(0.3))
        .site("plant", plant)
        .link("near>works:ore", Link::new(14).share(0.8))
        .link("far>works:ore", Link::new(35).share(0.2).surge_limit(2))
        .link("works>plant:part", Link::new(7))
        .control("cut", control(onset, duration, severity));
    Course::of(&tables).lost("plant")
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

#[test]
fn what_cuts_next_to_nothing_is_no_limiting_input() {
    let limits = |severity: f64, criticality: f64| {
        let mut tables = head(7, 350)
            .goods(["part", "good"])
            .site("mine", maker("CN", "part"))
            .site("plant", sector("part", 0.0, "good", 1.0))
            .link("mine>plant:part", Link::new(7).surge_limit(1))
            .control("cut", control(98.0, 70.0, severity));
        tables.sites["plant"].inputs["part"].criticality = criticality.into();
        Course::of(&tables).limits("plant")[20].map(str::to_owned)
    };
    // The stock is short by 5e-12 of its need, of which a tenth of the output hangs.
    assert_eq!(limits(5e-12, 0.1), None);
    assert_eq!(limits(5e-11, 0.1).as_deref(), Some("part"));
    assert_eq!(limits(5e-12, 1.0).as_deref(), Some("part"));
}
