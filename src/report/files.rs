//! Files of a run, standard output, and how a program ends.

use super::folder::{Folder, Results};
use super::summary;
use crate::files::write_whole;
use crate::scenario::{Problem, Scenario, printable};
use crate::{Error, Model, Outcome};
use std::borrow::Cow;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Trials whose draws are held at once while they are written.
const PART: usize = 4096;

/// A cell that no spreadsheet runs: a text that begins as a formula does gets an apostrophe before it, and so does one that
/// then could not be told from it. Numbers stay as they are.
fn cell(text: &[u8]) -> Cow<'_, [u8]> {
    let begins = text.iter().find(|byte| **byte != b'\'');
    let is_number = || std::str::from_utf8(text).is_ok_and(|text| text.parse::<f64>().is_ok());
    match begins {
        Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r' | b'\n') if !is_number() => {
            [b"'".as_slice(), text].concat().into()
        }
        _ => text.into(),
    }
}

/// A CSV file that is being written.
struct Rows<'a>(csv::Writer<&'a mut dyn Write>);

impl Rows<'_> {
    fn add(&mut self, row: impl IntoIterator<Item: AsRef<[u8]>>) -> io::Result<()> {
        for text in row {
            self.0.write_field(cell(text.as_ref()))?;
        }
        Ok(self.0.write_record(None::<&[u8]>)?)
    }
}

/// Writes a CSV file whole or not at all.
fn write_rows(path: &Path, write: impl FnOnce(&mut Rows<'_>) -> io::Result<()>) -> Result<(), Error> {
    write_whole(path, |out| {
        let mut rows = Rows(csv::Writer::from_writer(out));
        write(&mut rows)?;
        rows.0.flush()
    })
}

/// Writes a CSV file from a header and rows.
pub(crate) fn write_csv<R>(
    path: &Path,
    header: &[String],
    mut rows: impl Iterator<Item = R>,
) -> Result<(), Error>
where
    R: IntoIterator<Item: AsRef<[u8]>>,
{
    write_rows(path, |csv| {
        csv.add(header)?;
        rows.try_for_each(|row| csv.add(row))
    })
}

/// Prints text to standard output, with characters that would act on a terminal written out. A reader that has gone away, as `head` does, is no error.
///
/// # Errors
/// When standard output cannot take it, such as a full disk behind it.
pub fn print(text: &str) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    match out.write_all(printable(text).as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::Output { path: "standard output".into(), source: e })
        }
        _ => Ok(()),
    }
}

/// Writes to standard error what is doubtful in a scenario.
pub fn warn(scenario: &Scenario) {
    tell(scenario.warnings());
}

/// Writes to standard error the doubts about the baseline of a model.
pub fn warn_of_baseline(model: &Model) {
    tell(&model.warnings());
}

fn tell(warnings: &[Problem]) {
    for warning in warnings {
        // Where nobody can be told, the run is none the worse.
        let _ = writeln!(io::stderr(), "warning: {}", printable(&warning.to_string()));
    }
}

/// Writes the error to standard error, if there is one, and gives the exit code of a program.
pub fn exit<E: std::fmt::Display>(result: Result<(), E>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where nobody can be told, the exit code still tells.
            let _ = writeln!(io::stderr(), "error: {}", printable(&error.to_string()));
            ExitCode::FAILURE
        }
    }
}

/// Writes the results of a run into a folder, which is made if need be: as [`Folder::write_run`].
///
/// # Errors
/// [`Error::Output`] when the folder cannot be taken, and as [`Folder::write_run`].
pub fn write_run(folder: &Path, scenario: &Scenario, outcome: &Outcome) -> Result<Vec<PathBuf>, Error> {
    Folder::claim(folder, Results::Run, [scenario.inputs()])?.write_run(scenario, outcome)
}

