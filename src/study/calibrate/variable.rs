//! What a calibration varies: one figure of the scenario, or a factor on it.

use crate::scenario::{Assumption, Leaf};
use crate::{Error, Scenario};

/// A figure that is varied, and the range it is varied over.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    pub(crate) path: String,
    pub(crate) scaled: bool,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Variable {
    /// The leaf at `path` is replaced by a number from `low` to `high`, in the unit of the leaf.
    #[must_use]
    pub fn new(path: impl Into<String>, low: f64, high: f64) -> Self {
        Variable { path: path.into(), scaled: false, low, high }
    }

    /// The leaf at `path`, with its distribution where it has one, is multiplied by a factor from `low` to
    /// `high`; at 1 it is what the scenario says.
    #[must_use]
    pub fn factor(path: impl Into<String>, low: f64, high: f64) -> Self {
        Variable { path: path.into(), scaled: true, low, high }
    }

    /// Reads `PATH` or `scale:PATH`.
    #[must_use]
    pub fn parse(text: &str, low: f64, high: f64) -> Self {
        match text.trim().strip_prefix("scale:") {
            Some(path) => Self::factor(path.trim(), low, high),
            None => Self::new(text.trim(), low, high),
        }
    }

    /// The path, with `scale:` before it for a factor.
    #[must_use]
    pub fn name(&self) -> String {
        if self.scaled { format!("scale:{}", self.path) } else { self.path.clone() }
    }

    /// Name of the stream that its prior is drawn from.
    pub(crate) fn stream(&self) -> String {
        format!("calibrate.{}", self.name())
    }

    /// The figure as it stands in the scenario.
    pub(crate) fn assumption(&self, scenario: &Scenario) -> Result<Assumption, Error> {
        scenario.assumption(&self.path)
    }

    /// What stands in its place at `x`.
    pub(crate) fn leaf(&self, scenario: &Scenario, x: f64) -> Result<Leaf, Error> {
        let old = self.assumption(scenario)?.leaf;
        if !self.scaled {
            return Ok(Leaf { origin: old.origin, ..Leaf::number(x) });
        }
        old.scaled(x).map_err(|fault| Error::Calibration(format!("{}: {fault}", self.path)))
    }

    /// Finds whether its range makes sense in the scenario.
    pub(crate) fn check(&self, scenario: &Scenario) -> Result<(), Error> {
        self.assumption(scenario)?;
        // The difference of two numbers that are finite may not be.
        if !(self.low < self.high && (self.high - self.low).is_finite()) {
            return Err(Error::Calibration(format!(
                "{}: between {} and {} there is no range\n    help: give a finite LOW below a finite HIGH",
                self.name(),
                self.low,
                self.high
            )));
        }
        for x in [self.low, self.high] {
            let checked =
                self.leaf(scenario, x).and_then(|leaf| scenario.edit().set(&self.path, leaf).finish().map(drop));
            checked.map_err(|source| variant(std::slice::from_ref(self), &[x], source))?;
        }
        Ok(())
    }
}

/// An error with the values under which it came up.
pub(crate) fn variant(variables: &[Variable], values: &[f64], source: Error) -> Error {
    let said = variables.iter().zip(values).map(|(v, x)| match v.scaled {
        true => format!("{} times {x}", v.path),
        false => format!("{} = {x}", v.path),
    });
    Error::Variant { variant: said.collect::<Vec<_>>().join(", "), source: Box::new(source) }
}
