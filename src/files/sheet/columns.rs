//! The columns of a table of entries, and the entries that its rows make up.

use crate::files::access::Access;
use crate::files::rows::{Rows, Unread};
use crate::scenario::{
    Keyed, Kind, Node, ORIGIN, Place, Read, Shape, SheetFault, Table, Tables, Value, suggest,
};
use std::path::Path;

/// Columns that make up the id of a link where none gives it.
const LINK: [&str; 3] = ["from", "to", "commodity"];
const ID: &str = "id";

/// Something wrong with a row.
pub(super) struct Fault {
    pub(super) id: Option<String>,
    pub(super) line: usize,
    pub(super) fault: SheetFault,
}

/// Part of the path that a cell stands at.
enum Key {
    Field(String),
    /// The id that a column gives in the row.
    Given(usize),
}

struct Column {
    name: String,
    /// Nothing for the columns of the id.
    keys: Vec<Key>,
    /// Whether its cell is the last of its keys, not a value.
    names: bool,
}

/// The entries of a file, one after another.
pub(super) struct Entries {
    rows: Rows,
    columns: Vec<Column>,
    id: Vec<usize>,
    source: u32,
    file: String,
    /// The first row of the next entry has been read.
    pending: Option<String>,
}

impl Entries {
    /// Opens a file and reads its columns.
    pub(super) fn open(
        file: &Path,
        kind: &'static Kind,
        source: u32,
        access: &Access,
    ) -> Result<Self, SheetFault> {
        let unreadable = |error: String| SheetFault::CannotRead { file: file.display().to_string(), error };
        let mut rows = Rows::open(file, access).map_err(|unread| match unread {
            Unread::Io(e) => unreadable(e.to_string()),
            Unread::Fault(fault) => SheetFault::Text { file: file.display().to_string(), fault },
        })?;
        if !rows.next().map_err(|e| unreadable(e.to_string()))? {
            return Err(SheetFault::NoId { wanted: &[ID] });
        }
        let names: Vec<String> = (0..rows.row.len()).map(|k| rows.text(k)).collect();
        let place = |name: &str| names.iter().position(|n| n == name);
        if let Some((_, twice)) = names.iter().enumerate().find(|(k, name)| place(name) != Some(*k)) {
            return Err(SheetFault::ColumnTwice { column: twice.clone() });
        }
        let links = kind.field == "links";
        let id: Vec<usize> = match (place(ID), links) {
            (Some(id), _) => vec![id],
            (None, true) => LINK.iter().filter_map(|name| place(name)).collect(),
            (None, false) => Vec::new(),
        };
        if id.len() != 1 && (!links || id.len() != LINK.len()) {
            return Err(SheetFault::NoId { wanted: if links { &LINK } else { &[ID] } });
        }
        let mut columns = Vec::with_capacity(names.len());
        for (k, name) in names.iter().enumerate() {
            let keys = if id.contains(&k) { Vec::new() } else { keys(name, kind, &place)? };
            let names = matches!(keys.as_slice(), [_, Key::Given(given)] if *given == k);
            columns.push(Column { name: name.clone(), keys, names });
        }
        Ok(Entries { rows, columns, id, source, file: file.display().to_string(), pending: None })
    }

    /// The line of the row read last.
    pub(super) fn line(&self) -> usize {
        self.rows.line
    }

    /// The next entry: its id, the line it begins at, and what its rows say.
    pub(super) fn next_entry(&mut self) -> Result<Option<(String, usize, Table)>, Fault> {
        let id = match self.pending.take() {
            Some(id) => id,
            None => match self.next_row()? {
                Some(id) => id,
                None => return Ok(None),
            },
        };
        let first = self.rows.line;
        let mut table = Table::new(self.source);
        let mut fault = None;
        loop {
            if let Err(wrong) = self.add(&mut table, &id) {
                let wrong = Fault { id: Some(id.clone()), line: self.rows.line, fault: wrong };
                fault = fault.or(Some(wrong));
            }
            match self.next_row() {
                Ok(Some(next)) if next == id => {}
                Ok(next) => {
                    self.pending = next;
                    break;
                }
                Err(wrong) => {
                    fault = fault.or(Some(wrong));
                    break;
                }
            }
        }
        fault.map_or(Ok(Some((id, first, table))), Err)
    }

