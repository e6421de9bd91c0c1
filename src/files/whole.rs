//! Files that are written whole or not at all, and paths from one file to another.

use crate::Error;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

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
    let mut file = new_file(folder).map_err(fail)?;
    {
        let mut buffered = BufWriter::with_capacity(1 << 16, file.as_file_mut());
        write(&mut buffered).and_then(|()| buffered.flush()).map_err(fail)?;
    }
    // A full disk may show itself only here.
    file.as_file().sync_all().map_err(fail)?;
    // A temporary file is private; what is put in its place should be as open as any new file.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(path).map_or(0o644, |m| m.permissions().mode());
        file.as_file().set_permissions(std::fs::Permissions::from_mode(mode)).map_err(fail)?;
    }
    file.persist(&target).map_err(|e| fail(e.error))?;
    Ok(())
}

/// A file that is gone when it is dropped. The error does not name it: nobody asked for that name.
pub(crate) fn new_file(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    tempfile::NamedTempFile::new_in(folder).map_err(|e| e.kind().into())
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
