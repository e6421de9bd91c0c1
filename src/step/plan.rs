//! The network in as few bytes as the loop takes, in the order it is walked.
//!
//! Features that a site, an input or a lane does not use are left out here, once, and not asked for in every step.

mod build;
mod outputs;
mod sizes;

pub(crate) use outputs::{FinalDemand, Orders, OutputPlan, TaskPlan, TierPlan, Yields};
pub(crate) use sizes::{Divided, Ends, Sizes};

use super::constants::Constants;
use super::index::{ConstantIx, CountedIx, FlowIx, KnownIx, NotedIx, RingIx, ShareIx, TierIx, TurnIx};
use super::layout::vectors;
use crate::network::{
    GroupIx, Input, InputIx, Ix, KindIx, LaneIx, Network, OutputIx, PassageIx, ProjectIx, ServedIx, SiteIx,
    Span, TaskIx,
};
use crate::scenario::{Ordering, Overtime, Rationing, Weights};
use crate::schedule::rows::Row;
use std::ops::Range;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SitePlan {
    pub(crate) inputs: Span<InputIx>,
    pub(crate) outputs: Span<OutputIx>,
    /// Lanes of its inputs.
    pub(crate) lanes: Span<LaneIx>,
    pub(crate) role: Role,
    /// Whether the use of its inputs is known.
    pub(crate) usage: Usage,
    /// How much of its inputs it must have.
    pub(crate) throttle: Throttle,
    pub(crate) capacity: Motion,
    /// Only where overtime can be worked at all.
    pub(crate) overtime: Option<OvertimePlan>,
    pub(crate) ordering: Ordering,
    pub(crate) weights: Weights,
    pub(crate) smoothing: ConstantIx,
    /// How many groups of inputs it has, and how many kinds in all.
    pub(crate) groups: u32,
    pub(crate) kinds: u32,
    /// How many firms have inputs of their own.
    pub(crate) firms: u32,
    /// `o`, unless it is 0.
    pub(crate) overlap: Option<ConstantIx>,
    /// Whether its limiting input is told.
    pub(crate) followed: bool,
}

/// How a site serves its customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// It releases a stock.
    Reserve(Rationing),
    /// It makes one thing, which it does not store, and serves it in proportion to orders.
    Simple(Serves),
    /// It makes anything else.
    Joint(Rationing),
}

/// Whom a site serves with its only output.
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

/// Whether `a` is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Usage {
    /// [`PlanRows::usage`] tells it.
    Known,
    /// It is drawn, or moves.
    Varies,
}

/// The stocks of inputs that a site requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Throttle {
    /// For the step at hand.
    Hard,
    /// Of some inputs for longer than the step at hand.
    Threshold,
}

/// Whether anything moves a quantity during a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Motion {
    Still,
    Moves,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OvertimePlan {
    pub(crate) rule: Overtime,
    /// `α_max` and `min(1, Δ/τ_α)`.
    pub(crate) most: ConstantIx,
    pub(crate) gain: ConstantIx,
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
    /// Its use is known, and nothing ever concerns its lanes but weights by the capacity of suppliers.
    ByCapacity,
    /// Everything else.
    Any,
}

/// An input as its orders are placed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct InputPlan {
    pub(crate) lanes: Span<LaneIx>,
    /// The share that its first lane gets.
    pub(crate) share: ShareIx,
    pub(crate) stock_target: ConstantIx,
    pub(crate) restoration: ConstantIx,
    pub(crate) kind: Kind,
    pub(crate) usage: Usage,
    pub(crate) lead: Lead,
    pub(crate) sent: Sent,
    /// Whether any lane has a limit.
    pub(crate) limited: bool,
    /// First of its lanes among those that are counted one by one, if they are.
    pub(crate) counted: Option<CountedIx>,
}

impl InputPlan {
    /// Whether the goods in transit of its lanes are kept together.
    pub(crate) fn pools(&self) -> bool {
        self.sent == Sent::ByShare && matches!(self.lead, Lead::Same(_))
    }
}

