//! Where goods come from: joint products, agreed volumes and shares, spare lanes.

use crate::chains::{Course, all_same, same};
use crate::common::{compile, head, refused};
use crate::parts::{Build, control, event, industry, maker, sector, sold, uniform};
use supplyshock::Ensemble;
use supplyshock::scenario::{Event, Input, Link, Output, Role, Site, Tables, Target};
use supplyshock::step::reference::Trial;

/// Activities in the first step: the baseline.
fn baseline(tables: &Tables, trial: u64) -> impl Fn(&str) -> f64 + use<> {
    let model = compile(tables);
    let mut run = Trial::new(&model, 1, trial).expect("a baseline");
    run.step();
    let found: Vec<(String, f64)> = run.activities().map(|a| (a.site.to_owned(), a.activity)).collect();
    move |id| found.iter().find(|(site, _)| site == id).expect("a site").1
}

/// Works that make 1 of `a`, 0.25 of `b` and 0.1 of `c`; a user takes 60 of `a` a day, others 25 of `b`.
fn works(storage: Option<f64>, event: Option<Event>) -> Course {
    let mut a = Output::new();
    a.storage_limit_days = storage.map(Into::into);
    let works = Site::new("JP", "refinery")
        .output("a", a)
        .output("b", sold(25.0).yield_per_unit(0.25).role(Role::Driving))
        .output("c", sold(8.0).yield_per_unit(0.1));
    let mut tables = head(1, 200)
        .goods(["a", "b", "c", "good"])
        .site("works", works)
        .site("user", sector("a", 0.0, "good", 60.0))
        .link("works>user:a", Link::new(1).surge_limit(1));
    tables.events.extend(event.map(|event| ("it".to_owned(), event)));
    Course::of(&tables)
}

#[test]
fn of_several_driving_outputs_the_one_that_binds_drives() {
    same(works(None, None).activity("works")[0], 100.0, "b binds");
    // When the demand of b halves, a binds; what by-product c could sell does not count.
    let change = |by, good| event(["works"], Target::FinalDemand, 98.0, 50.0, by).commodities([good]);
    same(works(None, Some(change(0.5, "b"))).activity("works")[100], 60.0, "a binds");
    same(works(None, Some(change(-9.0, "c"))).activity("works")[100], 100.0, "c never binds");
}

#[test]
fn surplus_is_disposed_of_above_the_storage_limit() {
    // 40 of the 100 of a are surplus; in the outage 20 a day are missing for ten days.
    let lost = |storage| {
        let outage = event(["works"], Target::Capacity, 98.0, 10.0, 0.6);
        works(storage, Some(outage)).lost("user")
    };
    same(lost(None), 200.0, "nothing is kept");
    same(lost(Some(3.0)), 20.0, "three days of sales are kept");
    same(lost(Some(4.0)), 0.0, "four days are more than enough");
}

/// A separation plant with by-product `d`, 2 of which a day go to final demand; `p` and `q` buy the rest
/// and from mines. `feed` is what the first mine takes of the plant's main product.
fn separation(demand: f64, feed: f64, mines: bool) -> Tables {
    let plant =
        Site::new("CN", "refinery").output("a", sold(demand)).output("d", sold(2.0).yield_per_unit(0.1));
    let to_p = Link::new(1);
    let tables = head(1, 30)
        .goods(["a", "d", "x"])
        .site("plant", plant)
        .site("p", sector("d", 5.0, "x", 12.0))
        .link("plant>p:d", if mines { to_p.share(0.5) } else { to_p });
    if !mines {
        return tables;
    }
    tables
        .site("m1", maker("XX", "d").input("a", Input::new(feed, 3)))
        .link("plant>m1:a", Link::new(1))
        .site("m2", maker("XX", "d"))
        .site("q", sector("d", 5.0, "x", 20.0))
        .link("m1>p:d", Link::new(1).share(0.3))
        .link("m2>p:d", Link::new(1).share(0.2))
        .link("plant>q:d", Link::new(1).share(0.2))
        .link("m1>q:d", Link::new(1).share(0.8))
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
    // 8 of 12 are there.
    let message = refused(&separation(100.0, 0.0, false));
    assert!(message.contains("`d` of site `p`") && message.contains("by-product"), "{message}");
    compile(&separation(140.0, 0.0, false));
}

/// A plant that uses 10 a day, with four suppliers on the given terms.
fn suppliers(terms: [Link; 4]) -> Tables {
    let mut tables = head(7, 70).goods(["part", "good"]);
    for (k, terms) in terms.into_iter().enumerate() {
        tables = tables.site(format!("s{k}"), maker("XX", "part")).link(format!("s{k}>plant:part"), terms);
    }
    tables.site("plant", sector("part", 10.0, "good", 10.0))
}

fn volume(a_year: f64) -> Link {
    Link::new(7).volume_per_year(a_year)
}

fn share(share: f64) -> Link {
    Link::new(7).share(share)
}

#[test]
fn agreed_volumes_come_first_and_shares_split_the_rest() {
    let flows = |terms| {
        let at = baseline(&suppliers(terms), 0);
        ["s0", "s1", "s2", "s3"].map(|id| at(id) / 7.0)
    };
    let found = flows([volume(730.0), volume(365.0), share(0.25), share(0.75)]);
    all_same(&found, &[2.0, 1.0, 7.0 * 0.25, 7.0 * 0.75], "two volumes");
    // Lanes without terms take in equal parts what the others leave.
    let found = flows([volume(730.0), share(0.4), Link::new(7), Link::new(7)]);
    all_same(&found, &[2.0, 3.2, 2.4, 2.4], "a volume and a share");
}

