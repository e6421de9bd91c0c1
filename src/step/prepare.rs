//! The preparation of a block of trials before its loop: draws, baseline, and the constants of every phase.
//! Everything that can fail fails here, with the trial.

mod lanes;
mod reserves;
mod sites;
mod solve;

use super::baseline::Baseline;
use super::index::ConstantIx;
use super::known::{Known, KnownView};
use super::layout::read;
use super::model::Model;
use super::plan::{Ends, Kind, Plan, PlanView, Sizes};
use crate::network::{DAYS_PER_YEAR, DrawIx, IndexVec, InputIx, Items, LaneIx, OutputIx, ReserveIx, SiteIx};
use crate::schedule::fault::{Fault, Faulty};
use crate::schedule::rows::{Draws, Row, Rows, each, fill, gain, rows, value};
use crate::schedule::timetable::{Lots, Timetable};
use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;

/// Relative tolerance of the checks on drawn facts.
const TOLERANCE: f64 = 1e-9;

read! {
    /// The constants of a block of trials. Names follow the equations.
    Facts, FactsView {
        /// Constants that follow from parameters alone, in rows that many share.
        constants: ConstantIx [constants];
        /// `x̄`.
        activity: SiteIx [sites];
        /// `K`: of a project its design.
        capacity: SiteIx [sites];
        /// Value added [money per unit of activity].
        value_added: SiteIx [sites];
        /// `a`.
        usage: InputIx [inputs];
        /// `Λ` at the baseline.
        pipeline: InputIx [inputs];
        /// `J̄`, of a reserve its amount.
        stock_goal: OutputIx [outputs];
        /// Storage limit.
        storage: OutputIx [outputs];
        /// `F` before events.
        final_demand: OutputIx [outputs];
        /// Most that a reserve releases in a step.
        release: OutputIx [outputs];
        /// `f̂`: baseline flow, nominal volume, or a reserve's rate.
        volume: LaneIx [lanes];
        /// Planned shares while nothing bars any lane of the input and no weight moves; no rows where the baseline is known,
        /// and with it one number for all trials.
        planned: LaneIx [planned];
        /// `m f̂`; infinite where the lane has no limit.
        surge: LaneIx [limits];
        /// Trigger of a lane from a reserve [steps of use]; no rows without reserves.
        trigger: LaneIx [triggers];
        /// Refill rate [units a step].
        refill_rate: ReserveIx [reserves];
        /// Time without release before refill [steps].
        refill_after: ReserveIx [reserves];
    }
}

/// A block of trials that is prepared.
#[derive(Debug, Clone)]
pub(crate) struct Prepared<const B: usize> {
    pub(crate) plan: Arc<Plan>,
    /// The baseline where it is the same in every trial, else nothing.
    known: Arc<Known>,
    facts: Facts<B>,
    /// How many facts of each kind there are.
    sizes: Sizes,
    draws: Rows<DrawIx, B>,
    /// Scratch, as long as the largest group of correlated draws.
    normals: Vec<Row<B>>,
    /// How each input orders in this block: of the simpler kinds only if its baseline flow is over 0.
    kinds: IndexVec<InputIx, Kind>,
    /// How many plain inputs of a site follow on each other from each on.
    runs: IndexVec<InputIx, u32>,
    /// `min(1, Δ/τ_w)`.
    experience: Row<B>,
    /// Discount factor at the middle of the first step, and from step to step.
    discount: [Row<B>; 2],
    timetable: Timetable<B>,
    /// The solver of the baseline, where this is not known already.
    baseline: Option<Baseline<B>>,
    /// Share or agreed volume of each lane, of which the baseline is found.
    weight: Rows<LaneIx, B>,
    /// Whether all is the same in every trial and has been prepared.
    settled: bool,
}

/// A prepared block as phases and accounts see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PreparedView<'a, const B: usize> {
    pub(crate) plan: PlanView<'a>,
    pub(crate) known: KnownView<'a>,
    pub(crate) facts: FactsView<'a, B>,
    pub(crate) draws: Draws<'a, B>,
    pub(crate) kinds: Items<'a, InputIx, Kind>,
    pub(crate) runs: Items<'a, InputIx, u32>,
    pub(crate) experience: &'a Row<B>,
    pub(crate) discount: &'a [Row<B>; 2],
    pub(crate) timetable: &'a Timetable<B>,
    pub(crate) parts: &'a [Range<Ends>],
}

impl<const B: usize> PreparedView<'_, B> {
    /// `s` of an input.
    #[inline(always)]
    pub(crate) fn stock_target(&self, i: InputIx) -> &Row<B> {
        &self.facts.constants[self.plan.inputs[i].stock_target]
    }

    /// `L − 1` of a lane.
    pub(crate) fn delay(&self, e: LaneIx) -> Row<B> {
        self.plan.lanes[e].delay().row(&self.facts.constants)
    }

    /// `b` of an output.
    #[inline(always)]
    pub(crate) fn yields(&self, o: OutputIx) -> &Row<B> {
        &self.facts.constants[self.plan.outputs[o].yields.row()]
    }
}

