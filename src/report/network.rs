//! The network of a scenario, in a few lines.

use crate::Model;
use crate::network::{Flow, Lane};
use crate::scenario::{Basis, Scenario};
use std::fmt::Write as _;

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
        match stages.iter_mut().find(|(stage, _)| *stage == site.stage.as_str()) {
            Some((_, count)) => *count += 1,
            None => stages.push((site.stage.as_str(), 1)),
        }
    }
    let stages: Vec<String> = stages.iter().map(|(stage, count)| format!("{count} {stage}")).collect();
    let _ = writeln!(text, "sites by stage: {}", stages.join(", "));
    let contingent = model
        .lanes
        .iter()
        .filter(|l| matches!(l.flow, Flow::Contingent(_) | Flow::Refill | Flow::Beside { .. }))
        .count();
    let controls = |l: &Lane| &model.passages[l.passage].controls;
    let controlled = model.lanes.iter().filter(|l| !controls(l).is_empty()).count();
    let _ = writeln!(
        text,
        "{} controls on {controlled} links, {} events, {} reserves, {} projects; {contingent} links are contingent",
        model.controls.len(),
        model.events.len(),
        model.reserves.len(),
        model.projects.len(),
    );
    for (c, (id, control)) in (0_u32..).zip(&scenario.tables().controls) {
        let links = model.lanes.iter().filter(|l| controls(l).contains(&c)).count();
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
