//! What a run gives: losses by trial, and what is added up over trials.

use super::columns::{Component, Layout, Segment, Subject};
use super::path::PathStep;
use super::share::Share;
use crate::Error;
use crate::engine::{Ledger, Sum};
use crate::loss::{Interval, LossDistribution, Ratio};
use crate::model::{LinkId, Model};
use crate::scenario::did_you_mean;
use sha2::{Digest, Sha256};
use std::ops::Range;
use std::time::Duration;

/// How a sector stood still, by trial.
#[derive(Debug, Clone, PartialEq)]
pub struct Stops {
    /// Days from the onset to the first stop; infinite where it never stopped.
    pub first: Vec<f64>,
    /// Days below the level that counts as stopped.
    pub days: Vec<f64>,
    /// Days from the onset until it was back within 1% for good; 0 where it never left, infinite where it was off
    /// at the horizon.
    pub recovery: Vec<f64>,
}

/// What limited a site, in the mean over trials.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit<'o> {
    /// Id of the site.
    pub site: &'o str,
    /// Commodity that limited it.
    pub input: &'o str,
    /// Value added lost while this input was the limiting one \[JPY\].
    pub loss: f64,
    /// Its share of all that inputs and outages took from the site.
    pub share: f64,
    /// The lane that brought least of what it brings at the baseline, and what it left out as a share of the
    /// need of the input over the horizon.
    pub lane: Option<(LinkId<'o>, f64)>,
}

/// A market of an importing country, in the mean over trials.
#[derive(Debug, Clone, PartialEq)]
pub struct MarketMeans<'o> {
    /// Country that imports.
    pub country: &'o str,
    /// Commodity.
    pub commodity: &'o str,
    /// Highest spot price, as a multiple of the contract price.
    pub peak_price: f64,
    /// Demand that gave way to price, as a share of the need over the horizon.
    pub gave_way: f64,
}

