//! Phases 3 to 7 of one site after another: demand, need and overtime, production and use, rationing and dispatch.
//!
//! None of these looks at another site, but for the orders of the last step and the rows for what is sent, so a site is
//! walked through all of them while its numbers are at hand.

use super::rationing::ration;
use crate::engine::plan::SitePlan;
use crate::engine::state::ScratchView;
use crate::engine::vector::{Mask, V, Width};
use crate::engine::view::{At, PreparedView, SupplyView};
use crate::scenario::Overtime;
use pulp::Simd;
use std::ops::Range;

/// Phases 3 to 7 of some sites, and of reserves what they release.
#[inline(always)]
pub(crate) fn supply<S: Simd, const W: usize, const B: usize>(
    simd: Width<S, W>,
    p: &PreparedView<'_, B>,
    s: &mut SupplyView<'_, B>,
    scratch: &mut ScratchView<'_, B>,
    sites: Range<usize>,
) {
    for (number, n) in sites.enumerate() {
        let site = &p.plan.sites[n];
        s.limited[number] = false;
        for v in simd.parts::<B>() {
            let at = At { simd, v, p };
            if !site.is_reserve {
                let actual = produce(at, s, scratch, n, site, number);
                for o in site.outputs.clone() {
                    let o = o as usize;
                    let yields = p.plan.outputs[o].yields;
                    let made = if yields { V::of(simd, &p.yields[o], v) * actual } else { actual };
                    let held = V::of(simd, &s.held[o], v) + made;
                    ration(at, s, scratch, o, site, held);
                }
            } else {
                for o in site.outputs.clone() {
                    let held = V::of(simd, &s.held[o as usize], v);
                    ration(at, s, scratch, o as usize, site, held);
                }
            }
        }
    }
}

/// Phases 3 to 5: the activity of a site, the `number`-th of those at hand.
#[inline(always)]
fn produce<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut SupplyView<'_, B>,
    scratch: &mut ScratchView<'_, B>,
    n: usize,
    site: &SitePlan,
    number: usize,
) -> V<S, W> {
    let At { simd, v, p } = at;
    let plan = &p.plan;
    let (zero, one) = (V::all(simd, 0.0), V::all(simd, 1.0));
    let mut need = zero;
    for o in site.outputs.clone() {
        let output = &plan.outputs[o as usize];
        let mut asked = zero;
        for lane in &plan.served[output.served.start as usize..output.served.end as usize] {
            asked = asked + V::of(simd, &s.flow[lane.passing as usize], v);
        }
        asked.put(&mut scratch.asked[(o - site.outputs.start) as usize], v);
        if output.driving {
            let o = o as usize;
            let mut demand = asked;
            if output.final_demand {
                demand = demand + (V::of(simd, &s.final_demand[o], v) + V::of(simd, &s.backlog[o], v));
            }
            let (goal, held) = (V::of(simd, &p.stock_goal[o], v), V::of(simd, &s.held[o], v));
            let restock = (goal - held).unless_rounding(goal) * V::of(simd, &p.adjustment[o], v);
            let wanted = (demand + restock).beyond(demand + held);
            need = need.max(if output.yields { wanted / V::of(simd, &p.yields[o], v) } else { wanted });
        }
    }
    need.put(&mut s.need[n], v);
    let capacity = V::of(simd, &s.capacity[n], v);
    let mut most = capacity;
    if let Some(rule) = site.overtime {
        let alpha = V::of(simd, &s.overtime[n], v);
        let (ceiling, gain) = (V::of(simd, &p.overtime_max[n], v), V::of(simd, &p.overtime_gain[n], v));
        let next = match rule {
            Overtime::Smooth => {
                let strained = need.over(capacity).and(capacity.over(zero));
                let ratio = if strained.any() { strained.select(need / capacity, one) } else { one };
                alpha + (ratio.min(ceiling) - alpha) * gain
            }
            Overtime::Ario => {
                let previous = V::of(simd, &s.actual[n], v);
                let scarcity = need.over(zero).select((need - previous) / need, zero);
                let moves = scarcity.max(zero - scarcity).over(V::all(simd, 1e-9));
                let pull = moves.select((ceiling - alpha) * scarcity, one - alpha);
                (alpha + pull * gain).max(one)
            }
        };
        next.put(&mut s.overtime[n], v);
        most = next * capacity;
    }
    let possible = most.min(need);
    possible.put(&mut s.possible[n], v);

    // Mostly no input is short in any trial: `lack` is at most 0.
    let mut lack = zero;
    let own = site.inputs.start as usize..site.inputs.end as usize;
    let known = &plan.usage[own.clone()];
    let (stocks, usages) = (&mut s.stock[own.clone()], &s.usage[own.clone()]);
    if site.threshold {
        for (number, (stock, usage)) in stocks.iter().zip(usages).enumerate() {
            let required =
                V::of(simd, &p.throttle[own.start + number], v) * (V::of(simd, usage, v) * possible);
            lack = lack.max(required - V::of(simd, stock, v));
        }
    } else if site.fixed {
        for (stock, usage) in stocks.iter().zip(known) {
            lack = lack.max(V::all(simd, *usage) * possible - V::of(simd, stock, v));
        }
    } else {
        for (stock, usage) in stocks.iter().zip(usages) {
            lack = lack.max(V::of(simd, usage, v) * possible - V::of(simd, stock, v));
        }
    }
    let actual = if lack.over(zero).any() {
        s.limited[number] = true;
        limit(at, s, scratch, n, site, possible, lack.over(zero))
    } else {
        if site.fixed {
            for (stock, usage) in stocks.iter_mut().zip(known) {
                (V::of(simd, stock, v) - V::all(simd, *usage) * possible).put(stock, v);
            }
        } else {
            for (stock, usage) in stocks.iter_mut().zip(usages) {
                (V::of(simd, stock, v) - V::of(simd, usage, v) * possible).put(stock, v);
            }
        }
        if site.renews {
            for i in own {
                (V::of(simd, &s.usage[i], v) * possible).put(&mut s.used[i], v);
            }
        }
        for &i in site.moving.iter() {
            let used = V::of(simd, &s.usage[i as usize], v) * possible;
            let total = &mut s.taken[i as usize];
            (V::of(simd, total, v) + used).put(total, v);
        }
        let total = &mut s.full[n];
        (V::of(simd, total, v) + possible).put(total, v);
        if site.followed {
            V::all(simd, -1.0).put(&mut s.limiting[n], v);
        }
        possible
    };
    actual.put(&mut s.actual[n], v);
    actual
}

