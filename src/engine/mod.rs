//! A block of trials: everything that can fail first, then the loop, one function a phase.
//!
//! State is `[slot][trial of the block]`; a trial never sees its neighbours, so its bits do not depend
//! on the block it runs in. [`mod@reference`] does the same for one trial, in the plainest way.

// Loops over the trials of a block index several rows at once; in this form they vectorise.
#![expect(clippy::needless_range_loop, reason = "indexed loops over the rows of a block")]

mod baseline;
mod conditions;
mod ledger;
mod luck;
mod payments;
mod phases;
mod prepare;
#[doc(hidden)]
pub mod reference;
mod response;
mod rows;
mod state;
mod timetable;
mod trade;

pub(crate) use baseline::Fault;
pub(crate) use ledger::Ledger;
pub(crate) use payments::Sum;

use crate::Error;
use crate::model::{Known, Model};
use crate::scenario::Weights;
use multiversion::multiversion;
use prepare::Prepared;
use state::State;
use std::ops::Range;
use std::sync::Arc;

/// Bytes of state a trial may have for blocks of 64 and of 8 trials: what a larger network gains by rows that
/// vectorise it loses again by leaving the caches, and the largest must fit into memory.
const ROOM: [(usize, usize); 2] = [(64, 1 << 18), (8, 1 << 26)];

/// Trials in a block: 64, 8 or 1. It rests on the model alone, and no bit of a result rests on it.
pub(crate) fn block_size(model: &Model) -> usize {
    let adaptive = model.sites.iter().any(|s| s.weights != Weights::Fixed);
    let by_lane = if adaptive { 4 } else { 3 };
    let rows = 12 * model.sites.len()
        + 14 * model.inputs.len()
        + 14 * model.outputs.len()
        + by_lane * model.lanes.len()
        + model.ring_slots
        + model.payments.iter().map(|payment| payment.window).sum::<usize>();
    ROOM.iter().find(|(_, bytes)| rows * size_of::<f64>() <= *bytes).map_or(1, |(size, _)| *size)
}

/// One past the last trial that can be asked for.
pub(crate) const TRIAL_LIMIT: u64 = 1 << 48;

/// Trials that must all be faulty for a fault to count as known.
const TRIED: u64 = 100;

/// Everything a thread needs to run blocks, allocated once.
#[derive(Debug, Clone)]
pub(crate) struct Block<const B: usize> {
    prepared: Prepared<B>,
    state: State<B>,
    pub(crate) ledger: Ledger<B>,
}

impl<const B: usize> Block<B> {
    pub(crate) fn new(model: &Model) -> Self {
        Block { prepared: Prepared::new(model), state: State::new(model), ledger: Ledger::new(model) }
    }

    /// Draws the trials `first .. first + B` and finds the baselines of those in `lanes`.
    pub(crate) fn prepare(
        &mut self,
        model: &Model,
        seed: u64,
        first: u64,
        lanes: Range<usize>,
    ) -> Result<(), Fault> {
        self.prepared.prepare(model, seed, first, lanes)
    }

    /// Runs the prepared trials; `each_step` sees the accounts after every step.
    pub(crate) fn run(&mut self, model: &Model, mut each_step: impl FnMut(usize, &Ledger<B>)) {
        let (p, s, ledger) = (&self.prepared, &mut self.state, &mut self.ledger);
        s.reset(model, p);
        ledger.open(model, p, s);
        for t in 0..model.steps {
            step(model, p, s, ledger, t);
            each_step(t, ledger);
        }
        ledger.close(model, p, s);
    }
}

/// One step of a block. Compiled for several instruction sets; the phases are inlined into it. None of
/// them may contract a product and a sum, so that all give the same bits.
#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl+avx2+bmi1+bmi2+lzcnt+popcnt+fma",
    "x86_64+avx2+fma",
    "aarch64+neon"
))]
fn step<const B: usize>(m: &Model, p: &Prepared<B>, s: &mut State<B>, ledger: &mut Ledger<B>, t: usize) {
    phases::conditions(m, p, s, t);
    phases::arrivals(m, s, t);
    phases::demand(m, p, s);
    phases::production(m, p, s);
    phases::rationing(m, p, s, t, &mut ledger.gone);
    ledger.book(m, p, s, t);
    phases::orders(m, p, s, t);
}

/// Turns a fault of a block into an error that names the trial and its drawn values.
pub(crate) fn baseline_error(model: &Model, seed: u64, first: u64, fault: Fault) -> Error {
    let trial = first + fault.lane as u64;
    let drawn = model.drawn().map(str::to_owned).zip(model.draw(seed, trial)).collect();
    Error::Baseline { trial: Some(trial), message: fault.message, drawn }
}

/// The baseline where nothing drawn moves it, or what is wrong with it.
pub(crate) fn known_baseline(model: &Model) -> Result<Option<Arc<Known>>, Error> {
    if !model.baseline_known {
        return Ok(None);
    }
    let mut block = Prepared::<1>::new(model);
    match block.prepare(model, 0, 0, 0..1) {
        Ok(()) => Ok(block.found().map(Arc::new)),
        Err(fault) if model.draws.is_empty() && !model.redrawn() => {
            Err(Error::Baseline { trial: None, message: fault.message, drawn: Vec::new() })
        }
        // What only some trials have is chance, and is found when it comes up in a run.
        Err(_) if (1..TRIED).any(|trial| block.prepare(model, 0, trial, 0..1).is_ok()) => {
            Ok(block.found().map(Arc::new))
        }
        Err(fault) => Err(baseline_error(model, 0, 0, fault)),
    }
}

#[cfg(test)]
mod tests {
    use super::block_size;
    use crate::Scenario;

    #[test]
    fn a_network_of_some_hundred_links_runs_in_blocks_of_64() {
        let model = Scenario::load("scenarios/japan_full_cut.toml").and_then(|s| s.compile());
        assert_eq!(model.map(|m| block_size(&m)).ok(), Some(64));
    }
}
