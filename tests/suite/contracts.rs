//! Term contracts outlive the onset of a control: run-off, review, suspension, and what is bought on the spot.

use crate::chains::{Course, all_same, same};
use crate::common::head;
use crate::parts::{Build, control, exponential, maker, sector, uniform};
use crate::trials::{
    SEED, bare, beside, fits, independent, integral, lane, mean_is, passages, same_luck, step_means,
};
use supplyshock::scenario::{Contract, Link, Reserve, Tables};

const DAYS: usize = 260;

/// Passage day by day under a control from day 10.4 to 210.
fn course(contract: &Contract, severity: f64, trials: u64) -> Vec<Vec<f64>> {
    let tables = bare(1, 1 + DAYS as u32, lane(1).contract(contract.clone()))
        .control("cut", control(10.4, 199.6, severity).leakage(0.1));
    passages(&tables, "plant", trials)
}

/// Lost days of a plant, by trial.
fn lost(tables: &Tables, plant: &str) -> Vec<f64> {
    passages(tables, plant, 2000).iter().map(|c| c.iter().map(|x| 1.0 - x).sum()).collect()
}

#[test]
fn a_contract_runs_to_its_end_is_reviewed_or_suspended_and_the_spot_share_meets_the_control() {
    // What the control leaves of what is not under contract.
    let left = 1.0 - 0.7 * 0.9;
    let of = |remaining: f64| Contract::new(0.6, remaining);
    let reviewed = |remaining: f64| of(remaining).reviewed(1).review_days(20.5);
    for (case, contract, served) in [
        ("runs off", of(30.25), (10.4, 40.65)),
        ("outlives the control", of(400.0), (10.4, 210.0)),
        ("ends at the onset", of(0.0), (10.4, 10.4)),
        ("is suspended", of(400.0).suspended(1), (10.4, 10.4)),
        ("is reviewed", reviewed(60.25), (30.9, 70.65)),
        ("ends in review", reviewed(20.0), (10.4, 10.4)),
    ] {
        let passage = |day: f64| match day {
            10.4..210.0 if served.0 < day && day < served.1 => 0.6 + 0.4 * left,
            10.4..210.0 => left,
            _ => 1.0,
        };
        let expected = step_means(1, DAYS, &[10.4, 210.0, served.0, served.1], passage);
        for count in [1, 3] {
            let contract = contract.clone().contracts(count);
            all_same(&course(&contract, 0.7, 1)[0], &expected, case);
        }
    }
}

/// Share of the contracts that are served `u` days after the onset.
type Served = fn(f64) -> f64;

#[test]
fn the_mean_passage_follows_the_expected_run_off() {
    // What is left is uniform on 0 to 120 days; reviews take an exponential time of mean 25 days.
    let cases: [(f64, f64, Served); 4] = [
        (0.0, 0.0, |u| (1.0 - u / 120.0).max(0.0)),
        (0.25, 0.0, |u| 0.75 * (1.0 - u / 120.0).max(0.0)),
        (0.0, 1.0, |u| (1.0 - (-u / 25.0).exp()) * (1.0 - u / 120.0).max(0.0)),
        (0.2, 0.5, |u| (0.3 + 0.5 * (1.0 - (-u / 25.0).exp())) * (1.0 - u / 120.0).max(0.0)),
    ];
    for (suspended, reviewed, served) in cases {
        for count in [1, 4] {
            let contract = Contract::new(0.6, uniform(0.0, 120.0))
                .contracts(count)
                .suspended(suspended)
                .reviewed(reviewed)
                .review_days(exponential(25.0));
            let found = course(&contract, 1.0, 2000);
            for t in 11..140 {
                let day: Vec<f64> = found.iter().map(|c| c[t]).collect();
                let u = t as f64 - 10.4;
                let share = integral(u, u + 1.0, 50, served);
                mean_is(
                    &day,
                    0.1 + 0.9 * 0.6 * share,
                    &format!("{suspended}, {reviewed}, {count} contracts, day {t}"),
                );
            }
        }
    }
}

