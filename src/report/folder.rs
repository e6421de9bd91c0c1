//! A folder for results, which one process at a time writes to.

use crate::Error;
use crate::files::{Begun, refuse_input};
use crate::scenario::Inputs;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// Held while a process writes to the folder, and removed after it.
const LOCK: &str = ".supplyshock.lock";

/// A kind of results that is written into a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Results {
    /// Those of a run.
    Run,
    /// Those of a calibration.
    Calibration,
    /// Those of a comparison.
    Comparison,
}

impl Results {
    /// Names of its files. The first one is written last: where it stands, the others stand too.
    #[must_use]
    pub fn files(self) -> &'static [&'static str] {
        match self {
            Results::Run => &["summary.json", "trials.csv", "draws.csv", "path.csv", "assumptions.csv"],
            Results::Calibration => &["calibration.json", "posterior.csv"],
            Results::Comparison => &["compare.json"],
        }
    }
}

/// A folder for results, made if need be, that no other process takes until it is dropped. What is in it besides results of
/// the same kind stays as it is. Dropped before anything is written, it leaves no folder that was not there before.
#[derive(Debug)]
#[must_use = "another process may take the folder as soon as it is dropped"]
pub struct Folder {
    path: PathBuf,
    results: Results,
    lock: Option<(File, Begun)>,
    /// The folders that were made for it, the outermost first.
    made: Vec<(PathBuf, Begun)>,
}

impl Folder {
    /// Takes a folder: before a long run, so that what keeps results from being written is known before it.
    ///
    /// # Errors
    /// [`Error::Output`] when it cannot be made or nothing can be written into it, when another process has taken it, and when
    /// a result would take the place of a file that was read.
    pub fn claim<'a>(
        path: &Path,
        results: Results,
        inputs: impl IntoIterator<Item = &'a Inputs>,
    ) -> Result<Self, Error> {
        let fail = |source| Error::Output { path: path.to_owned(), source };
        let mut folder = Folder { path: path.to_owned(), results, lock: None, made: Vec::new() };
        folder.make().map_err(fail)?;
        folder.take().map_err(fail)?;
        for inputs in inputs {
            for file in results.files() {
                refuse_input(&folder.path.join(file), paths(inputs))?;
            }
        }
        Ok(folder)
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes it and the folders that it lies in.
    fn make(&mut self) -> io::Result<()> {
        let missing = |folder: &&Path| !folder.as_os_str().is_empty() && !folder.is_dir();
        let missing: Vec<&Path> = self.path.ancestors().take_while(missing).collect();
        for folder in missing.into_iter().rev() {
            match std::fs::create_dir(folder) {
                Ok(()) => self.made.push((folder.to_owned(), Begun::new(folder.to_owned()))),
                // Another process may make it just now.
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    /// Takes its lock.
    fn take(&mut self) -> io::Result<()> {
        let path = self.path.join(LOCK);
        loop {
            if std::fs::symlink_metadata(&path).is_ok_and(|m| !m.is_file()) {
                return Err(io::Error::other(format!("its `{LOCK}` is not a regular file")));
            }
            let lock = File::options().read(true).write(true).create(true).truncate(false).open(&path)?;
            match lock.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let reason = "another run writes to it: wait for its end, or give another folder";
                    return Err(io::Error::new(io::ErrorKind::ResourceBusy, reason));
                }
                // There are file systems without locks.
                Err(TryLockError::Error(e)) if e.kind() == io::ErrorKind::Unsupported => {}
                Err(TryLockError::Error(e)) => return Err(e),
            }
            // Who had it before may have removed the file that is locked here, and somebody may hold a new one.
            let held = same_file::Handle::from_file(lock.try_clone()?)?;
            if same_file::Handle::from_path(&path).is_ok_and(|there| there == held) {
                self.lock = Some((lock, Begun::new(path)));
                return Ok(());
            }
        }
    }

    /// Makes way for results of which these files are written: removes what an earlier time left of the other ones, and the
    /// file that is written last. Gives the paths of the other ones.
    pub(super) fn begin(&self, written: &[&str]) -> Result<Vec<PathBuf>, Error> {
        let mut removed = Vec::new();
        for (k, name) in self.results.files().iter().enumerate() {
            let path = self.path.join(name);
            let stays = written.contains(name);
            if (k == 0 || !stays) && path.is_file() {
                std::fs::remove_file(&path).map_err(|source| Error::Output { path: path.clone(), source })?;
                removed.extend((!stays).then_some(path));
            }
        }
        Ok(removed)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A file that is gone is not in the way.
        if let Some((lock, begun)) = self.lock.take() {
            let _ = std::fs::remove_file(self.path.join(LOCK));
            drop((lock, begun));
        }
        // A folder with results in it is not removed.
        while let Some((folder, _begun)) = self.made.pop() {
            let _ = std::fs::remove_dir(folder);
        }
    }
}

/// The paths of the files that a scenario was read from.
pub(super) fn paths(inputs: &Inputs) -> impl Iterator<Item = &Path> {
    inputs.files().iter().map(|file| Path::new(&file.path))
}
