//! More of a shock does not cost less, and more of a buffer does not cost more.
//!
//! On a chain this holds in every trial, for the value added by what is sold in the end. It does not hold to
//! the letter for value added on the way: plants run above the baseline while the stocks behind them fill
//! up again, and a deeper shock may have them run longer, past the horizon or not. On the flagship, with
//! value added all along, it holds in the mean.

use crate::common::head;
use crate::networks::check;
use crate::parts::{maker, uniform};
use proptest::prelude::*;
use std::cell::RefCell;
use std::collections::BTreeMap;
use supplyshock::draw::Distribution;
use supplyshock::run::Subject;
use supplyshock::scenario::{
    Commodity, Control, Draft, Input, Leaf, Link, Output, Reserve, Rules, Site, Stage, Throttle,
};
use supplyshock::step::reference::Trial;
use supplyshock::{Ensemble, Model, Scenario};

/// Width of what is drawn [days].
const RANGE: f64 = 20.0;
/// Final demand, and the value added with it, in a year.
const DEMAND: f64 = 36_500.0;
const ROUNDING: f64 = 1e-9 * DEMAND;

/// A chain of sites from ore to a good that is sold. The first plant buys ore at home in the exporting
/// country and from a third one; a reserve of ore stands by.
#[derive(Debug, Clone)]
struct Chain {
    step_days: u32,
    plants: Vec<Plant>,
    abroad: f64,
    surge: f64,
    amount: f64,
    cut: [f64; 3],
    aware: bool,
    waiting: f64,
}

#[derive(Debug, Clone)]
struct Plant {
    cover: f64,
    lead: f64,
    spare: f64,
    overtime: f64,
    restoration: f64,
    threshold: bool,
    held: f64,
}

fn chain() -> impl Strategy<Value = Chain> {
    let plant = (
        5.0..25.0,
        0.0..40.0,
        prop_oneof![Just(0.0), 0.0..0.3],
        prop_oneof![Just(1.0), 1.0..1.2],
        7.0..60.0,
        any::<bool>(),
        prop_oneof![Just(0.0), 0.0..20.0],
    )
        .prop_map(|(cover, lead, spare, overtime, restoration, threshold, held)| Plant {
            cover,
            lead,
            spare,
            overtime,
            restoration,
            threshold,
            held,
        });
    let step = prop::sample::select(vec![1, 7]);
    (
        step,
        prop::collection::vec(plant, 2..5),
        0.3..1.0,
        1.0..3.0,
        1.0..40.0,
        [0.0..60.0, 60.0..250.0, 0.4..0.9],
        any::<bool>(),
        prop_oneof![Just(0.0), 0.0..0.5],
    )
        .prop_map(|(step_days, plants, abroad, surge, amount, cut, aware, waiting)| Chain {
            step_days,
            plants,
            abroad,
            surge,
            amount,
            cut,
            aware,
            waiting,
        })
}

impl Chain {
    fn scenario(&self) -> Scenario {
        let last = self.plants.len();
        let mut t = head(self.step_days, 700).rules(Rules::new().aware_of_controls(self.aware));
        for k in 0..=last {
            t = t.commodity(format!("g{k}"), Commodity::new("t"));
        }
        let mines = [("mine", "CN", self.abroad, 1.5), ("far", "XX", 1.0 - self.abroad, self.surge)];
        for (id, country, share, surge) in mines {
            let lane = Link::new(self.plants[0].lead).share(share).surge_limit(surge);
            t = t.site(id, maker(country, "g0").spare_capacity(5)).link(format!("{id}>p1:g0"), lane);
        }
        for (k, plant) in self.plants.iter().enumerate() {
            let (demand, value) = if k + 1 == last { (DEMAND, 1) } else { (0.0, 0) };
            let throttle = if plant.threshold { Throttle::Threshold(0.8.into()) } else { Throttle::Hard };
            let input =
                Input::new(1, drawn(plant.cover)).restoration_days(plant.restoration).throttle(throttle);
            let output = Output::new()
                .stock_target_days(plant.held)
                .final_demand_per_year(demand)
                .waiting_share(self.waiting);
            let site = Site::new("JP", Stage::SECTOR)
                .spare_capacity(plant.spare)
                .overtime_max(plant.overtime)
                .value_added_per_unit(value)
                .input(format!("g{k}"), input)
                .output(format!("g{}", k + 1), output);
            t = t.site(format!("p{}", k + 1), site);
            if k > 0 {
                t = t.link(format!("p{k}>p{}:g{k}", k + 1), Link::new(plant.lead));
            }
        }
        let [onset, days, severity] = self.cut;
        let cut = Control::new(["CN"], ["JP"])
            .onset_days(drawn(onset))
            .duration_days(drawn(days))
            .severity(severity);
        t = t
            .reserve("store", Reserve::new("JP", "g0", self.amount, 0.7 * self.plants[0].cover))
            .link("store>p1:g0", Link::new(1))
            .control("cut", cut);
        Scenario::new("chain", t).expect("a chain")
    }

    /// Covers of the plants from the first on, longer by `more` days.
    fn covers(&self, more: f64, plants: std::ops::Range<usize>) -> impl Fn(Draft) -> Draft + use<> {
        let covers: Vec<_> = plants.map(|k| (k, drawn(self.plants[k].cover + more))).collect();
        move |draft| {
            covers.iter().fold(draft, |draft, (k, cover)| {
                draft.set(&format!("sites.p{}.inputs.g{k}.cover_days", k + 1), cover.clone())
            })
        }
    }
}

/// A number of days that is drawn, from `low` on.
fn drawn(low: f64) -> Leaf {
    uniform(low, low + RANGE)
}

