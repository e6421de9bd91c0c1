//! Results of trials that are not kept one by one.

use super::labels::Labels;
use super::layout::loss_column;
use super::subject::Component;
use super::tables::{Columns, Table, Tables};
use crate::stats::{CondensedLosses, ExactSum, LossError};
use ndarray::{ArrayView1, Axis};
use serde::{Deserialize, Serialize};

/// Shares of GDP are added up in parts of this: sums are exact to a millionth of their unit.
const SHARE_UNITS: f64 = (1_u64 << 40) as f64;

/// Whether the days of a trial count.
pub(super) type Counts = fn(f64) -> bool;

/// The tables of how sectors stood still, and which of their days count.
pub(super) const STOPS: [(Table, Counts); 4] = [
    (Table::FirstLine, f64::is_finite),
    (Table::FirstStop, f64::is_finite),
    (Table::StoppedDays, |below| below > 0.0),
    (Table::Recovery, |recovery| recovery > 0.0 && recovery.is_finite()),
];

/// The figures that a run keeps of trials that it does not keep. Its size does not depend on their number.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Condensed {
    /// Digest of the trials; none where they were not added in their order, as after a merge.
    pub(super) digest: Option<String>,
    /// By subject: each component it has, in the order of [`components`].
    columns: Vec<Vec<CondensedLosses>>,
    /// Loss over GDP, by party.
    gdp_shares: Vec<ExactSum>,
    /// What the insurer lost.
    insurer: CondensedLosses,
    /// By sector, of the trials that count in each of [`STOPS`].
    stops: Vec<[CondensedLosses; STOPS.len()]>,
    /// Days stopped in all trials, by sector.
    below: Vec<ExactSum>,
}

/// The components of a subject: of one that is no party, those that are not of money.
fn components(is_party: bool) -> impl Iterator<Item = Component> {
    Component::ALL.into_iter().filter(move |component| is_party || !component.is_of_party())
}

impl Condensed {
    /// Of no trials yet.
    pub(super) fn new(labels: &Labels) -> Result<Self, LossError> {
        let parties = labels.parties();
        let mut columns = Vec::new();
        for (is_party, q) in labels.subject_parties() {
            let losses = CondensedLosses::new(parties[q].negligible)?;
            columns.push(vec![losses; components(is_party).count()]);
        }
        let (none, sectors) = (CondensedLosses::new(0.0)?, labels.sectors().count());
        Ok(Condensed {
            digest: None,
            columns,
            gdp_shares: vec![ExactSum::default(); parties.len()],
            insurer: CondensedLosses::new(labels.negligible_to_insurers())?,
            stops: vec![STOPS.map(|_| none.clone()); sectors],
            below: vec![ExactSum::default(); sectors],
        })
    }

    /// Adds the first `trials` rows of the tables. One column takes all of them before the next does, as all columns
    /// together are larger than a cache.
    pub(super) fn add(&mut self, labels: &Labels, tables: &Tables<Columns>, trials: usize) {
        let column = |table: Table, j: usize| tables[table].column(j).split_at(Axis(0), trials).0;
        let (parties, others) = self.columns.split_at_mut(labels.parties().len());
        for (q, all) in parties.iter_mut().enumerate() {
            for (losses, component) in all.iter_mut().zip(components(true)) {
                in_one_piece(column(Table::Losses, loss_column(q, component)), |row| losses.add_row(row));
            }
        }
        let (stages, sites) = others.split_at_mut(labels.stages.len());
        for (output, direct, all) in
            [(Table::StageOutput, Table::StageDirect, stages), (Table::SiteOutput, Table::SiteDirect, sites)]
        {
            for (j, all) in all.iter_mut().enumerate() {
                let (output, direct) = (column(output, j), column(direct, j));
                let indirect = &output - &direct;
                for (losses, row) in all.iter_mut().zip([output, direct, indirect.view()]) {
                    in_one_piece(row, |row| losses.add_row(row));
                }
            }
        }
        for (q, (sum, gdp)) in self.gdp_shares.iter_mut().zip(labels.gdp(tables)).enumerate() {
            let losses = column(Table::Losses, loss_column(q, Component::Output));
            losses.iter().zip(gdp).for_each(|(loss, gdp)| sum.add(SHARE_UNITS * (loss / gdp)));
        }
        if labels.paid_ahead {
            in_one_piece(column(Table::Insurer, 0), |row| self.insurer.add_row(row));
        }
        for (i, (stops, below)) in self.stops.iter_mut().zip(&mut self.below).enumerate() {
            for (losses, (table, counts)) in stops.iter_mut().zip(STOPS) {
                let days = column(table, i);
                losses.add_row(&days.iter().copied().filter(|d| counts(*d)).collect::<Vec<_>>());
            }
            in_one_piece(column(Table::StoppedDays, i), |row| below.add_row(row));
        }
    }

    /// Adds the trials of another of the same model and seed. Their digest cannot be found any more.
    pub(super) fn merge(&mut self, other: &Self) -> Result<(), LossError> {
        self.digest = None;
        for (mine, theirs) in self.columns.iter_mut().flatten().zip(other.columns.iter().flatten()) {
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

    /// Whether everything that has a name is there, of so many trials.
    pub(super) fn fits(&self, labels: &Labels, trials: u64) -> bool {
        let sectors = labels.sectors().count();
        let widths = labels.subject_parties().map(|(is_party, _)| components(is_party).count());
        self.columns.iter().map(Vec::len).eq(widths)
            && self.columns.iter().flatten().all(|losses| losses.count() == trials)
            && self.gdp_shares.len() == labels.parties().len()
            && self.insurer.count() == if labels.paid_ahead { trials } else { 0 }
            && (self.stops.len(), self.below.len()) == (sectors, sectors)
            && self.stops.iter().flatten().all(|days| days.count() <= trials)
    }

    /// A component of a subject, by its place, where there is one.
    pub(super) fn component(&self, subject: usize, component: Component) -> Option<&CondensedLosses> {
        let of_subject = self.columns.get(subject)?;
        let mut components = components(of_subject.len() == Component::COUNT);
        of_subject.get(components.position(|c| c == component)?)
    }

    /// Sum of the losses of a party over GDP.
    pub(super) fn gdp_share(&self, party: usize) -> f64 {
        self.gdp_shares[party].value() / SHARE_UNITS
    }

    pub(super) fn insurer(&self) -> &CondensedLosses {
        &self.insurer
    }

    /// How sector `i` stood still, by table of [`STOPS`] of the trials that count, and the sum of days stopped in all.
    pub(super) fn stops(&self, i: usize) -> (&[CondensedLosses; STOPS.len()], f64) {
        (&self.stops[i], self.below[i].value())
    }

    /// Bins of all columns.
    #[cfg(test)]
    pub(super) fn bins(&self) -> usize {
        let all = self.columns.iter().flatten().chain(self.stops.iter().flatten()).chain([&self.insurer]);
        all.map(CondensedLosses::bins).sum()
    }
}

/// A column as a row of numbers that follow on each other.
fn in_one_piece(column: ArrayView1<'_, f64>, mut add: impl FnMut(&[f64])) {
    match column.as_slice() {
        Some(row) => add(row),
        None => add(&column.to_vec()),
    }
}
