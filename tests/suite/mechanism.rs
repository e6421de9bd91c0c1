//! Single rules of the step against numbers worked out by hand.

use crate::chains::{Course, all_same, same};
use crate::common::{compile, head};
use crate::parts::{Build, control, event, industry, maker, sector, sold};
use supplyshock::Ensemble;
use supplyshock::scenario::{
    Event, Input, Link, Ordering, Output, Overtime, Rationing, Rules, Site, Stage, Tables, Target, Throttle,
    Weights,
};

/// A sector without inputs that sells one unit a day, under an event.
fn shop(step: u32, shop: Site, event: Event) -> Course {
    Course::of(&head(step, 1050).goods(["good"]).site("shop", shop).event("it", event))
}

fn stop(days: f64, severity: f64) -> Event {
    event(["shop"], Target::Capacity, 98.0, days, severity)
}

#[test]
fn waiting_demand_builds_up_less_cancellation_and_is_served_in_the_end() {
    // Over N steps without output B = δF (1 − q^N)/(1 − q); with ample capacity all of it is served at
    // once, and the rest is lost.
    for (step, steps) in [(1, 70), (7, 10)] {
        for (waiting, cancelled) in [(0.4, 0.02), (1.0, 0.1), (0.0, 0.1)] {
            let good = sold(1.0).waiting_share(waiting).cancellation_per_week(cancelled);
            let site = industry("good", 1.0).output("good", good).spare_capacity(99);
            let course = shop(step, site, stop(70.0, 1.0));
            let days = f64::from(step);
            let q = (1.0_f64 - cancelled).powf(days / 7.0);
            let backlog = |n: i32| waiting * days * (1.0 - q.powi(n)) / (1.0 - q);
            let case = format!("{step} d, δ {waiting}, κ {cancelled}");
            let first = 98 / step as usize;
            for n in [1, 2, steps] {
                same(course.demand("shop")[first + n as usize], days + backlog(n), &case);
            }
            same(course.demand("shop")[first + steps as usize + 1], days, &case);
            same(course.lost("shop"), 70.0 - backlog(steps), &case);
        }
    }
}

#[test]
fn overtime_catches_up_what_waits() {
    // Six weeks of backlog at a quarter more a week: 24 weeks of overtime, and nothing is lost.
    let site = industry("good", 1.0).output("good", sold(1.0).waiting_share(1));
    let course = shop(7, site.overtime_max(1.25).overtime_days(0), stop(42.0, 1.0));
    let activity = course.activity("shop");
    for (t, x) in activity.iter().enumerate().take(60) {
        let expected = if !(14..44).contains(&t) {
            7.0
        } else if t < 20 {
            0.0
        } else {
            8.75
        };
        same(*x, expected, &format!("step {t}"));
    }
    same(course.lost("shop"), 0.0, "loss");
}

#[test]
fn fresh_and_waiting_demand_share_what_there_is() {
    // δ = 1/2, a tenth cancelled a week; 0.6 of capacity for two weeks, then 1.2.
    let good = sold(1.0).waiting_share(0.5).cancellation_per_week(0.1);
    let site = industry("good", 1.0).output("good", good).spare_capacity(0.2);
    let course = shop(7, site, stop(14.0, 0.5));
    // 7; φ 0.6, B 0.5·7·0.4 = 1.4; φ 0.5, B (0.9·1.4 + 3.5)·0.5 = 2.38; φ 8.4/9.38,
    // B (0.9·2.38 + 3.5)·0.98/9.38.
    let last = 7.0 + 5.642 * 0.98 / 9.38;
    all_same(&course.demand("shop")[14..19], &[7.0, 8.4, 9.38, last, 7.0], "demand");
    all_same(&course.activity("shop")[14..19], &[4.2, 4.2, 8.4, last, 7.0], "activity");
}

