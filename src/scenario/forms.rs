//! Entries that are either a word or something else: throttle, recovery, series, surge limit, class of final demand.

use super::entry::{Cleared, Entry, Read, Reader, Visit, read_list, value};
use super::leaf::Leaf;
use super::origin::Origin;
use super::path::Path;
use super::problem::EntryFault;
use super::record::record;
use super::rule::{Form, NON_NEGATIVE, RecordDoc, Rule, SHARE};
use super::setting::Setting;
use super::tree::{Node, Table, Value};
use indexmap::IndexMap;

/// When a low stock cuts output.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Throttle {
    /// When it cannot feed the step.
    Hard,
    /// As soon as it is below the share `ψ` of its target (ARIO).
    Threshold(Leaf),
}

const HARD: &str = "hard";
const THRESHOLD: &str = "threshold";

impl Entry for Throttle {
    fn leaves(&self, at: &Path<'_>, _: Rule, origin: &Origin, visit: &mut Visit<'_>) {
        if let Throttle::Threshold(psi) = self {
            psi.leaves(&at.then(THRESHOLD), SHARE, origin, visit);
        }
    }
    fn write(&self) -> Option<Value> {
        match self {
            Throttle::Hard => Some(Value::Text(HARD.to_owned())),
            Throttle::Threshold(psi) => Some(Value::Table(Table::of([(THRESHOLD, psi.write()?)]))),
        }
    }
    fn get(&self, key: &str) -> Option<&dyn Entry> {
        match self {
            Throttle::Threshold(psi) if key == THRESHOLD => Some(psi),
            _ => None,
        }
    }
    fn get_mut(&mut self, key: &str) -> Option<&mut dyn Entry> {
        match self {
            Throttle::Threshold(psi) if key == THRESHOLD => Some(psi),
            _ => None,
        }
    }
    fn keys(&self) -> Vec<String> {
        vec![THRESHOLD.to_owned()]
    }
    value! {}
}

impl Read for Throttle {
    fn expects() -> String {
        "`\"hard\"`, `\"threshold\"` (`ψ` = 0.8) or `{ threshold = ψ }`".into()
    }
    fn read(node: &Node, at: &Path<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        if let Value::Table(_) = &node.value {
            let (_, inner) = tagged(node, at, reader, &[THRESHOLD])?;
            return Leaf::read(inner, &at.then(THRESHOLD), reader).map(Throttle::Threshold);
        }
        let word = String::read(node, at, reader)?;
        match word.as_str() {
            HARD => Some(Throttle::Hard),
            THRESHOLD => Some(Throttle::Threshold(Leaf::number(0.8))),
            _ => {
                reader.not_a_choice(node, at, word, &[HARD, THRESHOLD]);
                None
            }
        }
    }
}

/// How the effect `g` of an event fades, with `u` the time since its end over the recovery time.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Recovery {
    /// `1 − u`, then nothing.
    Linear(RecoveryTime),
    /// `e^(−u)`.
    Exponential(RecoveryTime),
    /// `2 / (1 + e^u)`.
    Logistic(RecoveryTime),
}

record! {
    /// The parameter of a recovery curve.
    pub struct RecoveryTime {
        /// Recovery time `τ` \[days\].
        required days: Leaf, NON_NEGATIVE.days();
    }
}

const CURVES: &[&str] = &["linear", "exponential", "logistic"];

impl Recovery {
    /// The time scale of the curve.
    #[must_use]
    pub fn days(&self) -> &Leaf {
        &self.time().days
    }

    pub(crate) fn time(&self) -> &RecoveryTime {
        let (Recovery::Linear(time) | Recovery::Exponential(time) | Recovery::Logistic(time)) = self;
        time
    }

    /// The name of the curve.
    pub(crate) fn curve(&self) -> &'static str {
        match self {
            Recovery::Linear(_) => CURVES[0],
            Recovery::Exponential(_) => CURVES[1],
            Recovery::Logistic(_) => CURVES[2],
        }
    }
}

impl Entry for Recovery {
    fn leaves(&self, at: &Path<'_>, rule: Rule, origin: &Origin, visit: &mut Visit<'_>) {
        self.time().leaves(&at.then(self.curve()), rule, origin, visit);
    }
    fn write(&self) -> Option<Value> {
        Some(Value::Table(Table::of([(self.curve(), self.time().write()?)])))
    }
    fn get(&self, key: &str) -> Option<&dyn Entry> {
        (key == self.curve()).then_some(self.time() as &dyn Entry)
    }
    fn get_mut(&mut self, key: &str) -> Option<&mut dyn Entry> {
        if key != self.curve() {
            return None;
        }
        let (Recovery::Linear(time) | Recovery::Exponential(time) | Recovery::Logistic(time)) = self;
        Some(time)
    }
    fn keys(&self) -> Vec<String> {
        vec![self.curve().to_owned()]
    }
    value! {}
}

impl Read for Recovery {
    fn expects() -> String {
        "`{ linear = { days = … } }`, `{ exponential = { days = … } }` or `{ logistic = { days = … } }`"
            .into()
    }
    fn read(node: &Node, at: &Path<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let (curve, inner) = tagged(node, at, reader, CURVES)?;
        let time = RecoveryTime::read(inner, &at.then(curve), reader)?;
        Some(match curve {
            "linear" => Recovery::Linear(time),
            "exponential" => Recovery::Exponential(time),
            _ => Recovery::Logistic(time),
        })
    }
    fn document(all: &mut IndexMap<&'static str, RecordDoc>) {
        RecoveryTime::document(all);
    }
}

