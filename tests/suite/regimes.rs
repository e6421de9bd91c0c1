//! Regimes: which state a chain is in, for how long, and what holds during its states.

use crate::chains::{Course, all_same, same};
use crate::common::{compile, refused};
use crate::parts::{Build, control_during, exponential, industry, state, uniform};
use crate::trials::{
    SEED, activities, bare, beside, by_chance, cut_off, independent, integral, lane, losses, mean, mean_is,
    passages, same_luck, step_means,
};
use supplyshock::draw::Distribution;
use supplyshock::scenario::{Control, Event, Ids, InStates, Leaf, Phase, Regime, Reserve, State, Tables};
use supplyshock::step::Fault;
use supplyshock::step::reference::Trial;
use supplyshock::{Ensemble, Error};

/// A control on exports from China while the regime `policy` is in one of the states.
fn during(states: impl Into<Ids>) -> Control {
    control_during("CN", "policy", states)
}

/// An industry without inputs, and an event on it during states of the regime `policy`.
fn works(states: impl Into<Ids>) -> impl FnOnce(Tables) -> Tables {
    let unrest = Event::new(["works"]).severity(1).during(InStates::new("policy", states));
    |tables| tables.site("works", industry("good", 1.0)).event("unrest", unrest)
}

fn discrete(values: [f64; 2], weights: [f64; 2]) -> Leaf {
    Distribution::discrete(&values, &weights).expect("weights").into()
}

#[test]
fn what_is_during_states_is_in_force_exactly_in_them() {
    let regime = Regime::new("calm")
        .state("calm", state(20.5, "cut"))
        .state("cut", state(30.25, "ban"))
        .state("ban", state(9.5, "after"))
        .state("after", state(40, "cut"));
    let within = |day: f64, spans: &[(f64, f64)]| spans.iter().any(|(a, b)| *a < day && day < *b);
    // The second round begins on day 100.25.
    let ends = [20.5, 50.75, 60.25, 100.25, 130.5, 140.0];
    let base = bare(1, 151, lane(1)).regime("policy", regime);
    let tables = base.clone().control("hold", during(["cut", "ban"])).also(works(["ban"]));
    let held = step_means(1, 150, &ends, |d| f64::from(!within(d, &[(20.5, 60.25), (100.25, 140.0)])));
    all_same(&passages(&tables, "plant", 1)[0], &held, "a control in two states");
    let unrest = step_means(1, 151, &ends, |d| f64::from(!within(d, &[(50.75, 60.25), (130.5, 140.0)])));
    all_same(&activities(&tables, "works", 1)[0], &unrest, "an event in one");
    // Visits that follow one another are one: a phase runs on from the first to the second, and begins anew.
    let phased = during(["cut", "ban"]).phases(vec![Phase::new(0, 0.5), Phase::new(35, 1)]);
    let ends = [20.5, 55.5, 60.25, 100.25, 135.25, 140.0];
    let expected = step_means(1, 150, &ends, |d| match d {
        20.5..55.5 | 100.25..135.25 => 0.5,
        _ if within(d, &[(55.5, 60.25), (135.25, 140.0)]) => 0.0,
        _ => 1.0,
    });
    all_same(&passages(&base.control("hold", phased), "plant", 1)[0], &expected, "phases");
}

#[test]
fn a_reserve_is_open_exactly_in_its_states() {
    let policy = Regime::new("shut").state("shut", state(60.25, "open")).state("open", state(30.5, "shut"));
    let depot = Reserve::new("JP", "part", 300, 15).during(InStates::new("policy", ["open"]));
    let tables = cut_off(220, depot).regime("policy", policy);
    let open = step_means(1, 219, &[60.25, 90.75, 151.0, 181.5], |d| {
        f64::from((60.25..90.75).contains(&d) || (151.0..181.5).contains(&d))
    });
    let course = Course::of(&tables);
    all_same(&course.arrivals("plant", "part")[15..], &open[14..], "what it sends");
    same(course.lost("plant"), 220.0 - 31.0 - 30.5 - 30.5, "days without parts");
}

