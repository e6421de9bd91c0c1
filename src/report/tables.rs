//! Tables on the terminal.

use super::sensitivity::drivers;
use super::summary::LEVEL;
use crate::loss::{Interval, LossDistribution};
use crate::model::Flow;
use crate::scenario::{Basis, Scenario};
use crate::{Error, Model, Outcome};
use comfy_table::{CellAlignment, Table, presets};
use std::collections::HashMap;
use std::fmt::Write as _;

/// Assumptions that are listed.
const LISTED: usize = 10;

/// The report of a run: what was run, what drives the loss, the losses, and what stopped.
///
/// # Errors
/// [`Error::Loss`] for losses that are not finite.
pub fn run(scenario: &Scenario, outcome: &Outcome<'_>) -> Result<String, Error> {
    let model = outcome.model();
    let mut text = String::new();
    let days = model.steps() as f64 * model.step_days();
    let _ = writeln!(text, "{}: {}", model.name(), model.title());
    let _ = writeln!(
        text,
        "{} trials from seed {} · {} sites, {} links · {} steps of {} days from {}: {days} days",
        grouped(outcome.trials() as f64),
        outcome.seed(),
        model.sites().count(),
        model.links().count(),
        model.steps(),
        model.step_days(),
        model.start(),
    );
    let gdp: Vec<String> = model
        .parties
        .iter()
        .enumerate()
        .map(|(q, p)| match p.gdp.as_known() {
            Some(gdp) => format!("{} {} tn", p.id, gdp / 1e12),
            None => format!("{} about {:.4} tn", p.id, model.gdp(q, &mean_draws(model)) / 1e12),
        })
        .collect();
    let _ = writeln!(text, "GDP, JPY a year: {}", gdp.join(", "));
    assumptions(&mut text, scenario, outcome)?;
    losses(&mut text, outcome)?;
    sectors(&mut text, outcome)?;
    let _ = writeln!(
        text,
        "\nBack within 1% of the baseline at the horizon: {:.1}% of trials. Largest mass balance residual: {:.1e}.",
        100.0 * outcome.recovered_share(),
        outcome.mass_balance_residual()
    );
    let seconds = outcome.elapsed().as_secs_f64();
    let rate = outcome.trials() as f64 / seconds;
    let _ = writeln!(
        text,
        "{seconds:.2} s on {} threads: {} trials and {:.3e} link-steps a second. Digest {}.",
        outcome.threads(),
        grouped(rate.round()),
        rate * (model.links().count() * model.steps()) as f64,
        outcome.digest().get(..16).unwrap_or_default(),
    );
    Ok(text)
}

fn mean_draws(model: &Model) -> Vec<f64> {
    model.draws.iter().map(|d| d.distribution.mean()).collect()
}

