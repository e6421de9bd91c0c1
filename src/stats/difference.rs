//! How losses of the same trials compare: their difference, and the ratio of their means.

use super::distribution::{LossDistribution, half_width};
use super::interval::clopper_pearson;
use super::rounding::compare;
use super::{Interval, LossError, check_negligible};
use std::cmp::Ordering;

/// The losses of two variants that ran the same trials with the same luck, one less the other in each trial.
///
/// All that both have in common cancels, so the interval of the mean difference is narrower than the one that the two
/// means alone would give, often by far. Swapped variants give the same figures with the opposite sign.
///
/// ```
/// # use supplyshock::stats::Difference;
/// let (with_a_stock, without) = ([0.0, 2.0e9, 5.0e9], [1.0e9, 3.0e9, 6.0e9]);
/// let d = Difference::new(&with_a_stock, &without, 1.0)?;
/// assert_eq!(d.mean(), -1.0e9);
/// assert_eq!(d.mean_ci(0.95).map(|i| i.high), Some(-1.0e9)); // a billion less in every trial, however much these spread
/// assert_eq!((d.p_less(), d.p_more()), (1.0, 0.0));
/// assert_eq!(d.share().map(|s| s.value()), Some(-0.3));
/// # Ok::<(), supplyshock::stats::LossError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    by_trial: LossDistribution,
    share: Option<Ratio>,
    /// Trials in which the variant loses less, and more.
    less: usize,
    more: usize,
}

impl Difference {
    /// Takes the losses of a variant and those of the reference, in the same order of trials. Up to
    /// `negligible` either way, or [`ROUNDING`](super::ROUNDING) of the losses, a trial counts as one without a difference.
    ///
    /// # Errors
    ///
    /// [`LossError::Lengths`] when one has more trials, and those of [`LossDistribution::new`] for the differences.
    pub fn new(losses: &[f64], reference: &[f64], negligible: f64) -> Result<Self, LossError> {
        let negligible = check_negligible(negligible)?;
        check_lengths(losses, reference)?;
        let by_trial: Vec<f64> = losses.iter().zip(reference).map(|(x, y)| x - y).collect();
        let ratio = Ratio::new(&by_trial, reference)?;
        let share = (ratio.value.is_finite() && ratio.below.abs() > negligible).then_some(ratio);
        let by_trial = LossDistribution::new(by_trial, negligible)?;
        let (mut less, mut more) = (0, 0);
        for (x, y) in losses.iter().zip(reference) {
            match compare(*x, *y, negligible) {
                Ordering::Less => less += 1,
                Ordering::Equal => {}
                Ordering::Greater => more += 1,
            }
        }
        Ok(Difference { by_trial, share, less, more })
    }

    /// Mean difference; negative where the variant loses less than the reference.
    pub fn mean(&self) -> f64 {
        self.by_trial.mean()
    }

    /// Confidence interval of the mean difference: [`LossDistribution::mean_ci`] of the differences by trial.
    pub fn mean_ci(&self, level: f64) -> Option<Interval> {
        self.by_trial.mean_ci(level)
    }

    /// Mean difference as a share of the mean loss of the reference; `None` where the reference loses nothing.
    pub fn share(&self) -> Option<Ratio> {
        self.share
    }

    /// Share of trials in which the variant loses less than the reference: of a loss, where it helps.
    pub fn p_less(&self) -> f64 {
        self.less as f64 / self.by_trial.trials() as f64
    }

    /// Confidence interval of the probability that the variant loses less: [`clopper_pearson`] of the number of trials.
    pub fn p_less_ci(&self, level: f64) -> Interval {
        clopper_pearson(self.less as u64, self.by_trial.trials() as u64, level)
    }

    /// Share of trials in which the variant loses more than the reference: of a loss, where it hurts.
    pub fn p_more(&self) -> f64 {
        self.more as f64 / self.by_trial.trials() as f64
    }

    /// Confidence interval of the probability that the variant loses more: [`clopper_pearson`] of the number of trials.
    pub fn p_more_ci(&self, level: f64) -> Interval {
        clopper_pearson(self.more as u64, self.by_trial.trials() as u64, level)
    }

