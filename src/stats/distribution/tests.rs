use approx::assert_relative_eq;
use proptest::prelude::*;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Exp1, StandardNormal};
use statrs::distribution::{ContinuousCDF, Normal};

use super::*;

fn of(values: &[f64]) -> LossDistribution {
    LossDistribution::new(values.to_vec(), 0.0).unwrap()
}

fn exponential(n: usize, seed: u64) -> Vec<f64> {
    let mut rng = SmallRng::seed_from_u64(seed);
    (0..n).map(|_| Exp1.sample(&mut rng)).collect()
}

#[test]
fn bad_input_is_refused_with_the_trial_it_came_from() {
    assert_eq!(LossDistribution::new(vec![], 0.0), Err(LossError::Empty));
    for bad in [f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(
            LossDistribution::new(vec![1.0, 2.0, bad, bad], 0.0),
            Err(LossError::NonFinite { trial: 2, value: bad })
        );
    }
    assert!(matches!(
        LossDistribution::new(vec![0.0, f64::NAN], 0.0),
        Err(LossError::NonFinite { trial: 1, value }) if value.is_nan()
    ));
    assert!(matches!(
        LossDistribution::new(vec![0.0, -1e141], 0.0),
        Err(LossError::TooLarge { trial: 1, .. })
    ));
    assert!(matches!(LossDistribution::new(vec![0.0], -1.0), Err(LossError::Negligible { .. })));
    assert!(of(&[1e140, -1e140]).std_dev().is_finite());
}

// NIST StRD, univariate summary statistics: certified values of NumAcc1 to NumAcc4. Tolerances
// are the digits double precision can give after the data themselves are rounded.
#[test]
fn moments_match_the_nist_certified_values() {
    let acc1 = of(&[10_000_001.0, 10_000_003.0, 10_000_002.0]);
    assert_eq!((acc1.mean(), acc1.std_dev()), (10_000_002.0, 1.0));

    let alternating = |base: f64, step: f64| -> Vec<f64> {
        std::iter::once(base + 2.0 * step)
            .chain((0..1000).map(|i| base + if i % 2 == 0 { step } else { 3.0 * step }))
            .collect()
    };
    let acc2 = of(&alternating(1.0, 0.1));
    assert_relative_eq!(acc2.mean(), 1.2, max_relative = 1e-15);
    assert_relative_eq!(acc2.std_dev(), 0.1, max_relative = 1e-13);

    let acc3 = of(&alternating(1_000_000.0, 0.1));
    assert_relative_eq!(acc3.mean(), 1_000_000.2, max_relative = 1e-15);
    assert_relative_eq!(acc3.std_dev(), 0.1, max_relative = 1e-9);

    let acc4 = of(&alternating(10_000_000.0, 0.1));
    assert_relative_eq!(acc4.mean(), 10_000_000.2, max_relative = 1e-15);
    assert_relative_eq!(acc4.std_dev(), 0.1, max_relative = 1e-8);
}

#[test]
fn one_trial_tells_no_spread_and_has_no_interval() {
    let d = of(&[7.0]);
    assert_eq!((d.trials(), d.mean(), d.min(), d.max()), (1, 7.0, 7.0, 7.0));
    assert_eq!((d.std_dev(), d.std_error()), (0.0, None));
    assert_eq!((d.mean_ci(0.95), d.mean_ci(0.5)), (None, None));
    assert_eq!((d.quantile(0.3), d.tvar(0.3)), (7.0, 7.0));
    assert_eq!((d.quantile_ci(0.5, 0.95), d.quantile_ci(0.95, 0.1)), (None, None));
    let curve = d.exceedance_curve(50);
    assert_eq!(curve.len(), 1);
    assert_eq!((curve[0].loss, curve[0].probability), (7.0, 0.0));
    assert_relative_eq!(curve[0].high, 0.975, max_relative = 1e-12);
}

