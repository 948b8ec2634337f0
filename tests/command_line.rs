//! The program as a script sees it: help, output, exit codes.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use assert_cmd::Command;

/// muster in an empty home, with an environment that says nothing about this machine.
fn muster(home: &Path) -> Command {
    let mut command = Command::cargo_bin("muster").unwrap();
    command.env_clear().env("HOME", home).env("PATH", "/usr/bin:/bin").env("TERM", "dumb").current_dir(home);
    command
}

fn run(args: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    muster(home.path()).args(args).output().unwrap()
}

fn stdout(args: &[&str]) -> String {
    let output = run(args);
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{args:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn json(args: &[&str]) -> serde_json::Value {
    serde_json::from_str(&stdout(args)).unwrap()
}

#[test]
fn help_of_the_program() {
    insta::assert_snapshot!(stdout(&["--help"]));
}

#[test]
fn help_of_each_command() {
    for words in [
        "check",
        "import",
        "search",
        "show",
        "show contact",
        "show organization",
        "show import",
        "export",
        "history",
        "undo",
        "adopt",
        "adopt organization",
        "template",
        "fields",
        "verify",
        "backup",
        "restore",
        "compact",
        "doctor",
        "completions",
        "man",
    ] {
        let args: Vec<&str> = words.split(' ').chain(["--help"]).collect();
        // The common options are the same everywhere: the help of the program has them.
        let help = stdout(&args);
        let own = help.split("\nCommon options:").next().unwrap();
        insta::assert_snapshot!(format!("help_{}", words.replace(' ', "_")), own);
    }
}

#[test]
fn the_template_is_one_header_line_in_either_dialect() {
    let older = stdout(&["template"]);
    assert!(older.starts_with("Contact Id,Contact Salutation,Contact First Name,"), "{older}");
    assert_eq!(older.lines().count(), 1);
    let current = stdout(&["template", "--dialect", "current"]);
    assert!(current.starts_with("External ID,Salutation,First Name,"), "{current}");
    let headers = json(&["template", "--json"])["headers"].as_array().unwrap().len();
    assert_eq!(older.split(',').count(), headers);
}

#[test]
fn fields_are_listed_for_people_and_machines() {
    insta::assert_snapshot!(stdout(&["fields"]));
    let fields = json(&["fields", "--json"]);
    let phone = fields["fields"].as_array().unwrap().iter().find(|f| f["name"] == "contact.cell_phone").unwrap();
    assert_eq!(phone["header"], "Contact Cell Phone");
    assert_eq!(phone["limit"], 512);
    assert!(phone["aliases"].as_array().unwrap().iter().any(|alias| alias == "Mobile"));
}

#[test]
fn every_shell_gets_completions_with_the_commands_in_them() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(stdout(&["completions", shell]).contains("organization"), "{shell}");
    }
}

#[test]
fn the_manual_has_a_section_for_each_command() {
    let page = stdout(&["man"]);
    for section in [".TH muster 1", ".SH \"MUSTER IMPORT\"", ".SH \"MUSTER SHOW CONTACT\"", ".SH \"MUSTER MAN\""] {
        assert!(page.contains(section), "{section}");
    }
    assert_eq!(page.matches(".TH ").count(), 1);
}

#[test]
fn the_doctor_tells_the_facts_and_makes_no_folder() {
    let home = tempfile::tempdir().unwrap();
    let output = muster(home.path()).args(["doctor", "--json"]).env("LANG", "hu_HU.UTF-8").output().unwrap();
    let facts: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(facts["program"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(facts["terminal"]["output"], "no terminal");
    assert_eq!(facts["locale"]["characters"], "UTF-8");
    assert!(facts["folders"]["base"].as_str().unwrap().ends_with("/.local/share/muster"));
    assert_eq!(facts["base"]["state"], "no base yet; the first import makes it");
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
    assert!(stdout(&["doctor"]).starts_with("program   version"));
}

#[test]
fn the_base_is_chosen_by_option_then_variable_then_home() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join("b")).unwrap();
    fs::set_permissions(home.path().join("b"), fs::Permissions::from_mode(0o755)).unwrap();
    let facts = |args: &[&str]| -> serde_json::Value {
        let output = muster(home.path()).env("MUSTER_BASE", "/nowhere/m").args(args).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    };
    assert_eq!(facts(&["doctor", "--json"])["folders"]["base"], "/nowhere/m");
    let chosen = facts(&["--base", "b", "--json", "doctor"]);
    assert!(chosen["folders"]["base"].as_str().unwrap().ends_with("/b"));
    assert_eq!(chosen["base"]["readable_by"], "others too: chmod 700 closes it (755)");
}

#[test]
fn wrong_usage_is_exit_code_2_and_says_what_is_right() {
    for (args, hint) in [
        (&["chek"][..], "no command and no file 'chek'"),
        (&["--json"], "--json needs a command"),
        (&["a.csv", "doctor"], "before a command"),
        (&["check"], "<FILE>"),
        (&["check", "a.csv", "--region", "Neverland"], "such as US or HUN"),
        (&["import", "a.csv", "--resolve", "best"], "policies are first, last, most-rows"),
        (&["check", "a.csv", "--encoding", "klingon"], "windows-1250"),
        (&["man", "--json"], "leave --json out"),
    ] {
        let output = run(args);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {message}");
        assert!(message.contains(hint), "{args:?}: {message}");
        assert!(output.stdout.is_empty(), "{args:?}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let home = tempfile::tempdir().unwrap();
    for command in ["fields", "man", "template", "completions bash", "--help"] {
        let script = format!("{} {command} | true; exit ${{PIPESTATUS[0]}}", env!("CARGO_BIN_EXE_muster"));
        let mut shell = std::process::Command::new("bash");
        let output = shell.env("HOME", home.path()).args(["-c", &script]).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{command}");
        assert!(output.stderr.is_empty(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn ascii_means_ascii_and_no_terminal_means_no_colours() {
    for args in [&["fields", "--ascii"][..], &["doctor", "--ascii"], &["--help"]] {
        assert!(stdout(args).bytes().all(|b| b == b'\n' || (b' '..=b'~').contains(&b)), "{args:?}");
    }
    let message = run(&["check", "a.csv", "--region", "\u{1b}[2J"]).stderr;
    assert!(!message.contains(&0x1b), "{}", String::from_utf8_lossy(&message));
}
