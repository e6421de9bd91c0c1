//! One trial, looked at step by step.

use crate::common::compile;
use crate::parts::uniform;
use crate::small::{SMALL, changed};
use std::fs;
use supplyshock::run::Subject;
use supplyshock::step::Fault;
use supplyshock::step::reference::Trial;
use supplyshock::{Ensemble, Error, Scenario};

#[test]
fn a_trial_shows_what_the_plain_version_shows_on_every_scenario() {
    let (mut tried, mut limited) = (0, 0);
    for file in fs::read_dir("../scenarios").expect("the scenarios") {
        let path = file.expect("a file").path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let model = Scenario::load(&path).and_then(|s| s.compile()).expect("a model");
        for trial in [0, 5] {
            let (Ok(shown), Ok(mut plain)) = (model.trial(7, trial), Trial::new(&model, 7, trial)) else {
                assert!(model.trial(7, trial).is_err() && Trial::new(&model, 7, trial).is_err());
                continue;
            };
            tried += 1;
            let place = format!("{}, trial {trial}", path.display());
            let mut lost = vec![0.0; shown.sites.len()];
            for t in 0..model.steps() {
                plain.step();
                assert_eq!(plain.activities().count(), shown.sites.len());
                for (n, a) in plain.activities().enumerate() {
                    let found =
                        [&shown.activity, &shown.capacity, &shown.demand].map(|x| x[[t, n]].to_bits());
                    let expected = [a.activity, a.capacity, a.demand].map(f64::to_bits);
                    assert_eq!((a.site, found), (shown.sites[n].as_str(), expected), "{place}, step {t}");
                    assert_eq!(shown.limiting_input(t, n), a.limiting_input, "{place}, {}, step {t}", a.site);
                    limited += usize::from(a.limiting_input.is_some());
                    lost[n] += shown.loss[[t, n]];
                    assert_eq!(lost[n].to_bits(), plain.lost()[n].to_bits(), "{place}, {}, step {t}", a.site);
                }
                assert_eq!(plain.stocks().count(), shown.inputs.len());
                for (i, (site, input, stock)) in plain.stocks().enumerate() {
                    let own = [site, input];
                    let found =
                        (shown.inputs[i].each_ref().map(String::as_str), shown.stock[[t, i]].to_bits());
                    assert_eq!(found, (own, stock.to_bits()), "{place}, {site}, {input}, step {t}");
                }
            }
        }
    }
    assert!(tried > 40 && limited > 1000, "{tried} trials, {limited} limits");
}

#[test]
fn the_losses_of_a_trial_are_those_of_the_run() {
    let model = compile(SMALL);
    let outcome = Ensemble::new(&model).trials(40).seed(3).run().expect("runs");
    let lost = outcome.values(&Subject::Sector("cars".into())).expect("a sector");
    for trial in [0, 17, 39] {
        let shown = model.trial(3, trial).expect("a baseline");
        let cars = shown.sites.iter().position(|site| site == "cars").expect("cars");
        let sum = shown.loss.column(cars).iter().fold(0.0, |sum, loss| sum + loss);
        assert_eq!(sum.to_bits(), lost[trial as usize].to_bits(), "trial {trial}");
    }
}

#[test]
fn a_trial_that_no_run_reaches_is_refused() {
    let model = compile(SMALL);
    assert!(matches!(model.trial(1, u64::MAX), Err(Error::Trials { .. })));
    // It needs 7e5.
    let short = changed(|draft| draft.set("sites.smelter.capacity_per_year", uniform(6.5e5, 9e5)));
    let faulty = (0..100).find(|&trial| short.trial(1, trial).is_err()).expect("one in five is short");
    let error = short.trial(1, faulty).expect_err("it is short");
    let Error::Baseline { trial: Some(trial), fault, .. } = error else { panic!("{error}") };
    let Fault::Capacity { site, needs, capacity } = *fault else { panic!("{fault}") };
    assert_eq!((trial, site.as_str()), (faulty, "smelter"));
    assert!((needs / 7e5 - 1.0).abs() < 1e-9 && capacity < needs, "{needs}, {capacity}");
}
