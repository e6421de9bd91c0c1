//! The scenario that shows what terms of payment do.

use crate::chains::same;
use supplyshock::run::{Component, Subject};
use supplyshock::scenario::Payment;
use supplyshock::{Ensemble, Scenario};

const LANE: &str = "nvidia>cn_buyers:gpu";

/// Total loss of the buyers and of the seller, and the loss of the insurer, with changed terms of payment.
fn losses(change: impl FnOnce(&mut Payment)) -> [f64; 3] {
    let changed = |scenario: Scenario| {
        let draft = scenario.edit().tables(|t| change(t.links[LANE].payment.as_mut().expect("terms")));
        draft.finish()?.compile()
    };
    let model =
        Scenario::load("../scenarios/mechanism_prepayment.toml").and_then(changed).expect("it compiles");
    let outcome = Ensemble::new(&model).trials(1).seed(1).run().expect("runs");
    let total = |party: &str| {
        outcome.component_values(&Subject::Party(party.into()), Component::Total).expect("a party")[0]
    };
    [total("CN"), total("US"), outcome.insurer()[0]]
}

/// Value added of a year, and what is paid for its chips.
const ADDED: f64 = 2.8e6 * 1e5;
const PAID: f64 = 4e6 * 1e5;

#[test]
fn payment_in_full_moves_the_loss_from_the_seller_to_the_buyers() {
    // Of the 245 days left, chips on their way carry the buyers over the first 7.
    let (buyers, seller) = (ADDED * 238.0 / 365.0, ADDED * 245.0 / 365.0);
    let held = PAID * 90.0 / 365.0;
    let in_full = losses(|_| ());
    for (found, expected) in in_full.into_iter().zip([buyers + held, seller - held, 0.0]) {
        same(found, expected, "paid in full");
    }
    let deposit = losses(|terms| *terms = Payment::new(0.1, 90).refundable(true).cancellable(true));
    for (found, expected) in deposit.into_iter().zip([buyers, seller, 0.0]) {
        same(found, expected, "a deposit");
    }
    let insured = losses(|terms| *terms = terms.clone().insured_share(0.5).insurance_premium(0.01));
    let borne = 0.5 * held - 0.01 * PAID * 119.0 / 365.0;
    for (found, expected) in insured.into_iter().zip([buyers + held - borne, seller - held, borne]) {
        same(found, expected, "insured");
    }
    // The figures in its description, in billions.
    let text = std::fs::read_to_string("../scenarios/mechanism_prepayment.toml").expect("the scenario");
    for figure in [in_full[0], in_full[1], deposit[0], deposit[1], insured[0], insured[2], held] {
        let shown = format!("{:.1} bn", figure / 1e9);
        assert!(text.replace('\n', " ").contains(&shown), "{shown} in the description");
    }
}

#[test]
fn what_was_paid_ahead_is_reported_where_anything_was() {
    let report = |file: &str| {
        let scenario = Scenario::load(file).expect("it reads");
        let model = scenario.compile().expect("it compiles");
        let outcome = Ensemble::new(&model).trials(4).seed(1).run().expect("runs");
        let folder = tempfile::tempdir().expect("a folder");
        supplyshock::report::write_run(folder.path(), &scenario, &outcome).expect("it is written");
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("a file");
        let summary: serde_json::Value = serde_json::from_str(&read("summary.json")).expect("JSON");
        let header = read("trials.csv").lines().next().expect("a header").to_owned();
        (supplyshock::report::run(&scenario, &outcome, &[]).expect("a report"), summary, header)
    };
    let (text, summary, header) = report("../scenarios/mechanism_prepayment.toml");
    assert!(text.contains("Paid ahead by buyers") && text.contains(" 98.630 "), "{text}");
    let held = PAID * 90.0 / 365.0;
    for key in ["held_peak", "written_off"] {
        let found = summary["payments"]["CN"][key].as_f64().expect("a number");
        assert!((found - held).abs() < 1.0, "{key}: {found}");
    }
    same(summary["parties"]["US"]["contracts"]["mean"].as_f64().expect("a number"), -held, "the seller");
    assert_eq!(summary["insurer"]["mean"], 0.0);
    assert!(header.ends_with(",insurer") && header.contains("CN.response,CN.contracts"), "{header}");

    let (text, summary, header) = report("../scenarios/japan_base.toml");
    assert!(!text.contains("Paid ahead") && !header.contains("insurer"));
    assert_eq!(
        (&summary["payments"], &summary["insurer"]),
        (&serde_json::json!({}), &serde_json::Value::Null)
    );
}
