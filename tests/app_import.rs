//! The import in the app: keys in, state and pictures out, on the real flows.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/drive.rs"]
mod drive;

use drive::{Drive, SIZES, USUAL};
use insta::assert_snapshot;
use muster::app::job::import::{FileEntry, Files, ImportReport};
use muster::app::job::{Progress, Report, Slot};
use muster::app::key::{Code, Key};
use muster::app::message::{Message, Size};
use muster::app::overlay::Overlay;
use muster::app::screen::Screen;
use muster::app::screen::import::Step;
use muster::app::screen::import::review::{Line, Opens, lines};
use muster::model::fields::by_name;
use muster::reconcile::decision::{Choice, Pick};
use muster::tui::theme::Theme;
use std::time::Duration;

const TINY: (u16, u16) = (40, 10);

/// Pictures of a screen at the usual, the wide and the narrow size, and those of `more`.
fn pictures(drive: &mut Drive, name: &str, more: &[(&str, (u16, u16))]) {
    let sizes: Vec<_> = SIZES.iter().chain(more).copied().collect();
    for (size, picture) in drive.pictures(&sizes) {
        assert_snapshot!(format!("{name}_{size}"), picture);
    }
}

/// The same while a job runs that does not end.
fn standing(drive: &mut Drive, name: &str) {
    for (size, (width, height)) in SIZES {
        drive.send(Message::Resized(Size { width, height }));
        assert_snapshot!(format!("{name}_{size}"), drive.picture(&Theme::new(true, false)));
    }
}

/// The app with a sample checked.
fn reviewed(name: &str) -> Drive {
    let mut drive = Drive::new(USUAL);
    let path = drive.sample(name);
    drive.open(path);
    drive.keys("c");
    assert_eq!(drive.state.import.step, Step::Review);
    drive
}

/// The app on the conflicts of the sample.
fn conflicts() -> Drive {
    let mut drive = reviewed("conflicts.csv");
    drive.keys("v");
    assert_eq!(drive.state.import.step, Step::Conflicts);
    drive
}

fn count(drive: &Drive, wanted: &str) -> u64 {
    let lines = lines(&drive.state.import, drive.state.size);
    let found = lines.iter().find_map(|line| match line {
        Line::Number { label, count, .. } if label.starts_with(wanted) => Some(*count),
        _ => None,
    });
    found.unwrap_or(0)
}

#[test]
fn choosing_a_file() {
    let mut drive = Drive::new(USUAL);
    assert_eq!(drive.state.screen, Screen::Import, "an empty base begins with the import");
    let entry = |path: &str, about: &str| FileEntry { path: path.to_owned(), about: about.to_owned() };
    let entries = vec![
        entry("/home/ann/exports/contacts-oct.csv", "opened before, 10 MB, 2026-10-20 09:12"),
        entry("exports/", "folder"),
        entry("contacts-nov.csv", "11 MB, 2026-11-20 09:03"),
    ];
    let files = Files { entries, ..Files::default() };
    drive.send(Message::Report(Report::Import(ImportReport::Files(files))));
    drive.code(Code::Down);
    drive.code(Code::Down);
    drive.code(Code::Down);
    pictures(&mut drive, "choose", &[("tiny", TINY)]);
}

#[test]
fn tab_completes_and_enter_opens() {
    let mut drive = Drive::new(USUAL);
    let path = drive.sample("office-mart.csv");
    drive.sample("office-mart-update.csv");
    let folder = path.parent().unwrap().to_str().unwrap().to_owned();
    drive.send(Message::Text(format!("{folder}/off")));
    drive.settle();
    drive.code(Code::Tab);
    assert_eq!(drive.state.import.choose.path.text(), format!("{folder}/office-mart"));
    drive.keys(".");
    drive.code(Code::Tab);
    drive.code(Code::Enter);
    assert_eq!(drive.state.import.step, Step::Columns);
    assert_eq!(drive.state.import.file.as_ref().unwrap().name, "office-mart.csv");
}

#[test]
fn a_file_that_is_none_says_why_and_asks_again() {
    let mut drive = Drive::new(USUAL);
    let path = drive.file("sheet.csv", b"PK\x03\x04xl/workbook.xml");
    let drive_folder = path.parent().unwrap().to_str().unwrap().to_owned();
    drive.open(path);
    assert!(matches!(drive.state.overlays.last(), Some(Overlay::Notice(n)) if n.text.contains("save it as CSV")));
    let Some(Overlay::Notice(notice)) = drive.state.overlays.last_mut() else { panic!("no message") };
    notice.text = notice.text.replace(&drive_folder, "/home/ann");
    // What the folder of the tests has is not always the same.
    drive.send(Message::Report(Report::Import(ImportReport::Files(Files::default()))));
    pictures(&mut drive, "no_csv", &[]);
    assert_eq!(drive.state.import.step, Step::Choose);
}

