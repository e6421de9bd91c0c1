//! A condensed run says what a run that keeps its trials says, within the stated bounds.

use crate::common::compile;
use crate::small::{SMALL, drawn_gdp};
use std::ops::Range;
use supplyshock::run::{Component, StopDays, Subject};
use supplyshock::stats::QuantileSketch;
use supplyshock::{Ensemble, Error, LossDistribution, Model, Outcome, Scenario, report};

const SEED: u64 = 5;
const ERROR: f64 = QuantileSketch::RELATIVE_ERROR;

fn kept(model: &Model, trials: u64) -> Outcome {
    Ensemble::new(model).trials(trials).seed(SEED).run().expect("runs")
}

fn condensed(model: &Model, trials: Range<u64>, threads: usize) -> Outcome {
    Ensemble::new(model).range(trials).seed(SEED).threads(threads).condensed().run().expect("runs")
}

fn load(name: &str) -> Scenario {
    Scenario::load(format!("../scenarios/{name}.toml")).expect("it reads")
}

fn relative(found: f64, expected: f64) -> f64 {
    if found == expected { 0.0 } else { (found / expected - 1.0).abs() }
}

/// Whether a distribution is that of all trials as far as it is stated to be; amounts up to `negligible` read as zero.
fn agrees(found: &LossDistribution, all: &LossDistribution, negligible: f64, what: &str) {
    let largest = all.max().abs().max(all.min().abs());
    assert_eq!(
        (found.trials(), found.relative_error(), all.relative_error()),
        (all.trials(), ERROR, 0.0),
        "{what}"
    );
    assert_eq!(
        (found.min(), found.max(), found.p_no_loss()),
        (all.min(), all.max(), all.p_no_loss()),
        "{what}"
    );
    assert!((found.mean() - all.mean()).abs() <= 1e-15 * largest + 1e-6, "{what}: mean");
    assert!((found.std_dev() - all.std_dev()).abs() <= 1e-12 * largest + 1e-6, "{what}: standard deviation");
    let high = |loss: &LossDistribution| loss.mean_ci(0.95).expect("an interval").high;
    assert!((high(found) - high(all)).abs() <= 1e-12 * largest + 1e-6, "{what}: interval");
    let near = |found: f64, all: f64, size: f64| (found - all).abs() <= ERROR * 1.000_001 * size + negligible;
    let sorted = all.values_sorted();
    for q in [0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0] {
        let h = (all.trials() - 1) as f64 * q;
        let size = sorted[h.floor() as usize].abs().max(sorted[h.ceil() as usize].abs());
        assert!(near(found.quantile(q), all.quantile(q), size), "{what}: quantile {q}");
        let tail = &sorted[((all.trials() as f64 * q) as usize).min(all.trials() - 1)..];
        let size = tail.iter().map(|x| x.abs()).sum::<f64>() / tail.len() as f64;
        assert!(near(found.tvar(q), all.tvar(q), size.max(tail[0].abs())), "{what}: tail of {q}");
        let x = all.quantile(q);
        if x > negligible {
            let (fewest, most) = (all.p_exceeds(x / (1.0 - ERROR)), all.p_exceeds(x / (1.0 + ERROR)));
            let p = found.p_exceeds(x);
            assert!(fewest <= p && p <= most, "{what}: {p} lose more than {x}");
        }
    }
}

fn stops_agree(found: StopDays, all: StopDays, what: &str) {
    assert!(relative(found.mean_below, all.mean_below) <= 1e-12, "{what}: mean days below");
    let stops = [(found.line, all.line), (found.first, all.first)];
    for (found, all) in stops.into_iter().chain([(found.below, all.below), (found.recovery, all.recovery)]) {
        assert_eq!(found.share, all.share, "{what}");
        match (found.days, all.days) {
            (Some(found), Some(all)) => agrees(&found, &all, 0.0, what),
            (found, all) => assert!(found.is_none() && all.is_none(), "{what}"),
        }
    }
}

fn compare(model: &Model, trials: u64) {
    let (all, found) = (kept(model, trials), condensed(model, 0..trials, 2));
    assert_eq!((found.digest(), found.trials()), (all.digest(), all.trials()));
    assert!(found.is_condensed() && !all.is_condensed());
    assert!(found.site_means().eq(all.site_means()));
    assert_eq!(
        (found.limits(), found.markets(), found.payments()),
        (all.limits(), all.markets(), all.payments())
    );
    assert_eq!(found.recovered_share(), all.recovered_share());
    for subject in all.subjects() {
        for component in Component::ALL {
            let what = format!("{subject:?} {component:?}");
            match (found.component(subject, component), all.component(subject, component)) {
                (Ok(found), Ok(all)) => {
                    let negligible = model.parties().map(|p| kept(model, 1).negligible(p).expect("a party"));
                    agrees(&found, &all, negligible.fold(0.0, f64::max), &what);
                }
                (found, all) => assert_eq!(format!("{found:?}"), format!("{all:?}"), "{what}"),
            }
        }
    }
    for party in model.parties() {
        assert_eq!(found.path(party).expect("a party"), all.path(party).expect("a party"));
        let [found, all] = [&found, &all].map(|o| o.mean_gdp_share(party).expect("a party"));
        assert!((found - all).abs() <= 1e-14 * all.abs() + 1e-18, "{party}: {found} of GDP, not {all}");
    }
    for sector in all.sectors() {
        let [found, all] = [&found, &all].map(|o| o.stop_days(sector).expect("a sector"));
        stops_agree(found, all, sector);
    }
    match [&found, &all].map(|o| o.insurer_loss().expect("losses")) {
        [Some(found), Some(all)] => agrees(&found, &all, 0.0, "the insurer"),
        [found, all] => assert!(found.is_none() && all.is_none()),
    }
}

