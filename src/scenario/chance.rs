//! The tables of what unfolds by chance: regimes of policy, outages, contracts, licences, re-exports.

use super::forms::Recovery;
use super::ids::Ids;
use super::leaf::Leaf;
use super::record::record;
use super::rule::{NON_NEGATIVE, SHARE};

record! {
    /// `during` of a control, an event or a reserve: it holds while a regime is in one of the states.
    pub struct InStates {
        /// The regime.
        required regime: String;
        /// Its states.
        required states: Ids;
    }
}

record! {
    /// `[regimes.ID]`: a semi-Markov chain of states of policy. It stays in each state for a time that is drawn at each visit,
    /// then goes to another by chance. Controls, events and reserves hold `during` states.
    pub struct Regime {
        /// State on day 0.
        required start: String;
        /// The states, by name.
        some(state) states: State;
    }
}

record! {
    /// `[regimes.ID.states.NAME]`
    pub struct State {
        /// How long it lasts \[days\], drawn anew at each visit; for good unless given.
        optional holding_days: Leaf, NON_NEGATIVE.days().anew();
        /// Chance of each state that can follow; only their proportions count.
        each(next) next: Leaf, NON_NEGATIVE;
    }
}

record! {
    /// `[outages.ID]`: an alternating renewal process. Up times and down times follow one another, each drawn anew; all
    /// sites named go down together, by a common cause. Sites that fail one by one have outages of their own.
    pub struct Outage {
        /// Sites that go down.
        required sites: Ids;
        /// Time between the end of an outage and the next \[days\], drawn anew each time; the first begins on day 0.
        required up_days: Leaf, NON_NEGATIVE.days().anew();
        /// How long an outage lasts \[days\], drawn anew each time.
        required down_days: Leaf, NON_NEGATIVE.days().anew();
        /// Share of capacity that is lost, drawn anew each time.
        default severity: Leaf = Leaf::number(1.0), SHARE.anew();
        /// How capacity comes back afterwards; at once unless given.
        optional recovery: Recovery;
    }
}

record! {
    /// `contract` of a link, or of a control for each link under it that has none: part of the volume is sold under term contracts. While a control is in force no new ones are
    /// signed: what is not under a running contract meets the control, and each running one is suspended, reviewed, or
    /// runs to its end.
    pub struct Contract {
        /// Share of the volume under term contracts; the rest is bought on the spot.
        required term_share: Leaf, SHARE;
        /// Number of contracts of equal size, 1 to 1000, each with its own luck.
        default(exact) contracts: u32 = 1;
        /// What is left of a contract at the onset \[days\], drawn anew for each.
        required remaining_days: Leaf, NON_NEGATIVE.days().anew();
        /// Chance that a contract is suspended as long as the control lasts.
        default suspended: Leaf = Leaf::number(0.0), SHARE;
        /// Chance that it is under review and suspended so long; at most what `suspended` leaves.
        default reviewed: Leaf = Leaf::number(0.0), SHARE;
        /// How long a review takes \[days\], drawn anew for each.
        default review_days: Leaf = Leaf::number(0.0), NON_NEGATIVE.days().anew();
    }
}

record! {
    /// `licences` of a control: what it bars passes where a licence has been granted. Each link has its own luck; lanes
    /// of input-output tables share theirs. Months are counted from the day the control first bars anything.
    pub struct Licences {
        /// Terms for civil use; without them none is granted.
        optional civil: Licence;
        /// Terms for military use; without them none is granted.
        optional military: Licence;
    }
}

record! {
    /// `civil` or `military` of `licences`: first decided on when the processing time is over, then once a month.
    pub struct Licence {
        /// Processing time \[days\], drawn anew for each link.
        default processing_days: Leaf = Leaf::number(0.0), NON_NEGATIVE.days().anew();
        /// Chance that a licence is granted in a month, at the onset.
        required monthly_chance: Leaf, SHARE;
        /// What the chance grows by with each month since the onset.
        default monthly_growth: Leaf = Leaf::number(0.0), NON_NEGATIVE;
        /// Share of the agreed volume that a licence is for.
        default quota: Leaf = Leaf::number(1.0), SHARE;
    }
}

record! {
    /// `[reexports.ID]`: goods that a control bars go round by a third country, later and in limits, until that is found out.
    /// Every link with baseline trade under the control gets such a way beside it, open while the control bars anything.
    /// What is named `after` the re-export begins when it is found out: a control on the third country, for one.
    pub struct Reexport {
        /// Control it goes round.
        required control: String;
        /// The third country, named in tables.
        required via: String;
        /// Commodities that take this way; all that the control covers unless given.
        optional commodities: Ids;
        /// Time from the onset of the control until the first goods take it \[days\].
        default setup_days: Leaf = Leaf::number(0.0), NON_NEGATIVE.days();
        /// What it adds to the lead time \[days\], a number.
        required delay_days: Leaf, NON_NEGATIVE.days();
        /// Most that takes it, as a share of the link's baseline volume.
        required volume_share: Leaf, NON_NEGATIVE;
        /// What goods on it cost above the contract price of their market, as a share of it.
        default premium_share: Leaf = Leaf::number(0.0), NON_NEGATIVE;
        /// Hazard of being found out, from the first goods on, while the control is in force [a year]; 0 is never.
        default discovery_per_year: Leaf = Leaf::number(0.0), NON_NEGATIVE;
    }
}
