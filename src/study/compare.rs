//! Scenarios side by side, trial by trial with the same luck: what an answer is worth, and to whom.

use crate::run::{Component, Days, Labels, Subject};
use crate::scenario::did_you_mean;
use crate::stats::{Difference, LossDistribution, Ratio};
use crate::{Error, Model, Outcome};

/// Outcomes of scenarios that ran the same trials from the same seed, compared with the first of them.
///
/// A quantity of the same name has the same luck in the same trial of each, so what differs is what the scenarios
/// change. Of a scenario that is added, what is compared is taken over: its outcome can go.
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
/// # assert!(worth.mean_ci(0.95).high < 0.0);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Comparison<'r> {
    pub(crate) reference: &'r Outcome,
    /// The reference first.
    pub(crate) scenarios: Vec<Compared>,
    /// Losses of the headline party whose exceedance is asked for \[JPY\].
    pub(crate) over: Vec<f64>,
}

/// What is kept of a scenario.
#[derive(Debug, Clone)]
pub(crate) struct Compared {
    pub(crate) label: String,
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) assignments: Vec<String>,
    pub(crate) frame: Frame,
    pub(crate) digest: String,
    pub(crate) seconds: f64,
    /// In the order of the reference's parties, then of [`Component::ALL`].
    pub(crate) parties: Vec<Vec<Part>>,
    /// In the order of the parties.
    pub(crate) gdp_shares: Vec<f64>,
    /// Of the headline party's sectors in the reference; `None` where the scenario has no such sector.
    pub(crate) stops: Vec<Option<FirstStop>>,
}

/// What scenarios should have in common for their losses to mean the same.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Frame {
    pub(crate) start: String,
    pub(crate) days: f64,
    pub(crate) stopped_below: f64,
}

/// A component of a party's loss, and how it differs from the reference.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) loss: LossDistribution,
    pub(crate) difference: Difference,
}

