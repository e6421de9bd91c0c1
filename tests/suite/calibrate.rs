//! Calibration: solutions that can be written down, all of them, and what is left open between two figures.

use crate::chains::{commodities, control, link, maker, same, sector};
use crate::common::head;
use crate::programs::{json, listing, program, refuses, succeeds, table};
use crate::small::{Folder, SMALL};
use supplyshock::draw::{Bounds, Distribution, Stream};
use supplyshock::study::{Calibration, CalibrationError, Posterior, Solutions, Target, Variable};
use supplyshock::{Ensemble, Error, Scenario};

const COVER: &str = "sites.plant.inputs.part.cover_days";
const MEAN: &str = "JP.output.mean";

/// A lane that a control cuts for 90 days from day 100, and a buffer of 30 days. Nothing can catch up, so
/// `severity · duration − cover` days are lost, at 1 JPY a day.
fn lane() -> String {
    [
        head(1, 400),
        commodities(&["part", "good"]),
        maker("mine", "CN", "part"),
        sector("plant", "part", 30.0, "good", 1.0),
        link("mine>plant:part", 7, "surge_limit = 1"),
        control("cut", 100.0, 90.0, 1.0),
    ]
    .concat()
}

/// The lane with one piece of it, which must be there once, written otherwise.
fn lane_with(old: &str, new: &str) -> Scenario {
    let text = lane();
    assert_eq!(text.matches(old).count(), 1, "{old}");
    scenario(&text.replacen(old, new, 1))
}

