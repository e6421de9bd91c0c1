//! A whole economy under a cut, against numbers of an implementation that shares no code with the crate.

use approx::assert_relative_eq;
use supplyshock::Ensemble;
use supplyshock::run::{Component, Subject};

#[path = "../../benches/common/economy.rs"]
mod network;

/// What `python benches/numpy_economy.py` gives in the middle of all ranges [JPY]: overtime, partly critical inputs,
/// waiting, surge limits, second offers, lead times that follow orders, prices and sales all have a part in them.
const NUMPY: [(&str, Component, f64); 6] = [
    ("north", Component::Output, 1009743342125.7576),
    ("north", Component::OutputDirect, 837088028351.5074),
    ("north", Component::Price, 74849050.05703972),
    ("south", Component::Price, -74849050.05703972),
    ("south", Component::SalesForgone, 15506499791.007133),
    ("south", Component::SalesElsewhere, -3555932478.78981),
];

#[test]
fn numpy_counts_the_same_losses_bills_and_sales() {
    let model = network::economy(false);
    let outcome = Ensemble::new(&model).trials(1).run().expect("runs");
    for (party, component, expected) in NUMPY {
        let found = outcome.component_values(&Subject::Party(party.to_owned()), component).expect("counted");
        assert_relative_eq!(found[0], expected, max_relative = 1e-12);
    }
}
