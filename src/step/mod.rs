//! A block of trials: everything that can fail first, then the loop, one function a phase.
//!
//! State is `[thing][trial of the block]`; a trial never sees its neighbours, so its bits do not depend
//! on the block it runs in. With the feature `oracle`, for tests and benches, `reference` does the same for one trial, in
//! the plainest way.

// Loops over the trials of a block index several rows at once; in this form they vectorise.
#![expect(clippy::needless_range_loop, reason = "indexed loops over the rows of a block")]

mod baseline;
mod compile;
mod constants;
mod elementary;
mod index;
pub(crate) mod known;
mod layout;
mod ledger;
pub(crate) mod model;
mod moving;
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
pub(crate) mod threads;
mod trace;
mod trade;
mod units;
mod vector;
mod view;
mod walk;

pub use crate::schedule::fault::Fault;
pub(crate) use crate::schedule::fault::Faulty;
#[cfg(test)]
pub(crate) use crate::schedule::rows::far;
pub(crate) use ledger::Ledger;
pub use model::Model;
pub(crate) use payments::Sum;
pub use trace::Trace;
use vector::Width;

use crate::Error;
use crate::schedule::rows::Draws;
use prepare::{Prepared, PreparedView};
use pulp::{Arch, Scalar, Simd, WithSimd};
use rest::Rest;
use state::{Live, State};
use std::ops::Range;

/// Trials of a block: four registers of AVX-512, eight of AVX2. All that is not arithmetic is done once for them, and a
/// block of a network of some hundred links stays close to the core. A trial can also be a block by itself.
pub(crate) const BLOCK: usize = 32;

/// Bytes of rows that a trial may have to run in a block: the trials of the largest networks, one of which fills as much
/// memory as a block should, run one by one.
const ROOM: usize = 1 << 26;

/// Trials for each thread up to which each is run by itself, if it is large enough for threads to share its sites. In as
/// much time one thread walks a block.
const ALONE: u64 = 8;

/// Trials in a block for a run of `count` on some threads: [`BLOCK`] or 1. No bit of a result rests on it.
pub(crate) fn block_size(model: &Model, count: u64, threads: usize) -> usize {
    let alone = count <= ALONE * threads as u64 && shares_sites(model);
    let rows = State::<1>::count(&model.plan.sizes) + Prepared::<1>::count(&model.plan.sizes);
    if alone || rows * size_of::<f64>() > ROOM { 1 } else { BLOCK }
}

/// Bytes that a thread takes for a block of `size` trials.
pub(crate) fn block_bytes(model: &Model, size: usize) -> f64 {
    let rows = State::<1>::count(&model.plan.sizes) + Prepared::<1>::count(&model.plan.sizes);
    // Accounts have a few rows for each site, input and lane.
    let accounts = 6 * model.sites.len() + 2 * model.inputs.len() + 2 * model.lanes.len();
    ((rows + accounts) * size * size_of::<f64>()) as f64
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
    rest: Rest,
    pub(crate) ledger: Ledger<B>,
    arch: Arch,
}

impl<const B: usize> Block<B> {
    pub(crate) fn new(model: &Model) -> Self {
        let state = || State::new(model, &model.plan);
        let (prepared, (state, ledger)) = if const { B == 1 } {
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

    /// Draws the trials `first .. first + B` and finds the baselines of those that are `members`, counted from the first.
    pub(crate) fn prepare(
        &mut self,
        model: &Model,
        seed: u64,
        first: u64,
        members: Range<usize>,
    ) -> Result<(), Faulty> {
        self.prepared.prepare(model, seed, first, members)
    }

    /// The quantities that are drawn once a trial, in the prepared trials.
    pub(crate) fn draws(&self) -> Draws<'_, B> {
        self.prepared.draws()
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
        mut done: impl FnMut(Phase, &PreparedView<'_, B>, &Live<'_, B>),
    ) {
        let p = &self.prepared.view();
        self.state.reset(model, p);
        let (s, ledger, rest) = (&mut self.state.live(), &mut self.ledger, &mut self.rest);
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
            let tried = !resting && steady && rest.begin(t, s);
            if !resting {
                walk::supply(self.arch, p, s);
                done(Phase::Supply, p, s);
            }
            dispatch::<B, _>(self.arch, Book(model, p, s, ledger, (t, resting)));
            done(Phase::Book, p, s);
            if resting {
                rest.repeat(s);
            } else {
                walk::orders(self.arch, p, s, last);
                phases::refill(model, p, s, last);
            }
            if tried {
                rest.end(t, p, s);
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

struct Book<'a, 'p, 's, const B: usize>(
    &'a Model,
    &'a PreparedView<'p, B>,
    &'a mut Live<'s, B>,
    &'a mut Ledger<B>,
    /// Number of the step, and whether it is at rest.
    (usize, bool),
);

impl<const B: usize> WithSimd for Book<'_, '_, '_, B> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Book(model, p, s, ledger, step) = self;
        let p = &{ *p };
        match const { registers::<S, B>() } {
            4 => ledger.book(Width::<_, 4>(simd), model, p, s, step),
            2 => ledger.book(Width::<_, 2>(simd), model, p, s, step),
            _ => ledger.book(Width::<_, 1>(simd), model, p, s, step),
        }
    }
}

/// Turns a fault of a block into an error that names the trial and its drawn values.
pub(crate) fn baseline_error(model: &Model, seed: u64, first: u64, faulty: Faulty) -> Error {
    let trial = first + faulty.member as u64;
    let drawn = model.drawn().map(str::to_owned).zip(model.draw(seed, trial)).collect();
    Error::Baseline { trial: Some(trial), fault: Box::new(faulty.fault), drawn }
}

// They read scenario files.
#[cfg(all(test, feature = "files"))]
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
            block.prepare(&model, 3, 0, 0..BLOCK).unwrap_or_else(|faulty| panic!("{}", faulty.fault));
            let mut bits = Vec::new();
            // Adding 0 turns −0 into 0 and leaves all else alone.
            let mut keep =
                |rows: &[[f64; BLOCK]]| bits.extend(rows.as_flattened().iter().map(|x| (x + 0.0).to_bits()));
            block.run(&model, |_, ledger| keep(&ledger.step_loss));
            let (ledger, trade) = (&block.ledger, &block.ledger.trade);
            let by_site = [&*ledger.lost, &ledger.direct, &ledger.missing];
            for rows in by_site.into_iter().chain([&*trade.bill, &trade.forgone, &trade.gave_way]) {
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
