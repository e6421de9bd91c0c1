//! Scenarios made and changed in code.

use super::entry::{Cleared, Entry, Reader};
use super::path::{Path, split_path};
use super::problem::{EntryFault, Finding, Problem, ProblemKind, Problems, suggest};
use super::setting::Setting;
use super::types::{Tables, leads_to};
use super::{OwnOrigin, Scenario, check};
use crate::Error;

/// A scenario that is being made or changed: nothing is checked until [`Draft::finish`], which tells all that is wrong at
/// once. Nothing is read again from files.
///
/// # Examples
/// ```
/// # fn main() -> Result<(), supplyshock::Error> {
/// let cut = supplyshock::Scenario::load("scenarios/japan_full_cut.toml")?;
/// let milder = cut
///     .edit()
///     .set("assumptions.gamma_vehicles", 0.2)
///     .scale("controls.china.duration_days", 0.5)
///     .remove("reserves.jp_stock_y")
///     .tables(|tables| tables.scenario.title = "half as long".to_owned())
///     .finish()?;
/// assert_eq!(milder.assumption("assumptions.gamma_vehicles")?.leaf.as_number(), Some(0.2));
/// assert!(cut.edit().set("controls.china.severity", 1.5).finish().is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Draft {
    scenario: Scenario,
    found: Vec<Finding>,
}

impl Draft {
    pub(super) fn new(scenario: Scenario) -> Self {
        Draft { scenario, found: Vec::new() }
    }

    /// Changes the tables.
    #[must_use]
    pub fn tables(mut self, change: impl FnOnce(&mut Tables)) -> Self {
        change(&mut self.scenario.tables);
        self
    }

    /// Sets the entry at a path, such as `controls.ban.severity`, to a number, a distribution or another leaf, a word, a
    /// truth value or a list. Ids may stand in quotes. A leaf without a source is marked as changed by an edit. The draws
    /// of all other leaves stay.
    #[must_use]
    pub fn set(mut self, path: &str, value: impl Into<Setting>) -> Self {
        self.replace(path, value.into());
        self
    }

    /// Multiplies the leaf at a path by `factor`, as [`Leaf::scaled`](super::Leaf::scaled) does. The trials keep their
    /// luck.
    #[must_use]
    pub fn scale(mut self, path: &str, factor: f64) -> Self {
        let Some(keys) = self.resolve(path) else { return self };
        let found = keys.iter().try_fold(&self.scenario.tables as &dyn Entry, |entry, key| entry.get(key));
        match found.and_then(Entry::as_leaf).map(|leaf| leaf.scaled(factor)) {
            Some(Ok(mut leaf)) => {
                leaf.origin = OwnOrigin::NONE;
                self.replace(path, leaf.into());
            }
            Some(Err(fault)) => self.found.push(Finding::new(&keys, fault)),
            None => self.found.push(Finding::new(&keys, EntryFault::NotAFigure)),
        }
        self
    }

    /// Takes the entry at a path out, such as `sites.mill`; a field goes back to its default. A site, a reserve or a
    /// commodity takes its links along.
    #[must_use]
    pub fn remove(mut self, path: &str) -> Self {
        let Some(keys) = self.resolve(path) else { return self };
        let Some((last, parents)) = keys.split_last() else { return self };
        let tables = &mut self.scenario.tables;
        let parent = parents.iter().try_fold(tables as &mut dyn Entry, |entry, key| entry.get_mut(key));
        match parent.map_or(Cleared::Unknown, |parent| parent.clear(last)) {
            Cleared::Yes => {
                if let [section] = parents {
                    tables.links.retain(|link, _| !leads_to(link, section, last));
                }
            }
            Cleared::Required => {
                self.found.push(Finding::new(&keys, EntryFault::Needed { key: last.clone() }));
            }
            Cleared::Unknown => self.unknown(path, &keys),
        }
        self
    }

