//! Sites of several firms that do not all hold the same stocks.

use crate::chains::{Course, all_same, same};
use crate::common::{Source, compile, head, refused};
use crate::networks::check;
use crate::parts::{Build, control, industry, maker, sold, uniform};
use proptest::prelude::*;
use supplyshock::Ensemble;
use supplyshock::draw::{Distribution, normal_quantile};
use supplyshock::scenario::{Input, Link, Site, Stage, Tables, Throttle};

/// A plant with two inputs in a group and one by itself, and what bars each: cover, criticality, and severity.
#[derive(Debug, Clone)]
struct Plant {
    inputs: [(f64, f64, f64); 3],
    overlap: f64,
    psi: f64,
}

const GOODS: [&str; 3] = ["p", "q", "e"];

impl Plant {
    /// With the covers of its inputs times what is given, or with firms that hold so much.
    fn tables(&self, times: f64, firms: Option<&[f64]>) -> Tables {
        let mut plant = industry("good", 1.0).spare_capacity(0.2).overlap(self.overlap);
        for (good, (cover, criticality, _)) in GOODS.iter().zip(self.inputs) {
            let mut input = Input::new(0.7, cover * times)
                .criticality(criticality)
                .throttle(Throttle::Threshold(self.psi.into()));
            if *good != "e" {
                input = input.group("g");
            }
            if let Some(firms) = firms {
                input = input.cover_multiples(firms.to_vec());
            }
            plant = plant.input(*good, input);
        }
        let mut tables = head(7, 700).goods(GOODS).goods(["good"]);
        for (good, (.., severity)) in GOODS.iter().zip(self.inputs) {
            tables = tables
                .site(format!("{good}_mine"), maker("CN", good).spare_capacity(9))
                .link(format!("{good}_mine>plant:{good}"), Link::new(14).surge_limit(1.5))
                .control(format!("on_{good}"), control(98.0, 200.0, severity).commodities([*good]));
        }
        tables.site("plant", plant.firms(firms.map_or(1, |firms| firms.len() as u32)))
    }
}

#[test]
fn a_site_of_firms_makes_what_sites_make_that_hold_what_each_holds() {
    // Some covers outlast the cut, so that what the firms make together is not what they make at their average cover.
    let of_group = || (0.0..300.0, 0.1..0.5, 0.3..1.0);
    let plant = ([of_group(), of_group(), (0.0..300.0, 0.1..1.0, 0.3..1.0)], 0.0..=1.0, 0.0..0.9)
        .prop_map(|(inputs, overlap, psi)| Plant { inputs, overlap, psi });
    let firms = prop::collection::vec(0.1..3.0, 2..6);
    let differ = std::cell::Cell::new(0);
    check(48, 21, &(plant, firms), |(plant, firms)| {
        let mean = firms.iter().sum::<f64>() / firms.len() as f64;
        let firms: Vec<f64> = firms.iter().map(|m| m / mean).collect();
        let whole = Course::of(&plant.tables(1.0, Some(&firms)));
        let mut sums = vec![0.0; 100];
        for firm in &firms {
            let one = Course::of(&plant.tables(*firm, None));
            sums.iter_mut().zip(one.activity("plant")).for_each(|(sum, x)| *sum += x / firms.len() as f64);
        }
        all_same(&whole.activity("plant"), &sums, "activity");
        // At the average cover something else is lost.
        let average = Course::of(&plant.tables(1.0, None));
        differ.set(differ.get() + u32::from((average.lost("plant") - whole.lost("plant")).abs() > 0.1));
        Ok(())
    });
    assert!(differ.get() >= 20, "only {} differ", differ.get());
}

#[test]
fn firms_that_hold_the_same_are_as_one() {
    let plant =
        Plant { inputs: [(20.0, 0.3, 1.0), (9.0, 0.25, 0.7), (30.0, 0.8, 1.0)], overlap: 0.4, psi: 0.0 };
    let (one, alike) = (plant.tables(1.0, None), plant.tables(1.0, Some(&[1.0; 5])));
    let (one, alike) = (Course::of(&one), Course::of(&alike));
    all_same(&one.activity("plant"), &alike.activity("plant"), "activity");
    assert_eq!(one.limits("plant"), alike.limits("plant"));
    assert!(one.lost("plant") > 1.0);
}

