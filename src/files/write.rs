//! Scenarios written as TOML.

use super::whole::relative;
use crate::scenario::{Entry, InputOutput, Overlay, Read, TableFiles, Tables, Value};
use std::path::Path;
use toml_edit::{Array, DocumentMut, InlineTable, Item, Key};

/// The tables as a TOML document that is to stand in `folder`: one header an entry, and a leaf on one line.
pub(super) fn to_toml(tables: &Tables, folder: &Path) -> String {
    let mut document = DocumentMut::new();
    let tables = beside(tables.clone(), folder);
    if let Some(Value::Table(root)) = tables.write() {
        for (key, entry) in &root.entries {
            let below = Tables::OVERLAY.below(key).1;
            document.as_table_mut().insert_formatted(&Key::new(key), item(&entry.node.value, below));
        }
    }
    document.to_string().trim_start().to_owned()
}

/// The tables with the paths of their files as they are from a folder.
fn beside(mut tables: Tables, folder: &Path) -> Tables {
    let from = |path: &String| relative(Path::new(path), folder);
    for column in tables.events.values_mut().filter_map(|e| e.series.as_mut()?.column.as_mut()) {
        column.csv = from(&column.csv);
    }
    for table in tables.io_tables.values_mut() {
        if let Some(files) = table.figures.files() {
            table.figures = InputOutput::of_files(TableFiles {
                flows: from(&files.flows),
                demand: from(&files.demand),
                output: files.output.as_ref().map(from),
            });
        }
    }
    tables
}

/// A table that others are laid over entry by entry stands under a header, all else on one line.
fn item(value: &Value, rule: Overlay) -> Item {
    match (value, rule) {
        (Value::Table(entries), Overlay::Fields(_) | Overlay::Ids(_)) => {
            let mut table = toml_edit::Table::new();
            // Between headers of entries there is none for the section.
            table.set_implicit(!entries.entries.is_empty() && entries.entries.values().all(|e| {
                matches!(rule, Overlay::Ids(Overlay::Fields(_))) && matches!(e.node.value, Value::Table(_))
            }));
            for (key, entry) in &entries.entries {
                table.insert_formatted(&Key::new(key), item(&entry.node.value, rule.below(key).1));
            }
            Item::Table(table)
        }
        _ => Item::Value(inline(value)),
    }
}

/// A value as it stands on one line.
pub(super) fn inline(value: &Value) -> toml_edit::Value {
    match value {
        Value::Table(entries) => {
            let mut table = InlineTable::new();
            for (key, entry) in &entries.entries {
                table.insert_formatted(&Key::new(key), inline(&entry.node.value));
            }
            toml_edit::Value::InlineTable(table)
        }
        Value::List(items) => {
            toml_edit::Value::Array(items.iter().map(|item| inline(&item.value)).collect::<Array>())
        }
        Value::Text(text) | Value::Cell(text) | Value::TooLarge(text) => text.as_str().into(),
        Value::Integer(n) => (*n).into(),
        Value::Float(x) => (*x).into(),
        Value::Bool(b) => (*b).into(),
        Value::Date(date) => toml_edit::Datetime {
            date: Some(toml_edit::Date { year: date.year, month: date.month, day: date.day }),
            time: None,
            offset: None,
        }
        .into(),
        Value::Time => "".into(),
    }
}
