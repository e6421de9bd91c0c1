//! Where goods come from: joint products, agreed volumes and shares, reserves, projects, spare lanes.

use crate::chains::{
    A_DAY, Course, all_same, commodities, control, event, link, maker, party_losses, same, sector,
};
use crate::common::{compile, head};
use supplyshock::step::reference::Trial;
use supplyshock::{Ensemble, Scenario};

/// Activities in the first step: the baseline.
fn baseline(text: &str, trial: u64) -> impl Fn(&str) -> f64 + use<> {
    let model = compile(text);
    let mut run = Trial::new(&model, 1, trial).expect("a baseline");
    run.step();
    let found: Vec<(String, f64)> = run.activities().map(|a| (a.site.to_owned(), a.activity)).collect();
    move |id| found.iter().find(|(site, _)| site == id).expect("a site").1
}

/// Works that make 1 of `a`, 0.25 of `b` and 0.1 of `c`; a user takes 60 of `a` a day, others 25 of `b`.
fn works(storage: &str, event: &str) -> Course {
    let text = [
        head(1, 200),
        commodities(&["a", "b", "c", "good"]),
        format!(
            "[sites.works]\ncountry = \"JP\"\nstage = \"refinery\"\noutputs.a = {{ {storage} }}\n\
             outputs.b = {{ yield_per_unit = 0.25, role = \"driving\", final_demand_per_year = {} }}\n\
             outputs.c = {{ yield_per_unit = 0.1, final_demand_per_year = {} }}\n",
            25.0 * A_DAY,
            8.0 * A_DAY
        ),
        sector("user", "a", 0.0, "good", 60.0),
        link("works>user:a", 1, "surge_limit = 1"),
        event.to_owned(),
    ];
    Course::of(&text.concat())
}

#[test]
fn of_several_driving_outputs_the_one_that_binds_drives() {
    same(works("", "").activity("works")[0], 100.0, "b binds");
    // When the demand of b halves, a binds; what by-product c could sell does not count.
    let slump = event("slump", "works", "final_demand", 98.0, 50.0, 0.5) + "commodities = [\"b\"]\n";
    same(works("", &slump).activity("works")[100], 60.0, "a binds");
    let boom = event("boom", "works", "final_demand", 98.0, 50.0, -9.0) + "commodities = [\"c\"]\n";
    same(works("", &boom).activity("works")[100], 100.0, "c never binds");
}

#[test]
fn surplus_is_disposed_of_above_the_storage_limit() {
    // 40 of the 100 of a are surplus; in the outage 20 a day are missing for ten days.
    let outage = event("outage", "works", "capacity", 98.0, 10.0, 0.6);
    same(works("", &outage).lost("user"), 200.0, "nothing is kept");
    same(works("storage_limit_days = 3", &outage).lost("user"), 20.0, "three days of sales are kept");
    same(works("storage_limit_days = 4", &outage).lost("user"), 0.0, "four days are more than enough");
}

/// A separation plant with by-product `d`, 2 of which a day go to final demand; `p` and `q` buy the rest
/// and from mines. `feed` is what the first mine takes of the plant's main product.
fn separation(demand: f64, feed: f64, mines: bool) -> String {
    let mut text = [
        head(1, 30),
        commodities(&["a", "d", "x"]),
        format!(
            "[sites.plant]\ncountry = \"CN\"\nstage = \"refinery\"\noutputs.a.final_demand_per_year = {}\n\
             outputs.d = {{ yield_per_unit = 0.1, final_demand_per_year = {} }}\n",
            demand * A_DAY,
            2.0 * A_DAY
        ),
        sector("p", "d", 5.0, "x", 12.0),
        link("plant>p:d", 1, if mines { "share = 0.5" } else { "" }),
    ]
    .concat();
    if mines {
        text += &maker("m1", "XX", "d");
        text += &format!("inputs.a = {{ use_per_unit = {feed}, cover_days = 3 }}\n");
        text += &link("plant>m1:a", 1, "");
        text += &maker("m2", "XX", "d");
        text += &sector("q", "d", 5.0, "x", 20.0);
        text += &link("m1>p:d", 1, "share = 0.3");
        text += &link("m2>p:d", 1, "share = 0.2");
        text += &link("plant>q:d", 1, "share = 0.2");
        text += &link("m1>q:d", 1, "share = 0.8");
    }
    text
}

