//! What the declaration of a field says beside its type.

use super::tree::Value;

/// The values a leaf may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Domain {
    /// Any number.
    Any,
    /// 0 or more.
    NonNegative,
    /// Over 0.
    Positive,
    /// From 0 to 1.
    Share,
    /// 1 or more.
    AtLeastOne,
    /// 1 or less.
    AtMostOne,
    /// From −1 to 1.
    Correlation,
}

impl Domain {
    pub(crate) fn contains(self, x: f64) -> bool {
        match self {
            Domain::Any => true,
            Domain::NonNegative => x >= 0.0,
            Domain::Positive => x > 0.0,
            Domain::Share => (0.0..=1.0).contains(&x),
            Domain::AtLeastOne => x >= 1.0,
            Domain::AtMostOne => x <= 1.0,
            Domain::Correlation => (-1.0..=1.0).contains(&x),
        }
    }

    pub(crate) fn words(self) -> Option<&'static str> {
        match self {
            Domain::Any => None,
            Domain::NonNegative => Some("0 or more"),
            Domain::Positive => Some("over 0"),
            Domain::Share => Some("from 0 to 1"),
            Domain::AtLeastOne => Some("1 or more"),
            Domain::AtMostOne => Some("1 or less"),
            Domain::Correlation => Some("from −1 to 1"),
        }
    }
}

/// The greatest size of a number. Products of a few numbers of this size, and sums of such products, are numbers still.
pub(crate) const LARGEST: f64 = 1e24;
/// The longest time \[days\], and the greatest multiple of something.
const LONGEST: f64 = 1e7;
const LARGEST_MULTIPLE: f64 = 1e9;

/// The rule of a field: which values it takes, in which units it can be given, and how it is drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule {
    pub(crate) domain: Domain,
    /// Whether it is a time, which may be given in months and years too.
    time: bool,
    /// Key under which it may be given as a date.
    date: Option<&'static str>,
    /// Whether it is drawn anew each time it is needed, and not once a trial.
    pub(crate) anew: bool,
    /// Name of its random stream, where that is not its key: what the key was when the stream was named.
    stream: Option<&'static str>,
}

pub(crate) const ANY: Rule = Rule::of(Domain::Any);
pub(crate) const NON_NEGATIVE: Rule = Rule::of(Domain::NonNegative);
pub(crate) const POSITIVE: Rule = Rule::of(Domain::Positive);
pub(crate) const SHARE: Rule = Rule::of(Domain::Share);
pub(crate) const AT_LEAST_ONE: Rule = Rule::of(Domain::AtLeastOne);
pub(crate) const AT_MOST_ONE: Rule = Rule::of(Domain::AtMostOne);
pub(crate) const CORRELATION: Rule = Rule::of(Domain::Correlation);

/// How a value is given, as its key says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// In the unit of the field.
    Plain,
    Months,
    Years,
    Date,
}

impl Form {
    /// Days in the unit that a time is given in.
    pub(crate) fn days(self) -> f64 {
        match self {
            Form::Months => 365.0 / 12.0,
            Form::Years => 365.0,
            Form::Plain | Form::Date => 1.0,
        }
    }
}

const DAYS: &str = "days";

impl Rule {
    const fn of(domain: Domain) -> Self {
        Rule { domain, time: false, date: None, anew: false, stream: None }
    }

    /// The field is a time in days: `x_days` can be given as `x_months` or `x_years`.
    pub(crate) const fn days(self) -> Self {
        Rule { time: true, ..self }
    }

    /// The field is a day counted from the start, and can be given as a date under this key.
    pub(crate) const fn date(self, key: &'static str) -> Self {
        Rule { time: true, date: Some(key), ..self }
    }

    /// The field is drawn anew each time it is needed.
    pub(crate) const fn anew(self) -> Self {
        Rule { anew: true, ..self }
    }

    /// The field was called this once, and its random stream still is.
    pub(crate) const fn was(self, stream: &'static str) -> Self {
        Rule { stream: Some(stream), ..self }
    }

    /// The least of its values, where they are over 0: others are divided by them.
    pub(crate) fn least(self) -> f64 {
        if self.domain == Domain::Positive { 1.0 / LARGEST } else { 0.0 }
    }

    /// The greatest size of its values.
    pub(crate) fn most(self) -> f64 {
        match (self.time, self.domain) {
            (true, _) => LONGEST,
            (false, Domain::AtLeastOne | Domain::AtMostOne) => LARGEST_MULTIPLE,
            _ => LARGEST,
        }
    }

