//! A process that records decisions until it is killed, each acknowledged on its standard output: those are in the draft.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use muster::home::draft::{DraftFile, Entry, list};
use muster::model::fields::Entity;
use muster::reconcile::decision::Consent;
use muster::reconcile::timeline::Said;

/// Names the folder of the drafts to the child process.
const FOLDER: &str = "MUSTER_TEST_KILL_DRAFTS";

fn id(n: usize) -> String {
    format!("C-{n:05}")
}

#[test]
#[ignore = "the child of the harness: records decisions until it is killed"]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let folder = Path::new(&folder);
    let found = list(folder).into_iter().next().map(Result::unwrap);
    let mut done = found.as_ref().map_or(0, |found| found.draft.timeline.decisions().consents.len());
    let mut draft = match &found {
        Some(found) => DraftFile::go_on(found).unwrap(),
        None => DraftFile::begin(folder, Path::new("/base"), Path::new("/people.csv")).unwrap(),
    };
    loop {
        let said = Said::Consent(Entity::Contact, id(done), Some(Consent::SamePerson));
        draft.add(&[Entry::Said(vec![said])]).unwrap();
        draft.handle().sync_data().unwrap();
        done += 1;
        println!("kept {done}");
    }
}

/// Kills the child so many times, and reads the draft each time. Prints what was found.
pub fn kill(kills: u32) {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = 0;
    for kill in 0..kills {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "decisions::child", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut said = said.filter_map(|line| line.strip_prefix("kept ")?.parse::<usize>().ok());
        acknowledged = said.next().unwrap_or(acknowledged);
        std::thread::sleep(crate::delay(kill, Duration::from_millis(60)));
        child.kill().unwrap();
        acknowledged = said.last().unwrap_or(acknowledged);
        child.wait().unwrap();

        let drafts = list(folder.path());
        assert_eq!(drafts.len(), 1, "kill {kill}");
        let draft = &drafts[0].as_ref().unwrap().draft;
        let consents = &draft.timeline.decisions().consents;
        assert!(consents.len() >= acknowledged, "kill {kill}: {} of {acknowledged} decisions", consents.len());
        let kept = |n| draft.timeline.decisions().consent(Entity::Contact, &id(n)) == Some(Consent::SamePerson);
        assert!((0..consents.len()).all(kept), "kill {kill}: another decision than was made");
    }
    println!("decisions: {kills} kills, {acknowledged} acknowledged, 0 lost");
}
