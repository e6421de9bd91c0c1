//! From a checked scenario to the compiled network.

mod forces;
mod lanes;
mod money;
mod nodes;
mod passages;
mod rebuilding;
mod tables;
mod trade;

use super::{
    CommodityIx, Correlated, DAYS_PER_YEAR, Draw, DrawIx, Event, EventIx, IndexVec, Ix, Member, Moment,
    Network, Param, Party, PartyIx, Project, ProjectIx, Reserve, ReserveIx, Serial, Site, SiteIx,
};
use crate::draw::Law;
use crate::scenario::{
    self, Entry, Leaf, LeafValue, Read, Scenario, Tables, couplings, join_path, split_link,
};
use forces::{Exposed, control, event, named, outage, project, regime};
use indexmap::{IndexMap, IndexSet};
use lanes::{lanes, number_thinned, tiers};
use money::Money;
use nodes::Nodes;
use passages::Passages;
use rebuilding::Works;
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

/// Most lanes of a network in which the limiting input of each sector is followed.
const FOLLOW_LIMIT: usize = 100_000;
/// Stage of a reserve in tables.
const RESERVE_STAGE: &str = "reserve";

/// Registers draws by name and turns leaves into parameters.
struct Quantities<'a> {
    tables: &'a Tables,
    /// Assumptions that have been referred to, by number.
    referred: HashMap<usize, Param>,
    /// Onsets that something waits for, by the ids of what begins.
    onsets: IndexMap<String, Moment>,
    /// Quantities that are drawn by the names of their streams, with the path of each where that has another name.
    draws: IndexMap<String, (Option<String>, Law)>,
}

impl Quantities<'_> {
    /// The parameter that the leaf at a path comes to. Its stream goes by that path, so it must be the right one.
    fn param(&mut self, path: &[&str], leaf: &Leaf) -> Param {
        debug_assert!(self.stands_at(path, leaf) && !Tables::SHAPE.stream(path).1.anew, "{path:?}");
        self.once(path, leaf)
    }

    fn once(&mut self, path: &[&str], leaf: &Leaf) -> Param {
        match &leaf.value {
            LeafValue::Number(x) => Param::known(*x),
            LeafValue::Distribution(d) => self.drawn(path, || Law::Distribution(d.as_ref().clone())),
            LeafValue::Custom(sampler) => self.drawn(path, || Law::Sampler(sampler.as_ref().clone())),
            LeafValue::Assumption(by) => {
                let of = self.assumption(&by.id);
                Param { draw: of.draw, times: of.times * by.times, plus: by.plus + of.plus * by.times }
            }
            LeafValue::Date(date) => Param::known(f64::from(date.days_since(self.tables.time.start))),
        }
    }

    /// An assumption by its id. Millions of leaves can refer to one.
    fn assumption(&mut self, id: &str) -> Param {
        let tables = self.tables;
        let Some((number, _, leaf)) = tables.assumptions.get_full(id) else { return Param::known(f64::NAN) };
        if let Some(known) = self.referred.get(&number) {
            return *known;
        }
        let param = match &leaf.value {
            LeafValue::Assumption(_) => Param::known(f64::NAN),
            _ => self.param(&["assumptions", id], leaf),
        };
        self.referred.insert(number, param);
        param
    }

    /// A figure that is 0 unless given.
    fn optional(&mut self, path: &[&str], leaf: Option<&Leaf>) -> Param {
        leaf.map_or(Param::known(0.0), |leaf| self.param(path, leaf))
    }

    /// A figure that is drawn anew each time where it is a distribution of its own.
    fn serial(&mut self, path: &[&str], leaf: &Leaf) -> Serial {
        let law = match &leaf.value {
            LeafValue::Distribution(distribution) => Law::Distribution(distribution.as_ref().clone()),
            LeafValue::Custom(sampler) => Law::Sampler(sampler.as_ref().clone()),
            _ => return Serial::Once(self.once(path, leaf)),
        };
        let (stream, rule) = Tables::SHAPE.stream(path);
        debug_assert!(self.stands_at(path, leaf) && rule.anew, "{path:?}");
        Serial::Anew { name: join_path(&stream), law: Box::new(law) }
    }

    fn drawn(&mut self, path: &[&str], law: impl FnOnce() -> Law) -> Param {
        let (stream, _) = Tables::SHAPE.stream(path);
        let entry = self.draws.entry(join_path(&stream));
        let draw = DrawIx::new(entry.index());
        entry.or_insert_with(|| ((stream != path).then(|| join_path(path)), law()));
        Param { draw: Some(draw), times: 1.0, plus: 0.0 }
    }

    /// Whether a leaf of the tables stands at a path.
    fn stands_at(&self, path: &[&str], leaf: &Leaf) -> bool {
        let found = path.iter().try_fold(self.tables as &dyn Entry, |entry, key| entry.get(key));
        found.and_then(Entry::as_leaf).is_some_and(|found| std::ptr::eq(found, leaf))
    }
}

