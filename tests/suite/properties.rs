//! What holds for every network, tried on random ones.

use crate::common::{compile, head};
use crate::networks::{Network, Shocks, check, network};
use crate::parts::{Build, event, maker};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use std::cell::Cell;
use std::collections::BTreeMap;
use supplyshock::run::{Component, Subject};
use supplyshock::scenario::{Input, Link, Output, Party, Site, Stage, Tables, Target, Throttle};
use supplyshock::step::probe::yields;
use supplyshock::step::reference::Trial;
use supplyshock::{Ensemble, Model, Outcome};

const SEED: u64 = 1;

/// What was drawn in a trial, by name.
fn drawn(model: &Model, trial: u64) -> BTreeMap<String, f64> {
    model.drawn().map(str::to_owned).zip(model.draw(SEED, trial)).collect()
}

/// Activity and capacity of every site.
fn activities(run: &Trial<'_>) -> Vec<(f64, f64)> {
    run.activities().map(|a| (a.activity, a.capacity)).collect()
}

/// Value added in a year at the baseline, by trial.
fn yearly(network: &Network, model: &Model, trial: u64) -> f64 {
    let run = Trial::new(model, SEED, trial).expect("a baseline");
    let step: f64 =
        network.value_added(&drawn(model, trial)).iter().zip(activities(&run)).map(|(v, (x, _))| v * x).sum();
    step * 365.0 / f64::from(network.step_days)
}

fn run(model: &Model, trials: std::ops::Range<u64>, threads: usize) -> Outcome {
    Ensemble::new(model).range(trials).seed(SEED).threads(threads).run().expect("runs")
}

fn total(outcome: &Outcome) -> Vec<f64> {
    outcome.values(&Subject::Party("JP".into())).expect("the party")
}

#[test]
fn at_rest_nothing_moves_and_nothing_is_lost() {
    let cyclic = Cell::new(0);
    check(128, 1, &network(), |network| {
        cyclic.set(cyclic.get() + u32::from(network.has_cycle()));
        let model = compile(&network.tables(Shocks::Never));
        for trial in [0, 7] {
            let mut run = Trial::new(&model, SEED, trial).expect("a baseline");
            let usual = activities(&run);
            while run.step() {
                for (place, ((now, _), (usual, capacity))) in activities(&run).iter().zip(&usual).enumerate()
                {
                    // A site without trade at the baseline may get an order that is rounding.
                    let scale = if *usual > 0.0 { *usual } else { *capacity };
                    prop_assert!((now - usual).abs() <= 1e-9 * scale, "site {place}: {now} for {usual}");
                }
            }
        }
        let outcome = run(&model, 0..40, 1);
        for (trial, loss) in (0..).zip(total(&outcome)) {
            let bound = 1e-9 * yearly(&network, &model, trial);
            prop_assert!(loss.abs() <= bound, "trial {trial}: {loss} is above {bound}");
        }
        Ok(())
    });
    assert!(cyclic.get() >= 60, "only {} networks have a cycle", cyclic.get());
}

#[test]
fn mass_is_conserved_under_shocks() {
    check(128, 2, &network(), |network| {
        let model = compile(&network.tables(Shocks::InForce));
        // The largest residual of all trials of the range.
        let residual = run(&model, 0..64, 1).mass_balance_residual();
        prop_assert!(residual < 1e-9, "{residual}");
        Ok(())
    });
}

#[test]
fn losses_activities_and_stocks_stay_in_bounds_under_shocks() {
    check(128, 3, &network(), |network| {
        let model = compile(&network.tables(Shocks::InForce));
        let ceilings: Vec<f64> = network.sites().map(|(.., site)| site.overtime.high()).collect();
        for trial in [0, 31, 32] {
            let mut run = Trial::new(&model, SEED, trial).expect("a baseline");
            let usual = activities(&run);
            let mut steps = 0.0;
            while run.step() {
                steps += 1.0;
                in_bounds(&run, &usual, &ceilings)?;
            }
            let added = network.value_added(&drawn(&model, trial));
            for (place, value) in added.iter().enumerate() {
                let (loss, (usual, capacity)) = (run.lost()[place], usual[place]);
                let most = value * usual * steps;
                let least = value * (usual - ceilings[place] * capacity) * steps;
                prop_assert!(loss <= most * (1.0 + 1e-9), "site {place} loses {loss} of {most}");
                prop_assert!(loss >= least - 1e-9 * most, "site {place} gains {loss}, at most {least}");
            }
        }
        for loss in total(&run(&model, 0..64, 1)) {
            prop_assert!(loss.is_finite());
        }
        Ok(())
    });
}

