//! What every shipped scenario gives, to the last bit: the digest of its losses in some trials.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use supplyshock::{Ensemble, Scenario};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const SEED: u64 = 2026;
const TRIALS: u64 = 64;

/// Digests by scenario. A change here is value-breaking: everybody's numbers move, so it needs a line in the CHANGELOG that
/// says why. `SUPPLYSHOCK_GOLDEN=write cargo test -p tests --test suite golden_digests` writes the file anew.
const PINNED: &str = include_str!("golden_digests.txt");

#[test]
fn golden_digests_of_the_shipped_scenarios_stay() {
    let mut found = BTreeMap::new();
    for file in std::fs::read_dir(Path::new(ROOT).join("../scenarios")).expect("a folder") {
        let path = file.expect("a file").path();
        if path.extension().is_none_or(|e| e != "toml") {
            continue;
        }
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let model = Scenario::load(&path).and_then(|s| s.compile()).unwrap_or_else(|e| panic!("{name}: {e}"));
        let outcome = Ensemble::new(&model).trials(TRIALS).seed(SEED).run();
        found.insert(name.clone(), outcome.unwrap_or_else(|e| panic!("{name}: {e}")).digest());
    }
    if std::env::var("SUPPLYSHOCK_GOLDEN").is_ok_and(|what| what == "write") {
        let text: String = found.iter().map(|(name, digest)| format!("{name} {digest}\n")).collect();
        std::fs::write(Path::new(ROOT).join("suite/golden_digests.txt"), text).expect("a file");
        return;
    }
    let pinned: BTreeMap<&str, &str> = PINNED.lines().filter_map(|line| line.split_once(' ')).collect();
    let mut moved = String::new();
    for (name, digest) in &found {
        match pinned.get(name.as_str()) {
            Some(was) if was == digest => {}
            was => writeln!(moved, "{name}: is {digest}, was {}", was.unwrap_or(&"not there")).expect("text"),
        }
    }
    for name in pinned.keys().filter(|name| !found.contains_key(**name)) {
        writeln!(moved, "{name}: is not there any more").expect("text");
    }
    assert!(
        moved.is_empty(),
        "digests of {TRIALS} trials from seed {SEED} moved:\n{moved}If they are meant to, write them anew with \
         SUPPLYSHOCK_GOLDEN=write cargo test -p tests --test suite golden_digests"
    );
}