fn assumptions(text: &mut String, scenario: &Scenario, outcome: &Outcome<'_>) -> Result<(), Error> {
    let headline = outcome.model().headline();
    let all = scenario.assumptions();
    let judged = all.iter().filter(|a| a.origin.basis == Some(Basis::Judgement)).count();
    let named: HashMap<&str, _> = all.iter().map(|a| (a.path.as_str(), a)).collect();
    let drivers = drivers(outcome, headline)?;
    let _ = writeln!(text, "\nWhat moves the loss of {headline} most, by rank correlation:");
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

fn losses(text: &mut String, outcome: &Outcome<'_>) -> Result<(), Error> {
    let mut rows = Vec::new();
    for party in &outcome.model().parties {
        rows.push((party.name.clone(), outcome.loss(&party.id)?, Some(outcome.mean_gdp_share(&party.id)?)));
    }
    let (unit, name) = unit(rows.iter().map(|r| r.1.max().abs().max(r.1.min().abs())).fold(0.0, f64::max));
    let _ = writeln!(
        text,
        "\nValue added lost over the horizon, net of catch-up, {name} (with {:.0}% intervals):",
        100.0 * LEVEL
    );
    let mut table = table(&[
        "", "mean", "", "sd", "p05", "p50", "p95", "", "TVaR 95", "TVaR 99", "max", "no loss", "of GDP",
    ]);
    for (id, loss, share) in rows {
        table.add_row(loss_row(id, &loss, unit, share));
    }
    let _ = writeln!(text, "{table}");
    Ok(())
}

/// A number with three digits, and no minus before a zero.
fn three_digits(x: f64) -> String {
    let shown = format!("{x:.3}");
    if shown == "-0.000" { "0.000".to_owned() } else { shown }
}

fn loss_row(name: String, loss: &LossDistribution, unit: f64, share: Option<f64>) -> Vec<String> {
    let amount = |x: f64| three_digits(x / unit);
    let pair = |i: Interval| format!("[{}, {}]", amount(i.low), amount(i.high));
    vec![
        name,
        amount(loss.mean()),
        pair(loss.mean_ci(LEVEL)),
        amount(loss.std_dev()),
        amount(loss.quantile(0.05)),
        amount(loss.quantile(0.5)),
        amount(loss.quantile(0.95)),
        pair(loss.quantile_ci(0.95, LEVEL)),
        amount(loss.tvar(0.95)),
        amount(loss.tvar(0.99)),
        amount(loss.max()),
        format!("{:.1}%", 100.0 * loss.p_no_loss()),
        share.map_or(String::new(), |s| three_digits(100.0 * s) + "%"),
    ]
}

fn sectors(text: &mut String, outcome: &Outcome<'_>) -> Result<(), Error> {
    let mut rows = Vec::new();
    for id in outcome.sectors() {
        let subject = crate::ensemble::Subject::Sector(id.to_owned());
        let stops: Vec<f64> = outcome.first_stops(id)?;
        let stopped: Vec<f64> = stops.iter().copied().filter(|d| d.is_finite()).collect();
        let share = stopped.len() as f64 / stops.len() as f64;
        let days = if stopped.is_empty() { None } else { Some(LossDistribution::new(stopped, 0.0)?) };
        rows.push((id, outcome.distribution(&subject)?, share, days));
    }
    if rows.is_empty() {
        return Ok(());
    }
    // What stops first stands first.
    rows.sort_by(|a, b| {
        let day = |d: &Option<LossDistribution>| d.as_ref().map_or(f64::INFINITY, |d| d.quantile(0.5));
        day(&a.3).total_cmp(&day(&b.3))
    });
    let (unit, name) = unit(rows.iter().map(|r| r.1.max().abs()).fold(0.0, f64::max));
    let below = 100.0 * outcome.model().stopped_below;
    let _ = writeln!(
        text,
        "\nSectors by first stop (activity below {below:.0}% of baseline; days from the onset), losses in {name}:"
    );
    let mut table = table(&["", "stops", "day p05", "p50", "p95", "loss mean", "p05", "p95"]);
    let names: HashMap<&str, &str> =
        outcome.model().sites.iter().map(|s| (s.id.as_str(), s.name.as_str())).collect();
    for (id, loss, share, days) in rows {
        let day = |q: f64| days.as_ref().map_or("-".to_owned(), |d| format!("{:.0}", d.quantile(q)));
        let amount = |x: f64| three_digits(x / unit);
        table.add_row([
            names.get(id).copied().unwrap_or(id).to_owned(),
            format!("{:.1}%", 100.0 * share),
            day(0.05),
            day(0.5),
            day(0.95),
            amount(loss.mean()),
            amount(loss.quantile(0.05)),
            amount(loss.quantile(0.95)),
        ]);
    }
    let _ = writeln!(text, "{table}");
    Ok(())
}

/// The network in a few lines.
#[must_use]
pub fn network(scenario: &Scenario, model: &Model) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}: {}", model.name(), model.title());
    let days = model.steps() as f64 * model.step_days();
    let _ = writeln!(
        text,
        "{} sites, {} links, {} commodities, {} parties · {} steps of {} days from {}: {days} days",
        model.active + model.reserves.len(),
        model.lanes.len(),
        model.commodities.len(),
        model.parties.len(),
        model.steps,
        model.step_days,
        model.start,
    );
    let mut stages: Vec<(&str, usize)> = Vec::new();
    for site in &model.sites {
        match stages.iter_mut().find(|(stage, _)| *stage == site.stage) {
            Some((_, count)) => *count += 1,
            None => stages.push((&site.stage, 1)),
        }
    }
    let stages: Vec<String> = stages.iter().map(|(stage, count)| format!("{count} {stage}")).collect();
    let _ = writeln!(text, "sites by stage: {}", stages.join(", "));
    let contingent =
        model.lanes.iter().filter(|l| matches!(l.flow, Flow::Contingent(_) | Flow::Refill)).count();
    let controlled = model.lanes.iter().filter(|l| l.controls > 0).count();
    let _ = writeln!(
        text,
        "{} controls on {controlled} links, {} events, {} reserves, {} projects; {contingent} links are contingent",
        model.controls.len(),
        model.events.len(),
        model.reserves.len(),
        model.projects.len(),
    );
    for (id, control) in &scenario.tables().controls {
        let set = model.control_sets.iter().enumerate().filter(|(_, set)| {
            set.iter().any(|&c| scenario.tables().controls.get_index_of(id) == Some(c as usize))
        });
        let sets: Vec<usize> = set.map(|(k, _)| k).collect();
        let links = model.lanes.iter().filter(|l| sets.contains(&l.controls)).count();
        let _ = writeln!(
            text,
            "  {id}: {} to {}, {links} links",
            control.exporters.join(", "),
            control.importers.join(", ")
        );
    }
    let all = scenario.assumptions();
    let of = |basis: Option<Basis>| all.iter().filter(|a| a.origin.basis == basis).count();
    let _ = writeln!(
        text,
        "{} figures, {} drawn: {} published, {} derived, {} recalled, {} judgement, {} without a stated basis",
        all.len(),
        model.draws.len(),
        of(Some(Basis::Published)),
        of(Some(Basis::Derived)),
        of(Some(Basis::Recalled)),
        of(Some(Basis::Judgement)),
        of(None),
    );
    text
}

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_header(header);
    for (k, column) in table.column_iter_mut().enumerate() {
        if k > 0 {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// A unit that fits amounts up to `largest` JPY.
fn unit(largest: f64) -> (f64, &'static str) {
    [(1e12, "JPY tn"), (1e9, "JPY bn"), (1e6, "JPY m")]
        .into_iter()
        .find(|(u, _)| largest >= *u)
        .unwrap_or((1.0, "JPY"))
}

/// A whole number with its thousands apart.
fn grouped(x: f64) -> String {
    let digits = format!("{x:.0}");
    let mut out = String::new();
    for (k, c) in digits.chars().enumerate() {
        if k > 0 && (digits.len() - k) % 3 == 0 {
            out.push(',');
        }
        out.push(c);
    }
    out
}
