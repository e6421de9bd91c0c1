//! Reading the files of an input-output table, and checking them against each other.

use super::cells::{At, Faults, Rows};
use crate::scenario::{Industries, Of, Remark, Sales, Suggestion, TableFault, nearest};
use indexmap::IndexSet;
use std::path::Path;

/// A table with all that was found in its files: labels may be known where cells are faulty.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) industries: Industries,
    pub(super) faults: Vec<Remark>,
    pub(super) doubts: Vec<Remark>,
}

/// A column of numbers by industry, with the line of each.
struct Column {
    values: Vec<f64>,
    lines: Vec<usize>,
}

/// Reads the files of a table.
pub(super) fn read(flows_file: &Path, demand_file: &Path, output: Option<&Path>) -> Found {
    let (mut faults, mut doubts) = (Faults::default(), Faults::default());
    let mut found = Found::default();
    if let Some((labels, sales)) = flows(flows_file, &mut faults) {
        let industries = &mut found.industries;
        let first = At { file: flows_file, key: "flows", line: 1, column: 1 };
        industries.name(labels, |fault| faults.add(&first, fault));
        industries.sales = sales;
        let labels: IndexSet<&str> = industries.labels.iter().map(String::as_str).collect();
        let demand = column(demand_file, "demand", &labels, &mut faults);
        let given = output.and_then(|file| Some((file, column(file, "output", &labels, &mut faults)?)));
        if let (Some(demand), false) = (demand, faults.any()) {
            let place = |of| match (of, &given) {
                (Of::Demand(i), _) => {
                    At { file: demand_file, key: "demand", line: demand.lines[i], column: 1 }
                }
                (Of::Output(i), Some((file, given))) => {
                    At { file, key: "output", line: given.lines[i], column: 1 }
                }
                _ => At { line: 0, ..first },
            };
            let output = given.as_ref().map(|(_, given)| given.values.as_slice());
            industries.balance(&demand.values, output, |of, fault, doubtful| {
                let into = if doubtful { &mut doubts } else { &mut faults };
                into.add(&place(of), fault);
            });
        }
    }
    (found.faults, found.doubts) = (faults.finish(), doubts.finish());
    found
}

/// Region and sector.
type Label = (String, String);

/// The labels of the columns and what each industry sells.
fn flows(file: &Path, faults: &mut Faults) -> Option<(Vec<Label>, Vec<Sales>)> {
    let mut rows = Rows::open(file, "flows", faults)?;
    if !rows.next(faults) {
        faults.add(&rows.at, TableFault::Empty);
        return None;
    }
    let flat = (1..rows.row().len()).any(|k| rows.text(k).contains('|'));
    let index = if flat { 1 } else { 2 };
    let first: Vec<String> = (index..rows.row().len()).map(|k| rows.text(k)).collect();
    let mut pending = false;
    let columns: Vec<Label> = if flat {
        first
            .into_iter()
            .enumerate()
            .map(|(k, label)| match label.split_once('|') {
                Some((region, sector)) => (region.trim().to_owned(), sector.trim().to_owned()),
                None => {
                    let fault = TableFault::ColumnLabel { label: label.clone() };
                    faults.add(&rows.cell(k + index), fault);
                    (label, String::new())
                }
            })
            .collect()
    } else {
        let header = rows.next(faults) && rows.row().len() == first.len() + index;
        if first.is_empty() || !header || rows.number(index).is_some() {
            faults.add(&rows.place(), TableFault::NoLabels);
            return None;
        }
        let columns =
            first.into_iter().enumerate().map(|(k, region)| (region, rows.text(k + index))).collect();
        // A third row may name the two index columns and nothing else.
        let names_only = |r: &Rows<'_>| r.row().iter().skip(index).all(|f| f.trim_ascii().is_empty());
        pending = rows.next(faults) && !names_only(&rows);
        columns
    };
    let joined: Vec<String> = columns.iter().map(|(r, s)| format!("{r}|{s}")).collect();
    let labels: IndexSet<&str> = joined.iter().map(String::as_str).collect();
    let n = labels.len();
    if n < joined.len() || u32::try_from(n).is_err() {
        let twice = joined.iter().enumerate().find(|(k, l)| labels.get_index_of(l.as_str()) != Some(*k));
        let label = twice.map(|(_, label)| label.clone()).unwrap_or_default();
        faults.add(&At { line: 1, ..rows.at }, TableFault::ColumnTwice { label });
        return None;
    }
    let mut sales: Vec<Option<Sales>> = vec![None; n];
    let mut count = 0;
    while std::mem::take(&mut pending) || rows.next(faults) {
        count += 1;
        let label = row_label(&rows, index);
        let Some(i) = find(&labels, &label, count - 1) else {
            unknown(&rows, &label, "column", &labels, faults);
            continue;
        };
        if sales[i].is_some() {
            faults.add(&rows.place(), TableFault::RowTwice { label });
            continue;
        }
        let width = rows.row().len() - index.min(rows.row().len());
        if width != n {
            let fault = TableFault::FlowsWidth { label: label.clone(), cells: width, columns: n };
            faults.add(&rows.place(), fault);
        }
        let mut own = Sales::default();
        for (j, column) in joined.iter().enumerate().take(width) {
            match rows.number(j + index) {
                Some(0.0) => {}
                Some(flow) if flow > 0.0 => {
                    own.buyers.push(j as u32);
                    own.flows.push(flow);
                }
                other => cell_fault(&rows, j + index, &label, column, other, faults),
            }
        }
        own.buyers.shrink_to_fit();
        own.flows.shrink_to_fit();
        sales[i] = Some(own);
    }
    if count != n {
        faults.add(&At { line: 0, ..rows.at }, TableFault::NotSquare { rows: count, columns: n });
    }
    missing(&rows.at, sales.iter().map(Option::is_some), &joined, faults);
    Some((columns, sales.into_iter().map(Option::unwrap_or_default).collect()))
}

