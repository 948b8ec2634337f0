//! A person is forgotten: taken out of the base and of what the history keeps; the base is rewritten into fresh
//! files; all of it is read again and searched for what was there. Only a salted hash of the Contact ID stays, so that the
//! next file does not bring the person back (`forgotten`).

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use memchr::memmem::Finder;
use serde_json::Value as Json;

use super::FlowError;
use super::gauge::Gauge;
use super::import::Stamp;
use super::rejects;
use super::search::remove_kept;
use super::show::organization_name;
use crate::base::{Base, Commit, Done, Erasure, Kind, Traces};
use crate::home::paths::Paths;
use crate::model::fields::{Entity, Kind as FieldKind};
use crate::model::record::Value;
use crate::model::text::normal;
use crate::reconcile::conflict::memory_prefix;
use crate::report::brief;

/// Shorter values stand in other places by chance.
const TELLING: usize = 5;

/// Letters of IDs, phones and e-mails beside letters and digits: one that goes on so is another one.
const WITHIN: &str = "-_.+@";

/// What stands in a history where something spoke of a forgotten contact.
const FORGOTTEN: &str = "(forgotten)";

/// What forgetting a contact would do; it is shown before it is done.
#[derive(Debug, Clone)]
pub struct Forgetting {
    /// The Contact ID.
    pub id: String,
    /// The name; empty if the contact is not stored any more.
    pub name: String,
    /// The name of its organization.
    pub organization: Option<String>,
    /// Whether it is stored.
    pub stored: bool,
    /// The commits whose kept changes speak of it, ascending: an undo of these leaves it out.
    pub commits: Vec<u64>,
    /// How many remembered decisions go (R8).
    pub decisions: usize,
    head: u64,
    /// `None` if the contact is forgotten, but perhaps not yet the files that it was in.
    erasure: Option<Erasure>,
    /// The ID, e-mails and phones: whatever says one of these, however short, speaks of the contact.
    marks: BTreeSet<String>,
    texts: Vec<Vec<u8>>,
}

impl Forgetting {
    /// Whether that was done before, and only the files are rewritten and read once more.
    pub fn is_again(&self) -> bool {
        self.erasure.is_none()
    }
}

/// What was found when everything was read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absence {
    /// The commit that forgot.
    pub commit: u64,
    /// Entries of all tables that were decoded. None of them is of the contact or leads to it.
    pub entries: u64,
    /// Bytes of all files of the base, the state and the cache that were searched.
    pub bytes: u64,
    /// Values of the contact that are nowhere any more.
    pub gone: usize,
    /// Values that other records have too, such as a city; there they stay.
    pub shared: usize,
}

/// Works out what forgetting would do.
///
/// # Errors
/// [`FlowError::NotFound`] if nothing is known of such a contact; the base cannot be read.
pub fn plan(base: &Base, id: &str, stamp: Stamp) -> Result<Forgetting, FlowError> {
    let id = normal(id).into_owned();
    let view = base.view();
    let traces = view.traces(&id)?;
    let details = details(base, &id)?;
    let memory = memory(base, &id)?;
    let nothing = traces.is_empty() && details.is_empty() && memory.is_empty();
    if nothing && !view.forgotten()?.contains(&id) {
        let near = view.near(Entity::Contact, &id)?;
        return Err(FlowError::NotFound { what: format!("contact '{id}'"), near });
    }
    let record = traces.record.as_ref();
    Ok(Forgetting {
        name: record.map(|record| brief::name(Entity::Contact, record.values.view())).unwrap_or_default(),
        organization: record.map(|record| organization_name(base, record)).transpose()?.flatten(),
        stored: record.is_some(),
        commits: traces.deltas.iter().map(|(commit, _)| *commit).collect(),
        decisions: memory.len(),
        head: view.head().commit,
        marks: marks(&id, &traces),
        texts: texts(&id, &traces),
        erasure: (!nothing).then(|| Erasure { id: id.clone(), details, memory, when: stamp.when, who: stamp.who }),
        id,
    })
}

