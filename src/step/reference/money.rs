//! Accounts of answers and of payments for one trial.

use super::Trial;
use super::given::Given;
use crate::network::{CostOn, DAYS_PER_YEAR, IndexVec, PartyIx};
use crate::schedule::timetable::Timetable;
use crate::step::Model;

/// Costs of answers and transfers of contracts in a trial.
#[derive(Debug, Clone)]
pub(super) struct Money {
    /// By party [money].
    pub(super) response: IndexVec<PartyIx, f64>,
    pub(super) contracts: IndexVec<PartyIx, f64>,
    pub(super) insurer: f64,
    /// By payment: the agreements of each step so far, and the overdue amount.
    agreed: Vec<Vec<f64>>,
    overdue: Vec<f64>,
}

impl Money {
    pub(super) fn new(m: &Model, given: &Given, timetable: &Timetable<1>) -> Self {
        let mut response = IndexVec::filled(0.0, m.parties.len());
        let rate = given.value(m.discount_rate);
        for (number, project) in m.projects.pairs() {
            let site = m.sites.iter().find(|s| s.project == Some(number));
            if let Some(site) = site {
                let day = timetable.work[number][0];
                if day >= 0.0 && day < m.steps as f64 * m.step_days {
                    let discount = libm::pow(1.0 + rate, -day / DAYS_PER_YEAR);
                    response[site.party] += discount * given.value(project.capital);
                }
            }
        }
        Money {
            response,
            contracts: IndexVec::filled(0.0, m.parties.len()),
            insurer: 0.0,
            agreed: vec![Vec::new(); m.payments.len()],
            overdue: vec![0.0; m.payments.len()],
        }
    }
}

impl Trial<'_> {
    /// Costs of answers so far, by party \[money\].
    #[must_use]
    pub fn response(&self) -> &[f64] {
        &self.money.response
    }

    /// Transfers of contracts so far, by party \[money\]; a gain is negative.
    #[must_use]
    pub fn contracts(&self) -> &[f64] {
        &self.money.contracts
    }

    /// Payments of the insurer so far, less its premiums \[money\].
    #[must_use]
    pub fn insurer(&self) -> f64 {
        self.money.insurer
    }

    pub(super) fn answers(&mut self) {
        for cost in &self.m.costs {
            let amount = match cost.on {
                CostOn::Lane(e) => {
                    let weighted = self.m.lanes[e].flow.is_weighted();
                    self.sent[e] - if weighted { self.given.volume[e] } else { 0.0 }
                }
                CostOn::Site(n) => self.x[n],
                CostOn::Stock(o) => self.held[o],
            };
            self.money.response[cost.party] +=
                self.discount * (self.value(cost.per_unit) * self.value(cost.times) * amount);
        }
    }

    pub(super) fn payments(&mut self) {
        for (number, payment) in self.m.payments.iter().enumerate() {
            let of = |param| self.given.value(param);
            let e = payment.lane;
            let (usual, order, sent) = (self.given.volume[e], self.order[e], self.sent[e]);
            let open = self.conditions.now[self.m.lanes[e].passage].mean[0] * usual;
            let unless_noise = |x: f64| if x > 1e-12 * usual { x } else { 0.0 };

            // The buyer agrees to passing goods that it does not want if it cannot cancel.
            let unwanted = unless_noise(open - order);
            let agreed = open.min(sent) + if payment.cancellable { 0.0 } else { unwanted };
            let history = &mut self.money.agreed[number];
            history.push(agreed);
            let ahead = (of(payment.prepaid_days) / self.m.step_days).min(self.m.steps as f64);
            let steps_ago = |steps: f64| {
                let step = self.t as f64 - steps;
                if step < 0.0 { usual } else { history[step as usize] }
            };
            let part = ahead - ahead.floor();
            let due = (1.0 - part) * steps_ago(ahead.floor()) + part * steps_ago(ahead.floor() + 1.0);

            let untaken = due.min(unwanted);
            let late = unless_noise(due - untaken - sent);
            let caught_up = (sent - (due - untaken)).max(0.0);
            let mut overdue = self.money.overdue[number];
            match (payment.refundable, payment.cancellable) {
                (true, _) => {}
                (false, true) => overdue += late + untaken,
                (false, false) => overdue += late,
            }
            overdue -= overdue.min(caught_up);
            self.money.overdue[number] = overdue;

            let ahead_per_unit = of(payment.prepaid_share) * of(payment.price);
            let unit = self.discount * ahead_per_unit;
            let premium = of(payment.insurance_premium) * (unit * agreed);
            let forfeited = if payment.cancellable { 0.0 } else { unit * untaken };
            let insured = of(payment.insured_share) * forfeited;
            let (buyer, seller) = (payment.buyer, payment.seller);
            self.money.contracts[buyer] += forfeited - insured + premium;
            self.money.contracts[seller] -= forfeited;
            self.money.insurer += insured - premium;
        }
        // At the horizon overdue amounts are lost, but for collateral and insurance.
        if self.t + 1 == self.m.steps {
            for (payment, overdue) in self.m.payments.iter().zip(&self.money.overdue) {
                let of = |param| self.given.value(param);
                let all = self.discount * (of(payment.prepaid_share) * of(payment.price)) * overdue;
                let kept = all - of(payment.collateral_share) * all;
                let insured = of(payment.insured_share) * kept;
                self.money.contracts[payment.buyer] += kept - insured;
                self.money.contracts[payment.seller] -= kept;
                self.money.insurer += insured;
            }
        }
    }
}