#[test]
fn columns_are_shown_with_samples() {
    let mut drive = Drive::new(USUAL);
    let path = drive.sample("messy-phones.csv");
    drive.open(path);
    drive.keys("jj");
    pictures(&mut drive, "columns", &[("tiny", TINY)]);
    drive.keys("s");
    pictures(&mut drive, "settings", &[]);
    drive.code(Code::Esc);
    drive.code(Code::Enter);
    drive.keys("cell ph");
    pictures(&mut drive, "choose_field", &[]);
}

#[test]
fn a_column_gets_another_field_and_undo_takes_it_back() {
    let mut drive = Drive::new(USUAL);
    let path = drive.sample("messy-phones.csv");
    drive.open(path);
    let field = |drive: &Drive| drive.state.import.file.as_ref().unwrap().columns[2].field.clone();
    let before = field(&drive);
    drive.keys("jj");
    drive.code(Code::Enter);
    drive.keys("leave");
    drive.code(Code::Enter);
    assert_eq!(field(&drive), "");
    drive.keys("u");
    assert_eq!(field(&drive), before);
    drive.key(Key::ctrl('r'));
    assert_eq!(field(&drive), "");
}

#[test]
fn r17_the_region_is_changed_before_the_check() {
    let mut drive = Drive::new(USUAL);
    let path = drive.sample("umlauts-windows-1252.csv");
    drive.open(path);
    drive.keys("s");
    drive.code(Code::Enter);
    drive.keys("Atlantis");
    drive.code(Code::Enter);
    assert!(matches!(drive.state.overlays.last(), Some(Overlay::Prompt(p)) if p.wrong.is_some()), "no such country");
    pictures(&mut drive, "region", &[]);
    drive.key(Key::ctrl('u'));
    drive.keys("germany");
    drive.code(Code::Enter);
    drive.code(Code::Esc);
    drive.keys("c");
    assert!(drive.state.import.review.as_ref().unwrap().findings.is_empty(), "the German number is valid now");
}

#[test]
fn r04_a_question_is_answered_by_choosing() {
    let mut drive = Drive::new(USUAL);
    let file = "Contact Id,First Name,Last Name,Company\nC-1,Ann,Lee,Acme\nC-2,Bob,May,\n";
    let path = drive.file("question.csv", file);
    drive.open(path);
    pictures(&mut drive, "question", &[]);
    drive.keys("c");
    pictures(&mut drive, "question_answers", &[]);
    drive.code(Code::Enter);
    assert!(!drive.state.import.has_questions());
    drive.keys("c");
    assert_eq!(count(&drive, "created"), 2);
}

#[test]
fn the_check_shows_how_far_it_is() {
    let mut drive = Drive::new(USUAL);
    let path = drive.sample("office-mart.csv");
    drive.open(path);
    drive.state.import.step = Step::Check;
    let progress = Progress {
        doing: "Checking".to_owned(),
        rejected: 1_234,
        warned: 40_321,
        rows: 450_000,
        bytes: 157_000_000,
        total_bytes: 348_000_000,
        elapsed: Duration::from_secs(5),
    };
    drive.state.running.push((Slot::Import, progress));
    standing(&mut drive, "check");
    drive.send(Message::Key(Key::plain(Code::Esc)));
    assert!(matches!(drive.state.overlays.last(), Some(Overlay::Confirm(_))), "Esc asks");
    standing(&mut drive, "check_question");
    drive.state.overlays.clear();
    drive.state.import.step = Step::Commit;
    drive.state.running[0].1.doing = "Importing office-mart.csv".to_owned();
    standing(&mut drive, "commit");
}

#[test]
fn r12_the_review_adds_up_and_each_number_opens_its_list() {
    let mut drive = reviewed("broken-rows.csv");
    assert_eq!((count(&drive, "created"), count(&drive, "rejected"), count(&drive, "rows in all")), (6, 12, 19));
    pictures(&mut drive, "review", &[("tiny", TINY)]);
    drive.keys("j");
    drive.code(Code::Enter);
    assert_eq!(drive.state.import.rows.as_ref().unwrap().total(), 12);
    drive.keys("jj");
    pictures(&mut drive, "rejected", &[("tiny", TINY)]);
    drive.code(Code::Enter);
    assert!(matches!(drive.state.overlays.last(), Some(Overlay::Notice(n)) if n.text.starts_with("line 8: ")));
    pictures(&mut drive, "row", &[]);
}

