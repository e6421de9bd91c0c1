//! The program that calibrates, its output and its files.

use super::{COVER, MEAN, lane, scenario};
use crate::chains::same;
use crate::programs::{json, listing, program, refuses, succeeds, table};
use crate::small::Folder;

/// A folder with the lane.
fn folder() -> Folder {
    Folder::with(&[("lane.toml", &scenario(&lane()).to_toml().expect("it can be written"))])
}

/// `calibrate` on that lane.
fn calibrate(folder: &Folder, more: &[&str]) -> std::process::Command {
    let mut command = program("calibrate");
    command.arg(folder.path("lane.toml")).args(["--trials", "1", "--seed", "5"]).args(more);
    command.arg("--out").arg(folder.path("out"));
    command
}

#[test]
fn the_program_prints_and_writes_what_it_finds() {
    let folder = folder();
    let one = ["--target", "JP.output.mean=50", "--vary", COVER, "--between", "0", "85"];
    let out = succeeds(&mut calibrate(&folder, &one));
    for part in ["lane: test", "as the scenario stands it is 60.000", "1 solution with", "\n 40.0", COVER] {
        assert!(out.contains(part), "`{part}` in\n{out}");
    }
    assert_eq!(listing(&folder.path("out")), ["calibration.json"]);
    let found = json(&folder, "out/calibration.json");
    assert_eq!((&found["method"], &found["trials"], &found["seed"]), (&"solve".into(), &1.into(), &5.into()));
    let solution = &found["solutions"][0];
    assert!((solution["value"].as_f64().expect("a number") - 40.0).abs() < 0.06, "{solution}");
    assert_eq!(found["variables"][0]["leaf"], "30");
    assert!(found["tried"].as_array().expect("a list").len() > 17);

    // A negative range is a range.
    let early =
        ["--target", "JP.output.mean=1", "--vary", "controls.cut.onset_days", "--between", "-80", "-20"];
    succeeds(&mut calibrate(&folder, &early));

    // A figure that was set for the run says so.
    assert_eq!(found["variables"][0]["source"], serde_json::Value::Null);
    let set = [&one[..], &["--set", "sites.plant.inputs.part.cover_days=20"]].concat();
    succeeds(&mut calibrate(&folder, &set));
    assert_eq!(json(&folder, "out/calibration.json")["variables"][0]["source"], "set for this run");

    let two = [
        &["--target", "JP.output.mean=50", "--vary", COVER, "--between", "0", "85"][..],
        &["--vary", "controls.cut.duration_days", "--between", "60", "120", "--draws", "40"],
    ]
    .concat();
    let out = succeeds(&mut calibrate(&folder, &two));
    for part in ["The 4 nearest of 40 draws are kept", "Correlations:", "of prior sd"] {
        assert!(out.contains(part), "`{part}` in\n{out}");
    }
    assert_eq!(listing(&folder.path("out")), ["calibration.json", "posterior.csv"]);
    let found = json(&folder, "out/calibration.json");
    assert_eq!((&found["method"], &found["kept"]), (&"posterior".into(), &4.into()));
    let (header, rows) = table(&folder.path("out/posterior.csv"));
    assert_eq!(header, ["draw", COVER, "controls.cut.duration_days", MEAN, "distance", "weight"]);
    assert_eq!(rows.len(), 40);
    let weights: f64 = rows.iter().map(|row| row[5].parse::<f64>().expect("a number")).sum();
    same(weights, 1.0, "weights");
    // With --draws, one assumption has a posterior too.
    let out = succeeds(&mut calibrate(&folder, &[&one[..], &["--draws", "20", "--accept", "0.2"]].concat()));
    assert!(out.contains("The 4 nearest of 20 draws"), "{out}");
}

#[test]
fn the_program_refuses_what_it_cannot_do_and_writes_nothing() {
    let folder = folder();
    let target = ["--target", "JP.output.mean=50"];
    let vary = ["--vary", COVER, "--between", "0", "85"];
    for (more, part) in [
        (&["--target", "JP.output.men=50", "--vary", COVER, "--between", "0", "85"][..], "did you mean"),
        (&["--target", "JP.output.mean=50", "--vary", COVER, "--between", "85", "0"], "there is no range"),
        (
            &["--target", "JP.output.mean=50", "--vary", "nothing", "--between", "85", "0"],
            "no figure `nothing`",
        ),
        (&["--target", "50", "--vary", COVER, "--between", "0", "1"], "no `=` in it"),
        (
            &["--target", "JP.output.mean=50", "--vary", COVER, "--vary", "x", "--between", "0", "1"],
            "2 --vary and 1 --between",
        ),
    ] {
        let told = refuses(&mut calibrate(&folder, more), 1);
        assert!(told.contains(part), "`{part}` in {told}");
    }
    for more in [
        &["--trials", "0"][..],
        &["--threads", "0"],
        &["--tolerance", "0"],
        &["--draws", "1"],
        &["--accept", "2", "--draws", "9"],
    ] {
        let args = [&target[..], &vary, more].concat();
        let mut command = program("calibrate");
        refuses(command.arg(folder.path("lane.toml")).args(args), 1);
    }
    for more in [&target[..], &vary, &["--between", "0", "1", "2"], &[]] {
        refuses(&mut calibrate(&folder, more), 2);
    }
    assert!(!folder.path("out/calibration.json").exists());
}
