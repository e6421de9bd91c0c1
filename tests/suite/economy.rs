//! Japan's economy in the flagship: it is that of the input-output table, at rest it stays there, and what
//! a stopped sector costs its suppliers is what the static table says.

use supplyshock::run::Subject;
use supplyshock::scenario::{Draft, Event};
use supplyshock::step::reference::Trial;
use supplyshock::{Ensemble, Model, Scenario};

/// Flows in JPY bn a year, rows sell to columns, then final demand with exports, output and value added.
/// OECD Input-Output Tables, 2021 edition, Japan 2018, aggregated, imports taken out, scaled to 2024.
const TABLE: &str = include_str!("japan_io.csv");
const BASE: &str = "../scenarios/japan_base.toml";
const GDP: f64 = 609e12;
const STEPS_A_YEAR: f64 = 365.0 / 7.0;

/// The table in JPY a year.
struct Table {
    sites: Vec<String>,
    flows: Vec<Vec<f64>>,
    final_demand: Vec<f64>,
    output: Vec<f64>,
    value_added: Vec<f64>,
}

impl Table {
    fn read() -> Self {
        let cells = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
        let rows: Vec<Vec<String>> = TABLE.lines().skip(1).map(cells).collect();
        let n = rows.len();
        let number = |i: usize, j: usize| 1e9 * rows[i][j + 1].parse::<f64>().expect("a number");
        let column = |j: usize| (0..n).map(|i| number(i, j)).collect::<Vec<_>>();
        Table {
            sites: rows.iter().map(|row| row[0].clone()).collect(),
            flows: (0..n).map(|i| (0..n).map(|j| number(i, j)).collect()).collect(),
            final_demand: column(n),
            output: column(n + 1),
            value_added: column(n + 2),
        }
    }

    fn len(&self) -> usize {
        self.sites.len()
    }

    /// Outputs when sector `k` makes `made`, whatever is asked of it, and the others what is asked of them:
    /// the rest of the table is solved with the purchases of `k` as given.
    fn outputs_with(&self, k: usize, made: f64) -> Vec<f64> {
        let rest: Vec<usize> = (0..self.len()).filter(|i| *i != k).collect();
        let use_of = |i: usize, j: usize| self.flows[i][j] / self.output[j];
        let matrix = rest
            .iter()
            .map(|&i| rest.iter().map(|&j| f64::from(u8::from(i == j)) - use_of(i, j)).collect())
            .collect();
        let right = rest.iter().map(|&i| self.final_demand[i] + use_of(i, k) * made).collect();
        let mut solved = solve(matrix, right).into_iter();
        (0..self.len()).map(|i| if i == k { made } else { solved.next().expect("one each") }).collect()
    }

    /// Value added a year that is lost at these outputs.
    fn lost_at(&self, outputs: &[f64]) -> f64 {
        (0..self.len()).map(|i| self.value_added[i] * (1.0 - outputs[i] / self.output[i])).sum()
    }
}

