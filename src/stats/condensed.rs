//! Losses of any number of trials in bounded memory.

use super::exact::LIMIT;
use super::moments::ExactMoments;
use super::stored::bits;
use super::{LossDistribution, LossError, QuantileSketch};
use serde::{Deserialize, Serialize};

/// Losses of which sums, ends and counts are kept and no single one.
///
/// The state depends on the losses alone: any order of adding and any partition merged in any order give an equal one.
/// It takes the memory of a [`QuantileSketch`], however many losses there are, and bears 2³² - 1 of them in a bin.
///
/// ```
/// # use supplyshock::stats::CondensedLosses;
/// let mut losses = CondensedLosses::new(1.0)?;
/// losses.add_row(&[0.0, 4.0e9, 1.0e9, 0.0]);
/// let d = losses.distribution()?;
/// assert_eq!((d.mean(), d.max(), d.p_no_loss()), (1.25e9, 4.0e9, 0.5));
/// assert!((d.quantile(0.5) - 0.5e9).abs() <= d.relative_error() * 0.5e9);
/// # Ok::<(), supplyshock::stats::LossError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct CondensedLosses {
    moments: ExactMoments,
    sketch: QuantileSketch,
    #[serde(with = "bits")]
    min: f64,
    #[serde(with = "bits")]
    max: f64,
    #[serde(with = "bits")]
    negligible: f64,
}

/// Losses as they are read.
#[derive(Deserialize)]
struct Unchecked {
    moments: ExactMoments,
    sketch: QuantileSketch,
    #[serde(with = "bits")]
    min: f64,
    #[serde(with = "bits")]
    max: f64,
    #[serde(with = "bits")]
    negligible: f64,
}

impl TryFrom<Unchecked> for CondensedLosses {
    type Error = &'static str;

    fn try_from(read: Unchecked) -> Result<Self, &'static str> {
        let Unchecked { moments, sketch, min, max, negligible } = read;
        let (taken, rejected) = (moments.count(), moments.rejected());
        let counts_agree = taken.checked_add(rejected) == sketch.count().checked_add(sketch.rejected());
        // What a sum takes, a sketch takes too.
        let ends_agree = if rejected > 0 {
            true
        } else if taken > 0 {
            min <= max && min.is_finite() && max.is_finite() && sketch.rejected() == 0
        } else {
            (min, max) == (f64::INFINITY, f64::NEG_INFINITY)
        };
        if !(counts_agree && ends_agree && negligible >= 0.0 && negligible.is_finite()) {
            return Err("condensed losses whose parts do not fit each other");
        }
        Ok(CondensedLosses { moments, sketch, min, max, negligible })
    }
}

impl CondensedLosses {
    /// None yet. `negligible` is the absolute loss up to which a trial counts as one without loss.
    ///
    /// # Errors
    ///
    /// [`LossError::Negligible`] when it is negative or not finite.
    pub fn new(negligible: f64) -> Result<Self, LossError> {
        Ok(Self {
            moments: ExactMoments::default(),
            sketch: QuantileSketch::new(negligible)?,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            negligible,
        })
    }

    /// Adds the losses of the row, one a trial.
    pub fn add_row(&mut self, losses: &[f64]) {
        self.moments.add_row(losses);
        self.sketch.add_row(losses);
        for loss in losses {
            // Adding 0 turns −0 into 0, which of the two a minimum gives would hang on the order.
            self.min = self.min.min(loss + 0.0);
            self.max = self.max.max(loss + 0.0);
        }
    }

    /// Adds the losses of another.
    ///
    /// # Errors
    ///
    /// [`LossError::Threshold`] when other losses count as none there; nothing is added then.
    pub fn merge(&mut self, other: &Self) -> Result<(), LossError> {
        self.sketch.merge(&other.sketch)?;
        self.moments.merge(&other.moments);
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        Ok(())
    }

    /// Their distribution, in which order statistics have a relative error of [`QuantileSketch::RELATIVE_ERROR`].
    ///
    /// # Errors
    ///
    /// [`LossError::Empty`] without losses; [`LossError::Rejected`] when some are not finite, or 2⁶⁴ (1.8e19) or
    /// more in absolute value.
    pub fn distribution(&self) -> Result<LossDistribution, LossError> {
        let moments = &self.moments;
        if moments.rejected() > 0 {
            return Err(LossError::Rejected { count: moments.rejected(), limit: LIMIT });
        }
        if moments.count() == 0 {
            return Err(LossError::Empty);
        }
        let about_mean = (moments.mean(), moments.std_dev());
        let ends = (self.min, self.max);
        Ok(LossDistribution::counted(self.sketch.clone(), about_mean, ends, self.negligible))
    }

    /// How many there are, those among them that cannot be added up.
    pub fn count(&self) -> u64 {
        self.moments.count().saturating_add(self.moments.rejected())
    }

    #[cfg(test)]
    pub(crate) fn bins(&self) -> usize {
        self.sketch.bins()
    }
}