#[test]
fn overtime_moves_towards_what_is_needed() {
    // A quarter of the way a week. A ceiling above the need is not what it goes to.
    for (by, goal) in [(0.5, 1.3), (0.2, 1.2)] {
        let boom = event(["shop"], Target::FinalDemand, 98.0, 70.0, -by);
        let course = shop(7, industry("good", 1.0).overtime_max(1.3).overtime_days(28), boom);
        let capacity = course.capacity("shop");
        let part = |k: i32| 0.75_f64.powi(k);
        for k in 1..=10 {
            same(capacity[13 + k as usize], 7.0 * (goal - (goal - 1.0) * part(k)), "while it is needed");
        }
        let top = goal - (goal - 1.0) * part(10);
        for k in 1..=10 {
            same(capacity[23 + k as usize], 7.0 * (1.0 + (top - 1.0) * part(k)), "afterwards");
        }
    }
}

#[test]
fn overtime_of_the_ario_option_follows_scarcity() {
    let boom = event(["shop"], Target::FinalDemand, 98.0, 28.0, -0.5);
    let site = industry("good", 1.0).overtime(Overtime::Ario).overtime_max(1.3).overtime_days(28);
    let course = shop(7, site, boom);
    // ζ = (need − x)/need with x of the step before: 1/3, 0.475/1.5, … while need is 1.5; then once
    // 1 − x, and then 0, when a quarter of what is left goes a week; worked out in exact fractions.
    let alpha = [
        1.0 + 0.3 / 3.0 / 4.0,
        1.025 + 0.275 * (0.475 / 1.5) / 4.0,
        1.065_899_307_364_004_6,
        1.082_836_519_500_646_6,
        1.078_339_252_778_843_3,
        1.0 + 0.75 * 0.078_339_252_778_843_3,
        1.0 + 0.75 * 0.75 * 0.078_339_252_778_843_3,
    ];
    all_same(&course.capacity("shop")[14..21], &alpha.map(|a| 7.0 * a), "capacity");
}

/// A plant on a lane of two weeks with two weeks of cover, in units of a week's use.
fn plant(rules: Rules, cover: f64, lead: u32) -> Tables {
    head(7, 350)
        .rules(rules)
        .goods(["part", "good"])
        .site("mine", maker("CN", "part").spare_capacity(3))
        .site("plant", sector("part", cover, "good", 1.0 / 7.0).spare_capacity(1))
        .link("mine>plant:part", Link::new(lead))
}

fn ario() -> Rules {
    Rules::new().ordering(Ordering::Ario).demand_smoothing_days(0)
}

#[test]
fn orders_follow_expected_use_and_a_quarter_of_the_gap() {
    // +20%: x̃ 1.05, gap 4·1.05 − 1.8 − 2 = 0.4; x̃ 1.0875, gap 4.35 − 1.6 − 2.15 = 0.6; x̃ 1.115625,
    // gap 4.4625 − 1.4 − 2.3875 = 0.675.
    let boom = event(["plant"], Target::FinalDemand, 98.0, 500.0, -0.2);
    let of = |rules| Course::of(&plant(rules, 14.0, 14).event("boom", boom.clone()));
    let course = of(Rules::new());
    all_same(&course.stock("plant", "part")[13..17], &[2.0, 1.8, 1.6, 1.4], "stock");
    all_same(&course.demand("mine")[14..18], &[1.0, 1.15, 1.2375, 1.284_375], "orders");
    // With x̃ = 1.2 at once: gaps 4.8 − 1.8 − 2 = 1, 4.8 − 1.6 − 2.45 = 0.75, 4.8 − 1.4 − 2.8375.
    let course = of(ario());
    all_same(&course.demand("mine")[14..18], &[1.0, 1.45, 1.3875, 1.340_625], "orders of the option");
}

#[test]
fn only_the_ario_option_ignores_a_surplus() {
    let slump = event(["plant"], Target::FinalDemand, 98.0, 500.0, 0.2);
    let of = |rules| Course::of(&plant(rules, 14.0, 14).event("slump", slump.clone()));
    // x̃ 0.95, gap 3.8 − 2.2 − 2 = −0.4.
    same(of(Rules::new()).demand("mine")[15], 0.85, "orders");
    same(of(ario()).demand("mine")[15], 0.8, "orders of the option");
}

