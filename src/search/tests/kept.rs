//! The file in which the folded text is kept: it says what was searched, or nothing.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::people::{Person, TestBase, base, person, pieces};
use super::{contacts, indexed, search, typed};
use crate::model::fields::Entity;
use crate::search::{Hits, Index, Narrowing, Progress, Wanted};

/// A folder with the file of a base.
fn kept(base: &TestBase) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("search.text");
    assert!(keep(&indexed(base), base, &file));
    (dir, file)
}

/// There is nothing to keep of an empty base.
fn is_empty(base: &TestBase) -> bool {
    base.contacts.is_empty() && base.organizations.is_empty()
}

fn keep(index: &Index, base: &TestBase, file: &Path) -> bool {
    index.keep(base, file, |path| File::create_new(path), &|| false).unwrap()
}

fn recalled(base: &TestBase, file: &Path) -> (Index, Progress) {
    let index = Index::new();
    let Ok(done) = index.refresh(base, Some(file), &|| false, |_| {});
    index.order();
    (index, done.unwrap())
}

fn hits(index: &Index, text: &str, entity: Entity) -> Hits {
    search(index, text, Wanted::best(entity, 50), &mut Narrowing::default())
}

proptest! {
    #[test]
    fn what_is_read_is_searched_as_what_was_folded(
        base in base(), contacts in prop::collection::btree_map("C[0-3][0-9a]{0,2}", person(true), 0..4), pieces in pieces(),
    ) {
        prop_assume!(!is_empty(&base));
        let (_dir, file) = kept(&base);
        let (index, done) = recalled(&base, &file);
        prop_assert_eq!(done.folded, 0);
        for entity in [Entity::Contact, Entity::Organization] {
            prop_assert_eq!(hits(&index, &typed(&pieces), entity), hits(&indexed(&base), &typed(&pieces), entity));
        }
        // The base goes on, the file does not.
        let mut later = base;
        later.commit = 2;
        later.contacts.extend(contacts.into_iter().map(|(id, person)| (id, Person { commit: 2, ..person })));
        let (index, _) = recalled(&later, &file);
        for entity in [Entity::Contact, Entity::Organization] {
            prop_assert_eq!(hits(&index, &typed(&pieces), entity), hits(&indexed(&later), &typed(&pieces), entity));
        }
    }

    #[test]
    fn a_damaged_file_is_passed_over(base in base(), place in any::<prop::sample::Index>(), cut in any::<bool>(), pieces in pieces()) {
        prop_assume!(!is_empty(&base));
        let (_dir, file) = kept(&base);
        let mut bytes = fs::read(&file).unwrap();
        let place = place.index(bytes.len());
        if cut {
            bytes.truncate(place);
        } else {
            bytes[place] ^= 1;
        }
        fs::write(&file, bytes).unwrap();
        let (index, done) = recalled(&base, &file);
        prop_assert_eq!(done.folded, base.contacts.len() + base.organizations.len());
        prop_assert_eq!(hits(&index, &typed(&pieces), Entity::Contact), hits(&indexed(&base), &typed(&pieces), Entity::Contact));
    }

    #[test]
    fn a_file_with_other_numbers_in_it_never_makes_a_search_panic(
        base in base(), frame in any::<prop::sample::Index>(), place in any::<prop::sample::Index>(), byte in any::<u8>(), pieces in pieces(),
    ) {
        prop_assume!(!is_empty(&base));
        let (_dir, file) = kept(&base);
        let bytes = fs::read(&file).unwrap();
        let mut frames = frames(&bytes);
        // The first one only says which file it is; it may be of this base and yet wrong.
        let number = frame.index(frames.len());
        if let Some(len) = frames[number].len().checked_sub(1) {
            frames[number][place.index(len + 1)] = byte;
        }
        let mut changed = bytes[..MAGIC].to_vec();
        for frame in &frames {
            changed.extend((frame.len() as u64).to_le_bytes());
            changed.extend(crc32fast::hash(frame).to_le_bytes());
            changed.extend(frame);
        }
        fs::write(&file, changed).unwrap();
        let (index, _) = recalled(&base, &file);
        hits(&index, &typed(&pieces), Entity::Contact);
        hits(&index, &typed(&pieces), Entity::Organization);
    }
}

/// The length of what stands before the first frame.
const MAGIC: usize = b"muster text 3\n".len();

fn frames(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut rest = &bytes[MAGIC..];
    let mut frames = Vec::new();
    while let Some((len, after)) = rest.split_first_chunk::<8>() {
        let (frame, after) = after[4..].split_at(u64::from_le_bytes(*len) as usize);
        frames.push(frame.to_vec());
        rest = after;
    }
    frames
}

#[test]
fn a_file_of_another_base_is_passed_over() {
    let (_dir, file) = kept(&contacts(&["C1", "C2"]));
    let other = TestBase { commit: 2, ..contacts(&["C3"]) };
    // The commit is one that this base has too, but its stamp is another one.
    let stamped = fs::read(&file).unwrap();
    let place = memchr::memmem::find(&stamped, b"commit 1").unwrap();
    let mut foreign = stamped.clone();
    foreign[place] = b'k';
    let header = frames(&foreign).remove(0);
    foreign[MAGIC + 8..MAGIC + 12].copy_from_slice(&crc32fast::hash(&header).to_le_bytes());
    fs::write(&file, foreign).unwrap();
    assert_eq!(recalled(&other, &file).1.folded, 2, "a contact and an organization");
}

#[test]
fn the_file_is_written_again_once_much_has_changed() {
    let ids: Vec<String> = (0..40).map(|n| format!("C{n:02}")).collect();
    let mut base = contacts(&ids.iter().map(String::as_str).collect::<Vec<_>>());
    let (_dir, file) = kept(&base);
    let (index, _) = recalled(&base, &file);
    assert!(!keep(&index, &base, &file), "nothing is new");
    base.commit = 2;
    base.contacts.values_mut().take(2).for_each(|person| person.commit = 2);
    let (index, done) = recalled(&base, &file);
    assert_eq!((done.folded, keep(&index, &base, &file)), (2, false), "two are few");
    base.contacts.values_mut().take(5).for_each(|person| person.commit = 2);
    let (index, done) = recalled(&base, &file);
    assert_eq!((done.folded, keep(&index, &base, &file)), (5, true));
    assert_eq!(recalled(&base, &file).1.folded, 0);
}

#[test]
fn a_file_that_is_not_finished_leaves_the_one_before_it_and_nothing_else() {
    let base = contacts(&["C1"]);
    let (dir, file) = kept(&base);
    let before = fs::read(&file).unwrap();
    let index = indexed(&contacts(&["C1", "C2"]));
    let written = index.keep(&base, &file, |path| File::create_new(path), &|| true).unwrap();
    assert!(!written);
    assert_eq!((fs::read(&file).unwrap(), fs::read_dir(dir.path()).unwrap().count()), (before, 1));
    Index::remove_kept(&file).unwrap();
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    Index::remove_kept(&file).unwrap();
}
