//! Stages of the chain.

use super::entry::{Entry, Read, Reader, value};
use super::path::Path;
use super::rule::Form;
use super::setting::Setting;
use super::tree::{Node, Value};
use serde::{Serialize, Serializer};
use std::fmt;

/// The stage of the chain that a site stands in, such as `mine`, `refinery`, `metal` or `magnet`. Sites of stage
/// [`Stage::SECTOR`] are industries, which are reported one by one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Stage(Option<Box<str>>);

const SECTOR: &str = "sector";

impl Stage {
    /// An industry that sells goods, not a material of the chain.
    pub const SECTOR: Self = Stage(None);

    /// The stage as it stands in a file.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or(SECTOR)
    }

    /// Whether it is [`Stage::SECTOR`].
    #[must_use]
    pub fn is_sector(&self) -> bool {
        self.0.is_none()
    }
}

impl From<&str> for Stage {
    fn from(word: &str) -> Self {
        Stage((word != SECTOR).then(|| word.into()))
    }
}

impl From<String> for Stage {
    fn from(word: String) -> Self {
        Stage((word != SECTOR).then(|| word.into()))
    }
}

impl Serialize for Stage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Entry for Stage {
    value! { self => Value::Text(self.as_str().to_owned()) }
}

impl Read for Stage {
    fn expects() -> String {
        "text".into()
    }
    fn read(node: &Node, at: &Path<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        String::read(node, at, reader).map(Stage::from)
    }
}
