//! Phase 8, accounts: what is lost and to what, when activity stopped, and whether mass is conserved.

use super::payments::PaymentLedger;
use super::prepare::Prepared;
use super::response::ResponseLedger;
use super::rows::{Row, rows};
use super::state::{State, moves};
use super::trade::TradeLedger;
use crate::model::{DAYS_PER_YEAR, Model};

/// Share of the baseline within which a site counts as back.
const BACK: f64 = 0.01;
/// Time before the horizon in which everything should be back [days].
const SETTLED_DAYS: f64 = 26.0 * 7.0;

/// The accounts of a block of trials.
#[derive(Debug, Clone)]
pub(crate) struct Ledger<const B: usize> {
    /// Sites that add value.
    pub(crate) valued: Vec<usize>,
    /// Value added lost over the trial, by valued site [JPY].
    pub(crate) lost: Vec<Row<B>>,
    /// Of that, lost to a material of the chain or to the site's own outage, by valued site [JPY].
    pub(crate) direct: Vec<Row<B>>,
    /// Value added lost to the site's own outage, by valued site [JPY].
    pub(crate) outage: Vec<Row<B>>,
    /// Inputs of followed sites.
    pub(crate) followed: Vec<usize>,
    /// Value added lost where it is the limiting one, by followed input [JPY].
    pub(crate) limited: Vec<Row<B>>,
    /// Lanes of followed inputs.
    pub(crate) watched: Vec<usize>,
    /// What a lane brought less than at the baseline, as a share of the need of its input over the trial, by
    /// watched lane.
    pub(crate) missing: Vec<Row<B>>,
    /// Value added lost in the step, by party [JPY].
    pub(crate) step_loss: Vec<Row<B>>,
    /// Sites of stage `sector`.
    pub(crate) sectors: Vec<usize>,
    /// Days from the onset to the first stop, by sector; infinite if it never stopped.
    pub(crate) first_stop: Vec<Row<B>>,
    /// Days below the same level, by sector.
    pub(crate) stopped_days: Vec<Row<B>>,
    /// Days from the onset to the end of the last step that is off the baseline, by sector; 0 if none was,
    /// infinite if the last step of all is.
    pub(crate) recovery: Vec<Row<B>>,
    /// Whether any site is off the baseline in the last 26 weeks; only told in trials whose last event ends
    /// at least a year before the horizon.
    pub(crate) unsettled: [Option<bool>; B],
    pub(crate) trade: TradeLedger<B>,
    pub(crate) response: ResponseLedger<B>,
    pub(crate) payments: PaymentLedger<B>,
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
        let followed: Vec<usize> =
            model.sites.iter().filter(|site| site.followed).flat_map(|site| site.inputs.clone()).collect();
        let watched: Vec<usize> = followed.iter().flat_map(|&i| model.inputs[i].lanes.clone()).collect();
        let r = |len: usize| rows::<B>(len, 0.0);
        Ledger {
            lost: r(valued.len()),
            direct: r(valued.len()),
            outage: r(valued.len()),
            limited: r(followed.len()),
            followed,
            missing: r(watched.len()),
            watched,
            stopped_days: r(sectors.len()),
            recovery: r(sectors.len()),
            unsettled: [None; B],
            trade: TradeLedger::new(model),
            response: ResponseLedger::new(model),
            payments: PaymentLedger::new(model),
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
        let of_sites = [&mut self.lost, &mut self.direct, &mut self.outage, &mut self.activity];
        let of_inputs = [&mut self.limited, &mut self.missing, &mut self.used];
        let others = [&mut self.gone, &mut self.stopped_days, &mut self.recovery];
        for rows in of_sites.into_iter().chain(of_inputs).chain(others) {
            rows.fill([0.0; B]);
        }
        self.unsettled = [Some(false); B];
        self.trade.open(m, p);
        self.response.open(m, p);
        self.payments.open(m, p);
        self.first_stop.fill([f64::INFINITY; B]);
        self.discount = p.discount[0];
        let mut initial = std::mem::take(&mut self.initial);
        holdings(m, s, &mut initial);
        self.initial = initial;
    }

