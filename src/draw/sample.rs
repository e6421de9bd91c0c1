//! Distributions given by a list of values: weighted values, and an observed
//! sample.

use super::error::DistributionError;
use serde::Serialize;

/// Values with probabilities.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Discrete {
    /// Increasing; those with weight 0 are left out.
    values: Vec<f64>,
    weights: Vec<f64>,
    /// Sum of the weights up to and including each value.
    #[serde(skip)]
    cumulative: Vec<f64>,
    #[serde(skip)]
    total: f64,
    #[serde(skip)]
    mean: f64,
}

impl Discrete {
    pub(super) fn new(values: &[f64], weights: &[f64]) -> Result<Self, DistributionError> {
        check_values("discrete", values)?;
        if values.len() != weights.len() {
            return Err(DistributionError::WeightCount { values: values.len(), weights: weights.len() });
        }
        for (position, &weight) in weights.iter().enumerate() {
            if !(weight >= 0.0 && weight.is_finite()) {
                return Err(DistributionError::BadWeight { position, weight });
            }
        }
        let mut pairs: Vec<(f64, f64)> =
            values.iter().copied().zip(weights.iter().copied()).filter(|(_, weight)| *weight > 0.0).collect();
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut total = 0.0;
        let mut cumulative = Vec::with_capacity(pairs.len());
        for (_, weight) in &pairs {
            total += weight;
            cumulative.push(total);
        }
        if !(total > 0.0 && total.is_finite()) {
            return Err(DistributionError::BadTotalWeight { total });
        }
        let mean = pairs.iter().map(|(value, weight)| value * (weight / total)).sum();
        let (values, weights) = pairs.into_iter().unzip();
        Ok(Self { values, weights, cumulative, total, mean })
    }

    /// The least value whose cumulative probability is at least `u`.
    pub(super) fn quantile(&self, u: f64) -> f64 {
        let wanted = u * self.total;
        let position = self.cumulative.partition_point(|sum| *sum < wanted);
        self.values[position.min(self.values.len() - 1)]
    }

    /// Probability of at most `x`.
    pub(super) fn cumulative(&self, x: f64) -> f64 {
        match self.values.partition_point(|value| *value <= x) {
            0 => 0.0,
            up_to => self.cumulative[up_to - 1] / self.total,
        }
    }

    pub(super) fn mean(&self) -> f64 {
        self.mean
    }

    pub(super) fn support(&self) -> (f64, f64) {
        ends(&self.values)
    }

    /// Values and their weights, in increasing order of value.
    pub(super) fn entries(&self) -> impl Iterator<Item = (f64, f64)> {
        self.values.iter().copied().zip(self.weights.iter().copied())
    }
}

/// A sorted sample, interpolated linearly.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Empirical {
    sorted: Vec<f64>,
    #[serde(skip)]
    mean: f64,
}

impl Empirical {
    pub(super) fn new(values: &[f64]) -> Result<Self, DistributionError> {
        check_values("empirical", values)?;
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        // The area under the quantile function: each inner value counts once,
        // the two ends half.
        let gaps = (sorted.len() - 1) as f64;
        let mean = if sorted.len() == 1 {
            sorted[0]
        } else {
            sorted.windows(2).map(|pair| (0.5 * pair[0] + 0.5 * pair[1]) / gaps).sum()
        };
        Ok(Self { sorted, mean })
    }

    /// Type 7 of R. J. Hyndman and Y. Fan, "Sample quantiles in statistical
    /// packages", The American Statistician 50 (1996), 361-365.
    pub(super) fn quantile(&self, u: f64) -> f64 {
        let last = self.sorted.len() - 1;
        let place = u * last as f64;
        let below = (place as usize).min(last);
        let above = (below + 1).min(last);
        let part = place - below as f64;
        self.sorted[below] + part * (self.sorted[above] - self.sorted[below])
    }

