//! Phase 9: the orders of the next step.

use super::{beyond, fed};
use crate::engine::conditions::Conditions;
use crate::engine::prepare::Prepared;
use crate::engine::rows::Row;
use crate::engine::state::State;
use crate::model::Model;
use crate::scenario::{Ordering, Weights};

/// Phase 9: expected activity, weights, and the orders of the next step.
#[inline(always)]
pub(crate) fn orders<const B: usize>(m: &Model, p: &Prepared<B>, s: &mut State<B>, t: usize) {
    for (n, site) in m.sites.iter().enumerate().take(m.active) {
        let (expected, possible, gain) = (&mut s.expected[n], &s.possible[n], &p.smoothing[n]);
        for k in 0..B {
            expected[k] += (possible[k] - expected[k]) * gain[k];
        }
        for i in site.inputs.clone() {
            if site.weights != Weights::Fixed {
                weights(m, p, s, i, site.weights, t);
            }
            let want = wanted(p, s, i, n, site.ordering);
            if let Some(asked) = s.asked.get_mut(i) {
                for k in 0..B {
                    asked[k] = f64::min(want[k], s.usage[i][k] * s.expected[n][k]);
                }
            }
            place(m, p, s, i, n, site.aware, &want);
            from_reserves(m, p, s, i, n);
            follow_pipeline(m, p, s, i, n);
        }
    }
    refill(m, p, s);
}

/// `w` of the lanes of input `i`.
#[inline(always)]
fn weights<const B: usize>(m: &Model, p: &Prepared<B>, s: &mut State<B>, i: usize, rule: Weights, t: usize) {
    for e in m.inputs[i].weighted() {
        let lane = &m.lanes[e];
        if rule == Weights::Capacity {
            let supplier = m.outputs[lane.output].site;
            for k in 0..B {
                s.weight[e][k] = s.strength(p, supplier, k);
            }
        } else {
            let sent = &s.ring[lane.ring + t % lane.lead];
            let (weight, order) = (&mut s.weight[e], &s.order[e]);
            for k in 0..B {
                let served = if order[k] > 0.0 { sent[k] / order[k] } else { weight[k] };
                weight[k] = f64::max(weight[k] + (served - weight[k]) * p.experience[k], 0.05);
            }
        }
    }
}

/// `want` of input `i` of site `n`.
#[inline(always)]
fn wanted<const B: usize>(p: &Prepared<B>, s: &State<B>, i: usize, n: usize, rule: Ordering) -> Row<B> {
    let mut want = [0.0; B];
    let (usage, expected, target, pipeline) =
        (&s.usage[i], &s.expected[n], &p.stock_target[i], &s.pipeline[i]);
    let (stock, transit, gain) = (&s.stock[i], &s.transit[i], &p.restoration[i]);
    for k in 0..B {
        let use_expected = usage[k] * expected[k];
        let gap = target[k] * use_expected + pipeline[k] * use_expected - stock[k] - transit[k];
        let asked = match rule {
            Ordering::Smoothed => use_expected + gap * gain[k],
            Ordering::Ario => s.used[i][k] + f64::max(gap, 0.0) * gain[k],
        };
        want[k] = beyond(asked, use_expected + stock[k]);
    }
    want
}

