//! Browse: state in, picture out.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/dump.rs"]
mod dump;
#[path = "support/records.rs"]
mod records;

use dump::{SIZES, picture as picture_in, pictures};
use insta::assert_snapshot;
use muster::app::effect::Effect;
use muster::app::job::{Counts, Ended, Found, Hit, Job, Progress, Report, Slot};
use muster::app::key::{Code, Key};
use muster::app::message::{Message, Size};
use muster::app::screen::Screen;
use muster::app::state::State;
use muster::app::update::update;
use muster::flow::show::Step;
use muster::model::fields::Entity;
use muster::tui::theme::Theme;
use records::{browse, found, hit, hits, record, report};

const USUAL: (u16, u16) = (80, 24);
const WIDE: (u16, u16) = (120, 40);
const NARROW: (u16, u16) = (60, 15);

fn press(state: &mut State, keys: &str) -> Vec<Effect> {
    keys.chars().flat_map(|c| update(state, Message::Key(Key::char(c)))).collect()
}

fn key(state: &mut State, code: Code) -> Vec<Effect> {
    update(state, Message::Key(Key::plain(code)))
}

fn picture(state: &State) -> String {
    picture_in(state, &Theme::new(true, false))
}

/// Pictures at three sizes.
fn scene(name: &str, state: &mut State) {
    for (size, picture) in pictures(state, &SIZES) {
        assert_snapshot!(format!("{name}_{size}"), picture);
    }
}

fn contains(state: &State, text: &str) {
    let picture = picture(state);
    assert!(picture.contains(text), "no {text:?} in\n{picture}");
}

#[test]
fn the_details_when_they_have_the_focus() {
    let mut state = browse(USUAL);
    key(&mut state, Code::Enter);
    press(&mut state, "jj");
    scene("detail", &mut state);
    update(&mut state, Message::Resized(Size { width: 200, height: 50 }));
    assert_snapshot!("detail_side", picture(&state));
    update(&mut state, Message::Resized(Size { width: 80, height: 24 }));
    press(&mut state, "y");
    scene("copied", &mut state);
}

#[test]
fn the_details_tell_how_the_record_became_what_it_is() {
    let mut state = browse(USUAL);
    let effects = key(&mut state, Code::Enter);
    assert_eq!(effects, [Effect::Start(Job::Steps(Entity::Contact, "C-101".to_owned()))]);
    let step = |commit, line, what: &str| Step { commit, line, what: what.to_owned() };
    let steps = vec![step(8, 0, "Cell phone, Title"), step(7, 2, "created")];
    report(&mut state, Report::Steps(Entity::Contact, "C-102".to_owned(), steps.clone()));
    assert!(!picture(&state).contains("Cell phone, Title"), "that was another record");
    report(&mut state, Report::Steps(Entity::Contact, "C-101".to_owned(), steps));
    key(&mut state, Code::End);
    scene("detail_history", &mut state);
    assert!(!press(&mut state, "kj").iter().any(|effect| matches!(effect, Effect::Start(Job::Steps(..)))));
}

#[test]
fn the_organization_of_a_contact_is_a_key_away() {
    let mut state = browse(USUAL);
    let effects = press(&mut state, "a");
    let search = |effect: &Effect| matches!(effect, Effect::Start(Job::Search(s)) if s.query == "id:\"OM-100\"");
    assert!(effects.iter().any(search), "{effects:?}");
    assert_eq!(state.browse.entity, Entity::Organization);
}

#[test]
fn a_match_is_marked_in_list_and_details_by_more_than_colour() {
    let mut state = browse(USUAL);
    press(&mut state, "/smi 0101");
    report(&mut state, Report::Found(found("smi 0101", vec![hit(101, "Kathryn Smith", "Office Mart")])));
    scene("marks", &mut state);
    assert_snapshot!("marks_mono", picture_in(&state, &Theme::new(false, true)));
}

