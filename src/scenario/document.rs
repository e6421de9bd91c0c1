//! Files as spanned trees: parsing, `extends`, `remove`, and where each entry stands.

mod pieces;
mod table;
mod tree;

use super::problem::{Problem, did_you_mean};
use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
pub(crate) use table::Table;
pub(crate) use tree::{Entry, Node, Place, Value, join_path, quote_path};
use tree::{merge, overlay_placeholder, place, remove_one};

/// Largest scenario file that is read [bytes].
pub(crate) const SIZE_LIMIT: u64 = 64 << 20;
/// Longest chain of `extends`.
const EXTENDS_LIMIT: usize = 32;

#[derive(Debug, Clone)]
struct Source<'t> {
    name: String,
    folder: PathBuf,
    text: Cow<'t, str>,
    /// Where each line begins [bytes]; found when a place is first asked for.
    lines: OnceCell<Vec<usize>>,
}

impl Source<'_> {
    /// Line and column of a place, counted from 1.
    fn position(&self, at: usize) -> Option<(usize, usize)> {
        let before = self.text.get(..at)?;
        let lines = self.lines.get_or_init(|| {
            std::iter::once(0).chain(self.text.match_indices('\n').map(|(end, _)| end + 1)).collect()
        });
        let line = lines.partition_point(|&start| start <= at);
        let start = lines.get(line.checked_sub(1)?)?;
        // A byte order mark is no character anybody sees.
        let column = before.get(*start..)?.trim_start_matches('\u{feff}').chars().count() + 1;
        Some((line, column))
    }
}

/// The tree a scenario is read from, after `extends`, with the texts it came from.
#[derive(Debug, Clone)]
pub(crate) struct Document<'t> {
    sources: Vec<Source<'t>>,
    pub(crate) root: Node,
    /// The same, read again once a part has been set aside.
    again: OnceCell<Node>,
    forgotten: bool,
    pub(crate) problems: Vec<Problem>,
}

impl<'t> Document<'t> {
    /// Reads `path` and all it extends.
    pub(crate) fn load(path: &Path) -> Self {
        let mut document = Self::empty();
        let mut chain = Vec::new();
        if let Some(root) = document.read_file(path, None, &mut chain) {
            document.root = root;
        }
        document
    }

    /// Reads `text`; paths in it are relative to `folder`.
    pub(crate) fn parse(name: &str, text: &'t str, folder: &Path) -> Self {
        let mut document = Self::empty();
        if let Some(root) = document.read_text(name, text.into(), folder.to_owned(), &mut Vec::new()) {
            document.root = root;
        }
        document
    }

    /// Lays `path = value` over the tree, as an `extends` overlay of one entry would.
    pub(crate) fn set(&mut self, assignment: &str) {
        let name = format!("--set {assignment}");
        let Some((path, value)) = assignment.split_once('=') else {
            self.problems.push(Problem {
                file: Some(name),
                line: 0,
                column: 0,
                path: String::new(),
                message: "no `=` in it".into(),
                help: Some("write PATH=VALUE, such as `controls.ban.severity=0.5`".into()),
            });
            return;
        };
        if value.trim().is_empty() {
            self.problems.push(Problem {
                file: Some(name),
                line: 0,
                column: 0,
                path: path.trim().to_owned(),
                message: "no value after the `=`".into(),
                help: Some("write PATH=VALUE, such as `controls.ban.severity=0.5`".into()),
            });
            return;
        }
        let text = format!("{} = {}", quote_path(path.trim()), value.trim());
        if let Some(overlay) = self.read_text(&name, text.into(), PathBuf::from("."), &mut Vec::new()) {
            if let Some(problem) = self.misnamed(&overlay) {
                self.problems.push(problem);
                return;
            }
            let base = std::mem::replace(&mut self.root, overlay_placeholder());
            self.root = merge(base, overlay, &mut Vec::new());
        }
    }

    /// What is wrong with an overlay that changes a part of something that is not there.
    fn misnamed(&self, overlay: &Node) -> Option<Problem> {
        let Value::Table(kinds) = &overlay.value else { return None };
        let Value::Table(root) = &self.root.value else { return None };
        kinds.iter().find_map(|(kind, overlaid)| {
            let (Value::Table(ids), Value::Table(known)) =
                (&overlaid.node.value, &root.get(kind)?.node.value)
            else {
                return None;
            };
            let (id, entry) = ids.iter().next()?;
            let of_ids = known.iter().any(|(_, e)| matches!(e.node.value, Value::Table(_)));
            let partial = matches!(&entry.node.value, Value::Table(t) if t.len() == 1);
            (of_ids && partial && !known.contains_key(id)).then(|| {
                self.problem_at(
                    Some(entry.key_at),
                    join_path(&[kind, id]),
                    format!("there is no `{id}` in `{kind}` to change"),
                    did_you_mean(id, known.keys()),
                )
            })
        })
    }

