//! What reaches a terminal: names and messages do nothing there but stand.

use crate::programs::program;
use crate::small::{Folder, SMALL};
use std::process::Command;
use supplyshock::{Error, Scenario};

/// Clears a terminal; colours by a single character of eight bits; turns the order of what follows; forges a line.
const EVIL: &str = "\\u001b[2J\\u009b31m\\u202eX\\nerror: forged\\r\\u0007";

/// The same as far as it can stand in the id of a party or a site.
const EVIL_ID: &str = "\\u001b[2J\\u009b31m\\u202eX\\r\\u0007";

/// Fails where anything but text and the breaks between our lines is in an output.
fn is_harmless(bytes: &[u8], of: &Command) -> String {
    let text = String::from_utf8(bytes.to_vec()).expect("text");
    let acts = |c: char| {
        (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if let Some(c) = text.chars().find(|c| acts(*c)) {
        panic!("{c:?} in what {of:?} prints:\n{text:?}");
    }
    assert!(!text.lines().any(|line| line.starts_with("error: forged")), "{of:?}\n{text}");
    text
}

/// Runs a program; all that it says.
fn said(command: &mut Command) -> (bool, String) {
    let output = command.output().expect("it starts");
    let all = [&output.stdout, &output.stderr].map(|bytes| is_harmless(bytes, command));
    (output.status.success(), all.concat())
}

/// The small scenario with names that act, everywhere a name can stand.
fn evil() -> String {
    let mut text = SMALL.to_owned();
    for (old, new) in [
        ("title = \"small\"", "title = \"smallEVIL\""),
        ("headline = \"JP\"", "headline = \"JPEVILID\""),
        ("[parties.JP]\n", "[parties.\"JPEVILID\"]\nname = \"JapanEVIL\"\ncountries = [\"JP\"]\n"),
        ("[parties.CN]", "[parties.\"CNEVILID\"]"),
        ("unit = \"JPY\", name = \"cars\"", "unit = \"JPYEVIL\", name = \"carsEVIL\""),
        ("[controls.ban]", "[controls.\"banEVIL\"]"),
        ("[events.quake]", "[events.\"quakeEVIL\"]"),
        ("source = \"a survey\"", "source = \"EVIL\""),
        ("stage = \"mine\"", "stage = \"mineEVIL\""),
        ("need = {", "\"needEVIL\" = {"),
        ("assumption = \"need\"", "assumption = \"needEVIL\""),
    ] {
        assert!(text.contains(old), "{old}");
        text = text.replace(old, new);
    }
    // Ids of sites stand in many places: all of them.
    for id in ["smelter", "mill", "cars"] {
        text = text.replace(&format!("[sites.{id}"), &format!("[sites.\"{id}EVILID\""));
        text = text
            .replace(&format!(">{id}:"), &format!(">{id}EVILID:"))
            .replace(&format!("\"{id}>"), &format!("\"{id}EVILID>"));
        text = text.replace(&format!("sites = [\"{id}\"]"), &format!("sites = [\"{id}EVILID\"]"));
    }
    text.replace("EVILID", EVIL_ID).replace("EVIL", EVIL)
}

#[test]
fn names_that_act_reach_no_terminal_by_any_program() {
    let folder =
        Folder::with(&[("x.toml", &evil()), ("y.toml", "extends = \"x.toml\"\ntime.horizon_days = 371\n")]);
    let [x, y] = ["x.toml", "y.toml"].map(|name| folder.path(name));
    let few = ["--trials", "64"];
    let id = "\u{1b}[2J\u{9b}31m\u{202e}X\r\u{7}";
    let statistic = format!("JP{id}.output.mean=1e8");
    let control = "\u{1b}[2J\u{9b}31m\u{202e}X\nerror: forged\r\u{7}";
    let figure = format!("controls.\"ban{control}\".severity");
    let vary = ["--vary", &figure, "--between", "0.5", "1", "--target", &statistic];
    let shown = r"\u{1b}[2J\u{9b}31m\u{202e}X\nerror: forged\r\u{7}";
    let mut commands = [
        ("run", vec!["--over", "1e8"]),
        ("run", vec!["--condensed"]),
        ("check", vec![]),
        ("compare", vec!["--over", "1e8"]),
        ("calibrate", vec!["--grid", "3"]),
        ("calibrate", vec!["--draws", "40"]),
        ("trace", vec![]),
    ]
    .map(|(name, more)| {
        let mut command = program(name);
        command.args(more).arg(&x);
        match name {
            "compare" => command.arg(&y).args(few),
            "calibrate" => command.args(vary).args(few),
            "run" => command.args(few),
            "trace" => command.arg("--out").arg(folder.path("t.csv")),
            _ => &mut command,
        };
        command
    });
    for command in &mut commands {
        let (success, said) = self::said(command);
        assert!(success, "{command:?}\n{said}");
        let writes = !command.get_args().any(|arg| arg == "--out");
        assert!(!writes || said.contains(shown), "{command:?}\n{said}");
    }
}

#[test]
fn faults_that_name_what_acts_are_harmless() {
    let folder = Folder::with(&[]);
    let with = |text: &str| {
        folder.write("x.toml", text.replace("EVIL", EVIL).as_bytes());
        folder.path("x.toml")
    };
    // Unknown keys and ids, values out of range, faults of trials, texts that are not TOML, tables, and `extends`.
    let base = evil();
    for text in [
        format!("{base}\n\"keyEVIL\" = 1\n[controls.\"otherEVIL\"]\nexporters = [\"EVIL\"]\n"),
        base.replace("severity = 0.8", "severity = 8"),
        base.replace("capacity_per_year = 9e5", "capacity_per_year = 1"),
        base.replace("capacity_per_year = 9e5", "capacity_per_year = { uniform = { low = 1, high = 2 } }"),
        format!("extends = \"noneEVIL\"\n{base}"),
        format!("remove = [\"EVIL:EVIL\"]\n{base}"),
        base.replace("[sites.mine]", "[sites]\ntable = \"noneEVIL.csv\"\n[sites.mine]"),
    ] {
        for name in ["check", "run"] {
            let (success, said) = said(program(name).arg(with(&text)));
            assert!(!success && said.starts_with("error: "), "{said}");
        }
    }
    let raw = "a\u{1b}[2J\u{9b}1m\u{202e}\r\u{7}";
    folder.write("raw.toml", format!("[{raw}\nx = \"{raw}").as_bytes());
    folder.write("raw.csv", format!("{raw},b\n{raw},1\n").as_bytes());
    folder.write("Y.csv", b"label,y\nA|a,1\n");
    let file = folder.path(&format!("none{raw}.toml"));
    for mut command in [
        {
            let mut command = program("check");
            command.arg(folder.path("raw.toml"));
            command
        },
        {
            let mut command = program("check");
            command.arg(&file);
            command
        },
        {
            let mut command = program("run");
            command.arg(with(SMALL)).args(["--set", &format!("{raw}\n=1")]);
            command
        },
        {
            let mut command = program("run");
            command.arg(with(SMALL)).args(["--trials", "9", "--out"]).arg(folder.path("x.toml").join(raw));
            command
        },
        {
            let mut command = program("calibrate");
            command.arg(with(SMALL)).args([
                "--vary",
                raw,
                "--between",
                "0",
                "1",
                "--target",
                &format!("{raw}=1"),
            ]);
            command
        },
        {
            let mut command = program("import_table");
            command.arg("--flows").arg(folder.path("raw.csv")).arg("--demand").arg(folder.path("Y.csv"));
            command.arg("--out").arg(folder.path("made.toml"));
            command
        },
    ] {
        let (success, said) = self::said(&mut command);
        assert!(!success && said.starts_with("error: "), "{said}");
    }
}

#[test]
fn warnings_and_errors_in_code_are_harmless_too() {
    let text = format!("{SMALL}\n[assumptions.\"unused{EVIL}\"]\nvalue = 1\n");
    let scenario = Scenario::parse("x", &text).expect("it reads");
    let folder = Folder::with(&[("x.toml", &text)]);
    let (success, said) = said(program("check").arg(folder.path("x.toml")));
    assert!(success && said.contains(r"unused\u{1b}[2J"), "{said}");
    let warning = scenario.warnings()[0].to_string();
    assert!(!warning.contains('\u{1b}') && !warning.contains('\u{9b}'), "{warning}");
    let unknown = scenario.assumption("a\u{1b}[2J\n").expect_err("there is none");
    let Error::Unknown { .. } = &unknown else { panic!("{unknown}") };
    for shown in [unknown.to_string(), format!("{unknown:?}")] {
        assert!(shown.contains(r"a\u{1b}[2J\n") && !shown.contains('\u{1b}'), "{shown}");
    }
}
