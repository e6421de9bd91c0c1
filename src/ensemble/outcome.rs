//! What a run gives: losses by trial, and what is added up over trials.

use super::{Share, sketch};
use crate::Error;
use crate::engine::Ledger;
use crate::loss::{ExactSum, LossDistribution, QuantileSketch};
use crate::model::Model;
use crate::scenario::did_you_mean;
use sha2::{Digest, Sha256};
use std::ops::Range;
use std::time::Duration;

/// Loss, as a share of yearly GDP, up to which a trial counts as one without loss.
const NEGLIGIBLE: f64 = 1e-12;

/// Whose loss is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// All sites of a party, by id.
    Party(String),
    /// The sites of one stage of a party.
    Stage {
        /// Id of the party.
        party: String,
        /// The stage.
        stage: String,
    },
    /// A site of stage `sector`, by id.
    Sector(String),
}

/// Which column holds what.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(crate) subjects: Vec<Subject>,
    /// Per subject: its party, and the positions among the valued sites that it adds up.
    members: Vec<(usize, Vec<usize>)>,
    /// By party: loss up to which a trial counts as one without \[JPY\].
    pub(crate) negligible: Vec<f64>,
}

impl Layout {
    pub(crate) fn new(model: &Model) -> Self {
        let ledger = Ledger::<1>::new(model);
        let of = |keep: &dyn Fn(usize) -> bool| -> Vec<usize> {
            ledger.valued.iter().enumerate().filter(|(_, n)| keep(**n)).map(|(k, _)| k).collect()
        };
        let (mut subjects, mut members) = (Vec::new(), Vec::new());
        for (q, party) in model.parties.iter().enumerate() {
            subjects.push(Subject::Party(party.id.clone()));
            members.push((q, of(&|n| model.sites[n].party == q)));
        }
        for (q, party) in model.parties.iter().enumerate() {
            let mut stages: Vec<&str> = Vec::new();
            for &n in ledger.valued.iter().filter(|&&n| model.sites[n].party == q) {
                let stage = model.sites[n].stage.as_str();
                if !stages.contains(&stage) {
                    stages.push(stage);
                }
            }
            for stage in stages {
                subjects.push(Subject::Stage { party: party.id.clone(), stage: stage.to_owned() });
                members.push((q, of(&|n| model.sites[n].party == q && model.sites[n].stage == stage)));
            }
        }
        for &s in &ledger.sectors {
            subjects.push(Subject::Sector(model.sites[s].id.clone()));
            members.push((model.sites[s].party, of(&|n| n == s)));
        }
        let draws: Vec<f64> = model.draws.iter().map(|d| d.distribution.mean()).collect();
        let negligible = (0..model.parties.len()).map(|q| NEGLIGIBLE * model.gdp(q, &draws)).collect();
        Layout { subjects, members, negligible }
    }
}

/// Results of consecutive trials.
#[derive(Debug, Clone)]
pub(crate) struct Segment {
    first: u64,
    /// Value added lost, by subject and trial \[JPY\].
    losses: Vec<Vec<f64>>,
    /// Days from onset to the first stop, by sector and trial; infinite where there was none.
    stops: Vec<Vec<f64>>,
}

impl Segment {
    pub(crate) fn new<const B: usize>(
        model: &Model,
        layout: &Layout,
        ledger: &Ledger<B>,
        first: u64,
        lanes: Range<usize>,
    ) -> Self {
        debug_assert_eq!(ledger.sectors.len(), model.sectors().count());
        let losses = layout
            .members
            .iter()
            .map(|(_, members)| {
                lanes.clone().map(|k| members.iter().map(|&v| ledger.lost[v][k]).sum()).collect()
            })
            .collect();
        let stops = ledger.first_stop.iter().map(|row| row[lanes.clone()].to_vec()).collect();
        Segment { first: first + lanes.start as u64, losses, stops }
    }

    fn len(&self) -> u64 {
        self.losses.first().map_or(0, Vec::len) as u64
    }
}

/// Losses of one step over all trials.
#[derive(Debug, Clone, PartialEq)]
pub struct PathStep {
    sum: ExactSum,
    sketch: Option<QuantileSketch>,
    count: u64,
}

