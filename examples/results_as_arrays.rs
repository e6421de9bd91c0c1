//! Results as arrays: views of the memory that the trials were written to.

use supplyshock::ndarray::Axis;
use supplyshock::run::Component;
use supplyshock::{Ensemble, Error, Scenario};

fn main() -> Result<(), Error> {
    let model = Scenario::load("scenarios/japan_full_cut.toml")?.compile()?;
    let outcome = Ensemble::new(&model).trials(320).seed(2026).run()?;

    // Trial × (party, component); nothing is copied.
    let losses = outcome.losses()?;
    let japan = losses.column(outcome.index_of("JP", Component::Output)?);
    let worst = japan.iter().copied().enumerate().max_by(|a, b| a.1.total_cmp(&b.1));
    let (trial, loss) = worst.unwrap_or_default();
    println!("trial {trial} is the worst of {}: JP loses {loss:.3e} {}", losses.nrows(), model.currency());

    // Trial × leaf: its draws.
    let draws = outcome.draws()?;
    for (name, value) in outcome.labels().drawn().iter().zip(draws.row(trial)).take(3) {
        println!("  {name} = {value:.3}");
    }

    // Step × party × statistic, and step × site of one trial.
    let paths = outcome.paths();
    println!("paths of {:?} steps, parties and statistics", paths.shape());
    let trace = model.trial(2026, trial as u64)?;
    let idle = trace.activity.sum_axis(Axis(0)).iter().filter(|sum| **sum == 0.0).count();
    println!("{idle} of {} sites never ran in that trial", trace.activity.ncols());
    Ok(())
}
