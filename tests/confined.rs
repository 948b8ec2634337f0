//! A locked-down account: nothing is read but from the inbox, nothing is written but to the outbox.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "support/pty.rs"]
mod pty;
#[path = "support/story.rs"]
mod story;

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use story::{Answer, Story};

const PEOPLE: &str = "Contact Id,Contact First Name,Contact Last Name\nC-1,Kathryn,Smith\nC-2,Josh,Reyes\nC-3,,\n";
const BAD: &str = "Contact Id,Contact First Name,Contact Last Name\nC-9,Only,\n";

/// A home with an inbox, an outbox, and files beside them that nobody may reach.
fn account() -> Story {
    let story = Story::new();
    for folder in ["in/sub", "out"] {
        fs::create_dir_all(story.path(folder)).unwrap();
    }
    story.file("in/people.csv", PEOPLE).file("in/sub/bad.csv", BAD).file("secret.csv", PEOPLE);
    symlink(story.path("secret.csv"), story.path("in/link.csv")).unwrap();
    symlink(story.path(""), story.path("out/link")).unwrap();
    story
}

fn confined(story: &Story, line: &str) -> Answer {
    let mut words = vec!["--inbox", "in", "--outbox", "out"];
    words.extend(line.split_whitespace());
    story.run(&words)
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn files_of_the_inbox_are_imported_and_rejects_go_to_the_outbox() {
    let story = account();
    confined(&story, "import people.csv").exits(1);
    let rejects = confined(&story, "import sub/bad.csv").exits(1).shows("out/bad.rejects.csv");
    assert!(!rejects.out.contains("/proc/"), "{}", rejects.out);
    assert_eq!(names(&story.path("out")), ["bad.rejects.csv", "link", "people.rejects.csv"]);
    assert_eq!(names(&story.path("in")), ["link.csv", "people.csv", "sub"]);
}

#[test]
fn no_other_file_is_opened() {
    let story = account();
    let secret = story.path("secret.csv").display().to_string();
    for path in
        ["../secret.csv", "sub/../../secret.csv", "link.csv", &secret, "/etc/passwd", "/proc/self/cwd/secret.csv"]
    {
        for command in ["check", "import"] {
            confined(&story, &format!("{command} {path}")).exits(3).says("is not below").says("in");
        }
    }
    confined(&story, "check sub").exits(3).says("is a folder");
}

#[test]
fn nothing_is_written_outside_the_outbox() {
    let story = account();
    confined(&story, "import people.csv").exits(1);
    let before = names(&story.path(""));
    for to in ["../x", "link/x", "/tmp/muster-must-not-be-here"] {
        confined(&story, &format!("export --to {to}")).exits(3).says("is not below");
        confined(&story, &format!("export --salvage --to {to}")).exits(3).says("is not below");
        confined(&story, &format!("search smith --to {to}")).exits(3).says("is not below");
        confined(&story, &format!("backup --to {to}")).exits(3).says("is not below");
        for option in ["--rejects", "--findings", "--changes"] {
            confined(&story, &format!("check people.csv {option} {to}")).exits(3).says("is not below");
        }
    }
    assert_eq!(names(&story.path("")), before);
    confined(&story, "restore --from ../x --overwrite").exits(2).says("locked-down");
    confined(&story, "export --to all.csv").exits(0).shows("out/all.csv");
    confined(&story, "export --salvage --to saved.csv").exits(0).shows("out/saved.csv");
    confined(&story, "search smith --to hits.csv").exits(0).shows("out/hits.csv");
    let backup = confined(&story, "backup --to copy").exits(0).shows("out/copy");
    assert!(!backup.out.contains("/proc/"), "{}", backup.out);
    assert_eq!(names(&story.path("")), before);
    story.muster("--base out/copy show contact C-1").exits(0);
}

#[test]
fn an_account_that_its_configuration_locks_down_is_not_opened_by_an_option() {
    let story = account();
    let [inbox, outbox] = ["in", "out"].map(|name| story.path(name).display().to_string());
    fs::create_dir_all(story.path(".config/muster")).unwrap();
    let configured = |text: &str| {
        story.file(".config/muster/config.toml", text);
    };
    configured(&format!("inbox = {inbox:?}\noutbox = {outbox:?}\n"));
    story.muster("import people.csv").exits(1).shows("out/people.rejects.csv");
    story.muster("check ../secret.csv").exits(3).says("is not below");
    story.muster("export --to ../all.csv").exits(3).says("is not below");
    story.muster("restore --from in --overwrite").exits(2).says("locked-down");
    story.muster("doctor").exits(0).shows(&outbox);
    for option in ["--inbox / --outbox /", "--base elsewhere", "--base out/copy --inbox in --outbox out"] {
        for command in ["check secret.csv", "show contact C-1", "verify", "secret.csv"] {
            story.muster(&format!("{option} {command}")).exits(2).says("config.toml locks this account down");
        }
    }
    // What cannot be understood locks everything.
    for uncertain in [format!("inbox = {inbox:?}\n"), format!("inbox = {inbox:?}\noutbox = [\n"), "[".to_owned()] {
        configured(&uncertain);
        story.muster("check secret.csv").exits(2).says("config.toml, line");
        story.muster("secret.csv").exits(2).says("config.toml, line");
    }
    assert!(!story.path("elsewhere").exists() && !story.path("all.csv").exists());
}

#[test]
fn an_unfinished_import_of_the_inbox_goes_on_wherever_muster_starts() {
    let story = account();
    fs::copy(story::sample("conflicts.csv"), story.path("in/conflicts.csv")).unwrap();
    let arguments = ["--inbox", "in", "--outbox", "out"];
    let start = |more: &[&str]| {
        let mut command = pty::command(env!("CARGO_BIN_EXE_muster"), &[&arguments, more].concat());
        command.env("HOME", story.path(""));
        command.cwd(story.path(""));
        pty::Session::start(command, (80, 24))
    };
    let mut app = start(&["conflicts.csv"]);
    app.wait_for("contact.first_name");
    app.send("c");
    app.wait_for("rows in all");
    app.send("v");
    app.wait_for("0 of 7 decided");
    app.send("d");
    app.wait_for("1 of 7 decided, saved");
    app.signal(rustix::process::Signal::KILL);
    // The lock of the base goes with the process, not with the signal.
    app.exit_code();
    let mut app = start(&[]);
    app.wait_for("An import is not finished");
    app.send("\r");
    app.wait_for("1 of 7 decided");
}

#[test]
fn both_folders_must_be_there() {
    let story = account();
    story.muster("--inbox in check people.csv").exits(2).says("--outbox");
    story.muster("--inbox in --outbox missing check people.csv").exits(3).says("missing");
}

/// A server that lets us in by the documented configuration; stopped at the end.
struct Server {
    room: tempfile::TempDir,
    process: Child,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    fn start() -> Server {
        let room = tempfile::tempdir().unwrap();
        let at = |name: &str| room.path().join(name);
        for folder in ["base", "inbox", "outbox"] {
            fs::create_dir(at(folder)).unwrap();
        }
        fs::write(at("inbox/people.csv"), PEOPLE).unwrap();
        fs::write(at("secret.csv"), PEOPLE.replace("Kathryn", "Secret")).unwrap();
        symlink(at("secret.csv"), at("inbox/link.csv")).unwrap();
        for name in ["host", "client"] {
            let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(at(name)).status();
            assert!(made.expect("ssh-keygen is installed").success());
        }
        fs::copy(at("client.pub"), at("authorized")).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/sshd_config.locked-down");
        let example = fs::read_to_string(example).unwrap();
        let example = example.replace("Match User muster", &format!("Match User {}", user()));
        let example = example.replace("/usr/local/bin/muster", env!("CARGO_BIN_EXE_muster"));
        let example = example.replace("/srv/muster", &room.path().display().to_string());
        let own = format!(
            "ListenAddress 127.0.0.1\nPort {port}\nHostKey {}\nAuthorizedKeysFile {}\nStrictModes no\nUsePAM no\n\
             PasswordAuthentication no\nPermitRootLogin yes\nPidFile none\n{example}",
            at("host").display(),
            at("authorized").display()
        );
        fs::write(at("config"), own).unwrap();
        if rustix::process::getuid().is_root() {
            fs::create_dir_all("/run/sshd").unwrap();
        }
        let mut server = Command::new("/usr/sbin/sshd");
        server.args(["-D", "-e", "-f"]).arg(at("config")).stderr(fs::File::create(at("server.log")).unwrap());
        let process = server.stdin(Stdio::null()).spawn().expect("openssh-server is installed");
        let deadline = Instant::now() + pty::PATIENCE;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "{}", fs::read_to_string(at("server.log")).unwrap());
            std::thread::yield_now();
        }
        Server { room, process, port }
    }

    /// What a client is called with; `more` stands before and `remote` behind the host.
    fn arguments(&self, more: &[&str], remote: &str) -> Vec<String> {
        let key = self.room.path().join("client").display().to_string();
        let mut words: Vec<String> = ["-F", "none", "-p"].map(String::from).to_vec();
        words.extend([self.port.to_string(), "-i".to_owned(), key]);
        words.extend(["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"].map(String::from));
        words.extend(["-o", "LogLevel=ERROR", "-l"].map(String::from));
        words.push(user());
        words.extend(more.iter().map(|word| (*word).to_owned()));
        words.extend(["127.0.0.1".to_owned(), remote.to_owned()]);
        words
    }
}