#[test]
fn a_short_by_product_is_cut_in_proportion_and_driving_lanes_fill_in() {
    // The lanes ask for 6 and 4 of the 10 − 2 that are left: 0.8 of each. What p lacks is split 3 : 2.
    let at = baseline(&separation(100.0, 0.0, true), 0);
    same(at("m1"), 3.6 + 0.6 * 1.2 + 16.0 + 0.8, "first mine");
    same(at("m2"), 2.4 + 0.4 * 1.2, "second mine");
    same(at("plant"), 100.0, "a by-product does not drive");
    // Where there is enough, nobody gets more than its share.
    let at = baseline(&separation(300.0, 0.0, true), 0);
    same(at("m1"), 19.6, "first mine");
    same(at("m2"), 2.4, "second mine");
    // The first mine's own needs raise what the plant makes: with a cut to φ it makes
    // 19.6 + 7.6 (1 − φ), the plant 80 + half of that, and 10 φ is a tenth of that less 2.
    let at = baseline(&separation(80.0, 0.5, true), 0);
    let phi = 7.36 / 10.38;
    same(at("m1"), 19.6 + 7.6 * (1.0 - phi), "first mine");
    same(at("m2"), 2.4 + 2.4 * (1.0 - phi), "second mine");
    same(at("plant"), 93.6 - 3.8 * phi, "plant");
    // At the first guess its own final demand takes all the plant makes, 1.96; what fills in gives it more.
    let at = baseline(&separation(0.0, 1.0, true), 0);
    let low = 0.72 / 10.76;
    same(at("m1"), 19.6 + 7.6 * (1.0 - low), "first mine");
    same(at("plant"), 19.6 + 7.6 * (1.0 - low), "plant");
    // And it stays there.
    let course = Course::of(&separation(80.0, 0.5, true));
    same(course.activity("m1")[29], 19.6 + 7.6 * (1.0 - phi), "first mine at the end");
    same(course.lost("p") + course.lost("q"), 0.0, "loss at rest");
}

#[test]
fn a_short_by_product_without_other_lanes_is_an_error_that_names_the_place() {
    let text = separation(100.0, 0.0, false);
    let error = Scenario::parse("t.toml", &text).and_then(|s| s.compile()).expect_err("8 of 12 are there");
    let message = error.to_string();
    assert!(message.contains("`d` of site `p`") && message.contains("by-product"), "{message}");
    assert!(Scenario::parse("t.toml", &separation(140.0, 0.0, false)).and_then(|s| s.compile()).is_ok());
}

/// A plant that uses 10 a day, with four suppliers on the given terms.
fn suppliers(terms: [&str; 4]) -> String {
    let mut text = head(7, 70) + &commodities(&["part", "good"]);
    for (k, terms) in terms.iter().enumerate() {
        text += &maker(&format!("s{k}"), "XX", "part");
        text += &link(&format!("s{k}>plant:part"), 7, terms);
    }
    text + &sector("plant", "part", 10.0, "good", 10.0)
}

#[test]
fn agreed_volumes_come_first_and_shares_split_the_rest() {
    let flows = |terms| {
        let at = baseline(&suppliers(terms), 0);
        ["s0", "s1", "s2", "s3"].map(|id| at(id) / 7.0)
    };
    let found = flows(["volume_per_year = 730", "volume_per_year = 365", "share = 0.25", "share = 0.75"]);
    all_same(&found, &[2.0, 1.0, 7.0 * 0.25, 7.0 * 0.75], "two volumes");
    // Lanes without terms take in equal parts what the others leave.
    let found = flows(["volume_per_year = 730", "share = 0.4", "", ""]);
    all_same(&found, &[2.0, 3.2, 2.4, 2.4], "a volume and a share");
}

#[test]
fn drawn_shares_keep_their_value_and_fixed_ones_fill_the_rest() {
    let drawn = "share = { uniform = { low = 0.1, high = 0.4 } }";
    let terms = [drawn, "share = 0.6", "share = 0.3", "volume_per_year = 730"];
    let model = compile(&suppliers(terms));
    let mut shares = Vec::new();
    for trial in 0..20 {
        let at = baseline(&suppliers(terms), trial);
        let share = model.draw(1, trial)[0];
        let of = |id| at(id) / 56.0;
        all_same(
            &[of("s0"), of("s1"), of("s2"), of("s3")],
            &[share, (1.0 - share) * 2.0 / 3.0, (1.0 - share) / 3.0, 0.25],
            &format!("trial {trial}"),
        );
        shares.push(share);
        // With a lane that takes the rest, fixed shares keep their value too.
        let at = baseline(&suppliers([drawn, "share = 0.3", "", "volume_per_year = 730"]), trial);
        let of = |id| at(id) / 56.0;
        all_same(
            &[of("s0"), of("s1"), of("s2")],
            &[share, 0.3, 0.7 - share],
            &format!("trial {trial}, rest"),
        );
    }
    assert!(shares.iter().any(|s| *s < 0.2) && shares.iter().any(|s| *s > 0.3), "{shares:?}");
}