impl Folder {
    /// Writes `summary.json`, `trials.csv`, `draws.csv`, `path.csv` and `assumptions.csv`. A condensed run has no `trials.csv` and
    /// no `draws.csv`, and an outcome that was read without its draws no `draws.csv`; those of an earlier run are removed, and
    /// their paths given. A cell of a CSV file that begins as a formula does has an apostrophe before it.
    ///
    /// # Errors
    /// [`Error::Output`] for the first file that cannot be written; [`Error::Loss`] for losses that are not finite.
    pub fn write_run(&self, scenario: &Scenario, outcome: &Outcome) -> Result<Vec<PathBuf>, Error> {
        let folder = self.path();
        let summary = summary(outcome)?;
        let mut written = Results::Run.files().to_vec();
        let without_draws = matches!(outcome.draws_of(0..0), Err(Error::NotKept { .. }));
        written.retain(|name| match *name {
            "trials.csv" => !outcome.is_condensed(),
            "draws.csv" => !outcome.is_condensed() && !without_draws,
            _ => true,
        });
        // The summary of an earlier run must not stand beside the files of this one, should it end halfway.
        let removed = self.begin(&written)?;
        let labels = outcome.labels();
        let parties: Vec<&str> = labels.parties().iter().map(|party| party.id.as_str()).collect();

        if written.contains(&"trials.csv") {
            write_trials(folder, outcome)?;
        }
        if written.contains(&"draws.csv") {
            write_draws(folder, outcome)?;
        }

        let header = ["step", "day", "party", "mean", "p05", "p50", "p95"].map(str::to_owned);
        let mut rows = Vec::new();
        for party in &parties {
            for (t, step) in outcome.path(party)?.iter().enumerate() {
                let numbers = [step.mean(), step.quantile(0.05), step.quantile(0.5), step.quantile(0.95)];
                let place = [t.to_string(), (t as f64 * labels.step_days()).to_string(), (*party).to_owned()];
                rows.push(place.into_iter().chain(numbers.map(|x| x.to_string())).collect::<Vec<_>>());
            }
        }
        write_csv(&folder.join("path.csv"), &header, rows.into_iter())?;

        let header = ["path", "value", "source", "basis"].map(str::to_owned);
        let rows = scenario.assumptions().into_iter().map(|a| {
            let basis = a.origin.basis.map_or("", |b| b.word());
            let source = a.origin.source.or_else(|| a.origin.changed.map(|change| change.to_string()));
            [a.path, a.leaf.to_string(), source.unwrap_or_default(), basis.to_owned()]
        });
        write_csv(&folder.join("assumptions.csv"), &header, rows)?;

        // Last: where it stands, the other files stand too.
        write_whole(&folder.join("summary.json"), |out| {
            serde_json::to_writer_pretty(&mut *out, &summary)?;
            writeln!(out)
        })?;
        Ok(removed)
    }
}

fn write_trials(folder: &Path, outcome: &Outcome) -> Result<(), Error> {
    let (losses, insurer) = (outcome.losses()?, outcome.insurer());
    let of_parties = outcome.loss_columns().map(|(id, part)| format!("{id}.{}", part.word()));
    let of_insurers = (!insurer.is_empty()).then(|| "insurer".to_owned());
    let header: Vec<String> =
        std::iter::once("trial".to_owned()).chain(of_parties).chain(of_insurers).collect();
    let rows = outcome.trial_numbers().zip(losses.outer_iter()).enumerate().map(|(k, (trial, losses))| {
        let losses = losses.into_iter().chain(insurer.get(k)).map(f64::to_string);
        std::iter::once(trial.to_string()).chain(losses).collect::<Vec<_>>()
    });
    write_csv(&folder.join("trials.csv"), &header, rows)
}

fn write_draws(folder: &Path, outcome: &Outcome) -> Result<(), Error> {
    let header = std::iter::once("trial".to_owned()).chain(outcome.labels().drawn().iter().cloned());
    let header: Vec<String> = header.collect();
    let (mut numbers, trials) = (outcome.trial_numbers(), outcome.trials() as usize);
    write_rows(&folder.join("draws.csv"), |csv| {
        csv.add(&header)?;
        for first in (0..trials).step_by(PART) {
            let drawn = outcome.draws_of(first..trials.min(first + PART)).map_err(io::Error::other)?;
            for (trial, drawn) in numbers.by_ref().zip(drawn.rows()) {
                csv.add(std::iter::once(trial.to_string()).chain(drawn.iter().map(f64::to_string)))?;
            }
        }
        Ok(())
    })
}

/// Removes a file of an earlier time, if there is one.
pub(super) fn remove(path: &Path) -> Result<(), Error> {
    if path.is_file() {
        std::fs::remove_file(path).map_err(|source| Error::Output { path: path.to_owned(), source })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn a_text_that_begins_as_a_formula_gets_an_apostrophe_and_a_number_does_not() {
        for text in ["=1+1", "+a", "-b", "@SUM(A1)", "\tx", "\rx", "\nx", "'=1", "''=1", "-1+1", "-", "="] {
            assert_eq!(cell(text.as_bytes()).as_ref(), format!("'{text}").as_bytes());
        }
        for text in ["", "-1.5", "+2", "-1e-7", "-inf", "a=b", "'", "'quoted'", "a-b", "Ö", "-0"] {
            assert_eq!(cell(text.as_bytes()).as_ref(), text.as_bytes());
        }
    }
}
