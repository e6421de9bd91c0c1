//! How the want of an input is split over its lanes where some have limits, or controls act on them.

use super::own::OwnInput;
use crate::network::{Items, Ix, LaneIx, PassageIx, ProjectIx};
use crate::scenario::Weights;
use crate::schedule::conditions::Passage;
use crate::schedule::rows::Row;
use crate::step::index::NotedIx;
use crate::step::plan::{Kind, LanePlan, OfferPlan};
use crate::step::prepare::PreparedView;
use crate::step::state::ScratchView;
use crate::step::vector::{V, Width};
use crate::step::view::{At, OrdersView};
use pulp::Simd;

/// Whether shares and limits of an input's lanes are those of the baseline, and all its lanes go by them.
#[inline(always)]
pub(super) fn is_open<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &OrdersView<'_, B>,
    own: &OwnInput<'_, B>,
) -> bool {
    if own.plan.kind == Kind::Open {
        return true;
    }
    let offer = &at.p.plan.offers[own.i];
    let known = &at.p.plan.known[offer.known];
    own.site.weights == Weights::Fixed
        && offer.contingent == offer.lanes.end
        && !known.iter().any(|&passage| s.shut[passage])
}

/// Splits `want` over lanes that no control bars: by baseline shares.
#[inline(always)]
pub(super) fn place_openly<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    own: &mut OwnInput<'_, B>,
    want: V<S, W>,
) {
    if own.plan.limited {
        return place_limited(at, own, want);
    }
    for (number, order) in own.order.iter_mut().enumerate() {
        (want * at.planned(own.plan.lanes.start.plus(number))).put(order, at.v);
    }
}

/// Splits `want` over lanes that no control bars and some of which have limits: by baseline shares up to the limits, then
/// the rest once more, to the unlimited lanes if there are any, else by room.
#[inline(always)]
fn place_limited<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    own: &mut OwnInput<'_, B>,
    want: V<S, W>,
) {
    let zero = at.all(0.0);
    let span = own.plan.lanes;
    let lanes = &at.p.plan.lanes[span];
    let orders = &mut own.order[..lanes.len()];
    let walked = || lanes.iter().enumerate().map(|(number, lane)| (number, lane, span.start.plus(number)));
    let mut placed = zero;
    for (number, lane, e) in walked() {
        let mut order = want * at.planned(e);
        if lane.limited {
            order = order.min(at.surge(e));
        }
        order.put(&mut orders[number], at.v);
        placed = placed + order;
    }
    let rest = (want - placed).beyond(want);
    if !rest.over(zero).any() {
        return;
    }
    let (mut open, mut rooms) = (zero, zero);
    for (number, lane, e) in walked() {
        if lane.limited {
            rooms = rooms + (at.surge(e) - at.of(&orders[number]));
        } else {
            open = open + at.planned(e);
        }
    }
    let shared = open.over(zero);
    let by_share = shared.select(rest / open, zero);
    let by_room = shared.select(zero, rest.fed(rooms));
    for (number, lane, e) in walked() {
        let order = at.of(&orders[number]);
        let more = if lane.limited { (at.surge(e) - order) * by_room } else { at.planned(e) * by_share };
        (order + more).put(&mut orders[number], at.v);
    }
}

/// Splits `want` over lanes that nothing limits, by baseline flows and the capacity of suppliers.
#[inline(always)]
pub(super) fn place_by_capacity<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &OrdersView<'_, B>,
    own: &mut OwnInput<'_, B>,
    want: V<S, W>,
) {
    let (zero, one) = (at.all(0.0), at.all(1.0));
    let ties = &at.p.plan.ties[own.plan.lanes];
    let volumes = &at.p.facts.volume[own.plan.lanes];
    let count = ties.len().min(volumes.len()).min(own.order.len());
    let (ties, volumes, orders) = (&ties[..count], &volumes[..count], &mut own.order[..count]);
    let mut total = zero;
    for number in 0..count {
        let ties = &ties[number];
        let share = at.of(&volumes[number]) * at.of(&s.strength[ties.supplier]);
        share.put(&mut orders[number], at.v);
        total = total + share;
    }
    let taken = total.over(zero);
    if let [row] = own.order {
        // One lane that takes all takes exactly all.
        (want * taken.select(one, zero)).put(row, at.v);
    } else {
        let scale = taken.select(one / total, zero);
        for row in &mut *own.order {
            (want * (at.of(row) * scale)).put(row, at.v);
        }
    }
}

