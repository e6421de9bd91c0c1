//! Distributions as they stand in a scenario.

use super::reader::Reader;
use crate::draw::{Bounds, Distribution, DistributionError};
use crate::scenario::path::Path;
use crate::scenario::problem::EntryFault;
use crate::scenario::tree::Node;

/// The distributions and the parameters each takes; optional ones end in `?`.
pub(crate) const FORMS: [(&str, &[&str], &str); 11] = [
    ("uniform", &["low", "high"], "any value between, equally likely"),
    ("triangular", &["low", "mode", "high"], "a range with a most likely value"),
    ("pert", &["low", "mode", "high"], "the same with thinner ends (a scaled beta with λ = 4)"),
    (
        "normal",
        &["mean", "sd", "low?", "high?"],
        "cut off at the bounds, where given: at most 37 `sd` out, and a millionth of the tail beyond one of them apart",
    ),
    (
        "log_normal",
        &["median", "sigma", "low?", "high?"],
        "`sigma` is the standard deviation of the natural logarithm; cut off at the bounds, where given, as a normal is",
    ),
    ("beta", &["alpha", "beta", "low?", "high?"], "scaled to `low`..`high` (0 and 1 unless given)"),
    ("gamma", &["shape", "scale"], "mean is shape times scale"),
    ("weibull", &["shape", "scale"], ""),
    ("exponential", &["mean"], ""),
    ("discrete", &["values", "weights"], "one of `values`, with chances in proportion to `weights`"),
    ("empirical", &["values"], "a sample: quantiles interpolate between its sorted values"),
];

/// Reads the parameters of a distribution.
pub(super) fn read(form: &str, node: &Node, at: &Path<'_>, reader: &mut Reader<'_>) -> Option<Distribution> {
    let (name, parameters, _) = FORMS.iter().find(|d| d.0 == form)?;
    let table = reader.table(node, at, "a table with the parameters of the distribution")?;
    let keys: Vec<&str> = parameters.iter().map(|p| p.trim_end_matches('?')).collect();
    reader.only(table, at, &keys);
    let mut whole = true;
    for parameter in parameters.iter().filter(|p| !p.ends_with('?') && !table.entries.contains_key(**p)) {
        whole = false;
        reader.fault::<()>(node, at, EntryFault::MissingParameter { form: name, parameter, parameters });
    }
    let made = if matches!(form, "discrete" | "empirical") {
        let values = reader.plain::<Vec<f64>>(table, at, "values");
        let weights = reader.plain::<Vec<f64>>(table, at, "weights");
        let (values, weights) = (values?.unwrap_or_default(), weights?.unwrap_or_default());
        whole.then(|| match form {
            "discrete" => Distribution::discrete(&values, &weights),
            _ => Distribution::empirical(&values),
        })
    } else {
        let numbers: Vec<Option<Option<f64>>> =
            keys.iter().map(|key| reader.plain::<f64>(table, at, key)).collect();
        let numbers: Vec<Option<f64>> = numbers.into_iter().collect::<Option<_>>()?;
        whole.then(|| make(form, &numbers))
    };
    match made? {
        Ok(distribution) => Some(distribution),
        Err(fault) => reader.fault(node, at, EntryFault::Distribution { fault }),
    }
}

fn make(form: &str, numbers: &[Option<f64>]) -> Result<Distribution, DistributionError> {
    let of = |k: usize| numbers.get(k).copied().flatten();
    let number = |k: usize| of(k).unwrap_or(f64::NAN);
    let bounds = Bounds { low: of(2), high: of(3) };
    match form {
        "uniform" => Distribution::uniform(number(0), number(1)),
        "triangular" => Distribution::triangular(number(0), number(1), number(2)),
        "pert" => Distribution::pert(number(0), number(1), number(2)),
        "normal" => Distribution::normal(number(0), number(1), bounds),
        "log_normal" => Distribution::log_normal(number(0), number(1), bounds),
        "beta" => Distribution::beta(number(0), number(1), of(2).unwrap_or(0.0), of(3).unwrap_or(1.0)),
        "gamma" => Distribution::gamma(number(0), number(1)),
        "weibull" => Distribution::weibull(number(0), number(1)),
        _ => Distribution::exponential(number(0)),
    }
}