    /// Books step `t`.
    #[inline(always)]
    pub(crate) fn book(&mut self, m: &Model, p: &Prepared<B>, s: &mut State<B>, t: usize) {
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
        self.causes(m, p, s, t);
        let discount = self.discount;
        self.trade.book(m, p, s, t, &discount);
        self.response.book(m, p, s, t, &discount);
        self.payments.book(m, p, s, t, &discount);
        for k in 0..B {
            self.discount[k] *= p.discount[1][k];
        }
        for (number, &n) in self.sectors.iter().enumerate() {
            let (usual, actual) = (&p.activity[n], &s.actual[n]);
            let (first, days, recovery) =
                (&mut self.first_stop[number], &mut self.stopped_days[number], &mut self.recovery[number]);
            for k in 0..B {
                let share = if usual[k] > 0.0 { actual[k] / usual[k] } else { 1.0 };
                // Full activity up to the stop gives its moment within the step.
                let day = (t as f64 + f64::min(share, 1.0)) * m.step_days;
                let since = f64::max(day - p.timetable.onset[k], 0.0);
                let stopped = share < m.stopped_below && first[k] == f64::INFINITY;
                first[k] = if stopped { since } else { first[k] };
                days[k] += if share < m.stopped_below { m.step_days } else { 0.0 };
                let until = (t + 1) as f64 * m.step_days - p.timetable.onset[k];
                recovery[k] = if is_off(actual[k], usual[k]) { f64::max(until, 0.0) } else { recovery[k] };
            }
        }
        for (total, row) in self.activity.iter_mut().zip(&s.actual) {
            add(total, row);
        }
        for (total, row) in self.used.iter_mut().zip(&s.used) {
            add(total, row);
        }
    }

    /// What the losses of the step are due to: `min(α K, need) − x*` to the site's own outage, `x* − x` to
    /// the limiting input, the rest to lost demand. Outages and materials are direct.
    #[inline(always)]
    fn causes(&mut self, m: &Model, p: &Prepared<B>, s: &State<B>, t: usize) {
        let mut slot = 0;
        for (v, &n) in self.valued.iter().enumerate() {
            let site = &m.sites[n];
            let (value, possible, actual) = (&p.value_added[n], &s.possible[n], &s.actual[n]);
            let mut to_inputs = [0.0; B];
            for k in 0..B {
                to_inputs[k] = self.discount[k] * (value[k] * (possible[k] - actual[k]));
            }
            if moves(site) {
                for k in 0..B {
                    let whole = f64::min(s.overtime[n][k] * p.capacity[n][k], s.need[n][k]);
                    let loss = self.discount[k] * (value[k] * (whole - possible[k]));
                    self.outage[v][k] += loss;
                    self.direct[v][k] += loss;
                }
            }
            if site.followed && s.limiting[n] == [-1.0; B] {
                // As mostly: no input limits it in any trial of the block.
                slot += site.inputs.len();
            } else if site.followed {
                for (number, i) in site.inputs.clone().enumerate() {
                    let material = m.material[m.inputs[i].commodity];
                    let (limited, direct) = (&mut self.limited[slot], &mut self.direct[v]);
                    for k in 0..B {
                        let loss = if s.limiting[n][k] == number as f64 { to_inputs[k] } else { 0.0 };
                        limited[k] += loss;
                        direct[k] += if material { loss } else { 0.0 };
                    }
                    slot += 1;
                }
            } else if site.inputs.clone().all(|i| m.material[m.inputs[i].commodity]) {
                add(&mut self.direct[v], &to_inputs);
            }
        }
        for (missing, &e) in self.missing.iter_mut().zip(&self.watched) {
            add(missing, s.sent(m, e, t));
        }
        if (m.steps - t) as f64 * m.step_days <= SETTLED_DAYS {
            for n in 0..m.active {
                for k in 0..B {
                    let off = is_off(s.actual[n][k], p.activity[n][k]);
                    self.unsettled[k] = self.unsettled[k].map(|before| before || off);
                }
            }
        }
    }

    pub(crate) fn close(&mut self, m: &Model, p: &Prepared<B>, s: &State<B>) {
        self.trade.close();
        self.payments.close(m);
        self.recovered = [1.0; B];
        for n in 0..m.active {
            for k in 0..B {
                let off = is_off(s.actual[n][k], p.activity[n][k]);
                self.recovered[k] = if off { 0.0 } else { self.recovered[k] };
            }
        }
        for (recovery, &n) in self.recovery.iter_mut().zip(&self.sectors) {
            for k in 0..B {
                let off = is_off(s.actual[n][k], p.activity[n][k]);
                recovery[k] = if off { f64::INFINITY } else { recovery[k] };
            }
        }
        let horizon = m.steps as f64 * m.step_days;
        for k in 0..B {
            if horizon - p.timetable.last[k] < DAYS_PER_YEAR {
                self.unsettled[k] = None;
            }
        }
        for (missing, &e) in self.missing.iter_mut().zip(&self.watched) {
            let i = m.lanes[e].input;
            let usual = if m.lanes[e].flow.is_weighted() { p.volume[e] } else { [0.0; B] };
            for k in 0..B {
                let need = p.usage[i][k] * p.activity[m.inputs[i].site][k];
                let short = usual[k] - missing[k] / m.steps as f64;
                missing[k] = if need > 0.0 { short / need } else { 0.0 };
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

/// Whether an activity is over 1% off its baseline.
#[inline(always)]
fn is_off(actual: f64, usual: f64) -> bool {
    usual != 0.0 && (actual - usual).abs() > BACK * usual
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
