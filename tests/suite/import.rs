//! From the files of an input-output table to a scenario, as a user makes it.

use crate::programs::{program, refuses, succeeds, table as csv_table};
use crate::small::Folder;
use crate::tables::Table;
use std::process::Command;
use supplyshock::files::Reading;
use supplyshock::scenario::Suppliers;

/// A folder with the files of a table in its folder `in`, and with a folder `out` for scenarios.
fn folder(table: &Table) -> Folder {
    let folder = Folder::with(&[("out/keep", "")]);
    for (name, text) in table.flat() {
        folder.write(&format!("in/{name}"), text.as_bytes());
    }
    folder
}

fn import(folder: &Folder, more: &[&str]) -> Command {
    let mut command = program("import_table");
    command.arg("--flows").arg(folder.path("in/Z.csv")).arg("--demand").arg(folder.path("in/Y.csv"));
    command.arg("--out").arg(folder.path("out/made.toml")).args(more);
    command.arg("--allow-read").arg(folder.path("in"));
    command
}

/// A program on the scenario that was made.
fn on_it(name: &str, folder: &Folder) -> Command {
    let mut command = program(name);
    command.arg(folder.path("out/made.toml")).arg("--allow-read").arg(folder.path("in"));
    command
}

#[test]
fn a_scenario_is_made_that_refers_to_the_files() {
    let table = Table::random(3, 4, 11);
    let folder = folder(&table);
    let x = folder.path("in/x.csv");
    let out = succeeds(&mut import(&folder, &["--output", x.to_str().expect("text"), "--steps", "40"]));
    assert!(out.contains("12 industries of 3 regions, from Z.csv"), "{out}");
    let text = std::fs::read_to_string(folder.path("out/made.toml")).expect("a scenario");
    for line in ["flows = \"../in/Z.csv\"", "demand = \"../in/Y.csv\"", "output = \"../in/x.csv\""] {
        assert!(text.contains(line), "{text}");
    }
    let reading = Reading::new().allow([folder.path("in")]);
    let scenario = reading.load(folder.path("out/made.toml")).unwrap_or_else(|e| panic!("{e}"));
    let t = scenario.tables();
    assert_eq!((t.time.step_days, t.time.horizon_days), (1, 40));
    let world = &t.io_tables["world"];
    let keys = [
        &world.inventory_days,
        &world.psi,
        &world.restoration_days,
        &world.overtime_max,
        &world.overtime_days,
    ];
    assert_eq!(keys.map(|k| k.as_number()), [90.0, 0.8, 60.0, 1.25, 365.0].map(Some));
    assert_eq!(world.suppliers, Suppliers::Capacity);
    // The value added of a region is its output less what it buys.
    for r in 0..3 {
        let own = (0..12).filter(|j| j / 4 == r);
        let added: f64 = own.map(|j| table.output(j) - table.z.iter().map(|row| row[j]).sum::<f64>()).sum();
        let gdp = t.parties[&format!("R{r}")].gdp_per_year.as_number().expect("a number");
        assert!((gdp - added).abs() < 1e-9 * added, "{gdp} {added}");
    }
    let checked = succeeds(&mut on_it("check", &folder));
    assert!(checked.contains("12 sites"), "{checked}");
}

