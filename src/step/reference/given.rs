//! The constants of one trial before its first step: the baseline from the preparation of blocks, and constants from their
//! definitions.

use super::Trial;
use crate::network::{
    DrawIx, IndexVec, InputIx, Lane, LaneIx, OutputIx, Param, ReserveIx, SiteIx, lead_steps,
};
use crate::schedule::rows::{Row, gain};
use crate::step::constants::stock_target;
use crate::step::model::Model;
use crate::step::prepare::Prepared;

/// The constants of a trial. Names follow the equations.
#[derive(Debug, Clone)]
pub(super) struct Given {
    pub(super) draws: IndexVec<DrawIx, f64>,
    pub(super) activity: IndexVec<SiteIx, f64>,
    pub(super) capacity: IndexVec<SiteIx, f64>,
    pub(super) value_added: IndexVec<SiteIx, f64>,
    pub(super) usage: IndexVec<InputIx, f64>,
    pub(super) pipeline: IndexVec<InputIx, f64>,
    pub(super) stock_goal: IndexVec<OutputIx, f64>,
    pub(super) storage: IndexVec<OutputIx, f64>,
    pub(super) final_demand: IndexVec<OutputIx, f64>,
    pub(super) release: IndexVec<OutputIx, f64>,
    pub(super) volume: IndexVec<LaneIx, f64>,
    /// Infinite where a lane has no limit.
    pub(super) surge: IndexVec<LaneIx, f64>,
    pub(super) trigger: IndexVec<LaneIx, f64>,
    pub(super) refill_rate: IndexVec<ReserveIx, f64>,
    pub(super) refill_after: IndexVec<ReserveIx, f64>,
    /// Discount factor at the middle of the first step, and from step to step.
    pub(super) discount: [f64; 2],
}

/// The numbers of the one trial of a block.
fn column<I>(rows: &[Row<1>]) -> IndexVec<I, f64> {
    rows.iter().map(|row| row[0]).collect()
}

impl Given {
    pub(super) fn new(m: &Model, p: &Prepared<1>) -> Self {
        let view = p.view();
        let facts = &view.facts;
        let limits = if facts.surge.is_empty() { column(&[]) } else { column(&facts.surge) };
        Given {
            draws: column(&view.draws),
            activity: column(&facts.activity),
            capacity: column(&facts.capacity),
            value_added: column(&facts.value_added),
            usage: column(&facts.usage),
            pipeline: column(&facts.pipeline),
            stock_goal: column(&facts.stock_goal),
            storage: column(&facts.storage),
            final_demand: column(&facts.final_demand),
            release: column(&facts.release),
            volume: column(&facts.volume),
            surge: m
                .known
                .as_ref()
                .map(|known| known.rows.surge.clone())
                .filter(|known| !known.is_empty())
                .unwrap_or(limits),
            trigger: column(&facts.trigger),
            refill_rate: column(&facts.refill_rate),
            refill_after: column(&facts.refill_after),
            discount: view.discount.map(|row| row[0]),
        }
    }

    pub(super) fn value(&self, param: Param) -> f64 {
        param.draw.map_or(param.plus, |d| param.plus + param.times * self.draws[d])
    }
}

impl Trial<'_> {
    pub(super) fn value(&self, param: Param) -> f64 {
        self.given.value(param)
    }

    /// `L` of a lane.
    pub(super) fn lead(&self, e: LaneIx) -> usize {
        let Lane { lead, lead_days, .. } = self.m.lanes[e];
        lead_days
            .map_or(lead, |days| lead_steps(self.value(self.m.lane_param(days)), self.m.step_days).min(lead))
    }

    /// `min(1, Δ/τ)` of a time \[days\].
    pub(super) fn gain(&self, days: Param) -> f64 {
        gain(self.m.step_days, self.value(days))
    }

    /// `α_max`.
    pub(super) fn overtime_max(&self, n: SiteIx) -> f64 {
        self.value(self.m.sites[n].overtime_max)
    }

    /// `min(1, Δ/τ_α)`.
    pub(super) fn overtime_gain(&self, n: SiteIx) -> f64 {
        self.gain(self.m.sites[n].overtime_days)
    }

    /// `min(1, Δ/τ_d)`.
    pub(super) fn smoothing(&self, n: SiteIx) -> f64 {
        self.gain(self.m.sites[n].smoothing_days)
    }

    /// `min(1, Δ/τ_w)`.
    pub(super) fn experience(&self) -> f64 {
        self.gain(self.m.experience_days)
    }

    /// `s`.
    pub(super) fn stock_target(&self, i: InputIx) -> f64 {
        let input = &self.m.inputs[i];
        let (firm, spread) = input.own.map_or((None, 0.0), |own| (Some(own.firm), self.value(own.spread)));
        stock_target(self.value(input.cover_days), firm, spread, self.m.step_days)
    }

    /// `max(1, ψ s)`.
    pub(super) fn throttle(&self, i: InputIx) -> f64 {
        let threshold = self.m.inputs[i].threshold.map_or(0.0, |psi| self.value(psi));
        f64::max(1.0, threshold * self.stock_target(i))
    }

    /// `o`.
    pub(super) fn overlap(&self, n: SiteIx) -> f64 {
        self.value(self.m.sites[n].overlap)
    }

    /// `γ`.
    pub(super) fn criticality(&self, i: InputIx) -> f64 {
        self.value(self.m.inputs[i].criticality)
    }

    /// `min(1, Δ/τ_i)`.
    pub(super) fn restoration(&self, i: InputIx) -> f64 {
        self.gain(self.m.inputs[i].restoration_days)
    }

    /// `b`.
    pub(super) fn yields(&self, o: OutputIx) -> f64 {
        self.value(self.m.outputs[o].yields)
    }

    /// `min(1, Δ/τ_J)`.
    pub(super) fn adjustment(&self, o: OutputIx) -> f64 {
        self.gain(self.m.outputs[o].adjustment_days)
    }

    /// `δ`.
    pub(super) fn waiting(&self, o: OutputIx) -> f64 {
        self.value(self.m.outputs[o].waiting)
    }

    /// `1 − κ'`: the share of waiting demand that is left after a step.
    pub(super) fn patience(&self, o: OutputIx) -> f64 {
        libm::pow(1.0 - self.value(self.m.outputs[o].cancellation), self.m.step_days / 7.0)
    }
}
