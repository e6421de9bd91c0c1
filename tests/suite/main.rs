//! What the crate promises, one file a behaviour.

mod bad_input;
mod bad_trials;
mod chains;
mod closed_forms;
mod common;
mod controls;
mod events;
mod mechanism;
mod monotone;
mod networks;
mod properties;
mod recursion;
mod same_bits;
mod small;
mod supply;
mod tempting_rules;
mod upper_bound;
