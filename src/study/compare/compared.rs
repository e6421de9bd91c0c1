//! The figures of one scenario of a comparison.

use crate::Error;
use crate::run::{Component, Days, Outcome, PartyLabel, Subject};
use crate::scenario::{Date, Inputs};
use crate::stats::{Difference, LossDistribution, Ratio};
use std::time::Duration;

/// A scenario of a [`Comparison`](super::Comparison).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Compared {
    /// Its label: its name, with a number behind it where another one has the same.
    pub label: String,
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Entries that were changed for the run, each as `PATH=VALUE`.
    pub assignments: Vec<String>,
    /// The files that it was read from, with their hashes.
    pub inputs: Inputs,
    /// The terms that losses are counted on.
    pub frame: Frame,
    /// Digest of its outcome.
    pub digest: String,
    /// Time that its run took.
    pub elapsed: Duration,
    /// In the order of the reference's parties.
    pub parties: Vec<ComparedParty>,
    /// First stops of the sectors of the reference's headline party; `None` where the scenario has no such sector.
    pub first_stops: Vec<Option<Days>>,
}

/// The terms that losses are counted on. Scenarios should share them for their losses to mean the same.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Frame {
    /// Calendar date of day 0.
    pub start: Date,
    /// The horizon \[days\].
    pub days: f64,
    /// Share of the baseline below which a sector counts as stopped.
    pub stopped_below: f64,
}

/// A party in a scenario of a comparison.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ComparedParty {
    /// Its id.
    pub id: String,
    /// Mean of its loss over its yearly GDP.
    pub gdp_share: f64,
    /// In the order of [`Component::ALL`].
    parts: Vec<Part>,
}

/// A component of a party's loss, and how it differs from the reference.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Part {
    /// The losses.
    pub loss: LossDistribution,
    /// Their difference from those of the reference, trial by trial.
    pub difference: Difference,
    /// The mean difference as a share of the reference's mean loss; `None` where that cannot be told from 0 by two
    /// standard errors, as the interval of a ratio to it would mean nothing.
    pub share: Option<Ratio>,
}

impl Compared {
    /// Takes the figures of an outcome that can be compared with the reference.
    pub(super) fn new(
        label: String,
        outcome: &Outcome,
        reference: &Outcome,
        sectors: &[&str],
    ) -> Result<Self, Error> {
        let parties = reference.labels().parties().iter();
        let first_stop = |id: &&str| match outcome.stop_days(id) {
            Ok(stops) => Ok(Some(stops.first)),
            Err(Error::Unknown { .. }) => Ok(None),
            Err(error) => Err(error),
        };
        let labels = outcome.labels();
        Ok(Compared {
            label,
            name: labels.name().to_owned(),
            title: labels.title().to_owned(),
            assignments: labels.assignments().to_vec(),
            inputs: labels.inputs().clone(),
            frame: Frame {
                start: labels.start(),
                days: labels.days(),
                stopped_below: labels.stopped_below(),
            },
            digest: outcome.digest(),
            elapsed: outcome.elapsed(),
            parties: parties
                .map(|party| ComparedParty::new(party, outcome, reference))
                .collect::<Result<_, _>>()?,
            first_stops: sectors.iter().map(first_stop).collect::<Result<_, _>>()?,
        })
    }
}

impl ComparedParty {
    fn new(party: &PartyLabel, outcome: &Outcome, reference: &Outcome) -> Result<Self, Error> {
        let id = &party.id;
        let [own, of_reference] = [outcome.negligible(id)?, reference.negligible(id)?];
        let subject = Subject::Party(id.clone());
        let part = |component: Component| -> Result<Part, Error> {
            let [losses, theirs] = [outcome, reference].map(|o| o.component_values(&subject, component));
            let (losses, theirs) = (losses?, theirs?);
            // Either way round, the same trials count as different.
            let difference = Difference::new(&losses, &theirs, own.max(of_reference))?;
            let theirs = LossDistribution::new(theirs, of_reference)?;
            let told = |error| theirs.mean().abs() > 2.0 * error;
            let share = difference.share().filter(|_| theirs.std_error().is_some_and(told));
            Ok(Part { loss: LossDistribution::new(losses, own)?, difference, share })
        };
        Ok(ComparedParty {
            id: id.clone(),
            gdp_share: outcome.mean_gdp_share(id)?,
            parts: Component::ALL.into_iter().map(part).collect::<Result<_, _>>()?,
        })
    }

    /// A component of its loss.
    #[must_use]
    pub fn part(&self, component: Component) -> &Part {
        &self.parts[component as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_number_themselves_in_the_order_of_all() {
        assert!(Component::ALL.into_iter().enumerate().all(|(place, component)| component as usize == place));
    }
}
