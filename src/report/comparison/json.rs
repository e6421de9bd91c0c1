//! `compare.json`: all figures of a comparison.

use super::headline_loss;
use crate::Error;
use crate::report::folder::{Folder, Results};
use crate::report::summary::{days, inputs, pair};
use crate::report::write_whole;
use crate::run::Component;
use crate::study::{Compared, Comparison, LEVEL, Part};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

impl Comparison<'_> {
    /// The comparison as JSON: for each scenario, its parties with the components of their losses, and when the
    /// headline party's sectors first stopped. Amounts are in the `currency`; a number that is not finite is `null`, and so is
    /// an interval that so few trials do not give, and the share of a loss that cannot be told from 0 by two standard errors.
    #[must_use]
    pub fn json(&self) -> Value {
        let labels = self.reference().labels();
        json!({
            "version": env!("CARGO_PKG_VERSION"),
            "trials": self.reference().trials(),
            "seed": self.reference().seed(),
            "level": LEVEL,
            "headline": labels.headline_id(),
            "currency": labels.currency(),
            "reference": self.labels().next(),
            "scenarios": self.scenarios().iter().map(|s| self.scenario_json(s)).collect::<Vec<_>>(),
        })
    }

    fn scenario_json(&self, scenario: &Compared) -> Value {
        let mut parties = Map::new();
        for of in &scenario.parties {
            let mut party = Map::new();
            for component in Component::ALL {
                party.insert(component.word().to_owned(), part_json(of.part(component)));
            }
            party.insert("gdp_share".to_owned(), json!({ "mean": of.gdp_share }));
            parties.insert(of.id.clone(), Value::Object(party));
        }
        let mut first_stop = Map::new();
        for (sector, stop) in self.sectors().zip(&scenario.first_stops) {
            let stop = stop.as_ref().map(|stop| days(stop, self.reference().trials()));
            first_stop.insert(sector.id.clone(), stop.unwrap_or_default());
        }
        let loss = headline_loss(self, scenario);
        let over = self.amounts().iter().map(|&amount| {
            let interval = pair(Some(loss.p_exceeds_ci(amount, LEVEL)));
            json!({ "amount": amount, "probability": loss.p_exceeds(amount), "ci": interval })
        });
        json!({
            "label": scenario.label,
            "scenario": scenario.name,
            "title": scenario.title,
            "changed": scenario.assignments,
            "inputs": inputs(&scenario.inputs),
            "start": scenario.frame.start.to_string(),
            "days": scenario.frame.days,
            "stopped_below": scenario.frame.stopped_below,
            "digest": scenario.digest,
            "wall_seconds": scenario.elapsed.as_secs_f64(),
            "parties": parties,
            "first_stop": first_stop,
            "over": over.collect::<Vec<_>>(),
        })
    }

    /// Writes `compare.json` into a folder, which is made if need be: [`Comparison::json`], with the file of each
    /// scenario, given in the order in which they were added, the reference's first.
    ///
    /// # Errors
    /// [`Error::Output`] when the folder cannot be taken or the file not be written.
    pub fn write(&self, folder: &Path, files: &[PathBuf]) -> Result<(), Error> {
        let inputs = self.scenarios().iter().map(|scenario| &scenario.inputs);
        self.write_in(&Folder::claim(folder, Results::Comparison, inputs)?, files)
    }

    /// The same into a folder that is taken already.
    ///
    /// # Errors
    /// [`Error::Output`] when the file cannot be written.
    pub fn write_in(&self, folder: &Folder, files: &[PathBuf]) -> Result<(), Error> {
        let mut value = self.json();
        if let Some(Value::Array(scenarios)) = value.get_mut("scenarios") {
            for (scenario, file) in scenarios.iter_mut().zip(files) {
                if let Value::Object(scenario) = scenario {
                    scenario.insert("file".to_owned(), file.display().to_string().into());
                }
            }
        }
        write_whole(&folder.path().join("compare.json"), |out| {
            serde_json::to_writer_pretty(&mut *out, &value)?;
            writeln!(out)
        })
    }
}

fn part_json(part: &Part) -> Value {
    let Part { loss, difference, share, .. } = part;
    let by_trial = difference.by_trial();
    json!({
        "mean": loss.mean(),
        "mean_ci": pair(loss.mean_ci(LEVEL)),
        "p05": loss.quantile(0.05),
        "p50": loss.quantile(0.5),
        "p95": loss.quantile(0.95),
        "difference": {
            "mean": difference.mean(),
            "mean_ci": pair(difference.mean_ci(LEVEL)),
            "share": share.map(|s| s.value()),
            "share_ci": pair(share.and_then(|s| s.interval(LEVEL))),
            "p_less": difference.p_less(),
            "p_less_ci": pair(Some(difference.p_less_ci(LEVEL))),
            "p_more": difference.p_more(),
            "p_more_ci": pair(Some(difference.p_more_ci(LEVEL))),
            "p05": by_trial.quantile(0.05),
            "p50": by_trial.quantile(0.5),
            "p95": by_trial.quantile(0.95),
        },
    })
}
