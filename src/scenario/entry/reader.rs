//! The reader: unknown keys, missing fields and wrong types are collected, not stopped at, and every figure is credited
//! to the text that gave it.

use super::Read;
use crate::scenario::leaf::Leaf;
use crate::scenario::origin::{Basis, Change, Origin, OwnOrigin};
use crate::scenario::path::Path;
use crate::scenario::problem::{EntryFault, Finding, ProblemKind, Suggestion, nearest, suggest};
use crate::scenario::rule::{FieldDoc, Form, Rule, Shape};
use crate::scenario::tree::{Keyed, Node, Place, Table, Value};

/// The text that a place names, as part of the scenario: what stands in a text of a higher layer was laid over the rest.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Layer {
    pub(crate) number: i32,
    /// What a figure is said to have been changed by, where this text changed it.
    pub(crate) change: Change,
}

/// Reads values and collects what is wrong with them.
pub(crate) struct Reader<'a> {
    pub(crate) found: Vec<Finding>,
    /// Leaves that are out of range by themselves: told where the rest cannot be read, so that nothing can be checked.
    pub(crate) out_of_range: Vec<Finding>,
    /// By the text of a place.
    layers: &'a [Layer],
    /// The tables around the entry at hand.
    around: Vec<Around>,
    /// How many of the entries around took the place of one in a lower layer.
    replaced: usize,
}

/// A table whose fields are being read.
struct Around {
    /// Layer in which it begins.
    begun: Option<i32>,
    /// What it states there of the origin of its leaves.
    stated: Origin,
    /// What higher layers state of the origin of theirs in it.
    over: Vec<(Option<i32>, Origin)>,
}

impl Around {
    /// What a layer states here of the origin of its leaves.
    fn stated_by(&self, layer: Option<i32>) -> Option<&Origin> {
        let own = (self.begun == layer).then_some(&self.stated);
        let over = self.over.iter().filter(|(by, _)| *by == layer).map(|(_, origin)| origin);
        own.into_iter().chain(over).find(|origin| **origin != Origin::default())
    }
}

impl<'a> Reader<'a> {
    /// Of texts in these layers; without any, of values that stand in no text.
    pub(crate) fn new(layers: &'a [Layer]) -> Self {
        Reader { found: Vec::new(), out_of_range: Vec::new(), layers, around: Vec::new(), replaced: 0 }
    }

    /// Tells what is wrong with a node.
    pub(crate) fn fault<T>(&mut self, node: &Node, at: &Path<'_>, fault: EntryFault) -> Option<T> {
        self.add(Some(node.at), at, fault);
        None
    }

    /// Tells what is wrong with an entry that stands in no text.
    pub(crate) fn told(&mut self, at: &Path<'_>, fault: EntryFault) {
        self.add(None, at, fault);
    }

    fn add(&mut self, place: Option<Place>, at: &Path<'_>, fault: EntryFault) {
        self.found.push(Finding { path: at.to_vec(), at: place, kind: ProblemKind::Entry(fault) });
    }

    pub(crate) fn wrong_kind<T>(&mut self, node: &Node, at: &Path<'_>, expected: &str) -> Option<T> {
        let expected = expected.to_owned();
        let fault = match &node.value {
            Value::TooLarge(number) => EntryFault::TooLarge { expected, number: number.clone() },
            other => EntryFault::WrongKind { expected, found: other.kind() },
        };
        self.fault(node, at, fault)
    }