/// A plant of which half needs a part whose lane is shut from day 98 on, with 28 days of cover on average.
fn half(firms: u32, input: Input) -> Tables {
    let plant = Site::new("JP", Stage::SECTOR)
        .value_added_per_unit(1)
        .output("good", sold(1.0))
        .firms(firms)
        .input("part", input.criticality(0.5));
    head(7, 700)
        .goods(["part", "good"])
        .site("mine", maker("CN", "part"))
        .site("plant", plant)
        .link("mine>plant:part", Link::new(7).surge_limit(1))
        .control("cut", control(98.0, 1e6, 1.0))
}

#[test]
fn the_first_line_stops_with_the_stock_of_the_firm_that_holds_least() {
    let days = |tables: &Tables| {
        let outcome = Ensemble::new(&compile(tables)).trials(1).run().expect("runs");
        let stops = outcome.stops("plant").expect("a sector");
        (stops.line[0], stops.first[0])
    };
    let input = || Input::new(1, 28);
    // What was ordered before the cut lasts a week on top of the stocks.
    let (line, first) = days(&half(1, input()));
    same(line, 35.0, "of a sector of one firm");
    // The moment of a sector's stop is where full activity would have made what it made in that step.
    same(first, 35.0 + 0.5 * 7.0, "half of the sector stops then");
    // Firms of a fifth of the half each: the first line is that of the first firm, a tenth of the sector, which stops the sector
    // too; of a twentieth, no firm alone brings it under 95%.
    let (line, first) = days(&half(5, input().cover_multiples([0.5, 0.75, 1.0, 1.25, 1.5])));
    same(line, 21.0, "the line of the first of five");
    same(first, 21.0 + 0.9 * 7.0, "a tenth of the sector");
    let multiples: Vec<f64> = (0..20).map(|n| (f64::from(n) + 0.5) / 10.0).collect();
    let (line, first) = days(&half(20, input().cover_multiples(multiples)));
    same(line, 7.0 + 28.0 * 0.05, "the line of the first of twenty");
    assert!(first > 7.0 + 28.0 * 0.15, "{first}");
}

#[test]
fn a_spread_is_that_of_a_lognormal_distribution_and_may_be_drawn() {
    // The firms run out one after the other, so that activity by step tells what each held.
    let course = |tables: &Tables| Course::of(tables).activity("plant");
    for cv in [0.4_f64, 0.7, 1.1] {
        let (sigma, firms) = ((1.0 + cv * cv).ln().sqrt(), 4);
        // The mean of each quarter of the distribution, from a sum over its quantiles.
        let points = 200_000;
        let multiples: Vec<f64> = (0..firms)
            .map(|n| {
                let at =
                    |k: u32| (f64::from(n) + (f64::from(k) + 0.5) / f64::from(points)) / f64::from(firms);
                let quantile = |u: f64| (sigma * normal_quantile(u) - sigma * sigma / 2.0).exp();
                (0..points).map(|k| quantile(at(k))).sum::<f64>() / f64::from(points)
            })
            .collect();
        let mean = multiples.iter().sum::<f64>() / 4.0;
        assert!((mean - 1.0).abs() < 1e-4, "{mean}");
        let multiples: Vec<f64> = multiples.iter().map(|m| m / mean).collect();
        let (spread, list) = (
            course(&half(firms, Input::new(1, 28).cover_spread(cv))),
            course(&half(firms, Input::new(1, 28).cover_multiples(multiples))),
        );
        // Their sum would be the same for any spread. The sum over quantiles is good to a thousandth of a step of cover.
        for (step, (spread, list)) in spread.iter().zip(&list).enumerate() {
            assert!((spread - list).abs() < 2e-3, "{cv}, step {step}: {spread} and {list}");
        }
        let drawn = Distribution::discrete(&[cv], &[1.0]).expect("a value");
        let of_draw = half(firms, Input::new(1, 28).cover_spread(drawn));
        all_same(&course(&of_draw), &spread, "drawn");
    }
}

