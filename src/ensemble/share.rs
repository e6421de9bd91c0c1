//! What threads gather: columns by trial, and what is added up over trials.

use super::columns::{Layout, Segment};
use super::path::Path;
use crate::engine::{Block, Ledger};
use crate::loss::ExactSum;
use crate::model::Model;
use std::ops::Range;

/// What is added up over trials, in the order of the ledger's rows.
#[derive(Debug, Clone)]
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
    fn new(ledger: &Ledger<1>) -> Self {
        let zero = |rows: &[[f64; 1]]| vec![ExactSum::default(); rows.len()];
        Sums {
            lost: zero(&ledger.lost),
            outage: zero(&ledger.outage),
            limited: zero(&ledger.limited),
            missing: zero(&ledger.missing),
            peak: zero(&ledger.trade.peak),
            gave_way: zero(&ledger.trade.gave_way),
            payments: zero(&ledger.payments.sums),
        }
    }

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
            for (mine, theirs) in mine.iter_mut().zip(theirs) {
                mine.merge(theirs);
            }
        }
    }
}

/// What a thread has gathered.
#[derive(Debug, Clone)]
pub(crate) struct Share {
    pub(crate) segments: Vec<Segment>,
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
    pub(crate) fn new(model: &Model, layout: &Layout) -> Self {
        Share {
            segments: Vec::new(),
            path: Path::new(model.steps, &layout.negligible),
            sums: Sums::new(&Ledger::new(model)),
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

    /// Ends the work of a thread.
    pub(crate) fn finish(mut self) -> Self {
        self.path.add();
        self
    }

    pub(crate) fn absorb(&mut self, other: Share) {
        self.segments.extend(other.segments);
        self.path.merge(&other.path);
        self.sums.merge(&other.sums);
        self.residual = if other.residual <= self.residual { self.residual } else { other.residual };
        self.recovered += other.recovered;
        self.judged += other.judged;
        self.unsettled += other.unsettled;
    }
}
