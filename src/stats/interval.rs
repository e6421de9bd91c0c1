//! Confidence intervals from the incomplete beta function.

use crate::draw::{BetaFunction, normal_quantile};
use serde::{Deserialize, Serialize};

/// Trials up to which the incomplete beta function has its digits.
const MOST: u64 = 10_000_000;

/// A closed interval, in the unit of the quantity it belongs to.
///
/// Where so few trials, or a confidence of 1, bound a quantity on one side or on none, there is no interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Interval {
    /// Whether `x` lies within the interval, ends included.
    pub fn contains(&self, x: f64) -> bool {
        self.low <= x && x <= self.high
    }

    /// Half the distance between its ends: the figure behind a ±.
    pub fn half_width(&self) -> f64 {
        0.5 * (self.high - self.low)
    }
}

/// Clopper–Pearson interval of a probability seen `successes` times in `trials`.
///
/// `level` is the two-sided confidence, e.g. 0.95; it is clamped to `[0, 1]`, and NaN gives NaN. With no trials the
/// interval is `[0, 1]`; `successes` above `trials` count as `trials`. Good to a relative 1e-11 up
/// to 1,000 trials and to 1e-9 up to 10^7, for levels from 0.5; of more trials the interval is that of as large a share
/// of 10^7, which is wider than it need be.
///
/// # Formula
///
/// With `α = 1 - level`, the bounds are the `p` at which a count as extreme as the one seen has
/// probability `α/2` in either direction:
///
/// ```text
/// low :  P(B >= k | n, p) = I_p(k, n-k+1) = α/2        (0 when k = 0)
/// high:  P(B <= k | n, p) = 1 - I_p(k+1, n-k) = α/2    (1 when k = n)
/// ```
///
/// Coverage is at least `level`. Clopper & Pearson (1934), "The use of confidence or fiducial
/// limits illustrated in the case of the binomial", Biometrika 26.
pub fn clopper_pearson(successes: u64, trials: u64, level: f64) -> Interval {
    if trials > MOST {
        let of = |seen: f64| clopper_pearson(seen as u64, MOST, level);
        let seen = successes.min(trials) as f64 * (MOST as f64 / trials as f64);
        return Interval { low: of(seen.floor()).low, high: of(seen.ceil()).high };
    }
    let tail = tail_probability(level);
    if tail.is_nan() {
        return Interval { low: tail, high: tail };
    }
    let (k, n) = (successes.min(trials) as f64, trials as f64);
    let low = if k == 0.0 { 0.0 } else { beta_split(k, n - k + 1.0, tail, 1.0 - tail)[0] };
    let high = if k == n { 1.0 } else { beta_split(k + 1.0, n - k, 1.0 - tail, tail)[0] };
    Interval { low, high }
}

/// Probability left out on each side of a two-sided interval.
pub(super) fn tail_probability(level: f64) -> f64 {
    (1.0 - level).clamp(0.0, 1.0) / 2.0
}

/// The `1 - tail` quantile of Student's t with `df` degrees of freedom, for `tail <= 1/2`.
pub(super) fn student_t(df: f64, tail: f64) -> f64 {
    if tail.is_nan() {
        return f64::NAN;
    }
    if tail <= 0.0 {
        return f64::INFINITY;
    }
    // Past this the beta route loses digits in the continued fraction, while the first term the
    // expansion leaves out is below 1e-11.
    if df >= 1000.0 {
        let z = -normal_quantile(tail);
        let z2 = z * z;
        // Abramowitz & Stegun 26.7.5.
        let g1 = (z2 + 1.0) / 4.0;
        let g2 = ((5.0 * z2 + 16.0) * z2 + 3.0) / 96.0;
        let g3 = (((3.0 * z2 + 19.0) * z2 + 17.0) * z2 - 15.0) / 384.0;
        return z * (1.0 + (g1 + (g2 + g3 / df) / df) / df);
    }
    let [x, rest] = beta_split(df / 2.0, 0.5, 2.0 * tail, 1.0 - 2.0 * tail);
    (df * rest / x).sqrt()
}

