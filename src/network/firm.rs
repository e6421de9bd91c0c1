//! Firms of a site that hold stocks of their own.

use super::Param;
use crate::draw::{normal_cdf, normal_quantile};
use serde::Serialize;

/// Whose stock the stock of an input is, where each firm of a site has its own. They stand one behind the other, in order.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct OwnStock {
    pub(crate) firm: Firm,
    /// Multiple of the mean cover, but for the spread; it is in `cover_days` already.
    pub(crate) times: f64,
    /// Coefficient of variation of cover between firms.
    pub(crate) spread: Param,
}

/// One of the firms of a site, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub(crate) struct Firm {
    pub(crate) number: u32,
    pub(crate) of: u32,
}

impl Firm {
    /// The mean cover of the firms in its part of a lognormal distribution, as a multiple of the mean of all, given the
    /// coefficient of variation `c`: `N (Φ(z_n − σ) − Φ(z_{n−1} − σ))`, with `σ² = ln(1 + c²)` and `z_n` the quantile of `n/N`.
    pub(crate) fn multiple(self, c: f64) -> f64 {
        if c == 0.0 {
            return 1.0;
        }
        let sigma = libm::sqrt(libm::log1p(c * c));
        let below = |number: u32| match number {
            0 => 0.0,
            all if all == self.of => 1.0,
            some => normal_cdf(normal_quantile(f64::from(some) / f64::from(self.of)) - sigma),
        };
        f64::from(self.of) * (below(self.number + 1) - below(self.number))
    }
}
