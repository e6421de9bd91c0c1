//! A sum of losses that does not depend on the order of the terms.

use serde::{Deserialize, Serialize};

/// Fixed-point steps in a unit of loss.
const SCALE: f64 = (1_u64 << 20) as f64;

/// One step.
pub(super) const UNIT: f64 = 1.0 / SCALE;

/// Terms from here on do not fit; with smaller ones 2^43 terms cannot overflow the sum.
pub(super) const LIMIT: f64 = (1_u128 << 64) as f64;

/// Terms that are summed before they are added, and the bound that they must stay below for their sum to fit 64 bits.
const CHUNK: usize = 64;
const SMALL: f64 = (1_u64 << 57) as f64 / SCALE;

/// Adding 1.5 · 2^52 rounds a number to the nearest whole one, to even on ties, and leaves that in the lowest bits.
const WHOLE: f64 = 6_755_399_441_055_744.0;

/// A sum of losses in fixed point, the same in every bit for any order and any partition.
///
/// Each term is rounded to the nearest 2⁻²⁰ (about a millionth, ties away from
/// zero) and added as an integer, so the sum of terms that are multiples of 2⁻²⁰ is exact
/// and any other is within `n · 2⁻²¹` of the true sum.
///
/// A term must be smaller than 2⁶⁴ (1.8e19) in absolute value; 2⁴³ terms of that size fit.
/// Larger ones, infinities and NaN are counted in [`rejected`](Self::rejected) and make
/// [`value`](Self::value) NaN, so that they cannot go unnoticed.
///
/// ```
/// # use supplyshock::stats::ExactSum;
/// let mut sum = ExactSum::default();
/// sum.add_row(&[0.5, 1.0e15, -1.0e15]);
/// assert_eq!(sum.value(), 0.5);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExactSum {
    #[serde(with = "super::stored::signed")]
    units: i128,
    rejected: u64,
}

impl ExactSum {
    /// Terms must be smaller than this in absolute value.
    pub const LIMIT: f64 = LIMIT;

    /// Adds one term.
    #[inline]
    pub fn add(&mut self, value: f64) {
        match to_units(value) {
            Some(units) => self.units = self.units.wrapping_add(units),
            None => self.rejected = self.rejected.saturating_add(1),
        }
    }

    /// Adds every term of the row; the same as [`add`](Self::add) on each.
    #[inline(always)]
    pub fn add_row(&mut self, values: &[f64]) {
        let (chunks, rest) = values.as_chunks::<CHUNK>();
        for chunk in chunks {
            self.add_chunk(chunk);
        }
        self.add_chunk(rest);
    }

    #[inline(always)]
    fn add_chunk(&mut self, values: &[f64]) {
        let (mut small, mut high, mut low) = (true, 0, 0);
        for value in values {
            // A comparison with NaN is false.
            small &= value.abs() < SMALL;
        }
        if !small {
            values.iter().for_each(|&value| self.add(value));
            return;
        }
        for value in values {
            let [upper, lower] = halves(value * SCALE);
            high += upper;
            low += lower;
        }
        self.units = self.units.wrapping_add((i128::from(high) << 32) + i128::from(low));
    }

    /// Adds the terms of another sum.
    pub fn merge(&mut self, other: &Self) {
        self.units = self.units.wrapping_add(other.units);
        self.rejected = self.rejected.saturating_add(other.rejected);
    }

    /// The sum, rounded to the nearest `f64`, or NaN when a term was rejected.
    pub fn value(&self) -> f64 {
        if self.rejected > 0 { f64::NAN } else { self.units as f64 / SCALE }
    }

    /// The sum in fixed-point steps, those that were rejected left out.
    pub(super) fn units(&self) -> i128 {
        self.units
    }

    /// Number of terms left out because they were not finite or too large.
    pub fn rejected(&self) -> u64 {
        self.rejected
    }
}

/// The nearest number of fixed-point steps; none where it does not fit.
#[inline]
pub(super) fn to_units(value: f64) -> Option<i128> {
    if value.abs() >= LIMIT || value.is_nan() {
        return None;
    }
    // Scaling by a power of two is exact, so the only rounding is the one to an integer.
    let scaled = value * SCALE;
    Some(if scaled.abs() < 9.2e18 {
        // A cast to i64 is one instruction, one to i128 a call.
        i128::from(nearest(scaled))
    } else {
        // From 2^52 on every float is an integer.
        scaled as i128
    })
}

/// The nearest integer of one that fits.
#[inline(always)]
fn nearest(scaled: f64) -> i64 {
    // Truncation after adding just under a half rounds to nearest; a plain half would carry the float just below one
    // half up.
    (scaled + 0.5_f64.next_down().copysign(scaled)) as i64
}

