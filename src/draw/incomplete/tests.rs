use approx::assert_relative_eq;
use proptest::prelude::*;
use statrs::function::{beta::beta_reg, gamma::gamma_lr};

use super::*;

#[test]
fn beta_quantiles_meet_exact_values() {
    // 40-digit arithmetic.
    for (a, b, p, exact) in [
        (2.0, 4.0, 0.3, 0.218_026_915_763_224_7),
        (2.0, 4.0, 1e-6, 0.000_316_327_821_393_724_23),
        (1.0, 5.0, 0.999, 0.748_811_356_849_042),
        (0.5, 0.5, 0.1, 0.024_471_741_852_423_217),
        (0.05, 3.0, 0.7, 0.000_183_590_149_747_091_57),
        (50.0, 20.0, 0.01, 0.581_776_693_096_904_7),
        (300.0, 7.0, 0.5, 0.978_227_632_559_475),
        (2.0, 4.0, 1.0 - f64::EPSILON / 2.0, 0.999_931_353_876_224_9),
    ] {
        let x = BetaFunction::new(a, b).quantile(p);
        assert_relative_eq!(x, exact, max_relative = 2e-13);
    }
}

#[test]
fn gamma_quantiles_meet_exact_values() {
    // 40-digit arithmetic.
    for (a, p, exact) in [
        (2.5, 0.3, 1.499_954_066_379_953),
        (2.5, 1e-9, 0.000_406_144_782_832_827_04),
        (0.3, 0.9, 0.884_810_773_360_244),
        (0.05, 0.5, 5.573_878_440_746_248e-7),
        (100.0, 0.01, 78.215_983_053_795_82),
        (700.0, 0.99, 763.015_942_290_431_9),
        (1.0, 1.0 - f64::EPSILON / 2.0, 36.736_800_569_677_1),
    ] {
        let x = GammaFunction::new(a).quantile(p);
        assert_relative_eq!(x, exact, max_relative = 2e-13);
    }
}

#[test]
fn cumulative_probabilities_run_from_0_to_1() {
    for (a, b) in [(2.0, 4.0), (0.5, 0.5), (5e6, 5e6)] {
        let beta = BetaFunction::new(a, b);
        assert_eq!((beta.cumulative(0.0), beta.cumulative(1.0)), (0.0, 1.0));
    }
    let gamma = GammaFunction::new(2.5);
    let ends = [0.0, 1e300, f64::INFINITY].map(|x| gamma.cumulative(x));
    assert_eq!(ends, [0.0, 1.0, 1.0]);
}

#[test]
fn what_is_left_of_1_has_all_its_digits() {
    // For a second shape of 1, I_x is x^a.
    for q in [1e-3, 1e-9, 1e-15] {
        let [x, rest] = BetaFunction::new(3.0, 1.0).split(1.0 - q, q);
        assert_relative_eq!(rest, -libm::expm1(libm::log1p(-q) / 3.0), max_relative = 1e-13);
        assert_eq!(x, 1.0 - rest);
    }
}

#[test]
fn beta_with_one_shape_1_has_a_closed_form() {
    for k in 1..1000 {
        let p = f64::from(k) / 1000.0;
        let x = BetaFunction::new(1.0, 5.0).quantile(p);
        assert_relative_eq!(x, 1.0 - libm::pow(1.0 - p, 0.2), max_relative = 1e-13);
        let x = BetaFunction::new(0.2, 1.0).quantile(p);
        assert_relative_eq!(x, libm::pow(p, 5.0), max_relative = 1e-13);
    }
}

proptest! {
    #[test]
    fn beta_distribution_undoes_its_quantile(
        log_a in -4.0..7.0_f64, log_b in -4.0..7.0_f64, p in 0.0001..0.9999_f64,
    ) {
        let (a, b) = (libm::exp(log_a), libm::exp(log_b));
        let x = BetaFunction::new(a, b).quantile(p);
        // Where the quantile is within rounding of an end, no x gives p back.
        prop_assume!(x > 1e-290 && x < 1.0 - 1e-6);
        for back in [beta_reg(a, b, x), BetaFunction::new(a, b).cumulative(x)] {
            prop_assert!((back - p).abs() < 1e-9, "a {} b {} p {} x {} back {}", a, b, p, x, back);
        }
    }

    #[test]
    fn gamma_distribution_undoes_its_quantile(log_a in -4.0..7.0_f64, p in 0.0001..0.9999_f64) {
        let a = libm::exp(log_a);
        let x = GammaFunction::new(a).quantile(p);
        prop_assume!(x > 1e-290);
        for back in [gamma_lr(a, x), GammaFunction::new(a).cumulative(x)] {
            prop_assert!((back - p).abs() < 1e-9, "a {} p {} x {} back {}", a, p, x, back);
        }
    }

    #[test]
    fn quantiles_are_numbers_over_the_whole_range_of_shapes(
        log_a in -6.9..11.5_f64, log_b in -6.9..11.5_f64, p in 1e-12..1.0_f64,
    ) {
        let (a, b) = (libm::exp(log_a), libm::exp(log_b));
        let x = BetaFunction::new(a, b).quantile(p);
        prop_assert!((0.0..=1.0).contains(&x));
        let y = GammaFunction::new(a).quantile(p);
        prop_assert!(y >= 0.0 && y.is_finite());
    }
}
