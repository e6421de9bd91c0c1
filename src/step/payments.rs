//! Phase 8, accounts of payments: the sums that buyers pay ahead, and who bears them when goods do not come.

use super::index::FlowIx;
use super::phases::sent_on;
use super::prepare::PreparedView;
use super::state::Live;
use crate::network::{Ix, Network, PartyIx, Payment, indices};
use crate::schedule::rows::{ROUNDING, Row, Rows, rows, value};

/// A sum of money that is told for each party as a buyer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sum {
    /// Paid ahead.
    Prepaid,
    /// Held by sellers beyond its time, at its peak.
    HeldPeak,
    /// Given back at once.
    Refunded,
    /// Kept by sellers for goods that buyers did not take.
    Forfeited,
    /// Still held by sellers at the horizon.
    WrittenOff,
    /// Of that, given back from collateral.
    Collateral,
    /// Paid by the insurer.
    Insured,
    /// Paid to the insurer.
    Premium,
}

impl Sum {
    /// How many there are.
    pub(crate) const COUNT: usize = 8;

    /// That of a party.
    fn of(self, party: PartyIx) -> SumIx {
        SumIx::new(party.at() * Sum::COUNT + self as usize)
    }
}

indices! {
    /// A sum of a party.
    SumIx;
}

/// Payment ahead on one lane.
#[derive(Debug, Clone)]
struct Account<const B: usize> {
    /// Paid ahead for a unit [money].
    per_unit: Row<B>,
    /// Time between payment and delivery: whole steps, and the part of a step.
    steps: [usize; B],
    part: Row<B>,
    insured: Row<B>,
    premium: Row<B>,
    collateral: Row<B>,
    /// The agreements of the last steps, by step modulo their number.
    agreed: Vec<Row<B>>,
    /// Paid for, due and not delivered.
    overdue: Row<B>,
}

/// The accounts of payments of a block of trials.
#[derive(Debug, Clone)]
pub(crate) struct PaymentLedger<const B: usize> {
    /// Loss of a party as a buyer less its gain as a seller [money].
    pub(crate) contracts: Rows<PartyIx, B>,
    /// Payments of the insurer less its premiums [money].
    pub(crate) insurer: Row<B>,
    /// Each [`Sum`] of each party [money]; none where nothing is paid ahead.
    pub(crate) sums: Rows<SumIx, B>,
    /// Held by sellers beyond its time, by party of the buyer.
    held: Rows<PartyIx, B>,
    accounts: Vec<Account<B>>,
    /// Discount factor of the last step that was booked.
    discount: Row<B>,
}

impl<const B: usize> PaymentLedger<B> {
    pub(crate) fn new(model: &Network) -> Self {
        let zero = [0.0; B];
        let account = |payment: &Payment| Account {
            per_unit: zero,
            steps: [0; B],
            part: zero,
            insured: zero,
            premium: zero,
            collateral: zero,
            agreed: vec![zero; payment.window],
            overdue: zero,
        };
        let parties = model.parties.len();
        let told = if model.payments.is_empty() { 0 } else { parties };
        PaymentLedger {
            contracts: rows(parties, 0.0),
            insurer: zero,
            sums: rows(told * Sum::COUNT, 0.0),
            held: rows(told, 0.0),
            accounts: model.payments.iter().map(account).collect(),
            discount: [1.0; B],
        }
    }

    pub(crate) fn open(&mut self, m: &Network, p: &PreparedView<'_, B>) {
        self.contracts.fill([0.0; B]);
        self.insurer = [0.0; B];
        self.sums.fill([0.0; B]);
        for (account, payment) in self.accounts.iter_mut().zip(&m.payments) {
            let of = |param| value(param, p.draws);
            let (price, share, days) =
                (of(payment.price), of(payment.prepaid_share), of(payment.prepaid_days));
            // Up to the start the baseline flow was agreed.
            account.agreed.fill(p.facts.volume[payment.lane]);
            account.overdue = [0.0; B];
            account.insured = of(payment.insured_share);
            account.premium = of(payment.insurance_premium);
            account.collateral = of(payment.collateral_share);
            for k in 0..B {
                account.per_unit[k] = share[k] * price[k];
                // Every delivery was agreed before the start if this is longer than a trial.
                let ahead = f64::min(days[k] / m.step_days, m.steps as f64);
                account.steps[k] = usize::min(ahead as usize, payment.window - 2);
                account.part[k] = ahead - ahead.floor();
            }
        }
    }

