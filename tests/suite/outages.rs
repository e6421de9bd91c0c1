//! Outages: up times and down times that alternate, their depth, recovery and common cause.

use crate::chains::{Course, all_same, commodities, control, link, maker, same, sector};
use crate::common::{compile, head};
use crate::trials::{
    activities, follows, independent, integral, losses, mean, mean_is, run, same_luck, values,
};
use supplyshock::{Ensemble, Scenario};

/// Industries without inputs, which lose 1 JPY for each day that they stand still.
fn works(step: u32, horizon: u32, sites: &[&str], outages: &str) -> String {
    let site = |id: &&str| {
        format!(
            "[sites.{id}]\ncountry = \"JP\"\nstage = \"sector\"\nvalue_added_per_unit = 1\n\
             outputs.good.final_demand_per_year = 365\n"
        )
    };
    head(step, horizon) + &commodities(&["good"]) + &sites.iter().map(site).collect::<String>() + outages
}

fn outage(id: &str, sites: &str, lines: &str) -> String {
    format!("[outages.{id}]\nsites = [{sites}]\n{lines}\n")
}

#[test]
fn point_availability_of_exponential_times_follows_its_closed_form() {
    let lines = "up_days.exponential.mean = 40\ndown_days.exponential.mean = 10";
    let found = activities(&works(7, 280, &["a"], &outage("o", "\"a\"", lines)), "a", 5000);
    let (fails, mends) = (1.0 / 40.0, 1.0 / 10.0);
    let sum = fails + mends;
    for t in 0..40 {
        let week: Vec<f64> = found.iter().map(|c| c[t]).collect();
        let from = 7.0 * t as f64;
        let up = integral(from, from + 7.0, 50, |t| mends / sum + fails / sum * (-sum * t).exp());
        mean_is(&week, up / 7.0, &format!("week {t}"));
    }
}

#[test]
fn long_run_availability_is_the_mean_up_time_of_the_mean_cycle() {
    for (up, down, mean_up, mean_down) in [
        ("exponential.mean = 40", "exponential.mean = 10", 40.0, 10.0),
        ("gamma = { shape = 2, scale = 20 }", "uniform = { low = 4, high = 12 }", 40.0, 8.0),
        ("triangular = { low = 5, mode = 10, high = 30 }", "uniform = { low = 0, high = 30 }", 15.0, 15.0),
    ] {
        for severity in ["1", "{ uniform = { low = 0.2, high = 0.6 } }"] {
            let lines = format!("up_days.{up}\ndown_days.{down}\nseverity = {severity}");
            let found = activities(&works(7, 1400, &["a"], &outage("o", "\"a\"", &lines)), "a", 2000);
            // Late in the trial: that all began in order no longer matters.
            let late: Vec<f64> = found.iter().map(|c| 1.0 - mean(&c[150..200])).collect();
            let depth = if severity == "1" { 1.0 } else { 0.4 };
            mean_is(&late, depth * mean_down / (mean_up + mean_down), &lines);
        }
    }
}

#[test]
fn the_first_outage_comes_after_an_up_time_and_depth_is_drawn_anew() {
    let lines = "up_days = 20.5\ndown_days = 10\nseverity.uniform = { low = 0.2, high = 0.8 }";
    let found = activities(&works(1, 70, &["a"], &outage("o", "\"a\"", lines)), "a", 4000);
    let depth = |day: usize| found.iter().map(|c| 1.0 - c[day]).collect::<Vec<f64>>();
    for course in &found {
        for (day, share) in [(19, 0.0), (20, 0.5), (29, 1.0), (30, 0.5), (31, 0.0), (50, 0.0)] {
            same(1.0 - course[day], share * (1.0 - course[25]), &format!("day {day}"));
        }
        same(course[51], course[55], "the second, from day 51 on");
    }
    for day in [25, 55] {
        follows(&depth(day), |x| (x - 0.2) / 0.6, &format!("depth on day {day}"));
    }
    independent(&depth(25), &depth(55), "two outages");
}