    /// Probability of at most `x`: the greatest `u` whose quantile is no more.
    pub(super) fn cumulative(&self, x: f64) -> f64 {
        let (above, last) = (self.sorted.partition_point(|value| *value <= x), self.sorted.len() - 1);
        match above {
            0 => 0.0,
            _ if above > last => 1.0,
            _ => {
                let (low, high) = (self.sorted[above - 1], self.sorted[above]);
                ((above - 1) as f64 + (x - low) / (high - low)) / last as f64
            }
        }
    }

    pub(super) fn mean(&self) -> f64 {
        self.mean
    }

    pub(super) fn support(&self) -> (f64, f64) {
        ends(&self.sorted)
    }

    pub(super) fn len(&self) -> usize {
        self.sorted.len()
    }

    pub(super) fn values(&self) -> &[f64] {
        &self.sorted
    }
}

fn check_values(distribution: &'static str, values: &[f64]) -> Result<(), DistributionError> {
    if values.is_empty() {
        return Err(DistributionError::NoValues { distribution });
    }
    for (position, &value) in values.iter().enumerate() {
        if !value.is_finite() {
            return Err(DistributionError::ValueNotFinite { distribution, position, value });
        }
    }
    Ok(())
}

/// First and last of a sorted list, which the constructors keep non-empty.
fn ends(sorted: &[f64]) -> (f64, f64) {
    match sorted {
        [only] => (*only, *only),
        [first, .., last] => (*first, *last),
        [] => (f64::NAN, f64::NAN),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn discrete_values_are_sorted_and_those_without_weight_left_out() {
        let list = Discrete::new(&[5.0, -2.0, 9.0], &[1.0, 3.0, 0.0]).unwrap();
        let entries: Vec<_> = list.entries().collect();
        assert_eq!(entries, [(-2.0, 3.0), (5.0, 1.0)]);
        assert_eq!(list.support(), (-2.0, 5.0));
        assert_eq!(list.mean(), -0.25);
    }

    #[test]
    fn discrete_does_not_depend_on_order_or_scale() {
        let one = Discrete::new(&[1.0, 2.0, 3.0], &[1.0, 2.0, 5.0]).unwrap();
        let other = Discrete::new(&[3.0, 1.0, 2.0], &[20.0, 4.0, 8.0]).unwrap();
        assert_eq!(one.mean(), other.mean());
        for k in 1..256 {
            let u = f64::from(k) / 256.0;
            assert_eq!(one.quantile(u), other.quantile(u));
        }
    }

    #[test]
    fn discrete_steps_where_the_cumulative_weight_is_reached() {
        let list = Discrete::new(&[1.0, 2.0, 3.0], &[1.0, 2.0, 1.0]).unwrap();
        for (u, value) in [(0.25, 1.0), (0.26, 2.0), (0.75, 2.0), (0.76, 3.0)] {
            assert_eq!(list.quantile(u), value);
        }
    }

    #[test]
    fn empirical_passes_through_the_sorted_values() {
        let list = Empirical::new(&[7.0, 1.0, 2.0, 4.0, 2.0]).unwrap();
        for (u, value) in
            [(0.0, 1.0), (0.25, 2.0), (0.375, 2.0), (0.5, 2.0), (0.75, 4.0), (0.875, 5.5), (1.0, 7.0)]
        {
            assert_eq!(list.quantile(u), value);
        }
        assert_eq!(list.mean(), 3.0);
        assert_eq!(list.len(), 5);
    }

    #[test]
    fn lists_that_are_empty_or_do_not_match_are_refused() {
        assert_eq!(Discrete::new(&[], &[]), Err(DistributionError::NoValues { distribution: "discrete" }));
        assert_eq!(
            Discrete::new(&[1.0], &[1.0, 2.0]),
            Err(DistributionError::WeightCount { values: 1, weights: 2 })
        );
        assert_eq!(
            Discrete::new(&[1.0, 2.0], &[1e308, 1e308]),
            Err(DistributionError::BadTotalWeight { total: f64::INFINITY })
        );
        assert_eq!(
            Empirical::new(&[1.0, f64::INFINITY]),
            Err(DistributionError::ValueNotFinite {
                distribution: "empirical",
                position: 1,
                value: f64::INFINITY
            })
        );
    }
}
