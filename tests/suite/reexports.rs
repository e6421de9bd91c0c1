//! Ways round a control by a third country: when goods take them, how many, and until when.

use crate::chains::{Course, all_same, same};
use crate::common::{Source, compile};
use crate::parts::{A_DAY, Build, control, control_during, control_of, state};
use crate::trials::{
    bare, beside, follows, independent, integral, lane, losses, mean, mean_is, passages, run, same_luck,
    step_means, values,
};
use supplyshock::Ensemble;
use supplyshock::scenario::{Control, Licence, Licences, Link, Output, Reexport, Regime, Site, Tables};

/// A way round the control `cut` by XX.
fn round(delay: f64, share: f64) -> Reexport {
    Reexport::new("cut", "XX", delay, share)
}

/// A control of exports from `country` to Japan that begins when a way round is found out.
fn third(country: &str, way: &str, duration: f64) -> Control {
    control_of(country, 0.0, duration, 1.0).after(way)
}

#[test]
fn goods_come_round_later_up_to_a_share_and_while_the_control_bars() {
    let cut = bare(1, 260, lane(1)).control("cut", control(10.0, 200.0, 1.0));
    let course = Course::of(&cut.clone().reexport("round", round(10.0, 0.3).setup_days(15.5)));
    let open = step_means(1, 260, &[25.5, 210.0], |d| 0.3 * f64::from((25.5..210.0).contains(&d)));
    let (sent, activity) = (course.demand("mine"), course.activity("plant"));
    all_same(&sent[11..210], &open[11..210], "sent");
    // A day's lead time and ten of delay.
    all_same(&activity[11..210], &open[..199], "arrives");
    // Afterwards goods go straight again, at most as many as ever.
    assert!(sent[210..].iter().all(|sent| *sent < 1.0 + 1e-9), "{:?}", &sent[210..]);
    same(course.lost("plant"), 200.0 - 0.3 * (210.0 - 25.5 - 10.0), "loss");
    // Set up after all is over, or not taken at all.
    for (case, way) in [("late", round(0.0, 1.0).setup_days(200)), ("never", round(0.0, 0.0))] {
        let course = Course::of(&cut.clone().reexport("round", way));
        same(course.lost("plant"), 200.0, case);
        assert!(course.demand("mine")[211..].iter().all(|x| *x < 1.0 + 1e-9), "{case}");
    }
}

#[test]
fn controls_at_the_third_country_meet_what_goes_round_and_other_goods_do_not_go() {
    let way = round(0.0, 0.4);
    let cut = control(10.0, 80.0, 1.0);
    let base = bare(1, 100, lane(1)).control("cut", cut.clone());
    for (exporter, importer, left) in [("CN", "XX", 0.25), ("XX", "JP", 0.25), ("XX", "CN", 1.0)] {
        let mut gate = control_of(exporter, 0.0, 300.0, 0.75);
        gate.importers = [importer].into();
        let tables = base.clone().reexport("round", way.clone()).control("gate", gate);
        same(passages(&tables, "plant", 1)[0][40], 0.4 * left, &format!("{exporter} to {importer}"));
    }
    let listed = |good: &str| {
        let tables = base.clone().reexport("round", way.clone().commodities([good]));
        passages(&tables, "plant", 1)[0][40]
    };
    same(listed("part"), 0.4, "a list with it");
    same(listed("good"), 0.0, "a list without it");
    // Half of what is barred leaks; the rest may go round.
    let half = base.control("cut", cut.leakage(0.5)).reexport("round", way);
    same(passages(&half, "plant", 1)[0][40], 0.9, "beside a leak");
}

/// Mean time to discovery at a hazard of 3 a year [days].
const M: f64 = 365.0 / 3.0;

/// A way for half of the goods, open from 14.5 days after the onset until it is found out.
fn found_out() -> Reexport {
    round(0.0, 0.5).setup_days(14.5).discovery_per_year(3)
}

