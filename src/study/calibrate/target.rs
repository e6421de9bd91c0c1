//! The aim of a calibration: a statistic of a run, and the value it should take.

use crate::stats::{Interval, LossDistribution};
use crate::study::{CalibrationError, LEVEL, Statistic};
use crate::{Ensemble, Error, Model, Outcome};

/// Batches that an interval is made from where no formula tells it.
const BATCHES: u64 = 20;
/// Fewest trials of a batch.
const BATCH_TRIALS: u64 = 20;

/// A statistic and the value it should take.
///
/// Statistics are named as in `summary.json`, and as [`Statistic`] lists: such as `JP.output.mean`, `JP.total.tvar_95`,
/// `first_stop.SECTOR.share` or `recovered_share`.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    statistic: String,
    value: f64,
    tolerance: Option<f64>,
}

impl Target {
    /// The statistic of this name should take this value, in its unit.
    #[must_use]
    pub fn new(statistic: impl Into<String>, value: f64) -> Self {
        Target { statistic: statistic.into(), value, tolerance: None }
    }

    /// A miss by up to `tolerance`, in the unit of the statistic, is none; in place of the
    /// [tolerance](super::Calibration::tolerance) of the calibration.
    #[must_use]
    pub fn within(mut self, tolerance: f64) -> Self {
        self.tolerance = Some(tolerance);
        self
    }

    /// Reads `STATISTIC=VALUE`, or `STATISTIC=VALUE+-TOLERANCE`, with numbers as [`number::value`](crate::number::value)
    /// reads them.
    ///
    /// # Errors
    /// [`Error::Calibration`] for any other text.
    ///
    /// # Examples
    /// ```
    /// use supplyshock::study::Target;
    /// # fn main() -> Result<(), supplyshock::Error> {
    /// assert_eq!(Target::parse("JP.output.mean=2.6e12")?, Target::new("JP.output.mean", 2.6e12));
    /// let rough = Target::parse("JP.output.p95 = 3tn +- 200bn")?;
    /// assert_eq!(rough, Target::new("JP.output.p95", 3e12).within(2e11));
    /// # Ok(())
    /// # }
    /// ```
    pub fn parse(text: &str) -> Result<Self, Error> {
        let no_value = || CalibrationError::NoValue { text: text.to_owned() };
        let (statistic, value) = text.split_once('=').ok_or_else(no_value)?;
        let (value, tolerance) = match value.split_once("+-").or_else(|| value.split_once('±')) {
            Some((value, tolerance)) => (value, Some(tolerance)),
            None => (value, None),
        };
        let number = |part: &str| {
            crate::number::value(part)
                .map_err(|source| CalibrationError::NoNumber { text: text.to_owned(), source })
        };
        let target = Target::new(statistic.trim(), number(value)?);
        match tolerance {
            Some(tolerance) => Ok(target.within(number(tolerance)?)),
            None => Ok(target),
        }
    }

    /// Name of the statistic.
    #[must_use]
    pub fn statistic(&self) -> &str {
        &self.statistic
    }

    /// The value it should take, in its unit.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.value
    }

    /// The tolerance of its own, in the unit of the statistic.
    #[must_use]
    pub fn tolerance(&self) -> Option<f64> {
        self.tolerance
    }

    /// The statistic, if the outcome has it.
    pub(super) fn of(&self, outcome: &Outcome) -> Result<Statistic, Error> {
        let statistic = self.statistic.parse().map_err(|_| outcome.unknown_statistic(&self.statistic))?;
        outcome.statistic(&statistic).map(|_| statistic)
    }
}

/// Interval of a statistic from batches of trials (Schmeiser 1982, "Batch size effects in the analysis of
/// simulation output", Operations Research 30): Student's t from its values in 20 batches, about its value in
/// all trials. `None` where a batch would have fewer than 20 trials, where values in batches tell nothing of that in all
/// trials, as of an extreme, or where it has no value in one.
pub(super) fn interval_by_batches(
    model: &Model,
    trials: u64,
    run: impl Fn(Ensemble) -> Result<Outcome, Error>,
    statistic: &Statistic,
    value: f64,
) -> Result<Option<Interval>, Error> {
    let size = trials / BATCHES;
    if size < BATCH_TRIALS || !statistic.is_told_by_batches(size) {
        return Ok(None);
    }
    let mut values = Vec::new();
    for batch in 0..BATCHES {
        let outcome = run(Ensemble::new(model).range(batch * size..(batch + 1) * size))?;
        values.push(outcome.statistic(statistic)?.value);
    }
    let Ok(batches) = LossDistribution::new(values, 0.0) else { return Ok(None) };
    let half = batches.mean_ci(LEVEL).map(|about| about.half_width());
    Ok(half.map(|half| Interval { low: value - half, high: value + half }))
}
