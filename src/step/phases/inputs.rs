//! Phase 5: the activity that stocks allow, and its use of them.

mod several;

use super::own::{OwnSite, cut, cut_mut};
use crate::network::{InputIx, Ix};
use crate::scenario::Ordering;
use crate::schedule::rows::{ROUNDING, Row};
use crate::step::plan::{CutPlan, Motion, SitePlan, Throttle, Usage};
use crate::step::state::ScratchView;
use crate::step::vector::V;
use crate::step::view::{At, SupplyView};
use pulp::Simd;

/// Phase 5: the activity that stocks allow, which uses them.
#[inline(always)]
pub(super) fn use_up<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut SupplyView<'_, B>,
    own: &mut OwnSite<'_, B>,
    scratch: &mut ScratchView<'_, B>,
    possible: V<S, W>,
) -> V<S, W> {
    let (v, site) = (at.v, own.site);
    let cuts = &at.p.plan.cuts[site.inputs];
    // Mostly there is enough of every input in all trials.
    let mut short = false;
    if (site.usage, site.throttle) == (Usage::Known, Throttle::Hard) {
        let (known, stocks) = cut(own.known, own.stock);
        for i in 0..known.len() {
            let usage = &known[i];
            short |= at.of(&stocks[i]).lacks(at.all(*usage) * possible).any();
        }
    } else {
        let (stocks, usages) = (&own.stock[..cuts.len()], &s.usage[site.inputs][..cuts.len()]);
        for (i, plan) in cuts.iter().enumerate() {
            let required = required(at, site, plan, at.of(&usages[i]) * possible);
            short |= at.of(&stocks[i]).lacks(required).any();
        }
    }
    if short {
        s.limited[own.n] = true;
        return limit(at, s, own, scratch, possible);
    }
    match (site.usage, site.ordering) {
        (Usage::Known, Ordering::Ario) => {
            let (known, stocks) = cut_mut(own.known, own.stock);
            let rows = &mut s.supplied.used[site.inputs][..known.len()];
            for i in 0..known.len() {
                let usage = &known[i];
                let stock = at.of(&stocks[i]);
                let used = stock.min(at.all(*usage) * possible);
                (stock - used).put(&mut stocks[i], v);
                used.put(&mut rows[i], v);
            }
        }
        (Usage::Known, Ordering::Smoothed) => {
            let (known, stocks) = cut_mut(own.known, own.stock);
            for i in 0..known.len() {
                let usage = &known[i];
                (at.of(&stocks[i]) - at.all(*usage) * possible).positive().put(&mut stocks[i], v);
            }
        }
        (Usage::Varies, _) => {
            let stocks = &mut own.stock[..cuts.len()];
            for (number, plan) in cuts.iter().enumerate() {
                let i = site.inputs.start.plus(number);
                let used = at.of(&s.usage[i]) * possible;
                note_use(at, s, (site, plan, i), &mut stocks[number], used);
            }
        }
    }
    if site.followed {
        at.all(-1.0).put(&mut s.supplied.limiting[own.n], v);
    }
    possible
}

/// The stock of an input that full activity requires, given its use.
#[inline(always)]
fn required<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    site: &SitePlan,
    plan: &CutPlan,
    full: V<S, W>,
) -> V<S, W> {
    match site.throttle {
        Throttle::Hard => full,
        Throttle::Threshold => at.constant(plan.throttle) * full,
    }
}

/// `a` of an input, given its number where that is known, and its row.
#[inline(always)]
fn usage<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    site: &SitePlan,
    (known, row): (&f64, &Row<B>),
) -> V<S, W> {
    match site.usage {
        Usage::Known => at.all(*known),
        Usage::Varies => at.of(row),
    }
}

/// Production and use where an input is short in some trial: the activity.
#[inline(always)]
fn limit<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut SupplyView<'_, B>,
    own: &mut OwnSite<'_, B>,
    scratch: &mut ScratchView<'_, B>,
    possible: V<S, W>,
) -> V<S, W> {
    let v = at.v;
    let (zero, one) = (at.all(0.0), at.all(1.0));
    let site = own.site;
    let plans = &at.p.plan.cuts[site.inputs];
    let usages = s.usage.span(site.inputs);
    let ([plan], [row], [varies], [known]) = (plans, &mut *own.stock, usages, own.known) else {
        return several::limit(at, s, own, scratch, possible);
    };
    // Nothing else can be short.
    let usage = usage(at, site, (known, varies));
    let full = usage * possible;
    let ratio = at.of(row).suffices(required(at, site, plan, full));
    let criticality = at.constant(plan.criticality);
    let passes = passes(one, criticality, ratio).positive();
    criticality.over(zero).select(ratio, one).put(&mut s.supplied.thinnest[own.n], v);
    if site.followed {
        let limits = at.all(1.0 - ROUNDING).over(passes);
        limits.select(zero, zero - one).put(&mut s.supplied.limiting[own.n], v);
    }
    let (i, actual) = (site.inputs.start, possible * passes);
    let short = Short { full, share: ratio, passes: passes.min(ratio), counted: usage * actual };
    let used = use_short(at, s, (plan, i), at.of(row), short);
    note_use(at, s, (site, plan, i), row, used);
    actual
}

/// The share of activity that a group lets through with one more of its inputs, of which the share `ratio` of the required
/// stock is there.
#[inline(always)]
fn passes<S: Simd, const W: usize>(before: V<S, W>, criticality: V<S, W>, ratio: V<S, W>) -> V<S, W> {
    before - criticality * (V::all(ratio.width(), 1.0) - ratio)
}

/// An input of a group that is short.
struct Short<S: Simd, const W: usize> {
    /// Its use by full activity, and the share of it that can be used.
    full: V<S, W>,
    share: V<S, W>,
    /// Less than 1 where it or its group is short.
    passes: V<S, W>,
    /// The use that is counted, from the activity.
    counted: V<S, W>,
}

/// Use of an input of a group that is short, given its stock; the part of it that the activity does not tell is noted.
#[inline(always)]
fn use_short<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut SupplyView<'_, B>,
    (plan, i): (&CutPlan, InputIx),
    stock: V<S, W>,
    Short { full, share, passes, counted }: Short<S, W>,
) -> V<S, W> {
    let used = stock.min(full * share);
    if plan.usage == Motion::Still {
        // A trial's sums must not show that it is its neighbour that is short. An input that is short counts also where
        // its group lets all through, as it does where nothing hangs on the input.
        let more = at.all(1.0).over(passes).select(used - counted, at.all(0.0));
        at.add(&mut s.sums.taken[i], more);
    }
    used
}

/// Takes the use of an input from its stock, and notes it where something rests on it.
#[inline(always)]
fn note_use<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut SupplyView<'_, B>,
    (site, plan, i): (&SitePlan, &CutPlan, InputIx),
    row: &mut Row<B>,
    used: V<S, W>,
) {
    let stock = at.of(row);
    let used = stock.min(used);
    (stock - used).put(row, at.v);
    if plan.usage == Motion::Moves {
        at.add(&mut s.sums.taken[i], used);
    }
    if site.ordering == Ordering::Ario {
        used.put(&mut s.supplied.used[i], at.v);
    }
}
