//! What is wrong between the entries of a scenario.

use super::Suggestion;
use thiserror::Error;

/// Entries that do not fit each other, or something doubtful between them.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum NetworkFault {
    /// Something refers to what is not there.
    #[error("there is no {what} `{id}`")]
    Unknown {
        /// What it should be, in words.
        what: String,
        /// The id it is referred to by.
        id: String,
        /// What may be meant.
        suggestion: Option<Suggestion>,
    },
    /// An id has characters that ids cannot have.
    #[error("`{id}` cannot be an id")]
    BadId {
        /// The id.
        id: String,
    },
    /// An id is that of something else too.
    #[error("`{id}` is also the id of {other}")]
    IdTaken {
        /// The id.
        id: String,
        /// What else has it, in words.
        other: String,
    },
    /// A currency has no name, or one that cannot be printed.
    #[error("`{currency}` cannot be the name of a currency")]
    Currency {
        /// The name.
        currency: String,
    },
    /// A step is too short or too long.
    #[error("a step of {days} days")]
    StepLength {
        /// Its length.
        days: u32,
    },
    /// The horizon is shorter than a step.
    #[error("the horizon is shorter than a step")]
    ShortHorizon {
        /// Length of a step \[days\].
        step_days: u32,
    },
    /// The horizon has too many steps.
    #[error("{steps} steps")]
    TooManySteps {
        /// How many.
        steps: u32,
        /// How many are too many.
        limit: u32,
    },
    /// The activity below which a site has stopped is no share.
    #[error("{value} is no share of baseline activity")]
    StoppedBelow {
        /// What it is.
        value: f64,
    },
    /// Two parties answer for one country.
    #[error("country `{country}` also belongs to party `{party}`")]
    CountryTwice {
        /// The country.
        country: String,
        /// The other party.
        party: String,
    },
    /// There is no party.
    #[error("there is no party")]
    NoParty,
    /// There is no site.
    #[error("there is no site")]
    NoSite,
    /// An output but the first has no yield.
    #[error("`yield_per_unit` is missing")]
    NoYield,
    /// A site makes nothing.
    #[error("there is no output")]
    NoOutput,
    /// Nothing that a site makes is demanded for itself.
    #[error("no output drives the site")]
    NothingDrives,
    /// The id of a link does not name its ends and its commodity.
    #[error("`{id}` does not name a link")]
    NoLink {
        /// The id.
        id: String,
    },
    /// A link leads from or to an industry of an input-output table.
    #[error("site `{site}` stands in an input-output table")]
    LinkOfTable {
        /// The industry.
        site: String,
    },
    /// A lead time is not a number.
    #[error("a lead time is a number, not a range")]
    LeadTimeDrawn,
    /// A lead time is too long.
    #[error("a lead time of {days} days")]
    LeadTime {
        /// Its length.
        days: f64,
        /// The longest there can be.
        limit: f64,
    },
    /// What a re-export adds to a lead time is not a number.
    #[error("what adds to a lead time is a number, not a range")]
    DelayDrawn,
    /// A re-export takes too long.
    #[error("a delay of {days} days")]
    Delay {
        /// Its length.
        days: f64,
        /// The longest there can be.
        limit: f64,
    },
    /// A lane that carries nothing at the baseline is paid ahead.
    #[error("a lane without baseline trade has nothing to be paid ahead")]
    NothingPaidAhead,
    /// A commodity that is paid ahead has no price.
    #[error("commodity `{commodity}` has no price")]
    NoPrice {
        /// The commodity.
        commodity: String,
    },
    /// The flow of a lane is given in several ways.
    #[error("it has {}", .keys.join(" and "))]
    SeveralFlows {
        /// The keys that give it.
        keys: Vec<&'static str>,
    },
    /// A link leads from a reserve to another one.
    #[error("a link between two reserves")]
    BetweenReserves,
    /// The flow of a lane from or to a reserve is given.
    #[error("a lane {} a reserve has no `{key}`", if *.from { "from" } else { "to" })]
    ReserveFlow {
        /// The key that gives it.
        key: &'static str,
        /// Whether the lane leads from the reserve.
        from: bool,
    },
    /// A lane from a reserve is limited.
    #[error("a lane from a reserve has no `surge_limit`")]
    ReserveSurge,
    /// A contingent lane is not limited.
    #[error("a contingent lane cannot be unlimited")]
    UnlimitedContingent,
    /// No link feeds an input.
    #[error("the input has no supplier")]
    NoSupplier {
        /// The site.
        site: String,
        /// What it uses.
        commodity: String,
    },
    /// The shares of an input do not sum to one.
    #[error("the {}shares of input `{commodity}` of site `{site}` sum to {sum}", if *.over { "fixed " } else { "" })]
    Shares {
        /// The site.
        site: String,
        /// What it uses.
        commodity: String,
        /// Their sum.
        sum: f64,
        /// Whether they are the fixed ones beside others, and more than all.
        over: bool,
    },
    /// All shares of an input are drawn.
    #[error("all shares of input `{commodity}` of site `{site}` are drawn, so they cannot sum to 1")]
    SharesDrawn {
        /// The site.
        site: String,
        /// What it uses.
        commodity: String,
    },
    /// A list has no entries.
    #[error("the list is empty")]
    EmptyList {
        /// What it should name, in words.
        of: &'static str,
    },
    /// A phase of a control begins on a drawn day.
    #[error("a phase begins on a drawn day")]
    PhaseDrawn,
    /// The phases of a control are not in order.
    #[error("the phases are not in the order of their days")]
    PhaseOrder,
    /// An event on capacities names commodities.
    #[error("a capacity has no commodity")]
    CapacityCommodity,
    /// No site of an event has an input or output of a commodity.
    #[error("none of the sites has the {part} `{commodity}`")]
    NotTheirs {
        /// `input` or `output`.
        part: &'static str,
        /// The commodity.
        commodity: String,
    },
    /// A field is given beside another one that takes its place.
    #[error("{what} with `{with}` has no `{key}`")]
    Excluded {
        /// What has the fields, in words.
        what: &'static str,
        /// The field that takes the place of others.
        with: &'static str,
        /// The other one.
        key: &'static str,
    },
    /// A field is needed where no other takes its place.
    #[error("`{key}` is missing")]
    NeedsOne {
        /// The field.
        key: &'static str,
        /// What could be given, in words.
        forms: &'static str,
    },
    /// A date is given where days are counted from something else than the start.
    #[error("a date needs no `after`")]
    DateAfter,
    /// Nobody draws on a reserve.
    #[error("nobody draws on it")]
    NobodyDraws {
        /// The reserve.
        reserve: String,
        /// What it holds.
        commodity: String,
    },
    /// Nobody refills a reserve that is to be refilled.
    #[error("nobody refills it")]
    NobodyRefills {
        /// The reserve.
        reserve: String,
        /// What it holds.
        commodity: String,
    },
    /// A site that a project builds has a capacity.
    #[error("site `{site}` has a capacity of its own")]
    OwnCapacity {
        /// The site.
        site: String,
    },
    /// Two projects build one site.
    #[error("site `{site}` is built by another project too")]
    BuiltTwice {
        /// The site.
        site: String,
    },
    /// Something waits for what is not there.
    #[error("there is no control, event or re-export `{after}`, so this never begins")]
    NeverBegins {
        /// What it waits for.
        after: String,
    },
    /// What something waits for has several meanings.
    #[error("`{id}` is the id of {}", .kinds.join(" and "))]
    Ambiguous {
        /// What it waits for.
        id: String,
        /// The kinds of entries that have this id.
        kinds: Vec<&'static str>,
    },
    /// Something waits for itself.
    #[error("`{id}` waits for itself: {}", .ring.join(", "))]
    WaitsForItself {
        /// Its id.
        id: String,
        /// What waits for what.
        ring: Vec<String>,
    },
    /// A regime has too many states.
    #[error("{count} states")]
    TooManyStates {
        /// How many.
        count: usize,
        /// How many there can be.
        limit: usize,
    },
    /// A state ends, and nothing follows it.
    #[error("nothing follows it")]
    NothingFollows,
    /// A state lasts for good, and something follows it.
    #[error("it lasts for good, so nothing follows it")]
    NeverEnds,
    /// Neither the up times nor the down times of an outage take any time.
    #[error("neither up nor down takes any time")]
    NoTime,
    /// A lane that carries nothing at the baseline has contracts.
    #[error("a lane without baseline trade has no contracts")]
    NoContracts,
    /// A lane that is open from the start waits to be qualified.
    #[error("only a contingent lane between sites waits to be qualified")]
    NotQualified,
    /// A link has no contracts, or too many.
    #[error("{count} contracts")]
    ContractCount {
        /// How many.
        count: u32,
        /// How many there can be.
        limit: u32,
    },
    /// The fates of a contract have chances over one.
    #[error("`suspended` and `reviewed` sum to {sum}")]
    Chances {
        /// Their sum.
        sum: f64,
    },
    /// A re-export is for a commodity that its control does not cover.
    #[error("`{control}` does not cover `{commodity}`")]
    NotCovered {
        /// The control.
        control: String,
        /// The commodity.
        commodity: String,
    },
    /// The stocks of an input-output table are smaller than the use of a step.
    #[error("a stock of {days} days is less than a step uses")]
    ShortStock {
        /// Their size.
        days: f64,
        /// Length of a step \[days\].
        step_days: f64,
    },
}

