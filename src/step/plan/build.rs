//! Lays out the network as it is walked.

use super::{
    CutPlan, Ends, InputPlan, Kind, LanePlan, LaneTies, MIXED, OfferPlan, OutputPlan, Plan, SHARED, Serves,
    SitePlan, Slots, TierPlan, Turn, is_counted, numbers, slot, span,
};
use crate::network::{Input, Network, Param, Site};
use crate::scenario::{Rationing, Weights};
use crate::step::constants::{Constants, Rule};
use crate::step::state::moves;
use std::ops::Range;

fn slots(range: &Range<usize>) -> Slots {
    slot(range.start)..slot(range.end)
}

fn is_one(param: Param) -> bool {
    param.as_known() == Some(1.0)
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
    pub(crate) fn new(m: &Network) -> Self {
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
            shares: 0,
            rings: 0,
            noted: 0,
            counted: Vec::new(),
            constants: Constants::default(),
            parts: Vec::new(),
        };
        let passing = |e: usize| m.lanes[e].quota.map_or(slot(e), |q| slot(m.lanes.len()) + q);
        plan.served.extend(m.served.iter().map(|&e| passing(e as usize)));
        let mut share_of = vec![0; m.lanes.len()];
        for output in &m.outputs {
            let (first, first_share, served) = (slot(plan.tiers.len()), plan.shares, output.served());
            for tier in &output.tiers {
                for &e in &m.served[tier.served.clone()] {
                    share_of[e as usize] = slot(plan.shares);
                }
                plan.shares += usize::from(!tier.served.is_empty());
                let final_demand = tier.final_demand && !output.final_demand.is_zero();
                if final_demand || !tier.served.is_empty() {
                    let all = tier.served == served;
                    plan.tiers.push(TierPlan { served: slots(&tier.served), all, final_demand });
                }
            }
            plan.outputs.push(OutputPlan {
                served: slots(&served),
                tiers: first..slot(plan.tiers.len()),
                shares: slot(first_share)..slot(plan.shares),
                driving: output.driving,
                final_demand: !output.final_demand.is_zero(),
                waits: !output.waiting.is_zero(),
                moves: !output.events.is_empty(),
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
                share: share_of[e],
                ring: 0,
                pooled: false,
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
                grouped: slot(site.groups) != slot(inputs.len())
                    || !inputs.iter().all(|i| i.criticality.as_known().is_some_and(|known| known <= 1.0)),
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
        let (mut lane, mut begun, mut start) = (0, 0, Ends::default());
        for (n, site) in self.sites.iter().enumerate() {
            let inputs = &self.inputs[numbers(&site.inputs)];
            lane = inputs.last().map_or(lane, |input| input.lanes.end as usize);
            let ends = n + 1 == self.sites.len();
            if ends || lane - begun >= links {
                line_up(&mut self.lanes[begun..lane], &mut self.turns, &mut self.rings);
                begun = lane;
                let (input, output) = (site.inputs.end as usize, site.outputs.end as usize);
                let end = Ends {
                    site: n + 1,
                    input,
                    output,
                    share: self.outputs[..output].last().map_or(0, |output| output.shares.end as usize),
                    lane,
                    ring: self.rings,
                    counted: self.counted.partition_point(|e| *e < lane),
                    noted: self.offers.get(input).map_or(self.noted, |offer| offer.noted as usize),
                };
                self.parts.push(start..end);
                start = end;
            }
        }
    }

    /// Adds an input, whose lanes are there.
    fn input(&mut self, m: &Network, input: &Input, moves: bool) {
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
        let by_share = input.site < m.active
            && only_weighted
            && usage.is_some()
            && !lanes.iter().any(|lane| lane.special);
        let simple = by_share && unbarred;
        let kind = match lanes.len() {
            1 if simple && open && delay == 0 => Kind::Plain,
            1 if simple && site.weights == Weights::Fixed => Kind::Single,
            _ if simple && site.weights == Weights::Fixed => Kind::Open,
            _ if simple && !limited && site.weights == Weights::Capacity => Kind::ByCapacity,
            _ => Kind::Any,
        };
        let is_counted = is_counted(m, input);
        let is_noted = site.weights != Weights::Fixed || self.known.len() > first;
        let threshold = input.threshold.unwrap_or(Param::known(0.0));
        self.inputs.push(InputPlan {
            lanes: slots(&input.lanes),
            share: lanes.first().map_or(0, |lane| lane.share),
            stock_target: self.constants.of(Rule::StockTarget, input.cover_days),
            restoration: self.constants.of(Rule::Gain, input.restoration_days),
            delay,
            kind,
            limited,
            fixed: usage.is_some(),
            by_share,
            follows: delay == MIXED && !(open && only_weighted),
            is_counted,
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
            known: slot(first)..slot(self.known.len()),
            counted: slot(self.counted.len()),
            noted: slot(self.noted),
            is_noted,
        });
        if is_noted {
            self.noted += input.weighted().len();
        }
        if is_counted {
            self.counted.extend(input.lanes.clone());
        }
        self.usage.push(usage.unwrap_or(0.0));
        let pools = self.inputs.last().is_some_and(InputPlan::pools);
        self.lanes[input.lanes.clone()].iter_mut().skip(1).for_each(|lane| lane.pooled = pools);
    }
}

/// Finds rows for the goods in transit of the lanes of a part.
fn line_up(lanes: &mut [LanePlan], turns: &mut Vec<Turn>, rings: &mut usize) {
    let begun = turns.len();
    let kept = |lane: &LanePlan| lane.delay > 0 && !lane.pooled;
    for lane in lanes.iter_mut().filter(|lane| kept(lane)) {
        let delay = lane.delay;
        let known = turns[begun..].iter().position(|turn| turn.delay == delay);
        let number = known.map_or(turns.len(), |number| begun + number);
        if known.is_none() {
            turns.push(Turn { delay, rows: 0 });
        }
        (lane.turn, lane.ring) = (slot(number), turns[number].rows);
        turns[number].rows += 1;
    }
    let mut firsts = Vec::new();
    for turn in &turns[begun..] {
        firsts.push(slot(*rings));
        *rings += turn.delay as usize * turn.rows as usize;
    }
    for lane in lanes.iter_mut().filter(|lane| kept(lane)) {
        lane.ring += firsts[lane.turn as usize - begun];
    }
}
