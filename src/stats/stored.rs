//! Numbers that formats for people do not all know, written to the bit.

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

#[cfg(test)]
mod tests {
    use crate::stats::{CondensedLosses, ExactSum, QuantileSketch};
    use proptest::prelude::*;

    fn any_losses() -> impl Strategy<Value = Vec<f64>> {
        let loss = prop_oneof![
            1 => Just(0.0),
            1 => prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(-3e19), Just(1e-310)],
            8 => (-1e3..1e3_f64, 0_i32..14).prop_map(|(m, e)| m * 10_f64.powi(e)),
        ];
        prop::collection::vec(loss, 0..80)
    }

    fn through_text<T: serde::Serialize + for<'de> serde::Deserialize<'de>>(x: &T) -> T {
        serde_json::from_str(&serde_json::to_string(x).expect("it is written")).expect("it is read")
    }

    fn through_bytes<T: serde::Serialize + for<'de> serde::Deserialize<'de>>(x: &T) -> T {
        postcard::from_bytes(&postcard::to_allocvec(x).expect("it is written")).expect("it is read")
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_was_written(losses in any_losses(), negligible in 0.0..10.0_f64) {
            let (mut sum, mut sketch) = (ExactSum::default(), QuantileSketch::new(negligible).expect("it is one"));
            let mut condensed = CondensedLosses::new(negligible).expect("it is one");
            sum.add_row(&losses);
            sketch.add_row(&losses);
            condensed.add_row(&losses);
            for read in [through_text(&sum), through_bytes(&sum)] {
                prop_assert_eq!(&read, &sum);
            }
            for read in [through_text(&sketch), through_bytes(&sketch)] {
                prop_assert_eq!(&read, &sketch);
            }
            for mut read in [through_text(&condensed), through_bytes(&condensed)] {
                prop_assert_eq!(&read, &condensed);
                read.merge(&condensed).expect("they are alike");
                prop_assert_eq!(read.count(), 2 * losses.len() as u64);
            }
        }
    }

    #[test]
    fn the_largest_sums_keep_their_sign() {
        for terms in [[1.8e19; 9], [-1.8e19; 9], [-1e-6; 9]] {
            let mut sum = ExactSum::default();
            sum.add_row(&terms);
            assert_eq!(through_bytes(&sum), sum);
        }
    }

    #[test]
    fn losses_whose_parts_do_not_fit_each_other_are_refused() {
        let mut losses = CondensedLosses::new(1.0).expect("it is one");
        losses.add_row(&[5.0, 2e9, -3.0]);
        let whole = serde_json::to_value(&losses).expect("it is written");
        for path in
            ["/moments/count", "/sketch/added", "/sketch/zeros", "/sketch/rejected", "/sketch/zero_bits"]
        {
            let mut other = whole.clone();
            *other.pointer_mut(path).expect("it is there") = 77.into();
            assert!(serde_json::from_value::<CondensedLosses>(other).is_err(), "{path}");
        }
        let mut other = whole.clone();
        other["min"] = whole["max"].clone();
        other["max"] = whole["min"].clone();
        assert!(serde_json::from_value::<CondensedLosses>(other).is_err(), "the ends are turned");
        let mut other = whole.clone();
        other["sketch"]["bins"][0][0] = 3.into();
        assert!(serde_json::from_value::<CondensedLosses>(other).is_err(), "no octave begins there");
    }
}
