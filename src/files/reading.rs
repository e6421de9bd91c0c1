//! How scenario files are read: assignments laid over them, and folders that they may lead to.

use super::access::Access;
use super::document::Document;
use super::sheet::Sheet;
use super::whole::folder_of;
use super::{io_table, name, series};
use crate::scenario::{
    EntryFault, Finding, Inputs, Path as EntryPath, Problem, Problems, Read, Reader, Tables, Value, check,
};
use crate::{Error, Scenario};
use std::path::{Path, PathBuf};

/// How scenario files are read.
///
/// A scenario may come from anybody. A file that it extends or a table that it names must therefore be a regular file
/// beneath the folder of the scenario, or beneath one that is allowed here; links and `..` are followed before that is
/// decided. A scenario file has at most 64 MiB, and a table 4 GiB.
///
/// # Examples
/// ```
/// # fn main() -> Result<(), supplyshock::Error> {
/// use supplyshock::files::Reading;
/// let text = "extends = 'scenarios/japan_full_cut.toml'";
/// assert!(Reading::new().parse("mine", text).is_ok());
/// // Its base lies beneath the current folder; this one does not, and is not looked at.
/// let fault = Reading::new().parse("mine", "extends = '/etc/shadow'").unwrap_err();
/// assert!(fault.to_string().contains("lies outside of"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Reading {
    allowed: Vec<PathBuf>,
    assignments: Vec<String>,
}

impl Reading {
    /// Without assignments, and from the folder of the scenario alone.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Allows files beneath these folders too, as `--allow-read` does.
    #[must_use]
    pub fn allow<P: Into<PathBuf>>(mut self, folders: impl IntoIterator<Item = P>) -> Self {
        self.allowed.extend(folders.into_iter().map(Into::into));
        self
    }

    /// Lays `PATH=VALUE` assignments over every file, as `--set` does, such as `controls.ban.severity=0.5`. Paths of files
    /// in them are relative to the current folder.
    #[must_use]
    pub fn set<S: AsRef<str>>(mut self, assignments: impl IntoIterator<Item = S>) -> Self {
        self.assignments.extend(assignments.into_iter().map(|a| a.as_ref().to_owned()));
        self
    }

    /// Reads a scenario file and all it extends.
    ///
    /// # Errors
    /// Every problem in the files and assignments, each with its place, as [`Error::Scenario`].
    pub fn load(&self, path: impl AsRef<Path>) -> Result<Scenario, Error> {
        let path = path.as_ref();
        read(name(path), Document::load(path, self.access(folder_of(path))), &self.assignments)
    }

    /// Reads several scenario files.
    ///
    /// # Errors
    /// Every problem in all of the files and assignments, as [`Error::Scenario`].
    pub fn load_all<P: AsRef<Path>>(
        &self,
        paths: impl IntoIterator<Item = P>,
    ) -> Result<Vec<Scenario>, Error> {
        let (mut scenarios, mut problems) = (Vec::new(), Vec::new());
        for path in paths {
            match self.load(&path) {
                Ok(scenario) => scenarios.push(scenario),
                Err(Error::Scenario(found)) => {
                    for mut problem in found.0 {
                        // An assignment may fit one of the files and not another.
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
    /// are relative to the current folder, which takes the place of that of the scenario.
    ///
    /// # Errors
    /// Every problem in the text and the assignments, as [`Error::Scenario`].
    pub fn parse(&self, name: &str, text: &str) -> Result<Scenario, Error> {
        let folder = Path::new(".");
        let document = Document::parse(name, text, folder, self.access(folder));
        read(name.to_owned(), document, &self.assignments)
    }

    /// Access for a scenario in a folder.
    pub(super) fn access(&self, folder: &Path) -> Access {
        Access::beneath(std::iter::once(folder).chain(self.allowed.iter().map(PathBuf::as_path)))
    }
}

/// Reads the tables of a document with assignments laid over it, and checks them.
fn read(name: String, mut document: Document, assignments: &[String]) -> Result<Scenario, Error> {
    let mut of_tables = Vec::new();
    let mut problems = Vec::new();
    // A file that could not be read at all has no entries to lay anything over.
    if document.is_whole() {
        for assignment in assignments {
            document.set(assignment);
        }
        let faults = std::mem::take(&mut document.problems);
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
        if tables.is_none() {
            found.extend(reader.out_of_range);
        }
        document.misspelt(&mut found);
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
            if faults.is_empty() && found.is_empty() && checked.is_sound() {
                let [_, of_tables] = checked.of_tables;
                let mut warnings = document.doubts();
                warnings.extend(of_tables);
                warnings.extend(checked.warnings.into_iter().map(place));
                let (files, assignments) = (document.access.files(), assignments.to_vec());
                let inputs = Inputs { files, assignments, in_code: false };
                return Ok(Scenario::unchecked(name, tables, inputs, warnings));
            }
            found.extend(checked.problems);
            [of_tables, _] = checked.of_tables;
        }
        problems.extend(found.into_iter().map(place));
        problems.extend(faults);
    }
    problems.append(&mut document.problems);
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

/// Reports tables that must be there unless an input-output table brings their contents.
fn needed(document: &Document, reader: &mut Reader<'_>) {
    let Value::Table(table) = &document.root.value else { return };
    if table.entries.contains_key("io_tables") {
        return;
    }
    let fields = Tables::fields();
    for field in fields.iter().filter(|f| ["commodities", "sites"].contains(&f.field)) {
        if !table.entries.contains_key(field.field) {
            let fault = EntryFault::Missing { key: field.field, expected: field.expects.clone() };
            reader.fault::<()>(&document.root, &EntryPath::ROOT, fault);
        }
    }
}
