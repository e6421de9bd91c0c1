//! A value for each trial of a block.

use crate::network::{DrawIx, Items, Ix, Param, Span};
use memmap2::MmapMut;
use pulp::bytemuck;
use rayon::prelude::*;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut, Index, IndexMut};

/// Below this share of its scale a number is the rounding of zero: no branch rests on such a number.
pub(crate) const ROUNDING: f64 = 1e-12;

/// An input is short below this share of the stock that it requires. Orders leave gaps of up to [`ROUNDING`] of a target open;
/// if these cut an activity, an economy at rest would decay from them.
pub(crate) const ENOUGH: f64 = 1.0 - 2.0 * ROUNDING;

/// One number in each trial of a block.
pub(crate) type Row<const B: usize> = [f64; B];

/// Bytes of a cache line. A row that straddles two of them takes twice as long to load.
const LINE: usize = 64;
/// Bytes of two of them, which processors fetch together.
const PAIR: usize = 2 * LINE;

/// Bytes from which on rows ask for large pages: the size of one of them.
const LARGE: usize = 1 << 21;

/// A row for each thing of one kind, the first of which begins at a pair of cache lines.
#[derive(Debug)]
pub(crate) struct Rows<I, const B: usize> {
    /// Numbers, of which the rows begin with that at `start`.
    near: Vec<f64>,
    start: usize,
    len: usize,
    /// In their place, where there are many: memory in large pages. Most rows of a large network are read in no order, and
    /// each would cost a walk of the page tables.
    far: Option<MmapMut>,
    by: PhantomData<I>,
}

/// `n` rows that all hold `x`.
pub(crate) fn rows<I, const B: usize>(n: usize, x: f64) -> Rows<I, B> {
    let far = pages(n * size_of::<Row<B>>());
    // Memory of zeros is not touched before it is needed.
    let near = vec![0.0; if far.is_some() { 0 } else { n * B + PAIR / size_of::<f64>() }];
    let start = if far.is_some() { 0 } else { near.as_ptr().align_offset(PAIR).min(near.len() - n * B) };
    let mut rows = Rows { near, start, len: n, far, by: PhantomData };
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

impl<I, const B: usize> Clone for Rows<I, B> {
    fn clone(&self) -> Self {
        let mut rows = rows(self.len(), 0.0);
        rows.copy_from_slice(self);
        rows
    }
}

impl<I: Ix, const B: usize> Rows<I, B> {
    /// Rows with their numbers.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (I, &Row<B>)> {
        self.iter().enumerate().map(|(number, row)| (I::new(number), row))
    }

    /// The same as a value, whose place no write can move.
    #[inline(always)]
    pub(crate) fn view(&self) -> Items<'_, I, Row<B>> {
        Items::new(self)
    }
}

impl<I, const B: usize> Deref for Rows<I, B> {
    type Target = [Row<B>];

    #[inline(always)]
    fn deref(&self) -> &[Row<B>] {
        match &self.far {
            Some(memory) => bytemuck::cast_slice(memory).as_chunks().0,
            None => self.near[self.start..self.start + self.len * B].as_chunks().0,
        }
    }
}

impl<I, const B: usize> DerefMut for Rows<I, B> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [Row<B>] {
        match &mut self.far {
            Some(memory) => bytemuck::cast_slice_mut(memory).as_chunks_mut().0,
            None => self.near[self.start..self.start + self.len * B].as_chunks_mut().0,
        }
    }
}

impl<I: Ix, const B: usize> Index<I> for Rows<I, B> {
    type Output = Row<B>;

    #[inline(always)]
    fn index(&self, number: I) -> &Row<B> {
        &(**self)[number.at()]
    }
}

impl<I: Ix, const B: usize> IndexMut<I> for Rows<I, B> {
    #[inline(always)]
    fn index_mut(&mut self, number: I) -> &mut Row<B> {
        &mut (**self)[number.at()]
    }
}

impl<I: Ix, const B: usize> Index<Span<I>> for Rows<I, B> {
    type Output = [Row<B>];

    #[inline(always)]
    fn index(&self, span: Span<I>) -> &[Row<B>] {
        &(**self)[span.range()]
    }
}

impl<I: Ix, const B: usize> IndexMut<Span<I>> for Rows<I, B> {
    #[inline(always)]
    fn index_mut(&mut self, span: Span<I>) -> &mut [Row<B>] {
        &mut (**self)[span.range()]
    }
}

