//! Input-output tables drawn at random, in code and as files in every form they may have.

use std::fmt::Write as _;
use supplyshock::scenario::{About, Date, Ids, InputOutput, IoTable, Party, Tables, Time};

/// A table of flows and final demand a year.
pub struct Table {
    pub regions: usize,
    pub sectors: usize,
    /// `z[i][j]`: what industry `j` buys of industry `i`.
    pub z: Vec<Vec<f64>>,
    /// Final demand for industry `i`, by region.
    pub y: Vec<Vec<f64>>,
}

/// Uniform numbers from 0 to 1 (splitmix64).
pub struct Numbers(pub u64);

impl Numbers {
    pub fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

impl Table {
    /// A table with flows of all sizes, a fifth of them none, in which every industry adds value.
    pub fn random(regions: usize, sectors: usize, seed: u64) -> Self {
        let n = regions * sectors;
        let mut numbers = Numbers(seed);
        let mut flow = |i: usize, j: usize| {
            let home = if i / sectors == j / sectors { 5.0 } else { 1.0 };
            let size = home * (3.0 * numbers.next()).exp();
            if numbers.next() < 0.2 { 0.0 } else { size }
        };
        let z: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| flow(i, j)).collect()).collect();
        let y = (0..n)
            .map(|i| {
                let bought: f64 = z.iter().map(|row| row[i]).sum();
                let sold: f64 = z[i].iter().sum();
                // Enough for a share of value added of at least a third.
                let demand = (1.5 * bought - sold).max(0.0) + 10.0 + 40.0 * numbers.next();
                (0..regions).map(|r| demand * (r + 1) as f64 / (regions * (regions + 1) / 2) as f64).collect()
            })
            .collect();
        Table { regions, sectors, z, y }
    }

    pub fn len(&self) -> usize {
        self.regions * self.sectors
    }

    pub fn region(&self, i: usize) -> String {
        format!("R{}", i / self.sectors)
    }

    pub fn sector(&self, i: usize) -> String {
        format!("s{}", i % self.sectors)
    }

    pub fn label(&self, i: usize) -> String {
        format!("{}|{}", self.region(i), self.sector(i))
    }

    pub fn output(&self, i: usize) -> f64 {
        self.z[i].iter().sum::<f64>() + self.y[i].iter().sum::<f64>()
    }

    /// `Z.csv`, `Y.csv` and `x.csv` with labels `region|sector`.
    pub fn flat(&self) -> [(&'static str, String); 3] {
        let n = self.len();
        let labels: Vec<String> = (0..n).map(|i| self.label(i)).collect();
        let regions: Vec<String> = (0..self.regions).map(|r| format!("R{r}")).collect();
        let mut z = format!(",{}\n", labels.join(","));
        let mut y = format!("label,{}\n", regions.join(","));
        let mut x = "label,output\n".to_owned();
        for (i, label) in labels.iter().enumerate() {
            let _ = writeln!(z, "{label},{}", joined(&self.z[i], ","));
            let _ = writeln!(y, "{label},{}", joined(&self.y[i], ","));
            let _ = writeln!(x, "{label},{}", self.output(i));
        }
        [("Z.csv", z), ("Y.csv", y), ("x.csv", x)]
    }

    /// The same with two header rows and two index columns, tab-separated, as `pymrio` saves them.
    pub fn pymrio(&self) -> [(&'static str, String); 3] {
        let n = self.len();
        let by =
            |name: fn(&Self, usize) -> String| (0..n).map(|i| name(self, i)).collect::<Vec<_>>().join("\t");
        let blank = "\t".repeat(n - 1);
        let mut z = format!(
            "region\t\t{}\nsector\t\t{}\nregion\tsector\t{blank}\n",
            by(Self::region),
            by(Self::sector)
        );
        let regions: Vec<String> = (0..self.regions).map(|r| format!("R{r}")).collect();
        let mut y = format!(
            "region\t\t{}\ncategory\t\t{}\nregion\tsector\t{}\n",
            regions.join("\t"),
            vec!["final"; self.regions].join("\t"),
            "\t".repeat(self.regions - 1)
        );
        let mut x = "region\tsector\tindout\n".to_owned();
        for i in 0..n {
            let index = format!("{}\t{}", self.region(i), self.sector(i));
            let _ = writeln!(z, "{index}\t{}", joined(&self.z[i], "\t"));
            let _ = writeln!(y, "{index}\t{}", joined(&self.y[i], "\t"));
            let _ = writeln!(x, "{index}\t{}", self.output(i));
        }
        [("Z.txt", z), ("Y.txt", y), ("x.txt", x)]
    }

    /// A scenario in steps of a day that rests on files named `Z`, `Y` and `x` with this ending.
    pub fn scenario(&self, ending: &str, days: u32) -> String {
        let mut text = format!(
            "[scenario]\ncurrency = \"JPY\"\ntitle = \"table\"\n[time]\nstart = 2026-01-01\nstep_days = 1\nhorizon_days = {days}\n\
             [io_tables.world]\nflows = \"Z.{ending}\"\ndemand = \"Y.{ending}\"\noutput = \"x.{ending}\"\n"
        );
        for r in 0..self.regions {
            let _ = writeln!(text, "[parties.R{r}]\ngdp_per_year = 1e6");
        }
        text
    }

    /// The table as figures.
    pub fn figures(&self) -> InputOutput {
        let labels: Ids = (0..self.len()).map(|i| self.label(i)).collect();
        InputOutput::new(labels, self.z.clone(), self.y.iter().map(|row| row.iter().sum()).collect())
    }

    /// A scenario in steps of a day that rests on a table.
    pub fn tables(&self, days: u32, table: IoTable) -> Tables {
        let time = Time::new(Date::new(2026, 1, 1), days).step_days(1);
        let tables = Tables::new(About::new("table", "JPY"), time).io_table("world", table);
        (0..self.regions).fold(tables, |t, r| t.party(format!("R{r}"), Party::new(1e6)))
    }
}

fn joined(row: &[f64], by: &str) -> String {
    row.iter().map(f64::to_string).collect::<Vec<_>>().join(by)
}
