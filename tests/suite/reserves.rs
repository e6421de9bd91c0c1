//! Where goods come from once a lane is cut: reserves and projects.

use crate::chains::{Course, all_same, party_losses, same};
use crate::common::{compile, head};
use crate::parts::{A_DAY, Build, control, control_of, industry, maker, sector};
use supplyshock::Ensemble;
use supplyshock::scenario::{Input, Link, Project, Reserve, Rules, Tables};

/// A chain that is cut for good, with a cover of 30 days, a lead time of two steps and a reserve.
fn with_reserve(step: u32, amount: f64, trigger: f64, lead: u32, rate: f64) -> Course {
    let tables = head(step, 350)
        .rules(Rules::new().stopped_below(0.999_999_999))
        .goods(["part", "good"])
        .site("mine", maker("CN", "part"))
        .site("plant", sector("part", 30.0, "good", 1.0))
        .link("mine>plant:part", Link::new(2 * step).surge_limit(1))
        .control("cut", control(100.3, 1000.0, 1.0))
        .reserve("store", Reserve::new("JP", "part", amount, trigger).release_rate(rate))
        .link("store>plant:part", Link::new(lead));
    Course::of(&tables)
}

#[test]
fn a_reserve_of_d_days_moves_the_first_stop_by_d_days() {
    for step in [1, 7] {
        for lead_steps in [1, 3] {
            let least = f64::from((lead_steps + 1) * step);
            for trigger in [least, 0.5 * (least + 30.0), 30.0] {
                for (amount, rate) in
                    [(0.0, 1.0), (10.0, 1.0), (45.4, 1.0), (45.4, 3.0), (90.0, 1.0), (90.0, 3.0)]
                {
                    let course = with_reserve(step, amount, trigger, lead_steps * step, rate);
                    let case = format!("{step} d, {lead_steps} steps, trigger {trigger}, amount {amount}");
                    let stop = f64::from(2 * step) + 30.0 + amount;
                    same(course.stop("plant"), stop, &case);
                    same(course.lost("plant"), 350.0 - 100.3 - stop, &case);
                    // While it lives on the reserve, stock and goods under way stand at the trigger
                    // less the use of a step, however fast more could be drawn.
                    if amount == 90.0 {
                        let day = 100.3 + f64::from(2 * step) + 40.0;
                        let stock = course.stock("plant", "part")[(day / f64::from(step)) as usize];
                        same(stock, trigger - least, &format!("{case}, stock"));
                    }
                }
            }
        }
    }
}

#[test]
fn a_trigger_below_lead_time_and_step_opens_a_gap_before_the_first_release_arrives() {
    for step in [1, 7] {
        let course = with_reserve(step, 45.4, 3.5 * f64::from(step), 3 * step, 1.0);
        // The gap is as long as the trigger is short, half a step; the goods it keeps come later.
        let stop = 2.0 * f64::from(step) + 30.0;
        assert!(course.stop("plant") < stop + f64::from(step), "{step} d: {}", course.stop("plant"));
        same(course.lost("plant"), 350.0 - 100.3 - stop - 45.4, &format!("{step} d"));
    }
}

#[test]
fn a_reserve_releases_no_faster_than_its_rate() {
    let tables = head(7, 350)
        .goods(["part", "good"])
        .site("mine", maker("CN", "part"))
        .site("plant", sector("part", 30.0, "good", 1.0))
        .link("mine>plant:part", Link::new(7).surge_limit(1))
        .control("cut", control(98.0, 1000.0, 1.0))
        .reserve("store", Reserve::new("JP", "part", 60, 14).release_rate(0.25))
        .link("store>plant:part", Link::new(7));
    // Once the cover is gone a quarter of the use comes from the reserve.
    let course = Course::of(&tables);
    for x in &course.activity("plant")[21..45] {
        same(*x, 7.0 * 0.25, "a quarter");
    }
}

#[test]
fn a_reserve_refills_after_the_stated_time_to_what_it_held() {
    let tables = head(7, 1050)
        .goods(["part", "good"])
        .site("mine", maker("CN", "part").spare_capacity(1))
        .site("smelter", maker("XX", "part").capacity_per_year(3650))
        .site("plant", sector("part", 35.0, "good", 1.0))
        .link("mine>plant:part", Link::new(7))
        .control("cut", control(98.0, 80.0, 1.0))
        .reserve("store", Reserve::new("JP", "part", 100, 21).refill_rate(0.5).refill_after_days(28))
        .link("store>plant:part", Link::new(7))
        .link("smelter>store:part", Link::new(14));
    let course = Course::of(&tables);
    same(course.lost("plant"), 0.0, "loss");
    let (arrived, mined) = (course.arrivals("plant", "part"), course.activity("mine"));
    let released: Vec<f64> = (1..arrived.len()).map(|t| arrived[t] - mined[t - 1]).collect();
    let total: f64 = released.iter().sum();
    assert!(total > 50.0, "released {total}");
    // `released[k]` arrives in step k + 1: it was sent in step k and ordered at the end of step k − 1.
    let last = released.iter().rposition(|r| *r > 1e-9).expect("a release") - 1;
    let bought = course.activity("smelter");
    let first = bought.iter().position(|b| *b > 0.0).expect("a purchase");
    // Four steps without an order, and the goods are made in the step after.
    assert_eq!(first, last + 4 + 1);
    same(bought.iter().sum(), total, "bought back");
    let whole = (total / 3.5).floor() as usize;
    for b in &bought[first..first + whole] {
        same(*b, 3.5, "refill rate");
    }
    same(bought[first + whole], total - 3.5 * whole as f64, "the last of it");
}

