//! Samplers of the caller's: their luck, what they can be asked for, and what becomes of bad values.

use crate::common::{Source, head};
use crate::parts::{Build, exponential, industry, uniform};
use crate::small::{changed, small};
use supplyshock::draw::rand::RngExt as _;
use supplyshock::draw::{Distribution, DistributionError, Sampler, Stream, rand, rand_distr};
use supplyshock::run::Subject;
use supplyshock::scenario::{Correlation, Leaf, Outage, Recovery, RecoveryTime, Tables};
use supplyshock::{Ensemble, Error, Model};

const NEED: &str = "assumptions.need";
const DURATION: &str = "controls.ban.duration_days";

/// The small scenario, in which a sampler draws the figure at a path.
fn with(path: &str, sampler: Sampler) -> Model {
    changed(|draft| draft.set(path, Leaf::from(sampler)))
}

fn pert() -> rand_distr::Pert<f64> {
    rand_distr::Pert::new(0.2, 0.5).with_mode(0.3).expect("a distribution")
}

fn need() -> Sampler {
    Sampler::new("need", 1, pert()).within(0.2, 0.5).expect("bounds")
}

fn drawn(model: &Model, name: &str, trial: u64) -> f64 {
    let place = model.drawn().position(|n| n == name).expect("it is drawn");
    model.draw(7, trial)[place]
}

