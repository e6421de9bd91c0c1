//! Where figures come from, when files are laid over each other.

use crate::extends::over;
use crate::small::{Folder, SMALL};
use supplyshock::Scenario;
use supplyshock::scenario::{Basis, Change, Origin};

/// The small scenario with sources.
fn sourced() -> String {
    SMALL
        .replace("[parties.JP]\n", "[parties.JP]\nsource = \"Cabinet Office\"\nbasis = \"published\"\n")
        .replace("[controls.ban]\n", "[controls.ban]\nsource = \"order 8\"\n")
        .replace("[sites.cars]\n", "[sites.cars]\nsource = \"a census\"\nbasis = \"derived\"\n")
}

/// The origin of a figure when files are laid over the sourced scenario, one over the other.
fn origins(files: &[&str]) -> impl Fn(&str) -> (Option<String>, Option<Basis>, Option<Change>) + use<> {
    let folder = Folder::with(&[("file0.toml", &sourced())]);
    for (k, text) in files.iter().enumerate() {
        folder
            .write(&format!("file{}.toml", k + 1), format!("extends = \"file{k}.toml\"\n{text}").as_bytes());
    }
    let scenario =
        Scenario::load(folder.path(&format!("file{}.toml", files.len()))).unwrap_or_else(|e| panic!("{e}"));
    let again = Scenario::parse("again", &scenario.to_toml().expect("text")).expect("it reads");
    assert_eq!(again.tables(), scenario.tables());
    move |path| {
        let Origin { source, basis, changed, .. } = scenario.assumption(path).expect("a figure").origin;
        (source, basis, changed)
    }
}

fn said(source: &str, basis: Option<Basis>) -> (Option<String>, Option<Basis>, Option<Change>) {
    (Some(source.to_owned()), basis, None)
}

fn changed(by: &str) -> (Option<String>, Option<Basis>, Option<Change>) {
    (None, None, Some(Change::Overlay(by.to_owned())))
}

#[test]
fn a_figure_that_is_changed_without_a_source_is_not_credited_with_the_old_one() {
    let origin = origins(&[
        "[parties.JP]\ngdp_per_year = 5e14\n[controls.ban]\nleakage = 0.1\n[assumptions]\nneed = 0.4\n",
    ]);
    assert_eq!(origin("parties.JP.gdp_per_year"), changed("file1.toml"));
    // So is one that was at its default, in a table with a source, and one whose own source went with it.
    assert_eq!(origin("controls.ban.leakage"), changed("file1.toml"));
    assert_eq!(origin("assumptions.need"), changed("file1.toml"));
    // What the file leaves alone keeps its own.
    assert_eq!(origin("controls.ban.severity"), said("order 8", None));
    assert_eq!(origin("sites.cars.value_added_per_unit"), said("a census", Some(Basis::Derived)));
}

#[test]
fn a_source_belongs_to_what_its_file_changes() {
    let origin = origins(&["[controls.ban]\nsource = \"order 9\"\nbasis = \"judgement\"\nleakage = 0.1\n\
         duration_days = { value = 90, source = \"the decree\" }\n\
         [sites.cars]\nsource = \"a survey\"\n[sites.cars.inputs.metal]\ncover_days = 45\n"]);
    assert_eq!(origin("controls.ban.leakage"), said("order 9", Some(Basis::Judgement)));
    assert_eq!(origin("controls.ban.duration_days"), said("the decree", None));
    assert_eq!(origin("controls.ban.severity"), said("order 8", None));
    assert_eq!(origin("controls.ban.onset_days"), said("order 8", None));
    // A table around others speaks for those in it, too.
    assert_eq!(origin("sites.cars.inputs.metal.cover_days"), said("a survey", None));
    assert_eq!(origin("sites.cars.inputs.metal.use_per_unit"), said("a census", Some(Basis::Derived)));
    assert_eq!(origin("sites.cars.value_added_per_unit"), said("a census", Some(Basis::Derived)));
}

