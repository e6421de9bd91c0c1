//! `summary.json`: everything a program may want to know of a run.

use crate::loss::{Interval, LossDistribution};
use crate::{Error, Outcome};
use serde_json::{Map, Value, json};

/// Points of an exceedance curve.
const CURVE_POINTS: usize = 100;
/// Level of the intervals.
pub(crate) const LEVEL: f64 = 0.95;

/// The summary of a run as JSON. Amounts are in JPY; what is not a finite number is `null`.
///
/// # Errors
/// [`Error::Loss`] for losses that are not finite.
pub fn summary(outcome: &Outcome<'_>) -> Result<Value, Error> {
    let model = outcome.model();
    let (sites, links, steps) = (model.sites().count(), model.links().count(), model.steps());
    let seconds = outcome.elapsed().as_secs_f64();
    let rate = outcome.trials() as f64 / seconds;
    let mut parties = Map::new();
    for id in model.parties() {
        let loss = outcome.loss(id)?;
        // Output is the only component that is counted, so the total is the same.
        let output = component(&loss);
        parties.insert(
            id.to_owned(),
            json!({ "total": output.clone(), "output": output, "gdp_share": { "mean": outcome.mean_gdp_share(id)? } }),
        );
    }
    let sites_out: Map<String, Value> = outcome
        .site_means()
        .map(|(id, mean)| (id.to_owned(), json!({ "output": { "mean": mean } })))
        .collect();
    let mut first_stop = Map::new();
    for id in outcome.sectors() {
        first_stop.insert(id.to_owned(), stops(&outcome.first_stops(id)?)?);
    }
    Ok(json!({
        "scenario": model.name(),
        "version": env!("CARGO_PKG_VERSION"),
        "trials": outcome.trials(),
        "seed": outcome.seed(),
        "threads": outcome.threads(),
        "network": { "sites": sites, "links": links, "steps": steps },
        "timing": {
            "wall_seconds": seconds,
            "trials_per_second": rate,
            "link_steps_per_second": rate * (links * steps) as f64,
        },
        "mass_balance_residual": outcome.mass_balance_residual(),
        "recovered_share": outcome.recovered_share(),
        "digest": outcome.digest(),
        "parties": parties,
        "sites": sites_out,
        "first_stop": first_stop,
    }))
}

fn component(loss: &LossDistribution) -> Value {
    let pair = |i: Interval| json!([i.low, i.high]);
    let curve: Vec<Value> =
        loss.exceedance_curve(CURVE_POINTS).iter().map(|p| json!([p.loss, p.probability])).collect();
    json!({
        "mean": loss.mean(),
        "std_dev": loss.std_dev(),
        "std_error": loss.std_error(),
        "min": loss.min(),
        "max": loss.max(),
        "p01": loss.quantile(0.01),
        "p05": loss.quantile(0.05),
        "p25": loss.quantile(0.25),
        "p50": loss.quantile(0.50),
        "p75": loss.quantile(0.75),
        "p95": loss.quantile(0.95),
        "p99": loss.quantile(0.99),
        "tvar_95": loss.tvar(0.95),
        "tvar_99": loss.tvar(0.99),
        "mean_ci": pair(loss.mean_ci(LEVEL)),
        "p95_ci": pair(loss.quantile_ci(0.95, LEVEL)),
        "p_zero": loss.p_no_loss(),
        "exceedance": curve,
    })
}

/// Share of trials with a stop, and the quantiles of its day among them.
fn stops(days: &[f64]) -> Result<Value, Error> {
    let stopped: Vec<f64> = days.iter().copied().filter(|d| d.is_finite()).collect();
    let share = stopped.len() as f64 / days.len() as f64;
    if stopped.is_empty() {
        return Ok(json!({ "share": share, "p05": null, "p50": null, "p95": null }));
    }
    let days = LossDistribution::new(stopped, 0.0)?;
    Ok(
        json!({ "share": share, "p05": days.quantile(0.05), "p50": days.quantile(0.5), "p95": days.quantile(0.95) }),
    )
}
