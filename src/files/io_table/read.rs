//! Reading the files of an input-output table, and checking them against each other.

use super::cells::{At, Faults, Remarks};
use super::matrix::{Label, Matrix};
use super::totals::{Axis, Search, Total, says_total};
use crate::files::access::Access;
use crate::files::numbers::Digits;
use crate::scenario::{
    Beside, Industries, Of, Remark, Rounding, Roundings, Sales, Suggestion, TableFault, nearest,
};
use indexmap::IndexSet;
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// The files of a table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Files<'a> {
    pub(super) flows: &'a Path,
    pub(super) demand: &'a Path,
    pub(super) output: Option<&'a Path>,
    pub(super) value_added: Option<&'a Path>,
}

/// A table with all that was found in its files: labels may be known where cells are faulty.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) industries: Industries,
    pub(super) faults: Vec<Remark>,
    pub(super) doubts: Vec<Remark>,
}

/// A number by industry, with the line of each and its rounding.
#[derive(Debug)]
struct Column<'a> {
    at: At<'a>,
    values: Vec<f64>,
    lines: Vec<usize>,
    rounding: Vec<Rounding>,
}

/// Reads the files of a table.
pub(super) fn read(files: Files<'_>, access: &Access) -> Found {
    let mut remarks = Remarks::new(access);
    let mut industries = Industries::default();
    if let Some(flows) = flows(files.flows, &mut remarks) {
        let first = flows.at;
        industries.name(flows.labels, |fault| remarks.faults.add(&first, fault));
        industries.sales = flows.sales;
        let known = Known {
            labels: industries.labels.iter().cloned().collect(),
            regions: industries.regions.iter().cloned().collect(),
            left_out: flows.left_out,
        };
        let demand = column(files.demand, "demand", &known, &mut remarks);
        let mut optional = |file: Option<_>, key| column(file?, key, &known, &mut remarks);
        let output = optional(files.output, "output");
        let added = optional(files.value_added, "value_added");
        if let (Some(demand), false) = (demand, remarks.faults.any()) {
            let values = |column: &Option<Column<'_>>| column.as_ref().map(|c| c.values.clone());
            let rounding = |column: &Option<Column<'_>>| column.as_ref().map(|c| c.rounding.clone());
            let rounding = Roundings {
                sold: flows.sold,
                bought: flows.bought,
                demand: demand.rounding.clone(),
                output: rounding(&output).unwrap_or_default(),
                added: rounding(&added).unwrap_or_default(),
            };
            let (outputs, values_added) = (values(&output), values(&added));
            let beside = Beside {
                demand: &demand.values,
                output: outputs.as_deref(),
                added: values_added.as_deref(),
                rounding,
            };
            industries.balance(&beside, |of, fault, doubtful| {
                let (column, i) = match of {
                    Of::Flows => (None, 0),
                    Of::Demand(i) => (Some(&demand), i),
                    Of::Output(i) => (output.as_ref(), i),
                    Of::Added(i) => (added.as_ref(), i),
                };
                let at = column.map_or(At { line: 0, ..first }, |column| At {
                    line: column.lines.get(i).copied().unwrap_or(0),
                    ..column.at
                });
                let into = if doubtful { &mut remarks.doubts } else { &mut remarks.faults };
                into.add(&at, fault);
            });
        }
    }
    Found { industries, faults: remarks.faults.finish(), doubts: remarks.doubts.finish() }
}

/// Flows between industries, as they are read.
struct Flows<'a> {
    at: At<'a>,
    labels: Vec<(String, String)>,
    sales: Vec<Sales>,
    sold: Vec<Rounding>,
    bought: Vec<Rounding>,
    /// Labels of totals, which are no industries.
    left_out: HashSet<String>,
}