/// Ranks `(l, u)`, from 1, of the order statistics that enclose the `q` quantile of `n` draws
/// with probability at least `1 - 2 tail`; `None` where one of them would lie off the sample.
pub(super) fn quantile_ranks(n: usize, q: f64, tail: f64) -> Option<(usize, usize)> {
    if n as u64 > MOST {
        let (low, high) = quantile_ranks(MOST as usize, q, tail)?;
        let of = |rank: usize| rank as f64 * (n as f64 / MOST as f64);
        return Some(((of(low).floor() as usize).clamp(1, n), (of(high).ceil() as usize).clamp(1, n)));
    }
    let centre = ((n as f64 * q) as usize).min(n);
    // The number of draws below the quantile is binomial, so rank l is at or below the quantile
    // with probability P(B >= l), and rank u at or above it with P(B < u).
    let (mut low, mut above) = (0, centre + 1);
    while low + 1 < above {
        let mid = low + (above - low) / 2;
        if at_least(mid, n, q) >= 1.0 - tail {
            low = mid;
        } else {
            above = mid;
        }
    }
    let (mut below, mut high) = (centre, n + 1);
    while below + 1 < high {
        let mid = below + (high - below) / 2;
        if at_least(mid, n, q) <= tail {
            high = mid;
        } else {
            below = mid;
        }
    }
    (low >= 1 && high <= n).then_some((low, high))
}

/// `P(B >= k)` for `B` binomial with `n` draws of probability `p`, `1 <= k <= n`.
fn at_least(k: usize, n: usize, p: f64) -> f64 {
    let (k, n) = (k as f64, n as f64);
    BetaFunction::new(k, n - k + 1.0).cumulative(p)
}

