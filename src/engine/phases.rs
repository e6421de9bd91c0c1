//! The phases of a step for a block of trials, named and ordered as in the specification. Every loop
//! over `k` runs over the trials of the block, without a branch that depends on one of them.

use super::prepare::Prepared;
use super::rows::{ROUNDING, Row};
use super::state::{State, moves, overtime};
use crate::model::{Model, Tier};
use crate::scenario::{Ordering, Rationing, Weights};

/// Phase 1: the multipliers of step `t`.
#[inline(always)]
pub(crate) fn conditions<const B: usize>(m: &Model, p: &Prepared<B>, s: &mut State<B>, t: usize) {
    s.conditions.advance(m, &p.timetable, t);
    let left = &s.conditions.left;
    let scaled = |base: &Row<B>, events: &[u32], out: &mut Row<B>| {
        *out = *base;
        for &v in events {
            for k in 0..B {
                out[k] *= left[v as usize][k];
            }
        }
    };
    for (n, site) in m.sites.iter().enumerate().filter(|(_, site)| moves(site)) {
        scaled(&p.capacity[n], &site.events, &mut s.capacity[n]);
        if let Some(project) = site.project {
            for k in 0..B {
                s.capacity[n][k] *= s.conditions.ramp[project as usize][k];
            }
        }
    }
    for (i, input) in m.inputs.iter().enumerate().filter(|(_, input)| !input.events.is_empty()) {
        scaled(&p.usage[i], &input.events, &mut s.usage[i]);
    }
    for (o, output) in m.outputs.iter().enumerate().filter(|(_, output)| !output.events.is_empty()) {
        scaled(&p.final_demand[o], &output.events, &mut s.final_demand[o]);
    }
}

/// Phase 2: what was shipped `L` steps ago arrives.
#[inline(always)]
pub(crate) fn arrivals<const B: usize>(m: &Model, s: &mut State<B>, t: usize) {
    for (i, input) in m.inputs.iter().enumerate() {
        let mut arrived = [0.0; B];
        for e in input.lanes.clone() {
            let lane = &m.lanes[e];
            let shipped = &s.ring[lane.ring + t % lane.lead];
            for k in 0..B {
                arrived[k] += shipped[k];
            }
        }
        let (stock, transit) = (&mut s.stock[i], &mut s.transit[i]);
        for k in 0..B {
            stock[k] += arrived[k];
            transit[k] = f64::max(transit[k] - arrived[k], 0.0);
        }
        for e in input.reserves() {
            let lane = &m.lanes[e];
            let shipped = &s.ring[lane.ring + t % lane.lead];
            for k in 0..B {
                s.reserve_transit[i][k] = f64::max(s.reserve_transit[i][k] - shipped[k], 0.0);
            }
        }
    }
    // What reaches a reserve is stored there.
    for reserve in &m.reserves {
        if let Some(i) = reserve.refill {
            let o = m.sites[reserve.site].outputs.start;
            for k in 0..B {
                s.held[o][k] += s.stock[i][k];
                s.stock[i][k] = 0.0;
            }
        }
    }
}

/// Phase 3: what passes the lanes, and the demand for each output.
#[inline(always)]
pub(crate) fn demand<const B: usize>(m: &Model, p: &Prepared<B>, s: &mut State<B>) {
    for (e, lane) in m.lanes.iter().enumerate() {
        if let Some(slot) = lane.quota {
            let now = &s.conditions.now[lane.controls];
            for k in 0..B {
                let (order, c) = (s.order[e][k], now.covered[k]);
                s.thinned[slot][k] = (1.0 - c) * order + f64::min(c * order, now.passed[k] * p.volume[e][k]);
            }
        }
    }
    for (o, output) in m.outputs.iter().enumerate() {
        let mut total = s.final_demand[o];
        for k in 0..B {
            total[k] += s.backlog[o][k];
        }
        for &e in &m.served[output.served()] {
            let passing = s.passing(m, e as usize);
            for k in 0..B {
                total[k] += passing[k];
            }
        }
        s.demand[o] = total;
    }
}

