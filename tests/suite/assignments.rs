//! `PATH=VALUE` assignments, as `--set` gives them, laid over a scenario.

use crate::extends::{base, change, changes, over};
use crate::small::{Folder, SMALL, listed};
use supplyshock::scenario::Problem;
use supplyshock::{Error, Scenario};

/// The small scenario with assignments.
fn set(assignments: &[&str]) -> Result<Scenario, Error> {
    let folder = Folder::with(&[("base.toml", SMALL)]);
    Scenario::load_with(folder.path("base.toml"), assignments)
}

/// The one problem of an assignment.
fn fault(assignment: &str) -> Problem {
    let found = listed(set(&[assignment]).expect_err("it should have problems"));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].file.as_deref(), Some(format!("--set {assignment}").as_str()));
    found[0].clone()
}

#[test]
fn an_assignment_changes_its_entry_and_the_last_one_holds() {
    for (assignments, path, value) in [
        (&["controls.ban.severity=0.5"][..], "controls.ban.severity", "0.5"),
        (&[" controls.ban.severity = 0.5 "], "controls.ban.severity", "0.5"),
        (&["controls.ban.severity=0.5", "controls.ban.severity=0.6"], "controls.ban.severity", "0.6"),
        (
            &["controls.ban.duration_days={ uniform = { low = 1, high = 2 } }"],
            "controls.ban.duration_days",
            "uniform(1, 2)",
        ),
        (&["controls.ban.duration_days=90"], "controls.ban.duration_days", "90"),
        (&["assumptions.need=0.25"], "assumptions.need", "0.25"),
        // A link needs no quotes, and may have them.
        (&["links.mine>mill:ore.lead_time_days=7"], "links.\"mine>mill:ore\".lead_time_days", "7"),
        (&["links.\"mine>mill:ore\".lead_time_days=7"], "links.\"mine>mill:ore\".lead_time_days", "7"),
    ] {
        let new = set(assignments).unwrap_or_else(|e| panic!("{assignments:?}: {e}"));
        assert_eq!(changes(&base(), &new), [change(path, value)], "{assignments:?}");
        assert_eq!(new.name(), "base");
    }
    // It lies over all files.
    let folder = over("[controls.ban]\nseverity = 0.1\n");
    let new = Scenario::load_with(folder.path("over.toml"), ["controls.ban.severity=0.5"]).expect("it reads");
    assert_eq!(changes(&base(), &new), [change("controls.ban.severity", "0.5")]);
}

#[test]
fn an_assumption_that_nothing_refers_to_is_a_warning_and_an_error_where_it_is_assigned() {
    let found = fault("assumptions.nede=0.25");
    assert_eq!(found.path, "assumptions.nede");
    assert_eq!(found.message(), "nothing refers to the assumption `nede`");
    assert_eq!(found.help().as_deref(), Some("did you mean `need`?"));

    let folder = over("[assumptions]\nnede = 0.25\nzeal = 1\n");
    let new = Scenario::load(folder.path("over.toml")).expect("it reads");
    let told: Vec<(&str, usize, Option<String>)> =
        new.warnings().iter().map(|w| (w.path.as_str(), w.line, w.help())).collect();
    let near = Some("did you mean `need`?".to_owned());
    assert_eq!(told, [("assumptions.nede", 3, near), ("assumptions.zeal", 4, None)]);
    assert_eq!(base().warnings(), []);
}

#[test]
fn an_assignment_that_cannot_be_is_refused_with_its_place() {
    for (assignment, path, message, help) in [
        ("controls.ban.severity", "", "no `=` in it", "write PATH=VALUE"),
        ("controls.ban.severity=", "controls.ban.severity", "no value after the `=`", "write PATH=VALUE"),
        ("controls.ban.severity=  ", "controls.ban.severity", "no value after the `=`", "write PATH=VALUE"),
        (
            "controls.ban.severty=0.5",
            "controls.ban.severty",
            "unknown key `severty`",
            "did you mean `severity`?",
        ),
        ("contrls.ban.severity=0.5", "contrls", "unknown key `contrls`", "did you mean `controls`?"),
        (
            "links.mine>mil:ore.lead_time_days=7",
            "links.\"mine>mil:ore\"",
            "there is no `mine>mil:ore` in `links` to change",
            "did you mean `mine>mill:ore`?",
        ),
        (
            "controls.bann.severity=0.5",
            "controls.bann",
            "there is no `bann` in `controls` to change",
            "did you mean `ban`?",
        ),
        ("controls.ban.severity=1.5", "controls.ban.severity", "1.5 is out of range", "from 0 to 1"),
        ("controls.ban.severity=nan", "controls.ban.severity", "NaN is not a finite number", "finite"),
        ("controls.ban=0.5", "controls.ban", "expected a table, found a number", ""),
        ("controls.ban.severity=high", "controls.ban.severity", "`high` is no number", "uniform(0, 0.2)"),
        ("controls.ban.severity=[0.5", "", "not TOML", ""),
        ("extends=\"other.toml\"", "extends", "lies outside of", ""),
    ] {
        let found = fault(assignment);
        assert_eq!(found.path, path, "{found}");
        assert!(found.message().contains(message), "`{message}` in: {found}");
        assert!(found.help().clone().unwrap_or_default().contains(help), "`{help}` in: {found}");
    }
    // All of them are told, and with those of the file.
    let several = set(&["controls.ban.severity=2", "events.quake.severity=3"]).expect_err("two faults");
    assert_eq!(listed(several).len(), 2);
}