/// The `x` at which `I_x(a, b) = p = 1 - q`, and `1 - x`, for any `p` from 0 to 1 or NaN.
fn beta_split(a: f64, b: f64, p: f64, q: f64) -> [f64; 2] {
    match (p, q) {
        _ if p.is_nan() => [f64::NAN; 2],
        (0.0, _) => [0.0, 1.0],
        (_, 0.0) => [1.0, 0.0],
        _ => BetaFunction::new(a, b).split(p, q),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn clopper_pearson_matches_published_values() {
        // R's binom.test for the first three, clopper.pearson.ci of the R package GenBinomApps
        // (one-sided 95 %, so level 0.9) for the upper limit of the last.
        let published = [
            (9, 24, 0.95, 0.187_992_9, 0.594_063_6, 1e-6),
            (1, 1497, 0.90, 3.426_347e-5, 3.164_954e-3, 1e-6),
            (542, 3611, 0.90, 0.140_393_9, 0.160_221_4, 1e-6),
        ];
        for (k, n, level, low, high, tolerance) in published {
            let ci = clopper_pearson(k, n, level);
            assert_relative_eq!(ci.low, low, max_relative = tolerance);
            assert_relative_eq!(ci.high, high, max_relative = tolerance);
        }
        let ci = clopper_pearson(5, 100_000, 0.90);
        assert_relative_eq!(ci.high, 0.000_105_127_5, max_relative = 1e-6);
    }

    #[test]
    fn clopper_pearson_has_closed_forms_at_none_and_all() {
        for n in [1_u64, 7, 1000, 1_000_000] {
            let bound = 0.025_f64.powf(1.0 / n as f64);
            let none = clopper_pearson(0, n, 0.95);
            assert_eq!(none.low, 0.0);
            assert_relative_eq!(none.high, 1.0 - bound, max_relative = 1e-7);
            let all = clopper_pearson(n, n, 0.95);
            assert_relative_eq!(all.low, bound, max_relative = 1e-7);
            assert_eq!(all.high, 1.0);
        }
        assert_eq!(clopper_pearson(0, 0, 0.95), Interval { low: 0.0, high: 1.0 });
    }

    #[test]
    fn clopper_pearson_meets_the_normal_limit_at_ten_million_trials() {
        let (n, k) = (10_000_000_u64, 5_000_000_u64);
        let ci = clopper_pearson(k, n, 0.95);
        // The exact interval is the normal one widened by half a trial on each side.
        let half = 1.959_963_985 * (0.25 / n as f64).sqrt() + 0.5 / n as f64;
        assert_relative_eq!(ci.low, 0.5 - half, max_relative = 1e-9);
        assert_relative_eq!(ci.high, 0.5 + half, max_relative = 1e-9);
    }

    #[test]
    fn more_trials_than_have_digits_give_the_interval_of_fewer() {
        let whole = clopper_pearson(5_000, 10_000_000, 0.95);
        assert_eq!(clopper_pearson(5_000_000_000, 10_000_000_000_000, 0.95), whole);
        let off = clopper_pearson(5_000_000_001, 10_000_000_000_000, 0.95);
        assert!(off.low == whole.low && off.high > whole.high && off.high < 1.001 * whole.high);
        let all = clopper_pearson(u64::MAX, u64::MAX, 0.95);
        assert_eq!((all.low, all.high), (clopper_pearson(10_000_000, 10_000_000, 0.95).low, 1.0));
        let (low, high) = quantile_ranks(1_000_000_000, 0.5, 0.025).unwrap();
        let (fewer_low, fewer_high) = quantile_ranks(10_000_000, 0.5, 0.025).unwrap();
        assert_eq!((low, high), (100 * fewer_low, 100 * fewer_high));
    }

    #[test]
    fn clopper_pearson_leaves_the_tail_on_each_side() {
        // Direct binomial sum, independent of the beta function.
        let (k, n) = (3_u64, 12_u64);
        let pmf = |j: u64, p: f64| {
            let ways = (0..j).fold(1.0, |c, i| c * (n - i) as f64 / (i + 1) as f64);
            ways * p.powi(j as i32) * (1.0 - p).powi((n - j) as i32)
        };
        let ci = clopper_pearson(k, n, 0.8);
        let up: f64 = (k..=n).map(|j| pmf(j, ci.low)).sum();
        let down: f64 = (0..=k).map(|j| pmf(j, ci.high)).sum();
        assert_relative_eq!(up, 0.1, max_relative = 1e-9);
        assert_relative_eq!(down, 0.1, max_relative = 1e-9);
    }

    #[test]
    fn student_t_matches_the_tables() {
        // NIST/SEMATECH e-Handbook 1.3.6.7.2, and the normal limit with its 1/df term.
        for (df, expected) in [(1.0, 12.706), (2.0, 4.303), (10.0, 2.228), (100.0, 1.984)] {
            assert!((student_t(df, 0.025) - expected).abs() < 5.1e-4);
        }
        let z = 1.959_963_984_540_054_f64;
        let million = z + (z.powi(3) + z) / 4e6;
        assert_relative_eq!(student_t(1e6, 0.025), million, max_relative = 1e-11);
        assert_eq!(student_t(5.0, 0.0), f64::INFINITY);
    }

    #[test]
    fn student_t_joins_its_two_routes() {
        let (below, above) = (student_t(999.999_999, 0.005), student_t(1000.0, 0.005));
        assert_relative_eq!(below, above, max_relative = 1e-9);
    }

    #[test]
    fn quantile_ranks_are_the_tightest_that_keep_the_tail() {
        // Median of 10: P(B <= 1) = 11/1024 <= 0.025 < 56/1024 = P(B <= 2), so ranks 2 and 9.
        assert_eq!(quantile_ranks(10, 0.5, 0.025), Some((2, 9)));
        // Median of 5: P(B = 0) = 1/32 > 0.025, so both ranks fall off the sample; of 6 it is 1/64.
        assert_eq!(quantile_ranks(5, 0.5, 0.025), None);
        assert_eq!(quantile_ranks(6, 0.5, 0.025), Some((1, 6)));
        // The 0.95 quantile: 0.95^72 = 0.0249 is the first power below 0.025.
        assert_eq!(quantile_ranks(71, 0.95, 0.025), None);
        assert_eq!(quantile_ranks(72, 0.95, 0.025).map(|(_, u)| u), Some(72));
        let (l, u) = quantile_ranks(1_000_000, 0.99, 0.025).unwrap();
        // Normal approximation: 990000 -+ 1.96 * 99.5, within one rank.
        assert!(l.abs_diff(989_805) <= 1 && u.abs_diff(990_196) <= 1);
    }
}
