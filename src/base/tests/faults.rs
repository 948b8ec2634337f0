//! R24: a fault between any two steps of a commit, and of the recovery from it, leaves the base before or after, whole.

use super::disk::{Disk, Fuse, Fused};
use super::*;
use crate::base::sled::SledStore;
use crate::base::versions::{Store, Versions};

/// Enough records that tables have several pages, some of which the commit under test removes.
fn filled<S: Store>(store: S) {
    let base = over(Versions::open(store).unwrap());
    let filler = "x".repeat(600);
    let contacts: Vec<String> = (0..120).map(|n| format!("C-{n:03}")).collect();
    let records = contacts
        .iter()
        .map(|id| (Entity::Contact, id.as_str(), put(&[(FIRST, id), (LAST, &filler), (ACCOUNT, "A-1")])));
    let organizations = [(Entity::Organization, "A-1", put(&[(NAME, "Office Mart")]))];
    import(&base, records.chain(organizations));
    import(&base, [(Entity::Contact, "C-005", put(&[(FIRST, "Kathryn"), (LAST, "Smith")]))]);
}

/// Creates, updates, moves and deletes, in several pages.
fn deed() -> Commit {
    let filler = "y".repeat(600);
    let gone: Vec<String> = (30..110).map(|n| format!("C-{n:03}")).collect();
    let mut changes = list(gone.iter().map(|id| (Entity::Contact, id.as_str(), None)));
    for (entity, id, put) in [
        (Entity::Contact, "C-001", put(&[(FIRST, "Josh"), (LAST, &filler), (ACCOUNT, "A-2")])),
        (Entity::Contact, "C-5000", put(&[(FIRST, "Rebecca"), (LAST, "Jones"), (ACCOUNT, "A-2")])),
        (Entity::Organization, "A-2", put(&[(NAME, "Paper Mill")])),
    ] {
        changes.push(entity, Change { id: id.to_owned(), line: 3, put });
    }
    Commit { remember: vec![("mapping/1".to_owned(), Some(b"abc".to_vec()))], ..act(Kind::Import, changes) }
}

fn opened(disk: &Disk, fuse: &Fuse) -> Result<Base, BaseError> {
    Base::over(Box::new(Versions::open(Fused { store: disk.clone(), fuse: fuse.clone() })?), std::env::temp_dir(), None)
}

struct Outcomes {
    before: (Content, u64),
    after: (Content, u64),
}

impl Outcomes {
    fn of(base: &Base) -> Outcomes {
        let before = (puts(&base.view()), base.head().commit);
        submit(base, &deed()).unwrap();
        let after = (puts(&base.view()), base.head().commit);
        Outcomes { before: without_ids(before), after: without_ids(after) }
    }

    /// Fails unless the base is one of the two; `true` if it is the one after.
    fn check(&self, base: &Base, what: &str) -> bool {
        assert_sound(base);
        let found = without_ids((puts(&base.view()), base.head().commit));
        let remembered = base.recall("mapping/1").unwrap();
        if found == self.after {
            assert_eq!((remembered, base.history().unwrap().len()), (Some(b"abc".to_vec()), 3), "{what}");
            return true;
        }
        assert!(found == self.before, "{what}: neither before nor after");
        assert_eq!((remembered, base.history().unwrap().len()), (None, 2), "{what}");
        false
    }
}

/// Internal IDs are new in every run.
fn without_ids((puts, commit): (BTreeMap<(Entity, String), Put>, u64)) -> (Content, u64) {
    (puts.into_iter().map(|(key, put)| (key, (put, Uuid::nil()))).collect(), commit)
}

#[test]
fn r24_a_power_cut_at_any_step_leaves_before_or_after() {
    let disk = Disk::default();
    filled(disk.clone());
    let fuse = Fuse::default();
    let outcomes = Outcomes::of(&opened(&disk.copy(), &fuse).unwrap());
    let untouched = disk.entries();
    let (mut steps, mut befores) = (0, 0);
    loop {
        let disk = disk.copy();
        let base = opened(&disk, &fuse).unwrap();
        fuse.set(steps, false);
        let done = submit(&base, &deed());
        let blown = fuse.blown();
        drop(base);
        for chance in [0, 1, 0x5555_aaaa_1234_9876, u64::MAX] {
            let disk = disk.copy();
            disk.cut_power(chance);
            fuse.mend();
            let base = opened(&disk, &fuse).unwrap();
            let after = outcomes.check(&base, &format!("step {steps}, chance {chance:x}"));
            assert!(after || done.is_err(), "step {steps}: an acknowledged commit is lost");
            befores += u64::from(!after);
            if !after {
                assert_eq!(disk.entries(), untouched, "step {steps}: versions are left over");
            }
        }
        if !blown {
            break;
        }
        steps += 1;
    }
    assert!(steps > 25 && befores > 60, "{steps} steps, {befores} times before");
}