/// Phases 4 and 5: need and overtime, then production and use.
#[inline(always)]
pub(crate) fn production<const B: usize>(m: &Model, p: &Prepared<B>, s: &mut State<B>) {
    for (n, site) in m.sites.iter().enumerate().take(m.active) {
        let mut need = [0.0; B];
        for o in site.outputs.clone() {
            if m.outputs[o].driving {
                let (demand, goal, held, gain, yields) =
                    (&s.demand[o], &p.stock_goal[o], &s.held[o], &p.adjustment[o], &p.yields[o]);
                for k in 0..B {
                    let wanted = beyond(demand[k] + (goal[k] - held[k]) * gain[k], demand[k] + held[k]);
                    need[k] = f64::max(need[k], wanted / yields[k]);
                }
            }
        }
        let (alpha, capacity, previous) = (&mut s.overtime[n], &s.capacity[n], &s.actual[n]);
        let (ceiling, gain) = (&p.overtime_max[n], &p.overtime_gain[n]);
        let possible = &mut s.possible[n];
        for k in 0..B {
            alpha[k] =
                overtime(site.overtime, alpha[k], ceiling[k], gain[k], need[k], capacity[k], previous[k]);
            possible[k] = f64::min(alpha[k] * capacity[k], need[k]);
        }
        // ℓ by group: what the inputs of the group let through.
        let groups = &mut s.scratch[..site.groups];
        groups.fill([1.0; B]);
        for i in site.inputs.clone() {
            let group = &mut groups[m.inputs[i].group];
            let (stock, usage, throttle, gamma) =
                (&s.stock[i], &s.usage[i], &p.throttle[i], &p.criticality[i]);
            for k in 0..B {
                let ratio = fed(stock[k], throttle[k] * (usage[k] * possible[k]));
                group[k] -= gamma[k] * (1.0 - ratio);
            }
        }
        // The two lowest: an input is used as far as the other groups allow.
        let (mut lowest, mut second) = ([1.0; B], [1.0; B]);
        for group in groups.iter_mut() {
            for k in 0..B {
                group[k] = f64::max(group[k], 0.0);
                second[k] = f64::min(second[k], f64::max(lowest[k], group[k]));
                lowest[k] = f64::min(lowest[k], group[k]);
            }
        }
        let actual = &mut s.actual[n];
        for k in 0..B {
            actual[k] = possible[k] * lowest[k];
        }
        for i in site.inputs.clone() {
            let group = &groups[m.inputs[i].group];
            let (stock, used, usage, throttle) =
                (&mut s.stock[i], &mut s.used[i], &s.usage[i], &p.throttle[i]);
            for k in 0..B {
                let wanted = usage[k] * possible[k];
                let ratio = fed(stock[k], throttle[k] * wanted);
                let others = if group[k] > lowest[k] { lowest[k] } else { second[k] };
                used[k] = f64::min(stock[k], wanted * f64::min(ratio, others));
                stock[k] -= used[k];
            }
        }
        for o in site.outputs.clone() {
            let (held, yields) = (&mut s.held[o], &p.yields[o]);
            for k in 0..B {
                held[k] += yields[k] * actual[k];
            }
        }
    }
}

/// `x` where it is more than the rounding of sums of size `scale`, else 0.
#[inline(always)]
fn beyond(x: f64, scale: f64) -> f64 {
    if x > ROUNDING * scale { x } else { 0.0 }
}

/// `r`: the share of what is required that is in stock.
#[inline(always)]
pub(crate) fn fed(stock: f64, required: f64) -> f64 {
    if required > stock { stock / required } else { 1.0 }
}

