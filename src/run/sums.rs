//! What is added up over trials, whatever their order.

use super::labels::Labels;
use crate::stats::{ExactSum, bits};
use crate::step::{Ledger, Sum};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Sums over trials, in the order of the ledger's rows.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Sums {
    /// Value added lost, by valued site.
    pub(super) lost: Vec<ExactSum>,
    /// Of that, to its own outage, by valued site.
    pub(super) outage: Vec<ExactSum>,
    /// Value added lost where it limits, by followed input.
    pub(super) limited: Vec<ExactSum>,
    /// Share of the need it did not bring, by watched lane.
    pub(super) missing: Vec<ExactSum>,
    /// Highest price, by market.
    pub(super) peak: Vec<ExactSum>,
    /// Share of the need that gave way to price, by market.
    pub(super) gave_way: Vec<ExactSum>,
    /// Price in the last step, by market.
    pub(super) end: Vec<ExactSum>,
    /// Each sum of payments of each party.
    pub(super) payments: Vec<ExactSum>,
}

impl Sums {
    pub(super) fn add<const B: usize>(&mut self, ledger: &Ledger<B>, within: &Range<usize>) {
        for (sums, rows) in [
            (&mut self.lost, &*ledger.lost),
            (&mut self.outage, &*ledger.outage),
            (&mut self.limited, &*ledger.limited),
            (&mut self.missing, &*ledger.missing),
            (&mut self.peak, &*ledger.trade.peak),
            (&mut self.gave_way, &*ledger.trade.gave_way),
            (&mut self.end, &*ledger.trade.price),
            (&mut self.payments, &*ledger.payments.sums),
        ] {
            sums.resize(rows.len(), ExactSum::default());
            for (sum, row) in sums.iter_mut().zip(rows) {
                sum.add_row(&row[within.clone()]);
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (mine, theirs) in [
            (&mut self.lost, &other.lost),
            (&mut self.outage, &other.outage),
            (&mut self.limited, &other.limited),
            (&mut self.missing, &other.missing),
            (&mut self.peak, &other.peak),
            (&mut self.gave_way, &other.gave_way),
            (&mut self.end, &other.end),
            (&mut self.payments, &other.payments),
        ] {
            mine.resize(mine.len().max(theirs.len()), ExactSum::default());
            for (mine, theirs) in mine.iter_mut().zip(theirs) {
                mine.merge(theirs);
            }
        }
    }

    /// Whether there is a sum for everything that has a name.
    pub(super) fn fit(&self, labels: &Labels) -> bool {
        let payments = if labels.paid_ahead { labels.parties().len() * Sum::COUNT } else { 0 };
        [
            (&self.lost, labels.valued.len()),
            (&self.outage, labels.valued.len()),
            (&self.limited, labels.followed.len()),
            (&self.missing, labels.followed.iter().map(|input| input.lanes.len()).sum()),
            (&self.peak, labels.markets.len()),
            (&self.gave_way, labels.markets.len()),
            (&self.end, labels.markets.len()),
            (&self.payments, payments),
        ]
        .iter()
        .all(|(sums, names)| sums.len() == *names)
    }
}

/// What is checked of every trial when it ends.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Checks {
    /// Largest residual of the mass balance.
    #[serde(with = "bits")]
    pub(super) residual: f64,
    /// Trials with every site back at the horizon.
    pub(super) recovered: u64,
    /// Trials whose last event ends a year before the horizon, and those of them that have not settled.
    pub(super) judged: u64,
    pub(super) unsettled: u64,
}

impl Checks {
    pub(super) fn add<const B: usize>(&mut self, ledger: &Ledger<B>, within: &Range<usize>) {
        for k in within.clone() {
            self.residual = larger(self.residual, ledger.residual[k]);
            self.recovered += u64::from(ledger.recovered[k] == 1.0);
            self.judged += u64::from(ledger.unsettled[k].is_some());
            self.unsettled += u64::from(ledger.unsettled[k] == Some(true));
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.residual = larger(self.residual, other.residual);
        self.recovered += other.recovered;
        self.judged += other.judged;
        self.unsettled += other.unsettled;
    }

    /// Whether so many trials can have come to this.
    pub(super) fn fit(&self, trials: u64) -> bool {
        self.recovered <= trials && self.judged <= trials && self.unsettled <= self.judged
    }
}

/// The larger of two residuals: NaN must not be lost.
fn larger(a: f64, b: f64) -> f64 {
    if b <= a { a } else { b }
}
