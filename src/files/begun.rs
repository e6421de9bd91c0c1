//! What this process has begun and not finished, so that an end in the middle leaves nothing of it behind.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Files that are to be gone, and folders that are to be gone if they are empty.
static BEGUN: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn begun() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    BEGUN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file, or a folder, that does not stay as it is. Dropped, it is only forgotten.
#[derive(Debug)]
pub(crate) struct Begun(PathBuf);

impl Begun {
    pub(crate) fn new(path: PathBuf) -> Self {
        begun().insert(path.clone());
        Begun(path)
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        begun().remove(&self.0);
    }
}

/// Removes what this process has begun to write and not finished: files on their way, and folders that were made for results
/// and hold none. A program calls it on a thread of its own when it is told to end, and then ends: nothing can be begun any
/// more.
pub fn clean_up() {
    let begun = begun();
    // The contents of a folder come before the folder.
    for path in begun.iter().rev() {
        let is_folder = std::fs::symlink_metadata(path).is_ok_and(|m| m.is_dir());
        // The next run removes a file that cannot be removed now.
        let _ = if is_folder { std::fs::remove_dir(path) } else { std::fs::remove_file(path) };
    }
    // Never given back: whoever begins something waits until the program has ended.
    std::mem::forget(begun);
}
