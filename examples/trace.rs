//! Follows one trial step by step into CSV files.

use clap::Parser;
use std::path::PathBuf;
use std::process::ExitCode;
use supplyshock::{Error, Scenario, number, report};

/// Writes what every site does in every step of one trial.
#[derive(Debug, Parser)]
struct Arguments {
    /// Scenario file (TOML).
    scenario: PathBuf,
    /// Number of the trial.
    #[arg(long, default_value_t = 0, value_parser = number::count::<u64>)]
    trial: u64,
    /// Seed of all draws.
    #[arg(long, default_value_t = 2026, value_parser = number::count::<u64>)]
    seed: u64,
    /// Changes an entry of the scenario, such as `controls.ban.severity=0.5`; may be repeated.
    #[arg(long, value_name = "PATH=VALUE")]
    set: Vec<String>,
    /// File for activities; stocks go to the same name ending in `.stocks.csv`.
    #[arg(long, value_name = "FILE.csv")]
    out: PathBuf,
}

fn main() -> ExitCode {
    report::exit(run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Result<(), Error> {
    let scenario = Scenario::load_with(&arguments.scenario, &arguments.set)?;
    report::warn(&scenario);
    let model = scenario.compile()?;
    let [activities, stocks] = report::write_trace(&model, arguments.seed, arguments.trial, &arguments.out)?;
    report::print(&format!("{} and {}\n", activities.display(), stocks.display()))
}
