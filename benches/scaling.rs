//! How speed depends on the network and on threads: a chain of 4 sites in daily steps, lattices of 100 to 10,000 sites
//! with two links a site, and what it takes to load the flagship.

mod common;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use supplyshock::{Ensemble, Scenario};

fn chain(c: &mut Criterion) {
    let model = common::lattice(4, 1, 1, 365);
    let mut group = c.benchmark_group("chain/trials");
    common::both(&mut group, &model, 16_384, 256, 1);
    group.throughput(Throughput::Elements(16_384));
    group.bench_function("block, two threads", |b| b.iter(|| common::run(&model, 16_384, 2)));
    // What it adds to leave out steps that change nothing.
    group.bench_function("rest left out", |b| {
        b.iter(|| black_box(Ensemble::new(&model).trials(16_384).seed(1).threads(1).run().is_ok()));
    });
    group.finish();
}

fn sites(c: &mut Criterion) {
    for sites in [100, 1_000, 10_000] {
        let model = common::lattice(sites, sites / 10, 7, 364);
        let link_steps = (model.links().count() * model.steps()) as u64;
        let mut group = c.benchmark_group(format!("sites/{sites}/link_steps"));
        group.sample_size(10);
        let trials = 64_000 / sites as u64;
        common::both(&mut group, &model, trials.next_multiple_of(16), 2, link_steps);
        group.finish();
    }
}

fn threads(c: &mut Criterion) {
    let model = common::flagship();
    let mut group = c.benchmark_group("threads/trials");
    group.throughput(Throughput::Elements(2048));
    for threads in [1, 2] {
        group.bench_function(threads.to_string(), |b| b.iter(|| common::run(&model, 2048, threads)));
    }
    group.finish();
}

fn load(c: &mut Criterion) {
    let path = format!("{}/japan_full_cut.toml", common::SCENARIOS);
    let mut group = c.benchmark_group("load");
    group.bench_function("read and check", |b| b.iter(|| black_box(Scenario::load(&path).is_ok())));
    if let Ok(scenario) = Scenario::load(&path) {
        group.bench_function("compile", |b| b.iter(|| black_box(scenario.compile().is_ok())));
    }
    group.finish();
}

criterion_group!(benches, chain, sites, threads, load);
criterion_main!(benches);
