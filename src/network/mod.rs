//! The compiled network: indices for names, compressed rows in walking order, and the forces that act on them.
//!
//! Everything uncertain is a `Param`: a line in one draw. Quantities are per step; a year has 365
//! days. Sites come first, then reserves, which are nodes with one output and, where they are
//! refilled, one input. The lanes of an input stand together: weighted ones, then contingent ones,
//! then those from reserves.

mod compile;
mod correlated;
mod counts;
mod fingerprint;
mod firm;
mod forces;
mod index;
mod indexed;
mod link;
mod money;
mod order;
mod param;

pub(crate) use correlated::{Correlated, Member};
pub use counts::NetworkCounts;
pub use fingerprint::{Fingerprint, NoFingerprint};
pub(crate) use firm::{Firm, OwnStock};
pub(crate) use forces::{
    Contract, Control, Course, Event, Exposure, Fading, InStates, Leg, Licence, Licences, Moment, Opening,
    Origin, Passage, Project, Regime, Serial, State, States, Task, When,
};
pub(crate) use index::*;
pub(crate) use indexed::{IndexVec, Items, Span};
pub use link::LinkId;
pub(crate) use money::{Cost, CostOn, Market, Payment, Quote, Sale, Trade};
pub(crate) use order::components;
pub(crate) use param::{Draw, Param, lead_steps};

use crate::scenario::{Date, Inputs, Ordering, Overtime, Rationing, Stage, Weights};
use serde::Serialize;
use std::sync::OnceLock;

/// Days in a year.
pub(crate) const DAYS_PER_YEAR: f64 = 365.0;

