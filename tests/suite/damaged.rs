//! The targets of the fuzzer on its corpora, and on what comes of damage to them: the same cases in every run.

use crate::common::compile;
use crate::fuzzed::{Fate, TARGETS, body, sealed};
use crate::small::SMALL;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};
use supplyshock::draw::rand::RngExt;
use supplyshock::draw::{AddressedRng, Stream};
use supplyshock::{Ensemble, Scenario};

const CORPORA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus");
const SEED: u64 = 2026;
/// Time after which an input counts as one that hangs; each ends within a fraction of a second.
const LIMIT: Duration = Duration::from_secs(20);

/// What stands in place of a number.
const FIGURES: [&str; 24] = [
    "0",
    "-0.0",
    "1",
    "-1",
    "0.5",
    "1.0000000001",
    "7",
    "365",
    "1e-320",
    "1e-12",
    "1e9",
    "1e16",
    "1e24",
    "1e308",
    "-1e308",
    "nan",
    "inf",
    "18446744073709551616",
    "0x7f",
    "true",
    "[]",
    "{}",
    "\"1\"",
    "2026-07-01",
];

/// A target with the inputs that damage begins from, and words that may stand in them.
struct Damage {
    name: &'static str,
    try_on: fn(&[u8]) -> Fate,
    whole: Vec<Vec<u8>>,
    words: Vec<String>,
    is_text: bool,
}

impl Damage {
    fn new(target: &str) -> Self {
        let (name, try_on) = TARGETS.into_iter().find(|(name, _)| *name == target).expect("a target");
        let files = std::fs::read_dir(Path::new(CORPORA).join(name)).expect("a corpus");
        let mut paths: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
        paths.sort();
        let mut whole: Vec<Vec<u8>> = paths.iter().map(|path| std::fs::read(path).expect("a file")).collect();
        if name == "outcome" {
            whole.extend(outcomes());
        }
        let is_text = ["scenario", "table"].contains(&name);
        Damage { name, try_on, whole, words: if name == "scenario" { words() } else { Vec::new() }, is_text }
    }

    /// An input with a few faults in it.
    fn case(&self, number: u64) -> Vec<u8> {
        let rng = &mut Stream::new(SEED, self.name).rng(number);
        let mut bytes = self.any(rng).to_vec();
        for _ in 0..1 + rng.random_range(0..4_u32) * rng.random_range(0..2) {
            self.hurt(&mut bytes, rng);
        }
        bytes
    }

    fn any(&self, rng: &mut AddressedRng) -> &[u8] {
        &self.whole[rng.random_range(0..self.whole.len())]
    }

    fn hurt(&self, bytes: &mut Vec<u8>, rng: &mut AddressedRng) {
        let kinds = if self.is_text { 9 } else { 4 };
        let at = rng.random_range(0..=bytes.len());
        let some = |length: usize, rng: &mut AddressedRng| {
            let from = rng.random_range(0..=length);
            from..length.min(from + (1 << rng.random_range(0..8)))
        };
        match rng.random_range(0..kinds) {
            0 if at < bytes.len() => bytes[at] = rng.random_range(0..=255),
            1 => drop(bytes.drain(some(bytes.len(), rng))),
            2 => {
                let copied = bytes[some(bytes.len(), rng)].to_vec();
                bytes.splice(at..at, copied);
            }
            3 => {
                let other = self.any(rng);
                bytes.splice(at..at, other[some(other.len(), rng)].iter().copied());
            }
            4 if !self.words.is_empty() => {
                let word = self.words[rng.random_range(0..self.words.len())].as_bytes();
                let end = (at..bytes.len()).find(|k| !is_of_word(bytes[*k])).unwrap_or(bytes.len());
                bytes.splice(at..end, word.iter().copied());
            }
            5 | 6 => {
                let digit = (at..bytes.len()).find(|k| bytes[*k].is_ascii_digit());
                let from = digit.unwrap_or(bytes.len());
                let end = (from..bytes.len()).find(|k| !is_of_number(bytes[*k])).unwrap_or(bytes.len());
                bytes.splice(from..end, FIGURES[rng.random_range(0..FIGURES.len())].bytes());
            }
            _ => {
                let mut lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
                if !lines.is_empty() {
                    let line = lines.remove(rng.random_range(0..lines.len()));
                    if rng.random_range(0..2) == 0 {
                        lines.insert(rng.random_range(0..=lines.len()), line);
                    }
                }
                *bytes = lines.concat();
            }
        }
    }

