//! Lists of names.

use super::entry::{Entry, Read, Reader, read_list, value};
use super::path::Path;
use super::rule::Form;
use super::setting::Setting;
use super::tree::{Node, Value};
use std::ops::Deref;

/// Names in order: ids of sites, countries, commodities, or paths of leaves.
///
/// # Examples
/// ```
/// use supplyshock::scenario::Ids;
/// assert_eq!(Ids::from(["CN", "MM"]), Ids::from(vec!["CN".to_owned(), "MM".to_owned()]));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ids(Vec<String>);

impl Ids {
    /// Adds a name at the end.
    pub fn push(&mut self, name: impl Into<String>) {
        self.0.push(name.into());
    }
}

impl Deref for Ids {
    type Target = [String];

    fn deref(&self) -> &[String] {
        &self.0
    }
}

impl<S: Into<String>> FromIterator<S> for Ids {
    fn from_iter<I: IntoIterator<Item = S>>(names: I) -> Self {
        Ids(names.into_iter().map(Into::into).collect())
    }
}

impl<S: Into<String>, const N: usize> From<[S; N]> for Ids {
    fn from(names: [S; N]) -> Self {
        names.into_iter().collect()
    }
}

impl<S: Into<String>> From<Vec<S>> for Ids {
    fn from(names: Vec<S>) -> Self {
        names.into_iter().collect()
    }
}

impl<S: Into<String> + Clone> From<&[S]> for Ids {
    fn from(names: &[S]) -> Self {
        names.iter().cloned().collect()
    }
}

impl<S: AsRef<str>, const N: usize> PartialEq<[S; N]> for Ids {
    fn eq(&self, other: &[S; N]) -> bool {
        self.0.iter().map(String::as_str).eq(other.iter().map(AsRef::as_ref))
    }
}

impl<'a> IntoIterator for &'a Ids {
    type Item = &'a String;
    type IntoIter = std::slice::Iter<'a, String>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl From<Ids> for Setting {
    fn from(names: Ids) -> Self {
        names.0.into()
    }
}

impl Entry for Ids {
    value! { self => Value::list(self.0.iter().cloned().map(Value::Text)) }
}

impl Read for Ids {
    fn expects() -> String {
        "list of text".into()
    }
    fn read(node: &Node, at: &Path<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        read_list(node, at, reader).map(Ids)
    }
}
