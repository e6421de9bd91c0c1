//! Streams: random numbers found by address instead of by order.

use std::convert::Infallible;

use rand::TryRng;
use rand::rand_core::utils;

use super::philox::philox4x32_10;

/// The bit of the index that separates the addresses of [`Stream::rng`] (set)
/// from those of [`Stream::uniform`] (clear).
const RNG_INDEX: u64 = 1 << 63;

/// All the random numbers of one uncertain quantity.
///
/// A draw is a pure function of (seed, name, trial, index): nothing is consumed
/// and there is no state, so a draw does not change when other quantities are
/// added, removed or drawn in another order or on another thread.
///
/// The values belonging to an address are part of the crate's contract and do
/// not change between versions or platforms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stream {
    key: [u32; 2],
}

impl Stream {
    /// The stream of the quantity called `name` in the run with this `seed`.
    ///
    /// The Philox key is `mix(mix(seed + G) + h)`, where `h` is the 64-bit
    /// FNV-1a hash of the UTF-8 bytes of `name` passed through `mix`, `mix` is
    /// the finaliser of SplitMix64 (Steele, Lea and Flood, "Fast splittable
    /// pseudorandom number generators", OOPSLA 2014) and `G` its increment
    /// `0x9E3779B97F4A7C15`; sums wrap. For one seed, two names share a stream
    /// only if their 64-bit hashes are equal.
    #[must_use]
    pub fn new(seed: u64, name: &str) -> Self {
        let seed = mix(seed.wrapping_add(0x9E37_79B9_7F4A_7C15));
        let key = mix(seed.wrapping_add(mix(fnv_1a(name.as_bytes()))));
        Self { key: split(key) }
    }

    /// The number at (`trial`, `index`), uniform on the open interval (0, 1).
    ///
    /// It is `(k + 1/2) / 2^52` for a 52-bit integer `k`, which is exact in an
    /// `f64`: the least value is `2^-53`, the greatest `1 - 2^-53`, and the
    /// lattice is symmetric about 1/2. (With 53 bits the last half would round
    /// up to 1.) Only the low 63 bits of `index` count; the highest is kept for
    /// [`Stream::rng`].
    #[inline]
    #[must_use]
    pub fn uniform(&self, trial: u64, index: u64) -> f64 {
        let [w0, w1, _, _] = self.block(trial, index & !RNG_INDEX);
        open_unit(join(w0, w1))
    }

    /// Fills `out[k]` with the number at (`first_trial + k`, `index`), to the
    /// bit as [`Stream::uniform`] gives it. Trial numbers wrap at `2^64`.
    pub fn fill_uniform(&self, first_trial: u64, index: u64, out: &mut [f64]) {
        let mut trial = first_trial;
        for slot in out {
            *slot = self.uniform(trial, index);
            trial = trial.wrapping_add(1);
        }
    }

    /// A generator for `trial`, for samplers that use an unknown number of
    /// random numbers, such as those that reject.
    ///
    /// Its addresses never meet those of [`Stream::uniform`]. Each call starts
    /// the trial's sequence from its beginning.
    #[must_use]
    pub fn rng(&self, trial: u64) -> AddressedRng {
        self.rng_at(trial, 0)
    }

    /// A generator for number `index` of the values that `trial` draws one after
    /// another; that of index 0 is [`Stream::rng`].
    ///
    /// The sequences of two indices meet after `2^34` words of 32 bits, more than
    /// a sampler takes. Only the low 31 bits of `index` count.
    #[must_use]
    pub fn rng_at(&self, trial: u64, index: u64) -> AddressedRng {
        let next_block = (index << 32) & !RNG_INDEX;
        AddressedRng { stream: *self, trial, next_block, words: [0; 4], used: 4 }
    }

    #[inline(always)]
    fn block(&self, trial: u64, index: u64) -> [u32; 4] {
        let [t0, t1] = split(trial);
        let [i0, i1] = split(index);
        philox4x32_10([t0, t1, i0, i1], self.key)
    }
}

/// The sequence of random words of one address of a [`Stream`], usable as an
/// infallible [`rand::Rng`].
///
/// It is not meant for secrets. The period is `2^65` words of 32 bits.
#[derive(Debug, Clone)]
pub struct AddressedRng {
    stream: Stream,
    trial: u64,
    next_block: u64,
    words: [u32; 4],
    used: usize,
}

impl AddressedRng {
    fn next_word(&mut self) -> u32 {
        if self.used >= self.words.len() {
            self.words = self.stream.block(self.trial, self.next_block | RNG_INDEX);
            self.next_block = self.next_block.wrapping_add(1) & !RNG_INDEX;
            self.used = 0;
        }
        let word = self.words[self.used];
        self.used += 1;
        word
    }
}

impl TryRng for AddressedRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.next_word())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let low = self.next_word();
        let high = self.next_word();
        Ok(join(low, high))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        utils::fill_bytes_via_next_word(bytes, || self.try_next_u64())
    }
}