impl PathStep {
    pub(crate) fn new(negligible: f64) -> Self {
        PathStep { sum: ExactSum::default(), sketch: sketch(negligible), count: 0 }
    }

    pub(crate) fn add_row(&mut self, row: &[f64]) {
        self.sum.add_row(row);
        if let Some(sketch) = &mut self.sketch {
            sketch.add_row(row);
        }
        self.count += row.len() as u64;
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.sum.merge(&other.sum);
        self.sketch = match (self.sketch.take(), &other.sketch) {
            (Some(mut mine), Some(theirs)) => mine.merge(theirs).ok().map(|()| mine),
            _ => None,
        };
        self.count += other.count;
    }

    /// Mean loss \[JPY\].
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.sum.value() / self.count as f64
    }

    /// Quantile of the loss \[JPY\], to a relative error of [`QuantileSketch::RELATIVE_ERROR`].
    #[must_use]
    pub fn quantile(&self, q: f64) -> f64 {
        self.sketch.as_ref().map_or(f64::NAN, |s| s.quantile(q))
    }
}

/// Losses of a party step by step.
pub type PathBand<'o> = &'o [PathStep];

/// The outcome of a run: what every trial lost.
#[derive(Debug, Clone)]
pub struct Outcome<'a> {
    model: &'a Model,
    seed: u64,
    threads: usize,
    layout: Layout,
    segments: Vec<Segment>,
    path: Vec<Vec<PathStep>>,
    sites: Vec<ExactSum>,
    residual: f64,
    recovered: u64,
    elapsed: Duration,
}

impl<'a> Outcome<'a> {
    pub(crate) fn new(
        model: &'a Model,
        seed: u64,
        threads: usize,
        layout: Layout,
        share: Share,
        elapsed: Duration,
    ) -> Self {
        let Share { segments, path, sites, residual, recovered } = share;
        let mut outcome =
            Outcome { model, seed, threads, layout, segments, path, sites, residual, recovered, elapsed };
        outcome.join();
        outcome
    }

    /// Sorts the segments and joins neighbours.
    fn join(&mut self) {
        self.segments.sort_by_key(|s| s.first);
        let mut joined: Vec<Segment> = Vec::new();
        for segment in std::mem::take(&mut self.segments) {
            match joined.last_mut() {
                Some(last) if last.first + last.len() == segment.first => {
                    let columns = last
                        .losses
                        .iter_mut()
                        .zip(segment.losses)
                        .chain(last.stops.iter_mut().zip(segment.stops));
                    columns.for_each(|(column, more)| column.extend(more));
                }
                _ => joined.push(segment),
            }
        }
        self.segments = joined;
    }

