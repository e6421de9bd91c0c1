//! What answers cost: dearer suppliers, reserves that are held, projects that are built.

use crate::chains::{Course, commodities, control, link, maker, same, sector};
use crate::common::compile;
use supplyshock::run::{Component, Subject};
use supplyshock::step::reference::Trial;
use supplyshock::{Ensemble, Model};

/// A plant of Japan that uses 4 a day, all from China, where nothing comes from day 20 to day 60. Other countries
/// answer as `more` says.
fn plant(rate: f64, more: &str) -> String {
    [
        "[scenario]\ncurrency = \"JPY\"\ntitle = \"answers\"\n[time]\nstart = 2026-01-01\nstep_days = 1\nhorizon_days = 365\n"
            .to_owned(),
        format!("[rules]\ndiscount_rate_per_year = {rate}\n"),
        ["JP", "CN", "XX"].map(|id| format!("[parties.{id}]\ngdp_per_year = 1e12\n")).concat(),
        commodities(&["ore", "good"]),
        maker("mine", "CN", "ore"),
        sector("plant", "ore", 10.0, "good", 4.0),
        link("mine>plant:ore", 1, "surge_limit = 1"),
        control("cut", 20.0, 40.0, 1.0),
        more.to_owned(),
    ]
    .concat()
}

/// Response by party in the one trial: Japan, China, others.
fn response(text: &str) -> [f64; 3] {
    let model = compile(text);
    let outcome = Ensemble::new(&model).trials(1).seed(1).threads(1).run().expect("runs");
    let of =
        |party: &str, part| outcome.component_values(&Subject::Party(party.into()), part).expect("one")[0];
    for party in ["JP", "CN", "XX"] {
        let parts = [Component::Output, Component::Price, Component::Response].map(|c| of(party, c));
        same(of(party, Component::Total), parts.iter().sum(), "the total");
    }
    let mut run = Trial::new(&model, 1, 0).expect("a baseline");
    run.run();
    let found = ["JP", "CN", "XX"].map(|party| of(party, Component::Response));
    assert_eq!(
        found.map(f64::to_bits).as_slice(),
        run.response().iter().map(|x| x.to_bits()).collect::<Vec<_>>()
    );
    found
}

/// What a site makes, step by step; without a stock it is what it sends.
fn made(model: &Model, site: &str) -> Vec<f64> {
    let mut run = Trial::new(model, 1, 0).expect("a baseline");
    let mut made = Vec::new();
    while run.step() {
        made.push(run.activities().find(|a| a.site == site).expect("a site").activity);
    }
    made
}

fn factor(rate: f64, day: f64) -> f64 {
    (1.0 + rate).powf(-day / 365.0)
}

#[test]
fn a_dearer_supplier_costs_its_premium_on_what_flows_above_the_baseline() {
    let far = maker("far", "XX", "ore") + "capacity_per_year = 1000\n";
    let lane = |more: &str| link("far>plant:ore", 3, &format!("contingent_volume_per_year = 730\n{more}"));
    for rate in [0.0, 0.08] {
        let text = plant(rate, &(far.clone() + &lane("premium_per_unit = 7")));
        let sent = made(&compile(&text), "far");
        let expected: f64 =
            sent.iter().enumerate().map(|(t, q)| 7.0 * q * factor(rate, t as f64 + 0.5)).sum();
        assert!(expected > 7.0 * 60.0, "{expected}");
        let [japan, china, others] = response(&text);
        same(japan, expected, "the buyer pays it");
        assert_eq!((china, others), (0.0, 0.0));
    }
    assert_eq!(response(&plant(0.0, &(far + &lane("")))), [0.0; 3], "no premium, no cost");
}

#[test]
fn where_there_is_baseline_trade_less_of_it_saves_the_premium() {
    // Half of the ore comes from elsewhere, with room for half as much again; the shares hold the total.
    let other = maker("near", "XX", "ore") + "spare_capacity = 0.5\n";
    let lane = |premium: &str| link("near>plant:ore", 1, &format!("surge_limit = 1.5\n{premium}"));
    let text = plant(0.0, &(other + &lane("premium_per_unit = 7")));
    let sent = made(&compile(&text), "near");
    let above: f64 = sent.iter().map(|q| q - 2.0).sum();
    let most: f64 = sent.iter().map(|q| (q - 2.0).max(0.0)).sum();
    assert!(above > 30.0 && most >= above);
    same(response(&text)[0], 7.0 * above, "net of what flows below");
    // A premium on the lane that is cut: what it does not bring saves it.
    let barred = plant(0.0, "").replace("surge_limit = 1\n", "surge_limit = 1\npremium_per_unit = 5\n");
    same(response(&barred)[0], -5.0 * 4.0 * 40.0, "40 days without");
}

