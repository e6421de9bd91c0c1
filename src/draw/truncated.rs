//! The standard normal distribution between two bounds, on which the normal and
//! log-normal distributions rest.

use super::normal::{normal_cdf, normal_pdf, normal_quantile};

/// A standard normal known to lie in [`low`, `high`] (either may be infinite),
/// sampled by its inverse cumulative probability.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TruncatedNormal {
    low: f64,
    high: f64,
    /// Whether probabilities are those of the mirror image. An interval above 0
    /// is mirrored, because the lower tail keeps its digits and the upper one
    /// does not.
    mirrored: bool,
    below_low: f64,
    below_high: f64,
}

impl TruncatedNormal {
    pub(super) fn new(low: f64, high: f64) -> Self {
        let mirrored = low > 0.0;
        let (first, last) = if mirrored { (-high, -low) } else { (low, high) };
        Self { low, high, mirrored, below_low: normal_cdf(first), below_high: normal_cdf(last) }
    }

    /// Probability of the interval for an unrestricted standard normal.
    pub(super) fn kept(&self) -> f64 {
        self.below_high - self.below_low
    }

    #[inline]
    pub(super) fn quantile(&self, u: f64) -> f64 {
        // A sum that rounds up to 1 would send the quantile to infinity.
        let greatest = 1.0 - f64::EPSILON / 2.0;
        let z = if self.mirrored {
            -normal_quantile(self.below_high - u * self.kept())
        } else {
            normal_quantile((self.below_low + u * self.kept()).min(greatest))
        };
        z.max(self.low).min(self.high)
    }

    /// Probability of at most `z`.
    pub(super) fn cumulative(&self, z: f64) -> f64 {
        let z = z.max(self.low).min(self.high);
        let below =
            if self.mirrored { self.below_high - normal_cdf(-z) } else { normal_cdf(z) - self.below_low };
        (below / self.kept()).clamp(0.0, 1.0)
    }

    pub(super) fn mean(&self) -> f64 {
        (normal_pdf(self.low) - normal_pdf(self.high)) / self.kept()
    }

    /// Mean of `exp(sigma z)`.
    pub(super) fn mean_of_exponential(&self, sigma: f64) -> f64 {
        let shifted = Self::new(self.low - sigma, self.high - sigma);
        libm::exp(0.5 * sigma * sigma) * (shifted.kept() / self.kept())
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn without_limits_it_is_the_plain_normal() {
        let plain = TruncatedNormal::new(f64::NEG_INFINITY, f64::INFINITY);
        assert_eq!(plain.kept(), 1.0);
        assert_eq!(plain.mean(), 0.0);
        for u in [1e-300, 0.2, 0.5, 1.0 - f64::EPSILON / 2.0] {
            assert_eq!(plain.quantile(u), normal_quantile(u));
        }
    }

    #[test]
    fn upper_tail_is_the_mirror_image_of_the_lower() {
        let upper = TruncatedNormal::new(4.0, 4.5);
        let lower = TruncatedNormal::new(-4.5, -4.0);
        assert_eq!(upper.kept(), lower.kept());
        assert_eq!(upper.mean(), -lower.mean());
        for k in 1..64 {
            let u = f64::from(k) / 64.0;
            assert_relative_eq!(upper.quantile(u), -lower.quantile(1.0 - u), max_relative = 1e-14);
        }
    }

    #[test]
    fn quantile_stays_finite_where_the_probability_rounds_to_1() {
        let half = TruncatedNormal::new(0.0, f64::INFINITY);
        let x = half.quantile(1.0 - f64::EPSILON / 2.0);
        assert!(x > 8.0 && x < 9.0, "{x}");
    }

    #[test]
    fn means_are_those_of_their_quantiles() {
        // Midpoint rule over the probability.
        const POINTS: u32 = 10_000;
        for (low, high) in [(-1.0, 2.0), (0.5, 1.0), (2.0, 3.0), (-3.0, -2.0)] {
            let truncated = TruncatedNormal::new(low, high);
            let (mut sum, mut sum_of_exponentials) = (0.0, 0.0);
            for k in 0..POINTS {
                let z = truncated.quantile((f64::from(k) + 0.5) / f64::from(POINTS));
                sum += z / f64::from(POINTS);
                sum_of_exponentials += libm::exp(0.7 * z) / f64::from(POINTS);
            }
            assert_relative_eq!(truncated.mean(), sum, max_relative = 1e-6);
            assert_relative_eq!(truncated.mean_of_exponential(0.7), sum_of_exponentials, max_relative = 1e-6);
        }
    }
}
