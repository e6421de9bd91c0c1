//! Makes a scenario from an input-output table of several regions (ARIO).
//!
//! ```text
//! Z.csv, Y.csv, x.csv ──> scenario.toml ──> check, run, trace
//!                             └── refers to the files, copies nothing
//! ```

use clap::{Parser, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;
use supplyshock::files::{Reading, TableImport, clean_up};
use supplyshock::scenario::Suppliers;
use supplyshock::{Error, number, report};

/// Checks the files of an input-output table and writes a scenario that refers to them.
#[derive(Debug, Parser)]
struct Arguments {
    /// Flows between industries (CSV), labelled `region|sector` or as `pymrio` saves them.
    #[arg(long, value_name = "Z.csv")]
    flows: PathBuf,
    /// Final demand (CSV), with any number of columns.
    #[arg(long, value_name = "Y.csv")]
    demand: PathBuf,
    /// Output (CSV), which flows and demand are checked against.
    #[arg(long, value_name = "x.csv")]
    output: Option<PathBuf>,
    /// Value added (CSV), with any number of columns, in the place of output less purchases: for tables without imports.
    #[arg(long, value_name = "V.csv")]
    value_added: Option<PathBuf>,
    /// Target of stocks before use [days of use].
    #[arg(long, default_value_t = 90.0, value_parser = number::figure)]
    inventory_days: f64,
    /// Share of the target below which a stock cuts output.
    #[arg(long, default_value_t = 0.8, value_parser = number::figure)]
    psi: f64,
    /// Time over which a gap in stock is closed [days].
    #[arg(long, default_value_t = 60.0, value_parser = number::figure)]
    restoration_days: f64,
    /// Ceiling of overtime [multiple of capacity].
    #[arg(long, default_value_t = 1.25, value_parser = number::figure)]
    alpha_max: f64,
    /// Time to reach it [days].
    #[arg(long, default_value_t = 365.0, value_parser = number::figure)]
    alpha_days: f64,
    /// How buyers weigh the suppliers of an input.
    #[arg(long, value_enum, default_value_t = By::Capacity)]
    suppliers: By,
    /// Currency of the scenario, such as EUR.
    #[arg(long, default_value = "JPY")]
    currency: String,
    /// What a unit of the table is worth [in the currency].
    #[arg(long, alias = "jpy-per-unit", default_value_t = 1.0, value_parser = number::amount)]
    value_per_unit: f64,
    /// Steps of a day.
    #[arg(long, default_value_t = 365, value_parser = number::count::<u32>)]
    steps: u32,
    /// Share of capacity that is available (CSV): a column for each `region|sector` it names, a row for each step.
    #[arg(long, value_name = "A.csv")]
    availability: Option<PathBuf>,
    /// Folder beneath which the scenario will be let read, as the flag of this name does when it is run: no warning is given
    /// of tables there; may be repeated.
    #[arg(long, value_name = "DIR")]
    allow_read: Vec<PathBuf>,
    /// The scenario to write (TOML).
    #[arg(long, value_name = "FILE.toml")]
    out: PathBuf,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum By {
    Capacity,
    Fixed,
}

fn main() -> ExitCode {
    // Told to end, the program leaves nothing half written behind.
    let _ = ctrlc::set_handler(|| {
        clean_up();
        std::process::exit(130)
    });
    report::exit(run(Arguments::parse()))
}

fn run(arguments: Arguments) -> Result<(), Error> {
    let import = TableImport {
        flows: arguments.flows,
        demand: arguments.demand,
        output: arguments.output,
        value_added: arguments.value_added,
        availability: arguments.availability,
        inventory_days: arguments.inventory_days,
        psi: arguments.psi,
        restoration_days: arguments.restoration_days,
        overtime_max: arguments.alpha_max,
        overtime_days: arguments.alpha_days,
        suppliers: match arguments.suppliers {
            By::Capacity => Suppliers::Capacity,
            By::Fixed => Suppliers::Fixed,
        },
        currency: arguments.currency,
        value_per_unit: arguments.value_per_unit,
        steps: arguments.steps,
    };
    let scenario = Reading::new().allow(arguments.allow_read).import_table(&import, &arguments.out)?;
    report::warn(&scenario);
    report::print(&format!("{}: {}\n", arguments.out.display(), scenario.tables().scenario.title))
}
