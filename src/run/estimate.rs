//! The memory and time that a run needs, before it begins.

use super::budget::Estimate;
use super::labels::Labels;
use super::share::KEPT;
use crate::network::{Course, Ix, Network, Param, Serial, When};
use crate::schedule::{CHANGE_LIMIT, OVERLAP_LIMIT, Shape};
use crate::step::{BLOCK, Model, block_bytes, block_size};

/// Bytes of the losses of a row in a step: a sum, and the bins that losses fall into.
const STEP_BYTES: f64 = 10.0 * 1024.0;
/// Losses of a row in a step that are gathered before they are added up, at least.
const GATHERED: f64 = 136.0;
/// Bytes of a span or a spell.
const SPAN_BYTES: f64 = 24.0;

/// The needs of a run.
pub(super) fn estimate(
    model: &Model,
    labels: &Labels,
    trials: u64,
    threads: usize,
    is_condensed: bool,
) -> Estimate {
    let (steps, threads) = (model.steps as f64, threads.max(1));
    let size = block_size(model, trials, threads);
    // Threads that share one trial have one block.
    let blocks =
        if size == BLOCK { (threads as f64).min((trials as f64 / BLOCK as f64).ceil()) } else { 1.0 };
    let width: f64 = labels.widths().iter().map(|width| *width as f64).sum();
    let rows = labels.path_rows().len() as f64;
    let chances = chances(model);
    let kept = if is_condensed { KEPT as f64 * blocks } else { trials as f64 };
    let step_bytes = STEP_BYTES + GATHERED * size_of::<f64>() as f64;
    let [lanes, inputs] = [model.lanes.len(), model.inputs.len()];
    let memory = vec![
        (format!("{width} numbers of each of {kept} trials"), kept * width * size_of::<f64>() as f64),
        (
            format!("losses of {rows} parties and sectors in {steps} steps, for each of {blocks} threads"),
            blocks * rows * steps * step_bytes,
        ),
        (
            format!("{lanes} links and {inputs} inputs, for each of {blocks} threads"),
            blocks * block_bytes(model, size),
        ),
        (
            format!(
                "{chances:.0} changes of what passes and of outages, in {size} trials of {blocks} threads"
            ),
            blocks * size as f64 * chances * SPAN_BYTES,
        ),
    ];
    let things = lanes + inputs + model.outputs.len() + model.sites.len();
    let per_step = things as f64 + rows;
    let per_step = per_step + overlaps(model);
    Estimate::new(memory, trials as f64 * (steps * per_step + chances))
}

/// Occurrences of outages that are felt at once, about.
fn overlaps(model: &Network) -> f64 {
    let felt = model.events.iter().map(|event| match &event.course {
        Course::Timed { when: When::Renewal { up, down }, fading, fading_days, .. } => {
            let once =
                Shape { growth: 0.0, fading: *fading, recovery: mean_of(model, *fading_days), unbuilt: 0.0 };
            once.over(0.0) / (mean(model, up) + mean(model, down))
        }
        Course::Timed { .. } | Course::Series(_) => 1.0,
    });
    felt.map(|count| f64::min(count, OVERLAP_LIMIT as f64)).sum()
}

fn mean_of(model: &Network, param: Param) -> f64 {
    param.plus + param.draw.map_or(0.0, |d| param.times * model.draws[d].law.mean())
}

/// The mean of a figure each time it is needed.
fn mean(model: &Network, serial: &Serial) -> f64 {
    match serial {
        Serial::Once(param) => mean_of(model, *param),
        Serial::Anew { law, .. } => law.mean(),
    }
}

/// Spans of all passages and spells of all events that a trial has about: as many as come at the means of all times.
fn chances(model: &Network) -> f64 {
    let horizon = model.steps as f64 * model.step_days;
    let most = CHANGE_LIMIT as f64;
    let mean = |serial: &Serial| mean(model, serial);
    let times = |when: &When| match when {
        When::Once { .. } => 1.0,
        When::Renewal { up, down } => f64::min(horizon / (mean(up) + mean(down)), most),
        When::States(during) => {
            let states = model.regimes[during.regime].states.iter();
            let shortest = states.filter_map(|s| s.holding.as_ref()).map(mean).fold(f64::INFINITY, f64::min);
            f64::min(1.0 + horizon / shortest / 2.0, most)
        }
    };
    let events = model.events.iter().map(|event| match &event.course {
        Course::Series(_) => 0.0,
        Course::Timed { when, .. } => times(when),
    });
    let controls: Vec<f64> =
        model.controls.iter().map(|c| times(&c.when) * (c.phases.len() as f64 + 2.0)).collect();
    let passages = model.passages.iter().map(|passage| {
        let spans: f64 = passage.controls.iter().map(|c| controls[c.at()]).sum();
        let contracts = passage.contract.as_ref().map_or(0.0, |contract| 2.0 * f64::from(contract.count));
        spans * (1.0 + contracts)
    });
    events.sum::<f64>() + passages.sum::<f64>()
}
