//! What changes from step to step, `[slot][trial]`. Names follow the equations.

use super::conditions::Conditions;
use super::phases::{Moving, sent};
use super::plan::Plan;
use super::prepare::Prepared;
use super::rows::{Row, Rows, rows};
use super::vector::{V, Width};
use crate::model::{Model, Site};
use crate::scenario::{Ordering, Weights};

/// Rows of a site. What is used together lies together.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub(crate) struct SiteRows<const B: usize> {
    /// `A K`, in this step.
    pub(crate) capacity: Row<B>,
    /// `α`.
    pub(crate) overtime: Row<B>,
    /// `need`.
    pub(crate) need: Row<B>,
    /// `x*`.
    pub(crate) possible: Row<B>,
    /// `x`.
    pub(crate) actual: Row<B>,
    /// Limiting input of a followed site, counted from its first; −1 for none.
    pub(crate) limiting: Row<B>,
}

/// Rows of an input.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub(crate) struct InputRows<const B: usize> {
    /// `I`.
    pub(crate) stock: Row<B>,
    /// `a`, in this step.
    pub(crate) usage: Row<B>,
    /// `T`.
    pub(crate) transit: Row<B>,
    /// `Λ`.
    pub(crate) pipeline: Row<B>,
}

/// Rows of an output.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub(crate) struct OutputRows<const B: usize> {
    /// `J`.
    pub(crate) held: Row<B>,
    /// `J̄` and the storage limit, which stay as they are.
    pub(crate) goal: Row<B>,
    pub(crate) storage: Row<B>,
    /// `F`, in this step.
    pub(crate) final_demand: Row<B>,
    /// `B`.
    pub(crate) backlog: Row<B>,
}

/// What the next step rests on, of a site, an input or an output.
pub(crate) trait Memory<const B: usize>: Copy {
    fn memory(&self) -> impl Iterator<Item = &Row<B>>;
}

impl<const B: usize> Memory<B> for SiteRows<B> {
    fn memory(&self) -> impl Iterator<Item = &Row<B>> {
        [&self.capacity, &self.overtime, &self.possible, &self.actual].into_iter()
    }
}

impl<const B: usize> Memory<B> for InputRows<B> {
    fn memory(&self) -> impl Iterator<Item = &Row<B>> {
        [&self.stock, &self.usage, &self.transit, &self.pipeline].into_iter()
    }
}

impl<const B: usize> Memory<B> for OutputRows<B> {
    fn memory(&self) -> impl Iterator<Item = &Row<B>> {
        [&self.held, &self.final_demand, &self.backlog].into_iter()
    }
}

/// The state of a block of trials, with the scratch of its phases.
#[derive(Debug, Clone)]
pub(crate) struct State<const B: usize> {
    pub(crate) sites: Vec<SiteRows<B>>,
    pub(crate) inputs: Vec<InputRows<B>>,
    pub(crate) outputs: Vec<OutputRows<B>>,
    /// `x̃` by site.
    pub(crate) expected: Rows<B>,
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
    /// What suppliers send of what passes, by output and priority class: its share or, under water-filling, the share of
    /// baseline flows up to which all get what they want, negative where they do anyhow.
    pub(crate) share: Rows<B>,
    /// Goods in transit, of lanes that take longer than a step: `L − 1` rows in turn.
    pub(crate) ring: Rows<B>,
    /// Turn of each delay.
    pub(crate) turns: Vec<u32>,
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
    /// Planned shares by lane, and what more it can take.
    pub(crate) planned: Rows<B>,
    pub(crate) room: Rows<B>,
}

impl<const B: usize> Scratch<B> {
    fn new(model: &Model) -> Self {
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
            planned: r(lanes),
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
    pub(crate) planned: &'a mut [Row<B>],
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
            planned: &mut self.planned,
            room: &mut self.room,
        }
    }
}

/// Whether the capacity of a site moves during a trial.
pub(crate) fn moves(site: &Site) -> bool {
    !site.events.is_empty() || site.project.is_some()
}

