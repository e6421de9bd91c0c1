//! The findings of a calibration, for people and programs.

use super::folder::{Folder, Results};
use super::format::{NONE, Rows, table};
use super::summary::inputs;
use super::{write_csv, write_whole};
use crate::Error;
use crate::number::shown;
use crate::scenario::{Assumption, Basis, LeafValue, one_line};
use crate::stats::Interval;
use crate::study::{LEVEL, Marginal, Posterior, Setting, Solution, Solutions, Target, Variable};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

impl Solutions {
    /// The solutions as text: a row for each, or the range that the statistic covers where there is none.
    #[must_use]
    pub fn report(&self) -> String {
        let (name, wanted) = (one_line(self.target.statistic()), self.target.value());
        let mut text = head(&self.setting, self.tried.len());
        let _ = writeln!(
            text,
            "\n{name} = {} to within {}; as the scenario stands it is {}.",
            short(wanted),
            short(self.tolerance),
            short(self.as_it_stands)
        );
        let (low, high) = self.variable.range();
        let range = format!("{} between {} and {}", one_line(&self.variable.name()), shown(low), shown(high));
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
                    for figure in &self.setting.figures {
                        let _ = writeln!(text, "{}", one_line(&note(figure, solution)));
                    }
                }
            }
        }
        text
    }

    fn rows(&self) -> Rows {
        let value = if self.variable.is_factor() { "factor" } else { "value" };
        let level = format!("{:.0}% interval", 100.0 * LEVEL);
        let mut table = table(&[value, &level, self.target.statistic(), &level, "slope"]);
        for s in &self.found {
            table.add_row([
                short(s.value),
                s.value_interval.map_or(NONE.to_owned(), pair),
                short(s.statistic),
                s.interval.map_or(NONE.to_owned(), pair),
                short(s.slope),
            ]);
        }
        table
    }

    /// Writes `calibration.json` into a folder, which is made if need be: as [`Solutions::write_in`].
    ///
    /// # Errors
    /// [`Error::Output`] when the folder cannot be taken or the file not be written.
    pub fn write(&self, folder: &Path) -> Result<Vec<PathBuf>, Error> {
        self.write_in(&Folder::claim(folder, Results::Calibration, [&self.setting.inputs])?)
    }

    /// Writes `calibration.json` into a folder. Draws of an earlier calibration, in `posterior.csv`, are removed; their path is
    /// given.
    ///
    /// # Errors
    /// [`Error::Output`] when the file cannot be written.
    pub fn write_in(&self, folder: &Folder) -> Result<Vec<PathBuf>, Error> {
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
        let variables = variables(std::slice::from_ref(&self.variable), &self.setting);
        let removed = folder.begin(&["calibration.json"])?;
        write_json(
            folder,
            &json!({
                "scenario": self.setting.scenario,
                "inputs": inputs(&self.setting.inputs),
                "version": env!("CARGO_PKG_VERSION"),
                "method": "solve",
                "trials": self.setting.trials,
                "seed": self.setting.seed,
                "targets": targets,
                "variables": variables,
                "solutions": found,
                "covered": covered,
                "tried": tried,
            }),
        )?;
        Ok(removed)
    }
}

