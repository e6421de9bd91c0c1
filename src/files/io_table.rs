//! Input-output tables in files beside the scenario.

mod cells;
mod matrix;
#[cfg(feature = "parquet")]
mod parquet;
mod read;
mod totals;

use super::access::Access;
use super::document::Document;
use super::whole::canonical;
use crate::Error;
use crate::scenario::{InputOutput, Problem, ProblemKind, Problems, Remark, TableFiles, Tables};
use read::Files;
use std::path::Path;

/// Reads the files of the tables that have some.
pub(super) fn fill(tables: &mut Tables, document: &Document) {
    for (id, table) in &mut tables.io_tables {
        let Some(files) = table.figures.files() else { continue };
        let file = |key, path: &String| document.folder(&["io_tables", id, key]).join(path);
        let (flows, demand) = (file("flows", &files.flows), file("demand", &files.demand));
        let output = files.output.as_ref().map(|path| file("output", path));
        let value_added = files.value_added.as_ref().map(|path| file("value_added", path));
        let files = Files {
            flows: &flows,
            demand: &demand,
            output: output.as_deref(),
            value_added: value_added.as_deref(),
        };
        table.figures = read_files(files, &document.access);
    }
}

/// The table that stands in some files, with all that was found in them.
fn read_files(files: Files<'_>, access: &Access) -> InputOutput {
    let found = read::read(files, access);
    let mut table = InputOutput::of_files(TableFiles {
        flows: canonical(files.flows),
        demand: canonical(files.demand),
        output: files.output.map(canonical),
        value_added: files.value_added.map(canonical),
    });
    table.fill(found.industries, found.faults, found.doubts);
    table
}

impl InputOutput {
    /// Reads a table from its files: flows between industries, final demand, and output, which the other two are checked
    /// against. The format reference says how they are labelled.
    ///
    /// # Errors
    /// All that is wrong in the files, each with its place, as [`Error::Scenario`].
    pub fn load(flows: &Path, demand: &Path, output: Option<&Path>) -> Result<Self, Error> {
        Self::load_with(flows, demand, output, None)
    }

    /// Reads a table as [`InputOutput::load`] does, with value added from a file, which takes the place of output less
    /// purchases.
    ///
    /// # Errors
    /// As [`InputOutput::load`].
    pub fn load_with(
        flows: &Path,
        demand: &Path,
        output: Option<&Path>,
        value_added: Option<&Path>,
    ) -> Result<Self, Error> {
        let table = read_files(Files { flows, demand, output, value_added }, &Access::to_named());
        if table.faults.is_empty() {
            return Ok(table);
        }
        let problem = |remark: Remark| {
            let (file, line, column) = remark.file.map_or((None, 0, 0), |(f, l, c)| (Some(f), l, c));
            Problem {
                file,
                line,
                column,
                path: remark.key.to_owned(),
                kind: ProblemKind::Table(remark.fault),
            }
        };
        Err(Error::Scenario(Problems(table.faults.into_iter().map(problem).collect())))
    }
}
