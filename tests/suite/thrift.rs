//! Users who save what has become dear: where it settles, that it settles, and that nothing moves without it.

use crate::chains::{Course, same};
use crate::common::compile;
use crate::networks::check;
use crate::parts::{Build, control, event, maker, sector, uniform};
use proptest::prelude::*;
use supplyshock::run::{Component, Subject};
use supplyshock::scenario::{
    About, Date, Draft, Leaf, Link, Market, Party, Rules, SurgeLimit, Tables, Target, Throttle, Time,
};
use supplyshock::step::reference::Trial;
use supplyshock::{Ensemble, Model, Scenario};

/// A plant of Japan that uses a unit of ore from China a day; the lane is cut to a part for a time.
struct Plant {
    step: u32,
    cover: f64,
    /// Share that passes, from day 56 on, for so many days.
    passes: f64,
    days: f64,
    /// Elasticities and cap.
    market: [f64; 3],
    thrift: Leaf,
}

impl Default for Plant {
    fn default() -> Self {
        let thrift = 0.6.into();
        Plant { step: 1, cover: 0.0, passes: 0.6, days: 1e6, market: [0.5, 0.5, 1e6], thrift }
    }
}

impl Plant {
    fn tables(&self) -> Tables {
        let [short, long, cap] = self.market;
        let time = Time::new(Date::new(2026, 1, 1), 3360).step_days(self.step);
        let market = Market::new(50, 1, short, long, cap).thrift_share(self.thrift.clone());
        let mut tables = Tables::new(About::new("thrift", "JPY"), time)
            .party("JP", Party::new(1e12))
            .party("CN", Party::new(1e12))
            .goods(["ore", "good"])
            .site("mine", maker("CN", "ore"))
            .site("plant", sector("ore", self.cover, "good", 1.0))
            .link("mine>plant:ore", Link::new(self.step).surge_limit(1))
            .control("cut", control(56.0, self.days, 1.0 - self.passes));
        tables.commodities["ore"].market = Some(market);
        tables
    }

    /// Activity of the plant as a share of the baseline, step by step.
    fn activity(&self) -> Vec<f64> {
        let step = f64::from(self.step);
        Course::of(&self.tables()).activity("plant").iter().map(|x| x / step).collect()
    }
}

fn outcome(model: &Model) -> (f64, f64, f64, f64) {
    let outcome = Ensemble::new(model).trials(1).seed(1).threads(1).run().expect("runs");
    let part = |c| outcome.component_values(&Subject::Party("JP".into()), c).expect("a party")[0];
    let markets = outcome.markets();
    let market = markets.iter().find(|m| m.country == "JP").expect("it imports");
    (part(Component::Output), part(Component::Price), market.peak_price, market.gave_way)
}

#[test]
fn a_lasting_cut_settles_where_supply_meets_what_thrift_leaves_to_need() {
    for (step, cover) in [(1, 0.0), (1, 10.0), (7, 0.0), (7, 10.0)] {
        for passes in [0.2_f64, 0.6, 0.9] {
            for share in [0.0, 0.3, 0.6, 0.95] {
                // Two years on the long-run elasticity holds. Below the cap the price clears the market and as
                // much demand is left as there is supply; at the cap more is.
                for (market, left) in [
                    ([0.5, 0.5, 1e6], passes),
                    ([0.2, 0.8, 1.3], passes.max(1.3_f64.powf(-0.8))),
                    ([0.2, 0.8, 1e6], passes),
                ] {
                    let plant =
                        Plant { step, cover, passes, market, thrift: share.into(), ..Plant::default() };
                    let used = 1.0 - share * (1.0 - left);
                    let place =
                        format!("{step} days, cover {cover}, {passes} passes, {market:?}, share {share}");
                    let activity = plant.activity();
                    let tail = &activity[activity.len() - 500 / step as usize..];
                    for x in tail {
                        same(*x, f64::min(passes / used, 1.0), &place);
                    }
                }
            }
        }
    }
}

