//! Reading a large text piece by piece: the parser takes some twenty times the text in memory.
//!
//! A piece begins at a line that opens a table of at most two names, or stands in the middle of a section such as
//! `[links]`. Where that cannot be told from reading the text at once, as an entry seems to go on in another piece or
//! anything is wrong, the text is read at once, so that each fault is found and told as in a small file.

use super::table::{Table, Words};
use super::tree::{Entry, Node, Place, Value, convert_table, place};
use std::collections::HashSet;
use std::ops::Range;
use toml::de::DeTable;

/// Length from which a piece can end [bytes].
const PIECE: usize = 1 << 20;

/// What is wrong, and where.
pub(super) type Fault = (Place, String);

/// The tree of a text, and what keeps it from being TOML.
pub(super) fn read(text: &str, source: u32) -> (Node, Vec<Fault>) {
    match in_pieces(text, source, PIECE) {
        Some(root) => (root, Vec::new()),
        None => at_once(text, source),
    }
}

fn at_once(text: &str, source: u32) -> (Node, Vec<Fault>) {
    let (tree, errors) = DeTable::parse_recoverable(text);
    let root = convert_table(tree.get_ref(), (source, 0), tree.span().start, 0, &mut Words::default());
    let faults =
        errors.iter().map(|e| (place(source, e.span().map_or(0, |s| s.start)), e.message().to_owned()));
    (root, faults.collect())
}

/// The tree of a text that is read in pieces; `None` where it has to be read at once.
fn in_pieces(text: &str, source: u32, least: usize) -> Option<Node> {
    if text.len() < least {
        return None;
    }
    let pieces = split(text, least)?;
    let mut root = Table::default();
    let mut words = Words::default();
    // What stands before the first header cannot be added to by one.
    let mut closed = HashSet::new();
    for (number, piece) in pieces.into_iter().enumerate() {
        let start = piece.range.start;
        let (tree, errors) = DeTable::parse_recoverable(text.get(piece.range)?);
        if !errors.is_empty() {
            return None;
        }
        let node =
            convert_table(tree.get_ref(), (source, start), 0, u8::from(piece.section.is_some()), &mut words);
        let Value::Table(read) = node.value else { return None };
        if let Some(section) = piece.section {
            add(&mut root.get_mut(section)?.node, read)?;
            continue;
        }
        for (key, entry) in read {
            if number == 0 {
                closed.insert(key.clone());
            } else if closed.contains(&key) {
                return None;
            }
            match root.get_mut(&key) {
                None => {
                    root.insert(key, entry);
                }
                Some(old) => {
                    let Value::Table(more) = entry.node.value else { return None };
                    add(&mut old.node, more)?;
                }
            }
        }
    }
    Some(Node { value: Value::Table(root), at: place(source, 0) })
}

/// Adds entries to a section; `None` where it has one of them already.
fn add(section: &mut Node, more: Table) -> Option<()> {
    let Value::Table(table) = &mut section.value else { return None };
    for (key, entry) in more {
        let taken: Option<Entry> = table.insert(key, entry);
        if taken.is_some() {
            return None;
        }
    }
    Some(())
}

struct Piece<'t> {
    range: Range<usize>,
    /// The section in whose middle it begins.
    section: Option<&'t str>,
}

/// Cuts a text before lines; `None` where a section is opened again. A cut within an array, a table or a text that
/// goes over several lines leaves that without an end, which is found when the piece is read.
fn split(text: &str, least: usize) -> Option<Vec<Piece<'_>>> {
    let mut pieces = Vec::new();
    let mut opened = HashSet::new();
    let (mut start, mut at) = (0, 0);
    // Section in whose middle the piece begins, and section whose entries are being read.
    let (mut begun, mut section) = (None, None);
    let (mut before_headers, mut last) = (true, "");
    for line in text.split_inclusive('\n') {
        let words = line.trim_start_matches([' ', '\t']);
        let long = at - start >= least;
        if words.starts_with('[') {
            let names = header(words);
            // What goes on in the middle of a section goes on for no other.
            if before_headers || begun.is_some() || (long && names.is_some()) {
                pieces.push(Piece { range: start..at, section: begun });
                (start, begun) = (at, None);
            }
            (before_headers, section, last) = (false, None, "");
            if let Some((first, alone)) = names {
                if alone && opened.contains(first) {
                    return None;
                }
                opened.insert(first);
                section = alone.then_some(first);
            }
        } else if section.is_some() {
            // The parts of an entry that is written with dots stand together.
            let key = first_key(words);
            if long && key != last {
                pieces.push(Piece { range: start..at, section: begun });
                (start, begun) = (at, section);
            }
            last = key;
        }
        at += line.len();
    }
    pieces.push(Piece { range: start..at, section: begun });
    Some(pieces)
}

