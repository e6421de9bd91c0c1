//! Files: scenarios as TOML, and the CSV files beside them.
//!
//! A file is read in two steps. A spanned tree keeps the place of every entry, through `extends` and assignments from the
//! command line; the tables of [`scenario`](crate::scenario) are then read from it and checked against each other. Both
//! steps collect every problem instead of stopping at the first.

mod access;
mod begun;
mod document;
mod import;
mod io_table;
mod numbers;
mod overlay;
mod published;
mod reading;
mod reference;
mod rows;
mod series;
mod sheet;
mod syntax;
mod whole;
mod write;

#[cfg(feature = "report")]
pub(crate) use begun::Begun;
pub use begun::clean_up;
pub use import::{TableImport, import_table};
pub use published::{Likewise, PublishedBasis, PublishedEstimate, published};
pub use reading::Reading;
#[cfg(feature = "report")]
pub(crate) use whole::refuse_input;
pub(crate) use whole::write_whole;

use crate::scenario::{Finding, InputRole, Problem, Problems};
use crate::{Error, Scenario};
use std::path::Path;

impl Scenario {
    /// Reads a scenario file and all it extends. Files that it names must lie beneath its folder; [`Reading`] allows others.
    ///
    /// # Errors
    /// Every problem in the files, each with its place, as [`Error::Scenario`].
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Error> {
        Reading::new().load(path)
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
        Reading::new().set(assignments).load(path)
    }

    /// Reads several scenario files as [`Scenario::load_with`] does, with the same assignments in each.
    ///
    /// # Errors
    /// Every problem in all of the files and assignments, as [`Error::Scenario`].
    pub fn load_all<P: AsRef<Path>, S: AsRef<str>>(
        paths: impl IntoIterator<Item = P>,
        assignments: &[S],
    ) -> Result<Vec<Self>, Error> {
        Reading::new().set(assignments).load_all(paths)
    }

    /// Reads a scenario from TOML text; `name` stands for the file in messages, and paths in the text
    /// are relative to the current folder, beneath which they must lead.
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
        Reading::new().parse(name, text)
    }

    /// The scenario as TOML, with the sources and bases of its figures; what is at its default is left out. Read again it
    /// is an equal one. Paths of files beside it are relative to the current folder.
    ///
    /// A distribution that was scaled is written with its scaled parameters, and so comes back equal but for rounding.
    ///
    /// # Errors
    /// [`Error::Scenario`] with every leaf that a sampler of the caller's draws: no text can hold it.
    ///
    /// # Examples
    /// ```
    /// # fn main() -> Result<(), supplyshock::Error> {
    /// use supplyshock::Scenario;
    /// let cut = Scenario::load("scenarios/japan_full_cut.toml")?;
    /// assert_eq!(Scenario::parse("japan_full_cut", &cut.to_toml()?)?.tables(), cut.tables());
    /// # Ok(())
    /// # }
    /// ```
    pub fn to_toml(&self) -> Result<String, Error> {
        self.toml_in(Path::new("."))
    }

    fn toml_in(&self, folder: &Path) -> Result<String, Error> {
        let unwritable =
            |found: Vec<Finding>| Error::Scenario(Problems(found.into_iter().map(Problem::from).collect()));
        write::to_toml(self.tables(), folder).map_err(unwritable)
    }

    /// Writes the scenario to a file, as [`Scenario::to_toml`] does, whole or not at all. Paths of files beside it are
    /// relative to that file. It may take the place of the file that the scenario was read from, but not of those that
    /// that one names.
    ///
    /// # Errors
    /// As [`Scenario::to_toml`]; [`Error::Output`] when the file cannot be written.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        let text = self.toml_in(whole::folder_of(path))?;
        let others = self.inputs().files().iter().filter(|file| file.role != InputRole::Scenario);
        whole::refuse_input(path, others.map(|file| Path::new(&file.path)))?;
        write_whole(path, |out| out.write_all(text.as_bytes()))
    }

    /// The reference of the file format, as Markdown.
    #[must_use]
    pub fn format_reference() -> String {
        reference::reference()
    }
}

/// Name of the scenario in a file.
fn name(path: &Path) -> String {
    path.file_stem().map_or_else(|| path.display().to_string(), |s| s.to_string_lossy().into_owned())
}