/// Splits `want` over the lanes of an input: by planned shares up to their limits, then the rest once more.
#[inline(always)]
pub(super) fn place<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut OrdersView<'_, B>,
    scratch: &mut ScratchView<'_, B>,
    own: &mut OwnInput<'_, B>,
    offer: &OfferPlan,
    want: V<S, W>,
) {
    if let Some(noted) = offer.noted {
        let known = &at.p.plan.known[offer.known];
        let turned = known.iter().any(|&passage| s.turned[passage]);
        if turned || own.site.weights != Weights::Fixed {
            note(at, s, own, offer, noted);
        }
    }
    let (v, zero, one) = (at.v, at.all(0.0), at.all(1.0));
    let weighted = offer.weighted();
    let (orders, others) = own.order.split_at_mut(weighted.len());
    let contingent = &mut others[..offer.contingent().len()];
    let (lanes, ties) = (&at.p.plan.lanes[weighted], &at.p.plan.ties[weighted]);
    // First offer; `open` is the share of the lanes without any limit.
    let (mut placed, mut open, mut rooms) = (zero, zero, zero);
    let own_room = &mut scratch.room[..lanes.len()];
    for (number, e) in weighted.into_iter().enumerate() {
        let (lane, ties) = (&lanes[number], &ties[number]);
        let (share, limit) = terms(at, s, offer, lane, e);
        let asked = want * share;
        let (mut order, mut room) = (asked, zero);
        if lane.limited {
            order = asked.min(limit);
            room = limit - order;
        } else if s.shut[ties.passage] {
            let next = &s.next[ties.passage];
            let (covered, passed) = (at.of(&next.covered), at.of(&next.passed));
            let barred = covered.over(zero);
            let limit = (one - covered) * want + passed * at.of(&at.p.facts.volume[e]);
            order = barred.select(asked.min(limit), asked);
            open = open + barred.select(zero, share);
            room = barred.and(share.over(zero)).select(limit - order, zero);
        } else {
            open = open + share;
        }
        order.put(&mut orders[number], v);
        room.put(&mut own_room[number], v);
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
    for (number, e) in offer.contingent().into_iter().enumerate() {
        let room = room_for(at, s.next, s.ramp, e);
        room.put(&mut more[number], v);
        rooms = rooms + room;
    }
    // Second offer: to the unlimited lanes if there are any, else by room.
    let shared = open.over(zero);
    let by_share = if shared.any() { shared.select(rest / open, zero) } else { zero };
    let by_room = shared.select(zero, rest.fed(rooms));
    for (number, e) in weighted.into_iter().enumerate() {
        let (lane, ties, row) = (&lanes[number], &ties[number], &mut orders[number]);
        let mut order = at.of(row);
        let shut = s.shut[ties.passage];
        if !lane.limited {
            let (share, _) = terms(at, s, offer, lane, e);
            let covered = at.of(&s.next[ties.passage].covered);
            order = order + covered.over(zero).select(zero, share * by_share);
        }
        if lane.limited || shut {
            order = order + at.of(&room[number]) * by_room;
        }
        order.put(row, v);
    }
    for (number, row) in contingent.iter_mut().enumerate() {
        (at.of(&more[number]) * by_room).put(row, v);
    }
}

/// Planned share and limit of a weighted lane; the limit of a lane without one is 0, and not to be used.
#[inline(always)]
fn terms<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &OrdersView<'_, B>,
    offer: &OfferPlan,
    lane: &LanePlan,
    e: LaneIx,
) -> (V<S, W>, V<S, W>) {
    if let Some(noted) = offer.noted {
        let noted = noted.plus(e.at() - offer.lanes.start.at());
        let limit = if lane.limited { at.of(&s.ordered.limit[noted]) } else { at.all(0.0) };
        (at.of(&s.ordered.planned[noted]), limit)
    } else {
        let limit = if lane.limited { at.surge(e) } else { at.all(0.0) };
        (at.planned(e), limit)
    }
}

/// Notes planned shares and limits under the conditions of the next step.
#[inline(always)]
fn note<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut OrdersView<'_, B>,
    own: &OwnInput<'_, B>,
    offer: &OfferPlan,
    noted: NotedIx,
) {
    let (p, v, zero, one) = (at.p, at.v, at.all(0.0), at.all(1.0));
    let fixed = own.site.weights == Weights::Fixed;
    let known = &p.plan.known[offer.known];
    // While all lanes are open planned shares are those of the baseline.
    let moved = !fixed || known.iter().any(|&passage| s.shut[passage]);
    let weighted = offer.weighted();
    let mut total = zero;
    for (number, e) in weighted.into_iter().enumerate() {
        let passage = p.plan.ties[e].passage;
        let mut share = at.of(&p.facts.volume[e]);
        if !fixed {
            share = share * at.of(&s.ordered.weight[e]);
        }
        if s.shut[passage] {
            share = share * at.of(&s.next[passage].mean);
        }
        if !moved {
            share = at.planned(e);
        }
        share.put(&mut s.ordered.planned[noted.plus(number)], v);
        total = total + share;
        if p.plan.lanes[e].limited {
            let mut limit = at.surge(e);
            if s.shut[passage] {
                let next = &s.next[passage];
                limit =
                    limit * (one - at.of(&next.covered)) + at.of(&next.passed) * at.of(&p.facts.volume[e]);
            }
            limit.put(&mut s.ordered.limit[noted.plus(number)], v);
        }
    }
    if moved {
        let taken = total.over(zero);
        // One lane that takes all takes exactly all.
        let scale = taken.select(one / total, zero);
        for number in 0..weighted.len() {
            let row = &mut s.ordered.planned[noted.plus(number)];
            let share = if weighted.len() == 1 { taken.select(one, zero) } else { at.of(row) * scale };
            share.put(row, v);
        }
    }
}

/// The room of a contingent lane: its nominal volume times `m`, scaled by a project's ramp and by its passage.
#[inline(always)]
fn room_for<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    next: Items<'_, PassageIx, Passage<B>>,
    ramp: Items<'_, ProjectIx, Row<B>>,
    e: LaneIx,
) -> V<S, W> {
    let At { simd, v, p } = at;
    let ties = &p.plan.ties[e];
    let mut room = at.surge(e);
    if let Some(project) = ties.project {
        room = room * V::of(simd, &ramp[project], v);
    }
    if ties.passage != PassageIx::OPEN {
        room = room * V::of(simd, &next[ties.passage].mean, v);
    }
    room
}

/// The same for all trials of the block.
pub(super) fn contingent_room<const B: usize>(
    p: &PreparedView<'_, B>,
    next: Items<'_, PassageIx, Passage<B>>,
    ramp: Items<'_, ProjectIx, Row<B>>,
    e: LaneIx,
    room: &mut Row<B>,
) {
    for v in 0..B {
        room_for(At { simd: Width::<_, 1>(pulp::Scalar), v, p }, next, ramp, e).put(room, v);
    }
}
