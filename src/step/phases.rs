//! The phases of a step for a block of trials, named and ordered as in the specification.

mod arrivals;
mod dispatch;
mod inputs;
mod offers;
mod orders;
mod own;
mod production;
mod rationing;
mod refill;
mod wants;

pub(crate) use dispatch::{sent, sent_on};
pub(crate) use orders::orders;
pub(crate) use production::supply;
pub(crate) use refill::refill;

use super::index::{FlowIx, TurnIx};
use super::prepare::PreparedView;
use super::state::Live;
use crate::network::{EventIx, InputIx, Ix, Network};
use crate::schedule::rows::{Row, Rows, total};

/// Phase 1: the multipliers of step `t`; whether it meets the same conditions as the step before.
pub(crate) fn conditions<const B: usize>(
    m: &Network,
    p: &PreparedView<'_, B>,
    s: &mut Live<'_, B>,
    t: usize,
) -> bool {
    for (number, at) in s.turns.iter_mut().enumerate() {
        let turn = &p.plan.turns[TurnIx::new(number)];
        *at = (t % turn.delay as usize) as u32 * turn.rows;
    }
    let mut steady = s.conditions.advance(m, p.timetable, t);
    let left = &s.conditions.left;
    // Under the same conditions all is as it was.
    if !steady {
        for &n in &s.moving.sites {
            let site = &m.sites[n];
            let capacity = &mut s.conditioned.capacity[n];
            *capacity = scaled(&p.facts.capacity[n], &site.events, left);
            if let Some(project) = site.project {
                let ramp = &s.conditions.ramp[project];
                for k in 0..B {
                    capacity[k] *= ramp[k];
                }
            }
        }
        for &i in &s.moving.inputs {
            s.conditioned.usage[i] = scaled(&p.facts.usage[i], &m.inputs[i].events, left);
        }
        for &o in &s.moving.outputs {
            s.conditioned.final_demand[o] = scaled(&p.facts.final_demand[o], &m.outputs[o].events, left);
        }
    }
    for (c, market) in m.markets.pairs().filter(|(_, market)| market.thrifty) {
        let thrift = &s.priced.thrift[c];
        for &i in &market.inputs {
            let full = scaled(&p.facts.usage[i], &m.inputs[i].events, left);
            let usage = &mut s.conditioned.usage[i];
            for k in 0..B {
                let less = full[k] * thrift[k];
                steady &= less == usage[k];
                usage[k] = less;
            }
            s.conditioned.full_usage[i] = full;
        }
    }
    steady
}

/// The part of an amount that events leave.
fn scaled<const B: usize>(base: &Row<B>, events: &[EventIx], left: &Rows<EventIx, B>) -> Row<B> {
    let mut out = *base;
    for &event in events {
        for k in 0..B {
            out[k] *= left[event][k];
        }
    }
    out
}

/// Phase 3, of buyers that do not know the controls: the orders that pass.
pub(crate) fn thin<const B: usize>(m: &Network, p: &PreparedView<'_, B>, s: &mut Live<'_, B>) {
    for &(e, number) in &s.moving.thinned {
        let (now, order) = (&s.conditions.now[m.lanes[e].passage], s.flows.flow[FlowIx::of(e)]);
        let passing = &mut s.flows.flow[FlowIx::thinned(m.lanes.len(), number)];
        for k in 0..B {
            let (order, c) = (order[k], now.covered[k]);
            passing[k] = (1.0 - c) * order + f64::min(c * order, now.passed[k] * p.facts.volume[e][k]);
        }
    }
}

/// Phase 2 of the first step: arrivals of goods that were on their way at the start. Those of later steps come with the
/// orders, while the rows are at hand.
pub(crate) fn first_arrivals<const B: usize>(m: &Network, p: &PreparedView<'_, B>, s: &mut Live<'_, B>) {
    let flow = s.flows.flow.read();
    let arrived = |i: InputIx| total(&(*flow)[p.plan.inputs[i].lanes.range()]);
    s.stocks.stock.each(|i, stock| {
        let arrived = arrived(i);
        for k in 0..B {
            stock[k] += arrived[k];
        }
    });
    s.ordered.transit.each(|i, transit| {
        let arrived = arrived(i);
        for k in 0..B {
            transit[k] = f64::max(transit[k] - arrived[k], 0.0);
        }
    });
    store(m, s);
}

/// Stores the goods that reach a reserve.
fn store<const B: usize>(m: &Network, s: &mut Live<'_, B>) {
    for reserve in &m.reserves {
        if let Some(i) = reserve.refill {
            let o = m.sites[reserve.site].outputs.start;
            for k in 0..B {
                s.stocks.held[o][k] += s.stocks.stock[i][k];
                s.stocks.stock[i][k] = 0.0;
            }
        }
    }
}

/// `r`: the share of the required amount that is in stock.
pub(crate) fn fed(stock: f64, required: f64) -> f64 {
    if required > stock { stock / required } else { 1.0 }
}
