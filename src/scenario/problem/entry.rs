//! What is wrong with a single entry.

use super::{Suggestion, Words as _};
use crate::draw::DistributionError;
use crate::number::{exact, shown};
use crate::scenario::{Date, Domain};

faults! {
    /// What is wrong with a single entry, whatever the others are.
    pub enum EntryFault {
        /// No field of the table has this key.
        UnknownKey { key: String, suggestion: Option<Suggestion> } => ["unknown key `{key}`"], suggestion;
        /// The key has another name now.
        Renamed { key: String, now: &'static str } => ["unknown key `{key}`"],
            format!("it is called `{now}` now; money is in the `currency` of [scenario]");
        /// A required field is not there.
        Missing { key: &'static str, expected: String } => ["`{key}` is missing"],
            format!("add `{key}`: {expected}");
        /// A field is given under two keys.
        Twice { key: String, other: String } => ["`{key}` says the same as `{other}`"], "keep one of them";
        /// A value has another type than it should have.
        WrongKind { expected: String, found: &'static str } => ["expected {expected}, found {found}"];
        /// A number is too large for any type.
        TooLarge { expected: String, number: String } =>
            ["expected {expected}, found {number}, which is too large"];
        /// A number is infinite or not a number.
        NotFinite { value: f64 } => ["{} is not a finite number", shown(*.value)], "give a finite number";
        /// A whole number is negative or too large.
        NotWhole { value: i64 } => ["{value} is out of range"], "give a whole number from 0 to 4294967295";
        /// A word is none of those that can stand here.
        NotAChoice { word: String, suggestion: Option<Suggestion> } => ["`{word}` is not a choice here"],
            suggestion;
        /// A surge limit is a word other than `unlimited`.
        NotALimit { word: String } => ["`{word}` is not a choice here"], "give a number or \"unlimited\"";
        /// An entry by id has an empty id.
        EmptyId => ["an id is empty"], "give it a name";
        /// A leaf has no value.
        NoValue => ["no value in it"],
            "give `value`, `assumption` or a distribution such as `uniform = { low = 1, high = 2 }`";
        /// A leaf has several values.
        SeveralValues { forms: Vec<String> } => ["it has {} values: {}", .forms.len(), .forms.join(", ")],
            "keep one of them";
        /// None, or more than one, of several forms is given.
        OneOf { forms: &'static [&'static str] } => ["expected one of {}", .forms.join(", ")];
        /// A parameter of a distribution is not there.
        MissingParameter { form: &'static str, parameter: &'static str, parameters: &'static [&'static str] } =>
            ["`{parameter}` is missing"],
            format!("`{form}` takes {}", parameters.join(", "));
        /// The parameters make no distribution.
        Distribution { fault: DistributionError } => ["{fault}"];
        /// A text is no number, no date, no distribution and no line in an assumption.
        NoFigure { text: String, suggestion: Option<Suggestion> } =>
            ["`{text}` is no number and no distribution"],
            figure_help(suggestion.as_ref());
        /// A distribution in a text has more parameters than it takes.
        TooManyParameters { form: &'static str, given: usize, parameters: &'static [&'static str] } =>
            ["`{form}` has {given} parameters"],
            format!("it takes {}", parameters.join(", "));
        /// A sample is told by its size, as a report shows a long one, and not by its values.
        SampleNotShown { text: String } => ["`{text}` does not tell the values of the sample"],
            "give all of them, such as `empirical(1, 2, 4)`";
        /// A number cannot be multiplied by this.
        BadFactor { factor: f64 } =>
            ["number: cannot be multiplied by {}: a factor must be finite and at least 0", shown(*.factor)];
        /// A date cannot be multiplied.
        DateTimes { date: Date } => ["the date {date} cannot be multiplied"];
        /// A date stands where no day is asked for.
        DateHere { date: Date } => ["the date {date} stands where a number is asked for"],
            "give a number, of days where it is a time";
        /// The calendar has no such day.
        NoSuchDay { date: Date } => ["there is no day {date}"], "give a day of the calendar";
        /// Values that a leaf can take lie outside its domain.
        OutOfRange { low: f64, high: f64, domain: Domain } => ["{}", range_message(*.low, *.high, *.domain)],
            range_help(*low, *high, *domain);
        /// A number is so great that a step could exceed all numbers.
        TooGreat { value: f64, most: f64 } => ["{value:e} is too great"],
            format!("give at most {most:e}; amounts and money can be given in larger units");
        /// A number is so small that a quotient by it could exceed all numbers.
        TooSmall { value: f64, least: f64 } => ["{value:e} is too small"],
            format!("give at least {least:e}; amounts and money can be given in smaller units");
        /// A lane with baseline trade may be limited below it.
        BelowBaseline { low: f64, high: f64 } =>
            ["{}: the lane carries its baseline volume", range_message(*.low, *.high, Domain::AtLeastOne)],
            range_help(*low, *high, Domain::AtLeastOne);
        /// An assumption refers to another one.
        AssumptionOfAssumption => ["an assumption cannot refer to another"], "give it a value or a distribution";
        /// There is no entry at a path.
        NoEntry { path: String, suggestion: Option<Suggestion> } => ["there is no entry `{path}`"], suggestion;
        /// An entry has to be there.
        Needed { key: String } => ["`{key}` cannot be taken out"], "put another in its place";
        /// An entry is no leaf, so it cannot be multiplied.
        NotAFigure => ["it is not a figure"], "name the figure in it";
        /// A leaf is drawn by a sampler of the caller's, which no text can hold.
        Unwritable { sampler: String } => ["no text can hold the sampler `{sampler}`"],
            "put a distribution in its place";
        /// A number of a series is negative.
        NegativeEntry { number: usize, value: f64 } => ["entry {number} is {}", shown(*.value)],
            "give what is left, 0 or more";
    }
}

fn figure_help(suggestion: Option<&Suggestion>) -> String {
    let forms = "write a number, a share such as 10%, a distribution such as uniform(0, 0.2), triangular(0, 0.05, 0.2) or \
                 discrete(0: 0.4, 1: 0.6), or 1 * ASSUMPTION";
    match suggestion {
        Some(suggestion @ Suggestion::Nearest(_)) => format!("{suggestion} Or {forms}"),
        _ => forms.to_owned(),
    }
}

fn range_message(low: f64, high: f64, domain: Domain) -> String {
    // Off by rounding, it would seem to be in the domain.
    let inside = |x: f64| domain.contains(shown(x).parse().unwrap_or(x));
    let rounds_off = [low, high].into_iter().any(|x| inside(x) != domain.contains(x));
    let written = if rounds_off { exact } else { shown };
    let [low, high] = [low, high].map(written);
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
    /// The fault of values from `low` to `high`, where some of them are outside of their domain.
    pub(crate) fn outside(domain: Domain, low: f64, high: f64) -> Option<Self> {
        let fits = domain.contains(low) && domain.contains(high);
        (!fits).then_some(EntryFault::OutOfRange { low, high, domain })
    }
}

impl From<DistributionError> for EntryFault {
    fn from(fault: DistributionError) -> Self {
        EntryFault::Distribution { fault }
    }
}