impl<const B: usize> Prepared<B> {
    /// Allocates the rows and fills in all that is the same in every trial.
    pub(crate) fn new(model: &Model) -> Self {
        let plan = Arc::clone(&model.plan);
        let unless = |known: bool, count: usize| if known { 0 } else { count };
        let limits_known = model.known.as_ref().is_some_and(|known| !known.rows.surge.is_empty());
        let sizes = Sizes {
            planned: unless(model.known.is_some(), plan.sizes.planned),
            limits: unless(limits_known, plan.sizes.limits),
            ..plan.sizes
        };
        let mut facts = Facts::new(&sizes);
        facts.surge.fill([f64::INFINITY; B]);
        Prepared {
            known: model.known.clone().unwrap_or_default(),
            facts,
            draws: rows(model.draws.len(), 0.0),
            normals: vec![[0.0; B]; model.correlated.iter().map(|c| c.members.len()).max().unwrap_or(0)],
            kinds: IndexVec::new(),
            runs: IndexVec::new(),
            experience: [0.0; B],
            discount: [[1.0; B]; 2],
            timetable: Timetable::new(model),
            baseline: model.known.is_none().then(|| Baseline::new(model)),
            weight: rows(if model.known.is_none() { sizes.lanes } else { 0 }, 0.0),
            settled: false,
            sizes,
            plan,
        }
    }

    /// The quantities that are drawn once a trial.
    pub(crate) fn draws(&self) -> Draws<'_, B> {
        self.draws.view()
    }

    /// Rows that there are, in a network of these sizes.
    pub(crate) fn count(sizes: &Sizes) -> usize {
        Facts::<B>::count(sizes)
    }

    pub(crate) fn view(&self) -> PreparedView<'_, B> {
        PreparedView {
            plan: self.plan.view(),
            known: self.known.rows.view(&self.plan.sizes),
            facts: self.facts.view(&self.sizes),
            draws: self.draws.view(),
            kinds: self.kinds.view(),
            runs: self.runs.view(),
            experience: &self.experience,
            discount: &self.discount,
            timetable: &self.timetable,
            parts: &self.plan.parts,
        }
    }

    /// Prepares the trials `first .. first + B`. Those that are not among `members`, counted from the first, are not wanted:
    /// they get the draws of the first member, so that nothing can go wrong in them alone.
    pub(crate) fn prepare(
        &mut self,
        model: &Model,
        seed: u64,
        first: u64,
        members: Range<usize>,
    ) -> Result<(), Faulty> {
        if self.settled {
            return Ok(());
        }
        self.draw(model, seed, first, members.clone())?;
        let mut balanced = self.given(model).solve()?;
        balanced.capacities()?;
        balanced.stocks();
        balanced.lead_times();
        balanced.groups()?;
        balanced.volumes().reserves()?.orders();
        let wanted = |k: usize| if members.contains(&k) { k } else { members.start };
        let trials = std::array::from_fn(|k| first + wanted(k) as u64);
        self.timetable.prepare(model, Lots { draws: self.draws.view(), seed, trials })?;
        self.settled = model.draws.is_empty() && model.known.is_some() && !model.redrawn();
        Ok(())
    }

    /// Draws the uncertain quantities.
    fn draw(&mut self, model: &Model, seed: u64, first: u64, members: Range<usize>) -> Result<(), Faulty> {
        each(&mut self.draws, |d, row| model.draws[d].stream(seed).fill_uniform(first, 0, row));
        for group in &model.correlated {
            group.fill(seed, first, &mut self.normals, &mut self.draws);
        }
        for (draw, row) in model.draws.iter().zip(&mut self.draws) {
            let (stream, wanted) = (draw.stream(seed), &mut row[members.clone()]);
            draw.law.fill(wanted, &stream, first + members.start as u64).map_err(|(place, reason)| {
                Fault::Draw { leaf: draw.name.clone(), reason: Box::new(reason) }.of(members.start + place)
            })?;
            let stand_in = row[members.start];
            row[..members.start].fill(stand_in);
            row[members.end..].fill(stand_in);
        }
        Ok(())
    }

    /// Works out all that a parameter alone decides.
    fn given<'a>(&'a mut self, model: &'a Model) -> Filling<'a, Given, B> {
        let (step, draws, facts) = (model.step_days, self.draws.view(), &mut self.facts);
        self.plan.constants.fill(step, draws, &mut facts.constants);
        each(&mut facts.value_added, |n, row| fill(row, model.sites[n].value_added, draws));
        each(&mut facts.usage, |i, row| fill(row, model.inputs[i].usage, draws));
        each(&mut facts.final_demand, |o, row| fill(row, model.outputs[o].final_demand, draws));
        self.experience = value(model.experience_days, draws).map(|days| gain(step, days));
        let rate = value(model.discount_rate, draws);
        for k in 0..B {
            self.discount[0][k] = libm::pow(1.0 + rate[k], -0.5 * step / DAYS_PER_YEAR);
            self.discount[1][k] = libm::pow(1.0 + rate[k], -step / DAYS_PER_YEAR);
        }
        Filling { p: self, m: model, stage: PhantomData }
    }
}

/// A block that is being prepared, as far as the stage `S`: the results of a stage rest on those before it.
struct Filling<'a, S, const B: usize> {
    p: &'a mut Prepared<B>,
    m: &'a Model,
    stage: PhantomData<S>,
}

/// Parameters have their values.
struct Given;
/// The baseline is found: activities, and flows of lanes with baseline trade.
struct Balanced;
/// Usual volumes are known of all lanes but those of reserves, and limits as multiples of them.
struct Volumes;
/// Usual volumes and limits are known of all lanes.
struct Limits;

impl<'a, S, const B: usize> Filling<'a, S, B> {
    /// Goes on with the next stage.
    fn then<T>(self) -> Filling<'a, T, B> {
        Filling { p: self.p, m: self.m, stage: PhantomData }
    }
}
