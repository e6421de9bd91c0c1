//! Results are arrays with names for their axes, in the memory that the run wrote.

use crate::common::compile;
use crate::small::{SMALL, drawn_gdp};
use std::ops::ControlFlow;
use std::sync::Mutex;
use supplyshock::ndarray::{ArrayView1, Axis};
use supplyshock::run::{Component, FinishedBlock, PathStatistic, Subject};
use supplyshock::{Ensemble, Error, Model, Outcome, Scenario};

const SEED: u64 = 5;

fn run(ensemble: &Ensemble) -> Outcome {
    ensemble.clone().seed(SEED).run().expect("runs")
}

fn small(trials: u64) -> Outcome {
    run(&Ensemble::new(&compile(SMALL)).trials(trials))
}

fn flagship() -> Model {
    Scenario::load("../scenarios/japan_full_cut.toml")
        .and_then(|s| s.compile())
        .expect("the flagship compiles")
}

fn bits(values: ArrayView1<'_, f64>) -> Vec<u64> {
    values.iter().map(|x| x.to_bits()).collect()
}

#[test]
fn columns_of_losses_are_found_by_party_and_component() {
    let outcome = run(&Ensemble::new(&flagship()).range(3..70));
    let losses = outcome.losses().expect("losses");
    assert_eq!(losses.nrows(), 67);
    let mut columns = 0;
    for (column, (party, component)) in outcome.loss_columns().enumerate() {
        assert_eq!(outcome.index_of(party, component).expect("a party"), column);
        let subject = Subject::Party(party.to_owned());
        let values = outcome.component_values(&subject, component).expect("a party");
        assert_eq!(bits(losses.column(column)), bits(ArrayView1::from(&values)), "{party} {component:?}");
        columns += 1;
    }
    assert_eq!((columns, losses.ncols()), (4 * Component::ALL.len(), columns));
    let fault = outcome.index_of("JPN", Component::Output).expect_err("there is no such party");
    assert!(fault.to_string().contains("did you mean `JP`?"), "{fault}");
}

#[test]
fn the_total_and_the_indirect_part_are_made_of_the_others_to_the_bit() {
    let outcome = run(&Ensemble::new(&flagship()).trials(64));
    let losses = outcome.losses().expect("losses");
    for party in outcome.labels().parties() {
        let at = |component| losses.column(outcome.index_of(&party.id, component).expect("a party"));
        let total = &at(Component::Output)
            + &at(Component::Price)
            + at(Component::Response)
            + at(Component::Contracts);
        assert_eq!(bits(total.view()), bits(at(Component::Total)), "{}", party.id);
        let indirect = &at(Component::Output) - &at(Component::OutputDirect);
        assert_eq!(bits(indirect.view()), bits(at(Component::OutputIndirect)), "{}", party.id);
    }
}

#[test]
fn views_share_the_memory_that_the_threads_wrote() {
    let places = Mutex::new(Vec::new());
    let watch = |block: &FinishedBlock<'_>| {
        let address = |row: usize, column: usize| std::ptr::from_ref(&block.losses[[row, column]]) as usize;
        let (rows, columns) = block.losses.dim();
        for (row, trial) in block.trials.clone().enumerate() {
            let all = (0..columns).map(|column| address(row, column)).collect::<Vec<_>>();
            places.lock().expect("no panic").push((trial, all));
        }
        assert_eq!(rows as u64, block.trials.end - block.trials.start);
        ControlFlow::Continue(())
    };
    let ensemble = Ensemble::new(&compile(SMALL)).range(3..200).threads(2);
    let outcome = ensemble.run_observed(&watch).expect("runs");
    let mut places = places.into_inner().expect("no panic");
    places.sort();
    // An outcome that is moved takes its memory along.
    let outcome = Box::new(outcome);
    let losses = outcome.losses().expect("losses");
    let found: Vec<(u64, Vec<usize>)> = outcome
        .trial_numbers()
        .zip(losses.outer_iter())
        .map(|(trial, row)| (trial, row.iter().map(|x| std::ptr::from_ref(x) as usize).collect()))
        .collect();
    assert_eq!(found, places);
    // Every way to the same numbers leads to the same place.
    assert_eq!(outcome.losses().expect("losses").as_ptr(), losses.as_ptr());
    for component in Component::ALL {
        let column = outcome.column(&Subject::Party("CN".into()), component).expect("a party");
        let same = losses.column(outcome.index_of("CN", component).expect("a party"));
        assert!(column.is_view());
        assert_eq!(column.as_ptr(), same.as_ptr());
        assert!(same.as_slice().is_some(), "a column lies in one piece");
    }
    let sites = outcome.site_losses().expect("losses");
    let cars = outcome.column(&Subject::Sector("cars".into()), Component::Output).expect("a sector");
    assert_eq!(cars.as_ptr(), sites.column(outcome.labels().kept_site("cars").expect("a site")).as_ptr());
    for view in [outcome.first_stop_days(), outcome.stopped_days(), outcome.recovery_days()] {
        assert_eq!(view.expect("days").dim(), (197, 1));
    }
}

