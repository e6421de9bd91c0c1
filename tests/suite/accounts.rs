//! What losses are put down to: materials, goods of sectors, outages, prices, sales.

use crate::common::{Source, compile, head};
use crate::parts::{Build, control, event, industry, maker, sector, sold, uniform};
use approx::assert_relative_eq;
use supplyshock::run::{Component, Subject};
use supplyshock::scenario::{
    About, Commodity, Date, Input, Link, Market, Ordering, Party, Rules, Site, Stage, Tables, Target, Time,
};
use supplyshock::step::reference::Trial;
use supplyshock::{Ensemble, Model, Outcome, Scenario};

fn run(model: &Model) -> Outcome {
    Ensemble::new(model).trials(1).seed(1).threads(1).run().expect("runs")
}

/// A component of the one trial of a party.
fn part(outcome: &Outcome, party: &str, component: Component) -> f64 {
    outcome.component_values(&Subject::Party(party.into()), component).expect("a party")[0]
}

/// The same of a sector.
fn of_sector(outcome: &Outcome, sector: &str, component: Component) -> f64 {
    outcome.component_values(&Subject::Sector(sector.into()), component).expect("a sector")[0]
}

fn same(found: f64, expected: f64) {
    assert_relative_eq!(found, expected, max_relative = 1e-9, epsilon = 1e-9);
}

/// Works that make cloth of fibre, and a tailor behind them; each adds a value of 1 a unit.
fn works(cover: f64) -> Tables {
    head(1, 400)
        .goods(["fibre", "cloth", "coat"])
        .site("field", maker("CN", "fibre"))
        .site("works", sector("fibre", cover, "cloth", 2.0))
        .site("tailor", sector("cloth", 9.0, "coat", 3.0))
        .link("field>works:fibre", Link::new(1).surge_limit(1))
        .link("works>tailor:cloth", Link::new(1).surge_limit(1))
}

#[test]
fn a_missing_material_is_direct_and_the_goods_that_are_missed_for_it_are_not() {
    let model = compile(&works(5.0).control("cut", control(20.0, 60.0, 1.0)));
    let outcome = run(&model);
    let [output, direct, indirect] = [Component::Output, Component::OutputDirect, Component::OutputIndirect]
        .map(|c| part(&outcome, "JP", c));
    // The works stand for 60 days less their cover of 5; the tailor for what its 9 days do not bridge.
    same(of_sector(&outcome, "works", Component::OutputDirect), 5.0 * 55.0);
    same(of_sector(&outcome, "tailor", Component::OutputDirect), 0.0);
    same(of_sector(&outcome, "tailor", Component::Output), 3.0 * (55.0 - 9.0));
    same(direct, 5.0 * 55.0);
    same(indirect, output - direct);
    let limits = outcome.limits();
    let limit = limits.iter().find(|l| l.site == "tailor").expect("it is followed");
    assert_eq!(
        (limit.input, limit.lane.map(|l| l.0.to_string())),
        ("cloth", Some("works>tailor:cloth".into()))
    );
    same(limit.loss, 3.0 * 46.0);
    same(limit.share, 1.0);
}

#[test]
fn what_stocks_still_bridge_at_the_end_is_missing_from_the_lane() {
    // The lane is barred for the last 10 of 400 days, of which a cover of 30 shows nothing; one lane or two.
    let one = works(30.0).control("cut", control(390.0, 60.0, 1.0));
    let two = one
        .clone()
        .site("meadow", maker("XX", "fibre"))
        .link("meadow>works:fibre", Link::new(1).surge_limit(1).share(0.5));
    for (tables, expected) in [(one, 10.0 / 400.0), (two, 5.0 / 400.0)] {
        let model = compile(&tables);
        let outcome = run(&model);
        same(part(&outcome, "JP", Component::Output), 0.0);
        let limits = outcome.limits();
        let limit = limits.iter().find(|l| l.site == "works").expect("it is followed");
        let (lane, missing) = limit.lane.expect("a lane that brought less");
        assert_eq!(lane.to_string(), "field>works:fibre");
        // Sums over trials are of whole 2^-20.
        assert!((missing - expected).abs() <= 0.5_f64.powi(20), "{missing} and {expected}");
    }
}

