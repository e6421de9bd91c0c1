//! Lists of things by number and trial, as long as each trial needs them.

use crate::network::Ix;
use std::marker::PhantomData;

/// A list for each number and each trial of a block. All stand in one place, those of a trial together.
#[derive(Debug, Clone)]
pub(crate) struct Lists<I, T> {
    items: Vec<T>,
    /// Where each list ends: by trial, then by number.
    ends: Vec<usize>,
    numbers: usize,
    by: PhantomData<I>,
}

impl<I: Ix, T> Lists<I, T> {
    /// Lists for so many numbers, none of which is there yet.
    pub(super) fn new(numbers: usize) -> Self {
        Lists { items: Vec::new(), ends: Vec::new(), numbers, by: PhantomData }
    }

    pub(super) fn clear(&mut self) {
        self.items.clear();
        self.ends.clear();
    }

    /// Adds the list of the next number, of the next trial after the last number.
    pub(super) fn push(&mut self, list: impl IntoIterator<Item = T>) {
        self.items.extend(list);
        self.ends.push(self.items.len());
    }

    /// How many things there are in all lists.
    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    /// The list of a number in trial `member` of the block.
    pub(crate) fn of(&self, number: I, member: usize) -> &[T] {
        let place = member * self.numbers + number.at();
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.items[start..self.ends[place]]
    }

    /// The rest of it once things at its front are over, of which `first` were before.
    pub(super) fn rest(
        &self,
        number: I,
        member: usize,
        first: &mut u32,
        is_over: impl Fn(&T) -> bool,
    ) -> &[T] {
        let list = self.of(number, member);
        while list.get(*first as usize).is_some_and(&is_over) {
            *first += 1;
        }
        &list[*first as usize..]
    }
}