/// A chain that is cut for good, with a cover of 30 days, a lead time of two steps and a reserve.
fn with_reserve(step: u32, amount: f64, trigger: f64, lead: u32, rate: f64) -> Course {
    let text = [
        head(step, 350),
        "[rules]\nstopped_below = 0.999999999\n".to_owned(),
        commodities(&["part", "good"]),
        maker("mine", "CN", "part"),
        sector("plant", "part", 30.0, "good", 1.0),
        link("mine>plant:part", 2 * step, "surge_limit = 1"),
        control("cut", 100.3, 1000.0, 1.0),
        format!(
            "[reserves.store]\ncountry = \"JP\"\ncommodity = \"part\"\namount_days = {amount}\n\
             trigger_days = {trigger}\nrelease_rate = {rate}\n"
        ),
        link("store>plant:part", lead, ""),
    ];
    Course::of(&text.concat())
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
                    // While it lives on the reserve, stock and what is under way stand at the trigger
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
        // The gap is as long as what the trigger falls short, half a step; what it keeps comes later.
        let stop = 2.0 * f64::from(step) + 30.0;
        assert!(course.stop("plant") < stop + f64::from(step), "{step} d: {}", course.stop("plant"));
        same(course.lost("plant"), 350.0 - 100.3 - stop - 45.4, &format!("{step} d"));
    }
}

#[test]
fn a_reserve_releases_no_faster_than_its_rate() {
    let text = |rate: f64| {
        [
            head(7, 350),
            commodities(&["part", "good"]),
            maker("mine", "CN", "part"),
            sector("plant", "part", 30.0, "good", 1.0),
            link("mine>plant:part", 7, "surge_limit = 1"),
            control("cut", 98.0, 1000.0, 1.0),
            format!(
                "[reserves.store]\ncountry = \"JP\"\ncommodity = \"part\"\namount_days = 60\n\
                 trigger_days = 14\nrelease_rate = {rate}\n"
            ),
            link("store>plant:part", 7, ""),
        ]
        .concat()
    };
    // Once the cover is gone a quarter of the use comes from the reserve.
    let course = Course::of(&text(0.25));
    for x in &course.activity("plant")[21..45] {
        same(*x, 7.0 * 0.25, "a quarter");
    }
}