#[test]
fn losses_of_any_site_are_kept_when_they_are_asked_for() {
    let model = compile(SMALL);
    let plain = small(90);
    let outcome = run(&Ensemble::new(&model).trials(90).keep_sites(["mill", "mine", "cars", "depot"]));
    let kept: Vec<&str> = outcome.labels().kept_sites().map(|site| site.id.as_str()).collect();
    // Sectors are kept anyhow, and stand first.
    assert_eq!(kept, ["cars", "mill", "mine", "depot"]);
    assert_eq!(outcome.digest(), plain.digest());
    let losses = outcome.site_losses().expect("losses");
    assert_eq!(losses.dim(), (90, 4));
    for (site, mean) in outcome.site_means().filter(|(site, _)| kept.contains(site)) {
        let column = losses.column(outcome.labels().kept_site(site).expect("a site"));
        let found = column.mean().expect("trials");
        assert!((found - mean).abs() <= 1e-9 * mean.abs() + 1e-6, "{site}: {found}, and {mean} on average");
        let values = outcome.values(&Subject::Site(site.to_owned())).expect("a site");
        assert_eq!(bits(ArrayView1::from(&values)), bits(column));
    }
    // The mill is the only site of its stage with value added in Japan.
    let stage = Subject::Stage { party: "JP".into(), stage: "metal".into() };
    for component in [Component::Output, Component::OutputDirect, Component::OutputIndirect] {
        let [site, stage] =
            [&Subject::Site("mill".into()), &stage].map(|s| outcome.column(s, component).expect("kept"));
        assert_eq!(bits(site.view()), bits(stage.view()));
    }
    assert!(outcome.column(&Subject::Site("mill".into()), Component::Price).is_err());
    assert!(matches!(plain.values(&Subject::Site("mill".into())), Err(Error::Unknown { .. })));
    let fault = Ensemble::new(&model).keep_sites(["mil"]).run().expect_err("there is no such site");
    assert!(fault.to_string().contains("did you mean `mill`?"), "{fault}");
}

#[test]
fn draws_are_those_of_the_model_whether_they_are_kept_or_not() {
    let model = drawn_gdp();
    let ensemble = Ensemble::new(&model).range(7..60);
    let (computed, kept, condensed) =
        (run(&ensemble), run(&ensemble.clone().keep_draws()), run(&ensemble.clone().condensed()));
    assert_eq!(kept.digest(), computed.digest());
    let names: Vec<&str> = model.drawn().collect();
    assert_eq!(computed.labels().drawn(), names);
    assert!(kept.draws().expect("draws").is_view() && !computed.draws().expect("draws").is_view());
    for outcome in [&computed, &kept, &condensed] {
        let draws = outcome.draws().expect("draws");
        assert_eq!(draws.dim(), (53, names.len()));
        for (trial, row) in outcome.trial_numbers().zip(draws.outer_iter()) {
            assert_eq!(bits(row), bits(ArrayView1::from(&model.draw(SEED, trial))), "trial {trial}");
        }
        let some = outcome.draws_of(50..1000).expect("draws");
        assert_eq!(some.view(), draws.view().split_at(Axis(0), 50).1);
    }
    let fault = ensemble.condensed().keep_draws().run().expect_err("no trial is kept");
    assert!(matches!(fault, Error::Condensed { what: "draws" }), "{fault}");
}

#[test]
fn a_share_of_gdp_is_that_of_the_gdp_of_each_trial() {
    let model = drawn_gdp();
    let outcome = run(&Ensemble::new(&model).trials(80));
    let gdp = model.drawn().position(|name| name == "parties.JP.gdp_per_year").expect("it is drawn");
    let draws = outcome.draws().expect("draws");
    let losses = outcome.values(&Subject::Party("JP".into())).expect("a party");
    let sum: f64 = losses.iter().zip(draws.column(gdp)).map(|(loss, gdp)| loss / gdp).sum();
    assert_eq!(outcome.mean_gdp_share("JP").expect("a party").to_bits(), (sum / 80.0).to_bits());
    let sum: f64 =
        outcome.values(&Subject::Party("CN".into())).expect("a party").iter().map(|loss| loss / 2e15).sum();
    assert_eq!(outcome.mean_gdp_share("CN").expect("a party").to_bits(), (sum / 80.0).to_bits());
}