/// FNV-1a, 64 bit (Fowler, Noll and Vo; RFC 9923).
fn fnv_1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

/// The finaliser of SplitMix64, a bijection in which each input bit changes
/// about half of the output bits. FNV-1a alone leaves names that differ in the
/// last letter close together.
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[inline(always)]
fn split(word: u64) -> [u32; 2] {
    [word as u32, (word >> 32) as u32]
}

#[inline(always)]
fn join(low: u32, high: u32) -> u64 {
    u64::from(low) | u64::from(high) << 32
}

/// `(k + 1/2) / 2^52` for the highest 52 bits `k` of `bits`. The bits become the
/// mantissa of a number in [1, 2); taking off `1 - 2^-53` is then exact.
#[inline(always)]
pub(super) fn open_unit(bits: u64) -> f64 {
    const ONE: u64 = 0x3FF0_0000_0000_0000;
    f64::from_bits(ONE | (bits >> 12)) - (1.0 - f64::EPSILON / 2.0)
}

#[cfg(all(test, feature = "oracle"))]
mod tests {
    use proptest::prelude::*;
    use rand::Rng;

    use super::*;

    const N: usize = 20_000;

    /// Pearson correlation of two samples. For independent uniforms its standard
    /// deviation is 1 / sqrt(n), so |r| * sqrt(n) < 4 fails with probability
    /// 6e-5; the draws are fixed, so it fails always or never.
    fn assert_uncorrelated(x: &[f64], y: &[f64]) {
        assert_eq!(x.len(), y.len());
        let n = x.len() as f64;
        let mean_x = x.iter().sum::<f64>() / n;
        let mean_y = y.iter().sum::<f64>() / n;
        let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
        for (a, b) in x.iter().zip(y) {
            xy += (a - mean_x) * (b - mean_y);
            xx += (a - mean_x) * (a - mean_x);
            yy += (b - mean_y) * (b - mean_y);
        }
        let r = xy / (xx * yy).sqrt();
        assert!(r.abs() * n.sqrt() < 4.0, "correlation {r}");
    }

    fn filled(stream: Stream, first_trial: u64, index: u64) -> Vec<f64> {
        let mut out = vec![0.0; N];
        stream.fill_uniform(first_trial, index, &mut out);
        out
    }

