//! Phases 7 and 9, and 2 of the next step: what is sent, the orders of the next step, and what arrives in it.

use super::dispatch::sent;
use super::fed;
use super::offers::{contingent_room, place};
use crate::engine::plan::{InputPlan, LanePlan, SitePlan, numbers, span};
use crate::engine::prepare::Prepared;
use crate::engine::rows::{FETCHED, Row, far, fetch, first};
use crate::engine::state::{InputRows, ScratchView, State};
use crate::engine::vector::{V, Width};
use crate::engine::view::{At, OrdersView, PreparedView};
use crate::model::Model;
use crate::scenario::{Ordering, Weights};
use pulp::Simd;
use std::mem::{replace, take};
use std::ops::Range;

/// An input of the site that is walked.
pub(super) struct Own<'s, const B: usize> {
    pub(super) i: usize,
    pub(super) site: &'s SitePlan,
    pub(super) plan: &'s InputPlan,
    pub(super) rows: &'s mut InputRows<B>,
    /// What it has ordered, by lane.
    pub(super) order: &'s mut [Row<B>],
}

/// What an order rests on.
struct Cover<S: Simd, const W: usize> {
    use_expected: V<S, W>,
    stock: V<S, W>,
    target: V<S, W>,
    transit: V<S, W>,
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
    let site_plans = &p.plan.sites[sites.clone()];
    let walked = site_plans.iter().zip(&s.sites[sites]).zip(take(&mut s.expected));
    let (mut rest, mut rest_of_orders) = (take(&mut s.inputs), take(&mut s.order));
    let fetches = far::<B>(p.plan.lanes.len());
    for (number, ((site, now), row)) in walked.enumerate() {
        if fetches && number.is_multiple_of(FETCHED) {
            let next = &site_plans[number..site_plans.len().min(number + FETCHED)];
            let lanes = &p.plan.lanes[numbers(&span(next, |site| &site.lanes))];
            fetch(s.share, lanes, |lane| lane.tier);
        }
        let slots = numbers(&site.inputs);
        let (plans, usages) = (&p.plan.inputs[slots.clone()], &p.plan.usage[slots.clone()]);
        let inputs = first(&mut rest, slots.len());
        let orders = first(&mut rest_of_orders, site.lanes.len());
        for v in simd.parts::<B>() {
            let at = At { simd, v, p };
            let expected = at.of(row);
            let gap = at.of(&now.possible) - expected;
            let expected = expected + gap * at.constant(site.smoothing);
            expected.put(row, v);
            let mut orders = &mut *orders;
            let walked = slots.clone().zip(plans).zip(usages).zip(&mut *inputs);
            for (((i, plan), usage), rows) in walked {
                let order = first(&mut orders, plan.lanes.len());
                let mut own = Own { i, site, plan, rows, order };
                if plan.plain && !last {
                    renew(at, &s, own, at.all(*usage) * expected);
                    continue;
                }
                let (sent, arrived) = shipped(at, &mut s, scratch, &mut own, last);
                if !last {
                    order_anew(at, &mut s, scratch, &mut own, expected, (sent, arrived));
                }
            }
        }
    }
}

/// All of that for a plain input, which comes to a few operations.
#[inline(always)]
fn renew<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &OrdersView<'_, B>,
    own: Own<'_, B>,
    use_expected: V<S, W>,
) {
    let [order] = own.order else { return };
    let sent = at.of(order) * at.of(&s.share[own.plan.tier as usize]);
    let stock = at.of(&own.rows.stock);
    let target = at.constant(own.plan.stock_target) * use_expected;
    let cover = Cover { use_expected, stock, target, transit: sent };
    wanted(at, s, own.site, own.plan, own.i, cover).put(order, at.v);
    (stock + sent).put(&mut own.rows.stock, at.v);
}

