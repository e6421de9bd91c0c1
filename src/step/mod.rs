//! A block of trials: everything that can fail first, then the loop, one function a phase.
//!
//! State is `[slot][trial of the block]`; a trial never sees its neighbours, so its bits do not depend
//! on the block it runs in. With the feature `oracle`, for tests and benches, `reference` does the same for one trial, in
//! the plainest way.

// Loops over the trials of a block index several rows at once; in this form they vectorise.
#![expect(clippy::needless_range_loop, reason = "indexed loops over the rows of a block")]

mod baseline;
mod constants;
mod elementary;
mod ledger;
pub(crate) mod model;
mod payments;
mod phases;
mod plan;
mod prepare;
#[cfg(feature = "oracle")]
#[doc(hidden)]
pub mod probe;
#[cfg(feature = "oracle")]
#[doc(hidden)]
pub mod reference;
mod response;
mod rest;
mod state;
mod trace;
mod trade;
mod vector;
mod view;
mod walk;

pub(crate) use crate::schedule::Fault;
#[cfg(test)]
pub(crate) use crate::schedule::rows::far;
pub(crate) use ledger::Ledger;
pub use model::Model;
pub(crate) use payments::Sum;
pub use trace::Trace;
use vector::Width;

use crate::Error;
use crate::scenario::Weights;
use prepare::Prepared;
use pulp::{Arch, Scalar, Simd, WithSimd};
use rest::Rest;
use state::State;
use std::ops::Range;

/// Trials of a block: four registers of AVX-512, eight of AVX2. All that is not arithmetic is done once for them, and a
/// block of a network of some hundred links stays close to the core. A trial can also be a block by itself.
pub(crate) const BLOCK: usize = 32;

/// Bytes of state that a trial may have to run in a block: the trials of the largest networks, one of which fills as much
/// memory as a block should, run one by one.
const ROOM: usize = 1 << 26;

/// Trials for each thread up to which each is run by itself, if it is large enough for threads to share its sites. In as
/// much time one thread walks a block.
const ALONE: u64 = 8;

/// Trials in a block for a run of `count` on some threads: [`BLOCK`] or 1. No bit of a result rests on it.
pub(crate) fn block_size(model: &Model, count: u64, threads: usize) -> usize {
    if count <= ALONE * threads as u64 && shares_sites(model) {
        return 1;
    }
    let adaptive = model.sites.iter().any(|s| s.weights != Weights::Fixed);
    let by_lane = if adaptive { 4 } else { 3 };
    let rows = 12 * model.sites.len()
        + 8 * model.inputs.len()
        + 10 * model.outputs.len()
        + by_lane * model.lanes.len()
        + model.plan.rings
        + model.payments.iter().map(|payment| payment.window).sum::<usize>();
    if rows * size_of::<f64>() <= ROOM { BLOCK } else { 1 }
}

/// Whether a trial by itself is large enough for threads to share its sites.
pub(crate) fn shares_sites(model: &Model) -> bool {
    model.lanes.len() > plan::SHARED
}

/// One past the last trial that can be asked for.
pub(crate) const TRIAL_LIMIT: u64 = 1 << 48;

/// Everything a thread needs to run blocks, allocated once.
#[derive(Debug, Clone)]
pub(crate) struct Block<const B: usize> {
    prepared: Prepared<B>,
    state: State<B>,
    rest: Rest<B>,
    pub(crate) ledger: Ledger<B>,
    arch: Arch,
}

impl<const B: usize> Block<B> {
    pub(crate) fn new(model: &Model) -> Self {
        let state = || State::new(model, &model.plan);
        let (prepared, (state, ledger)) = if B == 1 {
            rayon::join(|| Prepared::new(model), || rayon::join(state, || Ledger::new(model)))
        } else {
            (Prepared::new(model), (state(), Ledger::new(model)))
        };
        Block { prepared, state, rest: Rest::new(), ledger, arch: Arch::new() }
    }

