//! The path of the entry at hand, while millions of them are walked.

use super::document::join_path;

/// Names from the root to an entry, in one piece of text, so that walking on takes no memory.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trail {
    text: String,
    /// Where each name ends.
    ends: Vec<usize>,
}

impl Trail {
    pub(crate) fn push(&mut self, name: &str) {
        self.text.push_str(name);
        self.ends.push(self.text.len());
    }

    pub(crate) fn pop(&mut self) {
        self.ends.pop();
        self.text.truncate(self.ends.last().copied().unwrap_or(0));
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(&0).chain(&self.ends);
        starts.zip(&self.ends).map(|(&start, &end)| self.text.get(start..end).unwrap_or_default())
    }

    pub(crate) fn to_vec(&self) -> Vec<String> {
        self.names().map(str::to_owned).collect()
    }

    /// As it is written in TOML, with quotes where they are needed.
    pub(crate) fn join(&self) -> String {
        join_path(&self.names().collect::<Vec<_>>())
    }

    /// The same without any quotes.
    pub(crate) fn unquoted(&self) -> String {
        self.names().collect::<Vec<_>>().join(".")
    }
}
