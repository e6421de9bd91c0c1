//! The threads that are there before anybody asks for them.

use crate::Error;
use std::error::Error as _;
use std::sync::OnceLock;

/// Starts the threads that work outside of a pool is done on, unless this is work within one. rayon would start them when they
/// are first needed, and panic where the system gives none.
pub(crate) fn start() -> Result<(), Error> {
    static STARTED: OnceLock<Option<String>> = OnceLock::new();
    if rayon::current_thread_index().is_some() {
        return Ok(());
    }
    let fault = STARTED.get_or_init(|| match rayon::ThreadPoolBuilder::new().build_global() {
        // Without a cause they have been started by somebody else.
        Err(e) => e.source().map(ToString::to_string),
        Ok(()) => None,
    });
    let Some(fault) = fault else { return Ok(()) };
    let given = std::env::var("RAYON_NUM_THREADS").ok().and_then(|n| n.parse().ok()).filter(|n| *n > 0);
    let threads = given.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, Into::into));
    Err(Error::Threads { threads, message: format!("{fault}; RAYON_NUM_THREADS sets how many") })
}
