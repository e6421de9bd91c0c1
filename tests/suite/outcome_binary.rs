//! An outcome is written by one process, and read and merged by another, to the same bits; nothing else is.

use crate::common::compile;
use crate::small::{SMALL, changed, drawn_gdp};
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use std::ops::Range;
use std::sync::LazyLock;
use supplyshock::run::{Component, MergeError, StoredError};
use supplyshock::{Ensemble, Error, Model, Outcome, Scenario, report};

const SEED: u64 = 5;

static MODEL: LazyLock<Model> = LazyLock::new(|| compile(SMALL));

fn run(model: &Model, trials: Range<u64>) -> Outcome {
    Ensemble::new(model).range(trials).seed(SEED).run().expect("runs")
}

fn bytes(outcome: &Outcome) -> Vec<u8> {
    let mut bytes = Vec::new();
    outcome.to_writer(&mut bytes).expect("it is written");
    bytes
}

fn read(bytes: &[u8]) -> Result<Outcome, StoredError> {
    Outcome::from_reader(bytes)
}

/// Everything that an outcome tells, as text in which each number stands for one value.
fn told(outcome: &Outcome) -> Vec<String> {
    let mut all = vec![format!("{:?}", outcome.labels())];
    for subject in outcome.subjects() {
        for component in Component::ALL {
            let loss = outcome.component(subject, component);
            all.push(format!("{subject:?} {component:?} {loss:?}"));
            if let Ok(loss) = loss {
                all.push(format!("{:?} {:?}", loss.mean_ci(0.95), loss.quantile_ci(0.95, 0.9)));
                all.push(format!("{:?} {}", loss.exceedance_curve(20), loss.tvar(0.95)));
            }
        }
    }
    for party in outcome.labels().parties() {
        all.push(format!("{:?} {:?}", outcome.path(&party.id), outcome.mean_gdp_share(&party.id)));
        all.push(format!("{:?}", outcome.ratio("JP", &party.id, Component::Output, 0.9)));
    }
    for sector in outcome.sectors() {
        all.push(format!("{:?} {:?}", outcome.stop_days(sector), outcome.stops(sector)));
    }
    all.push(format!("{:?}", outcome.site_means().collect::<Vec<_>>()));
    all.push(format!("{:?} {:?} {:?}", outcome.limits(), outcome.markets(), outcome.payments()));
    all.push(format!("{:?} {:?}", outcome.insurer(), outcome.insurer_loss()));
    all.push(format!("{:?} {:?}", outcome.losses(), outcome.site_losses()));
    all.push(format!("{:?} {:?}", outcome.paths(), outcome.sector_paths()));
    all.push(format!("{:?}", outcome.paths_of_trials()));
    all.push(format!("{} {:?}", outcome.recovered_share(), outcome.unsettled_share()));
    all.push(format!("{} {}", outcome.mass_balance_residual(), outcome.digest()));
    all.push(format!("{:?} {:?} {}", outcome.ranges(), outcome.missing(), outcome.seed()));
    all.push(format!("{} {:?} {}", outcome.fingerprint(), outcome.sampling(), outcome.version()));
    all
}

fn of_all_kinds() -> Vec<Outcome> {
    let prepaid = Scenario::load("../scenarios/mechanism_prepayment.toml").and_then(|s| s.compile());
    let mut all = Vec::new();
    for model in [&*MODEL, &drawn_gdp(), &prepaid.expect("it compiles")] {
        let plain = Ensemble::new(model).range(3..60).seed(SEED);
        let kept = plain.clone().keep_draws().keep_sector_paths().keep_paths_of([5, 50]);
        for ensemble in [plain.clone(), kept, plain.condensed()] {
            all.push(ensemble.run().expect("runs"));
        }
    }
    all
}

#[test]
fn what_is_read_tells_what_was_written() {
    for outcome in of_all_kinds() {
        let written = bytes(&outcome);
        let again = read(&written).expect("it is read");
        assert_eq!(told(&again), told(&outcome));
        assert!(bytes(&again) == written, "it is written as it was read");
        assert_eq!((again.threads(), again.elapsed()), (outcome.threads(), outcome.elapsed()));
        // A reader takes no byte more than it needs.
        let two = [written.as_slice(), &written].concat();
        let mut rest = two.as_slice();
        for _ in 0..2 {
            assert_eq!(Outcome::from_reader(&mut rest).expect("it is read").digest(), outcome.digest());
        }
        assert!(rest.is_empty());
    }
}

