//! Statistics of an outcome by name: a target aims at one, and a table shows many. Each is a value with its interval.

mod evaluate;
mod list;
mod text;

pub use text::StatisticError;

use crate::run::Component;
use crate::stats::Interval;

/// Level of the intervals of statistics.
pub const LEVEL: f64 = 0.95;

/// One number that an outcome says, named as in `summary.json`.
///
/// Losses are in the currency of the scenario, stops in days. Percentages are numbers from 0 to 100.
///
/// | text | statistic |
/// |---|---|
/// | `PARTY.COMPONENT.MEASURE` | a component of a party's loss, such as `JP.output.p95` |
/// | `PARTY.gdp_share.mean` | a party's loss over its yearly GDP |
/// | `sites.SITE.output.mean` | value added that a site lost |
/// | `first_stop.SECTOR.MEASURE` | days to the first stop of a sector: `share` of trials with one, a quantile among these, or `of_all.` with a quantile of all trials |
/// | `first_line.SECTOR.MEASURE` | the same of the first line of a sector that stops |
/// | `stops.SECTOR.days.MEASURE` | days below the level that counts as stopped |
/// | `stops.SECTOR.recovery.MEASURE` | days until it was back for good |
/// | `limiting.SITE.INPUT.NUMBER` | `loss` and `share` while an input limited a site; `lane.missing` of the lane behind it |
/// | `markets.COUNTRY/COMMODITY.NUMBER` | `peak_price`, `gave_way` and `end_price` |
/// | `payments.PARTY.NUMBER` | `prepaid`, `held_peak`, `refunded`, `forfeited`, `written_off`, `collateral`, `insured`, `premium` |
/// | `insurer.MEASURE` | loss of the insurers of payments |
/// | `ratios.PARTY.output` | mean output loss of the headline party over that of a party |
/// | `recovered_share`, `unsettled_share`, `mass_balance_residual` | of all trials |
///
/// A measure of a loss is `mean`, `std_dev`, `std_error`, `min`, `max`, a quantile such as `p05` or `p97.5`, a tail value
/// at risk such as `tvar_95`, the share `p_zero` of trials without loss, or the share of trials with more than an amount,
/// such as `over_2.6e12` or `over_2.6tn`. An id that could be read in two ways stands between quotes, such as `"first_stop".output.p50`.
///
/// ```
/// use supplyshock::study::{Measure, Statistic};
/// use supplyshock::{Ensemble, Scenario, run::Component};
/// # fn main() -> Result<(), supplyshock::Error> {
/// let statistic: Statistic = "JP.output.p95".parse()?;
/// let measure = Measure::Quantile { percent: 95.0 };
/// assert_eq!(statistic, Statistic::Loss { party: "JP".into(), component: Component::Output, measure });
/// assert_eq!(statistic.to_string(), "JP.output.p95");
///
/// let model = Scenario::load("scenarios/japan_full_cut.toml")?.compile()?;
/// let outcome = Ensemble::new(&model).trials(128).run()?;
/// let found = outcome.statistic(&statistic)?;
/// assert_eq!(found.value, outcome.loss("JP")?.quantile(0.95));
/// assert!(found.interval.is_some_and(|i| i.contains(found.value)));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Statistic {
    /// A measure of a component of a party's loss.
    Loss {
        /// Id of the party.
        party: String,
        /// The component.
        component: Component,
        /// The measure.
        measure: Measure,
    },
    /// Mean of a party's loss over its yearly GDP.
    GdpShare {
        /// Id of the party.
        party: String,
    },
    /// Mean value added that a site lost.
    Site {
        /// Id of the site or reserve.
        site: String,
    },
    /// How a sector stood still.
    Stop {
        /// Id of the sector.
        sector: String,
        /// Which days.
        days: StopDay,
        /// Their measure.
        measure: DayMeasure,
    },
    /// How an input limited a site.
    Limiting {
        /// Id of the site.
        site: String,
        /// The commodity.
        input: String,
        /// Which number.
        of: LimitNumber,
    },
    /// A market of an importing country.
    Market {
        /// The country.
        country: String,
        /// The commodity.
        commodity: String,
        /// Which number.
        of: MarketNumber,
    },
    /// A mean sum of money that a party paid ahead, or that became of it.
    Payment {
        /// Id of the party.
        party: String,
        /// Which sum.
        of: PaymentNumber,
    },
    /// A measure of the loss of the insurers of payments.
    Insurer {
        /// The measure.
        measure: Measure,
    },
    /// Mean output loss of the headline party over that of another.
    Ratio {
        /// Id of the other party.
        party: String,
    },
    /// Share of trials in which every site was back at the horizon.
    RecoveredShare,
    /// Share of trials with a site off its baseline in the last weeks, of those whose last event was long before.
    UnsettledShare,
    /// Largest mass balance residual of any trial.
    MassBalanceResidual,
}

