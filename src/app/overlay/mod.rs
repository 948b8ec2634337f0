//! What lies above a screen: one stack, the top gets the keys, Esc takes it away.

mod confirm;
mod help;
mod notice;
mod palette;
mod pick;
mod prompt;

pub use confirm::Confirm;
pub use help::{Help, HelpLine};
pub use notice::{Kind, Notice};
pub use palette::Palette;
pub use pick::{Item, Pick};
pub use prompt::Prompt;

use super::action::{Action, Context};
use super::effect::Effect;
use super::key::Key;
use super::message::Size;
use super::screen::{browse, history, import};
use super::state::State;
use super::update;
use crate::model::fields::{Entity, FieldId};

/// One layer above a screen.
#[derive(Debug)]
pub enum Overlay {
    /// Every key.
    Help(Help),
    /// What can be done here.
    Palette(Palette),
    /// A question with yes and no.
    Confirm(Confirm),
    /// A list to choose from.
    Pick(Pick),
    /// A question that wants text.
    Prompt(Prompt),
    /// An error or a message.
    Notice(Notice),
}

/// What a confirm, a list or a prompt asks for, so that the answer finds its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// End the program?
    Quit,
    /// Browse: save what the form says?
    SaveForm,
    /// Browse: throw away what was typed?
    LeaveForm,
    /// Browse: delete the record?
    Delete,
    /// Browse: let imports change the organization?
    HandOver,
    /// Browse: as which file shall the hits be saved?
    SaveHits,
    /// Import: stop the check or the commit?
    StopImport,
    /// Import: lose the decisions about the present file, which could not be saved?
    OtherFile,
    /// Import: go on with which draft?
    Drafts,
    /// Import: what to do with the draft of that number?
    Draft(usize),
    /// Import: throw the draft of that number away?
    ThrowAway(usize),
    /// Import: which cell of the row to correct?
    Cell,
    /// Import: what does the cell in that column (from 0) say?
    Correct(u32),
    /// Import: write it?
    Commit,
    /// Import: which field does the column fill?
    Field(usize),
    /// Import: which ID do the marked columns make?
    ComposedId,
    /// Import: what stands between the parts of that record's ID?
    Separator(Entity),
    /// Import: what is the answer to the first open question of the file?
    Answer,
    /// Import: which setting to change?
    Setting,
    /// Import: of which country are phones without country code?
    Region,
    /// Import: in which encoding is the file?
    Encoding,
    /// Import: which value shall the field have?
    Value(FieldId),
    /// Import: which policy for many conflicts?
    Policy,
    /// Import: which answer for many doubts?
    Consent,
    /// History: which records of the act?
    Part,
    /// History: take the act back?
    UndoAct,
    /// History: as which file shall the rejects of that act be saved?
    SaveRejects(u64),
}

impl Overlay {
    /// The contexts of the overlay, the nearest first.
    pub fn contexts(&self) -> &'static [Context] {
        match self {
            Overlay::Help(_) | Overlay::Palette(_) | Overlay::Pick(_) | Overlay::Prompt(_) => {
                &[Context::Overlay, Context::Text, Context::Everywhere]
            }
            Overlay::Confirm(_) => &[Context::Confirm, Context::Overlay, Context::List, Context::Everywhere],
            Overlay::Notice(_) => &[Context::Overlay, Context::List, Context::Everywhere],
        }
    }

    /// The hints of the overlay.
    pub fn hints(&self) -> &'static [Action] {
        match self {
            Overlay::Help(_) => &[Action::TextPageDown, Action::Back],
            Overlay::Palette(_) | Overlay::Pick(_) => &[Action::Accept, Action::Back],
            Overlay::Prompt(_) => &[Action::Accept, Action::Back],
            Overlay::Confirm(_) => &[Action::Yes, Action::No, Action::OtherAnswer, Action::Accept],
            Overlay::Notice(_) => &[Action::Back],
        }
    }

    /// How wide and high its frame is in a window of a size, borders included.
    pub fn frame(&self, size: Size) -> Size {
        let (width, height) = match self {
            Overlay::Help(_) => (118, u16::MAX),
            Overlay::Palette(_) => (72, 18),
            Overlay::Pick(p) => {
                let text = p.lines(size.width.saturating_sub(2).min(76)).len() as u16;
                (76, (p.items.len() as u16).saturating_add(3 + text).min(20))
            }
            Overlay::Confirm(c) => {
                let width = 60.min(size.width.saturating_sub(2));
                (width, c.lines(usize::from(width.saturating_sub(4))).len() as u16 + 6)
            }
            Overlay::Prompt(p) => {
                let width = 70.min(size.width.saturating_sub(2));
                let lines: usize = p.lines(usize::from(width.saturating_sub(4))).iter().map(Vec::len).sum();
                (width, (lines as u16 + 3).max(5))
            }
            Overlay::Notice(n) => (76, n.lines(Notice::width(size)).len() as u16 + 2),
        };
        Size { width: width.min(size.width.saturating_sub(2)), height: height.min(size.height.saturating_sub(2)) }
    }

    /// Text for its field, if it has one; a yes or no takes none, so pasted text cannot answer a question.
    pub fn type_text(&mut self, text: &str) {
        match self {
            Overlay::Help(help) => help.type_text(text),
            Overlay::Palette(palette) => palette.type_text(text),
            Overlay::Pick(pick) => pick.type_text(text),
            Overlay::Prompt(prompt) => prompt.field.insert(text),
            Overlay::Confirm(_) | Overlay::Notice(_) => {}
        }
    }
}

