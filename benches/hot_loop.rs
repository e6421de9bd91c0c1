//! Trials and link-steps a second on the flagship: the block engine against the plainest Rust.
//!
//! Both run the same trials on one thread, draws and baselines included, so that their ratio is seen in
//! one run. Throughput is given in both units.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use supplyshock::engine::reference::Trial;
use supplyshock::{Ensemble, Scenario};

fn hot_loop(c: &mut Criterion) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/japan_full_cut.toml");
    let model = match Scenario::load(path).and_then(|s| s.compile()) {
        Ok(model) => model,
        Err(error) => panic!("{error}"),
    };
    let link_steps = (model.links().count() * model.steps()) as u64;

    for (unit, per_trial) in [("trials", 1), ("link_steps", link_steps)] {
        let mut group = c.benchmark_group(format!("hot_loop/{unit}"));
        let trials = 512;
        group.throughput(Throughput::Elements(trials * per_trial));
        group.bench_function("block", |b| {
            b.iter(|| {
                let outcome = Ensemble::new(&model).trials(trials).seed(1).threads(1).run();
                black_box(outcome.map(|o| o.trials()))
            });
        });
        let trials = 16;
        group.throughput(Throughput::Elements(trials * per_trial));
        group.bench_function("reference", |b| {
            b.iter(|| {
                for trial in 0..trials {
                    if let Ok(mut run) = Trial::new(&model, 1, trial) {
                        run.run();
                        black_box(run.lost());
                    }
                }
            });
        });
        group.finish();
    }
}

criterion_group!(benches, hot_loop);
criterion_main!(benches);
