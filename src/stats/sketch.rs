//! Quantiles of many values in memory that does not grow with their number.

mod bins;

use super::{LossError, check_negligible};
use bins::{BINS_PER_OCTAVE, Bins, MAGNITUDE, Side, bin};
use serde::{Deserialize, Serialize};

/// Values of a row whose slots are found before any is counted.
const CHUNK: usize = 64;

/// Counts of values in bins of fixed relative width, from which quantiles are read.
///
/// A bin is the sign, the exponent and the first 7 mantissa bits of the number, so finding it is
/// a shift. The middle of the bin stands for every value in it: the relative error of a value is
/// at most [`RELATIVE_ERROR`](Self::RELATIVE_ERROR) = 2⁻⁸ (0.39 %). Values up to the negligible
/// amount count as zero.
///
/// The state holds integers only and depends on the values alone: any order of adding and any
/// partition merged in any order give an equal sketch. Counts stop at 2³² - 1 a bin.
///
/// Memory is 512 bytes for each octave between the smallest and the largest value seen, for each
/// sign: 10 KiB for losses from 10⁶ to 10¹², 26 KiB from 1 to 10¹⁵.
///
/// ```
/// # use supplyshock::stats::QuantileSketch;
/// let mut sketch = QuantileSketch::new(1.0)?;
/// sketch.add_row(&[0.0, 1.0e9, 2.0e9, 3.0e9, 4.0e9]);
/// assert!((sketch.quantile(0.5) / 2.0e9 - 1.0).abs() <= QuantileSketch::RELATIVE_ERROR);
/// # Ok::<(), supplyshock::stats::LossError>(())
/// ```
// Own code rather than `sketches-ddsketch` 0.3, which measured 4 to 7 times slower an added value,
// bins by the platform's `ln` and keeps a float sum that hangs on the order of adding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct QuantileSketch {
    // Bits of the largest absolute value that counts as zero; at least the largest subnormal,
    // as subnormals have no bin of bounded relative width.
    zero_bits: u64,
    zeros: u64,
    rejected: u64,
    // Values that were added: no bin holds more.
    added: u64,
    bins: Bins,
}

/// A sketch as it is read.
#[derive(Deserialize)]
struct Unchecked {
    zero_bits: u64,
    zeros: u64,
    rejected: u64,
    added: u64,
    bins: Bins,
}

impl TryFrom<Unchecked> for QuantileSketch {
    type Error = &'static str;

    fn try_from(
        Unchecked { zero_bits, zeros, rejected, added, bins }: Unchecked,
    ) -> Result<Self, &'static str> {
        let zero = f64::from_bits(zero_bits);
        if !(f64::MIN_POSITIVE.next_down()..f64::INFINITY).contains(&zero) {
            return Err("a sketch whose zero is none");
        }
        let counted = [bins.total(Side::Positive), bins.total(Side::Negative), zeros, rejected];
        let counted = counted.into_iter().try_fold(0_u64, u64::checked_add);
        // A bin that is full has not counted all.
        if counted.is_none_or(|counted| counted > added || (counted < added && added <= u64::from(u32::MAX)))
        {
            return Err("a sketch whose counts are not those of its values");
        }
        Ok(QuantileSketch { zero_bits, zeros, rejected, added, bins })
    }
}

impl QuantileSketch {
    /// Largest relative error of a value read from the sketch.
    pub const RELATIVE_ERROR: f64 = 1.0 / (2 * BINS_PER_OCTAVE) as f64;

    /// An empty sketch. `negligible` is the absolute value up to which a value counts as
    /// zero.
    ///
    /// # Errors
    ///
    /// [`LossError::Negligible`] when it is negative or not finite.
    pub fn new(negligible: f64) -> Result<Self, LossError> {
        let zero = check_negligible(negligible)?.max(f64::MIN_POSITIVE.next_down());
        Ok(Self { zero_bits: zero.to_bits(), zeros: 0, rejected: 0, added: 0, bins: Bins::new() })
    }

    /// Adds one value.
    #[inline]
    pub fn add(&mut self, value: f64) {
        self.added = self.added.saturating_add(1);
        self.put(value);
    }

