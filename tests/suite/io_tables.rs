//! Input-output tables in every form they may have, and every fault they may have.

use crate::common::compile;
use crate::parts::{event, uniform};
use crate::small::{Folder, problems_in};
use crate::tables::Table;
use supplyshock::scenario::{Control, Draft, IoTable, LeafValue, Problem, Tables, Target};
use supplyshock::step::reference::Trial;
use supplyshock::{Ensemble, Error, Model, Scenario};

/// Four industries: two regions of two sectors.
const Z: &str = ",A|ore,A|car,B|ore,B|car\nA|ore,1,20,0,4\nA|car,2,5,1,6\nB|ore,3,8,2,30\nB|car,0.5,2,1,9\n";
const Y: &str = "label,A,B,stocks\nA|ore,10,5,-2\nA|car,60,20,1\nB|ore,4,6,0\nB|car,30,90,-3\n";
const X: &str = "label,output\nA|ore,38\nA|car,95\nB|ore,53\nB|car,129.5\n";

const SCENARIO: &str = "scenario.title = \"t\"\nscenario.currency = \"JPY\"\n[time]\nstart = 2026-01-01\nstep_days = 1\nhorizon_days = 60\n\
    [parties.A]\ngdp_per_year = 100\n[parties.B]\ngdp_per_year = 100\n\
    [io_tables.world]\nflows = \"Z.csv\"\ndemand = \"Y.csv\"\noutput = \"x.csv\"\n";

fn folder(z: &str, y: &str, x: &str, more: &str) -> Folder {
    Folder::with(&[("s.toml", &format!("{SCENARIO}{more}")), ("Z.csv", z), ("Y.csv", y), ("x.csv", x)])
}

fn load(folder: &Folder) -> Scenario {
    Scenario::load(folder.path("s.toml")).unwrap_or_else(|e| panic!("{e}"))
}

fn compiled(folder: &Folder) -> Model {
    load(folder).compile().unwrap_or_else(|e| panic!("{e}"))
}

/// The four industries with changes.
fn changed(change: impl FnOnce(Draft) -> Draft) -> Scenario {
    change(load(&folder(Z, Y, X, "")).edit()).finish().unwrap_or_else(|e| panic!("{e}"))
}

fn faults(z: &str, y: &str, x: &str, more: &str) -> Vec<Problem> {
    problems_in(&folder(z, y, x, more).path("s.toml"))
}

/// Checks that a table has one fault, in this file at this line, that says this.
fn one(found: &[Problem], file: &str, line: usize, says: &str) {
    assert_eq!(found.len(), 1, "{found:#?}");
    let problem = &found[0];
    assert!(problem.file.as_ref().is_some_and(|f| f.ends_with(file)), "{problem}");
    assert_eq!(problem.line, line, "{problem}");
    assert!(problem.message().contains(says), "`{says}` in: {problem}");
}

#[test]
fn an_industry_is_a_site_with_the_inputs_it_buys() {
    let folder = folder(Z, Y, X, "");
    let model = compiled(&folder);
    assert_eq!(model.sites().collect::<Vec<_>>(), ["A|ore", "A|car", "B|ore", "B|car"]);
    let links: Vec<String> = model.links().map(|l| l.to_string()).collect();
    // 15 flows, 16 cells; by buyer, sector and supplier.
    assert_eq!(links.len(), 15);
    assert_eq!(links[..4], ["A|ore>A|ore:ore", "B|ore>A|ore:ore", "A|car>A|ore:car", "B|car>A|ore:car"]);
    let mut trial = Trial::new(&model, 0, 0).expect("a baseline");
    trial.step();
    let activity: Vec<f64> = trial.activities().map(|a| a.activity * 365.0).collect();
    for (found, output) in activity.iter().zip([38.0, 95.0, 53.0, 129.5]) {
        assert!((found - output).abs() < 1e-9, "{activity:?}");
    }
    // Use of a day 1/365 of a year; 89 days of cover after it.
    let stocks: Vec<(String, String, f64)> =
        trial.stocks().map(|(site, input, stock)| (site.to_owned(), input.to_owned(), stock)).collect();
    assert_eq!(stocks.len(), 8);
    let (site, input, stock) = &stocks[2];
    assert_eq!((site.as_str(), input.as_str()), ("A|car", "ore"));
    assert!((stock - 89.0 * 28.0 / 365.0).abs() < 1e-9, "{stock}");
}

