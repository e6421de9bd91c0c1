//! With the rules of an input-output table, a step is that of the adaptive regional input-output model.
//!
//! [`Ario`] is written from the published equations (Hallegatte 2008, 2014; Guan et al. 2020), industry by
//! industry, and shares nothing with the crate but the files of the table.

#![expect(clippy::needless_range_loop, reason = "indices are those of the published equations")]

use crate::common::compile;
use crate::parts::event;
use crate::tables::Table;
use supplyshock::Ensemble;
use supplyshock::run::Subject;
use supplyshock::scenario::{Ids, IoTable, Suppliers, Tables, Target};
use supplyshock::step::reference::Trial;

/// The parameters of a run.
#[derive(Clone, Copy)]
struct Parameters {
    /// `n`: target of inventories [days of use].
    inventory: f64,
    psi: f64,
    /// Restoration time of inventories [days].
    restoration: f64,
    alpha_max: f64,
    alpha_days: f64,
    /// Whether orders go to suppliers by their current capacity.
    alternative: bool,
}

/// The adaptive regional input-output model, in days.
struct Ario<'a> {
    table: &'a Table,
    p: Parameters,
    /// `x̄`: production before the shock, a day.
    usual: Vec<f64>,
    /// `a[s][j]`: use of the goods of sector `s`, from whatever region, for a unit of industry `j`.
    a: Vec<Vec<f64>>,
    /// `S[s][j]`: inventories, pooled over regions.
    inventory: Vec<Vec<f64>>,
    /// `O[i][j]`: orders of industry `j` to industry `i`.
    orders: Vec<Vec<f64>>,
    alpha: Vec<f64>,
    /// Production of the day before.
    production: Vec<f64>,
    /// Largest overproduction so far.
    overtime: f64,
    /// Industry-days in which an inventory cut production.
    limited: usize,
    /// Industry-days in which demand was rationed.
    rationed: usize,
}

impl<'a> Ario<'a> {
    fn new(table: &'a Table, p: Parameters) -> Self {
        let n = table.len();
        let usual: Vec<f64> = (0..n).map(|i| table.output(i) / 365.0).collect();
        let mut a = vec![vec![0.0; n]; table.sectors];
        for i in 0..n {
            for j in 0..n {
                a[i % table.sectors][j] += table.z[i][j] / 365.0 / usual[j];
            }
        }
        let inventory =
            a.iter().map(|row| row.iter().zip(&usual).map(|(a, x)| p.inventory * a * x).collect()).collect();
        let orders = table.z.iter().map(|row| row.iter().map(|z| z / 365.0).collect()).collect();
        Ario {
            table,
            p,
            a,
            inventory,
            orders,
            alpha: vec![1.0; n],
            production: usual.clone(),
            usual,
            overtime: 1.0,
            limited: 0,
            rationed: 0,
        }
    }

    /// A day on which the share `available[i]` of the capacity of industry `i` is left.
    fn day(&mut self, available: &[f64]) {
        let (n, sectors) = (self.table.len(), self.table.sectors);
        let final_demand: Vec<f64> = self.table.y.iter().map(|y| y.iter().sum::<f64>() / 365.0).collect();
        // Total demand: orders of industries and final demand.
        let demand: Vec<f64> = (0..n).map(|i| self.orders[i].iter().sum::<f64>() + final_demand[i]).collect();
        // Overproduction grows with scarcity and fades without it.
        for i in 0..n {
            let scarcity = (demand[i] - self.production[i]) / demand[i];
            let change = if scarcity.abs() <= 1e-9 {
                1.0 - self.alpha[i]
            } else {
                (self.p.alpha_max - self.alpha[i]) * scarcity
            };
            self.alpha[i] = (self.alpha[i] + change / self.p.alpha_days).max(1.0);
            self.overtime = self.overtime.max(self.alpha[i]);
        }
        let capacity: Vec<f64> = (0..n).map(|i| self.alpha[i] * available[i] * self.usual[i]).collect();
        let optimal: Vec<f64> = (0..n).map(|i| capacity[i].min(demand[i])).collect();
        // Production is cut in proportion where an inventory is below ψ of its target.
        for j in 0..n {
            let mut lowest = 1.0_f64;
            for s in 0..sectors {
                let required = self.p.psi * self.p.inventory * self.a[s][j] * optimal[j];
                if self.inventory[s][j] < required {
                    lowest = lowest.min(self.inventory[s][j] / required);
                }
            }
            self.limited += usize::from(lowest < 1.0);
            self.production[j] = optimal[j] * lowest;
        }
        // Proportional rationing of industries and final demand alike; inventories; new orders.
        let served: Vec<f64> = (0..n).map(|i| (self.production[i] / demand[i]).min(1.0)).collect();
        self.rationed += served.iter().filter(|s| **s < 1.0 - 1e-6).count();
        for j in 0..n {
            for s in 0..sectors {
                let suppliers: Vec<usize> = (0..n).filter(|i| i % sectors == s).collect();
                let received: f64 = suppliers.iter().map(|&i| self.orders[i][j] * served[i]).sum();
                let used = self.a[s][j] * self.production[j];
                self.inventory[s][j] += received - used;
                let target = self.p.inventory * self.a[s][j] * optimal[j];
                let order = used + (target - self.inventory[s][j]).max(0.0) / self.p.restoration;
                let weight = |i: usize| {
                    let strength = if self.p.alternative { capacity[i] / self.usual[i] } else { 1.0 };
                    self.table.z[i][j] * strength
                };
                let total: f64 = suppliers.iter().map(|&i| weight(i)).sum();
                for &i in &suppliers {
                    self.orders[i][j] = if total > 0.0 { order * weight(i) / total } else { 0.0 };
                }
            }
        }
    }
}