    /// Reads the next row, and gives the id of its entry.
    fn next_row(&mut self) -> Result<Option<String>, Fault> {
        let wrong = |line, fault| Fault { id: None, line, fault };
        match self.rows.next() {
            Ok(true) => {}
            Ok(false) => return Ok(None),
            Err(e) => {
                let fault = SheetFault::CannotRead { file: self.file.clone(), error: e.to_string() };
                return Err(wrong(self.rows.line, fault));
            }
        }
        let (cells, columns, line) = (self.rows.row.len(), self.columns.len(), self.rows.line);
        if cells != columns {
            return Err(wrong(line, SheetFault::RowWidth { cells, columns }));
        }
        let parts: Vec<String> = self.id.iter().map(|&k| self.rows.text(k)).collect();
        if let Some(empty) = parts.iter().position(String::is_empty) {
            let column = self.columns[self.id[empty]].name.clone();
            return Err(wrong(line, SheetFault::RowWithoutId { column }));
        }
        Ok(Some(match parts.as_slice() {
            [from, to, commodity] => format!("{from}>{to}:{commodity}"),
            parts => parts.concat(),
        }))
    }

    /// Adds what the row says to its entry.
    fn add(&self, table: &mut Table, id: &str) -> Result<(), SheetFault> {
        let at = Place { source: self.source, at: u32::try_from(self.rows.line).unwrap_or(u32::MAX) };
        for (k, column) in self.columns.iter().enumerate() {
            let cell = self.rows.text(k);
            let Some((last, parents)) = column.keys.split_last() else { continue };
            if cell.is_empty() {
                continue;
            }
            let given = |key: &Key| match key {
                Key::Field(field) => Ok(field.clone()),
                Key::Given(k) => match self.rows.text(*k) {
                    empty if empty.is_empty() => {
                        Err(SheetFault::RowWithoutId { column: self.columns[*k].name.clone() })
                    }
                    id => Ok(id),
                },
            };
            let twice = || SheetFault::CellTwice { id: id.to_owned(), column: column.name.clone() };
            let mut below = &mut *table;
            for key in parents.iter().chain(column.names.then_some(last)) {
                let new = || Keyed {
                    key_at: at,
                    node: Node { value: Value::Table(Table::new(self.source)), at },
                    replaced: false,
                };
                let entry = below.entries.entry(given(key)?).or_insert_with(new);
                let Value::Table(table) = &mut entry.node.value else { return Err(twice()) };
                below = table;
            }
            if column.names {
                continue;
            }
            let value = Keyed { key_at: at, node: Node { value: Value::Cell(cell), at }, replaced: false };
            match (below.entries.get(&given(last)?).map(|old| &old.node.value), &value.node.value) {
                (None, _) => {
                    below.entries.insert(given(last)?, value);
                }
                // Tables made by a program often repeat what stands in the first row.
                (Some(Value::Cell(old)), Value::Cell(new)) if old == new => {}
                _ => return Err(twice()),
            }
        }
        Ok(())
    }
}

/// The path that the cells of a column stand at: keys with dots between them. The noun of what the entries hold by id,
/// such as `input`, stands for the one that the column of that name gives.
fn keys(
    name: &str,
    kind: &'static Kind,
    place: &impl Fn(&str) -> Option<usize>,
) -> Result<Vec<Key>, SheetFault> {
    let mut parts = name.split('.');
    let first = parts.next().unwrap_or_default();
    let mut keys = match kind.below.iter().find(|below| below.noun == first) {
        Some(below) => {
            let missing = || SheetFault::NoNames { column: name.to_owned(), names: below.noun };
            vec![Key::Field(below.field.to_owned()), Key::Given(place(first).ok_or_else(missing)?)]
        }
        None => {
            let shape = Tables::SHAPE.below(kind.field).shape.below("").shape;
            let known = shape.below(first).field.is_some()
                || !matches!(shape, Shape::Fields(_))
                || ORIGIN.contains(&first);
            if !known {
                let fields = (kind.fields)();
                let nouns = kind.below.iter().map(|below| below.noun);
                let suggestion = suggest(first, fields.iter().map(|field| field.field).chain(nouns));
                return Err(SheetFault::UnknownColumn { column: name.to_owned(), suggestion });
            }
            vec![Key::Field(first.to_owned())]
        }
    };
    keys.extend(parts.map(|part| Key::Field(part.to_owned())));
    Ok(keys)
}