#[test]
fn a_reserve_refills_after_the_stated_time_to_what_it_held() {
    let text = [
        head(7, 1050),
        commodities(&["part", "good"]),
        maker("mine", "CN", "part") + "spare_capacity = 1\n",
        maker("smelter", "XX", "part") + "capacity_per_year = 3650\n",
        sector("plant", "part", 35.0, "good", 1.0),
        link("mine>plant:part", 7, ""),
        control("cut", 98.0, 80.0, 1.0),
        "[reserves.store]\ncountry = \"JP\"\ncommodity = \"part\"\namount_days = 100\ntrigger_days = 21\n\
         refill_rate = 0.5\nrefill_after_days = 28\n"
            .to_owned(),
        link("store>plant:part", 7, ""),
        link("smelter>store:part", 14, ""),
    ];
    let course = Course::of(&text.concat());
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
fn project(terms: &str, more: &str) -> String {
    [
        head(7, 420),
        commodities(&["part", "good"]),
        maker("mine", "CN", "part"),
        maker("new", "XX", "part"),
        sector("plant", "part", 0.0, "good", 1.0) + "inputs.part.restoration_days = 7\n",
        link("mine>plant:part", 7, "surge_limit = 1"),
        link("new>plant:part", 7, "contingent_volume_per_year = 146\nsurge_limit = 1.5"),
        control("cut", 98.0, 1000.0, 1.0),
        format!("[projects.build]\nsite = \"new\"\ncapacity_per_year = 365\n{terms}"),
        more.to_owned(),
    ]
    .concat()
}

const TERMS: &str =
    "after = \"cut\"\nstart_days = 10\npermit_days = 20.5\nbuild_days = 30.3\nramp_days = 60\n";

#[test]
fn a_project_ramps_up_in_a_straight_line_and_its_lane_with_it() {
    let course = Course::of(&project(TERMS, ""));
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
    // The lane carries 1.5 times 0.4 a day; what is ordered in one step is sent in the next.
    for (t, x) in course.activity("plant").iter().enumerate().skip(15) {
        same(*x, 7.0 * 0.6 * ramp[t - 2], &format!("step {t}"));
    }
    same(ramp[59], 1.0, "in the end it is complete");
    assert!(course.activity("new")[..14].iter().all(|x| *x == 0.0), "it sells before there is need");
}

#[test]
fn a_project_without_its_trigger_never_starts() {
    let course = Course::of(&project(&TERMS.replace("\"cut\"", "\"else\""), ""));
    assert!(course.capacity("new").iter().all(|k| *k == 0.0));
    same(course.activity("plant")[59], 0.0, "activity");
}

#[test]
fn a_project_succeeds_as_often_as_stated() {
    let model = compile(&project(&format!("{TERMS}success = 0.3\n"), ""));
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
    for (severity, rule) in [(0.25, ""), (1.0, ""), (0.25, "[rules]\naware_of_controls = false\n")] {
        let second = control("second", 245.0, 1000.0, severity).replace("CN", "XX") + rule;
        let course = Course::of(&project(TERMS, &second));
        // An unaware buyer orders 0.6 and gets the quota on the nominal volume.
        let passed = if rule.is_empty() { 0.6 * (1.0 - severity) } else { 0.4 * (1.0 - severity) };
        same(course.activity("plant")[50], 7.0 * passed, &format!("severity {severity}, {rule}"));
    }
}

/// A plant that lives on ore from China until that is barred, and a spare one that has stood still; `spare_ore` is the lane
/// that the spare one gets its ore over.
fn spare_plant(spare_ore: &str) -> Course {
    let refinery = |id: &str, more: &str| {
        format!(
            "[sites.{id}]\ncountry = \"JP\"\nstage = \"refinery\"\n{more}\ninputs.ore.use_per_unit = 1\n\
             inputs.ore.cover_days = 5\noutputs.metal.yield_per_unit = 1\n"
        )
    };
    let text = [
        head(1, 200),
        commodities(&["ore", "metal", "good"]),
        maker("china", "CN", "ore"),
        maker("home", "JP", "ore") + "capacity_per_year = 3650\n",
        refinery("usual", ""),
        refinery("spare", "capacity_per_year = 3650"),
        sector("user", "metal", 10.0, "good", 2.0),
        link("china>usual:ore", 1, ""),
        link("home>spare:ore", 1, spare_ore),
        link("usual>user:metal", 1, "surge_limit = 1"),
        link("spare>user:metal", 1, "contingent_volume_per_year = 730"),
        control("ban", 20.0, 1000.0, 1.0),
    ];
    Course::of(&text.concat())
}

#[test]
fn a_lane_without_baseline_flow_has_no_share_even_where_it_is_the_only_one() {
    // The spare plant is asked for metal as the usual one falls short, and asks for ore in turn.
    let without = spare_plant("");
    assert!(without.demand("spare").iter().any(|demand| *demand > 0.1), "it is never asked");
    same(without.activity("spare").iter().sum(), 0.0, "a lane without a share brings nothing");
    let with = spare_plant("contingent_volume_per_year = 1460");
    let made: f64 = with.activity("spare").iter().sum();
    assert!(made > 100.0, "a contingent lane has room: {made}");
    assert!(with.lost("user") < without.lost("user") - 100.0, "{} lost", with.lost("user"));
}

#[test]
fn pipelines_of_lanes_with_constant_shares_stay_where_they_are() {
    // Lead times of 1 and 9 days at shares of a quarter and three quarters: 6 days less the step on average.
    let text = [
        head(1, 1500),
        commodities(&["part", "good"]),
        maker("near", "JP", "part") + "spare_capacity = 1\n",
        maker("far", "XX", "part") + "spare_capacity = 1\n",
        sector("user", "part", 7.0, "good", 1.0),
        link("near>user:part", 1, "share = 0.25"),
        link("far>user:part", 9, "share = 0.75"),
        event("slump", "user", "final_demand", 30.0, 60.0, 0.5),
    ];
    let course = Course::of(&text.concat());
    // Orders swing with demand, and stock comes back to its seven days and stays there.
    assert!(course.stock("user", "part").iter().any(|stock| (stock - 7.0).abs() > 0.5));
    same(course.stock("user", "part")[1499], 7.0, "stock after use");
}

#[test]
fn limits_that_are_drawn_are_each_trials_own() {
    // A stop of four days takes four of five days' stock. Ten days later, in which what the lane brings beyond the use is
    // put in stock, a stop of ten days: what is lost is ten days less the stock, from 6 to 8 days as the limit is drawn.
    let text = [
        head(1, 100),
        commodities(&["ore", "good"]),
        maker("mine", "CN", "ore") + "spare_capacity = 1\n",
        sector("user", "ore", 5.0, "good", 10.0) + "inputs.ore.restoration_days = 1\n",
        link("mine>user:ore", 1, "surge_limit = { uniform = { low = 1.1, high = 1.3 } }"),
        event("first", "mine", "capacity", 20.0, 4.0, 1.0),
        event("second", "mine", "capacity", 34.0, 10.0, 1.0),
    ];
    let model = compile(&text.concat());
    let loss = Ensemble::new(&model).trials(2000).seed(5).run().expect("runs").loss("JP").expect("JP");
    for q in [0.1, 0.5, 0.9] {
        let days = 10.0 - (5.0 - 4.0 + 10.0 * (0.3 - 0.2 * q));
        let found = loss.quantile(q);
        assert!((found - 10.0 * days).abs() < 0.6, "at {q}: {found}, expected {}", 10.0 * days);
    }
}
