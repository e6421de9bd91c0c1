//! The baseline of a block, and the shares and agreed volumes it is found with.

use super::{Balanced, Filling, Given, Prepared, TOLERANCE};
use crate::network::{Flow, IndexVec, Input, Lane, LaneParamIx};
use crate::schedule::fault::{Fault, Faulty};
use crate::schedule::rows::{Row, fill, value};
use crate::step::baseline::Requirements;
use crate::step::known::{Known, KnownRows};
use crate::step::model::Model;

impl<'a, const B: usize> Filling<'a, Given, B> {
    /// Finds the baseline, or takes the one that every trial has.
    pub(super) fn solve(mut self) -> Result<Filling<'a, Balanced, B>, Faulty> {
        if let Some(known) = &self.m.known {
            for (row, activity) in self.p.facts.activity.iter_mut().zip(&known.activity) {
                *row = [*activity; B];
            }
            return Ok(self.then());
        }
        for input in &self.m.inputs {
            self.weights(input)?;
        }
        let p = &mut *self.p;
        if let Some(baseline) = &mut p.baseline {
            let given = Requirements {
                usage: p.facts.usage.view(),
                outputs: p.plan.rows.outputs.view(),
                constants: p.facts.constants.view(),
                final_demand: p.facts.final_demand.view(),
                weight: p.weight.view(),
            };
            baseline.solve(self.m, &given)?;
            p.facts.activity.copy_from_slice(&baseline.activity);
        }
        Ok(self.then())
    }

    /// Shares and agreed volumes: drawn shares keep their value, the fixed ones of the same input or,
    /// where there are any, the lanes without a share fill the rest.
    fn weights(&mut self, input: &Input) -> Result<(), Faulty> {
        let (m, draws, weight) = (self.m, self.p.draws.view(), &mut self.p.weight);
        let (mut fixed, mut open) = (0.0, 0.0);
        let mut drawn = [0.0; B];
        for e in input.weighted() {
            match m.lanes[e].flow {
                Flow::FixedShare(share) => fixed += share,
                Flow::Rest => open += 1.0,
                Flow::DrawnShare(share) => {
                    let share = value(m.lane_param(share), draws);
                    for k in 0..B {
                        drawn[k] += share[k];
                    }
                    weight[e] = share;
                }
                Flow::Volume(volume) => fill(&mut weight[e], m.lane_param(volume), draws),
                _ => {}
            }
        }
        let fault = |k: usize, sum: f64| {
            let (site, input) = (m.sites[input.site].id.clone(), m.commodities[input.commodity].clone());
            Fault::Shares { site, input, sum }.of(k)
        };
        for e in input.weighted() {
            for k in 0..B {
                match m.lanes[e].flow {
                    Flow::Rest => {
                        let rest = 1.0 - fixed - drawn[k];
                        if rest < -TOLERANCE {
                            return Err(fault(k, fixed + drawn[k]));
                        }
                        weight[e][k] = f64::max(rest, 0.0) / open;
                    }
                    Flow::FixedShare(share) if open > 0.0 => weight[e][k] = share,
                    Flow::FixedShare(share) => {
                        if drawn[k] > 1.0 + TOLERANCE {
                            return Err(fault(k, drawn[k]));
                        }
                        weight[e][k] = share * (f64::max(1.0 - drawn[k], 0.0) / fixed);
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

/// The numbers of the first trial; none where they are drawn.
fn first<I, const B: usize>(rows: &[Row<B>], drawn: bool) -> IndexVec<I, f64> {
    rows.iter().take(if drawn { 0 } else { rows.len() }).map(|row| row[0]).collect()
}

impl<const B: usize> Prepared<B> {
    /// The baseline that was found for the first trial of the block.
    pub(crate) fn found(&self, model: &Model) -> Option<Known> {
        let drawn = |param: LaneParamIx| model.lane_param(param).draw.is_some();
        let limit_drawn = |lane: &Lane| match (lane.surge, lane.flow) {
            (Some(surge), Flow::Contingent(volume)) => drawn(surge) || drawn(volume),
            (Some(surge), flow) => drawn(surge) || !flow.is_weighted(),
            (None, _) => false,
        };
        let limits_drawn = model.lanes.iter().any(limit_drawn);
        let capacity_drawn =
            model.sites.iter().any(|site| site.capacity.unwrap_or(site.spare).draw.is_some());
        let facts = &self.facts;
        self.baseline.as_ref().map(|baseline| Known {
            activity: first(&baseline.activity, false),
            flow: first(&baseline.flow, false),
            rows: KnownRows {
                planned: first(&facts.planned, false),
                pipeline: first(&facts.pipeline, model.lanes.iter().any(|lane| lane.lead_days.is_some())),
                surge: first(&facts.surge, limits_drawn),
                capacity: first(&facts.capacity, capacity_drawn),
                final_demand: first(&facts.final_demand, false),
            },
        })
    }
}
