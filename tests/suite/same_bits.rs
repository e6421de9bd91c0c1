//! Seed and version fix every result, however the trials are split.

use crate::common::{compile, head};
use crate::parts::{Build, event, maker, uniform};
use std::fs;
use supplyshock::draw::Distribution;
use supplyshock::run::Subject;
use supplyshock::scenario::{Input, Link, Output, Role, Site, Stage, Tables, Target};
use supplyshock::step::probe::yields;
use supplyshock::step::reference::Trial;
use supplyshock::{Ensemble, Model, Scenario};

fn flagship() -> Model {
    Scenario::load("../scenarios/japan_full_cut.toml")
        .and_then(|s| s.compile())
        .expect("the flagship compiles")
}

#[test]
fn threads_do_not_change_a_bit() {
    let model = flagship();
    let digest =
        |threads| Ensemble::new(&model).trials(203).seed(5).threads(threads).run().expect("runs").digest();
    let one = digest(1);
    for threads in [2, 3, 8] {
        assert_eq!(digest(threads), one, "{threads} threads");
    }
}

#[test]
fn a_trial_by_itself_yields_what_it_yields_in_a_block() {
    let mut tried = 0;
    for file in fs::read_dir("../scenarios").expect("the scenarios") {
        let path = file.expect("a file").path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let model = Scenario::load(&path).and_then(|s| s.compile()).expect("a model");
        for trial in [0, 5] {
            let whole = yields::<32>(&model, 7, trial, usize::MAX);
            tried += usize::from(!whole.is_empty());
            for links in [0, 20, usize::MAX] {
                let alone = yields::<1>(&model, 7, trial, links);
                assert!(alone == whole, "{}, trial {trial}, parts of {links} links", path.display());
            }
        }
    }
    assert!(tried > 40, "{tried}");
}

#[test]
fn parts_merge_to_the_whole_at_odd_borders() {
    let model = flagship();
    let run = |range| Ensemble::new(&model).range(range).seed(5).run().expect("runs");
    let whole = run(0..150);
    // Out of order, with borders inside blocks.
    let merged = run(97..150).merge(run(0..1)).and_then(|o| o.merge(run(1..97))).expect("they fit");
    assert_eq!(merged.digest(), whole.digest());
    assert_eq!(merged.trials(), 150);
    assert_eq!(merged.path("JP").expect("Japan"), whole.path("JP").expect("Japan"));
    assert_eq!(merged.recovered_share(), whole.recovered_share());
    assert_eq!(merged.mass_balance_residual(), whole.mass_balance_residual());
    let sites = |o: &supplyshock::Outcome| o.site_means().map(|(_, mean)| mean.to_bits()).collect::<Vec<_>>();
    assert_eq!(sites(&merged), sites(&whole));
}

#[test]
fn parts_that_overlap_or_differ_in_seed_are_refused() {
    let model = flagship();
    let run = |range, seed| Ensemble::new(&model).range(range).seed(seed).run().expect("runs");
    let fault = run(0..10, 1).merge(run(9..20, 1)).expect_err("trial 9 is in both");
    assert!(fault.to_string().contains("trial 9"), "{fault}");
    assert!(run(0..10, 1).merge(run(10..20, 2)).is_err());
}

#[test]
fn the_block_engine_and_the_reference_agree_to_the_bit_on_the_flagship() {
    let model = flagship();
    let outcome = Ensemble::new(&model).trials(40).seed(9).run().expect("runs");
    let mut by_trial = Vec::new();
    for trial in 0..40 {
        let mut run = Trial::new(&model, 9, trial).expect("a baseline");
        run.run();
        by_trial.push(run.lost().to_vec());
    }
    let subjects: Vec<_> = outcome.subjects().cloned().collect();
    let sectors = subjects.iter().filter_map(|s| match s {
        Subject::Sector(id) => Some((s, id)),
        _ => None,
    });
    let mut compared = 0;
    for (subject, id) in sectors {
        let site = model.sites().position(|s| s == id).expect("a site");
        for (trial, loss) in outcome.values(subject).expect("a sector").iter().enumerate() {
            assert_eq!(loss.to_bits(), by_trial[trial][site].to_bits(), "{id}, trial {trial}");
            compared += 1;
        }
    }
    assert!(compared >= 200);
}