/// Splits `want` over the lanes of input `i`: by planned shares up to their limits, then what is left once more.
#[inline(always)]
fn place<const B: usize>(
    m: &Model,
    p: &Prepared<B>,
    s: &mut State<B>,
    i: usize,
    n: usize,
    aware: bool,
    want: &Row<B>,
) {
    let input = &m.inputs[i];
    let first = input.lanes.start;
    let adaptive = m.sites[n].weights != Weights::Fixed;
    let controlled = |e: usize| aware && m.lanes[e].passage > 0;
    let mut total = [0.0; B];
    for e in input.weighted() {
        let (share, volume) = (&mut s.scratch[e - first], &p.volume[e]);
        *share = *volume;
        if adaptive {
            for k in 0..B {
                share[k] *= s.weight[e][k];
            }
        }
        if controlled(e) {
            let passage = &s.conditions.next[m.lanes[e].passage].mean;
            for k in 0..B {
                share[k] *= passage[k];
            }
        }
        for k in 0..B {
            total[k] += share[k];
        }
    }
    let mut scale = [0.0; B];
    for k in 0..B {
        scale[k] = if total[k] > 0.0 { 1.0 / total[k] } else { 0.0 };
    }
    // First offer; `open` is the share of the lanes without any limit.
    let (mut placed, mut open, mut rooms) = ([0.0; B], [0.0; B], [0.0; B]);
    for e in input.weighted() {
        let lane = &m.lanes[e];
        let (share, order, room, volume) =
            (&mut s.scratch[e - first], &mut s.order[e], &mut s.room[e - first], &p.volume[e]);
        for k in 0..B {
            share[k] *= scale[k];
        }
        match (lane.surge, controlled(e)) {
            (None, false) => {
                for k in 0..B {
                    order[k] = want[k] * share[k];
                    open[k] += share[k];
                    room[k] = 0.0;
                }
            }
            (None, true) => {
                let next = &s.conditions.next[lane.passage];
                for k in 0..B {
                    let free = next.covered[k] == 0.0;
                    let limit = (1.0 - next.covered[k]) * want[k] + next.passed[k] * volume[k];
                    let asked = want[k] * share[k];
                    order[k] = if free { asked } else { f64::min(asked, limit) };
                    open[k] += if free { share[k] } else { 0.0 };
                    room[k] = if free || share[k] == 0.0 { 0.0 } else { limit - order[k] };
                }
            }
            (Some(_), false) => {
                let surge = &p.surge[e];
                for k in 0..B {
                    order[k] = f64::min(want[k] * share[k], surge[k]);
                    room[k] = surge[k] - order[k];
                }
            }
            (Some(_), true) => {
                let (next, surge) = (&s.conditions.next[lane.passage], &p.surge[e]);
                for k in 0..B {
                    let limit = surge[k] * (1.0 - next.covered[k]) + next.passed[k] * volume[k];
                    order[k] = f64::min(want[k] * share[k], limit);
                    room[k] = limit - order[k];
                }
            }
        }
        for k in 0..B {
            placed[k] += order[k];
            rooms[k] += room[k];
        }
    }
    for e in input.contingent() {
        let room = &mut s.room[e - first];
        contingent_room(m, p, &s.conditions, e, aware, room);
        for k in 0..B {
            rooms[k] += room[k];
        }
    }
    // Second offer: to the unlimited lanes if there are any, else by room.
    let (mut by_share, mut by_room) = ([0.0; B], [0.0; B]);
    for k in 0..B {
        let rest = beyond(want[k] - placed[k], want[k]);
        by_share[k] = if open[k] > 0.0 { rest / open[k] } else { 0.0 };
        by_room[k] = if open[k] > 0.0 { 0.0 } else { fed(rest, rooms[k]) };
    }
    for e in input.weighted() {
        let lane = &m.lanes[e];
        let (share, order, room) = (&s.scratch[e - first], &mut s.order[e], &s.room[e - first]);
        match (lane.surge, controlled(e)) {
            (None, false) => {
                for k in 0..B {
                    order[k] += share[k] * by_share[k];
                }
            }
            (None, true) => {
                let next = &s.conditions.next[lane.passage];
                for k in 0..B {
                    let more = if next.covered[k] == 0.0 { share[k] * by_share[k] } else { 0.0 };
                    order[k] += more + room[k] * by_room[k];
                }
            }
            (Some(_), _) => {
                for k in 0..B {
                    order[k] += room[k] * by_room[k];
                }
            }
        }
    }
    for e in input.contingent() {
        for k in 0..B {
            s.order[e][k] = s.room[e - first][k] * by_room[k];
        }
    }
}

