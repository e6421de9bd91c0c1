//! Mean and standard deviation that do not depend on the order of the terms.

use super::ExactSum;
use super::exact::{UNIT, to_units};
use serde::{Deserialize, Serialize};

/// Bits of the lower part that a term is split into; the upper part has as many.
const PART: u32 = 42;

/// Sums of losses and of their squares in fixed point, from which come mean and standard deviation.
///
/// Terms are rounded as [`ExactSum`] rounds them, and all sums of rounded terms are exact: nothing cancels where the
/// losses hardly differ from each other, and any order and any partition give the same bits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ExactMoments {
    sum: ExactSum,
    count: u64,
    /// Sums of `a²`, `a b` and `b²` over the terms `±(2^42 a + b)`.
    #[serde(with = "super::stored::unsigned")]
    squares: [u128; 3],
}

impl ExactMoments {
    /// Adds every term of the row.
    pub(super) fn add_row(&mut self, values: &[f64]) {
        let rejected = self.sum.rejected();
        self.sum.add_row(values);
        self.count = self.count.saturating_add(values.len() as u64 - (self.sum.rejected() - rejected));
        for units in values.iter().filter_map(|value| to_units(*value)) {
            let units = units.unsigned_abs();
            let (a, b) = (units >> PART, units & ((1 << PART) - 1));
            for (sum, product) in self.squares.iter_mut().zip([a * a, a * b, b * b]) {
                *sum = sum.wrapping_add(product);
            }
        }
    }

    /// Adds the terms of another.
    pub(super) fn merge(&mut self, other: &Self) {
        self.sum.merge(&other.sum);
        self.count = self.count.saturating_add(other.count);
        for (sum, theirs) in self.squares.iter_mut().zip(other.squares) {
            *sum = sum.wrapping_add(theirs);
        }
    }

    /// Number of terms, the rejected ones left out.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Number of terms left out because they were not finite or too large.
    pub(super) fn rejected(&self) -> u64 {
        self.sum.rejected()
    }

    /// Mean; NaN without terms or when one was rejected.
    pub(super) fn mean(&self) -> f64 {
        self.sum.value() / self.count as f64
    }

    /// Sample standard deviation; 0 for one term.
    ///
    /// # Formula
    ///
    /// With the sum `S` of the terms, `S = m n + r` and `|r| < n` in integers,
    ///
    /// ```text
    /// Σ (x_i - S/n)² = Σ x_i² - m (S + r) - r²/n
    /// ```
    ///
    /// of which all but the last term, less than one unit a trial, is reckoned in 256 bits.
    pub(super) fn std_dev(&self) -> f64 {
        if self.count < 2 {
            return 0.0;
        }
        let (sum, n) = (self.sum.units(), i128::from(self.count));
        let (mean, rest) = (sum / n, sum % n);
        let [a, ab, b] = self.squares;
        let squares =
            Wide::shifted(a, 2 * PART).plus(Wide::shifted(ab, PART + 1)).plus(Wide { high: 0, low: b });
        // Mean and rest have the sign of the sum.
        let about = squares.minus(Wide::product(mean.unsigned_abs(), sum.wrapping_add(rest).unsigned_abs()));
        let n = n as f64;
        let variance = (about.value() - rest as f64 * (rest as f64 / n)) / (n - 1.0);
        variance.max(0.0).sqrt() * UNIT
    }
}

/// A whole number of 256 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Wide {
    high: u128,
    low: u128,
}

impl Wide {
    /// `x` times two to a power from 1 to 127.
    fn shifted(x: u128, by: u32) -> Self {
        Wide { high: x >> (128 - by), low: x << by }
    }

    fn product(x: u128, y: u128) -> Self {
        let halves = |z: u128| (z >> 64, z & u128::from(u64::MAX));
        let ((a, b), (c, d)) = (halves(x), halves(y));
        let outer = Wide { high: a * c, low: b * d };
        outer.plus(Wide::shifted(a * d, 64)).plus(Wide::shifted(b * c, 64))
    }

