//! Two processes run a part of the trials each; a third merges what they wrote, to the bits of a single run.

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::PathBuf;
use std::process::Command;
use supplyshock::{Ensemble, Outcome, Scenario};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let scenario = Scenario::load("scenarios/japan_full_cut.toml")?;
    let ensemble = Ensemble::new(&scenario.compile()?).seed(2026);
    let arguments: Vec<String> = std::env::args().skip(1).collect();

    // A process that was given a range and a file runs the range.
    if let [first, end, file] = arguments.as_slice() {
        let part = ensemble.range(first.parse()?..end.parse()?).run()?;
        part.to_writer(BufWriter::new(File::create(file)?))?;
        return Ok(());
    }
    let file = |k: u32| -> PathBuf { std::env::temp_dir().join(format!("{}.{k}.part", std::process::id())) };
    let mut processes = Vec::new();
    for (k, range) in (0..).zip([["0", "100"], ["100", "256"]]) {
        processes.push(Command::new(std::env::current_exe()?).args(range).arg(file(k)).spawn()?);
    }
    let mut parts = Vec::new();
    for (k, mut process) in (0..).zip(processes) {
        assert!(process.wait()?.success());
        parts.push(Outcome::from_reader(BufReader::new(File::open(file(k))?))?);
        std::fs::remove_file(file(k))?;
    }
    let merged = Outcome::merge_all(parts)?;
    assert_eq!(merged.digest(), ensemble.trials(256).run()?.digest());
    println!("{} trials of two processes, digest {}", merged.trials(), &merged.digest()[..16]);
    Ok(())
}
