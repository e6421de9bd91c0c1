//! Seed and version fix every result, however the trials are split.

use crate::common::{compile, head};
use std::fs;
use supplyshock::engine::probe::yields;
use supplyshock::engine::reference::Trial;
use supplyshock::{Ensemble, Model, Scenario};

fn flagship() -> Model {
    Scenario::load("scenarios/japan_full_cut.toml").and_then(|s| s.compile()).expect("the flagship compiles")
}

#[test]
fn threads_do_not_change_a_bit() {
    let model = flagship();
    let digest =
        |threads| Ensemble::new(&model).trials(203).seed(5).threads(threads).run().expect("runs").digest();
    let one = digest(1);
    for threads in [2, 3, 8] {
        assert_eq!(digest(threads), one, "{threads} threads");
    }
}

#[test]
fn a_trial_by_itself_yields_what_it_yields_in_a_block() {
    let mut tried = 0;
    for file in fs::read_dir("scenarios").expect("the scenarios") {
        let path = file.expect("a file").path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let model = Scenario::load(&path).and_then(|s| s.compile()).expect("a model");
        for trial in [0, 5] {
            let whole = yields::<16>(&model, 7, trial, usize::MAX);
            tried += usize::from(!whole.is_empty());
            for links in [0, 20, usize::MAX] {
                let alone = yields::<1>(&model, 7, trial, links);
                assert!(alone == whole, "{}, trial {trial}, parts of {links} links", path.display());
            }
        }
    }
    assert!(tried > 40, "{tried}");
}

#[test]
fn parts_merge_to_the_whole_at_odd_borders() {
    let model = flagship();
    let run = |range| Ensemble::new(&model).range(range).seed(5).run().expect("runs");
    let whole = run(0..150);
    // Out of order, with borders inside blocks.
    let merged = run(97..150).merge(run(0..1)).and_then(|o| o.merge(run(1..97))).expect("they fit");
    assert_eq!(merged.digest(), whole.digest());
    assert_eq!(merged.trials(), 150);
    assert_eq!(merged.path("JP").expect("Japan"), whole.path("JP").expect("Japan"));
    assert_eq!(merged.recovered_share(), whole.recovered_share());
    assert_eq!(merged.mass_balance_residual(), whole.mass_balance_residual());
    let sites =
        |o: &supplyshock::Outcome<'_>| o.site_means().map(|(_, mean)| mean.to_bits()).collect::<Vec<_>>();
    assert_eq!(sites(&merged), sites(&whole));
}

#[test]
fn parts_that_overlap_or_differ_in_seed_are_refused() {
    let model = flagship();
    let run = |range, seed| Ensemble::new(&model).range(range).seed(seed).run().expect("runs");
    let fault = run(0..10, 1).merge(run(9..20, 1)).expect_err("trial 9 is in both");
    assert!(fault.to_string().contains("trial 9"), "{fault}");
    assert!(run(0..10, 1).merge(run(10..20, 2)).is_err());
}

#[test]
fn the_block_engine_and_the_reference_agree_to_the_bit_on_the_flagship() {
    let model = flagship();
    let outcome = Ensemble::new(&model).trials(40).seed(9).run().expect("runs");
    let mut by_trial = Vec::new();
    for trial in 0..40 {
        let mut run = Trial::new(&model, 9, trial).expect("a baseline");
        run.run();
        by_trial.push(run.lost().to_vec());
    }
    let subjects: Vec<_> = outcome.subjects().cloned().collect();
    let sectors = subjects.iter().filter_map(|s| match s {
        supplyshock::ensemble::Subject::Sector(id) => Some((s, id)),
        _ => None,
    });
    let mut compared = 0;
    for (subject, id) in sectors {
        let site = model.sites().position(|s| s == id).expect("a site");
        for (trial, loss) in outcome.values(subject).expect("a sector").iter().enumerate() {
            assert_eq!(loss.to_bits(), by_trial[trial][site].to_bits(), "{id}, trial {trial}");
            compared += 1;
        }
    }
    assert!(compared >= 200);
}

#[test]
fn a_site_added_in_the_middle_moves_no_other_draw() {
    let before = "[commodities]\nore = { unit = \"t\" }\ncar = { unit = \"JPY\" }\n[sites.mine]\ncountry = \"CN\"\nstage = \"mine\"\n\
                  spare_capacity = { uniform = { low = 0.1, high = 0.9 } }\noutputs.ore = {}\n";
    let added = "[sites.extra]\ncountry = \"XX\"\nstage = \"mine\"\nspare_capacity = { uniform = { low = 0, high = 1 } }\noutputs.ore = {}\n";
    let after = "[sites.cars]\ncountry = \"JP\"\nstage = \"sector\"\nvalue_added_jpy_per_unit = 1\n\
                 inputs.ore = { use_per_unit = 1, cover_days = { triangular = { low = 10, mode = 20, high = 60 } } }\n\
                 outputs.car = { final_demand_per_year = 1e6 }\n[links.\"mine>cars:ore\"]\nlead_time_days = 7\n";
    let draws = |text: String| {
        let model = compile(&(head(7, 364) + &text));
        let names: Vec<String> = model.drawn().map(str::to_owned).collect();
        names.into_iter().zip(model.draw(3, 17)).collect::<std::collections::BTreeMap<_, _>>()
    };
    let plain = draws(format!("{before}{after}"));
    let more = draws(format!("{before}{added}{after}"));
    assert_eq!(more.len(), plain.len() + 1);
    for (name, value) in plain {
        assert_eq!(more[&name].to_bits(), value.to_bits(), "{name}");
    }
}
