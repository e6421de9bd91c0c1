//! Calibration: solutions that can be written down, all of them, and what is left open between two figures.

mod posterior;
mod program;
mod refusals;

use crate::chains::same;
use crate::common::{Source, head};
use crate::parts::{Build, control, exponential, maker, sector, uniform};
use supplyshock::scenario::{Leaf, Link, Rules, Tables};
use supplyshock::study::{Calibration, Solutions, Target, Variable};
use supplyshock::{Ensemble, Scenario};

const COVER: &str = "sites.plant.inputs.part.cover_days";
const MEAN: &str = "JP.output.mean";

/// A lane that a control cuts for 90 days from day 100, and a buffer of 30 days. Nothing can catch up, so
/// `severity · duration − cover` days are lost, at 1 JPY a day.
fn lane() -> Tables {
    head(1, 400)
        .goods(["part", "good"])
        .site("mine", maker("CN", "part"))
        .site("plant", sector("part", 30.0, "good", 1.0))
        .link("mine>plant:part", Link::new(7).surge_limit(1))
        .control("cut", control(100.0, 90.0, 1.0))
}

/// The lane with a cut of another length.
fn lane_cut_for(days: Leaf) -> Tables {
    lane().control("cut", control(100.0, 0.0, 1.0).duration_days(days))
}

/// The lane without a buffer, cut for 20 to 100 days.
fn bare_lane() -> Scenario {
    scenario(&lane_cut_for(uniform(20.0, 100.0)).site("plant", sector("part", 0.0, "good", 1.0)))
}

fn scenario(source: &(impl Source + ?Sized)) -> Scenario {
    source.scenario().unwrap_or_else(|e| panic!("{e}"))
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
    let scenario = bare_lane();
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
    let scenario = scenario(&lane_cut_for(exponential(40.0)));
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
    let tables =
        lane().rules(Rules::new().aware_of_controls(false)).site("plant", sector("part", 0.0, "good", 1.0));
    let scenario = scenario(&tables);
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

#[test]
fn any_quantile_and_any_amount_can_be_aimed_at() {
    // The loss is the duration, uniform from 20 to 100 times the factor.
    let scenario = bare_lane();
    let variable = || Variable::factor("controls.cut.duration_days", 0.5, 2.0);
    for (name, value) in [("JP.output.p97.5", 98.0), ("JP.output.over_60", 0.5)] {
        let found = solve(&scenario, Target::new(name, value).within(0.02 * value), variable(), 400);
        let [solution] = found.found.as_slice() else { panic!("{name}: {found:?}") };
        assert!((solution.value - 1.0).abs() < 0.1, "{name}: {solution:?}");
        assert!(solution.interval.is_some_and(|i| i.contains(solution.statistic)), "{name}: {solution:?}");
    }
}
