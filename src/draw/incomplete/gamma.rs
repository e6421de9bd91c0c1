//! The incomplete gamma function.

use super::{Point, Side, TERMS, TINY, solve};
use crate::draw::normal::normal_quantile;

/// A gamma distribution with scale 1.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::draw) struct GammaFunction {
    a: f64,
    log_gamma: f64,
}

impl GammaFunction {
    pub(in crate::draw) fn new(a: f64) -> Self {
        Self { a, log_gamma: libm::lgamma(a) }
    }

    /// `P(a, x)`, the probability of at most `x`, for `x` of at least 0.
    pub(in crate::draw) fn cumulative(&self, x: f64) -> f64 {
        match x {
            0.0 => 0.0,
            f64::INFINITY => 1.0,
            _ => self.at(x).0.below(),
        }
    }

    /// The `x` with `P(a, x) = p`.
    pub(in crate::draw) fn quantile(&self, p: f64) -> f64 {
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
