//! The network of a scenario, in a few lines.

use super::format::grouped;
use crate::scenario::{Basis, Control, Leaf, Scenario, one_line};
use crate::{Ensemble, Model};
use std::fmt::Write as _;

/// Trials that the needs are stated for: as many as a program runs by default.
const TRIALS: u64 = 100_000;

/// The network in a few lines.
#[must_use]
pub fn network(scenario: &Scenario, model: &Model) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}: {}", one_line(model.name()), one_line(model.title()));
    let counts = model.counts();
    let days = model.steps() as f64 * model.step_days();
    let _ = writeln!(
        text,
        "{} sites, {} links, {} commodities, {} parties · {} steps of {} days from {}: {days} days",
        counts.sites,
        counts.links,
        counts.commodities,
        counts.parties,
        model.steps(),
        model.step_days(),
        model.start(),
    );
    let stages: Vec<String> =
        counts.stages.iter().map(|(stage, count)| format!("{count} {}", one_line(stage))).collect();
    let _ = writeln!(text, "sites by stage: {}", stages.join(", "));
    let _ = writeln!(
        text,
        "{} controls on {} links, {} events, {} reserves, {} projects; {} links are contingent",
        counts.controls.len(),
        counts.controlled_links,
        counts.events,
        counts.reserves,
        counts.projects,
        counts.contingent_links,
    );
    for ((id, control), links) in scenario.tables().controls.iter().zip(&counts.controls) {
        let _ = writeln!(
            text,
            "  {}: {} to {}, {links} links, {}",
            one_line(id),
            one_line(&control.exporters.join(", ")),
            one_line(&control.importers.join(", ")),
            one_line(&holds(control))
        );
    }
    let all = scenario.assumptions();
    let of = |basis: Option<Basis>| all.iter().filter(|a| a.origin.basis == basis).count();
    let _ = writeln!(
        text,
        "{} figures, {} drawn: {} published, {} derived, {} recalled, {} judgement, {} without a stated basis",
        all.len(),
        counts.drawn,
        of(Some(Basis::Published)),
        of(Some(Basis::Derived)),
        of(Some(Basis::Recalled)),
        of(Some(Basis::Judgement)),
        of(None),
    );
    if let Ok(takes) = Ensemble::new(model).trials(TRIALS).estimate() {
        let _ = writeln!(text, "{} trials take {takes}", grouped(TRIALS as f64));
    }
    text
}

/// When a control holds.
fn holds(control: &Control) -> String {
    if let Some(during) = &control.during {
        return format!("while `{}` is in {}", during.regime, during.states.join(", "));
    }
    let days = |leaf: &Option<Leaf>| leaf.as_ref().map_or(String::new(), ToString::to_string);
    let [onset, duration] = [days(&control.onset_days), days(&control.duration_days)];
    match &control.after {
        Some(after) => format!("{onset} days after `{after}` for {duration} days"),
        None => format!("from day {onset} for {duration} days"),
    }
}
