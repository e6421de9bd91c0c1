//! Phases 3 to 6 of one site after another: demand, need and overtime, production and use, rationing.
//!
//! None of these looks at another site, but for the orders of the last step, so a site is walked through all of them while
//! its numbers are at hand.

use super::inputs::use_up;
use super::rationing::{Rationed, ration, release, serve_simply, waiting};
use crate::scenario::{Overtime, Rationing};
use crate::schedule::rows::{FETCHED, Row, far, fetch, stretch};
use crate::step::plan::{OutputPlan, Serves, SitePlan, numbers, span};
use crate::step::state::ScratchView;
use crate::step::vector::{V, Width};
use crate::step::view::{At, PreparedView, SupplyView};
use pulp::Simd;
use std::mem::take;
use std::ops::Range;

/// What belongs to the site that is walked.
pub(super) struct Own<'s, const B: usize> {
    pub(super) site: &'s SitePlan,
    /// Number among the sites that are walked.
    pub(super) number: usize,
    /// By input.
    pub(super) stock: &'s mut [Row<B>],
    /// `a` by input, where it is known.
    pub(super) known: &'s [f64],
}

/// Phases 3 to 6 of some sites, and of reserves what they release.
#[inline(always)]
pub(crate) fn supply<S: Simd, const W: usize, const B: usize>(
    simd: Width<S, W>,
    p: &PreparedView<'_, B>,
    mut s: SupplyView<'_, B>,
    scratch: &mut ScratchView<'_, B>,
    sites: Range<usize>,
) {
    let plans = &p.plan.sites[sites];
    let stocks = take(&mut s.stock);
    let fetches = far::<B>(s.flow.len());
    for (number, site) in plans.iter().enumerate() {
        if fetches && number.is_multiple_of(FETCHED) {
            let next = &plans[number..plans.len().min(number + FETCHED)];
            let outputs = &p.plan.outputs[numbers(&span(next, |site| &site.outputs))];
            let served = &p.plan.served[numbers(&span(outputs, |output| &output.served))];
            fetch(s.flow, served, |passing| *passing);
        }
        s.limited[number] = false;
        let stock = &mut stocks[stretch::<B>(&site.inputs, s.first.input)];
        let known = &p.plan.usage[numbers(&site.inputs)];
        let mut own = Own { site, number, stock, known };
        for v in simd.parts::<B>() {
            let at = At { simd, v, p };
            match site.serves {
                Some(serves) => simple(at, &mut s, &mut own, scratch, serves),
                None if site.is_reserve => release(at, &mut s, site),
                None => joint(at, &mut s, &mut own, scratch),
            }
            if let Some(row) = s.strength.get_mut(s.first.site + number) {
                let usual = at.of(&p.capacity[s.first.site + number]);
                let now = at.of(&s.overtime[number]) * at.of(&s.capacity[s.first.site + number]);
                usual.over(at.all(0.0)).select(now / usual, at.all(1.0)).put(row, v);
            }
        }
    }
}

/// Phases 3 to 6 of a site with a single output that is served in a simple way.
#[inline(always)]
fn simple<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut SupplyView<'_, B>,
    own: &mut Own<'_, B>,
    scratch: &mut ScratchView<'_, B>,
    serves: Serves,
) {
    let o = own.site.outputs.start as usize;
    let plan = &at.p.plan.outputs[o];
    let asked = asked(at, s, plan);
    let mut demand = asked;
    if plan.final_demand {
        demand = demand + waiting(at, s, plan, o);
    }
    let need = if plan.unit_yield { demand } else { demand / at.constant(plan.yields) };
    let actual = produce(at, s, own, scratch, need);
    let made = if plan.unit_yield { actual } else { at.constant(plan.yields) * actual };
    serve_simply(at, s, serves, Rationed { o, plan, rationing: Rationing::Proportional, made, asked });
}

