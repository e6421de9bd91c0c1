//! Networks that are made from bytes.

use super::generated::{Forces, tables};
use super::{Fate, asked};
use std::ops::Range;
use supplyshock::run::{Component, Subject};
use supplyshock::step::reference::Trial;
use supplyshock::{Ensemble, Error, Model, Outcome, Scenario};

const SEED: u64 = 3;
/// One block and a part of the next.
const TRIALS: u64 = 37;

/// Every network that is generated can be compiled. It loses nothing at rest; under its forces mass is kept, nothing is
/// negative, blocks agree with the plain version of a step to the bit, and parts and condensed runs with the whole.
pub fn network(bytes: &[u8]) -> Fate {
    let [forced, rest] = [Forces::InForce, Forces::None].map(|forces| {
        let scenario = Scenario::new("generated", tables(bytes, forces));
        scenario.and_then(|s| s.compile()).unwrap_or_else(|e| panic!("no network was made: {e}"))
    });
    at_rest(&rest);
    let whole = match run(&forced, 0..TRIALS) {
        Ok(whole) => whole,
        Err(Error::Baseline { .. }) => return Fate::Compiled,
        Err(error) => panic!("{error}"),
    };
    asked::sound(&whole);
    for trial in [0, TRIALS - 1] {
        as_the_reference(&forced, &whole, trial);
    }
    let cut = 1 + bytes.iter().map(|byte| u64::from(*byte)).sum::<u64>() % (TRIALS - 1);
    let [first, second] = [0..cut, cut..TRIALS].map(|range| run(&forced, range).expect("a part runs"));
    let merged = second.merge(first).expect("they fit");
    assert_eq!(merged.digest(), whole.digest(), "parted at {cut}");
    let condensed = Ensemble::new(&forced).trials(TRIALS).seed(SEED).condensed().run().expect("runs");
    assert_eq!(condensed.digest(), whole.digest(), "condensed");
    Fate::Ran
}

fn run(model: &Model, range: Range<u64>) -> Result<Outcome, Error> {
    Ensemble::new(model).range(range).seed(SEED).run()
}

fn at_rest(model: &Model) {
    let outcome = match run(model, 0..4) {
        Err(Error::Baseline { .. }) => return,
        outcome => outcome.unwrap_or_else(|e| panic!("{e}")),
    };
    asked::sound(&outcome);
    for party in outcome.labels().parties() {
        let share = outcome.mean_gdp_share(&party.id).expect("a party");
        assert!(share.abs() <= 1e-9, "{} loses {share} of its product at rest", party.id);
    }
}

/// Activities and stocks are never negative, and what sectors lose is what blocks say.
fn as_the_reference(model: &Model, whole: &Outcome, trial: u64) {
    let mut plain = Trial::new(model, SEED, trial).expect("a baseline");
    while plain.step() {
        for a in plain.activities() {
            assert!(a.activity >= 0.0 && a.capacity >= 0.0 && a.demand >= 0.0, "trial {trial}: {a:?}");
        }
        for (site, commodity, stock) in plain.stocks() {
            assert!(stock >= 0.0, "trial {trial}: {stock} of {commodity} at {site}");
        }
    }
    for (party, bill) in whole.labels().parties().iter().zip(plain.bill()) {
        let bills =
            whole.component_values(&Subject::Party(party.id.clone()), Component::Price).expect("a party");
        let block = bills[trial as usize] + 0.0;
        assert!(block.to_bits() == (bill + 0.0).to_bits(), "{}, trial {trial}: {block} and {bill}", party.id);
    }
    for (site, lost) in model.sites().zip(plain.lost()) {
        // Sites without value added are no subjects of a loss.
        let Ok(losses) = whole.values(&Subject::Sector(site.to_owned())) else { continue };
        let block = losses[trial as usize] + 0.0;
        assert!(block.to_bits() == (lost + 0.0).to_bits(), "{site}, trial {trial}: {block} and {lost}");
    }
}
