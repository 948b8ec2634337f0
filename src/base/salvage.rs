//! What can still be read of a damaged base. It reads a copy of the files, so that nothing it does makes the damage worse.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::backup::copy_files;
use super::engine::Table;
use super::error::BaseError;
use super::lock::Lock;
use super::page::Page;
use super::sled::SledStore;
use super::verify::LISTED;
use super::versions::rescue;
use super::view::{CATALOG_KEY, Head, table};
use super::{SETTLE, SORTER_MEMORY, STORE, replace, sidecar};
use crate::model::fields::{Catalog, Entity};
use crate::model::record::Record;
use crate::spill::{Sorted, Sorter, SpillRoom};

/// The records that can be read.
pub struct Salvaged {
    /// Contact ID and age (the newest first) to record.
    contacts: Sorted,
    /// Organizations by Account ID.
    pub organizations: BTreeMap<String, Record>,
    /// The custom fields that are known.
    pub catalog: Catalog,
    /// How many contacts and organizations there should be, if that is known.
    pub expected: Option<(u64, u64)>,
    /// What could not be read, in words; at most [`LISTED`].
    pub lost: Vec<String>,
}

impl Salvaged {
    /// The contacts in ascending order of their IDs.
    ///
    /// # Errors
    /// A spill file cannot be read.
    pub fn contacts(&self) -> Result<impl Iterator<Item = Result<(String, Record), BaseError>> + use<>, BaseError> {
        let mut merge = self.contacts.merge()?;
        let mut last = String::new();
        Ok(std::iter::from_fn(move || {
            loop {
                let (key, bytes) = match merge.next().transpose()? {
                    Ok(entry) => entry,
                    Err(error) => return Some(Err(error.into())),
                };
                // What cannot be decoded was not sorted in.
                let Some((id, record)) = id_of(key).zip(Record::decode(bytes)) else { continue };
                if *id != last {
                    id.clone_into(&mut last);
                    return Some(Ok((last.clone(), record)));
                }
            }
        }))
    }
}

/// The ID before the eight bytes of the age.
fn id_of(key: &[u8]) -> Option<&str> {
    let (id, _) = key.split_last_chunk::<8>()?;
    std::str::from_utf8(id.strip_suffix(&[0])?).ok()
}

/// See [`super::Base::salvage`].
pub(super) fn salvage(dir: &Path, wait: Duration, cancel: &AtomicBool) -> Result<Salvaged, BaseError> {
    let _lock = Lock::take(dir, wait)?;
    let fresh = replace::fresh(dir)?;
    let done = read(dir, &fresh, cancel);
    replace::settle(dir)?;
    done
}

fn read(dir: &Path, fresh: &Path, cancel: &AtomicBool) -> Result<Salvaged, BaseError> {
    let room = SpillRoom { memory: SORTER_MEMORY, ..SpillRoom::new(dir) };
    let store = open_copy(dir, fresh)?;
    let sidecar = sidecar::read(dir).ok().flatten();
    let head = rescue::head(&store);
    let mut lost = Vec::new();
    let limit = match (&head, &sidecar) {
        (Some((commit, _)), Some(known)) if *commit < known.commit => {
            lost.push(format!(
                "commits {} to {}: what they changed is missing or as before them",
                commit + 1,
                known.commit
            ));
            *commit
        }
        (Some((commit, _)), _) => *commit,
        (None, known) => {
            lost.push("which commit is the newest: some values may be older ones".to_owned());
            known.as_ref().map_or(u64::MAX, |known| known.commit)
        }
    };
    let head = head.and_then(|(_, bytes)| postcard::from_bytes::<Head>(&bytes).ok());
    let known = sidecar.map(|known| (known.contacts, known.organizations));
    let mut reader = Reader { store: &store, limit, cancel, lost };
    let mut contacts = Sorter::new(&room);
    reader.records(Entity::Contact, &mut |id, record, bytes| {
        let age = (u64::MAX - record.changed).to_be_bytes();
        Ok(contacts.push(&[id.as_bytes(), &[0], &age].concat(), bytes)?)
    })?;
    let mut organizations: BTreeMap<String, Record> = BTreeMap::new();
    reader.records(Entity::Organization, &mut |id, record, _| {
        if organizations.get(id).is_none_or(|other| other.changed < record.changed) {
            organizations.insert(id.to_owned(), record);
        }
        Ok(())
    })?;
    let mut catalog = Catalog::default();
    reader.entries(Table::Catalog, &mut |key, bytes| {
        match postcard::from_bytes(bytes) {
            Ok(found) if key == CATALOG_KEY => catalog = found,
            _ => {}
        }
        Ok(true)
    })?;
    let expected = known.or(head.map(|head| (head.contacts, head.organizations)));
    Ok(Salvaged { contacts: contacts.finish(), organizations, catalog, expected, lost: reader.lost })
}

/// Opens a copy of the store; if sled does not bear its snapshot, without it: then it reads its log up to the damage.
fn open_copy(dir: &Path, fresh: &Path) -> Result<SledStore, BaseError> {
    copy_files(dir, fresh)?;
    let store = fresh.join(STORE);
    if let Ok(opened) = SledStore::open(&store, SETTLE) {
        return Ok(opened);
    }
    let io = |e| BaseError::io("read", &store, e);
    fs::remove_dir_all(fresh).map_err(io)?;
    copy_files(dir, fresh)?;
    for file in fs::read_dir(&store).map_err(io)?.flatten() {
        if file.file_name().to_string_lossy().starts_with("snap.") {
            fs::remove_file(file.path()).map_err(io)?;
        }
    }
    SledStore::open(&store, SETTLE)
}

/// Reads tables, and notes what cannot be read.
struct Reader<'a> {
    store: &'a SledStore,
    limit: u64,
    cancel: &'a AtomicBool,
    lost: Vec<String>,
}

/// Takes a record: its ID, what it is, its bytes.
type SeeRecord<'a> = &'a mut dyn FnMut(&str, Record, &[u8]) -> Result<(), BaseError>;

/// Takes an entry, key and payload; `false` says that it cannot be read.
type SeeEntry<'a> = &'a mut dyn FnMut(&[u8], &[u8]) -> Result<bool, BaseError>;

impl Reader<'_> {
    fn records(&mut self, entity: Entity, see: SeeRecord<'_>) -> Result<(), BaseError> {
        self.entries(table(entity), &mut |id, bytes| match std::str::from_utf8(id).ok().zip(Record::decode(bytes)) {
            Some((id, record)) => see(id, record, bytes).map(|()| true),
            None => Ok(false),
        })
    }

    /// Shows every entry of every page that is whole.
    fn entries(&mut self, table: Table, see: SeeEntry<'_>) -> Result<(), BaseError> {
        let mut page = Page::default();
        let mut damaged = Vec::new();
        let mut lost = Vec::new();
        let mut take = |low: &[u8], stored: &[u8]| {
            if self.cancel.load(Ordering::Relaxed) {
                return Err(BaseError::Cancelled);
            }
            if let Err(why) = page.unpack(stored) {
                damaged.push(format!("{} from '{}': {why}", table.name(), low.escape_ascii()));
                return Ok(());
            }
            for (key, bytes) in page.iter() {
                if !see(key, bytes)? {
                    damaged.push(format!("{} '{}': it cannot be read", table.name(), key.escape_ascii()));
                }
            }
            Ok(())
        };
        rescue::each_page(self.store, table, self.limit, &mut take, &mut |what| lost.push(what))?;
        self.lost.extend(damaged.into_iter().chain(lost));
        self.lost.truncate(LISTED);
        Ok(())
    }
}
