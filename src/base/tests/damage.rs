//! Damaged files: bytes flipped, files cut, zeroed, missing. A base opens whole or says that it is damaged; it never panics,
//! and never shows less than it held as if that were all.
//!
//! More often: `MUSTER_DAMAGES=1000 cargo test --release --lib damage -- --nocapture`

use std::fs;

use super::copies::copy_folder;
use super::*;
use crate::base::engine::Table;
use crate::base::sled::SledStore;
use crate::base::versions::Store;

fn filled(dir: &Path) {
    let base = open(dir).unwrap();
    let ids: Vec<String> = (0..2000).map(|n| format!("C-{n:04}")).collect();
    for round in ["a", "b", "c"] {
        let texts: Vec<String> = ids.iter().map(|id| format!("{}{id}", round.repeat(30))).collect();
        let contacts = ids.iter().zip(&texts);
        let contacts =
            contacts.map(|(id, text)| (Entity::Contact, id.as_str(), put(&[(FIRST, text), (ACCOUNT, "A-1")])));
        import(&base, contacts.chain([(Entity::Organization, "A-1", put(&[(NAME, "Office Mart")]))]));
    }
}

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

/// Damages a file, somewhere in what it holds; says how.
fn spoil(bytes: &mut Vec<u8>, round: usize, numbers: &mut Numbers) -> &'static str {
    let used = bytes.iter().rposition(|byte| *byte != 0).unwrap_or_default() + 1;
    let at = numbers.below(used);
    let whole = bytes.len();
    let end = |len: usize| (at + len).min(whole);
    match round % 5 {
        0 => bytes[at] ^= 1 << numbers.below(8),
        1 => bytes[at..end(4096)].fill(0),
        2 => bytes[at..end(64)].iter_mut().for_each(|byte| *byte ^= 0x5a),
        3 => bytes.truncate(at),
        _ => bytes[..end(1)].fill(0xff),
    }
    ["a bit", "4 KiB zeroed", "64 bytes flipped", "cut off", "overwritten"][round % 5]
}

/// Whether the name is that of a snapshot of sled's.
fn is_snapshot(file: &fs::DirEntry) -> bool {
    file.file_name().to_string_lossy().starts_with("snap.")
}

/// What can be saved of a base: each record as it was at some commit, or not at all.
fn saved(dir: &Path) -> usize {
    let Ok(salvaged) = Base::salvage(dir, Duration::from_secs(5), &AtomicBool::new(false)) else { return 0 };
    let mut count = 0;
    for contact in salvaged.contacts().unwrap() {
        let (id, record) = contact.unwrap();
        let name = record.values.view().text(FieldId(FIRST)).unwrap().to_owned();
        assert!(["a", "b", "c"].iter().any(|round| name == format!("{}{id}", round.repeat(30))), "{id}: {name}");
        count += 1;
    }
    assert!(
        count == 2000 || !salvaged.lost.is_empty() || salvaged.expected.is_some_and(|(all, _)| all != count as u64)
    );
    count
}

/// What a person is told of a base; fails if that is less than the truth.
fn told(dir: &Path, whole: &Content) -> &'static str {
    let base = match open(dir) {
        Err(BaseError::Damaged { .. }) => return "refused",
        opened => opened.unwrap(),
    };
    let report = base.verify(&mut |_, _| {}, &AtomicBool::new(false));
    if report.is_err() || report.is_ok_and(|report| report.damages > 0) {
        return "named by verify";
    }
    assert!(content(&base.view()) == *whole, "less is shown as if it were all");
    "whole"
}

#[test]
fn a_damaged_store_is_whole_or_says_so() {
    let rounds = std::env::var("MUSTER_DAMAGES").ok().and_then(|n| n.parse().ok()).unwrap_or(30);
    let room = tempfile::tempdir().unwrap();
    let (original, dir) = (room.path().join("base"), room.path().join("damaged"));
    filled(&original);
    let whole = content(&open(&original).unwrap().view());
    let db = fs::read(original.join("store/db")).unwrap();
    let mut numbers = Numbers(7);
    let mut contacts_saved = 0;
    let mut tally: BTreeMap<(&str, bool, &str), u32> = BTreeMap::new();
    for round in 0..rounds {
        copy_folder(&original, &dir);
        let mut bytes = db.clone();
        let how = spoil(&mut bytes, round, &mut numbers);
        fs::write(dir.join("store/db"), bytes).unwrap();
        let no_snapshot = round / 5 % 2 == 1;
        for file in fs::read_dir(dir.join("store")).unwrap().flatten().filter(|file| no_snapshot && is_snapshot(file)) {
            fs::remove_file(file.path()).unwrap();
        }
        contacts_saved += saved(&dir);
        *tally.entry((how, no_snapshot, told(&dir, &whole))).or_default() += 1;
        fs::remove_dir_all(&dir).unwrap();
    }
    for ((how, no_snapshot, what), times) in &tally {
        println!("{times:4} {how}{}: {what}", if *no_snapshot { ", snapshot missing" } else { "" });
    }
    println!("{contacts_saved} of {} contacts can be saved", 2000 * rounds);
    assert!(contacts_saved > 2000);
    let damaged: u32 = tally.iter().filter(|((.., what), _)| *what != "whole").map(|(_, times)| times).sum();
    assert!(damaged as usize > rounds / 2);
}

