//! What is wrong with CSV files of entries and of series.

use super::Suggestion;
use thiserror::Error;

/// What is wrong with a CSV file that stands beside a scenario.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum SheetFault {
    /// A file cannot be read.
    #[error("cannot read `{file}`: {error}")]
    CannotRead {
        /// The file.
        file: String,
        /// What the system, or the CSV reader, said.
        error: String,
    },
    /// A file has no column of this name.
    #[error("`{file}` has no column `{column}`")]
    NoColumn {
        /// The file.
        file: String,
        /// The column.
        column: String,
        /// What may be meant.
        suggestion: Option<Suggestion>,
    },
    /// A cell of a series is no finite number.
    #[error("`{file}`, line {line}, column `{column}`: `{text}` is not a finite number")]
    Cell {
        /// The file.
        file: String,
        /// Its line.
        line: u64,
        /// The column.
        column: String,
        /// What stands in the cell.
        text: String,
    },
    /// Two columns have one name.
    #[error("two columns are called `{column}`")]
    ColumnTwice {
        /// The name.
        column: String,
    },
    /// No field of the entries has the name of a column.
    #[error("unknown column `{column}`")]
    UnknownColumn {
        /// The column.
        column: String,
        /// What may be meant.
        suggestion: Option<Suggestion>,
    },
    /// A column is about entries that no column names.
    #[error("column `{column}` is about entries that no column `{names}` names")]
    NoNames {
        /// The column.
        column: String,
        /// The column that would name them.
        names: &'static str,
    },
    /// No column holds the ids of the entries.
    #[error("there is no column `{}`", .wanted.join("`, `"))]
    NoId {
        /// The columns that would.
        wanted: &'static [&'static str],
    },
    /// A row has no id.
    #[error("the row has no `{column}`")]
    RowWithoutId {
        /// The column of the id.
        column: String,
    },
    /// A row has more or fewer cells than there are columns.
    #[error("the row has {cells} cells, and there are {columns} columns")]
    RowWidth {
        /// Number of its cells.
        cells: usize,
        /// Number of columns.
        columns: usize,
    },
    /// Rows of one entry do not stand together.
    #[error("there are rows of `{id}` further up")]
    Apart {
        /// Id of the entry.
        id: String,
    },
    /// A cell is given again by a later row of the same entry.
    #[error("`{column}` is given by an earlier row of `{id}`")]
    CellTwice {
        /// Id of the entry.
        id: String,
        /// The column.
        column: String,
    },
    /// There are so many faults in a file that it is read no further.
    #[error("the file is read no further than line {line}")]
    Stopped {
        /// The last line that was read.
        line: usize,
    },
    /// An entry stands in a file and beside it.
    #[error("`{id}` stands in `{file}` too")]
    EntryToo {
        /// Id of the entry.
        id: String,
        /// The file.
        file: String,
    },
}

impl SheetFault {
    /// What would be right.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        let help: &str = match self {
            Self::NoColumn { suggestion, .. } | Self::UnknownColumn { suggestion, .. } => {
                return suggestion.as_ref().map(ToString::to_string);
            }
            Self::NoNames { names, .. } => return Some(format!("add a column `{names}` with their ids")),
            Self::CannotRead { .. } => "the path is relative to the scenario file",
            Self::ColumnTwice { .. } => "give each column a name of its own",
            Self::NoId { .. } => "name the column of the ids in the first row",
            Self::RowWithoutId { .. } => "give every row the id of its entry",
            Self::RowWidth { .. } => "give a cell for every column, empty where there is nothing",
            Self::Apart { .. } => "let the rows of an entry follow each other",
            Self::CellTwice { .. } => "leave the cell empty in further rows",
            Self::EntryToo { .. } => "leave one of them out; a file that extends this one can change it",
            Self::Stopped { .. } => "correct what is told of it first",
            Self::Cell { .. } => return None,
        };
        Some(help.to_owned())
    }
}
