//! What is wrong between the entries of a scenario.

use super::{Suggestion, Words as _};
use crate::number::{exact, shown};

faults! {
    /// Entries that do not fit each other, or something doubtful between them.
    pub enum NetworkFault {
        /// Something refers to what is not there.
        Unknown { what: String, id: String, suggestion: Option<Suggestion> } => ["there is no {what} `{id}`"],
            suggestion;
        /// Nothing refers to an assumption, so its value changes nothing.
        Unused { id: String, suggestion: Option<Suggestion> } => ["nothing refers to the assumption `{id}`"],
            suggestion;
        /// An id has characters that ids cannot have.
        BadId { id: String } => ["`{id}` cannot be an id"], "leave out `>`, `:`, quotes and line breaks";
        /// An id is that of something else too.
        IdTaken { id: String, other: String } => ["`{id}` is also the id of {other}"],
            "give one of them another id";
        /// A currency has no name, or one that cannot be printed.
        Currency { currency: String } => ["`{currency}` cannot be the name of a currency"],
            "give its code, such as \"JPY\" or \"EUR\"";
        /// A step is too short or too long.
        StepLength { days: u32 } => ["a step of {days} days"], "give 1 to 31 days";
        /// The horizon is shorter than a step.
        ShortHorizon { step_days: u32 } => ["the horizon is shorter than a step"],
            format!("give at least {step_days}");
        /// The horizon has too many steps.
        TooManySteps { steps: u32, limit: u32 } => ["{steps} steps"], format!("give fewer than {limit}");
        /// The activity below which a site has stopped is no share.
        StoppedBelow { value: f64 } => ["{} is no share of baseline activity", exact(*.value)],
            "give a number over 0, at most 1";
        /// Two parties answer for one country.
        CountryTwice { country: String, party: String } =>
            ["country `{country}` also belongs to party `{party}`"],
            "give it to one party";
        /// The value added of a party and its product seem to be in two units.
        Units { added: f64, gdp: f64, over: bool } => [
            "a value added of {added:e} a year is {} a GDP of {gdp:e}",
            if *.over { "over" } else { "under a hundredth of" }
        ],
            "give both in one unit; the sites of the party add the value";
        /// There is no party.
        NoParty => ["there is no party"], "add one, such as [parties.JP]";
        /// There is no site.
        NoSite => ["there is no site"];
        /// An output but the first has no yield.
        NoYield => ["`yield_per_unit` is missing"], "only the first output has a yield of 1 unless given";
        /// A site makes nothing.
        NoOutput => ["there is no output"], "a site makes something: add one";
        /// Nothing that a site makes is demanded for itself.
        NothingDrives => ["no output drives the site"], "let one have role = \"driving\"";
        /// The id of a link does not name its ends and its commodity.
        NoLink { id: String } => ["`{id}` does not name a link"], "write \"from>to:commodity\"";
        /// A link leads from or to an industry of an input-output table.
        LinkOfTable { site: String } => ["site `{site}` stands in an input-output table"],
            "leave it out: its lanes are the flows of the table";
        /// A lead time is too long.
        LeadTime { days: f64, limit: f64 } => ["a lead time of {} days", shown(*.days)],
            format!("give at most {limit}, ten years");
        /// What a re-export adds to a lead time is not a number.
        DelayDrawn => ["what adds to a lead time is a number, not a range"],
            "write delay_days = 30; draw the `lead_time_days` of its links";
        /// A re-export takes too long.
        Delay { days: f64, limit: f64 } => ["a delay of {} days", shown(*.days)], format!("give at most {limit}, ten years");
        /// A lane that carries nothing at the baseline is paid ahead.
        NothingPaidAhead => ["a lane without baseline trade has nothing to be paid ahead"], "leave it out";
        /// A commodity that is paid ahead has no price.
        NoPrice { commodity: String } => ["commodity `{commodity}` has no price"],
            format!("add a table [commodities.{commodity}.market] with its `price_per_unit`");
        /// The flow of a lane is given in several ways.
        SeveralFlows { keys: Vec<&'static str> } => ["it has {}", .keys.join(" and ")], "keep one of them";
        /// A link leads from a reserve to another one.
        BetweenReserves => ["a link between two reserves"], "link each to a site";
        /// The flow of a lane from or to a reserve is given.
        ReserveFlow { key: &'static str, from: bool } =>
            ["a lane {} a reserve has no `{key}`", if *.from { "from" } else { "to" }],
            "leave it out: the reserve's own rates hold";
        /// A lane from a reserve is limited.
        ReserveSurge => ["a lane from a reserve has no `surge_limit`"], "leave it out: `release_rate` limits it";
        /// A contingent lane is not limited.
        UnlimitedContingent => ["a contingent lane cannot be unlimited"], "give a multiple of its nominal volume";
        /// No link feeds an input.
        NoSupplier { site: String, commodity: String } => ["the input has no supplier"],
            format!("add a link such as \"SITE>{site}:{commodity}\"; an import from outside the network is a cost, not an input");
        /// The shares of an input do not sum to one.
        Shares { site: String, commodity: String, sum: f64, over: bool } =>
            ["the {}shares of input `{commodity}` of site `{site}` sum to {}", if *.over { "fixed " } else { "" }, shown(*.sum)],
            if *over { "let them sum to at most 1" } else { "let them sum to 1, or leave one out to take the rest" };
        /// All shares of an input are drawn.
        SharesDrawn { site: String, commodity: String } =>
            ["all shares of input `{commodity}` of site `{site}` are drawn, so they cannot sum to 1"],
            "leave one lane without a share to take the rest";
        /// A list has no entries.
        EmptyList { of: &'static str } => ["the list is empty"], format!("name a {of}");
        /// A phase of a control begins on a drawn day.
        PhaseDrawn => ["a phase begins on a drawn day"],
            "give `after_days` as numbers; let onset, duration and severities be drawn";
        /// The phases of a control are not in order.
        PhaseOrder => ["the phases are not in the order of their days"], "sort them by `after_days`";
        /// An event on capacities names commodities.
        CapacityCommodity => ["a capacity has no commodity"], "leave out `commodities`, or set `target`";
        /// An event on demand or use has something to rebuild.
        NotCapital => ["only capacity is rebuilt"], "leave out `rebuilding`, or let the event act on capacity";
        /// No site of an event has an input or output of a commodity.
        NotTheirs { part: &'static str, commodity: String } => ["none of the sites has the {part} `{commodity}`"];
        /// A field is given beside another one that takes its place.
        Excluded { what: &'static str, with: &'static str, key: &'static str } =>
            ["{what} with `{with}` has no `{key}`"],
            "keep one of them";
        /// A field is needed where no other takes its place.
        NeedsOne { key: &'static str, forms: &'static str } => ["`{key}` is missing"], format!("give {forms}");
        /// A date is given where days are counted from something else than the start.
        DateAfter => ["a date needs no `after`"], "give days after its onset, or leave out `after`";
        /// Nobody draws on a reserve.
        NobodyDraws { reserve: String, commodity: String } => ["nobody draws on it"],
            format!("add a link \"{reserve}>SITE:{commodity}\"");
        /// Nobody refills a reserve that is to be refilled.
        NobodyRefills { reserve: String, commodity: String } => ["nobody refills it"],
            format!("add a link \"SITE>{reserve}:{commodity}\"");
        /// A site that a project builds has a capacity.
        OwnCapacity { site: String } => ["site `{site}` has a capacity of its own"],
            "leave out its `capacity_per_year`";
        /// Two projects build one site.
        BuiltTwice { site: String } => ["site `{site}` is built by another project too"],
            "give each project a site";
        /// Something waits for what is not there.
        NeverBegins { after: String } =>
            ["there is no control, event or re-export `{after}`, so this never begins"],
            "that is what a scenario without it means; else look for a misspelling";
        /// What something waits for has several meanings.
        Ambiguous { id: String, kinds: Vec<&'static str> } => ["`{id}` is the id of {}", .kinds.join(" and ")],
            "give one of them another id";
        /// A site has no firms, or too many.
        FirmCount { count: u32, limit: u32 } => ["{count} firms"], format!("give 1 to {limit}");
        /// A site of several firms has no input whose cover differs between them.
        FirmsAlike => ["the cover of none of its inputs differs between its firms, so they are as one"],
            "give an input a `cover_spread` or `cover_multiples`, or leave it out";
        /// Cover differs between the firms of a site that has one.
        OneFirm => ["its site is one firm, so its cover cannot differ between firms"],
            "give the site its `firms`, or leave it out";
        /// Cover differs between firms in two ways.
        SpreadTwice => ["it has a `cover_spread` too"], "leave out one of them";
        /// Multiples of cover are not those of the firms.
        MultipleCount { count: usize, firms: u32 } => ["{count} multiples for {firms} firms"], "give one for each firm";
        /// Multiples of cover are not 1 on average, or not all of them are amounts.
        MultipleMean { mean: f64 } => ["its multiples are {} on average, or some are below 0", shown(*.mean)],
            "divide them by their average, and let none be below 0: `cover_days` is the average cover";
        /// An input of a kind has no group.
        NoGroup => ["it is in no `group`, so its kind tells nothing"],
            "name the group whose inputs it stands beside, or leave it out";
        /// No two inputs of a site with an overlap are of one group and of two kinds.
        NoOverlap => ["no `group` has inputs of two kinds, so no parts of its output overlap"],
            "name the group at the inputs that it is meant for, or leave it out";
        /// Final demand comes after lanes across a border, and nothing says that this is meant.
        FinalDemandLast { outputs: Vec<String>, lane: String } => [
            "final demand comes after all orders, those over lanes across a border such as `{lane}` among them, and bears the whole \
             of a shortage: {}",
            in_a_row(.outputs)
        ],
            "give `final_demand_class` at the output, the site or in [rules]: 1 to share with lanes of that priority, \"last\" if it is meant";
        /// A control limits no lane.
        NoLane => ["no lane leads from its exporters to its importers with a commodity that it covers, so it limits nothing"],
            "look for a misspelling, or leave it out";
        /// A control limits lanes within a country.
        WithinCountry { country: String } =>
            ["country `{country}` is among its exporters and its importers, so it limits lanes within that country too"],
            "leave it out of one of the lists, unless that is meant; a site's own use is never limited";
        /// Something begins after the horizon.
        BeyondHorizon { day: f64, horizon: u32 } =>
            ["it begins on day {day} at the earliest, and the horizon is day {horizon}: it changes nothing"],
            "let it begin earlier, or lengthen `horizon_days`";
        /// Something is over before day 0.
        BeforeStart { day: f64 } => ["it is over on day {day} at the latest, before the start: it changes nothing"],
            "let it begin later, or last longer";
        /// Something waits for itself.
        WaitsForItself { id: String, ring: Vec<String> } => ["`{id}` waits for itself: {}", in_a_row(.ring)],
            "let one of them begin on a day";
        /// A regime has too many states.
        TooManyStates { count: usize, limit: usize } => ["{count} states"], format!("give at most {limit}");
        /// A state ends, and nothing follows it.
        NothingFollows => ["nothing follows it"],
            "give `next`, or leave out `holding_days` so that it lasts for good";
        /// A state lasts for good, and something follows it.
        NeverEnds => ["it lasts for good, so nothing follows it"], "give `holding_days`, or leave out `next`";
        /// Neither the up times nor the down times of an outage take any time.
        NoTime => ["neither up nor down takes any time"], "give days";
        /// A lane that carries nothing at the baseline has contracts.
        NoContracts => ["a lane without baseline trade has no contracts"], "leave it out";
        /// A lane that is open from the start waits to be qualified.
        NotQualified => ["only a contingent lane between sites waits to be qualified"],
            "give it `contingent_volume_per_year`; what opens a reserve stands with the reserve";
        /// A link has no contracts, or too many.
        ContractCount { count: u32, limit: u32 } => ["{count} contracts"],
            format!("give 1 to {limit}; without any, leave out `contract`");
        /// The fates of a contract have chances over one.
        Chances { sum: f64 } => ["`suspended` and `reviewed` sum to {}", shown(*.sum)],
            "they are chances of one contract: let them sum to at most 1";
        /// A re-export is for a commodity that its control does not cover.
        NotCovered { control: String, commodity: String } => ["`{control}` does not cover `{commodity}`"];
        /// The stocks of an input-output table are smaller than the use of a step.
        ShortStock { days: f64, step_days: f64 } => ["a stock of {} days is less than a step uses", shown(*.days)],
            format!("give at least {step_days}");
    }
}

/// Names of a ring that are shown.
const SHOWN: usize = 8;

fn in_a_row(ring: &[String]) -> String {
    match ring.len() {
        0..=SHOWN => ring.join(", "),
        count => format!("{}, … and {} more", ring[..SHOWN].join(", "), count - SHOWN),
    }
}