#[test]
fn a_site_added_in_the_middle_moves_no_other_draw() {
    let mine = Site::new("CN", "mine").spare_capacity(uniform(0.1, 0.9)).output("ore", Output::new());
    let extra = Site::new("XX", "mine").spare_capacity(uniform(0.0, 1.0)).output("ore", Output::new());
    let cover = Distribution::triangular(10.0, 20.0, 60.0).expect("a range");
    let cars = Site::new("JP", Stage::SECTOR)
        .value_added_per_unit(1)
        .input("ore", Input::new(1, cover))
        .output("car", Output::new().final_demand_per_year(1e6));
    let before = head(7, 364).goods(["ore", "car"]).site("mine", mine);
    let draws = |tables: Tables| {
        let tables = tables.site("cars", cars.clone()).link("mine>cars:ore", Link::new(7));
        let model = compile(&tables);
        let names: Vec<String> = model.drawn().map(str::to_owned).collect();
        names.into_iter().zip(model.draw(3, 17)).collect::<std::collections::BTreeMap<_, _>>()
    };
    let plain = draws(before.clone());
    let more = draws(before.site("extra", extra));
    assert_eq!(more.len(), plain.len() + 1);
    for (name, value) in plain {
        assert_eq!(more[&name].to_bits(), value.to_bits(), "{name}");
    }
}

/// A sector of Japan with these inputs, each with its use per unit and 10 days of cover, and an output.
fn sector(inputs: &[(&str, f64)], good: &str, output: Output) -> Site {
    let site = Site::new("JP", Stage::SECTOR).value_added_per_unit(1).output(good, output);
    inputs.iter().fold(site, |site, (input, usage)| site.input(*input, Input::new(*usage, 10)))
}

fn sold_a_year(a_year: f64) -> Output {
    Output::new().final_demand_per_year(a_year)
}

/// Steel and power need each other.
fn cycle() -> Tables {
    head(7, 140)
        .goods(["ore", "steel", "power", "car", "tool"])
        .event("storm", event(["power"], Target::Capacity, 7.0, 70.0, 0.6))
        .site("mine", maker("XX", "ore"))
        .site("abroad", maker("XX", "steel"))
        .site(
            "steel",
            sector(&[("power", 0.3), ("ore", 1.5)], "steel", sold_a_year(1000.0).yield_per_unit(0.9)),
        )
        .site("power", sector(&[("steel", 0.2)], "power", sold_a_year(2000.0)))
        .site("cars", sector(&[("steel", 0.7)], "car", sold_a_year(500.0)))
        .link("mine>steel:ore", Link::new(7))
        .link("power>steel:power", Link::new(7))
        .link("steel>power:steel", Link::new(7).share(0.8))
        .link("abroad>power:steel", Link::new(7))
        .link("steel>cars:steel", Link::new(7))
}

/// What scrap of the cars falls short of in tools, steel fills in.
fn scrapped() -> Tables {
    let mut tables = cycle()
        .site("tools", sector(&[("steel", 0.4)], "tool", sold_a_year(300.0)))
        .link("cars>tools:steel", Link::new(7).share(0.6))
        .link("steel>tools:steel", Link::new(7).share(0.4));
    let scrap = Output::new().role(Role::ByProduct).yield_per_unit(0.1);
    tables.sites["cars"].outputs.insert("steel".to_owned(), scrap);
    tables
}

fn scenario(tables: Tables) -> Scenario {
    Scenario::new("test", tables).expect("it stands")
}

#[test]
fn what_every_trial_has_alike_is_told_from_what_is_drawn() {
    let scrapped = &scenario(scrapped());
    let agreed = &scenario(cycle().link("abroad>cars:steel", Link::new(7).volume_per_year(90)));
    let plain = &scenario(cycle());
    for (scenario, path, value) in [
        (plain, "sites.steel.inputs.ore.use_per_unit", 1.5),
        (plain, "sites.steel.inputs.power.use_per_unit", 0.3),
        (plain, "sites.cars.inputs.steel.use_per_unit", 0.7),
        (plain, "sites.steel.outputs.steel.yield_per_unit", 0.9),
        (plain, "sites.steel.outputs.steel.final_demand_per_year", 1000.0),
        (plain, "sites.cars.outputs.car.final_demand_per_year", 500.0),
        (plain, "links.\"steel>power:steel\".share", 0.8),
        (agreed, "links.\"abroad>cars:steel\".volume_per_year", 90.0),
        (scrapped, "sites.cars.outputs.steel.yield_per_unit", 0.1),
    ] {
        let drawn = scenario.edit().set(path, uniform(0.5 * value, value)).finish().expect("a range");
        let calm = drawn.edit().set("events.storm.severity", 0.0).finish().expect("no storm");
        let [model, calm] = [drawn, calm].map(|s| s.compile().expect("it compiles"));
        let lost = |model: &Model, range: std::ops::Range<u64>| {
            let outcome = Ensemble::new(model).range(range).seed(3).threads(1).run().expect("runs");
            outcome.values(&Subject::Sector("power".into())).expect("a sector")
        };
        let whole = lost(&model, 0..80);
        for trial in [0, 1, 31, 32, 50, 79] {
            let alone = lost(&model, trial as u64..trial as u64 + 1)[0];
            assert_eq!(alone.to_bits(), whole[trial].to_bits(), "trial {trial}, `{path}`");
        }
        // Nothing is lost at the baseline, so that what is taken of all is made.
        assert!(lost(&calm, 0..80).iter().all(|x| x.abs() < 1e-9), "`{path}`");
        // What steel takes of ore is felt by the mine alone.
        let moves = whole.iter().any(|x| *x != whole[0]);
        assert_eq!(moves, path != "sites.steel.inputs.ore.use_per_unit", "`{path}`");
    }
}

