//! Several statistics and assumptions: draws from the prior, weighted by how near they come.

use super::{Calibration, Setting, Target, Variable};
use crate::Error;
use crate::draw::Stream;
use crate::study::CalibrationError;

/// Most draws from the priors, each of which is a run and is kept.
const DRAWS_LIMIT: usize = 10_000_000;

/// One draw from the prior, with the run that it gave.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PriorDraw {
    /// Values of the variables, in their order.
    pub values: Vec<f64>,
    /// The statistics, in the order of the targets. One without a value is NaN.
    pub statistics: Vec<f64>,
    /// Distance from the targets, in tolerances; infinite where a statistic has no value.
    pub distance: f64,
    /// Weight in the posterior; they add up to 1.
    pub weight: f64,
}

/// A weighted distribution of one number.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Marginal {
    /// Weighted mean.
    pub mean: f64,
    /// Weighted standard deviation.
    pub sd: f64,
    /// Weighted quantiles at 5%, 50% and 95%: the least value that draws of at least this weight do not exceed.
    pub p05: f64,
    /// See `p05`.
    pub p50: f64,
    /// See `p05`.
    pub p95: f64,
}

/// The findings of [`Calibration::posterior`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Posterior {
    /// Scenario, trials and seed.
    pub setting: Setting,
    /// The aims.
    pub targets: Vec<Target>,
    /// The figures that were varied.
    pub variables: Vec<Variable>,
    /// By target: how far the statistic may be from it, in its unit. It is the unit of distances.
    pub tolerances: Vec<f64>,
    /// By target: the statistic in the scenario as it stands.
    pub as_it_stands: Vec<f64>,
    /// All draws from the prior, in the order they were drawn.
    pub draws: Vec<PriorDraw>,
    /// Number of draws that are kept.
    pub kept: usize,
    /// Distance at which weights reach 0: that of the nearest draw that is not kept \[tolerances\].
    pub bandwidth: f64,
    /// Effective sample size `(Σ w)² / Σ w²` (Kish 1965, "Survey Sampling").
    pub effective_draws: f64,
    /// By variable: its posterior.
    pub assumptions: Vec<Marginal>,
    /// By target: the posterior of its statistic.
    pub statistics: Vec<Marginal>,
    /// Weighted correlations between the variables; NaN where one of two has no spread.
    pub correlations: Vec<Vec<f64>>,
}

