//! The form of a record: keys in, pictures out.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/dump.rs"]
mod dump;
#[path = "support/records.rs"]
mod records;

use std::sync::atomic::AtomicBool;

use dump::{SIZES, pictures};
use insta::assert_snapshot;
use muster::app::effect::Effect;
use muster::app::job::edit::{EditJob, EditReport, Offers};
use muster::app::job::{Ended, Job, Progress, Report, Slot};
use muster::app::key::{Code, Key};
use muster::app::message::{Message, Size};
use muster::app::overlay::Overlay;
use muster::app::screen::import::Step;
use muster::app::state::State;
use muster::app::update::update;
use muster::flow::edit::{Draft, Review, Stale, ValueChange};
use muster::model::fields::{FieldId, by_name};
use muster::model::record::Value;
use muster::tui::theme::Theme;
use records::{browse, found, hit, report};

const USUAL: (u16, u16) = (80, 24);

fn key(state: &mut State, code: Code) -> Vec<Effect> {
    update(state, Message::Key(Key::plain(code)))
}

fn ctrl(state: &mut State, c: char) -> Vec<Effect> {
    update(state, Message::Key(Key::ctrl(c)))
}

fn press(state: &mut State, keys: &str) -> Vec<Effect> {
    keys.chars().flat_map(|c| update(state, Message::Key(Key::char(c)))).collect()
}

/// Moves the focus to a field by its name in the table.
fn go_to(state: &mut State, name: &str) -> Vec<Effect> {
    let field = by_name(name).unwrap().id;
    let form = state.browse.form.as_ref().unwrap();
    let there = form.fields.iter().position(|f| f.id == field).unwrap();
    let (from, code) = (form.at, if form.at < there { Code::Tab } else { Code::BackTab });
    (0..from.abs_diff(there)).flat_map(|_| key(state, code)).collect()
}

fn picture(state: &State) -> String {
    dump::picture(state, &Theme::new(true, false))
}

/// Pictures at three sizes.
fn scene(name: &str, state: &mut State) {
    for (size, picture) in pictures(state, &SIZES) {
        assert_snapshot!(format!("{name}_{size}"), picture);
    }
}

#[track_caller]
fn contains(state: &State, text: &str) {
    let picture = picture(state);
    assert!(picture.contains(text), "no {text:?} in\n{picture}");
}

fn edit(size: (u16, u16)) -> State {
    let mut state = browse(size);
    press(&mut state, "e");
    state
}

/// The draft that an effect asks about.
#[track_caller]
fn draft(effects: &[Effect]) -> Draft {
    match effects {
        [Effect::Start(Job::Edit(EditJob::Review(draft) | EditJob::Save(draft)))] => Draft::clone(draft),
        other => panic!("{other:?}"),
    }
}

