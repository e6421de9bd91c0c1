//! The walk of demand, production and rationing.

use super::{ONE, share};
use crate::network::Span;
use crate::step::plan::Ends;
use crate::step::prepare::PreparedView;
use crate::step::state::Live;
use crate::step::vector::Width;
use crate::step::view::SupplyView;
use crate::step::{dispatch, phases, registers};
use pulp::{Arch, Simd, WithSimd};
use std::ops::Range;

/// Phases 3 to 6 of all sites.
pub(in crate::step) fn supply<const B: usize>(arch: Arch, p: &PreparedView<'_, B>, s: &mut Live<'_, B>) {
    if const { B > 1 } {
        return dispatch::<B, _>(arch, Supply(p, s));
    }
    let (mut view, scratch) = SupplyView::new(s);
    let take = |part: &Range<Ends>| view.before(&part.end);
    share(p.parts, scratch, take, |part, view, scratch| {
        phases::supply(ONE, p, view, &mut scratch.view(), Span::new(part.start.site, part.end.site));
    });
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
