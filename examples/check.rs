//! Checks a scenario: every problem with its place, or the network in a few lines.

use clap::Parser;
use std::path::PathBuf;
use std::process::ExitCode;
use supplyshock::files::Reading;
use supplyshock::{Ensemble, Error, Scenario, report};

/// Baselines that are tried.
const BASELINES: u64 = 1000;

/// Checks a scenario and tries a thousand baselines.
#[derive(Debug, Parser)]
struct Arguments {
    /// Scenario file (TOML).
    #[arg(required_unless_present = "format")]
    scenario: Option<PathBuf>,
    /// Seed of all draws.
    #[arg(long, default_value_t = 2026)]
    seed: u64,
    /// Changes an entry of the scenario, such as `controls.ban.severity=0.5`; may be repeated.
    #[arg(long, value_name = "PATH=VALUE")]
    set: Vec<String>,
    /// Lets the scenario read files beneath this folder too, and not only beneath its own; may be repeated.
    #[arg(long, value_name = "DIR")]
    allow_read: Vec<PathBuf>,
    /// Prints the reference of the file format instead.
    #[arg(long)]
    format: bool,
}

fn main() -> ExitCode {
    report::exit(run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Result<(), Error> {
    let Some(path) = arguments.scenario.as_ref().filter(|_| !arguments.format) else {
        return report::print(&Scenario::format_reference());
    };
    let scenario = Reading::new().set(&arguments.set).allow(&arguments.allow_read).load(path)?;
    report::warn(&scenario);
    let model = scenario.compile()?;
    report::warn_of_baseline(&model);
    Ensemble::new(&model).trials(BASELINES).seed(arguments.seed).check_baselines()?;
    let network = report::network(&scenario, &model);
    report::print(&format!("{network}{BASELINES} baselines are balanced\n"))
}
