//! The class of final demand: which rule holds, and what is doubted where none is given.

use crate::chains::{Course, all_same};
use crate::common::head;
use crate::parts::{Build, event, sector, sold};
use crate::small::with;
use std::fs;
use supplyshock::Scenario;
use supplyshock::scenario::{FinalDemandClass, Link, Reserve, Rules, Site, Tables, Target};

const LAST: FinalDemandClass = FinalDemandClass::Last;
const FIRST: FinalDemandClass = FinalDemandClass::With(1);

/// A mine abroad that sells 20 a day to a plant of Japan and 30 to final demand, half of which is out for a week; the class
/// is given in the rules, at the site and at the output.
fn tables(classes: [Option<FinalDemandClass>; 3]) -> Tables {
    let [rule, own, of_output] = classes;
    let mut rules = Rules::new();
    rules.final_demand_class = rule;
    let mut ore = sold(30.0);
    ore.final_demand_class = of_output;
    let mut mine = Site::new("XX", "mine").output("ore", ore);
    mine.final_demand_class = own;
    head(7, 210)
        .rules(rules)
        .goods(["ore", "good"])
        .site("mine", mine)
        .site("plant", sector("ore", 0.0, "good", 20.0))
        .link("mine>plant:ore", Link::new(7).surge_limit(1))
        .event("outage", event(["mine"], Target::Capacity, 98.0, 7.0, 0.7))
}

/// What the plant makes a day in the step without ore, of 15 that are left for 50 that are asked for.
fn made(classes: [Option<FinalDemandClass>; 3]) -> f64 {
    Course::of(&tables(classes)).activity("plant")[15] / 7.0
}

#[test]
fn the_nearest_class_that_is_given_holds() {
    let (first, last) = (20.0 * 15.0 / 50.0, 15.0);
    let second = FinalDemandClass::With(2);
    for (classes, expected) in [
        ([None, None, None], last),
        ([Some(LAST), None, None], last),
        ([Some(FIRST), None, None], first),
        ([None, Some(FIRST), None], first),
        ([None, None, Some(FIRST)], first),
        ([Some(FIRST), Some(LAST), None], last),
        ([Some(FIRST), None, Some(LAST)], last),
        ([None, Some(FIRST), Some(LAST)], last),
        ([Some(LAST), Some(FIRST), None], first),
        ([Some(LAST), None, Some(FIRST)], first),
        ([None, Some(LAST), Some(FIRST)], first),
        // The class of no order.
        ([Some(FIRST), Some(FIRST), Some(second)], last),
    ] {
        all_same(&[made(classes)], &[expected], &format!("rules, site, output: {classes:?}"));
    }
}

fn warnings(tables: &Tables) -> Vec<(String, String)> {
    let scenario = Scenario::new("test", tables.clone()).unwrap_or_else(|e| panic!("{e}"));
    scenario.warnings().iter().map(|w| (w.path.clone(), w.message())).collect()
}

#[test]
fn final_demand_that_comes_after_lanes_across_a_border_is_doubted_unless_a_class_is_given() {
    let doubted = warnings(&tables([None; 3]));
    assert_eq!(doubted.len(), 1, "{doubted:?}");
    assert_eq!(doubted[0].0, "sites.mine.outputs.ore");
    for part in ["bears the whole of a shortage: ore of mine", "`mine>plant:ore`"] {
        assert!(doubted[0].1.contains(part), "{}", doubted[0].1);
    }
    for class in [LAST, FIRST] {
        for place in 0..3 {
            let mut classes = [None; 3];
            classes[place] = Some(class);
            assert_eq!(warnings(&tables(classes)), [], "{classes:?}");
        }
    }
    // No border, no final demand, and no other output that is demanded.
    let mut at_home = tables([None; 3]);
    at_home.sites["mine"].country = "JP".into();
    let mut unsold = tables([None; 3]);
    unsold.sites["mine"].outputs["ore"].final_demand_per_year = 0.into();
    let mut beside = unsold.clone().goods(["slag"]);
    beside.sites["mine"].outputs.insert("slag".into(), sold(1.0).yield_per_unit(1));
    for tables in [at_home, unsold, beside] {
        assert_eq!(warnings(&tables), []);
    }
}

#[test]
fn all_outputs_that_are_doubted_stand_in_one_warning() {
    let mut tables = tables([None; 3]);
    for k in 0..12 {
        tables = tables
            .site(format!("m{k}"), Site::new("CN", "mine").output("ore", sold(1.0)))
            .link(format!("m{k}>plant:ore"), Link::new(7).contingent_volume_per_year(1));
    }
    let doubted = warnings(&tables);
    assert_eq!(doubted.len(), 1, "{doubted:?}");
    assert!(
        doubted[0].1.contains("ore of mine, ore of m0") && doubted[0].1.contains("and 5 more"),
        "{doubted:?}"
    );
    // A reserve abroad is a buyer too.
    let mut stocked = self::tables([None; 3]);
    stocked.sites["mine"].country = "JP".into();
    let store = Reserve::new("CN", "ore", 30, 0).refill_rate(1);
    let stocked = stocked
        .reserve("store", store)
        .link("mine>store:ore", Link::new(7))
        .link("store>plant:ore", Link::new(7));
    assert_eq!(warnings(&stocked).len(), 1);
}

#[test]
fn a_file_says_it_in_a_number_or_a_word() {
    let given = |value: &str| {
        let line = if value.is_empty() { String::new() } else { format!("final_demand_class = {value}\n") };
        Scenario::parse("small.toml", &with("stopped_below = 0.9", &format!("{line}stopped_below = 0.9")))
    };
    let of = |value: &str| given(value).unwrap_or_else(|e| panic!("{e}")).tables().rules.final_demand_class;
    assert_eq!((of(""), of("\"last\""), of("1")), (None, Some(LAST), Some(FIRST)));
    for wrong in ["\"first\"", "-1", "1.5", "true"] {
        let error = given(wrong).expect_err("it is no class").to_string();
        assert!(error.contains("rules.final_demand_class"), "{error}");
    }
    let error = given("\"first\"").expect_err("it is no class").to_string();
    assert!(error.contains("a whole number or \"last\""), "{error}");
    // What is written is read as it was.
    let scenario = Scenario::new("test", tables([Some(LAST), Some(FIRST), Some(LAST)])).expect("a scenario");
    let written = scenario.to_toml().expect("it is written");
    let again = Scenario::parse("again.toml", &written).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(again.tables(), scenario.tables());
    let set = again.edit().set("sites.mine.final_demand_class", 2.0).finish().expect("a class");
    assert_eq!(set.tables().sites["mine"].final_demand_class, Some(FinalDemandClass::With(2)));
}

#[test]
fn no_shipped_scenario_leaves_the_class_open_where_it_matters() {
    for file in fs::read_dir("../scenarios").expect("the scenarios") {
        let path = file.expect("a file").path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let scenario = Scenario::load(&path).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(scenario.warnings(), [], "{}", path.display());
        }
    }
}