#[test]
fn both_layouts_and_any_order_of_rows_give_the_same_network() {
    let table = Table::random(3, 4, 5);
    let quake = event(["R1|s2"], Target::Capacity, 5.0, 40.0, 0.9);
    let digest = |ending: &str, files: &[(&'static str, String)]| {
        let folder = Folder::with(&[("s.toml", &table.scenario(ending, 120))]);
        for (name, text) in files {
            folder.write(name, text.as_bytes());
        }
        let shaken = load(&folder).edit().tables(|t| {
            t.events.insert("quake".to_owned(), quake.clone());
        });
        let model = shaken.finish().and_then(|s| s.compile()).expect("it compiles");
        Ensemble::new(&model).trials(1).run().expect("runs").digest()
    };
    let flat = digest("csv", &table.flat());
    assert_eq!(digest("txt", &table.pymrio()), flat);
    // Without the row that names the index columns, with a byte order mark and the line ends of Windows.
    let bare = table.pymrio().map(|(name, text)| {
        let rows: Vec<&str> = text.lines().filter(|l| !l.starts_with("region\tsector\t\t")).collect();
        (name, format!("\u{feff}{}\r\n", rows.join("\r\n")))
    });
    assert_eq!(digest("txt", &bare), flat);
    let turned = table.flat().map(|(name, text)| {
        let (header, rows) = text.split_once('\n').expect("a header");
        let rows: Vec<&str> = rows.lines().rev().collect();
        (name, format!("{header}\n{}\n", rows.join("\n")))
    });
    assert_eq!(digest("csv", &turned), flat);
}

#[test]
fn each_fault_is_told_with_its_file_and_labels() {
    let z = |old: &str, new: &str| faults(&Z.replacen(old, new, 1), Y, X, "");
    let y = |old: &str, new: &str| faults(Z, &Y.replacen(old, new, 1), X, "");
    let x = |old: &str, new: &str| faults(Z, Y, &X.replacen(old, new, 1), "");
    one(&z("3,8,2,30", "3,-8,2,30"), "Z.csv", 4, "row `B|ore`, column `A|car`: -8 is negative");
    one(
        &z("3,8,2,30", "3,8,nan,30"),
        "Z.csv",
        4,
        "row `B|ore`, column `B|ore`: `nan` is not a finite number",
    );
    one(&z("3,8,2,30", "x,8,2,30"), "Z.csv", 4, "row `B|ore`, column `A|ore`: `x` is not a finite number");
    one(&z("3,8,2,30", "3,8,,30"), "Z.csv", 4, "row `B|ore`, column `B|ore`: the cell is empty");
    one(&z("3,8,2,30", "3,8,30"), "Z.csv", 4, "row `B|ore` has 3 cells, and there are 4 columns");
    one(&z("A|car,B|ore,", "A|car,A|car,"), "Z.csv", 1, "two columns are labelled `A|car`");
    one(&y("60,20,1", "60,inf,1"), "Y.csv", 3, "row `A|car`, column `B`: `inf` is not a finite number");
    one(
        &y("10,5,-2", "10,5,-50"),
        "Y.csv",
        2,
        "row `A|ore`: flows of 25 and a demand of -35 make a negative output",
    );
    one(&y("60,20,1", "60,20"), "Y.csv", 3, "row `A|car` has 3 cells, not 4");
    one(&x("95", "-95"), "x.csv", 3, "row `A|car`, column `output`: -95 is negative");
    one(
        &x("95", "97.2"),
        "x.csv",
        3,
        "row `A|car`: the output 97.2 is not the 95 that flows and demand sum to",
    );
    one(&x("label,output", "label,output,more"), "x.csv", 1, "it has 2 columns of numbers, not one");
    // Within 0.1% it agrees.
    load(&folder(Z, Y, &X.replacen("95", "95.09", 1), ""));
    // A column more, a row more, and a label that the flows do not have.
    let found = z("30\nB|car,0.5,2,1,9", "30");
    assert!(
        found.iter().any(|p| p.message() == "the table is not square: it has 3 rows and 4 columns"),
        "{found:#?}"
    );
    assert!(found.iter().any(|p| p.message() == "there is no row `B|car`"), "{found:#?}");
    let found = y("B|car", "B|cat");
    assert!(found[0].message().contains("row `B|cat` has no row or column of that label"), "{found:#?}");
    assert_eq!(found[0].help().as_deref(), Some("did you mean `B|car`?"));
    assert!(found[1].message().contains("there is no row `B|car`"), "{found:#?}");
    let found = x("B|car,129.5\n", "");
    one(&found, "x.csv", 0, "there is no row `B|car`");
    one(&faults("", Y, X, ""), "Z.csv", 0, "the file is empty");
    let missing = Folder::with(&[("s.toml", SCENARIO), ("Y.csv", Y), ("x.csv", X)]);
    one(&problems_in(&missing.path("s.toml")), "Z.csv", 0, "cannot read it");
    let unlabelled = faults("a,b,c\n1,2,3\n4,5,6\n", Y, X, "");
    one(&unlabelled, "Z.csv", 2, "no two header rows");
    // An industry that uses goods and makes nothing.
    let found = faults(
        &Z.replacen("B|car,0.5,2,1,9", "B|car,0,0,0,0", 1),
        &Y.replacen("30,90,-3", "0,0,0", 1),
        &X.replacen("129.5", "0", 1),
        "",
    );
    one(&found, "Z.csv", 0, "column `B|car`: it uses 40");
}

#[test]
fn all_faults_come_at_once_up_to_a_limit() {
    let n = 60;
    let labels: Vec<String> = (0..n).map(|i| format!("A|{i}")).collect();
    let rows: Vec<String> = labels.iter().map(|l| format!("{l}{}", ",-1".repeat(n))).collect();
    let z = format!(",{}\n{}\n", labels.join(","), rows.join("\n"));
    let found = faults(&z, Y, X, "[events.e]\nsites = [\"A|0\"]\nseverity = 2");
    assert!(found.len() > 40 && found.len() < 60, "{}", found.len());
    assert!(found.iter().any(|p| p.path == "events.e.severity"), "faults of the scenario stand beside them");
    let last = found.last().expect("one");
    assert!(last.message().ends_with("more of the kind"), "{last}");
}

#[test]
fn a_negative_demand_counts_as_none_and_negative_value_added_is_a_warning() {
    assert_eq!(load(&folder(Z, Y, X, "")).warnings(), []);
    // Demand for ore of A nets to -5 and counts as 0; the output is what industries take.
    let y = Y.replacen("10,5,-2", "10,5,-20", 1);
    let f = folder(Z, &y, &X.replacen("38", "20", 1), "");
    let scenario = load(&f);
    let warnings: Vec<String> = scenario.warnings().iter().map(ToString::to_string).collect();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("row `A|ore`: a demand of -5 counts as 0"), "{warnings:?}");
    let model = scenario.compile().expect("it compiles");
    let mut trial = Trial::new(&model, 0, 0).expect("a baseline");
    trial.step();
    let first = trial.activities().next().expect("one").activity * 365.0;
    assert!((first - 25.0).abs() < 1e-9, "{first}");
    // Ore of A that costs more than it brings.
    let dear = folder(&Z.replacen("A|car,2,", "A|car,50,", 1), Y, &X.replacen("95", "143", 1), "");
    let scenario = load(&dear);
    assert_eq!(scenario.warnings().len(), 1);
    assert!(scenario.warnings()[0].message().contains("column `A|ore`: its value added is negative, -16.5"));
    scenario.compile().expect("it runs all the same");
}

