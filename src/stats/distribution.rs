//! The distribution of the loss over the trials of a study.

use serde::{Deserialize, Serialize};

use super::QuantileSketch;
use super::interval::{Interval, clopper_pearson, quantile_ranks, student_t, tail_probability};
use super::rounding::{compare, reach, read};
use super::{LossError, check_negligible};
use std::cmp::Ordering;

/// Largest absolute loss taken: its square, summed over any number of trials, is finite.
const LIMIT: f64 = 1e140;

/// Exceedance probabilities that a curve shows beside the evenly spaced ones.
const TAIL: [f64; 6] = [0.05, 0.02, 0.01, 0.005, 0.002, 0.001];

/// Most points of an exceedance curve that are evenly spaced.
const MOST_POINTS: usize = 10_000;

/// One point of an exceedance curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Exceedance {
    /// Loss; always that of a trial, or 0 for losses that count as none.
    pub loss: f64,
    /// Share of trials with a greater loss.
    pub probability: f64,
    /// Lower end of the 95 % Clopper–Pearson interval of the probability.
    pub low: f64,
    /// Upper end of that interval.
    pub high: f64,
}

/// The losses of all trials, with their moments.
///
/// Every trial weighs the same. Methods that take a probability `q` clamp it to `[0, 1]`; a NaN
/// gives NaN. `level` is a two-sided confidence such as 0.95, clamped likewise; intervals speak
/// of the sampling error of a finite number of trials only, not of the model.
///
/// # Condensed losses
///
/// A distribution of [`CondensedLosses`](super::CondensedLosses) knows the same but for the order statistics, which come
/// from a [`QuantileSketch`]: a loss `x` of rank `k` is read as some `y` with `|y - x| <= e |x|`, `e` =
/// [`relative_error`](Self::relative_error) = 2⁻⁸, or as 0 where it is negligible. So, for losses above the negligible
/// amount:
///
/// - [`quantile`](Self::quantile) and [`tvar`](Self::tvar) are weighted means of order statistics, within a
///   relative `e` of the values that the losses themselves give; where gains are among them, within `e` of the mean of their
///   absolute values.
/// - [`p_exceeds`](Self::p_exceeds) of `x` lies between those that the losses themselves give of `x / (1 - e)` and of
///   `x / (1 + e)`.
/// - The intervals of both hold those that the losses themselves give.
/// - Mean, smallest and greatest loss and the share without loss are exact, and the standard deviation is to rounding.
#[derive(Debug, Clone, PartialEq)]
pub struct LossDistribution {
    losses: Losses,
    trials: usize,
    mean: f64,
    std_dev: f64,
    min: f64,
    max: f64,
    negligible: f64,
}

/// All that is known of the order statistics.
#[derive(Debug, Clone, PartialEq)]
enum Losses {
    /// All, in ascending order.
    Sorted(Vec<f64>),
    /// Counts in bins.
    Counted(QuantileSketch),
}

impl LossDistribution {
    /// Takes the losses, one a trial in trial order. `negligible` is the absolute loss
    /// up to which a trial counts as one without loss, to allow for rounding.
    ///
    /// The moments are summed in trial order in a tree that depends on the number of trials
    /// alone, so their bits depend on nothing but the values.
    ///
    /// # Errors
    ///
    /// [`LossError::Empty`] without trials, [`LossError::NonFinite`] and [`LossError::TooLarge`]
    /// (beyond 10¹⁴⁰) for the first trial they hold of, [`LossError::Negligible`] when that
    /// amount is negative or not finite.
    pub fn new(values: Vec<f64>, negligible: f64) -> Result<Self, LossError> {
        let negligible = check_negligible(negligible)?;
        if values.is_empty() {
            return Err(LossError::Empty);
        }
        for (trial, &value) in values.iter().enumerate() {
            if !value.is_finite() {
                return Err(LossError::NonFinite { trial, value });
            }
            if value.abs() > LIMIT {
                return Err(LossError::TooLarge { trial, value, limit: LIMIT });
            }
        }
        let (mean, std_dev) = moments(&values);
        let mut sorted = values;
        sorted.sort_unstable_by(f64::total_cmp);
        let [min, max] = [sorted.first(), sorted.last()].map(|x| x.copied().unwrap_or(f64::NAN));
        let trials = sorted.len();
        Ok(Self { losses: Losses::Sorted(sorted), trials, mean, std_dev, min, max, negligible })
    }

    /// Of counted losses, at least one, with these moments and ends, none of which is rejected.
    pub(super) fn counted(
        sketch: QuantileSketch,
        (mean, std_dev): (f64, f64),
        (min, max): (f64, f64),
        negligible: f64,
    ) -> Self {
        let trials = sketch.count() as usize;
        Self { losses: Losses::Counted(sketch), trials, mean, std_dev, min, max, negligible }
    }

