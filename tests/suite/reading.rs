//! The files that a scenario may read, and the hashes that tie a result to them.

use crate::programs::{program, refuses, run_in, small as small_folder, succeeds};
use crate::small::{Folder, SMALL, listed};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::process::Command;
use supplyshock::files::Reading;
use supplyshock::scenario::{InputRole, Tables};
use supplyshock::{Ensemble, Error, Scenario};

/// A small scenario with one more event, whose series stands in a file.
fn with_series(file: &str) -> String {
    format!(
        "{SMALL}\n[events.flood]\nsites = [\"mill\"]\nseries = {{ csv = \"{file}\", column = \"left\" }}\n"
    )
}

/// An economy of two industries in files.
fn economy(flows: &str) -> String {
    format!(
        "scenario = {{ title = \"t\", currency = \"JPY\" }}\ntime = {{ start = 2026-01-01, step_days = 1, horizon_days = 9 }}\n\
         parties.A = {{ gdp_per_year = 1 }}\n[io_tables.world]\nflows = \"{flows}\"\ndemand = \"Y.csv\"\ninventory_days = 9\n\
         psi = 0.8\nrestoration_days = 9\n"
    )
}

const Z: &str = ",A|a,A|b\nA|a,1,2\nA|b,3,30\n";
const Y: &str = "label,y\nA|a,5\nA|b,8\n";
const SERIES: &str = "step,left\n0,1\n1,0.5\n";
const SITES: &str = "id,country,stage,output\nnew,MM,mine,ore\n";

/// Scenarios that name `FILE` in each way there is, with what is in the file.
fn naming(file: &str) -> [(&'static str, String, &'static str); 4] {
    [
        ("extends", format!("extends = \"{file}\"\n"), SMALL),
        ("series", with_series(file), SERIES),
        (
            "sheet",
            SMALL.replace("[sites.mine]", &format!("[sites]\ntable = \"{file}\"\n[sites.mine]")),
            SITES,
        ),
        ("flows", economy(file), Z),
    ]
}

/// Why a scenario is not read.
fn told(reading: &Reading, path: &Path) -> String {
    let problems = listed(reading.load(path).expect_err("it is not read"));
    assert_eq!(problems.len(), 1, "{problems:#?}");
    problems[0].to_string()
}

#[test]
fn what_lies_outside_of_the_folder_is_read_where_it_is_allowed_and_not_otherwise() {
    for (way, _, content) in naming("") {
        let folder = Folder::with(&[("far/file", content), ("mine/Y.csv", Y), ("mine/deep/in", "")]);
        let far = folder.path("far").canonicalize().expect("a folder");
        let whole = far.join("file").display().to_string();
        let scenario = folder.path("mine/x.toml");
        for named in ["../far/file", "deep/../../far/file", &whole] {
            let text = naming(named).into_iter().find(|(name, ..)| *name == way).expect("a way").1;
            folder.write("mine/x.toml", text.as_bytes());
            let told = told(&Reading::new(), &scenario);
            for part in [format!("`{whole}` lies outside of"), format!("--allow-read {}", far.display())] {
                assert!(told.contains(&part), "{way}, {named}: `{part}` in\n{told}");
            }
            // The folder itself, or one above it; a neighbour whose name begins alike is another folder.
            for allowed in [far.clone(), folder.path("far/../far"), folder.path("")] {
                Reading::new().allow([allowed]).load(&scenario).unwrap_or_else(|e| panic!("{way}: {e}"));
            }
            assert!(Reading::new().allow([folder.path("fa"), folder.path("mine")]).load(&scenario).is_err());
        }
        // Whether there is such a file is not told.
        let text = naming("../far/nothing").into_iter().find(|(name, ..)| *name == way).expect("a way").1;
        folder.write("mine/x.toml", text.as_bytes());
        assert!(told(&Reading::new(), &scenario).contains("lies outside of"));
    }
}

