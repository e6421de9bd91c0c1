//! Constants of a trial that rest on parameters alone: all with the same parameters share a row.

use super::index::ConstantIx;
use crate::network::{DrawIx, Firm, IndexVec, Param, lead_steps};
use crate::schedule::rows::{Draws, Rows, each, gain, value};
use std::collections::HashMap;

/// How a constant follows from its parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Rule {
    /// The parameter itself.
    Value,
    /// `min(1, Δ/τ)` of a time \[days\].
    Gain,
    /// `s`: steps of use to hold, given the cover \[days\] and how far it differs between firms.
    StockTarget(Option<Firm>),
    /// `max(1, ψ s)` of the cover, its spread, and a threshold.
    Throttle(Option<Firm>),
    /// `L − 1`: steps that goods take after the first, at most so many, given the lead time [days].
    Delay(u16),
    /// `1 − κ'`: the share of waiting demand that is left after a step, given the share that gives up in a week.
    Patience,
}

/// A rule and its parameters, to the bit.
type Key = (Rule, [(Option<DrawIx>, u64, u64); 3]);

/// The rules and parameters of the rows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Constants {
    known: HashMap<Key, ConstantIx>,
    rows: IndexVec<ConstantIx, (Rule, [Param; 3])>,
}

impl Constants {
    /// Row of a constant that follows from one parameter.
    pub(crate) fn of(&mut self, rule: Rule, param: Param) -> ConstantIx {
        self.of_all(rule, [param; 3])
    }

    pub(crate) fn of_all(&mut self, rule: Rule, params: [Param; 3]) -> ConstantIx {
        let key = (rule, params.map(|p| (p.draw, p.times.to_bits(), p.plus.to_bits())));
        *self.known.entry(key).or_insert_with(|| self.rows.push((rule, params)))
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Works out all rows, for steps of so many days.
    pub(crate) fn fill<const B: usize>(&self, step: f64, draws: Draws<'_, B>, out: &mut Rows<ConstantIx, B>) {
        let of = |rule: Rule, x: f64, y: f64, z: f64| match rule {
            Rule::Value => x,
            Rule::Gain => gain(step, x),
            Rule::StockTarget(firm) => stock_target(x, firm, y, step),
            Rule::Throttle(firm) => f64::max(1.0, z * stock_target(x, firm, y, step)),
            Rule::Delay(most) => ((lead_steps(x, step) - 1) as f64).min(f64::from(most)),
            Rule::Patience => libm::pow(1.0 - x, step / 7.0),
        };
        each(out, |number, row| {
            let (rule, params) = &self.rows[number];
            let [x, y, z] = params.map(|param| value(param, draws));
            // A constant that is the same in every trial is worked out once.
            if params.iter().all(|param| param.draw.is_none()) {
                *row = [of(*rule, x[0], y[0], z[0]); B];
            } else {
                for k in 0..B {
                    row[k] = of(*rule, x[k], y[k], z[k]);
                }
            }
        });
    }
}

/// `s`: steps of use to hold, given the cover \[days\], whose it is, and how far cover differs between firms.
pub(crate) fn stock_target(cover: f64, firm: Option<Firm>, spread: f64, step_days: f64) -> f64 {
    cover * firm.map_or(1.0, |firm| firm.multiple(spread)) / step_days + 1.0
}