#[test]
fn an_outage_is_direct_at_its_site_and_lost_demand_is_indirect_upstream() {
    let model = compile(&works(5.0).event("strike", event(["tailor"], Target::Capacity, 20.0, 30.0, 0.5)));
    let outcome = run(&model);
    same(of_sector(&outcome, "tailor", Component::OutputDirect), 3.0 * 30.0 * 0.5);
    same(of_sector(&outcome, "works", Component::OutputDirect), 0.0);
    assert!(of_sector(&outcome, "works", Component::OutputIndirect) > 0.0, "fewer orders come upstream");
    assert!(outcome.limits().iter().all(|l| l.loss == 0.0), "no input limits anybody");
}

#[test]
fn both_engines_put_losses_down_to_the_same() {
    let model =
        Scenario::load("../scenarios/japan_full_cut.toml").and_then(|s| s.compile()).expect("compiles");
    let outcome = Ensemble::new(&model).trials(12).seed(5).run().expect("runs");
    let sectors: Vec<&str> = outcome.sectors().collect();
    for trial in 0..12 {
        let mut run = Trial::new(&model, 5, trial).expect("a baseline");
        run.run();
        for sector in &sectors {
            let n = model.sites().position(|s| s == *sector).expect("a site");
            let direct = outcome
                .component_values(&Subject::Sector((*sector).into()), Component::OutputDirect)
                .expect("a sector")[trial as usize];
            let (found, scale) = (run.lost_directly()[n], run.lost()[n].abs());
            assert!((found - direct).abs() <= 1e-9 * scale + 1e-3, "{sector}: {found} and {direct}");
        }
    }
}

/// A good with a market whose elasticity doubles in the long run.
fn quoted(cap: f64, short: f64) -> Commodity {
    Commodity::new("t").market(Market::new(50, 0.2, short, 2.0 * short, cap))
}

/// A mine in China that sells to a plant of Japan and one of others, each with its party; its lane to Japan is
/// halved for 40 days.
fn traded(cap: f64, spare: f64) -> Tables {
    let time = Time::new(Date::new(2026, 1, 1), 120).step_days(1);
    let other = Site::new("XX", Stage::SECTOR)
        .value_added_per_unit(1)
        .input("ore", Input::new(1, 60))
        .output("ware", sold(6.0))
        .spare_capacity(spare);
    ["JP", "CN", "XX"]
        .into_iter()
        .fold(Tables::new(About::new("trade", "JPY"), time), |t, id| t.party(id, Party::new(1e12)))
        .commodity("ore", quoted(cap, 0.25))
        .goods(["good", "ware"])
        .site("mine", maker("CN", "ore"))
        .site("plant", sector("ore", 60.0, "good", 4.0))
        .site("other", other)
        .link("mine>plant:ore", Link::new(1).surge_limit(1))
        .link("mine>other:ore", Link::new(1).surge_limit(2))
        .control("cut", control(10.0, 40.0, 0.5))
}

/// Extra bill and highest price of what `traded` sells at an elasticity that is twice `short` later.
fn scarce(cap: f64, short: f64) -> (f64, f64) {
    // Half arrives for 40 days, then all; stocks keep the plant going and its needs at 4 a day.
    let (mut availability, mut bill, mut peak) = (1.0_f64, 0.0, 1.0_f64);
    for t in 0..120 {
        let sent = if (10..50).contains(&t) { 2.0 } else { 4.0 };
        availability += (sent / 4.0 - availability) / 28.0;
        let elasticity = short + short * ((t as f64 + 0.5 - 10.0) / 730.0).clamp(0.0, 1.0);
        let price = availability.powf(-1.0 / elasticity).min(cap);
        bill += 0.2 * 50.0 * (price - 1.0) * sent;
        peak = peak.max(price);
    }
    (bill, peak)
}

