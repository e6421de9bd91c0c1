//! Numbers as they are written: to the bit, whatever the format.

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

const SIZE: usize = size_of::<f64>();

/// Numbers that are written as bytes, least significant first; for people, as hexadecimal bits in one word, since formats for
/// people know no infinity.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Floats<'a>(pub(super) Cow<'a, [f64]>);

impl Serialize for Floats<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let values = self.0.as_ref();
        if serializer.is_human_readable() {
            let digits = |x: &f64| format!("{:016x}", x.to_bits());
            return serializer.serialize_str(&values.iter().map(digits).collect::<String>());
        }
        if cfg!(target_endian = "little") {
            return serializer.serialize_bytes(pulp::bytemuck::cast_slice(values));
        }
        serializer.serialize_bytes(&values.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>())
    }
}

impl<'de> Deserialize<'de> for Floats<'_> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let values = match deserializer.is_human_readable() {
            true => deserializer.deserialize_str(Numbers),
            false => deserializer.deserialize_bytes(Numbers),
        };
        values.map(|values| Floats(Cow::Owned(values)))
    }
}

struct Numbers;

impl<'de> Visitor<'de> for Numbers {
    type Value = Vec<f64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("numbers of eight bytes each")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Vec<f64>, E> {
        match bytes.as_chunks::<SIZE>() {
            (numbers, []) => Ok(numbers.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect()),
            _ => Err(E::invalid_length(bytes.len(), &self)),
        }
    }

    fn visit_str<E: Error>(self, digits: &str) -> Result<Vec<f64>, E> {
        let (numbers, rest) = digits.as_bytes().as_chunks::<{ 2 * SIZE }>();
        let number = |digits: &[u8; 2 * SIZE]| {
            let bits = std::str::from_utf8(digits).ok().and_then(|bits| u64::from_str_radix(bits, 16).ok());
            bits.map(f64::from_bits)
        };
        let numbers: Option<Vec<f64>> = numbers.iter().map(number).collect();
        numbers.filter(|_| rest.is_empty()).ok_or_else(|| E::invalid_length(digits.len(), &self))
    }

    /// Some formats have no bytes and write a list of them.
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<f64>, A::Error> {
        let mut bytes = Vec::new();
        while let Some(byte) = list.next_element::<u8>()? {
            bytes.push(byte);
        }
        self.visit_bytes(&bytes)
    }
}
