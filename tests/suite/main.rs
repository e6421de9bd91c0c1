//! What the crate promises, one file a behaviour.

mod assignments;
mod bad_input;
mod bad_runs;
mod bad_trials;
mod chains;
mod closed_forms;
mod common;
mod controls;
mod economy;
mod events;
mod extends;
mod golden;
mod mechanism;
mod monotone;
mod networks;
mod programs;
mod properties;
mod recursion;
mod same_bits;
mod small;
mod statistics;
mod supply;
mod tempting_rules;
mod upper_bound;
