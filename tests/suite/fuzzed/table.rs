//! Input-output tables in files.

use super::{Fate, asked, bounded};
use std::path::Path;
use supplyshock::Scenario;
use supplyshock::files::{TableImport, import_table};
use supplyshock::scenario::Suppliers;

/// What stands between the files of one input, on a line of its own.
const BETWEEN: &[u8] = b"%%\n";

/// Flows, demand, and perhaps output, availability and value added are refused with their problems, or are a table whose scenario is read
/// as it was written, and that is at rest while nothing happens.
pub fn table(bytes: &[u8]) -> Fate {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let folder = folder.expect("a folder");
    let mut parts = parts(bytes).into_iter();
    let mut file = |name: &str| {
        let part = parts.next()?;
        let path = folder.path().join(name);
        std::fs::write(&path, part).expect("a file");
        (!part.is_empty() || name < "c").then_some(path)
    };
    let [flows, demand, output, availability, value_added] =
        ["a.csv", "b.csv", "c.csv", "d.csv", "e.csv"].map(&mut file);
    let path = |given: Option<_>| given.unwrap_or_else(|| folder.path().join("none.csv"));
    let import = TableImport {
        flows: path(flows),
        demand: path(demand),
        output,
        value_added,
        availability,
        inventory_days: if bytes.len().is_multiple_of(2) { 90.0 } else { 5.0 },
        psi: if bytes.len().is_multiple_of(3) { 1.0 } else { 0.8 },
        restoration_days: 60.0,
        overtime_max: 1.25,
        overtime_days: 365.0,
        suppliers: if bytes.len().is_multiple_of(5) { Suppliers::Fixed } else { Suppliers::Capacity },
        currency: "EUR".to_owned(),
        value_per_unit: 1e6,
        steps: 30,
    };
    let to = folder.path().join("table.toml");
    let Ok(scenario) = import_table(&import, &to) else {
        assert!(!to.exists(), "a scenario of a table that is refused");
        return Fate::Refused;
    };
    let again = Scenario::load(&to).unwrap_or_else(|e| panic!("{e}"));
    assert!(again.tables() == scenario.tables(), "another scenario was written");
    let Ok(model) = again.compile() else { return Fate::Parsed };
    let Ok(outcome) = bounded(&model, 1).run() else { return Fate::Compiled };
    asked::sound(&outcome);
    if import.availability.is_none() {
        // Value added is a difference of flows, and no more exact than these.
        let exact = 1e-9 * greatest(bytes) * import.value_per_unit;
        for party in outcome.labels().parties() {
            let loss = outcome.loss(&party.id).expect("a party").mean();
            assert!(loss.abs() <= exact, "{} loses {loss} at rest", party.id);
        }
    }
    Fate::Ran
}

/// The greatest number in a text.
fn greatest(bytes: &[u8]) -> f64 {
    let words = bytes.split(|byte| !(byte.is_ascii_alphanumeric() || b"+-.".contains(byte)));
    let numbers = words.filter_map(|word| std::str::from_utf8(word).ok()?.parse::<f64>().ok());
    numbers.filter(|x| x.is_finite()).fold(0.0, |most, x| most.max(x.abs()))
}

fn parts(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    while let Some(at) = bytes.windows(BETWEEN.len()).position(|window| window == BETWEEN) {
        parts.push(&bytes[..at]);
        bytes = &bytes[at + BETWEEN.len()..];
    }
    parts.push(bytes);
    parts
}
