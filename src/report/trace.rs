//! One trial step by step, as CSV.

use super::files::write_csv;
use crate::step::reference::Trial;
use crate::{Error, Model};
use std::path::{Path, PathBuf};

/// Writes the activity of every site in every step of one trial to `path`, with the columns
/// `step,day,site,activity,capacity,demand,limiting_input` in units of the site's main output a step, and
/// the stocks after each step to the same name ending in `.stocks.csv`, with `step,site,input,stock`.
/// Numbers have 17 significant digits. Returns the paths.
///
/// # Errors
/// [`Error::Baseline`] when the trial has no balanced baseline, [`Error::Output`] when a file cannot be
/// written.
pub fn write_trace(model: &Model, seed: u64, trial: u64, path: &Path) -> Result<[PathBuf; 2], Error> {
    let mut run = Trial::new(model, seed, trial)?;
    let (mut activities, mut stocks) = (Vec::new(), Vec::new());
    for t in 0..model.steps() {
        run.step();
        let day = t as f64 * model.step_days();
        for a in run.activities() {
            activities.push([
                t.to_string(),
                day.to_string(),
                a.site.to_owned(),
                digits(a.activity),
                digits(a.capacity),
                digits(a.demand),
                a.limiting_input.unwrap_or_default().to_owned(),
            ]);
        }
        for (site, input, stock) in run.stocks() {
            stocks.push([t.to_string(), site.to_owned(), input.to_owned(), digits(stock)]);
        }
    }
    let beside = path.with_extension("stocks.csv");
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
