//! Each distribution against exact values, independent cumulative functions of
//! `statrs`, samples of `rand_distr`, and its own contract.

mod contract;

use approx::assert_relative_eq;
use rand_distr::Distribution as _;
use statrs::distribution::{self as reference, ContinuousCDF};

use super::super::stream::Stream;
use super::*;

const N: usize = 20_000;
/// Critical value of the Kolmogorov-Smirnov statistic times sqrt(n) at a level
/// of 0.001. The draws are fixed, so a test fails always or never.
const KOLMOGOROV: f64 = 1.9495;

const FROM_ZERO: Bounds = Bounds { low: Some(0.0), high: None };

fn between(low: f64, high: f64) -> Bounds {
    Bounds { low: Some(low), high: Some(high) }
}

/// One or more of every kind.
pub(super) fn every_kind() -> Vec<Distribution> {
    [
        Distribution::constant(3.0),
        Distribution::uniform(-1.0, 4.0),
        Distribution::triangular(1.0, 2.0, 5.0),
        Distribution::triangular(1.0, 1.0, 5.0),
        Distribution::triangular(1.0, 5.0, 5.0),
        Distribution::pert(1.0, 2.0, 5.0),
        Distribution::pert(0.0, 0.0, 5.0),
        Distribution::pert(0.0, 5.0, 5.0),
        Distribution::beta(0.5, 0.5, 0.0, 1.0),
        Distribution::beta(0.001, 0.001, -1.0, 1.0),
        Distribution::beta(0.01, 30.0, 0.0, 1.0),
        Distribution::beta(5e4, 1e5, 0.0, 1.0),
        Distribution::normal(1.0, 0.5, Bounds::NONE),
        Distribution::normal(1.0, 0.5, FROM_ZERO),
        Distribution::normal(0.0, 1.0, between(3.0, 4.0)),
        Distribution::normal(0.0, 1.0, between(-4.0, -3.0)),
        Distribution::normal(0.0, 1.0, Bounds { low: Some(37.0), high: None }),
        Distribution::normal(1.0, 0.5, Bounds { low: None, high: Some(-14.0) }),
        Distribution::log_normal(2.0, 0.5, Bounds::NONE),
        Distribution::log_normal(2.0, 0.5, between(1.0, 5.0)),
        Distribution::gamma(2.5, 2.0),
        Distribution::gamma(0.001, 2.0),
        Distribution::gamma(1e5, 2.0),
        Distribution::weibull(1.5, 3.0),
        Distribution::weibull(0.01, 3.0),
        Distribution::exponential(2.0),
        Distribution::discrete(&[3.0, -1.0, 7.0], &[1.0, 2.0, 1.0]),
        Distribution::empirical(&[4.0, 1.0, 2.0, 9.0, 2.0]),
        Distribution::empirical(&[4.0]),
    ]
    .into_iter()
    .map(Result::unwrap)
    .collect()
}

fn sample(distribution: &Distribution, name: &str) -> Vec<f64> {
    let mut values = vec![0.0; N];
    Stream::new(2024, name).fill_uniform(0, 0, &mut values);
    distribution.fill_quantiles(&mut values);
    values
}

/// Greatest distance of a sample's distribution function from `cdf`, times
/// sqrt(n).
fn distance_to_cdf(mut values: Vec<f64>, cdf: impl Fn(f64) -> f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let n = values.len() as f64;
    let distance = values
        .iter()
        .enumerate()
        .map(|(k, x)| {
            let p = cdf(*x);
            (p - k as f64 / n).abs().max((p - (k + 1) as f64 / n).abs())
        })
        .fold(0.0, f64::max);
    distance * n.sqrt()
}

/// The same between two samples of `N`, times sqrt(n / 2).
fn distance_between(mut a: Vec<f64>, mut b: Vec<f64>) -> f64 {
    a.sort_by(f64::total_cmp);
    b.sort_by(f64::total_cmp);
    let distance = a
        .iter()
        .enumerate()
        .map(|(k, x)| (k as f64 - b.partition_point(|y| y < x) as f64).abs() / N as f64)
        .fold(0.0, f64::max);
    distance * (N as f64 / 2.0).sqrt()
}

