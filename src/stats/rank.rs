//! Spearman's rank correlation.

use super::rounding::{compare, read};
use super::{LossError, check_negligible};
use std::cmp::Ordering;

/// Rank correlation of two columns of equal length.
///
/// For one column against many, rank each once with [`Ranks`].
///
/// # Formula
///
/// ```text
/// ρ = Σ (r_i - r̄)(s_i - s̄) / sqrt(Σ (r_i - r̄)² · Σ (s_i - s̄)²)
/// ```
///
/// with `r`, `s` the ranks, equal values sharing the average of their ranks. The result lies in
/// `[-1, 1]` and is 0 when either column is constant or empty. It is NaN when the lengths differ
/// or a value is NaN. Spearman (1904), "The proof and measurement of association between two
/// things", Am. J. Psychol. 15; Kendall & Gibbons (1990), "Rank Correlation Methods", ch. 3 for
/// ties.
pub fn rank_correlation(x: &[f64], y: &[f64]) -> f64 {
    Ranks::new(x).correlation(&Ranks::new(y))
}

/// The ranks of a column, made once and correlated with many others.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranks {
    // Twice the average rank less its mean: always an integer, so every sum below is exact.
    centred: Vec<i64>,
    squares: i128,
    has_nan: bool,
}

impl Ranks {
    /// Ranks the values, one a trial in trial order; equal values share their average rank.
    pub fn new(values: &[f64]) -> Self {
        Self::of(values.iter().copied(), |a, b| a == b)
    }

    /// Ranks losses, one a trial in trial order. Losses share their average rank where they differ from the least of them
    /// by rounding alone: by [`ROUNDING`](super::ROUNDING), or by the `negligible` amount, up to which they are none.
    ///
    /// # Errors
    ///
    /// [`LossError::Negligible`] when that amount is negative or not finite.
    pub fn of_losses(losses: &[f64], negligible: f64) -> Result<Self, LossError> {
        let negligible = check_negligible(negligible)?;
        let losses = losses.iter().map(|loss| read(*loss, negligible));
        Ok(Self::of(losses, |a, b| compare(a, b, negligible) == Ordering::Equal))
    }

    fn of(values: impl ExactSizeIterator<Item = f64>, tied: impl Fn(f64, f64) -> bool) -> Self {
        let mut order: Vec<(f64, usize)> = values.zip(0..).collect();
        let has_nan = order.iter().any(|(value, _)| value.is_nan());
        order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let mut centred = vec![0; order.len()];
        let mut start = 0;
        while let Some(&(least, _)) = order.get(start) {
            // Ties of the least of a group, and not of its neighbours: a chain of them could have any length.
            let length = order[start..].iter().position(|(value, _)| !tied(least, *value));
            // NaN ties with nothing.
            let group = &order[start..][..length.unwrap_or(order.len() - start).max(1)];
            let end = start + group.len();
            // Ranks start+1 ..= end have the average (start + 1 + end) / 2.
            let doubled = (start + end) as i64 - order.len() as i64;
            for &(_, trial) in group {
                centred[trial] = doubled;
            }
            start = end;
        }
        let squares = dot(&centred, &centred);
        Self { centred, squares, has_nan }
    }

    /// Number of values ranked.
    pub fn len(&self) -> usize {
        self.centred.len()
    }

    /// Whether no value was ranked.
    pub fn is_empty(&self) -> bool {
        self.centred.is_empty()
    }

    /// Rank correlation with another column over the same trials; see [`rank_correlation`].
    pub fn correlation(&self, other: &Self) -> f64 {
        if self.len() != other.len() || self.has_nan || other.has_nan {
            return f64::NAN;
        }
        if self.squares == 0 || other.squares == 0 {
            return 0.0;
        }
        let scale = (self.squares as f64 * other.squares as f64).sqrt();
        (dot(&self.centred, &other.centred) as f64 / scale).clamp(-1.0, 1.0)
    }
}

fn dot(a: &[i64], b: &[i64]) -> i128 {
    a.iter().zip(b).map(|(&x, &y)| i128::from(x * y)).sum()
}

