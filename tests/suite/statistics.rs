//! What is said of a loss is held against a chain whose loss distribution can be written down.
//!
//! The chain loses the length of a cut beyond the cover, `(T − c)⁺` days of value added. With `T`
//! exponential of mean `m`, and `q = e^(−c/m)`, the loss exceeds `x` with probability `q e^(−x/m)`.

use crate::chains::{party_losses, same};
use crate::common::{compile, head};
use crate::parts::{Build, control, exponential, maker, sector};
use std::sync::LazyLock;
use supplyshock::scenario::Link;
use supplyshock::{Ensemble, LossDistribution, Model, Scenario};

/// Mean length of the cut, cover, and when the cut begins [days].
const M: f64 = 20.0;
const COVER: f64 = 5.0;
const ONSET: f64 = 50.6;
/// Step, and the lead time of one [days]. A cut of over a thousand days is never drawn.
const STEP: u32 = 28;

/// Normal quantile of a two-sided test with a false alarm in a million.
const Z: f64 = 4.8916;

/// Runs with a seed each, and their trials.
const SEEDS: u64 = 2000;
const TRIALS: u64 = 256;

/// Value added of a day [JPY]: sums over trials are kept in millionths of a yen, which must not show.
const A_DAYS_VALUE: f64 = 1e6;

static MODEL: LazyLock<Model> = LazyLock::new(|| {
    let tables = head(STEP, 1120)
        .goods(["part", "good"])
        .site("mine", maker("CN", "part"))
        .site("plant", sector("part", COVER, "good", 1.0).value_added_per_unit(A_DAYS_VALUE))
        .link("mine>plant:part", Link::new(STEP).surge_limit(1))
        .control("cut", control(ONSET, 0.0, 1.0).duration_days(exponential(M)));
    compile(&tables)
});

/// Losses by seed and trial [days].
static RUNS: LazyLock<Vec<Vec<f64>>> = LazyLock::new(|| {
    let run = |seed| Ensemble::new(&MODEL).trials(TRIALS).seed(seed).run().expect("runs");
    let days = |losses: Vec<f64>| losses.iter().map(|loss| loss / A_DAYS_VALUE).collect();
    (0..SEEDS).map(|seed| days(party_losses(&run(seed)))).collect()
});

fn distribution(losses: &[f64]) -> LossDistribution {
    LossDistribution::new(losses.to_vec(), 0.0).expect("losses")
}

/// Chance that the cut outlasts the cover.
fn q() -> f64 {
    (-COVER / M).exp()
}

fn mean() -> f64 {
    M * q()
}

fn variance() -> f64 {
    M * M * q() * (2.0 - q())
}

/// The quantile, above the share of trials without loss.
fn quantile(p: f64) -> f64 {
    M * (q() / (1.0 - p)).ln()
}

/// Fails where a mean of independent values is further from its expectation than chance allows.
#[track_caller]
fn by_chance(found: f64, expected: f64, standard_error: f64) {
    let z = (found - expected) / standard_error;
    assert!(z.abs() < Z, "{found} is {z} standard errors from {expected}");
}

/// Binomial probabilities of 0 to `n` successes.
fn binomial(n: u64, p: f64) -> Vec<f64> {
    if p > 0.5 {
        // From the end that is not too small for a number.
        return binomial(n, 1.0 - p).into_iter().rev().collect();
    }
    let mut chance = vec![(1.0 - p).powf(n as f64)];
    for k in 0..n {
        chance.push(chance[k as usize] * (n - k) as f64 / (k + 1) as f64 * p / (1.0 - p));
    }
    chance
}

#[test]
fn every_trial_loses_the_cut_beyond_the_cover() {
    for seed in [0, 7, 1999] {
        for (trial, loss) in (0..).zip(&RUNS[seed as usize]) {
            let expected = (MODEL.draw(seed, trial)[0] - COVER).max(0.0);
            same(*loss, expected, &format!("seed {seed}, trial {trial}"));
        }
    }
}

#[test]
fn seeds_are_independent_samples_of_the_same_distribution() {
    let all = distribution(&RUNS.concat());
    let n = all.trials() as f64;
    by_chance(all.mean(), mean(), (variance() / n).sqrt());
    // The greatest distance of two distributions (Dvoretzky, Kiefer and Wolfowitz; Massart 1990).
    let bound = ((2.0_f64 / 1e-6).ln() / (2.0 * n)).sqrt();
    let curve = all.exceedance_curve(400);
    assert!(curve.len() > 200);
    for point in &curve {
        let expected = q() * (-point.loss / M).exp();
        assert!((point.probability - expected).abs() < bound, "{point:?}, expected {expected}");
        assert!(point.low <= point.probability && point.probability <= point.high, "{point:?}");
    }
    for p in [0.5, 0.75, 0.95, 0.99] {
        // The density at the quantile is what is left above it over the mean.
        by_chance(all.quantile(p), quantile(p), M * (p / ((1.0 - p) * n)).sqrt());
        // An exponential tail has no memory; the variance is that of Acerbi and Tasche's estimate.
        by_chance(all.tvar(p), quantile(p) + M, M * ((1.0 + p) / ((1.0 - p) * n)).sqrt());
    }
}

#[test]
fn the_interval_of_the_mean_covers_it_as_often_as_it_says() {
    for level in [0.5, 0.8, 0.95] {
        let covered = RUNS
            .iter()
            .filter(|r| distribution(r).mean_ci(level).is_some_and(|i| i.contains(mean())))
            .count();
        let n = SEEDS as f64;
        // The skew of the loss takes half a percent off, which is less than chance allows for here.
        by_chance(covered as f64 / n, level, (level * (1.0 - level) / n).sqrt());
    }
}