/// The first name of a header, and whether it is the only one; `None` for headers of more than two names, of arrays,
/// and for what is no header.
fn header(line: &str) -> Option<(&str, bool)> {
    let inner = line.strip_prefix('[')?;
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let (first, rest) = inner.split_at(inner.find(|c| !bare(c))?);
    if first.is_empty() {
        return None;
    }
    let Some(second) = rest.strip_prefix('.') else { return rest.starts_with(']').then_some((first, true)) };
    let end = match second.strip_prefix('"') {
        Some(quoted) => 2 + quoted.find(['"', '\\'])?,
        None => second.find(|c| !bare(c))?,
    };
    second.get(end..)?.starts_with(']').then_some((first, false))
}

/// The first key of a line of `key.key = value`.
fn first_key(line: &str) -> &str {
    let end = match line.strip_prefix('"') {
        Some(quoted) => quoted.find('"').map(|end| end + 2),
        None => line.find(['.', '=', ' ', '\t']),
    };
    end.and_then(|end| line.get(..end)).unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Read in pieces of any length, a text gives the same tree as read at once, or is left to that.
    fn agrees(text: &str) -> usize {
        let (whole, faults) = at_once(text, 3);
        let lengths = [1, 2, 7, 30, 100, 1_000, 10_000];
        let read = lengths.map(|least| in_pieces(text, 3, least));
        for root in read.iter().flatten() {
            assert!(faults.is_empty(), "{faults:?} in\n{text}");
            assert_eq!(*root, whole, "{text}");
        }
        read.iter().flatten().count()
    }

    #[test]
    fn scenarios_read_in_pieces_are_the_same() {
        let mut cut = 0;
        for file in std::fs::read_dir("scenarios").unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|e| e == "toml") {
                cut += agrees(&std::fs::read_to_string(path).unwrap());
            }
        }
        assert!(cut > 20, "{cut}");
    }

    #[test]
    fn what_cannot_be_cut_is_read_at_once() {
        let cut = [
            "title = 1\n[a]\nx = { p = 1 }\ny.p = 1\ny.q = 2\n\"z.z\" = 3\n[b.c]\nd = 1\n[b.\"e.f\"]\nd = 2\n[b.c.g]\nh = 1\n",
            "[b.c]\nd = 1\n[b.e]\nd = 2\n# end",
            "\u{feff}[a]\nx = 1\r\ny = 2\r\n\r\n[b]\nx = [\n[1, 2],\n[3]\n]\n",
        ];
        for text in cut {
            assert!(agrees(text) > 0, "{text}");
        }
        let same = [
            "a = { x = 1 }\n[a.b]\nc = 1\n",
            "[a]\nx = 1\n[b]\ny = 1\n[a]\nz = 1\n",
            "[a.b]\nx = 1\n[c]\ny = 1\n[a]\nz = 1\n",
            "[a.b]\nx = 1\n[c]\ny = 1\n[a.b.d]\nz = 1\n",
            "[a]\nb.x = 1\nc.x = 1\nb.y = 2\n",
            "[a]\nb.x = 1\n[c]\n[a.b]\ny = 2\n",
            "[a]\nx = 1\nx = 2\n",
            "[a]\ny = 1\nx = '''\n[b]\n'''\nz = \"\"\"\nz = 1\n\"\"\"\n",
            "[[a]]\nx = 1\n[[a]]\nx = 2\n[b]\nx = 1\n",
            "[[a.b]]\nx = 1\n[[a.b]]\nx = 2\n[a.b.c]\n",
            "[a]\nx = 1 y = 2\n[b]\nx =\n",
            "[ a ]\nx = 1\n[\"a\"]\ny = 1\n['a'.b]\n",
            "[a]\nx = {\n y = 1,\n z = 2,\n}\n[a.x]\n",
            "[a.b]\n[a.b]\n[a]\nb = 1\n",
            "x = 1\n[x]\ny = 1\n[x.z]\n",
            "[a\nx = 1\n[b.]\n[.c]\n[d]]\n",
        ];
        for text in same {
            agrees(text);
        }
    }
}
