//! The baseline: activities and flows at which every step repeats itself.
//!
//! Needs go upstream from final demand through shares and recipes. Sites are solved buyers before suppliers
//! ([`ordered`]), so that a chain is solved in one pass and only cycles (recycling, input-output tables)
//! are iterated, by Gauss–Seidel from below, which converges to the smallest balanced solution where there
//! is one (the system is an M-matrix). What is the same in every trial is solved once. A site with several
//! driving outputs follows the one that binds.

mod check;
mod order;

use super::plan::Plan;
use crate::network::{Flow, Network};
use crate::schedule::Fault;
use crate::schedule::rows::{Row, Rows, rows};
use order::{Component, ordered};
use std::ops::Range;

/// Sweeps over a cycle before it counts as unbalanced.
const SWEEP_LIMIT: usize = 20_000;
/// Rounds of cutting short by-products.
const CUT_LIMIT: usize = 2_000;
/// Relative change below which a cycle has settled.
const SETTLED: f64 = 1e-15;
/// The same for a cycle of input-output tables, which begins at the balance that is known but for rounding.
const SETTLED_TABLE: f64 = 1e-13;

/// What the baseline rests on, per trial of a block.
pub(crate) struct Facts<'a, const B: usize> {
    pub(crate) usage: &'a [Row<B>],
    pub(crate) plan: &'a Plan,
    pub(crate) constants: &'a [Row<B>],
    pub(crate) final_demand: &'a [Row<B>],
    /// Per lane: share (of those with a share) or agreed volume [units a step].
    pub(crate) weight: &'a [Row<B>],
}

impl<const B: usize> Facts<'_, B> {
    /// `b` of an output.
    #[inline(always)]
    fn yields(&self, o: usize) -> &Row<B> {
        &self.constants[self.plan.outputs[o].yields as usize]
    }
}

/// Activities by site and flows by lane, with the scratch to find them.
#[derive(Debug, Clone)]
pub(crate) struct Baseline<const B: usize> {
    pub(crate) activity: Rows<B>,
    pub(crate) flow: Rows<B>,
    /// Share of the planned flow that a by-product can serve, by output.
    served: Rows<B>,
    /// What shares split, by input: its need less agreed volumes.
    free: Rows<B>,
    /// What an input lacks after cuts, by input.
    lacking: Rows<B>,
    order: Vec<Component>,
    cuttable: Vec<usize>,
    /// Whether all lanes of an input have shares.
    shared: Vec<bool>,
    /// Whether none of them comes from a by-product, which alone can be short.
    certain: Vec<bool>,
    /// Whether no by-product has been cut in any trial.
    enough: bool,
}

fn is_share(flow: Flow) -> bool {
    matches!(flow, Flow::FixedShare(_) | Flow::DrawnShare(_) | Flow::Rest)
}

impl<const B: usize> Baseline<B> {
    pub(crate) fn new(model: &Network) -> Self {
        let has_lanes = |o: &usize| {
            model.served[model.outputs[*o].served()]
                .iter()
                .any(|&e| model.lanes[e as usize].flow.is_weighted())
        };
        let cuttable =
            (0..model.outputs.len()).filter(|&o| !model.outputs[o].driving).filter(has_lanes).collect();
        Baseline {
            activity: rows(model.sites.len(), 0.0),
            flow: rows(model.lanes.len(), 0.0),
            served: rows(model.outputs.len(), 1.0),
            free: rows(model.inputs.len(), 0.0),
            lacking: rows(model.inputs.len(), 0.0),
            order: ordered(model),
            cuttable,
            shared: model
                .inputs
                .iter()
                .map(|i| i.weighted().all(|e| is_share(model.lanes[e].flow)))
                .collect(),
            certain: model
                .inputs
                .iter()
                .map(|i| i.weighted().all(|e| model.outputs[model.lanes[e].output].driving))
                .collect(),
            enough: true,
        }
    }

    /// Finds the baseline of every trial of the block.
    pub(crate) fn solve(&mut self, model: &Network, facts: &Facts<'_, B>) -> Result<(), Fault> {
        for &n in self.order.iter().filter(|component| !component.solved).flat_map(|open| &open.sites) {
            self.activity[n] = [0.0; B];
        }
        for rows in [&mut self.flow, &mut self.free, &mut self.lacking] {
            rows.fill([0.0; B]);
        }
        self.served.fill([1.0; B]);
        self.enough = true;
        // A trial whose cuts have settled is left alone, so that its bits do not depend on its neighbours.
        let mut live = [true; B];
        for _ in 0..CUT_LIMIT {
            self.pass(model, facts, &live)?;
            self.cut(model, facts, &mut live);
            if !live.contains(&true) {
                return self.check(model, facts);
            }
        }
        let lane = live.iter().position(|l| *l).unwrap_or(0);
        let short: Vec<&str> = self
            .cuttable
            .iter()
            .filter(|&&o| self.served[o][lane] < 1.0)
            .map(|&o| model.sites[model.outputs[o].site].id.as_str())
            .collect();
        Err(Fault {
            lane,
            message: format!(
                "the by-products of {} cannot be balanced with what others fill in",
                short.join(", ")
            ),
        })
    }

