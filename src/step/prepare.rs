//! What a block of trials needs before its loop: draws, baseline, and the constants of every phase.
//! Everything that can fail fails here, with the trial.

mod reserves;
mod solve;

use super::baseline::Baseline;
use super::model::{Known, Model};
use super::plan::{Kind, MIXED, Plan, numbers};
use crate::network::{DAYS_PER_YEAR, Flow};
use crate::schedule::Fault;
use crate::schedule::luck::Luck;
use crate::schedule::rows::{Row, Rows, each, fill, gain, rows, value};
use crate::schedule::timetable::Timetable;
use std::cell::RefCell;
use std::sync::Arc;

/// Relative tolerance of the checks on drawn facts.
const TOLERANCE: f64 = 1e-9;

/// The constants of a block of trials, `[slot][trial]`. Names follow the equations.
#[derive(Debug, Clone)]
pub(crate) struct Prepared<const B: usize> {
    pub(crate) plan: Arc<Plan>,
    pub(crate) draws: Rows<B>,
    /// What follows from parameters alone, in rows that slots share.
    pub(crate) constants: Rows<B>,
    /// Scratch, as long as the largest group of correlated draws.
    normals: Rows<B>,
    /// Planned shares by lane while nothing bars any lane of the input and no weight moves; no rows where the baseline is
    /// known, and with it one number for all trials.
    pub(crate) planned: Rows<B>,
    pub(crate) known: Option<Arc<Known>>,
    /// How each input orders in this block: of the simpler kinds only if what it takes at the baseline is more than 0.
    pub(crate) kinds: Vec<Kind>,
    /// How many plain inputs of a site follow on each other from each on.
    pub(crate) runs: Vec<u32>,
    /// `x̄` by site.
    pub(crate) activity: Rows<B>,
    /// `K` by site: of a project its design.
    pub(crate) capacity: Rows<B>,
    /// Value added by site [JPY per unit of activity].
    pub(crate) value_added: Rows<B>,
    /// `a` by input.
    pub(crate) usage: Rows<B>,
    /// `Λ` at the baseline by input.
    pub(crate) pipeline: Rows<B>,
    /// Trigger by lane from a reserve [steps of use]; no rows without reserves.
    pub(crate) trigger: Rows<B>,
    /// `J̄` by output, of a reserve its amount.
    pub(crate) stock_goal: Rows<B>,
    /// Storage limit by output.
    pub(crate) storage: Rows<B>,
    /// `F` by output, before events.
    pub(crate) final_demand: Rows<B>,
    /// `f̂` by lane: baseline flow, nominal volume, or a reserve's rate.
    pub(crate) volume: Rows<B>,
    /// `m f̂` by lane; infinite where the lane has no limit.
    pub(crate) surge: Rows<B>,
    /// Most a reserve releases in a step, by output.
    pub(crate) release: Rows<B>,
    /// Refill rate by reserve [units a step].
    pub(crate) refill_rate: Rows<B>,
    /// Time without release before refill, by reserve [steps].
    pub(crate) refill_after: Rows<B>,
    /// `min(1, Δ/τ_w)`.
    pub(crate) experience: Row<B>,
    /// Discount factor at the middle of the first step, and from step to step.
    pub(crate) discount: [Row<B>; 2],
    pub(crate) timetable: Timetable<B>,
    /// What the baseline is found with, where it is not known already.
    baseline: Option<Baseline<B>>,
    weight: Rows<B>,
    /// Whether all is the same in every trial and has been prepared.
    settled: bool,
}

/// Baseline flow of a lane.
fn flow<const B: usize>(model: &Model, found: Option<&Baseline<B>>, e: usize) -> Row<B> {
    match (&model.known, found) {
        (Some(known), _) => [known.flow[e]; B],
        (None, Some(found)) => found.flow[e],
        (None, None) => [0.0; B],
    }
}

impl<const B: usize> Prepared<B> {
    /// Allocates the rows and fills in all that is the same in every trial.
    pub(crate) fn new(model: &Model) -> Self {
        let (n, i, o, e) = (model.sites.len(), model.inputs.len(), model.outputs.len(), model.lanes.len());
        let r = |len: usize| rows::<B>(len, 0.0);
        let plan = Arc::clone(&model.plan);
        let surges = model.lanes.iter().any(|lane| lane.surge.is_some());
        let limits_drawn = model.known.as_ref().is_none_or(|known| known.surge.is_empty());
        Prepared {
            planned: r(if model.known.is_none() { e } else { 0 }),
            known: model.known.clone(),
            constants: r(plan.constants.len()),
            kinds: Vec::new(),
            runs: Vec::new(),
            plan,
            draws: r(model.draws.len()),
            normals: r(model.correlated.iter().map(|c| c.members.len()).max().unwrap_or(0)),
            activity: r(n),
            capacity: r(n),
            value_added: r(n),
            usage: r(i),
            pipeline: r(i),
            trigger: r(if model.reserves.is_empty() { 0 } else { e }),
            stock_goal: r(o),
            storage: r(o),
            final_demand: r(o),
            volume: r(e),
            surge: rows(if surges && limits_drawn { e } else { 0 }, f64::INFINITY),
            release: r(o),
            refill_rate: r(model.reserves.len()),
            refill_after: r(model.reserves.len()),
            experience: [0.0; B],
            discount: [[1.0; B]; 2],
            timetable: Timetable::new(model),
            baseline: model.known.is_none().then(|| Baseline::new(model)),
            weight: r(if model.known.is_none() { e } else { 0 }),
            settled: false,
        }
    }