#[test]
fn r24_a_power_cut_at_any_step_of_recovery_changes_nothing() {
    let disk = Disk::default();
    filled(disk.clone());
    let fuse = Fuse::default();
    let outcomes = Outcomes::of(&opened(&disk.copy(), &fuse).unwrap());
    for steps in (0..).step_by(3) {
        let disk = disk.copy();
        let base = opened(&disk, &fuse).unwrap();
        fuse.set(steps, false);
        let _ = submit(&base, &deed());
        let blown = fuse.blown();
        drop(base);
        disk.cut_power(u64::MAX);
        for recovery in 0.. {
            let disk = disk.copy();
            fuse.set(recovery, false);
            let whole = opened(&disk, &fuse).is_ok();
            disk.cut_power(0x5555_aaaa_1234_9876 ^ recovery);
            fuse.mend();
            outcomes.check(&opened(&disk, &fuse).unwrap(), &format!("step {steps}, recovery {recovery}"));
            if whole {
                break;
            }
        }
        if !blown {
            break;
        }
    }
}

#[test]
fn r24_after_a_step_that_fails_once_the_base_goes_on() {
    let disk = Disk::default();
    filled(disk.clone());
    let fuse = Fuse::default();
    let outcomes = Outcomes::of(&opened(&disk.copy(), &fuse).unwrap());
    for steps in 0.. {
        let disk = disk.copy();
        let base = opened(&disk, &fuse).unwrap();
        fuse.set(steps, true);
        let done = submit(&base, &deed());
        let after = outcomes.check(&base, &format!("step {steps}"));
        assert_eq!(after, done.is_ok(), "step {steps}");
        let blown = fuse.blown();
        fuse.mend();
        if let Err(BaseError::Engine(_)) = done {
            // At the commit point itself only a new start can tell.
            match submit(&base, &deed()) {
                Ok(_) => assert!(outcomes.check(&base, &format!("again after step {steps}"))),
                Err(error) => {
                    assert!(error.to_string().contains("start muster again"), "{error}");
                    drop(base);
                    outcomes.check(&opened(&disk, &fuse).unwrap(), &format!("start after step {steps}"));
                }
            }
        }
        if !blown {
            break;
        }
    }
}

#[test]
fn r24_sled_comes_back_from_a_stop_at_any_step() {
    let dir = tempfile::tempdir().unwrap();
    let original = dir.path().join("original");
    let wait = Duration::from_secs(5);
    filled(SledStore::open(&original, wait).unwrap());
    let fuse = Fuse::default();
    let opened = |path: &Path| {
        let store = Fused { store: SledStore::open(path, wait).unwrap(), fuse: fuse.clone() };
        over(Versions::open(store).unwrap())
    };
    let copy = |n: u64| {
        let path = dir.path().join(n.to_string());
        fs::create_dir(&path).unwrap();
        for file in fs::read_dir(&original).unwrap().flatten().filter(|f| f.metadata().unwrap().is_file()) {
            fs::copy(file.path(), path.join(file.file_name())).unwrap();
        }
        path
    };
    let outcomes = Outcomes::of(&opened(&copy(u64::MAX)));
    for steps in (0..).step_by(4) {
        let path = copy(steps);
        let base = opened(&path);
        fuse.set(steps, false);
        let done = submit(&base, &deed());
        let blown = fuse.blown();
        drop(base);
        fuse.mend();
        let after = outcomes.check(&opened(&path), &format!("step {steps}"));
        assert!(after || done.is_err(), "step {steps}");
        assert!(fs::read_dir(path.join("blobs")).unwrap().next().is_none());
        if !blown {
            break;
        }
    }
}
