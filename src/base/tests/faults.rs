//! R24: a fault between any two steps of an import, of an undo, and of the recovery from it, leaves the base before or
//! after, whole.
//!
//! The tests that always run leave steps out where that saves time. Every step, with a summary:
//! `MUSTER_FAULTS=all cargo test --release --lib faults -- --nocapture`

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

/// What is done under faults.
#[derive(Debug, Clone, Copy)]
enum Deed {
    /// Creates, updates, moves and deletes, in several pages.
    Import,
    /// Takes the first import back, but for what was changed since: most pages go.
    Undo,
}

impl Deed {
    const ALL: [Deed; 2] = [Deed::Import, Deed::Undo];

    fn commit(self, base: &Base) -> Result<Commit, BaseError> {
        if matches!(self, Deed::Undo) {
            return Ok(act(Kind::Undo { of: 1 }, plan(base, 1)?.changes));
        }
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
        Ok(Commit { remember: vec![("mapping/1".to_owned(), Some(b"abc".to_vec()))], ..act(Kind::Import, changes) })
    }

    fn run(self, base: &Base) -> Result<Done, BaseError> {
        submit(base, &self.commit(base)?)
    }
}

fn opened(disk: &Disk, fuse: &Fuse) -> Result<Base, BaseError> {
    Base::over(Box::new(Versions::open(Fused { store: disk.clone(), fuse: fuse.clone() })?), std::env::temp_dir(), None)
}

/// All that a base holds, but for internal IDs, which are new in every run: records, commit, memory, history.
type Held = (BTreeMap<(Entity, String), Put>, u64, Option<Vec<u8>>, usize);

fn held(base: &Base) -> Held {
    (puts(&base.view()), base.head().commit, base.recall("mapping/1").unwrap(), base.history().unwrap().len())
}

/// What a deed may leave behind, and how often it did.
struct Outcomes {
    before: Held,
    after: Held,
    seen: [u32; 2],
}

impl Outcomes {
    fn of(deed: Deed, base: &Base) -> Outcomes {
        let before = held(base);
        deed.run(base).unwrap();
        Outcomes { before, after: held(base), seen: [0; 2] }
    }

    /// Fails unless the base is sound and one of the two; `true` if it is the one after.
    fn check(&mut self, base: &Base, what: &str) -> bool {
        assert_sound(base);
        let found = held(base);
        let after = found == self.after;
        assert!(after || found == self.before, "{what}: neither before nor after");
        self.seen[usize::from(after)] += 1;
        after
    }

    fn tell(&self, deed: Deed, fault: &str, steps: u64) {
        let [before, after] = self.seen;
        println!("{deed:?}, {fault}: {steps} steps; {before} times before, {after} after, 0 lost, 0 half");
    }
}

/// How many steps to go on by: one if every step is asked for.
fn stride(short: usize) -> usize {
    if std::env::var_os("MUSTER_FAULTS").is_some() { 1 } else { short }
}

/// A filled disk, and what the deed makes of it.
fn prepared(deed: Deed) -> (Disk, Fuse, Outcomes) {
    let (disk, fuse) = (Disk::default(), Fuse::default());
    filled(disk.clone());
    let outcomes = Outcomes::of(deed, &opened(&disk.copy(), &fuse).unwrap());
    (disk, fuse, outcomes)
}

/// Does the deed on a copy of the disk until the fuse blows after some steps. `false` if the deed needs no more steps.
fn cut_short(deed: Deed, disk: &Disk, fuse: &Fuse, steps: u64) -> (Disk, bool, Result<Done, BaseError>) {
    let disk = disk.copy();
    let base = opened(&disk, fuse).unwrap();
    fuse.set(steps, false);
    let done = deed.run(&base);
    let blown = fuse.blown();
    drop(base);
    fuse.mend();
    (disk, blown, done)
}

