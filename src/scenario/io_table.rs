//! Input-output tables of several regions.
//!
//! A table is held as [`Industries`], from which the network is compiled without a detour over entries of the scenario:
//! it can have millions of flows.

mod industries;

pub(crate) use industries::{Beside, Industries, Of, Rounding, Roundings, Sales};

use super::entry::{Entry, Read, Reader, value};
use super::ids::Ids;
use super::leaf::Leaf;
use super::path::Path;
use super::problem::TableFault;
use super::record::{choice, record};
use super::rule::{ANY, AT_LEAST_ONE, Below, FieldDoc, Form, NON_NEGATIVE, POSITIVE, Presence, SHARE, Shape};
use super::setting::Setting;
use super::tree::{Node, Table, Value};
use std::sync::Arc;

choice! {
    /// How the buyers of an input-output table weigh the suppliers of an input.
    pub enum Suppliers {
        /// By the flows of the table times the supplier's current capacity.
        Capacity = "capacity",
        /// By the flows of the table.
        Fixed = "fixed",
    }
}

record! {
    /// `[io_tables.ID]`: an input-output table of several regions, run by the adaptive regional input-output model
    /// (ARIO). Each `region|sector` is a site of that id in the country `region`, of stage `sector`; it makes the
    /// commodity named as its sector, at capacity, and uses those of the sectors it buys from, in whatever region
    /// they stand. Goods take a step; final demand is served in the class of orders, and none of it waits.
    ///
    /// Files are separated by commas, semicolons or tabs, in UTF-8 or an encoding that can be recognised, or with the
    /// feature `parquet` Parquet files. Labels are `region|sector` in the first row and the first column, or two header
    /// rows and two index columns of regions and sectors, as `pymrio` saves them; rows may stand in any order, and those
    /// beside the flows may be columns. Totals are left out, with a warning. TABLES.md says more of the form,
    /// and which published tables have it.
    ///
    /// A table has unit values a year. Final demand is the sum of its columns; where changes of inventories make it
    /// negative, it counts as 0, and output is the sum of the row without it. Sums may be off by the rounding of their
    /// cells, as their digits tell. A small table can stand in the scenario: `labels`, the rows of `flows`, and `demand`.
    pub struct IoTable {
        /// The figures of the table.
        flat figures: InputOutput;
        /// Target `s Δ` of the stock of an input before use [days of use]; the cover is what is left of it after a step.
        default inventory_days: Leaf = Leaf::number(90.0), POSITIVE.days();
        /// Share `ψ` of the target below which a stock cuts output.
        default psi: Leaf = Leaf::number(0.8), SHARE;
        /// Time `τ_i` over which a gap in stock is closed \[days\].
        default restoration_days: Leaf = Leaf::number(60.0), NON_NEGATIVE.days();
        /// Ceiling of overtime `α_max` [multiple of capacity].
        default overtime_max: Leaf = Leaf::number(1.25), AT_LEAST_ONE;
        /// Time `τ_α` to reach it \[days\].
        default overtime_days: Leaf = Leaf::number(365.0), NON_NEGATIVE.days();
        /// How buyers weigh the suppliers of an input.
        default suppliers: Suppliers = Suppliers::Capacity;
        /// What a unit of the table is worth \[money\].
        default value_per_unit: Leaf = Leaf::number(1.0), POSITIVE.was("jpy_per_unit");
    }
}

/// The flows between industries and the final demand for what they make [units a year], given in code or read from files.
#[derive(Debug, Clone, PartialEq)]
pub struct InputOutput {
    industries: Arc<Industries>,
    from: From,
    pub(crate) faults: Vec<Remark>,
    pub(crate) doubts: Vec<Remark>,
}

#[derive(Debug, Clone, PartialEq)]
enum From {
    Files(TableFiles),
    /// Final demand as it was given.
    Values(Vec<f64>),
}

/// The files of a table, by their paths as they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TableFiles {
    pub(crate) flows: String,
    pub(crate) demand: String,
    pub(crate) output: Option<String>,
    pub(crate) value_added: Option<String>,
}

/// Something about a table: the key that it is about, the place in a file where there is one, and what it is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Remark {
    pub(crate) key: &'static str,
    pub(crate) file: Option<(String, usize, usize)>,
    pub(crate) fault: TableFault,
}