    pub(crate) fn not_a_choice(&mut self, node: &Node, at: &Path<'_>, word: String, known: &[&'static str]) {
        let suggestion = suggest(&word, known.iter().copied());
        self.fault::<()>(node, at, EntryFault::NotAChoice { word, suggestion });
    }

    pub(crate) fn table<'n>(&mut self, node: &'n Node, at: &Path<'_>, expected: &str) -> Option<&'n Table> {
        match &node.value {
            Value::Table(table) => Some(table),
            _ => self.wrong_kind(node, at, expected),
        }
    }

    /// Reads an entry of a table by id, or a field of one.
    pub(crate) fn entry<T>(&mut self, entry: &Keyed, by_id: bool, read: impl FnOnce(&mut Self) -> T) -> T {
        self.enter(entry, by_id);
        let read = read(self);
        if by_id {
            self.end();
        }
        self.replaced -= usize::from(entry.replaced);
        read
    }

    fn enter(&mut self, entry: &Keyed, by_id: bool) {
        self.replaced += usize::from(entry.replaced);
        if by_id {
            // An entry that no lower layer has is no change of the table it stands in.
            let begun = self.layer(entry.node.at);
            self.around.push(Around { begun, stated: Origin::default(), over: Vec::new() });
        }
    }

    /// The entry of a field, under whichever of its keys it stands.
    fn given<'t>(
        &mut self,
        table: &'t Table,
        at: &Path<'_>,
        field: &'static str,
        rule: Rule,
    ) -> Option<(&'t str, &'t Keyed, Form)> {
        let all = table.entries.iter();
        let mut given = all.filter_map(|(key, e)| Some((key.as_str(), e, rule.form(field, key)?)));
        let first = given.next()?;
        for (key, entry, _) in given {
            let fault = EntryFault::Twice { key: key.to_owned(), other: first.0.to_owned() };
            self.add(Some(entry.key_at), &at.then(key), fault);
        }
        Some(first)
    }

    /// A field that may be absent; `None` where it is there but wrong.
    pub(crate) fn optional<T: Read>(
        &mut self,
        table: &Table,
        at: &Path<'_>,
        field: &'static str,
        rule: Rule,
    ) -> Option<Option<T>> {
        let Some((key, entry, form)) = self.given(table, at, field, rule) else { return Some(None) };
        let read = self.entry(entry, false, |r| T::read_as(&entry.node, form, &at.then(key), r));
        let support = read.as_ref().and_then(T::as_leaf).and_then(Leaf::support);
        if let Some(fault) = support.and_then(|(low, high)| EntryFault::outside(rule.domain, low, high)) {
            self.out_of_range.push(Finding { path: at.then(key).to_vec(), at: None, kind: fault.into() });
        }
        read.map(Some)
    }

    /// A field that must be there.
    pub(crate) fn required<T: Read>(
        &mut self,
        node: &Node,
        table: &Table,
        at: &Path<'_>,
        field: &'static str,
        rule: Rule,
    ) -> Option<T> {
        match self.optional(table, at, field, rule) {
            Some(None) => self.fault(node, at, EntryFault::Missing { key: field, expected: T::expects() }),
            given => given?,
        }
    }

    /// A parameter of a leaf, which may be absent.
    pub(crate) fn plain<T: Read>(&mut self, table: &Table, at: &Path<'_>, key: &str) -> Option<Option<T>> {
        match table.get(key) {
            Some(entry) => T::read(&entry.node, &at.then(key), self).map(Some),
            None => Some(None),
        }
    }

    /// Reports every key that is not among `known`.
    pub(crate) fn only(&mut self, table: &Table, at: &Path<'_>, known: &[&str]) {
        for (key, entry) in table.entries.iter().filter(|(key, _)| !known.contains(&key.as_str())) {
            let suggestion = suggest(key, known.iter().copied());
            let fault = EntryFault::UnknownKey { key: key.clone(), suggestion };
            self.add(Some(entry.key_at), &at.then(key), fault);
        }
    }

    /// Reports every key that is no field of a table.
    pub(crate) fn unknown_keys<T: Read>(&mut self, table: &Table, at: &Path<'_>) {
        self.keys_beside(T::SHAPE, T::fields, table, at);
    }

    fn keys_beside(&mut self, shape: Shape, fields: fn() -> Vec<FieldDoc>, table: &Table, at: &Path<'_>) {
        let unknown = |key: &str| !ORIGIN.contains(&key) && shape.below(key).field.is_none();
        for (key, entry) in table.entries.iter().filter(|(key, _)| unknown(key)) {
            let fields = fields();
            let fault = match fields.iter().find(|f| f.rule.was_called(key)) {
                Some(field) => EntryFault::Renamed { key: key.clone(), now: field.field },
                None => {
                    let all: Vec<String> = fields.iter().flat_map(|f| f.rule.keys(f.field)).collect();
                    let suggestion = match nearest(key, all.iter().map(String::as_str).chain(ORIGIN)) {
                        Some(near) => Some(Suggestion::Nearest(near.to_owned())),
                        None => suggest(key, fields.iter().map(|f| f.field).chain(ORIGIN)),
                    };
                    EntryFault::UnknownKey { key: key.clone(), suggestion }
                }
            };
            self.add(Some(entry.key_at), &at.then(key), fault);
        }
    }

    fn layer(&self, at: Place) -> Option<i32> {
        self.layers.get(at.source as usize).map(|layer| layer.number)
    }

    /// Whether one text is laid over another.
    pub(crate) fn is_above(&self, text: u32, other: u32) -> bool {
        let number = |source: u32| self.layers.get(source as usize).map(|layer| layer.number);
        number(text) > number(other)
    }

    /// Begins with the fields of a table: what it states of the origin of its leaves.
    pub(crate) fn begin(&mut self, table: &Table, at: &Path<'_>) -> Option<OwnOrigin> {
        let origin = self.origin(table.get("source"), table.get("basis"), at);
        let over = table.over.iter().filter_map(|stated| {
            let origin = self.origin(stated.source.as_ref(), stated.basis.as_ref(), at)?;
            Some((self.layers.get(stated.by as usize).map(|l| l.number), origin))
        });
        let over = over.collect();
        let begun = self.layers.get(table.begun as usize).map(|layer| layer.number);
        self.around.push(Around { begun, stated: origin.clone().unwrap_or_default(), over });
        origin.map(OwnOrigin::from)
    }

    /// Ends with the fields of the table begun last.
    pub(crate) fn end(&mut self) {
        self.around.pop();
    }

    fn origin(&mut self, source: Option<&Keyed>, basis: Option<&Keyed>, at: &Path<'_>) -> Option<Origin> {
        let source = match source {
            Some(entry) => Some(String::read(&entry.node, &at.then("source"), self)?),
            None => None,
        };
        let basis = match basis {
            Some(entry) => Some(self.basis(&entry.node, &at.then("basis"))?),
            None => None,
        };
        Some(Origin { source, basis, changed: None })
    }

    fn basis(&mut self, node: &Node, at: &Path<'_>) -> Option<Basis> {
        let word = String::read(node, at, self)?;
        let found = Basis::ALL.into_iter().find(|basis| basis.word() == word);
        if found.is_none() {
            self.not_a_choice(node, at, word, &Basis::ALL.map(Basis::word));
        }
        found
    }

    /// What a leaf says of its own origin.
    pub(crate) fn leaf_origin(&mut self, table: &Table, at: &Path<'_>) -> Option<Origin> {
        let mut origin = self.origin(table.get("source"), table.get("basis"), at)?;
        origin.changed = self.plain::<String>(table, at, "changed_by")?.map(Change::from_word);
        Some(origin)
    }

    /// The origin of a leaf that says `own` of it and stands at `place`. What the tables around it say holds for leaves
    /// of the layer that says it; a figure that a higher layer changed without a source says that it was changed.
    pub(crate) fn credited(&self, own: Origin, place: Place) -> OwnOrigin {
        let Some(text) = self.layers.get(place.source as usize) else { return own.into() };
        if own.source.is_some() || own.changed.is_some() {
            return own.into();
        }
        let layer = Some(text.number);
        let inner = || self.around.iter().rev();
        let inherited = inner().find(|table| table.stated != Origin::default());
        if own == Origin::default()
            && let Some((table, stated)) = inner().find_map(|t| Some((t, t.stated_by(layer)?)))
        {
            let same = inherited.is_some_and(|i| std::ptr::eq(i, table)) && table.begun == layer;
            return if same { OwnOrigin::NONE } else { stated.clone().into() };
        }
        let changed = text.change == Change::Assignment
            || self.replaced > 0
            || inner().next().is_some_and(|table| table.begun != layer)
            || inherited.is_some_and(|table| table.begun != layer);
        let change = changed.then(|| text.change.clone());
        Origin { changed: change, ..own }.into()
    }
}

/// Keys of a table that say where its leaves come from.
pub(crate) const ORIGIN: [&str; 2] = ["source", "basis"];
