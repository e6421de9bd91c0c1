//! What a run gives: losses by trial, and what is added up over trials.

use super::columns::{Component, Layout, Subject, gdp_share};
use super::digest::hexadecimal;
use super::labels::Labels;
use super::path::PathStep;
use super::share::Share;
use crate::Error;
use crate::scenario::did_you_mean;
use crate::stats::{Interval, LossDistribution, Ratio};
use crate::step::Model;
use ndarray::Array2;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

/// Losses of a party step by step.
pub type PathBand<'o> = &'o [PathStep];

/// The outcome of a run: what every trial lost.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub(super) model: Model,
    pub(super) labels: Arc<Labels>,
    seed: u64,
    threads: usize,
    layout: Layout,
    pub(super) share: Share,
    elapsed: Duration,
}

impl Outcome {
    pub(crate) fn new(
        model: &Model,
        seed: u64,
        threads: usize,
        layout: Layout,
        share: Share,
        elapsed: Duration,
    ) -> Self {
        let labels = Arc::new(Labels::new(model));
        let mut outcome = Outcome { model: model.clone(), labels, seed, threads, layout, share, elapsed };
        outcome.sort();
        outcome
    }

    /// Puts the trials in order.
    fn sort(&mut self) {
        self.share.segments.sort_unstable_by_key(|s| s.first);
    }

    /// Joins the outcomes of two ranges of trials of the same model and seed.
    ///
    /// # Errors
    /// [`Error::Merge`] when model or seed differ, a trial is in both, or one of the two is condensed.
    pub fn merge(mut self, other: Outcome) -> Result<Self, Error> {
        if self.labels != other.labels {
            return Err(Error::Merge(format!(
                "they come from two models, `{}` and `{}`",
                self.labels.name(),
                other.labels.name()
            )));
        }
        if self.seed != other.seed {
            return Err(Error::Merge(format!("they come from the seeds {} and {}", self.seed, other.seed)));
        }
        if self.is_condensed() != other.is_condensed() {
            return Err(Error::Merge("one of them is condensed and the other is not".to_owned()));
        }
        let theirs: Vec<_> = other.ranges().collect();
        for a in self.ranges() {
            if let Some(b) = theirs.iter().find(|b| a.start < b.end && b.start < a.end) {
                return Err(Error::Merge(format!("trial {} is in both", a.start.max(b.start))));
            }
        }
        self.share.absorb(other.share)?;
        self.elapsed += other.elapsed;
        self.threads = self.threads.max(other.threads);
        self.sort();
        Ok(self)
    }

    /// The names and units that its numbers are read by.
    #[must_use]
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// Seed of the draws.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Threads that were used.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Number of trials.
    #[must_use]
    pub fn trials(&self) -> u64 {
        self.ranges().map(|range| range.end - range.start).sum()
    }

