//! The work of a run: threads take blocks as they come, and what they gather is put together.

use super::digest::{InOrder, digested};
use super::error::Unsound;
use super::labels::Labels;
use super::layout::Layout;
use super::observe::{FinishedBlock, Observer};
use super::outcome::{Outcome, Record, Trials};
use super::provenance::Provenance;
use super::ranges::Ranges;
use super::share::{Plan, Share};
use super::tables::{Columns, Table, Tables};
use crate::Error;
use crate::stats::ExactSum;
use crate::step::{Block, Model, baseline_error, shares_sites};
use ndarray::{ArrayView2, ArrayViewMut2};
use rayon::BroadcastContext;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Largest residual of the mass balance that rounding explains.
const RESIDUAL_LIMIT: f64 = 1e-9;
/// Losses from here on cannot be added up to the bit.
const LOSS_LIMIT: f64 = ExactSum::LIMIT;

/// What a run is told by its settings.
pub(super) struct Run<'e> {
    pub(super) model: &'e Model,
    pub(super) seed: u64,
    pub(super) threads: Option<usize>,
    pub(super) is_condensed: bool,
    pub(super) every_step: bool,
    /// Trials whose courses are kept, in order.
    pub(super) courses: &'e [u64],
    pub(super) progress: Option<&'e (dyn Fn(u64) + Send + Sync)>,
    pub(super) cancel: Option<&'e AtomicBool>,
    pub(super) observer: &'e dyn Observer,
}

/// Trials of one block, with their rows in the tables of the run; no rows where it is condensed.
struct Task<'t> {
    /// Number among all tasks.
    number: u64,
    /// First trial of the block, which need not be asked for.
    first: u64,
    trials: Range<u64>,
    rows: Option<Tables<ArrayViewMut2<'t, f64>>>,
}

impl Task<'_> {
    /// Its trials, counted from the first of the block.
    fn within(&self) -> Range<usize> {
        (self.trials.start - self.first) as usize..(self.trials.end - self.first) as usize
    }
}

/// The tasks that no thread has taken, in the order of their trials.
struct Queue<'t> {
    blocks: Box<dyn Iterator<Item = (u64, Range<u64>)> + Send + 't>,
    next: u64,
    rows: Option<Tables<ArrayViewMut2<'t, f64>>>,
}

impl<'t> Queue<'t> {
    fn take(&mut self) -> Option<Task<'t>> {
        let (first, trials) = self.blocks.next()?;
        let number = self.next;
        self.next += 1;
        let length = (trials.end - trials.start) as usize;
        let rows = self.rows.as_mut().map(|rows| rows.take_rows(length));
        Some(Task { number, first, trials, rows })
    }

    fn close(&mut self) {
        self.blocks = Box::new(std::iter::empty());
    }
}

/// What the threads of a run share.
struct Desk<'t> {
    plan: Plan<'t>,
    /// What each thread begins with.
    empty: Share,
    queue: Mutex<Queue<'t>>,
    /// Trials that are done, and trials of the run.
    done: AtomicU64,
    asked: u64,
    /// Fault of the first task that has one.
    failed: Mutex<Option<(u64, Error)>>,
    /// Digest of a condensed run.
    digest: Option<Mutex<InOrder>>,
}

/// What a thread that panics leaves behind is whole: nothing is half written under a lock.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The blocks of `B` trials in which there are trials of these ranges: the first trial of each, and its trials.
fn blocks<const B: usize>(ranges: &Ranges) -> impl Iterator<Item = (u64, Range<u64>)> + '_ {
    let size = B as u64;
    ranges.iter().flat_map(move |range| {
        (range.start / size..range.end.div_ceil(size)).map(move |block| {
            let first = block * size;
            (first, range.start.max(first)..range.end.min(first + size))
        })
    })
}

/// Finds the baselines of all trials, in blocks of `B`.
pub(super) fn check_baselines<const B: usize>(model: &Model, seed: u64, asked: &Ranges) -> Result<(), Error> {
    let mut block = Block::<B>::new(model);
    for (first, trials) in blocks::<B>(asked) {
        prepare(model, seed, &mut block, &Task { number: 0, first, trials, rows: None })?;
        // Where nothing is drawn, one trial is as good as all.
        if model.draws.is_empty() && !model.redrawn() {
            break;
        }
    }
    Ok(())
}

