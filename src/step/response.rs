//! Phase 8, accounts of answers: dearer suppliers, stocks that are held, capital of projects.

use super::phases::sent_on;
use super::prepare::PreparedView;
use super::state::Live;
use crate::network::{CostOn, DAYS_PER_YEAR, Network, PartyIx};
use crate::schedule::rows::{Row, Rows, fill, rows, value};

/// Costs of answers in a block of trials.
#[derive(Debug, Clone)]
pub(crate) struct ResponseLedger<const B: usize> {
    /// Of each party [money].
    pub(crate) cost: Rows<PartyIx, B>,
    /// Of each cost [money per unit].
    per_unit: Vec<Row<B>>,
}

impl<const B: usize> ResponseLedger<B> {
    pub(crate) fn new(model: &Network) -> Self {
        ResponseLedger { cost: rows(model.parties.len(), 0.0), per_unit: vec![[0.0; B]; model.costs.len()] }
    }

    /// Projects are paid for on the day their work begins.
    pub(crate) fn open(&mut self, m: &Network, p: &PreparedView<'_, B>) {
        self.cost.fill([0.0; B]);
        for (row, cost) in self.per_unit.iter_mut().zip(&m.costs) {
            fill(row, cost.per_unit, p.draws);
            let times = value(cost.times, p.draws);
            for k in 0..B {
                row[k] *= times[k];
            }
        }
        let horizon = m.steps as f64 * m.step_days;
        let rate = value(m.discount_rate, p.draws);
        for (number, project) in m.projects.pairs().filter(|(_, project)| !project.capital.is_zero()) {
            let Some(site) = m.sites.iter().find(|site| site.project == Some(number)) else { continue };
            let (work, capital) = (&p.timetable.work[number], value(project.capital, p.draws));
            let cost = &mut self.cost[site.party];
            for k in 0..B {
                let day = work[k];
                let begins = (0.0..horizon).contains(&day);
                let discount = libm::pow(1.0 + rate[k], -day / DAYS_PER_YEAR);
                cost[k] += if begins { discount * capital[k] } else { 0.0 };
            }
        }
    }

    /// Books step `t`, at the step's discount factor.
    pub(crate) fn book(&mut self, m: &Network, p: &PreparedView<'_, B>, s: &Live<'_, B>, discount: &Row<B>) {
        for (number, cost) in m.costs.iter().enumerate() {
            let per_unit = &self.per_unit[number];
            let total = &mut self.cost[cost.party];
            let (amount, usual) = match cost.on {
                CostOn::Lane(e) if m.lanes[e].flow.is_weighted() => (sent_on(p, s, e), p.facts.volume[e]),
                CostOn::Lane(e) => (sent_on(p, s, e), [0.0; B]),
                CostOn::Site(n) => (s.supplied.actual[n], [0.0; B]),
                CostOn::Stock(o) => (s.stocks.held[o], [0.0; B]),
            };
            for k in 0..B {
                total[k] += discount[k] * (per_unit[k] * (amount[k] - usual[k]));
            }
        }
    }
}
