//! Which files a person may name: all that the account may reach, or, in a locked-down account, those below an inbox for
//! reading and below an outbox for writing (`--inbox`, `--outbox`, or the same in `config.toml`).
//!
//! The two folders are opened once. Every path is then walked from there by the kernel, beneath the folder and without symbolic
//! links (`openat2`; where a kernel has none, name by name), and what was reached is used by its handle. So neither `..` nor a
//! link nor a folder exchanged at the right moment leads anywhere else.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

/// Which files a person may name. Clones share the open folders.
#[derive(Debug, Clone, Default)]
pub struct Access(Option<Arc<[Root; 2]>>);

/// A folder below which files may be named.
#[derive(Debug)]
struct Root {
    folder: OwnedFd,
    path: PathBuf,
}

/// A place for a file or a folder that muster makes.
#[derive(Debug)]
pub struct Target {
    /// What to open; good for as long as the target lives.
    pub path: PathBuf,
    /// What to show to the person.
    pub shown: PathBuf,
    _folder: Option<OwnedFd>,
}

impl Access {
    /// Only files below `inbox` are read, only such below `outbox` made.
    ///
    /// # Errors
    /// One of them is no folder that this account may open.
    pub fn confined(inbox: &Path, outbox: &Path) -> io::Result<Access> {
        let root = |path: &Path| {
            let path = fs::canonicalize(path)?;
            let folder = File::options().read(true).custom_flags_of(OFlags::DIRECTORY).open(&path)?.into();
            Ok::<Root, io::Error>(Root { folder, path })
        };
        Ok(Access(Some(Arc::new([root(inbox)?, root(outbox)?]))))
    }

    /// The inbox and the outbox; `None`: any file may be named.
    pub fn folders(&self) -> Option<[&Path; 2]> {
        self.0.as_ref().map(|roots| [roots[0].path.as_path(), roots[1].path.as_path()])
    }

    /// Opens a file for reading. It is not waited for who writes into a pipe.
    ///
    /// # Errors
    /// Those of the system; [`io::ErrorKind::PermissionDenied`] if the path leads out of the inbox.
    pub fn open(&self, path: &Path) -> io::Result<File> {
        match self.inbox() {
            None => File::options().read(true).custom_flags_of(OFlags::NONBLOCK).open(path),
            Some(inbox) => Ok(inbox.open(path, OFlags::RDONLY | OFlags::NONBLOCK)?.into()),
        }
    }

    /// What a folder has: names with what is known of each, in no order. In the inbox, links are left out.
    ///
    /// # Errors
    /// As [`Access::open`].
    pub fn list(&self, folder: &Path) -> io::Result<Vec<(String, Metadata)>> {
        let Some(inbox) = self.inbox() else { return entries(folder, fs::metadata) };
        let folder = inbox.open(folder, OFlags::RDONLY | OFlags::DIRECTORY)?;
        let mut found = entries(&by_handle(folder.as_fd()), fs::symlink_metadata)?;
        found.retain(|(_, data)| !data.is_symlink());
        Ok(found)
    }

    /// The place for something that muster makes; its folder must exist.
    ///
    /// # Errors
    /// As [`Access::open`], for the outbox.
    pub fn target(&self, path: &Path) -> io::Result<Target> {
        let Some(roots) = &self.0 else {
            return Ok(Target { path: path.to_owned(), shown: path.to_owned(), _folder: None });
        };
        let outbox = &roots[1];
        let relative = outbox.relative(path)?;
        let name = relative.file_name().ok_or_else(|| outbox.refused(path))?;
        let above = relative.parent().unwrap_or(Path::new(""));
        let folder = outbox.open(above, OFlags::RDONLY | OFlags::DIRECTORY)?;
        let shown = outbox.path.join(&relative);
        Ok(Target { path: by_handle(folder.as_fd()).join(name), shown, _folder: Some(folder) })
    }

    /// The file for reading that is meant, wherever muster is started the next time.
    pub fn absolute(&self, path: &Path) -> PathBuf {
        match self.inbox() {
            Some(inbox) => inbox.path.join(path),
            None => fs::canonicalize(path).or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned()),
        }
    }

    /// Where something that belongs to a file goes: beside it, or into the outbox.
    pub fn beside(&self, file: &Path) -> PathBuf {
        match (self.folders(), file.file_name()) {
            (Some([_, outbox]), Some(name)) => outbox.join(name),
            _ => file.to_owned(),
        }
    }

    fn inbox(&self) -> Option<&Root> {
        self.0.as_ref().map(|roots| &roots[0])
    }
}

