//! The contract of every distribution, and the parameters that are refused.

use proptest::prelude::*;

use super::*;

#[test]
fn quantiles_at_the_extremes_stay_finite_and_in_the_support() {
    let outside = [f64::NAN, f64::NEG_INFINITY, -1.0, 0.0, 1.0, 2.0, f64::INFINITY];
    let inside = [f64::MIN_POSITIVE, 1e-300, f64::EPSILON / 2.0, 1.0 - f64::EPSILON / 2.0];
    let overflowing = Distribution::log_normal(1e300, 6.0, Bounds::NONE).unwrap();
    for distribution in every_kind().into_iter().chain([overflowing]) {
        let (low, high) = distribution.support();
        for u in outside.into_iter().chain(inside) {
            let x = distribution.quantile(u);
            assert!(x.is_finite() && x >= low && x <= high, "{distribution} at {u}: {x}");
        }
        assert_eq!(distribution.quantile(f64::NAN), distribution.quantile(0.0));
        assert!(distribution.quantile(0.0) <= distribution.quantile(1.0));
    }
}

#[test]
fn equal_ends_make_a_constant() {
    for distribution in [
        Distribution::uniform(2.0, 2.0),
        Distribution::triangular(2.0, 2.0, 2.0),
        Distribution::pert(2.0, 2.0, 2.0),
    ] {
        assert_eq!(distribution, Distribution::constant(2.0));
    }
    let single = Distribution::discrete(&[2.0, 5.0], &[1.0, 0.0]).unwrap();
    assert!(single.is_constant());
    assert!(Distribution::empirical(&[2.0, 2.0]).unwrap().is_constant());
    assert!(!Distribution::uniform(2.0, 3.0).unwrap().is_constant());
    assert!(!Distribution::exponential(1.0).unwrap().is_constant());
}

#[test]
fn support_is_the_range_after_truncation() {
    let support = |d: Result<Distribution, DistributionError>| d.unwrap().support();
    let normal = |bounds| Distribution::normal(1.0, 0.5, bounds);
    assert_eq!(support(normal(Bounds::NONE)), (f64::NEG_INFINITY, f64::INFINITY));
    assert_eq!(support(normal(FROM_ZERO)), (0.0, f64::INFINITY));
    let below_zero = between(-5.0, 3.0);
    assert_eq!(support(Distribution::log_normal(1.0, 1.0, below_zero)), (0.0, 3.0));
    assert_eq!(support(Distribution::pert(1.0, 2.0, 5.0)), (1.0, 5.0));
    assert_eq!(support(Distribution::gamma(1.0, 2.0)), (0.0, f64::INFINITY));
    let discrete = Distribution::discrete(&[3.0, -1.0, 8.0], &[1.0, 1.0, 0.0]);
    assert_eq!(support(discrete), (-1.0, 3.0));
    assert_eq!(support(Distribution::empirical(&[3.0, -1.0, 8.0])), (-1.0, 8.0));
}

#[test]
fn every_number_of_every_constructor_is_checked() {
    type Build = fn(&[f64]) -> Result<Distribution, DistributionError>;
    let constructors: [(&[f64], Build); 16] = [
        (&[1.0], |p| Distribution::constant(p[0])),
        (&[1.0, 2.0], |p| Distribution::uniform(p[0], p[1])),
        (&[1.0, 2.0, 3.0], |p| Distribution::triangular(p[0], p[1], p[2])),
        (&[1.0, 2.0, 3.0], |p| Distribution::pert(p[0], p[1], p[2])),
        (&[1.0, 2.0, 0.0, 1.0], |p| Distribution::beta(p[0], p[1], p[2], p[3])),
        (&[1.0, 2.0], |p| Distribution::normal(p[0], p[1], Bounds::NONE)),
        (&[1.0, 2.0, 0.0, 3.0], |p| Distribution::normal(p[0], p[1], between(p[2], p[3]))),
        (&[1.0, 2.0], |p| Distribution::log_normal(p[0], p[1], Bounds::NONE)),
        (&[1.0, 2.0, 0.0, 3.0], |p| Distribution::log_normal(p[0], p[1], between(p[2], p[3]))),
        (&[1.0, 2.0], |p| Distribution::gamma(p[0], p[1])),
        (&[1.0, 2.0], |p| Distribution::weibull(p[0], p[1])),
        (&[1.0], |p| Distribution::exponential(p[0])),
        (&[1.0, 2.0], |p| Distribution::discrete(p, &[1.0, 1.0])),
        (&[1.0, 2.0], |p| Distribution::discrete(&[1.0, 1.0], p)),
        (&[1.0, 2.0], |p| Distribution::empirical(p)),
        (&[1.0], |p| Distribution::empirical(p)),
    ];
    for (number, (good, build)) in constructors.into_iter().enumerate() {
        assert!(build(good).is_ok(), "constructor {number}");
        for position in 0..good.len() {
            for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                let mut parameters = good.to_vec();
                parameters[position] = bad;
                let built = build(&parameters);
                assert!(built.is_err(), "constructor {number}, parameter {position}: {bad}");
            }
        }
    }
}

