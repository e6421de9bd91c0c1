//! Scenarios side by side, trial by trial with the same luck: the worth of an answer, and to whom.

mod compared;

pub use compared::{Compared, ComparedParty, Frame, Part};

use super::{ComparisonError, MissingParty};
use crate::run::{Component, Days, Labels, SiteLabel};
use crate::scenario::did_you_mean;
use crate::stats::{Difference, LossDistribution};
use crate::{Error, Model, Outcome};

/// Outcomes of scenarios that ran the same trials from the same seed, compared with the first of them.
///
/// A quantity of the same name has the same luck in the same trial of each, so all differences are due to the changes
/// that the scenarios make. The figures of a scenario are taken over when it is added: its outcome can go.
///
/// ```
/// # fn main() -> Result<(), supplyshock::Error> {
/// use supplyshock::run::Component;
/// use supplyshock::{Comparison, Ensemble, Scenario};
/// let load = |name| Scenario::load(format!("scenarios/{name}.toml"))?.compile();
/// let (year, quarter) = (load("japan_full_cut")?, load("japan_full_cut_90_days")?);
/// let run = |model| Ensemble::new(model).trials(64).seed(2026).run();
///
/// let reference = run(&year)?;
/// let mut comparison = Comparison::new(&reference)?;
/// comparison.add(&run(&quarter)?)?;
/// let worth = comparison.difference("japan_full_cut_90_days", "JP", Component::Output)?;
/// println!("{:.2e} JPY, in {:.0}% of trials", worth.mean(), 100.0 * worth.p_less());
/// # assert!(worth.mean_ci(0.95).is_some_and(|i| i.high < 0.0));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Comparison<'r> {
    reference: &'r Outcome,
    /// The reference first.
    scenarios: Vec<Compared>,
    over: Vec<f64>,
}

impl<'r> Comparison<'r> {
    /// Takes the outcome that others are compared with.
    ///
    /// # Errors
    /// [`Error::Loss`] for losses that are not finite.
    pub fn new(reference: &'r Outcome) -> Result<Self, Error> {
        let mut comparison = Comparison { reference, scenarios: Vec::new(), over: Vec::new() };
        comparison.add(reference)?;
        Ok(comparison)
    }

