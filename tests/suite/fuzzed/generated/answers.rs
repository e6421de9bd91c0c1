//! What answers to a shortage: reserves, suppliers without trade as yet, and new capacity.

use super::bytes::Bytes;
use super::{Made, good_of};
use supplyshock::scenario::{Link, Output, Project, Reserve, Site, Stage, Tables};

/// Adds answers for users of the first good. What they follow is named by [`forces`](super::forces).
pub fn add(b: &mut Bytes<'_>, t: &mut Tables, made: &Made) {
    if made.users.is_empty() {
        return;
    }
    if b.one_in(2) {
        store(b, t, made);
    }
    let good = good_of(0);
    let supplier = || Site::new("C", Stage::SECTOR).output(good_of(0), Output::new());
    if b.one_in(2) {
        t.sites.insert("far".into(), supplier().capacity_per_year(b.leaf(0.0, 6000.0)));
        for (user, _) in &made.users {
            let link = contingent(b);
            t.links.insert(format!("far>{user}:{good}"), link);
        }
    }
    if b.one_in(2) {
        t.sites.insert("new".into(), supplier().value_added_per_unit(b.leaf(0.0, 100.0)));
        let link = contingent(b);
        t.links.insert(format!("new>{}:{good}", made.users[0].0), link);
        let project = Project::new("new", b.leaf(0.0, 6000.0))
            .start_days(b.leaf(0.0, made.horizon))
            .permit_days(b.leaf(0.0, 30.0))
            .build_days(b.leaf(0.0, 60.0))
            .ramp_days(b.leaf(0.0, 60.0))
            .success(b.leaf(0.0, 1.0))
            .capital(b.leaf(0.0, 1e6))
            .premium_per_unit(b.leaf(0.0, 10.0));
        t.projects.insert("mine".into(), project);
    }
}

fn store(b: &mut Bytes<'_>, t: &mut Tables, made: &Made) {
    // A trigger above the cover of any user is an error.
    let cover = made.users.iter().map(|user| user.1).fold(f64::INFINITY, f64::min);
    let is_refilled = b.one_in(2);
    let mut store = Reserve::new("A", good_of(0), b.leaf(0.0, 60.0), cover * b.number(0.0, 1.0))
        .release_rate(b.leaf(0.0, 1.5))
        .refill_after_days(b.leaf(0.0, 30.0))
        .opens_after_days(b.leaf(0.0, 40.0))
        .carrying_cost_per_unit_year(b.leaf(0.0, 5.0));
    if is_refilled {
        store = store.refill_rate(b.leaf(0.0, 0.5));
        let link = Link::new(b.number(0.0, 30.0));
        t.links.insert(format!("s00>store:{}", good_of(0)), link);
    }
    t.reserves.insert("store".into(), store);
    for (user, _) in &made.users {
        t.links.insert(format!("store>{user}:{}", good_of(0)), Link::new(b.number(0.0, 14.0)));
    }
}

/// A lane without baseline trade.
fn contingent(b: &mut Bytes<'_>) -> Link {
    Link::new(b.number(0.0, 40.0))
        .contingent_volume_per_year(b.leaf(0.0, 4000.0))
        .surge_limit(b.one_of([1.0, 0.0, 2.0]))
        .qualification_days(b.leaf(0.0, 60.0))
}
