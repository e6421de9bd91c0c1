//! A small scenario that tests break, lay files over, and run.

use crate::parts::uniform;
use std::path::{Path, PathBuf};
use supplyshock::scenario::{Draft, Problem};
use supplyshock::{Error, Model, Scenario};
use tempfile::TempDir;

/// Two suppliers of metal, one of them behind a control; a stock that is opened in need; an event.
/// Three facts are drawn.
pub const SMALL: &str = r#"[scenario]
currency = "JPY"
title = "small"
headline = "JP"

[time]
start = 2026-01-06
step_days = 7
horizon_days = 364

[rules]
stopped_below = 0.9

[parties.JP]
gdp_per_year = 6e14

[parties.CN]
gdp_per_year = 2e15
countries = ["CN", "MM"]

[commodities]
ore = { unit = "t" }
metal = { unit = "t" }
car = { unit = "JPY", name = "cars" }

[assumptions]
need = { triangular = { low = 0.2, mode = 0.3, high = 0.5 }, source = "a survey", basis = "recalled" }

[sites.mine]
country = "MM"
stage = "mine"
spare_capacity = 0.2
value_added_per_unit = 100
outputs.ore = {}

[sites.smelter]
country = "CN"
stage = "metal"
capacity_per_year = 9e5
value_added_per_unit = 1000

[sites.smelter.inputs.ore]
use_per_unit = 2
cover_days = 21
restoration_days = 35

[sites.smelter.outputs.metal]
stock_target_days = 14

[sites.mill]
country = "JP"
stage = "metal"
spare_capacity = 0.1
value_added_per_unit = 1200
inputs.ore = { use_per_unit = 2.5, cover_days = 30 }
outputs.metal = {}

[sites.cars]
country = "JP"
stage = "sector"
value_added_per_unit = 0.3

[sites.cars.inputs.metal]
use_per_unit = 1e-3
cover_days = { uniform = { low = 30, high = 60 } }
criticality = { assumption = "need", times = 1.5, plus = 0.1 }
throttle = "hard"

[sites.cars.outputs.car]
final_demand_per_year = 1e9

[links."mine>smelter:ore"]
lead_time_days = 7

[links."mine>mill:ore"]
lead_time_days = 21

[links."smelter>cars:metal"]
share = 0.7
lead_time_days = 28

[links."mill>cars:metal"]
share = 0.3
lead_time_days = 14
surge_limit = 1.5

[links."depot>cars:metal"]
lead_time_days = 7

[reserves.depot]
country = "JP"
commodity = "metal"
amount_days = 10
trigger_days = 25

[controls.ban]
exporters = ["CN"]
importers = ["JP"]
commodities = ["metal"]
onset_days = 28
duration_days = { uniform = { low = 60, high = 250 } }
severity = 0.8

[events.quake]
sites = ["mill"]
start_days = 50
duration_days = 30
severity = 0.5
recovery = { exponential = { days = 20 } }
"#;

/// The small scenario with one piece of it, which must be there once, written otherwise.
pub fn with(old: &str, new: &str) -> String {
    assert_eq!(SMALL.matches(old).count(), 1, "`{old}` must stand in the scenario once");
    SMALL.replacen(old, new, 1)
}

/// The small scenario.
pub fn small() -> Scenario {
    Scenario::parse("test.toml", SMALL).expect("it has no problem")
}

/// The model of the small scenario with changes.
pub fn changed(change: impl FnOnce(Draft) -> Draft) -> Model {
    change(small().edit()).finish().and_then(|s| s.compile()).unwrap_or_else(|e| panic!("{e}"))
}

/// The small scenario with a drawn product of Japan.
pub fn drawn_gdp() -> Model {
    changed(|draft| draft.set("parties.JP.gdp_per_year", uniform(4e14, 8e14)))
}

/// The problems of an error, or a failure where it is another error.
pub fn listed(error: Error) -> Vec<Problem> {
    match error {
        Error::Scenario(problems) => problems.as_slice().to_vec(),
        other => panic!("no list of problems: {other}"),
    }
}

/// The problems of a text.
pub fn problems(text: &str) -> Vec<Problem> {
    match Scenario::parse("small.toml", text) {
        Ok(_) => panic!("it should have problems:\n{text}"),
        Err(error) => listed(error),
    }
}

/// The problems of a file.
pub fn problems_in(path: &Path) -> Vec<Problem> {
    listed(Scenario::load(path).expect_err("it should have problems"))
}

/// Files in a folder that is gone with it.
pub struct Folder(TempDir);

impl Folder {
    /// A folder with these files in it; folders on their way are made.
    pub fn with(files: &[(&str, &str)]) -> Self {
        let folder = Folder(tempfile::tempdir().expect("a folder"));
        for (name, text) in files {
            folder.write(name, text.as_bytes());
        }
        folder
    }

    pub fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, bytes).expect("a file");
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}
