//! Settings of a run.

use super::budget::{Budget, Estimate};
use super::estimate::estimate;
use super::labels::{Kept, Labels};
use super::observe::{FinishedBlock, Observer};
use super::outcome::Outcome;
use super::provenance::{Kind, Provenance};
use super::ranges::Ranges;
use super::work::{Run, check_baselines};
use crate::Error;
use crate::step::{BLOCK, Model, TRIAL_LIMIT, block_size, threads};
use std::ops::{ControlFlow, Range};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Settings of a run.
///
/// It owns its model, of which clones are cheap, so it can be sent to another thread or to a pool of blocking work.
///
/// ```
/// # fn main() -> Result<(), supplyshock::Error> {
/// # let model = supplyshock::Scenario::load("scenarios/japan_full_cut.toml")?.compile()?;
/// use supplyshock::Ensemble;
/// let whole = Ensemble::new(&model).trials(50).seed(7).run()?;
/// let parts = Ensemble::new(&model).range(0..20).seed(7).run()?
///     .merge(Ensemble::new(&model).range(20..50).seed(7).run()?)?;
/// assert_eq!(whole.digest(), parts.digest());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Ensemble {
    model: Model,
    first: u64,
    count: u64,
    seed: u64,
    threads: Option<usize>,
    condensed: bool,
    every_step: bool,
    kept: Kept,
    /// Trials whose courses are kept, in order.
    courses: Vec<u64>,
    progress: Option<Progress>,
    cancel: Option<Arc<AtomicBool>>,
    budgets: Vec<Budget>,
}

/// Called with the number of trials that are done, from any thread.
#[derive(Clone)]
struct Progress(Arc<dyn Fn(u64) + Send + Sync>);

impl std::fmt::Debug for Progress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Progress")
    }
}

/// Watches nothing.
struct Unobserved;