    /// Prepares the trials `first .. first + B`. Those outside `lanes` are not wanted and get the draws of
    /// the first that is, so that nothing can go wrong in them alone.
    pub(crate) fn prepare(
        &mut self,
        model: &Model,
        seed: u64,
        first: u64,
        lanes: std::ops::Range<usize>,
    ) -> Result<(), Fault> {
        if self.settled {
            return Ok(());
        }
        each(&mut self.draws, |d, row| model.draws[d].stream(seed).fill_uniform(first, 0, row));
        for group in &model.correlated {
            group.fill(seed, first, &mut self.normals, &mut self.draws);
        }
        for (draw, row) in model.draws.iter().zip(&mut self.draws) {
            let (stream, wanted) = (draw.stream(seed), &mut row[lanes.clone()]);
            draw.law.fill(wanted, &stream, first + lanes.start as u64).map_err(|(place, fault)| Fault {
                lane: lanes.start + place,
                message: format!("`{}`: {fault}", draw.name),
            })?;
            let stand_in = row[lanes.start];
            row[..lanes.start].fill(stand_in);
            row[lanes.end..].fill(stand_in);
        }
        self.parameters(model);
        self.solve(model)?;
        self.sites(model)?;
        self.outputs(model);
        self.inputs(model)?;
        self.lanes(model);
        self.reserves(model)?;
        self.planned();
        self.kinds();
        let wanted = |k: usize| if lanes.contains(&k) { k } else { lanes.start };
        let trials = std::array::from_fn(|k| first + wanted(k) as u64);
        let fault = RefCell::new(None);
        let luck = Luck { draws: &self.draws, seed, trials, fault: &fault };
        let settled = self.timetable.prepare(model, &luck);
        // A bad draw may be why the rest could not be settled.
        fault.into_inner().map_or(settled, Err)?;
        self.settled = model.draws.is_empty() && model.known.is_some() && !model.redrawn();
        Ok(())
    }

    /// All that a parameter alone decides.
    fn parameters(&mut self, model: &Model) {
        let step = model.step_days;
        let draws = &self.draws[..];
        self.plan.constants.fill(step, draws, &mut self.constants);
        each(&mut self.value_added, |n, row| fill(row, model.sites[n].value_added, draws));
        each(&mut self.usage, |i, row| fill(row, model.inputs[i].usage, draws));
        each(&mut self.final_demand, |o, row| fill(row, model.outputs[o].final_demand, draws));
        self.experience = value(model.experience_days, draws).map(|days| gain(step, days));
        let rate = value(model.discount_rate, draws);
        for k in 0..B {
            self.discount[0][k] = libm::pow(1.0 + rate[k], -0.5 * step / DAYS_PER_YEAR);
            self.discount[1][k] = libm::pow(1.0 + rate[k], -step / DAYS_PER_YEAR);
        }
    }

    fn sites(&mut self, model: &Model) -> Result<(), Fault> {
        for (n, site) in model.sites.iter().enumerate() {
            let activity = self.activity[n];
            if let Some(project) = site.project {
                self.capacity[n] = value(model.projects[project as usize].design, &self.draws);
                if let Some(k) = activity.iter().position(|x| *x > 0.0) {
                    return Err(Fault {
                        lane: k,
                        message: format!(
                            "site `{}` is needed at the baseline, before its project is built",
                            site.id
                        ),
                    });
                }
            } else if let Some(capacity) = site.capacity {
                self.capacity[n] = value(capacity, &self.draws);
            } else {
                let spare = value(site.spare, &self.draws);
                for k in 0..B {
                    self.capacity[n][k] = (1.0 + spare[k]) * activity[k];
                }
            }
            for k in 0..B {
                if activity[k] > self.capacity[n][k] * (1.0 + TOLERANCE) {
                    let per_year = DAYS_PER_YEAR / model.step_days;
                    return Err(Fault {
                        lane: k,
                        message: format!(
                            "site `{}` needs {:.6} units of activity a year at the baseline, above its capacity of {:.6}",
                            site.id,
                            activity[k] * per_year,
                            self.capacity[n][k] * per_year
                        ),
                    });
                }
            }
        }
        Ok(())
    }

