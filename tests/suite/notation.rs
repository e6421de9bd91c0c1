//! Figures as reports print them, in files, assignments and code.

use crate::common::Source;
use crate::programs::{program, succeeds, table};
use crate::small::{Folder, SMALL, small, with};
use proptest::prelude::*;
use supplyshock::draw::{Bounds, Distribution};
use supplyshock::scenario::{Date, LeafValue};
use supplyshock::{Error, Scenario};

const COVER: &str = "sites.cars.inputs.metal.cover_days";
/// A figure that may be anything.
const FIGURE: &str = "sites.cars.value_added_per_unit";

/// The leaf at a path, with an assignment laid over the small scenario.
fn assigned(path: &str, value: &str) -> Result<LeafValue, Error> {
    let folder = Folder::with(&[("small.toml", SMALL)]);
    let scenario = Scenario::load_with(folder.path("small.toml"), [format!("{path}={value}")])?;
    Ok(scenario.assumption(path)?.leaf.value)
}

fn refused(path: &str, value: &str) -> String {
    assigned(path, value).expect_err("it should be refused").to_string()
}

/// Distributions of every kind that a stock of so many days can have.
fn any_distribution() -> impl Strategy<Value = Distribution> {
    let x = || prop_oneof![0.001..1e3_f64, 1e-9..1e-3_f64, 1e3..1e20_f64, (1_u32..99).prop_map(f64::from)];
    let three = || {
        [x(), x(), x()].prop_map(|mut all| {
            all.sort_by(f64::total_cmp);
            all
        })
    };
    let above = |low: f64| Bounds { low: Some(low), high: None };
    prop_oneof![
        x().prop_map(Distribution::constant),
        three().prop_map(|[a, _, c]| Distribution::uniform(a, c)),
        three().prop_map(|[a, b, c]| Distribution::triangular(a, b, c)),
        three().prop_map(|[a, b, c]| Distribution::pert(a, b, c)),
        (x(), 0.1..3.0_f64).prop_map(move |(mean, off)| Distribution::normal(mean, mean * off, above(0.0))),
        (1.0..9.0_f64).prop_map(|sd| Distribution::normal(
            5.0,
            sd,
            Bounds { low: Some(0.25), high: Some(17.0) }
        )),
        (x(), 0.1..2.0_f64).prop_map(|(median, sigma)| Distribution::log_normal(median, sigma, Bounds::NONE)),
        (x(), 0.1..2.0_f64).prop_map(|(median, sigma)| {
            Distribution::log_normal(median, sigma, Bounds { low: None, high: Some(3.0 * median) })
        }),
        (0.1..9.0_f64, 0.1..9.0_f64, three()).prop_map(|(a, b, [low, _, high])| Distribution::beta(
            a,
            b,
            low,
            2.0 * high
        )),
        (0.1..99.0_f64, x()).prop_map(|(shape, scale)| Distribution::gamma(shape, scale)),
        // With a lower shape its tail goes beyond what a figure can be.
        (0.5..9.0_f64, x()).prop_map(|(shape, scale)| Distribution::weibull(shape, scale)),
        x().prop_map(Distribution::exponential),
        prop::collection::vec((x(), 0.1..2.0_f64), 1..30).prop_map(|pairs| {
            let (values, weights): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
            Distribution::discrete(&values, &weights)
        }),
        prop::collection::vec(x(), 1..=20).prop_map(|values| Distribution::empirical(&values)),
    ]
    .prop_map(|made| made.unwrap_or_else(|e| panic!("{e}")))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn what_a_report_prints_for_a_range_can_be_pasted(distribution in any_distribution()) {
        let printed = distribution.to_string();
        let expected = LeafValue::Distribution(Box::new(distribution));
        let found = assigned(FIGURE, &printed).unwrap_or_else(|e| panic!("{printed}: {e}"));
        prop_assert_eq!(&found, &expected, "{}", printed);
        // And as a text in code.
        let edited = small().edit().set(FIGURE, printed.as_str()).finish().unwrap_or_else(|e| panic!("{printed}: {e}"));
        prop_assert_eq!(&edited.assumption(FIGURE).expect("it").leaf.value, &expected, "{}", printed);
    }
}

#[test]
fn every_row_of_the_flagships_assumptions_can_be_pasted() {
    let folder = Folder::with(&[]);
    let path = "../scenarios/japan_full_cut.toml";
    succeeds(program("run").arg(path).args(["--trials", "8", "--out"]).arg(folder.path("out")));
    let (_, rows) = table(&folder.path("out/assumptions.csv"));
    let scenario = Scenario::load(path).expect("it loads");
    let drawn: Vec<_> = rows.iter().filter(|row| row[1].contains('(') || row[1].contains('*')).collect();
    assert!(drawn.len() > 40, "{}", drawn.len());
    let assignments = drawn.iter().map(|row| format!("{}={}", row[0], row[1]));
    let again = Scenario::load_with(path, assignments).unwrap_or_else(|e| panic!("{e}"));
    for row in drawn {
        let of = |scenario: &Scenario| scenario.assumption(&row[0]).expect("it").leaf.value;
        assert_eq!(of(&again), of(&scenario), "{row:?}");
    }
}

