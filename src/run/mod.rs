//! Many trials on many threads, with the same bits however they are split.
//!
//! Trials are run in blocks at fixed places: block `b` holds trials `b·B` to `(b + 1)·B − 1`, whatever
//! the range asked for. Threads take blocks as they come; what a block yields is either kept by trial or
//! added up in integers, so neither the threads nor the order of the blocks can show in a result.

mod columns;
mod condensed;
mod digest;
mod labels;
mod means;
mod outcome;
mod path;
mod share;
mod stops;

pub use columns::{Component, Subject};
pub use labels::{Labels, PartyLabel, SiteLabel};
pub use means::{Limit, MarketMeans, PaymentMeans};
pub use outcome::{Outcome, PathBand};
pub use path::PathStep;
pub use stops::{Days, StopDays, Stops};

use crate::Error;
use crate::step::Model;
use crate::step::{BLOCK, Block, TRIAL_LIMIT, baseline_error, block_size, shares_sites};
use columns::Layout;
use condensed::Condensed;
use digest::InOrder;
use rayon::BroadcastContext;
use share::Share;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Called with the number of trials that are done, from any thread.
type Progress = dyn Fn(u64) + Send + Sync;

/// Settings of a run.
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
#[derive(Clone)]
pub struct Ensemble {
    model: Model,
    first: u64,
    count: u64,
    seed: u64,
    threads: Option<usize>,
    condensed: bool,
    every_step: bool,
    progress: Option<Arc<Progress>>,
}

impl std::fmt::Debug for Ensemble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ensemble")
            .field("model", &self.model.name())
            .field("first", &self.first)
            .field("count", &self.count)
            .field("seed", &self.seed)
            .field("threads", &self.threads)
            .field("condensed", &self.condensed)
            .field("every_step", &self.every_step)
            .finish_non_exhaustive()
    }
}

impl Ensemble {
    /// 10,000 trials from trial 0 with seed 0, on as many threads as there are processors.
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
            progress: None,
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
    pub fn range(mut self, range: std::ops::Range<u64>) -> Self {
        (self.first, self.count) = (range.start, range.end.saturating_sub(range.start));
        self
    }

