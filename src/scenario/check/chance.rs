//! What unfolds by chance: what waits for what, regimes, outages, contracts, re-exports.

use super::Checker;
use super::links::LEAD_LIMIT;
use crate::scenario::chance::{Contract, InStates};
use crate::scenario::problem::{EntryFault, NetworkFault};
use crate::scenario::types::{Tables, split_link};
use std::collections::HashSet;

/// Most states of a regime.
const STATE_LIMIT: usize = 64;
/// Most contracts of a link: each has its luck in every trial.
const CONTRACT_LIMIT: u32 = 1_000;

impl Checker<'_> {
    /// What each thing waits for is there and does not wait for itself.
    pub(super) fn waiting(&mut self) {
        let t = self.tables;
        let after = |section: &'static str, id: &String, after: &Option<String>| {
            after.clone().map(|after| (section, id.clone(), after))
        };
        let waiting: Vec<_> = t
            .controls
            .iter()
            .filter_map(|(id, c)| after("controls", id, &c.after))
            .chain(t.events.iter().filter_map(|(id, e)| after("events", id, &e.after)))
            .chain(t.links.iter().filter_map(|(id, l)| after("links", id, &l.after)))
            .chain(t.reserves.iter().filter_map(|(id, r)| after("reserves", id, &r.after)))
            .chain(t.projects.iter().filter_map(|(id, p)| after("projects", id, &p.after)))
            .collect();
        for (section, id, after) in &waiting {
            let path = [section, id.as_str(), "after"];
            let there = [
                ("control", t.controls.contains_key(after)),
                ("event", t.events.contains_key(after)),
                ("re-export", t.reexports.contains_key(after)),
            ];
            let kinds: Vec<&'static str> =
                there.iter().filter(|(_, there)| *there).map(|(kind, _)| *kind).collect();
            if kinds.is_empty() {
                self.doubt(&path, NetworkFault::NeverBegins { after: after.clone() });
            } else if kinds.len() > 1 {
                self.add(&path, NetworkFault::Ambiguous { id: after.clone(), kinds });
            }
        }
        // Nobody waits for a link, a reserve or a project, whatever its id.
        let begins = waiting.iter().filter(|(section, ..)| matches!(*section, "controls" | "events"));
        let mut reached: HashSet<&str> = HashSet::new();
        let mut rings = Vec::new();
        for (_, id, _) in begins {
            let (mut row, mut next): (Vec<&str>, _) = (Vec::new(), Some(id.as_str()));
            while let Some(id) = next.filter(|id| reached.insert(id)) {
                row.push(id);
                next = waits_for(t, id);
            }
            // A ring is told once, where the first of those that wait in it stands.
            if let Some(start) = next.and_then(|last| row.iter().position(|id| *id == last)) {
                rings.push(row.split_off(start));
            }
        }
        for mut ring in rings {
            let section = |id: &str| match (t.controls.contains_key(id), t.events.contains_key(id)) {
                (true, _) => Some("controls"),
                (_, true) => Some("events"),
                _ => None,
            };
            let Some((first, section)) = ring.iter().enumerate().find_map(|(k, id)| Some((k, section(id)?)))
            else {
                continue;
            };
            ring.rotate_left(first);
            let id = ring[0].to_owned();
            let ring = ring.iter().chain([&ring[0]]).map(|&id| id.to_owned()).collect();
            self.add(&[section, &id, "after"], NetworkFault::WaitsForItself { id: id.clone(), ring });
        }
    }

    pub(super) fn in_states(&mut self, section: &str, id: &str, during: Option<&InStates>) {
        let Some(during) = during else { return };
        let t = self.tables;
        let Some(regime) = t.regimes.get(&during.regime) else {
            self.unknown(&[section, id, "during", "regime"], "regime", &during.regime, t.regimes.keys());
            return;
        };
        for (k, state) in during.states.iter().enumerate() {
            if !regime.states.contains_key(state) {
                let path = [section, id, "during", "states", &k.to_string()];
                let what = format!("state of regime `{}` called", during.regime);
                self.unknown(&path, &what, state, regime.states.keys());
            }
        }
        if during.states.is_empty() {
            self.add(&[section, id, "during", "states"], NetworkFault::EmptyList { of: "state" });
        }
    }

    pub(super) fn regimes(&mut self) {
        for (id, regime) in &self.tables.regimes {
            let path = ["regimes", id.as_str(), "states"];
            if !regime.states.contains_key(&regime.start) {
                self.unknown(&["regimes", id, "start"], "state", &regime.start, regime.states.keys());
            }
            if regime.states.len() > STATE_LIMIT {
                let fault = NetworkFault::TooManyStates { count: regime.states.len(), limit: STATE_LIMIT };
                self.add(&path, fault);
            }
            if regime.states.contains_key("") {
                self.add(&path, EntryFault::EmptyId);
            }
            for (name, state) in &regime.states {
                let path = ["regimes", id, "states", name];
                for to in state.next.keys().filter(|to| !regime.states.contains_key(*to)) {
                    let path = ["regimes", id, "states", name, "next", to];
                    self.unknown(&path, "state", to, regime.states.keys());
                }
                let none = state.next.values().all(|w| w.as_number() == Some(0.0));
                if state.holding_days.is_some() && none {
                    self.add(&path, NetworkFault::NothingFollows);
                } else if state.holding_days.is_none() && !state.next.is_empty() {
                    self.add(&path, NetworkFault::NeverEnds);
                }
            }
        }
    }

    pub(super) fn outages(&mut self) {
        for (id, outage) in &self.tables.outages {
            self.known_sites("outages", id, &outage.sites);
            if [&outage.up_days, &outage.down_days].iter().all(|d| d.as_number() == Some(0.0)) {
                self.add(&["outages", id, "up_days"], NetworkFault::NoTime);
            }
        }
    }

    pub(super) fn known_sites(&mut self, section: &str, id: &str, sites: &[String]) {
        for (k, site) in sites.iter().enumerate() {
            self.known_site(&[section, id, "sites", &k.to_string()], site);
        }
        if sites.is_empty() {
            self.add(&[section, id, "sites"], NetworkFault::EmptyList { of: "site" });
        }
    }

    /// The site that is named at a path is there.
    pub(super) fn known_site(&mut self, path: &[&str], site: &str) {
        let known = self.tables.sites.contains_key(site) || self.industry.contains_key(site);
        if !known && self.labelled() {
            let tables = self.industries.clone();
            let known = self.tables.sites.keys().chain(tables.iter().flat_map(|t| &t.labels));
            self.unknown(path, "site", site, known);
        }
    }

    /// Contracts stand on lanes with baseline trade, qualification times on those without.
    pub(super) fn contracts(&mut self) {
        let t = self.tables;
        for (id, link) in &t.links {
            let of_reserve = split_link(id)
                .is_some_and(|(from, to, _)| [from, to].iter().any(|end| t.reserves.contains_key(*end)));
            let contingent = link.contingent_volume_per_year.is_some();
            if let Some(contract) = &link.contract {
                let path = ["links", id, "contract"];
                if contingent || of_reserve {
                    self.add(&path, NetworkFault::NoContracts);
                }
                self.contract(["links", id], contract);
            }
            let waits = link.after.is_some() || link.qualification_days.is_some();
            if waits && (!contingent || of_reserve) {
                self.add(&["links", id], NetworkFault::NotQualified);
            }
        }
    }

    pub(super) fn contract(&mut self, [table, id]: [&str; 2], contract: &Contract) {
        if !(1..=CONTRACT_LIMIT).contains(&contract.contracts) {
            let fault = NetworkFault::ContractCount { count: contract.contracts, limit: CONTRACT_LIMIT };
            self.add(&[table, id, "contract", "contracts"], fault);
        }
        if let (Some(a), Some(b)) = (contract.suspended.as_number(), contract.reviewed.as_number())
            && a + b > 1.0
        {
            self.add(&[table, id, "contract"], NetworkFault::Chances { sum: a + b });
        }
    }

    pub(super) fn reexports(&mut self) {
        let t = self.tables;
        for (id, r) in &t.reexports {
            let Some(control) = t.controls.get(&r.control) else {
                self.unknown(&["reexports", id, "control"], "control", &r.control, t.controls.keys());
                continue;
            };
            for (k, commodity) in r.commodities.iter().flatten().enumerate() {
                let path = ["reexports", id, "commodities", &k.to_string()];
                if !t.commodities.contains_key(commodity) {
                    self.unknown(&path, "commodity", commodity, t.commodities.keys());
                } else if control.commodities.as_ref().is_some_and(|list| !list.contains(commodity)) {
                    let (control, commodity) = (r.control.clone(), commodity.clone());
                    self.doubt(&path, NetworkFault::NotCovered { control, commodity });
                }
            }
            let path = ["reexports", id, "delay_days"];
            match r.delay_days.as_number() {
                None => self.add(&path, NetworkFault::DelayDrawn),
                Some(days) if days > LEAD_LIMIT => {
                    self.add(&path, NetworkFault::Delay { days, limit: LEAD_LIMIT });
                }
                Some(_) => {}
            }
        }
    }
}

/// The force that a control, an event or a re-export waits for.
fn waits_for<'t>(t: &'t Tables, id: &str) -> Option<&'t str> {
    t.controls
        .get(id)
        .and_then(|c| c.after.as_deref())
        .or_else(|| t.events.get(id).and_then(|e| e.after.as_deref()))
        .or_else(|| t.reexports.get(id).map(|r| r.control.as_str()))
}
