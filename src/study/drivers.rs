//! The uncertain facts that drive a loss.

use crate::run::Subject;
use crate::stats::Ranks;
use crate::step::threads;
use crate::{Error, Outcome};
use rayon::prelude::*;

/// Trials that correlations are computed from: enough for a standard error below 0.01.
const TRIALS: usize = 16_384;

/// A drawn quantity and how the loss goes with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Driver {
    /// Name of the quantity: the path of its leaf.
    pub name: String,
    /// Rank correlation (Spearman 1904) with the loss, over the first 16,384 trials; losses that differ by rounding alone
    /// are ties.
    pub correlation: f64,
}

/// Every drawn quantity with its rank correlation with the loss of a party, the strongest first.
///
/// # Errors
/// [`Error::Unknown`] when there is no such party, [`Error::Condensed`] when the run kept no trials, [`Error::Loss`] where
/// the party's product is no number, [`Error::Threads`] when threads cannot be started.
pub fn drivers(outcome: &Outcome, party: &str) -> Result<Vec<Driver>, Error> {
    threads::start()?;
    let losses = outcome.values(&Subject::Party(party.to_owned()))?;
    let losses = Ranks::of_losses(&losses[..losses.len().min(TRIALS)], outcome.negligible(party)?)?;
    let drawn = outcome.draws_of(0..TRIALS.min(outcome.trials() as usize))?;
    let mut drivers: Vec<Driver> = outcome
        .labels()
        .drawn()
        .par_iter()
        .enumerate()
        .map(|(d, name)| {
            let correlation = Ranks::new(&drawn.column(d).to_vec()).correlation(&losses);
            Driver { name: name.clone(), correlation }
        })
        .collect();
    drivers.sort_by(|a, b| b.correlation.abs().total_cmp(&a.correlation.abs()));
    Ok(drivers)
}
