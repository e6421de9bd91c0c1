//! What the crate offers, with arguments that nobody means.

use super::{Fate, asked};
use arbitrary::{Arbitrary, Result, Unstructured};
use std::hint::black_box;
use std::sync::OnceLock;
use supplyshock::draw::{Bounds, Distribution, Stream, normal_cdf, normal_quantile};
use supplyshock::run::{Budget, Component, Subject};
use supplyshock::scenario::Date;
use supplyshock::stats::{
    CondensedLosses, Difference, ExactSum, Fit, LossDistribution, QuantileSketch, Ranks, Ratio,
    clopper_pearson, rank_correlation,
};
use supplyshock::step::reference::Trial;
use supplyshock::study::Statistic;
use supplyshock::{Ensemble, Model, Outcome, Scenario};

/// A plant behind a lane that is barred for a while.
const SCENARIO: &str = r#"
scenario = { title = "one lane", currency = "EUR" }
time = { start = 2026-01-01, step_days = 7, horizon_days = 140 }
commodities = { ore = { unit = "t" }, lamp = { unit = "EUR" } }
parties = { A = { gdp_per_year = 1e9, countries = ["A", "B"] } }

[sites]
mine = { country = "B", stage = "mine", outputs.ore = {} }

[sites.plant]
country = "A"
stage = "sector"
value_added_per_unit = 0.3
inputs.ore = { use_per_unit = 2, cover_days = { uniform = { low = 0, high = 60 } } }
outputs.lamp = { final_demand_per_year = 365 }

[links]
"mine>plant:ore" = { lead_time_days = 7, surge_limit = 1 }

[controls]
ban = { exporters = ["B"], importers = ["A"], onset_days = 10, duration_days = 50 }
"#;

/// A model and an outcome of it.
pub fn known() -> &'static (Model, Outcome) {
    static KNOWN: OnceLock<(Model, Outcome)> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let model = Scenario::parse("lane", SCENARIO).and_then(|s| s.compile()).expect("it compiles");
        let outcome = Ensemble::new(&model).trials(20).keep_paths_of([3]).run().expect("it runs");
        (model, outcome)
    })
}

/// Whatever it is called with, a function gives a value or an error.
pub fn api(bytes: &[u8]) -> Fate {
    let u = &mut Unstructured::new(bytes);
    let tried = match u.int_in_range(0..=4) {
        Ok(0) => of_losses(u),
        Ok(1) => of_distributions(u),
        Ok(2) => of_runs(u),
        Ok(3) => of_outcomes(u),
        _ => of_texts(u),
    };
    if tried.is_ok() { Fate::Ran } else { Fate::Refused }
}

/// Numbers as arithmetic likes them least, or any others.
fn number(u: &mut Unstructured<'_>) -> Result<f64> {
    Ok(match u.int_in_range(0..=15)? {
        0 => f64::NAN,
        1 => f64::INFINITY,
        2 => f64::NEG_INFINITY,
        3 => f64::MAX,
        4 => f64::MIN_POSITIVE / 4.0,
        5 => -0.0,
        6 => 1e24,
        7..=10 => f64::from(i8::arbitrary(u)?),
        11..=13 => f64::from(u8::arbitrary(u)?) / 255.0,
        _ => f64::arbitrary(u)?,
    })
}

fn numbers(u: &mut Unstructured<'_>) -> Result<Vec<f64>> {
    (0..u.int_in_range(0..=40)?).map(|_| number(u)).collect()
}

fn count(u: &mut Unstructured<'_>) -> Result<u64> {
    Ok(match u.int_in_range(0..=7)? {
        0 => u64::MAX,
        1 => 1 << 63,
        2 => 1 << 32,
        3..=6 => u8::arbitrary(u)?.into(),
        _ => u64::arbitrary(u)?,
    })
}