#[test]
fn two_trials_follow_the_formulas() {
    let d = of(&[3.0, 1.0]);
    assert_relative_eq!(d.std_dev(), 2.0_f64.sqrt(), max_relative = 1e-15);
    assert_relative_eq!(d.std_error().unwrap(), 1.0, max_relative = 1e-15);
    assert_relative_eq!(d.quantile(0.25), 1.5, max_relative = 1e-15);
    // Tail of 1.5 trials: all of 3 and half of 1.
    assert_relative_eq!(d.tvar(0.25), 3.5 / 1.5, max_relative = 1e-15);
    assert_eq!((d.tvar(0.0), d.tvar(0.5), d.tvar(1.0)), (2.0, 3.0, 3.0));
    // Student's t with one degree of freedom at 0.975 is 12.7062.
    assert_relative_eq!(d.mean_ci(0.95).unwrap().high, 2.0 + 12.706_204_7, max_relative = 1e-8);
    assert_eq!((d.p_exceeds(1.0), d.p_exceeds(0.9)), (0.5, 1.0));
}

#[test]
fn constant_losses_have_intervals_of_no_width() {
    let d = of(&[0.1; 1000]);
    assert_eq!((d.mean(), d.std_dev()), (0.1, 0.0));
    for ci in [d.mean_ci(0.99), d.quantile_ci(0.9, 0.99)] {
        assert_eq!(ci, Some(Interval { low: 0.1, high: 0.1 }));
    }
    assert_eq!((d.tvar(0.95), d.quantile(0.37)), (0.1, 0.1));
    assert_eq!(d.exceedance_curve(20).len(), 1);
}

#[test]
fn probabilities_outside_the_range_are_clamped_and_nan_stays_nan() {
    let d = of(&[1.0, 2.0, 4.0]);
    assert_eq!((d.quantile(-1.0), d.quantile(2.0)), (1.0, 4.0));
    assert_eq!(d.tvar(2.0), 4.0);
    assert_relative_eq!(d.tvar(-1.0), d.mean(), max_relative = 1e-15);
    assert!(d.quantile(f64::NAN).is_nan() && d.tvar(f64::NAN).is_nan());
    assert_eq!((d.quantile_ci(f64::NAN, 0.9), d.quantile_ci(0.5, f64::NAN)), (None, None));
    assert!(d.p_exceeds_ci(1.0, f64::NAN).low.is_nan());
    for n in [3, 2000] {
        let many = of(&exponential(n, 1));
        assert_eq!(many.mean_ci(f64::NAN), None);
        // Nothing but the whole line covers for certain.
        assert_eq!((many.mean_ci(1.0), many.quantile_ci(0.5, 1.0), many.mean_ci(7.0)), (None, None, None));
    }
    assert_eq!(d.mean_ci(0.0), Some(Interval { low: d.mean(), high: d.mean() }));
}

#[test]
fn no_loss_counts_gains_and_rounding() {
    let values = vec![-5.0, -0.2, 0.0, 0.5, 0.6, 10.0, 11.0, 12.0];
    let d = LossDistribution::new(values, 0.5).unwrap();
    assert_eq!(d.p_no_loss(), 0.5);
    assert_eq!(d.p_exceeds(0.5), 0.5);
    assert_eq!(d.p_exceeds(12.0), 0.0);
    assert_eq!(d.p_exceeds_ci(0.5, 0.95), clopper_pearson(4, 8, 0.95));
}

#[test]
fn a_probability_of_none_and_of_all_has_an_end() {
    let d = LossDistribution::new(vec![1.0; 100_000], 0.0).unwrap();
    // 1 - 0.025^(1/n), some 3.7 in 100,000.
    let rare = 1.0 - 0.025_f64.powf(1e-5);
    assert_relative_eq!(rare, 3.688_811e-5, max_relative = 1e-6);
    assert_eq!((d.p_exceeds(5e12), d.p_no_loss()), (0.0, 0.0));
    assert_relative_eq!(d.p_exceeds_ci(5e12, 0.95).high, rare, max_relative = 1e-9);
    assert_relative_eq!(d.p_no_loss_ci(0.95).high, rare, max_relative = 1e-9);
    assert_relative_eq!(d.p_exceeds_ci(0.5, 0.95).low, 1.0 - rare, max_relative = 1e-9);
    assert!(d.p_exceeds(f64::NAN).is_nan() && d.p_exceeds_ci(f64::NAN, 0.95).low.is_nan());
}

