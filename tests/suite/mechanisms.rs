//! The small scenarios, one a mechanism: what their descriptions say is what a run gives.

use supplyshock::{Ensemble, Scenario};

/// Entries that are set to other numbers, by their paths.
type Changes<'a> = &'a [(&'a str, f64)];

/// Mean loss of the sector with entries set to other numbers, as a description gives it.
fn loss(scenario: &Scenario, changes: Changes) -> String {
    let name = scenario.name();
    let draft = changes.iter().fold(scenario.edit(), |draft, (path, value)| draft.set(path, *value));
    let model = draft.finish().and_then(|s| s.compile()).unwrap_or_else(|e| panic!("{name}: {e}"));
    let outcome = Ensemble::new(&model).trials(4000).seed(1).run().expect("runs");
    assert!(outcome.mass_balance_residual() < 1e-9, "{name}");
    format!("{:.2} billion", outcome.loss("north").expect("losses").mean() / 1e9)
}

#[test]
fn descriptions_give_the_losses_with_and_without_the_mechanism() {
    let contract = ("links.\"mine>smelter:ore\".contract.term_share", 0.0);
    let civil = ("controls.ban.licences.civil.monthly_chance", 0.0);
    let growth = ("controls.ban.licences.civil.monthly_growth", 0.0);
    let found = ("reexports.round.discovery_per_year", 0.0);
    let half = ("regimes.policy.states.half.next.ban", 0.0);
    let ban = ("regimes.policy.states.quarrel.next.ban", 0.0);
    let qualified = |days| ("links.\"east_mine>smelter:ore\".qualification_days", days);
    let opens = |days| ("reserves.store.opens_after_days", days);
    let never = [qualified(10_000.0)];
    let shut = [opens(10_000.0)];
    let now =
        [qualified(0.0), ("events.thrift.growth_days", 0.0), ("events.thrift.start_days", 0.0), opens(0.0)];
    let cases: [(&str, &[Changes]); 6] = [
        ("contracts", &[&[], &[contract]]),
        ("licences", &[&[], &[civil, growth]]),
        ("reexports", &[&[], &[("reexports.round.volume_share", 0.0), found], &[found]]),
        ("regimes", &[&[], &[half, ban]]),
        ("outages", &[&[], &[("outages.flood.severity", 0.0)]]),
        ("waiting", &[&[], &never, &[("events.thrift.severity", 0.0)], &shut, &now]),
    ];
    let mut wrong = Vec::new();
    for (name, variants) in cases {
        let path = format!("../scenarios/mechanism_{name}.toml");
        let scenario = Scenario::load(&path).unwrap_or_else(|e| panic!("{e}"));
        assert!(scenario.warnings().is_empty(), "{name}: {:?}", scenario.warnings());
        let text = scenario.tables().scenario.description.clone().expect("a description").replace('\n', " ");
        let losses: Vec<String> = variants.iter().map(|set| loss(&scenario, set)).collect();
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
