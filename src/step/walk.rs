//! The walks over the sites: in one go, or where a trial fills the machine by threads that share them.
//!
//! What a site does to others passes through rows that are only read in the walk at hand, so it does not matter who walks
//! which site when.

use super::ledger::Mass;
use super::phases;
use super::plan::Ends;
use super::prepare::Prepared;
use super::state::{Scratch, State};
use super::vector::Width;
use super::view::{OrdersView, SupplyView};
use super::{dispatch, registers};
use crate::schedule::rows::Row;
use pulp::{Arch, Scalar, Simd, WithSimd};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// A trial by itself has one number for each slot.
const ONE: Width<Scalar, 1> = Width(Scalar);

/// Phases 3 to 6 of all sites.
pub(crate) fn supply<const B: usize>(arch: Arch, p: &Prepared<B>, s: &mut State<B>, mass: &mut Mass<B>) {
    if const { B > 1 } {
        return dispatch::<B, _>(arch, Supply(p, s, mass));
    }
    let (parts, (mut view, scratch)) = (&p.plan.parts, SupplyView::new(&p.plan, s, mass));
    let p = p.view();
    let take = |part: &Range<Ends>| view.before(&part.start, &part.end);
    share(parts, scratch, take, |part, view, scratch| {
        phases::supply(ONE, &p, view, &mut scratch.view(), part.start.site..part.end.site);
    });
}

/// Phases 7, 9 and 2 of all sites but reserves.
pub(crate) fn orders<const B: usize>(
    arch: Arch,
    p: &Prepared<B>,
    s: &mut State<B>,
    brought: &mut [Row<B>],
    last: bool,
) {
    let plan = &p.plan;
    let active = plan.sites.partition_point(|site| !site.is_reserve);
    if const { B > 1 } {
        return dispatch::<B, _>(arch, Orders(p, s, brought, active, last));
    }
    let (parts, p) = (&plan.parts, p.view());
    let (mut view, scratch) = OrdersView::new(plan, s, brought);
    let take = |part: &Range<Ends>| view.before(&part.start, &part.end);
    share(parts, scratch, take, |part, view, scratch| {
        let sites = part.start.site.min(active)..part.end.site.min(active);
        phases::orders(ONE, &p, view, &mut scratch.view(), sites, last);
    });
}

/// Walks the parts of the network, of each of which `take` takes off what belongs to it, on as many threads as there is
/// scratch for.
fn share<V, const B: usize>(
    parts: &[Range<Ends>],
    scratch: &mut [Scratch<B>],
    take: impl FnMut(&Range<Ends>) -> V + Send,
    walk: impl Fn(&Range<Ends>, V, &mut Scratch<B>) + Sync,
) {
    let queue = Mutex::new((parts.iter(), take));
    let next = || {
        let (parts, take) = &mut *queue.lock().unwrap_or_else(PoisonError::into_inner);
        parts.next().map(|part| (part, take(part)))
    };
    let work = |scratch: &mut Scratch<B>| {
        while let Some((part, view)) = next() {
            walk(part, view, scratch);
        }
    };
    match scratch {
        [scratch] => work(scratch),
        many => rayon::scope(|scope| many.iter_mut().for_each(|scratch| scope.spawn(|_| work(scratch)))),
    }
}

// Views are made here and not by the caller: they are values of the walk itself, and long to copy.
struct Supply<'a, const B: usize>(&'a Prepared<B>, &'a mut State<B>, &'a mut Mass<B>);

impl<const B: usize> WithSimd for Supply<'_, B> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Supply(p, s, mass) = self;
        let (s, scratch) = SupplyView::new(&p.plan, s, mass);
        let (p, sites) = (p.view(), 0..p.plan.sites.len());
        let mut scratch = scratch[0].view();
        match const { registers::<S, B>() } {
            4 => phases::supply(Width::<_, 4>(simd), &p, s, &mut scratch, sites),
            2 => phases::supply(Width::<_, 2>(simd), &p, s, &mut scratch, sites),
            _ => phases::supply(Width::<_, 1>(simd), &p, s, &mut scratch, sites),
        }
    }
}

struct Orders<'a, const B: usize>(&'a Prepared<B>, &'a mut State<B>, &'a mut [Row<B>], usize, bool);

impl<const B: usize> WithSimd for Orders<'_, B> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Orders(p, s, brought, active, last) = self;
        let (s, scratch) = OrdersView::new(&p.plan, s, brought);
        let (p, sites, mut scratch) = (p.view(), 0..active, scratch[0].view());
        match const { registers::<S, B>() } {
            4 => phases::orders(Width::<_, 4>(simd), &p, s, &mut scratch, sites, last),
            2 => phases::orders(Width::<_, 2>(simd), &p, s, &mut scratch, sites, last),
            _ => phases::orders(Width::<_, 1>(simd), &p, s, &mut scratch, sites, last),
        }
    }
}
