//! Rules that were tried and failed: each in a small network in which the rule that was chosen holds and
//! its tempting counterpart does not. Counterparts that are options are run as such.

use crate::chains::{Course, all_same, same};
use crate::common::head;
use crate::parts::{Build, control, control_of, event, industry, maker, sector, sold};
use crate::recursion::{Lane, Plant, Rule};
use supplyshock::scenario::{Input, Link, Ordering, Role, Rules, Site, Stage, Tables, Target};

const OPEN: Lane = Lane { flow: 1.0, nominal: 0.0, lead: 1, cut: false };
const CUT: Lane = Lane { cut: true, ..OPEN };

/// Activity in the engine, which must be that of the recursion, and with a tempting rule.
#[track_caller]
fn both(plant: &Plant<'_>, rule: Rule) -> [Vec<f64>; 2] {
    let engine = plant.engine().activity("plant");
    all_same(&engine, &plant.recursion(Rule::Chosen), "recursion and engine");
    [engine, plant.recursion(rule)]
}

fn lost(activity: &[f64]) -> f64 {
    7.0 * activity.iter().map(|x| 1.0 - x).sum::<f64>()
}

fn lowest(activity: &[f64]) -> f64 {
    activity.iter().copied().fold(f64::INFINITY, f64::min)
}

fn highest(activity: &[f64]) -> f64 {
    activity.iter().copied().fold(0.0, f64::max)
}

#[test]
fn waiting_final_demand_in_the_class_of_orders_starves_a_sector_of_its_own_goods() {
    // Ten years after a 12-week outage of 60%.
    for (cover, spare) in [(7.0, 0.0), (15.0, 0.05), (30.0, 0.2)] {
        let end = |class: Option<u32>| {
            let mut good = sold(1.0).waiting_share(1);
            good.final_demand_class = class.map(Into::into);
            let site = industry("good", 1.0)
                .output("good", good)
                .input("good", Input::new(0.5, cover))
                .spare_capacity(spare);
            let tables = head(7, 3640)
                .goods(["good"])
                .site("s", site)
                .link("s>s:good", Link::new(7))
                .event("outage", event(["s"], Target::Capacity, 98.0, 84.0, 0.6));
            Course::of(&tables).activity("s")[519] / 14.0
        };
        assert!((end(None) - 1.0).abs() < 1e-4, "after all orders: {}", end(None));
        let same_class = end(Some(1));
        assert!(same_class < 1e-6, "with the orders: {same_class}");
    }
}

#[test]
fn passage_as_a_share_of_orders_lets_a_half_closed_lane_pass_everything() {
    let lanes = [Lane { lead: 2, ..CUT }];
    let plant = Plant {
        lanes: &lanes,
        cover: 5.0,
        restoration: 4.0,
        aware: false,
        onset: 14.0,
        duration: 500.0,
        severity: 0.5,
    };
    let [chosen, tempting] = both(&plant, Rule::ShareOfOrders);
    same(chosen[149], 0.5, "a quota");
    same(lost(&tempting), 0.0, "a share of orders");
}

#[test]
fn a_quota_for_buyers_that_keep_to_it_thins_a_closing_lane_twice() {
    // The lane closes in the middle of a step; without cover the next step shows what passed.
    let plant = Plant {
        lanes: &[CUT],
        cover: 0.0,
        restoration: 4.0,
        aware: true,
        onset: 14.5,
        duration: 10.0,
        severity: 1.0,
    };
    let [chosen, tempting] = both(&plant, Rule::ThinnedTwice);
    same(chosen[15], 0.5, "once");
    same(tempting[15], 0.25, "twice");
}

#[test]
fn a_joint_producer_that_follows_every_output_throws_its_main_product_away() {
    // 100 of the main product and 9 of a by-product of 0.1, whose demand doubles.
    let activity = |role: Role| {
        let works = Site::new("JP", Stage::SECTOR)
            .spare_capacity(9)
            .output("main", sold(100.0))
            .output("by", sold(9.0).yield_per_unit(0.1).role(role));
        let boom = event(["works"], Target::FinalDemand, 98.0, 70.0, -1.0).commodities(["by"]);
        let tables = head(7, 210).goods(["main", "by"]).site("works", works).event("boom", boom);
        let activity = Course::of(&tables).activity("works");
        [activity[13] / 7.0, activity[15] / 7.0]
    };
    all_same(&activity(Role::ByProduct), &[100.0, 100.0], "the main product drives");
    all_same(&activity(Role::Driving), &[100.0, 180.0], "each output drives");
}

