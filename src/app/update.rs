//! How a message changes the state: the keys that mean the same everywhere; the rest goes to overlays and screens.

use super::action::Action;
use super::effect::Effect;
use super::job::{Counts, Ended, Report, Slot};
use super::key::Key;
use super::keymap::Meaning;
use super::message::{Message, Size};
use super::overlay::{self, Confirm, Help, Notice, Overlay, Palette, Question};
use super::screen::{self, Screen};
use super::state::State;

/// Takes a message in; gives what is to be done outside the state.
pub fn update(state: &mut State, message: Message) -> Vec<Effect> {
    let mut effects = take(state, message);
    effects.extend(screen::import::draft::follow(state));
    effects
}

fn take(state: &mut State, message: Message) -> Vec<Effect> {
    match message {
        Message::Key(key) => press(state, key),
        Message::Text(text) => type_text(state, &text),
        Message::Resized(size) => resize(state, size),
        Message::Progress(slot, progress) => {
            if let Some((_, shown)) = state.running.iter_mut().find(|(running, _)| *running == slot) {
                *shown = progress;
            }
            if slot == Slot::Index { screen::browse::indexed(state) } else { vec![] }
        }
        Message::Report(report) => take_report(state, report),
        Message::Ended(slot, ended) => end_job(state, slot, ended),
        Message::Failed(what) => {
            state.overlays.push(Overlay::Notice(Notice::error("That did not work", &what)));
            vec![]
        }
    }
}

fn press(state: &mut State, key: Key) -> Vec<Effect> {
    state.notice = None;
    match state.keymap.meaning(state.contexts(), key) {
        Some(Meaning::Text(c)) => type_text(state, c.encode_utf8(&mut [0; 4])),
        Some(Meaning::Action(action)) => act(state, action, key),
        None => vec![],
    }
}

/// Text goes to the field that has the focus; without one, to the search of the screen, if it has any.
fn type_text(state: &mut State, text: &str) -> Vec<Effect> {
    match state.overlays.last_mut() {
        Some(top) => {
            top.type_text(text);
            screen::import::correct::typing(state);
            vec![]
        }
        None => screen::type_text(state, text),
    }
}

/// Does an action. `key` is the key that asked for it: one action may have several that differ, such as the digits.
pub fn act(state: &mut State, action: Action, key: Key) -> Vec<Effect> {
    match action {
        Action::Redraw => vec![Effect::Redraw],
        Action::Suspend => vec![Effect::Suspend],
        Action::Cancel => cancel(state),
        _ if !state.overlays.is_empty() => overlay::act(state, action, key),
        Action::Help => open(state, |state| Overlay::Help(Help::new(state.screen_contexts()))),
        Action::Palette => open(state, |state| Overlay::Palette(Palette::new(state.screen_contexts()))),
        Action::Quit => quit(state),
        Action::GoBrowse => {
            state.screen = Screen::Browse;
            vec![]
        }
        Action::GoImport => screen::import::enter(state),
        Action::Drafts => screen::import::draft::list(state, true),
        Action::GoHistory => screen::history::enter(state),
        _ => screen::act(state, action, key),
    }
}

fn open(state: &mut State, overlay: impl Fn(&State) -> Overlay) -> Vec<Effect> {
    let overlay = overlay(state);
    state.overlays.push(overlay);
    vec![]
}

/// Back to the start screen; there, out. Asks if that would end work.
fn quit(state: &mut State) -> Vec<Effect> {
    if state.screen != Screen::Browse {
        state.screen = Screen::Browse;
        screen::import::draft::leave(state);
        return vec![];
    }
    match (state.work(), screen::import::draft::unsaved(&state.import)) {
        (Some(slot), _) => ask_to_quit(state, &format!("{} is not finished and will be cancelled.", slot.title())),
        (None, 0) => vec![Effect::Quit],
        (None, said) => ask_to_quit(state, &screen::import::draft::loss(said)),
    }
}

/// Ctrl-C: cancels what runs; if nothing does, asks whether to quit; once more, quits.
fn cancel(state: &mut State) -> Vec<Effect> {
    let asked = matches!(state.overlays.last(), Some(Overlay::Confirm(c)) if c.question == Question::Quit);
    if asked {
        return vec![Effect::Quit];
    }
    if let Some(slot) = state.work() {
        state.notice = Some(format!("{}: asked to stop", slot.title()));
        return vec![Effect::Cancel(slot)];
    }
    let typed = state.browse.form.as_ref().is_some_and(|form| form.touched() > 0);
    ask_to_quit(state, if typed { "What you typed in the form would be lost." } else { "Nothing is running." })
}

fn ask_to_quit(state: &mut State, why: &str) -> Vec<Effect> {
    open(state, |_| Overlay::Confirm(Confirm::new(Question::Quit, "Quit muster?", why)))
}

