//! One statistic, one assumption: all solutions that a grid brackets.

use super::target::interval_by_batches;
use super::variable::variant;
use super::{Calibration, Setting, Target, Variable};
use crate::scenario::Leaf;
use crate::stats::Interval;
use crate::study::{CalibrationError, Estimate, Statistic};
use crate::{Ensemble, Error};

/// Most points of the first scan, each of which is a run.
const GRID_LIMIT: usize = 100_000;
/// Width of a bracket, as a share of the range, below which a statistic has a jump in it.
const RESOLUTION: f64 = 1e-9;
/// Distance over which a slope is taken, as a share of the range.
const SLOPE: f64 = 0.01;

/// A value of the assumption, or a factor on it, under which the statistic is at its target.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Solution {
    /// The value, in the unit of the leaf, or the factor.
    pub value: f64,
    /// The leaf that takes the place of the scenario's there.
    pub leaf: Leaf,
    /// The statistic there, in its unit.
    pub statistic: f64,
    /// Interval of the statistic at 95%, about the trials: by formula, or from 20 batches of trials; `None` where there
    /// are too few, and for the least and the greatest loss, of which no number of trials tells it.
    pub interval: Option<Interval>,
    /// Change of the statistic by a unit of the value, over a hundredth of the range to either side.
    pub slope: f64,
    /// The interval of the statistic turned into one of the value, along the slope. It can reach beyond the range.
    pub value_interval: Option<Interval>,
    /// Where the statistic jumps over the target: the statistic to the left and to the right of the value.
    pub jump: Option<(f64, f64)>,
    /// Where several neighbouring points of the grid are within the tolerance: the first and the last.
    pub flat: Option<(f64, f64)>,
}

/// The findings of [`Calibration::solve`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Solutions {
    /// Scenario, trials and seed.
    pub setting: Setting,
    /// The aim.
    pub target: Target,
    /// The figure that was varied.
    pub variable: Variable,
    /// How far the statistic may be from the target, in its unit.
    pub tolerance: f64,
    /// The statistic in the scenario as it stands.
    pub as_it_stands: f64,
    /// All solutions, in the order of their values; none where the statistic is on one side of the target.
    pub found: Vec<Solution>,
    /// Every value that was tried with its statistic, in the order of the values. A statistic without a value
    /// is NaN.
    pub tried: Vec<(f64, f64)>,
}

impl Solutions {
    /// The least and the greatest value that the statistic took, each with where; `None` if it never had one.
    #[must_use]
    pub fn covered(&self) -> Option<[(f64, f64); 2]> {
        let known = || self.tried.iter().copied().filter(|(_, y)| !y.is_nan());
        let low = known().min_by(|a, b| a.1.total_cmp(&b.1))?;
        let high = known().max_by(|a, b| a.1.total_cmp(&b.1))?;
        Some([low, high])
    }
}

/// A point with the distance of its statistic from the target.
type Point = (f64, f64);

impl Calibration<'_> {
    /// Finds the values of the one assumption under which the one statistic takes its target.
    ///
    /// The range is scanned at the points of the grid. Between neighbours on two sides of the target, the
    /// solution is bracketed and refined by interpolation, truncation and projection (Oliveira & Takahashi
    /// 2020, "An enhancement of the bisection method average performance preserving minmax optimality", ACM
    /// Transactions on Mathematical Software 47(1)), which takes at most one step more than bisection does.
    ///
    /// # Errors
    /// [`Error::Calibration`] for more or less than one target and one variable, or fewer than 2 or more than 100,000 points; as
    /// [`Calibration::check`]; [`Error::Variant`] for a value under which the scenario cannot be run.
    pub fn solve(&self) -> Result<Solutions, Error> {
        let ([target], [variable]) = (self.targets.as_slice(), self.variables.as_slice()) else {
            let (targets, variables) = (self.targets.len(), self.variables.len());
            return Err(CalibrationError::OneOfEach { targets, variables }.into());
        };
        let statistics = self.statistics()?;
        if !(2..=GRID_LIMIT).contains(&self.grid) {
            return Err(CalibrationError::Grid { points: self.grid, limit: GRID_LIMIT }.into());
        }
        let allowed = self.allowed(target);
        let as_it_stands = self.as_it_stands(&statistics)?.first().copied().unwrap_or(f64::NAN);
        let mut scan =
            Scan { calibration: self, statistics, target: target.value(), allowed, tried: Vec::new() };
        let (low, high) = variable.range();
        let width = high - low;
        let last = (self.grid - 1) as f64;
        // An end under which the scenario cannot be run shows at once.
        scan.miss(high)?;
        let mut grid: Vec<Point> = Vec::new();
        for k in 0..self.grid {
            // The ends are met exactly.
            let x = if k + 1 == self.grid { high } else { low + width * (k as f64 / last) };
            grid.push((x, scan.miss(x)?));
        }
        let mut found = Vec::new();
        for run in grid.chunk_by(|a, b| a.1.abs() <= allowed && b.1.abs() <= allowed) {
            let Some(best) = run.iter().min_by(|a, b| a.1.abs().total_cmp(&b.1.abs())) else { continue };
            if best.1.abs() <= allowed {
                let flat = match run {
                    [first, .., last] => Some((first.0, last.0)),
                    _ => None,
                };
                found.push(scan.solution(variable, best.0, None, flat)?);
            }
        }
        for pair in grid.windows(2) {
            if let [a, b] = pair
                && a.1.abs() > allowed
                && b.1.abs() > allowed
                && (a.1 < 0.0) != (b.1 < 0.0)
            {
                let (x, jump) = scan.refine(*a, *b, RESOLUTION * width)?;
                found.push(scan.solution(variable, x, jump, None)?);
            }
        }
        found.sort_by(|a, b| a.value.total_cmp(&b.value));
        let mut tried: Vec<(f64, f64)> = scan.tried.into_iter().map(|(x, s)| (x, s.value)).collect();
        tried.sort_by(|a, b| a.0.total_cmp(&b.0));
        Ok(Solutions {
            setting: self.setting()?,
            target: target.clone(),
            variable: variable.clone(),
            tolerance: allowed,
            as_it_stands,
            found,
            tried,
        })
    }
}

