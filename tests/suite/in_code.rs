//! Scenarios made, edited and written in code, as a tool does that links the crate.

use crate::small::{Folder, SMALL, listed};
use proptest::prelude::*;
use supplyshock::draw::{Distribution, Sampler, rand_distr};
use supplyshock::files::Reading;
use supplyshock::scenario::{
    About, Basis, Change, Commodity, Control, Date, EntryFault, Event, Input, InputOutput, IoTable, Leaf,
    Link, NetworkFault, Origin, Output, Party, Problem, ProblemKind, Recovery, RecoveryTime, Reference,
    Reserve, Rules, Site, Stage, Tables, Throttle, Time,
};
use supplyshock::{Ensemble, Error, Model, Scenario};

fn uniform(low: f64, high: f64) -> Distribution {
    Distribution::uniform(low, high).expect("a range")
}

/// The small scenario without its file.
fn tables() -> Tables {
    let need = Distribution::triangular(0.2, 0.3, 0.5).expect("a range");
    let need = Leaf::from(need).source("a survey").basis(Basis::Recalled);
    let mill = Input::new(2.5, 30.0);
    let metal = Input::new(1e-3, uniform(30.0, 60.0))
        .criticality(Reference::new("need").times(1.5).plus(0.1))
        .throttle(Throttle::Hard);
    Tables::new(About::new("small", "JPY").headline("JP"), Time::new(Date::new(2026, 1, 6), 364))
        .rules(Rules::new().stopped_below(0.9))
        .party("JP", Party::new(6e14))
        .party("CN", Party::new(2e15).countries(["CN", "MM"]))
        .commodity("ore", Commodity::new("t"))
        .commodity("metal", Commodity::new("t"))
        .commodity("car", Commodity::new("JPY").name("cars"))
        .assumption("need", need)
        .site(
            "mine",
            Site::new("MM", "mine")
                .spare_capacity(0.2)
                .value_added_per_unit(100)
                .output("ore", Output::new()),
        )
        .site(
            "smelter",
            Site::new("CN", "metal")
                .capacity_per_year(9e5)
                .value_added_per_unit(1000)
                .input("ore", Input::new(2, 21).restoration_days(35))
                .output("metal", Output::new().stock_target_days(14)),
        )
        .site(
            "mill",
            Site::new("JP", "metal")
                .spare_capacity(0.1)
                .value_added_per_unit(1200)
                .input("ore", mill)
                .output("metal", Output::new()),
        )
        .site(
            "cars",
            Site::new("JP", Stage::SECTOR)
                .value_added_per_unit(0.3)
                .input("metal", metal)
                .output("car", Output::new().final_demand_per_year(1e9)),
        )
        .link("mine>smelter:ore", Link::new(7))
        .link("mine>mill:ore", Link::new(21))
        .link("smelter>cars:metal", Link::new(28).share(0.7))
        .link("mill>cars:metal", Link::new(14).share(0.3).surge_limit(1.5))
        .link("depot>cars:metal", Link::new(7))
        .reserve("depot", Reserve::new("JP", "metal", 10, 25))
        .control(
            "ban",
            Control::new(["CN"], ["JP"])
                .commodities(["metal"])
                .onset_days(28)
                .duration_days(uniform(60.0, 250.0))
                .severity(0.8),
        )
        .event(
            "quake",
            Event::new(["mill"])
                .start_days(50)
                .duration_days(30)
                .severity(0.5)
                .recovery(Recovery::Exponential(RecoveryTime::new(20))),
        )
}

fn small() -> Scenario {
    Scenario::new("small", tables()).unwrap_or_else(|e| panic!("{e}"))
}

fn digest(model: &Model) -> String {
    Ensemble::new(model).trials(64).seed(3).run().expect("runs").digest().to_owned()
}

/// What is wrong with a draft.
fn faults(result: Result<Scenario, Error>) -> Vec<Problem> {
    listed(result.expect_err("it should have problems"))
}

#[test]
fn a_scenario_in_code_is_that_of_the_file() {
    let read = Scenario::parse("small.toml", SMALL).expect("no fault");
    assert_eq!(small().tables(), read.tables());
    let [made, read] = [small(), read].map(|s| s.compile().expect("compiles"));
    assert_eq!(made.fingerprint(), read.fingerprint());
    assert_eq!(digest(&made), digest(&read));
}

