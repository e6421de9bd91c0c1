//! What the loop needs to know of the network, in as few bytes as it takes, in the order it is walked.
//!
//! What a site, an input or a lane does not use is left out here, once, and not asked for in every step.

mod build;

use super::constants::Constants;
use crate::network::{Input, Network};
use crate::scenario::{Ordering, Overtime, Rationing, Weights};
pub(crate) use crate::schedule::rows::{Slot, Slots, numbers, slot};
use std::ops::Range;

#[derive(Debug, Clone)]
pub(crate) struct SitePlan {
    pub(crate) inputs: Slots,
    pub(crate) outputs: Slots,
    /// Lanes of its inputs.
    pub(crate) lanes: Slots,
    /// Rows of constants.
    pub(crate) overtime_max: Slot,
    pub(crate) overtime_gain: Slot,
    pub(crate) smoothing: Slot,
    pub(crate) groups: u32,
    /// Whether criticalities of a group can sum to over 1.
    pub(crate) grouped: bool,
    pub(crate) followed: bool,
    /// Only where overtime can be worked at all.
    pub(crate) overtime: Option<Overtime>,
    pub(crate) ordering: Ordering,
    pub(crate) weights: Weights,
    pub(crate) rationing: Rationing,
    pub(crate) is_reserve: bool,
    /// Whether any stock must last for more than the step at hand.
    pub(crate) threshold: bool,
    /// Whether [`Plan::usage`] tells what all its inputs are used at.
    pub(crate) fixed: bool,
    /// How it serves its output, if it has only one and that in a simple way.
    pub(crate) serves: Option<Serves>,
    /// Whether its capacity can move.
    pub(crate) moves: bool,
}

/// How a site serves its only output, which it does not store, in proportion to what is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Serves {
    /// All orders alike.
    Orders,
    /// All orders alike, and then final demand.
    OrdersFirst,
    /// All orders and final demand alike.
    Alike,
    /// Final demand alone.
    Final,
}

/// How an input orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Its use is known and it takes all it wants over a single open lane from one step to the next.
    Plain,
    /// Its use is known and it has a single lane, which may have a limit, but no control ever bars it.
    Single,
    /// Its use is known, and no control or weight ever concerns its lanes.
    Open,
    /// Its use is known, and nothing ever concerns its lanes but weights by what suppliers can make.
    ByCapacity,
    /// Everything else.
    Any,
}

/// An input as its orders are placed.
#[derive(Debug, Clone)]
pub(crate) struct InputPlan {
    pub(crate) lanes: Slots,
    /// Row of the share that its first lane gets.
    pub(crate) share: Slot,
    /// Rows of constants.
    pub(crate) stock_target: Slot,
    pub(crate) restoration: Slot,
    /// Lead time less one of all lanes; [`MIXED`] if it is not the same.
    pub(crate) delay: u32,
    pub(crate) kind: Kind,
    /// Whether any lane has a limit.
    pub(crate) limited: bool,
    /// Whether [`Plan::usage`] tells its use.
    pub(crate) fixed: bool,
    /// Whether its use is known, and all its lanes are weighted and sent to in proportion to what they ask for.
    pub(crate) by_share: bool,
    /// Whether the mean lead time of its orders can change: lead times differ, and what it orders can go by other shares than
    /// those of the baseline.
    pub(crate) follows: bool,
    /// Whether its lanes are counted one by one.
    pub(crate) is_counted: bool,
}

impl InputPlan {
    /// Whether what its lanes have in transit is kept together.
    pub(crate) fn pools(&self) -> bool {
        self.by_share && !matches!(self.delay, 0 | MIXED)
    }
}

/// Stands for lead times that differ.
pub(crate) const MIXED: u32 = u32::MAX;

/// What limits the use of an input.
#[derive(Debug, Clone)]
pub(crate) struct CutPlan {
    pub(crate) group: u32,
    /// Whether its use per unit of activity moves.
    pub(crate) moves: bool,
    /// Rows of constants.
    pub(crate) throttle: Slot,
    pub(crate) criticality: Slot,
}

/// What else an input has that is not of the simpler kinds.
#[derive(Debug, Clone)]
pub(crate) struct OfferPlan {
    pub(crate) lanes: Slots,
    /// Where the contingent lanes and those from reserves begin.
    pub(crate) contingent: Slot,
    pub(crate) reserve: Slot,
    /// Controls that its buyer knows, as a range of [`Plan::known`].
    pub(crate) known: Slots,
    /// First of its lanes among those that are counted one by one.
    pub(crate) counted: Slot,
    /// First of its rows for what the shares and limits of its lanes are at present, if these can move.
    pub(crate) noted: Slot,
    pub(crate) is_noted: bool,
}

impl OfferPlan {
    #[inline(always)]
    pub(crate) fn weighted(&self) -> Range<usize> {
        self.lanes.start as usize..self.contingent as usize
    }
    #[inline(always)]
    pub(crate) fn contingent(&self) -> Range<usize> {
        self.contingent as usize..self.reserve as usize
    }
    #[inline(always)]
    pub(crate) fn reserves(&self) -> Range<usize> {
        self.reserve as usize..self.lanes.end as usize
    }
}

/// A lane as its buyer sees it. What is ordered stands in the row with its number.
#[derive(Debug, Clone)]
pub(crate) struct LanePlan {
    /// Row of the share that it gets of what it asks for.
    pub(crate) share: Slot,
    /// First of its rows of goods in transit, if it has any.
    ring: Slot,
    /// Whether its goods in transit are kept with those of the first lane of its input, which take equally long.
    pooled: bool,
    /// Lead time less one, and its number among [`Plan::turns`].
    pub(crate) delay: u32,
    turn: Slot,
    pub(crate) limited: bool,
    /// Whether goods are shared out by water-filling, or orders thinned at the supplier.
    pub(crate) special: bool,
}

