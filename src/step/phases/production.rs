//! Phases 3 to 6 of one site after another: demand, need and overtime, production and use, rationing.
//!
//! None of these looks at another site, but for the orders of the last step, so a site is walked through all of them while
//! its numbers are at hand.

use super::inputs::use_up;
use super::own::OwnSite;
use super::rationing::{Rationed, asked, ration, release, serve_simply, waiting};
use crate::network::{Ix, OutputIx, SiteIx, Span};
use crate::scenario::Overtime;
use crate::schedule::rows::{FETCHED, far, fetch};
use crate::step::plan::{Motion, OutputPlan, Role, SitePlan, Yields};
use crate::step::prepare::PreparedView;
use crate::step::state::ScratchView;
use crate::step::vector::{V, Width};
use crate::step::view::{At, SupplyView};
use pulp::Simd;
use std::mem::take;

/// Phases 3 to 6 of some sites, and the releases of reserves.
#[inline(always)]
pub(crate) fn supply<S: Simd, const W: usize, const B: usize>(
    simd: Width<S, W>,
    p: &PreparedView<'_, B>,
    mut s: SupplyView<'_, B>,
    scratch: &mut ScratchView<'_, B>,
    sites: Span<SiteIx>,
) {
    let plans = &p.plan.sites[sites];
    let mut stocks = take(&mut s.stocks.stock);
    let fetches = far::<B>(s.flow.len());
    for (number, site) in plans.iter().enumerate() {
        let n = sites.start.plus(number);
        if fetches && number.is_multiple_of(FETCHED) {
            let next = &plans[number..plans.len().min(number + FETCHED)];
            let outputs = &p.plan.outputs[Span::joined(next, |site| site.outputs)];
            let served = &p.plan.served[Span::joined(outputs, |output| output.served)];
            fetch(s.flow, served, |passing| *passing);
        }
        s.limited[n] = false;
        let stock = &mut stocks[site.inputs];
        let known = &p.plan.usage[site.inputs];
        let mut own = OwnSite { site, n, outputs: &p.plan.outputs[site.outputs], stock, known };
        for v in simd.parts::<B>() {
            supply_one(At { simd, v, p }, &mut s, &mut own, scratch);
        }
    }
}

/// Phases 3 to 6 of a site.
#[inline(always)]
fn supply_one<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut SupplyView<'_, B>,
    own: &mut OwnSite<'_, B>,
    scratch: &mut ScratchView<'_, B>,
) {
    let (site, n, outputs) = (own.site, own.n, own.outputs);
    let (mut need, mut asked_only) = (at.all(0.0), at.all(0.0));
    match (site.role, outputs) {
        (Role::Simple(_), [only, ..]) => {
            asked_only = asked(at, s, only);
            need = simple_need(at, s, (only, site.outputs.start), asked_only);
        }
        (Role::Joint(_), _) => need = joint_need(at, s, scratch, site, outputs),
        (Role::Reserve(_), _) | (Role::Simple(_), []) => {}
    }
    // Production stands here once for all roles, as it is long.
    let produces = !matches!(site.role, Role::Reserve(_));
    let actual = if produces { produce(at, s, own, scratch, need) } else { need };
    match site.role {
        Role::Reserve(rationing) => release(at, s, site, rationing),
        Role::Simple(serves) => {
            if let [plan, ..] = outputs {
                let (o, made) = (site.outputs.start, made(at, plan, actual));
                serve_simply(at, s, serves, Rationed { o, plan, made, asked: asked_only });
            }
        }
        Role::Joint(rationing) => {
            for (number, plan) in outputs.iter().enumerate() {
                let (o, asked) = (site.outputs.start.plus(number), at.of(&scratch.asked[number]));
                let made = made(at, plan, actual);
                ration(at, s, rationing, Rationed { o, plan, made, asked });
            }
        }
    }
    if let Some(row) = s.supplied.strength.get_mut(n) {
        let usual = at.of(&at.p.facts.capacity[n]);
        let now = at.of(&s.supplied.overtime[n]) * at.of(&s.capacity[n]);
        usual.over(at.all(0.0)).select(now / usual, at.all(1.0)).put(row, at.v);
    }
}

/// The output of an activity.
#[inline(always)]
fn made<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    plan: &OutputPlan,
    activity: V<S, W>,
) -> V<S, W> {
    match plan.yields {
        Yields::One(_) => activity,
        Yields::Other(row) => at.constant(row) * activity,
    }
}

/// The activity that makes so much of an output.
#[inline(always)]
fn takes<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    plan: &OutputPlan,
    amount: V<S, W>,
) -> V<S, W> {
    match plan.yields {
        Yields::One(_) => amount,
        Yields::Other(row) => amount / at.constant(row),
    }
}

/// Phase 3 of a site with a single output that it does not store.
#[inline(always)]
fn simple_need<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &SupplyView<'_, B>,
    (plan, o): (&OutputPlan, OutputIx),
    asked: V<S, W>,
) -> V<S, W> {
    let demand = if plan.demand.is_none() { asked } else { asked + waiting(at, s, plan, o) };
    takes(at, plan, demand)
}

/// Phase 3 of any other site that produces: the activity that it takes to meet demand. The orders for each output are left
/// in scratch.
#[inline(always)]
fn joint_need<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &SupplyView<'_, B>,
    scratch: &mut ScratchView<'_, B>,
    site: &SitePlan,
    outputs: &[OutputPlan],
) -> V<S, W> {
    let mut need = at.all(0.0);
    for (number, plan) in outputs.iter().enumerate() {
        let o = site.outputs.start.plus(number);
        let asked = asked(at, s, plan);
        asked.put(&mut scratch.asked[number], at.v);
        if plan.driving {
            let demand = if plan.demand.is_none() { asked } else { asked + waiting(at, s, plan, o) };
            let mut wanted = demand;
            if plan.stored {
                let (goal, held) = (at.of(&at.p.facts.stock_goal[o]), at.of(&s.stocks.held[o]));
                let restock = (goal - held).unless_rounding(goal) * at.constant(plan.adjustment);
                wanted = (demand + restock).beyond(demand + held);
            }
            need = need.max(takes(at, plan, wanted));
        }
    }
    need
}

/// Phases 4 and 5: the activity of a site.
#[inline(always)]
fn produce<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut SupplyView<'_, B>,
    own: &mut OwnSite<'_, B>,
    scratch: &mut ScratchView<'_, B>,
    need: V<S, W>,
) -> V<S, W> {
    let (v, site, n) = (at.v, own.site, own.n);
    let capacity = match site.capacity {
        Motion::Still => at.capacity(n),
        Motion::Moves => {
            need.put(&mut s.supplied.need[n], v);
            at.of(&s.capacity[n])
        }
    };
    let mut most = capacity;
    if let Some(plan) = site.overtime {
        let terms = OvertimeTerms {
            most: at.constant(plan.most),
            gain: at.constant(plan.gain),
            previous: at.of(&s.supplied.actual[n]),
        };
        let overtime = overtime(plan.rule, at.of(&s.supplied.overtime[n]), terms, (need, capacity));
        overtime.put(&mut s.supplied.overtime[n], v);
        most = overtime * capacity;
    }
    let possible = most.min(need);
    possible.put(&mut s.supplied.possible[n], v);
    let actual = use_up(at, s, own, scratch, possible);
    actual.put(&mut s.supplied.actual[n], v);
    at.add(&mut s.sums.made[n], actual);
    actual
}

/// The terms of overtime: `α_max`, `min(1, Δ/τ_α)` and the activity of the last step.
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
