//! Bad cells are corrected in place: keys in, state and pictures out, on the real flows; and a corrected row does what a
//! file would do that had it.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/drive.rs"]
mod drive;

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;
use std::time::Duration;

use drive::{Drive, SIZES, USUAL};
use insta::assert_snapshot;
use muster::app::key::{Code, Key};
use muster::app::overlay::Overlay;
use muster::app::screen::import::Step;
use muster::app::screen::import::review::{Line, lines};
use muster::base::{Base, Who};
use muster::flow::forget;
use muster::flow::gauge::Gauge;
use muster::flow::import::{Checked, Opened, Request, Stamp, Watch, commit, open};
use muster::model::fields::{Entity, by_name};
use muster::model::settings::{Blank, Merging, Reading};
use muster::reconcile::decision::Decisions;
use muster::reconcile::plan::{Plan, Written};
use muster::reconcile::timeline::Said;
use muster::spill::SpillRoom;
use proptest::prelude::*;

const FILE: &str =
    "Contact Id,Contact First Name,Contact Last Name,Contact Work Phone,Account Id,Account Name,account.employees
C-1,Ann,Lee,317 55,A-1,Office Mart,10
C-2,Bob,,(317) 555-0102,A-1,Office Mart,10
,Cid,May,(317) 555-0103,A-1,Office Mart,10
C-4,Dot,Ray,(317) 555-0104,A-2,Patel Group,ten
C-5,Eve,Orr,(317) 555-0105,A-3,Rossi,5
C-6,Flo,Zim,(317) 555-0106,A-3,Rosso,5
C-7,Gus
";

fn pictures(drive: &mut Drive, name: &str) {
    for (size, picture) in drive.pictures(&SIZES) {
        assert_snapshot!(format!("{name}_{size}"), picture);
    }
}

fn count(drive: &Drive, wanted: &str) -> u64 {
    let lines = lines(&drive.state.import, drive.state.size);
    let found = lines.iter().find_map(|line| match line {
        Line::Number { label, count, .. } if label == wanted => Some(*count),
        _ => None,
    });
    found.unwrap_or(0)
}

/// The app on the review of the file.
fn reviewed() -> Drive {
    let mut drive = Drive::new(USUAL);
    let path = drive.file("bad.csv", FILE);
    drive.open(path);
    drive.keys("c");
    assert_eq!(drive.state.import.step, Step::Review);
    drive
}

/// Opens the list of a number of the review.
fn list(drive: &mut Drive, label: &str) {
    let place = lines(&drive.state.import, drive.state.size)
        .iter()
        .position(|line| matches!(line, Line::Number { label: l, .. } if l == label));
    drive.state.import.number.selected = place.unwrap_or_else(|| panic!("no {label}"));
    drive.code(Code::Enter);
    assert_eq!(drive.state.import.step, Step::Rows);
}

/// Types another text for the cell of the selected row.
fn correct(drive: &mut Drive, text: &str) {
    drive.keys("e");
    drive.key(Key::ctrl('u'));
    drive.keys(text);
    drive.code(Code::Enter);
}

fn wrong(drive: &Drive) -> Option<&str> {
    match drive.state.overlays.last() {
        Some(Overlay::Prompt(prompt)) => prompt.wrong.as_deref(),
        other => panic!("{other:?}"),
    }
}

fn said(drive: &Drive) -> &str {
    drive.state.notice.as_deref().unwrap_or_default()
}

#[test]
fn a_bad_cell_is_corrected_and_checked_while_it_is_typed() {
    let mut drive = reviewed();
    list(&mut drive, "number-unreadable");
    drive.keys("e");
    assert_eq!(wrong(&drive), Some("Account employees 'ten' is not a whole number"));
    pictures(&mut drive, "correct");
    drive.keys("x");
    drive.code(Code::Enter);
    assert_eq!(wrong(&drive), Some("Account employees 'tenx' is not a whole number"), "it is not taken");
    drive.key(Key::ctrl('u'));
    drive.keys("12");
    assert_eq!(wrong(&drive), None);
    drive.code(Code::Enter);
    assert_eq!(said(&drive), "Line 5 is corrected; u takes it back");
    assert_eq!(drive.state.import.rows.as_ref().unwrap().total(), 0, "the list is loaded again");
    drive.code(Code::Esc);
    assert_eq!(
        (count(&drive, "created"), count(&drive, "rejected"), count(&drive, "cell corrected by hand")),
        (2, 3, 1)
    );
    list(&mut drive, "cell corrected by hand");
    pictures(&mut drive, "corrections");
}