#[test]
fn the_interval_of_a_quantile_covers_it_as_often_as_its_ranks_do() {
    for p in [0.5, 0.95] {
        let chance = binomial(TRIALS, p);
        same(chance.iter().sum(), 1.0, "chances");
        // Ranks from 1 that leave at most 2.5% outside, on either side.
        let below = |k: usize| chance[..k].iter().sum::<f64>();
        let low = (1..=256).rev().find(|&k| below(k) <= 0.025).expect("a rank");
        let high = (1..=256).find(|&k| 1.0 - below(k) <= 0.025).expect("a rank");
        let level = below(high) - below(low);
        assert!((0.95..0.98).contains(&level), "{level}");
        let mut covered = 0;
        for run in RUNS.iter() {
            let loss = distribution(run);
            let interval = loss.quantile_ci(p, 0.95).expect("an interval");
            let sorted = loss.values_sorted();
            assert_eq!((interval.low, interval.high), (sorted[low - 1], sorted[high - 1]));
            covered += u64::from(interval.contains(quantile(p)));
        }
        let n = SEEDS as f64;
        by_chance(covered as f64 / n, level, (level * (1.0 - level) / n).sqrt());
    }
}

#[test]
fn the_standard_error_is_the_spread_of_the_mean_over_seeds_and_falls_with_the_root_of_trials() {
    for trials in [16, 64, 256] {
        let n = trials as f64;
        let samples: Vec<_> = RUNS.iter().map(|run| distribution(&run[..trials])).collect();
        for loss in &samples {
            same(loss.std_error().expect("trials"), loss.std_dev() / n.sqrt(), "standard error");
        }
        // Over seeds, means spread by the standard error that the closed form gives. Their excess
        // kurtosis is that of the loss, below 7, over the number of trials.
        let seeds = SEEDS as f64;
        let spread: f64 = samples.iter().map(|l| (l.mean() - mean()).powi(2)).sum::<f64>() / seeds;
        let relative = ((2.0 + 7.0 / n) / seeds).sqrt();
        by_chance(spread / (variance() / n), 1.0, relative);
        // And what each run says of it is right on average: it knows its own error.
        let said: f64 = samples.iter().map(|l| l.std_error().expect("trials").powi(2)).sum::<f64>() / seeds;
        by_chance(said / (variance() / n), 1.0, ((2.0 + 7.0) / (n * seeds)).sqrt());
    }
}

#[test]
fn the_mean_course_follows_the_closed_form_step_by_step() {
    let trials = 20_000;
    let outcome = Ensemble::new(&MODEL).trials(trials).seed(3).run().expect("runs");
    // A trial has lost `x` days, one after another, from the time the cover is used up.
    let begin = ONSET + f64::from(STEP) + COVER;
    let mut lost = 0.0;
    for (t, step) in outcome.path("JP").expect("the party").iter().enumerate() {
        let [from, to] = [t, t + 1].map(|t| (t as f64 * f64::from(STEP) - begin).max(0.0));
        let found = step.mean() / A_DAYS_VALUE;
        let expected = mean() * ((-from / M).exp() - (-to / M).exp());
        if expected == 0.0 {
            same(found, 0.0, &format!("step {t}"));
        } else {
            // No step loses more than its days, so the second moment is below days times the mean.
            by_chance(found, expected, (f64::from(STEP) * expected / trials as f64).sqrt());
        }
        lost += found;
    }
    let found = outcome.loss("JP").expect("losses").mean() / A_DAYS_VALUE;
    same(lost, found, "the course adds up to the loss");
    by_chance(found, mean(), (variance() / trials as f64).sqrt());
}

#[test]
fn on_the_flagship_courses_add_up_and_measures_are_in_order() {
    let model =
        Scenario::load("../scenarios/japan_full_cut.toml").and_then(|s| s.compile()).expect("it compiles");
    let outcome = Ensemble::new(&model).trials(96).seed(21).run().expect("runs");
    for party in model.parties() {
        let (loss, course) = (outcome.loss(party).expect("losses"), outcome.path(party).expect("a course"));
        let sum: f64 = course.iter().map(|step| step.mean()).sum();
        let size: f64 = course.iter().map(|step| step.mean().abs()).sum();
        assert!((sum - loss.mean()).abs() <= 1e-12 * size, "{party}: {sum} and {}", loss.mean());
        for step in course {
            let [low, middle, high] = [0.05, 0.5, 0.95].map(|p| step.quantile(p));
            assert!(low <= middle && middle <= high, "{party}: {low}, {middle}, {high}");
        }
        let levels = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99].map(|p| loss.quantile(p));
        assert!(levels.is_sorted() && loss.min() <= levels[0] && levels[6] <= loss.max(), "{levels:?}");
        let tails = [loss.mean(), loss.tvar(0.95), loss.tvar(0.99), loss.max()];
        assert!(tails.is_sorted(), "{party}: {tails:?}");
        assert!(loss.tvar(0.95) >= loss.quantile(0.95) && loss.tvar(0.99) >= loss.quantile(0.99), "{party}");
        let exceeded = loss.exceedance_curve(50);
        let count = |x: f64| loss.values_sorted().iter().filter(|v| **v > x).count() as f64 / 96.0;
        assert!(exceeded.iter().all(|point| point.probability == count(point.loss)), "{party}");
    }
}