impl InputOutput {
    /// A table of industries labelled `region|sector`: what each sells to each [units a year], row by row in the order of
    /// the labels, and the final demand for what each makes [units a year]. Whether the numbers fit each other is found
    /// when the scenario is checked.
    ///
    /// # Examples
    /// ```
    /// use supplyshock::scenario::{InputOutput, IoTable};
    /// let figures = InputOutput::new(["A|ore", "A|cars"], vec![vec![0.0, 40.0], vec![5.0, 0.0]], vec![10.0, 95.0]);
    /// let table = IoTable::new(figures).inventory_days(60.0);
    /// assert_eq!(table.figures.labels(), ["A|ore", "A|cars"]);
    /// ```
    #[must_use]
    pub fn new(labels: impl Into<Ids>, flows: Vec<Vec<f64>>, demand: Vec<f64>) -> Self {
        let mut faults = Vec::new();
        let mut doubts = Vec::new();
        let add = |faults: &mut Vec<Remark>, key, fault| faults.push(Remark { key, file: None, fault });
        let labels: Vec<String> = labels.into().iter().cloned().collect();
        let n = labels.len();
        let twice = labels.iter().enumerate().find(|(k, label)| labels[..*k].contains(label));
        if let Some((_, label)) = twice {
            add(&mut faults, "labels", TableFault::ColumnTwice { label: label.clone() });
        }
        if flows.len() != n || demand.len() != n {
            let (key, rows) =
                if flows.len() != n { ("flows", flows.len()) } else { ("demand", demand.len()) };
            add(&mut faults, key, TableFault::NotSquare { rows, columns: n });
        }
        let mut sales = Vec::with_capacity(n);
        for (row, label) in flows.iter().zip(&labels) {
            if row.len() != n {
                let (label, cells) = (label.clone(), row.len());
                add(&mut faults, "flows", TableFault::FlowsWidth { label, cells, columns: n });
                continue;
            }
            let mut own = Sales::default();
            for ((j, flow), column) in (0..).zip(row).zip(&labels) {
                if let Some(fault) = cell_fault(label, column, *flow, false) {
                    add(&mut faults, "flows", fault);
                } else if *flow > 0.0 {
                    own.buyers.push(j);
                    own.flows.push(*flow);
                }
            }
            sales.push(own);
        }
        for (x, label) in demand.iter().zip(&labels) {
            if let Some(fault) = cell_fault(label, "demand", *x, true) {
                add(&mut faults, "demand", fault);
            }
        }
        let mut industries = Industries::default();
        let split = |label: String| match label.split_once('|') {
            Some((region, sector)) => (region.to_owned(), sector.to_owned()),
            None => (label, String::new()),
        };
        industries.name(labels.into_iter().map(split).collect(), |fault| add(&mut faults, "labels", fault));
        industries.sales = sales;
        if faults.is_empty() {
            let beside =
                Beside { demand: &demand, output: None, added: None, rounding: Roundings::default() };
            industries.balance(&beside, |of, fault, doubtful| {
                let key = if matches!(of, Of::Flows) { "flows" } else { "demand" };
                add(if doubtful { &mut doubts } else { &mut faults }, key, fault);
            });
        }
        InputOutput { industries: Arc::new(industries), from: From::Values(demand), faults, doubts }
    }

    /// A table whose files are still to be read.
    pub(crate) fn of_files(files: TableFiles) -> Self {
        let (faults, doubts) = (Vec::new(), Vec::new());
        InputOutput { industries: Arc::default(), from: From::Files(files), faults, doubts }
    }

    /// The files it was, or is to be, read from.
    pub(crate) fn files(&self) -> Option<&TableFiles> {
        match &self.from {
            From::Files(files) => Some(files),
            From::Values(_) => None,
        }
    }

    /// Takes over what was read from the files.
    pub(crate) fn fill(&mut self, industries: Industries, faults: Vec<Remark>, doubts: Vec<Remark>) {
        self.industries = Arc::new(industries);
        (self.faults, self.doubts) = (faults, doubts);
    }

    pub(crate) fn industries(&self) -> &Industries {
        &self.industries
    }

    /// Labels of the industries, `region|sector`.
    #[must_use]
    pub fn labels(&self) -> &[String] {
        &self.industries.labels
    }

    /// The regions, in the order in which they first come.
    #[must_use]
    pub fn regions(&self) -> &[String] {
        &self.industries.regions
    }

    /// Value added of a region [units a year].
    #[must_use]
    pub fn value_added(&self, region: &str) -> f64 {
        let t = &self.industries;
        (0..t.output.len()).filter(|&j| t.region_of(j) == region).map(|j| t.value_added(j)).sum()
    }

