//! Files laid over others: what changes, what is removed, and where it says its figures come from.

use crate::scenario::{
    DocumentFault, Gone, Kind, Node, ORIGIN, Place, Read, Shape, Stated, Suggestions, Table, Tables, Value,
    leads_to, suggest,
};

/// The key under which a section names the file that holds its entries.
pub(super) const KEY: &str = "table";

/// Something doubtful about an entry, with its path and its place.
pub(super) type Note = (Vec<String>, Place, DocumentFault);

/// Lays one tree over another, as the tables declare it. What the upper one changes bears its layer; what it states of
/// the origin of figures holds for its own.
pub(super) fn merge(
    below: Node,
    above: Node,
    shape: Shape,
    path: &mut Vec<String>,
    notes: &mut Vec<Note>,
) -> Node {
    let (mut base, over) = match (below.value, above.value, shape) {
        (Value::Table(base), Value::Table(over), Shape::Fields(_) | Shape::Ids(_)) => (base, over),
        (_, value, _) => return Node { value, at: above.at },
    };
    let says_origin = |key: &str| matches!(shape, Shape::Fields(_)) && ORIGIN.contains(&key);
    if !over.entries.is_empty() && over.entries.keys().all(|key| says_origin(key)) {
        notes.push((path.clone(), above.at, DocumentFault::OriginOfNothing));
    }
    let mut stated = Stated { by: over.begun, source: None, basis: None };
    for (key, mut entry) in over.entries {
        if says_origin(&key) {
            let place = if key == ORIGIN[0] { &mut stated.source } else { &mut stated.basis };
            *place = Some(entry);
            continue;
        }
        let part = shape.below(&key);
        // A field that stands there under another key gives way.
        let same =
            |other: &String| *other != key && part.field.is_some() && shape.below(other).field == part.field;
        if let Some(other) = base.entries.keys().find(|k| same(k)).cloned() {
            base.entries.shift_remove(&other);
            entry.replaced = true;
        }
        match base.entries.get_mut(&key) {
            Some(old) => {
                let merges =
                    matches!((&old.node.value, &entry.node.value), (Value::Table(_), Value::Table(_)))
                        && !matches!(part.shape, Shape::Whole);
                entry.replaced = if merges { old.replaced } else { true };
                path.push(key);
                let old_node = std::mem::replace(&mut old.node, Node::new(Value::Bool(false)));
                entry.node = merge(old_node, entry.node, part.shape, path, notes);
                path.pop();
                *old = entry;
            }
            None => {
                base.entries.insert(key, entry);
            }
        }
    }
    if stated.source.is_some() || stated.basis.is_some() {
        base.over.push(stated);
    }
    Node { value: Value::Table(base), at: above.at }
}

/// Removes `kind:id` from the tree; a site, a reserve or a commodity takes its links along.
pub(super) fn remove_one(
    root: &mut Table,
    item: &str,
    at: Place,
    suggestions: &Suggestions,
) -> Result<(), DocumentFault> {
    let Some((kind, id)) = item.split_once(':') else {
        return Err(DocumentFault::NoKind { item: item.to_owned() });
    };
    let Some(chain) = find(Tables::KINDS, kind) else {
        let mut known = Vec::new();
        nouns(Tables::KINDS, &mut known);
        return Err(DocumentFault::UnknownKind { kind: kind.to_owned(), suggestion: suggest(kind, known) });
    };
    let mut ids: Vec<&str> = id.rsplitn(chain.len(), '/').collect();
    ids.reverse();
    let noun = chain[chain.len() - 1].noun;
    if ids.len() < chain.len() {
        let form = format!("{noun}:{}", chain.iter().map(|k| k.noun).collect::<Vec<_>>().join("/"));
        return Err(DocumentFault::NoNamedEntry { item: item.to_owned(), kind: noun, form });
    }
    let nothing = |suggestion| DocumentFault::NothingToRemove { kind: noun, id: id.to_owned(), suggestion };
    let mut table = Some(&mut *root);
    for (k, (level, key)) in chain.iter().zip(&ids).enumerate() {
        let section = table.and_then(|t| child(t, level.field));
        if k + 1 < chain.len() {
            table = section.and_then(|s| child(s, key));
            continue;
        }
        let Some(section) = section else { return Err(nothing(None)) };
        let there = section.entries.shift_remove(*key).is_some();
        if k == 0 && section.get(KEY).is_some_and(|entry| matches!(entry.node.value, Value::Text(_))) {
            let (section_name, id) = (level.field.to_owned(), id.to_owned());
            section.gone.push(Gone { section: section_name, id, at, alone: !there });
        } else if !there {
            let near = suggestions.suggest(key, || section.entries.keys().map(String::as_str));
            return Err(nothing(near.filter(|_| k == 0)));
        }
        break;
    }
    if let ([kind], Some(links)) = (chain.as_slice(), child(root, "links")) {
        links.entries.retain(|link, _| !leads_to(link, kind.field, id));
        if kind.field != "links" {
            let (section, id) = (kind.field.to_owned(), id.to_owned());
            links.gone.push(Gone { section, id, at, alone: false });
        }
    }
    Ok(())
}

/// The kinds from the outermost down to that of this noun.
fn find(kinds: &'static [Kind], noun: &str) -> Option<Vec<&'static Kind>> {
    if let Some(kind) = kinds.iter().find(|kind| kind.noun == noun) {
        return Some(vec![kind]);
    }
    kinds.iter().find_map(|kind| {
        let mut chain = find(kind.below, noun)?;
        chain.insert(0, kind);
        Some(chain)
    })
}

/// The nouns of all kinds.
pub(super) fn nouns(kinds: &'static [Kind], all: &mut Vec<&'static str>) {
    all.extend(kinds.iter().map(|kind| kind.noun));
    kinds.iter().for_each(|kind| nouns(kind.below, all));
}

/// The table at a key.
pub(super) fn child<'a>(table: &'a mut Table, key: &str) -> Option<&'a mut Table> {
    match &mut table.entries.get_mut(key)?.node.value {
        Value::Table(table) => Some(table),
        _ => None,
    }
}
