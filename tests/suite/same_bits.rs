//! Seed and version fix every result, however the trials are split.

use crate::chains::{commodities, link, maker};
use crate::common::{compile, head};
use std::fs;
use supplyshock::run::Subject;
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
    let before = "[commodities]\nore = { unit = \"t\" }\ncar = { unit = \"JPY\" }\n[sites.mine]\ncountry = \"CN\"\nstage = \"mine\"\n\
                  spare_capacity = { uniform = { low = 0.1, high = 0.9 } }\noutputs.ore = {}\n";
    let added = "[sites.extra]\ncountry = \"XX\"\nstage = \"mine\"\nspare_capacity = { uniform = { low = 0, high = 1 } }\noutputs.ore = {}\n";
    let after = "[sites.cars]\ncountry = \"JP\"\nstage = \"sector\"\nvalue_added_per_unit = 1\n\
                 inputs.ore = { use_per_unit = 1, cover_days = { triangular = { low = 10, mode = 20, high = 60 } } }\n\
                 outputs.car = { final_demand_per_year = 1e6 }\n[links.\"mine>cars:ore\"]\nlead_time_days = 7\n";
    let draws = |text: String| {
        let model = compile(&(head(7, 364) + &text));
        let names: Vec<String> = model.drawn().map(str::to_owned).collect();
        names.into_iter().zip(model.draw(3, 17)).collect::<std::collections::BTreeMap<_, _>>()
    };
    let plain = draws(format!("{before}{after}"));
    let more = draws(format!("{before}{added}{after}"));
    assert_eq!(more.len(), plain.len() + 1);
    for (name, value) in plain {
        assert_eq!(more[&name].to_bits(), value.to_bits(), "{name}");
    }
}

/// A sector of Japan with these inputs, each with its use per unit and 10 days of cover, and this line for its output.
fn sector(id: &str, inputs: &[(&str, f64)], output: &str) -> String {
    let mut text =
        format!("[sites.{id}]\ncountry = \"JP\"\nstage = \"sector\"\nvalue_added_per_unit = 1\n{output}\n");
    for (input, usage) in inputs {
        text += &format!("inputs.{input} = {{ cover_days = 10, use_per_unit = {usage} }}\n");
    }
    text
}

/// Steel and power need each other, whatever `more` says of who else takes steel.
fn cycle(more: &str) -> String {
    [
        head(7, 140),
        commodities(&["ore", "steel", "power", "car", "tool"]),
        "[events.storm]\nsites = [\"power\"]\nstart_days = 7\nduration_days = 70\nseverity = 0.6\n".into(),
        maker("mine", "XX", "ore"),
        maker("abroad", "XX", "steel"),
        sector(
            "steel",
            &[("power", 0.3), ("ore", 1.5)],
            "outputs.steel = { yield_per_unit = 0.9, final_demand_per_year = 1000 }",
        ),
        sector("power", &[("steel", 0.2)], "outputs.power.final_demand_per_year = 2000"),
        sector("cars", &[("steel", 0.7)], "outputs.car.final_demand_per_year = 500"),
        link("mine>steel:ore", 7, ""),
        link("power>steel:power", 7, ""),
        link("steel>power:steel", 7, "share = 0.8"),
        link("abroad>power:steel", 7, ""),
        link("steel>cars:steel", 7, ""),
        more.into(),
    ]
    .concat()
}

/// What scrap of the cars falls short of in tools, steel fills in.
fn scrapped() -> String {
    let tools = [
        sector("tools", &[("steel", 0.4)], "outputs.tool.final_demand_per_year = 300"),
        link("cars>tools:steel", 7, "share = 0.6"),
        link("steel>tools:steel", 7, "share = 0.4"),
    ];
    let scrap =
        "final_demand_per_year = 500\noutputs.steel = { role = \"by_product\", yield_per_unit = 0.1 }";
    cycle(&tools.concat()).replacen("final_demand_per_year = 500", scrap, 1)
}

