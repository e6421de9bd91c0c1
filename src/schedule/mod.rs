//! All that unfolds in time and is settled before the first step: regimes, outages, contracts, licences, and the conditions
//! that each step meets.

pub(crate) mod conditions;
mod curve;
pub(crate) mod fault;
mod history;
pub(crate) mod lists;
pub(crate) mod luck;
pub(crate) mod part;
pub(crate) mod rows;
pub(crate) mod timetable;

pub(crate) use curve::Shape;
pub(crate) use history::CHANGE_LIMIT;
pub(crate) use timetable::OVERLAP_LIMIT;
