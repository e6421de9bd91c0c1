//! Outcomes as bytes.

use super::{Fate, api, asked};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;
use supplyshock::Outcome;

/// Bytes of what stands around an outcome: magic and format, the length of the version, the length of the outcome, and
/// the checksum.
const HEAD: usize = 10;
const LENGTH: usize = 8;
const CHECKSUM: usize = 32;

/// Bytes are refused, or are an outcome that answers whatever it is asked and is written as it was read. They are tried as a
/// file, and as the inside of one whose length and checksum are right, since few others would get past these.
pub fn outcome(bytes: &[u8]) -> Fate {
    let tried = [read(bytes), read(&sealed(bytes))];
    tried.into_iter().max().unwrap_or(Fate::Refused)
}

fn read(bytes: &[u8]) -> Fate {
    let Ok(outcome) = Outcome::from_reader(bytes) else { return Fate::Refused };
    asked::everything(&outcome);
    let mut written = Vec::new();
    outcome.to_writer(&mut written).expect("memory takes it");
    let again = Outcome::from_reader(written.as_slice()).unwrap_or_else(|e| panic!("{e}"));
    let mut twice = Vec::new();
    again.to_writer(&mut twice).expect("memory takes it");
    assert!(twice == written, "what is written is not what was read");
    Fate::Parsed
}

/// A file of the format of this version around the bytes of an outcome.
pub fn sealed(body: &[u8]) -> Vec<u8> {
    static WRITTEN: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let mut written = Vec::new();
        api::known().1.to_writer(&mut written).expect("memory takes it");
        written
    });
    let mut file = WRITTEN[..HEAD].to_vec();
    file.push(0);
    file.extend((body.len() as u64).to_le_bytes());
    file.extend(body);
    let checksum = Sha256::digest(&file);
    file.extend(checksum);
    file
}

/// The bytes of the outcome in a file.
pub fn body(file: &[u8]) -> &[u8] {
    let version = usize::from(file[HEAD]);
    &file[HEAD + 1 + version + LENGTH..file.len() - CHECKSUM]
}