    /// Needs from final demand upstream, once.
    fn pass(&mut self, model: &Network, facts: &Facts<'_, B>, live: &[bool; B]) -> Result<(), Fault> {
        for k in 0..self.order.len() {
            let Component { cyclic, steady, solved, .. } = self.order[k];
            let sites = std::mem::take(&mut self.order[k].sites);
            let result = if solved {
                // All that can move is what its sites use.
                sites.iter().for_each(|&n| self.inputs(model, facts, n, live));
                Ok(())
            } else if cyclic {
                self.cycle(model, facts, &sites, live)
            } else {
                sites.iter().for_each(|&n| {
                    self.site(model, facts, n, live, SETTLED);
                });
                Ok(())
            };
            let component = &mut self.order[k];
            (component.sites, component.solved) = (sites, solved || steady && result.is_ok());
            result?;
        }
        Ok(())
    }

    fn cycle(
        &mut self,
        model: &Network,
        facts: &Facts<'_, B>,
        component: &[usize],
        live: &[bool; B],
    ) -> Result<(), Fault> {
        // A table says where it is balanced; from anywhere else its thousands of sectors would take long.
        let tabled = component.iter().all(|n| model.tabled_sites.contains(n));
        let settled = if tabled { SETTLED_TABLE } else { SETTLED };
        for &n in component.iter().filter(|_| tabled) {
            for k in 0..B {
                if live[k] {
                    self.activity[n][k] = model.tabled[n - model.tabled_sites.start];
                }
            }
        }
        // A cut since the last pass moves flows before it moves any activity.
        component.iter().for_each(|&n| self.inputs(model, facts, n, live));
        let mut moving = *live;
        for _ in 0..SWEEP_LIMIT {
            let mut next = [false; B];
            for &n in component {
                let moved = self.site(model, facts, n, &moving, settled);
                for k in 0..B {
                    next[k] |= moved[k];
                }
            }
            moving = next;
            if !moving.contains(&true) {
                return Ok(());
            }
        }
        let lane = moving.iter().position(|m| *m).unwrap_or(0);
        let ids: Vec<&str> = component.iter().take(8).map(|&n| model.sites[n].id.as_str()).collect();
        let more = if component.len() > 8 { ", …" } else { "" };
        Err(Fault {
            lane,
            message: format!(
                "the cycle through {}{more} has no balanced baseline: it uses as much as it makes",
                ids.join(", ")
            ),
        })
    }

    /// Sets a site's activity from what is taken of it, and the flows of its inputs. Says which
    /// trials moved.
    fn site(
        &mut self,
        model: &Network,
        facts: &Facts<'_, B>,
        n: usize,
        live: &[bool; B],
        within: f64,
    ) -> [bool; B] {
        let site = &model.sites[n];
        let mut activity = [0.0; B];
        for o in site.outputs.clone().filter(|&o| model.outputs[o].driving) {
            let mut demand = facts.final_demand[o];
            for &e in &model.served[model.outputs[o].served()] {
                if model.lanes[e as usize].flow.is_weighted() {
                    for k in 0..B {
                        demand[k] += self.flow[e as usize][k];
                    }
                }
            }
            for k in 0..B {
                activity[k] = f64::max(activity[k], demand[k] / facts.yields(o)[k]);
            }
        }
        let mut moved = [false; B];
        let old = &mut self.activity[n];
        for k in 0..B {
            if live[k] {
                // Infinity minus itself is no number, and so has not settled.
                let settled = (activity[k] - old[k]).abs() <= within * activity[k];
                moved[k] = !settled;
                old[k] = activity[k];
            }
        }
        self.inputs(model, facts, n, live);
        moved
    }

    /// Sets the flows of the inputs of a site.
    fn inputs(&mut self, model: &Network, facts: &Facts<'_, B>, n: usize, live: &[bool; B]) {
        for i in model.sites[n].inputs.clone() {
            self.allot(model, facts, i, live);
        }
    }