#[test]
fn the_price_and_what_gives_way_are_those_of_the_need_before_thrift() {
    let of = |share: f64| outcome(&compile(&Plant { thrift: share.into(), ..Plant::default() }.tables()));
    let ((loss, bill, peak, gave_way), (thrifty, same_bill, same_peak, same_way)) = (of(0.0), of(0.6));
    // 0.6 of the need at an elasticity of 0.5.
    same((peak * 1e4).round() / 1e4, (0.6_f64.powf(-2.0) * 1e4).round() / 1e4, "peak");
    same(same_peak, peak, "peak with thrift");
    same(same_bill, bill, "bill");
    same(same_way, gave_way, "what gave way");
    assert!(thrifty < 0.6 * loss, "{thrifty} of {loss}");
}

#[test]
fn the_first_steps_are_those_of_a_plain_recursion() {
    // No cover, an elasticity that moves, a week a step.
    let (share, passes, theta) = (0.7, 0.5, [0.3, 0.9]);
    let plant = Plant {
        step: 7,
        passes,
        market: [theta[0], theta[1], 4.0],
        thrift: share.into(),
        ..Plant::default()
    };
    let activity = plant.activity();
    let (mut availability, mut used, mut arrives, mut stock) = (1.0_f64, 1.0_f64, 1.0_f64, 0.0);
    for (t, found) in activity.iter().enumerate().take(200) {
        stock += arrives;
        let x = f64::min(stock / used, 1.0);
        same(*found, x, &format!("step {t}"));
        stock -= used * x;
        let sent = if t >= 8 { passes } else { 1.0 };
        availability += 0.25 * (sent - availability);
        let since = ((t as f64 * 7.0 + 3.5 - 56.0) / 730.0).clamp(0.0, 1.0);
        let elasticity = theta[0] + (theta[1] - theta[0]) * since;
        let price = availability.powf(-1.0 / elasticity).min(4.0);
        used = 1.0 - share * (1.0 - price.powf(-elasticity));
        arrives = sent;
    }
    assert!(activity[199] < 0.95 && activity[199] > 0.6, "{}", activity[199]);
}

#[test]
fn the_more_thrift_the_less_is_lost_and_the_price_is_not_eased_by_it() {
    for (step, cover) in [(1, 0.0), (7, 30.0), (7, 0.0)] {
        let mut before = f64::INFINITY;
        for share in [0.0, 0.2, 0.4, 0.6, 0.8, 1.0] {
            let plant = Plant { step, cover, days: 700.0, thrift: share.into(), ..Plant::default() };
            let (loss, ..) = outcome(&compile(&plant.tables()));
            assert!(loss < before, "{loss} with {share}, {before} with less");
            before = loss;
        }
    }
}

#[test]
fn saving_never_adds_loss_on_a_chain() {
    // A ban from day 20 to day 120.
    for (step, cover, without) in [(1, 0.0, 100.0), (1, 5.0, 95.0), (7, 0.0, 100.0), (7, 5.0, 95.0)] {
        let lost = |thrift: f64| {
            let plant = Plant { step, cover, passes: 0.0, thrift: thrift.into(), ..Plant::default() };
            let tables = plant.tables().control("cut", control(20.0, 100.0, 1.0));
            Course::of(&tables).lost("plant")
        };
        let place = format!("{step} days, cover {cover}");
        if step == 1 {
            same(lost(0.0), without, &place);
        }
        let mut before = lost(0.0);
        for thrift in [0.1, 0.3, 0.5, 0.8, 0.95, 1.0] {
            let now = lost(thrift);
            assert!(now <= before * (1.0 + 1e-12), "{place}: {now} with {thrift}, {before} with less");
            before = now;
        }
    }
}

/// Step, cover, passage and days of a cut; the market; thrift, lead time and surge limit; and the site.
type Chain = ((u32, f64, f64, f64), (f64, f64, f64), (f64, u32, Option<f64>), (f64, bool, bool, f64));

