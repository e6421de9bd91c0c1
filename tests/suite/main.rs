//! What the crate promises, one file a behaviour.

mod common;
mod same_bits;
