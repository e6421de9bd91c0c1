//! What few trials do not tell is not told: intervals and standard errors, in tables and in files.

use crate::common::{compile, head};
use crate::parts::{Build, control, exponential, maker, sector, uniform};
use crate::programs::{json, program, run_in, small, succeeds};
use crate::small::SMALL;
use serde_json::{Value, json};
use supplyshock::scenario::Link;
use supplyshock::study::{Calibration, Statistic, Target, Variable};
use supplyshock::{Comparison, Ensemble, Scenario};

/// Every entry of a tree whose key ends so, with its path.
fn entries<'v>(value: &'v Value, ending: &str, path: &str, found: &mut Vec<(String, &'v Value)>) {
    let Value::Object(table) = value else { return };
    for (key, below) in table {
        let path = format!("{path}.{key}");
        if key.ends_with(ending) {
            found.push((path.clone(), below));
        }
        entries(below, ending, &path, found);
    }
}

fn all<'v>(value: &'v Value, ending: &str) -> Vec<(String, &'v Value)> {
    let mut found = Vec::new();
    entries(value, ending, "", &mut found);
    assert!(!found.is_empty(), "nothing ends in {ending}");
    found
}

fn is_of_a_share(path: &str) -> bool {
    ["share_ci", "p_zero_ci", "exceedance_ci", "p_less_ci", "p_more_ci"].iter().any(|end| path.ends_with(end))
        && !path.ends_with("difference.share_ci")
}

#[test]
fn one_trial_has_no_interval_but_those_of_shares() {
    let folder = small();
    for more in [&[][..], &["--condensed"]] {
        let out = succeeds(&mut run_in(&folder, 1, more));
        let row = out.lines().find(|line| line.starts_with(" JP ")).expect("a row of Japan");
        let cells: Vec<&str> = row.split_whitespace().collect();
        assert_eq!((cells[2], cells[3], cells[7]), ("±–", "–", "–"), "{row}");
        let summary = json(&folder, "out/summary.json");
        for (path, value) in all(&summary, "_ci") {
            let unknown = path.contains("unsettled") && summary["unsettled_share"].is_null();
            assert_eq!(value.is_null(), !is_of_a_share(&path) || unknown, "{path}: {value}");
        }
        for (path, value) in all(&summary, "std_error").into_iter().chain(all(&summary, "std_dev")) {
            assert!(value.is_null(), "{path}: {value}");
        }
    }
}

#[test]
fn five_trials_have_an_interval_of_the_mean_and_none_of_the_quantile() {
    let folder = small();
    let out = succeeds(&mut run_in(&folder, 5, &[]));
    let row = out.lines().find(|line| line.starts_with(" JP ")).expect("a row of Japan");
    assert!(!row.contains("±–") && row.split_whitespace().nth(7) == Some("–"), "{row}");
    let of = |trials: u64| {
        succeeds(&mut run_in(&folder, trials, &[]));
        json(&folder, "out/summary.json")["parties"]["JP"]["output"].clone()
    };
    let five = of(5);
    assert!(five["p95_ci"].is_null() && five["mean_ci"].is_array() && five["std_error"].is_number());
    // 0.95^71 is over 0.025, 0.95^72 is not.
    assert!(of(71)["p95_ci"].is_null() && of(72)["p95_ci"].is_array());
}

#[test]
fn a_comparison_of_one_trial_has_no_interval_but_those_of_shares() {
    let model = compile(SMALL);
    let outcome = Ensemble::new(&model).trials(1).run().expect("runs");
    let mut comparison = Comparison::new(&outcome).expect("a reference").over(&[1.0, f64::NAN]);
    comparison.add(&outcome).expect("it compares");
    for scenario in comparison.json()["scenarios"].as_array().expect("a list") {
        for (path, value) in
            all(&scenario["parties"], "_ci").into_iter().chain(all(&scenario["first_stop"], "_ci"))
        {
            assert_eq!(value.is_null(), !is_of_a_share(&path), "{path}: {value}");
        }
        assert_eq!(scenario["over"][1], json!({ "amount": null, "probability": null, "ci": [null, null] }));
    }
    assert!(comparison.report().contains("±–"));
}

