//! Phase 8, accounts: what is lost and to what, when activity stopped, and whether mass is conserved.

mod balance;

pub(crate) use balance::Mass;

use super::Model;
use super::payments::PaymentLedger;
use super::plan::is_counted;
use super::prepare::Prepared;
use super::response::ResponseLedger;
use super::state::{State, moves};
use super::trade::TradeLedger;
use super::vector::{V, Width};
use crate::network::{DAYS_PER_YEAR, Network};
use crate::schedule::rows::{Row, Rows, rows};
use pulp::Simd;

/// Share of the baseline within which a site counts as back.
const BACK: f64 = 0.01;
/// Time before the horizon in which everything should be back [days].
const SETTLED_DAYS: f64 = 26.0 * 7.0;

/// The accounts of a block of trials.
#[derive(Debug, Clone)]
pub(crate) struct Ledger<const B: usize> {
    /// Value added lost over the trial, by site that adds value [JPY].
    pub(crate) lost: Rows<B>,
    /// Of that, lost to a material of the chain or to the site's own outage, by valued site [JPY].
    pub(crate) direct: Rows<B>,
    /// Value added lost to the site's own outage, by valued site [JPY].
    pub(crate) outage: Rows<B>,
    /// Value added lost where it is the limiting one, by followed input [JPY].
    pub(crate) limited: Rows<B>,
    /// Lanes of followed inputs.
    pub(crate) watched: Vec<usize>,
    /// What was sent on lanes that are counted one by one.
    pub(crate) brought: Rows<B>,
    /// What a lane brought less than at the baseline, as a share of the need of its input over the trial, by
    /// watched lane.
    pub(crate) missing: Rows<B>,
    /// Value added lost in the step, by party [JPY].
    pub(crate) step_loss: Rows<B>,
    /// Sites of stage `sector`.
    pub(crate) sectors: Vec<usize>,
    /// How far a sector may be from its baseline and still count as back, and 1 over its baseline, or 0 for a baseline of 0.
    within: Rows<B>,
    inverse: Rows<B>,
    /// Days from the onset to the first stop, by sector; infinite if it never stopped.
    pub(crate) first_stop: Rows<B>,
    /// Days below the same level, by sector.
    pub(crate) stopped_days: Rows<B>,
    /// Days from the onset to the end of the last step that is off the baseline, by sector; 0 if none was,
    /// infinite if the last step of all is.
    pub(crate) recovery: Rows<B>,
    /// Whether the last event ends at least a year before the horizon.
    judged: [bool; B],
    /// First step of the last 26 weeks, if any trial is judged by them.
    settles: usize,
    /// Whether any site is off the baseline in the last 26 weeks; only told in trials that are judged.
    pub(crate) unsettled: [Option<bool>; B],
    pub(crate) trade: TradeLedger<B>,
    pub(crate) response: ResponseLedger<B>,
    pub(crate) payments: PaymentLedger<B>,
    /// 1 where every site is back at the horizon.
    pub(crate) recovered: Row<B>,
    /// Largest mass balance residual over the commodities, relative to what there was and was made.
    pub(crate) residual: Row<B>,
    pub(crate) mass: Mass<B>,
    /// Stocks and transit at the start, by input and by output.
    initial: [Rows<B>; 2],
    discount: Row<B>,
    /// Valued sites by party, as `book` walks them.
    accounts: Vec<Vec<Account>>,
    /// 1 where a site is off the baseline in the last 26 weeks.
    off: Row<B>,
}

/// What is booked of a valued site.
#[derive(Debug, Clone)]
struct Account {
    /// Number among the valued sites.
    number: usize,
    site: usize,
    /// Whether its capacity can move.
    moves: bool,
    limits: Limits,
}

/// What loss to missing inputs counts as.
#[derive(Debug, Clone)]
enum Limits {
    /// By input, from this slot of the followed ones: whether it is a material of the chain.
    Followed(usize, Vec<bool>),
    /// Direct: all inputs are materials.
    Direct,
    Indirect,
}

impl<const B: usize> Ledger<B> {
    pub(crate) fn new(model: &Model) -> Self {
        let counted = model.inputs.iter().filter(|input| is_counted(model, input));
        let valued: Vec<usize> = model.valued().collect();
        let sectors: Vec<usize> = model.sectors().collect();
        let watched: Vec<usize> = model.watched().collect();
        let r = |len: usize| rows::<B>(len, 0.0);
        Ledger {
            lost: r(valued.len()),
            direct: r(valued.len()),
            outage: r(valued.len()),
            limited: r(model.followed().count()),
            missing: r(watched.len()),
            watched,
            brought: r(counted.map(|input| input.lanes.len()).sum()),
            stopped_days: r(sectors.len()),
            recovery: r(sectors.len()),
            judged: [false; B],
            settles: 0,
            unsettled: [None; B],
            trade: TradeLedger::new(model),
            response: ResponseLedger::new(model),
            payments: PaymentLedger::new(model),
            step_loss: r(model.parties.len()),
            first_stop: r(sectors.len()),
            within: r(sectors.len()),
            inverse: r(sectors.len()),
            accounts: accounts(model, &valued),
            sectors,
            recovered: [0.0; B],
            residual: [0.0; B],
            mass: Mass {
                made: r(model.sites.len()),
                taken: r(model.inputs.len()),
                gone: r(model.outputs.len()),
            },
            off: [0.0; B],
            initial: [r(model.inputs.len()), r(model.outputs.len())],
            discount: [1.0; B],
        }
    }

