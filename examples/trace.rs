//! Follows one trial step by step into CSV files.

use clap::Parser;
use std::path::PathBuf;
use std::process::ExitCode;
use supplyshock::files::{Reading, clean_up};
use supplyshock::{Error, number, report};

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
    /// Lets the scenario read files beneath this folder too, and not only beneath its own; may be repeated.
    #[arg(long, value_name = "DIR")]
    allow_read: Vec<PathBuf>,
    /// File for activities; stocks go to the same name ending in `.stocks.csv`.
    #[arg(long, value_name = "FILE.csv")]
    out: PathBuf,
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
    report::warn(&scenario);
    let model = scenario.compile()?;
    let [activities, stocks] = report::write_trace(&model, arguments.seed, arguments.trial, &arguments.out)?;
    report::print(&format!("{} and {}\n", activities.display(), stocks.display()))
}