#[test]
fn r24_a_power_cut_at_any_step_leaves_before_or_after() {
    for deed in Deed::ALL {
        let (original, fuse, mut outcomes) = prepared(deed);
        let untouched = original.entries();
        for steps in 0.. {
            let (stopped, blown, done) = cut_short(deed, &original, &fuse, steps);
            for chance in [0, 1, 0x5555_aaaa_1234_9876, u64::MAX] {
                let disk = stopped.copy();
                disk.cut_power(chance);
                let base = opened(&disk, &fuse).unwrap();
                let after = outcomes.check(&base, &format!("{deed:?}, step {steps}, chance {chance:x}"));
                assert!(after || done.is_err(), "{deed:?}, step {steps}: an acknowledged commit is lost");
                if !after {
                    assert_eq!(disk.entries(), untouched, "{deed:?}, step {steps}: versions are left over");
                }
            }
            if !blown {
                assert!(steps > 15 && outcomes.seen[0] > 60, "{deed:?}: {steps} steps, {:?}", outcomes.seen);
                outcomes.tell(deed, "power cut, four ways each", steps);
                break;
            }
        }
    }
}

#[test]
fn r24_a_power_cut_at_any_step_of_recovery_changes_nothing() {
    for deed in Deed::ALL {
        let (original, fuse, mut outcomes) = prepared(deed);
        let mut recoveries = 0;
        for steps in (0..).step_by(stride(5)) {
            let (stopped, blown, _) = cut_short(deed, &original, &fuse, steps);
            stopped.cut_power(u64::MAX);
            for recovery in 0.. {
                let disk = stopped.copy();
                fuse.set(recovery, false);
                let whole = opened(&disk, &fuse).is_ok();
                disk.cut_power(0x5555_aaaa_1234_9876 ^ recovery);
                fuse.mend();
                outcomes.check(&opened(&disk, &fuse).unwrap(), &format!("{deed:?}, step {steps}, recovery {recovery}"));
                recoveries += 1;
                if whole {
                    break;
                }
            }
            if !blown {
                break;
            }
        }
        outcomes.tell(deed, "power cut while it recovers", recoveries);
    }
}

#[test]
fn r24_after_a_step_that_fails_once_the_base_goes_on() {
    for deed in Deed::ALL {
        let (original, fuse, mut outcomes) = prepared(deed);
        for steps in 0.. {
            let disk = original.copy();
            let base = opened(&disk, &fuse).unwrap();
            fuse.set(steps, true);
            let done = deed.run(&base);
            let after = outcomes.check(&base, &format!("{deed:?}, step {steps}"));
            assert_eq!(after, done.is_ok(), "{deed:?}, step {steps}");
            let blown = fuse.blown();
            fuse.mend();
            if let Err(BaseError::Engine(_) | BaseError::Uncertain(_)) = done {
                // At the commit point itself only a new start can tell.
                match deed.run(&base) {
                    Ok(_) => assert!(outcomes.check(&base, &format!("{deed:?}, again after step {steps}"))),
                    Err(error) => {
                        assert!(error.to_string().contains("start muster again"), "{error}");
                        drop(base);
                        outcomes.check(&opened(&disk, &fuse).unwrap(), &format!("{deed:?}, start after step {steps}"));
                    }
                }
            }
            if !blown {
                outcomes.tell(deed, "a write or a flush fails once", steps);
                break;
            }
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
    let copy = |name: String| {
        let path = dir.path().join(name);
        fs::create_dir(&path).unwrap();
        for file in fs::read_dir(&original).unwrap().flatten().filter(|f| f.metadata().unwrap().is_file()) {
            fs::copy(file.path(), path.join(file.file_name())).unwrap();
        }
        path
    };
    for deed in Deed::ALL {
        let mut outcomes = Outcomes::of(deed, &opened(&copy(format!("{deed:?}"))));
        for steps in (0..).step_by(stride(9)) {
            let path = copy(format!("{deed:?} {steps}"));
            let base = opened(&path);
            fuse.set(steps, false);
            let done = deed.run(&base);
            let blown = fuse.blown();
            drop(base);
            fuse.mend();
            let after = outcomes.check(&opened(&path), &format!("{deed:?}, step {steps}"));
            assert!(after || done.is_err(), "{deed:?}, step {steps}");
            assert!(fs::read_dir(path.join("blobs")).unwrap().next().is_none());
            fs::remove_dir_all(&path).unwrap();
            if !blown {
                outcomes.tell(deed, "sled stops for good", steps);
                break;
            }
        }
    }
}