/// Lead times of the lanes of an input, less one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lead {
    /// Goods that are sent in a step arrive in the next.
    None,
    /// They arrive so many steps later, over all lanes.
    Same(u32),
    /// They differ, and orders always go by the same shares.
    Steady,
    /// They differ, and their mean follows the orders.
    Follows,
}

impl Lead {
    /// Of lanes that take so long.
    pub(crate) fn same(delay: u32) -> Self {
        if delay == 0 { Lead::None } else { Lead::Same(delay) }
    }

    /// Steps that all lanes take, less one; `None` where they differ.
    #[inline(always)]
    pub(crate) fn steps(self) -> Option<u32> {
        match self {
            Lead::None => Some(0),
            Lead::Same(delay) => Some(delay),
            Lead::Steady | Lead::Follows => None,
        }
    }
}

/// How the lanes of an input are served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sent {
    /// All carry baseline trade, and are sent a share of their orders.
    ByShare,
    /// Some are served in other ways, or come from reserves.
    LaneByLane,
}

/// How an input limits activity.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CutPlan {
    pub(crate) group: GroupIx,
    pub(crate) kind: KindIx,
    /// The firm whose stock it is, if it is not that of all.
    pub(crate) firm: Option<u32>,
    /// Its use per unit of activity.
    pub(crate) usage: Motion,
    pub(crate) throttle: ConstantIx,
    pub(crate) criticality: ConstantIx,
}

/// Further features of an input that is not of the simpler kinds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OfferPlan {
    pub(crate) lanes: Span<LaneIx>,
    /// Where the contingent lanes and those from reserves begin.
    pub(crate) contingent: LaneIx,
    pub(crate) reserve: LaneIx,
    /// Controls that its buyer knows.
    pub(crate) known: Span<KnownIx>,
    /// First of its lanes among those whose shares and limits are noted, if these can move.
    pub(crate) noted: Option<NotedIx>,
}

impl OfferPlan {
    #[inline(always)]
    pub(crate) fn weighted(&self) -> Span<LaneIx> {
        Span::new(self.lanes.start, self.contingent)
    }

    #[inline(always)]
    pub(crate) fn contingent(&self) -> Span<LaneIx> {
        Span::new(self.contingent, self.reserve)
    }

    #[inline(always)]
    pub(crate) fn reserves(&self) -> Span<LaneIx> {
        Span::new(self.reserve, self.lanes.end)
    }
}

/// A lane as its buyer sees it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LanePlan {
    /// The share of its orders that it is sent.
    pub(crate) share: ShareIx,
    pub(crate) transit: InTransit,
    /// Whether it has a limit.
    pub(crate) limited: bool,
    /// Whether goods are shared out by water-filling, or orders thinned at the supplier.
    pub(crate) special: bool,
}

/// Where the goods in transit of a lane are kept, given its lead time less one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InTransit {
    /// Nowhere: they arrive in the next step.
    Nowhere,
    /// In rows of its own, the first of which is `ring`, those of one step apart from the next by the rows of `turn`.
    Own { delay: u32, turn: TurnIx, ring: RingIx },
    /// With those of the first lane of its input, which takes equally long.
    WithFirst { delay: u32 },
    /// In rows likewise, as many as it takes at most, given the time that it takes in each trial.
    Drawn { most: u16, delay: ConstantIx, turn: TurnIx, ring: RingIx },
}

/// Lead time less one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delay {
    Known(u32),
    Drawn(ConstantIx),
}

impl Delay {
    /// Its value in each trial.
    pub(crate) fn row<const B: usize>(self, constants: &[Row<B>]) -> Row<B> {
        match self {
            Delay::Known(delay) => [f64::from(delay); B],
            Delay::Drawn(delay) => constants[delay.at()],
        }
    }
}

