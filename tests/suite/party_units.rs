//! Parties whose value added and product cannot be in one unit.

use crate::programs::{program, succeeds};
use crate::small::Folder;
use crate::tables::Table;
use std::path::Path;
use supplyshock::Scenario;
use supplyshock::scenario::{IoTable, Problem};

/// What is doubtful in a table of two regions whose products are so many times their value added.
fn doubts(times: f64) -> Vec<Problem> {
    let table = Table::random(2, 3, 31);
    let figures = table.figures();
    let added: Vec<f64> = figures.regions().iter().map(|region| figures.value_added(region)).collect();
    let mut tables = table.tables(60, IoTable::new(figures).value_per_unit(1e6));
    for (party, added) in tables.parties.values_mut().zip(added) {
        *party = supplyshock::scenario::Party::new(added * 1e6 * times);
    }
    let model = Scenario::new("t", tables).and_then(|s| s.compile()).unwrap_or_else(|e| panic!("{e}"));
    model.warnings()
}

#[test]
fn value_added_that_is_no_part_of_the_product_is_told() {
    for fits in [1.0, 0.995, 50.0, 99.0] {
        assert_eq!(doubts(fits), [], "{fits}");
    }
    for (times, says) in
        [(0.98, "is over a GDP of"), (1e-6, "is over a GDP of"), (101.0, "is under a hundredth of")]
    {
        let found = doubts(times);
        assert_eq!(found.len(), 2, "{times}: {found:#?}");
        assert_eq!(found[0].path, "parties.R0.gdp_per_year");
        assert!(found[0].message().contains(says), "{}", found[0]);
    }
}

#[test]
fn sites_of_a_network_may_be_a_small_part_of_a_product() {
    let text = |gdp: &str, added: &str| {
        format!(
            "scenario = {{ title = \"t\", currency = \"EUR\" }}\ntime = {{ start = 2026-01-01, horizon_days = 70 }}\n\
             parties.A.gdp_per_year = {gdp}\ncommodities = {{ ore.unit = \"t\", metal.unit = \"t\" }}\n\
             sites.pit = {{ country = \"A\", stage = \"mine\", value_added_per_unit = {added}, outputs.ore = {{}} }}\n\
             sites.mill = {{ country = \"A\", stage = \"plant\", value_added_per_unit = 3, outputs.metal.final_demand_per_year = 100, \
             inputs.ore = {{ use_per_unit = 2, cover_days = 30 }} }}\n\
             links.\"pit>mill:ore\".lead_time_days = 7\n"
        )
    };
    let found = |gdp: &str, added: &str| {
        let scenario = Scenario::parse("t", &text(gdp, added)).unwrap_or_else(|e| panic!("{e}"));
        scenario.compile().unwrap_or_else(|e| panic!("{e}")).warnings()
    };
    // 200 of ore at 5 and 100 of metal at 3.
    assert_eq!(found("1300", "5"), []);
    assert_eq!(found("1e9", "5"), []);
    let over = found("1280", "5");
    assert_eq!(over.len(), 1, "{over:#?}");
    assert_eq!(over[0].message(), "a value added of 1.3e3 a year is over a GDP of 1.28e3");
}

#[test]
fn check_and_run_tell_of_units() {
    let table = Table::random(2, 2, 32);
    let folder = Folder::with(&[("s.toml", &table.scenario("csv", 10).replace("1e6", "1"))]);
    for (name, text) in table.flat() {
        folder.write(name, text.as_bytes());
    }
    for name in ["check", "run"] {
        let mut command = program(name);
        command.arg(folder.path("s.toml"));
        if name == "run" {
            command.args(["--trials", "1"]);
        }
        let ran = command.output().expect("it starts");
        let said = String::from_utf8(ran.stderr).expect("text");
        assert!(ran.status.success(), "{said}");
        assert_eq!(said.matches("is over a GDP of 1e0").count(), 2, "{name}: {said}");
    }
    // With products that fit, nothing is told.
    folder.write("s.toml", table.scenario("csv", 10).replace("1e6", "1e3").as_bytes());
    succeeds(program("check").arg(folder.path("s.toml")));
}

#[test]
fn no_shipped_scenario_has_doubtful_units() {
    let mut seen = 0;
    for entry in Path::new("../scenarios").read_dir().expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|e| e == "toml") {
            let model = Scenario::load(&path).and_then(|s| s.compile()).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(model.warnings(), [], "{}", path.display());
            seen += 1;
        }
    }
    assert!(seen > 20);
}
