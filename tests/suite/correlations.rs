//! Draws that hang together: by how much, what each stays on its own, and what that does to a loss.
//!
//! Tests by chance have a false alarm in a million each.

use crate::common::{Source, compile, head};
use crate::extends::over;
use crate::parts::uniform;
use crate::small::{SMALL, problems};
use supplyshock::draw::{Bounds, Distribution, normal_cdf};
use supplyshock::run::Subject;
use supplyshock::scenario::{Commodity, Correlation, Leaf, Output, Reference, Site, Tables};
use supplyshock::step::reference::Trial;
use supplyshock::{Ensemble, Error, Model, Scenario};

const TRIALS: u64 = 20_000;
const SEED: u64 = 11;
/// Normal quantile of a two-sided test with a false alarm in a million.
const Z: f64 = 4.8916;
/// The same of the statistic of Kolmogorov and Smirnov, times the root of the trials: `√(ln(2/α)/2)`.
const KS: f64 = 2.6935;

fn normal() -> Leaf {
    Distribution::normal(100.0, 10.0, Bounds { low: Some(0.0), high: None }).expect("one").into()
}

fn skewed() -> Leaf {
    Distribution::log_normal(3.0, 1.0, Bounds::NONE).expect("one").into()
}

fn bounded() -> Leaf {
    Distribution::beta(0.5, 2.0, 0.0, 1.0).expect("one").into()
}

fn even() -> Leaf {
    uniform(0.0, 1.0)
}

/// Mines `m0`, `m1`, … with these values added.
fn mines<const N: usize>(values: [Leaf; N]) -> Tables {
    values.into_iter().enumerate().fold(head(7, 70), |tables, (k, value)| {
        let ore = Output::new().final_demand_per_year(1);
        let mine = Site::new("CN", "mine").value_added_per_unit(value).output(format!("ore{k}"), ore);
        tables.commodity(format!("ore{k}"), Commodity::new("t")).site(format!("m{k}"), mine)
    })
}

fn leaf(k: usize) -> String {
    format!("sites.m{k}.value_added_per_unit")
}

fn between<const N: usize>(mines: [usize; N]) -> Correlation {
    Correlation::new(mines.map(leaf))
}

/// Draws by path.
fn draws(model: &Model, trials: u64) -> std::collections::BTreeMap<String, Vec<f64>> {
    let by_trial: Vec<Vec<f64>> = (0..trials).map(|t| model.draw(SEED, t)).collect();
    let column = |d: usize| by_trial.iter().map(|values| values[d]).collect();
    model.drawn().enumerate().map(|(d, name)| (name.to_owned(), column(d))).collect()
}

/// Ranks, from 0, of values without ties.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    order.iter().enumerate().for_each(|(rank, &k)| ranks[k] = rank as f64);
    ranks
}

fn spearman(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len() as f64;
    let squares: f64 = ranks(a).iter().zip(ranks(b)).map(|(x, y)| (x - y) * (x - y)).sum();
    1.0 - 6.0 * squares / (n * (n * n - 1.0))
}

/// Fails where a measured rank correlation is further from `asked` than chance allows: Fisher's transform with the
/// standard error of Bonett and Wright (2000).
#[track_caller]
fn by_chance(measured: f64, asked: f64, trials: u64) {
    let error = ((1.0 + asked * asked / 2.0) / (trials as f64 - 3.0)).sqrt();
    let z = (measured.atanh() - asked.atanh()) / error;
    assert!(z.abs() < Z, "{measured} is {z} standard errors from {asked}");
}

#[test]
fn draws_have_the_rank_correlation_that_is_asked_whatever_they_follow() {
    for rank in [-0.9, -0.3, 0.2, 0.6, 0.95] {
        for pair in [[0, 1], [0, 2], [1, 2]] {
            let model =
                compile(&mines([normal(), skewed(), bounded()]).correlation("x", between(pair).rank(rank)));
            let drawn = draws(&model, TRIALS);
            by_chance(spearman(&drawn[&leaf(pair[0])], &drawn[&leaf(pair[1])]), rank, TRIALS);
        }
    }
}

#[test]
fn a_matrix_gives_every_pair_its_own_and_entries_that_share_a_leaf_are_joined() {
    let matrix = [[1.0, 0.6, -0.4], [0.6, 1.0, 0.1], [-0.4, 0.1, 1.0]].map(Vec::from).to_vec();
    let tables = mines([normal(), skewed(), bounded(), even(), even()])
        .correlation("x", between([2, 0, 1]).matrix(matrix))
        .correlation("y", between([3, 1]).rank(0.5));
    let drawn = draws(&compile(&tables), TRIALS);
    let expected =
        [((2, 0), 0.6), ((2, 1), -0.4), ((0, 1), 0.1), ((3, 1), 0.5), ((3, 0), 0.0), ((3, 2), 0.0)];
    for ((a, b), rank) in expected {
        by_chance(spearman(&drawn[&leaf(a)], &drawn[&leaf(b)]), rank, TRIALS);
    }
    for other in 0..4 {
        by_chance(spearman(&drawn[&leaf(other)], &drawn[&leaf(4)]), 0.0, TRIALS);
    }
}

