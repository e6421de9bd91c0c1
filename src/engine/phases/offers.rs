//! How what an input wants is split over its lanes where some have limits, or controls act on them.

use super::orders::Own;
use crate::engine::conditions::Passage;
use crate::engine::plan::numbers;
use crate::engine::rows::Row;
use crate::engine::state::ScratchView;
use crate::engine::vector::{V, Width};
use crate::engine::view::{At, OrdersView, PreparedView};
use crate::scenario::Weights;
use pulp::Simd;

/// Splits `want` over the lanes of an input: by planned shares up to their limits, then what is left once more.
#[inline(always)]
pub(super) fn place<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &OrdersView<'_, B>,
    scratch: &mut ScratchView<'_, B>,
    own: &mut Own<'_, B>,
    want: V<S, W>,
) {
    let At { simd, v, p } = at;
    let (zero, one) = (V::all(simd, 0.0), V::all(simd, 1.0));
    let (plan, input, site) = (&p.plan, own.plan, own.site);
    let shut = |passage: u32| s.shut[passage as usize];
    let known = &plan.known[numbers(&input.known)];
    let weighted = input.weighted();
    let (orders, contingent) =
        own.order[..input.reserves().start - weighted.start].split_at_mut(weighted.len());
    // While all lanes are open planned shares are what they are at the baseline.
    let moved = site.weights != Weights::Fixed || known.iter().any(|&passage| shut(passage));
    if !moved && !input.limited && contingent.is_empty() {
        for (e, order) in weighted.zip(orders) {
            (want * at.planned(e)).put(order, v);
        }
        return;
    }
    let lanes = &plan.lanes[weighted.clone()];
    let volumes = &p.volume[weighted.clone()];
    if moved {
        let mut total = zero;
        let rows = scratch.planned.iter_mut().zip(volumes);
        for ((e, lane), (row, volume)) in weighted.clone().zip(lanes).zip(rows) {
            let mut share = at.of(volume);
            if site.weights != Weights::Fixed {
                share = share * at.of(&s.weight[e]);
            }
            if shut(lane.passage) {
                share = share * at.of(&s.next[lane.passage as usize].mean);
            }
            share.put(row, v);
            total = total + share;
        }
        let scale = total.over(zero).select(one / total, zero);
        for row in &mut scratch.planned[..weighted.len()] {
            (at.of(row) * scale).put(row, v);
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
    for ((e, lane), (((planned, volume), row), own_room)) in weighted.clone().zip(lanes).zip(rows) {
        let share = at.of(planned);
        let asked = want * share;
        let (mut order, mut room) = (asked, zero);
        if shut(lane.passage) {
            let next = &s.next[lane.passage as usize];
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
    for (e, row) in input.contingent().zip(&mut *more) {
        let room = room_for(at, s.next, s.ramp, e);
        room.put(row, v);
        rooms = rooms + room;
    }
    // Second offer: to the unlimited lanes if there are any, else by room.
    let shared = open.over(zero);
    let by_share = shared.select(rest / open, zero);
    let by_room = shared.select(zero, rest.fed(rooms));
    for (((lane, planned), room), row) in lanes.iter().zip(planned).zip(&*room).zip(orders) {
        let mut order = at.of(row);
        if !lane.limited {
            let covered = at.of(&s.next[lane.passage as usize].covered);
            order = order + covered.over(zero).select(zero, at.of(planned) * by_share);
        }
        if lane.limited || shut(lane.passage) {
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
    let lane = &p.plan.lanes[e];
    let mut room = V::of(simd, &p.surge[e], v);
    if let Some(project) = lane.project {
        room = room * V::of(simd, &ramp[project as usize], v);
    }
    if lane.passage > 0 {
        room = room * V::of(simd, &next[lane.passage as usize].mean, v);
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