/// A chain of four tiers behind `first`, each with a cover and changed as told, and lanes between them.
fn chain(
    step: u32,
    horizon: u32,
    first: Site,
    cover: f64,
    change: impl Fn(Site) -> Site,
    lane: &Link,
) -> Tables {
    let mut tables = head(step, horizon).goods(["c0", "c1", "c2", "c3", "c4"]).site("s0", first);
    for k in 0..4 {
        let demand = if k == 3 { 1.0 } else { 0.0 };
        let tier = sector(&format!("c{k}"), cover, &format!("c{}", k + 1), demand);
        tables = tables
            .site(format!("s{}", k + 1), change(tier))
            .link(format!("s{k}>s{}:c{k}", k + 1), lane.clone());
    }
    tables
}

/// Days lost by the last of some tiers, of which each carries less over from step to step than its cover
/// by what the step delivers.
fn cover_with_delivery(step: f64, covers: &[f64], cut: f64) -> f64 {
    covers.iter().fold(cut, |cut, cover| (cut - (cover - step).max(0.0)).max(0.0))
}

#[test]
fn cover_that_includes_the_delivery_of_the_step_makes_losses_depend_on_the_step() {
    let covers = [10.0, 10.0, 10.0, 10.0];
    let engine = |step: u32| {
        let lane = Link::new(7).surge_limit(1);
        let tables = chain(step, 700, maker("CN", "c0"), covers[0], |tier| tier, &lane);
        Course::of(&tables.control("cut", control(98.0, 91.0, 1.0))).lost("s4")
    };
    same(engine(1), 51.0, "daily");
    same(engine(7), 51.0, "weekly");
    // Three months cost 55 days in daily steps and 79 in weekly ones.
    let tempting = [1.0, 7.0].map(|step| cover_with_delivery(step, &covers, 91.0));
    assert!(tempting[1] / tempting[0] > 1.4, "{tempting:?}");
}

#[test]
fn shares_from_the_passage_of_the_last_step_lose_a_step_at_every_closure() {
    let lanes = [Lane { flow: 0.8, ..CUT }, Lane { flow: 0.2, ..OPEN }];
    let plant = Plant {
        lanes: &lanes,
        cover: 0.0,
        restoration: 4.0,
        aware: true,
        onset: 14.0,
        duration: 13.0,
        severity: 1.0,
    };
    let [chosen, tempting] = both(&plant, Rule::LastPassage);
    same(lost(&chosen), 0.0, "the passage of the next step");
    // 0.8 of a step, whether that is a day or a week.
    same(tempting[15], 0.2, "the passage of the last step");
}

/// A near lane that closes for good, and far ones of eight weeks that take over.
fn switch(lanes: &[Lane], restoration: f64, rule: Rule) -> [Vec<f64>; 2] {
    let plant =
        Plant { lanes, cover: 2.0, restoration, aware: true, onset: 14.0, duration: 500.0, severity: 1.0 };
    both(&plant, rule).map(|activity| activity[100..].to_vec())
}

#[test]
fn a_pipeline_target_that_does_not_follow_the_orders_starves_whoever_changes_supplier() {
    let far = [Lane { flow: 0.9, ..CUT }, Lane { flow: 0.1, lead: 8, ..OPEN }];
    let contingent = [CUT, Lane { flow: 0.0, nominal: 1.0, lead: 8, cut: false }];
    for (lanes, rule) in [(&far, Rule::BaselinePipeline), (&contingent, Rule::PlannedPipeline)] {
        // Gaps closed at once: it runs in cycles between next to nothing and all, for ever.
        let [chosen, tempting] = switch(lanes, 1.0, rule);
        same(lowest(&chosen), 1.0, "chosen");
        assert!(lowest(&tempting) < 0.15 && highest(&tempting) > 0.99, "{rule:?}: {tempting:?}");
        // Gaps closed in four weeks: it starves for good.
        let [chosen, tempting] = switch(lanes, 4.0, rule);
        same(lowest(&chosen), 1.0, "chosen");
        assert!(highest(&tempting) < 0.7, "{rule:?}: {}", highest(&tempting));
    }
}

