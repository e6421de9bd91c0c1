//! Phases 3 to 7 of one site after another: demand, need and overtime, production and use, rationing and dispatch.
//!
//! None of these looks at another site, but for the orders of the last step and the rows for what is sent, so a site is
//! walked through all of them while its numbers are at hand.

use super::rationing::{Rationed, ration, waiting};
use crate::engine::plan::{OutputPlan, SitePlan, numbers, span};
use crate::engine::rows::{FETCHED, Part, Row, far, fetch, first};
use crate::engine::state::{InputRows, OutputRows, ScratchView, SiteRows};
use crate::engine::vector::{Mask, V, Width};
use crate::engine::view::{At, PreparedView, SupplyView};
use crate::scenario::Overtime;
use pulp::Simd;
use std::mem::replace;
use std::ops::Range;

/// What belongs to the site that is walked.
struct Own<'s, 'a, const B: usize> {
    n: usize,
    rows: &'s mut SiteRows<B>,
    limited: &'s mut bool,
    inputs: &'s mut [InputRows<B>],
    full: &'s mut Row<B>,
    cut: &'s mut Part<'a, B>,
    taken: &'s mut Part<'a, B>,
    used: &'s mut Part<'a, B>,
}

/// Phases 3 to 7 of some sites, and of reserves what they release.
#[inline(always)]
pub(crate) fn supply<S: Simd, const W: usize, const B: usize>(
    simd: Width<S, W>,
    p: &PreparedView<'_, B>,
    mut s: SupplyView<'_, B>,
    scratch: &mut ScratchView<'_, B>,
    sites: Range<usize>,
) {
    let plans = &p.plan.sites[sites.clone()];
    let rows = s.sites.iter_mut().zip(s.limited).zip(s.full);
    let fetches = far::<B>(s.flow.len());
    for (number, ((n, site), ((rows, limited), full))) in sites.zip(plans).zip(rows).enumerate() {
        if fetches && number.is_multiple_of(FETCHED) {
            let next = &plans[number..plans.len().min(number + FETCHED)];
            let outputs = &p.plan.outputs[numbers(&span(next, |site| &site.outputs))];
            let served = &p.plan.served[numbers(&span(outputs, |output| &output.served))];
            fetch(s.flow, served, |lane| lane.passing);
        }
        let inputs = first(&mut s.inputs, site.inputs.len());
        let outputs = first(&mut s.outputs, site.outputs.len());
        let share = first(&mut s.share, site.tiers.len());
        let plans = &p.plan.outputs[numbers(&site.outputs)];
        *limited = false;
        let (cut, taken, used) = (&mut s.cut, &mut s.taken, &mut s.used);
        let mut own = Own { n, rows, limited, inputs, full, cut, taken, used };
        for v in simd.parts::<B>() {
            let at = At { simd, v, p };
            let mut actual = at.all(0.0);
            if !site.is_reserve {
                let need = need(at, plans, outputs, s.flow, scratch);
                actual = produce(at, &mut own, scratch, site, need);
            }
            let mut share = &mut *share;
            for (number, (plan, rows)) in plans.iter().zip(&mut *outputs).enumerate() {
                let o = site.outputs.start as usize + number;
                let mut held = at.all(0.0);
                if !site.is_reserve {
                    held = if plan.unit_yield { actual } else { at.constant(plan.yields) * actual };
                }
                if plan.stored {
                    held = at.of(&rows.held) + held;
                }
                let share = first(&mut share, plan.tiers.len());
                let output = Rationed { o, plan, rows, asked: &scratch.asked[number], flow: s.flow };
                ration(at, site, output, share, &mut s.gone, held);
            }
        }
    }
}

