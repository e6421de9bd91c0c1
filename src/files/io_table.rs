//! Input-output tables in files beside the scenario.

mod cells;
mod read;

use super::document::Document;
use super::whole::canonical;
use crate::Error;
use crate::scenario::{Industries, InputOutput, Problem, ProblemKind, Problems, Remark, TableFiles, Tables};
use std::path::Path;

/// Reads the files of the tables that have some.
pub(super) fn fill(tables: &mut Tables, document: &Document) {
    for (id, table) in &mut tables.io_tables {
        let Some(files) = table.figures.files() else { continue };
        let file = |key, path: &String| document.folder(&["io_tables", id, key]).join(path);
        let (flows, demand) = (file("flows", &files.flows), file("demand", &files.demand));
        let output = files.output.as_ref().map(|path| file("output", path));
        let found = read::read(&flows, &demand, output.as_deref());
        table.figures = InputOutput::of_files(TableFiles {
            flows: canonical(&flows),
            demand: canonical(&demand),
            output: output.as_deref().map(canonical),
        });
        table.figures.fill(found.industries, found.faults, found.doubts);
    }
}

/// Reads the files of a table without a scenario around it, with what is doubtful in them.
pub(super) fn read_files(
    flows: &Path,
    demand: &Path,
    output: Option<&Path>,
) -> Result<(Industries, Vec<Remark>), Error> {
    let found = read::read(flows, demand, output);
    if found.faults.is_empty() {
        return Ok((found.industries, found.doubts));
    }
    let problem = |remark: Remark| {
        let (file, line, column) = remark.file.map_or((None, 0, 0), |(f, l, c)| (Some(f), l, c));
        Problem { file, line, column, path: remark.key.to_owned(), kind: ProblemKind::Table(remark.fault) }
    };
    Err(Error::Scenario(Problems(found.faults.into_iter().map(problem).collect())))
}
