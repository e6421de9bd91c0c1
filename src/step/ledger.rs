//! Phase 8, accounts: losses and their causes, stops of activity, and the balance of mass.

mod balance;
mod causes;

use self::causes::{Account, Causes, accounts, causes};
use super::Model;
use super::index::ConstantIx;
use super::payments::PaymentLedger;
use super::plan::Motion;
use super::prepare::PreparedView;
use super::response::ResponseLedger;
use super::state::Live;
use super::trade::TradeLedger;
use super::vector::{Mask, V, Width};
use crate::network::{
    DAYS_PER_YEAR, FollowedIx, IndexVec, InputIx, LaneIx, Network, OutputIx, PartyIx, SectorIx, SiteIx,
    ValuedIx, WatchedIx,
};
use crate::schedule::rows::{Row, Rows, rows};
use pulp::Simd;

/// Share of the baseline within which a site counts as back.
const BACK: f64 = 0.01;
/// Time before the horizon in which everything should be back [days].
const SETTLED_DAYS: f64 = 26.0 * 7.0;

/// The accounts of a block of trials.
#[derive(Debug, Clone)]
pub(crate) struct Ledger<const B: usize> {
    /// Value added lost over the trial [money].
    pub(crate) lost: Rows<ValuedIx, B>,
    /// Of that, lost to a material of the chain or to the site's own outage [money].
    pub(crate) direct: Rows<ValuedIx, B>,
    /// Value added lost to the site's own outage [money].
    pub(crate) outage: Rows<ValuedIx, B>,
    /// Value added lost where an input is the limiting one [money].
    pub(crate) limited: Rows<FollowedIx, B>,
    /// Lanes of followed inputs.
    pub(crate) watched: IndexVec<WatchedIx, LaneIx>,
    /// Shortfall of a lane below its baseline, as a share of the need of its input over the trial.
    pub(crate) missing: Rows<WatchedIx, B>,
    /// Work lost over the trial \[person-years\].
    pub(crate) work: Rows<PartyIx, B>,
    /// Value added lost in the step [money].
    pub(crate) step_loss: Rows<PartyIx, B>,
    /// Sites of stage `sector`.
    pub(crate) sectors: IndexVec<SectorIx, SiteIx>,
    /// How far a sector may be from its baseline and still count as back, and 1 over its baseline, or 0 for a baseline of 0.
    within: Rows<SectorIx, B>,
    inverse: Rows<SectorIx, B>,
    /// Days from the onset to the first stop; infinite if the sector never stopped.
    pub(crate) first_stop: Rows<SectorIx, B>,
    /// Days from the onset until some input of a firm feeds less than that part of its line.
    pub(crate) first_line: Rows<SectorIx, B>,
    /// Days below the same level.
    pub(crate) stopped_days: Rows<SectorIx, B>,
    /// Days from the onset to the end of the last step that is off the baseline; 0 if none was, infinite if the last step of
    /// all is.
    pub(crate) recovery: Rows<SectorIx, B>,
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
    /// Largest mass balance residual over the commodities, relative to initial holdings and production.
    pub(crate) residual: Row<B>,
    /// Stocks and transit at the start.
    initial: Holdings<B>,
    discount: Row<B>,
    /// Sites where people work, and how many.
    staffed: Vec<(SiteIx, ConstantIx)>,
    /// Valued sites by party, as `book` walks them.
    accounts: IndexVec<PartyIx, Vec<Account>>,
    /// 1 where a site is off the baseline in the last 26 weeks.
    off: Row<B>,
}

impl<const B: usize> Ledger<B> {
    pub(crate) fn new(model: &Model) -> Self {
        let valued: IndexVec<ValuedIx, SiteIx> = model.valued().collect();
        let sectors: IndexVec<SectorIx, SiteIx> = model.sectors().collect();
        let watched: IndexVec<WatchedIx, LaneIx> = model.watched().collect();
        Ledger {
            lost: rows(valued.len(), 0.0),
            direct: rows(valued.len(), 0.0),
            outage: rows(valued.len(), 0.0),
            limited: rows(model.followed().count(), 0.0),
            missing: rows(watched.len(), 0.0),
            watched,
            stopped_days: rows(sectors.len(), 0.0),
            recovery: rows(sectors.len(), 0.0),
            judged: [false; B],
            settles: 0,
            unsettled: [None; B],
            trade: TradeLedger::new(model),
            response: ResponseLedger::new(model),
            payments: PaymentLedger::new(model),
            work: rows(model.parties.len(), 0.0),
            step_loss: rows(model.parties.len(), 0.0),
            first_stop: rows(sectors.len(), 0.0),
            first_line: rows(sectors.len(), 0.0),
            within: rows(sectors.len(), 0.0),
            inverse: rows(sectors.len(), 0.0),
            staffed: model.plan.staffed.clone(),
            accounts: accounts(model, &model.plan.rows, &valued),
            sectors,
            recovered: [0.0; B],
            residual: [0.0; B],
            off: [0.0; B],
            initial: Holdings::new(model),
            discount: [1.0; B],
        }
    }

