//! How a distribution is written.

use std::fmt;

use super::{Bounds, Distribution, Kind};

/// Written as a call with its parameters, such as `uniform(0.05, 0.45)`, and the
/// bounds if there are any: `normal(1, 0.2) within [0, inf]`. Discrete values
/// come with their weights, `discrete(0: 3, 1: 1)`; of a sample only its size
/// and range are shown, `empirical(40 values, 0.1 to 0.9)`.
impl fmt::Display for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Constant(value) => write!(f, "constant({value})"),
            Kind::Uniform { low, high } => write!(f, "uniform({low}, {high})"),
            Kind::Triangular { low, mode, high, .. } => {
                write!(f, "triangular({low}, {mode}, {high})")
            }
            Kind::Pert { low, mode, high, .. } => write!(f, "pert({low}, {mode}, {high})"),
            Kind::Beta { alpha, beta, low, high, .. } => {
                write!(f, "beta({alpha}, {beta}, {low}, {high})")
            }
            Kind::Normal { mean, sd, bounds, .. } => {
                write!(f, "normal({mean}, {sd})")?;
                write_bounds(f, *bounds)
            }
            Kind::LogNormal { median, sigma, bounds, .. } => {
                write!(f, "log_normal({median}, {sigma})")?;
                write_bounds(f, *bounds)
            }
            Kind::Gamma { shape, scale, .. } => write!(f, "gamma({shape}, {scale})"),
            Kind::Weibull { shape, scale } => write!(f, "weibull({shape}, {scale})"),
            Kind::Exponential { mean } => write!(f, "exponential({mean})"),
            Kind::Discrete(list) => {
                f.write_str("discrete(")?;
                for (position, (value, weight)) in list.entries().enumerate() {
                    let comma = if position == 0 { "" } else { ", " };
                    write!(f, "{comma}{value}: {weight}")?;
                }
                f.write_str(")")
            }
            Kind::Empirical(list) => {
                let (low, high) = list.support();
                write!(f, "empirical({} values, {low} to {high})", list.len())
            }
        }
    }
}

fn write_bounds(f: &mut fmt::Formatter<'_>, bounds: Bounds) -> fmt::Result {
    if bounds == Bounds::NONE {
        return Ok(());
    }
    let low = bounds.low.unwrap_or(f64::NEG_INFINITY);
    let high = bounds.high.unwrap_or(f64::INFINITY);
    write!(f, " within [{low}, {high}]")
}
