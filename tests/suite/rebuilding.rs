//! Capital that an event destroys is rebuilt by other sites: closed forms, and what it leaves as it is.

use crate::chains::{Course, all_same, same};
use crate::common::{compile, head, refused};
use crate::networks::{Shocks, check, network};
use crate::parts::{Build, event, industry, sold, uniform};
use supplyshock::draw::Distribution;
use supplyshock::run::{Component, Subject};
use supplyshock::scenario::{
    Event, InStates, Leaf, Link, Rebuilding, Recovery, RecoveryTime, Regime, Site, Stage, State, Tables,
    Target,
};
use supplyshock::step::reference::Trial;
use supplyshock::{Ensemble, Scenario};

const STEP: f64 = 7.0;
const STEPS: usize = 60;

/// A plant that makes one unit a day, and a builder with a final demand of ten a day and so much spare capacity.
fn town(spare: f64) -> Tables {
    head(7, 7 * STEPS as u32)
        .goods(["good", "works"])
        .site("plant", industry("good", 1.0))
        .site("builder", industry("works", 10.0).spare_capacity(spare))
}

/// An event on the plant that takes `severity` at once and has `amount` rebuilt by the builder over ten steps.
fn quake(start: f64, severity: f64, amount: impl Into<Leaf>) -> Event {
    event(["plant"], Target::Capacity, start, 0.0, severity)
        .rebuilding(Rebuilding::new(70).amount("builder", amount))
}

/// What is left at the end of each step if all that is asked for in a step from day `start` on, a tenth of the rest, is delivered.
fn left(start: f64) -> Vec<f64> {
    let mut left = 1.0;
    let after = |t: usize| {
        left *= 1.0 - 0.1 * (((t + 1) as f64 * STEP - start) / STEP).clamp(0.0, 1.0);
        left
    };
    (0..STEPS).map(after).collect()
}

#[test]
fn with_enough_capacity_what_is_left_falls_geometrically() {
    // At the border of a step, within one, and before day 0.
    for start in [14.0, 17.0, -20.0] {
        let course = Course::of(&town(1.0).event("quake", quake(start, 0.8, 100)));
        let (mut plant, mut builder) = (Vec::new(), Vec::new());
        let mut before = 1.0;
        for (t, after) in left(start).into_iter().enumerate() {
            let struck = (((t + 1) as f64 * STEP - start) / STEP).clamp(0.0, 1.0);
            plant.push(STEP * (1.0 - 0.8 * struck * before));
            builder.push(10.0 * STEP + 100.0 * (before - after));
            before = after;
        }
        all_same(&course.activity("plant"), &plant, "plant");
        all_same(&course.activity("builder"), &builder, "builder");
        all_same(&course.demand("builder"), &builder, "demand");
        // What the builder makes more stands as a gain.
        same(course.lost("builder"), -100.0 * (1.0 - before), "gain of the builder");
    }
}

/// What is left of an effect, by recovery times since its end.
type Fading = fn(f64) -> f64;

#[test]
fn an_event_takes_the_larger_of_its_own_course_and_of_what_is_left() {
    let curves: [(Option<Recovery>, Fading); 4] = [
        (None, |_| 0.0),
        (Some(Recovery::Linear(RecoveryTime::new(50))), |u| (1.0 - u).max(0.0)),
        (Some(Recovery::Exponential(RecoveryTime::new(50))), |u| (-u).exp()),
        (Some(Recovery::Logistic(RecoveryTime::new(50))), |u| 2.0 / (1.0 + u.exp())),
    ];
    for (recovery, fading) in curves {
        let mut quake = quake(17.0, 0.8, 100);
        quake.duration_days = Some(30.into());
        quake.recovery = recovery;
        let plant = Course::of(&town(1.0).event("quake", quake)).activity("plant");
        let mut before = 1.0;
        for (t, after) in left(17.0).into_iter().enumerate() {
            let height = |day: f64| match day {
                _ if day < 17.0 => 0.0,
                _ if day < 47.0 => 1.0,
                _ => f64::max(fading((day - 47.0) / 50.0), before),
            };
            let moments = (0..7000).map(|k| height(t as f64 * STEP + (f64::from(k) + 0.5) / 1000.0));
            let expected = STEP - 0.8 * moments.sum::<f64>() / 1000.0;
            assert!((plant[t] - expected).abs() < 1e-5, "step {t}: {}, expected {expected}", plant[t]);
            before = after;
        }
    }
}

