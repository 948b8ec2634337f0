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
    erasure: Erasure,
    texts: Vec<Vec<u8>>,
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
    if traces.is_empty() && details.is_empty() && memory.is_empty() {
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
        texts: texts(&id, &traces),
        erasure: Erasure { id: id.clone(), details, memory, when: stamp.when, who: stamp.who },
        id,
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

/// Takes a contact out of JSON: `"contact:ID"` wherever it stands, and the `id` of an object that is of a contact.
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
            fields.values_mut().fold(own, |changed, field| unname(field, id) | changed)
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
    no_draft(forgetting, paths)?;
    let done = base.forget(forgetting.head, &forgetting.erasure)?;
    let (base, _) = base.compact(&mut |done, total| gauge.set(done, total), &gauge.cancel)?;
    let absence = look(&base, done, forgetting, paths)?;
    Ok(absence)
}

/// An unfinished import is somebody's work: it is not changed behind that person's back.
fn no_draft(forgetting: &Forgetting, paths: &Paths) -> Result<(), FlowError> {
    let mut search = Search::new([forgetting.id.as_bytes()]);
    let folder = paths.drafts();
    search
        .folder(&folder)
        .map_err(|error| FlowError::from(error).doing(format!("cannot search {}", folder.display())))?;
    match search.found.first() {
        None => Ok(()),
        Some(draft) => Err(FlowError::Blocked(format!(
            "an unfinished import names the contact ({}): finish it or throw it away first, with U in the app",
            draft.display()
        ))),
    }
}

/// Proves that nothing is left. Rejects that were kept for the history and name the contact go.
fn look(base: &Base, done: Done, forgetting: &Forgetting, paths: &Paths) -> Result<Absence, FlowError> {
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
        fs::remove_file(path)
            .map_err(|error| FlowError::from(error).doing(format!("cannot remove {}", path.display())))?;
    }
    let shared = forgetting.texts.len() - gone.len();
    Ok(Absence { commit: done.number, entries: found.entries, bytes: search.bytes, gone: gone.len(), shared })
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
