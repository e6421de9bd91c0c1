//! What a person writes: scenario files, their types, `extends`, and checking.
//!
//! A file is read in two steps. A spanned tree keeps the place of every entry, through `extends` and
//! overlays from the command line; the types in [`types`](crate::scenario) are then read from it and
//! checked against each other. Both steps collect every problem instead of stopping at the first.

mod chance;
mod change;
mod check;
mod correlation;
mod document;
mod format;
mod forms;
mod io_table;
mod leaf;
mod problem;
mod read;
mod trail;
mod types;

pub use chance::{Contract, InStates, Licence, Licences, Outage, Reexport, Regime, State};
pub use correlation::Correlation;
pub use forms::{CsvColumn, Recovery, RecoveryTime, Series, SurgeLimit, Throttle};
pub use io_table::{IoTable, Suppliers, TableFile};
pub use leaf::{Basis, Leaf, LeafValue, Origin, OwnOrigin, Reference};
pub use problem::{Problem, Problems};
pub use read::{ById, Date};
pub use types::{
    About, Commodity, Control, Event, Input, Link, Market, Ordering, Output, Overtime, Party, Payment, Phase,
    Project, Rationing, Reserve, Role, Rules, Site, Tables, Target, Time, Weights,
};

pub(crate) use check::default_role;
pub(crate) use correlation::couplings;
pub(crate) use document::join_path;
pub(crate) use io_table::{Industries, read_tables};
pub(crate) use problem::did_you_mean;
pub(crate) use types::split_link;

use crate::Error;
use document::{Document, Node, Value, quote_path};
use leaf::Domain;
use read::{Read, Reader};
use std::path::Path;
use std::sync::Arc;
use trail::Trail;

/// A scenario that has been read and checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    name: String,
    tables: Tables,
    /// What was laid over it: `PATH=VALUE`.
    assignments: Vec<String>,
    /// What was read from each of the input-output tables.
    industries: Vec<Arc<Industries>>,
    warnings: Vec<Problem>,
}

/// A numeric entry of a scenario: what is assumed, and on what grounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Assumption {
    /// Path of the entry; the name its draws are keyed by.
    pub path: String,
    /// Its value.
    pub leaf: Leaf,
    /// Source and basis, from the entry or the table around it.
    pub origin: Origin,
}