impl Observer for Unobserved {
    fn block(&self, _: &FinishedBlock<'_>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// Most threads that a run takes.
const THREAD_LIMIT: usize = 1024;

impl Ensemble {
    /// 10,000 trials from trial 0 with seed 0, on the threads of the pool that it is run in.
    #[must_use]
    pub fn new(model: &Model) -> Self {
        Ensemble {
            model: model.clone(),
            first: 0,
            count: 10_000,
            seed: 0,
            threads: None,
            condensed: false,
            every_step: false,
            kept: Kept::default(),
            courses: Vec::new(),
            progress: None,
            cancel: None,
            budgets: Vec::new(),
        }
    }

    /// Runs the first `count` trials.
    #[must_use]
    pub fn trials(mut self, count: u64) -> Self {
        (self.first, self.count) = (0, count);
        self
    }

    /// Runs a range of trials.
    #[must_use]
    pub fn range(mut self, range: Range<u64>) -> Self {
        (self.first, self.count) = (range.start, range.end.saturating_sub(range.start));
        self
    }

    /// Seed of all draws.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Number of threads of a pool of its own, 1 to 1,024; without it, the run uses the rayon pool that it is called in. It cannot change
    /// a result.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads);
        self
    }

    /// Keeps no trial: losses are added up and counted in bins as trials end, so memory does not grow with their number.
    ///
    /// Means, ends, shares of trials and standard deviations are what they are with all trials kept, up to rounding;
    /// quantiles, tail values at risk and exceedance curves come from bins, with the bounds that [`LossDistribution`]
    /// states. What needs single trials gives [`Error::Condensed`]. No bit hangs on threads or on the parts merged.
    ///
    /// [`LossDistribution`]: crate::LossDistribution
    #[must_use]
    pub fn condensed(mut self) -> Self {
        self.condensed = true;
        self
    }

    /// Keeps the losses of these sites, by id, beside those of the sectors: see
    /// [`Outcome::site_losses`](super::Outcome::site_losses).
    #[must_use]
    pub fn keep_sites<S: Into<String>>(mut self, sites: impl IntoIterator<Item = S>) -> Self {
        self.kept.sites = sites.into_iter().map(Into::into).collect();
        self
    }

    /// Keeps what is drawn once a trial, so that [`Outcome::draws`](super::Outcome::draws) is there without the model, as
    /// in an outcome that was read from a file. It takes 8 bytes a trial and leaf.
    #[must_use]
    pub fn keep_draws(mut self) -> Self {
        self.kept.draws = true;
        self
    }

    /// Keeps how the losses of each sector go step by step, as they are kept of each party: see
    /// [`Outcome::sector_paths`](super::Outcome::sector_paths). For each thread it takes about 10 KiB a sector and step.
    #[must_use]
    pub fn keep_sector_paths(mut self) -> Self {
        self.kept.sector_paths = true;
        self
    }

    /// Keeps the losses step by step of these trials, those that are run: see
    /// [`Outcome::path_of`](super::Outcome::path_of).
    #[must_use]
    pub fn keep_paths_of(mut self, trials: impl IntoIterator<Item = u64>) -> Self {
        self.courses = trials.into_iter().collect();
        self.courses.sort_unstable();
        self.courses.dedup();
        self
    }

    /// Computes every step, also those of trials at rest, which otherwise are left out: to measure what a step costs. It
    /// cannot change a result.
    #[must_use]
    pub fn every_step(mut self) -> Self {
        self.every_step = true;
        self
    }

    /// Calls `progress` with the number of trials that are done, from time to time and from any thread.
    #[must_use]
    pub fn progress(mut self, progress: impl Fn(u64) + Send + Sync + 'static) -> Self {
        self.progress = Some(Progress(Arc::new(progress)));
        self
    }

    /// Ends the run when the flag is set: blocks that are at work are finished, and none is begun any more. The outcome then
    /// has the trials that are done, and [`Outcome::missing`](super::Outcome::missing) says which are not.
    #[must_use]
    pub fn cancel_on(mut self, flag: Arc<AtomicBool>) -> Self {
        self.cancel = Some(flag);
        self
    }

    /// Refuses the run where its [estimate](Self::estimate) exceeds one of these budgets. Without any, a run takes all that it
    /// needs.
    #[must_use]
    pub fn budgets(mut self, budgets: impl IntoIterator<Item = Budget>) -> Self {
        self.budgets = budgets.into_iter().collect();
        self
    }

    /// The memory and time that the run needs, as far as its model tells before it begins.
    ///
    /// # Errors
    /// [`Error::Trials`], [`Error::Unknown`] and [`Error::Condensed`] as [`Ensemble::run`].
    pub fn estimate(&self) -> Result<Estimate, Error> {
        self.check_range()?;
        let labels = self.labels()?;
        let threads = self.threads.unwrap_or_else(rayon::current_num_threads);
        Ok(estimate(&self.model, &labels, self.count, threads, self.condensed))
    }

    /// Finds the baseline of every trial of the range and runs none.
    ///
    /// # Errors
    /// [`Error::Baseline`] for the first trial without a balanced baseline, [`Error::Trials`] for an
    /// empty range.
    pub fn check_baselines(&self) -> Result<(), Error> {
        self.check_range()?;
        let asked = self.asked();
        match block_size(&self.model, self.count, 1) {
            BLOCK => check_baselines::<BLOCK>(&self.model, self.seed, &asked),
            _ => check_baselines::<1>(&self.model, self.seed, &asked),
        }
    }

    /// Finds whether the range of trials can be run at all, and on that many threads.
    ///
    /// # Errors
    /// [`Error::Trials`] for an empty range or one beyond the last trial; [`Error::Threads`] for no threads or too many.
    pub fn check_range(&self) -> Result<(), Error> {
        let fits = self.first.checked_add(self.count).is_some_and(|end| end <= TRIAL_LIMIT);
        if self.count == 0 || !fits {
            return Err(Error::Trials { first: self.first, count: self.count, limit: TRIAL_LIMIT });
        }
        match self.threads {
            Some(threads) if !(1..=THREAD_LIMIT).contains(&threads) => Err(Error::Threads {
                threads,
                message: format!("a run needs at least one, and takes at most {THREAD_LIMIT}"),
            }),
            _ => Ok(()),
        }
    }

    /// Runs the trials.
    ///
    /// # Errors
    /// [`Error::Baseline`] for the first trial without a balanced baseline; [`Error::Trials`] for an empty range;
    /// [`Error::Unknown`] for a site to keep that is not there; [`Error::Condensed`] where draws are to be kept of a condensed
    /// run; [`Error::Threads`] when the threads cannot be started; [`Error::Memory`] where there is none for so many trials;
    /// [`Error::Limit`] where it would take more than its budget; [`Error::Unsound`] for the first trial whose figures cannot be trusted;
    /// [`Error::Cancelled`] when no trial was done.
    pub fn run(&self) -> Result<Outcome, Error> {
        self.run_observed(&Unobserved)
    }

    /// Runs the trials and tells an observer of each block as it ends.
    ///
    /// # Errors
    /// As [`Ensemble::run`].
    pub fn run_observed(&self, observer: &dyn Observer) -> Result<Outcome, Error> {
        self.check_range()?;
        self.run_ranges(self.labels()?, self.asked(), observer)
    }

    /// Runs those trials of the range that `part` has not, such as an outcome of a run that was cancelled, and merges the
    /// two: to the same bits as one run of the whole. Where this run is cancelled as well, what is done by then is given.
    ///
    /// # Errors
    /// [`Error::Merge`], before anything is run, when `part` does not belong to these settings; as [`Ensemble::run`].
    pub fn resume(&self, mut part: Outcome) -> Result<Outcome, Error> {
        self.check_range()?;
        let labels = self.labels()?;
        let provenance = Provenance::new(&self.model, self.seed);
        Kind { labels: &labels, provenance: &provenance, is_condensed: self.condensed }
            .check(&part.kind())?;
        let missing = self.asked().without(part.done());
        if missing.trials() == 0 {
            return Ok(part);
        }
        match self.run_ranges(labels, missing.clone(), &Unobserved) {
            Err(Error::Cancelled) => {
                part.ask_for(&missing);
                Ok(part)
            }
            rest => Ok(part.merge(rest?)?),
        }
    }

    fn asked(&self) -> Ranges {
        Ranges::one(self.first..self.first + self.count)
    }

    fn labels(&self) -> Result<Labels, Error> {
        if self.condensed && self.kept.draws {
            return Err(Error::Condensed { what: "draws" });
        }
        Labels::new(&self.model, &self.kept)
    }

    fn run_ranges(&self, labels: Labels, asked: Ranges, observer: &dyn Observer) -> Result<Outcome, Error> {
        let threads = match self.threads {
            Some(threads) => threads,
            None => {
                threads::start()?;
                rayon::current_num_threads()
            }
        };
        if !self.budgets.is_empty() {
            let takes = estimate(&self.model, &labels, asked.trials(), threads, self.condensed);
            if let Some(budget) = self.budgets.iter().find(|budget| budget.is_exceeded_by(&takes)) {
                return Err(Error::Limit { budget: *budget, estimate: Box::new(takes) });
            }
        }
        let run = self.told(observer);
        match block_size(&self.model, asked.trials(), threads) {
            BLOCK => run.in_blocks::<BLOCK>(labels, asked),
            _ => run.in_blocks::<1>(labels, asked),
        }
    }

    fn told<'a>(&'a self, observer: &'a dyn Observer) -> Run<'a> {
        Run {
            model: &self.model,
            seed: self.seed,
            threads: self.threads,
            is_condensed: self.condensed,
            every_step: self.every_step,
            courses: &self.courses,
            progress: self.progress.as_ref().map(|progress| progress.0.as_ref()),
            cancel: self.cancel.as_deref(),
            observer,
        }
    }
}

// They read scenario files.
#[cfg(all(test, feature = "files"))]
mod tests {
    use super::{Ensemble, Unobserved};
    use crate::draw::Distribution;
    use crate::scenario::{About, Commodity, Date, Event, Input, Link, Output, Party, Site, Tables, Time};
    use crate::step::{BLOCK, far};
    use crate::{Model, Scenario};

