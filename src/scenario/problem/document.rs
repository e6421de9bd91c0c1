//! What keeps files from being read, or from being laid over each other.

use super::{Suggestion, Words as _};

faults! {
    /// What keeps a file or an assignment from being read, or from being laid over another file.
    pub enum DocumentFault {
        /// A file cannot be read.
        CannotRead { path: String, error: String } => ["cannot read `{path}`: {error}"],
            "give the path of a scenario file (TOML)";
        /// The path of a file is that of a folder.
        Folder { path: String } => ["`{path}` is a folder"], "give the path of a scenario file (TOML) in it";
        /// A file is a pipe, a device or a socket.
        NotRegular { path: String } => ["`{path}` is not a regular file"],
            "give the path of a scenario file (TOML)";
        /// A file lies outside of the folders that may be read from.
        Outside { message: String } => ["{message}"];
        /// A scenario that was written refers to a file that it cannot read without leave.
        OutOfReach { message: String } => ["when the scenario is run, {message}"];
        /// A file is larger than what is read.
        TooLarge { path: String, bytes: u64, limit: u64 } =>
            ["`{path}` has {bytes} bytes, over the limit of {limit}"],
            "split the scenario with `extends`, or give its sites and links as CSV files beside it";
        /// A file is not text.
        NotText { path: String } => ["`{path}` is not text (UTF-8)"], "a scenario is a TOML file";
        /// A file extends itself by way of others, or too many.
        Loop { path: String, limit: usize } => ["`extends` leads back to `{path}`, or over {limit} files deep"],
            "a scenario can extend only files that do not extend it";
        /// There is nothing in a file.
        Empty => ["the file is empty"],
            "a scenario needs at least [scenario], [time], [parties], [commodities], [sites] and [links]";
        /// A text is not TOML.
        NotToml { message: String } => ["not TOML: {message}"];
        /// A file that another one extends is not TOML.
        BaseNotToml => ["not TOML"], "check this file by itself to be told what is wrong";
        /// A file that another one extends has nothing of a scenario.
        BaseNoScenario => ["this is no scenario: it has none of its tables"], "extend a scenario file";
        /// There is a `remove`, but no `extends`.
        NothingExtended => ["there is nothing to remove from without `extends`"];
        /// `extends` is not the path of a file.
        ExtendsNoFile { found: &'static str } => ["expected the path of a file, found {found}"],
            "extends = \"base.toml\"";
        /// `remove` is not a list.
        RemoveNoList { found: &'static str } => ["expected a list, found {found}"],
            "remove = [\"site:x\", \"link:a>b:c\"]";
        /// An item of `remove` is not text.
        RemoveNoText { found: &'static str } => ["expected text, found {found}"], "remove = [\"site:x\"]";
        /// An item of `remove` has no kind.
        NoKind { item: String } => ["`{item}` does not say what to remove"],
            "write kind:id, such as site:x or link:a>b:c";
        /// Nothing of this kind can be removed.
        UnknownKind { kind: String, suggestion: Option<Suggestion> } =>
            ["`{kind}` is nothing that can be removed"],
            suggestion;
        /// An item of `remove` does not name an entry in another one.
        NoNamedEntry { item: String, kind: &'static str, form: String } => ["`{item}` names no {kind}"],
            format!("write {form}");
        /// An entry that is to be removed is not there.
        NothingToRemove { kind: &'static str, id: String, suggestion: Option<Suggestion> } =>
            ["there is no {kind} `{id}` to remove"],
            suggestion;
        /// An assignment has no `=`.
        NoEquals => ["no `=` in it"], "write PATH=VALUE, such as `controls.ban.severity=0.5`";
        /// An assignment has no value.
        NoValue => ["no value after the `=`"], "write PATH=VALUE, such as `controls.ban.severity=0.5`";
        /// An assignment changes a part of an entry that is not there.
        NothingToChange { id: String, section: String, suggestion: Option<Suggestion> } =>
            ["there is no `{id}` in `{section}` to change"],
            suggestion;
        /// A file states the source of entries that it does not change.
        OriginOfNothing =>
            ["this file changes nothing in the table, so what it says of its origin holds for nothing"],
            "state the source beside the figures that it is the source of";
    }
}