/// The sample follows `cdf`, and `cdf` undoes the quantile function.
fn assert_follows(distribution: &Distribution, cdf: impl Fn(f64) -> f64) {
    let values = sample(distribution, "kolmogorov");
    let statistic = distance_to_cdf(values, &cdf);
    assert!(statistic < KOLMOGOROV, "{distribution}: {statistic}");
    for k in 1..200 {
        let u = f64::from(k) / 200.0;
        assert_relative_eq!(cdf(distribution.quantile(u)), u, max_relative = 1e-9);
    }
}

#[test]
fn uniform_follows_its_cdf() {
    let other = reference::Uniform::new(-1.0, 4.0).unwrap();
    assert_follows(&Distribution::uniform(-1.0, 4.0).unwrap(), |x| other.cdf(x));
}

#[test]
fn triangular_follows_its_cdf() {
    for (low, mode, high) in [(1.0, 2.0, 5.0), (1.0, 1.0, 5.0), (1.0, 5.0, 5.0)] {
        let other = reference::Triangular::new(low, high, mode).unwrap();
        assert_follows(&Distribution::triangular(low, mode, high).unwrap(), |x| other.cdf(x));
    }
}

#[test]
fn pert_follows_its_cdf() {
    for (mode, alpha, beta) in [(2.0, 2.0, 4.0), (1.0, 1.0, 5.0), (5.0, 5.0, 1.0)] {
        let other = reference::Beta::new(alpha, beta).unwrap();
        let pert = Distribution::pert(1.0, mode, 5.0).unwrap();
        assert_follows(&pert, |x| other.cdf((x - 1.0) / 4.0));
    }
}

#[test]
fn beta_follows_its_cdf() {
    for (alpha, beta) in [(0.5, 0.5), (0.2, 3.0), (7.0, 2.0), (900.0, 400.0)] {
        let other = reference::Beta::new(alpha, beta).unwrap();
        let scaled = Distribution::beta(alpha, beta, 0.0, 4.0).unwrap();
        assert_follows(&scaled, |x| other.cdf(x / 4.0));
    }
}

#[test]
fn normal_follows_its_cdf() {
    let other = reference::Normal::new(1.0, 0.5).unwrap();
    let plain = Distribution::normal(1.0, 0.5, Bounds::NONE).unwrap();
    assert_follows(&plain, |x| other.cdf(x));
    for (low, high) in [(0.5, 1.25), (2.0, 3.0), (-1.0, 0.0)] {
        let truncated = Distribution::normal(1.0, 0.5, between(low, high)).unwrap();
        let (first, last) = (other.cdf(low), other.cdf(high));
        assert_follows(&truncated, |x| (other.cdf(x) - first) / (last - first));
    }
}

#[test]
fn log_normal_follows_its_cdf() {
    let other = reference::LogNormal::new(2.0_f64.ln(), 0.5).unwrap();
    let plain = Distribution::log_normal(2.0, 0.5, Bounds::NONE).unwrap();
    assert_follows(&plain, |x| other.cdf(x));
    let truncated = Distribution::log_normal(2.0, 0.5, between(1.0, 5.0)).unwrap();
    let (first, last) = (other.cdf(1.0), other.cdf(5.0));
    assert_follows(&truncated, |x| (other.cdf(x) - first) / (last - first));
}

#[test]
fn gamma_follows_its_cdf() {
    for shape in [0.3, 1.0, 2.5, 80.0] {
        let other = reference::Gamma::new(shape, 0.5).unwrap();
        assert_follows(&Distribution::gamma(shape, 2.0).unwrap(), |x| other.cdf(x));
    }
}

#[test]
fn weibull_follows_its_cdf() {
    let other = reference::Weibull::new(1.5, 3.0).unwrap();
    assert_follows(&Distribution::weibull(1.5, 3.0).unwrap(), |x| other.cdf(x));
}

#[test]
fn exponential_follows_its_cdf() {
    let other = reference::Exp::new(0.5).unwrap();
    assert_follows(&Distribution::exponential(2.0).unwrap(), |x| other.cdf(x));
}

#[test]
fn empirical_follows_the_line_through_the_sorted_values() {
    let empirical = Distribution::empirical(&[4.0, 1.0, 2.0, 9.0, 3.0]).unwrap();
    let knots = [1.0, 2.0, 3.0, 4.0, 9.0];
    assert_follows(&empirical, |x| {
        let k = knots.partition_point(|knot| *knot <= x).clamp(1, 4);
        ((k - 1) as f64 + (x - knots[k - 1]) / (knots[k] - knots[k - 1])) / 4.0
    });
}

