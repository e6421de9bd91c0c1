//! The standard normal distribution: density, cumulative probability and
//! quantile, with the same bits on every platform.

use std::f64::consts::FRAC_1_SQRT_2;

/// `1 / sqrt(2 pi)`.
const INVERSE_ROOT_TWO_PI: f64 = 0.398_942_280_401_432_7;

/// Density of the standard normal at `z`; 0 at the infinities.
#[must_use]
pub fn normal_pdf(z: f64) -> f64 {
    INVERSE_ROOT_TWO_PI * libm::exp(-0.5 * z * z)
}

/// Probability that a standard normal is at most `z`, as `erfc(-z / sqrt 2) / 2`.
///
/// The relative error is about `1e-16 * (1 + z^2)`, in the lower tail too; for
/// an upper tail take `normal_cdf(-z)`.
#[must_use]
pub fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * FRAC_1_SQRT_2)
}

/// The `z` below which a standard normal lies with probability `p`.
///
/// Algorithm PPND16 of M. J. Wichura, "Algorithm AS 241: the percentage points
/// of the normal distribution", Applied Statistics 37 (1988), 477-484; relative
/// error about 1e-16. It is minus infinity for `p <= 0`, infinity for `p >= 1`
/// and NaN for NaN.
#[must_use]
pub fn normal_quantile(p: f64) -> f64 {
    if p <= 0.0 {
        return f64::NEG_INFINITY;
    }
    if p >= 1.0 {
        return f64::INFINITY;
    }
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * polynomial(r, &CENTRE_NUMERATOR) / polynomial(r, &CENTRE_DENOMINATOR);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    let r = (-libm::log(tail)).sqrt();
    let z = if r <= 5.0 {
        let r = r - 1.6;
        polynomial(r, &TAIL_NUMERATOR) / polynomial(r, &TAIL_DENOMINATOR)
    } else {
        let r = r - 5.0;
        polynomial(r, &FAR_NUMERATOR) / polynomial(r, &FAR_DENOMINATOR)
    };
    if q < 0.0 { -z } else { z }
}

/// Horner's rule; the constant term comes first.
#[inline(always)]
fn polynomial(x: f64, coefficients: &[f64; 8]) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

// The digits are those printed in the paper.
#[allow(clippy::excessive_precision)]
const CENTRE_NUMERATOR: [f64; 8] = [
    3.387_132_872_796_366_608_0e0,
    1.331_416_678_917_843_774_5e2,
    1.971_590_950_306_551_442_7e3,
    1.373_169_376_550_946_112_5e4,
    4.592_195_393_154_987_145_7e4,
    6.726_577_092_700_870_085_3e4,
    3.343_057_558_358_812_810_5e4,
    2.509_080_928_730_122_672_7e3,
];
#[allow(clippy::excessive_precision)]
const CENTRE_DENOMINATOR: [f64; 8] = [
    1.0,
    4.231_333_070_160_091_125_2e1,
    6.871_870_074_920_579_083_0e2,
    5.394_196_021_424_751_107_7e3,
    2.121_379_430_158_659_586_7e4,
    3.930_789_580_009_271_061_0e4,
    2.872_908_573_572_194_267_4e4,
    5.226_495_278_852_854_561_0e3,
];
#[allow(clippy::excessive_precision)]
const TAIL_NUMERATOR: [f64; 8] = [
    1.423_437_110_749_683_577_34e0,
    4.630_337_846_156_545_295_90e0,
    5.769_497_221_460_691_405_50e0,
    3.647_848_324_763_204_605_04e0,
    1.270_458_252_452_368_382_58e0,
    2.417_807_251_774_506_117_70e-1,
    2.272_384_498_926_918_458_33e-2,
    7.745_450_142_783_414_076_40e-4,
];
#[allow(clippy::excessive_precision)]
const TAIL_DENOMINATOR: [f64; 8] = [
    1.0,
    2.053_191_626_637_758_821_87e0,
    1.676_384_830_183_803_849_40e0,
    6.897_673_349_851_000_045_50e-1,
    1.481_039_764_274_800_745_90e-1,
    1.519_866_656_361_645_719_66e-2,
    5.475_938_084_995_344_946_00e-4,
    1.050_750_071_644_416_843_24e-9,
];
#[allow(clippy::excessive_precision)]
const FAR_NUMERATOR: [f64; 8] = [
    6.657_904_643_501_103_777_20e0,
    5.463_784_911_164_114_369_90e0,
    1.784_826_539_917_291_335_80e0,
    2.965_605_718_285_048_912_30e-1,
    2.653_218_952_657_612_309_30e-2,
    1.242_660_947_388_078_438_60e-3,
    2.711_555_568_743_487_578_15e-5,
    2.010_334_399_292_288_132_65e-7,
];
#[allow(clippy::excessive_precision)]
const FAR_DENOMINATOR: [f64; 8] = [
    1.0,
    5.998_322_065_558_879_376_90e-1,
    1.369_298_809_227_358_053_10e-1,
    1.487_536_129_085_061_485_25e-2,
    7.868_691_311_456_132_591_00e-4,
    1.846_318_317_510_054_681_80e-5,
    1.421_511_758_316_445_888_70e-7,
    2.044_263_103_389_939_785_64e-15,
];