#[test]
fn saving_never_adds_loss_whatever_the_chain() {
    let chains = (
        (prop_oneof![Just(1_u32), Just(7), 2..31_u32], 0.0..60.0_f64, 0.0..1.0_f64, 20.0..400.0_f64),
        (0.05..2.0_f64, 0.05..2.0_f64, prop_oneof![Just(1.05), 1.0..1e3_f64]),
        (0.0..1.0_f64, 0_u32..4, prop_oneof![Just(None), (1.0..3.0_f64).prop_map(Some)]),
        (0.0..0.5_f64, any::<bool>(), any::<bool>(), 1.0..100.0_f64),
    );
    let law = |(first, market, lane, site): Chain| {
        let ((step, cover, passes, days), (short, long, cap)) = (first, market);
        let ((thrift, lead, surge), (spare, aware, threshold, restoration)) = (lane, site);
        let lost = |thrift: f64| {
            let market = [short, long, cap];
            let plant = Plant { step, cover, passes, days, market, thrift: thrift.into() };
            let mut tables = plant.tables().rules(Rules::new().aware_of_controls(aware));
            let link = &mut tables.links["mine>plant:ore"];
            link.surge_limit = surge.map(SurgeLimit::from);
            link.lead_time_days = f64::from(lead * step).into();
            tables.sites["mine"].spare_capacity = spare.into();
            let input = &mut tables.sites["plant"].inputs["ore"];
            input.restoration_days = restoration.into();
            if threshold {
                input.throttle = Throttle::Threshold(0.8.into());
            }
            outcome(&compile(&tables)).0
        };
        let (without, with) = (lost(0.0), lost(thrift));
        prop_assert!(
            with <= without + 1e-9 * without.abs().max(1.0),
            "{with} with thrift, {without} without"
        );
        Ok(())
    };
    check(300, 7, &chains, law);
}

#[test]
fn after_a_cut_thrift_ends_and_the_plant_holds_its_usual_stock_again() {
    for (step, cover) in [(1, 0.0), (1, 40.0), (7, 0.0), (7, 40.0)] {
        for share in [0.3, 0.9, 1.0] {
            let plant = Plant { step, cover, days: 500.0, thrift: share.into(), ..Plant::default() };
            // Room to restock.
            let mut tables = plant.tables();
            tables.links["mine>plant:ore"].surge_limit = Some(1.5.into());
            tables.sites["mine"].spare_capacity = 1.into();
            let course = Course::of(&tables);
            let (activity, stock) = (course.activity("plant"), course.stock("plant", "ore"));
            let place = format!("step {step}, cover {cover}, share {share}");
            let last = activity.len() - 1;
            assert!(
                (activity[last] - f64::from(step)).abs() < 1e-6 * f64::from(step),
                "{place}: {}",
                activity[last]
            );
            assert!((stock[last] - cover).abs() < 1e-3 * (1.0 + cover), "{place}: {}", stock[last]);
        }
    }
}

#[test]
fn a_mine_that_stands_half_still_is_shared_by_users_who_save() {
    for (step, covers) in [(1, [0.0, 20.0]), (7, [0.0, 0.0]), (7, [20.0, 5.0])] {
        let plant = Plant { step, thrift: 0.7.into(), passes: 1.0, cover: covers[0], ..Plant::default() };
        let tables = plant
            .tables()
            .goods(["ware"])
            .site("mill", sector("ore", covers[1], "ware", 2.0))
            .link("mine>mill:ore", Link::new(step).surge_limit(1))
            .event("collapse", event(["mine"], Target::Capacity, 56.0, 1400.0, 0.5));
        let course = Course::of(&tables);
        let place = format!("step {step}, covers {covers:?}");
        let within = |days: std::ops::Range<u32>| (days.start / step) as usize..(days.end / step) as usize;
        let [plant, mill] = ["plant", "mill"].map(|site| course.activity(site));
        // Half of the ore for needs of 1 − 0.7 · 0.5 of the usual, who holds more cover first; then all of it again.
        for t in within(1200..1400) {
            let pace = (plant[t] + mill[t]) / f64::from(3 * step);
            assert!((pace - 0.5 / 0.65).abs() < 1e-6, "{place}: {pace}");
        }
        for t in within(2000..3300) {
            for (x, usual) in [(plant[t], step), (mill[t], 2 * step)] {
                assert!((x / f64::from(usual) - 1.0).abs() < 1e-6, "{place}: {x}");
            }
        }
    }
}