    /// Seed of all draws.
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
        self.progress = Some(Arc::new(progress));
        self
    }

    /// Finds the baseline of every trial of the range and runs none.
    ///
    /// # Errors
    /// [`Error::Baseline`] for the first trial without a balanced baseline, [`Error::Trials`] for an
    /// empty range.
    pub fn check_baselines(&self) -> Result<(), Error> {
        self.check_range()?;
        match block_size(&self.model, self.count, 1) {
            BLOCK => self.check_in::<BLOCK>(),
            _ => self.check_in::<1>(),
        }
    }

    fn check_in<const B: usize>(&self) -> Result<(), Error> {
        let mut block = Block::<B>::new(&self.model);
        for b in self.first / B as u64..(self.first + self.count).div_ceil(B as u64) {
            self.prepare(&mut block, b, self.lanes::<B>(b))?;
            // Where nothing is drawn, one trial is as good as all.
            if self.model.draws.is_empty() && !self.model.redrawn() {
                break;
            }
        }
        Ok(())
    }

    /// Runs the trials.
    ///
    /// # Errors
    /// [`Error::Baseline`] for the first trial without a balanced baseline, [`Error::Trials`] for an
    /// empty range, [`Error::Threads`] when the threads cannot be started.
    pub fn run(&self) -> Result<Outcome, Error> {
        self.check_range()?;
        let threads = self.threads.unwrap_or_else(rayon::current_num_threads);
        match block_size(&self.model, self.count, threads) {
            BLOCK => self.run_in::<BLOCK>(),
            _ => self.run_in::<1>(),
        }
    }

    /// Runs the trials in blocks of `B`.
    fn run_in<const B: usize>(&self) -> Result<Outcome, Error> {
        let begun = Instant::now();
        let first_block = self.first / B as u64;
        let layout = Layout::new(&self.model);
        let condensed =
            self.condensed.then(|| Condensed::new(&self.model, &layout, self.seed)).transpose()?;
        let desk = Desk {
            empty: Share::new(&self.model, &layout, condensed),
            layout,
            next: AtomicU64::new(first_block),
            done: AtomicU64::new(0),
            failed: Mutex::new(None),
            digest: self.condensed.then(|| Mutex::new(InOrder::new(first_block))),
        };
        // Where threads share the sites of a trial, one of them takes the trials.
        let sharing = B == 1 && shares_sites(&self.model);
        let (one, all) = (|| vec![self.work::<B>(&desk)], |_: BroadcastContext<'_>| self.work::<B>(&desk));
        let (shares, threads) = match self.threads {
            None if sharing => (rayon::scope(|_| one()), rayon::current_num_threads()),
            None => (rayon::broadcast(all), rayon::current_num_threads()),
            Some(threads) => {
                let fail = |message| Error::Threads { threads, message };
                if threads == 0 {
                    return Err(fail("a run needs at least one".to_owned()));
                }
                let pool = rayon::ThreadPoolBuilder::new()
                    .num_threads(threads)
                    .build()
                    .map_err(|e| fail(e.to_string()))?;
                (if sharing { pool.install(one) } else { pool.broadcast(all) }, threads)
            }
        };
        let Desk { empty, layout, failed, digest, .. } = desk;
        if let Some((_, error)) = failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(error);
        }
        let mut shares = shares.into_iter();
        let mut whole = shares.next().unwrap_or(empty);
        for share in shares {
            whole.absorb(share)?;
        }
        if let (Some(condensed), Some(digest)) = (&mut whole.condensed, digest) {
            let range = self.first..self.first + self.count;
            condensed.close(range, digest.into_inner().unwrap_or_else(PoisonError::into_inner).finish());
        }
        Ok(Outcome::new(&self.model, self.seed, threads, layout, whole, begun.elapsed()))
    }

    /// Finds whether the range of trials can be run at all.
    ///
    /// # Errors
    /// [`Error::Trials`] for an empty range or one beyond the last trial.
    pub fn check_range(&self) -> Result<(), Error> {
        let fits = self.first.checked_add(self.count).is_some_and(|end| end <= TRIAL_LIMIT);
        if self.count == 0 || !fits {
            return Err(Error::Trials { first: self.first, count: self.count, limit: TRIAL_LIMIT });
        }
        Ok(())
    }

    /// The trials of block `b` that are in the range, counted from its first.
    fn lanes<const B: usize>(&self, b: u64) -> std::ops::Range<usize> {
        let (from, until) = (b * B as u64, (b + 1) * B as u64);
        (self.first.max(from) - from) as usize..((self.first + self.count).min(until) - from) as usize
    }

    /// Prepares block `b`. A fault in a trial outside the range does not count; of several, that of the
    /// first trial does.
    fn prepare<const B: usize>(
        &self,
        block: &mut Block<B>,
        b: u64,
        lanes: std::ops::Range<usize>,
    ) -> Result<(), Error> {
        let first = b * B as u64;
        let Err(found) = block.prepare(&self.model, self.seed, first, lanes.clone()) else { return Ok(()) };
        // A block is checked for one kind of fault after another: look at one trial after another.
        let mut single = Block::<1>::new(&self.model);
        for trial in lanes.map(|k| first + k as u64) {
            if let Err(fault) = single.prepare(&self.model, self.seed, trial, 0..1) {
                return Err(baseline_error(&self.model, self.seed, trial, fault));
            }
        }
        Err(baseline_error(&self.model, self.seed, first, found))
    }

    /// What one thread does: blocks, one after another, until there are none.
    fn work<const B: usize>(&self, desk: &Desk) -> Share {
        let mut share = desk.empty.clone();
        // A block of a large network takes much memory: a thread without work has none.
        let mut block = None;
        let size = B as u64;
        let end = self.first + self.count;
        loop {
            let b = desk.next.fetch_add(1, Ordering::Relaxed);
            if b >= end.div_ceil(size) {
                return share.finish(&self.model);
            }
            let block = block.get_or_insert_with(|| Block::<B>::new(&self.model));
            if self.every_step {
                block.walk_every_step();
            }
            let lanes = self.lanes::<B>(b);
            if let Err(error) = self.prepare(block, b, lanes.clone()) {
                // Blocks are taken in order, so all before this one are at work: the first fault of all
                // is among those that are found.
                desk.next.store(end.div_ceil(size), Ordering::Relaxed);
                let mut failed = desk.failed.lock().unwrap_or_else(PoisonError::into_inner);
                if failed.as_ref().is_none_or(|(first, _)| b < *first) {
                    *failed = Some((b, error));
                }
                return share;
            }
            share.add_block(&self.model, &desk.layout, block, b * size, lanes.clone());
            if let (Some(digest), Some(segment)) = (&desk.digest, share.segments.last()) {
                let mut bytes = Vec::new();
                segment.digest(&desk.layout.by_id, |loss| bytes.extend(loss));
                digest.lock().unwrap_or_else(PoisonError::into_inner).add(b, bytes);
            }
            let total = desk.done.fetch_add(lanes.len() as u64, Ordering::Relaxed) + lanes.len() as u64;
            if let Some(progress) = &self.progress {
                progress(total);
            }
        }
    }
}

