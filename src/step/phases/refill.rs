//! Phase 9 of reserves: how they are filled again.

use super::fed;
use super::offers::contingent_room;
use crate::network::Network;
use crate::step::prepare::Prepared;
use crate::step::state::State;
use std::mem::replace;

/// Phase 9 of reserves: those that nobody has drawn on for the stated time order what they lack; what arrives there is stored.
pub(crate) fn refill<const B: usize>(m: &Network, p: &Prepared<B>, s: &mut State<B>, last: bool) {
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
