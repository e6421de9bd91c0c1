//! Phases 7 and 9, and 2 of the next step: dispatches, the orders of the next step, and its arrivals.

use super::arrivals::{arrive, carried, sent_now, shipped, under_way};
use super::offers::{is_open, place, place_by_capacity, place_openly};
use super::own::OwnInput;
use super::wants::{Cover, follow_pipeline, pipeline, want, wanted};
use crate::network::{Ix, LaneIx, PassageIx, SiteIx, Span};
use crate::scenario::{Ordering, Weights};
use crate::schedule::part::Part;
use crate::schedule::rows::{FETCHED, Row, far, fetch};
use crate::step::plan::{InputPlan, Kind, Lead, OfferPlan, Sent, SitePlan, Usage};
use crate::step::prepare::PreparedView;
use crate::step::state::ScratchView;
use crate::step::vector::{V, Width};
use crate::step::view::{At, OrdersView};
use pulp::Simd;
use std::mem::take;

/// Phases 7 and 9 of some sites: dispatches to them, expected activity, weights, and the orders of the next step.
/// Then, as phase 2 of that step, arrivals. After the last step there are no orders.
#[inline(always)]
pub(crate) fn orders<S: Simd, const W: usize, const B: usize>(
    simd: Width<S, W>,
    p: &PreparedView<'_, B>,
    mut s: OrdersView<'_, B>,
    scratch: &mut ScratchView<'_, B>,
    sites: Span<SiteIx>,
    last: bool,
) {
    let plans = &p.plan.sites[sites];
    let (mut stocks, mut order) = (take(&mut s.stocks.stock), take(&mut s.order));
    let mut expected = take(&mut s.ordered.expected);
    let now = &s.possible.span(sites)[..plans.len()];
    let expected = &mut expected[sites][..plans.len()];
    let fetches = far::<B>(p.plan.lanes.len());
    for (number, site) in plans.iter().enumerate() {
        if fetches && number.is_multiple_of(FETCHED) {
            let next = &plans[number..plans.len().min(number + FETCHED)];
            let lanes = &p.plan.lanes[Span::joined(next, |site| site.lanes)];
            fetch(s.share, lanes, |lane| lane.share);
        }
        let row = &mut expected[number];
        for v in simd.parts::<B>() {
            let at = At { simd, v, p };
            let expected = at.of(row);
            let gap = at.of(&now[number]) - expected;
            (expected + gap * at.constant(site.smoothing)).put(row, v);
        }
        let stocks = &mut stocks[site.inputs];
        order_site(simd, p, &mut s, scratch, (site, stocks, &mut order), row, last);
    }
}

