//! How sectors stood still.

use super::Outcome;
use super::condensed::STOPS;
use super::outcome::Trials;
use crate::Error;
use crate::stats::{CondensedLosses, LossDistribution, LossError};

/// How a sector stood still, by trial.
#[derive(Debug, Clone, PartialEq)]
pub struct Stops {
    /// Days from the onset until the first line stood still: the part of output that hangs on an input at one of its firms and
    /// is fed under the level that counts as stopped; infinite where none was.
    pub line: Vec<f64>,
    /// Days from the onset to the first stop; infinite where it never stopped.
    pub first: Vec<f64>,
    /// Days below the level that counts as stopped.
    pub days: Vec<f64>,
    /// Days from the onset until it was back within 1% for good; 0 where it never left, infinite where it was off
    /// at the horizon.
    pub recovery: Vec<f64>,
}

/// Days of the trials that count, and how many these are.
#[derive(Debug, Clone, PartialEq)]
pub struct Days {
    /// Share of trials that count.
    pub share: f64,
    /// Their days; `None` where no trial counts.
    pub days: Option<LossDistribution>,
}

impl Days {
    /// Quantile `q` over all of so many trials, of which one that does not count has them *never*: `None` where the quantile is
    /// never. So a change by which fewer trials stop cannot make it earlier.
    #[must_use]
    pub fn quantile_of_all(&self, q: f64, trials: u64) -> Option<f64> {
        let days = self.days.as_ref()?;
        let (last, place) = (days.trials() as f64 - 1.0, (trials as f64 - 1.0) * q);
        // A place that rounding moves beyond the last trial is that trial's.
        let within = place <= last * (1.0 + 1e-12);
        within.then(|| days.quantile(if last > 0.0 { (place / last).clamp(0.0, 1.0) } else { 0.0 }))
    }
}

/// How a sector stood still.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct StopDays {
    /// Days from the onset until the first line stood still ([`Stops::line`]), of the trials in which one did.
    pub line: Days,
    /// Days from the onset to the first stop, of the trials in which it stopped.
    pub first: Days,
    /// Days below the level that counts as stopped, of the trials that have some.
    pub below: Days,
    /// Days from the onset until it was back within 1% for good, of the trials in which it left and came back.
    pub recovery: Days,
    /// Mean over all trials of the days below the level that counts as stopped.
    pub mean_below: f64,
}

impl Outcome {
    /// Ids of the sites of stage `sector`.
    pub fn sectors(&self) -> impl Iterator<Item = &str> {
        self.labels().sectors().map(|sector| sector.id.as_str())
    }

    /// How a sector stood still, by trial.
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is no such sector, [`Error::Condensed`] when the run was.
    pub fn stops(&self, sector: &str) -> Result<Stops, Error> {
        let (column, tables) = (self.labels().sector(sector)?, self.kept("stops by trial")?);
        let [line, first, days, recovery] = STOPS.map(|(table, _)| tables[table].column(column).to_vec());
        Ok(Stops { line, first, days, recovery })
    }

    /// How a sector stood still, over all trials.
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is no such sector.
    pub fn stop_days(&self, sector: &str) -> Result<StopDays, Error> {
        let (column, trials) = (self.labels().sector(sector)?, self.trials() as f64);
        let ([line, first, below, recovery], sum) = match &self.record.trials {
            Trials::Condensed(condensed) => {
                let (stops, sum) = condensed.stops(column);
                (stops.each_ref().map(CondensedLosses::distribution), sum)
            }
            Trials::Kept(_) => {
                let Stops { line, first, days, recovery } = self.stops(sector)?;
                let sum = days.iter().sum::<f64>();
                let mut counted = [line, first, days, recovery];
                counted.iter_mut().zip(STOPS).for_each(|(days, (_, counts))| days.retain(|d| counts(*d)));
                (counted.map(|days| LossDistribution::new(days, 0.0)), sum)
            }
        };
        let among = |days| match days {
            Ok(days) => Ok(Days { share: LossDistribution::trials(&days) as f64 / trials, days: Some(days) }),
            Err(LossError::Empty) => Ok(Days { share: 0.0, days: None }),
            Err(error) => Err(error),
        };
        let [line, first, below, recovery] = [among(line)?, among(first)?, among(below)?, among(recovery)?];
        Ok(StopDays { line, first, below, recovery, mean_below: sum / trials })
    }

    /// Days from the onset to the first stop of a sector, by trial; infinite where it never stopped.
    ///
    /// # Errors
    /// As [`Outcome::stops`].
    pub fn first_stops(&self, sector: &str) -> Result<Vec<f64>, Error> {
        self.stops(sector).map(|stops| stops.first)
    }
}