    #[test]
    fn the_size_of_a_block_does_not_change_a_bit() {
        let mechanisms = ["contracts", "licences", "reexports", "regimes", "outages", "waiting"];
        for name in mechanisms.map(|name| format!("mechanism_{name}")) {
            in_blocks_of_all_sizes(&name, "north");
        }
        in_blocks_of_all_sizes("japan_full_cut", "JP");
    }

    #[test]
    fn rows_that_are_fetched_first_give_the_same_bits() {
        // One mine with so many customers that in blocks their orders lie far from each other.
        const SITES: usize = 9000;
        let time = Time::new(Date::new(2026, 1, 1), 56).step_days(7);
        let stop = Event::new(["mine"]).start_days(7).duration_days(28).severity(0.7);
        let mut tables = Tables::new(About::new("many", "JPY"), time)
            .party("north", Party::new(1e12))
            .commodity("ore", Commodity::new("t"))
            .commodity("goods", Commodity::new("t"))
            .event("stop", stop)
            .site("mine", Site::new("north", "mine").output("ore", Output::new()));
        let cover = Distribution::uniform(5.0, 20.0).unwrap_or_else(|e| panic!("{e}"));
        for n in 0..SITES as u32 {
            let plant = Site::new("north", "plant")
                .value_added_per_unit(n % 7)
                .input("ore", Input::new(0.5, cover.clone()))
                .output("goods", Output::new().final_demand_per_year(100 + n % 13));
            tables = tables
                .site(format!("s{n}"), plant)
                .link(format!("mine>s{n}:ore"), Link::new(7 * (1 + n % 2)));
        }
        let model = Scenario::new("many", tables).and_then(|s| s.compile());
        let model = model.unwrap_or_else(|e| panic!("{e}"));
        assert!([far::<BLOCK>, far::<1>].map(|far| far(SITES)) == [true, false]);
        all_sizes_agree(&model, "north");
    }

    fn in_blocks_of_all_sizes(name: &str, party: &str) {
        let model = Scenario::load(format!("scenarios/{name}.toml")).and_then(|s| s.compile());
        all_sizes_agree(&model.unwrap_or_else(|e| panic!("{name}: {e}")), party);
    }

    fn all_sizes_agree(model: &Model, party: &str) {
        let ensemble = Ensemble::new(model).range(5..141).seed(3);
        let (run, asked) = (ensemble.told(&Unobserved), ensemble.asked());
        let labels = || ensemble.labels().unwrap_or_else(|e| panic!("{e}"));
        let runs = [run.in_blocks::<BLOCK>(labels(), asked.clone()), run.in_blocks::<1>(labels(), asked)];
        let [whole, other] = runs.map(|run| run.unwrap_or_else(|e| panic!("{e}")));
        assert_eq!(other.digest(), whole.digest(), "{}", model.name());
        assert_eq!(other.path(party).ok(), whole.path(party).ok());
        assert!(other.site_means().eq(whole.site_means()));
    }
}
