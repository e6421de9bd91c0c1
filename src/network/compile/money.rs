//! Costs of answers, and payment ahead on lanes.

use super::Quantities;
use super::nodes::Nodes;
use crate::network::{
    Cost, CostOn, DAYS_PER_YEAR, IndexVec, Ix, Lane, LaneIx, Param, PartyIx, Payment, Reserve, ReserveIx,
    Site,
};
use crate::scenario::{Leaf, Link, Tables};

/// The network that money is counted in.
pub(super) struct Money<'a> {
    pub(super) t: &'a Tables,
    pub(super) nodes: &'a Nodes,
    pub(super) lanes: &'a IndexVec<LaneIx, Lane>,
}

impl<'a> Money<'a> {
    /// Lanes whose links say something about money, with the links.
    fn lanes_with(&self, keep: fn(&Link) -> bool) -> Vec<(LaneIx, &'a str, &'a Link)> {
        let links = &self.t.links;
        // There can be millions of lanes, and mostly none is concerned.
        if !links.values().any(keep) {
            return Vec::new();
        }
        let link = |lane: &Lane| {
            let (commodity, _) =
                self.t.commodities.get_index(self.nodes.inputs[lane.input].commodity.at())?;
            let (seller, buyer) = self.ends(lane);
            links.get_key_value(&format!("{}>{}:{commodity}", seller.id, buyer.id))
        };
        // A way round a control has the ends of its link, but not its terms.
        let own = self.lanes.pairs().filter(|(_, lane)| lane.via.is_none());
        let all = own.filter_map(|(e, lane)| link(lane).map(|(id, l)| (e, id, l)));
        all.filter(|(.., l)| keep(l)).map(|(e, id, l)| (e, id.as_str(), l)).collect()
    }

    /// Seller and buyer.
    fn ends(&self, lane: &Lane) -> (&'a Site, &'a Site) {
        let Nodes { sites, inputs, outputs, .. } = self.nodes;
        (&sites[outputs[lane.output].site], &sites[inputs[lane.input].site])
    }

    /// Costs that are counted step by step: premiums of suppliers and projects, and the holding of reserves.
    pub(super) fn costs(
        &self,
        reserves: &IndexVec<ReserveIx, Reserve>,
        step_days: f64,
        q: &mut Quantities<'_>,
    ) -> Vec<Cost> {
        let mut costs = Vec::new();
        let mut add = |path: [&str; 3], leaf: Option<&Leaf>, scale: f64, party: PartyIx, on: CostOn| {
            if let Some(leaf) = leaf {
                let per_unit = q.param(&path, leaf).scaled(scale);
                costs.push(Cost { party, per_unit, times: Param::known(1.0), on });
            }
        };
        for (e, id, link) in self.lanes_with(|l| l.premium_per_unit.is_some()) {
            let path = ["links", id, "premium_per_unit"];
            let buyer = self.ends(&self.lanes[e]).1.party;
            add(path, link.premium_per_unit.as_ref(), 1.0, buyer, CostOn::Lane(e));
        }
        for (id, project) in &self.t.projects {
            if project.premium_per_unit.is_none() {
                continue;
            }
            if let Some(n) = self.nodes.sites.find(|s| s.id == project.site) {
                let path = ["projects", id, "premium_per_unit"];
                let leaf = project.premium_per_unit.as_ref();
                add(path, leaf, 1.0, self.nodes.sites[n].party, CostOn::Site(n));
            }
        }
        for ((id, reserve), compiled) in self.t.reserves.iter().zip(reserves) {
            let site = &self.nodes.sites[compiled.site];
            let path = ["reserves", id, "carrying_cost_per_unit_year"];
            let leaf = reserve.carrying_cost_per_unit_year.as_ref();
            add(path, leaf, step_days / DAYS_PER_YEAR, site.party, CostOn::Stock(site.outputs.start));
        }
        // Ways round a control cost a share of the price.
        for (e, lane) in self.lanes.pairs().filter(|_| !self.t.reexports.is_empty()) {
            let Some((id, r)) = lane.via.and_then(|via| self.t.reexports.get_index(via.at())) else {
                continue;
            };
            let quoted = self.t.commodities.get_index(self.nodes.inputs[lane.input].commodity.at());
            let Some((commodity, market)) = quoted.and_then(|(id, c)| Some((id, c.market.as_ref()?))) else {
                continue;
            };
            let price = ["commodities", commodity, "market", "price_per_unit"];
            costs.push(Cost {
                party: self.ends(lane).1.party,
                per_unit: q.param(&["reexports", id, "premium_share"], &r.premium_share),
                times: q.param(&price, &market.price_per_unit),
                on: CostOn::Lane(e),
            });
        }
        costs
    }

    /// Payment ahead, lane by lane.
    pub(super) fn payments(&self, step_days: f64, steps: usize, q: &mut Quantities<'_>) -> Vec<Payment> {
        let mut payments = Vec::new();
        for (e, id, link) in self.lanes_with(|l| l.payment.is_some()) {
            let lane = &self.lanes[e];
            let quoted = self.t.commodities.get_index(self.nodes.inputs[lane.input].commodity.at());
            let Some((commodity, market)) = quoted.and_then(|(id, c)| Some((id, c.market.as_ref()?))) else {
                continue;
            };
            let Some(terms) = &link.payment else { continue };
            let (seller, buyer) = self.ends(lane);
            let path = ["commodities", commodity, "market", "price_per_unit"];
            let price = q.param(&path, &market.price_per_unit);
            let mut param = |key: &'static str, leaf: &Leaf| q.param(&["links", id, "payment", key], leaf);
            let mut payment = Payment {
                lane: e,
                seller: seller.party,
                buyer: buyer.party,
                price,
                prepaid_share: param("prepaid_share", &terms.prepaid_share),
                prepaid_days: param("prepaid_days", &terms.prepaid_days),
                refundable: terms.refundable,
                cancellable: terms.cancellable,
                insured_share: param("insured_share", &terms.insured_share),
                insurance_premium: param("insurance_premium", &terms.insurance_premium),
                collateral_share: param("collateral_share", &terms.collateral_share),
                window: 0,
            };
            payment.window = window(longest(payment.prepaid_days, q) / step_days, steps);
            payments.push(payment);
        }
        payments
    }
}

/// The most a parameter can be.
pub(super) fn longest(param: Param, q: &Quantities<'_>) -> f64 {
    let support = param.draw.and_then(|d| q.draws.get_index(d.at())).map(|(_, (_, law))| law.support());
    let (low, high) = support.unwrap_or((0.0, 0.0));
    let at = |x: f64| if param.times == 0.0 { param.plus } else { param.plus + param.times * x };
    f64::max(at(low), at(high))
}

/// Steps whose agreements are kept, where goods are paid for `ahead` steps before: those of the two steps between
/// which that time lies, and all after. Agreements from before the start are known.
fn window(ahead: f64, steps: usize) -> usize {
    // A time beyond all steps, or without bound, is as good as all of them.
    f64::min(ahead, steps as f64).floor() as usize + 2
}
