//! What is wrong in a scenario, with place and remedy.

/// Declares faults: with each, the message, as `thiserror` takes it, and what would be right, if there is something to say.
macro_rules! faults {
    (
        $(#[doc = $doc:literal])+
        pub enum $name:ident {
            $(
                $(#[doc = $vdoc:literal])+
                $variant:ident $({ $($field:ident : $ty:ty),+ })? => [$($message:tt)+] $(, $help:expr)? ;
            )+
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq, thiserror::Error)]
        #[non_exhaustive]
        #[allow(missing_docs, reason = "the message says what the fields are")]
        pub enum $name {
            $( $(#[doc = $vdoc])+ #[error($($message)+)] $variant $({ $($field: $ty),+ })?, )+
        }

        impl $name {
            /// What would be right, where there is something to say.
            #[must_use]
            #[allow(unused_variables, reason = "not every remedy needs every field")]
            pub fn help(&self) -> Option<String> {
                match self {
                    $( Self::$variant $({ $($field),+ })? => None $(.or($help.words()))?, )+
                }
            }
        }
    };
}

mod correlation;
mod document;
mod entry;
mod network;
mod sheet;
mod suggestion;
mod table;
mod text;

pub use correlation::CorrelationFault;
pub use document::DocumentFault;
pub use entry::EntryFault;
pub use network::NetworkFault;
pub use sheet::SheetFault;
pub use suggestion::Suggestion;
pub use table::TableFault;
pub use text::TextFault;

pub(crate) use suggestion::{Suggestions, did_you_mean, nearest, suggest};

use super::path::join_path;
use super::printable::one_line;
use super::tree::Place;
use std::fmt;
use thiserror::Error;

/// A remedy in words.
trait Words {
    fn words(&self) -> Option<String>;
}

impl Words for str {
    fn words(&self) -> Option<String> {
        Some(self.to_owned())
    }
}

impl Words for Option<String> {
    fn words(&self) -> Option<String> {
        self.clone()
    }
}

impl Words for Option<Suggestion> {
    fn words(&self) -> Option<String> {
        self.as_ref().map(ToString::to_string)
    }
}

/// A fault in a scenario, or something doubtful: its place, its kind and its remedy. Shown, characters that
/// would act on a terminal are written out.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Problem {
    /// File, or assignment, it stands in; `None` for what was made in code.
    pub file: Option<String>,
    /// Line, counted from 1; 0 when there is none.
    pub line: usize,
    /// Column in characters, counted from 1; 0 when there is none.
    pub column: usize,
    /// Path of the entry, such as `sites.jp_metal.inputs.ndpr_oxide.cover_days`.
    pub path: String,
    /// What is wrong.
    pub kind: ProblemKind,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum ProblemKind {
    /// A file cannot be read, or not be laid over another.
    #[error(transparent)]
    Document(#[from] DocumentFault),
    /// An entry is wrong whatever the others are.
    #[error(transparent)]
    Entry(#[from] EntryFault),
    /// Entries do not fit each other.
    #[error(transparent)]
    Network(#[from] NetworkFault),
    /// Correlations cannot hold.
    #[error(transparent)]
    Correlation(#[from] CorrelationFault),
    /// An input-output table is faulty.
    #[error(transparent)]
    Table(#[from] TableFault),
    /// A CSV file of entries or of a series is faulty.
    #[error(transparent)]
    Sheet(#[from] SheetFault),
}

impl ProblemKind {
    /// Whether it is an assumption that nothing refers to.
    pub(crate) fn is_without_use(&self) -> bool {
        matches!(self, ProblemKind::Network(NetworkFault::Unused { .. }))
    }

    /// What would be right, where there is something to say.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            ProblemKind::Document(fault) => fault.help(),
            ProblemKind::Entry(fault) => fault.help(),
            ProblemKind::Network(fault) => fault.help(),
            ProblemKind::Correlation(fault) => fault.help(),
            ProblemKind::Table(fault) => fault.help(),
            ProblemKind::Sheet(fault) => fault.help(),
        }
    }
}

impl Problem {
    /// What is wrong, in words.
    #[must_use]
    pub fn message(&self) -> String {
        self.kind.to_string()
    }

    /// What would be right, where there is something to say.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        self.kind.help()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}:", one_line(file))?;
            if self.line > 0 {
                write!(f, "{}:{}:", self.line, self.column)?;
            }
            write!(f, " ")?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", one_line(&self.path))?;
        }
        write!(f, "{}", one_line(&self.kind.to_string()))?;
        if let Some(help) = self.help() {
            write!(f, "\n    help: {}", one_line(&help))?;
        }
        Ok(())
    }
}

/// Every problem found in a scenario, in the order of the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Problems(pub(crate) Vec<Problem>);

impl Problems {
    /// The problems, in the order of the files they stand in.
    #[must_use]
    pub fn as_slice(&self) -> &[Problem] {
        &self.0
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.0 {
            writeln!(f, "{problem}")?;
        }
        let n = self.0.len();
        write!(f, "{n} problem{}", if n == 1 { "" } else { "s" })
    }
}

impl std::error::Error for Problems {}

/// A problem of the entry at a path, before it is known where that stands.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    pub(crate) path: Vec<String>,
    /// Its place; that of the entry unless given.
    pub(crate) at: Option<Place>,
    pub(crate) kind: ProblemKind,
}

impl Finding {
    pub(crate) fn new<S: AsRef<str>>(path: &[S], kind: impl Into<ProblemKind>) -> Self {
        let path = path.iter().map(|s| s.as_ref().to_owned()).collect();
        Finding { path, at: None, kind: kind.into() }
    }
}

/// The problem of an entry that stands in no file.
impl From<Finding> for Problem {
    fn from(finding: Finding) -> Self {
        Problem { file: None, line: 0, column: 0, path: join_path(&finding.path), kind: finding.kind }
    }
}
