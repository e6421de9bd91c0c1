//! The names and units that the numbers of an outcome are read by.

use crate::Error;
use crate::network::{LinkId, SECTOR_STAGE};
use crate::scenario::{Date, did_you_mean};
use crate::step::Model;

/// Loss, as a share of yearly GDP, up to which a trial counts as one without loss.
const NEGLIGIBLE: f64 = 1e-12;

/// Currency of a scenario that names none.
const CURRENCY: &str = "JPY";

/// A party of an outcome.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PartyLabel {
    /// Its id.
    pub id: String,
    /// Its name in tables.
    pub name: String,
    /// Gross domestic product \[money a year\]; where it is drawn, at the means of all that is drawn.
    pub gdp: f64,
    /// Whether the GDP is drawn.
    pub gdp_is_drawn: bool,
    /// Loss up to which a trial counts as one without \[money\].
    pub negligible: f64,
}

/// A site of an outcome, or a reserve.
#[derive(Debug, Clone, PartialEq, Eq)]
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
#[derive(Debug, Clone, PartialEq)]
pub struct Labels {
    name: String,
    title: String,
    assignments: Vec<String>,
    currency: String,
    start: Date,
    step_days: f64,
    steps: usize,
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
}

/// An input whose losses are told where it limits its site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Followed {
    pub(super) site: usize,
    pub(super) commodity: usize,
    /// Its lanes: supplier, and the third country by which it goes.
    pub(super) lanes: Vec<(usize, Option<usize>)>,
}

impl Labels {
    pub(super) fn new(model: &Model) -> Self {
        let means: Vec<f64> = model.draws.iter().map(|d| d.law.mean()).collect();
        let parties = model.parties.iter().enumerate().map(|(q, party)| {
            let gdp = model.gdp(q, &means);
            PartyLabel {
                id: party.id.clone(),
                name: party.name.clone(),
                gdp,
                gdp_is_drawn: party.gdp.as_known().is_none(),
                negligible: NEGLIGIBLE * gdp,
            }
        });
        let sites = model.sites.iter().map(|site| SiteLabel {
            id: site.id.clone(),
            name: site.name.clone(),
            stage: site.stage.clone(),
            party: site.party,
        });
        let followed = model.followed().map(|i| {
            let input = &model.inputs[i];
            let lane = |e: usize| {
                let lane = &model.lanes[e];
                (model.outputs[lane.output].site, lane.via.map(|via| via as usize))
            };
            Followed {
                site: input.site,
                commodity: input.commodity,
                lanes: input.lanes.clone().map(lane).collect(),
            }
        });
        let markets = model.markets.iter().filter_map(|market| {
            let input = &model.inputs[*market.inputs.first()?];
            Some((model.sites[input.site].country.clone(), input.commodity))
        });
        Labels {
            name: model.name().to_owned(),
            title: model.title().to_owned(),
            assignments: model.assignments.clone(),
            currency: CURRENCY.to_owned(),
            start: model.start(),
            step_days: model.step_days(),
            steps: model.steps(),
            stopped_below: model.stopped_below,
            headline: model.headline,
            parties: parties.collect(),
            sites: sites.collect(),
            sectors: model.sectors().collect(),
            links: model.links().count(),
            drawn: model.drawn().map(str::to_owned).collect(),
            commodities: model.commodities.clone(),
            third_countries: model.third_countries.clone(),
            valued: model.valued().collect(),
            followed: followed.collect(),
            markets: markets.collect(),
            paid_ahead: !model.payments.is_empty(),
        }
    }

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
        &self.assignments
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

    /// The sites of stage `sector`, which are reported one by one.
    pub fn sectors(&self) -> impl Iterator<Item = &SiteLabel> + Clone {
        self.sectors.iter().map(|&n| &self.sites[n])
    }

    /// Place of a sector among [`Labels::sectors`].
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is no such sector.
    pub fn sector(&self, id: &str) -> Result<usize, Error> {
        place(SECTOR_STAGE, id, self.sectors().map(|s| s.id.as_str()))
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
fn place<'a>(
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