#[test]
fn updates_are_shown_old_and_new() {
    let mut drive = reviewed("office-mart.csv");
    drive.keys("iy");
    assert_eq!(drive.state.import.step, Step::Result);
    assert_eq!(drive.state.import.done.as_ref().unwrap().rejects, None);
    drive.keys("2");
    let path = drive.sample("office-mart-update.csv");
    drive.open(path);
    drive.keys("c");
    assert_eq!((count(&drive, "created"), count(&drive, "updated")), (1, 2));
    drive.keys("j");
    drive.code(Code::Enter);
    pictures(&mut drive, "updated", &[]);
    drive.code(Code::Esc);
    drive.keys("iy");
    drive.code(Code::Enter);
    assert_eq!(drive.state.screen, Screen::Browse);
    assert_eq!(drive.state.counts.unwrap().contacts, 7);
    let path = drive.sample("office-mart-update.csv");
    drive.open(path);
    drive.keys("c");
    pictures(&mut drive, "review_of_nothing_new", &[]);
}

#[test]
fn conflicts_at_four_sizes() {
    let mut drive = conflicts();
    drive.keys("dt");
    assert_eq!(drive.state.import.conflicts.decided(), 2);
    pictures(&mut drive, "conflicts", &[("tiny", TINY)]);
    drive.keys("n=");
    drive.code(Code::Right);
    pictures(&mut drive, "conflicts_equal_fields", &[]);
    drive.keys("=N");
    assert_snapshot!("conflicts_mono_ascii", drive.picture(&Theme::new(false, true)));
}

#[test]
fn r08_each_decision_goes_to_the_next_open_conflict_and_can_be_undone() {
    let mut drive = conflicts();
    let at = |drive: &Drive| drive.state.import.conflicts.cursor.selected;
    drive.keys("t");
    assert_eq!((at(&drive), drive.state.import.conflicts.decided()), (1, 1));
    drive.keys("b");
    assert_eq!(drive.state.import.conflicts.decided(), 1, "the base has no such account");
    assert!(drive.state.notice.as_ref().unwrap().contains("no organization"));
    drive.keys("dx");
    assert_eq!(drive.state.import.conflicts.decided(), 3);
    drive.keys("uu");
    assert_eq!((at(&drive), drive.state.import.conflicts.decided()), (1, 1));
    drive.key(Key::ctrl('r'));
    assert_eq!(drive.state.import.conflicts.decided(), 2);
    drive.code(Code::Esc);
    assert_eq!(drive.state.import.step, Step::Review);
    assert!(!drive.state.import.stale, "the numbers are counted again");
    assert_eq!(count(&drive, "conflicts: rows that disagree, 2 decided"), 7);
}

#[test]
fn enter_decides_nothing_and_digits_jump() {
    let mut drive = conflicts();
    drive.code(Code::Enter);
    assert!(matches!(drive.state.overlays.last(), Some(Overlay::Notice(n)) if n.text.contains("C-01,Megan")));
    pictures(&mut drive, "lines", &[]);
    drive.code(Code::Enter);
    drive.keys("2");
    assert_eq!((drive.state.import.conflicts.column, drive.state.screen), (1, Screen::Import));
    drive.keys("9");
    assert_eq!(drive.state.import.conflicts.column, 1);
    assert_eq!(drive.state.import.conflicts.decided(), 0);
}

#[test]
fn r08_fields_are_picked_one_by_one() {
    let mut drive = Drive::new(USUAL);
    let file = "Account Id,Account Name,Account City,Account Phone\n\
                A-1,Office Mart,Carmel,(317) 555-0100\nA-1,Office Max,Fishers,(317) 555-0100\n";
    let path = drive.file("two.csv", file);
    drive.open(path);
    drive.keys("cvf");
    drive.code(Code::Right);
    drive.keys("t");
    pictures(&mut drive, "conflicts_per_field", &[]);
    drive.keys("e");
    drive.key(Key::ctrl('u'));
    drive.keys("Indianapolis");
    drive.code(Code::Enter);
    let choices = &drive.state.import.timeline.decisions().choices;
    let (_, Choice::Fields(picks)) = choices.values().next().unwrap() else { panic!("{choices:?}") };
    let picks: Vec<&Pick> = picks.values().collect();
    assert!(matches!(picks[..], [Pick::Variant(_), Pick::Typed(city)] if city == b"Indianapolis"));
    pictures(&mut drive, "conflicts_typed", &[]);
    drive.keys("iy");
    assert_eq!(drive.state.import.done.as_ref().unwrap().counts.organizations.created, 1);
    drive.code(Code::Enter);
    drive.keys("o");
    let office = &drive.state.browse.hit(0).unwrap().record;
    assert_eq!(office.values.view().text(by_name("account.name").unwrap().id), Some("Office Max"));
}

