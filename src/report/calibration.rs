//! What a calibration found, for people and programs.

use super::summary::LEVEL;
use super::{make_folder, table, write_csv, write_whole};
use crate::scenario::{Basis, LeafValue};
use crate::stats::Interval;
use crate::study::{Calibration, Marginal, Posterior, Solution, Solutions, Target, Variable};
use crate::{Error, Scenario};
use comfy_table::Table;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;

impl Solutions {
    /// The solutions as text: a row for each, or what the statistic covers where there is none.
    ///
    /// # Errors
    /// [`Error::Unknown`] when the calibration is of another scenario.
    pub fn report(&self, of: &Calibration<'_>) -> Result<String, Error> {
        let (name, wanted) = (self.target.statistic(), self.target.value());
        let mut text = head(of, self.tried.len())?;
        let _ = writeln!(
            text,
            "\n{name} = {} to within {}; as the scenario stands it is {}.",
            short(wanted),
            short(self.tolerance),
            short(self.as_it_stands)
        );
        let range =
            format!("{} between {} and {}", self.variable.name(), self.variable.low, self.variable.high);
        match self.covered() {
            None => {
                let _ = writeln!(text, "It has no value anywhere with {range}.");
            }
            Some([(x_low, low), (x_high, high)]) if self.found.is_empty() => {
                let _ = writeln!(
                    text,
                    "There is no solution with {range}:\nit goes from {} (at {}) to {} (at {}) there.",
                    short(low),
                    short(x_low),
                    short(high),
                    short(x_high)
                );
            }
            Some(_) => {
                let n = self.found.len();
                let _ = writeln!(text, "{n} solution{} with {range}:\n", if n == 1 { "" } else { "s" });
                let _ = writeln!(text, "{}", self.rows());
                for solution in &self.found {
                    let _ = writeln!(text, "{}", self.note(of.scenario, solution)?);
                }
            }
        }
        Ok(text)
    }

    fn rows(&self) -> Table {
        let value = if self.variable.scaled { "factor" } else { "value" };
        let level = format!("{:.0}% interval", 100.0 * LEVEL);
        let mut table = table(&[value, &level, self.target.statistic(), &level, "slope"]);
        for s in &self.found {
            table.add_row([
                short(s.value),
                s.value_interval.map_or("-".to_owned(), pair),
                short(s.statistic),
                s.interval.map_or("-".to_owned(), pair),
                short(s.slope),
            ]);
        }
        table
    }

    /// What a solution makes of the figure, and how that sits with what the scenario says of it.
    fn note(&self, scenario: &Scenario, solution: &Solution) -> Result<String, Error> {
        let old = self.variable.assumption(scenario)?;
        let mut text = format!("at {}: {} = {}", short(solution.value), old.path, solution.leaf);
        if let (LeafValue::Distribution(d), Some(x)) = (&old.leaf.value, solution.leaf.as_number()) {
            let (low, high) = d.support();
            let side = if low <= x && x <= high { "within" } else { "outside of" };
            let _ = write!(text, ", {side} {d}");
        }
        if let Some((first, last)) = solution.flat {
            let _ =
                write!(text, "; so is the statistic from {} to {} of the grid", short(first), short(last));
        }
        if let Some((left, right)) = solution.jump {
            let _ = write!(text, "; the statistic jumps from {} to {} there", short(left), short(right));
        }
        Ok(text)
    }

