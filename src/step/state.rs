//! What changes from step to step, `[slot][trial]`. Names follow the equations.

use super::phases::{Moving, sent};
use super::plan::{Plan, numbers};
use super::prepare::Prepared;
use super::vector::{V, Width};
use crate::network::{Network, Site};
use crate::scenario::{Ordering, Weights};
use crate::schedule::conditions::Conditions;
use crate::schedule::rows::{Row, Rows, each, rows, total};

/// The state of a block of trials, with the scratch of its phases.
#[derive(Debug, Clone)]
pub(crate) struct State<const B: usize> {
    /// `A K` in this step, `α`, `need`, `x*`, `x` and `x̃` by site. The need is kept only of sites whose capacity can move.
    pub(crate) capacity: Rows<B>,
    pub(crate) overtime: Rows<B>,
    pub(crate) need: Rows<B>,
    pub(crate) possible: Rows<B>,
    pub(crate) actual: Rows<B>,
    pub(crate) expected: Rows<B>,
    /// Limiting input of a followed site, counted from its first; −1 for none.
    pub(crate) limiting: Rows<B>,
    /// `I` by input.
    pub(crate) stock: Rows<B>,
    /// `a` in this step, by input; where it is known and never moves it stands in the plan.
    pub(crate) usage: Rows<B>,
    /// `T` by input, of goods that take longer than a step, and `Λ` where lead times differ.
    pub(crate) transit: Rows<B>,
    pub(crate) pipeline: Rows<B>,
    /// `J`, `B` and `F` in this step, by output.
    pub(crate) held: Rows<B>,
    pub(crate) backlog: Rows<B>,
    pub(crate) final_demand: Rows<B>,
    /// Whether an input limits the site in any trial of the block.
    pub(crate) limited: Vec<bool>,
    /// `T_R` by input; no rows without reserves.
    pub(crate) reserve_transit: Rows<B>,
    /// `u` by input; no rows where no orders rest on it.
    pub(crate) used: Rows<B>,
    /// `a` by input before thrift, of those whose users may save; no rows where none may.
    pub(crate) full_usage: Rows<B>,
    /// What was ordered for this step without restocking, by input; no rows where none may save.
    pub(crate) sought: Rows<B>,
    /// What thrift leaves of use in this step, by market; no rows where none may.
    pub(crate) thrift: Rows<B>,
    /// `O` by lane, then `P` of the lanes that are thinned at the supplier.
    pub(crate) flow: Rows<B>,
    /// What suppliers send of what passes, by output and priority class that serves lanes: its share or, under water-filling,
    /// the share of baseline flows up to which all get what they want, negative where they do anyhow.
    pub(crate) share: Rows<B>,
    /// Goods in transit, of lanes that take longer than a step: `L − 1` rows each.
    pub(crate) ring: Rows<B>,
    /// By [`Plan::turns`]: how far beyond its first row a lane's goods that arrive next are.
    pub(crate) turns: Vec<u32>,
    /// Planned shares and limits of lanes for which these can move.
    pub(crate) planned: Rows<B>,
    pub(crate) limit: Rows<B>,
    /// `α A K / K̄` by site; no rows where no weights rest on it.
    pub(crate) strength: Rows<B>,
    /// `w` by lane; no rows where all weights are fixed.
    pub(crate) weight: Rows<B>,
    /// Steps since somebody last ordered from the reserve.
    pub(crate) idle: Rows<B>,
    /// For each thread that shares the sites.
    pub(crate) scratch: Vec<Scratch<B>>,
    pub(crate) conditions: Conditions<B>,
    pub(crate) moving: Moving,
}

/// What is known of the site or input at hand alone.
#[derive(Debug, Clone)]
pub(crate) struct Scratch<const B: usize> {
    /// `Σ P` by output.
    pub(crate) asked: Rows<B>,
    /// `ℓ` by group of inputs.
    pub(crate) groups: Rows<B>,
    /// `r` by input.
    pub(crate) ratios: Rows<B>,
    /// Whether an input is short in any trial, and whether one of a group is.
    pub(crate) lacks: Vec<bool>,
    pub(crate) cuts: Vec<bool>,
    /// What more a lane can take, and what arrives from reserves, by lane.
    pub(crate) room: Rows<B>,
}

