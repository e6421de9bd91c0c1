//! What the loop needs to know of the network, in as few bytes as it takes, in the order it is walked.
//!
//! What a site, an input or a lane does not use is left out here, once, and not asked for in every step.

use crate::model::{Lane, Model, Param};
use crate::scenario::{Ordering, Overtime, Rationing, Weights};
use std::ops::Range;

/// Numbers of slots: a network has fewer than 2³² of anything.
pub(crate) type Slot = u32;

/// A stretch of slots.
pub(crate) type Slots = Range<Slot>;

#[derive(Debug, Clone)]
pub(crate) struct SitePlan {
    pub(crate) inputs: Slots,
    pub(crate) outputs: Slots,
    pub(crate) groups: u32,
    pub(crate) followed: bool,
    /// Only where overtime can be worked at all.
    pub(crate) overtime: Option<Overtime>,
    pub(crate) ordering: Ordering,
    pub(crate) weights: Weights,
    pub(crate) rationing: Rationing,
    pub(crate) is_reserve: bool,
    /// Whether any stock must last for more than the step at hand.
    pub(crate) threshold: bool,
    /// Its inputs whose use moves.
    pub(crate) moving: Vec<Slot>,
    /// Whether its orders renew what was used.
    pub(crate) renews: bool,
}

/// How the orders of an input are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Placing {
    /// By planned shares that never change, over lanes without a limit.
    Shares,
    /// By the rules at large.
    Offers,
}

#[derive(Debug, Clone)]
pub(crate) struct InputPlan {
    pub(crate) lanes: Slots,
    /// Where the contingent lanes and those from reserves begin.
    pub(crate) contingent: Slot,
    pub(crate) reserve: Slot,
    pub(crate) site: Slot,
    pub(crate) group: u32,
    pub(crate) commodity: u32,
    pub(crate) placing: Placing,
    /// Whether the stock must last for more than the step at hand.
    pub(crate) threshold: bool,
    /// Lead time less one of all lanes, if it is the same.
    pub(crate) delay: Option<u32>,
    /// First of its lanes among the watched ones.
    pub(crate) watched: Option<Slot>,
    /// Controls that its buyer knows, as a range of [`Plan::known`].
    pub(crate) known: Slots,
}

impl InputPlan {
    pub(crate) fn weighted(&self) -> Range<usize> {
        self.lanes.start as usize..self.contingent as usize
    }
    pub(crate) fn contingent(&self) -> Range<usize> {
        self.contingent as usize..self.reserve as usize
    }
    pub(crate) fn reserves(&self) -> Range<usize> {
        self.reserve as usize..self.lanes.end as usize
    }
}

/// A lane as its buyer sees it. What is ordered stands in the row with its number.
#[derive(Debug, Clone)]
pub(crate) struct LanePlan {
    pub(crate) sent: Sent,
    /// Lead time less one.
    pub(crate) delay: u32,
    /// Passage that its buyer knows; 0 is always open.
    pub(crate) passage: Slot,
    pub(crate) limited: bool,
    /// Site of its supplier, and its project.
    pub(crate) supplier: Slot,
    pub(crate) project: Option<u32>,
}

/// Where a lane keeps what was sent: `L` rows in turn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sent {
    first: Slot,
    /// Number of its lead time among [`Plan::leads`].
    lead: u32,
}

impl Sent {
    /// Its row at a turn of all lead times.
    #[inline(always)]
    pub(crate) fn row(self, turns: &[u32]) -> usize {
        (self.first + turns[self.lead as usize]) as usize
    }

    /// All its rows, given all lead times.
    pub(crate) fn rows(self, leads: &[u32]) -> Range<usize> {
        let first = self.first as usize;
        first..first + leads[self.lead as usize] as usize
    }
}

/// A lane as its supplier sees it.
#[derive(Debug, Clone)]
pub(crate) struct ServedPlan {
    /// Row of what passes of its orders.
    pub(crate) passing: Slot,
    pub(crate) sent: Sent,
    pub(crate) lane: Slot,
}

#[derive(Debug, Clone)]
pub(crate) struct OutputPlan {
    pub(crate) served: Slots,
    pub(crate) tiers: Vec<TierPlan>,
    pub(crate) driving: bool,
    /// Whether any lane keeps what is sent apart from what passes.
    pub(crate) apart: bool,
    /// Whether anything can go to final demand.
    pub(crate) final_demand: bool,
    /// Whether the yield is other than 1.
    pub(crate) yields: bool,
    pub(crate) commodity: u32,
}

#[derive(Debug, Clone)]
pub(crate) struct TierPlan {
    pub(crate) served: Slots,
    pub(crate) final_demand: bool,
}

/// The network as it is walked.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) sites: Vec<SitePlan>,
    pub(crate) inputs: Vec<InputPlan>,
    pub(crate) outputs: Vec<OutputPlan>,
    pub(crate) lanes: Vec<LanePlan>,
    pub(crate) served: Vec<ServedPlan>,
    /// Passages that buyers know, by input.
    pub(crate) known: Vec<Slot>,
    /// The lead times there are [steps].
    pub(crate) leads: Vec<u32>,
    /// Rows of orders, of what passes of them, and of goods in transit.
    pub(crate) flows: usize,
}

fn slot(n: usize) -> Slot {
    Slot::try_from(n).unwrap_or(Slot::MAX)
}

