//! Phase 6: rationing.

use super::dispatch::filled;
use super::rebuilding::{rebuild, rebuilding};
use crate::network::{Items, OutputIx};
use crate::scenario::Rationing;
use crate::schedule::rows::Row;
use crate::step::index::FlowIx;
use crate::step::plan::{FinalDemand, Motion, Orders, OutputPlan, Serves, SitePlan, TierPlan};
use crate::step::vector::V;
use crate::step::view::{At, SupplyView};
use pulp::Simd;

/// An output that is rationed.
pub(super) struct Rationed<'a, S: Simd, const W: usize> {
    pub(super) o: OutputIx,
    pub(super) plan: &'a OutputPlan,
    /// The output of this step, and the orders for it over all lanes.
    pub(super) made: V<S, W>,
    pub(super) asked: V<S, W>,
}

/// Phase 6 of an output: rationing by priority class, which leaves a share for each, and disposal of goods that
/// cannot be stored.
#[inline(always)]
pub(super) fn ration<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut SupplyView<'_, B>,
    rationing: Rationing,
    output: Rationed<'_, S, W>,
) {
    let Rationed { o, plan, made, asked } = output;
    let available = if plan.stored { at.of(&s.stocks.held[o]) + made } else { made };
    let (left, leaves) = serve(at, s, (o, plan, rationing), (available, asked));
    let limit = if plan.stored { at.of(&at.p.facts.storage[o]) } else { at.all(0.0) };
    if left.over(limit).any() {
        let excess = (left - limit).positive();
        if plan.stored {
            (left - excess).put(&mut s.stocks.held[o], at.v);
        }
        at.add(&mut s.sums.gone[o], leaves + excess);
    } else {
        if plan.stored {
            left.put(&mut s.stocks.held[o], at.v);
        }
        if !plan.demand.is_none() {
            at.add(&mut s.sums.gone[o], leaves);
        }
    }
}

/// Phase 6 of an output that is not stored, served in proportion to orders.
#[inline(always)]
pub(super) fn serve_simply<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut SupplyView<'_, B>,
    serves: Serves,
    output: Rationed<'_, S, W>,
) {
    let Rationed { o, plan, made, asked } = output;
    let (mut left, mut leaves, mut demand) = (made, at.all(0.0), at.all(0.0));
    if serves != Serves::Orders {
        demand = waiting(at, s, plan, o);
    }
    if serves != Serves::Final {
        let wanted = if serves == Serves::Alike { asked + demand } else { asked };
        let share;
        (share, left) = proportional(left, wanted);
        share.put(&mut s.supplied.share[plan.shares.start], at.v);
        if serves == Serves::Alike {
            leaves = share * demand;
            wait(at, s, plan, o, share);
        }
    }
    if matches!(serves, Serves::OrdersFirst | Serves::Final) {
        let share;
        (share, left) = proportional(left, demand);
        leaves = share * demand;
        wait(at, s, plan, o, share);
    }
    if serves != Serves::Orders || left.over(at.all(0.0)).any() {
        at.add(&mut s.sums.gone[o], leaves + left);
    }
}

/// Serves all that is `wanted` alike from the rest that is `left`: the share that all get, and the new rest.
#[inline(always)]
fn proportional<S: Simd, const W: usize>(left: V<S, W>, wanted: V<S, W>) -> (V<S, W>, V<S, W>) {
    let share = left.fed(wanted);
    (share, (left - share * wanted).positive())
}

/// Phase 6 of a reserve, which releases its stock at most at its rate.
#[inline(always)]
pub(super) fn release<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut SupplyView<'_, B>,
    site: &SitePlan,
    rationing: Rationing,
) {
    for o in site.outputs {
        let plan = &at.p.plan.outputs[o];
        let held = at.of(&s.stocks.held[o]);
        let available = held.min(at.of(&at.p.facts.release[o]));
        let asked = asked(at, s, plan);
        let (left, mut leaves) = serve(at, s, (o, plan, rationing), (available, asked));
        let kept = (held - (available - left)).positive();
        let excess = (kept - at.of(&at.p.facts.storage[o])).positive();
        leaves = leaves + excess;
        (kept - excess).put(&mut s.stocks.held[o], at.v);
        at.add(&mut s.sums.gone[o], leaves);
    }
}

/// Serves priority classes in turn from the `available` goods: the rest, and deliveries to final demand.
#[inline(always)]
fn serve<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut SupplyView<'_, B>,
    (o, plan, rationing): (OutputIx, &OutputPlan, Rationing),
    (available, asked): (V<S, W>, V<S, W>),
) -> (V<S, W>, V<S, W>) {
    let (mut left, mut leaves) = (available, at.all(0.0));
    let mut shares = plan.shares.into_iter();
    for tier in &at.p.plan.tiers[plan.tiers] {
        let mut wanted = at.all(0.0);
        match tier.orders {
            Orders::None => {}
            Orders::All(_) => wanted = asked,
            Orders::Some(served) => {
                for &passing in &at.p.plan.served[served] {
                    wanted = wanted + at.of(&s.flow[passing]);
                }
            }
        }
        let mut demand = at.all(0.0);
        if tier.final_demand {
            demand = waiting(at, s, plan, o);
            wanted = wanted + demand;
        }
        let (passes, share) = match rationing {
            Rationing::Proportional => {
                let share;
                (share, left) = proportional(left, wanted);
                (share, share)
            }
            Rationing::WaterFilling => {
                let usually = usual(at, s, plan, o);
                fill_up(at, tier, s.flow, (demand, usually), &mut left, wanted)
            }
        };
        if tier.orders != Orders::None
            && let Some(row) = shares.next()
        {
            passes.put(&mut s.supplied.share[row], at.v);
        }
        if tier.final_demand {
            wait(at, s, plan, o, share);
            leaves = share * demand;
        }
    }
    (left, leaves)
}

