//! Files as trees: reading, `extends`, `remove` and assignments.

mod places;

use self::places::Source;
use super::access::{Access, Opened, Refused};
use super::overlay::{KEY, Note, merge, remove_one};
use super::syntax::{parse, place};
use crate::scenario::{
    Change, DocumentFault, EntryFault, Finding, InputRole, Keyed, Layer, Node, Place, Problem, ProblemKind,
    Read, Shape, Suggestions, Tables, Value, join_path, split_path, suggest,
};
use indexmap::{IndexMap, IndexSet};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Longest chain of `extends`.
const EXTENDS_LIMIT: usize = 32;

/// Layers that an assignment may bring.
const LAYERS: i32 = 1 + EXTENDS_LIMIT as i32;

/// The tree a scenario is read from, after `extends`, with the texts it came from.
#[derive(Debug, Clone)]
pub(super) struct Document {
    sources: Vec<Source>,
    /// By source: the layer it is.
    pub(super) layers: Vec<Layer>,
    pub(super) access: Access,
    pub(super) root: Node,
    pub(super) problems: Vec<Problem>,
    notes: Vec<Note>,
    /// Number of assignments laid over the files.
    laid: i32,
}

impl Document {
    fn empty(access: Access) -> Self {
        Document {
            sources: Vec::new(),
            layers: Vec::new(),
            access,
            root: Node::new(Value::Bool(false)),
            problems: Vec::new(),
            notes: Vec::new(),
            laid: 0,
        }
    }

    /// Reads `path`, which the caller names, and all it extends, which must lie where there is access.
    pub(super) fn load(path: &Path, access: Access) -> Self {
        let mut document = Self::empty(access);
        let mut chain = Vec::new();
        if let Some(root) = document.read_file(path, None, &mut chain) {
            document.root = root;
        }
        document
    }

    /// Reads `text`; paths in it are relative to `folder`.
    pub(super) fn parse(name: &str, text: &str, folder: &Path, access: Access) -> Self {
        access.record(name, InputRole::Scenario, text.as_bytes());
        let mut document = Self::empty(access);
        let change = Change::Overlay(name.to_owned());
        if let Some(root) = document.read_text(
            name,
            text.to_owned(),
            folder.to_owned(),
            change,
            InputRole::Scenario,
            &mut Vec::new(),
        ) {
            document.root = root;
        }
        document
    }

    /// Lays `path = value` over the tree, as an `extends` overlay of one entry would.
    pub(super) fn set(&mut self, assignment: &str) {
        let name = format!("--set {assignment}");
        self.laid += 1;
        let (path, value) = match assignment.split_once('=') {
            Some((path, value)) if !value.trim().is_empty() => (path.trim(), value.trim()),
            Some((path, _)) => return self.refuse(name, path.trim(), DocumentFault::NoValue),
            None => return self.refuse(name, "", DocumentFault::NoEquals),
        };
        // A link can be named without quotes.
        let quoted = if path.contains(['"', '\'']) { path.to_owned() } else { join_path(&split_path(path)) };
        let text = format!("{quoted} = {}", as_toml(value));
        let folder = PathBuf::from(".");
        if let Some(overlay) =
            self.read_text(&name, text, folder, Change::Assignment, InputRole::Scenario, &mut Vec::new())
        {
            if let Some(problem) = self.misnamed(&overlay) {
                self.problems.push(problem);
                return;
            }
            self.lay_over(overlay);
        }
    }

    /// Whether all could be read that the scenario rests on.
    pub(super) fn is_whole(&self) -> bool {
        matches!(self.root.value, Value::Table(_))
    }

    /// Takes an entry of an overlay in which much is missing, and whose id is nearly that of another one, for a misspelling.
    pub(super) fn misspelt(&self, found: &mut Vec<Finding>) {
        let Value::Table(root) = &self.root.value else { return };
        let lacks = |f: &Finding| {
            matches!(f.kind, ProblemKind::Entry(EntryFault::Missing { .. })) && f.path.len() == 2
        };
        // A file that rests on no other one has nothing to change.
        let lacking: IndexSet<Vec<String>> = match self.layers.iter().any(|layer| layer.number < 0) {
            true => found.iter().filter(|f| lacks(f)).map(|f| f.path.clone()).collect(),
            false => IndexSet::new(),
        };
        let suggestions = Suggestions::default();
        let misspelt = lacking.iter().filter_map(|path| {
            let [section, id] = path.as_slice() else { return None };
            let Value::Table(ids) = &root.get(section)?.node.value else { return None };
            let others = || ids.entries.keys().map(String::as_str);
            let is_whole = |other: &&str| !lacking.contains(&[section.clone(), (*other).to_owned()][..]);
            let suggestion = Some(suggestions.nearest(id, || others().filter(is_whole))?);
            let (id, section) = (id.clone(), section.clone());
            Some((path.clone(), DocumentFault::NothingToChange { id, section, suggestion }))
        });
        let misspelt: IndexMap<Vec<String>, DocumentFault> = misspelt.collect();
        found.retain(|f| !(lacks(f) && misspelt.contains_key(&f.path)));
        found.extend(misspelt.into_iter().map(|(path, fault)| Finding::new(&path, fault)));
    }

