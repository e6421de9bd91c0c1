//! Leaves as entries: how they are read, written, walked and edited.

use super::distribution::{self, FORMS};
use super::notation::expand;
use super::reader::Reader;
use super::{Entry, Found, Read, Visit, value};
use crate::scenario::date::Date;
use crate::scenario::leaf::{Leaf, LeafValue, Reference, written};
use crate::scenario::origin::Origin;
use crate::scenario::path::Path;
use crate::scenario::problem::EntryFault;
use crate::scenario::rule::{Form, Rule};
use crate::scenario::setting::Setting;
use crate::scenario::tree::{Node, Table, Value};

impl Entry for Leaf {
    fn leaves(&self, path: &Path<'_>, rule: Rule, origin: &Origin, visit: &mut Visit<'_>) {
        visit(Found { path, leaf: self, rule, origin: self.origin.or(origin) });
    }

    fn write(&self) -> Option<Value> {
        Some(self.written())
    }

    value! {}

    fn as_leaf(&self) -> Option<&Leaf> {
        Some(self)
    }
}

impl Read for Leaf {
    fn expects() -> String {
        "leaf".into()
    }

    fn read(node: &Node, at: &Path<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        read(node, Form::Plain, at, reader)
    }

    fn from_leaf(leaf: Leaf) -> Option<Self> {
        Some(leaf)
    }

    fn read_as(node: &Node, form: Form, at: &Path<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let leaf = read(node, form, at, reader)?;
        let (Form::Months | Form::Years) = form else { return Some(leaf) };
        let scaled = match leaf.in_days(form) {
            Ok(scaled) => scaled,
            Err(fault) => return reader.fault(node, at, fault),
        };
        // A distribution is made from its parameters in days, so that it is the same when it is written and read again.
        match &scaled.value {
            LeafValue::Distribution(d) => {
                let (form, parameters) = written(d);
                let again = distribution::read(form, &Node { value: parameters, at: node.at }, at, reader)?;
                Some(Leaf { value: LeafValue::Distribution(Box::new(again)), origin: scaled.origin })
            }
            _ => Some(scaled),
        }
    }
}

fn read(node: &Node, given: Form, at: &Path<'_>, reader: &mut Reader<'_>) -> Option<Leaf> {
    let Value::Table(table) = &node.value else {
        let value = read_bare(node, given, at, reader)?;
        return Some(Leaf { value, origin: reader.credited(Origin::default(), node.at) });
    };
    let forms = || ["value", "assumption"].into_iter().chain(FORMS.iter().map(|d| d.0));
    let found: Vec<&str> = forms().filter(|f| table.entries.contains_key(*f)).collect();
    let origin = reader.leaf_origin(table, at);
    let value = match found.as_slice() {
        [form] => {
            let mut known = vec!["source", "basis", *form];
            if *form == "assumption" {
                known.extend(["times", "plus"]);
            }
            known.push("changed_by");
            reader.only(table, at, &known);
            read_value(form, given, table, at, reader)
        }
        [] => {
            let known: Vec<&str> = forms().chain(["source", "basis", "changed_by"]).collect();
            reader.only(table, at, &known);
            reader.fault(node, at, EntryFault::NoValue)
        }
        many => {
            let forms = many.iter().map(|&form| form.to_owned()).collect();
            reader.fault(node, at, EntryFault::SeveralValues { forms })
        }
    };
    Some(Leaf { value: value?, origin: reader.credited(origin?, node.at) })
}

/// A value without a table around it.
fn read_bare(node: &Node, given: Form, at: &Path<'_>, reader: &mut Reader<'_>) -> Option<LeafValue> {
    match (&node.value, given) {
        (_, Form::Date) => Date::read(node, at, reader).map(LeafValue::Date),
        // Whether days are counted there is found when the scenario is checked.
        (Value::Date(date), _) => Some(LeafValue::Date(*date)),
        (Value::Text(text), _) => read_text(text, node, given, at, reader),
        (Value::Cell(text), _) if text.contains('(') => read_text(text, node, given, at, reader),
        (Value::Integer(_) | Value::Float(_) | Value::Cell(_), _) => {
            f64::read(node, at, reader).map(LeafValue::Number)
        }
        _ => reader.wrong_kind(node, at, "a number, a distribution, or a table with `value` or `assumption`"),
    }
}

/// A value that stands in a text, as reports print it.
fn read_text(
    text: &str,
    node: &Node,
    given: Form,
    at: &Path<'_>,
    reader: &mut Reader<'_>,
) -> Option<LeafValue> {
    match expand(text, node.at) {
        Ok(Value::Float(x)) => Some(LeafValue::Number(x)),
        Ok(Value::Date(date)) => Some(LeafValue::Date(date)),
        Ok(Value::Table(table)) => read_value(table.entries.keys().next()?, given, &table, at, reader),
        Ok(_) => None,
        Err(fault) => reader.fault(node, at, fault),
    }
}

fn read_value(
    form: &str,
    given: Form,
    table: &Table,
    at: &Path<'_>,
    reader: &mut Reader<'_>,
) -> Option<LeafValue> {
    let node = &table.get(form)?.node;
    match form {
        "value" if given == Form::Date => Date::read(node, &at.then("value"), reader).map(LeafValue::Date),
        "value" => match &node.value {
            Value::Text(_) | Value::Date(_) => read_bare(node, given, &at.then("value"), reader),
            _ => f64::read(node, &at.then("value"), reader).map(LeafValue::Number),
        },
        "assumption" => {
            let id = String::read(node, &at.then("assumption"), reader);
            let times = reader.plain::<f64>(table, at, "times");
            let plus = reader.plain::<f64>(table, at, "plus");
            let (times, plus) = (times?.unwrap_or(1.0), plus?.unwrap_or(0.0));
            Some(LeafValue::Assumption(Box::new(Reference { id: id?, times, plus })))
        }
        _ => {
            let distribution = distribution::read(form, node, &at.then(form), reader);
            distribution.map(|d| LeafValue::Distribution(Box::new(d)))
        }
    }
}
