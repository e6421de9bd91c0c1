//! Phase 7, and phase 2 of the next step: dispatches over lanes, and arrivals over them.

use super::dispatch::sent;
use super::own::{OwnInput, cut};
use crate::network::{Ix, LaneIx, ThinnedIx};
use crate::schedule::rows::Row;
use crate::step::plan::{InTransit, LanePlan, Sent};
use crate::step::state::ScratchView;
use crate::step::vector::V;
use crate::step::view::{At, OrdersView};
use pulp::Simd;

/// Dispatches of this step over lanes that share out in proportion, and arrivals over them in the next.
#[inline(always)]
pub(super) fn carried<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut OrdersView<'_, B>,
    own: &OwnInput<'_, B>,
) -> (V<S, W>, V<S, W>) {
    let (plan, mut sent, mut arrived) = (own.plan, at.all(0.0), at.all(0.0));
    let lanes = &at.p.plan.lanes[plan.lanes];
    let (lanes, orders) = cut(lanes, own.order);
    if plan.lead.steps().is_none() {
        for number in 0..lanes.len() {
            let lane = &lanes[number];
            let now = at.of(&orders[number]) * at.of(&s.share[lane.share]);
            sent = sent + now;
            arrived = arrived + under_way(at, s, lane, now);
        }
    } else {
        for number in 0..lanes.len() {
            let lane = &lanes[number];
            sent = sent + at.of(&orders[number]) * at.of(&s.share[lane.share]);
        }
        arrived = lanes.first().map_or(sent, |lane| under_way(at, s, lane, sent));
    }
    if let Some(first) = plan.counted {
        for number in 0..lanes.len() {
            let lane = &lanes[number];
            let now = at.of(&orders[number]) * at.of(&s.share[lane.share]);
            at.add(&mut s.sums.brought[first.plus(number)], now);
        }
    }
    (sent, arrived)
}

/// After the last step: arrivals, which stay with the orders.
#[inline(always)]
pub(super) fn arrive<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut OrdersView<'_, B>,
    scratch: &mut ScratchView<'_, B>,
    own: &mut OwnInput<'_, B>,
) {
    match own.plan.sent {
        Sent::ByShare => {
            let (_, arrived) = carried(at, s, own);
            for (number, order) in own.order.iter_mut().enumerate() {
                (if number == 0 { arrived } else { at.all(0.0) }).put(order, at.v);
            }
        }
        Sent::LaneByLane => {
            shipped(at, s, scratch, own, true);
        }
    }
}

/// The goods of a lane that are due, in exchange for those that are sent `now`; these themselves where they take one step.
#[inline(always)]
pub(super) fn under_way<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut OrdersView<'_, B>,
    lane: &LanePlan,
    now: V<S, W>,
) -> V<S, W> {
    match lane.transit {
        InTransit::Nowhere | InTransit::WithFirst { .. } => now,
        InTransit::Own { turn, ring, .. } => {
            let row = &mut s.ordered.ring[ring.plus(s.turns[turn] as usize)];
            let due = at.of(row);
            now.put(row, at.v);
            due
        }
        InTransit::Drawn { most, delay, turn, ring } => {
            let (apart, first) = (at.p.plan.turns[turn].rows as usize, s.turns[turn] as usize);
            let (zero, delay) = (at.all(0.0), at.constant(delay));
            let row = &mut s.ordered.ring[ring.plus(first)];
            let due = at.of(row) + delay.equals(zero).select(now, zero);
            zero.put(row, at.v);
            // Each trial has goods due in as many of the steps ahead as they take; the other rows are empty.
            for steps in 1..=usize::from(most) {
                let ahead = (first + steps * apart) % (usize::from(most) * apart);
                let sent = delay.equals(at.all(steps as f64)).select(now, zero);
                at.add(&mut s.ordered.ring[ring.plus(ahead)], sent);
            }
            due
        }
    }
}

/// The goods that are sent on a lane in this step, given its order.
#[inline(always)]
pub(super) fn sent_now<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &OrdersView<'_, B>,
    lane: &LanePlan,
    e: LaneIx,
    order: &Row<B>,
) -> V<S, W> {
    let share = &s.share[lane.share];
    if !lane.special {
        return at.of(order) * at.of(share);
    }
    let ties = &at.p.plan.ties[e];
    let thinned = ties.passing.at().checked_sub(at.p.plan.lanes.len());
    let passing = thinned.map_or(order, |number| &s.thinned[ThinnedIx::new(number)]);
    sent(at.v, ties.rationing, at.of(passing), share, &at.p.facts.volume[e])
}

/// Dispatches to an input in this step, and its arrivals in the next, of which those from reserves are kept lane by lane.
/// Arrivals after the last step stay with the orders.
#[inline(always)]
pub(super) fn shipped<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut OrdersView<'_, B>,
    scratch: &mut ScratchView<'_, B>,
    own: &mut OwnInput<'_, B>,
    last: bool,
) -> (V<S, W>, V<S, W>) {
    let offer = &at.p.plan.offers[own.i];
    let (mut total, mut arrived) = (at.all(0.0), at.all(0.0));
    let from_reserves = offer.reserve.at() - offer.lanes.start.at();
    for (number, order) in own.order.iter_mut().enumerate() {
        let e = own.plan.lanes.start.plus(number);
        let lane = &at.p.plan.lanes[e];
        let now = sent_now(at, s, lane, e, order);
        total = total + now;
        if let Some(first) = own.plan.counted {
            at.add(&mut s.sums.brought[first.plus(number)], now);
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
