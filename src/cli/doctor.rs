//! `muster doctor`: what a support call asks for first. It makes no folder, and of the base it only reads what is at hand.

use std::env;
use std::fs;
use std::io::{self, IsTerminal};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::args::Common;
use super::config;
use super::exit::{Exit, Failure};
use super::output::Output;
use super::progress::grouped;
use crate::base::backup::disk_used;
use crate::base::{Base, BaseError};
use crate::home::clock;
use crate::home::config::Config;
use crate::home::paths::Paths;
use crate::home::who::Who;
use crate::report::text::table;

/// One fact: its name in JSON, its value.
type Fact = (&'static str, String);

/// Prints every fact.
pub fn run(common: &Common, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let mut sections = vec![("program", program(common)), ("terminal", terminal()), ("locale", locale())];
    match Paths::find(common.base.as_deref()) {
        Ok(paths) => sections.extend([
            ("folders", folders(&paths)),
            ("config", settings(&paths)),
            ("base", base_health(&paths.base, common)),
        ]),
        Err(error) => sections.push(("folders", vec![("error", error.to_string())])),
    }
    if output.json {
        let section =
            |facts: Vec<Fact>| facts.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        let object: Map<String, Value> =
            sections.into_iter().map(|(name, facts)| (name.to_owned(), Value::Object(section(facts)))).collect();
        output.print_json(&Value::Object(object))?;
    } else {
        let rows: Vec<[String; 3]> = sections
            .into_iter()
            .flat_map(|(name, facts)| {
                facts.into_iter().enumerate().map(move |(place, (fact, value))| {
                    let section = if place == 0 { name } else { "" };
                    [section.to_owned(), label(fact), value]
                })
            })
            .collect();
        output.print(&table(&rows, output.look.ascii))?;
    }
    Ok(Exit::Done)
}

/// A name for people; variables keep theirs.
fn label(fact: &str) -> String {
    if fact.chars().any(char::is_uppercase) { fact.to_owned() } else { fact.replace('_', " ") }
}

fn program(common: &Common) -> Vec<Fact> {
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    vec![
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
        ("system", format!("{} {}", env::consts::OS, kernel.trim()).trim_end().to_owned()),
        ("machine", env::consts::ARCH.to_owned()),
        ("cores", std::thread::available_parallelism().map_or_else(|_| "unknown".into(), |n| n.to_string())),
        ("user", Who::now(common.as_name.as_deref()).to_string()),
        ("time", clock::local(clock::now())),
    ]
}

fn terminal() -> Vec<Fact> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).map(|size| format!("{}x{}", size.ws_col, size.ws_row));
    let inside = [("TMUX", "tmux"), ("STY", "screen"), ("SSH_CONNECTION", "SSH")];
    let inside: Vec<&str> =
        inside.iter().filter(|(name, _)| env::var_os(name).is_some()).map(|(_, what)| *what).collect();
    vec![
        ("input", yes_no(io::stdin().is_terminal(), "terminal", "no terminal")),
        ("output", yes_no(io::stdout().is_terminal(), "terminal", "no terminal")),
        ("size", size.unwrap_or_else(|_| "unknown".into())),
        ("TERM", variable("TERM")),
        ("COLORTERM", variable("COLORTERM")),
        ("NO_COLOR", variable("NO_COLOR")),
        ("inside", if inside.is_empty() { "nothing".into() } else { inside.join(", ") }),
    ]
}

/// The first of these that is set rules the characters of the terminal.
const LOCALE: [&str; 3] = ["LC_ALL", "LC_CTYPE", "LANG"];

fn locale() -> Vec<Fact> {
    let ruling = LOCALE.iter().filter_map(|name| env::var(name).ok()).find(|value| !value.is_empty());
    let ruling = ruling.unwrap_or_default().to_lowercase();
    let utf8 = ruling.contains("utf-8") || ruling.contains("utf8");
    let mut facts: Vec<Fact> = LOCALE.iter().map(|name| (*name, variable(name))).collect();
    facts.push(("characters", yes_no(utf8, "UTF-8", "not UTF-8: the app uses ASCII")));
    facts
}