    /// Joins the outcomes of two ranges of trials of the same model and seed.
    ///
    /// # Errors
    /// [`Error::Merge`] when model or seed differ, or a trial is in both.
    pub fn merge(mut self, other: Outcome<'a>) -> Result<Self, Error> {
        if !std::ptr::eq(self.model, other.model) {
            return Err(Error::Merge(format!(
                "they come from two models, `{}` and `{}`",
                self.model.name(),
                other.model.name()
            )));
        }
        if self.seed != other.seed {
            return Err(Error::Merge(format!("they come from the seeds {} and {}", self.seed, other.seed)));
        }
        let ranges = |o: &Outcome<'_>| -> Vec<Range<u64>> {
            o.segments.iter().map(|s| s.first..s.first + s.len()).collect()
        };
        for a in ranges(&self) {
            if let Some(b) = ranges(&other).into_iter().find(|b| a.start < b.end && b.start < a.end) {
                return Err(Error::Merge(format!("trial {} is in both", a.start.max(b.start))));
            }
        }
        let mut share = Share {
            segments: self.segments,
            path: self.path,
            sites: self.sites,
            residual: self.residual,
            recovered: self.recovered,
        };
        share.absorb(Share {
            segments: other.segments,
            path: other.path,
            sites: other.sites,
            residual: other.residual,
            recovered: other.recovered,
        });
        self.elapsed += other.elapsed;
        Ok(Outcome::new(
            self.model,
            self.seed,
            self.threads.max(other.threads),
            self.layout,
            share,
            self.elapsed,
        ))
    }

    /// The model that was run.
    #[must_use]
    pub fn model(&self) -> &'a Model {
        self.model
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
        self.segments.iter().map(Segment::len).sum()
    }

    /// Numbers of the trials, in order.
    pub fn trial_numbers(&self) -> impl Iterator<Item = u64> + '_ {
        self.segments.iter().flat_map(|s| s.first..s.first + s.len())
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
        self.residual
    }

    /// Share of trials in which every site was within 1% of its baseline in the last step.
    #[must_use]
    pub fn recovered_share(&self) -> f64 {
        self.recovered as f64 / self.trials() as f64
    }

    /// All subjects a loss can be asked for.
    pub fn subjects(&self) -> impl Iterator<Item = &Subject> {
        self.layout.subjects.iter()
    }

    /// Losses of a subject by trial, in trial order \[JPY\].
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is no such subject.
    pub fn values(&self, subject: &Subject) -> Result<Vec<f64>, Error> {
        let column = self.column(subject)?;
        Ok(self.segments.iter().flat_map(|s| s.losses[column].iter().copied()).collect())
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

    /// Loss distribution of a subject.
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is no such subject, [`Error::Loss`] when a loss is not finite.
    pub fn distribution(&self, subject: &Subject) -> Result<LossDistribution, Error> {
        let party = self.layout.members[self.column(subject)?].0;
        Ok(LossDistribution::new(self.values(subject)?, self.layout.negligible[party])?)
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
        Ok(&self.path[column])
    }

    /// Mean value added lost by site, reserves included \[JPY\].
    pub fn site_means(&self) -> impl Iterator<Item = (&str, f64)> {
        let trials = self.trials() as f64;
        self.model
            .sites
            .iter()
            .zip(&self.sites)
            .map(move |(site, sum)| (site.id.as_str(), sum.value() / trials))
    }

    /// Days from the onset to the first stop of a sector, by trial; infinite where it never stopped.
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is no such sector.
    pub fn first_stops(&self, sector: &str) -> Result<Vec<f64>, Error> {
        let sectors: Vec<&str> = self.sectors().collect();
        match sectors.iter().position(|s| *s == sector) {
            Some(column) => Ok(self.segments.iter().flat_map(|s| s.stops[column].iter().copied()).collect()),
            None => Err(Error::Unknown {
                what: "sector",
                name: sector.to_owned(),
                hint: did_you_mean(sector, sectors),
            }),
        }
    }

    /// Ids of the sites of stage `sector`.
    pub fn sectors(&self) -> impl Iterator<Item = &'a str> {
        let model = self.model;
        model.sectors().map(|n| model.sites[n].id.as_str())
    }

    /// Mean of a party's loss over its yearly GDP.
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is no such party.
    pub fn mean_gdp_share(&self, party: &str) -> Result<f64, Error> {
        let subject = Subject::Party(party.to_owned());
        let (column, losses) = (self.column(&subject)?, self.values(&subject)?);
        let gdp = self.model.parties[column].gdp;
        let share = |loss: f64, trial: u64| match gdp.draw {
            None => loss / gdp.plus,
            Some(_) => loss / self.model.gdp(column, &self.model.draw(self.seed, trial)),
        };
        let total: f64 =
            losses.iter().zip(self.trial_numbers()).map(|(&loss, trial)| share(loss, trial)).sum();
        Ok(total / losses.len() as f64)
    }

    /// SHA-256 over every trial's total loss of every party: trials in order, within a trial parties in
    /// the order of their ids, each as the little-endian bits of its `f64`, with −0 as 0.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut parties: Vec<usize> = (0..self.model.parties.len()).collect();
        parties.sort_by_key(|&q| &self.model.parties[q].id);
        let mut hash = Sha256::new();
        for segment in &self.segments {
            for k in 0..segment.len() as usize {
                for &q in &parties {
                    // Adding 0 turns −0 into 0 and leaves all else alone.
                    hash.update((segment.losses[q][k] + 0.0).to_le_bytes());
                }
            }
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
