//! Outages: up times and down times that alternate, their depth, recovery and common cause.

use crate::chains::{Course, all_same, same};
use crate::common::{compile, head, refused};
use crate::parts::{Build, control, exponential, industry, maker, sector, uniform};
use crate::trials::{
    activities, follows, independent, integral, losses, mean, mean_is, run, same_luck, values,
};
use supplyshock::Ensemble;
use supplyshock::draw::Distribution;
use supplyshock::scenario::{Leaf, Link, Outage, Recovery, RecoveryTime, Tables};

/// Industries without inputs, which lose 1 JPY for each day that they stand still.
fn works<const N: usize>(step: u32, horizon: u32, sites: [&str; N]) -> Tables {
    let tables = head(step, horizon).goods(["good"]);
    sites.into_iter().fold(tables, |tables, id| tables.site(id, industry("good", 1.0)))
}

#[test]
fn point_availability_of_exponential_times_follows_its_closed_form() {
    let outage = Outage::new(["a"], exponential(40.0), exponential(10.0));
    let found = activities(&works(7, 280, ["a"]).outage("o", outage), "a", 5000);
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
        (exponential(40.0), exponential(10.0), 40.0, 10.0),
        (Distribution::gamma(2.0, 20.0).expect("one").into(), uniform(4.0, 12.0), 40.0, 8.0),
        (Distribution::triangular(5.0, 10.0, 30.0).expect("one").into(), uniform(0.0, 30.0), 15.0, 15.0),
    ] {
        for (severity, depth) in [(Leaf::from(1), 1.0), (uniform(0.2, 0.6), 0.4)] {
            let outage = Outage::new(["a"], up.clone(), down.clone()).severity(severity);
            let found = activities(&works(7, 1400, ["a"]).outage("o", outage), "a", 2000);
            // Late in the trial: that all began in order no longer matters.
            let late: Vec<f64> = found.iter().map(|c| 1.0 - mean(&c[150..200])).collect();
            let case = format!("up {mean_up}, down {mean_down}, depth {depth}");
            mean_is(&late, depth * mean_down / (mean_up + mean_down), &case);
        }
    }
}

#[test]
fn the_first_outage_comes_after_an_up_time_and_depth_is_drawn_anew() {
    let outage = Outage::new(["a"], 20.5, 10).severity(uniform(0.2, 0.8));
    let found = activities(&works(1, 70, ["a"]).outage("o", outage), "a", 4000);
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
    let time = || RecoveryTime::new(30);
    for (curve, at) in [
        (Recovery::Linear(time()), (|u| f64::max(1.0 - u, 0.0)) as fn(f64) -> f64),
        (Recovery::Exponential(time()), |u| (-u).exp()),
        (Recovery::Logistic(time()), |u| 2.0 / (1.0 + u.exp())),
    ] {
        for severity in [1.0, 0.3] {
            let outage = Outage::new(["a"], 20.25, 5.5).severity(severity).recovery(curve.clone());
            let found = &activities(&works(1, 200, ["a"]).outage("o", outage), "a", 1)[0];
            for (t, x) in found.iter().enumerate() {
                let (from, until) = (t as f64, t as f64 + 1.0);
                let starts: Vec<f64> = (0..8).map(|j| 20.25 + f64::from(j) * 25.75).collect();
                // At each moment no more than all is taken.
                let left = |day: f64| {
                    let taken = |start: &f64| match day - start {
                        since if since < 0.0 => 0.0,
                        since if since < 5.5 => severity,
                        since => severity * at((since - 5.5) / 30.0),
                    };
                    f64::max(1.0 - starts.iter().map(taken).sum::<f64>(), 0.0)
                };
                let corners = starts.iter().flat_map(|start| [*start, start + 5.5, start + 35.5]);
                let mut ends: Vec<f64> = corners.filter(|d| from < *d && *d < until).collect();
                ends.extend([from, until]);
                ends.sort_by(f64::total_cmp);
                // Just inside the ends, where it may jump.
                let area = |w: &[f64]| integral(w[0] + 1e-13, w[1] - 1e-13, 4000, left);
                let made: f64 = ends.windows(2).map(area).sum();
                same(*x, made, &format!("{curve:?}, severity {severity}, day {t}"));
            }
        }
    }
}

#[test]
fn a_common_cause_hits_all_its_sites_at_once_and_separate_outages_are_independent() {
    let outage = |sites: &[&str]| Outage::new(sites, exponential(50.0), uniform(5.0, 25.0));
    let common = works(7, 700, ["a", "b"]).outage("o", outage(&["a", "b"]));
    let (a, b) = (activities(&common, "a", 300), activities(&common, "b", 300));
    for (a, b) in a.iter().zip(&b) {
        all_same(a, b, "the same days");
    }
    let each = works(7, 700, ["a", "b"]).outage("o", outage(&["a"])).outage("p", outage(&["b"]));
    let model = compile(&each);
    let outcome = run(&Ensemble::new(&model).trials(4000));
    independent(&values(&outcome, "a"), &values(&outcome, "b"), "outages of their own");
    // What is added beside it moves none of its luck.
    let alone = losses(&works(7, 700, ["a"]).outage("o", outage(&["a"])), "a", 4000);
    same_luck(&alone, &values(&outcome, "a"), "a site more");
}

#[test]
fn an_outage_marks_no_onset() {
    let tables = head(7, 350)
        .goods(["part", "good"])
        .site("mine", maker("CN", "part"))
        .site("other", maker("XX", "part"))
        .site("plant", sector("part", 10.0, "good", 1.0))
        .link("mine>plant:part", Link::new(7).surge_limit(1))
        .control("cut", control(98.0, 100.0, 1.0));
    let without = Course::of(&tables);
    let with = Course::of(&tables.outage("o", Outage::new(["other"], 10, 3)));
    same(with.stop("plant"), without.stop("plant"), "days from the onset to the first stop");
    same(with.stop("plant"), 17.0, "lead time and cover");
}

#[test]
fn outages_that_hardly_fade_before_thousands_more_come_are_an_error() {
    let slow = Outage::new(["a"], 1, 1).severity(1e-3).recovery(Recovery::Linear(RecoveryTime::new(4000)));
    let error = refused(&works(7, 7000, ["a"]).outage("o", slow.clone()));
    assert!(error.contains("over 1000 occurrences of an outage"), "{error}");
    let fewer = slow.recovery(Recovery::Linear(RecoveryTime::new(1900)));
    run(&Ensemble::new(&compile(&works(7, 7000, ["a"]).outage("o", fewer))).trials(1));
}

#[test]
fn outages_that_come_without_end_are_an_error() {
    let error = refused(&works(7, 70, ["a"]).outage("o", Outage::new(["a"], 1e-4, 1e-4)));
    assert!(error.contains("an outage comes over 10000 times"), "{error}");
}
