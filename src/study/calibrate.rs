//! Which value of an assumption makes a statistic of the losses take a given value?
//!
//! Every variant is run on the same trials with the same seed, so that all have the same luck (common random
//! numbers): their differences are due to what is varied, and the statistic is a function of it without noise
//! from one variant to the next. What is left of chance is that the trials are `n` and no more; the intervals
//! say how much.
//!
//! - [`Calibration::solve`]: one statistic, one assumption. All solutions that a grid brackets, each refined to
//!   the tolerance, or the range that the statistic covers.
//! - [`Calibration::posterior`]: any number of both. Which assumptions go with the targets, and what is left
//!   open between them.
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
//!     .target(Target::new("JP.output.mean", 2.8e12))
//!     .vary(Variable::factor("assumptions.gamma_vehicles", 0.0, 1.5))
//!     .trials(64)
//!     .grid(3)
//!     .solve()?;
//! let [solution] = solutions.found.as_slice() else { panic!("more or less than one") };
//! assert!((solution.statistic / 2.8e12 - 1.0).abs() < 1e-3);
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

use crate::{Ensemble, Error, Model, Scenario};
use std::cell::Cell;
use target::{Statistic, Statistics};
use variable::variant;

/// Called with the number of variants that have been run.
type Progress<'a> = dyn Fn(u64) + 'a;

/// Settings of a calibration.
pub struct Calibration<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) targets: Vec<Target>,
    pub(crate) variables: Vec<Variable>,
    pub(crate) trials: u64,
    pub(crate) seed: u64,
    pub(crate) threads: Option<usize>,
    pub(crate) tolerance: f64,
    pub(crate) grid: usize,
    pub(crate) progress: Option<Box<Progress<'a>>>,
    pub(crate) runs: Cell<u64>,
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

    /// Adds what is varied.
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

    /// Seed of the trials, and of the draws from the prior.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
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
        let wrong = |message: String| Err(Error::Calibration(message));
        if self.targets.is_empty() {
            return wrong("there is no target: give a statistic and its value".to_owned());
        }
        if self.variables.is_empty() {
            return wrong("nothing is varied: give the path of a figure and its range".to_owned());
        }
        let model = self.scenario.compile()?;
        Ensemble::new(&model).trials(self.trials).check_range()?;
        // The names are the same after one trial as after all.
        let statistics = self.statistics(Ensemble::new(&model).trials(1))?;
        for (k, target) in self.targets.iter().enumerate() {
            let (name, tolerance) = (&target.statistic, self.allowed(target));
            statistics.get(name)?;
            if !target.value.is_finite() {
                return wrong(format!("target {name}: {} is not a finite number", target.value));
            }
            if !(tolerance > 0.0 && tolerance.is_finite()) {
                return wrong(format!(
                    "target {name}: a tolerance of {} is none\n    help: give a finite number over 0",
                    target.tolerance.unwrap_or(self.tolerance)
                ));
            }
            if self.targets[..k].iter().any(|t| t.statistic == *name) {
                return wrong(format!("there are two targets for {name}: keep one"));
            }
        }
        let mut paths = Vec::new();
        for variable in &self.variables {
            variable.check(self.scenario)?;
            let path = variable.assumption(self.scenario)?.path;
            if paths.contains(&path) {
                return wrong(format!("{path} is varied twice: keep one"));
            }
            paths.push(path);
        }
        Ok(())
    }

    /// How far a statistic may be from its target, in its unit.
    fn allowed(&self, target: &Target) -> f64 {
        let size = if target.value == 0.0 { 1.0 } else { target.value.abs() };
        target.tolerance.unwrap_or(self.tolerance * size)
    }

    fn statistics(&self, ensemble: Ensemble<'_>) -> Result<Statistics, Error> {
        let mut ensemble = ensemble.seed(self.seed);
        if let Some(threads) = self.threads {
            ensemble = ensemble.threads(threads);
        }
        Statistics::of(&ensemble.run()?)
    }

    /// Runs all trials of a model.
    fn run(&self, model: &Model) -> Result<Statistics, Error> {
        let statistics = self.statistics(Ensemble::new(model).trials(self.trials))?;
        self.runs.set(self.runs.get() + 1);
        if let Some(progress) = &self.progress {
            progress(self.runs.get());
        }
        Ok(statistics)
    }

    /// The model in which what is varied has these values.
    fn model(&self, values: &[f64]) -> Result<Model, Error> {
        let mut leaves = self.variables.iter().zip(values);
        leaves
            .try_fold(self.scenario.edit(), |draft, (v, x)| {
                Ok(draft.set(&v.path, v.leaf(self.scenario, *x)?))
            })
            .and_then(|draft| draft.finish()?.compile())
            .map_err(|source| variant(&self.variables, values, source))
    }

    /// The statistics that are aimed at, where what is varied has these values.
    fn evaluate(&self, values: &[f64]) -> Result<Vec<Statistic>, Error> {
        let model = self.model(values)?;
        let all = self.run(&model).map_err(|source| variant(&self.variables, values, source))?;
        self.aimed_at(&all)
    }

    /// The same in the scenario as it stands.
    fn as_it_stands(&self) -> Result<Vec<Statistic>, Error> {
        self.aimed_at(&self.run(&self.scenario.compile()?)?)
    }

    fn aimed_at(&self, all: &Statistics) -> Result<Vec<Statistic>, Error> {
        self.targets.iter().map(|t| all.get(&t.statistic)).collect()
    }
}
