//! A file of a table as a matrix with labelled rows and columns.

use super::cells::{At, Remarks, Rows};
use crate::files::numbers::Digits;
use crate::files::rows::{cell, width};
use crate::scenario::{Sales, TableFault};
use csv::ByteRecord;
use indexmap::IndexSet;
use std::cmp::Reverse;
use std::collections::HashSet;
use std::path::Path;

/// Rows in which labels are looked for.
const HEAD: usize = 5;

/// A label of a row or a column: a region and an industry or category in it, or one text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Label {
    pub(super) first: String,
    pub(super) rest: String,
}

impl Label {
    /// A label as one text, with a `|` between its parts.
    pub(super) fn of(text: &str) -> Self {
        match text.split_once('|') {
            Some((first, rest)) => Label { first: first.trim().to_owned(), rest: rest.trim().to_owned() },
            None => Label { first: text.to_owned(), rest: String::new() },
        }
    }

    /// One text again.
    pub(super) fn text(&self) -> String {
        if self.rest.is_empty() { self.first.clone() } else { format!("{}|{}", self.first, self.rest) }
    }
}

/// Numbers by column, those of columns that have one other than 0.
#[derive(Debug, Clone, Default)]
pub(super) struct Cells {
    pub(super) columns: Vec<u32>,
    pub(super) values: Vec<f64>,
}

impl Cells {
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, f64)> {
        self.columns.iter().map(|c| *c as usize).zip(self.values.iter().copied())
    }

    /// Adds the number of a column, behind those of the columns before it.
    pub(super) fn push(&mut self, column: usize, value: f64) {
        if let (Ok(column), true) = (u32::try_from(column), value != 0.0) {
            self.columns.push(column);
            self.values.push(value);
        }
    }

    /// The numbers as flows.
    pub(super) fn sales(self) -> Sales {
        Sales { buyers: self.columns, flows: self.values }
    }
}

#[derive(Debug)]
pub(super) struct Row {
    pub(super) label: Label,
    pub(super) line: usize,
    pub(super) cells: Cells,
}

#[derive(Debug)]
pub(super) struct Matrix<'a> {
    pub(super) columns: Vec<Label>,
    pub(super) rows: Vec<Row>,
    /// To how many digits its numbers are given.
    pub(super) digits: Digits,
    /// Its first row, where it has lines.
    pub(super) at: At<'a>,
}

/// Where the labels of a file stand: rows above its numbers, and columns before them.
struct Labels {
    above: usize,
    before: usize,
    /// Industries stand in the columns.
    across: bool,
}

impl<'a> Matrix<'a> {
    /// Reads flows between industries.
    pub(super) fn flows(file: &'a Path, found: &mut Remarks) -> Option<Self> {
        let mut rows = Rows::open(file, "flows", found)?;
        let head = rows.peek(HEAD, found);
        let Some((_, first)) = head.first() else {
            found.faults.add(&rows.at, TableFault::Empty);
            return None;
        };
        let joined = (1..first.len()).any(|k| cell(first, k).contains('|'));
        let before = if joined { 1 } else { 2 };
        let mut labels = Labels { above: before, before, across: false };
        let columns = columns(&head, &labels);
        if !joined {
            let (line, second) = head.get(1).map_or((0, ByteRecord::new()), Clone::clone);
            let known: HashSet<&Label> = columns.iter().collect();
            let named = |(_, row): &(usize, ByteRecord)| known.contains(&label(row, 2));
            let numeric = rows.notation().number(&cell(&second, 2)).is_some();
            // A third row may name the two columns of labels and nothing else.
            let third = head.get(2).is_some_and(|(_, row)| width(row) <= 2);
            labels.above += usize::from(third);
            let data = head.get(labels.above);
            if columns.is_empty() || width(&second) < 3 || (numeric && !data.is_some_and(named)) {
                found.faults.add(&At { line, column: 1, ..rows.at }, TableFault::NoLabels);
                return None;
            }
        }
        Matrix::read(rows, &labels, columns, found)
    }

    /// Reads figures by industry, in columns or in rows.
    pub(super) fn by_industry(
        file: &'a Path,
        key: &'static str,
        industries: &IndexSet<String>,
        found: &mut Remarks,
    ) -> Option<Self> {
        let mut rows = Rows::open(file, key, found)?;
        let head = rows.peek(HEAD, found);
        if head.is_empty() {
            found.faults.add(&rows.at, TableFault::Empty);
            return None;
        }
        let labels = find_labels(&head, industries, &rows);
        let columns = columns(&head, &labels);
        if columns.is_empty() || (rows.at.key == "output" && !labels.across && columns.len() > 1) {
            let expected = if rows.at.key == "output" { "one" } else { "any number" };
            let line = head.first().map_or(0, |(line, _)| *line);
            let fault = TableFault::Columns { columns: columns.len(), expected };
            found.faults.add(&At { line, column: 1, ..rows.at }, fault);
            return None;
        }
        let matrix = Matrix::read(rows, &labels, columns, found)?;
        Some(if labels.across { matrix.turned() } else { matrix })
    }