#[test]
fn discrete_values_come_as_often_as_their_weights_say() {
    let discrete = Distribution::discrete(&[3.0, -1.0, 8.0, 7.0], &[1.0, 2.0, 0.0, 5.0]).unwrap();
    let values = sample(&discrete, "discrete");
    for (value, p) in [(-1.0, 0.25), (3.0, 0.125), (7.0, 0.625), (8.0, 0.0)] {
        let count = values.iter().filter(|x| **x == value).count() as f64;
        // Four standard deviations of a binomial count.
        let limit = 4.0 * (N as f64 * p * (1.0 - p)).sqrt();
        assert!((count - N as f64 * p).abs() <= limit, "{value}: {count}");
    }
    assert_eq!(discrete.quantile(0.25), -1.0);
    assert_eq!(discrete.quantile(0.25 + f64::EPSILON), 3.0);
    assert_eq!(discrete.quantile(0.375), 3.0);
}

#[test]
fn samples_match_those_of_a_rejection_sampler() {
    let stream = Stream::new(7, "rejection");
    let draw = |sampler: &dyn Fn(&mut super::super::AddressedRng) -> f64| -> Vec<f64> {
        (0..N as u64).map(|trial| sampler(&mut stream.rng(trial))).collect()
    };
    let other = rand_distr::Gamma::new(2.5, 2.0).unwrap();
    let ours = sample(&Distribution::gamma(2.5, 2.0).unwrap(), "gamma");
    let statistic = distance_between(ours, draw(&|rng| other.sample(rng)));
    assert!(statistic < KOLMOGOROV, "gamma {statistic}");

    let other = rand_distr::Pert::new(1.0, 5.0).with_mode(2.0).unwrap();
    let ours = sample(&Distribution::pert(1.0, 2.0, 5.0).unwrap(), "pert");
    let statistic = distance_between(ours, draw(&|rng| other.sample(rng)));
    assert!(statistic < KOLMOGOROV, "pert {statistic}");

    let other = rand_distr::StandardNormal;
    let ours = sample(&Distribution::normal(0.0, 1.0, Bounds::NONE).unwrap(), "normal");
    let statistic = distance_between(ours, draw(&|rng| other.sample(rng)));
    assert!(statistic < KOLMOGOROV, "normal {statistic}");
}

#[test]
fn kolmogorov_distance_sees_a_wrong_distribution() {
    let other = reference::Normal::new(1.0, 0.54).unwrap();
    let values = sample(&Distribution::normal(1.0, 0.5, Bounds::NONE).unwrap(), "wrong");
    assert!(distance_to_cdf(values.clone(), |x| other.cdf(x)) > KOLMOGOROV);
    let wider = values.iter().map(|x| 1.0 + 1.12 * (x - 1.0)).collect();
    assert!(distance_between(values, wider) > KOLMOGOROV);
}

#[test]
fn quantiles_and_means_meet_exact_values() {
    // 40-digit arithmetic; the quantile is that of 0.3.
    let cases = [
        (Distribution::triangular(1.0, 2.0, 5.0), 2.101_724_650_762_112, 8.0 / 3.0),
        (Distribution::pert(0.0, 1.0, 4.0), 4.0 * 0.218_026_915_763_224_7, 4.0 / 3.0),
        (Distribution::beta(2.0, 4.0, 0.0, 1.0), 0.218_026_915_763_224_7, 1.0 / 3.0),
        (Distribution::normal(1.0, 0.5, FROM_ZERO), 0.760_437_836_798_954_5, 1.027_623_931_339_495),
        (Distribution::normal(0.0, 1.0, between(3.0, 4.0)), 3.104_057_856_764_677, 3.260_454_285_590_021),
        (Distribution::normal(0.0, 1.0, between(-4.0, -3.0)), -3.334_581_521_303_79, -3.260_454_285_590_021),
        (Distribution::log_normal(2.0, 0.5, Bounds::NONE), 1.538_713_879_328_517_8, 2.266_296_906_133_652_6),
        (
            Distribution::log_normal(2.0, 0.5, between(1.0, 5.0)),
            1.644_961_556_194_765_4,
            2.254_240_678_769_370_3,
        ),
        (Distribution::gamma(2.5, 1.0), 1.499_954_066_379_953, 2.5),
        (Distribution::weibull(1.5, 3.0), 1.508_816_144_747_155, 2.708_235_878_852_801),
        (Distribution::exponential(2.0), 0.713_349_887_877_464_7, 2.0),
        (Distribution::uniform(-1.0, 4.0), 0.5, 1.5),
        (Distribution::discrete(&[3.0, -1.0], &[1.0, 3.0]), -1.0, 0.0),
        (Distribution::empirical(&[1.0, 5.0, 2.0]), 1.6, 2.5),
        (Distribution::constant(3.0), 3.0, 3.0),
    ];
    for (distribution, quantile, mean) in cases {
        let distribution = distribution.unwrap();
        assert_relative_eq!(distribution.quantile(0.3), quantile, max_relative = 1e-14);
        assert_relative_eq!(distribution.mean(), mean, max_relative = 1e-13);
    }
}