fn slots(range: &Range<usize>) -> Slots {
    slot(range.start)..slot(range.end)
}

fn is_one(param: Param) -> bool {
    param.as_known() == Some(1.0)
}

impl Plan {
    pub(crate) fn new(m: &Model) -> Self {
        let mut plan = Plan {
            sites: Vec::new(),
            inputs: Vec::new(),
            outputs: Vec::new(),
            lanes: Vec::with_capacity(m.lanes.len()),
            served: Vec::with_capacity(m.served.len()),
            known: Vec::new(),
            leads: Vec::new(),
            flows: 0,
        };
        let quotas = m.lanes.iter().filter(|lane| lane.quota.is_some()).count();
        plan.flows = m.lanes.len() + quotas;
        let mut paid = vec![false; if m.payments.is_empty() { 0 } else { m.lanes.len() }];
        for payment in &m.payments {
            paid[payment.lane] = true;
        }
        for (e, lane) in m.lanes.iter().enumerate() {
            let sent = plan.sent(m, e, lane, paid.get(e).copied().unwrap_or(false));
            plan.lanes.push(LanePlan {
                sent,
                delay: slot(lane.lead - 1),
                passage: if m.knows(lane) { slot(lane.passage) } else { 0 },
                limited: lane.surge.is_some(),
                supplier: slot(m.outputs[lane.output].site),
                project: m.sites[m.outputs[lane.output].site].project,
            });
        }
        for &lane in &m.served {
            let e = lane as usize;
            let passing = m.lanes[e].quota.map_or(lane, |q| slot(m.lanes.len()) + q);
            plan.served.push(ServedPlan { passing, sent: plan.lanes[e].sent, lane });
        }
        let mut watched = 0;
        for input in &m.inputs {
            let site = &m.sites[input.site];
            let lanes = &plan.lanes[input.lanes.clone()];
            let first = plan.known.len();
            for lane in lanes.iter().filter(|lane| lane.passage > 0) {
                if !plan.known[first..].contains(&lane.passage) {
                    plan.known.push(lane.passage);
                }
            }
            let weighted = &lanes[..input.weighted().len()];
            let plain = site.weights == Weights::Fixed
                && input.contingent().is_empty()
                && weighted.iter().all(|lane| !lane.limited && lane.passage == 0);
            let delay = lanes.first().map(|lane| lane.delay);
            plan.inputs.push(InputPlan {
                lanes: slots(&input.lanes),
                contingent: slot(input.contingent),
                reserve: slot(input.reserve),
                site: slot(input.site),
                group: slot(input.group),
                commodity: slot(input.commodity),
                placing: if plain { Placing::Shares } else { Placing::Offers },
                threshold: input.threshold.is_some(),
                delay: delay.filter(|delay| lanes.iter().all(|lane| lane.delay == *delay)),
                watched: site.followed.then(|| slot(watched)),
                known: slot(first)..slot(plan.known.len()),
            });
            watched += if site.followed { input.lanes.len() } else { 0 };
        }
        let saves = |i: usize| m.markets.iter().any(|market| market.thrifty && market.inputs.contains(&i));
        let moves = |i: usize| !m.inputs[i].events.is_empty() || saves(i);
        for (n, site) in m.sites.iter().enumerate() {
            plan.sites.push(SitePlan {
                inputs: slots(&site.inputs),
                outputs: slots(&site.outputs),
                groups: slot(site.groups),
                followed: site.followed,
                overtime: (!is_one(site.overtime_max)).then_some(site.overtime),
                ordering: site.ordering,
                weights: site.weights,
                rationing: site.rationing,
                is_reserve: n >= m.active,
                threshold: m.inputs[site.inputs.clone()].iter().any(|input| input.threshold.is_some()),
                moving: site.inputs.clone().filter(|&i| moves(i)).map(slot).collect(),
                renews: site.ordering == Ordering::Ario,
            });
        }
        for output in &m.outputs {
            let tier = |tier: &crate::model::Tier| TierPlan {
                served: slots(&tier.served),
                final_demand: tier.final_demand,
            };
            plan.outputs.push(OutputPlan {
                served: slots(&output.served()),
                tiers: output.tiers.iter().map(tier).collect(),
                driving: output.driving,
                apart: plan.served[output.served()].iter().any(|lane| lane.sent.first != lane.passing),
                final_demand: !output.final_demand.is_zero(),
                yields: !is_one(output.yields),
                commodity: slot(output.commodity),
            });
        }
        plan
    }

    /// Finds rows for what a lane has sent. Where it arrives in the next step, it can stand in the row of the order it
    /// answers, unless somebody asks for both.
    fn sent(&mut self, m: &Model, e: usize, lane: &Lane, paid: bool) -> Sent {
        let input = &m.inputs[lane.input];
        let apart = lane.lead > 1
            || paid
            || lane.quota.is_some()
            || m.sites[input.site].weights == Weights::Experience
            || input.site >= m.active
            || input.reserves().contains(&e);
        let lead = slot(lane.lead);
        let number = self.leads.iter().position(|l| *l == lead).unwrap_or_else(|| {
            self.leads.push(lead);
            self.leads.len() - 1
        });
        let first = if apart { self.flows } else { e };
        self.flows += if apart { lane.lead } else { 0 };
        Sent { first: slot(first), lead: slot(number) }
    }
}
