//! The walks over the sites: in one go, or where a trial fills the machine by threads that share them.
//!
//! What a site does to others passes through rows that are only read in the walk at hand, so it does not matter who walks
//! which site when.

use super::ledger::Mass;
use super::phases;
use super::prepare::Prepared;
use super::rows::Row;
use super::state::{Scratch, State};
use super::vector::Width;
use super::view::{OrdersView, PreparedView, SupplyView};
use super::{dispatch, pairs};
use pulp::{Arch, Simd, WithSimd};
use std::ops::Range;

/// Phases 3 to 6 of all sites.
pub(crate) fn supply<const B: usize>(arch: Arch, p: &Prepared<B>, s: &mut State<B>, mass: &mut Mass<B>) {
    let (p, sites) = (&p.view(), p.plan.sites.len());
    let (mut view, scratch) = SupplyView::new(s, mass);
    let parts = &p.plan.parts[..];
    if B > 1 || parts.len() < 2 {
        return dispatch::<B, _>(arch, Supply(p, &mut view, &mut scratch[0], 0..sites));
    }
    rayon::scope(|scope| {
        let mut first = 0;
        for (ends, scratch) in parts.iter().zip(scratch) {
            let sites = first..ends.site;
            let mut part = view.before(ends, sites.len());
            first = ends.site;
            scope.spawn(move |_| dispatch::<B, _>(arch, Supply(p, &mut part, scratch, sites)));
        }
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
    let p = &p.view();
    let active = p.plan.sites.partition_point(|site| !site.is_reserve);
    let (mut view, scratch) = OrdersView::new(p.plan, s, brought);
    let parts = &p.plan.parts[..];
    if B > 1 || parts.len() < 2 {
        return dispatch::<B, _>(arch, Orders(p, &mut view, &mut scratch[0], 0..active, last));
    }
    rayon::scope(|scope| {
        let mut first = 0;
        for (ends, scratch) in parts.iter().zip(scratch) {
            let sites = first..ends.site.min(active);
            let mut part = view.before(ends);
            first = ends.site;
            scope.spawn(move |_| dispatch::<B, _>(arch, Orders(p, &mut part, scratch, sites, last)));
        }
    });
}

struct Supply<'a, 'b, const B: usize>(
    &'a PreparedView<'b, B>,
    &'a mut SupplyView<'b, B>,
    &'a mut Scratch<B>,
    Range<usize>,
);

impl<const B: usize> WithSimd for Supply<'_, '_, B> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        if const { pairs::<S, B>() } {
            phases::supply(Width::<_, 2>(simd), self.0, self.1, self.2, self.3);
        } else {
            phases::supply(Width::<_, 1>(simd), self.0, self.1, self.2, self.3);
        }
    }
}

struct Orders<'a, 'b, const B: usize>(
    &'a PreparedView<'b, B>,
    &'a mut OrdersView<'b, B>,
    &'a mut Scratch<B>,
    Range<usize>,
    bool,
);

impl<const B: usize> WithSimd for Orders<'_, '_, B> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        if const { pairs::<S, B>() } {
            phases::orders(Width::<_, 2>(simd), self.0, self.1, self.2, self.3, self.4);
        } else {
            phases::orders(Width::<_, 1>(simd), self.0, self.1, self.2, self.3, self.4);
        }
    }
}
