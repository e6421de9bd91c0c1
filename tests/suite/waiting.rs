//! What begins with something else, and lanes and reserves that open after a time.

use crate::chains::{Course, all_same, same};
use crate::common::{Source, head};
use crate::parts::{A_DAY, Build, control, control_during, control_of, event, maker, sector, state};
use crate::trials::{activities, bare, beside, cut_off, lane, passages, step_means};
use supplyshock::scenario::{
    Control, Event, InStates, Link, Party, Reexport, Regime, Reserve, Rules, State, Tables, Target, Weights,
};

/// A control of exports from a country, some days after the onset of what it names.
fn follower(country: &str, after: &str, days: f64, duration: f64) -> Control {
    control_of(country, days, duration, 1.0).after(after)
}

/// Passage of the second plant, whose mine stands in XX, where the control `held` begins with `after` and lasts
/// 20 days.
fn held(more: impl FnOnce(Tables) -> Tables, after: &str, days: f64) -> Vec<f64> {
    let tables = bare(1, 121, lane(1))
        .also(more)
        .also(beside(2, "XX", lane(1)))
        .control("held", follower("XX", after, days, 20.0));
    passages(&tables, "plant2", 1).remove(0)
}

/// A name, what is added, the id of what the control waits for, for how long, and the day on which it begins.
type Case<'a> = (&'a str, &'a dyn Fn(Tables) -> Tables, &'a str, f64, f64);

#[test]
fn it_begins_some_days_after_the_onset_of_what_it_waits_for() {
    let cut = |t: Tables| t.control("cut", control(20.5, 5.0, 1.0));
    let unrest = || event(["mine"], Target::Capacity, 10.25, 1.0, 0.5);
    let after_cut = |t: Tables| cut(t).event("unrest", unrest().after("cut"));
    let policy = || Regime::new("calm").state("calm", state(31.5, "row")).state("row", state(4, "calm"));
    let in_row = || InStates::new("policy", ["row"]);
    let flood = Event::new(["mine"]).series([1.0, 1.0, 1.0, 0.5]);
    let round = Reexport::new("cut", "XX", 0, 0.1).setup_days(3).discovery_per_year(1e9);
    let cases: [Case; 8] = [
        ("a control", &cut, "cut", 7.25, 27.75),
        ("an event", &|t| t.event("unrest", unrest()), "unrest", 5.0, 15.25),
        ("an event after a control", &after_cut, "unrest", 5.5, 36.25),
        (
            "a control after an event after a control",
            &|t| after_cut(t).control("next", follower("CN", "unrest", 2.0, 0.0)),
            "next",
            5.5,
            38.25,
        ),
        ("a series", &|t| t.event("flood", flood.clone()), "flood", 0.0, 3.0),
        (
            "a control in a state",
            &|t| t.regime("policy", policy()).control("row", control_during("CN", "policy", ["row"])),
            "row",
            8.0,
            39.5,
        ),
        (
            "an event in a state",
            &|t| {
                let unrest = Event::new(["mine"]).severity(0.5).during(in_row());
                t.regime("policy", policy()).event("unrest", unrest)
            },
            "unrest",
            8.0,
            39.5,
        ),
        // Found out at once, a millisecond or so after the first goods.
        ("a re-export", &|t| cut(t).reexport("round", round.clone()), "round", 1.0, 24.5),
    ];
    for (case, more, after, days, start) in cases {
        let expected =
            step_means(1, 120, &[start, start + 20.0], |d| f64::from(!(start..start + 20.0).contains(&d)));
        let found = held(more, after, days);
        for (t, (x, y)) in found.iter().zip(&expected).enumerate() {
            assert!((x - y).abs() < 1e-5, "{case}, day {t}: {x}, expected {y}");
        }
    }
}

