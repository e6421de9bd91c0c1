//! How what an input wants is split over its lanes where some have limits, or controls act on them.

use super::orders::Own;
use crate::engine::conditions::Passage;
use crate::engine::plan::{OfferPlan, numbers};
use crate::engine::rows::Row;
use crate::engine::state::ScratchView;
use crate::engine::vector::{V, Width};
use crate::engine::view::{At, OrdersView, PreparedView};
use crate::scenario::Weights;
use pulp::Simd;

/// Splits `want` over lanes that no control bars and some of which have limits: by baseline shares up to the limits, then
/// what is left once more, to the unlimited lanes if there are any, else by room.
#[inline(always)]
pub(super) fn place_limited<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    own: &mut Own<'_, B>,
    want: V<S, W>,
) {
    let zero = at.all(0.0);
    let slots = numbers(&own.plan.lanes);
    let lanes = &at.p.plan.lanes[slots.clone()];
    let (mut placed, mut open, mut rooms) = (zero, zero, zero);
    for (e, (lane, row)) in slots.clone().zip(lanes.iter().zip(&mut *own.order)) {
        let share = at.planned(e);
        let mut order = want * share;
        if lane.limited {
            let limit = at.of(&at.p.surge[e]);
            order = order.min(limit);
            rooms = rooms + (limit - order);
        } else {
            open = open + share;
        }
        order.put(row, at.v);
        placed = placed + order;
    }
    let rest = (want - placed).beyond(want);
    if !rest.over(zero).any() {
        return;
    }
    let shared = open.over(zero);
    let by_share = shared.select(rest / open, zero);
    let by_room = shared.select(zero, rest.fed(rooms));
    for (e, (lane, row)) in slots.zip(lanes.iter().zip(&mut *own.order)) {
        let order = at.of(row);
        let more =
            if lane.limited { (at.of(&at.p.surge[e]) - order) * by_room } else { at.planned(e) * by_share };
        (order + more).put(row, at.v);
    }
}

