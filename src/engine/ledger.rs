//! Phase 8, accounts: what is lost, when activity first stopped, and whether mass is conserved.

use super::prepare::Prepared;
use super::rows::{Row, rows};
use super::state::State;
use crate::model::Model;

/// Share of the baseline within which a site counts as back at the horizon.
const BACK: f64 = 0.01;

/// The accounts of a block of trials.
#[derive(Debug, Clone)]
pub(crate) struct Ledger<const B: usize> {
    /// Sites that add value.
    pub(crate) valued: Vec<usize>,
    /// Value added lost over the trial, by valued site [JPY].
    pub(crate) lost: Vec<Row<B>>,
    /// Value added lost in the step, by party [JPY].
    pub(crate) step_loss: Vec<Row<B>>,
    /// Sites of stage `sector`.
    pub(crate) sectors: Vec<usize>,
    /// Days from the onset to the first stop, by sector; infinite if it never stopped.
    pub(crate) first_stop: Vec<Row<B>>,
    /// 1 where every site is back at the horizon.
    pub(crate) recovered: Row<B>,
    /// Largest mass balance residual over the commodities, relative to what there was and was made.
    pub(crate) residual: Row<B>,
    /// Activity by site, use by input, and what left the network by output, each over the trial.
    activity: Vec<Row<B>>,
    used: Vec<Row<B>>,
    pub(crate) gone: Vec<Row<B>>,
    /// Stocks and transit at the start, by commodity.
    initial: Vec<Row<B>>,
    discount: Row<B>,
}

impl<const B: usize> Ledger<B> {
    pub(crate) fn new(model: &Model) -> Self {
        let valued: Vec<usize> =
            (0..model.active).filter(|&n| !model.sites[n].value_added.is_zero()).collect();
        let sectors: Vec<usize> = model.sectors().collect();
        let r = |len: usize| rows::<B>(len, 0.0);
        Ledger {
            lost: r(valued.len()),
            valued,
            step_loss: r(model.parties.len()),
            first_stop: r(sectors.len()),
            sectors,
            recovered: [0.0; B],
            residual: [0.0; B],
            activity: r(model.sites.len()),
            used: r(model.inputs.len()),
            gone: r(model.outputs.len()),
            initial: r(model.commodities.len()),
            discount: [1.0; B],
        }
    }

    pub(crate) fn open(&mut self, m: &Model, p: &Prepared<B>, s: &State<B>) {
        for rows in [&mut self.lost, &mut self.activity, &mut self.used, &mut self.gone] {
            rows.fill([0.0; B]);
        }
        self.first_stop.fill([f64::INFINITY; B]);
        self.discount = p.discount[0];
        let mut initial = std::mem::take(&mut self.initial);
        holdings(m, s, &mut initial);
        self.initial = initial;
    }

    /// Books step `t`.
    #[inline(always)]
    pub(crate) fn book(&mut self, m: &Model, p: &Prepared<B>, s: &State<B>, t: usize) {
        self.step_loss.fill([0.0; B]);
        for (&n, lost) in self.valued.iter().zip(&mut self.lost) {
            let total = &mut self.step_loss[m.sites[n].party];
            let (value, usual, actual) = (&p.value_added[n], &p.activity[n], &s.actual[n]);
            for k in 0..B {
                let loss = self.discount[k] * (value[k] * (usual[k] - actual[k]));
                lost[k] += loss;
                total[k] += loss;
            }
        }
        for k in 0..B {
            self.discount[k] *= p.discount[1][k];
        }
        for (&n, first) in self.sectors.iter().zip(&mut self.first_stop) {
            let (usual, actual) = (&p.activity[n], &s.actual[n]);
            for k in 0..B {
                let share = if usual[k] > 0.0 { actual[k] / usual[k] } else { 1.0 };
                // Full activity up to the stop gives its moment within the step.
                let day = (t as f64 + f64::min(share, 1.0)) * m.step_days;
                let since = f64::max(day - p.timetable.onset[k], 0.0);
                let stopped = share < m.stopped_below && first[k] == f64::INFINITY;
                first[k] = if stopped { since } else { first[k] };
            }
        }
        for (total, row) in self.activity.iter_mut().zip(&s.actual) {
            add(total, row);
        }
        for (total, row) in self.used.iter_mut().zip(&s.used) {
            add(total, row);
        }
    }

    pub(crate) fn close(&mut self, m: &Model, p: &Prepared<B>, s: &State<B>) {
        self.recovered = [1.0; B];
        for n in 0..m.active {
            for k in 0..B {
                let usual = p.activity[n][k];
                let back = (s.actual[n][k] - usual).abs() <= BACK * usual || usual == 0.0;
                self.recovered[k] = if back { self.recovered[k] } else { 0.0 };
            }
        }
        let mut over = rows::<B>(m.commodities.len(), 0.0);
        holdings(m, s, &mut over);
        let mut made = rows::<B>(m.commodities.len(), 0.0);
        for (o, output) in m.outputs.iter().enumerate() {
            let c = output.commodity;
            for k in 0..B {
                // A reserve makes nothing: its activity is 0.
                made[c][k] += p.yields[o][k] * self.activity[output.site][k];
                over[c][k] += self.gone[o][k];
            }
        }
        for (i, input) in m.inputs.iter().enumerate().filter(|(_, i)| i.site < m.active) {
            add(&mut over[input.commodity], &self.used[i]);
        }
        self.residual = [0.0; B];
        for c in 0..m.commodities.len() {
            for k in 0..B {
                let all = self.initial[c][k] + made[c][k];
                let relative = if all > 0.0 { (all - over[c][k]).abs() / all } else { over[c][k].abs() };
                // NaN must not be lost in a maximum.
                self.residual[k] = if relative <= self.residual[k] { self.residual[k] } else { relative };
            }
        }
    }
}

#[inline(always)]
fn add<const B: usize>(total: &mut Row<B>, row: &Row<B>) {
    for k in 0..B {
        total[k] += row[k];
    }
}

/// Stocks and goods in transit, by commodity.
fn holdings<const B: usize>(m: &Model, s: &State<B>, out: &mut [Row<B>]) {
    out.fill([0.0; B]);
    for (i, input) in m.inputs.iter().enumerate() {
        add(&mut out[input.commodity], &s.stock[i]);
        for lane in &m.lanes[input.lanes.clone()] {
            // The goods themselves, not the count of them that orders rest on.
            for row in &s.ring[lane.ring..lane.ring + lane.lead] {
                add(&mut out[input.commodity], row);
            }
        }
    }
    for (o, output) in m.outputs.iter().enumerate() {
        add(&mut out[output.commodity], &s.held[o]);
    }
}