    /// What lane `e` would carry if no by-product were short.
    #[inline(always)]
    fn planned(&self, model: &Network, facts: &Facts<'_, B>, e: usize) -> Row<B> {
        let mut planned = facts.weight[e];
        if is_share(model.lanes[e].flow) {
            let free = &self.free[model.lanes[e].input];
            for k in 0..B {
                planned[k] *= free[k];
            }
        }
        planned
    }

    /// Splits the need of input `i` over its lanes.
    fn allot(&mut self, model: &Network, facts: &Facts<'_, B>, i: usize, live: &[bool; B]) {
        let input = &model.inputs[i];
        let mut free = [0.0; B];
        for k in 0..B {
            free[k] = facts.usage[i][k] * self.activity[input.site][k];
        }
        if self.shared[i] && (self.enough || self.certain[i]) {
            return self.share_out(facts, i, input.weighted(), &free);
        }
        for e in input.weighted().filter(|&e| !is_share(model.lanes[e].flow)) {
            for k in 0..B {
                free[k] -= facts.weight[e][k];
            }
        }
        let row = &mut self.free[i];
        for k in 0..B {
            row[k] = if live[k] { f64::max(free[k], 0.0) } else { row[k] };
        }
        let mut lacking = [0.0; B];
        for e in input.weighted() {
            let planned = self.planned(model, facts, e);
            let (flow, served) = (&mut self.flow[e], &self.served[model.lanes[e].output]);
            for k in 0..B {
                lacking[k] += planned[k] * (1.0 - served[k]);
                flow[k] = if live[k] { planned[k] * served[k] } else { flow[k] };
            }
        }
        let fills =
            |e: &usize| is_share(model.lanes[*e].flow) && model.outputs[model.lanes[*e].output].driving;
        let mut fillers = [0.0; B];
        // Mostly no by-product is short, and there is nothing to fill in.
        let mut any = false;
        for k in 0..B {
            any |= lacking[k] != 0.0;
        }
        if !any {
            let row = &mut self.lacking[i];
            for k in 0..B {
                row[k] = if live[k] { 0.0 } else { row[k] };
            }
            return;
        }
        for e in input.weighted().filter(fills) {
            for k in 0..B {
                fillers[k] += facts.weight[e][k];
            }
        }
        for e in input.weighted().filter(fills) {
            let (flow, weight) = (&mut self.flow[e], &facts.weight[e]);
            for k in 0..B {
                let fills = live[k] && lacking[k] > 0.0 && fillers[k] > 0.0;
                flow[k] += if fills { lacking[k] * weight[k] / fillers[k] } else { 0.0 };
            }
        }
        for k in 0..B {
            if live[k] {
                self.lacking[i][k] = if fillers[k] > 0.0 { 0.0 } else { lacking[k] };
            }
        }
    }

    /// The same where no supplier is short and all lanes have shares. What has not moved is worked out to the same bits.
    fn share_out(&mut self, facts: &Facts<'_, B>, i: usize, lanes: Range<usize>, need: &Row<B>) {
        let free = &mut self.free[i];
        for k in 0..B {
            free[k] = f64::max(need[k], 0.0);
        }
        for (flow, weight) in self.flow[lanes.clone()].iter_mut().zip(&facts.weight[lanes]) {
            for k in 0..B {
                flow[k] = weight[k] * free[k];
            }
        }
    }

    /// Cuts the lanes of by-products that are short, in proportion, after their own final demand.
    /// Trials in which nothing changes are done.
    fn cut(&mut self, model: &Network, facts: &Facts<'_, B>, live: &mut [bool; B]) {
        let mut changed = [false; B];
        for &o in &self.cuttable {
            let output = &model.outputs[o];
            let mut wanted = [0.0; B];
            for &e in &model.served[output.served()] {
                if model.lanes[e as usize].flow.is_weighted() {
                    let planned = self.planned(model, facts, e as usize);
                    for k in 0..B {
                        wanted[k] += planned[k];
                    }
                }
            }
            for k in 0..B {
                let served = self.served[o][k];
                let supply = facts.yields(o)[k] * self.activity[output.site][k] - facts.final_demand[o][k];
                let next = if wanted[k] > 0.0 { (supply / wanted[k]).clamp(0.0, 1.0) } else { served };
                if live[k] && (next - served).abs() > 1e-14 {
                    changed[k] = true;
                    self.served[o][k] = next;
                    self.enough = false;
                }
            }
        }
        for k in 0..B {
            live[k] &= changed[k];
        }
    }
}
