//! Links, and the inputs they feed.

use super::{Checker, final_demand_class, leaf_fault, range};
use crate::scenario::forms::SurgeLimit;
use crate::scenario::leaf::Leaf;
use crate::scenario::problem::{EntryFault, NetworkFault, ProblemKind};
use crate::scenario::rule::Domain;
use crate::scenario::types::{Link, split_link};
use indexmap::IndexMap;

/// How far fixed shares of an input may be off a sum of one.
const SHARE_TOLERANCE: f64 = 1e-6;
/// Longest lead time [days]: what is under way is kept step by step.
pub(super) const LEAD_LIMIT: f64 = 3_650.0;

impl Checker<'_> {
    pub(super) fn links(&mut self) {
        let t = self.tables;
        let known_sites: Vec<&String> = t.sites.keys().chain(t.reserves.keys()).collect();
        // Inputs numbered in the order of the sites: there can be millions.
        let mut first = Vec::with_capacity(t.sites.len());
        let mut count = 0;
        for site in t.sites.values() {
            first.push(count);
            count += site.inputs.len();
        }
        self.feeds.reserve_exact(t.links.len());
        // Outputs that lanes across a border lead from while final demand for them waits for all orders, with such a lane.
        let mut left_over: IndexMap<(&str, &str), &str> = IndexMap::new();
        // Links of one buyer mostly stand together.
        let mut last = ("", None);
        for (number, (id, link)) in t.links.iter().enumerate() {
            let path = ["links", id.as_str()];
            let Some((from, to, commodity)) = split_link(id) else {
                self.add(&path, NetworkFault::NoLink { id: id.clone() });
                continue;
            };
            let seller = t.sites.get(from);
            if last.0 != to {
                last = (to, t.sites.get_full(to));
            }
            let buyer = last.1;
            if let (Some(_), Some((n, _, site))) = (seller, buyer)
                && let Some(input) = site.inputs.get_index_of(commodity)
            {
                self.feeds.push((first[n] + input, number));
            }
            if let Some(end) = [from, to].into_iter().find(|end| self.industry.contains_key(end)) {
                self.add(&path, NetworkFault::LinkOfTable { site: end.to_owned() });
                continue;
            }
            match (seller, t.reserves.get(from)) {
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
            match (buyer, t.reserves.get(to)) {
                (Some((.., site)), _) if !site.inputs.contains_key(commodity) => self.unknown(
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
            let home = match buyer {
                Some((.., site)) => Some(&site.country),
                None => t.reserves.get(to).map(|reserve| &reserve.country),
            };
            if let (Some(site), Some(country)) = (seller, home)
                && site.country != *country
                && let Some(output) = site.outputs.get(commodity)
                && output.final_demand_per_year.as_number() != Some(0.0)
                && final_demand_class(&t.rules, site, output).is_none()
            {
                left_over.entry((from, commodity)).or_insert(id);
            }
            let ends = [t.reserves.contains_key(from), t.reserves.contains_key(to)];
            self.lane_kind(id, link, ends[0], ends[1]);
            if link.payment.is_some() {
                self.payment(id, link, ends, commodity);
            }
            let path = ["links", id, "lead_time_days"];
            // Goods under way do not outlast the horizon, so a distribution without bounds will do.
            match range(&link.lead_time_days, t) {
                Some([_, days]) if days.is_finite() && days > LEAD_LIMIT => {
                    self.add(&path, NetworkFault::LeadTime { days, limit: LEAD_LIMIT });
                }
                _ => {}
            }
        }
        if let Some((&(site, commodity), lane)) = left_over.first() {
            let outputs =
                left_over.keys().map(|(site, commodity)| format!("{commodity} of {site}")).collect();
            let doubt = NetworkFault::FinalDemandLast { outputs, lane: (*lane).to_owned() };
            self.doubt(&["sites", site, "outputs", commodity], doubt);
        }
    }

    /// Money is paid ahead for an agreed volume at a price.
    fn payment(&mut self, id: &str, link: &Link, reserves: [bool; 2], commodity: &str) {
        let path = ["links", id, "payment"];
        if reserves != [false; 2] || link.contingent_volume_per_year.is_some() {
            self.add(&path, NetworkFault::NothingPaidAhead);
        }
        if self.tables.commodities.get(commodity).is_some_and(|c| c.market.is_none()) {
            self.add(&path, NetworkFault::NoPrice { commodity: commodity.to_owned() });
        }
    }

    fn lane_kind(&mut self, id: &str, link: &Link, from_reserve: bool, to_reserve: bool) {
        let given: Vec<&'static str> = [
            ("share", link.share.is_some()),
            ("volume_per_year", link.volume_per_year.is_some()),
            ("contingent_volume_per_year", link.contingent_volume_per_year.is_some()),
        ]
        .into_iter()
        .filter_map(|(key, there)| there.then_some(key))
        .collect();
        if given.len() > 1 {
            self.add(&["links", id], NetworkFault::SeveralFlows { keys: given.clone() });
        }
        let allowed: &[&str] = match (from_reserve, to_reserve) {
            (true, true) => {
                self.add(&["links", id], NetworkFault::BetweenReserves);
                return;
            }
            (true, false) => &[],
            (false, true) => &["contingent_volume_per_year"],
            (false, false) => return self.surge(id, link, link.contingent_volume_per_year.is_some()),
        };
        for key in given.iter().filter(|k| !allowed.contains(k)) {
            self.add(&["links", id, key], NetworkFault::ReserveFlow { key, from: from_reserve });
        }
        if !from_reserve {
            self.surge(id, link, true);
        } else if link.surge_limit.is_some() {
            self.add(&["links", id, "surge_limit"], NetworkFault::ReserveSurge);
        }
    }

    /// A contingent lane is limited; any other carries at least its baseline volume.
    fn surge(&mut self, id: &str, link: &Link, contingent: bool) {
        let path = ["links", id, "surge_limit"];
        match (&link.surge_limit, contingent) {
            (Some(SurgeLimit::Unlimited), true) => self.add(&path, NetworkFault::UnlimitedContingent),
            (Some(SurgeLimit::Multiple(leaf)), false) => {
                let fault = |domain| leaf_fault(leaf, domain, self.tables, false, &self.suggestions);
                // What is no limit at all has been reported with the other leaves.
                if let (None, Some(ProblemKind::Entry(EntryFault::OutOfRange { low, high, .. }))) =
                    (fault(Domain::NonNegative), fault(Domain::AtLeastOne))
                {
                    self.add(&path, EntryFault::BelowBaseline { low, high });
                }
            }
            _ => {}
        }
    }

    /// Every input has a supplier, and its shares can sum to one.
    pub(super) fn suppliers(&mut self) {
        let t = self.tables;
        let mut links = std::mem::take(&mut self.feeds);
        links.sort_unstable();
        let mut links = links.chunk_by(|a, b| a.0 == b.0).peekable();
        let inputs = t.sites.iter().flat_map(|(id, s)| s.inputs.keys().map(move |c| (id, c)));
        let mut lanes = Vec::new();
        for (number, (site, commodity)) in inputs.enumerate() {
            lanes.clear();
            if let Some(own) = links.next_if(|own| own.first().is_some_and(|l| l.0 == number)) {
                lanes.extend(
                    own.iter().filter_map(|l| t.links.get_index(l.1)).map(|(id, l)| (id.as_str(), l)),
                );
            }
            if lanes.is_empty() {
                let fault = NetworkFault::NoSupplier { site: site.clone(), commodity: commodity.clone() };
                self.add(&["sites", site, "inputs", commodity], fault);
                continue;
            }
            self.shares(site, commodity, &lanes);
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
        let sum = rounded(fixed);
        let (site, commodity) = (site.to_owned(), commodity.to_owned());
        if rest == 0 && drawn == 0 && (fixed - 1.0).abs() > SHARE_TOLERANCE {
            self.add(&path, NetworkFault::Shares { site, commodity, sum, over: false });
        } else if fixed > 1.0 + SHARE_TOLERANCE {
            self.add(&path, NetworkFault::Shares { site, commodity, sum, over: true });
        } else if rest == 0 && drawn > 0 && fixed == 0.0 {
            self.add(&path, NetworkFault::SharesDrawn { site, commodity });
        }
    }
}

/// A sum of shares, without the noise of adding them.
fn rounded(share: f64) -> f64 {
    (share * 1e9).round() / 1e9
}