#[test]
fn a_builder_without_spare_capacity_takes_longer_and_final_demand_shares_the_shortage() {
    let course = Course::of(&town(0.0).event("quake", quake(14.0, 0.8, 100)));
    let (demand, plant) = (course.demand("builder"), course.activity("plant"));
    all_same(&course.activity("builder"), &[10.0 * STEP; STEPS], "all it can");
    let (mut left, mut delivered, mut forgone) = (100.0, 0.0, 0.0);
    for t in 0..STEPS {
        let asked = if t < 2 { 0.0 } else { 0.1 * left };
        same(demand[t], 70.0 + asked, &format!("demand in step {t}"));
        if t >= 2 {
            same(plant[t], STEP * (1.0 - 0.8 * left / 100.0), &format!("plant in step {t}"));
        }
        let share = 70.0 / (70.0 + asked);
        left -= share * asked;
        delivered += share * asked;
        forgone += 70.0 * (1.0 - share);
    }
    same(delivered, 100.0 - left, "delivered");
    same(forgone, delivered, "what final demand does without");
    let quick = Course::of(&town(1.0).event("quake", quake(14.0, 0.8, 100)));
    assert!(course.lost("plant") > 1.02 * quick.lost("plant"));
    // In the end all of it is there, and the plant is whole.
    assert!(left < 1.0 && plant[STEPS - 1] > 0.99 * STEP);
}

#[test]
fn orders_of_other_sites_come_first_unless_final_demand_has_their_class() {
    let tables = |class: Option<u32>| {
        let mut out = sold(10.0);
        out.final_demand_class = class.map(Into::into);
        let user = Site::new("JP", Stage::SECTOR).value_added_per_unit(1).output("car", sold(30.0));
        town(0.0)
            .goods(["car"])
            .site("builder", Site::new("JP", Stage::SECTOR).output("works", out))
            .site("user", user.input("works", supplyshock::scenario::Input::new(1, 0)))
            .link("builder>user:works", Link::new(7))
            .event("quake", quake(14.0, 0.8, 100))
    };
    let [last, alike] = [None, Some(1)].map(|class| Course::of(&tables(class)));
    all_same(&last.activity("user"), &[210.0; STEPS], "served first");
    assert!(alike.activity("user")[4] < 209.0);
    // Final demand alone shares less with what is rebuilt than all buyers together.
    assert!(last.activity("plant")[20] < alike.activity("plant")[20] - 1e-3);
}

#[test]
fn the_scarcest_good_holds_the_capacity_back() {
    let mut both = quake(14.0, 0.5, 100);
    let rebuilding = Rebuilding::new(70).amount("builder", 100).amount("slow", 400).amount("idle", 0);
    both.rebuilding = Some(rebuilding);
    let tables = town(1.0)
        .goods(["slow", "idle"])
        .site("slow", industry("slow", 1.0))
        .site("idle", industry("idle", 1.0))
        .event("quake", both);
    let course = Course::of(&tables);
    let (plant, asked) = (course.activity("plant"), course.demand("slow"));
    for t in 2..STEPS {
        let left = (asked[t] - 7.0) / 40.0;
        same(plant[t], STEP * (1.0 - 0.5 * left), &format!("step {t}"));
    }
    assert!((asked[STEPS - 1] - 7.0) / 40.0 > 0.2, "it is slow");
    all_same(&course.activity("idle"), &[7.0; STEPS], "nothing is needed of it");
}

