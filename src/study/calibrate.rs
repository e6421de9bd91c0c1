//! Which value of an assumption makes a statistic of the losses take a given value?
//!
//! Every variant is run on the same trials with the same seed, so that all have the same luck (common random
//! numbers): their differences are due to the figure that is varied, and the statistic is a function of it without
//! noise from one variant to the next. Chance remains in that the trials are `n` and no more; the intervals say how
//! much.
//!
//! - [`Calibration::solve`]: one statistic, one assumption. All solutions that a grid brackets, each refined to
//!   the tolerance, or the range that the statistic covers.
//! - [`Calibration::posterior`]: any number of both. Which assumptions go with the targets, and how much room is left
//!   between them.
//!
//! A calibrated figure is not a measured one: it rests on all other figures of the scenario.
//!
//! ```
//! use supplyshock::study::{Target, Variable};
//! use supplyshock::{Calibration, Scenario};
//!
//! # fn main() -> Result<(), supplyshock::Error> {
//! let scenario = Scenario::load("scenarios/japan_full_cut.toml")?;
//! let solutions = Calibration::new(&scenario)
//!     .target(Target::new("JP.output.mean", 4.5e12))
//!     .vary(Variable::factor("assumptions.gamma_vehicles", 0.0, 1.5))
//!     .trials(64)
//!     .grid(3)
//!     .solve()?;
//! let [solution] = solutions.found.as_slice() else { panic!("more or less than one") };
//! assert!((solution.statistic / 4.5e12 - 1.0).abs() < 1e-3);
//! # Ok(())
//! # }
//! ```

mod posterior;
mod solve;
mod target;
mod variable;

pub use posterior::{Marginal, Posterior, PriorDraw};
pub use solve::{Solution, Solutions};
pub use target::Target;
pub use variable::Variable;

use super::{CalibrationError, Estimate, Statistic};
use crate::run::Budget;
use crate::scenario::{Assumption, Inputs};
use crate::{Ensemble, Error, Model, Outcome, Scenario};
use std::cell::Cell;
use variable::variant;

/// Called with the number of variants that have been run.
type Progress<'a> = dyn Fn(u64) + 'a;

/// Settings of a calibration.
pub struct Calibration<'a> {
    scenario: &'a Scenario,
    targets: Vec<Target>,
    variables: Vec<Variable>,
    trials: u64,
    seed: u64,
    threads: Option<usize>,
    budgets: Vec<Budget>,
    tolerance: f64,
    grid: usize,
    progress: Option<Box<Progress<'a>>>,
    runs: Cell<u64>,
}

/// The scenario of a calibration, with its figures that are varied, and the trials of each variant.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Setting {
    /// Name of the scenario.
    pub scenario: String,
    /// Its title.
    pub title: String,
    /// The files that the scenario was read from, with their hashes.
    pub inputs: Inputs,
    /// By variable: its figure as it stands in the scenario.
    pub figures: Vec<Assumption>,
    /// Trials of each variant.
    pub trials: u64,
    /// Seed of the trials and of the draws from the priors.
    pub seed: u64,
}

impl std::fmt::Debug for Calibration<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Calibration")
            .field("scenario", &self.scenario.name())
            .field("targets", &self.targets)
            .field("variables", &self.variables)
            .field("trials", &self.trials)
            .field("seed", &self.seed)
            .field("threads", &self.threads)
            .field("budgets", &self.budgets)
            .field("tolerance", &self.tolerance)
            .field("grid", &self.grid)
            .finish_non_exhaustive()
    }
}

impl<'a> Calibration<'a> {
    /// Variants of 10,000 trials with seed 0, a tolerance of 0.001 and a grid of 17 points; nothing is
    /// aimed at or varied yet.
    #[must_use]
    pub fn new(scenario: &'a Scenario) -> Self {
        Calibration {
            scenario,
            targets: Vec::new(),
            variables: Vec::new(),
            trials: 10_000,
            seed: 0,
            threads: None,
            budgets: Vec::new(),
            tolerance: 1e-3,
            grid: 17,
            progress: None,
            runs: Cell::new(0),
        }
    }

    /// Adds a target.
    #[must_use]
    pub fn target(mut self, target: Target) -> Self {
        self.targets.push(target);
        self
    }

    /// Adds a figure that is varied.
    #[must_use]
    pub fn vary(mut self, variable: Variable) -> Self {
        self.variables.push(variable);
        self
    }

    /// Trials of each variant.
    #[must_use]
    pub fn trials(mut self, trials: u64) -> Self {
        self.trials = trials;
        self
    }

    /// Seed of the trials, and of the draws from the priors.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Refuses a calibration of which a run would take more than one of these budgets.
    #[must_use]
    pub fn budgets(mut self, budgets: impl IntoIterator<Item = Budget>) -> Self {
        self.budgets = budgets.into_iter().collect();
        self
    }

