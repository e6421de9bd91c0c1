//! The time that a block of trials takes, phase by phase, for benches; and its yields, for tests.

use super::Model;
use super::state::State;
use super::{Block, Phase};
use pulp::Arch;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Names of the parts of a trial, in the order of [`Probe::run`].
pub const PARTS: [&str; 6] = ["prepare", "begin", "conditions", "supply", "book", "orders"];

/// Instruction sets there are on this machine, by name.
#[must_use]
pub fn instruction_sets() -> Vec<(&'static str, Instructions)> {
    let sets = [("plain", Instructions(Arch::Scalar))].into_iter();
    #[cfg(target_arch = "x86_64")]
    let sets = sets
        .chain(pulp::x86::V3::try_new().map(|v3| ("avx2", Instructions(Arch::V3(v3)))))
        .chain(pulp::x86::V4::try_new().map(|v4| ("avx512", Instructions(Arch::V4(v4)))));
    sets.collect()
}

/// An instruction set.
#[derive(Debug, Clone, Copy)]
pub struct Instructions(Arch);

/// A block of `B` trials.
#[derive(Debug)]
pub struct Probe<'a, const B: usize> {
    model: &'a Model,
    block: Block<B>,
    first: u64,
}

impl<'a, const B: usize> Probe<'a, B> {
    /// A block for a model; with the best instructions there are unless given.
    #[must_use]
    pub fn new(model: &'a Model, instructions: Option<Instructions>) -> Self {
        let mut block = Block::new(model);
        if let Some(Instructions(arch)) = instructions {
            block.arch = arch;
        }
        block.walk_every_step();
        Probe { model, block, first: 0 }
    }

    /// Runs the next `B` trials, and tells how long each part took. Trials without a baseline are not run.
    pub fn run(&mut self) -> [Duration; 6] {
        let mut took = [Duration::ZERO; 6];
        let begun = Instant::now();
        let ready = self.block.prepare(self.model, 1, self.first, 0..B).is_ok();
        self.first += B as u64;
        took[0] = begun.elapsed();
        if ready {
            let mut before = Instant::now();
            self.block.walk(
                self.model,
                |_, _| {},
                |phase, _, _| {
                    let now = Instant::now();
                    took[phase as usize] += now - before;
                    before = now;
                },
            );
        }
        took
    }
}

const _: () = assert!(Phase::Orders as usize == PARTS.len() - 1);

/// The yields of a trial in blocks of `B`, walked in parts of so many links: losses by step, site, input, lane and party,
/// prices, and the mass residual. Nothing without a baseline.
#[must_use]
pub fn yields<const B: usize>(model: &Model, seed: u64, trial: u64, links: usize) -> Vec<f64> {
    let mut block = Block::<B>::new(model);
    Arc::make_mut(&mut block.prepared.plan).divide(links);
    block.state = State::new(model, &block.prepared.plan);
    let (first, k) = (trial - trial % B as u64, (trial % B as u64) as usize);
    if block.prepare(model, seed, first, k..k + 1).is_err() {
        return Vec::new();
    }
    let mut all = Vec::new();
    let mut keep = |rows: &[[f64; B]]| all.extend(rows.iter().map(|row| row[k]));
    block.run(model, |_, ledger| keep(&ledger.step_loss));
    let (ledger, trade) = (&block.ledger, &block.ledger.trade);
    let by_site = [
        &*ledger.lost,
        &ledger.direct,
        &ledger.outage,
        &ledger.first_line,
        &ledger.first_stop,
        &ledger.recovery,
    ];
    for rows in by_site.into_iter().chain([&*ledger.limited, &ledger.missing, &trade.bill, &trade.forgone]) {
        keep(rows);
    }
    for rows in [&trade.peak, &trade.price, &trade.gave_way] {
        keep(rows);
    }
    keep(&[ledger.residual]);
    all
}
