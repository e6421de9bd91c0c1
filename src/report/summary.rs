//! `summary.json`: everything a program may want to know of a run.

use crate::run::{Component, Days, Subject};
use crate::scenario::{InputFile, Inputs};
use crate::stats::{Interval, LossDistribution};
use crate::study::{Estimate, LEVEL};
use crate::{Error, Outcome};
use serde_json::{Map, Value, json};

/// Points of an exceedance curve.
const CURVE_POINTS: usize = 100;

/// The summary of a run as JSON. Amounts are in the `currency`; a number that is not finite is `null`, and so is an interval
/// (`…_ci`, at 95%) or a standard error that so few trials do not give. `exceedance` has pairs of a loss and the probability
/// of a greater one, `exceedance_ci` the interval of each probability. `relative_error` is that of
/// quantiles, tail values and exceedance curves, 0 unless the run is condensed, which leaves `ratios` empty. The means of
/// `sites`, `limiting`, `markets` and `payments` are added up in steps of 2⁻²⁰ (a millionth) of their unit.
/// `inputs` has the files that the scenario was read from, with their hashes.
///
/// # Errors
/// [`Error::Loss`] for losses that are not finite.
pub fn summary(outcome: &Outcome) -> Result<Value, Error> {
    let labels = outcome.labels();
    let (sites, links, steps) = (labels.sites().len(), labels.links(), labels.steps());
    let seconds = outcome.elapsed().as_secs_f64();
    let rate = outcome.trials() as f64 / seconds;
    let mut parties = Map::new();
    let mut ratios = Map::new();
    for id in labels.parties().iter().map(|party| party.id.as_str()) {
        let subject = Subject::Party(id.to_owned());
        let mut party = Map::new();
        for part in Component::ALL {
            party.insert(part.word().to_owned(), component(&outcome.component(&subject, part)?));
        }
        party.insert("gdp_share".to_owned(), json!({ "mean": outcome.mean_gdp_share(id)? }));
        parties.insert(id.to_owned(), Value::Object(party));
        if id != labels.headline_id() && !outcome.is_condensed() {
            let (ratio, ci) = outcome.ratio(labels.headline_id(), id, Component::Output, LEVEL)?;
            ratios.insert(id.to_owned(), json!({ "output": ratio, "output_ci": pair(ci) }));
        }
    }
    let sites_out: Map<String, Value> = outcome
        .site_means()
        .map(|(id, mean)| (id.to_owned(), json!({ "output": { "mean": mean } })))
        .collect();
    let trials = outcome.trials();
    let (mut first_line, mut first_stop, mut stops) = (Map::new(), Map::new(), Map::new());
    for id in outcome.sectors() {
        let stood = outcome.stop_days(id)?;
        first_line.insert(id.to_owned(), days(&stood.line, trials));
        first_stop.insert(id.to_owned(), days(&stood.first, trials));
        stops.insert(
            id.to_owned(),
            json!({
                "line": days(&stood.line, trials),
                "first": days(&stood.first, trials),
                "days": days(&stood.below, trials),
                "recovery": days(&stood.recovery, trials),
            }),
        );
    }
    let mut limiting = Map::new();
    for limit in outcome.limits().into_iter().filter(|l| l.loss > 0.0) {
        let lane = limit.lane.map(|(id, missing)| json!({ "id": id.to_string(), "missing": missing }));
        let entry = json!({ "loss": limit.loss, "share": limit.share, "lane": lane });
        let of_site = limiting.entry(limit.site).or_insert_with(|| json!({}));
        if let Value::Object(of_site) = of_site {
            of_site.insert(limit.input.to_owned(), entry);
        }
    }
    let mut markets = Map::new();
    for market in outcome.markets() {
        let entry = json!({
            "peak_price": market.peak_price,
            "gave_way": market.gave_way,
            "end_price": market.end_price,
        });
        markets.insert(format!("{}/{}", market.country, market.commodity), entry);
    }
    let mut payments = Map::new();
    for paid in outcome.payments() {
        payments.insert(
            paid.party.to_owned(),
            json!({
                "prepaid": paid.prepaid,
                "held_peak": paid.held_peak,
                "refunded": paid.refunded,
                "forfeited": paid.forfeited,
                "written_off": paid.written_off,
                "collateral": paid.collateral,
                "insured": paid.insured,
                "premium": paid.premium,
            }),
        );
    }
    let insurer = outcome.insurer_loss()?.map(|loss| component(&loss));
    Ok(json!({
        "scenario": labels.name(),
        "changed": labels.assignments(),
        "inputs": inputs(labels.inputs()),
        "currency": labels.currency(),
        "version": env!("CARGO_PKG_VERSION"),
        "trials": outcome.trials(),
        "seed": outcome.seed(),
        "condensed": outcome.is_condensed(),
        "relative_error": outcome.loss(labels.headline_id())?.relative_error(),
        "threads": outcome.threads(),
        "network": { "sites": sites, "links": links, "steps": steps },
        "timing": {
            "wall_seconds": seconds,
            "trials_per_second": rate,
            "link_steps_per_second": rate * (links * steps) as f64,
        },
        "mass_balance_residual": outcome.mass_balance_residual(),
        "recovered_share": outcome.recovered_share(),
        "recovered_share_ci": of_share(outcome.recovered_share(), outcome.trials()),
        "unsettled_share": outcome.unsettled_share(),
        "unsettled_share_ci": outcome.unsettled_share().map(|share| of_share(share, outcome.judged_trials())),
        "digest": Some(outcome.digest()).filter(|digest| !digest.is_empty()),
        "parties": parties,
        "sites": sites_out,
        "first_line": first_line,
        "first_stop": first_stop,
        "stops": stops,
        "limiting": limiting,
        "markets": markets,
        "payments": payments,
        "insurer": insurer,
        "ratios": ratios,
    }))
}

