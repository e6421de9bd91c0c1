//! Phases 7 and 9, and 2 of the next step: what is sent, the orders of the next step, and what arrives in it.

use super::dispatch::sent;
use super::fed;
use super::offers::{contingent_room, place};
use crate::engine::plan::{InputPlan, LanePlan, SitePlan};
use crate::engine::prepare::Prepared;
use crate::engine::state::{ScratchView, State};
use crate::engine::vector::{V, Width};
use crate::engine::view::{At, OrdersView, PreparedView};
use crate::model::Model;
use crate::scenario::{Ordering, Weights};
use pulp::Simd;
use std::ops::Range;

/// Phases 7 and 9 of some sites: what their suppliers send, expected activity, weights, and the orders of the next step.
/// Then, as phase 2 of that step, what arrives. After the last step there are no orders.
#[inline(always)]
pub(crate) fn orders<S: Simd, const W: usize, const B: usize>(
    simd: Width<S, W>,
    p: &PreparedView<'_, B>,
    s: &mut OrdersView<'_, B>,
    scratch: &mut ScratchView<'_, B>,
    sites: Range<usize>,
    last: bool,
) {
    for n in sites {
        let site = &p.plan.sites[n];
        for v in simd.parts::<B>() {
            let at = At { simd, v, p };
            let expected = V::of(simd, &s.expected[n], v);
            let gap = V::of(simd, &s.possible[n], v) - expected;
            let expected = expected + gap * V::of(simd, &p.smoothing[n], v);
            expected.put(&mut s.expected[n], v);
            for i in site.inputs.clone() {
                let (i, input) = (i as usize, &p.plan.inputs[i as usize]);
                if input.plain && !last {
                    renew(at, s, site, i, input, expected);
                    continue;
                }
                let (sent, arrived) = shipped(at, s, input, last);
                if last {
                    continue;
                }
                let mut transit = sent;
                if input.delay != Some(0) {
                    transit = V::of(simd, &s.transit[i], v) + transit;
                }
                weights(at, s, site, input);
                let use_expected = V::of(simd, &s.usage[i], v) * expected;
                let stock = V::of(simd, &s.stock[i], v);
                let mut cover = V::of(simd, &p.stock_target[i], v);
                if input.delay != Some(0) {
                    cover = cover + V::of(simd, &s.pipeline[i], v);
                }
                let target = cover * use_expected;
                let want = wanted(at, s, site, i, use_expected, stock, target, transit);
                if let Some(sought) = s.sought.get_mut(i) {
                    want.min(use_expected).put(sought, v);
                }
                place(at, s, scratch, site, input, want);
                if !input.reserves().is_empty() {
                    from_reserves(at, s, scratch, i, input, use_expected, stock);
                }
                if input.delay != Some(0) {
                    follow_pipeline(at, s, n, i, input);
                    (transit - arrived).positive().put(&mut s.transit[i], v);
                }
                (stock + arrived).put(&mut s.stock[i], v);
            }
        }
    }
}

/// All of that for a plain input, which comes to a few operations.
#[inline(always)]
fn renew<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut OrdersView<'_, B>,
    site: &SitePlan,
    i: usize,
    input: &InputPlan,
    expected: V<S, W>,
) {
    let At { simd, v, p } = at;
    let e = input.lanes.start as usize;
    let share = V::of(simd, &s.share[p.plan.lanes[e].tier as usize], v);
    let sent = V::of(simd, &s.order[e], v) * share;
    let stock = V::of(simd, &s.stock[i], v);
    let use_expected = V::all(simd, p.plan.usage[i]) * expected;
    let target = V::of(simd, &p.stock_target[i], v) * use_expected;
    wanted(at, s, site, i, use_expected, stock, target, sent).put(&mut s.order[e], v);
    (stock + sent).put(&mut s.stock[i], v);
}

/// What is sent on a lane in this step.
#[inline(always)]
fn sent_now<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &OrdersView<'_, B>,
    lane: &LanePlan,
    e: usize,
) -> V<S, W> {
    let At { simd, v, p } = at;
    let passing = lane.passing as usize;
    let lanes = p.plan.lanes.len();
    let passing = if passing < lanes { &s.order[passing] } else { &s.thinned[passing - lanes] };
    sent(v, lane, V::of(simd, passing, v), s.share, &p.volume[e])
}

/// What was sent to an input in this step, and what arrives at it in the next. What arrives after the last step stays with
/// the orders.
#[inline(always)]
fn shipped<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut OrdersView<'_, B>,
    input: &InputPlan,
    last: bool,
) -> (V<S, W>, V<S, W>) {
    let At { simd, v, p } = at;
    let (mut total, mut arrived) = (V::all(simd, 0.0), V::all(simd, 0.0));
    for e in input.lanes.clone() {
        let e = e as usize;
        let lane = &p.plan.lanes[e];
        let now = sent_now(at, s, lane, e);
        total = total + now;
        if let Some(first) = input.counted {
            let brought = &mut s.brought[first as usize + e - input.lanes.start as usize];
            (V::of(simd, brought, v) + now).put(brought, v);
        }
        if lane.delay > 0 {
            now.put(&mut s.ring[lane.ring(s.turns)], v);
            arrived = arrived + V::of(simd, &s.ring[lane.ring(s.next_turns)], v);
        } else {
            arrived = arrived + now;
            if last {
                now.put(&mut s.order[e], v);
            }
        }
    }
    (total, arrived)
}

