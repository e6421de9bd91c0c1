//! Scenarios side by side: differences by trial, their intervals, and the program that prints them.

mod program;

use crate::chains::same;
use crate::common::{compile, head};
use crate::parts::{Build, control, exponential, maker, sector};
use crate::small::{SMALL, changed, small};
use supplyshock::run::{Component, Subject};
use supplyshock::scenario::{Link, Party};
use supplyshock::{Comparison, Ensemble, Error, LossDistribution, Model, Outcome, Scenario};

/// Normal quantile of a two-sided test with a false alarm in a million.
const Z: f64 = 4.8916;

fn run(model: &Model, trials: u64) -> Outcome {
    Ensemble::new(model).trials(trials).seed(5).run().expect("runs")
}

fn flagship(name: &str) -> Model {
    Scenario::load(format!("../scenarios/{name}.toml")).and_then(|s| s.compile()).expect("it compiles")
}

/// Labels of two outcomes that are compared.
fn labels(comparison: &Comparison<'_>) -> [String; 2] {
    let labels: Vec<String> = comparison.labels().map(str::to_owned).collect();
    labels.try_into().expect("two scenarios")
}

fn pair<'r>(reference: &'r Outcome, other: &Outcome) -> Comparison<'r> {
    let mut comparison = Comparison::new(reference).expect("a reference");
    comparison.add(other).expect("it compares");
    comparison
}

#[test]
fn a_scenario_does_not_differ_from_itself_in_any_bit() {
    let model = compile(SMALL);
    let outcome = run(&model, 100);
    let comparison = pair(&outcome, &outcome);
    let [one, other] = labels(&comparison);
    assert_eq!((one.as_str(), other.as_str()), ("test.toml", "test.toml (2)"));
    for party in ["JP", "CN"] {
        for component in Component::ALL {
            let d = comparison.difference(&other, party, component).expect("a difference");
            let ci = d.mean_ci(0.95).expect("an interval");
            assert_eq!((d.mean(), ci.low, ci.high, d.p_less(), d.p_more()), (0.0, 0.0, 0.0, 0.0, 0.0));
            assert!(d.by_trial().values_sorted().iter().all(|x| *x == 0.0));
            if let Some(share) = d.share() {
                assert_eq!((share.value(), share.interval(0.95).map(|i| i.high)), (0.0, Some(0.0)));
            }
        }
    }
    assert!(comparison.difference(&other, "JP", Component::Output).expect("it").share().is_some());
    // A third of the same name has a label of its own, too.
    let mut three = comparison.clone();
    three.add(&outcome).expect("it compares");
    assert!(three.labels().eq(["test.toml", "test.toml (2)", "test.toml (3)"]));
}

#[test]
fn paired_intervals_are_narrower_and_lie_around_the_difference_of_the_means() {
    let models = ["japan_full_cut", "japan_full_cut_90_days", "japan_half_cut"].map(flagship);
    let [full, short, half] = models.each_ref().map(|model| run(model, 512));
    for (other, width) in [(&short, 0.95), (&half, 0.9)] {
        let comparison = pair(&full, other);
        let [one, label] = labels(&comparison);
        for party in models[0].parties() {
            for component in Component::ALL {
                let of = |label: &str| comparison.loss(label, party, component).expect("a loss");
                let (x, y) = (of(&label), of(&one));
                assert_eq!(*x, other.component(&Subject::Party(party.into()), component).expect("a loss"));
                let d = comparison.difference(&label, party, component).expect("a difference");
                let scale = x.mean().abs() + y.mean().abs() + x.std_dev() + y.std_dev();
                assert!((d.mean() - (x.mean() - y.mean())).abs() <= 1e-12 * scale, "{party}");
                let ci = d.mean_ci(0.95).expect("an interval");
                assert!(ci.contains(x.mean() - y.mean()) || scale == 0.0);
                if party == "JP" && component == Component::Output {
                    let error = |loss: &LossDistribution| loss.std_error().expect("trials");
                    let unpaired = error(x).hypot(error(y));
                    assert!(error(d.by_trial()) < width * unpaired, "{label}");
                    assert_eq!((d.p_less(), d.p_more()), (1.0, 0.0), "{label}");
                    let share = d.share().expect("a share");
                    same(share.value(), d.mean() / y.mean(), "share");
                    assert!(share.interval(0.95).is_some_and(|i| i.contains(d.mean() / y.mean())));
                }
            }
        }
    }
}

#[test]
fn the_interval_of_a_small_change_is_far_narrower_than_that_of_the_losses() {
    let (model, milder) = (compile(SMALL), changed(|draft| draft.set("controls.ban.severity", 0.79)));
    let (reference, other) = (run(&model, 400), run(&milder, 400));
    let comparison = pair(&reference, &other);
    let [one, label] = labels(&comparison);
    let error = |loss: &LossDistribution| loss.std_error().expect("trials");
    let of = |label: &str| error(comparison.loss(label, "CN", Component::Output).expect("a loss"));
    let d = comparison.difference(&label, "CN", Component::Output).expect("a difference");
    assert!(d.mean_ci(0.95).is_some_and(|i| i.high < 0.0), "less is barred");
    let paired = error(d.by_trial());
    assert!(20.0 * paired < of(&one).hypot(of(&label)), "{paired}, {} and {}", of(&one), of(&label));
}

