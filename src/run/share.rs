//! What threads gather: columns by trial, and what is added up over trials.

use super::columns::{Layout, Segment};
use super::condensed::Condensed;
use super::path::Path;
use crate::stats::{ExactSum, LossError};
use crate::step::Model;
use crate::step::{Block, Ledger};
use std::ops::Range;

/// Trials of a condensed run that a thread keeps before it condenses them.
const KEPT: usize = 512;

/// What is added up over trials, in the order of the ledger's rows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sums {
    /// Value added lost, by valued site.
    pub(crate) lost: Vec<ExactSum>,
    /// Of that, to its own outage, by valued site.
    pub(crate) outage: Vec<ExactSum>,
    /// Value added lost where it limits, by followed input.
    pub(crate) limited: Vec<ExactSum>,
    /// Share of the need it did not bring, by watched lane.
    pub(crate) missing: Vec<ExactSum>,
    /// Highest price, by market.
    pub(crate) peak: Vec<ExactSum>,
    /// Share of the need that gave way to price, by market.
    pub(crate) gave_way: Vec<ExactSum>,
    /// Each sum of payments of each party.
    pub(crate) payments: Vec<ExactSum>,
}

impl Sums {
    fn add<const B: usize>(&mut self, ledger: &Ledger<B>, lanes: &Range<usize>) {
        for (sums, rows) in [
            (&mut self.lost, &ledger.lost),
            (&mut self.outage, &ledger.outage),
            (&mut self.limited, &ledger.limited),
            (&mut self.missing, &ledger.missing),
            (&mut self.peak, &ledger.trade.peak),
            (&mut self.gave_way, &ledger.trade.gave_way),
            (&mut self.payments, &ledger.payments.sums),
        ] {
            sums.resize(rows.len(), ExactSum::default());
            for (sum, row) in sums.iter_mut().zip(rows) {
                sum.add_row(&row[lanes.clone()]);
            }
        }
    }

    fn merge(&mut self, other: &Self) {
        for (mine, theirs) in [
            (&mut self.lost, &other.lost),
            (&mut self.outage, &other.outage),
            (&mut self.limited, &other.limited),
            (&mut self.missing, &other.missing),
            (&mut self.peak, &other.peak),
            (&mut self.gave_way, &other.gave_way),
            (&mut self.payments, &other.payments),
        ] {
            mine.resize(mine.len().max(theirs.len()), ExactSum::default());
            for (mine, theirs) in mine.iter_mut().zip(theirs) {
                mine.merge(theirs);
            }
        }
    }
}

/// What a thread has gathered.
#[derive(Debug, Clone)]
pub(crate) struct Share {
    /// Trials that are kept; of a condensed run those that are not yet condensed.
    pub(crate) segments: Vec<Segment>,
    /// Trials that are not kept; none where all are.
    pub(crate) condensed: Option<Condensed>,
    /// Losses by step, for each party.
    pub(crate) path: Path,
    pub(crate) sums: Sums,
    pub(crate) residual: f64,
    /// Trials with every site back at the horizon.
    pub(crate) recovered: u64,
    /// Trials whose last event ends a year before the horizon, and those of them that have not settled.
    pub(crate) judged: u64,
    pub(crate) unsettled: u64,
}

impl Share {
    pub(crate) fn new(model: &Model, layout: &Layout, condensed: Option<Condensed>) -> Self {
        Share {
            segments: Vec::new(),
            condensed,
            path: Path::new(model.steps, &layout.negligible),
            sums: Sums::default(),
            residual: 0.0,
            recovered: 0,
            judged: 0,
            unsettled: 0,
        }
    }

    pub(crate) fn add_block<const B: usize>(
        &mut self,
        model: &Model,
        layout: &Layout,
        block: &mut Block<B>,
        first: u64,
        lanes: Range<usize>,
    ) {
        if self.segments.len() >= KEPT / B {
            self.condense(model);
        }
        let path = &mut self.path;
        path.open(lanes.len());
        block.run(model, |t, ledger| path.gather(t, ledger.step_loss.iter().map(|row| &row[lanes.clone()])));
        path.close(lanes.len());
        let ledger = &block.ledger;
        self.sums.add(ledger, &lanes);
        for k in lanes.clone() {
            // NaN must not be lost in a maximum.
            self.residual =
                if ledger.residual[k] <= self.residual { self.residual } else { ledger.residual[k] };
            self.recovered += u64::from(ledger.recovered[k] == 1.0);
            self.judged += u64::from(ledger.unsettled[k].is_some());
            self.unsettled += u64::from(ledger.unsettled[k] == Some(true));
        }
        self.segments.push(Segment::new(model, layout, ledger, first, lanes));
    }

    /// Condenses what is kept of a condensed run.
    fn condense(&mut self, model: &Model) {
        if let Some(condensed) = &mut self.condensed {
            condensed.add(model, &self.segments);
            self.segments.clear();
        }
    }

    /// Ends the work of a thread.
    pub(crate) fn finish(mut self, model: &Model) -> Self {
        self.path.finish();
        self.condense(model);
        self
    }

    /// Adds another that is finished as well, of the same model, seed and kind.
    pub(crate) fn absorb(&mut self, other: Share) -> Result<(), LossError> {
        self.segments.extend(other.segments);
        if let (Some(mine), Some(theirs)) = (&mut self.condensed, &other.condensed) {
            mine.merge(theirs)?;
        }
        self.path.merge(&other.path);
        self.sums.merge(&other.sums);
        self.residual = if other.residual <= self.residual { self.residual } else { other.residual };
        self.recovered += other.recovered;
        self.judged += other.judged;
        self.unsettled += other.unsettled;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scenario;
    use crate::step::BLOCK;

    /// Numbers that are held, but for those of which there is one each.
    fn size(share: &Share) -> usize {
        let kept: usize = share.segments.iter().map(Segment::size).sum();
        kept + share.path.size() + share.condensed.as_ref().map_or(0, Condensed::bins)
    }

    /// The most that is held up to 1,024 trials, and up to 8,192.
    fn sizes(name: &str, condensed: bool) -> [usize; 2] {
        let model = Scenario::load(format!("scenarios/{name}.toml")).and_then(|s| s.compile());
        let model = model.unwrap_or_else(|e| panic!("{e}"));
        let layout = Layout::new(&model);
        let condensed =
            condensed.then(|| Condensed::new(&model, &layout, 1).unwrap_or_else(|e| panic!("{e}")));
        let mut share = Share::new(&model, &layout, condensed);
        let mut block = Block::<BLOCK>::new(&model);
        let mut sizes = [0, 0];
        for first in (0..8192).step_by(BLOCK) {
            block
                .prepare(&model, 1, first as u64, 0..BLOCK)
                .unwrap_or_else(|_| panic!("trial {first} has a baseline"));
            share.add_block(&model, &layout, &mut block, first as u64, 0..BLOCK);
            sizes[1] = sizes[1].max(size(&share));
            if first < 1024 {
                sizes[0] = sizes[1];
            }
        }
        sizes
    }

    #[test]
    fn what_a_condensed_run_holds_does_not_grow_with_its_trials() {
        for name in ["mechanism_contracts", "mechanism_prepayment"] {
            let [few, many] = sizes(name, true);
            // Bins are added for losses that are larger or smaller than all before.
            assert!(many as f64 <= 1.25 * few as f64, "{name}: {few} numbers, then {many}");
            let [few, many] = sizes(name, false);
            assert!(many > few + 10 * 7168, "{name}: {few} numbers, then {many}");
        }
    }
}
