//! What can stand in a scenario: how it is read, written, walked and edited.

use super::date::Date;
use super::leaf::{Leaf, LeafValue};
use super::origin::Origin;
use super::path::Path;
use super::problem::EntryFault;
use super::reader::Reader;
use super::rule::{FieldDoc, Form, Kind, RecordDoc, Rule, Shape};
use super::setting::Setting;
use super::tree::{Node, Value};
use indexmap::IndexMap;

/// A leaf where it stands.
pub(crate) struct Found<'a> {
    pub(crate) path: &'a Path<'a>,
    pub(crate) leaf: &'a Leaf,
    pub(crate) rule: Rule,
    /// The origin that applies to it.
    pub(crate) origin: &'a Origin,
}

/// Called for every leaf.
pub(crate) type Visit<'v> = dyn FnMut(Found<'_>) + 'v;

/// What came of taking an entry out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cleared {
    Yes,
    /// It has to be there.
    Required,
    /// There is no such entry.
    Unknown,
}

/// An entry of a scenario.
pub(crate) trait Entry {
    /// Shows every leaf below, with its path.
    fn leaves(&self, _at: &Path<'_>, _rule: Rule, _origin: &Origin, _visit: &mut Visit<'_>) {}

    /// What stands for it in a file; nothing where that leaves it out.
    fn write(&self) -> Option<Value>;

    /// Puts something else in its place, or tells why that cannot stand there.
    fn replace(&mut self, given: Setting, form: Form, at: &Path<'_>, reader: &mut Reader<'_>);

    /// The entry at a key below.
    fn get(&self, _key: &str) -> Option<&dyn Entry> {
        None
    }

    /// The same, to be changed.
    fn get_mut(&mut self, _key: &str) -> Option<&mut dyn Entry> {
        None
    }

    /// How what stands below at a key is given.
    fn form(&self, _key: &str) -> Form {
        Form::Plain
    }

    /// Takes the entry at a key out, or sets it back to its default.
    fn clear(&mut self, _key: &str) -> Cleared {
        Cleared::Unknown
    }

    /// Reads an entry by id, in the place of one of that id.
    fn insert(&mut self, _id: &str, _node: &Node, _at: &Path<'_>, _reader: &mut Reader<'_>) {}

    /// The keys below.
    fn keys(&self) -> Vec<String> {
        Vec::new()
    }

    /// The leaf it holds, if it is no more than that.
    fn as_leaf(&self) -> Option<&Leaf> {
        None
    }

    /// Whether it is a date.
    fn is_date(&self) -> bool {
        self.as_leaf().is_some_and(|leaf| matches!(leaf.value, LeafValue::Date(_)))
    }
}

/// What can be read from a node.
pub(crate) trait Read: Entry + Sized {
    /// How it is made up.
    const SHAPE: Shape = Shape::Whole;
    /// What can be removed from it by an id.
    const KINDS: &'static [Kind] = &[];

    /// What is expected, in words.
    fn expects() -> String;

    fn read(node: &Node, at: &Path<'_>, reader: &mut Reader<'_>) -> Option<Self>;

    /// Reads it from what is given in another unit, or as a date.
    fn read_as(node: &Node, _form: Form, at: &Path<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        Self::read(node, at, reader)
    }

    /// Its fields, where it has any.
    fn fields() -> Vec<FieldDoc> {
        Vec::new()
    }

    /// Adds the reference of its tables.
    fn document(_all: &mut IndexMap<&'static str, RecordDoc>) {}
}

/// What is expected of a field, in words.
pub(crate) fn expected<T: Read>(rule: Rule) -> String {
    match rule.domain.words() {
        Some(domain) => format!("{}, {domain}", T::expects()),
        None => T::expects(),
    }
}

/// Puts what is given in the place of an entry.
pub(crate) fn replace<T: Read>(
    entry: &mut T,
    given: Setting,
    form: Form,
    at: &Path<'_>,
    reader: &mut Reader<'_>,
) {
    if let Some(new) = T::read_as(&given.into_node(), form, at, reader) {
        *entry = new;
    }
}

/// The rest of an [`Entry`] that is one value.
macro_rules! value {
    ($self:ident => $value:expr) => {
        fn write(&$self) -> Option<Value> {
            Some($value)
        }
        value! {}
    };
    () => {
        fn replace(&mut self, given: Setting, form: Form, at: &Path<'_>, reader: &mut Reader<'_>) {
            $crate::scenario::entry::replace(self, given, form, at, reader);
        }
    };
}
pub(crate) use value;

impl Entry for String {
    value! { self => Value::Text(self.clone()) }
}

impl Read for String {
    fn expects() -> String {
        "text".into()
    }
    fn read(node: &Node, at: &Path<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::Text(text) | Value::Cell(text) => Some(text.clone()),
            _ => reader.wrong_kind(node, at, "text"),
        }
    }
}

