//! The state and the constants as the walks of a step see them: what a walk writes, in parts that threads can share, and
//! what it only reads, as slices. A walk has its views as values of its own, so that the compiler knows that no row it
//! writes moves a slice.

use super::conditions::Passage;
use super::ledger::Mass;
use super::plan::{Ends, InputPlan, LanePlan, OutputPlan, Plan, ServedPlan, SitePlan, Slot, TierPlan};
use super::prepare::Prepared;
use super::rows::{Part, PoolView, Row};
use super::state::{Scratch, State};
use super::vector::Width;
use pulp::Simd;

/// What demand, production and rationing work on.
#[derive(Debug)]
pub(crate) struct SupplyView<'a, const B: usize> {
    pub(crate) overtime: Part<'a, B>,
    pub(crate) need: Part<'a, B>,
    pub(crate) limiting: Part<'a, B>,
    pub(crate) possible: Part<'a, B>,
    pub(crate) actual: Part<'a, B>,
    pub(crate) stock: Part<'a, B>,
    pub(crate) used: Part<'a, B>,
    pub(crate) held: Part<'a, B>,
    pub(crate) backlog: Part<'a, B>,
    pub(crate) share: Part<'a, B>,
    /// What is added up for the balance of mass.
    pub(crate) full: Part<'a, B>,
    pub(crate) cut: Part<'a, B>,
    pub(crate) taken: Part<'a, B>,
    pub(crate) gone: Part<'a, B>,
    /// From the first site of the part on.
    pub(crate) limited: &'a mut [bool],
    pub(crate) flow: &'a [Row<B>],
    pub(crate) capacity: &'a [Row<B>],
    pub(crate) usage: &'a [Row<B>],
    pub(crate) final_demand: &'a [Row<B>],
}

impl<'a, const B: usize> SupplyView<'a, B> {
    #[inline(always)]
    pub(crate) fn new(s: &'a mut State<B>, mass: &'a mut Mass<B>) -> (Self, &'a mut [Scratch<B>]) {
        let view = SupplyView {
            overtime: Part::new(&mut s.overtime),
            need: Part::new(&mut s.need),
            limiting: Part::new(&mut s.limiting),
            possible: Part::new(&mut s.possible),
            actual: Part::new(&mut s.actual),
            stock: Part::new(&mut s.stock),
            used: Part::new(&mut s.used),
            held: Part::new(&mut s.held),
            backlog: Part::new(&mut s.backlog),
            share: Part::new(&mut s.share),
            full: Part::new(&mut mass.full),
            cut: Part::new(&mut mass.cut),
            taken: Part::new(&mut mass.taken),
            gone: Part::new(&mut mass.gone),
            limited: &mut s.limited,
            flow: &s.flow,
            capacity: &s.capacity,
            usage: &s.usage,
            final_demand: &s.final_demand,
        };
        (view, &mut s.scratch)
    }

    /// Takes off what belongs to the sites before `ends`.
    pub(crate) fn before(&mut self, ends: &Ends, sites: usize) -> Self {
        let (limited, rest) = std::mem::take(&mut self.limited).split_at_mut(sites);
        self.limited = rest;
        SupplyView {
            overtime: self.overtime.before(ends.site),
            need: self.need.before(ends.site),
            limiting: self.limiting.before(ends.site),
            possible: self.possible.before(ends.site),
            actual: self.actual.before(ends.site),
            stock: self.stock.before(ends.input),
            used: self.used.before(ends.input),
            held: self.held.before(ends.output),
            backlog: self.backlog.before(ends.output),
            share: self.share.before(ends.tier),
            full: self.full.before(ends.site),
            cut: self.cut.before(ends.site),
            taken: self.taken.before(ends.input),
            gone: self.gone.before(ends.output),
            limited,
            ..*self
        }
    }
}

