//! Checks of the tables against each other: ids, shares, domains.

mod chance;
mod correlations;
mod forces;
mod io_tables;
mod links;
mod parts;

use super::entry::{Entry, Found};
use super::forms::FinalDemandClass;
use super::io_table::Industries;
use super::leaf::{Leaf, LeafValue};
use super::origin::Origin;
use super::path::Path;
use super::problem::{EntryFault, Finding, NetworkFault, Problem, ProblemKind, Suggestions};
use super::rule::ANY;
use super::rule::{Domain, Rule};
use super::types::{Output, Role, Rules, Site, Tables};
use indexmap::{IndexMap, IndexSet};
use std::collections::{HashMap, HashSet};

/// Longest horizon in steps.
const STEP_LIMIT: u32 = 100_000;

struct Checker<'a> {
    tables: &'a Tables,
    /// The input-output tables; empty where their labels are faulty.
    industries: Vec<&'a Industries>,
    /// Table and number of each industry.
    industry: HashMap<&'a str, (usize, usize)>,
    /// Numbers of an input and of a link that feeds it.
    feeds: Vec<(usize, usize)>,
    suggestions: Suggestions,
    found: Checked,
}

/// What was found between the tables.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    pub(crate) problems: Vec<Finding>,
    pub(crate) warnings: Vec<Finding>,
    /// Faults of input-output tables, and what is doubtful in them.
    pub(crate) of_tables: [Vec<Problem>; 2],
}

impl Checked {
    pub(crate) fn is_sound(&self) -> bool {
        self.problems.is_empty() && self.of_tables[0].is_empty()
    }
}

/// All that is wrong between the tables.
pub(crate) fn check(tables: &Tables) -> Checked {
    let industries = tables.io_tables.values().map(|t| t.figures.industries()).collect();
    let (industry, feeds) = (HashMap::new(), Vec::new());
    let (suggestions, found) = (Suggestions::default(), Checked::default());
    let mut checker = Checker { tables, industries, industry, feeds, suggestions, found };
    checker.ids();
    checker.io_tables();
    checker.time_and_rules();
    checker.leaves();
    checker.parties();
    checker.sites();
    checker.links();
    checker.suppliers();
    checker.controls();
    checker.events();
    checker.reserves_and_projects();
    checker.waiting();
    checker.regimes();
    checker.outages();
    checker.contracts();
    checker.reexports();
    checker.correlations();
    // Another fault of a number says more than its size.
    let Checked { problems, .. } = &mut checker.found;
    let is_size = |f: &Finding| {
        matches!(f.kind, ProblemKind::Entry(EntryFault::TooGreat { .. } | EntryFault::TooSmall { .. }))
    };
    let others: HashSet<Vec<String>> =
        problems.iter().filter(|f| !is_size(f)).map(|f| f.path.clone()).collect();
    problems.retain(|f| !is_size(f) || !others.contains(&f.path));
    checker.found
}

impl<'a> Checker<'a> {
    fn add(&mut self, path: &[&str], kind: impl Into<ProblemKind>) {
        self.found.problems.push(Finding::new(path, kind));
    }

    /// What may be meant, but may be a mistake too.
    fn doubt(&mut self, path: &[&str], kind: impl Into<ProblemKind>) {
        self.found.warnings.push(Finding::new(path, kind));
    }