#[test]
fn the_time_to_discovery_is_exponential_and_a_control_begins_with_it() {
    let one =
        bare(7, 2240, lane(7)).control("cut", control(14.0, 2100.0, 1.0)).reexport("round", found_out());
    let model =
        compile(&one.clone().control("third", third("XX", "round", 50.0)).also(beside(2, "XX", lane(7))));
    let outcome = run(&Ensemble::new(&model).trials(4000));
    // Until it is found out, half of what is needed comes.
    let times: Vec<f64> = values(&outcome, "plant").iter().map(|lost| (2100.0 - lost) / 0.5).collect();
    follows(&times, |t| 1.0 - (-t / M).exp(), "time to discovery");
    mean_is(&times, M, "mean time to discovery");
    // Days from the onset, with a lead time of one step; a stop is seen below 95% of a step.
    let stops = outcome.first_stops("plant2").expect("a sector");
    for ((time, stop), lost) in times.iter().zip(&stops).zip(values(&outcome, "plant2")) {
        let gap = stop - (14.5 + time + 7.0);
        assert!((-1e-6..0.36).contains(&gap), "found out after {time} days, stopped after {stop}");
        same(lost, 50.0, "the length of the second control");
    }
    // Its luck is its own.
    let alone = losses(&one, "plant", 4000);
    same_luck(&alone, &values(&outcome, "plant"), "a link and a control more");
}

#[test]
fn the_hazard_stands_only_while_the_control_is_in_force() {
    let policy = Regime::new("first")
        .state("first", state(14, "cut"))
        .state("cut", state(70, "calm"))
        .state("calm", state(35, "cut"));
    // Twenty cuts of 70 days, of which the first has 55.5 for the way round.
    let tables = bare(7, 14 + 20 * 105 + 7, lane(7))
        .regime("policy", policy)
        .control("cut", control_during("CN", "policy", ["cut"]))
        .reexport("round", found_out());
    let times: Vec<f64> = losses(&tables, "plant", 4000).iter().map(|lost| (1400.0 - lost) / 0.5).collect();
    follows(&times, |t| 1.0 - (-t / M).exp(), "time under control until discovery");
    // A control that ends is found out no more: what would follow never comes.
    let once = bare(7, 700, lane(7)).control("cut", control(14.0, 70.0, 1.0)).reexport("round", found_out());
    let more = once.clone().control("third", third("XX", "round", 50.0)).also(beside(2, "XX", lane(7)));
    let lost = losses(&more, "plant2", 4000);
    let found = lost.iter().filter(|lost| **lost > 0.0).count() as f64 / 4000.0;
    let chance = 1.0 - (-55.5 / M).exp();
    assert!((found - chance).abs() < 4.9 * (chance * (1.0 - chance) / 4000.0).sqrt(), "{found}, {chance}");
    let expected = integral(0.0, 55.5, 50, |t| (-t / M).exp());
    let open: Vec<f64> = losses(&once, "plant", 4000).iter().map(|lost| (70.0 - lost) / 0.5).collect();
    mean_is(&open, expected, "days on which it is open");
    assert!(mean(&open) > 30.0);
}

#[test]
fn several_ways_stand_beside_one_link_and_none_beside_one_without_baseline_trade() {
    let tables: Tables = bare(1, 100, lane(1))
        .control("cut", control(10.0, 80.0, 1.0))
        .reexport("round", round(0.0, 0.3))
        .reexport("detour", Reexport::new("cut", "TH", 0, 0.25));
    same(passages(&tables, "plant", 1)[0][40], 0.55, "two ways");
    let names: Vec<String> = compile(&tables).links().map(|l| l.to_string()).collect();
    assert_eq!(names, ["mine>plant:part", "mine>plant:part via XX", "mine>plant:part via TH"]);
    // Nobody needs a site there to be under control.
    let gate = tables.clone().control("third", third("TH", "detour", 9.0));
    gate.scenario().expect("TH is known as a third country");
    let far = Site::new("CN", "mine").capacity_per_year(A_DAY).output("part", Output::new());
    let lane = Link::new(1).contingent_volume_per_year(100);
    let more = compile(&tables.site("far", far).link("far>plant:part", lane));
    assert_eq!(more.links().filter(|l| l.via.is_some()).count(), 2);
}

#[test]
fn a_way_round_meets_licences_with_luck_of_its_own() {
    // The third country asks for licences too; the way round of each link is decided on by itself.
    let licences = Licences::new().civil(Licence::new(0.3));
    let mut tables = bare(1, 250, lane(1))
        .control("cut", control(0.0, 300.0, 1.0))
        .reexport("round", round(0.0, 1.0))
        .control("gate", control_of("XX", 0.0, 300.0, 1.0).licences(licences))
        .also(beside(2, "CN", lane(1)));
    let lost = [losses(&tables, "plant", 2000), losses(&tables, "plant2", 2000)];
    independent(&lost[0], &lost[1], "two ways");
    // End uses are those of the link: none is for military use alone.
    tables.links["mine>plant:part"].military_share = Some(1.into());
    assert!(losses(&tables, "plant", 50).iter().all(|lost| *lost > 240.0));
}