/// Phase 3: what is asked of the outputs of a site, and the activity that takes.
#[inline(always)]
fn need<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    plans: &[OutputPlan],
    outputs: &[OutputRows<B>],
    flow: &[Row<B>],
    scratch: &mut ScratchView<'_, B>,
) -> V<S, W> {
    let At { simd, v, p } = at;
    let mut need = V::all(simd, 0.0);
    for ((output, rows), row) in plans.iter().zip(outputs).zip(&mut *scratch.asked) {
        let mut asked = V::all(simd, 0.0);
        for lane in &p.plan.served[numbers(&output.served)] {
            asked = asked + at.of(&flow[lane.passing as usize]);
        }
        asked.put(row, v);
        if output.driving {
            let mut demand = asked;
            if output.final_demand {
                demand = demand + waiting(at, output, rows);
            }
            let mut wanted = demand;
            if output.stored {
                let (goal, held) = (at.of(&rows.goal), at.of(&rows.held));
                let restock = (goal - held).unless_rounding(goal) * at.constant(output.adjustment);
                wanted = (demand + restock).beyond(demand + held);
            }
            need = need.max(if output.unit_yield { wanted } else { wanted / at.constant(output.yields) });
        }
    }
    need
}

/// Phases 4 and 5: the activity of a site.
#[inline(always)]
fn produce<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    own: &mut Own<'_, '_, B>,
    scratch: &mut ScratchView<'_, B>,
    site: &SitePlan,
    need: V<S, W>,
) -> V<S, W> {
    let At { simd, v, p } = at;
    let plan = &p.plan;
    let (zero, one) = (V::all(simd, 0.0), V::all(simd, 1.0));
    if site.moves {
        need.put(&mut own.rows.need, v);
    }
    let capacity = at.of(&own.rows.capacity);
    let mut most = capacity;
    if let Some(rule) = site.overtime {
        let alpha = at.of(&own.rows.overtime);
        let (ceiling, gain) = (at.constant(site.overtime_max), at.constant(site.overtime_gain));
        let next = match rule {
            Overtime::Smooth => {
                let strained = need.over(capacity).and(capacity.over(zero));
                let ratio = if strained.any() { strained.select(need / capacity, one) } else { one };
                alpha + (ratio.min(ceiling) - alpha) * gain
            }
            Overtime::Ario => {
                let previous = at.of(&own.rows.actual);
                let scarcity = need.over(zero).select((need - previous) / need, zero);
                let moves = scarcity.max(zero - scarcity).over(V::all(simd, 1e-9));
                let pull = moves.select((ceiling - alpha) * scarcity, one - alpha);
                (alpha + pull * gain).max(one)
            }
        };
        next.put(&mut own.rows.overtime, v);
        most = next * capacity;
    }
    let possible = most.min(need);
    possible.put(&mut own.rows.possible, v);

    // Mostly no input is short in any trial: `lack` is at most 0.
    let mut lack = zero;
    let own_inputs = numbers(&site.inputs);
    let known = &plan.usage[own_inputs.clone()];
    if site.threshold {
        for (input, rows) in plan.inputs[own_inputs.clone()].iter().zip(&*own.inputs) {
            let required = at.constant(input.throttle) * (at.of(&rows.usage) * possible);
            lack = lack.max(required - at.of(&rows.stock));
        }
    } else if site.fixed {
        for (rows, usage) in own.inputs.iter().zip(known) {
            lack = lack.max(V::all(simd, *usage) * possible - at.of(&rows.stock));
        }
    } else {
        for rows in &*own.inputs {
            lack = lack.max(at.of(&rows.usage) * possible - at.of(&rows.stock));
        }
    }
    let short = lack.over(zero);
    let actual = if short.any() {
        *own.limited = true;
        limit(at, own, scratch, site, possible, short)
    } else {
        if site.fixed {
            for (rows, usage) in own.inputs.iter_mut().zip(known) {
                (at.of(&rows.stock) - V::all(simd, *usage) * possible).put(&mut rows.stock, v);
            }
        } else {
            for rows in &mut *own.inputs {
                (at.of(&rows.stock) - at.of(&rows.usage) * possible).put(&mut rows.stock, v);
            }
        }
        if site.renews {
            for (i, rows) in own_inputs.zip(&*own.inputs) {
                (at.of(&rows.usage) * possible).put(&mut own.used[i], v);
            }
        }
        for &i in site.moving.iter() {
            let rows = &own.inputs[(i - site.inputs.start) as usize];
            at.add(&mut own.taken[i as usize], at.of(&rows.usage) * possible);
        }
        at.add(own.full, possible);
        if site.followed {
            V::all(simd, -1.0).put(&mut own.rows.limiting, v);
        }
        possible
    };
    actual.put(&mut own.rows.actual, v);
    actual
}

