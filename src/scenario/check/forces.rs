//! What acts on the network: controls, events, reserves and projects.

use super::{Checker, range};
use crate::scenario::io_table::Industries;
use crate::scenario::leaf::{Leaf, LeafValue};
use crate::scenario::problem::{EntryFault, NetworkFault};
use crate::scenario::types::{Control, Event, Target, split_link};
use indexmap::IndexSet;
use std::collections::HashSet;

impl Checker<'_> {
    pub(super) fn controls(&mut self) {
        let t = self.tables;
        let regions = self.industries.iter().flat_map(|t| &t.regions);
        let sectors: Vec<&String> = self.industries.iter().flat_map(|t| &t.sectors).collect();
        let homes = t.sites.values().map(|s| &s.country).chain(t.reserves.values().map(|r| &r.country));
        let countries: IndexSet<&String> =
            homes.chain(regions).chain(t.reexports.values().map(|r| &r.via)).collect();
        let lanes = Borders::new(self);
        for (id, control) in &self.tables.controls {
            for (key, list) in [("exporters", &control.exporters), ("importers", &control.importers)] {
                for (k, country) in list.iter().enumerate() {
                    if !countries.contains(country) && self.labelled() {
                        self.unknown(
                            &["controls", id, key, &k.to_string()],
                            "site in country",
                            country,
                            countries.iter().copied(),
                        );
                    }
                }
                if list.is_empty() {
                    self.add(&["controls", id, key], NetworkFault::EmptyList { of: "country" });
                }
            }
            for (k, commodity) in control.commodities.iter().flatten().enumerate() {
                if !self.tables.commodities.contains_key(commodity)
                    && !self.industries.iter().any(|t| t.sectors.contains(commodity))
                    && self.labelled()
                {
                    self.unknown(
                        &["controls", id, "commodities", &k.to_string()],
                        "commodity",
                        commodity,
                        t.commodities.keys().chain(sectors.iter().copied()),
                    );
                }
            }
            self.control_span(id, control);
            if let Some(country) = control.exporters.iter().find(|c| control.importers.contains(c)) {
                let fault = NetworkFault::WithinCountry { country: country.clone() };
                self.doubt(&["controls", id], fault);
            }
            if !control.exporters.is_empty() && !control.importers.is_empty() && !lanes.any(control) {
                self.doubt(&["controls", id], NetworkFault::NoLane);
            }
            let path = ["controls", id, "onset_days"];
            self.in_time(
                &path,
                control.after.as_ref(),
                control.onset_days.as_ref(),
                control.duration_days.as_ref(),
            );
            if let Some(contract) = &control.contract {
                self.contract(["controls", id], contract);
            }
            self.in_states("controls", id, control.during.as_ref());
            let days: Vec<f64> = control.phases.iter().filter_map(|p| p.after_days.as_number()).collect();
            if days.len() < control.phases.len() {
                self.add(&["controls", id, "phases"], NetworkFault::PhaseDrawn);
            } else if days.windows(2).any(|w| w[1] <= w[0]) {
                self.add(&["controls", id, "phases"], NetworkFault::PhaseOrder);
            }
        }
    }

    pub(super) fn events(&mut self) {
        for (id, event) in &self.tables.events {
            self.known_sites("events", id, &event.sites);
            self.event_shape(id, event);
            let longest = event.duration_days.as_ref().filter(|_| event.recovery.is_none());
            let path = ["events", id, "start_days"];
            self.in_time(&path, event.after.as_ref(), event.start_days.as_ref(), longest);
            self.in_states("events", id, event.during.as_ref());
            self.rebuilding(id, event);
            for (k, commodity) in event.commodities.iter().flatten().enumerate() {
                let path = ["events", id, "commodities", &k.to_string()];
                if event.target == Target::Capacity {
                    self.add(&path, NetworkFault::CapacityCommodity);
                    continue;
                }
                let has = |s: &String| {
                    let industry = self.industry.get(s.as_str()).map(|&(t, n)| (&self.industries[t], n));
                    self.tables.sites.get(s).is_some_and(|s| match event.target {
                        Target::Use => s.inputs.contains_key(commodity),
                        _ => s.outputs.contains_key(commodity),
                    }) || industry.is_some_and(|(t, n)| match event.target {
                        Target::Use => t.buys(n, commodity),
                        _ => t.sector_of(n) == commodity,
                    })
                };
                if self.labelled() && !event.sites.iter().any(has) {
                    let part = if event.target == Target::Use { "input" } else { "output" };
                    self.add(&path, NetworkFault::NotTheirs { part, commodity: commodity.clone() });
                }
            }
        }
    }

    /// Capacity is rebuilt once, by sites that are there.
    fn rebuilding(&mut self, id: &str, event: &Event) {
        let Some(rebuilding) = &event.rebuilding else { return };
        if event.target != Target::Capacity {
            self.add(&["events", id, "rebuilding"], NetworkFault::NotCapital);
        }
        let given = [
            ("series", event.series.is_some()),
            ("during", event.during.is_some()),
            ("growth_days", event.growth_days.is_some()),
        ];
        for (key, _) in given.into_iter().filter(|(_, there)| *there) {
            let fault = NetworkFault::Excluded { what: "an event", with: "rebuilding", key };
            self.add(&["events", id, key], fault);
        }
        for site in rebuilding.amounts.keys() {
            self.known_site(&["events", id, "rebuilding", "amounts", site], site);
        }
        if rebuilding.amounts.is_empty() {
            let fault = NetworkFault::EmptyList { of: "site that builds" };
            self.add(&["events", id, "rebuilding", "amounts"], fault);
        }
    }

    fn event_shape(&mut self, id: &str, event: &Event) {
        let timed =
            [("start_days", event.start_days.is_some()), ("duration_days", event.duration_days.is_some())];
        let severity = ("severity", event.severity.is_some());
        let given = |keys: &[(&'static str, bool)], there: bool| -> Vec<&'static str> {
            keys.iter().filter(|(_, is)| *is == there).map(|(key, _)| *key).collect()
        };
        let (excluded, missing, what) = if let Some(series) = &event.series {
            if let Some((k, &value)) = series.values.iter().enumerate().find(|(_, x)| x.is_nan() || **x < 0.0)
            {
                self.add(&["events", id, "series"], EntryFault::NegativeEntry { number: k + 1, value });
            } else if let Some(&value) = series.values.iter().find(|x| !x.is_finite()) {
                self.add(&["events", id, "series"], EntryFault::NotFinite { value });
            }
            let more = [
                severity,
                ("recovery", event.recovery.is_some()),
                ("after", event.after.is_some()),
                ("during", event.during.is_some()),
                ("growth_days", event.growth_days.is_some()),
            ];
            (
                given(&[timed[0], timed[1], more[0], more[1], more[2], more[3], more[4]], true),
                Vec::new(),
                "series",
            )
        } else if event.during.is_some() {
            let keys = [timed[0], timed[1], ("after", event.after.is_some())];
            (given(&keys, true), given(&[severity], false), "during")
        } else {
            (Vec::new(), given(&[timed[0], timed[1], severity], false), "")
        };
        for key in excluded {
            let fault = NetworkFault::Excluded { what: "an event", with: what, key };
            self.add(&["events", id, key], fault);
        }
        for key in missing {
            let forms =
                "`start_days`, `duration_days` and `severity`, or `during` and `severity`, or a `series`";
            self.add(&["events", id], NetworkFault::NeedsOne { key, forms });
        }
        self.dated(["events", id, "start"], event.start_days.as_ref(), event.after.as_ref());
    }

    /// A control holds once or in states of a regime.
    fn control_span(&mut self, id: &str, control: &Control) {
        let timed = [
            ("onset_days", control.onset_days.is_some()),
            ("duration_days", control.duration_days.is_some()),
        ];
        let after = ("after", control.after.is_some());
        if control.during.is_some() {
            for (key, _) in timed.into_iter().chain([after]).filter(|(_, there)| *there) {
                let fault = NetworkFault::Excluded { what: "a control", with: "during", key };
                self.add(&["controls", id, key], fault);
            }
        } else {
            for (key, _) in timed.into_iter().filter(|(_, there)| !there) {
                let forms = "`onset_days` and `duration_days`, or `during`";
                self.add(&["controls", id], NetworkFault::NeedsOne { key, forms });
            }
        }
        self.dated(["controls", id, "onset"], control.onset_days.as_ref(), control.after.as_ref());
    }

    /// Something that waits for nothing begins within the horizon, and is not over before it.
    fn in_time(
        &mut self,
        path: &[&str],
        after: Option<&String>,
        onset: Option<&Leaf>,
        duration: Option<&Leaf>,
    ) {
        let (t, horizon) = (self.tables, self.tables.time.horizon_days);
        let Some([first, last]) = onset.filter(|_| after.is_none()).and_then(|onset| range(onset, t)) else {
            return;
        };
        if first >= f64::from(horizon) {
            self.doubt(path, NetworkFault::BeyondHorizon { day: first, horizon });
        } else if let Some([_, longest]) = duration.and_then(|duration| range(duration, t))
            && last + longest <= 0.0
            && last < 0.0
        {
            self.doubt(path, NetworkFault::BeforeStart { day: last + longest });
        }
    }

    /// What begins on a date waits for nothing.
    fn dated(&mut self, path: [&str; 3], day: Option<&Leaf>, after: Option<&String>) {
        if after.is_some() && day.is_some_and(|day| matches!(day.value, LeafValue::Date(_))) {
            self.add(&path, NetworkFault::DateAfter);
        }
    }

    pub(super) fn reserves_and_projects(&mut self) {
        let t = self.tables;
        // Reserves that somebody draws on, and those that somebody refills.
        let (mut drawn, mut refilled) = (HashSet::new(), HashSet::new());
        if !t.reserves.is_empty() {
            for (from, to, _) in t.links.keys().filter_map(|l| split_link(l)) {
                drawn.extend(t.reserves.contains_key(from).then_some(from));
                refilled.extend(t.reserves.contains_key(to).then_some(to));
            }
        }
        for (id, reserve) in &t.reserves {
            self.in_states("reserves", id, reserve.during.as_ref());
            if !t.commodities.contains_key(&reserve.commodity) {
                self.unknown(
                    &["reserves", id, "commodity"],
                    "commodity",
                    &reserve.commodity,
                    t.commodities.keys(),
                );
            }
            if !drawn.contains(id.as_str()) {
                let (reserve, commodity) = (id.clone(), reserve.commodity.clone());
                self.add(&["reserves", id], NetworkFault::NobodyDraws { reserve, commodity });
            }
            if reserve.refill_rate.as_number() != Some(0.0) && !refilled.contains(id.as_str()) {
                let (reserve, commodity) = (id.clone(), reserve.commodity.clone());
                let fault = NetworkFault::NobodyRefills { reserve, commodity };
                self.add(&["reserves", id, "refill_rate"], fault);
            }
        }
        let mut built: IndexSet<&str> = IndexSet::new();
        for (id, project) in &t.projects {
            let path = ["projects", id, "site"];
            match t.sites.get(&project.site) {
                None => self.unknown(&path, "site", &project.site, t.sites.keys()),
                Some(site) if site.capacity_per_year.is_some() => {
                    self.add(&path, NetworkFault::OwnCapacity { site: project.site.clone() });
                }
                Some(_) if !built.insert(&project.site) => {
                    self.add(&path, NetworkFault::BuiltTwice { site: project.site.clone() });
                }
                Some(_) => {}
            }
            self.dated(["projects", id, "start"], Some(&project.start_days), project.after.as_ref());
        }
    }
}

/// The borders that lanes cross, by good.
struct Borders<'a> {
    /// Exporter, importer and commodity of the lanes between sites and reserves, and of ways round.
    lanes: HashSet<[&'a str; 3]>,
    industries: Vec<&'a Industries>,
}

impl<'a> Borders<'a> {
    fn new(checker: &Checker<'a>) -> Self {
        let t = checker.tables;
        let mut lanes = HashSet::new();
        let industries = checker.industries.clone();
        if t.controls.is_empty() {
            return Borders { lanes, industries };
        }
        let home = |id: &str| {
            let site = t.sites.get(id).map(|site| &site.country);
            site.or_else(|| t.reserves.get(id).map(|reserve| &reserve.country)).map(String::as_str)
        };
        let vias: IndexSet<&str> = t.reexports.values().map(|r| r.via.as_str()).collect();
        for id in t.links.keys() {
            let Some((from, to, commodity)) = split_link(id).filter(|(from, to, _)| from != to) else {
                continue;
            };
            let (Some(exporter), Some(importer)) = (home(from), home(to)) else { continue };
            lanes.insert([exporter, importer, commodity]);
            // Controls from exporter to third country and on act on a way round.
            for via in &vias {
                lanes.extend([[exporter, via, commodity], [via, importer, commodity]]);
            }
        }
        Borders { lanes, industries }
    }

    /// Whether a control limits any lane.
    fn any(&self, control: &Control) -> bool {
        let covers = |commodity: &str| {
            control.commodities.as_ref().is_none_or(|list| list.iter().any(|covered| covered == commodity))
        };
        let [from, to] = [&control.exporters, &control.importers];
        let crosses = |[exporter, importer, commodity]: &[&str; 3]| {
            from.iter().any(|c| c == exporter) && to.iter().any(|c| c == importer) && covers(commodity)
        };
        // A table without labels could not be read.
        let tabled = |table: &&Industries| {
            let named = |list: &[String]| list.iter().any(|country| table.regions.contains(country));
            table.len() == 0 || named(from) && named(to) && table.sectors.iter().any(|sector| covers(sector))
        };
        self.industries.iter().any(tabled) || self.lanes.iter().any(crosses)
    }
}
