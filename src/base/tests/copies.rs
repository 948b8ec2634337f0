//! Copies: backup, restore, the base in fresh files; and each stop between their steps.

use std::fs;
use std::path::PathBuf;

use super::*;

fn filled(dir: &Path) -> Base {
    let base = open(dir).unwrap();
    let ids: Vec<String> = (0..400).map(|n| format!("C-{n:04}")).collect();
    for round in ["a", "b", "c"] {
        let text = round.repeat(300);
        let contacts = ids.iter().map(|id| (Entity::Contact, id.as_str(), put(&[(FIRST, &text), (ACCOUNT, "A-1")])));
        import(&base, contacts.chain([(Entity::Organization, "A-1", put(&[(NAME, "Office Mart")]))]));
    }
    base
}

fn rooms() -> (tempfile::TempDir, PathBuf, PathBuf) {
    let room = tempfile::tempdir().unwrap();
    let (dir, copy) = (room.path().join("base"), room.path().join("copy"));
    (room, dir, copy)
}

fn backup(base: &Base, to: &Path) -> Result<Proof, BaseError> {
    base.backup(to, &mut |_, _| {}, &AtomicBool::new(false))
}

fn restore(from: &Path, to: &Path, overwrite: bool) -> Result<Proof, BaseError> {
    Base::restore(from, to, overwrite, Duration::ZERO, &mut |_, _| {}, &AtomicBool::new(false))
}

fn compact(base: Base) -> Result<(Base, [Proof; 2]), BaseError> {
    base.compact(&mut |_, _| {}, &AtomicBool::new(false))
}

fn digest(base: &Base) -> String {
    base.verify(&mut |_, _| {}, &AtomicBool::new(false)).unwrap().digest()
}

/// Flips a byte in the middle of every stretch of 4 KiB that is not empty.
fn spoil(db: &Path) {
    let mut bytes = fs::read(db).unwrap();
    for part in bytes.chunks_mut(4096).filter(|part| part.iter().any(|byte| *byte != 0)) {
        let middle = part.len() / 2;
        part[middle] ^= 0xff;
    }
    fs::write(db, bytes).unwrap();
}

