//! The loss of a run beside published estimates.

use super::format::{NONE, percent, table, three_digits, unit};
use crate::files::PublishedEstimate;
use crate::run::{Component, Subject};
use crate::scenario::one_line;
use crate::{Error, Outcome};
use std::fmt::Write as _;

/// The losses of the parties of a run beside published estimates: amounts and shares, the assumptions of each, the
/// settings that come nearest, and why the two differ.
///
/// # Errors
/// [`Error::Loss`] for losses that are not finite.
pub fn beside(outcome: &Outcome, estimates: &[PublishedEstimate]) -> Result<String, Error> {
    let labels = outcome.labels();
    let currency = labels.currency();
    let amounts = estimates.iter().filter(|estimate| estimate.currency.as_deref() == Some(currency));
    let mut largest = amounts.filter_map(|estimate| estimate.loss).fold(0.0, f64::max);
    for party in labels.parties() {
        largest = f64::max(largest, outcome.loss(&party.id)?.mean().abs());
    }
    let (unit, name) = unit(currency, largest);
    let mut shown =
        table(&["", "who", "days", "published", "of GDP", "here by then", "here", "5 to 95%", "of GDP"]);
    let (mut told, mut absent) = (String::new(), Vec::new());
    for estimate in estimates {
        if !labels.parties().iter().any(|party| party.id == estimate.region) {
            absent.push(format!("{} ({})", one_line(&estimate.id), one_line(&estimate.region)));
            continue;
        }
        let loss = outcome.component(&Subject::Party(estimate.region.clone()), Component::Total)?;
        let path = outcome.path(&estimate.region)?;
        let steps = (estimate.horizon_days / labels.step_days()).round() as usize;
        let by_then: f64 = path.iter().take(steps).map(crate::run::PathStep::mean).sum();
        shown.add_row([
            one_line(&estimate.id).into_owned(),
            one_line(&estimate.region).into_owned(),
            format!("{:.0}", estimate.horizon_days),
            published(estimate, currency, unit),
            share(estimate),
            three_digits(by_then / unit),
            three_digits(loss.mean() / unit),
            format!(
                "{} to {}",
                three_digits(loss.quantile(0.05) / unit),
                three_digits(loss.quantile(0.95) / unit)
            ),
            percent(outcome.mean_gdp_share(&estimate.region)?, 2),
        ]);
        tell(&mut told, estimate);
    }
    let mut text = format!(
        "\nBeside published estimates, {name} (here: the mean loss of this run, of output until then and in all over the \
         horizon):\n{shown}\n{told}"
    );
    if !absent.is_empty() {
        let _ =
            writeln!(text, "Not set beside it, as the scenario has no such party: {}.", absent.join(", "));
    }
    Ok(text)
}

/// The published amount, where it is in the currency of the run.
fn published(estimate: &PublishedEstimate, currency: &str, unit: f64) -> String {
    match (estimate.loss, estimate.currency.as_deref()) {
        (Some(loss), Some(own)) if own == currency => three_digits(loss / unit),
        (Some(loss), own) => format!("{} {}", three_digits(loss), one_line(own.unwrap_or_default())),
        (None, _) => NONE.to_owned(),
    }
}

fn share(estimate: &PublishedEstimate) -> String {
    match (estimate.share_low, estimate.share_high) {
        (Some(low), Some(high)) => format!("{} to {}", percent(low, 2), percent(high, 2)),
        _ => percent(estimate.share_of_gdp, 2),
    }
}

/// The assumptions of an estimate, and why it differs.
fn tell(text: &mut String, estimate: &PublishedEstimate) {
    let PublishedEstimate { id, publisher, title, date, cut, stocks, substitution, differs, .. } = estimate;
    let title = title.as_ref().map_or(String::new(), |title| format!(", {}", one_line(title)));
    let _ = writeln!(text, "{}: {}{title}, {}.", one_line(id), one_line(publisher), one_line(date));
    for (what, said) in
        [("cut", cut), ("stocks", stocks), ("substitution", substitution), ("differs", differs)]
    {
        let _ = writeln!(text, "  {what}: {}", one_line(said));
    }
    if let Some(jobs) = estimate.jobs {
        let _ = writeln!(text, "  jobs: {} thousand", three_digits(jobs / 1e3));
    }
    let set = estimate.beside.set.iter().map(|set| format!(" --set '{}'", one_line(set)));
    let set: String = set.collect();
    let _ = writeln!(text, "  likewise: run {}{set}", one_line(&estimate.beside.scenario));
}