impl<const B: usize> Scratch<B> {
    fn new(model: &Network) -> Self {
        let lanes = model.inputs.iter().map(|i| i.lanes.len()).max().unwrap_or(0);
        let inputs = model.sites.iter().map(|s| s.inputs.len()).max().unwrap_or(0);
        let outputs = model.sites.iter().map(|s| s.outputs.len()).max().unwrap_or(0);
        let groups = model.sites.iter().map(|s| s.groups).max().unwrap_or(0);
        let r = |len: usize| rows::<B>(len, 0.0);
        Scratch {
            asked: r(outputs),
            groups: r(groups),
            ratios: r(inputs),
            lacks: vec![false; inputs],
            cuts: vec![false; groups],
            room: r(lanes),
        }
    }
}

/// The same as slices.
#[derive(Debug)]
pub(crate) struct ScratchView<'a, const B: usize> {
    pub(crate) asked: &'a mut [Row<B>],
    pub(crate) groups: &'a mut [Row<B>],
    pub(crate) ratios: &'a mut [Row<B>],
    pub(crate) lacks: &'a mut [bool],
    pub(crate) cuts: &'a mut [bool],
    pub(crate) room: &'a mut [Row<B>],
}

impl<const B: usize> Scratch<B> {
    #[inline(always)]
    pub(crate) fn view(&mut self) -> ScratchView<'_, B> {
        ScratchView {
            asked: &mut self.asked,
            groups: &mut self.groups,
            ratios: &mut self.ratios,
            lacks: &mut self.lacks,
            cuts: &mut self.cuts,
            room: &mut self.room,
        }
    }
}

/// Whether the capacity of a site moves during a trial.
pub(crate) fn moves(site: &Site) -> bool {
    !site.events.is_empty() || site.project.is_some()
}

impl<const B: usize> State<B> {
    pub(crate) fn new(model: &Network, plan: &Plan) -> Self {
        let (n, i, o, e) = (model.sites.len(), model.inputs.len(), model.outputs.len(), model.lanes.len());
        let r = |len: usize| rows::<B>(len, 0.0);
        let adaptive = model.sites.iter().any(|s| s.weights != Weights::Fixed);
        let by_capacity = model.sites.iter().any(|s| s.weights == Weights::Capacity);
        let thrifty = model.markets.iter().any(|market| market.thrifty);
        let renewed = model.sites.iter().any(|s| s.ordering == Ordering::Ario);
        let threads = if B == 1 { rayon::current_num_threads().min(plan.parts.len()).max(1) } else { 1 };
        State {
            capacity: r(n),
            overtime: r(n),
            need: r(n),
            possible: r(n),
            actual: r(n),
            limiting: r(n),
            expected: r(n),
            stock: r(i),
            usage: r(i),
            transit: r(i),
            pipeline: r(i),
            held: r(o),
            backlog: r(o),
            final_demand: r(o),
            limited: vec![false; n],
            reserve_transit: r(if model.reserves.is_empty() { 0 } else { i }),
            used: r(if renewed { i } else { 0 }),
            full_usage: r(if thrifty { i } else { 0 }),
            sought: r(if thrifty { i } else { 0 }),
            thrift: r(if thrifty { model.markets.len() } else { 0 }),
            flow: r(plan.flows),
            share: r(plan.shares),
            ring: r(plan.rings),
            turns: vec![0; plan.turns.len()],
            planned: r(plan.noted),
            limit: r(plan.noted),
            strength: r(if by_capacity { n } else { 0 }),
            weight: r(if adaptive { e } else { 0 }),
            idle: r(model.reserves.len()),
            scratch: vec![Scratch::new(model); threads],
            conditions: Conditions::new(model),
            moving: Moving::new(model),
        }
    }