    pub(crate) fn write_into(&self, table: &mut Table) {
        match &self.from {
            From::Files(files) => {
                let all = [("flows", Some(&files.flows)), ("demand", Some(&files.demand))];
                let optional =
                    [("output", files.output.as_ref()), ("value_added", files.value_added.as_ref())];
                for (key, file) in all.into_iter().chain(optional) {
                    if let Some(file) = file {
                        table.put(key, Value::Text(file.clone()));
                    }
                }
            }
            From::Values(demand) => {
                let t = &self.industries;
                let row = |sales: &Sales| {
                    let mut row = vec![0.0; t.len()];
                    for (&j, flow) in sales.buyers.iter().zip(&sales.flows) {
                        row[j as usize] = *flow;
                    }
                    Value::list(row.into_iter().map(Value::number))
                };
                table.put("labels", Value::list(t.labels.iter().cloned().map(Value::Text)));
                table.put("flows", Value::list(t.sales.iter().map(row)));
                table.put("demand", Value::list(demand.iter().copied().map(Value::number)));
            }
        }
    }
}

/// What is wrong with a number of a table.
fn cell_fault(row: &str, column: &str, x: f64, negative: bool) -> Option<TableFault> {
    let (row, column) = (row.to_owned(), column.to_owned());
    if !x.is_finite() {
        Some(TableFault::Cell { row, column, text: x.to_string() })
    } else if x < 0.0 && !negative {
        Some(TableFault::NegativeCell { row, column, value: x })
    } else {
        None
    }
}

impl Entry for InputOutput {
    fn write(&self) -> Option<Value> {
        let mut table = Table::new(u32::MAX);
        self.write_into(&mut table);
        Some(Value::Table(table))
    }
    value! {}
}

impl Read for InputOutput {
    const SHAPE: Shape = Shape::Fields(|key| {
        let field = ["flows", "demand", "output", "value_added", "labels"].into_iter().find(|k| *k == key)?;
        Some(Below { field: Some(field), rule: ANY, shape: Shape::Whole })
    });

    fn expects() -> String {
        "path of a file".into()
    }

    /// Of files only the paths are read here.
    fn read(node: &Node, at: &Path<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let Value::Table(table) = &node.value else { return None };
        if table.get("flows").is_some_and(|entry| matches!(entry.node.value, Value::List(_))) {
            let labels = reader.required::<Ids>(node, table, at, "labels", ANY);
            let flows = reader.required::<Vec<Vec<f64>>>(node, table, at, "flows", ANY);
            let demand = reader.required::<Vec<f64>>(node, table, at, "demand", ANY);
            return Some(InputOutput::new(labels?, flows?, demand?));
        }
        let flows = reader.required::<FilePath>(node, table, at, "flows", ANY);
        let demand = reader.required::<FilePath>(node, table, at, "demand", ANY);
        let mut optional = |key| reader.optional::<FilePath>(table, at, key, ANY);
        let (output, value_added) = (optional("output"), optional("value_added"));
        let [output, value_added] = [output?, value_added?].map(|path| path.map(|path| path.0));
        Some(InputOutput::of_files(TableFiles { flows: flows?.0, demand: demand?.0, output, value_added }))
    }

    fn fields() -> Vec<FieldDoc> {
        let field = |field, presence, expects: &str, doc: &str| FieldDoc {
            field,
            rule: ANY,
            presence,
            expects: expects.to_owned(),
            doc: doc.to_owned(),
        };
        let (required, optional) = (Presence::Required, Presence::Optional);
        vec![
            field(
                "flows",
                required.clone(),
                "path of a file, or list of rows",
                "Flows from row to column, square.",
            ),
            field(
                "demand",
                required,
                "path of a file, or list of numbers",
                "Final demand, with any number of columns.",
            ),
            field(
                "output",
                optional.clone(),
                "path of a file",
                "Output, in one column; it must agree with flows and demand to 0.1%, or to the rounding of the files.",
            ),
            field(
                "value_added",
                optional.clone(),
                "path of a file",
                "Value added, with any number of columns; output less purchases unless given.",
            ),
            field(
                "labels",
                optional,
                "list of text",
                "Labels of the rows, where these stand in the scenario.",
            ),
        ]
    }
}

/// The path of a file, as it is written.
struct FilePath(String);

impl Entry for FilePath {
    value! { self => Value::Text(self.0.clone()) }
}

impl Read for FilePath {
    fn expects() -> String {
        "path of a file".into()
    }
    fn read(node: &Node, at: &Path<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        String::read(node, at, reader).map(FilePath)
    }
}
