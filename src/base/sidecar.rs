//! A small file beside the store that says what the store must at least hold.
//!
//! sled opens a destroyed file as an empty store without a word. The sidecar is written after each commit: if it knows a newer commit
//! than the store has, the store has lost something; if it knows an older one, the program was killed between the two.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::BaseError;
use super::view::{Head, SCHEMA};

/// Its name in the folder of the base.
pub const FILE: &str = "base.json";
const MAGIC: &str = "muster base";

#[derive(Debug, Serialize, Deserialize)]
struct Sidecar {
    magic: String,
    schema: u32,
    commit: u64,
    contacts: u64,
    organizations: u64,
}

/// The newest commit that the sidecar of a base knows; `None` if there is no sidecar.
///
/// # Errors
/// It cannot be read, or a newer program has written it.
pub fn known_commit(dir: &Path) -> Result<Option<u64>, BaseError> {
    let path = dir.join(FILE);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(BaseError::io("read", &path, error)),
    };
    let sidecar: Sidecar = serde_json::from_slice(&text)
        .ok()
        .filter(|sidecar: &Sidecar| sidecar.magic == MAGIC)
        .ok_or_else(|| BaseError::damaged(format!("{} cannot be read", path.display())))?;
    if sidecar.schema > SCHEMA {
        return Err(BaseError::NewerSchema { found: sidecar.schema, known: SCHEMA });
    }
    Ok(Some(sidecar.commit))
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
        let mut file = tempfile::NamedTempFile::new_in(dir)?;
        serde_json::to_writer(&mut file, &sidecar)?;
        file.write_all(b"\n")?;
        file.as_file().sync_all()?;
        file.persist(&path).map_err(|e| e.error)?;
        File::open(dir)?.sync_all()
    };
    replace().map_err(|e| BaseError::io("write", &path, e))
}
