//! The compiled network: indices for names, compressed rows in walking order, and what acts on what.
//!
//! Everything uncertain is a `Param`: a line in one draw. Quantities are per step; a year has 365
//! days. Sites come first, then reserves, which are nodes with one output and, where they are
//! refilled, one input. The lanes of an input stand together: weighted ones, then contingent ones,
//! then those from reserves.

mod compile;
mod correlated;
mod counts;
mod fingerprint;
mod forces;
mod link;
mod money;
mod order;

pub(crate) use correlated::{Correlated, Member};
pub use counts::NetworkCounts;
pub use fingerprint::{Fingerprint, NoFingerprint};
pub(crate) use forces::{
    Contract, Control, Course, Event, Fading, Leg, Licence, Licences, Moment, Opening, Origin, Passage,
    Project, Regime, Serial, State, When,
};
pub use link::LinkId;
pub(crate) use money::{Cost, CostOn, Market, Payment, Quote, Sale, Trade};
pub(crate) use order::components;

use crate::draw::{Law, Stream};
use crate::scenario::{Date, Ordering, Overtime, Rationing, Stage, Weights};
use serde::Serialize;
use std::ops::Range;
use std::sync::OnceLock;

/// Days in a year.
pub(crate) const DAYS_PER_YEAR: f64 = 365.0;

/// A value that is known, or a line in a draw: `plus + times · draw`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Param {
    pub(crate) draw: Option<u32>,
    pub(crate) times: f64,
    pub(crate) plus: f64,
}

impl Param {
    pub(crate) const fn known(x: f64) -> Self {
        Param { draw: None, times: 0.0, plus: x }
    }

    /// The same in another unit.
    pub(crate) fn scaled(self, factor: f64) -> Self {
        Param { draw: self.draw, times: self.times * factor, plus: self.plus * factor }
    }

    /// The value, where it is the same in every trial.
    pub(crate) fn as_known(self) -> Option<f64> {
        self.draw.is_none().then_some(self.plus)
    }

    pub(crate) fn is_zero(self) -> bool {
        self.as_known() == Some(0.0)
    }
}

/// A quantity that is drawn once a trial.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Draw {
    /// Path of the leaf.
    pub(crate) name: String,
    /// Name of its random stream, where that is not the path.
    pub(crate) stream: Option<String>,
    pub(crate) law: Law,
}

impl Draw {
    pub(crate) fn stream(&self, seed: u64) -> Stream {
        Stream::new(seed, self.stream.as_deref().unwrap_or(&self.name))
    }
}

/// A compiled scenario: what an [`Ensemble`](crate::Ensemble) runs.
#[derive(Debug, Clone, Serialize)]
pub struct Network {
    // What is told and moves no result is left out where the network is written, which is done for its fingerprint.
    #[serde(skip)]
    pub(crate) name: String,
    #[serde(skip)]
    pub(crate) title: String,
    /// Currency of all money.
    pub(crate) currency: String,
    /// What was laid over the file: `PATH=VALUE`.
    #[serde(skip)]
    pub(crate) assignments: Vec<String>,
    pub(crate) start: Date,
    pub(crate) step_days: f64,
    pub(crate) steps: usize,
    pub(crate) discount_rate: Param,
    pub(crate) stopped_below: f64,
    pub(crate) experience_days: Param,
    #[serde(skip)]
    pub(crate) headline: usize,
    pub(crate) draws: Vec<Draw>,
    /// Those that hang together.
    pub(crate) correlated: Vec<Correlated>,
    pub(crate) parties: Vec<Party>,
    pub(crate) commodities: Vec<String>,
    /// By commodity: whether it is a material of the chain, made by no sector.
    pub(crate) material: Vec<bool>,
    pub(crate) sites: Vec<Site>,
    /// How many of `sites` are not reserves; the reserves follow.
    pub(crate) active: usize,
    pub(crate) inputs: Vec<Input>,
    pub(crate) outputs: Vec<Output>,
    pub(crate) lanes: Vec<Lane>,
    /// What shares, volumes and limits of lanes refer to, where they are more than a number.
    pub(crate) lane_params: Vec<Param>,
    /// Lanes by output, in the order they are served.
    pub(crate) served: Vec<u32>,
    pub(crate) controls: Vec<Control>,
    /// What decides on the passage of lanes; the first is nothing.
    pub(crate) passages: Vec<Passage>,
    pub(crate) regimes: Vec<Regime>,
    /// Countries by which goods go round controls.
    pub(crate) third_countries: Vec<String>,
    pub(crate) events: Vec<Event>,
    pub(crate) projects: Vec<Project>,
    pub(crate) reserves: Vec<Reserve>,
    pub(crate) quotes: Vec<Quote>,
    pub(crate) markets: Vec<Market>,
    pub(crate) trades: Vec<Trade>,
    pub(crate) costs: Vec<Cost>,
    pub(crate) payments: Vec<Payment>,
    /// Baseline activity of the sites of input-output tables \[units a step\], and where they stand.
    pub(crate) tabled: Vec<f64>,
    pub(crate) tabled_sites: Range<usize>,
    #[serde(skip)]
    pub(crate) fingerprint: OnceLock<Fingerprint>,
}

