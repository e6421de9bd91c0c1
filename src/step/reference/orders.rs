//! Phase 9 for one trial: the orders of the next step.

use super::{Trial, unless_noise, unless_small};
use crate::network::{Input, LaneIx, PassageIx, ReserveIx, SiteIx, Span};
use crate::scenario::{Ordering, Weights};

impl Trial<'_> {
    pub(super) fn orders(&mut self, n: SiteIx) {
        let site = &self.m.sites[n];
        self.x_expected[n] += (self.x_possible[n] - self.x_expected[n]) * self.smoothing(n);
        for i in site.inputs {
            let input = &self.m.inputs[i];
            self.weights(input, site.weights);
            let expected_use = self.full_usage[i] * self.x_expected[n];
            let target = (self.stock_target(i) + self.lambda[i]) * expected_use;
            let gap = unless_small(target - self.stock[i] - self.transit[i], target);
            let gain = self.restoration(i);
            let asked = match site.ordering {
                Ordering::Smoothed => expected_use + gap * gain,
                Ordering::Ario => self.used_without_thrift(i) + gap.max(0.0) * gain,
            };
            let want = unless_noise(asked, expected_use + self.stock[i]);
            self.asked[i] = want.min(expected_use);
            self.place(input, site.aware, want);
            for e in Span::new(input.reserve, input.lanes.end) {
                let (_, _, mean) = self.next(e, site.aware);
                let trigger = self.given.trigger[e] * expected_use;
                let short = trigger - self.stock[i] - self.reserve_transit[i];
                self.order[e] = (self.given.volume[e] * mean).min(unless_noise(short, trigger));
            }
            let (mut total, mut far) = (0.0, 0.0);
            for e in input.lanes {
                total += self.order[e];
                far += self.order[e] * (self.lead(e) - 1) as f64;
            }
            // Of equal lead times the mean is not left to rounding.
            let leads = &self.m.lanes[input.lanes];
            let mean = match leads.first() {
                Some(first) if leads.iter().all(|l| (l.lead, l.lead_days) == (first.lead, None)) => {
                    (first.lead - 1) as f64
                }
                _ => far / total,
            };
            // Nor is it where shares never change.
            let follows = !self.is_open(input) || input.reserve < input.lanes.end;
            if total > 0.0 && follows {
                self.lambda[i] += (mean - self.lambda[i]) * self.smoothing(n);
            }
        }
    }

    /// `c`, `p` and `θ` of a lane in the next step, as its buyer knows them.
    fn next(&self, e: LaneIx, aware: bool) -> (f64, f64, f64) {
        let own = self.m.lanes[e].passage;
        let passage = &self.m.passages[own];
        // When it opens at all is known to all.
        let known = match (aware, &passage.open) {
            (true, _) => own,
            (false, Some(_)) => passage.opening.unwrap_or(own),
            (false, None) => PassageIx::OPEN,
        };
        let next = &self.conditions.next[known];
        (next.covered[0], next.passed[0], next.mean[0])
    }

    fn weights(&mut self, input: &Input, rule: Weights) {
        for e in input.weighted() {
            let supplier = self.m.outputs[self.m.lanes[e].output].site;
            match rule {
                Weights::Fixed => {}
                Weights::Capacity => {
                    let usual = self.given.capacity[supplier];
                    self.weight[e] = if usual == 0.0 {
                        1.0
                    } else {
                        self.alpha[supplier] * self.capacity[supplier] / usual
                    };
                }
                Weights::Experience => {
                    let served =
                        if self.order[e] > 0.0 { self.sent[e] / self.order[e] } else { self.weight[e] };
                    self.weight[e] =
                        (self.weight[e] + (served - self.weight[e]) * self.experience()).max(0.05);
                }
            }
        }
    }

    fn place(&mut self, input: &Input, aware: bool, want: f64) {
        let fixed = self.m.sites[input.site].weights == Weights::Fixed;
        let mut sigma: Vec<f64> = Vec::new();
        for e in input.weighted() {
            let weighted = if fixed { self.given.volume[e] } else { self.given.volume[e] * self.weight[e] };
            sigma.push(weighted * self.next(e, aware).2);
        }
        let total = sigma.iter().fold(0.0, |sum, s| sum + s);
        let scale = if total > 0.0 { 1.0 / total } else { 0.0 };
        // One lane that takes all takes exactly all.
        let whole = sigma.len() == 1;
        sigma.iter_mut().for_each(|s| *s = if whole && *s > 0.0 { 1.0 } else { *s * scale });
        // Nothing to decide: no lane has a limit, ever, and shares do not change.
        if self.is_open(input) {
            for (e, sigma) in input.weighted().into_iter().zip(&sigma) {
                self.order[e] = want * sigma;
            }
            return;
        }

        // Limits of the weighted lanes; infinite ones have no room in the second offer.
        let (mut placed, mut open, mut rooms) = (0.0, 0.0, 0.0);
        let mut room = Vec::new();
        for (e, &sigma) in input.weighted().into_iter().zip(&sigma) {
            let (c, passed, _) = self.next(e, aware);
            let volume = self.given.volume[e];
            let limit = match self.m.lanes[e].surge {
                None if c == 0.0 => f64::INFINITY,
                None => (1.0 - c) * want + passed * volume,
                Some(_) => self.given.surge[e] * (1.0 - c) + passed * volume,
            };
            self.order[e] = (want * sigma).min(limit);
            placed += self.order[e];
            let unlimited = self.m.lanes[e].surge.is_none();
            if limit == f64::INFINITY {
                open += sigma;
                room.push(0.0);
            } else if unlimited && sigma == 0.0 {
                room.push(0.0);
            } else {
                room.push(limit - self.order[e]);
            }
            rooms += room[room.len() - 1];
        }
        for e in input.contingent() {
            room.push(self.contingent_room(e, aware));
            rooms += room[room.len() - 1];
        }
        let rest = unless_noise(want - placed, want);
        for (k, e) in Span::new(input.lanes.start, input.reserve).into_iter().enumerate() {
            let contingent = e >= input.contingent;
            if contingent {
                self.order[e] = 0.0;
            }
            if open > 0.0 {
                let endless = !contingent && self.m.lanes[e].surge.is_none() && self.next(e, aware).0 == 0.0;
                self.order[e] += if endless { sigma[k] * (rest / open) } else { 0.0 };
            } else {
                self.order[e] += room[k] * if rooms > rest { rest / rooms } else { 1.0 };
            }
        }
    }

    /// Whether no lane of an input has a limit, ever, and shares do not change.
    fn is_open(&self, input: &Input) -> bool {
        let site = &self.m.sites[input.site];
        let lanes = &self.m.lanes[Span::new(input.lanes.start, input.reserve)];
        site.weights == Weights::Fixed
            && lanes.len() == input.weighted().len()
            && lanes.iter().all(|l| l.surge.is_none() && self.m.known(l) == PassageIx::OPEN)
    }

    fn contingent_room(&self, e: LaneIx, aware: bool) -> f64 {
        let mut room = self.given.surge[e];
        if let Some(project) = self.m.sites[self.m.outputs[self.m.lanes[e].output].site].project {
            room *= self.conditions.ramp[project][0];
        }
        room * self.next(e, aware).2
    }

    pub(super) fn refill(&mut self, r: ReserveIx) {
        let reserve = &self.m.reserves[r];
        let o = self.m.sites[reserve.site].outputs.start;
        let drawn = self.m.served[self.m.outputs[o].served()].iter().fold(0.0, |sum, &e| sum + self.order[e]);
        let Some(i) = reserve.refill else { return };
        self.idle[r] = if drawn <= 1e-9 * self.given.release[o] { self.idle[r] + 1.0 } else { 0.0 };
        let lacking = (self.given.stock_goal[o] - self.held[o] - self.transit[i]).max(0.0);
        let want = if self.idle[r] >= self.given.refill_after[r] {
            self.given.refill_rate[r].min(lacking)
        } else {
            0.0
        };
        let lanes = self.m.inputs[i].contingent();
        let rooms = lanes.into_iter().fold(0.0, |sum, e| sum + self.contingent_room(e, true));
        for e in lanes {
            self.order[e] = self.contingent_room(e, true) * if rooms > want { want / rooms } else { 1.0 };
        }
    }
}
