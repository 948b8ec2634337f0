//! The files to choose from: recent ones, and those of the folder that was typed.

use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::app::job::import::{FileEntry, Files};
use crate::home::access::Access;
use crate::home::clock;
use crate::home::paths::Paths;
use crate::home::recent::Recent;

/// The most entries of a folder that are listed.
const MOST: usize = 500;

/// What a person may mean by what was typed: the files opened last while nothing is typed, then the CSV files whose
/// names begin so, newest first, then the way up and the folders by name.
pub fn list(typed: &str, paths: &Paths, access: &Access) -> Files {
    let (folder, start) = match typed.rsplit_once('/') {
        Some((folder, start)) => (format!("{folder}/"), start),
        None => (String::new(), typed),
    };
    let mut files = Files { typed: typed.to_owned(), completion: typed.to_owned(), ..Files::default() };
    if typed.is_empty() {
        files.entries.extend(recent(paths, access));
    }
    if typed == "~" {
        files.completion = "~/".to_owned();
        files.entries.push(FileEntry { path: files.completion.clone(), about: "home folder".to_owned() });
        return files;
    }
    let found = entries(access, &expanded(&folder, access), start).unwrap_or_else(|error| {
        let named = if folder.is_empty() { "this folder" } else { folder.as_str() };
        files.remark = format!("Cannot read {named}: {error}");
        Vec::new()
    });
    if let Some(common) = common_start(found.iter().map(|found| found.name.as_str())) {
        files.completion = format!("{folder}{common}");
    }
    if found.len() > MOST {
        files.remark = format!("{MOST} of {} are listed; type how the name begins", found.len());
    }
    let (mut folders, mut tables): (Vec<Found>, Vec<Found>) = found.into_iter().partition(|found| found.is_folder);
    tables.sort_by(|a, b| (b.time, &a.name).cmp(&(a.time, &b.name)));
    folders.sort_by(|a, b| a.name.cmp(&b.name));
    if tables.is_empty() && start.is_empty() && files.entries.is_empty() && files.remark.is_empty() {
        files.remark = "No CSV files in this folder; Enter opens one of these".to_owned();
    }
    let entry = |found: Found| FileEntry { path: format!("{folder}{}", found.name), about: found.about };
    // A locked-down account has nothing above the inbox.
    files.above = above(&folder).filter(|_| access.folders().is_none() || !folder.is_empty());
    let up = files
        .above
        .clone()
        .filter(|_| start.is_empty() || start == "..")
        .map(|path| FileEntry { path, about: "folder above".to_owned() });
    files.entries.extend(tables.into_iter().map(entry).chain(up).chain(folders.into_iter().map(entry)).take(MOST));
    files
}

/// The files opened last that are still there.
fn recent(paths: &Paths, access: &Access) -> impl Iterator<Item = FileEntry> {
    Recent::load(&paths.recent()).files.into_iter().filter_map(|path| {
        let about = format!("opened before, {}", about(&access.open(&path).ok()?.metadata().ok()?));
        Some(FileEntry { path: path.to_str()?.to_owned(), about })
    })
}

/// The folder above a folder as it was typed, with a slash at its end; `None` above the root.
fn above(folder: &str) -> Option<String> {
    let name = folder.trim_end_matches('/');
    match name.rsplit('/').next().unwrap_or_default() {
        "" if folder.is_empty() => Some("../".to_owned()),
        "" => None,
        "." | ".." => Some(format!("{name}/../")),
        "~" => expanded(name, &Access::default())
            .parent()
            .and_then(Path::to_str)
            .map(|path| format!("{}/", path.trim_end_matches('/'))),
        last => match &name[..name.len() - last.len()] {
            "" => Some("./".to_owned()),
            above => Some(above.to_owned()),
        },
    }
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

/// Something in a folder.
struct Found {
    name: String,
    is_folder: bool,
    time: Option<Timestamp>,
    about: String,
}

/// The folders and tables of a folder whose names begin so. What cannot be looked at is left out.
fn entries(access: &Access, folder: &Path, start: &str) -> io::Result<Vec<Found>> {
    let entry = |(name, data): (String, Metadata)| {
        let hidden = name.starts_with('.') && !start.starts_with('.');
        if hidden || !name.starts_with(start) {
            return None;
        }
        if data.is_dir() {
            return Some(Found { name: format!("{name}/"), is_folder: true, time: None, about: "folder".to_owned() });
        }
        let found = || Found { is_folder: false, time: changed(&data), about: about(&data), name: name.clone() };
        (data.is_file() && is_table(&name)).then(found)
    };
    Ok(access.list(folder)?.into_iter().filter_map(entry).collect())
}

fn changed(data: &Metadata) -> Option<Timestamp> {
    data.modified().ok().and_then(|time| Timestamp::try_from(time).ok())
}

/// Whether a name looks like that of a table of text.
fn is_table(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    ending.is_some_and(|ending| ["csv", "tsv", "txt", "tab"].contains(&ending.as_str()))
}

/// Size and date.
fn about(data: &Metadata) -> String {
    let size = match data.len() {
        bytes if bytes < 10_000 => format!("{bytes} B"),
        bytes if bytes < 10_000_000 => format!("{} kB", bytes / 1000),
        bytes => format!("{} MB", bytes / 1_000_000),
    };
    changed(data).map_or_else(|| size.clone(), |time| format!("{size}, {}", clock::local(time)))
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
    fn tables_come_first_and_the_newest_of_them_before_the_others() {
        let room = tempfile::tempdir().unwrap();
        for name in ["old.csv", "new.CSV", "picture.png", ".hidden.csv"] {
            fs::write(room.path().join(name), "x").unwrap();
        }
        fs::create_dir(room.path().join("folder")).unwrap();
        let early = std::time::SystemTime::UNIX_EPOCH;
        fs::File::options().write(true).open(room.path().join("old.csv")).unwrap().set_modified(early).unwrap();
        let typed = format!("{}/", room.path().display());
        let paths = Paths { state: room.path().into(), ..Paths::default() };
        let files = list(&typed, &paths, &Access::default());
        let listed: Vec<&str> = files.entries.iter().map(|e| e.path.strip_prefix(&typed).unwrap_or("up")).collect();
        assert_eq!(listed, ["new.CSV", "old.csv", "up", "folder/"]);
        assert_eq!(files.remark, "");
        let narrowed = list(&format!("{typed}o"), &paths, &Access::default());
        assert_eq!((narrowed.entries.len(), narrowed.completion), (1, format!("{typed}old.csv")));
    }

    #[test]
    fn a_folder_that_cannot_be_read_says_so() {
        let files = list("/proc/self/no-such-folder/", &Paths::default(), &Access::default());
        assert!(files.remark.starts_with("Cannot read /proc/self/no-such-folder/: No such file"), "{}", files.remark);
        assert_eq!(files.entries.last().map(|e| e.path.as_str()), Some("/proc/self/"), "the way out is there");
    }

    #[test]
    fn the_way_up_ends_at_the_root() {
        let up = |folder: &str| above(folder);
        assert_eq!(up("/srv/crm/").as_deref(), Some("/srv/"));
        assert_eq!(up("/srv/").as_deref(), Some("/"));
        assert_eq!(up("/"), None);
        assert_eq!(up("crm/old/").as_deref(), Some("crm/"));
        assert_eq!(up("crm/").as_deref(), Some("./"));
        assert_eq!(up("").as_deref(), Some("../"));
        assert_eq!(up("./").as_deref(), Some("./../"));
        assert_eq!(up("../").as_deref(), Some("../../"));
        assert_eq!(up("~/crm/").as_deref(), Some("~/"));
    }
}
