//! An import over a real SSH line on loopback, and a line that drops in the middle of a commit.
//!
//! `cargo test --test ssh -- --ignored` needs OpenSSH's client and server (`apt-get install openssh-server`). The server
//! runs with keys of its own on a free port of 127.0.0.1, and is stopped at the end.
#![allow(clippy::expect_used, clippy::print_stdout, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/pty.rs"]
mod pty;

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use pty::{PATIENCE, Session, command};
use rustix::process::Signal;
use tempfile::TempDir;

const USUAL: (u16, u16) = (80, 24);
const MUSTER: &str = env!("CARGO_BIN_EXE_muster");
const ROWS: u64 = 100_000;

/// A server, a key that it lets in, and a home for muster.
struct Line {
    room: TempDir,
    server: Child,
    port: u16,
}

impl Line {
    fn new() -> Line {
        let room = tempfile::tempdir().unwrap();
        let at = |name: &str| room.path().join(name);
        for name in ["host", "client"] {
            let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(at(name)).status();
            assert!(made.expect("ssh-keygen is installed").success());
        }
        fs::copy(at("client.pub"), at("authorized")).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = format!(
            "ListenAddress 127.0.0.1\nPort {port}\nHostKey {}\nAuthorizedKeysFile {}\nStrictModes no\nUsePAM no\n\
             PasswordAuthentication no\nPermitRootLogin yes\nPidFile none\n",
            at("host").display(),
            at("authorized").display()
        );
        fs::write(at("config"), config).unwrap();
        // Where a server that runs as root locks its unprivileged half in.
        if rustix::process::getuid().is_root() {
            fs::create_dir_all("/run/sshd").unwrap();
        }
        let mut server = Command::new("/usr/sbin/sshd");
        server.args(["-D", "-e", "-f"]).arg(at("config")).stderr(fs::File::create(at("server.log")).unwrap());
        let server = server.stdin(Stdio::null()).spawn().expect("openssh-server is installed");
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "{}", fs::read_to_string(at("server.log")).unwrap());
            std::thread::yield_now();
        }
        Line { room, server, port }
    }

    fn home(&self) -> &Path {
        self.room.path()
    }

    /// A person's terminal with muster at the other end.
    fn app(&self, file: &str) -> Session {
        let user = String::from_utf8(Command::new("id").arg("-un").output().unwrap().stdout).unwrap();
        let key = self.home().join("client");
        let home = self.home().display();
        let remote = format!("cd {home} && HOME={home} LANG=C.UTF-8 exec {MUSTER} {file}");
        let port = self.port.to_string();
        let arguments: Vec<&str> = ["-tt", "-F", "none", "-p", &port, "-i", key.to_str().unwrap()]
            .into_iter()
            .chain(["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"])
            .chain(["-l", user.trim(), "127.0.0.1", &remote])
            .collect();
        Session::start(command("ssh", &arguments), USUAL)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut muster = Command::new(MUSTER);
        muster.env_clear().env("HOME", self.home()).env("PATH", "/usr/bin:/bin").args(arguments).output().unwrap()
    }

    fn json(&self, arguments: &[&str]) -> serde_json::Value {
        serde_json::from_slice(&self.run(arguments).stdout).unwrap()
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// From the columns of a file to its commit.
fn commit(session: &mut Session) {
    session.wait_for("contact.first_name");
    session.send("c");
    session.wait_for("rows in all");
    session.send("i");
    session.wait_for("Import now?");
    session.send("y");
}

#[test]
#[ignore = "needs an SSH server; see the head of this file"]
fn an_import_over_ssh_and_a_line_that_drops() {
    let line = Line::new();
    let sample = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("samples/office-mart.csv");
    fs::copy(sample, line.home().join("office-mart.csv")).unwrap();
    let mut session = line.app("office-mart.csv");
    commit(&mut session);
    session.wait_for("Every row was imported.");
    session.send("\r");
    session.wait_for("Kathryn Smith");
    session.send("q");
    assert_eq!(session.exit_code(), 0);
    let history = line.run(&["history"]);
    assert!(String::from_utf8_lossy(&history.stdout).contains("from 127.0.0.1"), "{history:?}");

    let rows: String = (0..ROWS).map(|n| format!("L-{n},Ann,Lee\n")).collect();
    let header = "Contact Id,Contact First Name,Contact Last Name\n";
    fs::write(line.home().join("large.csv"), format!("{header}{rows}")).unwrap();
    let before = line.json(&["verify", "--json"])["contacts"].as_u64().unwrap();
    let mut session = line.app("large.csv");
    commit(&mut session);
    session.wait_for("Importing large.csv");
    let since = Instant::now();
    // The client dies, as a laptop does whose battery is empty; the server sees the connection end.
    session.signal(Signal::KILL);
    session.exit_code();
    let waited = line.run(&["verify", "--json", "--wait", "2"]);
    assert!(waited.status.success(), "{waited:?}");
    println!("whole and free {:?} after the line dropped", since.elapsed());
    assert!(since.elapsed() < Duration::from_secs(4), "{:?}", since.elapsed());
    let contacts = serde_json::from_slice::<serde_json::Value>(&waited.stdout).unwrap()["contacts"].as_u64().unwrap();
    assert!([before, before + ROWS].contains(&contacts), "{contacts}");
}