#[test]
fn the_curve_and_the_share_without_loss_have_one_border_and_rounding_makes_no_level() {
    let losses = vec![-3e-4, 0.0, 2e-4, 500.0, 5e12, 5e12 + 1.0, 5e12 - 300.0, 7e12];
    let d = LossDistribution::new(losses, 609.0).unwrap();
    let levels: Vec<_> = d.exceedance_curve(100).iter().map(|e| (e.loss, e.probability)).collect();
    assert_eq!(levels, [(0.0, 0.5), (5e12 - 300.0, 0.125), (7e12, 0.0)]);
    assert_eq!(d.p_no_loss(), 0.5);
    // Whatever is asked for within the border, or within rounding of a loss.
    for x in [-609.0, -1e-9, 0.0, 300.0, 609.0] {
        assert_eq!(d.p_exceeds(x), 0.5, "{x}");
    }
    for x in [5e12 - 300.0, 5e12, 5e12 + 1.0] {
        assert_eq!(d.p_exceeds(x), 0.125, "{x}");
    }
    assert_eq!((d.p_exceeds(-610.0), d.p_exceeds(5e12 - 2000.0)), (1.0, 0.5));
    assert_eq!((d.p_exceeds(f64::NEG_INFINITY), d.p_exceeds(f64::INFINITY)), (1.0, 0.0));
}

#[test]
fn a_curve_of_any_number_of_points_ends() {
    let d = of(&exponential(1000, 4));
    let all = d.exceedance_curve(1000);
    assert_eq!(all.len(), 1000);
    assert_eq!(d.exceedance_curve(usize::MAX), all);
    assert_eq!(d.exceedance_curve(0), d.exceedance_curve(2));
    let many = of(&(0..250_000).map(f64::from).collect::<Vec<_>>());
    assert!((10_000..10_100).contains(&many.exceedance_curve(usize::MAX).len()));
}

// A sample quantile has standard error sqrt(q (1-q) / n) / f(x_q); the tail mean one of at most
// sqrt((v + q (t - x_q)²) / (n (1-q))) with v the variance within the tail (Acerbi & Tasche).
// Four standard errors are allowed, which a right build fails once in 16000 seeds.
#[test]
fn quantile_and_tail_of_known_distributions_are_found_within_sampling_error() {
    let n = 40_000;
    let check = |d: &LossDistribution, q: f64, x: f64, density: f64, t: f64, v: f64| {
        let size = n as f64;
        let se_quantile = (q * (1.0 - q) / size).sqrt() / density;
        assert!((d.quantile(q) - x).abs() < 4.0 * se_quantile, "quantile {q}");
        let se_tail = ((v + q * (t - x).powi(2)) / (size * (1.0 - q))).sqrt();
        assert!((d.tvar(q) - t).abs() < 4.0 * se_tail, "tvar {q}");
        // The tolerance must be tight enough to tell the tail mean from the quantile.
        assert!(t - x > 8.0 * se_tail.max(se_quantile));
    };
    let mut rng = SmallRng::seed_from_u64(11);
    let uniform = of(&(0..n).map(|_| rng.random::<f64>()).collect::<Vec<_>>());
    let gauss: Vec<f64> = (0..n).map(|_| StandardNormal.sample(&mut rng)).collect();
    let (gauss, expo) = (of(&gauss), of(&exponential(n, 12)));
    let normal = Normal::standard();
    for q in [0.5, 0.9, 0.99] {
        let p = 1.0 - q;
        check(&uniform, q, q, 1.0, (1.0 + q) / 2.0, p * p / 12.0);
        check(&expo, q, -p.ln(), p, 1.0 - p.ln(), 1.0);
        let z = normal.inverse_cdf(q);
        let density = (-z * z / 2.0).exp() / std::f64::consts::TAU.sqrt();
        let t = density / p;
        check(&gauss, q, z, density, t, 1.0 + z * t - t * t);
    }
}