    /// The differences of all trials, with their quantiles.
    pub fn by_trial(&self) -> &LossDistribution {
        &self.by_trial
    }
}

/// Ratio of two means over the same trials.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ratio {
    value: f64,
    /// Mean that stands below the line, and standard deviation about it.
    below: f64,
    spread_below: f64,
    /// Standard deviation of the residuals `x − ratio · y`.
    spread: f64,
    trials: usize,
}

impl Ratio {
    /// The mean of `above` over the mean of `below`, which are in the same order of trials. Where the mean of
    /// `below` is 0, or so small that no number is large enough, the ratio is NaN and has no interval.
    ///
    /// # Errors
    ///
    /// [`LossError::Lengths`] when one has more trials, and those of [`LossDistribution::new`].
    pub fn new(above: &[f64], below: &[f64]) -> Result<Self, LossError> {
        check_lengths(above, below)?;
        let (n, trials) = (above.len() as f64, above.len());
        let (x, y) = (above.iter().sum::<f64>() / n, below.iter().sum::<f64>() / n);
        let value = x / y;
        if !value.is_finite() {
            return Ok(Ratio { value: f64::NAN, below: y, spread_below: f64::NAN, spread: f64::NAN, trials });
        }
        let residuals = above.iter().zip(below).map(|(x, y)| x - value * y).collect();
        let spread = LossDistribution::new(residuals, 0.0)?.std_dev();
        let spread_below = LossDistribution::new(below.to_vec(), 0.0)?.std_dev();
        Ok(Ratio { value, below: y, spread_below, spread, trials })
    }

    /// The ratio.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// Confidence interval of the ratio; `None` of one trial, and where the mean below the line cannot be told from 0 at
    /// this level: the ratio may be anything then.
    ///
    /// # Formula
    ///
    /// The delta method: residuals `x − ratio · y` have mean 0, and the half-width of the interval of their mean,
    /// as in [`LossDistribution::mean_ci`], over the mean of `y` is that of the ratio. Fieller (1954), "Some
    /// problems in interval estimation", J. R. Stat. Soc. B 16, gives the same where that mean is far from 0, and a set
    /// without end where it cannot be told from 0.
    pub fn interval(&self, level: f64) -> Option<Interval> {
        let size = self.below.abs();
        if self.value.is_nan() || half_width(self.trials, self.spread_below, level)? >= size {
            return None;
        }
        let half = half_width(self.trials, self.spread, level)? / size;
        Some(Interval { low: self.value - half, high: self.value + half })
    }
}

fn check_lengths(left: &[f64], right: &[f64]) -> Result<(), LossError> {
    let (left, right) = (left.len(), right.len());
    if left == right { Ok(()) } else { Err(LossError::Lengths { left, right }) }
}

#[cfg(all(test, feature = "oracle"))]
mod tests {
    use super::*;
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    /// Student's t with two degrees of freedom at 0.975.
    const T2: f64 = 4.302_652_73;
    /// The same at 0.9.
    const T2_80: f64 = 1.885_618_083;

    #[test]
    fn three_trials_follow_the_formulas() {
        // Differences −1, 0, 2 of references 2, 4, 6: mean 1/3, variance 7/3; ratio 1/12.
        let d = Difference::new(&[1.0, 4.0, 8.0], &[2.0, 4.0, 6.0], 0.0).unwrap();
        assert_relative_eq!(d.mean(), 1.0 / 3.0, max_relative = 1e-15);
        let half = T2 * (7.0_f64 / 9.0).sqrt();
        assert_relative_eq!(d.mean_ci(0.95).unwrap().low, 1.0 / 3.0 - half, max_relative = 1e-8);
        assert_eq!((d.p_less(), d.p_more()), (1.0 / 3.0, 1.0 / 3.0));
        assert_eq!(d.by_trial().values_sorted(), [-1.0, 0.0, 2.0]);
        // Residuals −7/6, −1/3, 3/2: sum of squares 67/18.
        let share = d.share().unwrap();
        assert_relative_eq!(share.value(), 1.0 / 12.0, max_relative = 1e-15);
        let half = T2 * (67.0_f64 / 18.0 / 2.0 / 3.0).sqrt() / 4.0;
        // References of mean 4 and standard error 2/√3 can be told from 0 at 0.8 and not at 0.95.
        assert_eq!(share.interval(0.95), None);
        let half = half * T2_80 / T2;
        assert_relative_eq!(share.interval(0.8).unwrap().high, 1.0 / 12.0 + half, max_relative = 1e-8);
    }

