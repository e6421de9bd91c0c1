//! The outcome of a run: losses by trial, and what is added up over trials.

use super::condensed::Condensed;
use super::courses::Courses;
use super::digest::digested;
use super::labels::Labels;
use super::layout::loss_column;
use super::provenance::{Kind, Provenance, Sampling};
use super::ranges::Ranges;
use super::share::Totals;
use super::subject::{Component, Subject};
use super::tables::{Columns, Table, Tables};
use crate::Error;
use crate::network::Fingerprint;
use crate::scenario::{did_you_mean, hexadecimal};
use crate::stats::{Interval, LossDistribution, Ratio};
use crate::step::Model;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::ops::Range;
use std::time::Duration;

/// What is known of single trials.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Trials {
    Kept(Box<Tables<Columns>>),
    Condensed(Box<Condensed>),
}

/// All that an outcome holds, and all that is written of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) labels: Labels,
    pub(super) provenance: Provenance,
    /// Trials that were asked for, and those of them that are done.
    pub(super) asked: Ranges,
    pub(super) done: Ranges,
    pub(super) threads: usize,
    pub(super) elapsed: Duration,
    pub(super) trials: Trials,
    pub(super) totals: Totals,
    /// Losses step by step of chosen trials.
    pub(super) courses: Courses,
}

impl Record {
    pub(super) fn kind(&self) -> Kind<'_> {
        Kind {
            labels: &self.labels,
            provenance: &self.provenance,
            is_condensed: matches!(self.trials, Trials::Condensed(_)),
        }
    }
}

/// The outcome of a run: what every trial lost.
///
/// It owns all that it tells and holds every name that its numbers need, so it outlives the model. Numbers by trial are
/// arrays with a row for each trial, in trial order; [`Outcome::losses`] and its like hand out views of the memory that the
/// run wrote.
///
/// ```
/// # fn main() -> Result<(), supplyshock::Error> {
/// # let model = supplyshock::Scenario::load("scenarios/japan_full_cut.toml")?.compile()?;
/// use supplyshock::Ensemble;
/// use supplyshock::run::Component;
/// let outcome = Ensemble::new(&model).trials(100).seed(7).run()?;
/// let losses = outcome.losses()?;
/// let output = losses.column(outcome.index_of("JP", Component::Output)?);
/// assert_eq!(output.len(), 100);
/// assert_eq!(output.mean(), Some(output.sum() / 100.0));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Outcome {
    pub(super) record: Record,
    /// The model that was run; none in an outcome that was read.
    pub(super) model: Option<Model>,
}

impl Outcome {
    pub(super) fn new(record: Record, model: Option<Model>) -> Self {
        Outcome { record, model }
    }

    /// The names and units that its numbers are read by.
    #[must_use]
    pub fn labels(&self) -> &Labels {
        &self.record.labels
    }

