//! Losses step by step.

use super::labels::Labels;
use crate::stats::{ExactSum, QuantileSketch};
use ndarray::Array3;
use pulp::{Arch, Simd, WithSimd};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Bytes that rows are gathered in before they are added up, a part of a core's own cache, and the trials that this may
/// come to.
const GATHERED: usize = 1 << 18;
const TRIALS: std::ops::RangeInclusive<usize> = 128..=1024;

/// Losses of a party step by step.
pub type PathBand<'o> = &'o [PathStep];

/// What is told of the losses of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PathStatistic {
    /// Mean over the trials.
    Mean,
    /// The loss that one trial in twenty is below.
    P05,
    /// The median.
    P50,
    /// The loss that one trial in twenty is above.
    P95,
}

impl PathStatistic {
    /// All, in the order of arrays and files.
    pub const ALL: [PathStatistic; 4] =
        [PathStatistic::Mean, PathStatistic::P05, PathStatistic::P50, PathStatistic::P95];

    /// Its key in files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            PathStatistic::Mean => "mean",
            PathStatistic::P05 => "p05",
            PathStatistic::P50 => "p50",
            PathStatistic::P95 => "p95",
        }
    }

    fn of(self, step: &PathStep) -> f64 {
        match self {
            PathStatistic::Mean => step.mean(),
            PathStatistic::P05 => step.quantile(0.05),
            PathStatistic::P50 => step.quantile(0.5),
            PathStatistic::P95 => step.quantile(0.95),
        }
    }
}

/// Losses of one step over all trials.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PathStep {
    sum: ExactSum,
    sketch: Option<QuantileSketch>,
    count: u64,
}

impl PathStep {
    pub(super) fn new(negligible: f64) -> Self {
        PathStep { sum: ExactSum::default(), sketch: sketch(negligible), count: 0 }
    }

    #[inline(always)]
    pub(super) fn add_row(&mut self, row: &[f64]) {
        self.sum.add_row(row);
        if let Some(sketch) = &mut self.sketch {
            sketch.add_row(row);
        }
        self.count += row.len() as u64;
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.sum.merge(&other.sum);
        self.sketch = match (self.sketch.take(), &other.sketch) {
            (Some(mut mine), Some(theirs)) => mine.merge(theirs).ok().map(|()| mine),
            _ => None,
        };
        self.count += other.count;
    }

    /// Whether so many trials were added, each to the sum and to the sketch.
    fn fits(&self, trials: u64) -> bool {
        let counted = |sketch: &QuantileSketch| sketch.count() + sketch.rejected() == trials;
        self.count == trials && self.sketch.as_ref().is_none_or(counted)
    }

    /// Mean loss, in the currency of the scenario.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.sum.value() / self.count as f64
    }

    /// Quantile of the loss, to a relative error of [`QuantileSketch::RELATIVE_ERROR`].
    #[must_use]
    pub fn quantile(&self, q: f64) -> f64 {
        self.sketch.as_ref().map_or(f64::NAN, |s| s.quantile(q))
    }
}

/// An empty sketch; a threshold that is no number counts as none.
fn sketch(negligible: f64) -> Option<QuantileSketch> {
    QuantileSketch::new(negligible).or_else(|_| QuantileSketch::new(0.0)).ok()
}

/// Losses by step, in rows: of each party and, where they are kept, of each sector.
///
/// The steps take far more memory than a cache holds, and every trial adds to each of them. So the losses of some hundred
/// trials are gathered first, and then added to one step after another.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Path {
    /// By row and step.
    steps: Vec<Vec<PathStep>>,
    /// What is not yet added, `[row][step][trial]`, with room for so many trials; none before the first.
    #[serde(skip)]
    gathered: Vec<f64>,
    #[serde(skip)]
    room: usize,
    /// Trials that are gathered.
    #[serde(skip)]
    trials: usize,
}

impl Path {
    /// Of `steps` steps, with a row for each of these negligible losses.
    pub(super) fn new(steps: usize, negligible: &[f64]) -> Self {
        let trial = size_of::<f64>() * (steps * negligible.len()).max(1);
        let steps = negligible.iter().map(|n| vec![PathStep::new(*n); steps]).collect();
        // An odd number of cache lines, or rows would crowd into a few places of the cache.
        let room = (GATHERED / trial).clamp(*TRIALS.start(), *TRIALS.end()) / 16 * 16 + 8;
        Path { steps, gathered: Vec::new(), room, trials: 0 }
    }

