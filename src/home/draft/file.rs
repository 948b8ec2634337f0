//! The file of a draft: a head line, then a line for each entry. A line is the CRC-32 of its text in eight hexadecimal
//! digits, a space, the text as JSON. What cannot be read any more, because the machine lost power while it was written,
//! ends the draft; the entries before it hold.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::{Draft, Entry};
use crate::home::private;

/// The version of the form; a draft of another version is not read.
const VERSION: u32 = 1;

/// The ending of the name of a draft.
const ENDING: &str = "draft";

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    /// [`VERSION`].
    draft: u32,
    base: PathBuf,
    file: PathBuf,
}

/// Why a draft cannot be read or written.
#[derive(Debug, Error)]
pub enum DraftError {
    /// The disk refuses.
    #[error("{path}: {source}")]
    File {
        /// The file of the draft.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Not even the first line can be read.
    #[error("{0} is damaged from its first line on")]
    Damaged(PathBuf),
    /// A newer or an older muster wrote it.
    #[error("{path} was written by another version of muster (form {version})")]
    Version {
        /// The file of the draft.
        path: PathBuf,
        /// The version of its form.
        version: u32,
    },
    /// A name that is not UTF-8 cannot be kept.
    #[error("{0} cannot be kept as a draft: its name, or that of the base, is not UTF-8")]
    Name(PathBuf),
}

impl DraftError {
    fn file(path: &Path) -> impl Fn(io::Error) -> DraftError {
        let path = path.to_owned();
        move |source| DraftError::File { path: path.clone(), source }
    }
}

/// A draft as its file tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The file of the draft.
    pub path: PathBuf,
    /// The draft.
    pub draft: Draft,
    /// When it was last added to.
    pub changed: Timestamp,
    /// Whether its end could not be read.
    pub torn: bool,
    /// How many bytes could be read.
    sound: u64,
}

/// Reads a draft; the file may be in use. A torn end is left out.
///
/// # Errors
/// There is no such file, or nothing of it can be read.
pub fn read(path: &Path) -> Result<Found, DraftError> {
    let bytes = fs::read(path).map_err(DraftError::file(path))?;
    let changed = fs::metadata(path).and_then(|data| data.modified()).map_err(DraftError::file(path))?;
    let mut lines = sound_lines(&bytes);
    let damaged = || DraftError::Damaged(path.to_owned());
    let (head, mut sound) = lines.next().ok_or_else(damaged)?;
    let head: serde_json::Value = serde_json::from_slice(head).map_err(|_| damaged())?;
    match head.get("draft").and_then(serde_json::Value::as_u64) {
        Some(version) if version == u64::from(VERSION) => {}
        Some(version) => return Err(DraftError::Version { path: path.to_owned(), version: version as u32 }),
        None => return Err(damaged()),
    }
    let head: Head = serde_json::from_value(head).map_err(|_| damaged())?;
    let mut draft = Draft::new(&head.base, &head.file);
    for (text, end) in lines {
        let Ok(entry) = serde_json::from_slice(text) else { break };
        draft.take(entry);
        sound = end;
    }
    let changed = Timestamp::try_from(changed).unwrap_or(Timestamp::UNIX_EPOCH);
    Ok(Found { path: path.to_owned(), draft, changed, torn: sound < bytes.len(), sound: sound as u64 })
}

/// The texts of the lines up to the first that is not whole, each with the place where it ends.
fn sound_lines(bytes: &[u8]) -> impl Iterator<Item = (&[u8], usize)> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = &bytes[start..];
        let line = &rest[..memchr::memchr(b'\n', rest)?];
        start += line.len() + 1;
        let (sum, text) = line.split_at_checked(9)?;
        (sum == checksum(text).as_bytes()).then_some((text, start))
    })
}

/// What stands before a text.
fn checksum(text: &[u8]) -> String {
    format!("{:08x} ", crc32fast::hash(text))
}

fn push_line(into: &mut Vec<u8>, value: &impl Serialize) -> serde_json::Result<()> {
    let text = serde_json::to_vec(value)?;
    into.extend_from_slice(checksum(&text).as_bytes());
    into.extend_from_slice(&text);
    into.push(b'\n');
    Ok(())
}

