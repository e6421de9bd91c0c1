//! What it costs to watch a run of the flagship block by block, to write its outcome and read it, and to merge parts.

mod common;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use std::ops::ControlFlow;
use std::sync::Mutex;
use supplyshock::run::FinishedBlock;
use supplyshock::{Ensemble, Outcome};

const TRIALS: u64 = 8192;

fn watched(c: &mut Criterion) {
    let ensemble = Ensemble::new(&common::flagship()).trials(TRIALS).seed(1).threads(1);
    let mut group = c.benchmark_group("results/run");
    group.throughput(Throughput::Elements(TRIALS)).sample_size(20);
    group.bench_function("alone", |b| b.iter(|| black_box(ensemble.run().is_ok())));
    group.bench_function("watched", |b| {
        b.iter(|| {
            // All losses, added up by column.
            let sums = Mutex::new(Vec::new());
            let outcome = ensemble.run_observed(&|block: &FinishedBlock<'_>| {
                let of_block = block.losses.columns().into_iter().map(|column| column.sum());
                let mut sums = sums.lock().unwrap_or_else(|e| e.into_inner());
                sums.resize(block.losses.ncols(), 0.0);
                sums.iter_mut().zip(of_block).for_each(|(sum, x)| *sum += x);
                ControlFlow::Continue(())
            });
            black_box((outcome.is_ok(), sums))
        });
    });
    group.finish();
}

fn stored(c: &mut Criterion) {
    let ensemble = Ensemble::new(&common::flagship()).seed(1);
    let part = |k: u64| ensemble.clone().range(k * TRIALS / 8..(k + 1) * TRIALS / 8).run();
    let parts: Vec<Outcome> = (0..8).filter_map(|k| part(k).ok()).collect();
    let Ok(whole) = Outcome::merge_all(parts.clone()) else { return };
    let mut bytes = Vec::new();
    if whole.to_writer(&mut bytes).is_err() {
        return;
    }
    let mut group = c.benchmark_group("results/outcome");
    group.throughput(Throughput::Bytes(bytes.len() as u64)).sample_size(20);
    group.bench_function("write", |b| {
        b.iter(|| {
            let mut bytes = Vec::with_capacity(bytes.len());
            black_box(whole.to_writer(&mut bytes).is_ok())
        });
    });
    group.bench_function("read", |b| b.iter(|| black_box(Outcome::from_reader(bytes.as_slice()).is_ok())));
    group.bench_function("merge 8 parts", |b| {
        b.iter_batched(
            || parts.clone(),
            |parts| black_box(Outcome::merge_all(parts).is_ok()),
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

criterion_group!(benches, watched, stored);
criterion_main!(benches);
