//! Constants of a trial that rest on parameters alone: slots with the same parameters share a row.

use super::plan::{Slot, slot};
use super::prepare::Prepared;
use crate::network::Param;
use crate::schedule::rows::{Row, Rows, each, gain, value};
use std::collections::HashMap;

/// What a constant is of its parameters.
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
    /// `1 − κ'`: what is left of waiting demand after a step, given the share that gives up in a week.
    Patience,
}

/// A rule and its parameters, to the bit.
type Key = (Rule, [(Option<u32>, u64, u64); 2]);

/// What the rows are filled with.
#[derive(Debug, Clone, Default)]
pub(crate) struct Constants {
    known: HashMap<Key, Slot>,
    rows: Vec<(Rule, [Param; 2])>,
}

impl Constants {
    /// Row of what follows from one parameter.
    pub(crate) fn of(&mut self, rule: Rule, param: Param) -> Slot {
        self.of_both(rule, [param; 2])
    }

    pub(crate) fn of_both(&mut self, rule: Rule, params: [Param; 2]) -> Slot {
        let key = (rule, params.map(|p| (p.draw, p.times.to_bits(), p.plus.to_bits())));
        *self.known.entry(key).or_insert_with(|| {
            self.rows.push((rule, params));
            slot(self.rows.len() - 1)
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Works out all rows, for steps of so many days.
    pub(crate) fn fill<const B: usize>(&self, step: f64, draws: &[Row<B>], out: &mut Rows<B>) {
        let target = |cover: f64| cover / step + 1.0;
        let of = |rule: Rule, x: f64, y: f64| match rule {
            Rule::Value => x,
            Rule::Gain => gain(step, x),
            Rule::StockTarget => target(x),
            Rule::Throttle => f64::max(1.0, x * target(y)),
            Rule::Patience => libm::pow(1.0 - x, step / 7.0),
        };
        each(out, |slot, row| {
            let (rule, params) = &self.rows[slot];
            let [x, y] = params.map(|param| value(param, draws));
            // What is the same in every trial is worked out once.
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

/// Constants by slot.
macro_rules! constants {
    ($($doc:literal $name:ident of $items:ident;)*) => {
        impl<const B: usize> Prepared<B> {
            $(
                #[doc = $doc]
                #[inline(always)]
                pub(crate) fn $name(&self, slot: usize) -> &Row<B> {
                    &self.constants[self.plan.$items[slot].$name as usize]
                }
            )*
        }
    };
}
constants! {
    "`s` by input." stock_target of inputs;
    "`γ` by input." criticality of cuts;
    "`b` by output." yields of outputs;
}

#[cfg(feature = "oracle")]
constants! {
    "`α_max` by site." overtime_max of sites;
    "`min(1, Δ/τ_α)` by site." overtime_gain of sites;
    "`min(1, Δ/τ_d)` by site." smoothing of sites;
    "`max(1, ψ s)` by input." throttle of cuts;
    "`min(1, Δ/τ_i)` by input." restoration of inputs;
    "`min(1, Δ/τ_J)` by output." adjustment of outputs;
    "`δ` by output." waiting of outputs;
    "`1 − κ'` by output." patience of outputs;
}
