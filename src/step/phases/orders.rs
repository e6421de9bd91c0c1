//! Phases 7 and 9, and 2 of the next step: what is sent, the orders of the next step, and what arrives in it.

use super::dispatch::sent;
use super::offers::{is_open, place, place_by_capacity, place_openly};
use super::wants::{Cover, follow_pipeline, pipeline, want, wanted};
use crate::scenario::{Ordering, Weights};
use crate::schedule::rows::{FETCHED, Row, far, fetch, stretch};
use crate::step::plan::{InputPlan, Kind, LanePlan, MIXED, OfferPlan, SitePlan, numbers, span};
use crate::step::state::ScratchView;
use crate::step::vector::{V, Width};
use crate::step::view::{At, OrdersView, PreparedView};
use pulp::Simd;
use std::mem::take;
use std::ops::Range;

/// An input of the site that is walked.
pub(super) struct Own<'s, const B: usize> {
    pub(super) i: usize,
    pub(super) site: &'s SitePlan,
    pub(super) plan: &'s InputPlan,
    pub(super) stock: &'s mut Row<B>,
    /// What it has ordered, by lane.
    pub(super) order: &'s mut [Row<B>],
}

/// Phases 7 and 9 of some sites: what their suppliers send, expected activity, weights, and the orders of the next step.
/// Then, as phase 2 of that step, what arrives. After the last step there are no orders.
#[inline(always)]
pub(crate) fn orders<S: Simd, const W: usize, const B: usize>(
    simd: Width<S, W>,
    p: &PreparedView<'_, B>,
    mut s: OrdersView<'_, B>,
    scratch: &mut ScratchView<'_, B>,
    sites: Range<usize>,
    last: bool,
) {
    let plans = &p.plan.sites[sites.clone()];
    let walked = plans.iter().zip(&s.possible[sites]).zip(take(&mut s.expected));
    let (stocks, orders) = (take(&mut s.stock), take(&mut s.order));
    let fetches = far::<B>(p.plan.lanes.len());
    for (number, ((site, now), row)) in walked.enumerate() {
        if fetches && number.is_multiple_of(FETCHED) {
            let next = &plans[number..plans.len().min(number + FETCHED)];
            let lanes = &p.plan.lanes[numbers(&span(next, |site| &site.lanes))];
            fetch(s.share, lanes, |lane| lane.share);
        }
        let slots = numbers(&site.inputs);
        let (inputs, kinds) = (&p.plan.inputs[slots.clone()], &p.kinds[slots.clone()]);
        let (usages, runs) = (&p.plan.usage[slots.clone()], &p.runs[slots.clone()]);
        let ario = site.ordering == Ordering::Ario;
        let stocks = &mut stocks[stretch::<B>(&site.inputs, s.first.input)];
        for v in simd.parts::<B>() {
            let at = At { simd, v, p };
            let expected = at.of(row);
            let gap = at.of(now) - expected;
            let expected = expected + gap * at.constant(site.smoothing);
            expected.put(row, v);
            let mut number = 0;
            while let Some((plan, kind)) = inputs.get(number).zip(kinds.get(number)) {
                let usage = &usages[number..];
                let stock = &mut stocks[number..];
                if *kind == Kind::Plain && !last {
                    // Their lanes follow on each other as they do.
                    let run = runs[number] as usize;
                    let order = &mut orders[stretch::<B>(&plan.lanes, s.first.lane).start..];
                    let inputs = inputs[number..number + run].iter().zip(usage);
                    let walked = inputs.zip(stock.iter_mut().zip(order));
                    // Told apart here and not input by input: they are many and short.
                    if ario {
                        let used = &s.used[slots.start + number..];
                        for (((plan, usage), rows), used) in walked.zip(used) {
                            plain(at, &s, plan, rows, at.all(*usage) * expected, Some(at.of(used)));
                        }
                    } else {
                        for ((plan, usage), rows) in walked {
                            plain(at, &s, plan, rows, at.all(*usage) * expected, None);
                        }
                    }
                    number += run;
                    continue;
                }
                let (Some(usage), Some(stock)) = (usage.first(), stock.first_mut()) else { break };
                let order = &mut orders[stretch::<B>(&plan.lanes, s.first.lane)];
                let own = Own { i: slots.start + number, site, plan, stock, order };
                if last {
                    arrive(at, &mut s, scratch, own);
                } else {
                    order_as(at, &mut s, scratch, own, *kind, (*usage, expected));
                }
                number += 1;
            }
        }
    }
}

