//! Phase 7, dispatch: the goods that a supplier sends on a lane.

use crate::network::LaneIx;
use crate::scenario::Rationing;
use crate::schedule::rows::Row;
use crate::step::prepare::PreparedView;
use crate::step::state::Live;
use crate::step::vector::{V, Width};
use pulp::{Scalar, Simd};

/// `q`: the goods that are sent for passing orders, given the share that rationing leaves and the lane's baseline flow.
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

/// The amount that a customer gets where goods are poured until all have the share `level` of their usual amounts, or all
/// they want.
/// A negative level stands for plenty.
#[inline(always)]
pub(crate) fn filled<S: Simd, const W: usize>(wanted: V<S, W>, level: V<S, W>, usual: V<S, W>) -> V<S, W> {
    let plenty = V::all(wanted.width(), 0.0).over(level);
    plenty.select(wanted, wanted.min(level * usual))
}

/// `q` of a lane in this step, once goods are rationed and before the next orders.
pub(crate) fn sent_on<const B: usize>(p: &PreparedView<'_, B>, s: &Live<'_, B>, e: LaneIx) -> Row<B> {
    let (lane, ties) = (&p.plan.lanes[e], &p.plan.ties[e]);
    let mut row = [0.0; B];
    for v in 0..B {
        let order = V::of(Width::<_, 1>(Scalar), &s.flows.flow[ties.passing], v);
        let share = &s.supplied.share[lane.share];
        sent(v, ties.rationing, order, share, &p.facts.volume[e]).put(&mut row, v);
    }
    row
}
