//! A leaf that follows a distribution of one's own: any sampler that rand's traits describe.

use supplyshock::draw::{Sampler, rand_distr};
use supplyshock::scenario::Leaf;
use supplyshock::{Ensemble, Scenario};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let scenario = Scenario::load("scenarios/mechanism_contracts.toml")?;

    // Frechet is heavy-tailed: most bans are short, and a few last for years. Name and version stand for the sampler in the
    // fingerprint of the model, as nothing else tells one function from another.
    let days = rand_distr::Frechet::new(0.0, 60.0, 2.0).map_err(|fault| fault.to_string())?;
    let days = Sampler::new("duration of a ban", 1, days).within(0.0, f64::INFINITY)?;
    let path = "controls.ban.duration_days";
    let heavy = scenario.edit().set(path, Leaf::from(days)).finish()?;

    for (name, variant) in [("as it stands", &scenario), ("with a heavy tail", &heavy)] {
        // The same seed: all other leaves have the same luck in both.
        let outcome = Ensemble::new(&variant.compile()?).trials(2000).seed(7).run()?;
        let loss = outcome.loss(outcome.labels().headline_id())?;
        println!(
            "{name}: mean {:.3e}, p95 {:.3e}, worst {:.3e}",
            loss.mean(),
            loss.quantile(0.95),
            loss.max()
        );
    }
    Ok(())
}
