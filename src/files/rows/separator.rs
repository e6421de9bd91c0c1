//! What separates the cells of a file.

use super::reader;
use super::text::{Text, Unread};
use crate::scenario::TextFault;
use csv::ByteRecord;
use std::io::Read;

const SEPARATORS: [u8; 3] = [b'\t', b';', b','];
/// Rows that are looked at.
const ROWS: usize = 40;
/// Bytes that are looked at, at most.
const BYTES: usize = 8 << 20;

/// The separator that divides the first row, and most of the next into as many cells.
pub(super) fn of(text: &mut Text) -> Result<u8, Unread> {
    text.rewind()?;
    let (head, whole) = head(text)?;
    let candidates = SEPARATORS.iter().filter_map(|&separator| {
        let mut widths = widths(&head, separator);
        // The last row may not have been read to its end.
        if !whole && widths.len() > 1 {
            widths.pop();
        }
        let first = *widths.first().filter(|width| **width > 1)?;
        let alike = widths.iter().filter(|width| **width == first).count();
        Some((separator, alike, first, widths.len()))
    });
    let candidates: Vec<_> = candidates.collect();
    let Some(best) = candidates.iter().max_by_key(|(_, alike, first, _)| (*alike, *first)) else {
        return Ok(b',');
    };
    let (separator, alike, _, rows) = *best;
    // Both divide all rows: nothing tells which is meant.
    let other = candidates.iter().find(|(other, as_many, _, of)| {
        *other != separator && rows > 1 && alike == rows && as_many == of && *of == rows
    });
    match other {
        Some((other, ..)) => {
            let (one, other) = (char::from(separator), char::from(*other));
            Err(TextFault::Separators { one, other }.into())
        }
        None => Ok(separator),
    }
}

/// The first rows of a text, and whether it has no more.
fn head(text: &mut Text) -> Result<(Vec<u8>, bool), Unread> {
    let (mut head, mut lines) = (Vec::new(), 0);
    loop {
        let before = head.len();
        let mut piece = Read::by_ref(text).take(1 << 16);
        piece.read_to_end(&mut head)?;
        lines += head.iter().skip(before).filter(|b| **b == b'\n').count();
        if head.len() == before {
            return Ok((head, true));
        }
        if lines > ROWS || head.len() >= BYTES {
            return Ok((head, false));
        }
    }
}

/// The numbers of cells of the rows that are not empty.
fn widths(head: &[u8], separator: u8) -> Vec<usize> {
    let mut reader = reader(head, separator);
    let (mut row, mut widths) = (ByteRecord::new(), Vec::new());
    while matches!(reader.read_byte_record(&mut row), Ok(true)) && widths.len() <= ROWS {
        if row.iter().any(|f| !f.trim_ascii().is_empty()) {
            widths.push(row.len());
        }
    }
    widths
}
