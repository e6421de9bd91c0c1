//! What threads gather: columns by trial, and what is added up over trials.

use super::columns::{Layout, Segment};
use crate::engine::{Block, Ledger};
use crate::loss::{ExactSum, QuantileSketch};
use crate::model::Model;
use std::ops::Range;

/// Losses of one step over all trials.
#[derive(Debug, Clone, PartialEq)]
pub struct PathStep {
    sum: ExactSum,
    sketch: Option<QuantileSketch>,
    count: u64,
}

impl PathStep {
    pub(crate) fn new(negligible: f64) -> Self {
        PathStep { sum: ExactSum::default(), sketch: sketch(negligible), count: 0 }
    }

    pub(crate) fn add_row(&mut self, row: &[f64]) {
        self.sum.add_row(row);
        if let Some(sketch) = &mut self.sketch {
            sketch.add_row(row);
        }
        self.count += row.len() as u64;
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.sum.merge(&other.sum);
        self.sketch = match (self.sketch.take(), &other.sketch) {
            (Some(mut mine), Some(theirs)) => mine.merge(theirs).ok().map(|()| mine),
            _ => None,
        };
        self.count += other.count;
    }

    /// Mean loss \[JPY\].
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.sum.value() / self.count as f64
    }

    /// Quantile of the loss \[JPY\], to a relative error of [`QuantileSketch::RELATIVE_ERROR`].
    #[must_use]
    pub fn quantile(&self, q: f64) -> f64 {
        self.sketch.as_ref().map_or(f64::NAN, |s| s.quantile(q))
    }
}

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
    pub(crate) path: Vec<Vec<PathStep>>,
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
        let path = layout
            .negligible
            .iter()
            .map(|negligible| (0..model.steps).map(|_| PathStep::new(*negligible)).collect())
            .collect();
        Share {
            segments: Vec::new(),
            path,
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
        block.run(model, |t, ledger| {
            for (party, row) in path.iter_mut().zip(&ledger.step_loss) {
                party[t].add_row(&row[lanes.clone()]);
            }
        });
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

    pub(crate) fn absorb(&mut self, other: Share) {
        self.segments.extend(other.segments);
        for (party, theirs) in self.path.iter_mut().zip(&other.path) {
            for (step, theirs) in party.iter_mut().zip(theirs) {
                step.merge(theirs);
            }
        }
        self.sums.merge(&other.sums);
        self.residual = if other.residual <= self.residual { self.residual } else { other.residual };
        self.recovered += other.recovered;
        self.judged += other.judged;
        self.unsettled += other.unsettled;
    }
}

/// An empty sketch; a threshold that is no number counts as none.
fn sketch(negligible: f64) -> Option<QuantileSketch> {
    QuantileSketch::new(negligible).or_else(|_| QuantileSketch::new(0.0)).ok()
}
