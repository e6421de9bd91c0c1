//! Phases 6 and 7: rationing and dispatch.

use super::fed;
use crate::engine::prepare::Prepared;
use crate::engine::rows::Row;
use crate::engine::state::State;
use crate::model::{Model, Tier};
use crate::scenario::Rationing;

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