#[cfg(all(test, feature = "oracle"))]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;
    use statrs::distribution::{ContinuousCDF, Normal};

    use super::*;

    #[test]
    fn quantile_meets_published_values() {
        // The check values of the paper, one for each branch.
        assert_relative_eq!(normal_quantile(0.25), -0.674_489_750_196_081_7, max_relative = 1e-15);
        assert_relative_eq!(normal_quantile(0.001), -3.090_232_306_167_814, max_relative = 1e-15);
        assert_relative_eq!(normal_quantile(1e-20), -9.262_340_089_798_408, max_relative = 1e-15);
        // Tables of the normal distribution.
        assert_relative_eq!(normal_quantile(0.975), 1.959_963_984_540_054, max_relative = 1e-15);
        assert_relative_eq!(normal_quantile(0.995), 2.575_829_303_548_900_4, max_relative = 2e-15);
        assert_eq!(normal_quantile(0.5), 0.0);
    }

    #[test]
    fn cdf_meets_published_values() {
        assert_eq!(normal_cdf(0.0), 0.5);
        assert_relative_eq!(normal_cdf(1.0), 0.841_344_746_068_542_9, max_relative = 1e-15);
        assert_relative_eq!(normal_cdf(-1.96), 0.024_997_895_148_220_435, max_relative = 2e-15);
        assert_relative_eq!(normal_cdf(-10.0), 7.619_853_024_160_527e-24, max_relative = 2e-14);
    }

    #[test]
    fn cdf_agrees_with_another_library() {
        let other = Normal::standard();
        for k in -380..=80 {
            let z = f64::from(k) / 10.0;
            assert_relative_eq!(normal_cdf(z), other.cdf(z), max_relative = 1e-10);
        }
    }

    #[test]
    fn pdf_is_the_slope_of_the_cdf() {
        for k in -60..=60 {
            let z = f64::from(k) / 10.0;
            let slope = (normal_cdf(z + 1e-5) - normal_cdf(z - 1e-5)) / 2e-5;
            assert_relative_eq!(normal_pdf(z), slope, max_relative = 1e-8, epsilon = 1e-10);
        }
        assert_eq!(normal_pdf(f64::INFINITY), 0.0);
    }

    #[test]
    fn quantile_is_total() {
        assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
        assert_eq!(normal_quantile(1.0), f64::INFINITY);
        assert_eq!(normal_quantile(-1.0), f64::NEG_INFINITY);
        assert_eq!(normal_quantile(2.0), f64::INFINITY);
        assert!(normal_quantile(f64::NAN).is_nan());
        assert!(normal_quantile(f64::MIN_POSITIVE).is_finite());
        assert!(normal_quantile(1.0 - f64::EPSILON / 2.0).is_finite());
    }

    #[test]
    fn quantile_is_continuous_where_the_branches_meet() {
        let tail = libm::exp(-25.0);
        for p in [0.075, 0.925, tail, 1.0 - tail] {
            let below = normal_quantile(p * (1.0 - 4.0 * f64::EPSILON));
            let above = normal_quantile(p * (1.0 + 4.0 * f64::EPSILON));
            let step = 8.0 * f64::EPSILON * p / normal_pdf(below);
            assert!(above > below - 1e-15 * below.abs());
            assert!((above - below).abs() < 2.0 * step + 2e-15 * below.abs());
        }
    }

    #[test]
    fn values_never_change() {
        assert_eq!(normal_quantile(0.3).to_bits(), 0xbfe0_c7e3_9582_c5fa);
        assert_eq!(normal_quantile(0.99).to_bits(), 0x4002_9c5c_4630_ff0c);
        assert_eq!(normal_quantile(1e-15).to_bits(), 0xc01f_c3f0_0778_9667);
        assert_eq!(normal_cdf(-1.25).to_bits(), 0x3fbb_0bdd_12ba_9c29);
    }

    proptest! {
        #[test]
        fn cdf_undoes_quantile(exponent in -300.0..-0.01_f64) {
            let p = libm::pow(10.0, exponent);
            let z = normal_quantile(p);
            // An error of e in z is one of about e * z in log p.
            prop_assert!((normal_cdf(z) / p - 1.0).abs() < 1e-15 * (4.0 + z * z));
        }

        #[test]
        fn quantile_is_odd(p in 0.0..0.5_f64) {
            // 1 - p is exact only on the lattice of the numbers in [0.5, 1].
            let upper = 1.0 - p;
            let lower = 1.0 - upper;
            prop_assert_eq!(normal_quantile(upper), -normal_quantile(lower));
        }
    }
}