#[test]
fn errors_name_the_condition_that_failed() {
    let message = |d: Result<Distribution, DistributionError>| d.unwrap_err().to_string();
    assert_eq!(
        message(Distribution::uniform(f64::NAN, 1.0)),
        "uniform: low is NaN, but must be a finite number"
    );
    assert_eq!(
        message(Distribution::uniform(2.0, 1.0)),
        "uniform: low is 2 and high is 1, but low must be at most high"
    );
    assert_eq!(
        message(Distribution::triangular(0.0, 2.0, 1.0)),
        "triangular: mode is 2 and high is 1, but mode must be at most high"
    );
    assert_eq!(
        message(Distribution::pert(0.0, -1.0, 1.0)),
        "pert: low is 0 and mode is -1, but low must be at most mode"
    );
    for sd in [0.0, -1.0] {
        assert_eq!(
            message(Distribution::normal(1.0, sd, Bounds::NONE)),
            format!("normal: sd is {sd}, but must be a finite number above 0")
        );
    }
    assert_eq!(
        message(Distribution::log_normal(0.0, 1.0, Bounds::NONE)),
        "log_normal: median is 0, but must be a finite number above 0"
    );
    assert_eq!(
        message(Distribution::beta(0.0, 1.0, 0.0, 1.0)),
        "beta: alpha is 0, but must be a number from 0.001 to 100000"
    );
    assert_eq!(
        message(Distribution::gamma(2e5, 1.0)),
        "gamma: shape is 200000, but must be a number from 0.001 to 100000"
    );
    assert_eq!(
        message(Distribution::beta(1.0, 1.0, 2.0, 2.0)),
        "beta: low is 2 and high is 2, but low must be below high (for a fixed value use constant)"
    );
    assert_eq!(
        message(Distribution::discrete(&[1.0, 2.0], &[1.0])),
        "discrete: there are 2 values and 1 weights, but each value needs one weight"
    );
    assert_eq!(
        message(Distribution::discrete(&[1.0, 2.0], &[1.0, -1.0])),
        "discrete: weight 1 is -1, but must be a finite number of at least 0"
    );
    assert_eq!(
        message(Distribution::discrete(&[1.0, 2.0], &[0.0, 0.0])),
        "discrete: the weights add up to 0, but must add up to a finite number above 0"
    );
    assert_eq!(
        message(Distribution::empirical(&[])),
        "empirical: there are no values, but there must be at least one"
    );
    assert_eq!(
        message(Distribution::empirical(&[1.0, f64::NAN])),
        "empirical: value 1 is NaN, but must be a finite number"
    );
}

