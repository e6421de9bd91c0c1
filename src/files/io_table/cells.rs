//! Rows and cells of a table file, and the faults found in them.

use crate::files::access::Access;
use crate::files::numbers::Notation;
use crate::files::rows::{self, Unread};
use crate::scenario::{Remark, TableFault};
use csv::ByteRecord;
use std::path::Path;

/// Faults of one table that are told; the others are counted.
const TOLD: usize = 40;

/// Collects what is wrong in the files of one table.
#[derive(Debug, Default)]
pub(super) struct Faults {
    told: Vec<Remark>,
    untold: usize,
}

impl Faults {
    pub(super) fn any(&self) -> bool {
        !self.told.is_empty()
    }

    /// Whether one more fault is told and not only counted.
    pub(super) fn tells(&self) -> bool {
        self.told.len() < TOLD
    }

    /// Records a fault in a file; a line of 0 is none.
    pub(super) fn add(&mut self, at: &At<'_>, fault: TableFault) {
        if !self.tells() {
            self.untold += 1;
            return;
        }
        let column = if at.line > 0 { at.column.max(1) } else { 0 };
        let file = Some((at.file.display().to_string(), at.line, column));
        self.told.push(Remark { key: at.key, file, fault });
    }

    /// All that is told, with a count of the rest.
    pub(super) fn finish(mut self) -> Vec<Remark> {
        if self.untold > 0 {
            let fault = TableFault::More { count: self.untold };
            self.told.push(Remark { key: "", file: None, fault });
        }
        self.told
    }
}

/// All that is found in the files of a table.
#[derive(Debug)]
pub(super) struct Remarks {
    /// By which they are opened.
    pub(super) access: Access,
    pub(super) faults: Faults,
    /// A doubt: the file may mean it, or it may be a mistake.
    pub(super) doubts: Faults,
}

impl Remarks {
    pub(super) fn new(access: &Access) -> Self {
        Remarks { access: access.clone(), faults: Faults::default(), doubts: Faults::default() }
    }
}

/// A place in a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) file: &'a Path,
    /// Key of the table the file is named under.
    pub(super) key: &'static str,
    pub(super) line: usize,
    pub(super) column: usize,
}

impl<'a> At<'a> {
    /// A file as a whole.
    pub(super) fn file(file: &'a Path, key: &'static str) -> Self {
        At { file, key, line: 0, column: 0 }
    }
}

/// A file of a table, row by row.
pub(super) struct Rows<'a> {
    pub(super) at: At<'a>,
    rows: rows::Rows,
}

impl<'a> Rows<'a> {
    /// Opens a file, or records why that cannot be done.
    pub(super) fn open(file: &'a Path, key: &'static str, found: &mut Remarks) -> Option<Self> {
        let at = At::file(file, key);
        let fault = match rows::Rows::open(file, &found.access) {
            Ok(rows) => {
                if let Some(encoding) = rows.taken_for {
                    found.doubts.add(&at, TableFault::TakenFor { encoding });
                }
                return Some(Rows { at, rows });
            }
            Err(Unread::Io(e)) => TableFault::CannotOpen { error: e.to_string() },
            Err(Unread::Fault(fault)) => TableFault::Text { fault },
        };
        found.faults.add(&at, fault);
        None
    }

    /// The first rows that are not empty, to find the labels in.
    pub(super) fn peek(&mut self, rows: usize, found: &mut Remarks) -> Vec<(usize, ByteRecord)> {
        match self.rows.peek(rows) {
            Ok(ahead) => ahead.iter().cloned().collect(),
            Err(e) => {
                found.faults.add(&self.at, TableFault::CannotRead { error: e.to_string() });
                Vec::new()
            }
        }
    }

    /// Reads the next row that is not empty; `false` at the end.
    pub(super) fn next(&mut self, found: &mut Remarks) -> bool {
        let more = self.rows.next().unwrap_or_else(|e| {
            found.faults.add(&self.at, TableFault::CannotRead { error: e.to_string() });
            false
        });
        self.at.line = self.rows.line;
        more
    }

    /// The row.
    pub(super) fn row(&self) -> &ByteRecord {
        &self.rows.row
    }

    /// How the numbers of the file are written.
    pub(super) fn notation(&self) -> Notation {
        self.rows.notation
    }

    /// The place of a cell of the row, counted as if no cell were quoted.
    pub(super) fn cell(&self, k: usize) -> At<'a> {
        let before = self.row().iter().take(k).map(|f| String::from_utf8_lossy(f).chars().count() + 1);
        At { column: before.sum::<usize>() + 1, ..self.at }
    }

    /// The place of the row.
    pub(super) fn place(&self) -> At<'a> {
        At { column: 1, ..self.at }
    }
}