/// What a contingent lane can take: its nominal volume times `m`, scaled by a project's ramp and by
/// what the controls let pass.
#[inline(always)]
fn contingent_room<const B: usize>(
    m: &Model,
    p: &Prepared<B>,
    c: &Conditions<B>,
    e: usize,
    aware: bool,
    room: &mut Row<B>,
) {
    let lane = &m.lanes[e];
    *room = p.surge[e];
    if let Some(project) = m.sites[m.outputs[lane.output].site].project {
        for k in 0..B {
            room[k] *= c.ramp[project as usize][k];
        }
    }
    if lane.passage > 0 && (aware || m.passages[lane.passage].open.is_some()) {
        let passage = &c.next[lane.passage].mean;
        for k in 0..B {
            room[k] *= passage[k];
        }
    }
}

/// Orders from reserves follow their own rule: what the stock is below the trigger.
#[inline(always)]
fn from_reserves<const B: usize>(m: &Model, p: &Prepared<B>, s: &mut State<B>, i: usize, n: usize) {
    for e in m.inputs[i].reserves() {
        let lane = &m.lanes[e];
        let known = m.sites[n].aware || m.passages[lane.passage].open.is_some();
        for k in 0..B {
            let rate = if known && lane.passage > 0 {
                p.volume[e][k] * s.conditions.next[lane.passage].mean[k]
            } else {
                p.volume[e][k]
            };
            let trigger = p.trigger[e][k] * (s.usage[i][k] * s.expected[n][k]);
            let short = trigger - s.stock[i][k] - s.reserve_transit[i][k];
            s.order[e][k] = f64::min(rate, beyond(short, trigger));
        }
    }
}

/// `Λ` follows the lead times of the orders that were placed.
#[inline(always)]
fn follow_pipeline<const B: usize>(m: &Model, p: &Prepared<B>, s: &mut State<B>, i: usize, n: usize) {
    let (mut total, mut far) = ([0.0; B], [0.0; B]);
    for e in m.inputs[i].lanes.clone() {
        let (order, steps) = (&s.order[e], (m.lanes[e].lead - 1) as f64);
        for k in 0..B {
            total[k] += order[k];
            far[k] += order[k] * steps;
        }
    }
    let (pipeline, gain) = (&mut s.pipeline[i], &p.smoothing[n]);
    for k in 0..B {
        let mean = if total[k] > 0.0 { far[k] / total[k] } else { pipeline[k] };
        pipeline[k] += (mean - pipeline[k]) * gain[k];
    }
}

/// Reserves that nobody has drawn on for the stated time order what they lack.
#[inline(always)]
fn refill<const B: usize>(m: &Model, p: &Prepared<B>, s: &mut State<B>) {
    for (r, reserve) in m.reserves.iter().enumerate() {
        let o = m.sites[reserve.site].outputs.start;
        let mut drawn = [0.0; B];
        for &e in &m.served[m.outputs[o].served()] {
            for k in 0..B {
                drawn[k] += s.order[e as usize][k];
            }
        }
        let Some(i) = reserve.refill else { continue };
        let mut want = [0.0; B];
        for k in 0..B {
            // An order at the level of rounding is none.
            let quiet = drawn[k] <= 1e-9 * p.release[o][k];
            s.idle[r][k] = if quiet { s.idle[r][k] + 1.0 } else { 0.0 };
            let lacking = f64::max(p.stock_goal[o][k] - s.held[o][k] - s.transit[i][k], 0.0);
            want[k] = if s.idle[r][k] >= p.refill_after[r][k] {
                f64::min(p.refill_rate[r][k], lacking)
            } else {
                0.0
            };
        }
        let input = &m.inputs[i];
        let mut rooms = [0.0; B];
        for e in input.contingent() {
            let room = &mut s.room[e - input.lanes.start];
            contingent_room(m, p, &s.conditions, e, true, room);
            for k in 0..B {
                rooms[k] += room[k];
            }
        }
        for e in input.contingent() {
            for k in 0..B {
                s.order[e][k] = s.room[e - input.lanes.start][k] * fed(want[k], rooms[k]);
            }
        }
    }
}
