//! A small file beside the store that says what the store must at least hold.
//!
//! sled opens a destroyed file as an empty store without a word. The sidecar is written after each commit: if it knows a newer commit
//! than the store has, the store has lost something; if it knows an older one, the program was killed between the two.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};

use super::error::BaseError;
use super::view::{Head, SCHEMA};

/// Its name in the folder of the base.
pub const FILE: &str = "base.json";
/// Its name until it is written; a start after a crash writes over it.
const NEW: &str = "base.json.new";
const MAGIC: &str = "muster base";

/// What the sidecar knows of its base.
#[derive(Debug, Serialize, Deserialize)]
pub struct Sidecar {
    magic: String,
    schema: u32,
    /// The newest commit.
    pub commit: u64,
    /// How many contacts it had.
    pub contacts: u64,
    /// How many organizations it had.
    pub organizations: u64,
}

/// What every sidecar has.
#[derive(Debug, Deserialize)]
struct Stamp {
    magic: String,
    schema: u32,
}

fn is_ours(stamp: &Stamp) -> bool {
    stamp.magic == MAGIC
}

/// The sidecar of a base; `None` if there is none.
///
/// # Errors
/// It cannot be read, or a newer program has written it.
pub fn read(dir: &Path) -> Result<Option<Sidecar>, BaseError> {
    let path = dir.join(FILE);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(BaseError::io("read", &path, error)),
    };
    let unreadable = || BaseError::damaged(format!("{} cannot be read", path.display()));
    // What else a newer one says, this program need not understand.
    let stamp: Stamp = serde_json::from_slice(&text).ok().filter(is_ours).ok_or_else(unreadable)?;
    if stamp.schema > SCHEMA {
        return Err(BaseError::NewerSchema { found: stamp.schema, known: SCHEMA });
    }
    serde_json::from_slice(&text).map(Some).map_err(|_| unreadable())
}

/// Replaces the sidecar, durably.
pub fn write(dir: &Path, head: Head) -> Result<(), BaseError> {
    let sidecar = Sidecar {
        magic: MAGIC.to_owned(),
        schema: head.schema,
        commit: head.commit,
        contacts: head.contacts,
        organizations: head.organizations,
    };
    let path = dir.join(FILE);
    let replace = || {
        let mut text = serde_json::to_vec(&sidecar)?;
        text.push(b'\n');
        let new = dir.join(NEW);
        let nofollow = OFlags::NOFOLLOW.bits().cast_signed();
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).custom_flags(nofollow).open(&new)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&new, &path)?;
        File::open(dir)?.sync_all()
    };
    replace().map_err(|e| BaseError::io("write", &path, e))
}
