//! The files that were imported last, newest first, for the screen that asks which file to import.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::private;

const KEPT: usize = 20;

/// The list of recent files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recent {
    /// Absolute paths, newest first.
    pub files: Vec<PathBuf>,
}

impl Recent {
    /// Reads the list. A missing or damaged one is empty: it is a convenience, not a record.
    pub fn load(path: &Path) -> Recent {
        fs::read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }

    /// Puts a file on top. A name that is not UTF-8 cannot be kept.
    pub fn add(&mut self, file: &Path) {
        let Ok(file) = std::path::absolute(file) else { return };
        self.files.retain(|known| *known != file);
        if file.to_str().is_some() {
            self.files.insert(0, file);
        }
        self.files.truncate(KEPT);
    }

    /// Writes the list.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        private::replace(path, |out| serde_json::to_writer_pretty(out, self).map_err(io::Error::from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_is_first_and_only_once() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("recent.json");
        let mut recent = Recent::load(&path);
        for n in 0..30 {
            recent.add(Path::new(&format!("/f/{n}.csv")));
        }
        recent.add(Path::new("/f/15.csv"));
        recent.save(&path).unwrap();
        let read = Recent::load(&path);
        assert_eq!(read, recent);
        assert_eq!(read.files.len(), KEPT);
        assert_eq!(read.files[0], Path::new("/f/15.csv"));
        fs::write(&path, "{").unwrap();
        assert_eq!(Recent::load(&path), Recent::default());
    }
}
