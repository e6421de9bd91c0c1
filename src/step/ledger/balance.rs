//! The balance of mass over a trial, and what lanes brought.

use super::Ledger;
use crate::network::Network;
use crate::schedule::rows::{Row, Rows, each, rows};
use crate::step::plan::numbers;
use crate::step::prepare::Prepared;
use crate::step::rest::add_rows;
use crate::step::state::State;

/// What the balance of mass rests on, over a trial.
#[derive(Debug, Clone)]
pub(crate) struct Mass<const B: usize> {
    /// Activity, by site.
    pub(crate) made: Rows<B>,
    /// What was used by input, less what that activity takes where use never moves: not 0 where inputs that are short
    /// concern a part of the output.
    pub(crate) taken: Rows<B>,
    /// Final deliveries and disposal, by output.
    pub(crate) gone: Rows<B>,
}

impl<const B: usize> Mass<B> {
    fn rows(&mut self) -> [&mut Rows<B>; 3] {
        [&mut self.made, &mut self.taken, &mut self.gone]
    }

    pub(crate) fn clear(&mut self) {
        self.rows().into_iter().for_each(|rows| rows.fill([0.0; B]));
    }

    pub(crate) fn add(&mut self, more: &Self) {
        for (rows, more) in self.rows().into_iter().zip([&more.made, &more.taken, &more.gone]) {
            add_rows(rows, more);
        }
    }
}

impl<const B: usize> Ledger<B> {
    /// What lanes failed to bring, and whether mass is conserved.
    pub(super) fn balance(&mut self, m: &Network, p: &Prepared<B>, s: &State<B>) {
        let mut last = [rows::<B>(m.inputs.len(), 0.0), rows::<B>(m.outputs.len(), 0.0)];
        holdings(p, s, &mut last);
        let (mut all, mut over) = (rows::<B>(m.commodities.len(), 0.0), rows::<B>(m.commodities.len(), 0.0));
        let (made, taken) = (&self.mass.made[..], &mut self.mass.taken);
        each(taken, |i, taken| {
            if !p.plan.cuts[i].moves {
                let made = &made[m.inputs[i].site];
                for k in 0..B {
                    taken[k] += p.usage[i][k] * made[k];
                }
            }
        });
        let (initial, taken, gone) = (&self.initial, &taken[..], &self.mass.gone[..]);
        let mut came = || {
            for (input, initial) in m.inputs.iter().zip(&initial[0]) {
                add(&mut all[input.commodity], initial);
            }
            for (o, output) in m.outputs.iter().enumerate() {
                for k in 0..B {
                    let made = p.yields(o)[k] * made[output.site][k];
                    all[output.commodity][k] += initial[1][o][k] + made;
                }
            }
        };
        let mut went = || {
            for (input, (taken, last)) in m.inputs.iter().zip(taken.iter().zip(&last[0])) {
                add(&mut over[input.commodity], taken);
                add(&mut over[input.commodity], last);
            }
            for (output, (gone, last)) in m.outputs.iter().zip(gone.iter().zip(&last[1])) {
                for k in 0..B {
                    over[output.commodity][k] += gone[k] + last[k];
                }
            }
        };
        if B == 1 {
            rayon::join(came, went);
        } else {
            came();
            went();
        }
        self.residual = [0.0; B];
        for (all, over) in all.iter().zip(&over) {
            for k in 0..B {
                let relative = if all[k] > 0.0 { (all[k] - over[k]).abs() / all[k] } else { over[k].abs() };
                // NaN must not be lost in a maximum.
                self.residual[k] = if relative <= self.residual[k] { self.residual[k] } else { relative };
            }
        }
        for (missing, &e) in self.missing.iter_mut().zip(&self.watched) {
            let i = m.lanes[e].input;
            let usual = if m.lanes[e].flow.is_weighted() { p.volume[e] } else { [0.0; B] };
            let counted = p.plan.counted.binary_search(&e);
            for k in 0..B {
                // A single lane brought what was used and what is there now, but for what was there before.
                let brought = match counted {
                    Ok(number) => self.brought[number][k],
                    Err(_) => taken[i][k] + (last[0][i][k] - self.initial[0][i][k]),
                };
                let need = p.usage[i][k] * p.activity[m.inputs[i].site][k];
                let short = usual[k] - brought / m.steps as f64;
                let share = if need > 0.0 { short / need } else { 0.0 };
                // What is no more than the rounding of a sum over a trial is none.
                missing[k] = if share.abs() > 1e-9 { share } else { 0.0 };
            }
        }
    }
}

/// Stocks and goods in transit, by input and by output.
pub(super) fn holdings<const B: usize>(p: &Prepared<B>, s: &State<B>, out: &mut [Rows<B>; 2]) {
    each(&mut out[0], |i, holding| {
        *holding = s.stock[i];
        for e in numbers(&p.plan.inputs[i].lanes) {
            // The goods themselves, not the count of them that orders rest on.
            let lane = &p.plan.lanes[e];
            p.plan.rings(lane).for_each(|row| add(holding, &s.ring[row]));
            add(holding, &s.flow[e]);
        }
    });
    out[1].copy_from_slice(&s.held);
}

#[inline(always)]
fn add<const B: usize>(total: &mut Row<B>, row: &Row<B>) {
    for k in 0..B {
        total[k] += row[k];
    }
}
