//! Files of tables as people have them, and what becomes of them.

use crate::small::Folder;
use std::collections::BTreeMap;
use supplyshock::scenario::ProblemKind;
use supplyshock::{Error, Scenario};

/// The keys that files of these names stand under.
const KEYS: [(&str, &str); 4] =
    [("flows", "Z.csv"), ("demand", "Y.csv"), ("output", "x.csv"), ("value_added", "V.csv")];

/// The files of a table beside a scenario.
pub struct Files {
    folder: Folder,
    files: BTreeMap<String, Vec<u8>>,
    /// Regions, each of which is a party.
    pub regions: Vec<String>,
}

impl Files {
    /// Flows and demand, in regions `A`, `B` and `C`.
    pub fn of(z: &str, y: &str) -> Self {
        let regions = ["A", "B", "C", "T"].map(str::to_owned).to_vec();
        let mut files = Files { folder: Folder::with(&[]), files: BTreeMap::new(), regions };
        files.set("Z.csv", z.as_bytes());
        files.set("Y.csv", y.as_bytes());
        files
    }

    pub fn set(&mut self, name: &str, bytes: &[u8]) {
        self.files.insert(name.to_owned(), bytes.to_vec());
        self.folder.write(name, bytes);
    }

    pub fn get(&self, name: &str) -> &[u8] {
        &self.files[name]
    }

    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    pub fn try_load(&self) -> Result<Scenario, Error> {
        let mut text = "scenario = { title = \"t\", currency = \"JPY\" }\n\
                        time = { start = 2026-01-01, step_days = 1, horizon_days = 60 }\n[io_tables.world]\n"
            .to_owned();
        for (key, name) in KEYS.iter().filter(|(_, name)| self.files.contains_key(*name)) {
            text += &format!("{key} = \"{name}\"\n");
        }
        for region in &self.regions {
            text += &format!("[parties.\"{region}\"]\ngdp_per_year = 100\n");
        }
        self.folder.write("s.toml", text.as_bytes());
        Scenario::load(self.folder.path("s.toml"))
    }

    pub fn load(&self) -> Scenario {
        self.try_load().unwrap_or_else(|e| panic!("{e}"))
    }

    /// Value added of all regions.
    pub fn value_added(&self, scenario: &Scenario) -> f64 {
        let figures = &scenario.tables().io_tables["world"].figures;
        figures.regions().iter().map(|region| figures.value_added(region)).sum()
    }

    /// What is doubtful in the files.
    pub fn said(&self, scenario: &Scenario) -> Vec<String> {
        let of_table = |kind: &ProblemKind| matches!(kind, ProblemKind::Table(_));
        scenario.warnings().iter().filter(|w| of_table(&w.kind)).map(|w| w.message()).collect()
    }
}

pub fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9 * expected.abs().max(1.0), "{found}, not {expected}");
}
