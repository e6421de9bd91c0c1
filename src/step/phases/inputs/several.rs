//! Activity of a site with several inputs, by group and by firm.

use super::super::own::OwnSite;
use super::{Short, note_use, passes, required, usage, use_short};
use crate::network::{GroupIx, Ix, KindIx};
use crate::schedule::rows::ROUNDING;
use crate::step::plan::{CutPlan, SitePlan};
use crate::step::state::ScratchView;
use crate::step::vector::V;
use crate::step::view::{At, SupplyView};
use pulp::Simd;

/// Production and use where an input is short in some trial: each firm makes as much of its part of the activity as its own
/// stocks and the common ones let through.
#[inline(always)]
pub(super) fn limit<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    s: &mut SupplyView<'_, B>,
    own: &mut OwnSite<'_, B>,
    scratch: &mut ScratchView<'_, B>,
    possible: V<S, W>,
) -> V<S, W> {
    let (v, site, one) = (at.v, own.site, at.all(1.0));
    let plans = &at.p.plan.cuts[site.inputs];
    let usages = s.usage.span(site.inputs);
    let stocks = &mut own.stock[..plans.len()];
    let cuts = &mut scratch.cuts[..site.groups as usize];
    cuts.fill(false);
    let mut thinnest = one;
    for (number, plan) in plans.iter().enumerate() {
        let full = usage(at, site, (&own.known[number], &usages[number])) * possible;
        let stock = at.of(&stocks[number]);
        let required = required(at, site, plan, full);
        let lacks = stock.lacks(required).any();
        scratch.lacks[number] = lacks;
        if lacks {
            cuts[plan.group.at()] = true;
            let ratio = stock.suffices(required);
            ratio.put(&mut scratch.ratios[number], v);
            let is_critical = at.constant(plan.criticality).over(at.all(0.0));
            thinnest = is_critical.select(thinnest.min(ratio), thinnest);
        }
    }
    thinnest.put(&mut s.supplied.thinnest[own.n], v);
    if site.overlap.is_some() {
        hang(at, scratch, plans);
    }
    let (mut sum, mut least) = (at.all(0.0), one);
    for firm in 0..site.firms {
        let [lowest, second] = pass(at, site, scratch, plans, firm);
        sum = sum + lowest;
        least = least.min(lowest);
        let row = &mut scratch.lowest[firm as usize];
        lowest.put(&mut row[0], v);
        second.put(&mut row[1], v);
    }
    let share = mean(at, site, sum);
    if site.followed {
        limiting(at, site, scratch, plans, share).put(&mut s.supplied.limiting[own.n], v);
    }
    let actual = possible * share;
    for (number, plan) in plans.iter().enumerate() {
        let (i, row) = (site.inputs.start.plus(number), &mut stocks[number]);
        let usage = usage(at, site, (&own.known[number], &usages[number]));
        if !scratch.cuts[plan.group.at()] && plan.firm.is_none() {
            note_use(at, s, (site, plan, i), row, usage * possible * share);
            continue;
        }
        let ratio = ratio_of(at, scratch, number);
        let (share, passes) = match plan.firm {
            // The activity of all firms does not tell the use of one.
            Some(firm) => (usable(at, site, scratch, plan, firm, ratio), least),
            None => {
                let (mut sum, mut passes) = (at.all(0.0), one);
                for firm in 0..site.firms {
                    sum = sum + usable(at, site, scratch, plan, firm, ratio);
                    passes = passes.min(at.of(&scratch.groups[group_of(site, plan.group, firm)]));
                }
                (mean(at, site, sum), passes)
            }
        };
        let (full, passes) = (usage * possible, passes.min(ratio));
        let short = Short { full, share, passes, counted: usage * actual };
        let used = use_short(at, s, (plan, i), at.of(row), short);
        note_use(at, s, (site, plan, i), row, used);
    }
    actual
}

/// The mean of what firms have in common, from its sum.
#[inline(always)]
fn mean<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    site: &SitePlan,
    sum: V<S, W>,
) -> V<S, W> {
    if site.firms == 1 { sum } else { sum / at.all(f64::from(site.firms)) }
}

/// The share of the required stock of an input that is there.
#[inline(always)]
fn ratio_of<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    scratch: &ScratchView<'_, B>,
    number: usize,
) -> V<S, W> {
    if scratch.lacks[number] { at.of(&scratch.ratios[number]) } else { at.all(1.0) }
}

