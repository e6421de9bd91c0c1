//! The causes of losses: a site's own outage, missing inputs, and lost demand.

use crate::network::{FollowedIx, IndexVec, Ix, Network, PartyIx, SiteIx, ValuedIx};
use crate::schedule::part::Part;
use crate::schedule::rows::Row;
use crate::step::plan::{Motion, PlanRows};
use crate::step::prepare::PreparedView;
use crate::step::state::Live;
use crate::step::vector::{V, Width};
use pulp::Simd;

/// The account of a valued site.
#[derive(Debug, Clone)]
pub(super) struct Account {
    pub(super) number: ValuedIx,
    pub(super) site: SiteIx,
    pub(super) capacity: Motion,
    pub(super) limits: Limits,
}

/// How losses to missing inputs count.
#[derive(Debug, Clone)]
pub(super) enum Limits {
    /// By input, from this one of those that are followed: whether it is a material of the chain.
    Followed(FollowedIx, Vec<bool>),
    /// Direct: all inputs are materials.
    Direct,
    Indirect,
}

/// Where the causes of a loss are booked.
pub(super) struct Causes<'a, 'p, S: Simd, const W: usize, const B: usize> {
    pub(super) discount: V<S, W>,
    pub(super) value: V<S, W>,
    pub(super) direct: &'a mut Row<B>,
    pub(super) outage: &'a mut Row<B>,
    pub(super) limited: &'a mut Part<'p, FollowedIx, B>,
}

/// Books losses to a site's own outage and to missing inputs.
#[inline(always)]
pub(super) fn causes<S: Simd, const W: usize, const B: usize>(
    simd: Width<S, W>,
    v: usize,
    p: &PreparedView<'_, B>,
    s: &Live<'_, B>,
    account: &Account,
    causes: Causes<'_, '_, S, W, B>,
) {
    let Causes { discount, value, direct, outage, limited } = causes;
    let n = account.site;
    let possible = V::of(simd, &s.supplied.possible[n], v);
    if account.capacity == Motion::Moves {
        let most = V::of(simd, &s.supplied.overtime[n], v) * V::of(simd, &p.facts.capacity[n], v);
        let whole = most.min(V::of(simd, &s.supplied.need[n], v));
        let loss = discount * (value * (whole - possible));
        for total in [outage, &mut *direct] {
            (V::of(simd, total, v) + loss).put(total, v);
        }
    }
    // As mostly: no input limits it in any trial of the block.
    if !s.limited[n] {
        return;
    }
    let to_inputs = discount * (value * (possible - V::of(simd, &s.supplied.actual[n], v)));
    match &account.limits {
        Limits::Followed(first, materials) => {
            let limiting = V::of(simd, &s.supplied.limiting[n], v);
            for (input, material) in materials.iter().enumerate() {
                let own = limiting.equals(V::all(simd, input as f64));
                if !own.any() {
                    continue;
                }
                let loss = own.select(to_inputs, V::all(simd, 0.0));
                let limited = &mut limited[first.plus(input)];
                (V::of(simd, limited, v) + loss).put(limited, v);
                if *material {
                    (V::of(simd, direct, v) + loss).put(direct, v);
                }
            }
        }
        Limits::Direct => (V::of(simd, direct, v) + to_inputs).put(direct, v),
        Limits::Indirect => {}
    }
}

/// The accounts of the valued sites, by party.
pub(super) fn accounts(
    m: &Network,
    plan: &PlanRows,
    valued: &IndexVec<ValuedIx, SiteIx>,
) -> IndexVec<PartyIx, Vec<Account>> {
    // Inputs are counted over all followed sites, valued or not.
    let mut first = IndexVec::with_capacity(m.sites.len());
    let mut followed = 0;
    for site in &m.sites {
        first.push(FollowedIx::new(followed));
        followed += if site.followed { site.inputs.len() } else { 0 };
    }
    let first: IndexVec<SiteIx, FollowedIx> = first;
    let mut all = IndexVec::filled(Vec::new(), m.parties.len());
    for (number, &n) in valued.pairs() {
        let site = &m.sites[n];
        let materials: Vec<bool> = m.inputs[site.inputs].iter().map(|i| m.material[i.commodity]).collect();
        let limits = if site.followed {
            Limits::Followed(first[n], materials)
        } else if materials.iter().all(|material| *material) {
            Limits::Direct
        } else {
            Limits::Indirect
        };
        all[site.party].push(Account { number, site: n, capacity: plan.sites[n].capacity, limits });
    }
    all
}