#[test]
fn each_contract_has_its_own_luck_and_draws_anew_at_each_onset() {
    let contract = Contract::new(1, 50).contracts(4).suspended(0.3);
    let tables = bare(1, 120, lane(1).contract(contract))
        .control("one", control(10.0, 20.0, 1.0))
        .control("two", control(60.0, 20.0, 1.0));
    let found = passages(&tables, "plant", 4000);
    let served = |t: usize| found.iter().map(|c| 4.0 * c[t]).collect::<Vec<f64>>();
    let binomial = [1.0, 4.0, 6.0, 4.0, 1.0];
    let chance = [0, 1, 2, 3, 4].map(|k| binomial[k] * 0.7_f64.powi(k as i32) * 0.3_f64.powi(4 - k as i32));
    for t in [15, 65] {
        let mut counts = [0; 5];
        served(t).iter().for_each(|x| counts[x.round() as usize] += 1);
        fits(&counts, &chance, &format!("contracts that are served on day {t}"));
    }
    independent(&served(15), &served(65), "two onsets");
}

#[test]
fn controls_that_follow_on_one_another_are_one_onset_for_contracts() {
    let tables = bare(1, 101, lane(1).contract(Contract::new(1, 25.5)))
        .control("one", control(10.0, 20.0, 1.0))
        .control("two", control(30.0, 20.0, 1.0));
    let expected = step_means(1, 100, &[10.0, 35.5, 50.0], |day| f64::from(!(35.5..50.0).contains(&day)));
    all_same(&passages(&tables, "plant", 1)[0], &expected, "one stretch");
}

#[test]
fn links_have_luck_of_their_own_which_others_do_not_move() {
    let lane = lane(1).contract(Contract::new(0.8, uniform(0.0, 120.0)));
    let one = bare(1, 240, lane.clone()).control("cut", control(10.0, 200.0, 1.0));
    let alone = lost(&one, "plant");
    let both = one.also(beside(2, "CN", lane));
    same_luck(&alone, &lost(&both, "plant"), &format!("seed {SEED}"));
    independent(&alone, &lost(&both, "plant2"), "two links");
}

#[test]
fn the_contracts_of_a_control_are_those_of_each_link_under_it_that_gives_none() {
    let shared = Contract::new(0.8, uniform(0.0, 120.0)).contracts(2).suspended(0.2);
    let one = bare(1, 240, lane(1)).control("cut", control(10.0, 200.0, 1.0).contract(shared));
    let alone = lost(&one, "plant");
    let both = one.clone().also(beside(2, "CN", lane(1)));
    same_luck(&alone, &lost(&both, "plant"), "a link more");
    independent(&alone, &lost(&both, "plant2"), "two links");
    // Four in five run for 60 days in the mean.
    mean_is(&alone, 200.0 - 0.8 * 0.8 * 60.0, "days without parts");
    // Its own stand before those of the control.
    let own = one.link("mine>plant:part", lane(1).contract(Contract::new(0.5, 30)));
    assert!(lost(&own, "plant").iter().all(|days| (days - 185.0).abs() < 1e-9));
}

#[test]
fn what_a_reserve_buys_back_is_under_no_contract_of_a_control() {
    // The first control empties part of the reserve, which is still buying back when the second comes.
    let tables = head(1, 400)
        .goods(["part", "good"])
        .site("mine", maker("CN", "part").spare_capacity(3))
        .site("plant", sector("part", 20.0, "good", 1.0))
        .link("mine>plant:part", Link::new(1).surge_limit(3))
        .link("mine>store:part", Link::new(1))
        .link("store>plant:part", Link::new(1))
        .reserve("store", Reserve::new("JP", "part", 60, 15).refill_rate(0.02))
        .control("first", control(10.0, 50.0, 1.0))
        .control("second", control(300.0, 90.0, 1.0).contract(Contract::new(0.8, 400)));
    let sent = Course::of(&tables).demand("mine");
    assert!((sent[298] - 1.02).abs() < 1e-3, "it buys back: {}", sent[298]);
    for (t, sent) in sent.iter().enumerate().take(315).skip(301) {
        same(*sent, 0.8, &format!("the plant alone is served on day {t}"));
    }
}
