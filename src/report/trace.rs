//! One trial step by step, as CSV.

use super::files::{remove, write_csv};
use super::folder::paths;
use crate::files::refuse_input;
use crate::{Error, Model};
use std::path::{Path, PathBuf};

/// Writes the activity of every site in every step of one trial to `path`, with the columns
/// `step,day,site,activity,capacity,demand,limiting_input` in units of the site's main output a step, and
/// the stocks after each step to the same name ending in `.stocks.csv`, with `step,site,input,stock`.
/// Numbers have 17 significant digits; a text that begins as a formula does has an apostrophe before it. Returns the paths.
///
/// # Errors
/// [`Error::Baseline`] when the trial has no balanced baseline, [`Error::Output`] when a file cannot be
/// written, or the model was read from a file that stands there.
pub fn write_trace(model: &Model, seed: u64, trial: u64, path: &Path) -> Result<[PathBuf; 2], Error> {
    let beside = path.with_extension("stocks.csv");
    for path in [path, &beside] {
        refuse_input(path, paths(&model.read_from))?;
    }
    let run = model.trial(seed, trial)?;
    let (mut activities, mut stocks) = (Vec::new(), Vec::new());
    for t in 0..model.steps() {
        let day = t as f64 * model.step_days();
        for (n, site) in run.sites.iter().enumerate() {
            activities.push([
                t.to_string(),
                day.to_string(),
                site.clone(),
                digits(run.activity[[t, n]]),
                digits(run.capacity[[t, n]]),
                digits(run.demand[[t, n]]),
                run.limiting_input(t, n).unwrap_or_default().to_owned(),
            ]);
        }
        for ([site, input], stock) in run.inputs.iter().zip(run.stock.row(t)) {
            stocks.push([t.to_string(), site.clone(), input.clone(), digits(*stock)]);
        }
    }
    // Stocks of another trial must not stand beside these activities, should this end halfway.
    remove(&beside)?;
    let header = |names: &str| names.split(',').map(str::to_owned).collect::<Vec<_>>();
    write_csv(
        path,
        &header("step,day,site,activity,capacity,demand,limiting_input"),
        activities.into_iter(),
    )?;
    write_csv(&beside, &header("step,site,input,stock"), stocks.into_iter())?;
    Ok([path.to_owned(), beside])
}

fn digits(x: f64) -> String {
    format!("{x:.16e}")
}