/// Where a group of inputs of a firm stands.
fn group_of(site: &SitePlan, group: GroupIx, firm: u32) -> usize {
    firm as usize * site.groups as usize + group.at()
}

/// Where a kind of inputs of a firm stands.
fn kind_of(site: &SitePlan, kind: KindIx, firm: u32) -> usize {
    firm as usize * site.kinds as usize + kind.at()
}

/// The inputs that a firm uses: its own and the common ones.
fn of_firm(plans: &[CutPlan], firm: u32) -> impl Iterator<Item = (usize, &CutPlan)> {
    plans.iter().enumerate().filter(move |(_, plan)| plan.firm.is_none_or(|own| own == firm))
}

/// The share of its full use of an input that a firm can use, as far as its own group goes and no further than the others go.
/// Products that are not built for want of one kind use none of the others that they would have held.
#[inline(always)]
fn usable<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    site: &SitePlan,
    scratch: &ScratchView<'_, B>,
    plan: &CutPlan,
    firm: u32,
    ratio: V<S, W>,
) -> V<S, W> {
    let group = group_of(site, plan.group, firm);
    let [lowest, second] = &scratch.lowest[firm as usize];
    let lowest = at.of(lowest);
    if !scratch.cuts[plan.group.at()] {
        return lowest;
    }
    let passes = at.of(&scratch.groups[group]);
    let others = passes.over(lowest).select(lowest, at.of(second));
    let needed = match site.overlap {
        Some(overlap) => {
            let kind = at.of(&scratch.kinds[kind_of(site, plan.kind, firm)]);
            let built = kind.over(at.all(0.0)).select(at.of(&scratch.scarcest[group]) / kind, at.all(0.0));
            ratio - at.constant(overlap) * (ratio - ratio * built)
        }
        None => ratio,
    };
    needed.min(others)
}

/// `(1 − o) γ`: the part of output that needs an input and no other of its group.
#[inline(always)]
fn disjoint<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    site: &SitePlan,
    criticality: V<S, W>,
) -> V<S, W> {
    match site.overlap {
        Some(overlap) => (at.all(1.0) - at.constant(overlap)) * criticality,
        None => criticality,
    }
}

/// Works out `Γ` of the groups that are short of an input, and `Γ_k` of their kinds: the parts of output that need any of it. All
/// firms are alike.
#[inline(always)]
fn hang<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    scratch: &mut ScratchView<'_, B>,
    plans: &[CutPlan],
) {
    for (_, plan) in of_firm(plans, 0).filter(|(_, plan)| scratch.cuts[plan.group.at()]) {
        at.all(0.0).put(&mut scratch.hangs[plan.group.at()], at.v);
        at.all(0.0).put(&mut scratch.of_kind[plan.kind.at()], at.v);
    }
    for (_, plan) in of_firm(plans, 0).filter(|(_, plan)| scratch.cuts[plan.group.at()]) {
        let criticality = at.constant(plan.criticality);
        at.add(&mut scratch.hangs[plan.group.at()], criticality);
        at.add(&mut scratch.of_kind[plan.kind.at()], criticality);
    }
}

/// Works out how much of each kind of a firm's inputs is there, `r_k`, and of the scarcest of a group, `ρ`.
#[inline(always)]
fn by_kind<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    site: &SitePlan,
    scratch: &mut ScratchView<'_, B>,
    plans: &[CutPlan],
    firm: u32,
) {
    let (v, zero, one) = (at.v, at.all(0.0), at.all(1.0));
    for (_, plan) in of_firm(plans, firm).filter(|(_, plan)| scratch.cuts[plan.group.at()]) {
        zero.put(&mut scratch.kinds[kind_of(site, plan.kind, firm)], v);
        one.put(&mut scratch.scarcest[group_of(site, plan.group, firm)], v);
    }
    for (number, plan) in of_firm(plans, firm).filter(|(number, _)| scratch.lacks[*number]) {
        let missing = &mut scratch.kinds[kind_of(site, plan.kind, firm)];
        let more = at.constant(plan.criticality) * (one - at.of(&scratch.ratios[number]));
        (at.of(missing) + more).put(missing, v);
    }
    let mut known = 0;
    for (_, plan) in of_firm(plans, firm).filter(|(_, plan)| scratch.cuts[plan.group.at()]) {
        // Kinds are numbered as they first come.
        if plan.kind.at() < known {
            continue;
        }
        known = plan.kind.at() + 1;
        let row = &mut scratch.kinds[kind_of(site, plan.kind, firm)];
        let all = at.of(&scratch.of_kind[plan.kind.at()]);
        let present = all.over(zero).select((one - at.of(row) / all).positive(), one);
        present.put(row, v);
        let scarcest = &mut scratch.scarcest[group_of(site, plan.group, firm)];
        at.of(scarcest).min(present).put(scarcest, v);
    }
}