#[test]
fn one_letter_is_not_marked_all_over() {
    let mut state = browse(USUAL);
    report(&mut state, Report::Found(found("smi a", hits())));
    let picture = picture(&state);
    report(&mut state, Report::Found(found("smi", hits())));
    assert_eq!(picture, self::picture(&state));
}

#[test]
fn a_filter_is_marked_only_where_it_looks() {
    let mut state = browse(USUAL);
    report(&mut state, Report::Found(found("org:mart", vec![hit(1, "Mart Smith", "Office Mart")])));
    let picture = picture(&state);
    assert_eq!(picture.matches("Mart").count(), 4, "{picture}");
    assert_snapshot!(picture);
}

#[test]
fn a_mistake_is_said_under_the_field_and_the_hits_stay() {
    let mut state = browse(USUAL);
    press(&mut state, "/orgg:mart");
    let mistake = "there is no filter 'orgg:'; did you mean 'org:'? (in quotes it is searched as text)";
    report(&mut state, Report::Mistake(mistake.to_owned()));
    scene("mistake", &mut state);
    (0..10).for_each(|_| drop(key(&mut state, Code::Down)));
    contains(&state, "> Rebecca Jones");
    (0..10).for_each(|_| drop(key(&mut state, Code::Up)));
    assert!(state.overlays.is_empty());
    report(&mut state, Report::Found(found("org:mart", hits())));
    assert!(!picture(&state).contains("no filter"));
}

#[test]
fn hits_of_a_typo_and_of_a_part_of_the_base_say_so() {
    let mut state = browse(USUAL);
    press(&mut state, "/smiht");
    report(&mut state, Report::Found(Found { typo: true, ..found("smiht", hits()) }));
    contains(&state, "Nothing matches as typed; these match with one letter changed.");
    scene("typo", &mut state);
    let progress = Progress { rows: 19_767, ..Progress::default() };
    let effects = update(&mut state, Message::Progress(Slot::Index, progress));
    assert!(matches!(&effects[..], [Effect::Start(Job::Search(s))] if s.query == "smiht"), "more can be searched now");
    report(&mut state, Report::Found(Found { partial: true, ..found("smiht", hits()) }));
    contains(&state, "indexing 41 %");
    scene("indexing", &mut state);
    update(&mut state, Message::Ended(Slot::Index, Ended::Done));
    assert!(!picture(&state).contains("indexing"));
}

#[test]
fn nothing_in_the_list_says_why_and_what_next() {
    let mut state = browse(USUAL);
    press(&mut state, "/smith zzz");
    report(&mut state, Report::Found(found("smith zzz", vec![])));
    update(&mut state, Message::Ended(Slot::Index, Ended::Done));
    scene("no_hits", &mut state);
    let (mut state, _) = State::new(Size { width: 80, height: 24 });
    contains(&state, "Opening the base...");
    let why = "the base /srv/muster is in use by muster (process 4711, user ann, since 2026-11-22 10:14)";
    update(&mut state, Message::Ended(Slot::Base, Ended::Failed(why.to_owned())));
    assert_eq!(state.overlays.len(), 1);
    key(&mut state, Code::Esc);
    scene("not_open", &mut state);
    assert_eq!(press(&mut state, "r"), [Effect::Start(Job::Open)]);
    report(&mut state, Report::Opened(Counts::default()));
    report(&mut state, Report::Found(Found::default()));
    state.screen = Screen::Browse;
    contains(&state, "Press 2 to import a file");
}

fn organization(id: &str, name: &str) -> Hit {
    let fields = [("account.name", name), ("account.industry", "Retail"), ("account.phone", "317 555 0100")];
    Hit { id: id.to_owned(), record: record(&fields), organization: None }
}

