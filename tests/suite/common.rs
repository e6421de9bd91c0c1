//! Small scenarios and short ways to run them.

use supplyshock::scenario::{About, Date, Party, Tables, Time};
use supplyshock::{Model, Scenario};

/// Compiles scenario text, or fails with all its problems.
pub fn compile(text: &str) -> Model {
    match Scenario::parse("test.toml", text).and_then(|s| s.compile()) {
        Ok(model) => model,
        Err(error) => panic!("{error}\n--- in ---\n{text}"),
    }
}

/// Compiles a scenario made in code, or fails with all its problems.
pub fn compile_tables(tables: Tables) -> Model {
    match Scenario::new("test", tables).and_then(|s| s.compile()) {
        Ok(model) => model,
        Err(error) => panic!("{error}"),
    }
}

/// Tables with what [`head`] gives.
pub fn head_tables(step_days: u32, horizon_days: u32) -> Tables {
    let time = Time::new(Date::new(2026, 1, 1), horizon_days).step_days(step_days);
    Tables::new(About::new("test", "JPY"), time).party("JP", Party::new(1e12).countries(["JP", "CN", "XX"]))
}

/// Head of a scenario: time, and one party that answers for the countries `JP`, `CN` and `XX`.
pub fn head(step_days: u32, horizon_days: u32) -> String {
    format!(
        "[scenario]\ncurrency = \"JPY\"\ntitle = \"test\"\n[time]\nstart = 2026-01-01\nstep_days = {step_days}\nhorizon_days = {horizon_days}\n\
         [parties.JP]\ngdp_per_year = 1e12\ncountries = [\"JP\", \"CN\", \"XX\"]\n"
    )
}
