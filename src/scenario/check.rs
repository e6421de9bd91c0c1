//! Checks of the tables against each other: ids, shares, domains.

mod chance;
mod correlations;
mod forces;
mod io_tables;
mod links;

use super::document::{Document, join_path};
use super::io_table::Industries;
use super::leaf::{Domain, Leaf, LeafValue, Origin};
use super::problem::{Problem, did_you_mean};
use super::read::Read;
use super::trail::Trail;
use super::types::{Role, Tables};
use indexmap::{IndexMap, IndexSet};
use std::collections::HashMap;
use std::sync::Arc;

/// Longest horizon in steps.
const STEP_LIMIT: u32 = 100_000;

struct Checker<'a> {
    tables: &'a Tables,
    /// What was read from each input-output table; empty where its labels are faulty.
    industries: &'a [Arc<Industries>],
    /// Table and number of each industry.
    industry: HashMap<&'a str, (usize, usize)>,
    /// Numbers of an input and of a link that feeds it.
    feeds: Vec<(usize, usize)>,
    document: &'a Document<'a>,
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
}

/// What was found between the tables.
pub(crate) struct Checked {
    pub(crate) problems: Vec<Problem>,
    pub(crate) warnings: Vec<Problem>,
}

/// All that is wrong between the tables.
pub(crate) fn check(tables: &Tables, industries: &[Arc<Industries>], document: &Document<'_>) -> Checked {
    let (problems, warnings) = (Vec::new(), Vec::new());
    let (industry, feeds) = (HashMap::new(), Vec::new());
    let mut checker = Checker { tables, industries, industry, feeds, document, problems, warnings };
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
    Checked { problems: checker.problems, warnings: checker.warnings }
}

impl<'a> Checker<'a> {
    fn add(&mut self, path: &[&str], message: String, help: Option<String>) {
        let problem = self.problem(path, message, help);
        self.problems.push(problem);
    }

    /// What may be meant, but may be a mistake too.
    fn doubt(&mut self, path: &[&str], message: String, help: Option<String>) {
        let problem = self.problem(path, message, help);
        self.warnings.push(problem);
    }

    fn problem(&self, path: &[&str], message: String, help: Option<String>) -> Problem {
        let at = self.document.locate(path);
        self.document.problem_at(Some(at), join_path(path), message, help)
    }

