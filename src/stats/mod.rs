//! Statistics of a set of simulated losses: moments, quantiles, tails and their uncertainty.
//!
//! The room knows nothing of networks, time steps or currencies: numbers come in, one a trial, and
//! numbers in the same unit go out. A positive number is a loss and a negative one a gain.
//!
//! | type | holds | memory |
//! |---|---|---|
//! | [`LossDistribution`] | every trial's loss, sorted, or those of a [`CondensedLosses`] | 8 bytes a trial, or constant |
//! | [`CondensedLosses`] | sums and counts of losses, but no loss of a trial | does not grow with trials |
//! | [`Difference`] | every trial's difference between two variants, sorted | 8 bytes a trial |
//! | [`Ranks`] | every trial's rank, for rank correlations | 8 bytes a trial |
//! | [`ExactSum`] | one sum that does not depend on the order | constant |
//! | [`QuantileSketch`] | counts in bins of 0.8 % width | does not grow with trials |
//!
//! With the feature `fit`, `Fit` tests whether numbers may come from a distribution.
//!
//! Everything is deterministic. [`ExactSum`], the sketches and [`CondensedLosses`] add up integers only, so any way of
//! splitting trials over threads and any order of merging gives the same bits.
//! [`LossDistribution`] takes the losses in trial order and adds them up in a tree that depends
//! on their number alone.
//!
//! ```
//! # use supplyshock::stats::LossDistribution;
//! let d = LossDistribution::new(vec![0.0, 4.0e9, 1.0e9, 0.0], 1.0)?;
//! assert_eq!(d.mean(), 1.25e9);
//! assert_eq!(d.p_no_loss(), 0.5);
//! assert_eq!(d.tvar(0.75), 4.0e9);
//! # Ok::<(), supplyshock::stats::LossError>(())
//! ```

mod condensed;
mod difference;
mod distribution;
mod exact;
#[cfg(feature = "fit")]
mod fit;
mod interval;
mod moments;
mod rank;
mod rounding;
mod sketch;
mod stored;

pub use condensed::CondensedLosses;
pub use difference::{Difference, Ratio};
pub use distribution::{Exceedance, LossDistribution};
pub use exact::ExactSum;
#[cfg(feature = "fit")]
pub use fit::Fit;
pub use interval::{Interval, clopper_pearson};
pub use rank::{Ranks, rank_correlation};
pub use rounding::ROUNDING;
pub use sketch::QuantileSketch;
pub(crate) use stored::bits;
// The version whose distributions tests of fit take.
#[cfg(feature = "fit")]
pub use statrs;

use crate::number::{apart, shown};

/// Why numbers could not be taken in.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LossError {
    /// No trial was given, so nothing can be said about the loss.
    #[error("there is no trial to say anything about: give at least one")]
    Empty,
    /// A loss is infinite or not a number.
    #[error("the loss of trial {trial} is {}, not a finite number", shown(*.value))]
    NonFinite {
        /// Index of the first such trial, from 0.
        trial: usize,
        /// The offending loss.
        value: f64,
    },
    /// A loss is so large that its square overflows, which would make the standard deviation
    /// infinite.
    #[error(
        "the loss of trial {trial} is {}, but must be from -{limit} to {limit}: give losses in a larger unit",
        shown(*.value),
        limit = shown(*.limit)
    )]
    TooLarge {
        /// Index of the first such trial, from 0.
        trial: usize,
        /// The offending loss.
        value: f64,
        /// Largest absolute loss taken.
        limit: f64,
    },
    /// Losses that were condensed are infinite, not a number, or too large to be added up.
    #[error(
        "{count} losses are not finite, or not smaller than {}: give losses in a larger unit, or keep the trials",
        shown(*.limit)
    )]
    Rejected {
        /// How many.
        count: u64,
        /// Bound that a condensed loss must stay below.
        limit: f64,
    },
    /// The amount up to which a loss counts as none is negative or not finite.
    #[error("the negligible loss is {}, but must be finite and not negative", shown(*.value))]
    Negligible {
        /// The offending amount.
        value: f64,
    },
    /// Numbers that are compared one by one are not as many.
    #[error("lists of {left} and {right} numbers cannot be compared one by one: give as many of each")]
    Lengths {
        /// Number of the first.
        left: usize,
        /// Number of the second.
        right: usize,
    },
    /// Probabilities of outcomes are not those of a distribution.
    #[error("{number} probabilities add up to {total}: give at least two, each above 0, that add up to 1", total = shown(*.total))]
    Probabilities {
        /// How many there are.
        number: usize,
        /// Their sum.
        total: f64,
    },
    /// Two sketches with different zero thresholds cannot be merged, because the values between
    /// the thresholds are zero in one and not in the other.
    #[error(
        "sketches that count losses up to {} and up to {} as none cannot be merged: give both the same amount",
        apart(*.left, *.right)[0],
        apart(*.left, *.right)[1]
    )]
    Threshold {
        /// Threshold of the receiving sketch.
        left: f64,
        /// Threshold of the sketch merged into it.
        right: f64,
    },
}

/// Checks the amount up to which a loss counts as none.
fn check_negligible(value: f64) -> Result<f64, LossError> {
    if value.is_finite() && value >= 0.0 { Ok(value) } else { Err(LossError::Negligible { value }) }
}
