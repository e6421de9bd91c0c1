//! Ways round a control by a third country: when goods take them, how many, and until when.

use crate::chains::{Course, all_same, control, same};
use crate::common::compile;
use crate::trials::{
    bare, beside, follows, integral, losses, mean, mean_is, passages, run, same_luck, step_means, values,
};
use supplyshock::{Ensemble, Scenario};

fn reexport(lines: &str) -> String {
    format!("[reexports.round]\ncontrol = \"cut\"\nvia = \"XX\"\n{lines}\n")
}

/// A control of exports from `country` to Japan that begins when the way round is found out.
fn third(country: &str, duration: f64) -> String {
    format!(
        "[controls.third]\nexporters = [\"{country}\"]\nimporters = [\"JP\"]\nafter = \"round\"\n\
         onset_days = 0\nduration_days = {duration}\n"
    )
}

#[test]
fn goods_come_round_later_up_to_a_share_and_while_the_control_bars() {
    let lines = "setup_days = 15.5\ndelay_days = 10\nvolume_share = 0.3";
    let course = Course::of(&bare(1, 260, "", &(control("cut", 10.0, 200.0, 1.0) + &reexport(lines))));
    let open = step_means(1, 260, &[25.5, 210.0], |d| 0.3 * f64::from((25.5..210.0).contains(&d)));
    let (sent, activity) = (course.demand("mine"), course.activity("plant"));
    all_same(&sent[11..210], &open[11..210], "sent");
    // A day's lead time and ten of delay.
    all_same(&activity[11..210], &open[..199], "arrives");
    // Afterwards goods go straight again, at most as many as ever.
    assert!(sent[210..].iter().all(|sent| *sent < 1.0 + 1e-9), "{:?}", &sent[210..]);
    same(course.lost("plant"), 200.0 - 0.3 * (210.0 - 25.5 - 10.0), "loss");
    // Set up after all is over, or not taken at all.
    for lines in ["setup_days = 200\ndelay_days = 0\nvolume_share = 1", "delay_days = 0\nvolume_share = 0"] {
        let course = Course::of(&bare(1, 260, "", &(control("cut", 10.0, 200.0, 1.0) + &reexport(lines))));
        same(course.lost("plant"), 200.0, lines);
        assert!(course.demand("mine")[211..].iter().all(|x| *x < 1.0 + 1e-9), "{lines}");
    }
}

#[test]
fn controls_at_the_third_country_meet_what_goes_round_and_other_goods_do_not_go() {
    let lines = "delay_days = 0\nvolume_share = 0.4";
    for (exporter, importer, left) in [("CN", "XX", 0.25), ("XX", "JP", 0.25), ("XX", "CN", 1.0)] {
        let gate = control("gate", 0.0, 300.0, 0.75)
            .replace("\"CN\"", &format!("\"{exporter}\""))
            .replace("\"JP\"", &format!("\"{importer}\""));
        let text = bare(1, 100, "", &(control("cut", 10.0, 80.0, 1.0) + &reexport(lines) + &gate));
        same(passages(&text, "plant", 1)[0][40], 0.4 * left, &format!("{exporter} to {importer}"));
    }
    let listed = |list: &str| {
        let more = reexport(&format!("{lines}\ncommodities = [\"{list}\"]"));
        passages(&bare(1, 100, "", &(control("cut", 10.0, 80.0, 1.0) + &more)), "plant", 1)[0][40]
    };
    same(listed("part"), 0.4, "a list with it");
    same(listed("good"), 0.0, "a list without it");
    // Half of what is barred leaks; the rest may go round.
    let half = control("cut", 10.0, 80.0, 1.0) + "leakage = 0.5\n" + &reexport(lines);
    same(passages(&bare(1, 100, "", &half), "plant", 1)[0][40], 0.9, "beside a leak");
}

/// Mean time to discovery at a hazard of 3 a year [days].
const M: f64 = 365.0 / 3.0;

#[test]
fn the_time_to_discovery_is_exponential_and_a_control_begins_with_it() {
    let lines = "setup_days = 14.5\ndelay_days = 0\nvolume_share = 0.5\ndiscovery_per_year = 3";
    let more = control("cut", 14.0, 2100.0, 1.0) + &reexport(lines);
    let text = bare(7, 2240, "", &(more.clone() + &third("XX", 50.0) + &beside(2, "XX", 7, "")));
    let model = compile(&text);
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
    let alone = losses(&bare(7, 2240, "", &more), "plant", 4000);
    same_luck(&alone, &values(&outcome, "plant"), "a link and a control more");
}

