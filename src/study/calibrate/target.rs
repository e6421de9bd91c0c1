//! What a calibration aims at: a statistic of a run, and the value it should take.

use crate::report::summary;
use crate::scenario::did_you_mean;
use crate::stats::{Interval, LossDistribution};
use crate::{Ensemble, Error, Model, Outcome};
use indexmap::IndexMap;
use serde_json::Value;

/// Level of the intervals, as in the summary.
pub(crate) const LEVEL: f64 = 0.95;
/// Batches that an interval is made from where the summary gives none.
const BATCHES: u64 = 20;
/// Fewest trials of a batch.
const BATCH_TRIALS: u64 = 20;

/// A statistic and the value it should take.
///
/// Statistics are named as they stand in `summary.json`: those of a party by `PARTY.COMPONENT.STATISTIC`, such
/// as `JP.output.mean`, `JP.total.tvar_95` or `JP.gdp_share.mean`, others by their whole path, such as
/// `first_stop.SECTOR.share` or `recovered_share`.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    pub(crate) statistic: String,
    pub(crate) value: f64,
    pub(crate) tolerance: Option<f64>,
}

impl Target {
    /// The statistic of this name should take this value, in its unit (losses in JPY, stops in days).
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

    /// Reads `STATISTIC=VALUE`, or `STATISTIC=VALUE+-TOLERANCE`.
    ///
    /// # Errors
    /// [`Error::Calibration`] for any other text.
    ///
    /// # Examples
    /// ```
    /// use supplyshock::study::Target;
    /// # fn main() -> Result<(), supplyshock::Error> {
    /// assert_eq!(Target::parse("JP.output.mean=2.6e12")?, Target::new("JP.output.mean", 2.6e12));
    /// let rough = Target::parse("JP.output.p95 = 3e12 +- 2e11")?;
    /// assert_eq!(rough, Target::new("JP.output.p95", 3e12).within(2e11));
    /// # Ok(())
    /// # }
    /// ```
    pub fn parse(text: &str) -> Result<Self, Error> {
        let wrong = |what: &str| {
            Error::Calibration(format!(
                "target `{text}`: {what}\n    help: write STATISTIC=VALUE, such as `JP.output.mean=2.6e12`, \
                 or STATISTIC=VALUE+-TOLERANCE"
            ))
        };
        let (statistic, value) = text.split_once('=').ok_or_else(|| wrong("no `=` in it"))?;
        let (value, tolerance) = match value.split_once("+-").or_else(|| value.split_once('±')) {
            Some((value, tolerance)) => (value, Some(tolerance)),
            None => (value, None),
        };
        let number = |text: &str| {
            let text = text.trim();
            text.parse::<f64>().map_err(|_| wrong(&format!("`{text}` is not a number")))
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
}

/// One statistic of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Statistic {
    /// NaN where it has none, such as the day of a stop that never comes.
    pub(crate) value: f64,
    /// Its interval at [`LEVEL`], where the summary gives one.
    pub(crate) interval: Option<Interval>,
}

/// All statistics of a run, by name.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Statistics(IndexMap<String, Statistic>);

impl Statistics {
    pub(crate) fn of(outcome: &Outcome) -> Result<Self, Error> {
        let summary = summary(outcome)?;
        let mut all = IndexMap::new();
        for (key, prefix) in [
            ("parties", ""),
            ("first_stop", "first_stop"),
            ("sites", "sites"),
            ("recovered_share", "recovered_share"),
        ] {
            if let Some(value) = summary.get(key) {
                collect(prefix, value, &mut all);
            }
        }
        Ok(Statistics(all))
    }

    pub(crate) fn get(&self, name: &str) -> Result<Statistic, Error> {
        self.0.get(name).copied().ok_or_else(|| Error::Unknown {
            what: "statistic",
            name: name.to_owned(),
            hint: did_you_mean(name, self.0.keys().map(String::as_str)),
        })
    }
}

/// Every number below `value`, named by the way to it. A list is no statistic.
fn collect(name: &str, value: &Value, all: &mut IndexMap<String, Statistic>) {
    match value {
        Value::Object(entries) => {
            for (key, inner) in entries {
                let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                let first_new = all.len();
                collect(&name, inner, all);
                let interval = entries.get(&format!("{key}_ci")).and_then(interval);
                if let (Some(_), Some((_, statistic))) = (interval, all.get_index_mut(first_new)) {
                    statistic.interval = interval;
                }
            }
        }
        Value::Number(x) => {
            let value = x.as_f64().unwrap_or(f64::NAN);
            all.entry(name.to_owned()).or_insert(Statistic { value, interval: None });
        }
        Value::Null => {
            all.entry(name.to_owned()).or_insert(Statistic { value: f64::NAN, interval: None });
        }
        _ => {}
    }
}

fn interval(value: &Value) -> Option<Interval> {
    match value.as_array()?.as_slice() {
        [low, high] => Some(Interval { low: low.as_f64()?, high: high.as_f64()? }),
        _ => None,
    }
}

/// Interval of a statistic from batches of trials (Schmeiser 1982, "Batch size effects in the analysis of
/// simulation output", Operations Research 30): Student's t from its values in 20 batches, about its value in
/// all trials. `None` where a batch would have fewer than 20 trials, or it has no value in one.
pub(crate) fn interval_by_batches(
    model: &Model,
    trials: u64,
    run: impl Fn(Ensemble) -> Result<Statistics, Error>,
    name: &str,
    value: f64,
) -> Result<Option<Interval>, Error> {
    let size = trials / BATCHES;
    if size < BATCH_TRIALS {
        return Ok(None);
    }
    let mut values = Vec::new();
    for batch in 0..BATCHES {
        let statistics = run(Ensemble::new(model).range(batch * size..(batch + 1) * size))?;
        values.push(statistics.get(name)?.value);
    }
    let Ok(batches) = LossDistribution::new(values, 0.0) else { return Ok(None) };
    let about = batches.mean_ci(LEVEL);
    let half = 0.5 * (about.high - about.low);
    Ok(half.is_finite().then_some(Interval { low: value - half, high: value + half }))
}