#[test]
fn bounds_must_leave_room_and_probability() {
    let normal = |bounds| Distribution::normal(0.0, 1.0, bounds).unwrap_err();
    assert!(matches!(normal(between(1.0, 1.0)), DistributionError::NoRoom { .. }));
    assert!(matches!(normal(between(2.0, 1.0)), DistributionError::NoRoom { .. }));
    for (low, high) in [(0.0, 1e-9), (30.0, 30.0 + 1e-9), (-6.0 - 1e-9, -6.0)] {
        let error = normal(between(low, high));
        assert!(matches!(error, DistributionError::BoundsKeepTooLittle { .. }), "{error}");
    }
    for (low, high) in [(50.0, 60.0), (-60.0, -50.0), (38.0, 1e300)] {
        let error = normal(between(low, high));
        assert!(matches!(error, DistributionError::BoundsTooFar { .. }), "{error}");
    }
    assert_eq!(
        normal(between(50.0, 1e20)).to_string(),
        "normal: the nearer bound is 50 standard deviations from the middle, but must be at most 37; move the \
         distribution between the bounds"
    );
    let negative = Bounds { low: None, high: Some(-1.0) };
    let error = Distribution::log_normal(1.0, 1.0, negative).unwrap_err();
    assert_eq!(error, DistributionError::NoRoom { distribution: "log_normal", low: 0.0, high: -1.0 });
}

#[test]
fn what_is_cut_off_far_in_its_tail_has_the_mean_of_the_tail() {
    // Beyond 37 standard deviations a standard normal has the mean 37.026 988.
    let beyond = Bounds { low: Some(37.0), high: None };
    let normal = Distribution::normal(0.0, 1.0, beyond).unwrap();
    assert_relative_eq!(normal.mean(), 37.026_987_686_126_99, max_relative = 1e-10);
    let values = sample(&normal, "far");
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    // The tail falls off like an exponential of mean 1/37.
    assert!((mean - normal.mean()).abs() < 4.0 / 37.0 / (N as f64).sqrt(), "{mean}");
    assert!(distance_to_cdf(values, |x| -libm::expm1((37.0 * 37.0 - x * x) / 2.0)) < KOLMOGOROV * 1.5);
    for (bounds, mean) in [
        (Bounds { low: Some(5.0), high: None }, 5.186_503_967_125_842),
        (Bounds { low: None, high: Some(-20.0) }, -20.049_753_068_527_85),
        (between(20.0, 20.05), 20.020_9),
    ] {
        let one = Distribution::normal(0.0, 1.0, bounds).unwrap();
        assert_relative_eq!(one.mean(), mean, max_relative = 1e-6);
        let other = Distribution::normal(
            3.0,
            2.0,
            Bounds { low: bounds.low.map(|b| 3.0 + 2.0 * b), high: bounds.high.map(|b| 3.0 + 2.0 * b) },
        );
        assert_relative_eq!(other.unwrap().mean(), 3.0 + 2.0 * mean, max_relative = 1e-6);
    }
    // A log-normal that is cut off there is the exponential of such a normal.
    let log_normal =
        Distribution::log_normal(1.0, 0.1, Bounds { low: Some(libm::exp(3.7)), high: None }).unwrap();
    for u in [1e-6, 0.3, 0.9] {
        assert_relative_eq!(
            log_normal.quantile(u),
            libm::exp(0.1 * normal.quantile(u)),
            max_relative = 1e-12
        );
    }
    let values = sample(&log_normal, "far");
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    assert_relative_eq!(mean, log_normal.mean(), max_relative = 1e-4);
}

#[test]
fn results_beyond_the_range_of_an_f64_are_refused() {
    for distribution in [
        Distribution::uniform(-1e308, 1e308),
        Distribution::triangular(-1e308, 0.0, 1e308),
        Distribution::pert(-1e308, 0.0, 1e308),
        Distribution::beta(1.0, 1.0, -1e308, 1e308),
        Distribution::empirical(&[-1e308, 1e308]),
        Distribution::log_normal(1.0, 40.0, Bounds::NONE),
        Distribution::log_normal(1.0, 1e200, between(0.0, 1.0)),
        Distribution::gamma(1e5, 1e305),
        Distribution::weibull(0.005, 1.0),
    ] {
        let error = distribution.unwrap_err();
        assert!(matches!(error, DistributionError::Overflow { .. }), "{error}");
    }
}

