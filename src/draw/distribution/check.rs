//! The conditions that parameters must meet. Each is written so that NaN fails.

use super::super::incomplete::{GREATEST_SHAPE, LEAST_SHAPE};
use super::super::truncated::{LEAST_TAIL, TruncatedNormal};
use super::{Bounds, DistributionError};

/// The least share of a tail that [`Bounds`] must keep. Below it the quantiles would lose digits.
const LEAST_KEPT: f64 = 1e-6;

/// The most standard deviations that bounds may lie off, for messages: the part beyond them is less than [`LEAST_TAIL`].
const MOST_DEVIATIONS: f64 = 37.0;

pub(super) fn finite(
    distribution: &'static str,
    parameter: &'static str,
    value: f64,
) -> Result<f64, DistributionError> {
    if value.is_finite() {
        Ok(value)
    } else {
        Err(DistributionError::NotFinite { distribution, parameter, value })
    }
}

pub(super) fn positive(
    distribution: &'static str,
    parameter: &'static str,
    value: f64,
) -> Result<f64, DistributionError> {
    if value > 0.0 && value.is_finite() {
        Ok(value)
    } else {
        Err(DistributionError::NotPositive { distribution, parameter, value })
    }
}

pub(super) fn shape_in_range(
    distribution: &'static str,
    parameter: &'static str,
    value: f64,
) -> Result<f64, DistributionError> {
    if (LEAST_SHAPE..=GREATEST_SHAPE).contains(&value) {
        Ok(value)
    } else {
        Err(DistributionError::ShapeOutOfRange {
            distribution,
            parameter,
            value,
            least: LEAST_SHAPE,
            greatest: GREATEST_SHAPE,
        })
    }
}

/// The width of [`low`, `high`].
pub(super) fn range(distribution: &'static str, low: f64, high: f64) -> Result<f64, DistributionError> {
    finite(distribution, "low", low)?;
    finite(distribution, "high", high)?;
    ordered(distribution, ("low", low), ("high", high))?;
    let width = high - low;
    if width.is_finite() {
        Ok(width)
    } else {
        let quantity = "high less low";
        Err(DistributionError::Overflow { distribution, quantity, value: width })
    }
}

pub(super) fn range_with_mode(
    distribution: &'static str,
    low: f64,
    mode: f64,
    high: f64,
) -> Result<f64, DistributionError> {
    finite(distribution, "mode", mode)?;
    let width = range(distribution, low, high)?;
    ordered(distribution, ("low", low), ("mode", mode))?;
    ordered(distribution, ("mode", mode), ("high", high))?;
    Ok(width)
}

pub(super) fn ordered(
    distribution: &'static str,
    (lower, low): (&'static str, f64),
    (upper, high): (&'static str, f64),
) -> Result<(), DistributionError> {
    if low <= high {
        Ok(())
    } else {
        Err(DistributionError::NotOrdered { distribution, lower, low, upper, high })
    }
}

/// The bounds as a pair, infinite where there is none.
pub(super) fn limits(distribution: &'static str, bounds: Bounds) -> Result<(f64, f64), DistributionError> {
    let low = match bounds.low {
        Some(low) => finite(distribution, "low", low)?,
        None => f64::NEG_INFINITY,
    };
    let high = match bounds.high {
        Some(high) => finite(distribution, "high", high)?,
        None => f64::INFINITY,
    };
    if low < high { Ok((low, high)) } else { Err(DistributionError::NoRoom { distribution, low, high }) }
}

pub(super) fn truncated(
    distribution: &'static str,
    low: f64,
    high: f64,
) -> Result<TruncatedNormal, DistributionError> {
    let standard = TruncatedNormal::new(low, high);
    let tail = standard.tail();
    if tail.is_nan() || tail < LEAST_TAIL {
        let deviations = low.abs().min(high.abs());
        return Err(DistributionError::BoundsTooFar { distribution, deviations, most: MOST_DEVIATIONS });
    }
    let kept = standard.kept() / tail;
    if kept >= LEAST_KEPT {
        Ok(standard)
    } else {
        Err(DistributionError::BoundsKeepTooLittle { distribution, kept, least: LEAST_KEPT })
    }
}
