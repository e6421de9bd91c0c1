//! What the loop needs to know of the network, in as few bytes as it takes, in the order it is walked.
//!
//! What a site, an input or a lane does not use is left out here, once, and not asked for in every step.

use super::constants::{Constants, Rule};
use super::state::moves;
use crate::model::{Input, Model, Param, Site};
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
    /// Lanes of its inputs.
    pub(crate) lanes: Slots,
    /// Rows of constants.
    pub(crate) overtime_max: Slot,
    pub(crate) overtime_gain: Slot,
    pub(crate) smoothing: Slot,
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
    /// Whether [`Plan::usage`] tells what all its inputs are used at.
    pub(crate) fixed: bool,
    /// How it serves its output, if it has only one and that in a simple way.
    pub(crate) serves: Option<Serves>,
    /// Whether its capacity can move, and whether the use of any input can.
    pub(crate) moves: bool,
    pub(crate) use_moves: bool,
}

/// How a site serves its only output, which it does not store, in proportion to what is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Serves {
    /// All orders alike.
    Orders,
    /// All orders alike, and then final demand.
    OrdersFirst,
    /// All orders and final demand alike.
    Alike,
    /// Final demand alone.
    Final,
}

/// How an input orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Its use is known and it takes all it wants over a single open lane from one step to the next.
    Plain,
    /// Its use is known and it has a single lane, which may have a limit, but no control ever bars it.
    Single,
    /// Its use is known, and no limit, control or weight ever concerns its lanes.
    Open,
    /// The same, but for limits.
    Limited,
    /// The same as open, but for weights by what suppliers can make.
    ByCapacity,
    /// Everything else.
    Any,
}

/// An input as its orders are placed.
#[derive(Debug, Clone)]
pub(crate) struct InputPlan {
    pub(crate) lanes: Slots,
    /// Priority class that its first lane is served in.
    pub(crate) tier: Slot,
    /// Rows of constants.
    pub(crate) stock_target: Slot,
    pub(crate) restoration: Slot,
    /// Lead time less one of all lanes; [`MIXED`] if it is not the same.
    pub(crate) delay: u32,
    pub(crate) kind: Kind,
    /// Whether any lane has a limit.
    pub(crate) limited: bool,
    /// Whether [`Plan::usage`] tells its use.
    pub(crate) fixed: bool,
    /// Whether its lanes are counted one by one.
    pub(crate) is_counted: bool,
}

/// Stands for lead times that differ.
pub(crate) const MIXED: u32 = u32::MAX;

/// What limits the use of an input.
#[derive(Debug, Clone)]
pub(crate) struct CutPlan {
    pub(crate) group: u32,
    /// Whether its use per unit of activity moves.
    pub(crate) moves: bool,
    /// Rows of constants.
    pub(crate) throttle: Slot,
    pub(crate) criticality: Slot,
}

/// What else an input has that is not of the simpler kinds.
#[derive(Debug, Clone)]
pub(crate) struct OfferPlan {
    pub(crate) lanes: Slots,
    /// Where the contingent lanes and those from reserves begin.
    pub(crate) contingent: Slot,
    pub(crate) reserve: Slot,
    /// Whether no limit, control or weight ever concerns its lanes.
    pub(crate) open: bool,
    /// Controls that its buyer knows, as a range of [`Plan::known`].
    pub(crate) known: Slots,
    /// First of its lanes among those that are counted one by one.
    pub(crate) counted: Slot,
    /// First of its rows for what the shares and limits of its lanes are at present, if these can move.
    pub(crate) noted: Slot,
    pub(crate) is_noted: bool,
}

impl OfferPlan {
    #[inline(always)]
    pub(crate) fn weighted(&self) -> Range<usize> {
        self.lanes.start as usize..self.contingent as usize
    }
    #[inline(always)]
    pub(crate) fn contingent(&self) -> Range<usize> {
        self.contingent as usize..self.reserve as usize
    }
    #[inline(always)]
    pub(crate) fn reserves(&self) -> Range<usize> {
        self.reserve as usize..self.lanes.end as usize
    }
}

