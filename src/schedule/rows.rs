//! A value for each trial of a block.

use crate::network::Param;
use memmap2::MmapMut;
use pulp::bytemuck;
use rayon::prelude::*;
use std::ops::{Deref, DerefMut, Index, IndexMut, Range};

/// Below this share of its scale a number is the rounding of zero: no branch rests on such a number.
pub(crate) const ROUNDING: f64 = 1e-12;

/// Numbers of slots: a network has fewer than 2³² of anything.
pub(crate) type Slot = u32;

/// A stretch of slots.
pub(crate) type Slots = Range<Slot>;

pub(crate) fn slot(n: usize) -> Slot {
    Slot::try_from(n).unwrap_or(Slot::MAX)
}

/// The slots of a stretch.
#[inline(always)]
pub(crate) fn numbers(slots: &Slots) -> Range<usize> {
    slots.start as usize..slots.end as usize
}

/// One slot of the state: its value in each trial of the block.
pub(crate) type Row<const B: usize> = [f64; B];

/// Bytes of a cache line. A row that straddles two of them takes twice as long to load.
const LINE: usize = 64;
/// Bytes of two of them, which processors fetch together.
const PAIR: usize = 2 * LINE;

/// Bytes from which on rows ask for large pages: the size of one of them.
const LARGE: usize = 1 << 21;

/// Trials from which on a block is kept close to the core, and a view of its rows must not cost a branch.
const CLOSE: usize = 32;

/// Rows that begin at a pair of cache lines.
#[derive(Debug)]
pub(crate) struct Rows<const B: usize> {
    /// Numbers, of which the rows begin with that at `start`.
    near: Vec<f64>,
    start: usize,
    len: usize,
    /// In their place, in smaller blocks: memory in large pages. Most rows of a large network are read in no order, and
    /// each would cost a walk of the page tables.
    far: Option<MmapMut>,
}

/// `n` rows that all hold `x`.
pub(crate) fn rows<const B: usize>(n: usize, x: f64) -> Rows<B> {
    let far = pages(n * size_of::<Row<B>>()).filter(|_| B < CLOSE);
    // Memory of zeros is not touched before it is needed.
    let near = vec![0.0; if far.is_some() { 0 } else { n * B + PAIR / size_of::<f64>() }];
    let start = if far.is_some() { 0 } else { near.as_ptr().align_offset(PAIR).min(near.len() - n * B) };
    let mut rows = Rows { near, start, len: n, far };
    if x.to_bits() != 0 {
        rows.fill([x; B]);
    }
    rows
}

/// Memory that asks for large pages, if it fills one and the system knows them.
fn pages(bytes: usize) -> Option<MmapMut> {
    if cfg!(not(target_os = "linux")) || bytes < LARGE {
        return None;
    }
    let memory = MmapMut::map_anon(bytes).ok()?;
    // Where there are none to be had, small ones do.
    #[cfg(target_os = "linux")]
    let _ = memory.advise(memmap2::Advice::HugePage);
    Some(memory)
}

impl<const B: usize> Clone for Rows<B> {
    fn clone(&self) -> Self {
        let mut rows = rows(self.len(), 0.0);
        rows.copy_from_slice(self);
        rows
    }
}

impl<const B: usize> Deref for Rows<B> {
    type Target = [Row<B>];

    #[inline(always)]
    fn deref(&self) -> &[Row<B>] {
        match &self.far {
            Some(memory) if B < CLOSE => bytemuck::cast_slice(memory).as_chunks().0,
            _ => self.near[self.start..self.start + self.len * B].as_chunks().0,
        }
    }
}

impl<const B: usize> DerefMut for Rows<B> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [Row<B>] {
        match &mut self.far {
            Some(memory) if B < CLOSE => bytemuck::cast_slice_mut(memory).as_chunks_mut().0,
            _ => self.near[self.start..self.start + self.len * B].as_chunks_mut().0,
        }
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

/// Asks for the rows at these slots, which lie far apart, so that many are on their way at once. Where each is read only as
/// it is worked on, it is waited for among the arithmetic.
#[inline(always)]
pub(crate) fn fetch<const B: usize, T>(rows: &[Row<B>], items: &[T], slot: impl Fn(&T) -> u32) {
    for item in items {
        let Some(row) = rows.get(slot(item) as usize) else { continue };
        for line in row.chunks(LINE / size_of::<f64>()) {
            std::hint::black_box(line[0]);
        }
    }
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

    /// The rows of `n` slots from one on.
    #[inline(always)]
    pub(crate) fn stretch(&mut self, slot: usize, n: usize) -> &mut [Row<B>] {
        let slot = self.at(slot);
        &mut self.rows[slot..slot + n]
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

/// Rows for which it pays to wake another thread.
const PIECE: usize = 1 << 12;

/// Works on each row, given its number. Threads share the rows of a trial by itself.
pub(crate) fn each<const B: usize>(rows: &mut [Row<B>], work: impl Fn(usize, &mut Row<B>) + Send + Sync) {
    let all = |first: usize, rows: &mut [Row<B>]| {
        rows.iter_mut().enumerate().for_each(|(number, row)| work(first + number, row));
    };
    if B == 1 { share_out(rows, &all) } else { all(0, rows) }
}

/// Gives pieces of the rows to threads, each with the number of its first row. The work is behind a reference, so that this
/// is compiled once for all kinds of it.
fn share_out<const B: usize>(rows: &mut [Row<B>], work: &(dyn Fn(usize, &mut [Row<B>]) + Sync)) {
    rows.par_chunks_mut(PIECE).enumerate().for_each(|(k, piece)| work(k * PIECE, piece));
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

/// The sum of some rows.
pub(crate) fn total<const B: usize>(rows: &[Row<B>]) -> Row<B> {
    let mut total = [0.0; B];
    for row in rows {
        for k in 0..B {
            total[k] += row[k];
        }
    }
    total
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

#[cfg(test)]
mod tests {
    use super::{LARGE, rows};

    #[test]
    fn rows_in_large_pages_hold_what_others_hold() {
        fn hold<const B: usize>(far: bool) {
            for x in [0.0, 2.5] {
                let n = LARGE / (8 * B) + 1;
                let mut some = rows::<B>(n, x);
                assert_eq!(some.far.is_some(), far && cfg!(target_os = "linux"), "blocks of {B}");
                assert_eq!((some.len(), some.as_ptr().addr() % 128), (n, 0));
                assert!(some.iter().all(|row| *row == [x; B]));
                some[n - 1] = [7.0; B];
                let copy = some.clone();
                assert!(copy.far.is_some() == some.far.is_some() && copy[..] == some[..]);
            }
        }
        hold::<1>(true);
        hold::<16>(true);
        hold::<32>(false);
        assert!(rows::<1>(8, 0.0).far.is_none());
    }
}
