//! The state: all that changes from step to step. Names follow the equations.

use super::index::{CountedIx, FlowIx, NotedIx, RingIx, ShareIx, TurnIx};
use super::layout::written;
use super::moving::Moving;
use super::plan::{Plan, Sizes};
use super::prepare::PreparedView;
use crate::network::{IndexVec, InputIx, LaneIx, MarketIx, Network, OutputIx, ReserveIx, SiteIx, TaskIx};
use crate::schedule::conditions::Conditions;
use crate::schedule::part::Part;
use crate::schedule::rows::{Row, Rows, each, total};

/// Declares all rows of the state, by who writes them. The next step rests on rows that are `kept`; rows that are
/// `fresh` are written anew in every step before anything rests on them; rows that are `summed` grow by every step, and no
/// step rests on them.
macro_rules! state {
    ($(
        $(#[$doc:meta])*
        $kept:ident $divided:ident $group:ident: $name:ident, $view:ident {
            $($(#[$row_doc:meta])* $row:ident: $ix:ty [$size:ident];)*
        }
    )*) => {
        $(written! { $(#[$doc])* $divided $name, $view { $($(#[$row_doc])* $row: $ix [$size];)* } })*

        /// All rows of the state.
        #[derive(Debug, Clone)]
        struct StateRows<const B: usize> {
            $($group: $name<B>,)*
        }

        impl<const B: usize> StateRows<B> {
            fn new(sizes: &Sizes) -> Self {
                StateRows { $($group: $name::new(sizes),)* }
            }

            /// How many there are.
            fn count(sizes: &Sizes) -> usize {
                0 $(+ $name::<B>::count(sizes))*
            }
        }

        /// The state of a block of trials while it is stepped. Where its rows are kept is looked up once for all steps.
        #[derive(Debug)]
        pub(crate) struct Live<'a, const B: usize> {
            $($(#[$doc])* pub(crate) $group: $view<'a, B>,)*
            /// Whether an input limits the site in any trial of the block.
            pub(crate) limited: Part<'a, SiteIx, B, bool>,
            /// How far beyond its first row a lane of this lead time keeps the goods that it sends now, in place of those that arrive
            /// next.
            pub(crate) turns: &'a mut IndexVec<TurnIx, u32>,
            pub(crate) conditions: &'a mut Conditions<B>,
            pub(crate) moving: &'a Moving,
            /// For each thread that shares the sites.
            pub(crate) scratch: &'a mut [Scratch<B>],
            pub(crate) sizes: Sizes,
        }

        impl<const B: usize> State<B> {
            pub(crate) fn live(&mut self) -> Live<'_, B> {
                Live {
                    $($group: self.rows.$group.view(),)*
                    limited: Part::new(&mut self.limited),
                    turns: &mut self.turns,
                    conditions: &mut self.conditions,
                    moving: &self.moving,
                    scratch: &mut self.scratch,
                    sizes: self.sizes,
                }
            }
        }

        impl<const B: usize> Live<'_, B> {
            /// Shows all rows that the next step rests on.
            pub(crate) fn each_kept(&self, mut visit: impl FnMut(&[f64])) {
                $(if let "kept" = stringify!($kept) { $(visit(self.$group.$row.read().as_flattened());)* })*
            }

            /// Shows all rows that grow by every step.
            pub(crate) fn each_sum(&mut self, mut visit: impl FnMut(&mut [f64])) {
                $(if let "summed" = stringify!($kept) { $(visit(self.$group.$row.items().as_flattened_mut());)* })*
            }
        }
    };
}

state! {
    /// Capacity, use and demand under the conditions of the step: written before all else.
    fresh whole conditioned: Conditioned, ConditionedView {
        /// `A K`.
        capacity: SiteIx [sites];
        /// `a`; where it is known and never moves it stands in the plan.
        usage: InputIx [inputs];
        /// `a` before thrift.
        full_usage: InputIx [saving];
        /// `F`.
        final_demand: OutputIx [outputs];
    }

    /// Rows that demand, production and rationing write.
    kept parts supplied: Supplied, SuppliedView {
        /// `α`.
        overtime: SiteIx [sites];
        /// `need`, only of sites whose capacity can move.
        need: SiteIx [sites];
        /// `x*`.
        possible: SiteIx [sites];
        /// `x`.
        actual: SiteIx [sites];
        /// The lowest `r` of inputs with `γ > 0` at any of its firms, of a site that is short of one.
        thinnest: SiteIx [sites];
        /// Limiting input of a followed site, counted from its first; −1 for none.
        limiting: SiteIx [sites];
        /// `α A K / K̄`, where any weights rest on it.
        strength: SiteIx [by_capacity];
        /// `u`, where any orders rest on it.
        used: InputIx [renewed];
        /// `B`.
        backlog: OutputIx [outputs];
        /// `Q`.
        unbuilt: TaskIx [tasks];
        /// The share of passing orders that suppliers send or, under water-filling, the share of baseline flows up to which
        /// all orders are met, negative where they are met anyhow.
        share: ShareIx [shares];
    }

    /// Stocks, which production takes from and arrivals add to.
    kept parts stocks: Stocks, StocksView {
        /// `I`.
        stock: InputIx [inputs];
        /// `J`.
        held: OutputIx [outputs];
    }

    /// `O` by lane, then `P` of the lanes that are thinned at the supplier: written by orders, and where they pass.
    kept whole flows: Flows, FlowsView {
        flow: FlowIx [flows];
    }

    /// Rows that orders and arrivals write besides.
    kept parts ordered: Ordered, OrderedView {
        /// `x̃`.
        expected: SiteIx [sites];
        /// `T`, of goods that take longer than a step.
        transit: InputIx [inputs];
        /// `Λ` where lead times differ.
        pipeline: InputIx [inputs];
        /// `T_R`.
        reserve_transit: InputIx [reserved];
        /// Orders for this step without restocking, where any users may save.
        sought: InputIx [saving];
        /// Planned shares and limits of lanes for which these can move.
        planned: NotedIx [noted];
        limit: NotedIx [noted];
        /// `w`, where any weights move.
        weight: LaneIx [weighed];
        /// Goods in transit, of lanes that take longer than a step: `L − 1` rows each.
        ring: RingIx [rings];
    }

    /// Rows that prices write.
    kept whole priced: Priced, PricedView {
        /// The share of use that thrift leaves in the next step.
        thrift: MarketIx [thrifty];
    }

    /// Rows that the refilling of reserves writes besides.
    kept whole refilled: Refilled, RefilledView {
        /// Steps since somebody last ordered from a reserve.
        idle: ReserveIx [reserves];
    }

    /// Sums over the steps of a trial, for the balance of mass and for deliveries of lanes.
    summed parts sums: Sums, SumsView {
        /// Activity.
        made: SiteIx [sites];
        /// Use of an input, less the use by all activity where that never moves: not 0 where inputs that are short concern a
        /// part of the output.
        taken: InputIx [inputs];
        /// Final deliveries and disposal.
        gone: OutputIx [outputs];
        /// Deliveries of lanes that are counted one by one.
        brought: CountedIx [counted];
    }
}

/// The state of a block of trials, with the scratch of its phases.
#[derive(Debug, Clone)]
pub(crate) struct State<const B: usize> {
    rows: StateRows<B>,
    limited: IndexVec<SiteIx, bool>,
    turns: IndexVec<TurnIx, u32>,
    conditions: Conditions<B>,
    moving: Moving,
    scratch: Vec<Scratch<B>>,
    sizes: Sizes,
}

/// Intermediate results for the site or input at hand; things are counted from its first.
#[derive(Debug, Clone)]
pub(crate) struct Scratch<const B: usize> {
    /// `Σ P` by output.
    asked: Vec<Row<B>>,
    /// `ℓ` by group of inputs, firm by firm.
    groups: Vec<Row<B>>,
    /// `ρ`, likewise.
    scarcest: Vec<Row<B>>,
    /// `Γ` by group.
    hangs: Vec<Row<B>>,
    /// `r_k` by kind of inputs, firm by firm, and `Γ_k` by kind.
    kinds: Vec<Row<B>>,
    of_kind: Vec<Row<B>>,
    /// The two lowest `ℓ` by firm.
    lowest: Vec<[Row<B>; 2]>,
    /// `r` by input.
    ratios: Vec<Row<B>>,
    /// Whether an input is short in any trial, and whether one of a group is.
    lacks: Vec<bool>,
    cuts: Vec<bool>,
    /// The room that a lane has left, and arrivals from reserves, by lane.
    room: Vec<Row<B>>,
}

/// The same as slices.
#[derive(Debug)]
pub(crate) struct ScratchView<'a, const B: usize> {
    pub(crate) asked: &'a mut [Row<B>],
    pub(crate) groups: &'a mut [Row<B>],
    pub(crate) scarcest: &'a mut [Row<B>],
    pub(crate) hangs: &'a mut [Row<B>],
    pub(crate) kinds: &'a mut [Row<B>],
    pub(crate) of_kind: &'a mut [Row<B>],
    pub(crate) lowest: &'a mut [[Row<B>; 2]],
    pub(crate) ratios: &'a mut [Row<B>],
    pub(crate) lacks: &'a mut [bool],
    pub(crate) cuts: &'a mut [bool],
    pub(crate) room: &'a mut [Row<B>],
}

impl<const B: usize> Scratch<B> {
    fn new(model: &Network) -> Self {
        let lanes = model.inputs.iter().map(|i| i.lanes.len()).max().unwrap_or(0);
        let inputs = model.sites.iter().map(|s| s.inputs.len()).max().unwrap_or(0);
        let outputs = model.sites.iter().map(|s| s.outputs.len()).max().unwrap_or(0);
        let groups = model.sites.iter().map(|s| s.groups * s.firms as usize).max().unwrap_or(0);
        let kinds = model.sites.iter().map(|s| s.kinds * s.firms as usize).max().unwrap_or(0);
        let firms = model.sites.iter().map(|s| s.firms).max().unwrap_or(1);
        let rows = |len: usize| vec![[0.0; B]; len];
        Scratch {
            asked: rows(outputs),
            groups: rows(groups),
            scarcest: rows(groups),
            hangs: rows(groups),
            kinds: rows(kinds),
            of_kind: rows(kinds),
            lowest: vec![[[0.0; B]; 2]; firms as usize],
            ratios: rows(inputs),
            lacks: vec![false; inputs],
            cuts: vec![false; groups],
            room: rows(lanes),
        }
    }

    #[inline(always)]
    pub(crate) fn view(&mut self) -> ScratchView<'_, B> {
        ScratchView {
            asked: &mut self.asked,
            groups: &mut self.groups,
            scarcest: &mut self.scarcest,
            hangs: &mut self.hangs,
            kinds: &mut self.kinds,
            of_kind: &mut self.of_kind,
            lowest: &mut self.lowest,
            ratios: &mut self.ratios,
            lacks: &mut self.lacks,
            cuts: &mut self.cuts,
            room: &mut self.room,
        }
    }
}

impl<const B: usize> State<B> {
    pub(crate) fn new(model: &Network, plan: &Plan) -> Self {
        let threads = if B == 1 { rayon::current_num_threads().min(plan.parts.len()).max(1) } else { 1 };
        State {
            rows: StateRows::new(&plan.sizes),
            limited: IndexVec::filled(false, plan.sizes.sites),
            turns: IndexVec::filled(0, plan.rows.turns.len()),
            conditions: Conditions::new(model),
            moving: Moving::new(model, &plan.rows),
            scratch: vec![Scratch::new(model); threads],
            sizes: plan.sizes,
        }
    }

    /// Rows that there are, in a network of these sizes.
    pub(crate) fn count(sizes: &Sizes) -> usize {
        StateRows::<B>::count(sizes)
    }

    /// The start of a trial: the baseline, in full swing.
    pub(crate) fn reset(&mut self, m: &Network, p: &PreparedView<'_, B>) {
        let StateRows { conditioned, supplied, stocks, flows, ordered, priced, refilled, sums } =
            &mut self.rows;
        let facts = &p.facts;
        conditioned.capacity.copy_from_slice(&facts.capacity);
        conditioned.usage.copy_from_slice(&facts.usage);
        let saving = conditioned.full_usage.len();
        conditioned.full_usage.copy_from_slice(&facts.usage.first(saving));
        conditioned.final_demand.copy_from_slice(&facts.final_demand);
        supplied.overtime.fill([1.0; B]);
        supplied.thinnest.fill([1.0; B]);
        supplied.possible.copy_from_slice(&facts.activity);
        supplied.actual.copy_from_slice(&facts.activity);
        supplied.backlog.fill([0.0; B]);
        each(&mut supplied.unbuilt, |task, left| *left = facts.constants[p.plan.tasks[task].amount]);
        ordered.expected.copy_from_slice(&facts.activity);
        ordered.pipeline.copy_from_slice(&facts.pipeline);
        ordered.weight.fill([1.0; B]);
        ordered.reserve_transit.fill([0.0; B]);
        priced.thrift.fill([1.0; B]);
        refilled.idle.fill([f64::MAX; B]);
        stocks.held.copy_from_slice(&facts.stock_goal);
        self.turns.fill(0);
        let per_step = |i: InputIx| -> Row<B> {
            let (usage, activity) = (&facts.usage[i], &facts.activity[m.inputs[i].site]);
            std::array::from_fn(|k| usage[k] * activity[k])
        };
        each(&mut supplied.used, |i, used| *used = per_step(i));
        each(&mut ordered.sought, |i, sought| *sought = per_step(i));
        each(&mut stocks.stock, |i, stock| {
            let (target, per_step) = (p.stock_target(i), per_step(i));
            *stock = std::array::from_fn(|k| (target[k] - 1.0) * per_step[k]);
        });
        start_flows(m, p, &mut flows.flow, &mut ordered.ring);
        let flow = &flows.flow;
        each(&mut ordered.transit, |i, transit| {
            *transit = [0.0; B];
            for e in p.plan.inputs[i].lanes {
                let (delay, flow) = (p.delay(e), &flow[FlowIx::of(e)]);
                for k in 0..B {
                    transit[k] += (delay[k] + 1.0) * flow[k];
                }
            }
        });
        let Sums { made, taken, gone, brought } = sums;
        made.fill([0.0; B]);
        taken.fill([0.0; B]);
        gone.fill([0.0; B]);
        brought.fill([0.0; B]);
        self.conditions.reset(p.timetable, m.step_days);
    }
}

/// Orders and goods in transit at the start: lanes carry their baseline flows.
fn start_flows<const B: usize>(
    m: &Network,
    p: &PreparedView<'_, B>,
    flow: &mut Rows<FlowIx, B>,
    ring: &mut Rows<RingIx, B>,
) {
    let lanes = m.lanes.len();
    each(flow, |number, flow| {
        if number < FlowIx::of(m.lanes.next()) {
            let e = number.lane();
            let weighted = p.plan.offers[m.lanes[e].input].weighted().contains(e);
            *flow = if weighted { p.facts.volume[e] } else { [0.0; B] };
        }
    });
    let flow = &(**flow)[..lanes];
    for input in p.plan.inputs.iter() {
        let (lanes, flow) = (&p.plan.lanes[input.lanes], &flow[input.lanes.range()]);
        if let (true, [first, ..]) = (input.pools(), lanes) {
            let total = total(flow);
            p.plan.rings(first).for_each(|row| ring[row] = total);
        } else {
            for (e, flow) in input.lanes.into_iter().zip(flow) {
                let delay = p.delay(e);
                for (number, row) in p.plan.rings(&p.plan.lanes[e]).enumerate() {
                    ring[row] =
                        std::array::from_fn(|k| if (number as f64) < delay[k] { flow[k] } else { 0.0 });
                }
            }
        }
    }
}
