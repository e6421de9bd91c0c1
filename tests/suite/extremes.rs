//! Public functions with arguments that are allowed and extreme: each ends soon, without a panic.

use crate::common::compile;
use crate::small::{SMALL, small};
use std::sync::mpsc::channel;
use std::time::Duration;
use supplyshock::draw::{self, Bounds, Distribution, Sampler, Stream};
use supplyshock::number;
use supplyshock::run::{Component, Days, Subject};
use supplyshock::scenario::{Date, Leaf};
use supplyshock::stats::{
    CondensedLosses, Difference, ExactSum, Fit, LossDistribution, QuantileSketch, Ranks, Ratio,
    clopper_pearson, rank_correlation,
};
use supplyshock::study::{Calibration, DayMeasure, Measure, Statistic, Target, Variable, drivers};
use supplyshock::{Comparison, Ensemble, Outcome, report};

const NUMBERS: [f64; 17] = [
    f64::NAN,
    f64::NEG_INFINITY,
    f64::MIN,
    -1e18,
    -1.0,
    -5e-324,
    -0.0,
    0.0,
    5e-324,
    f64::MIN_POSITIVE,
    1e-12,
    0.5,
    1.0,
    100.0,
    1e18,
    f64::MAX,
    f64::INFINITY,
];
/// Some of them, where three are taken at once.
const FEW: [f64; 9] = [f64::NAN, -1e18, -1.0, -0.0, 5e-324, 0.5, 1.0, f64::MAX, f64::INFINITY];
const COUNTS: [u64; 7] = [0, 1, 2, 10_000_001, 1 << 53, u64::MAX - 1, u64::MAX];

/// Runs something that must end within a minute and not panic.
#[track_caller]
fn soon(what: &str, run: impl FnOnce() + Send + 'static) {
    let (ended, end) = channel();
    let thread = std::thread::spawn(move || {
        run();
        let _ = ended.send(());
    });
    if end.recv_timeout(Duration::from_secs(60)).is_err() {
        assert!(thread.is_finished(), "{what} does not end");
        thread.join().unwrap_or_else(|_| panic!("{what} panics"));
    }
}

/// All that a distribution tells, with every number as an argument.
fn asked(d: &LossDistribution) {
    for x in NUMBERS {
        let _ = (d.quantile(x), d.tvar(x), d.p_exceeds(x), d.mean_ci(x), d.p_no_loss_ci(x));
        for y in NUMBERS {
            let (quantile, exceeds) = (d.quantile_ci(x, y), d.p_exceeds_ci(x, y));
            assert!(quantile.is_none_or(|i| i.low.is_finite() && i.low <= i.high && i.high.is_finite()));
            assert!(
                exceeds.low.is_nan() || (0.0..=1.0).contains(&exceeds.low) && exceeds.low <= exceeds.high,
                "{exceeds:?} for {x} at {y} of {} trials",
                d.trials()
            );
        }
        for measure in
            [Measure::Quantile { percent: x }, Measure::Tvar { percent: x }, Measure::Over { amount: x }]
        {
            let found = measure.of(d);
            assert!(found.interval.is_none_or(|i| i.low <= i.high), "{measure:?}: {found:?}");
            let _ = measure.to_string();
        }
    }
    for points in COUNTS.map(|n| n as usize) {
        assert!(d.exceedance_curve(points).len() <= 10_006);
    }
}

#[test]
fn distributions_of_losses_answer_any_question() {
    soon("kept losses", || {
        for values in [vec![0.0], vec![-1e140, 1e140], vec![5e-324; 3], (0..1000).map(f64::from).collect()] {
            for negligible in [0.0, 5e-324, 1.0, f64::MAX] {
                asked(&LossDistribution::new(values.clone(), negligible).expect("losses"));
            }
        }
    });
    soon("counted losses", || {
        let mut losses = CondensedLosses::new(1.0).expect("none yet");
        losses.add_row(&[0.0, 1e9, -1e9, 1.8e19, 5e-324]);
        for doublings in 0..70 {
            // Past 64, counts stand at their most.
            losses.merge(&losses.clone()).expect("they are alike");
            losses.add_row(&[1.0]);
            if doublings % 23 == 0 || doublings > 60 {
                let _ = losses.distribution().map(|d| asked(&d));
            }
        }
        assert_eq!(losses.count(), u64::MAX);
    });
    soon("sketches and sums", || {
        let (mut sketch, mut sum) = (QuantileSketch::new(0.0).expect("none yet"), ExactSum::default());
        sketch.add_row(&NUMBERS);
        sum.add_row(&NUMBERS);
        for _ in 0..70 {
            sketch.merge(&sketch.clone()).expect("they are alike");
            sum.merge(&sum.clone());
            NUMBERS.iter().for_each(|x| sum.add(*x));
            NUMBERS.iter().for_each(|x| sketch.add(*x));
        }
        sketch.add_row(&NUMBERS);
        let _ = NUMBERS.map(|x| sketch.quantile(x));
        assert!(sum.value().is_nan());
    });
}