    /// Number of trials, `n`; at least 1.
    pub fn trials(&self) -> usize {
        self.trials
    }

    /// Largest relative error of an order statistic: 0, or [`QuantileSketch::RELATIVE_ERROR`] for condensed losses.
    pub fn relative_error(&self) -> f64 {
        match self.losses {
            Losses::Sorted(_) => 0.0,
            Losses::Counted(_) => QuantileSketch::RELATIVE_ERROR,
        }
    }

    /// The losses in ascending order, one a trial; none where they are condensed.
    pub fn values_sorted(&self) -> &[f64] {
        match &self.losses {
            Losses::Sorted(sorted) => sorted,
            Losses::Counted(_) => &[],
        }
    }

    /// Expected loss.
    ///
    /// # Formula
    ///
    /// `Σ x_i / n`, corrected once by the mean of the deviations from it.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Sample standard deviation; 0 for one trial, which tells nothing of it.
    ///
    /// # Formula
    ///
    /// ```text
    /// sqrt( (Σ d_i² - (Σ d_i)² / n) / (n - 1) ),   d_i = x_i - mean
    /// ```
    ///
    /// The corrected two-pass algorithm of Chan, Golub & LeVeque (1983), "Algorithms for
    /// computing the sample variance", Am. Stat. 37.
    pub fn std_dev(&self) -> f64 {
        self.std_dev
    }

    /// Standard error of the mean; `None` for one trial, which tells nothing of it.
    ///
    /// # Formula
    ///
    /// `std_dev / sqrt(n)`
    pub fn std_error(&self) -> Option<f64> {
        (self.trials > 1).then(|| self.std_dev / (self.trials as f64).sqrt())
    }

    /// Smallest loss of a trial.
    pub fn min(&self) -> f64 {
        self.min
    }

    /// Greatest loss of a trial.
    pub fn max(&self) -> f64 {
        self.max
    }

    /// Loss that a trial stays at or below with probability `q`.
    ///
    /// # Formula
    ///
    /// With `h = (n - 1) q` and the sorted losses `x` counted from 0,
    ///
    /// ```text
    /// x[⌊h⌋] + (h - ⌊h⌋) (x[⌊h⌋ + 1] - x[⌊h⌋])
    /// ```
    ///
    /// Type 7 of Hyndman & Fan (1996), "Sample quantiles in statistical packages", Am. Stat. 50.
    pub fn quantile(&self, q: f64) -> f64 {
        if q.is_nan() {
            return f64::NAN;
        }
        let h = (self.trials() - 1) as f64 * q.clamp(0.0, 1.0);
        let (below, above) = (self.order(h as usize), self.order((h as usize).saturating_add(1)));
        // Rounding must not carry the value past the next order statistic.
        (below + h.fract() * (above - below)).min(above)
    }

    /// Tail value at risk: the mean loss over the worst share `1 - q` of the trials, also
    /// called expected shortfall. `q = 0` gives the mean, `q = 1` the greatest loss.
    ///
    /// # Formula
    ///
    /// With `m = n (1 - q)` trials in the tail, counted from the greatest loss `y_1` down,
    ///
    /// ```text
    /// ( Σ_{i <= ⌊m⌋} y_i + (m - ⌊m⌋) y_{⌊m⌋+1} ) / m
    /// ```
    ///
    /// so the trial on the border weighs by the share of it that lies in the tail. Acerbi &
    /// Tasche (2002), "On the coherence of expected shortfall", J. Bank. Finance 26, eq. 4.9.
    pub fn tvar(&self, q: f64) -> f64 {
        if q.is_nan() {
            return f64::NAN;
        }
        let n = self.trials();
        let m = n as f64 * (1.0 - q.clamp(0.0, 1.0));
        let whole = (m as usize).min(n);
        let first = n - whole;
        let border = self.order(first.saturating_sub(1));
        if whole == 0 {
            return self.max();
        }
        let greatest = match &self.losses {
            Losses::Sorted(sorted) => pairwise(sorted.get(first..).unwrap_or_default(), &|x| x),
            Losses::Counted(_) if whole == n => return self.mean,
            Losses::Counted(sketch) => sketch.sum_of_greatest(whole as u64),
        };
        let mean = (greatest + m.fract() * border) / m;
        mean.clamp(self.order(first).min(border), self.max())
    }