#[test]
fn scarcity_raises_the_bill_of_importers_by_what_exporters_gain() {
    for cap in [100.0, 1.5] {
        let model = compile(&traded(cap, 0.0));
        let outcome = run(&model);
        let (bill, peak) = scarce(cap, 0.25);
        same(part(&outcome, "JP", Component::Price), bill);
        same(part(&outcome, "CN", Component::Price), -bill);
        same(part(&outcome, "XX", Component::Price), 0.0);
        same(part(&outcome, "JP", Component::Total), part(&outcome, "JP", Component::Output) + bill);
        let markets = outcome.markets();
        let market = markets.iter().find(|m| m.country == "JP").expect("it imports");
        same((market.peak_price * 1e4).round() / 1e4, (peak * 1e4).round() / 1e4);
        assert!(market.gave_way > 0.0 && market.gave_way < 1.0 - 2.0 / 4.0, "{market:?}");
    }
}

#[test]
fn every_good_has_its_own_cap_and_elasticity() {
    let goods = [("ore", 100.0, 0.25), ("dust", 1.5, 0.25), ("salt", 100.0, 0.5)];
    let mut tables = traded(100.0, 0.0);
    for (good, cap, short) in &goods[1..] {
        let ware = format!("{good}_ware");
        tables = tables
            .commodity(*good, quoted(*cap, *short))
            .goods([ware.as_str()])
            .site(format!("{good}_mine"), maker("CN", good))
            .site(format!("{good}_plant"), sector(good, 60.0, &ware, 4.0))
            .link(format!("{good}_mine>{good}_plant:{good}"), Link::new(1).surge_limit(1));
    }
    let model = compile(&tables);
    let outcome = run(&model);
    let expected = goods.map(|(_, cap, short)| scarce(cap, short));
    same(part(&outcome, "JP", Component::Price), expected.iter().map(|(bill, _)| bill).sum());
    let markets = outcome.markets();
    for ((good, ..), (_, peak)) in goods.iter().zip(expected) {
        let market = markets.iter().find(|m| m.country == "JP" && m.commodity == *good).expect("imported");
        // Sums over trials are exact to some millionths of a unit.
        assert!((market.peak_price - peak).abs() < 1e-6, "{market:?}, {peak}");
    }
}

#[test]
fn sales_that_are_barred_are_forgone_and_what_others_take_is_sold_elsewhere() {
    let outcome_of = |tables: &Tables| {
        let model = compile(tables);
        let mut run = Trial::new(&model, 1, 0).expect("a baseline");
        let mut unsold = 0.0;
        while run.step() {
            // The mine holds no stock: what it does not make it does not sell.
            unsold += 10.0 - run.activities().find(|a| a.site == "mine").expect("the mine").activity;
        }
        let outcome = self::run(&model);
        let parts = [Component::SalesForgone, Component::SalesElsewhere];
        for party in ["JP", "XX"] {
            for component in parts {
                same(part(&outcome, party, component), 0.0);
            }
        }
        (parts.map(|c| part(&outcome, "CN", c)), unsold)
    };
    // Japan has not caught up at the end: the lane to it has no room.
    let ([forgone, elsewhere], unsold) = outcome_of(&traded(2.0, 0.0));
    same(forgone, 40.0 * 2.0 * 50.0);
    same(elsewhere, 0.0);
    same(unsold, 40.0 * 2.0);
    // A boom at the other plant takes what the mine can make; the cut frees goods for it.
    let boom = event(["other"], Target::FinalDemand, 2.0, 100.0, -0.5);
    let ([forgone, elsewhere], unsold) = outcome_of(&traded(2.0, 1.0).event("boom", boom));
    assert!(elsewhere > 20.0 * 50.0, "{elsewhere}");
    same((forgone - elsewhere) / 50.0, unsold);
}

