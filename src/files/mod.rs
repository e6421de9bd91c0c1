//! Files: scenarios as TOML, and the CSV files beside them.
//!
//! A file is read in two steps. A spanned tree keeps the place of every entry, through `extends` and assignments from the
//! command line; the tables of [`scenario`](crate::scenario) are then read from it and checked against each other. Both
//! steps collect every problem instead of stopping at the first.

mod document;
mod import;
mod io_table;
mod numbers;
mod overlay;
mod reference;
mod rows;
mod series;
mod sheet;
mod syntax;
mod whole;
mod write;

pub use import::{TableImport, import_table};
#[cfg(feature = "report")]
pub(crate) use whole::new_file;
pub(crate) use whole::write_whole;

use crate::scenario::{Finding, Path as EntryPath, Problem, Problems, Read, Reader, Tables, Value, check};
use crate::{Error, Scenario};
use document::Document;
use sheet::Sheet;
use std::path::Path;

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
        read(name(path), Document::load(path), assignments)
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
        let document = Document::parse(name, text, Path::new("."));
        read(name.to_owned(), document, std::iter::empty::<&str>())
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
    /// relative to that file.
    ///
    /// # Errors
    /// As [`Scenario::to_toml`]; [`Error::Output`] when the file cannot be written.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        let text = self.toml_in(whole::folder_of(path))?;
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

/// Reads the tables of a document with assignments laid over it, and checks them.
fn read<S: AsRef<str>>(
    name: String,
    mut document: Document,
    assignments: impl IntoIterator<Item = S>,
) -> Result<Scenario, Error> {
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
        let mut sheets = Sheet::take_all(&mut document);
        let mut reader = Reader::new(&document.layers);
        let mut tables = Tables::read(&document.root, &EntryPath::ROOT, &mut reader);
        needed(&document, &mut reader);
        let whole = reader.found.len();
        if let (Some(tables), Value::Table(root)) = (&mut tables, &document.root.value) {
            reader.begin(root, &EntryPath::ROOT);
            sheets.iter().for_each(|sheet| sheet.read(tables, &mut reader));
            reader.end();
        }
        let mut found = reader.found;
        // Where rows could not be read, entries are missing that others refer to.
        tables = tables.filter(|_| found.len() == whole);
        sheets.iter_mut().for_each(|sheet| sheet.put_back(&mut document));
        let place = |finding: Finding| {
            let at = sheets.iter().find_map(|sheet| sheet.locate(&finding.path, &document));
            document.place(Finding { at: finding.at.or(at), ..finding })
        };
        if let Some(mut tables) = tables {
            found.extend(series::fill(&mut tables, &document));
            io_table::fill(&mut tables, &document);
            let mut checked = check(&tables);
            // Variants may leave an assumption of a file below without use. A value that is given for this run is meant to
            // change something.
            checked.warnings.retain(|f| !f.kind.is_without_use() || document.is_own(&f.path));
            let given = |f: &mut Finding| f.kind.is_without_use() && document.is_assigned(&f.path);
            checked.problems.extend(checked.warnings.extract_if(.., given));
            if found.is_empty() && checked.is_sound() {
                let [_, of_tables] = checked.of_tables;
                let mut warnings = document.doubts();
                warnings.extend(of_tables);
                warnings.extend(checked.warnings.into_iter().map(place));
                return Ok(Scenario::unchecked(name, tables, assignments, warnings));
            }
            found.extend(checked.problems);
            [of_tables, _] = checked.of_tables;
        }
        problems = found.into_iter().map(place).collect();
    }
    problems.sort_by_cached_key(|p| document.order(p));
    problems.extend(of_tables);
    let mut once: Vec<Problem> = Vec::with_capacity(problems.len());
    for problem in problems {
        if once.last() != Some(&problem) {
            once.push(problem);
        }
    }
    Err(Error::Scenario(Problems(once)))
}

/// Reports tables that must be there unless an input-output table brings what they hold.
fn needed(document: &Document, reader: &mut Reader<'_>) {
    let Value::Table(table) = &document.root.value else { return };
    if table.entries.contains_key("io_tables") {
        return;
    }
    let fields = Tables::fields();
    for field in fields.iter().filter(|f| ["commodities", "sites"].contains(&f.field)) {
        if !table.entries.contains_key(field.field) {
            let fault =
                crate::scenario::EntryFault::Missing { key: field.field, expected: field.expects.clone() };
            reader.fault::<()>(&document.root, &EntryPath::ROOT, fault);
        }
    }
}
