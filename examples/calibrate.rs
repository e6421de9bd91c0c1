//! Finds the value of an assumption, or the factor on its range, under which a statistic takes a value; or of
//! several, which values go together with several statistics.

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use supplyshock::files::{Reading, clean_up};
use supplyshock::number;
use supplyshock::report;
use supplyshock::report::{Folder, Results};
use supplyshock::run::Budget;
use supplyshock::study::{Calibration, Target, Variable};

/// Draws from the prior where several targets or assumptions are given and no number is.
const DRAWS: usize = 200;

/// Finds which assumptions go with given losses.
///
/// With one target and one assumption, all solutions on its range are looked for; with more, or with
/// `--draws`, draws from uniform ranges are weighed by how near they come to the targets.
#[derive(Debug, Parser)]
struct Arguments {
    /// Scenario file (TOML).
    scenario: PathBuf,
    /// Statistic, by its name in summary.json, and the value it should take, such as `JP.output.mean=2.6e12`
    /// or `JP.output.p95=3e12+-1e11`; may be repeated.
    #[arg(long, value_name = "STATISTIC=VALUE", required = true)]
    target: Vec<String>,
    /// Figure that is varied, such as `controls.ban.severity`, or with `scale:` before it, the factor on it or
    /// on its range; may be repeated.
    #[arg(long, value_name = "PATH", required = true)]
    vary: Vec<String>,
    /// Range of the value or the factor; one for each `--vary`, in their order.
    #[arg(
        long,
        value_names = ["LOW", "HIGH"],
        num_args = 2,
        action = clap::ArgAction::Append,
        allow_negative_numbers = true,
        value_parser = number::figure,
        required = true
    )]
    between: Vec<f64>,
    /// Trials of each variant.
    #[arg(long, default_value_t = 10_000, value_parser = number::count::<u64>)]
    trials: u64,
    /// Seed of all draws.
    #[arg(long, default_value_t = 2026, value_parser = number::count::<u64>)]
    seed: u64,
    /// Threads, at most 1,024; all processors unless given. It cannot change a result.
    #[arg(long, value_parser = number::count::<usize>)]
    threads: Option<usize>,
    /// How far a statistic may be from its target, as a share of it.
    #[arg(long, default_value_t = 1e-3, value_parser = number::figure)]
    tolerance: f64,
    /// Points of the first scan for solutions.
    #[arg(long, default_value_t = 17, value_parser = number::count::<usize>)]
    grid: usize,
    /// Draws from the ranges; 200 with several targets or assumptions.
    #[arg(long, value_parser = number::count::<usize>)]
    draws: Option<usize>,
    /// Share of the draws that is kept, the nearest ones.
    #[arg(long, default_value_t = 0.1, value_parser = number::figure)]
    accept: f64,
    /// Changes an entry of the scenario first, such as `controls.ban.severity=0.5`; may be repeated.
    #[arg(long, value_name = "PATH=VALUE")]
    set: Vec<String>,
    /// Lets the scenario read files beneath this folder too, and not only beneath its own; may be repeated.
    #[arg(long, value_name = "DIR")]
    allow_read: Vec<PathBuf>,
    /// Refuses a run that would take more: memory, such as 8GB, or operations, such as 1e15ops; may be repeated. Three quarters
    /// of the machine's memory unless given.
    #[arg(long, value_name = "LIMIT")]
    limit: Vec<Budget>,
    /// Folder for calibration.json, and for posterior.csv with several targets or assumptions.
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
    let scenario =
        Reading::new().set(&arguments.set).allow(&arguments.allow_read).load(&arguments.scenario)?;
    report::warn(&scenario);
    let ranges: Vec<_> = arguments.between.chunks_exact(2).collect();
    if ranges.len() != arguments.vary.len() {
        let (figures, ranges) = (arguments.vary.len(), ranges.len());
        return Err(format!("{figures} --vary and {ranges} --between: give each assumption its range").into());
    }
    let bar =
        if std::io::stderr().is_terminal() { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
    if let Ok(style) = ProgressStyle::with_template("{human_pos} variants run, {elapsed}") {
        bar.set_style(style);
    }
    let mut calibration = Calibration::new(&scenario)
        .trials(arguments.trials)
        .seed(arguments.seed)
        .tolerance(arguments.tolerance)
        .grid(arguments.grid)
        .budgets(report::budgets(&arguments.limit))
        .progress(|runs| bar.set_position(runs));
    if let Some(threads) = arguments.threads {
        calibration = calibration.threads(threads);
    }
    for target in &arguments.target {
        calibration = calibration.target(Target::parse(target)?);
    }
    for (path, range) in arguments.vary.iter().zip(ranges) {
        if let [low, high] = range {
            calibration = calibration.vary(Variable::parse(path, *low, *high));
        }
    }
    calibration.check()?;
    let claim = |path| Folder::claim(path, Results::Calibration, [scenario.inputs()]);
    let folder = arguments.out.as_deref().map(claim).transpose()?;
    let several = arguments.target.len() > 1 || arguments.vary.len() > 1;
    if several || arguments.draws.is_some() {
        let posterior = calibration.posterior(arguments.draws.unwrap_or(DRAWS), arguments.accept);
        bar.finish_and_clear();
        let posterior = posterior?;
        report::print(&posterior.report())?;
        if let Some(folder) = folder {
            posterior.write_in(&folder)?;
        }
    } else {
        let solutions = calibration.solve();
        bar.finish_and_clear();
        let solutions = solutions?;
        report::print(&solutions.report())?;
        for file in folder.map_or(Ok(Vec::new()), |folder| solutions.write_in(&folder))? {
            report::print(&format!("{} of an earlier calibration is removed\n", file.display()))?;
        }
    }
    Ok(())
}