    pub(crate) fn open(&mut self, m: &Network, p: &PreparedView<'_, B>, s: &Live<'_, B>) {
        for rows in [&mut self.lost, &mut self.direct, &mut self.outage] {
            rows.fill([0.0; B]);
        }
        for rows in [&mut self.stopped_days, &mut self.recovery] {
            rows.fill([0.0; B]);
        }
        self.limited.fill([0.0; B]);
        self.missing.fill([0.0; B]);
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
        self.first_line.fill([f64::INFINITY; B]);
        for ((within, inverse), &n) in self.within.iter_mut().zip(&mut *self.inverse).zip(&self.sectors) {
            *within = p.facts.activity[n].map(margin);
            *inverse = p.facts.activity[n].map(|usual| if usual > 0.0 { 1.0 / usual } else { 0.0 });
        }
        self.discount = p.discount[0];
        self.initial.count(p, s);
    }

    /// Books step `t`, which was not walked if it is at rest.
    #[inline(always)]
    pub(crate) fn book<S: Simd, const W: usize>(
        &mut self,
        simd: Width<S, W>,
        m: &Network,
        p: &PreparedView<'_, B>,
        s: &mut Live<'_, B>,
        (t, resting): (usize, bool),
    ) {
        for v in simd.parts::<B>() {
            self.losses(simd, v, p, s);
            self.stops(simd, v, m, p, s, t);
            if t >= self.settles {
                let mut off = V::of(simd, &self.off, v);
                let (zero, one) = (V::all(simd, 0.0), V::all(simd, 1.0));
                let now = &s.supplied.actual[m.active];
                for (number, usual) in p.facts.activity[m.active].iter().enumerate() {
                    let (usual, actual) = (V::of(simd, usual, v), V::of(simd, &now[number], v));
                    let much = (actual - usual).abs().over(V::all(simd, BACK) * usual);
                    off = much.and(usual.over(zero)).select(one, off);
                }
                off.put(&mut self.off, v);
            }
        }
        let discount = self.discount;
        self.trade.book(simd, m, p, s, (t, resting), &discount);
        self.response.book(m, p, s, &discount);
        self.payments.book(m, p, s, t, &discount);
        for k in 0..B {
            self.discount[k] *= p.discount[1][k];
        }
    }