/// A lane as its buyer sees it. What is ordered stands in the row with its number.
#[derive(Debug, Clone)]
pub(crate) struct LanePlan {
    /// Priority class it is served in.
    pub(crate) tier: Slot,
    /// First of its rows of goods in transit, if they take longer than a step.
    ring: Slot,
    /// Lead time less one, and its number among [`Plan::turns`].
    pub(crate) delay: u32,
    turn: Slot,
    pub(crate) limited: bool,
    /// Whether goods are shared out by water-filling, or orders thinned at the supplier.
    pub(crate) special: bool,
}

impl LanePlan {
    /// Row of what arrives next at these turns, which is the row for what is sent now.
    #[inline(always)]
    pub(crate) fn ring(&self, turns: &[u32]) -> usize {
        (self.ring + turns[self.turn as usize]) as usize
    }
}

/// Lanes of a part of the network that take equally long. What they carry in a step lies together, in the order in which
/// they are walked.
#[derive(Debug, Clone)]
pub(crate) struct Turn {
    /// Lead time less one, at least 1.
    pub(crate) delay: u32,
    pub(crate) lanes: u32,
}

/// What few lanes need.
#[derive(Debug, Clone)]
pub(crate) struct LaneTies {
    /// Row of what passes of its orders.
    pub(crate) passing: Slot,
    /// Passage that its buyer knows; 0 is always open.
    pub(crate) passage: Slot,
    /// Site of its supplier, its project, and how it shares out what it has.
    pub(crate) supplier: Slot,
    pub(crate) project: Option<u32>,
    pub(crate) rationing: Rationing,
}

#[derive(Debug, Clone)]
pub(crate) struct OutputPlan {
    pub(crate) served: Slots,
    pub(crate) tiers: Slots,
    pub(crate) driving: bool,
    /// Whether anything can go to final demand, and whether that waits for what it does not get.
    pub(crate) final_demand: bool,
    pub(crate) waits: bool,
    /// Whether any of it can be in stock from one step to the next.
    pub(crate) stored: bool,
    /// Whether the yield is 1.
    pub(crate) unit_yield: bool,
    /// Rows of constants.
    pub(crate) yields: Slot,
    pub(crate) adjustment: Slot,
    pub(crate) waiting: Slot,
    pub(crate) patience: Slot,
}

#[derive(Debug, Clone)]
pub(crate) struct TierPlan {
    pub(crate) served: Slots,
    /// Whether it serves all lanes of its output.
    pub(crate) all: bool,
    /// Whether anything goes to final demand.
    pub(crate) final_demand: bool,
}

/// Where the slots of some sites end.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Ends {
    pub(crate) site: usize,
    pub(crate) input: usize,
    pub(crate) output: usize,
    pub(crate) tier: usize,
    pub(crate) lane: usize,
    pub(crate) ring: usize,
    pub(crate) counted: usize,
    pub(crate) noted: usize,
}

/// The network as it is walked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    pub(crate) sites: Vec<SitePlan>,
    pub(crate) inputs: Vec<InputPlan>,
    pub(crate) cuts: Vec<CutPlan>,
    pub(crate) offers: Vec<OfferPlan>,
    pub(crate) outputs: Vec<OutputPlan>,
    pub(crate) tiers: Vec<TierPlan>,
    pub(crate) lanes: Vec<LanePlan>,
    pub(crate) ties: Vec<LaneTies>,
    /// What suppliers serve: rows of what passes of the orders, and lanes.
    pub(crate) served: Vec<Slot>,
    pub(crate) served_lanes: Vec<Slot>,
    /// `a` by input, where it is known and never moves.
    pub(crate) usage: Vec<f64>,
    /// Passages that buyers know, by input.
    pub(crate) known: Vec<Slot>,
    /// Lanes that take longer than a step, by part and by lead time.
    pub(crate) turns: Vec<Turn>,
    /// Rows of orders and of what passes of them, and rows of goods in transit.
    pub(crate) flows: usize,
    pub(crate) rings: usize,
    /// Lanes whose shares and limits can move.
    pub(crate) noted: usize,
    /// Lanes that are counted one by one.
    pub(crate) counted: Vec<usize>,
    pub(crate) constants: Constants,
    /// Parts of the network that threads take where they share the sites of a trial.
    pub(crate) parts: Vec<Ends>,
}