/// `w` of the lanes of an input.
#[inline(always)]
fn weights<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut OrdersView<'_, B>,
    site: &SitePlan,
    input: &InputPlan,
) {
    let At { simd, v, p } = at;
    if site.weights == Weights::Fixed {
        return;
    }
    let zero = V::all(simd, 0.0);
    for e in input.weighted() {
        let lane = &p.plan.lanes[e];
        let weight = if site.weights == Weights::Capacity {
            let n = lane.supplier as usize;
            let usual = V::of(simd, &p.capacity[n], v);
            let now = V::of(simd, &s.overtime[n], v) * V::of(simd, &s.capacity[n], v);
            usual.over(zero).select(now / usual, V::all(simd, 1.0))
        } else {
            let (weight, order) = (V::of(simd, &s.weight[e], v), V::of(simd, &s.order[e], v));
            let sent = sent_now(at, s, lane, e);
            let served = order.over(zero).select(sent / order, weight);
            (weight + (served - weight) * V::of(simd, p.experience, v)).max(V::all(simd, 0.05))
        };
        weight.put(&mut s.weight[e], v);
    }
}

/// `want` of input `i`, given its target, its stock, and what is under way to it.
#[expect(clippy::too_many_arguments, reason = "one input of one step")]
#[inline(always)]
fn wanted<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &OrdersView<'_, B>,
    site: &SitePlan,
    i: usize,
    use_expected: V<S, W>,
    stock: V<S, W>,
    target: V<S, W>,
    transit: V<S, W>,
) -> V<S, W> {
    let At { simd, v, p } = at;
    let gap = (target - stock - transit).unless_rounding(target);
    let gain = V::of(simd, &p.restoration[i], v);
    let asked = match site.ordering {
        Ordering::Smoothed => use_expected + gap * gain,
        Ordering::Ario => V::of(simd, &s.used[i], v) + gap.positive() * gain,
    };
    asked.beyond(use_expected + stock)
}

/// Orders from reserves follow their own rule: what the stock is below the trigger.
#[inline(always)]
fn from_reserves<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut OrdersView<'_, B>,
    scratch: &mut ScratchView<'_, B>,
    i: usize,
    input: &InputPlan,
    use_expected: V<S, W>,
    stock: V<S, W>,
) {
    let At { simd, v, p } = at;
    let mut transit = V::of(simd, &s.reserve_transit[i], v);
    let first = input.lanes.start as usize;
    for e in input.reserves() {
        let lane = &p.plan.lanes[e];
        let now = sent_now(at, s, lane, e);
        transit = transit + now;
        let arrives = if lane.delay > 0 { V::of(simd, &s.ring[lane.ring(s.next_turns)], v) } else { now };
        arrives.put(&mut scratch.room[e - first], v);
    }
    for e in input.reserves() {
        let lane = &p.plan.lanes[e];
        let mut rate = V::of(simd, &p.volume[e], v);
        if lane.passage > 0 {
            rate = rate * V::of(simd, &s.next[lane.passage as usize].mean, v);
        }
        let trigger = V::of(simd, &p.trigger[e], v) * use_expected;
        let short = (trigger - stock - transit).beyond(trigger);
        rate.min(short).put(&mut s.order[e], v);
    }
    for e in input.reserves() {
        transit = (transit - V::of(simd, &scratch.room[e - first], v)).positive();
    }
    transit.put(&mut s.reserve_transit[i], v);
}

/// `Λ` follows the lead times of the orders that were placed.
#[inline(always)]
fn follow_pipeline<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut OrdersView<'_, B>,
    n: usize,
    i: usize,
    input: &InputPlan,
) {
    let At { simd, v, p } = at;
    let pipeline = V::of(simd, &s.pipeline[i], v);
    let delay = input.delay.map(|delay| V::all(simd, f64::from(delay)));
    // Where all lead times are equal it has mostly nowhere to go.
    if delay.is_some_and(|delay| !delay.over(pipeline).any()) {
        return;
    }
    let (mut total, mut far) = (V::all(simd, 0.0), V::all(simd, 0.0));
    for e in input.lanes.clone() {
        let order = V::of(simd, &s.order[e as usize], v);
        total = total + order;
        far = far + order * V::all(simd, f64::from(p.plan.lanes[e as usize].delay));
    }
    let mean = delay.unwrap_or_else(|| far / total);
    let mean = total.over(V::all(simd, 0.0)).select(mean, pipeline);
    (pipeline + (mean - pipeline) * V::of(simd, &p.smoothing[n], v)).put(&mut s.pipeline[i], v);
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
                s.ring[lane.ring(&s.turns)] = now;
                next = s.ring[lane.ring(&s.next_turns)];
            } else if last {
                s.flow[e] = now;
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
            s.transit[i][k] += sent[k];
            // An order at the level of rounding is none.
            let quiet = drawn[k] <= 1e-9 * p.release[o][k];
            s.idle[r][k] = if quiet { s.idle[r][k] + 1.0 } else { 0.0 };
            let lacking = f64::max(p.stock_goal[o][k] - s.held[o][k] - s.transit[i][k], 0.0);
            want[k] = if s.idle[r][k] >= p.refill_after[r][k] {
                f64::min(p.refill_rate[r][k], lacking)
            } else {
                0.0
            };
            s.transit[i][k] = f64::max(s.transit[i][k] - arrived[k], 0.0);
            s.held[o][k] += arrived[k];
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
