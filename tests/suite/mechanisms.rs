//! The small scenarios, one a mechanism: what their descriptions say is what a run gives.

use std::path::Path;
use supplyshock::{Ensemble, Scenario};

/// Mean loss of the sector, as a description gives it.
fn loss(name: &str, set: &[&str]) -> String {
    let path = format!("../scenarios/mechanism_{name}.toml");
    let scenario = Scenario::load_with(Path::new(&path), set).unwrap_or_else(|e| panic!("{set:?}: {e}"));
    let model = scenario.compile().unwrap_or_else(|e| panic!("{name}: {e}"));
    let outcome = Ensemble::new(&model).trials(4000).seed(1).run().expect("runs");
    assert!(outcome.mass_balance_residual() < 1e-9, "{name}");
    format!("{:.2} billion", outcome.loss("north").expect("losses").mean() / 1e9)
}

#[test]
fn descriptions_give_the_losses_with_and_without_the_mechanism() {
    let contract = "links.\"mine>smelter:ore\".contract.term_share=0";
    let civil = "controls.ban.licences.civil.monthly_chance=0";
    let growth = "controls.ban.licences.civil.monthly_growth=0";
    let found = "reexports.round.discovery_per_year=0";
    let (half, ban) = ("regimes.policy.states.half.next.ban=0", "regimes.policy.states.quarrel.next.ban=0");
    let qualified = "links.\"east_mine>smelter:ore\".qualification_days";
    let (never, at_once) = (format!("{qualified}=10000"), format!("{qualified}=0"));
    let now = [
        at_once.as_str(),
        "events.thrift.growth_days=0",
        "events.thrift.start_days=0",
        "reserves.store.opens_after_days=0",
    ];
    let cases: [(&str, &[&[&str]]); 6] = [
        ("contracts", &[&[], &[contract]]),
        ("licences", &[&[], &[civil, growth]]),
        ("reexports", &[&[], &["reexports.round.volume_share=0", found], &[found]]),
        ("regimes", &[&[], &[half, ban]]),
        ("outages", &[&[], &["outages.flood.severity=0"]]),
        (
            "waiting",
            &[
                &[],
                &[&never],
                &["events.thrift.severity=0"],
                &["reserves.store.opens_after_days=10000"],
                &now,
            ],
        ),
    ];
    let mut wrong = Vec::new();
    for (name, variants) in cases {
        let path = format!("../scenarios/mechanism_{name}.toml");
        let scenario = Scenario::load(&path).unwrap_or_else(|e| panic!("{e}"));
        assert!(scenario.warnings().is_empty(), "{name}: {:?}", scenario.warnings());
        let text = scenario.tables().scenario.description.clone().expect("a description").replace('\n', " ");
        let losses: Vec<String> = variants.iter().map(|set| loss(name, set)).collect();
        if let Some(missing) = losses.iter().find(|loss| !text.contains(loss.as_str())) {
            wrong.push(format!("{name}: {missing} of {losses:?}"));
        }
        let mut different = losses.clone();
        different.sort();
        different.dedup();
        assert_eq!(different.len(), losses.len(), "{name}: {losses:?}");
    }
    assert!(wrong.is_empty(), "not in the descriptions: {wrong:#?}");
}