#[test]
fn it_goes_through_any_format_of_serde() {
    for outcome in of_all_kinds() {
        let text = serde_json::to_string(&outcome).expect("it is written");
        let again: Outcome = serde_json::from_str(&text).expect("it is read");
        assert_eq!(told(&again), told(&outcome));
        let value = serde_json::to_value(&outcome).expect("it is written");
        let again: Outcome = serde_json::from_value(value).expect("it is read");
        assert_eq!(told(&again), told(&outcome));
    }
}

#[test]
fn parts_of_several_processes_merge_to_the_bits_of_the_whole() {
    for model in [&*MODEL, &drawn_gdp()] {
        for condensed in [false, true] {
            let ensemble = |range: Range<u64>| {
                let ensemble = Ensemble::new(model).range(range).seed(SEED);
                if condensed { ensemble.condensed() } else { ensemble }
            };
            let whole = ensemble(3..150).run().expect("runs");
            let parts = [97..150, 3..4, 4..97].map(|range| bytes(&ensemble(range).run().expect("runs")));
            let parts = parts.map(|bytes| read(&bytes).expect("it is read"));
            let one_by_one = parts.clone().into_iter().reduce(|a, b| a.merge(b).expect("they fit"));
            for merged in [one_by_one.expect("some"), Outcome::merge_all(parts).expect("they fit")] {
                let (mut found, mut expected) = (told(&merged), told(&whole));
                if condensed {
                    // A hash cannot be joined to another.
                    assert_eq!((merged.digest().as_str(), whole.digest().len()), ("", 64));
                    let place =
                        expected.iter().position(|line| line.ends_with(&whole.digest())).expect("a line");
                    assert_ne!(found.remove(place), expected.remove(place));
                }
                assert_eq!(found, expected);
            }
        }
    }
}

#[test]
fn what_does_not_belong_together_is_refused_with_the_reason() {
    let part = read(&bytes(&run(&MODEL, 0..20))).expect("it is read");
    let refused = |other: Outcome| {
        let fault = part.check_merge(&other).expect_err("they differ");
        assert_eq!(part.clone().merge(other).expect_err("they differ"), fault);
        fault
    };
    assert_eq!(refused(run(&MODEL, 10..30)), MergeError::Overlap { trials: 10..20 });
    let doubled = refused(part.clone());
    assert_eq!(doubled, MergeError::Overlap { trials: 0..20 });
    assert!(doubled.to_string().contains("trial 0 is in both"), "{doubled}");
    let seed = Ensemble::new(&MODEL).range(20..30).seed(6).run().expect("runs");
    assert_eq!(refused(seed), MergeError::Seed { seeds: [SEED, 6] });
    let condensed = Ensemble::new(&MODEL).range(20..30).seed(SEED).condensed().run().expect("runs");
    assert_eq!(refused(condensed), MergeError::Condensed);
    let other = changed(|draft| draft.set("controls.ban.severity", 0.800_000_001));
    let model = refused(run(&other, 20..30));
    let MergeError::Model { names, fingerprints } = &model else { panic!("{model}") };
    assert_eq!(names[0], names[1]);
    assert_eq!(fingerprints, &[MODEL.fingerprint(), other.fingerprint()]);
    for (ensemble, what) in [
        (Ensemble::new(&MODEL).keep_sites(["mill"]), "sites"),
        (Ensemble::new(&MODEL).keep_draws(), "draws"),
        (Ensemble::new(&MODEL).keep_sector_paths(), "paths of sectors"),
    ] {
        let other = ensemble.range(20..30).seed(SEED).run().expect("runs");
        assert_eq!(refused(other), MergeError::Kept { what });
    }
    // The same text compiled again is the same model.
    assert_eq!(part.clone().merge(run(&compile(SMALL), 20..30)).expect("they fit").trials(), 30);
    assert_eq!(Outcome::merge_all([]).expect_err("there is none"), MergeError::Nothing);
    let three = [run(&MODEL, 0..5), run(&MODEL, 9..12), run(&MODEL, 4..8)];
    assert_eq!(Outcome::merge_all(three).expect_err("they overlap"), MergeError::Overlap { trials: 4..5 });
}

