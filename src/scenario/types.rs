//! The tables of a scenario, each declared once.

mod network;

pub use network::{Commodity, Input, Link, Market, Output, Payment, Reserve, Role, Site};

use super::chance::{Contract, InStates, Licences, Outage, Reexport, Regime};
use super::correlation::Correlation;
use super::date::Date;
use super::forms::{FinalDemandClass, Recovery, Series};
use super::ids::Ids;
use super::io_table::IoTable;
use super::leaf::Leaf;
use super::record::{choice, record};
use super::rule::{ANY, AT_MOST_ONE, NON_NEGATIVE, POSITIVE, SHARE};

record! {
    /// The whole file. Every table but `[scenario]`, `[time]` and `[rules]` holds entries by id.
    pub struct Tables {
        /// What the scenario is.
        required scenario: About;
        /// Horizon and step.
        required time: Time;
        /// Rules that hold for every site that does not say otherwise.
        default rules: Rules = Rules::new();
        /// Who bears losses.
        some(party) parties: Party;
        /// What flows; needed unless there are `io_tables`.
        each(commodity) commodities: Commodity;
        /// Named figures that several leaves refer to.
        each(assumption) assumptions: Leaf;
        /// Which drawn leaves go up and down together.
        each(correlation) correlations: Correlation;
        /// Mines, plants, furnaces, sectors; needed unless there are `io_tables`.
        each(site) sites: Site;
        /// Input-output tables beside the file, whose sectors are sites too.
        each(io_table) io_tables: IoTable;
        /// Trade lanes, by `from>to:commodity`.
        each(link) links: Link;
        /// Policies that limit lanes.
        each(control) controls: Control;
        /// What moves capacities, final demands and uses.
        each(event) events: Event;
        /// Stocks that are opened in need.
        each(reserve) reserves: Reserve;
        /// Capacity that is not there yet.
        each(project) projects: Project;
        /// Chains of states of policy, which switch controls, events and reserves.
        each(regime) regimes: Regime;
        /// Sites that fail and come back, again and again.
        each(outage) outages: Outage;
        /// Ways round a control by third countries.
        each(reexport) reexports: Reexport;
    }
}

record! {
    /// `[scenario]`
    pub struct About {
        /// One line.
        required title: String;
        /// Currency of all money in the scenario, such as `JPY` or `EUR`. Amounts in others are for its author to convert.
        required currency: String;
        /// What the scenario shows.
        optional description: String;
        /// Party whose loss the report ranks assumptions by; the first one unless given.
        optional headline: String;
    }
}

record! {
    /// `[time]`
    pub struct Time {
        /// Calendar date of day 0.
        required start: Date;
        /// Length of a step `Δ` \[days\], 1 to 31.
        default(exact) step_days: u32 = 7;
        /// Length of a trial \[days\]; the last step is completed.
        required(exact) horizon_days: u32, ANY.days();
    }
}

choice! {
    /// How a stock that is short is shared within a priority class.
    pub enum Rationing {
        /// Everybody gets the same share of the order.
        Proportional = "proportional",
        /// Everybody gets the same multiple of the usual volume, up to the order.
        WaterFilling = "water_filling",
    }
}

choice! {
    /// How capacity is stretched under excess demand.
    pub enum Overtime {
        /// Towards what is needed, at most `overtime_max`.
        Smooth = "smooth",
        /// Hallegatte's rule: towards `overtime_max` at the pace of the relative shortfall.
        Ario = "ario",
    }
}

choice! {
    /// What a site orders.
    pub enum Ordering {
        /// Expected use, plus the gap to a target that counts goods in transit.
        Smoothed = "smoothed",
        /// What was used, plus the gap where it is positive (Hallegatte 2014).
        Ario = "ario",
    }
}

choice! {
    /// How a buyer weighs the suppliers of an input.
    pub enum Weights {
        /// By the baseline shares.
        Fixed = "fixed",
        /// By baseline shares times the supplier's current capacity.
        Capacity = "capacity",
        /// By baseline shares times the share of past orders that was served.
        Experience = "experience",
    }
}

