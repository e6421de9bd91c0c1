//! Phases 3 to 6 of sites abreast.

use super::{ONE, abreast};
use crate::step::phases::inputs::use_up;
use crate::step::phases::production::{OvertimeTerms, Own, overtime, supply};
use crate::step::phases::rationing::{backlog, proportional};
use crate::step::plan::{Ends, Form, MANY, OutputPlan, Stretch, numbers};
use crate::step::state::{AbreastScratch, Scratch};
use crate::step::vector::{V, Width};
use crate::step::view::{At, PreparedView, SupplyView};
use pulp::Simd;
use std::mem::take;

/// Phases 3 to 6 of a part of the network.
#[inline(always)]
pub(crate) fn supply_abreast<S: Simd, const B: usize>(
    simd: Width<S, 1>,
    p: &PreparedView<'_, B>,
    mut s: SupplyView<'_, B>,
    scratch: &mut Scratch<B>,
    part: &Stretch,
) {
    if part.runs.iter().any(|(_, form)| form.is_some()) {
        asked(p, &s, scratch.views().1, part);
    }
    let mut from = part.start;
    for (end, form) in &part.runs {
        let view = s.before(&from, end);
        match form {
            Some(form) => run(simd, p, view, scratch, form, (&part.start, end)),
            None => supply(ONE, p, view, &mut scratch.view(), from.site..end.site),
        }
        from = *end;
    }
}

/// What all lanes ask of each output. What is read lies far apart, and where sums end is not to be guessed, so that many
/// reads are under way at once.
#[inline(always)]
fn asked<const B: usize>(
    p: &PreparedView<'_, B>,
    s: &SupplyView<'_, B>,
    scratch: &mut AbreastScratch,
    part: &Stretch,
) {
    let flow = s.flow.as_flattened();
    let starts = &p.plan.abreast.served[part.start.output..=part.end.output];
    let (first, served, asked) = (part.start.output, p.plan.served, &mut scratch.asked[..]);
    for (n, members) in &part.serving {
        match n {
            0 => add_up::<0>(starts, members, first, (served, flow), asked),
            1 => add_up::<1>(starts, members, first, (served, flow), asked),
            2 => add_up::<2>(starts, members, first, (served, flow), asked),
            3 => add_up::<3>(starts, members, first, (served, flow), asked),
            4 => add_up::<4>(starts, members, first, (served, flow), asked),
            5 => add_up::<5>(starts, members, first, (served, flow), asked),
            6 => add_up::<6>(starts, members, first, (served, flow), asked),
            7 => add_up::<7>(starts, members, first, (served, flow), asked),
            8 => add_up::<8>(starts, members, first, (served, flow), asked),
            _ => add_up::<MANY>(starts, members, first, (served, flow), asked),
        }
    }
}

/// Sums of outputs that serve `N` lanes, or [`MANY`].
#[inline(always)]
fn add_up<const N: usize>(
    starts: &[u32],
    members: &[u32],
    first: usize,
    (served, flow): (&[u32], &[f64]),
    asked: &mut [f64],
) {
    for o in members.iter().map(|o| *o as usize - first) {
        let start = starts[o] as usize;
        let n = if N < MANY { N } else { starts[o + 1] as usize - start };
        let passing = served[start..start + n].iter().map(|passing| flow[*passing as usize]);
        asked[o] = passing.fold(0.0, |asked, passing| asked + passing);
    }
}

/// Phases 3 to 6 of sites of one form.
#[inline(always)]
fn run<S: Simd, const B: usize>(
    simd: Width<S, 1>,
    p: &PreparedView<'_, B>,
    mut s: SupplyView<'_, B>,
    scratch: &mut Scratch<B>,
    form: &Form,
    (begun, end): (&Ends, &Ends),
) {
    let first = s.first;
    let (mut view, scratch) = scratch.views();
    let asked = &scratch.asked[first.output - begun.output..end.output - begun.output];
    let sites = Sites { form, first, end, outputs: &p.plan.outputs[first.output..end.output], asked };
    sites.produce(simd, p, &mut s);
    let stocks = take(&mut s.stock);
    s.limited.fill(false);
    // Mostly there is enough of every input.
    let short = &mut scratch.short[..asked.len()];
    if sites.consume(
        simd,
        p,
        s.possible.as_flattened(),
        stocks.as_flattened_mut(),
        (&mut scratch.used, short),
    ) {
        let at = At { simd: ONE, v: 0, p };
        for number in (0..short.len()).filter(|&number| short[number]) {
            let site = &p.plan.sites[first.site + number];
            let own = numbers(&site.inputs);
            let stock = &mut stocks[own.start - first.input..own.end - first.input];
            let mut own = Own { site, number, stock, known: &p.plan.usage[own] };
            let possible = at.of(&s.possible[number]);
            use_up(at, &mut s, &mut own, &mut view, possible).put(&mut s.actual[number], 0);
        }
    }
    sites.serve(simd, p, &mut s, &mut scratch.share);
}

/// Sites of one form, which follow on each other.
struct Sites<'a> {
    form: &'a Form,
    /// Where the slots of the sites begin and end.
    first: Ends,
    end: &'a Ends,
    outputs: &'a [OutputPlan],
    /// What all lanes ask of each output.
    asked: &'a [f64],
}

