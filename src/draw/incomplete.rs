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

use super::normal::normal_quantile;

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

/// A beta distribution on [0, 1].
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BetaFunction {
    lower: BetaTail,
    upper: BetaTail,
    /// Probability of the lower half of [0, 1].
    half: f64,
}

impl BetaFunction {
    pub(crate) fn new(a: f64, b: f64) -> Self {
        let log_beta = libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
        let lower = BetaTail { a, b, log_beta };
        let upper = BetaTail { a: b, b: a, log_beta };
        let half = lower.at(0.5).0.below();
        Self { lower, upper, half }
    }

    /// `I_x(a, b)`, the probability of at most `x`, for `x` in [0, 1].
    pub(crate) fn cumulative(&self, x: f64) -> f64 {
        self.lower.at(x).0.below()
    }

    /// The `x` with `I_x(a, b) = p`.
    pub(super) fn quantile(&self, p: f64) -> f64 {
        self.split(p, 1.0 - p)[0]
    }

    /// The `x` with `I_x(a, b) = p = 1 - q`, and `1 - x`. Each of the two has all
    /// its digits, however close it is to 0.
    pub(crate) fn split(&self, p: f64, q: f64) -> [f64; 2] {
        // The distance to the nearer end is solved for, since it may be far
        // smaller than the rounding of 1.
        if p <= self.half {
            let x = self.lower.quantile(p, q);
            [x, 1.0 - x]
        } else {
            let y = self.upper.quantile(q, p);
            [1.0 - y, y]
        }
    }
}

/// A beta distribution as seen from 0.
#[derive(Debug, Clone, PartialEq)]
struct BetaTail {
    a: f64,
    b: f64,
    log_beta: f64,
}

impl BetaTail {
    fn quantile(&self, p: f64, q: f64) -> f64 {
        solve(1.0, self.first_guess(p, q), |x| {
            let (side, density) = self.at(x);
            let slope = (self.a - 1.0) / x - (self.b - 1.0) / (1.0 - x);
            Point { excess: side.excess(p, q), density, slope }
        })
    }

    fn first_guess(&self, p: f64, q: f64) -> f64 {
        let (a, b) = (self.a, self.b);
        if a >= 1.0 && b >= 1.0 {
            let z = if p <= 0.5 { -normal_quantile(p) } else { normal_quantile(q) };
            let s = 1.0 / (2.0 * a - 1.0);
            let t = 1.0 / (2.0 * b - 1.0);
            let h = 2.0 / (s + t);
            let l = (z * z - 3.0) / 6.0;
            let w = z * (l + h).max(0.0).sqrt() / h - (t - s) * (l + 5.0 / 6.0 - 2.0 / (3.0 * h));
            let x = a / (a + b * libm::exp(2.0 * w));
            if x > 1e-3 {
                return x;
            }
            // The leading term of the series in x: too small, but close where
            // the formula fails.
            return x.max(libm::exp((libm::log(p) + self.log_beta + libm::log(a)) / a));
        }
        let lower = libm::exp(a * libm::log(a / (a + b))) / a;
        let upper = libm::exp(b * libm::log(b / (a + b))) / b;
        let whole = lower + upper;
        if p < lower / whole {
            libm::pow(a * whole * p, 1.0 / a)
        } else {
            1.0 - libm::pow(b * whole * q, 1.0 / b)
        }
    }

    /// Cumulative probability and density at `x`.
    fn at(&self, x: f64) -> (Side, f64) {
        let (a, b) = (self.a, self.b);
        // Shapes and not shapes less 1 in the exponent: near 0 a small multiple of
        // a great logarithm keeps its digits.
        let front = libm::exp(a * libm::log(x) + b * libm::log1p(-x) - self.log_beta);
        let side = if x < (a + 1.0) / (a + b + 2.0) {
            Side::Below(front * beta_fraction(a, b, x) / a)
        } else {
            Side::Above(front * beta_fraction(b, a, 1.0 - x) / b)
        };
        (side, front / (x * (1.0 - x)))
    }
}

/// The continued fraction of the incomplete beta function, by Lentz's method.
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let away_from_zero = |v: f64| if v.abs() < TINY { TINY } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    for m in 1..TERMS {
        let m = m as f64;
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away_from_zero(1.0 + even * d);
        c = away_from_zero(1.0 + even / c);
        value *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away_from_zero(1.0 + odd * d);
        c = away_from_zero(1.0 + odd / c);
        let change = d * c;
        value *= change;
        if (change - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    value
}

/// A gamma distribution with scale 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct GammaFunction {
    a: f64,
    log_gamma: f64,
}