    /// Writes `calibration.json` into a folder, which is made if need be.
    ///
    /// # Errors
    /// [`Error::Output`] when it cannot be written; as [`Solutions::report`].
    pub fn write(&self, folder: &Path, of: &Calibration<'_>) -> Result<(), Error> {
        let found: Vec<Value> = self
            .found
            .iter()
            .map(|s| {
                json!({
                    "value": s.value,
                    "leaf": s.leaf.to_string(),
                    "statistic": s.statistic,
                    "statistic_ci": s.interval.map(ends),
                    "slope": s.slope,
                    "value_ci": s.value_interval.map(ends),
                    "jump": s.jump,
                    "flat": s.flat,
                })
            })
            .collect();
        let tried: Vec<Value> = self.tried.iter().map(|(x, y)| json!([x, y])).collect();
        let covered = self
            .covered()
            .map(|[low, high]| json!({ "low": low.1, "low_at": low.0, "high": high.1, "high_at": high.0 }));
        let targets = targets(std::slice::from_ref(&self.target), &[self.tolerance], &[self.as_it_stands]);
        let variables = variables(std::slice::from_ref(&self.variable), of.scenario)?;
        make_folder(folder)?;
        write_json(
            folder,
            &json!({
                "scenario": of.scenario.name(),
                "version": env!("CARGO_PKG_VERSION"),
                "method": "solve",
                "trials": of.trials,
                "seed": of.seed,
                "targets": targets,
                "variables": variables,
                "solutions": found,
                "covered": covered,
                "tried": tried,
            }),
        )
    }
}

impl Posterior {
    /// The posterior as text: of each assumption, their correlations, and of each statistic.
    ///
    /// # Errors
    /// [`Error::Unknown`] when the calibration is of another scenario.
    pub fn report(&self, of: &Calibration<'_>) -> Result<String, Error> {
        let mut text = head(of, self.draws.len())?;
        let _ = writeln!(
            text,
            "\nThe {} nearest of {} draws are kept; their weights reach 0 at a distance of {} tolerances and count \
             as {:.1} draws.\n",
            self.kept,
            self.draws.len(),
            short(self.bandwidth),
            self.effective_draws
        );
        let columns = |m: &Marginal| [m.mean, m.sd, m.p05, m.p50, m.p95].map(short);
        let mut rows =
            table(&["assumption", "between", "", "mean", "sd", "p05", "p50", "p95", "of prior sd"]);
        for (variable, m) in self.variables.iter().zip(&self.assumptions) {
            let prior = (variable.high - variable.low) / 12_f64.sqrt();
            let range = [variable.name(), short(variable.low), short(variable.high)];
            rows.add_row(
                range.into_iter().chain(columns(m)).chain([format!("{:.0}%", 100.0 * m.sd / prior)]),
            );
        }
        let _ = writeln!(text, "{rows}");
        if self.variables.len() > 1 {
            let _ = writeln!(text, "\nCorrelations:");
            for (a, va) in self.variables.iter().enumerate() {
                for (b, vb) in self.variables.iter().enumerate().skip(a + 1) {
                    let _ = writeln!(text, " {:+.2}  {}, {}", self.correlations[a][b], va.name(), vb.name());
                }
            }
        }
        let mut rows = table(&["statistic", "target", "as it stands", "mean", "sd", "p05", "p50", "p95"]);
        for (k, target) in self.targets.iter().enumerate() {
            let first = [target.statistic.clone(), short(target.value), short(self.as_it_stands[k])];
            rows.add_row(first.into_iter().chain(columns(&self.statistics[k])));
        }
        let _ = writeln!(text, "\n{rows}");
        Ok(text)
    }