/// Values given one a step.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Series {
    /// The values.
    pub values: Vec<f64>,
    /// Column of a file that they were read from, and are written as.
    pub(crate) column: Option<CsvColumn>,
}

impl From<Vec<f64>> for Series {
    fn from(values: Vec<f64>) -> Self {
        Series { values, column: None }
    }
}

impl<const N: usize> From<[f64; N]> for Series {
    fn from(values: [f64; N]) -> Self {
        Vec::from(values).into()
    }
}

record! {
    /// A column of a CSV file with a header row.
    pub struct CsvColumn {
        /// Path of the file, relative to the scenario.
        required csv: String;
        /// Header of the column.
        required column: String;
    }
}

impl Entry for Series {
    fn write(&self) -> Option<Value> {
        match &self.column {
            Some(column) => column.write(),
            None => Some(Value::list(self.values.iter().copied().map(Value::number))),
        }
    }
    fn get(&self, key: &str) -> Option<&dyn Entry> {
        Entry::get(&self.values, key)
    }
    fn get_mut(&mut self, key: &str) -> Option<&mut dyn Entry> {
        Entry::get_mut(&mut self.values, key)
    }
    fn clear(&mut self, _: &str) -> Cleared {
        Cleared::Required
    }
    value! {}
}

impl Read for Series {
    fn expects() -> String {
        "list of numbers, or `{ csv = \"FILE\", column = \"HEADER\" }`".into()
    }
    /// Of a column of a file only its name is read here.
    fn read(node: &Node, at: &Path<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        if matches!(node.value, Value::List(_)) {
            return read_list(node, at, reader).map(|values: Vec<f64>| values.into());
        }
        let column = CsvColumn::read(node, at, reader)?;
        Some(Series { values: Vec::new(), column: Some(column) })
    }
    fn document(all: &mut IndexMap<&'static str, RecordDoc>) {
        CsvColumn::document(all);
    }
}

/// The most a lane can carry.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum SurgeLimit {
    /// Whatever is ordered.
    Unlimited,
    /// A multiple `m` of the baseline flow.
    Multiple(Leaf),
}

impl<L: Into<Leaf>> From<L> for SurgeLimit {
    fn from(multiple: L) -> Self {
        SurgeLimit::Multiple(multiple.into())
    }
}

const UNLIMITED: &str = "unlimited";

impl Entry for SurgeLimit {
    fn leaves(&self, at: &Path<'_>, _: Rule, origin: &Origin, visit: &mut Visit<'_>) {
        if let SurgeLimit::Multiple(m) = self {
            m.leaves(at, NON_NEGATIVE, origin, visit);
        }
    }
    fn write(&self) -> Option<Value> {
        match self {
            SurgeLimit::Unlimited => Some(Value::Text(UNLIMITED.to_owned())),
            SurgeLimit::Multiple(m) => m.write(),
        }
    }
    value! {}
    fn as_leaf(&self) -> Option<&Leaf> {
        match self {
            SurgeLimit::Multiple(m) => Some(m),
            SurgeLimit::Unlimited => None,
        }
    }
}

impl Read for SurgeLimit {
    fn expects() -> String {
        "leaf, 0 or more, or `\"unlimited\"`".into()
    }
    fn read(node: &Node, at: &Path<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::Text(word) | Value::Cell(word) if word == UNLIMITED => Some(SurgeLimit::Unlimited),
            // A number or a distribution may stand in a text, but no other word.
            Value::Text(word) if word.chars().all(char::is_alphabetic) => {
                reader.fault(node, at, EntryFault::NotALimit { word: word.clone() })
            }
            _ => Leaf::read(node, at, reader).map(SurgeLimit::Multiple),
        }
    }
    fn from_leaf(leaf: Leaf) -> Option<Self> {
        Some(SurgeLimit::Multiple(leaf))
    }
}

/// When final demand is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FinalDemandClass {
    /// After all orders.
    Last,
    /// With the orders of this priority class.
    With(u32),
}

impl From<u32> for FinalDemandClass {
    fn from(class: u32) -> Self {
        FinalDemandClass::With(class)
    }
}

const LAST: &str = "last";

impl Entry for FinalDemandClass {
    fn write(&self) -> Option<Value> {
        match self {
            FinalDemandClass::Last => Some(Value::Text(LAST.to_owned())),
            FinalDemandClass::With(class) => class.write(),
        }
    }
    value! {}
}

impl Read for FinalDemandClass {
    fn expects() -> String {
        "whole number or `\"last\"`".into()
    }
    fn read(node: &Node, at: &Path<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::Text(word) | Value::Cell(word) if word == LAST => Some(FinalDemandClass::Last),
            Value::Text(_) => reader.wrong_kind(node, at, "a whole number or \"last\""),
            _ => u32::read(node, at, reader).map(FinalDemandClass::With),
        }
    }
}

/// The one of `tags` that a table has, with what stands there.
fn tagged<'n>(
    node: &'n Node,
    at: &Path<'_>,
    reader: &mut Reader<'_>,
    tags: &'static [&'static str],
) -> Option<(&'static str, &'n Node)> {
    let table = reader.table(node, at, &format!("a table with one of {}", tags.join(", ")))?;
    reader.only(table, at, tags);
    let mut given = tags.iter().filter_map(|tag| Some((*tag, &table.get(tag)?.node)));
    match (given.next(), given.next()) {
        (Some(one), None) => Some(one),
        _ => reader.fault(node, at, EntryFault::OneOf { forms: tags }),
    }
}