/// A site with the inputs `p` and `q` under one control, and how orders are made out.
fn two_inputs(ordering: Ordering, covers: [f64; 2], leads: [u32; 2], limited: bool) -> Vec<f64> {
    let site = sector("p", covers[0], "good", 1.0).input("q", Input::new(1, covers[1]));
    let mut tables = head(7, 2100)
        .rules(Rules::new().ordering(ordering))
        .goods(["p", "q", "good"])
        .site("s", site)
        .control("cut", control(98.0, 91.0, 1.0));
    for (id, lead) in ["p", "q"].into_iter().zip(leads) {
        let lane = Link::new(lead);
        tables = tables
            .site(format!("{id}m"), maker("CN", id).spare_capacity(1))
            .link(format!("{id}m>s:{id}"), if limited { lane.surge_limit(1) } else { lane });
    }
    Course::of(&tables).activity("s")[280..].iter().map(|x| x / 7.0).collect()
}

#[test]
fn orders_that_renew_what_was_used_alternate_for_ever_once_a_site_ran_empty() {
    let found = two_inputs(Ordering::Smoothed, [0.0, 0.0], [7, 7], true);
    assert!(lowest(&found) > 1.0 - 1e-9, "expected use: {found:?}");
    let found = two_inputs(Ordering::Ario, [0.0, 0.0], [7, 7], true);
    let alternates = found.windows(3).all(|x| (x[0] - x[2]).abs() < 1e-9 && (x[0] - x[1]).abs() > 0.49);
    assert!(alternates, "what was used: {found:?}");
}

#[test]
fn two_inputs_under_one_control_recover_only_where_orders_renew_what_will_be_used() {
    let mut stuck = [0, 0];
    for p in [0.0, 2.0, 7.0, 14.0] {
        for q in [0.0, 2.0, 7.0, 21.0] {
            for leads in [7, 14, 28].into_iter().flat_map(|p| [7, 21, 42].map(|q| [p, q])) {
                for limited in [true, false] {
                    for (rule, stuck) in [Ordering::Smoothed, Ordering::Ario].into_iter().zip(&mut stuck) {
                        let activity = two_inputs(rule, [p, q], leads, limited);
                        *stuck += usize::from(lowest(&activity) < 0.99);
                    }
                }
            }
        }
    }
    assert_eq!(stuck[0], 0);
    assert!(stuck[1] > 50, "{} of 288", stuck[1]);
}

#[test]
fn a_chain_without_cover_settles_only_where_orders_renew_what_will_be_used() {
    let last = |ordering| {
        let change = |tier: Site| tier.spare_capacity(0.2);
        let tables = chain(7, 3640, maker("CN", "c0"), 0.0, change, &Link::new(7))
            .rules(Rules::new().ordering(ordering))
            .control("cut", control(98.0, 30.0, 1.0));
        let activity = Course::of(&tables).activity("s4");
        activity[500..].iter().map(|x| x / 7.0).collect::<Vec<_>>()
    };
    let found = last(Ordering::Smoothed);
    assert!(lowest(&found) > 1.0 - 1e-6, "{}", lowest(&found));
    let found = last(Ordering::Ario);
    assert!(lowest(&found) < 0.2 && highest(&found) > 0.99, "{found:?}");
}

#[test]
fn a_surge_on_a_closing_lane_lets_days_lost_jump_with_the_onset() {
    // A minute is 1e-4 of a week; the cut ends with a step.
    let at = |onset: f64| {
        let plant = Plant {
            lanes: &[CUT],
            cover: 0.0,
            restoration: 4.0,
            aware: true,
            onset,
            duration: 27.0 - onset,
            severity: 1.0,
        };
        both(&plant, Rule::OpenWhileClosing).map(|activity| lost(&activity))
    };
    let (before, after) = (at(14.0 - 1e-4), at(14.0 + 1e-4));
    assert!((before[0] - after[0]).abs() < 0.01, "limits: {} and {}", before[0], after[0]);
    let jump = before[1] - after[1];
    assert!((jump - 7.0).abs() < 0.1, "no limits: {} and {}", before[1], after[1]);
}

