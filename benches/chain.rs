//! Trials a second of a chain of 4 sites in series over 365 daily steps, the first of which is shut for 60 days.

mod common;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use supplyshock::Ensemble;

fn chain(c: &mut Criterion) {
    let model = common::lattice(4, 1, 1, 365);
    let mut group = c.benchmark_group("chain/trials");
    common::both(&mut group, &model, 65_536, 256, 1);
    group.throughput(Throughput::Elements(65_536));
    group.bench_function("block, two threads", |b| b.iter(|| common::run(&model, 65_536, 2)));
    // What it adds to leave out steps that change nothing.
    group.bench_function("rest left out", |b| {
        b.iter(|| black_box(Ensemble::new(&model).trials(65_536).seed(1).threads(1).run().is_ok()));
    });
    group.finish();
}

criterion_group!(benches, chain);
criterion_main!(benches);
