//! Scenarios written as TOML.

use super::whole::relative;
use crate::scenario::{
    Entry, EntryFault, Finding, InputOutput, Read, Shape, Table, TableFiles, Tables, Value,
};
use std::path::Path;
use toml_edit::{Array, DocumentMut, InlineTable, Item, Key};

/// The tables as a TOML document that is to stand in `folder`: one header an entry, and a leaf on one line. Otherwise what
/// no text can hold.
pub(super) fn to_toml(tables: &Tables, folder: &Path) -> Result<String, Vec<Finding>> {
    let mut writer = Writer::default();
    let mut document = DocumentMut::new();
    if let Some(Value::Table(root)) = beside(tables.clone(), folder).write() {
        writer.fill(document.as_table_mut(), &root, Tables::SHAPE);
    }
    if writer.found.is_empty() { Ok(document.to_string().trim_start().to_owned()) } else { Err(writer.found) }
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
                value_added: files.value_added.as_ref().map(from),
            });
        }
    }
    tables
}

/// Turns the tree into items, and collects what cannot be written.
#[derive(Default)]
struct Writer {
    path: Vec<String>,
    found: Vec<Finding>,
}

impl Writer {
    fn fill(&mut self, table: &mut toml_edit::Table, entries: &Table, shape: Shape) {
        for (key, entry) in &entries.entries {
            self.path.push(key.clone());
            let item = self.item(&entry.node.value, shape.below(key).shape);
            table.insert_formatted(&Key::new(key), item);
            self.path.pop();
        }
    }

    /// A table that others are laid over entry by entry stands under a header, all else on one line.
    fn item(&mut self, value: &Value, shape: Shape) -> Item {
        match (value, shape) {
            (Value::Table(entries), Shape::Fields(_) | Shape::Ids(_)) => {
                let mut table = toml_edit::Table::new();
                // Entries under headers of their own need none for what holds them.
                table.set_implicit(matches!(shape, Shape::Ids(Shape::Fields(_))));
                self.fill(&mut table, entries, shape);
                Item::Table(table)
            }
            _ => Item::Value(self.inline(value)),
        }
    }

    fn inline(&mut self, value: &Value) -> toml_edit::Value {
        if let Value::Sampler(sampler) = value {
            let fault = EntryFault::Unwritable { sampler: sampler.clone() };
            self.found.push(Finding::new(&self.path, fault));
        }
        match value {
            Value::Table(entries) => {
                let mut table = InlineTable::new();
                for (key, entry) in &entries.entries {
                    table.insert_formatted(&Key::new(key), self.inline(&entry.node.value));
                }
                toml_edit::Value::InlineTable(table)
            }
            Value::List(items) => {
                toml_edit::Value::Array(items.iter().map(|item| self.inline(&item.value)).collect::<Array>())
            }
            Value::Text(text) | Value::Cell(text) | Value::TooLarge(text) | Value::Sampler(text) => {
                text.as_str().into()
            }
            Value::Integer(n) => (*n).into(),
            Value::Float(x) => (*x).into(),
            Value::Bool(b) => (*b).into(),
            Value::Date(date) => {
                let date = toml_edit::Date { year: date.year, month: date.month, day: date.day };
                toml_edit::Datetime { date: Some(date), time: None, offset: None }.into()
            }
            Value::Time => "".into(),
        }
    }
}

/// A value as it stands on one line.
pub(super) fn inline(value: &Value) -> String {
    Writer::default().inline(value).to_string()
}
