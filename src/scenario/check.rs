//! Checks of the tables against each other: ids, shares, domains.

use super::document::{Document, join_path};
use super::forms::SurgeLimit;
use super::leaf::{Domain, Leaf, LeafValue, Origin};
use super::problem::{Problem, did_you_mean};
use super::read::Read;
use super::types::{Event, Link, Role, Tables, Target, split_link};
use indexmap::{IndexMap, IndexSet};

/// How far fixed shares of an input may be off a sum of one.
const SHARE_TOLERANCE: f64 = 1e-6;
/// Longest lead time [days]: what is under way is kept step by step.
const LEAD_LIMIT: f64 = 3_650.0;
/// Longest horizon in steps.
const STEP_LIMIT: u32 = 100_000;

struct Checker<'a> {
    tables: &'a Tables,
    document: &'a Document,
    problems: Vec<Problem>,
}

/// All that is wrong between the tables.
pub(crate) fn check(tables: &Tables, document: &Document) -> Vec<Problem> {
    let mut checker = Checker { tables, document, problems: Vec::new() };
    checker.ids();
    checker.time_and_rules();
    checker.leaves();
    checker.parties();
    checker.sites();
    checker.links();
    checker.suppliers();
    checker.controls();
    checker.events();
    checker.reserves_and_projects();
    checker.problems
}

