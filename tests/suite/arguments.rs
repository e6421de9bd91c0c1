//! Numbers as people write them in the arguments of programs.

use crate::programs::{json, program, refuses, small, succeeds};

#[test]
fn counts_are_read_in_every_program_that_takes_one() {
    let folder = small();
    for text in ["1e2", "1_00", "100"] {
        let counts = ["--trials", text, "--seed", "2_026", "--threads", "1e0", "--out"];
        succeeds(program("run").arg(folder.path("small.toml")).args(counts).arg(folder.path("out")));
        let summary = json(&folder, "out/summary.json");
        assert_eq!((summary["trials"].as_u64(), summary["seed"].as_u64()), (Some(100), Some(2026)), "{text}");
    }
    let path = folder.path("small.toml");
    succeeds(program("compare").args([&path, &path]).args(["--trials", "1e1"]));
    let calibrate = [
        "--target",
        "JP.output.mean=0.1mn+-1tn",
        "--vary",
        "controls.ban.severity",
        "--between",
        "10%",
        "50%",
    ];
    succeeds(program("calibrate").arg(&path).args(calibrate).args([
        "--trials",
        "1e1",
        "--grid",
        "2e0",
        "--tolerance",
        "10%",
    ]));
    succeeds(
        program("calibrate")
            .arg(&path)
            .args(calibrate)
            .args(["--trials", "10", "--draws", "2e1", "--accept", "50%"]),
    );
    succeeds(program("trace").arg(&path).args(["--trial", "1e1", "--out"]).arg(folder.path("trace.csv")));
    for (name, flag) in [
        ("run", "--trials"),
        ("run", "--seed"),
        ("compare", "--trials"),
        ("calibrate", "--grid"),
        ("trace", "--trial"),
    ] {
        for text in ["1.5", "-1", "many", "1e400", "nan"] {
            let paths = if name == "compare" { vec![&path, &path] } else { vec![&path] };
            let told = refuses(program(name).args(paths).arg(format!("{flag}={text}")), 2);
            assert!(told.contains("is not a whole number: write it as 1000000, 1_000_000 or 1e6"), "{told}");
        }
    }
}

#[test]
fn amounts_are_read_as_people_write_them_and_must_be_some() {
    let folder = small();
    let path = folder.path("small.toml");
    for text in ["5e12", "5tn", "5 tn", "5_000bn", "5000000mn", "5000000m"] {
        let out = succeeds(program("run").arg(&path).args(["--trials", "10", "--over", text]));
        assert!(out.contains("JP loses over 5000000 JPY m in 0%"), "{text}\n{out}");
        let out = succeeds(program("compare").args([&path, &path]).args(["--trials", "10", "--over", text]));
        assert!(out.contains("JP loses over 5000000 JPY m in 0%"), "{text}\n{out}");
        let target = format!("JP.output.over_{text}=0+-1");
        let found = program("calibrate")
            .arg(&path)
            .args(["--trials", "10", "--grid", "2", "--target", &target])
            .args(["--vary", "controls.ban.severity", "--between", "0.1", "0.2"])
            .output()
            .expect("it starts");
        assert!(found.status.success(), "{text}: {}", String::from_utf8_lossy(&found.stderr));
    }
    for (name, paths) in [("run", vec![&path]), ("compare", vec![&path, &path])] {
        for text in ["nan", "inf", "-inf", "much", "5 yen", "5%"] {
            let told = refuses(program(name).args(&paths).arg(format!("--over={text}")), 2);
            assert!(told.contains("is not an amount of money: write it as 2.6e12, 2.6tn"), "{told}");
        }
    }
}
