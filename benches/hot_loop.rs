//! Trials and link-steps a second on the flagship: the block engine against the plainest Rust.
//!
//! Both run the same trials on one thread, draws and baselines included, so that their ratio is seen in
//! one run. Throughput is given in both units; `baselines` is what a trial takes before its first step.

mod common;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use supplyshock::Ensemble;

fn hot_loop(c: &mut Criterion) {
    let model = common::flagship();
    let link_steps = (model.links().count() * model.steps()) as u64;
    for (unit, per_trial) in [("trials", 1), ("link_steps", link_steps)] {
        let mut group = c.benchmark_group(format!("hot_loop/{unit}"));
        common::both(&mut group, &model, 512, 16, per_trial);
        group.finish();
    }
    let mut group = c.benchmark_group("hot_loop/baselines");
    group.throughput(Throughput::Elements(512));
    group.bench_function("block", |b| {
        b.iter(|| black_box(Ensemble::new(&model).trials(512).seed(1).check_baselines().is_ok()));
    });
    group.finish();
}

criterion_group!(benches, hot_loop);
criterion_main!(benches);
