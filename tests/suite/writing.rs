//! Folders and files of results: who may write where, what stays, and what is left after an end in the middle.

use crate::programs::{json, listing, program, refuses, run_in, small, succeeds, table};
use crate::small::{Folder, SMALL};
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};
use supplyshock::Scenario;
use supplyshock::report::{self, Folder as Claimed, Results};

const VARY: [&str; 7] =
    ["--vary", "controls.ban.severity", "--between", "0.5", "1", "--target", "JP.output.mean=1e8"];

/// A program on the small scenario that writes into `out`.
fn writer(name: &str, folder: &Folder, out: &Path) -> Command {
    let mut command = program(name);
    command.args(["--trials", "9", "--out"]).arg(out).arg(folder.path("small.toml"));
    match name {
        "compare" => command.arg(folder.path("small.toml")),
        "calibrate" => command.args(VARY).args(["--grid", "3"]),
        _ => &mut command,
    };
    command
}

/// A run that takes long, and ends with this.
struct Long(Child);

impl Long {
    fn new(folder: &Folder, out: &str) -> Self {
        let mut command = program("run");
        command.arg(folder.path("small.toml")).args(["--trials", "100000000", "--condensed", "--out"]);
        Long(command.arg(folder.path(out)).spawn().expect("it starts"))
    }
}

impl Drop for Long {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn wait_for(what: impl Fn() -> bool) {
    let begun = Instant::now();
    while !what() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it never came");
        std::thread::sleep(Duration::from_millis(5));
    }
}

const LOCK: &str = ".supplyshock.lock";

#[test]
fn of_two_programs_that_write_into_one_folder_one_is_refused() {
    let folder = small();
    let first = Long::new(&folder, "out");
    wait_for(|| folder.path("out").join(LOCK).exists());
    let out = folder.path("out");
    for name in ["run", "compare", "calibrate"] {
        let told = refuses(&mut writer(name, &folder, &out), 1);
        assert!(
            told.contains(&format!("cannot write `{}`: another run writes to it", out.display())),
            "{told}"
        );
    }
    // Another folder is free, and this one is once the first has ended, however that was.
    succeeds(&mut writer("run", &folder, &folder.path("other")));
    drop(first);
    assert_eq!(listing(&out), [LOCK]);
    succeeds(&mut writer("run", &folder, &out));
    assert_eq!(listing(&out).len(), 5);
}

#[test]
fn in_code_a_folder_is_held_until_it_is_dropped() {
    let folder = Folder::with(&[]);
    let claim = |path: &str| Claimed::claim(&folder.path(path), Results::Run, []);
    let held = claim("a/b").expect("it is free");
    assert!(claim("a/b").expect_err("it is held").to_string().contains("another run"));
    // By another name it is the same folder.
    assert!(claim("a/../a/b").is_err());
    drop(held);
    assert_eq!(listing(&folder.path("")), [""; 0], "nothing was written, so nothing is left");
    let held = claim("a/b").expect("it is free again");
    folder.write("a/b/mine", b"mine");
    drop(held);
    assert_eq!(listing(&folder.path("a/b")), ["mine"]);
}

#[cfg(unix)]
#[test]
fn a_program_that_is_told_to_end_leaves_nothing() {
    for signal in ["INT", "TERM", "HUP"] {
        for there in [false, true] {
            let folder = small();
            if there {
                folder.write("far/out/mine", b"mine");
            }
            let mut run = Long::new(&folder, "far/out");
            let lock = folder.path("far/out").join(LOCK);
            wait_for(|| lock.exists());
            let id = run.0.id().to_string();
            assert!(Command::new("kill").args(["-s", signal, &id]).status().expect("kill runs").success());
            assert_eq!(run.0.wait().expect("it ends").code(), Some(130), "{signal}");
            let left: &[&str] = if there { &["far", "small.toml"] } else { &["small.toml"] };
            assert_eq!(listing(&folder.path("")), left, "{signal}");
            assert_eq!(listing(&folder.path("far/out")), if there { vec!["mine"] } else { vec![] });
        }
    }
}

