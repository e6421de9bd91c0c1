//! What begins with something else, and lanes and reserves that open after a time.

use crate::chains::{A_DAY, Course, all_same, commodities, control, link, maker, same, sector};
use crate::common::head;
use crate::trials::{activities, bare, beside, passages, step_means};
use supplyshock::Scenario;

/// [`control`] of exports from another country, some days after the onset of what it names.
fn follower(id: &str, country: &str, after: &str, days: f64, duration: f64) -> String {
    control(id, days, duration, 1.0).replace("\"CN\"", &format!("\"{country}\""))
        + &format!("after = \"{after}\"\n")
}

/// Passage of the second plant, whose mine stands in XX, where the control `held` begins with `after` and lasts
/// 20 days.
fn held(more: &str, after: &str, days: f64) -> Vec<f64> {
    let text = bare(
        1,
        121,
        "",
        &(more.to_owned() + &beside(2, "XX", 1, "") + &follower("held", "XX", after, days, 20.0)),
    );
    passages(&text, "plant2", 1).remove(0)
}

#[test]
fn it_begins_some_days_after_the_onset_of_what_it_waits_for() {
    let event =
        "[events.unrest]\nsites = [\"mine\"]\nstart_days = 10.25\nduration_days = 1\nseverity = 0.5\n";
    let regime = "[regimes.policy]\nstart = \"calm\"\nstates.calm = { holding_days = 31.5, next.row = 1 }\n\
                  states.row = { holding_days = 4, next.calm = 1 }\n";
    let during = "during = { regime = \"policy\", states = [\"row\"] }\n";
    let series = "[events.flood]\nsites = [\"mine\"]\nseries = [1, 1, 1, 0.5]\n";
    let round = "[reexports.round]\ncontrol = \"cut\"\nvia = \"XX\"\nsetup_days = 3\ndelay_days = 0\nvolume_share = 0.1\n\
                 discovery_per_year = 1e9\n";
    let cut = control("cut", 20.5, 5.0, 1.0);
    for (case, more, after, days, start) in [
        ("a control", cut.clone(), "cut", 7.25, 27.75),
        ("an event", event.to_owned(), "unrest", 5.0, 15.25),
        ("an event after a control", cut.clone() + event + "after = \"cut\"\n", "unrest", 5.5, 36.25),
        (
            "a control after an event after a control",
            cut.clone() + event + "after = \"cut\"\n" + &follower("next", "CN", "unrest", 2.0, 0.0),
            "next",
            5.5,
            38.25,
        ),
        ("a series", series.to_owned(), "flood", 0.0, 3.0),
        (
            "a control in a state",
            regime.to_owned()
                + &control("row", 0.0, 0.0, 1.0).replace("onset_days = 0\nduration_days = 0\n", during),
            "row",
            8.0,
            39.5,
        ),
        (
            "an event in a state",
            regime.to_owned() + &event.replace("start_days = 10.25\nduration_days = 1\n", during),
            "unrest",
            8.0,
            39.5,
        ),
        // Found out at once, a millisecond or so after the first goods.
        ("a re-export", cut + round, "round", 1.0, 24.5),
    ] {
        let expected =
            step_means(1, 120, &[start, start + 20.0], |d| f64::from(!(start..start + 20.0).contains(&d)));
        let found = held(&more, after, days);
        for (t, (x, y)) in found.iter().zip(&expected).enumerate() {
            assert!((x - y).abs() < 1e-5, "{case}, day {t}: {x}, expected {y}");
        }
    }
}

#[test]
fn it_never_begins_without_what_it_waits_for() {
    assert!(held("", "nothing", 0.0).iter().all(|x| *x == 1.0));
    let chain = follower("next", "CN", "nothing", 2.0, 9.0);
    assert!(held(&chain, "next", 0.0).iter().all(|x| *x == 1.0), "at second hand");
    let text = bare(7, 70, "", &follower("held", "CN", "nothing", 0.0, 20.0));
    let scenario = Scenario::parse("held.toml", &text).expect("it is only doubtful");
    let [warning] = scenario.warnings() else { panic!("{:?}", scenario.warnings()) };
    assert_eq!(warning.path, "controls.held.after");
    assert!(warning.message().contains("no control, event or re-export `nothing`, so this never begins"));
    // A control that bars nothing has begun all the same; one on states that never come has not.
    let idle = control("idle", 20.0, 50.0, 0.0);
    assert!(held(&idle, "idle", 0.0)[25] == 0.0);
    let regime = "[regimes.policy]\nstart = \"calm\"\nstates.calm = {}\nstates.row = {}\n";
    let row = control("row", 0.0, 0.0, 1.0).replace(
        "onset_days = 0\nduration_days = 0\n",
        "during = { regime = \"policy\", states = [\"row\"] }\n",
    );
    assert!(held(&(regime.to_owned() + &row), "row", 0.0).iter().all(|x| *x == 1.0));
}