/// A measure of the losses of all trials.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Measure {
    /// The mean.
    Mean,
    /// The sample standard deviation.
    StdDev,
    /// The standard error of the mean.
    StdError,
    /// The smallest loss.
    Min,
    /// The greatest loss.
    Max,
    /// The loss that is not exceeded in this percentage of trials.
    Quantile {
        /// From 0 to 100.
        percent: f64,
    },
    /// Tail value at risk: the mean loss of the worst trials, which are all but this percentage.
    Tvar {
        /// From 0 to 100.
        percent: f64,
    },
    /// Share of trials without loss.
    NoLoss,
    /// Share of trials with a loss of more than this amount.
    Over {
        /// In the currency of the scenario.
        amount: f64,
    },
}

/// A measure of the days of the trials that count.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum DayMeasure {
    /// Share of trials that count.
    Share,
    /// The days that are not exceeded in this percentage of them.
    Quantile {
        /// From 0 to 100.
        percent: f64,
    },
    /// The days that are not exceeded in this percentage of all trials, of which the others have them never; no number where
    /// that is never.
    QuantileOfAll {
        /// From 0 to 100.
        percent: f64,
    },
}

/// Declares an enum whose variants have words of their own.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$of])* $variant,)*
        }

        impl $name {
            /// All of them, in the order of files.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its word in files.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }
        }
    };
}

words! {
    /// Days that tell how a sector stood still.
    StopDay {
        /// From the onset until the first line stood still, of the trials in which one did.
        Line = "line",
        /// From the onset to the first stop, of the trials in which it stopped.
        First = "first",
        /// Below the level that counts as stopped, of the trials that have some.
        Below = "days",
        /// From the onset until it was back within 1% for good, of the trials in which it left and came back.
        Recovery = "recovery",
    }
}

words! {
    /// A number that tells how an input limited a site.
    LimitNumber {
        /// Mean value added lost while the input was the limiting one.
        Loss = "loss",
        /// Its share of all that inputs and outages took from the site.
        Share = "share",
        /// Share of the need that the lane behind it left out.
        LaneMissing = "lane.missing",
    }
}

words! {
    /// A number of a market.
    MarketNumber {
        /// Mean of the highest spot price, as a multiple of the contract price.
        PeakPrice = "peak_price",
        /// Mean demand that gave way to price, as a share of the need.
        GaveWay = "gave_way",
        /// Mean of the spot price in the last step, as a multiple of the contract price.
        EndPrice = "end_price",
    }
}

words! {
    /// A mean sum of money that was paid ahead, or that became of it.
    PaymentNumber {
        /// Paid ahead.
        Prepaid = "prepaid",
        /// The most that sellers held at once.
        HeldPeak = "held_peak",
        /// Given back at once by sellers.
        Refunded = "refunded",
        /// Kept by sellers for goods that were not taken.
        Forfeited = "forfeited",
        /// Still held by sellers at the horizon.
        WrittenOff = "written_off",
        /// Of that, given back from collateral.
        Collateral = "collateral",
        /// Paid by the insurer.
        Insured = "insured",
        /// Paid to the insurer.
        Premium = "premium",
    }
}

/// The value of a statistic, with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// In the unit of the statistic; NaN where it has no value, such as the day of a stop that never comes.
    pub value: f64,
    /// Its confidence interval at [`LEVEL`], which speaks of the number of trials alone; `None` where no formula tells
    /// it, or there are too few trials.
    pub interval: Option<Interval>,
}