/// Gauss–Jordan elimination; the systems here are dominated by their diagonals.
fn solve(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Vec<f64> {
    for pivot in 0..right.len() {
        let (row, value) = (matrix[pivot].clone(), right[pivot]);
        for other in (0..right.len()).filter(|o| *o != pivot) {
            let factor = matrix[other][pivot] / row[pivot];
            matrix[other].iter_mut().zip(&row).for_each(|(a, b)| *a -= factor * b);
            right[other] -= factor * value;
        }
    }
    (0..right.len()).map(|i| right[i] / matrix[i][i]).collect()
}

fn load(file: &str) -> (Scenario, Model) {
    let scenario = Scenario::load(file).unwrap_or_else(|e| panic!("{e}"));
    let model = scenario.compile().unwrap_or_else(|e| panic!("{e}"));
    (scenario, model)
}

fn place(model: &Model, site: &str) -> usize {
    model.sites().position(|s| s == site).unwrap_or_else(|| panic!("no site {site}"))
}

/// What each site makes in the next step, at that rate a year. What a sector sells to itself does not leave
/// it in the network and is put back.
fn activities(run: &mut Trial<'_>, table: &Table) -> Vec<f64> {
    assert!(run.step(), "the horizon is over");
    let sold = |site: &str| {
        let k = table.sites.iter().position(|s| s == site);
        k.map_or(1.0, |k| 1.0 - table.flows[k][k] / table.output[k])
    };
    run.activities().map(|a| a.activity / sold(a.site) * STEPS_A_YEAR).collect()
}

/// A number that stands in the file.
fn figure(scenario: &Scenario, path: &str) -> Option<f64> {
    scenario.assumptions().iter().find(|a| a.path == path).and_then(|a| a.leaf.as_number())
}

#[track_caller]
fn close(found: f64, expected: f64, tolerance: f64, what: &str) {
    let off = (found / expected - 1.0).abs();
    assert!(off <= tolerance, "{what}: {found:e} instead of {expected:e}, off by {off:.2e}");
}

#[test]
fn each_sector_makes_at_rest_what_the_table_says() {
    let (table, (_, model)) = (Table::read(), load(BASE));
    for trial in 0..3 {
        let found = activities(&mut Trial::new(&model, 1, trial).expect("a baseline"), &table);
        for (site, output) in table.sites.iter().zip(&table.output) {
            close(found[place(&model, site)], *output, 1e-4, site);
        }
    }
}

#[test]
fn the_network_in_japan_adds_up_to_its_gross_domestic_product() {
    let (table, (scenario, model)) = (Table::read(), load(BASE));
    close(table.value_added.iter().sum(), GDP, 1e-6, "the table");
    let found = activities(&mut Trial::new(&model, 1, 0).expect("a baseline"), &table);
    let added = |site: &str| {
        let path = format!("sites.{site}.value_added_per_unit");
        figure(&scenario, &path).unwrap_or(0.0) * found[place(&model, site)]
    };
    let in_japan = model.sites().filter(|s| s.starts_with("jp_") && !s.starts_with("jp_stock"));
    close(in_japan.map(added).sum(), GDP, 1e-5, "all sites in Japan");
    // Magnets and metals are sites of their own and taken out of the sectors that hold them.
    let sectors: f64 = table.sites.iter().map(|s| added(s)).sum();
    assert!((0.9999..0.99995).contains(&(sectors / GDP)), "the sectors alone: {sectors:e}");
    for (site, value) in table.sites.iter().zip(&table.value_added) {
        let shared = ["jp_electrical", "jp_basic_metals"].contains(&site.as_str());
        close(added(site), *value, if shared { 0.006 } else { 1e-5 }, site);
        assert!(!shared || added(site) < *value, "{site} holds others");
    }
}

#[test]
fn at_rest_the_economy_loses_nothing() {
    let (_, model) = load(BASE);
    let outcome = Ensemble::new(&model).trials(64).seed(5).run().expect("runs");
    for party in model.parties() {
        let losses = outcome.values(&Subject::Party(party.into())).expect("losses");
        let most = losses.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
        assert!(most <= 1e-9 * GDP, "{party}: {most:e}");
    }
    assert_eq!(outcome.recovered_share(), 1.0);
}

/// A sector can make `left` of its usual output from the second step on, nobody misses what it does not
/// make, and no stocks of goods cushion its suppliers.
fn without(table: &Table, k: usize, left: f64, days: u32, more: impl Fn(Draft) -> Draft) -> Model {
    let site = &table.sites[k];
    let base = Scenario::load(BASE).unwrap_or_else(|e| panic!("{e}"));
    let (_, plant) = base.tables().sites.iter().find(|s| s.0 == site).expect("a site");
    let (goods, _) = plant.outputs.iter().next().expect("an output");
    let stop = Event::new([site]).start_days(7).duration_days(days).severity(1.0 - left);
    let mut draft = base
        .edit()
        .tables(|tables| {
            tables.events.insert("stop".to_owned(), stop);
        })
        .set("assumptions.cover_goods", 0.0)
        .set("assumptions.waiting", 0.0)
        .set(&format!("sites.{site}.spare_capacity"), 0.0)
        .set(&format!("sites.{site}.overtime_max"), 1.0);
    draft = more(draft);
    let given = base.assumptions();
    for buyer in &table.sites {
        let path = format!("sites.{buyer}.inputs.{goods}.criticality");
        if given.iter().any(|a| a.path == path) {
            draft = draft.set(&path, 0.0);
        }
    }
    draft.finish().and_then(|s| s.compile()).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn suppliers_of_a_stopped_sector_lose_what_the_static_table_says() {
    let table = Table::read();
    for k in 0..table.len() {
        for left in [0.0, 0.5] {
            let outputs = table.outputs_with(k, left * table.output[k]);
            let (lost, direct) = (table.lost_at(&outputs), (1.0 - left) * table.value_added[k]);
            assert!(lost > 1.1 * direct, "{}: hardly any suppliers", table.sites[k]);
            let model = without(&table, k, left, 1100, |draft| draft);
            let mut run = Trial::new(&model, 1, 0).expect("a baseline");
            let places: Vec<usize> = table.sites.iter().map(|s| place(&model, s)).collect();
            let course: Vec<Vec<f64>> = (0..model.steps())
                .map(|_| activities(&mut run, &table))
                .map(|found| places.iter().map(|&n| found[n]).collect())
                .collect();
            // After a year stocks between the sectors still move a little.
            close(table.lost_at(&course[52]), lost, 0.02, &table.sites[k]);
            let last = course.last().expect("steps");
            for i in (0..table.len()).filter(|i| outputs[*i] > 0.0) {
                let what = format!("{} when {} makes {left}", table.sites[i], table.sites[k]);
                close(last[i], outputs[i], 1e-4, &what);
            }
        }
    }
}

#[test]
fn a_year_without_a_sector_costs_its_suppliers_what_the_static_table_says() {
    let table = Table::read();
    // A supplier hears of a stop, and of its end, one round of orders late, and the end finds its own inputs run
    // down. The static table knows no such delays, so they are kept short here: 4 to 6 days in all. Orders that
    // follow in a week, in weekly steps, take two weeks to restart, those of the default month seven.
    let prompt = |draft: Draft| draft.set("time.step_days", 1).set("rules.demand_smoothing_days", 1.0);
    for k in 0..table.len() {
        let lost = (table.lost_at(&table.outputs_with(k, 0.0)) - table.value_added[k]) * 364.0 / 365.0;
        let model = without(&table, k, 0.0, 364, prompt);
        let outcome = Ensemble::new(&model).trials(1).seed(1).run().expect("runs");
        let suppliers = table.sites.iter().filter(|site| **site != table.sites[k]);
        let losses = suppliers.map(|s| outcome.values(&Subject::Sector(s.clone())).expect("a sector")[0]);
        let found: f64 = losses.sum();
        close(found, lost, 0.02, &table.sites[k]);
        assert!(found > lost, "{}: a restart is never free", table.sites[k]);
    }
}

#[test]
fn after_a_cut_every_sector_comes_back_and_stays() {
    let (table, (_, model)) = (Table::read(), load("../scenarios/japan_full_cut.toml"));
    for trial in 0..16 {
        let mut run = Trial::new(&model, 1, trial).expect("a baseline");
        let course: Vec<Vec<f64>> = (0..model.steps()).map(|_| activities(&mut run, &table)).collect();
        let furthest = |steps: &[Vec<f64>], n: usize| {
            steps.iter().fold(0.0, |most: f64, found| most.max((found[n] / course[0][n] - 1.0).abs()))
        };
        let places: Vec<usize> = table.sites.iter().map(|s| place(&model, s)).collect();
        let during = places.iter().fold(0.0, |most: f64, &n| most.max(furthest(&course[..53], n)));
        assert!(during > 0.01, "trial {trial}: no cut to come back from");
        for (site, &n) in table.sites.iter().zip(&places) {
            // The cut ends in the 54th step. What is left are swings of stocks, and they fade.
            let [second, last] = [&course[104..130], &course[130..]].map(|steps| furthest(steps, n));
            assert!(second <= 0.02 && last <= 0.005, "trial {trial}, {site}: {second:.2e}, then {last:.2e}");
        }
    }
}
