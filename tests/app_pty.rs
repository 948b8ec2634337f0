//! The app as a person meets it: the real binary in a pseudo-terminal.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/pty.rs"]
mod pty;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use muster::app::job::Job;
use muster::home::draft::Entry;
use muster::tui::decode::ESC_WAIT;
use muster::tui::worker::{Desk, Work};
use muster::tui::{self, Options};
use pty::{Session, command, muster, on_new_base};
use rustix::process::Signal;

const USUAL: (u16, u16) = (80, 24);
const EMPTY: &str = "Press 2 to import a file";

/// What the import says when there is nothing to browse.
const BEGIN: &str = "No contacts yet. Import which CSV file?";

/// From the import, on which an empty base starts, to Browse.
fn browse(session: &mut Session) {
    session.wait_for(BEGIN);
    session.send("\x1b");
    session.wait_for(EMPTY);
}

/// The app on an empty base, ready for keys.
fn app() -> Session {
    let mut session = Session::start(muster(&[]), USUAL);
    browse(&mut session);
    session
}

fn assert_restored(session: &Session) {
    session.wait_closed();
    session.screen(|screen| {
        assert!(!screen.alternate_screen(), "still on the alternate screen");
        assert!(!screen.hide_cursor(), "the cursor stays hidden");
        assert!(!screen.bracketed_paste(), "bracketed paste stays on");
    });
}

#[test]
fn q_quits_and_gives_the_screen_back() {
    let mut session = app();
    session.screen(|screen| assert!(screen.alternate_screen() && screen.hide_cursor() && screen.bracketed_paste()));
    session.send("q");
    assert_eq!(session.exit_code(), 0);
    assert_restored(&session);
}

#[test]
fn without_a_terminal_it_says_so() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_muster")).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("needs a terminal"));
    assert!(output.stdout.is_empty());
}

#[test]
fn ctrl_c_asks_and_a_second_one_quits() {
    let mut session = app();
    session.send("\x03");
    session.wait_for("Quit muster?");
    session.send("\r");
    session.wait_gone("Quit muster?");
    session.send("\x03");
    session.wait_for("Quit muster?");
    session.send("\x03");
    assert_eq!(session.exit_code(), 0);
    assert_restored(&session);
}

#[test]
fn an_interrupt_from_outside_is_ctrl_c() {
    let mut session = app();
    session.signal(Signal::INT);
    session.wait_for("Quit muster?");
    session.send("y");
    assert_eq!(session.exit_code(), 0);
}

#[test]
fn esc_never_quits() {
    let mut session = app();
    session.send("?");
    session.wait_for("Help");
    session.send("\x1b\x1b\x1b");
    session.wait_gone("Help");
    // A key that comes with an Esc would be one with Alt; so long does a lone Esc wait.
    while !session.silent_for(2 * ESC_WAIT) {}
    session.send("?");
    session.wait_for("Help");
    session.send("q");
    session.wait_for("/ q");
    session.send("\x1b");
    session.wait_gone("/ q");
    session.send("q");
    assert_eq!(session.exit_code(), 0);
}

#[test]
fn resizing_fits_the_screen_and_too_small_says_so() {
    let mut session = app();
    session.resize((30, 8));
    session.wait_for("too small");
    session.resize((120, 40));
    session.wait_for(EMPTY);
    session.wait("the hint bar on the last line", |screen| {
        screen.rows(0, 120).nth(39).is_some_and(|line| line.contains("search"))
    });
}

#[test]
fn help_is_searched_and_closed() {
    let mut session = app();
    session.send("?");
    session.wait_for("Help");
    session.send("s");
    session.send("u");
    session.send("spend");
    session.wait_for("Ctrl-Z");
    session.wait_gone("Search all fields");
    session.send("\x1b");
    session.wait_gone("Ctrl-Z");
    session.wait_for(EMPTY);
}

#[test]
fn the_palette_does_what_is_chosen() {
    let mut session = app();
    session.send(":");
    session.wait_for("Commands");
    session.send("organizations");
    session.wait_for(": organizations");
    session.send("\r");
    session.wait_for("No organizations yet");
}