impl Sites<'_> {
    /// A constant of outputs.
    #[inline(always)]
    fn constant<S: Simd, const B: usize>(
        &self,
        simd: Width<S, 1>,
        p: &PreparedView<'_, B>,
        k: usize,
        row: impl Fn(&OutputPlan) -> u32,
    ) -> V<S, 1> {
        V::gather(simd, p.constants.as_flattened(), self.outputs, k, |output| row(output) as usize)
    }

    /// Phases 3 and 4: demand, need, and what is possible, which is what is done if there is enough of every input.
    #[inline(always)]
    fn produce<S: Simd, const B: usize>(
        &self,
        simd: Width<S, 1>,
        p: &PreparedView<'_, B>,
        s: &mut SupplyView<'_, B>,
    ) {
        let Sites { form, first, end, .. } = *self;
        let slots = first.site..end.site;
        let (constants, abreast) = (p.constants.as_flattened(), p.plan.abreast);
        let (ceilings, gains) = (&abreast.overtime_max[slots.clone()], &abreast.overtime_gain[slots.clone()]);
        let fresh = &s.final_demand.as_flattened()[first.output..end.output];
        let (capacity, waiting) = (&s.capacity.as_flattened()[slots], s.backlog.all());
        let (needs, alphas) = (s.need.as_flattened_mut(), s.overtime.as_flattened_mut());
        let (possible, actual) = (s.possible.as_flattened_mut(), s.actual.as_flattened_mut());
        abreast!(simd, k in ceilings.len(), {
            let (asked, fresh) = (V::load(simd, self.asked, k), V::load(simd, fresh, k));
            let demand = asked + if form.waits { fresh + V::load(simd, waiting, k) } else { fresh };
            let mut need = demand;
            if !form.unit_yield {
                need = demand / self.constant(simd, p, k, |output| output.yields);
            }
            need.store(needs, k);
            let capacity = V::load(simd, capacity, k);
            let mut most = capacity;
            if let Some(rule) = form.overtime {
                let terms = OvertimeTerms {
                    most: V::gather(simd, constants, ceilings, k, |row| *row as usize),
                    gain: V::gather(simd, constants, gains, k, |row| *row as usize),
                    previous: V::load(simd, actual, k),
                };
                let alpha = overtime(rule, V::load(simd, alphas, k), terms, (need, capacity));
                alpha.store(alphas, k);
                most = alpha * capacity;
            }
            let most = most.min(need);
            most.store(possible, k);
            most.store(actual, k);
        });
    }

    /// Phase 5 of sites that are not short of any input. Whether any is short, and which.
    #[inline(always)]
    fn consume<S: Simd, const B: usize>(
        &self,
        simd: Width<S, 1>,
        p: &PreparedView<'_, B>,
        possible: &[f64],
        stocks: &mut [f64],
        (used, short): (&mut [f64], &mut [bool]),
    ) -> bool {
        let inputs = self.first.input..self.end.input;
        let (owners, usages) = (&p.plan.abreast.sites[inputs.clone()], &p.plan.usage[inputs]);
        let owner = |site: &u32| *site as usize - self.first.site;
        short.fill(false);
        let mut any = false;
        abreast!(simd, k in owners.len(), {
            let use_possible = V::load(simd, usages, k) * V::gather(simd, possible, owners, k, owner);
            use_possible.store(used, k);
            if use_possible.over(V::load(simd, stocks, k)).any() {
                any = true;
                for (k, site) in owners.iter().enumerate().skip(k).take(simd.lanes()) {
                    short[owner(site)] |= used[k] > stocks[k];
                }
            }
        });
        if any {
            for ((stock, used), site) in stocks.iter_mut().zip(used).zip(owners) {
                *stock -= if short[owner(site)] { 0.0 } else { *used };
            }
        } else {
            abreast!(simd, k in owners.len(), {
                (V::load(simd, stocks, k) - V::load(simd, used, k)).store(stocks, k);
            });
        }
        any
    }

    /// Phase 6: orders, and final demand with or after them.
    #[inline(always)]
    fn serve<S: Simd, const B: usize>(
        &self,
        simd: Width<S, 1>,
        p: &PreparedView<'_, B>,
        s: &mut SupplyView<'_, B>,
        shares: &mut [f64],
    ) {
        let Sites { form, first, end, .. } = *self;
        let fresh = &s.final_demand.as_flattened()[first.output..end.output];
        let (actual, made) = (s.actual.as_flattened(), s.made.as_flattened_mut());
        let (gone, waiting) = (s.gone.all(), s.backlog.all());
        abreast!(simd, k in fresh.len(), {
            let actual = V::load(simd, actual, k);
            (V::load(simd, made, k) + actual).store(made, k);
            let mut output = actual;
            if !form.unit_yield {
                output = self.constant(simd, p, k, |output| output.yields) * actual;
            }
            let (asked, fresh) = (V::load(simd, self.asked, k), V::load(simd, fresh, k));
            let demand = if form.waits { fresh + V::load(simd, waiting, k) } else { fresh };
            let (share, mut left) = proportional(output, if form.alike { asked + demand } else { asked });
            let mut last = share;
            if !form.alike {
                (last, left) = proportional(left, demand);
            }
            share.store(shares, k);
            if form.waits {
                let patience = self.constant(simd, p, k, |output| output.patience);
                let waits = self.constant(simd, p, k, |output| output.waiting);
                backlog((patience, V::load(simd, waiting, k)), (waits, fresh), last).store(waiting, k);
            }
            (V::load(simd, gone, k) + (last * demand + left)).store(gone, k);
        });
        let rows = s.share.as_flattened_mut();
        for (share, row) in shares.iter().zip(&p.plan.abreast.sends[first.output..end.output]) {
            if let Some(row) = row {
                rows[*row as usize - first.share] = *share;
            }
        }
    }
}
