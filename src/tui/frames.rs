//! A log of frames for measuring: with `MUSTER_FRAMES=FILE` each frame writes a line of two numbers, the microseconds
//! since the oldest key that it answers was read (`-` if it answers none), and its bytes.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use crate::home::private;

/// Where the frames are logged, if they are.
pub struct Frames(Option<File>);

impl Frames {
    /// The log that the environment asks for. One that cannot be written is left out: it is no part of the work.
    pub fn from_env() -> Frames {
        let path = std::env::var_os("MUSTER_FRAMES").filter(|path| !path.is_empty());
        let file = path.map(|path| private::append(Path::new(&path)));
        Frames(file.and_then(|file| file.inspect_err(|error| tracing::warn!(%error, "no log of frames")).ok()))
    }

    /// Notes a frame that was sent.
    pub fn drawn(&mut self, key: Option<Instant>, bytes: usize) {
        let Some(file) = &mut self.0 else { return };
        let waited = key.map_or_else(|| "-".to_owned(), |read| read.elapsed().as_micros().to_string());
        if let Err(error) = file.write_all(format!("{waited} {bytes}\n").as_bytes()) {
            tracing::warn!(%error, "the log of frames ends here");
            self.0 = None;
        }
    }
}