struct Scan<'c, 'a> {
    calibration: &'c Calibration<'a>,
    /// The one that is aimed at.
    statistics: Vec<Statistic>,
    target: f64,
    allowed: f64,
    tried: Vec<(f64, Estimate)>,
}

impl Scan<'_, '_> {
    /// The statistic at `x`, less the target.
    fn miss(&mut self, x: f64) -> Result<f64, Error> {
        Ok(self.statistic(x)?.value - self.target)
    }

    fn statistic(&mut self, x: f64) -> Result<Estimate, Error> {
        if let Some((_, known)) = self.tried.iter().find(|(at, _)| *at == x) {
            return Ok(*known);
        }
        let none = Estimate { value: f64::NAN, interval: None };
        let found = self.calibration.evaluate(&[x], &self.statistics)?.first().copied().unwrap_or(none);
        self.tried.push((x, found));
        Ok(found)
    }

    /// A point within the tolerance between two on either side of the target, or else the one to the left of a
    /// jump, with the statistic on both sides of it.
    fn refine(&mut self, a: Point, b: Point, eps: f64) -> Result<(f64, Option<(f64, f64)>), Error> {
        // The method wants a rising function.
        let sign = if a.1 < 0.0 { 1.0 } else { -1.0 };
        let ((mut a, mut ya), (mut b, mut yb)) = (a, b);
        let width = b - a;
        // n0 = 1 and k2 = 2 as its authors recommend; k1 = 0.01/(b − a) in place of 0.2, as the response is
        // nearly straight from one point of a grid to the next.
        let most = (width / (2.0 * eps)).log2().ceil().max(0.0) + 1.0;
        let mut steps = 0.0;
        while b - a > 2.0 * eps {
            let half = 0.5 * (a + b);
            let radius = eps * (most - steps).exp2() - 0.5 * (b - a);
            let truncation = 0.01 / width * (b - a) * (b - a);
            let secant = (yb * a - ya * b) / (yb - ya);
            let side = (half - secant).signum();
            let truncated =
                if truncation <= (half - secant).abs() { secant + side * truncation } else { half };
            let x = if (truncated - half).abs() <= radius { truncated } else { half - side * radius };
            // Rounding may carry it onto an end, or out of the bracket.
            let x = if x > a && x < b { x } else { half };
            if !(x > a && x < b) {
                break;
            }
            let y = self.miss(x)?;
            if y.abs() <= self.allowed {
                return Ok((x, None));
            }
            if y.is_nan() {
                break;
            }
            if sign * y < 0.0 {
                (a, ya) = (x, y);
            } else {
                (b, yb) = (x, y);
            }
            steps += 1.0;
        }
        Ok((a, Some((ya + self.target, yb + self.target))))
    }

    fn solution(
        &mut self,
        variable: &Variable,
        value: f64,
        jump: Option<(f64, f64)>,
        flat: Option<(f64, f64)>,
    ) -> Result<Solution, Error> {
        let calibration = self.calibration;
        let (low, high) = variable.range();
        let far = SLOPE * (high - low);
        let (left, right) = ((value - far).max(low), (value + far).min(high));
        let slope = (self.statistic(right)?.value - self.statistic(left)?.value) / (right - left);
        let at = self.statistic(value)?;
        let (statistic, mut interval) = (at.value, at.interval);
        if let (None, Some(aim)) = (interval, self.statistics.first()) {
            let run = |ensemble: Ensemble| calibration.ensemble(ensemble);
            let fault = |source| variant(&calibration.variables, &[value], source);
            let model = calibration.model(&[value])?;
            interval = interval_by_batches(&model, calibration.trials, run, aim, statistic).map_err(fault)?;
        }
        // Were the statistic higher by some amount everywhere, the solution would be where it is lower by that.
        let value_interval = interval.filter(|_| slope != 0.0 && jump.is_none()).map(|i| {
            let (x, y) = (value - (i.high - statistic) / slope, value - (i.low - statistic) / slope);
            Interval { low: x.min(y), high: x.max(y) }
        });
        let value_interval = value_interval.filter(|i| i.low.is_finite() && i.high.is_finite());
        let leaf = variable.leaf(calibration.scenario, value)?;
        Ok(Solution { value, leaf, statistic, interval, slope, value_interval, jump, flat })
    }
}