#[test]
fn drawn_shares_keep_their_value_and_fixed_ones_fill_the_rest() {
    let drawn = || Link::new(7).share(uniform(0.1, 0.4));
    let tables = suppliers([drawn(), share(0.6), share(0.3), volume(730.0)]);
    let with_rest = suppliers([drawn(), share(0.3), Link::new(7), volume(730.0)]);
    let model = compile(&tables);
    let mut shares = Vec::new();
    for trial in 0..20 {
        let at = baseline(&tables, trial);
        let share = model.draw(1, trial)[0];
        let of = |id| at(id) / 56.0;
        all_same(
            &[of("s0"), of("s1"), of("s2"), of("s3")],
            &[share, (1.0 - share) * 2.0 / 3.0, (1.0 - share) / 3.0, 0.25],
            &format!("trial {trial}"),
        );
        shares.push(share);
        // With a lane that takes the rest, fixed shares keep their value too.
        let at = baseline(&with_rest, trial);
        let of = |id| at(id) / 56.0;
        all_same(
            &[of("s0"), of("s1"), of("s2")],
            &[share, 0.3, 0.7 - share],
            &format!("trial {trial}, rest"),
        );
    }
    assert!(shares.iter().any(|s| *s < 0.2) && shares.iter().any(|s| *s > 0.3), "{shares:?}");
}

/// A plant that lives on ore from China until that is barred, and a spare one that has stood still; `spare_ore` is the lane
/// that the spare one gets its ore over.
fn spare_plant(spare_ore: Link) -> Course {
    let refinery = || {
        Site::new("JP", "refinery")
            .input("ore", Input::new(1, 5))
            .output("metal", Output::new().yield_per_unit(1))
    };
    let tables = head(1, 200)
        .goods(["ore", "metal", "good"])
        .site("china", maker("CN", "ore"))
        .site("home", maker("JP", "ore").capacity_per_year(3650))
        .site("usual", refinery())
        .site("spare", refinery().capacity_per_year(3650))
        .site("user", sector("metal", 10.0, "good", 2.0))
        .link("china>usual:ore", Link::new(1))
        .link("home>spare:ore", spare_ore)
        .link("usual>user:metal", Link::new(1).surge_limit(1))
        .link("spare>user:metal", Link::new(1).contingent_volume_per_year(730))
        .control("ban", control(20.0, 1000.0, 1.0));
    Course::of(&tables)
}

#[test]
fn a_lane_without_baseline_flow_has_no_share_even_where_it_is_the_only_one() {
    // The spare plant is asked for metal as the usual one falls short, and asks for ore in turn.
    let without = spare_plant(Link::new(1));
    assert!(without.demand("spare").iter().any(|demand| *demand > 0.1), "it is never asked");
    same(without.activity("spare").iter().sum(), 0.0, "a lane without a share brings nothing");
    let with = spare_plant(Link::new(1).contingent_volume_per_year(1460));
    let made: f64 = with.activity("spare").iter().sum();
    assert!(made > 100.0, "a contingent lane has room: {made}");
    assert!(with.lost("user") < without.lost("user") - 100.0, "{} lost", with.lost("user"));
}

#[test]
fn pipelines_of_lanes_with_constant_shares_stay_where_they_are() {
    // Lead times of 1 and 9 days at shares of a quarter and three quarters: 6 days less the step on average.
    let tables = head(1, 1500)
        .goods(["part", "good"])
        .site("near", maker("JP", "part").spare_capacity(1))
        .site("far", maker("XX", "part").spare_capacity(1))
        .site("user", sector("part", 7.0, "good", 1.0))
        .link("near>user:part", Link::new(1).share(0.25))
        .link("far>user:part", Link::new(9).share(0.75))
        .event("slump", event(["user"], Target::FinalDemand, 30.0, 60.0, 0.5));
    let course = Course::of(&tables);
    // Orders swing with demand, and stock comes back to its seven days and stays there.
    assert!(course.stock("user", "part").iter().any(|stock| (stock - 7.0).abs() > 0.5));
    same(course.stock("user", "part")[1499], 7.0, "stock after use");
}

#[test]
fn limits_that_are_drawn_are_each_trials_own() {
    // A stop of four days takes four of five days' stock. Ten days later, in which what the lane brings beyond the use is
    // put in stock, a stop of ten days: what is lost is ten days less the stock, from 6 to 8 days as the limit is drawn.
    let tables = head(1, 100)
        .goods(["ore", "good"])
        .site("mine", maker("CN", "ore").spare_capacity(1))
        .site("user", industry("good", 10.0).input("ore", Input::new(1, 5).restoration_days(1)))
        .link("mine>user:ore", Link::new(1).surge_limit(uniform(1.1, 1.3)))
        .event("first", event(["mine"], Target::Capacity, 20.0, 4.0, 1.0))
        .event("second", event(["mine"], Target::Capacity, 34.0, 10.0, 1.0));
    let model = compile(&tables);
    let loss = Ensemble::new(&model).trials(2000).seed(5).run().expect("runs").loss("JP").expect("JP");
    for q in [0.1, 0.5, 0.9] {
        let days = 10.0 - (5.0 - 4.0 + 10.0 * (0.3 - 0.2 * q));
        let found = loss.quantile(q);
        assert!((found - 10.0 * days).abs() < 0.6, "at {q}: {found}, expected {}", 10.0 * days);
    }
}