    fn unknown<'k>(
        &mut self,
        path: &[&str],
        what: &str,
        id: &str,
        known: impl IntoIterator<Item = &'k String>,
    ) {
        let suggestion = self.suggestions.suggest(id, || known.into_iter().map(String::as_str));
        self.add(path, NetworkFault::Unknown { what: what.to_owned(), id: id.to_owned(), suggestion });
    }

    fn ids(&mut self) {
        let t = self.tables;
        let groups: [(&str, Vec<&'a String>); 4] = [
            ("sites", t.sites.keys().collect()),
            ("commodities", t.commodities.keys().collect()),
            ("reserves", t.reserves.keys().collect()),
            ("parties", t.parties.keys().collect()),
        ];
        for section in t.keys() {
            if t.get(&section).is_some_and(|entries| entries.get("").is_some()) {
                self.add(&[&section], EntryFault::EmptyId);
            }
        }
        for (section, ids) in groups {
            for id in ids {
                if id.contains(['>', ':', '"', '\n']) {
                    self.add(&[section, id], NetworkFault::BadId { id: id.clone() });
                }
            }
        }
        for id in t.reserves.keys().filter(|id| t.sites.contains_key(*id)) {
            let fault = NetworkFault::IdTaken { id: id.clone(), other: "a site".to_owned() };
            self.add(&["reserves", id], fault);
        }
    }

    fn time_and_rules(&mut self) {
        let time = &self.tables.time;
        if !(1..=31).contains(&time.step_days) {
            self.add(&["time", "step_days"], NetworkFault::StepLength { days: time.step_days });
        } else if time.horizon_days < time.step_days {
            let fault = NetworkFault::ShortHorizon { step_days: time.step_days };
            self.add(&["time", "horizon_days"], fault);
        } else if time.horizon_days / time.step_days >= STEP_LIMIT {
            let steps = time.horizon_days / time.step_days;
            let fault = NetworkFault::TooManySteps { steps, limit: STEP_LIMIT };
            self.add(&["time", "horizon_days"], fault);
        }
        if !time.start.is_valid() {
            self.add(&["time", "start"], EntryFault::NoSuchDay { date: time.start });
        }
        let value = self.tables.rules.stopped_below;
        if !(value > 0.0 && value <= 1.0) {
            self.add(&["rules", "stopped_below"], NetworkFault::StoppedBelow { value });
        }
        let currency = &self.tables.scenario.currency;
        if currency.trim().is_empty() || currency.contains(char::is_control) {
            self.add(&["scenario", "currency"], NetworkFault::Currency { currency: currency.clone() });
        }
        if let Some(id) = &self.tables.scenario.headline
            && !self.tables.parties.contains_key(id)
        {
            self.unknown(&["scenario", "headline"], "party", id, self.tables.parties.keys());
        }
    }

    /// Every value a leaf can take lies in its domain; every reference has its assumption, and every assumption should have
    /// a reference.
    fn leaves(&mut self) {
        let (tables, suggestions) = (self.tables, &self.suggestions);
        let found = &mut self.found.problems;
        let mut unused: IndexSet<&str> = tables.assumptions.keys().map(String::as_str).collect();
        tables.leaves(&Path::ROOT, ANY, &Origin::default(), &mut |Found { path, leaf, rule, .. }| {
            let named = path.names().first() == Some(&"assumptions");
            let fault = match leaf.value {
                LeafValue::Date(date) if rule.date_key().is_none() => {
                    Some(EntryFault::DateHere { date }.into())
                }
                _ => leaf_fault(leaf, rule.domain, tables, named, suggestions)
                    .or_else(|| size_fault(leaf, rule, tables)),
            };
            if let LeafValue::Assumption(of) = &leaf.value {
                unused.swap_remove(of.id.as_str());
            }
            if let Some(kind) = fault {
                found.push(Finding { path: path.to_vec(), at: None, kind });
            }
        });
        for (id, _) in tables.assumptions.iter().filter(|(id, _)| unused.contains(id.as_str())) {
            let known = tables.assumptions.keys().map(String::as_str).filter(|other| !unused.contains(other));
            let suggestion = self.suggestions.nearest(id, || known);
            self.doubt(&["assumptions", id], NetworkFault::Unused { id: id.clone(), suggestion });
        }
    }

    fn parties(&mut self) {
        let mut owner: IndexMap<&str, &str> = IndexMap::new();
        for (id, party) in &self.tables.parties {
            let own = [id.clone()];
            let countries: &[String] = party.countries.as_deref().unwrap_or(&own);
            for country in countries {
                // Borrow from the tables, not from the list built here.
                let country = party.countries.iter().flatten().find(|c| *c == country).unwrap_or(id);
                if let Some(other) = owner.insert(country, id) {
                    let (country, party) = (country.clone(), other.to_owned());
                    self.add(&["parties", id], NetworkFault::CountryTwice { country, party });
                }
            }
        }
        if self.tables.parties.is_empty() {
            self.add(&["parties"], NetworkFault::NoParty);
        }
        let known: IndexSet<String> = owner.keys().map(|c| (*c).to_owned()).collect();
        self.regions(&known);
        let homes = self.tables.sites.iter().map(|(id, s)| ("sites", id, &s.country));
        let homes: Vec<_> =
            homes.chain(self.tables.reserves.iter().map(|(id, r)| ("reserves", id, &r.country))).collect();
        for (section, id, country) in homes {
            if !owner.contains_key(country.as_str()) {
                self.unknown(&[section, id, "country"], "party that answers for country", country, &known);
            }
        }
    }

    fn sites(&mut self) {
        let commodities = &self.tables.commodities;
        if self.tables.sites.is_empty() && self.tables.io_tables.is_empty() {
            self.add(&["sites"], NetworkFault::NoSite);
        }
        for (id, site) in &self.tables.sites {
            for commodity in site.inputs.keys() {
                if !commodities.contains_key(commodity) {
                    self.unknown(
                        &["sites", id, "inputs", commodity],
                        "commodity",
                        commodity,
                        commodities.keys(),
                    );
                }
            }
            for (k, (commodity, output)) in site.outputs.iter().enumerate() {
                let path = ["sites", id, "outputs", commodity];
                if !commodities.contains_key(commodity) {
                    self.unknown(&path, "commodity", commodity, commodities.keys());
                }
                if k > 0 && output.yield_per_unit.is_none() {
                    self.add(&path, NetworkFault::NoYield);
                }
            }
            self.firms(id, site);
            self.parts(id, site);
            if site.outputs.is_empty() {
                self.add(&["sites", id, "outputs"], NetworkFault::NoOutput);
            } else if !site
                .outputs
                .values()
                .enumerate()
                .any(|(k, o)| o.role.unwrap_or(default_role(k)) == Role::Driving)
            {
                self.add(&["sites", id, "outputs"], NetworkFault::NothingDrives);
            }
        }
    }
}

