//! Labels of a run of a model.

use super::{Followed, Labels, PartyLabel, SiteLabel, place};
use crate::Error;
use crate::network::{Ix, Lane};
use crate::run::subject::{Component, Subject};
use crate::run::tables::{Columns, Table, Tables};
use crate::stats::ROUNDING;
use crate::step::Model;

/// What a run keeps beside the losses of parties, stages and sectors.
#[derive(Debug, Clone, Default)]
pub(in crate::run) struct Kept {
    /// Ids of sites.
    pub(in crate::run) sites: Vec<String>,
    pub(in crate::run) draws: bool,
    pub(in crate::run) sector_paths: bool,
}

impl Labels {
    /// Of a run of the model that keeps this.
    ///
    /// # Errors
    /// [`Error::Unknown`] for a site that is not there.
    pub(in crate::run) fn new(model: &Model, kept: &Kept) -> Result<Self, Error> {
        let means: Vec<f64> = model.draws.iter().map(|d| d.law.mean()).collect();
        let parties = model.parties.pairs().map(|(q, party)| {
            let gdp = model.gdp(q, &means);
            PartyLabel {
                id: party.id.clone(),
                name: party.name.clone(),
                gdp,
                gdp_is_drawn: party.gdp.as_known().is_none(),
                negligible: ROUNDING * gdp,
            }
        });
        let sites = model.sites.iter().map(|site| SiteLabel {
            id: site.id.clone(),
            name: site.name.clone(),
            stage: site.stage.to_string(),
            party: site.party.at(),
        });
        let followed = model.followed().map(|i| {
            let input = &model.inputs[i];
            let lane = |lane: &Lane| (model.outputs[lane.output].site.at(), lane.via.map(Ix::at));
            Followed {
                site: input.site.at(),
                commodity: input.commodity.at(),
                lanes: model.lanes[input.lanes].iter().map(lane).collect(),
            }
        });
        let markets = model.markets.iter().filter_map(|market| {
            let input = &model.inputs[*market.inputs.first()?];
            Some((model.sites[input.site].country.clone(), input.commodity.at()))
        });
        let sectors: Vec<usize> = model.sectors().map(Ix::at).collect();
        let mut kept_sites = sectors.clone();
        for id in &kept.sites {
            let site = place("site", id, model.sites.iter().map(|site| site.id.as_str()))?;
            if !kept_sites.contains(&site) {
                kept_sites.push(site);
            }
        }
        let mut stages = Vec::new();
        for q in model.parties.numbers() {
            let first = stages.len();
            for site in model.valued().map(|n| &model.sites[n]).filter(|site| site.party == q) {
                if stages[first..].iter().all(|(_, stage)| stage != site.stage.as_str()) {
                    stages.push((q.at(), site.stage.to_string()));
                }
            }
        }
        let mut labels = Labels {
            name: model.name().to_owned(),
            title: model.title().to_owned(),
            inputs: model.read_from.clone(),
            currency: model.currency().to_owned(),
            start: model.start(),
            step_days: model.step_days(),
            steps: model.steps(),
            stopped_below: model.stopped_below,
            headline: model.headline.at(),
            parties: parties.collect(),
            sites: sites.collect(),
            sectors,
            links: model.lanes.len(),
            drawn: model.drawn().map(str::to_owned).collect(),
            commodities: model.commodities.to_vec(),
            third_countries: model.third_countries.to_vec(),
            valued: model.valued().map(Ix::at).collect(),
            followed: followed.collect(),
            markets: markets.collect(),
            paid_ahead: !model.payments.is_empty(),
            stages,
            kept_sites,
            keeps_draws: kept.draws,
            keeps_sector_paths: kept.sector_paths,
            subjects: Vec::new(),
        };
        labels.name_subjects();
        Ok(labels)
    }

    /// Lists whose losses there are.
    pub(in crate::run) fn name_subjects(&mut self) {
        let parties = self.parties.iter().map(|party| Subject::Party(party.id.clone()));
        let stages = self.stages.iter().map(|(q, stage)| {
            let party = self.parties[*q].id.clone();
            Subject::Stage { party, stage: stage.clone() }
        });
        let sites = self.kept_sites.iter().enumerate().map(|(place, &n)| {
            let id = self.sites[n].id.clone();
            if place < self.sectors.len() { Subject::Sector(id) } else { Subject::Site(id) }
        });
        self.subjects = parties.chain(stages).chain(sites).collect();
    }

