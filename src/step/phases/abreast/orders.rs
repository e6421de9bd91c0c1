//! Phases 7 and 9, and 2 of the next step, of inputs abreast.

use super::{ONE, abreast};
use crate::schedule::rows::Row;
use crate::step::phases::offers::{place, place_limited};
use crate::step::phases::orders::{Own, order_as};
use crate::step::phases::wants::{Cover, follow_pipeline, followed, want};
use crate::step::plan::{Ends, Stretch, numbers};
use crate::step::state::{Scratch, ScratchView};
use crate::step::vector::{V, Width};
use crate::step::view::{At, OrdersView, PreparedView};
use pulp::{Scalar, Simd};
use std::mem::take;

/// Phases 7 and 9 of a part of the network, and what arrives in the next step. Not for the last step.
#[inline(always)]
pub(crate) fn orders_abreast<S: Simd, const B: usize>(
    simd: Width<S, 1>,
    p: &PreparedView<'_, B>,
    mut s: OrdersView<'_, B>,
    scratch: &mut Scratch<B>,
    part: &Stretch,
) {
    let (first, end, abreast) = (part.start, part.end, p.plan.abreast);
    let inputs = first.input..end.input;
    let constants = p.constants.as_flattened();
    let (mut view, scratch) = scratch.views();

    // Expected activity. That of reserves is asked for by nobody.
    let gains = &abreast.smoothing[first.site..end.site];
    let possible = &s.possible.as_flattened()[first.site..end.site];
    let expected = take(&mut s.expected).as_flattened_mut();
    abreast!(simd, k in gains.len(), {
        let before = V::load(simd, expected, k);
        let gain = V::gather(simd, constants, gains, k, |row| *row as usize);
        gain.store(&mut scratch.smoothing, k);
        (before + (V::load(simd, possible, k) - before) * gain).store(expected, k);
    });

    // Phase 7: what is sent on each lane, and what is due in exchange.
    let orders = take(&mut s.order);
    let (rows, shares) = (&abreast.share[first.lane..end.lane], s.share.as_flattened());
    let (now, due) = (&mut scratch.now[..rows.len()], &mut scratch.due[..rows.len()]);
    {
        let orders = orders.as_flattened();
        abreast!(simd, k in rows.len(), {
            let sent = V::load(simd, orders, k) * V::gather(simd, shares, rows, k, |row| *row as usize);
            sent.store(now, k);
            sent.store(due, k);
        });
    }
    for (turn, row, lanes) in &part.transit {
        let row = (row + s.turns[*turn as usize]) as usize - first.ring;
        for (e, ring) in lanes.iter().zip(&mut s.ring.all()[row..]) {
            let e = *e as usize - first.lane;
            (due[e], *ring) = (*ring, now[e]);
        }
    }
    let (sent, arrived) = (&mut scratch.sent[..inputs.len()], &mut scratch.arrived[..inputs.len()]);
    sent.fill(0.0);
    arrived.fill(0.0);
    for (group, members) in &part.groups {
        let (sums, lanes) = ((&mut *sent, &mut *arrived), (&*now, &*due));
        match group.lanes {
            1 => add_up::<1>(1, members, lanes, sums),
            2 => add_up::<2>(2, members, lanes, sums),
            3 => add_up::<3>(3, members, lanes, sums),
            4 => add_up::<4>(4, members, lanes, sums),
            n => add_up::<0>(n, members, lanes, sums),
        }
    }

    for (turn, row, inputs) in &part.pooled {
        let row = (row + s.turns[*turn as usize]) as usize - first.ring;
        for (i, ring) in inputs.iter().zip(&mut s.ring.all()[row..]) {
            let i = *i as usize - first.input;
            (arrived[i], *ring) = (*ring, sent[i]);
        }
    }

    // Phase 9: what is wanted. Inputs that are walked one by one keep their stock, and get their orders below.
    let stocks = take(&mut s.stock);
    let wants = &mut scratch.want[..inputs.len()];
    {
        let (stocks, transit, pipeline) = (stocks.as_flattened_mut(), s.transit.all(), s.pipeline.all());
        let (usages, owners) = (&p.plan.usage[inputs.clone()], &abreast.sites[inputs.clone()]);
        let targets = &abreast.stock_target[inputs.clone()];
        let gains = &abreast.restoration[inputs.clone()];
        abreast!(simd, k in inputs.len(), {
            let expected = V::gather(simd, expected, owners, k, |site| *site as usize - first.site);
            let (use_expected, stock) = (V::load(simd, usages, k) * expected, V::load(simd, stocks, k));
            let steps =
                V::gather(simd, constants, targets, k, |row| *row as usize) + V::load(simd, pipeline, k);
            let under_way = V::load(simd, transit, k) + V::load(simd, sent, k);
            let cover = Cover { use_expected, stock, target: steps * use_expected, transit: under_way };
            want(&cover, None, V::gather(simd, constants, gains, k, |row| *row as usize)).store(wants, k);
            let arrived = V::load(simd, arrived, k);
            (under_way - arrived).positive().store(transit, k);
            (stock + arrived).store(stocks, k);
        });
    }

    let at = At { simd: ONE, v: 0, p };
    for i in part.others.iter().map(|i| *i as usize) {
        let own = own(p, &first, i, stocks, orders);
        let expected = V::all(ONE, expected[abreast.sites[i] as usize - first.site]);
        order_as(at, &mut s, &mut view, own, p.kinds[i], (p.plan.usage[i], expected));
    }
    // What follows goes over all lanes, as that is faster than to leave out a few.
    let flat = orders.as_flattened_mut();
    for (kept, e) in scratch.kept.iter_mut().zip(&part.other_lanes) {
        *kept = flat[*e as usize - first.lane];
    }

    // Split by planned shares up to the limits, which mostly are not reached.
    let lanes = first.lane..end.lane;
    let planned = if p.known_planned.is_empty() { p.planned.as_flattened() } else { p.known_planned };
    let limits = if p.known_surge.is_empty() { p.surge.as_flattened() } else { p.known_surge };
    {
        let (planned, owners) = (&planned[lanes.clone()], &abreast.inputs[lanes.clone()]);
        let limits = limits.get(lanes).unwrap_or_default();
        abreast!(simd, k in owners.len(), {
            let want = V::gather(simd, wants, owners, k, |input| *input as usize - first.input);
            let asked = want * V::load(simd, planned, k);
            let order = if limits.is_empty() { asked } else { asked.min(V::load(simd, limits, k)) };
            order.store(flat, k);
        });
    }
    for (kept, e) in scratch.kept.iter().zip(&part.other_lanes) {
        flat[*e as usize - first.lane] = *kept;
    }
    // While any control acts, all inputs that know one go by what is noted for them. So that is also brought up to date in
    // the step in which the last control ends.
    let barred = s.shut.contains(&true) || s.turned.contains(&true);
    for (group, members) in part.groups.iter().filter(|(group, _)| group.limited || group.known) {
        let offers =
            Offers { at, members, first: &first, wants, smoothing: &scratch.smoothing, mixed: group.mixed };
        match group.lanes {
            _ if group.known && barred => offers.known(&mut s, &mut view, stocks, orders),
            1 => offers.limited::<1>(1, &mut s, stocks, orders),
            2 => offers.limited::<2>(2, &mut s, stocks, orders),
            3 => offers.limited::<3>(3, &mut s, stocks, orders),
            4 => offers.limited::<4>(4, &mut s, stocks, orders),
            n => offers.limited::<0>(n, &mut s, stocks, orders),
        }
    }
}