impl Scenario {
    /// Reads a scenario file and all it extends.
    ///
    /// # Errors
    /// Every problem in the files, each with its place, as [`Error::Scenario`].
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::load_with(path, std::iter::empty::<&str>())
    }

    /// Reads a scenario file and lays `PATH=VALUE` assignments over it, such as
    /// `controls.ban.severity=0.5`.
    ///
    /// # Errors
    /// Every problem in the files and assignments, as [`Error::Scenario`].
    pub fn load_with<S: AsRef<str>>(
        path: impl AsRef<Path>,
        assignments: impl IntoIterator<Item = S>,
    ) -> Result<Self, Error> {
        let path = path.as_ref();
        let name =
            path.file_stem().map_or_else(|| path.display().to_string(), |s| s.to_string_lossy().into_owned());
        Self::finish(name, Document::load(path), assignments)
    }

    /// Reads several scenario files as [`Scenario::load_with`] does, with the same assignments in each.
    ///
    /// # Errors
    /// Every problem in all of the files and assignments, as [`Error::Scenario`].
    pub fn load_all<P: AsRef<Path>, S: AsRef<str>>(
        paths: impl IntoIterator<Item = P>,
        assignments: &[S],
    ) -> Result<Vec<Self>, Error> {
        let (mut scenarios, mut problems) = (Vec::new(), Vec::new());
        for path in paths {
            match Self::load_with(&path, assignments) {
                Ok(scenario) => scenarios.push(scenario),
                Err(Error::Scenario(found)) => {
                    for mut problem in found.0 {
                        // What is laid over a file may fit one of them and not another.
                        if let Some(file) = problem.file.take_if(|file| file.starts_with("--set ")) {
                            problem.file = Some(format!("{} {file}", path.as_ref().display()));
                        }
                        // A file that several extend has its faults once.
                        if !problems.contains(&problem) {
                            problems.push(problem);
                        }
                    }
                }
                Err(other) => return Err(other),
            }
        }
        if problems.is_empty() { Ok(scenarios) } else { Err(Error::Scenario(Problems(problems))) }
    }

    /// Reads a scenario from TOML text; `name` stands for the file in messages, and paths in the text
    /// are relative to the current folder.
    ///
    /// # Errors
    /// Every problem in the text, as [`Error::Scenario`].
    ///
    /// # Examples
    /// ```
    /// let fault = supplyshock::Scenario::parse("note", "[scenario]\ntitel = 'x'").unwrap_err();
    /// assert!(fault.to_string().contains("did you mean `title`?"));
    /// ```
    pub fn parse(name: &str, text: &str) -> Result<Self, Error> {
        Self::finish(name.to_owned(), Document::parse(name, text, Path::new(".")), std::iter::empty::<&str>())
    }

    /// Reads a scenario from text that is to stand in `file`; paths in it are relative to `folder`.
    pub(crate) fn parse_in(name: &str, file: &str, text: &str, folder: &Path) -> Result<Self, Error> {
        Self::finish(name.to_owned(), Document::parse(file, text, folder), std::iter::empty::<&str>())
    }

    fn finish<S: AsRef<str>>(
        name: String,
        mut document: Document<'_>,
        assignments: impl IntoIterator<Item = S>,
    ) -> Result<Self, Error> {
        let assignments: Vec<String> = assignments.into_iter().map(|a| a.as_ref().to_owned()).collect();
        // A file that could not be read at all has no entries to lay anything over.
        if document.problems.is_empty() {
            for assignment in &assignments {
                document.set(assignment);
            }
        }
        let mut problems = std::mem::take(&mut document.problems);
        let mut of_tables = Vec::new();
        if problems.is_empty() {
            let aside = document.set_aside();
            let mut reader = Reader::new(&document, aside);
            let tables = Tables::read(&document.root, &mut reader);
            needed(&document.root, &mut reader);
            problems = reader.problems;
            if let Some(tables) = tables {
                let found: Vec<_> = tables.io_tables.iter().map(|(id, t)| io_table::read(id, t)).collect();
                let (mut industries, mut warnings, mut faults) = (Vec::new(), Vec::new(), Vec::new());
                for found in found {
                    industries.push(Arc::new(found.industries));
                    warnings.extend(found.warnings);
                    faults.extend(found.problems);
                }
                let checked = check::check(&tables, &industries, &document);
                problems.extend(checked.problems);
                warnings.extend(checked.warnings);
                if problems.is_empty() && faults.is_empty() {
                    return Ok(Scenario { name, tables, assignments, industries, warnings });
                }
                of_tables = faults;
            }
        }
        problems.sort_by_cached_key(|p| document.order(p));
        problems.extend(of_tables);
        problems.dedup();
        Err(Error::Scenario(Problems(problems)))
    }

    /// What is doubtful in the scenario, but does not keep it from running.
    #[must_use]
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }

    /// What was read from the input-output tables, in their order.
    pub(crate) fn industries(&self) -> &[Arc<Industries>] {
        &self.industries
    }

    /// Name of the scenario: the file's, without its ending.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The tables of the file.
    #[must_use]
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// What was laid over the file: `PATH=VALUE`, in the order given.
    #[must_use]
    pub fn assignments(&self) -> &[String] {
        &self.assignments
    }

    /// Every numeric entry with its value, source and basis, in the order of the tables. Entries left
    /// at their defaults are among them.
    #[must_use]
    pub fn assumptions(&self) -> Vec<Assumption> {
        let mut all = Vec::new();
        self.tables.leaves(
            &mut Trail::default(),
            Domain::Any,
            &Origin::default(),
            &mut |path, leaf, _, origin| {
                all.push(Assumption { path: path.join(), leaf: leaf.clone(), origin: origin.clone() });
            },
        );
        // The source of a table does not speak for what was laid over it.
        for path in
            self.assignments.iter().filter_map(|a| a.split_once('=')).map(|(path, _)| quote_path(path.trim()))
        {
            let set = |a: &&mut Assumption| a.path.starts_with(&path) && *a.leaf.origin == Origin::default();
            for assumption in all.iter_mut().filter(set) {
                assumption.origin = Origin { source: Some("set for this run".into()), basis: None };
            }
        }
        all
    }

    /// The reference of the file format, as Markdown.
    #[must_use]
    pub fn format_reference() -> String {
        format::reference()
    }
}

/// Reports tables that must be there unless an input-output table brings what they hold.
fn needed(root: &Node, reader: &mut Reader<'_>) {
    let Value::Table(table) = &root.value else { return };
    if table.contains_key("io_tables") {
        return;
    }
    let tables = [("commodities", ById::<Commodity>::expects()), ("sites", ById::<Site>::expects())];
    for (key, expects) in tables.into_iter().filter(|(key, _)| !table.contains_key(key)) {
        let help = Some(format!("add `{key}`: {expects}"));
        reader.problem(root, format!("`{key}` is missing"), help);
    }
}
