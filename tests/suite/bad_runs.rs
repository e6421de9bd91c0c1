//! Programs in bad situations: a plain error, an exit code that tells, and no half-written file.

use crate::programs::{json, listing, program, refuses, run_in, small, succeeds, table};
use crate::small::Folder;
use std::process::{Command, Stdio};
use supplyshock::Scenario;

/// Largest scenario file there is to read [bytes], as the format says.
const SIZE_LIMIT: u64 = 64 << 20;

/// What is in a folder but for the scenario.
fn left(folder: &Folder) -> Vec<String> {
    listing(&folder.path("")).into_iter().filter(|name| name != "small.toml").collect()
}

#[test]
fn no_trials_or_too_many_are_refused_before_anything_is_written() {
    for trials in [0, u64::MAX] {
        let folder = small();
        let told = refuses(&mut run_in(&folder, trials, &[]), 1);
        assert!(told.contains("give at least one"), "{told}");
        assert_eq!(left(&folder), [""; 0]);
    }
}

#[test]
fn what_the_command_line_does_not_know_is_refused_with_exit_code_two() {
    let folder = small();
    for more in
        [&["--trails", "9"][..], &["--trials", "many"], &["--trials", "-1"], &["--seed"], &["again.toml"]]
    {
        let mut command = program("run");
        refuses(command.arg(folder.path("small.toml")).args(more), 2);
    }
    for name in ["run", "check", "trace"] {
        refuses(&mut program(name), 2);
    }
}

#[test]
fn a_scenario_that_is_none_is_refused_by_every_program() {
    let folder = small();
    folder.write("empty.toml", b"");
    folder.write("blank.toml", b" \n\n\t\n");
    folder.write("noise.toml", &(0..4000_u32).map(|k| (k * k / 7) as u8).collect::<Vec<_>>());
    folder.write("zeros.toml", &[0; 5000]);
    folder.write("prose.toml", b"once upon a time\n");
    folder.write("folder.toml/inside", b"");
    // A sparse file, which takes no room.
    let large = std::fs::File::create(folder.path("large.toml")).expect("a file");
    large.set_len(SIZE_LIMIT + 1).expect("its length");
    for (name, message) in [
        ("empty.toml", "the file is empty"),
        ("blank.toml", "the file is empty"),
        ("noise.toml", "is not text (UTF-8)"),
        ("zeros.toml", "not TOML"),
        ("prose.toml", "not TOML"),
        ("folder.toml", "is a folder"),
        ("large.toml", "over the limit of 67108864"),
        ("missing.toml", "cannot read"),
        ("small.toml/below.toml", "cannot read"),
    ] {
        for of in ["run", "check", "trace"] {
            let mut command = program(of);
            command.arg(folder.path(name));
            if of != "check" {
                command.arg("--out").arg(folder.path("out"));
            }
            let told = refuses(&mut command, 1);
            assert!(told.contains(message) && told.contains(name), "`{message}` in\n{told}");
        }
    }
    assert!(!folder.path("out").exists(), "nothing is written");
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = small();
    folder.write("file", b"mine");
    for out in ["file", "file/below", "small.toml/below"] {
        let told = refuses(
            program("run")
                .arg(folder.path("small.toml"))
                .args(["--trials", "9", "--out"])
                .arg(folder.path(out)),
            1,
        );
        assert!(told.contains(&format!("cannot write `{}`", folder.path(out).display())), "{told}");
    }
    assert_eq!(left(&folder), ["file"]);
    assert_eq!(std::fs::read(folder.path("file")).expect("it is there"), b"mine");
    for out in ["nowhere/one.csv", "file/one.csv", ""] {
        refuses(program("trace").arg(folder.path("small.toml")).arg("--out").arg(folder.path(out)), 1);
    }
    assert_eq!(left(&folder), ["file"]);
}

#[test]
fn a_file_in_the_way_is_replaced_and_a_folder_is_not() {
    let folder = small();
    folder.write("out/trials.csv", b"old");
    succeeds(&mut run_in(&folder, 9, &[]));
    assert_eq!(table(&folder.path("out/trials.csv")).1.len(), 9);
    let folder = small();
    folder.write("out/trials.csv/inside", b"mine");
    let told = refuses(&mut run_in(&folder, 9, &[]), 1);
    assert!(told.contains("trials.csv"), "{told}");
    assert_eq!(listing(&folder.path("out")), ["trials.csv"]);
    assert_eq!(listing(&folder.path("out/trials.csv")), ["inside"]);
}

/// The same command where no file can grow beyond some blocks of 512 bytes: writing on fails as on a
/// full disk.
#[cfg(unix)]
fn on_a_full_disk(blocks: u32, command: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\""));
    shell.arg(command.get_program()).args(command.get_args());
    shell
}

