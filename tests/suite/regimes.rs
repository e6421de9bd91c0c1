//! Regimes: which state a chain is in, for how long, and what holds during its states.

use crate::chains::{Course, all_same, commodities, control, link, maker, same, sector};
use crate::common::{compile, head};
use crate::trials::{
    SEED, activities, bare, beside, by_chance, independent, integral, losses, mean, mean_is, passages,
    same_luck, step_means,
};
use supplyshock::step::Fault;
use supplyshock::step::reference::Trial;
use supplyshock::{Ensemble, Error, Scenario};

/// A control on exports from `country` while the regime `policy` is in one of the states.
fn during(id: &str, country: &str, states: &str) -> String {
    format!(
        "[controls.{id}]\nexporters = [\"{country}\"]\nimporters = [\"JP\"]\n\
         during = {{ regime = \"policy\", states = [{states}] }}\n"
    )
}

/// The regime `policy`: its first state, and all with what they say.
fn policy(start: &str, states: &[(&str, &str)]) -> String {
    let lines: String = states.iter().map(|(name, text)| format!("states.{name} = {{ {text} }}\n")).collect();
    format!("[regimes.policy]\nstart = \"{start}\"\n{lines}")
}

/// An industry without inputs, and an event on it during states of the regime.
fn works(states: &str) -> String {
    format!(
        "[sites.works]\ncountry = \"JP\"\nstage = \"sector\"\nvalue_added_per_unit = 1\n\
         outputs.good.final_demand_per_year = 365\n\
         [events.unrest]\nsites = [\"works\"]\nseverity = 1\n\
         during = {{ regime = \"policy\", states = [{states}] }}\n"
    )
}

#[test]
fn what_is_during_states_is_in_force_exactly_in_them() {
    let regime = policy(
        "calm",
        &[
            ("calm", "holding_days = 20.5, next.cut = 1"),
            ("cut", "holding_days = 30.25, next.ban = 1"),
            ("ban", "holding_days = 9.5, next.after = 1"),
            ("after", "holding_days = 40, next.cut = 1"),
        ],
    );
    let within = |day: f64, spans: &[(f64, f64)]| spans.iter().any(|(a, b)| *a < day && day < *b);
    // The second round begins on day 100.25.
    let ends = [20.5, 50.75, 60.25, 100.25, 130.5, 140.0];
    let text =
        bare(1, 151, "", &(regime.clone() + &during("hold", "CN", "\"cut\", \"ban\"") + &works("\"ban\"")));
    let held = step_means(1, 150, &ends, |d| f64::from(!within(d, &[(20.5, 60.25), (100.25, 140.0)])));
    all_same(&passages(&text, "plant", 1)[0], &held, "a control in two states");
    let unrest = step_means(1, 151, &ends, |d| f64::from(!within(d, &[(50.75, 60.25), (130.5, 140.0)])));
    all_same(&activities(&text, "works", 1)[0], &unrest, "an event in one");
    // Visits that follow one another are one: a phase runs on from the first to the second, and begins anew.
    let phased = during("hold", "CN", "\"cut\", \"ban\"")
        + "phases = [{ after_days = 0, severity = 0.5 }, { after_days = 35, severity = 1 }]\n";
    let ends = [20.5, 55.5, 60.25, 100.25, 135.25, 140.0];
    let expected = step_means(1, 150, &ends, |d| match d {
        20.5..55.5 | 100.25..135.25 => 0.5,
        _ if within(d, &[(55.5, 60.25), (135.25, 140.0)]) => 0.0,
        _ => 1.0,
    });
    all_same(&passages(&bare(1, 151, "", &(regime + &phased)), "plant", 1)[0], &expected, "phases");
}

#[test]
fn a_reserve_is_open_exactly_in_its_states() {
    let text = [
        head(1, 220),
        commodities(&["part", "good"]),
        maker("mine", "CN", "part"),
        sector("plant", "part", 20.0, "good", 1.0),
        link("mine>plant:part", 1, "surge_limit = 1"),
        link("depot>plant:part", 1, ""),
        control("cut", 10.0, 400.0, 1.0),
        policy(
            "shut",
            &[
                ("shut", "holding_days = 60.25, next.open = 1"),
                ("open", "holding_days = 30.5, next.shut = 1"),
            ],
        ),
        "[reserves.depot]\ncountry = \"JP\"\ncommodity = \"part\"\namount_days = 300\ntrigger_days = 15\n\
         during = { regime = \"policy\", states = [\"open\"] }\n"
            .to_owned(),
    ];
    let open = step_means(1, 219, &[60.25, 90.75, 151.0, 181.5], |d| {
        f64::from((60.25..90.75).contains(&d) || (151.0..181.5).contains(&d))
    });
    let course = Course::of(&text.concat());
    all_same(&course.arrivals("plant", "part")[15..], &open[14..], "what it sends");
    same(course.lost("plant"), 220.0 - 31.0 - 30.5 - 30.5, "days without parts");
}

