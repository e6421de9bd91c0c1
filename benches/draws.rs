//! Draws a second: addressed random numbers, and the quantiles of each distribution, a row of 1,024 trials at a time.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use supplyshock::draw::{Bounds, Distribution, DistributionError, Stream};

const ROW: usize = 1024;

fn distributions() -> Result<Vec<(&'static str, Distribution)>, DistributionError> {
    Ok(vec![
        ("uniform", Distribution::uniform(1.0, 2.0)?),
        ("triangular", Distribution::triangular(1.0, 2.0, 4.0)?),
        ("pert", Distribution::pert(1.0, 2.0, 4.0)?),
        ("beta", Distribution::beta(2.0, 3.0, 0.0, 1.0)?),
        ("normal", Distribution::normal(1.0, 0.2, Bounds::NONE)?),
        ("lognormal", Distribution::log_normal(1.0, 0.3, Bounds::NONE)?),
        ("gamma", Distribution::gamma(2.0, 1.0)?),
        ("weibull", Distribution::weibull(1.5, 1.0)?),
        ("exponential", Distribution::exponential(1.0)?),
        ("discrete", Distribution::discrete(&[1.0, 2.0, 3.0], &[0.2, 0.5, 0.3])?),
    ])
}

fn draws(c: &mut Criterion) {
    let mut group = c.benchmark_group("draws");
    group.throughput(Throughput::Elements(ROW as u64));
    let (stream, mut row) = (Stream::new(1, "sites.mine.capacity"), vec![0.0; ROW]);
    group.bench_function("uniform numbers by address", |b| {
        b.iter(|| {
            stream.fill_uniform(black_box(0), 0, &mut row);
            black_box(row[ROW - 1])
        });
    });
    let numbers = row.clone();
    let all = match distributions() {
        Ok(all) => all,
        Err(error) => panic!("{error}"),
    };
    for (name, distribution) in all {
        group.bench_function(name, |b| {
            b.iter(|| {
                row.copy_from_slice(&numbers);
                distribution.fill_quantiles(black_box(&mut row));
                black_box(row[ROW - 1])
            });
        });
    }
    group.finish();
}

criterion_group!(benches, draws);
criterion_main!(benches);
