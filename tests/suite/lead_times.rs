//! Lead times that are drawn.

use crate::chains::same;
use crate::common::{compile, head, refused};
use crate::parts::{Build, control, event, industry, maker, sold, uniform};
use supplyshock::draw::{Bounds, Distribution};
use supplyshock::run::{Component, Subject};
use supplyshock::scenario::{
    Input, Leaf, Link, Ordering, Reexport, Reserve, Rules, Site, Stage, Tables, Target, Weights,
};
use supplyshock::{Ensemble, Outcome};

fn run(tables: &Tables, trials: u64) -> Outcome {
    Ensemble::new(&compile(tables)).trials(trials).run().expect("runs")
}

#[test]
fn goods_under_way_feed_a_plant_for_as_long_as_they_take() {
    let tables = head(7, 700)
        .goods(["part", "good"])
        .site("mine", maker("CN", "part"))
        .site("plant", industry("good", 1.0).input("part", Input::new(1, 28)))
        .link("mine>plant:part", Link::new(uniform(0.0, 60.0)).surge_limit(1))
        .control("cut", control(98.0, 1e6, 1.0));
    let outcome = run(&tables, 100);
    let (stops, draws) = (outcome.stops("plant").expect("a sector"), outcome.draws().expect("draws"));
    let mut leads = Vec::new();
    for (trial, first) in stops.first.iter().enumerate() {
        let steps = f64::max(1.0, (draws[[trial, 0]] / 7.0).round());
        same(*first, 28.0 + 7.0 * steps, &format!("trial {trial}"));
        leads.push(steps as u32);
    }
    leads.sort_unstable();
    leads.dedup();
    assert_eq!(leads, (1..=9).collect::<Vec<_>>());
}

/// A plant that buys a part from near and far, over the border and from a reserve that is filled again between two cuts, and power
/// from two places that nothing bars, with these lead times.
fn network(lead: [Leaf; 6], rules: &Rules) -> Tables {
    let [near, far, stored, filled, coal, wind] = lead;
    let input = || Input::new(1, 20).restoration_days(35).criticality(0.4);
    let plant = Site::new("JP", Stage::SECTOR)
        .value_added_per_unit(1)
        .spare_capacity(0.2)
        .firms(3)
        .input("part", input().cover_spread(0.8))
        .input("other", input())
        .input("power", Input::new(1, 15))
        .output("good", sold(1.0));
    let mine = |country: &str| maker(country, "part").spare_capacity(0.3);
    head(7, 560)
        .rules(rules.clone())
        .goods(["part", "other", "power", "good"])
        .site("coal", maker("JP", "power").spare_capacity(0.4))
        .site("wind", maker("JP", "power").spare_capacity(0.4))
        .site("near", mine("XX"))
        .site("far", mine("CN"))
        .site("third", maker("CN", "other"))
        .site("plant", plant)
        .link("near>plant:part", Link::new(near.clone()).share(0.4).surge_limit(2))
        .link("far>plant:part", Link::new(far.clone()).surge_limit(1.5))
        .link("third>plant:other", Link::new(far))
        .link("coal>plant:power", Link::new(coal).share(0.3))
        .link("wind>plant:power", Link::new(wind))
        .event("calm", event(["wind"], Target::Capacity, 60.0, 90.0, 0.9))
        .control("again", control(290.0, 120.0, 1.0).commodities(["part"]))
        .reserve("store", Reserve::new("JP", "part", 30, 18).refill_rate(0.5))
        .link("store>plant:part", Link::new(stored))
        .link("near>store:part", Link::new(filled))
        .control("cut", control(98.0, 150.0, 0.9).commodities(["part", "other"]))
        .reexport("round", Reexport::new("cut", "XX", 10, 0.3))
}

#[test]
fn a_trial_is_that_of_a_network_with_the_lead_times_it_drew() {
    let rules = [
        Rules::new(),
        Rules::new().weights(Weights::Experience),
        Rules::new().weights(Weights::Capacity).aware_of_controls(false),
        Rules::new().ordering(Ordering::Ario),
    ];
    for rules in rules {
        let drawn = [(0.0, 30.0), (20.0, 60.0), (0.0, 12.0), (30.0, 90.0), (0.0, 14.0), (20.0, 50.0)]
            .map(|(low, high)| uniform(low, high));
        let outcome = run(&network(drawn, &rules), 12);
        let draws = outcome.draws().expect("draws");
        let names = outcome.labels().drawn().to_vec();
        let losses = |outcome: &Outcome| {
            outcome.component_values(&Subject::Party("JP".into()), Component::Output).expect("JP")
        };
        for (trial, loss) in losses(&outcome).into_iter().enumerate() {
            let of = |link: &str| -> Leaf {
                let place = names.iter().position(|name| name.contains(link)).expect("it is drawn");
                draws[[trial, place]].into()
            };
            let leads =
                ["near>plant", "far>plant", "store>plant", "near>store", "coal>plant", "wind>plant"].map(of);
            let mut tables = network(leads, &rules);
            // That of the third lane has a draw of its own.
            tables.links["third>plant:other"].lead_time_days = of("third>plant");
            let alone = losses(&run(&tables, 1))[0];
            assert!(loss > 1.0 && (loss - alone).abs() < 1e-9 * loss, "trial {trial}: {loss}, {alone}");
        }
        assert!(outcome.mass_balance_residual() < 1e-12);
    }
}

#[test]
fn lead_times_have_a_range() {
    let tables = |lead: Leaf| {
        head(7, 210)
            .goods(["part", "good"])
            .site("mine", maker("CN", "part"))
            .site("plant", industry("good", 1.0).input("part", Input::new(1, 20)))
            .link("mine>plant:part", Link::new(lead))
            .control("cut", control(70.0, 1e6, 1.0))
    };
    let message = refused(&tables(uniform(1.0, 5000.0)));
    assert!(message.contains("a lead time of 5000 days"), "{message}");
    // One without bounds does, and counts as the horizon at most.
    let long = Distribution::log_normal(100.0, 1.5, Bounds::NONE).expect("one");
    let outcome = run(&tables(long.into()), 64);
    assert!(outcome.draws().expect("draws").iter().any(|days| *days > 210.0));
    let never =
        outcome.stops("plant").expect("a sector").first.iter().filter(|day| day.is_infinite()).count();
    assert!((10..50).contains(&never), "{never}");
    assert!(outcome.mass_balance_residual() < 1e-12);
}
