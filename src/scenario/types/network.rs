//! Tables of the parts of a network: commodities, sites, links and reserves.

use crate::scenario::chance::{Contract, InStates};
use crate::scenario::forms::{FinalDemandClass, SurgeLimit, Throttle};
use crate::scenario::leaf::Leaf;
use crate::scenario::record::{choice, record};
use crate::scenario::rule::{AT_LEAST_ONE, NON_NEGATIVE, POSITIVE, SHARE};
use crate::scenario::stage::Stage;
use crate::scenario::types::{Ordering, Overtime, Rationing, Weights};

choice! {
    /// Whether an output is demanded for itself.
    pub enum Role {
        /// Demand for it moves the activity.
        Driving = "driving",
        /// It comes along; what is not taken is disposed of.
        ByProduct = "by_product",
    }
}

record! {
    /// `[commodities.ID]`
    pub struct Commodity {
        /// Name in tables.
        optional name: String;
        /// Unit its quantities are given in, such as `t` or `JPY`.
        required unit: String;
        /// What it is traded at; without it no trade in it is valued.
        optional market: Market;
    }
}

record! {
    /// `[commodities.ID.market]`: what a commodity is traded at. In a country that imports it, scarcity raises the
    /// spot price, and the spot share of imports costs more; contracts for the rest keep their price, but for the
    /// share of a change that they take over.
    pub struct Market {
        /// Contract price [money per unit].
        required price_per_unit: Leaf, POSITIVE.was("price_jpy_per_unit");
        /// Share of imports that is bought at the spot price.
        required spot_share: Leaf, SHARE;
        /// Elasticity of demand at the onset, without its minus sign.
        required elasticity_short: Leaf, POSITIVE;
        /// The same two years later; between the two it moves in a straight line.
        required elasticity_long: Leaf, POSITIVE;
        /// Highest spot price, as a multiple of the contract price.
        required price_cap: Leaf, AT_LEAST_ONE;
        /// Of the demand that gives way to the price, the share that users save by using less for a unit of output,
        /// from the next step on, rather than by making less.
        default thrift_share: Leaf = Leaf::number(0.0), SHARE;
        /// Of a change of the spot price, the share that contracts take over in time.
        default contract_pass_through: Leaf = Leaf::number(0.0), SHARE;
        /// Time over which contracts follow the spot price \[days\]; 0 is at once.
        default contract_delay_days: Leaf = Leaf::number(90.0), NON_NEGATIVE.days();
        /// How far users look ahead \[days\]: goods are scarce as far as shipments and stocks of users do not cover the need of
        /// so many days, at least of a step. Without it stocks do not count, as with one without end.
        optional look_ahead_days: Leaf, NON_NEGATIVE.days();
    }
}

record! {
    /// `[sites.ID]`: an actor with one activity. A unit of activity makes a unit of the first output unless a yield is given.
    pub struct Site {
        /// Name in tables.
        optional name: String;
        /// Country it stands in; a party answers for it.
        required country: String;
        /// Stage of the chain, such as `mine`, `refinery`, `metal`, `magnet`; sites of stage `sector` are reported one by one.
        required stage: Stage;
        /// Capacity `K` [units of activity a year]; baseline activity times 1 + `spare_capacity` unless given.
        optional capacity_per_year: Leaf, NON_NEGATIVE;
        /// Capacity above baseline activity, as a share of it.
        default spare_capacity: Leaf = Leaf::number(0.0), NON_NEGATIVE;
        /// Ceiling of overtime `α_max` [multiple of capacity].
        default overtime_max: Leaf = Leaf::number(1.0), AT_LEAST_ONE;
        /// Time `τ_α` to reach it \[days\].
        default overtime_days: Leaf = Leaf::number(90.0), NON_NEGATIVE.days();
        /// Value added [money per unit of activity].
        default value_added_per_unit: Leaf = Leaf::number(0.0), NON_NEGATIVE.was("value_added_jpy_per_unit");
        /// People who work there at baseline \[persons\]; counted, and lost, in proportion to activity.
        default employment: Leaf = Leaf::number(0.0), NON_NEGATIVE;
        /// Overlap `o` of the parts of output that hang on the kinds of inputs of a group: 0, each product needs one of them and
        /// their cuts add; 1, the same products need all of them and the scarcest cuts them all.
        default overlap: Leaf = Leaf::number(0.0), SHARE;
        /// So many firms of equal size share its demand, its capacity and its inputs, but for those whose cover differs between
        /// them (`cover_spread`, `cover_multiples`): of these each firm holds, orders and uses its own.
        default(exact) firms: u32 = 1;
        /// As in `[rules]`.
        optional rationing: Rationing;
        /// As in `[rules]`.
        optional overtime: Overtime;
        /// As in `[rules]`.
        optional ordering: Ordering;
        /// As in `[rules]`.
        optional weights: Weights;
        /// As in `[rules]`.
        optional(exact) aware_of_controls: bool;
        /// As in `[rules]`.
        optional demand_smoothing_days: Leaf, NON_NEGATIVE.days();
        /// As in `[rules]`, for outputs that give none.
        optional final_demand_class: FinalDemandClass;
        /// What it uses, by commodity.
        each(input) inputs: Input;
        /// What it makes, by commodity; the first is its main output.
        some(output) outputs: Output;
    }
}