/// Prepares a block. A fault in a trial that is not asked for does not count; of several, that of the first trial does.
fn prepare<const B: usize>(
    model: &Model,
    seed: u64,
    block: &mut Block<B>,
    task: &Task<'_>,
) -> Result<(), Error> {
    let Err(found) = block.prepare(model, seed, task.first, task.within()) else { return Ok(()) };
    // A block is checked for one kind of fault after another: look at one trial after another.
    let mut single = Block::<1>::new(model);
    for trial in task.trials.clone() {
        if let Err(fault) = single.prepare(model, seed, trial, 0..1) {
            return Err(baseline_error(model, seed, trial, fault));
        }
    }
    Err(baseline_error(model, seed, task.first, found))
}

impl Run<'_> {
    /// Runs the trials in blocks of `B`.
    pub(super) fn in_blocks<const B: usize>(&self, labels: Labels, asked: Ranges) -> Result<Outcome, Error> {
        let begun = Instant::now();
        let layout = Layout::new(self.model, &labels);
        let mut tables = match self.is_condensed {
            true => None,
            false => Some(Tables::zeros(asked.trials(), &layout.widths)?),
        };
        let plan = Plan { model: self.model, labels: &labels, layout: &layout, courses: self.courses };
        let (share, digest, threads) = self.gathered::<B>(plan, &asked, tables.as_mut())?;
        let (done, totals, courses, condensed) = share.into_parts(&labels, digest);
        if done.trials() == 0 {
            return Err(Error::Cancelled);
        }
        let trials = match (tables, condensed) {
            (Some(tables), _) => {
                Trials::Kept(Box::new(of_those_done(tables, &asked, &done, &layout.widths)?))
            }
            (None, Some(condensed)) => Trials::Condensed(Box::new(condensed)),
            (None, None) => return Err(Error::Cancelled),
        };
        let provenance = Provenance::new(self.model, self.seed);
        let elapsed = begun.elapsed();
        let record = Record { labels, provenance, asked, done, threads, elapsed, trials, totals, courses };
        Ok(Outcome::new(record, Some(self.model.clone())))
    }

    /// What all threads have gathered, the digest of a condensed run, and the number of threads.
    fn gathered<const B: usize>(
        &self,
        plan: Plan<'_>,
        asked: &Ranges,
        tables: Option<&mut Tables<Columns>>,
    ) -> Result<(Share, Option<String>, usize), Error> {
        let desk = Desk {
            empty: Share::new(&plan, self.is_condensed)?,
            plan,
            queue: Mutex::new(Queue {
                blocks: Box::new(blocks::<B>(asked)),
                next: 0,
                rows: tables.map(Tables::view_mut),
            }),
            done: AtomicU64::new(0),
            asked: asked.trials(),
            failed: Mutex::new(None),
            digest: self.is_condensed.then(|| Mutex::new(InOrder::new())),
        };
        let (shares, threads) = self.on_threads::<B>(&desk)?;
        let Desk { empty, failed, digest, .. } = desk;
        if let Some((_, error)) = failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(error);
        }
        let mut shares = shares.into_iter();
        let mut whole = shares.next().unwrap_or(empty);
        for share in shares {
            whole.absorb(share)?;
        }
        let digest = digest.map(|digest| digest.into_inner().unwrap_or_else(PoisonError::into_inner));
        Ok((whole, digest.and_then(InOrder::finish), threads))
    }

    /// What each thread has gathered, and how many threads there were.
    fn on_threads<const B: usize>(&self, desk: &Desk<'_>) -> Result<(Vec<Share>, usize), Error> {
        // Where threads share the sites of a trial, one of them takes the trials.
        let sharing = B == 1 && shares_sites(self.model);
        let one = || vec![self.work::<B>(desk)];
        let all = |_: BroadcastContext<'_>| self.work::<B>(desk);
        let Some(threads) = self.threads else {
            let shares = if sharing { rayon::scope(|_| one()) } else { rayon::broadcast(all) };
            return Ok((shares, rayon::current_num_threads()));
        };
        let fail = |e: rayon::ThreadPoolBuildError| Error::Threads { threads, message: e.to_string() };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(fail)?;
        Ok((if sharing { pool.install(one) } else { pool.broadcast(all) }, threads))
    }

    /// What one thread does: blocks, one after another, until there are none.
    fn work<const B: usize>(&self, desk: &Desk<'_>) -> Share {
        let mut share = desk.empty.clone();
        // A block of a large network takes much memory: a thread without work has none.
        let mut block = None;
        let stepped = self.observer.wants_steps().then_some(self.observer);
        while let Some(mut task) = self.next(desk) {
            let block = block.get_or_insert_with(|| Block::<B>::new(self.model));
            if self.every_step {
                block.walk_every_step();
            }
            if let Err(error) = prepare(self.model, self.seed, block, &task) {
                desk.fail(task.number, error);
                return share;
            }
            let (trials, rows) = (task.trials.clone(), task.rows.take());
            let rows = share.add_block(&desk.plan, block, &trials, &task.within(), rows, stepped);
            let Some(rows) = rows else { continue };
            if let Err(error) = sound(block, &task, rows[Table::Losses].view()) {
                desk.fail(task.number, error);
                return share;
            }
            if let Some(digest) = &desk.digest {
                let mut bytes = Vec::new();
                digested(desk.plan.labels, rows[Table::Losses].view(), |loss| bytes.extend(loss));
                lock(digest).add(task.number, bytes);
            }
            let length = trials.end - trials.start;
            let done = desk.done.fetch_add(length, Ordering::Relaxed) + length;
            if let Some(progress) = self.progress {
                progress(done);
            }
            let seen = FinishedBlock::new(desk.plan.labels, trials, &rows, done, desk.asked);
            if self.observer.block(&seen).is_break() {
                lock(&desk.queue).close();
            }
        }
        share.finish(&desk.plan)
    }

    fn next<'t>(&self, desk: &Desk<'t>) -> Option<Task<'t>> {
        if self.cancel.is_some_and(|flag| flag.load(Ordering::Relaxed)) {
            return None;
        }
        lock(&desk.queue).take()
    }
}

