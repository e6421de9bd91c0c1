//! Statistics by name: every number of the summary, with the same value and interval.

use crate::common::compile;
use crate::small::SMALL;
use serde_json::Value;
use std::collections::BTreeMap;
use supplyshock::run::Component;
use supplyshock::study::{Estimate, LEVEL, Measure, Statistic};
use supplyshock::{Ensemble, Error, Outcome, Scenario, report};

/// Entries of the summary that say what was run, and how fast.
const SETTINGS: [&str; 6] = ["trials", "seed", "relative_error", "threads", "network", "timing"];

fn outcomes() -> Vec<Outcome> {
    let mut all = vec![Ensemble::new(&compile(SMALL)).trials(60).seed(3).run().expect("runs")];
    for name in ["mechanism_prepayment", "mechanism_price_response", "japan_full_cut"] {
        let model = Scenario::load(format!("../scenarios/{name}.toml"))
            .and_then(|s| s.compile())
            .unwrap_or_else(|e| panic!("{e}"));
        all.push(Ensemble::new(&model).trials(64).seed(3).run().expect("runs"));
    }
    all.push(Ensemble::new(&compile(SMALL)).trials(60).seed(3).condensed().run().expect("runs"));
    all
}

/// Every number and null of the summary, with the interval beside it, by the way to it.
fn numbers(name: &str, value: &Value, out: &mut BTreeMap<String, (f64, Option<[f64; 2]>)>) {
    match value {
        Value::Object(entries) => {
            for (key, inner) in entries {
                let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                numbers(&name, inner, out);
                let ends = entries.get(&format!("{key}_ci")).and_then(Value::as_array);
                let ends = ends.and_then(|ends| Some([ends[0].as_f64()?, ends[1].as_f64()?]));
                if let (Some(ends), Some((_, interval))) = (ends, out.get_mut(&name)) {
                    *interval = Some(ends);
                }
            }
        }
        Value::Number(x) => {
            out.insert(name.to_owned(), (x.as_f64().expect("a number"), None));
        }
        Value::Null => {
            out.insert(name.to_owned(), (f64::NAN, None));
        }
        _ => {}
    }
}

fn of_summary(outcome: &Outcome) -> BTreeMap<String, (f64, Option<[f64; 2]>)> {
    let summary = report::summary(outcome).expect("a summary");
    let mut out = BTreeMap::new();
    for (key, value) in summary.as_object().expect("a table") {
        match key.as_str() {
            "parties" => numbers("", value, &mut out),
            key if SETTINGS.contains(&key) || key.ends_with("_ci") => {}
            // Nobody pays ahead, or the digest of a run is none.
            "insurer" | "digest" if value.is_null() => {}
            // A lane that is not told has no number either.
            key => numbers(key, value, &mut out),
        }
    }
    // Nor has an interval of its own.
    out.retain(|name, (x, _)| !(x.is_nan() && name.ends_with(".lane") || name.ends_with("_ci")));
    out
}

fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

#[test]
fn every_number_of_the_summary_is_a_statistic_of_the_outcome() {
    let mut kinds = std::collections::BTreeSet::new();
    for outcome in outcomes() {
        let summary = of_summary(&outcome);
        assert!(summary.len() > 100);
        for (name, (value, interval)) in &summary {
            let statistic: Statistic = name.parse().unwrap_or_else(|e| panic!("{e}"));
            let Estimate { value: found, interval: found_interval } =
                outcome.statistic(&statistic).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert!(same(found, *value), "{name}: {found} for {value}");
            if let Some(ends) = interval {
                let found = found_interval.unwrap_or_else(|| panic!("{name} has an interval"));
                assert!(same(found.low, ends[0]) && same(found.high, ends[1]), "{name}: {found:?}");
            }
            kinds.insert(name.split('.').next().unwrap_or_default().to_owned());
        }
        // And the other way round: what is listed stands in the summary.
        for statistic in outcome.statistics() {
            let name = statistic.to_string();
            assert!(summary.contains_key(&name), "{name}");
            assert_eq!(name.parse::<Statistic>(), Ok(statistic));
        }
        let listed = outcome.statistics().len();
        let of_their_own = [".first.", ".line."];
        let is_twice = |name: &&String| {
            name.starts_with("stops.") && of_their_own.iter().any(|days| name.contains(days))
        };
        let twice = summary.keys().filter(is_twice).count();
        assert_eq!(listed + twice, summary.len());
    }
    for kind in ["JP", "sites", "first_stop", "limiting", "payments", "insurer", "ratios", "recovered_share"]
    {
        assert!(kinds.contains(kind), "no {kind} among {kinds:?}");
    }
}

#[test]
fn any_quantile_tail_and_amount_can_be_asked_for() {
    let outcome = Ensemble::new(&compile(SMALL)).trials(200).seed(3).run().expect("runs");
    let loss = outcome.loss("JP").expect("the party");
    let of = |name: &str| {
        let statistic = name.parse::<Statistic>().unwrap_or_else(|e| panic!("{e}"));
        outcome.statistic(&statistic).unwrap_or_else(|e| panic!("{e}"))
    };
    assert_eq!(of("JP.output.p97.5").value, loss.quantile(0.975));
    assert_eq!(of("JP.output.p97.5").interval, loss.quantile_ci(0.975, LEVEL));
    assert_eq!(of("JP.output.tvar_90").value, loss.tvar(0.9));
    let over = of("JP.output.over_1e7");
    assert_eq!((over.value, over.interval), (loss.p_exceeds(1e7), Some(loss.p_exceeds_ci(1e7, LEVEL))));
    let none = of("JP.output.p_zero");
    assert_eq!(none.value, loss.p_no_loss());
    assert!(none.interval.is_some_and(|i| i.low < none.value && none.value < i.high));
    // One trial says nothing of chance.
    let one = Ensemble::new(&compile(SMALL)).trials(1).seed(3).run().expect("runs");
    let party = "JP".to_owned();
    let mean = Statistic::Loss { party, component: Component::Output, measure: Measure::Mean };
    assert_eq!(one.statistic(&mean).expect("a value").interval, None);
}

#[test]
fn a_statistic_of_what_is_not_there_is_unknown_as_a_whole() {
    let outcome = Ensemble::new(&compile(SMALL)).trials(20).seed(3).run().expect("runs");
    for (name, hint) in [
        ("JQ.output.mean", "did you mean `JP.output.mean`?"),
        ("first_stop.car.share", "did you mean `first_stop.cars.share`?"),
        ("sites.mien.output.mean", "did you mean `sites.mine.output.mean`?"),
        ("ratios.JP.output", "did you mean `ratios.CN.output`?"),
        ("payments.JP.prepaid", "none of"),
        ("insurer.mean", "none of"),
        ("limiting.cars.mettle.share", "did you mean"),
    ] {
        let statistic: Statistic = name.parse().unwrap_or_else(|e| panic!("{e}"));
        let fault = outcome.statistic(&statistic).expect_err(name);
        assert!(matches!(fault, Error::Unknown { what: "statistic", .. }), "{fault}");
        for part in [name, hint] {
            assert!(fault.to_string().contains(part), "`{part}` in: {fault}");
        }
    }
    let condensed = Ensemble::new(&compile(SMALL)).trials(20).seed(3).condensed().run().expect("runs");
    let ratio: Statistic = "ratios.CN.output".parse().expect("a statistic");
    assert!(matches!(condensed.statistic(&ratio), Err(Error::Condensed { .. })));
}
