//! A plant that shows what passes its lane, in thousands of trials, and tests of what chance gives.
//!
//! Every test of chance has a false alarm in a million; as the seed is fixed, it fails always or never.

use crate::common::{compile, head};
use crate::parts::{Build, control, maker, sector};
use statrs::distribution::{ChiSquared, ContinuousCDF};
use supplyshock::run::Subject;
use supplyshock::scenario::{Link, Reserve, Tables};
use supplyshock::step::reference::Trial;
use supplyshock::{Ensemble, Outcome};

pub const SEED: u64 = 11;

/// Chance of a false alarm, and its normal quantile on two sides.
const ALPHA: f64 = 1e-6;
const Z: f64 = 4.8916;

/// A lane that cannot catch up.
pub fn lane(step: u32) -> Link {
    Link::new(step).surge_limit(1)
}

/// A plant without cover behind a lane: its activity is the passage one step before, and it loses 1 JPY for each
/// day on which nothing passes.
pub fn bare(step: u32, horizon: u32, lane: Link) -> Tables {
    head(step, horizon)
        .goods(["part", "good"])
        .site("mine", maker("CN", "part"))
        .site("plant", sector("part", 0.0, "good", 1.0))
        .link("mine>plant:part", lane)
}

/// Another such plant, with a mine of its own in `country`.
pub fn beside(number: u32, country: &str, lane: Link) -> impl FnOnce(Tables) -> Tables {
    let mine = maker(country, "part");
    move |tables| {
        tables
            .site(format!("mine{number}"), mine)
            .site(format!("plant{number}"), sector("part", 0.0, "good", 1.0))
            .link(format!("mine{number}>plant{number}:part"), lane)
    }
}

/// Activity of a site as a share of its first, `[trial][step]`.
pub fn activities(tables: &Tables, site: &str, trials: u64) -> Vec<Vec<f64>> {
    let model = compile(tables);
    let n = model.sites().position(|s| s == site).expect("a site");
    let course = |trial| {
        let mut run = Trial::new(&model, SEED, trial).expect("a baseline");
        let activity = |run: &Trial<'_>| run.activities().nth(n).expect("a site").activity;
        let (usual, mut course) = (activity(&run), Vec::new());
        while run.step() {
            course.push(activity(&run) / usual);
        }
        course
    };
    (0..trials).map(course).collect()
}

/// Mean passage of the lane of a bare plant over each step but the last, `[trial][step]`. Orders of the first step
/// have been placed before it begins, so all passes in it.
pub fn passages(tables: &Tables, plant: &str, trials: u64) -> Vec<Vec<f64>> {
    activities(tables, plant, trials).into_iter().map(|course| course[1..].to_vec()).collect()
}

/// What a sector loses, by trial.
pub fn losses(tables: &Tables, sector: &str, trials: u64) -> Vec<f64> {
    let model = compile(tables);
    values(&run(&Ensemble::new(&model).trials(trials)), sector)
}

pub fn run(ensemble: &Ensemble) -> Outcome {
    let outcome = ensemble.run().expect("runs");
    assert!(outcome.mass_balance_residual() < 1e-9, "{}", outcome.mass_balance_residual());
    outcome
}

pub fn values(outcome: &Outcome, sector: &str) -> Vec<f64> {
    outcome.values(&Subject::Sector(sector.into())).expect("a sector")
}

/// Mean over each step of what is constant between the given days.
pub fn step_means(step: u32, steps: usize, ends: &[f64], passage: impl Fn(f64) -> f64) -> Vec<f64> {
    let step = f64::from(step);
    let mean = |t: usize| {
        let (from, until) = (step * t as f64, step * (t + 1) as f64);
        let mut cuts: Vec<f64> = ends.iter().copied().filter(|e| from < *e && *e < until).collect();
        cuts.extend([from, until]);
        cuts.sort_by(f64::total_cmp);
        cuts.windows(2).map(|w| (w[1] - w[0]) * passage(0.5 * (w[0] + w[1]))).sum::<f64>() / step
    };
    (0..steps).map(mean).collect()
}

/// Integral by Simpson's rule in `parts` pairs.
pub fn integral(from: f64, until: f64, parts: usize, f: impl Fn(f64) -> f64) -> f64 {
    let h = (until - from) / (2 * parts) as f64;
    let weight = |k: usize| if k == 0 || k == 2 * parts { 1.0 } else { 2.0 + 2.0 * (k % 2) as f64 };
    (0..=2 * parts).map(|k| weight(k) * f(from + h * k as f64)).sum::<f64>() * h / 3.0
}

pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

pub fn variance(values: &[f64]) -> f64 {
    let m = mean(values);
    values.iter().map(|x| (x - m).powi(2)).sum::<f64>() / (values.len() - 1) as f64
}

/// Fails where a number is further from its expectation than chance allows.
#[track_caller]
pub fn by_chance(found: f64, expected: f64, standard_error: f64, case: &str) {
    if standard_error <= 1e-9 {
        assert!((found - expected).abs() < 1e-6, "{case}: {found}, expected {expected}");
        return;
    }
    let z = (found - expected) / standard_error;
    assert!(z.abs() < Z, "{case}: {found} is {z} standard errors from {expected}");
}

/// [`by_chance`] for the mean of a sample.
#[track_caller]
pub fn mean_is(sample: &[f64], expected: f64, case: &str) {
    by_chance(mean(sample), expected, (variance(sample) / sample.len() as f64).sqrt(), case);
}

/// Fails where counts do not fit their probabilities, by Pearson's chi-square.
#[track_caller]
pub fn fits(counts: &[u32], probabilities: &[f64], case: &str) {
    let n: f64 = counts.iter().map(|c| f64::from(*c)).sum();
    let total: f64 = probabilities.iter().sum();
    assert!((total - 1.0).abs() < 1e-9, "{case}: probabilities sum to {total}");
    let part = |(c, p): (&u32, &f64)| {
        assert!(n * p > 5.0, "{case}: too few expected: {}", n * p);
        (f64::from(*c) - n * p).powi(2) / (n * p)
    };
    let found: f64 = counts.iter().zip(probabilities).map(part).sum();
    let bound = ChiSquared::new((counts.len() - 1) as f64).expect("degrees").inverse_cdf(1.0 - ALPHA);
    assert!(found < bound, "{case}: chi-square {found} over {bound}: {counts:?} for {probabilities:?}");
}

/// Fails where a sample does not follow a distribution function, by Kolmogorov and Smirnov with the bound of
/// Dvoretzky, Kiefer, Wolfowitz and Massart.
#[track_caller]
pub fn follows(sample: &[f64], cdf: impl Fn(f64) -> f64, case: &str) {
    let mut sorted = sample.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let gap = |(k, x): (usize, &f64)| f64::max(cdf(*x) - k as f64 / n, (k + 1) as f64 / n - cdf(*x));
    let found = sorted.iter().enumerate().map(gap).fold(0.0, f64::max);
    let bound = ((2.0 / ALPHA).ln() / (2.0 * n)).sqrt();
    assert!(found < bound, "{case}: distance {found} over {bound}");
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let (ma, mb) = (mean(a), mean(b));
    let both: f64 = a.iter().zip(b).map(|(x, y)| (x - ma) * (y - mb)).sum();
    both / ((a.len() - 1) as f64 * (variance(a) * variance(b)).sqrt())
}

/// Fails where two samples hang together more than chance allows.
#[track_caller]
pub fn independent(a: &[f64], b: &[f64], case: &str) {
    assert!(variance(a) > 0.0 && variance(b) > 0.0, "{case}: nothing varies");
    by_chance(correlation(a, b), 0.0, 1.0 / (a.len() as f64).sqrt(), case);
}

/// Fails where two samples do not hold the same bits.
#[track_caller]
pub fn same_luck(a: &[f64], b: &[f64], case: &str) {
    let bits = |x: &[f64]| x.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    assert!(variance(a) > 0.0, "{case}: nothing varies");
    assert!(bits(a) == bits(b), "{case}: luck differs");
}

/// A plant with parts for 20 days, whose only lane closes on day 10, and beside it a reserve.
pub fn cut_off(days: u32, depot: Reserve) -> Tables {
    head(1, days)
        .goods(["part", "good"])
        .site("mine", maker("CN", "part"))
        .site("plant", sector("part", 20.0, "good", 1.0))
        .link("mine>plant:part", Link::new(1).surge_limit(1))
        .link("depot>plant:part", Link::new(1))
        .control("cut", control(10.0, 400.0, 1.0))
        .reserve("depot", depot)
}
