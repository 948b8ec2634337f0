//! Folders: in use, damaged, of a newer schema, with large records; backups.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

use super::*;
use crate::base::engine::Table;
use crate::base::sled::SledStore;
use crate::base::versions::Store;
use crate::model::record::MAX_RECORD;

fn filled(dir: &Path) -> Base {
    let base = open(dir).unwrap();
    import(&base, [(Entity::Organization, "A-1", put(&[(NAME, "Office Mart")]))]);
    import(&base, [(Entity::Contact, "C-1", put(&[(FIRST, "Kathryn"), (ACCOUNT, "A-1")]))]);
    base
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let base = dir.path().join("deep/base");
    (dir, base)
}

#[test]
fn a_base_is_for_its_user_alone_and_reopens_with_all_it_held() {
    let (_keep, dir) = folder();
    let base = filled(&dir);
    let before = content(&base.view());
    drop(base);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&dir), mode(&dir.join(STORE)), mode(&dir.join("store/db"))), (0o700, 0o700, 0o600));
    assert_eq!(content(&open(&dir).unwrap().view()), before);
}

#[test]
fn a_base_in_use_names_its_holder() {
    let (_keep, dir) = folder();
    let _base = filled(&dir);
    let second = Base::open(&dir, Duration::ZERO);
    let Err(BaseError::InUse { holder, .. }) = second else { panic!("{second:?}") };
    if let Some(holder) = holder {
        assert_eq!(holder.process, std::process::id());
        assert!(holder.since.is_some());
    }
}

#[test]
fn a_destroyed_store_is_damage_and_not_an_empty_base() {
    let (_keep, dir) = folder();
    drop(filled(&dir));
    let db = dir.join("store/db");
    let whole = fs::read(&db).unwrap();
    for snapshot in fs::read_dir(dir.join(STORE)).unwrap().flatten() {
        if snapshot.file_name().to_string_lossy().starts_with("snap.") {
            fs::remove_file(snapshot.path()).unwrap();
        }
    }
    for wrong in [vec![0xa5; whole.len()], Vec::new(), whole[..whole.len() / 3].to_vec()] {
        fs::write(&db, wrong).unwrap();
        let opened = open(&dir);
        assert!(matches!(opened, Err(BaseError::Damaged { .. })), "{opened:?}");
    }
    fs::remove_file(&db).unwrap();
    assert!(matches!(open(&dir), Err(BaseError::Damaged { .. })));
}

#[test]
fn a_lost_sidecar_is_made_again_and_a_wrong_one_is_damage() {
    let (_keep, dir) = folder();
    drop(filled(&dir));
    let sidecar = dir.join("base.json");
    fs::remove_file(&sidecar).unwrap();
    drop(open(&dir).unwrap());
    let text = fs::read_to_string(&sidecar).unwrap();
    fs::write(&sidecar, text.replace("\"commit\":2", "\"commit\":1")).unwrap();
    drop(open(&dir).unwrap());
    fs::write(&sidecar, text.replace("\"commit\":2", "\"commit\":3")).unwrap();
    assert!(matches!(open(&dir), Err(BaseError::Damaged { .. })));
    fs::write(&sidecar, text.replace("\"schema\":1", "\"schema\":2")).unwrap();
    assert!(matches!(open(&dir), Err(BaseError::NewerSchema { found: 2, known: 1 })));
    fs::write(&sidecar, "{").unwrap();
    assert!(matches!(open(&dir), Err(BaseError::Damaged { .. })));
}

#[test]
fn a_half_written_snapshot_does_not_block() {
    let (_keep, dir) = folder();
    drop(filled(&dir));
    fs::write(dir.join("store/snap.00000000000000FF.generating"), "half").unwrap();
    assert_eq!(open(&dir).unwrap().head().contacts, 1);
}

/// Bytes that do not pack.
fn noise(len: usize, seed: u64) -> String {
    let mut state = seed;
    let letters = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b' ' + (state >> 40) as u8 % 95)
    });
    letters.take(len).collect()
}

