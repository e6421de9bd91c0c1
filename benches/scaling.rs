//! How speed depends on the network and on threads: lattices of 100 to 100,000 sites with two links a site, and the
//! flagship on one to all threads.

mod common;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::thread::available_parallelism;

fn sites(c: &mut Criterion) {
    for sites in [100, 1_000, 10_000, 100_000] {
        let model = common::lattice(sites, sites / 10, 7, 364);
        let link_steps = (model.links().count() * model.steps()) as u64;
        let mut group = c.benchmark_group(format!("sites/{sites}/link_steps"));
        group.sample_size(10);
        let trials = (64_000 / sites as u64).next_multiple_of(32).max(32);
        common::both(&mut group, &model, trials, 1, link_steps);
        group.finish();
    }
}

fn threads(c: &mut Criterion) {
    let model = common::flagship();
    let mut group = c.benchmark_group("threads/trials");
    group.throughput(Throughput::Elements(2048));
    let most = available_parallelism().map_or(1, usize::from);
    for threads in (0..).map(|power| 1 << power).take_while(|threads| *threads < most).chain([most]) {
        group.bench_function(threads.to_string(), |b| b.iter(|| common::run(&model, 2048, threads)));
    }
    group.finish();
}

criterion_group!(benches, sites, threads);
criterion_main!(benches);