#[test]
fn evenly_spaced_losses_have_their_closed_form_tail() {
    let d = of(&(1..=1000).rev().map(f64::from).collect::<Vec<_>>());
    assert_relative_eq!(d.tvar(0.99), 995.5, max_relative = 1e-12);
    // 10.5 trials: the ten worst and half of the eleventh.
    let expected = (9955.0 + 0.5 * 990.0) / 10.5;
    assert_relative_eq!(d.tvar(0.9895), expected, max_relative = 1e-12);
    assert_relative_eq!(d.quantile(0.5), 500.5, max_relative = 1e-15);
    assert_relative_eq!(d.quantile(0.99), 990.01, max_relative = 1e-14);
}

// 1000 samples at coverage c miss by more than 4 sqrt(c (1-c) / 1000) once in 16000 seeds. The
// exact coverage follows from the ranks, so the test sees intervals too wide as well as too
// narrow.
#[test]
fn quantile_intervals_cover_as_often_as_they_say() {
    let (samples, n) = (1000, 150);
    for (q, level) in [(0.5, 0.95), (0.9, 0.95), (0.1, 0.8)] {
        let truth = -f64::ln(1.0 - q);
        let hits = (0..samples)
            .filter(|&s| of(&exponential(n, 1000 + s)).quantile_ci(q, level).unwrap().contains(truth))
            .count();
        let (low, high) = quantile_ranks(n, q, (1.0 - level) / 2.0).unwrap();
        let pmf = |k: usize| -> f64 {
            let ways: f64 = (0..k).map(|i| ((n - i) as f64 / (i + 1) as f64).ln()).sum();
            (ways + k as f64 * q.ln() + (n - k) as f64 * (1.0 - q).ln()).exp()
        };
        let exact: f64 = (low..high).map(pmf).sum();
        // One rank less on either side would leave out too much.
        let tightest = level + pmf(low) + pmf(high - 1);
        assert!(exact >= level && exact < tightest, "{exact} for {level}");
        let share = hits as f64 / samples as f64;
        let slack = 4.0 * (exact * (1.0 - exact) / samples as f64).sqrt();
        assert!((share - exact).abs() < slack, "{share} against {exact}");
    }
}

#[test]
fn mean_intervals_cover_normal_losses_as_often_as_they_say() {
    let mut rng = SmallRng::seed_from_u64(5);
    let samples = 2000;
    let hits = (0..samples)
        .filter(|_| {
            let values: Vec<f64> = (0..5).map(|_| StandardNormal.sample(&mut rng)).collect();
            of(&values).mean_ci(0.9).unwrap().contains(0.0)
        })
        .count();
    // Four standard errors of a share of 0.9; the normal quantile would cover 0.82 only.
    let slack = 4.0 * (0.09_f64 / samples as f64).sqrt();
    assert!((hits as f64 / samples as f64 - 0.9).abs() < slack, "{hits}");
}

#[test]
fn a_quantile_has_no_interval_where_the_sample_cannot_bound_it() {
    let losses = |n: i32| of(&(1..=n).map(f64::from).collect::<Vec<_>>());
    // The greatest of n lies at or above the q quantile with probability 1 - q^n, which is 0.975 from here on.
    for (q, needed) in [(0.5, 6), (0.95, 72), (0.99, 368)] {
        let q_to = |n: i32| f64::powi(q, n);
        assert!(1.0 - q_to(needed - 1) < 0.975 && 1.0 - q_to(needed) >= 0.975);
        assert_eq!(losses(needed - 1).quantile_ci(q, 0.95), None, "{q}");
        assert_eq!(losses(needed).quantile_ci(q, 0.95).unwrap().high, f64::from(needed), "{q}");
        // By symmetry of the lower end.
        assert_eq!(losses(needed - 1).quantile_ci(1.0 - q, 0.95), None, "{q}");
        assert_eq!(losses(needed).quantile_ci(1.0 - q, 0.95).unwrap().low, 1.0, "{q}");
    }
    assert_eq!((losses(1000).quantile_ci(1.0, 0.95), losses(1000).quantile_ci(0.0, 0.95)), (None, None));
}