#[test]
fn display_reads_like_the_constructor() {
    let shown = |d: Result<Distribution, DistributionError>| d.unwrap().to_string();
    assert_eq!(shown(Distribution::uniform(0.05, 0.45)), "uniform(0.05, 0.45)");
    assert_eq!(shown(Distribution::constant(3.0)), "constant(3)");
    assert_eq!(shown(Distribution::triangular(1.0, 2.0, 5.0)), "triangular(1, 2, 5)");
    assert_eq!(shown(Distribution::pert(1.0, 2.0, 5.0)), "pert(1, 2, 5)");
    assert_eq!(shown(Distribution::beta(1.5, 2.0, 0.0, 1.0)), "beta(1.5, 2, 0, 1)");
    assert_eq!(shown(Distribution::normal(1.0, 0.2, Bounds::NONE)), "normal(1, 0.2)");
    assert_eq!(shown(Distribution::normal(1.0, 0.2, FROM_ZERO)), "normal(1, 0.2) within [0, inf]");
    assert_eq!(
        shown(Distribution::log_normal(1.0, 0.2, between(0.5, 2.0))),
        "log_normal(1, 0.2) within [0.5, 2]"
    );
    assert_eq!(shown(Distribution::gamma(2.5, 2.0)), "gamma(2.5, 2)");
    assert_eq!(shown(Distribution::weibull(1.5, 3.0)), "weibull(1.5, 3)");
    assert_eq!(shown(Distribution::exponential(2.0)), "exponential(2)");
    assert_eq!(shown(Distribution::discrete(&[1.0, 0.0], &[0.25, 0.75])), "discrete(0: 0.75, 1: 0.25)");
    assert_eq!(shown(Distribution::empirical(&[0.5, 0.9, 0.1])), "empirical(0.1, 0.5, 0.9)");
    let many: Vec<f64> = (0..21).map(f64::from).collect();
    assert_eq!(shown(Distribution::empirical(&many)), "empirical(21 values, 0 to 20)");
    assert_eq!(shown(Distribution::uniform(0.1 + 0.2, 1e20)), "uniform(0.30000000000000004, 1e20)");
}

proptest! {
    #[test]
    fn quantile_never_decreases(a in 0.0..1.0_f64, b in 0.0..1.0_f64) {
        let (a, b) = (a.min(b), a.max(b));
        for distribution in every_kind() {
            let (x, y) = (distribution.quantile(a), distribution.quantile(b));
            let (low, high) = distribution.support();
            prop_assert!(low <= x && x <= high, "{} at {}: {}", distribution, a, x);
            prop_assert!(x <= y, "{}: {} at {}, {} at {}", distribution, x, a, y, b);
        }
    }

    #[test]
    fn quantile_of_neighbours_falls_by_no_more_than_rounding(u in 1e-9..0.999_999_f64) {
        let next = u * (1.0 + f64::EPSILON);
        for distribution in every_kind() {
            let (x, y) = (distribution.quantile(u), distribution.quantile(next));
            // A value near zero that is the difference of larger ones is rounded as they are.
            let terms = [x, distribution.support().0, distribution.quantile(0.5)];
            let size = terms.into_iter().filter(|x| x.is_finite()).fold(0.0, |most, x| f64::max(most, x.abs()));
            prop_assert!(y >= x - 1e-11 * size, "{} at {}: {} {}", distribution, u, x, y);
        }
    }

    #[test]
    fn fill_gives_the_bits_of_quantile(u in prop::collection::vec(0.0..1.0_f64, 0..9)) {
        for distribution in every_kind() {
            let mut filled = u.clone();
            distribution.fill_quantiles(&mut filled);
            for (x, u) in filled.iter().zip(&u) {
                prop_assert_eq!(x.to_bits(), distribution.quantile(*u).to_bits());
            }
        }
    }

    #[test]
    fn any_ordered_triple_makes_a_triangular_and_a_pert(
        mut ends in prop::array::uniform3(-1e6..1e6_f64), u in 0.0..1.0_f64,
    ) {
        ends.sort_by(f64::total_cmp);
        let [low, mode, high] = ends;
        for built in [
            Distribution::triangular(low, mode, high),
            Distribution::pert(low, mode, high),
        ] {
            let distribution = built.unwrap();
            let x = distribution.quantile(u);
            prop_assert!(low <= x && x <= high);
            prop_assert!(low <= distribution.mean() && distribution.mean() <= high);
        }
    }
}