    /// The losses of the step and their causes: `min(α K, need) − x*` to the site's own outage, `x* − x` to the limiting
    /// input, the rest to lost demand. Outages and materials are direct.
    #[inline(always)]
    fn losses<S: Simd, const W: usize>(
        &mut self,
        simd: Width<S, W>,
        v: usize,
        p: &PreparedView<'_, B>,
        s: &Live<'_, B>,
    ) {
        let discount = V::of(simd, &self.discount, v);
        let zero = V::all(simd, 0.0);
        let (mut lost, mut directs) = (self.lost.part(), self.direct.part());
        let (mut outages, mut limited) = (self.outage.part(), self.limited.part());
        let (values, activity, actual) = (p.facts.value_added, p.facts.activity, s.supplied.actual.read());
        for (party, accounts) in self.accounts.pairs() {
            let mut step_loss = zero;
            for account in accounts {
                let (n, number) = (account.site, account.number);
                let (value, actual) = (V::of(simd, &values[n], v), V::of(simd, &actual[n], v));
                let loss = discount * (value * (V::of(simd, &activity[n], v) - actual));
                (V::of(simd, &lost[number], v) + loss).put(&mut lost[number], v);
                step_loss = step_loss + loss;
                if account.capacity == Motion::Moves || s.limited[n] {
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
                            outage: &mut outages[number],
                            limited: &mut limited,
                        },
                    );
                }
            }
            step_loss.put(&mut self.step_loss[party], v);
        }
    }
    /// When sectors stop and are back.
    #[inline(always)]
    fn stops<S: Simd, const W: usize>(
        &mut self,
        simd: Width<S, W>,
        v: usize,
        m: &Network,
        p: &PreparedView<'_, B>,
        s: &Live<'_, B>,
        t: usize,
    ) {
        let (zero, one) = (V::all(simd, 0.0), V::all(simd, 1.0));
        let (step, level) = (V::all(simd, m.step_days), V::all(simd, m.stopped_below));
        let onset = V::of(simd, &p.timetable.onset, v);
        let until = (V::all(simd, (t + 1) as f64 * m.step_days) - onset).positive();
        let (activity, actual) = (p.facts.activity, s.supplied.actual.read());
        let (within, inverse) = (self.within.view(), self.inverse.view());
        for (number, &n) in self.sectors.pairs() {
            if s.limited[n] {
                let fed = V::of(simd, &s.supplied.thinnest[n], v);
                let low = level.over(fed);
                if low.any() {
                    let day = (V::all(simd, t as f64) + fed) * step;
                    note_first(v, low, (day - onset).positive(), &mut self.first_line[number]);
                }
            }
            let (usual, actual) = (V::of(simd, &activity[n], v), V::of(simd, &actual[n], v));
            let off = (actual - usual).abs().over(V::of(simd, &within[number], v));
            // A site that stops is off its baseline as well, unless a stop is hardly more than that.
            if !off.any() && m.stopped_below <= 1.0 - 2.0 * BACK {
                continue;
            }
            let recovery = &mut self.recovery[number];
            off.select(until, V::of(simd, recovery, v)).put(recovery, v);
            let share = usual.over(zero).select(actual * V::of(simd, &inverse[number], v), one);
            let low = level.over(share);
            if low.any() {
                // Full activity up to the stop gives its moment within the step.
                let day = (V::all(simd, t as f64) + share.min(one)) * step;
                note_first(v, low, (day - onset).positive(), &mut self.first_stop[number]);
                let days = &mut self.stopped_days[number];
                (V::of(simd, days, v) + low.select(step, zero)).put(days, v);
            }
        }
    }

    pub(crate) fn close(&mut self, m: &Network, p: &PreparedView<'_, B>, s: &mut Live<'_, B>) {
        self.trade.close();
        self.payments.close(m);
        self.recovered = [1.0; B];
        for n in m.active {
            for k in 0..B {
                let off = is_off(s.supplied.actual[n][k], p.facts.activity[n][k]);
                self.recovered[k] = if off { 0.0 } else { self.recovered[k] };
            }
        }
        for (recovery, &n) in self.recovery.iter_mut().zip(&self.sectors) {
            for k in 0..B {
                let off = is_off(s.supplied.actual[n][k], p.facts.activity[n][k]);
                recovery[k] = if off { f64::INFINITY } else { recovery[k] };
            }
        }
        for k in 0..B {
            self.unsettled[k] = self.judged[k].then_some(self.off[k] == 1.0);
        }
        self.balance(m, p, s);
        self.work(m, p, s);
    }

    /// Work lost: employment times the share of the baseline activity of the trial that was not reached.
    fn work(&mut self, m: &Network, p: &PreparedView<'_, B>, s: &Live<'_, B>) {
        self.work.fill([0.0; B]);
        let years = m.steps as f64 * m.step_days / DAYS_PER_YEAR;
        let made = s.sums.made.read();
        for &(n, employment) in &self.staffed {
            let (persons, usual) = (&p.facts.constants[employment], &p.facts.activity[n]);
            let work = &mut self.work[m.sites[n].party];
            for k in 0..B {
                let all = usual[k] * m.steps as f64;
                if all > 0.0 {
                    work[k] += persons[k] * years * unless_rounding(1.0 - made[n][k] / all);
                }
            }
        }
    }
}

/// A share of a sum over a trial, or none if it is no greater than the rounding of one.
fn unless_rounding(share: f64) -> f64 {
    if share.abs() > 1e-9 { share } else { 0.0 }
}

/// Writes the days since the onset where something is so for the first time.
#[inline(always)]
fn note_first<S: Simd, const W: usize, const B: usize>(
    v: usize,
    now: Mask<S, W>,
    days: V<S, W>,
    first: &mut Row<B>,
) {
    let before = V::of(days.width(), first, v);
    let never = before.equals(V::all(days.width(), f64::INFINITY));
    now.and(never).select(days, before).put(first, v);
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

/// Stocks and goods in transit.
#[derive(Debug, Clone)]
struct Holdings<const B: usize> {
    /// At inputs, or on their way to them.
    at_inputs: Rows<InputIx, B>,
    at_outputs: Rows<OutputIx, B>,
}
