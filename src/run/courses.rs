//! Losses step by step of chosen trials.

use super::floats::Floats;
use ndarray::{Array3, ArrayView2, Axis};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The courses of some trials: trial × step × party.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Courses {
    /// In order.
    pub(super) trials: Vec<u64>,
    pub(super) losses: Array3<f64>,
}

impl Courses {
    /// Of these trials, in any order, each with its losses `[step][party]`.
    pub(super) fn new(mut all: Vec<(u64, Vec<f64>)>, steps: usize, parties: usize) -> Self {
        all.sort_unstable_by_key(|(trial, _)| *trial);
        let mut losses = Array3::zeros((all.len(), steps, parties));
        for (mut to, (_, from)) in losses.outer_iter_mut().zip(&all) {
            to.iter_mut().zip(from).for_each(|(x, y)| *x = *y);
        }
        Courses { trials: all.into_iter().map(|(trial, _)| trial).collect(), losses }
    }

    /// The course of a trial: step × party.
    pub(super) fn of(&self, trial: u64) -> Option<ArrayView2<'_, f64>> {
        let place = self.trials.binary_search(&trial).ok()?;
        Some(self.losses.index_axis(Axis(0), place))
    }

    /// Adds those of other trials, of the same steps and parties.
    pub(super) fn merge(&mut self, other: &Self) {
        let (_, steps, parties) = self.losses.dim();
        let all = [&*self, other].into_iter().flat_map(|of| {
            of.trials.iter().zip(of.losses.outer_iter()).map(|(t, x)| (*t, x.iter().copied().collect()))
        });
        *self = Courses::new(all.collect(), steps, parties);
    }
}

impl Serialize for Courses {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (_, steps, parties) = self.losses.dim();
        let values: Vec<f64> = self.losses.iter().copied().collect();
        (&self.trials, steps as u64, parties as u64, Floats(values.into())).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Courses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (trials, steps, parties, values) = <(Vec<u64>, u64, u64, Floats<'_>)>::deserialize(deserializer)?;
        let size = |n: u64| usize::try_from(n).map_err(D::Error::custom);
        let shape = (trials.len(), size(steps)?, size(parties)?);
        let losses = Array3::from_shape_vec(shape, values.0.into_owned()).map_err(D::Error::custom)?;
        Ok(Courses { trials, losses })
    }
}
