//! What is wrong with input-output tables.

use super::{Suggestion, TextFault, Words as _};

faults! {
    /// What is wrong with an input-output table. Industries are labelled `region|sector`.
    pub enum TableFault {
        /// A file cannot be opened.
        CannotOpen { error: String } => ["cannot read it: {error}"],
            "give a CSV file; its path is relative to the scenario file";
        /// A file cannot be read to its end.
        CannotRead { error: String } => ["cannot read it: {error}"];
        /// The rows of a file cannot be told apart, or its cells not be read.
        Text { fault: TextFault } => ["{fault}"], fault.help();
        /// A file is not UTF-8 and does not say what else it is.
        TakenFor { encoding: &'static str } => ["it is not UTF-8, and is read as {encoding}"],
            "save it as UTF-8 if labels look wrong";
        /// There is nothing in a file.
        Empty => ["the file is empty"], LABEL;
        /// A label has no `|`.
        ColumnLabel { label: String } => ["column label `{label}` is not of the form `region|sector`"], LABEL;
        /// The columns of a file are not labelled.
        NoLabels => ["there are no two header rows, and no column label has a `|`"], LABEL;
        /// A label has an empty part.
        EmptyLabel { label: String } => ["`{label}` does not name a region and a sector"], LABEL;
        /// Two columns have one label.
        ColumnTwice { label: String } => ["two columns are labelled `{label}`"];
        /// Two rows have one label.
        RowTwice { label: String } => ["two rows are labelled `{label}`"];
        /// The flows have nothing of the label of a row.
        UnknownRow { label: String, of: &'static str, suggestion: Option<Suggestion> } =>
            ["row `{label}` has no {of} of that label in the flows"],
            suggestion.as_ref().map_or_else(|| SAME.to_owned(), ToString::to_string);
        /// A label has no row.
        NoRow { label: String } => ["there is no row `{label}`"], SAME;
        /// A row of flows has not one cell for each column.
        FlowsWidth { label: String, cells: usize, columns: usize } =>
            ["row `{label}` has {cells} cells, and there are {columns} columns"],
            "give a flow to every sector, 0 where there is none";
        /// A row has not as many cells as the first.
        RowWidth { label: String, cells: usize, columns: usize } =>
            ["row `{label}` has {cells} cells, not {columns}"],
            "give every row its label and a number for each column";
        /// A file has not the number of columns it should have.
        Columns { columns: usize, expected: &'static str } =>
            ["it has {columns} columns of numbers, not {expected}"],
            "label every column in the first row";
        /// There are more or fewer rows than columns.
        NotSquare { rows: usize, columns: usize } =>
            ["the table is not square: it has {rows} rows and {columns} columns"],
            "give a row and a column for each sector";
        /// A cell is negative.
        NegativeCell { row: String, column: String, value: f64 } =>
            ["row `{row}`, column `{column}`: {value} is negative"],
            "give 0 or more";
        /// A cell is empty.
        EmptyCell { row: String, column: String } => ["row `{row}`, column `{column}`: the cell is empty"],
            "give 0 where there is nothing";
        /// A cell is no finite number.
        Cell { row: String, column: String, text: String } =>
            ["row `{row}`, column `{column}`: `{text}` is not a finite number"],
            if is_gap(text) { "give 0 where there is nothing, or a figure" } else { "give a finite number" };
        /// An industry makes less than nothing.
        NegativeOutput { label: String, flows: f64, demand: f64 } =>
            ["row `{label}`: flows of {flows} and a demand of {demand} make a negative output"],
            "output must not be negative";
        /// The output given for an industry is not the sum of its row.
        OutputDiffers { label: String, output: f64, sum: f64 } =>
            ["row `{label}`: the output {output} is not the {sum} that flows and demand sum to"],
            "let the three files be parts of one balanced table";
        /// A final demand is negative.
        NegativeDemand { label: String, demand: f64 } => ["row `{label}`: a demand of {demand} counts as 0"];
        /// An industry buys, but makes nothing.
        MakesNothing { label: String, bought: f64 } => ["column `{label}`: it uses {bought} and makes nothing"],
            "take its inputs out, or give it an output";
        /// An industry buys for more than it makes.
        NegativeValueAdded { label: String, value: f64 } =>
            ["column `{label}`: its value added is negative, {value}"];
        /// Flows and a negative demand sum to less than nothing, but to no more than what rounding can have done.
        Rounded {
            label: String, flows: f64, demand: f64, sum: f64, rounding: f64, cells: usize, moved: f64
        } => [
            "row `{label}`: flows of {flows} and a demand of {demand} sum to {sum}, within the rounding of {cells} cells \
             ({rounding}): the demand counts as 0 and the output as {flows}, {moved} more than what is given"
        ];
        /// The output given for an industry is the sum of its row but for rounding.
        OutputRounded { label: String, output: f64, sum: f64, rounding: f64, cells: usize } => [
            "row `{label}`: the output {output} is not the {sum} that flows and demand sum to, but within the rounding of \
             {cells} cells ({rounding}): the sum is used"
        ];
        /// An industry that makes nothing buys no more than what rounding can have done.
        UseRounded { label: String, bought: f64, rounding: f64, cells: usize } => [
            "column `{label}`: it uses {bought} and makes nothing, within the rounding of {cells} cells ({rounding}): \
             what it uses counts as final demand for those who sell it"
        ];
        /// Industries make and use nothing.
        Idle { labels: Vec<String>, count: usize } => ["{}", idle(.labels, *.count)];
        /// A region adds no value, so its losses say nothing.
        NoValueAdded { region: String, value: f64 } => ["region `{region}` adds no value: {value}"];
        /// The value added given for an industry is more than its output.
        ValueAddedOver { label: String, added: f64, output: f64 } =>
            ["row `{label}`: the value added {added} is more than the output {output}"],
            "give it in the unit of the flows";
        /// The value added given for industries is more than their output less their purchases.
        ValueAddedLeft { count: usize, label: String, added: f64, left: f64 } => [
            "value added is more than output less purchases in {count} rows, most in `{label}`: {added} in place of {left}"
        ],
            "subsidies on what they buy can make it so; otherwise let it be of the same table";
        /// A column or a row is the sum of others.
        Total { line: &'static str, label: String, of: String } =>
            ["{line} `{label}` is the sum of {of}: it is left out"];
        /// A column may be the sum of others.
        PerhapsTotal { line: &'static str, label: String, of: String } =>
            ["{line} `{label}` may be the sum of {of}, which it equals: it is not left out"],
            "take it out of the file, or put `total` into its label, if it is";
        /// A row of flows is the sum of others, and the column of its label is not, or the other way round.
        HalfTotal { line: &'static str, label: String, of: String, other: &'static str } =>
            ["{line} `{label}` is the sum of {of}, but {other} `{label}` is not: both are kept"],
            "take both out of the file if it is no industry";
        /// There are so many other faults of a table that they are only counted.
        More { count: usize } => ["{count} more of the kind"];
        /// The file of availability has another number of rows than the scenario has steps.
        Availability { rows: usize, steps: u32 } => ["it has {rows} rows, and there are {steps} steps"],
            "give a row for each step";
    }
}

const LABEL: &str = "write `region|sector`, or two header rows and two index columns";
const SAME: &str = "flows, demand and output must have the same labels";

/// Whether a cell says that it holds no figure.
fn is_gap(text: &str) -> bool {
    let text = text.trim_matches(['#', '.', '(', ')']).to_lowercase();
    matches!(text.as_str(), "" | "nan" | "n/a" | "na" | "n.a" | "null" | "none" | "-" | "–" | "—" | ":")
}

/// The remark on industries that make and use nothing, of which some are named.
fn idle(labels: &[String], count: usize) -> String {
    let names = labels.iter().map(|label| format!("`{label}`")).collect::<Vec<_>>().join(", ");
    match count - labels.len().min(count) {
        0 if count == 1 => format!("{names} makes and uses nothing"),
        0 => format!("{names} make and use nothing"),
        more => format!("{names} and {more} more make and use nothing"),
    }
}
