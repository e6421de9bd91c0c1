//! The state and the constants as slices, which the compiler keeps at hand all through a phase.

use super::conditions::Conditions;
use super::plan::{InputPlan, LanePlan, OutputPlan, ServedPlan, SitePlan, Slot};
use super::prepare::Prepared;
use super::rows::{PoolView, Row};
use super::state::State;

/// What [`State`] holds, for the phases of a step.
#[derive(Debug)]
pub(crate) struct StateView<'a, const B: usize> {
    pub(crate) overtime: &'a mut [Row<B>],
    pub(crate) expected: &'a mut [Row<B>],
    pub(crate) need: &'a mut [Row<B>],
    pub(crate) limiting: &'a mut [Row<B>],
    pub(crate) possible: &'a mut [Row<B>],
    pub(crate) actual: &'a mut [Row<B>],
    pub(crate) capacity: &'a mut [Row<B>],
    pub(crate) stock: &'a mut [Row<B>],
    pub(crate) transit: &'a mut [Row<B>],
    pub(crate) reserve_transit: &'a mut [Row<B>],
    pub(crate) pipeline: &'a mut [Row<B>],
    pub(crate) used: &'a mut [Row<B>],
    pub(crate) sought: &'a mut [Row<B>],
    pub(crate) usage: &'a mut [Row<B>],
    pub(crate) held: &'a mut [Row<B>],
    pub(crate) backlog: &'a mut [Row<B>],
    pub(crate) asked: &'a mut [Row<B>],
    pub(crate) final_demand: &'a mut [Row<B>],
    pub(crate) flow: &'a mut [Row<B>],
    pub(crate) weight: &'a mut [Row<B>],
    pub(crate) scratch: &'a mut [Row<B>],
    pub(crate) room: &'a mut [Row<B>],
    pub(crate) ratios: &'a mut [Row<B>],
    pub(crate) limited: &'a mut [bool],
    pub(crate) turns: &'a [u32],
    pub(crate) next_turns: &'a [u32],
    pub(crate) conditions: &'a Conditions<B>,
}

impl<const B: usize> State<B> {
    #[inline(always)]
    pub(crate) fn view(&mut self) -> StateView<'_, B> {
        StateView {
            overtime: &mut self.overtime,
            expected: &mut self.expected,
            need: &mut self.need,
            limiting: &mut self.limiting,
            possible: &mut self.possible,
            actual: &mut self.actual,
            capacity: &mut self.capacity,
            stock: &mut self.stock,
            transit: &mut self.transit,
            reserve_transit: &mut self.reserve_transit,
            pipeline: &mut self.pipeline,
            used: &mut self.used,
            sought: &mut self.sought,
            usage: &mut self.usage,
            held: &mut self.held,
            backlog: &mut self.backlog,
            asked: &mut self.asked,
            final_demand: &mut self.final_demand,
            flow: &mut self.flow,
            weight: &mut self.weight,
            scratch: &mut self.scratch,
            room: &mut self.room,
            ratios: &mut self.ratios,
            limited: &mut self.limited,
            turns: &self.turns,
            next_turns: &self.next_turns,
            conditions: &self.conditions,
        }
    }
}

/// The network as it is walked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PlanView<'a> {
    pub(crate) sites: &'a [SitePlan],
    pub(crate) inputs: &'a [InputPlan],
    pub(crate) outputs: &'a [OutputPlan],
    pub(crate) lanes: &'a [LanePlan],
    pub(crate) served: &'a [ServedPlan],
    pub(crate) known: &'a [Slot],
}

/// What [`Prepared`] holds, for the phases of a step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PreparedView<'a, const B: usize> {
    pub(crate) plan: PlanView<'a>,
    pub(crate) capacity: &'a [Row<B>],
    pub(crate) trigger: &'a [Row<B>],
    pub(crate) stock_goal: &'a [Row<B>],
    pub(crate) storage: &'a [Row<B>],
    pub(crate) final_demand: &'a [Row<B>],
    pub(crate) volume: &'a [Row<B>],
    pub(crate) planned: &'a [Row<B>],
    pub(crate) surge: &'a [Row<B>],
    pub(crate) release: &'a [Row<B>],
    pub(crate) overtime_max: PoolView<'a, B>,
    pub(crate) overtime_gain: PoolView<'a, B>,
    pub(crate) smoothing: PoolView<'a, B>,
    pub(crate) stock_target: PoolView<'a, B>,
    pub(crate) throttle: PoolView<'a, B>,
    pub(crate) criticality: PoolView<'a, B>,
    pub(crate) restoration: PoolView<'a, B>,
    pub(crate) yields: PoolView<'a, B>,
    pub(crate) adjustment: PoolView<'a, B>,
    pub(crate) waiting: PoolView<'a, B>,
    pub(crate) patience: PoolView<'a, B>,
    pub(crate) experience: &'a Row<B>,
}

impl<const B: usize> Prepared<B> {
    #[inline(always)]
    pub(crate) fn view(&self) -> PreparedView<'_, B> {
        let plan = &self.plan;
        PreparedView {
            plan: PlanView {
                sites: &plan.sites,
                inputs: &plan.inputs,
                outputs: &plan.outputs,
                lanes: &plan.lanes,
                served: &plan.served,
                known: &plan.known,
            },
            capacity: &self.capacity,
            trigger: &self.trigger,
            stock_goal: &self.stock_goal,
            storage: &self.storage,
            final_demand: &self.final_demand,
            volume: &self.volume,
            planned: &self.planned,
            surge: &self.surge,
            release: &self.release,
            overtime_max: self.overtime_max.view(),
            overtime_gain: self.overtime_gain.view(),
            smoothing: self.smoothing.view(),
            stock_target: self.stock_target.view(),
            throttle: self.throttle.view(),
            criticality: self.criticality.view(),
            restoration: self.restoration.view(),
            yields: self.yields.view(),
            adjustment: self.adjustment.view(),
            waiting: self.waiting.view(),
            patience: self.patience.view(),
            experience: &self.experience,
        }
    }
}