#[test]
fn the_occupancy_of_two_states_follows_its_closed_form() {
    let regime = policy(
        "calm",
        &[
            ("calm", "holding_days.exponential.mean = 60, next.cut = 1"),
            ("cut", "holding_days.exponential.mean = 30, next.calm = 3"),
        ],
    );
    let found = passages(&bare(7, 378, "", &(regime + &during("hold", "CN", "\"cut\""))), "plant", 4000);
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
    let regime = policy(
        "a",
        &[
            ("a", "holding_days.uniform = { low = 10, high = 30 }, next = { b = 2, c = 2 }"),
            ("b", "holding_days = 20, next = { a = 0.3, c = 0.7 }"),
            ("c", "holding_days.gamma = { shape = 2, scale = 15 }, next = { a = 6, b = 4 }"),
        ],
    );
    let mut embedded = [1.0 / 3.0; 3];
    for _ in 0..500 {
        embedded = std::array::from_fn(|j| (0..3).map(|i| embedded[i] * chain[i][j]).sum());
    }
    let total: f64 = (0..3).map(|j| embedded[j] * times[j]).sum();
    for (j, state) in ["a", "b", "c"].into_iter().enumerate() {
        let text = bare(7, 1407, "", &(regime.clone() + &during("hold", "CN", &format!("\"{state}\""))));
        // Late in the trial: where it began no longer matters.
        let late: Vec<f64> =
            passages(&text, "plant", 3000).iter().map(|c| 1.0 - mean(&c[150..200])).collect();
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
    let regime = policy(
        "talks",
        &[
            ("talks", "holding_days.exponential.mean = 30, next = { deal = 2, row = 5, pause = 3 }"),
            ("row", "holding_days.uniform = { low = 5, high = 25 }, next = { ban = 0.3, talks = 0.7 }"),
            ("pause", "holding_days = 40, next.talks = 1"),
            ("deal", ""),
            ("ban", ""),
        ],
    );
    // Talks, row, pause: I − Q, the chance of a ban at once, and the mean times.
    let left = [[1.0, -0.5, -0.3], [-0.7, 1.0, 0.0], [-1.0, 0.0, 1.0]];
    let [banned, ..] = solve(left, [0.0, 0.3, 0.0]);
    let [time, ..] = solve(left, [30.0, 15.0, 40.0]);
    let open = "\"talks\", \"row\", \"pause\"";
    let text = bare(7, 3003, "", &(regime + &during("hold", "CN", "\"ban\"") + &works(open)));
    let n = 3000;
    let found = passages(&text, "plant", n);
    let share = found.iter().filter(|c| c[c.len() - 1] == 0.0).count() as f64 / n as f64;
    by_chance(share, banned, (banned * (1.0 - banned) / n as f64).sqrt(), "chance of a ban");
    mean_is(&losses(&text, "works", n), time, "mean time until it is settled");
}

#[test]
fn a_regime_has_its_own_luck_and_draws_at_every_visit() {
    let states = [
        ("calm", "holding_days.exponential.mean = 40, next.cut = 1"),
        ("cut", "holding_days.exponential.mean = 20, next.calm = 1"),
    ];
    let text = bare(7, 1400, "", &(policy("calm", &states) + &during("hold", "CN", "\"cut\"")));
    let more = policy("calm", &states).replace("regimes.policy", "regimes.other")
        + &during("held", "XX", "\"cut\"").replace("\"policy\"", "\"other\"")
        + &beside(2, "XX", 7, "");
    let both = text.clone() + &more;
    let (one, two) = (losses(&both, "plant", 2000), losses(&both, "plant2", 2000));
    same_luck(&losses(&text, "plant", 2000), &one, "a regime more");
    independent(&one, &two, "two regimes");
    // Early and late visits hang together no more than two regimes do.
    let found = passages(&text, "plant", 2000);
    let part = |weeks: std::ops::Range<usize>| -> Vec<f64> {
        found.iter().map(|c| mean(&c[weeks.clone()])).collect()
    };
    independent(&part(2..50), &part(140..198), "early and late");
    // What follows is a matter of luck, too, that each has of its own.
    let fork = policy(
        "calm",
        &[
            ("calm", "holding_days = 28, next = { cut = 1, calm = 1 }"),
            ("cut", "holding_days = 28, next.calm = 1"),
        ],
    );
    let text = bare(7, 700, "", &(fork.clone() + &during("hold", "CN", "\"cut\"")))
        + &fork.replace("regimes.policy", "regimes.other")
        + &during("held", "XX", "\"cut\"").replace("\"policy\"", "\"other\"")
        + &beside(2, "XX", 7, "");
    independent(&losses(&text, "plant", 2000), &losses(&text, "plant2", 2000), "two forks");
}

#[test]
fn a_chain_that_does_not_move_on_or_has_no_way_on_is_an_error_with_its_trial() {
    let hasty = policy("a", &[("a", "holding_days = 0, next.b = 1"), ("b", "holding_days = 0, next.a = 1")]);
    let text = bare(7, 70, "", &(hasty + &during("hold", "CN", "\"a\"")));
    let error =
        Scenario::parse("hasty.toml", &text).and_then(|s| s.compile()).expect_err("it never moves on");
    assert!(error.to_string().contains("changes over 10000 times"), "{error}");
    let lost = policy(
        "a",
        &[
            ("a", "holding_days = 9, next.b = { discrete = { values = [0, 1], weights = [1, 9] } }"),
            ("b", ""),
        ],
    );
    let model = compile(&bare(7, 70, "", &(lost + &during("hold", "CN", "\"b\""))));
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
    let rarely =
        policy("a", &[("a", "holding_days.discrete = { values = [0, 1], weights = [1, 1] }, next.a = 1")]);
    // 10,000 visits take 5000 days, with a standard deviation of 50: three of them below it is one trial in 700.
    let model = compile(&bare(7, 4851, "", &(rarely + &during("hold", "CN", "\"a\""))));
    let check = |trials| Ensemble::new(&model).range(trials).seed(SEED).check_baselines();
    assert!(check(0..64).is_ok(), "the first block");
    assert!(check(0..4000).is_err_and(|e| e.to_string().contains("over 10000 times")));
}