/// A compiled scenario, to be run by an [`Ensemble`](crate::Ensemble).
#[derive(Debug, Clone, Serialize)]
pub struct Network {
    // Names and titles move no result: they are left out of the fingerprint, for which the network is written.
    #[serde(skip)]
    pub(crate) name: String,
    #[serde(skip)]
    pub(crate) title: String,
    /// Currency of all money.
    pub(crate) currency: String,
    /// The files that the scenario was read from.
    #[serde(skip)]
    pub(crate) read_from: Inputs,
    pub(crate) start: Date,
    pub(crate) step_days: f64,
    pub(crate) steps: usize,
    pub(crate) discount_rate: Param,
    pub(crate) stopped_below: f64,
    pub(crate) experience_days: Param,
    #[serde(skip)]
    pub(crate) headline: PartyIx,
    pub(crate) draws: IndexVec<DrawIx, Draw>,
    /// Those that hang together.
    pub(crate) correlated: Vec<Correlated>,
    pub(crate) parties: IndexVec<PartyIx, Party>,
    pub(crate) commodities: IndexVec<CommodityIx, String>,
    /// By commodity: whether it is a material of the chain, made by no sector.
    pub(crate) material: IndexVec<CommodityIx, bool>,
    pub(crate) sites: IndexVec<SiteIx, Site>,
    /// The sites that are not reserves; the reserves follow.
    pub(crate) active: Span<SiteIx>,
    pub(crate) inputs: IndexVec<InputIx, Input>,
    pub(crate) outputs: IndexVec<OutputIx, Output>,
    pub(crate) lanes: IndexVec<LaneIx, Lane>,
    /// Shares, volumes and limits of lanes, where they are more than a number.
    pub(crate) lane_params: IndexVec<LaneParamIx, Param>,
    /// Lanes by output, in the order they are served.
    pub(crate) served: IndexVec<ServedIx, LaneIx>,
    pub(crate) controls: IndexVec<ControlIx, Control>,
    /// Passages of lanes; the first is that of lanes that nothing ever bars.
    pub(crate) passages: IndexVec<PassageIx, Passage>,
    pub(crate) regimes: IndexVec<RegimeIx, Regime>,
    /// The forces that others wait for, each after the one it waits for itself.
    pub(crate) onsets: IndexVec<OnsetIx, Moment>,
    /// Countries by which goods go round controls.
    pub(crate) third_countries: IndexVec<ThirdIx, String>,
    pub(crate) events: IndexVec<EventIx, Event>,
    /// What events and projects decide on; the first is that of amounts that none moves.
    pub(crate) exposures: IndexVec<ExposureIx, Exposure>,
    pub(crate) projects: IndexVec<ProjectIx, Project>,
    /// The parts of rebuildings, by output.
    pub(crate) tasks: IndexVec<TaskIx, Task>,
    /// The same by rebuilding.
    pub(crate) rebuildings: IndexVec<RebuildingIx, Vec<TaskIx>>,
    pub(crate) reserves: IndexVec<ReserveIx, Reserve>,
    pub(crate) quotes: IndexVec<QuoteIx, Quote>,
    pub(crate) markets: IndexVec<MarketIx, Market>,
    pub(crate) trades: IndexVec<TradeIx, Trade>,
    pub(crate) costs: Vec<Cost>,
    pub(crate) payments: Vec<Payment>,
    /// Baseline activity of the sites of input-output tables \[units a step\], and where they stand.
    pub(crate) tabled: Vec<f64>,
    pub(crate) tabled_sites: Span<SiteIx>,
    #[serde(skip)]
    pub(crate) fingerprint: OnceLock<Fingerprint>,
}

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
    pub(crate) party: PartyIx,
    pub(crate) inputs: Span<InputIx>,
    pub(crate) outputs: Span<OutputIx>,
    /// How many groups of inputs there are, and how many kinds in all groups.
    pub(crate) groups: usize,
    pub(crate) kinds: usize,
    /// Firms that have inputs of their own; 1 where none has.
    pub(crate) firms: u32,
    /// Whether its limiting input is followed.
    pub(crate) followed: bool,
    /// Capacity [units of activity a step]; `None`: baseline times `1 + spare`.
    pub(crate) capacity: Option<Param>,
    pub(crate) spare: Param,
    pub(crate) overtime_max: Param,
    pub(crate) overtime_days: Param,
    pub(crate) value_added: Param,
    /// Persons at baseline.
    pub(crate) employment: Param,
    /// `o`, of the kinds of inputs of a group; 0 where no group has two.
    pub(crate) overlap: Param,
    pub(crate) smoothing_days: Param,
    pub(crate) rationing: Rationing,
    pub(crate) overtime: Overtime,
    pub(crate) ordering: Ordering,
    pub(crate) weights: Weights,
    pub(crate) aware: bool,
    /// Of its capacity.
    pub(crate) exposure: ExposureIx,
    pub(crate) project: Option<ProjectIx>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Input {
    pub(crate) site: SiteIx,
    pub(crate) commodity: CommodityIx,
    pub(crate) group: GroupIx,
    pub(crate) kind: KindIx,
    pub(crate) usage: Param,
    pub(crate) cover_days: Param,
    pub(crate) restoration_days: Param,
    /// Of an input that differs between firms.
    pub(crate) own: Option<OwnStock>,
    /// `ψ` of the threshold throttle; `None`: hard.
    pub(crate) threshold: Option<Param>,
    pub(crate) criticality: Param,
    pub(crate) lanes: Span<LaneIx>,
    /// Where the contingent lanes begin.
    pub(crate) contingent: LaneIx,
    /// Where the lanes from reserves begin.
    pub(crate) reserve: LaneIx,
    /// Of its use.
    pub(crate) exposure: ExposureIx,
}

impl Input {
    /// Lanes with baseline trade.
    pub(crate) fn weighted(&self) -> Span<LaneIx> {
        Span::new(self.lanes.start, self.contingent)
    }

    pub(crate) fn contingent(&self) -> Span<LaneIx> {
        Span::new(self.contingent, self.reserve)
    }
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Output {
    pub(crate) site: SiteIx,
    pub(crate) commodity: CommodityIx,
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
    /// Of its final demand.
    pub(crate) exposure: ExposureIx,
    /// Its parts of rebuildings.
    pub(crate) tasks: Span<TaskIx>,
}

impl Output {
    /// Its lanes, as a range of [`Network::served`].
    pub(crate) fn served(&self) -> Span<ServedIx> {
        Span::joined(&self.tiers, |tier| tier.served)
    }
}

/// A priority class: some lanes, final demand, or both.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Tier {
    pub(crate) served: Span<ServedIx>,
    pub(crate) final_demand: bool,
}

