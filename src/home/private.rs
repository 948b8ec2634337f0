//! Files and folders that hold personal data: files 0600, folders 0700, whatever the umask, and never through a
//! symbolic link that somebody laid in their place.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

const FILE: u32 = 0o600;
const FOLDER: u32 = 0o700;

/// Makes a folder, with its parents, if it is missing. One that exists keeps its permissions: it may be shared on purpose.
pub fn folder(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => return Ok(()),
        Ok(_) => return Err(in_the_way(path, "something that is not a folder")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty() && !parent.exists()) {
        folder(parent)?;
    }
    match DirBuilder::new().mode(FOLDER).create(path) {
        // The umask can only have taken bits away.
        Ok(()) => fs::set_permissions(path, Permissions::from_mode(FOLDER)),
        // Another process was faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(error) => Err(error),
    }
}

/// Makes a new file; an error of kind `AlreadyExists` if there is anything of that name.
pub fn create(path: &Path) -> io::Result<File> {
    open(path, OpenOptions::new().write(true).create_new(true))
}

/// Makes the first file of these names that does not exist yet.
pub fn create_first(names: impl IntoIterator<Item = PathBuf>) -> io::Result<(PathBuf, File)> {
    for path in names {
        match create(&path) {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "every name for the file is taken"))
}

/// Opens a file for appending; makes it if it is missing.
pub fn append(path: &Path) -> io::Result<File> {
    open(path, OpenOptions::new().append(true).create(true))
}

fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    // NOFOLLOW: a link is an error. NONBLOCK: opening a pipe that nobody reads is an error too, not a hang.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = options.mode(FILE).custom_flags(flags.bits().cast_signed()).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(in_the_way(path, "something that is not a file"));
    }
    file.set_permissions(Permissions::from_mode(FILE))?;
    Ok(file)
}

/// Writes a file whole or not at all: readers see the old one until the new one is on the disk.
///
/// What stands in its place must be a regular file or nothing.
pub fn replace<T, E: From<io::Error>>(path: &Path, write: impl FnOnce(&mut dyn Write) -> Result<T, E>) -> Result<T, E> {
    match fs::symlink_metadata(path) {
        Ok(found) if !found.is_file() => return Err(in_the_way(path, "something that is not a regular file").into()),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let temporary = tempfile::Builder::new().prefix(".muster-").tempfile_in(folder)?;
    temporary.as_file().set_permissions(Permissions::from_mode(FILE))?;
    let mut buffer = BufWriter::with_capacity(1 << 16, temporary.as_file());
    let result = write(&mut buffer)?;
    buffer.flush()?;
    drop(buffer);
    temporary.as_file().sync_all()?;
    temporary.persist(path).map_err(|failed| failed.error)?;
    File::open(folder)?.sync_all()?;
    Ok(result)
}

fn in_the_way(path: &Path, what: &str) -> io::Error {
    let message = format!("{} is {what} or a symbolic link; remove it or choose another name", path.display());
    io::Error::new(io::ErrorKind::InvalidInput, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_link_in_the_place_of_a_file_is_refused() {
        let room = tempfile::tempdir().unwrap();
        let (target, link) = (room.path().join("target"), room.path().join("link"));
        fs::write(&target, "theirs").unwrap();
        symlink(&target, &link).unwrap();
        assert!(create(&link).is_err() && append(&link).is_err());
        assert!(replace(&link, |out| out.write_all(b"ours")).is_err());
        assert_eq!(fs::read_to_string(&target).unwrap(), "theirs");
        let dangling = room.path().join("dangling");
        symlink(room.path().join("nowhere"), &dangling).unwrap();
        assert!(create(&dangling).is_err() && folder(&dangling).is_err());
    }

    #[test]
    fn folders_are_made_with_their_parents_and_existing_ones_stay() {
        let room = tempfile::tempdir().unwrap();
        let deep = room.path().join("a/b/c");
        folder(&deep).unwrap();
        assert_eq!([mode(&deep), mode(&room.path().join("a"))], [0o700; 2]);
        fs::set_permissions(&deep, Permissions::from_mode(0o750)).unwrap();
        folder(&deep).unwrap();
        assert_eq!(mode(&deep), 0o750);
    }

    #[test]
    fn a_failed_replace_leaves_the_old_file_and_no_rest() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("f");
        replace(&path, |out| out.write_all(b"old")).unwrap();
        let failed = replace(&path, |out| out.write_all(b"new").and(Err::<(), _>(io::Error::other("full"))));
        assert!(failed.is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(fs::read_dir(room.path()).unwrap().count(), 1);
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn r23_an_existing_file_is_never_overwritten() {
        let room = tempfile::tempdir().unwrap();
        let names = ["a", "b"].map(|name| room.path().join(name));
        fs::write(&names[0], "kept").unwrap();
        let (path, _) = create_first(names.clone()).unwrap();
        assert_eq!(path, names[1]);
        assert!(create_first(names).is_err());
    }
}
