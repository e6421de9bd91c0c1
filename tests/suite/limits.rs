//! Figures beyond what a step can reckon with, and runs beyond what a machine has.

use crate::chains::Course;
use crate::common::{Source, compile, head, refused};
use crate::parts::{A_DAY, Build, control, control_of, event, maker, sector, sold};
use crate::small::SMALL;
use crate::trials::{bare, lane};
use supplyshock::draw::Distribution;
use supplyshock::run::{Budget, Unsound};
use supplyshock::scenario::{Control, Input, Link, Outage, Output, Party, Reexport, Site, Tables, Target};
use supplyshock::{Ensemble, Error, Scenario};

/// A plant behind a lane that is cut for a while.
fn cut() -> Tables {
    bare(7, 350, lane(7)).control("cut", control(98.0, 70.0, 1.0))
}

#[test]
fn figures_that_a_step_could_not_reckon_with_are_refused() {
    let refuses = |change: fn(&mut Tables), path: &str| {
        let mut tables = cut();
        change(&mut tables);
        let message = refused(&tables);
        assert!(message.starts_with(path) && message.contains("is too great"), "{message}");
        assert!(message.contains("give at most 1e"), "{message}");
    };
    refuses(
        |t| t.links["mine>plant:part"].surge_limit = Some(1e305.into()),
        "links.\"mine>plant:part\".surge_limit",
    );
    refuses(
        |t| t.sites["plant"].inputs["part"].cover_days = 1e308.into(),
        "sites.plant.inputs.part.cover_days",
    );
    refuses(
        |t| t.sites["plant"].outputs["good"].final_demand_per_year = 1e308.into(),
        "sites.plant.outputs.good.final_demand_per_year",
    );
    refuses(|t| t.sites["plant"].overtime_days = 1e8.into(), "sites.plant.overtime_days");
    let mut tables = cut();
    tables.parties["JP"].gdp_per_year = 1e-320.into();
    assert!(refused(&tables).contains("is too small"), "{}", refused(&tables));
    let wide = Distribution::exponential(1e30).expect("a mean");
    let mut tables = cut();
    tables.sites["plant"].value_added_per_unit = wide.into();
    assert!(refused(&tables).contains("is too great"), "a distribution without bounds");
}

#[test]
fn a_trial_that_no_figure_can_be_trusted_of_is_an_error_with_its_number() {
    let mut tables = cut();
    tables.sites["plant"].value_added_per_unit = 1e24.into();
    let model = compile(&tables);
    match Ensemble::new(&model).range(5..9).run() {
        Err(Error::Unsound { trial: 5, fault: Unsound::Loss { loss } }) => assert!(loss >= 1.8e19, "{loss}"),
        other => panic!("{other:?}"),
    }
    let mut tables = cut();
    tables.sites["mine"].outputs["part"].yield_per_unit = Some(1e-23.into());
    tables.sites["plant"].outputs["good"].final_demand_per_year = 1e9.into();
    let message = refused(&tables);
    let told = message.contains("site `mine` has a baseline activity of") && message.contains("too large");
    assert!(told, "{message}");
    // What is merely large is reckoned with.
    let mut tables = cut();
    tables.sites["plant"].outputs["good"].final_demand_per_year = 1e18.into();
    let outcome = Ensemble::new(&compile(&tables)).trials(2).run().expect("it can be reckoned with");
    let loss = outcome.loss("JP").expect("a party").mean();
    assert!((loss / 1e18 - 70.0 / 365.0).abs() < 1e-9, "{loss}");
}

#[test]
fn controls_that_change_nothing_or_more_than_meant_are_doubted() {
    let doubts = |tables: Tables| -> Vec<String> {
        let scenario = tables.scenario().unwrap_or_else(|e| panic!("{e}"));
        scenario.warnings().iter().map(ToString::to_string).collect()
    };
    assert_eq!(doubts(cut()), Vec::<String>::new());
    let only = |tables: Tables, expected: &str| {
        let found = doubts(tables);
        assert!(found.len() == 1 && found[0].contains(expected), "{found:#?}");
    };
    only(cut().control("late", control(350.0, 10.0, 1.0)), "controls.late.onset_days: it begins on day 350");
    only(cut().control("early", control(-50.0, 40.0, 1.0)), "it is over on day -10 at the latest");
    let goods = control(98.0, 10.0, 1.0).commodities(["good"]);
    only(cut().control("goods", goods), "no lane leads from its exporters");
    let own = Control::new(["CN", "JP"], ["JP"]).onset_days(98).duration_days(10);
    only(cut().control("own", own), "country `JP` is among its exporters and its importers");
    let late = event(["mine"], Target::Capacity, 1e3, 9.0, 0.5);
    only(cut().event("late", late), "events.late.start_days: it begins on day 1000");
    let mut alone = cut();
    alone.sites["plant"].overlap = 0.5.into();
    only(alone, "sites.plant.overlap: no `group` has inputs of two kinds");
    // One that waits for something begins whenever that does, and a way round has lanes of its own.
    assert_eq!(doubts(cut().control("after", control(400.0, 10.0, 1.0).after("cut"))), Vec::<String>::new());
    let round = cut().reexport("round", Reexport::new("cut", "XX", 9, 0.5));
    assert_eq!(doubts(round.control("gate", control_of("XX", 120.0, 10.0, 1.0))), Vec::<String>::new());
}