/// Reads flows, and leaves out totals.
fn flows<'a>(file: &'a Path, remarks: &mut Remarks) -> Option<Flows<'a>> {
    let mut matrix = match parquet(file, "flows", remarks) {
        Some(matrix) => matrix?,
        None => Matrix::flows(file, remarks)?,
    };
    let first = At { column: 1, ..matrix.at };
    let (columns_out, rows_out) = totals_of_flows(&matrix, remarks);
    let mut left_out = HashSet::new();
    let mut labels: IndexSet<String> = IndexSet::new();
    let (mut named, mut now) = (Vec::new(), vec![None; matrix.columns.len()]);
    let mut twice = false;
    for (k, label) in std::mem::take(&mut matrix.columns).into_iter().enumerate() {
        let text = label.text();
        if columns_out.contains(&k) {
            left_out.insert(text);
        } else if labels.contains(&text) {
            remarks.faults.add(&first, TableFault::ColumnTwice { label: text });
            twice = true;
        } else {
            if label.rest.is_empty() && !label.first.is_empty() {
                remarks.faults.add(&first, TableFault::ColumnLabel { label: text.clone() });
            }
            now[k] = u32::try_from(labels.len()).ok();
            labels.insert(text);
            named.push((label.first, label.rest));
        }
    }
    if twice || u32::try_from(labels.len()).is_err() {
        return None;
    }
    let n = labels.len();
    let mut sales: Vec<Option<Sales>> = vec![None; n];
    let mut count = 0;
    for (k, row) in std::mem::take(&mut matrix.rows).into_iter().enumerate() {
        let text = row.label.text();
        if rows_out.contains(&k) {
            left_out.insert(text);
            continue;
        }
        count += 1;
        let Some(i) = find(&labels, &text, count - 1) else {
            unknown(&At { line: row.line, ..first }, &text, "column", &labels, &mut remarks.faults);
            continue;
        };
        let mut own = row.cells;
        if !columns_out.is_empty() {
            let left: Vec<(u32, f64)> = own.iter().filter_map(|(k, x)| Some((now[k]?, x))).collect();
            (own.columns, own.values) = left.into_iter().unzip();
        }
        sales[i] = Some(own.sales());
    }
    if count != n {
        let fault = TableFault::NotSquare { rows: count, columns: n };
        remarks.faults.add(&At { line: 0, ..first }, fault);
    }
    missing(&first, sales.iter().map(Option::is_some), &labels, &mut remarks.faults);
    let sales: Vec<Sales> = sales.into_iter().map(Option::unwrap_or_default).collect();
    let (sold, bought) = roundings(&sales, matrix.digits);
    Some(Flows { at: first, labels: named, sales, sold, bought, left_out })
}

/// A Parquet file, if it is one and can be read here.
#[cfg(feature = "parquet")]
fn parquet<'a>(file: &'a Path, key: &'static str, remarks: &mut Remarks) -> Option<Option<Matrix<'a>>> {
    let at = At::file(file, key);
    super::parquet::is_one(&at, &remarks.access).then(|| super::parquet::read(at, remarks))
}

/// Without the feature none can be read.
#[cfg(not(feature = "parquet"))]
fn parquet<'a>(_: &'a Path, _: &'static str, _: &mut Remarks) -> Option<Option<Matrix<'a>>> {
    None
}

/// A matrix with the industries in its rows.
fn upright<'a>(matrix: Matrix<'a>, industries: &IndexSet<String>) -> Matrix<'a> {
    let known = |label: &Label| industries.contains(&label.text());
    let across = matrix.columns.iter().filter(|label| known(label)).count();
    let down = matrix.rows.iter().filter(|row| known(&row.label)).count();
    if across > down { matrix.turned() } else { matrix }
}

/// The columns and the rows of flows that are no industries.
fn totals_of_flows(matrix: &Matrix<'_>, remarks: &mut Remarks) -> (HashSet<usize>, HashSet<usize>) {
    let none = HashSet::new();
    let row_of: HashMap<&Label, usize> =
        matrix.rows.iter().enumerate().map(|(k, row)| (&row.label, k)).collect();
    let column_of: HashMap<&Label, usize> = matrix.columns.iter().enumerate().map(|(k, l)| (l, k)).collect();
    let sure = |totals: Vec<Total>| totals.into_iter().filter(|t| t.sure).map(|t| (t.line, t.of)).collect();
    let columns: HashMap<usize, String> = sure(Search::new(matrix, Axis::Columns, &none).totals(|_| true));
    let search = Search::new(matrix, Axis::Rows, &none).without(columns.keys().copied());
    let rows: HashMap<usize, String> = sure(search.totals(|_| true));
    let mut bought = vec![false; matrix.columns.len()];
    matrix.rows.iter().flat_map(|row| row.cells.iter()).for_each(|(k, _)| bought[k] = true);
    let mut out = (HashSet::new(), HashSet::new());
    let first = At { column: 1, ..matrix.at };
    for (k, label) in matrix.columns.iter().enumerate() {
        let Some(of) = columns.get(&k) else { continue };
        let row = row_of.get(label).copied();
        let is_total = row.is_none_or(|r| rows.contains_key(&r) || matrix.rows[r].cells.columns.is_empty());
        let line = if row.is_some() { "row and column" } else { "column" };
        if is_total {
            out.0.insert(k);
            out.1.extend(row);
            let fault = TableFault::Total { line, label: label.text(), of: of.clone() };
            remarks.doubts.add(&first, fault);
        } else {
            half(&first, ("column", "row"), label, of, remarks);
        }
    }
    for (k, row) in matrix.rows.iter().enumerate().filter(|(k, _)| !out.1.contains(k)).collect::<Vec<_>>() {
        let Some(of) = rows.get(&k) else { continue };
        let at = At { line: row.line, ..first };
        let column = column_of.get(&row.label).copied();
        if column.is_none_or(|c| !bought[c]) {
            out.1.insert(k);
            out.0.extend(column);
            let line = if column.is_some() { "row and column" } else { "row" };
            let fault = TableFault::Total { line, label: row.label.text(), of: of.clone() };
            remarks.doubts.add(&at, fault);
        } else {
            half(&at, ("row", "column"), &row.label, of, remarks);
        }
    }
    out
}

