//! The law that a drawn quantity follows.

use super::{Distribution, DistributionError, Sampler, Stream};
use serde::{Serialize, Serializer};

/// A distribution of this crate, or a sampler of the caller's.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Law {
    Distribution(Distribution),
    Sampler(Sampler),
}

/// Written with all that tells it from another, for fingerprints.
impl Serialize for Law {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Law::Distribution(distribution) => (0_u8, distribution.parameters()).serialize(serializer),
            Law::Sampler(sampler) => (1_u8, sampler.identity()).serialize(serializer),
        }
    }
}

impl Law {
    pub(crate) fn mean(&self) -> f64 {
        match self {
            Law::Distribution(distribution) => distribution.mean(),
            Law::Sampler(sampler) => sampler.mean(),
        }
    }

    /// The least and the greatest value; either may be infinite.
    pub(crate) fn support(&self) -> (f64, f64) {
        match self {
            Law::Distribution(distribution) => distribution.support(),
            Law::Sampler(sampler) => sampler.support(),
        }
    }

    /// The value that belongs to a uniform number at (`trial`, 0) of the stream, which correlations may have moved.
    pub(crate) fn value(&self, u: f64, stream: &Stream, trial: u64) -> f64 {
        match self {
            Law::Distribution(distribution) => distribution.quantile(u),
            Law::Sampler(sampler) => sampler.quantile(u).unwrap_or_else(|_| sampler.sample(stream, trial, 0)),
        }
    }

    /// The value of number `index` of those that `trial` draws one after another.
    pub(crate) fn draw(&self, stream: &Stream, trial: u64, index: u64) -> Result<f64, DistributionError> {
        match self {
            Law::Distribution(distribution) => Ok(distribution.quantile(stream.uniform(trial, index))),
            Law::Sampler(sampler) => sampler.checked(sampler.sample(stream, trial, index)),
        }
    }

    /// Replaces each uniform number by its [`value`](Self::value), to the bit, in the trials from `first` on. A value
    /// that a sampler may not have is told with its place.
    pub(crate) fn fill(
        &self,
        row: &mut [f64],
        stream: &Stream,
        first: u64,
    ) -> Result<(), (usize, DistributionError)> {
        match self {
            Law::Distribution(distribution) => distribution.fill_quantiles(row),
            Law::Sampler(sampler) => {
                for ((place, trial), u) in (first..).enumerate().zip(row) {
                    let value = self.value(*u, stream, trial);
                    *u = sampler.checked(value).map_err(|fault| (place, fault))?;
                }
            }
        }
        Ok(())
    }
}