#[test]
fn bits_of_quantiles_never_change() {
    // Quantiles of 0.3 and 0.99.
    let bits: [(u64, u64); 29] = [
        (0x4008_0000_0000_0000, 0x4008_0000_0000_0000),
        (0x3fe0_0000_0000_0000, 0x400f_9999_9999_999a),
        (0x4000_d055_0381_c32a, 0x4012_9d46_a795_2f5e),
        (0x3ffa_7429_810a_9a10, 0x4012_6666_6666_6666),
        (0x4009_86f1_74f8_8472, 0x4013_eb77_f264_dc52),
        (0x3ffd_f427_2a36_7376, 0x4010_7264_5558_36d7),
        (0x3fd6_0832_eebe_3d12, 0x4008_1361_f056_c910),
        (0x400f_70ab_edbf_b410, 0x4013_f5b8_02c9_2407),
        (0x3fca_61b9_f715_4b3b, 0x3fef_fdfa_974e_8843),
        (0xbff0_0000_0000_0000, 0x3ff0_0000_0000_0000),
        (0x34b8_3e6c_0c48_49d9, 0x3f82_5077_bc0c_985e),
        (0x3fd5_4add_f061_c092, 0x3fd5_83c7_4aff_f946),
        (0x3fe7_9c0e_353e_9d03, 0x4001_4e2e_2318_7f86),
        (0x3fe8_5581_baf6_28ec, 0x4001_5702_5425_35f4),
        (0x4008_d51c_491d_91b2, 0x400f_55be_a14f_8445),
        (0xc00a_ad39_139e_c401, 0xc008_061e_770f_b97a),
        (0x4042_813b_9b98_25c7, 0x4042_8fe4_a614_f80a),
        (0xc02c_0a41_74fa_2ea8, 0xc02c_0015_ee4c_b14a),
        (0x3ff8_9e92_71d9_e05c, 0x4019_99c0_66c7_2844),
        (0x3ffa_51c3_3570_8a61, 0x4012_f3b4_4258_d311),
        (0x4007_ffcf_d5c9_aa6d, 0x402e_2c2b_e7b5_2448),
        (0x0000_0000_0000_0000, 0x3f09_7017_397d_7357),
        (0x4108_5f9e_dbb4_d5d9, 0x4108_9812_047e_09ed),
        (0x3ff8_241c_65d5_da74, 0x4020_9ba0_221f_785e),
        (0x36bc_e721_9423_38d2, 0x4dce_12c1_b9b1_8598),
        (0x3fe6_d3c3_24e1_3f4e, 0x4022_6bb1_bbb5_5514),
        (0xbff0_0000_0000_0000, 0x401c_0000_0000_0000),
        (0x4000_0000_0000_0000, 0x4021_9999_9999_999a),
        (0x4010_0000_0000_0000, 0x4010_0000_0000_0000),
    ];
    let kinds = every_kind();
    assert_eq!(kinds.len(), bits.len());
    for (distribution, expected) in kinds.iter().zip(bits) {
        let found = (distribution.quantile(0.3).to_bits(), distribution.quantile(0.99).to_bits());
        assert_eq!(found, expected, "{distribution}");
    }
}

#[test]
fn mean_is_that_of_the_sample() {
    for distribution in every_kind() {
        // The sample mean of such a Weibull distribution says nothing: its
        // median is 3e-16 and its mean 3e158.
        if distribution == Distribution::weibull(0.01, 3.0).unwrap() {
            continue;
        }
        let values = sample(&distribution, "mean");
        let n = N as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
        let limit = 4.0 * (variance / n).sqrt() + 1e-12 * mean.abs();
        assert!((mean - distribution.mean()).abs() <= limit, "{distribution}: {mean}");
    }
}
