//! The phases of a step for a block of trials, named and ordered as in the specification. Every loop
//! over `k` runs over the trials of the block, without a branch that depends on one of them.

mod orders;
mod production;
mod rationing;

pub(crate) use orders::orders;
pub(crate) use production::production;
pub(crate) use rationing::rationing;

use super::prepare::Prepared;
use super::rows::{ROUNDING, Row};
use super::state::{State, moves};
use crate::model::Model;

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
    for (thrift, market) in s.thrift.iter().zip(&m.markets).filter(|(_, market)| market.thrifty) {
        for &i in &market.inputs {
            let (full, usage) = (&mut s.full_usage[i], &mut s.usage[i]);
            scaled(&p.usage[i], &m.inputs[i].events, full);
            for k in 0..B {
                usage[k] = full[k] * thrift[k];
            }
        }
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
            let now = &s.conditions.now[lane.passage];
            for k in 0..B {
                let (order, c) = (s.order[e][k], now.covered[k]);
                s.thinned[slot as usize][k] =
                    (1.0 - c) * order + f64::min(c * order, now.passed[k] * p.volume[e][k]);
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

/// `x` where it is more than the rounding of sums of size `scale`, else 0.
#[inline(always)]
pub(crate) fn beyond(x: f64, scale: f64) -> f64 {
    if x > ROUNDING * scale { x } else { 0.0 }
}

/// `r`: the share of what is required that is in stock.
#[inline(always)]
pub(crate) fn fed(stock: f64, required: f64) -> f64 {
    if required > stock { stock / required } else { 1.0 }
}
