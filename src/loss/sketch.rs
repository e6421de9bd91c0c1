//! Quantiles of many values in memory that does not grow with their number.

use super::{LossError, check_negligible};

/// Mantissa bits that tell bins apart: 128 bins an octave.
const MANTISSA_BITS: u32 = 7;
const BINS_PER_OCTAVE: usize = 1 << MANTISSA_BITS;
const SHIFT: u32 = f64::MANTISSA_DIGITS - 1 - MANTISSA_BITS;
const MAGNITUDE: u64 = u64::MAX >> 1;
/// Values of a row whose bins are found before any is counted.
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
/// sign: 10 KiB for losses from 10⁶ to 10¹² JPY, 26 KiB from 1 JPY to 10¹⁵ JPY.
///
/// ```
/// # use supplyshock::loss::QuantileSketch;
/// let mut sketch = QuantileSketch::new(1.0)?;
/// sketch.add_row(&[0.0, 1.0e9, 2.0e9, 3.0e9, 4.0e9]);
/// assert!((sketch.quantile(0.5) / 2.0e9 - 1.0).abs() <= QuantileSketch::RELATIVE_ERROR);
/// # Ok::<(), supplyshock::loss::LossError>(())
/// ```
// Own code rather than `sketches-ddsketch` 0.3, which measured 4 to 7 times slower an added value,
// bins by the platform's `ln` and keeps a float sum that hangs on the order of adding.
#[derive(Debug, Clone, PartialEq)]
pub struct QuantileSketch {
    // Bits of the largest absolute value that counts as zero; at least the largest subnormal,
    // as subnormals have no bin of bounded relative width.
    zero_bits: u64,
    zeros: u64,
    rejected: u64,
    positive: Window,
    negative: Window,
}

impl QuantileSketch {
    /// Largest relative error of a value read from the sketch.
    pub const RELATIVE_ERROR: f64 = 1.0 / (2 * BINS_PER_OCTAVE) as f64;

    /// An empty sketch. `negligible` is the absolute value, JPY, up to which a value counts as
    /// zero.
    ///
    /// # Errors
    ///
    /// [`LossError::Negligible`] when it is negative or not finite.
    pub fn new(negligible: f64) -> Result<Self, LossError> {
        let zero = check_negligible(negligible)?.max(f64::MIN_POSITIVE.next_down());
        Ok(Self {
            zero_bits: zero.to_bits(),
            zeros: 0,
            rejected: 0,
            positive: Window::default(),
            negative: Window::default(),
        })
    }

    /// Adds one value, JPY.
    #[inline]
    pub fn add(&mut self, value: f64) {
        // Non-negative floats sort as their bits do, so integer comparisons suffice.
        let bits = value.to_bits() & MAGNITUDE;
        if bits <= self.zero_bits {
            self.zeros += 1;
        } else if bits >= f64::INFINITY.to_bits() {
            self.rejected += 1;
        } else {
            let bin = (bits >> SHIFT) as usize;
            if value > 0.0 {
                self.positive.count(bin);
            } else {
                self.negative.count(bin);
            }
        }
    }

    /// Adds every value of the row, JPY; the same as [`add`](Self::add) on each.
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
        let zero = f64::from_bits(self.zero_bits);
        // Losses of one step are often all zero. A comparison with NaN is false.
        let mut all_zero = true;
        for value in values {
            all_zero &= value.abs() <= zero;
        }
        if all_zero {
            self.zeros += values.len() as u64;
            return;
        }
        let (mut bins, mut all_count, mut none_is_below) = ([0; CHUNK], true, true);
        let (mut first, mut last) = (u32::MAX, 0);
        for (bin, value) in bins.iter_mut().zip(values) {
            *bin = (value.to_bits() >> SHIFT) as u32;
            (first, last) = (first.min(*bin), last.max(*bin));
            let finite = *value < f64::INFINITY;
            all_count &= finite & (*value > zero);
            none_is_below &= finite & (*value >= -zero);
        }
        if all_count && first == last {
            // So it is while nothing drawn matters yet.
            self.positive.count_many(first as usize, values.len() as u32);
            return;
        }
        if all_count {
            self.positive.count_all(&bins[..values.len()]);
            return;
        }
        if none_is_below {
            let mut above = 0;
            for (number, value) in values.iter().enumerate() {
                bins[above] = bins[number];
                above += usize::from(*value > zero);
            }
            self.zeros += (values.len() - above) as u64;
            self.positive.count_all(&bins[..above]);
            return;
        }
        // Else signs and zeros follow no pattern, so every value is written as both, and an index moves on or does not.
        let (mut positive, mut negative) = ([0; CHUNK], [0; CHUNK]);
        let (mut above, mut below, mut rejected) = (0, 0, 0);
        for &value in values {
            let bits = value.to_bits() & MAGNITUDE;
            let finite = bits < f64::INFINITY.to_bits();
            let counts = finite & (bits > self.zero_bits);
            positive[above % CHUNK] = (bits >> SHIFT) as u32;
            negative[below % CHUNK] = (bits >> SHIFT) as u32;
            above += usize::from(counts & value.is_sign_positive());
            below += usize::from(counts & value.is_sign_negative());
            rejected += usize::from(!finite);
        }
        self.rejected += rejected as u64;
        self.zeros += (values.len() - above - below - rejected) as u64;
        self.positive.count_all(&positive[..above]);
        self.negative.count_all(&negative[..below]);
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
        self.zeros += other.zeros;
        self.rejected += other.rejected;
        self.positive.merge(&other.positive);
        self.negative.merge(&other.negative);
        Ok(())
    }

    /// Number of values counted, the rejected ones left out.
    pub fn count(&self) -> u64 {
        self.negative.total() + self.zeros + self.positive.total()
    }

    /// Number of values left out because they were infinite or not a number.
    pub fn rejected(&self) -> u64 {
        self.rejected
    }

    /// Quantile, JPY, for `q` clamped to `[0, 1]`; NaN when nothing was counted, a value was
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
        let count = |window: &Window, is_above: &dyn Fn(f64) -> bool| -> u64 {
            window.bins().filter(|(middle, _)| is_above(*middle)).map(|(_, count)| count).sum()
        };
        if x <= f64::from_bits(self.zero_bits) && x >= 0.0 {
            return self.positive.total();
        }
        let zeros = if x < 0.0 { self.zeros } else { 0 };
        count(&self.positive, &|middle| middle > x) + zeros + count(&self.negative, &|middle| -middle > x)
    }

    /// Sum of the `count` greatest values, each as it is read from the sketch.
    pub(super) fn sum_of_greatest(&self, count: u64) -> f64 {
        let mut left = count;
        let mut take = |middle: f64, count: u64| {
            let taken = count.min(left);
            left -= taken;
            taken as f64 * middle
        };
        let from_above: f64 = self.positive.bins().rev().map(|(middle, count)| take(middle, count)).sum();
        take(0.0, self.zeros);
        from_above - self.negative.bins().map(|(middle, count)| take(middle, count)).sum::<f64>()
    }

    /// Bins that are held.
    #[cfg(test)]
    pub(crate) fn bins(&self) -> usize {
        self.positive.counts.len() + self.negative.counts.len()
    }

    /// Value that stands for the order statistic of this rank, from 0.
    pub(super) fn at_rank(&self, rank: u64) -> f64 {
        let below = self.negative.total();
        if rank < below {
            return -self.negative.at_rank(below - 1 - rank);
        }
        match rank.checked_sub(below + self.zeros) {
            None => 0.0,
            Some(above) => self.positive.at_rank(above),
        }
    }
}

