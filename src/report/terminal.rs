//! The report of a run on the terminal.

use super::format::{grouped, share, table};
use super::losses::losses;
use super::markets::markets;
use super::sectors::{limits, sectors};
use crate::number::shown;
use crate::scenario::{Basis, Scenario, one_line};
use crate::study::{Estimate, drivers};
use crate::{Error, Outcome};
use std::collections::HashMap;
use std::fmt::Write as _;

/// Assumptions that are listed.
const LISTED: usize = 10;

/// The report of a run: its scenario and trials, the figures that drive the loss, the losses, how likely the headline
/// party loses more than each amount in `over` \[money\], the sectors that stopped, and the prices that rose.
///
/// # Errors
/// [`Error::Loss`] for losses that are not finite.
pub fn run(scenario: &Scenario, outcome: &Outcome, over: &[f64]) -> Result<String, Error> {
    let labels = outcome.labels();
    let mut text = String::new();
    let days = labels.days();
    let _ = writeln!(text, "{}: {}", one_line(labels.name()), one_line(labels.title()));
    for assignment in labels.assignments() {
        let _ = writeln!(text, "changed for this run: {}", one_line(assignment));
    }
    let _ = writeln!(
        text,
        "{} trials from seed {} · {} sites, {} links · {} steps of {} days from {}: {days} days",
        grouped(outcome.trials() as f64),
        outcome.seed(),
        labels.sites().len(),
        labels.links(),
        labels.steps(),
        labels.step_days(),
        labels.start(),
    );
    let gdp: Vec<String> = labels
        .parties()
        .iter()
        .map(|p| match p.gdp_is_drawn {
            false => format!("{} {} tn", one_line(&p.id), shown(p.gdp / 1e12)),
            true => format!("{} about {:.4} tn", one_line(&p.id), p.gdp / 1e12),
        })
        .collect();
    let _ = writeln!(text, "GDP, {} a year: {}", one_line(labels.currency()), gdp.join(", "));
    let error = outcome.loss(labels.headline_id())?.relative_error();
    if outcome.is_condensed() {
        let _ = writeln!(
            text,
            "\nCondensed, so no trial is kept: quantiles, their intervals, tail values and chances are those of losses \
             within {:.2}% of\nthe simulated ones, and what needs single trials is left out: what moves the loss, and \
             ratios of losses.",
            100.0 * error
        );
    } else {
        assumptions(&mut text, scenario, outcome)?;
    }
    losses(&mut text, outcome, over)?;
    sectors(&mut text, outcome)?;
    limits(&mut text, outcome);
    markets(&mut text, outcome);
    let unsettled = match outcome.unsettled_share() {
        Some(found) => format!("{} of trials", share(Estimate::share(found, outcome.judged_trials()))),
        None => "not told, as the horizon ends within a year of the last event".to_owned(),
    };
    let _ = writeln!(
        text,
        "\nBack within 1% of the baseline at the horizon: {} of trials. Off it in the last 26 weeks: {unsettled}.\n\
         Largest mass balance residual: {:.1e}.",
        share(Estimate::share(outcome.recovered_share(), outcome.trials())),
        outcome.mass_balance_residual()
    );
    let seconds = outcome.elapsed().as_secs_f64();
    let rate = outcome.trials() as f64 / seconds;
    let _ = writeln!(
        text,
        "{seconds:.2} s on {} threads: {} trials and {:.3e} link-steps a second. Digest {}.",
        outcome.threads(),
        grouped(rate.round()),
        rate * (labels.links() * labels.steps()) as f64,
        outcome.digest().get(..16).unwrap_or_default(),
    );
    Ok(text)
}

fn assumptions(text: &mut String, scenario: &Scenario, outcome: &Outcome) -> Result<(), Error> {
    let headline = outcome.labels().headline_id();
    let party = one_line(headline);
    let all = scenario.assumptions();
    let judged = all.iter().filter(|a| a.origin.basis == Some(Basis::Judgement)).count();
    let named: HashMap<&str, _> = all.iter().map(|a| (a.path.as_str(), a)).collect();
    if outcome.loss(headline)?.p_no_loss() == 1.0 {
        let _ = writeln!(text, "\n{party} loses nothing in any trial, so nothing drives its loss.");
        return Ok(());
    }
    let drivers = match drivers(outcome, headline) {
        Err(Error::NotKept { remedy, .. }) => {
            let _ =
                writeln!(text, "\nWhat moves the loss is left out, as the outcome holds no draws: {remedy}.");
            return Ok(());
        }
        drivers => drivers?,
    };
    let _ = writeln!(text, "\nWhat moves the loss of {party} most, by rank correlation:");
    let mut table = table(&["", "assumption", "value", "basis"]);
    for driver in drivers.iter().take(LISTED) {
        // Whether a project succeeds is drawn beside its chance of success.
        let path = match driver.name.strip_suffix(".outcome") {
            Some(project) if project.starts_with("projects.") => format!("{project}.success"),
            _ => driver.name.clone(),
        };
        let assumption = named.get(path.as_str());
        let basis = assumption.and_then(|a| a.origin.basis).map_or("unstated", Basis::word);
        let value = assumption.map(|a| a.leaf.to_string()).unwrap_or_default();
        table.add_row([format!("{:+.2}", driver.correlation), driver.name.clone(), value, basis.to_owned()]);
    }
    if drivers.is_empty() {
        let _ = writeln!(text, "  nothing is drawn: every trial is the same");
    } else {
        let _ = writeln!(text, "{table}");
    }
    let shown: usize = drivers
        .iter()
        .take(LISTED)
        .filter(|d| named.get(d.name.as_str()).is_some_and(|a| a.origin.basis == Some(Basis::Judgement)))
        .count();
    let _ = writeln!(
        text,
        "{shown} of these {} and {judged} of all {} figures are judgement; {} figures are drawn.",
        drivers.len().min(LISTED),
        all.len(),
        drivers.len()
    );
    Ok(())
}
