//! The state and the constants as the walks of a step see them: what a walk writes, in parts that threads can share, and
//! what it only reads, as slices. A walk has its views as values of its own, so that the compiler knows that no row it
//! writes moves a slice.

use super::ledger::Mass;
use super::plan::{
    CutPlan, Ends, InputPlan, Kind, LanePlan, LaneTies, OfferPlan, OutputPlan, Plan, SitePlan, Slot, TierPlan,
};
use super::prepare::Prepared;
use super::state::{Scratch, State};
use super::vector::{V, Width};
use crate::schedule::conditions::Passage;
use crate::schedule::rows::{Part, Row, first};
use pulp::Simd;

/// What demand, production and rationing work on. Slices that are written begin with what belongs to the first of the
/// sites that are walked.
#[derive(Debug)]
pub(crate) struct SupplyView<'a, const B: usize> {
    /// Where the slots of these sites begin.
    pub(crate) first: Ends,
    pub(crate) overtime: &'a mut [Row<B>],
    pub(crate) need: &'a mut [Row<B>],
    pub(crate) possible: &'a mut [Row<B>],
    pub(crate) actual: &'a mut [Row<B>],
    pub(crate) limiting: &'a mut [Row<B>],
    pub(crate) limited: &'a mut [bool],
    pub(crate) stock: &'a mut [Row<B>],
    pub(crate) held: Part<'a, B>,
    pub(crate) backlog: Part<'a, B>,
    /// By priority class of the outputs that serves lanes.
    pub(crate) share: &'a mut [Row<B>],
    pub(crate) strength: Part<'a, B>,
    /// What is added up for the balance of mass.
    pub(crate) made: &'a mut [Row<B>],
    pub(crate) taken: Part<'a, B>,
    pub(crate) gone: Part<'a, B>,
    pub(crate) used: Part<'a, B>,
    pub(crate) capacity: &'a [Row<B>],
    pub(crate) usage: &'a [Row<B>],
    pub(crate) final_demand: &'a [Row<B>],
    pub(crate) flow: &'a [Row<B>],
}

impl<'a, const B: usize> SupplyView<'a, B> {
    #[inline(always)]
    pub(crate) fn new(
        plan: &Plan,
        s: &'a mut State<B>,
        mass: &'a mut Mass<B>,
    ) -> (Self, &'a mut [Scratch<B>]) {
        let (sites, inputs, outputs, _) = plan.sizes();
        let view = SupplyView {
            first: Ends::default(),
            overtime: &mut s.overtime[..sites],
            need: &mut s.need[..sites],
            possible: &mut s.possible[..sites],
            actual: &mut s.actual[..sites],
            limiting: &mut s.limiting[..sites],
            limited: &mut s.limited[..sites],
            stock: &mut s.stock[..inputs],
            held: Part::new(&mut s.held[..outputs]),
            backlog: Part::new(&mut s.backlog[..outputs]),
            share: &mut s.share,
            strength: Part::new(&mut s.strength),
            made: &mut mass.made[..sites],
            taken: Part::new(&mut mass.taken[..inputs]),
            gone: Part::new(&mut mass.gone[..outputs]),
            used: Part::new(&mut s.used),
            capacity: &s.capacity[..sites],
            usage: &s.usage[..inputs],
            final_demand: &s.final_demand[..outputs],
            flow: &s.flow,
        };
        (view, &mut s.scratch)
    }

    /// Takes off what belongs to the sites from one end to another.
    pub(crate) fn before(&mut self, from: &Ends, to: &Ends) -> Self {
        let sites = to.site - from.site;
        SupplyView {
            first: *from,
            overtime: first(&mut self.overtime, sites),
            need: first(&mut self.need, sites),
            possible: first(&mut self.possible, sites),
            actual: first(&mut self.actual, sites),
            limiting: first(&mut self.limiting, sites),
            limited: first(&mut self.limited, sites),
            stock: first(&mut self.stock, to.input - from.input),
            held: self.held.before(to.output),
            backlog: self.backlog.before(to.output),
            share: first(&mut self.share, to.share - from.share),
            strength: self.strength.before(to.site),
            made: first(&mut self.made, sites),
            taken: self.taken.before(to.input),
            gone: self.gone.before(to.output),
            used: self.used.before(to.input),
            ..*self
        }
    }
}