impl Entry for bool {
    value! { self => Value::Bool(*self) }
}

impl Read for bool {
    fn expects() -> String {
        "true or false".into()
    }
    fn read(node: &Node, at: &Path<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::Bool(b) => Some(*b),
            Value::Cell(text) if text == "true" => Some(true),
            Value::Cell(text) if text == "false" => Some(false),
            _ => reader.wrong_kind(node, at, "true or false"),
        }
    }
}

impl Entry for f64 {
    value! { self => Value::number(*self) }
}

impl Read for f64 {
    fn expects() -> String {
        "number".into()
    }
    fn read(node: &Node, at: &Path<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        #[expect(clippy::cast_precision_loss, reason = "no figure of a scenario needs more than 53 bits")]
        let number = match &node.value {
            Value::Integer(n) => Some(*n as f64),
            Value::Float(x) => Some(*x),
            Value::Cell(text) => text.parse().ok(),
            _ => None,
        };
        match number {
            Some(x) if x.is_finite() => Some(x),
            Some(value) => reader.fault(node, at, EntryFault::NotFinite { value }),
            None => reader.wrong_kind(node, at, "a number"),
        }
    }
}

impl Entry for u32 {
    value! { self => Value::Integer(i64::from(*self)) }
}

impl Read for u32 {
    fn expects() -> String {
        "whole number".into()
    }
    fn read(node: &Node, at: &Path<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let number = match &node.value {
            Value::Integer(n) => Some(*n),
            Value::Cell(text) => text.parse().ok(),
            _ => None,
        };
        match number {
            Some(n) => match u32::try_from(n) {
                Ok(n) => Some(n),
                Err(_) => reader.fault(node, at, EntryFault::NotWhole { value: n }),
            },
            None => reader.wrong_kind(node, at, "a whole number"),
        }
    }
    /// Whole days, rounded up.
    fn read_as(node: &Node, form: Form, at: &Path<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let days = (f64::from(Self::read(node, at, reader)?) * form.days()).ceil();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
        Some(days as u32)
    }
}

impl Entry for Date {
    value! { self => Value::Date(*self) }
}

impl Read for Date {
    fn expects() -> String {
        "date".into()
    }
    fn read(node: &Node, at: &Path<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::Date(date) => Some(*date),
            _ => reader.wrong_kind(node, at, "a date such as 2026-01-06"),
        }
    }
}

/// Reads every item of a list.
pub(crate) fn read_list<T: Read>(node: &Node, at: &Path<'_>, reader: &mut Reader<'_>) -> Option<Vec<T>> {
    let Value::List(items) = &node.value else {
        return reader.wrong_kind(node, at, "a list");
    };
    let read: Vec<Option<T>> =
        items.iter().enumerate().map(|(k, item)| T::read(item, &at.then(&k.to_string()), reader)).collect();
    read.into_iter().collect()
}

impl<T: Read> Entry for Vec<T> {
    fn leaves(&self, at: &Path<'_>, rule: Rule, origin: &Origin, visit: &mut Visit<'_>) {
        for (k, item) in self.iter().enumerate() {
            item.leaves(&at.then(&k.to_string()), rule, origin, visit);
        }
    }
    fn write(&self) -> Option<Value> {
        Some(Value::list(self.iter().filter_map(Entry::write)))
    }
    fn get(&self, key: &str) -> Option<&dyn Entry> {
        Some(<[T]>::get(self, key.parse::<usize>().ok()?)?)
    }
    fn get_mut(&mut self, key: &str) -> Option<&mut dyn Entry> {
        Some(<[T]>::get_mut(self, key.parse::<usize>().ok()?)?)
    }
    fn clear(&mut self, key: &str) -> Cleared {
        match key.parse::<usize>() {
            Ok(k) if k < self.len() => {
                self.remove(k);
                Cleared::Yes
            }
            _ => Cleared::Unknown,
        }
    }
    fn keys(&self) -> Vec<String> {
        (0..self.len()).map(|k| k.to_string()).collect()
    }
    value! {}
}

impl<T: Read> Read for Vec<T> {
    fn expects() -> String {
        format!("list of {}", T::expects())
    }
    fn read(node: &Node, at: &Path<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        read_list(node, at, reader)
    }
    fn document(all: &mut IndexMap<&'static str, RecordDoc>) {
        T::document(all);
    }
}

