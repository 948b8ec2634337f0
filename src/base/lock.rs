//! One process at a time has a base. Who has it, the kernel's lock table tells.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rustix::fs::{FlockOperation, OFlags, flock};

use super::error::BaseError;

/// Its name in the folder of a base. The file is empty and stays; the kernel's lock on it ends with the process, however that ends.
const FILE: &str = "lock";

/// The lock of a base, for as long as one of its clones lives. It spans what the store's own lock does not: the moments
/// in which another store is put in its place.
#[derive(Debug, Clone)]
pub struct Lock {
    _file: Arc<File>,
}

/// A link in the place of the file is an error.
const NO_LINK: i32 = OFlags::NOFOLLOW.bits().cast_signed();

impl Lock {
    /// Locks the base in an existing folder. If another process has it, tries again until `wait` is over.
    ///
    /// # Errors
    /// [`BaseError::InUse`]; [`BaseError::Io`] if the file of the lock cannot be made.
    pub fn take(dir: &Path, wait: Duration) -> Result<Lock, BaseError> {
        let path = dir.join(FILE);
        let mut options = OpenOptions::new();
        let open =
            options.read(true).write(true).create(true).truncate(false).mode(0o600).custom_flags(NO_LINK).open(&path);
        let file = open.map_err(|error| match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => BaseError::NoWrite(dir.to_owned()),
            _ => BaseError::io("lock", &path, error),
        })?;
        acquire(&file, &path, dir, wait)?;
        Ok(Lock { _file: Arc::new(file) })
    }
}

/// Waits until nobody has a lock on the file of a store.
pub(super) fn wait_until_free(path: &Path, wait: Duration) -> Result<(), BaseError> {
    let file = File::open(path).map_err(|e| BaseError::io("open", path, e))?;
    acquire(&file, path, path, wait)
}

/// Locks the file `path`, which belongs to `whole`.
fn acquire(file: &File, path: &Path, whole: &Path, wait: Duration) -> Result<(), BaseError> {
    let start = Instant::now();
    loop {
        match flock(file, FlockOperation::NonBlockingLockExclusive).map_err(io::Error::from) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(BaseError::io("lock", path, error)),
            Err(_) if start.elapsed() >= wait => {
                return Err(BaseError::InUse { path: whole.to_owned(), holder: holder(path) });
            }
            Err(_) => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

/// A process that holds a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its number.
    pub process: u32,
    /// Its program, such as `muster`.
    pub program: String,
    /// Whose it is: a name, or a number that has none here.
    pub user: String,
    /// Since when it runs.
    pub since: Option<Timestamp>,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (process {}, user {}", self.program, self.process, self.user)?;
        if let Some(since) = self.since {
            write!(f, ", since {}", since.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M"))?;
        }
        write!(f, ")")
    }
}

/// Who holds a lock on the file, from the kernel's lock table. `None` where there is no such table, or where the process
/// cannot be seen from here (another container).
pub fn holder(path: &Path) -> Option<Holder> {
    let file = fs::metadata(path).ok()?;
    let table = fs::read_to_string("/proc/locks").ok()?;
    let process = table.lines().find_map(|line| lock_of(line, file.dev(), file.ino()))?;
    let program = fs::read_to_string(format!("/proc/{process}/comm")).ok()?.trim().to_owned();
    let uid = fs::metadata(format!("/proc/{process}")).ok()?.uid();
    Some(Holder { process, program, user: user_name(uid), since: started(process) })
}

/// The process of a line such as `1: FLOCK  ADVISORY  WRITE 4711 fe:01:1234 0 EOF`, if it is about that file.
fn lock_of(line: &str, device: u64, inode: u64) -> Option<u32> {
    // After the number, `->` marks a process that waits for the lock.
    let mut words = line.split_ascii_whitespace().skip(1);
    words.next().filter(|word| *word != "->")?;
    let mut words = words.skip_while(|word| *word != "WRITE").skip(1);
    let process = words.next()?.parse().ok()?;
    let mut place = words.next()?.split(':');
    let major = u32::from_str_radix(place.next()?, 16).ok()?;
    let minor = u32::from_str_radix(place.next()?, 16).ok()?;
    let same_file = place.next()?.parse() == Ok(inode);
    let same_device = (major, minor) == (rustix::fs::major(device), rustix::fs::minor(device));
    // Some file systems (btrfs, overlays) show another device here than stat does; the inode must then do.
    (same_file && (same_device || major == 0)).then_some(process)
}

/// What the kernel counts as ticks towards programs, on every architecture that is still built for.
const TICKS_PER_SECOND: i64 = 100;

/// When a process was started: the boot time plus the ticks in field 22 of its `stat`.
fn started(process: u32) -> Option<Timestamp> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, after_name) = stat.rsplit_once(')')?;
    let ticks: i64 = after_name.split_ascii_whitespace().nth(19)?.parse().ok()?;
    let boot = fs::read_to_string("/proc/stat").ok()?;
    let boot: i64 = boot.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()?;
    Timestamp::from_second(boot + ticks / TICKS_PER_SECOND).ok()
}

fn user_name(uid: u32) -> String {
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    });
    name.unwrap_or_else(|| uid.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_table_is_read() {
        let line = "3: FLOCK  ADVISORY  WRITE 4711 fe:01:1234 0 EOF";
        let device = rustix::fs::makedev(0xfe, 1);
        assert_eq!(lock_of(line, device, 1234), Some(4711));
        assert_eq!(lock_of(line, device, 1235), None);
        assert_eq!(lock_of("3: -> FLOCK  ADVISORY  WRITE 4711 fe:01:1234 0 EOF", device, 1234), None);
        assert_eq!(lock_of("nonsense", device, 1), None);
    }
}
