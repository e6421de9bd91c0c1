//! Quantities: known, or drawn once a trial.

use super::DrawIx;
use crate::draw::{Law, Stream};
use serde::Serialize;

/// A value that is known, or a line in a draw: `plus + times · draw`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Param {
    pub(crate) draw: Option<DrawIx>,
    pub(crate) times: f64,
    pub(crate) plus: f64,
}

impl Param {
    pub(crate) const fn known(x: f64) -> Self {
        Param { draw: None, times: 0.0, plus: x }
    }

    /// The same in another unit.
    pub(crate) fn scaled(self, factor: f64) -> Self {
        Param { draw: self.draw, times: self.times * factor, plus: self.plus * factor }
    }

    /// The value, where it is the same in every trial.
    pub(crate) fn as_known(self) -> Option<f64> {
        self.draw.is_none().then_some(self.plus)
    }

    pub(crate) fn is_zero(self) -> bool {
        self.as_known() == Some(0.0)
    }
}

/// A quantity that is drawn once a trial.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Draw {
    /// Path of the leaf.
    pub(crate) name: String,
    /// Name of its random stream, where that is not the path.
    pub(crate) stream: Option<String>,
    pub(crate) law: Law,
}

impl Draw {
    pub(crate) fn stream(&self, seed: u64) -> Stream {
        Stream::new(seed, self.stream.as_deref().unwrap_or(&self.name))
    }
}

/// A lead time in steps, at least one; a scenario cannot be longer than its steps.
pub(crate) fn lead_steps(days: f64, step_days: f64) -> usize {
    (days / step_days).round().clamp(1.0, 1e6) as usize
}
