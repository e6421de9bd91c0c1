//! Files of rows: comma-, semicolon- or tab-separated, in whatever encoding, with numbers in whatever notation.

mod separator;
mod text;

pub(super) use text::Unread;

use super::access::Access;
use super::numbers::{Marks, Notation};
use csv::ByteRecord;
use std::borrow::Cow;
use std::collections::VecDeque;
use std::io::Read;
use std::path::Path;
use text::Text;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// A file of rows.
#[derive(Debug)]
pub(super) struct Rows {
    reader: csv::Reader<Text>,
    /// Rows that were looked at before they are read, with their lines.
    ahead: VecDeque<(usize, ByteRecord)>,
    /// The row read last.
    pub(super) row: ByteRecord,
    /// Its line, counted from 1; 0 before the first.
    pub(super) line: usize,
    /// How its numbers are written.
    pub(super) notation: Notation,
    /// The encoding that its bytes were taken for, where they are not UTF-8 and nothing marks them.
    pub(super) taken_for: Option<&'static str>,
}

impl Rows {
    /// Opens a file.
    pub(super) fn open(file: &Path, access: &Access) -> Result<Self, Unread> {
        let mut text = Text::open(file, access)?;
        let separator = separator::of(&mut text)?;
        let commas = if separator == b',' { text.quoted_digits } else { text.digits_with_comma };
        let notation = if commas { notation(&mut text, separator)? } else { Notation::default() };
        text.rewind()?;
        let taken_for = text.taken_for;
        let reader = reader(text, separator);
        Ok(Rows { reader, ahead: VecDeque::new(), row: ByteRecord::new(), line: 0, notation, taken_for })
    }

    /// Looks at up to so many of the next rows, with their lines.
    pub(super) fn peek(&mut self, rows: usize) -> Result<&VecDeque<(usize, ByteRecord)>, csv::Error> {
        while self.ahead.len() < rows {
            let Some(row) = self.read()? else { break };
            self.ahead.push_back(row);
        }
        Ok(&self.ahead)
    }

    /// Reads the next row that is not empty into `row`; `false` at the end.
    pub(super) fn next(&mut self) -> Result<bool, csv::Error> {
        let next = match self.ahead.pop_front() {
            Some(next) => Some(next),
            None => self.read()?,
        };
        let more = next.is_some();
        if let Some((line, row)) = next {
            (self.line, self.row) = (line, row);
        }
        Ok(more)
    }

    fn read(&mut self) -> Result<Option<(usize, ByteRecord)>, csv::Error> {
        let mut row = std::mem::take(&mut self.row);
        while self.reader.read_byte_record(&mut row)? {
            if row.iter().any(|f| !f.trim_ascii().is_empty()) {
                let line = row.position().map_or(self.line.max(1), |p| p.line() as usize);
                return Ok(Some((line, row)));
            }
        }
        Ok(None)
    }

    /// The text of a cell of the row.
    pub(super) fn text(&self, k: usize) -> String {
        cell(&self.row, k)
    }
}

/// The text of a cell, in the one form that Unicode has for what looks alike.
pub(super) fn cell(row: &ByteRecord, k: usize) -> String {
    let text = String::from_utf8_lossy(row.get(k).unwrap_or_default());
    composed(text.trim()).into_owned()
}

/// A text in the one form that Unicode has for what looks alike.
pub(super) fn composed(text: &str) -> Cow<'_, str> {
    if is_nfc(text) { Cow::Borrowed(text) } else { Cow::Owned(text.nfc().collect()) }
}

/// The number of cells of a row without empty ones at its end.
pub(super) fn width(row: &ByteRecord) -> usize {
    row.iter().rposition(|cell| !cell.trim_ascii().is_empty()).map_or(0, |last| last + 1)
}

fn reader<R: Read>(text: R, separator: u8) -> csv::Reader<R> {
    csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(text)
}

/// How the numbers behind the labels are written, from all of them.
fn notation(text: &mut Text, separator: u8) -> Result<Notation, Unread> {
    text.rewind()?;
    let mut reader = reader(text, separator);
    let (mut marks, mut row) = (Marks::default(), ByteRecord::new());
    let mut joined = None;
    while reader.read_byte_record(&mut row)? {
        let Some(joined) = joined else {
            joined = Some((0..row.len()).any(|k| cell(&row, k).contains('|')));
            continue;
        };
        // Two columns of labels, which may be codes with points in them, unless a label has both its parts.
        let first = cell(&row, 0);
        let number = first.starts_with(|c: char| c.is_ascii_digit() || "+-".contains(c));
        let labels = if joined || number || first.contains('|') || row.len() < 3 { 0 } else { 2 };
        for k in labels..row.len() {
            marks.see(&cell(&row, k));
        }
    }
    Ok(marks.notation()?)
}
