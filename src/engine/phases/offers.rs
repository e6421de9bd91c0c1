//! How what an input wants is split over its lanes where some have limits, or controls act on them.

use crate::engine::conditions::Passage;
use crate::engine::plan::{InputPlan, SitePlan};
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
    s: &mut OrdersView<'_, B>,
    scratch: &mut ScratchView<'_, B>,
    site: &SitePlan,
    input: &InputPlan,
    want: V<S, W>,
) {
    let At { simd, v, p } = at;
    let (zero, one) = (V::all(simd, 0.0), V::all(simd, 1.0));
    let plan = &p.plan;
    let first = input.lanes.start as usize;
    let shut = |passage: u32| s.shut[passage as usize];
    let known = &plan.known[input.known.start as usize..input.known.end as usize];
    // While all lanes are open planned shares are what they are at the baseline.
    let moved = site.weights != Weights::Fixed || known.iter().any(|&passage| shut(passage));
    if !moved && !input.limited && input.contingent().is_empty() {
        for e in input.weighted() {
            (want * V::of(simd, &p.planned[e], v)).put(&mut s.order[e], v);
        }
        return;
    }
    if moved {
        let mut total = zero;
        for e in input.weighted() {
            let mut share = V::of(simd, &p.volume[e], v);
            if site.weights != Weights::Fixed {
                share = share * V::of(simd, &s.weight[e], v);
            }
            let passage = plan.lanes[e].passage;
            if shut(passage) {
                share = share * V::of(simd, &s.next[passage as usize].mean, v);
            }
            share.put(&mut scratch.planned[e - first], v);
            total = total + share;
        }
        let scale = total.over(zero).select(one / total, zero);
        for row in &mut scratch.planned[..input.weighted().len()] {
            (V::of(simd, row, v) * scale).put(row, v);
        }
    }
    // First offer; `open` is the share of the lanes without any limit.
    let (mut placed, mut open, mut rooms) = (zero, zero, zero);
    for e in input.weighted() {
        let lane = &plan.lanes[e];
        let share = V::of(simd, if moved { &scratch.planned[e - first] } else { &p.planned[e] }, v);
        let asked = want * share;
        let (mut order, mut room) = (asked, zero);
        if shut(lane.passage) {
            let next = &s.next[lane.passage as usize];
            let (covered, passed) = (V::of(simd, &next.covered, v), V::of(simd, &next.passed, v));
            let passes = passed * V::of(simd, &p.volume[e], v);
            if lane.limited {
                let limit = V::of(simd, &p.surge[e], v) * (one - covered) + passes;
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
            let limit = V::of(simd, &p.surge[e], v);
            order = asked.min(limit);
            room = limit - order;
        } else {
            open = open + share;
        }
        order.put(&mut s.order[e], v);
        room.put(&mut scratch.room[e - first], v);
        placed = placed + order;
        rooms = rooms + room;
    }
    let rest = (want - placed).beyond(want);
    if !rest.over(zero).any() {
        for e in input.contingent() {
            zero.put(&mut s.order[e], v);
        }
        return;
    }
    for e in input.contingent() {
        let room = room_for(at, s.next, s.ramp, e);
        room.put(&mut scratch.room[e - first], v);
        rooms = rooms + room;
    }
    // Second offer: to the unlimited lanes if there are any, else by room.
    let shared = open.over(zero);
    let by_share = shared.select(rest / open, zero);
    let by_room = shared.select(zero, rest.fed(rooms));
    for e in input.weighted() {
        let lane = &plan.lanes[e];
        let mut order = V::of(simd, &s.order[e], v);
        if !lane.limited {
            let share = V::of(simd, if moved { &scratch.planned[e - first] } else { &p.planned[e] }, v);
            let covered = V::of(simd, &s.next[lane.passage as usize].covered, v);
            order = order + covered.over(zero).select(zero, share * by_share);
        }
        if lane.limited || shut(lane.passage) {
            order = order + V::of(simd, &scratch.room[e - first], v) * by_room;
        }
        order.put(&mut s.order[e], v);
    }
    for e in input.contingent() {
        (V::of(simd, &scratch.room[e - first], v) * by_room).put(&mut s.order[e], v);
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