/// The files that a scenario was read from.
pub(super) fn inputs(inputs: &Inputs) -> Value {
    let file = |file: &InputFile| json!({ "path": file.path, "role": file.role.word(), "bytes": file.bytes, "sha256": file.sha256 });
    json!({
        "files": inputs.files().iter().map(file).collect::<Vec<_>>(),
        "set": inputs.assignments(),
        "changed_in_code": inputs.is_changed_in_code(),
        "sha256": inputs.sha256(),
    })
}

fn component(loss: &LossDistribution) -> Value {
    let curve = loss.exceedance_curve(CURVE_POINTS);
    let levels: Vec<Value> = curve.iter().map(|p| json!([p.loss, p.probability])).collect();
    let bounds: Vec<Value> = curve.iter().map(|p| json!([p.low, p.high])).collect();
    json!({
        "mean": loss.mean(),
        "std_dev": (loss.trials() > 1).then(|| loss.std_dev()),
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
        "p_zero_ci": pair(Some(loss.p_no_loss_ci(LEVEL))),
        "exceedance": levels,
        "exceedance_ci": bounds,
    })
}

/// Both ends of an interval; `null` where there is none.
pub(super) fn pair(interval: Option<Interval>) -> Value {
    interval.map_or(Value::Null, |i| json!([i.low, i.high]))
}

/// The interval of a share of so many trials.
pub(super) fn of_share(share: f64, trials: u64) -> Value {
    pair(Estimate::share(share, trials).interval)
}

/// Share of trials with a day that counts, quantiles among them, and over all trials, where `null` is never.
pub(super) fn days(days: &Days, trials: u64) -> Value {
    let quantiles =
        |at: &dyn Fn(f64) -> Option<f64>| json!({ "p05": at(0.05), "p50": at(0.5), "p95": at(0.95) });
    let mut all = quantiles(&|q| days.days.as_ref().map(|d| d.quantile(q)));
    all["share"] = json!(days.share);
    all["share_ci"] = of_share(days.share, trials);
    all["of_all"] = quantiles(&|q| days.quantile_of_all(q, trials));
    all
}
