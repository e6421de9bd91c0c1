//! More of a shock does not cost less, and more of a buffer does not cost more.
//!
//! On a chain this holds in every trial, for the value added by what is sold in the end. It does not hold to
//! the letter for value added on the way: plants run above the baseline while the stocks behind them fill
//! up again, and a deeper shock may have them run longer, past the horizon or not. On the flagship, with
//! value added all along, it holds in the mean.

use crate::common::head;
use crate::networks::check;
use proptest::prelude::*;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use supplyshock::run::Subject;
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
    fn text(&self) -> String {
        let mut out = head(self.step_days, 700);
        let last = self.plants.len();
        writeln!(out, "[rules]\naware_of_controls = {}\n[commodities]", self.aware).unwrap();
        (0..=last).for_each(|k| writeln!(out, "g{k} = {{ unit = \"t\" }}").unwrap());
        let lead = self.plants[0].lead;
        let mines = [("mine", "CN", self.abroad, 1.5), ("far", "XX", 1.0 - self.abroad, self.surge)];
        for (id, country, _, _) in mines {
            writeln!(out, "[sites.{id}]\ncountry = \"{country}\"\nstage = \"mine\"").unwrap();
            writeln!(out, "spare_capacity = 5\noutputs.g0 = {{}}").unwrap();
        }
        for (k, plant) in (1..).zip(&self.plants) {
            let Plant { cover, spare, overtime, restoration, threshold, held, .. } = plant;
            let throttle = if *threshold { "threshold" } else { "hard" };
            let (demand, value) = if k == last { (DEMAND, 1) } else { (0.0, 0) };
            writeln!(
                out,
                "[sites.p{k}]\ncountry = \"JP\"\nstage = \"sector\"\nspare_capacity = {spare}\n\
                 overtime_max = {overtime}\nvalue_added_per_unit = {value}\n\
                 [sites.p{k}.inputs.g{}]\nuse_per_unit = 1\ncover_days = {}\n\
                 restoration_days = {restoration}\nthrottle = \"{throttle}\"\n\
                 [sites.p{k}.outputs.g{k}]\nstock_target_days = {held}\n\
                 final_demand_per_year = {demand}\nwaiting_share = {}",
                k - 1,
                drawn(*cover),
                self.waiting
            )
            .unwrap();
        }
        let [onset, days, severity] = self.cut;
        writeln!(
            out,
            "[reserves.store]\ncountry = \"JP\"\ncommodity = \"g0\"\namount_days = {}\ntrigger_days = {}\n\
             [links.\"store>p1:g0\"]\nlead_time_days = 1\n\
             [controls.cut]\nexporters = [\"CN\"]\nimporters = [\"JP\"]\nonset_days = {}\n\
             duration_days = {}\nseverity = {severity}",
            self.amount,
            0.7 * self.plants[0].cover,
            drawn(onset),
            drawn(days)
        )
        .unwrap();
        for (id, _, share, surge) in mines {
            writeln!(
                out,
                "[links.\"{id}>p1:g0\"]\nlead_time_days = {lead}\nshare = {share}\nsurge_limit = {surge}"
            )
            .unwrap();
        }
        for (k, plant) in (1..).zip(&self.plants[1..]) {
            writeln!(out, "[links.\"p{k}>p{}:g{k}\"]\nlead_time_days = {}", k + 1, plant.lead).unwrap();
        }
        out
    }

    /// Covers of the plants from the first on, longer by `more` days.
    fn covers(&self, more: f64) -> Vec<String> {
        let plants = self.plants.iter().enumerate();
        plants
            .map(|(k, p)| format!("sites.p{}.inputs.g{k}.cover_days={}", k + 1, drawn(p.cover + more)))
            .collect()
    }
}

/// A number of days that is drawn, from `low` on.
fn drawn(low: f64) -> String {
    format!("{{ uniform = {{ low = {low}, high = {} }} }}", low + RANGE)
}

/// Loss of each trial [JPY].
fn losses(file: &Path, set: &[String]) -> Vec<f64> {
    let model = Scenario::load_with(file, set).and_then(|s| s.compile()).expect("a chain");
    let loss = |trial| {
        let mut run = Trial::new(&model, 1, trial).expect("a baseline");
        run.run();
        run.lost().iter().sum()
    };
    (0..8).map(loss).collect()
}

/// Holds every trial to `sign · (loss with the change − loss without) ≥ 0`, to rounding, and each change to
/// matter in many trials.
fn compare(
    cases: u32,
    seed: u64,
    chains: &impl Strategy<Value = Chain>,
    sign: f64,
    changes: impl Fn(&Chain) -> Vec<(&'static str, Vec<String>)>,
) {
    let folder = tempfile::tempdir().expect("a folder");
    let moved: RefCell<BTreeMap<&str, u32>> = RefCell::default();
    check(cases, seed, chains, |chain| {
        let file = folder.path().join("chain.toml");
        std::fs::write(&file, chain.text()).expect("a file");
        let before = losses(&file, &[]);
        for (name, set) in changes(&chain) {
            for (trial, (before, after)) in before.iter().zip(losses(&file, &set)).enumerate() {
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
            ("severity", vec![format!("controls.cut.severity={}", chain.cut[2] + 0.1)]),
            ("duration", vec![format!("controls.cut.duration_days={}", drawn(chain.cut[1] + 20.0))]),
            ("scope", vec!["controls.cut.exporters=[\"CN\", \"XX\"]".into()]),
        ]
    });
}

#[test]
fn more_to_fall_back_on_never_costs_more() {
    compare(128, 2, &chain(), -1.0, |chain| {
        vec![
            ("reserve", vec![format!("reserves.store.amount_days={}", chain.amount + 10.0)]),
            ("surge", vec![format!("links.\"far>p1:g0\".surge_limit={}", chain.surge + 0.3)]),
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
    let covers = |chain: &Chain| {
        let (first, last) =
            (chain.covers(7.0)[..1].to_vec(), chain.covers(7.0).split_off(chain.plants.len() - 1));
        vec![("all covers", chain.covers(7.0)), ("the first", first), ("the last", last)]
    };
    compare(96, 3, &hard, -1.0, covers);
    compare(96, 4, &alone, -1.0, covers);
}

fn flagship(file: &str, set: &[&str]) -> Vec<f64> {
    let model: Model = Scenario::load_with(Path::new("../scenarios").join(file), set)
        .and_then(|s| s.compile())
        .expect("it compiles");
    let outcome = Ensemble::new(&model).trials(2000).seed(1).run().expect("runs");
    outcome.values(&Subject::Party("JP".into())).expect("Japan")
}

#[test]
fn on_the_flagship_losses_grow_with_the_shock_and_shrink_with_stocks() {
    let full = flagship("japan_full_cut.toml", &[]);
    let mean = |losses: &[f64]| losses.iter().sum::<f64>() / losses.len() as f64;
    let milder = [
        ("severity", flagship("japan_full_cut.toml", &["controls.china.severity=0.7"])),
        ("duration", flagship("japan_full_cut_90_days.toml", &[])),
        ("scope", flagship("japan_heavy_cut.toml", &[])),
        (
            "stocks",
            flagship(
                "japan_full_cut.toml",
                &["assumptions.cover_heavy_metal={ triangular = { low = 45, mode = 112.5, high = 360 } }"],
            ),
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