    /// How field `field` is given under `key`; `None` where that is the key of another field.
    pub(crate) fn form(&self, field: &str, key: &str) -> Option<Form> {
        if key == field {
            return Some(Form::Plain);
        }
        if !self.time {
            return None;
        }
        if self.date == Some(key) {
            return Some(Form::Date);
        }
        match key.strip_prefix(field.strip_suffix(DAYS)?)? {
            "months" => Some(Form::Months),
            "years" => Some(Form::Years),
            _ => None,
        }
    }

    /// Every key that the field can be given under.
    pub(crate) fn keys(&self, field: &'static str) -> Vec<String> {
        let mut keys = vec![field.to_owned()];
        if let (true, Some(stem)) = (self.time, field.strip_suffix(DAYS)) {
            keys.extend(["months", "years"].map(|unit| format!("{stem}{unit}")));
        }
        keys.extend(self.date.map(str::to_owned));
        keys
    }

    /// The key that a value stands under: that for dates where it is one.
    pub(crate) fn key(&self, field: &'static str, is_date: bool) -> &'static str {
        self.date.filter(|_| is_date).unwrap_or(field)
    }

    /// Name of the random stream of field `field`.
    pub(crate) fn stream(&self, field: &'static str) -> &'static str {
        self.stream.unwrap_or(field)
    }

    /// Whether the field was called `key` once.
    pub(crate) fn was_called(&self, key: &str) -> bool {
        self.stream == Some(key)
    }

    /// The key under which a date may stand in the field.
    pub(crate) fn date_key(&self) -> Option<&'static str> {
        self.date
    }
}

/// Whether a field must be given.
#[derive(Debug, Clone)]
pub(crate) enum Presence {
    Required,
    Optional,
    /// It has a default, shown where it is more than nothing.
    Default(Option<Value>),
}

/// A field of a table, for the reference of the format.
#[derive(Debug, Clone)]
pub(crate) struct FieldDoc {
    pub(crate) field: &'static str,
    pub(crate) rule: Rule,
    pub(crate) presence: Presence,
    pub(crate) expects: String,
    pub(crate) doc: String,
}

/// A table of the format: its description and its fields.
#[derive(Debug, Clone)]
pub(crate) struct RecordDoc {
    pub(crate) doc: &'static str,
    pub(crate) fields: Vec<FieldDoc>,
}

/// How an entry is made up, as its declaration says: so are texts laid over each other.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    /// A leaf, a list, a word: another one takes the place of the whole.
    Whole,
    /// A table of fields, of which another one changes those it gives; the function tells which field a key is of.
    Fields(fn(&str) -> Option<Below>),
    /// Entries by id, all of one shape: another table changes some and adds others.
    Ids(&'static Shape),
}

/// What stands below an entry at a key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Below {
    /// The field that the key is of, where it is that of one.
    pub(crate) field: Option<&'static str>,
    pub(crate) rule: Rule,
    pub(crate) shape: Shape,
}

impl Shape {
    /// What stands at a key.
    pub(crate) fn below(self, key: &str) -> Below {
        let whole = Below { field: None, rule: ANY, shape: Shape::Whole };
        match self {
            Shape::Whole => whole,
            Shape::Ids(each) => Below { shape: *each, ..whole },
            Shape::Fields(field) => field(key).unwrap_or(whole),
        }
    }

    /// The names by which the entries on a path are known to random streams, and the rule of the last.
    pub(crate) fn stream<'a>(self, path: &[&'a str]) -> (Vec<&'a str>, Rule) {
        let (mut shape, mut rule) = (self, ANY);
        let named = path.iter().map(|key| {
            let below = shape.below(key);
            (shape, rule) = (below.shape, below.rule);
            below.field.map_or(*key, |field| below.rule.stream(field))
        });
        (named.collect(), rule)
    }
}

/// A kind of entry that can be removed by its id: `site:x`, or `input:x/ore` where it stands in another.
#[derive(Debug)]
pub(crate) struct Kind {
    pub(crate) noun: &'static str,
    /// The table that holds such entries by id.
    pub(crate) field: &'static str,
    /// Kinds of the entries in one of this kind.
    pub(crate) below: &'static [Kind],
    /// The fields of such an entry.
    pub(crate) fields: fn() -> Vec<FieldDoc>,
}