#[test]
fn only_the_ario_option_renews_what_was_used() {
    // No cover, one week without deliveries: in the week after, nothing is used. 1.25 is under way then.
    let cut = control(98.0, 7.0, 1.0);
    let of = |rules| Course::of(&plant(rules, 0.0, 7).control("cut", cut.clone()));
    let course = of(Rules::new());
    all_same(&course.demand("mine")[13..17], &[1.0, 0.0, 1.25, 0.9375], "orders");
    let course = of(ario());
    all_same(&course.demand("mine")[13..17], &[1.0, 0.0, 1.25, 0.0], "orders of the option");
}

/// What a plant orders from four suppliers, of which the last has no share, when it wants 1.15 for 1.
fn split(terms: [Link; 4]) -> [f64; 4] {
    let mut tables = head(7, 140).goods(["part", "good"]);
    for (k, terms) in terms.into_iter().enumerate() {
        tables = tables
            .site(format!("s{k}"), maker("XX", "part").capacity_per_year(999))
            .link(format!("s{k}>plant:part"), terms);
    }
    let tables = tables
        .site("plant", sector("part", 14.0, "good", 1.0 / 7.0).spare_capacity(1))
        .event("boom", event(["plant"], Target::FinalDemand, 98.0, 500.0, -0.2));
    // As in the test of orders above: the first order after the boom begins.
    let course = Course::of(&tables);
    [0, 1, 2, 3].map(|k| course.demand(&format!("s{k}"))[15])
}

#[test]
fn what_limits_leave_is_offered_once_more() {
    let open = |share: f64| Link::new(14).share(share);
    let limited = |share: f64, surge: f64| open(share).surge_limit(surge);
    let spare = |volume: f64| Link::new(14).contingent_volume_per_year(volume);
    let (a, b, c) = (|| limited(0.5, 1.0), || limited(0.3, 1.2), || limited(0.2, 2.0));
    // First 0.5, 0.345 and 0.23; then 0.075 to the rooms of 0.015 and 0.17.
    let part = 0.075 / 0.185;
    all_same(
        &split([a(), b(), c(), spare(0.0)]),
        &[0.5, 0.345 + 0.015 * part, 0.23 + 0.17 * part, 0.0],
        "room",
    );
    // Contingent room counts: 0.1 a week.
    let more = || spare(5.214_285_714_285_714);
    let part = 0.075 / 0.285;
    let expected = [0.5, 0.345 + 0.015 * part, 0.23 + 0.17 * part, 0.1 * part];
    all_same(&split([a(), b(), c(), more()]), &expected, "contingent room");
    // Unlimited lanes take all of it, by their shares.
    all_same(&split([a(), open(0.3), c(), more()]), &[0.5, 0.42, 0.23, 0.0], "one without limit");
    let found = split([a(), open(0.3), open(0.2), more()]);
    all_same(&found, &[0.5, 0.345 + 0.045, 0.23 + 0.03, 0.0], "two without limit");
    // Where there is no room at all, less is ordered than is wanted.
    let tight = [a(), limited(0.3, 1.0), limited(0.2, 1.0), spare(0.0)];
    all_same(&split(tight), &[0.5, 0.3, 0.2, 0.0], "no room");
}

#[test]
fn the_threshold_throttle_cuts_as_soon_as_stock_is_below_a_share_of_its_target() {
    // The target is 3 weeks, so 2.4 are required; stock falls by 1/2.4 of itself a week.
    let part = Input::new(1, 14).throttle(Throttle::Threshold(0.8.into()));
    let tables = head(7, 350)
        .goods(["part", "good"])
        .site("mine", maker("CN", "part"))
        .site("plant", industry("good", 1.0 / 7.0).input("part", part))
        .link("mine>plant:part", Link::new(7).surge_limit(1))
        .control("cut", control(98.0, 500.0, 1.0));
    let course = Course::of(&tables);
    same(course.activity("plant")[14], 1.0, "the last delivery");
    for k in 0..8 {
        let expected = 2.0 / 2.4 * (1.4_f64 / 2.4).powi(k);
        same(course.activity("plant")[15 + k as usize], expected, &format!("week {k}"));
    }
}

