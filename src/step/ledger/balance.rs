//! The balance of mass over a trial, and the deliveries of lanes.

use super::{Holdings, Ledger, unless_rounding};
use crate::network::{CommodityIx, Ix, Network};
use crate::schedule::rows::{Row, Rows, each, rows};
use crate::step::index::{CountedIx, FlowIx};
use crate::step::plan::Motion;
use crate::step::prepare::PreparedView;
use crate::step::state::Live;

impl<const B: usize> Ledger<B> {
    /// Shortfalls of lanes, and whether mass is conserved.
    pub(super) fn balance(&mut self, m: &Network, p: &PreparedView<'_, B>, s: &mut Live<'_, B>) {
        let mut last = Holdings::new(m);
        last.count(p, s);
        let made = s.sums.made.read();
        s.sums.taken.each(|i, taken| {
            if p.plan.cuts[i].usage == Motion::Still {
                let made = &made[m.inputs[i].site];
                for k in 0..B {
                    taken[k] += p.facts.usage[i][k] * made[k];
                }
            }
        });
        self.conserved(m, p, s, &last);
        self.missed(m, p, s, &last);
    }

    /// By commodity, initial holdings and production against use, deliveries and final holdings.
    fn conserved(&mut self, m: &Network, p: &PreparedView<'_, B>, s: &Live<'_, B>, last: &Holdings<B>) {
        let (initial, made) = (&self.initial, s.sums.made.read());
        let came = || {
            let mut all: Rows<CommodityIx, B> = rows(m.commodities.len(), 0.0);
            for (input, initial) in m.inputs.iter().zip(&initial.at_inputs) {
                add(&mut all[input.commodity], initial);
            }
            for (o, output) in m.outputs.pairs() {
                for k in 0..B {
                    let made = p.yields(o)[k] * made[output.site][k];
                    all[output.commodity][k] += initial.at_outputs[o][k] + made;
                }
            }
            all
        };
        let (taken, gone) = (s.sums.taken.read(), s.sums.gone.read());
        let went = || {
            let mut over: Rows<CommodityIx, B> = rows(m.commodities.len(), 0.0);
            for (input, (taken, last)) in m.inputs.iter().zip(taken.iter().zip(&last.at_inputs)) {
                add(&mut over[input.commodity], taken);
                add(&mut over[input.commodity], last);
            }
            for (output, (gone, last)) in m.outputs.iter().zip(gone.iter().zip(&last.at_outputs)) {
                for k in 0..B {
                    over[output.commodity][k] += gone[k] + last[k];
                }
            }
            over
        };
        let (all, over) = if B == 1 { rayon::join(came, went) } else { (came(), went()) };
        self.residual = [0.0; B];
        for (all, over) in all.iter().zip(&over) {
            for k in 0..B {
                let relative = if all[k] > 0.0 { (all[k] - over[k]).abs() / all[k] } else { over[k].abs() };
                // NaN must not be lost in a maximum.
                self.residual[k] = if relative <= self.residual[k] { self.residual[k] } else { relative };
            }
        }
    }

    /// Shortfalls of the lanes of followed inputs below the baseline.
    fn missed(&mut self, m: &Network, p: &PreparedView<'_, B>, s: &Live<'_, B>, last: &Holdings<B>) {
        for (missing, &e) in self.missing.iter_mut().zip(&self.watched) {
            let i = m.lanes[e].input;
            let usual = if m.lanes[e].flow.is_weighted() { p.facts.volume[e] } else { [0.0; B] };
            let counted = p.plan.counted.binary_search(&e).map(CountedIx::new);
            for k in 0..B {
                // A single lane brought the use and the gain in holdings.
                let brought = match counted {
                    Ok(number) => s.sums.brought[number][k],
                    Err(_) => {
                        let gained = last.at_inputs[i][k] - self.initial.at_inputs[i][k];
                        s.sums.taken[i][k] + gained
                    }
                };
                let need = p.facts.usage[i][k] * p.facts.activity[m.inputs[i].site][k];
                let short = usual[k] - brought / m.steps as f64;
                missing[k] = if need > 0.0 { unless_rounding(short / need) } else { 0.0 };
            }
        }
    }
}

impl<const B: usize> Holdings<B> {
    pub(super) fn new(m: &Network) -> Self {
        Holdings { at_inputs: rows(m.inputs.len(), 0.0), at_outputs: rows(m.outputs.len(), 0.0) }
    }

    /// Counts the present holdings.
    pub(super) fn count(&mut self, p: &PreparedView<'_, B>, s: &Live<'_, B>) {
        each(&mut self.at_inputs, |i, holding| {
            *holding = s.stocks.stock[i];
            for e in p.plan.inputs[i].lanes {
                // The goods themselves, not the count of them that orders rest on.
                p.plan.rings(&p.plan.lanes[e]).for_each(|row| add(holding, &s.ordered.ring[row]));
                add(holding, &s.flows.flow[FlowIx::of(e)]);
            }
        });
        self.at_outputs.copy_from_slice(&s.stocks.held.read());
    }
}

#[inline(always)]
fn add<const B: usize>(total: &mut Row<B>, row: &Row<B>) {
    for k in 0..B {
        total[k] += row[k];
    }
}
