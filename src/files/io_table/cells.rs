//! Rows and cells of a table file, and the faults found in them.

use crate::files::rows;
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

    /// Records a fault in a file; a line of 0 is none.
    pub(super) fn add(&mut self, at: &At<'_>, fault: TableFault) {
        if self.told.len() >= TOLD {
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

/// A place in a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) file: &'a Path,
    /// Key of the table the file is named under.
    pub(super) key: &'static str,
    pub(super) line: usize,
    pub(super) column: usize,
}

/// A file of a table, row by row.
pub(super) struct Rows<'a> {
    pub(super) at: At<'a>,
    rows: rows::Rows,
}

impl<'a> Rows<'a> {
    /// Opens a file, or records why that cannot be done.
    pub(super) fn open(file: &'a Path, key: &'static str, faults: &mut Faults) -> Option<Self> {
        let at = At { file, key, line: 0, column: 0 };
        match rows::Rows::open(file) {
            Ok(rows) => Some(Rows { at, rows }),
            Err(e) => {
                faults.add(&at, TableFault::CannotOpen { error: e.to_string() });
                None
            }
        }
    }

    /// Reads the next row that is not empty; `false` at the end.
    pub(super) fn next(&mut self, faults: &mut Faults) -> bool {
        let more = self.rows.next().unwrap_or_else(|e| {
            faults.add(&self.at, TableFault::CannotRead { error: e.to_string() });
            false
        });
        self.at.line = self.rows.line;
        more
    }

    /// The row.
    pub(super) fn row(&self) -> &ByteRecord {
        &self.rows.row
    }

    /// The text of a cell of the row.
    pub(super) fn text(&self, k: usize) -> String {
        self.rows.text(k)
    }

    /// The number in a cell of the row.
    pub(super) fn number(&self, k: usize) -> Option<f64> {
        number(self.row().get(k).unwrap_or_default())
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

/// The finite number a cell holds, if any.
pub(super) fn number(cell: &[u8]) -> Option<f64> {
    let cell = cell.trim_ascii();
    if cell == b"0" || cell == b"0.0" {
        return Some(0.0);
    }
    std::str::from_utf8(cell).ok()?.parse::<f64>().ok().filter(|x| x.is_finite())
}