impl Root {
    /// A path from the root on: as it stands, or without the root's own path.
    fn relative(&self, path: &Path) -> io::Result<PathBuf> {
        let relative =
            if path.is_absolute() { path.strip_prefix(&self.path).map_err(|_| self.refused(path))? } else { path };
        Ok(relative.to_owned())
    }

    fn open(&self, path: &Path, flags: OFlags) -> io::Result<OwnedFd> {
        let relative = self.relative(path)?;
        let relative = if relative.as_os_str().is_empty() { Path::new(".") } else { &relative };
        let flags = flags | OFlags::CLOEXEC;
        let opened = match beneath(self.folder.as_fd(), relative, flags) {
            Err(Errno::NOSYS | Errno::PERM) => walk(self.folder.as_fd(), relative, flags),
            opened => opened,
        };
        opened.map_err(|error| match error {
            Errno::XDEV | Errno::LOOP => self.refused(path),
            error => error.into(),
        })
    }

    fn refused(&self, path: &Path) -> io::Error {
        let text = format!("{} is not below {}, or leads out of it", path.display(), self.path.display());
        io::Error::new(io::ErrorKind::PermissionDenied, text)
    }
}

/// Opens what the kernel reaches beneath a folder without following a link.
fn beneath(folder: BorrowedFd<'_>, path: &Path, flags: OFlags) -> Result<OwnedFd, Errno> {
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    rustix::fs::openat2(folder, path, flags, Mode::empty(), resolve)
}

/// The same for kernels without `openat2` (before 5.6, or where a sandbox hides it): name by name. `..` leads nowhere.
fn walk(folder: BorrowedFd<'_>, path: &Path, flags: OFlags) -> Result<OwnedFd, Errno> {
    let mut names = Vec::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => names.push(name),
            Component::CurDir => {}
            _ => return Err(Errno::XDEV),
        }
    }
    let last = names.pop().unwrap_or(std::ffi::OsStr::new("."));
    let mut at = folder.try_clone_to_owned().map_err(|_| Errno::MFILE)?;
    for name in names {
        at = without_links(rustix::fs::openat(at, name, OFlags::PATH | OFlags::DIRECTORY | NO_LINK, Mode::empty()))?;
    }
    without_links(rustix::fs::openat(at, last, flags | NO_LINK, Mode::empty()))
}

const NO_LINK: OFlags = OFlags::NOFOLLOW.union(OFlags::CLOEXEC);

/// A link where a folder should be is said to be no folder.
fn without_links(opened: Result<OwnedFd, Errno>) -> Result<OwnedFd, Errno> {
    opened.map_err(|error| if error == Errno::NOTDIR { Errno::LOOP } else { error })
}

/// The path by which what is open can be reached again, whatever happens to its name.
fn by_handle(open: BorrowedFd<'_>) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", open.as_raw_fd()))
}

fn entries(folder: &Path, data: impl Fn(PathBuf) -> io::Result<Metadata>) -> io::Result<Vec<(String, Metadata)>> {
    let entry = |entry: io::Result<fs::DirEntry>| {
        let entry = entry.ok()?;
        Some((entry.file_name().into_string().ok()?, data(entry.path()).ok()?))
    };
    Ok(fs::read_dir(folder)?.filter_map(entry).collect())
}

/// Flags of the system on the options of the standard library.
trait FlagsOf {
    fn custom_flags_of(&mut self, flags: OFlags) -> &mut Self;
}

