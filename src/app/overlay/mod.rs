//! What lies above a screen: one stack, the top gets the keys, Esc takes it away.

mod confirm;
mod help;
mod notice;
mod palette;
mod prompt;

pub use confirm::Confirm;
pub use help::{Help, HelpLine};
pub use notice::{Kind, Notice};
pub use palette::Palette;
pub use prompt::Prompt;

use super::action::{Action, Context};
use super::effect::Effect;
use super::key::Key;
use super::message::Size;
use super::state::State;
use super::update;

/// One layer above a screen.
#[derive(Debug)]
pub enum Overlay {
    /// Every key.
    Help(Help),
    /// What can be done here.
    Palette(Palette),
    /// A question with yes and no.
    Confirm(Confirm),
    /// A question that wants text.
    Prompt(Prompt),
    /// An error or a message.
    Notice(Notice),
}

/// What a confirm or prompt asks for, so that the answer finds its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// End the program?
    Quit,
    /// Which file to import?
    ImportFile,
}

impl Overlay {
    /// The contexts of the overlay, the nearest first.
    pub fn contexts(&self) -> &'static [Context] {
        match self {
            Overlay::Help(_) | Overlay::Palette(_) | Overlay::Prompt(_) => {
                &[Context::Overlay, Context::Text, Context::Everywhere]
            }
            Overlay::Confirm(_) => &[Context::Confirm, Context::Overlay, Context::Everywhere],
            Overlay::Notice(_) => &[Context::Overlay, Context::List, Context::Everywhere],
        }
    }

    /// The hints of the overlay.
    pub fn hints(&self) -> &'static [Action] {
        match self {
            Overlay::Help(_) => &[Action::TextPageDown, Action::Back],
            Overlay::Palette(_) => &[Action::Accept, Action::Back],
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
            Overlay::Confirm(c) => (60, c.lines(56).len() as u16 + 6),
            Overlay::Prompt(_) => (70, 4),
            Overlay::Notice(n) => (76, n.lines(Notice::width(size)).len() as u16 + 2),
        };
        Size { width: width.min(size.width.saturating_sub(2)), height: height.min(size.height.saturating_sub(2)) }
    }

    /// Text for its field, if it has one; a yes or no takes none, so pasted text cannot answer a question.
    pub fn type_text(&mut self, text: &str) {
        match self {
            Overlay::Help(help) => help.type_text(text),
            Overlay::Palette(palette) => palette.type_text(text),
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
    let size = state.size;
    let Some(top) = state.overlays.last_mut() else { return vec![] };
    let frame = top.frame(size);
    match top {
        Overlay::Help(help) => help.act(action, frame),
        Overlay::Palette(palette) => {
            let chosen = (action == Action::Accept).then(|| palette.selected()).flatten();
            palette.act(action, frame);
            if let Some(chosen) = chosen {
                state.overlays.pop();
                return update::act(state, chosen, key);
            }
        }
        Overlay::Confirm(confirm) => match confirm.act(action) {
            Some(true) => {
                let question = confirm.question;
                state.overlays.pop();
                return confirmed(question);
            }
            Some(false) => drop(state.overlays.pop()),
            None => {}
        },
        Overlay::Prompt(prompt) => match action {
            Action::Accept => {
                let (question, answer) = (prompt.question, prompt.field.text().to_owned());
                state.overlays.pop();
                return answered(state, question, &answer);
            }
            _ => drop(prompt.field.edit(action)),
        },
        Overlay::Notice(_) if action == Action::Accept => drop(state.overlays.pop()),
        Overlay::Notice(notice) => notice.act(action, frame),
    }
    vec![]
}

fn confirmed(question: Question) -> Vec<Effect> {
    match question {
        Question::Quit => vec![Effect::Quit],
        Question::ImportFile => vec![],
    }
}

fn answered(state: &mut State, question: Question, answer: &str) -> Vec<Effect> {
    if question == Question::ImportFile && !answer.trim().is_empty() {
        let text = format!("Leave the app and run `muster import {}`.", answer.trim());
        state.overlays.push(Overlay::Notice(Notice::new("Import on the command line", &text)));
    }
    vec![]
}
