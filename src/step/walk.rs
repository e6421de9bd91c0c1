//! The walks over the sites: in one go, or where a trial fills the machine by threads that share them.
//!
//! The effects of a site on others pass through rows that are only read in the walk at hand, so it does not matter who walks
//! which site when. Each walk has a file, as the compiler works on one file with one thread, and these are the longest.

mod orders;
mod supply;

pub(super) use orders::orders;
pub(super) use supply::supply;

use super::plan::Ends;
use super::state::Scratch;
use super::vector::Width;
use pulp::Scalar;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// A trial by itself has one number in each row.
const ONE: Width<Scalar, 1> = Width(Scalar);

/// Walks the parts of the network, of each of which `take` takes off the rows, on as many threads as there is
/// scratch for.
fn share<V, const B: usize>(
    parts: &[Range<Ends>],
    scratch: &mut [Scratch<B>],
    take: impl FnMut(&Range<Ends>) -> V + Send,
    walk: impl Fn(&Range<Ends>, V, &mut Scratch<B>) + Sync,
) {
    let queue = Mutex::new((parts.iter(), take));
    let next = || {
        let (parts, take) = &mut *queue.lock().unwrap_or_else(PoisonError::into_inner);
        parts.next().map(|part| (part, take(part)))
    };
    let work = |scratch: &mut Scratch<B>| {
        while let Some((part, view)) = next() {
            walk(part, view, scratch);
        }
    };
    match scratch {
        [scratch] => work(scratch),
        many => rayon::scope(|scope| many.iter_mut().for_each(|scratch| scope.spawn(|_| work(scratch)))),
    }
}