fn of_losses(u: &mut Unstructured<'_>) -> Result<()> {
    let (values, others, negligible) = (numbers(u)?, numbers(u)?, number(u)?);
    let [q, level, x] = [number(u)?, number(u)?, number(u)?];
    let points = count(u)? as usize;
    let mut condensed = CondensedLosses::new(negligible);
    let mut sketch = QuantileSketch::new(negligible);
    let mut sum = ExactSum::default();
    sum.add_row(&values);
    let _ = black_box((sum.value(), sum.rejected()));
    if let (Ok(condensed), Ok(sketch)) = (&mut condensed, &mut sketch) {
        condensed.add_row(&values);
        sketch.add_row(&others);
        let _ = black_box((sketch.quantile(q), condensed.count(), condensed.clone().merge(condensed)));
    }
    let kinds = [LossDistribution::new(values.clone(), negligible), condensed.and_then(|c| c.distribution())];
    for loss in kinds.iter().flatten() {
        asked::of_losses(loss);
        let _ = black_box((loss.quantile(q), loss.tvar(q), loss.quantile_ci(q, level), loss.mean_ci(level)));
        let _ = black_box((loss.p_exceeds(x), loss.p_exceeds_ci(x, level)));
        let curve = loss.exceedance_curve(points);
        assert!(curve.is_sorted_by(|a, b| a.loss < b.loss && a.probability > b.probability), "{curve:?}");
    }
    if let Ok(difference) = Difference::new(&values, &others, negligible) {
        let _ = black_box((difference.mean(), difference.mean_ci(level), difference.share()));
        let _ = black_box((difference.p_less(), difference.p_more()));
    }
    let ratio = Ratio::new(&values, &others).map(|ratio| (ratio.value(), ratio.interval(level)));
    let ranks = Ranks::new(&values).correlation(&Ranks::new(&others));
    let _ = black_box((ratio, ranks, rank_correlation(&values, &others)));
    let ci = clopper_pearson(count(u)?, count(u)?, level);
    assert!(
        ci.low.partial_cmp(&ci.high) != Some(std::cmp::Ordering::Greater),
        "from {} to {}",
        ci.low,
        ci.high
    );
    let counts: Vec<u64> = (0..others.len()).map(|_| count(u)).collect::<Result<_>>()?;
    let _ = black_box(Fit::of_counts(&counts, &others));
    Ok(())
}

fn of_distributions(u: &mut Unstructured<'_>) -> Result<()> {
    let [a, b, c, d] = [number(u)?, number(u)?, number(u)?, number(u)?];
    let bound = |x: f64| (!x.is_nan()).then_some(x);
    let bounds = Bounds { low: bound(c), high: bound(d) };
    let (values, weights) = (numbers(u)?, numbers(u)?);
    let all = [
        Distribution::constant(a),
        Distribution::uniform(a, b),
        Distribution::triangular(a, b, c),
        Distribution::pert(a, b, c),
        Distribution::beta(a, b, c, d),
        Distribution::normal(a, b, bounds),
        Distribution::log_normal(a, b, bounds),
        Distribution::gamma(a, b),
        Distribution::weibull(a, b),
        Distribution::exponential(a),
        Distribution::discrete(&values, &weights),
        Distribution::empirical(&values),
    ];
    let x = number(u)?;
    for distribution in all.iter().flatten() {
        let (low, high) = distribution.support();
        assert!(low <= high && distribution.mean().is_finite(), "{distribution:?}");
        for q in [0.0, 2_f64.powi(-53), 0.3, 0.5, 1.0 - 2_f64.powi(-53), 1.0] {
            let value = distribution.quantile(q);
            assert!(low <= value && value <= high, "{distribution:?}: {value} at {q}");
        }
        let p = distribution.cumulative(x);
        assert!(x.is_nan() || (0.0..=1.0).contains(&p), "{distribution:?}: {p} below {x}");
        let _ = black_box(distribution.quantile(x));
    }
    let _ = black_box((normal_cdf(a), normal_quantile(a)));
    Ok(())
}