    /// The start of a trial: the baseline, in full swing.
    pub(crate) fn reset(&mut self, m: &Network, p: &Prepared<B>) {
        self.capacity.copy_from_slice(&p.capacity);
        self.overtime.fill([1.0; B]);
        for rows in [&mut self.possible, &mut self.actual, &mut self.expected] {
            rows.copy_from_slice(&p.activity);
        }
        self.held.copy_from_slice(&p.stock_goal);
        self.backlog.fill([0.0; B]);
        self.final_demand.copy_from_slice(&p.final_demand);
        self.usage.copy_from_slice(&p.usage);
        self.pipeline.copy_from_slice(&p.pipeline);
        self.turns.fill(0);
        self.thrift.fill([1.0; B]);
        self.weight.fill([1.0; B]);
        self.idle.fill([f64::MAX; B]);
        self.reserve_transit.fill([0.0; B]);
        let plan = &p.plan;
        let per_step = |i: usize| -> Row<B> {
            let (usage, activity) = (&p.usage[i], &p.activity[m.inputs[i].site]);
            std::array::from_fn(|k| usage[k] * activity[k])
        };
        for used in [&mut self.used, &mut self.sought] {
            each(used, |i, used| *used = per_step(i));
        }
        each(&mut self.stock, |i, stock| {
            let (target, per_step) = (p.stock_target(i), per_step(i));
            *stock = std::array::from_fn(|k| (target[k] - 1.0) * per_step[k]);
        });
        let (flow, _) = self.flow.split_at_mut(plan.lanes.len());
        each(flow, |e, flow| {
            let weighted = plan.offers[m.lanes[e].input].weighted().contains(&e);
            *flow = if weighted { p.volume[e] } else { [0.0; B] };
        });
        for input in &plan.inputs {
            let (lanes, flow) = (&plan.lanes[numbers(&input.lanes)], &flow[numbers(&input.lanes)]);
            if let (true, [first, ..]) = (input.pools(), lanes) {
                let total = total(flow);
                plan.rings(first).for_each(|row| self.ring[row] = total);
            } else {
                for (lane, flow) in lanes.iter().zip(flow) {
                    plan.rings(lane).for_each(|row| self.ring[row] = *flow);
                }
            }
        }
        each(&mut self.transit, |i, transit| {
            *transit = [0.0; B];
            let lanes = numbers(&plan.inputs[i].lanes);
            for (lane, flow) in plan.lanes[lanes.clone()].iter().zip(&flow[lanes]) {
                for k in 0..B {
                    transit[k] += f64::from(lane.delay + 1) * flow[k];
                }
            }
        });
        self.conditions.reset(&p.timetable, m.step_days);
    }

    /// All that the next step rests on, but for the conditions it meets.
    pub(crate) fn memory(&self) -> [&Rows<B>; 20] {
        [
            &self.capacity,
            &self.overtime,
            &self.possible,
            &self.actual,
            &self.expected,
            &self.stock,
            &self.usage,
            &self.transit,
            &self.pipeline,
            &self.held,
            &self.backlog,
            &self.final_demand,
            &self.reserve_transit,
            &self.used,
            &self.full_usage,
            &self.sought,
            &self.flow,
            &self.ring,
            &self.weight,
            &self.idle,
        ]
    }

    /// `q` of a lane in this step, once goods are rationed and before the next orders.
    pub(crate) fn sent(&self, p: &Prepared<B>, e: usize) -> Row<B> {
        let (lane, ties) = (&p.plan.lanes[e], &p.plan.ties[e]);
        let mut row = [0.0; B];
        for v in 0..B {
            let order = V::of(Width::<_, 1>(pulp::Scalar), &self.flow[ties.passing as usize], v);
            let share = &self.share[lane.share as usize];
            sent(v, ties.rationing, order, share, &p.volume[e]).put(&mut row, v);
        }
        row
    }
}