#[test]
fn what_every_trial_has_alike_is_told_from_what_is_drawn() {
    let scrapped = &scrapped();
    let agreed = &cycle(&link("abroad>cars:steel", 7, "volume_per_year = 90"));
    let plain = &cycle("");
    for (text, drawn) in [
        (plain, "use_per_unit = 1.5"),
        (plain, "use_per_unit = 0.3"),
        (plain, "use_per_unit = 0.7"),
        (plain, "yield_per_unit = 0.9"),
        (plain, "final_demand_per_year = 1000"),
        (plain, "outputs.car.final_demand_per_year = 500"),
        (plain, "share = 0.8"),
        (agreed, "volume_per_year = 90"),
        (scrapped, "yield_per_unit = 0.1"),
    ] {
        let (name, value) = drawn.rsplit_once(" = ").expect("a value");
        let half = 0.5 * value.parse::<f64>().expect("a number");
        let uniform = format!("{name} = {{ uniform = {{ low = {half}, high = {value} }} }}");
        let text = text.replacen(drawn, &uniform, 1);
        let (model, calm) = (compile(&text), compile(&text.replacen("severity = 0.6", "severity = 0", 1)));
        let lost = |model: &Model, range: std::ops::Range<u64>| {
            let outcome = Ensemble::new(model).range(range).seed(3).threads(1).run().expect("runs");
            outcome.values(&Subject::Sector("power".into())).expect("a sector")
        };
        let whole = lost(&model, 0..80);
        for trial in [0, 1, 31, 32, 50, 79] {
            let alone = lost(&model, trial as u64..trial as u64 + 1)[0];
            assert_eq!(alone.to_bits(), whole[trial].to_bits(), "trial {trial}, `{uniform}`");
        }
        // Nothing is lost at the baseline, so that what is taken of all is made.
        assert!(lost(&calm, 0..80).iter().all(|x| x.abs() < 1e-9), "`{uniform}`");
        // What steel takes of ore is felt by the mine alone.
        let moves = whole.iter().any(|x| *x != whole[0]);
        assert_eq!(moves, drawn != "use_per_unit = 1.5", "`{uniform}`");
    }
}

#[test]
fn a_cycle_makes_in_every_trial_what_fills_in_for_a_by_product() {
    let uniform = "yield_per_unit = { uniform = { low = 0.05, high = 0.1 } }";
    let model = compile(&scrapped().replacen("yield_per_unit = 0.1", uniform, 1));
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
    let text = [
        head(7, 350),
        commodities(&["ore", "car"]),
        "[events.storm]\nsites = [\"near\"]\nstart_days = 7\nduration_days = 70\nseverity = 0.6\n".into(),
        maker("near", "XX", "ore"),
        maker("far", "XX", "ore"),
        sector("cars", &[("ore", 1.0)], "outputs.car.final_demand_per_year = 500"),
        link("near>cars:ore", 7, "share = 0.7"),
        link("far>cars:ore", 28, "share = 0.3"),
    ]
    .concat();
    let model = compile(&text);
    let mut run = Trial::new(&model, 1, 0).expect("a baseline");
    run.run();
    let cars = model.sites().position(|site| site == "cars").expect("cars");
    let outcome = Ensemble::new(&model).trials(40).seed(1).run().expect("runs");
    let lost = outcome.values(&Subject::Sector("cars".into())).expect("a sector")[0];
    assert!(lost > 1.0, "{lost}");
    assert_eq!(lost.to_bits(), run.lost()[cars].to_bits());
    assert!(yields::<32>(&model, 1, 0, usize::MAX) == yields::<1>(&model, 1, 0, usize::MAX));
    // With any other mean orders would not be what they are at rest.
    let calm = compile(&text.replacen("severity = 0.6", "severity = 0", 1));
    let outcome = Ensemble::new(&calm).trials(40).seed(1).run().expect("runs");
    assert!(outcome.values(&Subject::Sector("cars".into())).expect("a sector")[0].abs() < 1e-9);
}

#[test]
fn spare_capacity_that_is_drawn_differs_though_the_baseline_does_not() {
    let demand = "outputs.car = { final_demand_per_year = 500, waiting_share = 1 }";
    let text = [
        head(7, 350),
        commodities(&["ore", "car"]),
        "[events.storm]\nsites = [\"mine\"]\nstart_days = 7\nduration_days = 70\nseverity = 1\n".into(),
        maker("mine", "XX", "ore") + "spare_capacity = 3\n",
        sector("cars", &[("ore", 1.0)], demand) + "spare_capacity.uniform = { low = 0, high = 0.5 }\n",
        link("mine>cars:ore", 7, ""),
    ]
    .concat();
    let model = compile(&text);
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
