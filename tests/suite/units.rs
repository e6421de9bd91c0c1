//! Currencies, dates, months and years.

use crate::common::compile;
use crate::small::{Folder, SMALL, problems, with};
use std::collections::BTreeMap;
use supplyshock::Scenario;
use supplyshock::scenario::{Date, Leaf};

fn draws(scenario: &Scenario) -> BTreeMap<String, f64> {
    let model = scenario.compile().expect("it compiles");
    let names: Vec<String> = model.drawn().map(str::to_owned).collect();
    names.into_iter().zip(model.draw(11, 29)).collect()
}

fn read(text: &str) -> Scenario {
    Scenario::parse("small.toml", text).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn keys_of_old_are_refused_with_their_new_names() {
    for (old, new, now) in [
        ("gdp_per_year = 6e14", "gdp_jpy_per_year = 6e14", "gdp_per_year"),
        ("value_added_per_unit = 0.3", "value_added_jpy_per_unit = 0.3", "value_added_per_unit"),
        (
            "amount_days = 10",
            "amount_days = 10\ncarrying_cost_jpy_per_unit_year = 1",
            "carrying_cost_per_unit_year",
        ),
        ("share = 0.7", "share = 0.7\npremium_jpy_per_unit = 1", "premium_per_unit"),
    ] {
        let found = problems(&with(old, new));
        let told = found.iter().find(|p| p.message().starts_with("unknown key")).expect("it is told");
        assert!(told.path.contains("jpy"), "{told}");
        let help = told.help().expect("a remedy");
        assert_eq!(help, format!("it is called `{now}` now; money is in the `currency` of [scenario]"));
    }
    let bare = problems(&with("currency = \"JPY\"\n", ""));
    assert_eq!(bare.len(), 1);
    assert_eq!((bare[0].path.as_str(), bare[0].message().as_str()), ("scenario", "`currency` is missing"));
}

#[test]
fn a_key_of_another_name_draws_from_the_stream_of_old() {
    // What these names drew when their keys had the currency in them.
    let text = SMALL
        .replace("gdp_per_year = 2e15", "gdp_per_year = { uniform = { low = 1, high = 2 } }")
        .replace("value_added_per_unit = 0.3", "value_added_per_unit = { uniform = { low = 0, high = 1 } }");
    let drawn = draws(&read(&text));
    let expected = |name: &str| supplyshock::draw::Stream::new(11, name).uniform(29, 0);
    assert_eq!(drawn["sites.cars.value_added_per_unit"], expected("sites.cars.value_added_jpy_per_unit"));
    assert_eq!(drawn["parties.CN.gdp_per_year"], 1.0 + expected("parties.CN.gdp_jpy_per_year"));
    assert_eq!(read(SMALL).currency(), "JPY");
    let euro = compile(SMALL.replacen("\"JPY\"", "\"EUR\"", 1).as_str());
    assert_eq!(euro.currency(), "EUR");
    assert_ne!(euro.fingerprint(), compile(SMALL).fingerprint());
}

#[test]
fn a_date_is_the_days_from_the_start() {
    let dated = read(
        &SMALL
            .replace("onset_days = 28", "onset = 2026-02-03")
            .replace("start_days = 50", "start = 2026-02-25"),
    );
    let days = read(SMALL);
    let onset = dated.assumption("controls.ban.onset").expect("a figure");
    assert_eq!(onset.leaf, Leaf::from(Date::new(2026, 2, 3)));
    let [a, b] = [&dated, &days].map(|s| s.compile().expect("compiles").fingerprint());
    assert_eq!(a, b, "the third of February is 28 days from the sixth of January");
    assert_eq!(
        Scenario::parse("x", &dated.to_toml().expect("text")).expect("reads").tables(),
        dated.tables()
    );
    // The day stays where it is when the start is moved.
    let later = dated.edit().set("time.start", Date::new(2026, 1, 13)).finish().expect("it fits");
    let moved = days.edit().set("controls.ban.onset_days", 21).set("events.quake.start_days", 43).finish();
    let moved =
        moved.and_then(|s| s.edit().set("time.start", Date::new(2026, 1, 13)).finish()).expect("it fits");
    let [a, b] = [later, moved].map(|s| s.compile().expect("compiles").fingerprint());
    assert_eq!(a, b);
    // With a source, and over a day that is drawn, whose luck others keep.
    let drawn = with("onset_days = 28", "onset_days = { uniform = { low = 1, high = 9 } }")
        + "[correlations.x]\nbetween = [\"controls.ban.onset_days\", \"assumptions.need\"]\nrank = 0.9\n";
    let folder = Folder::with(&[
        ("base.toml", &drawn),
        (
            "over.toml",
            "extends = \"base.toml\"\n[controls.ban]\nonset = { value = 2026-02-01, source = \"order 8\" }\n",
        ),
    ]);
    let over = Scenario::load(folder.path("over.toml")).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(over.assumption("controls.ban.onset").expect("x").origin.source.as_deref(), Some("order 8"));
    assert_eq!(draws(&over)["assumptions.need"], draws(&read(&drawn))["assumptions.need"]);
}

#[test]
fn a_date_that_cannot_be_is_refused() {
    for (old, new, path, message) in [
        (
            "onset_days = 28",
            "onset = 2026-02-03\nonset_days = 28",
            "controls.ban.onset_days",
            "says the same as `onset`",
        ),
        ("onset_days = 28", "onset = 28", "controls.ban.onset", "expected a date"),
        (
            "start_days = 50",
            "start = 2026-02-25\nafter = \"ban\"",
            "events.quake.start",
            "a date needs no `after`",
        ),
        (
            "severity = 0.8",
            "severity = 2026-02-25",
            "controls.ban.severity",
            "stands where a number is asked for",
        ),
    ] {
        let found = problems(&with(old, new));
        assert_eq!(found.len(), 1, "{new}: {found:#?}");
        assert_eq!(found[0].path, path);
        assert!(found[0].message().contains(message), "{}", found[0]);
        assert!(found[0].line > 0);
    }
    let here = read(SMALL).edit().set("controls.ban.severity", Date::new(2026, 2, 25)).finish();
    assert!(
        here.expect_err("a date")
            .to_string()
            .contains("the date 2026-02-25 stands where a number is asked for")
    );
}

#[test]
fn months_and_years_are_days() {
    let text = SMALL
        .replace("duration_days = 30", "duration_months = 6")
        .replace("horizon_days = 364", "horizon_years = 2")
        .replace("{ exponential = { days = 20 } }", "{ exponential = { years = 1 } }")
        .replace(
            "duration_days = { uniform = { low = 60, high = 250 } }",
            "duration_months = { triangular = { low = 2.1, mode = 3, high = 7.7 }, source = \"a treaty\" }",
        );
    let scenario = read(&text);
    let shown = |path: &str| scenario.assumption(path).expect("a figure").leaf;
    assert_eq!(shown("events.quake.duration_days").as_number(), Some(182.5));
    assert_eq!(shown("events.quake.recovery.exponential.days").as_number(), Some(365.0));
    assert_eq!(scenario.tables().time.horizon_days, 730);
    let month = 365.0 / 12.0;
    let expected = format!("triangular({}, {}, {})", 2.1 * month, 3.0 * month, 7.7 * month);
    assert_eq!(shown("controls.ban.duration_days").to_string(), expected);
    assert_eq!(shown("controls.ban.duration_days").origin.source.as_deref(), Some("a treaty"));
    assert_eq!(
        Scenario::parse("x", &scenario.to_toml().expect("text")).expect("reads").tables(),
        scenario.tables()
    );
    // The luck is that of the days.
    let days = read(&with("{ uniform = { low = 60, high = 250 } }", "{ uniform = { low = 0, high = 365 } }"));
    let years = with(
        "duration_days = { uniform = { low = 60, high = 250 } }",
        "duration_years = { uniform = { low = 0, high = 1 } }",
    );
    assert_eq!(draws(&days), draws(&read(&years)));
    // An overlay or an edit in another unit takes the place of the figure.
    let folder = Folder::with(&[
        ("base.toml", SMALL),
        ("over.toml", "extends = \"base.toml\"\n[controls.ban]\nduration_years = 1\n"),
    ]);
    let over =
        Scenario::load_with(folder.path("over.toml"), ["events.quake.duration_months=2"]).expect("it reads");
    let days = |s: &Scenario, path: &str| s.assumption(path).expect("a figure").leaf.as_number();
    assert_eq!(days(&over, "controls.ban.duration_days"), Some(365.0));
    assert_eq!(days(&over, "events.quake.duration_days"), Some(2.0 * month));
    let edited = over.edit().set("controls.ban.duration_months", 3).finish().expect("it fits");
    assert_eq!(days(&edited, "controls.ban.duration_days"), Some(3.0 * month));
    // A fault is placed where it stands, whatever its unit.
    let found = problems(&with("duration_days = 30", "duration_months = -1"));
    assert_eq!(found.len(), 1);
    let line = 1 + SMALL.lines().position(|line| line == "duration_days = 30").expect("a line");
    assert_eq!((found[0].line, found[0].column), (line, 1), "{}", found[0]);
}
