//! From a spanned tree to the types: unknown keys, missing fields and wrong types are collected,
//! not stopped at.

mod reader;

use super::document::{Node, Value};
use super::leaf::{Domain, Leaf, Origin};
use super::trail::Trail;
use indexmap::IndexMap;
pub(crate) use reader::Reader;

/// One row of the format reference.
#[derive(Debug, Clone)]
pub(crate) struct FieldDoc {
    pub(crate) key: &'static str,
    pub(crate) presence: String,
    pub(crate) expects: String,
    pub(crate) doc: String,
}

/// Called for every leaf with its path, its domain and the origin that applies to it.
pub(crate) type LeafVisitor<'v> = dyn FnMut(&Trail, &Leaf, Domain, &Origin) + 'v;

/// What can be read from a node.
pub(crate) trait Read: Sized {
    /// What is expected, in words.
    fn expects() -> String;
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self>;
    /// Shows every leaf below, with its path.
    fn leaves(&self, _path: &mut Trail, _domain: Domain, _origin: &Origin, _visit: &mut LeafVisitor<'_>) {}
    /// The leaf at a path below, as [`Read::leaves`] gives it.
    fn leaf_mut(&mut self, _path: &[String]) -> Option<&mut Leaf> {
        None
    }
}

impl Read for String {
    fn expects() -> String {
        "text".into()
    }
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::Text(text) => Some(text.as_ref().to_owned()),
            _ => {
                reader.wrong_kind(node, "text");
                None
            }
        }
    }
}

impl Read for bool {
    fn expects() -> String {
        "true or false".into()
    }
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match node.value {
            Value::Bool(b) => Some(b),
            _ => {
                reader.wrong_kind(node, "true or false");
                None
            }
        }
    }
}

impl Read for f64 {
    fn expects() -> String {
        "number".into()
    }
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match node.value {
            #[expect(clippy::cast_precision_loss, reason = "no figure of a scenario needs more than 53 bits")]
            Value::Integer(n) => Some(n as f64),
            Value::Float(x) if x.is_finite() => Some(x),
            Value::Float(x) => {
                reader.problem(
                    node,
                    format!("{x} is not a finite number"),
                    Some("give a finite number".into()),
                );
                None
            }
            _ => {
                reader.wrong_kind(node, "a number");
                None
            }
        }
    }
}

impl Read for u32 {
    fn expects() -> String {
        "whole number".into()
    }
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match node.value {
            Value::Integer(n) => match u32::try_from(n) {
                Ok(n) => Some(n),
                Err(_) => {
                    reader.problem(
                        node,
                        format!("{n} is out of range"),
                        Some("give a whole number from 0 to 4294967295".into()),
                    );
                    None
                }
            },
            _ => {
                reader.wrong_kind(node, "a whole number");
                None
            }
        }
    }
}

/// A calendar date, as TOML writes it: `2026-01-06`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Date {
    /// Year.
    pub year: u16,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, from 1.
    pub day: u8,
}

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl Read for Date {
    fn expects() -> String {
        "date".into()
    }
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let date = match &node.value {
            Value::Date(whole) if whole.time.is_none() && whole.offset.is_none() => whole.date,
            _ => None,
        };
        match date {
            Some(d) => Some(Date { year: d.year, month: d.month, day: d.day }),
            None => {
                reader.wrong_kind(node, "a date such as 2026-01-06");
                None
            }
        }
    }
}

impl<T: Read> Read for Vec<T> {
    fn expects() -> String {
        format!("list of {}", T::expects())
    }
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let Value::Array(items) = &node.value else {
            reader.wrong_kind(node, "a list");
            return None;
        };
        let read: Vec<Option<T>> = items
            .iter()
            .enumerate()
            .map(|(k, item)| reader.at(&k.to_string(), |r| T::read(item, r)))
            .collect();
        read.into_iter().collect()
    }
    fn leaves(&self, path: &mut Trail, domain: Domain, origin: &Origin, visit: &mut LeafVisitor<'_>) {
        for (k, item) in self.iter().enumerate() {
            path.push(&k.to_string());
            item.leaves(path, domain, origin, visit);
            path.pop();
        }
    }
    fn leaf_mut(&mut self, path: &[String]) -> Option<&mut Leaf> {
        let (first, rest) = path.split_first()?;
        self.get_mut(first.parse::<usize>().ok()?)?.leaf_mut(rest)
    }
}