impl Calibration<'_> {
    /// Finds which values of the variables go with the targets, by approximate Bayesian computation: `draws`
    /// draws from the priors, each run on the same trials with the same luck, of which the share `accept` that comes
    /// nearest to the targets is kept. A prior is uniform over the range of its variable unless
    /// [another](Variable::prior) is given.
    ///
    /// # Formula
    ///
    /// ```text
    /// distance   d² = Σ over targets of ((statistic − target) / tolerance)²
    /// weight     w ∝ 1 − (d / δ)²  for the ⌈accept · draws⌉ nearest, δ the distance of the next one
    /// ```
    ///
    /// The kernel is Epanechnikov's, as in Beaumont, Zhang & Balding (2002), "Approximate Bayesian computation in
    /// population genetics", Genetics 162; their regression adjustment is left out. Of equal distances, earlier
    /// draws are nearer. The posterior is as wide as `δ` makes it: with more draws and a smaller share it
    /// narrows, until the tolerances hold it, or the room that the targets leave.
    ///
    /// Draw `k` of a variable is the quantile of its prior at the number at (`k`, 0) of the stream `calibrate.` and its
    /// name.
    ///
    /// # Errors
    /// [`Error::Calibration`] for more than 10,000,000 draws, a share outside of 0 to 1, or one that keeps fewer than two draws with a
    /// weight; as [`Calibration::check`]; [`Error::Variant`] for a draw under which the scenario cannot be run.
    pub fn posterior(&self, draws: usize, accept: f64) -> Result<Posterior, Error> {
        if !(accept > 0.0 && accept <= 1.0) {
            return Err(CalibrationError::Share { accept }.into());
        }
        if draws > DRAWS_LIMIT {
            return Err(CalibrationError::TooManyDraws { draws, limit: DRAWS_LIMIT }.into());
        }
        let kept = ((accept * draws as f64).ceil() as usize).min(draws);
        if kept < 2 {
            return Err(CalibrationError::TooFewKept { accept, draws, kept }.into());
        }
        let aims = self.statistics()?;
        let tolerances: Vec<f64> = self.targets.iter().map(|t| self.allowed(t)).collect();
        let as_it_stands = self.as_it_stands(&aims)?;
        let streams: Vec<Stream> =
            self.variables.iter().map(|v| Stream::new(self.seed, &v.stream())).collect();
        let mut all = Vec::new();
        for k in 0..draws as u64 {
            let variables = self.variables.iter().zip(&streams);
            let values: Vec<f64> = variables.map(|(v, stream)| v.quantile(stream.uniform(k, 0))).collect();
            let statistics: Vec<f64> = self.evaluate(&values, &aims)?.iter().map(|s| s.value).collect();
            let distance = distance(&statistics, &self.targets, &tolerances);
            all.push(PriorDraw { values, statistics, distance, weight: 0.0 });
        }
        let bandwidth = weigh(&mut all, kept);
        let weights: Vec<f64> = all.iter().map(|d| d.weight).collect();
        if weights.iter().filter(|w| **w > 0.0).count() < 2 {
            return Err(CalibrationError::NoDistance.into());
        }
        let of = |value: &dyn Fn(&PriorDraw) -> f64| marginal(all.iter().map(value), &weights);
        let assumptions: Vec<Marginal> = (0..self.variables.len()).map(|v| of(&|d| d.values[v])).collect();
        let statistics = (0..self.targets.len()).map(|t| of(&|d| d.statistics[t])).collect();
        let correlations = (0..self.variables.len())
            .map(|a| {
                let with = |b: usize| {
                    if a == b {
                        return 1.0;
                    }
                    let pairs = all.iter().map(|d| (d.values[a], d.values[b]));
                    correlation(pairs, &weights, (&assumptions[a], &assumptions[b]))
                };
                (0..self.variables.len()).map(with).collect()
            })
            .collect();
        Ok(Posterior {
            setting: self.setting()?,
            targets: self.targets.clone(),
            variables: self.variables.clone(),
            tolerances,
            as_it_stands,
            kept,
            bandwidth,
            effective_draws: 1.0 / weights.iter().map(|w| w * w).sum::<f64>(),
            assumptions,
            statistics,
            correlations,
            draws: all,
        })
    }
}

fn distance(statistics: &[f64], targets: &[Target], tolerances: &[f64]) -> f64 {
    let misses =
        statistics.iter().zip(targets).zip(tolerances).map(|((s, t), scale)| (s - t.value()) / scale);
    let square: f64 = misses.map(|miss| miss * miss).sum();
    // A statistic without a value is as far away as can be.
    if square.is_nan() { f64::INFINITY } else { square.sqrt() }
}

/// Weighs the `kept` nearest draws, and gives the distance at which weights reach 0.
fn weigh(draws: &mut [PriorDraw], kept: usize) -> f64 {
    let mut order: Vec<usize> = (0..draws.len()).collect();
    order.sort_by(|&a, &b| draws[a].distance.total_cmp(&draws[b].distance));
    let (near, far) = order.split_at(kept.min(order.len()));
    let farthest = near.iter().map(|&k| draws[k].distance).filter(|d| d.is_finite()).fold(0.0, f64::max);
    let next = far.first().map(|&k| draws[k].distance).filter(|d| d.is_finite());
    let bandwidth = next.unwrap_or(farthest);
    let kernel = |distance: f64| match distance / bandwidth {
        // All that are kept are at the same distance.
        _ if !distance.is_finite() => 0.0,
        _ if near.first().is_some_and(|&k| draws[k].distance >= bandwidth) => 1.0,
        u => (1.0 - u * u).max(0.0),
    };
    let weights: Vec<f64> = near.iter().map(|&k| kernel(draws[k].distance)).collect();
    let total: f64 = weights.iter().sum();
    for (&k, weight) in near.iter().zip(weights) {
        draws[k].weight = if total > 0.0 { weight / total } else { 0.0 };
    }
    bandwidth
}