    /// Confidence interval of the expected loss.
    ///
    /// One trial says nothing of the spread, and no trials bound a mean for certain: of one trial, and at a `level` of 1
    /// or NaN, there is no interval. Two or more equal losses give one of no width, as where nothing is drawn.
    ///
    /// # Formula
    ///
    /// `mean ± t_{n-1, (1+level)/2} · std_error` with Student's t quantile: exact for normal
    /// losses, right in the limit of many trials otherwise (Student 1908, "The probable error of
    /// a mean", Biometrika 6). With few trials of a skewed loss it covers too seldom.
    pub fn mean_ci(&self, level: f64) -> Option<Interval> {
        let half = half_width(self.trials, self.std_dev, level)?;
        Some(Interval { low: self.mean - half, high: self.mean + half })
    }

    /// Confidence interval of the `q` quantile, free of any assumption on the distribution.
    ///
    /// `None` where the trials are too few to bound it on both sides with this confidence, i.e. a rank falls off the
    /// sample: at level 0.95 the median needs 6 trials, the 0.95 quantile 72 and the 0.99 quantile 368. Good for
    /// levels from 0.5; of more than 10⁷ trials it is wider than it need be, as that of 10⁷ is.
    ///
    /// # Formula
    ///
    /// `[x_(l), x_(u)]` with ranks from 1, `l` the greatest and `u` the least for which, with
    /// `B` binomial of `n` draws and probability `q`,
    ///
    /// ```text
    /// P(B < l) <= (1 - level)/2,   P(B >= u) <= (1 - level)/2
    /// ```
    ///
    /// and widened to [`quantile`](Self::quantile) should that lie outside; of condensed losses, to
    /// all losses that may read as its ends. Coverage is at least `level`. David & Nagaraja (2003), "Order Statistics", 3rd ed., section 7.1.
    pub fn quantile_ci(&self, q: f64, level: f64) -> Option<Interval> {
        let (estimate, tail) = (self.quantile(q), tail_probability(level));
        if estimate.is_nan() || tail.is_nan() || tail <= 0.0 {
            return None;
        }
        let (low, high) = quantile_ranks(self.trials, q.clamp(0.0, 1.0), tail)?;
        let (low, high) = (self.order(low.saturating_sub(1)), self.order(high.saturating_sub(1)));
        let [least, _] = self.loss_read_as(low.min(estimate));
        let [_, most] = self.loss_read_as(high.max(estimate));
        Some(Interval { low: least.max(self.min), high: most.min(self.max) })
    }

    /// The losses that may be read as `y`: the least and the greatest of them.
    fn loss_read_as(&self, y: f64) -> [f64; 2] {
        let e = self.relative_error();
        let ends = [y / (1.0 + e), y / (1.0 - e)];
        // Those that count as none are read as 0.
        let none = if e > 0.0 { self.negligible } else { 0.0 };
        [ends[0].min(ends[1]).min(y - none), ends[0].max(ends[1]).max(y + none)]
    }

    /// Share of trials without loss: those whose loss is at most the negligible amount, gains
    /// included. It is 1 less [`p_exceeds`](Self::p_exceeds) of 0.
    pub fn p_no_loss(&self) -> f64 {
        let without = self.trials - self.count_above(0.0);
        without as f64 / self.trials as f64
    }

    /// Confidence interval of the probability of no loss: [`clopper_pearson`] of the number of trials without.
    pub fn p_no_loss_ci(&self, level: f64) -> Interval {
        clopper_pearson((self.trials - self.count_above(0.0)) as u64, self.trials as u64, level)
    }

    /// Share of trials with a loss greater than `x`; NaN for NaN.
    ///
    /// Amounts up to the negligible one, of `x` and of losses, count as 0, and a loss that is greater than `x` by rounding
    /// alone, up to [`ROUNDING`](super::ROUNDING) or the negligible amount, is not greater.
    pub fn p_exceeds(&self, x: f64) -> f64 {
        if x.is_nan() { x } else { self.count_above(x) as f64 / self.trials as f64 }
    }

    /// Confidence interval of the probability that the loss is greater than `x`.
    ///
    /// # Formula
    ///
    /// [`clopper_pearson`] of the number of trials above `x`; of condensed losses, of those that read
    /// as above `x (1 + e)` and `x (1 - e)`. Coverage is at least `level`.
    pub fn p_exceeds_ci(&self, x: f64, level: f64) -> Interval {
        if x.is_nan() {
            return Interval { low: x, high: x };
        }
        let width = if x.is_finite() { self.relative_error() * x.abs() } else { 0.0 };
        let of = |x: f64| clopper_pearson(self.count_above(x) as u64, self.trials() as u64, level);
        Interval { low: of(x + width).low, high: of(x - width).high }
    }

