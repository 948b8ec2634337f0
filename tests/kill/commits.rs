//! A process that commits until it is killed: imports, edits, deletions, undos, each acknowledged on its standard output.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use muster::base::{Base, Change, ChangeList, ChangeSource, Commit, Kind, Put, Who};
use muster::model::fields::{Catalog, Entity, FieldId};
use muster::model::record::{Value, Values};

/// Names the base to the child process.
const BASE: &str = "MUSTER_TEST_KILL_BASE";
const CONTACTS: u64 = 800;

const NAME: FieldId = FieldId(2);

fn contact(n: u64, text: u64) -> Change {
    let account = (FieldId(34), Value::Text(format!("A-{}", text % 2)));
    let values: Values = [(NAME, Value::Text(text.to_string())), account].into_iter().collect();
    Change { id: format!("C-{:05}", n % CONTACTS), line: 2, put: Some(Put { values, ..Put::default() }) }
}

/// The commit of a number: by turns an import of all contacts, an edit, a deletion, and the undo of the deletion.
fn commit(base: &Base, number: u64) -> Commit {
    let mut changes = ChangeList::default();
    let kind = match number % 4 {
        1 => {
            (0..CONTACTS).for_each(|n| changes.push(Entity::Contact, contact(n, number)));
            for account in 0..2 {
                let values = [(FieldId(35), Value::Text("Office Mart".to_owned()))].into_iter().collect();
                let put = Some(Put { values, ..Put::default() });
                changes.push(Entity::Organization, Change { id: format!("A-{account}"), line: 2, put });
            }
            Kind::Import
        }
        2 => {
            changes.push(Entity::Contact, contact(number, number));
            Kind::Edit
        }
        3 => {
            changes.push(Entity::Contact, Change { put: None, ..contact(number, number) });
            Kind::Delete
        }
        _ => Kind::Undo { of: number - 1 },
    };
    let changes: Box<dyn ChangeSource> = match kind {
        Kind::Undo { of } => Box::new(base.plan_undo(of, &AtomicBool::new(false)).unwrap().changes),
        _ => Box::new(changes),
    };
    Commit {
        kind,
        when: 1_700_000_000_000,
        who: Who::default(),
        details: String::new(),
        changes,
        catalog: Catalog::default(),
        remember: Vec::new(),
        by_hand: matches!(kind, Kind::Edit | Kind::Delete),
    }
}

/// What each contact says after so many commits.
fn expected(number: u64) -> BTreeMap<String, String> {
    let Some(import) = (1..=number).rev().find(|n| n % 4 == 1) else { return BTreeMap::new() };
    let mut says: BTreeMap<String, String> = (0..CONTACTS).map(|n| (contact(n, 0).id, import.to_string())).collect();
    if number > import {
        says.insert(contact(import + 1, 0).id, (import + 1).to_string());
    }
    if number == import + 2 {
        says.remove(&contact(number, 0).id);
    }
    says
}

#[test]
#[ignore = "the child of the harness: commits until it is killed"]
fn child() {
    let Some(dir) = std::env::var_os(BASE) else { return };
    let base = Base::open(Path::new(&dir), Duration::from_secs(10)).unwrap();
    loop {
        let next = base.head().commit + 1;
        base.commit(next - 1, &commit(&base, next), &mut |_, _| {}, &AtomicBool::new(false)).unwrap();
        println!("committed {next}");
    }
}

/// Kills the child so many times, and looks at the base each time. Prints what was found.
pub fn kill(kills: u32) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("base");
    let mut acknowledged = 0;
    for kill in 0..kills {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "commits::child", "--nocapture"])
            .env(BASE, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut said = said.filter_map(|line| line.strip_prefix("committed ")?.parse::<u64>().ok());
        acknowledged = said.next().unwrap_or(acknowledged);
        std::thread::sleep(crate::delay(kill, Duration::from_millis(250)));
        child.kill().unwrap();
        acknowledged = said.last().unwrap_or(acknowledged);
        child.wait().unwrap();

        let base = Base::open(&path, Duration::from_secs(10)).unwrap();
        let head = base.head();
        assert!(head.commit >= acknowledged, "commit {acknowledged} is lost, the base is at {}", head.commit);
        assert_eq!(base.verify(&mut |_, _| {}, &AtomicBool::new(false)).unwrap().damages, 0);
        let stored = base.scan(Entity::Contact, "").map(Result::unwrap);
        let text = |values: &Values| values.view().text(NAME).unwrap().to_owned();
        let found: BTreeMap<String, String> = stored.map(|(id, record)| (id, text(&record.values))).collect();
        assert!(found == expected(head.commit), "after kill {kill}, at commit {}", head.commit);
        drop(base);
        assert!(std::fs::read_dir(path.join("store/blobs")).unwrap().next().is_none());
    }
    println!("edits, deletions, imports, undos: {kills} kills, {acknowledged} commits acknowledged, 0 lost");
}