const SHORTER: &str = "take several scenarios for several lead times";

impl NetworkFault {
    /// What would be right.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        let help: &str = match self {
            Self::Unknown { suggestion, .. } => return suggestion.as_ref().map(ToString::to_string),
            Self::NobodyDraws { reserve, commodity } => {
                return Some(format!("add a link \"{reserve}>SITE:{commodity}\""));
            }
            Self::NobodyRefills { reserve, commodity } => {
                return Some(format!("add a link \"SITE>{reserve}:{commodity}\""));
            }
            Self::NoSupplier { site, commodity } => {
                return Some(format!(
                    "add a link such as \"SITE>{site}:{commodity}\"; an import from outside the network is a cost, not an input"
                ));
            }
            Self::NoPrice { commodity } => {
                return Some(format!(
                    "add a table [commodities.{commodity}.market] with its `price_per_unit`"
                ));
            }
            Self::ShortHorizon { step_days } => return Some(format!("give at least {step_days}")),
            Self::ShortStock { step_days, .. } => return Some(format!("give at least {step_days}")),
            Self::TooManySteps { limit, .. } => return Some(format!("give fewer than {limit}")),
            Self::LeadTime { limit, .. } | Self::Delay { limit, .. } => {
                return Some(format!("give at most {limit}, ten years"));
            }
            Self::LeadTimeDrawn => return Some(format!("write lead_time_days = 14; {SHORTER}")),
            Self::DelayDrawn => return Some(format!("write delay_days = 30; {SHORTER}")),
            Self::EmptyList { of } => return Some(format!("name a {of}")),
            Self::TooManyStates { limit, .. } => return Some(format!("give at most {limit}")),
            Self::ContractCount { limit, .. } => {
                return Some(format!("give 1 to {limit}; without any, leave out `contract`"));
            }
            Self::NeedsOne { forms, .. } => return Some(format!("give {forms}")),
            Self::BadId { .. } => "leave out `>`, `:`, quotes and line breaks",
            Self::Currency { .. } => "give its code, such as \"JPY\" or \"EUR\"",
            Self::IdTaken { .. } | Self::Ambiguous { .. } => "give one of them another id",
            Self::StepLength { .. } => "give 1 to 31 days",
            Self::StoppedBelow { .. } => "give a number over 0, at most 1",
            Self::CountryTwice { .. } => "give it to one party",
            Self::NoParty => "add one, such as [parties.JP]",
            Self::NoYield => "only the first output has a yield of 1 unless given",
            Self::NoOutput => "a site makes something: add one",
            Self::NothingDrives => "let one have role = \"driving\"",
            Self::NoLink { .. } => "write \"from>to:commodity\"",
            Self::LinkOfTable { .. } => "leave it out: its lanes are the flows of the table",
            Self::NothingPaidAhead | Self::NoContracts => "leave it out",
            Self::SeveralFlows { .. } | Self::Excluded { .. } => "keep one of them",
            Self::BetweenReserves => "link each to a site",
            Self::ReserveFlow { .. } => "leave it out: the reserve's own rates hold",
            Self::ReserveSurge => "leave it out: `release_rate` limits it",
            Self::UnlimitedContingent => "give a multiple of its nominal volume",
            Self::Shares { over: false, .. } => "let them sum to 1, or leave one out to take the rest",
            Self::Shares { over: true, .. } => "let them sum to at most 1",
            Self::SharesDrawn { .. } => "leave one lane without a share to take the rest",
            Self::PhaseDrawn => "give `after_days` as numbers; let onset, duration and severities be drawn",
            Self::PhaseOrder => "sort them by `after_days`",
            Self::CapacityCommodity => "leave out `commodities`, or set `target`",
            Self::DateAfter => "give days after its onset, or leave out `after`",
            Self::OwnCapacity { .. } => "leave out its `capacity_per_year`",
            Self::BuiltTwice { .. } => "give each project a site",
            Self::NeverBegins { .. } => {
                "that is what a scenario without it means; else look for a misspelling"
            }
            Self::WaitsForItself { .. } => "let one of them begin on a day",
            Self::NothingFollows => "give `next`, or leave out `holding_days` so that it lasts for good",
            Self::NeverEnds => "give `holding_days`, or leave out `next`",
            Self::NoTime => "give days",
            Self::NotQualified => {
                "give it `contingent_volume_per_year`; what opens a reserve stands with the reserve"
            }
            Self::Chances { .. } => "they are chances of one contract: let them sum to at most 1",
            Self::NoSite | Self::NotTheirs { .. } | Self::NotCovered { .. } => return None,
        };
        Some(help.to_owned())
    }
}