#[test]
fn capacity_comes_back_along_the_recovery_curve_even_where_the_next_outage_is_sooner() {
    for (curve, at) in [
        ("linear", (|u| f64::max(1.0 - u, 0.0)) as fn(f64) -> f64),
        ("exponential", |u| (-u).exp()),
        ("logistic", |u| 2.0 / (1.0 + u.exp())),
    ] {
        for severity in [1.0, 0.3] {
            let lines = format!(
                "up_days = 20.25\ndown_days = 5.5\nseverity = {severity}\nrecovery.{curve}.days = 30"
            );
            let found = &activities(&works(1, 200, &["a"], &outage("o", "\"a\"", &lines)), "a", 1)[0];
            for (t, x) in found.iter().enumerate() {
                let day = t as f64;
                let mut taken = 0.0;
                for j in 0..8 {
                    let start = 20.25 + f64::from(j) * 25.75;
                    let end = start + 5.5;
                    taken += severity * ((end.min(day + 1.0) - start.max(day)).max(0.0));
                    let (from, until) = (day.max(end), day + 1.0);
                    // The line ends in a kink.
                    let cut = (end + 30.0).clamp(from, until.max(from));
                    if until > from {
                        let area = |a, b| integral(a, b, 20, |d| at((d - end) / 30.0));
                        taken += severity * (area(from, cut) + area(cut, until));
                    }
                }
                same(*x, (1.0 - taken).max(0.0), &format!("{curve}, severity {severity}, day {t}"));
            }
        }
    }
}

#[test]
fn a_common_cause_hits_all_its_sites_at_once_and_separate_outages_are_independent() {
    let lines = "up_days.exponential.mean = 50\ndown_days.uniform = { low = 5, high = 25 }";
    let common = works(7, 700, &["a", "b"], &outage("o", "\"a\", \"b\"", lines));
    let (a, b) = (activities(&common, "a", 300), activities(&common, "b", 300));
    for (a, b) in a.iter().zip(&b) {
        all_same(a, b, "the same days");
    }
    let each = works(7, 700, &["a", "b"], &(outage("o", "\"a\"", lines) + &outage("p", "\"b\"", lines)));
    let model = compile(&each);
    let outcome = run(&Ensemble::new(&model).trials(4000));
    independent(&values(&outcome, "a"), &values(&outcome, "b"), "outages of their own");
    // What is added beside it moves none of its luck.
    let alone = losses(&works(7, 700, &["a"], &outage("o", "\"a\"", lines)), "a", 4000);
    same_luck(&alone, &values(&outcome, "a"), "a site more");
}

#[test]
fn an_outage_marks_no_onset() {
    let text = |outage: &str| {
        [
            head(7, 350),
            commodities(&["part", "good"]),
            maker("mine", "CN", "part"),
            maker("other", "XX", "part"),
            sector("plant", "part", 10.0, "good", 1.0),
            link("mine>plant:part", 7, "surge_limit = 1"),
            control("cut", 98.0, 100.0, 1.0),
            outage.to_owned(),
        ]
        .concat()
    };
    let outage = outage("o", "\"other\"", "up_days = 10\ndown_days = 3");
    let (with, without) = (Course::of(&text(&outage)), Course::of(&text("")));
    same(with.stop("plant"), without.stop("plant"), "days from the onset to the first stop");
    same(with.stop("plant"), 17.0, "lead time and cover");
}

#[test]
fn outages_that_come_without_end_are_an_error() {
    let lines = "up_days = 1e-4\ndown_days = 1e-4";
    let text = works(7, 70, &["a"], &outage("o", "\"a\"", lines));
    let error = Scenario::parse("often.toml", &text).and_then(|s| s.compile()).expect_err("too many");
    assert!(error.to_string().contains("an outage comes over 10000 times"), "{error}");
}
