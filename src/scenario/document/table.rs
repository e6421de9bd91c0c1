//! Tables of a tree: small ones take little room, as there can be millions, and large ones are quick to look up.

use super::tree::Entry;
use indexmap::IndexMap;
use std::collections::HashSet;
use std::rc::Rc;

/// Most entries that are looked through one after another.
const FEW: usize = 12;
/// Longest word that is kept once for all places it stands at [bytes], and most such words.
const WORD_LIMIT: (usize, usize) = (32, 1 << 12);

/// Entries by key, in the order of the file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Table(Entries);

#[derive(Debug, Clone, PartialEq)]
enum Entries {
    Few(Vec<(Rc<str>, Entry)>),
    Many(Box<IndexMap<Rc<str>, Entry>>),
}

impl Default for Table {
    fn default() -> Self {
        Table::with_capacity(0)
    }
}

impl Table {
    pub(crate) fn with_capacity(count: usize) -> Self {
        Table(if count <= FEW {
            Entries::Few(Vec::with_capacity(count))
        } else {
            Entries::Many(Box::new(IndexMap::with_capacity(count)))
        })
    }

    pub(crate) fn len(&self) -> usize {
        match &self.0 {
            Entries::Few(list) => list.len(),
            Entries::Many(map) => map.len(),
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Entry> {
        match &self.0 {
            Entries::Few(list) => list.iter().find(|(k, _)| k.as_ref() == key).map(|(_, entry)| entry),
            Entries::Many(map) => map.get(key),
        }
    }

    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut Entry> {
        match &mut self.0 {
            Entries::Few(list) => list.iter_mut().find(|(k, _)| k.as_ref() == key).map(|(_, entry)| entry),
            Entries::Many(map) => map.get_mut(key),
        }
    }

    pub(crate) fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Puts an entry at its key, or at the end, and gives what stood there.
    pub(crate) fn insert(&mut self, key: Rc<str>, entry: Entry) -> Option<Entry> {
        match &mut self.0 {
            Entries::Few(list) => {
                if let Some((_, old)) = list.iter_mut().find(|(k, _)| *k == key) {
                    return Some(std::mem::replace(old, entry));
                }
                if list.len() < FEW {
                    list.push((key, entry));
                } else {
                    let all = std::mem::take(list).into_iter().chain([(key, entry)]);
                    self.0 = Entries::Many(Box::new(all.collect()));
                }
                None
            }
            Entries::Many(map) => map.insert(key, entry),
        }
    }

    /// Takes an entry out; the others keep their order.
    pub(crate) fn remove(&mut self, key: &str) -> Option<Entry> {
        match &mut self.0 {
            Entries::Few(list) => {
                let place = list.iter().position(|(k, _)| k.as_ref() == key)?;
                Some(list.remove(place).1)
            }
            Entries::Many(map) => map.shift_remove(key),
        }
    }

    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&str) -> bool) {
        match &mut self.0 {
            Entries::Few(list) => list.retain(|(key, _)| keep(key)),
            Entries::Many(map) => map.retain(|key, _| keep(key)),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Entry)> {
        let (few, many) = match &self.0 {
            Entries::Few(list) => (Some(list), None),
            Entries::Many(map) => (None, Some(map)),
        };
        let few = few.into_iter().flatten().map(|(key, entry)| (key.as_ref(), entry));
        few.chain(many.into_iter().flat_map(|map| map.iter()).map(|(key, entry)| (key.as_ref(), entry)))
    }

    pub(crate) fn keys(&self) -> Vec<&str> {
        self.iter().map(|(key, _)| key).collect()
    }
}

impl IntoIterator for Table {
    type Item = (Rc<str>, Entry);
    type IntoIter = Box<dyn Iterator<Item = Self::Item>>;

    fn into_iter(self) -> Self::IntoIter {
        match self.0 {
            Entries::Few(list) => Box::new(list.into_iter()),
            Entries::Many(map) => Box::new(map.into_iter()),
        }
    }
}

/// Words that stand at many places, such as keys and countries.
#[derive(Debug, Default)]
pub(super) struct Words(HashSet<Rc<str>>);

impl Words {
    pub(super) fn of(&mut self, word: &str) -> Rc<str> {
        if let Some(known) = self.0.get(word) {
            return Rc::clone(known);
        }
        let new: Rc<str> = word.into();
        if word.len() <= WORD_LIMIT.0 && self.0.len() < WORD_LIMIT.1 {
            self.0.insert(Rc::clone(&new));
        }
        new
    }
}