#[test]
fn comparisons_ranks_and_intervals_take_any_numbers() {
    soon("statistics of lists", || {
        for x in NUMBERS {
            for y in NUMBERS {
                let _ =
                    Difference::new(&[x, y], &[y, x], 0.0).map(|d| (d.mean_ci(x), d.p_less_ci(y), d.share()));
                let _ = Difference::new(&[1.0, 2.0], &[x, y], y);
                let _ = Ratio::new(&[x, 1.0], &[y, 1.0]).map(|r| r.interval(0.95));
                let _ = Ranks::of_losses(&[x, y, x], y).map(|r| r.correlation(&Ranks::new(&[y, x, y])));
                let _ = rank_correlation(&[x, y], &[y, x]);
                let _ = LossDistribution::new(vec![x, y], x);
            }
            for n in COUNTS {
                for k in COUNTS {
                    let i = clopper_pearson(k, n, x);
                    assert!(
                        x.is_nan() || 0.0 <= i.low && i.low <= i.high && i.high <= 1.0,
                        "{k} of {n} at {x}: {i:?}"
                    );
                }
                let _ = DayMeasure::Share.of(&Days { share: x, days: None }, n);
                let _ = DayMeasure::Quantile { percent: x }.of(&Days { share: x, days: None }, n);
            }
        }
        let _ = Fit::of_counts(&[u64::MAX, u64::MAX], &[0.5, 0.5]);
        let _ = Fit::of(&NUMBERS, &Distribution::uniform(0.0, 1.0).expect("a range"));
    });
}

#[test]
fn distributions_and_samplers_take_any_parameters() {
    soon("distributions", || {
        let made = |d: Result<Distribution, draw::DistributionError>| {
            let Ok(d) = d else { return };
            assert!(d.mean().is_finite(), "{d}");
            for u in NUMBERS {
                let x = d.quantile(u);
                assert!(x.is_finite() && d.support().0 <= x && x <= d.support().1, "{d} at {u}: {x}");
                let p = d.cumulative(u);
                assert!(u.is_nan() || (0.0..=1.0).contains(&p), "{d} at {u}: {p}");
                let _ = d.scaled(u).map(|scaled| scaled.quantile(0.5));
            }
            let _ = (d.to_string(), d.arguments(), d.is_constant());
        };
        for a in NUMBERS {
            made(Distribution::constant(a));
            made(Distribution::exponential(a));
            for b in NUMBERS {
                made(Distribution::uniform(a, b));
                made(Distribution::gamma(a, b));
                made(Distribution::weibull(a, b));
                made(Distribution::discrete(&[a, 1.0], &[b, 1.0]));
                made(Distribution::empirical(&[a, b]));
            }
        }
        for a in FEW {
            for b in FEW {
                for c in FEW {
                    made(Distribution::triangular(a, b, c));
                    made(Distribution::pert(a, b, c));
                    made(Distribution::beta(a, b, c, 1.0));
                    for bounds in [Bounds { low: Some(c), high: None }, Bounds { low: None, high: Some(c) }] {
                        made(Distribution::normal(a, b, bounds));
                        made(Distribution::log_normal(a, b, bounds));
                    }
                }
            }
        }
    });
    soon("samplers and streams", || {
        let by_quantile = Sampler::by_quantile("any", u32::MAX, |u| u);
        for x in NUMBERS {
            let _ = (draw::normal_pdf(x), draw::normal_cdf(x), draw::normal_quantile(x));
            let _ = (by_quantile.clone().within(x, 1.0), by_quantile.quantile(x));
            let _ = Leaf::from(by_quantile.clone()).scaled(x).map(|leaf| leaf.to_string());
            if let Ok(sampler) = by_quantile.scaled(x) {
                for y in NUMBERS {
                    let _ = sampler.scaled(y).map(|s| {
                        assert!(
                            !s.support().0.is_nan() && s.mean().is_finite(),
                            "{:?} {} for {x}, {y}",
                            s.support(),
                            s.mean()
                        )
                    });
                }
            }
        }
        for n in COUNTS {
            let stream = Stream::new(n, "");
            let mut filled = [0.0; 9];
            stream.fill_uniform(n, n, &mut filled);
            assert!(filled.iter().all(|u| 0.0 < *u && *u < 1.0));
            let _ = (stream.uniform(n, n), stream.rng_at(n, n), by_quantile.sample(&stream, n, n));
        }
    });
}

