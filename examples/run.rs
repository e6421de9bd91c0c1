//! Runs a scenario: losses with their intervals, what drives them, what stops first.
//!
//! ```text
//! mines ──> separation ──> metal ──> magnets ──> sectors ──> final demand
//!    lanes, stocks and rationing between any two; controls limit lanes
//! ```

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use supplyshock::files::{Reading, clean_up, published};
use supplyshock::report::{Folder, Results};
use supplyshock::run::Budget;
use supplyshock::{Ensemble, Error, number, report};

/// Runs a scenario and reports who loses how much, and how likely.
#[derive(Debug, Parser)]
struct Arguments {
    /// Scenario file (TOML).
    scenario: PathBuf,
    /// Number of trials.
    #[arg(long, default_value_t = 100_000, value_parser = number::count::<u64>)]
    trials: u64,
    /// Seed of all draws.
    #[arg(long, default_value_t = 2026, value_parser = number::count::<u64>)]
    seed: u64,
    /// Threads, at most 1,024; all processors unless given. It cannot change a result.
    #[arg(long, value_parser = number::count::<usize>)]
    threads: Option<usize>,
    /// Keeps no trial, so that memory does not grow with their number: quantiles have a relative error of 1/256, and what
    /// needs single trials is left out.
    #[arg(long)]
    condensed: bool,
    /// Changes an entry of the scenario, such as `controls.ban.severity=0.5`; may be repeated.
    #[arg(long, value_name = "PATH=VALUE")]
    set: Vec<String>,
    /// Lets the scenario read files beneath this folder too, and not only beneath its own; may be repeated.
    #[arg(long, value_name = "DIR")]
    allow_read: Vec<PathBuf>,
    /// Refuses a run that would take more: memory, such as 8GB, or operations, such as 1e15ops; may be repeated. Three quarters
    /// of the machine's memory unless given.
    #[arg(long, value_name = "LIMIT")]
    limit: Vec<Budget>,
    /// Prints how likely a greater loss of the headline party is, in the currency of the scenario; may be repeated.
    #[arg(long, value_name = "MONEY", value_parser = number::amount, allow_negative_numbers = true)]
    over: Vec<f64>,
    /// Sets the loss beside published estimates, such as those of `scenarios/estimates/published.toml`.
    #[arg(long, value_name = "FILE")]
    beside: Option<PathBuf>,
    /// Folder for summary.json, trials.csv, draws.csv, path.csv and assumptions.csv; of a condensed run, those by trial are removed.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

fn main() -> ExitCode {
    // Told to end, the program leaves nothing half written behind.
    let _ = ctrlc::set_handler(|| {
        clean_up();
        std::process::exit(130)
    });
    report::exit(run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Result<(), Error> {
    let scenario =
        Reading::new().set(&arguments.set).allow(&arguments.allow_read).load(&arguments.scenario)?;
    let estimates = arguments.beside.as_deref().map(published).transpose()?;
    report::warn(&scenario);
    let model = scenario.compile()?;
    report::warn_of_baseline(&model);
    let bar = if std::io::stderr().is_terminal() {
        ProgressBar::new(arguments.trials)
    } else {
        ProgressBar::hidden()
    };
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {human_pos}/{human_len} trials, {eta} left") {
        bar.set_style(style);
    }
    let shown = bar.clone();
    let mut ensemble = Ensemble::new(&model)
        .trials(arguments.trials)
        .seed(arguments.seed)
        .budgets(report::budgets(&arguments.limit))
        .progress(move |done| shown.set_position(done));
    if let Some(threads) = arguments.threads {
        ensemble = ensemble.threads(threads);
    }
    if arguments.condensed {
        ensemble = ensemble.condensed();
    }
    ensemble.check_range()?;
    let claim = |path| Folder::claim(path, Results::Run, [scenario.inputs()]);
    let folder = arguments.out.as_deref().map(claim).transpose()?;
    let outcome = ensemble.run();
    bar.finish_and_clear();
    let outcome = outcome?;
    report::print(&report::run(&scenario, &outcome, &arguments.over)?)?;
    if let Some(estimates) = estimates {
        report::print(&report::beside(&outcome, &estimates)?)?;
    }
    for file in folder.map_or(Ok(Vec::new()), |folder| folder.write_run(&scenario, &outcome))? {
        report::print(&format!("{} of an earlier run is removed\n", file.display()))?;
    }
    Ok(())
}
