//! Scenarios side by side, as tables and JSON.

mod json;
mod text;

use crate::run::Component;
use crate::stats::LossDistribution;
use crate::study::{Compared, Comparison};

/// The headline party's output, whose exceedance is told.
fn headline_loss<'s>(comparison: &Comparison<'_>, scenario: &'s Compared) -> &'s LossDistribution {
    let headline = comparison.reference().labels().headline();
    &scenario.parties[headline].part(Component::Output).loss
}