/// Links from which on it pays to wake another thread for a walk.
pub(crate) const SHARED: usize = 1 << 14;

pub(crate) fn slot(n: usize) -> Slot {
    Slot::try_from(n).unwrap_or(Slot::MAX)
}

fn slots(range: &Range<usize>) -> Slots {
    slot(range.start)..slot(range.end)
}

/// The slots of a stretch.
#[inline(always)]
pub(crate) fn numbers(slots: &Slots) -> Range<usize> {
    slots.start as usize..slots.end as usize
}

fn is_one(param: Param) -> bool {
    param.as_known() == Some(1.0)
}

/// The stretch that those of consecutive items make up.
pub(crate) fn span<T>(items: &[T], of: impl Fn(&T) -> &Slots) -> Slots {
    let (first, last) = (items.first().map(&of), items.last().map(&of));
    first.map_or(0, |slots| slots.start)..last.map_or(0, |slots| slots.end)
}

/// Whether the lanes of an input are counted one by one. What a single lane brings follows from what is used.
pub(crate) fn is_counted(m: &Model, input: &Input) -> bool {
    m.sites[input.site].followed && (input.lanes.len() != 1 || input.weighted().is_empty())
}

fn serves(outputs: &[OutputPlan], tiers: &[TierPlan], site: &Site, is_reserve: bool) -> Option<Serves> {
    let [output] = outputs else { return None };
    if is_reserve || output.stored || !output.driving || site.rationing != Rationing::Proportional {
        return None;
    }
    let only_orders = |tier: &TierPlan| tier.all && !tier.served.is_empty() && !tier.final_demand;
    match &tiers[numbers(&output.tiers)] {
        [tier] if only_orders(tier) => Some(Serves::Orders),
        [tier] if tier.final_demand && tier.served.is_empty() => Some(Serves::Final),
        [tier] if tier.final_demand && tier.all => Some(Serves::Alike),
        [orders, last] if only_orders(orders) && last.served.is_empty() => Some(Serves::OrdersFirst),
        _ => None,
    }
}