#[test]
fn shares_dates_and_references_are_read_where_figures_stand() {
    let number =
        |value: &str| assigned("controls.ban.severity", value).unwrap_or_else(|e| panic!("{value}: {e}"));
    for value in ["10%", "10 %", "0.1", ".1", "\"10%\"", "1e-1", "'0.1'"] {
        assert_eq!(number(value), LeafValue::Number(0.1), "{value}");
    }
    let criticality = "sites.cars.inputs.metal.criticality";
    for value in ["0.1 + 1.5 * need", "10% + 1.5 * need"] {
        let LeafValue::Assumption(of) = assigned(criticality, value).expect("a reference") else {
            panic!("{value}")
        };
        assert_eq!((of.id.as_str(), of.times, of.plus), ("need", 1.5, 0.1), "{value}");
    }
    assert!(matches!(assigned(criticality, "1 * need"), Ok(LeafValue::Assumption(of)) if of.plus == 0.0));
    // Whole numbers.
    let horizon = |value: &str| {
        let folder = Folder::with(&[("small.toml", SMALL)]);
        let set = [format!("time.horizon_days={value}")];
        Scenario::load_with(folder.path("small.toml"), set).map(|s| s.tables().time.horizon_days)
    };
    for value in ["728", "7.28e2", "7_28"] {
        assert_eq!(horizon(value).unwrap_or_else(|e| panic!("{value}: {e}")), 728, "{value}");
    }
    assert!(horizon("10.5").is_err() && horizon("1e20").is_err());
}

#[test]
fn a_date_is_read_under_any_key_of_a_day_and_nowhere_else() {
    let day = Date::new(2026, 7, 1);
    let onset = |text: &str| {
        with("onset_days = 28", text)
            .scenario()
            .map(|s| s.assumption("controls.ban.onset").map(|a| a.leaf.value))
    };
    for text in [
        "onset_days = 2026-07-01",
        "onset_months = 2026-07-01",
        "onset = 2026-07-01",
        "onset_days = \"2026-07-01\"",
        "onset_days = { value = 2026-07-01, source = \"the ministry\" }",
    ] {
        let found = onset(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(found.expect("the onset"), LeafValue::Date(day), "{text}");
    }
    let folder = Folder::with(&[("small.toml", SMALL)]);
    let set = Scenario::load_with(folder.path("small.toml"), ["controls.ban.onset_days=2026-07-01"])
        .expect("it loads");
    assert_eq!(set.assumption("controls.ban.onset").expect("it").leaf.value, LeafValue::Date(day));
    let told = refused(COVER, "2026-07-01");
    assert!(told.contains("the date 2026-07-01 stands where a number is asked for"), "{told}");
    assert!(onset("onset_days = 2026-02-30").is_err());
}

#[test]
fn what_is_no_figure_is_told_what_to_write() {
    for (value, parts) in [
        ("unifrm(0, 1)", &["`unifrm(0, 1)` is no number and no distribution", "did you mean `uniform`?"][..]),
        ("uniform(0, 1", &["`uniform(0, 1` is no number", "uniform(0, 0.2)"]),
        ("uniform(0)", &["`high` is missing", "`uniform` takes low, high"]),
        ("uniform(0, 1, 2)", &["`uniform` has 3 parameters", "it takes low, high"]),
        ("uniform(3, 1)", &["low is 3 and high is 1"]),
        ("uniform(a, 1)", &["`a` is no number"]),
        ("discrete(0, 1)", &["`discrete(0, 1)` is no number", "discrete(0: 0.4, 1: 0.6)"]),
        ("discrete()", &["there are no values"]),
        ("empirical(40 values, 0.1 to 0.9)", &["does not tell the values of the sample", "give all of them"]),
        ("uniform(0, 1) within [0, 1]", &["is no number and no distribution"]),
        ("normal(1, 0.2, 0, 2) within [0, 1]", &["is no number and no distribution"]),
        ("normal(1, 0.2) beyond 0", &["is no number and no distribution"]),
        ("normal(1, 0.2) within [50, inf]", &["standard deviations from the middle"]),
        ("10 percent", &["`10 percent` is no number", "10%"]),
        ("5 days", &["`5 days` is no number"]),
        ("1.2.3", &["`1.2.3` is no number"]),
        ("", &["no value"]),
        ("need", &["`need` is no number", "1 * ASSUMPTION"]),
        ("2 * nede", &["there is no assumption `nede`"]),
        ("2026-13-45", &["the date 2026-13-45 stands where a number is asked for"]),
        ("inf", &["not a finite number"]),
    ] {
        let told = refused("sites.cars.inputs.metal.cover_days", value);
        for part in parts {
            assert!(told.contains(part), "{value}: `{part}` in\n{told}");
        }
    }
    let told = refused("time.step_days", "a week");
    assert!(told.contains("expected a whole number, found text"), "{told}");
}

#[test]
fn texts_in_files_are_read_as_those_in_assignments() {
    for (text, shown) in [
        ("cover_days = \"uniform(30, 60)\"", "uniform(30, 60)"),
        (
            "cover_days = { value = \"triangular(30, 40, 60)\", source = \"a survey\" }",
            "triangular(30, 40, 60)",
        ),
        ("cover_months = \"uniform(1, 2)\"", "uniform(30.416666666666668, 60.833333333333336)"),
    ] {
        let scenario = with("cover_days = { uniform = { low = 30, high = 60 } }", text).scenario();
        let scenario = scenario.unwrap_or_else(|e| panic!("{text}: {e}"));
        let found = scenario.assumption(COVER).expect("a figure");
        assert_eq!(found.leaf.to_string(), shown, "{text}");
        assert_eq!(found.origin.source.is_some(), text.contains("survey"), "{text}");
        // It is written as a table, and is the same again.
        let again =
            Scenario::parse("again", &scenario.to_toml().expect("it is written")).expect("it is read");
        assert_eq!(again.assumption(COVER).expect("a figure").leaf.value, found.leaf.value);
    }
    let told = with("cover_days = { uniform = { low = 30, high = 60 } }", "cover_days = \"uniform(60, 30)\"")
        .scenario();
    let told = told.expect_err("it is refused").to_string();
    assert!(told.contains("test.toml:") && told.contains("low is 60 and high is 30"), "{told}");
}