#[test]
fn what_never_happened_in_the_trials_has_an_upper_end_in_tables_and_files() {
    let folder = small();
    let out = succeeds(&mut run_in(&folder, 100, &["--over", "5tn", "--over", "-1e15"]));
    // 1 - 0.025^(1/100) = 3.62%.
    assert!(out.contains("JP loses over 5000000 JPY m in 0% [0%, 3.62%] of trials."), "{out}");
    assert!(out.contains("in 100% [96.38%, 100%] of trials."), "{out}");
    let summary = json(&folder, "out/summary.json");
    let upper = 1.0 - 0.025_f64.powf(0.01);
    let close = |value: &Value, expected: f64| (value.as_f64().expect("a number") - expected).abs() < 1e-9;
    let loss = &summary["parties"]["JP"]["output"];
    // Nothing is greater than the greatest loss.
    let last = loss["exceedance_ci"].as_array().and_then(|all| all.last()).expect("a level");
    assert_eq!(last[0], 0.0);
    assert!(close(&last[1], upper), "{last}");
    for (path, value) in all(&summary, "share").into_iter().chain(all(&summary, "p_zero")) {
        let key = path.trim_start_matches('.').replace('.', "/");
        let ends = summary.pointer(&format!("/{key}_ci"));
        if path.contains("limiting") || path.contains("gdp_share") || value.is_null() {
            continue;
        }
        let ends = ends.unwrap_or_else(|| panic!("{path} has no interval"));
        if *value == 0.0 {
            assert!(ends[0] == 0.0 && close(&ends[1], upper), "{path}: {ends}");
        } else if *value == 1.0 {
            assert!(close(&ends[0], 1.0 - upper) && ends[1] == 1.0, "{path}: {ends}");
        } else {
            assert!(ends[0].as_f64() < value.as_f64() && value.as_f64() < ends[1].as_f64(), "{path}: {ends}");
        }
    }
}

#[test]
fn the_table_says_how_far_none_and_all_are_known() {
    let folder = small();
    // The ban bites in every trial.
    let out = succeeds(&mut run_in(
        &folder,
        100,
        &["--set", "sites.cars.inputs.metal.cover_days=26", "--set", "controls.ban.severity=1"],
    ));
    let row = out.lines().find(|line| line.starts_with(" JP ")).expect("a row of Japan");
    assert!(row.contains(" 0.0% ≤3.6%"), "{row}");
    let none = succeeds(program("run").arg(folder.path("small.toml")).args([
        "--trials",
        "100",
        "--set",
        "controls.ban.severity=0",
        "--set",
        "events.quake.severity=0",
    ]));
    let row = none.lines().find(|line| line.starts_with(" JP ")).expect("a row of Japan");
    assert!(row.contains("100.0% ≥96.4%"), "{row}");
}

/// A plant that loses a day for each that a cut lasts, and the value of a measure of it as a target.
fn interval(measure: &str, target: f64, trials: u64) -> Option<f64> {
    let tables = head(1, 400)
        .goods(["part", "good"])
        .site("mine", maker("CN", "part"))
        .site("plant", sector("part", 0.0, "good", 1.0))
        .link("mine>plant:part", Link::new(7).surge_limit(1))
        .control("cut", control(100.0, 0.0, 1.0).duration_days(uniform(20.0, 100.0)));
    let scenario = Scenario::new("cut", tables).expect("a scenario");
    let found = Calibration::new(&scenario)
        .target(Target::new(format!("JP.output.{measure}"), target).within(0.05 * target))
        .vary(Variable::factor("controls.cut.duration_days", 0.2, 2.0))
        .trials(trials)
        .solve()
        .unwrap_or_else(|e| panic!("{measure}: {e}"));
    let solution = found.found.first().unwrap_or_else(|| panic!("{measure}: no solution"));
    solution.interval.map(|i| i.half_width())
}

#[test]
fn batches_of_trials_do_not_stand_in_for_what_a_formula_refuses() {
    // 20 batches of 20 and of 100 trials.
    assert!(interval("p50", 60.0, 400).is_some() && interval("std_dev", 23.0, 400).is_some());
    assert!(interval("p99.9", 99.0, 400).is_none(), "400 trials do not bound it");
    assert!(interval("tvar_99", 99.0, 400).is_none(), "a batch of 20 has no hundredth");
    assert!(interval("tvar_99", 99.0, 2000).is_some());
    for extreme in ["max", "min"] {
        assert!(interval(extreme, if extreme == "max" { 100.0 } else { 20.0 }, 400).is_none(), "{extreme}");
    }
}

#[test]
fn trials_that_have_settled_are_told_with_their_interval() {
    let tables = head(7, 1120)
        .goods(["part", "good"])
        .site("mine", maker("CN", "part"))
        .site("plant", sector("part", 5.0, "good", 1.0))
        .link("mine>plant:part", Link::new(7).surge_limit(1))
        .control("cut", control(50.0, 0.0, 1.0).duration_days(exponential(300.0)));
    let outcome = Ensemble::new(&compile(&tables)).trials(200).run().expect("runs");
    let (judged, share) = (outcome.judged_trials(), outcome.unsettled_share().expect("a share"));
    assert!(0 < judged && judged < 200, "{judged}");
    let found = outcome.statistic(&Statistic::UnsettledShare).expect("a statistic");
    let unsettled = (share * judged as f64).round() as u64;
    assert_eq!(found.value, share);
    assert_eq!(found.interval, Some(supplyshock::stats::clopper_pearson(unsettled, judged, 0.95)));
}