/// Sites beyond the ceilings are the projects', without overtime.
fn in_bounds(run: &Trial<'_>, usual: &[(f64, f64)], ceilings: &[f64]) -> Result<(), TestCaseError> {
    for (place, (activity, capacity)) in activities(run).into_iter().enumerate() {
        let ceiling = ceilings.get(place).unwrap_or(&1.0) * usual[place].1 * (1.0 + 1e-12);
        prop_assert!(activity >= 0.0 && activity <= capacity * (1.0 + 1e-12), "{activity} of {capacity}");
        prop_assert!(capacity <= ceiling, "a capacity of {capacity} above {ceiling}");
    }
    for (site, commodity, stock) in run.stocks() {
        prop_assert!(stock >= 0.0 && stock.is_finite(), "{stock} of {commodity} at {site}");
    }
    Ok(())
}

#[test]
fn the_block_engine_and_the_reference_agree_to_the_bit() {
    let (cases, short, lost, dear) = (96, Cell::new(0), Cell::new(0), Cell::new(0));
    check(cases, 4, &network(), |network| {
        // A party for each country, so that imports are bills of one and gains of another.
        let mut tables =
            network.tables(Shocks::InForce).party("CN", Party::new(1e12)).party("XX", Party::new(1e12));
        tables.parties["JP"].countries = None;
        let model = compile(&tables);
        let outcome = run(&model, 0..70, 1);
        let bills: Vec<Vec<f64>> = ["JP", "CN", "XX"]
            .map(|party| {
                outcome.component_values(&Subject::Party(party.into()), Component::Price).expect("a party")
            })
            .into();
        let (mut limited, mut some_loss, mut some_bill) = (false, false, false);
        // On both sides of the borders between blocks.
        for trial in [0, 1, 30, 31, 32, 33, 63, 64, 69] {
            let mut run = Trial::new(&model, SEED, trial).expect("a baseline");
            while run.step() {
                limited |= run.activities().any(|a| a.limiting_input.is_some());
            }
            for (place, site) in model.sites().enumerate() {
                // Adding 0 turns −0 into 0. Sites without value added are no subjects of a loss.
                let loss = run.lost()[place] + 0.0;
                let Ok(block) = outcome.values(&Subject::Sector(site.into())) else { continue };
                let block = block[trial as usize] + 0.0;
                prop_assert!(loss.to_bits() == block.to_bits(), "{site}, trial {trial}: {loss} and {block}");
                some_loss |= loss.abs() > 1e-3;
            }
            let (mut sum, mut all) = (0.0, 0.0);
            for (party, bills) in bills.iter().enumerate() {
                let (bill, block) = (run.bill()[party] + 0.0, bills[trial as usize] + 0.0);
                prop_assert!(
                    bill.to_bits() == block.to_bits(),
                    "party {party}, trial {trial}: {bill} and {block}"
                );
                (sum, all) = (sum + bill, all + bill.abs());
            }
            prop_assert!(sum.abs() <= 1e-9 * all, "bills of {all} sum to {sum}");
            some_bill |= all > 1.0;
        }
        short.set(short.get() + u32::from(limited));
        lost.set(lost.get() + u32::from(some_loss));
        dear.set(dear.get() + u32::from(some_bill));
        Ok(())
    });
    let [short, lost, dear] = [short, lost, dear].map(|count| count.get());
    println!("short of an input: {short} of {cases} networks; with a loss: {lost}; with a bill: {dear}");
    assert!(short >= cases / 2, "only {short} networks were ever short");
    assert!(lost >= cases / 2, "only {lost} networks lost anything");
    assert!(dear >= cases / 5, "only {dear} networks had a bill");
}

#[test]
fn a_trial_by_itself_yields_what_it_yields_in_a_block() {
    check(128, 12, &network(), |network| {
        let model = compile(&network.tables(Shocks::InForce));
        for trial in [0, 20] {
            let whole = yields::<32>(&model, SEED, trial, usize::MAX);
            for links in [4, usize::MAX] {
                prop_assert!(
                    yields::<1>(&model, SEED, trial, links) == whole,
                    "trial {trial}, parts of {links}"
                );
            }
        }
        Ok(())
    });
}

