//! A run can be watched block by block and step by step, cancelled, and completed later.

use crate::common::compile;
use crate::small::SMALL;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use supplyshock::run::{BlockStep, Component, FinishedBlock, MergeError, Observer, StopDays, Subject};
use supplyshock::{Ensemble, Error, Model, Outcome};

const SEED: u64 = 5;

fn ensemble(model: &Model) -> Ensemble {
    Ensemble::new(model).range(3..300).seed(SEED)
}

/// Keeps what it sees of each trial, and breaks off after so many blocks.
#[derive(Default)]
struct Watch {
    /// Total loss of each party by trial.
    seen: Mutex<BTreeMap<u64, Vec<u64>>>,
    blocks: AtomicU64,
    most: Option<u64>,
}

impl Watch {
    fn breaking_after(blocks: u64) -> Self {
        Watch { most: Some(blocks), ..Watch::default() }
    }
}

fn totals(row: &[f64]) -> Vec<u64> {
    row.chunks(Component::ALL.len()).map(|of_party| of_party[0].to_bits()).collect()
}

impl Observer for Watch {
    fn block(&self, block: &FinishedBlock<'_>) -> ControlFlow<()> {
        assert_eq!(block.asked, 297);
        assert!((block.trials.end - block.trials.start..=block.asked).contains(&block.done));
        assert_eq!(block.site_losses.dim(), (block.losses.nrows(), 1));
        assert_eq!(block.labels.parties().len() * Component::ALL.len(), block.losses.ncols());
        let mut seen = self.seen.lock().expect("no panic");
        for (trial, row) in block.trials.clone().zip(block.losses.outer_iter()) {
            assert!(seen.insert(trial, totals(&row.to_vec())).is_none(), "trial {trial} is seen twice");
        }
        let blocks = self.blocks.fetch_add(1, Ordering::Relaxed) + 1;
        if self.most.is_some_and(|most| blocks >= most) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

/// Everything that an outcome tells of its trials together, to the bit.
fn told(outcome: &Outcome) -> (Vec<String>, Vec<StopDays>) {
    let mut all = Vec::new();
    for subject in outcome.subjects() {
        for component in Component::ALL {
            all.push(format!("{subject:?} {component:?} {:?}", outcome.component(subject, component).ok()));
        }
    }
    for party in outcome.labels().parties() {
        let share = outcome.mean_gdp_share(&party.id).expect("a party").to_bits();
        all.push(format!("{:?} {share}", outcome.path(&party.id).expect("a party")));
    }
    all.push(format!("{:?} {:?}", outcome.limits(), outcome.payments()));
    all.push(format!("{:?}", outcome.site_means().collect::<Vec<_>>()));
    let (recovered, residual) = (outcome.recovered_share(), outcome.mass_balance_residual());
    all.push(format!("{recovered} {residual} {:?} {:?}", outcome.unsettled_share(), outcome.ranges()));
    let stops = outcome.sectors().map(|sector| outcome.stop_days(sector).expect("a sector")).collect();
    (all, stops)
}

#[test]
fn each_block_is_seen_once_with_the_losses_of_its_trials() {
    let model = compile(SMALL);
    let whole = ensemble(&model).run().expect("runs");
    let expected: BTreeMap<u64, Vec<u64>> = whole
        .trial_numbers()
        .zip(whole.losses().expect("losses").outer_iter())
        .map(|(trial, row)| (trial, totals(&row.to_vec())))
        .collect();
    assert_eq!(expected.len(), 297);
    for ensemble in [ensemble(&model), ensemble(&model).threads(3), ensemble(&model).condensed().threads(2)] {
        let watch = Watch::default();
        let outcome = ensemble.run_observed(&watch).expect("runs");
        assert_eq!(*watch.seen.lock().expect("no panic"), expected);
        assert_eq!((outcome.digest(), outcome.is_cancelled()), (whole.digest(), false));
    }
}

#[test]
fn steps_are_seen_by_those_who_ask_for_them() {
    /// Adds up the losses of each trial and party over the steps.
    #[derive(Default)]
    struct Steps {
        sums: Mutex<BTreeMap<(u64, usize), f64>>,
        steps: AtomicU64,
        wanted: bool,
    }
    impl Observer for Steps {
        fn block(&self, _: &FinishedBlock<'_>) -> ControlFlow<()> {
            ControlFlow::Continue(())
        }
        fn wants_steps(&self) -> bool {
            self.wanted
        }
        fn step(&self, step: &BlockStep<'_>) {
            assert!(step.step < step.labels.steps());
            assert_eq!(step.losses.nrows() as u64, step.trials.end - step.trials.start);
            let mut sums = self.sums.lock().expect("no panic");
            for ((row, q), loss) in step.losses.indexed_iter() {
                *sums.entry((step.trials.start + row as u64, q)).or_default() += loss;
            }
            self.steps.fetch_add(step.losses.nrows() as u64, Ordering::Relaxed);
        }
    }
    let model = compile(SMALL);
    let steps = Steps { wanted: true, ..Steps::default() };
    let outcome = ensemble(&model).threads(2).run_observed(&steps).expect("runs");
    let losses = outcome.losses().expect("losses");
    let sums = steps.sums.into_inner().expect("no panic");
    assert_eq!(sums.len(), 297 * 2);
    for ((trial, q), sum) in sums {
        let loss = losses[[(trial - 3) as usize, q * Component::ALL.len() + Component::Output as usize]];
        assert!((sum - loss).abs() <= 1e-9 * loss.abs() + 1e-6, "trial {trial}, party {q}: {sum} and {loss}");
    }
    assert_eq!(steps.steps.into_inner(), 297 * outcome.labels().steps() as u64);
    let unasked = Steps::default();
    ensemble(&model).run_observed(&unasked).expect("runs");
    assert_eq!(unasked.steps.into_inner(), 0);
}

#[test]
fn an_observer_that_breaks_off_gets_the_trials_that_were_done_and_no_other() {
    let model = compile(SMALL);
    let whole = ensemble(&model).run().expect("runs");
    for (blocks, threads) in [(1, 1), (4, 1), (1, 2), (5, 3)] {
        let watch = Watch::breaking_after(blocks);
        let part = ensemble(&model).threads(threads).run_observed(&watch).expect("some are done");
        let seen = watch.seen.into_inner().expect("no panic");
        assert!(part.trial_numbers().eq(seen.keys().copied()));
        // Every thread may be at one block more.
        let done = watch.blocks.into_inner();
        assert!((blocks..blocks + threads as u64).contains(&done), "{done} blocks for {blocks}");
        if threads == 1 {
            assert!(part.trial_numbers().eq(3..3 + part.trials()));
        }
        let rows: Vec<Vec<u64>> =
            part.losses().expect("losses").outer_iter().map(|row| totals(&row.to_vec())).collect();
        assert!(rows.iter().eq(seen.values()));
        assert!(part.is_cancelled() && part.asked() == 297 && part.trials() < 297);
        let missing: u64 = part.missing().iter().map(|range| range.end - range.start).sum();
        assert_eq!(part.trials() + missing, 297);
        // By hand, range by range, and at once.
        let mut by_hand = part.clone();
        for range in part.missing() {
            by_hand = by_hand.merge(ensemble(&model).range(range).run().expect("runs")).expect("they fit");
        }
        let resumed = ensemble(&model).resume(part).expect("the rest runs");
        for complete in [by_hand, resumed] {
            assert_eq!(complete.digest(), whole.digest());
            assert_eq!(told(&complete), told(&whole));
            assert!(!complete.is_cancelled() && complete.missing().is_empty());
        }
    }
}

#[test]
fn a_condensed_run_that_was_cancelled_is_completed_to_the_same_bits() {
    let model = compile(SMALL);
    let ensemble = ensemble(&model).condensed();
    let whole = ensemble.run().expect("runs");
    for threads in [1, 3] {
        let watch = Watch::breaking_after(3);
        let part = ensemble.clone().threads(threads).run_observed(&watch).expect("some are done");
        assert!(part.trial_numbers().eq(watch.seen.into_inner().expect("no panic").into_keys()));
        if threads == 1 {
            // What is done has no gap, so it has a digest.
            let of_these = ensemble.clone().range(part.ranges()[0].clone()).run().expect("runs");
            assert_eq!(part.digest(), of_these.digest());
            assert_eq!(part.digest().len(), 64);
        }
        let complete = ensemble.resume(part).expect("the rest runs");
        assert_eq!(told(&complete), told(&whole));
        assert_eq!(complete.digest(), "");
    }
}

#[test]
fn a_flag_cancels_a_run_from_elsewhere() {
    let model = compile(SMALL);
    let flag = Arc::new(AtomicBool::new(true));
    let cancelled = ensemble(&model).cancel_on(Arc::clone(&flag)).run();
    assert!(matches!(cancelled, Err(Error::Cancelled)));
    flag.store(false, Ordering::Relaxed);
    let (raised, seen) = (Arc::clone(&flag), Arc::new(AtomicU64::new(0)));
    let told = Arc::clone(&seen);
    let progress = move |done| {
        told.store(done, Ordering::Relaxed);
        raised.store(done >= 100, Ordering::Relaxed);
    };
    let part =
        ensemble(&model).threads(1).cancel_on(Arc::clone(&flag)).progress(progress).run().expect("runs");
    assert_eq!(part.trials(), seen.load(Ordering::Relaxed));
    assert!((100..132).contains(&part.trials()), "{}", part.trials());
    // A run that completes it can be cancelled as well, and takes nothing away.
    flag.store(true, Ordering::Relaxed);
    let again = ensemble(&model).cancel_on(Arc::clone(&flag)).resume(part.clone()).expect("nothing is lost");
    assert_eq!((again.digest(), again.missing()), (part.digest(), part.missing()));
    let wider =
        Ensemble::new(&model).range(0..400).seed(SEED).cancel_on(flag).resume(part.clone()).expect("as well");
    assert_eq!((wider.digest(), wider.asked()), (part.digest(), 400));
    let whole = ensemble(&model).run().expect("runs");
    assert_eq!(ensemble(&model).resume(part).expect("the rest runs").digest(), whole.digest());
}

#[test]
fn what_does_not_belong_to_a_run_is_not_resumed() {
    let model = compile(SMALL);
    let part = ensemble(&model).range(3..40).run().expect("runs");
    let ran = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&ran);
    let other = ensemble(&model).progress(move |_| told.store(true, Ordering::Relaxed));
    let refused = |ensemble: Ensemble| match ensemble.resume(part.clone()) {
        Err(Error::Merge(reason)) => reason,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(other.clone().seed(6)), MergeError::Seed { seeds: [6, SEED] });
    assert_eq!(refused(other.clone().condensed()), MergeError::Condensed);
    assert_eq!(refused(other.keep_sites(["mill"])), MergeError::Kept { what: "sites" });
    assert!(!ran.load(Ordering::Relaxed), "nothing is run before that is found");
    // What is complete stays as it is.
    let whole = ensemble(&model).range(3..40).resume(part.clone()).expect("nothing is missing");
    assert_eq!(whole.digest(), part.digest());
}

#[test]
fn a_run_uses_the_pool_that_it_is_called_in_from_any_thread() {
    let model = compile(SMALL);
    let ensemble = ensemble(&model);
    let expected = ensemble.run().expect("runs").digest();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().expect("a pool");
    let inside = pool.install(|| ensemble.run()).expect("runs");
    assert_eq!((inside.threads(), inside.digest()), (3, expected.clone()));
    let sent = ensemble.clone();
    let elsewhere = std::thread::spawn(move || sent.run().expect("runs"));
    assert_eq!(elsewhere.join().expect("no panic").digest(), expected);
    // Runs within runs of one pool do not wait for each other for good.
    let digests: Vec<String> = pool.install(|| {
        use rayon::prelude::*;
        (0..6).into_par_iter().map(|_| ensemble.run().expect("runs").digest()).collect()
    });
    assert!(digests.iter().all(|digest| *digest == expected));
}

#[test]
fn a_sector_that_is_watched_stops_as_the_outcome_says() {
    let model = compile(SMALL);
    let stopped = AtomicU64::new(0);
    let outcome = ensemble(&model)
        .run_observed(&|block: &FinishedBlock<'_>| {
            let days = block.first_stops.column(0);
            stopped.fetch_add(days.iter().filter(|day| day.is_finite()).count() as u64, Ordering::Relaxed);
            ControlFlow::Continue(())
        })
        .expect("runs");
    let first = outcome.stop_days("cars").expect("a sector").first;
    assert_eq!(stopped.into_inner() as f64 / 297.0, first.share);
    assert!(outcome.values(&Subject::Sector("cars".into())).is_ok());
}
