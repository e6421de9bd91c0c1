//! What answers cost: dearer suppliers, reserves that are held, projects that are built.

use crate::chains::{Course, same};
use crate::common::compile;
use crate::parts::{Build, control, maker, sector, uniform};
use supplyshock::run::{Component, Subject};
use supplyshock::scenario::{About, Date, Link, Party, Project, Reserve, Rules, Tables, Time};
use supplyshock::step::reference::Trial;
use supplyshock::{Ensemble, Model};

/// A plant of Japan that uses 4 a day, all from China, where nothing comes from day 20 to day 60. Other countries
/// answer as is added.
fn plant(rate: f64) -> Tables {
    let time = Time::new(Date::new(2026, 1, 1), 365).step_days(1);
    let tables =
        Tables::new(About::new("answers", "JPY"), time).rules(Rules::new().discount_rate_per_year(rate));
    ["JP", "CN", "XX"]
        .into_iter()
        .fold(tables, |tables, id| tables.party(id, Party::new(1e12)))
        .goods(["ore", "good"])
        .site("mine", maker("CN", "ore"))
        .site("plant", sector("ore", 10.0, "good", 4.0))
        .link("mine>plant:ore", Link::new(1).surge_limit(1))
        .control("cut", control(20.0, 40.0, 1.0))
}

/// Response by party in the one trial: Japan, China, others.
fn response(tables: &Tables) -> [f64; 3] {
    let model = compile(tables);
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
    let with = |rate, lane: Link| {
        plant(rate).site("far", maker("XX", "ore").capacity_per_year(1000)).link("far>plant:ore", lane)
    };
    let lane = || Link::new(3).contingent_volume_per_year(730);
    for rate in [0.0, 0.08] {
        let tables = with(rate, lane().premium_per_unit(7));
        let sent = made(&compile(&tables), "far");
        let expected: f64 =
            sent.iter().enumerate().map(|(t, q)| 7.0 * q * factor(rate, t as f64 + 0.5)).sum();
        assert!(expected > 7.0 * 60.0, "{expected}");
        let [japan, china, others] = response(&tables);
        same(japan, expected, "the buyer pays it");
        assert_eq!((china, others), (0.0, 0.0));
    }
    assert_eq!(response(&with(0.0, lane())), [0.0; 3], "no premium, no cost");
}

#[test]
fn where_there_is_baseline_trade_less_of_it_saves_the_premium() {
    // Half of the ore comes from elsewhere, with room for half as much again; the shares hold the total.
    let tables = plant(0.0)
        .site("near", maker("XX", "ore").spare_capacity(0.5))
        .link("near>plant:ore", Link::new(1).surge_limit(1.5).premium_per_unit(7));
    let sent = made(&compile(&tables), "near");
    let above: f64 = sent.iter().map(|q| q - 2.0).sum();
    let most: f64 = sent.iter().map(|q| (q - 2.0).max(0.0)).sum();
    assert!(above > 30.0 && most >= above);
    same(response(&tables)[0], 7.0 * above, "net of what flows below");
    // A premium on the lane that is cut: what it does not bring saves it.
    let barred = plant(0.0).link("mine>plant:ore", Link::new(1).surge_limit(1).premium_per_unit(5));
    same(response(&barred)[0], -5.0 * 4.0 * 40.0, "40 days without");
}

#[test]
fn a_reserve_costs_what_holding_it_costs() {
    let with_depot = |rate, amount: f64| {
        let depot = Reserve::new("XX", "ore", amount, 5).carrying_cost_per_unit_year(3);
        plant(rate).reserve("depot", depot).link("depot>plant:ore", Link::new(1))
    };
    for rate in [0.0, 0.08] {
        let quiet = with_depot(rate, 30.0).control("cut", control(1000.0, 40.0, 1.0));
        let year: f64 = (0..365).map(|t| factor(rate, f64::from(t) + 0.5) / 365.0).sum();
        let [japan, china, others] = response(&quiet);
        same(others, 3.0 * 30.0 * 4.0 * year, "the country that holds it pays");
        assert_eq!((japan, china), (0.0, 0.0));
    }
    // What it sends is what arrives at the plant a day later and does not come from the mine.
    let tables = with_depot(0.0, 100.0);
    let course = Course::of(&tables);
    let (arrived, mine) = (course.arrivals("plant", "ore"), course.activity("mine"));
    let mut held = 400.0;
    let mut expected = 0.0;
    for t in 0..365 {
        // On the last day nothing is drawn any more.
        held -= if t < 364 { arrived[t + 1] - mine[t] } else { 0.0 };
        expected += 3.0 / 365.0 * held;
    }
    assert!(held < 330.0, "it is drawn on: {held} is left");
    same(response(&tables)[2], expected, "the stock of each day");
}

#[test]
fn a_project_costs_its_capital_when_its_work_begins_within_the_horizon() {
    let project = || Project::new("new", 730).build_days(400).capital(1000);
    let with = |rate, build: Project| {
        plant(rate)
            .site("new", maker("XX", "ore"))
            .link("new>plant:ore", Link::new(1).contingent_volume_per_year(730))
            .project("build", build)
    };
    let of = |rate, build| response(&with(rate, build))[2];
    same(of(0.0, project()), 1000.0, "from day 0");
    same(of(0.08, project().start_days(100)), 1000.0 * factor(0.08, 100.0), "discounted");
    let after = project().start_days(100).after("cut");
    same(of(0.08, after), 1000.0 * factor(0.08, 120.0), "after the onset");
    same(of(0.0, project().success(0)), 1000.0, "success or not");
    same(of(0.0, project().start_days(364.9)), 1000.0, "within the horizon");
    assert_eq!(of(0.0, project().start_days(365)), 0.0, "after it");
    assert_eq!(of(0.0, project().after("nothing")), 0.0, "never");
    // On a drawn day: only trials in which it begins pay.
    let model = compile(&with(0.0, project().start_days(uniform(0.0, 730.0))));
    let outcome = Ensemble::new(&model).trials(200).seed(1).run().expect("runs");
    let costs = outcome.component_values(&Subject::Party("XX".into()), Component::Response).expect("one");
    for (trial, cost) in costs.iter().enumerate() {
        let begins = model.draw(1, trial as u64)[0] < 365.0;
        assert_eq!(*cost, if begins { 1000.0 } else { 0.0 }, "trial {trial}");
    }
}

#[test]
fn goods_of_a_project_cost_their_premium() {
    let tables = plant(0.0)
        .site("new", maker("XX", "ore"))
        .link("new>plant:ore", Link::new(1).contingent_volume_per_year(730))
        .project("build", Project::new("new", 730).premium_per_unit(7));
    let all: f64 = made(&compile(&tables), "new").iter().sum();
    assert!(all > 60.0);
    same(response(&tables)[2], 7.0 * all, "all that it makes");
}
