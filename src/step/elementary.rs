//! Logarithms and exponentials without a branch or a call, so that a loop over a row vectorises. They are sums, products
//! and quotients alone: the same bits everywhere.

/// The natural logarithm of a positive normal number below infinity, without a branch: a row of them vectorises. The
/// same steps as in musl's `log`.
#[inline(always)]
pub(crate) fn ln(x: f64) -> f64 {
    // x = 2^k (1 + f) with 1 + f between sqrt(1/2) and sqrt(2).
    let bits = x.to_bits() + ((0x3ff0_0000 - 0x3fe6_a09e) << 32);
    // The exponent below the bits of 2^52 is a number of its own.
    let k = f64::from_bits(0x4330_0000_0000_0000 | (bits >> 52)) - (4_503_599_627_370_496.0 + 1023.0);
    let f = f64::from_bits((bits & 0x000f_ffff_ffff_ffff) + (0x3fe6_a09e << 32)) - 1.0;
    let half = 0.5 * f * f;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let even = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
    let odd = z
        * (0.6666666666666735
            + w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)));
    s * (half + (odd + even)) + k * LN2_LOW - half + f + k * LN2_HIGH
}

/// `exp` of a number, which counts as the nearest between −700 and 700, without a branch. The same steps as in musl's `exp`.
#[inline(always)]
pub(crate) fn exp(x: f64) -> f64 {
    // Adding 1.5 · 2^52 rounds to a whole number and leaves it in the lowest bits.
    const WHOLE: f64 = 6_755_399_441_055_744.0;
    let x = x.clamp(-700.0, 700.0);
    let k = std::f64::consts::LOG2_E * x + WHOLE;
    let power = f64::from_bits((k.to_bits() + 1023) << 52);
    let k = k - WHOLE;
    let (high, low) = (x - k * LN2_HIGH, k * LN2_LOW);
    let r = high - low;
    let z = r * r;
    let c = r - z
        * (0.16666666666666602
            + z * (-0.0027777777777015593
                + z * (6.613756321437934e-05 + z * (-1.6533902205465252e-06 + z * 4.1381367970572385e-08))));
    (1.0 + (r * c / (2.0 - c) - low + high)) * power
}

/// ln 2 in two parts.
const LN2_HIGH: f64 = 0.6931471803691238;
const LN2_LOW: f64 = 1.9082149292705877e-10;

#[cfg(all(test, feature = "oracle"))]
mod tests {
    use super::{exp, ln};
    use proptest::prelude::*;

    #[test]
    fn powers_end_at_those_of_700() {
        assert_eq!((exp(-1e4), exp(1e4)), (exp(-700.0), exp(700.0)));
        assert!(exp(-700.0) > 0.0 && exp(700.0).is_finite());
    }

    proptest! {
        #[test]
        fn logarithms_are_those_of_musl(x in 1e-300..1e3_f64) {
            prop_assert_eq!(ln(x).to_bits(), libm::log(x).to_bits());
        }

        #[test]
        fn logarithms_near_1_are_those_of_musl(x in 1e-12..1.0_f64) {
            prop_assert_eq!(ln(1.0 - x).to_bits(), libm::log(1.0 - x).to_bits());
        }

        #[test]
        fn powers_are_within_a_unit_in_the_last_place_of_those_of_musl(x in -700.0..700.0_f64) {
            prop_assert!((exp(x) / libm::exp(x) - 1.0).abs() <= 2.3e-16);
        }
    }
}