#[test]
fn two_events_are_rebuilt_side_by_side() {
    let tables = town(4.0).event("first", quake(14.0, 0.5, 100)).event("second", quake(56.0, 0.4, 300));
    let course = Course::of(&tables);
    let (plant, builder) = (course.activity("plant"), course.activity("builder"));
    let (first, second) = (left(14.0), left(56.0));
    for t in 8..STEPS {
        let taken = (1.0 - 0.5 * first[t - 1]) * (1.0 - 0.4 * second[t - 1]);
        same(plant[t], STEP * taken, &format!("step {t}"));
        let made = 100.0 * (first[t - 1] - first[t]) + 300.0 * (second[t - 1] - second[t]);
        same(builder[t], 70.0 + made, &format!("builder in step {t}"));
    }
}

#[test]
fn an_event_that_waits_for_another_is_rebuilt_from_its_own_onset_on() {
    let tables =
        town(4.0).event("first", quake(14.0, 0.5, 0)).event("second", quake(42.0, 0.4, 100).after("first"));
    let found = Course::of(&tables).activity("builder");
    let expected = Course::of(&town(4.0).event("second", quake(56.0, 0.4, 100))).activity("builder");
    all_same(&found, &expected, "builder");
    let never = Course::of(&town(4.0).event("second", quake(42.0, 0.4, 100).after("nothing")));
    all_same(&never.activity("builder"), &[70.0; STEPS], "never");
}

#[test]
fn with_nothing_to_rebuild_an_event_is_what_it_is_without() {
    let nothing: Leaf = Distribution::constant(0.0).expect("a number").into();
    let set = std::cell::Cell::new(0);
    check(32, 21, &network(), |network| {
        let mut plain = network.tables(Shocks::InForce);
        plain.events.values_mut().for_each(|event| event.rebuilding = None);
        let digest = |tables: &Tables| {
            Ensemble::new(&compile(tables)).trials(34).seed(5).run().expect("runs").digest()
        };
        let whole = digest(&plain);
        for amount in [&Leaf::number(0.0), &nothing] {
            let mut tables = plain.clone();
            let sites: Vec<String> = tables.sites.keys().cloned().collect();
            for event in tables.events.values_mut() {
                if event.target == Target::Capacity && event.series.is_none() {
                    let zeros =
                        sites.iter().fold(Rebuilding::new(30), |r, site| r.amount(site, amount.clone()));
                    event.rebuilding = Some(zeros);
                    set.set(set.get() + 1);
                }
            }
            proptest::prop_assert_eq!(&digest(&tables), &whole);
        }
        Ok(())
    });
    assert!(set.get() >= 20, "only {} events", set.get());
}

#[test]
fn times_and_amounts_can_be_drawn() {
    let rebuilding = Rebuilding::new(uniform(40.0, 300.0)).amount("builder", uniform(50.0, 300.0));
    let mut drawn = quake(14.0, 0.8, 0);
    drawn.rebuilding = Some(rebuilding);
    let model = compile(&town(10.0).event("quake", drawn));
    let names: Vec<&str> = model.drawn().collect();
    assert_eq!(names, ["events.quake.rebuilding.days", "events.quake.rebuilding.amounts.builder"]);
    let outcome = Ensemble::new(&model).trials(40).seed(3).run().expect("runs");
    let losses = outcome.values(&Subject::Sector("plant".into())).expect("a sector");
    for trial in [0, 1, 31, 32, 39] {
        let draws = model.draw(3, trial);
        let (gain, mut left) = (STEP / draws[0], draws[1]);
        let (mut run, mut lost) = (Trial::new(&model, 3, trial).expect("a baseline"), 0.0);
        for t in 0..STEPS {
            assert!(run.step());
            let asked = if t < 2 { 0.0 } else { gain * left };
            let found: Vec<f64> = run.activities().map(|a| a.activity).collect();
            let taken = if t < 2 { 0.0 } else { 0.8 * left / draws[1] };
            all_same(&found, &[STEP * (1.0 - taken), 70.0 + asked], &format!("trial {trial}, step {t}"));
            (left, lost) = (left - asked, lost + STEP * taken);
        }
        same(losses[trial as usize], lost, &format!("loss of trial {trial}"));
    }
}