record! {
    /// `[sites.ID.inputs.COMMODITY]`
    pub struct Input {
        /// Use `a` [units per unit of activity].
        required use_per_unit: Leaf, NON_NEGATIVE;
        /// Cover [days of use] held beyond the use of the step.
        required cover_days: Leaf, NON_NEGATIVE.days();
        /// How far cover differs between the `firms` of the site: coefficient of variation of a lognormal distribution whose mean is
        /// `cover_days`. The firms are parts of it of equal chance, in order: one that holds little holds little of every input.
        default cover_spread: Leaf = Leaf::number(0.0), NON_NEGATIVE;
        /// Instead of a spread, the cover of each of the `firms` as a multiple of `cover_days`; 1 on average.
        optional cover_multiples: Vec<f64>;
        /// Time `τ_i` over which a gap in stock is closed \[days\].
        default restoration_days: Leaf = Leaf::number(28.0), NON_NEGATIVE.days();
        /// When a low stock cuts output.
        default throttle: Throttle = Throttle::Hard;
        /// Criticality `γ`: the share of output that contains the input.
        default criticality: Leaf = Leaf::number(1.0), SHARE;
        /// Inputs of one group are parts of output: disjoint ones, whose cuts add, but for the `overlap` of the site; a group of its own unless named.
        optional group: String;
        /// Inputs of one kind in a group, such as one part from several makers, are each in products of their own at any
        /// `overlap`; a kind of its own unless named.
        optional kind: String;
    }
}

record! {
    /// `[sites.ID.outputs.COMMODITY]`
    pub struct Output {
        /// Yield `b` [units per unit of activity]; 1 for the first output, required for the others.
        optional yield_per_unit: Leaf, POSITIVE;
        /// The first output drives and the others are by-products unless said.
        optional role: Role;
        /// Stock target `J̄` [days of baseline sales].
        default stock_target_days: Leaf = Leaf::number(0.0), NON_NEGATIVE.days();
        /// Time `τ_J` over which a gap to it is closed \[days\].
        default stock_adjustment_days: Leaf = Leaf::number(28.0), NON_NEGATIVE.days();
        /// Stock above which output is disposed of [days of baseline sales]; the target unless given.
        optional storage_limit_days: Leaf, NON_NEGATIVE.days();
        /// Final demand `F` [units a year], exports to outside the network included.
        default final_demand_per_year: Leaf = Leaf::number(0.0), NON_NEGATIVE;
        /// Priority class of final demand, which shares with the orders of that class, or after all orders with `"last"`; as
        /// at the site unless given.
        optional final_demand_class: FinalDemandClass;
        /// Share `δ` of unmet final demand that waits.
        default waiting_share: Leaf = Leaf::number(0.0), SHARE;
        /// Share `κ` of waiting demand that is cancelled a week.
        default cancellation_per_week: Leaf = Leaf::number(0.0), SHARE;
    }
}