/// Does an action on the top overlay.
pub fn act(state: &mut State, action: Action, key: Key) -> Vec<Effect> {
    if matches!(action, Action::Back | Action::Quit | Action::No) {
        state.overlays.pop();
        return vec![];
    }
    let (size, keymap) = (state.size, &state.keymap);
    let Some(top) = state.overlays.last_mut() else { return vec![] };
    let frame = top.frame(size);
    match top {
        Overlay::Help(help) => help.act(action, keymap, frame),
        Overlay::Palette(palette) => {
            let chosen = (action == Action::Accept).then(|| palette.selected(keymap)).flatten();
            palette.act(action, keymap, frame);
            if let Some(chosen) = chosen {
                state.overlays.pop();
                return update::act(state, chosen, key);
            }
        }
        Overlay::Confirm(confirm) => match confirm.act(action, frame) {
            Some(true) => {
                let question = confirm.question;
                state.overlays.pop();
                return confirmed(state, question);
            }
            Some(false) => drop(state.overlays.pop()),
            None => {}
        },
        Overlay::Pick(pick) => match (action, pick.selected()) {
            (Action::Accept, Some(item)) => {
                let question = pick.question;
                // Settings are changed one after the other; anything else is chosen once.
                if question != Question::Setting {
                    state.overlays.pop();
                }
                return picked(state, question, item);
            }
            _ => pick.act(action, frame),
        },
        Overlay::Prompt(prompt) => match action {
            Action::Accept => {
                let (question, answer) = (prompt.question, prompt.field.text().to_owned());
                return answered(state, question, &answer);
            }
            _ => {
                prompt.field.edit(action);
                import::correct::typing(state);
            }
        },
        Overlay::Notice(_) if action == Action::Accept => drop(state.overlays.pop()),
        Overlay::Notice(notice) => notice.act(action, frame),
    }
    vec![]
}

fn confirmed(state: &mut State, question: Question) -> Vec<Effect> {
    match question {
        Question::Quit => vec![Effect::Quit],
        Question::SaveForm | Question::LeaveForm => browse::form::confirmed(state, question),
        Question::Delete | Question::HandOver => browse::hand::confirmed(state, question),
        Question::UndoAct => history::undo::confirmed(state),
        _ => import::confirmed(state, question),
    }
}

fn picked(state: &mut State, question: Question, item: usize) -> Vec<Effect> {
    match question {
        Question::Field(column) => import::columns::field_chosen(state, column, item),
        Question::Answer => import::columns::answered(state, item),
        Question::ComposedId => import::compose::chosen(state, item),
        Question::Setting => import::settings::chosen(state, item),
        Question::Policy => import::policy::chosen(state, item),
        Question::Drafts => import::draft::chosen(state, item),
        Question::Draft(number) => import::draft::answered(state, number, item),
        Question::Cell => import::correct::chosen(state, item),
        Question::Consent => import::doubts::chosen(state, item),
        Question::Part => history::records::part_chosen(state, item),
        _ => vec![],
    }
}

/// Hands the text of a prompt on. If it is not good, the prompt stays and says why.
fn answered(state: &mut State, question: Question, answer: &str) -> Vec<Effect> {
    let Some(Overlay::Prompt(mut prompt)) = state.overlays.pop() else { return vec![] };
    let taken = match question {
        Question::Separator(entity) => import::compose::separator_typed(state, entity, answer),
        Question::Region => import::settings::region_typed(state, answer),
        Question::Encoding => Ok(import::settings::encoding_typed(state, answer)),
        Question::Value(field) => import::decide::value_typed(state, field, answer),
        Question::Correct(column) => import::correct::typed(state, column, answer),
        Question::SaveRejects(number) => history::name_typed(state, number, answer),
        Question::SaveHits => browse::to_file::name_typed(state, answer),
        _ => Ok(vec![]),
    };
    taken.unwrap_or_else(|why| {
        prompt.wrong = Some(why);
        state.overlays.push(Overlay::Prompt(prompt));
        vec![]
    })
}
