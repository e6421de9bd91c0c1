//! The names and units that the numbers of an outcome are read by.

mod build;

pub(super) use build::Kept;

use super::subject::Subject;
use crate::Error;
use crate::network::LinkId;
use crate::scenario::{Date, Inputs, did_you_mean};
use crate::stats::bits;
use serde::{Deserialize, Serialize};

/// A party of an outcome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PartyLabel {
    /// Its id.
    pub id: String,
    /// Its name in tables.
    pub name: String,
    /// Gross domestic product \[money a year\]; where it is drawn, at the means of all that is drawn.
    #[serde(with = "bits")]
    pub gdp: f64,
    /// Whether the GDP is drawn.
    pub gdp_is_drawn: bool,
    /// Loss up to which a trial counts as one without \[money\].
    #[serde(with = "bits")]
    pub negligible: f64,
}

/// A site of an outcome, or a reserve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SiteLabel {
    /// Its id.
    pub id: String,
    /// Its name in tables.
    pub name: String,
    /// Its stage.
    pub stage: String,
    /// Its party, by the place in [`Labels::parties`].
    pub party: usize,
}

/// What the numbers of an [`Outcome`](super::Outcome) belong to: the scenario, its parties, sites and time steps. It holds
/// all names that a report needs, so an outcome can be read without the model that was run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Labels {
    name: String,
    title: String,
    inputs: Inputs,
    currency: String,
    start: Date,
    #[serde(with = "bits")]
    step_days: f64,
    steps: usize,
    #[serde(with = "bits")]
    stopped_below: f64,
    headline: usize,
    parties: Vec<PartyLabel>,
    sites: Vec<SiteLabel>,
    sectors: Vec<usize>,
    links: usize,
    drawn: Vec<String>,
    pub(super) commodities: Vec<String>,
    pub(super) third_countries: Vec<String>,
    /// Sites that add value.
    pub(super) valued: Vec<usize>,
    pub(super) followed: Vec<Followed>,
    /// Country and commodity of each market.
    pub(super) markets: Vec<(String, usize)>,
    /// Whether anything is paid ahead.
    pub(super) paid_ahead: bool,
    /// Stages of parties that have value added in them.
    pub(super) stages: Vec<(usize, String)>,
    /// Sites whose losses are kept: the sectors, and then those that were asked for.
    pub(super) kept_sites: Vec<usize>,
    pub(super) keeps_draws: bool,
    pub(super) keeps_sector_paths: bool,
    /// Whose losses there are: parties, stages and kept sites.
    #[serde(skip)]
    pub(super) subjects: Vec<Subject>,
}

/// An input whose losses are told where it limits its site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Followed {
    pub(super) site: usize,
    pub(super) commodity: usize,
    /// Its lanes: supplier, and the third country by which it goes.
    pub(super) lanes: Vec<(usize, Option<usize>)>,
}

impl Labels {
    /// Name of the scenario.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Title of the scenario.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Entries of the scenario that were changed for this run, each as `PATH=VALUE`.
    #[must_use]
    pub fn assignments(&self) -> &[String] {
        self.inputs.assignments()
    }

    /// The files that the scenario was read from, with their hashes.
    #[must_use]
    pub fn inputs(&self) -> &Inputs {
        &self.inputs
    }

    /// Currency of all money, such as `JPY`.
    #[must_use]
    pub fn currency(&self) -> &str {
        &self.currency
    }

    /// Calendar date of day 0.
    #[must_use]
    pub fn start(&self) -> Date {
        self.start
    }

    /// Length of a step \[days\].
    #[must_use]
    pub fn step_days(&self) -> f64 {
        self.step_days
    }

    /// Number of steps in a trial.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// The horizon: all steps of a trial together \[days\].
    #[must_use]
    pub fn days(&self) -> f64 {
        self.steps as f64 * self.step_days
    }

    /// Share of the baseline below which a sector counts as stopped.
    #[must_use]
    pub fn stopped_below(&self) -> f64 {
        self.stopped_below
    }

    /// The parties, in the order of the scenario.
    #[must_use]
    pub fn parties(&self) -> &[PartyLabel] {
        &self.parties
    }

    /// Place of a party in [`Labels::parties`].
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is no such party.
    pub fn party(&self, id: &str) -> Result<usize, Error> {
        place("party", id, self.parties.iter().map(|p| p.id.as_str()))
    }

    /// Place in [`Labels::parties`] of the party whose loss a report leads with.
    #[must_use]
    pub fn headline(&self) -> usize {
        self.headline
    }

    /// Loss of the insurers of payments up to which a trial counts as one without \[money\]: the largest of the parties'.
    pub(in crate::run) fn negligible_to_insurers(&self) -> f64 {
        self.parties.iter().map(|party| party.negligible).fold(0.0, f64::max)
    }

    /// Id of the party whose loss a report leads with.
    #[must_use]
    pub fn headline_id(&self) -> &str {
        self.parties.get(self.headline).map_or("", |party| &party.id)
    }

    /// The sites and, after them, the reserves.
    #[must_use]
    pub fn sites(&self) -> &[SiteLabel] {
        &self.sites
    }

    /// Place of a site in [`Labels::sites`].
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is no such site.
    pub fn site(&self, id: &str) -> Result<usize, Error> {
        place("site", id, self.sites.iter().map(|s| s.id.as_str()))
    }

    /// The sites whose losses are kept: the sectors, and then those that
    /// [`Ensemble::keep_sites`](super::Ensemble::keep_sites) named, in its order.
    pub fn kept_sites(&self) -> impl Iterator<Item = &SiteLabel> + Clone {
        self.kept_sites.iter().map(|&n| &self.sites[n])
    }

    /// Place of a site among [`Labels::kept_sites`].
    ///
    /// # Errors
    /// [`Error::Unknown`] when the losses of no such site are kept.
    pub fn kept_site(&self, id: &str) -> Result<usize, Error> {
        place("site whose losses are kept", id, self.kept_sites().map(|s| s.id.as_str()))
    }

    /// The sites of stage `sector`, which are reported one by one.
    pub fn sectors(&self) -> impl Iterator<Item = &SiteLabel> + Clone {
        self.sectors.iter().map(|&n| &self.sites[n])
    }

    /// Place of a sector among [`Labels::sectors`].
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is no such sector.
    pub fn sector(&self, id: &str) -> Result<usize, Error> {
        place("sector", id, self.sectors().map(|s| s.id.as_str()))
    }

    /// Number of links of the network.
    #[must_use]
    pub fn links(&self) -> usize {
        self.links
    }

    /// Names of the quantities that are drawn once a trial: paths of leaves.
    #[must_use]
    pub fn drawn(&self) -> &[String] {
        &self.drawn
    }

    /// Name of a lane of a followed input.
    pub(super) fn link(&self, input: &Followed, (from, via): (usize, Option<usize>)) -> LinkId<'_> {
        LinkId {
            from: &self.sites[from].id,
            to: &self.sites[input.site].id,
            commodity: &self.commodities[input.commodity],
            via: via.map(|via| self.third_countries[via].as_str()),
        }
    }
}

/// Place of a name among those known.
pub(super) fn place<'a>(
    what: &'static str,
    name: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Result<usize, Error> {
    known.clone().position(|k| k == name).ok_or_else(|| Error::Unknown {
        what,
        name: name.to_owned(),
        hint: did_you_mean(name, known),
    })
}
