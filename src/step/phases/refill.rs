//! Phase 9 of reserves: how they are filled again.

use super::offers::contingent_room;
use super::{fed, sent_on};
use crate::network::{InputIx, Ix, LaneIx, Network, OutputIx, ReserveIx};
use crate::schedule::rows::Row;
use crate::step::index::FlowIx;
use crate::step::plan::{InTransit, Turn};
use crate::step::prepare::PreparedView;
use crate::step::state::Live;
use std::mem::replace;

/// Phase 9 of reserves: those that nobody has drawn on for the stated time order the goods they lack; arrivals are stored.
pub(crate) fn refill<const B: usize>(m: &Network, p: &PreparedView<'_, B>, s: &mut Live<'_, B>, last: bool) {
    for (r, reserve) in m.reserves.pairs() {
        let Some(i) = reserve.refill else { continue };
        let (sent, arrived) = arrive(m, p, s, i, last);
        if !last {
            let o = m.sites[reserve.site].outputs.start;
            let want = want(m, p, s, (r, i, o), &sent, &arrived);
            place(m, p, s, i, &want);
        }
    }
}

/// Dispatches to a reserve in this step, and arrivals in the next, which after the last step stay with the orders.
fn arrive<const B: usize>(
    m: &Network,
    p: &PreparedView<'_, B>,
    s: &mut Live<'_, B>,
    i: InputIx,
    last: bool,
) -> (Row<B>, Row<B>) {
    let (mut sent, mut arrived) = ([0.0; B], [0.0; B]);
    for e in m.inputs[i].lanes {
        let now = sent_on(p, s, e);
        let next = under_way(p, s, e, now);
        if last {
            s.flows.flow[FlowIx::of(e)] = next;
        }
        for k in 0..B {
            sent[k] += now[k];
            arrived[k] += next[k];
        }
    }
    (sent, arrived)
}

/// The goods of a lane that are due, in exchange for those that are sent `now`, as in walks over sites.
fn under_way<const B: usize>(p: &PreparedView<'_, B>, s: &mut Live<'_, B>, e: LaneIx, now: Row<B>) -> Row<B> {
    let (turn, ring) = match p.plan.lanes[e].transit {
        InTransit::Nowhere | InTransit::WithFirst { .. } => return now,
        InTransit::Own { turn, ring, .. } | InTransit::Drawn { turn, ring, .. } => (turn, ring),
    };
    let Turn { delay: most, rows: apart } = p.plan.turns[turn];
    let (first, delay) = (s.turns[turn], p.delay(e));
    let due = replace(&mut s.ordered.ring[ring.plus(first as usize)], [0.0; B]);
    std::array::from_fn(|k| {
        if delay[k] == 0.0 {
            return now[k];
        }
        let ahead = (first + delay[k] as u32 * apart) % (most * apart);
        s.ordered.ring[ring.plus(ahead as usize)][k] = now[k];
        due[k]
    })
}

/// The want of a reserve, given dispatches to it and its arrivals, which are stored.
fn want<const B: usize>(
    m: &Network,
    p: &PreparedView<'_, B>,
    s: &mut Live<'_, B>,
    (r, i, o): (ReserveIx, InputIx, OutputIx),
    sent: &Row<B>,
    arrived: &Row<B>,
) -> Row<B> {
    let mut drawn = [0.0; B];
    for &e in &m.served[m.outputs[o].served()] {
        for k in 0..B {
            drawn[k] += s.flows.flow[FlowIx::of(e)][k];
        }
    }
    let (transit, idle) = (&mut s.ordered.transit[i], &mut s.refilled.idle[r]);
    let (held, facts) = (&mut s.stocks.held[o], &p.facts);
    let mut want = [0.0; B];
    for k in 0..B {
        transit[k] += sent[k];
        // An order at the level of rounding is none.
        let quiet = drawn[k] <= 1e-9 * facts.release[o][k];
        idle[k] = if quiet { idle[k] + 1.0 } else { 0.0 };
        let lacking = f64::max(facts.stock_goal[o][k] - held[k] - transit[k], 0.0);
        let waited = idle[k] >= facts.refill_after[r][k];
        want[k] = if waited { f64::min(facts.refill_rate[r][k], lacking) } else { 0.0 };
        transit[k] = f64::max(transit[k] - arrived[k], 0.0);
        held[k] += arrived[k];
    }
    want
}

/// Splits the want of a reserve over its lanes, by room.
fn place<const B: usize>(
    m: &Network,
    p: &PreparedView<'_, B>,
    s: &mut Live<'_, B>,
    i: InputIx,
    want: &Row<B>,
) {
    let input = &m.inputs[i];
    let number = |e: LaneIx| e.at() - input.lanes.start.at();
    let scratch = s.scratch[0].view();
    let mut rooms = [0.0; B];
    for e in input.contingent() {
        let room = &mut scratch.room[number(e)];
        contingent_room(p, s.conditions.next.view(), s.conditions.ramp.view(), e, room);
        for k in 0..B {
            rooms[k] += room[k];
        }
    }
    for e in input.contingent() {
        for k in 0..B {
            s.flows.flow[FlowIx::of(e)][k] = scratch.room[number(e)][k] * fed(want[k], rooms[k]);
        }
    }
}
