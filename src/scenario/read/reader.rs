//! The reader: where it is in the tree, and what it has found wrong.

use super::Read;
use crate::scenario::document::{Document, Node, Table, Value};
use crate::scenario::forms::SeriesFile;
use crate::scenario::problem::{Problem, did_you_mean};
use crate::scenario::trail::Trail;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Reads values and collects what is wrong, with the path being read.
pub(crate) struct Reader<'a> {
    pub(crate) document: &'a Document<'a>,
    pub(crate) path: Trail,
    pub(crate) problems: Vec<Problem>,
    /// Files of series that have been read.
    pub(crate) series: HashMap<PathBuf, Rc<SeriesFile>>,
    /// Sections that have been taken out of the tree.
    aside: HashMap<&'static str, Table>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(document: &'a Document<'a>, aside: HashMap<&'static str, Table>) -> Self {
        Reader { document, path: Trail::default(), problems: Vec::new(), series: HashMap::new(), aside }
    }

    pub(crate) fn problem(&mut self, node: &Node, message: String, help: Option<String>) {
        let p = self.document.problem_at(Some(node.at), self.path.join(), message, help);
        self.problems.push(p);
    }

    pub(crate) fn wrong_kind(&mut self, node: &Node, expected: &str) {
        let message = match &node.value {
            Value::Unreadable(text) => format!("expected {expected}, found {text}, which is too large"),
            other => format!("expected {expected}, found {}", other.kind()),
        };
        self.problem(node, message, None);
    }

    pub(crate) fn table<'n>(&mut self, node: &'n Node, expected: &str) -> Option<&'n Table> {
        match &node.value {
            Value::Table(table) => Some(table),
            _ => {
                self.wrong_kind(node, expected);
                None
            }
        }
    }

    pub(crate) fn at<T>(&mut self, key: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(key);
        let out = read(self);
        self.path.pop();
        out
    }

    /// The section at hand, where it has been taken out of the tree.
    pub(super) fn section(&mut self) -> Option<Table> {
        let mut names = self.path.names();
        match (names.next(), names.next()) {
            (Some(name), None) => self.aside.remove(name),
            _ => None,
        }
    }

    /// A field that may be absent; `None` where it is there but wrong.
    pub(crate) fn optional<T: Read>(&mut self, table: &Table, key: &str) -> Option<Option<T>> {
        match table.get(key) {
            Some(entry) => self.at(key, |r| T::read(&entry.node, r)).map(Some),
            None => Some(None),
        }
    }

    /// A field that must be there.
    pub(crate) fn required<T: Read>(&mut self, node: &Node, table: &Table, key: &str) -> Option<T> {
        match table.get(key) {
            Some(entry) => self.at(key, |r| T::read(&entry.node, r)),
            None => {
                self.problem(
                    node,
                    format!("`{key}` is missing"),
                    Some(format!("add `{key}`: {}", T::expects())),
                );
                None
            }
        }
    }

    /// Reports every key that is not among `known`.
    pub(crate) fn unknown_keys(&mut self, table: &Table, known: &[&str]) {
        for (key, entry) in table.iter() {
            if !known.contains(&key) {
                let help = did_you_mean(key, known.iter().copied());
                let path = self.at(key, |r| r.path.join());
                let p =
                    self.document.problem_at(Some(entry.key_at), path, format!("unknown key `{key}`"), help);
                self.problems.push(p);
            }
        }
    }

    /// Folder that a path written in `node` is relative to.
    pub(crate) fn folder(&self, node: &Node) -> &Path {
        self.document.folder(node.at)
    }
}
