//! Phase 9: the want of an input, and the lead time `Λ` of its orders.

use super::own::{OwnInput, cut};
use crate::network::{InputIx, Ix};
use crate::scenario::Ordering;
use crate::step::plan::{InputPlan, Lead, SitePlan, Usage};
use crate::step::vector::V;
use crate::step::view::{At, OrdersView};
use pulp::Simd;

/// The basis of an order.
pub(super) struct Cover<S: Simd, const W: usize> {
    pub(super) use_expected: V<S, W>,
    pub(super) stock: V<S, W>,
    pub(super) target: V<S, W>,
    pub(super) transit: V<S, W>,
}

/// `want` of input `i`.
#[inline(always)]
pub(super) fn wanted<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &OrdersView<'_, B>,
    site: &SitePlan,
    plan: &InputPlan,
    i: InputIx,
    cover: Cover<S, W>,
) -> V<S, W> {
    let used = (site.ordering == Ordering::Ario).then(|| used_without_thrift(at, s, plan, i));
    want(&cover, used, at.constant(plan.restoration))
}

/// Use of input `i` without thrift.
#[inline(always)]
fn used_without_thrift<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &OrdersView<'_, B>,
    plan: &InputPlan,
    i: InputIx,
) -> V<S, W> {
    let used = at.of(&s.used[i]);
    match s.saved.get(i.at()).filter(|_| plan.usage == Usage::Varies) {
        None => used,
        Some(saved) => {
            let (usage, full) = (at.of(saved), at.of(&s.usage[i]));
            full.over(usage).select(used * (full / usage), used)
        }
    }
}

/// `want`: the use expected and part of the gap; where past use is given, that and part of a gap that is over 0.
#[inline(always)]
pub(super) fn want<S: Simd, const W: usize>(
    cover: &Cover<S, W>,
    used: Option<V<S, W>>,
    gain: V<S, W>,
) -> V<S, W> {
    let Cover { use_expected, stock, target, transit } = *cover;
    let gap = target - stock - transit;
    let asked = match used {
        None => use_expected + gap.unless_rounding(target) * gain,
        Some(used) => used + gap.beyond(target) * gain,
    };
    asked.beyond(use_expected + stock)
}

/// `Λ` of an input whose lanes take longer than a step.
#[inline(always)]
pub(super) fn pipeline<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &OrdersView<'_, B>,
    own: &OwnInput<'_, B>,
) -> V<S, W> {
    match own.plan.lead {
        Lead::None => at.all(0.0),
        Lead::Same(delay) => at.all(f64::from(delay)),
        // Where it cannot change, a number is read in place of a row.
        Lead::Steady => match at.p.known.pipeline.get(own.i.at()) {
            Some(known) => at.all(*known),
            None => at.of(&s.ordered.pipeline[own.i]),
        },
        Lead::Follows => at.of(&s.ordered.pipeline[own.i]),
    }
}

/// `Λ` follows the lead times of the orders that were placed, where these differ.
#[inline(always)]
pub(super) fn follow_pipeline<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut OrdersView<'_, B>,
    own: &OwnInput<'_, B>,
) {
    let (mut total, mut far) = (at.all(0.0), at.all(0.0));
    let lanes = &at.p.plan.lanes[own.plan.lanes];
    let (lanes, orders) = cut(lanes, own.order);
    for number in 0..lanes.len() {
        let lane = &lanes[number];
        let order = at.of(&orders[number]);
        total = total + order;
        far = far + order * at.delay(lane);
    }
    let row = &mut s.ordered.pipeline[own.i];
    let pipeline = at.of(row);
    let mean = total.over(at.all(0.0)).select(far / total, pipeline);
    (pipeline + (mean - pipeline) * at.constant(own.site.smoothing)).put(row, at.v);
}