const DAYS: usize = 365;
/// Worth of a unit: means are exact to a fraction of a yen, which must not be seen.
const JPY: f64 = 1e12;

/// The share of capacity that industries keep: a sector fails everywhere, and a region loses half of all.
fn available(table: &Table, t: usize) -> Vec<f64> {
    let share = |i: usize| {
        let sector = if i % table.sectors == 1 && (10..100).contains(&t) { 0.15 } else { 1.0 };
        let region = if i / table.sectors == 2 && (40..90).contains(&t) { 0.5 } else { 1.0 };
        sector * region
    };
    (0..table.len()).map(share).collect()
}

fn shocks(tables: Tables, table: &Table) -> Tables {
    let hit = |keep: &dyn Fn(usize) -> bool| -> Ids {
        (0..table.len()).filter(|i| keep(*i)).map(|i| table.label(i)).collect()
    };
    let (sector, region) = (hit(&|i| i % table.sectors == 1), hit(&|i| i / table.sectors == 2));
    tables
        .event("sector", event(sector, Target::Capacity, 10.0, 90.0, 0.85))
        .event("region", event(region, Target::Capacity, 40.0, 50.0, 0.5))
}

fn agrees(p: Parameters, seed: u64) {
    let table = Table::random(5, 6, seed);
    let model = compile(&shocks(table.tables(DAYS as u32, with(&table, p)), &table));
    let mut ours = Trial::new(&model, 0, 0).expect("a baseline");
    let mut theirs = Ario::new(&table, p);
    let mut lost_by_day = Vec::new();
    let added: Vec<f64> = (0..table.len())
        .map(|j| 1.0 - table.z.iter().map(|row| row[j]).sum::<f64>() / table.output(j))
        .collect();
    let mut lowest = 1.0_f64;
    for t in 0..DAYS {
        theirs.day(&available(&table, t));
        assert!(ours.step());
        for (i, (ours, theirs)) in ours.activities().zip(&theirs.production).enumerate() {
            let off = (ours.activity - theirs).abs() / theirs;
            assert!(off <= 1e-12, "day {t}, {}: {} and {theirs}, off by {off:e}", ours.site, ours.activity);
            lowest = lowest.min(theirs / (table.output(i) / 365.0));
        }
        let lost = |r: usize| -> f64 {
            let own = (0..table.len()).filter(|j| j / table.sectors == r);
            own.map(|j| added[j] * (theirs.usual[j] - theirs.production[j])).sum()
        };
        lost_by_day.push((0..table.regions).map(lost).collect::<Vec<_>>());
    }
    // The shock must try what it is to try.
    assert!(theirs.limited > 1000 && theirs.rationed > 1000, "{} {}", theirs.limited, theirs.rationed);
    assert!(lowest < 0.15 && theirs.overtime > 1.01, "{lowest} {}", theirs.overtime);

    // The block engine: each sector over the trial to the bit of the plain one, each region day by day.
    let outcome = Ensemble::new(&model).trials(3).run().expect("runs");
    for (site, lost) in model.sites().zip(ours.lost()) {
        let losses = outcome.values(&Subject::Sector(site.to_owned())).expect("a sector");
        assert!(losses.iter().all(|l| l.to_bits() == lost.to_bits()), "{site}: {losses:?}, not {lost}");
    }
    for r in 0..table.regions {
        let usual: f64 = (0..table.len())
            .filter(|j| j / table.sectors == r)
            .map(|j| added[j] * table.output(j) / 365.0)
            .sum();
        let path = outcome.path(&format!("R{r}")).expect("a region");
        for (t, step) in path.iter().enumerate() {
            let lost = step.mean() / JPY;
            let off = (lost - lost_by_day[t][r]).abs() / usual;
            assert!(off <= 1e-12, "day {t}, region {r}: {lost} and {}", lost_by_day[t][r]);
        }
    }
}