#[test]
fn the_scenario_around_a_table_is_checked_with_it() {
    let with = |more: &str| faults(Z, Y, X, more);
    let event = |site: &str| {
        format!("[events.e]\nsites = [\"{site}\"]\nstart_days = 1\nduration_days = 9\nseverity = 0.5")
    };
    load(&folder(Z, Y, X, &event("B|car")));
    let found = with(&event("B|cat"));
    one(&found, "s.toml", 16, "there is no site `B|cat`");
    assert_eq!(found[0].help().as_deref(), Some("did you mean `B|car`?"));
    let found = with("psi = 1.2\ninventory_days = 0.5\nsuppliers = \"all\"");
    assert!(found.iter().any(|p| p.path == "io_tables.world.suppliers"), "{found:#?}");
    let found = with("psi = 1.2\ninventory_days = 0.5");
    let paths: Vec<&str> = found.iter().map(|p| p.path.as_str()).collect();
    assert_eq!(paths, ["io_tables.world.psi", "io_tables.world.inventory_days"]);
    let alone = SCENARIO.replacen("[parties.B]\ngdp_per_year = 100\n", "", 1);
    let found = problems_in(
        &Folder::with(&[("s.toml", &alone), ("Z.csv", Z), ("Y.csv", Y), ("x.csv", X)]).path("s.toml"),
    );
    one(&found, "s.toml", 10, "there is no party that answers for region `B`");
    let found = with(
        "[sites.\"A|car\"]\ncountry = \"A\"\nstage = \"x\"\noutputs.car = {}\n[commodities]\ncar = { unit = \"t\" }",
    );
    one(&found, "s.toml", 11, "`A|car` is also the id of another site");
    let found = with("[io_tables.again]\nflows = \"Z.csv\"\ndemand = \"Y.csv\"");
    one(&found, "s.toml", 15, "`A|ore` is also the id of a site of table `world`");
    let found = with("[links.\"A|car>B|car:car\"]\nlead_time_days = 1");
    one(&found, "s.toml", 15, "site `A|car` stands in an input-output table");
    let found = with(
        "[controls.c]\nexporters = [\"A\"]\nimporters = [\"C\"]\ncommodities = [\"cars\"]\nonset_days = 1\nduration_days = 1",
    );
    assert_eq!(found.len(), 2, "{found:#?}");
}