    /// Ranges of trials, in order, none next to another.
    fn ranges(&self) -> impl Iterator<Item = Range<u64>> + '_ {
        let kept = self.share.segments.chunk_by(|a, b| a.trials().end == b.first);
        let kept = kept.filter_map(|run| Some(run.first()?.first..run.last()?.trials().end));
        let condensed = self.share.condensed.iter().flat_map(|c| c.ranges.iter().cloned());
        kept.chain(condensed)
    }

    /// Whether no trial was kept: see [`Ensemble::condensed`](super::Ensemble::condensed).
    #[must_use]
    pub fn is_condensed(&self) -> bool {
        self.share.condensed.is_some()
    }

    pub(super) fn check_kept(&self, what: &'static str) -> Result<(), Error> {
        if self.is_condensed() { Err(Error::Condensed { what }) } else { Ok(()) }
    }

    /// Numbers of the trials, in order.
    pub fn trial_numbers(&self) -> impl Iterator<Item = u64> + '_ {
        self.ranges().flatten()
    }

    /// Time the run took.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// Largest mass balance residual of any commodity in any trial, relative to what there was at the
    /// start and was made.
    #[must_use]
    pub fn mass_balance_residual(&self) -> f64 {
        self.share.residual
    }

    /// Share of trials in which every site was within 1% of its baseline in the last step.
    #[must_use]
    pub fn recovered_share(&self) -> f64 {
        self.share.recovered as f64 / self.trials() as f64
    }

    /// All subjects a loss can be asked for.
    pub fn subjects(&self) -> impl Iterator<Item = &Subject> {
        self.layout.subjects.iter()
    }

    /// Value added that a subject lost, by trial in trial order \[JPY\].
    ///
    /// # Errors
    /// As [`Outcome::component_values`].
    pub fn values(&self, subject: &Subject) -> Result<Vec<f64>, Error> {
        self.component_values(subject, Component::Output)
    }

    /// A component of a subject's loss, by trial in trial order \[JPY\].
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is no such subject, or when it is no party and the component is of money;
    /// [`Error::Condensed`] when the run was.
    pub fn component_values(&self, subject: &Subject, component: Component) -> Result<Vec<f64>, Error> {
        let column = self.column(subject)?;
        self.check_kept("losses by trial")?;
        let parts: Option<Vec<Vec<f64>>> =
            self.share.segments.iter().map(|s| s.component(column, component)).collect();
        parts.map(|parts| parts.concat()).ok_or_else(|| not_counted(component))
    }

    /// Distribution of a component of a subject's loss.
    ///
    /// # Errors
    /// [`Error::Unknown`] as of [`Outcome::component_values`]; [`Error::Loss`] when a loss is not finite, or too large to
    /// be condensed.
    pub fn component(&self, subject: &Subject, component: Component) -> Result<LossDistribution, Error> {
        let column = self.column(subject)?;
        if let Some(condensed) = &self.share.condensed {
            let losses = condensed.component(column, component).ok_or_else(|| not_counted(component))?;
            return Ok(losses.distribution()?);
        }
        let negligible = self.layout.negligible[self.layout.members[column].0];
        Ok(LossDistribution::new(self.component_values(subject, component)?, negligible)?)
    }

    /// Loss of a party up to which a trial counts as one without \[JPY\].
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is no such party.
    pub fn negligible(&self, party: &str) -> Result<f64, Error> {
        Ok(self.layout.negligible[self.column(&Subject::Party(party.to_owned()))?])
    }

    fn column(&self, subject: &Subject) -> Result<usize, Error> {
        self.layout.subjects.iter().position(|s| s == subject).ok_or_else(|| {
            let (what, name) = match subject {
                Subject::Party(id) => ("party", id.clone()),
                Subject::Stage { party, stage } => ("stage with value added", format!("{party}/{stage}")),
                Subject::Sector(id) => ("sector", id.clone()),
            };
            let known: Vec<String> =
                self.layout
                    .subjects
                    .iter()
                    .filter_map(|s| match (s, subject) {
                        (Subject::Party(id), Subject::Party(_))
                        | (Subject::Sector(id), Subject::Sector(_)) => Some(id.clone()),
                        (Subject::Stage { party, stage }, Subject::Stage { .. }) => {
                            Some(format!("{party}/{stage}"))
                        }
                        _ => None,
                    })
                    .collect();
            let hint = did_you_mean(&name, known.iter().map(String::as_str));
            Error::Unknown { what, name, hint }
        })
    }

    /// Distribution of the value added that a subject lost.
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is no such subject, [`Error::Loss`] when a loss is not finite.
    pub fn distribution(&self, subject: &Subject) -> Result<LossDistribution, Error> {
        self.component(subject, Component::Output)
    }

    /// Loss distribution of a party: value added lost, net of catch-up.
    ///
    /// # Errors
    /// As [`Outcome::distribution`].
    pub fn loss(&self, party: &str) -> Result<LossDistribution, Error> {
        self.distribution(&Subject::Party(party.to_owned()))
    }

    /// Losses of a party step by step.
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is no such party.
    pub fn path(&self, party: &str) -> Result<PathBand<'_>, Error> {
        let column = self.column(&Subject::Party(party.to_owned()))?;
        Ok(self.share.path.of(column))
    }

    /// What the insurers of payments lost, by trial in trial order \[JPY\]: what they paid less their premiums. They
    /// are no party. Empty where no link has a `payment`, and where the run is condensed.
    #[must_use]
    pub fn insurer(&self) -> Vec<f64> {
        let sectors = self.labels.sectors().count();
        self.share.segments.iter().flat_map(|s| s.insurer(sectors)).copied().collect()
    }

    /// Distribution of what the insurers of payments lost; `None` where no link has a `payment`.
    ///
    /// # Errors
    /// [`Error::Loss`] when a loss is not finite.
    pub fn insurer_loss(&self) -> Result<Option<LossDistribution>, Error> {
        if !self.labels.paid_ahead {
            return Ok(None);
        }
        let losses = self.share.condensed.as_ref().map(|c| c.insurer().distribution());
        Ok(Some(losses.unwrap_or_else(|| LossDistribution::new(self.insurer(), 0.0))?))
    }

    /// Share of trials in which some site is over 1% off its baseline in the last 26 weeks, among those whose last
    /// control or event ends at least a year before the horizon; `None` where there are none of these.
    #[must_use]
    pub fn unsettled_share(&self) -> Option<f64> {
        (self.share.judged > 0).then(|| self.share.unsettled as f64 / self.share.judged as f64)
    }

    /// Ratio of the mean losses of two parties, with its interval at `level`: a [`Ratio`]; NaN where the second
    /// loses nothing.
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is no such party, [`Error::Condensed`] when the run was.
    pub fn ratio(
        &self,
        of: &str,
        to: &str,
        component: Component,
        level: f64,
    ) -> Result<(f64, Interval), Error> {
        let values = |id: &str| self.component_values(&Subject::Party(id.to_owned()), component);
        let ratio = Ratio::new(&values(of)?, &values(to)?)?;
        Ok((ratio.value(), ratio.interval(level)))
    }

    /// Mean of a party's loss over its yearly GDP.
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is no such party.
    pub fn mean_gdp_share(&self, party: &str) -> Result<f64, Error> {
        let column = self.column(&Subject::Party(party.to_owned()))?;
        let share = |(&loss, trial)| gdp_share(&self.model, self.seed, column, trial, loss);
        let total: f64 = match &self.share.condensed {
            Some(condensed) => condensed.gdp_share(column),
            None => self
                .share
                .segments
                .iter()
                .flat_map(|s| s.losses(column).iter().zip(s.first..))
                .map(share)
                .sum(),
        };
        Ok(total / self.trials() as f64)
    }

    /// All quantities that are drawn once a trial, trial × leaf: rows in trial order, columns as [`Labels::drawn`].
    ///
    /// # Errors
    /// As [`Outcome::draws_of`].
    pub fn draws(&self) -> Result<Array2<f64>, Error> {
        self.draws_of(0..self.trials() as usize)
    }

    /// The same for some of the trials, by their places in trial order; places beyond the last are left out.
    ///
    /// They are computed from the addressed random streams, as no trial's draws rest on another's.
    ///
    /// # Errors
    /// None yet.
    pub fn draws_of(&self, places: Range<usize>) -> Result<Array2<f64>, Error> {
        let trials: Vec<u64> = self.trial_numbers().skip(places.start).take(places.len()).collect();
        let mut drawn = Array2::zeros((trials.len(), self.labels.drawn().len()));
        let rows = drawn.outer_iter_mut().zip(&trials).collect::<Vec<_>>();
        rows.into_par_iter().for_each(|(mut row, &trial)| {
            row.iter_mut().zip(self.model.draw(self.seed, trial)).for_each(|(at, x)| *at = x);
        });
        Ok(drawn)
    }

    /// SHA-256 over every trial's total loss of every party: trials in order, within a trial parties in
    /// the order of their ids, each as the little-endian bits of its `f64`, with −0 as 0.
    ///
    /// Empty for condensed outcomes that were merged: their trials cannot be put in order any more.
    #[must_use]
    pub fn digest(&self) -> String {
        if let Some(condensed) = &self.share.condensed {
            return condensed.digest.clone().unwrap_or_default();
        }
        let mut hash = Sha256::new();
        for segment in &self.share.segments {
            segment.digest(&self.layout.by_id, |bytes| hash.update(bytes));
        }
        hexadecimal(hash)
    }
}

fn not_counted(component: Component) -> Error {
    Error::Unknown {
        what: "component of a stage or a sector",
        name: component.word().to_owned(),
        hint: Some("money is counted by party".to_owned()),
    }
}