#[test]
fn what_cannot_be_rebuilt_is_refused() {
    let says = |event: Event, words: &str| {
        let text =
            refused(&town(1.0).regime("r", Regime::new("a").state("a", State::new())).event("quake", event));
        assert!(text.contains(words), "{text}");
    };
    let good = || quake(14.0, 0.8, 100);
    let mut unknown = good();
    unknown.rebuilding = Some(Rebuilding::new(70).amount("bilder", 1));
    says(unknown, "there is no site `bilder`");
    let mut nobody = good();
    nobody.rebuilding = Some(Rebuilding::new(70));
    says(nobody, "the list is empty");
    let mut negative = good();
    negative.rebuilding = Some(Rebuilding::new(70).amount("builder", -1));
    says(negative, "-1 is out of range");
    let mut late = good();
    late.rebuilding = Some(Rebuilding::new(-70).amount("builder", 1));
    says(late, "-70 is out of range");
    says(good().target(Target::FinalDemand), "only capacity is rebuilt");
    says(good().growth_days(5), "an event with `rebuilding` has no `growth_days`");
    let again = Event::new(["plant"]).during(InStates::new("r", ["a"])).severity(0.5);
    says(
        again.rebuilding(Rebuilding::new(70).amount("builder", 1)),
        "an event with `rebuilding` has no `during`",
    );
    let series = Event::new(["plant"]).series([0.5]);
    says(
        series.rebuilding(Rebuilding::new(70).amount("builder", 1)),
        "an event with `rebuilding` has no `series`",
    );
}

#[test]
fn it_stands_in_a_file_as_a_table_of_the_event() {
    let scenario = Scenario::new("test", town(1.0).event("quake", quake(14.0, 0.8, 100))).expect("it stands");
    let text = scenario.to_toml().expect("text");
    let text = text.replace("builder = 100", "builder = { value = 100, basis = \"judgement\" }");
    let read = Scenario::parse("test.toml", &text).unwrap_or_else(|e| panic!("{e}\n{text}"));
    let rebuilding = read.tables().events["quake"].rebuilding.as_ref().expect("it is there");
    assert_eq!(rebuilding.days.as_number(), Some(70.0));
    assert_eq!(rebuilding.amounts["builder"].as_number(), Some(100.0));
    let wrong = text.replace("builder = { value = 100", "plant_2 = { value = 100");
    let error = Scenario::parse("test.toml", &wrong).expect_err("no such site").to_string();
    assert!(error.contains("events.quake.rebuilding.amounts.plant_2"), "{error}");
}

/// The shipped earthquake loses what its description says, as it stands and with nothing to rebuild.
#[test]
fn an_earthquake_loses_more_where_its_plants_must_be_rebuilt() {
    let none =
        ["jp_utilities", "jp_machinery"].map(|site| format!("events.quake.rebuilding.amounts.{site}=0"));
    let cases = [(&[][..], "0.109 tn"), (&none[..], "0.021 tn")];
    let found = cases.map(|(set, figure)| {
        let scenario =
            Scenario::load_with("../scenarios/japan_earthquake.toml", set).unwrap_or_else(|e| panic!("{e}"));
        let text = scenario.tables().scenario.description.clone().unwrap_or_default();
        assert!(text.contains(figure), "the description does not say {figure}");
        let outcome =
            Ensemble::new(&scenario.compile().unwrap_or_else(|e| panic!("{e}"))).trials(600).seed(2026).run();
        let outcome = outcome.expect("runs");
        let loss = outcome.component(&Subject::Party("JP".into()), Component::Total).expect("a party");
        let (mean, error) = (loss.mean() / 1e12, loss.std_error().expect("trials") / 1e12);
        let said: f64 = figure.split(' ').next().and_then(|x| x.parse().ok()).expect("a figure");
        // The figure is from 10,000 trials, to three digits after the point: 5 standard errors.
        assert!((mean - said).abs() <= 5.0 * 1.05 * error + 0.0005, "{figure}: {mean} ± {error}");
        mean
    });
    assert!(found[1] < 0.8 * found[0], "{found:?}");
}
