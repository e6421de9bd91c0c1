//! What a trial of the flagship takes: the block engine against the plainest Rust, by phase, by the size of the block and
//! by instruction set.
//!
//! `link_steps` and `trials` run the same trials on one thread, draws and baselines included, so that the ratio to the
//! plain version is seen in one run. `baselines` is what a trial takes before its first step. `bare` are networks without
//! an economy and `economy` is one with, of the size that numpy is set against: whole runs, and steps alone.

#[path = "common/bare.rs"]
mod bare;
mod common;
#[path = "common/economy.rs"]
mod economy;

use criterion::{
    BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime,
};
use std::hint::black_box;
use std::time::Duration;
use supplyshock::step::probe::{PARTS, Probe, instruction_sets};
use supplyshock::{Ensemble, Model};

fn whole(c: &mut Criterion) {
    let model = common::flagship();
    let link_steps = (model.links().count() * model.steps()) as u64;
    for (unit, per_trial) in [("trials", 1), ("link_steps", link_steps)] {
        let mut group = c.benchmark_group(format!("hot_loop/{unit}"));
        common::both(&mut group, &model, 2048, 16, per_trial);
        group.finish();
    }
    let mut group = c.benchmark_group("hot_loop/baselines");
    group.throughput(Throughput::Elements(512));
    group.bench_function("block", |b| {
        b.iter(|| black_box(Ensemble::new(&model).trials(512).seed(1).check_baselines().is_ok()));
    });
    group.finish();
}

/// Blocks of 32, the time of one part at a time; `steps` is all but the preparation and the start.
fn phases(c: &mut Criterion) {
    let model = common::flagship();
    let mut probe = Probe::<32>::new(&model, None);
    let mut group = c.benchmark_group("hot_loop/phases");
    group.throughput(Throughput::Elements(32 * (model.links().count() * model.steps()) as u64));
    let mut part = |name: &str, first: usize, last: usize| {
        group.bench_function(name, |b| {
            b.iter_custom(|times| {
                (0..times).map(|_| probe.run()[first..=last].iter().sum::<Duration>()).sum()
            });
        });
    };
    for (number, name) in PARTS.iter().enumerate() {
        part(name, number, number);
    }
    part("steps", 2, PARTS.len() - 1);
    group.finish();
}

fn sized<const B: usize>(group: &mut BenchmarkGroup<'_, WallTime>, model: &Model) {
    let mut probe = Probe::<B>::new(model, None);
    group.throughput(Throughput::Elements((B * model.links().count() * model.steps()) as u64));
    group.bench_function(B.to_string(), |b| b.iter(|| black_box(probe.run())));
}

fn sizes_and_sets(c: &mut Criterion) {
    let model = common::flagship();
    let mut group = c.benchmark_group("hot_loop/block_size");
    sized::<1>(&mut group, &model);
    sized::<16>(&mut group, &model);
    sized::<32>(&mut group, &model);
    sized::<64>(&mut group, &model);
    group.finish();
    let mut group = c.benchmark_group("hot_loop/instructions");
    group.throughput(Throughput::Elements(32 * (model.links().count() * model.steps()) as u64));
    for (name, set) in instruction_sets() {
        let mut probe = Probe::<32>::new(&model, Some(set));
        group.bench_function(name, |b| b.iter(|| black_box(probe.run())));
    }
    group.finish();
}

fn beside_numpy(c: &mut Criterion) {
    let networks = [
        ("bare/150", bare::bare(150)),
        ("bare/283", bare::bare(283)),
        ("economy/283", economy::economy(true)),
    ];
    for (name, model) in networks {
        let link_steps = (model.links().count() * model.steps()) as u64;
        let mut group = c.benchmark_group(format!("hot_loop/{name}"));
        common::both(&mut group, &model, 8192, 64, link_steps);
        let mut probe = Probe::<32>::new(&model, None);
        group.throughput(Throughput::Elements(32 * link_steps));
        group.bench_function("steps", |b| b.iter_custom(|times| (0..times).map(|_| steps(&mut probe)).sum()));
        group.finish();
    }
}

/// Time that the steps of the next block take.
fn steps(probe: &mut Probe<'_, 32>) -> Duration {
    probe.run()[2..].iter().sum()
}

criterion_group!(benches, whole, phases, sizes_and_sets, beside_numpy);
criterion_main!(benches);
