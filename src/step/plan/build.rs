//! Lays out the network as it is walked.

use super::{
    CutPlan, Delay, Ends, FinalDemand, InTransit, InputPlan, Kind, LanePlan, LaneTies, Lead, Motion,
    OfferPlan, Orders, OutputPlan, OvertimePlan, Plan, PlanRows, Role, SHARED, Sent, Serves, SitePlan, Sizes,
    TaskPlan, Throttle, TierPlan, Turn, Usage, Yields, is_counted,
};
use crate::network::{
    ExposureIx, IndexVec, Input, InputIx, Ix, Lane, LaneIx, Network, Output, Param, PassageIx, Site, SiteIx,
    Span,
};
use crate::scenario::{Ordering, Rationing, Weights};
use crate::step::constants::Rule;
use crate::step::index::{FlowIx, NotedIx, RingIx, ShareIx, TurnIx};

fn is_one(param: Param) -> bool {
    param.as_known() == Some(1.0)
}

fn motion(moves: bool) -> Motion {
    if moves { Motion::Moves } else { Motion::Still }
}

impl Plan {
    pub(crate) fn new(m: &Network) -> Self {
        let mut plan = Plan {
            rows: PlanRows {
                sites: IndexVec::with_capacity(m.sites.len()),
                inputs: IndexVec::with_capacity(m.inputs.len()),
                cuts: IndexVec::with_capacity(m.inputs.len()),
                offers: IndexVec::with_capacity(m.inputs.len()),
                usage: IndexVec::with_capacity(m.inputs.len()),
                outputs: IndexVec::with_capacity(m.outputs.len()),
                tiers: IndexVec::with_capacity(m.outputs.len()),
                lanes: IndexVec::with_capacity(m.lanes.len()),
                ties: IndexVec::with_capacity(m.lanes.len()),
                served: m.served.iter().map(|&e| passing(m, e)).collect(),
                served_lanes: m.served.clone(),
                ..PlanRows::default()
            },
            ..Plan::default()
        };
        let share_of = plan.outputs(m);
        for task in &m.tasks {
            plan.rows.tasks.push(TaskPlan {
                output: task.output,
                rebuilding: task.rebuilding,
                amount: plan.constants.of(Rule::Value, task.amount),
                gain: plan.constants.of(Rule::Gain, task.days),
            });
        }
        for (e, lane) in m.lanes.pairs() {
            plan.lane(m, e, lane, share_of[e]);
        }
        let mut uses_move: IndexVec<InputIx, bool> =
            m.inputs.iter().map(|input| input.exposure != ExposureIx::NONE).collect();
        for market in m.markets.iter().filter(|market| market.thrifty) {
            market.inputs.iter().for_each(|&i| uses_move[i] = true);
        }
        for (input, moves) in m.inputs.iter().zip(&uses_move) {
            plan.input(m, input, *moves);
        }
        for (n, site) in m.sites.pairs() {
            plan.site(m, n, site, &uses_move);
        }
        plan.sizes = sizes(m, &plan, plan.sizes);
        plan.divide(SHARED);
        plan
    }

    /// Divides the sites into parts of so many links or the next more.
    pub(crate) fn divide(&mut self, links: usize) {
        let rows = &mut self.rows;
        self.parts.clear();
        rows.turns = IndexVec::new();
        let (mut rings, mut start, mut lane) = (0, Ends::default(), LaneIx::default());
        for (n, site) in rows.sites.pairs() {
            lane = rows.inputs[site.inputs].last().map_or(lane, |input| input.lanes.end);
            let last = n.at() + 1 == rows.sites.len();
            if last || lane.at() - start.lane.at() >= links {
                let own = &mut rows.lanes[Span::new(start.lane, lane)];
                line_up(own, &mut rows.turns, &mut rings);
                let outputs = &rows.outputs[Span::new(Default::default(), site.outputs.end)];
                let noted =
                    rows.offers[Span::new(start.input, site.inputs.end)].iter().rev().find_map(end_noted);
                let end = Ends {
                    site: n.plus(1),
                    input: site.inputs.end,
                    output: site.outputs.end,
                    share: outputs.last().map_or(ShareIx::default(), |output| output.shares.end),
                    lane,
                    ring: RingIx::new(rings),
                    counted: Ix::new(rows.counted.partition_point(|e| *e < lane)),
                    noted: noted.unwrap_or(start.noted),
                    task: Ix::new(rows.tasks.partition_point(|task| task.output < site.outputs.end)),
                };
                self.parts.push(start..end);
                start = end;
            }
        }
        self.sizes.rings = rings;
    }

