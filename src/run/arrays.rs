//! Results as arrays.
//!
//! Where the numbers are there already, a view of them is given; where they are worked out, an array of its own.

use super::Outcome;
use super::layout::loss_column;
use super::outcome::not_counted;
use super::path::PathBand;
use super::subject::{Component, Subject};
use super::tables::{Table, memory_for};
use crate::Error;
use crate::step::{Model, threads};
use ndarray::{Array2, Array3, ArrayView2, ArrayView3, Axis, CowArray, Ix1, Ix2};
use rayon::prelude::*;
use std::ops::Range;

impl Outcome {
    /// Losses by trial, trial × (party, component) \[money\]: rows in trial order, columns as [`Outcome::loss_columns`]
    /// names them. Each column lies in one piece of memory.
    ///
    /// # Errors
    /// [`Error::Condensed`] when the run was.
    pub fn losses(&self) -> Result<ArrayView2<'_, f64>, Error> {
        Ok(self.kept("losses by trial")?[Table::Losses].view())
    }

    /// Party and component of each column of [`Outcome::losses`].
    pub fn loss_columns(&self) -> impl Iterator<Item = (&str, Component)> {
        let of_party = |id| Component::ALL.into_iter().map(move |component| (id, component));
        self.labels().parties().iter().flat_map(move |party| of_party(party.id.as_str()))
    }

    /// Column of [`Outcome::losses`] that holds a component of a party's loss.
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is no such party.
    pub fn index_of(&self, party: &str, component: Component) -> Result<usize, Error> {
        Ok(loss_column(self.labels().party(party)?, component))
    }

    /// Value added lost by site, trial × site \[money\]: rows in trial order, columns as
    /// [`Labels::kept_sites`](super::Labels::kept_sites), which are the sectors and those of
    /// [`Ensemble::keep_sites`](super::Ensemble::keep_sites).
    ///
    /// # Errors
    /// [`Error::Condensed`] when the run was.
    pub fn site_losses(&self) -> Result<ArrayView2<'_, f64>, Error> {
        Ok(self.kept("losses by trial")?[Table::SiteOutput].view())
    }

    /// Days from the onset to the first stop, trial × sector; infinite where it never stopped. Columns are as
    /// [`Labels::sectors`](super::Labels::sectors).
    ///
    /// # Errors
    /// [`Error::Condensed`] when the run was.
    pub fn first_stop_days(&self) -> Result<ArrayView2<'_, f64>, Error> {
        Ok(self.kept("stops by trial")?[Table::FirstStop].view())
    }

    /// Days from the onset until the first line stood still, as [`Outcome::first_stop_days`].
    ///
    /// # Errors
    /// [`Error::Condensed`] when the run was.
    pub fn first_line_days(&self) -> Result<ArrayView2<'_, f64>, Error> {
        Ok(self.kept("stops by trial")?[Table::FirstLine].view())
    }

    /// Days below the level that counts as stopped, trial × sector.
    ///
    /// # Errors
    /// [`Error::Condensed`] when the run was.
    pub fn stopped_days(&self) -> Result<ArrayView2<'_, f64>, Error> {
        Ok(self.kept("stops by trial")?[Table::StoppedDays].view())
    }

    /// Days from the onset until a sector was back within 1% for good, trial × sector; 0 where it never left, infinite where
    /// it was off at the horizon.
    ///
    /// # Errors
    /// [`Error::Condensed`] when the run was.
    pub fn recovery_days(&self) -> Result<ArrayView2<'_, f64>, Error> {
        Ok(self.kept("stops by trial")?[Table::Recovery].view())
    }

    /// A component of a subject's loss, by trial in trial order \[money\]: a view where it is kept, as all components of
    /// parties and the output of the others are.
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is no such subject, or when it is no party and the component is of money;
    /// [`Error::Condensed`] when the run was.
    pub fn column(&self, subject: &Subject, component: Component) -> Result<CowArray<'_, f64, Ix1>, Error> {
        let place = self.place(subject)?;
        let tables = self.kept("losses by trial")?;
        let (parties, stages) = (self.labels().parties().len(), self.labels().stages.len());
        if place < parties {
            return Ok(tables[Table::Losses].column(loss_column(place, component)).into());
        }
        let (output, direct, column) = match place < parties + stages {
            true => (Table::StageOutput, Table::StageDirect, place - parties),
            false => (Table::SiteOutput, Table::SiteDirect, place - parties - stages),
        };
        let of = |table: Table| tables[table].column(column);
        match component {
            Component::Output => Ok(of(output).into()),
            Component::OutputDirect => Ok(of(direct).into()),
            Component::OutputIndirect => Ok((&of(output) - &of(direct)).into()),
            _ => Err(not_counted(component)),
        }
    }

    /// All quantities that are drawn once a trial, trial × leaf: rows in trial order, columns as
    /// [`Labels::drawn`](super::Labels::drawn).
    ///
    /// # Errors
    /// As [`Outcome::draws_of`].
    pub fn draws(&self) -> Result<CowArray<'_, f64, Ix2>, Error> {
        self.draws_of(0..self.trials() as usize)
    }

    /// The same for some of the trials, by their places in trial order; places beyond the last are left out.
    ///
    /// A view where they are kept; otherwise they are computed from the addressed random streams, as no trial's draws rest on
    /// another's.
    ///
    /// # Errors
    /// [`Error::NotKept`] where they are not kept and the outcome is without its model, as one that was read from a file;
    /// [`Error::Memory`] where there is none for so many.
    pub fn draws_of(&self, places: Range<usize>) -> Result<CowArray<'_, f64, Ix2>, Error> {
        let end = places.end.min(self.trials() as usize);
        let start = places.start.min(end);
        if let (true, Ok(tables)) = (self.labels().keeps_draws, self.kept("draws")) {
            return Ok(tables[Table::Draws]
                .view()
                .split_at(Axis(0), end)
                .0
                .split_at(Axis(0), start)
                .1
                .into());
        }
        let Some(model) = &self.model else {
            let remedy = "run it with Ensemble::keep_draws, or give it its model with Outcome::with_model";
            return Err(Error::NotKept { what: "draws", remedy });
        };
        let leaves = self.labels().drawn().len();
        memory_for((end - start) as u64, leaves as u64)?;
        threads::start()?;
        let trials: Vec<u64> = self.trial_numbers().skip(start).take(end - start).collect();
        let mut drawn = Array2::zeros((trials.len(), leaves));
        let rows = drawn.outer_iter_mut().zip(&trials).collect::<Vec<_>>();
        rows.into_par_iter().for_each(|(mut row, &trial)| {
            row.iter_mut().zip(model.draw(self.seed(), trial)).for_each(|(at, x)| *at = x);
        });
        Ok(drawn.into())
    }

    /// Gives an outcome that was read its model, so that its draws can be computed.
    ///
    /// # Errors
    /// [`Error::Merge`] when it comes from another model.
    pub fn with_model(mut self, model: &Model) -> Result<Self, Error> {
        self.kind().check_model(model)?;
        self.model = Some(model.clone());
        Ok(self)
    }

    /// Losses of a party step by step.
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is no such party.
    pub fn path(&self, party: &str) -> Result<PathBand<'_>, Error> {
        Ok(self.record.totals.path.of(self.labels().party(party)?))
    }

    /// Losses step by step, step × party × [`PathStatistic`](super::PathStatistic) \[money\].
    #[must_use]
    pub fn paths(&self) -> Array3<f64> {
        self.record.totals.path.statistics(0..self.labels().parties().len())
    }

    /// The same of the sectors, step × sector × [`PathStatistic`](super::PathStatistic) \[money\]. A loss of a step is what that over all steps so
    /// far has grown by, to the rounding of that.
    ///
    /// # Errors
    /// [`Error::NotKept`] without [`Ensemble::keep_sector_paths`](super::Ensemble::keep_sector_paths).
    pub fn sector_paths(&self) -> Result<Array3<f64>, Error> {
        let labels = self.labels();
        if !labels.keeps_sector_paths {
            let remedy = "run it with Ensemble::keep_sector_paths";
            return Err(Error::NotKept { what: "paths of sectors", remedy });
        }
        let parties = labels.parties().len();
        Ok(self.record.totals.path.statistics(parties..parties + labels.sectors().count()))
    }

    /// Losses step by step of one trial, step × party \[money\].
    ///
    /// # Errors
    /// [`Error::NotKept`] for a trial that [`Ensemble::keep_paths_of`](super::Ensemble::keep_paths_of) does not name, or
    /// that was not run.
    pub fn path_of(&self, trial: u64) -> Result<ArrayView2<'_, f64>, Error> {
        let remedy = "run it with Ensemble::keep_paths_of and this trial among those run";
        self.record.courses.of(trial).ok_or(Error::NotKept { what: "path of the trial", remedy })
    }

    /// Losses step by step of all trials of which they are kept: their numbers, and trial × step × party \[money\].
    #[must_use]
    pub fn paths_of_trials(&self) -> (&[u64], ArrayView3<'_, f64>) {
        (&self.record.courses.trials, self.record.courses.losses.view())
    }
}