/// What orders and arrivals work on. Slices that are written begin with what belongs to the first of the sites that are
/// walked.
#[derive(Debug)]
pub(crate) struct OrdersView<'a, const B: usize> {
    /// Where the slots of these sites begin.
    pub(crate) first: Ends,
    pub(crate) expected: &'a mut [Row<B>],
    pub(crate) stock: &'a mut [Row<B>],
    /// By lane.
    pub(crate) order: &'a mut [Row<B>],
    pub(crate) transit: Part<'a, B>,
    pub(crate) pipeline: Part<'a, B>,
    /// Shares and limits as they are at present, by lane for which they can move.
    pub(crate) planned: Part<'a, B>,
    pub(crate) limit: Part<'a, B>,
    pub(crate) weight: Part<'a, B>,
    pub(crate) reserve_transit: Part<'a, B>,
    pub(crate) sought: Part<'a, B>,
    pub(crate) ring: Part<'a, B>,
    /// What lanes have brought, of those that are counted one by one.
    pub(crate) brought: Part<'a, B>,
    /// What passes of orders that are thinned at the supplier, from the last order on.
    pub(crate) thinned: &'a [Row<B>],
    pub(crate) possible: &'a [Row<B>],
    pub(crate) usage: &'a [Row<B>],
    pub(crate) used: &'a [Row<B>],
    pub(crate) share: &'a [Row<B>],
    pub(crate) strength: &'a [Row<B>],
    pub(crate) turns: &'a [u32],
    /// Conditions of the next step, by passage; whether that is not wholly open in some trial; whether it is another than in
    /// this step.
    pub(crate) next: &'a [Passage<B>],
    pub(crate) shut: &'a [bool],
    pub(crate) turned: &'a [bool],
    /// By project.
    pub(crate) ramp: &'a [Row<B>],
}

impl<'a, const B: usize> OrdersView<'a, B> {
    #[inline(always)]
    pub(crate) fn new(
        plan: &Plan,
        s: &'a mut State<B>,
        brought: &'a mut [Row<B>],
    ) -> (Self, &'a mut [Scratch<B>]) {
        let (sites, inputs, _, lanes) = plan.sizes();
        let (order, thinned) = s.flow.split_at_mut(lanes);
        let view = OrdersView {
            first: Ends::default(),
            expected: &mut s.expected[..sites],
            stock: &mut s.stock[..inputs],
            order,
            transit: Part::new(&mut s.transit[..inputs]),
            pipeline: Part::new(&mut s.pipeline[..inputs]),
            planned: Part::new(&mut s.planned),
            limit: Part::new(&mut s.limit),
            weight: Part::new(&mut s.weight),
            reserve_transit: Part::new(&mut s.reserve_transit),
            sought: Part::new(&mut s.sought),
            ring: Part::new(&mut s.ring),
            brought: Part::new(brought),
            thinned,
            possible: &s.possible[..sites],
            usage: &s.usage[..inputs],
            used: &s.used,
            share: &s.share,
            strength: &s.strength,
            turns: &s.turns,
            next: &s.conditions.next,
            shut: &s.conditions.shut,
            turned: &s.conditions.turned,
            ramp: &s.conditions.ramp,
        };
        (view, &mut s.scratch)
    }

    /// Takes off what belongs to the sites from one end to another.
    pub(crate) fn before(&mut self, from: &Ends, to: &Ends) -> Self {
        OrdersView {
            first: *from,
            expected: first(&mut self.expected, to.site - from.site),
            stock: first(&mut self.stock, to.input - from.input),
            order: first(&mut self.order, to.lane - from.lane),
            transit: self.transit.before(to.input),
            pipeline: self.pipeline.before(to.input),
            planned: self.planned.before(to.noted),
            limit: self.limit.before(to.noted),
            weight: self.weight.before(to.lane),
            reserve_transit: self.reserve_transit.before(to.input),
            sought: self.sought.before(to.input),
            ring: self.ring.before(to.ring),
            brought: self.brought.before(to.counted),
            ..*self
        }
    }
}

/// The network as it is walked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PlanView<'a> {
    pub(crate) sites: &'a [SitePlan],
    pub(crate) inputs: &'a [InputPlan],
    pub(crate) cuts: &'a [CutPlan],
    pub(crate) offers: &'a [OfferPlan],
    pub(crate) outputs: &'a [OutputPlan],
    pub(crate) tiers: &'a [TierPlan],
    pub(crate) lanes: &'a [LanePlan],
    pub(crate) ties: &'a [LaneTies],
    pub(crate) served: &'a [Slot],
    pub(crate) served_lanes: &'a [Slot],
    pub(crate) usage: &'a [f64],
    pub(crate) known: &'a [Slot],
}