#[test]
fn quantile_interval_ends_at_the_order_statistics_of_its_ranks() {
    let d = of(&(1..=10).map(f64::from).collect::<Vec<_>>());
    // The median of ten lies between the 2nd and the 9th: David & Nagaraja, section 7.1.
    assert_eq!(d.quantile_ci(0.5, 0.95), Some(Interval { low: 2.0, high: 9.0 }));
}

#[test]
fn exceedance_curve_shows_the_tail_where_trials_allow() {
    let thousand = of(&(0..1000).map(f64::from).collect::<Vec<_>>());
    let curve = thousand.exceedance_curve(11);
    for p in TAIL {
        assert!(curve.iter().any(|e| e.probability == p), "{p}");
    }
    assert_eq!(curve.len(), 17);
    let hundred = of(&(0..100).map(f64::from).collect::<Vec<_>>());
    let curve = hundred.exceedance_curve(2);
    let shares: Vec<f64> = curve.iter().map(|e| e.probability).collect();
    assert_eq!(shares, [0.99, 0.05, 0.02, 0.01, 0.0]);
}

#[test]
fn mean_of_losses_of_many_sizes_agrees_with_the_exact_sum() {
    let values: Vec<f64> = exponential(10_001, 3).iter().map(|x| x.powi(9) * 1e8).collect();
    let mut exact = crate::stats::ExactSum::default();
    exact.add_row(&values);
    assert_relative_eq!(of(&values).mean(), exact.value() / 10_001.0, max_relative = 1e-15);
}

proptest! {
    #[test]
    fn quantile_and_tail_rise_with_q_and_the_tail_is_never_below(
        values in prop::collection::vec(-1e12..1e12_f64, 1..60),
        a in 0.0..=1.0_f64,
        b in 0.0..=1.0_f64,
    ) {
        let d = of(&values);
        let (p, q) = (a.min(b), a.max(b));
        let slack = 1e-12 * d.min().abs().max(d.max().abs());
        prop_assert!(d.quantile(p) <= d.quantile(q) + slack);
        prop_assert!(d.tvar(p) <= d.tvar(q) + slack);
        prop_assert!(d.tvar(q) + slack >= d.quantile(q));
        prop_assert!(d.quantile_ci(q, 0.9).is_none_or(|i| i.contains(d.quantile(q))));
    }

    #[test]
    fn tail_mean_is_the_minimum_of_rockafellar_and_uryasev(
        values in prop::collection::vec(-1e3..1e3_f64, 1..40),
        q in 0.0..0.999_f64,
    ) {
        // min over c of c + E[(x - c)+] / (1 - q), reached at one of the losses.
        let n = values.len() as f64;
        let at = |c: f64| {
            c + values.iter().map(|x| (x - c).max(0.0)).sum::<f64>() / n / (1.0 - q)
        };
        let least = values.iter().map(|&c| at(c)).fold(f64::INFINITY, f64::min);
        prop_assert!((of(&values).tvar(q) - least).abs() < 1e-9);
    }

    #[test]
    fn exceedance_curve_agrees_with_the_shares(
        values in prop::collection::vec(-3_i8..30, 1..200),
        points in 0_usize..40,
    ) {
        let d = of(&values.iter().map(|&v| f64::from(v)).collect::<Vec<_>>());
        let curve = d.exceedance_curve(points);
        for e in &curve {
            let above = values.iter().filter(|&&v| f64::from(v) > e.loss).count();
            prop_assert_eq!(e.probability, above as f64 / values.len() as f64);
            prop_assert_eq!(d.p_exceeds(e.loss), e.probability);
            prop_assert!(e.low <= e.probability && e.probability <= e.high);
        }
        for pair in curve.windows(2) {
            prop_assert!(pair[0].loss < pair[1].loss);
            prop_assert!(pair[0].probability > pair[1].probability);
        }
        prop_assert_eq!(curve.first().map(|e| e.loss), Some(d.min()));
        prop_assert_eq!(curve.last().map(|e| e.loss), Some(d.max()));
    }
}