    /// Losses of a row step by step.
    pub(super) fn of(&self, row: usize) -> &[PathStep] {
        &self.steps[row]
    }

    /// Step × row × statistic, of some rows.
    pub(super) fn statistics(&self, rows: Range<usize>) -> Array3<f64> {
        let rows = &self.steps[rows];
        let steps = rows.first().map_or(0, Vec::len);
        Array3::from_shape_fn((steps, rows.len(), PathStatistic::ALL.len()), |(t, row, statistic)| {
            PathStatistic::ALL[statistic].of(&rows[row][t])
        })
    }

    /// Whether there is a row for everything that has a name, of so many trials.
    pub(super) fn fits(&self, labels: &Labels, trials: u64) -> bool {
        let fits =
            |row: &Vec<PathStep>| row.len() == labels.steps() && row.iter().all(|step| step.fits(trials));
        self.steps.len() == labels.path_rows().len() && self.steps.iter().all(fits)
    }

    /// Makes room for a block of so many trials, at most as many as there is room for.
    pub(super) fn open(&mut self, trials: usize) {
        debug_assert!(trials <= *TRIALS.start());
        if self.trials + trials > self.room {
            self.add();
        }
        let rows: usize = self.steps.iter().map(Vec::len).sum();
        self.gathered.resize(rows * self.room, 0.0);
    }

    /// Gathers the losses of the block in step `t`, for each row.
    pub(super) fn gather<'r>(&mut self, t: usize, losses: impl Iterator<Item = &'r [f64]>) {
        let (mut row, mut losses) = (t, losses);
        for steps in &self.steps {
            let Some(losses) = losses.next() else { break };
            let start = row * self.room + self.trials;
            self.gathered[start..start + losses.len()].copy_from_slice(losses);
            row += steps.len();
        }
    }

    /// Ends a block of so many trials, every step of which is gathered.
    pub(super) fn close(&mut self, trials: usize) {
        self.trials += trials;
    }

    /// Numbers that are held.
    #[cfg(test)]
    pub(super) fn size(&self) -> usize {
        let bins = |step: &PathStep| step.sketch.as_ref().map_or(0, QuantileSketch::bins);
        self.gathered.len() + self.steps.iter().flatten().map(bins).sum::<usize>()
    }

    /// Adds what is gathered.
    fn add(&mut self) {
        Arch::new().dispatch(Add(self));
        self.trials = 0;
    }

    /// Adds what is gathered, when all trials are done.
    pub(super) fn finish(&mut self) {
        self.add();
        self.gathered = Vec::new();
    }

    /// Adds the losses of other trials, which have been added there.
    pub(super) fn merge(&mut self, other: &Self) {
        debug_assert_eq!(self.trials + other.trials, 0);
        for (step, theirs) in self.steps.iter_mut().flatten().zip(other.steps.iter().flatten()) {
            step.merge(theirs);
        }
    }
}

/// Adds what is gathered, with the widest registers there are.
struct Add<'a>(&'a mut Path);

impl WithSimd for Add<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Path { steps, gathered, room, trials } = self.0;
        let mut rows = gathered.chunks_exact(*room);
        for step in steps.iter_mut().flatten() {
            let Some(row) = rows.next() else { return };
            step.add_row(&row[..*trials]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gathered_is_added_once_whatever_the_blocks() {
        let (steps, negligible) = (3, [0.0, 5.0]);
        let loss = |q: usize, t: usize, k: usize| (q + 1) as f64 * (t * k % 11) as f64 - 2.0;
        let trials = 3 * TRIALS.end() + 7;
        for size in [1, 16, 50, *TRIALS.start()] {
            let mut path = Path::new(steps, &negligible);
            for first in (0..trials).step_by(size) {
                let block = first..(first + size).min(trials);
                path.open(block.len());
                for t in 0..steps {
                    let rows = [0, 1].map(|q| block.clone().map(|k| loss(q, t, k)).collect::<Vec<_>>());
                    path.gather(t, rows.iter().map(Vec::as_slice));
                }
                path.close(block.len());
            }
            path.finish();
            for (q, negligible) in negligible.into_iter().enumerate() {
                for t in 0..steps {
                    let mut step = PathStep::new(negligible);
                    step.add_row(&(0..trials).map(|k| loss(q, t, k)).collect::<Vec<_>>());
                    assert_eq!(path.of(q)[t], step, "party {q}, step {t}, blocks of {size}");
                }
            }
        }
    }
}
