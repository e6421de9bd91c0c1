//! Why a study cannot be made.

use crate::number::{NumberError, apart, shown};
use crate::scenario::EntryFault;

/// Why a calibration cannot be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CalibrationError {
    /// No statistic is aimed at.
    #[error("there is no target: give a statistic and its value")]
    NoTarget,
    /// No figure is varied.
    #[error("nothing is varied: give the path of a figure and its range")]
    NothingVaried,
    /// The text of a target has no value.
    #[error("target `{text}`: no `=` in it{help}", help = TARGET_HELP)]
    NoValue {
        /// The text.
        text: String,
    },
    /// The value or the tolerance in the text of a target is no number.
    #[error("target `{text}`: {source}")]
    NoNumber {
        /// The text.
        text: String,
        /// Why not.
        source: NumberError,
    },
    /// The value of a target is infinite or not a number.
    #[error(
        "target {statistic}: {} is not a finite number\n    help: give the value that it should take",
        shown(*.value)
    )]
    Value {
        /// Name of the statistic.
        statistic: String,
        /// The value.
        value: f64,
    },
    /// The tolerance of a target leaves it no room, or has no end.
    #[error("target {statistic}: a tolerance of {} is none\n    help: give a finite number over 0", shown(*.tolerance))]
    Tolerance {
        /// Name of the statistic.
        statistic: String,
        /// The tolerance.
        tolerance: f64,
    },
    /// Two targets are for one statistic.
    #[error("there are two targets for {statistic}: keep one")]
    TwoTargets {
        /// Name of the statistic.
        statistic: String,
    },
    /// Two variables are of one figure.
    #[error("{path} is varied twice: keep one")]
    VariedTwice {
        /// Path of the figure.
        path: String,
    },
    /// The ends of a variable's range are in the wrong order, equal, or too far apart.
    #[error(
        "{variable}: between {} and {} there is no range\n    help: give a finite LOW below a finite HIGH",
        apart(*.low, *.high)[0], apart(*.low, *.high)[1]
    )]
    NoRange {
        /// The variable.
        variable: String,
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
    },
    /// A prior can draw values outside of its variable's range.
    #[error(
        "{variable}: the prior {prior} has values outside of the range from {low} to {high}\n    \
         help: give the prior these bounds, or widen the range",
        low = shown(*.low), high = shown(*.high)
    )]
    PriorOutsideRange {
        /// The variable.
        variable: String,
        /// The prior, as it is written.
        prior: String,
        /// Lower end of the range.
        low: f64,
        /// Upper end of the range.
        high: f64,
    },
    /// A figure cannot be multiplied by a factor of its range.
    #[error("{path}: {source}")]
    Factor {
        /// Path of the figure.
        path: String,
        /// Why not.
        source: EntryFault,
    },
    /// A solution is looked for with more or less than one target and one variable.
    #[error(
        "{targets} targets and {variables} assumptions have no solution to look for: give one of each, or ask for the \
         posterior"
    )]
    OneOfEach {
        /// Number of targets.
        targets: usize,
        /// Number of variables.
        variables: usize,
    },
    /// The grid of the first scan has fewer than two points, or too many.
    #[error("a grid of {points} points: give 2 to {limit}")]
    Grid {
        /// Number of points.
        points: usize,
        /// The most points.
        limit: usize,
    },
    /// More draws are asked for than a posterior holds.
    #[error("{draws} draws: give at most {limit}, each of which is a run")]
    TooManyDraws {
        /// Number of draws.
        draws: usize,
        /// The most draws.
        limit: usize,
    },
    /// The share of the draws that is kept is no share.
    #[error("a share of {} of the draws cannot be kept: give one over 0, at most 1", shown(*.accept))]
    Share {
        /// The share.
        accept: f64,
    },
    /// Too few draws would be kept.
    #[error(
        "{accept} of {draws} draws is {kept}: at least 2 must be kept for a posterior; give more draws or a greater share",
        accept = shown(*.accept)
    )]
    TooFewKept {
        /// The share that is kept.
        accept: f64,
        /// Number of draws.
        draws: usize,
        /// Number of draws that would be kept.
        kept: usize,
    },
    /// The statistics have no value in nearly all draws.
    #[error(
        "fewer than two draws have a distance to weigh: the statistics have no value in nearly all of them; aim at others"
    )]
    NoDistance,
}

/// How the text of a target is written.
const TARGET_HELP: &str =
    "\n    help: write STATISTIC=VALUE, such as `JP.output.mean=2.6e12`, or STATISTIC=VALUE+-TOLERANCE";

/// Why scenarios or their outcomes cannot be compared.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ComparisonError {
    /// Parties are in one of two scenarios alone.
    #[error("{}", lines(.0))]
    Parties(Vec<MissingParty>),
    /// The outcomes count money in different currencies.
    #[error(
        "`{one}` and `{other}` cannot be compared: their currencies are {} and {}; write both in one",
        .currencies[0],
        .currencies[1]
    )]
    Currencies {
        /// Name of the reference.
        one: String,
        /// Name of the other.
        other: String,
        /// Their currencies.
        currencies: [String; 2],
    },
    /// The outcomes have different seeds, so that their trials have different luck.
    #[error(
        "`{one}` and `{other}` cannot be compared: they have the seeds {} and {}; run both with one seed",
        .seeds[0],
        .seeds[1]
    )]
    Seeds {
        /// Name of the reference.
        one: String,
        /// Name of the other.
        other: String,
        /// Their seeds.
        seeds: [u64; 2],
    },
    /// The outcomes have different numbers of trials.
    #[error(
        "`{one}` and `{other}` cannot be compared: they have {} and {} trials; run the same in both",
        .trials[0],
        .trials[1]
    )]
    TrialCounts {
        /// Name of the reference.
        one: String,
        /// Name of the other.
        other: String,
        /// Their numbers of trials.
        trials: [u64; 2],
    },
    /// The outcomes have as many trials, but with other numbers.
    #[error("`{one}` and `{other}` cannot be compared: they ran different trials; run the same in both")]
    Trials {
        /// Name of the reference.
        one: String,
        /// Name of the other.
        other: String,
    },
}

/// A party that one of two scenarios lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingParty {
    /// Name of the reference.
    pub one: String,
    /// Name of the other.
    pub other: String,
    /// Name of the one of the two without the party.
    pub without: String,
    /// Id of the party.
    pub party: String,
}

impl std::fmt::Display for MissingParty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let MissingParty { one, other, without, party } = self;
        write!(f, "`{one}` and `{other}` cannot be compared: `{without}` has no party `{party}`")
    }
}

fn lines(missing: &[MissingParty]) -> String {
    missing.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