/// An input that is walked by itself.
#[inline(always)]
fn own<'s, const B: usize>(
    p: &PreparedView<'s, B>,
    first: &Ends,
    i: usize,
    stocks: &'s mut [Row<B>],
    orders: &'s mut [Row<B>],
) -> Own<'s, B> {
    let (plan, site) = (&p.plan.inputs[i], p.plan.abreast.sites[i] as usize);
    let lanes = numbers(&plan.lanes);
    Own {
        i,
        site: &p.plan.sites[site],
        plan,
        stock: &mut stocks[i - first.input],
        order: &mut orders[lanes.start - first.lane..lanes.end - first.lane],
    }
}

/// What is sent to inputs of `n` lanes, and what arrives; `N` is the same where it is known, else 0.
#[inline(always)]
fn add_up<const N: usize>(
    n: usize,
    members: &[[u32; 2]],
    (now, due): (&[f64], &[f64]),
    (sent, arrived): (&mut [f64], &mut [f64]),
) {
    let n = if N == 0 { n } else { N };
    for [i, e] in members.iter().map(|member| member.map(|slot| slot as usize)) {
        let (mut total, mut come) = (0.0, 0.0);
        for (now, due) in now[e..e + n].iter().zip(&due[e..e + n]) {
            total += now;
            come += due;
        }
        (sent[i], arrived[i]) = (total, come);
    }
}

/// What inputs of some group want, which may be more than their lanes take at once.
struct Offers<'a, const B: usize> {
    at: At<'a, Scalar, 1, B>,
    members: &'a [[u32; 2]],
    first: &'a Ends,
    wants: &'a [f64],
    /// By site.
    smoothing: &'a [f64],
    mixed: bool,
}

impl<const B: usize> Offers<'_, B> {
    /// What lanes that have limits leave is offered once more. `N` is the number of lanes where it is known, else 0.
    #[inline(always)]
    fn limited<const N: usize>(
        &self,
        n: usize,
        s: &mut OrdersView<'_, B>,
        stocks: &mut [Row<B>],
        orders: &mut [Row<B>],
    ) {
        let n = if N == 0 { n } else { N };
        let (at, first, abreast) = (self.at, self.first, self.at.p.plan.abreast);
        let delays = &abreast.delay[first.lane..];
        for [i, e] in self.members.iter().map(|member| member.map(|slot| slot as usize)) {
            let placed = orders[e..e + n].as_flattened();
            let (mut total, mut far) = (0.0, 0.0);
            for (order, delay) in placed.iter().zip(&delays[e..e + n]) {
                total += order;
                far += order * f64::from(*delay);
            }
            let (want, i) = (at.all(self.wants[i]), first.input + i);
            if (want - at.all(total)).beyond(want).over(at.all(0.0)).any() {
                let mut own = own(at.p, first, i, stocks, orders);
                place_limited(at, &mut own, want);
                if self.mixed {
                    follow_pipeline(at, s, &own);
                }
            } else if self.mixed {
                let gain = self.smoothing[abreast.sites[i] as usize - first.site];
                let row = &mut s.pipeline[i];
                followed(at.of(row), (at.all(total), at.all(far)), at.all(gain)).put(row, 0);
            }
        }
    }

    /// Orders over lanes on which controls act that buyers know.
    #[inline(always)]
    fn known(
        &self,
        s: &mut OrdersView<'_, B>,
        scratch: &mut ScratchView<'_, B>,
        stocks: &mut [Row<B>],
        orders: &mut [Row<B>],
    ) {
        let (at, first) = (self.at, self.first);
        for i in self.members.iter().map(|[i, _]| *i as usize) {
            let (want, i) = (at.all(self.wants[i]), first.input + i);
            let mut own = own(at.p, first, i, stocks, orders);
            place(at, s, scratch, &mut own, &at.p.plan.offers[i], want);
            if self.mixed {
                follow_pipeline(at, s, &own);
            }
        }
    }
}