#[test]
fn a_typed_value_is_checked_as_a_cell() {
    let mut drive = Drive::new(USUAL);
    let path = drive.file("e.csv", "Account Id,Account Name,account.employees\nA-1,Mart,10\nA-1,Mart,20\n");
    drive.open(path);
    drive.keys("cve");
    drive.key(Key::ctrl('u'));
    drive.keys("about 20");
    drive.code(Code::Enter);
    assert!(matches!(drive.state.overlays.last(), Some(Overlay::Prompt(p)) if p.wrong.is_some()));
    pictures(&mut drive, "type_value", &[]);
    drive.key(Key::ctrl('u'));
    drive.keys("1,200");
    drive.code(Code::Enter);
    assert!(drive.state.overlays.is_empty());
    assert_eq!(drive.state.import.conflicts.decided(), 1);
}

#[test]
fn r08_a_policy_says_how_many_it_settles_and_is_undone_as_one() {
    let mut drive = conflicts();
    drive.keys("a");
    pictures(&mut drive, "policies", &[]);
    drive.keys("all suggestion");
    drive.code(Code::Enter);
    assert_eq!(drive.state.import.conflicts.decided(), 4);
    assert_eq!(drive.state.import.conflicts.cursor.selected, 2, "the first open one");
    drive.keys("u");
    assert_eq!(drive.state.import.conflicts.decided(), 0);
    drive.keys("gjj  a");
    drive.keys("hold");
    drive.code(Code::Enter);
    assert_eq!(drive.state.import.conflicts.decided(), 2, "only the marked ones");
    assert!(drive.state.import.conflicts.standing[2].decided && drive.state.import.conflicts.standing[3].decided);
}

#[test]
fn r24_what_is_decided_is_committed_and_the_rest_goes_to_the_rejects_file() {
    let mut drive = conflicts();
    drive.keys("a");
    drive.keys("all suggestion");
    drive.code(Code::Enter);
    drive.keys("i");
    pictures(&mut drive, "commit_question", &[]);
    drive.code(Code::Enter);
    assert_eq!(drive.state.import.step, Step::Review, "Enter alone never imports");
    drive.keys("iy");
    let done = drive.state.import.done.as_mut().unwrap();
    assert_eq!((done.number, done.counts.rows.created, done.counts.rows.held), (1, 9, 6));
    let rejects = done.rejects.replace(Ok("exports/conflicts.rejects.csv".to_owned())).unwrap().unwrap();
    let lines = std::fs::read_to_string(rejects).unwrap().lines().count();
    assert_eq!(lines, 7);
    pictures(&mut drive, "result", &[("tiny", TINY)]);
    drive.keys("q");
    assert_eq!(drive.state.screen, Screen::Browse);
}

#[test]
fn a_result_that_came_while_another_screen_was_there_is_still_to_be_seen() {
    let mut drive = reviewed("office-mart.csv");
    drive.keys("i");
    // Nothing is waited for: the person goes on while it is written.
    drive.send(Message::Key(Key::char('y')));
    drive.send(Message::Key(Key::char('1')));
    drive.settle();
    assert_eq!((drive.state.screen, drive.state.import.step), (Screen::Browse, Step::Result));
    drive.keys("2");
    assert_eq!((drive.state.screen, drive.state.import.step), (Screen::Import, Step::Result));
    drive.keys("12");
    assert_eq!(drive.state.import.step, Step::Choose, "once it was seen, the next import begins");
}

#[test]
fn an_import_is_where_it_was_left() {
    let mut drive = conflicts();
    drive.keys("t");
    drive.code(Code::Esc);
    drive.keys("12");
    assert_eq!((drive.state.import.step, drive.state.import.conflicts.decided()), (Step::Review, 1));
}

#[test]
fn an_organization_with_thousands_of_variants_stays_a_window() {
    let mut drive = Drive::new(USUAL);
    let mut file = "Account Id,Account Name,Account City\n".to_owned();
    (0..3000).for_each(|n| file.push_str(&format!("A-1,Office Mart,City {n}\n")));
    let path = drive.file("many.csv", file);
    drive.open(path);
    drive.keys("cv");
    let view = drive.state.import.conflicts.view().unwrap();
    assert!(view.variants == 3000 && view.window.len() < 50);
    for _ in 0..30 {
        drive.code(Code::Right);
    }
    pictures(&mut drive, "conflicts_many_variants", &[]);
    drive.keys("t");
    assert_eq!(drive.state.import.conflicts.decided(), 1);
}

