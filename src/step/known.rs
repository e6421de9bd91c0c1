//! The baseline where all trials share it.

use super::layout::vectors;
use crate::network::{IndexVec, InputIx, LaneIx, OutputIx, SiteIx};

/// A baseline that every trial has. Vectors are empty where it is not known.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Known {
    /// `x̄`.
    pub(crate) activity: IndexVec<SiteIx, f64>,
    /// `f`.
    pub(crate) flow: IndexVec<LaneIx, f64>,
    pub(crate) rows: KnownRows,
}

vectors! {
    /// The numbers of it that walks read in place of rows.
    KnownRows, KnownView {
        /// Share of a lane in the supply of its input.
        planned: LaneIx => f64;
        /// `Λ`.
        pipeline: InputIx => f64;
        /// `m f`, infinite where a lane has no limit, if no limit is drawn; else empty.
        surge: LaneIx => f64;
        /// `K` if none is drawn; else empty.
        capacity: SiteIx => f64;
        /// `F` before events.
        final_demand: OutputIx => f64;
    }
}
