//! Trials a second of input-output tables of 48, 200 and 800 industries over 365 days, a tenth of them short of capacity.
//!
//! Both run the same trials on one thread, so that their ratio is seen in one run; the smallest is run on two as well.

mod common;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::fmt::Write as _;
use supplyshock::{Model, Scenario};

/// A table in which everybody buys of everybody, with drawn inventories so that no two trials are the same.
fn model(regions: usize, sectors: usize) -> Result<Model, Box<dyn std::error::Error>> {
    let n = regions * sectors;
    let label = |i: usize| format!("R{}|s{}", i / sectors, i % sectors);
    let labels: Vec<String> = (0..n).map(label).collect();
    let mut z = format!(",{}\n", labels.join(","));
    let mut y = "label,final\n".to_owned();
    for (i, label) in labels.iter().enumerate() {
        let row: Vec<String> = (0..n).map(|j| (1 + (7 * i + 3 * j) % 11).to_string()).collect();
        let _ = writeln!(z, "{label},{}", row.join(","));
        let _ = writeln!(y, "{label},{}", 6 * n + 12 + i);
    }
    let mut text =
        "[scenario]\ncurrency = \"JPY\"\ntitle = \"ario\"\n[time]\nstart = 2026-01-01\nstep_days = 1\nhorizon_days = 365\n\
        [io_tables.world]\nflows = \"Z.csv\"\ndemand = \"Y.csv\"\n\
        inventory_days = { uniform = { low = 60, high = 120 } }\n"
            .to_owned();
    for r in 0..regions {
        let _ = writeln!(text, "[parties.R{r}]\ngdp_per_year = 1e4");
    }
    let hit: Vec<String> = (0..n).step_by(10).map(|i| format!("\"{}\"", label(i))).collect();
    let _ = writeln!(
        text,
        "[events.quake]\nsites = [{}]\nstart_days = 10\nduration_days = 60\nseverity = 0.6",
        hit.join(", ")
    );
    let folder = tempfile::tempdir()?;
    for (name, text) in [("Z.csv", &z), ("Y.csv", &y), ("scenario.toml", &text)] {
        std::fs::write(folder.path().join(name), text)?;
    }
    Ok(Scenario::load(folder.path().join("scenario.toml"))?.compile()?)
}

fn ario(c: &mut Criterion) {
    for (regions, sectors, in_blocks, plain) in [(4, 12, 128, 8), (10, 20, 16, 1), (20, 40, 1, 1)] {
        let mut group = c.benchmark_group(format!("ario/{}/trials", regions * sectors));
        group.sample_size(10);
        let model = match model(regions, sectors) {
            Ok(model) => model,
            Err(error) => panic!("{error}"),
        };
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
