//! Which losses differ by rounding alone: the one rule of all ranks, counts and comparisons.

use std::cmp::Ordering;

/// Share of two losses, and of a year's product of whoever bears them, up to which they differ by rounding alone.
///
/// A loss is a sum over sites and steps of differences between flows and their baselines. Each term is right to some
/// 1e-16 of the flow, and some hundred thousand terms add up to an error of 1e-14 to 1e-13 of a year's product. The
/// tolerance leaves room beyond that, and is still less than any loss that means something: 609 yen of Japan's product.
pub const ROUNDING: f64 = 1e-12;

/// A loss as it is compared: 0 where it is negligible.
#[inline]
pub(super) fn read(loss: f64, negligible: f64) -> f64 {
    if loss.abs() <= negligible { 0.0 } else { loss }
}

/// The greatest number that counts as no more than `x`.
pub(super) fn reach(x: f64, negligible: f64) -> f64 {
    let x = read(x, negligible);
    if x.is_infinite() {
        return x;
    }
    x + negligible.max(ROUNDING * x.abs())
}

/// How two losses compare: equal where they differ by no more than the negligible amount, or than rounding.
pub(super) fn compare(x: f64, y: f64, negligible: f64) -> Ordering {
    let (x, y) = (read(x, negligible), read(y, negligible));
    // The smaller of the two: of an infinite one every share is infinite.
    if (x - y).abs() <= negligible.max(ROUNDING * x.abs().min(y.abs())) {
        Ordering::Equal
    } else {
        x.total_cmp(&y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beyond_reach_is_greater() {
        for (x, negligible) in
            [(5e12, 609.0), (-5e12, 609.0), (7e15, 609.0), (0.0, 609.0), (300.0, 609.0), (-2000.0, 609.0)]
        {
            let reach = reach(x, negligible);
            let (within, beyond) = (reach - 1e-13 * reach.abs(), reach + 2e-12 * reach.abs());
            assert_eq!(compare(within, x, negligible), Ordering::Equal, "{x}");
            assert_eq!(compare(beyond, x, negligible), Ordering::Greater, "{x}");
        }
    }

    #[test]
    fn nothing_is_equal_to_infinity_but_itself() {
        let order = |x, y| compare(x, y, 609.0);
        assert_eq!(order(f64::NEG_INFINITY, 5.0), Ordering::Less);
        assert_eq!(order(f64::MAX, f64::INFINITY), Ordering::Less);
        assert_eq!(order(f64::INFINITY, f64::INFINITY), Ordering::Equal);
        assert_eq!(
            [f64::INFINITY, f64::NEG_INFINITY].map(|x| reach(x, 609.0)),
            [f64::INFINITY, f64::NEG_INFINITY]
        );
    }

    #[test]
    fn losses_that_differ_by_rounding_are_equal_and_others_are_not() {
        let same = [
            (5e12, 5e12 * (1.0 + 1e-13), 0.0),
            (5e12, 5e12 + 600.0, 609.0),
            (609.0, -609.0, 609.0),
            (-2e12, -2e12 - 1.0, 0.0),
            (0.0, -0.0, 0.0),
        ];
        for (x, y, negligible) in same {
            assert_eq!(compare(x, y, negligible), Ordering::Equal, "{x} and {y}");
            assert_eq!(compare(y, x, negligible), Ordering::Equal, "{y} and {x}");
        }
        let other = [
            (5e12, 5e12 * (1.0 + 2e-12), 0.0),
            (5e12, 5e12 + 1000.0, 609.0),
            (0.0, 610.0, 609.0),
            (-610.0, 0.0, 609.0),
            (0.0, 5e-324, 0.0),
        ];
        for (x, y, negligible) in other {
            assert_eq!(compare(x, y, negligible), Ordering::Less, "{x} and {y}");
            assert_eq!(compare(y, x, negligible), Ordering::Greater, "{y} and {x}");
        }
    }
}
