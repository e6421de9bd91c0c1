//! The baseline of a block, and the shares and agreed volumes it is found with.

use super::{Prepared, TOLERANCE};
use crate::network::{Flow, Lane, LaneParam};
use crate::schedule::Fault;
use crate::schedule::rows::{Row, fill, value};
use crate::step::baseline::Facts;
use crate::step::model::{Known, Model};

impl<const B: usize> Prepared<B> {
    /// Finds the baseline, or takes the one that every trial has.
    pub(super) fn solve(&mut self, model: &Model) -> Result<(), Fault> {
        if let Some(known) = &model.known {
            for (row, activity) in self.activity.iter_mut().zip(&known.activity) {
                *row = [*activity; B];
            }
            return Ok(());
        }
        self.weights(model)?;
        let facts = Facts {
            usage: &self.usage,
            plan: &self.plan,
            constants: &self.constants,
            final_demand: &self.final_demand,
            weight: &self.weight,
        };
        if let Some(baseline) = &mut self.baseline {
            baseline.solve(model, &facts)?;
            self.activity.copy_from_slice(&baseline.activity);
        }
        Ok(())
    }

    /// The baseline that was found for the first trial of the block.
    pub(crate) fn found(&self, model: &Model) -> Option<Known> {
        let drawn = |param: LaneParam| model.lane_param(param).draw.is_some();
        let limit_drawn = |lane: &Lane| match (lane.surge, lane.flow) {
            (Some(surge), Flow::Contingent(volume)) => drawn(surge) || drawn(volume),
            (Some(surge), flow) => drawn(surge) || !flow.is_weighted(),
            (None, _) => false,
        };
        let limits_drawn = model.lanes.iter().any(limit_drawn);
        let capacity_drawn =
            model.sites.iter().any(|site| site.capacity.unwrap_or(site.spare).draw.is_some());
        let first = |rows: &[Row<B>]| rows.iter().map(|row| row[0]).collect();
        self.baseline.as_ref().map(|b| Known {
            activity: first(&b.activity),
            flow: first(&b.flow),
            planned: first(&self.planned),
            pipeline: first(&self.pipeline),
            surge: if limits_drawn { Vec::new() } else { first(&self.surge) },
            capacity: if capacity_drawn { Vec::new() } else { first(&self.capacity) },
            final_demand: first(&self.final_demand),
        })
    }

    /// Shares and agreed volumes: drawn shares keep their value, the fixed ones of the same input or,
    /// where there are any, the lanes without a share fill the rest.
    fn weights(&mut self, model: &Model) -> Result<(), Fault> {
        for input in &model.inputs {
            let (mut fixed, mut open) = (0.0, 0.0);
            let mut drawn = [0.0; B];
            for e in input.weighted() {
                match model.lanes[e].flow {
                    Flow::FixedShare(share) => fixed += share,
                    Flow::Rest => open += 1.0,
                    Flow::DrawnShare(share) => {
                        let share = value(model.lane_param(share), &self.draws);
                        for k in 0..B {
                            drawn[k] += share[k];
                        }
                        self.weight[e] = share;
                    }
                    Flow::Volume(volume) => {
                        fill(&mut self.weight[e], model.lane_param(volume), &self.draws);
                    }
                    _ => {}
                }
            }
            let fault = |k: usize, sum: f64| Fault {
                lane: k,
                message: format!(
                    "the shares of input `{}` of site `{}` sum to {sum}",
                    model.commodities[input.commodity], model.sites[input.site].id
                ),
            };
            for e in input.weighted() {
                for k in 0..B {
                    match model.lanes[e].flow {
                        Flow::Rest => {
                            let rest = 1.0 - fixed - drawn[k];
                            if rest < -TOLERANCE {
                                return Err(fault(k, fixed + drawn[k]));
                            }
                            self.weight[e][k] = f64::max(rest, 0.0) / open;
                        }
                        Flow::FixedShare(share) if open > 0.0 => self.weight[e][k] = share,
                        Flow::FixedShare(share) => {
                            if drawn[k] > 1.0 + TOLERANCE {
                                return Err(fault(k, drawn[k]));
                            }
                            self.weight[e][k] = share * (f64::max(1.0 - drawn[k], 0.0) / fixed);
                        }
                        _ => {}
                    }
                }
            }
        }
        Ok(())
    }
}