/// Number of a parameter in [`Network::lane_params`]: few lanes need one, and there can be millions of lanes.
pub(crate) type LaneParam = u32;

/// A party, with the countries it answers for.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Party {
    pub(crate) id: String,
    #[serde(skip)]
    pub(crate) name: String,
    pub(crate) gdp: Param,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Site {
    pub(crate) id: String,
    #[serde(skip)]
    pub(crate) name: String,
    pub(crate) country: String,
    pub(crate) stage: Stage,
    pub(crate) party: usize,
    pub(crate) inputs: Range<usize>,
    pub(crate) outputs: Range<usize>,
    /// Groups of inputs whose cuts add.
    pub(crate) groups: usize,
    /// Whether its limiting input is followed.
    pub(crate) followed: bool,
    /// Capacity [units of activity a step]; `None`: baseline times `1 + spare`.
    pub(crate) capacity: Option<Param>,
    pub(crate) spare: Param,
    pub(crate) overtime_max: Param,
    pub(crate) overtime_days: Param,
    pub(crate) value_added: Param,
    pub(crate) smoothing_days: Param,
    pub(crate) rationing: Rationing,
    pub(crate) overtime: Overtime,
    pub(crate) ordering: Ordering,
    pub(crate) weights: Weights,
    pub(crate) aware: bool,
    /// Events on its capacity.
    pub(crate) events: Vec<u32>,
    pub(crate) project: Option<u32>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Input {
    pub(crate) site: usize,
    pub(crate) commodity: usize,
    /// Number of the group within the site.
    pub(crate) group: usize,
    pub(crate) usage: Param,
    pub(crate) cover_days: Param,
    pub(crate) restoration_days: Param,
    /// `ψ` of the threshold throttle; `None`: hard.
    pub(crate) threshold: Option<Param>,
    pub(crate) criticality: Param,
    pub(crate) lanes: Range<usize>,
    /// Where the contingent lanes begin.
    pub(crate) contingent: usize,
    /// Where the lanes from reserves begin.
    pub(crate) reserve: usize,
    /// Events on its use.
    pub(crate) events: Vec<u32>,
}

impl Input {
    pub(crate) fn weighted(&self) -> Range<usize> {
        self.lanes.start..self.contingent
    }
    pub(crate) fn contingent(&self) -> Range<usize> {
        self.contingent..self.reserve
    }
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Output {
    pub(crate) site: usize,
    pub(crate) commodity: usize,
    pub(crate) driving: bool,
    pub(crate) yields: Param,
    pub(crate) target_days: Param,
    pub(crate) adjustment_days: Param,
    /// Storage limit in days of sales; `None`: the target.
    pub(crate) limit_days: Option<Param>,
    pub(crate) final_demand: Param,
    pub(crate) waiting: Param,
    pub(crate) cancellation: Param,
    /// Priority classes in the order they are served.
    pub(crate) tiers: Vec<Tier>,
    /// Events on its final demand.
    pub(crate) events: Vec<u32>,
}

impl Output {
    /// Its lanes, as a range of [`Network::served`].
    pub(crate) fn served(&self) -> Range<usize> {
        match (self.tiers.first(), self.tiers.last()) {
            (Some(first), Some(last)) => first.served.start..last.served.end,
            _ => 0..0,
        }
    }
}

/// A priority class: some lanes, final demand, or both.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Tier {
    pub(crate) served: Range<usize>,
    pub(crate) final_demand: bool,
}

/// How the baseline flow of a lane is set.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) enum Flow {
    /// A known share of what agreed volumes leave.
    FixedShare(f64),
    /// A drawn share of it.
    DrawnShare(LaneParam),
    /// An equal part of what the other shares leave.
    Rest,
    /// An agreed volume [units a step].
    Volume(LaneParam),
    /// None: a nominal volume [units a step].
    Contingent(LaneParam),
    /// None: a lane from a reserve.
    Reserve,
    /// None: a lane to a reserve, as wide as its refill rate.
    Refill,
    /// None: a way round beside another lane, with a share of its volume.
    Beside { lane: u32, share: LaneParam },
}

