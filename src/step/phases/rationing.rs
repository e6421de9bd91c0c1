//! Phase 6: rationing.

use super::dispatch::filled;
use crate::scenario::Rationing;
use crate::schedule::rows::{Row, stretch};
use crate::step::plan::{OutputPlan, Serves, SitePlan, TierPlan, numbers};
use crate::step::vector::V;
use crate::step::view::{At, SupplyView};
use pulp::Simd;

/// An output that is rationed.
pub(super) struct Rationed<'a, S: Simd, const W: usize> {
    pub(super) o: usize,
    pub(super) plan: &'a OutputPlan,
    pub(super) rationing: Rationing,
    /// What was made in this step, and what all its lanes ask for.
    pub(super) made: V<S, W>,
    pub(super) asked: V<S, W>,
}

/// Phase 6 of an output: rationing by priority class, which leaves a share for each, and disposal of what cannot be
/// stored.
#[inline(always)]
pub(super) fn ration<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut SupplyView<'_, B>,
    output: Rationed<'_, S, W>,
) {
    let Rationed { o, plan, rationing, made, asked } = output;
    let available = if plan.stored { at.of(&s.held[o]) + made } else { made };
    let (left, leaves) = serve(at, s, (o, plan, rationing), (available, asked));
    let limit = if plan.stored { at.of(&at.p.storage[o]) } else { at.all(0.0) };
    if left.over(limit).any() {
        let excess = (left - limit).positive();
        if plan.stored {
            (left - excess).put(&mut s.held[o], at.v);
        }
        at.add(&mut s.gone[o], leaves + excess);
    } else {
        if plan.stored {
            left.put(&mut s.held[o], at.v);
        }
        if plan.final_demand {
            at.add(&mut s.gone[o], leaves);
        }
    }
}

/// Phase 6 of an output that is not stored, served in proportion to what is asked for.
#[inline(always)]
pub(super) fn serve_simply<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut SupplyView<'_, B>,
    serves: Serves,
    output: Rationed<'_, S, W>,
) {
    let Rationed { o, plan, made, asked, .. } = output;
    let (mut left, mut leaves, mut demand) = (made, at.all(0.0), at.all(0.0));
    if serves != Serves::Orders {
        demand = waiting(at, s, plan, o);
    }
    if serves != Serves::Final {
        let wanted = if serves == Serves::Alike { asked + demand } else { asked };
        let share;
        (share, left) = proportional(left, wanted);
        share.put(&mut s.share[stretch::<B>(&plan.shares, s.first.share).start], at.v);
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
        at.add(&mut s.gone[o], leaves + left);
    }
}

/// Serves all that is `wanted` alike from what is `left`: the share that all get, and what is left then.
#[inline(always)]
fn proportional<S: Simd, const W: usize>(left: V<S, W>, wanted: V<S, W>) -> (V<S, W>, V<S, W>) {
    let share = left.fed(wanted);
    (share, (left - share * wanted).positive())
}

/// Phase 6 of a reserve, which releases what it has at most at its rate.
#[inline(always)]
pub(super) fn release<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut SupplyView<'_, B>,
    site: &SitePlan,
) {
    for o in numbers(&site.outputs) {
        let plan = &at.p.plan.outputs[o];
        let held = at.of(&s.held[o]);
        let available = held.min(at.of(&at.p.release[o]));
        let mut asked = at.all(0.0);
        for &passing in &at.p.plan.served[numbers(&plan.served)] {
            asked = asked + at.of(&s.flow[passing as usize]);
        }
        let (left, mut leaves) = serve(at, s, (o, plan, site.rationing), (available, asked));
        let kept = (held - (available - left)).positive();
        let excess = (kept - at.of(&at.p.storage[o])).positive();
        leaves = leaves + excess;
        (kept - excess).put(&mut s.held[o], at.v);
        at.add(&mut s.gone[o], leaves);
    }
}

/// Serves priority classes in turn from what is `available`: what is left, and what final demand gets.
#[inline(always)]
fn serve<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut SupplyView<'_, B>,
    (o, plan, rationing): (usize, &OutputPlan, Rationing),
    (available, asked): (V<S, W>, V<S, W>),
) -> (V<S, W>, V<S, W>) {
    let (mut left, mut leaves) = (available, at.all(0.0));
    let mut row = stretch::<B>(&plan.shares, s.first.share).start;
    for tier in &at.p.plan.tiers[numbers(&plan.tiers)] {
        let mut wanted = asked;
        if !tier.all {
            wanted = at.all(0.0);
            for &passing in &at.p.plan.served[numbers(&tier.served)] {
                wanted = wanted + at.of(&s.flow[passing as usize]);
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
                let usually = at.of(&at.p.final_demand[o]);
                fill_up(at, tier, s.flow, (demand, usually), &mut left, wanted)
            }
        };
        if !tier.served.is_empty() {
            passes.put(&mut s.share[row], at.v);
            row += 1;
        }
        if tier.final_demand {
            wait(at, s, plan, o, share);
            leaves = share * demand;
        }
    }
    (left, leaves)
}

/// What final demand wants: that of the step, and what waits.
#[inline(always)]
pub(super) fn waiting<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &SupplyView<'_, B>,
    plan: &OutputPlan,
    o: usize,
) -> V<S, W> {
    let fresh = fresh(at, s, plan, o);
    if plan.waits { fresh + at.of(&s.backlog[o]) } else { fresh }
}

/// Final demand of the step.
#[inline(always)]
fn fresh<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &SupplyView<'_, B>,
    plan: &OutputPlan,
    o: usize,
) -> V<S, W> {
    if plan.moves { at.of(&s.final_demand[o]) } else { at.final_demand(o) }
}

/// Water-filling: the level, and the share that final demand gets, given what it wants and usually takes.
#[inline(always)]
fn fill_up<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    tier: &TierPlan,
    flow: &[Row<B>],
    (waiting, usually): (V<S, W>, V<S, W>),
    left: &mut V<S, W>,
    wanted: V<S, W>,
) -> (V<S, W>, V<S, W>) {
    let At { simd, p, .. } = at;
    let (zero, one) = (V::all(simd, 0.0), V::all(simd, 1.0));
    let (passing, lanes) =
        (&p.plan.served[numbers(&tier.served)], &p.plan.served_lanes[numbers(&tier.served)]);
    let short = wanted.over(*left);
    let mut level = zero - one;
    if short.any() {
        level = zero;
        // Each round fills at least one customer, or is the last.
        for _ in 0..=lanes.len() + 1 {
            let (mut full, mut volume) = (zero, zero);
            for (passing, lane) in passing.iter().zip(lanes) {
                let passing = at.of(&flow[*passing as usize]);
                let usual = at.of(&p.volume[*lane as usize]);
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
    for (passing, lane) in passing.iter().zip(lanes) {
        let passing = at.of(&flow[*passing as usize]);
        let usual = at.of(&p.volume[*lane as usize]);
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

/// Final demand gets `share` of what it wants; part of the rest waits, where any does.
#[inline(always)]
fn wait<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut SupplyView<'_, B>,
    plan: &OutputPlan,
    o: usize,
    share: V<S, W>,
) {
    if !plan.waits {
        return;
    }
    let mut waiting = at.all(0.0);
    if at.all(1.0).over(share).any() {
        let (fresh, before) = (fresh(at, s, plan, o), at.of(&s.backlog[o]));
        let stays = at.constant(plan.patience) * before + at.constant(plan.waiting) * fresh;
        waiting = stays * (at.all(1.0) - share);
    }
    waiting.put(&mut s.backlog[o], at.v);
}