impl FlagsOf for fs::OpenOptions {
    fn custom_flags_of(&mut self, flags: OFlags) -> &mut Self {
        use std::os::unix::fs::OpenOptionsExt;
        self.custom_flags((flags | OFlags::CLOEXEC).bits().cast_signed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use std::io::Read;
    use std::os::unix::fs::symlink;
    use std::sync::atomic::{AtomicBool, Ordering};

    /// An inbox with a file and a folder, an outbox, and a secret beside them.
    fn rooms() -> (tempfile::TempDir, Access) {
        let room = tempfile::tempdir().unwrap();
        let path = |name: &str| room.path().join(name);
        for folder in ["in/sub", "out/sub", "secret"] {
            fs::create_dir_all(path(folder)).unwrap();
        }
        for file in ["in/a.csv", "in/sub/b.csv", "secret/s.csv"] {
            fs::write(path(file), file).unwrap();
        }
        symlink(path("secret/s.csv"), path("in/link.csv")).unwrap();
        symlink(path("secret"), path("in/linked")).unwrap();
        symlink("a.csv", path("in/harmless.csv")).unwrap();
        symlink(path("secret"), path("out/linked")).unwrap();
        let access = Access::confined(&path("in"), &path("out")).unwrap();
        (room, access)
    }

    fn read(file: io::Result<impl Into<File>>) -> Option<String> {
        let mut text = String::new();
        file.ok()?.into().read_to_string(&mut text).ok()?;
        Some(text)
    }

    #[rstest]
    #[case("a.csv", true)]
    #[case("./sub/b.csv", true)]
    #[case("sub/../a.csv", true)]
    #[case("../secret/s.csv", false)]
    #[case("sub/../../secret/s.csv", false)]
    #[case("link.csv", false)]
    #[case("linked/s.csv", false)]
    #[case("harmless.csv", false)]
    #[case("/etc/hostname", false)]
    #[case("/proc/self/cwd/Cargo.toml", false)]
    #[case("missing.csv", false)]
    fn only_what_lies_below_the_inbox_is_opened(#[case] path: &str, #[case] opens: bool) {
        let (_room, access) = rooms();
        let inbox = access.inbox().unwrap();
        assert_eq!(read(access.open(Path::new(path))).is_some(), opens);
        if !path.starts_with('/') {
            // Where there is no `openat2`, `..` is not walked at all.
            let walked = walk(inbox.folder.as_fd(), Path::new(path), OFlags::RDONLY);
            assert_eq!(walked.is_ok(), opens && !path.contains(".."), "{path}");
        }
    }

    #[test]
    fn absolute_paths_below_the_folders_are_good() {
        let (room, access) = rooms();
        assert_eq!(read(access.open(&room.path().join("in/sub/b.csv"))).unwrap(), "in/sub/b.csv");
        let target = access.target(&room.path().join("out/sub/x.csv")).unwrap();
        fs::write(&target.path, "written").unwrap();
        assert_eq!(fs::read_to_string(room.path().join("out/sub/x.csv")).unwrap(), "written");
        assert_eq!(target.shown, room.path().canonicalize().unwrap().join("out/sub/x.csv"));
    }

    #[rstest]
    #[case("../in/x.csv")]
    #[case("linked/x.csv")]
    #[case("/tmp/x.csv")]
    #[case("..")]
    #[case("")]
    fn nothing_is_made_outside_the_outbox(#[case] path: &str) {
        let (room, access) = rooms();
        assert!(access.target(Path::new(path)).is_err());
        assert_eq!(fs::read_dir(room.path().join("secret")).unwrap().count(), 1);
    }

    #[test]
    fn the_list_has_no_links() {
        let (_room, access) = rooms();
        let mut names: Vec<String> = access.list(Path::new("")).unwrap().into_iter().map(|(name, _)| name).collect();
        names.sort();
        assert_eq!(names, ["a.csv", "sub"]);
        assert!(access.list(Path::new("..")).is_err() && access.list(Path::new("linked")).is_err());
    }

    #[test]
    fn a_pipe_is_not_waited_for() {
        let (room, access) = rooms();
        rustix::fs::mknodat(rustix::fs::CWD, room.path().join("in/pipe"), rustix::fs::FileType::Fifo, Mode::RWXU, 0)
            .unwrap();
        assert!(!access.open(Path::new("pipe")).unwrap().metadata().unwrap().is_file());
        assert!(!Access::default().open(&room.path().join("in/pipe")).unwrap().metadata().unwrap().is_file());
    }

    /// Somebody exchanges a folder for a link again and again, while it is gone through.
    #[test]
    fn a_folder_exchanged_meanwhile_leads_nowhere_else() {
        let (room, access) = rooms();
        let (path, inbox) = (|name: &str| room.path().join(name), access.inbox().unwrap());
        fs::write(path("in/sub/s.csv"), "ours").unwrap();
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    let _ = fs::rename(path("in/sub"), path("in/aside"));
                    let _ = symlink(path("secret"), path("in/sub"));
                    let _ = fs::remove_file(path("in/sub"));
                    let _ = fs::rename(path("in/aside"), path("in/sub"));
                }
            });
            let (mut tried, mut good) = (0, 0);
            // On a busy machine the other thread may hold the folder back for long.
            let patience = std::time::Instant::now() + std::time::Duration::from_secs(60);
            while tried < 3000 || good == 0 && std::time::Instant::now() < patience {
                tried += 1;
                let file = Path::new("sub/s.csv");
                let walked = read(walk(inbox.folder.as_fd(), file, OFlags::RDONLY).map_err(io::Error::from));
                for text in [read(access.open(file)), walked].into_iter().flatten() {
                    assert_eq!(text, "ours");
                    good += 1;
                }
            }
            over.store(true, Ordering::Relaxed);
            assert!(good > 0, "it was never there");
        });
    }
}