#[test]
fn an_outcome_of_another_version_is_not_merged() {
    // The version stands in the head, and once in what follows.
    let written = bytes(&run(&MODEL, 0..20));
    let version = env!("CARGO_PKG_VERSION").as_bytes();
    let other = [b"9", &version[1..]].concat();
    let places: Vec<usize> =
        (0..written.len() - version.len()).filter(|k| written[*k..].starts_with(version)).collect();
    assert!(places.len() >= 2);
    let mut changed = written;
    places.iter().for_each(|place| changed[*place..place + version.len()].copy_from_slice(&other));
    let old = read(&sealed(changed)).expect("the format is the same");
    assert_eq!(old.version().as_bytes(), other);
    let fault = run(&MODEL, 20..30).merge(old).expect_err("its bits may differ");
    assert!(matches!(&fault, MergeError::Version { .. }) && fault.to_string().contains(" 9."), "{fault}");
}

#[test]
fn draws_of_an_outcome_that_was_read_need_its_model() {
    let outcome = run(&MODEL, 3..20);
    let again = read(&bytes(&outcome)).expect("it is read");
    let fault = again.draws().expect_err("there is no model");
    assert!(matches!(fault, Error::NotKept { what: "draws", .. }), "{fault}");
    assert!(matches!(again.clone().with_model(&drawn_gdp()), Err(Error::Merge(MergeError::Model { .. }))));
    let again = again.with_model(&MODEL).expect("it is its model");
    assert_eq!(again.draws().expect("draws"), outcome.draws().expect("draws"));
    let kept = Ensemble::new(&MODEL).range(3..20).seed(SEED).keep_draws().run().expect("runs");
    let kept = read(&bytes(&kept)).expect("it is read");
    assert_eq!(kept.draws().expect("draws"), outcome.draws().expect("draws"));
}

#[test]
fn a_report_of_what_was_read_is_that_of_what_was_written() {
    let scenario = Scenario::load("../scenarios/mechanism_prepayment.toml").expect("it reads");
    let model = scenario.compile().expect("it compiles");
    let outcome = run(&model, 0..40);
    let again = read(&bytes(&outcome)).expect("it is read");
    let folder = tempfile::tempdir().expect("a folder");
    let [of_run, of_read] = ["run", "read"].map(|name| folder.path().join(name));
    report::write_run(&of_run, &scenario, &outcome).expect("it is written");
    report::write_run(&of_read, &scenario, &again).expect("it is written");
    for name in ["summary.json", "trials.csv", "path.csv", "assumptions.csv"] {
        let [one, other] =
            [&of_run, &of_read].map(|folder| std::fs::read(folder.join(name)).expect("a file"));
        assert!(one == other, "{name}");
    }
    assert!(of_run.join("draws.csv").is_file() && !of_read.join("draws.csv").exists());
    let text = report::run(&scenario, &again, &[1e9]).expect("a report");
    assert!(text.contains("the outcome holds no draws"), "{text}");
    let with_model = again.with_model(&model).expect("it is its model");
    let [one, other] = [&outcome, &with_model].map(|o| report::run(&scenario, o, &[1e9]).expect("a report"));
    assert_eq!(one, other);
}

#[test]
fn a_trial_of_the_flagship_takes_at_most_two_kilobytes() {
    let model =
        Scenario::load("../scenarios/japan_full_cut.toml").and_then(|s| s.compile()).expect("it compiles");
    let [few, many] = [64, 1088].map(|trials| bytes(&run(&model, 0..trials)).len());
    // The files hold the arrays as memory does, and besides them only what does not grow with the trials.
    let each = (many - few) as f64 / 1024.0;
    println!("{each} bytes a trial");
    assert!(each < 1950.0, "{each} bytes");
}

/// The same bytes with a checksum that fits them.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let end = bytes.len() - 32;
    let checksum = Sha256::digest(&bytes[..end]);
    bytes[end..].copy_from_slice(&checksum);
    bytes
}

/// Length of the head: magic, format, version, length.
const HEAD: usize = 8 + 2 + 1 + env!("CARGO_PKG_VERSION").len() + 8;

static WRITTEN: LazyLock<[Vec<u8>; 2]> = LazyLock::new(|| {
    let plain = Ensemble::new(&MODEL).range(3..30).seed(SEED);
    let kept = plain.clone().keep_draws().keep_sector_paths().keep_paths_of([5]);
    [kept, plain.condensed()].map(|ensemble| bytes(&ensemble.run().expect("runs")))
});

