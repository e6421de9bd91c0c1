//! Series in CSV files beside the scenario.

use super::document::Document;
use super::whole::canonical;
use crate::Error;
use crate::scenario::{CsvColumn, Finding, Problem, Problems, Series, SheetFault, Tables, suggest};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Reads the columns that events name in place of their series.
pub(super) fn fill(tables: &mut Tables, document: &Document) -> Vec<Finding> {
    let mut found = Vec::new();
    // One file often holds the series of many events.
    let mut read: HashMap<PathBuf, Result<Sheet, SheetFault>> = HashMap::new();
    for (id, event) in &mut tables.events {
        let Some(series) = &mut event.series else { continue };
        let Some(column) = &series.column else { continue };
        let path = ["events", id, "series"];
        let file = document.folder(&path).join(&column.csv);
        let sheet = read.entry(file.clone()).or_insert_with(|| Sheet::read(&file));
        match sheet.as_ref().map_err(Clone::clone).and_then(|sheet| sheet.column(&file, &column.column)) {
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
        Sheet::read(file).and_then(|sheet| sheet.column(file, column)).map_err(|fault| {
            let (file, path) = (Some(file.display().to_string()), column.to_owned());
            Error::Scenario(Problems(vec![Problem { file, line: 0, column: 0, path, kind: fault.into() }]))
        })
    }
}

/// The headers of a file.
pub(super) fn columns(file: &Path) -> Result<Vec<String>, SheetFault> {
    Ok(Sheet::read(file)?.headers.iter().map(str::to_owned).collect())
}

/// A CSV file with a header row.
struct Sheet {
    headers: csv::StringRecord,
    /// Number of each column; the first of those with the same header.
    columns: HashMap<String, usize>,
    records: Vec<csv::StringRecord>,
}

impl Sheet {
    fn read(file: &Path) -> Result<Self, SheetFault> {
        let unreadable =
            |e: csv::Error| SheetFault::CannotRead { file: file.display().to_string(), error: e.to_string() };
        let mut reader =
            csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(file).map_err(unreadable)?;
        let headers = reader.headers().map_err(unreadable)?.clone();
        let records = reader.records().collect::<Result<_, _>>().map_err(unreadable)?;
        let mut columns = HashMap::new();
        for (k, header) in headers.iter().enumerate() {
            columns.entry(header.to_owned()).or_insert(k);
        }
        Ok(Sheet { headers, columns, records })
    }

    fn column(&self, file: &Path, column: &str) -> Result<Series, SheetFault> {
        let name = || file.display().to_string();
        let Some(&k) = self.columns.get(column) else {
            let known: Vec<&str> = self.headers.iter().collect();
            let suggestion = suggest(column, known);
            return Err(SheetFault::NoColumn { file: name(), column: column.to_owned(), suggestion });
        };
        let number = |record: &csv::StringRecord| {
            let line = record.position().map_or(0, csv::Position::line);
            let text = record.get(k).unwrap_or_default();
            text.parse::<f64>().ok().filter(|x| x.is_finite()).ok_or_else(|| SheetFault::Cell {
                file: name(),
                line,
                column: column.to_owned(),
                text: text.to_owned(),
            })
        };
        let values = self.records.iter().map(number).collect::<Result<_, _>>()?;
        Ok(Series { values, column: Some(CsvColumn::new(canonical(file), column)) })
    }
}