/// A plant whose only lane closes on day 98, with a far mine that may be qualified.
fn qualified(lane: &str) -> String {
    [
        head(7, 280),
        commodities(&["part", "good"]),
        maker("mine", "CN", "part"),
        maker("far", "XX", "part") + "capacity_per_year = 3650\n",
        sector("plant", "part", 0.0, "good", 1.0),
        link("mine>plant:part", 7, "surge_limit = 1"),
        link("far>plant:part", 7, &format!("contingent_volume_per_year = {}\n{lane}", 0.5 * A_DAY)),
        control("cut", 98.0, 400.0, 1.0),
    ]
    .concat()
}

#[test]
fn a_lane_opens_when_its_supplier_is_qualified() {
    for (lane, opens) in [
        ("", 0.0),
        ("qualification_days = 128.25\n", 128.25),
        ("qualification_days = 128.25\nafter = \"cut\"\n", 226.25),
        ("after = \"cut\"\n", 98.0),
        ("qualification_days = 20\nafter = \"nothing\"\n", 1e9),
    ] {
        let course = Course::of(&qualified(lane));
        let open = step_means(7, 40, &[opens, 98.0], |d| 3.5 * f64::from(d > opens && d > 98.0));
        all_same(&course.demand("far"), &open, lane);
        same(course.lost("plant"), 280.0 - 105.0 - 0.5 * (273.0 - f64::max(opens, 98.0)).max(0.0), lane);
    }
}

#[test]
fn a_lane_that_is_never_qualified_is_no_lane_even_to_a_buyer_that_knows_no_controls() {
    let text = |aware: bool, lane: &str| {
        [
            head(7, 420),
            format!("[rules]\naware_of_controls = {aware}\n"),
            commodities(&["part", "good"]),
            maker("near", "CN", "part"),
            maker("far", "XX", "part") + "spare_capacity = 2\n",
            maker("new", "XX", "part") + "capacity_per_year = 36500\n",
            sector("plant", "part", 20.0, "good", 1.0) + "spare_capacity = 0.2\n",
            link("near>plant:part", 7, "share = 0.5\nsurge_limit = 1"),
            link("far>plant:part", 7, "share = 0.5\nsurge_limit = 2"),
            lane.to_owned(),
            // Stocks fall, so that orders rise above what the first offers take.
            "[events.unrest]\nsites = [\"near\"]\nstart_days = 98\nduration_days = 150\nseverity = 0.9\n"
                .to_owned(),
        ]
        .concat()
    };
    let lane = |more: &str| {
        link("new>plant:part", 7, &format!("contingent_volume_per_year = {}\n{more}", 10.0 * A_DAY))
    };
    for aware in [true, false] {
        let none = activities(&text(aware, ""), "far", 1);
        let never = activities(&text(aware, &lane("after = \"nothing\"\n")), "far", 1);
        assert_eq!(none, never, "aware: {aware}");
        assert!(none[0].iter().any(|x| *x > 1.1), "it is asked for more");
        assert!(activities(&text(aware, &lane("")), "far", 1) != never, "an open lane takes orders");
    }
}

#[test]
fn a_reserve_opens_some_time_after_what_it_waits_for() {
    for (lines, opens) in [
        ("", 0.0),
        ("after = \"cut\"\n", 10.0),
        ("opens_after_days = 52.25\n", 52.25),
        ("opens_after_days = 52.25\nafter = \"cut\"\n", 62.25),
        ("after = \"nothing\"\n", 1e9),
    ] {
        for aware in [true, false] {
            let text = [
                head(1, 121),
                format!("[rules]\naware_of_controls = {aware}\n"),
                commodities(&["part", "good"]),
                maker("mine", "CN", "part"),
                sector("plant", "part", 20.0, "good", 1.0),
                link("mine>plant:part", 1, "surge_limit = 1"),
                link("depot>plant:part", 1, ""),
                control("cut", 10.0, 400.0, 1.0),
                "[reserves.depot]\ncountry = \"JP\"\ncommodity = \"part\"\namount_days = 300\ntrigger_days = 20\n"
                    .to_owned()
                    + lines,
            ];
            // The stock lasts until day 31; what is released arrives a day later.
            let gap = f64::max(f64::min(opens + 1.0, 121.0) - 31.0, 0.0);
            same(Course::of(&text.concat()).lost("plant"), gap, &format!("{lines}, aware: {aware}"));
        }
    }
}