#[test]
fn availability_becomes_events() {
    let table = Table::random(2, 3, 12);
    let folder = folder(&table);
    let mut rows = "day,R0|s1,R1|s2\n".to_owned();
    for t in 0..30 {
        rows += &format!("{t},{},{}\n", if t < 9 { 1.0 } else { 0.25 }, 1.0 - f64::from(t) / 100.0);
    }
    folder.write("in/A.csv", rows.as_bytes());
    let a = folder.path("in/A.csv");
    let a = a.to_str().expect("text");
    succeeds(&mut import(&folder, &["--availability", a, "--steps", "30", "--suppliers", "fixed"]));
    let trace = folder.path("trace.csv");
    succeeds(on_it("trace", &folder).arg("--out").arg(&trace));
    let (_, rows) = csv_table(&trace);
    let mut seen = 0;
    for row in rows.iter().filter(|r| r[2] == "R0|s1" || r[2] == "R1|s2") {
        let t: usize = row[0].parse().expect("a step");
        let i = if row[2] == "R0|s1" { 1 } else { 5 };
        let left = if i == 5 {
            1.0 - t as f64 / 100.0
        } else if t < 9 {
            1.0
        } else {
            0.25
        };
        let capacity: f64 = row[4].parse().expect("a number");
        let usual = left * table.output(i) / 365.0;
        // Overtime adds a little.
        assert!(capacity >= usual * (1.0 - 1e-12) && capacity < usual * 1.02, "{row:?} {usual}");
        seen += 1;
    }
    assert_eq!(seen, 60);
    let said = refuses(&mut import(&folder, &["--availability", a, "--steps", "31"]), 1);
    assert!(said.contains("it has 30 rows, and there are 31 steps"), "{said}");
    folder.write("in/A.csv", b"R0|s7\n1\n");
    let said = refuses(&mut import(&folder, &["--availability", a, "--steps", "1"]), 1);
    assert!(said.contains("there is no site `R0|s7`") && said.contains("did you mean"), "{said}");
}

#[test]
fn nothing_is_written_where_something_is_wrong() {
    let table = Table::random(2, 2, 13);
    let folder = folder(&table);
    let made = folder.path("out/made.toml");
    let said = refuses(&mut import(&folder, &["--psi", "1.5"]), 1);
    assert!(said.contains("io_tables.world.psi: 1.5 is out of range"), "{said}");
    folder.write("in/Y.csv", b"label,y\nR0|s0,x\n");
    let said = refuses(&mut import(&folder, &[]), 1);
    assert!(
        said.contains("Y.csv:2:7: demand: row `R0|s0`, column `y`: `x` is not a finite number"),
        "{said}"
    );
    assert!(said.contains("there is no row `R1|s1`"), "{said}");
    assert!(!made.exists());
}

#[test]
fn what_is_doubtful_is_told_beside_the_result() {
    let folder = Folder::with(&[
        ("in/Z.csv", ",A|a,A|b\nA|a,1,2\nA|b,3,30\n"),
        ("in/Y.csv", "label,y\nA|a,5\nA|b,-3\n"),
        ("out/keep", ""),
    ]);
    let ran = import(&folder, &[]).output().expect("it starts");
    let said = String::from_utf8(ran.stderr).expect("text");
    assert!(ran.status.success(), "{said}");
    let first = said.lines().next().expect("a line");
    assert!(
        first.starts_with("warning: ") && first.ends_with("row `A|b`: a demand of -3 counts as 0"),
        "{said}"
    );
    let ran = on_it("check", &folder).output().expect("it starts");
    assert!(ran.status.success());
    assert!(String::from_utf8(ran.stderr).expect("text").starts_with("warning: "));
}

#[test]
fn a_region_of_nothing_is_kept_and_value_added_is_passed_on() {
    let folder = Folder::with(&[
        ("in/Z.csv", "l;A|a;A|b;B|a\nA|a;1;2;0\nA|b;3;30;0\nB|a;0;0;0\n"),
        ("in/Y.csv", "l;y\nA|a;5\nA|b;1.003,5\nB|a;0\n"),
        ("in/V.csv", "l;A|a;A|b;B|a\npay;2;500;0\nprofit;1;100,5;0\n"),
        ("out/keep", ""),
    ]);
    let v = folder.path("in/V.csv");
    let ran = import(&folder, &["--value-added", v.to_str().expect("text"), "--value-per-unit", "1000"]);
    let ran = { ran }.output().expect("it starts");
    let said = String::from_utf8(ran.stderr).expect("text");
    assert!(ran.status.success(), "{said}");
    assert!(
        said.contains("`B|a` makes and uses nothing") && said.contains("region `B` adds no value"),
        "{said}"
    );
    let scenario = Reading::new()
        .allow([folder.path("in")])
        .load(folder.path("out/made.toml"))
        .unwrap_or_else(|e| panic!("{e}"));
    let gdp = |party: &str| scenario.tables().parties[party].gdp_per_year.as_number();
    assert_eq!([gdp("A"), gdp("B")], [Some(603_500.0), Some(1000.0)]);
    let checked = on_it("check", &folder).output().expect("it starts");
    assert!(checked.status.success());
}