    /// Books step `t`, at the step's discount factor.
    pub(crate) fn book(
        &mut self,
        m: &Network,
        p: &PreparedView<'_, B>,
        s: &Live<'_, B>,
        t: usize,
        discount: &Row<B>,
    ) {
        if self.accounts.is_empty() {
            return;
        }
        self.discount = *discount;
        self.held.fill([0.0; B]);
        for (number, account) in self.accounts.iter_mut().enumerate() {
            let payment = &m.payments[number];
            let lane = &m.lanes[payment.lane];
            let (usual, passage) = (&p.facts.volume[payment.lane], &s.conditions.now[lane.passage].mean);
            let (order, sent) = (&s.flows.flow[FlowIx::of(payment.lane)], sent_on(p, s, payment.lane));
            let window = payment.window;
            let (mut paid, mut late, mut left) = ([0.0; B], [0.0; B], [0.0; B]);
            for k in 0..B {
                let passes = passage[k] * usual[k];
                let declined = beyond(passes - order[k], usual[k]);
                paid[k] = f64::min(passes, sent[k]) + if payment.cancellable { 0.0 } else { declined };
                account.agreed[t % window][k] = paid[k];
                let at = |steps: usize| account.agreed[(t + window - steps) % window][k];
                let (steps, part) = (account.steps[k], account.part[k]);
                let due = (1.0 - part) * at(steps) + part * at(steps + 1);
                left[k] = f64::min(due, declined);
                late[k] = beyond(due - left[k] - sent[k], usual[k]);
                let over = f64::max(sent[k] - (due - left[k]), 0.0);
                if !payment.refundable {
                    let stays = late[k] + if payment.cancellable { left[k] } else { 0.0 };
                    let overdue = account.overdue[k] + stays;
                    account.overdue[k] = overdue - f64::min(overdue, over);
                }
            }
            let (mut lost, mut gained) = ([0.0; B], [0.0; B]);
            for k in 0..B {
                let unit = discount[k] * account.per_unit[k];
                let prepaid = unit * paid[k];
                let forfeited = if payment.cancellable { 0.0 } else { unit * left[k] };
                let returned = if payment.cancellable { late[k] + left[k] } else { late[k] };
                let refunded = if payment.refundable { unit * returned } else { 0.0 };
                let (premium, insured) = (account.premium[k] * prepaid, account.insured[k] * forfeited);
                lost[k] = forfeited - insured + premium;
                gained[k] = forfeited;
                self.insurer[k] += insured - premium;
                self.held[payment.buyer][k] += account.per_unit[k] * account.overdue[k];
                for (sum, amount) in [
                    (Sum::Prepaid, prepaid),
                    (Sum::Refunded, refunded),
                    (Sum::Forfeited, forfeited),
                    (Sum::Insured, insured),
                    (Sum::Premium, premium),
                ] {
                    self.sums[sum.of(payment.buyer)][k] += amount;
                }
            }
            transfer(&mut self.contracts, payment, &lost, &gained);
        }
        for (party, held) in self.held.pairs() {
            let peak = &mut self.sums[Sum::HeldPeak.of(party)];
            for k in 0..B {
                peak[k] = f64::max(peak[k], held[k]);
            }
        }
    }

    /// Writes off the sums that sellers still hold at the horizon, at the discount factor of the last step.
    pub(crate) fn close(&mut self, m: &Network) {
        for (account, payment) in self.accounts.iter().zip(&m.payments) {
            let (mut lost, mut gained) = ([0.0; B], [0.0; B]);
            for k in 0..B {
                let written_off = self.discount[k] * account.per_unit[k] * account.overdue[k];
                let collateral = account.collateral[k] * written_off;
                gained[k] = written_off - collateral;
                let insured = account.insured[k] * gained[k];
                lost[k] = gained[k] - insured;
                self.insurer[k] += insured;
                for (sum, amount) in
                    [(Sum::WrittenOff, written_off), (Sum::Collateral, collateral), (Sum::Insured, insured)]
                {
                    self.sums[sum.of(payment.buyer)][k] += amount;
                }
            }
            transfer(&mut self.contracts, payment, &lost, &gained);
        }
    }
}

/// Books the buyer's loss and the seller's gain.
fn transfer<const B: usize>(
    contracts: &mut Rows<PartyIx, B>,
    payment: &Payment,
    lost: &Row<B>,
    gained: &Row<B>,
) {
    for k in 0..B {
        contracts[payment.buyer][k] += lost[k];
    }
    for k in 0..B {
        contracts[payment.seller][k] -= gained[k];
    }
}

/// `x` where it is more than the rounding of a flow of size `scale`, else 0.
#[inline(always)]
fn beyond(x: f64, scale: f64) -> f64 {
    if x > ROUNDING * scale { x } else { 0.0 }
}