/// The role of output number `k` that gives none.
pub(crate) fn default_role(k: usize) -> Role {
    if k == 0 { Role::Driving } else { Role::ByProduct }
}

/// The class of final demand for an output of a site: the nearest one that is given.
pub(crate) fn final_demand_class(rules: &Rules, site: &Site, output: &Output) -> Option<FinalDemandClass> {
    output.final_demand_class.or(site.final_demand_class).or(rules.final_demand_class)
}

/// The lowest and the highest value that a leaf can take; `None` where it refers to a name that is not there, or to more than one
/// thing in a row.
fn range(leaf: &Leaf, tables: &Tables) -> Option<[f64; 2]> {
    let (a, b) = match &leaf.value {
        LeafValue::Assumption(of) => {
            let (a, b) = tables.assumptions.get(&of.id)?.support()?;
            (of.plus + of.times * a, of.plus + of.times * b)
        }
        LeafValue::Date(date) => {
            let days = f64::from(date.days_since(tables.time.start));
            (days, days)
        }
        _ => leaf.support()?,
    };
    Some([a.min(b), a.max(b)])
}

/// Whether a leaf can take values that are too great or too small, but for rare draws from distributions that have no bounds.
fn size_fault(leaf: &Leaf, rule: Rule, tables: &Tables) -> Option<ProblemKind> {
    const RARE: f64 = 1e-3;
    let most = rule.most();
    let usual = |leaf: &Leaf| match &leaf.value {
        LeafValue::Distribution(d) => {
            let (low, high) = d.support();
            let bounded = |end: f64, u: f64| if end.is_finite() { end } else { d.quantile(u) };
            vec![bounded(low, RARE), bounded(high, 1.0 - RARE)]
        }
        _ => range(leaf, tables).map_or(Vec::new(), Vec::from),
    };
    let values = match &leaf.value {
        LeafValue::Assumption(of) => {
            let values = tables.assumptions.get(&of.id).map_or(Vec::new(), usual);
            values.into_iter().map(|value| of.plus + of.times * value).collect()
        }
        _ => usual(leaf),
    };
    let least = rule.least();
    let great = values.iter().find(|value| value.is_finite() && value.abs() > most);
    let small = || values.iter().find(|value| **value > 0.0 && **value < least);
    let great = great.map(|&value| EntryFault::TooGreat { value, most });
    great.or_else(|| small().map(|&value| EntryFault::TooSmall { value, least })).map(ProblemKind::from)
}

/// The fault of the values that a leaf can take. `named` says whether it is an assumption itself.
fn leaf_fault(
    leaf: &Leaf,
    domain: Domain,
    tables: &Tables,
    named: bool,
    suggestions: &Suggestions,
) -> Option<ProblemKind> {
    match &leaf.value {
        LeafValue::Assumption(of) => {
            if named {
                return Some(EntryFault::AssumptionOfAssumption.into());
            }
            if let Some(value) = [of.times, of.plus].into_iter().find(|x| !x.is_finite()) {
                return Some(EntryFault::NotFinite { value }.into());
            }
            if !tables.assumptions.contains_key(&of.id) {
                let known = || tables.assumptions.keys().map(String::as_str);
                let suggestion = suggestions.suggest(&of.id, known);
                let fault =
                    NetworkFault::Unknown { what: "assumption".to_owned(), id: of.id.clone(), suggestion };
                return Some(fault.into());
            }
        }
        LeafValue::Date(date) if !date.is_valid() => {
            return Some(EntryFault::NoSuchDay { date: *date }.into());
        }
        LeafValue::Number(value) if !value.is_finite() => {
            return Some(EntryFault::NotFinite { value: *value }.into());
        }
        _ => {}
    }
    let [low, high] = range(leaf, tables)?;
    EntryFault::outside(domain, low, high).map(ProblemKind::from)
}