#[test]
fn no_thrift_and_thrift_that_is_drawn_as_none_give_the_same_bits() {
    let losses = |thrift: Leaf| {
        let plant = Plant { cover: 20.0, step: 7, days: 300.0, thrift, ..Plant::default() };
        let model = compile(&plant.tables());
        let outcome = Ensemble::new(&model).trials(1).seed(1).run().expect("runs");
        outcome.values(&Subject::Party("JP".into())).expect("a party")[0].to_bits()
    };
    assert_eq!(losses(0.into()), losses(uniform(0.0, 0.0)));
    assert_ne!(losses(0.into()), losses(0.1.into()));
}

/// Commodities that have a market.
fn markets(scenario: &Scenario) -> Vec<String> {
    let all = scenario.tables().commodities.iter();
    all.filter(|(_, c)| c.market.is_some()).map(|(id, _)| id.clone()).collect()
}

#[test]
fn without_a_shock_thrift_moves_no_bit() {
    let base = Scenario::load("../scenarios/japan_base.toml").expect("it loads");
    let markets = markets(&base);
    assert!(markets.len() > 5);
    let path = |id: &String| format!("commodities.{id}.market.thrift_share");
    let thrifty =
        markets.iter().fold(base.edit(), |draft, id| draft.set(&path(id), 0.8)).finish().expect("shares");
    let run = |scenario: &Scenario| {
        let model = scenario.compile().expect("compiles");
        let mut run = Trial::new(&model, 3, 0).expect("a baseline");
        run.run();
        run.lost().iter().map(|x| x.to_bits()).collect::<Vec<_>>()
    };
    assert_eq!(run(&base), run(&thrifty));
}

#[test]
fn both_engines_save_the_same_to_the_bit() {
    let full = Scenario::load("../scenarios/japan_full_cut.toml").expect("it loads");
    let markets = markets(&full);
    let drawn = |draft: Draft, id: &String| {
        let path = |key: &str| format!("commodities.{id}.market.{key}");
        // Of every other good stocks count.
        let draft = draft.set(&path("thrift_share"), uniform(0.0, 1.0));
        let even = markets.iter().position(|other| other == id).is_some_and(|number| number % 2 == 0);
        if even { draft.set(&path("look_ahead_days"), uniform(0.0, 60.0)) } else { draft }
    };
    let scenario = markets.iter().fold(full.edit(), drawn).finish().expect("shares");
    let (model, plain) = (scenario.compile().expect("compiles"), full.compile().expect("compiles"));
    let outcome = Ensemble::new(&model).trials(20).seed(9).run().expect("runs");
    let mut moved = 0;
    for trial in 0..20 {
        let run = |model: &Model| {
            let mut run = Trial::new(model, 9, trial).expect("a baseline");
            run.run();
            run.lost().to_vec()
        };
        let (lost, without) = (run(&model), run(&plain));
        for sector in outcome.sectors() {
            let n = model.sites().position(|s| s == sector).expect("a site");
            let block =
                outcome.values(&Subject::Sector(sector.to_owned())).expect("a sector")[trial as usize];
            assert_eq!(block.to_bits(), lost[n].to_bits(), "{sector}, trial {trial}");
            moved += u32::from(lost[n] != without[n]);
        }
    }
    assert!(moved > 20, "{moved} losses moved");
}