impl<T: Read> Read for Option<T> {
    fn expects() -> String {
        T::expects()
    }
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        T::read(node, reader).map(Some)
    }
    fn leaves(&self, path: &mut Trail, domain: Domain, origin: &Origin, visit: &mut LeafVisitor<'_>) {
        if let Some(inner) = self {
            inner.leaves(path, domain, origin, visit);
        }
    }
    fn leaf_mut(&mut self, path: &[String]) -> Option<&mut Leaf> {
        self.as_mut()?.leaf_mut(path)
    }
}

/// What few entries have stands in a box of its own, so that the others take no room for it.
impl<T: Read> Read for Box<T> {
    fn expects() -> String {
        T::expects()
    }
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        T::read(node, reader).map(Box::new)
    }
    fn leaves(&self, path: &mut Trail, domain: Domain, origin: &Origin, visit: &mut LeafVisitor<'_>) {
        self.as_ref().leaves(path, domain, origin, visit);
    }
    fn leaf_mut(&mut self, path: &[String]) -> Option<&mut Leaf> {
        self.as_mut().leaf_mut(path)
    }
}

/// Entries by id, in the order of the file.
pub type ById<T> = IndexMap<String, T>;

impl<T: Read> Read for ById<T> {
    fn expects() -> String {
        format!("table of {}, by id", T::expects())
    }
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let table = reader.table(node, "a table of entries by id")?;
        let mut whole = true;
        let mut out = IndexMap::new();
        let mut read = |id: &str, node: &Node, reader: &mut Reader<'_>, out: &mut IndexMap<String, T>| {
            if id.is_empty() {
                reader.problem(node, "an id is empty".into(), Some("give it a name".into()));
                whole = false;
                return;
            }
            match reader.at(id, |r| T::read(node, r)) {
                Some(value) => {
                    out.insert(id.to_owned(), value);
                }
                None => whole = false,
            }
        };
        match reader.section() {
            Some(section) => {
                out.reserve_exact(section.len());
                for (id, entry) in section {
                    read(&id, &entry.node, reader, &mut out);
                }
            }
            None => {
                out.reserve_exact(table.len());
                for (id, entry) in table.iter() {
                    read(id, &entry.node, reader, &mut out);
                }
            }
        }
        whole.then_some(out)
    }
    fn leaves(&self, path: &mut Trail, domain: Domain, origin: &Origin, visit: &mut LeafVisitor<'_>) {
        for (id, item) in self {
            path.push(id);
            item.leaves(path, domain, origin, visit);
            path.pop();
        }
    }
    fn leaf_mut(&mut self, path: &[String]) -> Option<&mut Leaf> {
        let (first, rest) = path.split_first()?;
        self.get_mut(first)?.leaf_mut(rest)
    }
}