#[test]
fn files_that_a_killed_process_left_on_their_way_are_removed_and_those_of_a_living_one_are_not() {
    let folder = small();
    let (left, living) = ("out/.supplyshock-abcdef.tmp", "out/.supplyshock-ghijkl.tmp");
    folder.write(left, b"half");
    folder.write(living, b"half");
    folder.write("out/.supplyshock-notes", b"mine");
    let held = std::fs::File::open(folder.path(living)).expect("a file");
    held.lock().expect("a lock");
    succeeds(&mut writer("run", &folder, &folder.path("out")));
    assert!(!folder.path(left).exists() && folder.path(living).exists());
    assert!(folder.path("out/.supplyshock-notes").exists());
    drop(held);
    succeeds(program("trace").arg(folder.path("small.toml")).arg("--out").arg(folder.path("out/one.csv")));
    assert!(!folder.path(living).exists());
}

#[test]
fn what_else_is_in_a_folder_stays_untouched() {
    let folder = small();
    folder.write("out/notes.txt", b"mine");
    folder.write("out/posterior.csv", b"of a calibration");
    folder.write("out/below/trials.csv", b"mine");
    for more in [&[][..], &["--condensed"]] {
        succeeds(writer("run", &folder, &folder.path("out")).args(more));
        for (name, text) in [
            ("out/notes.txt", "mine"),
            ("out/posterior.csv", "of a calibration"),
            ("out/below/trials.csv", "mine"),
        ] {
            assert_eq!(std::fs::read_to_string(folder.path(name)).expect("it is there"), text);
        }
    }
}

#[test]
fn results_of_an_earlier_time_that_would_not_fit_are_removed_and_named() {
    let folder = small();
    let out = folder.path("out");
    let said = succeeds(&mut writer("run", &folder, &out));
    assert!(!said.contains("removed"), "{said}");
    let said = succeeds(writer("run", &folder, &out).arg("--condensed"));
    for name in ["trials.csv", "draws.csv"] {
        let line = format!("{} of an earlier run is removed\n", out.join(name).display());
        assert!(said.contains(&line), "`{line}` in\n{said}");
    }
    assert_eq!(listing(&out), ["assumptions.csv", "path.csv", "summary.json"]);
    let said = succeeds(writer("run", &folder, &out).arg("--condensed"));
    assert!(!said.contains("removed"), "{said}");
    // A calibration that finds a value has no draws.
    let mut posterior = program("calibrate");
    posterior.arg(folder.path("small.toml")).args(["--trials", "9", "--draws", "40"]).args(VARY);
    succeeds(posterior.arg("--out").arg(&out));
    assert!(out.join("posterior.csv").exists());
    let said = succeeds(&mut writer("calibrate", &folder, &out));
    let line = format!("{} of an earlier calibration is removed\n", out.join("posterior.csv").display());
    assert!(said.ends_with(&line) && !out.join("posterior.csv").exists(), "{said}");
    assert!(out.join("path.csv").exists(), "that of a run stays");
}

#[cfg(unix)]
#[test]
fn files_are_as_open_as_the_caller_has_its_files() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| std::fs::metadata(path).expect("a file").permissions().mode() & 0o777;
    for (mask, expected) in [("022", 0o644), ("077", 0o600), ("002", 0o664), ("000", 0o666)] {
        let folder = small();
        let mut masked = Command::new("sh");
        masked.arg("-c").arg(format!("umask {mask}; exec \"$0\" \"$@\""));
        let run = writer("run", &folder, &folder.path("out"));
        succeeds(masked.arg(run.get_program()).args(run.get_args()));
        for name in Results::Run.files() {
            assert_eq!(mode(&folder.path("out").join(name)), expected, "{name} under {mask}");
        }
        // One that is replaced stays as it was.
        std::fs::set_permissions(folder.path("out/path.csv"), PermissionsExt::from_mode(0o640))
            .expect("a mode");
        succeeds(&mut writer("run", &folder, &folder.path("out")));
        assert_eq!(mode(&folder.path("out/path.csv")), 0o640);
    }
}

