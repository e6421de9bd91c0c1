//! Arithmetic on several trials at once: a register's worth of a row.
//!
//! Every operation is one of IEEE 754 on each trial by itself, so the width of the register shows in no bit. Nothing
//! that is computed here is NaN.

use super::rows::{ROUNDING, Row};
use pulp::Simd;
use std::ops::{Add, Div, Mul, Sub};

/// A number in each of some trials.
#[derive(Debug, Clone, Copy)]
pub(crate) struct V<S: Simd>(S, S::f64s);

/// Whether something holds in each of some trials.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mask<S: Simd>(S, S::m64s);

macro_rules! operator {
    ($trait:ident, $name:ident, $method:ident) => {
        impl<S: Simd> $trait for V<S> {
            type Output = Self;
            #[inline(always)]
            fn $name(self, other: Self) -> Self {
                V(self.0, self.0.$method(self.1, other.1))
            }
        }
    };
}
operator!(Add, add, add_f64s);
operator!(Sub, sub, sub_f64s);
operator!(Mul, mul, mul_f64s);
operator!(Div, div, div_f64s);

impl<S: Simd> V<S> {
    /// `x` in each trial.
    #[inline(always)]
    pub(crate) fn all(simd: S, x: f64) -> Self {
        V(simd, simd.splat_f64s(x))
    }

    /// Part `v` of a row.
    #[inline(always)]
    pub(crate) fn of<const B: usize>(simd: S, row: &Row<B>, v: usize) -> Self {
        V(simd, S::as_simd_f64s(row).0[v])
    }

    /// Writes part `v` of a row.
    #[inline(always)]
    pub(crate) fn put<const B: usize>(self, row: &mut Row<B>, v: usize) {
        S::as_mut_simd_f64s(row).0[v] = self.1;
    }

    #[inline(always)]
    pub(crate) fn min(self, other: Self) -> Self {
        V(self.0, self.0.min_f64s(self.1, other.1))
    }

    #[inline(always)]
    pub(crate) fn max(self, other: Self) -> Self {
        V(self.0, self.0.max_f64s(self.1, other.1))
    }

    /// `max(x, 0)`.
    #[inline(always)]
    pub(crate) fn positive(self) -> Self {
        self.max(V::all(self.0, 0.0))
    }

    /// `self > other`.
    #[inline(always)]
    pub(crate) fn over(self, other: Self) -> Mask<S> {
        Mask(self.0, self.0.greater_than_f64s(self.1, other.1))
    }

    #[inline(always)]
    pub(crate) fn equals(self, other: Self) -> Mask<S> {
        Mask(self.0, self.0.equal_f64s(self.1, other.1))
    }

    /// `x` where it is more than the rounding of sums of size `scale`, else 0.
    #[inline(always)]
    pub(crate) fn beyond(self, scale: Self) -> Self {
        let zero = V::all(self.0, 0.0);
        self.over(V::all(self.0, ROUNDING) * scale).select(self, zero)
    }

    /// The share of what is required that is in stock, at most 1.
    #[inline(always)]
    pub(crate) fn fed(self, required: Self) -> Self {
        required.over(self).select(self / required, V::all(self.0, 1.0))
    }
}

impl<S: Simd> Mask<S> {
    /// Holds nowhere.
    #[inline(always)]
    pub(crate) fn none(simd: S) -> Self {
        V::all(simd, 0.0).over(V::all(simd, 0.0))
    }

    #[inline(always)]
    pub(crate) fn or(self, other: Self) -> Self {
        Mask(self.0, self.0.or_m64s(self.1, other.1))
    }

    #[inline(always)]
    pub(crate) fn and(self, other: Self) -> Self {
        Mask(self.0, self.0.and_m64s(self.1, other.1))
    }

    /// Whether it holds in any trial.
    #[inline(always)]
    pub(crate) fn any(self) -> bool {
        self.0.first_true_m64s(self.1) < S::F64_LANES
    }

    /// `yes` where it holds, else `no`.
    #[inline(always)]
    pub(crate) fn select(self, yes: V<S>, no: V<S>) -> V<S> {
        V(self.0, self.0.select_f64s(self.1, yes.1, no.1))
    }
}