impl<'a> Checker<'a> {
    fn add(&mut self, path: &[&str], message: String, help: Option<String>) {
        let path: Vec<String> = path.iter().map(|&s| s.to_owned()).collect();
        let at = self.document.locate(&path);
        self.problems.push(self.document.problem_at(Some(at), join_path(&path), message, help));
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
        tables.leaves(&mut Vec::new(), Domain::Any, &Origin::default(), &mut |path, leaf, domain, _| {
            if let Some((message, help)) = leaf_fault(leaf, domain, &tables.assumptions, path) {
                found.push((path.to_vec(), message, help));
            }
        });
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
        let known: Vec<String> = owner.keys().map(|c| (*c).to_owned()).collect();
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
        if self.tables.sites.is_empty() {
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

    fn links(&mut self) {
        let t = self.tables;
        let known_sites: Vec<&String> = t.sites.keys().chain(t.reserves.keys()).collect();
        for (id, link) in &t.links {
            let path = ["links", id.as_str()];
            let Some((from, to, commodity)) = split_link(id) else {
                self.add(
                    &path,
                    format!("`{id}` does not name a link"),
                    Some("write \"from>to:commodity\"".into()),
                );
                continue;
            };
            match (t.sites.get(from), t.reserves.get(from)) {
                (Some(site), _) if !site.outputs.contains_key(commodity) => self.unknown(
                    &path,
                    &format!("output of site `{from}` called"),
                    commodity,
                    site.outputs.keys(),
                ),
                (None, Some(r)) if r.commodity != commodity => self.unknown(
                    &path,
                    &format!("commodity in reserve `{from}` called"),
                    commodity,
                    [&r.commodity],
                ),
                (None, None) => self.unknown(&path, "site", from, known_sites.iter().copied()),
                _ => {}
            }
            match (t.sites.get(to), t.reserves.get(to)) {
                (Some(site), _) if !site.inputs.contains_key(commodity) => self.unknown(
                    &path,
                    &format!("input of site `{to}` called"),
                    commodity,
                    site.inputs.keys(),
                ),
                (None, Some(r)) if r.commodity != commodity => self.unknown(
                    &path,
                    &format!("commodity in reserve `{to}` called"),
                    commodity,
                    [&r.commodity],
                ),
                (None, None) => self.unknown(&path, "site", to, known_sites.iter().copied()),
                _ => {}
            }
            self.lane_kind(id, link, t.reserves.contains_key(from), t.reserves.contains_key(to));
            match link.lead_time_days.as_number() {
                None => self.add(
                    &["links", id, "lead_time_days"],
                    "a lead time is a number, not a range".into(),
                    Some("write lead_time_days = 14; take several scenarios for several lead times".into()),
                ),
                Some(days) if days > LEAD_LIMIT => self.add(
                    &["links", id, "lead_time_days"],
                    format!("a lead time of {days} days"),
                    Some(format!("give at most {LEAD_LIMIT}, ten years")),
                ),
                Some(_) => {}
            }
        }
    }

    fn lane_kind(&mut self, id: &str, link: &Link, from_reserve: bool, to_reserve: bool) {
        let given: Vec<&str> = [
            ("share", link.share.is_some()),
            ("volume_per_year", link.volume_per_year.is_some()),
            ("contingent_volume_per_year", link.contingent_volume_per_year.is_some()),
        ]
        .into_iter()
        .filter_map(|(key, there)| there.then_some(key))
        .collect();
        if given.len() > 1 {
            self.add(
                &["links", id],
                format!("it has {}", given.join(" and ")),
                Some("keep one of them".into()),
            );
        }
        let allowed: &[&str] = match (from_reserve, to_reserve) {
            (true, true) => {
                self.add(
                    &["links", id],
                    "a link between two reserves".into(),
                    Some("link each to a site".into()),
                );
                return;
            }
            (true, false) => &[],
            (false, true) => &["contingent_volume_per_year"],
            (false, false) => return self.surge(id, link, link.contingent_volume_per_year.is_some()),
        };
        for key in given.iter().filter(|k| !allowed.contains(k)) {
            self.add(
                &["links", id, key],
                format!("a lane {} a reserve has no `{key}`", if from_reserve { "from" } else { "to" }),
                Some("leave it out: the reserve's own rates hold".into()),
            );
        }
        if !from_reserve {
            self.surge(id, link, true);
        } else if link.surge_limit.is_some() {
            self.add(
                &["links", id, "surge_limit"],
                "a lane from a reserve has no `surge_limit`".into(),
                Some("leave it out: `release_rate` limits it".into()),
            );
        }
    }

    /// A contingent lane is limited; any other carries at least its baseline volume.
    fn surge(&mut self, id: &str, link: &Link, contingent: bool) {
        let path = ["links", id, "surge_limit"];
        match (&link.surge_limit, contingent) {
            (Some(SurgeLimit::Unlimited), true) => self.add(
                &path,
                "a contingent lane cannot be unlimited".into(),
                Some("give a multiple of its nominal volume".into()),
            ),
            (Some(SurgeLimit::Multiple(leaf)), false) => {
                let names: Vec<String> = path.iter().map(|&s| s.to_owned()).collect();
                let fault = |domain| leaf_fault(leaf, domain, &self.tables.assumptions, &names);
                // What is no limit at all has been reported with the other leaves.
                if let (None, Some((message, help))) = (fault(Domain::NonNegative), fault(Domain::AtLeastOne))
                {
                    self.add(&path, format!("{message}: the lane carries its baseline volume"), help);
                }
            }
            _ => {}
        }
    }

    /// Every input has a supplier, and its shares can sum to one.
    fn suppliers(&mut self) {
        let mut lanes: IndexMap<(&str, &str), Vec<(&str, &Link)>> = IndexMap::new();
        for (id, link) in &self.tables.links {
            if let Some((from, to, commodity)) = split_link(id)
                && self.tables.sites.contains_key(from)
            {
                lanes.entry((to, commodity)).or_default().push((id, link));
            }
        }
        for (site, commodity) in
            self.tables.sites.iter().flat_map(|(id, s)| s.inputs.keys().map(move |c| (id, c)))
        {
            let Some(lanes) = lanes.get(&(site.as_str(), commodity.as_str())) else {
                self.add(&["sites", site, "inputs", commodity], "the input has no supplier".into(), Some(format!("add a link such as \"SITE>{site}:{commodity}\"; an import from outside the network is a cost, not an input")));
                continue;
            };
            self.shares(site, commodity, lanes);
        }
    }

    fn shares(&mut self, site: &str, commodity: &str, lanes: &[(&str, &Link)]) {
        let weighted = || {
            lanes
                .iter()
                .filter(|(_, l)| l.volume_per_year.is_none() && l.contingent_volume_per_year.is_none())
        };
        let fixed: f64 = weighted().filter_map(|(_, l)| l.share.as_ref().and_then(Leaf::as_number)).sum();
        let drawn =
            weighted().filter(|(_, l)| l.share.as_ref().is_some_and(|s| s.as_number().is_none())).count();
        let rest = weighted().filter(|(_, l)| l.share.is_none()).count();
        let Some((first, _)) = weighted().next() else { return };
        let path = ["links", first];
        let place = format!("input `{commodity}` of site `{site}`");
        if rest == 0 && drawn == 0 && (fixed - 1.0).abs() > SHARE_TOLERANCE {
            self.add(
                &path,
                format!("the shares of {place} sum to {}", rounded(fixed)),
                Some("let them sum to 1, or leave one out to take the rest".into()),
            );
        } else if fixed > 1.0 + SHARE_TOLERANCE {
            self.add(
                &path,
                format!("the fixed shares of {place} sum to {}", rounded(fixed)),
                Some("let them sum to at most 1".into()),
            );
        } else if rest == 0 && drawn > 0 && fixed == 0.0 {
            self.add(
                &path,
                format!("all shares of {place} are drawn, so they cannot sum to 1"),
                Some("leave one lane without a share to take the rest".into()),
            );
        }
    }

    fn controls(&mut self) {
        let countries: IndexSet<String> = self
            .tables
            .sites
            .values()
            .map(|s| s.country.clone())
            .chain(self.tables.reserves.values().map(|r| r.country.clone()))
            .collect();
        for (id, control) in &self.tables.controls {
            for (key, list) in [("exporters", &control.exporters), ("importers", &control.importers)] {
                for (k, country) in list.iter().enumerate() {
                    if !countries.contains(country) {
                        self.unknown(
                            &["controls", id, key, &k.to_string()],
                            "site in country",
                            country,
                            &countries,
                        );
                    }
                }
                if list.is_empty() {
                    self.add(
                        &["controls", id, key],
                        "the list is empty".into(),
                        Some("name a country".into()),
                    );
                }
            }
            for (k, commodity) in control.commodities.iter().flatten().enumerate() {
                if !self.tables.commodities.contains_key(commodity) {
                    self.unknown(
                        &["controls", id, "commodities", &k.to_string()],
                        "commodity",
                        commodity,
                        self.tables.commodities.keys(),
                    );
                }
            }
            let days: Vec<f64> = control.phases.iter().filter_map(|p| p.after_days.as_number()).collect();
            if days.len() < control.phases.len() {
                self.add(
                    &["controls", id, "phases"],
                    "a phase begins on a drawn day".into(),
                    Some("give `after_days` as numbers; let onset, duration and severities be drawn".into()),
                );
            } else if days.windows(2).any(|w| w[1] <= w[0]) {
                self.add(
                    &["controls", id, "phases"],
                    "the phases are not in the order of their days".into(),
                    Some("sort them by `after_days`".into()),
                );
            }
        }
    }

    fn events(&mut self) {
        for (id, event) in &self.tables.events {
            for (k, site) in event.sites.iter().enumerate() {
                if !self.tables.sites.contains_key(site) {
                    self.unknown(
                        &["events", id, "sites", &k.to_string()],
                        "site",
                        site,
                        self.tables.sites.keys(),
                    );
                }
            }
            if event.sites.is_empty() {
                self.add(&["events", id, "sites"], "the list is empty".into(), Some("name a site".into()));
            }
            self.event_shape(id, event);
            for (k, commodity) in event.commodities.iter().flatten().enumerate() {
                let path = ["events", id, "commodities", &k.to_string()];
                if event.target == Target::Capacity {
                    self.add(
                        &path,
                        "a capacity has no commodity".into(),
                        Some("leave out `commodities`, or set `target`".into()),
                    );
                    continue;
                }
                let has = |s: &String| {
                    self.tables.sites.get(s).is_some_and(|s| match event.target {
                        Target::Use => s.inputs.contains_key(commodity),
                        _ => s.outputs.contains_key(commodity),
                    })
                };
                if !event.sites.iter().any(has) {
                    let part = if event.target == Target::Use { "input" } else { "output" };
                    self.add(&path, format!("none of the sites has the {part} `{commodity}`"), None);
                }
            }
        }
    }

    fn event_shape(&mut self, id: &str, event: &Event) {
        let timed = [
            ("start_days", event.start_days.is_some()),
            ("duration_days", event.duration_days.is_some()),
            ("severity", event.severity.is_some()),
        ];
        if let Some(series) = &event.series {
            for (key, _) in
                timed.iter().chain([&("recovery", event.recovery.is_some())]).filter(|(_, there)| *there)
            {
                self.add(
                    &["events", id, key],
                    format!("an event with a `series` has no `{key}`"),
                    Some("keep one of them".into()),
                );
            }
            if let Some((k, x)) = series.0.iter().enumerate().find(|(_, x)| **x < 0.0) {
                self.add(
                    &["events", id, "series"],
                    format!("entry {} is {x}", k + 1),
                    Some("give what is left, 0 or more".into()),
                );
            }
        } else {
            for (key, _) in timed.iter().filter(|(_, there)| !there) {
                self.add(
                    &["events", id],
                    format!("`{key}` is missing"),
                    Some("give `start_days`, `duration_days` and `severity`, or a `series`".into()),
                );
            }
        }
    }

    fn reserves_and_projects(&mut self) {
        let t = self.tables;
        for (id, reserve) in &t.reserves {
            if !t.commodities.contains_key(&reserve.commodity) {
                self.unknown(
                    &["reserves", id, "commodity"],
                    "commodity",
                    &reserve.commodity,
                    t.commodities.keys(),
                );
            }
            let ends: Vec<_> = t.links.keys().filter_map(|l| split_link(l)).collect();
            if !ends.iter().any(|(from, ..)| from == id) {
                self.add(
                    &["reserves", id],
                    "nobody draws on it".into(),
                    Some(format!("add a link \"{id}>SITE:{}\"", reserve.commodity)),
                );
            }
            if reserve.refill_rate.as_number() != Some(0.0) && !ends.iter().any(|(_, to, _)| to == id) {
                self.add(
                    &["reserves", id, "refill_rate"],
                    "nobody refills it".into(),
                    Some(format!("add a link \"SITE>{id}:{}\"", reserve.commodity)),
                );
            }
        }
        let mut built: IndexSet<&str> = IndexSet::new();
        for (id, project) in &t.projects {
            let path = ["projects", id, "site"];
            match t.sites.get(&project.site) {
                None => self.unknown(&path, "site", &project.site, t.sites.keys()),
                Some(site) if site.capacity_per_year.is_some() => {
                    self.add(
                        &path,
                        format!("site `{}` has a capacity of its own", project.site),
                        Some("leave out its `capacity_per_year`".into()),
                    );
                }
                Some(_) if !built.insert(&project.site) => {
                    self.add(
                        &path,
                        format!("site `{}` is built by another project too", project.site),
                        Some("give each project a site".into()),
                    );
                }
                Some(_) => {}
            }
        }
    }
}

/// The role of output number `k` that gives none.
pub(crate) fn default_role(k: usize) -> Role {
    if k == 0 { Role::Driving } else { Role::ByProduct }
}

fn leaf_fault(
    leaf: &Leaf,
    domain: Domain,
    assumptions: &IndexMap<String, Leaf>,
    path: &[String],
) -> Option<(String, Option<String>)> {
    let range = |value: &LeafValue| match value {
        LeafValue::Number(x) => Some((*x, *x)),
        LeafValue::Distribution(d) => Some(d.support()),
        LeafValue::Assumption { .. } => None,
    };
    let (a, b) = match &leaf.value {
        LeafValue::Assumption { id, times, plus } => {
            if path.first().is_some_and(|s| s == "assumptions") {
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
            (plus + times * a, plus + times * b)
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

/// A sum of shares, without the noise of adding them.
fn rounded(share: f64) -> f64 {
    (share * 1e9).round() / 1e9
}