#[test]
fn small_scenarios_say_the_same_without_their_trials() {
    compare(&compile(SMALL), 2000);
    compare(&drawn_gdp(), 2000);
    for name in ["mechanism_prepayment", "mechanism_outages"] {
        compare(&load(name).compile().expect("it compiles"), 2000);
    }
}

#[test]
fn the_flagship_says_the_same_without_its_trials() {
    compare(&load("japan_full_cut").compile().expect("it compiles"), 2000);
}

#[test]
fn threads_and_parts_do_not_change_a_bit() {
    let model = drawn_gdp();
    let whole = condensed(&model, 3..1900, 1);
    let merged = condensed(&model, 1201..1900, 1)
        .merge(condensed(&model, 3..40, 2))
        .and_then(|o| o.merge(condensed(&model, 40..1201, 1)))
        .expect("they fit");
    let two = condensed(&model, 3..1900, 2);
    assert_eq!(two.digest(), whole.digest());
    assert_eq!(merged.digest(), "");
    for other in [two, merged] {
        assert_eq!(other.trials(), 1897);
        assert!(other.trial_numbers().eq(3..1900));
        for subject in whole.subjects() {
            for component in Component::ALL {
                let [a, b] = [&whole, &other].map(|o| o.component(subject, component).ok());
                assert_eq!(a, b, "{subject:?} {component:?}");
            }
        }
        for party in model.parties() {
            assert_eq!(other.path(party).expect("a party"), whole.path(party).expect("a party"));
            let [a, b] = [&whole, &other].map(|o| o.mean_gdp_share(party).expect("a party").to_bits());
            assert_eq!(a, b);
        }
        for sector in whole.sectors() {
            assert_eq!(
                other.stop_days(sector).expect("a sector"),
                whole.stop_days(sector).expect("a sector")
            );
        }
        assert!(other.site_means().eq(whole.site_means()));
    }
}

#[test]
fn what_needs_single_trials_is_refused() {
    let model = compile(SMALL);
    let few = condensed(&model, 0..20, 1);
    let jp = Subject::Party("JP".into());
    let refused = |error: Option<Error>| assert!(matches!(error, Some(Error::Condensed { .. })), "{error:?}");
    refused(few.values(&jp).err());
    refused(few.component_values(&jp, Component::Total).err());
    refused(few.stops("cars").err());
    refused(few.first_stops("cars").err());
    refused(few.ratio("JP", "CN", Component::Output, 0.95).err());
    assert!(matches!(few.stops("trains").err(), Some(Error::Unknown { .. })));
    let overlap = few.clone().merge(condensed(&model, 19..30, 1)).expect_err("trial 19 is in both");
    assert!(overlap.to_string().contains("trial 19 is in both"), "{overlap}");
    let kinds = few.merge(Ensemble::new(&model).range(20..30).seed(SEED).run().expect("runs"));
    assert!(kinds.expect_err("they differ").to_string().contains("condensed"));
}

#[test]
fn a_report_says_that_it_is_condensed() {
    let scenario = load("mechanism_prepayment");
    let model = scenario.compile().expect("it compiles");
    let folder = tempfile::tempdir().expect("a folder");
    let write = |outcome: &Outcome| {
        report::write_run(folder.path(), &scenario, outcome).expect("it is written");
        let text = std::fs::read_to_string(folder.path().join("summary.json")).expect("a file");
        let summary: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        (summary, ["trials.csv", "draws.csv", "path.csv"].map(|name| folder.path().join(name).is_file()))
    };
    let (summary, files) = write(&kept(&model, 40));
    assert_eq!((&summary["condensed"], summary["relative_error"].as_f64()), (&false.into(), Some(0.0)));
    assert_eq!(files, [true, true, true]);
    let outcome = condensed(&model, 0..40, 1);
    let (summary, files) = write(&outcome);
    assert_eq!((&summary["condensed"], summary["relative_error"].as_f64()), (&true.into(), Some(ERROR)));
    // Those of the run before are gone.
    assert_eq!(files, [false, false, true]);
    assert_eq!(summary["digest"], outcome.digest());
    assert!(summary["insurer"]["mean"].is_number() || summary["insurer"].is_null());
    let text = report::run(&scenario, &outcome, &[1.0]).expect("a report");
    assert!(text.contains("Condensed, so no trial is kept") && text.contains("within 0.39%"), "{text}");
    assert!(!text.contains("What moves the loss") && text.contains("Paid ahead by buyers"), "{text}");
    let merged = outcome.merge(condensed(&model, 40..50, 1)).expect("they fit");
    assert!(report::summary(&merged).expect("a summary")["digest"].is_null());
}
