//! All that unfolds in time and is settled before the first step: regimes, outages, contracts, licences, and the conditions
//! that each step meets.

// Loops over the trials of a block index several rows at once; in this form they vectorise.
#![expect(clippy::needless_range_loop, reason = "indexed loops over the rows of a block")]

pub(crate) mod conditions;
pub(crate) mod fault;
mod history;
pub(crate) mod luck;
pub(crate) mod part;
pub(crate) mod rows;
pub(crate) mod timetable;
