//! Reading the files of an input-output table, and checking them against each other.

use super::cells::{At, Faults, Rows};
use super::{Industries, IoTable, Sales};
use crate::scenario::document::join_path;
use crate::scenario::problem::{Problem, nearest};
use indexmap::IndexSet;
use std::path::Path;

/// Relative difference up to which a given output agrees with the sum of its row.
const AGREES: f64 = 1e-3;
/// Relative size below which a sum of flows is the rounding of zero.
const ROUNDING: f64 = 1e-9;

const LABEL: &str = "write `region|sector`, or two header rows and two index columns";

/// A table with all that was found in its files: labels may be known where cells are faulty.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) industries: Industries,
    pub(crate) problems: Vec<Problem>,
    pub(crate) warnings: Vec<Problem>,
}

/// Where the files of a table stand.
struct Places<'a> {
    flows: At<'a>,
    demand: At<'a>,
    output: At<'a>,
}

/// A column of numbers by industry, with the line of each.
struct Column {
    values: Vec<f64>,
    lines: Vec<usize>,
}

/// Reads the files of table `id`.
pub(crate) fn read(id: &str, table: &IoTable) -> Found {
    let path = join_path(&["io_tables".to_owned(), id.to_owned()]);
    let output = table.output.as_ref().map(|f| f.path.as_path());
    read_files(&path, &table.flows.path, &table.demand.path, output)
}

/// Reads the files of a table; what is wrong is told under `path`.
pub(super) fn read_files(path: &str, flows_file: &Path, demand_file: &Path, output: Option<&Path>) -> Found {
    let (mut faults, mut doubts) = (Faults::new(path), Faults::new(path));
    let mut found = Found::default();
    if let Some((labels, sales)) = flows(flows_file, &mut faults) {
        found.industries = named(labels, flows_file, &mut faults);
        found.industries.sales = sales;
        let labels: IndexSet<&str> = found.industries.labels.iter().map(String::as_str).collect();
        let demand = column(demand_file, "demand", &labels, &mut faults);
        let given = output.map(|file| column(file, "output", &labels, &mut faults));
        if let (Some(demand), given, false) = (demand, given.flatten(), faults.any()) {
            let at = |file, key| At { file, key, line: 0, column: 1 };
            let places = Places {
                flows: at(flows_file, "flows"),
                demand: at(demand_file, "demand"),
                output: at(output.unwrap_or(demand_file), "output"),
            };
            balance(&mut found.industries, &places, demand, given, &mut faults, &mut doubts);
        }
    }
    (found.problems, found.warnings) = (faults.finish(), doubts.finish());
    found
}

/// Region and sector.
type Label = (String, String);

