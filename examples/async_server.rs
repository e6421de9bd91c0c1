//! Runs inside an async server: a run is work for a thread of its own, and a request that goes away cancels it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use supplyshock::{Ensemble, Error, Outcome, Scenario};
use tokio::task::{JoinHandle, spawn_blocking};

/// Answers a request for a run; setting the flag ends it in order.
fn answer(ensemble: Ensemble, cancel: Arc<AtomicBool>) -> JoinHandle<Result<Outcome, Error>> {
    spawn_blocking(move || ensemble.cancel_on(cancel).run())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let model = Scenario::load("scenarios/japan_full_cut.toml")?.compile()?;
    let ensemble = |seed: u64| Ensemble::new(&model).trials(640).seed(seed).threads(1);

    // Two requests at once, each on a thread of its own so that neither waits for the other; the second client goes away.
    let (stay, leave) = (Arc::default(), Arc::<AtomicBool>::default());
    let (first, second) =
        (answer(ensemble(1), stay), answer(ensemble(2).trials(1_000_000), Arc::clone(&leave)));
    let outcome = first.await??;
    leave.store(true, Ordering::Relaxed);
    println!("first request: JP loses {:.3e} on average", outcome.loss("JP")?.mean());
    match second.await? {
        Ok(part) => println!("second request: ended after {} of {} trials", part.trials(), part.asked()),
        Err(Error::Cancelled) => println!("second request: ended before its first block"),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