#[test]
fn r08_what_the_base_holds_is_a_column_and_can_be_kept() {
    let mut drive = reviewed("office-mart.csv");
    drive.keys("iy");
    drive.keys("2");
    let file = "Account Id,Account Name,Account City\nOM-100,Office Mart,Carmel\nOM-100,Office Mart,Fishers\n";
    let path = drive.file("update.csv", file);
    drive.open(path.clone());
    drive.keys("cv");
    drive.code(Code::Right);
    drive.code(Code::Right);
    assert!(drive.state.import.conflicts.on_base());
    pictures(&mut drive, "conflicts_in_base", &[]);
    drive.keys("b");
    drive.keys("i");
    assert!(drive.state.import.review.as_ref().unwrap().empty, "nothing changes");
    drive.keys("y");
    assert_eq!(drive.state.import.done.as_ref().unwrap().number, 2);
    drive.keys("2");
    drive.open(path);
    drive.keys("cv");
    let view = drive.state.import.conflicts.view().unwrap();
    assert_eq!(view.remembered, Some((2, Choice::Base)), "the same variants are offered again");
    drive.keys("d");
    assert_eq!(drive.state.import.conflicts.decided(), 1);
}

#[test]
fn every_number_of_the_review_opens_its_list() {
    let mut drive = reviewed("office-mart.csv");
    drive.keys("iy2");
    let file = "Contact Id,Contact First Name,Contact Last Name,Contact Title,Contact Work Phone,Account Id,Account Name\n\
                1001,Kathryn,Smith,,(317) 555-0101,OM-100,Office Mart International\n\
                1002,Josh,Reyes,Store Manager,(317) 555-0102,LB-200,\n\
                1003,Rebecca,Lind,\"Clerk, Accounts Payable\",(317) 555-0103,OM-100,\n\
                1004,Zoe,Whittaker,Editor in Chief,317 55,LB-200,\n\
                1009,Ann,Lee,Buyer,(317) 555-0109,NK-1,Nagy Kft\n\
                1009,Ann,Lee,Buyer,(317) 555-0109,NK-1,Nagy Kft\n\
                1010,Bob,May,Buyer,(317) 555-0110,NK-1,Nagy Kft\n\
                1010,Rob,May,Buyer,(317) 555-0110,NK-1,Nagy Kft\n\
                ,Cid,Orr,Buyer,(317) 555-0111,NK-1,Nagy Kft\n\
                ,,,,,PG-7,Patel Group\n\
                ,,,,,,\n";
    let path = drive.file("week.csv", file);
    drive.open(path);
    drive.keys("s");
    drive.code(Code::Down);
    drive.code(Code::Down);
    drive.code(Code::Enter);
    drive.code(Code::Esc);
    drive.keys("c");
    pictures(&mut drive, "review_of_everything", &[]);
    let all = lines(&drive.state.import, drive.state.size);
    for (number, line) in all.iter().enumerate() {
        let Line::Number { label, opens: Opens::List(_), .. } = line else { continue };
        drive.state.import.number.selected = number;
        drive.code(Code::Enter);
        assert_eq!(drive.state.import.step, Step::Rows, "{label}");
        pictures(&mut drive, &format!("list_{number:02}_{}", label.replace(' ', "_")), &[]);
        drive.code(Code::Esc);
    }
}

#[test]
fn r27_the_parts_of_an_id_are_marked_in_order() {
    let mut drive = Drive::new(USUAL);
    let path = drive.file("keys.csv", "Country,Customer No,First Name,Last Name\nUS,1001,Kathryn,Smith\n");
    drive.open(path);
    drive.keys("j k ");
    pictures(&mut drive, "marked_columns", &[]);
    drive.keys("+");
    pictures(&mut drive, "compose", &[]);
    drive.code(Code::Enter);
    pictures(&mut drive, "compose_separator", &[]);
}

#[test]
fn no_size_makes_a_step_panic() {
    let mut drive = conflicts();
    for step in [Step::Columns, Step::Review, Step::Conflicts, Step::Choose, Step::Check, Step::Rows, Step::Result] {
        drive.state.import.step = step;
        for width in (38..140).step_by(6) {
            for height in 9..30 {
                drive.resize((width, height));
                drive.picture(&Theme::new(true, false));
            }
        }
    }
}