/// What a party paid ahead for goods and what became of it, in the mean over trials \[JPY\]. All but the peak is
/// discounted as losses are.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PaymentMeans<'o> {
    /// Id of the party that buys.
    pub party: &'o str,
    /// Paid ahead over the horizon.
    pub prepaid: f64,
    /// The most that sellers held at once for goods that had not come in time.
    pub held_peak: f64,
    /// Given back at once by sellers.
    pub refunded: f64,
    /// Kept by sellers for goods that were not taken.
    pub forfeited: f64,
    /// Still held by sellers at the horizon.
    pub written_off: f64,
    /// Of that, given back from collateral.
    pub collateral: f64,
    /// Paid by the insurer.
    pub insured: f64,
    /// Paid to the insurer.
    pub premium: f64,
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
    share: Share,
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
        let mut outcome = Outcome { model, seed, threads, layout, share, elapsed };
        outcome.join();
        outcome
    }

    /// Sorts the segments and joins neighbours.
    fn join(&mut self) {
        self.share.segments.sort_by_key(|s| s.first);
        let mut joined: Vec<Segment> = Vec::new();
        for segment in std::mem::take(&mut self.share.segments) {
            match joined.last_mut() {
                Some(last) if last.first + last.len() == segment.first => {
                    last.extend(segment);
                }
                _ => joined.push(segment),
            }
        }
        self.share.segments = joined;
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
            o.share.segments.iter().map(|s| s.first..s.first + s.len()).collect()
        };
        for a in ranges(&self) {
            if let Some(b) = ranges(&other).into_iter().find(|b| a.start < b.end && b.start < a.end) {
                return Err(Error::Merge(format!("trial {} is in both", a.start.max(b.start))));
            }
        }
        self.share.absorb(other.share);
        self.elapsed += other.elapsed;
        self.threads = self.threads.max(other.threads);
        self.join();
        Ok(self)
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
        self.share.segments.iter().map(Segment::len).sum()
    }

    /// Numbers of the trials, in order.
    pub fn trial_numbers(&self) -> impl Iterator<Item = u64> + '_ {
        self.share.segments.iter().flat_map(|s| s.first..s.first + s.len())
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
    /// [`Error::Unknown`] when there is no such subject.
    pub fn values(&self, subject: &Subject) -> Result<Vec<f64>, Error> {
        self.component_values(subject, Component::Output)
    }

    /// A component of a subject's loss, by trial in trial order \[JPY\].
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is no such subject, or when it is no party and the component is of money.
    pub fn component_values(&self, subject: &Subject, component: Component) -> Result<Vec<f64>, Error> {
        let column = self.column(subject)?;
        let parts: Option<Vec<Vec<f64>>> =
            self.share.segments.iter().map(|s| s.component(column, component)).collect();
        parts.map(|parts| parts.concat()).ok_or_else(|| Error::Unknown {
            what: "component of a stage or a sector",
            name: component.word().to_owned(),
            hint: Some("money is counted by party".to_owned()),
        })
    }

    /// Distribution of a component of a subject's loss.
    ///
    /// # Errors
    /// As [`Outcome::component_values`]; [`Error::Loss`] when a loss is not finite.
    pub fn component(&self, subject: &Subject, component: Component) -> Result<LossDistribution, Error> {
        let party = self.layout.members[self.column(subject)?].0;
        let values = self.component_values(subject, component)?;
        Ok(LossDistribution::new(values, self.layout.negligible[party])?)
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

    /// Mean value added lost by site, reserves included \[JPY\].
    pub fn site_means(&self) -> impl Iterator<Item = (&str, f64)> {
        let mut means = vec![0.0; self.model.sites.len()];
        let ledger = Ledger::<1>::new(self.model);
        for (&n, sum) in ledger.valued.iter().zip(&self.share.sums.lost) {
            means[n] = sum.value() / self.trials() as f64;
        }
        self.model.sites.iter().map(|site| site.id.as_str()).zip(means)
    }

    /// How a sector stood still, by trial.
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is no such sector.
    pub fn stops(&self, sector: &str) -> Result<Stops, Error> {
        let sectors: Vec<&str> = self.sectors().collect();
        let Some(column) = sectors.iter().position(|s| *s == sector) else {
            return Err(Error::Unknown {
                what: "sector",
                name: sector.to_owned(),
                hint: did_you_mean(sector, sectors),
            });
        };
        let [first, days, recovery] = [0, 1, 2].map(|which| {
            self.share.segments.iter().flat_map(|s| s.stops[column][which].iter().copied()).collect()
        });
        Ok(Stops { first, days, recovery })
    }

    /// Days from the onset to the first stop of a sector, by trial; infinite where it never stopped.
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is no such sector.
    pub fn first_stops(&self, sector: &str) -> Result<Vec<f64>, Error> {
        self.stops(sector).map(|stops| stops.first)
    }

    /// What limited each site whose limiting input is followed: sectors, and others that use goods of sectors.
    #[must_use]
    pub fn limits(&self) -> Vec<Limit<'_>> {
        let (model, sums, trials) = (self.model, &self.share.sums, self.trials() as f64);
        let ledger = Ledger::<1>::new(model);
        let mut limits = Vec::new();
        let mut lanes = ledger.watched.iter().zip(&sums.missing);
        for (&i, limited) in ledger.followed.iter().zip(&sums.limited) {
            let n = model.inputs[i].site;
            let taken = |v: usize| sums.outage[v].value();
            let by_inputs: f64 = ledger
                .followed
                .iter()
                .zip(&sums.limited)
                .filter(|(j, _)| model.inputs[**j].site == n)
                .map(|(_, sum)| sum.value())
                .sum();
            let all = by_inputs + ledger.valued.iter().position(|&v| v == n).map_or(0.0, taken);
            let lane = lanes
                .by_ref()
                .take(model.inputs[i].lanes.len())
                .map(|(&e, missing)| (model.link(e), missing.value() / trials))
                .max_by(|a, b| a.1.total_cmp(&b.1))
                .filter(|(_, missing)| *missing > 0.0);
            limits.push(Limit {
                site: &model.sites[n].id,
                input: &model.commodities[model.inputs[i].commodity],
                loss: limited.value() / trials,
                share: if all > 0.0 { limited.value() / all } else { 0.0 },
                lane,
            });
        }
        limits
    }

    /// Markets of importing countries.
    #[must_use]
    pub fn markets(&self) -> Vec<MarketMeans<'_>> {
        let (model, sums, trials) = (self.model, &self.share.sums, self.trials() as f64);
        let means = sums.peak.iter().zip(&sums.gave_way);
        let named = model.markets.iter().filter_map(|market| {
            let input = &model.inputs[*market.inputs.first()?];
            Some((&model.sites[input.site].country, &model.commodities[input.commodity]))
        });
        named
            .zip(means)
            .map(|((country, commodity), (peak, gave_way))| MarketMeans {
                country,
                commodity,
                peak_price: peak.value() / trials,
                gave_way: gave_way.value() / trials,
            })
            .collect()
    }

    /// What each party paid ahead and what became of it; none where no link has a `payment`.
    #[must_use]
    pub fn payments(&self) -> Vec<PaymentMeans<'_>> {
        let trials = self.trials() as f64;
        let of_party = self.share.sums.payments.chunks_exact(Sum::COUNT);
        self.model
            .parties()
            .zip(of_party)
            .map(|(party, sums)| {
                let mean = |sum: Sum| sums[sum as usize].value() / trials;
                PaymentMeans {
                    party,
                    prepaid: mean(Sum::Prepaid),
                    held_peak: mean(Sum::HeldPeak),
                    refunded: mean(Sum::Refunded),
                    forfeited: mean(Sum::Forfeited),
                    written_off: mean(Sum::WrittenOff),
                    collateral: mean(Sum::Collateral),
                    insured: mean(Sum::Insured),
                    premium: mean(Sum::Premium),
                }
            })
            .collect()
    }

    /// What the insurers of payments lost, by trial in trial order \[JPY\]: what they paid less their premiums. They
    /// are no party. Empty where no link has a `payment`.
    #[must_use]
    pub fn insurer(&self) -> Vec<f64> {
        self.share.segments.iter().flat_map(|s| s.insurer.iter().copied()).collect()
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
    /// [`Error::Unknown`] when there is no such party.
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
        for segment in &self.share.segments {
            for k in 0..segment.len() as usize {
                for &q in &parties {
                    // Adding 0 turns −0 into 0 and leaves all else alone.
                    hash.update((segment.total(q, k) + 0.0).to_le_bytes());
                }
            }
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
