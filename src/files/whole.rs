//! Files that are written whole or not at all, and paths from one file to another.

use super::begun::Begun;
use crate::Error;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Names of files on their way to their place.
const ON_ITS_WAY: (&str, &str) = (".supplyshock-", ".tmp");
/// How often a file is begun anew that somebody else took for a left one.
const ATTEMPTS: usize = 100;

/// Writes a file whole or not at all: beside its place first, then moved there.
pub(crate) fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Error> {
    let fail = |source: io::Error| Error::Output { path: path.to_owned(), source };
    // Moving a file there would take a device or a pipe away from everybody who uses it.
    if std::fs::metadata(path).is_ok_and(|m| !m.is_file()) {
        return Err(fail(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")));
    }
    // A link stays, and what it leads to is replaced.
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = folder_of(&target);
    remove_left(folder);
    let (mut file, begun) = new_file(folder).map_err(fail)?;
    {
        let mut buffered = BufWriter::with_capacity(1 << 16, file.as_file_mut());
        write(&mut buffered).and_then(|()| buffered.flush()).map_err(fail)?;
    }
    // A full disk may show itself only here.
    file.as_file().sync_all().map_err(fail)?;
    // A file that is replaced stays as open as it was.
    #[cfg(unix)]
    if let Ok(replaced) = std::fs::metadata(&target) {
        file.as_file().set_permissions(replaced.permissions()).map_err(fail)?;
    }
    file.persist(&target).map_err(|e| fail(e.error))?;
    drop(begun);
    Ok(())
}

/// A file that is gone when it is dropped, as open as any new file of this process. Its lock tells it from one that was left
/// behind. The error does not name it: nobody asked for that name.
fn new_file(folder: &Path) -> io::Result<(NamedTempFile, Begun)> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(ON_ITS_WAY.0).suffix(ON_ITS_WAY.1);
    // The mask of the process applies.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    for _ in 0..ATTEMPTS {
        let file = builder.tempfile_in(folder).map_err(|e| io::Error::from(e.kind()))?;
        let begun = Begun::new(file.path().to_owned());
        // Where a file system knows no locks, nobody takes it for a left one either.
        let _ = file.as_file().try_lock();
        if file.path().exists() {
            return Ok((file, begun));
        }
    }
    Err(io::ErrorKind::NotFound.into())
}

/// Removes files that a process that was killed left on their way. Those of a living one are locked.
fn remove_left(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let on_its_way =
            name.to_str().is_some_and(|name| name.starts_with(ON_ITS_WAY.0) && name.ends_with(ON_ITS_WAY.1));
        if on_its_way && entry.file_type().is_ok_and(|kind| kind.is_file()) {
            let left = File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok());
            // One that cannot be removed harms nobody.
            let _ = left.then(|| std::fs::remove_file(entry.path()));
        }
    }
}

/// Finds whether a file may be written: none of those that were read stands there, by this name or another.
pub(crate) fn refuse_input<'a>(path: &Path, read: impl IntoIterator<Item = &'a Path>) -> Result<(), Error> {
    // A pipe would be waited for.
    let regular = |path: &Path| std::fs::metadata(path).is_ok_and(|m| m.is_file());
    let is_read = |input: &&Path| {
        regular(path) && regular(input) && same_file::is_same_file(path, input).unwrap_or(false)
    };
    match read.into_iter().find(is_read) {
        Some(input) => {
            let reason = format!("it is `{}`, which was read: give another path", input.display());
            let source = io::Error::new(io::ErrorKind::InvalidInput, reason);
            Err(Error::Output { path: path.to_owned(), source })
        }
        None => Ok(()),
    }
}

/// The folder that a file stands in.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The whole path of a file, or the path as it is where there is no such file.
pub(super) fn canonical(path: &Path) -> String {
    whole(path).to_string_lossy().into_owned()
}

fn whole(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// A path from a folder, or the whole path where there is none.
pub(super) fn relative(path: &Path, folder: &Path) -> String {
    let (path, folder) = (whole(path), whole(folder));
    let (to, from): (Vec<_>, Vec<_>) = (path.components().collect(), folder.components().collect());
    let common = to.iter().zip(&from).take_while(|(a, b)| a == b).count();
    if common == 0 {
        return path.to_string_lossy().into_owned();
    }
    let up = std::iter::repeat_n("..".into(), from.len() - common);
    let down = to[common..].iter().map(|c| c.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<String>>().join("/")
}