    /// Walks all steps from now on, also those that change nothing.
    pub(crate) fn walk_every_step(&mut self) {
        self.rest.off = true;
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

    /// What is drawn once a trial, by draw, of the prepared trials.
    pub(crate) fn draws(&self) -> &[[f64; B]] {
        &self.prepared.draws
    }

    /// Runs the prepared trials; `each_step` sees the accounts after every step.
    pub(crate) fn run(&mut self, model: &Model, each_step: impl FnMut(usize, &Ledger<B>)) {
        self.walk(model, each_step, |_, _, _| {});
    }

    /// The same; `done` sees the state after every phase.
    fn walk(
        &mut self,
        model: &Model,
        mut each_step: impl FnMut(usize, &Ledger<B>),
        mut done: impl FnMut(Phase, &Prepared<B>, &State<B>),
    ) {
        let (p, s, ledger, rest) = (&self.prepared, &mut self.state, &mut self.ledger, &mut self.rest);
        s.reset(model, p);
        rest.reset();
        ledger.open(model, p, s);
        phases::first_arrivals(model, p, s);
        done(Phase::Begin, p, s);
        for t in 0..model.steps {
            let last = t + 1 == model.steps;
            let steady = phases::conditions(model, p, s, t) && !last;
            phases::thin(model, p, s);
            done(Phase::Conditions, p, s);
            let resting = rest.holds(steady);
            let tried = !resting && steady && rest.begin(t, s, &mut ledger.mass, &mut ledger.brought);
            if !resting {
                walk::supply(self.arch, p, s, &mut ledger.mass);
                done(Phase::Supply, p, s);
            }
            dispatch::<B, _>(self.arch, Book(model, p, s, ledger, t));
            done(Phase::Book, p, s);
            if resting {
                rest.repeat(&mut ledger.mass, &mut ledger.brought);
            } else {
                walk::orders(self.arch, p, s, &mut ledger.brought, last);
                phases::refill(model, p, s, last);
            }
            if tried {
                rest.end(t, p, s, &mut ledger.mass, &mut ledger.brought);
            }
            done(Phase::Orders, p, s);
            each_step(t, ledger);
        }
        ledger.close(model, p, s);
    }
}

/// Parts of a trial after it is prepared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Begin = 1,
    Conditions,
    Supply,
    Book,
    Orders,
}

/// Runs phases with the widest registers there are. They are compiled for several instruction sets, none of which may
/// contract a product and a sum, so that all give the same bits.
fn dispatch<const B: usize, Op: WithSimd>(arch: Arch, phases: Op) -> Op::Output {
    // A row must fill the registers. A block of one is compiled once.
    if const { B == 1 } { phases.with_simd(Scalar) } else { arch.dispatch(phases) }
}

/// How many registers are worked on at once: all that is not arithmetic is done once for them.
const fn registers<S: Simd, const B: usize>() -> usize {
    let all = B / S::F64_LANES;
    if S::F64_LANES == 8 && all.is_multiple_of(4) {
        4
    } else if all.is_multiple_of(2) {
        2
    } else {
        1
    }
}

struct Book<'a, const B: usize>(&'a Model, &'a Prepared<B>, &'a mut State<B>, &'a mut Ledger<B>, usize);

impl<const B: usize> WithSimd for Book<'_, B> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match const { registers::<S, B>() } {
            4 => self.3.book(Width::<_, 4>(simd), self.0, self.1, self.2, self.4),
            2 => self.3.book(Width::<_, 2>(simd), self.0, self.1, self.2, self.4),
            _ => self.3.book(Width::<_, 1>(simd), self.0, self.1, self.2, self.4),
        }
    }
}

/// Turns a fault of a block into an error that names the trial and its drawn values.
pub(crate) fn baseline_error(model: &Model, seed: u64, first: u64, fault: Fault) -> Error {
    let trial = first + fault.lane as u64;
    let drawn = model.drawn().map(str::to_owned).zip(model.draw(seed, trial)).collect();
    Error::Baseline { trial: Some(trial), message: fault.message, drawn }
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, Block, block_size};
    use crate::Scenario;
    use pulp::Arch;

    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        let model = Scenario::load("scenarios/japan_full_cut.toml").and_then(|s| s.compile());
        let model = model.unwrap_or_else(|e| panic!("{e}"));
        let bits = |arch: Arch| {
            let mut block = Block::<BLOCK>::new(&model);
            block.arch = arch;
            block.prepare(&model, 3, 0, 0..BLOCK).unwrap_or_else(|fault| panic!("{}", fault.message));
            let mut bits = Vec::new();
            // Adding 0 turns −0 into 0 and leaves all else alone.
            let mut keep =
                |rows: &[[f64; BLOCK]]| bits.extend(rows.as_flattened().iter().map(|x| (x + 0.0).to_bits()));
            block.run(&model, |_, ledger| keep(&ledger.step_loss));
            let (ledger, trade) = (&block.ledger, &block.ledger.trade);
            for rows in
                [&ledger.lost, &ledger.direct, &ledger.missing, &trade.bill, &trade.forgone, &trade.gave_way]
            {
                keep(rows);
            }
            keep(&[ledger.residual]);
            bits
        };
        let best = bits(Arch::new());
        assert!(best == bits(Arch::Scalar));
        #[cfg(target_arch = "x86_64")]
        if let Some(avx2) = pulp::x86::V3::try_new() {
            assert!(best == bits(Arch::V3(avx2)));
        }
    }

    #[test]
    fn a_network_of_some_hundred_links_runs_in_blocks() {
        let model = Scenario::load("scenarios/japan_full_cut.toml").and_then(|s| s.compile());
        let model = model.unwrap_or_else(|e| panic!("{e}"));
        assert_eq!([1, 64].map(|count| block_size(&model, count, 2)), [BLOCK; 2]);
    }
}