impl Flow {
    /// Whether the lane carries baseline trade.
    pub(crate) fn is_weighted(self) -> bool {
        !matches!(self, Flow::Contingent(_) | Flow::Reserve | Flow::Refill | Flow::Beside { .. })
    }
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Lane {
    pub(crate) input: usize,
    pub(crate) output: usize,
    pub(crate) flow: Flow,
    /// Lead time `L` [steps], at least 1.
    pub(crate) lead: usize,
    /// Surge limit `m`; `None`: unlimited.
    pub(crate) surge: Option<LaneParam>,
    /// What decides on its passage, among [`Network::passages`]; 0 is nothing.
    pub(crate) passage: usize,
    /// Third country it goes by, among [`Network::third_countries`].
    pub(crate) via: Option<u32>,
    /// Whether it must be thinned at the supplier, as the buyer does not know the controls.
    pub(crate) quota: Option<u32>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Reserve {
    pub(crate) site: usize,
    pub(crate) amount_days: Param,
    pub(crate) trigger_days: Param,
    pub(crate) release_rate: Param,
    pub(crate) refill_rate: Param,
    pub(crate) refill_after_days: Param,
    /// Its input, where somebody refills it.
    pub(crate) refill: Option<usize>,
}

impl Network {
    /// Name of the scenario.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Title of the scenario.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Currency of all money, such as `JPY`.
    #[must_use]
    pub fn currency(&self) -> &str {
        &self.currency
    }

    /// Calendar date of day 0.
    #[must_use]
    pub fn start(&self) -> Date {
        self.start
    }

    /// Number of steps in a trial.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Length of a step \[days\].
    #[must_use]
    pub fn step_days(&self) -> f64 {
        self.step_days
    }

    /// Ids of the parties, in the order of the file.
    pub fn parties(&self) -> impl Iterator<Item = &str> {
        self.parties.iter().map(|p| p.id.as_str())
    }

    /// Id of the party whose loss the report leads with.
    #[must_use]
    pub fn headline(&self) -> &str {
        self.parties.get(self.headline).map_or("", |p| &p.id)
    }

    /// Ids of the sites and, after them, the reserves.
    pub fn sites(&self) -> impl Iterator<Item = &str> {
        self.sites.iter().map(|s| s.id.as_str())
    }

    /// A parameter of a lane.
    pub(crate) fn lane_param(&self, number: LaneParam) -> Param {
        self.lane_params[number as usize]
    }

    /// Names of the quantities that are drawn, in the order of [`Network::draw`].
    pub fn drawn(&self) -> impl Iterator<Item = &str> {
        self.draws.iter().map(|d| d.name.as_str())
    }

    /// The drawn facts of one trial, in the order of [`Network::drawn`].
    #[must_use]
    pub fn draw(&self, seed: u64, trial: u64) -> Vec<f64> {
        let mut uniforms: Vec<[f64; 1]> =
            self.draws.iter().map(|d| [d.stream(seed).uniform(trial, 0)]).collect();
        for group in &self.correlated {
            group.fill(seed, trial, &mut vec![[0.0]; group.members.len()], &mut uniforms);
        }
        self.draws
            .iter()
            .zip(uniforms)
            .map(|(draw, [u])| draw.law.value(u, &draw.stream(seed), trial))
            .collect()
    }

    /// Gross domestic product of a party in a trial with the given draws [JPY a year].
    pub(crate) fn gdp(&self, party: usize, draws: &[f64]) -> f64 {
        self.parties.get(party).map_or(f64::NAN, |p| self.value(p.gdp, draws))
    }

    pub(crate) fn value(&self, param: Param, draws: &[f64]) -> f64 {
        match param.draw {
            None => param.plus,
            Some(d) => param.plus + param.times * draws.get(d as usize).copied().unwrap_or(f64::NAN),
        }
    }

    /// Whether the buyer of a lane knows what will pass it: where it is aware of controls, and of when the lane opens at all.
    pub(crate) fn knows(&self, lane: &Lane) -> bool {
        self.sites[self.inputs[lane.input].site].aware || self.passages[lane.passage].open.is_some()
    }

    /// Sites of stage `sector`, which are reported one by one.
    pub(crate) fn sectors(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.active).filter(|&n| self.sites[n].stage.is_sector())
    }

    /// Sites that add value.
    pub(crate) fn valued(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.active).filter(|&n| !self.sites[n].value_added.is_zero())
    }

    /// Inputs of followed sites.
    pub(crate) fn followed(&self) -> impl Iterator<Item = usize> + '_ {
        self.sites.iter().filter(|site| site.followed).flat_map(|site| site.inputs.clone())
    }

    /// Lanes of these.
    pub(crate) fn watched(&self) -> impl Iterator<Item = usize> + '_ {
        self.followed().flat_map(|i| self.inputs[i].lanes.clone())
    }
}