/// A lane that is cut for good and a contingent one from a mine that a project builds.
fn project(build: Project) -> Tables {
    let plant = industry("good", 1.0).input("part", Input::new(1, 0).restoration_days(7));
    head(7, 420)
        .goods(["part", "good"])
        .site("mine", maker("CN", "part"))
        .site("new", maker("XX", "part"))
        .site("plant", plant)
        .link("mine>plant:part", Link::new(7).surge_limit(1))
        .link("new>plant:part", Link::new(7).contingent_volume_per_year(146).surge_limit(1.5))
        .control("cut", control(98.0, 1000.0, 1.0))
        .project("build", build)
}

fn build(after: &str) -> Project {
    Project::new("new", A_DAY).after(after).start_days(10).permit_days(20.5).build_days(30.3).ramp_days(60)
}

#[test]
fn a_project_ramps_up_in_a_straight_line_and_its_lane_with_it() {
    let course = Course::of(&project(build("cut")));
    let begin = 98.0 + 10.0 + 20.5 + 30.3;
    // Area under the ramp.
    let area = |day: f64| match day - begin {
        u if u <= 0.0 => 0.0,
        u if u <= 60.0 => u * u / 120.0,
        u => u - 30.0,
    };
    let ramp: Vec<f64> =
        (0..60).map(|t| (area(7.0 * f64::from(t + 1)) - area(7.0 * f64::from(t))) / 7.0).collect();
    all_same(&course.capacity("new"), &ramp.iter().map(|r| 7.0 * r).collect::<Vec<_>>(), "capacity");
    // The lane carries 1.5 times 0.4 a day; the order of one step is sent in the next.
    for (t, x) in course.activity("plant").iter().enumerate().skip(15) {
        same(*x, 7.0 * 0.6 * ramp[t - 2], &format!("step {t}"));
    }
    same(ramp[59], 1.0, "in the end it is complete");
    assert!(course.activity("new")[..14].iter().all(|x| *x == 0.0), "it sells before there is need");
}

#[test]
fn a_project_without_its_trigger_never_starts() {
    let course = Course::of(&project(build("else")));
    assert!(course.capacity("new").iter().all(|k| *k == 0.0));
    same(course.activity("plant")[59], 0.0, "activity");
}

#[test]
fn a_project_succeeds_as_often_as_stated() {
    let model = compile(&project(build("cut").success(0.3)));
    let outcome = Ensemble::new(&model).trials(4000).seed(11).run().expect("runs");
    let losses = party_losses(&outcome);
    let worst = losses.iter().copied().fold(0.0, f64::max);
    let built = losses.iter().filter(|l| **l < worst - 1.0).count() as f64;
    let z = (built / 4000.0 - 0.3) / (0.3_f64 * 0.7 / 4000.0).sqrt();
    // A false alarm in a million.
    assert!(z.abs() < 4.8916, "{built} of 4000 are built, {z} standard errors off");
}

#[test]
fn a_contingent_lane_under_a_control_carries_what_passes_of_its_nominal_volume() {
    for (severity, aware, opens) in [
        (0.25, true, 0.0),
        (1.0, true, 0.0),
        (0.25, false, 0.0),
        // When a lane opens is known to a buyer that knows no controls, and nothing else.
        (0.25, true, 7.0),
        (0.25, false, 7.0),
        (0.25, false, 238.5),
    ] {
        let mut tables = project(build("cut"))
            .rules(Rules::new().aware_of_controls(aware))
            .control("second", control_of("XX", 245.0, 1000.0, severity));
        if opens > 0.0 {
            tables.links["new>plant:part"].qualification_days = Some(opens.into());
        }
        let course = Course::of(&tables);
        // An unaware buyer orders 0.6 and gets the quota on the nominal volume.
        let passed = if aware { 0.6 * (1.0 - severity) } else { 0.4 * (1.0 - severity) };
        same(
            course.activity("plant")[50],
            7.0 * passed,
            &format!("severity {severity}, aware: {aware}, opens on day {opens}"),
        );
    }
}