#[test]
fn cuts_add_within_a_group_and_the_worst_group_counts() {
    let input = |criticality: f64| Input::new(1, 0).criticality(criticality);
    let plant = Site::new("JP", Stage::SECTOR)
        .output("good", sold(1.0 / 7.0))
        .input("p", input(0.3).group("g"))
        .input("q", input(0.25).group("g"))
        .input("e", input(0.8));
    let mut tables = head(7, 210).goods(["p", "q", "e", "good"]).site("plant", plant);
    for (good, severity) in [("p", 1.0), ("q", 0.6), ("e", 0.5)] {
        tables = tables
            .site(format!("{good}_mine"), maker("CN", good))
            .link(format!("{good}_mine>plant:{good}"), Link::new(7).surge_limit(1))
            .control(format!("on_{good}"), control(98.0, 70.0, severity).commodities([good]));
    }
    let course = Course::of(&tables);
    // 1 − 0.3 − 0.25·0.6 = 0.55 against 1 − 0.8·0.5 = 0.6.
    same(course.activity("plant")[15], 0.55, "activity");
    assert_eq!(course.limits("plant")[15], Some("p"));
    // Half of e is there, and all of it goes into the half of output that can be made.
    same(course.stock("plant", "e")[15], 0.0, "e");
    // Of q, 0.4 are there, and they go into the parts that contain q.
    same(course.stock("plant", "q")[15], 0.0, "q");
    // With 0.9 of e, 0.55 is what the other group lets through.
    tables.controls["on_e"].severity = 0.1.into();
    let course = Course::of(&tables);
    same(course.activity("plant")[15], 0.55, "activity");
    same(course.stock("plant", "e")[15], 0.9 - 0.55, "e that is left");
}

#[test]
fn parts_of_output_that_overlap_are_cut_by_the_scarcest_input() {
    // p is out and of q a part passes, in a group over 0.55 of output.
    let course = |overlap: f64, [p, q]: [f64; 2]| {
        let input = |criticality: f64| Input::new(1, 0).criticality(criticality).group("g");
        let plant = Site::new("JP", Stage::SECTOR)
            .output("good", sold(1.0 / 7.0))
            .overlap(overlap)
            .input("p", input(0.3))
            .input("q", input(0.25));
        let mut tables = head(7, 2100).goods(["p", "q", "good"]).site("plant", plant);
        for (good, severity) in [("p", p), ("q", q)] {
            tables = tables
                .site(format!("{good}_mine"), maker("CN", good))
                .link(format!("{good}_mine>plant:{good}"), Link::new(7).surge_limit(1))
                .control(format!("on_{good}"), control(98.0, 1e6, severity).commodities([good]));
        }
        Course::of(&tables)
    };
    for overlap in [0.0, 0.25, 0.5, 0.9, 1.0] {
        let place = |of: &str| format!("{of}, overlap {overlap}");
        let first = course(overlap, [1.0, 0.6]);
        let cut = (1.0 - overlap) * (0.3 + 0.25 * 0.6) + overlap * 0.55;
        same(first.activity("plant")[15], 1.0 - cut, &place("activity"));
        assert_eq!(first.limits("plant")[15], Some("p"));
        // Of q, 0.4 came; what both are needed for is not built, and its share of them is left.
        same(first.stock("plant", "q")[15], 0.4 * overlap, &place("q that is left"));
        // In the long run as much of q is used as comes, unless there is enough for all that p allows.
        let last = course(overlap, [0.5, 0.25]);
        let fed = if overlap < 0.5 { (0.75 - 0.5 * overlap) / (1.0 - overlap) } else { 1.0 };
        let cut = (1.0 - overlap) * (0.3 * 0.5 + 0.25 * (1.0 - fed)) + overlap * 0.55 * 0.5;
        same(last.activity("plant")[299], 1.0 - cut, &place("in the end"));
    }
    // Where nothing hangs on an input, it cuts nothing, however much else needs it.
    let mut tables = head(7, 210).goods(["p", "q", "good"]);
    let input = |criticality: f64| Input::new(1, 0).criticality(criticality).group("g");
    let plant = Site::new("JP", Stage::SECTOR).output("good", sold(1.0 / 7.0)).overlap(1);
    tables = tables.site("plant", plant.input("p", input(0.0)).input("q", input(0.5)));
    for good in ["p", "q"] {
        tables = tables
            .site(format!("{good}_mine"), maker("CN", good))
            .link(format!("{good}_mine>plant:{good}"), Link::new(7).surge_limit(1));
    }
    let course = Course::of(&tables.control("on_p", control(98.0, 1e6, 1.0).commodities(["p"])));
    same(course.activity("plant")[29], 1.0, "without p");
}