    pub(crate) fn open(&mut self, m: &Network, p: &Prepared<B>, s: &State<B>) {
        let of_sites = [&mut self.lost, &mut self.direct, &mut self.outage, &mut self.stopped_days];
        let of_inputs = [&mut self.limited, &mut self.missing, &mut self.recovery];
        for rows in of_sites.into_iter().chain(of_inputs).chain([&mut self.brought]) {
            rows.fill([0.0; B]);
        }
        self.mass.clear();
        self.off = [0.0; B];
        let horizon = m.steps as f64 * m.step_days;
        self.judged = p.timetable.last.map(|last| horizon - last >= DAYS_PER_YEAR);
        let settled = |t: &usize| (m.steps - t) as f64 * m.step_days <= SETTLED_DAYS;
        let told = self.judged.contains(&true);
        self.settles = (0..m.steps).find(settled).filter(|_| told).unwrap_or(m.steps);
        self.trade.open(m, p);
        self.response.open(m, p);
        self.payments.open(m, p);
        self.first_stop.fill([f64::INFINITY; B]);
        for ((within, inverse), &n) in self.within.iter_mut().zip(&mut *self.inverse).zip(&self.sectors) {
            *within = p.activity[n].map(margin);
            *inverse = p.activity[n].map(|usual| if usual > 0.0 { 1.0 / usual } else { 0.0 });
        }
        self.discount = p.discount[0];
        balance::holdings(p, s, &mut self.initial);
    }

    /// Books step `t`.
    #[inline(always)]
    pub(crate) fn book<S: Simd, const W: usize>(
        &mut self,
        simd: Width<S, W>,
        m: &Network,
        p: &Prepared<B>,
        s: &mut State<B>,
        t: usize,
    ) {
        for v in simd.parts::<B>() {
            self.losses(simd, v, p, s);
            self.stops(simd, v, m, p, s, t);
            if t >= self.settles {
                let mut off = V::of(simd, &self.off, v);
                let (zero, one) = (V::all(simd, 0.0), V::all(simd, 1.0));
                for (usual, actual) in p.activity.iter().zip(&s.actual).take(m.active) {
                    let (usual, actual) = (V::of(simd, usual, v), V::of(simd, actual, v));
                    let much = (actual - usual).abs().over(V::all(simd, BACK) * usual);
                    off = much.and(usual.over(zero)).select(one, off);
                }
                off.put(&mut self.off, v);
            }
        }
        let discount = self.discount;
        self.trade.book(simd, m, p, s, t, &discount);
        self.response.book(m, p, s, &discount);
        self.payments.book(m, p, s, t, &discount);
        for k in 0..B {
            self.discount[k] *= p.discount[1][k];
        }
    }

    /// What is lost in the step, and to what: `min(α K, need) − x*` to the site's own outage, `x* − x` to the limiting
    /// input, the rest to lost demand. Outages and materials are direct.
    #[inline(always)]
    fn losses<S: Simd, const W: usize>(
        &mut self,
        simd: Width<S, W>,
        v: usize,
        p: &Prepared<B>,
        s: &State<B>,
    ) {
        let discount = V::of(simd, &self.discount, v);
        let zero = V::all(simd, 0.0);
        let (lost, directs) = (&mut *self.lost, &mut *self.direct);
        let (values, activity) = (&*p.value_added, &*p.activity);
        for (accounts, row) in self.accounts.iter().zip(&mut *self.step_loss) {
            let mut step_loss = zero;
            for account in accounts {
                let (n, number) = (account.site, account.number);
                let (value, actual) = (V::of(simd, &values[n], v), V::of(simd, &s.actual[n], v));
                let loss = discount * (value * (V::of(simd, &activity[n], v) - actual));
                (V::of(simd, &lost[number], v) + loss).put(&mut lost[number], v);
                step_loss = step_loss + loss;
                if account.moves || s.limited[n] {
                    causes(
                        simd,
                        v,
                        p,
                        s,
                        account,
                        Causes {
                            discount,
                            value,
                            direct: &mut directs[number],
                            outage: &mut self.outage[number],
                            limited: &mut self.limited,
                        },
                    );
                }
            }
            step_loss.put(row, v);
        }
    }
    /// When sectors stop and are back.
    #[inline(always)]
    fn stops<S: Simd, const W: usize>(
        &mut self,
        simd: Width<S, W>,
        v: usize,
        m: &Network,
        p: &Prepared<B>,
        s: &State<B>,
        t: usize,
    ) {
        let (zero, one) = (V::all(simd, 0.0), V::all(simd, 1.0));
        let (step, level) = (V::all(simd, m.step_days), V::all(simd, m.stopped_below));
        let onset = V::of(simd, &p.timetable.onset, v);
        let until = (V::all(simd, (t + 1) as f64 * m.step_days) - onset).positive();
        let activity = &*p.activity;
        for (number, &n) in self.sectors.iter().enumerate() {
            let (usual, actual) = (V::of(simd, &activity[n], v), V::of(simd, &s.actual[n], v));
            let off = (actual - usual).abs().over(V::of(simd, &self.within[number], v));
            // What stops is off its baseline as well, unless a stop is hardly more than that.
            if !off.any() && m.stopped_below <= 1.0 - 2.0 * BACK {
                continue;
            }
            let recovery = &mut self.recovery[number];
            off.select(until, V::of(simd, recovery, v)).put(recovery, v);
            let share = usual.over(zero).select(actual * V::of(simd, &self.inverse[number], v), one);
            let low = level.over(share);
            if low.any() {
                // Full activity up to the stop gives its moment within the step.
                let day = (V::all(simd, t as f64) + share.min(one)) * step;
                let since = (day - onset).positive();
                let (first, days) = (&mut self.first_stop[number], &mut self.stopped_days[number]);
                let before = V::of(simd, first, v);
                low.and(before.equals(V::all(simd, f64::INFINITY))).select(since, before).put(first, v);
                (V::of(simd, days, v) + low.select(step, zero)).put(days, v);
            }
        }
    }

