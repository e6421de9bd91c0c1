//! What can stand in a scenario: how it is read, written, walked and edited.

mod distribution;
mod figure;
mod notation;
mod reader;
mod values;

pub(crate) use distribution::FORMS;
pub(crate) use reader::{Layer, ORIGIN, Reader};
pub use values::ById;
pub(crate) use values::read_list;

use super::leaf::{Leaf, LeafValue};
use super::origin::Origin;
use super::path::Path;
use super::rule::{FieldDoc, Form, Kind, RecordDoc, Rule, Shape};
use super::setting::{Given, Setting};
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

    /// Makes it from a leaf, where it is one or has a leaf for a value.
    fn from_leaf(_leaf: Leaf) -> Option<Self> {
        None
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
    if let Given::Leaf(leaf) = &given.0
        && let Some(new) = leaf.in_days(form).map(|leaf| T::from_leaf(leaf.edited())).transpose()
    {
        match new {
            Ok(new) => *entry = new,
            Err(fault) => reader.told(at, fault),
        }
    } else if let Some(new) = T::read_as(&given.into_node(), form, at, reader) {
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
