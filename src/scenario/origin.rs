//! Where figures come from.

use super::tree::{Table, Value};
use std::fmt;

/// What a figure rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Basis {
    /// Read from a publication.
    Published,
    /// Computed from published figures.
    Derived,
    /// From memory of the literature, unverified.
    Recalled,
    /// Somebody's judgement.
    Judgement,
}

impl Basis {
    pub(crate) const ALL: [Self; 4] = [Self::Published, Self::Derived, Self::Recalled, Self::Judgement];

    /// The word as it stands in a file.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Basis::Published => "published",
            Basis::Derived => "derived",
            Basis::Recalled => "recalled",
            Basis::Judgement => "judgement",
        }
    }
}

/// Where a figure comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Origin {
    /// Publication, data set or reasoning.
    pub source: Option<String>,
    /// What it rests on.
    pub basis: Option<Basis>,
    /// What put it in the place of another figure, where no source of the new one was stated.
    pub changed: Option<Change>,
}

/// Shows the source, or that the figure was changed and by what; nothing where neither is known.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.source, &self.changed) {
            (Some(source), _) => f.write_str(source),
            (None, Some(change)) => change.fmt(f),
            (None, None) => Ok(()),
        }
    }
}

/// What changed a figure without stating a source.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// A file laid over the scenario, by its name.
    Overlay(String),
    /// A `PATH=VALUE` assignment, as `--set` gives it.
    Assignment,
    /// An edit in code.
    Edit,
}

/// Words that stand in a file for changes without one.
const ASSIGNMENT: &str = "--set";
const EDIT: &str = "an edit";

impl Change {
    /// The change as it stands in a file under `changed_by`.
    pub(crate) fn word(&self) -> &str {
        match self {
            Change::Overlay(name) => name,
            Change::Assignment => ASSIGNMENT,
            Change::Edit => EDIT,
        }
    }

    pub(crate) fn from_word(word: String) -> Self {
        match word.as_str() {
            ASSIGNMENT => Change::Assignment,
            EDIT => Change::Edit,
            _ => Change::Overlay(word),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Change::Overlay(name) => write!(f, "changed by {name}, no source stated"),
            Change::Assignment => f.write_str("set for this run"),
            Change::Edit => f.write_str("changed by an edit, no source stated"),
        }
    }
}

/// The origin that an entry gives itself: an [`Origin`], which takes no room where it is empty, as in most of the
/// millions of entries of a large network.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OwnOrigin(Option<Box<Origin>>);

impl OwnOrigin {
    pub(crate) const NONE: Self = OwnOrigin(None);

    /// This origin, or where it is empty `outer`.
    pub(crate) fn or<'a>(&'a self, outer: &'a Origin) -> &'a Origin {
        self.0.as_deref().unwrap_or(outer)
    }

    /// Adds it to the table it stands in.
    pub(crate) fn write_into(&self, table: &mut Table) {
        let changed = self.changed.as_ref().map(Change::word);
        for (key, word) in [
            ("source", self.source.as_deref()),
            ("basis", self.basis.map(Basis::word)),
            ("changed_by", changed),
        ] {
            if let Some(word) = word {
                table.put(key, Value::Text(word.to_owned()));
            }
        }
    }

    /// Changes what it says.
    pub(crate) fn state(&mut self, change: impl FnOnce(&mut Origin)) {
        let mut origin = self.0.take().unwrap_or_default();
        change(&mut origin);
        self.0 = (*origin != Origin::default()).then_some(origin);
    }
}

impl From<Origin> for OwnOrigin {
    fn from(origin: Origin) -> Self {
        OwnOrigin((origin != Origin::default()).then(|| Box::new(origin)))
    }
}

impl std::ops::Deref for OwnOrigin {
    type Target = Origin;

    fn deref(&self) -> &Origin {
        static EMPTY: Origin = Origin { source: None, basis: None, changed: None };
        self.0.as_deref().unwrap_or(&EMPTY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_that_says_nothing_is_none() {
        let own = OwnOrigin::from(Origin::default());
        assert_eq!(own, OwnOrigin::NONE);
        assert_eq!(*own, Origin::default());
        let outer = Origin { source: Some("table".into()), ..Origin::default() };
        assert_eq!(own.or(&outer), &outer);
        let said = OwnOrigin::from(Origin { source: Some("own".into()), ..Origin::default() });
        assert_eq!(said.or(&outer).source.as_deref(), Some("own"));
        let mut taken_back = said;
        taken_back.state(|origin| origin.source = None);
        assert_eq!(taken_back, OwnOrigin::NONE);
    }

    #[test]
    fn a_change_is_read_as_it_is_written() {
        for change in [Change::Overlay("over.toml".into()), Change::Assignment, Change::Edit] {
            assert_eq!(Change::from_word(change.word().to_owned()), change);
        }
    }
}
