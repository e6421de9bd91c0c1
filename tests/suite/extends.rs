//! Files laid over a scenario: what changes, what stays, and where a fault is placed.

use crate::small::{Folder, SMALL, problems_in};
use std::collections::BTreeMap;
use supplyshock::Scenario;
use supplyshock::scenario::{LeafValue, Problem};

/// The small scenario as `base.toml`, and `text` laid over it.
pub fn over(text: &str) -> Folder {
    Folder::with(&[("base.toml", SMALL), ("over.toml", &format!("extends = \"base.toml\"\n{text}"))])
}

fn load(folder: &Folder, name: &str) -> Scenario {
    Scenario::load(folder.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn laid_over(text: &str) -> Scenario {
    load(&over(text), "over.toml")
}

/// The small scenario.
pub fn base() -> Scenario {
    Scenario::parse("base.toml", SMALL).expect("it has no fault")
}

/// Where a problem is: the file's name without its folder, line and column.
fn place(problem: &Problem) -> (&str, usize, usize) {
    let file = problem.file.as_deref().expect("a file");
    (file.rsplit(['/', '\\']).next().unwrap_or(file), problem.line, problem.column)
}

/// Line of the base, counted from 1, that starts with `text`.
fn line_of(text: &str) -> usize {
    1 + SMALL.lines().position(|line| line.starts_with(text)).expect("a line of the base")
}

/// Figures by path.
fn figures(scenario: &Scenario) -> BTreeMap<String, String> {
    scenario.assumptions().into_iter().map(|a| (a.path, a.leaf.to_string())).collect()
}

/// Paths whose figure differs between two scenarios, with the new one; `-` where it is gone.
pub fn changes(from: &Scenario, to: &Scenario) -> Vec<(String, String)> {
    let (from, to) = (figures(from), figures(to));
    let gone = from.keys().filter(|path| !to.contains_key(*path)).map(|path| (path.clone(), "-".to_owned()));
    let new = to.iter().filter(|(path, value)| from.get(*path) != Some(*value));
    gone.chain(new.map(|(path, value)| (path.clone(), value.clone()))).collect()
}

/// One of [`changes`].
pub fn change(path: &str, value: &str) -> (String, String) {
    (path.to_owned(), value.to_owned())
}

#[test]
fn an_overlay_of_nothing_changes_nothing_but_the_name() {
    let same = laid_over("");
    assert_eq!(same.tables(), base().tables());
    assert_eq!(same.name(), "over");
}

#[test]
fn an_entry_changes_field_by_field_and_all_else_stays() {
    let new = laid_over(
        "[scenario]\ncurrency = \"JPY\"\ntitle = \"other\"\n[time]\nhorizon_days = 700\n[controls.ban]\nseverity = 0.25\n\
         [sites.smelter.inputs.ore]\ncover_days = 40\n[links.\"mine>mill:ore\"]\nlead_time_days = 28\n",
    );
    assert_eq!(
        changes(&base(), &new),
        [
            change("controls.ban.severity", "0.25"),
            change("links.\"mine>mill:ore\".lead_time_days", "28"),
            change("sites.smelter.inputs.ore.cover_days", "40"),
        ]
    );
    let (old, new) = (base().tables().clone(), new.tables().clone());
    assert_eq!((new.scenario.title.as_str(), new.scenario.headline), ("other", old.scenario.headline));
    assert_eq!((new.time.horizon_days, new.time.step_days, new.time.start), (700, 7, old.time.start));
    assert_eq!(new.rules, old.rules);
}

#[test]
fn a_leaf_a_list_or_a_word_is_replaced_whole() {
    let new = laid_over(
        "[controls.ban]\nduration_days = 100\nonset_days = { uniform = { low = 1, high = 2 } }\nexporters = [\"MM\"]\n\
         commodities = [\"ore\"]\n[sites.cars.inputs.metal]\ncriticality = { value = 0.5, basis = \"judgement\" }\n\
         throttle = { threshold = 0.7 }\n[assumptions]\nneed = { uniform = { low = 0, high = 0.1 } }\n\
         [events.quake]\nrecovery = { linear = { days = 9 } }\n",
    );
    assert_eq!(
        changes(&base(), &new),
        [
            change("events.quake.recovery.exponential.days", "-"),
            change("assumptions.need", "uniform(0, 0.1)"),
            change("controls.ban.duration_days", "100"),
            change("controls.ban.onset_days", "uniform(1, 2)"),
            change("events.quake.recovery.linear.days", "9"),
            change("sites.cars.inputs.metal.criticality", "0.5"),
            change("sites.cars.inputs.metal.throttle.threshold", "0.7"),
        ]
    );
    let tables = new.tables();
    assert_eq!(tables.controls["ban"].exporters, ["MM"]);
    assert_eq!(tables.controls["ban"].commodities.as_deref(), Some(&["ore".to_owned()][..]));
    // The source of a leaf goes with it.
    assert_eq!(tables.assumptions["need"].origin.source, None);
    assert!(matches!(tables.controls["ban"].duration_days.as_ref().unwrap().value, LeafValue::Number(_)));
}

#[test]
fn contracts_licences_and_states_change_field_by_field() {
    let chance = "[regimes.r]\nstart = \"a\"\nstates.a = { holding_days = 9, next = { a = 1, b = 2 } }\nstates.b = {}\n\
                  [controls.ban.licences]\ncivil = { monthly_chance = 0.1, quota = 0.5 }\nmilitary.monthly_chance = 0.2\n\
                  [links.\"smelter>cars:metal\".contract]\nterm_share = 0.5\nremaining_days = 90\n";
    let folder = Folder::with(&[
        ("base.toml", &(SMALL.to_owned() + chance)),
        (
            "over.toml",
            "extends = \"base.toml\"\n[regimes.r.states.a]\nnext.b = 0\n\
             [controls.ban]\nlicences.civil.quota = 0.7\n[links.\"smelter>cars:metal\"]\ncontract.term_share = 0.9\n",
        ),
    ]);
    assert_eq!(
        changes(&load(&folder, "base.toml"), &load(&folder, "over.toml")),
        [
            change("controls.ban.licences.civil.quota", "0.7"),
            change("links.\"smelter>cars:metal\".contract.term_share", "0.9"),
            change("regimes.r.states.a.next.b", "0"),
        ]
    );
}

#[test]
fn new_ids_stand_after_those_of_the_base_whose_order_is_kept() {
    let new = laid_over(
        "[sites.aaa]\ncountry = \"MM\"\nstage = \"mine\"\noutputs.ore = {}\n[sites.mill]\nspare_capacity = 0.3\n\
         [controls.all]\nexporters = [\"MM\"]\nimporters = [\"JP\"]\nonset_days = 1\nduration_days = 2\n\
         [controls.ban]\nseverity = 0.1\n[links.\"aaa>mill:ore\"]\nlead_time_days = 7\n[sites.mine]\nspare_capacity = 0.1\n",
    );
    let tables = new.tables();
    assert!(tables.sites.keys().eq(["mine", "smelter", "mill", "cars", "aaa"]));
    assert!(tables.controls.keys().eq(["ban", "all"]));
    assert!(tables.links.keys().last().is_some_and(|id| id == "aaa>mill:ore"));
    assert_eq!(tables.links.len(), base().tables().links.len() + 1);
    new.compile().expect("it runs");
}

#[test]
fn what_is_removed_is_gone_and_a_site_takes_its_links_along() {
    let new = laid_over(
        "remove = [\"site:mill\", \"event:quake\", \"reserve:depot\", \"control:ban\"]\n\
         [sites.smelter]\ncapacity_per_year = 1e6\n[links.\"smelter>cars:metal\"]\nshare = 1\n",
    );
    let tables = new.tables();
    assert!(tables.sites.keys().eq(["mine", "smelter", "cars"]));
    assert!(tables.links.keys().eq(["mine>smelter:ore", "smelter>cars:metal"]));
    assert!(tables.events.is_empty() && tables.reserves.is_empty() && tables.controls.is_empty());
    new.compile().expect("it runs");
    // One link alone, and the input it fed.
    let new = laid_over(
        "remove = [\"link:mill>cars:metal\"]\n[links.\"smelter>cars:metal\"]\nshare = 1\n[sites.mill.outputs.metal]\nfinal_demand_per_year = 7\n",
    );
    assert_eq!(new.tables().links.len(), base().tables().links.len() - 1);
    let new = laid_over("remove = [\"input:mill/ore\", \"link:mine>mill:ore\"]\n");
    assert!(new.tables().sites["mill"].inputs.is_empty());
}

#[test]
fn what_is_removed_and_given_again_starts_afresh() {
    let again = "remove = [\"control:ban\"]\n[controls.ban]\nexporters = [\"CN\"]\nimporters = [\"JP\"]\nonset_days = 3\nduration_days = 4\n";
    let new = laid_over(again);
    let ban = &new.tables().controls["ban"];
    assert_eq!(ban.commodities, None, "the list of the base is gone");
    assert_eq!(ban.severity.as_number(), Some(1.0), "and severity is at its default");
}

#[test]
fn a_chain_of_files_is_laid_over_one_by_one_with_paths_relative_to_each() {
    let folder = Folder::with(&[
        ("base.toml", SMALL),
        (
            "north/one.toml",
            "extends = \"../base.toml\"\n[controls.ban]\nseverity = 0.1\nleakage = 0.1\n[events.quake]\nseverity = 0.1\n",
        ),
        (
            "north/far/two.toml",
            "extends = \"../one.toml\"\n[controls.ban]\nleakage = 0.2\n[events.quake]\nseverity = 0.2\n",
        ),
        ("three.toml", "extends = \"north/far/../far/two.toml\"\n[events.quake]\nseverity = 0.3\n"),
    ]);
    let three = load(&folder, "three.toml");
    assert_eq!(
        changes(&base(), &three),
        [
            change("controls.ban.leakage", "0.2"),
            change("controls.ban.severity", "0.1"),
            change("events.quake.severity", "0.3"),
        ]
    );
    // A series stands beside the file that names it, not beside the one that is run.
    let series = "extends = \"../base.toml\"\nremove = [\"event:quake\"]\n[events.flood]\nsites = [\"mill\"]\n\
                  series = { csv = \"flood.csv\", column = \"left\" }\n";
    folder.write("north/one.toml", series.as_bytes());
    folder.write("north/flood.csv", b"step,left\n0,1\n1,0.5\n");
    folder.write("three.toml", b"extends = \"north/one.toml\"\n");
    load(&folder, "three.toml").compile().expect("it runs");
    folder.write("three.toml", b"extends = \"base.toml\"\n[events.flood]\nsites = [\"mill\"]\nseries = { csv = \"flood.csv\", column = \"left\" }\n");
    let found = problems_in(&folder.path("three.toml"));
    assert_eq!(found[0].path, "events.flood.series", "{found:#?}");
    assert!(found[0].message().contains("flood.csv"), "{}", found[0]);
}

#[test]
fn a_loop_is_refused_and_named() {
    let folder = Folder::with(&[
        ("self.toml", "# mine\n  extends = \"self.toml\"\n"),
        ("one.toml", "extends = \"two.toml\"\n"),
        ("two.toml", "\nextends = \"three.toml\"\n"),
        ("three.toml", "extends = \"./one.toml\"\n"),
    ]);
    for (start, file, line, column, back_to) in [
        ("self.toml", "self.toml", 2, 13, "self.toml"),
        ("one.toml", "three.toml", 1, 11, "one.toml"),
        ("two.toml", "one.toml", 1, 11, "two.toml"),
    ] {
        let found = problems_in(&folder.path(start));
        assert_eq!(found.len(), 1, "{found:#?}");
        assert_eq!(place(&found[0]), (file, line, column));
        let message = &found[0].message();
        assert!(message.starts_with("`extends` leads back to") && message.contains(back_to), "{message}");
    }
}

#[test]
fn a_chain_of_thirty_two_files_is_read_and_a_longer_one_refused() {
    let folder = Folder::with(&[("file0.toml", SMALL)]);
    for k in 1..34 {
        folder.write(&format!("file{k}.toml"), format!("extends = \"file{}.toml\"\n", k - 1).as_bytes());
    }
    load(&folder, "file31.toml");
    let found = problems_in(&folder.path("file32.toml"));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(place(&found[0]), ("file1.toml", 1, 11));
    assert!(found[0].message().contains("over 32 files deep"), "{}", found[0]);
}

#[test]
fn a_base_that_cannot_be_read_is_placed_at_the_line_that_names_it() {
    for (named, message) in [
        ("\"bass.toml\"", "cannot read `"),
        ("\".\"", "is a folder"),
        ("\"noise.toml\"", "is not text"),
        ("7", "expected the path of a file, found a whole number"),
        ("[\"base.toml\"]", "expected the path of a file, found a list"),
    ] {
        let folder = Folder::with(&[("base.toml", SMALL)]);
        folder.write("noise.toml", &[0xff, 0xfe, 0, 1]);
        folder.write("over.toml", format!("\n\nextends = {named}\n").as_bytes());
        let found = problems_in(&folder.path("over.toml"));
        assert_eq!(found.len(), 1, "{named}: {found:#?}");
        assert_eq!((place(&found[0]), found[0].path.as_str()), (("over.toml", 3, 11), "extends"));
        assert!(found[0].message().contains(message), "`{message}` in: {}", found[0]);
    }
    // What is in the base is told in the base.
    let folder = over("");
    for (broken, message) in
        [("", "the file is empty"), ("[scenario]\ncurrency = \"JPY\"\ntitle = \n", "not TOML")]
    {
        folder.write("base.toml", broken.as_bytes());
        let found = problems_in(&folder.path("over.toml"));
        assert_eq!(place(&found[0]).0, "base.toml");
        assert!(found[0].message().starts_with(message), "{}", found[0]);
    }
}

#[test]
fn a_fault_across_files_is_placed_where_its_text_stands() {
    // Lines count from 1, and the first of the overlay says what it extends.
    for (text, expected, path, message) in [
        ("[controls.ban]\nseverity = 2", ("over.toml", 3, 1), "controls.ban.severity", "2 is out of range"),
        (
            "[controls.ban]\n  sevrity = 1",
            ("over.toml", 3, 3),
            "controls.ban.sevrity",
            "unknown key `sevrity`",
        ),
        (
            "[events.quake]\nsites = [\"mine\", \"mil\"]",
            ("over.toml", 3, 18),
            "events.quake.sites.1",
            "no site `mil`",
        ),
        ("[controls.new]\nseverity = 1", ("over.toml", 2, 1), "controls.new", "`exporters` is missing"),
        (
            "remove = [\"site:cars\"]\n[sites.cars]\nname = \"cars\"",
            ("over.toml", 3, 1),
            "sites.cars",
            "`country` is missing",
        ),
        (
            "remove = [\"party:JP\"]",
            ("base.toml", line_of("headline"), 1),
            "scenario.headline",
            "no party `JP`",
        ),
        (
            "remove = [\"assumption:need\"]",
            ("base.toml", line_of("criticality"), 1),
            "sites.cars.inputs.metal.criticality",
            "no assumption `need`",
        ),
        (
            "remove = [\"event:quake\", \"output:mill/metal\"]",
            ("base.toml", line_of("[links.\"mill>cars:metal\"]"), 8),
            "links.\"mill>cars:metal\"",
            "no output of site `mill` called `metal`",
        ),
    ] {
        let found = problems_in(&over(text).path("over.toml"));
        let fault = found.iter().find(|p| p.path == path).unwrap_or_else(|| panic!("{text}: {found:#?}"));
        assert_eq!(place(fault), expected, "{text}: {fault}");
        assert!(fault.message().contains(message), "`{message}` in: {fault}");
    }
}

#[test]
fn faults_of_all_files_come_at_once_those_of_the_overlay_first() {
    let folder = over("[controls.ban]\nseverity = 2\n[events.quake]\nsites = [\"mil\"]\n");
    folder.write("base.toml", SMALL.replace("cover_days = 21", "cover_days = -21").as_bytes());
    let found = problems_in(&folder.path("over.toml"));
    let places: Vec<_> = found.iter().map(|p| (place(p).0, p.path.as_str())).collect();
    assert_eq!(
        places,
        [
            ("over.toml", "controls.ban.severity"),
            ("over.toml", "events.quake.sites.0"),
            ("base.toml", "sites.smelter.inputs.ore.cover_days"),
        ]
    );
}

#[test]
fn an_unknown_id_in_an_overlay_is_named_with_the_nearest_of_the_base() {
    for (text, message, help) in [
        ("[controls.ban]\nexporters = [\"CNN\"]", "no site in country `CNN`", "did you mean `CN`?"),
        ("[controls.ban]\ncommodities = [\"metl\"]", "no commodity `metl`", "did you mean `metal`?"),
        ("[links.\"mine>smeltr:ore\"]\nlead_time_days = 7", "no site `smeltr`", "did you mean `smelter`?"),
        (
            "[sites.mill.inputs.ore]\ncover_days = { assumption = \"neeed\" }",
            "no assumption `neeed`",
            "did you mean `need`?",
        ),
    ] {
        let found = problems_in(&over(text).path("over.toml"));
        assert_eq!(found.len(), 1, "{found:#?}");
        assert!(found[0].message().contains(message), "`{message}` in: {}", found[0]);
        assert_eq!(found[0].help().as_deref(), Some(help), "{}", found[0]);
        assert_eq!(place(&found[0]).0, "over.toml");
    }
}

#[test]
fn removing_what_is_not_there_is_refused_item_by_item() {
    let text = "remove = [\"site:mil\", \"sit:mill\", \"mill\", \"control:none\", \"input:mill/metl\", \"project:x\", 3]\n";
    let found = problems_in(&over(text).path("over.toml"));
    let told: Vec<_> = found.iter().map(|p| (p.message(), p.help().unwrap_or_default())).collect();
    let told: Vec<_> = told.iter().map(|(message, help)| (message.as_str(), help.as_str())).collect();
    assert_eq!(
        told,
        [
            ("there is no site `mil` to remove", "did you mean `mill`?"),
            ("`sit` is nothing that can be removed", "did you mean `site`?"),
            ("`mill` does not say what to remove", "write kind:id, such as site:x or link:a>b:c"),
            ("there is no control `none` to remove", "known here: ban"),
            ("there is no input `mill/metl` to remove", ""),
            ("there is no project `x` to remove", ""),
            ("expected text, found a whole number", "remove = [\"site:x\"]"),
        ]
    );
    assert!(
        found.iter().all(|p| p.path == "remove" && place(p).0 == "over.toml" && p.line == 2),
        "{found:#?}"
    );
    let alone = Folder::with(&[("alone.toml", &format!("remove = [\"site:mill\"]\n{SMALL}"))]);
    let found = problems_in(&alone.path("alone.toml"));
    assert_eq!(found[0].message(), "there is nothing to remove from without `extends`");
}

#[test]
fn an_overlay_moves_no_draw_but_its_own_and_that_keeps_its_luck() {
    let draws = |scenario: Scenario| -> BTreeMap<String, f64> {
        let model = scenario.compile().expect("it compiles");
        let names: Vec<String> = model.drawn().map(str::to_owned).collect();
        names.into_iter().zip(model.draw(11, 29)).collect()
    };
    let before = draws(base());
    // The range of one is moved, another is known, and a third is new.
    let after = draws(laid_over(
        "[controls.ban]\nduration_days = { uniform = { low = 100, high = 480 } }\n\
         [sites.cars.inputs.metal]\ncover_days = 45\n[events.quake]\nduration_days = { exponential = { mean = 9 } }\n",
    ));
    assert_eq!(before.len(), 3);
    let names: Vec<&str> = after.keys().map(String::as_str).collect();
    assert_eq!(names, ["assumptions.need", "controls.ban.duration_days", "events.quake.duration_days"]);
    assert_eq!(after["assumptions.need"].to_bits(), before["assumptions.need"].to_bits());
    let luck = (before["controls.ban.duration_days"] - 60.0) / 190.0;
    let moved = (after["controls.ban.duration_days"] - 100.0) / 380.0;
    assert!((luck - moved).abs() < 1e-12, "{luck} and {moved}");
}
