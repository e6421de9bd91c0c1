//! What can go wrong.

use crate::draw::DistributionError;
use crate::run::{Budget, Estimate, MergeError, StoredError, Unsound};
use crate::scenario::{Problems, one_line, printable};
use crate::schedule::fault::Fault;
use crate::stats::LossError;
use crate::study::{CalibrationError, ComparisonError, StatisticError};
use std::fmt;
use std::path::PathBuf;

/// Why something could not be done.
///
/// Names are shown with characters that would act on a terminal written out. `Debug` prints the same as `Display`, so that a program whose `main` returns one prints the message and its place.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The scenario has problems; all of them are listed.
    #[error("{0}")]
    Scenario(Problems),
    /// A trial cannot be run: the facts that it draws, or the known ones of all trials, have no balanced baseline, or chance
    /// over time does what no trial may.
    #[error("{}", baseline_message(*.trial, .fault, .drawn))]
    Baseline {
        /// The trial; `None` where nothing is drawn.
        trial: Option<u64>,
        /// What is wrong, and where.
        fault: Box<Fault>,
        /// Names and values of what was drawn.
        drawn: Vec<(String, f64)>,
    },
    /// A trial went beyond what numbers can hold, so that nothing it yields can be trusted.
    #[error(
        "trial {trial} cannot be reckoned with: {fault}\n  remedy: figures are too large or too far apart; give amounts or money in \
         other units"
    )]
    Unsound {
        /// The trial.
        trial: u64,
        /// The fault.
        fault: Unsound,
    },
    /// The range of trials is empty, or ends beyond the last trial there is.
    #[error("{count} trials from trial {first}: give at least one, and end at or below trial {limit}")]
    Trials {
        /// First trial.
        first: u64,
        /// Number of trials.
        count: u64,
        /// End of the last range that is allowed.
        limit: u64,
    },
    /// The threads could not be started.
    #[error("cannot start {threads} threads: {message}")]
    Threads {
        /// How many were asked for.
        threads: usize,
        /// What the system said.
        message: String,
    },
    /// Two outcomes cannot be merged.
    #[error("outcomes cannot be merged: {}", printable(&.0.to_string()))]
    Merge(#[from] MergeError),
    /// An outcome could not be written or read.
    #[error("{}", printable(&.0.to_string()))]
    Stored(#[from] StoredError),
    /// A run was cancelled before any trial was done.
    #[error("the run was cancelled before any trial was done, so there is no outcome")]
    Cancelled,
    /// There is no memory for the trials of a run.
    #[error(
        "there is no memory for {bytes} bytes of losses by trial: run fewer trials, or run them condensed"
    )]
    Memory {
        /// Bytes that are needed.
        bytes: u64,
    },
    /// A run would take more than it may.
    #[error(
        "the run would take {estimate}, which is over the limit of {budget}: run fewer trials, run them condensed, shorten \
         the horizon, or raise the limit"
    )]
    Limit {
        /// The budget.
        budget: Budget,
        /// The need of the run.
        estimate: Box<Estimate>,
    },
    /// Something was asked for that the run did not keep.
    #[error("the outcome holds no {what}: {remedy}")]
    NotKept {
        /// What was asked for.
        what: &'static str,
        /// What can be done.
        remedy: &'static str,
    },
    /// Something was asked for by trial, and a condensed run keeps no trials.
    #[error("a condensed run keeps no {what}")]
    Condensed {
        /// What was asked for.
        what: &'static str,
    },
    /// Something was asked for by a name that is not there.
    #[error("there is no {what} `{}`{}", one_line(.name), .hint.as_ref().map_or(String::new(), |h| format!(": {}", one_line(h))))]
    Unknown {
        /// What was asked for.
        what: &'static str,
        /// The name.
        name: String,
        /// The nearest name, or those there are.
        hint: Option<String>,
    },
    /// A calibration cannot be made.
    #[error("{}", printable(&.0.to_string()))]
    Calibration(#[from] CalibrationError),
    /// Scenarios or their outcomes cannot be compared.
    #[error("{}", printable(&.0.to_string()))]
    Comparison(#[from] ComparisonError),
    /// A text names no statistic.
    #[error("{}", printable(&.0.to_string()))]
    Statistic(#[from] StatisticError),
    /// One of the variants that a calibration tries, or of the scenarios that are compared, cannot be run.
    #[error("with {}: {source}", one_line(.variant))]
    Variant {
        /// What it assumes.
        variant: String,
        /// The fault.
        source: Box<Error>,
    },
    /// A distribution cannot be built.
    #[error("{}", printable(&.0.to_string()))]
    Distribution(#[from] DistributionError),
    /// The losses are no numbers to reckon with.
    #[error(transparent)]
    Loss(#[from] LossError),
    /// A file of published estimates cannot be read, or has problems; all of them are listed.
    #[error("{}: {}", one_line(&.path.display().to_string()), .problems.iter().map(|p| printable(p)).collect::<Vec<_>>().join("\n"))]
    Published {
        /// The file.
        path: PathBuf,
        /// The problems.
        problems: Vec<String>,
    },
    /// A file could not be written, or should not be; nothing is left of it.
    #[error("cannot write `{}`: {}", one_line(&.path.display().to_string()), one_line(&.source.to_string()))]
    Output {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Drawn values that are shown in a message.
const SHOWN: usize = 40;

fn baseline_message(trial: Option<u64>, fault: &Fault, drawn: &[(String, f64)]) -> String {
    let (of_baseline, remedy) = (fault.is_of_baseline(), fault.remedy().to_string());
    let fault = fault.to_string();
    let fault = one_line(&fault);
    let mut text = match trial {
        Some(trial) if of_baseline => format!("trial {trial} has no baseline: {fault}"),
        Some(trial) => format!("trial {trial} cannot be run: {fault}"),
        None if of_baseline => format!("there is no baseline: {fault}"),
        None => format!("no trial can be run: {fault}"),
    };
    text.push_str(&format!("\n  remedy: {}", one_line(&remedy)));
    if !drawn.is_empty() {
        text.push_str("\n  drawn in this trial:");
        for (name, value) in drawn.iter().take(SHOWN) {
            text.push_str(&format!("\n    {} = {}", one_line(name), crate::number::exact(*value)));
        }
        if drawn.len() > SHOWN {
            text.push_str(&format!("\n    and {} more", drawn.len() - SHOWN));
        }
    }
    text
}