/// Works out the share of its activity that each group of inputs of a firm lets through: the lowest two.
#[inline(always)]
fn pass<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    site: &SitePlan,
    scratch: &mut ScratchView<'_, B>,
    plans: &[CutPlan],
    firm: u32,
) -> [V<S, W>; 2] {
    let (v, one) = (at.v, at.all(1.0));
    let groups = group_of(site, GroupIx::new(0), firm)..group_of(site, GroupIx::new(0), firm + 1);
    for (_, group) in groups.clone().enumerate().filter(|(number, _)| scratch.cuts[*number]) {
        one.put(&mut scratch.groups[group], v);
    }
    for (number, plan) in of_firm(plans, firm).filter(|(number, _)| scratch.lacks[*number]) {
        let group = group_of(site, plan.group, firm);
        let (ratio, criticality) = (at.of(&scratch.ratios[number]), at.constant(plan.criticality));
        let row = &mut scratch.groups[group];
        passes(at.of(row), disjoint(at, site, criticality), ratio).put(row, v);
    }
    if site.overlap.is_some() {
        by_kind(at, site, scratch, plans, firm);
    }
    let (mut lowest, mut second) = (one, one);
    for (number, group) in groups.enumerate().filter(|(number, _)| scratch.cuts[*number]) {
        let mut let_through = at.of(&scratch.groups[group]);
        if let Some(overlap) = site.overlap {
            let shared = at.constant(overlap) * at.of(&scratch.hangs[number]);
            let_through = passes(let_through, shared, at.of(&scratch.scarcest[group]));
        }
        let let_through = let_through.positive();
        let_through.put(&mut scratch.groups[group], v);
        second = second.min(lowest.max(let_through));
        lowest = lowest.min(let_through);
    }
    [lowest, second]
}

/// The limiting input, counted from the first of the site: the one with the largest cut in the lowest group; −1 for none. The cuts of
/// an input in all firms count together, for the first of its rows.
#[inline(always)]
fn limiting<S: Simd, const W: usize, const B: usize>(
    at: At<'_, S, W, B>,
    site: &SitePlan,
    scratch: &ScratchView<'_, B>,
    plans: &[CutPlan],
    share: V<S, W>,
) -> V<S, W> {
    let (zero, one) = (at.all(0.0), at.all(1.0));
    let cut = at.all(1.0 - ROUNDING).over(share);
    let (mut largest, mut limiting, mut sum) = (zero, at.all(-1.0), zero);
    for (number, plan) in plans.iter().enumerate() {
        let (ratio, criticality) = (ratio_of(at, scratch, number), at.constant(plan.criticality));
        let (first, firms) = match plan.firm {
            Some(firm) => (number - firm as usize, firm..firm + 1),
            None => (number, 0..site.firms),
        };
        if first == number {
            sum = zero;
        }
        for firm in firms.filter(|_| scratch.lacks[number]) {
            let group = group_of(site, plan.group, firm);
            let mut own = disjoint(at, site, criticality) * (one - ratio);
            if let Some(overlap) = site.overlap {
                let of_kind = at.of(&scratch.of_kind[plan.kind.at()]);
                let hangs = at.of(&scratch.hangs[plan.group.at()]);
                let shared = at.constant(overlap) * hangs * criticality * (one - ratio) / of_kind;
                let present = at.of(&scratch.kinds[kind_of(site, plan.kind, firm)]);
                let is_scarcest = of_kind.over(zero).and(present.equals(at.of(&scratch.scarcest[group])));
                own = own + is_scarcest.select(shared, zero);
            }
            let limits = at.of(&scratch.groups[group]).equals(at.of(&scratch.lowest[firm as usize][0]));
            sum = sum + limits.select(own, zero);
        }
        if plan.firm.is_none_or(|firm| firm + 1 == site.firms) {
            let limits = cut.and(sum.over(largest));
            largest = limits.select(sum, largest);
            limiting = limits.select(at.all(first as f64), limiting);
        }
    }
    limiting
}