/// What the threads of a run share.
struct Desk {
    layout: Layout,
    /// What each thread begins with.
    empty: Share,
    /// Next block.
    next: AtomicU64,
    /// Trials that are done.
    done: AtomicU64,
    /// Fault of the first block that has one.
    failed: Mutex<Option<(u64, Error)>>,
    /// Digest of a condensed run.
    digest: Option<Mutex<InOrder>>,
}

#[cfg(test)]
mod tests {
    use super::Ensemble;
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
        // One mine with so many customers that in a block their orders lie far from each other.
        const SITES: usize = 9000;
        let mut text = String::from(
            r#"
[scenario]
title = "many"
[time]
start = 2026-01-01
step_days = 7
horizon_days = 56
[parties.north]
gdp_jpy_per_year = 1e12
[commodities]
ore = { unit = "t" }
goods = { unit = "t" }
[events.stop]
sites = ["mine"]
start_days = 7
duration_days = 28
severity = 0.7
[sites.mine]
country = "north"
stage = "mine"
outputs.ore = {}
"#,
        );
        for n in 0..SITES {
            let (value, demand, lead) = (n % 7, 100 + n % 13, 7 * (1 + n % 2));
            text += &format!(
                r#"
[sites.s{n}]
country = "north"
stage = "plant"
value_added_jpy_per_unit = {value}
inputs.ore = {{ use_per_unit = 0.5, cover_days = {{ uniform = {{ low = 5, high = 20 }} }} }}
outputs.goods = {{ final_demand_per_year = {demand} }}
[links."mine>s{n}:ore"]
lead_time_days = {lead}
"#
            );
        }
        let model = Scenario::parse("many.toml", &text).and_then(|s| s.compile());
        let model = model.unwrap_or_else(|e| panic!("{e}"));
        assert!([far::<BLOCK>, far::<1>].map(|far| far(SITES)) == [true, false]);
        all_sizes_agree(&model, "north");
    }

    fn in_blocks_of_all_sizes(name: &str, party: &str) {
        let model = Scenario::load(format!("scenarios/{name}.toml")).and_then(|s| s.compile());
        all_sizes_agree(&model.unwrap_or_else(|e| panic!("{name}: {e}")), party);
    }

    fn all_sizes_agree(model: &Model, party: &str) {
        let run = Ensemble::new(model).range(5..141).seed(3);
        let [whole, other] =
            [run.run_in::<BLOCK>(), run.run_in::<1>()].map(|run| run.unwrap_or_else(|e| panic!("{e}")));
        assert_eq!(other.digest(), whole.digest(), "{}", model.name());
        assert_eq!(other.path(party).ok(), whole.path(party).ok());
        assert!(other.site_means().eq(whole.site_means()));
    }
}