record! {
    /// `[links."FROM>TO:COMMODITY"]`: give at most one of `share`, `volume_per_year` and `contingent_volume_per_year`.
    /// Lanes without any take in equal parts what the others of the input leave. Where a share is drawn, the fixed
    /// ones of the input are scaled to fill the rest. Lanes from a reserve take none of the three, and lanes to a
    /// reserve at most the last.
    pub struct Link {
        /// Share of the buyer's need that is not under agreed volumes.
        optional share: Leaf, SHARE;
        /// Agreed volume [units a year], served before shares are split.
        optional volume_per_year: Leaf, NON_NEGATIVE;
        /// Nominal volume [units a year] of a lane without baseline trade.
        optional contingent_volume_per_year: Leaf, NON_NEGATIVE;
        /// Lead time \[days\], rounded to steps in each trial; at least one step, and at most the horizon where it is drawn.
        required lead_time_days: Leaf, NON_NEGATIVE.days();
        /// Most that can be ordered, as a multiple of the baseline flow, 1 or more; unlimited unless given. For a contingent lane, of the nominal volume, 0 or more; 1 unless given.
        optional surge_limit: SurgeLimit;
        /// Priority class at the supplier; lower is served first.
        default(exact) priority: u32 = 1;
        /// Term contracts, which outlive the onset of a control.
        optional contract: Box<Contract>;
        /// Share of the volume that is for military use, for licences; none unless given.
        optional military_share: Leaf, SHARE;
        /// For a contingent lane: control, event or re-export whose onset opens it; it never opens if that never comes.
        optional after: String;
        /// For a contingent lane: time from then, or from day 0, until the supplier is qualified \[days\]; 0 unless given.
        optional qualification_days: Leaf, NON_NEGATIVE.days();
        /// What its goods cost more than those of the usual supplier [money per unit]; 0 unless given. Counted for the buyer on what flows above the baseline, and back on what flows below it.
        optional premium_per_unit: Leaf, NON_NEGATIVE.was("premium_jpy_per_unit");
        /// What is paid before delivery, of a lane with baseline trade whose commodity has a `market`; nothing unless given.
        optional payment: Box<Payment>;
    }
}

record! {
    /// The `payment` of a link: a contract over the baseline flow at the contract price, part of which is paid ahead.
    pub struct Payment {
        /// Share of the price that is paid ahead.
        required prepaid_share: Leaf, SHARE;
        /// How long before delivery \[days\].
        required prepaid_days: Leaf, NON_NEGATIVE.days();
        /// Whether the seller gives back at once what it was paid for goods that do not come in time.
        default(exact) refundable: bool = false;
        /// Whether the buyer may take less; if not, what was paid ahead for the rest is forfeited.
        default(exact) cancellable: bool = false;
        /// Share that an insurer pays of what the buyer writes off or forfeits.
        default insured_share: Leaf = Leaf::number(0.0), SHARE;
        /// Premium of the insurance, as a share of each payment ahead.
        default insurance_premium: Leaf = Leaf::number(0.0), SHARE;
        /// Share of what the seller still holds at the horizon that the buyer gets back from collateral.
        default collateral_share: Leaf = Leaf::number(0.0), SHARE;
    }
}

record! {
    /// `[reserves.ID]`: a stock without a recipe. Links lead from it to its users, and to it for refill.
    pub struct Reserve {
        /// Name in tables.
        optional name: String;
        /// Country it stands in.
        required country: String;
        /// What it holds.
        required commodity: String;
        /// Amount [days of its users' baseline use].
        required amount_days: Leaf, NON_NEGATIVE.days();
        /// A user draws on it when its own stock is below this [days of use]; at least the lead time plus a step.
        required trigger_days: Leaf, NON_NEGATIVE.days();
        /// Most that is released to each user, in days of its baseline use a day.
        default release_rate: Leaf = Leaf::number(1.0), NON_NEGATIVE;
        /// Most that is bought back, in days of baseline use a day.
        default refill_rate: Leaf = Leaf::number(0.0), NON_NEGATIVE;
        /// Time without a release after which refill begins \[days\].
        default refill_after_days: Leaf = Leaf::number(0.0), NON_NEGATIVE.days();
        /// Control, event or re-export whose onset lets it open; it is open from day 0 unless given.
        optional after: String;
        /// Time from then, or from day 0, until it opens \[days\]; 0 unless given.
        optional opens_after_days: Leaf, NON_NEGATIVE.days();
        /// States of a regime in which it is open.
        optional during: InStates;
        /// Cost of holding it [money per unit and year]; 0 unless given.
        optional carrying_cost_per_unit_year: Leaf, NON_NEGATIVE.was("carrying_cost_jpy_per_unit_year");
    }
}
