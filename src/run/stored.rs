//! Outcomes as bytes.
//!
//! ```text
//! magic           8 bytes, "supshock"
//! format          2 bytes, least significant first
//! version         1 byte of length, and the version of the crate that wrote it
//! length          8 bytes, least significant first
//! outcome         so many bytes, in the format of postcard
//! checksum        32 bytes, SHA-256 over all before it
//! ```
//!
//! The head is the same in every format, so that a reader can tell which one it has before it. Whatever changes the bytes
//! of an outcome needs another number of the format.

use super::error::StoredError;
use super::outcome::{Outcome, Record, Trials};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::io::{BufWriter, Read, Write};

const MAGIC: [u8; 8] = *b"supshock";
/// Number of the format that is written and read.
const FORMAT: u16 = 3;
const CHECKSUM: usize = 32;

impl Record {
    /// Finds whether its parts fit each other, so that nothing that is asked of it can be out of place.
    fn check(&mut self) -> Result<(), &'static str> {
        let wrong = |holds: bool, what: &'static str| if holds { Ok(()) } else { Err(what) };
        wrong(self.labels.are_sound(), "names refer to places that are not there")?;
        let (done, asked) = (&self.done, &self.asked);
        // Only ranges that are sound can be counted.
        let sound = done.are_sound() && asked.are_sound();
        let all_asked = sound && done.without(asked).trials() == 0;
        let trials = if sound { done.trials() } else { 0 };
        wrong(all_asked && trials > 0, "its trials are none")?;
        match &self.trials {
            Trials::Kept(tables) => {
                wrong(
                    tables.have(trials, &self.labels.widths()),
                    "losses by trial are not those of its trials",
                )?;
            }
            Trials::Condensed(condensed) => {
                wrong(condensed.fits(&self.labels, trials), "condensed losses are not those of its trials")?;
            }
        }
        wrong(self.totals.fit(&self.labels, trials), "totals are not those of its trials")?;
        let (labels, courses) = (&self.labels, &self.courses);
        let of_trials = courses.trials.iter().all(|trial| done.contains(*trial));
        let (_, steps, parties) = courses.losses.dim();
        let in_order = courses.trials.is_sorted_by(|a, b| a < b);
        let shaped = (steps, parties) == (labels.steps(), labels.parties().len());
        wrong(of_trials && in_order && shaped, "paths of trials are not those of its trials")?;
        self.labels.name_subjects();
        Ok(())
    }
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.record.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Outcome {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut record = Record::deserialize(deserializer)?;
        record.check().map_err(D::Error::custom)?;
        Ok(Outcome::new(record, None))
    }
}

impl Outcome {
    /// Writes the outcome in a compact form with a checksum, for [`Outcome::from_reader`]: to the same bits, on any machine.
    ///
    /// ```
    /// # fn main() -> Result<(), supplyshock::Error> {
    /// # let model = supplyshock::Scenario::load("scenarios/japan_full_cut.toml")?.compile()?;
    /// use supplyshock::{Ensemble, Outcome};
    /// let part = |range| Ensemble::new(&model).range(range).seed(7).run();
    /// let mut bytes = Vec::new();
    /// part(0..40)?.to_writer(&mut bytes)?;
    /// // In another process, which ran the rest:
    /// let whole = Outcome::from_reader(bytes.as_slice())?.merge(part(40..100)?)?;
    /// assert_eq!(whole.digest(), part(0..100)?.digest());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`StoredError::Io`] when it cannot be written.
    pub fn to_writer(&self, writer: impl Write) -> Result<(), StoredError> {
        let version = self.version().as_bytes();
        let version = &version[..version.len().min(usize::from(u8::MAX))];
        let length = postcard::experimental::serialized_size(&self.record).map_err(encoding)?;
        let mut out = Hashing { inner: BufWriter::with_capacity(1 << 16, writer), hash: Sha256::new() };
        out.write_all(&MAGIC)?;
        out.write_all(&FORMAT.to_le_bytes())?;
        out.write_all(&[version.len() as u8])?;
        out.write_all(version)?;
        out.write_all(&(length as u64).to_le_bytes())?;
        let Hashing { mut inner, hash } = postcard::to_io(&self.record, out).map_err(encoding)?;
        inner.write_all(&hash.finalize())?;
        Ok(inner.flush()?)
    }

    /// Reads an outcome that [`Outcome::to_writer`] wrote, and no byte behind it.
    ///
    /// # Errors
    /// [`StoredError`] with the reason when it is no whole, unchanged outcome of the format of this version.
    pub fn from_reader(mut reader: impl Read) -> Result<Self, StoredError> {
        let mut hash = Sha256::new();
        let mut take = |length: u64| -> Result<Vec<u8>, StoredError> {
            let mut bytes = Vec::new();
            // Memory is taken as bytes come, and not for what a head announces.
            (&mut reader).take(length).read_to_end(&mut bytes)?;
            if (bytes.len() as u64) < length {
                return Err(StoredError::Truncated { expected: length, found: bytes.len() as u64 });
            }
            Ok(bytes)
        };
        let head = take(MAGIC.len() as u64).map_err(|error| match error {
            StoredError::Truncated { .. } => StoredError::NotAnOutcome,
            other => other,
        })?;
        if head != MAGIC {
            return Err(StoredError::NotAnOutcome);
        }
        let format = take(2)?;
        let length = take(1)?;
        let version = take(length.first().map_or(0, |length| u64::from(*length)))?;
        let found = format.as_slice().try_into().map_or(0, u16::from_le_bytes);
        if found != FORMAT {
            let version = String::from_utf8_lossy(&version).into_owned();
            return Err(StoredError::Format { found, supported: FORMAT, version });
        }
        let size = take(8)?;
        let record = take(size.as_slice().try_into().map_or(0, u64::from_le_bytes))?;
        let checksum = take(CHECKSUM as u64)?;
        for part in [&head, &format, &length, &version, &size, &record] {
            hash.update(part);
        }
        if hash.finalize().as_slice() != checksum {
            return Err(StoredError::Checksum);
        }
        match postcard::take_from_bytes::<Outcome>(&record) {
            Ok((outcome, [])) => Ok(outcome),
            Ok(_) => Err(StoredError::Inconsistent { what: "there are bytes behind it".to_owned() }),
            // The format has no words of its own for what does not fit.
            Err(fault) => {
                Err(StoredError::Inconsistent { what: reason(&record).unwrap_or_else(|| fault.to_string()) })
            }
        }
    }
}

/// What does not fit, where all parts can be read one by one.
fn reason(bytes: &[u8]) -> Option<String> {
    let mut record = postcard::from_bytes::<Record>(bytes).ok()?;
    record.check().err().map(str::to_owned)
}

fn encoding(fault: postcard::Error) -> StoredError {
    StoredError::Io(std::io::Error::other(fault))
}

/// A writer that hashes what it is given.
struct Hashing<W> {
    inner: W,
    hash: Sha256,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}