/// What orders and arrivals work on.
#[derive(Debug)]
pub(crate) struct OrdersView<'a, const B: usize> {
    pub(crate) expected: Part<'a, B>,
    pub(crate) stock: Part<'a, B>,
    pub(crate) transit: Part<'a, B>,
    pub(crate) reserve_transit: Part<'a, B>,
    pub(crate) pipeline: Part<'a, B>,
    pub(crate) sought: Part<'a, B>,
    pub(crate) order: Part<'a, B>,
    pub(crate) ring: Part<'a, B>,
    pub(crate) weight: Part<'a, B>,
    /// What lanes have brought, of those that are counted one by one.
    pub(crate) brought: Part<'a, B>,
    /// What passes of orders that are thinned at the supplier, from the last order on.
    pub(crate) thinned: &'a [Row<B>],
    pub(crate) possible: &'a [Row<B>],
    pub(crate) usage: &'a [Row<B>],
    pub(crate) used: &'a [Row<B>],
    pub(crate) overtime: &'a [Row<B>],
    pub(crate) capacity: &'a [Row<B>],
    pub(crate) share: &'a [Row<B>],
    pub(crate) turns: &'a [u32],
    pub(crate) next_turns: &'a [u32],
    /// Conditions of the next step: by passage, whether that is not wholly open in some trial, and by project.
    pub(crate) next: &'a [Passage<B>],
    pub(crate) shut: &'a [bool],
    pub(crate) ramp: &'a [Row<B>],
}

impl<'a, const B: usize> OrdersView<'a, B> {
    #[inline(always)]
    pub(crate) fn new(
        plan: &Plan,
        s: &'a mut State<B>,
        brought: &'a mut [Row<B>],
    ) -> (Self, &'a mut [Scratch<B>]) {
        let (order, thinned) = s.flow.split_at_mut(plan.lanes.len());
        let view = OrdersView {
            expected: Part::new(&mut s.expected),
            stock: Part::new(&mut s.stock),
            transit: Part::new(&mut s.transit),
            reserve_transit: Part::new(&mut s.reserve_transit),
            pipeline: Part::new(&mut s.pipeline),
            sought: Part::new(&mut s.sought),
            order: Part::new(order),
            ring: Part::new(&mut s.ring),
            weight: Part::new(&mut s.weight),
            brought: Part::new(brought),
            thinned,
            possible: &s.possible,
            usage: &s.usage,
            used: &s.used,
            overtime: &s.overtime,
            capacity: &s.capacity,
            share: &s.share,
            turns: &s.turns,
            next_turns: &s.next_turns,
            next: &s.conditions.next,
            shut: &s.conditions.shut,
            ramp: &s.conditions.ramp,
        };
        (view, &mut s.scratch)
    }

    /// Takes off what belongs to the sites before `ends`.
    pub(crate) fn before(&mut self, ends: &Ends) -> Self {
        OrdersView {
            expected: self.expected.before(ends.site),
            stock: self.stock.before(ends.input),
            transit: self.transit.before(ends.input),
            reserve_transit: self.reserve_transit.before(ends.input),
            pipeline: self.pipeline.before(ends.input),
            sought: self.sought.before(ends.input),
            order: self.order.before(ends.lane),
            ring: self.ring.before(ends.ring),
            weight: self.weight.before(ends.lane),
            brought: self.brought.before(ends.counted),
            ..*self
        }
    }
}

/// The network as it is walked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PlanView<'a> {
    pub(crate) sites: &'a [SitePlan],
    pub(crate) inputs: &'a [InputPlan],
    pub(crate) outputs: &'a [OutputPlan],
    pub(crate) tiers: &'a [TierPlan],
    pub(crate) lanes: &'a [LanePlan],
    pub(crate) served: &'a [ServedPlan],
    pub(crate) usage: &'a [f64],
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
                tiers: &plan.tiers,
                lanes: &plan.lanes,
                served: &plan.served,
                usage: &plan.usage,
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

/// Where a walk is: part `v` of each row, in a network with these constants.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At<'a, S: Simd, const W: usize, const B: usize> {
    pub(crate) simd: Width<S, W>,
    pub(crate) v: usize,
    pub(crate) p: &'a PreparedView<'a, B>,
}
