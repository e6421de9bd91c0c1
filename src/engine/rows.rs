//! A value for each trial of a block.

use super::plan::Slots;
use crate::model::Param;
use aligned_vec::{AVec, ConstAlign};
use std::ops::{Deref, DerefMut, Index, IndexMut, Range};

/// Below this share of its scale a number is the rounding of zero: no branch rests on such a number.
pub(crate) const ROUNDING: f64 = 1e-12;

/// One slot of the state: its value in each trial of the block.
pub(crate) type Row<const B: usize> = [f64; B];

/// Bytes of a cache line. A row that straddles two of them takes twice as long to load.
const LINE: usize = 64;
/// Bytes of two of them, which processors fetch together.
const PAIR: usize = 2 * LINE;

/// Rows that begin at a pair of cache lines.
#[derive(Debug, Clone)]
pub(crate) struct Rows<const B: usize>(AVec<Row<B>, ConstAlign<PAIR>>);

/// `n` rows that all hold `x`.
pub(crate) fn rows<const B: usize>(n: usize, x: f64) -> Rows<B> {
    let mut rows = AVec::with_capacity(PAIR, n);
    rows.resize(n, [x; B]);
    Rows(rows)
}

impl<const B: usize> Deref for Rows<B> {
    type Target = [Row<B>];

    #[inline(always)]
    fn deref(&self) -> &[Row<B>] {
        &self.0
    }
}

impl<const B: usize> DerefMut for Rows<B> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [Row<B>] {
        &mut self.0
    }
}

impl<'a, const B: usize> IntoIterator for &'a Rows<B> {
    type Item = &'a Row<B>;
    type IntoIter = std::slice::Iter<'a, Row<B>>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, const B: usize> IntoIterator for &'a mut Rows<B> {
    type Item = &'a mut Row<B>;
    type IntoIter = std::slice::IterMut<'a, Row<B>>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

/// Takes off the first `n` of what is walked in its order; there are as many.
pub(crate) fn first<'a, T>(rest: &mut &'a mut [T], n: usize) -> &'a mut [T] {
    debug_assert!(n <= rest.len());
    rest.split_off_mut(..n).unwrap_or_default()
}

/// Where a stretch of slots lies in rows that begin with slot `first`. In blocks of one trial threads share the slots; all
/// other blocks have all of them, and spend nothing on finding them.
#[inline(always)]
pub(crate) fn stretch<const B: usize>(slots: &Slots, first: usize) -> Range<usize> {
    let (start, end) = (slots.start as usize, slots.end as usize);
    if B == 1 { start - first..end - first } else { start..end }
}

/// Bytes of rows by lane from which on they are fetched before they are worked on: no more than a core's own cache holds.
const NEAR: usize = 1 << 20;

/// Sites whose rows are fetched at once.
pub(crate) const FETCHED: usize = 32;

/// Whether so many rows lie too far away to be read as they are needed.
pub(crate) const fn far<const B: usize>(rows: usize) -> bool {
    rows * size_of::<Row<B>>() > NEAR
}

/// Reads the rows at these slots, which lie far apart, into the cache. Nothing else is done between two reads, so many are
/// under way at once, which they are not while each is waited for among the arithmetic.
// Not inlined: with registers to spare it would be compiled to gathers, which take longer.
#[inline(never)]
pub(crate) fn fetch<const B: usize, T>(rows: &[Row<B>], items: &[T], slot: impl Fn(&T) -> u32) {
    let mut bits = 0;
    for row in items.iter().filter_map(|item| rows.get(slot(item) as usize)) {
        for line in row.chunks(LINE / size_of::<f64>()) {
            bits ^= line[0].to_bits();
        }
    }
    std::hint::black_box(bits);
}

/// Rows of consecutive slots, by the slots' own numbers.
///
/// In blocks of one trial threads share the slots, and each has those from `first` on. All other blocks have all slots,
/// and spend nothing on finding them.
#[derive(Debug)]
pub(crate) struct Part<'a, const B: usize> {
    rows: &'a mut [Row<B>],
    first: usize,
}

impl<'a, const B: usize> Part<'a, B> {
    #[inline(always)]
    pub(crate) fn new(rows: &'a mut [Row<B>]) -> Self {
        Part { rows, first: 0 }
    }

    #[inline(always)]
    fn at(&self, slot: usize) -> usize {
        if B == 1 { slot - self.first } else { slot }
    }

    /// The row of a slot, where there are rows at all.
    #[inline(always)]
    pub(crate) fn get_mut(&mut self, slot: usize) -> Option<&mut Row<B>> {
        let slot = self.at(slot);
        self.rows.get_mut(slot)
    }

    /// Takes off the rows before a slot.
    pub(crate) fn before(&mut self, slot: usize) -> Part<'a, B> {
        let rows = std::mem::take(&mut self.rows);
        let (front, rest) = rows.split_at_mut(self.at(slot).min(rows.len()));
        let part = Part { rows: front, first: self.first };
        (self.rows, self.first) = (rest, slot);
        part
    }
}

impl<const B: usize> Index<usize> for Part<'_, B> {
    type Output = Row<B>;

    #[inline(always)]
    fn index(&self, slot: usize) -> &Row<B> {
        &self.rows[self.at(slot)]
    }
}

impl<const B: usize> IndexMut<usize> for Part<'_, B> {
    #[inline(always)]
    fn index_mut(&mut self, slot: usize) -> &mut Row<B> {
        let slot = self.at(slot);
        &mut self.rows[slot]
    }
}

/// Writes a parameter's value in each trial.
pub(crate) fn fill<const B: usize>(row: &mut Row<B>, param: Param, draws: &[Row<B>]) {
    match param.draw {
        None => *row = [param.plus; B],
        Some(d) => {
            let drawn = &draws[d as usize];
            for k in 0..B {
                row[k] = param.plus + param.times * drawn[k];
            }
        }
    }
}

/// A parameter's value in each trial.
pub(crate) fn value<const B: usize>(param: Param, draws: &[Row<B>]) -> Row<B> {
    let mut row = [0.0; B];
    fill(&mut row, param, draws);
    row
}

/// The share `min(1, Δ/τ)` of a gap that is closed in a step; a time of 0 closes it at once.
pub(crate) fn gain(step_days: f64, days: f64) -> f64 {
    if days > 0.0 { f64::min(1.0, step_days / days) } else { 1.0 }
}