/// Phases 3 to 6 of any other site that produces.
#[inline(always)]
fn joint<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut SupplyView<'_, B>,
    own: &mut Own<'_, B>,
    scratch: &mut ScratchView<'_, B>,
) {
    let site = own.site;
    let outputs = &at.p.plan.outputs[numbers(&site.outputs)];
    let need = need(at, s, scratch, site, outputs);
    let actual = produce(at, s, own, scratch, need);
    for (number, plan) in outputs.iter().enumerate() {
        let o = site.outputs.start as usize + number;
        let asked = at.of(&scratch.asked[number]);
        let made = if plan.unit_yield { actual } else { at.constant(plan.yields) * actual };
        ration(at, s, Rationed { o, plan, rationing: site.rationing, made, asked });
    }
}

/// What all lanes ask of an output.
#[inline(always)]
fn asked<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &SupplyView<'_, B>,
    plan: &OutputPlan,
) -> V<S, W> {
    let mut asked = at.all(0.0);
    for &passing in &at.p.plan.served[numbers(&plan.served)] {
        asked = asked + at.of(&s.flow[passing as usize]);
    }
    asked
}

/// Phase 3: the activity that it takes to meet demand. The orders for each output are left in scratch.
#[inline(always)]
fn need<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &SupplyView<'_, B>,
    scratch: &mut ScratchView<'_, B>,
    site: &SitePlan,
    outputs: &[OutputPlan],
) -> V<S, W> {
    let mut need = at.all(0.0);
    for (number, output) in outputs.iter().enumerate() {
        let o = site.outputs.start as usize + number;
        let asked = asked(at, s, output);
        asked.put(&mut scratch.asked[number], at.v);
        if output.driving {
            let mut demand = asked;
            if output.final_demand {
                demand = demand + waiting(at, s, output, o);
            }
            let mut wanted = demand;
            if output.stored {
                let (goal, held) = (at.of(&at.p.stock_goal[o]), at.of(&s.held[o]));
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
    s: &mut SupplyView<'_, B>,
    own: &mut Own<'_, B>,
    scratch: &mut ScratchView<'_, B>,
    need: V<S, W>,
) -> V<S, W> {
    let (v, site, number) = (at.v, own.site, own.number);
    let n = s.first.site + number;
    let capacity = if site.moves {
        need.put(&mut s.need[number], v);
        at.of(&s.capacity[n])
    } else {
        at.capacity(n)
    };
    let mut most = capacity;
    if let Some(rule) = site.overtime {
        let terms = OvertimeTerms {
            most: at.constant(site.overtime_max),
            gain: at.constant(site.overtime_gain),
            previous: at.of(&s.actual[number]),
        };
        let overtime = overtime(rule, at.of(&s.overtime[number]), terms, (need, capacity));
        overtime.put(&mut s.overtime[number], v);
        most = overtime * capacity;
    }
    let possible = most.min(need);
    possible.put(&mut s.possible[number], v);
    let actual = use_up(at, s, own, scratch, possible);
    actual.put(&mut s.actual[number], v);
    at.add(&mut s.made[number], actual);
    actual
}

/// What overtime rests on: `α_max`, `min(1, Δ/τ_α)` and the activity of the last step.
struct OvertimeTerms<S: Simd, const W: usize> {
    most: V<S, W>,
    gain: V<S, W>,
    previous: V<S, W>,
}

/// Phase 4: overtime, given that of the last step.
#[inline(always)]
fn overtime<S: Simd, const W: usize>(
    rule: Overtime,
    alpha: V<S, W>,
    terms: OvertimeTerms<S, W>,
    (need, capacity): (V<S, W>, V<S, W>),
) -> V<S, W> {
    let OvertimeTerms { most: ceiling, gain, previous } = terms;
    let simd = alpha.width();
    let (zero, one) = (V::all(simd, 0.0), V::all(simd, 1.0));
    match rule {
        Overtime::Smooth => {
            let strained = need.over(capacity).and(capacity.over(zero));
            let ratio = if strained.any() { strained.select(need / capacity, one) } else { one };
            alpha + (ratio.min(ceiling) - alpha) * gain
        }
        Overtime::Ario => {
            let scarcity = need.over(zero).select((need - previous) / need, zero);
            let moves = scarcity.max(zero - scarcity).over(V::all(simd, 1e-9));
            let pull = moves.select((ceiling - alpha) * scarcity, one - alpha);
            (alpha + pull * gain).max(one)
        }
    }
}