impl Network {
    /// Resolves the names of a checked scenario.
    pub(crate) fn new(scenario: &Scenario) -> Self {
        build(scenario)
    }
}

fn build(scenario: &Scenario) -> Network {
    let t = scenario.tables();
    let mut q =
        Quantities { tables: t, referred: HashMap::new(), onsets: IndexMap::new(), draws: IndexMap::new() };
    let step_days = f64::from(t.time.step_days);
    let (parties, party_of) = parties(t, &mut q);
    let mut commodities: IndexSet<String> = t.commodities.keys().cloned().collect();
    let mut passages = Passages::new(&t.controls);
    let mut nodes = nodes(t, &party_of, &mut commodities, &mut passages, &mut q);
    let active = nodes.sites.numbers();
    let reserves = reserves(t, &mut nodes, &party_of, &mut q);
    let steps = t.time.horizon_days.div_ceil(t.time.step_days) as usize;
    let mut lanes = lanes(t, &mut nodes, &mut passages, (step_days, steps), &mut q);
    let served = tiers(&lanes, &nodes.final_classes, &mut nodes.outputs);
    let passages = passages.finish();
    number_thinned(&mut lanes.lanes, &nodes, &passages);
    let regimes = t.regimes.iter().map(|(id, r)| regime(id, r, &mut q)).collect();
    let controls = t.controls.iter().map(|(id, c)| control(id, c, t, &mut q)).collect();
    let site_of = named_sites(t, &nodes.sites);
    let mut exposed = Exposed::default();
    let mut works = Works::default();
    let events = events(t, &commodities, &site_of, &nodes, (&mut exposed, &mut works), &mut q);
    let projects = projects(t, &site_of, &mut nodes, &mut exposed, &mut q);
    let exposures = exposed.finish(&mut nodes);
    let (tasks, rebuildings) = works.finish(&mut nodes);
    let (quotes, markets, trades) = trade::trade(t, &nodes, &lanes.lanes, &passages, &mut q);
    let money = Money { t, nodes: &nodes, lanes: &lanes.lanes };
    let costs = money.costs(&reserves, step_days, &mut q);
    let payments = money.payments(step_days, steps, &mut q);
    let material = follow(&mut nodes, commodities.len(), lanes.lanes.len());

    let rules = &t.rules;
    let discount_rate = q.param(&["rules", "discount_rate_per_year"], &rules.discount_rate_per_year);
    let experience_days = q.param(&["rules", "experience_days"], &rules.experience_days);
    let correlated = couplings(t).found.into_iter().map(|c| correlated(c.streams, c.factor, &q)).collect();
    let draws = q.draws.into_iter().map(|(stream, (path, law))| match path {
        Some(name) => Draw { name, stream: Some(stream), law },
        None => Draw { name: stream, stream: None, law },
    });
    let draws = draws.collect();
    let headline = t.scenario.headline.as_ref().and_then(|h| t.parties.get_index_of(h)).map(PartyIx::new);
    Network {
        name: scenario.name().to_owned(),
        title: t.scenario.title.clone(),
        currency: t.scenario.currency.clone(),
        read_from: scenario.inputs().clone(),
        start: t.time.start,
        step_days,
        steps,
        discount_rate,
        stopped_below: rules.stopped_below,
        experience_days,
        headline: headline.unwrap_or_default(),
        draws,
        correlated,
        parties,
        commodities: commodities.into_iter().collect(),
        material,
        sites: nodes.sites,
        active,
        inputs: nodes.inputs,
        outputs: nodes.outputs,
        lanes: lanes.lanes,
        lane_params: lanes.params,
        served,
        controls,
        passages,
        regimes,
        onsets: q.onsets.into_values().collect(),
        third_countries: t.reexports.values().map(|r| r.via.clone()).collect(),
        events,
        exposures,
        projects,
        tasks,
        rebuildings,
        reserves,
        quotes,
        markets,
        trades,
        costs,
        payments,
        tabled: nodes.tabled,
        tabled_sites: nodes.tabled_sites,
        fingerprint: OnceLock::new(),
    }
}

/// The parties, and which of them answers for a country.
fn parties<'t>(
    t: &'t Tables,
    q: &mut Quantities<'_>,
) -> (IndexVec<PartyIx, Party>, HashMap<&'t str, PartyIx>) {
    let (mut parties, mut party_of) = (IndexVec::new(), HashMap::new());
    for (id, party) in &t.parties {
        let number = parties.push(Party {
            id: id.clone(),
            name: party.name.clone().unwrap_or_else(|| id.clone()),
            gdp: q.param(&["parties", id, "gdp_per_year"], &party.gdp_per_year),
        });
        match &party.countries {
            Some(list) => party_of.extend(list.iter().map(|country| (country.as_str(), number))),
            None => drop(party_of.insert(id.as_str(), number)),
        }
    }
    (parties, party_of)
}

