//! Entries that are one value, a list, or held by id.

use super::reader::Reader;
use super::{Cleared, Entry, Read, Visit, value};
use crate::number::{count, exact, figure};
use crate::scenario::date::Date;
use crate::scenario::leaf::Leaf;
use crate::scenario::origin::Origin;
use crate::scenario::path::Path;
use crate::scenario::problem::EntryFault;
use crate::scenario::rule::{Form, RecordDoc, Rule, Shape};
use crate::scenario::setting::Setting;
use crate::scenario::tree::{Node, Table, Value};
use indexmap::IndexMap;

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
            Value::Cell(text) => text.parse().ok().or_else(|| figure(text).ok()),
            Value::Text(text) => figure(text).ok(),
            _ => None,
        };
        match number {
            Some(x) if x.is_finite() => Some(x),
            Some(value) => reader.fault(node, at, EntryFault::NotFinite { value }),
            None => reader.wrong_kind(node, at, "a number"),
        }
    }
}

/// A whole number in a text.
fn whole(text: &str) -> Option<i64> {
    count::<u64>(text).ok().and_then(|n| i64::try_from(n).ok())
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
            Value::Cell(text) => text.parse().ok().or_else(|| whole(text)),
            // As 1e6 is written, which is a whole number too.
            Value::Float(x) => whole(&exact(*x)),
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
    fn from_leaf(leaf: Leaf) -> Option<Self> {
        T::from_leaf(leaf).map(Some)
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
    fn from_leaf(leaf: Leaf) -> Option<Self> {
        T::from_leaf(leaf).map(Box::new)
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
        Some(Value::Table(Table::of(entries)))
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