#[test]
fn every_draw_keeps_its_distribution() {
    let matrix = [[1.0, 0.9, 0.8], [0.9, 1.0, 0.7], [0.8, 0.7, 1.0]].map(Vec::from).to_vec();
    let tables = mines([even(), skewed(), normal()]);
    let model = compile(&tables.correlation("x", between([0, 1, 2]).matrix(matrix)));
    let drawn = draws(&model, TRIALS);
    let cdf: [fn(f64) -> f64; 3] =
        [|x| x, |x| normal_cdf((x / 3.0).ln()), |x| normal_cdf((x - 100.0) / 10.0)];
    for (k, cdf) in cdf.iter().enumerate() {
        let mut values = drawn[&leaf(k)].clone();
        values.sort_by(f64::total_cmp);
        let n = TRIALS as f64;
        let gap = |(i, x): (usize, &f64)| {
            let p = cdf(*x);
            f64::max((i + 1) as f64 / n - p, p - i as f64 / n)
        };
        let most = values.iter().enumerate().map(gap).fold(0.0, f64::max);
        assert!(most * n.sqrt() < KS, "draw {k} is off its distribution by {most}");
    }
}

#[test]
fn draws_wholly_tied_have_the_same_luck_or_the_opposite() {
    for rank in [1.0, -1.0] {
        let tables = mines([even(), even(), skewed()]);
        let tied = tables.clone().correlation("x", between([0, 1]).rank(rank));
        let drawn = draws(&compile(&tied), 2000);
        for (a, b) in drawn[&leaf(0)].iter().zip(&drawn[&leaf(1)]) {
            assert_eq!(*b, if rank > 0.0 { *a } else { 1.0 - a });
        }
        let drawn = draws(&compile(&tables.correlation("x", between([2, 0]).rank(rank))), 2000);
        assert_eq!(spearman(&drawn[&leaf(0)], &drawn[&leaf(2)]), rank);
    }
    let tables = mines([even(), even(), even(), even()]);
    let all = draws(&compile(&tables.correlation("x", between([0, 1, 2, 3]).rank(1))), 500);
    assert!((1..4).all(|k| all[&leaf(k)] == all[&leaf(0)]));
}

#[test]
fn the_first_leaf_and_those_outside_keep_every_bit() {
    let tables = mines([normal(), skewed(), bounded(), even()]);
    let with =
        |rank: f64| draws(&compile(&tables.clone().correlation("x", between([2, 0, 1]).rank(rank))), 500);
    let (plain, tied) = (draws(&compile(&tables), 500), with(0.7));
    assert_eq!(plain[&leaf(2)], tied[&leaf(2)]);
    assert_eq!(plain[&leaf(3)], tied[&leaf(3)]);
    for moved in [0, 1] {
        assert_ne!(plain[&leaf(moved)], tied[&leaf(moved)]);
    }
    assert_eq!(plain, with(0.0));
}

#[test]
fn a_leaf_that_is_given_a_number_leaves_the_others_their_luck() {
    let tables = mines([normal(), skewed(), bounded(), even()]);
    let scenario = tables.correlation("x", between([0, 1, 2]).rank(0.7)).scenario().expect("x");
    assert_eq!(scenario.warnings(), []);
    let fixed = scenario.edit().set(&leaf(0), 90.0).finish().expect("a number is no fault");
    let warnings: Vec<String> = fixed.warnings().iter().map(ToString::to_string).collect();
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].contains("correlations.x.between.0: `sites.m0.value_added_per_unit` is not drawn"));
    assert_eq!(fixed.edit().set(&leaf(0), 95.0).finish().expect("again").warnings().len(), 1);
    let (before, after) = (scenario.compile().expect("x"), fixed.compile().expect("x"));
    let (before, after) = (draws(&before, 300), draws(&after, 300));
    assert!(!after.contains_key(&leaf(0)));
    assert!((1..4).all(|k| before[&leaf(k)] == after[&leaf(k)]));
}

