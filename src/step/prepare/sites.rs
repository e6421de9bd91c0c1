//! Constants that rest on the baseline, site by site: capacities, stocks, lead times; and the check of criticalities.

use super::{Balanced, Filling, TOLERANCE, Volumes};
use crate::network::{DAYS_PER_YEAR, Flow, Ix, LaneIx};
use crate::schedule::fault::{Fault, Faulty};
use crate::schedule::rows::{Row, each, fill, value};
use crate::step::baseline::Baseline;
use crate::step::known::Known;
use crate::step::model::Model;

/// Baseline flow of a lane.
fn flow<const B: usize>(known: &Known, found: Option<&Baseline<B>>, e: LaneIx) -> Row<B> {
    match (known.flow.get(e), found) {
        (Some(flow), _) => [*flow; B],
        (None, Some(found)) => found.flow[e],
        (None, None) => [0.0; B],
    }
}

impl<'a, const B: usize> Filling<'a, Balanced, B> {
    /// `K`, which must be enough.
    pub(super) fn capacities(&mut self) -> Result<(), Faulty> {
        let (m, draws, facts) = (self.m, self.p.draws.view(), &mut self.p.facts);
        for (n, site) in m.sites.pairs() {
            let (activity, capacity) = (&facts.activity[n], &mut facts.capacity[n]);
            if let Some(project) = site.project {
                *capacity = value(m.projects[project].design, draws);
                if let Some(k) = activity.iter().position(|x| *x > 0.0) {
                    return Err(Fault::Unbuilt { site: site.id.clone() }.of(k));
                }
            } else if let Some(given) = site.capacity {
                *capacity = value(given, draws);
            } else {
                let spare = value(site.spare, draws);
                for k in 0..B {
                    capacity[k] = (1.0 + spare[k]) * activity[k];
                }
            }
            for k in 0..B {
                if activity[k] > capacity[k] * (1.0 + TOLERANCE) {
                    let per_year = DAYS_PER_YEAR / m.step_days;
                    let (needs, capacity) = (activity[k] * per_year, capacity[k] * per_year);
                    return Err(Fault::Capacity { site: site.id.clone(), needs, capacity }.of(k));
                }
            }
        }
        Ok(())
    }

    /// `J̄` and storage limits.
    pub(super) fn stocks(&mut self) {
        let (m, step, p) = (self.m, self.m.step_days, &mut *self.p);
        let (known, baseline, facts) = (&p.known, p.baseline.as_ref(), &mut p.facts);
        for (o, output) in m.outputs.pairs().filter(|(o, _)| p.plan.rows.outputs[*o].stored) {
            let mut sales = facts.final_demand[o];
            for &e in &m.served[output.served()] {
                let flow = flow(known, baseline, e);
                for k in 0..B {
                    sales[k] += flow[k];
                }
            }
            let target = value(output.target_days, p.draws.view());
            let limit = value(output.limit_days.unwrap_or(output.target_days), p.draws.view());
            for k in 0..B {
                facts.stock_goal[o][k] = target[k] / step * sales[k];
                // A limit below the target would throw away goods that are being restocked.
                facts.storage[o][k] = f64::max(limit[k] / step * sales[k], facts.stock_goal[o][k]);
            }
        }
    }

    /// `Λ`.
    pub(super) fn lead_times(&mut self) {
        let p = &mut *self.p;
        let (plan, known, baseline) = (&p.plan.rows, &p.known, p.baseline.as_ref());
        let constants = &p.facts.constants;
        each(&mut p.facts.pipeline, |i, pipeline| {
            // Of equal lead times the mean is not left to rounding.
            if let Some(delay) = plan.inputs[i].lead.steps() {
                *pipeline = [f64::from(delay); B];
                return;
            }
            let (mut total, mut far) = ([0.0; B], [0.0; B]);
            for e in plan.offers[i].weighted() {
                let (steps, flow) = (plan.lanes[e].delay().row(constants), flow(known, baseline, e));
                for k in 0..B {
                    total[k] += flow[k];
                    far[k] += flow[k] * steps[k];
                }
            }
            *pipeline = std::array::from_fn(|k| if total[k] > 0.0 { far[k] / total[k] } else { 0.0 });
        });
    }

    /// Whether criticalities of a group sum to at most 1.
    pub(super) fn groups(&self) -> Result<(), Faulty> {
        let (m, p) = (self.m, &*self.p);
        for site in p.plan.grouped.iter().map(|n| &m.sites[*n]) {
            for group in 0..site.groups {
                // All firms are alike.
                let of_group = || {
                    site.inputs.into_iter().filter(|&i| {
                        let input = &m.inputs[i];
                        input.group.at() == group && input.own.is_none_or(|own| own.firm.number == 0)
                    })
                };
                let mut sum = [0.0; B];
                for i in of_group() {
                    let criticality = &p.facts.constants[p.plan.rows.cuts[i].criticality];
                    for k in 0..B {
                        sum[k] += criticality[k];
                    }
                }
                if let Some(k) = sum.iter().position(|s| *s > 1.0 + TOLERANCE) {
                    let inputs = of_group().map(|i| m.commodities[m.inputs[i].commodity].clone()).collect();
                    let site = site.id.clone();
                    return Err(Fault::Criticalities { site, inputs, sum: sum[k] }.of(k));
                }
            }
        }
        Ok(())
    }

    /// `f̂` of all lanes but those of reserves, and `m` of those that have a limit.
    pub(super) fn volumes(self) -> Filling<'a, Volumes, B> {
        let (m, p): (&Model, _) = (self.m, &mut *self.p);
        let (draws, known, baseline) = (p.draws.view(), &p.known, p.baseline.as_ref());
        each(&mut p.facts.volume, |e, volume| match m.lanes[e].flow {
            Flow::Contingent(nominal) => fill(volume, m.lane_param(nominal), draws),
            // Set with the reserves, and with the lanes they go beside.
            Flow::Reserve | Flow::Refill | Flow::Beside { .. } => {}
            _ => *volume = flow(known, baseline, e),
        });
        each(&mut p.facts.surge, |e, limit| {
            if let Some(surge) = m.lanes[e].surge {
                fill(limit, m.lane_param(surge), draws);
            }
        });
        for (e, lane) in m.lanes.pairs() {
            if let Flow::Beside { lane: beside, share } = lane.flow {
                let share = value(m.lane_param(share), draws);
                for k in 0..B {
                    p.facts.volume[e][k] = share[k] * p.facts.volume[beside][k];
                }
            }
        }
        self.then()
    }
}