impl<const B: usize> State<B> {
    pub(crate) fn new(model: &Model, plan: &Plan) -> Self {
        let (n, i, e) = (model.sites.len(), model.inputs.len(), model.lanes.len());
        let zero = [0.0; B];
        let r = |len: usize| rows::<B>(len, 0.0);
        let adaptive = model.sites.iter().any(|s| s.weights != Weights::Fixed);
        let thrifty = model.markets.iter().any(|market| market.thrifty);
        let renewed = model.sites.iter().any(|s| s.ordering == Ordering::Ario);
        State {
            sites: vec![
                SiteRows {
                    capacity: zero,
                    overtime: zero,
                    need: zero,
                    possible: zero,
                    actual: zero,
                    limiting: zero
                };
                n
            ],
            inputs: vec![InputRows { stock: zero, usage: zero, transit: zero, pipeline: zero }; i],
            outputs: vec![
                OutputRows {
                    held: zero,
                    goal: zero,
                    storage: zero,
                    final_demand: zero,
                    backlog: zero
                };
                model.outputs.len()
            ],
            expected: r(n),
            limited: vec![false; n],
            reserve_transit: r(if model.reserves.is_empty() { 0 } else { i }),
            used: r(if renewed { i } else { 0 }),
            full_usage: r(if thrifty { i } else { 0 }),
            sought: r(if thrifty { i } else { 0 }),
            thrift: r(if thrifty { model.markets.len() } else { 0 }),
            flow: r(plan.flows),
            share: r(plan.tiers.len()),
            ring: r(plan.rings),
            turns: vec![0; plan.delays.len()],
            weight: r(if adaptive { e } else { 0 }),
            idle: r(model.reserves.len()),
            scratch: vec![Scratch::new(model); plan.parts.len().max(1)],
            conditions: Conditions::new(model),
            moving: Moving::new(model),
        }
    }

    /// The start of a trial: the baseline, in full swing.
    pub(crate) fn reset(&mut self, model: &Model, p: &Prepared<B>) {
        for (n, site) in self.sites.iter_mut().enumerate() {
            (site.capacity, site.overtime) = (p.capacity[n], [1.0; B]);
            (site.possible, site.actual) = (p.activity[n], p.activity[n]);
        }
        for (o, output) in self.outputs.iter_mut().enumerate() {
            (output.goal, output.storage) = (p.stock_goal[o], p.storage[o]);
            (output.held, output.backlog) = (p.stock_goal[o], [0.0; B]);
            output.final_demand = p.final_demand[o];
        }
        self.expected.copy_from_slice(&p.activity);
        self.turns.fill(0);
        self.thrift.fill([1.0; B]);
        self.weight.fill([1.0; B]);
        self.idle.fill([f64::MAX; B]);
        self.reserve_transit.fill([0.0; B]);
        for (i, input) in model.inputs.iter().enumerate() {
            let rows = &mut self.inputs[i];
            (rows.usage, rows.pipeline) = (p.usage[i], p.pipeline[i]);
            let target = p.stock_target(i);
            for k in 0..B {
                let per_step = p.usage[i][k] * p.activity[input.site][k];
                rows.stock[k] = (target[k] - 1.0) * per_step;
                for used in self.used.get_mut(i).into_iter().chain(self.sought.get_mut(i)) {
                    used[k] = per_step;
                }
                rows.transit[k] = 0.0;
            }
            for e in input.lanes.clone() {
                let lane = &p.plan.lanes[e];
                let flow = if input.weighted().contains(&e) { p.volume[e] } else { [0.0; B] };
                self.flow[e] = flow;
                self.ring[lane.rings()].fill(flow);
                for k in 0..B {
                    rows.transit[k] += f64::from(lane.delay + 1) * flow[k];
                }
            }
        }
        self.conditions.reset(&p.timetable, model.step_days);
    }

    /// All else that the next step rests on, but for the conditions it meets.
    pub(crate) fn memory(&self) -> [&Rows<B>; 9] {
        [
            &self.expected,
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
        let lane = &p.plan.lanes[e];
        let mut row = [0.0; B];
        for v in 0..B {
            let order = V::of(Width::<_, 1>(pulp::Scalar), &self.flow[lane.passing as usize], v);
            sent(v, lane, order, &self.share, &p.volume[e]).put(&mut row, v);
        }
        row
    }
}