impl Plan {
    pub(crate) fn new(m: &Model) -> Self {
        let quotas = m.lanes.iter().filter(|lane| lane.quota.is_some()).count();
        let mut plan = Plan {
            sites: Vec::with_capacity(m.sites.len()),
            inputs: Vec::with_capacity(m.inputs.len()),
            cuts: Vec::with_capacity(m.inputs.len()),
            offers: Vec::with_capacity(m.inputs.len()),
            outputs: Vec::with_capacity(m.outputs.len()),
            tiers: Vec::with_capacity(m.outputs.len()),
            lanes: Vec::with_capacity(m.lanes.len()),
            ties: Vec::with_capacity(m.lanes.len()),
            served: Vec::with_capacity(m.served.len()),
            served_lanes: m.served.clone(),
            usage: Vec::with_capacity(m.inputs.len()),
            known: Vec::new(),
            turns: Vec::new(),
            flows: m.lanes.len() + quotas,
            rings: 0,
            noted: 0,
            counted: Vec::new(),
            constants: Constants::default(),
            parts: Vec::new(),
        };
        let passing = |e: usize| m.lanes[e].quota.map_or(slot(e), |q| slot(m.lanes.len()) + q);
        plan.served.extend(m.served.iter().map(|&e| passing(e as usize)));
        let mut tier_of = vec![0; m.lanes.len()];
        for output in &m.outputs {
            let (first, served) = (slot(plan.tiers.len()), output.served());
            for tier in &output.tiers {
                for &e in &m.served[tier.served.clone()] {
                    tier_of[e as usize] = slot(plan.tiers.len());
                }
                let final_demand = tier.final_demand && !output.final_demand.is_zero();
                if final_demand || !tier.served.is_empty() {
                    let all = tier.served == served;
                    plan.tiers.push(TierPlan { served: slots(&tier.served), all, final_demand });
                }
            }
            plan.outputs.push(OutputPlan {
                served: slots(&served),
                tiers: first..slot(plan.tiers.len()),
                driving: output.driving,
                final_demand: !output.final_demand.is_zero(),
                waits: !output.waiting.is_zero(),
                stored: output.site >= m.active
                    || !output.target_days.is_zero()
                    || output.limit_days.is_some_and(|days| !days.is_zero()),
                unit_yield: is_one(output.yields),
                yields: plan.constants.of(Rule::Value, output.yields),
                adjustment: plan.constants.of(Rule::Gain, output.adjustment_days),
                waiting: plan.constants.of(Rule::Value, output.waiting),
                patience: plan.constants.of(Rule::Patience, output.cancellation),
            });
        }
        for (e, lane) in m.lanes.iter().enumerate() {
            let supplier = m.outputs[lane.output].site;
            let rationing = m.sites[supplier].rationing;
            let delay = slot(lane.lead - 1);
            plan.lanes.push(LanePlan {
                tier: tier_of[e],
                ring: 0,
                delay,
                turn: 0,
                limited: lane.surge.is_some(),
                special: lane.quota.is_some() || rationing == Rationing::WaterFilling,
            });
            plan.ties.push(LaneTies {
                passing: passing(e),
                passage: if m.knows(lane) { slot(lane.passage) } else { 0 },
                supplier: slot(supplier),
                project: m.sites[supplier].project,
                rationing,
            });
        }
        let mut uses_move: Vec<bool> = m.inputs.iter().map(|input| !input.events.is_empty()).collect();
        for market in m.markets.iter().filter(|market| market.thrifty) {
            market.inputs.iter().for_each(|&i| uses_move[i] = true);
        }
        for (input, moves) in m.inputs.iter().zip(&uses_move) {
            plan.input(m, input, *moves);
        }
        for (n, site) in m.sites.iter().enumerate() {
            let inputs = &m.inputs[site.inputs.clone()];
            let use_moves = &uses_move[site.inputs.clone()];
            plan.sites.push(SitePlan {
                inputs: slots(&site.inputs),
                outputs: slots(&site.outputs),
                lanes: span(&plan.inputs[site.inputs.clone()], |input| &input.lanes),
                overtime_max: plan.constants.of(Rule::Value, site.overtime_max),
                overtime_gain: plan.constants.of(Rule::Gain, site.overtime_days),
                smoothing: plan.constants.of(Rule::Gain, site.smoothing_days),
                groups: slot(site.groups),
                followed: site.followed,
                overtime: (!is_one(site.overtime_max)).then_some(site.overtime),
                ordering: site.ordering,
                weights: site.weights,
                rationing: site.rationing,
                is_reserve: n >= m.active,
                threshold: inputs.iter().any(|input| input.threshold.is_some()),
                fixed: inputs.iter().zip(use_moves).all(|(i, moves)| i.usage.as_known().is_some() && !moves),
                serves: serves(&plan.outputs[site.outputs.clone()], &plan.tiers, site, n >= m.active),
                moves: moves(site),
                use_moves: use_moves.contains(&true),
            });
        }
        plan.divide(SHARED);
        plan
    }

    /// Divides the sites into parts of so many links or the next more.
    pub(crate) fn divide(&mut self, links: usize) {
        self.parts.clear();
        self.turns.clear();
        self.rings = 0;
        let (mut lane, mut begun) = (0, 0);
        for (n, site) in self.sites.iter().enumerate() {
            let inputs = &self.inputs[numbers(&site.inputs)];
            lane = inputs.last().map_or(lane, |input| input.lanes.end as usize);
            let ends = n + 1 == self.sites.len();
            if ends || lane - begun >= links {
                line_up(&mut self.lanes[begun..lane], &mut self.turns, &mut self.rings);
                begun = lane;
                let (input, output) = (site.inputs.end as usize, site.outputs.end as usize);
                self.parts.push(Ends {
                    site: n + 1,
                    input,
                    output,
                    tier: self.outputs[..output].last().map_or(0, |output| output.tiers.end as usize),
                    lane,
                    ring: self.rings,
                    counted: self.counted.partition_point(|e| *e < lane),
                    noted: self.offers.get(input).map_or(self.noted, |offer| offer.noted as usize),
                });
            }
        }
    }

