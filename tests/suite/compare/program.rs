//! The program that compares, its output and its files.

use crate::programs::{json, listing, program, refuses, succeeds, table};
use crate::small::{Folder, SMALL, with};
use serde_json::Value;
use std::process::Command;
use supplyshock::run::Component;

/// A folder with the small scenario, and one in which less is barred.
fn two() -> Folder {
    let folder = Folder::with(&[("small.toml", SMALL)]);
    let mild = "extends = \"small.toml\"\n[scenario]\ntitle = \"mild\"\n[controls.ban]\nseverity = 0.4\n";
    folder.write("mild.toml", mild.as_bytes());
    folder
}

fn compare(folder: &Folder, names: &[&str], more: &[&str]) -> Command {
    let mut command = program("compare");
    command.args(names.iter().map(|name| folder.path(name))).args(["--seed", "5", "--trials", "150"]);
    command.arg("--out").arg(folder.path("out")).args(more);
    command
}

#[test]
fn the_program_prints_and_writes_what_follows_from_the_trials_of_each() {
    let folder = two();
    let set = ["--set", "controls.ban.onset_days=35"];
    let more = [&set[..], &["--over", "1e7", "--threads", "2"]].concat();
    let out = succeeds(&mut compare(&folder, &["small.toml", "mild.toml", "small.toml"], &more));
    for part in [
        "small: small\nmild: mild\nsmall (2): small\nchanged for this run: controls.ban.onset_days=35\n",
        "150 trials from seed 5",
        "helps",
        "%] of trials of mild.\n",
        "Sectors of JP",
        "\n cars ",
    ] {
        assert!(out.contains(part), "`{part}` in\n{out}");
    }
    assert_eq!(listing(&folder.path("out")), ["compare.json"]);
    let found = json(&folder, "out/compare.json");
    let keys = |v: &Value| v.as_object().expect("a table").keys().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(keys(&found), "version trials seed level headline currency reference scenarios");
    assert_eq!((&found["trials"], &found["seed"]), (&150.into(), &5.into()));
    assert_eq!((&found["reference"], &found["headline"]), (&"small".into(), &"JP".into()));
    let scenarios = found["scenarios"].as_array().expect("a list");
    assert_eq!(scenarios.len(), 3);

    // The trials of each, as `run` gives them.
    let trials = |file: &str| {
        let results = folder.path(&format!("{file}.out"));
        let mut command = program("run");
        command.arg(folder.path(file)).args(["--seed", "5", "--trials", "150"]).args(set);
        succeeds(command.arg("--out").arg(&results));
        table(&results.join("trials.csv"))
    };
    let ((header, reference), (_, mild)) = (trials("small.toml"), trials("mild.toml"));
    let column = |rows: &[Vec<String>], name: &str| -> Vec<f64> {
        let k = header.iter().position(|h| h == name).expect("a column");
        rows.iter().map(|row| row[k].parse().expect("a number")).collect()
    };
    let near = |found: &Value, expected: f64, scale: f64| {
        let found = found.as_f64().unwrap_or_else(|| panic!("{found} is no number"));
        assert!((found - expected).abs() <= 1e-9 * scale, "{found}, expected {expected}");
    };
    for (scenario, (label, file, rows)) in scenarios.iter().zip([
        ("small", "small.toml", &reference),
        ("mild", "mild.toml", &mild),
        ("small (2)", "small.toml", &reference),
    ]) {
        assert_eq!(
            keys(scenario),
            "label scenario title changed inputs start days stopped_below digest wall_seconds parties first_stop over file"
        );
        assert_eq!(scenario["label"], label);
        assert_eq!(scenario["title"], file.trim_end_matches(".toml"));
        assert_eq!(scenario["file"], folder.path(file).display().to_string());
        assert_eq!(scenario["changed"][0], set[1]);
        let summary = json(&folder, &format!("{file}.out/summary.json"));
        assert_eq!(scenario["digest"], summary["digest"]);
        assert_eq!(scenario["first_stop"]["cars"], summary["first_stop"]["cars"]);
        for party in ["JP", "CN"] {
            assert_eq!(scenario["parties"][party]["gdp_share"], summary["parties"][party]["gdp_share"]);
            for component in Component::ALL.map(Component::word) {
                let part = &scenario["parties"][party][component];
                assert_eq!(keys(part), "mean mean_ci p05 p50 p95 difference");
                for key in ["mean", "mean_ci", "p05", "p50", "p95"] {
                    assert_eq!(part[key], summary["parties"][party][component][key]);
                }
                let name = format!("{party}.{component}");
                let (x, y) = (column(rows, &name), column(&reference, &name));
                let mut d: Vec<f64> = x.iter().zip(&y).map(|(x, y)| x - y).collect();
                let n = 150.0;
                let mean = d.iter().sum::<f64>() / n;
                let sd = (d.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
                let scale = mean.abs() + sd;
                let difference = &part["difference"];
                assert_eq!(
                    keys(difference),
                    "mean mean_ci share share_ci p_less p_less_ci p_more p_more_ci p05 p50 p95"
                );
                near(&difference["mean"], mean, scale);
                // Student's t at 0.975 with 149 degrees of freedom.
                let half = 1.976_013_178 * sd / n.sqrt();
                near(&difference["mean_ci"][0], mean - half, scale);
                near(&difference["mean_ci"][1], mean + half, scale);
                // A billionth of a yen is not counted, nor are a few hundred of them.
                let few = 1e-12 * if party == "JP" { 6e14 } else { 2e15 };
                let share_of =
                    |counts: &dyn Fn(f64) -> bool| d.iter().filter(|x| counts(**x)).count() as f64 / n;
                near(&difference["p_less"], share_of(&|x| x < -few), 1.0);
                near(&difference["p_more"], share_of(&|x| x > few), 1.0);
                let below = y.iter().sum::<f64>() / n;
                if below.abs() > few {
                    near(&difference["share"], mean / below, 1.0);
                    let residual = |(d, y): (&f64, &f64)| (d - mean / below * y).powi(2);
                    let spread = (d.iter().zip(&y).map(residual).sum::<f64>() / (n - 1.0)).sqrt();
                    let half = 1.976_013_178 * spread / n.sqrt() / below.abs();
                    near(&difference["share_ci"][1], mean / below + half, 1.0);
                } else {
                    assert!(difference["share"].is_null() && difference["share_ci"].is_null());
                }
                d.sort_by(f64::total_cmp);
                for (key, q) in [("p05", 0.05), ("p50", 0.5), ("p95", 0.95)] {
                    let h = 149.0 * q;
                    let k = h as usize;
                    near(&difference[key], d[k] + (h - k as f64) * (d[k + 1] - d[k]), scale);
                }
            }
        }
        let over = &scenario["over"][0];
        let above = column(rows, "JP.output").iter().filter(|x| **x > 1e7).count() as f64 / 150.0;
        assert_eq!((over["amount"].as_f64(), over["probability"].as_f64()), (Some(1e7), Some(above)));
    }
    assert!(scenarios[1]["parties"]["JP"]["output"]["difference"]["p_less"].as_f64() > Some(0.5));
}

#[test]
fn the_program_refuses_what_it_cannot_do_before_it_runs_and_writes_nothing() {
    let folder = two();
    folder.write("bad.toml", with("severity = 0.8", "severity = 8").as_bytes());
    let other = SMALL.replace("[parties.CN]", "[parties.XX]").replace("\"MM\"]", "\"MM\", \"XX\"]");
    folder.write("other.toml", other.as_bytes());
    let told = |names: &[&str], more: &[&str]| refuses(&mut compare(&folder, names, more), 1);
    // Every file that cannot be read and every problem of the others, at once.
    let all = told(&["missing.toml", "small.toml", "bad.toml", "gone.toml"], &[]);
    for part in ["missing.toml", "gone.toml", "controls.ban.severity: 8 is out of range", "\n3 problems"] {
        assert!(all.contains(part), "`{part}` in\n{all}");
    }
    let twice = told(&["bad.toml", "bad.toml"], &[]);
    assert!(twice.ends_with("\n1 problem\n"), "{twice}");
    // What is laid over says in which of them it does not fit.
    let lone = "extends = \"small.toml\"\nremove = [\"event:quake\"]\n[scenario]\ntitle = \"lone\"\n";
    folder.write("lone.toml", lone.as_bytes());
    let unfit = told(&["small.toml", "lone.toml"], &["--set", "events.quake.severity=0.1"]);
    assert!(unfit.contains("lone.toml --set events.quake.severity=0.1"), "{unfit}");
    assert!(
        unfit.contains("events.quake: there is no `quake` in `events` to change")
            && unfit.ends_with("\n1 problem\n"),
        "{unfit}"
    );
    let parties = told(&["small.toml", "other.toml"], &[]);
    for part in ["`other` has no party `CN`", "`small` has no party `XX`"] {
        assert!(parties.contains(part), "`{part}` in\n{parties}");
    }
    for (more, part) in [
        (&["--threads", "0"][..], "a run needs at least one"),
        (&["--set", "controls.ban.severity"], "no `=` in it"),
    ] {
        let found = told(&["small.toml", "mild.toml"], more);
        assert!(found.contains(part), "`{part}` in\n{found}");
    }
    let mut none = program("compare");
    none.args([folder.path("small.toml"), folder.path("mild.toml")]).args(["--trials", "0", "--out"]);
    assert!(refuses(none.arg(folder.path("none")), 1).contains("give at least one"));
    assert!(!folder.path("none").exists());
    // A scenario that has no baseline is named.
    let poor =
        "extends = \"small.toml\"\n[scenario]\ntitle = \"poor\"\n[sites.smelter]\ncapacity_per_year = 1\n";
    folder.write("poor.toml", poor.as_bytes());
    let found = told(&["small.toml", "poor.toml"], &[]);
    assert!(found.starts_with("error: with poor: ") && found.contains("`smelter`"), "{found}");
    let mut blocked = program("compare");
    blocked.args([folder.path("small.toml"), folder.path("mild.toml")]).arg("--out");
    assert!(refuses(blocked.arg(folder.path("small.toml")), 1).contains("cannot write"));
    for more in [&["--trials", "many"][..], &["--seed"], &["--trails", "9"]] {
        refuses(&mut compare(&folder, &["small.toml", "mild.toml"], more), 2);
    }
    refuses(&mut compare(&folder, &["small.toml"], &[]), 2);
    assert!(!folder.path("out/compare.json").exists());
}

#[test]
fn threads_change_no_figure() {
    let folder = two();
    let of = |threads: &str| {
        succeeds(&mut compare(&folder, &["small.toml", "mild.toml"], &["--threads", threads]));
        let mut found = json(&folder, "out/compare.json");
        for scenario in found["scenarios"].as_array_mut().expect("a list") {
            scenario["wall_seconds"] = Value::Null;
        }
        found
    };
    let one = of("1");
    assert!(of("3") == one);
}