#[test]
fn paths_are_steps_by_party_and_statistic() {
    let ensemble =
        Ensemble::new(&compile(SMALL)).trials(150).keep_sector_paths().keep_paths_of([140, 3, 9000, 3]);
    let outcome = run(&ensemble);
    let (labels, paths) = (outcome.labels(), outcome.paths());
    assert_eq!(paths.dim(), (labels.steps(), 2, PathStatistic::ALL.len()));
    for (q, party) in labels.parties().iter().enumerate() {
        for (t, step) in outcome.path(&party.id).expect("a party").iter().enumerate() {
            let expected = [step.mean(), step.quantile(0.05), step.quantile(0.5), step.quantile(0.95)];
            for (statistic, expected) in PathStatistic::ALL.into_iter().zip(expected) {
                assert_eq!(
                    paths[[t, q, statistic as usize]].to_bits(),
                    expected.to_bits(),
                    "{}",
                    statistic.word()
                );
            }
        }
    }
    // What a sector loses over all steps is what it loses; and it is the only site of Japan besides the mill.
    let sectors = outcome.sector_paths().expect("they are kept");
    assert_eq!(sectors.dim(), (labels.steps(), 1, PathStatistic::ALL.len()));
    let mean = |site: &str| outcome.site_means().find(|(id, _)| *id == site).expect("a site").1;
    let cars: f64 = sectors.index_axis(Axis(1), 0).column(PathStatistic::Mean as usize).sum();
    assert!((cars / mean("cars") - 1.0).abs() < 1e-9, "{cars}");
    // Trials that were not run are left out, and each stands once.
    let (trials, courses) = outcome.paths_of_trials();
    assert_eq!((trials, courses.dim()), ([3, 140].as_slice(), (2, labels.steps(), 2)));
    let output = outcome.index_of("CN", Component::Output).expect("a party");
    for &trial in trials {
        let course = outcome.path_of(trial).expect("it is kept");
        let (sum, loss) =
            (course.column(1).sum(), outcome.losses().expect("losses")[[trial as usize, output]]);
        assert!((sum - loss).abs() <= 1e-9 * loss.abs(), "trial {trial}: {sum} and {loss}");
    }
    assert_eq!(
        outcome.path_of(140).expect("it is kept").as_ptr(),
        outcome.path_of(140).expect("it is kept").as_ptr()
    );
    for fault in [outcome.path_of(4).map(drop), small(5).sector_paths().map(drop)] {
        assert!(matches!(fault, Err(Error::NotKept { .. })));
    }
}

#[test]
fn a_path_of_all_trials_has_the_mean_of_the_paths() {
    let model = flagship();
    let outcome = run(&Ensemble::new(&model).range(5..45).keep_paths_of(0..100).threads(2));
    let (trials, courses) = outcome.paths_of_trials();
    assert!(trials.iter().copied().eq(5..45));
    let paths = outcome.paths();
    for ((t, q), mean) in courses.mean_axis(Axis(0)).expect("trials").indexed_iter() {
        let expected = paths[[t, q, PathStatistic::Mean as usize]];
        assert!(
            (mean - expected).abs() <= 1e-9 * expected.abs() + 1e-6,
            "step {t}, party {q}: {mean} {expected}"
        );
    }
}

#[test]
fn a_condensed_run_has_no_arrays_by_trial() {
    let outcome = run(&Ensemble::new(&compile(SMALL)).trials(40).condensed());
    let refused = |fault: Option<Error>| assert!(matches!(fault, Some(Error::Condensed { .. })));
    refused(outcome.losses().err());
    refused(outcome.site_losses().err());
    refused(outcome.first_stop_days().err());
    refused(outcome.column(&Subject::Party("JP".into()), Component::Total).err());
    assert_eq!(outcome.paths().dim(), (52, 2, 4));
}

#[test]
fn more_trials_than_memory_holds_are_refused() {
    let fault = Ensemble::new(&compile(SMALL)).trials(1 << 47).run().expect_err("there is no such memory");
    assert!(matches!(fault, Error::Memory { .. }) && fault.to_string().contains("condensed"), "{fault}");
}
