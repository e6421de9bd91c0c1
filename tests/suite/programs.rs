//! The programs as a user runs them: what they print, write and refuse.

use crate::small::{Folder, SMALL, with};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::path::Path;
use std::process::Command;
use supplyshock::Scenario;
use supplyshock::step::reference::Trial;

/// A program of `examples/`: Cargo builds them beside the tests, in the folder of the same profile.
pub fn program(name: &str) -> Command {
    let tests = std::env::current_exe().expect("this program");
    let profile = tests.ancestors().nth(2).expect("the folder of the profile");
    let path = profile.join("examples").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(
        path.exists(),
        "{} is missing: `cargo test` or `cargo build --examples` makes it",
        path.display()
    );
    Command::new(path)
}

/// Exit code, standard output and standard error.
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

/// Runs a program, which must not panic whatever it is given.
fn ran(command: &mut Command) -> Ran {
    let output = command.output().expect("it starts");
    let [out, err] = [output.stdout, output.stderr].map(|b| String::from_utf8(b).expect("text"));
    assert!(!out.contains("panicked") && !err.contains("panicked"), "{command:?}\n{out}\n{err}");
    Ran { code: output.status.code(), out, err }
}

/// Runs a program that must succeed and say nothing of errors.
pub fn succeeds(command: &mut Command) -> String {
    let ran = ran(command);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{command:?}");
    ran.out
}

/// Runs a program that must refuse with this exit code; what it says.
pub fn refuses(command: &mut Command, code: i32) -> String {
    let ran = ran(command);
    assert_eq!(ran.code, Some(code), "{command:?}\n{}", ran.err);
    assert!(ran.err.starts_with("error: "), "{command:?}\n{}", ran.err);
    ran.err
}

/// A folder with `small.toml`.
pub fn small() -> Folder {
    Folder::with(&[("small.toml", SMALL)])
}

/// `run` on the small scenario in a folder, with results in its folder `out`.
pub fn run_in(folder: &Folder, trials: u64, more: &[&str]) -> Command {
    let mut command = program("run");
    command.arg(folder.path("small.toml")).args(["--seed", "5", "--trials", &trials.to_string()]);
    command.arg("--out").arg(folder.path("out")).args(more);
    command
}

