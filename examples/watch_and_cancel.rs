//! Watching a run, and ending it once enough is known; what was done until then is an outcome that can be completed.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};
use supplyshock::run::{Component, FinishedBlock};
use supplyshock::{Ensemble, Error, Scenario};

fn main() -> Result<(), Error> {
    let model = Scenario::load("scenarios/japan_full_cut.toml")?.compile()?;
    let ensemble = Ensemble::new(&model).trials(2000).seed(2026);

    let large = AtomicU64::new(0);
    let part = ensemble.run_observed(&|block: &FinishedBlock<'_>| {
        let japan = block.losses.column(0);
        let over = japan.iter().filter(|loss| **loss > 2.6e12).count() as u64;
        println!(
            "trials {:?}: {over} over 2.6 trillion; {} of {} done",
            block.trials, block.done, block.asked
        );
        if large.fetch_add(over, Ordering::Relaxed) + over < 100 {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    })?;
    assert!(part.is_cancelled());
    println!("ended after {} trials; first column: {:?}", part.trials(), Component::ALL[0]);

    // The rest, to the same bits as if it had never been ended.
    let whole = ensemble.resume(part)?;
    assert_eq!(whole.digest(), ensemble.run()?.digest());
    println!("completed: {} trials, digest {}", whole.trials(), &whole.digest()[..16]);
    Ok(())
}
