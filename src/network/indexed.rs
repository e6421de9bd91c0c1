//! Things by their numbers.

use super::Ix;
use std::iter::Map;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut, Index, IndexMut, Range};

/// Numbers that follow on each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Span<I> {
    pub(crate) start: I,
    pub(crate) end: I,
}

impl<I: Ix> Span<I> {
    #[inline(always)]
    pub(crate) fn new(start: I, end: I) -> Self {
        Span { start, end }
    }

    /// The first so many numbers.
    #[inline(always)]
    pub(crate) fn first(count: usize) -> Self {
        Span { start: I::new(0), end: I::new(count) }
    }

    #[inline(always)]
    pub(crate) fn range(self) -> Range<usize> {
        self.start.at()..self.end.at()
    }

    #[inline(always)]
    pub(crate) fn len(self) -> usize {
        self.range().len()
    }

    #[inline(always)]
    pub(crate) fn is_empty(self) -> bool {
        self.range().is_empty()
    }

    #[inline(always)]
    pub(crate) fn contains(self, number: I) -> bool {
        self.start <= number && number < self.end
    }

    /// The numbers from the first of one stretch to the last of another.
    pub(crate) fn joined<T>(items: &[T], of: impl Fn(&T) -> Self) -> Self {
        match items {
            [] => Span::default(),
            [only] => of(only),
            [first, .., last] => Span { start: of(first).start, end: of(last).end },
        }
    }
}

impl<I: Ix> IntoIterator for Span<I> {
    type Item = I;
    // A type that the standard library walks along with slices by one counter for all of them.
    type IntoIter = Map<Range<usize>, fn(usize) -> I>;

    #[inline(always)]
    fn into_iter(self) -> Self::IntoIter {
        self.range().map(I::new as fn(usize) -> I)
    }
}

/// Things by their numbers.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[serde(transparent)]
pub(crate) struct IndexVec<I, T> {
    items: Vec<T>,
    #[serde(skip)]
    by: PhantomData<I>,
}

impl<I: Ix, T> IndexVec<I, T> {
    pub(crate) const fn new() -> Self {
        IndexVec { items: Vec::new(), by: PhantomData }
    }

    pub(crate) fn with_capacity(count: usize) -> Self {
        Vec::with_capacity(count).into()
    }

    /// So many of the same.
    pub(crate) fn filled(item: T, count: usize) -> Self
    where
        T: Clone,
    {
        vec![item; count].into()
    }

    /// Adds a thing, and tells its number.
    pub(crate) fn push(&mut self, item: T) -> I {
        let number = self.next();
        self.items.push(item);
        number
    }

    /// The number of the thing that is added next.
    pub(crate) fn next(&self) -> I {
        I::new(self.items.len())
    }

    /// All numbers.
    pub(crate) fn numbers(&self) -> Span<I> {
        Span::first(self.items.len())
    }

    /// Things with their numbers.
    #[inline(always)]
    pub(crate) fn pairs(&self) -> impl DoubleEndedIterator<Item = (I, &T)> + ExactSizeIterator + Clone {
        self.items.iter().enumerate().map(|(number, item)| (I::new(number), item))
    }

    /// The number of the first thing of which something holds.
    pub(crate) fn find(&self, holds: impl FnMut(&T) -> bool) -> Option<I> {
        self.items.iter().position(holds).map(I::new)
    }

    pub(crate) fn get(&self, number: I) -> Option<&T> {
        self.items.get(number.at())
    }

    /// The same as a value, whose place no write can move.
    #[inline(always)]
    pub(crate) fn view(&self) -> Items<'_, I, T> {
        Items::new(&self.items)
    }

    pub(crate) fn as_mut_vec(&mut self) -> &mut Vec<T> {
        &mut self.items
    }
}

impl<I, T> From<Vec<T>> for IndexVec<I, T> {
    fn from(items: Vec<T>) -> Self {
        IndexVec { items, by: PhantomData }
    }
}

impl<I, T> Default for IndexVec<I, T> {
    fn default() -> Self {
        Vec::new().into()
    }
}

impl<I, T> FromIterator<T> for IndexVec<I, T> {
    fn from_iter<A: IntoIterator<Item = T>>(items: A) -> Self {
        Vec::from_iter(items).into()
    }
}

impl<I, T> Deref for IndexVec<I, T> {
    type Target = [T];

    #[inline(always)]
    fn deref(&self) -> &[T] {
        &self.items
    }
}

impl<I, T> DerefMut for IndexVec<I, T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.items
    }
}

impl<'a, I, T> IntoIterator for &'a IndexVec<I, T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    #[inline(always)]
    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

impl<'a, I, T> IntoIterator for &'a mut IndexVec<I, T> {
    type Item = &'a mut T;
    type IntoIter = std::slice::IterMut<'a, T>;

    #[inline(always)]
    fn into_iter(self) -> Self::IntoIter {
        self.items.iter_mut()
    }
}

impl<I: Ix, T> Index<I> for IndexVec<I, T> {
    type Output = T;

    #[inline(always)]
    fn index(&self, number: I) -> &T {
        &self.items[number.at()]
    }
}

impl<I: Ix, T> IndexMut<I> for IndexVec<I, T> {
    #[inline(always)]
    fn index_mut(&mut self, number: I) -> &mut T {
        &mut self.items[number.at()]
    }
}

impl<I: Ix, T> Index<Span<I>> for IndexVec<I, T> {
    type Output = [T];

    #[inline(always)]
    fn index(&self, span: Span<I>) -> &[T] {
        &self.items[span.range()]
    }
}

impl<I: Ix, T> IndexMut<Span<I>> for IndexVec<I, T> {
    #[inline(always)]
    fn index_mut(&mut self, span: Span<I>) -> &mut [T] {
        &mut self.items[span.range()]
    }
}

/// A slice of things by their numbers.
#[derive(Debug)]
pub(crate) struct Items<'a, I, T> {
    items: &'a [T],
    by: PhantomData<I>,
}

impl<I, T> Clone for Items<'_, I, T> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<I, T> Copy for Items<'_, I, T> {}

impl<'a, I, T> Items<'a, I, T> {
    #[inline(always)]
    pub(crate) fn new(items: &'a [T]) -> Self {
        Items { items, by: PhantomData }
    }

    /// All numbers.
    #[inline(always)]
    pub(crate) fn numbers(self) -> Span<I>
    where
        I: Ix,
    {
        Span::first(self.items.len())
    }

    /// Those of a stretch of numbers.
    #[inline(always)]
    pub(crate) fn span(self, span: Span<I>) -> &'a [T]
    where
        I: Ix,
    {
        &self.items[span.range()]
    }

    /// The first `n` of them, of which there must be as many.
    #[inline(always)]
    pub(crate) fn first(self, n: usize) -> Self {
        Items::new(&self.items[..n])
    }
}

impl<I, T> Deref for Items<'_, I, T> {
    type Target = [T];

    #[inline(always)]
    fn deref(&self) -> &[T] {
        self.items
    }
}

impl<I: Ix, T> Index<I> for Items<'_, I, T> {
    type Output = T;

    #[inline(always)]
    fn index(&self, number: I) -> &T {
        &self.items[number.at()]
    }
}

impl<I: Ix, T> Index<Span<I>> for Items<'_, I, T> {
    type Output = [T];

    #[inline(always)]
    fn index(&self, span: Span<I>) -> &[T] {
        &self.items[span.range()]
    }
}

impl<'a, I, const B: usize> Items<'a, I, [f64; B]> {
    /// The numbers of all rows, one row after another.
    pub(crate) fn flat(self) -> &'a [f64] {
        self.items.as_flattened()
    }
}
