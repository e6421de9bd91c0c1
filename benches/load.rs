//! What it takes to load the flagship: to read and check its files, and to compile it.

mod common;

use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use supplyshock::Scenario;

fn load(c: &mut Criterion) {
    let path = format!("{}/japan_full_cut.toml", common::SCENARIOS);
    let mut group = c.benchmark_group("load");
    group.bench_function("read and check", |b| b.iter(|| black_box(Scenario::load(&path).is_ok())));
    if let Ok(scenario) = Scenario::load(&path) {
        group.bench_function("compile", |b| b.iter(|| black_box(scenario.compile().is_ok())));
    }
    group.finish();
}

criterion_group!(benches, load);
criterion_main!(benches);
