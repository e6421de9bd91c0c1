//! A hash of everything in a network that can move a result.

use super::Network;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::fmt;
use std::io::BufWriter;
use std::str::FromStr;

/// SHA-256 over a network, the same on every machine; in text, 64 hexadecimal digits.
///
/// Two models with one fingerprint give the same bits from the same seed and version of the crate. It is of all numbers to
/// the bit, of ids, and of names that draws are keyed by, but not of titles and names in tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Its first 16 digits, which tell it from any other by sight.
    pub(crate) fn short(self) -> String {
        self.to_string().chars().take(16).collect()
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// This is no fingerprint: it does not have 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint has 64 hexadecimal digits")]
pub struct NoFingerprint;

impl FromStr for Fingerprint {
    type Err = NoFingerprint;

    fn from_str(text: &str) -> Result<Self, NoFingerprint> {
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let mut bytes = [0; 32];
        if pairs.len() != bytes.len() || !rest.is_empty() {
            return Err(NoFingerprint);
        }
        for (byte, pair) in bytes.iter_mut().zip(pairs) {
            let digits = pair.map(|digit| char::from(digit).to_digit(16));
            let [Some(high), Some(low)] = digits else { return Err(NoFingerprint) };
            *byte = (16 * high + low) as u8;
        }
        Ok(Fingerprint(bytes))
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl Network {
    /// The fingerprint of everything in the network that can move a result, worked out when it is first asked for.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        *self.fingerprint.get_or_init(|| {
            let written = postcard::to_io(self, BufWriter::with_capacity(1 << 16, Sha256::new()));
            let hash = written.ok().and_then(|written| written.into_inner().ok());
            // A hash takes whatever is written into it.
            debug_assert!(hash.is_some());
            Fingerprint(hash.unwrap_or_default().finalize().into())
        })
    }
}