#[test]
fn all_that_is_wrong_is_told_at_once_by_path() {
    let wrong = tables()
        .control("", Control::new(["CN"], ["JPN"]).onset_days(f64::NAN).duration_days(-3))
        .party("DE", Party::new(0))
        .link("mine>mill:ore", Link::new(Leaf::assumption("knead")));
    let mut wrong = wrong;
    wrong.time.start = Date::new(2026, 2, 30);
    wrong.scenario.currency.clear();
    let found = faults(Scenario::new("wrong", wrong));
    let told: Vec<(&str, String)> = found.iter().map(|p| (p.path.as_str(), p.message())).collect();
    for expected in [
        ("controls", "an id is empty"),
        ("time.start", "there is no day 2026-02-30"),
        ("scenario.currency", "`` cannot be the name of a currency"),
        ("parties.DE.gdp_per_year", "0 is out of range"),
        ("links.\"mine>mill:ore\".lead_time_days", "there is no assumption `knead`"),
        ("controls.\"\".onset_days", "NaN is not a finite number"),
        ("controls.\"\".duration_days", "-3 is out of range"),
        ("controls.\"\".importers.0", "there is no site in country `JPN`"),
    ] {
        assert!(
            told.iter().any(|(path, text)| (*path, text.as_str()) == expected),
            "{expected:?} in {found:#?}"
        );
    }
    assert!(found.iter().all(|p| p.file.is_none() && p.line == 0));
    // What is wrong is data, not only words.
    let gdp = found.iter().find(|p| p.path == "parties.DE.gdp_per_year").expect("it is there");
    let ProblemKind::Entry(EntryFault::OutOfRange { low, high, .. }) = gdp.kind else { panic!("{gdp:?}") };
    assert_eq!((low, high), (0.0, 0.0));
}

#[test]
fn every_kind_of_entry_can_be_set() {
    let base = small();
    let new = base
        .edit()
        .set("assumptions.need", 0.25)
        .set("controls.ban.duration_days", uniform(10.0, 20.0))
        .set("controls.ban.exporters", ["MM"])
        .set("links.mill>cars:metal.surge_limit", "unlimited")
        .set("links.\"mine>mill:ore\".lead_time_days", 14)
        .set("sites.cars.inputs.metal.throttle", "threshold")
        .set("sites.mill.aware_of_controls", false)
        .set("sites.mill.stage", "sector")
        .set("time.horizon_days", 700)
        .set("time.start", Date::new(2026, 2, 1))
        .set("scenario.title", "another")
        .set("sites.cars.inputs.metal.criticality", Reference::new("need"))
        .set("sites.smelter.capacity_per_year", 8e5)
        .set("reserves.depot.amount_days", Leaf::from(12.0).source("a law").basis(Basis::Published))
        .finish()
        .unwrap_or_else(|e| panic!("{e}"));
    let t = new.tables();
    assert_eq!(t.controls["ban"].exporters, ["MM"]);
    assert!(t.sites["mill"].stage.is_sector());
    assert_eq!((t.time.horizon_days, t.time.start), (700, Date::new(2026, 2, 1)));
    assert_eq!(t.scenario.title, "another");
    assert_eq!(t.sites["cars"].inputs["metal"].throttle, Throttle::Threshold(Leaf::number(0.8)));
    let shown = |path: &str| new.assumption(path).expect("a figure").leaf.to_string();
    assert_eq!(shown("controls.ban.duration_days"), "uniform(10, 20)");
    assert_eq!(shown("links.mine>mill:ore.lead_time_days"), "14");
    assert_eq!(shown("sites.cars.inputs.metal.criticality"), "need");
    // A figure without a source says that it was changed; one with a source says that.
    let origin = |path: &str| new.assumption(path).expect("a figure").origin;
    assert_eq!(origin("assumptions.need").changed, Some(Change::Edit));
    assert_eq!(origin("assumptions.need").source, None);
    assert_eq!(origin("sites.smelter.capacity_per_year").changed, Some(Change::Edit));
    assert_eq!(origin("reserves.depot.amount_days").source.as_deref(), Some("a law"));
    assert_eq!(origin("reserves.depot.amount_days").changed, None);
    assert_eq!(origin("reserves.depot.trigger_days"), Origin::default());
    new.compile().expect("it runs");
    assert_eq!(base, small(), "the scenario that was edited is as it was");
    let mut other = base.clone();
    other.set("controls.ban.severity", 0.5).expect("it fits");
    assert!(other.set("controls.ban.severity", 5.0).is_err());
    assert_eq!(other.assumption("controls.ban.severity").expect("a figure").leaf.as_number(), Some(0.5));
}