    fn refuse(&mut self, name: String, path: &str, fault: DocumentFault) {
        let kind = ProblemKind::Document(fault);
        self.problems.push(Problem { file: Some(name), line: 0, column: 0, path: path.to_owned(), kind });
    }

    fn lay_over(&mut self, overlay: Node) {
        let base = std::mem::replace(&mut self.root, Node::new(Value::Bool(false)));
        self.root = merge(base, overlay, Tables::SHAPE, &mut Vec::new(), &mut self.notes);
    }

    /// What is wrong with an overlay that changes a part of something that is not there.
    fn misnamed(&self, overlay: &Node) -> Option<Problem> {
        let (Value::Table(over), Value::Table(root)) = (&overlay.value, &self.root.value) else {
            return None;
        };
        over.entries.iter().find_map(|(section, overlaid)| {
            let Shape::Ids(each) = Tables::SHAPE.below(section).shape else { return None };
            let (Value::Table(ids), Value::Table(known)) =
                (&overlaid.node.value, &root.get(section)?.node.value)
            else {
                return None;
            };
            // Entries that stand in a file are not known here.
            if known.entries.get(KEY).is_some_and(|entry| matches!(entry.node.value, Value::Text(_))) {
                return None;
            }
            let (id, entry) = ids.entries.iter().next()?;
            let partial = !matches!(each, Shape::Whole)
                && matches!(&entry.node.value, Value::Table(t) if t.entries.len() == 1);
            (partial && !known.entries.contains_key(id)).then(|| {
                let suggestion = suggest(id, known.entries.keys().map(String::as_str));
                let (id, section) = (id.clone(), section.clone());
                let path = [section.clone(), id.clone()];
                let fault = DocumentFault::NothingToChange { id, section, suggestion };
                self.problem(Some(entry.key_at), &path, fault.into())
            })
        })
    }

    /// Adds a file whose rows are entries, which is named at a place, to the texts, in the layer of that place. Gives its
    /// path and its number.
    pub(super) fn add_rows(&mut self, file: &Path, named: Place) -> (PathBuf, u32) {
        let source = u32::try_from(self.sources.len()).unwrap_or(u32::MAX);
        let folder = self.sources.get(named.source as usize).map_or(Path::new("."), |s| &s.folder).to_owned();
        let path = folder.join(file);
        let name = path.display().to_string();
        self.sources.push(Source { name, folder, text: None, lines: OnceLock::new() });
        self.layers.extend(self.layers.get(named.source as usize).cloned());
        (path, source)
    }

    /// Whether an entry stands in the scenario itself.
    pub(super) fn holds(&self, section: &str, id: &str) -> bool {
        let Value::Table(root) = &self.root.value else { return false };
        let Some(Value::Table(section)) = root.get(section).map(|entry| &entry.node.value) else {
            return false;
        };
        section.entries.contains_key(id)
    }

