//! The walks over the sites: in one go, or where a trial fills the machine by threads that share them.
//!
//! The effects of a site on others pass through rows that are only read in the walk at hand, so it does not matter who walks
//! which site when.

use super::phases;
use super::plan::{Ends, Role};
use super::prepare::PreparedView;
use super::state::{Live, Scratch};
use super::vector::Width;
use super::view::{OrdersView, SupplyView};
use super::{dispatch, registers};
use crate::network::{SiteIx, Span};
use pulp::{Arch, Scalar, Simd, WithSimd};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// A trial by itself has one number in each row.
const ONE: Width<Scalar, 1> = Width(Scalar);

/// Phases 3 to 6 of all sites.
pub(crate) fn supply<const B: usize>(arch: Arch, p: &PreparedView<'_, B>, s: &mut Live<'_, B>) {
    if const { B > 1 } {
        return dispatch::<B, _>(arch, Supply(p, s));
    }
    let (mut view, scratch) = SupplyView::new(s);
    let take = |part: &Range<Ends>| view.before(&part.end);
    share(p.parts, scratch, take, |part, view, scratch| {
        phases::supply(ONE, p, view, &mut scratch.view(), Span::new(part.start.site, part.end.site));
    });
}

/// Phases 7, 9 and 2 of all sites but reserves.
pub(crate) fn orders<const B: usize>(arch: Arch, p: &PreparedView<'_, B>, s: &mut Live<'_, B>, last: bool) {
    let active = p.plan.sites.partition_point(|site| !matches!(site.role, Role::Reserve(_)));
    let active = Span::<SiteIx>::first(active);
    if const { B > 1 } {
        return dispatch::<B, _>(arch, Orders(p, s, active, last));
    }
    let (mut view, scratch) = OrdersView::new(s);
    let take = |part: &Range<Ends>| view.before(&part.end);
    share(p.parts, scratch, take, |part, view, scratch| {
        // A part may hold reserves alone.
        if part.start.site < active.end {
            let sites = Span::new(part.start.site, part.end.site.min(active.end));
            phases::orders(ONE, p, view, &mut scratch.view(), sites, last);
        }
    });
}

/// Walks the parts of the network, of each of which `take` takes off the rows, on as many threads as there is
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
struct Supply<'a, 'p, 's, const B: usize>(&'a PreparedView<'p, B>, &'a mut Live<'s, B>);

impl<const B: usize> WithSimd for Supply<'_, '_, '_, B> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Supply(p, s) = self;
        let (p, (s, scratch)) = (&{ *p }, SupplyView::new(s));
        let (sites, mut scratch) = (p.plan.sites.numbers(), scratch[0].view());
        match const { registers::<S, B>() } {
            4 => phases::supply(Width::<_, 4>(simd), p, s, &mut scratch, sites),
            2 => phases::supply(Width::<_, 2>(simd), p, s, &mut scratch, sites),
            _ => phases::supply(Width::<_, 1>(simd), p, s, &mut scratch, sites),
        }
    }
}

struct Orders<'a, 'p, 's, const B: usize>(&'a PreparedView<'p, B>, &'a mut Live<'s, B>, Span<SiteIx>, bool);

impl<const B: usize> WithSimd for Orders<'_, '_, '_, B> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Orders(p, s, active, last) = self;
        let (p, (s, scratch)) = (&{ *p }, OrdersView::new(s));
        let mut scratch = scratch[0].view();
        match const { registers::<S, B>() } {
            4 => phases::orders(Width::<_, 4>(simd), p, s, &mut scratch, active, last),
            2 => phases::orders(Width::<_, 2>(simd), p, s, &mut scratch, active, last),
            _ => phases::orders(Width::<_, 1>(simd), p, s, &mut scratch, active, last),
        }
    }
}
