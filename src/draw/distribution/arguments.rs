//! What a distribution was made from.

use super::{Bounds, Distribution, Kind};

/// What a constructor of a distribution takes.
#[derive(Debug, Clone, PartialEq)]
pub enum Argument {
    /// One number.
    Number(f64),
    /// Values or weights.
    List(Vec<f64>),
}

impl Distribution {
    /// The name of the constructor that makes it, such as `uniform`.
    #[must_use]
    pub fn family(&self) -> &'static str {
        match &self.kind {
            Kind::Constant(_) => "constant",
            Kind::Uniform { .. } => "uniform",
            Kind::Triangular { .. } => "triangular",
            Kind::Pert { .. } => "pert",
            Kind::Beta { .. } => "beta",
            Kind::Normal { .. } => "normal",
            Kind::LogNormal { .. } => "log_normal",
            Kind::Gamma { .. } => "gamma",
            Kind::Weibull { .. } => "weibull",
            Kind::Exponential { .. } => "exponential",
            Kind::Discrete(_) => "discrete",
            Kind::Empirical(_) => "empirical",
        }
    }

    /// Names and values of what that constructor takes; bounds only where there are any. Values of a list come in
    /// increasing order.
    #[must_use]
    pub fn arguments(&self) -> Vec<(&'static str, Argument)> {
        let numbers = |of: &[(&'static str, f64)]| {
            of.iter().map(|&(name, x)| (name, Argument::Number(x))).collect::<Vec<_>>()
        };
        let bounded = |of: &[(&'static str, f64)], bounds: &Bounds| {
            let bounds = [("low", bounds.low), ("high", bounds.high)];
            let given = bounds.into_iter().filter_map(|(name, x)| Some((name, Argument::Number(x?))));
            numbers(of).into_iter().chain(given).collect()
        };
        match &self.kind {
            Kind::Constant(value) => numbers(&[("value", *value)]),
            Kind::Uniform { low, high } => numbers(&[("low", *low), ("high", *high)]),
            Kind::Triangular { low, mode, high, .. } | Kind::Pert { low, mode, high, .. } => {
                numbers(&[("low", *low), ("mode", *mode), ("high", *high)])
            }
            Kind::Beta { alpha, beta, low, high, .. } => {
                numbers(&[("alpha", *alpha), ("beta", *beta), ("low", *low), ("high", *high)])
            }
            Kind::Normal { mean, sd, bounds, .. } => bounded(&[("mean", *mean), ("sd", *sd)], bounds),
            Kind::LogNormal { median, sigma, bounds, .. } => {
                bounded(&[("median", *median), ("sigma", *sigma)], bounds)
            }
            Kind::Gamma { shape, scale, .. } | Kind::Weibull { shape, scale } => {
                numbers(&[("shape", *shape), ("scale", *scale)])
            }
            Kind::Exponential { mean } => numbers(&[("mean", *mean)]),
            Kind::Discrete(list) => {
                let (values, weights) = list.entries().unzip();
                vec![("values", Argument::List(values)), ("weights", Argument::List(weights))]
            }
            Kind::Empirical(list) => vec![("values", Argument::List(list.values().to_vec()))],
        }
    }
}