impl GammaFunction {
    pub(super) fn new(a: f64) -> Self {
        Self { a, log_gamma: libm::lgamma(a) }
    }

    /// `P(a, x)`, the probability of at most `x`, for `x` of at least 0.
    pub(super) fn cumulative(&self, x: f64) -> f64 {
        match x {
            0.0 => 0.0,
            f64::INFINITY => 1.0,
            _ => self.at(x).0.below(),
        }
    }

    /// The `x` with `P(a, x) = p`.
    pub(super) fn quantile(&self, p: f64) -> f64 {
        solve(f64::INFINITY, self.first_guess(p), |x| {
            let (side, density) = self.at(x);
            Point { excess: side.excess(p, 1.0 - p), density, slope: (self.a - 1.0) / x - 1.0 }
        })
    }

    /// Cumulative probability and density at `x`.
    fn at(&self, x: f64) -> (Side, f64) {
        let front = libm::exp(self.a * libm::log(x) - x - self.log_gamma);
        let side = if x < self.a + 1.0 {
            Side::Below(front * self.series(x))
        } else {
            Side::Above(front * self.fraction(x))
        };
        (side, front / x)
    }

    fn first_guess(&self, p: f64) -> f64 {
        let a = self.a;
        if a > 1.0 {
            // Wilson and Hilferty; the floor is the leading term of the series.
            let z = normal_quantile(p);
            let root = 1.0 - 1.0 / (9.0 * a) + z / (3.0 * a.sqrt());
            if root > 0.1 {
                return a * root * root * root;
            }
            return libm::exp((libm::log(p) + self.log_gamma + libm::log(a)) / a);
        }
        let t = 1.0 - a * (0.253 + a * 0.12);
        if p < t { libm::pow(p / t, 1.0 / a) } else { 1.0 - libm::log1p(-(p - t) / (1.0 - t)) }
    }

    /// `P(a, x) / (x * density)` by its power series.
    fn series(&self, x: f64) -> f64 {
        let mut term = 1.0 / self.a;
        let mut sum = term;
        for n in 1..TERMS {
            term *= x / (self.a + n as f64);
            sum += term;
            if term <= sum * f64::EPSILON {
                break;
            }
        }
        sum
    }

    /// `Q(a, x) / (x * density)` by its continued fraction, Lentz's method.
    fn fraction(&self, x: f64) -> f64 {
        let away_from_zero = |v: f64| if v.abs() < TINY { TINY } else { v };
        let mut b = x + 1.0 - self.a;
        let mut c = 1.0 / TINY;
        let mut d = 1.0 / away_from_zero(b);
        let mut value = d;
        for n in 1..TERMS {
            let n = n as f64;
            let numerator = -n * (n - self.a);
            b += 2.0;
            d = 1.0 / away_from_zero(numerator * d + b);
            c = away_from_zero(b + numerator / c);
            let change = d * c;
            value *= change;
            if (change - 1.0).abs() <= f64::EPSILON {
                break;
            }
        }
        value
    }
}

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