const SITES: &str = "id,country,stage,output\nnew,MM,mine,ore\n";

#[test]
fn what_was_read_is_not_written_over() {
    // The scenario, what it extends and a table have the names of results.
    let sheet = SMALL.replace("[sites.mine]", "[sites]\ntable = \"trials.csv\"\n[sites.mine]");
    let files = [
        ("base.toml", "extends = \"compare.json\"\n"),
        ("compare.json", "extends = \"calibration.json\"\n"),
        ("calibration.json", sheet.as_str()),
        ("trials.csv", SITES),
    ];
    let folder = Folder::with(&files);
    std::fs::hard_link(folder.path("base.toml"), folder.path("small.toml")).expect("a link");
    let here = folder.path("");
    for (name, input) in
        [("run", "trials.csv"), ("compare", "compare.json"), ("calibrate", "calibration.json")]
    {
        let told = refuses(&mut writer(name, &folder, &here), 1);
        assert!(told.contains(&format!("cannot write `{}`", here.join(input).display())), "{told}");
        assert!(told.contains("which was read"), "{told}");
    }
    for out in ["small.toml", "base.toml", "calibration.json", "trials.csv"] {
        let mut command = program("trace");
        let told = refuses(command.arg(folder.path("small.toml")).arg("--out").arg(folder.path(out)), 1);
        assert!(told.contains("which was read"), "{out}: {told}");
    }
    // `x.csv` is written with `x.stocks.csv`.
    folder.write("x.stocks.csv", SITES.as_bytes());
    folder.write("stocks.toml", sheet.replace("trials.csv", "x.stocks.csv").as_bytes());
    refuses(program("trace").arg(folder.path("stocks.toml")).arg("--out").arg(folder.path("x.csv")), 1);
    for (name, text) in files {
        assert_eq!(std::fs::read_to_string(folder.path(name)).expect("it is there"), text, "{name}");
    }
    assert!(!folder.path("summary.json").exists() && !folder.path("x.csv").exists());
    // In code a scenario may be saved in its own place, but not in that of what it rests on.
    let scenario = Scenario::load(folder.path("small.toml")).expect("it reads");
    for name in ["compare.json", "calibration.json", "trials.csv"] {
        assert!(scenario.write(folder.path(name)).is_err(), "{name}");
    }
    scenario.write(folder.path("base.toml")).expect("it is written");
}

#[test]
fn an_import_does_not_write_over_its_tables() {
    let table = ",A|a,A|b\nA|a,1,2\nA|b,3,30\n";
    let files = [("Z.csv", table), ("Y.csv", "label,y\nA|a,5\nA|b,8\n"), ("A.csv", "A|a\n1\n")];
    let folder = Folder::with(&files);
    std::fs::hard_link(folder.path("Y.csv"), folder.path("link.csv")).expect("a link");
    for out in ["Z.csv", "Y.csv", "A.csv", "link.csv"] {
        let mut command = program("import_table");
        for (flag, name) in [("--flows", "Z.csv"), ("--demand", "Y.csv"), ("--availability", "A.csv")] {
            command.arg(flag).arg(folder.path(name));
        }
        let told = refuses(command.args(["--steps", "1", "--out"]).arg(folder.path(out)), 1);
        assert!(told.contains("which was read"), "{told}");
    }
    for (name, text) in files {
        assert_eq!(std::fs::read_to_string(folder.path(name)).expect("it is there"), text, "{name}");
    }
}