    /// A document without a source, for what is built in code.
    pub(crate) fn empty() -> Self {
        Document {
            sources: Vec::new(),
            root: overlay_placeholder(),
            again: OnceCell::new(),
            forgotten: false,
            problems: Vec::new(),
        }
    }

    /// Takes the sections of which there can be millions of entries out of the tree, so that each entry can be let
    /// go of once it is read: the tree of a large network takes as much memory as the network. Places are mostly not
    /// asked for afterwards, and are looked up in a tree that is read again. A tree laid together from several texts
    /// stays whole.
    pub(crate) fn set_aside(&mut self) -> HashMap<&'static str, Table> {
        let mut aside = HashMap::new();
        if self.sources.len() == 1
            && let Value::Table(root) = &mut self.root.value
        {
            self.forgotten = true;
            for name in ["sites", "links"] {
                if let Some(Entry { node: Node { value: Value::Table(table), .. }, .. }) = root.get_mut(name)
                {
                    aside.insert(name, std::mem::take(table));
                }
            }
        }
        aside
    }

    fn tree(&self) -> &Node {
        match self.sources.first() {
            Some(source) if self.forgotten => self.again.get_or_init(|| pieces::read(&source.text, 0).0),
            _ => &self.root,
        }
    }

    /// Records a problem at a place.
    pub(crate) fn problem_at(
        &self,
        at: Option<Place>,
        path: String,
        message: String,
        help: Option<String>,
    ) -> Problem {
        let (file, line, column) = match at.and_then(|p| self.position(p)) {
            Some((file, line, column)) => (Some(file), line, column),
            None => (self.sources.first().map(|s| s.name.clone()), 0, 0),
        };
        Problem { file, line, column, path, message, help }
    }

    /// File, line and column of a place.
    fn position(&self, at: Place) -> Option<(String, usize, usize)> {
        let source = self.sources.get(at.source as usize)?;
        let (line, column) = source.position(at.start as usize)?;
        Some((source.name.clone(), line, column))
    }

    /// A key that sorts problems in the order of the files.
    pub(crate) fn order(&self, problem: &Problem) -> (usize, usize, usize) {
        let source = self.sources.iter().position(|s| Some(&s.name) == problem.file.as_ref()).unwrap_or(0);
        (source, problem.line, problem.column)
    }

    /// Folder that paths written at `at` are relative to.
    pub(crate) fn folder(&self, at: Place) -> &Path {
        self.sources.get(at.source as usize).map_or(Path::new("."), |s| &s.folder)
    }

    /// Place of the entry at `path`, or of the nearest one above it that is there.
    pub(crate) fn locate<S: AsRef<str>>(&self, path: &[S]) -> Place {
        let mut node = self.tree();
        let mut at = node.at;
        for segment in path.iter().map(S::as_ref) {
            match &node.value {
                Value::Table(table) => match table.get(segment) {
                    Some(entry) => {
                        at = entry.key_at;
                        node = &entry.node;
                    }
                    None => break,
                },
                Value::Array(items) => match segment.parse::<usize>().ok().and_then(|k| items.get(k)) {
                    Some(item) => {
                        at = item.at;
                        node = item;
                    }
                    None => break,
                },
                _ => break,
            }
        }
        at
    }

    fn read_file(&mut self, path: &Path, from: Option<Place>, chain: &mut Vec<PathBuf>) -> Option<Node> {
        let name = path.display().to_string();
        let fail = |document: &mut Self, message: String, help: Option<String>| {
            let problem = match from {
                Some(at) => document.problem_at(Some(at), "extends".into(), message, help),
                None => Problem {
                    file: Some(name.clone()),
                    line: 0,
                    column: 0,
                    path: String::new(),
                    message,
                    help,
                },
            };
            document.problems.push(problem);
            None
        };
        let metadata = match std::fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(e) => {
                return fail(
                    self,
                    format!("cannot read `{name}`: {e}"),
                    Some("give the path of a scenario file (TOML)".into()),
                );
            }
        };
        if metadata.is_dir() {
            return fail(
                self,
                format!("`{name}` is a folder"),
                Some("give the path of a scenario file (TOML) in it".into()),
            );
        }
        if metadata.len() > SIZE_LIMIT {
            return fail(
                self,
                format!("`{name}` has {} bytes, over the limit of {SIZE_LIMIT}", metadata.len()),
                Some("split the scenario with `extends`, or give series as CSV files beside it".into()),
            );
        }
        let bytes = match read_limited(path) {
            Ok(bytes) => bytes,
            Err(e) => return fail(self, format!("cannot read `{name}`: {e}"), None),
        };
        let Ok(text) = String::from_utf8(bytes) else {
            return fail(
                self,
                format!("`{name}` is not text (UTF-8)"),
                Some("a scenario is a TOML file".into()),
            );
        };
        let canonical = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if chain.contains(&canonical) || chain.len() >= EXTENDS_LIMIT {
            return fail(
                self,
                format!("`extends` leads back to `{name}`, or over {EXTENDS_LIMIT} files deep"),
                Some("a scenario can extend only files that do not extend it".into()),
            );
        }
        chain.push(canonical);
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
        let node = self.read_text(&name, text.into(), folder, chain);
        chain.pop();
        node
    }

    fn read_text(
        &mut self,
        name: &str,
        text: Cow<'t, str>,
        folder: PathBuf,
        chain: &mut Vec<PathBuf>,
    ) -> Option<Node> {
        let id = u32::try_from(self.sources.len()).unwrap_or(u32::MAX);
        let (node, errors) = pieces::read(&text, id);
        let blank = text.trim().is_empty();
        self.sources.push(Source {
            name: name.to_owned(),
            folder: folder.clone(),
            text,
            lines: OnceCell::new(),
        });
        if blank {
            let problem = self.problem_at(Some(place(id, 0)), String::new(), "the file is empty".into(), Some("a scenario needs at least [scenario], [time], [parties], [commodities], [sites] and [links]".into()));
            self.problems.push(problem);
            return None;
        }
        if !errors.is_empty() {
            for (at, message) in errors {
                let problem = self.problem_at(Some(at), String::new(), format!("not TOML: {message}"), None);
                self.problems.push(problem);
            }
            return None;
        }
        self.extend(node, &folder, chain)
    }

    /// Takes `extends` and `remove` out of `overlay` and lays the rest over what it extends.
    fn extend(&mut self, mut overlay: Node, folder: &Path, chain: &mut Vec<PathBuf>) -> Option<Node> {
        let Value::Table(table) = &mut overlay.value else { return Some(overlay) };
        let extends = table.remove("extends");
        let remove = table.remove("remove");
        let Some(extends) = extends else {
            if let Some(entry) = remove {
                let p = self.problem_at(
                    Some(entry.key_at),
                    "remove".into(),
                    "there is nothing to remove from without `extends`".into(),
                    None,
                );
                self.problems.push(p);
            }
            return Some(overlay);
        };
        let Value::Text(base) = &extends.node.value else {
            let p = self.problem_at(
                Some(extends.node.at),
                "extends".into(),
                format!("expected the path of a file, found {}", extends.node.value.kind()),
                Some("extends = \"base.toml\"".into()),
            );
            self.problems.push(p);
            return Some(overlay);
        };
        let mut root = self.read_file(&folder.join(base.as_ref()), Some(extends.node.at), chain)?;
        if let Some(entry) = remove {
            self.remove(&mut root, &entry);
        }
        root = merge(root, overlay, &mut Vec::new());
        Some(root)
    }

    fn remove(&mut self, root: &mut Node, list: &Entry) {
        let Value::Array(items) = &list.node.value else {
            let p = self.problem_at(
                Some(list.node.at),
                "remove".into(),
                format!("expected a list, found {}", list.node.value.kind()),
                Some("remove = [\"site:x\", \"link:a>b:c\"]".into()),
            );
            self.problems.push(p);
            return;
        };
        for item in items {
            let fault = match &item.value {
                Value::Text(what) => remove_one(root, what).err(),
                other => Some((
                    format!("expected text, found {}", other.kind()),
                    Some("remove = [\"site:x\"]".to_owned()),
                )),
            };
            if let Some((message, help)) = fault {
                let p = self.problem_at(Some(item.at), "remove".into(), message, help);
                self.problems.push(p);
            }
        }
    }
}

/// Reads at most the limit, so that a device or a growing file cannot fill the memory.
fn read_limited(path: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read;
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(SIZE_LIMIT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > SIZE_LIMIT {
        return Err(std::io::Error::new(
            std::io::ErrorKind::FileTooLarge,
            format!("over the limit of {SIZE_LIMIT} bytes"),
        ));
    }
    Ok(bytes)
}