/// Weights and orders of an input over its lanes, given what was sent to it, and what arrives at it.
#[inline(always)]
fn order_anew<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut OrdersView<'_, B>,
    scratch: &mut ScratchView<'_, B>,
    own: &mut Own<'_, B>,
    expected: V<S, W>,
    (sent, arrived): (V<S, W>, V<S, W>),
) {
    let (plan, v) = (own.plan, at.v);
    let far = plan.delay != Some(0);
    let mut transit = sent;
    if far {
        transit = at.of(&own.rows.transit) + transit;
    }
    weights(at, s, own);
    let usage = if plan.fixed { at.all(at.p.plan.usage[own.i]) } else { at.of(&own.rows.usage) };
    let use_expected = usage * expected;
    let stock = at.of(&own.rows.stock);
    let mut cover = at.constant(plan.stock_target);
    if far {
        let steps = plan.delay.filter(|_| at.p.level[own.i]);
        cover = cover + steps.map_or_else(|| at.of(&own.rows.pipeline), |steps| at.all(f64::from(steps)));
    }
    let cover = Cover { use_expected, stock, target: cover * use_expected, transit };
    let want = wanted(at, s, own.site, plan, own.i, cover);
    if let Some(sought) = s.sought.get_mut(own.i) {
        want.min(use_expected).put(sought, v);
    }
    place(at, s, scratch, own, want);
    if !plan.reserves().is_empty() {
        from_reserves(at, s, scratch, own, use_expected, stock);
    }
    if far {
        if !at.p.level[own.i] {
            follow_pipeline(at, own);
        }
        (transit - arrived).positive().put(&mut own.rows.transit, v);
    }
    (stock + arrived).put(&mut own.rows.stock, v);
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
    let thinned = (lane.passing as usize).checked_sub(at.p.plan.lanes.len());
    let passing = thinned.map_or(order, |number| &s.thinned[number]);
    sent(at.v, lane, at.of(passing), s.share, &at.p.volume[e])
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
    let At { simd, v, p } = at;
    let (mut total, mut arrived) = (V::all(simd, 0.0), V::all(simd, 0.0));
    let first = own.plan.lanes.start as usize;
    let lanes = &p.plan.lanes[numbers(&own.plan.lanes)];
    for (number, (lane, order)) in lanes.iter().zip(&mut *own.order).enumerate() {
        let now = sent_now(at, s, lane, first + number, order);
        let mut due = now;
        total = total + now;
        if let Some(counted) = own.plan.counted {
            at.add(&mut s.brought[counted as usize + number], now);
        }
        if lane.delay > 0 {
            let row = &mut s.ring[lane.ring(s.turns)];
            due = at.of(row);
            now.put(row, v);
        }
        arrived = arrived + due;
        if first + number >= own.plan.reserve as usize {
            due.put(&mut scratch.room[number], v);
        }
        if last {
            due.put(order, v);
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
) {
    let At { simd, v, p } = at;
    if own.site.weights == Weights::Fixed {
        return;
    }
    let zero = V::all(simd, 0.0);
    for (e, order) in own.plan.weighted().zip(&*own.order) {
        let lane = &p.plan.lanes[e];
        let weight = if own.site.weights == Weights::Capacity {
            let n = lane.supplier as usize;
            let usual = at.of(&p.capacity[n]);
            let now = at.of(&s.sites[n].overtime) * at.of(&s.sites[n].capacity);
            usual.over(zero).select(now / usual, V::all(simd, 1.0))
        } else {
            let weight = at.of(&s.weight[e]);
            let sent = sent_now(at, s, lane, e, order);
            let order = at.of(order);
            let served = order.over(zero).select(sent / order, weight);
            (weight + (served - weight) * at.of(p.experience)).max(V::all(simd, 0.05))
        };
        weight.put(&mut s.weight[e], v);
    }
}

/// `want` of input `i`.
#[inline(always)]
fn wanted<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &OrdersView<'_, B>,
    site: &SitePlan,
    plan: &InputPlan,
    i: usize,
    cover: Cover<S, W>,
) -> V<S, W> {
    let Cover { use_expected, stock, target, transit } = cover;
    let gap = (target - stock - transit).unless_rounding(target);
    let gain = at.constant(plan.restoration);
    let asked = match site.ordering {
        Ordering::Smoothed => use_expected + gap * gain,
        Ordering::Ario => at.of(&s.used[i]) + gap.positive() * gain,
    };
    asked.beyond(use_expected + stock)
}

/// Orders from reserves follow their own rule: what the stock is below the trigger.
#[inline(always)]
fn from_reserves<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut OrdersView<'_, B>,
    scratch: &mut ScratchView<'_, B>,
    own: &mut Own<'_, B>,
    use_expected: V<S, W>,
    stock: V<S, W>,
) {
    let At { v, p, .. } = at;
    let mut transit = at.of(&s.reserve_transit[own.i]);
    let first = own.plan.lanes.start as usize;
    for e in own.plan.reserves() {
        let lane = &p.plan.lanes[e];
        let now = sent_now(at, s, lane, e, &own.order[e - first]);
        transit = transit + now;
    }
    for e in own.plan.reserves() {
        let lane = &p.plan.lanes[e];
        let mut rate = at.of(&p.volume[e]);
        if lane.passage > 0 {
            rate = rate * at.of(&s.next[lane.passage as usize].mean);
        }
        let trigger = at.of(&p.trigger[e]) * use_expected;
        let short = (trigger - stock - transit).beyond(trigger);
        rate.min(short).put(&mut own.order[e - first], v);
    }
    for e in own.plan.reserves() {
        transit = (transit - at.of(&scratch.room[e - first])).positive();
    }
    transit.put(&mut s.reserve_transit[own.i], v);
}

