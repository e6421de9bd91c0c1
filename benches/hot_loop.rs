//! Trials and link-steps a second.
fn main() {}