/// When a sector first stopped.
#[derive(Debug, Clone, PartialEq)]
pub struct FirstStop {
    /// Share of trials in which it stopped.
    pub share: f64,
    /// Days from the onset, over the trials in which it stopped; `None` where it never did.
    pub days: Option<LossDistribution>,
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
    /// [`Error::Comparison`] with every party that one of the others or the first lacks.
    pub fn check<'m>(models: impl IntoIterator<Item = &'m Model>) -> Result<(), Error> {
        Self::check_parties(models.into_iter().map(|m| (m.name(), m.parties().collect())))
    }

    /// The same of scenarios with these names and parties.
    fn check_parties<'m>(scenarios: impl IntoIterator<Item = (&'m str, Vec<&'m str>)>) -> Result<(), Error> {
        let mut scenarios = scenarios.into_iter();
        let Some(first) = scenarios.next() else { return Ok(()) };
        let mut lacks = Vec::new();
        for other in scenarios {
            for (with, without) in [(&first, &other), (&other, &first)] {
                for party in with.1.iter().filter(|id| !without.1.contains(id)) {
                    lacks.push(format!(
                        "`{}` and `{}` cannot be compared: `{}` has no party `{party}`",
                        first.0, other.0, without.0
                    ));
                }
            }
        }
        if lacks.is_empty() { Ok(()) } else { Err(Error::Comparison(lacks.join("\n"))) }
    }

    /// Adds the outcome of another scenario. Its label is its name, with a number behind it where another one has
    /// the same.
    ///
    /// # Errors
    /// [`Error::Comparison`] when seed or trials are not those of the reference, or a party is in one of the two
    /// alone; [`Error::Loss`] for losses that are not finite.
    pub fn add(&mut self, outcome: &Outcome) -> Result<(), Error> {
        let (reference, labels) = (self.reference, outcome.labels());
        Self::check_parties([reference.labels(), labels].map(|of| (of.name(), ids(of))))?;
        let differ = |what: String| {
            let (one, other) = (reference.labels().name(), labels.name());
            Err(Error::Comparison(format!("`{one}` and `{other}` cannot be compared: {what}")))
        };
        if reference.seed() != outcome.seed() {
            return differ(format!("they have the seeds {} and {}", reference.seed(), outcome.seed()));
        }
        if reference.trials() != outcome.trials() {
            return differ(format!("they have {} and {} trials", reference.trials(), outcome.trials()));
        }
        if !reference.trial_numbers().eq(outcome.trial_numbers()) {
            return differ("they ran different trials".to_owned());
        }
        let (mut parties, mut gdp_shares) = (Vec::new(), Vec::new());
        for id in ids(reference.labels()) {
            // Either way round, the same trials count as different.
            let negligible = reference.negligible(id)?.max(outcome.negligible(id)?);
            let subject = Subject::Party(id.to_owned());
            let part = |component: Component| -> Result<Part, Error> {
                let losses = outcome.component_values(&subject, component)?;
                let of_reference = reference.component_values(&subject, component)?;
                let difference = Difference::new(&losses, &of_reference, negligible)?;
                Ok(Part { loss: LossDistribution::new(losses, outcome.negligible(id)?)?, difference })
            };
            parties.push(Component::ALL.into_iter().map(part).collect::<Result<Vec<_>, _>>()?);
            gdp_shares.push(outcome.mean_gdp_share(id)?);
        }
        let mut stops = Vec::new();
        for (id, _) in self.sectors() {
            stops.push(match outcome.stop_days(id) {
                Ok(stops) => {
                    let Days { share, days } = stops.first;
                    Some(FirstStop { share, days })
                }
                Err(Error::Unknown { .. }) => None,
                Err(error) => return Err(error),
            });
        }
        self.scenarios.push(Compared {
            label: self.free_label(labels.name()),
            name: labels.name().to_owned(),
            title: labels.title().to_owned(),
            assignments: labels.assignments().to_vec(),
            frame: Frame {
                start: labels.start().to_string(),
                days: labels.days(),
                stopped_below: labels.stopped_below(),
            },
            digest: outcome.digest(),
            seconds: outcome.elapsed().as_secs_f64(),
            parties,
            gdp_shares,
            stops,
        });
        Ok(())
    }

    /// Asks how likely the headline party loses more than each of these amounts \[JPY\].
    #[must_use]
    pub fn over(mut self, amounts: &[f64]) -> Self {
        self.over = amounts.to_vec();
        self
    }

    /// Labels of the scenarios, that of the reference first.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        self.scenarios.iter().map(|s| s.label.as_str())
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
    pub fn first_stop(&self, label: &str, sector: &str) -> Result<Option<&FirstStop>, Error> {
        let scenario = self.scenario(label)?;
        let sectors: Vec<&str> = self.sectors().map(|(id, _)| id).collect();
        let column = position("sector of the headline party", sector, &sectors)?;
        Ok(scenario.stops.get(column).and_then(Option::as_ref))
    }

    fn part(&self, label: &str, party: &str, component: Component) -> Result<&Part, Error> {
        let row = self.reference.labels().party(party)?;
        let scenario = self.scenario(label)?;
        Ok(&scenario.parties[row][place(component)])
    }

    /// The difference as a share of the reference's loss, where that can be told from 0: the interval of a ratio to
    /// what may be 0 would mean nothing.
    pub(crate) fn share(&self, party: usize, component: Component, of: &Part) -> Option<Ratio> {
        let reference = &self.scenarios.first()?.parties[party][place(component)].loss;
        of.difference.share().filter(|_| reference.mean().abs() > 2.0 * reference.std_error())
    }

    fn scenario(&self, label: &str) -> Result<&Compared, Error> {
        let labels: Vec<&str> = self.labels().collect();
        Ok(&self.scenarios[position("scenario", label, &labels)?])
    }

    /// Ids and names of the sectors of the headline party.
    pub(crate) fn sectors(&self) -> impl Iterator<Item = (&'r str, &'r str)> + use<'r> {
        let labels = self.reference.labels();
        labels
            .sectors()
            .filter(|site| site.party == labels.headline())
            .map(|site| (site.id.as_str(), site.name.as_str()))
    }

    /// A label that no other scenario has.
    fn free_label(&self, name: &str) -> String {
        let taken = |label: &str| self.labels().any(|l| l == label);
        let numbered = (2..).map(|k| format!("{name} ({k})"));
        std::iter::once(name.to_owned()).chain(numbered).find(|l| !taken(l)).unwrap_or_default()
    }
}

/// Ids of the parties.
fn ids(labels: &Labels) -> Vec<&str> {
    labels.parties().iter().map(|party| party.id.as_str()).collect()
}

/// Place of a component in [`Component::ALL`].
pub(crate) fn place(component: Component) -> usize {
    Component::ALL.iter().position(|c| *c == component).unwrap_or_default()
}

fn position(what: &'static str, name: &str, known: &[&str]) -> Result<usize, Error> {
    known.iter().position(|k| *k == name).ok_or_else(|| Error::Unknown {
        what,
        name: name.to_owned(),
        hint: did_you_mean(name, known.iter().copied()),
    })
}