    fn plus(self, other: Self) -> Self {
        let (low, carry) = self.low.overflowing_add(other.low);
        Wide { high: self.high.wrapping_add(other.high).wrapping_add(u128::from(carry)), low }
    }

    fn minus(self, other: Self) -> Self {
        let (low, borrow) = self.low.overflowing_sub(other.low);
        Wide { high: self.high.wrapping_sub(other.high).wrapping_sub(u128::from(borrow)), low }
    }

    fn value(self) -> f64 {
        // The largest is rounded to 2^128.
        self.high as f64 * (u128::MAX as f64) + self.low as f64
    }
}

#[cfg(all(test, feature = "oracle"))]
mod tests {
    use super::*;
    use crate::stats::LossDistribution;
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    fn of(values: &[f64]) -> ExactMoments {
        let mut moments = ExactMoments::default();
        moments.add_row(values);
        moments
    }

    #[test]
    fn what_hardly_differs_has_its_standard_deviation_to_the_last_digit() {
        // Squares have 88 bits, their differences 2.
        let three = of(&[1e13 + 1.0, 1e13 + 3.0, 1e13 + 2.0]);
        assert_eq!((three.mean(), three.std_dev()), (1e13 + 2.0, 1.0));
        let gains = of(&[-1e13 - 1.0, -1e13 - 3.0, -1e13 - 2.0]);
        assert_eq!((gains.mean(), gains.std_dev()), (-1e13 - 2.0, 1.0));
        assert_eq!(of(&[1e18; 1000]).std_dev(), 0.0);
        assert_eq!(of(&[5.0]).std_dev(), 0.0);
        // A mean that is no multiple of the unit.
        assert_relative_eq!(of(&[0.0, 0.0, UNIT]).std_dev(), UNIT / 3.0_f64.sqrt(), max_relative = 1e-15);
    }

    #[test]
    fn the_largest_terms_fit() {
        let largest = (1_u128 << 64) as f64 * (1.0 - f64::EPSILON);
        let both = of(&[largest, -largest, largest, -largest]);
        assert_eq!(both.mean(), 0.0);
        assert_relative_eq!(both.std_dev(), largest * (4.0_f64 / 3.0).sqrt(), max_relative = 1e-15);
        let bad = of(&[1.0, f64::NAN, 1e20]);
        assert_eq!((bad.count(), bad.rejected()), (1, 2));
        assert!(bad.mean().is_nan());
    }

    #[test]
    fn products_carry() {
        let all = Wide::product(u128::MAX, u128::MAX);
        assert_eq!(all, Wide { high: u128::MAX - 1, low: 1 });
        assert_eq!(all.minus(all), Wide { high: 0, low: 0 });
        let less = Wide { high: 1, low: 0 }.minus(Wide { high: 0, low: 1 });
        assert_eq!(less, Wide { high: 0, low: u128::MAX });
    }

    proptest! {
        #[test]
        fn they_agree_with_those_of_all_trials_in_any_partition(
            values in prop::collection::vec(
                (-1.0e3..1.0e3_f64, 0_i32..12)
                    // Whole units: the rounding of a term would show where values hardly differ.
                    .prop_map(|(m, e)| (m * 10_f64.powi(e) / UNIT).round() * UNIT), 2..200),
            cut in any::<prop::sample::Index>(),
        ) {
            let whole = of(&values);
            let (left, right) = values.split_at(cut.index(values.len()));
            let mut merged = of(right);
            merged.merge(&of(left));
            prop_assert_eq!(&merged, &whole);
            let all = LossDistribution::new(values, 0.0).unwrap();
            prop_assert!((whole.mean() - all.mean()).abs() <= 1e-15 * all.max().max(-all.min()) + UNIT);
            prop_assert!((whole.std_dev() - all.std_dev()).abs() <= 1e-12 * all.std_dev());
        }
    }
}