    /// Fingerprint of the model that was run: see [`Network::fingerprint`](crate::network::Network::fingerprint).
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.record.provenance.fingerprint
    }

    /// Seed of the draws.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.record.provenance.seed
    }

    /// How the trials were drawn.
    #[must_use]
    pub fn sampling(&self) -> Sampling {
        self.record.provenance.sampling
    }

    /// Version of the crate that ran them.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.record.provenance.version
    }

    /// Threads that were used.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.record.threads
    }

    /// Number of trials.
    #[must_use]
    pub fn trials(&self) -> u64 {
        self.record.done.trials()
    }

    /// Ranges of trials, in order, none next to another.
    #[must_use]
    pub fn ranges(&self) -> &[Range<u64>] {
        self.record.done.as_slice()
    }

    /// Number of trials that were asked for: more than [`Outcome::trials`] where the run was cancelled.
    #[must_use]
    pub fn asked(&self) -> u64 {
        self.record.asked.trials()
    }

    /// Trials that were asked for and are not done, as the run was cancelled. An outcome of these, merged with this one,
    /// completes it.
    #[must_use]
    pub fn missing(&self) -> Vec<Range<u64>> {
        self.record.asked.without(&self.record.done).iter().collect()
    }

    /// Whether the run was cancelled, and what it left out has not been merged since.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.record.asked != self.record.done
    }

    /// Takes down trials that were asked for and not done.
    pub(super) fn ask_for(&mut self, trials: &Ranges) {
        self.record.asked = self.record.asked.union(trials);
    }

    pub(super) fn done(&self) -> &Ranges {
        &self.record.done
    }

    pub(super) fn kind(&self) -> Kind<'_> {
        self.record.kind()
    }

    /// Whether no trial was kept: see [`Ensemble::condensed`](super::Ensemble::condensed).
    #[must_use]
    pub fn is_condensed(&self) -> bool {
        matches!(self.record.trials, Trials::Condensed(_))
    }

    /// Numbers by trial.
    pub(super) fn kept(&self, what: &'static str) -> Result<&Tables<Columns>, Error> {
        match &self.record.trials {
            Trials::Kept(tables) => Ok(tables),
            Trials::Condensed(_) => Err(Error::Condensed { what }),
        }
    }

    /// Numbers of the trials, in order.
    pub fn trial_numbers(&self) -> impl Iterator<Item = u64> + '_ {
        self.record.done.iter().flatten()
    }

    /// Time the run took.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.record.elapsed
    }

    /// Largest mass balance residual of any commodity in any trial, relative to what there was at the
    /// start and was made.
    #[must_use]
    pub fn mass_balance_residual(&self) -> f64 {
        self.record.totals.checks.residual
    }

    /// Share of trials in which every site was within 1% of its baseline in the last step.
    #[must_use]
    pub fn recovered_share(&self) -> f64 {
        self.record.totals.checks.recovered as f64 / self.trials() as f64
    }

    /// Share of trials in which some site is over 1% off its baseline in the last 26 weeks, among those whose last
    /// control or event ends at least a year before the horizon; `None` where there are none of these.
    #[must_use]
    pub fn unsettled_share(&self) -> Option<f64> {
        let checks = &self.record.totals.checks;
        (checks.judged > 0).then(|| checks.unsettled as f64 / checks.judged as f64)
    }

    /// Trials that [`Outcome::unsettled_share`] is a share of: those whose last control or event ends at least a year
    /// before the horizon.
    #[must_use]
    pub fn judged_trials(&self) -> u64 {
        self.record.totals.checks.judged
    }

    /// All subjects a loss can be asked for.
    pub fn subjects(&self) -> impl Iterator<Item = &Subject> {
        self.labels().subjects.iter()
    }

    /// Value added that a subject lost, by trial in trial order \[money\].
    ///
    /// # Errors
    /// As [`Outcome::column`].
    pub fn values(&self, subject: &Subject) -> Result<Vec<f64>, Error> {
        self.component_values(subject, Component::Output)
    }

    /// A component of a subject's loss, by trial in trial order \[money\].
    ///
    /// # Errors
    /// As [`Outcome::column`].
    pub fn component_values(&self, subject: &Subject, component: Component) -> Result<Vec<f64>, Error> {
        self.column(subject, component).map(|column| column.to_vec())
    }

    /// Distribution of a component of a subject's loss.
    ///
    /// # Errors
    /// [`Error::Unknown`] as of [`Outcome::column`]; [`Error::Loss`] when a loss is not finite, or too large to
    /// be condensed.
    pub fn component(&self, subject: &Subject, component: Component) -> Result<LossDistribution, Error> {
        let place = self.place(subject)?;
        if let Trials::Condensed(condensed) = &self.record.trials {
            let losses = condensed.component(place, component).ok_or_else(|| not_counted(component))?;
            return Ok(losses.distribution()?);
        }
        let party = self.labels().subject_parties().nth(place).map_or(0, |(_, party)| party);
        let negligible = self.labels().parties()[party].negligible;
        Ok(LossDistribution::new(self.component_values(subject, component)?, negligible)?)
    }

    /// Loss of a party up to which a trial counts as one without \[money\].
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is no such party.
    pub fn negligible(&self, party: &str) -> Result<f64, Error> {
        let labels = self.labels();
        Ok(labels.parties()[labels.party(party)?].negligible)
    }

    /// Place of a subject among all.
    pub(super) fn place(&self, subject: &Subject) -> Result<usize, Error> {
        let labels = self.labels();
        if let Subject::Site(id) = subject {
            return Ok(labels.parties().len() + labels.stages.len() + labels.kept_site(id)?);
        }
        labels.subjects.iter().position(|s| s == subject).ok_or_else(|| {
            let alike = |s: &&Subject| std::mem::discriminant(*s) == std::mem::discriminant(subject);
            let known: Vec<String> = self.subjects().filter(alike).map(|s| s.described().1).collect();
            let (what, name) = subject.described();
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

    /// What the insurers of payments lost, by trial in trial order \[money\]: what they paid less their premiums. They
    /// are no party. Empty where no link has a `payment`, and where the run is condensed.
    #[must_use]
    pub fn insurer(&self) -> Vec<f64> {
        self.kept("").map_or_else(|_| Vec::new(), |kept| kept[Table::Insurer].0.iter().copied().collect())
    }

    /// Distribution of what the insurers of payments lost; `None` where no link has a `payment`.
    ///
    /// # Errors
    /// [`Error::Loss`] when a loss is not finite.
    pub fn insurer_loss(&self) -> Result<Option<LossDistribution>, Error> {
        if !self.labels().paid_ahead {
            return Ok(None);
        }
        let losses = match &self.record.trials {
            Trials::Condensed(condensed) => condensed.insurer().distribution(),
            Trials::Kept(_) => LossDistribution::new(self.insurer(), self.labels().negligible_to_insurers()),
        };
        Ok(Some(losses?))
    }

    /// Ratio of the mean losses of two parties, with its interval at `level`, where it has one: a [`Ratio`]; NaN where the
    /// second loses nothing.
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is no such party, [`Error::Condensed`] when the run was.
    pub fn ratio(
        &self,
        of: &str,
        to: &str,
        component: Component,
        level: f64,
    ) -> Result<(f64, Option<Interval>), Error> {
        let values = |id: &str| self.component_values(&Subject::Party(id.to_owned()), component);
        let ratio = Ratio::new(&values(of)?, &values(to)?)?;
        Ok((ratio.value(), ratio.interval(level)))
    }

    /// Mean of a party's loss over its yearly GDP.
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is no such party.
    pub fn mean_gdp_share(&self, party: &str) -> Result<f64, Error> {
        let q = self.labels().party(party)?;
        let total: f64 = match &self.record.trials {
            Trials::Condensed(condensed) => condensed.gdp_share(q),
            Trials::Kept(tables) => {
                let losses = tables[Table::Losses].column(loss_column(q, Component::Output));
                let gdp = self.labels().gdp(tables).nth(q).into_iter().flatten();
                losses.iter().zip(gdp).map(|(loss, gdp)| loss / gdp).sum()
            }
        };
        Ok(total / self.trials() as f64)
    }

    /// SHA-256 over every trial's total loss of every party: trials in order, within a trial parties in
    /// the order of their ids, each as the little-endian bits of its `f64`, with −0 as 0.
    ///
    /// Empty for condensed outcomes that were merged, or cancelled with trials left out between others: a hash can be
    /// neither joined to another nor filled in, and the trials are not kept.
    #[must_use]
    pub fn digest(&self) -> String {
        let tables = match &self.record.trials {
            Trials::Condensed(condensed) => return condensed.digest.clone().unwrap_or_default(),
            Trials::Kept(tables) => tables,
        };
        let mut hash = Sha256::new();
        digested(self.labels(), tables[Table::Losses].view(), |bytes| hash.update(bytes));
        hexadecimal(hash)
    }
}

pub(super) fn not_counted(component: Component) -> Error {
    Error::Unknown {
        what: "component of a stage or a sector",
        name: component.word().to_owned(),
        hint: Some("money is counted by party".to_owned()),
    }
}
