//! Runs the same trials with the same luck in several scenarios, and says what each answer is worth.
//!
//! ```text
//! reference ──> losses ─┐
//! answer    ──> losses ─┴─ less, trial by trial ──> mean with its interval, who gains, how often
//! ```

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use supplyshock::files::{Reading, clean_up};
use supplyshock::report::{Folder, Results};
use supplyshock::run::Budget;
use supplyshock::{Comparison, Ensemble, Error, Model, Outcome, Scenario, number, report};

/// Compares scenarios with the first of them: what each is worth, to whom, and how likely it helps.
#[derive(Debug, Parser)]
struct Arguments {
    /// Scenario files (TOML), the one to compare with first.
    #[arg(required = true, num_args = 2..)]
    scenarios: Vec<PathBuf>,
    /// Number of trials of each.
    #[arg(long, default_value_t = 100_000, value_parser = number::count::<u64>)]
    trials: u64,
    /// Seed of all draws.
    #[arg(long, default_value_t = 2026, value_parser = number::count::<u64>)]
    seed: u64,
    /// Threads, at most 1,024; all processors unless given. It cannot change a result.
    #[arg(long, value_parser = number::count::<usize>)]
    threads: Option<usize>,
    /// Changes an entry of every scenario, such as `controls.ban.leakage=0.1`; may be repeated.
    #[arg(long, value_name = "PATH=VALUE")]
    set: Vec<String>,
    /// Lets a scenario read files beneath this folder too, and not only beneath its own; may be repeated.
    #[arg(long, value_name = "DIR")]
    allow_read: Vec<PathBuf>,
    /// Refuses a run that would take more: memory, such as 8GB, or operations, such as 1e15ops; may be repeated. Three quarters
    /// of the machine's memory unless given.
    #[arg(long, value_name = "LIMIT")]
    limit: Vec<Budget>,
    /// Prints how likely a greater loss of the headline party is in each, in their currency; may be repeated.
    #[arg(long, value_name = "MONEY", value_parser = number::amount, allow_negative_numbers = true)]
    over: Vec<f64>,
    /// Folder for compare.json.
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

fn run(arguments: &Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let scenarios =
        Reading::new().set(&arguments.set).allow(&arguments.allow_read).load_all(&arguments.scenarios)?;
    let models = scenarios
        .iter()
        .map(|s| s.compile().map_err(|fault| with(s.name(), fault)))
        .collect::<Result<Vec<_>, _>>()?;
    Comparison::check(&models)?;
    let Some((first, others)) = models.split_first() else { return Ok(()) };
    ensemble(arguments, first).check_range()?;
    let inputs = || scenarios.iter().map(Scenario::inputs);
    let claim = |path| Folder::claim(path, Results::Comparison, inputs());
    let folder = arguments.out.as_deref().map(claim).transpose()?;
    let total = arguments.trials.saturating_mul(models.len() as u64);
    let bar = if std::io::stderr().is_terminal() { ProgressBar::new(total) } else { ProgressBar::hidden() };
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {human_pos}/{human_len} trials, {eta} left") {
        bar.set_style(style);
    }
    let reference = outcome(arguments, first, 0, &bar)?;
    let mut comparison = Comparison::new(&reference)?.over(&arguments.over);
    for (before, model) in (1..).zip(others) {
        comparison.add(&outcome(arguments, model, before, &bar)?)?;
    }
    bar.finish_and_clear();
    report::print(&comparison.report())?;
    if let Some(folder) = folder {
        comparison.write_in(&folder, &arguments.scenarios)?;
    }
    Ok(())
}

/// The trials of a scenario.
fn ensemble(arguments: &Arguments, model: &Model) -> Ensemble {
    // All scenarios keep their trials until the end.
    let share = |budget| match budget {
        Budget::Memory(bytes) => Budget::Memory(bytes / arguments.scenarios.len() as u64),
        other => other,
    };
    let budgets = report::budgets(&arguments.limit).into_iter().map(share);
    let ensemble = Ensemble::new(model).trials(arguments.trials).seed(arguments.seed).budgets(budgets);
    match arguments.threads {
        Some(threads) => ensemble.threads(threads),
        None => ensemble,
    }
}

/// Runs a scenario, `before` others having been run.
fn outcome(arguments: &Arguments, model: &Model, before: u64, bar: &ProgressBar) -> Result<Outcome, Error> {
    let before = before.saturating_mul(arguments.trials);
    let shown = bar.clone();
    let ran = ensemble(arguments, model).progress(move |done| shown.set_position(before + done)).run();
    ran.map_err(|fault| {
        bar.finish_and_clear();
        with(model.name(), fault)
    })
}

/// A fault, with the scenario it is in.
fn with(name: &str, fault: Error) -> Error {
    match fault {
        Error::Baseline { .. } => Error::Variant { variant: name.to_owned(), source: Box::new(fault) },
        other => other,
    }
}
