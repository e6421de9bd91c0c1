//! Numbers of the things that steps add to the network.

use crate::network::{Ix, LaneIx, ThinnedIx, indices};

indices! {
    /// A row of constants.
    ConstantIx;
    /// A priority class of an output.
    TierIx;
    /// A priority class that serves lanes, and so leaves them a share of their orders.
    ShareIx;
    /// Orders of a lane; after all of these, the passing orders of lanes that are thinned at the supplier.
    FlowIx;
    /// Goods in transit that are sent in one step to arrive in another.
    RingIx;
    /// Goods that take equally long.
    TurnIx;
    /// A passage that the buyer of an input knows.
    KnownIx;
    /// A lane whose shares and limits can move.
    NotedIx;
    /// A lane whose goods are counted one by one.
    CountedIx;
}

impl FlowIx {
    /// Orders of a lane.
    #[inline(always)]
    pub(crate) fn of(lane: LaneIx) -> Self {
        FlowIx::new(lane.at())
    }

    /// The lane whose orders these are, if they are any.
    pub(crate) fn lane(self) -> LaneIx {
        LaneIx::new(self.at())
    }

    /// Passing orders of a lane that is thinned, in a network of so many lanes.
    #[inline(always)]
    pub(crate) fn thinned(lanes: usize, lane: ThinnedIx) -> Self {
        FlowIx::new(lanes + lane.at())
    }
}
