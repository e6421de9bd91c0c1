//! Files of a run, standard output, and how a program ends.

use super::summary;
use crate::files::{new_file, write_whole};
use crate::scenario::{Problem, Scenario};
use crate::{Error, Model, Outcome};
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

/// Trials whose draws are held at once while they are written.
const PART: usize = 4096;

/// Makes a folder, and makes sure that files can be made in it: before a long run, not after it.
///
/// # Errors
/// [`Error::Output`] when one of the two fails.
pub fn make_folder(folder: &Path) -> Result<(), Error> {
    std::fs::create_dir_all(folder)
        .and_then(|()| new_file(folder).map(drop))
        .map_err(|source| Error::Output { path: folder.to_owned(), source })
}

/// Writes a CSV file from a header and rows.
pub(crate) fn write_csv<R>(path: &Path, header: &[String], rows: impl Iterator<Item = R>) -> Result<(), Error>
where
    R: IntoIterator<Item: AsRef<[u8]>>,
{
    write_whole(path, |out| {
        let mut csv = csv::Writer::from_writer(out);
        csv.write_record(header)?;
        for row in rows {
            csv.write_record(row)?;
        }
        csv.flush()
    })
}

/// Prints text to standard output. A reader that has gone away, as `head` does, is no error.
///
/// # Errors
/// When standard output cannot take it, such as a full disk behind it.
pub fn print(text: &str) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
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

/// Writes to standard error what is doubtful in the baseline of a model.
pub fn warn_of_baseline(model: &Model) {
    tell(&model.warnings());
}

fn tell(warnings: &[Problem]) {
    for warning in warnings {
        // Where nobody can be told, the run is none the worse.
        let _ = writeln!(io::stderr(), "warning: {warning}");
    }
}

/// Writes the error to standard error, if there is one, and gives the exit code of a program.
pub fn exit<E: std::fmt::Display>(result: Result<(), E>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where nobody can be told, the exit code still tells.
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Writes `summary.json`, `trials.csv`, `draws.csv`, `path.csv` and `assumptions.csv` into a folder, which
/// is made if need be. A condensed run has no `trials.csv` and no `draws.csv`, and an outcome that was read without its
/// draws no `draws.csv`; those of an earlier run are removed.
///
/// # Errors
/// [`Error::Output`] for the first file that cannot be written; [`Error::Loss`] for losses that are not finite.
pub fn write_run(folder: &Path, scenario: &Scenario, outcome: &Outcome) -> Result<(), Error> {
    make_folder(folder)?;
    let summary = summary(outcome)?;
    // The summary of an earlier run must not stand beside the files of this one, should it end halfway.
    let summary_path = folder.join("summary.json");
    remove(&summary_path)?;
    let labels = outcome.labels();
    let parties: Vec<&str> = labels.parties().iter().map(|party| party.id.as_str()).collect();

    if outcome.is_condensed() {
        for name in ["trials.csv", "draws.csv"] {
            remove(&folder.join(name))?;
        }
    } else {
        write_trials(folder, outcome)?;
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
    write_whole(&summary_path, |out| {
        serde_json::to_writer_pretty(&mut *out, &summary)?;
        writeln!(out)
    })
}

/// Writes `trials.csv` and `draws.csv`.
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
    write_csv(&folder.join("trials.csv"), &header, rows)?;

    if let Err(Error::NotKept { .. }) = outcome.draws_of(0..0) {
        return remove(&folder.join("draws.csv"));
    }

    let header = std::iter::once("trial".to_owned()).chain(outcome.labels().drawn().iter().cloned());
    let header: Vec<String> = header.collect();
    let (mut numbers, trials) = (outcome.trial_numbers(), outcome.trials() as usize);
    write_whole(&folder.join("draws.csv"), |out| {
        let mut csv = csv::Writer::from_writer(out);
        csv.write_record(&header)?;
        for first in (0..trials).step_by(PART) {
            let drawn = outcome.draws_of(first..trials.min(first + PART)).map_err(io::Error::other)?;
            for (trial, drawn) in numbers.by_ref().zip(drawn.rows()) {
                csv.write_field(trial.to_string())?;
                csv.write_record(drawn.iter().map(f64::to_string))?;
            }
        }
        csv.flush()
    })
}

/// Removes a file of an earlier run, if there is one.
fn remove(path: &Path) -> Result<(), Error> {
    if path.is_file() {
        std::fs::remove_file(path).map_err(|source| Error::Output { path: path.to_owned(), source })?;
    }
    Ok(())
}
