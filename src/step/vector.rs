//! Arithmetic on several trials at once: a few registers' worth of a row.
//!
//! Every operation is one of IEEE 754 on each trial by itself, so the width of the registers shows in no bit. Nothing
//! that is computed here is NaN.

use crate::schedule::rows::{ENOUGH, ROUNDING, Row};
use pulp::Simd;
use std::ops::{Add, Div, Mul, Sub};

/// An instruction set, and how many registers are worked on at once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Width<S: Simd, const W: usize>(pub(crate) S);

impl<S: Simd, const W: usize> Width<S, W> {
    /// How many parts of so many numbers a row has.
    #[inline(always)]
    pub(crate) fn parts<const B: usize>(self) -> std::ops::Range<usize> {
        0..B / (W * S::F64_LANES)
    }
}

/// A number in each of some trials.
#[derive(Debug, Clone, Copy)]
pub(crate) struct V<S: Simd, const W: usize>(S, [S::f64s; W]);

/// Whether something holds in each of some trials.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mask<S: Simd, const W: usize>(S, [S::m64s; W]);

/// Does something for each register after the first, of which there are up to three. A closure would not be compiled for the
/// instruction set, and a loop for each operation would take the compiler most of its time.
macro_rules! further {
    ($width:ident, $w:ident, $do:expr) => {{
        if const { $width > 1 } {
            let $w = 1;
            $do;
        }
        if const { $width > 2 } {
            let $w = 2;
            $do;
            let $w = 3;
            $do;
        }
    }};
}

/// `x` of each register.
macro_rules! each {
    ($width:ident, $w:ident, $x:expr) => {{
        let mut all = {
            let $w = 0;
            [$x; $width]
        };
        further!($width, $w, all[$w] = $x);
        all
    }};
}

macro_rules! operator {
    ($trait:ident, $name:ident, $method:ident) => {
        impl<S: Simd, const W: usize> $trait for V<S, W> {
            type Output = Self;
            #[inline(always)]
            fn $name(self, other: Self) -> Self {
                V(self.0, each!(W, w, self.0.$method(self.1[w], other.1[w])))
            }
        }
    };
}
operator!(Add, add, add_f64s);
operator!(Sub, sub, sub_f64s);
operator!(Mul, mul, mul_f64s);
operator!(Div, div, div_f64s);

impl<S: Simd, const W: usize> V<S, W> {
    /// `x` in each trial.
    #[inline(always)]
    pub(crate) fn all(simd: Width<S, W>, x: f64) -> Self {
        V(simd.0, [simd.0.splat_f64s(x); W])
    }

    #[inline(always)]
    pub(crate) fn width(self) -> Width<S, W> {
        Width(self.0)
    }

    /// Part `v` of a row.
    #[inline(always)]
    pub(crate) fn of<const B: usize>(simd: Width<S, W>, row: &Row<B>, v: usize) -> Self {
        let row = S::as_simd_f64s(row).0;
        V(simd.0, each!(W, w, row[v * W + w]))
    }

    /// Writes part `v` of a row.
    #[inline(always)]
    pub(crate) fn put<const B: usize>(self, row: &mut Row<B>, v: usize) {
        let row = S::as_mut_simd_f64s(row).0;
        row[v * W] = self.1[0];
        further!(W, w, row[v * W + w] = self.1[w]);
    }

    #[inline(always)]
    pub(crate) fn min(self, other: Self) -> Self {
        V(self.0, each!(W, w, self.0.min_f64s(self.1[w], other.1[w])))
    }

    #[inline(always)]
    pub(crate) fn max(self, other: Self) -> Self {
        V(self.0, each!(W, w, self.0.max_f64s(self.1[w], other.1[w])))
    }

    #[inline(always)]
    pub(crate) fn abs(self) -> Self {
        // All bits but the sign. The compiler does not put pulp's own method into its caller.
        let rest = self.0.splat_f64s(f64::from_bits(u64::MAX >> 1));
        V(self.0, each!(W, w, self.0.and_f64s(self.1[w], rest)))
    }

    /// `max(x, 0)`.
    #[inline(always)]
    pub(crate) fn positive(self) -> Self {
        self.max(V::all(Width(self.0), 0.0))
    }

    /// `self > other`.
    #[inline(always)]
    pub(crate) fn over(self, other: Self) -> Mask<S, W> {
        Mask(self.0, each!(W, w, self.0.greater_than_f64s(self.1[w], other.1[w])))
    }

    #[inline(always)]
    pub(crate) fn equals(self, other: Self) -> Mask<S, W> {
        Mask(self.0, each!(W, w, self.0.equal_f64s(self.1[w], other.1[w])))
    }

    /// `x` where it is more than the rounding of sums of size `scale`, else 0.
    #[inline(always)]
    pub(crate) fn beyond(self, scale: Self) -> Self {
        let simd = Width(self.0);
        self.over(V::all(simd, ROUNDING) * scale).select(self, V::all(simd, 0.0))
    }

    /// `x`, positive or not, where it is more than the rounding of sums of size `scale`, else 0.
    #[inline(always)]
    pub(crate) fn unless_rounding(self, scale: Self) -> Self {
        let simd = Width(self.0);
        self.abs().over(V::all(simd, ROUNDING) * scale).select(self, V::all(simd, 0.0))
    }

    /// The share of the required amount that is in stock, at most 1.
    #[inline(always)]
    pub(crate) fn fed(self, required: Self) -> Self {
        self.share_of(required, required.over(self))
    }

    /// The same of an input, of which rounding alone leaves enough.
    #[inline(always)]
    pub(crate) fn suffices(self, required: Self) -> Self {
        self.share_of(required, self.lacks(required))
    }

    /// Whether less of an input is in stock than it requires, by more than rounding.
    #[inline(always)]
    pub(crate) fn lacks(self, required: Self) -> Mask<S, W> {
        (required * V::all(Width(self.0), ENOUGH)).over(self)
    }

    #[inline(always)]
    fn share_of(self, required: Self, short: Mask<S, W>) -> Self {
        let one = V::all(Width(self.0), 1.0);
        // A division takes as long as ten sums, and mostly there is enough.
        if short.any() { short.select(self / required, one) } else { one }
    }
}

impl<S: Simd, const W: usize> Mask<S, W> {
    #[inline(always)]
    pub(crate) fn and(self, other: Self) -> Self {
        Mask(self.0, each!(W, w, self.0.and_m64s(self.1[w], other.1[w])))
    }

    /// Whether it holds in any trial.
    #[inline(always)]
    pub(crate) fn any(self) -> bool {
        let mut any = self.1[0];
        further!(W, w, any = self.0.or_m64s(any, self.1[w]));
        self.0.first_true_m64s(any) < S::F64_LANES
    }

    /// `yes` where it holds, else `no`.
    #[inline(always)]
    pub(crate) fn select(self, yes: V<S, W>, no: V<S, W>) -> V<S, W> {
        V(self.0, each!(W, w, self.0.select_f64s(self.1[w], yes.1[w], no.1[w])))
    }
}