#[test]
fn days_below_and_recovery_are_those_of_the_course() {
    let model = compile(&works(5.0).control("cut", control(20.0, 60.0, 1.0)));
    let outcome = run(&model);
    let stops = outcome.stops("works").expect("a sector");
    // Lead time 1 and cover 5 after the onset it stops, for 55 days.
    assert_eq!(stops.first, [6.0]);
    assert_eq!(stops.days, [55.0]);
    assert_eq!(stops.recovery, [61.0]);
    assert_eq!(outcome.unsettled_share(), None, "the horizon ends within a year of the cut");
}

#[test]
fn trials_that_never_settle_are_counted() {
    for (ordering, share) in [(Ordering::Smoothed, 0.0), (Ordering::Ario, 1.0)] {
        let tables = head(7, 1400)
            .rules(Rules::new().ordering(ordering))
            .goods(["p", "good"])
            .site("s", sector("p", 0.0, "good", 1.0))
            .site("pm", maker("CN", "p").spare_capacity(1))
            .link("pm>s:p", Link::new(7).surge_limit(1))
            .control("cut", control(98.0, 91.0, 1.0));
        let model = compile(&tables);
        assert_eq!(run(&model).unsettled_share(), Some(share), "{ordering:?}");
    }
}

#[test]
fn the_ratio_to_a_loss_that_is_known_has_the_interval_of_the_mean() {
    // The other plant loses 6 a day for 5 days in every trial.
    let mut tables = traded(1.0, 0.0).event("strike", event(["other"], Target::Capacity, 2.0, 5.0, 1.0));
    tables.controls["cut"].duration_days = Some(uniform(60.0, 100.0));
    for plant in ["plant", "other"] {
        tables.sites[plant].inputs["ore"].cover_days = 10.into();
    }
    let model = compile(&tables);
    let outcome = Ensemble::new(&model).trials(200).seed(3).run().expect("runs");
    let (ratio, interval) = outcome.ratio("JP", "XX", Component::Output, 0.95).expect("parties");
    let loss = outcome.loss("JP").expect("a party");
    assert!(loss.std_dev() > 1.0, "it is drawn");
    same(ratio, loss.mean() / 30.0);
    let [interval, mean] = [interval, loss.mean_ci(0.95)].map(|i| i.expect("an interval"));
    same(interval.low, mean.low / 30.0);
    same(interval.high, mean.high / 30.0);
    assert!(outcome.ratio("JP", "MARS", Component::Output, 0.95).is_err());
}

#[test]
fn a_stop_may_be_less_than_what_counts_as_off_the_baseline() {
    // A thousandth below its baseline for 20 days is no more than 1% off, and so there is nothing to recover from.
    for (level, stop, days) in [(0.9995, 0.999, 20.0), (0.9985, f64::INFINITY, 0.0)] {
        let quake = event(["works"], Target::Capacity, 30.0, 20.0, 0.001);
        let tables = works(5.0).rules(Rules::new().stopped_below(level)).event("quake", quake);
        let model = compile(&tables);
        let stops = run(&model).stops("works").expect("a sector");
        same(stops.days[0], days);
        assert!(stops.first[0] == stop || (stops.first[0] - stop).abs() < 1e-9, "{} days", stops.first[0]);
        assert!(stops.recovery[0] == 0.0, "back after {} days", stops.recovery[0]);
    }
}

#[test]
fn what_nothing_hangs_on_is_used_as_far_as_it_lasts_and_mass_adds_up() {
    for (criticality, lost) in [(0.0, 0.0), (1e-17, 0.0), (0.25, 0.25)] {
        let user = industry("good", 10.0).input("ore", Input::new(1, 5).criticality(criticality));
        let tables = head(1, 100)
            .goods(["ore", "good"])
            .site("mine", maker("CN", "ore"))
            .site("user", user)
            .link("mine>user:ore", Link::new(1).surge_limit(1))
            .event("stop", event(["mine"], Target::Capacity, 20.0, 30.0, 1.0));
        let model = compile(&tables);
        let outcome = Ensemble::new(&model).trials(40).seed(1).run().expect("runs");
        // 30 days less 5 of cover, of a quarter of 10 a day.
        same(outcome.loss("JP").expect("JP").mean(), 25.0 * 10.0 * lost);
        let residual = outcome.mass_balance_residual();
        assert!(residual < 1e-12, "criticality {criticality}: residual {residual:e}");
    }
}

