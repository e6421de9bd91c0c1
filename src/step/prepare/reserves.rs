//! Reserves: their stocks, when they are drawn on, and how fast they give and take; and the limits of lanes, which rest
//! on flows that are known only then.

use super::{Filling, Limits, TOLERANCE, Volumes};
use crate::network::{Flow, Reserve, ReserveIx};
use crate::schedule::fault::{Fault, Faulty};
use crate::schedule::rows::value;

impl<'a, const B: usize> Filling<'a, Volumes, B> {
    pub(super) fn reserves(mut self) -> Result<Filling<'a, Limits, B>, Faulty> {
        let m = self.m;
        for (r, reserve) in m.reserves.pairs() {
            self.reserve(r, reserve)?;
        }
        // `surge` holds multiples so far; the flows they multiply are known only now.
        let facts = &mut self.p.facts;
        for (e, lane) in m.lanes.pairs() {
            if lane.surge.is_some() && !facts.surge.is_empty() {
                for k in 0..B {
                    facts.surge[e][k] *= facts.volume[e][k];
                }
            }
        }
        Ok(self.then())
    }

    fn reserve(&mut self, r: ReserveIx, reserve: &Reserve) -> Result<(), Faulty> {
        let (m, step, p) = (self.m, self.m.step_days, &mut *self.p);
        let (site, facts) = (&m.sites[reserve.site], &mut p.facts);
        let o = site.outputs.start;
        let [days, trigger, release, refill, after] = [
            reserve.amount_days,
            reserve.trigger_days,
            reserve.release_rate,
            reserve.refill_rate,
            reserve.refill_after_days,
        ]
        .map(|param| value(param, p.draws.view()));
        let (mut usage, mut released) = ([0.0; B], [0.0; B]);
        for &e in &m.served[m.outputs[o].served()] {
            let i = m.lanes[e].input;
            let user = m.inputs[i].site;
            // A firm that holds less than others is helped when as large a part of its stock is gone.
            let multiple = m.inputs[i].own.map_or([1.0; B], |own| {
                value(own.spread, p.draws.view()).map(|spread| own.times * own.firm.multiple(spread))
            });
            let target = &facts.constants[p.plan.rows.inputs[i].stock_target];
            for k in 0..B {
                let per_step = facts.usage[i][k] * facts.activity[user][k];
                usage[k] += per_step;
                facts.volume[e][k] = release[k] * per_step;
                released[k] += facts.volume[e][k];
                let trigger = trigger[k] * multiple[k];
                facts.trigger[e][k] = trigger / step;
                if trigger / step > (target[k] - 1.0) * (1.0 + TOLERANCE) {
                    let (reserve, site) = (site.id.clone(), m.sites[user].id.clone());
                    let cover = (target[k] - 1.0) * step;
                    return Err(Fault::Trigger { reserve, site, trigger, cover }.of(k));
                }
            }
        }
        facts.release[o] = released;
        for k in 0..B {
            facts.stock_goal[o][k] = days[k] / step * usage[k];
            facts.storage[o][k] = facts.stock_goal[o][k];
            facts.refill_rate[r][k] = refill[k] * usage[k];
            facts.refill_after[r][k] = after[k] / step;
        }
        for e in reserve.refill.map(|i| m.inputs[i].lanes).into_iter().flatten() {
            if m.lanes[e].flow == Flow::Refill {
                facts.volume[e] = facts.refill_rate[r];
            }
        }
        Ok(())
    }
}