/// Counts of the bins from the lowest to the highest octave that holds a value.
#[derive(Debug, Clone, Default, PartialEq)]
struct Window {
    /// First bin held; a multiple of the bins in an octave.
    start: usize,
    counts: Vec<u32>,
}

impl Window {
    #[inline]
    fn count(&mut self, bin: usize) {
        // Below the window the difference wraps to an index that cannot exist.
        if let Some(count) = self.counts.get_mut(bin.wrapping_sub(self.start)) {
            // Saturation keeps the order irrelevant: the count is min(all added, 2^32 - 1).
            *count = count.saturating_add(1);
        } else {
            self.grow_and_count(bin);
        }
    }

    #[inline]
    fn count_many(&mut self, bin: usize, times: u32) {
        self.count(bin);
        if let Some(count) = self.counts.get_mut(bin.wrapping_sub(self.start)) {
            *count = count.saturating_add(times - 1);
        }
    }

    #[inline]
    fn count_all(&mut self, bins: &[u32]) {
        // While all are within the window it need not be looked up again.
        let (start, counts) = (self.start, &mut self.counts[..]);
        let mut done = 0;
        for bin in bins {
            let Some(count) = counts.get_mut((*bin as usize).wrapping_sub(start)) else { break };
            *count = count.saturating_add(1);
            done += 1;
        }
        bins[done..].iter().for_each(|bin| self.count(*bin as usize));
    }

    #[cold]
    fn grow_and_count(&mut self, bin: usize) {
        let octave = bin - bin % BINS_PER_OCTAVE;
        self.cover(octave, octave + BINS_PER_OCTAVE);
        if let Some(count) = self.counts.get_mut(bin - self.start) {
            *count = count.saturating_add(1);
        }
    }

    /// Widens the window to hold the bins `from..to`, both at octave borders.
    fn cover(&mut self, from: usize, to: usize) {
        if self.counts.is_empty() {
            self.start = from;
        }
        let start = self.start.min(from);
        let len = (self.start + self.counts.len()).max(to) - start;
        if self.start > start {
            let mut counts = vec![0; self.start - start];
            counts.reserve_exact(len - counts.len());
            counts.extend_from_slice(&self.counts);
            self.counts = counts;
            self.start = start;
        }
        self.counts.reserve_exact(len - self.counts.len());
        self.counts.resize(len, 0);
    }

    fn merge(&mut self, other: &Self) {
        if other.counts.is_empty() {
            return;
        }
        self.cover(other.start, other.start + other.counts.len());
        let offset = other.start - self.start;
        for (mine, &theirs) in self.counts.iter_mut().skip(offset).zip(&other.counts) {
            *mine = mine.saturating_add(theirs);
        }
    }

    fn total(&self) -> u64 {
        self.counts.iter().map(|&c| u64::from(c)).sum()
    }

    /// Middle of the bin that holds the value of this rank, from 0; ranks past the end fall into
    /// the last bin.
    fn at_rank(&self, rank: u64) -> f64 {
        let mut seen = 0;
        let index = self.counts.iter().position(|&count| {
            seen += u64::from(count);
            seen > rank
        });
        self.middle(index.unwrap_or(self.counts.len().saturating_sub(1)))
    }

    /// Middle of each bin, and the values in it.
    fn bins(&self) -> impl DoubleEndedIterator<Item = (f64, u64)> {
        self.counts.iter().enumerate().map(|(index, &count)| (self.middle(index), u64::from(count)))
    }

    fn middle(&self, index: usize) -> f64 {
        // Half a bin is the next mantissa bit, so this is the exact middle.
        f64::from_bits((((self.start + index) as u64) << SHIFT) | (1 << (SHIFT - 1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loss::LossDistribution;
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
