//! The targets of the suite for the fuzzer.

#[path = "../../suite/fuzzed/mod.rs"]
pub mod fuzzed;

/// Tries a target on some bytes.
pub fn run(name: &str, bytes: &[u8]) {
    let (_, try_on) = fuzzed::TARGETS.into_iter().find(|(target, _)| *target == name).expect("a target");
    try_on(bytes);
}