    #[inline]
    fn put(&mut self, value: f64) {
        // Non-negative floats sort as their bits do, so integer comparisons suffice.
        let bits = value.to_bits() & MAGNITUDE;
        if bits <= self.zero_bits {
            self.zeros = self.zeros.saturating_add(1);
        } else if bits >= f64::INFINITY.to_bits() {
            self.rejected = self.rejected.saturating_add(1);
        } else {
            self.bins.count(side(value), bin(bits));
        }
    }

    /// Adds every value of the row; the same as [`add`](Self::add) on each.
    #[inline(always)]
    pub fn add_row(&mut self, values: &[f64]) {
        self.added = self.added.saturating_add(values.len() as u64);
        if self.added > u64::from(u32::MAX) {
            // A bin may be full.
            values.iter().for_each(|value| self.put(*value));
            return;
        }
        let (chunks, rest) = values.as_chunks::<CHUNK>();
        for chunk in chunks {
            self.add_chunk(chunk);
        }
        self.add_chunk(rest);
        self.zeros = self.zeros.saturating_add(self.bins.take_zeros());
    }

    #[inline(always)]
    fn add_chunk(&mut self, values: &[f64]) {
        let mut slots = [0; CHUNK];
        let slots = &mut slots[..values.len()];
        let alike = self.bins.slots(self.zero_bits, values, slots);
        if !self.bins.count_all(slots, alike) {
            for (value, slot) in values.iter().zip(&*slots) {
                if Bins::is_outside(*slot) {
                    self.put(*value);
                }
            }
        }
    }

    /// Adds the values of another sketch.
    ///
    /// # Errors
    ///
    /// [`LossError::Threshold`] when the two count different amounts as zero; the sketch is then
    /// unchanged.
    pub fn merge(&mut self, other: &Self) -> Result<(), LossError> {
        if self.zero_bits != other.zero_bits {
            return Err(LossError::Threshold {
                left: f64::from_bits(self.zero_bits),
                right: f64::from_bits(other.zero_bits),
            });
        }
        for (mine, theirs) in [
            (&mut self.zeros, other.zeros),
            (&mut self.rejected, other.rejected),
            (&mut self.added, other.added),
        ] {
            *mine = mine.saturating_add(theirs);
        }
        self.bins.merge(&other.bins);
        Ok(())
    }

    /// Number of values counted, the rejected ones left out.
    pub fn count(&self) -> u64 {
        self.added - self.rejected
    }

    /// Number of values left out because they were infinite or not a number.
    pub fn rejected(&self) -> u64 {
        self.rejected
    }

    /// Quantile for `q` clamped to `[0, 1]`; NaN when nothing was counted, a value was
    /// rejected or `q` is NaN.
    ///
    /// # Formula
    ///
    /// Type 7 of Hyndman & Fan (1996), as in
    /// [`LossDistribution::quantile`](super::LossDistribution::quantile): with `h = (n - 1) q`
    /// counted from 0, the order statistics at `⌊h⌋` and `⌈h⌉` are interpolated linearly. Each is
    /// known to [`RELATIVE_ERROR`](Self::RELATIVE_ERROR), or to the negligible amount when it
    /// counts as zero; so is the quantile, unless the two differ in sign, when the error is
    /// relative to the larger of them. Masson, Rim & Lee (2019), "DDSketch", PVLDB 12, for the
    /// idea of bins of fixed relative width.
    pub fn quantile(&self, q: f64) -> f64 {
        let n = self.count();
        if n == 0 || self.rejected > 0 || q.is_nan() {
            return f64::NAN;
        }
        let h = (n - 1) as f64 * q.clamp(0.0, 1.0);
        let lower = self.at_rank(h as u64);
        let part = h.fract();
        if part == 0.0 {
            return lower;
        }
        lower + part * (self.at_rank(h as u64 + 1) - lower)
    }

