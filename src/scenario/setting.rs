//! Values that an entry is set to in code.

use super::leaf::Leaf;
use super::tree::{Node, Value};

/// What an entry of a scenario is set to: a leaf or anything that makes one, a word, a truth value, a date, or a list of
/// names or numbers.
#[derive(Debug, Clone)]
pub struct Setting(pub(crate) Given);

#[derive(Debug, Clone)]
pub(crate) enum Given {
    Leaf(Leaf),
    Value(Value),
}

impl Setting {
    /// A node that it can be read from.
    pub(crate) fn into_node(self) -> Node {
        match self.0 {
            Given::Leaf(leaf) => Node::new(leaf.written()),
            Given::Value(value) => Node::new(value),
        }
    }
}

impl<L: Into<Leaf>> From<L> for Setting {
    fn from(leaf: L) -> Self {
        Setting(Given::Leaf(leaf.into()))
    }
}

macro_rules! setting {
    ($($ty:ty: $given:ident => $value:expr;)*) => {
        $(
            impl From<$ty> for Setting {
                fn from($given: $ty) -> Self {
                    Setting(Given::Value($value))
                }
            }
        )*
    };
}

setting! {
    bool: given => Value::Bool(given);
    &str: given => Value::Text(given.to_owned());
    String: given => Value::Text(given);
    Vec<String>: given => Value::list(given.into_iter().map(Value::Text));
    Vec<f64>: given => Value::list(given.into_iter().map(Value::number));
}

impl<const N: usize> From<[&str; N]> for Setting {
    fn from(names: [&str; N]) -> Self {
        Setting(Given::Value(Value::list(names.map(|name| Value::Text(name.to_owned())))))
    }
}