impl LanePlan {
    /// Row of what arrives next at these turns, which is the row for what is sent now.
    #[inline(always)]
    pub(crate) fn ring(&self, turns: &[u32]) -> usize {
        (self.ring + turns[self.turn as usize]) as usize
    }
}

/// Rows of goods in transit that arrive equally late, in a part of the network. What is sent in a step lies together, in
/// the order in which it is walked.
#[derive(Debug, Clone)]
pub(crate) struct Turn {
    /// Lead time less one, at least 1.
    pub(crate) delay: u32,
    /// How many are sent in a step.
    pub(crate) rows: u32,
}

/// What few lanes need.
#[derive(Debug, Clone)]
pub(crate) struct LaneTies {
    /// Row of what passes of its orders.
    pub(crate) passing: Slot,
    /// Passage that its buyer knows; 0 is always open.
    pub(crate) passage: Slot,
    /// Site of its supplier, its project, and how it shares out what it has.
    pub(crate) supplier: Slot,
    pub(crate) project: Option<u32>,
    pub(crate) rationing: Rationing,
}

#[derive(Debug, Clone)]
pub(crate) struct OutputPlan {
    pub(crate) served: Slots,
    pub(crate) tiers: Slots,
    /// Rows of the shares that its lanes get, one for each priority class that has any.
    pub(crate) shares: Slots,
    pub(crate) driving: bool,
    /// Whether anything can go to final demand, and whether that waits for what it does not get.
    pub(crate) final_demand: bool,
    pub(crate) waits: bool,
    /// Whether events move its final demand.
    pub(crate) moves: bool,
    /// Whether any of it can be in stock from one step to the next.
    pub(crate) stored: bool,
    /// Whether the yield is 1.
    pub(crate) unit_yield: bool,
    /// Rows of constants.
    pub(crate) yields: Slot,
    pub(crate) adjustment: Slot,
    pub(crate) waiting: Slot,
    pub(crate) patience: Slot,
}

#[derive(Debug, Clone)]
pub(crate) struct TierPlan {
    pub(crate) served: Slots,
    /// Whether it serves all lanes of its output.
    pub(crate) all: bool,
    /// Whether anything goes to final demand.
    pub(crate) final_demand: bool,
}

/// Where the slots of some sites end.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Ends {
    pub(crate) site: usize,
    pub(crate) input: usize,
    pub(crate) output: usize,
    pub(crate) share: usize,
    pub(crate) lane: usize,
    pub(crate) ring: usize,
    pub(crate) counted: usize,
    pub(crate) noted: usize,
}

/// The network as it is walked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    pub(crate) sites: Vec<SitePlan>,
    pub(crate) inputs: Vec<InputPlan>,
    pub(crate) cuts: Vec<CutPlan>,
    pub(crate) offers: Vec<OfferPlan>,
    pub(crate) outputs: Vec<OutputPlan>,
    pub(crate) tiers: Vec<TierPlan>,
    pub(crate) lanes: Vec<LanePlan>,
    pub(crate) ties: Vec<LaneTies>,
    /// What suppliers serve: rows of what passes of the orders, and lanes.
    pub(crate) served: Vec<Slot>,
    pub(crate) served_lanes: Vec<Slot>,
    /// `a` by input, where it is known and never moves.
    pub(crate) usage: Vec<f64>,
    /// Passages that buyers know, by input.
    pub(crate) known: Vec<Slot>,
    /// Goods that take longer than a step, by part and by lead time.
    pub(crate) turns: Vec<Turn>,
    /// Rows of orders and of what passes of them, of shares, and of goods in transit.
    pub(crate) flows: usize,
    pub(crate) shares: usize,
    pub(crate) rings: usize,
    /// Lanes whose shares and limits can move.
    pub(crate) noted: usize,
    /// Lanes that are counted one by one.
    pub(crate) counted: Vec<usize>,
    pub(crate) constants: Constants,
    /// Parts of the network that threads take where they share the sites of a trial.
    pub(crate) parts: Vec<Range<Ends>>,
}

/// Links from which on it pays to wake another thread for a walk.
pub(crate) const SHARED: usize = 1 << 14;

/// The stretch that those of consecutive items make up.
pub(crate) fn span<T>(items: &[T], of: impl Fn(&T) -> &Slots) -> Slots {
    let (first, last) = (items.first().map(&of), items.last().map(&of));
    first.map_or(0, |slots| slots.start)..last.map_or(0, |slots| slots.end)
}

/// Whether the lanes of an input are counted one by one. What a single lane brings follows from what is used.
pub(crate) fn is_counted(m: &Network, input: &Input) -> bool {
    m.sites[input.site].followed && (input.lanes.len() != 1 || input.weighted().is_empty())
}

impl Plan {
    /// How many sites, inputs, outputs and lanes there are.
    #[inline(always)]
    pub(crate) fn sizes(&self) -> (usize, usize, usize, usize) {
        (self.sites.len(), self.inputs.len(), self.outputs.len(), self.lanes.len())
    }

    /// Rows of goods in transit that are kept for a lane, but for those that arrive in the step after they are ordered.
    pub(crate) fn rings(&self, lane: &LanePlan) -> impl Iterator<Item = usize> + use<> {
        let apart = self.turns.get(lane.turn as usize).map_or(1, |turn| turn.rows as usize);
        let steps = if lane.pooled { 0 } else { lane.delay };
        (lane.ring as usize..).step_by(apart).take(steps as usize)
    }
}
