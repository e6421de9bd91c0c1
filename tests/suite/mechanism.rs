//! Single rules of the step against numbers worked out by hand.

use crate::chains::{Course, all_same, commodities, control, event, link, maker, same, sector};
use crate::common::head;

/// A sector without inputs that sells one unit a day.
fn shop(step: u32, more: &str, event: &str) -> Course {
    let text = [
        head(step, 1050),
        commodities(&["good"]),
        "[sites.shop]\ncountry = \"JP\"\nstage = \"sector\"\nvalue_added_per_unit = 1\n\
         outputs.good.final_demand_per_year = 365\n"
            .to_owned(),
        more.to_owned(),
        event.to_owned(),
    ];
    Course::of(&text.concat())
}

#[test]
fn waiting_demand_builds_up_less_cancellation_and_is_served_in_the_end() {
    // Over N steps without output B = δF (1 − q^N)/(1 − q); with ample capacity all of it is served at
    // once, and the rest is lost.
    for (step, steps) in [(1, 70), (7, 10)] {
        for (waiting, cancelled) in [(0.4, 0.02), (1.0, 0.1), (0.0, 0.1)] {
            let more = format!(
                "outputs.good.waiting_share = {waiting}\noutputs.good.cancellation_per_week = {cancelled}\n\
                 spare_capacity = 99\n"
            );
            let course = shop(step, &more, &event("stop", "shop", "capacity", 98.0, 70.0, 1.0));
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
    let more = "outputs.good.waiting_share = 1\novertime_max = 1.25\novertime_days = 0\n";
    let course = shop(7, more, &event("stop", "shop", "capacity", 98.0, 42.0, 1.0));
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
    let more =
        "outputs.good.waiting_share = 0.5\noutputs.good.cancellation_per_week = 0.1\nspare_capacity = 0.2\n";
    let course = shop(7, more, &event("stop", "shop", "capacity", 98.0, 14.0, 0.5));
    // 7; φ 0.6, B 0.5·7·0.4 = 1.4; φ 0.5, B (0.9·1.4 + 3.5)·0.5 = 2.38; φ 8.4/9.38,
    // B (0.9·2.38 + 3.5)·0.98/9.38.
    let last = 7.0 + 5.642 * 0.98 / 9.38;
    all_same(&course.demand("shop")[14..19], &[7.0, 8.4, 9.38, last, 7.0], "demand");
    all_same(&course.activity("shop")[14..19], &[4.2, 4.2, 8.4, last, 7.0], "activity");
}

#[test]
fn overtime_moves_towards_what_is_needed() {
    // A quarter of the way a week. A ceiling above the need is not what it goes to.
    let boom = |by: f64| event("boom", "shop", "final_demand", 98.0, 70.0, -by);
    for (by, goal) in [(0.5, 1.3), (0.2, 1.2)] {
        let course = shop(7, "overtime_max = 1.3\novertime_days = 28\n", &boom(by));
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
    let boom = event("boom", "shop", "final_demand", 98.0, 28.0, -0.5);
    let course = shop(7, "overtime = \"ario\"\novertime_max = 1.3\novertime_days = 28\n", &boom);
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
fn plant(rules: &str, cover: u32, lead: u32, shock: &str) -> Course {
    let text = [
        head(7, 350),
        rules.to_owned(),
        commodities(&["part", "good"]),
        maker("mine", "CN", "part") + "spare_capacity = 3\n",
        sector("plant", "part", f64::from(cover), "good", 1.0 / 7.0) + "spare_capacity = 1\n",
        link("mine>plant:part", lead, ""),
        shock.to_owned(),
    ];
    Course::of(&text.concat())
}

const ARIO: &str = "[rules]\nordering = \"ario\"\ndemand_smoothing_days = 0\n";

#[test]
fn orders_follow_expected_use_and_a_quarter_of_the_gap() {
    // +20%: x̃ 1.05, gap 4·1.05 − 1.8 − 2 = 0.4; x̃ 1.0875, gap 4.35 − 1.6 − 2.15 = 0.6; x̃ 1.115625,
    // gap 4.4625 − 1.4 − 2.3875 = 0.675.
    let boom = event("boom", "plant", "final_demand", 98.0, 500.0, -0.2);
    let course = plant("", 14, 14, &boom);
    all_same(&course.stock("plant", "part")[13..17], &[2.0, 1.8, 1.6, 1.4], "stock");
    all_same(&course.demand("mine")[14..18], &[1.0, 1.15, 1.2375, 1.284_375], "orders");
    // With x̃ = 1.2 at once: gaps 4.8 − 1.8 − 2 = 1, 4.8 − 1.6 − 2.45 = 0.75, 4.8 − 1.4 − 2.8375.
    let course = plant(ARIO, 14, 14, &boom);
    all_same(&course.demand("mine")[14..18], &[1.0, 1.45, 1.3875, 1.340_625], "orders of the option");
}

#[test]
fn only_the_ario_option_ignores_a_surplus() {
    let slump = event("slump", "plant", "final_demand", 98.0, 500.0, 0.2);
    // x̃ 0.95, gap 3.8 − 2.2 − 2 = −0.4.
    same(plant("", 14, 14, &slump).demand("mine")[15], 0.85, "orders");
    same(plant(ARIO, 14, 14, &slump).demand("mine")[15], 0.8, "orders of the option");
}

#[test]
fn only_the_ario_option_renews_what_was_used() {
    // No cover, one week without deliveries: in the week after, nothing is used. 1.25 is under way then.
    let cut = control("cut", 98.0, 7.0, 1.0);
    let course = plant("", 0, 7, &cut);
    all_same(&course.demand("mine")[13..17], &[1.0, 0.0, 1.25, 0.9375], "orders");
    let course = plant(ARIO, 0, 7, &cut);
    all_same(&course.demand("mine")[13..17], &[1.0, 0.0, 1.25, 0.0], "orders of the option");
}

/// What a plant orders from four suppliers, of which the last has no share, when it wants 1.15 for 1.
fn split(terms: [&str; 4]) -> [f64; 4] {
    let mut text = head(7, 140) + &commodities(&["part", "good"]);
    for (k, terms) in terms.iter().enumerate() {
        text += &(maker(&format!("s{k}"), "XX", "part") + "capacity_per_year = 999\n");
        text += &link(&format!("s{k}>plant:part"), 14, terms);
    }
    text += &(sector("plant", "part", 14.0, "good", 1.0 / 7.0) + "spare_capacity = 1\n");
    // As in the test of orders above: the first order after the boom begins.
    let course = Course::of(&(text + &event("boom", "plant", "final_demand", 98.0, 500.0, -0.2)));
    [0, 1, 2, 3].map(|k| course.demand(&format!("s{k}"))[15])
}

#[test]
fn what_limits_leave_is_offered_once_more() {
    let limited = "share = 0.5\nsurge_limit = 1";
    let [b, c] = ["share = 0.3\nsurge_limit = 1.2", "share = 0.2\nsurge_limit = 2"];
    let none = "contingent_volume_per_year = 0";
    // First 0.5, 0.345 and 0.23; then 0.075 to the rooms of 0.015 and 0.17.
    let part = 0.075 / 0.185;
    all_same(&split([limited, b, c, none]), &[0.5, 0.345 + 0.015 * part, 0.23 + 0.17 * part, 0.0], "room");
    // Contingent room counts: 0.1 a week.
    let more = "contingent_volume_per_year = 5.214285714285714";
    let part = 0.075 / 0.285;
    let expected = [0.5, 0.345 + 0.015 * part, 0.23 + 0.17 * part, 0.1 * part];
    all_same(&split([limited, b, c, more]), &expected, "contingent room");
    // Unlimited lanes take all of it, by their shares.
    all_same(&split([limited, "share = 0.3", c, more]), &[0.5, 0.42, 0.23, 0.0], "one without limit");
    let found = split([limited, "share = 0.3", "share = 0.2", more]);
    all_same(&found, &[0.5, 0.345 + 0.045, 0.23 + 0.03, 0.0], "two without limit");
    // Where there is no room at all, less is ordered than is wanted.
    let tight = ["share = 0.3\nsurge_limit = 1", "share = 0.2\nsurge_limit = 1"];
    all_same(&split([limited, tight[0], tight[1], none]), &[0.5, 0.3, 0.2, 0.0], "no room");
}

#[test]
fn the_threshold_throttle_cuts_as_soon_as_stock_is_below_a_share_of_its_target() {
    // The target is 3 weeks, so 2.4 are required; stock falls by 1/2.4 of itself a week.
    let text = [
        head(7, 350),
        commodities(&["part", "good"]),
        maker("mine", "CN", "part"),
        sector("plant", "part", 14.0, "good", 1.0 / 7.0) + "inputs.part.throttle = \"threshold\"\n",
        link("mine>plant:part", 7, "surge_limit = 1"),
        control("cut", 98.0, 500.0, 1.0),
    ];
    let course = Course::of(&text.concat());
    same(course.activity("plant")[14], 1.0, "the last delivery");
    for k in 0..8 {
        let expected = 2.0 / 2.4 * (1.4_f64 / 2.4).powi(k);
        same(course.activity("plant")[15 + k as usize], expected, &format!("week {k}"));
    }
}

#[test]
fn cuts_add_within_a_group_and_the_worst_group_counts() {
    let mut text = head(7, 210) + &commodities(&["p", "q", "e", "good"]);
    text += "[sites.plant]\ncountry = \"JP\"\nstage = \"sector\"\noutputs.good.final_demand_per_year = 52.142857142857146\n\
             inputs.p = { use_per_unit = 1, cover_days = 0, criticality = 0.3, group = \"g\" }\n\
             inputs.q = { use_per_unit = 1, cover_days = 0, criticality = 0.25, group = \"g\" }\n\
             inputs.e = { use_per_unit = 1, cover_days = 0, criticality = 0.8 }\n";
    for (commodity, severity) in [("p", 1.0), ("q", 0.6), ("e", 0.5)] {
        text += &maker(&format!("{commodity}_mine"), "CN", commodity);
        text += &link(&format!("{commodity}_mine>plant:{commodity}"), 7, "surge_limit = 1");
        text += &control(&format!("on_{commodity}"), 98.0, 70.0, severity);
        text += &format!("commodities = [\"{commodity}\"]\n");
    }
    let course = Course::of(&text);
    // 1 − 0.3 − 0.25·0.6 = 0.55 against 1 − 0.8·0.5 = 0.6.
    same(course.activity("plant")[15], 0.55, "activity");
    assert_eq!(course.limits("plant")[15], Some("p"));
    // Half of e is there, and all of it goes into the half of output that can be made.
    same(course.stock("plant", "e")[15], 0.0, "e");
    // Of q, 0.4 are there, and they go into the parts that contain q.
    same(course.stock("plant", "q")[15], 0.0, "q");
    // With 0.9 of e, 0.55 is what the other group lets through.
    let course = Course::of(&text.replace("severity = 0.5", "severity = 0.1"));
    same(course.activity("plant")[15], 0.55, "activity");
    same(course.stock("plant", "e")[15], 0.9 - 0.55, "e that is left");
}

/// A supplier with three buyers without cover and final demand, of which a share is out for a week.
fn classes(terms: &str, rationing: &str, severity: f64) -> [f64; 3] {
    let mut text = head(7, 210) + &commodities(&["part", "x"]);
    text += &maker("mine", "XX", "part");
    text += &format!("outputs.part.final_demand_per_year = {}\n{terms}{rationing}", 30.0 * 365.0);
    for (k, use_a_day) in [20.0, 30.0, 20.0].into_iter().enumerate() {
        text += &sector(&format!("b{k}"), "part", 0.0, "x", use_a_day);
        text += &link(&format!("mine>b{k}:part"), 7, &format!("priority = {}\nsurge_limit = 1", k + 1));
    }
    let course = Course::of(&(text + &event("outage", "mine", "capacity", 98.0, 7.0, severity)));
    [0, 1, 2].map(|k| course.activity(&format!("b{k}"))[15] / 7.0)
}

#[test]
fn priority_classes_are_served_in_turn() {
    // At rest orders are volumes, so both ways of rationing give the same.
    for rationing in ["", "rationing = \"water_filling\"\n"] {
        let got = |class: &str, severity| classes(class, rationing, severity);
        all_same(&got("", 0.5), &[20.0, 30.0, 0.0], "final demand last, half");
        all_same(&got("", 0.3), &[20.0, 30.0, 20.0], "final demand last, 0.7");
        all_same(&got("", 0.6), &[20.0, 20.0, 0.0], "final demand last, 0.4");
        let second = "outputs.part.final_demand_class = 2\n";
        all_same(&got(second, 0.5), &[20.0, 15.0, 0.0], "final demand with the second class");
        all_same(&got(second, 0.1), &[20.0, 30.0, 10.0], "final demand with the second class, 0.9");
        let first = "outputs.part.final_demand_class = 1\n";
        all_same(&got(first, 0.8), &[8.0, 0.0, 0.0], "final demand with the first class, 0.2");
    }
}

/// Three buyers of 10, 20 and 30 a day, of whom the first doubles and the last halves its use just before
/// the supplier fails in part. What each is sent, a day.
fn panic(site: &str, severity: f64) -> [f64; 3] {
    let mut text = head(7, 210) + "[rules]\ndemand_smoothing_days = 0\n" + &commodities(&["part", "x"]);
    text += &(maker("mine", "XX", "part") + site);
    for (k, (volume, more)) in [(10.0, -1.0), (20.0, 0.0), (30.0, 0.5)].into_iter().enumerate() {
        let id = format!("b{k}");
        text += &(sector(&id, "part", 0.0, "x", volume) + "spare_capacity = 1\n");
        text += &link(&format!("mine>{id}:part"), 7, "");
        text += &event(&format!("e{k}"), &id, "final_demand", 98.0, 70.0, more);
    }
    let course = Course::of(&(text + &event("outage", "mine", "capacity", 105.0, 7.0, severity)));
    [0, 1, 2].map(|k| course.arrivals(&format!("b{k}"), "part")[16] / 7.0)
}

#[test]
fn water_filling_serves_small_orders_and_holds_large_ones_to_a_level() {
    // Orders: x̃ 2, gap 2 − 1 = 1, so 2.25 volumes; 1; x̃ ½, gap ½ − ½ − 1 = −1, so ¼.
    let orders = [22.5, 20.0, 7.5];
    all_same(&panic("", 0.0), &orders, "enough for all");
    all_same(&panic("rationing = \"water_filling\"\n", 0.0), &orders, "enough for all, water-filling");
    // 36 of 50: in proportion 0.72 of each; or the last in full and 28.5 over 30 for the others.
    all_same(&panic("", 0.4), &orders.map(|o| 0.72 * o), "in proportion");
    all_same(&panic("rationing = \"water_filling\"\n", 0.4), &[9.5, 19.0, 7.5], "water-filling");
    // 42: above the second order the level rises for the first alone.
    all_same(&panic("rationing = \"water_filling\"\n", 0.3), &[14.5, 20.0, 7.5], "two in full");
    // Final demand of 40 in their class is a customer of that volume: 52.5 over 70.
    let with_final = format!(
        "rationing = \"water_filling\"\noutputs.part.final_demand_per_year = {}\noutputs.part.final_demand_class = 1\n",
        40.0 * 365.0
    );
    all_same(&panic(&with_final, 0.4), &[7.5, 15.0, 7.5], "with final demand");
}

/// Share of its orders that a plant places with the first of two equal suppliers, step by step.
fn weight(rule: &str, outage: &str) -> Vec<f64> {
    let mut text = head(7, 700) + &format!("[rules]\nweights = \"{rule}\"\n") + &commodities(&["part", "x"]);
    for id in ["a", "b"] {
        text += &(maker(id, "XX", "part") + "spare_capacity = 3\n");
        text += &link(&format!("{id}>plant:part"), 7, "share = 0.5");
    }
    text += &sector("plant", "part", 28.0, "x", 1.0);
    let course = Course::of(&(text + outage));
    let (a, b) = (course.demand("a"), course.demand("b"));
    a.iter().zip(b).map(|(a, b)| a / (a + b)).collect()
}

#[test]
fn weights_follow_experience_or_capacity_or_nothing() {
    let outage = |days: f64, severity: f64| event("outage", "a", "capacity", 98.0, days, severity);
    let of = |w: f64| w / (1.0 + w);
    // An eighth of the way a week: 0.875, and back to 0.890625.
    let found = weight("experience", &outage(7.0, 1.0));
    all_same(&found[14..17], &[0.5, of(0.875), of(0.890_625)], "a week without deliveries");
    // Half of what was ordered came: an eighth of four times the usual flow.
    same(weight("experience", &outage(7.0, 0.875))[15], of(0.9375), "a week of halves");
    same(weight("experience", &outage(500.0, 1.0))[80], of(0.05), "the floor");
    let found = weight("capacity", &outage(7.0, 0.6));
    all_same(&found[14..17], &[0.5, of(0.4), 0.5], "capacity of 0.4 for a week");
    let found = weight("fixed", &outage(7.0, 1.0));
    all_same(&found[14..17], &[0.5; 3], "fixed");
}