/// Orders of a site, given its expected activity.
#[inline(always)]
fn order_site<S: Simd, const W: usize, const B: usize>(
    simd: Width<S, W>,
    p: &PreparedView<'_, B>,
    s: &mut OrdersView<'_, B>,
    scratch: &mut ScratchView<'_, B>,
    (site, stocks, orders): (&SitePlan, &mut [Row<B>], &mut Part<'_, LaneIx, B>),
    expected: &Row<B>,
    last: bool,
) {
    let (plans, kinds) = (&p.plan.inputs[site.inputs], &p.kinds[site.inputs]);
    let (usages, runs) = (&p.plan.usage[site.inputs], &p.runs[site.inputs]);
    let mut number = 0;
    while let (Some(plan), Some(kind)) = (plans.get(number), kinds.get(number)) {
        let usage = &usages[number..];
        let stock = &mut stocks[number..];
        let i = site.inputs.start.plus(number);
        if *kind == Kind::Plain && !last {
            // Their lanes follow on each other as they do.
            let run = runs[number] as usize;
            let order = &mut orders[Span::new(plan.lanes.start, plan.lanes.start.plus(run))][..run];
            let (plans, usage, stock) = (&plans[number..number + run], &usage[..run], &mut stock[..run]);
            // Told apart here and not input by input: they are many and short.
            if site.ordering == Ordering::Ario {
                let used = &s.used[Span::new(i, i.plus(run))][..run];
                for v in simd.parts::<B>() {
                    let at = At { simd, v, p };
                    let expected = at.of(expected);
                    for n in 0..run {
                        let plan = &plans[n];
                        let (rows, used) = ((&mut stock[n], &mut order[n]), Some(at.of(&used[n])));
                        plain(at, s, plan, rows, at.all(usage[n]) * expected, used);
                    }
                }
            } else {
                for v in simd.parts::<B>() {
                    let at = At { simd, v, p };
                    let expected = at.of(expected);
                    for n in 0..run {
                        let plan = &plans[n];
                        plain(at, s, plan, (&mut stock[n], &mut order[n]), at.all(usage[n]) * expected, None);
                    }
                }
            }
            number += run;
            continue;
        }
        let (Some(usage), Some(stock)) = (usage.first(), stock.first_mut()) else { break };
        let mut own = OwnInput { i, site, plan, stock, order: &mut orders[plan.lanes] };
        for v in simd.parts::<B>() {
            let at = At { simd, v, p };
            if last {
                arrive(at, s, scratch, &mut own);
            } else {
                order_as(at, s, scratch, &mut own, *kind, (*usage, at.of(expected)));
            }
        }
        number += 1;
    }
}

/// Orders of an input of some kind, given its use if that is known, and the expected activity of its site.
#[inline(always)]
fn order_as<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut OrdersView<'_, B>,
    scratch: &mut ScratchView<'_, B>,
    own: &mut OwnInput<'_, B>,
    kind: Kind,
    (usage, expected): (f64, V<S, W>),
) {
    if matches!(kind, Kind::Plain | Kind::Single) {
        return single(at, s, own, at.all(usage) * expected);
    }
    let usage = match own.plan.usage {
        Usage::Known => at.all(usage),
        Usage::Varies => at.of(&s.usage[own.i]),
    };
    any(at, s, scratch, own, usage * expected);
}

/// Orders of an input over a single open lane from one step to the next: a few operations.
#[inline(always)]
fn plain<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &OrdersView<'_, B>,
    plan: &InputPlan,
    (stock_row, order): (&mut Row<B>, &mut Row<B>),
    use_expected: V<S, W>,
    used: Option<V<S, W>>,
) {
    let sent = at.of(order) * at.of(&s.share[plan.share]);
    let stock = at.of(stock_row);
    let target = at.constant(plan.stock_target) * use_expected;
    let cover = Cover { use_expected, stock, target, transit: sent };
    want(&cover, used, at.constant(plan.restoration)).put(order, at.v);
    (stock + sent).put(stock_row, at.v);
}

/// Orders of an input over a single lane, which may have a limit and a longer lead time.
#[inline(always)]
fn single<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut OrdersView<'_, B>,
    own: &mut OwnInput<'_, B>,
    use_expected: V<S, W>,
) {
    let (plan, v) = (own.plan, at.v);
    let [order] = &mut *own.order else { return };
    let sent = at.of(order) * at.of(&s.share[plan.share]);
    let e = plan.lanes.start;
    let (mut transit, mut arrived, mut steps) = (sent, sent, at.constant(plan.stock_target));
    if let Lead::Same(delay) = plan.lead {
        arrived = under_way(at, s, &at.p.plan.lanes[e], sent);
        let row = &mut s.ordered.transit[own.i];
        transit = at.of(row) + sent;
        (transit - arrived).positive().put(row, v);
        steps = steps + at.all(f64::from(delay));
    }
    let stock = at.of(own.stock);
    let cover = Cover { use_expected, stock, target: steps * use_expected, transit };
    let mut want = wanted(at, s, own.site, plan, own.i, cover);
    // All of it is offered to the one lane, which takes it up to its limit.
    if plan.limited {
        want = want.min(at.surge(e));
    }
    want.put(order, v);
    (stock + arrived).put(own.stock, v);
}