/// What [`Prepared`] holds, for the phases of a step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PreparedView<'a, const B: usize> {
    pub(crate) plan: PlanView<'a>,
    pub(crate) kinds: &'a [Kind],
    pub(crate) runs: &'a [u32],
    pub(crate) capacity: &'a [Row<B>],
    pub(crate) trigger: &'a [Row<B>],
    pub(crate) final_demand: &'a [Row<B>],
    pub(crate) stock_goal: &'a [Row<B>],
    pub(crate) storage: &'a [Row<B>],
    pub(crate) volume: &'a [Row<B>],
    pub(crate) planned: &'a [Row<B>],
    /// The same where they are known; else empty.
    pub(crate) known_planned: &'a [f64],
    /// `Λ` at the baseline where it is known; else empty.
    pub(crate) known_pipeline: &'a [f64],
    pub(crate) surge: &'a [Row<B>],
    /// The same where they are known; else empty.
    pub(crate) known_surge: &'a [f64],
    /// `K` by site and `F` by output where they are known; else empty.
    pub(crate) known_capacity: &'a [f64],
    pub(crate) known_demand: &'a [f64],
    pub(crate) release: &'a [Row<B>],
    pub(crate) constants: &'a [Row<B>],
    pub(crate) experience: &'a Row<B>,
}

impl<const B: usize> Prepared<B> {
    #[inline(always)]
    pub(crate) fn view(&self) -> PreparedView<'_, B> {
        let plan = &self.plan;
        // Rows of one kind are cut to one length, so that one check of a number serves them all.
        let (sites, inputs, outputs, lanes) = plan.sizes();
        PreparedView {
            plan: PlanView {
                sites: &plan.sites,
                inputs: &plan.inputs,
                cuts: &plan.cuts[..inputs],
                offers: &plan.offers[..inputs],
                outputs: &plan.outputs,
                tiers: &plan.tiers,
                lanes: &plan.lanes,
                ties: &plan.ties[..lanes],
                served: &plan.served,
                served_lanes: &plan.served_lanes,
                usage: &plan.usage[..inputs],
                known: &plan.known,
            },
            kinds: &self.kinds[..inputs],
            runs: &self.runs[..inputs],
            capacity: &self.capacity[..sites],
            trigger: &self.trigger,
            final_demand: &self.final_demand[..outputs],
            stock_goal: &self.stock_goal[..outputs],
            storage: &self.storage[..outputs],
            volume: &self.volume[..lanes],
            planned: &self.planned,
            known_planned: self.known.as_ref().map_or(&[], |known| &known.planned),
            known_pipeline: self.known.as_ref().map_or(&[], |known| &known.pipeline),
            surge: &self.surge,
            known_surge: self.known.as_ref().map_or(&[], |known| &known.surge),
            known_capacity: self.known.as_ref().map_or(&[], |known| &known.capacity),
            known_demand: self.known.as_ref().map_or(&[], |known| &known.final_demand),
            release: &self.release[..outputs],
            constants: &self.constants,
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

impl<S: Simd, const W: usize, const B: usize> At<'_, S, W, B> {
    /// Part of a row.
    #[inline(always)]
    pub(crate) fn of(self, row: &Row<B>) -> V<S, W> {
        V::of(self.simd, row, self.v)
    }

    /// Part of a row of constants.
    #[inline(always)]
    pub(crate) fn constant(self, row: Slot) -> V<S, W> {
        self.of(&self.p.constants[row as usize])
    }

    /// Planned share of a lane at the baseline.
    #[inline(always)]
    pub(crate) fn planned(self, e: usize) -> V<S, W> {
        self.known_or(self.p.known_planned, self.p.planned, e)
    }

    /// `m f` of a lane that has a limit, its limit while it is open.
    #[inline(always)]
    pub(crate) fn surge(self, e: usize) -> V<S, W> {
        self.known_or(self.p.known_surge, self.p.surge, e)
    }

    /// `K` of a site that nothing moves.
    #[inline(always)]
    pub(crate) fn capacity(self, n: usize) -> V<S, W> {
        self.known_or(self.p.known_capacity, self.p.capacity, n)
    }

    /// `F` of an output that nothing moves.
    #[inline(always)]
    pub(crate) fn final_demand(self, o: usize) -> V<S, W> {
        self.known_or(self.p.known_demand, self.p.final_demand, o)
    }

    /// The number of a slot where it is known, else its row.
    #[inline(always)]
    fn known_or(self, known: &[f64], rows: &[Row<B>], slot: usize) -> V<S, W> {
        match known.get(slot) {
            Some(x) => self.all(*x),
            None => self.of(&rows[slot]),
        }
    }

    /// `x` in each trial.
    #[inline(always)]
    pub(crate) fn all(self, x: f64) -> V<S, W> {
        V::all(self.simd, x)
    }

    /// Adds to a part of a row.
    #[inline(always)]
    pub(crate) fn add(self, row: &mut Row<B>, x: V<S, W>) {
        (self.of(row) + x).put(row, self.v);
    }
}