    fn read(mut rows: Rows<'a>, labels: &Labels, columns: Vec<Label>, found: &mut Remarks) -> Option<Self> {
        let negative = ["demand", "value_added"].contains(&rows.at.key);
        let (notation, before, n) = (rows.notation(), labels.before, columns.len());
        let mut digits = Digits::NONE;
        let mut read: Vec<Row> = Vec::new();
        let mut seen = HashSet::new();
        for _ in 0..labels.above {
            rows.next(found);
        }
        while rows.next(found) {
            let label = label(rows.row(), before);
            if !seen.insert(label.text()) {
                found.faults.add(&rows.place(), TableFault::RowTwice { label: label.text() });
                continue;
            }
            let cells = width(rows.row()).max(rows.row().len().min(n + before));
            if cells != n + before {
                let label = label.text();
                let fault = if rows.at.key == "flows" {
                    let cells = cells.saturating_sub(before);
                    TableFault::FlowsWidth { label, cells, columns: n }
                } else {
                    TableFault::RowWidth { label, cells, columns: n + before }
                };
                found.faults.add(&rows.place(), fault);
            }
            let mut own = Cells::default();
            for (k, cell) in rows.row().iter().skip(before).take(n).enumerate() {
                let text = std::str::from_utf8(cell).unwrap_or_default();
                match notation.number(text) {
                    Some(0.0) => {}
                    Some(x) if x > 0.0 || negative => {
                        digits.see(text, notation);
                        own.push(k, x);
                    }
                    value => {
                        let (row, column) =
                            (label.text(), columns.get(k).map(Label::text).unwrap_or_default());
                        let text = text.trim().to_owned();
                        let fault = match value {
                            Some(value) => TableFault::NegativeCell { row, column, value },
                            None if text.is_empty() => TableFault::EmptyCell { row, column },
                            None => TableFault::Cell { row, column, text },
                        };
                        found.faults.add(&rows.cell(k + before), fault);
                    }
                }
            }
            own.columns.shrink_to_fit();
            own.values.shrink_to_fit();
            read.push(Row { label, line: rows.at.line, cells: own });
        }
        Some(Matrix { columns, rows: read, digits, at: At { line: 1, ..rows.at } })
    }

    /// Rows for columns.
    #[must_use]
    pub(super) fn turned(self) -> Self {
        let line = self.rows.first().map_or(0, |row| row.line);
        let columns = self.rows.iter().map(|row| row.label.clone()).collect();
        let new = |label| Row { label, line, cells: Cells::default() };
        let mut rows: Vec<Row> = self.columns.into_iter().map(new).collect();
        for (k, row) in self.rows.iter().enumerate() {
            for (column, value) in row.cells.iter() {
                if let Some(row) = rows.get_mut(column) {
                    row.cells.push(k, value);
                }
            }
        }
        Matrix { columns, rows, ..self }
    }
}

/// Where the labels of a file by industry stand.
fn find_labels(head: &[(usize, ByteRecord)], industries: &IndexSet<String>, rows: &Rows<'_>) -> Labels {
    let known = |label: &Label| industries.contains(&label.text());
    // As many labels as there are, and none that is no industry.
    let there = |labels: &Labels| {
        let columns = columns(head, labels);
        (columns.iter().filter(|label| known(label)).count(), columns.len())
    };
    let across =
        [(1, 1), (1, 2), (2, 1), (2, 2)].map(|(above, before)| Labels { above, before, across: true });
    let across = across.into_iter().map(|labels| (there(&labels), labels));
    if let Some(((there, of), mut labels)) = across.max_by_key(|((there, of), _)| (*there, Reverse(*of)))
        && of > 1
        && 2 * there > of
    {
        let third = head.get(labels.above).is_some_and(|(_, row)| width(row) <= labels.before);
        labels.above += usize::from(third);
        return labels;
    }
    let number = |row: &ByteRecord, k| rows.notation().number(&cell(row, k)).is_some();
    let of_industry = |row: &ByteRecord| match () {
        () if known(&label(row, 1)) => Some(1),
        () if known(&label(row, 2)) => Some(2),
        () if !(1..row.len()).any(|k| number(row, k)) => None,
        // A row that is labelled as an industry is, with a label that none has.
        () if cell(row, 0).contains('|') => Some(1),
        () if !cell(row, 1).is_empty() && !number(row, 1) => Some(2),
        () => None,
    };
    let first = head.iter().enumerate().skip(1).find_map(|(k, (_, row))| Some((k, of_industry(row)?)));
    let (above, before) = first.unwrap_or((1, 1));
    Labels { above, before, across: false }
}

/// The labels of the columns, from the rows above them.
fn columns(head: &[(usize, ByteRecord)], labels: &Labels) -> Vec<Label> {
    let above: Vec<&ByteRecord> = head.iter().take(labels.above).map(|(_, row)| row).collect();
    let end = above.iter().map(|row| width(row)).max().unwrap_or(0);
    let label = |k| {
        let mut parts = above.iter().map(|row| cell(row, k)).filter(|part| !part.is_empty());
        let first = parts.next().unwrap_or_default();
        let rest = parts.collect::<Vec<_>>().join("|");
        if rest.is_empty() { Label::of(&first) } else { Label { first, rest } }
    };
    (labels.before..end).map(label).collect()
}

/// The label of a row with so many columns of labels.
fn label(row: &ByteRecord, before: usize) -> Label {
    let first = cell(row, 0);
    if before == 2 { Label { first, rest: cell(row, 1) } } else { Label::of(&first) }
}