/// The label of a row with one or two index columns.
fn row_label(rows: &Rows<'_>, index: usize) -> String {
    if index == 2 {
        return format!("{}|{}", rows.text(0), rows.text(1));
    }
    let label = rows.text(0);
    match label.split_once('|') {
        Some((region, sector)) => format!("{}|{}", region.trim(), sector.trim()),
        None => label,
    }
}

/// The number of a label; most stand where they are expected.
fn find(labels: &IndexSet<&str>, label: &str, expected: usize) -> Option<usize> {
    match labels.get_index(expected) {
        Some(known) if *known == label => Some(expected),
        _ => labels.get_index_of(label),
    }
}

fn unknown(rows: &Rows<'_>, label: &str, of: &'static str, labels: &IndexSet<&str>, faults: &mut Faults) {
    let near = nearest(label, labels.iter().copied());
    let suggestion = near.map(|near| Suggestion::Nearest(near.to_owned()));
    faults.add(&rows.place(), TableFault::UnknownRow { label: label.to_owned(), of, suggestion });
}

fn missing(at: &At<'_>, there: impl Iterator<Item = bool>, labels: &[String], faults: &mut Faults) {
    for (label, _) in labels.iter().zip(there).filter(|(_, there)| !there) {
        faults.add(&At { line: 0, ..*at }, TableFault::NoRow { label: label.clone() });
    }
}

fn cell_fault(rows: &Rows<'_>, k: usize, row: &str, column: &str, value: Option<f64>, faults: &mut Faults) {
    let (row, column, text) = (row.to_owned(), column.to_owned(), rows.text(k));
    let fault = match value {
        Some(value) => TableFault::NegativeCell { row, column, value },
        None if text.is_empty() => TableFault::EmptyCell { row, column },
        None => TableFault::Cell { row, column, text },
    };
    faults.add(&rows.cell(k), fault);
}

/// Reads a file with rows labelled as the flows, and sums its columns; an output has only one.
fn column(file: &Path, key: &'static str, labels: &IndexSet<&str>, faults: &mut Faults) -> Option<Column> {
    let mut rows = Rows::open(file, key, faults)?;
    let mut header: Vec<Vec<String>> = Vec::new();
    let mut index = None;
    let mut column = Column { values: vec![0.0; labels.len()], lines: vec![0; labels.len()] };
    let mut count = 0;
    while rows.next(faults) {
        let one = labels.contains(row_label(&rows, 1).as_str());
        let two = labels.contains(row_label(&rows, 2).as_str());
        let index = match index {
            Some(index) => index,
            None => {
                let numbers = (1..rows.row().len()).any(|k| rows.number(k).is_some());
                if header.is_empty() || (!one && !two && !numbers) {
                    header.push((0..rows.row().len()).map(|k| rows.text(k)).collect());
                    continue;
                }
                let found = if one || (!two && rows.text(0).contains('|')) { 1 } else { 2 };
                let columns = header.first().map_or(0, Vec::len).saturating_sub(found);
                if columns == 0 || (key == "output" && columns > 1) {
                    let expected = if key == "output" { "one" } else { "any number" };
                    faults.add(&At { line: 1, ..rows.place() }, TableFault::Columns { columns, expected });
                    return None;
                }
                *index.insert(found)
            }
        };
        count += 1;
        let label = row_label(&rows, index);
        let Some(i) = find(labels, &label, count - 1) else {
            unknown(&rows, &label, "row or column", labels, faults);
            continue;
        };
        if column.lines[i] > 0 {
            faults.add(&rows.place(), TableFault::RowTwice { label });
            continue;
        }
        column.lines[i] = rows.at.line;
        let width = header.first().map_or(0, Vec::len);
        if rows.row().len() != width {
            let fault = TableFault::RowWidth { label, cells: rows.row().len(), columns: width };
            faults.add(&rows.place(), fault);
            continue;
        }
        for k in index..width {
            let name = || {
                let parts: Vec<&str> = header.iter().map(|h| h.get(k).map_or("", String::as_str)).collect();
                parts.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join("|")
            };
            match rows.number(k) {
                Some(x) if x >= 0.0 || key == "demand" => column.values[i] += x,
                other => cell_fault(&rows, k, &label, &name(), other, faults),
            }
        }
    }
    if header.is_empty() {
        faults.add(&rows.at, TableFault::Empty);
        return None;
    }
    let names: Vec<String> = labels.iter().map(|l| (*l).to_owned()).collect();
    missing(&rows.at, column.lines.iter().map(|l| *l > 0), &names, faults);
    Some(column)
}