fn resize(state: &mut State, size: Size) -> Vec<Effect> {
    state.size = size;
    screen::resize(state);
    vec![]
}

fn take_report(state: &mut State, report: Report) -> Vec<Effect> {
    match report {
        Report::Opened(counts) => {
            let first = state.counts.replace(counts).is_none();
            let mut effects = screen::browse::opened(state);
            effects.extend(screen::history::opened(state));
            // An empty base has nothing to browse.
            if first && counts == Counts::default() && state.screen == Screen::Browse {
                effects.extend(screen::import::enter(state));
            }
            if first {
                effects.extend(screen::import::draft::list(state, false));
            }
            effects
        }
        Report::Import(report) => screen::import::take(state, report),
        Report::Conflict(report) => screen::import::take_conflict(state, report),
        Report::Edit(report) => screen::browse::hand::take(state, report),
        Report::Draft(report) => screen::import::draft::take(state, report),
        Report::Doubt(report) => screen::import::doubts::take(state, report),
        Report::History(report) => screen::history::take(state, report),
        Report::Found(found) => screen::browse::take(state, found),
        Report::Told(text) => {
            state.overlays.push(Overlay::Notice(Notice::new("The base was renewed", &text)));
            vec![]
        }
        Report::Mistake(mistake) => {
            state.browse.mistake = Some(mistake);
            vec![]
        }
        Report::Known(known) => {
            state.browse.known = known;
            vec![]
        }
        Report::Steps(entity, id, steps) => screen::browse::around::take_steps(state, entity, id, steps),
        Report::HitsSaved(path, records) => {
            screen::browse::to_file::saved(state, &path, records);
            vec![]
        }
        Report::Members(members) => {
            screen::browse::around::take_members(state, members);
            vec![]
        }
    }
}