#[test]
fn a_file_laid_over_changes_removes_and_outlives_a_correlation() {
    let x =
        "[correlations.x]\nbetween = [\"assumptions.need\", \"controls.ban.duration_days\"]\nrank = 0.5\n";
    let folder = over(x);
    folder.write("next.toml", b"extends = \"over.toml\"\ncorrelations.x.rank = -1\n");
    folder.write("gone.toml", b"extends = \"over.toml\"\nremove = [\"correlation:x\"]\n");
    folder.write("fixed.toml", b"extends = \"over.toml\"\ncontrols.ban.duration_days = 90\n");
    let load = |name: &str| Scenario::load(folder.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
    let drawn = |name: &str| draws(&load(name).compile().expect("compiles"), 300);
    let (base, next) = (drawn("base.toml"), drawn("next.toml"));
    assert_eq!(spearman(&next["assumptions.need"], &next["controls.ban.duration_days"]), -1.0);
    assert_eq!(drawn("gone.toml"), base);
    assert_eq!(drawn("fixed.toml")["assumptions.need"], base["assumptions.need"]);
    let warnings = load("fixed.toml").warnings().to_vec();
    assert_eq!(warnings.len(), 1);
    assert_eq!((warnings[0].path.as_str(), warnings[0].line), ("correlations.x.between.1", 3));
}

#[test]
fn a_leaf_stands_for_the_assumption_it_refers_to_and_may_fall_as_that_rises() {
    let with = |times: f64| {
        let tables = mines([Reference::new("a").times(times).plus(1.0).into(), even()])
            .assumption("a", even())
            .correlation("x", between([1, 0]).rank(0.6));
        draws(&compile(&tables), TRIALS)
    };
    let (up, down) = (with(0.5), with(-0.5));
    by_chance(spearman(&up[&leaf(1)], &up["assumptions.a"]), 0.6, TRIALS);
    by_chance(spearman(&down[&leaf(1)], &down["assumptions.a"]), -0.6, TRIALS);
}

#[test]
fn correlations_that_cannot_all_hold_are_refused_or_give_way_to_the_nearest() {
    let asked = [[1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 1.0]].map(Vec::from).to_vec();
    let correlation = between([0, 1, 2]).matrix(asked);
    let with = |x| mines([even(), even(), even()]).correlation("x", x).scenario();
    let Err(Error::Scenario(found)) = with(correlation.clone()) else { panic!("they cannot hold") };
    let found = found.as_slice();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].path, "correlations.x");
    for words in ["sites.m0.value_added_per_unit, sites.m1.", "an eigenvalue of -0.4142"] {
        assert!(found[0].message().contains(words), "{}", found[0]);
    }
    assert!(found[0].help().as_deref().unwrap_or("").contains("nearest = true"));

    let scenario = with(correlation.nearest(true)).expect("the nearest holds");
    // Of Higham (2002): 0.7607 and 0.1573, as correlations of the normals behind the ranks.
    let rank = |r: f64| 6.0 / std::f64::consts::PI * (r / 2.0).asin();
    let (strong, weak) = (rank(0.7607), rank(0.1573));
    let warning = scenario.warnings()[0].to_string();
    assert!(warning.contains(&format!("by at most {:.4}", 1.0 - strong)), "{warning}");
    let drawn = draws(&scenario.compile().expect("compiles"), TRIALS);
    for ((a, b), rank) in [((0, 1), strong), ((1, 2), strong), ((0, 2), weak)] {
        by_chance(spearman(&drawn[&leaf(a)], &drawn[&leaf(b)]), rank, TRIALS);
    }
}

#[test]
fn what_is_drawn_anew_each_time_has_no_rank() {
    let scenario = Scenario::load("../scenarios/mechanism_outages.toml").expect("it loads");
    let outage = scenario.tables().outages.keys().next().expect("an outage");
    let leaves = ["up_days", "down_days"].map(|key| format!("outages.{outage}.{key}"));
    let tied = scenario.edit().tables(|tables| {
        tables.correlations.insert("x".to_owned(), Correlation::new(leaves.clone()).rank(0.5));
    });
    let error = tied.finish().expect_err("a fault").to_string();
    for leaf in leaves {
        assert!(error.contains(&format!("`{leaf}` is drawn anew each time")), "{error}");
    }
}