#[test]
fn threads_and_parts_do_not_change_a_digest() {
    check(64, 5, &(network(), 1_u64..70), |(network, cut)| {
        let model = compile(&network.tables(Shocks::InForce));
        let whole = run(&model, 0..70, 1);
        for threads in [2, 3] {
            prop_assert_eq!(run(&model, 0..70, threads).digest(), whole.digest());
        }
        let merged = run(&model, cut..70, 2).merge(run(&model, 0..cut, 1)).expect("they fit");
        prop_assert_eq!(merged.digest(), whole.digest());
        Ok(())
    });
}

/// An input of the site whose use is watched: what is used, and what there is of it.
#[derive(Debug, Clone)]
struct Part {
    usage: f64,
    cover_days: f64,
    psi: f64,
    gamma: f64,
    lead: usize,
    /// Start, duration and severity of an outage at its mine.
    outage: [f64; 3],
}

/// How the inputs of a plant stand to each other.
#[derive(Debug, Clone, Copy, Default)]
struct Together {
    grouped: bool,
    /// The first two are of one kind.
    alike: bool,
    overlap: f64,
}

/// A plant with one mine an input, each of which serves the plant alone: what a mine makes is under way
/// the same step, so that activities and stocks show what was used.
fn plant(parts: &[Part], Together { grouped, alike, overlap }: Together) -> Tables {
    let good = Output::new().yield_per_unit(1.25).final_demand_per_year(3650);
    let mut plant = Site::new("JP", Stage::SECTOR)
        .value_added_per_unit(1)
        .spare_capacity(0.2)
        .overtime_max(1.1)
        .overlap(overlap)
        .output("good", good);
    let mut tables = head(7, 7 * 60)
        .goods(["good"])
        .event("boom", event(["plant"], Target::FinalDemand, 40.0, 60.0, -0.3));
    for (k, part) in parts.iter().enumerate() {
        let Part { usage, cover_days, psi, gamma, lead, outage: [start, duration, severity] } = part;
        let (ore, mine) = (format!("ore{k}"), format!("mine{k}"));
        let mut input =
            Input::new(*usage, *cover_days).throttle(Throttle::Threshold((*psi).into())).criticality(*gamma);
        input.group = grouped.then(|| "parts".to_owned());
        input.kind = (grouped && alike && k < 2).then(|| "of two makers".to_owned());
        let outage = event([mine.as_str()], Target::Capacity, *start, *duration, *severity);
        tables = tables
            .goods([ore.as_str()])
            .site(mine, maker("CN", &ore).spare_capacity(0.3))
            .link(format!("mine{k}>plant:{ore}"), Link::new(7 * *lead as u32))
            .event(format!("outage{k}"), outage);
        plant = plant.input(ore, input);
    }
    tables.site("plant", plant)
}

/// What the plant used of each input in every step, from stocks and arrivals; with activity, capacity and
/// demand in units of activity.
fn watched(parts: &[Part], together: Together) -> Vec<([f64; 3], Vec<[f64; 2]>)> {
    let model = compile(&plant(parts, together));
    let mut run = Trial::new(&model, SEED, 0).expect("a baseline");
    let mine = |run: &Trial<'_>, k: usize| {
        run.activities().find(|a| a.site == format!("mine{k}")).map_or(f64::NAN, |a| a.activity)
    };
    let stocks = |run: &Trial<'_>| run.stocks().map(|(.., stock)| stock).collect::<Vec<_>>();
    let mut sent: Vec<Vec<f64>> =
        parts.iter().enumerate().map(|(k, p)| vec![mine(&run, k); p.lead]).collect();
    let mut before = stocks(&run);
    let mut steps = Vec::new();
    while run.step() {
        let after = stocks(&run);
        let mut inputs = Vec::new();
        for k in 0..parts.len() {
            let there = before[k] + sent[k].remove(0);
            sent[k].push(mine(&run, k));
            inputs.push([there, there - after[k]]);
        }
        let plant = run.activities().find(|a| a.site == "plant").expect("the plant");
        steps.push(([plant.activity, plant.capacity, plant.demand].map(|x| x / 1.25), inputs));
        before = after;
    }
    steps
}