    /// Adds an input, whose lanes are there.
    fn input(&mut self, m: &Model, input: &Input, moves: bool) {
        let site = &m.sites[input.site];
        let (lanes, ties) = (&self.lanes[input.lanes.clone()], &self.ties[input.lanes.clone()]);
        let first = self.known.len();
        for tie in ties.iter().filter(|tie| tie.passage > 0) {
            if !self.known[first..].contains(&tie.passage) {
                self.known.push(tie.passage);
            }
        }
        let only_weighted = lanes.len() == input.weighted().len();
        let unbarred = input.contingent().is_empty()
            && ties[..input.weighted().len()].iter().all(|tie| tie.passage == 0);
        let limited = lanes[..input.weighted().len()].iter().any(|lane| lane.limited);
        let open = unbarred && !limited && site.weights == Weights::Fixed;
        let delay = lanes.first().map_or(MIXED, |lane| lane.delay);
        let delay = if lanes.iter().all(|lane| lane.delay == delay) { delay } else { MIXED };
        let usage = input.usage.as_known().filter(|_| !moves);
        let simple = unbarred && only_weighted && usage.is_some() && !lanes.iter().any(|lane| lane.special);
        let kind = match lanes.len() {
            1 if simple && open && delay == 0 => Kind::Plain,
            1 if simple && site.weights == Weights::Fixed => Kind::Single,
            _ if simple && open => Kind::Open,
            _ if simple && site.weights == Weights::Fixed => Kind::Limited,
            _ if simple && !limited && site.weights == Weights::Capacity => Kind::ByCapacity,
            _ => Kind::Any,
        };
        let is_noted = site.weights != Weights::Fixed || self.known.len() > first;
        let threshold = input.threshold.unwrap_or(Param::known(0.0));
        self.inputs.push(InputPlan {
            lanes: slots(&input.lanes),
            tier: lanes.first().map_or(0, |lane| lane.tier),
            stock_target: self.constants.of(Rule::StockTarget, input.cover_days),
            restoration: self.constants.of(Rule::Gain, input.restoration_days),
            delay,
            kind,
            limited,
            fixed: usage.is_some(),
            is_counted: is_counted(m, input),
        });
        self.cuts.push(CutPlan {
            group: slot(input.group),
            moves,
            throttle: self.constants.of_both(Rule::Throttle, [threshold, input.cover_days]),
            criticality: self.constants.of(Rule::Value, input.criticality),
        });
        self.offers.push(OfferPlan {
            lanes: slots(&input.lanes),
            contingent: slot(input.contingent),
            reserve: slot(input.reserve),
            open,
            known: slot(first)..slot(self.known.len()),
            counted: slot(self.counted.len()),
            noted: slot(self.noted),
            is_noted,
        });
        if is_noted {
            self.noted += input.weighted().len();
        }
        if is_counted(m, input) {
            self.counted.extend(input.lanes.clone());
        }
        self.usage.push(usage.unwrap_or(0.0));
    }

    /// Rows of the goods in transit of a lane, but for those that arrive in the step after they are ordered.
    pub(crate) fn rings(&self, lane: &LanePlan) -> impl Iterator<Item = usize> + use<> {
        let apart = self.turns.get(lane.turn as usize).map_or(1, |turn| turn.lanes as usize);
        (lane.ring as usize..).step_by(apart).take(lane.delay as usize)
    }
}

/// Finds rows for the goods in transit of the lanes of a part.
fn line_up(lanes: &mut [LanePlan], turns: &mut Vec<Turn>, rings: &mut usize) {
    let begun = turns.len();
    for lane in lanes.iter_mut().filter(|lane| lane.delay > 0) {
        let known = turns[begun..].iter().position(|turn| turn.delay == lane.delay);
        let number = known.map_or(turns.len(), |number| begun + number);
        if known.is_none() {
            turns.push(Turn { delay: lane.delay, lanes: 0 });
        }
        (lane.turn, lane.ring) = (slot(number), turns[number].lanes);
        turns[number].lanes += 1;
    }
    let mut firsts = Vec::new();
    for turn in &turns[begun..] {
        firsts.push(slot(*rings));
        *rings += turn.delay as usize * turn.lanes as usize;
    }
    for lane in lanes.iter_mut().filter(|lane| lane.delay > 0) {
        lane.ring += firsts[lane.turn as usize - begun];
    }
}