#[test]
fn a_correction_is_taken_back_and_brought_back_wherever_the_person_is() {
    let mut drive = reviewed();
    list(&mut drive, "required-missing");
    correct(&mut drive, "Marsh");
    drive.code(Code::Esc);
    assert_eq!(count(&drive, "rejected"), 3);
    drive.keys("u");
    assert_eq!((count(&drive, "rejected"), count(&drive, "cells corrected by hand")), (4, 0));
    drive.key(Key::ctrl('r'));
    assert_eq!((count(&drive, "rejected"), count(&drive, "cell corrected by hand")), (3, 1));
    // The text of the file typed again is no correction.
    list(&mut drive, "cell corrected by hand");
    correct(&mut drive, "");
    drive.code(Code::Esc);
    assert_eq!((count(&drive, "rejected"), count(&drive, "cells corrected by hand")), (4, 0));
    drive.keys("u");
    assert_eq!(count(&drive, "rejected"), 3);
}

#[test]
fn an_id_is_corrected_too() {
    let mut drive = reviewed();
    list(&mut drive, "contact-id-missing");
    correct(&mut drive, "1.2E+11");
    assert!(wrong(&drive).is_some_and(|why| why.contains("is not an ID")), "{:?}", wrong(&drive));
    drive.key(Key::ctrl('u'));
    drive.keys("C-3");
    drive.code(Code::Enter);
    drive.code(Code::Esc);
    drive.keys("iy");
    drive.code(Code::Enter);
    let cid =
        (0..4).filter_map(|n| drive.state.browse.hit(n)).find(|hit| hit.id == "C-3").expect("the contact is there");
    assert!(cid.record.by_hand.is_empty(), "its values come from the file");
}

#[test]
fn a_correction_ends_a_conflict() {
    let mut drive = reviewed();
    assert_eq!(drive.state.import.conflicts.standing.len(), 1);
    list(&mut drive, "account-conflict");
    // The finding is about the ID; another cell of the row is chosen in the list of held rows' cells.
    drive.code(Code::Esc);
    list(&mut drive, "held");
    correct(&mut drive, "A-9");
    drive.code(Code::Esc);
    assert_eq!((drive.state.import.conflicts.standing.len(), count(&drive, "held")), (0, 0));
    drive.keys("u");
    assert_eq!((drive.state.import.conflicts.standing.len(), count(&drive, "held")), (1, 2));
}

#[test]
fn a_row_without_cells_says_so() {
    let mut drive = reviewed();
    list(&mut drive, "row-too-short");
    drive.keys("e");
    assert!(drive.state.overlays.is_empty());
    assert!(said(&drive).contains("no cells to correct"));
}

#[test]
fn any_cell_of_a_listed_row_can_be_chosen() {
    let mut drive = Drive::new(USUAL);
    let path = drive.file("good.csv", "Contact Id,First Name,Last Name,City\nC-1,Ann,Lee,Rome\nC-1,Ann,Lee,Rome\n");
    drive.open(path);
    drive.keys("c");
    list(&mut drive, "repeated");
    drive.keys("e");
    pictures(&mut drive, "correct_which");
    drive.keys("last");
    drive.code(Code::Enter);
    assert!(matches!(drive.state.overlays.last(), Some(Overlay::Prompt(p)) if p.field.text() == "Lee"));
}

#[test]
fn r14_a_corrected_value_is_set_by_hand_and_the_same_bad_file_leaves_it_alone() {
    let mut drive = reviewed();
    list(&mut drive, "phone-too-short");
    correct(&mut drive, "317 555 0199");
    drive.code(Code::Esc);
    list(&mut drive, "number-unreadable");
    correct(&mut drive, "12");
    drive.code(Code::Esc);
    drive.keys("iy");
    let rejects = fs::read_to_string(drive.path("bad.rejects.csv")).unwrap();
    assert!(!rejects.contains("C-1,") && !rejects.contains("C-4,") && rejects.contains("C-2,"), "{rejects}");
    drive.code(Code::Enter);
    let phone = by_name("contact.work_phone").unwrap().id;
    let ann = &drive.state.browse.hit(0).unwrap().record;
    assert_eq!(ann.values.view().value(phone).unwrap().text(), "+13175550199");
    assert_eq!(ann.by_hand.keys().copied().collect::<Vec<_>>(), [phone]);
    assert_eq!(fs::read_to_string(drive.path("bad.csv")).unwrap(), FILE, "the file is never touched");
    // Next week's export still has the bad phone.
    let path = drive.file("again.csv", FILE);
    drive.keys("2");
    drive.open(path);
    drive.keys("c");
    let review = drive.state.import.review.as_ref().unwrap();
    assert_eq!((review.counts.contacts.updated, review.counts.blast_radius.hand_edits_kept), (0, 0));
    assert!(review.findings.iter().all(|(_, code, _)| !["hand-edit-kept", "phone-kept"].contains(&code.name())));
}