fn part(psi: impl Strategy<Value = f64>, gamma: impl Strategy<Value = f64>) -> impl Strategy<Value = Part> {
    let outage = [10.0..80.0, 0.0..150.0, 0.3..1.0];
    (0.2..2.0, 0.0..30.0, psi, gamma, 1_usize..4, outage).prop_map(
        |(usage, cover_days, psi, gamma, lead, outage)| Part { usage, cover_days, psi, gamma, lead, outage },
    )
}

#[test]
fn a_plant_uses_what_its_recipe_says() {
    let short = Cell::new(0);
    // Critical throughout; a threshold of 0 is the hard throttle.
    check(96, 6, &prop::collection::vec(part(Just(0.0), Just(1.0)), 1..4), |parts| {
        let mut least = f64::INFINITY;
        for (t, ([activity, ..], inputs)) in watched(&parts, Together::default()).iter().enumerate() {
            least = least.min(*activity);
            for (part, [_, used]) in parts.iter().zip(inputs) {
                let recipe = part.usage * activity;
                prop_assert!(
                    (used - recipe).abs() < 1e-9 * part.usage * 56.0,
                    "step {t}: {used} for {recipe}"
                );
            }
        }
        short.set(short.get() + u32::from(least < 50.0));
        Ok(())
    });
    assert!(short.get() >= 48, "only {} plants were short", short.get());
}

#[test]
fn partly_critical_inputs_cut_and_are_used_as_the_equations_say() {
    let bound = Cell::new(0);
    let parts = prop::collection::vec(part(0.0..1.0, 0.05..0.33), 1..4);
    let overlap = prop_oneof![Just(0.0), Just(1.0), 0.0..1.0];
    check(256, 7, &(parts, any::<[bool; 2]>(), overlap), |(mut parts, [grouped, alike], overlap)| {
        if !grouped {
            // Alone an input may matter more.
            parts.iter_mut().for_each(|p| p.gamma *= 3.0);
        }
        let steps = watched(&parts, Together { grouped, alike, overlap });
        for (t, ([activity, capacity, demand], inputs)) in steps.iter().enumerate() {
            let possible = capacity.min(*demand);
            let ratio = |k: usize| {
                let required = f64::max(1.0, parts[k].psi * (parts[k].cover_days / 7.0 + 1.0))
                    * parts[k].usage
                    * possible;
                f64::min(1.0, inputs[k][0] / required)
            };
            let cut: Vec<f64> = (0..parts.len()).map(|k| parts[k].gamma * (1.0 - ratio(k))).collect();
            // Of a kind from two makers, what is there of both counts together.
            let present = |k: usize| {
                let of_kind = (0..parts.len()).filter(|h| *h == k || (alike && k < 2 && *h < 2));
                let [there, all] = of_kind.fold([0.0, 0.0], |[there, all], h| {
                    [there + parts[h].gamma * ratio(h), all + parts[h].gamma]
                });
                there / all
            };
            let scarcest = (0..parts.len()).map(present).fold(1.0, f64::min);
            let lowest = if grouped {
                let all: f64 = parts.iter().map(|part| part.gamma).sum();
                1.0 - (1.0 - overlap) * cut.iter().sum::<f64>() - overlap * all * (1.0 - scarcest)
            } else {
                cut.iter().fold(1.0, |low, c| f64::min(low, 1.0 - c))
            };
            let near = |a: f64, b: f64| (a - b).abs() < 1e-9 * 56.0;
            prop_assert!(
                near(*activity, possible * lowest),
                "step {t}: {activity} for {}",
                possible * lowest
            );
            bound.set(bound.get() + u32::from(lowest < 0.99));
            for (k, part) in parts.iter().enumerate() {
                let others = (0..parts.len()).filter(|h| !grouped && *h != k).map(|h| 1.0 - cut[h]);
                // What is not built for want of one input uses none of the others that it would have held.
                let shared = if present(k) > 0.0 { ratio(k) * scarcest / present(k) } else { 0.0 };
                let own = if grouped { (1.0 - overlap) * ratio(k) + overlap * shared } else { ratio(k) };
                let most = part.usage * possible * others.fold(own, f64::min);
                let [there, used] = inputs[k];
                prop_assert!(near(used, most.min(there)), "step {t}, input {k}: {used} for {most}");
            }
        }
        Ok(())
    });
    assert!(bound.get() >= 1000, "only {} steps were short", bound.get());
}
