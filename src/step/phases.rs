//! The phases of a step for a block of trials, named and ordered as in the specification.

mod dispatch;
mod inputs;
mod offers;
mod orders;
mod production;
mod rationing;
mod refill;
mod wants;

pub(crate) use dispatch::sent;
pub(crate) use orders::orders;
pub(crate) use production::supply;
pub(crate) use refill::refill;

use super::plan::numbers;
use super::prepare::Prepared;
use super::state::{State, moves};
use crate::network::Network;
use crate::schedule::rows::{Row, each, total};

/// Phase 1: the multipliers of step `t`; whether it meets the same conditions as the step before.
pub(crate) fn conditions<const B: usize>(m: &Network, p: &Prepared<B>, s: &mut State<B>, t: usize) -> bool {
    for (at, turn) in s.turns.iter_mut().zip(&p.plan.turns) {
        *at = (t % turn.delay as usize) as u32 * turn.rows;
    }
    let mut steady = s.conditions.advance(m, &p.timetable, t);
    let left = &s.conditions.left;
    let scaled = |base: &Row<B>, events: &[u32], out: &mut Row<B>| {
        *out = *base;
        for &v in events {
            for k in 0..B {
                out[k] *= left[v as usize][k];
            }
        }
    };
    // Under the same conditions all is as it was.
    if !steady {
        for &n in &s.moving.sites {
            let site = &m.sites[n];
            let capacity = &mut s.capacity[n];
            scaled(&p.capacity[n], &site.events, capacity);
            if let Some(project) = site.project {
                let ramp = &s.conditions.ramp[project as usize];
                for k in 0..B {
                    capacity[k] *= ramp[k];
                }
            }
        }
        for &i in &s.moving.inputs {
            scaled(&p.usage[i], &m.inputs[i].events, &mut s.usage[i]);
        }
        for &o in &s.moving.outputs {
            scaled(&p.final_demand[o], &m.outputs[o].events, &mut s.final_demand[o]);
        }
    }
    for (thrift, market) in s.thrift.iter().zip(&m.markets).filter(|(_, market)| market.thrifty) {
        for &i in &market.inputs {
            let (full, usage) = (&mut s.full_usage[i], &mut s.usage[i]);
            scaled(&p.usage[i], &m.inputs[i].events, full);
            for k in 0..B {
                let less = full[k] * thrift[k];
                steady &= less == usage[k];
                usage[k] = less;
            }
        }
    }
    steady
}

/// What is there to be moved by events and projects: sites, inputs and outputs.
#[derive(Debug, Clone)]
pub(crate) struct Moving {
    sites: Vec<usize>,
    inputs: Vec<usize>,
    outputs: Vec<usize>,
    /// Lanes that are thinned at the supplier.
    thinned: Vec<usize>,
}

impl Moving {
    pub(crate) fn new(m: &Network) -> Self {
        let numbers = |len: usize, keep: &dyn Fn(usize) -> bool| (0..len).filter(|&n| keep(n)).collect();
        Moving {
            sites: numbers(m.sites.len(), &|n| moves(&m.sites[n])),
            inputs: numbers(m.inputs.len(), &|i| !m.inputs[i].events.is_empty()),
            outputs: numbers(m.outputs.len(), &|o| !m.outputs[o].events.is_empty()),
            thinned: numbers(m.lanes.len(), &|e| m.lanes[e].quota.is_some()),
        }
    }
}

/// Phase 3, of buyers that do not know the controls: what passes the lanes.
pub(crate) fn thin<const B: usize>(m: &Network, p: &Prepared<B>, s: &mut State<B>) {
    for &e in &s.moving.thinned {
        let lane = &m.lanes[e];
        if let Some(slot) = lane.quota {
            let now = &s.conditions.now[lane.passage];
            for k in 0..B {
                let (order, c) = (s.flow[e][k], now.covered[k]);
                s.flow[m.lanes.len() + slot as usize][k] =
                    (1.0 - c) * order + f64::min(c * order, now.passed[k] * p.volume[e][k]);
            }
        }
    }
}

/// Phase 2 of the first step: what was on its way at the start arrives. Of later steps it comes with the orders, while
/// the rows are at hand.
pub(crate) fn first_arrivals<const B: usize>(m: &Network, p: &Prepared<B>, s: &mut State<B>) {
    let flow = &s.flow[..];
    let arrived = |i: usize| total(&flow[numbers(&p.plan.inputs[i].lanes)]);
    each(&mut s.stock, |i, stock| {
        let arrived = arrived(i);
        for k in 0..B {
            stock[k] += arrived[k];
        }
    });
    each(&mut s.transit, |i, transit| {
        let arrived = arrived(i);
        for k in 0..B {
            transit[k] = f64::max(transit[k] - arrived[k], 0.0);
        }
    });
    store(m, s);
}

/// What reaches a reserve is stored there.
fn store<const B: usize>(m: &Network, s: &mut State<B>) {
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

/// `r`: the share of what is required that is in stock.
#[inline(always)]
pub(crate) fn fed(stock: f64, required: f64) -> f64 {
    if required > stock { stock / required } else { 1.0 }
}