    /// Adds all outputs. By lane, the share that it gets.
    fn outputs(&mut self, m: &Network) -> IndexVec<LaneIx, ShareIx> {
        let mut share_of = IndexVec::filled(ShareIx::default(), m.lanes.len());
        for output in &m.outputs {
            let (first, first_share) = (self.rows.tiers.next(), ShareIx::new(self.sizes.shares));
            let served = output.served();
            for tier in &output.tiers {
                for &e in &m.served[tier.served] {
                    share_of[e] = ShareIx::new(self.sizes.shares);
                }
                self.sizes.shares += usize::from(!tier.served.is_empty());
                let final_demand =
                    tier.final_demand && !(output.final_demand.is_zero() && output.tasks.is_empty());
                let orders = match tier.served {
                    own if own.is_empty() => Orders::None,
                    own if own == served => Orders::All(own),
                    own => Orders::Some(own),
                };
                if final_demand || orders != Orders::None {
                    self.rows.tiers.push(TierPlan { orders, final_demand });
                }
            }
            let constants = &mut self.constants;
            let yields = constants.of(Rule::Value, output.yields);
            let demand = motion(output.exposure != ExposureIx::NONE);
            self.rows.outputs.push(OutputPlan {
                served,
                tiers: Span::new(first, self.rows.tiers.next()),
                shares: Span::new(first_share, ShareIx::new(self.sizes.shares)),
                yields: if is_one(output.yields) { Yields::One(yields) } else { Yields::Other(yields) },
                demand: if !output.tasks.is_empty() {
                    FinalDemand::Rebuilds {
                        demand,
                        waiting: constants.of(Rule::Value, output.waiting),
                        patience: constants.of(Rule::Patience, output.cancellation),
                        tasks: output.tasks,
                    }
                } else if output.final_demand.is_zero() {
                    FinalDemand::None
                } else if output.waiting.is_zero() {
                    FinalDemand::Lost(demand)
                } else {
                    FinalDemand::Waits {
                        demand,
                        waiting: constants.of(Rule::Value, output.waiting),
                        patience: constants.of(Rule::Patience, output.cancellation),
                    }
                },
                stored: is_stored(m, output),
                driving: output.driving,
                adjustment: constants.of(Rule::Gain, output.adjustment_days),
            });
        }
        share_of
    }

    fn lane(&mut self, m: &Network, e: LaneIx, lane: &Lane, share: ShareIx) {
        let supplier = m.outputs[lane.output].site;
        let Site { rationing, project, .. } = m.sites[supplier];
        let special = lane.thinned.is_some() || rationing == Rationing::WaterFilling;
        let delay = (lane.lead - 1) as u32;
        let transit = match lane.lead_days.filter(|_| delay > 0) {
            None => InTransit::of(delay),
            Some(days) => {
                let most = u16::try_from(delay).unwrap_or(u16::MAX);
                let delay = self.constants.of(Rule::Delay(most), m.lane_param(days));
                InTransit::Drawn { most, delay, turn: TurnIx::default(), ring: RingIx::default() }
            }
        };
        self.rows.lanes.push(LanePlan { share, transit, limited: lane.surge.is_some(), special });
        self.rows.ties.push(LaneTies {
            passing: passing(m, e),
            passage: m.known(lane),
            supplier,
            project,
            rationing,
        });
    }

