//! The incomplete beta function.

use super::{Point, Side, TERMS, TINY, solve};
use crate::draw::normal::normal_quantile;

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
    pub(in crate::draw) fn quantile(&self, p: f64) -> f64 {
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