#[cfg(all(test, feature = "oracle"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ERROR: f64 = QuantileSketch::RELATIVE_ERROR;

    fn of(losses: &[f64]) -> CondensedLosses {
        let mut condensed = CondensedLosses::new(1.0).unwrap();
        condensed.add_row(losses);
        condensed
    }

    #[test]
    fn losses_that_cannot_be_added_are_refused() {
        assert_eq!(of(&[]).distribution(), Err(LossError::Empty));
        for bad in [f64::NAN, f64::INFINITY, -2e19] {
            let refused = of(&[1.0, bad, bad]).distribution();
            assert_eq!(refused, Err(LossError::Rejected { count: 2, limit: LIMIT }));
        }
        assert!(CondensedLosses::new(f64::NAN).is_err());
        let other = CondensedLosses::new(2.0).unwrap();
        assert!(of(&[1.0]).merge(&other).is_err());
    }

    #[test]
    fn the_ends_are_exact() {
        let d = of(&[-1001.0, -0.0, 1003.0, 2e9 + 1.0]).distribution().unwrap();
        assert_eq!(
            (d.min(), d.quantile(0.0), d.max(), d.quantile(1.0)),
            (-1001.0, -1001.0, 2e9 + 1.0, 2e9 + 1.0)
        );
        assert_eq!((d.tvar(1.0), d.tvar(0.0)), (d.max(), d.mean()));
        assert_eq!((d.p_exceeds(d.max()), d.p_exceeds(2e9 - 1.0), d.p_exceeds(-1001.0)), (0.0, 0.25, 0.75));
        // A loss that is greater by no more than the negligible amount is not greater.
        assert_eq!((d.p_exceeds(2e9), d.p_exceeds(-1002.0), d.p_exceeds(-1003.0)), (0.0, 0.75, 1.0));
        let one = of(&[7.0]).distribution().unwrap();
        assert_eq!((one.p_exceeds(6.5), one.p_exceeds(5.9), one.quantile(0.5)), (0.0, 1.0, 7.0));
    }

    fn any_loss() -> impl Strategy<Value = f64> {
        prop_oneof![
            1 => Just(0.0),
            1 => -1.0..2.0_f64,
            4 => (1.0..10.0_f64, 0_i32..14).prop_map(|(m, e)| m * 10_f64.powi(e)),
        ]
    }

    proptest! {
        #[test]
        fn any_order_and_partition_give_the_same_state(
            losses in prop::collection::vec(any_loss(), 2..200),
            cut in any::<prop::sample::Index>(),
        ) {
            let turned: Vec<f64> = losses.iter().rev().copied().collect();
            let (left, right) = turned.split_at(cut.index(losses.len()));
            let mut merged = of(right);
            merged.merge(&of(left)).unwrap();
            prop_assert_eq!(&merged, &of(&losses));
        }

        #[test]
        fn what_is_read_stays_within_the_stated_bounds(
            losses in prop::collection::vec(any_loss(), 1..300),
            q in 0.0..=1.0_f64,
            x in any_loss(),
        ) {
            let d = of(&losses).distribution().unwrap();
            let all = LossDistribution::new(losses, 1.0).unwrap();
            prop_assert_eq!((d.min(), d.max(), d.p_no_loss()), (all.min(), all.max(), all.p_no_loss()));
            // Those that count as none are off by at most 1.
            let near = |a: f64, b: f64| (a - b).abs() <= ERROR * (1.0 + 1e-12) * b.abs() + 1.0;
            prop_assert!(near(d.quantile(q), all.quantile(q)), "{} for {}", d.quantile(q), all.quantile(q));
            prop_assert!(near(d.tvar(q), all.tvar(q)), "{} for {}", d.tvar(q), all.tvar(q));
            if x > 1.0 {
                let (fewest, most) = (all.p_exceeds(x / (1.0 - ERROR)), all.p_exceeds(x / (1.0 + ERROR)));
                let p = d.p_exceeds(x);
                prop_assert!(fewest <= p && p <= most, "{fewest} {p} {most}");
            }
            let (wide, narrow) = (d.quantile_ci(q, 0.9), all.quantile_ci(q, 0.9));
            prop_assert_eq!(wide.is_some(), narrow.is_some());
            if let (Some(wide), Some(narrow)) = (wide, narrow) {
                let rounding = 1.0 + 1e-12 * narrow.high.abs();
                prop_assert!(wide.low <= narrow.low + rounding && wide.high >= narrow.high - rounding);
            }
            if x > 2.0 {
                let (wide, narrow) = (d.p_exceeds_ci(x, 0.9), all.p_exceeds_ci(x, 0.9));
                prop_assert!(wide.low <= narrow.low && wide.high >= narrow.high, "{wide:?} {narrow:?}");
            }
            let curve = d.exceedance_curve(20);
            prop_assert!(curve.windows(2).all(|w| w[0].loss < w[1].loss && w[0].probability > w[1].probability));
            prop_assert_eq!(curve.last().map(|p| p.probability), Some(0.0));
        }
    }
}