#[test]
fn more_stock_never_makes_the_median_of_all_trials_earlier() {
    // Under a cut of 0 to 100 days; the median of the trials that stop gets earlier as fewer do.
    let median = |cover: f64| {
        let mut tables = half(1, Input::new(1, cover));
        tables.controls["cut"].duration_days = Some(uniform(0.0, 100.0));
        let outcome = Ensemble::new(&compile(&tables)).trials(999).run().expect("runs");
        let stops = outcome.stop_days("plant").expect("a sector");
        stops.first.quantile_of_all(0.5, 999).unwrap_or(f64::INFINITY)
    };
    let medians: Vec<f64> = [0.0, 10.0, 20.0, 30.0, 60.0, 90.0].map(median).to_vec();
    assert!(medians.is_sorted(), "{medians:?}");
    assert_eq!(medians[5], f64::INFINITY);
}

#[test]
fn quantiles_of_all_trials_are_those_of_days_of_which_some_are_never() {
    let mut tables = half(1, Input::new(1, 28));
    tables.controls["cut"].duration_days = Some(uniform(0.0, 100.0));
    let outcome = Ensemble::new(&compile(&tables)).trials(50).run().expect("runs");
    let mut all = outcome.first_stops("plant").expect("a sector");
    all.sort_by(f64::total_cmp);
    let days = outcome.stop_days("plant").expect("a sector").first;
    for percent in 0..=100 {
        let q = f64::from(percent) / 100.0;
        let place = 49.0 * q;
        let (below, above) = (all[place.floor() as usize], all[place.ceil() as usize]);
        let expected = if above.is_infinite() { above } else { below + (above - below) * place.fract() };
        let found = days.quantile_of_all(q, 50).unwrap_or(f64::INFINITY);
        let close = (found - expected).abs() < 1e-9;
        assert!(found == expected || close, "p{percent}: {found} for {expected}");
    }
}

#[test]
fn firms_that_do_not_fit_are_told() {
    let input = || Input::new(1, 28);
    let has = |tables: &Tables, expected: &str| {
        let message = refused(tables);
        assert!(message.contains(expected), "{message}");
    };
    has(&half(0, input()), "sites.plant.firms: 0 firms");
    has(&half(101, input().cover_spread(0.5)), "101 firms");
    has(&half(3, input().cover_multiples([1.0, 1.0])), "2 multiples for 3 firms");
    has(&half(2, input().cover_multiples([1.0, 2.0])), "its multiples are 1.5 on average");
    has(&half(2, input().cover_multiples([-1.0, 3.0])), "below 0");
    has(&half(2, input().cover_multiples([0.5, 1.5]).cover_spread(0.5)), "it has a `cover_spread` too");
    let doubts = |tables: Tables| tables.scenario().expect("a scenario").warnings().to_vec();
    let alike = doubts(half(2, input()));
    assert!(alike.len() == 1 && alike[0].to_string().contains("they are as one"), "{alike:?}");
    let alone = doubts(half(1, input().cover_spread(0.5)));
    assert!(alone.len() == 1 && alone[0].to_string().contains("its site is one firm"), "{alone:?}");
}

