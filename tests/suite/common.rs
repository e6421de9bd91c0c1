//! The head of small scenarios, and short ways to compile them.

use supplyshock::scenario::{About, Date, Party, Tables, Time};
use supplyshock::{Error, Model, Scenario};

/// Tables or text from which a scenario is made.
pub trait Source {
    /// The scenario, or its problems.
    fn scenario(&self) -> Result<Scenario, Error>;
}

impl Source for str {
    fn scenario(&self) -> Result<Scenario, Error> {
        Scenario::parse("test.toml", self)
    }
}

impl Source for Tables {
    fn scenario(&self) -> Result<Scenario, Error> {
        Scenario::new("test", self.clone())
    }
}

/// Compiles a scenario, or fails with all its problems.
pub fn compile(source: &(impl Source + ?Sized)) -> Model {
    match source.scenario().and_then(|s| s.compile()) {
        Ok(model) => model,
        Err(error) => panic!("{error}"),
    }
}

/// Why a scenario does not stand, or cannot be compiled.
pub fn refused(tables: &Tables) -> String {
    tables.scenario().and_then(|s| s.compile()).expect_err("it is wrong").to_string()
}

/// Head of a scenario: time, and one party that answers for the countries `JP`, `CN` and `XX`.
pub fn head(step_days: u32, horizon_days: u32) -> Tables {
    let time = Time::new(Date::new(2026, 1, 1), horizon_days).step_days(step_days);
    Tables::new(About::new("test", "JPY"), time).party("JP", Party::new(1e12).countries(["JP", "CN", "XX"]))
}