#[cfg(unix)]
#[test]
fn on_a_full_disk_no_half_written_file_is_left() {
    let mut seen = std::collections::BTreeSet::new();
    let figures = Scenario::load(small().path("small.toml")).expect("it reads").assumptions().len();
    for blocks in 0.. {
        let folder = small();
        let mut command = on_a_full_disk(2 * blocks, &run_in(&folder, 40, &[]));
        if command.output().expect("it starts").status.success() {
            break;
        }
        let told = refuses(&mut command, 1);
        assert!(told.contains("cannot write") && told.contains("File too large"), "{told}");
        // What is there is whole, and the summary, which comes last, is not there.
        let names = listing(&folder.path("out"));
        for name in &names {
            let rows = table(&folder.path("out").join(name)).1.len();
            let whole = match name.as_str() {
                "trials.csv" | "draws.csv" => 40,
                "path.csv" => 104,
                "assumptions.csv" => figures,
                other => panic!("{other} is left with {blocks} blocks"),
            };
            assert_eq!(rows, whole, "{name} with {blocks} blocks");
        }
        seen.insert(names.len());
    }
    assert!(seen.contains(&0) && seen.contains(&4), "it failed at the first file and at the last: {seen:?}");
}

#[cfg(unix)]
#[test]
fn trace_on_a_full_disk_leaves_nothing() {
    let folder = small();
    let mut command = program("trace");
    command.arg(folder.path("small.toml")).arg("--out").arg(folder.path("one.csv"));
    let told = refuses(&mut on_a_full_disk(8, &command), 1);
    assert!(told.contains("one.csv") && told.contains("File too large"), "{told}");
    assert_eq!(left(&folder), [""; 0]);
    succeeds(&mut command);
    assert_eq!(left(&folder), ["one.csv", "one.stocks.csv"]);
}

#[cfg(unix)]
#[test]
fn a_summary_never_stands_beside_the_trials_of_another_run() {
    let folder = small();
    succeeds(&mut run_in(&folder, 40, &[]));
    let before = json(&folder, "out/summary.json")["digest"].clone();
    // Room for the trials, but not for the summary.
    for blocks in 0..60 {
        let command = run_in(&folder, 41, &[]);
        refuses(&mut on_a_full_disk(blocks, &command), 1);
        let rows = table(&folder.path("out/trials.csv")).1.len();
        if folder.path("out/summary.json").exists() {
            assert_eq!(json(&folder, "out/summary.json")["digest"], before);
            assert_eq!(rows, 40, "with {blocks} blocks the summary is of 40 trials");
        }
        if rows == 41 {
            return;
        }
    }
    panic!("the trials were never written");
}

#[cfg(unix)]
#[test]
fn a_pipe_or_a_device_is_not_replaced_by_a_file() {
    use std::os::unix::fs::FileTypeExt;
    let folder = small();
    let pipe = folder.path("pipe.csv");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
    let mut command = program("trace");
    let told = refuses(command.arg(folder.path("small.toml")).arg("--out").arg(&pipe), 1);
    assert!(told.contains("pipe.csv"), "{told}");
    let kind = std::fs::symlink_metadata(&pipe).expect("it is there").file_type();
    assert!(kind.is_fifo(), "{kind:?}");
    assert_eq!(left(&folder), ["pipe.csv"]);
}

#[cfg(unix)]
#[test]
fn a_link_stays_and_the_file_it_leads_to_is_replaced() {
    let folder = small();
    folder.write("far/kept.csv", b"old");
    let link = folder.path("one.csv");
    std::os::unix::fs::symlink(folder.path("far/kept.csv"), &link).expect("a link");
    succeeds(program("trace").arg(folder.path("small.toml")).arg("--out").arg(&link));
    assert!(std::fs::symlink_metadata(&link).expect("it is there").is_symlink());
    assert_eq!(table(&folder.path("far/kept.csv")).1.len(), 208);
    assert_eq!(listing(&folder.path("far")), ["kept.csv"]);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = small();
    for name in ["run", "check", "trace"] {
        let mut command = program(name);
        command.arg(folder.path("small.toml")).stdout(Stdio::piped()).stderr(Stdio::piped());
        match name {
            "run" => command.args(["--trials", "200"]),
            "trace" => command.arg("--out").arg(folder.path("one.csv")),
            _ => &mut command,
        };
        let mut child = command.spawn().expect("it starts");
        // Nobody reads from here on.
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), told.as_ref()), (Some(0), ""), "{name}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn standard_output_on_a_full_disk_is_an_error() {
    let folder = small();
    let full = || std::fs::File::options().write(true).open("/dev/full").expect("a device that is full");
    for name in ["run", "check", "trace"] {
        let mut command = program(name);
        command.arg(folder.path("small.toml"));
        match name {
            "run" => command.args(["--trials", "40"]),
            "trace" => command.arg("--out").arg(folder.path("one.csv")),
            _ => &mut command,
        };
        let output = command.stdout(full()).stderr(Stdio::piped()).output().expect("it starts");
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{name}: {told}");
        assert!(told.starts_with("error: cannot write `standard output`: No space left"), "{name}: {told}");
    }
    // And where even the error cannot be told, the exit code tells.
    let mut command = program("check");
    let status = command.arg(folder.path("small.toml")).stdout(full()).stderr(full()).status();
    assert_eq!(status.expect("it starts").code(), Some(1));
}
