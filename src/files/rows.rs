//! CSV files, row by row.

use csv::ByteRecord;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

/// A comma- or tab-separated file.
pub(super) struct Rows {
    reader: csv::Reader<BufReader<File>>,
    /// The row read last.
    pub(super) row: ByteRecord,
    /// Its line, counted from 1; 0 before the first.
    pub(super) line: usize,
}

impl Rows {
    /// Opens a file.
    pub(super) fn open(file: &Path) -> io::Result<Self> {
        if !std::fs::metadata(file)?.is_file() {
            return Err(io::Error::other("not a regular file"));
        }
        let mut opened = BufReader::with_capacity(1 << 18, File::open(file)?);
        let head = opened.fill_buf()?.split(|b| *b == b'\n').next().unwrap_or_default();
        let delimiter = if head.contains(&b'\t') { b'\t' } else { b',' };
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(opened);
        Ok(Rows { reader, row: ByteRecord::new(), line: 0 })
    }

    /// Reads the next row that is not empty into `row`; `false` at the end.
    pub(super) fn next(&mut self) -> Result<bool, csv::Error> {
        while self.reader.read_byte_record(&mut self.row)? {
            // A byte order mark is no character anybody sees.
            if self.line == 0
                && let Some(rest) = self.row.get(0).and_then(|f| f.strip_prefix(b"\xef\xbb\xbf"))
            {
                let fields: Vec<Vec<u8>> =
                    std::iter::once(rest).chain(self.row.iter().skip(1)).map(<[u8]>::to_vec).collect();
                self.row = ByteRecord::from(fields);
            }
            self.line = self.row.position().map_or(self.line.max(1), |p| p.line() as usize);
            if self.row.iter().any(|f| !f.trim_ascii().is_empty()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The text of a cell of the row.
    pub(super) fn text(&self, k: usize) -> String {
        String::from_utf8_lossy(self.row.get(k).unwrap_or_default().trim_ascii()).into_owned()
    }
}