/// What the base would answer if it were as the form says.
fn ready(state: &mut State, draft: &Draft) {
    let base = muster::base::Base::in_memory();
    let mut draft = Draft { seen: None, ..draft.clone() };
    for name in [FieldId::FIRST_NAME, FieldId::LAST_NAME] {
        draft.typed.entry(name).or_insert_with(|| "Kathryn".to_owned());
    }
    match muster::flow::edit::review(&base, &draft).unwrap() {
        Review::Ready(ready) => report(state, Report::Edit(EditReport::Reviewed(Box::new(Review::Ready(ready))))),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_form_says_beside_each_field_what_was_typed() {
    let mut state = edit(USUAL);
    go_to(&mut state, "contact.work_phone");
    press(&mut state, "9");
    go_to(&mut state, "contact.home_phone");
    press(&mut state, "+49 30 123456");
    go_to(&mut state, "contact.work_email");
    press(&mut state, " x");
    scene("edit", &mut state);
}

#[test]
fn a_new_organization_says_what_it_needs() {
    let mut state = browse(USUAL);
    press(&mut state, "oc");
    scene("new_organization", &mut state);
}

#[test]
fn the_end_of_the_form_is_the_line_that_saves() {
    let mut state = browse(USUAL);
    press(&mut state, "c");
    (0..99).for_each(|_| drop(key(&mut state, Code::Tab)));
    scene("end_of_the_form", &mut state);
}

#[test]
fn organizations_are_offered_for_what_is_typed_and_one_is_taken() {
    let mut state = edit(USUAL);
    let effects = go_to(&mut state, "account.id");
    assert_eq!(effects, [Effect::Start(Job::Edit(EditJob::Offer("OM-100".to_owned())))]);
    ctrl(&mut state, 'u');
    let effects = press(&mut state, "lan");
    assert_eq!(effects.last(), Some(&Effect::Start(Job::Edit(EditJob::Offer("lan".to_owned())))));
    let found = vec![("LB-200".to_owned(), "Lantern Books".to_owned()), ("L-3".to_owned(), "Landmark".to_owned())];
    let offers = Offers { text: "lan".to_owned(), exact: None, found };
    let late = Offers { text: "la".to_owned(), ..offers.clone() };
    report(&mut state, Report::Edit(EditReport::Offers(late)));
    assert!(!picture(&state).contains("Lantern"), "an answer to something else that was typed");
    report(&mut state, Report::Edit(EditReport::Offers(offers)));
    key(&mut state, Code::Down);
    scene("offers", &mut state);
    key(&mut state, Code::Enter);
    contains(&state, "*Account ID           LB-200                                  Lantern Books");
    contains(&state, " >  Work phone");
}

#[test]
fn enter_alone_never_saves() {
    let mut state = edit(USUAL);
    press(&mut state, "Dr");
    let mut effects = Vec::new();
    while state.overlays.is_empty() && effects.is_empty() {
        effects = key(&mut state, Code::Enter);
        effects.retain(|effect| !matches!(effect, Effect::Start(Job::Edit(EditJob::Offer(_)))));
    }
    let asked = draft(&effects);
    assert!(matches!(effects[0], Effect::Start(Job::Edit(EditJob::Review(_)))));
    ready(&mut state, &asked);
    assert_eq!(key(&mut state, Code::Enter), []);
    assert!(state.overlays.is_empty() && state.browse.form.is_some(), "no was chosen");
}

#[test]
fn what_will_be_saved_is_shown_before() {
    let mut state = browse(USUAL);
    press(&mut state, "c");
    for (name, text) in [
        ("contact.id", "C-900"),
        ("contact.first_name", "Evil\u{1b}[31m"),
        ("contact.last_name", "Smith"),
        ("contact.work_phone", "317 55"),
        ("contact.work_email", "nobody"),
    ] {
        go_to(&mut state, name);
        update(&mut state, Message::Text(text.to_owned()));
    }
    let asked = draft(&ctrl(&mut state, 'o'));
    ready(&mut state, &asked);
    scene("save_question", &mut state);
    update(&mut state, Message::Resized(Size { width: 60, height: 15 }));
    (0..9).for_each(|_| drop(key(&mut state, Code::Down)));
    contains(&state, "or you accept the file's.");
    let effects = press(&mut state, "y");
    assert!(matches!(&effects[..], [Effect::Start(Job::Edit(EditJob::Save(draft)))] if draft.id == "C-900"));
}

#[test]
fn errors_lead_to_their_field_and_nothing_is_saved() {
    let mut state = edit(USUAL);
    go_to(&mut state, "contact.last_name");
    ctrl(&mut state, 'u');
    go_to(&mut state, "contact.work_email");
    update(&mut state, Message::Text("x".repeat(300)));
    assert_eq!(ctrl(&mut state, 'o'), []);
    contains(&state, "! has 328 characters");
    scene("form_errors", &mut state);
}

#[test]
fn a_paste_that_does_not_fit_is_left_out_whole() {
    let mut state = edit(USUAL);
    update(&mut state, Message::Text("x".repeat(1001)));
    contains(&state, "A field takes 1000 characters; nothing was put in");
    assert_eq!(state.browse.form.as_ref().unwrap().touched(), 0);
}

#[test]
fn esc_leaves_an_untouched_form_and_asks_about_a_touched_one() {
    let mut state = edit(USUAL);
    key(&mut state, Code::Esc);
    assert!(state.browse.form.is_none() && state.overlays.is_empty());
    press(&mut state, "eq?:");
    key(&mut state, Code::Esc);
    scene("leave_question", &mut state);
    key(&mut state, Code::Esc);
    assert!(state.browse.form.is_some(), "Esc is no");
    key(&mut state, Code::Esc);
    press(&mut state, "y");
    assert!(state.browse.form.is_none());
}

#[test]
fn a_record_that_changed_meanwhile_is_shown_and_not_overwritten() {
    let mut state = edit(USUAL);
    for (name, text) in [("contact.title", " in chief"), ("contact.city", " West")] {
        go_to(&mut state, name);
        press(&mut state, text);
    }
    let asked = draft(&ctrl(&mut state, 'o'));
    let now =
        records::record(&[("contact.first_name", "Kathryn"), ("contact.last_name", "Jones"), ("contact.title", "CEO")]);
    let text = |text: &str| Some(Value::Text(text.to_owned()));
    let change = |name: &str, before: &str, after: &str| ValueChange {
        field: by_name(name).unwrap().id,
        before: text(before),
        after: text(after),
    };
    let changes = vec![change("contact.last_name", "Smith", "Jones"), change("contact.title", "Buyer", "CEO")];
    let stale = Stale { now: Some(now.clone()), by: "import 8, ops, office-mart.csv".to_owned(), changes };
    report(&mut state, Report::Edit(EditReport::Reviewed(Box::new(Review::Stale(stale)))));
    scene("changed_meanwhile", &mut state);
    key(&mut state, Code::Enter);
    go_to(&mut state, "contact.title");
    scene("changed_meanwhile_form", &mut state);
    let again = draft(&ctrl(&mut state, 'o'));
    assert_eq!(again.seen, Some(now));
    assert_eq!(again.typed, asked.typed);
}

#[test]
fn a_record_that_was_deleted_meanwhile_keeps_what_the_form_says() {
    let mut state = edit(USUAL);
    go_to(&mut state, "contact.title");
    press(&mut state, " in chief");
    ctrl(&mut state, 'o');
    let stale = Stale { now: None, by: String::new(), changes: vec![] };
    report(&mut state, Report::Edit(EditReport::Reviewed(Box::new(Review::Stale(stale)))));
    contains(&state, "It was deleted while you were typing. Saving makes it again.");
    scene("deleted_meanwhile", &mut state);
    key(&mut state, Code::Enter);
    let again = draft(&ctrl(&mut state, 'o'));
    assert_eq!((again.id.as_str(), again.seen), ("C-101", None));
    let typed = |name: &str| again.typed[&by_name(name).unwrap().id].as_str();
    assert_eq!(
        [typed("contact.last_name"), typed("contact.title"), typed("account.id")],
        ["Smith", "Buyer in chief", "OM-100"]
    );
}

#[test]
fn deleting_an_organization_names_its_members_first() {
    let base = muster::base::Base::in_memory();
    let stamp = muster::flow::import::Stamp { who: Default::default(), when: 0 };
    let field = |name: &str| by_name(name).unwrap().id;
    let save = |entity, id: &str, fields: &[(FieldId, &str)]| {
        let typed = fields.iter().map(|(field, text)| (*field, (*text).to_owned())).collect();
        let draft = Draft { entity, id: id.to_owned(), seen: None, typed, reading: Default::default() };
        muster::flow::edit::save(&base, &draft, &stamp, &AtomicBool::new(false)).unwrap();
    };
    use muster::model::fields::Entity::{Contact, Organization};
    save(Organization, "OM-100", &[(FieldId::ACCOUNT_NAME, "Office Mart")]);
    for n in 0..12 {
        let last = format!("Smith {n}");
        let fields =
            [(FieldId::FIRST_NAME, "Ann"), (field("contact.last_name"), &last), (FieldId::ACCOUNT_ID, "OM-100")];
        save(Contact, &format!("C-{n:02}"), &fields);
    }
    let deletion = muster::flow::delete::plan(&base, Organization, "OM-100").unwrap();
    let mut state = browse(USUAL);
    press(&mut state, "o");
    report(&mut state, Report::Found(found("", vec![hit(1, "Office Mart", "")])));
    let effects = press(&mut state, "d");
    assert_eq!(effects, [Effect::Start(Job::Edit(EditJob::AskDelete(Organization, "C-1".to_owned())))]);
    report(&mut state, Report::Edit(EditReport::Asked(deletion.clone(), false)));
    scene("delete", &mut state);
    assert_eq!(key(&mut state, Code::Enter), []);
    press(&mut state, "d");
    report(&mut state, Report::Edit(EditReport::Asked(deletion.clone(), true)));
    contains(&state, "The base has changed since you were asked");
    assert_eq!(press(&mut state, "y"), [Effect::Start(Job::Edit(EditJob::Delete(deletion.clone())))]);
}

#[test]
fn only_an_organization_made_by_hand_is_handed_over_and_it_is_asked() {
    let mut state = browse(USUAL);
    assert_eq!(press(&mut state, "h"), []);
    contains(&state, "Only organizations that were made by hand");
    press(&mut state, "o");
    let mut manual = hit(1, "By Hand", "");
    manual.record = records::record(&[("account.name", "By Hand Ltd")]);
    manual.record.manual = true;
    report(&mut state, Report::Found(found("", vec![manual])));
    assert_eq!(press(&mut state, "h"), []);
    scene("hand_over", &mut state);
    assert_eq!(press(&mut state, "y"), [Effect::Start(Job::Edit(EditJob::HandOver("C-1".to_owned())))]);
}

#[test]
fn acts_of_the_session_are_taken_back_and_done_again_in_turn() {
    let mut state = browse(USUAL);
    press(&mut state, "u");
    contains(&state, "Nothing to undo in this session");
    report(&mut state, Report::Edit(EditReport::HandedOver(Some(8))));
    report(&mut state, Report::Edit(EditReport::HandedOver(Some(9))));
    let undo = |state: &mut State, number: u64, by: u64| {
        assert_eq!(press(state, "u"), [Effect::Start(Job::Edit(EditJob::TakeBack(number)))]);
        report(state, Report::Edit(EditReport::TakenBack(number, Ok(by))));
    };
    undo(&mut state, 9, 10);
    undo(&mut state, 8, 11);
    assert_eq!(ctrl(&mut state, 'r'), [Effect::Start(Job::Edit(EditJob::TakeBack(11)))]);
    report(&mut state, Report::Edit(EditReport::TakenBack(11, Ok(12))));
    contains(&state, "Done again: Handed over");
    undo(&mut state, 12, 13);
    assert_eq!(ctrl(&mut state, 'r'), [Effect::Start(Job::Edit(EditJob::TakeBack(13)))]);
    report(&mut state, Report::Edit(EditReport::TakenBack(13, Err("C-1: Title changed since by 14".to_owned()))));
    contains(&state, "It cannot be taken back");
}

#[test]
fn a_save_waits_for_the_commit_of_an_import_and_says_so() {
    let mut state = edit(USUAL);
    press(&mut state, "Dr");
    state.import.step = Step::Commit;
    state.running.push((Slot::Import, Progress::default()));
    let asked = draft(&ctrl(&mut state, 'o'));
    ready(&mut state, &asked);
    press(&mut state, "y");
    contains(&state, "Waits until the import is written...");
    scene("save_waits", &mut state);
    assert_eq!(press(&mut state, "x"), [], "nothing is typed meanwhile");
    assert_eq!(key(&mut state, Code::Esc), [Effect::Cancel(Slot::Edit)]);
    update(&mut state, Message::Ended(Slot::Edit, Ended::Cancelled));
    assert!(state.browse.form.is_some());
    assert!(!matches!(state.overlays.last(), Some(Overlay::Notice(_))));
}

#[test]
fn no_size_makes_the_form_panic() {
    for width in (36..240).step_by(17) {
        for height in (8..60).step_by(3) {
            let mut state = browse((width, height));
            press(&mut state, "e");
            for _ in 0..40 {
                key(&mut state, Code::Tab);
                picture(&state);
            }
        }
    }
}

#[test]
fn under_mask_only_the_field_in_focus_is_drawn_as_it_is() {
    let mut state = browse(USUAL);
    press(&mut state, "e");
    go_to(&mut state, "contact.title");
    let masked = Theme { mask: true, ..Theme::new(true, false) };
    assert!(picture(&state).contains("Kathryn") && picture(&state).contains("317"));
    let picture = dump::picture(&state, &masked);
    for value in ["Kathryn", "Smith", "317"] {
        assert!(!picture.contains(value), "{value}:\n{picture}");
    }
}