#[test]
fn entries_are_scaled_removed_and_replaced() {
    let new = small()
        .edit()
        .scale("controls.ban.duration_days", 2.0)
        .remove("sites.mill")
        .remove("events.quake")
        .remove("controls.ban.commodities")
        .remove("sites.mine.spare_capacity")
        .tables(|t| {
            t.links["smelter>cars:metal"].share = Some(1.0.into());
            t.sites["smelter"].capacity_per_year = Some(2e6.into());
            t.sites.insert("pit".into(), Site::new("MM", "mine").output("ore", Output::new()));
        })
        .finish()
        .unwrap_or_else(|e| panic!("{e}"));
    let t = new.tables();
    assert_eq!(
        new.assumption("controls.ban.duration_days").expect("x").leaf.to_string(),
        "uniform(120, 500)"
    );
    assert!(t.links.keys().eq(["mine>smelter:ore", "smelter>cars:metal", "depot>cars:metal"]));
    assert!(t.events.is_empty() && t.sites.contains_key("pit"));
    assert_eq!(t.controls["ban"].commodities, None);
    assert_eq!(t.sites["mine"].spare_capacity, Leaf::number(0.0));
    new.compile().expect("it runs");
}

#[test]
fn an_edit_that_cannot_be_is_refused_with_all_others() {
    let found = faults(
        small()
            .edit()
            .set("assumptions.nead", 0.3)
            .set("controls.ban.severty", 0.3)
            .set("controls.ban.severity", "high")
            .set("time.horizon_days", 7.5)
            .set("sites.mill.rationing", "fair")
            .scale("controls.ban", 2.0)
            .scale("controls.ban.severity", -1.0)
            .remove("sites.mil")
            .remove("parties.JP.gdp_per_year")
            .set("links.mill>cars:metal.share", 1.3)
            .finish(),
    );
    let told: Vec<String> = found.iter().map(|p| p.to_string().replace("\n    help: ", " | ")).collect();
    for expected in [
        "assumptions.nead: there is no entry `assumptions.nead` | did you mean `need`?",
        "controls.ban.severty: there is no entry `controls.ban.severty` | did you mean `severity`?",
        "controls.ban.severity: `high` is no number and no distribution | write a number, a share such as 10%, a \
         distribution such as uniform(0, 0.2), triangular(0, 0.05, 0.2) or discrete(0: 0.4, 1: 0.6), or 1 * ASSUMPTION",
        "time.horizon_days: expected a whole number, found a number",
        "sites.mill.rationing: `fair` is not a choice here | known here: proportional, water_filling",
        "controls.ban: it is not a figure | name the figure in it",
        "controls.ban.severity: number: cannot be multiplied by -1: a factor must be finite and at least 0",
        "sites.mil: there is no entry `sites.mil` | did you mean `mill`?",
        "parties.JP.gdp_per_year: `gdp_per_year` cannot be taken out | put another in its place",
        "links.\"mill>cars:metal\".share: 1.3 is out of range | give a number, from 0 to 1",
    ] {
        assert!(told.iter().any(|t| t == expected), "{expected} in {told:#?}");
    }
    assert!(found.iter().any(|p| matches!(p.kind, ProblemKind::Network(NetworkFault::Shares { .. }))));
}

