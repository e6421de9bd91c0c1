//! Rebuilding after events: the amounts left, the demand for them, and deliveries.

use crate::network::{Network, Span, TaskIx};
use crate::schedule::rows::Row;
use crate::step::plan::TaskPlan;
use crate::step::prepare::PreparedView;
use crate::step::state::Live;
use crate::step::vector::V;
use crate::step::view::{At, SupplyView};
use pulp::Simd;

/// Phase 1: the share that is left of the scarcest good of each rebuilding.
pub(super) fn left_to_rebuild<const B: usize>(m: &Network, p: &PreparedView<'_, B>, s: &mut Live<'_, B>) {
    for (number, tasks) in m.rebuildings.pairs() {
        let mut left = [0.0; B];
        for &task in tasks {
            let (all, own) = (&p.facts.constants[p.plan.tasks[task].amount], &s.supplied.unbuilt[task]);
            for k in 0..B {
                if all[k] > 0.0 {
                    left[k] = f64::max(left[k], own[k] / all[k]);
                }
            }
        }
        s.conditions.unbuilt[number] = left;
    }
}

/// `R` of an output in the first trial of a block.
pub(crate) fn asked_to_rebuild<const B: usize>(
    p: &PreparedView<'_, B>,
    s: &Live<'_, B>,
    tasks: Span<TaskIx>,
) -> f64 {
    tasks.into_iter().fold(0.0, |sum, task| {
        let TaskPlan { rebuilding, gain, .. } = p.plan.tasks[task];
        let begun: &Row<B> = &s.conditions.begun[rebuilding];
        sum + s.supplied.unbuilt[task][0] * (begun[0] * p.facts.constants[gain][0])
    })
}

/// `R` of an output.
#[inline(always)]
pub(super) fn rebuilding<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &SupplyView<'_, B>,
    tasks: Span<TaskIx>,
) -> V<S, W> {
    tasks.into_iter().fold(at.all(0.0), |sum, task| sum + asked(at, s, task))
}

/// Delivers a share of the demand.
#[inline(always)]
pub(super) fn rebuild<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut SupplyView<'_, B>,
    tasks: Span<TaskIx>,
    share: V<S, W>,
) {
    for task in tasks {
        let left = at.of(&s.supplied.unbuilt[task]) - share * asked(at, s, task);
        let all = at.constant(at.p.plan.tasks[task].amount);
        left.beyond(all).put(&mut s.supplied.unbuilt[task], at.v);
    }
}

/// `Q min(1, Δ/τ)`, in the part of the step since the onset.
#[inline(always)]
fn asked<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &SupplyView<'_, B>,
    task: TaskIx,
) -> V<S, W> {
    let plan = &at.p.plan.tasks[task];
    let begun = at.of(&s.begun[plan.rebuilding]);
    at.of(&s.supplied.unbuilt[task]) * (begun * at.constant(plan.gain))
}
