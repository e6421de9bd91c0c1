//! Outputs as they are served.

use super::Motion;
use crate::network::{OutputIx, RebuildingIx, ServedIx, Span, TaskIx};
use crate::step::index::{ConstantIx, ShareIx, TierIx};

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OutputPlan {
    pub(crate) served: Span<ServedIx>,
    pub(crate) tiers: Span<TierIx>,
    /// The shares that its lanes get, one for each priority class that has any.
    pub(crate) shares: Span<ShareIx>,
    pub(crate) yields: Yields,
    pub(crate) demand: FinalDemand,
    /// Whether any of it can be in stock from one step to the next.
    pub(crate) stored: bool,
    /// Whether it sets how much its site does.
    pub(crate) driving: bool,
    pub(crate) adjustment: ConstantIx,
}

/// `b`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Yields {
    /// 1 in every trial, as in this row.
    One(ConstantIx),
    Other(ConstantIx),
}

impl Yields {
    #[inline(always)]
    pub(crate) fn row(self) -> ConstantIx {
        let (Yields::One(row) | Yields::Other(row)) = self;
        row
    }
}

/// Final demand for an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FinalDemand {
    None,
    /// Unmet demand is lost.
    Lost(Motion),
    /// Some unmet demand waits: the share that does, and `1 − κ'`.
    Waits {
        demand: Motion,
        waiting: ConstantIx,
        patience: ConstantIx,
    },
    /// Rebuilding asks for it besides. Some unmet final demand may wait; unmet demand of rebuilding stays in the amount left.
    Rebuilds {
        demand: Motion,
        waiting: ConstantIx,
        patience: ConstantIx,
        tasks: Span<TaskIx>,
    },
}

/// The part of a rebuilding that one output makes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TaskPlan {
    pub(crate) output: OutputIx,
    pub(crate) rebuilding: RebuildingIx,
    /// All of it, and `min(1, Δ/τ)`.
    pub(crate) amount: ConstantIx,
    pub(crate) gain: ConstantIx,
}

impl FinalDemand {
    #[inline(always)]
    pub(crate) fn is_none(self) -> bool {
        matches!(self, FinalDemand::None)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TierPlan {
    pub(crate) orders: Orders,
    /// Whether anything goes to final demand.
    pub(crate) final_demand: bool,
}

/// Which orders a priority class serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Orders {
    None,
    /// All of the output.
    All(Span<ServedIx>),
    Some(Span<ServedIx>),
}

impl Orders {
    #[inline(always)]
    pub(crate) fn served(self) -> Span<ServedIx> {
        match self {
            Orders::None => Span::default(),
            Orders::All(served) | Orders::Some(served) => served,
        }
    }
}
