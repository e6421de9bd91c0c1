//! What keeps files from being read, or from being laid over each other.

use super::Suggestion;
use thiserror::Error;

/// What keeps a file or an assignment from being read, or from being laid over another file.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum DocumentFault {
    /// A file cannot be read.
    #[error("cannot read `{path}`: {error}")]
    CannotRead {
        /// The file.
        path: String,
        /// What the system said.
        error: String,
    },
    /// The path of a file is that of a folder.
    #[error("`{path}` is a folder")]
    Folder {
        /// The path.
        path: String,
    },
    /// A file is larger than what is read.
    #[error("`{path}` has {bytes} bytes, over the limit of {limit}")]
    TooLarge {
        /// The file.
        path: String,
        /// Its size.
        bytes: u64,
        /// Largest size that is read.
        limit: u64,
    },
    /// A file is not text.
    #[error("`{path}` is not text (UTF-8)")]
    NotText {
        /// The file.
        path: String,
    },
    /// A file extends itself by way of others, or too many.
    #[error("`extends` leads back to `{path}`, or over {limit} files deep")]
    Loop {
        /// The file.
        path: String,
        /// Longest chain of files that is read.
        limit: usize,
    },
    /// There is nothing in a file.
    #[error("the file is empty")]
    Empty,
    /// A text is not TOML.
    #[error("not TOML: {message}")]
    NotToml {
        /// What the parser said.
        message: String,
    },
    /// There is a `remove`, but no `extends`.
    #[error("there is nothing to remove from without `extends`")]
    NothingExtended,
    /// `extends` is not the path of a file.
    #[error("expected the path of a file, found {found}")]
    ExtendsNoFile {
        /// What it is.
        found: &'static str,
    },
    /// `remove` is not a list.
    #[error("expected a list, found {found}")]
    RemoveNoList {
        /// What it is.
        found: &'static str,
    },
    /// An item of `remove` is not text.
    #[error("expected text, found {found}")]
    RemoveNoText {
        /// What it is.
        found: &'static str,
    },
    /// An item of `remove` has no kind.
    #[error("`{item}` does not say what to remove")]
    NoKind {
        /// The item.
        item: String,
    },
    /// Nothing of this kind can be removed.
    #[error("`{kind}` is nothing that can be removed")]
    UnknownKind {
        /// The kind.
        kind: String,
        /// What may be meant.
        suggestion: Option<Suggestion>,
    },
    /// An item of `remove` does not name an entry in another one.
    #[error("`{item}` names no {kind}")]
    NoNamedEntry {
        /// The item.
        item: String,
        /// The kind of the entry.
        kind: &'static str,
        /// How such an entry is named.
        form: String,
    },
    /// An entry that is to be removed is not there.
    #[error("there is no {kind} `{id}` to remove")]
    NothingToRemove {
        /// The kind of the entry.
        kind: &'static str,
        /// Its id.
        id: String,
        /// What may be meant.
        suggestion: Option<Suggestion>,
    },
    /// An assignment has no `=`.
    #[error("no `=` in it")]
    NoEquals,
    /// An assignment has no value.
    #[error("no value after the `=`")]
    NoValue,
    /// An assignment changes a part of an entry that is not there.
    #[error("there is no `{id}` in `{section}` to change")]
    NothingToChange {
        /// Id of the entry.
        id: String,
        /// The table it should stand in.
        section: String,
        /// What may be meant.
        suggestion: Option<Suggestion>,
    },
    /// A file states the source of entries that it does not change.
    #[error("this file changes nothing in the table, so what it says of its origin holds for nothing")]
    OriginOfNothing,
}

impl DocumentFault {
    /// What would be right.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        let help: &str = match self {
            Self::UnknownKind { suggestion, .. }
            | Self::NothingToRemove { suggestion, .. }
            | Self::NothingToChange { suggestion, .. } => {
                return suggestion.as_ref().map(ToString::to_string);
            }
            Self::NoNamedEntry { form, .. } => return Some(format!("write {form}")),
            Self::CannotRead { .. } => "give the path of a scenario file (TOML)",
            Self::Folder { .. } => "give the path of a scenario file (TOML) in it",
            Self::TooLarge { .. } => {
                "split the scenario with `extends`, or give its sites and links as CSV files beside it"
            }
            Self::NotText { .. } => "a scenario is a TOML file",
            Self::Loop { .. } => "a scenario can extend only files that do not extend it",
            Self::Empty => {
                "a scenario needs at least [scenario], [time], [parties], [commodities], [sites] and [links]"
            }
            Self::ExtendsNoFile { .. } => "extends = \"base.toml\"",
            Self::RemoveNoList { .. } => "remove = [\"site:x\", \"link:a>b:c\"]",
            Self::RemoveNoText { .. } => "remove = [\"site:x\"]",
            Self::NoKind { .. } => "write kind:id, such as site:x or link:a>b:c",
            Self::NoEquals | Self::NoValue => "write PATH=VALUE, such as `controls.ban.severity=0.5`",
            Self::OriginOfNothing => "state the source beside the figures that it is the source of",
            Self::NotToml { .. } | Self::NothingExtended => return None,
        };
        Some(help.to_owned())
    }
}
