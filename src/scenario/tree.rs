//! What the tables are read from and written to: a tree of tables, lists and values, of no format in particular.

use super::date::Date;
use indexmap::IndexMap;

/// Where an entry stands: the text it came from, and a place there that only the reader of the text understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) source: u32,
    pub(crate) at: u32,
}

impl Place {
    /// In no text.
    pub(crate) const NONE: Self = Place { source: u32::MAX, at: 0 };
}

/// A value with its place.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) value: Value,
    pub(crate) at: Place,
}

impl Node {
    /// A value that stands in no text.
    pub(crate) fn new(value: Value) -> Self {
        Node { value, at: Place::NONE }
    }
}

/// An entry of a table: a value with the place of its key.
#[derive(Debug, Clone)]
pub(crate) struct Keyed {
    pub(crate) key_at: Place,
    pub(crate) node: Node,
    /// Whether it took the place of an entry of the same key in a lower layer.
    pub(crate) replaced: bool,
}

/// Entries by key, in their order.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) entries: IndexMap<String, Keyed>,
    /// The text in which it begins.
    pub(crate) begun: u32,
    /// What higher layers say of the origin of their entries in it.
    pub(crate) over: Vec<Stated>,
    /// What higher layers take out of it, or out of the file that holds its entries.
    pub(crate) gone: Vec<Gone>,
}

/// An entry that a text removes, by the table that holds it.
#[derive(Debug, Clone)]
pub(crate) struct Gone {
    pub(crate) section: String,
    pub(crate) id: String,
    /// Where that is said.
    pub(crate) at: Place,
    /// Whether the scenario itself has no such entry, so that a file beside it must.
    pub(crate) alone: bool,
}

/// The source and the basis that a table states for what a text gives in it.
#[derive(Debug, Clone)]
pub(crate) struct Stated {
    pub(crate) by: u32,
    pub(crate) source: Option<Keyed>,
    pub(crate) basis: Option<Keyed>,
}

impl Table {
    pub(crate) fn new(begun: u32) -> Self {
        Table { entries: IndexMap::new(), begun, over: Vec::new(), gone: Vec::new() }
    }

    /// A table of values that stand in no text.
    pub(crate) fn of<'a>(entries: impl IntoIterator<Item = (&'a str, Value)>) -> Self {
        let mut table = Table::new(u32::MAX);
        for (key, value) in entries {
            table.put(key, value);
        }
        table
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Keyed> {
        self.entries.get(key)
    }

    /// Adds a value that stands in no text.
    pub(crate) fn put(&mut self, key: &str, value: Value) {
        let entry = Keyed { key_at: Place::NONE, node: Node::new(value), replaced: false };
        self.entries.insert(key.to_owned(), entry);
    }
}

#[derive(Debug, Clone)]
pub(crate) enum Value {
    Table(Table),
    List(Vec<Node>),
    Text(String),
    Integer(i64),
    Float(f64),
    Bool(bool),
    Date(Date),
    /// A date with a time, which nothing takes.
    Time,
    /// A number that does not fit its type.
    TooLarge(String),
    /// A sampler of the caller's, which no text can hold.
    Sampler(String),
    /// A cell of a table of text: a word, a number, or whatever is asked for.
    Cell(String),
}

impl Value {
    /// A list of values that stand in no text.
    pub(crate) fn list(values: impl IntoIterator<Item = Value>) -> Self {
        Value::List(values.into_iter().map(Node::new).collect())
    }

    /// A number as people write it: a whole one without a decimal point.
    pub(crate) fn number(x: f64) -> Self {
        const WHOLE: f64 = 9_007_199_254_740_992.0;
        let negative_zero = x == 0.0 && x.is_sign_negative();
        #[expect(clippy::cast_possible_truncation, reason = "it is whole and small enough")]
        if x.fract() == 0.0 && x.abs() < WHOLE && !negative_zero {
            Value::Integer(x as i64)
        } else {
            Value::Float(x)
        }
    }

    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Value::Table(_) => "a table",
            Value::List(_) => "a list",
            Value::Text(_) | Value::Cell(_) => "text",
            Value::Integer(_) => "a whole number",
            Value::Float(_) => "a number",
            Value::Bool(_) => "true or false",
            Value::Date(_) => "a date",
            Value::Time => "a date with a time",
            Value::TooLarge(_) => "a number that is too large",
            Value::Sampler(_) => "a sampler",
        }
    }
}
