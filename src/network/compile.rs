//! From a checked scenario to the compiled network.

mod forces;
mod lanes;
mod money;
mod nodes;
mod tables;
mod trade;

use super::{Correlated, DAYS_PER_YEAR, Draw, Event, Member, Network, Param, Party, Reserve, Serial, Site};
use crate::draw::Law;
use crate::scenario::{Entry, Leaf, LeafValue, Read, Scenario, Tables, couplings, join_path, split_link};
use forces::{control, event, outage, project, regime};
use indexmap::{IndexMap, IndexSet};
use lanes::{Passages, lanes, quotas, tiers};
use money::Money;
use nodes::Nodes;
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

/// Most lanes of a network in which what limits each sector is followed.
const FOLLOW_LIMIT: usize = 100_000;
/// Stage of a reserve in tables.
const RESERVE_STAGE: &str = "reserve";

/// Registers draws by name and turns leaves into parameters.
struct Quantities<'a> {
    tables: &'a Tables,
    /// What those that have been referred to come to, by number.
    referred: HashMap<usize, Param>,
    /// By the names of their streams: what is drawn, and its path where that has another name.
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
        let index = entry.index();
        entry.or_insert_with(|| ((stream != path).then(|| join_path(path)), law()));
        Param { draw: Some(u32::try_from(index).unwrap_or(u32::MAX)), times: 1.0, plus: 0.0 }
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
    let mut q = Quantities { tables: t, referred: HashMap::new(), draws: IndexMap::new() };
    let step_days = f64::from(t.time.step_days);
    let per_step = step_days / DAYS_PER_YEAR;

    let parties: Vec<Party> = t
        .parties
        .iter()
        .map(|(id, p)| Party {
            id: id.clone(),
            name: p.name.clone().unwrap_or_else(|| id.clone()),
            gdp: q.param(&["parties", id, "gdp_per_year"], &p.gdp_per_year),
        })
        .collect();
    let party_of: HashMap<&str, usize> = t
        .parties
        .iter()
        .enumerate()
        .flat_map(|(k, (id, p))| match &p.countries {
            Some(list) => list.iter().map(|c| (c.as_str(), k)).collect::<Vec<_>>(),
            None => vec![(id.as_str(), k)],
        })
        .collect();

    let mut commodities: IndexSet<String> = t.commodities.keys().cloned().collect();
    let mut passages = Passages::new(&t.controls);
    let mut network = Nodes::new(per_step);
    for (id, site) in &t.sites {
        network.site(id, site, party_of.get(site.country.as_str()).copied().unwrap_or(0), t, &mut q);
    }
    network.begin_tables();
    for (id, spec) in &t.io_tables {
        let industries = spec.figures.industries();
        let parties: Vec<usize> =
            industries.regions.iter().map(|r| party_of.get(r.as_str()).copied().unwrap_or(0)).collect();
        network.table(id, spec, industries, &parties, t, &mut commodities, &mut passages, &mut q);
    }
    network.end_tables();
    let active = network.sites.len();
    let mut refilled = HashSet::new();
    if !t.reserves.is_empty() {
        let ends = t.links.keys().filter_map(|l| split_link(l)).map(|(_, to, _)| to);
        refilled.extend(ends.filter(|to| t.reserves.contains_key(*to)));
    }
    let reserves: Vec<Reserve> = t
        .reserves
        .iter()
        .map(|(id, r)| {
            let party = party_of.get(r.country.as_str()).copied().unwrap_or(0);
            network.reserve(id, r, refilled.contains(id.as_str()), party, t, &mut q)
        })
        .collect();
    let mut lanes = lanes(t, &mut network, &mut passages, step_days, &mut q);
    let Nodes { mut sites, mut inputs, mut outputs, final_classes, tabled, tabled_sites, .. } = network;
    let served = tiers(&lanes, &final_classes, &mut outputs);
    let passages = passages.finish();
    quotas(&mut lanes.lanes, &inputs, &sites, &passages);
    let regimes = t.regimes.iter().map(|(id, r)| regime(id, r, &mut q)).collect();
    let controls = t.controls.iter().map(|(id, c)| control(id, c, t, &mut q)).collect();
    let site_of = named_sites(t, &sites);
    let mut events: Vec<Event> = t
        .events
        .iter()
        .enumerate()
        .map(|(k, (id, e))| {
            event(k, id, e, t, &commodities, &site_of, &mut sites, &mut inputs, &mut outputs, &mut q)
        })
        .collect();
    for (id, o) in &t.outages {
        events.push(outage(events.len(), id, o, &site_of, &mut sites, &mut q));
    }
    let projects = t
        .projects
        .iter()
        .enumerate()
        .map(|(k, (id, p))| {
            if let Some(&n) = site_of.get(&p.site) {
                sites[n].project = u32::try_from(k).ok();
            }
            project(id, p, t, step_days, &mut q)
        })
        .collect();

    let (quotes, markets, trades) =
        trade::trade(t, &sites, &inputs, &outputs, &lanes.lanes, &passages, &mut q);
    let steps = t.time.horizon_days.div_ceil(t.time.step_days) as usize;
    let money = Money { t, sites: &sites, inputs: &inputs, outputs: &outputs, lanes: &lanes.lanes };
    let costs = money.costs(&reserves, step_days, &mut q);
    let payments = money.payments(step_days, steps, &mut q);
    let mut material = vec![true; commodities.len()];
    for output in outputs.iter().filter(|o| sites[o.site].stage.is_sector()) {
        material[output.commodity] = false;
    }
    for site in &mut sites {
        let is_material = |i: usize| material[inputs[i].commodity];
        let mixed = site.inputs.clone().any(is_material) && !site.inputs.clone().all(is_material);
        let listed = site.stage.is_sector() && lanes.lanes.len() <= FOLLOW_LIMIT;
        site.followed = !site.value_added.is_zero() && (listed || mixed);
    }

    let rules = &t.rules;
    let discount_rate = q.param(&["rules", "discount_rate_per_year"], &rules.discount_rate_per_year);
    let experience_days = q.param(&["rules", "experience_days"], &rules.experience_days);
    let correlated = couplings(t).found.into_iter().map(|c| correlated(c.streams, c.factor, &q)).collect();
    let draws = q.draws.into_iter().map(|(stream, (path, law))| match path {
        Some(name) => Draw { name, stream: Some(stream), law },
        None => Draw { name: stream, stream: None, law },
    });
    let draws = draws.collect();
    let headline = t.scenario.headline.as_ref().and_then(|h| t.parties.get_index_of(h)).unwrap_or(0);
    Network {
        name: scenario.name().to_owned(),
        title: t.scenario.title.clone(),
        currency: t.scenario.currency.clone(),
        assignments: scenario.assignments().to_vec(),
        start: t.time.start,
        step_days,
        steps,
        discount_rate,
        stopped_below: rules.stopped_below,
        experience_days,
        headline,
        draws,
        correlated,
        parties,
        commodities: commodities.into_iter().collect(),
        material,
        sites,
        active,
        inputs,
        outputs,
        lanes: lanes.lanes,
        lane_params: lanes.params,
        served,
        controls,
        passages,
        regimes,
        third_countries: t.reexports.values().map(|r| r.via.clone()).collect(),
        events,
        projects,
        reserves,
        quotes,
        markets,
        trades,
        costs,
        payments,
        tabled,
        tabled_sites,
        fingerprint: OnceLock::new(),
    }
}

/// Numbers of the sites that something acts on, by their ids.
fn named_sites(t: &Tables, sites: &[Site]) -> HashMap<String, usize> {
    let listed = t.events.values().map(|e| &e.sites).chain(t.outages.values().map(|o| &o.sites)).flatten();
    let named: HashSet<&String> = listed.chain(t.projects.values().map(|p| &p.site)).collect();
    let numbered = sites.iter().enumerate().filter(|(_, s)| named.contains(&s.id));
    let mut found = HashMap::with_capacity(named.len());
    for (n, site) in numbered {
        found.entry(site.id.clone()).or_insert(n);
    }
    found
}

/// Draws that hang together, by their names.
fn correlated(names: Vec<String>, factor: Vec<Vec<f64>>, q: &Quantities<'_>) -> Correlated {
    let number = |name: &str| q.draws.get_index_of(name).and_then(|d| u32::try_from(d).ok());
    let members = names.into_iter().map(|name| Member { draw: number(&name), name }).collect();
    Correlated { members, factor }
}
