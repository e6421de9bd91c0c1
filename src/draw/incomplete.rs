//! The regularised incomplete beta and gamma functions and their inverses,
//! built on `libm` alone so that the bits are the same on every platform.
//!
//! Distributions have shapes within [`LEAST_SHAPE`] and [`GREATEST_SHAPE`];
//! confidence intervals take shapes up to 1e7. Errors come from the logarithm of
//! the gamma function: about 1e-16 times the size of its value, so 1e-14 relative
//! for shapes of a few units and 1e-10 for a shape of 1e5.
//!
//! Series, fractions and starting values: W. H. Press et al., "Numerical
//! Recipes", 3rd edition (2007), sections 6.2 and 6.4; M. Abramowitz and I. A.
//! Stegun, "Handbook of Mathematical Functions" (1964), 26.2.22 and 26.5.22.
//! The inverses add a bracket, so that each step either is a good one or halves
//! the interval.

mod beta;
mod gamma;
#[cfg(all(test, feature = "oracle"))]
mod tests;

pub(crate) use beta::BetaFunction;
pub(super) use gamma::GammaFunction;

/// Below this, quantiles underflow to 0 over most of the range.
pub(super) const LEAST_SHAPE: f64 = 1e-3;
/// Above this, precision and speed fall off, and the spread is below 1 %.
pub(super) const GREATEST_SHAPE: f64 = 1e5;

/// Steps of a continued fraction or series: about `sqrt(shape)` of them are
/// needed, times a small factor.
const TERMS: usize = 5_000;
const STEPS: usize = 200;
/// The root finder converges cubically, so a step of this relative size leaves
/// an error below rounding.
const LAST_STEP: f64 = 1e-8;
const TINY: f64 = 1e-300;

/// A cumulative probability, from the side on which it was computed.
enum Side {
    Below(f64),
    Above(f64),
}

impl Side {
    /// The probability below.
    fn below(self) -> f64 {
        match self {
            Self::Below(p) => p,
            Self::Above(q) => 1.0 - q,
        }
    }

    /// How far the probability below exceeds `p = 1 - q`, in terms of the
    /// smaller of the two, which has the more digits.
    fn excess(self, p: f64, q: f64) -> f64 {
        match self {
            Self::Below(below) if p <= q => below - p,
            Self::Below(below) => q - (1.0 - below),
            Self::Above(above) if p <= q => (1.0 - above) - p,
            Self::Above(above) => q - above,
        }
    }
}

/// All that the root finder needs to know at one `x`.
struct Point {
    /// Cumulative probability less the wanted one.
    excess: f64,
    density: f64,
    /// Derivative of the logarithm of the density.
    slope: f64,
}

/// The root of an increasing function on (0, `high`) by Halley's method, kept
/// inside a shrinking bracket.
fn solve(mut high: f64, guess: f64, at: impl Fn(f64) -> Point) -> f64 {
    // Only a quantile too small for an f64 has such a guess.
    if guess <= 0.0 {
        return 0.0;
    }
    let mut low = 0.0;
    let mut x = if guess < high { guess } else { 0.5 };
    for _ in 0..STEPS {
        let point = at(x);
        if point.excess == 0.0 {
            return x;
        }
        if point.excess > 0.0 {
            high = x;
        } else {
            low = x;
        }
        let newton = point.excess / point.density;
        let next = x - newton / (1.0 - 0.5 * (newton * point.slope).min(1.0));
        let inside = next > low && next < high;
        if (next - x).abs() <= LAST_STEP * x {
            return if inside { next } else { x };
        }
        x = if inside {
            next
        } else if high.is_finite() {
            0.5 * (low + high)
        } else {
            2.0 * x
        };
        if x <= low || x >= high {
            return x;
        }
    }
    x
}
