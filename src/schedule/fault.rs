//! Why a trial cannot be run.

use crate::draw::DistributionError;
use crate::number::shown;

/// Why a trial cannot be run: the fault, and its place. Amounts are per step unless they say otherwise.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// A sampler of the caller's gave a value that its leaf cannot have.
    #[error("`{leaf}`: {reason}")]
    Draw {
        /// Path of the leaf.
        leaf: String,
        /// The fault of the value.
        reason: Box<DistributionError>,
    },
    /// No state can follow a state of a regime.
    #[error("all chances of what follows a state of `{regime}` are 0")]
    NoNextState {
        /// Path of the regime.
        regime: String,
    },
    /// A regime changes too often.
    #[error("`{regime}` changes over {limit} times within the horizon")]
    Changes {
        /// Path of the regime.
        regime: String,
        /// The most changes of a trial.
        limit: u64,
    },
    /// An outage comes too often.
    #[error("an outage comes over {limit} times within the horizon")]
    Outages {
        /// The most times in a trial.
        limit: u64,
    },
    /// An event comes again so often, and fades so slowly, that too many of its effects overlap.
    #[error("over {limit} occurrences of an outage or an event are still felt at once")]
    Overlaps {
        /// The most at a time.
        limit: usize,
    },
    /// Controls, contracts and licences bar lanes, or cease to, too often.
    #[error("what passes on lanes under controls changes over {limit} times within the horizon")]
    Spans {
        /// The most changes in a trial, over all lanes with luck of their own.
        limit: usize,
    },
    /// Shares of an input exceed 1.
    #[error("the shares of input `{input}` of site `{site}` sum to {}", shown(*.sum))]
    Shares {
        /// Id of the site.
        site: String,
        /// Commodity of the input.
        input: String,
        /// Sum of the shares.
        sum: f64,
    },
    /// By-products that are short are cut again and again, and the supplies that fill in for them never settle.
    #[error("the by-products of {} cannot be balanced with what others fill in", .sites.join(", "))]
    ByProducts {
        /// Ids of the sites whose by-products are short.
        sites: Vec<String>,
    },
    /// A cycle of sites uses as much as it makes.
    #[error("the cycle through {} has no balanced baseline: it uses as much as it makes", some(.sites))]
    Cycle {
        /// Ids of the sites of the cycle.
        sites: Vec<String>,
    },
    /// A site would have to make so much that a step could exceed all numbers.
    #[error(
        "site `{site}` has a baseline activity of {activity:e} units a step, which is too large to reckon with"
    )]
    TooLarge {
        /// Id of the site.
        site: String,
        /// Its activity.
        activity: f64,
    },
    /// A site in a cycle would have to make more than any number.
    #[error("site `{site}` has no finite baseline activity: a cycle it is in uses more than it makes")]
    Infinite {
        /// Id of the site.
        site: String,
    },
    /// An input is needed, and no lane with baseline trade brings any.
    #[error(
        "input `{input}` of site `{site}` is needed at the baseline, and only contingent lanes or reserves supply it"
    )]
    NoSupplier {
        /// Id of the site.
        site: String,
        /// Commodity of the input.
        input: String,
    },
    /// An input comes as a by-product that is short.
    #[error(
        "input `{input}` of site `{site}` lacks {lacks} of {needs} a step: it comes as a by-product that is short, and no lane from a driving output can fill in",
        lacks = shown(*.lacks), needs = shown(*.needs)
    )]
    Lacking {
        /// Id of the site.
        site: String,
        /// Commodity of the input.
        input: String,
        /// How much is missing.
        lacks: f64,
        /// How much is needed.
        needs: f64,
    },
    /// Agreed volumes and shares do not meet the need of an input.
    #[error(
        "input `{input}` of site `{site}` needs {needs} a step, and its agreed volumes and shares bring {brings}",
        needs = shown(*.needs), brings = shown(*.brings)
    )]
    Unbalanced {
        /// Id of the site.
        site: String,
        /// Commodity of the input.
        input: String,
        /// How much is needed.
        needs: f64,
        /// How much comes.
        brings: f64,
    },
    /// A by-product does not meet its own final demand.
    #[error(
        "by-product `{output}` of site `{site}` makes {makes} a step, below its final demand of {demand}",
        makes = shown(*.makes), demand = shown(*.demand)
    )]
    FinalDemand {
        /// Id of the site.
        site: String,
        /// Commodity of the output.
        output: String,
        /// How much is made.
        makes: f64,
        /// How much final demand there is.
        demand: f64,
    },
    /// A site that a project still has to build is needed from the start.
    #[error("site `{site}` is needed at the baseline, before its project is built")]
    Unbuilt {
        /// Id of the site.
        site: String,
    },
    /// A site needs more than its capacity.
    #[error(
        "site `{site}` needs {needs} units of activity a year at the baseline, above its capacity of {capacity}",
        needs = shown(*.needs), capacity = shown(*.capacity)
    )]
    Capacity {
        /// Id of the site.
        site: String,
        /// Activity that it needs \[units a year\].
        needs: f64,
        /// Activity that it is capable of \[units a year\].
        capacity: f64,
    },
    /// Criticalities of a group of inputs exceed 1.
    #[error(
        "the criticalities of {} at site `{site}` sum to {}, over 1: as inputs of one group they are parts of one output",
        .inputs.join(", "),
        shown(*.sum)
    )]
    Criticalities {
        /// Id of the site.
        site: String,
        /// Commodities of the inputs of the group.
        inputs: Vec<String>,
        /// Their sum.
        sum: f64,
    },
    /// A reserve is drawn on while its user still has all the cover that it holds.
    #[error(
        "reserve `{reserve}` is drawn on below {trigger} days of use, above the cover of {cover} days that site `{site}` holds",
        trigger = shown(*.trigger), cover = shown(*.cover)
    )]
    Trigger {
        /// Id of the reserve.
        reserve: String,
        /// Id of its user.
        site: String,
        /// Stock below which the user draws on it \[days of use\].
        trigger: f64,
        /// Cover of the user \[days of use\].
        cover: f64,
    },
}

