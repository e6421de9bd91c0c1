//! The walks of a trial by itself: sites, inputs and lanes stand side by side in the registers, in the place of trials.
//! Formulas are those of blocks, slot by slot in the same order, so the bits are the same.
//!
//! Every function here is for blocks of one trial alone.

mod orders;
mod supply;

pub(crate) use orders::orders_abreast;
pub(crate) use supply::supply_abreast;

use crate::step::vector::Width;
use pulp::Scalar;

/// One slot at a time.
const ONE: Width<Scalar, 1> = Width(Scalar);

/// Does something at each `k` of `0..n`: for as many slots from there on as fill a register, and one by one for the rest.
macro_rules! abreast {
    ($simd:ident, $k:ident in $n:expr, $body:block) => {{
        let n = $n;
        let whole = n - n % S::F64_LANES;
        for $k in (0..whole).step_by(S::F64_LANES) $body
        let $simd = ONE;
        for $k in whole..n $body
    }};
}
use abreast;
