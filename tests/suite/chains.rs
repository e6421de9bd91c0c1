//! The course of one trial of a small scenario, and checks of it.

use crate::common::compile;
use supplyshock::run::Subject;
use supplyshock::scenario::Tables;
use supplyshock::step::reference::Trial;
use supplyshock::{Ensemble, Outcome};

/// Everything a trial shows, step by step.
pub struct Course {
    sites: Vec<String>,
    rows: Vec<Vec<[f64; 3]>>,
    limits: Vec<Vec<Option<String>>>,
    inputs: Vec<(String, String)>,
    stocks: Vec<Vec<f64>>,
    lost: Vec<f64>,
    /// Days from the onset to the first stop, by sector.
    stops: Vec<(String, f64)>,
}

impl Course {
    /// Runs trial 0 in both engines, which must agree and conserve mass.
    pub fn of(tables: &Tables) -> Self {
        let model = compile(tables);
        let mut run = Trial::new(&model, 1, 0).expect("a baseline");
        let (mut rows, mut limits, mut stocks) = (Vec::new(), Vec::new(), Vec::new());
        while run.step() {
            rows.push(run.activities().map(|a| [a.activity, a.capacity, a.demand]).collect());
            limits.push(run.activities().map(|a| a.limiting_input.map(str::to_owned)).collect());
            stocks.push(run.stocks().map(|s| s.2).collect());
        }
        let outcome = Ensemble::new(&model).trials(1).seed(1).threads(1).run().expect("runs");
        let residual = outcome.mass_balance_residual();
        assert!(residual <= 1e-9, "mass balance is off by {residual}");
        let whole: f64 = party_losses(&outcome)[0];
        let lost: f64 = run.lost().iter().sum();
        assert!((whole - lost).abs() <= 1e-9 * (1.0 + lost.abs()), "block {whole}, reference {lost}");
        let stop = |s: &str| outcome.first_stops(s).expect("a sector")[0];
        Course {
            sites: run.activities().map(|a| a.site.to_owned()).collect(),
            inputs: run.stocks().map(|s| (s.0.to_owned(), s.1.to_owned())).collect(),
            rows,
            limits,
            stocks,
            lost: run.lost().to_vec(),
            stops: outcome.sectors().map(|s| (s.to_owned(), stop(s))).collect(),
        }
    }

    fn place(&self, site: &str) -> usize {
        self.sites.iter().position(|s| s == site).expect("a site")
    }

    fn column(&self, site: &str, k: usize) -> Vec<f64> {
        let n = self.place(site);
        self.rows.iter().map(|row| row[n][k]).collect()
    }

    /// Activity of a site, step by step.
    pub fn activity(&self, site: &str) -> Vec<f64> {
        self.column(site, 0)
    }

    /// Capacity of a site with overtime, step by step.
    pub fn capacity(&self, site: &str) -> Vec<f64> {
        self.column(site, 1)
    }

    /// Demand for a site's main output, step by step.
    pub fn demand(&self, site: &str) -> Vec<f64> {
        self.column(site, 2)
    }

    /// What limits a site, step by step.
    pub fn limits(&self, site: &str) -> Vec<Option<&str>> {
        let n = self.place(site);
        self.limits.iter().map(|row| row[n].as_deref()).collect()
    }

    /// Stock of an input after each step.
    pub fn stock(&self, site: &str, commodity: &str) -> Vec<f64> {
        let i = self.inputs.iter().position(|(s, c)| s == site && c == commodity).expect("an input");
        self.stocks.iter().map(|row| row[i]).collect()
    }

    /// What arrived of an input that is used one for one, from the second step on; 0 in the first.
    pub fn arrivals(&self, site: &str, commodity: &str) -> Vec<f64> {
        let (stock, used) = (self.stock(site, commodity), self.activity(site));
        let arrived = |t: usize| if t == 0 { 0.0 } else { stock[t] - stock[t - 1] + used[t] };
        (0..stock.len()).map(arrived).collect()
    }

    /// Value added a site lost.
    pub fn lost(&self, site: &str) -> f64 {
        self.lost[self.place(site)]
    }

    /// Days from the onset to the first stop of a sector.
    pub fn stop(&self, sector: &str) -> f64 {
        self.stops.iter().find(|(s, _)| s == sector).expect("a sector").1
    }
}

/// Losses by trial of the one party there is.
pub fn party_losses(outcome: &Outcome) -> Vec<f64> {
    outcome.values(&Subject::Party("JP".into())).expect("the party")
}

/// Fails where two numbers differ by more than `1e-9` of their size, or of 1.
#[track_caller]
pub fn same(found: f64, expected: f64, place: &str) {
    let scale = expected.abs().max(1.0);
    assert!((found - expected).abs() <= 1e-9 * scale, "{place}: {found}, expected {expected}");
}

/// [`same`] for each of a row of numbers.
#[track_caller]
pub fn all_same(found: &[f64], expected: &[f64], place: &str) {
    assert_eq!(found.len(), expected.len(), "{place}");
    for (k, (f, e)) in found.iter().zip(expected).enumerate() {
        same(*f, *e, &format!("{place}, number {k}"));
    }
}
