//! Phase 7, dispatch: what a supplier sends on a lane.

use crate::scenario::Rationing;
use crate::schedule::rows::Row;
use crate::step::vector::V;
use pulp::Simd;

/// `q`: what is sent of what passes, given the share that rationing leaves and the lane's baseline flow.
#[inline(always)]
pub(crate) fn sent<S: Simd, const W: usize, const B: usize>(
    v: usize,
    rationing: Rationing,
    passing: V<S, W>,
    share: &Row<B>,
    usual: &Row<B>,
) -> V<S, W> {
    let simd = passing.width();
    let share = V::of(simd, share, v);
    match rationing {
        Rationing::Proportional => passing * share,
        Rationing::WaterFilling => filled(passing, share, V::of(simd, usual, v)),
    }
}

/// What a customer gets where goods are poured until all have the share `level` of their usual amounts, or what they want.
/// A negative level stands for plenty.
#[inline(always)]
pub(crate) fn filled<S: Simd, const W: usize>(wanted: V<S, W>, level: V<S, W>, usual: V<S, W>) -> V<S, W> {
    let plenty = V::all(wanted.width(), 0.0).over(level);
    plenty.select(wanted, wanted.min(level * usual))
}