    fn read_file(&mut self, path: &Path, from: Option<Place>, chain: &mut Vec<PathBuf>) -> Option<Node> {
        let role = if from.is_some() { InputRole::Extended } else { InputRole::Scenario };
        let text = match self.text_of(path, role, chain) {
            Ok(text) => text,
            Err(fault) => {
                match from {
                    Some(at) => self.fault(at, &["extends"], fault),
                    None => self.refuse(path.display().to_string(), "", fault),
                }
                return None;
            }
        };
        chain.push(path.canonicalize().unwrap_or_else(|_| path.to_owned()));
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
        let name =
            path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into());
        let change = Change::Overlay(name);
        let node = self.read_text(&path.display().to_string(), text, folder, change, role, chain);
        chain.pop();
        node
    }

    /// The text of a scenario file, unless it is one of those that led here.
    fn text_of(&self, path: &Path, role: InputRole, chain: &[PathBuf]) -> Result<String, DocumentFault> {
        let name = || path.display().to_string();
        let refused = |refused| match refused {
            Refused::Io(error) => DocumentFault::CannotRead { path: name(), error: error.to_string() },
            Refused::Folder => DocumentFault::Folder { path: name() },
            Refused::NotRegular => DocumentFault::NotRegular { path: name() },
            Refused::TooLarge { bytes, limit } => DocumentFault::TooLarge { path: name(), bytes, limit },
            outside @ Refused::Outside { .. } => DocumentFault::Outside { message: outside.to_string() },
        };
        let opened = match role {
            InputRole::Scenario => self.access.open_named(path, role),
            _ => self.access.open(path, role),
        };
        let bytes = opened.and_then(Opened::bytes).map_err(refused)?;
        let text = String::from_utf8(bytes).map_err(|_| DocumentFault::NotText { path: name() })?;
        let canonical = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if chain.contains(&canonical) || chain.len() >= EXTENDS_LIMIT {
            return Err(DocumentFault::Loop { path: name(), limit: EXTENDS_LIMIT });
        }
        Ok(text)
    }

    fn fault(&mut self, at: Place, path: &[&str], fault: DocumentFault) {
        let problem = self.problem(Some(at), path, fault.into());
        self.problems.push(problem);
    }

    fn read_text(
        &mut self,
        name: &str,
        text: String,
        folder: PathBuf,
        change: Change,
        role: InputRole,
        chain: &mut Vec<PathBuf>,
    ) -> Option<Node> {
        let source = u32::try_from(self.sources.len()).unwrap_or(u32::MAX);
        let (node, errors) = parse(&text, source);
        let blank = text.trim().is_empty();
        let own = folder.clone();
        let text = Some(text);
        self.sources.push(Source { name: name.to_owned(), folder, text, lines: OnceLock::new() });
        // What a text extends lies below it; an assignment lies over all before.
        let depth = i32::try_from(chain.len()).unwrap_or(i32::MAX);
        self.layers.push(Layer { number: self.laid * LAYERS - depth, change });
        if blank {
            self.fault(place(source, 0), &[], DocumentFault::Empty);
            return None;
        }
        // Messages show the text of a file that another one names only if it is a scenario.
        if role == InputRole::Extended {
            if let Some((at, _)) = errors.first() {
                self.fault(*at, &[], DocumentFault::BaseNotToml);
                return None;
            }
            if !is_scenario(&node) {
                self.fault(place(source, 0), &[], DocumentFault::BaseNoScenario);
                return None;
            }
        }
        if !errors.is_empty() {
            for (at, message) in errors {
                self.fault(at, &[], DocumentFault::NotToml { message });
            }
            return None;
        }
        self.extend(node, &own, chain)
    }

    /// Takes `extends` and `remove` out of `overlay` and lays the rest over what it extends.
    fn extend(&mut self, mut overlay: Node, folder: &Path, chain: &mut Vec<PathBuf>) -> Option<Node> {
        let Value::Table(table) = &mut overlay.value else { return Some(overlay) };
        let extends = table.entries.shift_remove("extends");
        let remove = table.entries.shift_remove("remove");
        let Some(extends) = extends else {
            if let Some(entry) = remove {
                self.fault(entry.key_at, &["remove"], DocumentFault::NothingExtended);
            }
            return Some(overlay);
        };
        let Value::Text(base) = &extends.node.value else {
            let found = extends.node.value.kind();
            self.fault(extends.node.at, &["extends"], DocumentFault::ExtendsNoFile { found });
            return None;
        };
        let mut root = self.read_file(&folder.join(base), Some(extends.node.at), chain)?;
        if let Some(entry) = remove {
            self.remove(&mut root, &entry);
        }
        Some(merge(root, overlay, Tables::SHAPE, &mut Vec::new(), &mut self.notes))
    }

    fn remove(&mut self, root: &mut Node, list: &Keyed) {
        let Value::Table(root) = &mut root.value else { return };
        let Value::List(items) = &list.node.value else {
            let found = list.node.value.kind();
            return self.fault(list.node.at, &["remove"], DocumentFault::RemoveNoList { found });
        };
        let suggestions = Suggestions::default();
        for item in items {
            let fault = match &item.value {
                Value::Text(what) => remove_one(root, what, item.at, &suggestions).err(),
                other => Some(DocumentFault::RemoveNoText { found: other.kind() }),
            };
            if let Some(fault) = fault {
                self.fault(item.at, &["remove"], fault);
            }
        }
    }
}

/// The value of an assignment. A value that is not TOML is text, such as `10%`, `uniform(0, 0.2)` or a word.
fn as_toml(value: &str) -> String {
    let is_toml = parse(&format!("v = {value}"), 0).1.is_empty();
    // Whoever opens one of these means TOML.
    if is_toml || value.starts_with(['"', '\'', '[', '{']) {
        return value.to_owned();
    }
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Whether any entry of a text is one that scenarios have.
fn is_scenario(root: &Node) -> bool {
    let Value::Table(root) = &root.value else { return false };
    let known = |key: &str| ["extends", "remove"].contains(&key) || Tables::SHAPE.below(key).field.is_some();
    root.entries.keys().any(|key| known(key))
}
