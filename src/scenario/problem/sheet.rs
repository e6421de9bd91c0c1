//! What is wrong with CSV files of entries and of series.

use super::{Suggestion, TextFault, Words as _};

faults! {
    /// What is wrong with a CSV file that stands beside a scenario.
    pub enum SheetFault {
        /// A file cannot be read.
        CannotRead { file: String, error: String } => ["cannot read `{file}`: {error}"],
            "the path is relative to the scenario file";
        /// The rows of a file cannot be told apart, or its cells not be read.
        Text { file: String, fault: TextFault } => ["`{file}`: {fault}"], fault.help();
        /// A file has no column of this name.
        NoColumn { file: String, column: String, suggestion: Option<Suggestion> } =>
            ["`{file}` has no column `{column}`"],
            suggestion;
        /// A cell of a series is no finite number.
        Cell { file: String, line: u64, column: String, text: String } =>
            ["`{file}`, line {line}, column `{column}`: `{text}` is not a finite number"];
        /// Two columns have one name.
        ColumnTwice { column: String } => ["two columns are called `{column}`"],
            "give each column a name of its own";
        /// No field of the entries has the name of a column.
        UnknownColumn { column: String, suggestion: Option<Suggestion> } => ["unknown column `{column}`"],
            suggestion;
        /// A column is about entries that no column names.
        NoNames { column: String, names: &'static str } =>
            ["column `{column}` is about entries that no column `{names}` names"],
            format!("add a column `{names}` with their ids");
        /// No column holds the ids of the entries.
        NoId { wanted: &'static [&'static str] } => ["there is no column `{}`", .wanted.join("`, `")],
            "name the column of the ids in the first row";
        /// A row has no id.
        RowWithoutId { column: String } => ["the row has no `{column}`"], "give every row the id of its entry";
        /// A row has more or fewer cells than there are columns.
        RowWidth { cells: usize, columns: usize } =>
            ["the row has {cells} cells, and there are {columns} columns"],
            "give a cell for every column, empty where there is nothing";
        /// Rows of one entry do not stand together.
        Apart { id: String } => ["there are rows of `{id}` further up"],
            "let the rows of an entry follow each other";
        /// A cell is given again by a later row of the same entry.
        CellTwice { id: String, column: String } => ["`{column}` is given by an earlier row of `{id}`"],
            "leave the cell empty in further rows";
        /// There are so many faults in a file that it is read no further.
        Stopped { line: usize } => ["the file is read no further than line {line}"],
            "correct what is told of it first";
        /// An entry stands in a file and beside it.
        EntryToo { id: String, file: String } => ["`{id}` stands in `{file}` too"],
            "leave one of them out; a file that extends this one can change it";
    }
}