#[test]
fn an_organization_opens_its_members_and_esc_goes_back() {
    let mut state = browse(USUAL);
    press(&mut state, "o");
    let organizations = vec![organization("A-1", "Arrow"), organization("OM-100", "Office Mart")];
    report(&mut state, Report::Found(found("", organizations.clone())));
    press(&mut state, "j");
    report(&mut state, Report::Members(vec![("OM-100".to_owned(), 3)]));
    scene("organizations", &mut state);
    let effects = key(&mut state, Code::Enter);
    assert!(matches!(&effects[..], [Effect::Start(Job::Search(s))] if s.member_of.as_deref() == Some("OM-100")));
    report(&mut state, Report::Found(found("", hits()[..2].to_vec())));
    scene("members", &mut state);
    let effects = key(&mut state, Code::Esc);
    assert!(matches!(&effects[..], [Effect::Start(Job::Search(s))] if s.member_of.is_none()));
    report(&mut state, Report::Found(found("", organizations)));
    assert_eq!(state.browse.selected().map(|hit| hit.id.as_str()), Some("OM-100"));
}

#[test]
fn members_are_counted_once_for_each_organization() {
    let mut state = browse(USUAL);
    let mut other = hit(2, "Zoe Whittaker", "Lantern Books");
    other.record = record(&[("contact.first_name", "Zoe"), ("account.id", "LB-200")]);
    let both = Message::Report(Report::Found(found("", vec![hit(1, "A B", "Office Mart"), other])));
    assert_eq!(update(&mut state, both), [Effect::Start(Job::CountMembers(vec!["LB-200".to_owned()]))]);
    assert_eq!(press(&mut state, "jkj"), []);
    report(&mut state, Report::Members(vec![("LB-200".to_owned(), 1)]));
    contains(&state, "Members       1");
    assert_eq!(press(&mut state, "kj"), []);
}

#[test]
fn y_copies_the_id_in_the_list_and_the_value_in_the_details() {
    let mut state = browse(USUAL);
    assert_eq!(press(&mut state, "y"), [Effect::Copy("C-101".to_owned())]);
    key(&mut state, Code::Esc);
    key(&mut state, Code::Tab);
    press(&mut state, "j");
    assert_eq!(press(&mut state, "y"), [Effect::Copy("Office Mart".to_owned())]);
}

#[test]
fn after_a_commit_list_and_index_are_loaded_again_and_the_selection_stays_on_its_record() {
    let mut state = browse(USUAL);
    press(&mut state, "j");
    let effects =
        update(&mut state, Message::Report(Report::Opened(Counts { contacts: 48_212, organizations: 3_902 })));
    assert!(effects.iter().any(|e| matches!(e, Effect::Start(Job::Search(_)))), "{effects:?}");
    assert!(effects.contains(&Effect::Start(Job::Index)));
    let mut more = hits();
    more.insert(0, hit(100, "Anne Archer", "Office Mart"));
    report(&mut state, Report::Found(found("", more)));
    assert_eq!(state.browse.selected().map(|hit| hit.id.as_str()), Some("C-102"));
}

#[test]
fn a_resize_keeps_the_record_and_the_line() {
    let mut state = browse(WIDE);
    press(&mut state, "G");
    key(&mut state, Code::Enter);
    press(&mut state, "G");
    let (record, line) = (state.browse.cursor.selected, state.browse.detail.selected);
    for (width, height) in [USUAL, NARROW, (200, 50), (40, 10), USUAL] {
        update(&mut state, Message::Resized(Size { width, height }));
        assert_eq!((state.browse.cursor.selected, state.browse.detail.selected), (record, line));
        contains(&state, "> Last changed");
    }
}

#[test]
fn no_size_makes_the_view_panic() {
    for width in (36..240).step_by(7) {
        for height in (8..60).step_by(3) {
            for keys in ["", "\r", "/smith", "o", "m"] {
                let mut state = browse((width, height));
                for c in keys.chars() {
                    let code = if c == '\r' { Code::Enter } else { Code::Char(c) };
                    key(&mut state, code);
                }
                picture(&state);
            }
        }
    }
}
