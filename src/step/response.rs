//! Phase 8, accounts of answers: dearer suppliers, stocks that are held, capital of projects.

use super::prepare::Prepared;
use super::state::State;
use crate::network::{CostOn, DAYS_PER_YEAR, Network};
use crate::schedule::rows::{Row, Rows, fill, rows, value};

/// What answers cost in a block of trials.
#[derive(Debug, Clone)]
pub(crate) struct ResponseLedger<const B: usize> {
    /// By party [JPY].
    pub(crate) cost: Rows<B>,
    /// By cost [JPY per unit].
    per_unit: Rows<B>,
}

impl<const B: usize> ResponseLedger<B> {
    pub(crate) fn new(model: &Network) -> Self {
        ResponseLedger { cost: rows(model.parties.len(), 0.0), per_unit: rows(model.costs.len(), 0.0) }
    }

    /// Projects are paid for on the day their work begins.
    pub(crate) fn open(&mut self, m: &Network, p: &Prepared<B>) {
        self.cost.fill([0.0; B]);
        for (row, cost) in self.per_unit.iter_mut().zip(&m.costs) {
            fill(row, cost.per_unit, &p.draws);
            let times = value(cost.times, &p.draws);
            for k in 0..B {
                row[k] *= times[k];
            }
        }
        let horizon = m.steps as f64 * m.step_days;
        let rate = value(m.discount_rate, &p.draws);
        for (number, project) in (0_u32..).zip(&m.projects).filter(|(_, project)| !project.capital.is_zero())
        {
            let Some(site) = m.sites.iter().find(|site| site.project == Some(number)) else { continue };
            let (work, capital) = (&p.timetable.work[number as usize], value(project.capital, &p.draws));
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
    #[inline(always)]
    pub(crate) fn book(&mut self, m: &Network, p: &Prepared<B>, s: &State<B>, discount: &Row<B>) {
        for (cost, per_unit) in m.costs.iter().zip(&self.per_unit) {
            let total = &mut self.cost[cost.party];
            let (amount, usual) = match cost.on {
                CostOn::Lane(e) if m.lanes[e].flow.is_weighted() => (s.sent(p, e), p.volume[e]),
                CostOn::Lane(e) => (s.sent(p, e), [0.0; B]),
                CostOn::Site(n) => (s.actual[n], [0.0; B]),
                CostOn::Stock(o) => (s.held[o], [0.0; B]),
            };
            for k in 0..B {
                total[k] += discount[k] * (per_unit[k] * (amount[k] - usual[k]));
            }
        }
    }
}
