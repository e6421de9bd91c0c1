//! What is wrong with input-output tables.

use super::Suggestion;
use thiserror::Error;

/// What is wrong with an input-output table. Industries are labelled `region|sector`.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum TableFault {
    /// A file cannot be opened.
    #[error("cannot read it: {error}")]
    CannotOpen {
        /// What the system said.
        error: String,
    },
    /// A file cannot be read to its end.
    #[error("cannot read it: {error}")]
    CannotRead {
        /// What the system said.
        error: String,
    },
    /// There is nothing in a file.
    #[error("the file is empty")]
    Empty,
    /// A label has no `|`.
    #[error("column label `{label}` is not of the form `region|sector`")]
    ColumnLabel {
        /// The label.
        label: String,
    },
    /// The columns of a file are not labelled.
    #[error("there are no two header rows, and no column label has a `|`")]
    NoLabels,
    /// A label has an empty part.
    #[error("`{label}` does not name a region and a sector")]
    EmptyLabel {
        /// The label.
        label: String,
    },
    /// Two columns have one label.
    #[error("two columns are labelled `{label}`")]
    ColumnTwice {
        /// The label.
        label: String,
    },
    /// Two rows have one label.
    #[error("two rows are labelled `{label}`")]
    RowTwice {
        /// The label.
        label: String,
    },
    /// The flows have nothing of the label of a row.
    #[error("row `{label}` has no {of} of that label in the flows")]
    UnknownRow {
        /// The label.
        label: String,
        /// What the flows should have.
        of: &'static str,
        /// What may be meant.
        suggestion: Option<Suggestion>,
    },
    /// A label has no row.
    #[error("there is no row `{label}`")]
    NoRow {
        /// The label.
        label: String,
    },
    /// A row of flows has not one cell for each column.
    #[error("row `{label}` has {cells} cells, and there are {columns} columns")]
    FlowsWidth {
        /// The label.
        label: String,
        /// Number of its cells.
        cells: usize,
        /// Number of columns.
        columns: usize,
    },
    /// A row has not as many cells as the first.
    #[error("row `{label}` has {cells} cells, not {columns}")]
    RowWidth {
        /// The label.
        label: String,
        /// Number of its cells.
        cells: usize,
        /// Number of cells of the first row.
        columns: usize,
    },
    /// A file has not the number of columns it should have.
    #[error("it has {columns} columns of numbers, not {expected}")]
    Columns {
        /// Number of its columns.
        columns: usize,
        /// How many it should have.
        expected: &'static str,
    },
    /// There are more or fewer rows than columns.
    #[error("the table is not square: it has {rows} rows and {columns} columns")]
    NotSquare {
        /// Number of rows.
        rows: usize,
        /// Number of columns.
        columns: usize,
    },
    /// A cell is negative.
    #[error("row `{row}`, column `{column}`: {value} is negative")]
    NegativeCell {
        /// Label of the row.
        row: String,
        /// Label of the column.
        column: String,
        /// The number.
        value: f64,
    },
    /// A cell is empty.
    #[error("row `{row}`, column `{column}`: the cell is empty")]
    EmptyCell {
        /// Label of the row.
        row: String,
        /// Label of the column.
        column: String,
    },
    /// A cell is no finite number.
    #[error("row `{row}`, column `{column}`: `{text}` is not a finite number")]
    Cell {
        /// Label of the row.
        row: String,
        /// Label of the column.
        column: String,
        /// What stands in the cell.
        text: String,
    },
    /// An industry makes less than nothing.
    #[error("row `{label}`: flows of {flows} and a demand of {demand} make a negative output")]
    NegativeOutput {
        /// The industry.
        label: String,
        /// What it sells to industries.
        flows: f64,
        /// Final demand.
        demand: f64,
    },
    /// The output given for an industry is not the sum of its row.
    #[error("row `{label}`: the output {output} is not the {sum} that flows and demand sum to")]
    OutputDiffers {
        /// The industry.
        label: String,
        /// The output given.
        output: f64,
        /// The sum of the row.
        sum: f64,
    },
    /// A final demand is negative.
    #[error("row `{label}`: a demand of {demand} counts as 0")]
    NegativeDemand {
        /// The industry.
        label: String,
        /// Final demand.
        demand: f64,
    },
    /// An industry buys, but makes nothing.
    #[error("column `{label}`: it uses {bought} and makes nothing")]
    MakesNothing {
        /// The industry.
        label: String,
        /// What it buys.
        bought: f64,
    },
    /// An industry buys for more than it makes.
    #[error("column `{label}`: its value added is negative, {value}")]
    NegativeValueAdded {
        /// The industry.
        label: String,
        /// Its value added.
        value: f64,
    },
    /// There are so many other faults of a table that they are only counted.
    #[error("{count} more of the kind")]
    More {
        /// How many.
        count: usize,
    },
    /// The file of availability has another number of rows than the scenario has steps.
    #[error("it has {rows} rows, and there are {steps} steps")]
    Availability {
        /// Number of rows.
        rows: usize,
        /// Number of steps.
        steps: u32,
    },
}

const LABEL: &str = "write `region|sector`, or two header rows and two index columns";
const SAME: &str = "flows, demand and output must have the same labels";

impl TableFault {
    /// What would be right.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        let help: &str = match self {
            Self::UnknownRow { suggestion: Some(near), .. } => return Some(near.to_string()),
            Self::CannotOpen { .. } => "give a CSV file; its path is relative to the scenario file",
            Self::Empty | Self::ColumnLabel { .. } | Self::NoLabels | Self::EmptyLabel { .. } => LABEL,
            Self::UnknownRow { suggestion: None, .. } | Self::NoRow { .. } => SAME,
            Self::FlowsWidth { .. } => "give a flow to every sector, 0 where there is none",
            Self::RowWidth { .. } => "give every row its label and a number for each column",
            Self::Columns { .. } => "label every column in the first row",
            Self::NotSquare { .. } => "give a row and a column for each sector",
            Self::NegativeCell { .. } => "give 0 or more",
            Self::EmptyCell { .. } => "give 0 where there is nothing",
            Self::Cell { .. } => "give a finite number",
            Self::NegativeOutput { .. } => "output must not be negative",
            Self::OutputDiffers { .. } => "let the three files be parts of one balanced table",
            Self::MakesNothing { .. } => "take its inputs out, or give it an output",
            Self::Availability { .. } => "give a row for each step",
            Self::CannotRead { .. }
            | Self::ColumnTwice { .. }
            | Self::RowTwice { .. }
            | Self::NegativeDemand { .. }
            | Self::NegativeValueAdded { .. }
            | Self::More { .. } => return None,
        };
        Some(help.to_owned())
    }
}