/// Weights and orders of an input of any kind.
#[inline(always)]
fn any<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut OrdersView<'_, B>,
    scratch: &mut ScratchView<'_, B>,
    own: &mut OwnInput<'_, B>,
    use_expected: V<S, W>,
) {
    let (plan, v) = (own.plan, at.v);
    let (sent, arrived) = match plan.sent {
        Sent::ByShare => carried(at, s, own),
        Sent::LaneByLane => shipped(at, s, scratch, own, false),
    };
    let (mut transit, mut steps) = (sent, at.constant(plan.stock_target));
    if plan.lead != Lead::None {
        let row = &mut s.ordered.transit[own.i];
        transit = at.of(row) + sent;
        (transit - arrived).positive().put(row, v);
        steps = steps + pipeline(at, s, own);
    }
    let stock = at.of(own.stock);
    (stock + arrived).put(own.stock, v);
    let cover = Cover { use_expected, stock, target: steps * use_expected, transit };
    let want = wanted(at, s, own.site, plan, own.i, cover);
    if plan.usage == Usage::Varies
        && let Some(sought) = s.ordered.sought.get_mut(own.i)
    {
        want.min(use_expected).put(sought, v);
    }
    if plan.kind == Kind::ByCapacity {
        place_by_capacity(at, s, own, want);
    } else if is_open(at, s, own) {
        place_openly(at, own, want);
    } else {
        let offer = &at.p.plan.offers[own.i];
        weights(at, s, own, offer);
        place(at, s, scratch, own, offer, want);
        if !offer.reserves().is_empty() {
            from_reserves(at, s, scratch, own, offer, use_expected, stock);
        }
    }
    if plan.lead == Lead::Follows {
        follow_pipeline(at, s, own);
    }
}

/// `w` of the lanes of an input.
#[inline(always)]
fn weights<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut OrdersView<'_, B>,
    own: &OwnInput<'_, B>,
    offer: &OfferPlan,
) {
    if own.site.weights == Weights::Fixed {
        return;
    }
    let (p, zero) = (at.p, at.all(0.0));
    for (number, e) in offer.weighted().into_iter().enumerate() {
        let order = &own.order[number];
        let weight = if own.site.weights == Weights::Capacity {
            at.of(&s.strength[p.plan.ties[e].supplier])
        } else {
            let weight = at.of(&s.ordered.weight[e]);
            let sent = sent_now(at, s, &p.plan.lanes[e], e, order);
            let order = at.of(order);
            let served = order.over(zero).select(sent / order, weight);
            (weight + (served - weight) * at.of(p.experience)).max(at.all(0.05))
        };
        weight.put(&mut s.ordered.weight[e], at.v);
    }
}

/// Orders from reserves follow their own rule: the gap between stock and trigger.
#[inline(always)]
fn from_reserves<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut OrdersView<'_, B>,
    scratch: &mut ScratchView<'_, B>,
    own: &mut OwnInput<'_, B>,
    offer: &OfferPlan,
    use_expected: V<S, W>,
    stock: V<S, W>,
) {
    let At { v, p, .. } = at;
    let mut transit = at.of(&s.ordered.reserve_transit[own.i]);
    let place = |e: LaneIx| e.at() - own.plan.lanes.start.at();
    for e in offer.reserves() {
        let now = sent_now(at, s, &p.plan.lanes[e], e, &own.order[place(e)]);
        transit = transit + now;
    }
    for e in offer.reserves() {
        let passage = p.plan.ties[e].passage;
        let mut rate = at.of(&p.facts.volume[e]);
        if passage != PassageIx::OPEN {
            rate = rate * at.of(&s.next[passage].mean);
        }
        let trigger = at.of(&p.facts.trigger[e]) * use_expected;
        let short = (trigger - stock - transit).beyond(trigger);
        rate.min(short).put(&mut own.order[place(e)], v);
    }
    for e in offer.reserves() {
        transit = (transit - at.of(&scratch.room[place(e)])).positive();
    }
    transit.put(&mut s.ordered.reserve_transit[own.i], v);
}