#[test]
fn r14_a_value_that_another_row_brings_too_comes_from_the_file() {
    let mut drive = Drive::new(USUAL);
    let path = drive.file("a.csv", "Account Id,Account Name\nA-1,Office Mart\nA-1,Ofice Mart\n");
    drive.open(path);
    drive.keys("c");
    list(&mut drive, "held");
    // Both rows are held; the second one is corrected to say what the first says.
    drive.code(Code::Down);
    drive.keys("e");
    drive.code(Code::Esc);
    drive.code(Code::Esc);
    let (row, column) = (1, 1);
    let effects = muster::app::screen::import::said::say(
        &mut drive.state,
        vec![Said::Correction(
            row,
            Some(muster::reconcile::correction::Correction {
                line: 3,
                cells: vec![b"A-1".to_vec(), b"Ofice Mart".to_vec()],
                texts: BTreeMap::from([(column, "Office Mart".to_owned())]),
            }),
        )],
    );
    drive.perform(effects);
    drive.keys("iy");
    drive.code(Code::Enter);
    drive.keys("o");
    let office = &drive.state.browse.hit(0).unwrap().record;
    assert!(office.by_hand.is_empty(), "{:?}", office.by_hand);
}

#[test]
fn corrections_are_kept_and_those_of_changed_rows_do_not_hold() {
    let mut drive = reviewed();
    list(&mut drive, "phone-too-short");
    correct(&mut drive, "317 555 0199");
    drive.code(Code::Esc);
    list(&mut drive, "required-missing");
    correct(&mut drive, "Marsh");
    let path = drive.path("bad.csv");
    let mut drive = drive.restart();
    drive.code(Code::Enter);
    assert_eq!(drive.state.import.step, Step::Review);
    assert_eq!((count(&drive, "created"), count(&drive, "cells corrected by hand")), (2, 2));
    fs::write(&path, FILE.replace("C-2,Bob,,", "C-2,Rob,,")).unwrap();
    let mut drive = drive.restart();
    drive.code(Code::Enter);
    assert!((said(&drive) == "The file has changed; 1 of 2 decisions no longer fits"), "{}", said(&drive));
    assert_eq!((count(&drive, "created"), count(&drive, "cell corrected by hand")), (1, 1));
}

#[test]
fn an_undecodable_cell_is_corrected_and_the_others_of_its_row_are_not_forgiven() {
    let mut drive = Drive::new(USUAL);
    let mut file = b"Contact Id,First Name,Last Name\n".to_vec();
    file.extend((0..400).flat_map(|n| format!("C-{n},Ann\u{e9},Lee\n").into_bytes()));
    file.extend(b"C-X,An\xe9,L\xe9e\n");
    let path = drive.file("bytes.csv", file);
    drive.open(path);
    drive.keys("c");
    assert_eq!(count(&drive, "undecodable"), 2);
    list(&mut drive, "undecodable");
    correct(&mut drive, "Ané");
    assert!(said(&drive).contains("still: Last name"), "{}", said(&drive));
    correct(&mut drive, "Lée");
    drive.code(Code::Esc);
    assert_eq!((count(&drive, "created"), count(&drive, "rejected")), (401, 0));
}

/// A base that has some of the records, and a place to plan in.
struct Bench {
    base: Base,
    room: tempfile::TempDir,
}

impl Bench {
    fn new() -> Bench {
        let room = tempfile::tempdir().unwrap();
        fs::create_dir(room.path().join("base")).unwrap();
        fs::create_dir(room.path().join("spill")).unwrap();
        let base = Base::open(&room.path().join("base"), Duration::from_secs(10)).unwrap();
        let bench = Bench { base, room };
        let stored = ["C-1,Ann,Lee,(317) 555-0101,A-1,Office Mart,10", "C-2,Bob,Lee,317,,,"];
        let rows: Vec<Vec<String>> = stored.map(|row| row.split(',').map(str::to_owned).collect()).to_vec();
        let (opened, checked) = bench.check(&rows, Blank::Keep);
        let plan = Arc::new(checked.plan(&bench.base, &opened, &Decisions::default(), &Watch::default()).unwrap());
        let stamp = Stamp { who: Who::default(), when: 0 };
        commit(&bench.base, &opened, &checked, &plan, stamp, &Watch::default()).unwrap();
        bench
    }

    fn check(&self, rows: &[Vec<String>], blank: Blank) -> (Opened, Checked) {
        let path = self.room.path().join("in.csv");
        fs::write(&path, text(rows)).unwrap();
        let request = Request {
            path,
            source: Default::default(),
            map: Default::default(),
            reading: Reading::default(),
            merging: Merging { blank, ..Merging::default() },
            rules: Vec::new(),
            threads: 2,
            room: SpillRoom { dir: self.room.path().join("spill"), memory: 600 },
            access: Default::default(),
        };
        let opened = open(&self.base, request).unwrap();
        let checked = opened.check(&Watch::default()).unwrap();
        (opened, checked)
    }