#[test]
fn fifty_variants_read_nothing_again() {
    // With files beside it; all of them are gone before the first variant.
    let more = "[events.flood]\nsites = [\"mill\"]\nseries = { csv = \"flood.csv\", column = \"left\" }\n\
                [io_tables.world]\nflows = \"Z.csv\"\ndemand = \"Y.csv\"\n";
    let folder = Folder::with(&[
        ("base.toml", &(SMALL.replace("\"CN\", \"MM\"]", "\"CN\", \"MM\", \"A\"]") + more)),
        ("over.toml", "extends = \"base.toml\"\n[controls.ban]\nseverity = 0.7\n"),
        ("flood.csv", "left\n1\n0.5\n"),
        ("Z.csv", ",A|a,A|b\nA|a,1,2\nA|b,3,4\n"),
        ("Y.csv", ",y\nA|a,10\nA|b,10\n"),
    ]);
    let base = Scenario::load(folder.path("over.toml")).unwrap_or_else(|e| panic!("{e}"));
    drop(folder);
    let mut digests = Vec::new();
    for k in 0..50 {
        let variant = base.edit().set("assumptions.need", 0.2 + 0.005 * f64::from(k)).finish();
        digests.push(digest(&variant.and_then(|s| s.compile()).unwrap_or_else(|e| panic!("{e}"))));
    }
    digests.dedup();
    assert_eq!(digests.len(), 50, "each is another");
    // A thousand leaves or more, each of which can be set to what it is.
    let flagship = Scenario::load("../scenarios/japan_full_cut.toml").expect("it reads");
    let all = flagship.assumptions();
    assert!(all.len() > 1000);
    let same = all.iter().fold(flagship.edit(), |draft, a| draft.set(&a.path, a.leaf.clone())).finish();
    let same = same.unwrap_or_else(|e| panic!("{e}"));
    let values =
        |s: &Scenario| s.assumptions().into_iter().map(|a| (a.path, a.leaf.value)).collect::<Vec<_>>();
    assert_eq!(values(&same), values(&flagship));
    let [same, flagship] = [same, flagship].map(|s| s.compile().expect("compiles").fingerprint());
    assert_eq!(same, flagship);
}

/// The scenario, written and read again.
fn again(scenario: &Scenario) -> Scenario {
    let text = scenario.to_toml().unwrap_or_else(|e| panic!("{e}"));
    Scenario::parse(scenario.name(), &text).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

#[test]
fn every_scenario_is_equal_when_it_is_written_and_read_again() {
    let mut count = 0;
    for file in std::fs::read_dir("../scenarios").expect("a folder") {
        let path = file.expect("a file").path();
        if path.extension().is_some_and(|e| e == "toml") {
            let scenario = Scenario::load(&path).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(again(&scenario).tables(), scenario.tables(), "{}", path.display());
            count += 1;
        }
    }
    assert!(count > 20);
    assert_eq!(again(&small()).tables(), small().tables());
}

#[test]
fn what_is_written_reads_as_a_person_writes_it() {
    let text =
        small().edit().set("controls.ban.severity", 0.5).finish().and_then(|s| s.to_toml()).expect("text");
    for piece in [
        "[scenario]\ntitle = \"small\"\ncurrency = \"JPY\"\nheadline = \"JP\"\n",
        "[time]\nstart = 2026-01-06\nhorizon_days = 364\n",
        "[assumptions]\nneed = { triangular = { low = 0.2, mode = 0.3, high = 0.5 }, source = \"a survey\", basis = \"recalled\" }\n",
        "[sites.smelter.inputs.ore]\nuse_per_unit = 2\ncover_days = 21\nrestoration_days = 35\n",
        "[links.\"mine>mill:ore\"]\nlead_time_days = 21\n",
        "criticality = { assumption = \"need\", times = 1.5, plus = 0.1 }\n",
        "severity = { value = 0.5, changed_by = \"an edit\" }\n",
        "recovery = { exponential = { days = 20 } }\n",
    ] {
        assert!(text.contains(piece), "{piece}\nin\n{text}");
    }
    assert!(!text.contains("overtime"), "what is at its default is left out:\n{text}");
}

#[test]
fn files_beside_a_scenario_are_found_from_wherever_it_is_written() {
    let more = "[events.flood]\nsites = [\"mill\"]\nseries = { csv = \"flood.csv\", column = \"left\" }\n";
    let folder = Folder::with(&[
        ("base/base.toml", &(SMALL.to_owned() + more)),
        ("base/flood.csv", "left\n1\n0.5\n"),
        ("over.toml", "extends = \"base/base.toml\"\n[controls.ban]\nseverity = 0.7\n"),
        ("far/away/keep", ""),
    ]);
    let scenario = Scenario::load(folder.path("over.toml")).unwrap_or_else(|e| panic!("{e}"));
    let path = folder.path("far/away/written.toml");
    scenario.write(&path).expect("it is written");
    let text = std::fs::read_to_string(&path).expect("text");
    assert!(text.contains("series = { csv = \"../../base/flood.csv\", column = \"left\" }"), "{text}");
    let reading = Reading::new().allow([folder.path("base")]);
    assert_eq!(reading.load(&path).expect("it reads").tables(), scenario.tables());
    let text = scenario.to_toml().expect("text");
    assert_eq!(reading.parse("again", &text).expect("it reads").tables(), scenario.tables());
}

#[test]
fn a_sampler_of_the_callers_cannot_be_written() {
    let sampler =
        Sampler::new("queue", 3, rand_distr::Gamma::new(2.0, 5.0).expect("it exists")).within(0.0, 1e3);
    let drawn = small().edit().set("controls.ban.onset_days", sampler.expect("a range")).finish();
    let found = listed(drawn.and_then(|s| s.to_toml()).expect_err("no text can hold it"));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].path, "controls.ban.onset_days");
    let ProblemKind::Entry(EntryFault::Unwritable { sampler }) = &found[0].kind else { panic!("{found:?}") };
    assert!(sampler.contains("queue"), "{sampler}");
}

