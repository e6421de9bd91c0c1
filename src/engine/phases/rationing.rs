//! Phase 6: rationing.

use super::dispatch::filled;
use crate::engine::plan::{SitePlan, TierPlan};
use crate::engine::state::ScratchView;
use crate::engine::vector::V;
use crate::engine::view::{At, SupplyView};
use crate::scenario::Rationing;
use pulp::Simd;

/// Phase 6 of output `o`, which holds `held`: rationing by priority class, and disposal of what cannot be stored.
#[inline(always)]
pub(super) fn ration<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut SupplyView<'_, B>,
    scratch: &ScratchView<'_, B>,
    o: usize,
    site: &SitePlan,
    held: V<S, W>,
) {
    let At { simd, v, p } = at;
    let plan = &p.plan;
    let output = &plan.outputs[o];
    let available = if site.is_reserve { held.min(V::of(simd, &p.release[o], v)) } else { held };
    let (mut left, mut gone) = (available, V::all(simd, 0.0));
    for number in output.tiers.clone() {
        let tier = &plan.tiers[number as usize];
        let mut wanted = V::all(simd, 0.0);
        if tier.all && !site.is_reserve {
            wanted = V::of(simd, &scratch.asked[o - site.outputs.start as usize], v);
        } else {
            for lane in &plan.served[tier.served.start as usize..tier.served.end as usize] {
                wanted = wanted + V::of(simd, &s.flow[lane.passing as usize], v);
            }
        }
        let mut waiting = V::all(simd, 0.0);
        if tier.final_demand {
            waiting = V::of(simd, &s.final_demand[o], v) + V::of(simd, &s.backlog[o], v);
            wanted = wanted + waiting;
        }
        let share = match site.rationing {
            Rationing::Proportional => {
                let share = left.fed(wanted);
                left = (left - share * wanted).positive();
                share.put(&mut s.share[number as usize], v);
                share
            }
            Rationing::WaterFilling => fill_up(at, s, o, number as usize, tier, waiting, &mut left, wanted),
        };
        if tier.final_demand {
            wait(at, s, o, share);
            gone = share * waiting;
        }
    }
    let held = if site.is_reserve { (held - (available - left)).positive() } else { left };
    let limit = V::of(simd, &p.storage[o], v);
    let (mut kept, over) = (held, held.over(limit).any());
    if over {
        let excess = (held - limit).positive();
        kept = held - excess;
        gone = gone + excess;
    }
    kept.put(&mut s.held[o], v);
    if over || output.final_demand {
        let total = &mut s.gone[o];
        (V::of(simd, total, v) + gone).put(total, v);
    }
}

/// Water-filling: the share that final demand gets.
#[expect(clippy::too_many_arguments, reason = "one tier of one output of one step")]
#[inline(always)]
fn fill_up<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut SupplyView<'_, B>,
    o: usize,
    number: usize,
    tier: &TierPlan,
    waiting: V<S, W>,
    left: &mut V<S, W>,
    wanted: V<S, W>,
) -> V<S, W> {
    let At { simd, v, p } = at;
    let (zero, one) = (V::all(simd, 0.0), V::all(simd, 1.0));
    let lanes = &p.plan.served[tier.served.start as usize..tier.served.end as usize];
    let short = wanted.over(*left);
    let mut level = zero - one;
    if short.any() {
        level = zero;
        // Each round fills at least one customer, or is the last.
        for _ in 0..=lanes.len() + 1 {
            let (mut full, mut volume) = (zero, zero);
            for lane in lanes {
                let passing = V::of(simd, &s.flow[lane.passing as usize], v);
                let usual = V::of(simd, &p.volume[lane.lane as usize], v);
                let thirsty = passing.over(level * usual);
                full = full + thirsty.select(zero, passing);
                volume = volume + thirsty.select(usual, zero);
            }
            if tier.final_demand {
                let usual = V::of(simd, &p.final_demand[o], v);
                let thirsty = waiting.over(level * usual);
                full = full + thirsty.select(zero, waiting);
                volume = volume + thirsty.select(usual, zero);
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
    level.put(&mut s.share[number], v);
    for lane in lanes {
        let passing = V::of(simd, &s.flow[lane.passing as usize], v);
        let usual = V::of(simd, &p.volume[lane.lane as usize], v);
        *left = (*left - filled(passing, level, usual)).positive();
    }
    if !tier.final_demand {
        return one;
    }
    let got = filled(waiting, level, V::of(simd, &p.final_demand[o], v));
    let got = short.select(got.min(*left), waiting);
    *left = (*left - got).positive();
    got.fed(waiting)
}

/// Final demand gets `share` of what it wants; part of the rest waits.
#[inline(always)]
fn wait<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut SupplyView<'_, B>,
    o: usize,
    share: V<S, W>,
) {
    let At { simd, v, p } = at;
    let one = V::all(simd, 1.0);
    let mut backlog = V::all(simd, 0.0);
    if one.over(share).any() {
        let (fresh, before) = (V::of(simd, &s.final_demand[o], v), V::of(simd, &s.backlog[o], v));
        let (patience, waits) = (V::of(simd, &p.patience[o], v), V::of(simd, &p.waiting[o], v));
        backlog = (patience * before + waits * fresh) * (one - share);
    }
    backlog.put(&mut s.backlog[o], v);
}
