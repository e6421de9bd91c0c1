//! The families of distributions with their parameters, and their quantile
//! functions for checked parameters.

use super::super::incomplete::{BetaFunction, GammaFunction};
use super::super::sample::{Discrete, Empirical};
use super::super::truncated::TruncatedNormal;
use super::Bounds;
use serde::Serialize;

/// Written with its parameters, for fingerprints; what follows from them is left out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) enum Kind {
    Constant(f64),
    Uniform {
        low: f64,
        high: f64,
    },
    Triangular {
        low: f64,
        mode: f64,
        high: f64,
        #[serde(skip)]
        lower_share: f64,
    },
    Pert {
        low: f64,
        mode: f64,
        high: f64,
        #[serde(skip)]
        unit: BetaFunction,
    },
    Beta {
        alpha: f64,
        beta: f64,
        low: f64,
        high: f64,
        #[serde(skip)]
        unit: BetaFunction,
    },
    Normal {
        mean: f64,
        sd: f64,
        bounds: Bounds,
        #[serde(skip)]
        standard: TruncatedNormal,
    },
    LogNormal {
        median: f64,
        sigma: f64,
        bounds: Bounds,
        #[serde(skip)]
        standard: TruncatedNormal,
    },
    Gamma {
        shape: f64,
        scale: f64,
        #[serde(skip)]
        unit: GammaFunction,
    },
    Weibull {
        shape: f64,
        scale: f64,
    },
    Exponential {
        mean: f64,
    },
    Discrete(Discrete),
    Empirical(Empirical),
}

impl Kind {
    #[inline]
    /// The quantile before it is clipped to the support, for `u` inside (0, 1).
    pub(super) fn raw_quantile(&self, u: f64) -> f64 {
        match self {
            Self::Constant(value) => *value,
            Self::Uniform { low, high } => low + (high - low) * u,
            Self::Triangular { low, high, lower_share, .. } => {
                let width = high - low;
                if u < *lower_share {
                    low + width * (u * lower_share).sqrt()
                } else {
                    high - width * ((1.0 - u) * (1.0 - lower_share)).sqrt()
                }
            }
            Self::Pert { low, high, unit, .. } | Self::Beta { low, high, unit, .. } => {
                low + (high - low) * unit.quantile(u)
            }
            Self::Normal { mean, sd, standard, .. } => mean + sd * standard.quantile(u),
            Self::LogNormal { median, sigma, standard, .. } => {
                median * libm::exp(sigma * standard.quantile(u))
            }
            Self::Gamma { scale, unit, .. } => scale * unit.quantile(u),
            Self::Weibull { shape, scale } => scale * libm::pow(-libm::log1p(-u), 1.0 / shape),
            Self::Exponential { mean } => -mean * libm::log1p(-u),
            Self::Discrete(list) => list.quantile(u),
            Self::Empirical(list) => list.quantile(u),
        }
    }

    /// The probability of at most `x`, for `x` in the support.
    pub(super) fn raw_cumulative(&self, x: f64) -> f64 {
        match self {
            Self::Constant(_) => 1.0,
            Self::Uniform { low, high } => (x - low) / (high - low),
            Self::Triangular { low, mode, high, lower_share } => {
                let width = high - low;
                // The share below a mode that is near an end may round to none or all.
                if x < *mode && *lower_share > 0.0 {
                    let part = (x - low) / width;
                    part * part / lower_share
                } else if x < *mode {
                    0.0
                } else if x < *high && *lower_share < 1.0 {
                    let part = (high - x) / width;
                    1.0 - part * part / (1.0 - lower_share)
                } else {
                    1.0
                }
            }
            Self::Pert { low, high, unit, .. } | Self::Beta { low, high, unit, .. } => {
                unit.cumulative((x - low) / (high - low))
            }
            Self::Normal { mean, sd, standard, .. } => standard.cumulative((x - mean) / sd),
            Self::LogNormal { median, sigma, standard, .. } => {
                if x > 0.0 {
                    standard.cumulative((libm::log(x) - libm::log(*median)) / sigma)
                } else {
                    0.0
                }
            }
            Self::Gamma { scale, .. } if (x / scale).is_infinite() => 1.0,
            Self::Gamma { scale, unit, .. } => unit.cumulative(x / scale),
            Self::Weibull { shape, scale } => -libm::expm1(-libm::pow(x / scale, *shape)),
            Self::Exponential { mean } => -libm::expm1(-x / mean),
            Self::Discrete(list) => list.cumulative(x),
            Self::Empirical(list) => list.cumulative(x),
        }
    }
}