    /// Exceedance curve: loss levels with the probability of a greater loss, the losses strictly
    /// ascending and the probabilities strictly descending to 0 at the greatest loss.
    ///
    /// The levels are losses of trials: `points` of them (at least 2, and no more than there are trials or
    /// 10,000) evenly spaced in rank from the smallest to the greatest, and those that 5, 2, 1, 0.5, 0.2 and 0.1 % of the
    /// trials exceed where there are trials enough. Levels that coincide, or differ by rounding alone, are shown once, the
    /// negligible ones as 0, so a distribution with many equal losses has fewer points.
    ///
    /// # Formula
    ///
    /// `probability` is [`p_exceeds`](Self::p_exceeds) of the loss, `low` and `high` are
    /// [`p_exceeds_ci`](Self::p_exceeds_ci) at 0.95, each point for itself.
    pub fn exceedance_curve(&self, points: usize) -> Vec<Exceedance> {
        let last = self.trials - 1;
        // Every trial is among the levels of as many points as there are trials.
        let gaps = points.min(self.trials).clamp(2, MOST_POINTS) - 1;
        let even = (0..=gaps).map(|i| (last as f64 * (i as f64 / gaps as f64)).round() as usize);
        let tail = TAIL
            .iter()
            .map(|p| (self.trials() as f64 * p).round() as usize)
            .filter(|above| (1..=last).contains(above))
            .map(|above| last - above);
        let level = |rank| read(self.order(rank), self.negligible);
        let mut losses: Vec<f64> = even.chain(tail).map(level).collect();
        losses.sort_unstable_by(f64::total_cmp);
        losses.dedup_by(|next, kept| !self.exceeds(*next, *kept));
        losses
            .into_iter()
            .map(|loss| {
                let Interval { low, high } = self.p_exceeds_ci(loss, 0.95);
                Exceedance { loss, probability: self.p_exceeds(loss), low, high }
            })
            .collect()
    }

    /// Whether a loss is greater than `x`, and not by rounding alone.
    fn exceeds(&self, loss: f64, x: f64) -> bool {
        compare(loss, x, self.negligible) == Ordering::Greater
    }

    /// Number of losses that read as greater than `x`.
    fn count_above(&self, x: f64) -> usize {
        match &self.losses {
            Losses::Sorted(sorted) => self.trials - sorted.partition_point(|&loss| !self.exceeds(loss, x)),
            // The ends are known better than the sketch knows them.
            Losses::Counted(_) if !self.exceeds(self.max, x) => 0,
            Losses::Counted(_) if self.exceeds(self.min, x) => self.trials,
            Losses::Counted(sketch) => {
                (sketch.above(reach(x, self.negligible)) as usize).clamp(1, (self.trials - 1).max(1))
            }
        }
    }

    /// The loss of this rank from 0, the greatest for ranks past the end.
    fn order(&self, rank: usize) -> f64 {
        match &self.losses {
            Losses::Sorted(sorted) => sorted.get(rank).copied().unwrap_or(self.max),
            Losses::Counted(_) if rank == 0 => self.min,
            Losses::Counted(_) if rank >= self.trials - 1 => self.max,
            Losses::Counted(sketch) => sketch.at_rank(rank as u64).clamp(self.min, self.max),
        }
    }
}

/// Half the width of the interval of a mean, of `n` values with this standard deviation; `None` where it has no end.
pub(super) fn half_width(n: usize, std_dev: f64, level: f64) -> Option<f64> {
    let tail = tail_probability(level);
    if n < 2 || tail.is_nan() || tail <= 0.0 {
        return None;
    }
    let half = match std_dev {
        0.0 => 0.0,
        _ => student_t((n - 1) as f64, tail) * (std_dev / (n as f64).sqrt()),
    };
    half.is_finite().then_some(half)
}

/// Mean and sample standard deviation, summed in the order given.
fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let rough = pairwise(values, &|x| x) / n;
    let drift = pairwise(values, &|x| x - rough);
    let mean = rough + drift / n;
    if values.len() == 1 {
        return (mean, 0.0);
    }
    let squares = pairwise(values, &|x| (x - rough) * (x - rough));
    let variance = (squares - drift * drift / n) / (n - 1.0);
    (mean, variance.max(0.0).sqrt())
}

/// Sum of `f` over the values by halving, with an error that grows with `log n` (Higham 1993,
/// "The accuracy of floating point summation", SIAM J. Sci. Comput. 14).
fn pairwise(values: &[f64], f: &impl Fn(f64) -> f64) -> f64 {
    if values.len() <= 64 {
        return values.iter().map(|&x| f(x)).sum();
    }
    let (left, right) = values.split_at(values.len() / 2);
    pairwise(left, f) + pairwise(right, f)
}

#[cfg(all(test, feature = "oracle"))]
mod tests;