#[test]
fn each_file_of_a_chain_speaks_for_its_own_figures() {
    let origin = origins(&[
        "[controls.ban]\nsource = \"order 9\"\nleakage = 0.1\nseverity = 0.7\n",
        "[controls.ban]\nseverity = 0.6\n[parties.JP]\ngdp_per_year = 1e14\n",
        "[parties.JP]\nsource = \"an estimate\"\ngdp_per_year = 2e14\n",
    ]);
    assert_eq!(origin("controls.ban.leakage"), said("order 9", None));
    assert_eq!(origin("controls.ban.severity"), changed("file2.toml"));
    assert_eq!(origin("controls.ban.onset_days"), said("order 8", None));
    assert_eq!(origin("parties.JP.gdp_per_year"), said("an estimate", None));
}

#[test]
fn what_a_file_adds_is_no_change() {
    let origin = origins(&[
        "[assumptions]\nmore = 0.3\n[sites.pit]\ncountry = \"MM\"\nstage = \"mine\"\nspare_capacity = 0.2\noutputs.ore = {}\n\
         [sites.yard]\nsource = \"a plan\"\ncountry = \"MM\"\nstage = \"mine\"\nspare_capacity = 0.2\noutputs.ore = {}\n",
    ]);
    assert_eq!(origin("assumptions.more"), (None, None, None));
    assert_eq!(origin("sites.pit.spare_capacity"), (None, None, None));
    assert_eq!(origin("sites.yard.spare_capacity"), said("a plan", None));
}

#[test]
fn a_list_or_a_form_that_is_replaced_takes_no_source_over() {
    let origin = origins(&["[controls.ban]\nphases = [{ after_days = 0, severity = 0.2 }]\n\
         [sites.cars.inputs.metal]\nthrottle = { threshold = 0.7 }\ncriticality = { value = 0.5, basis = \"judgement\" }\n"]);
    assert_eq!(origin("controls.ban.phases.0.severity"), changed("file1.toml"));
    assert_eq!(origin("sites.cars.inputs.metal.throttle.threshold"), changed("file1.toml"));
    let judged = (None, Some(Basis::Judgement), Some(Change::Overlay("file1.toml".to_owned())));
    assert_eq!(origin("sites.cars.inputs.metal.criticality"), judged);
}

#[test]
fn an_assignment_says_that_it_is_one() {
    let folder = Folder::with(&[("base.toml", &sourced())]);
    let set =
        ["parties.JP.gdp_per_year=1e14", "controls.ban.duration_days={ value = 9, source = \"a hunch\" }"];
    let scenario = Scenario::load_with(folder.path("base.toml"), set).expect("it reads");
    let origin = |path: &str| scenario.assumption(path).expect("a figure").origin;
    assert_eq!(origin("parties.JP.gdp_per_year").changed, Some(Change::Assignment));
    assert_eq!(origin("parties.JP.gdp_per_year").to_string(), "set for this run");
    assert_eq!(origin("controls.ban.duration_days").to_string(), "a hunch");
    let shown = Change::Overlay("over.toml".into()).to_string();
    assert_eq!(shown, "changed by over.toml, no source stated");
}

#[test]
fn a_source_of_nothing_is_doubted() {
    let folder = over("[controls.ban]\nsource = \"order 9\"\n");
    let scenario = Scenario::load(folder.path("over.toml")).expect("it reads");
    let warnings: Vec<String> =
        scenario.warnings().iter().map(|w| format!("{}: {}", w.path, w.message())).collect();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].starts_with("controls.ban: this file changes nothing in the table"), "{warnings:?}");
    assert_eq!(scenario.warnings()[0].line, 2);
    // It is still doubtful when the scenario is edited.
    let edited = scenario.edit().set("controls.ban.severity", 0.3).finish().expect("it fits");
    assert_eq!(edited.warnings().len(), 1);
}
