//! Entries in CSV files beside the scenario: networks of any size as tables of sites and links.
//!
//! Rows are read one after another into the tables, without a tree of all of them.

mod columns;

use super::access::Access;
use super::document::Document;
use super::overlay::{KEY, child, merge};
use crate::scenario::{
    DocumentFault, Entry, Finding, Keyed, Kind, Node, Path as EntryPath, Place, Read, Reader, SheetFault,
    Table, Tables, Value, leads_to,
};
use columns::{Entries, Fault};
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::OnceLock;

/// Faults of one file after which it is read no further.
const TOLD: usize = 100;

/// A section whose entries stand in a file, with those that stand in the scenario.
#[derive(Debug)]
pub(super) struct Sheet {
    kind: &'static Kind,
    file: PathBuf,
    /// Where the file is named.
    named: Place,
    /// Number of the file among the texts of the document.
    source: u32,
    access: Access,
    section: Table,
    /// The lines that entries begin at; found when a place is first asked for.
    lines: OnceLock<HashMap<String, usize>>,
}

impl Sheet {
    /// Takes the sections that name a file out of the document, so that their entries are not read before the rows that
    /// they change.
    pub(super) fn take_all(document: &mut Document) -> Vec<Self> {
        let mut sheets = Vec::new();
        for kind in Tables::KINDS {
            let Value::Table(root) = &mut document.root.value else { break };
            let Some(section) = child(root, kind.field) else { continue };
            let Some(Node { value: Value::Text(file), at }) = section.get(KEY).map(|entry| &entry.node)
            else {
                continue;
            };
            let (file, named) = (PathBuf::from(file), *at);
            let empty = Table::new(section.begun);
            let mut section = std::mem::replace(section, empty);
            section.entries.shift_remove(KEY);
            let (file, source) = document.add_rows(&file, named);
            let access = document.access.clone();
            sheets.push(Sheet { kind, file, named, source, access, section, lines: OnceLock::new() });
        }
        sheets
    }

    /// Gives the section back to the document.
    pub(super) fn put_back(&mut self, document: &mut Document) {
        if let Value::Table(root) = &mut document.root.value
            && let Some(section) = child(root, self.kind.field)
        {
            std::mem::swap(section, &mut self.section);
        }
    }

    /// Reads the rows into their section, each with what a file laid over this one changes in its entry, and then the
    /// entries that no row has.
    pub(super) fn read(&self, tables: &mut Tables, reader: &mut Reader<'_>) {
        let at = EntryPath::ROOT;
        let at = at.then(self.kind.field);
        let Some(into) = tables.get_mut(self.kind.field) else { return };
        let mut entries = match self.open() {
            Ok(entries) => entries,
            Err(fault) => {
                let unread = matches!(fault, SheetFault::CannotRead { .. } | SheetFault::Text { .. });
                let place = if unread { self.named } else { self.line(1) };
                return self.tell(reader, place, &[], fault);
            }
        };
        let before = reader.found.len();
        let mut read = HashSet::new();
        loop {
            match entries.next_entry() {
                Ok(Some((id, line, table))) => {
                    if !read.insert(id.clone()) {
                        self.tell(reader, self.line(line), &[&id], SheetFault::Apart { id: id.clone() });
                    } else if !self.is_gone(&id, reader) {
                        let node = Node { value: Value::Table(table), at: self.line(line) };
                        self.entry(into, &at, &id, node, reader);
                    }
                }
                Ok(None) => break,
                Err(Fault { id, line, fault }) => {
                    let path: Vec<&str> = id.iter().map(String::as_str).collect();
                    let ended = matches!(fault, SheetFault::CannotRead { .. });
                    self.tell(reader, self.line(line), &path, fault);
                    if ended {
                        return;
                    }
                }
            }
            if reader.found.len() - before >= TOLD {
                let line = entries.line();
                return self.tell(reader, self.line(line), &[], SheetFault::Stopped { line });
            }
        }
        let stands = |id: &str| read.contains(id) && !self.is_gone(id, reader);
        let rest: Vec<(&String, &Keyed)> =
            self.section.entries.iter().filter(|(id, _)| !stands(id)).collect();
        for (id, entry) in rest {
            reader.entry(entry, true, |reader| into.insert(id, &entry.node, &at, reader));
        }
        for gone in self.section.gone.iter().filter(|gone| gone.section == self.kind.field) {
            if gone.alone && !read.contains(&gone.id) {
                let id = gone.id.clone();
                let fault = DocumentFault::NothingToRemove { kind: self.kind.noun, id, suggestion: None };
                reader.found.push(Finding { at: Some(gone.at), ..Finding::new(&["remove"], fault) });
            }
        }
    }

    fn open(&self) -> Result<Entries, SheetFault> {
        Entries::open(&self.file, self.kind, self.source, &self.access)
    }

    /// Whether a file laid over this one removes an entry of it, or what it leads to.
    fn is_gone(&self, id: &str, reader: &Reader<'_>) -> bool {
        self.section.gone.iter().any(|gone| {
            let named = gone.section == self.kind.field && gone.id == id;
            (named || leads_to(id, &gone.section, &gone.id)) && reader.is_above(gone.at.source, self.source)
        })
    }

    fn entry(&self, into: &mut dyn Entry, at: &EntryPath<'_>, id: &str, row: Node, reader: &mut Reader<'_>) {
        let key_at = row.at;
        let node = match self.section.get(id) {
            None => row,
            Some(over) => {
                let begun = match &over.node.value {
                    Value::Table(table) => table.begun,
                    _ => over.node.at.source,
                };
                if !reader.is_above(begun, self.source) {
                    let fault =
                        SheetFault::EntryToo { id: id.to_owned(), file: self.file.display().to_string() };
                    return self.tell(reader, over.key_at, &[id], fault);
                }
                let shape = Tables::SHAPE.below(self.kind.field).shape.below(id).shape;
                merge(row, over.node.clone(), shape, &mut Vec::new(), &mut Vec::new())
            }
        };
        let entry = Keyed { key_at, node, replaced: false };
        reader.entry(&entry, true, |reader| into.insert(id, &entry.node, at, reader));
    }

    fn tell(&self, reader: &mut Reader<'_>, at: Place, below: &[&str], fault: SheetFault) {
        let path: Vec<&str> = [self.kind.field].into_iter().chain(below.iter().copied()).collect();
        reader.found.push(Finding { at: Some(at), ..Finding::new(&path, fault) });
    }

    fn line(&self, line: usize) -> Place {
        Place { source: self.source, at: u32::try_from(line).unwrap_or(u32::MAX) }
    }

    /// The place of an entry that stands in the file alone, where a path leads to one. The file is read again for it.
    pub(super) fn locate(&self, path: &[String], document: &Document) -> Option<Place> {
        let [section, id, ..] = path else { return None };
        if section != self.kind.field || document.holds(section, id) {
            return None;
        }
        let lines = self.lines.get_or_init(|| {
            let mut lines = HashMap::new();
            let Ok(mut entries) = self.open() else { return lines };
            loop {
                match entries.next_entry() {
                    Ok(Some((id, line, _))) => lines.entry(id).or_insert(line),
                    Ok(None) => return lines,
                    Err(Fault { fault: SheetFault::CannotRead { .. }, .. }) => return lines,
                    Err(_) => continue,
                };
            }
        });
        lines.get(id).map(|&line| self.line(line))
    }
}
