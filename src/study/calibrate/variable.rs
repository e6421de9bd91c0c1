//! The figures that a calibration varies: one of the scenario, or a factor on it.

use crate::draw::Distribution;
use crate::number::shown;
use crate::scenario::{Assumption, Leaf};
use crate::study::CalibrationError;
use crate::{Error, Scenario};

/// Points of the probability at which the standard deviation of a prior is taken.
const POINTS: u32 = 4096;

/// A figure that is varied, the range it is varied over, and how likely its values are before any target is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    path: String,
    is_factor: bool,
    low: f64,
    high: f64,
    prior: Option<Distribution>,
}

impl Variable {
    /// The leaf at `path` is replaced by a number from `low` to `high`, in the unit of the leaf.
    #[must_use]
    pub fn new(path: impl Into<String>, low: f64, high: f64) -> Self {
        Variable { path: path.into(), is_factor: false, low, high, prior: None }
    }

    /// The leaf at `path`, with its distribution where it has one, is multiplied by a factor from `low` to
    /// `high`; at 1 it is the leaf of the scenario.
    #[must_use]
    pub fn factor(path: impl Into<String>, low: f64, high: f64) -> Self {
        Variable { is_factor: true, ..Self::new(path, low, high) }
    }

    /// Reads `PATH` or `scale:PATH`.
    #[must_use]
    pub fn parse(text: &str, low: f64, high: f64) -> Self {
        match text.trim().strip_prefix("scale:") {
            Some(path) => Self::factor(path.trim(), low, high),
            None => Self::new(text.trim(), low, high),
        }
    }

    /// Draws the posterior from `prior`, whose values must lie in the range, in place of all values of the range alike.
    ///
    /// # Examples
    /// ```
    /// use supplyshock::draw::Distribution;
    /// use supplyshock::study::Variable;
    /// # fn main() -> Result<(), supplyshock::draw::DistributionError> {
    /// let likely_low = Distribution::pert(0.0, 0.1, 0.5)?;
    /// let leakage = Variable::new("controls.ban.leakage", 0.0, 0.5).prior(likely_low);
    /// assert!(leakage.prior_sd() < Variable::new("controls.ban.leakage", 0.0, 0.5).prior_sd());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn prior(mut self, prior: Distribution) -> Self {
        self.prior = Some(prior);
        self
    }

    /// Path of the leaf.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether the leaf is multiplied, and not replaced.
    #[must_use]
    pub fn is_factor(&self) -> bool {
        self.is_factor
    }

    /// Lower and upper end of the range, in the unit of the leaf or of a factor.
    #[must_use]
    pub fn range(&self) -> (f64, f64) {
        (self.low, self.high)
    }

    /// The prior that was given; `None` where all values of the range are alike.
    #[must_use]
    pub fn given_prior(&self) -> Option<&Distribution> {
        self.prior.as_ref()
    }

    /// Standard deviation of the prior, in the unit of the leaf or of a factor.
    #[must_use]
    pub fn prior_sd(&self) -> f64 {
        let Some(prior) = &self.prior else { return (self.high - self.low) / 12_f64.sqrt() };
        let quantiles = (0..POINTS).map(|k| prior.quantile((f64::from(k) + 0.5) / f64::from(POINTS)));
        let squares: f64 = quantiles.map(|x| (x - prior.mean()) * (x - prior.mean())).sum();
        (squares / f64::from(POINTS)).sqrt()
    }

    /// The path, with `scale:` before it for a factor.
    #[must_use]
    pub fn name(&self) -> String {
        if self.is_factor { format!("scale:{}", self.path) } else { self.path.clone() }
    }

    /// Name of the stream that its prior is drawn from.
    pub(super) fn stream(&self) -> String {
        format!("calibrate.{}", self.name())
    }

    /// The value below which the prior lies with this probability.
    pub(super) fn quantile(&self, u: f64) -> f64 {
        match &self.prior {
            Some(prior) => prior.quantile(u),
            None => self.low + (self.high - self.low) * u,
        }
    }

    /// The figure as it stands in the scenario.
    pub(super) fn assumption(&self, scenario: &Scenario) -> Result<Assumption, Error> {
        scenario.assumption(&self.path)
    }

    /// The leaf that takes its place at `x`.
    pub(super) fn leaf(&self, scenario: &Scenario, x: f64) -> Result<Leaf, Error> {
        let old = self.assumption(scenario)?.leaf;
        if !self.is_factor {
            return Ok(Leaf { origin: old.origin, ..Leaf::number(x) });
        }
        let factor = |source| CalibrationError::Factor { path: self.path.clone(), source };
        Ok(old.scaled(x).map_err(factor)?)
    }

    /// Finds whether its range and its prior make sense in the scenario.
    pub(super) fn check(&self, scenario: &Scenario) -> Result<(), Error> {
        self.assumption(scenario)?;
        let (variable, low, high) = (self.name(), self.low, self.high);
        // The difference of two numbers that are finite may not be.
        if !(low < high && (high - low).is_finite()) {
            return Err(CalibrationError::NoRange { variable, low, high }.into());
        }
        if let Some(prior) = &self.prior {
            let (least, most) = prior.support();
            if least < low || most > high {
                let prior = prior.to_string();
                return Err(CalibrationError::PriorOutsideRange { variable, prior, low, high }.into());
            }
        }
        for x in [self.low, self.high] {
            let checked = self
                .leaf(scenario, x)
                .and_then(|leaf| scenario.edit().set(&self.path, leaf).finish().map(drop));
            checked.map_err(|source| variant(std::slice::from_ref(self), &[x], source))?;
        }
        Ok(())
    }
}

/// An error with the values under which it came up.
pub(super) fn variant(variables: &[Variable], values: &[f64], source: Error) -> Error {
    let said = variables.iter().zip(values).map(|(v, x)| match v.is_factor {
        true => format!("{} times {}", v.path, shown(*x)),
        false => format!("{} = {}", v.path, shown(*x)),
    });
    Error::Variant { variant: said.collect::<Vec<_>>().join(", "), source: Box::new(source) }
}