/// `Λ` follows the lead times of the orders that were placed.
#[inline(always)]
fn follow_pipeline<S: Simd, const W: usize, const B: usize>(at: At<'_, S, W, B>, own: &mut Own<'_, B>) {
    let pipeline = at.of(&own.rows.pipeline);
    let delay = own.plan.delay.map(|delay| at.all(f64::from(delay)));
    let (mut total, mut far) = (at.all(0.0), at.all(0.0));
    let lanes = &at.p.plan.lanes[numbers(&own.plan.lanes)];
    for (lane, order) in lanes.iter().zip(&*own.order) {
        let order = at.of(order);
        total = total + order;
        far = far + order * at.all(f64::from(lane.delay));
    }
    let mean = delay.unwrap_or_else(|| far / total);
    let mean = total.over(at.all(0.0)).select(mean, pipeline);
    (pipeline + (mean - pipeline) * at.constant(own.site.smoothing)).put(&mut own.rows.pipeline, at.v);
}

/// Phase 9 of reserves: those that nobody has drawn on for the stated time order what they lack; what arrives there is stored.
#[inline(always)]
pub(crate) fn refill<const B: usize>(m: &Model, p: &Prepared<B>, s: &mut State<B>, last: bool) {
    for (r, reserve) in m.reserves.iter().enumerate() {
        let o = m.sites[reserve.site].outputs.start;
        let mut drawn = [0.0; B];
        for &e in &m.served[m.outputs[o].served()] {
            for k in 0..B {
                drawn[k] += s.flow[e as usize][k];
            }
        }
        let Some(i) = reserve.refill else { continue };
        let (mut sent, mut arrived) = ([0.0; B], [0.0; B]);
        for e in m.inputs[i].lanes.clone() {
            let (lane, now) = (&p.plan.lanes[e], s.sent(p, e));
            let mut next = now;
            if lane.delay > 0 {
                next = replace(&mut s.ring[lane.ring(&s.turns)], now);
            }
            if last {
                s.flow[e] = next;
            }
            for k in 0..B {
                sent[k] += now[k];
                arrived[k] += next[k];
            }
        }
        if last {
            continue;
        }
        let mut want = [0.0; B];
        for k in 0..B {
            s.inputs[i].transit[k] += sent[k];
            // An order at the level of rounding is none.
            let quiet = drawn[k] <= 1e-9 * p.release[o][k];
            s.idle[r][k] = if quiet { s.idle[r][k] + 1.0 } else { 0.0 };
            let lacking = f64::max(p.stock_goal[o][k] - s.outputs[o].held[k] - s.inputs[i].transit[k], 0.0);
            want[k] = if s.idle[r][k] >= p.refill_after[r][k] {
                f64::min(p.refill_rate[r][k], lacking)
            } else {
                0.0
            };
            s.inputs[i].transit[k] = f64::max(s.inputs[i].transit[k] - arrived[k], 0.0);
            s.outputs[o].held[k] += arrived[k];
        }
        let input = &m.inputs[i];
        let mut rooms = [0.0; B];
        for e in input.contingent() {
            let room = &mut s.scratch[0].room[e - input.lanes.start];
            contingent_room(&p.view(), &s.conditions.next, &s.conditions.ramp, e, room);
            for k in 0..B {
                rooms[k] += room[k];
            }
        }
        for e in input.contingent() {
            for k in 0..B {
                s.flow[e][k] = s.scratch[0].room[e - input.lanes.start][k] * fed(want[k], rooms[k]);
            }
        }
    }
}
