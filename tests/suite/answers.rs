//! The shipped scenarios of policy and of answers: each is a mechanism at work, and says with figures what it does.

use supplyshock::run::{Component, Subject};
use supplyshock::{Ensemble, Scenario};

const TRIALS: u64 = 600;
const TRILLION: f64 = 1e12;

/// What a party loses in all on average, in JPY tn, with its standard error.
fn mean(scenario: &Scenario, party: &str) -> (f64, f64) {
    let model = scenario.compile().unwrap_or_else(|e| panic!("{e}"));
    let outcome = Ensemble::new(&model).trials(TRIALS).seed(2026).run().expect("runs");
    let loss = outcome.component(&Subject::Party(party.into()), Component::Total).expect("a party");
    (loss.mean() / TRILLION, loss.std_error().expect("trials") / TRILLION)
}

/// Runs the scenario with its figures changed as given. What its description says each time must stand in it, and must
/// lie within 5 standard errors of what it gives here: 1 in 1.7 million for each figure, if it is right.
#[track_caller]
fn says(file: &str, party: &str, cases: &[(&[&str], &str)]) -> Vec<f64> {
    let path = format!("../scenarios/{file}.toml");
    cases
        .iter()
        .map(|(set, figure)| {
            let set: Vec<String> = set.iter().map(|&s| s.to_owned()).collect();
            let scenario = Scenario::load_with(&path, &set).unwrap_or_else(|e| panic!("{e}"));
            let text = scenario.tables().scenario.description.clone().unwrap_or_default();
            // A gain is told as one.
            assert!(
                text.contains(figure.trim_start_matches('-')),
                "{file}: the description does not say {figure}"
            );
            let said: f64 = figure.split(' ').next().and_then(|x| x.parse().ok()).expect("a figure");
            let (found, error) = mean(&scenario, party);
            let digits = figure.split(' ').next().and_then(|x| x.split('.').nth(1)).map_or(0, str::len);
            let rounding = 0.5 * 10f64.powi(-i32::try_from(digits).expect("few"));
            // The figure itself comes from 10,000 trials.
            let off = (found - said).abs();
            assert!(
                off <= 5.0 * 1.05 * error + rounding,
                "{file} {set:?}: {found} ± {error}, it says {figure}"
            );
            found
        })
        .collect()
}

#[test]
fn contracts_let_a_cut_close_slowly() {
    let found = says(
        "japan_contract_freeze",
        "JP",
        &[(&[], "3.83 tn"), (&["controls.china.contract.term_share=0"], "5.90 tn")],
    );
    assert!(found[0] < 0.8 * found[1]);
}

#[test]
fn licences_pass_part_of_what_a_ban_would_stop() {
    let never = "controls.licences.licences.civil.monthly_chance=0";
    let no_magnets = "controls.magnets.licences.civil.monthly_chance=0";
    let found = says("japan_licensing_2025", "JP", &[(&[], "1.25 tn"), (&[never, no_magnets], "6.91 tn")]);
    assert!(found[0] < 0.5 * found[1]);
}

#[test]
fn goods_that_go_round_help_until_they_are_found_out() {
    let closed = ["reexports.via_vietnam.volume_share=0", "reexports.via_korea.volume_share=0"];
    let never = ["reexports.via_vietnam.discovery_per_year=0", "reexports.via_korea.discovery_per_year=0"];
    let found =
        says("japan_transshipment", "JP", &[(&[], "4.86 tn"), (&closed, "5.68 tn"), (&never, "3.17 tn")]);
    assert!(found[2] < found[0] && found[0] < found[1]);
}

#[test]
fn escalation_is_a_mixture_of_little_and_of_much() {
    let calm = ["regimes.policy.states.calm.holding_days=3650"];
    let no_ban = [
        "regimes.policy.states.licensing.next.full_ban=0",
        "regimes.policy.states.partial_ban.next.full_ban=0",
    ];
    let found = says("japan_escalation", "JP", &[(&[], "2.79 tn"), (&no_ban, "0.89 tn"), (&calm, "0 tn")]);
    assert!(found[2].abs() < 1e-9 && found[1] < 0.5 * found[0], "{found:?}");
}

