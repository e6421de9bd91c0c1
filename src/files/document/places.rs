//! Where entries stand: file, line, column and layer.

use super::Document;
use crate::scenario::{
    Change, Finding, Layer, Place, Problem, ProblemKind, Read, Shape, Tables, Value, join_path,
};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// A text that entries stand in.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) folder: PathBuf,
    /// The text; `None` for a file whose places are lines.
    pub(super) text: Option<String>,
    /// Where each line begins [bytes]; found when a place is first asked for.
    pub(super) lines: OnceLock<Vec<usize>>,
}

impl Source {
    /// Line and column of a place, counted from 1.
    fn position(&self, at: usize) -> Option<(usize, usize)> {
        let Some(text) = &self.text else { return Some((at, 1)) };
        let before = text.get(..at)?;
        let lines = self.lines.get_or_init(|| {
            std::iter::once(0).chain(text.match_indices('\n').map(|(end, _)| end + 1)).collect()
        });
        let line = lines.partition_point(|&start| start <= at);
        let start = lines.get(line.checked_sub(1)?)?;
        // A byte order mark is no character anybody sees.
        let column = before.get(*start..)?.trim_start_matches('\u{feff}').chars().count() + 1;
        Some((line, column))
    }
}

impl Document {
    /// The problem of the entry at a path, which stands at a place.
    pub(super) fn problem<S: AsRef<str>>(&self, at: Option<Place>, path: &[S], kind: ProblemKind) -> Problem {
        let (file, line, column) = match at.and_then(|p| self.position(p)) {
            Some((file, line, column)) => (Some(file), line, column),
            None => (self.sources.first().map(|s| s.name.clone()), 0, 0),
        };
        Problem { file, line, column, path: join_path(path), kind }
    }

    /// The problem that a finding is, at its place.
    pub(in crate::files) fn place(&self, finding: Finding) -> Problem {
        let at = finding.at.unwrap_or_else(|| self.locate(&finding.path));
        self.problem(Some(at), &finding.path, finding.kind)
    }

    /// Doubts about how the files are laid over each other.
    pub(in crate::files) fn doubts(&self) -> Vec<Problem> {
        let notes = self.notes.iter();
        notes.map(|(path, at, fault)| self.problem(Some(*at), path, fault.clone().into())).collect()
    }

    /// File, line and column of a place.
    fn position(&self, at: Place) -> Option<(String, usize, usize)> {
        let source = self.sources.get(at.source as usize)?;
        let (line, column) = source.position(at.at as usize)?;
        Some((source.name.clone(), line, column))
    }

    /// A key that sorts problems in the order of the files.
    pub(in crate::files) fn order(&self, problem: &Problem) -> (usize, usize, usize) {
        let source = self.sources.iter().position(|s| Some(&s.name) == problem.file.as_ref()).unwrap_or(0);
        (source, problem.line, problem.column)
    }

    /// Folder that paths written in the entry at `path` are relative to.
    pub(in crate::files) fn folder<S: AsRef<str>>(&self, path: &[S]) -> &Path {
        let source = self.place_of_value(path).source;
        self.sources.get(source as usize).map_or(Path::new("."), |s| &s.folder)
    }

    /// Place of the value of the entry at `path`.
    pub(in crate::files) fn place_of_value<S: AsRef<str>>(&self, path: &[S]) -> Place {
        self.locate_node(path).1
    }

    /// Whether an entry stands in the file that was loaded or is given for the run, and not in one that the file rests on.
    pub(in crate::files) fn is_own<S: AsRef<str>>(&self, path: &[S]) -> bool {
        // The first text is that of the file; those that it rests on lie below it.
        let number = |layer: Option<&Layer>| layer.map(|layer| layer.number);
        number(self.layer(path)) >= number(self.layers.first())
    }

    /// Whether an entry is given for the run.
    pub(in crate::files) fn is_assigned<S: AsRef<str>>(&self, path: &[S]) -> bool {
        self.layer(path).is_some_and(|layer| layer.change == Change::Assignment)
    }

    /// The layer of the text in which an entry stands.
    fn layer<S: AsRef<str>>(&self, path: &[S]) -> Option<&Layer> {
        self.layers.get(self.locate(path).source as usize)
    }

    /// Place of the key of the entry at `path`, or of the nearest one above it that is there.
    fn locate<S: AsRef<str>>(&self, path: &[S]) -> Place {
        self.locate_node(path).0
    }

    /// The same, and the place of its value.
    fn locate_node<S: AsRef<str>>(&self, path: &[S]) -> (Place, Place) {
        let (mut node, mut shape) = (&self.root, Tables::SHAPE);
        let mut at = node.at;
        for segment in path.iter().map(S::as_ref) {
            match &node.value {
                Value::Table(table) => {
                    // A field can stand under another key.
                    let below = shape.below(segment);
                    let same = |key: &str| below.field.is_some() && shape.below(key).field == below.field;
                    let other = || table.entries.iter().find(|(key, _)| same(key));
                    let entry = table.get(segment).or_else(|| other().map(|(_, entry)| entry));
                    let Some(entry) = entry else { break };
                    (at, node, shape) = (entry.key_at, &entry.node, below.shape);
                }
                Value::List(items) => {
                    let Some(item) = segment.parse::<usize>().ok().and_then(|k| items.get(k)) else { break };
                    (at, node, shape) = (item.at, item, Shape::Whole);
                }
                _ => break,
            }
        }
        (at, node.at)
    }
}
