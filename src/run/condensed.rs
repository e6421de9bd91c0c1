//! Results of trials that are not kept one by one.

use super::columns::{Component, Layout, Segment, gdp_share};
use super::stops::COUNTED;
use crate::Error;
use crate::stats::{CondensedLosses, ExactSum, LossError};
use crate::step::Model;
use std::ops::Range;

/// Shares of GDP are added up in parts of this: sums are exact to a millionth of their unit.
const SHARE_UNITS: f64 = (1_u64 << 40) as f64;

/// What is known of the trials of a run that keeps none. Its size does not depend on their number.
#[derive(Debug, Clone)]
pub(crate) struct Condensed {
    seed: u64,
    /// Ranges of trials, in order, none next to another.
    pub(super) ranges: Vec<Range<u64>>,
    /// Digest of the trials; none once two ranges were merged, whose trials cannot be put in order any more.
    pub(super) digest: Option<String>,
    /// By subject: each component it has.
    columns: Vec<Vec<(Component, CondensedLosses)>>,
    /// Loss over GDP, by party.
    gdp_shares: Vec<ExactSum>,
    /// What the insurer lost.
    insurer: CondensedLosses,
    /// First stop, days stopped and recovery, of the trials that count, by sector.
    stops: Vec<[CondensedLosses; 3]>,
    /// Days stopped in all trials, by sector.
    below: Vec<ExactSum>,
}

impl Condensed {
    /// Of no trials yet.
    pub(super) fn new(model: &Model, layout: &Layout, seed: u64) -> Result<Self, Error> {
        let column = |(j, party): (usize, usize)| {
            let has = |c: &Component| j < model.parties.len() || !c.is_money();
            let losses = CondensedLosses::new(layout.negligible[party])?;
            Ok(Component::ALL.into_iter().filter(has).map(|c| (c, losses.clone())).collect())
        };
        let columns: Result<_, LossError> =
            layout.members.iter().map(|m| m.0).enumerate().map(column).collect();
        let (none, sectors) = (CondensedLosses::new(0.0)?, model.sectors().count());
        Ok(Condensed {
            seed,
            ranges: Vec::new(),
            digest: None,
            columns: columns?,
            gdp_shares: vec![ExactSum::default(); model.parties.len()],
            insurer: none.clone(),
            stops: vec![[none.clone(), none.clone(), none]; sectors],
            below: vec![ExactSum::default(); sectors],
        })
    }

    /// Adds trials. One column takes those of all segments before the next does, as all columns together are larger
    /// than a cache.
    pub(super) fn add(&mut self, model: &Model, segments: &[Segment]) {
        for (j, components) in self.columns.iter_mut().enumerate() {
            for (component, losses) in components {
                segments
                    .iter()
                    .filter_map(|s| s.component(j, *component))
                    .for_each(|row| losses.add_row(&row));
            }
        }
        for (q, sum) in self.gdp_shares.iter_mut().enumerate() {
            for segment in segments {
                for (&loss, trial) in segment.losses(q).iter().zip(segment.first..) {
                    sum.add(SHARE_UNITS * gdp_share(model, self.seed, q, trial, loss));
                }
            }
        }
        let sectors = self.stops.len();
        segments.iter().for_each(|s| self.insurer.add_row(s.insurer(sectors)));
        for (i, (stops, below)) in self.stops.iter_mut().zip(&mut self.below).enumerate() {
            for segment in segments {
                let days = segment.stops(i, sectors);
                for ((losses, days), counts) in stops.iter_mut().zip(days).zip(COUNTED) {
                    losses.add_row(&days.iter().copied().filter(|d| counts(*d)).collect::<Vec<_>>());
                }
                below.add_row(days[1]);
            }
        }
    }

    /// Ends a run of these trials.
    pub(super) fn close(&mut self, trials: Range<u64>, digest: String) {
        self.ranges = vec![trials];
        self.digest = Some(digest);
    }

    /// Adds the trials of another of the same model and seed.
    pub(super) fn merge(&mut self, other: &Self) -> Result<(), LossError> {
        self.ranges.extend(other.ranges.iter().cloned());
        self.ranges.sort_by_key(|range| range.start);
        self.ranges.dedup_by(|next, last| {
            let joined = last.end == next.start;
            if joined {
                last.end = next.end;
            }
            joined
        });
        self.digest = None;
        let theirs = other.columns.iter().flatten().map(|(_, losses)| losses);
        for ((_, mine), theirs) in self.columns.iter_mut().flatten().zip(theirs) {
            mine.merge(theirs)?;
        }
        self.insurer.merge(&other.insurer)?;
        for (mine, theirs) in self.stops.iter_mut().flatten().zip(other.stops.iter().flatten()) {
            mine.merge(theirs)?;
        }
        let sums = self.gdp_shares.iter_mut().chain(&mut self.below);
        sums.zip(other.gdp_shares.iter().chain(&other.below)).for_each(|(mine, theirs)| mine.merge(theirs));
        Ok(())
    }

    /// A component of column `j`, where there is one.
    pub(super) fn component(&self, j: usize, component: Component) -> Option<&CondensedLosses> {
        self.columns.get(j)?.iter().find(|(c, _)| *c == component).map(|(_, losses)| losses)
    }

    /// Sum of the losses of a party over GDP.
    pub(super) fn gdp_share(&self, party: usize) -> f64 {
        self.gdp_shares[party].value() / SHARE_UNITS
    }

    pub(super) fn insurer(&self) -> &CondensedLosses {
        &self.insurer
    }

    /// First stop, days stopped and recovery of sector `i`, of the trials that count, and the sum of days stopped in
    /// all.
    pub(super) fn stops(&self, i: usize) -> (&[CondensedLosses; 3], f64) {
        (&self.stops[i], self.below[i].value())
    }

    /// Bins of all columns.
    #[cfg(test)]
    pub(super) fn bins(&self) -> usize {
        let columns = self.columns.iter().flatten().map(|(_, losses)| losses);
        let all = columns.chain(self.stops.iter().flatten()).chain([&self.insurer]);
        all.map(CondensedLosses::bins).sum()
    }
}
