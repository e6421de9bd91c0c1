//! What unfolds in time and is settled before the first step: regimes, outages, contracts, licences, and the conditions
//! that each step meets.

// Loops over the trials of a block index several rows at once; in this form they vectorise.
#![expect(clippy::needless_range_loop, reason = "indexed loops over the rows of a block")]

pub(crate) mod conditions;
pub(crate) mod luck;
pub(crate) mod rows;
pub(crate) mod timetable;

/// Why a trial has no baseline.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fault {
    /// Which trial of the block.
    pub(crate) lane: usize,
    /// What is wrong, and where.
    pub(crate) message: String,
}
