//! Trials a second of input-output tables of 48, 200 and 800 industries over 365 days, a tenth of them short of capacity.
//!
//! Both run the same trials on one thread, so that their ratio is seen in one run; the smallest is run on two as well.

mod common;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use supplyshock::Model;
use supplyshock::scenario::{About, Date, Event, Ids, InputOutput, IoTable, Party, Tables, Time};

/// A table in which everybody buys of everybody, with drawn inventories so that no two trials are the same.
fn model(regions: usize, sectors: usize) -> Model {
    let n = regions * sectors;
    let label = |i: usize| format!("R{}|s{}", i / sectors, i % sectors);
    let row = |i: usize| (0..n).map(|j| (1 + (7 * i + 3 * j) % 11) as f64).collect();
    let demand = (0..n).map(|i| (6 * n + 12 + i) as f64).collect();
    let figures = InputOutput::new((0..n).map(label).collect::<Ids>(), (0..n).map(row).collect(), demand);
    let mut tables =
        Tables::new(About::new("ario", "JPY"), Time::new(Date::new(2026, 1, 1), 365).step_days(1))
            .io_table("world", IoTable::new(figures).inventory_days(common::uniform(60.0, 120.0)));
    for r in 0..regions {
        tables = tables.party(format!("R{r}"), Party::new(1e4));
    }
    let hit: Ids = (0..n).step_by(10).map(label).collect();
    let quake = Event::new(hit).start_days(10).duration_days(60).severity(0.6);
    common::compiled("ario", tables.event("quake", quake))
}

fn ario(c: &mut Criterion) {
    for (regions, sectors, in_blocks, plain) in [(4, 12, 128, 8), (10, 20, 16, 1), (20, 40, 1, 1)] {
        let mut group = c.benchmark_group(format!("ario/{}/trials", regions * sectors));
        group.sample_size(10);
        let model = model(regions, sectors);
        common::both(&mut group, &model, in_blocks, plain, 1);
        if in_blocks > 16 {
            group.throughput(Throughput::Elements(in_blocks));
            group.bench_function("block, two threads", |b| b.iter(|| common::run(&model, in_blocks, 2)));
        }
        group.finish();
    }
}

criterion_group!(benches, ario);
criterion_main!(benches);