    /// Tries so many damaged inputs on all processors and counts how far they came.
    fn count(self, cases: u64) -> BTreeMap<Fate, u64> {
        let damage = Arc::new(self);
        let next = Arc::new(AtomicU64::new(0));
        let (tell, told) = mpsc::channel();
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            let (damage, next, tell) = (Arc::clone(&damage), Arc::clone(&next), tell.clone());
            std::thread::spawn(move || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= cases || tell.send((number, None)).is_err() {
                        return;
                    }
                    let fate = std::panic::catch_unwind(|| (damage.try_on)(&damage.case(number)));
                    // Where nobody listens any more, another case has failed.
                    let _ = tell.send((number, Some(fate.ok())));
                }
            });
        }
        drop(tell);
        let (mut under_way, mut counts) = (BTreeMap::new(), BTreeMap::new());
        loop {
            match told.recv_timeout(Duration::from_secs(1)) {
                Ok((number, None)) => drop(under_way.insert(number, Instant::now())),
                Ok((number, Some(fate))) => {
                    let fate = fate.unwrap_or_else(|| damage.fail(number, "fails"));
                    under_way.remove(&number);
                    *counts.entry(fate).or_default() += 1;
                }
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
            }
            if let Some((number, _)) = under_way.iter().find(|(_, begun)| begun.elapsed() > LIMIT) {
                damage.fail(*number, "hangs");
            }
        }
        println!("{}: of {cases} damaged inputs {counts:?}", damage.name);
        counts
    }

    /// Leaves the input of a case in a file, for `cargo fuzz tmin`.
    fn fail(&self, number: u64, how: &str) -> ! {
        let path = std::env::temp_dir().join(format!("damaged-{}-{number}", self.name));
        std::fs::write(&path, self.case(number)).expect("a file");
        panic!("{}, case {number} {how}: its input is {}", self.name, path.display());
    }
}

fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn is_of_number(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b".+-_".contains(&byte)
}

/// Keys and words of the format.
fn words() -> Vec<String> {
    let reference = Scenario::format_reference();
    let quoted = reference.split('`').skip(1).step_by(2);
    let words = quoted.filter(|word| word.bytes().all(is_of_word)).map(str::to_owned);
    words.collect::<BTreeSet<String>>().into_iter().collect()
}

/// Outcomes of all kinds, as this version writes them.
fn outcomes() -> Vec<Vec<u8>> {
    let short = compile(SMALL.replacen("horizon_days = 364", "horizon_days = 28", 1).as_str());
    let plain = Ensemble::new(&short).trials(3);
    let kept = plain.clone().keep_draws().keep_sites(["mill"]).keep_paths_of([1]).keep_sector_paths();
    let written = [plain.clone(), kept, plain.condensed()].map(|ensemble| {
        let mut file = Vec::new();
        ensemble.run().expect("runs").to_writer(&mut file).expect("memory takes it");
        body(&file).to_vec()
    });
    written.to_vec()
}

/// How many cases are tried.
fn cases(usual: u64) -> u64 {
    std::env::var("SUPPLYSHOCK_DAMAGED").map_or(usual, |given| given.parse().expect("a number of cases"))
}

fn came(counts: &BTreeMap<Fate, u64>, fate: Fate) -> u64 {
    counts.get(&fate).copied().unwrap_or_default()
}

#[test]
fn what_promises_hold_for_any_input_hold_for_the_corpora() {
    for (name, _) in TARGETS {
        let damage = Damage::new(name);
        let fates: BTreeSet<Fate> = damage.whole.iter().map(|input| (damage.try_on)(input)).collect();
        println!("{name}: {} inputs, {fates:?}", damage.whole.len());
        assert!(fates.contains(if name == "outcome" { &Fate::Parsed } else { &Fate::Ran }), "{name}");
    }
}

#[test]
fn an_outcome_in_a_file_with_another_head_is_read() {
    for outcome in outcomes() {
        let read = supplyshock::Outcome::from_reader(sealed(&outcome).as_slice());
        assert_eq!(read.expect("it is one").trials(), 3);
    }
}

#[test]
fn damaged_scenarios_are_refused_or_run() {
    let counts = Damage::new("scenario").count(cases(6000));
    assert!(came(&counts, Fate::Ran) > 0 && came(&counts, Fate::Refused) > 0, "{counts:?}");
}

#[test]
fn damaged_tables_are_refused_or_run() {
    let counts = Damage::new("table").count(3000);
    assert!(came(&counts, Fate::Ran) > 0 && came(&counts, Fate::Refused) > 0, "{counts:?}");
}

#[test]
fn damaged_outcomes_are_refused_or_answer() {
    let counts = Damage::new("outcome").count(2000);
    assert!(came(&counts, Fate::Parsed) > 0 && came(&counts, Fate::Refused) > 0, "{counts:?}");
}

#[test]
fn networks_from_any_bytes_keep_their_promises() {
    let counts = Damage::new("network").count(200);
    assert!(came(&counts, Fate::Ran) > 100, "{counts:?}");
}

#[test]
fn functions_called_with_anything_give_a_value_or_an_error() {
    let counts = Damage::new("api").count(20_000);
    assert!(came(&counts, Fate::Ran) > 1000, "{counts:?}");
}