impl<T: Read> Entry for Option<T> {
    fn leaves(&self, at: &Path<'_>, rule: Rule, origin: &Origin, visit: &mut Visit<'_>) {
        if let Some(inner) = self {
            inner.leaves(at, rule, origin, visit);
        }
    }
    fn write(&self) -> Option<Value> {
        self.as_ref()?.write()
    }
    fn get(&self, key: &str) -> Option<&dyn Entry> {
        self.as_ref()?.get(key)
    }
    fn get_mut(&mut self, key: &str) -> Option<&mut dyn Entry> {
        self.as_mut()?.get_mut(key)
    }
    fn form(&self, key: &str) -> Form {
        self.as_ref().map_or(Form::Plain, |inner| inner.form(key))
    }
    fn clear(&mut self, key: &str) -> Cleared {
        self.as_mut().map_or(Cleared::Unknown, |inner| inner.clear(key))
    }
    fn keys(&self) -> Vec<String> {
        self.as_ref().map(Entry::keys).unwrap_or_default()
    }
    fn as_leaf(&self) -> Option<&Leaf> {
        self.as_ref()?.as_leaf()
    }
    value! {}
}

impl<T: Read> Read for Option<T> {
    const SHAPE: Shape = T::SHAPE;
    fn expects() -> String {
        T::expects()
    }
    fn read(node: &Node, at: &Path<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        T::read(node, at, reader).map(Some)
    }
    fn read_as(node: &Node, form: Form, at: &Path<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        T::read_as(node, form, at, reader).map(Some)
    }
    fn document(all: &mut IndexMap<&'static str, RecordDoc>) {
        T::document(all);
    }
}

/// What few entries have stands in a box of its own, so that the others take no room for it.
impl<T: Read> Entry for Box<T> {
    fn leaves(&self, at: &Path<'_>, rule: Rule, origin: &Origin, visit: &mut Visit<'_>) {
        self.as_ref().leaves(at, rule, origin, visit);
    }
    fn write(&self) -> Option<Value> {
        self.as_ref().write()
    }
    fn get(&self, key: &str) -> Option<&dyn Entry> {
        self.as_ref().get(key)
    }
    fn get_mut(&mut self, key: &str) -> Option<&mut dyn Entry> {
        self.as_mut().get_mut(key)
    }
    fn form(&self, key: &str) -> Form {
        self.as_ref().form(key)
    }
    fn clear(&mut self, key: &str) -> Cleared {
        self.as_mut().clear(key)
    }
    fn keys(&self) -> Vec<String> {
        self.as_ref().keys()
    }
    value! {}
}

impl<T: Read> Read for Box<T> {
    const SHAPE: Shape = T::SHAPE;
    fn expects() -> String {
        T::expects()
    }
    fn read(node: &Node, at: &Path<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        T::read(node, at, reader).map(Box::new)
    }
    fn document(all: &mut IndexMap<&'static str, RecordDoc>) {
        T::document(all);
    }
}

/// Entries by id, in the order of the file.
pub type ById<T> = IndexMap<String, T>;

impl<T: Read> Entry for ById<T> {
    fn leaves(&self, at: &Path<'_>, rule: Rule, origin: &Origin, visit: &mut Visit<'_>) {
        for (id, item) in self {
            item.leaves(&at.then(id), rule, origin, visit);
        }
    }
    fn write(&self) -> Option<Value> {
        let entries = self.iter().filter_map(|(id, item)| Some((id.as_str(), item.write()?)));
        Some(Value::Table(super::tree::Table::of(entries)))
    }
    fn get(&self, key: &str) -> Option<&dyn Entry> {
        Some(IndexMap::get(self, key)?)
    }
    fn get_mut(&mut self, key: &str) -> Option<&mut dyn Entry> {
        Some(IndexMap::get_mut(self, key)?)
    }
    fn clear(&mut self, key: &str) -> Cleared {
        self.shift_remove(key).map_or(Cleared::Unknown, |_| Cleared::Yes)
    }
    fn insert(&mut self, id: &str, node: &Node, at: &Path<'_>, reader: &mut Reader<'_>) {
        if let Some(item) = T::read(node, &at.then(id), reader) {
            IndexMap::insert(self, id.to_owned(), item);
        }
    }
    fn keys(&self) -> Vec<String> {
        IndexMap::keys(self).cloned().collect()
    }
    value! {}
}

impl<T: Read> Read for ById<T> {
    const SHAPE: Shape = Shape::Ids(&T::SHAPE);
    fn expects() -> String {
        format!("table of {}, by id", T::expects())
    }
    fn read(node: &Node, at: &Path<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let table = reader.table(node, at, "a table of entries by id")?;
        let mut whole = true;
        let mut out = IndexMap::with_capacity(table.entries.len());
        for (id, entry) in &table.entries {
            if id.is_empty() {
                reader.fault::<()>(&entry.node, at, EntryFault::EmptyId);
                whole = false;
                continue;
            }
            match reader.entry(entry, true, |r| T::read(&entry.node, &at.then(id), r)) {
                Some(value) => {
                    out.insert(id.clone(), value);
                }
                None => whole = false,
            }
        }
        whole.then_some(out)
    }
    fn document(all: &mut IndexMap<&'static str, RecordDoc>) {
        T::document(all);
    }
}