#[test]
fn other_files_and_other_formats_are_told_apart() {
    for other in [&b""[..], b"sup", b"supshoc", b"PAR1 and so on and on and on", &[0; 100]] {
        assert!(matches!(read(other), Err(StoredError::NotAnOutcome)));
    }
    let mut newer = WRITTEN[0].clone();
    newer[8] = 200;
    let fault = read(&sealed(newer)).expect_err("it is of another format");
    let StoredError::Format { found, supported, version } = &fault else { panic!("{fault}") };
    assert_eq!((*found, version.as_str()), (200, env!("CARGO_PKG_VERSION")));
    assert!(found > supported && fault.to_string().contains(version), "{fault}");
}

/// What `write_the_file_of_the_format` wrote, and its digest.
const FILE: &[u8] = include_bytes!("outcome_format_3.bin");
const DIGEST: &str = "292dbf4aed37ef4c76f7c9b6a4bcbcf00255ca6b38753e04f525228253f1e8f3";

fn of_the_file() -> Outcome {
    let model = changed(|draft| draft.set("time.horizon_days", 35));
    let ensemble = Ensemble::new(&model).range(2..5).seed(SEED).threads(1);
    ensemble.keep_sites(["mill"]).keep_draws().keep_sector_paths().keep_paths_of([3]).run().expect("runs")
}

#[test]
fn a_file_of_this_format_is_read_as_it_was_written() {
    // Where this fails, the bytes of an outcome have changed: raise the number of the format, or an old file would be
    // misread, and write the file anew under its new name.
    let outcome = read(FILE).expect("it is read");
    assert_eq!(outcome.digest(), DIGEST);
    assert!(bytes(&outcome) == FILE, "it is written as it was read");
    let again = of_the_file();
    assert_eq!(outcome.losses().expect("losses"), again.losses().expect("losses"));
    assert_eq!(outcome.paths(), again.paths());
    assert_eq!(outcome.labels(), again.labels());
}

#[test]
#[ignore = "writes a file of the sources"]
fn write_the_file_of_the_format() {
    let outcome = of_the_file();
    std::fs::write("suite/outcome_format_3.bin", bytes(&outcome)).expect("it is written");
    println!("{}", outcome.digest());
}

#[test]
fn a_length_that_is_announced_takes_no_memory() {
    let mut long = WRITTEN[0].clone();
    long[HEAD - 8..HEAD].copy_from_slice(&u64::MAX.to_le_bytes());
    let fault = read(&long).expect_err("there are not so many bytes");
    assert!(matches!(fault, StoredError::Truncated { expected: u64::MAX, .. }), "{fault}");
    // A list within it that says it has 2^60 entries.
    for at in HEAD..HEAD + 200 {
        let mut long = WRITTEN[0].clone();
        let end = long.len() - 32;
        let huge = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10];
        let to = (at + huge.len()).min(end);
        long[at..to].copy_from_slice(&huge[..to - at]);
        let _ = read(&sealed(long)).map(|outcome| told(&outcome));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn bytes_that_changed_are_noticed(which in 0..2_usize, at in any::<prop::sample::Index>(), flip in 1..=255_u8) {
        let mut changed = WRITTEN[which].clone();
        let at = at.index(changed.len());
        changed[at] ^= flip;
        prop_assert!(read(&changed).is_err());
    }

    #[test]
    fn a_file_that_was_cut_off_is_noticed(which in 0..2_usize, at in any::<prop::sample::Index>()) {
        let whole = &WRITTEN[which];
        prop_assert!(read(&whole[..at.index(whole.len())]).is_err());
    }

    /// A forger makes the checksum fit. What is read then may be wrong, but everything can be asked of it.
    #[test]
    fn forged_bytes_do_no_harm(
        which in 0..2_usize,
        near in any::<bool>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut forged = WRITTEN[which].clone();
        // Names, lengths and counts stand at the beginning and the end; most of the rest is numbers.
        let end = forged.len() - 32;
        for (at, byte) in changes {
            let span = if near { HEAD..(HEAD + 1500).min(end) } else { HEAD..end };
            forged[span.start + at.index(span.len())] = byte;
        }
        if let Ok(outcome) = read(&sealed(forged)) {
            told(&outcome);
            let honest = read(&WRITTEN[which]).expect("it is read");
            let _ = honest.merge(outcome.clone()).map(|merged| told(&merged));
            let _ = outcome.merge(run(&MODEL, 900..910)).map(|merged| told(&merged));
        }
    }
}