    /// Number of values greater than `x`, each as it is read from the sketch; of those greater than the negligible amount
    /// none is lost.
    pub(super) fn above(&self, x: f64) -> u64 {
        let count = |side: Side, is_above: &dyn Fn(f64) -> bool| -> u64 {
            self.bins.counts(side).filter(|(middle, _)| is_above(*middle)).map(|(_, count)| count).sum()
        };
        if x <= f64::from_bits(self.zero_bits) && x >= 0.0 {
            return self.bins.total(Side::Positive);
        }
        let zeros = if x < 0.0 { self.zeros } else { 0 };
        let (positive, negative) =
            (count(Side::Positive, &|middle| middle > x), count(Side::Negative, &|middle| -middle > x));
        positive.saturating_add(zeros).saturating_add(negative)
    }

    /// Sum of the `count` greatest values, each as it is read from the sketch.
    pub(super) fn sum_of_greatest(&self, count: u64) -> f64 {
        let mut left = count;
        let mut take = |middle: f64, count: u64| {
            let taken = count.min(left);
            left -= taken;
            taken as f64 * middle
        };
        let from_above: f64 =
            self.bins.counts(Side::Positive).rev().map(|(middle, count)| take(middle, count)).sum();
        take(0.0, self.zeros);
        from_above - self.bins.counts(Side::Negative).map(|(middle, count)| take(middle, count)).sum::<f64>()
    }

    /// Bins that are held.
    #[cfg(test)]
    pub(crate) fn bins(&self) -> usize {
        self.bins.len()
    }

    /// Value that stands for the order statistic of this rank, from 0.
    pub(super) fn at_rank(&self, rank: u64) -> f64 {
        let below = self.bins.total(Side::Negative);
        if rank < below {
            return -self.bins.at_rank(Side::Negative, below - 1 - rank);
        }
        match rank.checked_sub(below.saturating_add(self.zeros)) {
            None => 0.0,
            Some(above) => self.bins.at_rank(Side::Positive, above),
        }
    }
}

/// Which bins a value that is neither zero nor rejected counts in.
#[inline(always)]
fn side(value: f64) -> Side {
    if value.is_sign_positive() { Side::Positive } else { Side::Negative }
}

#[cfg(all(test, feature = "oracle"))]
mod tests {
    use super::*;
    use crate::stats::LossDistribution;
    use proptest::prelude::*;

    fn sketch_of(values: &[f64]) -> QuantileSketch {
        let mut sketch = QuantileSketch::new(1.0).unwrap();
        sketch.add_row(values);
        sketch
    }

    fn any_loss() -> impl Strategy<Value = f64> {
        prop_oneof![
            1 => Just(0.0),
            3 => (1.0..10.0_f64, 0_i32..15).prop_map(|(m, e)| m * 10_f64.powi(e)),
            2 => (1.0..10.0_f64, -2_i32..15).prop_map(|(m, e)| -m * 10_f64.powi(e)),
        ]
    }

    #[test]
    fn every_magnitude_is_within_the_bound_and_the_bound_is_met() {
        let mut worst = 0.0_f64;
        for i in 0..40_000 {
            let value = 1.001_f64.powi(i) * 1.5;
            let mut sketch = QuantileSketch::new(0.0).unwrap();
            sketch.add(value);
            worst = worst.max((sketch.quantile(0.5) / value - 1.0).abs());
        }
        assert!(worst <= QuantileSketch::RELATIVE_ERROR);
        assert!(worst > 0.95 * QuantileSketch::RELATIVE_ERROR);
    }

    #[test]
    fn negligible_values_and_subnormals_count_as_zero() {
        let sketch = sketch_of(&[-1.0, 1.0, 0.5, -0.0, 1e-310, 1.0_f64.next_up()]);
        assert_eq!(sketch.quantile(0.8), 0.0);
        assert!((sketch.quantile(1.0) - 1.0).abs() <= QuantileSketch::RELATIVE_ERROR);
        let mut fine = QuantileSketch::new(0.0).unwrap();
        fine.add_row(&[1e-310, f64::MIN_POSITIVE]);
        assert_eq!(fine.quantile(0.0), 0.0);
        assert!((fine.quantile(1.0) / f64::MIN_POSITIVE - 1.0).abs() <= 1.0 / 256.0);
    }

