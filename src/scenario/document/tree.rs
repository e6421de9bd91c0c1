//! The tree of a TOML file, with the place of everything in it.

use super::table::{Table, Words};
use crate::scenario::problem::did_you_mean;
use std::rc::Rc;
use toml::de::{DeTable, DeValue};

/// Where an entry stands: which source, and the bytes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(super) source: u32,
    pub(super) start: u32,
}

/// A value with its place; tables keep the order of the file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) value: Value,
    pub(crate) at: Place,
}

/// A table entry: the value and the place of its key.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) key_at: Place,
    pub(crate) node: Node,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Table(Table),
    Array(Vec<Node>),
    Text(Rc<str>),
    Integer(i64),
    Float(f64),
    Bool(bool),
    Date(Box<toml::value::Datetime>),
    /// A number that does not fit its type.
    Unreadable(Box<str>),
}

impl Value {
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Value::Table(_) => "a table",
            Value::Array(_) => "a list",
            Value::Text(_) => "text",
            Value::Integer(_) => "a whole number",
            Value::Float(_) => "a number",
            Value::Bool(_) => "true or false",
            Value::Date(_) => "a date",
            Value::Unreadable(_) => "a number that is too large",
        }
    }
}

pub(super) fn overlay_placeholder() -> Node {
    Node { value: Value::Table(Table::default()), at: place(0, 0) }
}

pub(super) fn place(source: u32, start: usize) -> Place {
    Place { source, start: u32::try_from(start).unwrap_or(u32::MAX) }
}

/// Depth of the tables whose keys are ids, of which there can be millions and none twice.
const ID_DEPTH: u8 = 1;

/// The tree of a table `depth` tables deep. Places in it are counted from `from`, a source and the bytes before.
pub(super) fn convert_table(
    table: &DeTable<'_>,
    from: (u32, usize),
    start: usize,
    depth: u8,
    words: &mut Words,
) -> Node {
    let mut entries = Table::with_capacity(table.len());
    for (k, v) in table {
        let key = k.get_ref();
        let key = if depth == ID_DEPTH { key.as_ref().into() } else { words.of(key) };
        let key_at = place(from.0, from.1 + k.span().start);
        let node = convert(v.get_ref(), from, v.span().start, depth.saturating_add(1), words);
        entries.insert(key, Entry { key_at, node });
    }
    Node { value: Value::Table(entries), at: place(from.0, from.1 + start) }
}

fn convert(value: &DeValue<'_>, from: (u32, usize), start: usize, depth: u8, words: &mut Words) -> Node {
    let value = match value {
        DeValue::Table(table) => return convert_table(table, from, start, depth, words),
        DeValue::Array(items) => {
            let mut item = |v: &toml::Spanned<DeValue<'_>>| {
                convert(v.get_ref(), from, v.span().start, depth.saturating_add(1), words)
            };
            Value::Array(items.iter().map(&mut item).collect())
        }
        DeValue::String(text) => Value::Text(words.of(text)),
        DeValue::Integer(n) => match i64::from_str_radix(n.as_str(), n.radix()) {
            Ok(n) => Value::Integer(n),
            Err(_) => Value::Unreadable(n.to_string().into()),
        },
        DeValue::Float(x) => match x.as_str().parse() {
            Ok(x) => Value::Float(x),
            Err(_) => Value::Unreadable(x.to_string().into()),
        },
        DeValue::Boolean(b) => Value::Bool(*b),
        DeValue::Datetime(d) => Value::Date(Box::new(*d)),
    };
    Node { value, at: place(from.0, from.1 + start) }
}

/// Whether tables at `path` are laid over each other entry by entry. Everything below is one
/// thing, such as a distribution, and is replaced whole.
pub(super) fn is_container(path: &[String]) -> bool {
    match path {
        [] | [_] => true,
        [section, _] => !matches!(section.as_str(), "scenario" | "time" | "rules" | "assumptions"),
        [section, _, part] => match section.as_str() {
            "sites" => part == "inputs" || part == "outputs",
            "commodities" => part == "market",
            "links" => part == "payment" || part == "contract",
            "controls" => part == "licences" || part == "contract",
            "regimes" => part == "states",
            _ => false,
        },
        [section, _, part, _] => match section.as_str() {
            "sites" => part == "inputs" || part == "outputs",
            "controls" => part == "licences",
            "regimes" => part == "states",
            _ => false,
        },
        [section, _, part, _, next] => section == "regimes" && part == "states" && next == "next",
        _ => false,
    }
}