#[test]
fn letters_are_text_in_the_search_field() {
    let mut session = app();
    session.send("/");
    session.wait("the cursor", |screen| !screen.hide_cursor());
    for letter in ["q", "?", ":", "1"] {
        session.send(letter);
        session.wait_for(letter);
    }
    session.wait_for("/ q?:1");
    session.wait_for("No contact matches: q?:1");
    session.send("\x1b");
    session.wait_gone("q?:1");
    session.send("\x1b");
    session.wait("no cursor", vt100::Screen::hide_cursor);
    session.send("q");
    assert_eq!(session.exit_code(), 0);
}

#[test]
fn an_arrow_that_comes_in_pieces_is_no_command() {
    let mut session = app();
    session.send("/");
    session.wait("the cursor", |screen| !screen.hide_cursor());
    session.send("ab");
    session.wait_for("/ ab");
    session.send("\x1b");
    session.send("[");
    session.send("D");
    session.send("X");
    session.wait_for("/ aXb");
}

#[test]
fn pasted_text_goes_to_the_search_field() {
    let mut session = app();
    session.send("\x1b[200~qq\rsmith\x1b[201~");
    session.wait_for("/ qq smith");
    session.send("\x1b");
    session.wait_gone("qq smith");
    session.send("\x1b");
    session.wait("no cursor", vt100::Screen::hide_cursor);
    session.send("quit\rq");
    session.wait_for("/ quit q");
}

#[test]
fn suspend_goes_to_the_shell_and_fg_comes_back() {
    let mut shell = on_new_base(command("/bin/sh", &["-i"]));
    shell.env("PS1", "shell$ ");
    let mut session = Session::start(shell, USUAL);
    session.wait_for("shell$");
    session.send(format!("{}\r", env!("CARGO_BIN_EXE_muster")));
    browse(&mut session);
    session.send("\x1a");
    session.wait("the shell's screen", |screen| !screen.alternate_screen() && !screen.hide_cursor());
    session.send("echo st''ill here\r");
    session.wait_for("still here");
    session.resize((100, 30));
    session.send("fg\r");
    session.wait("the app's screen", |screen| screen.alternate_screen() && screen.contents().contains(EMPTY));
    session.wait("the new size", |screen| screen.rows(0, 100).nth(29).is_some_and(|line| line.contains("search")));
    session.send("q");
    session.wait("the shell's screen", |screen| !screen.alternate_screen());
    session.send("echo co''de $?\r");
    session.wait_for("code 0");
    session.send("exit\r");
    session.exit_code();
}

#[test]
fn without_a_shell_it_does_not_stop() {
    let mut session = app();
    session.send("\x1a");
    session.wait_for("no shell to go back to");
    session.send("?");
    session.wait_for("Help");
}

#[test]
fn signals_end_it_with_their_codes() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::QUIT, 131)] {
        let mut session = app();
        let since = Instant::now();
        session.signal(signal);
        assert_eq!(session.exit_code(), code);
        assert!(since.elapsed() < Duration::from_secs(1));
        assert_restored(&session);
    }
}

/// A shell that ignores SIGHUP leads the session, so that no signal reaches the app: it must see for itself.
#[test]
fn a_dropped_line_ends_it_within_a_second_without_any_signal() {
    let folder = tempfile::tempdir().unwrap();
    let code = folder.path().join("code");
    let script =
        format!("trap '' HUP; {} ; echo $? > {}", env!("CARGO_BIN_EXE_muster"), code.to_str().expect("a plain path"));
    let mut session = Session::start(on_new_base(command("/bin/sh", &["-c", &script])), USUAL);
    browse(&mut session);
    let since = Instant::now();
    session.hang_up(b"\x0c");
    session.exit_code();
    assert!(since.elapsed() < Duration::from_secs(1), "{:?}", since.elapsed());
    assert_eq!(fs::read_to_string(code).unwrap().trim(), "129");
}

/// The loop waits for a job that does not stop, and a disk that does not answer: the last call ends the program.
#[test]
fn a_stuck_loop_ends_within_a_second_of_a_signal() {
    let mut session = host("a_stuck_work");
    session.wait_for("opening the base");
    session.send("q");
    let since = Instant::now();
    session.signal(Signal::TERM);
    assert_eq!(session.exit_code(), 143);
    assert!(since.elapsed() < Duration::from_millis(1500), "{:?}", since.elapsed());
}