#[test]
fn every_fault_of_a_correlation_is_named() {
    let rows = r#"
        between = ["assumptions.need", "assumptions.nead"]; rank = 0.5 | x.between.1 | no figure `assumptions.nead` | did you mean `assumptions.need`?
        between = ["assumptions.need", "sites.cars.inputs.metal.criticality"]; rank = 0.5 | x.between.1 | drawn by `assumptions.need` | each draw once
        between = ["assumptions.need"]; rank = 0.5 | x.between | names 1 leaves | two or more
        between = ["assumptions.need", "controls.ban.duration_days"]; rank = 1.5 | x.rank | 1.5 is out of range | from −1 to 1
        between = ["assumptions.need", "controls.ban.duration_days"]; rank = { assumption = "need" } | x.rank | not drawn | number
        between = ["assumptions.need", "controls.ban.duration_days"] | x | `rank` is missing | `matrix`
        between = ["assumptions.need", "controls.ban.duration_days"]; rank = 1; matrix = [[1, 1], [1, 1]] | x.matrix | `rank` too | keep one
        between = ["assumptions.need", "controls.ban.duration_days"]; matrix = [[1, 1]] | x.matrix | 1 rows of 2 entries for 2 leaves | a row and a column
        between = ["assumptions.need", "controls.ban.duration_days"]; matrix = [[1, 0.5], [0.4, 1]] | x.matrix.1.0 | 0.4 below the diagonal and 0.5 above | row 1, column 2
        between = ["assumptions.need", "controls.ban.duration_days"]; matrix = [[1, 0.5], [0.5, 0.9]] | x.matrix.1.1 | 0.9 stands on the diagonal | give 1
        between = ["assumptions.need", "controls.ban.duration_days"]; matrix = [[1, -2], [-2, 1]] | x.matrix.1.0 | -2 is out of range | from −1 to 1
    "#;
    for row in rows.lines().map(str::trim).filter(|row| !row.is_empty()) {
        let fields: Vec<&str> = row.split('|').map(str::trim).collect();
        let [entry, path, message, help] = fields[..] else { panic!("four fields: {row}") };
        let found = problems(&format!("{SMALL}[correlations.x]\n{}\n", entry.replace("; ", "\n")));
        assert_eq!(found.len(), 1, "{row}: {found:#?}");
        assert_eq!(found[0].path, format!("correlations.{path}"), "{row}");
        assert!(found[0].message().contains(message), "`{message}` in: {}", found[0]);
        assert!(found[0].help().as_deref().unwrap_or("").contains(help), "`{help}` in: {}", found[0]);
    }
    let twice = "[correlations.x]\nbetween = [\"assumptions.need\", \"controls.ban.duration_days\"]\nrank = 0.5\n\
                 [correlations.y]\nbetween = [\"controls.ban.duration_days\", \"assumptions.need\"]\nrank = 0.4\n";
    let found = problems(&format!("{SMALL}{twice}"));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].path == "correlations.y" && found[0].message().contains("another in `correlations.x`"));
    Scenario::parse("same.toml", &format!("{SMALL}{}", twice.replace("0.4", "0.5"))).expect("the same twice");
}

/// Losses of the plant of the scenario for users [days of output].
fn plant(rank: f64) -> (Model, Vec<f64>) {
    let model = Scenario::load("../scenarios/mechanism_correlation.toml")
        .and_then(|s| s.edit().set("correlations.one_coast.rank", rank).finish())
        .and_then(|s| s.compile())
        .expect("it compiles");
    let outcome = Ensemble::new(&model).trials(TRIALS).seed(SEED).run().expect("runs");
    let losses = outcome.values(&Subject::Sector("plant".to_owned())).expect("the plant");
    let days = losses.iter().map(|loss| loss / 1e9).collect();
    drop(outcome);
    (model, days)
}

#[test]
fn outages_that_go_together_spread_the_loss_as_the_formula_says() {
    for rank in [-0.6, 0.0, 0.8] {
        let (model, days) = plant(rank);
        for (trial, loss) in (0..200).zip(&days) {
            let severities = model.draw(SEED, trial);
            assert!((loss - 30.0 * (severities[0] + severities[1])).abs() < 1e-9, "trial {trial}: {loss}");
        }
        let n = TRIALS as f64;
        let mean = days.iter().sum::<f64>() / n;
        let variance = days.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
        // Of uniform numbers the rank correlation is the correlation: Var = 60² (1 + ρ)/24.
        let expected = 3600.0 * (1.0 + rank) / 24.0;
        assert!((mean - 30.0).abs() < Z * (expected / n).sqrt(), "mean {mean}");
        // A sum of bounded parts has no heavier tails than a normal, of kurtosis 3.
        let error = expected * (2.0 / n).sqrt();
        assert!((variance - expected).abs() < Z * error, "variance {variance}, expected {expected}");
    }
}

#[test]
fn the_block_and_the_single_trial_draw_the_same_bits() {
    let (model, days) = plant(0.8);
    for trial in 0..100 {
        let mut run = Trial::new(&model, SEED, trial).expect("a baseline");
        run.run();
        let plant = model.sites().position(|s| s == "plant").expect("the plant");
        assert_eq!((run.lost()[plant] / 1e9).to_bits(), days[trial as usize].to_bits(), "trial {trial}");
    }
}