/// What the root finder needs to know at one `x`.
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

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;
    use statrs::function::{beta::beta_reg, gamma::gamma_lr};

    use super::*;

    #[test]
    fn beta_quantiles_meet_exact_values() {
        // 40-digit arithmetic.
        for (a, b, p, exact) in [
            (2.0, 4.0, 0.3, 0.218_026_915_763_224_7),
            (2.0, 4.0, 1e-6, 0.000_316_327_821_393_724_23),
            (1.0, 5.0, 0.999, 0.748_811_356_849_042),
            (0.5, 0.5, 0.1, 0.024_471_741_852_423_217),
            (0.05, 3.0, 0.7, 0.000_183_590_149_747_091_57),
            (50.0, 20.0, 0.01, 0.581_776_693_096_904_7),
            (300.0, 7.0, 0.5, 0.978_227_632_559_475),
            (2.0, 4.0, 1.0 - f64::EPSILON / 2.0, 0.999_931_353_876_224_9),
        ] {
            let x = BetaFunction::new(a, b).quantile(p);
            assert_relative_eq!(x, exact, max_relative = 2e-13);
        }
    }

    #[test]
    fn gamma_quantiles_meet_exact_values() {
        // 40-digit arithmetic.
        for (a, p, exact) in [
            (2.5, 0.3, 1.499_954_066_379_953),
            (2.5, 1e-9, 0.000_406_144_782_832_827_04),
            (0.3, 0.9, 0.884_810_773_360_244),
            (0.05, 0.5, 5.573_878_440_746_248e-7),
            (100.0, 0.01, 78.215_983_053_795_82),
            (700.0, 0.99, 763.015_942_290_431_9),
            (1.0, 1.0 - f64::EPSILON / 2.0, 36.736_800_569_677_1),
        ] {
            let x = GammaFunction::new(a).quantile(p);
            assert_relative_eq!(x, exact, max_relative = 2e-13);
        }
    }

    #[test]
    fn cumulative_probabilities_run_from_0_to_1() {
        for (a, b) in [(2.0, 4.0), (0.5, 0.5), (5e6, 5e6)] {
            let beta = BetaFunction::new(a, b);
            assert_eq!((beta.cumulative(0.0), beta.cumulative(1.0)), (0.0, 1.0));
        }
        let gamma = GammaFunction::new(2.5);
        let ends = [0.0, 1e300, f64::INFINITY].map(|x| gamma.cumulative(x));
        assert_eq!(ends, [0.0, 1.0, 1.0]);
    }

    #[test]
    fn what_is_left_of_1_has_all_its_digits() {
        // For a second shape of 1, I_x is x^a.
        for q in [1e-3, 1e-9, 1e-15] {
            let [x, rest] = BetaFunction::new(3.0, 1.0).split(1.0 - q, q);
            assert_relative_eq!(rest, -libm::expm1(libm::log1p(-q) / 3.0), max_relative = 1e-13);
            assert_eq!(x, 1.0 - rest);
        }
    }

    #[test]
    fn beta_with_one_shape_1_has_a_closed_form() {
        for k in 1..1000 {
            let p = f64::from(k) / 1000.0;
            let x = BetaFunction::new(1.0, 5.0).quantile(p);
            assert_relative_eq!(x, 1.0 - libm::pow(1.0 - p, 0.2), max_relative = 1e-13);
            let x = BetaFunction::new(0.2, 1.0).quantile(p);
            assert_relative_eq!(x, libm::pow(p, 5.0), max_relative = 1e-13);
        }
    }

    proptest! {
        #[test]
        fn beta_distribution_undoes_its_quantile(
            log_a in -4.0..7.0_f64, log_b in -4.0..7.0_f64, p in 0.0001..0.9999_f64,
        ) {
            let (a, b) = (libm::exp(log_a), libm::exp(log_b));
            let x = BetaFunction::new(a, b).quantile(p);
            // Where the quantile is within rounding of an end, no x gives p back.
            prop_assume!(x > 1e-290 && x < 1.0 - 1e-6);
            for back in [beta_reg(a, b, x), BetaFunction::new(a, b).cumulative(x)] {
                prop_assert!((back - p).abs() < 1e-9, "a {} b {} p {} x {} back {}", a, b, p, x, back);
            }
        }

        #[test]
        fn gamma_distribution_undoes_its_quantile(log_a in -4.0..7.0_f64, p in 0.0001..0.9999_f64) {
            let a = libm::exp(log_a);
            let x = GammaFunction::new(a).quantile(p);
            prop_assume!(x > 1e-290);
            for back in [gamma_lr(a, x), GammaFunction::new(a).cumulative(x)] {
                prop_assert!((back - p).abs() < 1e-9, "a {} p {} x {} back {}", a, p, x, back);
            }
        }

        #[test]
        fn quantiles_are_numbers_over_the_whole_range_of_shapes(
            log_a in -6.9..11.5_f64, log_b in -6.9..11.5_f64, p in 1e-12..1.0_f64,
        ) {
            let (a, b) = (libm::exp(log_a), libm::exp(log_b));
            let x = BetaFunction::new(a, b).quantile(p);
            prop_assert!((0.0..=1.0).contains(&x));
            let y = GammaFunction::new(a).quantile(p);
            prop_assert!(y >= 0.0 && y.is_finite());
        }
    }
}