#[test]
fn it_never_begins_without_what_it_waits_for() {
    assert!(held(|t| t, "nothing", 0.0).iter().all(|x| *x == 1.0));
    let chain = follower("CN", "nothing", 2.0, 9.0);
    let found = held(|t| t.control("next", chain), "next", 0.0);
    assert!(found.iter().all(|x| *x == 1.0), "at second hand");
    let tables = bare(7, 70, lane(7)).control("held", follower("CN", "nothing", 0.0, 20.0));
    let scenario = tables.scenario().expect("it is only doubtful");
    let [warning] = scenario.warnings() else { panic!("{:?}", scenario.warnings()) };
    assert_eq!(warning.path, "controls.held.after");
    assert!(warning.message().contains("no control, event or re-export `nothing`, so this never begins"));
    // A control that bars nothing has begun all the same; one on states that never come has not.
    assert!(held(|t| t.control("idle", control(20.0, 50.0, 0.0)), "idle", 0.0)[25] == 0.0);
    let policy = Regime::new("calm").state("calm", State::new()).state("row", State::new());
    let row = |t: Tables| t.regime("policy", policy).control("row", control_during("CN", "policy", ["row"]));
    assert!(held(row, "row", 0.0).iter().all(|x| *x == 1.0));
}

/// A plant whose only lane closes on day 98, with a far mine that may be qualified.
fn qualified(lane: Link) -> Tables {
    head(7, 280)
        .goods(["part", "good"])
        .site("mine", maker("CN", "part"))
        .site("far", maker("XX", "part").capacity_per_year(3650))
        .site("plant", sector("part", 0.0, "good", 1.0))
        .link("mine>plant:part", Link::new(7).surge_limit(1))
        .link("far>plant:part", lane)
        .control("cut", control(98.0, 400.0, 1.0))
}

#[test]
fn a_lane_opens_when_its_supplier_is_qualified() {
    let spare = || Link::new(7).contingent_volume_per_year(0.5 * A_DAY);
    for (lane, opens) in [
        (spare(), 0.0),
        (spare().qualification_days(128.25), 128.25),
        (spare().qualification_days(128.25).after("cut"), 226.25),
        (spare().after("cut"), 98.0),
        (spare().qualification_days(20).after("nothing"), 1e9),
    ] {
        let case = format!("{:?} after {:?}", lane.qualification_days, lane.after);
        let course = Course::of(&qualified(lane));
        let open = step_means(7, 40, &[opens, 98.0], |d| 3.5 * f64::from(d > opens && d > 98.0));
        all_same(&course.demand("far"), &open, &case);
        same(course.lost("plant"), 280.0 - 105.0 - 0.5 * (273.0 - f64::max(opens, 98.0)).max(0.0), &case);
    }
}

#[test]
fn a_lane_that_is_never_qualified_is_no_lane_even_to_a_buyer_that_knows_no_controls() {
    let spare = || Link::new(7).contingent_volume_per_year(10.0 * A_DAY);
    for aware in [true, false] {
        let tables = head(7, 420)
            .rules(Rules::new().aware_of_controls(aware))
            .goods(["part", "good"])
            .site("near", maker("CN", "part"))
            .site("far", maker("XX", "part").spare_capacity(2))
            .site("new", maker("XX", "part").capacity_per_year(36_500))
            .site("plant", sector("part", 20.0, "good", 1.0).spare_capacity(0.2))
            .link("near>plant:part", Link::new(7).share(0.5).surge_limit(1))
            .link("far>plant:part", Link::new(7).share(0.5).surge_limit(2))
            // Stocks fall, so that orders rise above what the first offers take.
            .event("unrest", event(["near"], Target::Capacity, 98.0, 150.0, 0.9));
        let with = |lane: Link| activities(&tables.clone().link("new>plant:part", lane), "far", 1);
        let none = activities(&tables, "far", 1);
        let never = with(spare().after("nothing"));
        assert_eq!(none, never, "aware: {aware}");
        assert!(none[0].iter().any(|x| *x > 1.1), "it is asked for more");
        assert!(with(spare()) != never, "an open lane takes orders");
    }
}

