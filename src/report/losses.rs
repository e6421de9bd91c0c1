//! Tables of losses, by party and component.

use super::format::{NONE, ends, over, plus_minus, table, three_digits, unit};
use crate::number::shown;
use crate::run::{Component, Subject};
use crate::scenario::one_line;
use crate::stats::LossDistribution;
use crate::study::{LEVEL, Measure};
use crate::{Error, Outcome};
use std::collections::HashMap;
use std::fmt::Write as _;

/// The loss of each party with its components, and how the losses of parties compare.
pub(super) fn losses(text: &mut String, outcome: &Outcome, amounts: &[f64]) -> Result<(), Error> {
    let mut rows = Vec::new();
    for party in outcome.labels().parties() {
        rows.push((party.name.clone(), outcome.loss(&party.id)?, outcome.mean_gdp_share(&party.id)?));
    }
    let largest = rows.iter().map(|r| r.1.max().abs().max(r.1.min().abs())).fold(0.0, f64::max);
    let (unit, name) = unit(outcome.labels().currency(), largest);
    let _ = writeln!(
        text,
        "\nValue added lost over the horizon, net of catch-up, {name} (with {:.0}% intervals):",
        100.0 * LEVEL
    );
    let mut rows_shown =
        table(&["", "mean", "sd", "p05", "p50", "p95", "", "TVaR 95", "TVaR 99", "max", "no loss", "of GDP"]);
    for (name, loss, share) in rows {
        rows_shown.add_row(loss_row(name, &loss, unit, share));
    }
    let _ = writeln!(text, "{rows_shown}");
    let headline = outcome.labels().headline_id();
    for &amount in amounts {
        let found = Measure::Over { amount }.of(&outcome.loss(headline)?);
        let _ = writeln!(
            text,
            "{} loses over {} {name} in {} of trials.",
            one_line(headline),
            shown(amount / unit),
            over(found)
        );
    }
    components(text, outcome, unit, &name)?;
    work(text, outcome)?;
    payments(text, outcome)?;
    if outcome.is_condensed() { Ok(()) } else { ratios(text, outcome) }
}

fn loss_row(name: String, loss: &LossDistribution, unit: f64, share: f64) -> Vec<String> {
    let amount = |x: f64| three_digits(x / unit);
    vec![
        name,
        format!("{} {}", amount(loss.mean()), plus_minus(loss.mean_ci(LEVEL), amount)),
        if loss.trials() > 1 { amount(loss.std_dev()) } else { NONE.to_owned() },
        amount(loss.quantile(0.05)),
        amount(loss.quantile(0.5)),
        amount(loss.quantile(0.95)),
        ends(loss.quantile_ci(0.95, LEVEL), amount),
        amount(loss.tvar(0.95)),
        amount(loss.tvar(0.99)),
        amount(loss.max()),
        super::format::share(Measure::NoLoss.of(loss)),
        three_digits(100.0 * share) + "%",
    ]
}

/// The components behind output, and beside it, for each party that has any.
fn components(text: &mut String, outcome: &Outcome, unit: f64, name: &str) -> Result<(), Error> {
    let mut shown = table(&["", "component", "mean", "p05", "p50", "p95"]);
    for party in outcome.labels().parties() {
        let subject = Subject::Party(party.id.clone());
        let (all, output) = (outcome.component(&subject, Component::Total)?, outcome.loss(&party.id)?);
        for component in Component::ALL.into_iter().filter(|component| component.is_money()) {
            let loss = outcome.component(&subject, component)?;
            let said = component == Component::Output
                || (component == Component::Total && all.mean() == output.mean());
            let nothing = [loss.min(), loss.max()].iter().all(|x| three_digits(x / unit) == "0.000");
            if !said && !nothing {
                let amounts = [loss.mean(), loss.quantile(0.05), loss.quantile(0.5), loss.quantile(0.95)];
                let words = [party.name.clone(), component.word().to_owned()];
                shown.add_row(words.into_iter().chain(amounts.map(|x| three_digits(x / unit))));
            }
        }
    }
    if shown.row_count() > 0 {
        let _ = writeln!(text, "\nWhat it consists of, and what stands beside it, {name}:\n{shown}");
    }
    Ok(())
}

/// Work that is lost, for each party whose sites give their employment.
fn work(text: &mut String, outcome: &Outcome) -> Result<(), Error> {
    let mut shown = table(&["", "mean", "p05", "p50", "p95"]);
    for party in outcome.labels().parties() {
        let work = outcome.component(&Subject::Party(party.id.clone()), Component::PersonYears)?;
        if work.min() != 0.0 || work.max() != 0.0 {
            let amounts = [work.mean(), work.quantile(0.05), work.quantile(0.5), work.quantile(0.95)];
            shown.add_row(std::iter::once(party.name.clone()).chain(amounts.map(|x| three_digits(x / 1e3))));
        }
    }
    if shown.row_count() > 0 {
        let _ = writeln!(text, "\nWork lost, net of catch-up, thousand person-years:\n{shown}");
    }
    Ok(())
}

/// The sums that were paid ahead and their fate, for each party that paid any.
fn payments(text: &mut String, outcome: &Outcome) -> Result<(), Error> {
    let mut paid = outcome.payments();
    paid.retain(|p| p.prepaid > 0.0);
    if paid.is_empty() {
        return Ok(());
    }
    let largest = paid.iter().map(|p| p.prepaid.max(p.held_peak)).fold(0.0, f64::max);
    let (unit, name) = unit(outcome.labels().currency(), largest);
    let sums = [
        "",
        "prepaid",
        "held, peak",
        "refunded",
        "forfeited",
        "written off",
        "collateral",
        "insured",
        "premium",
    ];
    let mut shown = table(&sums);
    let names: HashMap<&str, &str> =
        outcome.labels().parties().iter().map(|p| (p.id.as_str(), p.name.as_str())).collect();
    for p in paid {
        let kept = [p.prepaid, p.held_peak, p.refunded, p.forfeited];
        let settled = [p.written_off, p.collateral, p.insured, p.premium];
        let party = names.get(p.party).copied().unwrap_or(p.party).to_owned();
        let amounts = kept.into_iter().chain(settled).map(|x| three_digits(x / unit));
        shown.add_row(std::iter::once(party).chain(amounts));
    }
    let _ = writeln!(text, "\nPaid ahead by buyers, and what became of it (means), {name}:\n{shown}");
    let mean = outcome.insurer_loss()?.map_or(0.0, |loss| loss.mean());
    if mean != 0.0 {
        let _ = writeln!(text, "Insurers lose {} {name}, net of premiums.", three_digits(mean / unit));
    }
    Ok(())
}

fn ratios(text: &mut String, outcome: &Outcome) -> Result<(), Error> {
    let labels = outcome.labels();
    let mean = |id: &str| outcome.loss(id).map(|loss| loss.mean());
    let headline = labels.headline_id();
    for party in labels.parties().iter().filter(|p| p.id != headline) {
        // A party that hardly loses gives a ratio without meaning, as does one that gains.
        if mean(headline)? > 0.0 && mean(&party.id)? > 1e-3 * mean(headline)? {
            let (ratio, interval) = outcome.ratio(headline, &party.id, Component::Output, LEVEL)?;
            let _ = writeln!(
                text,
                "For each {} of value added that {} loses, {} loses {ratio:.1} {}.",
                one_line(labels.currency()),
                one_line(&party.id),
                one_line(headline),
                ends(interval, |x| format!("{x:.1}"))
            );
        }
    }
    Ok(())
}