#[test]
fn no_control_bars_what_a_site_uses_of_its_own() {
    let own = Site::new("CN", "plant")
        .value_added_per_unit(1)
        .output("part", sold(1.0))
        .input("part", Input::new(0.25, 0));
    let lane = || Link::new(7).surge_limit(1);
    let tables = head(7, 350)
        .goods(["part", "good"])
        .site("works", own)
        .site("plant", sector("part", 0.0, "good", 1.0))
        .link("works>works:part", lane())
        .link("works>plant:part", lane())
        .control("cut", Control::new(["CN"], ["JP", "CN"]).onset_days(98).duration_days(70));
    let course = Course::of(&tables);
    // It goes on for its own final demand, which it meets from what it makes.
    assert!(course.activity("works").iter().all(|x| *x > 0.0), "{:?}", course.activity("works"));
    assert_eq!(course.activity("plant")[20], 0.0);
}

#[test]
fn a_run_that_takes_more_than_it_may_is_refused_with_the_figure_and_its_cause() {
    let many = (0..10)
        .fold(head(1, 99_999), |tables, k| tables.party(format!("p{k}"), Party::new(1e12)))
        .goods(["good"]);
    let output = Output::new().final_demand_per_year(A_DAY);
    let tables = many.site("works", Site::new("JP", "plant").value_added_per_unit(1).output("good", output));
    let model = compile(&tables);
    let run = |trials: u64| Ensemble::new(&model).trials(trials).threads(2);
    let takes = run(64).estimate().expect("a range");
    assert!(takes.bytes() > 2_000_000_000, "{takes}");
    assert!(takes.cause().contains("losses of 11 parties and sectors in 99999 steps"), "{takes}");
    let budget = Budget::Memory(1_000_000_000);
    let error = run(64).budgets([budget]).run().expect_err("it takes more").to_string();
    assert!(
        error.contains("over the limit of 1.0 GB of memory") && error.contains("in 99999 steps"),
        "{error}"
    );
    let error =
        run(1 << 40).budgets([Budget::Operations(1e15)]).run().expect_err("it takes ages").to_string();
    assert!(error.contains("over the limit of 1.0e15 operations"), "{error}");
    // Within its budget it runs, and the estimate grows with trials unless they are condensed.
    let small = compile(SMALL);
    let of = |trials| Ensemble::new(&small).trials(trials);
    assert!(of(1000).budgets([Budget::Memory(100 << 20)]).run().is_ok());
    let bytes = |e: Ensemble| e.estimate().expect("a range").bytes();
    assert!(bytes(of(10_000_000)) > 5 * bytes(of(1_000_000)));
    assert_eq!(bytes(of(10_000_000).condensed()), bytes(of(1_000_000).condensed()));
}

#[test]
fn what_comes_again_and_again_counts_in_the_estimate() {
    let bytes = |tables: Tables| {
        let model = compile(&tables);
        Ensemble::new(&model).trials(32).threads(1).estimate().expect("a range").bytes() as f64
    };
    let none = bytes(bare(7, 70_000, lane(7)));
    let often = bytes(bare(7, 70_000, lane(7)).outage("o", Outage::new(["mine"], 5.0, 5.0)));
    // 7,000 outages in each of 32 trials, 24 bytes each; and a row more.
    assert!((often - none - 7000.0 * 32.0 * 24.0).abs() < 1e5, "{none} bytes without, {often} with");
}

#[test]
fn budgets_are_written_as_people_write_them() {
    for (text, budget) in [
        ("8GB", Budget::Memory(8_000_000_000)),
        ("1.5 gb", Budget::Memory(1_500_000_000)),
        ("500MB", Budget::Memory(500_000_000)),
        ("1e15ops", Budget::Operations(1e15)),
    ] {
        assert_eq!(text.parse(), Ok(budget), "{text}");
    }
    for text in ["", "8", "GB", "-1GB", "nanGB", "infops", "8 XB", "ü"] {
        assert!(text.parse::<Budget>().is_err(), "{text}");
    }
}

#[test]
fn of_thousands_of_unknown_ids_only_the_first_are_searched_for() {
    let links: String =
        (0..2000).map(|k| format!("[links.\"minf>mill{k}:ore\"]\nlead_time_days = 7\n")).collect();
    let Err(Error::Scenario(problems)) = Scenario::parse("many.toml", &(SMALL.to_owned() + &links)) else {
        panic!("it is wrong");
    };
    let hints = problems.as_slice().iter().filter(|p| p.help().is_some()).count();
    assert!(problems.as_slice().len() >= 4000 && (50..=200).contains(&hints), "{hints} hints");
}

#[test]
fn a_maker_of_what_nobody_uses_stands_still() {
    // The smallest network there is, at the least of everything.
    let tables = head(1, 1).goods(["a"]).site("mine", maker("XX", "a"));
    let outcome = Ensemble::new(&compile(&tables)).trials(1).run().expect("it runs");
    assert_eq!(outcome.loss("JP").expect("a party").mean(), 0.0);
}