fn text(folder: &Folder, name: &str) -> String {
    std::fs::read_to_string(folder.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

pub fn json(folder: &Folder, name: &str) -> Value {
    serde_json::from_str(&text(folder, name)).expect("JSON")
}

/// Header and rows of a CSV file.
pub fn table(path: &Path) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::Reader::from_path(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let fields = |r: &csv::StringRecord| r.iter().map(str::to_owned).collect::<Vec<_>>();
    let header = fields(reader.headers().expect("a header"));
    (header, reader.records().map(|r| fields(&r.expect("a row"))).collect())
}

/// A column of numbers.
fn column(path: &Path, name: &str) -> Vec<f64> {
    let (header, rows) = table(path);
    let k = header.iter().position(|h| h == name).unwrap_or_else(|| panic!("{name} in {header:?}"));
    rows.iter().map(|row| row[k].parse().expect("a number")).collect()
}

/// Everything in a folder, hidden files too.
pub fn listing(path: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(path) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[track_caller]
fn near(found: f64, expected: f64, scale: f64) {
    assert!((found - expected).abs() <= 1e-12 * scale.abs(), "{found}, expected {expected}");
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

const FILES: [&str; 5] = ["assumptions.csv", "draws.csv", "path.csv", "summary.json", "trials.csv"];

#[test]
fn run_prints_the_losses_and_writes_five_files() {
    let folder = small();
    let out = succeeds(&mut run_in(&folder, 150, &["--threads", "2", "--set", "controls.ban.severity=0.9"]));
    for part in [
        "small: small\nchanged for this run: controls.ban.severity=0.9\n150 trials from seed 5 · 5 sites",
        "mean",
        "no loss",
    ] {
        assert!(out.contains(part), "`{part}` in\n{out}");
    }
    assert!(out.lines().any(|l| l.trim_start().starts_with("JP ")), "a row for Japan in\n{out}");
    assert_eq!(listing(&folder.path("out")), FILES);
    let summary = json(&folder, "out/summary.json");
    let keys: Vec<&str> = summary.as_object().expect("a table").keys().map(String::as_str).collect();
    assert_eq!(
        keys.join(" "),
        "scenario changed inputs currency version trials seed condensed relative_error threads network timing mass_balance_residual \
         recovered_share recovered_share_ci unsettled_share unsettled_share_ci digest parties sites first_line first_stop stops limiting markets payments insurer ratios"
    );
    assert_eq!(summary["scenario"], "small");
    assert_eq!(summary["version"], env!("CARGO_PKG_VERSION"));
    for (key, value) in [("trials", 150), ("seed", 5), ("threads", 2)] {
        assert_eq!(summary[key], value);
    }
    assert_eq!(summary["network"], serde_json::json!({ "sites": 5, "links": 5, "steps": 52 }));
    let timing = |key: &str| number(&summary["timing"][key]);
    assert!(timing("wall_seconds") > 0.0);
    near(timing("trials_per_second") * timing("wall_seconds"), 150.0, 150.0);
    near(
        timing("link_steps_per_second"),
        timing("trials_per_second") * 260.0,
        timing("link_steps_per_second"),
    );
    assert!((0.0..1e-9).contains(&number(&summary["mass_balance_residual"])));
    assert!((0.0..=1.0).contains(&number(&summary["recovered_share"])));
    // What was set is among the assumptions, with no source; the rest keep theirs.
    let (header, rows) = table(&folder.path("out/assumptions.csv"));
    assert_eq!(header, ["path", "value", "source", "basis"]);
    let scenario = Scenario::load(folder.path("small.toml")).expect("it reads");
    assert_eq!(rows.len(), scenario.assumptions().len());
    assert!(rows.iter().all(|row| !row[0].is_empty() && !row[1].is_empty()));
    for row in [
        ["controls.ban.severity", "0.9", "set for this run", ""],
        ["assumptions.need", "triangular(0.2, 0.3, 0.5)", "a survey", "recalled"],
        ["links.\"mill>cars:metal\".surge_limit", "1.5", "", ""],
        ["sites.cars.inputs.metal.criticality", "0.1 + 1.5 * need", "", ""],
    ] {
        assert!(rows.iter().any(|r| *r == row), "{row:?} in {rows:#?}");
    }
}

#[test]
fn every_number_of_the_summary_follows_from_the_files_beside_it() {
    let folder = small();
    succeeds(&mut run_in(&folder, 200, &[]));
    let summary = json(&folder, "out/summary.json");
    let trials = folder.path("out/trials.csv");
    assert!(column(&trials, "trial").into_iter().eq((0..200).map(f64::from)));
    let of = |party: &str| column(&trials, &format!("{party}.total"));
    let mut hash = Sha256::new();
    for (cn, jp) in of("CN").into_iter().zip(of("JP")) {
        for loss in [cn, jp] {
            hash.update((if loss == 0.0 { 0.0 } else { loss }).to_le_bytes());
        }
    }
    let digest: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(summary["digest"], digest);

    for (party, sites) in [("JP", &["mill", "cars"][..]), ("CN", &["mine", "smelter"])] {
        let entry = &summary["parties"][party];
        assert_eq!(entry["total"], entry["output"]);
        assert_eq!(column(&trials, &format!("{party}.output")), of(party));
        let total = entry["total"].as_object().expect("a table");
        let keys: Vec<&str> = total.keys().map(String::as_str).collect();
        assert_eq!(
            keys.join(" "),
            "mean std_dev std_error min max p01 p05 p25 p50 p75 p95 p99 tvar_95 tvar_99 mean_ci p95_ci p_zero p_zero_ci \
             exceedance exceedance_ci"
        );
        let mut losses = of(party);
        let n = losses.len() as f64;
        let mean = losses.iter().sum::<f64>() / n;
        let largest = losses.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
        let get = |key: &str| number(&total[key]);
        near(get("mean"), mean, mean);
        let sd = (losses.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        near(get("std_dev"), sd, sd);
        near(get("std_error"), sd / n.sqrt(), sd);
        losses.sort_by(f64::total_cmp);
        assert_eq!((get("min"), get("max")), (losses[0], losses[199]));
        for (key, q) in [
            ("p01", 0.01),
            ("p05", 0.05),
            ("p25", 0.25),
            ("p50", 0.5),
            ("p75", 0.75),
            ("p95", 0.95),
            ("p99", 0.99),
        ] {
            let h = 199.0 * q;
            let k = h as usize;
            near(get(key), losses[k] + (h - k as f64) * (losses[k + 1] - losses[k]), largest);
        }
        near(get("tvar_95"), losses[190..].iter().sum::<f64>() / 10.0, largest);
        near(get("tvar_99"), (losses[198] + losses[199]) / 2.0, largest);
        for (key, value) in [("mean_ci", "mean"), ("p95_ci", "p95")] {
            assert!(number(&total[key][0]) < get(value) && get(value) < number(&total[key][1]), "{key}");
        }
        // Losses that differ by rounding alone are one level.
        let gdp = if party == "JP" { 6e14 } else { 2e15 };
        let above = |x: f64| losses.iter().filter(|loss| **loss > x + 1e-12 * gdp).count() as f64 / n;
        let curve = total["exceedance"].as_array().expect("a list");
        assert!(curve.len() > 50);
        for point in curve {
            assert_eq!(number(&point[1]), above(number(&point[0])));
        }
        near(get("p_zero"), 1.0 - above(0.0), 1.0);
        assert!(
            number(&total["p_zero_ci"][0]) <= get("p_zero") && get("p_zero") < number(&total["p_zero_ci"][1])
        );
        let bounds = total["exceedance_ci"].as_array().expect("a list");
        assert_eq!(bounds.len(), curve.len());
        for (point, bounds) in curve.iter().zip(bounds) {
            assert!(bounds[0].as_f64() <= point[1].as_f64() && point[1].as_f64() <= bounds[1].as_f64());
        }
        near(number(&entry["gdp_share"]["mean"]), mean / gdp, mean / gdp);
        // The mean by site and the mean by step both add up to it.
        let by_site: f64 = sites.iter().map(|s| number(&summary["sites"][*s]["output"]["mean"])).sum();
        near(by_site, mean, largest);
        let (header, rows) = table(&folder.path("out/path.csv"));
        assert_eq!(header, ["step", "day", "party", "mean", "p05", "p50", "p95"]);
        let rows: Vec<_> = rows.iter().filter(|row| row[2] == party).collect();
        assert_eq!(rows.len(), 52);
        assert!(
            rows.iter().zip(0..).all(|(row, t)| row[0] == t.to_string() && row[1] == (7 * t).to_string())
        );
        near(rows.iter().map(|row| row[3].parse::<f64>().expect("a number")).sum(), mean, largest);
    }
    assert_eq!(number(&summary["sites"]["depot"]["output"]["mean"]), 0.0, "a reserve adds no value");
    let stop = &summary["first_stop"]["cars"];
    assert!((0.5..=1.0).contains(&number(&stop["share"])), "{stop}");
    assert!(0.0 < number(&stop["p05"]) && number(&stop["p05"]) < number(&stop["p50"]), "{stop}");
    assert!(number(&stop["p50"]) < number(&stop["p95"]), "{stop}");
    // One row a trial, one column a fact, and the facts are those of the model.
    let model = Scenario::load(folder.path("small.toml")).and_then(|s| s.compile()).expect("it compiles");
    let (header, rows) = table(&folder.path("out/draws.csv"));
    assert!(header.iter().map(String::as_str).eq(std::iter::once("trial").chain(model.drawn())));
    assert_eq!((header.len(), rows.len()), (4, 200));
    for (trial, row) in (0..).zip(&rows) {
        let numbers: Vec<f64> = row.iter().map(|x| x.parse().expect("a number")).collect();
        assert_eq!((numbers[0], &numbers[1..]), (trial as f64, &model.draw(5, trial)[..]));
    }
}

#[test]
fn threads_change_no_file_but_for_the_time_it_took() {
    let outcome = |threads: &str| {
        let folder = small();
        succeeds(&mut run_in(&folder, 90, &["--threads", threads]));
        let digest = json(&folder, "out/summary.json")["digest"].clone();
        (digest, ["trials", "draws", "path", "assumptions"].map(|f| text(&folder, &format!("out/{f}.csv"))))
    };
    let one = outcome("1");
    for threads in ["2", "3", "8"] {
        assert!(outcome(threads) == one, "{threads} threads");
    }
}

#[test]
fn trace_writes_every_site_and_stock_of_every_step_with_all_digits() {
    let folder = small();
    let out = folder.path("one.csv");
    let args = ["--trial", "7", "--seed", "5", "--set", "controls.ban.severity=0.9"];
    let said = succeeds(program("trace").arg(folder.path("small.toml")).args(args).arg("--out").arg(&out));
    assert_eq!(said, format!("{} and {}\n", out.display(), folder.path("one.stocks.csv").display()));
    let scenario =
        Scenario::load_with(folder.path("small.toml"), ["controls.ban.severity=0.9"]).expect("reads");
    let model = scenario.compile().expect("it compiles");
    let mut trial = Trial::new(&model, 5, 7).expect("a baseline");
    let (header, rows) = table(&out);
    assert_eq!(header.join(","), "step,day,site,activity,capacity,demand,limiting_input");
    let (stocks_header, stocks) = table(&folder.path("one.stocks.csv"));
    assert_eq!(stocks_header.join(","), "step,site,input,stock");
    // Four sites with an activity and three inputs; the reserve has neither.
    assert_eq!((rows.len(), stocks.len()), (52 * 4, 52 * 3));
    let same = |cell: &str, x: f64| {
        let read: f64 = cell.parse().expect("a number");
        assert_eq!((read.to_bits(), format!("{read:.16e}")), (x.to_bits(), cell.to_owned()));
    };
    let (mut rows_left, mut stocks_left) = (rows.iter(), stocks.iter());
    for t in 0..52 {
        trial.step();
        for a in trial.activities() {
            let row = rows_left.next().expect("a row");
            assert_eq!((&row[0], &row[1], row[2].as_str()), (&t.to_string(), &(7 * t).to_string(), a.site));
            same(&row[3], a.activity);
            same(&row[4], a.capacity);
            same(&row[5], a.demand);
            assert_eq!(row[6], a.limiting_input.unwrap_or_default());
        }
        for ((site, input, stock), row) in trial.stocks().zip(stocks_left.by_ref()) {
            assert_eq!((&row[0], row[1].as_str(), row[2].as_str()), (&t.to_string(), site, input));
            same(&row[3], stock);
        }
    }
    assert!(rows.iter().any(|row| row[6] == "metal"), "the cut bites");

    // What `run` says of the trial is what its activities cost, step 0 being the baseline.
    succeeds(&mut run_in(&folder, 8, &["--set", "controls.ban.severity=0.9"]));
    let cost = |site: &str, value_added: f64| -> f64 {
        let activity: Vec<f64> =
            rows.iter().filter(|r| r[2] == site).map(|r| r[3].parse().expect("a number")).collect();
        activity.iter().map(|x| value_added * (activity[0] - x)).sum()
    };
    let lost = column(&folder.path("out/trials.csv"), "JP.total")[7];
    assert!(lost.abs() > 1e5);
    assert!((cost("mill", 1200.0) + cost("cars", 0.3) - lost).abs() <= 1e-9 * lost.abs(), "{lost}");
}

#[test]
fn check_prints_the_network_or_all_problems_at_once() {
    let folder = small();
    let out = succeeds(program("check").arg(folder.path("small.toml")));
    let parts = [
        "5 sites, 5 links, 3 commodities, 2 parties · 52 steps of 7 days from 2026-01-06",
        "1 mine, 2 metal, 1 sector, 1 reserve",
        "ban: CN to JP, 1 links",
        "3 drawn",
        "1000 baselines are balanced",
    ];
    for part in parts {
        assert!(out.contains(part), "`{part}` in\n{out}");
    }
    let bad = with("severity = 0.8", "severity = 8").replace("sites = [\"mill\"]", "sites = [\"mil\"]");
    folder.write("bad.toml", bad.as_bytes());
    for name in ["check", "run"] {
        let told = refuses(program(name).arg(folder.path("bad.toml")).args(["--set", "time.step_days=0"]), 1);
        for part in ["controls.ban.severity: 8 is out of range", "did you mean `mill`?", "a step of 0 days"] {
            assert!(told.contains(part), "`{part}` in\n{told}");
        }
        assert!(told.ends_with("\n3 problems\n"), "{told}");
    }
}

#[test]
fn the_reference_of_the_format_is_the_one_that_is_printed() {
    let printed = succeeds(program("check").arg("--format"));
    let kept = std::fs::read_to_string("../scenarios/FORMAT.md").expect("the reference");
    let first = printed.lines().zip(kept.lines()).find(|(a, b)| a != b);
    assert!(printed == kept, "`check --format` differs from scenarios/FORMAT.md, first at {first:?}");
}

#[test]
fn every_scenario_passes_its_check() {
    let all = listing(Path::new("../scenarios"));
    let all: Vec<_> = all.iter().filter(|name| name.ends_with(".toml")).collect();
    assert!(all.len() >= 5, "{all:?}");
    for name in all {
        let out = succeeds(program("check").arg(Path::new("../scenarios").join(name)));
        assert!(out.ends_with("1000 baselines are balanced\n"), "{name}\n{out}");
    }
}

#[test]
fn the_flagship_runs_and_is_as_large_as_it_should_be() {
    let folder = Folder::with(&[]);
    let args = ["../scenarios/japan_full_cut.toml", "--trials", "64", "--seed", "7", "--out"];
    let out = succeeds(program("run").args(args).arg(folder.path("out")));
    assert!(out.contains("Motor vehicles") && out.contains("Japan"), "{out}");
    let summary = json(&folder, "out/summary.json");
    assert!((40.0..=100.0).contains(&number(&summary["network"]["sites"])), "{}", summary["network"]);
    assert!((150.0..=700.0).contains(&number(&summary["network"]["links"])), "{}", summary["network"]);
    assert!(number(&summary["mass_balance_residual"]) < 1e-9);
    assert!(number(&summary["parties"]["JP"]["total"]["mean"]) > 0.0);
    // Every figure that is drawn says where it comes from; whether a project succeeds, by its chance.
    let (_, rows) = table(&folder.path("out/assumptions.csv"));
    let (drawn, _) = table(&folder.path("out/draws.csv"));
    assert!(drawn.len() > 20);
    for name in &drawn[1..] {
        let leaf = name.strip_suffix(".outcome").map_or(name.clone(), |project| format!("{project}.success"));
        let row = rows.iter().find(|row| row[0] == leaf).unwrap_or_else(|| panic!("{name}"));
        assert!(row.iter().all(|cell| !cell.is_empty()), "{row:?}");
    }
}
