//! The folders of muster: by option, by environment, else where the XDG standard puts them.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use thiserror::Error;

use super::private;

/// Why there is no folder to work in.
#[derive(Debug, Error)]
pub enum PathError {
    /// Neither `HOME` nor an account entry names a home folder.
    #[error("there is no home folder: set HOME, or XDG_DATA_HOME, XDG_STATE_HOME, XDG_CACHE_HOME and XDG_CONFIG_HOME")]
    NoHome,
    /// A folder could not be made.
    #[error("cannot make the folder {path}: check who owns its parent, or choose another with --base")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// Where things live. Finding the folders makes none of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Paths {
    /// The base.
    pub base: PathBuf,
    /// Drafts, logs and recent files: lost with little harm.
    pub state: PathBuf,
    /// Spill files of running imports: empty between runs.
    pub cache: PathBuf,
    /// What a person sets.
    pub config: PathBuf,
}

impl Paths {
    /// The folders for `--base`, else `MUSTER_BASE`, else the XDG data folder.
    pub fn find(base: Option<&Path>) -> Result<Paths, PathError> {
        let xdg = etcetera::base_strategy::Xdg::new().map_err(|_| PathError::NoHome)?;
        let chosen = base.map(Path::to_owned).or_else(|| {
            let variable = env::var_os("MUSTER_BASE").filter(|value| !value.is_empty());
            variable.map(PathBuf::from)
        });
        let state = xdg.state_dir().unwrap_or_else(|| xdg.data_dir());
        Ok(Paths::under(chosen, [&xdg.data_dir(), &state, &xdg.cache_dir(), &xdg.config_dir()]))
    }

    /// A chosen base is taken as it is (a link to a folder may be meant); the others are `muster` in each XDG folder.
    fn under(base: Option<PathBuf>, [data, state, cache, config]: [&Path; 4]) -> Paths {
        let ours = |folder: &Path| folder.join("muster");
        let base = base.unwrap_or_else(|| ours(data));
        Paths {
            base: fs::canonicalize(&base).or_else(|_| std::path::absolute(&base)).unwrap_or(base),
            state: ours(state),
            cache: ours(cache),
            config: ours(config),
        }
    }

    /// The log file.
    pub fn log(&self) -> PathBuf {
        self.state.join("muster.log")
    }

    /// The list of recent files.
    pub fn recent(&self) -> PathBuf {
        self.state.join("recent.json")
    }

    /// What a person sets.
    pub fn config_file(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    /// The folder of unfinished imports.
    pub fn drafts(&self) -> PathBuf {
        self.state.join("drafts")
    }

    /// The folder for spill files, made if it is missing. On the disk of the cache, because `/tmp` is often memory.
    pub fn spill(&self) -> Result<PathBuf, PathError> {
        let path = self.cache.join("spill");
        make(&self.cache)?;
        make(&path)?;
        Ok(path)
    }

    /// Makes the folder of the base if it is missing.
    pub fn make_base(&self) -> Result<(), PathError> {
        make(&self.base)
    }

    /// Makes the folder of the state if it is missing.
    pub fn make_state(&self) -> Result<(), PathError> {
        make(&self.state)
    }
}

fn make(path: &Path) -> Result<(), PathError> {
    private::folder(path).map_err(|source| PathError::Folder { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chosen_base_wins_and_the_rest_stays() {
        let xdg = ["/d", "/s", "/c", "/f"].map(Path::new);
        let paths = Paths::under(None, xdg);
        assert_eq!(paths.base, Path::new("/d/muster"));
        assert_eq!(paths.log(), Path::new("/s/muster/muster.log"));
        let chosen = Paths::under(Some("/srv/no-such-base".into()), xdg);
        assert_eq!(chosen.base, Path::new("/srv/no-such-base"));
        assert_eq!(chosen.state, paths.state);
    }

    #[test]
    fn a_relative_base_becomes_absolute() {
        let paths = Paths::under(Some("no-such-base".into()), ["/d", "/s", "/c", "/f"].map(Path::new));
        assert!(paths.base.is_absolute() && paths.base.ends_with("no-such-base"));
    }

    #[test]
    fn the_base_may_be_a_link_to_a_folder() {
        let room = tempfile::tempdir().unwrap();
        let (real, link) = (room.path().join("real"), room.path().join("link"));
        fs::create_dir(&real).unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let paths = Paths::under(Some(link), ["/d", "/s", "/c", "/f"].map(Path::new));
        assert_eq!(paths.base, fs::canonicalize(real).unwrap());
        paths.make_base().unwrap();
    }
}