    /// Checks what has been made, as a file is checked.
    ///
    /// # Errors
    /// All that is wrong, each with the path of its entry, as [`Error::Scenario`].
    pub fn finish(self) -> Result<Scenario, Error> {
        let Draft { mut scenario, found } = self;
        let checked = check::check(&scenario.tables);
        if !found.is_empty() || !checked.is_sound() {
            let all = found.into_iter().chain(checked.problems).map(Problem::from);
            let [of_tables, _] = checked.of_tables;
            let mut problems = Vec::new();
            for problem in all.chain(of_tables) {
                if !problems.contains(&problem) {
                    problems.push(problem);
                }
            }
            return Err(Error::Scenario(Problems(problems)));
        }
        // What was doubtful before and still is keeps its place.
        let before = std::mem::take(&mut scenario.warnings);
        let placed = |warning: Problem| {
            let known = before.iter().find(|b| b.path == warning.path && b.kind == warning.kind);
            known.cloned().unwrap_or(warning)
        };
        // How its files were laid over each other does not change.
        let of_files = before.iter().filter(|b| matches!(b.kind, ProblemKind::Document(_))).cloned();
        let [_, of_tables] = checked.of_tables;
        let warnings = of_tables.into_iter().chain(checked.warnings.into_iter().map(Problem::from));
        // An edit may leave an assumption without use.
        let told = warnings.map(placed).filter(|w| !w.kind.is_without_use() || before.contains(w));
        scenario.warnings = of_files.chain(told).collect();
        scenario.inputs.in_code = true;
        Ok(scenario)
    }

    fn replace(&mut self, path: &str, value: Setting) {
        let Some(keys) = self.resolve(path) else { return };
        let Some((last, parents)) = keys.split_last() else { return };
        let tables = &mut self.scenario.tables;
        let parent = parents.iter().try_fold(tables as &mut dyn Entry, |entry, key| entry.get_mut(key));
        let Some(parent) = parent else { return self.unknown(path, &keys) };
        let form = parent.form(last);
        let Some(entry) = parent.get_mut(last) else { return self.unknown(path, &keys) };
        let mut reader = Reader::new(&[]);
        at(&Path::ROOT, &keys, &mut |at| entry.replace(value.clone(), form, at, &mut reader));
        self.found.append(&mut reader.found);
    }

    /// The keys of the entry at a path.
    fn resolve(&mut self, path: &str) -> Option<Vec<String>> {
        let keys = split_path(path);
        let resolved = resolve(&self.scenario.tables, &keys);
        if resolved.is_none() {
            self.unknown(path, &keys);
        }
        resolved
    }

    /// Tells that there is no entry at a path, and what there is where it leaves the others.
    fn unknown(&mut self, path: &str, keys: &[String]) {
        let mut entry: &dyn Entry = &self.scenario.tables;
        let mut suggestion = None;
        for key in keys {
            match entry.get(key) {
                Some(below) => entry = below,
                None => {
                    let known = entry.keys();
                    suggestion = suggest(key, known.iter().map(String::as_str));
                    break;
                }
            }
        }
        self.found.push(Finding::new(keys, EntryFault::NoEntry { path: path.to_owned(), suggestion }));
    }
}

/// The keys of the entry that a path names. An id with dots in it may stand without quotes.
pub(super) fn resolve(entry: &dyn Entry, keys: &[String]) -> Option<Vec<String>> {
    if keys.is_empty() {
        return Some(Vec::new());
    }
    (1..=keys.len()).find_map(|count| {
        let (first, rest) = keys.split_at(count);
        let key = first.join(".");
        let mut found = resolve(entry.get(&key)?, rest)?;
        found.insert(0, key);
        Some(found)
    })
}

/// Runs something with the path of these keys.
fn at(path: &Path<'_>, keys: &[String], run: &mut dyn FnMut(&Path<'_>)) {
    match keys.split_first() {
        Some((key, rest)) => at(&path.then(key), rest, run),
        None => run(path),
    }
}