#[test]
fn of_one_kind_from_two_makers_what_is_there_counts_together() {
    // p comes from two makers, in products of 0.3 and 0.2 of output; q is in 0.25.
    let tables = |overlap: f64, severities: [f64; 3]| {
        let input = |criticality: f64| Input::new(1, 0).criticality(criticality).group("g");
        let plant = Site::new("JP", Stage::SECTOR)
            .output("good", sold(1.0 / 7.0))
            .overlap(overlap)
            .input("p", input(0.3).kind("p"))
            .input("q", input(0.25))
            .input("other_p", input(0.2).kind("p"));
        let mut tables = head(7, 210).goods(["p", "q", "other_p", "good"]).site("plant", plant);
        for (good, severity) in ["p", "other_p", "q"].into_iter().zip(severities) {
            tables = tables
                .site(format!("{good}_mine"), maker("CN", good))
                .link(format!("{good}_mine>plant:{good}"), Link::new(7).surge_limit(1))
                .control(format!("on_{good}"), control(98.0, 1e6, severity).commodities([good]));
        }
        tables
    };
    let course = |overlap: f64, severities: [f64; 3]| Course::of(&tables(overlap, severities));
    for overlap in [0.0, 0.3, 1.0] {
        let place = |of: &str| format!("{of}, overlap {overlap}");
        // Three fifths of the kind are missing, and of what needs both kinds three fifths are not built.
        let first = course(overlap, [1.0, 0.0, 0.0]);
        let cut = (1.0 - overlap) * 0.3 + overlap * 0.75 * 0.6;
        same(first.activity("plant")[15], 1.0 - cut, &place("activity"));
        assert_eq!(first.limits("plant")[15], Some("p"));
        same(first.stock("plant", "other_p")[15], 0.0, &place("p of the other maker that is left"));
        same(first.stock("plant", "q")[15], overlap * 0.6, &place("q that is left"));
        // Of the other kind even less is there: each maker's part is used as far as that goes.
        let second = course(overlap, [1.0, 0.0, 0.8]);
        let cut = (1.0 - overlap) * (0.3 + 0.25 * 0.8) + overlap * 0.75 * 0.8;
        same(second.activity("plant")[15], 1.0 - cut, &place("activity"));
        assert_eq!(second.limits("plant")[15], Some(if overlap == 0.0 { "p" } else { "q" }));
        same(second.stock("plant", "other_p")[15], overlap * 0.5, &place("p that is left"));
        same(second.stock("plant", "q")[15], 0.0, &place("q that is left"));
    }
    // Of what both kinds are needed for, each maker's part counts by how much of the kind it is: 0.7·0.3·0.5 + 0.3·0.75·0.3·0.5/0.5
    // of p against 0.7·0.2·0.6 + 0.3·0.75·0.2·0.6/0.5 of the other maker's.
    let mut limited = tables(0.3, [0.5, 0.6, 0.5]);
    limited.sites["plant"].value_added_per_unit = 1.0.into();
    let outcome = Ensemble::new(&compile(&limited)).trials(1).run().expect("runs");
    let losses: Vec<_> =
        outcome.limits().iter().map(|limit| (limit.input.to_owned(), limit.loss > 0.0)).collect();
    let of = |input: &str| losses.iter().any(|(name, lost)| name == input && *lost);
    assert!(of("p") && !of("other_p") && !of("q"), "{losses:?}");
}