/// The same of one below 2^57, as `[x, y]` with `x · 2^32 + y`: sums, products and comparisons alone, so that a row of them
/// vectorises, which a cast to an integer does not.
#[inline(always)]
fn halves(scaled: f64) -> [i64; 2] {
    const UPPER: f64 = (1_u64 << 32) as f64;
    let upper = scaled * (1.0 / UPPER) + WHOLE;
    // The rest is exact: it is at most 2^31, in steps of the last bit.
    let rest = scaled - (upper - WHOLE) * UPPER;
    let lower = rest + WHOLE;
    // Ties go away from zero.
    let error = rest - (lower - WHOLE);
    let up = i64::from((error == 0.5) & (scaled > 0.0));
    let down = i64::from((error == -0.5) & (scaled < 0.0));
    let whole = |x: f64| x.to_bits().wrapping_sub(WHOLE.to_bits()) as i64;
    [whole(upper), whole(lower) + up - down]
}

#[cfg(all(test, feature = "oracle"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sum_of(values: &[f64]) -> ExactSum {
        let mut sum = ExactSum::default();
        sum.add_row(values);
        sum
    }

    #[test]
    fn small_terms_survive_beside_large_ones_that_cancel() {
        let sum = sum_of(&[1.0e18, 0.25, -1.0e18, 1.0e13, 0.5, -1.0e13]);
        assert_eq!(sum.value(), 0.75);
        assert_eq!(sum_of(&[0.1; 10]).value(), {
            let units = (0.1 * SCALE).round();
            10.0 * units / SCALE
        });
    }

    #[test]
    fn terms_are_rounded_to_the_nearest_unit_away_from_zero_on_ties() {
        let unit = 1.0 / SCALE;
        let below_half = 0.5_f64.next_down();
        for (units, expected) in [
            (0.5, 1.0),
            (below_half, 0.0),
            (1.5, 2.0),
            (2.5, 3.0),
            (-0.5, -1.0),
            (-1.25, -1.0),
            (4_503_599_627_370_495.5, 4_503_599_627_370_496.0),
            (9_007_199_254_740_991.0, 9_007_199_254_740_991.0),
            (9.199e18, 9.199e18),
            (9.25e18, 9.25e18),
            (9.3e18, 9.3e18),
            (-1.0e24, -1.0e24),
        ] {
            assert_eq!(sum_of(&[units * unit]).value(), expected * unit, "{units}");
        }
    }

    #[test]
    fn what_does_not_fit_is_counted_and_poisons_the_value() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, LIMIT, -LIMIT] {
            let mut sum = sum_of(&[1.0, bad]);
            assert_eq!(sum.rejected(), 1);
            assert!(sum.value().is_nan());
            sum.merge(&sum_of(&[bad]));
            assert_eq!(sum.rejected(), 2);
        }
        let largest = LIMIT.next_down();
        assert_eq!(sum_of(&[largest]).value(), largest);
        assert_eq!(ExactSum::default().value(), 0.0);
    }

    #[test]
    fn the_largest_terms_of_a_row_fit_and_larger_ones_and_nan_are_told_apart() {
        let one_by_one = |values: &[f64]| {
            let mut sum = ExactSum::default();
            values.iter().for_each(|value| sum.add(*value));
            sum
        };
        for largest in [SMALL.next_down(), SMALL, -SMALL.next_down(), -SMALL, f64::NAN, 0.4 / SCALE] {
            let mut row = [largest; 3 * CHUNK + 1];
            assert_eq!(sum_of(&row), one_by_one(&row));
            row[CHUNK..].fill(0.3);
            assert_eq!(sum_of(&row), one_by_one(&row));
        }
    }

    proptest! {
        #[test]
        fn a_row_is_summed_as_its_terms_are(
            units in prop::collection::vec((-1_i64 << 53..1_i64 << 53, 0_u32..60), 1..300)
        ) {
            // Halves of units are ties; large ones are whole numbers of units.
            let values: Vec<f64> = units
                .iter()
                .map(|&(units, shift)| 0.5 * UNIT * (units >> shift.min(53)) as f64)
                .chain([2.5 * UNIT, -2.5 * UNIT, (1_i64 << 31) as f64 * UNIT, SMALL.next_down()])
                .collect();
            let mut one_by_one = ExactSum::default();
            values.iter().for_each(|value| one_by_one.add(*value));
            prop_assert_eq!(sum_of(&values), one_by_one);
        }

        #[test]
        fn any_order_and_partition_give_the_same_state(
            values in prop::collection::vec(
                (-1.0e3..1.0e3_f64, 0_i32..16).prop_map(|(m, e)| m * 10_f64.powi(e)), 2..200),
            cut in any::<prop::sample::Index>(),
            turn in any::<prop::sample::Index>(),
        ) {
            let whole = sum_of(&values);
            let mut turned = values.clone();
            turned.rotate_left(turn.index(values.len()));
            turned.reverse();
            let (left, right) = turned.split_at(cut.index(values.len()));
            let mut merged = sum_of(right);
            merged.merge(&sum_of(left));
            prop_assert_eq!(&merged, &whole);
            prop_assert_eq!(merged.value().to_bits(), whole.value().to_bits());
        }

        #[test]
        fn whole_yen_sum_as_integers_do(
            values in prop::collection::vec(-1_i64 << 52..1_i64 << 52, 1..100)
        ) {
            let expected: i128 = values.iter().map(|&v| i128::from(v)).sum();
            let floats: Vec<f64> = values.iter().map(|&v| v as f64).collect();
            prop_assert_eq!(sum_of(&floats).value(), expected as f64);
        }
    }
}
