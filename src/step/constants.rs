//! Constants of a trial that rest on parameters alone: all with the same parameters share a row.

use super::index::ConstantIx;
use crate::network::{DrawIx, IndexVec, Param};
use crate::schedule::rows::{Draws, Rows, each, gain, value};
use std::collections::HashMap;

/// How a constant follows from its parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Rule {
    /// The parameter itself.
    Value,
    /// `min(1, Δ/τ)` of a time \[days\].
    Gain,
    /// `s`: steps of use to hold, given the cover \[days\].
    StockTarget,
    /// `max(1, ψ s)` of a threshold and the cover.
    Throttle,
    /// `1 − κ'`: the share of waiting demand that is left after a step, given the share that gives up in a week.
    Patience,
}

/// A rule and its parameters, to the bit.
type Key = (Rule, [(Option<DrawIx>, u64, u64); 2]);

/// The rules and parameters of the rows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Constants {
    known: HashMap<Key, ConstantIx>,
    rows: IndexVec<ConstantIx, (Rule, [Param; 2])>,
}

impl Constants {
    /// Row of a constant that follows from one parameter.
    pub(crate) fn of(&mut self, rule: Rule, param: Param) -> ConstantIx {
        self.of_both(rule, [param; 2])
    }

    pub(crate) fn of_both(&mut self, rule: Rule, params: [Param; 2]) -> ConstantIx {
        let key = (rule, params.map(|p| (p.draw, p.times.to_bits(), p.plus.to_bits())));
        *self.known.entry(key).or_insert_with(|| self.rows.push((rule, params)))
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Works out all rows, for steps of so many days.
    pub(crate) fn fill<const B: usize>(&self, step: f64, draws: Draws<'_, B>, out: &mut Rows<ConstantIx, B>) {
        let target = |cover: f64| cover / step + 1.0;
        let of = |rule: Rule, x: f64, y: f64| match rule {
            Rule::Value => x,
            Rule::Gain => gain(step, x),
            Rule::StockTarget => target(x),
            Rule::Throttle => f64::max(1.0, x * target(y)),
            Rule::Patience => libm::pow(1.0 - x, step / 7.0),
        };
        each(out, |number, row| {
            let (rule, params) = &self.rows[number];
            let [x, y] = params.map(|param| value(param, draws));
            // A constant that is the same in every trial is worked out once.
            if params.iter().all(|param| param.draw.is_none()) {
                *row = [of(*rule, x[0], y[0]); B];
            } else {
                for k in 0..B {
                    row[k] = of(*rule, x[k], y[k]);
                }
            }
        });
    }
}