/// Final demand: that of the step, that which waits, and that of rebuilding.
#[inline(always)]
pub(super) fn waiting<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &SupplyView<'_, B>,
    plan: &OutputPlan,
    o: OutputIx,
) -> V<S, W> {
    match plan.demand {
        FinalDemand::None => at.all(0.0),
        FinalDemand::Lost(motion) => fresh(at, s, motion, o),
        FinalDemand::Waits { demand, .. } => fresh(at, s, demand, o) + at.of(&s.supplied.backlog[o]),
        FinalDemand::Rebuilds { demand, tasks, .. } => {
            fresh(at, s, demand, o) + at.of(&s.supplied.backlog[o]) + rebuilding(at, s, tasks)
        }
    }
}

/// The usual volume of final demand: before events, with the demand of rebuilding, which has no other.
#[inline(always)]
fn usual<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &SupplyView<'_, B>,
    plan: &OutputPlan,
    o: OutputIx,
) -> V<S, W> {
    let usually = at.of(&at.p.facts.final_demand[o]);
    match plan.demand {
        FinalDemand::Rebuilds { tasks, .. } => usually + rebuilding(at, s, tasks),
        _ => usually,
    }
}

/// Final demand of the step.
#[inline(always)]
fn fresh<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &SupplyView<'_, B>,
    motion: Motion,
    o: OutputIx,
) -> V<S, W> {
    match motion {
        Motion::Still => at.final_demand(o),
        Motion::Moves => at.of(&s.final_demand[o]),
    }
}

/// Water-filling: the level, and the share that final demand gets, given its demand and its usual volume.
#[inline(always)]
fn fill_up<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    tier: &TierPlan,
    flow: Items<'_, FlowIx, Row<B>>,
    (waiting, usually): (V<S, W>, V<S, W>),
    left: &mut V<S, W>,
    wanted: V<S, W>,
) -> (V<S, W>, V<S, W>) {
    let At { simd, p, .. } = at;
    let (zero, one) = (V::all(simd, 0.0), V::all(simd, 1.0));
    let served = tier.orders.served();
    let passing = &p.plan.served[served];
    let lanes = &p.plan.served_lanes[served][..passing.len()];
    let short = wanted.over(*left);
    let mut level = zero - one;
    if short.any() {
        level = zero;
        // Each round fills at least one customer, or is the last.
        for _ in 0..=lanes.len() + 1 {
            let (mut full, mut volume) = (zero, zero);
            for (number, passing) in passing.iter().enumerate() {
                let passing = at.of(&flow[*passing]);
                let usual = at.of(&p.facts.volume[lanes[number]]);
                let thirsty = passing.over(level * usual);
                full = full + thirsty.select(zero, passing);
                volume = volume + thirsty.select(usual, zero);
            }
            if tier.final_demand {
                let thirsty = waiting.over(level * usually);
                full = full + thirsty.select(zero, waiting);
                volume = volume + thirsty.select(usually, zero);
            }
            let next = volume.over(zero).select((*left - full).positive() / volume, level);
            let rises = next.over(level);
            if !rises.any() {
                break;
            }
            level = rises.select(next, level);
        }
        level = short.select(level, zero - one);
    }
    for (number, passing) in passing.iter().enumerate() {
        let passing = at.of(&flow[*passing]);
        let usual = at.of(&p.facts.volume[lanes[number]]);
        *left = (*left - filled(passing, level, usual)).positive();
    }
    if !tier.final_demand {
        return (level, one);
    }
    let got = filled(waiting, level, usually);
    let got = short.select(got.min(*left), waiting);
    *left = (*left - got).positive();
    (level, got.fed(waiting))
}

/// Final demand gets `share` of its demand; part of the rest waits, where any does, and the rest of rebuilding is still to be done.
#[inline(always)]
fn wait<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut SupplyView<'_, B>,
    plan: &OutputPlan,
    o: OutputIx,
    share: V<S, W>,
) {
    let (demand, waiting, patience) = match plan.demand {
        FinalDemand::None | FinalDemand::Lost(_) => return,
        FinalDemand::Waits { demand, waiting, patience } => (demand, waiting, patience),
        FinalDemand::Rebuilds { demand, waiting, patience, tasks } => {
            rebuild(at, s, tasks, share);
            (demand, waiting, patience)
        }
    };
    let mut waits = at.all(0.0);
    if at.all(1.0).over(share).any() {
        let (fresh, before) = (fresh(at, s, demand, o), at.of(&s.supplied.backlog[o]));
        let stays = at.constant(patience) * before + at.constant(waiting) * fresh;
        waits = stays * (at.all(1.0) - share);
    }
    waits.put(&mut s.supplied.backlog[o], at.v);
}

/// The orders for an output over all lanes.
#[inline(always)]
pub(super) fn asked<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &SupplyView<'_, B>,
    plan: &OutputPlan,
) -> V<S, W> {
    let mut asked = at.all(0.0);
    for &passing in &at.p.plan.served[plan.served] {
        asked = asked + at.of(&s.flow[passing]);
    }
    asked
}