#[test]
fn without_smoothing_a_small_boom_whips_the_far_end_of_a_chain() {
    // +20% for four weeks over four tiers with four times the capacity.
    let far_end = |rules| {
        let first = maker("XX", "c0").spare_capacity(3);
        let tables = chain(7, 1050, first, 14.0, |tier| tier.spare_capacity(3), &Link::new(14))
            .rules(rules)
            .event("boom", event(["s4"], Target::FinalDemand, 98.0, 28.0, -0.2));
        Course::of(&tables).activity("s0")
    };
    let smoothed = far_end(Rules::new());
    assert!(highest(&smoothed) < 7.0 * 1.85 && lowest(&smoothed) > 7.0 * 0.4, "{}", highest(&smoothed) / 7.0);
    let at_once = far_end(Rules::new().demand_smoothing_days(0));
    same(highest(&at_once), 28.0, "highest");
    same(lowest(&at_once), 0.0, "lowest");
}

#[test]
fn a_pooled_stock_of_finished_goods_serves_buyers_that_it_cannot() {
    // A tenth of output hangs on the input, which is cut for 90 days.
    let site = |share: f64, stock: u32| {
        industry("car", share).spare_capacity(0.05).output("car", sold(share).stock_target_days(stock))
    };
    let loss = |sites: &[(&str, Site)], buyer: &str| {
        let mut tables = head(7, 1400)
            .goods(["p", "car"])
            .site("mine", maker("CN", "p").spare_capacity(1))
            .link(format!("mine>{buyer}:p"), Link::new(7))
            .control("cut", control(98.0, 90.0, 1.0));
        tables.sites.extend(sites.iter().map(|(id, site)| ((*id).to_owned(), site.clone())));
        let course = Course::of(&tables);
        sites.iter().map(|(id, _)| course.lost(id)).sum::<f64>()
    };
    let pooled = |stock| {
        let cars = site(1.0, stock).input("p", Input::new(1, 14).criticality(0.1));
        loss(&[("cars", cars)], "cars")
    };
    let split = |stock| {
        let with = site(0.1, stock).input("p", Input::new(10, 14));
        loss(&[("with", with), ("other", site(0.9, stock))], "with")
    };
    // Without finished goods both lose the same, near to a tenth of the 76 days.
    same(pooled(0), split(0), "no finished goods");
    assert!((pooled(0) - 7.6).abs() < 0.1, "{}", pooled(0));
    // 30 days of them make up for 30 of the 76 days in the part that is hit; pooled, for all.
    assert!((split(30) / split(0) - 0.6).abs() < 0.02, "{} of {}", split(30), split(0));
    assert!(pooled(30) < 0.01 * pooled(0), "{} of {}", pooled(30), pooled(0));
}

#[test]
fn a_weight_on_a_lane_without_volume_breaks_the_rest_state() {
    let lanes = [OPEN, Lane { flow: 0.0, nominal: 0.5, lead: 5, cut: false }];
    let plant = Plant {
        lanes: &lanes,
        cover: 1.0,
        restoration: 4.0,
        aware: true,
        onset: 140.0,
        duration: 1.0,
        severity: 0.0,
    };
    let [chosen, tempting] = both(&plant, Rule::EqualWeights);
    same(lowest(&chosen), 1.0, "contingent room");
    assert!(lowest(&tempting) < 0.7, "a weight: {}", lowest(&tempting));
}

#[test]
fn only_contingent_room_serves_when_the_usual_lane_closes() {
    let end = |lane: Link| {
        let tables = head(7, 420)
            .goods(["part", "good"])
            .site("near", maker("CN", "part"))
            .site("far", maker("XX", "part").capacity_per_year(9999))
            .site("plant", sector("part", 7.0, "good", 1.0))
            .link("near>plant:part", Link::new(7).share(1))
            .link("far>plant:part", lane)
            .control("cut", control(98.0, 500.0, 1.0))
            // Half a week, in which a lane is neither open nor closed.
            .control("brief", control_of("XX", 203.0, 3.5, 1.0));
        let course = Course::of(&tables);
        all_same(&course.activity("near")[..14], &[7.0; 14], "at rest");
        (course.activity("plant")[59] / 7.0, course.activity("far").iter().sum::<f64>())
    };
    same(end(Link::new(35).contingent_volume_per_year(146)).0, 0.4, "contingent");
    same(end(Link::new(35).share(0)).1, 0.0, "a share of 0");
}