/// What nobody else has: the ID, e-mails, phones as typed and as E.164.
fn marks(id: &str, traces: &Traces) -> BTreeSet<String> {
    let mut found = BTreeSet::from([id.to_owned()]);
    for (field, payload) in traces.payloads() {
        match (field.kind(), Value::decode(field, &payload)) {
            (FieldKind::Email, Some(Value::Text(text))) => drop(found.insert(text)),
            (FieldKind::Phone, Some(Value::Phone(phone))) => {
                found.extend(phone.e164().map(str::to_owned));
                found.insert(phone.typed);
            }
            _ => {}
        }
    }
    found.retain(|mark| !mark.is_empty());
    found
}

/// Whether a text has one of the marks in it, as a word of its own.
fn speaks_of(marks: &BTreeSet<String>, text: &str) -> bool {
    let goes_on = |c: char| c.is_alphanumeric() || WITHIN.contains(c);
    marks.iter().any(|mark| {
        text.match_indices(mark.as_str()).any(|(at, _)| {
            !text[..at].chars().next_back().is_some_and(goes_on)
                && !text[at + mark.len()..].chars().next().is_some_and(goes_on)
        })
    })
}

/// What is looked for afterwards: the ID, texts that tell one person from another, and both forms of phones.
fn texts(id: &str, traces: &Traces) -> Vec<Vec<u8>> {
    let mut found = BTreeSet::from([id.to_owned()]);
    for (field, payload) in traces.payloads() {
        if matches!(field.kind(), FieldKind::Country | FieldKind::YesNo | FieldKind::Id) {
            continue;
        }
        match Value::decode(field, &payload) {
            Some(Value::Phone(phone)) => {
                found.extend(phone.e164().map(str::to_owned));
                found.insert(phone.typed);
            }
            Some(Value::Text(text)) => drop(found.insert(text)),
            None => {}
        }
    }
    found.into_iter().filter(|text| text.len() >= TELLING).map(String::into_bytes).collect()
}

/// Keys of decisions that were remembered for the ID (R8).
fn memory(base: &Base, id: &str) -> Result<Vec<String>, FlowError> {
    let prefix = memory_prefix(Entity::Contact, id);
    let keys = base.recall_prefix(&prefix)?.into_iter().map(|(key, _)| key);
    // An ID may itself have a slash: then the key is of another one.
    Ok(keys.filter(|key| !key[prefix.len()..].contains('/')).collect())
}

/// The details of the history that speak of the contact, as they are without it.
fn details(base: &Base, id: &str) -> Result<BTreeMap<u64, String>, FlowError> {
    let mut changed = BTreeMap::new();
    for entry in base.history()? {
        let Ok(mut details) = serde_json::from_str::<Json>(&entry.details) else { continue };
        if unname(&mut details, id) {
            changed.insert(entry.number(), details.to_string());
        }
    }
    Ok(changed)
}

/// Takes a contact out of JSON: `"contact:ID"` wherever it stands, the `id` of an object that is of a contact, and what was
/// corrected in a row of it.
fn unname(json: &mut Json, id: &str) -> bool {
    match json {
        Json::String(text) if text.strip_prefix("contact:") == Some(id) => {
            *text = FORGOTTEN.to_owned();
            true
        }
        Json::Array(items) => items.iter_mut().fold(false, |changed, item| unname(item, id) | changed),
        Json::Object(fields) => {
            let own = fields.get("record").and_then(Json::as_str) == Some(Entity::Contact.noun())
                && fields.get("id").and_then(Json::as_str) == Some(id);
            if own {
                fields.insert("id".to_owned(), FORGOTTEN.into());
            }
            let corrected = ["contact", "old", "new"];
            let says = |name: &&str| fields.get(*name).and_then(Json::as_str).is_some_and(|text| normal(text) == id);
            let of_row = corrected.iter().any(says);
            for name in corrected.iter().filter(|_| of_row) {
                fields.insert((*name).to_owned(), FORGOTTEN.into());
            }
            fields.values_mut().fold(own | of_row, |changed, field| unname(field, id) | changed)
        }
        _ => false,
    }
}

