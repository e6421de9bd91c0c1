//! Scenarios as text.

use super::{Fate, asked, bounded};
use supplyshock::{Error, Scenario, report};

const NAME: &str = "fuzzed.toml";

/// A text is refused with its problems, or is a scenario that is written and read to the same one, and that runs or says
/// why not.
pub fn scenario(bytes: &[u8]) -> Fate {
    let Ok(text) = std::str::from_utf8(bytes) else { return Fate::Refused };
    let scenario = match Scenario::parse(NAME, text) {
        Ok(scenario) => scenario,
        Err(error) => {
            let Error::Scenario(problems) = &error else { panic!("no list of problems: {error}") };
            assert!(!problems.as_slice().is_empty() && !error.to_string().is_empty());
            return Fate::Refused;
        }
    };
    let written = scenario.to_toml().unwrap_or_else(|e| panic!("what was text can be written: {e}"));
    let again = Scenario::parse(NAME, &written).unwrap_or_else(|e| panic!("{e}\nis wrong with\n{written}"));
    assert!(again.tables() == scenario.tables(), "another scenario was written:\n{written}");
    let Ok(model) = scenario.compile() else { return Fate::Parsed };
    let Ok(outcome) = bounded(&model, 3).keep_draws().run() else { return Fate::Compiled };
    asked::sound(&outcome);
    asked::everything(&outcome);
    let shown = report::network(&scenario, &model).len()
        + report::run(&scenario, &outcome, &[0.0, 1e9]).unwrap_or_else(|e| panic!("{e}")).len();
    assert!(shown > 0);
    Fate::Ran
}
