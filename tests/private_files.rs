//! Files are 0600 and folders 0700 whatever the umask. A process has one umask, so this file has one test.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use muster::home::private;
use rustix::fs::Mode;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn files_and_folders_are_private_under_any_umask() {
    for umask in [0o000, 0o022, 0o077, 0o277] {
        let room = tempfile::tempdir().unwrap();
        let before = rustix::process::umask(Mode::from_raw_mode(umask));
        let folder = room.path().join("a/b");
        private::folder(&folder).unwrap();
        private::create(&folder.join("created")).unwrap();
        private::append(&folder.join("appended")).unwrap();
        private::replace(&folder.join("replaced"), |out| out.write_all(b"x")).unwrap();
        private::replace(&folder.join("replaced"), |out| out.write_all(b"y")).unwrap();
        rustix::process::umask(before);
        assert_eq!([mode(&folder), mode(&room.path().join("a"))], [0o700; 2], "umask {umask:03o}");
        for name in ["created", "appended", "replaced"] {
            assert_eq!(mode(&folder.join(name)), 0o600, "{name}, umask {umask:03o}");
        }
        assert_eq!(fs::read_to_string(folder.join("replaced")).unwrap(), "y");
    }
}