/// Names of a cycle that are shown.
const SHOWN: usize = 8;

/// The first of some names.
fn some(names: &[String]) -> String {
    let more = if names.len() > SHOWN { ", …" } else { "" };
    names[..names.len().min(SHOWN)].join(", ") + more
}

impl Fault {
    /// Whether the trial has no baseline; else chance over time is at fault.
    #[must_use]
    pub fn is_of_baseline(&self) -> bool {
        !matches!(
            self,
            Fault::Draw { .. }
                | Fault::NoNextState { .. }
                | Fault::Changes { .. }
                | Fault::Outages { .. }
                | Fault::Overlaps { .. }
                | Fault::Spans { .. }
        )
    }

    /// The remedy.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Fault::Draw { .. } => "give the leaf a sampler of values that it can have",
            Fault::NoNextState { .. } => {
                "give at least one state that follows a weight over 0 in every trial"
            }
            Fault::Changes { .. } => "let the states of the regime last longer",
            Fault::Outages { .. } => "let the times between outages, or the outages, last longer",
            Fault::Overlaps { .. } => "let it come less often, or recover faster",
            Fault::Spans { .. } => {
                "give fewer contracts, or let the states in which controls hold last longer"
            }
            Fault::Shares { .. } => "lower the shares that are drawn, so that they never sum to over 1",
            Fault::ByProducts { .. } => {
                "give the inputs that take the by-products another supplier with a share, or raise the yields"
            }
            Fault::Cycle { .. } | Fault::Infinite { .. } => "lower a use within the cycle, or raise a yield",
            Fault::TooLarge { .. } => "raise its yield, or give amounts in larger units",
            Fault::NoSupplier { .. } => "add a link with baseline trade, or set the use to 0",
            Fault::Lacking { .. } => {
                "raise the yield of the by-product, lower its share, or add a supplier with a share whose main product it is"
            }
            Fault::Unbalanced { .. } => {
                "make agreed volumes and shares sum to the need, or leave one link without a number to take the rest"
            }
            Fault::FinalDemand { .. } => "lower the final demand for the by-product, or raise its yield",
            Fault::Unbuilt { .. } => "make its links contingent, and leave out its final demand",
            Fault::Capacity { .. } => {
                "raise the capacity, lower the final demand it serves, or give spare capacity in its place"
            }
            Fault::Criticalities { .. } => "lower them, or put the inputs in groups of their own",
            Fault::Trigger { .. } => "lower the trigger of the reserve, or raise the cover of the site",
        }
    }
}

/// A fault, and which trial of a block has it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Faulty {
    /// Counted from the first of the block.
    pub(crate) member: usize,
    pub(crate) fault: Fault,
}

impl Fault {
    /// The same as that of a trial of a block.
    pub(crate) fn of(self, member: usize) -> Faulty {
        Faulty { member, fault: self }
    }
}
