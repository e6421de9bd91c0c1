//! Faults that only some trials have, and ranges of trials there are not.

use crate::common::{Source, compile, head};
use crate::parts::{Build, uniform};
use supplyshock::scenario::{Input, Leaf, Link, Output, Site, Stage, Tables};
use supplyshock::step::Fault;
use supplyshock::step::reference::Trial;
use supplyshock::{Ensemble, Error, Model};

/// A sector for each pair of criticalities of one group.
fn groups(pairs: &[[Leaf; 2]]) -> Tables {
    let source =
        Site::new("CN", "mine").output("a", Output::new()).output("b", Output::new().yield_per_unit(1));
    let mut tables = head(7, 70).goods(["a", "b", "c"]).site("source", source);
    for (k, [a, b]) in pairs.iter().enumerate() {
        let input = |criticality: &Leaf| Input::new(1, 9).group("g").criticality(criticality.clone());
        let site = Site::new("JP", Stage::SECTOR)
            .value_added_per_unit(1)
            .output("c", Output::new().final_demand_per_year(9))
            .input("a", input(a))
            .input("b", input(b));
        tables = tables
            .site(format!("s{k}"), site)
            .link(format!("source>s{k}:a"), Link::new(7))
            .link(format!("source>s{k}:b"), Link::new(7));
    }
    tables
}

/// Over one in about one trial of seventeen.
fn seldom() -> [Leaf; 2] {
    [uniform(0.0, 0.85), 0.2.into()]
}

/// The first trials without a baseline, one at a time.
fn faulty(model: &Model, trials: u64) -> Vec<u64> {
    (0..trials).filter(|&t| Trial::new(model, 3, t).is_err()).collect()
}

#[test]
fn known_criticalities_over_one_in_a_group_are_refused() {
    let mut tables = groups(&[[0.7.into(), 0.4.into()]]);
    let error = tables.scenario().and_then(|s| s.compile()).expect_err("1.1 is over 1");
    let Error::Baseline { trial: None, fault, drawn } = error else { panic!("{error}") };
    assert_eq!(
        fault.to_string(),
        "the criticalities of a, b at site `s0` sum to 1.1, over 1: as inputs of one group they are parts of one output"
    );
    assert!(drawn.is_empty());
    // In groups of their own, or up to one, they may stand.
    tables.sites["s0"].inputs.values_mut().for_each(|input| input.group = None);
    compile(&tables);
    compile(&groups(&[[0.7.into(), 0.3.into()]]));
}

#[test]
fn drawn_criticalities_over_one_are_found_in_the_first_trial_that_has_them() {
    let model = compile(&groups(&[seldom()]));
    let first = faulty(&model, 200)[0];
    for error in [
        Ensemble::new(&model).trials(200).seed(3).check_baselines().expect_err("some trial is over"),
        Ensemble::new(&model)
            .trials(200)
            .seed(3)
            .threads(4)
            .run()
            .map(|_| ())
            .expect_err("some trial is over"),
    ] {
        let text = error.to_string();
        let Error::Baseline { trial, fault, drawn } = error else { panic!("{text}") };
        assert_eq!(trial, Some(first));
        let message = fault.to_string();
        assert!(message.starts_with("the criticalities of a, b at site `s0` sum to 1."), "{message}");
        assert!(text.contains(&format!("trial {first} has no baseline: {message}")), "{text}");
        let Fault::Criticalities { site, inputs, sum } = *fault else { panic!("{text}") };
        assert_eq!((site.as_str(), inputs), ("s0", vec!["a".to_owned(), "b".to_owned()]));
        assert!(sum > 1.0 && sum < 1.05, "{sum}");
        assert_eq!(drawn.len(), 1);
        assert_eq!(drawn[0].0, "sites.s0.inputs.a.criticality");
        assert!(drawn[0].1 > 0.8 && drawn[0].1 < 0.85, "{drawn:?}");
        assert!(text.contains(&format!("sites.s0.inputs.a.criticality = {}", drawn[0].1)), "{text}");
    }
}

#[test]
fn what_chance_does_in_one_trial_does_not_keep_a_scenario_from_compiling() {
    // With seed 0, one of these has its first fault in trial 0.
    for k in 1..7 {
        compile(&groups(&vec![seldom(); k]));
    }
}

#[test]
fn of_several_faults_that_of_the_first_trial_is_told() {
    // The sectors are looked at one after another, and the last may be the first to fail.
    let model = compile(&groups(&[seldom(), seldom()]));
    for from in [0, 3, 40] {
        let first = (from..).find(|&t| Trial::new(&model, 3, t).is_err());
        let error = Ensemble::new(&model)
            .range(from..from + 500)
            .seed(3)
            .check_baselines()
            .expect_err("some are over");
        let Error::Baseline { trial, .. } = error else { panic!("{error}") };
        assert_eq!(trial, first, "from trial {from}");
    }
}

#[test]
fn a_fault_outside_the_range_does_not_count() {
    let model = compile(&groups(&[seldom()]));
    let bad = faulty(&model, 400);
    // The longest run of good trials.
    let (start, end) = bad.windows(2).map(|w| (w[0] + 1, w[1])).max_by_key(|(a, b)| b - a).expect("gaps");
    assert!(end - start > 3, "{bad:?}");
    for range in [start..end, start + 1..end - 1, start..start + 1] {
        let outcome = Ensemble::new(&model)
            .range(range.clone())
            .seed(3)
            .run()
            .unwrap_or_else(|e| panic!("{range:?}: {e}"));
        assert_eq!(outcome.trial_numbers().collect::<Vec<_>>(), range.clone().collect::<Vec<_>>());
        Ensemble::new(&model).range(range).seed(3).check_baselines().expect("none is bad");
    }
    assert!(Ensemble::new(&model).range(start..end + 1).seed(3).run().is_err(), "one is bad");
}

#[test]
fn ranges_without_trials_or_beyond_the_last_are_refused() {
    let model = compile(&groups(&[[0.1.into(), 0.1.into()]]));
    let limit = 1_u64 << 48;
    for range in [0..0, 7..7, limit - 1..limit + 1, 0..u64::MAX, u64::MAX - 1..u64::MAX, limit..limit] {
        for result in [
            Ensemble::new(&model).range(range.clone()).run().map(|_| ()),
            Ensemble::new(&model).range(range.clone()).check_baselines(),
        ] {
            let error = result.expect_err("there are no such trials");
            let count = range.end - range.start;
            assert_eq!(
                error.to_string(),
                format!(
                    "{count} trials from trial {}: give at least one, and end at or below trial {limit}",
                    range.start
                )
            );
        }
    }
    #[expect(clippy::reversed_empty_ranges, reason = "somebody may give one")]
    let backwards = Ensemble::new(&model).range(9..3).run().map(|_| ());
    assert!(matches!(backwards, Err(Error::Trials { first: 9, count: 0, .. })));
    assert!(Ensemble::new(&model).trials(0).run().is_err());
    let last = Ensemble::new(&model).range(limit - 2..limit).run().expect("the last two trials are there");
    assert_eq!(last.trials(), 2);
}
