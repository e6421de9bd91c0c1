//! What is tried on bytes that nobody has chosen. Each target takes any bytes, and fails where something that is promised of
//! every input does not hold. The fuzzer of `tests/fuzz` feeds them what reaches new code, the suite the same corpora and
//! what comes of damage to them.

mod api;
mod asked;
mod generated;
mod network;
mod outcome;
mod scenario;
mod table;

pub use outcome::{body, sealed};

use supplyshock::run::Budget;
use supplyshock::{Ensemble, Model};

/// How far an input came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It is an error to read it.
    Refused,
    /// It is read.
    Parsed,
    /// It is compiled as well.
    Compiled,
    /// It is run as well.
    Ran,
}

/// What is done with some bytes.
pub type Target = fn(&[u8]) -> Fate;

/// What is tried, by the name of its corpus.
pub const TARGETS: [(&str, Target); 5] = [
    ("scenario", scenario::scenario),
    ("table", table::table),
    ("outcome", outcome::outcome),
    ("network", network::network),
    ("api", api::api),
];

/// Trials of an input that cannot keep a processor busy for long, or fill the memory.
fn bounded(model: &Model, trials: u64) -> Ensemble {
    let ensemble = Ensemble::new(model).trials(trials).seed(1);
    ensemble.budgets([Budget::Memory(256 << 20), Budget::Operations(2e6)])
}
