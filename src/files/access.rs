//! The files that a scenario may read, and the one way by which they are opened.
//!
//! A file is a regular one: opening a pipe would wait, and a device has no end. Its length has a limit, and it stands beneath
//! a folder that may be read from, links and `..` followed. Every byte is hashed as it is read, so that the record of a
//! file is of the bytes that were used.

use crate::scenario::{InputFile, InputRole, hexadecimal};
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Largest scenario file that is read [bytes].
pub(super) const SCENARIO_LIMIT: u64 = 64 << 20;
/// Largest table that is read [bytes]: flows between 15,000 industries, each with all its digits, fit into it.
pub(super) const TABLE_LIMIT: u64 = 4 << 30;

/// Why a file is not read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    #[error("{}", outside(.path, .folders))]
    Outside { path: PathBuf, folders: Vec<PathBuf> },
    #[error("it is a folder")]
    Folder,
    #[error("it is not a regular file")]
    NotRegular,
    #[error("it has {bytes} bytes, over the limit of {limit}")]
    TooLarge { bytes: u64, limit: u64 },
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl From<Refused> for io::Error {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Io(error) => error,
            other => io::Error::other(other.to_string()),
        }
    }
}

fn outside(path: &Path, folders: &[PathBuf]) -> String {
    let folders: Vec<String> = folders.iter().map(|folder| format!("`{}`", folder.display())).collect();
    format!(
        "`{}` lies outside of {}, and is not read: move it there, or allow its folder with --allow-read {}",
        path.display(),
        folders.join(", "),
        super::whole::folder_of(path).display()
    )
}

/// The folders that files may be read from, and a record of the files that have been read.
#[derive(Debug, Clone)]
pub(super) struct Access {
    /// Whole paths; `None` where the caller names each file.
    folders: Option<Vec<PathBuf>>,
    read: Rc<RefCell<Vec<InputFile>>>,
}

impl Access {
    /// To the files that a caller names, wherever they are.
    pub(super) fn to_named() -> Self {
        Access { folders: None, read: Rc::default() }
    }

    /// To files beneath these folders.
    pub(super) fn beneath<'a>(folders: impl IntoIterator<Item = &'a Path>) -> Self {
        Access { folders: Some(folders.into_iter().map(followed).collect()), read: Rc::default() }
    }

    /// Opens a file that is named on the command line, or by a caller.
    pub(super) fn open_named(&self, path: &Path, role: InputRole) -> Result<Opened, Refused> {
        let limit = if role == InputRole::Table { TABLE_LIMIT } else { SCENARIO_LIMIT };
        // Looked at first, as opening a pipe waits for its other end; and again, as another file may have come in its place.
        let length = regular(&std::fs::metadata(path)?, limit)?;
        let file = File::open(path)?;
        let length = length.max(regular(&file.metadata()?, limit)?);
        Ok(Opened {
            file,
            path: path.display().to_string(),
            role,
            length,
            limit,
            bytes: 0,
            hash: Sha256::new(),
            read: Rc::clone(&self.read),
        })
    }

    /// Opens a file that a scenario names.
    pub(super) fn open(&self, path: &Path, role: InputRole) -> Result<Opened, Refused> {
        self.check(path)?;
        self.open_named(path, role)
    }

    /// Finds whether a file lies where it may be read, whether it is there or not.
    pub(super) fn check(&self, path: &Path) -> Result<(), Refused> {
        let Some(folders) = &self.folders else { return Ok(()) };
        let whole = followed(path);
        if folders.iter().any(|folder| whole.starts_with(folder)) {
            return Ok(());
        }
        Err(Refused::Outside { path: whole, folders: folders.clone() })
    }

    /// Records a text that stands in no file.
    pub(super) fn record(&self, name: &str, role: InputRole, text: &[u8]) {
        let hash = Sha256::new().chain_update(text);
        // A text of no file may be given again, and be another one.
        let _ = record(&self.read, name, role, text.len() as u64, hash);
    }

    /// The files that have been read to their ends, in that order.
    pub(super) fn files(&self) -> Vec<InputFile> {
        self.read.borrow().clone()
    }
}

/// Records what has been read of a file, unless it was read before: two tables may share it, and some are read twice. What is
/// told of a file holds for all that was read of it, so it must not change.
fn record(
    read: &RefCell<Vec<InputFile>>,
    path: &str,
    role: InputRole,
    bytes: u64,
    hash: Sha256,
) -> io::Result<()> {
    let file = InputFile { path: path.to_owned(), role, bytes, sha256: hexadecimal(hash) };
    let mut read = read.borrow_mut();
    match read.iter().find(|other| other.path == file.path && other.role == file.role) {
        Some(before) if *before != file => Err(io::Error::other("it changed while it was read")),
        Some(_) => Ok(()),
        None => {
            read.push(file);
            Ok(())
        }
    }
}

/// Length of a regular file within a limit.
fn regular(metadata: &std::fs::Metadata, limit: u64) -> Result<u64, Refused> {
    match metadata {
        folder if folder.is_dir() => Err(Refused::Folder),
        other if !other.is_file() => Err(Refused::NotRegular),
        file if file.len() > limit => Err(Refused::TooLarge { bytes: file.len(), limit }),
        file => Ok(file.len()),
    }
}

/// The whole path of a file, links followed; where there is no such file, of the folder it would stand in.
fn followed(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| match path.file_name() {
        Some(name) => followed(super::whole::folder_of(path)).join(name),
        None => path.to_owned(),
    })
}

/// A file that is being read.
pub(super) struct Opened {
    file: File,
    path: String,
    role: InputRole,
    length: u64,
    limit: u64,
    bytes: u64,
    hash: Sha256,
    read: Rc<RefCell<Vec<InputFile>>>,
}

impl Opened {
    /// All its bytes.
    pub(super) fn bytes(mut self) -> Result<Vec<u8>, Refused> {
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(self.length as usize + 1).map_err(|e| Refused::Io(io::Error::other(e)))?;
        self.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl Read for Opened {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(into)?;
        self.bytes += count as u64;
        // A file may grow while it is read.
        if self.bytes > self.limit {
            return Err(Refused::TooLarge { bytes: self.bytes, limit: self.limit }.into());
        }
        if count == 0 && !into.is_empty() {
            record(&self.read, &self.path, self.role, self.bytes, self.hash.clone())?;
        }
        self.hash.update(into.get(..count).unwrap_or_default());
        Ok(count)
    }
}

/// Goes back to a place near the start: all bytes are hashed anew, those before the place too.
impl Seek for Opened {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let SeekFrom::Start(place) = to else { return Err(io::ErrorKind::Unsupported.into()) };
        self.file.rewind()?;
        (self.bytes, self.hash) = (0, Sha256::new());
        io::copy(&mut self.by_ref().take(place), &mut io::sink())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_another_when_it_is_read_again_is_refused() {
        let read = RefCell::new(Vec::new());
        let record = |role, text: &str| {
            record(&read, "flows.csv", role, text.len() as u64, Sha256::new().chain_update(text))
        };
        record(InputRole::Table, "1,2").expect("it is new");
        record(InputRole::Table, "1,2").expect("it is the same");
        record(InputRole::Scenario, "2,1").expect("it is of another role");
        assert!(record(InputRole::Table, "2,1").is_err());
        assert_eq!(read.borrow().len(), 2);
    }
}