fn folders(paths: &Paths) -> Vec<Fact> {
    vec![
        ("base", paths.base.display().to_string()),
        ("state", paths.state.display().to_string()),
        ("cache", paths.cache.display().to_string()),
        ("config", paths.config_file().display().to_string()),
        ("log", paths.log().display().to_string()),
    ]
}

/// What the app takes from its configuration; the commands take the inbox and the outbox alone.
fn settings(paths: &Paths) -> Vec<Fact> {
    let (config, _) = match config::load(paths) {
        Ok(loaded) => loaded,
        Err(error) => return vec![("error", said(&error))],
    };
    if config == Config::default() {
        return vec![("app", "as delivered".to_owned())];
    }
    let theme = config.theme.map(|theme| ("theme", theme.word().to_owned()));
    let ascii = config.ascii.map(|on| ("ascii", yes_no(on, "always", "never")));
    let region = config.region.map(|region| ("region", region.code().to_owned()));
    let blank = config.blank.map(|blank| ("blank", blank.word().to_owned()));
    let [inbox, outbox] = match &config.confined {
        Some(folders) => folders.each_ref().map(|folder| Some(folder.display().to_string())),
        None => [None, None],
    };
    let changed: Vec<&str> = config.keys.iter().map(|binding| binding.action.text.as_str()).collect();
    let keys = (!changed.is_empty()).then(|| ("keys", changed.join(", ")));
    [theme, ascii, region, blank, inbox.map(|inbox| ("inbox", inbox)), outbox.map(|outbox| ("outbox", outbox)), keys]
        .into_iter()
        .flatten()
        .collect()
}

/// An error with its cause.
fn said(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}

/// What can be said of a base without reading all of it.
fn base_health(base: &Path, common: &Common) -> Vec<Fact> {
    let found = match fs::metadata(base) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return vec![("state", "no base yet; the first import makes it".into())];
        }
        Err(error) => return vec![("state", format!("cannot be read: {error}"))],
    };
    let state = yes_no(found.is_dir(), "there", "not a folder");
    let mode = found.permissions().mode() & 0o777;
    let open = if mode & 0o077 == 0 { "only its owner" } else { "others too: chmod 700 closes it" };
    let free = rustix::fs::statvfs(base).map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
    let mut facts = vec![
        ("state", state),
        ("readable_by", format!("{open} ({mode:03o})")),
        (
            "disk_free",
            free.map_or_else(|error| error.to_string(), |bytes| format!("{} MB", grouped(bytes / 1_000_000))),
        ),
    ];
    if Base::exists(base) {
        facts.extend(contents(base, common).unwrap_or_else(|error| vec![("health", error.to_string())]));
    }
    facts
}

/// What is in the base; to know that it has to be opened.
fn contents(base: &Path, common: &Common) -> Result<Vec<Fact>, BaseError> {
    let opened = Base::open(base, Duration::from_secs(common.wait.into()))?;
    let head = opened.head();
    let last = opened.history()?.first().map(|entry| Timestamp::from_millisecond(entry.when).unwrap_or_default());
    Ok(vec![
        ("health", "opens; `muster verify` reads all of it".to_owned()),
        ("schema", head.schema.to_string()),
        ("commit", head.commit.to_string()),
        ("last_commit", last.map_or_else(|| "none yet".to_owned(), clock::local)),
        ("contacts", grouped(head.contacts)),
        ("organizations", grouped(head.organizations)),
        ("members", grouped(head.members)),
        ("disk_used", format!("{} MB", grouped(disk_used(base).div_ceil(1_000_000)))),
    ])
}

fn variable(name: &str) -> String {
    env::var_os(name).map_or_else(|| "not set".into(), |value| value.to_string_lossy().into_owned())
}

fn yes_no(is: bool, yes: &str, no: &str) -> String {
    if is { yes } else { no }.to_owned()
}
