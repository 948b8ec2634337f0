//! R24: a process that is killed at any moment leaves a base that opens at a whole commit, at least the last acknowledged one.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use muster::base::{Base, Change, ChangeList, Commit, Kind, Put, Who};
use muster::model::fields::{Catalog, Entity, FieldId};
use muster::model::record::{Value, Values};

/// Names the base to the child process.
const BASE: &str = "MUSTER_TEST_KILL_BASE";
const CONTACTS: u64 = 3000;

/// Every contact of round N says N.
fn round(number: u64) -> Commit {
    let mut changes = ChangeList::default();
    for n in 0..CONTACTS {
        let values: Values =
            [(FieldId(2), Value::Text(number.to_string())), (FieldId(34), Value::Text(format!("A-{}", number % 2)))]
                .into_iter()
                .collect();
        let put = Some(Put { values, ..Put::default() });
        changes.push(Entity::Contact, Change { id: format!("C-{n:05}"), line: 2, put });
    }
    for account in 0..2 {
        let values = [(FieldId(35), Value::Text("Office Mart".to_owned()))].into_iter().collect();
        let put = Some(Put { values, ..Put::default() });
        changes.push(Entity::Organization, Change { id: format!("A-{account}"), line: 2, put });
    }
    Commit {
        kind: Kind::Import,
        when: 1_700_000_000_000,
        who: Who::default(),
        details: String::new(),
        changes: Box::new(changes),
        catalog: Catalog::default(),
        remember: Vec::new(),
        by_hand: false,
    }
}

#[test]
#[ignore = "the child of the test below: commits until it is killed"]
fn child() {
    let Some(dir) = std::env::var_os(BASE) else { return };
    let base = Base::open(Path::new(&dir), Duration::from_secs(10)).unwrap();
    loop {
        let next = base.head().commit + 1;
        base.commit(next - 1, &round(next), &mut |_, _| {}, &AtomicBool::new(false)).unwrap();
        println!("committed {next}");
    }
}

#[test]
fn r24_a_killed_process_leaves_a_whole_commit() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("base");
    let mut acknowledged = 0;
    for kill in 0..12u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "child", "--nocapture"])
            .env(BASE, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut said = said.filter_map(|line| line.strip_prefix("committed ")?.parse::<u64>().ok());
        acknowledged = said.next().unwrap_or(acknowledged);
        std::thread::sleep(Duration::from_millis(kill * 7));
        child.kill().unwrap();
        acknowledged = said.last().unwrap_or(acknowledged);
        child.wait().unwrap();

        let base = Base::open(&path, Duration::from_secs(10)).unwrap();
        let head = base.head();
        assert!(head.commit >= acknowledged, "commit {acknowledged} is lost, the base is at {}", head.commit);
        assert_eq!(base.verify(&mut |_, _| {}, &AtomicBool::new(false)).unwrap().damages, 0);
        let texts = base
            .scan(Entity::Contact, "")
            .map(|found| found.unwrap().1.values.view().text(FieldId(2)).map(str::to_owned));
        let number = Some(head.commit.to_string());
        assert_eq!(texts.filter(|text| *text == number).count() as u64, CONTACTS, "after kill {kill}");
        drop(base);
        assert!(std::fs::read_dir(path.join("store/blobs")).unwrap().next().is_none());
    }
}