#[test]
fn a_fault_in_the_run_leaves_no_folder_behind() {
    let folder = small();
    for more in [&["--trials", "0"][..], &["--threads", "0"], &["--threads", "1025"], &["--over", "nan"]] {
        // What is wrong may show before the run or in it.
        let mut command = program("run");
        command.arg(folder.path("small.toml")).args(["--out"]).arg(folder.path("far/out")).args(more);
        if command.output().expect("it starts").status.success() {
            continue;
        }
        assert_eq!(listing(&folder.path("")), ["small.toml"], "{more:?}");
    }
}

#[test]
fn cells_that_a_spreadsheet_would_run_are_made_harmless_and_can_be_told() {
    // Ids that begin as formulas do, one that begins as such a cell is written, and one that is a number.
    let ids = ["=cmd|' /C calc'!A0", "+a", "-b+1", "@SUM(1)", "\\tx", "\\rx", "'=1", "-1", "plain"];
    let mut text = SMALL.to_owned();
    for id in ids {
        text += &format!("[assumptions.\"{id}\"]\nuniform = {{ low = -2, high = -1 }}\nsource = \"{id}\"\n");
        text += &format!(
            "[sites.\"{id}\"]\ncountry = \"JP\"\nstage = \"mine\"\noutputs.ore = {{ final_demand_per_year = 100 }}\n"
        );
    }
    let folder = Folder::with(&[("small.toml", &text)]);
    let ran = run_in(&folder, 9, &[]).output().expect("it starts");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    succeeds_or_warns(
        program("trace").arg(folder.path("small.toml")).arg("--out").arg(folder.path("out/t.csv")),
    );
    let mut seen = 0;
    let back = |cell: &str| match cell.strip_prefix('\'') {
        Some(rest) if rest.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) => {
            rest.to_owned()
        }
        _ => cell.to_owned(),
    };
    for name in listing(&folder.path("out")).into_iter().filter(|name| name.ends_with(".csv")) {
        let (header, rows) = table(&folder.path("out").join(&name));
        for cell in rows.iter().flatten().chain(&header) {
            let runs = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
            assert!(!runs || cell.parse::<f64>().is_ok(), "{name}: {cell:?}");
            let known = ids.map(|id| id.replace("\\t", "\t").replace("\\r", "\r"));
            seen += usize::from(cell.starts_with('\'') && known.contains(&back(cell)));
        }
    }
    // Sources, and sites in both files of a trace.
    assert!(seen > 7 * 52, "{seen}");
    let (_, rows) = table(&folder.path("out/assumptions.csv"));
    assert!(rows.iter().any(|row| row[2] == "''=1") && rows.iter().any(|row| row[2] == "-1"));
    // Numbers stay numbers.
    let (_, rows) = table(&folder.path("out/draws.csv"));
    assert!(rows.iter().flatten().all(|cell| cell.parse::<f64>().is_ok()));
}

fn succeeds_or_warns(command: &mut Command) {
    assert!(command.output().expect("it starts").status.success());
}

#[test]
fn results_in_code_are_written_into_a_folder_that_is_held() {
    let folder = small();
    let scenario = Scenario::load(folder.path("small.toml")).expect("it reads");
    let model = scenario.compile().expect("a model");
    let ensemble = supplyshock::Ensemble::new(&model).trials(9);
    let out = folder.path("out");
    assert!(
        report::write_run(&out, &scenario, &ensemble.run().expect("runs")).expect("it is written").is_empty()
    );
    let claimed = Claimed::claim(&out, Results::Run, [scenario.inputs()]).expect("it is free");
    let condensed = ensemble.condensed().run().expect("runs");
    assert!(report::write_run(&out, &scenario, &condensed).is_err(), "it is held");
    let removed = claimed.write_run(&scenario, &condensed).expect("it is written");
    assert_eq!(removed, ["trials.csv", "draws.csv"].map(|name| out.join(name)));
    assert_eq!(json(&folder, "out/summary.json")["condensed"], true);
}
