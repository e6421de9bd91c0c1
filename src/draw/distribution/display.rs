//! How a distribution is written.

use std::fmt;

use super::{Bounds, Distribution, Kind};
use crate::number::exact;

/// Most values of a sample that are shown.
const MOST_SHOWN: usize = 20;

/// Written as a call with its parameters, such as `uniform(0.05, 0.45)`, and the
/// bounds if there are any: `normal(1, 0.2) within [0, inf]`. Discrete values
/// come with their weights, `discrete(0: 3, 1: 1)`; of a sample of more than 20 values only its size
/// and range are shown, `empirical(40 values, 0.1 to 0.9)`. Anything else is read again to the same distribution where it
/// stands in a scenario.
impl fmt::Display for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |numbers: &[f64]| numbers.iter().map(|x| exact(*x)).collect::<Vec<_>>().join(", ");
        let shown = match &self.kind {
            Kind::Constant(value) => list(&[*value]),
            Kind::Uniform { low, high } => list(&[*low, *high]),
            Kind::Triangular { low, mode, high, .. } | Kind::Pert { low, mode, high, .. } => {
                list(&[*low, *mode, *high])
            }
            Kind::Beta { alpha, beta, low, high, .. } => list(&[*alpha, *beta, *low, *high]),
            Kind::Normal { mean, sd, .. } => list(&[*mean, *sd]),
            Kind::LogNormal { median, sigma, .. } => list(&[*median, *sigma]),
            Kind::Gamma { shape, scale, .. } | Kind::Weibull { shape, scale } => list(&[*shape, *scale]),
            Kind::Exponential { mean } => list(&[*mean]),
            Kind::Discrete(of) => {
                let entries =
                    of.entries().map(|(value, weight)| format!("{}: {}", exact(value), exact(weight)));
                entries.collect::<Vec<_>>().join(", ")
            }
            Kind::Empirical(of) if of.len() <= MOST_SHOWN => list(of.values()),
            Kind::Empirical(of) => {
                let (low, high) = of.support();
                format!("{} values, {} to {}", of.len(), exact(low), exact(high))
            }
        };
        write!(f, "{}({shown})", self.family())?;
        match &self.kind {
            Kind::Normal { bounds, .. } | Kind::LogNormal { bounds, .. } => write_bounds(f, *bounds),
            _ => Ok(()),
        }
    }
}

fn write_bounds(f: &mut fmt::Formatter<'_>, bounds: Bounds) -> fmt::Result {
    if bounds == Bounds::NONE {
        return Ok(());
    }
    let low = bounds.low.unwrap_or(f64::NEG_INFINITY);
    let high = bounds.high.unwrap_or(f64::INFINITY);
    write!(f, " within [{}, {}]", exact(low), exact(high))
}