    #[test]
    fn a_negligible_difference_neither_helps_nor_hurts_and_a_share_of_nothing_is_none() {
        let d = Difference::new(&[1.0, -1.0, 1.5, -1.5], &[0.0; 4], 1.0).unwrap();
        assert_eq!((d.p_less(), d.p_more(), d.share()), (0.25, 0.25, None));
        // A reference that loses no more than rounding has no share either.
        assert_eq!(Difference::new(&[5.0, 5.0], &[0.5, 1.5], 1.0).unwrap().share(), None);
        assert!(Difference::new(&[5.0, 5.0], &[0.5, 1.6], 1.0).unwrap().share().is_some());
    }

    #[test]
    fn trials_that_differ_by_rounding_alone_neither_help_nor_hurt() {
        // In losses of ten years' product, rounding exceeds the negligible amount of one.
        let (x, y) = ([6.0e15 + 4000.0, 6.0e15, 6.0e15 + 8000.0], [6.0e15; 3]);
        let d = Difference::new(&x, &y, 600.0).unwrap();
        assert_eq!((d.p_less(), d.p_more()), (0.0, 1.0 / 3.0));
        assert_eq!(d.p_less_ci(0.95), clopper_pearson(0, 3, 0.95));
        assert_eq!(d.p_more_ci(0.95), clopper_pearson(1, 3, 0.95));
    }

    #[test]
    fn unequal_numbers_of_trials_and_bad_losses_are_refused() {
        let lengths = Err(LossError::Lengths { left: 1, right: 2 });
        assert_eq!(Difference::new(&[1.0], &[1.0, 2.0], 0.0), lengths);
        assert_eq!(Ratio::new(&[1.0], &[1.0, 2.0]).unwrap_err(), LossError::Lengths { left: 1, right: 2 });
        assert_eq!(Difference::new(&[], &[], 0.0), Err(LossError::Empty));
        assert!(matches!(Difference::new(&[1.0], &[1.0], -1.0), Err(LossError::Negligible { .. })));
        assert!(Difference::new(&[f64::INFINITY], &[1.0], 0.0).is_err());
        assert!(Difference::new(&[f64::INFINITY], &[f64::INFINITY], 0.0).is_err());
    }

    #[test]
    fn a_ratio_to_nothing_is_no_number() {
        for below in [[0.0, 0.0], [-1.0, 1.0], [5e-324, 5e-324]] {
            let ratio = Ratio::new(&[1.0, 2.0], &below).unwrap();
            assert!(ratio.value().is_nan() && ratio.interval(0.95).is_none());
        }
    }

    proptest! {
        #[test]
        fn a_difference_turned_round_is_its_negative(
            pairs in prop::collection::vec((-1e13..1e13_f64, -1e13..1e13_f64), 2..300)
        ) {
            let (x, y): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
            let there = Difference::new(&x, &y, 1e12).unwrap();
            let back = Difference::new(&y, &x, 1e12).unwrap();
            prop_assert_eq!(there.mean(), -back.mean());
            let (a, b) = (there.mean_ci(0.95).unwrap(), back.mean_ci(0.95).unwrap());
            prop_assert_eq!((a.low, a.high), (-b.high, -b.low));
            prop_assert_eq!((there.p_less(), there.p_more()), (back.p_more(), back.p_less()));
            for q in [0.05, 0.5, 0.95] {
                let (a, b) = (there.by_trial().quantile(q), -back.by_trial().quantile(1.0 - q));
                prop_assert!((a - b).abs() <= 1e-12 * 1e13, "{} and {}", a, b);
            }
        }
    }
}
