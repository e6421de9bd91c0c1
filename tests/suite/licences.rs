//! Licences under a control: when they are granted, for how much, and for whom.

use crate::chains::{all_same, control};
use crate::trials::{
    bare, beside, fits, independent, integral, losses, mean_is, passages, same_luck, step_means,
};

const MONTH: f64 = 365.0 / 12.0;

/// A control from day 10 on with these terms.
fn licensed(duration: f64, terms: &str) -> String {
    control("cut", 10.0, duration, 1.0) + "[controls.cut.licences]\n" + terms
}

/// Chances of a grant at the first, second … of `n` decisions that begin after `processing` days, then of none.
fn chances(chance: f64, growth: f64, processing: f64, n: usize) -> Vec<f64> {
    let (mut refused, mut all) = (1.0, Vec::new());
    for k in 0..n {
        let p = (chance + growth * (processing / MONTH + k as f64)).min(1.0);
        all.push(refused * p);
        refused *= 1.0 - p;
    }
    all.push(refused);
    all
}

#[test]
fn the_time_to_a_grant_is_the_product_of_monthly_refusals() {
    for (chance, growth, processing, duration, n) in [
        // Geometric; with growth; certain in the end; what is processed when the control is over; no time at all.
        (0.2, 0.0, 20.0, 20.0 + 9.5 * MONTH, 10),
        (0.05, 0.04, 45.0, 45.0 + 7.5 * MONTH, 8),
        (0.1, 0.35, 0.0, 5.5 * MONTH, 4),
        (0.3, 0.0, 0.0, 3.0 * MONTH, 3),
    ] {
        let terms = format!(
            "civil = {{ monthly_chance = {chance}, monthly_growth = {growth}, processing_days = {processing} }}\n"
        );
        let lost = losses(&bare(1, 500, "", &licensed(duration, &terms)), "plant", 6000);
        let mut counts = vec![0; n + 1];
        for days in lost {
            // Nothing passes until the grant, or until the control ends.
            let k = if days > duration - 1e-6 { n as f64 } else { (days - processing) / MONTH };
            assert!((k - k.round()).abs() < 1e-6, "a decision in mid-month: {days}");
            counts[k.round() as usize] += 1;
        }
        let mut expected = chances(chance, growth, processing, n);
        // A chance that has grown to 1 leaves nothing over.
        while expected.last() == Some(&0.0) {
            expected.pop();
            assert_eq!(counts.pop(), Some(0), "no grant though it is certain");
        }
        fits(&counts, &expected, &format!("chance {chance}, growth {growth}, processing {processing}"));
    }
}

#[test]
fn a_drawn_processing_time_delays_the_first_decision() {
    let terms = "civil = { monthly_chance = 0.25, processing_days.uniform = { low = 10, high = 70 } }\n";
    let duration = 300.0;
    let lost = losses(&bare(1, 340, "", &licensed(duration, terms)), "plant", 6000);
    let given = |processing: f64| {
        let days = |k: i32| (processing + f64::from(k) * MONTH).min(duration);
        (0..40).map(|k| 0.25 * 0.75_f64.powi(k) * days(k)).sum::<f64>() + 0.75_f64.powi(40) * duration
    };
    // Kinks where a decision falls on the end of the control: many parts.
    mean_is(&lost, integral(10.0, 70.0, 5000, given) / 60.0, "mean time to the grant");
}

