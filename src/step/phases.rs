//! The phases of a step for a block of trials, named and ordered as in the specification.

mod arrivals;
mod dispatch;
mod inputs;
mod offers;
mod orders;
mod own;
mod production;
mod rationing;
mod rebuilding;
mod refill;
mod wants;

pub(crate) use dispatch::{sent, sent_on};
pub(crate) use orders::orders;
pub(crate) use production::supply;
pub(crate) use rebuilding::asked_to_rebuild;
pub(crate) use refill::refill;

use super::index::{FlowIx, TurnIx};
use super::prepare::PreparedView;
use super::state::Live;
use crate::network::{InputIx, Ix, Network};
use crate::schedule::conditions::Passage;
use crate::schedule::rows::{ROUNDING, Row, total};

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
    rebuilding::left_to_rebuild(m, p, s);
    let mut steady = s.conditions.advance(m, p.timetable, t);
    let left = &s.conditions.left;
    // Under the same conditions all is as it was.
    if !steady {
        for &n in &s.moving.sites {
            let site = &m.sites[n];
            s.conditioned.capacity[n] = scaled(&p.facts.capacity[n], &left[site.exposure]);
        }
        for &i in &s.moving.inputs {
            let usage = scaled(&p.facts.usage[i], &left[m.inputs[i].exposure]);
            s.conditioned.usage[i] = usage;
            if let Some(full) = s.conditioned.full_usage.get_mut(i) {
                *full = usage;
            }
        }
        for &o in &s.moving.outputs {
            s.conditioned.final_demand[o] = scaled(&p.facts.final_demand[o], &left[m.outputs[o].exposure]);
        }
    }
    for (c, market) in m.markets.pairs().filter(|(_, market)| market.thrifty) {
        let thrift = &s.priced.thrift[c];
        for &i in &market.inputs {
            let full = scaled(&p.facts.usage[i], &left[m.inputs[i].exposure]);
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

/// The part of an amount that its exposure leaves.
fn scaled<const B: usize>(base: &Row<B>, left: &Row<B>) -> Row<B> {
    std::array::from_fn(|k| base[k] * left[k])
}

/// Phase 3, of buyers that do not know the controls: the orders that pass.
pub(crate) fn thin<const B: usize>(m: &Network, p: &PreparedView<'_, B>, s: &mut Live<'_, B>) {
    for &(e, number) in &s.moving.thinned {
        let passage = m.lanes[e].passage;
        let now = &s.conditions.now[passage];
        let opening = m.passages[passage].opening.map(|opening| &s.conditions.now[opening]);
        let order = s.flows.flow[FlowIx::of(e)];
        let passing = &mut s.flows.flow[FlowIx::thinned(m.lanes.len(), number)];
        for k in 0..B {
            let (covered, passed) = while_open(now, opening, k);
            passing[k] = quota(order[k], covered, passed * p.facts.volume[e][k]);
        }
    }
}

/// What passes of an order whose buyer did not know the controls, given the share of the time that these cover and the usual
/// volume that they let through.
pub(crate) fn quota(order: f64, covered: f64, through: f64) -> f64 {
    (1.0 - covered) * order + f64::min(covered * order, through)
}

/// `c` of the part of the step in which a lane is open at all, and `p` of the step.
pub(crate) fn while_open<const B: usize>(
    now: &Passage<B>,
    opening: Option<&Passage<B>>,
    k: usize,
) -> (f64, f64) {
    let Some(opening) = opening else { return (now.covered[k], now.passed[k]) };
    let open = 1.0 - opening.covered[k];
    let barred = (now.covered[k] - opening.covered[k]) / open;
    // Nobody orders over a lane that is closed; and no branch rests on rounding.
    if open < ROUNDING || barred < ROUNDING { (0.0, 0.0) } else { (f64::min(barred, 1.0), now.passed[k]) }
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
