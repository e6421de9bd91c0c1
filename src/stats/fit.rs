//! Tests of fit: whether numbers may come from a distribution.

use super::LossError;
use statrs::distribution::{ChiSquared, ContinuousCDF};

/// How well numbers fit a distribution.
///
/// Distributions are those of [`statrs`](super::statrs), and the [`Distribution`](crate::draw::Distribution)s that
/// leaves hold.
///
/// ```
/// use supplyshock::draw::Distribution;
/// use supplyshock::stats::Fit;
/// use supplyshock::stats::statrs::distribution::Gamma;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let days = [3.1, 14.0, 5.2, 8.8, 6.1, 2.4, 9.9, 4.7]; // that deliveries were late
/// assert!(Fit::of(&days, &Gamma::new(2.5, 0.4)?)?.p_value > 0.1);
/// assert!(Fit::of(&days, &Distribution::exponential(60.0)?)?.p_value < 0.001);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Fit {
    /// The statistic of the test: the greater, the worse the fit.
    pub statistic: f64,
    /// Probability of so great a statistic where the numbers do come from the distribution.
    pub p_value: f64,
}

impl Fit {
    /// The test of Kolmogorov and Smirnov for independent draws from a continuous distribution. Its statistic is the
    /// greatest distance between the two cumulative distribution functions.
    ///
    /// The p-value is that of many draws, corrected for their number; it is good to 0.01 from 4 draws on. It holds for a
    /// distribution that was chosen without the draws: where its parameters were fitted to them, it is too great.
    ///
    /// # Formula
    ///
    /// ```text
    /// p = 2 Σ_{j ≥ 1} (-1)^(j-1) exp(-2 j² λ²),   λ = (√n + 0.12 + 0.11/√n) D
    /// ```
    ///
    /// Stephens (1970), "Use of the Kolmogorov-Smirnov, Cramér-von Mises and related statistics without extensive
    /// tables", J. R. Stat. Soc. B 32.
    ///
    /// # Errors
    ///
    /// [`LossError::Empty`] without draws, [`LossError::NonFinite`] for the first that is no finite number.
    pub fn of(draws: &[f64], distribution: &impl ContinuousCDF<f64, f64>) -> Result<Self, LossError> {
        if draws.is_empty() {
            return Err(LossError::Empty);
        }
        if let Some((trial, &value)) = draws.iter().enumerate().find(|(_, x)| !x.is_finite()) {
            return Err(LossError::NonFinite { trial, value });
        }
        let mut sorted = draws.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let n = sorted.len() as f64;
        let gap = |(k, x): (usize, &f64)| {
            let p = distribution.cdf(*x);
            f64::max(p - k as f64 / n, (k + 1) as f64 / n - p)
        };
        let statistic = sorted.iter().enumerate().map(gap).fold(0.0, f64::max);
        let root = n.sqrt();
        Ok(Fit { statistic, p_value: kolmogorov((root + 0.12 + 0.11 / root) * statistic) })
    }

    /// Pearson's chi-squared test of how often each of some outcomes came, given their probabilities. It needs some five
    /// expected of each.
    ///
    /// # Formula
    ///
    /// `Σ (count − n p)² / (n p)`, chi-squared with one degree of freedom less than there are outcomes.
    ///
    /// # Errors
    ///
    /// [`LossError::Empty`] where nothing is counted, [`LossError::Lengths`] for another number of probabilities than
    /// counts, [`LossError::Probabilities`] for fewer than two, one that is not above 0, or a sum other than 1.
    pub fn of_counts(counts: &[u64], probabilities: &[f64]) -> Result<Self, LossError> {
        let (left, right) = (counts.len(), probabilities.len());
        if left != right {
            return Err(LossError::Lengths { left, right });
        }
        let n: f64 = counts.iter().map(|count| *count as f64).sum();
        if n == 0.0 {
            return Err(LossError::Empty);
        }
        let total: f64 = probabilities.iter().sum();
        let refused = LossError::Probabilities { number: right, total };
        let adds_up = (total - 1.0).abs() <= 1e-9;
        if right < 2 || !probabilities.iter().all(|p| *p > 0.0) || !adds_up {
            return Err(refused);
        }
        let part = |(count, p): (&u64, &f64)| (*count as f64 - n * p) * (*count as f64 - n * p) / (n * p);
        let statistic = counts.iter().zip(probabilities).map(part).sum();
        let p_value = ChiSquared::new((left - 1) as f64).map_err(|_| refused)?.sf(statistic);
        Ok(Fit { statistic, p_value })
    }
}

