//! What changes from step to step, `[slot][trial]`. Names follow the equations.

use super::conditions::Conditions;
use super::prepare::Prepared;
use super::rows::{Row, rows};
use crate::model::{Model, Site};
use crate::scenario::{Overtime, Weights};

/// The state of a block of trials, with the scratch of its phases.
#[derive(Debug, Clone)]
pub(crate) struct State<const B: usize> {
    /// `α` by site.
    pub(crate) overtime: Vec<Row<B>>,
    /// `x̃` by site.
    pub(crate) expected: Vec<Row<B>>,
    /// `need` by site.
    pub(crate) need: Vec<Row<B>>,
    /// Limiting input of a followed site, counted from its first; −1 for none.
    pub(crate) limiting: Vec<Row<B>>,
    /// `x*` by site.
    pub(crate) possible: Vec<Row<B>>,
    /// `x` by site.
    pub(crate) actual: Vec<Row<B>>,
    /// `A K` by site, in this step.
    pub(crate) capacity: Vec<Row<B>>,
    /// `I` by input.
    pub(crate) stock: Vec<Row<B>>,
    /// `T` by input.
    pub(crate) transit: Vec<Row<B>>,
    /// `T_R` by input; no rows without reserves.
    pub(crate) reserve_transit: Vec<Row<B>>,
    /// `Λ` by input.
    pub(crate) pipeline: Vec<Row<B>>,
    /// `u` by input.
    pub(crate) used: Vec<Row<B>>,
    /// `a` by input, in this step.
    pub(crate) usage: Vec<Row<B>>,
    /// The same before thrift, of inputs whose users may save; no rows where none may.
    pub(crate) full_usage: Vec<Row<B>>,
    /// What was ordered for this step without restocking, by input; no rows where none may.
    pub(crate) asked: Vec<Row<B>>,
    /// What thrift leaves of use in this step, by market; no rows where none may.
    pub(crate) thrift: Vec<Row<B>>,
    /// `J` by output.
    pub(crate) held: Vec<Row<B>>,
    /// `B` by output.
    pub(crate) backlog: Vec<Row<B>>,
    /// `D` by output.
    pub(crate) demand: Vec<Row<B>>,
    /// `F` by output, in this step.
    pub(crate) final_demand: Vec<Row<B>>,
    /// `O` by lane.
    pub(crate) order: Vec<Row<B>>,
    /// `P` of the lanes that are thinned at the supplier.
    pub(crate) thinned: Vec<Row<B>>,
    /// `w` by lane; no rows where all weights are fixed.
    pub(crate) weight: Vec<Row<B>>,
    /// Goods in transit: `L` slots for each lane, step `t` in slot `t mod L`.
    pub(crate) ring: Vec<Row<B>>,
    /// Steps since somebody last ordered from the reserve.
    pub(crate) idle: Vec<Row<B>>,
    /// Scratch, as long as the widest site has inputs or the widest input has lanes.
    pub(crate) scratch: Vec<Row<B>>,
    pub(crate) room: Vec<Row<B>>,
    /// `r` of the inputs of the site at hand.
    pub(crate) ratios: Vec<Row<B>>,
    pub(crate) conditions: Conditions<B>,
}

/// Whether the capacity of a site moves during a trial.
pub(crate) fn moves(site: &Site) -> bool {
    !site.events.is_empty() || site.project.is_some()
}

impl<const B: usize> State<B> {
    pub(crate) fn new(model: &Model) -> Self {
        let (n, i, o, e) = (model.sites.len(), model.inputs.len(), model.outputs.len(), model.lanes.len());
        let r = |len: usize| rows::<B>(len, 0.0);
        let adaptive = model.sites.iter().any(|s| s.weights != Weights::Fixed);
        let widest_input = model.inputs.iter().map(|i| i.lanes.len()).max().unwrap_or(0);
        let widest_site = model.sites.iter().map(|s| s.inputs.len()).max().unwrap_or(0);
        let widest_output = model.outputs.iter().map(|o| o.served().len()).max().unwrap_or(0);
        let thrifty = model.markets.iter().any(|market| market.thrifty);
        let thinned = model.lanes.iter().filter(|l| l.quota.is_some()).count();
        State {
            overtime: r(n),
            expected: r(n),
            need: r(n),
            limiting: r(n),
            possible: r(n),
            actual: r(n),
            capacity: r(n),
            stock: r(i),
            transit: r(i),
            reserve_transit: r(if model.reserves.is_empty() { 0 } else { i }),
            pipeline: r(i),
            used: r(i),
            usage: r(i),
            full_usage: r(if thrifty { i } else { 0 }),
            asked: r(if thrifty { i } else { 0 }),
            thrift: r(if thrifty { model.markets.len() } else { 0 }),
            held: r(o),
            backlog: r(o),
            demand: r(o),
            final_demand: r(o),
            order: r(e),
            thinned: r(thinned),
            weight: r(if adaptive { e } else { 0 }),
            ring: r(model.ring_slots),
            idle: r(model.reserves.len()),
            scratch: r(widest_input.max(widest_site).max(widest_output)),
            room: r(widest_input),
            ratios: r(widest_site),
            conditions: Conditions::new(model),
        }
    }