#[test]
fn a_licence_is_for_a_quota_and_for_one_end_use() {
    // All are granted at the first decision, 40.5 days after the onset for civil and 60.25 for military use.
    let civil = "civil = { monthly_chance = 1, processing_days = 40.5, quota = 0.5 }\n";
    let military = "military = { monthly_chance = 1, processing_days = 60.25, quota = 0.8 }\n";
    for (severity, civil, military, share) in [
        (1.0, Some(civil), None, 0.0),
        (1.0, Some(civil), None, 0.3),
        (1.0, Some(civil), Some(military), 0.3),
        (1.0, None, Some(military), 0.3),
        // What passes anyway is above the quota for civil use.
        (0.4, Some(civil), Some(military), 0.3),
    ] {
        let terms = [civil, military].into_iter().flatten().collect::<String>();
        let text = licensed(100.0, &terms).replace("severity = 1\n", &format!("severity = {severity}\n"));
        let left: f64 = 1.0 - severity;
        let passage = |day: f64| {
            let use_of = |there: bool, granted: f64, quota: f64| {
                if there && day > granted { left.max(quota) } else { left }
            };
            let passes = (1.0 - share) * use_of(civil.is_some(), 50.5, 0.5)
                + share * use_of(military.is_some(), 70.25, 0.8);
            if (10.0..110.0).contains(&day) { passes } else { 1.0 }
        };
        let expected = step_means(1, 150, &[10.0, 50.5, 70.25, 110.0], passage);
        let lane = format!("military_share = {share}\n");
        let found = passages(&bare(1, 151, &lane, &text), "plant", 1);
        all_same(&found[0], &expected, &format!("severity {severity}, {terms}, share {share}"));
    }
}

#[test]
fn each_link_each_use_and_each_onset_has_its_own_luck_which_others_do_not_move() {
    let term = "{ monthly_chance = 0.3, processing_days.uniform = { low = 0, high = 60 } }";
    let terms = format!("civil = {term}\nmilitary = {term}\n");
    let cut = licensed(200.0, &terms);
    let alone = losses(&bare(1, 240, "", &cut), "plant", 3000);
    let with = |share: f64| {
        bare(1, 240, "", &(cut.clone() + &beside(2, "CN", 1, &format!("military_share = {share}"))))
    };
    same_luck(&alone, &losses(&with(0.0), "plant", 3000), "a link more");
    independent(&alone, &losses(&with(0.0), "plant2", 3000), "two links");
    let military = losses(&bare(1, 240, "military_share = 1", &cut), "plant", 3000);
    independent(&alone, &military, "two uses");
    // A control that comes twice.
    let regime = "[regimes.policy]\nstart = \"calm\"\nstates.calm = { holding_days = 10, next.cut = 1 }\n\
                  states.cut = { holding_days = 150, next.calm = 1 }\n";
    let text = cut
        .replace("onset_days = 10\n", "during = { regime = \"policy\", states = [\"cut\"] }\n")
        .replace("duration_days = 200\n", "")
        + regime;
    let found = passages(&bare(1, 330, "", &text), "plant", 3000);
    let lost = |days: std::ops::Range<usize>| -> Vec<f64> {
        found.iter().map(|c| c[days.clone()].iter().map(|x| 1.0 - x).sum()).collect()
    };
    independent(&lost(5..165), &lost(165..325), "two onsets");
    // Each with the distribution of the first: no clock runs on.
    let expected = integral(0.0, 60.0, 5000, |processing| {
        let days = |k: i32| (processing + f64::from(k) * MONTH).min(150.0);
        (0..20).map(|k| 0.3 * 0.7_f64.powi(k) * days(k)).sum::<f64>() + 0.7_f64.powi(20) * 150.0
    }) / 60.0;
    mean_is(&lost(5..165), expected, "first onset");
    mean_is(&lost(165..325), expected, "second onset");
}

#[test]
fn a_control_without_end_or_from_ages_ago_has_its_licences_decided_on_in_finite_time() {
    let never = "civil.monthly_chance = 0\n";
    let regime = "[regimes.policy]\nstart = \"cut\"\nstates.cut = {}\n";
    let for_good = licensed(1.0, never)
        .replace("onset_days = 10\n", "during = { regime = \"policy\", states = [\"cut\"] }\n")
        .replace("duration_days = 1\n", "")
        + regime;
    // Its first step has been ordered before it begins, and what is sent in the last does not arrive.
    assert!((losses(&bare(1, 100, "", &for_good), "plant", 2)[0] - 98.0).abs() < 1e-9);
    let ages = licensed(1.0, never)
        .replace("onset_days = 10", "onset_days = -1e300")
        .replace("duration_days = 1\n", "duration_days = 2e300\n");
    assert!((losses(&bare(1, 100, "", &ages), "plant", 2)[0] - 98.0).abs() < 1e-9);
}