/// Loss of each trial [JPY].
fn losses(scenario: &Scenario) -> Vec<f64> {
    let model = scenario.compile().expect("a chain");
    let loss = |trial| {
        let mut run = Trial::new(&model, 1, trial).expect("a baseline");
        run.run();
        run.lost().iter().sum()
    };
    (0..8).map(loss).collect()
}

/// A change to a chain, with its name.
type Change = (&'static str, Box<dyn Fn(Draft) -> Draft>);

/// One figure that is set.
fn set(name: &'static str, path: &'static str, leaf: impl Into<Leaf>) -> Change {
    let leaf = leaf.into();
    (name, Box::new(move |draft| draft.set(path, leaf.clone())))
}

/// Holds every trial to `sign · (loss with the change − loss without) ≥ 0`, to rounding, and each change to
/// matter in many trials.
fn compare(
    cases: u32,
    seed: u64,
    chains: &impl Strategy<Value = Chain>,
    sign: f64,
    changes: impl Fn(&Chain) -> Vec<Change>,
) {
    let moved: RefCell<BTreeMap<&str, u32>> = RefCell::default();
    check(cases, seed, chains, |chain| {
        let scenario = chain.scenario();
        let before = losses(&scenario);
        for (name, change) in changes(&chain) {
            let changed = change(scenario.edit()).finish().expect("it may be so");
            for (trial, (before, after)) in before.iter().zip(losses(&changed)).enumerate() {
                let rise = sign * (after - before);
                prop_assert!(rise >= -ROUNDING, "{name}, trial {trial}: {before} becomes {after}");
                *moved.borrow_mut().entry(name).or_default() += u32::from(rise > ROUNDING);
            }
        }
        Ok(())
    });
    let moved = moved.into_inner();
    println!("trials that moved, of {}: {moved:?}", 8 * cases);
    assert!(moved.values().all(|trials| *trials >= cases), "{moved:?}");
}

/// For buyers that know the control. One that does not learns of it from its stock: a deeper cut drains the
/// stock sooner and so has it order more elsewhere, and draw on the reserve, sooner, which in one chain of
/// some thousand spares a short stop later on.
#[test]
fn more_of_a_shock_never_costs_less() {
    let aware = chain().prop_map(|chain| Chain { aware: true, ..chain });
    compare(128, 1, &aware, 1.0, |chain| {
        vec![
            set("severity", "controls.cut.severity", chain.cut[2] + 0.1),
            set("duration", "controls.cut.duration_days", drawn(chain.cut[1] + 20.0)),
            ("scope", Box::new(|draft| draft.set("controls.cut.exporters", ["CN", "XX"]))),
        ]
    });
}

#[test]
fn more_to_fall_back_on_never_costs_more() {
    compare(128, 2, &chain(), -1.0, |chain| {
        vec![
            set("reserve", "reserves.store.amount_days", chain.amount + 10.0),
            set("surge", "links.\"far>p1:g0\".surge_limit", chain.surge + 0.3),
        ]
    });
}

/// A reserve opens when a stock is below so many days, a threshold throttle cuts when it is below a share
/// of its target: with a longer cover the cut may come before the reserve does, and cost more. So a longer
/// cover surely helps where the user of a reserve has a hard throttle, or where there is no reserve.
#[test]
fn a_longer_cover_never_costs_more() {
    let hard = chain().prop_map(|mut chain| {
        chain.plants[0].threshold = false;
        chain
    });
    let alone = chain().prop_map(|chain| Chain { amount: 0.0, ..chain });
    let covers = |chain: &Chain| -> Vec<Change> {
        let n = chain.plants.len();
        vec![
            ("all covers", Box::new(chain.covers(7.0, 0..n))),
            ("the first", Box::new(chain.covers(7.0, 0..1))),
            ("the last", Box::new(chain.covers(7.0, n - 1..n))),
        ]
    };
    compare(96, 3, &hard, -1.0, covers);
    compare(96, 4, &alone, -1.0, covers);
}

fn flagship(file: &str, change: impl FnOnce(Draft) -> Draft) -> Vec<f64> {
    let scenario = Scenario::load(format!("../scenarios/{file}")).expect("it loads");
    let model: Model = change(scenario.edit()).finish().and_then(|s| s.compile()).expect("it compiles");
    let outcome = Ensemble::new(&model).trials(2000).seed(1).run().expect("runs");
    outcome.values(&Subject::Party("JP".into())).expect("Japan")
}

#[test]
fn on_the_flagship_losses_grow_with_the_shock_and_shrink_with_stocks() {
    let full = flagship("japan_full_cut.toml", |draft| draft);
    let mean = |losses: &[f64]| losses.iter().sum::<f64>() / losses.len() as f64;
    let milder = [
        ("severity", flagship("japan_full_cut.toml", |draft| draft.set("controls.china.severity", 0.7))),
        ("duration", flagship("japan_full_cut_90_days.toml", |draft| draft)),
        ("scope", flagship("japan_heavy_cut.toml", |draft| draft)),
        (
            "stocks",
            flagship("japan_full_cut.toml", |draft| {
                let longer = Distribution::triangular(45.0, 112.5, 360.0).expect("a range");
                draft.set("assumptions.cover_heavy_metal", longer)
            }),
        ),
    ];
    for (name, losses) in &milder {
        let not = full.iter().zip(losses).filter(|(full, less)| less > full).count();
        println!(
            "{name}: {:.4} of the full loss in the mean; trials that lose more: {not}",
            mean(losses) / mean(&full)
        );
        assert!(mean(losses) < 0.99 * mean(&full), "{name}: {} and {}", mean(losses), mean(&full));
    }
}
