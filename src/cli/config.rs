//! `config.toml` as the app takes it, whole or not at all.

use super::exit::{Exit, Failure};
use crate::app::keymap::Keymap;
use crate::app::rebind;
use crate::home::config::{Config, ConfigError, ConfigFile};
use crate::home::paths::Paths;

/// What the file of these folders says, and the keys that it leads to.
pub fn load(paths: &Paths) -> Result<(Config, Keymap), ConfigError> {
    let file = ConfigFile::load(&paths.config_file())?;
    let keymap = rebind::keymap(&file.config.keys).map_err(|mistake| file.wrong(mistake))?;
    Ok((file.config, keymap))
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Failure {
        match error {
            ConfigError::Unreadable { .. } => Failure::new(Exit::Unusable, error),
            ConfigError::Wrong { .. } => Failure::usage(format!(
                "{error}\nNothing in the file was used: correct it, or move it away; `muster doctor` checks it."
            )),
        }
    }
}
