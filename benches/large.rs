//! Scale-free networks: what it takes to make one, and link-steps a second in networks that no cache holds.
//!
//! With `SUPPLYSHOCK_LARGE=1000000` it makes a network of that many sites instead, runs one trial of
//! `SUPPLYSHOCK_STEPS` steps (100 unless given), and prints the time of each part and the most memory taken until then.

#[path = "common/scale_free.rs"]
mod scale_free;

use criterion::{BatchSize, Criterion, Throughput, criterion_group};
use scale_free::LINKS_PER_SITE;
use std::hint::black_box;
use std::time::Instant;
use supplyshock::{Ensemble, Error, Scenario};

/// Steps of a trial.
const STEPS: u32 = 100;

fn load(c: &mut Criterion) {
    const SITES: usize = 10_000;
    let mut group = c.benchmark_group("large/load");
    group.sample_size(10);
    group.throughput(Throughput::Elements((SITES * LINKS_PER_SITE) as u64));
    group.bench_function("generate", |b| b.iter(|| black_box(scale_free::tables(SITES, STEPS).links.len())));
    let tables = scale_free::tables(SITES, STEPS);
    group.bench_function("check", |b| {
        b.iter_batched(
            || tables.clone(),
            |tables| black_box(Scenario::new("scale_free", tables).is_ok()),
            BatchSize::LargeInput,
        );
    });
    let scenario = scale_free::scenario(SITES, STEPS);
    group.bench_function("compile", |b| b.iter(|| black_box(scenario.compile().is_ok())));
    group.finish();
}

/// Whether the benches are only tried, not measured.
fn tried() -> bool {
    !std::env::args().any(|a| a == "--bench") || std::env::args().any(|a| a == "--test")
}

fn trials(c: &mut Criterion) {
    let sizes: &[usize] = if tried() { &[1_000] } else { &[10_000, 100_000] };
    for &sites in sizes {
        let mut group = c.benchmark_group(format!("large/trials/{sites}/link_steps"));
        group.sample_size(10);
        // Made by the first that is run, so that what a filter leaves out takes no time.
        let mut model = None;
        // One alone, and some blocks for each of two threads.
        for trials in [1, 64] {
            group.throughput(Throughput::Elements(
                trials * (sites * LINKS_PER_SITE) as u64 * u64::from(STEPS),
            ));
            group.bench_function(trials.to_string(), |b| {
                let model = model.get_or_insert_with(|| match scale_free::scenario(sites, STEPS).compile() {
                    Ok(model) => model,
                    Err(error) => panic!("{error}"),
                });
                let run = || black_box(Ensemble::new(model).trials(trials).seed(1).run().is_ok());
                // The first run of a process gets its memory from the system.
                run();
                b.iter(run);
            });
        }
        group.finish();
    }
}

criterion_group!(benches, load, trials);

/// Most memory that the process has had so far, where the system tells.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|l| l.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kilobytes.map_or_else(|| "unknown".to_owned(), |kb| format!("{:.2} GiB", kb / f64::from(1 << 20)))
}

/// Makes a network of `sites` sites and runs one trial.
fn once(sites: usize, steps: u32) -> Result<(), Error> {
    let mut begun = Instant::now();
    let mut told = |what: &str| {
        println!("{what:<12} {:8.2} s   peak so far {}", begun.elapsed().as_secs_f64(), peak());
        begun = Instant::now();
    };
    println!("{sites} sites, {} links, {steps} steps", sites * LINKS_PER_SITE);
    let tables = scale_free::tables(sites, steps);
    told("generate");
    let scenario = Scenario::new("scale_free", tables)?;
    told("check");
    let model = scenario.compile()?;
    drop(scenario);
    told("compile");
    let outcome = Ensemble::new(&model).trials(1).seed(1).run()?;
    told("one trial");
    println!(
        "mean loss of P0 {:e}, largest residual {:e}",
        outcome.loss("P0")?.mean(),
        outcome.mass_balance_residual()
    );
    Ok(())
}

fn main() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    if let Some(sites) = number("SUPPLYSHOCK_LARGE") {
        let steps = number("SUPPLYSHOCK_STEPS").and_then(|steps| u32::try_from(steps).ok()).unwrap_or(STEPS);
        if let Err(error) = once(sites, steps) {
            eprintln!("{error}");
            std::process::exit(1);
        }
        return;
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
}
