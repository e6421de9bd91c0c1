//! The text of a file: its kind and its encoding.

use crate::files::access::Access;
use crate::scenario::{InputRole, TextFault};
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8};
use std::fmt;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::Path;

/// Bytes that are looked at in one piece.
const PIECE: usize = 1 << 18;

/// Where text is read from, again and again.
pub(super) trait Source: Read + Seek {}
impl<T: Read + Seek> Source for T {}

/// Text in UTF-8.
pub(super) struct Text {
    source: Box<dyn Source>,
    /// Where the text begins, behind a byte order mark.
    start: u64,
    /// The encoding that its bytes were taken for, where they are not UTF-8 and nothing marks them.
    pub(super) taken_for: Option<&'static str>,
    /// A comma stands between two digits somewhere.
    pub(super) digits_with_comma: bool,
    /// A cell in quotation marks begins as a number somewhere.
    pub(super) quoted_digits: bool,
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Text")
            .field("start", &self.start)
            .field("taken_for", &self.taken_for)
            .finish_non_exhaustive()
    }
}

/// Why there is no text.
#[derive(Debug)]
pub(crate) enum Unread {
    Io(io::Error),
    Fault(TextFault),
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Self {
        Unread::Io(error)
    }
}

impl From<csv::Error> for Unread {
    fn from(error: csv::Error) -> Self {
        Unread::Io(error.into())
    }
}

impl From<TextFault> for Unread {
    fn from(fault: TextFault) -> Self {
        Unread::Fault(fault)
    }
}

/// Kinds of files that are no text, by their first bytes.
const KINDS: [(&[u8], &str); 4] = [
    (b"PK\x03\x04", "a zip archive or an Excel workbook"),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"PAR1", "a Parquet file, which the feature `parquet` reads for tables"),
];

impl Text {
    /// Opens a file. One that is not UTF-8 is decoded whole.
    pub(super) fn open(file: &Path, access: &Access) -> Result<Self, Unread> {
        let mut opened = access.open(file, InputRole::Table).map_err(io::Error::from)?;
        let mut first = Vec::with_capacity(4);
        opened.by_ref().take(4).read_to_end(&mut first)?;
        if let Some((_, kind)) = KINDS.iter().find(|(magic, _)| first.starts_with(magic)) {
            return Err(TextFault::Kind { kind }.into());
        }
        let marked = Encoding::for_bom(&first);
        let start = marked.map_or(0, |(_, length)| length as u64);
        if marked.is_none_or(|(encoding, _)| encoding == UTF_8) {
            opened.seek(SeekFrom::Start(start))?;
            let (utf8, seen) = Seen::of(&mut opened)?;
            if utf8 {
                return Text::new(Box::new(BufReader::with_capacity(PIECE, opened)), start, None, seen);
            }
            if marked.is_some() {
                return Err(TextFault::Encoding { encoding: UTF_8.name() }.into());
            }
        }
        opened.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        opened.read_to_end(&mut bytes)?;
        let encoding = match marked {
            Some((encoding, _)) => encoding,
            None if bytes.contains(&0) => return Err(TextFault::ZeroBytes.into()),
            None => {
                let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
                detector.feed(&bytes, true);
                detector.guess(None, Utf8Detection::Deny)
            }
        };
        let text = encoding
            .decode_without_bom_handling_and_without_replacement(&bytes)
            .ok_or(TextFault::Encoding { encoding: encoding.name() })?
            .into_owned()
            .into_bytes();
        let (_, seen) = Seen::of(&mut text.as_slice())?;
        // A byte order mark leaves nothing to guess.
        let taken_for = marked.is_none().then(|| encoding.name());
        Text::new(Box::new(Cursor::new(text)), 0, taken_for, seen)
    }

    fn new(
        source: Box<dyn Source>,
        start: u64,
        taken_for: Option<&'static str>,
        seen: Seen,
    ) -> Result<Self, Unread> {
        if seen.zero {
            return Err(TextFault::ZeroBytes.into());
        }
        let Seen { digits_with_comma, quoted_digits, .. } = seen;
        let mut text = Text { source, start, taken_for, digits_with_comma, quoted_digits };
        text.rewind()?;
        Ok(text)
    }

    /// Goes back to its start.
    pub(super) fn rewind(&mut self) -> io::Result<()> {
        self.source.seek(SeekFrom::Start(self.start)).map(|_| ())
    }
}

impl Read for Text {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.source.read(buffer)
    }
}

/// The kind of a file, as far as its bytes show it without reading rows.
#[derive(Debug, Default)]
struct Seen {
    zero: bool,
    digits_with_comma: bool,
    quoted_digits: bool,
}

impl Seen {
    /// Looks at all bytes, as long as they are UTF-8; whether they are.
    fn of(bytes: &mut dyn Read) -> io::Result<(bool, Self)> {
        let mut seen = Seen::default();
        let mut buffer = vec![0; PIECE];
        let mut kept = 0;
        loop {
            let read = match bytes.read(buffer.get_mut(kept..).unwrap_or_default()) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            let piece = buffer.get(..kept + read).unwrap_or_default();
            let valid = match std::str::from_utf8(piece) {
                Ok(text) => text,
                Err(e) if e.error_len().is_none() && read > 0 => {
                    std::str::from_utf8(piece.get(..e.valid_up_to()).unwrap_or_default()).unwrap_or_default()
                }
                Err(_) => return Ok((false, seen)),
            };
            seen.look(valid.as_bytes());
            if read == 0 {
                return Ok((true, seen));
            }
            // A possible start of a pattern, or of a character, is looked at again.
            let again = valid.floor_char_boundary(valid.len().saturating_sub(2));
            let end = piece.len();
            buffer.copy_within(again..end, 0);
            kept = end - again;
        }
    }

    fn look(&mut self, bytes: &[u8]) {
        self.zero |= bytes.contains(&0);
        let between = |w: &[u8]| matches!(w, [a, b',', c] if a.is_ascii_digit() && c.is_ascii_digit());
        self.digits_with_comma = self.digits_with_comma || bytes.windows(3).any(between);
        let quoted = |w: &[u8]| matches!(w, [b'"', c] if c.is_ascii_digit() || b"+- ".contains(c));
        self.quoted_digits = self.quoted_digits || (bytes.contains(&b'"') && bytes.windows(2).any(quoted));
    }
}