#[test]
fn the_largest_records_with_the_longest_ids_stay_out_of_blobs() {
    let (_keep, dir) = folder();
    let base = open(&dir).unwrap();
    let ids: Vec<String> = (0..120).map(|n| format!("{}{n:03}", "𝕏".repeat(252))).collect();
    for round in 0..3 {
        let texts: Vec<String> = (0..ids.len()).map(|n| noise(MAX_RECORD - 64, n as u64 * 3 + round)).collect();
        import(&base, ids.iter().zip(&texts).map(|(id, text)| (Entity::Contact, id.as_str(), put(&[(LAST, text)]))));
        assert_eq!(base.get(Entity::Contact, &ids[7]).unwrap().unwrap().values, values(&[(LAST, &texts[7])]));
    }
    assert_sound(&base);
    undo(&base, 3);
    drop(base);
    assert_sound(&open(&dir).unwrap());
    assert_eq!(fs::read_dir(dir.join("store/blobs")).unwrap().count(), 0);
}

#[test]
fn a_damaged_page_is_found_and_named() {
    let (_keep, dir) = folder();
    let base = filled(&dir);
    assert_sound(&base);
    drop(base);
    let store = SledStore::open(&dir.join(STORE), Duration::from_secs(5)).unwrap();
    let (key, mut page) = store.up(Table::Contacts, &[]).next().unwrap().map(|(k, v)| (k, v.to_vec())).unwrap();
    *page.last_mut().unwrap() ^= 1;
    store.insert(Table::Contacts, &key, &page).unwrap();
    store.flush().unwrap();
    drop(store);
    let base = open(&dir).unwrap();
    assert!(matches!(base.get(Entity::Contact, "C-1"), Err(BaseError::Damaged { .. })));
    let report = base.verify(&mut |_, _| {}, &AtomicBool::new(false)).unwrap();
    assert!(report.damaged.iter().any(|damage| damage.table == "contacts" && damage.what.contains("checksum")));
    assert!(report.damaged.iter().any(|damage| damage.table == "members"), "a member without a contact");
}

#[test]
fn a_backup_opens_as_a_base_and_never_overwrites() {
    let (keep, dir) = folder();
    let base = filled(&dir);
    let copy = keep.path().join("copy");
    base.backup(&copy, &mut |_, _| {}, &AtomicBool::new(false)).unwrap();
    assert!(base.backup(&copy, &mut |_, _| {}, &AtomicBool::new(false)).is_err());
    import(&base, [(Entity::Contact, "C-2", put(&[(FIRST, "Josh")]))]);
    let copied = open(&copy).unwrap();
    assert_eq!((copied.head().commit, copied.head().contacts), (2, 1));
    assert_sound(&copied);
    undo(&copied, 2);
    assert_sound(&copied);
    let empty = open(&keep.path().join("empty")).unwrap();
    empty.backup(&keep.path().join("empty copy"), &mut |_, _| {}, &AtomicBool::new(false)).unwrap();
    assert_eq!(open(&keep.path().join("empty copy")).unwrap().head(), empty.head());
}

#[test]
fn a_backup_is_whole_while_commits_go_on() {
    let (keep, dir) = folder();
    let base = filled(&dir);
    let ids: Vec<String> = (0..3000).map(|n| format!("C-{n:05}")).collect();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for round in 0..6 {
                let name = round.to_string();
                import(
                    &base,
                    ids.iter().map(|id| (Entity::Contact, id.as_str(), put(&[(FIRST, &name), (ACCOUNT, "A-1")]))),
                );
            }
        });
        for n in 0..3 {
            let copy = keep.path().join(format!("copy {n}"));
            base.backup(&copy, &mut |_, _| {}, &AtomicBool::new(false)).unwrap();
            let copied = open(&copy).unwrap();
            assert_sound(&copied);
            let rows =
                copied.scan(Entity::Contact, "C-0").map(Result::unwrap).take_while(|(id, _)| id.starts_with("C-0"));
            let names: BTreeSet<Vec<u8>> = rows.map(|(_, record)| record.values.as_bytes().to_vec()).collect();
            assert!(names.len() <= 1, "one commit only");
        }
        writer.join().unwrap();
    });
    assert_sound(&base);
}