    /// The start of a trial: the baseline, in full swing.
    pub(crate) fn reset(&mut self, model: &Model, p: &Prepared<B>) {
        self.overtime.fill([1.0; B]);
        self.expected.copy_from_slice(&p.activity);
        self.actual.copy_from_slice(&p.activity);
        self.possible.copy_from_slice(&p.activity);
        self.capacity.copy_from_slice(&p.capacity);
        self.usage.copy_from_slice(&p.usage);
        self.final_demand.copy_from_slice(&p.final_demand);
        self.held.copy_from_slice(&p.stock_goal);
        self.pipeline.copy_from_slice(&p.pipeline);
        self.thrift.fill([1.0; B]);
        self.backlog.fill([0.0; B]);
        self.weight.fill([1.0; B]);
        self.idle.fill([f64::MAX; B]);
        self.reserve_transit.fill([0.0; B]);
        for (i, input) in model.inputs.iter().enumerate() {
            for k in 0..B {
                let per_step = p.usage[i][k] * p.activity[input.site][k];
                self.stock[i][k] = (p.stock_target[i][k] - 1.0) * per_step;
                self.used[i][k] = per_step;
                self.transit[i][k] = 0.0;
            }
            if let Some(asked) = self.asked.get_mut(i) {
                *asked = self.used[i];
            }
            for e in input.lanes.clone() {
                let lane = &model.lanes[e];
                let flow = if input.weighted().contains(&e) { p.volume[e] } else { [0.0; B] };
                self.order[e] = flow;
                self.ring[lane.ring..lane.ring + lane.lead].fill(flow);
                for k in 0..B {
                    self.transit[i][k] += lane.lead as f64 * flow[k];
                }
            }
        }
        self.conditions.reset(&p.timetable, model.step_days);
    }

    /// `P` of a lane: what passes of its order.
    #[inline(always)]
    pub(crate) fn passing(&self, model: &Model, e: usize) -> &Row<B> {
        // Lanes are walked by supplier here, far apart in memory: none is looked at without need.
        if self.thinned.is_empty() {
            return &self.order[e];
        }
        match model.lanes[e].quota {
            Some(slot) => &self.thinned[slot as usize],
            None => &self.order[e],
        }
    }

    /// `q` of a lane in step `t`, once it is dispatched.
    #[inline(always)]
    pub(crate) fn sent(&self, model: &Model, e: usize, t: usize) -> &Row<B> {
        let lane = &model.lanes[e];
        &self.ring[lane.ring + t % lane.lead]
    }

    /// `α A K/K̄` of a site, 1 where there is no capacity.
    #[inline(always)]
    pub(crate) fn strength(&self, p: &Prepared<B>, site: usize, k: usize) -> f64 {
        let capacity = p.capacity[site][k];
        if capacity > 0.0 { self.overtime[site][k] * self.capacity[site][k] / capacity } else { 1.0 }
    }
}

/// `α` after a step that needs `need` of a capacity `A K`; `previous` is last step's activity.
#[inline(always)]
pub(crate) fn overtime(
    rule: Overtime,
    alpha: f64,
    alpha_max: f64,
    gain: f64,
    need: f64,
    capacity: f64,
    previous: f64,
) -> f64 {
    match rule {
        Overtime::Smooth => {
            let ratio = if capacity > 0.0 { need / capacity } else { 1.0 };
            alpha + (f64::min(f64::max(ratio, 1.0), alpha_max) - alpha) * gain
        }
        Overtime::Ario => {
            let scarcity = if need > 0.0 { (need - previous) / need } else { 0.0 };
            let (pull, back) = if scarcity.abs() <= 1e-9 {
                (0.0, 1.0 - alpha)
            } else {
                ((alpha_max - alpha) * scarcity, 0.0)
            };
            f64::max(alpha + (pull + back) * gain, 1.0)
        }
    }
}