fn user() -> String {
    let output = Command::new("id").arg("-un").output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
#[ignore = "needs OpenSSH's client and server; cargo test --test confined -- --ignored"]
fn over_ssh_there_is_the_app_and_nothing_else() {
    let server = Server::start();
    // Whatever the client asks for, it gets muster, which wants a terminal.
    for remote in ["cat /etc/passwd", "sh", "scp -f /etc/passwd"] {
        let output = Command::new("ssh").args(server.arguments(&[], remote)).stdin(Stdio::null()).output().unwrap();
        let told = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(!told.contains("root:") && told.contains("needs a terminal"), "{told}");
    }
    let forward = server.arguments(&["-W", "127.0.0.1:22"], "");
    let forwarded = Command::new("ssh").args(&forward[..forward.len() - 1]).stdin(Stdio::null()).output().unwrap();
    assert!(!forwarded.status.success(), "the server forwards");
    let arguments = server.arguments(&["-tt"], "");
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut app = pty::Session::start(pty::command("ssh", &arguments), (80, 24));
    app.wait_for("people.csv");
    assert!(!app.text().contains("link.csv"), "{}", app.text());
    for path in ["../secret.csv", "link.csv"] {
        app.send(path);
        app.wait_for(&format!("> {path}"));
        app.send("\r");
        app.wait_for("Opening the file failed");
        assert!(app.text().contains("is not below"), "{}", app.text());
        app.send("\r");
        app.wait_gone("Opening the file failed");
        app.send("\x15");
        app.wait_gone(&format!("> {path}"));
        assert!(!app.text().contains("Secret"), "{}", app.text());
    }
    // Typed and Enter at once would be a paste.
    app.send("people.csv");
    app.wait_for("> people.csv");
    app.send("\r");
    app.wait_for("contact.first_name");
}