#[test]
fn the_hazard_stands_only_while_the_control_is_in_force() {
    let lines = "setup_days = 14.5\ndelay_days = 0\nvolume_share = 0.5\ndiscovery_per_year = 3";
    let regime = "[regimes.policy]\nstart = \"first\"\nstates.first = { holding_days = 14, next.cut = 1 }\n\
                  states.cut = { holding_days = 70, next.calm = 1 }\n\
                  states.calm = { holding_days = 35, next.cut = 1 }\n\
                  [controls.cut]\nexporters = [\"CN\"]\nimporters = [\"JP\"]\n\
                  during = { regime = \"policy\", states = [\"cut\"] }\n";
    // Twenty cuts of 70 days, of which the first has 55.5 for the way round.
    let text = bare(7, 14 + 20 * 105 + 7, "", &(regime.to_owned() + &reexport(lines)));
    let times: Vec<f64> = losses(&text, "plant", 4000).iter().map(|lost| (1400.0 - lost) / 0.5).collect();
    follows(&times, |t| 1.0 - (-t / M).exp(), "time under control until discovery");
    // A control that ends is found out no more: what would follow never comes.
    let more = control("cut", 14.0, 70.0, 1.0) + &reexport(lines) + &third("XX", 50.0);
    let lost = losses(&bare(7, 700, "", &(more + &beside(2, "XX", 7, ""))), "plant2", 4000);
    let found = lost.iter().filter(|lost| **lost > 0.0).count() as f64 / 4000.0;
    let chance = 1.0 - (-55.5 / M).exp();
    assert!((found - chance).abs() < 4.9 * (chance * (1.0 - chance) / 4000.0).sqrt(), "{found}, {chance}");
    let expected = integral(0.0, 55.5, 50, |t| (-t / M).exp());
    let open: Vec<f64> =
        losses(&bare(7, 700, "", &(control("cut", 14.0, 70.0, 1.0) + &reexport(lines))), "plant", 4000)
            .iter()
            .map(|lost| (70.0 - lost) / 0.5)
            .collect();
    mean_is(&open, expected, "days on which it is open");
    assert!(mean(&open) > 30.0);
}

#[test]
fn several_ways_stand_beside_one_link_and_none_beside_one_without_baseline_trade() {
    let two = reexport("delay_days = 0\nvolume_share = 0.3")
        + &reexport("delay_days = 0\nvolume_share = 0.25").replace("round", "detour").replace("XX", "TH");
    let cut = control("cut", 10.0, 80.0, 1.0);
    let text = bare(1, 100, "", &(cut.clone() + &two));
    same(passages(&text, "plant", 1)[0][40], 0.55, "two ways");
    let names: Vec<String> = compile(&text).links().map(|l| l.to_string()).collect();
    assert_eq!(names, ["mine>plant:part", "mine>plant:part via XX", "mine>plant:part via TH"]);
    // Nobody needs a site there to be under control.
    let gate = third("TH", 9.0).replace("\"round\"", "\"detour\"");
    Scenario::parse("gate.toml", &(text.clone() + &gate)).expect("TH is known as a third country");
    let contingent = "[sites.far]\ncountry = \"CN\"\nstage = \"mine\"\ncapacity_per_year = 365\noutputs.part = {}\n\
                      [links.\"far>plant:part\"]\nlead_time_days = 1\ncontingent_volume_per_year = 100\n";
    let more = compile(&(text + contingent));
    assert_eq!(more.links().filter(|l| l.via.is_some()).count(), 2);
}

#[test]
fn a_way_round_meets_licences_with_luck_of_its_own() {
    // The third country asks for licences too; the way round of each link is decided on by itself.
    let lines = "delay_days = 0\nvolume_share = 1";
    let gate = control("gate", 0.0, 300.0, 1.0).replace("\"CN\"", "\"XX\"")
        + "[controls.gate.licences]\ncivil.monthly_chance = 0.3\n";
    let more = control("cut", 0.0, 300.0, 1.0) + &reexport(lines) + &gate;
    let text = bare(1, 250, "", &(more + &beside(2, "CN", 1, "")));
    let lost = [losses(&text, "plant", 2000), losses(&text, "plant2", 2000)];
    crate::trials::independent(&lost[0], &lost[1], "two ways");
    // End uses are those of the link: none is for military use alone.
    let military = text.replacen("surge_limit = 1\n", "surge_limit = 1\nmilitary_share = 1\n", 1);
    assert!(losses(&military, "plant", 50).iter().all(|lost| *lost > 240.0));
}