#[test]
fn the_occupancy_of_two_states_follows_its_closed_form() {
    let policy = Regime::new("calm")
        .state("calm", state(exponential(60.0), "cut"))
        .state("cut", State::new().holding_days(exponential(30.0)).next("calm", 3));
    let tables = bare(7, 378, lane(7)).regime("policy", policy).control("hold", during(["cut"]));
    let found = passages(&tables, "plant", 4000);
    let (leave, back) = (1.0 / 60.0, 1.0 / 30.0);
    let cut = |t: f64| leave / (leave + back) * (1.0 - (-(leave + back) * t).exp());
    for t in 1..53 {
        let barred: Vec<f64> = found.iter().map(|c| 1.0 - c[t]).collect();
        let from = 7.0 * t as f64;
        mean_is(&barred, integral(from, from + 7.0, 50, cut) / 7.0, &format!("week {t}"));
    }
}

#[test]
fn the_long_run_share_of_a_state_is_its_embedded_share_times_its_mean_time() {
    let chain = [[0.0, 0.5, 0.5], [0.3, 0.0, 0.7], [0.6, 0.4, 0.0]];
    let times = [20.0, 20.0, 30.0];
    let gamma = Distribution::gamma(2.0, 15.0).expect("one");
    let policy = Regime::new("a")
        .state("a", State::new().holding_days(uniform(10.0, 30.0)).next("b", 2).next("c", 2))
        .state("b", State::new().holding_days(20).next("a", 0.3).next("c", 0.7))
        .state("c", State::new().holding_days(gamma).next("a", 6).next("b", 4));
    let base = bare(7, 1407, lane(7)).regime("policy", policy);
    let mut embedded = [1.0 / 3.0; 3];
    for _ in 0..500 {
        embedded = std::array::from_fn(|j| (0..3).map(|i| embedded[i] * chain[i][j]).sum());
    }
    let total: f64 = (0..3).map(|j| embedded[j] * times[j]).sum();
    for (j, state) in ["a", "b", "c"].into_iter().enumerate() {
        let tables = base.clone().control("hold", during([state]));
        // Late in the trial: where it began no longer matters.
        let late: Vec<f64> =
            passages(&tables, "plant", 3000).iter().map(|c| 1.0 - mean(&c[150..200])).collect();
        mean_is(&late, embedded[j] * times[j] / total, state);
    }
}

/// Solves `a x = b` by elimination.
fn solve<const N: usize>(mut a: [[f64; N]; N], mut b: [f64; N]) -> [f64; N] {
    for k in 0..N {
        for row in 0..N {
            if row != k {
                let factor = a[row][k] / a[k][k];
                let pivot = a[k];
                (0..N).for_each(|column| a[row][column] -= factor * pivot[column]);
                b[row] -= factor * b[k];
            }
        }
    }
    std::array::from_fn(|k| b[k] / a[k][k])
}

#[test]
fn absorption_comes_with_the_chances_and_the_mean_time_of_its_linear_system() {
    let talks = State::new().holding_days(exponential(30.0)).next("deal", 2).next("row", 5).next("pause", 3);
    let policy = Regime::new("talks")
        .state("talks", talks)
        .state("row", State::new().holding_days(uniform(5.0, 25.0)).next("ban", 0.3).next("talks", 0.7))
        .state("pause", state(40, "talks"))
        .state("deal", State::new())
        .state("ban", State::new());
    // Talks, row, pause: I − Q, the chance of a ban at once, and the mean times.
    let left = [[1.0, -0.5, -0.3], [-0.7, 1.0, 0.0], [-1.0, 0.0, 1.0]];
    let [banned, ..] = solve(left, [0.0, 0.3, 0.0]);
    let [time, ..] = solve(left, [30.0, 15.0, 40.0]);
    let tables = bare(7, 3003, lane(7))
        .regime("policy", policy)
        .control("hold", during(["ban"]))
        .also(works(["talks", "row", "pause"]));
    let n = 3000;
    let found = passages(&tables, "plant", n);
    let share = found.iter().filter(|c| c[c.len() - 1] == 0.0).count() as f64 / n as f64;
    by_chance(share, banned, (banned * (1.0 - banned) / n as f64).sqrt(), "chance of a ban");
    mean_is(&losses(&tables, "works", n), time, "mean time until it is settled");
}