    /// Adds an input, whose lanes are there.
    fn input(&mut self, m: &Network, input: &Input, moves: bool) {
        let (site, rows, constants) = (&m.sites[input.site], &mut self.rows, &mut self.constants);
        let (lanes, ties) = (&mut rows.lanes[input.lanes], &rows.ties[input.lanes]);
        let first = rows.known.next();
        for tie in ties.iter().filter(|tie| tie.passage != PassageIx::OPEN) {
            if !rows.known[Span::new(first, rows.known.next())].contains(&tie.passage) {
                rows.known.push(tie.passage);
            }
        }
        let known = Span::new(first, rows.known.next());
        let weighted = input.weighted().len();
        let only_weighted = lanes.len() == weighted;
        let unbarred = input.contingent().is_empty()
            && ties[..weighted].iter().all(|tie| tie.passage == PassageIx::OPEN);
        let limited = lanes[..weighted].iter().any(|lane| lane.limited);
        let open = unbarred && !limited && site.weights == Weights::Fixed;
        let delay = match lanes.first().map(LanePlan::delay) {
            Some(Delay::Known(same)) => {
                lanes.iter().all(|lane| lane.delay() == Delay::Known(same)).then_some(same)
            }
            Some(Delay::Drawn(_)) | None => None,
        };
        let usage = input.usage.as_known().filter(|_| !moves);
        let by_share = m.active.contains(input.site)
            && only_weighted
            && usage.is_some()
            && !lanes.iter().any(|lane| lane.special);
        let simple = by_share && unbarred;
        let kind = match lanes.len() {
            1 if simple && open && delay == Some(0) => Kind::Plain,
            1 if simple && site.weights == Weights::Fixed && delay.is_some() => Kind::Single,
            _ if simple && site.weights == Weights::Fixed => Kind::Open,
            _ if simple && !limited && site.weights == Weights::Capacity => Kind::ByCapacity,
            _ => Kind::Any,
        };
        let lead = match delay {
            Some(delay) => Lead::same(delay),
            None if open && only_weighted => Lead::Steady,
            None => Lead::Follows,
        };
        let counted = is_counted(m, input).then(|| rows.counted.next());
        let firm = input.own.map(|own| own.firm);
        let spread = input.own.map_or(Param::known(0.0), |own| own.spread);
        let plan = InputPlan {
            lanes: input.lanes,
            share: lanes.first().map_or(ShareIx::default(), |lane| lane.share),
            stock_target: constants.of_all(Rule::StockTarget(firm), [input.cover_days, spread, spread]),
            restoration: constants.of(Rule::Gain, input.restoration_days),
            kind,
            usage: if usage.is_some() { Usage::Known } else { Usage::Varies },
            lead,
            sent: if by_share { Sent::ByShare } else { Sent::LaneByLane },
            limited,
            counted,
        };
        if plan.pools() {
            lanes.iter_mut().skip(1).for_each(LanePlan::pool);
        }
        rows.inputs.push(plan);
        let threshold = input.threshold.unwrap_or(Param::known(0.0));
        rows.cuts.push(CutPlan {
            group: input.group,
            kind: input.kind,
            usage: motion(moves),
            firm: firm.map(|firm| firm.number),
            throttle: constants.of_all(Rule::Throttle(firm), [input.cover_days, spread, threshold]),
            criticality: constants.of(Rule::Value, input.criticality),
        });
        let is_noted = site.weights != Weights::Fixed || !known.is_empty();
        rows.offers.push(OfferPlan {
            lanes: input.lanes,
            contingent: input.contingent,
            reserve: input.reserve,
            known,
            noted: is_noted.then(|| NotedIx::new(self.sizes.noted)),
        });
        if is_noted {
            self.sizes.noted += weighted;
        }
        if counted.is_some() {
            rows.counted.as_mut_vec().extend(input.lanes);
        }
        rows.usage.push(usage.unwrap_or(0.0));
    }

    /// Adds a site, whose inputs and outputs are there.
    fn site(&mut self, m: &Network, n: SiteIx, site: &Site, uses_move: &IndexVec<InputIx, bool>) {
        let inputs = &m.inputs[site.inputs];
        let known = |(input, moves): (&Input, &bool)| input.usage.as_known().is_some() && !moves;
        let all_known = inputs.iter().zip(&uses_move[site.inputs]).all(known);
        let role = if m.active.contains(n) { role(&self.rows, site) } else { Role::Reserve(site.rationing) };
        let constants = &mut self.constants;
        let overtime = OvertimePlan {
            rule: site.overtime,
            most: constants.of(Rule::Value, site.overtime_max),
            gain: constants.of(Rule::Gain, site.overtime_days),
        };
        let threshold = inputs.iter().any(|input| input.threshold.is_some());
        self.rows.sites.push(SitePlan {
            inputs: site.inputs,
            outputs: site.outputs,
            lanes: Span::joined(&self.rows.inputs[site.inputs], |input| input.lanes),
            role,
            usage: if all_known { Usage::Known } else { Usage::Varies },
            throttle: if threshold { Throttle::Threshold } else { Throttle::Hard },
            capacity: motion(site.exposure != ExposureIx::NONE),
            overtime: (!is_one(site.overtime_max)).then_some(overtime),
            ordering: site.ordering,
            weights: site.weights,
            smoothing: constants.of(Rule::Gain, site.smoothing_days),
            groups: site.groups as u32,
            kinds: site.kinds as u32,
            firms: site.firms,
            overlap: (!site.overlap.is_zero()).then(|| constants.of(Rule::Value, site.overlap)),
            followed: site.followed,
        });
        if !site.employment.is_zero() {
            self.staffed.push((n, self.constants.of(Rule::Value, site.employment)));
        }
        let at_most_one = |input: &Input| input.criticality.as_known().is_some_and(|known| known <= 1.0);
        if site.groups != inputs.len() || !inputs.iter().all(at_most_one) {
            self.grouped.push(n);
        }
    }
}

impl LanePlan {
    /// Keeps its goods in transit with those of the first lane of its input.
    fn pool(&mut self) {
        if let Delay::Known(delay) = self.delay() {
            self.transit = InTransit::WithFirst { delay };
        }
    }
}