pub(super) fn merge(base: Node, overlay: Node, path: &mut Vec<String>) -> Node {
    match (base.value, overlay.value) {
        (Value::Table(mut below), Value::Table(above)) if is_container(path) => {
            for (key, entry) in above {
                path.push(key.to_string());
                let laid = match below.get_mut(&key) {
                    Some(old) => {
                        let old_node = std::mem::replace(&mut old.node, overlay_placeholder());
                        Entry { key_at: entry.key_at, node: merge(old_node, entry.node, path) }
                    }
                    None => entry,
                };
                below.insert(key, laid);
                path.pop();
            }
            Node { value: Value::Table(below), at: overlay.at }
        }
        (_, value) => Node { value, at: overlay.at },
    }
}

type Fault = (String, Option<String>);

/// Removes `kind:id` from the tree; a site or a commodity takes its links along.
pub(super) fn remove_one(root: &mut Node, what: &str) -> Result<(), Fault> {
    const KINDS: [(&str, &str); 15] = [
        ("site", "sites"),
        ("link", "links"),
        ("commodity", "commodities"),
        ("control", "controls"),
        ("event", "events"),
        ("reserve", "reserves"),
        ("project", "projects"),
        ("regime", "regimes"),
        ("outage", "outages"),
        ("reexport", "reexports"),
        ("party", "parties"),
        ("assumption", "assumptions"),
        ("correlation", "correlations"),
        ("io_table", "io_tables"),
        ("input", "inputs"),
    ];
    let kinds = || KINDS.iter().map(|k| k.0).chain(["output"]);
    let Some((kind, id)) = what.split_once(':') else {
        return Err((
            format!("`{what}` does not say what to remove"),
            Some("write kind:id, such as site:x or link:a>b:c".into()),
        ));
    };
    let table = match &mut root.value {
        Value::Table(table) => table,
        _ => return Ok(()),
    };
    if kind == "input" || kind == "output" {
        let (site, commodity) = id.rsplit_once('/').ok_or_else(|| {
            (format!("`{what}` names no {kind}"), Some(format!("write {kind}:site/commodity")))
        })?;
        let part = child(table, "sites")
            .and_then(|t| child(t, site))
            .and_then(|t| child(t, if kind == "input" { "inputs" } else { "outputs" }));
        return match part.and_then(|t| t.remove(commodity)) {
            Some(_) => Ok(()),
            None => Err((format!("there is no {kind} `{id}` to remove"), None)),
        };
    }
    let Some((_, section)) = KINDS.iter().find(|k| k.0 == kind) else {
        return Err((format!("`{kind}` is nothing that can be removed"), did_you_mean(kind, kinds())));
    };
    let Some(entries) = child(table, section) else {
        return Err((format!("there is no {kind} `{id}` to remove"), None));
    };
    if entries.remove(id).is_none() {
        return Err((format!("there is no {kind} `{id}` to remove"), did_you_mean(id, entries.keys())));
    }
    if matches!(kind, "site" | "reserve" | "commodity")
        && let Some(links) = child(table, "links")
    {
        links.retain(|key| match crate::scenario::types::split_link(key) {
            Some((from, to, commodity)) => {
                if kind == "commodity" {
                    commodity != id
                } else {
                    from != id && to != id
                }
            }
            None => true,
        });
    }
    Ok(())
}

pub(super) fn child<'a>(table: &'a mut Table, key: &str) -> Option<&'a mut Table> {
    match &mut table.get_mut(key)?.node.value {
        Value::Table(t) => Some(t),
        _ => None,
    }
}

/// Whether `segment` can stand in a TOML path without quotes.
pub(crate) fn is_bare(segment: &str) -> bool {
    !segment.is_empty() && segment.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

/// A path as it is written in TOML: segments that need it are quoted.
pub(crate) fn join_path<S: AsRef<str>>(path: &[S]) -> String {
    let mut joined = String::with_capacity(path.iter().map(|s| s.as_ref().len() + 3).sum());
    for segment in path.iter().map(S::as_ref) {
        if !joined.is_empty() {
            joined.push('.');
        }
        let quote = if is_bare(segment) { "" } else { "\"" };
        joined.extend([quote, segment, quote]);
    }
    joined
}

/// Puts quotes where TOML needs them, so that a link can be named without them on a command line.
pub(crate) fn quote_path(path: &str) -> String {
    if path.contains(['"', '\'']) {
        return path.to_owned();
    }
    join_path(&path.split('.').collect::<Vec<_>>())
}
