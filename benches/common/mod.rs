//! The networks that are measured, and the same trials in blocks and in the plainest way.

#![allow(dead_code, reason = "every bench uses a part of it")]

use criterion::{BenchmarkGroup, Throughput, measurement::WallTime};
use std::hint::black_box;
use supplyshock::draw::Distribution;
use supplyshock::scenario::{
    About, Commodity, Date, Event, Input, Link, Output, Party, Site, Stage, Tables, Time,
};
use supplyshock::step::reference::Trial;
use supplyshock::{Ensemble, Model, Scenario};

/// Folder of the scenarios that come with the crate.
pub const SCENARIOS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios");

/// The flagship.
pub fn flagship() -> Model {
    match Scenario::load(format!("{SCENARIOS}/japan_full_cut.toml")).and_then(|s| s.compile()) {
        Ok(model) => model,
        Err(error) => panic!("{error}"),
    }
}

/// `sites` sites in `columns` chains one above the other, each of which buys of its own chain and of the next; the
/// first sites are shut for a time. With one column it is a chain.
pub fn lattice(sites: usize, columns: usize, step_days: u32, horizon_days: u32) -> Model {
    let tiers = sites / columns;
    let time = Time::new(Date::new(2026, 1, 1), horizon_days).step_days(step_days);
    let mut tables = Tables::new(About::new("lattice", "JPY"), time).party("JP", Party::new(1e12));
    for tier in 0..tiers {
        tables = tables.commodity(format!("g{tier}"), Commodity::new("t"));
    }
    for tier in 0..tiers {
        for column in 0..columns {
            let mut site = Site::new("JP", Stage::SECTOR).value_added_per_unit(1e6).spare_capacity(0.2);
            if let Some(above) = tier.checked_sub(1) {
                site = site.input(format!("g{above}"), Input::new(1, uniform(10.0, 40.0)));
                for from in [column, (column + 1) % columns].iter().take(columns.min(2)) {
                    let lead = step_days * (1 + column as u32 % 3);
                    let id = format!("s{above}_{from}>s{tier}_{column}:g{above}");
                    tables.links.insert(id, Link::new(lead));
                }
            }
            let output = Output::new();
            let last = tier + 1 == tiers;
            let output = if last { output.final_demand_per_year(1e3) } else { output };
            tables.sites.insert(format!("s{tier}_{column}"), site.output(format!("g{tier}"), output));
        }
    }
    let quake = Event::new(["s0_0"]).start_days(30).duration_days(60).severity(0.6);
    compiled("lattice", tables.event("quake", quake))
}

/// A range of which any value is as likely.
pub fn uniform(low: f64, high: f64) -> Distribution {
    match Distribution::uniform(low, high) {
        Ok(distribution) => distribution,
        Err(error) => panic!("{error}"),
    }
}

/// The model of tables.
pub fn compiled(name: &str, tables: Tables) -> Model {
    match Scenario::new(name, tables).and_then(|s| s.compile()) {
        Ok(model) => model,
        Err(error) => panic!("{error}"),
    }
}

/// The given number of trials on some threads, every step of them.
pub fn run(model: &Model, trials: u64, threads: usize) {
    let outcome = Ensemble::new(model).trials(trials).seed(1).threads(threads).every_step().run();
    let _ = black_box(outcome.map(|o| o.trials()));
}

/// `block` runs `in_blocks` trials on one thread, `reference` `plain` of them one number at a time. Throughput is in
/// trials times `per_trial`.
pub fn both(
    group: &mut BenchmarkGroup<'_, WallTime>,
    model: &Model,
    in_blocks: u64,
    plain: u64,
    per_trial: u64,
) {
    group.throughput(Throughput::Elements(in_blocks * per_trial));
    group.bench_function("block", |b| b.iter(|| run(model, in_blocks, 1)));
    group.throughput(Throughput::Elements(plain * per_trial));
    group.bench_function("reference", |b| {
        b.iter(|| {
            for trial in 0..plain {
                if let Ok(mut run) = Trial::new(model, 1, trial) {
                    run.run();
                    black_box(run.lost());
                }
            }
        });
    });
}
