//! What is wrong with input-output tables.

use super::{Suggestion, Words as _};

faults! {
    /// What is wrong with an input-output table. Industries are labelled `region|sector`.
    pub enum TableFault {
        /// A file cannot be opened.
        CannotOpen { error: String } => ["cannot read it: {error}"],
            "give a CSV file; its path is relative to the scenario file";
        /// A file cannot be read to its end.
        CannotRead { error: String } => ["cannot read it: {error}"];
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
            "give a finite number";
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
        /// There are so many other faults of a table that they are only counted.
        More { count: usize } => ["{count} more of the kind"];
        /// The file of availability has another number of rows than the scenario has steps.
        Availability { rows: usize, steps: u32 } => ["it has {rows} rows, and there are {steps} steps"],
            "give a row for each step";
    }
}

const LABEL: &str = "write `region|sector`, or two header rows and two index columns";
const SAME: &str = "flows, demand and output must have the same labels";
