//! The networks that are measured, and the same trials in blocks and in the plainest way.

#![allow(dead_code, reason = "every bench uses a part of it")]

use criterion::{BenchmarkGroup, Throughput, measurement::WallTime};
use std::fmt::Write as _;
use std::hint::black_box;
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
    let mut text = format!(
        "[scenario]\ncurrency = \"JPY\"\ntitle = \"lattice\"\n[time]\nstart = 2026-01-01\nstep_days = {step_days}\n\
         horizon_days = {horizon_days}\n[parties.JP]\ngdp_per_year = 1e12\n[commodities]\n"
    );
    for tier in 0..tiers {
        let _ = writeln!(text, "g{tier} = {{ unit = \"t\" }}");
    }
    let mut links = String::new();
    for tier in 0..tiers {
        for column in 0..columns {
            let _ = writeln!(text, "[sites.s{tier}_{column}]\ncountry = \"JP\"\nstage = \"sector\"");
            let _ = writeln!(text, "value_added_per_unit = 1e6\nspare_capacity = 0.2");
            if tier > 0 {
                let _ = writeln!(
                    text,
                    "inputs.g{} = {{ use_per_unit = 1, cover_days = {{ uniform = {{ low = 10, high = 40 }} }} }}",
                    tier - 1
                );
                for from in [column, (column + 1) % columns].iter().take(columns.min(2)) {
                    let _ = writeln!(
                        links,
                        "[links.\"s{}_{from}>s{tier}_{column}:g{}\"]\nlead_time_days = {}",
                        tier - 1,
                        tier - 1,
                        step_days * (1 + column as u32 % 3)
                    );
                }
            }
            let last = if tier + 1 == tiers { "final_demand_per_year = 1e3" } else { "" };
            let _ = writeln!(text, "outputs.g{tier} = {{ {last} }}");
        }
    }
    let _ = writeln!(
        text,
        "{links}[events.quake]\nsites = [\"s0_0\"]\nstart_days = 30\nduration_days = 60\nseverity = 0.6"
    );
    match Scenario::parse("lattice.toml", &text).and_then(|s| s.compile()) {
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
