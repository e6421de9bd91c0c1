//! Phases 6 and 7: rationing and dispatch.

use crate::engine::ledger::MassView;
use crate::engine::plan::{SitePlan, TierPlan};
use crate::engine::rows::Row;
use crate::engine::vector::{V, Width};
use crate::engine::view::{PreparedView, StateView};
use crate::scenario::Rationing;
use pulp::Simd;

/// Phases 6 and 7 of output `o`: rationing by priority class, dispatch, and disposal of what cannot be stored.
#[inline(always)]
pub(super) fn ration<S: Simd, const W: usize, const B: usize>(
    simd: Width<S, W>,
    v: usize,
    p: &PreparedView<'_, B>,
    s: &mut StateView<'_, B>,
    mass: &mut MassView<'_, B>,
    o: usize,
    site: &SitePlan,
) {
    let plan = &p.plan;
    let output = &plan.outputs[o];
    let gone = &mut mass.gone[output.commodity as usize];
    let held = V::of(simd, &s.held[o], v);
    let available = if site.is_reserve { held.min(V::of(simd, &p.release[o], v)) } else { held };
    let mut left = available;
    for tier in &output.tiers {
        let mut wanted = V::all(simd, 0.0);
        if tier.served == output.served && !site.is_reserve {
            wanted = V::of(simd, &s.asked[o - site.outputs.start as usize], v);
        } else {
            for lane in &plan.served[tier.served.start as usize..tier.served.end as usize] {
                wanted = wanted + V::of(simd, &s.flow[lane.passing as usize], v);
            }
        }
        let last = tier.final_demand && output.final_demand;
        if !last && tier.served.is_empty() {
            continue;
        }
        let mut waiting = V::all(simd, 0.0);
        if last {
            waiting = V::of(simd, &s.final_demand[o], v) + V::of(simd, &s.backlog[o], v);
            wanted = wanted + waiting;
        }
        let short = wanted.over(left);
        if !short.any() {
            left = if output.apart || site.rationing == Rationing::WaterFilling {
                serve(simd, v, p, s, tier, site.rationing, left, wanted, waiting)
            } else {
                (left - wanted).positive()
            };
            if last {
                V::all(simd, 0.0).put(&mut s.backlog[o], v);
                (V::of(simd, gone, v) + waiting).put(gone, v);
            }
        } else {
            let share = match site.rationing {
                Rationing::Proportional => {
                    let share = left.fed(wanted);
                    left = (left - share * wanted).positive();
                    for lane in &plan.served[tier.served.start as usize..tier.served.end as usize] {
                        let sent = V::of(simd, &s.flow[lane.passing as usize], v) * share;
                        sent.put(&mut s.flow[lane.sent.row(s.turns)], v);
                    }
                    share
                }
                Rationing::WaterFilling => {
                    fill_up(simd, v, p, s, o, tier, last.then_some(waiting), &mut left, wanted)
                }
            };
            if last {
                deliver(simd, v, p, s, o, share, gone);
            }
        }
    }
    let mut held = if site.is_reserve { (held - (available - left)).positive() } else { left };
    let excess = (held - V::of(simd, &p.storage[o], v)).positive();
    held = held - excess;
    held.put(&mut s.held[o], v);
    (V::of(simd, gone, v) + excess).put(gone, v);
}

/// Everybody gets what they want: what is left.
#[expect(clippy::too_many_arguments, reason = "one tier of one output of one step")]
#[inline(always)]
fn serve<S: Simd, const W: usize, const B: usize>(
    simd: Width<S, W>,
    v: usize,
    p: &PreparedView<'_, B>,
    s: &mut StateView<'_, B>,
    tier: &TierPlan,
    rule: Rationing,
    left: V<S, W>,
    wanted: V<S, W>,
    waiting: V<S, W>,
) -> V<S, W> {
    let mut one_by_one = left;
    for lane in &p.plan.served[tier.served.start as usize..tier.served.end as usize] {
        let (passing, sent) = (lane.passing as usize, lane.sent.row(s.turns));
        if passing != sent {
            V::of(simd, &s.flow[passing], v).put(&mut s.flow[sent], v);
        }
        if rule == Rationing::WaterFilling {
            one_by_one = (one_by_one - V::of(simd, &s.flow[sent], v)).positive();
        }
    }
    match rule {
        Rationing::Proportional => (left - wanted).positive(),
        Rationing::WaterFilling => (one_by_one - waiting).positive(),
    }
}

/// Water-filling where somebody goes short in some trial: the share that final demand gets.
#[expect(clippy::too_many_arguments, reason = "one tier of one output of one step")]
#[inline(always)]
fn fill_up<S: Simd, const W: usize, const B: usize>(
    simd: Width<S, W>,
    v: usize,
    p: &PreparedView<'_, B>,
    s: &mut StateView<'_, B>,
    o: usize,
    tier: &TierPlan,
    waiting: Option<V<S, W>>,
    left: &mut V<S, W>,
    wanted: V<S, W>,
) -> V<S, W> {
    let zero = V::all(simd, 0.0);
    let lanes = &p.plan.served[tier.served.start as usize..tier.served.end as usize];
    let mut level = zero;
    // Each round fills at least one customer, or is the last.
    for _ in 0..=lanes.len() + 1 {
        let (mut filled, mut volume) = (zero, zero);
        for lane in lanes {
            let passing = V::of(simd, &s.flow[lane.passing as usize], v);
            let usual = V::of(simd, &p.volume[lane.lane as usize], v);
            let thirsty = passing.over(level * usual);
            filled = filled + thirsty.select(zero, passing);
            volume = volume + thirsty.select(usual, zero);
        }
        if let Some(waiting) = waiting {
            let usual = V::of(simd, &p.final_demand[o], v);
            let thirsty = waiting.over(level * usual);
            filled = filled + thirsty.select(zero, waiting);
            volume = volume + thirsty.select(usual, zero);
        }
        let next = volume.over(zero).select((*left - filled).positive() / volume, level);
        let rises = next.over(level);
        if !rises.any() {
            break;
        }
        level = rises.select(next, level);
    }
    let short = wanted.over(*left);
    for lane in lanes {
        let passing = V::of(simd, &s.flow[lane.passing as usize], v);
        let usual = V::of(simd, &p.volume[lane.lane as usize], v);
        let sent = short.select(passing.min(level * usual), passing);
        sent.put(&mut s.flow[lane.sent.row(s.turns)], v);
        *left = (*left - sent).positive();
    }
    let Some(waiting) = waiting else { return V::all(simd, 1.0) };
    let got = waiting.min(level * V::of(simd, &p.final_demand[o], v)).min(*left);
    let got = short.select(got, waiting);
    *left = (*left - got).positive();
    got.fed(waiting)
}

/// Final demand gets `share` of what it wants; part of the rest waits.
#[inline(always)]
fn deliver<S: Simd, const W: usize, const B: usize>(
    simd: Width<S, W>,
    v: usize,
    p: &PreparedView<'_, B>,
    s: &mut StateView<'_, B>,
    o: usize,
    share: V<S, W>,
    gone: &mut Row<B>,
) {
    let (fresh, backlog) = (V::of(simd, &s.final_demand[o], v), V::of(simd, &s.backlog[o], v));
    let (patience, waiting) = (V::of(simd, &p.patience[o], v), V::of(simd, &p.waiting[o], v));
    (V::of(simd, gone, v) + share * (fresh + backlog)).put(gone, v);
    ((patience * backlog + waiting * fresh) * (V::all(simd, 1.0) - share)).put(&mut s.backlog[o], v);
}