impl LanePlan {
    #[inline(always)]
    pub(crate) fn delay(&self) -> Delay {
        match self.transit {
            InTransit::Nowhere => Delay::Known(0),
            InTransit::Own { delay, .. } | InTransit::WithFirst { delay } => Delay::Known(delay),
            InTransit::Drawn { delay, .. } => Delay::Drawn(delay),
        }
    }
}

/// Goods in transit that take equally long, in a part of the network. Goods that are sent in a step lie together, in the
/// order in which they are walked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Turn {
    /// Lead time less one, at least 1.
    pub(crate) delay: u32,
    /// How many rows are sent in a step.
    pub(crate) rows: u32,
}

/// Few lanes need this.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LaneTies {
    /// Its passing orders.
    pub(crate) passing: FlowIx,
    /// Passage that its buyer knows.
    pub(crate) passage: PassageIx,
    /// Site of its supplier, its project, and how it shares out its goods.
    pub(crate) supplier: SiteIx,
    pub(crate) project: Option<ProjectIx>,
    pub(crate) rationing: Rationing,
}

vectors! {
    /// The network as it is walked.
    PlanRows, PlanView {
        sites: SiteIx => SitePlan [sites];
        inputs: InputIx => InputPlan [inputs];
        cuts: InputIx => CutPlan [inputs];
        offers: InputIx => OfferPlan [inputs];
        /// `a`, where it is known and never moves.
        usage: InputIx => f64 [inputs];
        outputs: OutputIx => OutputPlan [outputs];
        tiers: TierIx => TierPlan;
        tasks: TaskIx => TaskPlan;
        lanes: LaneIx => LanePlan [lanes];
        ties: LaneIx => LaneTies [lanes];
        /// The passing orders that suppliers serve.
        served: ServedIx => FlowIx [lanes];
        /// The lanes that they serve.
        served_lanes: ServedIx => LaneIx [lanes];
        /// Passages that buyers know, by input.
        known: KnownIx => PassageIx;
        /// Lanes that are counted one by one.
        counted: CountedIx => LaneIx [counted];
        /// Goods that take longer than a step, by part and by lead time.
        turns: TurnIx => Turn;
    }
}

/// The network as it is walked, and in which parts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    pub(crate) rows: PlanRows,
    pub(crate) sizes: Sizes,
    pub(crate) constants: Constants,
    /// Sites where people work, and how many.
    pub(crate) staffed: Vec<(SiteIx, ConstantIx)>,
    /// Sites with a group of inputs whose criticalities can sum to over 1.
    pub(crate) grouped: Vec<SiteIx>,
    /// Parts that threads take where they share the sites of a trial.
    pub(crate) parts: Vec<Range<Ends>>,
}

/// Links from which on it pays to wake another thread for a walk.
pub(crate) const SHARED: usize = 1 << 14;

/// Whether the lanes of an input are counted one by one. The deliveries of a single lane follow from use.
pub(crate) fn is_counted(m: &Network, input: &Input) -> bool {
    m.sites[input.site].followed && (input.lanes.len() != 1 || input.weighted().is_empty())
}

impl Plan {
    #[inline(always)]
    pub(crate) fn view(&self) -> PlanView<'_> {
        self.rows.view(&self.sizes)
    }
}

impl PlanView<'_> {
    /// Rows of goods in transit that are kept for a lane, but for those that arrive in the step after they are ordered.
    pub(crate) fn rings(&self, lane: &LanePlan) -> impl Iterator<Item = RingIx> + use<> {
        let (first, apart, steps) = match lane.transit {
            InTransit::Own { delay, turn, ring } => (ring.at(), self.turns[turn].rows as usize, delay),
            InTransit::Drawn { most, turn, ring, .. } => {
                (ring.at(), self.turns[turn].rows as usize, u32::from(most))
            }
            InTransit::Nowhere | InTransit::WithFirst { .. } => (0, 1, 0),
        };
        (first..).step_by(apart).take(steps as usize).map(RingIx::new)
    }
}