    fn plan(&self, file: &(Opened, Checked), decisions: &Decisions) -> Plan {
        file.1.plan(&self.base, &file.0, decisions, &Watch::default()).unwrap()
    }
}

const HEADER: &str =
    "Contact Id,Contact First Name,Contact Last Name,Contact Work Phone,Account Id,Account Name,account.employees";

fn text(rows: &[Vec<String>]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEADER.split(',')).unwrap();
    rows.iter().for_each(|row| writer.write_record(row).unwrap());
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

fn cell(column: usize) -> BoxedStrategy<String> {
    match column {
        0 => "C-[1-4]|",
        1 => "Ann|Bob|",
        2 => "Lee|",
        3 => "\\(317\\) 555-010[1-3]|317|",
        4 => "A-[1-3]|",
        5 => "Office Mart|office mart|Rossi|",
        _ => "10|ten|",
    }
    .prop_map(|text: String| text)
    .boxed()
}

fn row() -> impl Strategy<Value = Vec<String>> {
    (0..7).map(cell).collect::<Vec<_>>()
}

/// Everything about a plan but who set its values.
fn told(plan: &Plan) -> (String, Vec<String>, Vec<String>, Vec<String>) {
    let conflicts = plan.conflicts.iter().map(|c| format!("{:?}", (c.entity, &c.id, c.class, c.rows, &c.fields)));
    let findings = plan.findings().unwrap().map(|finding| format!("{:?}", finding.unwrap()));
    let writes = [Entity::Organization, Entity::Contact].into_iter().flat_map(|entity| {
        let put = |Written { new, change, .. }: Written| {
            format!("{entity:?} {} {new} {} {:?}", change.id, change.line, change.put.map(|put| put.values))
        };
        plan.writes(entity).map(move |write| put(write.unwrap())).collect::<Vec<_>>()
    });
    let counts = format!("{:?} {:?} {:?}", plan.counts, plan.outcomes, plan.finding_counts);
    (counts, conflicts.collect(), findings.collect(), writes.collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// The rows of a file with some cells corrected make the plan of a file that has these cells.
    #[test]
    fn a_corrected_file_is_planned_as_the_file_that_says_so(
        rows in proptest::collection::vec(row(), 1..12),
        edits in proptest::collection::vec((0usize..12, 0usize..7, row()), 1..6),
        clear: bool,
    ) {
        thread_local! { static BENCH: Bench = Bench::new(); }
        let blank = if clear { Blank::Clear } else { Blank::Keep };
        let mut edited = rows.clone();
        for (at, column, new) in &edits {
            let at = at % rows.len();
            edited[at][*column].clone_from(&new[*column]);
        }
        BENCH.with(|bench| {
            let wanted = bench.check(&edited, blank);
            let wanted = bench.plan(&wanted, &Decisions::default());
            let file = bench.check(&rows, blank);
            let mut decisions = Decisions::default();
            for (row, (was, is)) in (0u32..).zip(rows.iter().zip(&edited)) {
                let Some(mut correction) = file.1.original(&file.0, row).unwrap() else { continue };
                let changed = (0u32..).zip(was.iter().zip(is)).filter(|(_, (was, is))| was != is);
                correction.texts = changed.map(|(column, (_, is))| (column, is.clone())).collect();
                if !correction.texts.is_empty() {
                    decisions.say(Said::Correction(row, Some(correction)));
                }
            }
            let plan = bench.plan(&file, &decisions);
            prop_assert_eq!(told(&plan), told(&wanted));
            prop_assert_eq!(plan.corrections().len(), decisions.corrections.len());
            Ok(())
        })?;
    }
}

#[test]
fn what_was_corrected_in_a_row_of_somebody_forgotten_goes_from_the_history_too() {
    let mut drive = reviewed();
    list(&mut drive, "phone-too-short");
    correct(&mut drive, "+1 317 555 0177");
    drive.code(Code::Esc);
    drive.keys("iy");
    assert_eq!(drive.state.import.step, Step::Result);
    let room = drive.leave();
    let open = || Base::open(&room.path().join("base"), Duration::from_secs(10)).unwrap();
    let (base, stamp) = (open(), Stamp { who: Who::default(), when: 0 });
    assert!(base.history().unwrap()[0].details.contains("317 555 0177"), "nothing was kept of it even before");
    let forgetting = forget::plan(&base, "C-1", stamp).unwrap();
    let absence = forget::forget(base, &forgetting, &drive::paths(room.path()), &Gauge::default()).unwrap();
    assert!(absence.gone > 2, "{absence:?}");
    let history = open().history().unwrap();
    let details: String = history.into_iter().map(|entry| entry.details).collect();
    assert!(!details.contains("317") && !details.contains("C-1"), "{details}");
}