/// Declares a table of the format: the type, how it is read, its leaves and its reference, from
/// one list of fields, so that none of the four can drift from the others.
macro_rules! record {
    (
        $(#[doc = $doc:literal])+
        $name:ident {
            $( $(#[doc = $fdoc:literal])+ $mode:ident $field:ident : $ty:ty $(= $default:expr)? $(, in $domain:ident)? ; )*
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub struct $name {
            $( $(#[doc = $fdoc])+ pub $field: record!(@type $mode $ty), )*
            /// Source and basis of the leaves in this table that give none of their own.
            pub origin: $crate::scenario::leaf::OwnOrigin,
        }

        impl $name {
            pub(crate) const KEYS: &'static [&'static str] = &[$(stringify!($field),)* "source", "basis"];

            /// The reference of this table.
            pub(crate) fn reference() -> (&'static str, Vec<$crate::scenario::read::FieldDoc>) {
                (concat!($($doc, "\n"),+), vec![$(
                    $crate::scenario::read::FieldDoc {
                        key: stringify!($field),
                        presence: record!(@presence $mode $($default)?),
                        expects: {
                            let words = <$ty as $crate::scenario::read::Read>::expects();
                            match record!(@domain $($domain)?).words() {
                                Some(domain) => format!("{words}, {domain}"),
                                None => words,
                            }
                        },
                        doc: concat!($($fdoc),+).trim().to_owned(),
                    },
                )*])
            }
        }

        impl $crate::scenario::read::Read for $name {
            fn expects() -> String {
                concat!("`", stringify!($name), "`").into()
            }
            fn read(node: &$crate::scenario::document::Node, reader: &mut $crate::scenario::read::Reader<'_>) -> Option<Self> {
                let table = reader.table(node, "a table")?;
                $( let $field: Option<record!(@type $mode $ty)> = record!(@read $mode $ty, node, table, reader, $field $(, $default)?); )*
                let origin = $crate::scenario::leaf::OwnOrigin::read_from(table, reader);
                reader.unknown_keys(table, Self::KEYS);
                Some($name { $($field: $field?,)* origin: origin? })
            }
            fn leaves(&self, path: &mut $crate::scenario::trail::Trail, _domain: $crate::scenario::leaf::Domain, origin: &$crate::scenario::leaf::Origin, visit: &mut $crate::scenario::read::LeafVisitor<'_>) {
                let origin = self.origin.or(origin);
                $(
                    path.push(stringify!($field));
                    $crate::scenario::read::Read::leaves(&self.$field, path, record!(@domain $($domain)?), origin, visit);
                    path.pop();
                )*
            }
            fn leaf_mut(&mut self, path: &[String]) -> Option<&mut $crate::scenario::leaf::Leaf> {
                let (first, rest) = path.split_first()?;
                match first.as_str() {
                    $( stringify!($field) => $crate::scenario::read::Read::leaf_mut(&mut self.$field, rest), )*
                    _ => None,
                }
            }
        }
    };
    (@type required $ty:ty) => { $ty };
    (@type optional $ty:ty) => { Option<$ty> };
    (@type default $ty:ty) => { $ty };
    (@presence required) => { "required".to_owned() };
    (@presence optional) => { "optional".to_owned() };
    (@presence default $default:expr) => { { let text = stringify!($default); record!(@shown text) } };
    (@shown $text:ident) => { $crate::scenario::format::shown_default($text) };
    (@domain) => { $crate::scenario::leaf::Domain::Any };
    (@domain $domain:ident) => { $crate::scenario::leaf::Domain::$domain };
    (@read required $ty:ty, $node:ident, $table:ident, $reader:ident, $field:ident) => {
        $reader.required::<$ty>($node, $table, stringify!($field))
    };
    (@read optional $ty:ty, $node:ident, $table:ident, $reader:ident, $field:ident) => {
        $reader.optional::<$ty>($table, stringify!($field))
    };
    (@read default $ty:ty, $node:ident, $table:ident, $reader:ident, $field:ident, $default:expr) => {
        $reader.optional::<$ty>($table, stringify!($field)).map(|v| v.unwrap_or_else(|| $default))
    };
}

/// Declares a choice between words: the type, how it is read and its reference.
macro_rules! choice {
    (
        $(#[doc = $doc:literal])+
        $name:ident { $( $(#[doc = $vdoc:literal])+ $variant:ident = $word:literal ),* $(,)? }
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
        #[non_exhaustive]
        pub enum $name { $( $(#[doc = $vdoc])+ $variant ),* }

        impl $name {
            /// The word as it stands in a file.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $( $name::$variant => $word ),* }
            }
        }

        impl $crate::scenario::read::Read for $name {
            fn expects() -> String {
                [$(concat!("`\"", $word, "\"`")),*].join(" or ")
            }
            fn read(node: &$crate::scenario::document::Node, reader: &mut $crate::scenario::read::Reader<'_>) -> Option<Self> {
                let word = <String as $crate::scenario::read::Read>::read(node, reader)?;
                match word.as_str() {
                    $( $word => Some($name::$variant), )*
                    _ => {
                        let help = $crate::scenario::problem::did_you_mean(&word, [$($word),*]);
                        reader.problem(node, format!("`{word}` is not a choice here"), help);
                        None
                    }
                }
            }
        }
    };
}

pub(crate) use {choice, record};
