//! The walks over the sites: in one go, or where a trial fills the machine by threads that share them.
//!
//! What a site does to others passes through rows that are only read in the walk at hand, so it does not matter who walks
//! which site when.

use super::ledger::Mass;
use super::phases;
use super::plan::Ends;
use super::prepare::Prepared;
use super::rows::Row;
use super::state::State;
use super::vector::Width;
use super::view::{OrdersView, SupplyView};
use super::{dispatch, registers};
use pulp::{Arch, Scalar, Simd, WithSimd};

/// Phases 3 to 6 of all sites.
pub(crate) fn supply<const B: usize>(arch: Arch, p: &Prepared<B>, s: &mut State<B>, mass: &mut Mass<B>) {
    let parts = &p.plan.parts[..];
    if B > 1 || parts.len() < 2 {
        return dispatch::<B, _>(arch, Supply(p, s, mass));
    }
    let p = p.view();
    let (mut view, scratch) = SupplyView::new(s, mass);
    rayon::scope(|scope| {
        let mut from = Ends::default();
        for (to, scratch) in parts.iter().zip(scratch) {
            let (part, sites) = (view.before(&from, to), from.site..to.site);
            from = *to;
            scope.spawn(move |_| phases::supply(ONE, &p, part, &mut scratch.view(), sites));
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
    let plan = &p.plan;
    let active = plan.sites.partition_point(|site| !site.is_reserve);
    let parts = &plan.parts[..];
    if B > 1 || parts.len() < 2 {
        return dispatch::<B, _>(arch, Orders(p, s, brought, active, last));
    }
    let p = p.view();
    let (mut view, scratch) = OrdersView::new(plan, s, brought);
    rayon::scope(|scope| {
        let mut from = Ends::default();
        for (to, scratch) in parts.iter().zip(scratch) {
            let (part, sites) = (view.before(&from, to), from.site.min(active)..to.site.min(active));
            from = *to;
            scope.spawn(move |_| phases::orders(ONE, &p, part, &mut scratch.view(), sites, last));
        }
    });
}

/// A trial by itself has one number for each slot.
const ONE: Width<Scalar, 1> = Width(Scalar);

// Views are made here and not by the caller: they are values of the walk itself, and long to copy.
struct Supply<'a, const B: usize>(&'a Prepared<B>, &'a mut State<B>, &'a mut Mass<B>);

impl<const B: usize> WithSimd for Supply<'_, B> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Supply(p, s, mass) = self;
        let (p, sites) = (p.view(), 0..p.plan.sites.len());
        let (s, scratch) = SupplyView::new(s, mass);
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

#[cfg(test)]
mod tests {
    use crate::Scenario;
    use crate::engine::Block;
    use crate::engine::state::State;
    use std::sync::Arc;

    /// What a trial yields where it is walked in parts of so many links.
    fn run(name: &str, trial: u64, links: usize) -> Vec<[f64; 1]> {
        let model = Scenario::load(format!("scenarios/{name}.toml")).and_then(|s| s.compile());
        let model = model.unwrap_or_else(|e| panic!("{e}"));
        let mut block = Block::<1>::new(&model);
        Arc::make_mut(&mut block.prepared.plan).divide(links);
        let parts = block.prepared.plan.parts.len();
        assert_eq!(parts > 1, links < model.lanes.len(), "{parts} parts");
        block.state = State::new(&model, &block.prepared.plan);
        assert!(block.prepare(&model, 7, trial, 0..1).is_ok());
        let mut rows = Vec::new();
        block.run(&model, |_, ledger| rows.extend_from_slice(&ledger.step_loss));
        let ledger = &block.ledger;
        for more in [&ledger.lost, &ledger.direct, &ledger.limited, &ledger.missing, &ledger.trade.bill] {
            rows.extend_from_slice(more);
        }
        rows.push(ledger.residual);
        rows
    }

    #[test]
    fn threads_that_share_the_sites_of_a_trial_give_the_same_bits() {
        for name in ["japan_full_cut", "japan_reserves_60_days", "mechanism_licences", "mechanism_reexports"]
        {
            for trial in 0..3 {
                let whole = run(name, trial, usize::MAX);
                for links in [0, 1, 2, 50] {
                    assert_eq!(
                        run(name, trial, links),
                        whole,
                        "{name}, trial {trial}, parts of {links} links"
                    );
                }
            }
        }
    }
}
