//! The state as the walks of a step see it: rows that a walk writes, in parts that threads can share, and rows that it reads.

use super::index::{ConstantIx, FlowIx, ShareIx, TurnIx};
use super::plan::{Delay, Ends, LanePlan};
use super::prepare::PreparedView;
use super::state::{Live, OrderedView, Scratch, StocksView, SumsView, SuppliedView};
use super::vector::{V, Width};
use crate::network::{
    InputIx, Items, Ix, LaneIx, OutputIx, PassageIx, ProjectIx, RebuildingIx, SiteIx, ThinnedIx,
};
use crate::schedule::conditions::Passage;
use crate::schedule::part::Part;
use crate::schedule::rows::Row;
use pulp::Simd;

/// The rows of demand, production and rationing.
#[derive(Debug)]
pub(crate) struct SupplyView<'a, const B: usize> {
    pub(crate) supplied: SuppliedView<'a, B>,
    pub(crate) stocks: StocksView<'a, B>,
    pub(crate) sums: SumsView<'a, B>,
    pub(crate) limited: Part<'a, SiteIx, B, bool>,
    pub(crate) capacity: Items<'a, SiteIx, Row<B>>,
    pub(crate) usage: Items<'a, InputIx, Row<B>>,
    pub(crate) final_demand: Items<'a, OutputIx, Row<B>>,
    pub(crate) flow: Items<'a, FlowIx, Row<B>>,
    /// Share of the step since the onset of each rebuilding.
    pub(crate) begun: Items<'a, RebuildingIx, Row<B>>,
}

impl<'a, const B: usize> SupplyView<'a, B> {
    #[inline(always)]
    pub(crate) fn new<'l: 'a>(s: &'a mut Live<'l, B>) -> (Self, &'a mut [Scratch<B>]) {
        let sizes = &s.sizes;
        let view = SupplyView {
            supplied: s.supplied.walked(sizes),
            stocks: s.stocks.walked(sizes),
            sums: s.sums.walked(sizes),
            limited: Part::new(&mut s.limited.items()[..sizes.sites]),
            capacity: s.conditioned.capacity.read().first(sizes.sites),
            usage: s.conditioned.usage.read().first(sizes.inputs),
            final_demand: s.conditioned.final_demand.read().first(sizes.outputs),
            flow: s.flows.flow.read(),
            begun: s.conditions.begun.view(),
        };
        (view, &mut *s.scratch)
    }

    /// Takes off the rows of the sites before a place.
    pub(crate) fn before(&mut self, to: &Ends) -> Self {
        SupplyView {
            supplied: self.supplied.before(to),
            stocks: self.stocks.before(to),
            sums: self.sums.before(to),
            limited: self.limited.before(to.site),
            ..*self
        }
    }
}

/// The rows of orders and arrivals.
#[derive(Debug)]
pub(crate) struct OrdersView<'a, const B: usize> {
    pub(crate) ordered: OrderedView<'a, B>,
    pub(crate) stocks: StocksView<'a, B>,
    pub(crate) sums: SumsView<'a, B>,
    pub(crate) order: Part<'a, LaneIx, B>,
    /// Passing orders of lanes that are thinned at the supplier.
    pub(crate) thinned: Items<'a, ThinnedIx, Row<B>>,
    pub(crate) possible: Items<'a, SiteIx, Row<B>>,
    pub(crate) strength: Items<'a, SiteIx, Row<B>>,
    /// `a` before thrift.
    pub(crate) usage: Items<'a, InputIx, Row<B>>,
    /// `a` after it, where any users may save.
    pub(crate) saved: Items<'a, InputIx, Row<B>>,
    pub(crate) used: Items<'a, InputIx, Row<B>>,
    pub(crate) share: Items<'a, ShareIx, Row<B>>,
    pub(crate) turns: Items<'a, TurnIx, u32>,
    /// Conditions of the next step; whether a passage is not wholly open in some trial; whether it is another than in this step.
    pub(crate) next: Items<'a, PassageIx, Passage<B>>,
    pub(crate) shut: Items<'a, PassageIx, bool>,
    pub(crate) turned: Items<'a, PassageIx, bool>,
    pub(crate) ramp: Items<'a, ProjectIx, Row<B>>,
}

impl<'a, const B: usize> OrdersView<'a, B> {
    #[inline(always)]
    pub(crate) fn new<'l: 'a>(s: &'a mut Live<'l, B>) -> (Self, &'a mut [Scratch<B>]) {
        let sizes = &s.sizes;
        let (order, thinned) = s.flows.flow.items().split_at_mut(sizes.lanes);
        let usage = s.conditioned.usage.read().first(sizes.inputs);
        let full_usage = s.conditioned.full_usage.read().first(sizes.saving);
        let view = OrdersView {
            ordered: s.ordered.walked(sizes),
            stocks: s.stocks.walked(sizes),
            sums: s.sums.walked(sizes),
            order: Part::new(order),
            thinned: Items::new(thinned),
            possible: s.supplied.possible.read().first(sizes.sites),
            strength: s.supplied.strength.read(),
            usage: if sizes.saving > 0 { full_usage } else { usage },
            saved: usage.first(sizes.saving),
            used: s.supplied.used.read(),
            share: s.supplied.share.read(),
            turns: s.turns.view(),
            next: s.conditions.next.view(),
            shut: s.conditions.shut.view(),
            turned: s.conditions.turned.view(),
            ramp: s.conditions.ramp.view(),
        };
        (view, &mut *s.scratch)
    }

    /// Takes off the rows of the sites before a place.
    pub(crate) fn before(&mut self, to: &Ends) -> Self {
        OrdersView {
            ordered: self.ordered.before(to),
            stocks: self.stocks.before(to),
            sums: self.sums.before(to),
            order: self.order.before(to.lane),
            ..*self
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
    pub(crate) fn constant(self, row: ConstantIx) -> V<S, W> {
        self.of(&self.p.facts.constants[row])
    }

    /// `L − 1` of a lane.
    #[inline(always)]
    pub(crate) fn delay(self, lane: &LanePlan) -> V<S, W> {
        match lane.delay() {
            Delay::Known(delay) => self.all(f64::from(delay)),
            Delay::Drawn(delay) => self.constant(delay),
        }
    }

    /// Planned share of a lane at the baseline.
    #[inline(always)]
    pub(crate) fn planned(self, e: LaneIx) -> V<S, W> {
        self.known_or(self.p.known.planned, self.p.facts.planned, e)
    }

    /// `m f` of a lane that has a limit, its limit while it is open.
    #[inline(always)]
    pub(crate) fn surge(self, e: LaneIx) -> V<S, W> {
        self.known_or(self.p.known.surge, self.p.facts.surge, e)
    }

    /// `K` of a site that nothing moves.
    #[inline(always)]
    pub(crate) fn capacity(self, n: SiteIx) -> V<S, W> {
        self.known_or(self.p.known.capacity, self.p.facts.capacity, n)
    }

    /// `F` of an output that nothing moves.
    #[inline(always)]
    pub(crate) fn final_demand(self, o: OutputIx) -> V<S, W> {
        self.known_or(self.p.known.final_demand, self.p.facts.final_demand, o)
    }

    /// A number where it is known, else its row.
    #[inline(always)]
    fn known_or<I: Ix>(self, known: Items<'_, I, f64>, rows: Items<'_, I, Row<B>>, number: I) -> V<S, W> {
        match known.get(number.at()) {
            Some(x) => self.all(*x),
            None => self.of(&rows[number]),
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
