//! The baseline: activities and flows at which every step repeats itself.
//!
//! Needs go upstream from final demand through shares and recipes. Sites are solved buyers before suppliers
//! ([`ordered`]), so that a chain is solved in one pass and only cycles (recycling, input-output tables)
//! are iterated, by Gauss–Seidel from below, which converges to the smallest balanced solution where there
//! is one (the system is an M-matrix). Sites that do the same in every trial are solved once. A site with several
//! driving outputs follows the one that binds.

mod check;
mod order;

use super::index::ConstantIx;
use super::plan::OutputPlan;
use crate::network::{Flow, IndexVec, InputIx, Items, Ix, LaneIx, Network, OutputIx, SiteIx, Span};
use crate::schedule::fault::{Fault, Faulty};
use crate::schedule::rows::{Row, Rows, rows};
use order::{Component, ordered};

/// Sweeps over a cycle before it counts as unbalanced.
const SWEEP_LIMIT: usize = 20_000;
/// Rounds of cutting short by-products.
const CUT_LIMIT: usize = 2_000;
/// Relative change below which a cycle has settled.
const SETTLED: f64 = 1e-15;
/// The same for a cycle of input-output tables, which begins at the balance that is known but for rounding.
const SETTLED_TABLE: f64 = 1e-13;

/// The requirements that a baseline has to meet, in each trial of a block.
pub(crate) struct Requirements<'a, const B: usize> {
    pub(crate) usage: Items<'a, InputIx, Row<B>>,
    pub(crate) outputs: Items<'a, OutputIx, OutputPlan>,
    pub(crate) constants: Items<'a, ConstantIx, Row<B>>,
    pub(crate) final_demand: Items<'a, OutputIx, Row<B>>,
    /// Share (of lanes with a share) or agreed volume [units a step].
    pub(crate) weight: Items<'a, LaneIx, Row<B>>,
}

impl<const B: usize> Requirements<'_, B> {
    /// `b` of an output.
    fn yields(&self, o: OutputIx) -> &Row<B> {
        &self.constants[self.outputs[o].yields.row()]
    }
}

/// Activities by site and flows by lane, with the scratch to find them.
#[derive(Debug, Clone)]
pub(crate) struct Baseline<const B: usize> {
    pub(crate) activity: Rows<SiteIx, B>,
    pub(crate) flow: Rows<LaneIx, B>,
    /// Share of the planned flow that a by-product can serve.
    served: Rows<OutputIx, B>,
    /// The need of an input less agreed volumes, which shares split.
    free: Rows<InputIx, B>,
    /// The amount that an input lacks after cuts.
    lacking: Rows<InputIx, B>,
    order: Vec<Component>,
    cuttable: Vec<OutputIx>,
    /// Whether all lanes of an input have shares.
    shared: IndexVec<InputIx, bool>,
    /// Whether none of them comes from a by-product, which alone can be short.
    certain: IndexVec<InputIx, bool>,
    /// Whether no by-product has been cut in any trial.
    enough: bool,
}

fn is_share(flow: Flow) -> bool {
    matches!(flow, Flow::FixedShare(_) | Flow::DrawnShare(_) | Flow::Rest)
}

impl<const B: usize> Baseline<B> {
    pub(crate) fn new(model: &Network) -> Self {
        let is_weighted = |&e: &LaneIx| model.lanes[e].flow.is_weighted();
        let is_cuttable = |o: &OutputIx| {
            !model.outputs[*o].driving && model.served[model.outputs[*o].served()].iter().any(is_weighted)
        };
        let of_all = |holds: &dyn Fn(LaneIx) -> bool| {
            model.inputs.iter().map(|i| i.weighted().into_iter().all(holds)).collect()
        };
        Baseline {
            activity: rows(model.sites.len(), 0.0),
            flow: rows(model.lanes.len(), 0.0),
            served: rows(model.outputs.len(), 1.0),
            free: rows(model.inputs.len(), 0.0),
            lacking: rows(model.inputs.len(), 0.0),
            order: ordered(model),
            cuttable: model.outputs.numbers().into_iter().filter(is_cuttable).collect(),
            shared: of_all(&|e| is_share(model.lanes[e].flow)),
            certain: of_all(&|e| model.outputs[model.lanes[e].output].driving),
            enough: true,
        }
    }