/// Sites, those of tables after all others.
fn nodes(
    t: &Tables,
    party_of: &HashMap<&str, PartyIx>,
    commodities: &mut IndexSet<String>,
    passages: &mut Passages<'_>,
    q: &mut Quantities<'_>,
) -> Nodes {
    let party = |country: &str| party_of.get(country).copied().unwrap_or_default();
    let mut nodes = Nodes::new(f64::from(t.time.step_days) / DAYS_PER_YEAR);
    for (id, site) in &t.sites {
        nodes.site(id, site, party(&site.country), t, q);
    }
    nodes.begin_tables();
    for (id, spec) in &t.io_tables {
        let industries = spec.figures.industries();
        let parties: Vec<PartyIx> = industries.regions.iter().map(|region| party(region)).collect();
        nodes.table(id, spec, industries, &parties, t, commodities, passages, q);
    }
    nodes.end_tables();
    nodes
}

fn reserves(
    t: &Tables,
    nodes: &mut Nodes,
    party_of: &HashMap<&str, PartyIx>,
    q: &mut Quantities<'_>,
) -> IndexVec<ReserveIx, Reserve> {
    let mut refilled = HashSet::new();
    if !t.reserves.is_empty() {
        let ends = t.links.keys().filter_map(|l| split_link(l)).map(|(_, to, _)| to);
        refilled.extend(ends.filter(|to| t.reserves.contains_key(*to)));
    }
    let reserve = |(id, r): (&String, &scenario::Reserve)| {
        let party = party_of.get(r.country.as_str()).copied().unwrap_or_default();
        nodes.reserve(id, r, refilled.contains(id.as_str()), party, t, q)
    };
    t.reserves.iter().map(reserve).collect()
}

/// Events, and then outages.
fn events(
    t: &Tables,
    commodities: &IndexSet<String>,
    site_of: &HashMap<String, SiteIx>,
    nodes: &Nodes,
    (exposed, works): (&mut Exposed, &mut Works),
    q: &mut Quantities<'_>,
) -> IndexVec<EventIx, Event> {
    let mut events = IndexVec::new();
    for (id, e) in &t.events {
        exposed.mark(events.next(), e, commodities, site_of, nodes);
        let rebuilding = works.of(id, e, site_of, nodes, q);
        events.push(Event { rebuilding, ..event(id, e, t, q) });
    }
    for (id, o) in &t.outages {
        exposed.capacities(events.next(), named(&o.sites, site_of));
        events.push(outage(id, o, q));
    }
    events
}

fn projects(
    t: &Tables,
    site_of: &HashMap<String, SiteIx>,
    nodes: &mut Nodes,
    exposed: &mut Exposed,
    q: &mut Quantities<'_>,
) -> IndexVec<ProjectIx, Project> {
    let mut projects = IndexVec::new();
    for (id, p) in &t.projects {
        if let Some(&n) = site_of.get(&p.site) {
            nodes.sites[n].project = Some(projects.next());
            exposed.build(projects.next(), n);
        }
        projects.push(project(id, p, t, q));
    }
    projects
}

/// Which commodities are materials of the chain; and marks the sites whose limiting input is followed.
fn follow(nodes: &mut Nodes, commodities: usize, lanes: usize) -> IndexVec<CommodityIx, bool> {
    let mut material = IndexVec::filled(true, commodities);
    for output in nodes.outputs.iter().filter(|o| nodes.sites[o.site].stage.is_sector()) {
        material[output.commodity] = false;
    }
    for site in &mut nodes.sites {
        let mut materials = nodes.inputs[site.inputs].iter().map(|input| material[input.commodity]);
        let mixed = materials.clone().any(|own| own) && !materials.all(|own| own);
        let listed = site.stage.is_sector() && lanes <= FOLLOW_LIMIT;
        site.followed = !site.value_added.is_zero() && (listed || mixed);
    }
    material
}

/// Numbers of the sites that something acts on or that rebuild, by their ids.
fn named_sites(t: &Tables, sites: &IndexVec<SiteIx, Site>) -> HashMap<String, SiteIx> {
    let listed = t.events.values().map(|e| &e.sites).chain(t.outages.values().map(|o| &o.sites)).flatten();
    let builders = t.events.values().filter_map(|e| e.rebuilding.as_ref()).flat_map(|r| r.amounts.keys());
    let built = t.projects.values().map(|p| &p.site);
    let named: HashSet<&String> = listed.chain(built).chain(builders).collect();
    let numbered = sites.pairs().filter(|(_, s)| named.contains(&s.id));
    let mut found = HashMap::with_capacity(named.len());
    for (n, site) in numbered {
        found.entry(site.id.clone()).or_insert(n);
    }
    found
}

/// Draws that hang together, by their names.
fn correlated(names: Vec<String>, factor: Vec<Vec<f64>>, q: &Quantities<'_>) -> Correlated {
    let number = |name: &str| q.draws.get_index_of(name).map(DrawIx::new);
    let members = names.into_iter().map(|name| Member { draw: number(&name), name }).collect();
    Correlated { members, factor }
}