    #[test]
    fn signs_are_kept_in_order() {
        let sketch = sketch_of(&[300.0, -200.0, 0.0, 2e9, -4e9]);
        let read: Vec<f64> = (0..5).map(|i| sketch.quantile(f64::from(i) / 4.0)).collect();
        for (got, expected) in read.iter().zip([-4e9, -200.0, 0.0, 300.0, 2e9]) {
            let bound = QuantileSketch::RELATIVE_ERROR * f64::abs(expected);
            assert!((got - expected).abs() <= bound, "{got} for {expected}");
        }
    }

    #[test]
    fn empty_sketches_and_rejected_values_give_nan() {
        let mut sketch = QuantileSketch::new(0.0).unwrap();
        assert!(sketch.quantile(0.5).is_nan());
        sketch.add_row(&[2.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY]);
        assert_eq!((sketch.count(), sketch.rejected()), (1, 3));
        assert!(sketch.quantile(0.5).is_nan());
        assert!(sketch_of(&[2.0]).quantile(f64::NAN).is_nan());
    }

    #[test]
    fn thresholds_that_are_wrong_or_differ_are_refused() {
        assert!(QuantileSketch::new(-1.0).is_err());
        assert!(QuantileSketch::new(f64::NAN).is_err());
        let (mut one, two) = (sketch_of(&[5.0]), QuantileSketch::new(2.0).unwrap());
        let before = one.clone();
        assert_eq!(one.merge(&two), Err(LossError::Threshold { left: 1.0, right: 2.0 }));
        assert_eq!(one, before);
    }

    #[test]
    fn a_row_counts_as_its_values_do_one_by_one() {
        let values =
            [0.0, -0.0, 1.0, -1.0, 5.0, -7e3, 1e12, -1e-320, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
        for len in [1, CHUNK - 1, CHUNK, CHUNK + 1, 5 * CHUNK + 7] {
            let row: Vec<f64> = (0..len).map(|k| values[k * k % values.len()] * (1 + k % 5) as f64).collect();
            for row in [row, vec![0.5; len], vec![-3.0; len], vec![f64::NAN; len]] {
                let mut one_by_one = QuantileSketch::new(1.0).unwrap();
                row.iter().for_each(|value| one_by_one.add(*value));
                assert_eq!(sketch_of(&row), one_by_one);
            }
        }
    }

    #[test]
    fn a_bin_that_is_full_stays_full() {
        let mut full = sketch_of(&[5.0]);
        for _ in 0..32 {
            full.merge(&full.clone()).unwrap();
        }
        let mut one_by_one = full.clone();
        let row = [5.0, -5.0, 0.0, f64::NAN, 7.0, 5.0, 1e9];
        full.add_row(&row);
        row.iter().for_each(|value| one_by_one.add(*value));
        assert_eq!(full, one_by_one);
        assert_eq!(full.bins.total(Side::Positive), u64::from(u32::MAX) + 2);
    }

    proptest! {
        #[test]
        fn any_order_and_partition_give_the_same_state(
            values in prop::collection::vec(any_loss(), 2..200),
            cut in any::<prop::sample::Index>(),
            turn in any::<prop::sample::Index>(),
        ) {
            let whole = sketch_of(&values);
            let mut turned = values.clone();
            turned.rotate_left(turn.index(values.len()));
            turned.reverse();
            let (left, right) = turned.split_at(cut.index(values.len()));
            let mut merged = sketch_of(right);
            merged.merge(&sketch_of(left)).unwrap();
            prop_assert_eq!(&merged, &whole);
        }

        #[test]
        fn quantiles_stay_within_the_bound_of_the_exact_ones(
            values in prop::collection::vec(any_loss(), 1..80),
            q in 0.0..=1.0_f64,
        ) {
            let sketch = sketch_of(&values);
            let exact = LossDistribution::new(values.clone(), 1.0).unwrap();
            let h = (values.len() - 1) as f64 * q;
            let (a, b) = (h.floor() as usize, h.ceil() as usize);
            let larger = exact.values_sorted()[a].abs().max(exact.values_sorted()[b].abs());
            let bound = QuantileSketch::RELATIVE_ERROR * larger + 1.0;
            prop_assert!((sketch.quantile(q) - exact.quantile(q)).abs() <= bound * (1.0 + 1e-12));
        }
    }
}