/// Forgets, rewrites the base into fresh files, and reads everything again. `base` must be the only clone.
///
/// # Errors
/// Before the commit: the base is as it was. After it, the contact is forgotten, but the old files may still be there: the
/// message says so, and forgetting again goes on from there.
pub fn forget(base: Base, forgetting: &Forgetting, paths: &Paths, gauge: &Gauge) -> Result<Absence, FlowError> {
    no_obstacle(forgetting, paths)?;
    remove_kept(&base)
        .map_err(|error| FlowError::from(error).doing("cannot remove the text of the search".to_owned()))?;
    let commit = match &forgetting.erasure {
        Some(erasure) => base.forget(forgetting.head, erasure)?.number,
        None => forgetting.head,
    };
    let rewritten = base.compact(&mut |done, total| gauge.set(done, total), &gauge.cancel);
    let (base, _) = rewritten.map_err(|error| {
        let text = "it is forgotten, but what the files of the base held before is still in them";
        FlowError::Blocked(format!("{text} ({error}): forget the contact again, which rewrites them"))
    })?;
    look(&base, commit, forgetting, paths)
}

/// An unfinished import is somebody's work: it is not changed behind that person's back. Files that are kept of an older
/// schema cannot be searched.
fn no_obstacle(forgetting: &Forgetting, paths: &Paths) -> Result<(), FlowError> {
    let old = |path: &PathBuf| path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"schema-"));
    if let Some(old) = files_in(&paths.base)?.into_iter().find(old) {
        let text =
            format!("{} has the files of an older muster, with the contact in them: delete them first", old.display());
        return Err(FlowError::Blocked(text));
    }
    for path in files_in(&paths.drafts())? {
        if says_in_draft(&read(&path)?, &forgetting.marks) {
            return Err(FlowError::Blocked(format!(
                "an unfinished import names the contact ({}): finish it or throw it away first, with U in the app",
                path.display()
            )));
        }
    }
    Ok(())
}

/// Whether a draft speaks of the contact. Its lines are JSON, in which rows of the file are lists of bytes.
fn says_in_draft(draft: &str, marks: &BTreeSet<String>) -> bool {
    draft.lines().any(|line| match line.get(9..).map(serde_json::from_str::<Json>) {
        Some(Ok(entry)) => says_in_json(&entry, marks),
        _ => speaks_of(marks, line),
    })
}

fn says_in_json(json: &Json, marks: &BTreeSet<String>) -> bool {
    match json {
        Json::String(text) => speaks_of(marks, text),
        Json::Array(items) => {
            let byte = |item: &Json| item.as_u64().and_then(|byte| u8::try_from(byte).ok());
            match items.iter().map(byte).collect::<Option<Vec<u8>>>() {
                Some(bytes) => speaks_of(marks, &String::from_utf8_lossy(&bytes)),
                None => items.iter().any(|item| says_in_json(item, marks)),
            }
        }
        Json::Object(fields) => fields.iter().any(|(name, field)| speaks_of(marks, name) || says_in_json(field, marks)),
        _ => false,
    }
}

/// The files of a folder; none if there is no folder.
fn files_in(folder: &Path) -> Result<Vec<PathBuf>, FlowError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()),
    };
    entries.map_err(|error| FlowError::from(error).doing(format!("cannot search {}", folder.display())))
}