#[test]
fn a_reserve_costs_what_holding_it_costs() {
    let depot = |amount: f64| {
        format!(
            "[reserves.depot]\ncountry = \"XX\"\ncommodity = \"ore\"\namount_days = {amount}\ntrigger_days = 5\n\
             carrying_cost_per_unit_year = 3\n"
        ) + &link("depot>plant:ore", 1, "")
    };
    for rate in [0.0, 0.08] {
        let quiet = plant(rate, &depot(30.0)).replace("onset_days = 20", "onset_days = 1000");
        let year: f64 = (0..365).map(|t| factor(rate, f64::from(t) + 0.5) / 365.0).sum();
        let [japan, china, others] = response(&quiet);
        same(others, 3.0 * 30.0 * 4.0 * year, "the country that holds it pays");
        assert_eq!((japan, china), (0.0, 0.0));
    }
    // What it sends is what arrives at the plant a day later and does not come from the mine.
    let text = plant(0.0, &depot(100.0));
    let course = Course::of(&text);
    let (arrived, mine) = (course.arrivals("plant", "ore"), course.activity("mine"));
    let mut held = 400.0;
    let mut expected = 0.0;
    for t in 0..365 {
        // On the last day nothing is drawn any more.
        held -= if t < 364 { arrived[t + 1] - mine[t] } else { 0.0 };
        expected += 3.0 / 365.0 * held;
    }
    assert!(held < 330.0, "it is drawn on: {held} is left");
    same(response(&text)[2], expected, "the stock of each day");
}

#[test]
fn a_project_costs_its_capital_when_its_work_begins_within_the_horizon() {
    let project = |more: &str| {
        maker("new", "XX", "ore")
            + &link("new>plant:ore", 1, "contingent_volume_per_year = 730")
            + &format!(
                "[projects.build]\nsite = \"new\"\nbuild_days = 400\ncapacity_per_year = 730\n{more}\n"
            )
    };
    let of = |rate: f64, more: &str| response(&plant(rate, &project(more)))[2];
    same(of(0.0, "capital = 1000"), 1000.0, "from day 0");
    same(of(0.08, "capital = 1000\nstart_days = 100"), 1000.0 * factor(0.08, 100.0), "discounted");
    let after = "capital = 1000\nstart_days = 100\nafter = \"cut\"";
    same(of(0.08, after), 1000.0 * factor(0.08, 120.0), "after the onset");
    same(of(0.0, "capital = 1000\nsuccess = 0"), 1000.0, "success or not");
    same(of(0.0, "capital = 1000\nstart_days = 364.9"), 1000.0, "within the horizon");
    assert_eq!(of(0.0, "capital = 1000\nstart_days = 365"), 0.0, "after it");
    assert_eq!(of(0.0, "capital = 1000\nafter = \"nothing\""), 0.0, "never");
    // On a drawn day: only trials in which it begins pay.
    let text = plant(0.0, &project("capital = 1000\nstart_days = { uniform = { low = 0, high = 730 } }"));
    let model = compile(&text);
    let outcome = Ensemble::new(&model).trials(200).seed(1).run().expect("runs");
    let costs = outcome.component_values(&Subject::Party("XX".into()), Component::Response).expect("one");
    for (trial, cost) in costs.iter().enumerate() {
        let begins = model.draw(1, trial as u64)[0] < 365.0;
        assert_eq!(*cost, if begins { 1000.0 } else { 0.0 }, "trial {trial}");
    }
}

#[test]
fn goods_of_a_project_cost_their_premium() {
    let more = maker("new", "XX", "ore")
        + &link("new>plant:ore", 1, "contingent_volume_per_year = 730")
        + "[projects.build]\nsite = \"new\"\ncapacity_per_year = 730\npremium_per_unit = 7\n";
    let text = plant(0.0, &more);
    let all: f64 = made(&compile(&text), "new").iter().sum();
    assert!(all > 60.0);
    same(response(&text)[2], 7.0 * all, "all that it makes");
}