/// Orders of an input of some kind, given its use if that is known, and the expected activity of its site.
#[inline(always)]
fn order_as<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut OrdersView<'_, B>,
    scratch: &mut ScratchView<'_, B>,
    own: Own<'_, B>,
    kind: Kind,
    (usage, expected): (f64, V<S, W>),
) {
    if matches!(kind, Kind::Plain | Kind::Single) {
        return single(at, s, own, at.all(usage) * expected);
    }
    let usage = if own.plan.fixed { at.all(usage) } else { at.of(&s.usage[own.i]) };
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
    let sent = at.of(order) * at.of(&s.share[plan.share as usize]);
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
    own: Own<'_, B>,
    use_expected: V<S, W>,
) {
    let (plan, v) = (own.plan, at.v);
    let [order] = own.order else { return };
    let sent = at.of(order) * at.of(&s.share[plan.share as usize]);
    let e = plan.lanes.start as usize;
    let (mut transit, mut arrived, mut steps) = (sent, sent, at.constant(plan.stock_target));
    if plan.delay > 0 {
        let (row, ring) = (&mut s.transit[own.i], &mut s.ring[at.p.plan.lanes[e].ring(s.turns)]);
        transit = at.of(row) + sent;
        arrived = at.of(ring);
        sent.put(ring, v);
        (transit - arrived).positive().put(row, v);
        steps = steps + at.all(f64::from(plan.delay));
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
    mut own: Own<'_, B>,
    use_expected: V<S, W>,
) {
    let (plan, v) = (own.plan, at.v);
    let (sent, arrived) =
        if plan.by_share { carried(at, s, &own) } else { shipped(at, s, scratch, &mut own, false) };
    let (mut transit, mut steps) = (sent, at.constant(plan.stock_target));
    if plan.delay != 0 {
        let row = &mut s.transit[own.i];
        transit = at.of(row) + sent;
        (transit - arrived).positive().put(row, v);
        steps = steps + pipeline(at, s, &own);
    }
    let stock = at.of(own.stock);
    (stock + arrived).put(own.stock, v);
    let cover = Cover { use_expected, stock, target: steps * use_expected, transit };
    let want = wanted(at, s, own.site, plan, own.i, cover);
    if let Some(sought) = s.sought.get_mut(own.i).filter(|_| !plan.fixed) {
        want.min(use_expected).put(sought, v);
    }
    if plan.kind == Kind::ByCapacity {
        place_by_capacity(at, s, &mut own, want);
    } else if is_open(at, s, &own) {
        place_openly(at, &mut own, want);
    } else {
        let offer = &at.p.plan.offers[own.i];
        weights(at, s, &own, offer);
        place(at, s, scratch, &mut own, offer, want);
        if !offer.reserves().is_empty() {
            from_reserves(at, s, scratch, &mut own, offer, use_expected, stock);
        }
    }
    if plan.follows {
        follow_pipeline(at, s, &own);
    }
}

/// What lanes that share out in proportion were sent in this step, and what arrives over them in the next.
#[inline(always)]
fn carried<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut OrdersView<'_, B>,
    own: &Own<'_, B>,
) -> (V<S, W>, V<S, W>) {
    let (plan, mut sent, mut arrived) = (own.plan, at.all(0.0), at.all(0.0));
    let lanes = &at.p.plan.lanes[numbers(&plan.lanes)];
    if plan.delay == MIXED {
        for (lane, order) in lanes.iter().zip(&*own.order) {
            let now = at.of(order) * at.of(&s.share[lane.share as usize]);
            sent = sent + now;
            arrived = arrived + under_way(at, s, lane, now);
        }
    } else {
        for (lane, order) in lanes.iter().zip(&*own.order) {
            sent = sent + at.of(order) * at.of(&s.share[lane.share as usize]);
        }
        arrived = lanes.first().map_or(sent, |lane| under_way(at, s, lane, sent));
    }
    if plan.is_counted {
        let first = at.p.plan.offers[own.i].counted as usize;
        for (number, (lane, order)) in lanes.iter().zip(&*own.order).enumerate() {
            at.add(&mut s.brought[first + number], at.of(order) * at.of(&s.share[lane.share as usize]));
        }
    }
    (sent, arrived)
}

/// After the last step: what arrives, which stays with the orders.
#[inline(always)]
fn arrive<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut OrdersView<'_, B>,
    scratch: &mut ScratchView<'_, B>,
    mut own: Own<'_, B>,
) {
    if own.plan.by_share {
        let (_, arrived) = carried(at, s, &own);
        for (number, order) in own.order.iter_mut().enumerate() {
            (if number == 0 { arrived } else { at.all(0.0) }).put(order, at.v);
        }
    } else {
        shipped(at, s, scratch, &mut own, true);
    }
}