/// Every file in the folder of the drafts, those that cannot be read included; the newest first.
pub fn list(folder: &Path) -> Vec<Result<Found, DraftError>> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.flatten().map(|entry| entry.path());
    let paths = paths.filter(|path| path.extension().is_some_and(|ending| ending == ENDING));
    let mut found: Vec<_> = paths.map(|path| read(&path)).collect();
    found.sort_by_key(|found| std::cmp::Reverse(found.as_ref().map_or(Timestamp::MIN, |found| found.changed)));
    found
}

/// A draft that is being written.
#[derive(Debug)]
pub struct DraftFile {
    path: PathBuf,
    file: Arc<File>,
    /// How long the file is, so that a write that failed half-way can be taken back.
    length: u64,
}

impl DraftFile {
    /// Begins the draft of a file for a base; both paths absolute. One that exists for the same file stays beside it.
    ///
    /// # Errors
    /// The folder cannot be written to, or a name is not UTF-8.
    pub fn begin(folder: &Path, base: &Path, file: &Path) -> Result<DraftFile, DraftError> {
        let mut line = Vec::new();
        let head = Head { draft: VERSION, base: base.to_owned(), file: file.to_owned() };
        push_line(&mut line, &head).map_err(|_| DraftError::Name(file.to_owned()))?;
        private::folder(folder).map_err(DraftError::file(folder))?;
        let (path, _) = private::create_first(names(folder, base, file)).map_err(DraftError::file(folder))?;
        let file = private::append(&path).map_err(DraftError::file(&path))?;
        let mut draft = DraftFile { path, file: Arc::new(file), length: 0 };
        draft.write(&line)?;
        Ok(draft)
    }

    /// Opens a draft that was read, to go on with it; its torn end goes.
    ///
    /// # Errors
    /// The file cannot be written to.
    pub fn go_on(found: &Found) -> Result<DraftFile, DraftError> {
        let failed = DraftError::file(&found.path);
        let file = private::append(&found.path).map_err(&failed)?;
        file.set_len(found.sound).map_err(&failed)?;
        Ok(DraftFile { path: found.path.clone(), file: Arc::new(file), length: found.sound })
    }

    /// Adds entries. When this returns they survive the death of the process; when they are [saved](Saver::save), that
    /// of the machine.
    ///
    /// # Errors
    /// The disk refuses; then none of them is there.
    pub fn add(&mut self, entries: &[Entry]) -> Result<(), DraftError> {
        let mut lines = Vec::new();
        for entry in entries {
            push_line(&mut lines, entry).map_err(|error| DraftError::file(&self.path)(error.into()))?;
        }
        self.write(&lines)
    }

    fn write(&mut self, lines: &[u8]) -> Result<(), DraftError> {
        let written = (&*self.file).write_all(lines);
        if written.is_err() {
            // Half a line would end the draft for every reader, also after later lines.
            self.file.set_len(self.length).map_err(DraftError::file(&self.path))?;
        }
        written.map_err(DraftError::file(&self.path))?;
        self.length += lines.len() as u64;
        Ok(())
    }

    /// The file of the draft.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What brings it to the disk, while more is added.
    pub fn saver(&self) -> Saver {
        Saver { path: self.path.clone(), file: Arc::clone(&self.file) }
    }
}

/// Brings a draft to the disk.
#[derive(Debug)]
pub struct Saver {
    path: PathBuf,
    file: Arc<File>,
}

impl Saver {
    /// Waits until everything that was added is on the disk, and the name of the file too.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn save(&self) -> Result<(), DraftError> {
        self.file.sync_data().map_err(DraftError::file(&self.path))?;
        let folder = self.path.parent().unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(DraftError::file(folder))
    }
}

/// The names for the draft of a file, best first. They tell nobody what the file is called.
fn names(folder: &Path, base: &Path, file: &Path) -> impl Iterator<Item = PathBuf> {
    let mut hash = Sha256::new();
    for path in [base, file] {
        hash.update(path.as_os_str().as_encoded_bytes());
        hash.update([0]);
    }
    let name: String = hash.finalize()[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    let folder = folder.to_owned();
    (1..1000).map(move |n| match n {
        1 => folder.join(format!("{name}.{ENDING}")),
        _ => folder.join(format!("{name}-{n}.{ENDING}")),
    })
}
