//! Which assumptions go with several statistics, by draws from their priors.

use super::{COVER, MEAN, lane, lane_cut_for, scenario};
use crate::chains::same;
use crate::common::head;
use crate::parts::{Build, control, maker, sector, uniform};
use crate::small::SMALL;
use supplyshock::draw::{Bounds, Distribution, Stream};
use supplyshock::scenario::Link;
use supplyshock::study::{Calibration, CalibrationError, Posterior, Target, Variable};
use supplyshock::{Error, Scenario};

/// Two plants in a row, whose covers are drawn from a prior; of the last, `90 − a − b` days are lost.
fn two_covers() -> Scenario {
    let tables = head(1, 400)
        .goods(["part", "piece", "good"])
        .site("mine", maker("CN", "part"))
        .site("first", sector("part", 10.0, "piece", 0.0).value_added_per_unit(0))
        .site("last", sector("piece", 10.0, "good", 1.0))
        .link("mine>first:part", Link::new(7).surge_limit(1))
        .link("first>last:piece", Link::new(7).surge_limit(1))
        .control("cut", control(100.0, 90.0, 1.0));
    scenario(&tables)
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
    let scenario = scenario(&lane_cut_for(uniform(80.0, 100.0)));
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