#[test]
fn losses_are_set_against_each_other_only_where_both_lose() {
    let told = |boom: f64, outage: f64| {
        let abroad = Site::new("CN", Stage::SECTOR).value_added_per_unit(1).output("ships", sold(1.0));
        let mut tables = head(7, 210);
        tables.parties.insert("JP".to_owned(), Party::new(1e12).countries(["JP", "XX"]));
        let scenario = tables
            .party("CN", Party::new(1e12))
            .goods(["cars", "ships"])
            .site("home", industry("cars", 1.0).spare_capacity(0.5))
            .site("abroad", abroad)
            .event("boom", event(["home"], Target::FinalDemand, 70.0, 70.0, boom))
            .event("outage", event(["abroad"], Target::Capacity, 70.0, 70.0, outage))
            .scenario()
            .expect("a scenario");
        let outcome = Ensemble::new(&scenario.compile().expect("compiles")).trials(8).run().expect("runs");
        supplyshock::report::run(&scenario, &outcome, &[]).expect("a report")
    };
    let (loses, gains) = (told(0.25, 0.5), told(-0.25, 0.5));
    assert!(loses.contains("of value added that CN loses, JP loses 0.5"), "{loses}");
    assert!(!gains.contains("For each"), "{gains}");
    let alone = told(0.25, 0.0);
    assert!(!alone.contains("For each"), "{alone}");
}

#[test]
fn work_is_lost_in_proportion_to_what_is_not_made() {
    let tables = |severity: f64| {
        let mut tables = head(7, 364)
            .goods(["cars", "ships"])
            .site("works", industry("cars", 5.0).employment(uniform(100.0, 300.0)))
            .site("yard", industry("ships", 1.0).employment(40))
            .site("idle", industry("ships", 1.0))
            .event("outage", event(["works", "yard"], Target::Capacity, 70.0, 73.0, severity));
        tables.rules.discount_rate_per_year = 0.2.into();
        tables
    };
    let model = compile(&tables(0.25));
    let outcome = Ensemble::new(&model).trials(40).run().expect("runs");
    let of_party =
        outcome.component_values(&Subject::Party("JP".into()), Component::PersonYears).expect("of JP");
    let employed = outcome.draws().expect("draws");
    // A quarter of a fifth of a year, of the drawn number and of 40.
    for (trial, work) in of_party.iter().enumerate() {
        same(*work, (employed[[trial, 0]] + 40.0) * 0.25 * 0.2);
    }
    assert!(of_party.iter().any(|work| *work > of_party[0]));
    // Work is not money: the loss is what it would be without.
    let mut unpeopled = tables(0.25);
    unpeopled.sites.values_mut().for_each(|site| site.employment = 0.0.into());
    let other = Ensemble::new(&compile(&unpeopled)).trials(1).run().expect("runs");
    let total = |outcome: &Outcome| part(outcome, "JP", Component::Total);
    let one = Ensemble::new(&model).trials(1).run().expect("runs");
    assert_eq!(total(&one), total(&other));
    assert_eq!(part(&other, "JP", Component::PersonYears), 0.0);
    // Sums that are not exact, of a demand that is no whole number a step, are no loss.
    let mut still = tables(0.0);
    still.sites["works"].outputs["cars"].final_demand_per_year = 123.4.into();
    let at_rest = Ensemble::new(&compile(&still)).trials(8).run().expect("runs");
    let work = at_rest.component_values(&Subject::Party("JP".into()), Component::PersonYears).expect("of JP");
    assert!(work.iter().all(|work| *work == 0.0), "{work:?}");
}