/// How the baseline flow of a lane is set.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) enum Flow {
    /// A known share of the rest after agreed volumes.
    FixedShare(f64),
    /// A drawn share of it.
    DrawnShare(LaneParamIx),
    /// An equal part of the rest after other shares.
    Rest,
    /// An agreed volume [units a step].
    Volume(LaneParamIx),
    /// None: a nominal volume [units a step].
    Contingent(LaneParamIx),
    /// None: a lane from a reserve.
    Reserve,
    /// None: a lane to a reserve, as wide as its refill rate.
    Refill,
    /// None: a way round beside another lane, with a share of its volume.
    Beside { lane: LaneIx, share: LaneParamIx },
}

impl Flow {
    /// Whether the lane carries baseline trade.
    pub(crate) fn is_weighted(self) -> bool {
        !matches!(self, Flow::Contingent(_) | Flow::Reserve | Flow::Refill | Flow::Beside { .. })
    }
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Lane {
    pub(crate) input: InputIx,
    pub(crate) output: OutputIx,
    pub(crate) flow: Flow,
    /// Lead time `L` [steps], at least 1; the longest where it is drawn.
    pub(crate) lead: usize,
    /// Lead time \[days\], where it is drawn.
    pub(crate) lead_days: Option<LaneParamIx>,
    /// Surge limit `m`; `None`: unlimited.
    pub(crate) surge: Option<LaneParamIx>,
    /// Its passage.
    pub(crate) passage: PassageIx,
    /// Third country it goes by.
    pub(crate) via: Option<ThirdIx>,
    /// Its number among the lanes whose orders are thinned at the supplier, as the buyer does not know the controls.
    pub(crate) thinned: Option<ThinnedIx>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Reserve {
    pub(crate) site: SiteIx,
    pub(crate) amount_days: Param,
    pub(crate) trigger_days: Param,
    pub(crate) release_rate: Param,
    pub(crate) refill_rate: Param,
    pub(crate) refill_after_days: Param,
    /// Its input, where somebody refills it.
    pub(crate) refill: Option<InputIx>,
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
    pub(crate) fn lane_param(&self, number: LaneParamIx) -> Param {
        self.lane_params[number]
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

    /// Gross domestic product of a party in a trial with the given draws [money a year].
    pub(crate) fn gdp(&self, party: PartyIx, draws: &[f64]) -> f64 {
        self.parties.get(party).map_or(f64::NAN, |p| self.value(p.gdp, draws))
    }

    pub(crate) fn value(&self, param: Param, draws: &[f64]) -> f64 {
        match param.draw {
            None => param.plus,
            Some(d) => param.plus + param.times * draws.get(d.at()).copied().unwrap_or(f64::NAN),
        }
    }

    /// The passage that the buyer of a lane knows of: all of it where the buyer is aware of controls, else whether the lane is open at all.
    pub(crate) fn known(&self, lane: &Lane) -> PassageIx {
        let passage = &self.passages[lane.passage];
        match (self.sites[self.inputs[lane.input].site].aware, &passage.open) {
            (true, _) => lane.passage,
            (false, Some(_)) => passage.opening.unwrap_or(lane.passage),
            (false, None) => PassageIx::OPEN,
        }
    }

    /// Sites of stage `sector`, which are reported one by one.
    pub(crate) fn sectors(&self) -> impl Iterator<Item = SiteIx> + '_ {
        self.active.into_iter().filter(|&n| self.sites[n].stage.is_sector())
    }

    /// Sites that add value.
    pub(crate) fn valued(&self) -> impl Iterator<Item = SiteIx> + '_ {
        self.active.into_iter().filter(|&n| !self.sites[n].value_added.is_zero())
    }

    /// Inputs of followed sites.
    pub(crate) fn followed(&self) -> impl Iterator<Item = InputIx> + '_ {
        self.sites.iter().filter(|site| site.followed).flat_map(|site| site.inputs)
    }

    /// Lanes of these.
    pub(crate) fn watched(&self) -> impl Iterator<Item = LaneIx> + '_ {
        self.followed().flat_map(|i| self.inputs[i].lanes)
    }
}
