//! The walk of dispatches, orders and arrivals.

use super::{ONE, share};
use crate::network::{SiteIx, Span};
use crate::step::plan::{Ends, Role};
use crate::step::prepare::PreparedView;
use crate::step::state::Live;
use crate::step::vector::Width;
use crate::step::view::OrdersView;
use crate::step::{dispatch, phases, registers};
use pulp::{Arch, Simd, WithSimd};
use std::ops::Range;

/// Phases 7, 9 and 2 of all sites but reserves.
pub(in crate::step) fn orders<const B: usize>(
    arch: Arch,
    p: &PreparedView<'_, B>,
    s: &mut Live<'_, B>,
    last: bool,
) {
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

// Views are made here and not by the caller: they are values of the walk itself, and long to copy.
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
