//! What is wrong with a single entry.

use super::Suggestion;
use crate::draw::DistributionError;
use crate::scenario::{Date, Domain};
use thiserror::Error;

/// What is wrong with a single entry, whatever the others are.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum EntryFault {
    /// No field of the table has this key.
    #[error("unknown key `{key}`")]
    UnknownKey {
        /// The key.
        key: String,
        /// What may be meant.
        suggestion: Option<Suggestion>,
    },
    /// The key has another name now.
    #[error("unknown key `{key}`")]
    Renamed {
        /// The key.
        key: String,
        /// Its name now.
        now: &'static str,
    },
    /// A required field is not there.
    #[error("`{key}` is missing")]
    Missing {
        /// Its key.
        key: &'static str,
        /// What it takes.
        expected: String,
    },
    /// A field is given under two keys.
    #[error("`{key}` says the same as `{other}`")]
    Twice {
        /// One of the keys.
        key: String,
        /// The other one.
        other: String,
    },
    /// A value has another type than it should have.
    #[error("expected {expected}, found {found}")]
    WrongKind {
        /// The type it should have, in words.
        expected: String,
        /// The type it has, in words.
        found: &'static str,
    },
    /// A number is too large for any type.
    #[error("expected {expected}, found {number}, which is too large")]
    TooLarge {
        /// The type it should have, in words.
        expected: String,
        /// The number as it is written.
        number: String,
    },
    /// A number is infinite or not a number.
    #[error("{value} is not a finite number")]
    NotFinite {
        /// The number.
        value: f64,
    },
    /// A whole number is negative or too large.
    #[error("{value} is out of range")]
    NotWhole {
        /// The number.
        value: i64,
    },
    /// A word is none of those that can stand here.
    #[error("`{word}` is not a choice here")]
    NotAChoice {
        /// The word.
        word: String,
        /// What may be meant.
        suggestion: Option<Suggestion>,
    },
    /// A surge limit is a word other than `unlimited`.
    #[error("`{word}` is not a choice here")]
    NotALimit {
        /// The word.
        word: String,
    },
    /// An entry by id has an empty id.
    #[error("an id is empty")]
    EmptyId,
    /// A leaf has no value.
    #[error("no value in it")]
    NoValue,
    /// A leaf has several values.
    #[error("it has {} values: {}", .forms.len(), .forms.join(", "))]
    SeveralValues {
        /// The keys that give one.
        forms: Vec<String>,
    },
    /// None, or more than one, of several forms is given.
    #[error("expected one of {}", .forms.join(", "))]
    OneOf {
        /// The keys of the forms.
        forms: &'static [&'static str],
    },
    /// A parameter of a distribution is not there.
    #[error("`{parameter}` is missing")]
    MissingParameter {
        /// The distribution.
        form: &'static str,
        /// The parameter.
        parameter: &'static str,
        /// All of its parameters; optional ones end in `?`.
        parameters: &'static [&'static str],
    },
    /// The parameters make no distribution.
    #[error(transparent)]
    Distribution(#[from] DistributionError),
    /// A number cannot be multiplied by this.
    #[error("number: cannot be multiplied by {factor}: a factor must be finite and at least 0")]
    BadFactor {
        /// The factor.
        factor: f64,
    },
    /// A date cannot be multiplied.
    #[error("the date {date} cannot be multiplied")]
    DateTimes {
        /// The date.
        date: Date,
    },
    /// A date stands where no day is asked for.
    #[error("the date {date} stands where a number is asked for")]
    DateHere {
        /// The date.
        date: Date,
    },
    /// The calendar has no such day.
    #[error("there is no day {date}")]
    NoSuchDay {
        /// The date.
        date: Date,
    },
    /// Values that a leaf can take lie outside its domain.
    #[error("{}", range_message(*.low, *.high))]
    OutOfRange {
        /// Least value it can take.
        low: f64,
        /// Greatest value it can take.
        high: f64,
        /// The values it may take.
        domain: Domain,
    },
    /// A lane with baseline trade may be limited below it.
    #[error("{}: the lane carries its baseline volume", range_message(*.low, *.high))]
    BelowBaseline {
        /// Least multiple of the baseline that it carries.
        low: f64,
        /// Greatest one.
        high: f64,
    },
    /// An assumption refers to another one.
    #[error("an assumption cannot refer to another")]
    AssumptionOfAssumption,
    /// There is no entry at a path.
    #[error("there is no entry `{path}`")]
    NoEntry {
        /// The path.
        path: String,
        /// What may be meant.
        suggestion: Option<Suggestion>,
    },
    /// An entry has to be there.
    #[error("`{key}` cannot be taken out")]
    Needed {
        /// Its key.
        key: String,
    },
    /// An entry is no leaf, so it cannot be multiplied.
    #[error("it is not a figure")]
    NotAFigure,
    /// A leaf is drawn by a sampler of the caller's, which no text can hold.
    #[error("no text can hold the sampler `{sampler}`")]
    Unwritable {
        /// Its name and version.
        sampler: String,
    },
    /// A number of a series is negative.
    #[error("entry {number} is {value}")]
    NegativeEntry {
        /// Its number, counted from 1.
        number: usize,
        /// Its value.
        value: f64,
    },
}

fn range_message(low: f64, high: f64) -> String {
    if low == high {
        format!("{low} is out of range")
    } else {
        format!("it can be anything from {low} to {high}")
    }
}

fn range_help(low: f64, high: f64, domain: Domain) -> String {
    let right = domain.words().unwrap_or("any number");
    if low == high {
        format!("give a number, {right}")
    } else {
        format!("every value must be {right}: change the parameters or give bounds")
    }
}

impl EntryFault {
    /// What would be right.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        let help: &str = match self {
            Self::UnknownKey { suggestion, .. }
            | Self::NotAChoice { suggestion, .. }
            | Self::NoEntry { suggestion, .. } => return suggestion.as_ref().map(ToString::to_string),
            Self::Renamed { now, .. } => {
                return Some(format!("it is called `{now}` now; money is in the `currency` of [scenario]"));
            }
            Self::Missing { key, expected } => return Some(format!("add `{key}`: {expected}")),
            Self::MissingParameter { form, parameters, .. } => {
                return Some(format!("`{form}` takes {}", parameters.join(", ")));
            }
            Self::OutOfRange { low, high, domain } => return Some(range_help(*low, *high, *domain)),
            Self::BelowBaseline { low, high } => return Some(range_help(*low, *high, Domain::AtLeastOne)),
            Self::Twice { .. } | Self::SeveralValues { .. } => "keep one of them",
            Self::NotFinite { .. } => "give a finite number",
            Self::NotWhole { .. } => "give a whole number from 0 to 4294967295",
            Self::NotALimit { .. } => "give a number or \"unlimited\"",
            Self::EmptyId => "give it a name",
            Self::NoValue => {
                "give `value`, `assumption` or a distribution such as `uniform = { low = 1, high = 2 }`"
            }
            Self::DateHere { .. } => "give a number",
            Self::NoSuchDay { .. } => "give a day of the calendar",
            Self::AssumptionOfAssumption => "give it a value or a distribution",
            Self::Needed { .. } => "put another in its place",
            Self::Unwritable { .. } => "put a distribution in its place",
            Self::NotAFigure => "name the figure in it",
            Self::NegativeEntry { .. } => "give what is left, 0 or more",
            Self::WrongKind { .. }
            | Self::TooLarge { .. }
            | Self::OneOf { .. }
            | Self::Distribution(_)
            | Self::BadFactor { .. }
            | Self::DateTimes { .. } => return None,
        };
        Some(help.to_owned())
    }
}