    /// Finds whether scenarios can be compared: before they are run.
    ///
    /// # Errors
    /// [`Error::Comparison`] with every party that one of the others or the first lacks, or for one whose currency is
    /// another than that of the first.
    pub fn check<'m>(models: impl IntoIterator<Item = &'m Model>) -> Result<(), Error> {
        let models: Vec<&Model> = models.into_iter().collect();
        Self::check_parties(models.iter().map(|m| (m.name(), m.parties().collect())))?;
        let mut money = models.iter().map(|m| (m.name(), m.currency()));
        let Some(first) = money.next() else { return Ok(()) };
        money.try_for_each(|other| Ok(one_currency([first, other])?))
    }

    /// The same of scenarios with these names and parties.
    fn check_parties<'m>(scenarios: impl IntoIterator<Item = (&'m str, Vec<&'m str>)>) -> Result<(), Error> {
        let mut scenarios = scenarios.into_iter();
        let Some(first) = scenarios.next() else { return Ok(()) };
        let mut missing = Vec::new();
        for other in scenarios {
            for (with, without) in [(&first, &other), (&other, &first)] {
                for party in with.1.iter().filter(|id| !without.1.contains(id)) {
                    let [one, other, without] = [first.0, other.0, without.0].map(str::to_owned);
                    missing.push(MissingParty { one, other, without, party: (*party).to_owned() });
                }
            }
        }
        if missing.is_empty() { Ok(()) } else { Err(ComparisonError::Parties(missing).into()) }
    }

    /// Adds the outcome of another scenario. Its label is its name, with a number behind it where another one has
    /// the same.
    ///
    /// # Errors
    /// [`Error::Comparison`] when seed, trials or currency are not those of the reference, or a party is in one of the
    /// two alone; [`Error::Loss`] for losses that are not finite.
    pub fn add(&mut self, outcome: &Outcome) -> Result<(), Error> {
        let reference = self.reference;
        self.check_outcome(outcome)?;
        let label = self.free_label(outcome.labels().name());
        let sectors: Vec<&str> = headline_sectors(reference).map(|sector| sector.id.as_str()).collect();
        self.scenarios.push(Compared::new(label, outcome, reference, &sectors)?);
        Ok(())
    }

    /// Finds whether an outcome can be compared with the reference.
    fn check_outcome(&self, outcome: &Outcome) -> Result<(), Error> {
        let (reference, labels) = (self.reference, outcome.labels());
        Self::check_parties([reference.labels(), labels].map(|of| (of.name(), ids(of))))?;
        let [one, other] = [reference.labels(), labels].map(|of| of.name().to_owned());
        let (seeds, trials) =
            ([reference, outcome].map(Outcome::seed), [reference, outcome].map(Outcome::trials));
        one_currency([reference.labels(), labels].map(|of| (of.name(), of.currency())))?;
        let fault = if seeds[0] != seeds[1] {
            ComparisonError::Seeds { one, other, seeds }
        } else if trials[0] != trials[1] {
            ComparisonError::TrialCounts { one, other, trials }
        } else if !reference.trial_numbers().eq(outcome.trial_numbers()) {
            ComparisonError::Trials { one, other }
        } else {
            return Ok(());
        };
        Err(fault.into())
    }

    /// Asks how likely the headline party loses more than each of these amounts \[money\].
    #[must_use]
    pub fn over(mut self, amounts: &[f64]) -> Self {
        self.over = amounts.to_vec();
        self
    }

    /// The amounts that were [asked for](Comparison::over) \[money\].
    #[must_use]
    pub fn amounts(&self) -> &[f64] {
        &self.over
    }

    /// The outcome that others are compared with.
    #[must_use]
    pub fn reference(&self) -> &'r Outcome {
        self.reference
    }

    /// The scenarios, the reference first.
    #[must_use]
    pub fn scenarios(&self) -> &[Compared] {
        &self.scenarios
    }

    /// The scenario of a label.
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is no such scenario.
    pub fn scenario(&self, label: &str) -> Result<&Compared, Error> {
        let labels: Vec<&str> = self.labels().collect();
        Ok(&self.scenarios[position("scenario", label, &labels)?])
    }

    /// Labels of the scenarios, that of the reference first.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        self.scenarios.iter().map(|s| s.label.as_str())
    }

    /// Sectors of the reference's headline party, in the order of [`Compared::first_stops`].
    pub fn sectors(&self) -> impl Iterator<Item = &SiteLabel> {
        headline_sectors(self.reference)
    }

    /// Distribution of a component of a party's loss in the scenario of this label.
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is no such scenario or party.
    pub fn loss(&self, label: &str, party: &str, component: Component) -> Result<&LossDistribution, Error> {
        self.part(label, party, component).map(|part| &part.loss)
    }

    /// How a component of a party's loss differs from that of the reference, trial by trial.
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is no such scenario or party.
    pub fn difference(&self, label: &str, party: &str, component: Component) -> Result<&Difference, Error> {
        self.part(label, party, component).map(|part| &part.difference)
    }

    /// When a sector of the reference's headline party first stopped; `None` where the scenario has no such sector.
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is no such scenario, or the reference's headline party no such sector.
    pub fn first_stop(&self, label: &str, sector: &str) -> Result<Option<&Days>, Error> {
        let scenario = self.scenario(label)?;
        let sectors: Vec<&str> = self.sectors().map(|sector| sector.id.as_str()).collect();
        let column = position("sector of the headline party", sector, &sectors)?;
        Ok(scenario.first_stops.get(column).and_then(Option::as_ref))
    }

    fn part(&self, label: &str, party: &str, component: Component) -> Result<&Part, Error> {
        let row = self.reference.labels().party(party)?;
        Ok(self.scenario(label)?.parties[row].part(component))
    }

    /// A label that no other scenario has.
    fn free_label(&self, name: &str) -> String {
        let taken = |label: &str| self.labels().any(|l| l == label);
        let numbered = (2..).map(|k| format!("{name} ({k})"));
        std::iter::once(name.to_owned()).chain(numbered).find(|l| !taken(l)).unwrap_or_default()
    }
}

/// Sectors of the party whose loss a report leads with.
fn headline_sectors(reference: &Outcome) -> impl Iterator<Item = &SiteLabel> {
    let labels = reference.labels();
    labels.sectors().filter(|site| site.party == labels.headline())
}

/// Finds whether two scenarios, of these names, count money in one currency.
fn one_currency(of: [(&str, &str); 2]) -> Result<(), ComparisonError> {
    let [(one, mine), (other, theirs)] = of.map(|(name, currency)| (name.to_owned(), currency.to_owned()));
    if mine == theirs {
        return Ok(());
    }
    Err(ComparisonError::Currencies { one, other, currencies: [mine, theirs] })
}

/// Ids of the parties.
fn ids(labels: &Labels) -> Vec<&str> {
    labels.parties().iter().map(|party| party.id.as_str()).collect()
}

fn position(what: &'static str, name: &str, known: &[&str]) -> Result<usize, Error> {
    known.iter().position(|k| *k == name).ok_or_else(|| Error::Unknown {
        what,
        name: name.to_owned(),
        hint: did_you_mean(name, known.iter().copied()),
    })
}