#[test]
fn a_stock_of_metal_helps_less_than_one_with_magnets() {
    let none = ["assumptions.national_stock=0"];
    let sixty = says("japan_reserves_60_days", "JP", &[(&[], "5.17 tn"), (&none, "5.90 tn")]);
    let more = ["reserves.jp_stock_magnet_std.amount_days=0", "reserves.jp_stock_magnet_hr.amount_days=0"];
    let many = says("japan_reserves_180_days", "JP", &[(&[], "2.99 tn"), (&more, "4.66 tn")]);
    assert!(many[0] < many[1] && many[1] < sixty[0] && sixty[0] < sixty[1]);
}

#[test]
fn what_is_bought_elsewhere_beforehand_is_not_lost() {
    let at = |share: &'static str| -> [&'static str; 1] { [share] };
    let found = says(
        "japan_diversified",
        "JP",
        &[
            (&at("assumptions.dependence=0.9"), "5.85 tn"),
            (&at("assumptions.dependence=0.7"), "3.28 tn"),
            (&[], "2.36 tn"),
            (&at("assumptions.dependence=0"), "0.0 tn"),
        ],
    );
    assert!(found.windows(2).all(|w| w[1] < w[0]), "{found:?}");
}

#[test]
fn raw_ore_does_not_help_while_it_is_separated_in_china() {
    let cut = Scenario::load("../scenarios/japan_full_cut.toml").unwrap_or_else(|e| panic!("{e}"));
    let cut = mean(&cut, "JP").0;
    let outside = ["assumptions.separation_outside=12000"];
    let found = says("japan_raw_ore_elsewhere", "JP", &[(&[], "5.90 tn"), (&outside, "5.10 tn")]);
    assert!((found[0] / cut - 1.0).abs() < 1e-3, "ore alone: {} against {cut}", found[0]);
    assert!(found[1] < 0.9 * cut);
}

#[test]
fn a_plant_in_ten_years_and_mud_after_2029_come_late_and_help_little() {
    let none = ["projects.us_refinery.success=0"];
    let plant = says("us_refinery_ten_years", "JP", &[(&[], "5.30 tn"), (&none, "5.36 tn")]);
    assert!(plant[0] < plant[1] && plant[0] > 0.9 * plant[1]);
    let none = ["projects.jp_mud.success=0", "projects.jp_mud.capital=0", "projects.jp_mud_sep.capital=0"];
    let mud = says("deep_sea_mud", "JP", &[(&[], "5.49 tn"), (&none, "5.37 tn")]);
    assert!(mud[0] > mud[1], "it costs more than it saves: {mud:?}");
}

#[test]
fn allies_who_share_help_more_than_a_stock_of_ones_own() {
    let pool = ["reexports.allies.volume_share=0"];
    let found = says(
        "allied_market",
        "JP",
        &[(&[], "3.95 tn"), (&pool, "4.46 tn"), (&["assumptions.pool_days=0"], "5.31 tn")],
    );
    assert!(found[0] < found[1] && found[0] < found[2]);
}

#[test]
fn an_answer_shortens_a_ban() {
    let none = ["regimes.policy.states.ban.next.answer=0"];
    let japan = says("chip_retaliation", "JP", &[(&[], "3.75 tn"), (&none, "4.67 tn")]);
    assert!(japan[0] < japan[1]);
    let china = says("chip_retaliation", "CN", &[(&[], "-0.12 tn"), (&none, "-0.06 tn")]);
    assert!(china[0] < china[1], "an answer cannot be paid for in so short a time: {china:?}");
}

#[test]
fn terms_of_payment_decide_who_bears_a_stop() {
    let deposit = [
        "links.\"us_seller>cn_buyers:gpu\".payment.prepaid_share=0.1",
        "links.\"us_seller>cn_buyers:gpu\".payment.refundable=true",
        "links.\"us_seller>cn_buyers:gpu\".payment.cancellable=true",
    ];
    let buyers = says("h200_prepayment", "CN", &[(&[], "1.06 tn"), (&deposit, "0.83 tn")]);
    let seller = says("h200_prepayment", "US", &[(&[], "2.06 tn"), (&deposit, "2.29 tn")]);
    // What the buyers lose more the seller loses less.
    let moved = buyers[0] - buyers[1];
    assert!(moved > 0.1 && (moved - (seller[1] - seller[0])).abs() < 1e-9 * moved, "{buyers:?} {seller:?}");
}

#[test]
fn home_grown_chips_shift_a_lasting_loss_from_buyers_to_the_seller() {
    let none = ["projects.cn_home_2.success=0", "events.thrift.severity=0"];
    let buyers = says("home_grown_chips", "CN", &[(&[], "6.99 tn"), (&none, "8.40 tn")]);
    assert!(buyers[0] < buyers[1]);
}
