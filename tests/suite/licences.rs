//! Licences under a control: when they are granted, for how much, and for whom.

use crate::chains::all_same;
use crate::parts::{Build, control, control_during, state, uniform};
use crate::trials::{
    bare, beside, fits, independent, integral, lane, losses, mean_is, passages, same_luck, step_means,
};
use supplyshock::scenario::{Control, Licence, Licences, Regime, State};

const MONTH: f64 = 365.0 / 12.0;

/// A control from day 10 on with these terms.
fn licensed(duration: f64, terms: Licences) -> Control {
    control(10.0, duration, 1.0).licences(terms)
}

fn civil(terms: Licence) -> Licences {
    Licences::new().civil(terms)
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
        let terms = Licence::new(chance).monthly_growth(growth).processing_days(processing);
        let tables = bare(1, 500, lane(1)).control("cut", licensed(duration, civil(terms)));
        let lost = losses(&tables, "plant", 6000);
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
    let terms = Licence::new(0.25).processing_days(uniform(10.0, 70.0));
    let duration = 300.0;
    let tables = bare(1, 340, lane(1)).control("cut", licensed(duration, civil(terms)));
    let lost = losses(&tables, "plant", 6000);
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
    for (severity, civil, military, share) in [
        (1.0, true, false, 0.0),
        (1.0, true, false, 0.3),
        (1.0, true, true, 0.3),
        (1.0, false, true, 0.3),
        // What passes anyway is above the quota for civil use.
        (0.4, true, true, 0.3),
    ] {
        let mut terms = Licences::new();
        terms.civil = civil.then(|| Licence::new(1).processing_days(40.5).quota(0.5));
        terms.military = military.then(|| Licence::new(1).processing_days(60.25).quota(0.8));
        let cut = licensed(100.0, terms).severity(severity);
        let left: f64 = 1.0 - severity;
        let passage = |day: f64| {
            let use_of = |there: bool, granted: f64, quota: f64| {
                if there && day > granted { left.max(quota) } else { left }
            };
            let passes = (1.0 - share) * use_of(civil, 50.5, 0.5) + share * use_of(military, 70.25, 0.8);
            if (10.0..110.0).contains(&day) { passes } else { 1.0 }
        };
        let expected = step_means(1, 150, &[10.0, 50.5, 70.25, 110.0], passage);
        let tables = bare(1, 151, lane(1).military_share(share)).control("cut", cut);
        let case = format!("severity {severity}, civil {civil}, military {military}, share {share}");
        all_same(&passages(&tables, "plant", 1)[0], &expected, &case);
    }
}

#[test]
fn each_link_each_use_and_each_onset_has_its_own_luck_which_others_do_not_move() {
    let term = Licence::new(0.3).processing_days(uniform(0.0, 60.0));
    let terms = Licences::new().civil(term.clone()).military(term);
    let one = |lane| bare(1, 240, lane).control("cut", licensed(200.0, terms.clone()));
    let alone = losses(&one(lane(1)), "plant", 3000);
    let with = |share: f64| one(lane(1)).also(beside(2, "CN", lane(1).military_share(share)));
    same_luck(&alone, &losses(&with(0.0), "plant", 3000), "a link more");
    independent(&alone, &losses(&with(0.0), "plant2", 3000), "two links");
    let military = losses(&one(lane(1).military_share(1)), "plant", 3000);
    independent(&alone, &military, "two uses");
    // A control that comes twice.
    let policy = Regime::new("calm").state("calm", state(10, "cut")).state("cut", state(150, "calm"));
    let twice = bare(1, 330, lane(1))
        .regime("policy", policy)
        .control("cut", control_during("CN", "policy", ["cut"]).licences(terms.clone()));
    let found = passages(&twice, "plant", 3000);
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
    let never = civil(Licence::new(0));
    let for_good = control_during("CN", "policy", ["cut"]).licences(never.clone());
    let for_good = bare(1, 100, lane(1))
        .regime("policy", Regime::new("cut").state("cut", State::new()))
        .control("cut", for_good);
    // Its first step has been ordered before it begins, and what is sent in the last does not arrive.
    assert!((losses(&for_good, "plant", 2)[0] - 98.0).abs() < 1e-9);
    let ages = bare(1, 100, lane(1)).control("cut", control(-9e6, 1e7, 1.0).licences(never));
    assert!((losses(&ages, "plant", 2)[0] - 98.0).abs() < 1e-9);
}