#[test]
fn a_control_bars_the_lanes_of_a_table() {
    let free = changed(|draft| {
        draft.set("io_tables.world.inventory_days", 5).set("io_tables.world.suppliers", "fixed")
    });
    let ban = Control::new(["B"], ["A"]).commodities(["ore"]).onset_days(2).duration_days(50);
    let barred = free.edit().tables(|t| {
        t.controls.insert("ban".to_owned(), ban);
    });
    let mean = |scenario: &Scenario| {
        let model = scenario.compile().expect("it compiles");
        let outcome = Ensemble::new(&model).trials(1).run().expect("runs");
        outcome.loss("A").expect("a party").mean()
    };
    // A turns to its own mines, which run at capacity already.
    let loss = mean(&barred.finish().expect("it has no fault"));
    assert!(loss > 0.1, "{loss}");
    assert!(mean(&free).abs() < 1e-6);
}

#[test]
fn no_control_bars_what_an_industry_uses_of_its_own() {
    // One industry of one region, all of whose purchases are its own goods.
    let table = Table::random(1, 1, 3);
    assert!(table.z[0][0] > 0.0);
    let ban = || Control::new(["R0"], ["R0"]).onset_days(2).duration_days(50);
    let own = table.tables(60, IoTable::new(table.figures()).inventory_days(5)).control("ban", ban());
    let loss = |tables: &Tables| {
        let outcome = Ensemble::new(&compile(tables)).trials(1).run().expect("runs");
        outcome.loss("R0").expect("a party").mean()
    };
    assert_eq!(loss(&own), 0.0);
    // Between two industries of the region it bars what they sell each other.
    let table = Table::random(1, 2, 3);
    let both = table.tables(60, IoTable::new(table.figures()).inventory_days(5)).control("ban", ban());
    assert!(loss(&both) > 0.0);
}

#[test]
fn the_parameters_of_a_table_can_be_drawn() {
    let strike = event(["A|ore", "B|ore"], Target::Capacity, 1.0, 40.0, 0.7);
    let scenario = changed(|draft| {
        draft.set("io_tables.world.inventory_days", uniform(10.0, 30.0)).tables(|t| {
            t.events.insert("e".to_owned(), strike);
        })
    });
    let drawn: Vec<_> = scenario
        .assumptions()
        .into_iter()
        .filter(|a| matches!(a.leaf.value, LeafValue::Distribution(_)))
        .map(|a| a.path)
        .collect();
    assert_eq!(drawn, ["io_tables.world.inventory_days"]);
    let model = scenario.compile().expect("it compiles");
    let outcome = Ensemble::new(&model).trials(20).run().expect("runs");
    let loss = outcome.loss("A").expect("a party");
    assert!(loss.max() > loss.min());
    // Each trial on its own, with the same baseline, has the same bits.
    for trial in [0, 7, 19] {
        let mut run = Trial::new(&model, 0, trial).expect("a baseline");
        run.run();
        let loss = outcome.values(outcome.subjects().next().expect("one")).expect("A")[trial as usize];
        assert_eq!(loss.to_bits(), (run.lost()[0] + run.lost()[1]).to_bits());
    }
}

#[test]
fn a_scenario_needs_a_table_or_sites() {
    let error = Scenario::parse("t.toml", "[scenario]\ncurrency = \"JPY\"\ntitle = \"t\"")
        .expect_err("it has no sites");
    assert!(
        matches!(&error, Error::Scenario(p) if p.as_slice().iter().any(|p| p.message() == "`sites` is missing"))
    );
}

#[test]
fn a_table_of_two_hundred_industries_loads() {
    let table = Table::random(10, 20, 8);
    let model = compile(&table.tables(60, IoTable::new(table.figures())));
    assert_eq!(model.sites().count(), 200);
    let flows = table.z.iter().flatten().filter(|z| **z > 0.0).count();
    assert_eq!(model.links().count(), flows);
    let outcome = Ensemble::new(&model).trials(1).run().expect("runs");
    assert!(outcome.loss("R3").expect("a region").max().abs() < 1e-9);
}