#[test]
fn a_table_in_code_gives_what_its_files_give() {
    let head = |table: IoTable| {
        Tables::new(About::new("table", "EUR"), Time::new(Date::new(2026, 1, 1), 60).step_days(1))
            .party("A", Party::new(1e6))
            .party("B", Party::new(1e6))
            .io_table("world", table.value_per_unit(2.0))
            .event("stop", Event::new(["B|x"]).start_days(3).duration_days(9).severity(0.5))
    };
    let figures = InputOutput::new(
        ["A|x", "A|y", "B|x"],
        vec![vec![1.0, 2.0, 0.5], vec![3.0, 0.0, 4.0], vec![0.0, 5.0, 1.0]],
        vec![10.0, 20.0, -0.5],
    );
    assert_eq!(figures.value_added("A"), 13.5 - 4.0 + (27.0 - 7.0));
    let made = Scenario::new("made", head(IoTable::new(figures))).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(again(&made).tables(), made.tables());
    assert!(made.warnings().iter().any(|w| w.message() == "row `B|x`: a demand of -0.5 counts as 0"));
    let folder = Folder::with(&[
        ("Z.csv", ",A|x,A|y,B|x\nA|x,1,2,0.5\nA|y,3,0,4\nB|x,0,5,1\n"),
        ("Y.csv", ",y\nA|x,10\nA|y,20\nB|x,-0.5\n"),
        (
            "s.toml",
            &made
                .to_toml()
                .expect("text")
                .replace("labels", "#")
                .replace("flows = ", "flows = 'Z.csv' #")
                .replace("demand = ", "demand = 'Y.csv' #"),
        ),
    ]);
    let read = Scenario::load(folder.path("s.toml")).unwrap_or_else(|e| panic!("{e}"));
    let [made, read] = [made, read].map(|s| s.compile().expect("compiles").fingerprint());
    assert_eq!(made, read);
    // What is wrong with it is told by the key.
    let wrong = InputOutput::new(["A|x", "A|x"], vec![vec![1.0, f64::NAN], vec![-1.0]], vec![1.0]);
    let found = faults(Scenario::new("wrong", head(IoTable::new(wrong))));
    let told: Vec<String> = found.iter().map(|p| format!("{}: {}", p.path, p.message())).collect();
    for expected in [
        "io_tables.world.labels: two columns are labelled `A|x`",
        "io_tables.world.demand: the table is not square: it has 1 rows and 2 columns",
        "io_tables.world.flows: row `A|x`, column `A|x`: `NaN` is not a finite number",
        "io_tables.world.flows: row `A|x` has 1 cells, and there are 2 columns",
    ] {
        assert!(told.iter().any(|t| t == expected), "{expected} in {told:#?}");
    }
}