    fn unknown<'k>(
        &mut self,
        path: &[&str],
        what: &str,
        id: &str,
        known: impl IntoIterator<Item = &'k String>,
    ) {
        let known: Vec<&str> = known.into_iter().map(String::as_str).collect();
        self.add(path, format!("there is no {what} `{id}`"), did_you_mean(id, known));
    }

    fn ids(&mut self) {
        let t = self.tables;
        let groups: [(&str, Vec<&'a String>); 4] = [
            ("sites", t.sites.keys().collect()),
            ("commodities", t.commodities.keys().collect()),
            ("reserves", t.reserves.keys().collect()),
            ("parties", t.parties.keys().collect()),
        ];
        for (section, ids) in groups {
            for id in ids {
                if id.contains(['>', ':', '"', '\n']) {
                    self.add(
                        &[section, id],
                        format!("`{id}` cannot be an id"),
                        Some("leave out `>`, `:`, quotes and line breaks".into()),
                    );
                }
            }
        }
        for id in t.reserves.keys().filter(|id| t.sites.contains_key(*id)) {
            self.add(
                &["reserves", id],
                format!("`{id}` is also the id of a site"),
                Some("give one of them another id".into()),
            );
        }
    }

    fn time_and_rules(&mut self) {
        let time = &self.tables.time;
        if !(1..=31).contains(&time.step_days) {
            self.add(
                &["time", "step_days"],
                format!("a step of {} days", time.step_days),
                Some("give 1 to 31 days".into()),
            );
        } else if time.horizon_days < time.step_days {
            self.add(
                &["time", "horizon_days"],
                "the horizon is shorter than a step".into(),
                Some(format!("give at least {}", time.step_days)),
            );
        } else if time.horizon_days / time.step_days >= STEP_LIMIT {
            self.add(
                &["time", "horizon_days"],
                format!("{} steps", time.horizon_days / time.step_days),
                Some(format!("give fewer than {STEP_LIMIT}")),
            );
        }
        let stopped = self.tables.rules.stopped_below;
        if !(stopped > 0.0 && stopped <= 1.0) {
            self.add(
                &["rules", "stopped_below"],
                format!("{stopped} is no share of baseline activity"),
                Some("give a number over 0, at most 1".into()),
            );
        }
        if let Some(id) = &self.tables.scenario.headline
            && !self.tables.parties.contains_key(id)
        {
            self.unknown(&["scenario", "headline"], "party", id, self.tables.parties.keys());
        }
    }

    /// Every value a leaf can take lies in its domain; every reference has its assumption.
    fn leaves(&mut self) {
        let tables = self.tables;
        let mut found: Vec<(Vec<String>, String, Option<String>)> = Vec::new();
        tables.leaves(
            &mut Trail::default(),
            Domain::Any,
            &Origin::default(),
            &mut |path, leaf, domain, _| {
                let named = path.names().next() == Some("assumptions");
                if let Some((message, help)) = leaf_fault(leaf, domain, &tables.assumptions, named) {
                    found.push((path.to_vec(), message, help));
                }
            },
        );
        for (path, message, help) in found {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            self.add(&path, message, help);
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
                    self.add(
                        &["parties", id],
                        format!("country `{country}` also belongs to party `{other}`"),
                        Some("give it to one party".into()),
                    );
                }
            }
        }
        if self.tables.parties.is_empty() {
            self.add(&["parties"], "there is no party".into(), Some("add one, such as [parties.JP]".into()));
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
            self.add(&["sites"], "there is no site".into(), None);
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
                    self.add(
                        &path,
                        "`yield_per_unit` is missing".into(),
                        Some("only the first output has a yield of 1 unless given".into()),
                    );
                }
            }
            if site.outputs.is_empty() {
                self.add(
                    &["sites", id, "outputs"],
                    "there is no output".into(),
                    Some("a site makes something: add one".into()),
                );
            } else if !site
                .outputs
                .values()
                .enumerate()
                .any(|(k, o)| o.role.unwrap_or(default_role(k)) == Role::Driving)
            {
                self.add(
                    &["sites", id, "outputs"],
                    "no output drives the site".into(),
                    Some("let one have role = \"driving\"".into()),
                );
            }
        }
    }
}

/// The role of output number `k` that gives none.
pub(crate) fn default_role(k: usize) -> Role {
    if k == 0 { Role::Driving } else { Role::ByProduct }
}

/// What is wrong with the values that a leaf can take. `named` says whether it is an assumption itself.
fn leaf_fault(
    leaf: &Leaf,
    domain: Domain,
    assumptions: &IndexMap<String, Leaf>,
    named: bool,
) -> Option<(String, Option<String>)> {
    let range = |value: &LeafValue| match value {
        LeafValue::Number(x) => Some((*x, *x)),
        LeafValue::Distribution(d) => Some(d.support()),
        LeafValue::Custom(sampler) => Some(sampler.support()),
        LeafValue::Assumption(_) => None,
    };
    let (a, b) = match &leaf.value {
        LeafValue::Assumption(of) => {
            let id = &of.id;
            if named {
                return Some((
                    "an assumption cannot refer to another".into(),
                    Some("give it a value or a distribution".into()),
                ));
            }
            let Some(named) = assumptions.get(id) else {
                return Some((
                    format!("there is no assumption `{id}`"),
                    did_you_mean(id, assumptions.keys().map(String::as_str)),
                ));
            };
            let (a, b) = range(&named.value)?;
            (of.plus + of.times * a, of.plus + of.times * b)
        }
        value => range(value)?,
    };
    let (low, high) = (a.min(b), a.max(b));
    if domain.contains(low) && domain.contains(high) {
        return None;
    }
    let right = domain.words().unwrap_or("any number");
    if low == high {
        Some((format!("{low} is out of range"), Some(format!("give a number, {right}"))))
    } else {
        Some((
            format!("it can be anything from {low} to {high}"),
            Some(format!("every value must be {right}: change the parameters or give bounds")),
        ))
    }
}