impl InTransit {
    /// Of a lane that keeps its goods in transit in rows which are still to be found.
    fn of(delay: u32) -> Self {
        match delay {
            0 => InTransit::Nowhere,
            _ => InTransit::Own { delay, turn: TurnIx::default(), ring: RingIx::default() },
        }
    }
}

/// Passing orders of a lane.
fn passing(m: &Network, e: LaneIx) -> FlowIx {
    m.lanes[e].thinned.map_or(FlowIx::of(e), |thinned| FlowIx::thinned(m.lanes.len(), thinned))
}

/// Whether any of an output can be in stock from one step to the next.
fn is_stored(m: &Network, output: &Output) -> bool {
    !m.active.contains(output.site)
        || !output.target_days.is_zero()
        || output.limit_days.is_some_and(|days| !days.is_zero())
}

/// How a site that is no reserve serves its customers.
fn role(rows: &PlanRows, site: &Site) -> Role {
    let serves = match &rows.outputs[site.outputs] {
        [output] if !output.stored && output.driving && site.rationing == Rationing::Proportional => {
            serves(&rows.tiers[output.tiers])
        }
        _ => None,
    };
    serves.map_or(Role::Joint(site.rationing), Role::Simple)
}

/// How priority classes serve an output, if in one of the simple ways.
fn serves(tiers: &[TierPlan]) -> Option<Serves> {
    let served: Vec<(Orders, bool)> = tiers.iter().map(|tier| (tier.orders, tier.final_demand)).collect();
    match served[..] {
        [(Orders::All(_), false)] => Some(Serves::Orders),
        [(Orders::None, true)] => Some(Serves::Final),
        [(Orders::All(_), true)] => Some(Serves::Alike),
        [(Orders::All(_), false), (Orders::None, _)] => Some(Serves::OrdersFirst),
        _ => None,
    }
}

/// How many rows of each kind are needed, given the counts that were made while they were laid out.
fn sizes(m: &Network, plan: &Plan, counted: Sizes) -> Sizes {
    let thinned = m.lanes.iter().filter(|lane| lane.thinned.is_some()).count();
    let thrifty = m.markets.iter().any(|market| market.thrifty);
    let any = |holds: fn(&Site) -> bool| m.sites.iter().any(holds);
    let (inputs, lanes) = (m.inputs.len(), m.lanes.len());
    let when = |holds: bool, count: usize| if holds { count } else { 0 };
    let reserves = !m.reserves.is_empty();
    Sizes {
        sites: m.sites.len(),
        inputs,
        outputs: m.outputs.len(),
        lanes,
        reserves: m.reserves.len(),
        constants: plan.constants.len(),
        flows: lanes + thinned,
        counted: plan.rows.counted.len(),
        tasks: m.tasks.len(),
        renewed: when(any(|site| site.ordering == Ordering::Ario), inputs),
        saving: when(thrifty, inputs),
        reserved: when(reserves, inputs),
        thrifty: when(thrifty, m.markets.len()),
        by_capacity: when(any(|site| site.weights == Weights::Capacity), m.sites.len()),
        weighed: when(any(|site| site.weights != Weights::Fixed), lanes),
        triggers: when(reserves, lanes),
        planned: lanes,
        limits: when(m.lanes.iter().any(|lane| lane.surge.is_some()), lanes),
        ..counted
    }
}

/// Finds rows for the goods in transit of the lanes of a part.
fn line_up(lanes: &mut [LanePlan], turns: &mut IndexVec<TurnIx, Turn>, rings: &mut usize) {
    let begun = turns.next();
    for lane in &mut *lanes {
        let (delay, turn, ring) = match &mut lane.transit {
            InTransit::Own { delay, turn, ring } => (*delay, turn, ring),
            InTransit::Drawn { most, turn, ring, .. } => (u32::from(*most), turn, ring),
            InTransit::Nowhere | InTransit::WithFirst { .. } => continue,
        };
        let own = Span::new(begun, turns.next());
        *turn = match own.into_iter().find(|turn| turns[*turn].delay == delay) {
            Some(known) => known,
            None => turns.push(Turn { delay, rows: 0 }),
        };
        *ring = RingIx::new(turns[*turn].rows as usize);
        turns[*turn].rows += 1;
    }
    let mut firsts = Vec::new();
    for turn in &turns[Span::new(begun, turns.next())] {
        firsts.push(*rings);
        *rings += turn.delay as usize * turn.rows as usize;
    }
    for lane in lanes {
        if let InTransit::Own { turn, ring, .. } | InTransit::Drawn { turn, ring, .. } = &mut lane.transit {
            *ring = ring.plus(firsts[turn.at() - begun.at()]);
        }
    }
}

/// Where the noted lanes of an input end, if it has any.
fn end_noted(offer: &OfferPlan) -> Option<NotedIx> {
    offer.noted.map(|noted| noted.plus(offer.weighted().len()))
}
