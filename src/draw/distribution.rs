//! Probability distributions, sampled by their quantile functions.

mod arguments;
mod check;
mod display;
mod kind;
mod scaled;
#[cfg(all(test, feature = "oracle"))]
mod tests;

pub use arguments::Argument;
use check::{finite, limits, positive, range, range_with_mode, shape_in_range, truncated};
use kind::Kind;

use super::error::DistributionError;
use super::incomplete::{BetaFunction, GammaFunction};
use super::sample::{Discrete, Empirical};
use super::stream::open_unit;
use serde::Serialize;

/// Limits within which a distribution is conditioned to lie; `None` is no limit.
///
/// The probability outside is spread over the inside in proportion (truncation);
/// it is not heaped at the limits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Bounds {
    /// The least value allowed, in the unit of the quantity.
    pub low: Option<f64>,
    /// The greatest value allowed, in the unit of the quantity.
    pub high: Option<f64>,
}

impl Bounds {
    /// No limits.
    pub const NONE: Self = Self { low: None, high: None };
}

/// The probability distribution of one number.
///
/// Constructors check their parameters, so a `Distribution` that exists has a
/// finite mean and a [`quantile`](Self::quantile) for every probability. All
/// arithmetic goes through `libm` or exactly rounded operations, so the same
/// parameters and probabilities give the same bits on every platform.
#[derive(Debug, Clone, PartialEq)]
pub struct Distribution {
    kind: Kind,
    mean: f64,
    support: (f64, f64),
}

