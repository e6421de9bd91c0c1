//! Phase 6: rationing.

use super::dispatch::filled;
use crate::engine::plan::{OutputPlan, SitePlan, TierPlan, numbers};
use crate::engine::rows::{Part, Row};
use crate::engine::state::OutputRows;
use crate::engine::vector::V;
use crate::engine::view::At;
use crate::scenario::Rationing;
use pulp::Simd;

/// An output that is rationed.
pub(super) struct Rationed<'a, const B: usize> {
    pub(super) o: usize,
    pub(super) plan: &'a OutputPlan,
    pub(super) rows: &'a mut OutputRows<B>,
    /// What all its lanes ask for; of a reserve irrelevant.
    pub(super) asked: &'a Row<B>,
    /// What passes of all orders there are.
    pub(super) flow: &'a [Row<B>],
}

/// Phase 6 of an output that holds `held`: rationing by priority class, which leaves `shares`, and disposal of what cannot be
/// stored.
#[inline(always)]
pub(super) fn ration<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    site: &SitePlan,
    output: Rationed<'_, B>,
    shares: &mut [Row<B>],
    gone: &mut Part<'_, B>,
    held: V<S, W>,
) {
    let At { simd, v, p } = at;
    let Rationed { o, plan, rows, asked, flow } = output;
    let available = if site.is_reserve { held.min(at.of(&p.release[o])) } else { held };
    let (mut left, mut leaves) = (available, V::all(simd, 0.0));
    let tiers = &p.plan.tiers[numbers(&plan.tiers)];
    for (tier, row) in tiers.iter().zip(shares) {
        let mut wanted = V::all(simd, 0.0);
        if tier.all && !site.is_reserve {
            wanted = at.of(asked);
        } else {
            for lane in &p.plan.served[numbers(&tier.served)] {
                wanted = wanted + at.of(&flow[lane.passing as usize]);
            }
        }
        let mut demand = V::all(simd, 0.0);
        if tier.final_demand {
            demand = waiting(at, plan, rows);
            wanted = wanted + demand;
        }
        let share = match site.rationing {
            Rationing::Proportional => {
                let share = left.fed(wanted);
                left = (left - share * wanted).positive();
                share.put(row, v);
                share
            }
            Rationing::WaterFilling => {
                let (level, got) =
                    fill_up(at, tier, flow, (demand, at.of(&p.final_demand[o])), &mut left, wanted);
                level.put(row, v);
                got
            }
        };
        if tier.final_demand {
            if plan.waits {
                wait(at, plan, rows, share);
            }
            leaves = share * demand;
        }
    }
    let held = if site.is_reserve { (held - (available - left)).positive() } else { left };
    let mut limit = V::all(simd, 0.0);
    if plan.stored {
        limit = at.of(&rows.storage);
    }
    let (mut kept, over) = (held, held.over(limit).any());
    if over {
        let excess = (held - limit).positive();
        kept = held - excess;
        leaves = leaves + excess;
    }
    if plan.stored {
        kept.put(&mut rows.held, v);
    }
    if over || plan.final_demand {
        at.add(&mut gone[o], leaves);
    }
}

/// What final demand wants: that of the step, and what waits.
#[inline(always)]
pub(super) fn waiting<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    plan: &OutputPlan,
    rows: &OutputRows<B>,
) -> V<S, W> {
    let fresh = at.of(&rows.final_demand);
    if plan.waits { fresh + at.of(&rows.backlog) } else { fresh }
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
    let lanes = &p.plan.served[numbers(&tier.served)];
    let short = wanted.over(*left);
    let mut level = zero - one;
    if short.any() {
        level = zero;
        // Each round fills at least one customer, or is the last.
        for _ in 0..=lanes.len() + 1 {
            let (mut full, mut volume) = (zero, zero);
            for lane in lanes {
                let passing = at.of(&flow[lane.passing as usize]);
                let usual = at.of(&p.volume[lane.lane as usize]);
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
    for lane in lanes {
        let passing = at.of(&flow[lane.passing as usize]);
        let usual = at.of(&p.volume[lane.lane as usize]);
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

/// Final demand gets `share` of what it wants; part of the rest waits.
#[inline(always)]
fn wait<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    plan: &OutputPlan,
    rows: &mut OutputRows<B>,
    share: V<S, W>,
) {
    let one = at.all(1.0);
    let mut backlog = at.all(0.0);
    if one.over(share).any() {
        let (fresh, before) = (at.of(&rows.final_demand), at.of(&rows.backlog));
        let (patience, waits) = (at.constant(plan.patience), at.constant(plan.waiting));
        backlog = (patience * before + waits * fresh) * (one - share);
    }
    backlog.put(&mut rows.backlog, at.v);
}