#[test]
fn what_can_be_saved_of_a_sound_base_is_all() {
    let room = tempfile::tempdir().unwrap();
    filled(room.path());
    let base = open(room.path()).unwrap();
    import(&base, [(Entity::Contact, "C-0007", None)]);
    let stored: Vec<(String, Record)> = base.scan(Entity::Contact, "").map(Result::unwrap).collect();
    drop(base);
    let salvaged = Base::salvage(room.path(), Duration::ZERO, &AtomicBool::new(false)).unwrap();
    let saved: Vec<(String, Record)> = salvaged.contacts().unwrap().map(Result::unwrap).collect();
    assert_eq!((saved.len(), &salvaged.lost, salvaged.expected), (1999, &Vec::new(), Some((1999, 1))));
    assert!(saved == stored);
    assert!(salvaged.organizations.contains_key("A-1"));
}

#[test]
fn one_damaged_page_costs_only_what_it_holds() {
    let room = tempfile::tempdir().unwrap();
    filled(room.path());
    let store = SledStore::open(&room.path().join(STORE), Duration::from_secs(5)).unwrap();
    let entries: Vec<_> = store.up(Table::Contacts, &[]).map(Result::unwrap).collect();
    let (key, mut page) = (entries[entries.len() / 2].0.clone(), entries[entries.len() / 2].1.to_vec());
    *page.last_mut().unwrap() ^= 1;
    store.insert(Table::Contacts, &key, &page).unwrap();
    store.flush().unwrap();
    drop(store);
    let salvaged = Base::salvage(room.path(), Duration::ZERO, &AtomicBool::new(false)).unwrap();
    let saved = salvaged.contacts().unwrap().count();
    assert!((1000..2000).contains(&saved), "{saved}");
    assert!(salvaged.lost.len() == 1 && salvaged.lost[0].starts_with("contacts from 'C-"), "{:?}", salvaged.lost);
}

#[test]
fn what_can_be_made_again_may_be_missing() {
    let room = tempfile::tempdir().unwrap();
    let original = room.path().join("base");
    filled(&original);
    let whole = content(&open(&original).unwrap().view());
    type Lose = fn(&Path);
    let lost: [(&str, Lose); 5] = [
        ("sidecar", |dir| fs::remove_file(dir.join("base.json")).unwrap()),
        ("lock", |dir| fs::remove_file(dir.join("lock")).unwrap()),
        ("settings", |dir| fs::remove_file(dir.join("store/conf")).unwrap()),
        ("blobs", |dir| fs::remove_dir(dir.join("store/blobs")).unwrap()),
        ("snapshots, one half written", |dir| {
            for file in fs::read_dir(dir.join("store")).unwrap().flatten().filter(is_snapshot) {
                fs::rename(file.path(), file.path().with_extension("generating")).unwrap();
            }
        }),
    ];
    for (what, lose) in lost {
        let dir = room.path().join(what);
        copy_folder(&original, &dir);
        lose(&dir);
        assert_eq!(told(&dir, &whole), "whole", "without {what}");
    }
}

#[test]
fn a_damaged_snapshot_or_sidecar_is_never_an_empty_base() {
    let room = tempfile::tempdir().unwrap();
    let original = room.path().join("base");
    filled(&original);
    let whole = content(&open(&original).unwrap().view());
    for (n, damage) in [Vec::new(), vec![0; 100], vec![0xa5; 5000]].into_iter().enumerate() {
        let dir = room.path().join(n.to_string());
        copy_folder(&original, &dir);
        for file in fs::read_dir(dir.join("store")).unwrap().flatten().filter(is_snapshot) {
            fs::write(file.path(), &damage).unwrap();
        }
        told(&dir, &whole);
        fs::write(dir.join("base.json"), &damage).unwrap();
        assert_eq!(told(&dir, &whole), "refused");
    }
}

#[test]
fn a_store_with_other_settings_is_not_called_damaged() {
    let room = tempfile::tempdir().unwrap();
    filled(room.path());
    let mut settings = fs::read(room.path().join("store/conf")).unwrap();
    let (is, other) = (b"use_compression: false", b"use_compression: true");
    let at = settings.windows(is.len()).position(|window| window == is).unwrap();
    settings.splice(at..at + is.len(), *other);
    fs::write(room.path().join("store/conf"), settings).unwrap();
    let refused = open(room.path()).unwrap_err();
    assert!(matches!(&refused, BaseError::OtherStore { .. }), "{refused:?}");
    assert!(refused.to_string().contains("export"), "{refused}");
}

#[test]
fn a_folder_that_is_moved_or_removed_takes_no_commit() {
    let room = tempfile::tempdir().unwrap();
    let (dir, moved) = (room.path().join("base"), room.path().join("moved"));
    filled(&dir);
    let change = || list([(Entity::Contact, "C-9", put(&[(FIRST, "Kathryn")]))]);
    let base = open(&dir).unwrap();
    fs::rename(&dir, &moved).unwrap();
    let refused = submit(&base, &act(Kind::Import, change()));
    assert!(matches!(refused, Err(BaseError::Gone { .. })), "{refused:?}");
    fs::rename(&moved, &dir).unwrap();
    submit(&base, &act(Kind::Import, change())).unwrap();
    drop(base);
    let base = open(&dir).unwrap();
    assert_eq!(base.head().commit, 4);
    assert_sound(&base);
    fs::remove_dir_all(&dir).unwrap();
    assert!(matches!(submit(&base, &act(Kind::Import, change())), Err(BaseError::Gone { .. })));
}