#[test]
fn a_regime_has_its_own_luck_and_draws_at_every_visit() {
    let policy = Regime::new("calm")
        .state("calm", state(exponential(40.0), "cut"))
        .state("cut", state(exponential(20.0), "calm"));
    let alone =
        |horizon, policy| bare(7, horizon, lane(7)).regime("policy", policy).control("hold", during(["cut"]));
    let with = |tables: Tables, policy| {
        tables.regime("other", policy).control("held", control_during("XX", "other", ["cut"])).also(beside(
            2,
            "XX",
            lane(7),
        ))
    };
    let tables = alone(1400, policy.clone());
    let both = with(tables.clone(), policy);
    let (one, two) = (losses(&both, "plant", 2000), losses(&both, "plant2", 2000));
    same_luck(&losses(&tables, "plant", 2000), &one, "a regime more");
    independent(&one, &two, "two regimes");
    // Early and late visits hang together no more than two regimes do.
    let found = passages(&tables, "plant", 2000);
    let part = |weeks: std::ops::Range<usize>| -> Vec<f64> {
        found.iter().map(|c| mean(&c[weeks.clone()])).collect()
    };
    independent(&part(2..50), &part(140..198), "early and late");
    // What follows is a matter of luck, too, that each has of its own.
    let fork =
        Regime::new("calm").state("calm", state(28, "cut").next("calm", 1)).state("cut", state(28, "calm"));
    let both = with(alone(700, fork.clone()), fork);
    independent(&losses(&both, "plant", 2000), &losses(&both, "plant2", 2000), "two forks");
}

#[test]
fn a_chain_that_does_not_move_on_or_has_no_way_on_is_an_error_with_its_trial() {
    let held = |horizon, policy, state: &str| {
        bare(7, horizon, lane(7)).regime("policy", policy).control("hold", during([state]))
    };
    let hasty = Regime::new("a").state("a", state(0, "b")).state("b", state(0, "a"));
    let error = refused(&held(70, hasty, "a"));
    assert!(error.contains("changes over 10000 times"), "{error}");
    let perhaps = State::new().holding_days(9).next("b", discrete([0.0, 1.0], [1.0, 9.0]));
    let lost = Regime::new("a").state("a", perhaps).state("b", State::new());
    let model = compile(&held(70, lost, "b"));
    let check = Ensemble::new(&model).trials(200).seed(SEED).check_baselines();
    let Err(ref error @ Error::Baseline { trial: Some(trial), ref fault, .. }) = check else {
        panic!("{check:?}")
    };
    assert_eq!(**fault, Fault::NoNextState { regime: "regimes.policy".into() });
    let message = error.to_string();
    assert!(message.contains("all chances of what follows a state of `regimes.policy` are 0"), "{message}");
    assert!(!message.contains("baseline"), "a baseline there is: {message}");
    assert!(Trial::new(&model, SEED, trial).is_err());
    assert!((0..trial).all(|t| Trial::new(&model, SEED, t).is_ok()), "the first of all");
    // What only chance brings about is found when it comes up, even where nothing is drawn once a trial.
    let rarely = Regime::new("a").state("a", state(discrete([0.0, 1.0], [1.0, 1.0]), "a"));
    // 10,000 visits take 5000 days, with a standard deviation of 50: three of them below it is one trial in 700.
    let model = compile(&held(4851, rarely, "a"));
    let check = |trials| Ensemble::new(&model).range(trials).seed(SEED).check_baselines();
    assert!(check(0..64).is_ok(), "the first block");
    assert!(check(0..4000).is_err_and(|e| e.to_string().contains("over 10000 times")));
}
