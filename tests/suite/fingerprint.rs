//! A model's fingerprint changes with everything that can move a result, and with nothing else.

use crate::common::compile;
use crate::small::{SMALL, small, with};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use supplyshock::draw::Sampler;
use supplyshock::network::Fingerprint;
use supplyshock::scenario::{Leaf, LeafValue};
use supplyshock::{Ensemble, Scenario};

fn load(name: &str) -> Scenario {
    Scenario::load(format!("../scenarios/{name}.toml")).expect("it reads")
}

fn of(scenario: &Scenario) -> Fingerprint {
    scenario.compile().expect("it compiles").fingerprint()
}

/// The fingerprint with one leaf multiplied by the first of these factors that may stand there.
fn nudged(scenario: &Scenario, path: &str, leaf: &Leaf, factors: [f64; 2]) -> Option<Fingerprint> {
    let scaled = |factor: f64| match leaf.as_number() {
        Some(0.0) => Some(Leaf::number(factor - 1.0)),
        _ => leaf.scaled(factor).ok(),
    };
    factors.into_iter().filter_map(scaled).find_map(|leaf| {
        let changed = scenario.edit().set(path, leaf).finish().ok()?;
        changed.compile().ok().map(|model| model.fingerprint())
    })
}

#[test]
fn any_leaf_that_changes_changes_it() {
    let mut tried = 0;
    let names =
        ["contracts", "licences", "reexports", "regimes", "outages", "waiting", "prepayment", "correlation"];
    let mechanisms = names.map(|name| load(&format!("mechanism_{name}")));
    let small = small();
    for scenario in mechanisms.iter().chain([&small]) {
        let before = of(scenario);
        let mut seen = BTreeMap::from([(before, "nothing".to_owned())]);
        for assumption in scenario.assumptions() {
            let nudged = |factors| nudged(scenario, &assumption.path, &assumption.leaf, factors);
            // Lead times are counted in whole steps, and take more to change.
            let (little, much) = (nudged([1.0 - 1e-9, 1.0 + 1e-9]), || nudged([3.0, 0.3]));
            let Some(found) = little.filter(|found| *found != before).or_else(much) else { continue };
            // Where nothing has a market, a premium on its price is one on nothing; covers differ between firms, and parts of output
            // overlap, where there are several.
            let idle = ["reexports.round.premium_share", ".cover_spread", ".overlap"];
            if idle.iter().any(|end| assumption.path.ends_with(end)) {
                assert_eq!(found, before);
                continue;
            }
            let same = seen.insert(found, assumption.path.clone());
            assert_eq!(same, None, "{}: {} makes no difference", scenario.name(), assumption.path);
            tried += 1;
        }
        assert_eq!(of(scenario), before);
    }
    assert!(tried > 200, "{tried}");
}

#[test]
fn every_scenario_has_its_own_and_the_same_each_time() {
    let mut all = BTreeMap::new();
    for file in fs::read_dir("../scenarios").expect("the scenarios") {
        let path = file.expect("a file").path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let scenario = Scenario::load(&path).expect("it reads");
            let found = of(&scenario);
            assert_eq!(of(&Scenario::load(&path).expect("it reads")), found, "{}", path.display());
            let same = all.insert(found, path.clone());
            assert_eq!(same, None, "{} has the fingerprint of another", path.display());
        }
    }
    assert!(all.len() > 20);
}

#[test]
fn ids_structure_and_rules_are_part_of_it() {
    let mut all = BTreeSet::from([compile(SMALL).fingerprint()]);
    for changed in [
        SMALL
            .replace("sites.mill", "sites.kiln")
            .replace("mill>", "kiln>")
            .replace(">mill", ">kiln")
            .replace("\"mill\"", "\"kiln\""),
        SMALL.replace("stage = \"mine\"", "stage = \"pit\""),
        SMALL.replace("need", "needed"),
        with("lead_time_days = 28", "lead_time_days = 35"),
        with("horizon_days = 364", "horizon_days = 371"),
        with("stopped_below = 0.9", "stopped_below = 0.8"),
        with("throttle = \"hard\"", "throttle = { threshold = 0.5 }"),
        with("surge_limit = 1.5", ""),
        with("countries = [\"CN\", \"MM\"]", "countries = [\"CN\", \"MM\", \"XX\"]"),
        with("[events.quake]\nsites = [\"mill\"]", "[events.quake]\nsites = [\"smelter\"]"),
        with("recovery = { exponential = { days = 20 } }", "recovery = { linear = { days = 20 } }"),
        with(
            "triangular = { low = 0.2, mode = 0.3, high = 0.5 }",
            "pert = { low = 0.2, mode = 0.3, high = 0.5 }",
        ),
    ] {
        let model = Scenario::parse("small.toml", &changed).and_then(|s| s.compile());
        let Ok(model) = model else { continue };
        all.insert(model.fingerprint());
    }
    // One of them names a country that is nowhere, which moves nothing.
    assert!(all.len() >= 12, "{}", all.len());
}

#[test]
fn what_is_told_and_moves_nothing_is_no_part_of_it() {
    let expected = compile(SMALL).fingerprint();
    for same in [
        with("title = \"small\"", "title = \"another\"\ndescription = \"of the same\""),
        with("name = \"cars\"", "name = \"motor cars\""),
        with("headline = \"JP\"", "headline = \"CN\""),
        with("source = \"a survey\"", "source = \"another survey\""),
        with("[sites.mine]", "[sites.mine]\nname = \"the mine\""),
        SMALL.replace("\n\n", "\n# A remark.\n\n"),
    ] {
        let scenario = Scenario::parse("another.toml", &same).expect("it reads");
        assert_eq!(of(&scenario), expected, "{same}");
    }
    let model = compile(SMALL);
    let run = |threads| Ensemble::new(&model).trials(40).threads(threads).run().expect("runs").fingerprint();
    assert_eq!((run(1), run(3)), (expected, expected));
}

#[test]
fn a_sampler_is_told_apart_by_name_and_version() {
    let scenario = small();
    let with = |name: &str, version| {
        let sampler = Sampler::by_quantile(name, version, |u| 30.0 + u).within(30.0, 31.0).expect("a range");
        let leaf = Leaf::from(sampler);
        assert!(!matches!(leaf.value, LeafValue::Number(_)));
        of(&scenario
            .edit()
            .set("sites.cars.inputs.metal.cover_days", leaf)
            .finish()
            .expect("it may stand there"))
    };
    assert_eq!(with("days", 1), with("days", 1));
    assert_ne!(with("days", 1), with("days", 2));
    assert_ne!(with("days", 1), with("other days", 1));
    assert_ne!(with("days", 1), of(&scenario));
}

#[test]
fn it_is_written_in_hexadecimal_and_read_again() {
    let fingerprint = compile(SMALL).fingerprint();
    let text = fingerprint.to_string();
    assert_eq!(text.len(), 64);
    assert_eq!(text.parse(), Ok(fingerprint));
    for wrong in ["", "12", &text[1..], &format!("{text}0"), &text.replace(|c: char| c.is_ascii_digit(), "x")]
    {
        assert!(wrong.parse::<Fingerprint>().is_err(), "{wrong}");
    }
}