impl Distribution {
    /// All that tells it from another, to be written into a fingerprint.
    pub(crate) fn parameters(&self) -> impl Serialize + '_ {
        &self.kind
    }

    /// Always `value`.
    ///
    /// # Errors
    ///
    /// `value` must be finite.
    pub fn constant(value: f64) -> Result<Self, DistributionError> {
        let value = finite("constant", "value", value)?;
        Ok(Self { kind: Kind::Constant(value), mean: value, support: (value, value) })
    }

    /// Any value from `low` to `high` alike; a constant if they are equal.
    ///
    /// # Errors
    ///
    /// Both must be finite, with `low <= high` and a finite difference.
    pub fn uniform(low: f64, high: f64) -> Result<Self, DistributionError> {
        let name = "uniform";
        let width = range(name, low, high)?;
        if width == 0.0 {
            return Self::constant(low);
        }
        Self::checked(name, Kind::Uniform { low, high }, low + 0.5 * width, (low, high))
    }

    /// A density that rises linearly from `low` to `mode` and falls linearly to
    /// `high`; a constant if all are equal.
    ///
    /// # Errors
    ///
    /// All must be finite, with `low <= mode <= high` and a finite difference of
    /// `high` and `low`.
    pub fn triangular(low: f64, mode: f64, high: f64) -> Result<Self, DistributionError> {
        let name = "triangular";
        let width = range_with_mode(name, low, mode, high)?;
        if width == 0.0 {
            return Self::constant(low);
        }
        let lower_share = (mode - low) / width;
        let kind = Kind::Triangular { low, mode, high, lower_share };
        Self::checked(name, kind, low + width * (1.0 + lower_share) / 3.0, (low, high))
    }

    /// The PERT distribution: a beta distribution from `low` to `high` with mean
    /// `(low + 4 mode + high) / 6`; a constant if all are equal.
    ///
    /// D. G. Malcolm, J. H. Roseboom, C. E. Clark and W. Fazar, "Application of
    /// a technique for research and development program evaluation", Operations
    /// Research 7 (1959), 646-669.
    ///
    /// # Errors
    ///
    /// All must be finite, with `low <= mode <= high` and a finite difference of
    /// `high` and `low`.
    pub fn pert(low: f64, mode: f64, high: f64) -> Result<Self, DistributionError> {
        let name = "pert";
        let width = range_with_mode(name, low, mode, high)?;
        if width == 0.0 {
            return Self::constant(low);
        }
        let alpha = 1.0 + 4.0 * ((mode - low) / width);
        let unit = BetaFunction::new(alpha, 1.0 + 4.0 * ((high - mode) / width));
        let kind = Kind::Pert { low, mode, high, unit };
        Self::checked(name, kind, low + width * (alpha / 6.0), (low, high))
    }

    /// The beta distribution with shapes `alpha` and `beta`, stretched from
    /// [0, 1] to [`low`, `high`].
    ///
    /// # Errors
    ///
    /// Each shape must be from 0.001 to 100 000; `low` and `high` must be finite,
    /// with `low < high` and a finite difference.
    pub fn beta(alpha: f64, beta: f64, low: f64, high: f64) -> Result<Self, DistributionError> {
        let name = "beta";
        let alpha = shape_in_range(name, "alpha", alpha)?;
        let beta = shape_in_range(name, "beta", beta)?;
        let width = range(name, low, high)?;
        if width == 0.0 {
            return Err(DistributionError::NoRoom { distribution: name, low, high });
        }
        let unit = BetaFunction::new(alpha, beta);
        let kind = Kind::Beta { alpha, beta, low, high, unit };
        Self::checked(name, kind, low + width * (alpha / (alpha + beta)), (low, high))
    }

    /// The normal distribution with this `mean` and standard deviation `sd`
    /// (both before truncation), truncated to `bounds`.
    ///
    /// # Errors
    ///
    /// `mean` must be finite, `sd` finite and above 0, a bound finite, the lower
    /// one below the upper one. The bounds may lie in a tail, up to 37 standard deviations out, and must
    /// keep at least a millionth of the tail that begins at one of them.
    pub fn normal(mean: f64, sd: f64, bounds: Bounds) -> Result<Self, DistributionError> {
        let name = "normal";
        let mean = finite(name, "mean", mean)?;
        let sd = positive(name, "sd", sd)?;
        let (low, high) = limits(name, bounds)?;
        let standard = truncated(name, (low - mean) / sd, (high - mean) / sd)?;
        let kept_mean = (mean + sd * standard.mean()).max(low).min(high);
        let kind = Kind::Normal { mean, sd, bounds, standard };
        Self::checked(name, kind, kept_mean, (low, high))
    }

    /// The distribution of `median * exp(sigma * Z)` for a standard normal `Z`,
    /// truncated to `bounds`. `sigma` is the standard deviation of the natural
    /// logarithm; `median` and `sigma` are those before truncation.
    ///
    /// # Errors
    ///
    /// `median` and `sigma` must be finite and above 0, a bound finite, the lower
    /// one below the upper one, the logarithms of the bounds as those of a [`normal`](Self::normal), and the
    /// mean must be a finite `f64`.
    pub fn log_normal(median: f64, sigma: f64, bounds: Bounds) -> Result<Self, DistributionError> {
        let name = "log_normal";
        let median = positive(name, "median", median)?;
        let sigma = positive(name, "sigma", sigma)?;
        let (low, high) = limits(name, bounds)?;
        let low = low.max(0.0);
        if low >= high {
            return Err(DistributionError::NoRoom { distribution: name, low, high });
        }
        let score = |x: f64| match x {
            x if x <= 0.0 => f64::NEG_INFINITY,
            x => (libm::log(x) - libm::log(median)) / sigma,
        };
        let standard = truncated(name, score(low), score(high))?;
        let mean = median * standard.mean_of_exponential(sigma);
        // A comparison that fails for NaN would let max and min hide it.
        let mean = if mean.is_nan() { mean } else { mean.max(low).min(high) };
        let kind = Kind::LogNormal { median, sigma, bounds, standard };
        Self::checked(name, kind, mean, (low, high))
    }

    /// The gamma distribution; its mean is `shape * scale`.
    ///
    /// # Errors
    ///
    /// `shape` must be from 0.001 to 100 000, `scale` finite and above 0, and the
    /// mean a finite `f64`.
    pub fn gamma(shape: f64, scale: f64) -> Result<Self, DistributionError> {
        let name = "gamma";
        let shape = shape_in_range(name, "shape", shape)?;
        let scale = positive(name, "scale", scale)?;
        let kind = Kind::Gamma { shape, scale, unit: GammaFunction::new(shape) };
        Self::checked(name, kind, shape * scale, (0.0, f64::INFINITY))
    }

    /// The Weibull distribution, `P(X > x) = exp(-(x / scale)^shape)`; its mean
    /// is `scale * Gamma(1 + 1 / shape)`.
    ///
    /// # Errors
    ///
    /// `shape` and `scale` must be finite and above 0, and the mean a finite
    /// `f64` (so a shape below about 0.006 is refused).
    pub fn weibull(shape: f64, scale: f64) -> Result<Self, DistributionError> {
        let name = "weibull";
        let shape = positive(name, "shape", shape)?;
        let scale = positive(name, "scale", scale)?;
        let mean = scale * libm::tgamma(1.0 + 1.0 / shape);
        Self::checked(name, Kind::Weibull { shape, scale }, mean, (0.0, f64::INFINITY))
    }

    /// The exponential distribution with this `mean`.
    ///
    /// # Errors
    ///
    /// `mean` must be finite and above 0.
    pub fn exponential(mean: f64) -> Result<Self, DistributionError> {
        let name = "exponential";
        let mean = positive(name, "mean", mean)?;
        Self::checked(name, Kind::Exponential { mean }, mean, (0.0, f64::INFINITY))
    }

    /// `values[i]` with a probability in proportion to `weights[i]`. The order
    /// does not matter; a value of weight 0 never occurs.
    ///
    /// # Errors
    ///
    /// There must be at least one value and as many weights; values must be
    /// finite, weights finite and at least 0, and their sum finite and above 0.
    pub fn discrete(values: &[f64], weights: &[f64]) -> Result<Self, DistributionError> {
        let list = Discrete::new(values, weights)?;
        let (mean, support) = (list.mean(), list.support());
        Self::checked("discrete", Kind::Discrete(list), mean, support)
    }

    /// The distribution of a sample: linear between the sorted values, which are
    /// its quantiles at 0, 1/(n-1), ..., 1 (type 7 of Hyndman and Fan, "Sample
    /// quantiles in statistical packages", The American Statistician 50 (1996)).
    /// Its mean is that of the interpolated distribution, in which the least and
    /// the greatest value count half.
    ///
    /// # Errors
    ///
    /// There must be at least one value, all of them finite, with a finite
    /// difference of the greatest and the least.
    pub fn empirical(values: &[f64]) -> Result<Self, DistributionError> {
        let list = Empirical::new(values)?;
        let (mean, support) = (list.mean(), list.support());
        range("empirical", support.0, support.1)?;
        Self::checked("empirical", Kind::Empirical(list), mean, support)
    }

    /// The value that is not exceeded with probability `u`: the inverse of the
    /// cumulative distribution function.
    ///
    /// It never decreases with `u`, save by rounding: a few units in the last
    /// place, or up to 1e-11 relative for gamma and beta shapes at the ends of
    /// their range. It is relative to the value, the median or the least value,
    /// whichever is the largest: a value near 0 within -1 and 1 is rounded as
    /// these are. It is finite and lies in the [`support`](Self::support). A
    /// `u` outside (0, 1) is taken as the nearest number inside, NaN as the
    /// least.
    #[must_use]
    pub fn quantile(&self, u: f64) -> f64 {
        self.clip(self.kind.raw_quantile(inside_unit(u)))
    }

    /// The probability of a value of at most `x`: the cumulative distribution function; NaN for NaN.
    #[must_use]
    pub fn cumulative(&self, x: f64) -> f64 {
        match x {
            _ if x.is_nan() => f64::NAN,
            _ if x < self.support.0 => 0.0,
            // Infinity, too, whatever the formulas would make of it.
            _ if x >= self.support.1 => 1.0,
            _ => self.kind.raw_cumulative(x).clamp(0.0, 1.0),
        }
    }

    /// Replaces each probability in `u` by its [`quantile`](Self::quantile), to
    /// the bit.
    pub fn fill_quantiles(&self, u: &mut [f64]) {
        for slot in u {
            *slot = self.quantile(*slot);
        }
    }

    /// The mean, with truncation taken into account.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The least and the greatest value possible; either may be infinite.
    #[must_use]
    pub fn support(&self) -> (f64, f64) {
        self.support
    }

    /// Whether only one value is possible.
    #[must_use]
    pub fn is_constant(&self) -> bool {
        self.support.0 == self.support.1
    }

    fn checked(
        distribution: &'static str,
        kind: Kind,
        mean: f64,
        support: (f64, f64),
    ) -> Result<Self, DistributionError> {
        if !mean.is_finite() {
            return Err(DistributionError::Overflow { distribution, quantity: "mean", value: mean });
        }
        Ok(Self { kind, mean, support })
    }

    /// Rounding may carry a quantile past an end, or past the greatest `f64`.
    #[inline]
    fn clip(&self, x: f64) -> f64 {
        let (low, high) = self.support;
        x.max(low).min(high).clamp(f64::MIN, f64::MAX)
    }
}