impl<'a, I, const B: usize> IntoIterator for &'a Rows<I, B> {
    type Item = &'a Row<B>;
    type IntoIter = std::slice::Iter<'a, Row<B>>;
    #[inline(always)]
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, I, const B: usize> IntoIterator for &'a mut Rows<I, B> {
    type Item = &'a mut Row<B>;
    type IntoIter = std::slice::IterMut<'a, Row<B>>;
    #[inline(always)]
    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

/// Bytes of rows by lane from which on they are fetched before they are worked on: no more than a core's own cache holds.
const NEAR: usize = 1 << 20;

/// Sites whose rows are fetched at once.
pub(crate) const FETCHED: usize = 32;

/// Whether so many rows lie too far away to be read as they are needed.
pub(crate) const fn far<const B: usize>(rows: usize) -> bool {
    rows * size_of::<Row<B>>() > NEAR
}

/// Asks for the rows of these numbers, which lie far apart, so that many are on their way at once. Where each is read only
/// as it is worked on, it is waited for among the arithmetic.
#[inline(always)]
pub(crate) fn fetch<const B: usize, T, I: Ix>(rows: Items<'_, I, Row<B>>, items: &[T], of: impl Fn(&T) -> I) {
    for item in items {
        let Some(row) = rows.get(of(item).at()) else { continue };
        for line in row.chunks(LINE / size_of::<f64>()) {
            std::hint::black_box(line[0]);
        }
    }
}

/// Rows for which it pays to wake another thread.
const PIECE: usize = 1 << 12;

/// Works on each row, given its number. Threads share the rows of a trial by itself.
pub(crate) fn each<I: Ix, const B: usize>(
    rows: &mut Rows<I, B>,
    work: impl Fn(I, &mut Row<B>) + Send + Sync,
) {
    each_of(rows, work);
}

/// The same of rows that a view has.
pub(super) fn each_of<I: Ix, const B: usize>(
    rows: &mut [Row<B>],
    work: impl Fn(I, &mut Row<B>) + Send + Sync,
) {
    let all = |first: usize, rows: &mut [Row<B>]| {
        rows.iter_mut().enumerate().for_each(|(number, row)| work(I::new(first + number), row));
    };
    if const { B == 1 } { share_out(rows, &all) } else { all(0, rows) }
}

/// Gives pieces of the rows to threads, each with the number of its first row. The work is behind a reference, so that this
/// is compiled once for all kinds of it.
fn share_out<const B: usize>(rows: &mut [Row<B>], work: &(dyn Fn(usize, &mut [Row<B>]) + Sync)) {
    rows.par_chunks_mut(PIECE).enumerate().for_each(|(k, piece)| work(k * PIECE, piece));
}

/// The quantities that are drawn once a trial, in each trial of a block.
pub(crate) type Draws<'a, const B: usize> = Items<'a, DrawIx, Row<B>>;

/// Writes a parameter's value in each trial.
pub(crate) fn fill<const B: usize>(row: &mut Row<B>, param: Param, draws: Draws<'_, B>) {
    match param.draw {
        None => *row = [param.plus; B],
        Some(d) => {
            let drawn = &draws[d];
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
pub(crate) fn value<const B: usize>(param: Param, draws: Draws<'_, B>) -> Row<B> {
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
    use crate::network::{Ix, SiteIx};

    #[test]
    fn rows_in_large_pages_hold_what_others_hold() {
        fn hold<const B: usize>() {
            for x in [0.0, 2.5] {
                let n = LARGE / (8 * B) + 1;
                let mut some = rows::<SiteIx, B>(n, x);
                assert_eq!(some.far.is_some(), cfg!(target_os = "linux"), "blocks of {B}");
                assert_eq!((some.len(), some.as_ptr().addr() % 128), (n, 0));
                assert!(some.iter().all(|row| *row == [x; B]));
                some[SiteIx::new(n - 1)] = [7.0; B];
                let copy = some.clone();
                assert!(copy.far.is_some() == some.far.is_some() && *copy == *some);
            }
            let few = rows::<SiteIx, B>(3, 2.5);
            assert!(few.far.is_none() && *few == [[2.5; B]; 3]);
            assert_eq!(few.as_ptr().addr() % 128, 0);
        }
        hold::<1>();
        hold::<32>();
    }
}