impl Desk<'_> {
    /// Ends the run with the fault of a block. Blocks are taken in order, so all before this one are at work: the first fault
    /// of all is among those that are found.
    fn fail(&self, block: u64, error: Error) {
        lock(&self.queue).close();
        let mut failed = lock(&self.failed);
        if failed.as_ref().is_none_or(|(first, _)| block < *first) {
            *failed = Some((block, error));
        }
    }
}

/// Finds whether the trials of a block can be trusted, given their losses.
fn sound<const B: usize>(
    block: &Block<B>,
    task: &Task<'_>,
    losses: ArrayView2<'_, f64>,
) -> Result<(), Error> {
    for ((trial, k), losses) in task.trials.clone().zip(task.within()).zip(losses.rows()) {
        let residual = block.ledger.residual[k];
        let wrong = |loss: &&f64| loss.is_nan() || loss.abs() >= LOSS_LIMIT;
        let fault = if residual.is_nan() || residual > RESIDUAL_LIMIT {
            Some(Unsound::Mass { residual })
        } else {
            losses.iter().find(wrong).map(|&loss| Unsound::Loss { loss })
        };
        if let Some(fault) = fault {
            return Err(Error::Unsound { trial, fault });
        }
    }
    Ok(())
}

/// The rows of the trials that are done.
fn of_those_done(
    tables: Tables<Columns>,
    asked: &Ranges,
    done: &Ranges,
    widths: &Tables<usize>,
) -> Result<Tables<Columns>, Error> {
    if done == asked {
        return Ok(tables);
    }
    let pieces: Vec<_> = asked.places(done).into_iter().map(|rows| (&tables, rows)).collect();
    Ok(Tables::joined(&pieces, widths)?)
}