/// Production and use where an input is short in some trial: the activity.
#[inline(always)]
fn limit<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut SupplyView<'_, B>,
    scratch: &mut ScratchView<'_, B>,
    n: usize,
    site: &SitePlan,
    possible: V<S, W>,
    short: Mask<S, W>,
) -> V<S, W> {
    let At { simd, v, p } = at;
    let plan = &p.plan;
    let (zero, one) = (V::all(simd, 0.0), V::all(simd, 1.0));
    // ℓ by group: what the inputs of the group let through.
    for group in &mut scratch.groups[..site.groups as usize] {
        one.put(group, v);
    }
    for (number, i) in site.inputs.clone().enumerate() {
        let i = i as usize;
        let mut required = V::of(simd, &s.usage[i], v) * possible;
        if plan.inputs[i].threshold {
            required = V::of(simd, &p.throttle[i], v) * required;
        }
        let ratio = V::of(simd, &s.stock[i], v).fed(required);
        ratio.put(&mut scratch.ratios[number], v);
        let group = &mut scratch.groups[plan.inputs[i].group as usize];
        (V::of(simd, group, v) - V::of(simd, &p.criticality[i], v) * (one - ratio)).put(group, v);
    }
    // The two lowest: an input is used as far as the other groups allow.
    let (mut lowest, mut second) = (one, one);
    for group in &mut scratch.groups[..site.groups as usize] {
        let passes = V::of(simd, group, v).positive();
        passes.put(group, v);
        second = second.min(lowest.max(passes));
        lowest = lowest.min(passes);
    }
    let cut = one.over(lowest);
    let (mut largest, mut limiting) = (zero, V::all(simd, -1.0));
    for (number, i) in site.inputs.clone().enumerate() {
        let i = i as usize;
        let ratio = V::of(simd, &scratch.ratios[number], v);
        let group = V::of(simd, &scratch.groups[plan.inputs[i].group as usize], v);
        if site.followed {
            // The limiting input: the largest cut in the lowest group.
            let own = V::of(simd, &p.criticality[i], v) * (one - ratio);
            let limits = cut.and(group.equals(lowest)).and(own.over(largest));
            largest = limits.select(own, largest);
            limiting = limits.select(V::all(simd, number as f64), limiting);
        }
        let others = group.over(lowest).select(lowest, second);
        let stock = V::of(simd, &s.stock[i], v);
        let used = stock.min(V::of(simd, &s.usage[i], v) * possible * ratio.min(others));
        (stock - used).put(&mut s.stock[i], v);
        if let Some(row) = s.used.get_mut(i) {
            used.put(row, v);
        }
        let total = &mut s.taken[i];
        let taken = if plan.inputs[i].moves { used } else { short.select(used, zero) };
        (V::of(simd, total, v) + taken).put(total, v);
    }
    if site.followed {
        limiting.put(&mut s.limiting[n], v);
    }
    let actual = possible * lowest;
    // A trial's sums must not show that it is its neighbour that is short.
    for (total, part) in
        [(&mut s.cut[n], short.select(actual, zero)), (&mut s.full[n], short.select(zero, actual))]
    {
        (V::of(simd, total, v) + part).put(total, v);
    }
    actual
}
