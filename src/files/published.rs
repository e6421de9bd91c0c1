//! Published estimates of losses, to be set beside those of a run.

use super::access::Access;
use crate::Error;
use crate::scenario::{InputRole, one_line};
use serde::Deserialize;
use std::collections::HashSet;
use std::path::Path;

/// An estimate of somebody else.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PublishedEstimate {
    /// Its name in tables.
    pub id: String,
    /// Who published it.
    pub publisher: String,
    /// Title of the publication.
    pub title: Option<String>,
    /// When: a year, with month and day as far as they are known.
    pub date: String,
    /// Id of the party that loses.
    pub region: String,
    /// The loss, in `currency`.
    pub loss: Option<f64>,
    /// Code of the currency of the loss.
    pub currency: Option<String>,
    /// The loss as a share of a year's product.
    pub share_of_gdp: f64,
    /// Ends of the share, where a range is published.
    pub share_low: Option<f64>,
    /// The upper end.
    pub share_high: Option<f64>,
    /// Jobs lost.
    pub jobs: Option<f64>,
    /// The time over which it is lost \[days\].
    pub horizon_days: f64,
    /// The cut, and its length.
    pub cut: String,
    /// Its assumption about stocks.
    pub stocks: String,
    /// Its assumption about substitution.
    pub substitution: String,
    /// Where the figures were read.
    pub source: String,
    /// Their basis: `published`, or `recalled` from memory.
    pub basis: PublishedBasis,
    /// The scenario and the settings that come nearest.
    pub beside: Likewise,
    /// Why the two differ.
    pub differs: String,
}

/// The basis of an estimate's figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum PublishedBasis {
    /// They were read at the source, or in a text that names it.
    Published,
    /// They are from memory, and were not checked.
    Recalled,
}

/// A scenario that comes nearest to an estimate.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Likewise {
    /// The scenario's file, beside that of the estimates.
    pub scenario: String,
    /// Its changes, as `PATH=VALUE`.
    pub set: Vec<String>,
}

/// Reads a file of published estimates: an array of tables `estimates`, whose keys are the fields of [`PublishedEstimate`].
///
/// # Errors
/// [`Error::Published`], with the problems of each estimate.
pub fn published(path: impl AsRef<Path>) -> Result<Vec<PublishedEstimate>, Error> {
    let path = path.as_ref();
    let fault = |problems| Error::Published { path: path.to_owned(), problems };
    let one = |problem: String| fault(vec![problem]);
    let opened = Access::to_named().open_named(path, InputRole::Scenario);
    let bytes = opened.and_then(super::access::Opened::bytes).map_err(|e| one(e.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|e| one(e.to_string()))?;
    let mut table: toml::Table = toml::from_str(&text).map_err(|e| one(e.to_string().trim().to_owned()))?;
    let Some(toml::Value::Array(listed)) = table.remove("estimates") else {
        return Err(one("it has no [[estimates]]".to_owned()));
    };
    let mut problems: Vec<String> =
        table.keys().map(|key| format!("unknown key `{}`: give [[estimates]]", one_line(key))).collect();
    let mut estimates = Vec::with_capacity(listed.len());
    for (number, value) in listed.into_iter().enumerate() {
        match PublishedEstimate::deserialize(value) {
            Ok(estimate) => {
                problems.extend(faults(&estimate).map(|fault| format!("estimates[{number}], {fault}")));
                estimates.push(estimate);
            }
            Err(error) => problems.push(format!("estimates[{number}]: {}", error.message())),
        }
    }
    let mut ids = HashSet::new();
    let again = estimates.iter().filter(|estimate| !ids.insert(estimate.id.as_str()));
    problems.extend(again.map(|e| format!("`{}` is there twice: give it another id", one_line(&e.id))));
    if problems.is_empty() { Ok(estimates) } else { Err(fault(problems)) }
}

/// The faults of an estimate's figures.
fn faults(estimate: &PublishedEstimate) -> impl Iterator<Item = String> {
    let share = |x: Option<f64>| x.is_none_or(|x| (-1.0..=1.0).contains(&x));
    let amount = |x: Option<f64>| x.is_none_or(f64::is_finite);
    let ends = [estimate.share_low, estimate.share_high];
    let found = [
        (share(Some(estimate.share_of_gdp)) && ends.into_iter().all(share), "a share is not within -1 and 1"),
        (amount(estimate.loss) && amount(estimate.jobs), "an amount is not a finite number"),
        (estimate.loss.is_none() || estimate.currency.is_some(), "a loss needs its `currency`"),
        (
            estimate.horizon_days.is_finite() && estimate.horizon_days > 0.0,
            "`horizon_days` is not a time over 0",
        ),
    ];
    let id = one_line(&estimate.id).into_owned();
    found.into_iter().filter(|(right, _)| !right).map(move |(_, fault)| format!("`{id}`: {fault}"))
}
