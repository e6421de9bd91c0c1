//! The counts themselves: one row of slots, so that a value finds its slot without a branch.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Mantissa bits that tell bins apart: 128 bins an octave.
const MANTISSA_BITS: u32 = 7;
pub(super) const BINS_PER_OCTAVE: usize = 1 << MANTISSA_BITS;
const SHIFT: u32 = f64::MANTISSA_DIGITS - 1 - MANTISSA_BITS;
pub(super) const MAGNITUDE: u64 = u64::MAX >> 1;

/// Slots that zeros take in turn: to count in the same one again takes five times as long as in another.
const ZEROS: usize = 8;
/// Slot of values that belong to no bin that is held.
const OUTSIDE: usize = ZEROS;
/// First slot of a bin, at the beginning of a cache line.
const FIRST: usize = 16;

/// Number of the bin of a magnitude, given its bits.
#[inline(always)]
pub(super) fn bin(bits: u64) -> u32 {
    ((bits & MAGNITUDE) >> SHIFT) as u32
}

/// Sign of the values of a bin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Positive,
    Negative,
}

/// Bins from the lowest to the highest octave that holds a value, both at octave borders.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Window {
    start: u32,
    len: u32,
}

/// Counts by sign and bin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bins {
    /// Slots of zeros, of values outside, of positive bins and of negative bins.
    slots: Vec<u32>,
    positive: Window,
    negative: Window,
}

/// Written as the first bin and the counts of each side; no zeros are counted between rows.
impl Serialize for Bins {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.held(Side::Positive), self.held(Side::Negative)).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Bins {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        type Held = (u32, Vec<u32>);
        let (positive, negative) = <(Held, Held)>::deserialize(deserializer)?;
        let octave = BINS_PER_OCTAVE as u32;
        let window = |(start, counts): &Held| {
            let len = u32::try_from(counts.len()).ok()?;
            let end = start.checked_add(len)?;
            let fits = start % octave == 0 && len % octave == 0 && end <= bin(f64::INFINITY.to_bits());
            fits.then_some(Window { start: *start, len })
        };
        let (Some(above), Some(below)) = (window(&positive), window(&negative)) else {
            return Err(D::Error::custom("bins that no number falls into"));
        };
        let slots = [vec![0; FIRST], positive.1, negative.1].concat();
        Ok(Bins { slots, positive: above, negative: below })
    }
}

impl Bins {
    pub(super) fn new() -> Self {
        Bins { slots: vec![0; FIRST], positive: Window::default(), negative: Window::default() }
    }

    /// First bin and counts of a side.
    fn held(&self, side: Side) -> (u32, &[u32]) {
        let (first, window) = self.window(side);
        (window.start, &self.slots[first..first + window.len as usize])
    }

    fn window(&self, side: Side) -> (usize, Window) {
        match side {
            Side::Positive => (FIRST, self.positive),
            Side::Negative => (FIRST + self.positive.len as usize, self.negative),
        }
    }

    /// Counts one value.
    #[inline]
    pub(super) fn count(&mut self, side: Side, bin: u32) {
        let (_, window) = self.window(side);
        if bin.wrapping_sub(window.start) >= window.len {
            let octave = bin - bin % BINS_PER_OCTAVE as u32;
            self.cover(side, octave, octave + BINS_PER_OCTAVE as u32);
        }
        let (first, window) = self.window(side);
        if let Some(count) = self.slots.get_mut(first + (bin - window.start) as usize) {
            // Saturation keeps the order irrelevant: the count is min(all added, 2^32 - 1).
            *count = count.saturating_add(1);
        }
    }

    /// Finds the slots of some values, of which those up to the one with these bits count as zero; tells whether all values
    /// have the same.
    #[inline(always)]
    pub(super) fn slots(&self, zero_bits: u64, values: &[f64], slots: &mut [u32]) -> bool {
        let (positive, negative) = (self.positive, self.negative);
        let (zero, above) = (f64::from_bits(zero_bits), FIRST as u32);
        let below = above + positive.len;
        let (mut lowest, mut highest) = (u32::MAX, 0);
        for (number, (slot, value)) in slots.iter_mut().zip(values).enumerate() {
            let bits = value.to_bits();
            let (start, len, first) = if bits > MAGNITUDE {
                (negative.start, negative.len, below)
            } else {
                (positive.start, positive.len, above)
            };
            let index = bin(bits).wrapping_sub(start);
            let held = if index < len { first + index } else { OUTSIDE as u32 };
            // A mask and not a choice, of which the compiler would make a branch. NaN is no zero.
            let is_zero = u32::from(value.abs() <= zero).wrapping_neg();
            let own = held & !is_zero;
            (lowest, highest) = (lowest.min(own), highest.max(own));
            *slot = own | ((number % ZEROS) as u32 & is_zero);
        }
        lowest == highest
    }

