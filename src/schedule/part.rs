//! Rows that a walk writes.

use super::rows::{Row, Rows, each_of};
use crate::network::{Items, Ix, Span};
use std::marker::PhantomData;
use std::mem::take;
use std::ops::{Index, IndexMut};

/// Rows of things that follow on each other, by their own numbers.
///
/// In blocks of one trial threads share the things, and each has those from `first` on. A block of more has all of them, and
/// spends nothing on finding them.
#[derive(Debug)]
pub(crate) struct Part<'a, I, const B: usize, T = Row<B>> {
    items: &'a mut [T],
    first: usize,
    by: PhantomData<I>,
}

impl<I: Ix, const B: usize> Rows<I, B> {
    /// All rows, to be written.
    #[inline(always)]
    pub(crate) fn part(&mut self) -> Part<'_, I, B> {
        Part::new(self)
    }
}

impl<'a, I: Ix, const B: usize, T> Part<'a, I, B, T> {
    /// All rows.
    #[inline(always)]
    pub(crate) fn new(items: &'a mut [T]) -> Self {
        Part { items, first: 0, by: PhantomData }
    }

    #[inline(always)]
    fn at(&self, number: I) -> usize {
        if const { B == 1 } { number.at() - self.first } else { number.at() }
    }

    /// The row of a number, where there are rows at all.
    #[inline(always)]
    pub(crate) fn get_mut(&mut self, number: I) -> Option<&mut T> {
        let place = self.at(number);
        self.items.get_mut(place)
    }

    /// All rows, to be read.
    #[inline(always)]
    pub(crate) fn read(&self) -> Items<'_, I, T> {
        debug_assert_eq!(self.first, 0);
        Items::new(self.items)
    }

    /// The rows themselves.
    #[inline(always)]
    pub(crate) fn items(&mut self) -> &mut [T] {
        self.items
    }

    /// Takes off the rows before a number.
    pub(crate) fn before(&mut self, number: I) -> Part<'a, I, B, T> {
        let items = take(&mut self.items);
        let (front, rest) = items.split_at_mut(self.at(number).min(items.len()));
        let part = Part { items: front, first: self.first, by: PhantomData };
        (self.items, self.first) = (rest, number.at());
        part
    }
}

impl<I: Ix, const B: usize> Part<'_, I, B> {
    /// Works on each row, given its number. Threads share the rows of a trial by itself.
    pub(crate) fn each(&mut self, work: impl Fn(I, &mut Row<B>) + Send + Sync) {
        debug_assert_eq!(self.first, 0);
        each_of(self.items, work);
    }
}

impl<I, const B: usize, T> Default for Part<'_, I, B, T> {
    fn default() -> Self {
        Part { items: &mut [], first: 0, by: PhantomData }
    }
}

impl<I: Ix, const B: usize, T> Index<I> for Part<'_, I, B, T> {
    type Output = T;

    #[inline(always)]
    fn index(&self, number: I) -> &T {
        &self.items[self.at(number)]
    }
}

impl<I: Ix, const B: usize, T> IndexMut<I> for Part<'_, I, B, T> {
    #[inline(always)]
    fn index_mut(&mut self, number: I) -> &mut T {
        let place = self.at(number);
        &mut self.items[place]
    }
}

impl<I: Ix, const B: usize, T> Index<Span<I>> for Part<'_, I, B, T> {
    type Output = [T];

    #[inline(always)]
    fn index(&self, span: Span<I>) -> &[T] {
        &self.items[self.at(span.start)..self.at(span.end)]
    }
}

impl<I: Ix, const B: usize, T> IndexMut<Span<I>> for Part<'_, I, B, T> {
    #[inline(always)]
    fn index_mut(&mut self, span: Span<I>) -> &mut [T] {
        let places = self.at(span.start)..self.at(span.end);
        &mut self.items[places]
    }
}
