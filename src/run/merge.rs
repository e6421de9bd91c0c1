//! Outcomes of several ranges of trials, put together.

use super::error::MergeError;
use super::outcome::{Outcome, Record, Trials};
use super::ranges::Ranges;
use super::tables::{Columns, NoMemory, Tables};

impl Outcome {
    /// Finds whether two outcomes can be merged.
    ///
    /// # Errors
    /// [`MergeError`] with the reason when they cannot.
    pub fn check_merge(&self, other: &Outcome) -> Result<(), MergeError> {
        self.kind().check(&other.kind())?;
        match self.done().overlap(other.done()) {
            Some(trials) => Err(MergeError::Overlap { trials }),
            None => Ok(()),
        }
    }

    /// Joins the outcomes of two ranges of trials of the same model and seed.
    ///
    /// # Errors
    /// [`MergeError`] when model, seed, version or kind differ, or a trial is in both; [`Outcome::check_merge`] says so of
    /// outcomes that must not be lost.
    pub fn merge(self, other: Outcome) -> Result<Self, MergeError> {
        Outcome::merge_all([self, other])
    }

    /// Joins the outcomes of any number of ranges, which takes as much memory again as their trials do.
    ///
    /// # Errors
    /// As [`Outcome::merge`]; [`MergeError::Nothing`] where there is none.
    pub fn merge_all(parts: impl IntoIterator<Item = Outcome>) -> Result<Self, MergeError> {
        let mut parts = parts.into_iter();
        let mut all = vec![parts.next().ok_or(MergeError::Nothing)?];
        for part in parts {
            // Every part is checked against all before it, as none of those overlap each other.
            all.iter().try_for_each(|before| before.check_merge(&part))?;
            all.push(part);
        }
        let model = all.iter().find_map(|part| part.model.clone());
        let records: Vec<Record> = all.into_iter().map(|part| part.record).collect();
        Ok(Outcome::new(joined(records)?, model))
    }
}

/// Records that belong together, as one.
fn joined(mut records: Vec<Record>) -> Result<Record, MergeError> {
    records.sort_by_key(|record| record.done.iter().next().map_or(0, |range| range.start));
    let tables = joined_tables(&records)?;
    let mut records = records.into_iter();
    let mut whole = records.next().ok_or(MergeError::Nothing)?;
    if let Some(tables) = tables {
        whole.trials = Trials::Kept(Box::new(tables));
    }
    for record in records {
        if let (Trials::Condensed(mine), Trials::Condensed(theirs)) = (&mut whole.trials, &record.trials) {
            mine.merge(theirs)?;
        }
        whole.asked = whole.asked.union(&record.asked);
        whole.done = whole.done.union(&record.done);
        whole.totals.merge(&record.totals);
        whole.courses.merge(&record.courses);
        whole.elapsed = whole.elapsed.saturating_add(record.elapsed);
        whole.threads = whole.threads.max(record.threads);
    }
    Ok(whole)
}

/// The tables of all, in the order of their trials; none where there is one alone, or they are condensed.
fn joined_tables(records: &[Record]) -> Result<Option<Tables<Columns>>, MergeError> {
    let mut pieces = Vec::new();
    for record in records {
        let Trials::Kept(tables) = &record.trials else { return Ok(None) };
        for range in record.done.iter() {
            let places = record.done.places(&Ranges::one(range.clone()));
            pieces.extend(places.into_iter().map(|rows| (range.start, tables.as_ref(), rows)));
        }
    }
    let [first, _, ..] = records else { return Ok(None) };
    pieces.sort_by_key(|(start, ..)| *start);
    let pieces: Vec<_> = pieces.into_iter().map(|(_, tables, rows)| (tables, rows)).collect();
    let joined = Tables::joined(&pieces, &first.labels.widths());
    joined.map(Some).map_err(|NoMemory { bytes }| MergeError::Memory { bytes })
}