#[test]
fn a_buyer_that_knows_no_controls_learns_none_from_when_a_lane_or_a_reserve_opens() {
    let base = |aware: bool| {
        head(7, 420)
            .rules(Rules::new().aware_of_controls(aware))
            .goods(["part", "good"])
            .site("near", maker("CN", "part"))
            .site("far", maker("XX", "part").capacity_per_year(36_500))
            .site("new", maker("YY", "part").capacity_per_year(36_500))
            .site("plant", sector("part", 20.0, "good", 1.0))
            .party("YY", Party::new(1e12))
            .link("near>plant:part", Link::new(7).surge_limit(1))
            .link("far>plant:part", Link::new(7).contingent_volume_per_year(A_DAY))
            // Weeks after the lanes have opened, one of them is barred for a time that does not fill its steps.
            .event("unrest", event(["near"], Target::Capacity, 98.0, 400.0, 0.9))
            .control("gate", control_of("YY", 150.3, 100.0, 0.8))
    };
    let spare = || Link::new(7).contingent_volume_per_year(A_DAY);
    let depot = || Reserve::new("YY", "part", 300, 20);
    for aware in [true, false] {
        let with = |lane: Link| Course::of(&base(aware).link("new>plant:part", lane)).activity("plant");
        let open = with(spare());
        assert_eq!(open, with(spare().qualification_days(7)), "aware: {aware}");
        let with = |depot: Reserve| {
            let tables = base(aware).reserve("depot", depot).link("depot>plant:part", Link::new(7));
            Course::of(&tables).activity("plant")
        };
        assert_eq!(with(depot()), with(depot().opens_after_days(7)), "reserve, aware: {aware}");
    }
    // What a buyer does not know, it orders in vain.
    let lost = |aware: bool| Course::of(&base(aware).link("new>plant:part", spare())).lost("plant");
    assert!(lost(false) > lost(true) + 1.0, "{} and {}", lost(false), lost(true));
}

#[test]
fn a_lane_that_opens_within_a_step_passes_no_more_than_its_quota_for_the_rest_of_it() {
    // All that the plant can have comes over a lane that opens in the middle of a week, of which a control halves the usual
    // volume: all the while, or from the middle of that half week on. Who does not know it orders the whole, and of the part
    // that is ordered while nothing is barred all passes.
    let half = |aware: bool, onset: f64| {
        let tables = head(7, 210)
            .rules(Rules::new().aware_of_controls(aware).weights(Weights::Capacity))
            .goods(["part", "good"])
            .party("YY", Party::new(1e12))
            .site("near", maker("CN", "part"))
            .site("new", maker("YY", "part").capacity_per_year(36_500))
            .site("plant", sector("part", 0.0, "good", 1.0))
            .link("near>plant:part", Link::new(7))
            .link("new>plant:part", Link::new(7).contingent_volume_per_year(A_DAY).qualification_days(101.5))
            .event("outage", event(["near"], Target::Capacity, 84.0, 400.0, 1.0))
            .control("gate", control_of("YY", onset, 400.0, 0.5));
        let activity = Course::of(&tables).activity("plant");
        same(activity[14], 0.0, "before anything comes");
        same(activity[16], 0.5 * 7.0, &format!("a whole week, aware: {aware}"));
        activity[15]
    };
    for aware in [true, false] {
        same(half(aware, 0.0), 0.5 * 3.5, &format!("barred before, aware: {aware}"));
        same(half(aware, 103.25), 1.75 + 0.5 * 1.75, &format!("barred within, aware: {aware}"));
    }
}

#[test]
fn thousands_of_forces_may_wait_for_each_other_in_a_row() {
    let row = (1..5000).fold(bare(7, 70, lane(7)).control("c0", control(7.0, 7.0, 0.0)), |tables, k| {
        let next = follower("CN", &format!("c{}", k - 1), 0.01, 7.0).severity(f64::from(k == 4999));
        tables.control(format!("c{k}"), next)
    });
    let (begins, lost) = (7.0 + 49.99, Course::of(&row).lost("plant"));
    same(lost, 63.0 - begins, "it begins after all that it waits for");
}

#[test]
fn a_reserve_opens_some_time_after_what_it_waits_for() {
    let depot = || Reserve::new("JP", "part", 300, 20);
    for (depot, opens) in [
        (depot(), 0.0),
        (depot().after("cut"), 10.0),
        (depot().opens_after_days(52.25), 52.25),
        (depot().opens_after_days(52.25).after("cut"), 62.25),
        (depot().after("nothing"), 1e9),
    ] {
        for aware in [true, false] {
            let tables = cut_off(121, depot.clone()).rules(Rules::new().aware_of_controls(aware));
            // The stock lasts until day 31; what is released arrives a day later.
            let gap = f64::max(f64::min(opens + 1.0, 121.0) - 31.0, 0.0);
            same(Course::of(&tables).lost("plant"), gap, &format!("opens on day {opens}, aware: {aware}"));
        }
    }
}
