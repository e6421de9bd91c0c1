//! Calibrations that cannot be made, and the reasons that are given.

use super::{MEAN, scenario};
use crate::small::SMALL;
use supplyshock::Error;
use supplyshock::study::{Calibration, Target, Variable};

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
        ("JP.output.mean=inf", severity, 0.1, 1.0, &["`inf` is not a number: write it as"]),
        ("JP.output.mean=1+-0", severity, 0.1, 1.0, &["a tolerance of 0 is none"]),
        ("JP.output.mean=1+-nan", severity, 0.1, 1.0, &["`nan` is not a number"]),
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
