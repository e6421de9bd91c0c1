//! Published estimates beside a run, and the flagship as it was before each of its changes.

use crate::common::{compile, head};
use crate::parts::{Build, control, industry, maker};
use std::fs;
use std::path::PathBuf;
use supplyshock::files::{PublishedBasis, Reading, published};
use supplyshock::run::Component;
use supplyshock::scenario::{Input, Link};
use supplyshock::{Ensemble, Error};

const SHIPPED: &str = "../scenarios/estimates/published.toml";

fn file(name: &str, text: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("supplyshock-{}-{name}", std::process::id()));
    fs::write(&path, text).expect("a file");
    path
}

#[test]
fn shipped_estimates_name_scenarios_that_can_be_run() {
    let estimates = published(SHIPPED).unwrap_or_else(|e| panic!("{e}"));
    assert!(estimates.len() >= 9);
    for estimate in estimates {
        let path = PathBuf::from("../scenarios").join(&estimate.beside.scenario);
        let scenario = Reading::new().set(&estimate.beside.set).load(path);
        let model = scenario.and_then(|s| s.compile()).unwrap_or_else(|e| panic!("{}: {e}", estimate.id));
        let outcome = Ensemble::new(&model).trials(2).run().expect("runs");
        let mean = |id: &str| outcome.loss(id).expect("a party").mean();
        assert!(outcome.labels().parties().iter().any(|party| mean(&party.id) > 1e11), "{}", estimate.id);
    }
}

#[test]
fn a_run_stands_beside_what_was_published_of_its_parties() {
    let tables = head(7, 364)
        .goods(["part", "good"])
        .site("mine", maker("CN", "part"))
        .site("plant", industry("good", 1e9).input("part", Input::new(1, 14)))
        .link("mine>plant:part", Link::new(7).surge_limit(1))
        .control("cut", control(70.0, 1e6, 1.0));
    let outcome = Ensemble::new(&compile(&tables)).trials(4).run().expect("runs");
    let entry = |id: &str, region: &str, more: &str| {
        format!(
            "[[estimates]]\nid = \"{id}\"\npublisher = \"P\"\ndate = \"2026\"\nregion = \"{region}\"\nshare_of_gdp = 0.01\n\
             horizon_days = 182\ncut = \"c\"\nstocks = \"s\"\nsubstitution = \"u\"\nsource = \"q\"\nbasis = \"recalled\"\n\
             differs = \"d\"\n{more}\nbeside = {{ scenario = \"x.toml\", set = [\"a.b=1\"] }}\n"
        )
    };
    let text = entry("one", "JP", "loss = 3e11\ncurrency = \"JPY\"") + &entry("two", "DE", "jobs = 9000");
    let path = file("beside.toml", &text);
    let estimates = published(&path).expect("two estimates");
    assert_eq!(estimates[1].basis, PublishedBasis::Recalled);
    let text = supplyshock::report::beside(&outcome, &estimates).expect("a table");
    let _ = fs::remove_file(path);
    // The plant stands from day 91 on: 13 of the first 26 weeks and 39 of 52, each of 7e9.
    let row = text.lines().find(|line| line.contains("one")).expect("a row");
    let cells: Vec<&str> = row.split_whitespace().collect();
    assert_eq!(cells[..6], ["one", "JP", "182", "300.000", "1.00%", "91.000"], "{text}");
    assert_eq!(cells[6], "273.000", "{text}");
    assert!(text.contains("run x.toml --set 'a.b=1'") && text.contains("no such party: two (DE)"), "{text}");
    assert!(!text.contains("two:"), "{text}");
}

#[test]
fn all_that_is_wrong_with_estimates_is_told() {
    let told = |text: &str| {
        let path = file("estimates.toml", text);
        let found = published(&path);
        let _ = fs::remove_file(&path);
        match found {
            Err(error @ Error::Published { .. }) => error.to_string(),
            other => panic!("{other:?}"),
        }
    };
    let shipped = fs::read_to_string(SHIPPED).expect("the shipped file");
    let bad = shipped
        .replacen("share_of_gdp = 0.0043", "share_of_gdp = 43", 1)
        .replacen("horizon_days = 91", "horizon_days = -1", 1)
        .replacen("region = \"JP\"", "regoin = \"JP\"", 3)
        .replacen("id = \"imf_us\"", "id = \"imf_jp\"", 1);
    let message = told(&bad);
    for part in ["unknown field `regoin`", "estimates[2]", "`imf_jp` is there twice"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    let bad = shipped.replacen("share_of_gdp = 0.0043", "share_of_gdp = 43", 1);
    let message = told(&bad.replacen("horizon_days = 91", "horizon_days = -1", 1));
    assert!(message.contains("a share is not within") && message.contains("a time over 0"), "{message}");
    assert!(told("a = [").contains("TOML parse error"));
    assert!(told("a = 1").contains("no [[estimates]]"));
    let missing = published("no/such/file.toml").expect_err("it is not there").to_string();
    assert!(missing.starts_with("no/such/file.toml"), "{missing}");
    let folder = published("../scenarios").expect_err("it is a folder").to_string();
    assert!(folder.contains("it is a folder"), "{folder}");
}

#[test]
fn each_change_of_the_flagship_moves_its_loss_and_can_be_undone() {
    let mut files: Vec<PathBuf> = fs::read_dir("../scenarios/changes")
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    files.push("../scenarios/japan_full_cut.toml".into());
    assert!(files.len() >= 7);
    let mean = |path: &PathBuf| {
        let scenario = Reading::new().allow(["../scenarios"]).load(path).unwrap_or_else(|e| panic!("{e}"));
        let model = scenario.compile().expect("compiles");
        let outcome = Ensemble::new(&model).trials(64).run().expect("runs");
        outcome
            .component(&supplyshock::run::Subject::Party("JP".into()), Component::Output)
            .expect("JP")
            .mean()
    };
    let means: Vec<f64> = files.iter().map(mean).collect();
    for (pair, file) in means.windows(2).zip(&files) {
        assert!((pair[1] / pair[0] - 1.0).abs() > 1e-3, "{}: {pair:?}", file.display());
    }
}