    /// Numbers of columns of the tables of trials.
    pub(in crate::run) fn widths(&self) -> Tables<usize> {
        Tables::new(|table| match table {
            Table::Losses => self.parties.len() * Component::COUNT,
            Table::StageOutput | Table::StageDirect => self.stages.len(),
            Table::SiteOutput | Table::SiteDirect => self.kept_sites.len(),
            Table::FirstLine | Table::FirstStop | Table::StoppedDays | Table::Recovery => self.sectors.len(),
            Table::Insurer => usize::from(self.paid_ahead),
            Table::Gdp => self.parties.iter().filter(|party| party.gdp_is_drawn).count(),
            Table::Draws if self.keeps_draws => self.drawn.len(),
            Table::Draws => 0,
        })
    }

    /// By subject: whether it is a party, and its party.
    pub(in crate::run) fn subject_parties(&self) -> impl Iterator<Item = (bool, usize)> + '_ {
        let parties = (0..self.parties.len()).map(|q| (true, q));
        let stages = self.stages.iter().map(|(q, _)| (false, *q));
        parties.chain(stages).chain(self.kept_sites.iter().map(|&n| (false, self.sites[n].party)))
    }

    /// By party: its GDP in the trials of the tables, one after another \[money a year\].
    pub(in crate::run) fn gdp<'a>(
        &'a self,
        tables: &'a Tables<Columns>,
    ) -> impl Iterator<Item = Box<dyn Iterator<Item = f64> + 'a>> {
        let mut drawn = tables[Table::Gdp].0.columns().into_iter();
        self.parties.iter().map(move |party| -> Box<dyn Iterator<Item = f64> + 'a> {
            match drawn.by_ref().take(usize::from(party.gdp_is_drawn)).next() {
                Some(column) => Box::new(column.into_iter().copied()),
                None => Box::new(std::iter::repeat(party.gdp)),
            }
        })
    }

    /// Losses up to which a step counts as one without, for each row of the paths: parties and, where they are kept, sectors.
    pub(in crate::run) fn path_rows(&self) -> Vec<f64> {
        let sectors = self.sectors().filter(|_| self.keeps_sector_paths).map(|sector| sector.party);
        (0..self.parties.len()).chain(sectors).map(|q| self.parties[q].negligible).collect()
    }

    /// Whether numbers of the same names can be added up; those of kept sites and the like are compared apart.
    pub(in crate::run) fn agree_with(&self, other: &Self) -> bool {
        let parties =
            |labels: &Self| labels.parties.iter().map(|p| (p.id.clone(), p.gdp_is_drawn)).collect::<Vec<_>>();
        self.steps == other.steps
            && parties(self) == parties(other)
            && self.stages == other.stages
            && self.sites.iter().map(|site| &site.id).eq(other.sites.iter().map(|site| &site.id))
            && self.sectors == other.sectors
            && self.valued == other.valued
            && self.followed == other.followed
            && self.markets.len() == other.markets.len()
            && self.drawn.len() == other.drawn.len()
            && self.paid_ahead == other.paid_ahead
    }

    /// Whether every place that it names is there.
    pub(in crate::run) fn are_sound(&self) -> bool {
        let (parties, sites) = (self.parties.len(), self.sites.len());
        let is_site = |n: &usize| *n < sites;
        let is_commodity = |c: usize| c < self.commodities.len();
        self.headline < parties
            && self.sites.iter().all(|site| site.party < parties)
            && self.stages.iter().all(|(q, _)| *q < parties)
            && self.valued.is_sorted_by(|a, b| a < b)
            && [&self.sectors, &self.valued, &self.kept_sites].iter().all(|places| places.iter().all(is_site))
            && self.kept_sites.starts_with(&self.sectors)
            && self.markets.iter().all(|(_, commodity)| is_commodity(*commodity))
            && self.followed.iter().all(|input| {
                let lanes = |(from, via): &(usize, Option<usize>)| {
                    is_site(from) && via.is_none_or(|via| via < self.third_countries.len())
                };
                is_site(&input.site) && is_commodity(input.commodity) && input.lanes.iter().all(lanes)
            })
    }
}