/// Production and use where an input is short in some trial: the activity.
#[inline(always)]
fn limit<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    own: &mut Own<'_, '_, B>,
    scratch: &mut ScratchView<'_, B>,
    site: &SitePlan,
    possible: V<S, W>,
    short: Mask<S, W>,
) -> V<S, W> {
    let At { simd, v, p } = at;
    let (zero, one) = (V::all(simd, 0.0), V::all(simd, 1.0));
    let first = site.inputs.start as usize;
    let inputs = &p.plan.inputs[first..site.inputs.end as usize];
    let cuts = &mut scratch.cuts[..site.groups as usize];
    cuts.fill(false);
    // ℓ by group: what the inputs of the group let through. Those of which there is enough let all through.
    let lacks = scratch.ratios.iter_mut().zip(&mut *scratch.lacks);
    for ((input, rows), (ratios, lacks)) in inputs.iter().zip(&*own.inputs).zip(lacks) {
        let mut required = at.of(&rows.usage) * possible;
        if input.threshold {
            required = at.constant(input.throttle) * required;
        }
        let stock = at.of(&rows.stock);
        *lacks = required.over(stock).any();
        if *lacks {
            let ratio = stock.fed(required);
            ratio.put(ratios, v);
            let group = &mut scratch.groups[input.group as usize];
            let before = if replace(&mut cuts[input.group as usize], true) { at.of(group) } else { one };
            (before - at.constant(input.criticality) * (one - ratio)).put(group, v);
        }
    }
    // The two lowest: an input is used as far as the other groups allow.
    let (mut lowest, mut second) = (one, one);
    for (group, _) in scratch.groups.iter_mut().zip(&*cuts).filter(|(_, cuts)| **cuts) {
        let passes = at.of(group).positive();
        passes.put(group, v);
        second = second.min(lowest.max(passes));
        lowest = lowest.min(passes);
    }
    let cut = one.over(lowest);
    let (mut largest, mut limiting) = (zero, V::all(simd, -1.0));
    let lacks = scratch.ratios.iter().zip(&*scratch.lacks);
    for (number, ((input, rows), (ratio, lacks))) in
        inputs.iter().zip(&mut *own.inputs).zip(lacks).enumerate()
    {
        let mut share = lowest;
        if cuts[input.group as usize] {
            let ratio = if *lacks { at.of(ratio) } else { one };
            let group = at.of(&scratch.groups[input.group as usize]);
            if site.followed {
                // The limiting input: the largest cut in the lowest group.
                let own = at.constant(input.criticality) * (one - ratio);
                let limits = cut.and(group.equals(lowest)).and(own.over(largest));
                largest = limits.select(own, largest);
                limiting = limits.select(V::all(simd, number as f64), limiting);
            }
            share = ratio.min(group.over(lowest).select(lowest, second));
        }
        let stock = at.of(&rows.stock);
        let used = stock.min(at.of(&rows.usage) * possible * share);
        (stock - used).put(&mut rows.stock, v);
        if let Some(row) = own.used.get_mut(first + number) {
            used.put(row, v);
        }
        let taken = if input.moves { used } else { short.select(used, zero) };
        at.add(&mut own.taken[first + number], taken);
    }
    if site.followed {
        limiting.put(&mut own.rows.limiting, v);
    }
    let actual = possible * lowest;
    // A trial's sums must not show that it is its neighbour that is short.
    at.add(&mut own.cut[own.n], short.select(actual, zero));
    at.add(own.full, short.select(zero, actual));
    actual
}