/// Draws without a weight do not count, whatever they are.
fn marginal(values: impl Iterator<Item = f64>, weights: &[f64]) -> Marginal {
    let mut pairs: Vec<(f64, f64)> = values.zip(weights.iter().copied()).filter(|(_, w)| *w > 0.0).collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mean: f64 = pairs.iter().map(|(x, w)| w * x).sum();
    let variance: f64 = pairs.iter().map(|(x, w)| w * (x - mean) * (x - mean)).sum();
    let quantile = |q: f64| {
        let mut below = 0.0;
        let reached = pairs.iter().find(|(_, w)| {
            below += w;
            below >= q
        });
        reached.or(pairs.last()).map_or(f64::NAN, |(x, _)| *x)
    };
    Marginal { mean, sd: variance.sqrt(), p05: quantile(0.05), p50: quantile(0.5), p95: quantile(0.95) }
}

fn correlation(
    pairs: impl Iterator<Item = (f64, f64)>,
    weights: &[f64],
    (a, b): (&Marginal, &Marginal),
) -> f64 {
    let covariance: f64 = pairs.zip(weights).map(|((x, y), w)| w * (x - a.mean) * (y - b.mean)).sum();
    (covariance / (a.sd * b.sd)).clamp(-1.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draws(distances: &[f64]) -> Vec<PriorDraw> {
        let draw = |d: &f64| PriorDraw { values: vec![], statistics: vec![], distance: *d, weight: 0.0 };
        distances.iter().map(draw).collect()
    }

    fn weights(distances: &[f64], kept: usize) -> (Vec<f64>, f64) {
        let mut draws = draws(distances);
        let bandwidth = weigh(&mut draws, kept);
        (draws.iter().map(|d| d.weight).collect(), bandwidth)
    }

    #[test]
    fn the_nearest_draws_have_the_weights_of_the_kernel() {
        // 1 − 0 and 1 − 1/4, over their sum.
        let near = weights(&[3.0, 1.0, 0.0, 2.0], 2);
        assert_eq!(near, (vec![0.0, 0.75 / 1.75, 1.0 / 1.75, 0.0], 2.0));
        // Where all are kept, the farthest has none.
        assert_eq!(weights(&[0.0, 2.0], 2), (vec![1.0, 0.0], 2.0));
        // Equal distances are weighed alike, and the earlier ones are kept.
        assert_eq!(weights(&[5.0, 5.0, 5.0], 2), (vec![0.5, 0.5, 0.0], 5.0));
        assert_eq!(weights(&[0.0, 0.0, 0.0], 3).0, [1.0 / 3.0; 3]);
        // A draw without a distance is never weighed.
        let (w, bandwidth) = weights(&[f64::INFINITY, 1.0, 0.0, f64::INFINITY], 3);
        assert_eq!((w, bandwidth), (vec![0.0, 0.0, 1.0, 0.0], 1.0));
        assert_eq!(weights(&[f64::INFINITY; 2], 2).0, [0.0; 2]);
    }

    #[test]
    fn a_marginal_is_that_of_the_weighted_draws() {
        let found = marginal([4.0, 1.0, f64::NAN, 2.0].into_iter(), &[0.25, 0.5, 0.0, 0.25]);
        assert_eq!((found.mean, found.sd), (2.0, 1.5_f64.sqrt()));
        assert_eq!((found.p05, found.p50, found.p95), (1.0, 1.0, 4.0));
    }

    #[test]
    fn a_correlation_is_that_of_the_weighted_draws() {
        let (x, y, w) = ([0.0, 1.0, 2.0], [3.0, 1.0, -1.0], [0.25, 0.5, 0.25]);
        let (a, b) = (marginal(x.into_iter(), &w), marginal(y.into_iter(), &w));
        let found = correlation(x.into_iter().zip(y), &w, (&a, &b));
        assert!((found + 1.0).abs() < 1e-15, "{found}");
        let (x, y) = ([0.0, 1.0, 0.0, 1.0], [0.0, 0.0, 1.0, 1.0]);
        let w = [0.25; 4];
        let (a, b) = (marginal(x.into_iter(), &w), marginal(y.into_iter(), &w));
        assert_eq!(correlation(x.into_iter().zip(y), &w, (&a, &b)), 0.0);
    }
}