fn end_job(state: &mut State, slot: Slot, ended: Ended) -> Vec<Effect> {
    // Whoever has answered was done before it was cancelled.
    let running = state.running.iter().find(|(running, _)| *running == slot);
    let answered = running.is_none();
    // An import fails in one of its steps.
    let what_failed = match running {
        Some((_, progress)) if slot == Slot::Import && !progress.doing.is_empty() => progress.doing.clone(),
        _ => slot.title().to_owned(),
    };
    state.ended(slot);
    screen::import::ended(state, slot, &ended);
    match ended {
        Ended::Done if slot == Slot::Index => return screen::browse::indexed(state),
        Ended::Done => {}
        Ended::Cancelled if answered => {}
        Ended::Cancelled => state.notice = Some(format!("{}: cancelled", slot.title())),
        Ended::Failed(what) if slot == Slot::Saving => screen::import::draft::failed(state, &what),
        Ended::Failed(what) => {
            state.overlays.push(Overlay::Notice(Notice::error(&format!("{what_failed} failed"), &what)));
        }
    }
    vec![]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::job::{Found, Hit, Job, Progress};
    use crate::app::key::Code;
    use crate::app::screen::browse::Focus;

    const USUAL: Size = Size { width: 80, height: 24 };

    fn send(state: &mut State, keys: &[Key]) -> Vec<Effect> {
        keys.iter().flat_map(|key| update(state, Message::Key(*key))).collect()
    }

    fn hits(first: usize, count: usize, total: usize) -> Report {
        let hits = (first..first + count).map(|n| Hit { id: n.to_string(), ..Hit::default() }).collect();
        Report::Found(Found { first, hits, total, ..Found::default() })
    }

    /// A state with an open base and hits.
    fn opened(total: usize) -> State {
        let (mut state, effects) = State::new(USUAL);
        assert_eq!(effects, [Effect::Start(Job::Open)]);
        let effects = update(&mut state, Message::Report(Report::Opened(Counts { contacts: 1, organizations: 1 })));
        assert!(matches!(effects[..], [Effect::Start(Job::Search(_)), Effect::Start(Job::Index), ..]));
        update(&mut state, Message::Report(hits(0, total.min(400), total)));
        state
    }

    fn importing(state: &mut State) {
        state.running.push((Slot::Import, Progress::default()));
    }

    #[test]
    fn q_quits_from_browse_and_asks_when_work_would_be_lost() {
        let mut state = opened(10);
        assert_eq!(send(&mut state, &[Key::char('q')]), [Effect::Quit]);
        importing(&mut state);
        assert_eq!(send(&mut state, &[Key::char('q')]), []);
        assert_eq!(send(&mut state, &[Key::plain(Code::Enter)]), [], "Enter alone never does what is asked");
        assert!(state.overlays.is_empty());
        assert_eq!(send(&mut state, &[Key::char('q'), Key::plain(Code::Tab), Key::plain(Code::Enter)]), [Effect::Quit]);
    }

    #[test]
    fn ctrl_c_cancels_work_first() {
        let mut state = opened(10);
        importing(&mut state);
        assert_eq!(send(&mut state, &[Key::ctrl('c')]), [Effect::Cancel(Slot::Import)]);
        update(&mut state, Message::Ended(Slot::Import, Ended::Cancelled));
        assert!(state.notice.as_deref().is_some_and(|n| n.contains("cancelled")));
        assert_eq!(send(&mut state, &[Key::ctrl('c')]), []);
        assert_eq!(send(&mut state, &[Key::ctrl('c')]), [Effect::Quit]);
    }

    #[test]
    fn pasted_text_searches_but_never_answers_a_question() {
        let mut state = opened(10);
        let effects = update(&mut state, Message::Text("smith".to_owned()));
        assert!(matches!(&effects[..], [Effect::Start(Job::Search(s))] if s.query == "smith"));
        assert_eq!(state.browse.focus, Focus::Search);
        send(&mut state, &[Key::ctrl('c')]);
        assert_eq!(update(&mut state, Message::Text("y".to_owned())), []);
        assert_eq!(state.overlays.len(), 1);
    }

    #[test]
    fn esc_takes_layer_after_layer_and_never_quits() {
        let mut state = opened(10);
        send(&mut state, &[Key::char('/'), Key::char('x'), Key::plain(Code::F(1))]);
        assert_eq!(state.overlays.len(), 1);
        send(&mut state, &[Key::plain(Code::Esc)]);
        assert!(state.overlays.is_empty() && state.browse.search.text() == "x");
        send(&mut state, &[Key::plain(Code::Esc)]);
        assert!(state.browse.search.text().is_empty() && state.browse.focus == Focus::Search);
        assert_eq!(send(&mut state, &[Key::plain(Code::Esc); 3]), []);
        assert_eq!(state.browse.focus, Focus::List);
    }

    #[test]
    fn hints_are_what_would_do_something_now() {
        let (nothing, something) = (opened(0).hints(), opened(1).hints());
        assert!(!nothing.contains(&Action::EditRecord) && something.contains(&Action::EditRecord));
        assert!(!something.contains(&Action::HandOver) && !something.contains(&Action::Undo));
    }

    #[test]
    fn leaving_the_loaded_rows_loads_those_around_the_selection() {
        let mut state = opened(1_000_000);
        assert_eq!(send(&mut state, &[Key::plain(Code::PageDown)]), []);
        let effects = send(&mut state, &[Key::char('G')]);
        assert!(matches!(&effects[..], [Effect::Start(Job::Search(s))] if s.first == 999_939), "{effects:?}");
        update(&mut state, Message::Report(hits(999_939, 61, 1_000_000)));
        assert_eq!(state.browse.hit(state.browse.cursor.selected).unwrap().id, "999999");
    }

    #[test]
    fn a_resize_keeps_the_selection_in_view() {
        let mut state = opened(400);
        send(&mut state, &[Key::char('G')]);
        update(&mut state, Message::Resized(Size { width: 60, height: 12 }));
        let rows = state.browse.list_rows(state.size);
        assert!(state.browse.cursor.window(400, rows).contains(&399));
    }

    #[test]
    fn a_failed_job_shows_why_and_the_notice_goes_with_the_next_key() {
        let mut state = opened(1);
        update(&mut state, Message::Ended(Slot::Search, Ended::Failed("disk on fire".to_owned())));
        assert!(matches!(&state.overlays[..], [Overlay::Notice(n)] if n.text == "disk on fire"));
        send(&mut state, &[Key::plain(Code::Enter)]);
        assert!(state.overlays.is_empty());
        state.notice = Some("read".to_owned());
        send(&mut state, &[Key::plain(Code::Down)]);
        assert_eq!(state.notice, None);
    }

    #[test]
    fn a_copy_goes_to_the_terminal_and_is_shown() {
        let mut state = opened(1);
        assert!(matches!(&send(&mut state, &[Key::char('y')])[..], [Effect::Copy(id)] if id == "0"));
        assert!(matches!(&state.overlays[..], [Overlay::Notice(_)]));
        assert_eq!(send(&mut opened(0), &[Key::char('y')]), [], "there is nothing to copy");
    }

    #[test]
    fn the_palette_runs_what_is_chosen_on_the_screen_below() {
        let mut state = opened(1);
        let keys: Vec<Key> = ":redraw".chars().map(Key::char).collect();
        assert_eq!(send(&mut state, &keys), []);
        assert_eq!(send(&mut state, &[Key::plain(Code::Enter)]), [Effect::Redraw]);
        assert!(state.overlays.is_empty());
    }
}