/// Splits `want` over the lanes of an input: by planned shares up to their limits, then what is left once more.
#[inline(always)]
pub(super) fn place<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &OrdersView<'_, B>,
    scratch: &mut ScratchView<'_, B>,
    own: &mut Own<'_, B>,
    offer: &OfferPlan,
    want: V<S, W>,
) {
    let At { simd, v, p } = at;
    let (zero, one) = (V::all(simd, 0.0), V::all(simd, 1.0));
    let (plan, site) = (&p.plan, own.site);
    let shut = |passage: u32| s.shut[passage as usize];
    let known = &plan.known[numbers(&offer.known)];
    let weighted = offer.weighted();
    let (orders, contingent) =
        own.order[..offer.reserves().start - weighted.start].split_at_mut(weighted.len());
    // While all lanes are open planned shares are what they are at the baseline.
    let moved = site.weights != Weights::Fixed || known.iter().any(|&passage| shut(passage));
    if !moved && !own.plan.limited && contingent.is_empty() {
        for (e, order) in weighted.zip(orders) {
            (want * at.planned(e)).put(order, v);
        }
        return;
    }
    let (lanes, ties) = (&plan.lanes[weighted.clone()], &plan.ties[weighted.clone()]);
    let volumes = &p.volume[weighted.clone()];
    if moved {
        let mut total = zero;
        let rows = scratch.planned.iter_mut().zip(volumes);
        for ((e, ties), (row, volume)) in weighted.clone().zip(ties).zip(rows) {
            let mut share = at.of(volume);
            if site.weights != Weights::Fixed {
                share = share * at.of(&s.weight[e]);
            }
            if shut(ties.passage) {
                share = share * at.of(&s.next[ties.passage as usize].mean);
            }
            share.put(row, v);
            total = total + share;
        }
        let taken = total.over(zero);
        if let [row] = &mut scratch.planned[..weighted.len()] {
            // One lane that takes all takes exactly all.
            taken.select(one, zero).put(row, v);
        } else {
            let scale = taken.select(one / total, zero);
            for row in &mut scratch.planned[..weighted.len()] {
                (at.of(row) * scale).put(row, v);
            }
        }
    } else {
        for (e, row) in weighted.clone().zip(&mut *scratch.planned) {
            at.planned(e).put(row, v);
        }
    }
    let planned = &scratch.planned[..weighted.len()];
    // First offer; `open` is the share of the lanes without any limit.
    let (mut placed, mut open, mut rooms) = (zero, zero, zero);
    let rows = planned.iter().zip(volumes).zip(&mut *orders).zip(&mut *scratch.room);
    let walked = weighted.clone().zip(lanes.iter().zip(ties));
    for ((e, (lane, ties)), (((planned, volume), row), own_room)) in walked.zip(rows) {
        let share = at.of(planned);
        let asked = want * share;
        let (mut order, mut room) = (asked, zero);
        if shut(ties.passage) {
            let next = &s.next[ties.passage as usize];
            let (covered, passed) = (at.of(&next.covered), at.of(&next.passed));
            let passes = passed * at.of(volume);
            if lane.limited {
                let limit = at.of(&p.surge[e]) * (one - covered) + passes;
                order = asked.min(limit);
                room = limit - order;
            } else {
                let barred = covered.over(zero);
                let limit = (one - covered) * want + passes;
                order = barred.select(asked.min(limit), asked);
                open = open + barred.select(zero, share);
                room = barred.and(share.over(zero)).select(limit - order, zero);
            }
        } else if lane.limited {
            let limit = at.of(&p.surge[e]);
            order = asked.min(limit);
            room = limit - order;
        } else {
            open = open + share;
        }
        order.put(row, v);
        room.put(own_room, v);
        placed = placed + order;
        rooms = rooms + room;
    }
    let rest = (want - placed).beyond(want);
    if !rest.over(zero).any() {
        for order in contingent {
            zero.put(order, v);
        }
        return;
    }
    let (room, more) = scratch.room.split_at_mut(weighted.len());
    for (e, row) in offer.contingent().zip(&mut *more) {
        let room = room_for(at, s.next, s.ramp, e);
        room.put(row, v);
        rooms = rooms + room;
    }
    // Second offer: to the unlimited lanes if there are any, else by room.
    let shared = open.over(zero);
    let by_share = shared.select(rest / open, zero);
    let by_room = shared.select(zero, rest.fed(rooms));
    let walked = lanes.iter().zip(ties).zip(planned);
    for (((lane, ties), planned), (room, row)) in walked.zip(room.iter().zip(orders)) {
        let mut order = at.of(row);
        if !lane.limited {
            let covered = at.of(&s.next[ties.passage as usize].covered);
            order = order + covered.over(zero).select(zero, at.of(planned) * by_share);
        }
        if lane.limited || shut(ties.passage) {
            order = order + at.of(room) * by_room;
        }
        order.put(row, v);
    }
    for (room, row) in more.iter().zip(contingent) {
        (at.of(room) * by_room).put(row, v);
    }
}

/// What a contingent lane can take: its nominal volume times `m`, scaled by a project's ramp and by what the
/// controls let pass.
#[inline(always)]
fn room_for<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    next: &[Passage<B>],
    ramp: &[Row<B>],
    e: usize,
) -> V<S, W> {
    let At { simd, v, p } = at;
    let ties = &p.plan.ties[e];
    let mut room = V::of(simd, &p.surge[e], v);
    if let Some(project) = ties.project {
        room = room * V::of(simd, &ramp[project as usize], v);
    }
    if ties.passage > 0 {
        room = room * V::of(simd, &next[ties.passage as usize].mean, v);
    }
    room
}

/// The same for all trials of the block.
pub(super) fn contingent_room<const B: usize>(
    p: &PreparedView<'_, B>,
    next: &[Passage<B>],
    ramp: &[Row<B>],
    e: usize,
    room: &mut Row<B>,
) {
    for v in 0..B {
        room_for(At { simd: Width::<_, 1>(pulp::Scalar), v, p }, next, ramp, e).put(room, v);
    }
}