    /// Counts in these slots, which hold the same bin if they are `alike`, while no bin can be full. Tells whether all had
    /// one.
    #[inline(always)]
    pub(super) fn count_all(&mut self, slots: &[u32], alike: bool) -> bool {
        match slots {
            [slot, ..] if alike => {
                if let Some(count) = self.slots.get_mut(*slot as usize) {
                    *count += slots.len() as u32;
                }
            }
            _ => {
                for slot in slots {
                    if let Some(count) = self.slots.get_mut(*slot as usize) {
                        *count += 1;
                    }
                }
            }
        }
        std::mem::take(&mut self.slots[OUTSIDE]) == 0
    }

    /// Whether a slot is that of values that belong to no bin.
    pub(super) fn is_outside(slot: u32) -> bool {
        slot == OUTSIDE as u32
    }

    /// Zeros since they were last taken.
    #[inline(always)]
    pub(super) fn take_zeros(&mut self) -> u64 {
        let zeros = &mut self.slots[..ZEROS];
        let sum = zeros.iter().map(|zeros| u64::from(*zeros)).sum();
        zeros.fill(0);
        sum
    }

    /// Widens a window to hold the bins `from..to`, both at octave borders.
    #[cold]
    fn cover(&mut self, side: Side, from: u32, to: u32) {
        let (first, old) = self.window(side);
        let (start, end) = if old.len == 0 { (from, from) } else { (old.start, old.start + old.len) };
        let (before, after) = (start - start.min(from), to.max(end) - end);
        self.slots.reserve_exact((before + after) as usize);
        let end = first + old.len as usize;
        self.slots.splice(end..end, std::iter::repeat_n(0, after as usize));
        self.slots.splice(first..first, std::iter::repeat_n(0, before as usize));
        let window = match side {
            Side::Positive => &mut self.positive,
            Side::Negative => &mut self.negative,
        };
        *window = Window { start: start - before, len: before + old.len + after };
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for side in [Side::Positive, Side::Negative] {
            let (theirs, window) = other.window(side);
            if window.len == 0 {
                continue;
            }
            self.cover(side, window.start, window.start + window.len);
            let (mine, own) = self.window(side);
            let mine = &mut self.slots[mine + (window.start - own.start) as usize..];
            let theirs = &other.slots[theirs..theirs + window.len as usize];
            for (mine, theirs) in mine.iter_mut().zip(theirs) {
                *mine = mine.saturating_add(*theirs);
            }
        }
    }

    /// Bins that are held.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.slots.len() - FIRST
    }

    pub(super) fn total(&self, side: Side) -> u64 {
        self.counts(side).map(|(_, count)| count).sum()
    }

    /// Middle of the bin of this sign that holds the magnitude of this rank, from 0; ranks past the end fall into the last
    /// bin.
    pub(super) fn at_rank(&self, side: Side, rank: u64) -> f64 {
        let mut seen = 0;
        let holds = |(_, count): &(f64, u64)| {
            seen += count;
            seen > rank
        };
        let found = self.counts(side).find(holds).or_else(|| self.counts(side).next_back());
        found.map_or(f64::NAN, |(middle, _)| middle)
    }

    /// Middle of each bin of this sign, as a magnitude, and the values in it.
    pub(super) fn counts(&self, side: Side) -> impl DoubleEndedIterator<Item = (f64, u64)> {
        let (first, window) = self.window(side);
        let counts = &self.slots[first..first + window.len as usize];
        // Half a bin is the next mantissa bit, so this is the exact middle.
        let middle = |bin: u32| f64::from_bits((u64::from(bin) << SHIFT) | (1 << (SHIFT - 1)));
        (window.start..window.start + window.len)
            .zip(counts)
            .map(move |(bin, &count)| (middle(bin), u64::from(count)))
    }
}