/// A supplier with three buyers without cover and final demand, of which a share is out for a week.
fn classes(class: Option<u32>, rationing: Rationing, severity: f64) -> [f64; 3] {
    let mut part = sold(30.0).yield_per_unit(1);
    part.final_demand_class = class.map(Into::into);
    let mut tables = head(7, 210)
        .goods(["part", "x"])
        .site("mine", Site::new("XX", "mine").output("part", part).rationing(rationing))
        .event("outage", event(["mine"], Target::Capacity, 98.0, 7.0, severity));
    for (k, use_a_day) in (0..).zip([20.0, 30.0, 20.0]) {
        tables = tables
            .site(format!("b{k}"), sector("part", 0.0, "x", use_a_day))
            .link(format!("mine>b{k}:part"), Link::new(7).priority(k + 1).surge_limit(1));
    }
    let course = Course::of(&tables);
    [0, 1, 2].map(|k| course.activity(&format!("b{k}"))[15] / 7.0)
}

#[test]
fn priority_classes_are_served_in_turn() {
    // At rest orders are volumes, so both ways of rationing give the same.
    for rationing in [Rationing::Proportional, Rationing::WaterFilling] {
        let got = |class, severity| classes(class, rationing, severity);
        all_same(&got(None, 0.5), &[20.0, 30.0, 0.0], "final demand last, half");
        all_same(&got(None, 0.3), &[20.0, 30.0, 20.0], "final demand last, 0.7");
        all_same(&got(None, 0.6), &[20.0, 20.0, 0.0], "final demand last, 0.4");
        all_same(&got(Some(2), 0.5), &[20.0, 15.0, 0.0], "final demand with the second class");
        all_same(&got(Some(2), 0.1), &[20.0, 30.0, 10.0], "final demand with the second class, 0.9");
        all_same(&got(Some(1), 0.8), &[8.0, 0.0, 0.0], "final demand with the first class, 0.2");
    }
}

/// Three buyers of 10, 20 and 30 a day, of whom the first doubles and the last halves its use just before
/// the supplier fails in part. What each is sent, a day.
fn panic(mine: Site, severity: f64) -> [f64; 3] {
    let mut tables = head(7, 210)
        .rules(Rules::new().demand_smoothing_days(0))
        .goods(["part", "x"])
        .site("mine", mine)
        .event("outage", event(["mine"], Target::Capacity, 105.0, 7.0, severity));
    for (k, (volume, more)) in [(10.0, -1.0), (20.0, 0.0), (30.0, 0.5)].into_iter().enumerate() {
        let id = format!("b{k}");
        let change = event([id.as_str()], Target::FinalDemand, 98.0, 70.0, more);
        tables = tables
            .link(format!("mine>{id}:part"), Link::new(7))
            .event(format!("e{k}"), change)
            .site(id, sector("part", 0.0, "x", volume).spare_capacity(1));
    }
    let course = Course::of(&tables);
    [0, 1, 2].map(|k| course.arrivals(&format!("b{k}"), "part")[16] / 7.0)
}