/// Tells of an industry whose row is a total and whose column is none, or the other way round: a mistake where it is called one.
fn half(
    at: &At<'_>,
    (line, other): (&'static str, &'static str),
    label: &Label,
    of: &str,
    remarks: &mut Remarks,
) {
    let fault = TableFault::HalfTotal { line, label: label.text(), of: of.to_owned(), other };
    let into = if says_total(label) { &mut remarks.faults } else { &mut remarks.doubts };
    into.add(at, fault);
}

/// What rounding can have done to the sums of the rows and of the columns.
fn roundings(sales: &[Sales], digits: Digits) -> (Vec<Rounding>, Vec<Rounding>) {
    let cells = sales.len();
    let zero = digits.half(0.0);
    let all = Rounding { by: zero * cells as f64, cells };
    let (mut sold, mut bought) = (vec![all; cells], vec![all; cells]);
    for (own, sold) in sales.iter().zip(&mut sold) {
        for (&j, flow) in own.buyers.iter().zip(&own.flows) {
            let more = digits.half(*flow) - zero;
            sold.by += more;
            bought[j as usize].by += more;
        }
    }
    (sold, bought)
}

/// The industries and totals of the flows, which the files beside them are read by.
struct Known {
    labels: IndexSet<String>,
    regions: HashSet<String>,
    left_out: HashSet<String>,
}

/// Reads figures by industry, leaves out totals, and sums the other columns; an output has only one.
fn column<'a>(file: &'a Path, key: &'static str, known: &Known, remarks: &mut Remarks) -> Option<Column<'a>> {
    let matrix = match parquet(file, key, remarks) {
        Some(matrix) => upright(matrix?, &known.labels),
        None => Matrix::by_industry(file, key, &known.labels, remarks)?,
    };
    let first = At { column: 1, ..matrix.at };
    let n = matrix.columns.len();
    if key == "output" && n != 1 {
        remarks.faults.add(&first, TableFault::Columns { columns: n, expected: "one" });
        return None;
    }
    let mut live = vec![true; n];
    for total in Search::new(&matrix, Axis::Columns, &known.regions).totals(|_| true) {
        let (line, label) = ("column", matrix.columns[total.line].text());
        live[total.line] = !total.sure;
        let fault = if total.sure {
            TableFault::Total { line, label, of: total.of }
        } else {
            TableFault::PerhapsTotal { line, label, of: total.of }
        };
        remarks.doubts.add(&first, fault);
    }
    let out = (0..n).filter(|&k| !live[k]);
    let is_known = |row: usize| known.labels.contains(&matrix.rows[row].label.text());
    let totals = Search::new(&matrix, Axis::Rows, &known.regions).without(out).totals(|row| !is_known(row));
    let totals: HashMap<usize, String> =
        totals.into_iter().filter(|t| t.sure).map(|t| (t.line, t.of)).collect();
    let zero = matrix.digits.half(0.0);
    let cells = live.iter().filter(|live| **live).count();
    let rounding = Rounding { by: zero * cells as f64, cells };
    let of = known.labels.len();
    let mut column =
        Column { at: first, values: vec![0.0; of], lines: vec![0; of], rounding: vec![rounding; of] };
    let mut there = vec![false; of];
    for (k, row) in matrix.rows.iter().enumerate() {
        let (at, label) = (At { line: row.line, ..first }, row.label.text());
        if let Some(of) = totals.get(&k) {
            remarks.doubts.add(&at, TableFault::Total { line: "row", label, of: of.clone() });
            continue;
        }
        let Some(i) = find(&known.labels, &label, k) else {
            // A total of the flows is one here too.
            if !known.left_out.contains(&label) {
                unknown(&at, &label, "row or column", &known.labels, &mut remarks.faults);
            }
            continue;
        };
        there[i] = true;
        column.lines[i] = row.line;
        for (_, x) in row.cells.iter().filter(|(k, _)| live[*k]) {
            column.values[i] += x;
            column.rounding[i].by += matrix.digits.half(x) - zero;
        }
    }
    missing(&first, there.into_iter(), &known.labels, &mut remarks.faults);
    Some(column)
}

/// The number of a label; most stand where they are expected.
fn find(labels: &IndexSet<String>, label: &str, expected: usize) -> Option<usize> {
    match labels.get_index(expected) {
        Some(known) if *known == label => Some(expected),
        _ => labels.get_index_of(label),
    }
}

fn unknown(at: &At<'_>, label: &str, of: &'static str, labels: &IndexSet<String>, faults: &mut Faults) {
    // There can be as many unknown labels as known ones.
    let near = faults.tells().then(|| nearest(label, labels.iter().map(String::as_str))).flatten();
    let suggestion = near.map(|near| Suggestion::Nearest(near.to_owned()));
    faults.add(at, TableFault::UnknownRow { label: label.to_owned(), of, suggestion });
}

fn missing(at: &At<'_>, there: impl Iterator<Item = bool>, labels: &IndexSet<String>, faults: &mut Faults) {
    for (label, _) in labels.iter().zip(there).filter(|(_, there)| !there) {
        faults.add(&At { line: 0, ..*at }, TableFault::NoRow { label: label.clone() });
    }
}