/// One uniform number from the generator gives one value by [`Distribution::quantile`], so that a greater number gives a
/// greater value.
///
/// ```
/// use supplyshock::draw::rand::RngExt as _;
/// use supplyshock::draw::{Distribution, Stream};
/// # fn main() -> Result<(), supplyshock::draw::DistributionError> {
/// let delay = Distribution::gamma(2.0, 5.0)?;
/// let days: f64 = Stream::new(2026, "delay").rng(0).sample(&delay);
/// assert!(days > 0.0);
/// # Ok(())
/// # }
/// ```
impl rand::distr::Distribution<f64> for Distribution {
    fn sample<R: rand::Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        self.quantile(open_unit(rng.next_u64()))
    }
}

/// So that tests of fit take it.
#[cfg(feature = "fit")]
impl statrs::distribution::ContinuousCDF<f64, f64> for Distribution {
    fn cdf(&self, x: f64) -> f64 {
        self.cumulative(x)
    }

    fn inverse_cdf(&self, p: f64) -> f64 {
        self.quantile(p)
    }
}

#[cfg(feature = "fit")]
impl statrs::statistics::Min<f64> for Distribution {
    fn min(&self) -> f64 {
        self.support.0
    }
}

#[cfg(feature = "fit")]
impl statrs::statistics::Max<f64> for Distribution {
    fn max(&self) -> f64 {
        self.support.1
    }
}

#[allow(clippy::manual_clamp, reason = "clamp would keep a NaN")]
#[inline]
fn inside_unit(u: f64) -> f64 {
    u.max(f64::MIN_POSITIVE).min(1.0 - f64::EPSILON / 2.0)
}