/// The labels of the columns and what each industry sells.
fn flows(file: &Path, faults: &mut Faults<'_>) -> Option<(Vec<Label>, Vec<Sales>)> {
    let mut rows = Rows::open(file, "flows", faults)?;
    if !rows.next(faults) {
        faults.add(&rows.at, "the file is empty".into(), Some(LABEL));
        return None;
    }
    let flat = (1..rows.row.len()).any(|k| rows.text(k).contains('|'));
    let index = if flat { 1 } else { 2 };
    let first: Vec<String> = (index..rows.row.len()).map(|k| rows.text(k)).collect();
    let mut pending = false;
    let columns: Vec<Label> = if flat {
        first
            .into_iter()
            .enumerate()
            .map(|(k, label)| match label.split_once('|') {
                Some((region, sector)) => (region.trim().to_owned(), sector.trim().to_owned()),
                None => {
                    let message = format!("column label `{label}` is not of the form `region|sector`");
                    faults.add(&rows.cell(k + index), message, Some(LABEL));
                    (label, String::new())
                }
            })
            .collect()
    } else {
        let header = rows.next(faults) && rows.row.len() == first.len() + index;
        if first.is_empty() || !header || rows.number(index).is_some() {
            faults.add(
                &rows.place(),
                "there are no two header rows, and no column label has a `|`".into(),
                Some(LABEL),
            );
            return None;
        }
        let columns =
            first.into_iter().enumerate().map(|(k, region)| (region, rows.text(k + index))).collect();
        // A third row may name the two index columns and nothing else.
        let names_only = |r: &Rows<'_>| r.row.iter().skip(index).all(|f| f.trim_ascii().is_empty());
        pending = rows.next(faults) && !names_only(&rows);
        columns
    };
    let joined: Vec<String> = columns.iter().map(|(r, s)| format!("{r}|{s}")).collect();
    let labels: IndexSet<&str> = joined.iter().map(String::as_str).collect();
    let n = labels.len();
    if n < joined.len() || u32::try_from(n).is_err() {
        let twice = joined.iter().enumerate().find(|(k, l)| labels.get_index_of(l.as_str()) != Some(*k));
        let name = twice.map_or("", |(_, l)| l.as_str());
        faults.add(&At { line: 1, ..rows.at }, format!("two columns are labelled `{name}`"), None);
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
            faults.add(&rows.place(), format!("two rows are labelled `{label}`"), None);
            continue;
        }
        let width = rows.row.len() - index.min(rows.row.len());
        if width != n {
            let message = format!("row `{label}` has {width} cells, and there are {n} columns");
            faults.add(&rows.place(), message, Some("give a flow to every sector, 0 where there is none"));
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
        let message = format!("the table is not square: it has {count} rows and {n} columns");
        faults.add(&At { line: 0, ..rows.at }, message, Some("give a row and a column for each sector"));
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

fn unknown(rows: &Rows<'_>, label: &str, what: &str, labels: &IndexSet<&str>, faults: &mut Faults<'_>) {
    let near = nearest(label, labels.iter().copied()).map(|k| format!("did you mean `{k}`?"));
    let help = near.as_deref().unwrap_or("flows, demand and output must have the same labels");
    faults.add(&rows.place(), format!("row `{label}` has no {what} of that label in the flows"), Some(help));
}

fn missing(at: &At<'_>, there: impl Iterator<Item = bool>, labels: &[String], faults: &mut Faults<'_>) {
    for (label, _) in labels.iter().zip(there).filter(|(_, there)| !there) {
        let help = Some("flows, demand and output must have the same labels");
        faults.add(&At { line: 0, ..*at }, format!("there is no row `{label}`"), help);
    }
}

fn cell_fault(
    rows: &Rows<'_>,
    k: usize,
    row: &str,
    column: &str,
    value: Option<f64>,
    faults: &mut Faults<'_>,
) {
    let place = format!("row `{row}`, column `{column}`");
    let (message, help) = match value {
        Some(x) => (format!("{place}: {x} is negative"), "give 0 or more"),
        None if rows.text(k).is_empty() => {
            (format!("{place}: the cell is empty"), "give 0 where there is nothing")
        }
        None => (format!("{place}: `{}` is not a finite number", rows.text(k)), "give a finite number"),
    };
    faults.add(&rows.cell(k), message, Some(help));
}

/// Splits labels into regions and sectors.
fn named(labels: Vec<Label>, file: &Path, faults: &mut Faults<'_>) -> Industries {
    let mut industries = Industries::default();
    let (mut regions, mut sectors) = (IndexSet::new(), IndexSet::new());
    for (region, sector) in labels {
        let label = format!("{region}|{sector}");
        if region.is_empty() || sector.is_empty() || label.contains(char::is_control) {
            let at = At { file, key: "flows", line: 1, column: 1 };
            faults.add(&at, format!("`{label}` does not name a region and a sector"), Some(LABEL));
        }
        industries.region.push(regions.insert_full(region).0 as u32);
        industries.sector.push(sectors.insert_full(sector).0 as u32);
        industries.labels.push(label);
    }
    (industries.regions, industries.sectors) = (regions.into_iter().collect(), sectors.into_iter().collect());
    industries
}

/// Reads a file with rows labelled as the flows, and sums its columns; an output has only one.
fn column(
    file: &Path,
    key: &'static str,
    labels: &IndexSet<&str>,
    faults: &mut Faults<'_>,
) -> Option<Column> {
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
                let numbers = (1..rows.row.len()).any(|k| rows.number(k).is_some());
                if header.is_empty() || (!one && !two && !numbers) {
                    header.push((0..rows.row.len()).map(|k| rows.text(k)).collect());
                    continue;
                }
                let found = if one || (!two && rows.text(0).contains('|')) { 1 } else { 2 };
                let columns = header.first().map_or(0, Vec::len).saturating_sub(found);
                if columns == 0 || (key == "output" && columns > 1) {
                    let expected = if key == "output" { "one" } else { "any number" };
                    let message = format!("it has {columns} columns of numbers, not {expected}");
                    faults.add(
                        &At { line: 1, ..rows.place() },
                        message,
                        Some("label every column in the first row"),
                    );
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
            faults.add(&rows.place(), format!("two rows are labelled `{label}`"), None);
            continue;
        }
        column.lines[i] = rows.at.line;
        let width = header.first().map_or(0, Vec::len);
        if rows.row.len() != width {
            let message = format!("row `{label}` has {} cells, not {width}", rows.row.len());
            faults.add(&rows.place(), message, Some("give every row its label and a number for each column"));
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
        faults.add(&rows.at, "the file is empty".into(), None);
        return None;
    }
    let names: Vec<String> = labels.iter().map(|l| (*l).to_owned()).collect();
    missing(&rows.at, column.lines.iter().map(|l| *l > 0), &names, faults);
    Some(column)
}

/// Output is the sum of a row; what it must agree with, and what is doubtful in it.
fn balance(
    t: &mut Industries,
    places: &Places<'_>,
    demand: Column,
    given: Option<Column>,
    faults: &mut Faults<'_>,
    doubts: &mut Faults<'_>,
) {
    let n = t.len();
    t.bought = vec![0.0; n];
    for own in &t.sales {
        for (&j, flow) in own.buyers.iter().zip(&own.flows) {
            t.bought[j as usize] += flow;
        }
    }
    t.demand = demand.values;
    for i in 0..n {
        let label = &t.labels[i];
        let sold: f64 = t.sales[i].flows.iter().sum();
        let row = sold + t.demand[i];
        let at = At { line: demand.lines[i], ..places.demand };
        if row < -ROUNDING * sold {
            let message = format!(
                "row `{label}`: flows of {sold} and a demand of {} make a negative output",
                t.demand[i]
            );
            faults.add(&at, message, Some("output must not be negative"));
        } else if let Some(given) = &given {
            let output = given.values[i];
            if (output - row).abs() > AGREES * output.abs().max(row.abs()) {
                let at = At { line: given.lines[i], ..places.output };
                let message = format!(
                    "row `{label}`: the output {output} is not the {row} that flows and demand sum to"
                );
                faults.add(&at, message, Some("let the three files be parts of one balanced table"));
            }
        }
        if t.demand[i] < 0.0 {
            if row >= -ROUNDING * sold {
                doubts.add(&at, format!("row `{label}`: a demand of {} counts as 0", t.demand[i]), None);
            }
            t.demand[i] = 0.0;
        }
        t.output.push(sold + t.demand[i]);
    }
    for j in 0..n {
        let (label, output, bought) = (&t.labels[j], t.output[j], t.bought[j]);
        if output <= 0.0 && bought > 0.0 {
            let message = format!("column `{label}`: it uses {bought} and makes nothing");
            faults.add(&places.flows, message, Some("take its inputs out, or give it an output"));
        } else if bought > output * (1.0 + ROUNDING) {
            let message = format!("column `{label}`: its value added is negative, {}", output - bought);
            doubts.add(&places.flows, message, None);
        }
    }
}