fn files(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(dir).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn the_digest_is_that_of_the_content_and_not_of_the_files() {
    let (_room, dir, copy) = rooms();
    let base = filled(&dir);
    let before = digest(&base);
    assert_eq!(backup(&base, &copy).unwrap().digest, before);
    assert_eq!(digest(&open(&copy).unwrap()), before);
    import(&base, [(Entity::Contact, "C-1", put(&[(FIRST, "Kathryn")]))]);
    assert_ne!(digest(&base), before);
}

#[test]
fn a_rewritten_base_holds_the_same_in_less_room_and_goes_on() {
    let (_room, dir, _) = rooms();
    drop(filled(&dir));
    let base = open(&dir).unwrap();
    let (before, digest_before) = (content(&base.view()), digest(&base));
    let (base, [old, new]) = compact(base).unwrap();
    assert!(new.bytes <= old.bytes, "{} bytes from {}", new.bytes, old.bytes);
    assert_eq!((&old.head, &old.digest, digest(&base)), (&new.head, &new.digest, digest_before));
    assert_eq!(content(&base.view()), before);
    assert_eq!(files(&dir), ["base.json", "lock", "store"]);
    undo(&base, 3);
    drop(base);
    assert_sound(&open(&dir).unwrap());
}

#[test]
fn a_base_that_somebody_reads_is_not_rewritten() {
    let (_room, dir, _) = rooms();
    let base = filled(&dir);
    let clone = base.clone();
    assert!(matches!(compact(base), Err(BaseError::Invalid(_))));
    let view = clone.view();
    assert!(matches!(compact(clone), Err(BaseError::InUse { .. })));
    assert!(view.get(Entity::Contact, "C-0001").unwrap().is_some());
    drop(view);
    let base = open(&dir).unwrap();
    assert_sound(&base);
    assert_eq!(files(&dir), ["base.json", "lock", "store"]);
}

#[test]
fn r24_a_stop_between_any_two_steps_of_a_swap_leaves_before_or_after() {
    let (room, before, after) = rooms();
    let base = filled(&before);
    backup(&base, &after).unwrap();
    import(&base, [(Entity::Contact, "C-1", put(&[(FIRST, "Kathryn")]))]);
    drop(base);
    // What the folder looks like when the process ends after each step, with what was done so far.
    type Step = fn(&Path, &Path);
    let steps: [(Step, u64); 6] = [
        (|dir, _| fs::create_dir_all(dir.join("fresh/store")).unwrap(), 4),
        (|dir, new| copy_folder(new, &dir.join("fresh")), 4),
        (|dir, _| fs::rename(dir.join("store"), dir.join("old")).unwrap(), 4),
        (|dir, _| fs::rename(dir.join("fresh/store"), dir.join("store")).unwrap(), 3),
        (|dir, _| fs::rename(dir.join("fresh/base.json"), dir.join("base.json")).unwrap(), 3),
        (|dir, _| fs::remove_dir_all(dir.join("fresh")).unwrap(), 3),
    ];
    for stop in 1..=steps.len() {
        let dir = room.path().join(stop.to_string());
        copy_folder(&before, &dir);
        steps[..stop].iter().for_each(|(step, _)| step(&dir, &after));
        assert!(Base::exists(&dir));
        let base = open(&dir).unwrap();
        assert_eq!(base.head().commit, steps[stop - 1].1, "after step {stop}");
        assert_sound(&base);
        assert_eq!(files(&dir), ["base.json", "lock", "store"], "after step {stop}");
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap().flatten() {
        let to = to.join(file.file_name());
        if file.metadata().unwrap().is_dir() {
            copy_folder(&file.path(), &to);
        } else {
            fs::copy(file.path(), to).unwrap();
        }
    }
}

#[test]
fn a_restore_overwrites_only_when_told_and_says_what_it_found() {
    let (room, dir, copy) = rooms();
    let base = filled(&dir);
    let taken = backup(&base, &copy).unwrap();
    import(&base, [(Entity::Contact, "C-1", put(&[(FIRST, "Kathryn")]))]);
    let changed = content(&base.view());
    let elsewhere = room.path().join("a/new/one");
    let restored = restore(&copy, &elsewhere, false).unwrap();
    assert_eq!((&restored.head, &restored.digest), (&taken.head, &taken.digest));
    assert_sound(&open(&elsewhere).unwrap());
    assert!(matches!(restore(&copy, &dir, true), Err(BaseError::InUse { .. })), "somebody has it open");
    drop(base);
    assert!(matches!(restore(&copy, &dir, false), Err(BaseError::Exists { .. })));
    assert_eq!(content(&open(&dir).unwrap().view()), changed);
    restore(&copy, &dir, true).unwrap();
    assert_eq!(digest(&open(&dir).unwrap()), taken.digest);
    assert_eq!(files(&dir), ["base.json", "lock", "store"]);
}

#[test]
fn a_damaged_backup_is_not_restored_and_a_damaged_base_is_not_copied() {
    let (room, dir, copy) = rooms();
    let base = filled(&dir);
    backup(&base, &copy).unwrap();
    let before = content(&base.view());
    drop(base);
    spoil(&copy.join("store/db"));
    assert!(matches!(restore(&copy, &dir, true), Err(BaseError::Damaged { .. })));
    assert!(restore(&room.path().join("nowhere"), &dir, true).is_err());
    assert!(restore(&dir, &dir, true).is_err());
    assert_eq!(content(&open(&dir).unwrap().view()), before);
    assert_eq!(files(&dir), ["base.json", "lock", "store"]);
}

#[test]
fn a_restore_replaces_a_damaged_base() {
    let (_room, dir, copy) = rooms();
    let base = filled(&dir);
    let taken = backup(&base, &copy).unwrap();
    import(&base, [(Entity::Contact, "C-1", put(&[(FIRST, "Kathryn")]))]);
    drop(base);
    fs::remove_file(dir.join("store/db")).unwrap();
    assert!(matches!(open(&dir), Err(BaseError::Damaged { .. })));
    restore(&copy, &dir, true).unwrap();
    assert_eq!(digest(&open(&dir).unwrap()), taken.digest);
    fs::remove_dir_all(dir.join("store")).unwrap();
    restore(&copy, &dir, true).unwrap();
    assert_eq!(digest(&open(&dir).unwrap()), taken.digest);
}