#[cfg(unix)]
#[test]
fn links_are_followed_before_it_is_known_where_a_file_lies() {
    use std::os::unix::fs::symlink;
    for (way, text, content) in naming("link") {
        let folder = Folder::with(&[("far/file", content), ("mine/x.toml", &text), ("mine/Y.csv", Y)]);
        symlink(folder.path("far/file"), folder.path("mine/link")).expect("a link");
        assert!(told(&Reading::new(), &folder.path("mine/x.toml")).contains("lies outside of"), "{way}");
        // A link within the folder is none out of it, and a folder may be named by a link to it.
        folder.write("mine/in/file", content.as_bytes());
        std::fs::remove_file(folder.path("mine/link")).expect("it was there");
        symlink(folder.path("mine/in/file"), folder.path("mine/link")).expect("a link");
        symlink(folder.path("mine"), folder.path("other")).expect("a link");
        for name in ["mine/x.toml", "other/x.toml"] {
            Scenario::load(folder.path(name)).unwrap_or_else(|e| panic!("{way}: {e}"));
        }
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_a_device_a_socket_or_a_folder_is_refused_and_not_waited_for() {
    let folder = Folder::with(&[("folder/in", "")]);
    assert!(Command::new("mkfifo").arg(folder.path("pipe")).status().expect("mkfifo runs").success());
    let _socket = std::os::unix::net::UnixListener::bind(folder.path("socket")).expect("a socket");
    for named in ["pipe", "socket", "folder", "/dev/zero"] {
        for (way, text, _) in naming(named) {
            folder.write("x.toml", text.as_bytes());
            folder.write("Y.csv", Y.as_bytes());
            let reading = Reading::new().allow(["/dev", "/proc"]);
            let told = told(&reading, &folder.path("x.toml"));
            let reason = if named == "folder" { "is a folder" } else { "is not a regular file" };
            assert!(told.contains(reason), "{way}, {named}: {told}");
        }
        refuses(program("check").arg(folder.path("").join(named)), 1);
    }
}

#[test]
fn files_have_a_largest_size() {
    for (way, text, _) in naming("large") {
        let folder = Folder::with(&[("x.toml", &text), ("Y.csv", Y)]);
        let limit = if way == "extends" { 64 << 20 } else { 4_u64 << 30 };
        // A sparse file, which takes no room.
        let large = std::fs::File::create(folder.path("large")).expect("a file");
        large.set_len(limit + 1).expect("its length");
        let told = told(&Reading::new(), &folder.path("x.toml"));
        assert!(
            told.contains(&format!("has {} bytes, over the limit of {limit}", limit + 1)),
            "{way}: {told}"
        );
    }
}

#[test]
fn every_program_takes_the_folders_that_are_allowed() {
    let folder = small_folder();
    folder.write("in/x.toml", b"extends = \"../small.toml\"\n");
    let scenario = folder.path("in/x.toml");
    let out = folder.path("out");
    let few = ["--trials", "9"];
    for name in ["run", "check", "compare", "calibrate", "trace"] {
        let command = |allowed: bool| {
            let mut command = program(name);
            command.arg(&scenario);
            match name {
                "run" => command.args(few),
                "compare" => command.arg(&scenario).args(few),
                "calibrate" => command
                    .args(few)
                    .args(["--target", "JP.output.mean=1e8", "--grid", "3"])
                    .args(["--vary", "controls.ban.severity", "--between", "0.5", "1"]),
                "trace" => command.arg("--out").arg(out.join("one.csv")),
                _ => &mut command,
            };
            if allowed {
                command.arg("--allow-read").arg(folder.path("in")).arg("--allow-read").arg(folder.path(""));
            }
            command
        };
        std::fs::create_dir_all(&out).expect("a folder");
        assert!(refuses(&mut command(false), 1).contains("small.toml` lies outside of"), "{name}");
        succeeds(&mut command(true));
    }
}

#[test]
fn an_import_tells_what_the_scenario_will_not_be_let_read() {
    let folder = Folder::with(&[("in/Z.csv", Z), ("in/Y.csv", Y), ("out/keep", "")]);
    let import = |out: &str| {
        let mut command = program("import_table");
        command.arg("--flows").arg(folder.path("in/Z.csv")).arg("--demand").arg(folder.path("in/Y.csv"));
        command.arg("--out").arg(folder.path(out));
        command
    };
    let ran = import("out/made.toml").output().expect("it starts");
    let told = String::from_utf8(ran.stderr).expect("text");
    assert!(ran.status.success(), "{told}");
    let allow = format!("--allow-read {}", folder.path("in").canonicalize().expect("a folder").display());
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines.len(), 2, "{told}");
    for (line, file) in
        lines.iter().zip(["flows: when the scenario is run", "demand: when the scenario is run"])
    {
        assert!(line.contains(file) && line.ends_with(&allow), "{told}");
    }
    // With the flag that it names, the scenario runs, and the import says nothing.
    let flag = ["--allow-read".into(), folder.path("in")];
    refuses(program("check").arg(folder.path("out/made.toml")), 1);
    succeeds(program("check").arg(folder.path("out/made.toml")).args(&flag));
    succeeds(import("out/made.toml").args(&flag));
    // Beside its tables it needs none.
    succeeds(&mut import("in/made.toml"));
    succeeds(program("check").arg(folder.path("in/made.toml")));
}

#[test]
fn what_stands_in_a_file_that_is_no_scenario_is_not_told() {
    for secret in [
        "root:x:0:0:hunter2:/root:/bin/sh\nbin:hunter2:1\n",
        "[hunter2\n",
        "password = \"hunter2\n",
        "hunter2 = \"hunter2\"\nhunter2 = 1\n",
        "password = \"hunter2\"\n[hunter2]\nport = 3\n",
    ] {
        let folder = Folder::with(&[("secret", secret), ("x.toml", "extends = \"secret\"\n")]);
        let told = told(&Reading::new(), &folder.path("x.toml"));
        assert!(told.contains("secret:") && !told.contains("hunter") && !told.contains("password"), "{told}");
        // Named by the user, a file is shown to its user.
        assert!(Scenario::load(folder.path("secret")).is_err());
    }
}

#[test]
fn text_in_code_reads_beneath_the_current_folder() {
    let text = "extends = \"../scenarios/mechanism_outages.toml\"\n";
    let Err(Error::Scenario(problems)) = Scenario::parse("mine", text) else { panic!("it is outside") };
    assert!(problems.to_string().contains("lies outside of"), "{problems}");
    let read = Reading::new().allow(["../scenarios"]).parse("mine", text).unwrap_or_else(|e| panic!("{e}"));
    let base = Scenario::load("../scenarios/mechanism_outages.toml").expect("it reads");
    assert_eq!(read.tables(), base.tables());
}

fn hash(bytes: impl AsRef<[u8]>) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_result_says_what_it_was_read_from() {
    let top = with_series("tables/flood.csv").replacen(
        "[sites.mine]",
        "[sites]\ntable = \"s.csv\"\n[sites.mine]",
        1,
    );
    let folder = Folder::with(&[
        ("base.toml", &top),
        ("small.toml", "extends = \"base.toml\"\n"),
        ("tables/flood.csv", SERIES),
        ("s.csv", SITES),
    ]);
    succeeds(&mut run_in(&folder, 9, &["--set", "controls.ban.severity=0.9"]));
    let inputs = crate::programs::json(&folder, "out/summary.json")["inputs"].clone();
    let file = |name: &str, role: &str, text: &str| {
        let path = folder.path(name).display().to_string();
        serde_json::json!({ "path": path, "role": role, "bytes": text.len(), "sha256": hash(text) })
    };
    let files = [
        file("small.toml", "scenario", "extends = \"base.toml\"\n"),
        file("base.toml", "extends", &top),
        file("s.csv", "table", SITES),
        file("tables/flood.csv", "table", SERIES),
    ];
    assert_eq!(inputs["files"], serde_json::json!(files));
    assert_eq!(inputs["set"], serde_json::json!(["controls.ban.severity=0.9"]));
    assert_eq!(inputs["changed_in_code"], false);
    let mut lines = String::new();
    for file in &files {
        let text = |key: &str| file[key].as_str().expect("text");
        lines += &format!("{} {} {}\n", text("role"), file["bytes"], text("sha256"));
    }
    let set = "controls.ban.severity=0.9";
    lines += &format!("set {} {}\n", set.len(), hash(set));
    assert_eq!(inputs["sha256"], hash(&lines));

    // The same in the library, in an outcome that was written and read, and elsewhere on the disk.
    let scenario = Scenario::load_with(folder.path("small.toml"), [set]).expect("it reads");
    assert_eq!(scenario.inputs().sha256(), hash(&lines));
    let outcome = Ensemble::new(&scenario.compile().expect("a model")).trials(3).run().expect("runs");
    let mut bytes = Vec::new();
    outcome.to_writer(&mut bytes).expect("it is written");
    let read = supplyshock::Outcome::from_reader(bytes.as_slice()).expect("it is read");
    assert_eq!(read.labels().inputs(), scenario.inputs());
    let moved = Folder::with(&[
        ("a/base.toml", &top),
        ("a/small.toml", "extends = \"base.toml\"\n"),
        ("a/tables/flood.csv", SERIES),
        ("a/s.csv", SITES),
    ]);
    let there = Scenario::load_with(moved.path("a/small.toml"), [set]).expect("it reads");
    assert_eq!(there.inputs().sha256(), hash(&lines));
    assert_ne!(there.inputs().files(), scenario.inputs().files());
    // Any byte of any of them counts, and so does an edit.
    for name in ["a/base.toml", "a/small.toml", "a/tables/flood.csv", "a/s.csv"] {
        let before = std::fs::read(moved.path(name)).expect("a file");
        moved.write(name, &[before.as_slice(), b"\n"].concat());
        let other = Scenario::load_with(moved.path("a/small.toml"), [set]).expect("it reads");
        assert_ne!(other.inputs().sha256(), hash(&lines), "{name}");
        moved.write(name, &before);
    }
    let edited = scenario.edit().set("controls.ban.severity", 0.5).finish().expect("it stands");
    assert!(edited.inputs().is_changed_in_code() && !scenario.inputs().is_changed_in_code());
    assert_eq!(edited.inputs().files(), scenario.inputs().files());
}

#[test]
fn tables_and_texts_count_as_what_was_read() {
    let folder = Folder::with(&[("x.toml", &economy("Z.csv")), ("Z.csv", Z), ("Y.csv", Y)]);
    let scenario = Scenario::load(folder.path("x.toml")).unwrap_or_else(|e| panic!("{e}"));
    let files: Vec<_> =
        scenario.inputs().files().iter().map(|f| (f.role, f.bytes, f.sha256.clone())).collect();
    let expected =
        [(InputRole::Scenario, economy("Z.csv")), (InputRole::Table, Z.into()), (InputRole::Table, Y.into())];
    let expected: Vec<_> = expected.map(|(role, text)| (role, text.len() as u64, hash(text))).to_vec();
    assert_eq!(files, expected);
    let text = Scenario::parse("mine", SMALL).expect("it reads");
    let [file] = text.inputs().files() else { panic!("{:?}", text.inputs()) };
    assert_eq!((file.path.as_str(), file.sha256.clone()), ("mine", hash(SMALL)));
    let made = Scenario::new("made", Tables::clone(text.tables())).expect("it stands");
    assert!(made.inputs().files().is_empty() && made.inputs().is_changed_in_code());
}

#[test]
fn comparisons_and_calibrations_say_what_they_were_read_from() {
    let folder = small_folder();
    folder.write("other.toml", b"extends = \"small.toml\"\n[controls.ban]\nseverity = 0.5\n");
    let [small, other] = ["small.toml", "other.toml"].map(|name| folder.path(name));
    let out = folder.path("out");
    succeeds(program("compare").args([&small, &other]).args(["--trials", "9", "--out"]).arg(&out));
    let compared = crate::programs::json(&folder, "out/compare.json");
    let expected = |path: &Path| Scenario::load(path).expect("it reads").inputs().sha256();
    assert_eq!(compared["scenarios"][0]["inputs"]["sha256"], expected(&small));
    assert_eq!(compared["scenarios"][1]["inputs"]["sha256"], expected(&other));
    for more in [&["--grid", "3"][..], &["--draws", "40"]] {
        let vary =
            ["--vary", "controls.ban.severity", "--between", "0.5", "1", "--target", "JP.output.mean=1e8"];
        let mut calibrate = program("calibrate");
        succeeds(calibrate.arg(&other).args(["--trials", "9"]).args(vary).args(more).arg("--out").arg(&out));
        let found = crate::programs::json(&folder, "out/calibration.json");
        assert_eq!(found["inputs"]["sha256"], expected(&other));
        assert_eq!(found["inputs"]["files"].as_array().expect("a list").len(), 2);
    }
}