    fn outputs(&mut self, model: &Model) {
        let step = model.step_days;
        for (o, output) in model.outputs.iter().enumerate().filter(|(o, _)| self.plan.outputs[*o].stored) {
            let mut sales = self.final_demand[o];
            for &e in &model.served[output.served()] {
                let flow = flow(model, self.baseline.as_ref(), e as usize);
                for k in 0..B {
                    sales[k] += flow[k];
                }
            }
            let target = value(output.target_days, &self.draws);
            let limit = value(output.limit_days.unwrap_or(output.target_days), &self.draws);
            for k in 0..B {
                self.stock_goal[o][k] = target[k] / step * sales[k];
                // A limit below the target would throw away what is being restocked.
                self.storage[o][k] = f64::max(limit[k] / step * sales[k], self.stock_goal[o][k]);
            }
        }
    }

    fn inputs(&mut self, model: &Model) -> Result<(), Fault> {
        let (plan, baseline) = (&self.plan, self.baseline.as_ref());
        each(&mut self.pipeline, |i, pipeline| {
            let delay = plan.inputs[i].delay;
            // Of equal lead times the mean is not left to rounding.
            if delay != MIXED {
                *pipeline = [f64::from(delay); B];
                return;
            }
            let (mut total, mut far) = ([0.0; B], [0.0; B]);
            for e in plan.offers[i].weighted() {
                let (steps, flow) = (f64::from(plan.lanes[e].delay), flow(model, baseline, e));
                for k in 0..B {
                    total[k] += flow[k];
                    far[k] += flow[k] * steps;
                }
            }
            *pipeline = std::array::from_fn(|k| if total[k] > 0.0 { far[k] / total[k] } else { 0.0 });
        });
        for (site, _) in model.sites.iter().zip(&self.plan.sites).filter(|(_, plan)| plan.grouped) {
            for group in 0..site.groups {
                let mut sum = [0.0; B];
                for i in site.inputs.clone().filter(|&i| model.inputs[i].group == group) {
                    for k in 0..B {
                        sum[k] += self.criticality(i)[k];
                    }
                }
                if let Some(k) = sum.iter().position(|s| *s > 1.0 + TOLERANCE) {
                    let members: Vec<&str> = site
                        .inputs
                        .clone()
                        .filter(|&i| model.inputs[i].group == group)
                        .map(|i| model.commodities[model.inputs[i].commodity].as_str())
                        .collect();
                    return Err(Fault {
                        lane: k,
                        message: format!(
                            "the criticalities of {} at site `{}` sum to {}, over 1: as inputs of one group they are disjoint parts of output",
                            members.join(", "),
                            site.id,
                            sum[k]
                        ),
                    });
                }
            }
        }
        Ok(())
    }

    fn lanes(&mut self, model: &Model) {
        let (draws, baseline) = (&self.draws[..], self.baseline.as_ref());
        each(&mut self.volume, |e, volume| match model.lanes[e].flow {
            Flow::Contingent(nominal) => fill(volume, model.lane_param(nominal), draws),
            // Set with the reserves, and with the lanes they go beside.
            Flow::Reserve | Flow::Refill | Flow::Beside { .. } => {}
            _ => *volume = flow(model, baseline, e),
        });
        each(&mut self.surge, |e, limit| {
            if let Some(surge) = model.lanes[e].surge {
                fill(limit, model.lane_param(surge), draws);
            }
        });
        for (e, lane) in model.lanes.iter().enumerate() {
            if let Flow::Beside { lane: beside, share } = lane.flow {
                let share = value(model.lane_param(share), &self.draws);
                for k in 0..B {
                    self.volume[e][k] = share[k] * self.volume[beside as usize][k];
                }
            }
        }
    }

    /// Shares of the lanes of each input in what it takes at the baseline.
    fn planned(&mut self) {
        if self.known.is_some() {
            return;
        }
        for input in &self.plan.offers {
            let volumes = &self.volume[input.weighted()];
            let mut total = [0.0; B];
            for volume in volumes {
                for k in 0..B {
                    total[k] += volume[k];
                }
            }
            let scale = total.map(|total| if total > 0.0 { 1.0 / total } else { 0.0 });
            // One lane that takes all takes exactly all.
            let whole = volumes.len() == 1;
            for (share, volume) in self.planned[input.weighted()].iter_mut().zip(volumes) {
                for k in 0..B {
                    let all = if volume[k] > 0.0 { 1.0 } else { 0.0 };
                    share[k] = if whole { all } else { volume[k] * scale[k] };
                }
            }
        }
    }

    fn kinds(&mut self) {
        if self.known.is_some() && !self.kinds.is_empty() {
            return;
        }
        self.kinds.clear();
        self.kinds.extend(self.plan.inputs.iter().map(|input| {
            let mut lanes = self.volume[numbers(&input.lanes)].iter();
            let single = matches!(input.kind, Kind::Plain | Kind::Single);
            let takes = |volume: &Row<B>| volume.iter().all(|flow| *flow > 0.0);
            if single && !lanes.all(takes) { Kind::Any } else { input.kind }
        }));
        self.runs.resize(self.kinds.len(), 0);
        for site in &self.plan.sites {
            let mut run = 0;
            for i in numbers(&site.inputs).rev() {
                run = if self.kinds[i] == Kind::Plain { run + 1 } else { 0 };
                self.runs[i] = run;
            }
        }
    }
}
