//! Faults of a file of rows that show before any of them is read.

use super::Words as _;

faults! {
    /// Why the rows of a file cannot be told apart, or their cells not be read.
    pub enum TextFault {
        /// The file is of another kind.
        Kind { kind: &'static str } => ["it is no text of rows but {kind}"], "save the sheet as CSV in UTF-8";
        /// There are bytes of zero in a text that is not marked as UTF-16.
        ZeroBytes => ["it holds bytes of zero: it is no text, or UTF-16 without a byte order mark"], UTF_8;
        /// The bytes are not in the encoding that they are marked or taken for.
        Encoding { encoding: &'static str } => ["its bytes are not all {encoding}, which it seems to be written in"], UTF_8;
        /// Two separators divide the rows alike.
        Separators { one: char, other: char } =>
            ["its cells may be separated by `{}` or by `{}`", .one.escape_debug(), .other.escape_debug()],
            "put labels that hold a separator into quotation marks";
        /// Some numbers have a decimal comma and some a decimal point.
        Marks { comma: String, point: String } =>
            ["`{comma}` has a decimal comma, and `{point}` a decimal point"], PLAIN;
        /// A mark in a number may stand for decimals or for thousands.
        Mark { number: String } => ["the comma of `{number}` may stand before decimals or after thousands"], PLAIN;
    }
}

const UTF_8: &str = "save it as UTF-8";
const PLAIN: &str = "write every number with a decimal point and without marks for thousands, such as 1234.5";