record! {
    /// `[rules]`: all have a default; the first seven can also be given for a single site.
    pub struct Rules {
        /// How a short stock is shared within a priority class.
        default rationing: Rationing = Rationing::Proportional;
        /// Which overtime rule holds.
        default overtime: Overtime = Overtime::Smooth;
        /// Which ordering rule holds.
        default ordering: Ordering = Ordering::Smoothed;
        /// How buyers weigh suppliers.
        default weights: Weights = Weights::Fixed;
        /// Whether buyers know the controls of the next step when they order.
        default(exact) aware_of_controls: bool = true;
        /// Time `τ_d` over which expected activity follows demand \[days\].
        default demand_smoothing_days: Leaf = Leaf::number(28.0), NON_NEGATIVE.days();
        /// Priority class of final demand; after all orders (`"last"`) unless given.
        optional final_demand_class: FinalDemandClass;
        /// Time `τ_w` over which experience moves weights \[days\].
        default experience_days: Leaf = Leaf::number(56.0), NON_NEGATIVE.days();
        /// A site has stopped when its activity is below this share of the baseline.
        default(exact) stopped_below: f64 = 0.95;
        /// Yearly rate at which later losses are discounted.
        default discount_rate_per_year: Leaf = Leaf::number(0.0), NON_NEGATIVE;
    }
}

record! {
    /// `[parties.ID]`
    pub struct Party {
        /// Name in tables.
        optional name: String;
        /// Gross domestic product [money a year].
        required gdp_per_year: Leaf, POSITIVE.was("gdp_jpy_per_year");
        /// Countries whose sites it answers for; its own id unless given.
        optional countries: Ids;
    }
}

record! {
    /// `[controls.ID]`: limits the lanes of some commodities from some countries to others. It holds once, from `onset_days`
    /// for `duration_days`, or whenever a regime is in one of the states of `during`.
    pub struct Control {
        /// Countries whose exports it limits.
        required exporters: Ids;
        /// Countries that are cut off.
        required importers: Ids;
        /// Commodities it covers; all unless given.
        optional commodities: Ids;
        /// Day it begins, from the start or from the onset of what `after` names.
        optional onset_days: Leaf, ANY.date("onset");
        /// Control, event or re-export that it follows; it never begins if that never does.
        optional after: String;
        /// How long it lasts \[days\].
        optional duration_days: Leaf, NON_NEGATIVE.days();
        /// States of a regime in which it holds, in place of onset and duration.
        optional during: InStates;
        /// Share of the agreed volume that is barred.
        default severity: Leaf = Leaf::number(1.0), SHARE;
        /// Share of what is barred that passes all the same.
        default leakage: Leaf = Leaf::number(0.0), SHARE;
        /// Steps of severity over time, in place of `severity`.
        default phases: Vec<Phase> = Vec::new();
        /// Term contracts of the links with baseline trade under it that give none themselves; each link has its own luck.
        optional contract: Contract;
        /// Licences under which what it bars may pass.
        optional licences: Licences;
    }
}

record! {
    /// An entry of a control's `phases`: it holds until the next begins.
    pub struct Phase {
        /// Day it begins, from the onset.
        required after_days: Leaf, NON_NEGATIVE.days();
        /// Severity from then on.
        required severity: Leaf, SHARE;
    }
}

choice! {
    /// What an event moves.
    pub enum Target {
        /// The capacity of the sites.
        Capacity = "capacity",
        /// The final demand for their outputs.
        FinalDemand = "final_demand",
        /// What they use per unit of activity.
        Use = "use",
    }
}