#[test]
fn the_firms_of_a_site_are_one_limit() {
    let limits = |tables: &Tables| {
        let outcome = Ensemble::new(&compile(tables)).trials(1).run().expect("runs");
        let limits = outcome.limits();
        let found = limits.iter().filter(|limit| limit.site == "plant");
        found
            .map(|limit| {
                let (lane, missing) = limit.lane.expect("a lane");
                (limit.input.to_owned(), lane.to_string(), [limit.loss, limit.share, missing])
            })
            .collect::<Vec<_>>()
    };
    let plant =
        Plant { inputs: [(20.0, 0.3, 1.0), (9.0, 0.25, 0.7), (30.0, 0.8, 1.0)], overlap: 0.4, psi: 0.0 };
    let (one, alike) = (limits(&plant.tables(1.0, None)), limits(&plant.tables(1.0, Some(&[1.0; 5]))));
    assert_eq!(one.len(), 3);
    for (one, alike) in one.iter().zip(&alike) {
        assert_eq!((&one.0, &one.1), (&alike.0, &alike.1));
        all_same(&one.2, &alike.2, &one.0);
    }
    // Where they differ, that of the first, who holds least, is not that of all.
    let differ = limits(&plant.tables(1.0, Some(&[0.2, 0.6, 1.0, 1.4, 1.8])));
    let names =
        |all: &[(String, String, [f64; 3])]| all.iter().map(|limit| limit.0.clone()).collect::<Vec<_>>();
    assert_eq!(names(&differ), names(&one));
    let all = |all: &[(String, String, [f64; 3])]| all.iter().map(|limit| limit.2[1]).sum::<f64>();
    same(all(&differ), 1.0, "shares");
    // Where nothing is caught up, all that is lost is put down to the one input, of whichever firm.
    let cut = half(5, Input::new(1, 28).cover_multiples([0.2, 0.6, 1.0, 1.4, 1.8]));
    let outcome = Ensemble::new(&compile(&cut)).trials(1).run().expect("runs");
    let limits = outcome.limits();
    let found: f64 = limits.iter().map(|limit| limit.loss).sum();
    same(found, outcome.loss("JP").expect("a party").mean(), "what is put down to the part");
}

#[test]
fn the_balance_of_a_trial_does_not_show_its_neighbours() {
    // In some trials one input is short, in some another; a step is counted in blocks of trials.
    for case in 0..24_u32 {
        let mut plant =
            Plant { inputs: [(20.0, 0.3, 1.0), (9.0, 0.25, 0.7), (3.0, 0.8, 1.0)], overlap: 0.4, psi: 0.0 };
        plant.inputs[0].0 += f64::from(case);
        let firms = if case.is_multiple_of(2) { vec![0.2, 0.6, 1.0, 1.4, 1.8] } else { vec![1.0] };
        let mut tables = plant.tables(1.0, Some(&firms));
        // That of the last input is common to all firms.
        tables.sites["plant"].inputs["e"].cover_multiples = None;
        for good in GOODS {
            let severity = Distribution::discrete(&[0.0, 0.37, 0.81], &[0.4, 0.3, 0.3]).expect("values");
            tables.controls[&*format!("on_{good}")].severity = severity.into();
        }
        let model = compile(&tables);
        let residual = |range| {
            Ensemble::new(&model).range(range).seed(case.into()).run().expect("runs").mass_balance_residual()
        };
        let alone = (0..32).map(|trial| residual(trial..trial + 1)).fold(0.0, f64::max);
        assert_eq!(residual(0..32), alone, "case {case}");
    }
}

#[test]
fn parts_that_do_not_overlap_are_told() {
    let doubts = |kinds: [Option<&str>; 2], grouped: bool, overlap: f64| {
        let mut plant = industry("good", 1.0).overlap(overlap);
        for (good, kind) in ["p", "q"].into_iter().zip(kinds) {
            let mut input = Input::new(1, 7).criticality(0.4);
            input.group = grouped.then(|| "g".to_owned());
            input.kind = kind.map(str::to_owned);
            plant = plant.input(good, input);
        }
        let mut tables = head(7, 210).goods(["p", "q", "good"]).site("plant", plant);
        for good in ["p", "q"] {
            let mine = format!("{good}_mine");
            tables =
                tables.site(&*mine, maker("CN", good)).link(format!("{mine}>plant:{good}"), Link::new(7));
        }
        let scenario = tables.scenario().expect("a scenario");
        scenario.warnings().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let none: [String; 0] = [];
    assert_eq!(doubts([None, None], true, 0.5), none);
    assert_eq!(doubts([Some("k"), Some("l")], true, 0.5), none);
    for (kinds, grouped) in [([Some("k"); 2], true), ([None; 2], false)] {
        let told = doubts(kinds, grouped, 0.5);
        assert!(told.len() == 1 && told[0].contains("no parts of its output overlap"), "{told:?}");
    }
    let told = doubts([Some("k"), None], false, 0.0);
    assert!(told.len() == 1 && told[0].contains("it is in no `group`"), "{told:?}");
}