fn of_runs(u: &mut Unstructured<'_>) -> Result<()> {
    let (model, _) = known();
    let (first, number, seed) = (count(u)?, count(u)?, count(u)?);
    let mut ensemble = Ensemble::new(model)
        .range(first..first.saturating_add(number))
        .seed(seed)
        .budgets([Budget::Memory(16 << 20), Budget::Operations(1e5)])
        .keep_paths_of([first, seed, u64::MAX]);
    if bool::arbitrary(u)? {
        ensemble = ensemble.condensed();
    }
    let _ = black_box((ensemble.check_range(), ensemble.estimate()));
    let _ = black_box(ensemble.clone().threads(count(u)? as usize).estimate());
    if let Ok(outcome) = ensemble.run() {
        asked::sound(&outcome);
        asked::everything(&outcome);
    }
    let _ = black_box((model.draw(seed, first), Trial::new(model, seed, first).map(|mut trial| trial.run())));
    let _ = black_box(model.trial(seed, first));
    let stream = Stream::new(seed, "any");
    let x = stream.uniform(first, number);
    assert!(x > 0.0 && x < 1.0, "{x}");
    Ok(())
}

fn of_outcomes(u: &mut Unstructured<'_>) -> Result<()> {
    let (model, outcome) = known();
    let (start, end) = (count(u)? as usize, count(u)? as usize);
    let _ = black_box((outcome.draws_of(start..end), outcome.path_of(count(u)?)));
    let (x, level) = (number(u)?, number(u)?);
    let _ = black_box(outcome.path("A").map(|path| path[0].quantile(x)));
    let _ = black_box(outcome.ratio("A", "A", Component::Total, level));
    let id = <&str>::arbitrary(u)?;
    let party = Subject::Party(id.to_owned());
    let _ = black_box((outcome.loss(id), outcome.values(&party), outcome.stops(id), outcome.negligible(id)));
    let _ = black_box((outcome.path(id), outcome.index_of(id, Component::Output), outcome.labels().site(id)));
    let _ = black_box(Ensemble::new(model).trials(1).keep_sites([id]).run());
    let scenario = Scenario::parse("lane", SCENARIO).expect("it stands");
    let _ = black_box(scenario.edit().set(id, x).finish());
    let _ = black_box(scenario.edit().scale("sites.plant.value_added_per_unit", x).finish());
    let _ = black_box((scenario.edit().remove(id).finish(), scenario.assumption(id)));
    let set = scenario.edit().set("controls.ban.duration_days", x).finish().and_then(|s| s.compile());
    if let Ok(outcome) = set.and_then(|m| Ensemble::new(&m).trials(2).run()) {
        asked::sound(&outcome);
    }
    Ok(())
}

fn of_texts(u: &mut Unstructured<'_>) -> Result<()> {
    let (_, outcome) = known();
    let [a, b] = [0; 2].map(|_| (u16::arbitrary(u), u8::arbitrary(u), u8::arbitrary(u)));
    let dates = [a, b].map(|(year, month, day)| {
        let date = Date::new(year.unwrap_or_default(), month.unwrap_or_default(), day.unwrap_or_default());
        (date.is_valid(), date)
    });
    let _ = black_box((dates[0].0, dates[0].1.days_since(dates[1].1), dates[1].1.to_string()));
    let text = <&str>::arbitrary(u)?;
    if let Ok(statistic) = text.parse::<Statistic>() {
        let shown = statistic.to_string();
        assert_eq!(shown.parse().as_ref(), Ok(&statistic), "{shown}");
        let _ = black_box(outcome.statistic(&statistic));
    }
    for at in ["A.output.", "first_stop.plant.", "insurer."] {
        if let Ok(statistic) = format!("{at}{text}").parse::<Statistic>() {
            let shown = statistic.to_string();
            assert_eq!(shown.parse().as_ref(), Ok(&statistic), "{shown}");
            let _ = black_box(outcome.statistic(&statistic));
        }
    }
    if let Ok(budget) = text.parse::<Budget>() {
        assert!(!budget.to_string().is_empty());
    }
    Ok(())
}