    /// Writes `posterior.csv` and `calibration.json` into a folder, which is made if need be.
    ///
    /// # Errors
    /// [`Error::Output`] for the first file that cannot be written; as [`Posterior::report`].
    pub fn write(&self, folder: &Path, of: &Calibration<'_>) -> Result<(), Error> {
        let variables = variables(&self.variables, of.scenario)?;
        make_folder(folder)?;
        // One of an earlier calibration must not stand beside other draws, should this end halfway.
        let json_path = folder.join(FILE);
        if json_path.is_file() {
            std::fs::remove_file(&json_path)
                .map_err(|source| Error::Output { path: json_path.clone(), source })?;
        }
        let names = self.variables.iter().map(Variable::name);
        let names = names.chain(self.targets.iter().map(|t| t.statistic.clone()));
        let header: Vec<String> = std::iter::once("draw".to_owned())
            .chain(names)
            .chain(["distance", "weight"].map(str::to_owned))
            .collect();
        let rows = self.draws.iter().enumerate().map(|(k, draw)| {
            let numbers = draw.values.iter().chain(&draw.statistics).chain([&draw.distance, &draw.weight]);
            std::iter::once(k.to_string()).chain(numbers.map(f64::to_string)).collect::<Vec<_>>()
        });
        write_csv(&folder.join("posterior.csv"), &header, rows)?;
        let marginal =
            |m: &Marginal| json!({ "mean": m.mean, "sd": m.sd, "p05": m.p05, "p50": m.p50, "p95": m.p95 });
        let by_name = |names: Vec<String>, marginals: &[Marginal]| -> Value {
            names.into_iter().zip(marginals.iter().map(marginal)).collect::<serde_json::Map<_, _>>().into()
        };
        let assumptions = by_name(self.variables.iter().map(Variable::name).collect(), &self.assumptions);
        let statistics =
            by_name(self.targets.iter().map(|t| t.statistic.clone()).collect(), &self.statistics);
        write_json(
            folder,
            &json!({
                "scenario": of.scenario.name(),
                "version": env!("CARGO_PKG_VERSION"),
                "method": "posterior",
                "trials": of.trials,
                "seed": of.seed,
                "targets": targets(&self.targets, &self.tolerances, &self.as_it_stands),
                "variables": variables,
                "draws": self.draws.len(),
                "kept": self.kept,
                "bandwidth": self.bandwidth,
                "effective_draws": self.effective_draws,
                "assumptions": assumptions,
                "statistics": statistics,
                "correlations": self.correlations,
            }),
        )
    }
}

/// The file that says what was found.
const FILE: &str = "calibration.json";

fn write_json(folder: &Path, value: &Value) -> Result<(), Error> {
    write_whole(&folder.join(FILE), |out| {
        serde_json::to_writer_pretty(&mut *out, value)?;
        writeln!(out)
    })
}

/// What is calibrated, and what its figures are in the scenario.
fn head(of: &Calibration<'_>, variants: usize) -> Result<String, Error> {
    let title = &of.scenario.tables().scenario.title;
    let mut text = format!("{}: {title}\n", of.scenario.name());
    let _ = writeln!(text, "{variants} variants of {} trials from seed {}", of.trials, of.seed);
    for variable in &of.variables {
        let a = variable.assumption(of.scenario)?;
        let basis = a.origin.basis.map_or("without a stated basis", Basis::word);
        let _ = writeln!(text, "{} is {} in the scenario ({basis})", a.path, a.leaf);
    }
    Ok(text)
}

fn targets(targets: &[Target], tolerances: &[f64], as_it_stands: &[f64]) -> Vec<Value> {
    let all = targets.iter().zip(tolerances).zip(as_it_stands);
    all.map(|((t, tolerance), now)| {
        json!({ "statistic": t.statistic, "value": t.value, "tolerance": tolerance, "as_it_stands": now })
    })
    .collect()
}

fn variables(variables: &[Variable], scenario: &Scenario) -> Result<Vec<Value>, Error> {
    let one = |v: &Variable| {
        let a = v.assumption(scenario)?;
        Ok(json!({
            "path": a.path,
            "scaled": v.scaled,
            "low": v.low,
            "high": v.high,
            "leaf": a.leaf.to_string(),
            "source": a.origin.source,
            "basis": a.origin.basis.map(Basis::word),
        }))
    };
    variables.iter().map(one).collect()
}

fn ends(i: Interval) -> [f64; 2] {
    [i.low, i.high]
}

fn pair(i: Interval) -> String {
    format!("[{}, {}]", short(i.low), short(i.high))
}

/// A number with five digits.
fn short(x: f64) -> String {
    let size = x.abs();
    if x == 0.0 || !x.is_finite() {
        return if x == 0.0 { "0".to_owned() } else { x.to_string() };
    }
    if !(1e-3..1e6).contains(&size) {
        return format!("{x:.4e}");
    }
    let digits = (4.0 - size.log10().floor()).max(0.0);
    format!("{x:.*}", digits as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_with_five_digits() {
        for (x, shown) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1.0000"),
            (0.012_345_67, "0.012346"),
            (-123_456.7, "-123457"),
            (2.6e12, "2.6000e12"),
            (1e-7, "1.0000e-7"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(short(x), shown);
        }
    }
}