#[test]
fn a_panic_in_a_job_is_shown_and_the_app_goes_on() {
    let mut session = host("a_panicking_job");
    session.wait_for("Opening the base failed");
    session.wait_for("job went wrong");
    session.send("\x1b");
    session.wait_gone("went wrong");
    session.send("?");
    session.wait_for("Help");
}

#[test]
fn a_panic_of_the_loop_restores_the_terminal_first() {
    let mut session = host("a_panicking_flush");
    session.wait_for("opening the base");
    session.send("q");
    assert_ne!(session.exit_code(), 0);
    assert_restored(&session);
    assert!(session.text().contains("flush went wrong"), "{}", session.text());
}

#[test]
fn no_color_sends_no_colours() {
    for (arguments, variable) in [(&["--no-color"][..], None), (&[][..], Some("NO_COLOR"))] {
        let mut command = muster(arguments);
        variable.iter().for_each(|name| command.env(name, "1"));
        let mut session = Session::start(command, USUAL);
        browse(&mut session);
        session.send("?");
        session.wait_for("Help");
        session.screen(|screen| {
            let cells = (0..24).flat_map(|row| (0..80).map(move |column| (row, column)));
            let cells: Vec<_> = cells.filter_map(|(row, column)| screen.cell(row, column)).collect();
            assert!(cells.iter().all(|c| c.fgcolor() == vt100::Color::Default && c.bgcolor() == vt100::Color::Default));
            assert!(cells.iter().any(|c| c.inverse()), "the selection shows without colour");
        });
    }
}

#[test]
fn ascii_sends_only_ascii() {
    let mut session = Session::start(muster(&["--ascii"]), USUAL);
    browse(&mut session);
    session.send("?");
    session.wait_for("Help");
    assert!(session.bytes().is_ascii());
}

#[test]
fn idle_sends_nothing_and_uses_no_time() {
    let session = app();
    let used = || {
        let stat = fs::read_to_string(format!("/proc/{}/stat", session.pid())).unwrap();
        let fields: Vec<u64> = stat.split(' ').skip(13).take(2).filter_map(|f| f.parse().ok()).collect();
        fields.iter().sum::<u64>()
    };
    while !session.silent_for(Duration::from_millis(200)) {}
    let before = used();
    assert!(session.silent_for(Duration::from_secs(1)));
    assert!(used() - before <= 1, "more than 10 ms of processor time in a second");
}

// Programs under test that the binary cannot be made into: this test binary runs them in the pseudo-terminal.

fn host(name: &str) -> Session {
    let program = std::env::current_exe().unwrap();
    let arguments = [&format!("hosted::{name}"), "--exact", "--ignored", "--nocapture", "--test-threads=1"];
    Session::start(command(program.to_str().expect("a plain path"), &arguments), USUAL)
}

mod hosted {
    use super::*;

    struct Faulty {
        job: fn(),
        flush: fn(),
    }

    impl Work for Faulty {
        fn run(&self, _: Job, _: &Desk) -> Result<(), String> {
            (self.job)();
            Ok(())
        }

        fn keep(&self, _: &Path, _: bool, _: Vec<Entry>) {}

        fn flush(&self) {
            (self.flush)();
        }
    }

    fn run(work: Faulty) {
        tui::run_with(Options::default(), Arc::new(work)).unwrap();
    }

    #[test]
    #[ignore = "a program for another test"]
    fn a_panicking_job() {
        run(Faulty { job: || panic!("the job went wrong"), flush: || {} });
    }

    #[test]
    #[ignore = "a program for another test"]
    fn a_panicking_flush() {
        run(Faulty { job: || {}, flush: || panic!("the flush went wrong") });
    }

    #[test]
    #[ignore = "a program for another test"]
    fn a_stuck_work() {
        run(Faulty { job: || std::thread::sleep(pty::PATIENCE), flush: || std::thread::sleep(pty::PATIENCE) });
    }
}