/// Any leaf, with its origin, whose values are shares.
fn leaf() -> impl Strategy<Value = Leaf> {
    let share = || 0.0..1.0;
    let value = prop_oneof![
        share().prop_map(Leaf::from),
        Just(Leaf::from(1)),
        (share(), share()).prop_map(|(a, b): (f64, f64)| uniform(a.min(b), a.max(b)).into()),
        (share(), share(), share()).prop_map(|(a, b, c)| {
            let mut x = [a, b, c];
            x.sort_by(f64::total_cmp);
            Distribution::pert(x[0], x[1], x[2]).expect("in order").into()
        }),
        (share(), 0.1..2.0).prop_map(|(mean, sd): (f64, f64)| {
            let bounds = supplyshock::draw::Bounds { low: Some(0.0), high: Some(1.0) };
            Distribution::normal(mean, sd, bounds).expect("bounds that keep enough").into()
        }),
        (0.5..4.0, 0.5..4.0).prop_map(|(a, b)| Distribution::beta(a, b, 0.0, 1.0).expect("shapes").into()),
        prop::collection::vec((share(), 0.1..9.0), 1..5).prop_map(|pairs| {
            let (values, weights): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
            Distribution::discrete(&values, &weights).expect("values").into()
        }),
        prop::collection::vec(share(), 1..5)
            .prop_map(|v| Distribution::empirical(&v).expect("values").into()),
        (share(), share()).prop_map(|(a, b)| Reference::new("need").times(a).plus(0.5 * b).into()),
    ];
    let basis =
        prop::sample::select(vec![Basis::Published, Basis::Derived, Basis::Recalled, Basis::Judgement]);
    (value, prop::option::of("[ -~é\"'\\\\\n]{0,12}"), prop::option::of(basis)).prop_map(
        |(mut leaf, source, basis): (Leaf, Option<String>, Option<Basis>)| {
            if let Some(source) = source {
                leaf = leaf.source(source);
            }
            match basis {
                Some(basis) => leaf.basis(basis),
                None => leaf,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_scenario_is_equal_when_it_is_written_and_read_again(
        shares in prop::collection::vec(leaf(), 7),
        name in "[ -~é\"'\\\\\n\t]{0,20}",
        id in "[a-zA-Z0-9 .ü|#\\\\'-]{1,9}",
        priority in any::<u32>(),
        series in prop::collection::vec(0.0..1e9_f64, 0..9),
        source in prop::option::of("[ -~]{0,9}"),
    ) {
        let [severity, leakage, critical, waiting, success, spare, more] = <[Leaf; 7]>::try_from(shares).expect("7");
        let mut control = Control::new(["CN"], ["JP"]).onset_days(1).duration_days(uniform(1.0, 2.0)).severity(severity);
        if let Some(source) = source {
            control = control.source(source).basis(Basis::Derived);
        }
        let text = name.clone();
        let mut site = Site::new("JP", "plant").name(name).spare_capacity(spare).output("ore", Output::new().waiting_share(waiting));
        site.outputs.insert("metal".into(), Output::new().yield_per_unit(0.5));
        let made = tables()
            .control(id.clone(), control.leakage(leakage))
            .site(id.clone(), site)
            .event(id.clone(), Event::new([id.as_str()]).series(series))
            .project("p", supplyshock::scenario::Project::new(id.as_str(), 5).success(success).start_days(Date::new(2027, 3, 4)));
        let edited = Scenario::new("made", made).map(|scenario| {
            scenario.edit()
                .set("sites.cars.inputs.metal.criticality", critical)
                .set("links.\"mine>mill:ore\".priority", i32::try_from(priority % 1000).expect("small"))
                .set("sites.mill.outputs.metal.waiting_share", more)
                .set("scenario.description", text)
                .finish()
        });
        let scenario = edited.and_then(|s| s).unwrap_or_else(|e| panic!("{e}"));
        let written = again(&scenario);
        prop_assert_eq!(written.tables(), scenario.tables(), "{}", scenario.to_toml().expect("text"));
        let [a, b] = [&scenario, &written].map(|s| s.compile().map(|m| m.fingerprint()).map_err(|e| e.to_string()));
        prop_assert_eq!(a, b);
    }
}
