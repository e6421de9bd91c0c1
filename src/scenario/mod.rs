//! What a person writes: scenario files, their types, `extends`, and checking.
//!
//! A file is read in two steps. A spanned tree keeps the place of every entry, through `extends` and
//! overlays from the command line; the types in [`types`](crate::scenario) are then read from it and
//! checked against each other. Both steps collect every problem instead of stopping at the first.

mod change;
mod check;
mod document;
mod format;
mod forms;
mod leaf;
mod problem;
mod read;
mod types;

pub use forms::{CsvColumn, Recovery, RecoveryTime, Series, SurgeLimit, Throttle};
pub use leaf::{Basis, Leaf, LeafValue, Origin};
pub use problem::{Problem, Problems};
pub use read::{ById, Date};
pub use types::{
    About, Commodity, Control, Event, Input, Link, Ordering, Output, Overtime, Party, Phase, Project,
    Rationing, Reserve, Role, Rules, Site, Tables, Target, Time, Weights,
};

pub(crate) use check::default_role;
pub(crate) use document::join_path;
pub(crate) use problem::did_you_mean;
pub(crate) use types::split_link;

use crate::Error;
use document::Document;
use leaf::Domain;
use read::{Read, Reader};
use std::path::Path;

/// A scenario that has been read and checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    name: String,
    tables: Tables,
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

    fn finish<S: AsRef<str>>(
        name: String,
        mut document: Document,
        assignments: impl IntoIterator<Item = S>,
    ) -> Result<Self, Error> {
        // A file that could not be read at all has no entries to lay anything over.
        if document.problems.is_empty() {
            for assignment in assignments {
                document.set(assignment.as_ref());
            }
        }
        let mut problems = std::mem::take(&mut document.problems);
        if problems.is_empty() {
            let mut reader = Reader::new(&document);
            let tables = Tables::read(&document.root, &mut reader);
            problems = reader.problems;
            if let Some(tables) = tables {
                problems.extend(check::check(&tables, &document));
                if problems.is_empty() {
                    return Ok(Scenario { name, tables });
                }
            }
        }
        problems.sort_by_cached_key(|p| document.order(p));
        problems.dedup();
        Err(Error::Scenario(Problems(problems)))
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

    /// Every numeric entry with its value, source and basis, in the order of the tables. Entries left
    /// at their defaults are among them.
    #[must_use]
    pub fn assumptions(&self) -> Vec<Assumption> {
        let mut all = Vec::new();
        self.tables.leaves(&mut Vec::new(), Domain::Any, &Origin::default(), &mut |path, leaf, _, origin| {
            all.push(Assumption { path: join_path(path), leaf: leaf.clone(), origin: origin.clone() });
        });
        all
    }

    /// The reference of the file format, as Markdown.
    #[must_use]
    pub fn format_reference() -> String {
        format::reference()
    }
}
