//! Watching a run.

use super::labels::Labels;
use super::tables::{Table, Tables};
use ndarray::{ArrayView2, ArrayViewMut2, Axis};
use std::ops::{ControlFlow, Range};

/// Watches a run from any of its threads: it is told of each block of trials as it ends and, if it asks for that, of each
/// step of a block.
///
/// Blocks end in any order, each once. A closure that takes a block is an observer.
///
/// ```
/// # fn main() -> Result<(), supplyshock::Error> {
/// # let model = supplyshock::Scenario::load("scenarios/japan_full_cut.toml")?.compile()?;
/// use std::ops::ControlFlow;
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use supplyshock::Ensemble;
/// use supplyshock::run::FinishedBlock;
///
/// let over = AtomicU64::new(0);
/// let outcome = Ensemble::new(&model).trials(500).run_observed(&|block: &FinishedBlock<'_>| {
///     let large = block.losses.column(0).iter().filter(|loss| **loss > 2.6e12).count() as u64;
///     // Enough is known after ten trials over 2.6 trillion.
///     if over.fetch_add(large, Ordering::Relaxed) + large < 10 {
///         ControlFlow::Continue(())
///     } else {
///         ControlFlow::Break(())
///     }
/// })?;
/// println!("{} of {} trials ran", outcome.trials(), outcome.asked());
/// # Ok(())
/// # }
/// ```
pub trait Observer: Sync {
    /// A block of trials has ended. [`ControlFlow::Break`] ends the run: blocks that are at work are finished, and none is
    /// begun any more.
    fn block(&self, block: &FinishedBlock<'_>) -> ControlFlow<()>;

    /// Whether it wants to be told of each step.
    fn wants_steps(&self) -> bool {
        false
    }

    /// A block of trials has done a step.
    fn step(&self, step: &BlockStep<'_>) {
        let _ = step;
    }
}

impl<F: Fn(&FinishedBlock<'_>) -> ControlFlow<()> + Sync> Observer for F {
    fn block(&self, block: &FinishedBlock<'_>) -> ControlFlow<()> {
        self(block)
    }
}

/// A block of trials that has ended.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FinishedBlock<'a> {
    /// Names of what its numbers belong to.
    pub labels: &'a Labels,
    /// Its trials.
    pub trials: Range<u64>,
    /// Their losses, trial × (party, component) \[money\], as [`Outcome::losses`](super::Outcome::losses).
    pub losses: ArrayView2<'a, f64>,
    /// Value added lost by kept site, trial × site \[money\], as
    /// [`Outcome::site_losses`](super::Outcome::site_losses).
    pub site_losses: ArrayView2<'a, f64>,
    /// Days from the onset to the first stop, trial × sector; infinite where it never stopped.
    pub first_stops: ArrayView2<'a, f64>,
    /// Trials of the run that are done, these among them.
    pub done: u64,
    /// Trials of the run.
    pub asked: u64,
}

impl<'a> FinishedBlock<'a> {
    pub(super) fn new(
        labels: &'a Labels,
        trials: Range<u64>,
        rows: &'a Tables<ArrayViewMut2<'_, f64>>,
        done: u64,
        asked: u64,
    ) -> Self {
        FinishedBlock {
            labels,
            trials,
            losses: rows[Table::Losses].view(),
            site_losses: rows[Table::SiteOutput].view(),
            first_stops: rows[Table::FirstStop].view(),
            done,
            asked,
        }
    }
}

/// A block of trials that has done a step.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct BlockStep<'a> {
    /// Names of what its numbers belong to.
    pub labels: &'a Labels,
    /// Its trials.
    pub trials: Range<u64>,
    /// Number of the step, from 0.
    pub step: usize,
    /// Value added lost in the step, trial × party \[money\].
    pub losses: ArrayView2<'a, f64>,
}

impl<'a> BlockStep<'a> {
    /// Of the trials `within` a block, with these losses by party.
    pub(super) fn new<const B: usize>(
        labels: &'a Labels,
        trials: Range<u64>,
        step: usize,
        losses: &'a [[f64; B]],
        within: Range<usize>,
    ) -> Self {
        let by_party = ArrayView2::from(losses).split_at(Axis(1), within.end).0;
        let losses = by_party.split_at(Axis(1), within.start).1.reversed_axes();
        BlockStep { labels, trials, step, losses }
    }
}