#[test]
fn a_cycle_makes_in_every_trial_what_fills_in_for_a_by_product() {
    let mut tables = scrapped();
    tables.sites["cars"].outputs["steel"].yield_per_unit = Some(uniform(0.05, 0.1));
    let model = compile(&tables);
    let mut made = Vec::new();
    for trial in 0..4 {
        let mut run = Trial::new(&model, 3, trial).expect("a baseline");
        run.step();
        let steel = run.activities().find(|a| a.site == "steel").expect("steel").activity * 365.0 / 7.0;
        // It makes 1000 + 350 + 48 + (72 − 500 y) + 0.16 p, power p = 2000 + 0.3 / 0.9 of what it makes.
        let expected = (1790.0 - 500.0 * model.draw(3, trial)[0]) / (1.0 - 0.16 / 3.0);
        assert!((steel / expected - 1.0).abs() < 1e-12, "trial {trial}: {steel}, expected {expected}");
        made.push(steel);
    }
    assert!(made.iter().any(|steel| *steel != made[0]), "{made:?}");
}

#[test]
fn the_mean_lead_time_of_lanes_that_nothing_bars_is_that_of_the_baseline() {
    let mut tables = head(7, 350)
        .goods(["ore", "car"])
        .event("storm", event(["near"], Target::Capacity, 7.0, 70.0, 0.6))
        .site("near", maker("XX", "ore"))
        .site("far", maker("XX", "ore"))
        .site("cars", sector(&[("ore", 1.0)], "car", sold_a_year(500.0)))
        .link("near>cars:ore", Link::new(7).share(0.7))
        .link("far>cars:ore", Link::new(28).share(0.3));
    let model = compile(&tables);
    let mut run = Trial::new(&model, 1, 0).expect("a baseline");
    run.run();
    let cars = model.sites().position(|site| site == "cars").expect("cars");
    let outcome = Ensemble::new(&model).trials(40).seed(1).run().expect("runs");
    let lost = outcome.values(&Subject::Sector("cars".into())).expect("a sector")[0];
    assert!(lost > 1.0, "{lost}");
    assert_eq!(lost.to_bits(), run.lost()[cars].to_bits());
    assert!(yields::<32>(&model, 1, 0, usize::MAX) == yields::<1>(&model, 1, 0, usize::MAX));
    // With any other mean orders would not be what they are at rest.
    tables.events["storm"].severity = Some(0.into());
    let calm = compile(&tables);
    let outcome = Ensemble::new(&calm).trials(40).seed(1).run().expect("runs");
    assert!(outcome.values(&Subject::Sector("cars".into())).expect("a sector")[0].abs() < 1e-9);
}

#[test]
fn spare_capacity_that_is_drawn_differs_though_the_baseline_does_not() {
    let cars = sector(&[("ore", 1.0)], "car", sold_a_year(500.0).waiting_share(1));
    let tables = head(7, 350)
        .goods(["ore", "car"])
        .event("storm", event(["mine"], Target::Capacity, 7.0, 70.0, 1.0))
        .site("mine", maker("XX", "ore").spare_capacity(3))
        .site("cars", cars.spare_capacity(uniform(0.0, 0.5)))
        .link("mine>cars:ore", Link::new(7));
    let model = compile(&tables);
    let cars = model.sites().position(|site| site == "cars").expect("cars");
    let outcome = Ensemble::new(&model).trials(40).seed(1).run().expect("runs");
    let lost = outcome.values(&Subject::Sector("cars".into())).expect("a sector");
    for (trial, lost) in (0..).zip(&lost) {
        let mut alone = Trial::new(&model, 1, trial).expect("a baseline");
        alone.run();
        assert_eq!(lost.to_bits(), alone.lost()[cars].to_bits(), "trial {trial}");
    }
    // What waits is made up for as far as capacity allows until the horizon.
    let (least, most) =
        (lost.iter().fold(f64::MAX, |a, b| a.min(*b)), lost.iter().fold(0.0, |a: f64, b| a.max(*b)));
    assert!(most > 2.0 * least.max(1.0), "{lost:?}");
}
