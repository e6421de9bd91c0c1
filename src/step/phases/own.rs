//! The site and the input at hand, with the state that is theirs.

use crate::network::{InputIx, SiteIx};
use crate::schedule::rows::Row;
use crate::step::plan::{InputPlan, OutputPlan, SitePlan};

/// The site that is walked.
pub(super) struct OwnSite<'s, const B: usize> {
    pub(super) site: &'s SitePlan,
    pub(super) n: SiteIx,
    pub(super) outputs: &'s [OutputPlan],
    /// By input.
    pub(super) stock: &'s mut [Row<B>],
    /// `a` by input, where it is known.
    pub(super) known: &'s [f64],
}

/// Slices that belong together, cut to one length, so that a loop over its numbers needs no check of them. The `zip` of the
/// standard library is not compiled into its caller.
#[inline(always)]
pub(super) fn cut<'a, A, B>(a: &'a [A], b: &'a [B]) -> (&'a [A], &'a [B]) {
    let count = a.len().min(b.len());
    (&a[..count], &b[..count])
}

/// The same where the second is written.
#[inline(always)]
pub(super) fn cut_mut<'a, A, B>(a: &'a [A], b: &'a mut [B]) -> (&'a [A], &'a mut [B]) {
    let count = a.len().min(b.len());
    (&a[..count], &mut b[..count])
}

/// An input of the site that is walked.
pub(super) struct OwnInput<'s, const B: usize> {
    pub(super) i: InputIx,
    pub(super) site: &'s SitePlan,
    pub(super) plan: &'s InputPlan,
    pub(super) stock: &'s mut Row<B>,
    /// Its orders, by lane.
    pub(super) order: &'s mut [Row<B>],
}
