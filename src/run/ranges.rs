//! Sets of trials.

use crate::step::TRIAL_LIMIT;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Trials as ranges, in order, none empty and none next to another.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Ranges(Vec<Range<u64>>);

impl Ranges {
    pub(super) fn new(ranges: impl IntoIterator<Item = Range<u64>>) -> Self {
        let mut all: Vec<_> = ranges.into_iter().filter(|range| range.start < range.end).collect();
        all.sort_unstable_by_key(|range| range.start);
        all.dedup_by(|next, last| {
            let joined = next.start <= last.end;
            if joined {
                last.end = last.end.max(next.end);
            }
            joined
        });
        Ranges(all)
    }

    pub(super) fn one(range: Range<u64>) -> Self {
        Ranges::new(std::iter::once(range))
    }

    /// Whether it is as [`Ranges::new`] makes it, and no trial is beyond the last there is.
    pub(super) fn are_sound(&self) -> bool {
        Ranges::new(self.iter()) == *self && self.0.last().is_none_or(|last| last.end <= TRIAL_LIMIT)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Range<u64>> + '_ {
        self.0.iter().cloned()
    }

    pub(super) fn as_slice(&self) -> &[Range<u64>] {
        &self.0
    }

    /// Number of trials.
    pub(super) fn trials(&self) -> u64 {
        self.0.iter().map(|range| range.end - range.start).sum()
    }

    pub(super) fn contains(&self, trial: u64) -> bool {
        let after = self.0.partition_point(|range| range.end <= trial);
        self.0.get(after).is_some_and(|range| range.contains(&trial))
    }

    pub(super) fn union(&self, other: &Self) -> Self {
        Ranges::new(self.iter().chain(other.iter()))
    }

    /// The first trials that both have.
    pub(super) fn overlap(&self, other: &Self) -> Option<Range<u64>> {
        let both = self.0.iter().flat_map(|a| {
            let meets = move |b: &&Range<u64>| a.start < b.end && b.start < a.end;
            other.0.iter().filter(meets).map(move |b| a.start.max(b.start)..a.end.min(b.end))
        });
        both.min_by_key(|range| range.start)
    }

    /// The trials that the other has not.
    pub(super) fn without(&self, other: &Self) -> Self {
        let mut left = Vec::new();
        for range in &self.0 {
            let mut start = range.start;
            for taken in other.0.iter().filter(|taken| range.start < taken.end && taken.start < range.end) {
                left.push(start..taken.start.max(start));
                start = taken.end;
            }
            left.push(start..range.end);
        }
        Ranges::new(left)
    }

    /// Places of the trials of the other among those of this one, as ranges in order.
    pub(super) fn places(&self, other: &Self) -> Vec<Range<usize>> {
        let mut before = 0;
        let mut places = Vec::new();
        for range in &self.0 {
            for part in other.0.iter().filter(|part| range.start < part.end && part.start < range.end) {
                let (start, end) = (part.start.max(range.start), part.end.min(range.end));
                let place = |trial: u64| (before + trial - range.start) as usize;
                places.push(place(start)..place(end));
            }
            before += range.end - range.start;
        }
        places
    }
}

#[cfg(all(test, feature = "oracle"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_ranges() -> impl Strategy<Value = Ranges> {
        prop::collection::vec((0_u64..60, 0_u64..12), 0..6)
            .prop_map(|parts| Ranges::new(parts.into_iter().map(|(start, length)| start..start + length)))
    }

    proptest! {
        #[test]
        fn they_are_what_sets_of_trials_are(a in any_ranges(), b in any_ranges()) {
            let set = |ranges: &Ranges| ranges.iter().flatten().collect::<std::collections::BTreeSet<u64>>();
            let (x, y) = (set(&a), set(&b));
            prop_assert_eq!(a.trials(), x.len() as u64);
            prop_assert_eq!(set(&a.union(&b)), &x | &y);
            prop_assert_eq!(set(&a.without(&b)), &x - &y);
            prop_assert!([&a.union(&b), &a.without(&b)].iter().all(|ranges| ranges.are_sound()));
            prop_assert_eq!(a.overlap(&b).map(|range| range.start), (&x & &y).first().copied());
            prop_assert!((0..80).all(|trial| a.contains(trial) == x.contains(&trial)));
            let all: Vec<u64> = a.iter().flatten().collect();
            let found: Vec<u64> = a.places(&b).into_iter().flatten().map(|place| all[place]).collect();
            prop_assert!(found.into_iter().eq(&x & &y));
        }
    }
}