#[test]
fn the_other_way_round_all_differences_change_their_sign() {
    let (model, other) =
        (compile(SMALL), changed(|draft| draft.set("sites.smelter.inputs.ore.cover_days", 60)));
    let (a, b) = (run(&model, 300), run(&other, 300));
    let (there, back) = (pair(&a, &b), pair(&b, &a));
    let label = &labels(&there)[1];
    let mut moved = 0;
    for party in ["JP", "CN"] {
        for component in Component::ALL {
            let x = there.difference(label, party, component).expect("a difference");
            let y = back.difference(label, party, component).expect("a difference");
            assert_eq!(x.mean(), -y.mean());
            let [p, q] = [x, y].map(|d| d.mean_ci(0.95).expect("an interval"));
            assert_eq!((p.low, p.high), (-q.high, -q.low));
            assert_eq!((x.p_less(), x.p_more()), (y.p_more(), y.p_less()));
            let turned: Vec<f64> = y.by_trial().values_sorted().iter().rev().map(|d| 0.0 - d).collect();
            assert_eq!(x.by_trial().values_sorted(), turned);
            moved += usize::from(x.mean() != 0.0);
        }
    }
    assert!(moved > 2, "only {moved} differ");
}

/// A plant that loses the cut beyond its cover, `(T − cover)⁺` days with `T` exponential, as in `statistics.rs`.
fn queue(cover: f64) -> Model {
    let tables = head(28, 1120)
        .goods(["part", "good"])
        .site("mine", maker("CN", "part"))
        .site("plant", sector("part", cover, "good", 1.0).value_added_per_unit(1e6))
        .link("mine>plant:part", Link::new(28).surge_limit(1))
        .control("cut", control(50.6, 0.0, 1.0).duration_days(exponential(20.0)));
    compile(&tables)
}

#[test]
fn the_paired_interval_covers_what_a_stock_is_worth_as_often_as_it_says() {
    // Means m e^(−cover/m) of the same T: the difference is that of the means, the share q − 1.
    let (mean, seeds, level) = (20.0_f64, 1000, 0.9);
    let worth = mean * ((-10.0 / mean).exp() - (-5.0 / mean).exp());
    let share = (-5.0 / mean).exp() - 1.0;
    let (small, large) = (queue(5.0), queue(10.0));
    let (mut covered, mut shares, mut unpaired) = (0.0, 0.0, 0.0);
    for seed in 0..seeds {
        let [a, b] = [&small, &large].map(|m| Ensemble::new(m).trials(200).seed(seed).run().expect("runs"));
        let comparison = pair(&a, &b);
        let label = &labels(&comparison)[1];
        let d = comparison.difference(label, "JP", Component::Output).expect("a difference");
        covered += f64::from(u8::from(d.mean_ci(level).is_some_and(|i| i.contains(worth * 1e6))));
        let of_share = d.share().and_then(|s| s.interval(level)).expect("a share");
        shares += f64::from(u8::from(of_share.contains(share)));
        let [x, y] = [&a, &b].map(|o| o.loss("JP").ok().and_then(|loss| loss.std_error()).expect("trials"));
        let error = x.hypot(y);
        // Were the draws not the same, the interval would have this error.
        unpaired += f64::from(u8::from((d.mean() - worth * 1e6).abs() <= 1.645 * error));
        if seed == 0 {
            let duration = |trial: u64| small.draw(0, trial)[0];
            let mut expected: Vec<f64> =
                (0..200).map(|t| (duration(t) - 10.0).max(0.0) - (duration(t) - 5.0).max(0.0)).collect();
            expected.sort_by(f64::total_cmp);
            for (found, expected) in d.by_trial().values_sorted().iter().zip(expected) {
                same(found / 1e6, expected, "a trial");
            }
        }
    }
    let n = seeds as f64;
    let bound = Z * (level * (1.0 - level) / n).sqrt();
    assert!((covered / n - level).abs() < bound, "the interval covers in {}", covered / n);
    assert!((shares / n - level).abs() < bound, "that of the share covers in {}", shares / n);
    assert!(unpaired / n > level + bound, "the unpaired one covers in only {}", unpaired / n);
}