#[test]
fn dates_and_texts_take_anything() {
    let parts = [0_u8, 1, 12, 31, u8::MAX];
    for year in [0, 1, u16::MAX] {
        for (month, day) in parts.into_iter().flat_map(|m| parts.map(|d| (m, d))) {
            let date = Date::new(year, month, day);
            let _ = (date.is_valid(), date.days_since(Date::new(0, 0, 0)), date.to_string());
        }
    }
    for text in [
        "",
        "%",
        "_",
        "e",
        "1e",
        "1e99999999999999999999",
        "-",
        "é%",
        "tn",
        "\u{0}",
        "9".repeat(5000).as_str(),
    ] {
        let _ = (number::amount(text), number::figure(text), number::value(text), number::count::<u64>(text));
        let _ = (text.parse::<Statistic>(), Target::parse(text), Target::parse(&format!("a={text}+-{text}")));
        let _ = (Variable::parse(text, f64::NAN, f64::NAN).prior_sd(), small().assumption(text));
        let draft = small().edit().set(text, text).scale(text, f64::NAN).remove(text);
        assert!(draft.finish().is_err());
    }
}

fn outcomes() -> [Outcome; 2] {
    let model = compile(SMALL);
    let run = |ensemble: Ensemble| ensemble.trials(9).run().expect("runs");
    [run(Ensemble::new(&model)), run(Ensemble::new(&model).condensed())]
}

#[test]
fn runs_and_outcomes_take_any_place_and_number() {
    soon("runs", || {
        let model = compile(SMALL);
        for n in COUNTS {
            for (first, end) in [(n, n), (n, n.saturating_add(1)), (n.saturating_add(1), n), (0, n)] {
                let ensemble = Ensemble::new(&model).range(first..end).seed(n);
                let asked = end.saturating_sub(first);
                assert!(asked > 0 || ensemble.check_range().is_err(), "{first}..{end}");
                if asked <= 2 {
                    assert!(asked > 0 || ensemble.run().is_err());
                    let _ = ensemble.check_baselines();
                    let _ = ensemble.keep_paths_of([n]).run();
                }
            }
            let _ = model.trial(n, n).map(|trace| {
                assert_eq!(trace.limiting_input(usize::MAX, usize::MAX), None);
                trace.limiting_input(0, n as usize).map(str::to_owned)
            });
        }
        // As many as a run may have, of which no machine holds the losses.
        let _ =
            Ensemble::new(&model).trials((1 << 52) - 1).run().expect_err("too many to be kept").to_string();
    });
    soon("outcomes", || {
        for outcome in outcomes() {
            for n in COUNTS.map(|n| n as usize) {
                for places in [0..n, n..n, n..0, n..usize::MAX] {
                    assert!(
                        outcome.draws_of(places).is_ok_and(|drawn| drawn.nrows() <= 9)
                            || outcome.is_condensed()
                    );
                }
                let _ = outcome.path_of(n as u64).is_err();
            }
            for level in NUMBERS {
                let _ = outcome.ratio("JP", "CN", Component::Output, level);
            }
            for step in outcome.path("JP").expect("the party") {
                let _ = NUMBERS.map(|q| step.quantile(q));
            }
            let nobody = Subject::Party(String::new());
            assert!(outcome.distribution(&nobody).is_err() && drivers(&outcome, "").is_err());
            let _ = report::run(&small(), &outcome, &NUMBERS).expect("a report");
            let _ = report::summary(&outcome).expect("a summary");
            if let Ok(comparison) = Comparison::new(&outcome) {
                let comparison = comparison.over(&NUMBERS);
                let _ = (comparison.report(), comparison.json());
            }
        }
    });
}

#[test]
fn calibrations_refuse_settings_without_an_end() {
    soon("calibrations", || {
        let small = small();
        let calibration = || {
            Calibration::new(&small)
                .target(Target::new("JP.output.mean", 1.0))
                .vary(Variable::new("controls.ban.severity", 0.1, 0.9))
                .trials(2)
        };
        for points in [0, 1, 100_001, usize::MAX] {
            let told = calibration().grid(points).solve().expect_err("no grid").to_string();
            assert!(told.contains("give 2 to 100000"), "{told}");
        }
        for draws in [10_000_001, usize::MAX] {
            let told = calibration().posterior(draws, 1e-300).expect_err("too many").to_string();
            assert!(told.contains("give at most 10000000"), "{told}");
        }
        for x in NUMBERS {
            let _ = calibration().tolerance(x).grid(2).solve();
            let _ = calibration().posterior(2, x);
            for y in NUMBERS {
                let variable = Variable::new("controls.ban.severity", x, y);
                let _ = (variable.prior_sd(), variable.name());
                let aimed = Calibration::new(&small)
                    .target(Target::new("JP.output.mean", x).within(y))
                    .vary(variable);
                let _ = aimed.trials(1).check();
            }
        }
        assert!(calibration().trials(u64::MAX).check().is_err());
    });
}
