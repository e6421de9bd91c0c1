//! From TOML to the tree that scenarios are read from.

use crate::scenario::{Date, Keyed, Node, Place, Table, Value};
use toml::de::{DeTable, DeValue};

/// The tree of a text, and what keeps it from being TOML.
pub(super) fn parse(text: &str, source: u32) -> (Node, Vec<(Place, String)>) {
    let (tree, errors) = DeTable::parse_recoverable(text);
    let root =
        Node { value: Value::Table(table(tree.get_ref(), source)), at: place(source, tree.span().start) };
    let faults =
        errors.iter().map(|e| (place(source, e.span().map_or(0, |s| s.start)), e.message().to_owned()));
    (root, faults.collect())
}

/// A place in a text, by the bytes before it.
pub(super) fn place(source: u32, at: usize) -> Place {
    Place { source, at: u32::try_from(at).unwrap_or(u32::MAX) }
}

fn table(entries: &DeTable<'_>, source: u32) -> Table {
    let mut table = Table::new(source);
    table.entries.reserve_exact(entries.len());
    for (key, value) in entries {
        let node = node(value, source);
        let entry = Keyed { key_at: place(source, key.span().start), node, replaced: false };
        table.entries.insert(key.get_ref().as_ref().to_owned(), entry);
    }
    table
}

fn node(value: &toml::Spanned<DeValue<'_>>, source: u32) -> Node {
    let at = place(source, value.span().start);
    let value = match value.get_ref() {
        DeValue::Table(entries) => Value::Table(table(entries, source)),
        DeValue::Array(items) => Value::List(items.iter().map(|item| node(item, source)).collect()),
        DeValue::String(text) => Value::Text(text.as_ref().to_owned()),
        DeValue::Integer(n) => match i64::from_str_radix(n.as_str(), n.radix()) {
            Ok(n) => Value::Integer(n),
            Err(_) => Value::TooLarge(n.to_string()),
        },
        DeValue::Float(x) => match x.as_str().parse() {
            Ok(x) => Value::Float(x),
            Err(_) => Value::TooLarge(x.to_string()),
        },
        DeValue::Boolean(b) => Value::Bool(*b),
        DeValue::Datetime(when) => match (when.date, when.time, when.offset) {
            (Some(d), None, None) => Value::Date(Date::new(d.year, d.month, d.day)),
            _ => Value::Time,
        },
    };
    Node { value, at }
}