fn read(path: &Path) -> Result<String, FlowError> {
    let bytes = fs::read(path).map_err(|e| FlowError::from(e).doing(format!("cannot read {}", path.display())))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Proves that nothing is left. Rejects that were kept for the history and speak of the contact go.
fn look(base: &Base, commit: u64, forgetting: &Forgetting, paths: &Paths) -> Result<Absence, FlowError> {
    for path in base.folder().map(|base| files_in(&rejects::folder(base))).transpose()?.unwrap_or_default() {
        if speaks_of(&forgetting.marks, &read(&path)?) {
            remove(&path)?;
        }
    }
    let found = base.view().look_for(&forgetting.id, &forgetting.texts)?;
    if found.of_contact > 0 {
        let text = format!("{} entries of the base are still of the contact: please report this", found.of_contact);
        return Err(FlowError::Blocked(text));
    }
    let counted = forgetting.texts.iter().zip(&found.with_text);
    let gone: Vec<&[u8]> = counted.filter(|(_, count)| **count == 0).map(|(text, _)| text.as_slice()).collect();
    let mut search = Search::new(gone.iter().copied());
    for folder in [&paths.base, &paths.state, &paths.cache] {
        search.folder(folder).map_err(|error| {
            FlowError::from(error).doing(format!("it is forgotten, but {} could not be searched", folder.display()))
        })?;
    }
    for path in &search.found {
        if path.parent() != base.folder().map(rejects::folder).as_deref() {
            let text = format!("it is forgotten, but {} still has a value of the contact", path.display());
            return Err(FlowError::Blocked(text));
        }
        remove(path)?;
    }
    let shared = forgetting.texts.len() - gone.len();
    Ok(Absence { commit, entries: found.entries, bytes: search.bytes, gone: gone.len(), shared })
}

fn remove(path: &Path) -> Result<(), FlowError> {
    fs::remove_file(path).map_err(|error| FlowError::from(error).doing(format!("cannot remove {}", path.display())))
}

/// Looks for texts in files as they are.
struct Search<'t> {
    finders: Vec<Finder<'t>>,
    bytes: u64,
    /// The files that have one.
    found: Vec<PathBuf>,
}

/// How much of a file is read at once.
const CHUNK: usize = 4 << 20;

impl<'t> Search<'t> {
    fn new(texts: impl IntoIterator<Item = &'t [u8]>) -> Search<'t> {
        Search { finders: texts.into_iter().map(Finder::new).collect(), bytes: 0, found: Vec::new() }
    }

    fn folder(&mut self, folder: &Path) -> io::Result<()> {
        let entries = match fs::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            match entry.file_type()? {
                kind if kind.is_dir() => self.folder(&entry.path())?,
                kind if kind.is_file() => self.file(entry.path())?,
                _ => {}
            }
        }
        Ok(())
    }

    fn file(&mut self, path: PathBuf) -> io::Result<()> {
        let mut file = File::open(&path)?;
        let overlap = self.finders.iter().map(|finder| finder.needle().len()).max().unwrap_or_default();
        let mut bytes = Vec::with_capacity(CHUNK + overlap);
        loop {
            let read = file.by_ref().take(CHUNK as u64).read_to_end(&mut bytes)?;
            if read == 0 {
                return Ok(());
            }
            self.bytes += read as u64;
            if self.finders.iter().any(|finder| finder.find(&bytes).is_some()) {
                self.found.push(path);
                return Ok(());
            }
            bytes.drain(..bytes.len().saturating_sub(overlap));
        }
    }
}

/// Lets imports bring a forgotten contact again; `None` if it was not forgotten.
///
/// # Errors
/// The base cannot be read or written.
pub fn allow(base: &Base, id: &str, stamp: Stamp) -> Result<Option<Done>, FlowError> {
    let id = normal(id);
    let view = base.view();
    let forgotten = view.forgotten()?;
    if !forgotten.contains(&id) {
        return Ok(None);
    }
    let commit = Commit {
        kind: Kind::Edit,
        when: stamp.when,
        who: stamp.who,
        details: r#"{"record":"contact","allowed":true}"#.to_owned(),
        changes: Box::new(crate::base::ChangeList::default()),
        catalog: base.catalog(),
        remember: vec![(forgotten.memory_key(&id), None)],
        by_hand: true,
    };
    let cancel = std::sync::atomic::AtomicBool::new(false);
    Ok(Some(base.commit(view.head().commit, &commit, &mut |_, _| {}, &cancel)?))
}