    /// Number of threads; it cannot change a result.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads);
        self
    }

    /// How far a statistic may be from its target, as a share of the target, or in the unit of the
    /// statistic where the target is 0. Targets with a tolerance of their own keep it.
    #[must_use]
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// Points of the first scan by [`Calibration::solve`], at equal distances from one end of the range to the
    /// other. Two solutions between neighbouring points can be missed.
    #[must_use]
    pub fn grid(mut self, points: usize) -> Self {
        self.grid = points;
        self
    }

    /// Calls `progress` with the number of variants that have been run, after each.
    #[must_use]
    pub fn progress(mut self, progress: impl Fn(u64) + 'a) -> Self {
        self.progress = Some(Box::new(progress));
        self
    }

    /// Finds whether all that is asked for is there, and makes sense.
    ///
    /// # Errors
    /// [`Error::Calibration`] for a range or a tolerance that is none, or something named twice;
    /// [`Error::Unknown`] for a statistic or a path that is not there; [`Error::Variant`] where an end of a
    /// range cannot stand in the scenario; [`Error::Trials`] for no trials or too many.
    pub fn check(&self) -> Result<(), Error> {
        self.statistics().map(drop)
    }

    /// The statistics that are aimed at, if all that is asked for is there and makes sense.
    fn statistics(&self) -> Result<Vec<Statistic>, Error> {
        if self.targets.is_empty() {
            return Err(CalibrationError::NoTarget.into());
        }
        if self.variables.is_empty() {
            return Err(CalibrationError::NothingVaried.into());
        }
        let model = self.scenario.compile()?;
        Ensemble::new(&model).trials(self.trials).check_range()?;
        // An outcome of one trial has the statistics that one of all has.
        let outcome = self.ensemble(Ensemble::new(&model).trials(1))?;
        let mut statistics = Vec::new();
        for (k, target) in self.targets.iter().enumerate() {
            let (name, allowed) = (target.statistic().to_owned(), self.allowed(target));
            statistics.push(target.of(&outcome)?);
            if !target.value().is_finite() {
                return Err(CalibrationError::Value { statistic: name, value: target.value() }.into());
            }
            if !(allowed > 0.0 && allowed.is_finite()) {
                let tolerance = target.tolerance().unwrap_or(self.tolerance);
                return Err(CalibrationError::Tolerance { statistic: name, tolerance }.into());
            }
            if statistics[..k].contains(&statistics[k]) {
                return Err(CalibrationError::TwoTargets { statistic: name }.into());
            }
        }
        let mut paths = Vec::new();
        for variable in &self.variables {
            variable.check(self.scenario)?;
            let path = variable.assumption(self.scenario)?.path;
            if paths.contains(&path) {
                return Err(CalibrationError::VariedTwice { path }.into());
            }
            paths.push(path);
        }
        Ok(statistics)
    }

    /// Scenario, trials and seed.
    fn setting(&self) -> Result<Setting, Error> {
        let figures = self.variables.iter().map(|variable| variable.assumption(self.scenario));
        Ok(Setting {
            scenario: self.scenario.name().to_owned(),
            title: self.scenario.tables().scenario.title.clone(),
            inputs: self.scenario.inputs().clone(),
            figures: figures.collect::<Result<_, _>>()?,
            trials: self.trials,
            seed: self.seed,
        })
    }

    /// How far a statistic may be from its target, in its unit.
    fn allowed(&self, target: &Target) -> f64 {
        let size = if target.value() == 0.0 { 1.0 } else { target.value().abs() };
        target.tolerance().unwrap_or(self.tolerance * size)
    }

    fn ensemble(&self, ensemble: Ensemble) -> Result<Outcome, Error> {
        let ensemble = ensemble.seed(self.seed).budgets(self.budgets.iter().copied());
        match self.threads {
            Some(threads) => ensemble.threads(threads).run(),
            None => ensemble.run(),
        }
    }

    /// Runs all trials of a model, and gives these statistics.
    fn run(&self, model: &Model, statistics: &[Statistic]) -> Result<Vec<Estimate>, Error> {
        let outcome = self.ensemble(Ensemble::new(model).trials(self.trials))?;
        let found = statistics.iter().map(|statistic| outcome.statistic(statistic)).collect();
        self.runs.set(self.runs.get() + 1);
        if let Some(progress) = &self.progress {
            progress(self.runs.get());
        }
        found
    }

    /// The model in which the variables have these values.
    fn model(&self, values: &[f64]) -> Result<Model, Error> {
        let mut leaves = self.variables.iter().zip(values);
        leaves
            .try_fold(self.scenario.edit(), |draft, (v, x)| {
                Ok(draft.set(v.path(), v.leaf(self.scenario, *x)?))
            })
            .and_then(|draft| draft.finish()?.compile())
            .map_err(|source| variant(&self.variables, values, source))
    }

    /// These statistics, where the variables have these values.
    fn evaluate(&self, values: &[f64], statistics: &[Statistic]) -> Result<Vec<Estimate>, Error> {
        let model = self.model(values)?;
        self.run(&model, statistics).map_err(|source| variant(&self.variables, values, source))
    }

    /// The same in the scenario as it stands.
    fn as_it_stands(&self, statistics: &[Statistic]) -> Result<Vec<f64>, Error> {
        let found = self.run(&self.scenario.compile()?, statistics)?;
        Ok(found.into_iter().map(|estimate| estimate.value).collect())
    }
}