#[cfg(all(test, feature = "oracle"))]
mod tests {
    use super::*;
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    /// Straight from the definition, in O(n²).
    fn brute_force(x: &[f64], y: &[f64]) -> f64 {
        let ranks = |v: &[f64]| -> Vec<f64> {
            v.iter()
                .map(|a| {
                    let below = v.iter().filter(|b| *b < a).count() as f64;
                    let equal = v.iter().filter(|b| *b == a).count() as f64;
                    below + (equal + 1.0) / 2.0
                })
                .collect()
        };
        let (r, s) = (ranks(x), ranks(y));
        let mean = (x.len() as f64 + 1.0) / 2.0;
        let sum =
            |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(p, q)| (p - mean) * (q - mean)).sum() };
        let scale = (sum(&r, &r) * sum(&s, &s)).sqrt();
        if scale == 0.0 { 0.0 } else { sum(&r, &s) / scale }
    }

    #[test]
    fn increasing_maps_give_one_and_decreasing_minus_one() {
        let x: Vec<f64> = (0..101).map(|i| f64::from(i * 37 % 101)).collect();
        let up: Vec<f64> = x.iter().map(|v| v.exp()).collect();
        let down: Vec<f64> = x.iter().map(|v| -v * v * v).collect();
        assert_eq!(rank_correlation(&x, &up), 1.0);
        assert_eq!(rank_correlation(&x, &down), -1.0);
    }

    #[test]
    fn a_textbook_sample_without_ties_matches_the_short_formula() {
        // 1 - 6 Σd² / (n (n² - 1)) with Σd² = 194 and n = 10: hours of television against IQ.
        let iq = [106.0, 100.0, 86.0, 101.0, 99.0, 103.0, 97.0, 113.0, 112.0, 110.0];
        let tv = [7.0, 27.0, 2.0, 50.0, 28.0, 29.0, 20.0, 12.0, 6.0, 17.0];
        let expected = 1.0 - 6.0 * 194.0 / 990.0;
        assert_relative_eq!(rank_correlation(&iq, &tv), expected, max_relative = 1e-14);
    }

    #[test]
    fn constant_short_and_empty_columns_give_zero() {
        assert_eq!(rank_correlation(&[3.0; 4], &[1.0, 2.0, 3.0, 4.0]), 0.0);
        assert_eq!(rank_correlation(&[1.0, 2.0, 3.0], &[7.0; 3]), 0.0);
        assert_eq!(rank_correlation(&[1.0], &[2.0]), 0.0);
        assert_eq!(rank_correlation(&[], &[]), 0.0);
        assert_eq!(rank_correlation(&[0.0, -0.0], &[1.0, 2.0]), 0.0);
    }

    #[test]
    fn unequal_lengths_and_nan_give_nan() {
        assert!(rank_correlation(&[1.0, 2.0], &[1.0, 2.0, 3.0]).is_nan());
        assert!(rank_correlation(&[1.0, f64::NAN], &[1.0, 2.0]).is_nan());
    }

    #[test]
    fn losses_that_differ_by_rounding_share_a_rank() {
        let losses = [3e12 + 100.0, -400.0, 5e12, 3e12, 0.0, 600.0, 3e12 - 200.0, 5e12 + 0.5];
        let exact = [3e12, 0.0, 5e12, 3e12, 0.0, 0.0, 3e12, 5e12];
        let ranks = Ranks::of_losses(&losses, 609.0).unwrap();
        assert_eq!(ranks, Ranks::new(&exact));
        assert_ne!(ranks, Ranks::new(&losses));
        // All that is left of a draw that does nothing is rounding.
        let draw = [1.0, 2.0, 3.0, 4.0];
        let nothing = Ranks::of_losses(&[1e-4, 2e-4, 3e-4, 4e-4], 609.0).unwrap();
        assert_eq!(Ranks::new(&draw).correlation(&nothing), 0.0);
        assert!(Ranks::of_losses(&losses, f64::NAN).is_err());
        assert!(
            Ranks::of_losses(&[f64::NAN, 1.0], 0.0).unwrap().correlation(&Ranks::new(&[1.0, 2.0])).is_nan()
        );
    }

    #[test]
    fn one_ranking_serves_many_columns() {
        let y = [5.0, 1.0, 4.0, 4.0, 9.0];
        let ranked = Ranks::new(&y);
        for x in [[1.0, 2.0, 3.0, 4.0, 5.0], [2.0, 2.0, 0.0, 7.0, -1.0]] {
            let expected = brute_force(&x, &y);
            assert!(expected.abs() > 1e-3);
            assert_relative_eq!(Ranks::new(&x).correlation(&ranked), expected, epsilon = 1e-14);
        }
    }

    proptest! {
        #[test]
        fn agrees_with_brute_force_under_ties(
            pairs in prop::collection::vec((-4_i8..4, -4_i8..4), 1..60)
        ) {
            let x: Vec<f64> = pairs.iter().map(|p| f64::from(p.0)).collect();
            let y: Vec<f64> = pairs.iter().map(|p| f64::from(p.1)).collect();
            let (fast, slow) = (rank_correlation(&x, &y), brute_force(&x, &y));
            prop_assert!((fast - slow).abs() < 1e-12, "{fast} against {slow}");
        }
    }
}