fn scenario(text: &str) -> Scenario {
    Scenario::parse("test.toml", text).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

fn solve(scenario: &Scenario, target: Target, variable: Variable, trials: u64) -> Solutions {
    let calibration = Calibration::new(scenario).target(target).vary(variable).trials(trials).seed(7);
    calibration.solve().unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn cover_duration_and_severity_are_found_to_the_tolerance() {
    let lane = scenario(&lane());
    for (path, low, high, loss, expected, slope) in [
        (COVER, 0.0, 85.0, 50.0, 40.0, -1.0),
        ("controls.cut.duration_days", 0.0, 200.0, 50.0, 80.0, 1.0_f64),
        ("controls.cut.severity", 0.4, 1.0, 42.0, 0.8, 90.0),
    ] {
        for tolerance in [1e-2, 1e-6, 1e-10] {
            let calibration = Calibration::new(&lane)
                .target(Target::new(MEAN, loss))
                .vary(Variable::new(path, low, high))
                .trials(1)
                .grid(4)
                .tolerance(tolerance);
            let found = calibration.solve().unwrap_or_else(|e| panic!("{e}"));
            let [solution] = found.found.as_slice() else { panic!("{path}: {found:?}") };
            assert!((solution.statistic - loss).abs() <= tolerance * loss, "{path}: {solution:?}");
            assert_eq!(found.tolerance, tolerance * loss);
            let off = (solution.value - expected).abs();
            assert!(off <= tolerance * loss / slope.abs() + 1e-9, "{path}: {solution:?}");
            same(solution.slope, slope, path);
            same(found.as_it_stands, 60.0, path);
            // One trial says nothing of chance.
            assert_eq!((solution.interval, solution.value_interval), (None, None));
            assert_eq!((solution.jump, solution.flat), (None, None));
            // It is what the scenario gives with that figure.
            let again = lane
                .edit()
                .set(path, solution.leaf.clone())
                .finish()
                .and_then(|s| s.compile())
                .expect("a model");
            let loss = Ensemble::new(&again).trials(1).run().and_then(|o| o.loss("JP")).expect("a loss");
            assert_eq!(loss.mean(), solution.statistic);
            // A straight line takes a few steps, and two runs tell the slope.
            let most = if tolerance > 1e-3 { 2 } else { 5 };
            assert!(found.tried.len() <= 4 + most + 2, "{path}, {tolerance}: {:?}", found.tried);
        }
    }
}

#[test]
fn a_factor_on_a_range_has_the_luck_of_the_scenario_itself() {
    // Without cover the loss is the duration: the factor is the ratio of target and mean, to the rounding.
    let drawn = "duration_days = { uniform = { low = 20, high = 100 } }";
    let text = lane().replace("duration_days = 90", drawn).replace("cover_days = 30", "cover_days = 0");
    let scenario = scenario(&text);
    let variable = || Variable::factor("controls.cut.duration_days", 0.0, 2.0);
    let narrow = |name: &str, value: f64| Target::new(name, value).within(1e-9 * value);
    let found = solve(&scenario, narrow(MEAN, 45.0), variable(), 500);
    let [solution] = found.found.as_slice() else { panic!("{found:?}") };
    same(solution.value, 45.0 / found.as_it_stands, "mean");
    same(solution.slope, found.as_it_stands, "slope of the mean");
    assert_eq!(
        solution.leaf.to_string(),
        format!("uniform({}, {})", 20.0 * solution.value, 100.0 * solution.value)
    );
    // Its interval is that of the mean, which is known: ± t · sd/√n, over the slope.
    let sd = solution.value * 80.0 / 12.0_f64.sqrt();
    let interval = solution.interval.expect("an interval");
    let half = 1.9647 * sd / 500.0_f64.sqrt();
    assert!((interval.high - 45.0 - half).abs() < 0.1 * half, "{interval:?}, ± {half}");
    // Where the summary has one, it is that to the bit.
    for (name, value) in [(MEAN, 45.0), ("JP.output.p95", 70.0)] {
        let found = solve(&scenario, Target::new(name, value), variable(), 100);
        let factor = found.found.first().map_or(f64::NAN, |s| s.value);
        let model =
            scenario.edit().scale("controls.cut.duration_days", factor).finish().and_then(|s| s.compile());
        let model = model.expect("a model");
        let loss =
            Ensemble::new(&model).trials(100).seed(7).run().and_then(|o| o.loss("JP")).expect("losses");
        let expected = if name == MEAN { loss.mean_ci(0.95) } else { loss.quantile_ci(0.95, 0.95) };
        let expected = Some(expected).filter(|i| i.low.is_finite() && i.high.is_finite());
        assert!(name != MEAN || expected.is_some());
        assert_eq!(found.found.first().and_then(|s| s.interval), expected, "{name}");
    }
    let of_value = solution.value_interval.expect("an interval");
    same(of_value.low, solution.value - (interval.high - solution.statistic) / solution.slope, "low");
    same(of_value.high, solution.value + (solution.statistic - interval.low) / solution.slope, "high");
    assert!(of_value.contains(45.0 / 60.0), "the mean of the distribution is 60: {of_value:?}");

    // Any other statistic of a straight response has its own ratio; batches give the median its interval.
    for (name, value) in [("JP.output.p50", 50.0), ("JP.total.tvar_95", 120.0), ("JP.gdp_share.mean", 3e-11)]
    {
        let found = solve(&scenario, narrow(name, value), variable(), 500);
        let [solution] = found.found.as_slice() else { panic!("{name}: {found:?}") };
        same(solution.value, value / found.as_it_stands, name);
        let interval = solution.interval.unwrap_or_else(|| panic!("{name} has an interval"));
        assert!(interval.low < solution.statistic && solution.statistic < interval.high, "{interval:?}");
    }
    // The standard error of a median is √(1/4n) over the density.
    let median = solve(&scenario, narrow("JP.output.p50", 60.0), variable(), 8000);
    let [solution] = median.found.as_slice() else { panic!("{median:?}") };
    let interval = solution.interval.expect("an interval");
    let expected = 2.0 * 2.093 * (0.25_f64 / 8000.0).sqrt() * 80.0 * solution.value;
    let ratio = (interval.high - interval.low) / expected;
    assert!((0.6..1.5).contains(&ratio), "{interval:?}: {ratio} of what is expected");
}

#[test]
fn a_factor_on_an_exponential_duration_meets_the_closed_form() {
    // The mean loss is k m e^(−cover / k m); of the factor k, chance leaves the interval.
    let scenario = lane_with("duration_days = 90", "duration_days = { exponential = { mean = 40 } }");
    let target = 1.5 * 40.0 * (-30.0_f64 / 60.0).exp();
    let long = scenario.edit().set("controls.cut.onset_days", 1.0).finish();
    let long = long.expect("another onset");
    let found = solve(
        &long,
        Target::new(MEAN, target),
        Variable::factor("controls.cut.duration_days", 0.5, 3.0),
        4000,
    );
    let [solution] = found.found.as_slice() else { panic!("{found:?}") };
    let interval = solution.value_interval.expect("an interval");
    let half = 0.5 * (interval.high - interval.low);
    assert!((solution.value - 1.5).abs() < 2.0 * half, "{solution:?}");
    // The mean of max(kX − c, 0) rises with k by (m + c/k) e^(−c/km).
    let slope = (40.0 + 20.0) * (-0.5_f64).exp();
    assert!((solution.slope / slope - 1.0).abs() < 0.05, "{} for {slope}", solution.slope);
}

#[test]
fn a_target_out_of_reach_is_said_to_be_with_the_range_that_is_covered() {
    let lane = scenario(&lane());
    for target in [4.9, 90.5] {
        let calibration = Calibration::new(&lane)
            .target(Target::new(MEAN, target))
            .vary(Variable::new(COVER, 0.0, 85.0))
            .trials(1);
        let found = calibration.solve().expect("an answer");
        assert!(found.found.is_empty());
        let [low, high] = found.covered().expect("values");
        assert_eq!((low.0, high.0), (85.0, 0.0));
        same(low.1, 5.0, "least");
        same(high.1, 90.0, "greatest");
        let told = found.report();
        assert!(told.contains("There is no solution"), "{told}");
        assert!(told.contains("it goes from 5.0000 (at 85.000) to 90.000 (at 0) there"), "{told}");
    }
}

#[test]
fn a_response_that_rises_and_falls_has_both_its_solutions() {
    // A cut that began before day 0 has only its end in the trial, and one near the horizon only its beginning.
    let scenario = scenario(
        &lane()
            .replace("[parties.JP]", "[rules]\naware_of_controls = false\n[parties.JP]")
            .replace("cover_days = 30", "cover_days = 0"),
    );
    let found = solve(
        &scenario,
        Target::new(MEAN, 45.0).within(1e-7),
        Variable::new("controls.cut.onset_days", -89.0, 399.0),
        1,
    );
    let [early, late] = found.found.as_slice() else { panic!("{found:?}") };
    // It reaches the plant after 7 days: 400 − 7 − onset days of it are seen.
    same(early.value, -45.0, "early");
    same(late.value, 400.0 - 7.0 - 45.0, "late");
    same(early.slope, 1.0, "early");
    same(late.slope, -1.0, "late");
    // At the height of the plateau every onset between is a solution.
    let found =
        solve(&scenario, Target::new(MEAN, 90.0), Variable::new("controls.cut.onset_days", -89.0, 399.0), 1);
    let [solution] = found.found.as_slice() else { panic!("{found:?}") };
    let (first, last) = solution.flat.expect("a plateau");
    let step = (399.0 + 89.0) / 16.0;
    assert!((0.0..step).contains(&first) && (303.0 - step..=303.0).contains(&last), "{first} to {last}");
}

#[test]
fn a_statistic_that_jumps_over_its_target_is_said_to() {
    // With nothing drawn, all trials lose or none does.
    let lane = scenario(&lane());
    let found = solve(&lane, Target::new("JP.output.p_zero", 0.5), Variable::new(COVER, 0.0, 200.0), 3);
    let [solution] = found.found.as_slice() else { panic!("{found:?}") };
    assert_eq!(solution.jump, Some((0.0, 1.0)));
    // A loss of up to 1e-12 of GDP, which is 1, counts as none.
    assert!((solution.value - 89.0).abs() < 1e-6, "{solution:?}");
    assert_eq!(solution.value_interval, None);
    // Where a statistic has no value, there is no solution.
    let stop = |low| {
        let target = Target::new("first_stop.plant.p50", 50.0);
        solve(&lane, target, Variable::new(COVER, low, 200.0), 1)
    };
    let found = stop(0.0);
    assert_eq!(found.found.len(), 1, "{found:?}");
    assert!(
        (found.found[0].value - 43.0).abs() < 0.1,
        "it stops when what is on its way and the cover are used up"
    );
    assert!(stop(100.0).found.is_empty() && stop(100.0).covered().is_none());
}

/// Two plants in a row, whose covers are drawn from a prior; of the last, `90 − a − b` days are lost.
fn two_covers() -> Scenario {
    scenario(
        &[
            head(1, 400),
            commodities(&["part", "piece", "good"]),
            maker("mine", "CN", "part"),
            sector("first", "part", 10.0, "piece", 0.0).replace("value_added_per_unit = 1\n", ""),
            sector("last", "piece", 10.0, "good", 1.0),
            link("mine>first:part", 7, "surge_limit = 1"),
            link("first>last:piece", 7, "surge_limit = 1"),
            control("cut", 100.0, 90.0, 1.0),
        ]
        .concat(),
    )
}

fn two_covers_posterior(scenario: &Scenario, draws: usize, threads: Option<usize>) -> Posterior {
    let mut calibration = Calibration::new(scenario)
        .target(Target::new(MEAN, 50.0))
        .vary(Variable::new("sites.first.inputs.part.cover_days", 0.0, 40.0))
        .vary(Variable::new("sites.last.inputs.piece.cover_days", 0.0, 40.0))
        .trials(1)
        .seed(3);
    if let Some(threads) = threads {
        calibration = calibration.threads(threads);
    }
    calibration.posterior(draws, 0.1).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn of_two_covers_only_the_sum_is_learned() {
    let found = two_covers_posterior(&two_covers(), 1000, Some(1));
    assert_eq!((found.draws.len(), found.kept), (1000, 100));
    same(found.as_it_stands[0], 70.0, "as it stands");
    for draw in &found.draws {
        let (lost, sum) = (draw.statistics[0], draw.values[0] + draw.values[1]);
        same(lost, 90.0 - sum, "loss");
        same(draw.distance, (lost - 50.0).abs() / 0.05, "distance");
        let kernel = 1.0 - (draw.distance / found.bandwidth).powi(2);
        assert_eq!(draw.weight > 0.0, kernel > 0.0);
    }
    // The sum has the density (40 − |s − 40|)/1600, so a tenth of it lies within 20 (2 − √3.6) = 2.053 days of 40.
    let days = 0.05 * found.bandwidth;
    assert!((days - 2.053).abs() < 4.0 * 0.2, "{days}");
    // Of the sum, the standard deviation is δ/√5, that of the kernel; of each cover, about that of its prior.
    let statistic = found.statistics[0];
    assert!((statistic.sd - days / 5.0_f64.sqrt()).abs() < 0.15, "{statistic:?}");
    assert!((statistic.mean - 50.0).abs() < 0.4, "{statistic:?}");
    assert!(50.0 - days < statistic.p05 && statistic.p95 < 50.0 + days, "{statistic:?}");
    for cover in &found.assumptions {
        assert!((cover.mean - 20.0).abs() < 4.0 * 1.27, "{cover:?}");
        assert!((cover.sd - 40.0 / 12.0_f64.sqrt()).abs() < 2.0, "{cover:?}");
        assert!(cover.p05 < 6.0 && (12.0..28.0).contains(&cover.p50) && cover.p95 > 34.0, "{cover:?}");
    }
    let correlation = found.correlations[0][1];
    assert!((-1.0..-0.98).contains(&correlation), "{correlation}");
    assert_eq!(found.correlations[1][0], correlation);
    // Of weights 1 − u², u uniform, (Σ w)²/Σ w² is (2/3)²/(8/15) = 5/6 of the number.
    assert!((found.effective_draws - 83.3).abs() < 4.0, "{}", found.effective_draws);

    // A second statistic that one of the two sets alone leaves nothing open: the first plant's first stop.
    let scenario = two_covers();
    let both = Calibration::new(&scenario)
        .target(Target::new(MEAN, 50.0).within(1.0))
        .target(Target::new("first_stop.first.p50", 7.0 + 15.0).within(1.0))
        .vary(Variable::new("sites.first.inputs.part.cover_days", 0.0, 40.0))
        .vary(Variable::new("sites.last.inputs.piece.cover_days", 0.0, 40.0))
        .trials(1)
        .posterior(1000, 0.02)
        .expect("a posterior");
    for (cover, expected) in both.assumptions.iter().zip([15.0, 25.0]) {
        assert!((cover.mean - expected).abs() < 1.5 && cover.sd < 3.0, "{cover:?}");
    }
}

#[test]
fn a_factor_in_a_posterior_is_drawn_from_its_own_stream() {
    let scenario = lane_with("duration_days = 90", "duration_days = { uniform = { low = 80, high = 100 } }");
    let posterior = |variable: Variable| {
        let calibration =
            Calibration::new(&scenario).target(Target::new(MEAN, 40.0)).vary(variable).trials(64);
        calibration.posterior(40, 0.2).expect("a posterior")
    };
    let factor = posterior(Variable::factor("controls.cut.duration_days", 0.5, 1.5));
    let stream = Stream::new(0, "calibrate.scale:controls.cut.duration_days");
    for (k, draw) in (0..).zip(&factor.draws) {
        same(draw.values[0], 0.5 + stream.uniform(k, 0), "prior");
    }
    // A mean of 90 less 30 is lost; 70 less 30 with a factor of 7/9.
    assert!((factor.assumptions[0].mean - 7.0 / 9.0).abs() < 0.05, "{:?}", factor.assumptions);
    let value = posterior(Variable::new("controls.cut.duration_days", 40.0, 120.0));
    assert!((value.assumptions[0].mean - 70.0).abs() < 4.0, "{:?}", value.assumptions);
    assert_eq!(value.correlations, [[1.0]]);
}

#[test]
fn a_posterior_is_drawn_from_the_prior_that_is_given() {
    let scenario = two_covers();
    let prior = Distribution::pert(0.0, 10.0, 40.0).expect("a distribution");
    let first = "sites.first.inputs.part.cover_days";
    let posterior = |variable: Variable| {
        Calibration::new(&scenario)
            .target(Target::new(MEAN, 50.0))
            .vary(variable)
            .vary(Variable::new("sites.last.inputs.piece.cover_days", 0.0, 40.0))
            .trials(1)
            .seed(3)
            .posterior(600, 0.1)
            .expect("a posterior")
    };
    let found = posterior(Variable::new(first, 0.0, 40.0).prior(prior.clone()));
    let stream = Stream::new(3, &format!("calibrate.{first}"));
    for (k, draw) in (0..).zip(&found.draws) {
        assert_eq!(draw.values[0], prior.quantile(stream.uniform(k, 0)));
    }
    // The two covers add up to about 40, and the second is as likely to be anything: the first stays as it was.
    let plain = posterior(Variable::new(first, 0.0, 40.0));
    assert!((found.assumptions[0].mean - prior.mean()).abs() < 3.0, "{:?}", found.assumptions);
    assert!((plain.assumptions[0].mean - 20.0).abs() < 5.0, "{:?}", plain.assumptions);
    // A uniform prior is what a range without one means.
    let uniform = Distribution::uniform(0.0, 40.0).expect("a distribution");
    let given = posterior(Variable::new(first, 0.0, 40.0).prior(uniform));
    assert_eq!(given.draws, plain.draws);
    // Its standard deviation is that of the distribution: of a beta with shapes 2 and 4, √(8/36/7) of the width.
    let sd = 40.0 * (8.0_f64 / 36.0 / 7.0).sqrt();
    assert!((found.variables[0].prior_sd() / sd - 1.0).abs() < 1e-3, "{}", found.variables[0].prior_sd());
    assert!(found.report().contains(&format!("{:.0}%", 100.0 * found.assumptions[0].sd / sd)));
}

#[test]
fn a_prior_that_leaves_its_range_is_refused() {
    let lane = scenario(&lane());
    let check = |prior: Distribution| {
        let variable = Variable::new(COVER, 0.0, 85.0).prior(prior);
        Calibration::new(&lane).target(Target::new(MEAN, 50.0)).vary(variable).trials(1).check()
    };
    let normal = |bounds| Distribution::normal(30.0, 10.0, bounds).expect("a distribution");
    assert!(check(normal(Bounds { low: Some(0.0), high: Some(85.0) })).is_ok());
    let fault = check(normal(Bounds::NONE)).expect_err("it has no bounds");
    assert!(
        matches!(
            &fault,
            Error::Calibration(CalibrationError::PriorOutsideRange { low: 0.0, high: 85.0, .. })
        ),
        "{fault:?}"
    );
    for part in ["normal(30, 10)", "outside of the range from 0 to 85", "give the prior these bounds"] {
        assert!(fault.to_string().contains(part), "`{part}` in: {fault}");
    }
}

#[test]
fn any_quantile_and_any_amount_can_be_aimed_at() {
    // The loss is the duration, uniform from 20 to 100 times the factor.
    let drawn = "duration_days = { uniform = { low = 20, high = 100 } }";
    let text = lane().replace("duration_days = 90", drawn).replace("cover_days = 30", "cover_days = 0");
    let scenario = scenario(&text);
    let variable = || Variable::factor("controls.cut.duration_days", 0.5, 2.0);
    for (name, value) in [("JP.output.p97.5", 98.0), ("JP.output.over_60", 0.5)] {
        let found = solve(&scenario, Target::new(name, value).within(0.02 * value), variable(), 400);
        let [solution] = found.found.as_slice() else { panic!("{name}: {found:?}") };
        assert!((solution.value - 1.0).abs() < 0.1, "{name}: {solution:?}");
        assert!(solution.interval.is_some_and(|i| i.contains(solution.statistic)), "{name}: {solution:?}");
    }
}

#[test]
fn threads_change_no_bit() {
    let small = scenario(SMALL);
    let calibration = |threads: Option<usize>| {
        let c = Calibration::new(&small)
            .target(Target::new("JP.output.p95", 3e7))
            .vary(Variable::factor("assumptions.need", 0.5, 1.1))
            .trials(200);
        match threads {
            Some(threads) => c.threads(threads),
            None => c,
        }
    };
    let solutions = calibration(None).solve().expect("an answer");
    assert_eq!(solutions.found.len(), 1, "{:?}", solutions.tried);
    let posterior = calibration(None).posterior(12, 0.5).expect("a posterior");
    for threads in [1, 2, 3] {
        let other = calibration(Some(threads));
        assert!(other.solve().expect("an answer") == solutions, "{threads} threads");
        assert!(other.posterior(12, 0.5).expect("a posterior") == posterior, "{threads} threads");
    }
    let two = two_covers();
    assert!(two_covers_posterior(&two, 50, Some(1)) == two_covers_posterior(&two, 50, Some(3)));
}

/// What a calibration of the small scenario says is wrong.
fn fault(target: &str, path: &str, low: f64, high: f64) -> String {
    let small = scenario(SMALL);
    let found = Target::parse(target).and_then(|target| {
        Calibration::new(&small).target(target).vary(Variable::parse(path, low, high)).trials(40).solve()
    });
    found.expect_err("it should be refused").to_string()
}

#[test]
fn what_cannot_be_calibrated_is_refused_with_a_reason() {
    let severity = "controls.ban.severity";
    for (target, path, low, high, parts) in [
        (
            "JP.output.maen=1",
            severity,
            0.1,
            1.0,
            &["no statistic `JP.output.maen`", "did you mean `JP.output.mean`?"][..],
        ),
        ("JP.ouptut.mean=1", severity, 0.1, 1.0, &["did you mean `JP.output.mean`?"]),
        ("first_stop.car.share=1", severity, 0.1, 1.0, &["did you mean `first_stop.cars.share`?"]),
        ("JP.output.mean", severity, 0.1, 1.0, &["no `=` in it", "STATISTIC=VALUE"]),
        ("JP.output.mean=much", severity, 0.1, 1.0, &["`much` is not a number"]),
        ("JP.output.mean=1+-little", severity, 0.1, 1.0, &["`little` is not a number"]),
        ("JP.output.mean=inf", severity, 0.1, 1.0, &["inf is not a finite number"]),
        ("JP.output.mean=1+-0", severity, 0.1, 1.0, &["a tolerance of 0 is none"]),
        ("JP.output.mean=1+-nan", severity, 0.1, 1.0, &["a tolerance of NaN is none"]),
        (
            "JP.output.mean=1",
            "controls.ban.severty",
            0.1,
            1.0,
            &["no figure `controls.ban.severty`", "did you mean `controls.ban.severity`?"],
        ),
        (
            "JP.output.mean=1",
            "scale:controls.ban.severty",
            0.1,
            1.0,
            &["did you mean `controls.ban.severity`?"],
        ),
        ("JP.output.mean=1", "controls.ban", 0.1, 1.0, &["no figure `controls.ban`"]),
        ("JP.output.mean=1", "", 0.1, 1.0, &["no figure ``"]),
        ("JP.output.mean=1", "time.step_days", 1.0, 7.0, &["no figure `time.step_days`"]),
        ("JP.output.mean=1", severity, 1.0, 0.1, &["between 1 and 0.1 there is no range"]),
        ("JP.output.mean=1", severity, 0.5, 0.5, &["there is no range"]),
        ("JP.output.mean=1", severity, f64::NAN, 0.5, &["there is no range"]),
        ("JP.output.mean=1", severity, 0.0, f64::INFINITY, &["there is no range"]),
        ("JP.output.mean=1", severity, -1e308, 1e308, &["there is no range"]),
        (
            "JP.output.mean=1",
            severity,
            0.1,
            1.2,
            &[
                "with controls.ban.severity = 1.2",
                "controls.ban.severity: 1.2 is out of range",
                "from 0 to 1",
            ],
        ),
        ("JP.output.mean=1", severity, -0.1, 1.0, &["-0.1 is out of range"]),
        // The domain is that of the leaf that refers to the assumption.
        (
            "JP.output.mean=1",
            "scale:assumptions.need",
            0.5,
            2.0,
            &[
                "assumptions.need times 2",
                "sites.cars.inputs.metal.criticality",
                "it can be anything from 0.7",
                "to 1.6",
                "from 0 to 1",
            ],
        ),
        ("JP.output.mean=1", "scale:controls.ban.duration_days", -1.0, 1.0, &["cannot be multiplied by -1"]),
        (
            "JP.output.mean=1",
            "scale:links.mill>cars:metal.surge_limit",
            0.1,
            1.0,
            &["links.\"mill>cars:metal\".surge_limit"],
        ),
        // Nothing is wrong with the figure itself, but the mill cannot make what is wanted of it.
        ("JP.output.mean=1", "sites.mill.capacity_per_year", 1.0, 2.0, &["no figure"]),
        (
            "JP.output.mean=1",
            "sites.smelter.capacity_per_year",
            1.0,
            1e6,
            &["with sites.smelter.capacity_per_year = 1", "has no baseline: site `smelter` needs"],
        ),
    ] {
        let told = fault(target, path, low, high);
        for part in parts {
            assert!(told.contains(part), "`{part}` in: {told}");
        }
    }
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let small = scenario(SMALL);
    let with = || Calibration::new(&small).trials(40);
    let target = || Target::new(MEAN, 1e7);
    let variable = || Variable::new("controls.ban.severity", 0.1, 1.0);
    let whole = || with().target(target()).vary(variable());
    let told = |result: Result<(), Error>| result.expect_err("it should be refused").to_string();
    for (found, part) in [
        (told(with().vary(variable()).check()), "there is no target"),
        (told(with().target(target()).check()), "nothing is varied"),
        (told(with().target(target()).solve().map(drop)), "1 targets and 0 assumptions"),
        (told(whole().target(Target::new("JP.output.p50", 1.0)).solve().map(drop)), "ask for the posterior"),
        (told(whole().target(target()).check()), "two targets for JP.output.mean"),
        (told(whole().vary(Variable::factor("controls.ban.severity", 0.1, 1.0)).check()), "varied twice"),
        (told(whole().trials(0).check()), "give at least one"),
        (told(whole().threads(0).solve().map(drop)), "a run needs at least one"),
        (told(whole().tolerance(0.0).solve().map(drop)), "a tolerance of 0 is none"),
        (told(whole().tolerance(f64::NAN).solve().map(drop)), "a tolerance of NaN is none"),
        (told(whole().grid(1).solve().map(drop)), "a grid of 1 points"),
        (told(whole().posterior(10, 0.0).map(drop)), "a share of 0 of the draws"),
        (told(whole().posterior(10, 1.1).map(drop)), "a share of 1.1"),
        (told(whole().posterior(10, f64::NAN).map(drop)), "a share of NaN"),
        (told(whole().posterior(10, 0.1).map(drop)), "at least 2 must be kept"),
        (told(whole().posterior(0, 1.0).map(drop)), "at least 2 must be kept"),
    ] {
        assert!(found.contains(part), "`{part}` in: {found}");
    }
    // Two figures that can stand only together are checked together.
    let one = small.edit().set("links.smelter>cars:metal.share", 0.4);
    assert!(one.clone().finish().is_err());
    let both = one.set("links.mill>cars:metal.share", 0.6).finish();
    assert!(both.is_ok(), "{both:?}");
    let nan = small.edit().set("controls.ban.onset_days", f64::NAN).finish();
    assert!(nan.expect_err("it should be refused").to_string().contains("NaN is not a finite number"));
}

/// `calibrate` on the lane in a folder.
fn calibrate(folder: &Folder, more: &[&str]) -> std::process::Command {
    let mut command = program("calibrate");
    command.arg(folder.path("lane.toml")).args(["--trials", "1", "--seed", "5"]).args(more);
    command.arg("--out").arg(folder.path("out"));
    command
}

#[test]
fn the_program_prints_and_writes_what_it_finds() {
    let folder = Folder::with(&[("lane.toml", &lane())]);
    let one = ["--target", "JP.output.mean=50", "--vary", COVER, "--between", "0", "85"];
    let out = succeeds(&mut calibrate(&folder, &one));
    for part in ["lane: test", "as the scenario stands it is 60.000", "1 solution with", "\n 40.0", COVER] {
        assert!(out.contains(part), "`{part}` in\n{out}");
    }
    assert_eq!(listing(&folder.path("out")), ["calibration.json"]);
    let found = json(&folder, "out/calibration.json");
    assert_eq!((&found["method"], &found["trials"], &found["seed"]), (&"solve".into(), &1.into(), &5.into()));
    let solution = &found["solutions"][0];
    assert!((solution["value"].as_f64().expect("a number") - 40.0).abs() < 0.06, "{solution}");
    assert_eq!(found["variables"][0]["leaf"], "30");
    assert!(found["tried"].as_array().expect("a list").len() > 17);

    // A negative range is a range.
    let early =
        ["--target", "JP.output.mean=1", "--vary", "controls.cut.onset_days", "--between", "-80", "-20"];
    succeeds(&mut calibrate(&folder, &early));

    let two = [
        &["--target", "JP.output.mean=50", "--vary", COVER, "--between", "0", "85"][..],
        &["--vary", "controls.cut.duration_days", "--between", "60", "120", "--draws", "40"],
    ]
    .concat();
    let out = succeeds(&mut calibrate(&folder, &two));
    for part in ["The 4 nearest of 40 draws are kept", "Correlations:", "of prior sd"] {
        assert!(out.contains(part), "`{part}` in\n{out}");
    }
    assert_eq!(listing(&folder.path("out")), ["calibration.json", "posterior.csv"]);
    let found = json(&folder, "out/calibration.json");
    assert_eq!((&found["method"], &found["kept"]), (&"posterior".into(), &4.into()));
    let (header, rows) = table(&folder.path("out/posterior.csv"));
    assert_eq!(header, ["draw", COVER, "controls.cut.duration_days", MEAN, "distance", "weight"]);
    assert_eq!(rows.len(), 40);
    let weights: f64 = rows.iter().map(|row| row[5].parse::<f64>().expect("a number")).sum();
    same(weights, 1.0, "weights");
    // With --draws, one assumption has a posterior too.
    let out = succeeds(&mut calibrate(&folder, &[&one[..], &["--draws", "20", "--accept", "0.2"]].concat()));
    assert!(out.contains("The 4 nearest of 20 draws"), "{out}");
}

#[test]
fn the_program_refuses_what_it_cannot_do_and_writes_nothing() {
    let folder = Folder::with(&[("lane.toml", &lane())]);
    let target = ["--target", "JP.output.mean=50"];
    let vary = ["--vary", COVER, "--between", "0", "85"];
    for (more, part) in [
        (&["--target", "JP.output.men=50", "--vary", COVER, "--between", "0", "85"][..], "did you mean"),
        (&["--target", "JP.output.mean=50", "--vary", COVER, "--between", "85", "0"], "there is no range"),
        (
            &["--target", "JP.output.mean=50", "--vary", "nothing", "--between", "85", "0"],
            "no figure `nothing`",
        ),
        (&["--target", "50", "--vary", COVER, "--between", "0", "1"], "no `=` in it"),
        (
            &["--target", "JP.output.mean=50", "--vary", COVER, "--vary", "x", "--between", "0", "1"],
            "2 --vary and 1 --between",
        ),
        (&["--target", "JP.output.mean=50", "--vary", COVER, "--between", "nan", "1"], "there is no range"),
    ] {
        let told = refuses(&mut calibrate(&folder, more), 1);
        assert!(told.contains(part), "`{part}` in {told}");
    }
    for more in [
        &["--trials", "0"][..],
        &["--threads", "0"],
        &["--tolerance", "0"],
        &["--draws", "1"],
        &["--accept", "2", "--draws", "9"],
    ] {
        let args = [&target[..], &vary, more].concat();
        let mut command = program("calibrate");
        refuses(command.arg(folder.path("lane.toml")).args(args), 1);
    }
    for more in [&target[..], &vary, &["--between", "0", "1", "2"], &[]] {
        refuses(&mut calibrate(&folder, more), 2);
    }
    assert!(!folder.path("out/calibration.json").exists());
}