/// Probability that the limit of `√n D` exceeds `λ`.
fn kolmogorov(lambda: f64) -> f64 {
    // Below this the series has not converged in its first terms, and its sum is 1 to 1e-12.
    if lambda < 0.2 {
        return 1.0;
    }
    let term = |j: u32| {
        let j = f64::from(j);
        libm::exp(-2.0 * j * j * lambda * lambda)
    };
    let sum: f64 = (1..=20).map(|j| if j % 2 == 1 { term(j) } else { -term(j) }).sum();
    (2.0 * sum).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::{Distribution, Stream};
    use approx::assert_relative_eq;
    use statrs::distribution::Uniform;

    #[test]
    fn the_p_value_is_that_of_the_tables() {
        // Critical values of √n D in the limit, and of D for 20 draws (Smirnov 1948; Miller 1956).
        for (lambda, p) in [(1.22385, 0.10), (1.35810, 0.05), (1.62762, 0.01), (1.94947, 0.001)] {
            assert_relative_eq!(kolmogorov(lambda), p, max_relative = 1e-4);
        }
        let root = 20.0_f64.sqrt();
        for (d, p) in [(0.26473, 0.10), (0.29408, 0.05), (0.35241, 0.01)] {
            assert_relative_eq!(kolmogorov((root + 0.12 + 0.11 / root) * d), p, max_relative = 0.03);
        }
        // The two halves of the series join.
        assert!((kolmogorov(0.2) - 1.0).abs() < 1e-9 && kolmogorov(0.199) == 1.0);
    }

    #[test]
    fn three_draws_have_the_distance_of_the_definition() {
        let uniform = Uniform::new(0.0, 1.0).unwrap();
        // Steps of the sample at 0.1, 0.2 and 0.9: the greatest gap is 2/3 − 0.2.
        let fit = Fit::of(&[0.9, 0.1, 0.2], &uniform).unwrap();
        assert_relative_eq!(fit.statistic, 2.0 / 3.0 - 0.2, max_relative = 1e-15);
    }

    #[test]
    fn a_true_distribution_passes_as_often_as_the_level_says_and_a_false_one_fails() {
        let (truth, other) = (Distribution::gamma(2.5, 2.0).unwrap(), Distribution::gamma(2.5, 2.3).unwrap());
        let (mut refused, mut seen) = (0, 0);
        for seed in 0..400 {
            let mut draws = [0.0; 150];
            Stream::new(seed, "fit").fill_uniform(0, 0, &mut draws);
            truth.fill_quantiles(&mut draws);
            refused += u32::from(Fit::of(&draws, &truth).unwrap().p_value < 0.1);
            seen += u32::from(Fit::of(&draws, &other).unwrap().p_value < 0.1);
        }
        // Four standard deviations of a binomial count with mean 40.
        assert!(refused.abs_diff(40) < 24, "{refused}");
        assert!(seen > 100, "{seen}");
    }

    #[test]
    fn counts_are_tested_by_the_formula() {
        // Mendel's peas (1866): 315, 108, 101, 32 of 9 : 3 : 3 : 1, a chi-squared of 0.470 with p 0.925.
        let peas = Fit::of_counts(&[315, 108, 101, 32], &[0.5625, 0.1875, 0.1875, 0.0625]).unwrap();
        assert_relative_eq!(peas.statistic, 0.470_024, max_relative = 1e-6);
        assert_relative_eq!(peas.p_value, 0.925_426, max_relative = 1e-5);
        assert!(Fit::of_counts(&[60, 40], &[0.5, 0.5]).unwrap().p_value < 0.05);
    }

    #[test]
    fn what_cannot_be_tested_is_refused() {
        let uniform = Uniform::new(0.0, 1.0).unwrap();
        assert_eq!(Fit::of(&[], &uniform), Err(LossError::Empty));
        let infinite = LossError::NonFinite { trial: 1, value: f64::INFINITY };
        assert_eq!(Fit::of(&[0.5, f64::INFINITY], &uniform), Err(infinite));
        assert_eq!(Fit::of_counts(&[1], &[0.5, 0.5]), Err(LossError::Lengths { left: 1, right: 2 }));
        assert_eq!(Fit::of_counts(&[0, 0], &[0.5, 0.5]), Err(LossError::Empty));
        for bad in [[0.5, 0.6], [1.0, 0.0], [1.5, -0.5], [f64::NAN, 0.5]] {
            assert!(matches!(Fit::of_counts(&[1, 2], &bad), Err(LossError::Probabilities { number: 2, .. })));
        }
        assert!(matches!(Fit::of_counts(&[3], &[1.0]), Err(LossError::Probabilities { .. })));
    }
}