/// What is due of a lane that takes longer than a step, in exchange for what is sent `now`; of all others the same.
#[inline(always)]
fn under_way<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut OrdersView<'_, B>,
    lane: &LanePlan,
    now: V<S, W>,
) -> V<S, W> {
    if lane.delay == 0 {
        return now;
    }
    let row = &mut s.ring[lane.ring(s.turns)];
    let due = at.of(row);
    now.put(row, at.v);
    due
}

/// What is sent on a lane in this step, given its order.
#[inline(always)]
fn sent_now<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &OrdersView<'_, B>,
    lane: &LanePlan,
    e: usize,
    order: &Row<B>,
) -> V<S, W> {
    let share = &s.share[lane.share as usize];
    if !lane.special {
        return at.of(order) * at.of(share);
    }
    let ties = &at.p.plan.ties[e];
    let thinned = (ties.passing as usize).checked_sub(at.p.plan.lanes.len());
    let passing = thinned.map_or(order, |number| &s.thinned[number]);
    sent(at.v, ties.rationing, at.of(passing), share, &at.p.volume[e])
}

/// What was sent to an input in this step, and what arrives at it in the next, of which that from reserves is kept lane by
/// lane. What arrives after the last step stays with the orders.
#[inline(always)]
fn shipped<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut OrdersView<'_, B>,
    scratch: &mut ScratchView<'_, B>,
    own: &mut Own<'_, B>,
    last: bool,
) -> (V<S, W>, V<S, W>) {
    let offer = &at.p.plan.offers[own.i];
    let (mut total, mut arrived) = (at.all(0.0), at.all(0.0));
    let slots = numbers(&own.plan.lanes);
    let from_reserves = offer.reserves().start - slots.start;
    for (number, (e, order)) in slots.zip(&mut *own.order).enumerate() {
        let lane = &at.p.plan.lanes[e];
        let now = sent_now(at, s, lane, e, order);
        total = total + now;
        if own.plan.is_counted {
            at.add(&mut s.brought[offer.counted as usize + number], now);
        }
        let due = under_way(at, s, lane, now);
        arrived = arrived + due;
        if number >= from_reserves {
            due.put(&mut scratch.room[number], at.v);
        }
        if last {
            due.put(order, at.v);
        }
    }
    (total, arrived)
}

/// `w` of the lanes of an input.
#[inline(always)]
fn weights<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut OrdersView<'_, B>,
    own: &Own<'_, B>,
    offer: &OfferPlan,
) {
    if own.site.weights == Weights::Fixed {
        return;
    }
    let (p, zero) = (at.p, at.all(0.0));
    for (e, order) in offer.weighted().zip(&*own.order) {
        let weight = if own.site.weights == Weights::Capacity {
            at.of(&s.strength[p.plan.ties[e].supplier as usize])
        } else {
            let weight = at.of(&s.weight[e]);
            let sent = sent_now(at, s, &p.plan.lanes[e], e, order);
            let order = at.of(order);
            let served = order.over(zero).select(sent / order, weight);
            (weight + (served - weight) * at.of(p.experience)).max(at.all(0.05))
        };
        weight.put(&mut s.weight[e], at.v);
    }
}

/// Orders from reserves follow their own rule: what the stock is below the trigger.
#[inline(always)]
fn from_reserves<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut OrdersView<'_, B>,
    scratch: &mut ScratchView<'_, B>,
    own: &mut Own<'_, B>,
    offer: &OfferPlan,
    use_expected: V<S, W>,
    stock: V<S, W>,
) {
    let At { v, p, .. } = at;
    let mut transit = at.of(&s.reserve_transit[own.i]);
    let first = own.plan.lanes.start as usize;
    for e in offer.reserves() {
        let now = sent_now(at, s, &p.plan.lanes[e], e, &own.order[e - first]);
        transit = transit + now;
    }
    for e in offer.reserves() {
        let passage = p.plan.ties[e].passage as usize;
        let mut rate = at.of(&p.volume[e]);
        if passage > 0 {
            rate = rate * at.of(&s.next[passage].mean);
        }
        let trigger = at.of(&p.trigger[e]) * use_expected;
        let short = (trigger - stock - transit).beyond(trigger);
        rate.min(short).put(&mut own.order[e - first], v);
    }
    for e in offer.reserves() {
        transit = (transit - at.of(&scratch.room[e - first])).positive();
    }
    transit.put(&mut s.reserve_transit[own.i], v);
}