    pub(crate) fn close(&mut self, m: &Network, p: &Prepared<B>, s: &State<B>) {
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
        for k in 0..B {
            self.unsettled[k] = self.judged[k].then_some(self.off[k] == 1.0);
        }
        self.balance(m, p, s);
    }
}

/// What a loss is put down to.
struct Causes<'a, S: Simd, const W: usize, const B: usize> {
    discount: V<S, W>,
    value: V<S, W>,
    direct: &'a mut Row<B>,
    outage: &'a mut Row<B>,
    limited: &'a mut [Row<B>],
}

/// What is lost to a site's own outage and to missing inputs.
#[inline(always)]
fn causes<S: Simd, const W: usize, const B: usize>(
    simd: Width<S, W>,
    v: usize,
    p: &Prepared<B>,
    s: &State<B>,
    account: &Account,
    causes: Causes<'_, S, W, B>,
) {
    let Causes { discount, value, direct, outage, limited } = causes;
    let n = account.site;
    let possible = V::of(simd, &s.possible[n], v);
    if account.moves {
        let most = V::of(simd, &s.overtime[n], v) * V::of(simd, &p.capacity[n], v);
        let whole = most.min(V::of(simd, &s.need[n], v));
        let loss = discount * (value * (whole - possible));
        for total in [outage, &mut *direct] {
            (V::of(simd, total, v) + loss).put(total, v);
        }
    }
    // As mostly: no input limits it in any trial of the block.
    if !s.limited[n] {
        return;
    }
    let to_inputs = discount * (value * (possible - V::of(simd, &s.actual[n], v)));
    match &account.limits {
        Limits::Followed(first, materials) => {
            let limiting = V::of(simd, &s.limiting[n], v);
            for (input, material) in materials.iter().enumerate() {
                let own = limiting.equals(V::all(simd, input as f64));
                if !own.any() {
                    continue;
                }
                let loss = own.select(to_inputs, V::all(simd, 0.0));
                let limited = &mut limited[first + input];
                (V::of(simd, limited, v) + loss).put(limited, v);
                if *material {
                    (V::of(simd, direct, v) + loss).put(direct, v);
                }
            }
        }
        Limits::Direct => (V::of(simd, direct, v) + to_inputs).put(direct, v),
        Limits::Indirect => {}
    }
}

/// How far an activity may be off this baseline and still count as back; one of 0 is never left by more than a share of it.
fn margin(usual: f64) -> f64 {
    if usual > 0.0 { BACK * usual } else { f64::INFINITY }
}

/// Whether an activity is over 1% off its baseline.
#[inline(always)]
fn is_off(actual: f64, usual: f64) -> bool {
    (actual - usual).abs() > margin(usual)
}

/// What is booked of the valued sites, by party.
fn accounts(m: &Network, valued: &[usize]) -> Vec<Vec<Account>> {
    // Slots are counted over all followed sites, valued or not.
    let followed = |n: &usize| if m.sites[*n].followed { m.sites[*n].inputs.len() } else { 0 };
    let (mut next, mut slot) = (0, 0);
    let mut all = vec![Vec::new(); m.parties.len()];
    for (number, &n) in valued.iter().enumerate() {
        let site = &m.sites[n];
        let materials: Vec<bool> = site.inputs.clone().map(|i| m.material[m.inputs[i].commodity]).collect();
        let limits = if site.followed {
            slot += (next..n).map(|n| followed(&n)).sum::<usize>();
            next = n;
            Limits::Followed(slot, materials)
        } else if materials.iter().all(|material| *material) {
            Limits::Direct
        } else {
            Limits::Indirect
        };
        all[site.party].push(Account { number, site: n, moves: moves(site), limits });
    }
    all
}
