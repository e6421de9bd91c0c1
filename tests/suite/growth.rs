//! Events whose effect grows: the mean over a step against numerical integration.

use crate::chains::same;
use crate::common::head;
use crate::parts::{Build, event, industry};
use crate::trials::{activities, integral};
use supplyshock::scenario::{Event, Recovery, RecoveryTime, Target};

fn quake(start: f64, duration: f64, severity: f64, growth: f64) -> Event {
    event(["works"], Target::Capacity, start, duration, severity).growth_days(growth)
}

fn course(step: u32, quake: Event) -> Vec<f64> {
    let works = head(step, 280).goods(["good"]).site("works", industry("good", 1.0));
    activities(&works.event("quake", quake), "works", 1).remove(0)
}

/// What is left of an effect, by recovery times since its end.
type Fading = fn(f64) -> f64;

/// Effect of an event `day`s into the trial, of a severity of 1.
fn effect(day: f64, start: f64, end: f64, growth: f64, fading: Fading) -> f64 {
    let grown = |day: f64| if growth > 0.0 { ((day - start) / growth).min(1.0) } else { 1.0 };
    match day {
        _ if day < start => 0.0,
        _ if day < end => grown(day),
        _ => grown(end) * fading((day - end) / 25.0),
    }
}

#[test]
fn the_mean_over_a_step_is_the_integral_of_a_line_that_grows_and_then_fades() {
    let time = || RecoveryTime::new(25);
    let curves: [(Option<Recovery>, Fading); 4] = [
        (None, |_| 0.0),
        (Some(Recovery::Linear(time())), |u| (1.0 - u).max(0.0)),
        (Some(Recovery::Exponential(time())), |u| (-u).exp()),
        (Some(Recovery::Logistic(time())), |u| 2.0 / (1.0 + u.exp())),
    ];
    for step in [1, 3, 7] {
        for (start, duration) in [(-30.0, 60.0), (42.0, 35.0), (50.3, 20.4), (51.2, 0.7), (100.0, 400.0)] {
            for growth in [0.0, 0.4, 6.3, 21.0, 35.0, 90.0] {
                for (curve, fading) in &curves {
                    let mut quake = quake(start, duration, 0.8, growth);
                    quake.recovery.clone_from(curve);
                    let end = start + duration;
                    for (t, x) in course(step, quake).iter().enumerate() {
                        let step = f64::from(step);
                        let (from, until) = (step * t as f64, step * (t + 1) as f64);
                        let mut cuts = vec![from, until];
                        let kinks = [start, start + growth, end, end + 25.0];
                        cuts.extend(kinks.into_iter().filter(|d| from < *d && *d < until));
                        cuts.sort_by(f64::total_cmp);
                        let piece = |w: &[f64]| {
                            // At a kink the value belongs to the piece on either side.
                            let inside = |d: f64| d.clamp(w[0] + 1e-12, w[1] - 1e-12);
                            integral(w[0], w[1], 30, |d| effect(inside(d), start, end, growth, *fading))
                        };
                        let wide = cuts.windows(2).filter(|w| w[1] - w[0] > 1e-9);
                        let taken = wide.map(piece).sum::<f64>() / step;
                        let case =
                            format!("{step} d, {start}+{duration}, growth {growth}, {curve:?}, step {t}");
                        same(*x, 1.0 - 0.8 * taken, &case);
                    }
                }
            }
        }
    }
}

#[test]
fn an_effect_that_grows_at_once_is_there_at_once() {
    let lost = |growth: f64| -> f64 {
        let quake = quake(50.3, 20.4, 0.8, growth).recovery(Recovery::Linear(RecoveryTime::new(25)));
        course(7, quake).iter().map(|x| 7.0 * (1.0 - x)).sum()
    };
    let at_once = lost(0.0);
    for growth in [1e-3, 1e-6, 1e-9, 1e-300] {
        // What is missing is a triangle.
        let missing = at_once - lost(growth);
        assert!((missing - 0.8 * growth / 2.0).abs() < 1e-9, "{growth}: {missing}");
    }
}