    #[test]
    fn hash_is_fnv_1a() {
        // Vectors of the FNV reference code.
        assert_eq!(fnv_1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv_1a(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv_1a(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn mix_is_the_finaliser_of_splitmix64() {
        // The first outputs of SplitMix64 with state 0 and state 1234567.
        assert_eq!(mix(0x9E37_79B9_7F4A_7C15), 0xe220_a839_7b1d_cdaf);
        assert_eq!(mix(1_234_567_u64.wrapping_add(0x9E37_79B9_7F4A_7C15)), 6_457_827_717_110_365_317);
    }

    #[test]
    fn values_at_fixed_addresses_never_change() {
        let stream = Stream::new(42, "mine/cobalt/outage");
        // Computed by an independent implementation.
        assert_eq!(stream.key, [0x6d80_6b98, 0x7fb4_fa48]);
        let bits = |trial, index| stream.uniform(trial, index).to_bits();
        assert_eq!(bits(0, 0), 0x3fce_dcb5_5c1b_015c);
        assert_eq!(bits(1, 0), 0x3fe8_f0b5_7e3e_9389);
        assert_eq!(bits(0, 1), 0x3fd0_2458_7593_2b1e);
        assert_eq!(bits(u64::MAX, u64::MAX >> 1), 0x3fec_c65a_128c_f5eb);
        let unnamed = Stream::new(0, "");
        assert_eq!(unnamed.uniform(0, 0).to_bits(), 0x3fe7_f4e3_f2b3_ebc5);
        let mut rng = stream.rng(3);
        assert_eq!(rng.next_u64(), 0xeecc_8c0f_b90d_76f3);
        assert_eq!(rng.next_u32(), 0x026e_b585);
        assert_eq!(rng.next_u64(), 0xe5a6_3aef_619e_b7a3);
    }

    #[test]
    fn uniform_stays_off_both_ends_at_the_extreme_bits() {
        assert_eq!(open_unit(0), 2.0_f64.powi(-53));
        assert_eq!(open_unit(u64::MAX), 1.0 - 2.0_f64.powi(-53));
        assert_eq!(open_unit(1 << 63), 0.5 + 2.0_f64.powi(-53));
        assert_eq!(open_unit(1 << 12), 1.5 * 2.0_f64.powi(-52));
    }

    #[test]
    fn every_part_of_the_address_matters() {
        let stream = Stream::new(1, "a");
        let base = stream.uniform(5, 7);
        assert_ne!(base, Stream::new(2, "a").uniform(5, 7));
        assert_ne!(base, Stream::new(1, "b").uniform(5, 7));
        assert_ne!(base, stream.uniform(5 + (1 << 32), 7));
        assert_ne!(base, stream.uniform(5, 7 + (1 << 32)));
        assert_ne!(base, stream.uniform(7, 5));
        // Only the reserved bit does not.
        assert_eq!(base, stream.uniform(5, 7 | RNG_INDEX));
    }

    #[test]
    fn uniform_has_the_moments_and_spread_of_a_uniform() {
        let u = filled(Stream::new(9, "spread"), 0, 0);
        let mean = u.iter().sum::<f64>() / N as f64;
        // Standard error of the mean is sqrt(1 / 12 / n) = 0.00204; four of them.
        assert!((mean - 0.5).abs() < 0.0082, "mean {mean}");
        // Chi-square with 99 degrees of freedom: 0.999 quantile 148.23.
        let mut count = [0_u32; 100];
        for x in &u {
            count[(x * 100.0) as usize] += 1;
        }
        let expected = N as f64 / 100.0;
        let chi_square: f64 = count.iter().map(|c| (f64::from(*c) - expected).powi(2) / expected).sum();
        assert!(chi_square < 148.23, "chi-square {chi_square}");
    }

    #[test]
    fn neighbouring_trials_are_uncorrelated() {
        let stream = Stream::new(3, "x");
        for lag in [1, 2, 1 << 20, 1 << 32] {
            assert_uncorrelated(&filled(stream, 0, 0), &filled(stream, lag, 0));
        }
    }

    #[test]
    fn neighbouring_indices_are_uncorrelated() {
        let stream = Stream::new(3, "x");
        for index in [1, 2, 1 << 20, 1 << 32] {
            assert_uncorrelated(&filled(stream, 0, 0), &filled(stream, 0, index));
        }
    }

    #[test]
    fn similar_names_and_seeds_are_uncorrelated() {
        let base = filled(Stream::new(3, "plant 1"), 0, 0);
        for (seed, name) in [(3, "plant 2"), (3, "plant 1 "), (3, ""), (4, "plant 1")] {
            assert_uncorrelated(&base, &filled(Stream::new(seed, name), 0, 0));
        }
    }

    #[test]
    fn rng_does_not_repeat_the_words_behind_uniform() {
        let stream = Stream::new(3, "x");
        let mut rng = stream.rng(0);
        let from_rng: Vec<f64> = (0..N).map(|_| open_unit(rng.next_u64())).collect();
        let from_uniform: Vec<f64> = (0..N as u64).map(|i| stream.uniform(0, i)).collect();
        let seen: std::collections::HashSet<u64> = from_uniform.iter().map(|u| u.to_bits()).collect();
        assert!(from_rng.iter().all(|u| !seen.contains(&u.to_bits())));
        assert_uncorrelated(&from_rng, &from_uniform);
    }

    #[test]
    fn rngs_of_two_indices_share_no_word() {
        let stream = Stream::new(3, "x");
        let words = |index: u64| -> Vec<u64> {
            let mut rng = stream.rng_at(5, index);
            (0..N).map(|_| rng.next_u64()).collect()
        };
        let mut first = stream.rng(5);
        assert!(words(0).iter().all(|word| *word == first.next_u64()));
        let unit = |words: &[u64]| words.iter().map(|word| open_unit(*word)).collect::<Vec<_>>();
        for index in [1, 2, (1 << 31) - 1] {
            let (one, other) = (words(0), words(index));
            let seen: std::collections::HashSet<&u64> = one.iter().collect();
            assert!(other.iter().all(|word| !seen.contains(word)), "index {index}");
            assert_uncorrelated(&unit(&one), &unit(&other));
        }
    }

    #[test]
    fn rng_words_come_in_one_order_whatever_the_width() {
        let stream = Stream::new(11, "width");
        let mut words = stream.rng(2);
        let mut wide = stream.rng(2);
        for _ in 0..10 {
            let (low, high) = (words.next_u32(), words.next_u32());
            assert_eq!(wide.next_u64(), join(low, high));
        }
        let mut bytes = [0; 13];
        stream.rng(2).fill_bytes(&mut bytes);
        let mut wide = stream.rng(2);
        assert_eq!(bytes[..8], wide.next_u64().to_le_bytes());
        assert_eq!(bytes[8..], wide.next_u64().to_le_bytes()[..5]);
    }

    proptest! {
        #[test]
        fn fill_gives_the_bits_of_uniform(
            seed: u64, name: String, first: u64, index: u64, len in 0_usize..70,
        ) {
            let stream = Stream::new(seed, &name);
            let mut out = vec![f64::NAN; len];
            stream.fill_uniform(first, index, &mut out);
            for (k, u) in out.iter().enumerate() {
                let scalar = stream.uniform(first.wrapping_add(k as u64), index);
                prop_assert_eq!(u.to_bits(), scalar.to_bits());
                prop_assert!(*u > 0.0 && *u < 1.0);
            }
        }
    }
}
