//! Numbers that formats for people do not all know: to the bit.

/// A float as its bits, as there may be no infinity.
pub(crate) mod bits {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(x: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        x.to_bits().to_le_bytes().serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        <[u8; 8]>::deserialize(deserializer).map(f64::from_le_bytes)
    }
}

/// A whole number of 128 bits, as its upper and its lower half.
pub(super) mod signed {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(in crate::stats) fn serialize<S: Serializer>(x: &i128, serializer: S) -> Result<S::Ok, S::Error> {
        ((x >> 64) as i64, *x as u64).serialize(serializer)
    }

    pub(in crate::stats) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<i128, D::Error> {
        let (upper, lower) = <(i64, u64)>::deserialize(deserializer)?;
        Ok((i128::from(upper) << 64) | i128::from(lower))
    }
}

/// The same without a sign.
pub(super) mod unsigned {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(in crate::stats) fn serialize<S: Serializer>(
        x: &[u128; 3],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        x.map(|x| ((x >> 64) as u64, x as u64)).serialize(serializer)
    }

    pub(in crate::stats) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<[u128; 3], D::Error> {
        let halves = <[(u64, u64); 3]>::deserialize(deserializer)?;
        Ok(halves.map(|(upper, lower)| (u128::from(upper) << 64) | u128::from(lower)))
    }
}
