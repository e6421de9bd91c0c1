//! Series in CSV files beside the scenario.

use super::access::Access;
use super::document::Document;
use super::numbers::Notation;
use super::rows::{Rows, Unread, cell, composed, width};
use super::whole::canonical;
use crate::Error;
use crate::scenario::{CsvColumn, Finding, Problem, Problems, Series, SheetFault, Suggestions, Tables};
use csv::ByteRecord;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Reads the columns that events name in place of their series.
pub(super) fn fill(tables: &mut Tables, document: &Document) -> Vec<Finding> {
    let (mut found, suggestions) = (Vec::new(), Suggestions::default());
    // One file often holds the series of many events.
    let mut read: HashMap<PathBuf, Result<Sheet, SheetFault>> = HashMap::new();
    for (id, event) in &mut tables.events {
        let Some(series) = &mut event.series else { continue };
        let Some(column) = &series.column else { continue };
        let path = ["events", id, "series"];
        let file = document.folder(&path).join(&column.csv);
        let sheet = read.entry(file.clone()).or_insert_with(|| Sheet::read(&file, &document.access));
        match sheet
            .as_ref()
            .map_err(Clone::clone)
            .and_then(|sheet| sheet.column(&file, &column.column, &suggestions))
        {
            Ok(read) => *series = read,
            Err(fault) => {
                let at = Some(document.place_of_value(&path));
                found.push(Finding { at, ..Finding::new(&path, fault) });
            }
        }
    }
    found
}

impl Series {
    /// Reads the series in a column of a CSV file with a header row.
    ///
    /// # Errors
    /// What is wrong with the file, as [`Error::Scenario`].
    pub fn load(file: &Path, column: &str) -> Result<Self, Error> {
        Sheet::read(file, &Access::to_named())
            .and_then(|sheet| sheet.column(file, column, &Suggestions::default()))
            .map_err(|fault| {
                let (file, path) = (Some(file.display().to_string()), column.to_owned());
                Error::Scenario(Problems(vec![Problem {
                    file,
                    line: 0,
                    column: 0,
                    path,
                    kind: fault.into(),
                }]))
            })
    }
}

/// A file of series, a column for each, with a row of headers.
pub(super) struct Sheet {
    pub(super) headers: Vec<String>,
    /// Number of each column; the first of those with the same header.
    columns: HashMap<String, usize>,
    rows: Vec<(usize, ByteRecord)>,
    notation: Notation,
}

impl Sheet {
    pub(super) fn read(file: &Path, access: &Access) -> Result<Self, SheetFault> {
        let name = || file.display().to_string();
        let unreadable = |error: String| SheetFault::CannotRead { file: name(), error };
        let mut rows = Rows::open(file, access).map_err(|unread| match unread {
            Unread::Io(e) => unreadable(e.to_string()),
            Unread::Fault(fault) => SheetFault::Text { file: name(), fault },
        })?;
        let mut next = || match rows.next() {
            Ok(true) => Ok(Some((rows.line, rows.row.clone()))),
            Ok(false) => Ok(None),
            Err(e) => Err(unreadable(e.to_string())),
        };
        let header = next()?.map(|(_, row)| row).unwrap_or_default();
        let headers: Vec<String> = (0..width(&header)).map(|k| cell(&header, k)).collect();
        let mut read = Vec::new();
        while let Some((line, row)) = next()? {
            if width(&row) > headers.len() || row.len() < headers.len() {
                let (cells, columns) = (row.len(), headers.len());
                return Err(unreadable(format!(
                    "line {line} has {cells} cells, and there are {columns} columns"
                )));
            }
            read.push((line, row));
        }
        let mut columns = HashMap::new();
        for (k, header) in headers.iter().enumerate() {
            columns.entry(header.clone()).or_insert(k);
        }
        Ok(Sheet { headers, columns, rows: read, notation: rows.notation })
    }

    pub(super) fn column(
        &self,
        file: &Path,
        column: &str,
        suggestions: &Suggestions,
    ) -> Result<Series, SheetFault> {
        let name = || file.display().to_string();
        let Some(&k) = self.columns.get(composed(column).as_ref()) else {
            let suggestion = suggestions.suggest(column, || self.headers.iter().map(String::as_str));
            return Err(SheetFault::NoColumn { file: name(), column: column.to_owned(), suggestion });
        };
        let number = |(line, row): &(usize, ByteRecord)| {
            let text = cell(row, k);
            self.notation.number(&text).ok_or_else(|| SheetFault::Cell {
                file: name(),
                line: *line as u64,
                column: column.to_owned(),
                text,
            })
        };
        let values = self.rows.iter().map(number).collect::<Result<_, _>>()?;
        Ok(Series { values, column: Some(CsvColumn::new(canonical(file), column)) })
    }
}
