//! Reserves: what they hold, when they are drawn on, and how fast they give and take; and the limits of lanes, which rest
//! on flows that are known only then.

use super::{Prepared, TOLERANCE};
use crate::network::{Flow, Network};
use crate::schedule::Fault;
use crate::schedule::rows::value;

impl<const B: usize> Prepared<B> {
    pub(super) fn reserves(&mut self, model: &Network) -> Result<(), Fault> {
        let step = model.step_days;
        for (r, reserve) in model.reserves.iter().enumerate() {
            let site = &model.sites[reserve.site];
            let o = site.outputs.start;
            let [days, trigger, release, refill, after] = [
                reserve.amount_days,
                reserve.trigger_days,
                reserve.release_rate,
                reserve.refill_rate,
                reserve.refill_after_days,
            ]
            .map(|p| value(p, &self.draws));
            let mut usage = [0.0; B];
            let mut released = [0.0; B];
            for &e in &model.served[model.outputs[o].served()] {
                let e = e as usize;
                let lane = &model.lanes[e];
                let i = lane.input;
                let activity = &self.activity[model.inputs[i].site];
                for k in 0..B {
                    let per_step = self.usage[i][k] * activity[k];
                    usage[k] += per_step;
                    self.volume[e][k] = release[k] * per_step;
                    released[k] += self.volume[e][k];
                    self.trigger[e][k] = trigger[k] / step;
                    if trigger[k] / step > (self.stock_target(i)[k] - 1.0) * (1.0 + TOLERANCE) {
                        let cover = (self.stock_target(i)[k] - 1.0) * step;
                        return Err(Fault {
                            lane: k,
                            message: format!(
                                "reserve `{}` is drawn on below {} days of use, above the cover of {cover} days that site `{}` holds",
                                site.id, trigger[k], model.sites[model.inputs[i].site].id
                            ),
                        });
                    }
                }
            }
            self.release[o] = released;
            for k in 0..B {
                self.stock_goal[o][k] = days[k] / step * usage[k];
                self.storage[o][k] = self.stock_goal[o][k];
                self.refill_rate[r][k] = refill[k] * usage[k];
                self.refill_after[r][k] = after[k] / step;
            }
            for e in reserve.refill.map(|i| model.inputs[i].lanes.clone()).into_iter().flatten() {
                if model.lanes[e].flow == Flow::Refill {
                    self.volume[e] = self.refill_rate[r];
                }
            }
        }
        // `surge` holds multiples so far; the flows they multiply are known only now.
        for (e, lane) in model.lanes.iter().enumerate() {
            if lane.surge.is_some() && !self.surge.is_empty() {
                for k in 0..B {
                    self.surge[e][k] *= self.volume[e][k];
                }
            }
        }
        Ok(())
    }
}
