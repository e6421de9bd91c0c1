//! Threads that cannot be had are an error.

use crate::programs::{program, refuses, small, succeeds};
use std::process::Command;

/// A program of the small scenario, on so many threads.
fn on(name: &str, folder: &crate::small::Folder, threads: &str) -> Command {
    let mut command = program(name);
    command.args(["--trials", "40", "--threads", threads]).arg(folder.path("small.toml"));
    match name {
        "compare" => command.arg(folder.path("small.toml")),
        "calibrate" => command.args([
            "--vary",
            "controls.ban.severity",
            "--between",
            "0.5",
            "1",
            "--target",
            "JP.output.mean=1e8",
            "--grid",
            "3",
        ]),
        _ => &mut command,
    };
    command
}

#[test]
fn no_threads_or_too_many_are_refused() {
    let folder = small();
    for name in ["run", "compare", "calibrate"] {
        for threads in ["0", "1025", "18446744073709551615"] {
            let told = refuses(&mut on(name, &folder, threads), 1);
            assert!(
                told.contains(&format!(
                    "cannot start {threads} threads: a run needs at least one, and takes at most 1024"
                )),
                "{told}"
            );
        }
    }
    succeeds(&mut on("run", &folder, "64"));
}

/// The same command where sixteen threads and no more can be started: each takes a gibibyte for its stack, and half of one is
/// left for all else.
#[cfg(target_os = "linux")]
fn with_few_threads(command: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg("ulimit -v 17301504; exec \"$0\" \"$@\"");
    shell.arg(command.get_program()).args(command.get_args());
    shell.env("RUST_MIN_STACK", "1073741824").env("MALLOC_ARENA_MAX", "1");
    shell
}

#[cfg(target_os = "linux")]
#[test]
fn threads_that_cannot_be_started_are_an_error() {
    let folder = small();
    for name in ["run", "compare", "calibrate"] {
        let told = refuses(&mut with_few_threads(&on(name, &folder, "1024")), 1);
        assert!(told.contains("cannot start 1024 threads: "), "{told}");
    }
    // Those that are there without asking are told apart, with what sets their number.
    for name in ["run", "check", "trace"] {
        let mut command = program(name);
        command.arg(folder.path("small.toml"));
        if name == "trace" {
            command.arg("--out").arg(folder.path("one.csv"));
        }
        let mut limited = with_few_threads(&command);
        let told = refuses(limited.env("RAYON_NUM_THREADS", "2000"), 1);
        assert!(told.contains("cannot start 2000 threads: ") && told.contains("RAYON_NUM_THREADS"), "{told}");
    }
    assert!(!folder.path("one.csv").exists());
}