record! {
    /// `[events.ID]`: takes a share off capacities, final demands or uses; a negative severity adds to demands and uses.
    /// Give `start_days`, `duration_days` and `severity`, or `during` and `severity`, or a `series`.
    pub struct Event {
        /// Sites it acts on.
        required sites: Ids;
        /// What it moves there.
        default target: Target = Target::Capacity;
        /// Commodities whose demand or use it moves; all of the sites' unless given.
        optional commodities: Ids;
        /// Day it begins, from the start or from the onset of what `after` names.
        optional start_days: Leaf, ANY.date("start");
        /// Control, event or re-export that it follows; it never begins if that never does.
        optional after: String;
        /// States of a regime in which it acts, in place of start and duration.
        optional during: InStates;
        /// How long it lasts \[days\].
        optional duration_days: Leaf, NON_NEGATIVE.days();
        /// Share that is taken off during the event.
        optional severity: Leaf, AT_MOST_ONE;
        /// Time over which the severity grows to its full value, in a straight line \[days\]; at once unless given.
        optional growth_days: Leaf, NON_NEGATIVE.days();
        /// How the effect fades afterwards; at once unless given.
        optional recovery: Recovery;
        /// What is left, one value a step from the start; 1 after the last.
        optional series: Series;
        /// Rebuilding that has to be done before the capacity is back; none unless given.
        optional rebuilding: Rebuilding;
    }
}

record! {
    /// `[events.ID.rebuilding]` of an event on capacity that begins on a day: capital that it destroys is built anew by other
    /// sites, and the capacity comes back as their goods are delivered. The goods are demanded like final demand, over time,
    /// from the onset on. The event takes the larger of its own course and the share of the scarcest good that is still left.
    pub struct Rebuilding {
        /// Time over which the amount left is demanded \[days\].
        required days: Leaf, NON_NEGATIVE.days();
        /// Amount needed in all of the first output of each site that builds [units of that output], by site.
        some(amount) amounts: Leaf, NON_NEGATIVE;
    }
}

record! {
    /// `[projects.ID]`: gives a site without baseline activity its capacity.
    pub struct Project {
        /// Site that is built.
        required site: String;
        /// Day the work begins, from the start, or from the onset of what `after` names.
        default start_days: Leaf = Leaf::number(0.0), NON_NEGATIVE.date("start");
        /// Control, event or re-export whose onset triggers it; it never starts if there is none of that id.
        optional after: String;
        /// Time for permits \[days\].
        default permit_days: Leaf = Leaf::number(0.0), NON_NEGATIVE.days();
        /// Time to build \[days\].
        default build_days: Leaf = Leaf::number(0.0), NON_NEGATIVE.days();
        /// Chance that it succeeds.
        default success: Leaf = Leaf::number(1.0), SHARE;
        /// Time over which output ramps up, in a straight line \[days\].
        default ramp_days: Leaf = Leaf::number(0.0), NON_NEGATIVE.days();
        /// Design capacity [units of activity a year].
        required capacity_per_year: Leaf, NON_NEGATIVE;
        /// Cost of building it \[money\], due on the day the work begins if that lies within the horizon; 0 unless given.
        optional capital: Leaf, NON_NEGATIVE.was("capital_jpy");
        /// What its goods cost more than usual [money per unit of activity]; 0 unless given.
        optional premium_per_unit: Leaf, NON_NEGATIVE.was("premium_jpy_per_unit");
    }
}

/// The parts `(from, to, commodity)` of a link's id `from>to:commodity`.
pub(crate) fn split_link(id: &str) -> Option<(&str, &str, &str)> {
    let (from, rest) = id.split_once('>')?;
    let (to, commodity) = rest.rsplit_once(':')?;
    (!from.is_empty() && !to.is_empty() && !commodity.is_empty()).then_some((from, to, commodity))
}

/// Whether a link begins or ends at, or carries, the entry of this id in table `section`, and so goes with it.
pub(crate) fn leads_to(link: &str, section: &str, id: &str) -> bool {
    let Some((from, to, commodity)) = split_link(link) else { return false };
    match section {
        "sites" | "reserves" => from == id || to == id,
        "commodities" => commodity == id,
        _ => false,
    }
}