const USUAL: Parameters = Parameters {
    inventory: 90.0,
    psi: 0.8,
    restoration: 60.0,
    alpha_max: 1.25,
    alpha_days: 365.0,
    alternative: true,
};

#[test]
fn a_table_is_ario_with_suppliers_by_capacity() {
    agrees(USUAL, 1);
    agrees(Parameters { inventory: 20.0, psi: 0.9, restoration: 30.0, alpha_days: 90.0, ..USUAL }, 2);
}

#[test]
fn a_table_is_ario_with_fixed_suppliers() {
    agrees(Parameters { alternative: false, ..USUAL }, 3);
    agrees(Parameters { inventory: 15.0, psi: 0.5, restoration: 20.0, alternative: false, ..USUAL }, 4);
}

/// Three industries in one region, that buy much of each other.
fn three() -> Table {
    Table {
        regions: 1,
        sectors: 3,
        z: [[5.9694, 3.9489, 4.9417], [1.2381, 8.5654, 4.3476], [6.5985, 5.6483, 1.6274]]
            .map(Vec::from)
            .into(),
        y: [53.9, 39.2, 79.1].map(|y| vec![y]).into(),
    }
}

/// The rules under which every gap in a stock cuts output, and an economy decays from the least disturbance.
fn on_edge(inventory: f64) -> Parameters {
    Parameters { inventory, psi: 1.0, ..USUAL }
}

fn with(table: &Table, p: Parameters) -> IoTable {
    IoTable::new(table.figures())
        .inventory_days(p.inventory)
        .psi(p.psi)
        .value_per_unit(JPY)
        .restoration_days(p.restoration)
        .overtime_max(p.alpha_max)
        .overtime_days(p.alpha_days)
        .suppliers(if p.alternative { Suppliers::Capacity } else { Suppliers::Fixed })
}

#[test]
fn a_small_cut_on_edge_grows_as_in_ario() {
    const LONG: usize = 1095;
    let table = three();
    let first = Ids::from_iter([table.label(0)]);
    for inventory in [2.0, 10.0] {
        let p = on_edge(inventory);
        let cut = event(first.clone(), Target::Capacity, 10.0, 1.0, 1e-3);
        let model = compile(&table.tables(LONG as u32, with(&table, p)).event("cut", cut));
        let mut theirs = Ario::new(&table, p);
        let mut lost = 0.0;
        for t in 0..LONG {
            theirs.day(&[if t == 10 { 1.0 - 1e-3 } else { 1.0 }, 1.0, 1.0]);
            for j in 0..3 {
                let added = 1.0 - table.z.iter().map(|row| row[j]).sum::<f64>() / table.output(j);
                lost += added * (theirs.usual[j] - theirs.production[j]);
            }
        }
        let outcome = Ensemble::new(&model).trials(1).run().expect("runs");
        let ours = outcome.loss("R0").expect("a region").mean() / JPY;
        println!("{inventory} days: {ours} and {lost}");
        assert!((ours - lost).abs() <= 1e-6 * lost, "{inventory} days: {ours} and {lost}");
    }
}

#[test]
fn at_rest_nothing_moves_in_a_table() {
    let usual = [Suppliers::Capacity, Suppliers::Fixed].map(|suppliers| {
        let table = Table::random(5, 6, 9);
        let rules = IoTable::new(table.figures()).suppliers(suppliers);
        (table, rules, DAYS as u32)
    });
    let edge = [1.0, 2.0, 10.0].into_iter().flat_map(|inventory| {
        [three(), Table::random(5, 6, 9)].map(|table| {
            let rules = with(&table, on_edge(inventory)).value_per_unit(1.0);
            (table, rules, 1095)
        })
    });
    for (table, rules, days) in usual.into_iter().chain(edge) {
        let model = compile(&table.tables(days, rules));
        let mut trial = Trial::new(&model, 0, 0).expect("a baseline");
        while trial.step() {
            for (i, a) in trial.activities().enumerate() {
                let usual = table.output(i) / 365.0;
                assert!(
                    (a.activity - usual).abs() <= 1e-12 * usual,
                    "{}: {} not {usual}",
                    a.site,
                    a.activity
                );
            }
        }
        let outcome = Ensemble::new(&model).trials(2).run().expect("runs");
        for r in 0..table.regions {
            let loss = outcome.loss(&format!("R{r}")).expect("a region");
            assert!(loss.max().abs() < 1e-9, "{}", loss.max());
        }
        assert!(outcome.mass_balance_residual() < 1e-12);
    }
}