#[test]
fn outcomes_that_do_not_belong_together_are_refused() {
    let model = compile(SMALL);
    let reference = run(&model, 20);
    let told = |other: Result<Outcome, Error>| {
        let mut comparison = Comparison::new(&reference).expect("a reference");
        let fault = comparison.add(&other.expect("runs")).expect_err("it should be refused");
        assert!(matches!(fault, Error::Comparison(_)), "{fault:?}");
        fault.to_string()
    };
    let of = |model| Ensemble::new(model).seed(5).threads(1);
    for (found, part) in [
        (told(of(&model).trials(19).run()), "they have 20 and 19 trials"),
        (told(of(&model).trials(20).seed(6).run()), "they have the seeds 5 and 6"),
        (told(of(&model).range(1..21).run()), "they ran different trials"),
    ] {
        assert!(found.contains(part), "`{part}` in: {found}");
    }
    // Parties are told all at once, and before a run.
    let renamed = changed(|draft| {
        draft.tables(|tables| {
            let china = tables.parties.shift_remove("CN").expect("it is there");
            tables.parties.insert("XX".to_owned(), china.countries(["CN", "MM", "XX"]));
        })
    });
    let before = Comparison::check([&model, &model, &renamed]).expect_err("it should be refused").to_string();
    assert_eq!(told(of(&renamed).trials(20).run()), before);
    for part in ["has no party `CN`", "has no party `XX`"] {
        assert_eq!(before.matches(part).count(), 1, "`{part}` in: {before}");
    }
    // So are currencies, which only the writer of a scenario can convert.
    let foreign = changed(|draft| draft.set("scenario.currency", "USD"));
    let before = Comparison::check([&model, &foreign]).expect_err("it should be refused").to_string();
    assert!(before.contains("their currencies are JPY and USD"), "{before}");
    assert_eq!(told(of(&foreign).trials(20).run()), before);
    // Names that are not there.
    let comparison = pair(&reference, &reference);
    let hint = |fault: Error| fault.to_string();
    let output = Component::Output;
    assert!(hint(comparison.loss("tset.toml", "JP", output).expect_err("none")).contains("did you mean"));
    assert!(
        hint(comparison.difference("test.toml", "JJ", output).expect_err("none")).contains("no party `JJ`")
    );
    assert!(hint(comparison.first_stop("test.toml", "mill").expect_err("none")).contains("`mill`"));
}

#[test]
fn what_a_scenario_has_not_is_left_open() {
    // Nothing is lost in the reference, so nothing can be a share of it; and the plants are not called the same.
    let calm = changed(|draft| draft.set("controls.ban.severity", 0).set("events.quake.severity", 0));
    let renamed = changed(|draft| {
        draft.tables(|tables| {
            let rename = |id: String| id.replace(">cars:", ">autos:");
            let links = std::mem::take(&mut tables.links);
            tables.links = links.into_iter().map(|(id, link)| (rename(id), link)).collect();
            let cars = tables.sites.shift_remove("cars").expect("it is there");
            tables.sites.insert("autos".to_owned(), cars);
        })
    });
    let (reference, other) = (run(&calm, 50), run(&renamed, 50));
    let comparison = pair(&reference, &other);
    let [one, label] = labels(&comparison);
    let d = comparison.difference(&label, "JP", Component::Output).expect("a difference");
    assert!(d.share().is_none() && d.p_more() > 0.5, "{}", d.p_more());
    assert_eq!(comparison.first_stop(&label, "cars").expect("a sector of the reference"), None);
    let stop = comparison.first_stop(&one, "cars").expect("a sector").expect("it is there");
    assert_eq!((stop.share, &stop.days), (0.0, &None));
    let back = pair(&other, &reference);
    let stop = back.first_stop(&one, "autos").expect("a sector").expect("it is there");
    let days = other.first_stops("autos").expect("a sector");
    let finite: Vec<f64> = days.iter().copied().filter(|d| d.is_finite()).collect();
    assert_eq!(stop.share, finite.len() as f64 / 50.0);
    assert_eq!(stop.days.as_ref().expect("days").trials(), finite.len());
    let text = comparison.report();
    assert!(text.contains(&one) && text.contains(&label), "{text}");
}

#[test]
fn a_party_without_a_loss_has_no_ratio_and_no_share() {
    let with_third = |severity: f64| {
        let draft = small().edit().set("controls.ban.severity", severity);
        let draft = draft.tables(|tables| {
            tables.parties.insert("XX".to_owned(), Party::new(1e14));
        });
        draft.finish().and_then(|s| s.compile()).expect("it compiles")
    };
    let model = with_third(0.8);
    let outcome = run(&model, 30);
    let (ratio, interval) = outcome.ratio("JP", "XX", Component::Output, 0.95).expect("no error");
    assert!(ratio.is_nan() && interval.is_none(), "{ratio}");
    let summary = supplyshock::report::summary(&outcome).expect("a summary");
    assert!(summary["ratios"]["XX"]["output"].is_null() && summary["ratios"]["XX"]["output_ci"].is_null());
    let milder = with_third(0.4);
    let other = run(&milder, 30);
    let comparison = pair(&outcome, &other);
    let label = &labels(&comparison)[1];
    assert!(comparison.difference(label, "XX", Component::Total).expect("a difference").share().is_none());
    assert!(comparison.json()["scenarios"][1]["parties"]["XX"]["total"]["difference"]["share"].is_null());
}