    /// Finds the baseline of every trial of the block.
    pub(crate) fn solve(&mut self, model: &Network, given: &Requirements<'_, B>) -> Result<(), Faulty> {
        for &n in self.order.iter().filter(|component| !component.solved).flat_map(|open| &open.sites) {
            self.activity[n] = [0.0; B];
        }
        self.flow.fill([0.0; B]);
        self.free.fill([0.0; B]);
        self.lacking.fill([0.0; B]);
        self.served.fill([1.0; B]);
        self.enough = true;
        // A trial whose cuts have settled is left alone, so that its bits do not depend on its neighbours.
        let mut live = [true; B];
        for _ in 0..CUT_LIMIT {
            self.pass(model, given, &live)?;
            self.cut(model, given, &mut live);
            if !live.contains(&true) {
                return self.check(model, given);
            }
        }
        let k = live.iter().position(|l| *l).unwrap_or(0);
        let short = self.cuttable.iter().filter(|&&o| self.served[o][k] < 1.0);
        let sites = short.map(|&o| model.sites[model.outputs[o].site].id.clone()).collect();
        Err(Fault::ByProducts { sites }.of(k))
    }

    /// Needs from final demand upstream, once.
    fn pass(&mut self, model: &Network, given: &Requirements<'_, B>, live: &[bool; B]) -> Result<(), Faulty> {
        for k in 0..self.order.len() {
            let Component { cyclic, steady, solved, .. } = self.order[k];
            let sites = std::mem::take(&mut self.order[k].sites);
            let result = if solved {
                // Only the use of its sites can move.
                sites.iter().for_each(|&n| self.inputs(model, given, n, live));
                Ok(())
            } else if cyclic {
                self.cycle(model, given, &sites, live)
            } else {
                sites.iter().for_each(|&n| {
                    self.site(model, given, n, live, SETTLED);
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
        given: &Requirements<'_, B>,
        component: &[SiteIx],
        live: &[bool; B],
    ) -> Result<(), Faulty> {
        // A table says where it is balanced; from anywhere else its thousands of sectors would take long.
        let tabled = component.iter().all(|n| model.tabled_sites.contains(*n));
        let settled = if tabled { SETTLED_TABLE } else { SETTLED };
        for &n in component.iter().filter(|_| tabled) {
            for k in 0..B {
                if live[k] {
                    self.activity[n][k] = model.tabled[n.at() - model.tabled_sites.start.at()];
                }
            }
        }
        // A cut since the last pass moves flows before it moves any activity.
        component.iter().for_each(|&n| self.inputs(model, given, n, live));
        let mut moving = *live;
        for _ in 0..SWEEP_LIMIT {
            let mut next = [false; B];
            for &n in component {
                let moved = self.site(model, given, n, &moving, settled);
                for k in 0..B {
                    next[k] |= moved[k];
                }
            }
            moving = next;
            if !moving.contains(&true) {
                return Ok(());
            }
        }
        let k = moving.iter().position(|m| *m).unwrap_or(0);
        let sites = component.iter().map(|&n| model.sites[n].id.clone()).collect();
        Err(Fault::Cycle { sites }.of(k))
    }

    /// Sets a site's activity from the flows it supplies, and the flows of its inputs. Says which
    /// trials moved.
    fn site(
        &mut self,
        model: &Network,
        given: &Requirements<'_, B>,
        n: SiteIx,
        live: &[bool; B],
        within: f64,
    ) -> [bool; B] {
        let site = &model.sites[n];
        let mut activity = [0.0; B];
        for o in site.outputs.into_iter().filter(|&o| model.outputs[o].driving) {
            let mut demand = given.final_demand[o];
            for &e in &model.served[model.outputs[o].served()] {
                if model.lanes[e].flow.is_weighted() {
                    for k in 0..B {
                        demand[k] += self.flow[e][k];
                    }
                }
            }
            for k in 0..B {
                activity[k] = f64::max(activity[k], demand[k] / given.yields(o)[k]);
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
        self.inputs(model, given, n, live);
        moved
    }

    /// Sets the flows of the inputs of a site.
    fn inputs(&mut self, model: &Network, given: &Requirements<'_, B>, n: SiteIx, live: &[bool; B]) {
        for i in model.sites[n].inputs {
            self.allot(model, given, i, live);
        }
    }

    /// The flow of lane `e` if no by-product were short.
    #[inline(always)]
    fn planned(&self, model: &Network, given: &Requirements<'_, B>, e: LaneIx) -> Row<B> {
        let mut planned = given.weight[e];
        if is_share(model.lanes[e].flow) {
            let free = &self.free[model.lanes[e].input];
            for k in 0..B {
                planned[k] *= free[k];
            }
        }
        planned
    }

    /// Splits the need of input `i` over its lanes.
    fn allot(&mut self, model: &Network, given: &Requirements<'_, B>, i: InputIx, live: &[bool; B]) {
        let input = &model.inputs[i];
        let mut free = [0.0; B];
        for k in 0..B {
            free[k] = given.usage[i][k] * self.activity[input.site][k];
        }
        if self.shared[i] && (self.enough || self.certain[i]) {
            return self.share_out(given, i, input.weighted(), &free);
        }
        for e in input.weighted().into_iter().filter(|&e| !is_share(model.lanes[e].flow)) {
            for k in 0..B {
                free[k] -= given.weight[e][k];
            }
        }
        let row = &mut self.free[i];
        for k in 0..B {
            row[k] = if live[k] { f64::max(free[k], 0.0) } else { row[k] };
        }
        let mut lacking = [0.0; B];
        for e in input.weighted() {
            let planned = self.planned(model, given, e);
            let (flow, served) = (&mut self.flow[e], &self.served[model.lanes[e].output]);
            for k in 0..B {
                lacking[k] += planned[k] * (1.0 - served[k]);
                flow[k] = if live[k] { planned[k] * served[k] } else { flow[k] };
            }
        }
        let fills =
            |e: &LaneIx| is_share(model.lanes[*e].flow) && model.outputs[model.lanes[*e].output].driving;
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
        for e in input.weighted().into_iter().filter(fills) {
            for k in 0..B {
                fillers[k] += given.weight[e][k];
            }
        }
        for e in input.weighted().into_iter().filter(fills) {
            let (flow, weight) = (&mut self.flow[e], &given.weight[e]);
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

    /// The same where no supplier is short and all lanes have shares. A flow that has not moved is worked out to the same bits.
    fn share_out(&mut self, given: &Requirements<'_, B>, i: InputIx, lanes: Span<LaneIx>, need: &Row<B>) {
        let free = &mut self.free[i];
        for k in 0..B {
            free[k] = f64::max(need[k], 0.0);
        }
        for (flow, weight) in self.flow[lanes].iter_mut().zip(&given.weight[lanes]) {
            for k in 0..B {
                flow[k] = weight[k] * free[k];
            }
        }
    }

    /// Cuts the lanes of by-products that are short, in proportion, after their own final demand.
    /// Trials in which nothing changes are done.
    fn cut(&mut self, model: &Network, given: &Requirements<'_, B>, live: &mut [bool; B]) {
        let mut changed = [false; B];
        for &o in &self.cuttable {
            let output = &model.outputs[o];
            let mut wanted = [0.0; B];
            for &e in &model.served[output.served()] {
                if model.lanes[e].flow.is_weighted() {
                    let planned = self.planned(model, given, e);
                    for k in 0..B {
                        wanted[k] += planned[k];
                    }
                }
            }
            for k in 0..B {
                let served = self.served[o][k];
                let supply = given.yields(o)[k] * self.activity[output.site][k] - given.final_demand[o][k];
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