#[test]
fn water_filling_serves_small_orders_and_holds_large_ones_to_a_level() {
    // Orders: x̃ 2, gap 2 − 1 = 1, so 2.25 volumes; 1; x̃ ½, gap ½ − ½ − 1 = −1, so ¼.
    let orders = [22.5, 20.0, 7.5];
    let plain = || maker("XX", "part");
    let filling = || plain().rationing(Rationing::WaterFilling);
    all_same(&panic(plain(), 0.0), &orders, "enough for all");
    all_same(&panic(filling(), 0.0), &orders, "enough for all, water-filling");
    // 36 of 50: in proportion 0.72 of each; or the last in full and 28.5 over 30 for the others.
    all_same(&panic(plain(), 0.4), &orders.map(|o| 0.72 * o), "in proportion");
    all_same(&panic(filling(), 0.4), &[9.5, 19.0, 7.5], "water-filling");
    // 42: above the second order the level rises for the first alone.
    all_same(&panic(filling(), 0.3), &[14.5, 20.0, 7.5], "two in full");
    // Final demand of 40 in their class is a customer of that volume: 52.5 over 70.
    let part = sold(40.0).yield_per_unit(1).final_demand_class(1);
    all_same(&panic(filling().output("part", part), 0.4), &[7.5, 15.0, 7.5], "with final demand");
}

/// Share of its orders that a plant places with the first of two equal suppliers, step by step.
fn weight(rule: Weights, days: f64, severity: f64) -> Vec<f64> {
    let mut tables = head(7, 700)
        .rules(Rules::new().weights(rule))
        .goods(["part", "x"])
        .event("outage", event(["a"], Target::Capacity, 98.0, days, severity));
    for id in ["a", "b"] {
        tables = tables
            .site(id, maker("XX", "part").spare_capacity(3))
            .link(format!("{id}>plant:part"), Link::new(7).share(0.5));
    }
    let course = Course::of(&tables.site("plant", sector("part", 28.0, "x", 1.0)));
    let (a, b) = (course.demand("a"), course.demand("b"));
    a.iter().zip(b).map(|(a, b)| a / (a + b)).collect()
}

#[test]
fn weights_follow_experience_or_capacity_or_nothing() {
    let of = |w: f64| w / (1.0 + w);
    // An eighth of the way a week: 0.875, and back to 0.890625.
    let found = weight(Weights::Experience, 7.0, 1.0);
    all_same(&found[14..17], &[0.5, of(0.875), of(0.890_625)], "a week without deliveries");
    // Half of what was ordered came: an eighth of four times the usual flow.
    same(weight(Weights::Experience, 7.0, 0.875)[15], of(0.9375), "a week of halves");
    same(weight(Weights::Experience, 500.0, 1.0)[80], of(0.05), "the floor");
    let found = weight(Weights::Capacity, 7.0, 0.6);
    all_same(&found[14..17], &[0.5, of(0.4), 0.5], "capacity of 0.4 for a week");
    let found = weight(Weights::Fixed, 7.0, 1.0);
    all_same(&found[14..17], &[0.5; 3], "fixed");
}

#[test]
fn a_site_that_uses_its_own_goods_without_cover_stays_at_rest() {
    for ordering in [Ordering::Smoothed, Ordering::Ario] {
        for waiting in [0.0, 1.0] {
            // Final demand is in the class of orders, so that a shortage of its own goods falls on the plant as well.
            let power = Output::new().final_demand_per_year(1_234_567.1).final_demand_class(1_u32);
            let plant = Site::new("JP", Stage::SECTOR)
                .value_added_per_unit(10.0)
                .input("power", Input::new(0.37, 0.0))
                .input("coal", Input::new(0.13, 0.0))
                .output("power", power.waiting_share(waiting));
            let mine = Site::new("JP", "mine")
                .value_added_per_unit(1.0)
                .input("power", Input::new(0.21, 0.0))
                .output("coal", Output::new());
            let tables = head(1, 3000)
                .rules(Rules::new().ordering(ordering))
                .goods(["power", "coal"])
                .site("plant", plant)
                .site("mine", mine)
                .link("plant>plant:power", Link::new(1.0))
                .link("plant>mine:power", Link::new(1.0))
                .link("mine>plant:coal", Link::new(1.0));
            let outcome = Ensemble::new(&compile(&tables)).trials(1).run().expect("runs");
            let loss = outcome.loss("JP").expect("a party").mean();
            assert!(loss.abs() < 1.0, "{ordering:?}, {waiting} waits: {loss}");
        }
    }
}