fn run(model: &Model, trials: std::ops::Range<u64>, threads: usize) -> supplyshock::Outcome {
    Ensemble::new(model).range(trials).seed(7).threads(threads).run().unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn a_leaf_draws_what_its_own_stream_feeds_the_sampler() {
    let (model, plain) = (with(NEED, need()), small().compile().expect("a model"));
    let stream = Stream::new(7, NEED);
    for trial in [0, 1, 31, 32, 1_000_000] {
        let value: f64 = stream.rng(trial).sample(pert());
        assert_eq!(drawn(&model, NEED, trial), value);
        // All others keep their luck.
        assert_eq!(drawn(&model, DURATION, trial), drawn(&plain, DURATION, trial));
    }
    let outcome = run(&model, 0..70, 1);
    let column = outcome.labels().drawn().iter().position(|n| n == NEED).expect("it is drawn");
    for (trial, row) in (0..).zip(outcome.draws().expect("trials are kept").rows()) {
        assert_eq!(row[column], drawn(&model, NEED, trial));
    }
}

#[test]
fn a_sampler_has_the_same_luck_in_every_variant_and_on_any_threads() {
    let scenario = small().edit().set(NEED, Leaf::from(need())).finish().expect("it fits");
    let milder = scenario.edit().set("controls.ban.severity", Leaf::number(0.4)).finish().expect("it fits");
    let (model, milder) = (scenario.compile().expect("a model"), milder.compile().expect("a model"));
    for trial in 0..50 {
        assert_eq!(drawn(&model, NEED, trial), drawn(&milder, NEED, trial));
    }
    let whole = run(&model, 0..70, 1);
    assert_eq!(run(&model, 0..70, 3).digest(), whole.digest());
    let merged = run(&model, 33..70, 2).merge(run(&model, 0..33, 1)).expect("they fit");
    assert_eq!(merged.digest(), whole.digest());
    let losses = whole.values(&Subject::Party("JP".into())).expect("the party");
    assert!(losses.iter().any(|loss| *loss != losses[0]), "nothing varies");
}

#[test]
fn a_quantile_function_gives_the_bits_of_the_distribution_that_it_is_of() {
    let triangular = Distribution::triangular(0.2, 0.3, 0.5).expect("a distribution");
    let same = Sampler::by_quantile("need", 1, move |u| triangular.quantile(u)).within(0.2, 0.5);
    let (model, plain) = (with(NEED, same.expect("bounds")), small().compile().expect("a model"));
    assert_eq!(run(&model, 0..64, 1).digest(), run(&plain, 0..64, 1).digest());
}

/// A plant that stands still at random.
fn outages() -> Tables {
    head(1, 200)
        .goods(["good"])
        .assumption("a", uniform(1.0, 2.0))
        .assumption("b", uniform(1.0, 2.0))
        .site("x", industry("good", 1.0))
        .outage("o", Outage::new(["x"], exponential(20.0), 5))
}

#[test]
fn a_figure_that_is_drawn_anew_has_a_generator_for_each_time() {
    let scenario = outages().scenario().expect("it has no problem");
    let exponential = rand_distr::Exp::new(0.05).expect("a rate");
    let sampler = Sampler::new("up", 1, exponential).within(0.0, f64::INFINITY).expect("bounds");
    let model = scenario.edit().set("outages.o.up_days", Leaf::from(sampler)).finish().expect("it fits");
    let model = model.compile().expect("a model");
    let outcome = run(&model, 0..40, 1);
    let stops = outcome.stops("x").expect("a sector");
    let stream = Stream::new(7, "outages.o.up_days");
    let mut counted = 0;
    for trial in 0..40_u64 {
        // Days without work within the horizon: 5 from each outage on.
        let (mut day, mut down) = (0.0, 0.0);
        for index in 0.. {
            let up: f64 = stream.rng_at(trial, index).sample(exponential);
            day += up;
            if day >= 200.0 {
                break;
            }
            down += f64::min(5.0, 200.0 - day);
            day += 5.0;
            counted += 1;
        }
        let lost = outcome.values(&Subject::Sector("x".into())).expect("a sector")[trial as usize];
        assert!((lost - down).abs() < 1e-9, "trial {trial}: {lost} for {down}");
    }
    assert!(counted > 100 && stops.days.iter().any(|days| *days > 0.0));
}

#[test]
fn a_generator_cannot_be_correlated_and_a_quantile_function_can() {
    let outage = Outage::new(["x"], exponential(20.0), Leaf::assumption("a"))
        .severity(0.5)
        .recovery(Recovery::Linear(RecoveryTime::new(Leaf::assumption("b"))));
    let scenario = outages()
        .outage("o", outage)
        .correlation("c", Correlation::new(["assumptions.a", "assumptions.b"]).rank(0.8))
        .scenario()
        .unwrap_or_else(|e| panic!("{e}"));
    let uniform = rand::distr::Uniform::new(1.0, 2.0).expect("a range");
    let fed = Sampler::new("fed", 4, uniform).within(1.0, 2.0).expect("bounds");
    let fault =
        scenario.edit().set("assumptions.b", Leaf::from(fed)).finish().expect_err("it has no quantiles");
    let Error::Scenario(problems) = &fault else { panic!("{fault}") };
    assert_eq!(problems.as_slice().len(), 1);
    for part in ["correlations.c.between.1", "`fed`, version 4, has no quantile function", "by_quantile"] {
        assert!(fault.to_string().contains(part), "`{part}` in: {fault}");
    }
    let own = Sampler::by_quantile("own", 1, |u| 1.0 + u * u).within(1.0, 2.0).expect("bounds");
    let model = scenario.edit().set("assumptions.b", Leaf::from(own)).finish().expect("it can be correlated");
    let model = model.compile().expect("a model");
    let column = |name: &str| (0..4000).map(|trial| drawn(&model, name, trial)).collect::<Vec<_>>();
    let found = supplyshock::stats::rank_correlation(&column("assumptions.a"), &column("assumptions.b"));
    assert!((found - 0.8).abs() < 0.03, "{found}");
}

#[test]
fn a_value_that_was_not_promised_ends_the_run_with_the_trial() {
    // One in 80 draws is above 0.49.
    let wide = Sampler::new("wide", 2, rand::distr::Uniform::new(0.0, 0.495).expect("a range"));
    let model = with(NEED, wide.within(0.0, 0.49).expect("bounds"));
    let first = (0..).find(|&trial| drawn(&model, NEED, trial) > 0.49).expect("one");
    assert!(first > 0);
    for threads in [1, 3] {
        let fault =
            Ensemble::new(&model).trials(2000).seed(7).threads(threads).run().expect_err("it is refused");
        let Error::Baseline { trial, .. } = &fault else { panic!("{fault}") };
        assert_eq!(*trial, Some(first));
        for part in [NEED, "`wide`, version 2, gave 0.49", "from 0 to 0.49", "correct the sampler"] {
            assert!(fault.to_string().contains(part), "`{part}` in: {fault}");
        }
    }
    // Trials outside of the range do not count.
    assert!(Ensemble::new(&model).range(0..first).seed(7).run().is_ok());

    // Nor does a value that is no number get anywhere, where it is drawn anew.
    let scenario = outages().scenario().expect("it has no problem");
    let bad = Sampler::by_quantile("bad", 1, |u| if u < 0.99 { 10.0 } else { f64::NAN });
    let bad = bad.within(0.0, 10.0).expect("bounds");
    let model = scenario.edit().set("outages.o.up_days", Leaf::from(bad)).finish().expect("it fits");
    let fault =
        Ensemble::new(&model.compile().expect("a model")).trials(64).run().expect_err("it is refused");
    assert!(
        fault.to_string().contains("`outages.o.up_days`: the sampler `bad`, version 1, gave NaN"),
        "{fault}"
    );
}

#[test]
fn a_domain_needs_a_promise() {
    let fault = small().edit().set(NEED, Leaf::from(Sampler::new("need", 1, pert()))).finish();
    let fault = fault.expect_err("a share from -inf to inf").to_string();
    for part in ["sites.cars.inputs.metal.criticality", "from -inf to inf", "give bounds"] {
        assert!(fault.contains(part), "`{part}` in: {fault}");
    }
}

#[test]
fn a_factor_multiplies_every_draw() {
    let scenario = small().edit().set(NEED, Leaf::from(need())).finish().expect("it fits");
    let scaled = scenario.edit().scale(NEED, 0.5).finish().expect("it fits");
    assert_eq!(
        scaled.assumption(NEED).expect("it is there").leaf.to_string(),
        "0.5 * need, version 1, within [0.1, 0.25]"
    );
    let (model, half) = (scenario.compile().expect("a model"), scaled.compile().expect("a model"));
    for trial in 0..20 {
        assert_eq!(drawn(&half, NEED, trial), 0.5 * drawn(&model, NEED, trial));
    }
    let none = scenario.edit().scale(NEED, 0.0).finish().expect("it fits");
    assert_eq!(none.assumption(NEED).expect("it is there").leaf.as_number(), Some(0.0));
}

#[test]
fn a_leaf_is_known_by_the_name_and_version_of_its_sampler() {
    assert_eq!(Leaf::from(need()), Leaf::from(need()));
    let next = Sampler::new("need", 2, pert()).within(0.2, 0.5).expect("bounds");
    assert_ne!(Leaf::from(need()), Leaf::from(next));
    let fault = need().quantile(0.5).expect_err("it has none");
    assert!(matches!(fault, DistributionError::NoQuantile { version: 1, .. }), "{fault}");
}
