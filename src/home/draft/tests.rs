use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::model::fields::{Entity, FieldId};
use crate::model::settings::Blank;
use crate::reconcile::conflict::Fingerprint;
use crate::reconcile::correction::Correction;
use crate::reconcile::decision::{Choice, Consent, Pick, Subject};

/// An entry of each kind, with everything that a person may say.
fn entries() -> Vec<Entry> {
    let merging = Merging { blank: Blank::Clear, ..Merging::default() };
    let map = MapOptions { maps: vec!["#1=contact.id".into()], no_accounts: true, ..MapOptions::default() };
    let print = |n| Fingerprint([n; 16]);
    let picks = [
        (FieldId(35), Pick::Base),
        (FieldId(36), Pick::Typed("Kiss & Fia\n".into())),
        (FieldId(37), Pick::Variant(print(3))),
    ];
    let correction = Correction {
        line: 7,
        cells: vec![b"C-1".to_vec(), b"\xff\xfe".to_vec()],
        texts: BTreeMap::from([(1, "Ann\u{202e}".to_owned())]),
    };
    vec![
        Entry::Taken(Taken { map, settings: Some((Reading::default(), merging)), ..Taken::default() }),
        Entry::At(Step::Review),
        Entry::Checked(Checked { sha256: "ab".into(), head: 7, conflicts: 12 }),
        Entry::At(Step::Conflicts),
        Entry::Said(vec![
            Said::Choice(Entity::Organization, "A-1".into(), Some((print(1), Choice::Fields(picks.into())))),
            Said::Choice(Entity::Contact, "C-1".into(), Some((print(2), Choice::Hold))),
        ]),
        Entry::Undone,
        Entry::Redone,
        Entry::Said(vec![Said::Consent(
            Subject { entity: Entity::Contact, id: "C-2".into(), field: None },
            Some((Fingerprint([7; 16]), Consent::SamePerson)),
        )]),
        Entry::Said(vec![Said::Correction(5, Some(correction))]),
        Entry::Undone,
        Entry::Committing("cd".into()),
    ]
}

fn made_of(entries: &[Entry]) -> Draft {
    let mut draft = Draft::new(Path::new("/base"), Path::new("/in/contacts.csv"));
    entries.iter().for_each(|entry| draft.take(entry.clone()));
    draft
}

/// The draft of all entries in a folder of its own.
fn written() -> (tempfile::TempDir, PathBuf) {
    let room = tempfile::tempdir().unwrap();
    let folder = room.path().join("drafts");
    let mut file = DraftFile::begin(&folder, Path::new("/base"), Path::new("/in/contacts.csv")).unwrap();
    entries().iter().for_each(|entry| file.add(std::slice::from_ref(entry)).unwrap());
    let path = file.path().to_owned();
    (room, path)
}

#[test]
fn what_was_added_is_read_again() {
    let (_room, path) = written();
    let found = read(&path).unwrap();
    assert_eq!(found.draft, made_of(&entries()));
    assert_eq!(found.draft.timeline.decisions().choices.len(), 2);
    assert!(!found.torn);
}

#[test]
fn drafts_are_for_their_owner_only() {
    let (_room, path) = written();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    assert!(!path.to_string_lossy().contains("contacts"), "the name tells nobody what the file is called");
}

#[test]
fn a_draft_cut_at_any_byte_reads_a_prefix_and_goes_on() {
    let (_room, path) = written();
    let whole = fs::read(&path).unwrap();
    let entries = entries();
    let drafts: Vec<Draft> = (0..=entries.len()).map(|n| made_of(&entries[..n])).collect();
    let mut reached = 0;
    for cut in 0..=whole.len() {
        fs::write(&path, &whole[..cut]).unwrap();
        let complete = whole[..cut].iter().filter(|byte| **byte == b'\n').count();
        let Some(lines) = complete.checked_sub(1) else {
            assert!(matches!(read(&path), Err(DraftError::Damaged(_))), "{cut}");
            continue;
        };
        let found = read(&path).unwrap();
        assert_eq!(found.draft, drafts[lines], "cut at {cut}");
        assert_eq!(found.torn, whole[cut - 1] != b'\n', "cut at {cut}");
        reached = reached.max(lines);
        if cut % 97 == 0 {
            DraftFile::go_on(&found).unwrap().add(&[Entry::At(Step::Review)]).unwrap();
            let again = read(&path).unwrap();
            assert!(again.draft.at == Step::Review && !again.torn, "cut at {cut}");
        }
    }
    assert_eq!(reached, entries.len());
}

#[test]
fn a_second_draft_of_a_file_never_overwrites_the_first() {
    let (room, path) = written();
    let folder = room.path().join("drafts");
    let second = DraftFile::begin(&folder, Path::new("/base"), Path::new("/in/contacts.csv")).unwrap();
    assert_ne!(second.path(), path);
    assert_eq!(read(&path).unwrap().draft, made_of(&entries()));
    assert_eq!(list(&folder).into_iter().filter_map(Result::ok).count(), 2);
}

#[test]
fn a_draft_of_another_version_says_so() {
    let (_room, path) = written();
    let text = br#"{"draft":2,"more":"x"}"#;
    fs::write(&path, format!("{:08x} {}\n", crc32fast::hash(text), String::from_utf8_lossy(text))).unwrap();
    assert!(matches!(read(&path), Err(DraftError::Version { version: 2, .. })));
    assert_eq!(list(path.parent().unwrap()).len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn a_damaged_draft_reads_a_prefix_or_says_so(place: prop::sample::Index, byte: u8, more in prop::collection::vec(any::<u8>(), 0..60)) {
        let (_room, path) = written();
        let mut bytes = fs::read(&path).unwrap();
        let place = place.index(bytes.len());
        let spoilt = bytes[place] != byte;
        bytes[place] = byte;
        bytes.extend_from_slice(&more);
        fs::write(&path, &bytes).unwrap();
        let entries = entries();
        if let Ok(found) = read(&path) {
            prop_assert!((0..=entries.len()).any(|n| found.draft == made_of(&entries[..n])));
            prop_assert!(found.torn || !spoilt || found.draft == made_of(&entries));
        }
    }
}