impl Posterior {
    /// The posterior as text: of each assumption, their correlations, and of each statistic.
    #[must_use]
    pub fn report(&self) -> String {
        let mut text = head(&self.setting, self.draws.len());
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
            let (low, high) = variable.range();
            let range = [variable.name(), short(low), short(high)];
            rows.add_row(
                range
                    .into_iter()
                    .chain(columns(m))
                    .chain([format!("{:.0}%", 100.0 * m.sd / variable.prior_sd())]),
            );
        }
        let _ = writeln!(text, "{rows}");
        if self.variables.len() > 1 {
            let _ = writeln!(text, "\nCorrelations:");
            for (a, va) in self.variables.iter().enumerate() {
                for (b, vb) in self.variables.iter().enumerate().skip(a + 1) {
                    let names = format!("{}, {}", va.name(), vb.name());
                    let _ = writeln!(text, " {:+.2}  {}", self.correlations[a][b], one_line(&names));
                }
            }
        }
        let mut rows = table(&["statistic", "target", "as it stands", "mean", "sd", "p05", "p50", "p95"]);
        for (k, target) in self.targets.iter().enumerate() {
            let first = [target.statistic().to_owned(), short(target.value()), short(self.as_it_stands[k])];
            rows.add_row(first.into_iter().chain(columns(&self.statistics[k])));
        }
        let _ = writeln!(text, "\n{rows}");
        text
    }

    /// Writes `posterior.csv` and `calibration.json` into a folder, which is made if need be: as [`Posterior::write_in`].
    ///
    /// # Errors
    /// [`Error::Output`] when the folder cannot be taken or a file not be written.
    pub fn write(&self, folder: &Path) -> Result<(), Error> {
        self.write_in(&Folder::claim(folder, Results::Calibration, [&self.setting.inputs])?)
    }

    /// Writes `posterior.csv` and `calibration.json` into a folder. A cell of the CSV file that begins as a formula does has an
    /// apostrophe before it.
    ///
    /// # Errors
    /// [`Error::Output`] for the first file that cannot be written.
    pub fn write_in(&self, folder: &Folder) -> Result<(), Error> {
        let variables = variables(&self.variables, &self.setting);
        // A file of an earlier calibration must not stand beside other draws, should this end halfway.
        folder.begin(Results::Calibration.files())?;
        let names = self.variables.iter().map(Variable::name);
        let names = names.chain(self.targets.iter().map(|t| t.statistic().to_owned()));
        let header: Vec<String> = std::iter::once("draw".to_owned())
            .chain(names)
            .chain(["distance", "weight"].map(str::to_owned))
            .collect();
        let rows = self.draws.iter().enumerate().map(|(k, draw)| {
            let numbers = draw.values.iter().chain(&draw.statistics).chain([&draw.distance, &draw.weight]);
            std::iter::once(k.to_string()).chain(numbers.map(f64::to_string)).collect::<Vec<_>>()
        });
        write_csv(&folder.path().join("posterior.csv"), &header, rows)?;
        let marginal =
            |m: &Marginal| json!({ "mean": m.mean, "sd": m.sd, "p05": m.p05, "p50": m.p50, "p95": m.p95 });
        let by_name = |names: Vec<String>, marginals: &[Marginal]| -> Value {
            names.into_iter().zip(marginals.iter().map(marginal)).collect::<serde_json::Map<_, _>>().into()
        };
        let assumptions = by_name(self.variables.iter().map(Variable::name).collect(), &self.assumptions);
        let statistics =
            by_name(self.targets.iter().map(|t| t.statistic().to_owned()).collect(), &self.statistics);
        write_json(
            folder,
            &json!({
                "scenario": self.setting.scenario,
                "inputs": inputs(&self.setting.inputs),
                "version": env!("CARGO_PKG_VERSION"),
                "method": "posterior",
                "trials": self.setting.trials,
                "seed": self.setting.seed,
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

/// The figure under a solution, and how that sits with the scenario's.
fn note(figure: &Assumption, solution: &Solution) -> String {
    let mut text = format!("at {}: {} = {}", short(solution.value), figure.path, solution.leaf);
    let support = match &figure.leaf.value {
        LeafValue::Distribution(d) => Some(d.support()),
        LeafValue::Custom(sampler) => Some(sampler.support()),
        _ => None,
    };
    if let (Some((low, high)), Some(x)) = (support, solution.leaf.as_number()) {
        let side = if low <= x && x <= high { "within" } else { "outside of" };
        let _ = write!(text, ", {side} {}", figure.leaf);
    }
    if let Some((first, last)) = solution.flat {
        let _ = write!(text, "; so is the statistic from {} to {} of the grid", short(first), short(last));
    }
    if let Some((left, right)) = solution.jump {
        let _ = write!(text, "; the statistic jumps from {} to {} there", short(left), short(right));
    }
    text
}

fn write_json(folder: &Folder, value: &Value) -> Result<(), Error> {
    write_whole(&folder.path().join("calibration.json"), |out| {
        serde_json::to_writer_pretty(&mut *out, value)?;
        writeln!(out)
    })
}

/// The scenario, and its figures that are varied.
fn head(setting: &Setting, variants: usize) -> String {
    let mut text = format!("{}: {}\n", one_line(&setting.scenario), one_line(&setting.title));
    let _ = writeln!(text, "{variants} variants of {} trials from seed {}", setting.trials, setting.seed);
    for figure in &setting.figures {
        let basis = figure.origin.basis.map_or("without a stated basis", Basis::word);
        let leaf = figure.leaf.to_string();
        let _ = writeln!(text, "{} is {} in the scenario ({basis})", one_line(&figure.path), one_line(&leaf));
    }
    text
}

fn targets(targets: &[Target], tolerances: &[f64], as_it_stands: &[f64]) -> Vec<Value> {
    let all = targets.iter().zip(tolerances).zip(as_it_stands);
    all.map(|((t, tolerance), now)| {
        json!({ "statistic": t.statistic(), "value": t.value(), "tolerance": tolerance, "as_it_stands": now })
    })
    .collect()
}

fn variables(variables: &[Variable], setting: &Setting) -> Vec<Value> {
    let one = |(v, figure): (&Variable, &Assumption)| {
        let (low, high) = v.range();
        let source = figure.origin.to_string();
        let mut value = json!({
            "path": figure.path,
            "scaled": v.is_factor(),
            "low": low,
            "high": high,
            "leaf": figure.leaf.to_string(),
            "source": (!source.is_empty()).then_some(source),
            "basis": figure.origin.basis.map(Basis::word),
        });
        if let (Some(prior), Value::Object(value)) = (v.given_prior(), &mut value) {
            value.insert("prior".to_owned(), prior.to_string().into());
        }
        value
    };
    variables.iter().zip(&setting.figures).map(one).collect()
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