/// Phases 6 and 7: rationing by priority class, and dispatch. `gone` adds up what left the network by
/// output: final deliveries and disposal.
#[inline(always)]
pub(crate) fn rationing<const B: usize>(
    m: &Model,
    p: &Prepared<B>,
    s: &mut State<B>,
    t: usize,
    gone: &mut [Row<B>],
) {
    for (o, output) in m.outputs.iter().enumerate() {
        let mut left = s.held[o];
        if output.site >= m.active {
            for k in 0..B {
                left[k] = f64::min(left[k], p.release[o][k]);
            }
        }
        for tier in &output.tiers {
            match m.sites[output.site].rationing {
                Rationing::Proportional => proportional(m, p, s, o, tier, t, &mut left, gone),
                Rationing::WaterFilling => water_filling(m, p, s, o, tier, t, &mut left, gone),
            }
        }
        let (held, storage) = (&mut s.held[o], &p.storage[o]);
        for k in 0..B {
            let excess = f64::max(held[k] - storage[k], 0.0);
            held[k] -= excess;
            gone[o][k] += excess;
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "one tier of one output of one step")]
#[inline(always)]
fn proportional<const B: usize>(
    m: &Model,
    p: &Prepared<B>,
    s: &mut State<B>,
    o: usize,
    tier: &Tier,
    t: usize,
    left: &mut Row<B>,
    gone: &mut [Row<B>],
) {
    let mut wanted = [0.0; B];
    if tier.final_demand {
        for k in 0..B {
            wanted[k] = s.final_demand[o][k] + s.backlog[o][k];
        }
    }
    for &e in &m.served[tier.served.clone()] {
        let passing = s.passing(m, e as usize);
        for k in 0..B {
            wanted[k] += passing[k];
        }
    }
    let mut share = [1.0; B];
    for k in 0..B {
        share[k] = fed(left[k], wanted[k]);
        left[k] = f64::max(left[k] - share[k] * wanted[k], 0.0);
    }
    for &e in &m.served[tier.served.clone()] {
        let mut sent = *s.passing(m, e as usize);
        for k in 0..B {
            sent[k] *= share[k];
        }
        dispatch(m, s, e as usize, o, t, &sent);
    }
    if tier.final_demand {
        deliver(p, s, o, &share, gone);
    }
}

/// The level `λ` at which everybody gets `min(P, λ f̂)`: customers whose order lies below the level are
/// filled and drop out, until none does.
#[expect(clippy::too_many_arguments, reason = "one tier of one output of one step")]
#[inline(always)]
fn water_filling<const B: usize>(
    m: &Model,
    p: &Prepared<B>,
    s: &mut State<B>,
    o: usize,
    tier: &Tier,
    t: usize,
    left: &mut Row<B>,
    gone: &mut [Row<B>],
) {
    let lanes = &m.served[tier.served.clone()];
    let mut wanted = [0.0; B];
    let mut last = [0.0; B];
    if tier.final_demand {
        for k in 0..B {
            last[k] = s.final_demand[o][k] + s.backlog[o][k];
        }
        wanted = last;
    }
    for &e in lanes {
        let passing = s.passing(m, e as usize);
        for k in 0..B {
            wanted[k] += passing[k];
        }
    }
    let mut level = [0.0; B];
    // Each round fills at least one customer, or is the last.
    for _ in 0..=lanes.len() + 1 {
        let (mut filled, mut volume) = ([0.0; B], [0.0; B]);
        let mut customer = |passing: &Row<B>, usual: &Row<B>| {
            for k in 0..B {
                let full = passing[k] <= level[k] * usual[k];
                filled[k] += if full { passing[k] } else { 0.0 };
                volume[k] += if full { 0.0 } else { usual[k] };
            }
        };
        for &e in lanes {
            customer(s.passing(m, e as usize), &p.volume[e as usize]);
        }
        if tier.final_demand {
            customer(&last, &p.final_demand[o]);
        }
        let before = level;
        for k in 0..B {
            let next =
                if volume[k] > 0.0 { f64::max(left[k] - filled[k], 0.0) / volume[k] } else { level[k] };
            level[k] = f64::max(level[k], next);
        }
        if before == level {
            break;
        }
    }
    let mut enough = [false; B];
    for k in 0..B {
        enough[k] = left[k] >= wanted[k];
    }
    for &e in lanes {
        let (mut sent, usual) = (*s.passing(m, e as usize), &p.volume[e as usize]);
        for k in 0..B {
            sent[k] = if enough[k] { sent[k] } else { f64::min(sent[k], level[k] * usual[k]) };
            left[k] = f64::max(left[k] - sent[k], 0.0);
        }
        dispatch(m, s, e as usize, o, t, &sent);
    }
    if tier.final_demand {
        let mut share = [1.0; B];
        for k in 0..B {
            let got = if enough[k] {
                last[k]
            } else {
                f64::min(f64::min(last[k], level[k] * p.final_demand[o][k]), left[k])
            };
            share[k] = fed(got, last[k]);
            left[k] = f64::max(left[k] - got, 0.0);
        }
        deliver(p, s, o, &share, gone);
    }
}

/// Phase 7: what is sent arrives after the lead time.
#[inline(always)]
fn dispatch<const B: usize>(m: &Model, s: &mut State<B>, e: usize, o: usize, t: usize, sent: &Row<B>) {
    let lane = &m.lanes[e];
    s.ring[lane.ring + t % lane.lead] = *sent;
    let (held, transit) = (&mut s.held[o], &mut s.transit[lane.input]);
    for k in 0..B {
        held[k] = f64::max(held[k] - sent[k], 0.0);
        transit[k] += sent[k];
    }
    if m.outputs[o].site >= m.active {
        for k in 0..B {
            s.reserve_transit[lane.input][k] += sent[k];
        }
    }
}

/// Final demand gets `share` of what it wants; part of the rest waits.
#[inline(always)]
fn deliver<const B: usize>(p: &Prepared<B>, s: &mut State<B>, o: usize, share: &Row<B>, gone: &mut [Row<B>]) {
    let (backlog, held, fresh) = (&mut s.backlog[o], &mut s.held[o], &s.final_demand[o]);
    let (patience, waiting, gone) = (&p.patience[o], &p.waiting[o], &mut gone[o]);
    for k in 0..B {
        let delivered = share[k] * (fresh[k] + backlog[k]);
        backlog[k] = (patience[k] * backlog[k] + waiting[k] * fresh[k]) * (1.0 - share[k]);
        held[k] = f64::max(held[k] - delivered, 0.0);
        gone[k] += delivered;
    }
}

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
    let controlled = |e: usize| aware && m.lanes[e].controls > 0;
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
            let passage = &s.conditions.next[m.lanes[e].controls].mean;
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
                let next = &s.conditions.next[lane.controls];
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
                let (next, surge) = (&s.conditions.next[lane.controls], &p.surge[e]);
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
                let next = &s.conditions.next[lane.controls];
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
    c: &super::conditions::Conditions<B>,
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
    if aware && lane.controls > 0 {
        let passage = &c.next[lane.controls].mean;
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
        let open = m.sites[n].aware && lane.controls > 0;
        for k in 0..B {
            let rate =
                if open { p.volume[e][k] * s.conditions.next[lane.controls].mean[k] } else { p.volume[e][k] };
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
