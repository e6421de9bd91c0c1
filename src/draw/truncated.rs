//! The standard normal distribution between two bounds, on which the normal and
//! log-normal distributions rest.

use super::normal::{normal_cdf, normal_pdf, normal_quantile};

/// Least probability of the tail that the interval lies in: about that beyond 37 standard deviations. Below it
/// probabilities lose their digits.
pub(super) const LEAST_TAIL: f64 = 1e-300;

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

    /// Probability of the tail that begins at the end of the interval where the density is greater; of an interval about
    /// 0, that of all below its upper end.
    pub(super) fn tail(&self) -> f64 {
        self.below_high
    }

    #[inline]
    pub(super) fn quantile(&self, u: f64) -> f64 {
        // A sum that rounds up to 1 would send the quantile to infinity.
        let greatest = 1.0 - f64::EPSILON / 2.0;
        // And of a far tail, a rest that rounds to 0.
        let least = f64::from_bits(1);
        let z = if self.mirrored {
            -normal_quantile((self.below_high - u * self.kept()).max(least))
        } else {
            normal_quantile((self.below_low + u * self.kept()).min(greatest).max(least))
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
        let mean = libm::exp(0.5 * sigma * sigma) * (shifted.kept() / self.kept());
        if shifted.tail() >= LEAST_TAIL && mean.is_finite() {
            return mean;
        }
        // One factor is too small for a number, or the other too large, but their product need not be.
        let shifted = log_kept(self.low - sigma, self.high - sigma);
        libm::exp(0.5 * sigma * sigma + shifted - log_kept(self.low, self.high))
    }
}

/// Logarithm of the probability of an interval, however far from 0 it lies.
fn log_kept(low: f64, high: f64) -> f64 {
    let (first, last) = if low > 0.0 { (-high, -low) } else { (low, high) };
    let (below_low, below_high) = (log_cdf(first), log_cdf(last));
    below_high + libm::log1p(-libm::exp(below_low - below_high))
}

/// Logarithm of [`normal_cdf`].
fn log_cdf(z: f64) -> f64 {
    if z > -30.0 {
        return libm::log(normal_cdf(z));
    }
    // Abramowitz & Stegun 26.2.12; the first term that is left out is below 2e-12.
    let s = 1.0 / (z * z);
    let series = 1.0 - s * (1.0 - s * (3.0 - s * (15.0 - s * 105.0)));
    libm::log(normal_pdf(0.0) * series / -z) - 0.5 * z * z
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
    fn a_tail_far_out_is_drawn_as_it_is() {
        // Beyond a, the mean is that of the hazard: 37.026 988 for 37 (Abramowitz & Stegun 26.2.12 to five terms).
        for (a, mean) in
            [(5.0, 5.186_503_967_125_844), (20.0, 20.049_753_068_527_85), (37.0, 37.026_987_686_126_99)]
        {
            let tail = TruncatedNormal::new(a, f64::INFINITY);
            let mirror = TruncatedNormal::new(f64::NEG_INFINITY, -a);
            assert_relative_eq!(tail.mean(), mean, max_relative = 1e-10);
            assert_relative_eq!(mirror.mean(), -mean, max_relative = 1e-10);
            const POINTS: u32 = 20_000;
            let sum: f64 = (0..POINTS).map(|k| tail.quantile((f64::from(k) + 0.5) / f64::from(POINTS))).sum();
            assert_relative_eq!(sum / f64::from(POINTS), mean, max_relative = 1e-6);
            // The chance to be beyond x, by the ratio of tails, is the u that x comes from.
            for k in 1..64 {
                let u = f64::from(k) / 64.0;
                let x = tail.quantile(u);
                assert_relative_eq!(normal_cdf(-x) / normal_cdf(-a), 1.0 - u, max_relative = 1e-11);
                assert!((tail.cumulative(x) - u).abs() < 1e-12);
                assert_relative_eq!(mirror.quantile(1.0 - u), -x, max_relative = 1e-14);
            }
            for u in [f64::MIN_POSITIVE, 1.0 - f64::EPSILON / 2.0] {
                assert!((a..a + 40.0).contains(&tail.quantile(u)) && mirror.quantile(u).is_finite());
            }
        }
    }

    #[test]
    fn the_mean_of_an_exponential_is_found_where_its_factors_leave_the_range_of_numbers() {
        // The exponential of 0.1 z far down the lower tail, and of 45 z below 0, by the ratio of tails.
        for (high, sigma) in [(-36.5, 5.0), (0.0, 45.0), (-10.0, 60.0)] {
            let truncated = TruncatedNormal::new(f64::NEG_INFINITY, high);
            const POINTS: u32 = 400_000;
            let of = |k: u32| {
                libm::exp(sigma * (truncated.quantile((f64::from(k) + 0.5) / f64::from(POINTS)) - high))
            };
            let sum: f64 = (0..POINTS).map(of).sum();
            let expected = sum / f64::from(POINTS);
            let found = truncated.mean_of_exponential(sigma) / libm::exp(sigma * high);
            assert_relative_eq!(found, expected, max_relative = 1e-4);
        }
        for z in [-30.0_f64, -25.0] {
            assert_relative_eq!(log_cdf(z), libm::log(normal_cdf(z)), max_relative = 1e-13);
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
