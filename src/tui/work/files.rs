//! The files to choose from: recent ones, and those of the folder that was typed.

use std::fs::Metadata;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::app::job::import::{FileEntry, Files};
use crate::home::access::Access;
use crate::home::clock;
use crate::home::paths::Paths;
use crate::home::recent::Recent;

/// The most entries of a folder that are listed.
const MOST: usize = 500;

/// Folders, then CSV files, newest first, whose names begin with what was typed; before them, while nothing is typed,
/// the files imported last.
pub fn list(typed: &str, paths: &Paths, access: &Access) -> Files {
    let (folder, start) = match typed.rsplit_once('/') {
        Some((folder, start)) => (format!("{folder}/"), start),
        None => (String::new(), typed),
    };
    let mut found = entries(access, &expanded(&folder, access), start);
    found.sort_by_key(|(is_file, time, _, name)| (*is_file, std::cmp::Reverse(*time), name.clone()));
    found.truncate(MOST);
    let named = found.iter().map(|(.., name)| name.as_str());
    let completion = format!("{folder}{}", common_start(named).unwrap_or(start));
    let mut files = Files { typed: typed.to_owned(), entries: Vec::new(), completion };
    if typed.is_empty() {
        let recent = Recent::load(&paths.recent()).files;
        let known = recent.iter().filter_map(|path| Some((path.to_str()?, access.open(path).ok()?.metadata().ok()?)));
        files.entries.extend(known.map(|(path, data)| FileEntry {
            path: path.to_owned(),
            about: format!("imported before, {}", about(&data)),
        }));
    }
    let entry = |(_, _, about, name): (bool, Option<Timestamp>, String, String)| FileEntry {
        path: format!("{folder}{name}"),
        about,
    };
    files.entries.extend(found.into_iter().map(entry));
    files
}

/// The path that a person means: `~` is the home folder, nothing is the folder that muster runs in. In a locked-down
/// account there is no other folder than the inbox.
pub fn expanded(typed: &str, access: &Access) -> PathBuf {
    if access.folders().is_some() {
        return PathBuf::from(typed);
    }
    let home = std::env::var_os("HOME").map(PathBuf::from);
    match (typed.strip_prefix('~'), home) {
        _ if typed.is_empty() => PathBuf::from("."),
        (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => home.join(rest.trim_start_matches('/')),
        _ => PathBuf::from(typed),
    }
}

/// What a folder has that begins so: whether it is a file, its time, what to say about it, its name.
fn entries(access: &Access, folder: &Path, start: &str) -> Vec<(bool, Option<Timestamp>, String, String)> {
    let entry = |(name, data): (String, Metadata)| {
        let hidden = name.starts_with('.') && !start.starts_with('.');
        if hidden || !name.starts_with(start) || (data.is_file() && !is_table(&name)) {
            return None;
        }
        let time = data.modified().ok().and_then(|time| Timestamp::try_from(time).ok());
        Some(match data.is_dir() {
            true => (false, None, "folder".to_owned(), format!("{name}/")),
            false => (true, time, about(&data), name),
        })
    };
    access.list(folder).unwrap_or_default().into_iter().filter_map(entry).collect()
}

/// Whether a name looks like that of a table of text.
fn is_table(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    ending.is_some_and(|ending| ["csv", "tsv", "txt", "tab"].contains(&ending.as_str()))
}

/// Size and date.
fn about(data: &Metadata) -> String {
    let time = data.modified().ok().and_then(|time| Timestamp::try_from(time).ok());
    let size = match data.len() {
        bytes if bytes < 10_000 => format!("{bytes} B"),
        bytes if bytes < 10_000_000 => format!("{} kB", bytes / 1000),
        bytes => format!("{} MB", bytes / 1_000_000),
    };
    time.map_or_else(|| size.clone(), |time| format!("{size}, {}", clock::local(time)))
}

/// What all names begin with; `None` without names.
fn common_start<'a>(mut names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let first = names.next()?;
    let mut end = first.len();
    for name in names {
        let equal = first.char_indices().zip(name.chars()).find(|((_, a), b)| a != b).map(|((at, _), _)| at);
        end = end.min(equal.unwrap_or(first.len().min(name.len())));
    }
    Some(&first[..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn names_have_their_start_in_common() {
        let start = |names: &[&'static str]| common_start(names.iter().copied());
        assert_eq!(start(&["office-mart.csv", "office-mart-update.csv"]), Some("office-mart"));
        assert_eq!(start(&["a", "ab"]), Some("a"));
        assert_eq!(start(&["größe", "grün"]), Some("gr"));
        assert_eq!(start(&[]), None);
    }

    #[test]
    fn tables_and_folders_are_listed_newest_first() {
        let room = tempfile::tempdir().unwrap();
        for name in ["old.csv", "new.CSV", "picture.png", ".hidden.csv"] {
            fs::write(room.path().join(name), "x").unwrap();
        }
        fs::create_dir(room.path().join("folder")).unwrap();
        let early = std::time::SystemTime::UNIX_EPOCH;
        fs::File::options().write(true).open(room.path().join("old.csv")).unwrap().set_modified(early).unwrap();
        let typed = format!("{}/", room.path().display());
        let names: Vec<String> =
            entries(&Access::default(), room.path(), "").into_iter().map(|(.., name)| name).collect();
        assert_eq!(names.len(), 3);
        let paths = Paths {
            base: room.path().into(),
            state: room.path().into(),
            cache: room.path().into(),
            config: room.path().into(),
        };
        let files = list(&typed, &paths, &Access::default());
        let listed: Vec<&str> = files.entries.iter().map(|e| e.path.strip_prefix(&typed).unwrap()).collect();
        assert_eq!(listed, ["folder/", "new.CSV", "old.csv"]);
        assert_eq!(list(&format!("{typed}o"), &paths, &Access::default()).completion, format!("{typed}old.csv"));
    }
}
