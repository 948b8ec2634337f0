//! The form in which a person makes or changes a contact or an organization. What is typed is checked at once; nothing is
//! saved before the person has seen it old -> new and said yes.
//!
//! [`mod@fields`]: the fields in their groups · [`said`]: what stands beside a field and below the form · [`save`]: from the
//! question to the base

pub mod fields;
pub mod said;
pub mod save;

use crate::app::action::Action;
use crate::app::cursor::Cursor;
use crate::app::effect::Effect;
use crate::app::field::TextField;
use crate::app::job::edit::{EditJob, Offers};
use crate::app::job::{Hit, Job, Known, Slot};
use crate::app::message::Size;
use crate::app::overlay::{Confirm, Overlay, Question};
use crate::app::state::State;
use crate::flow::edit::{Checked, Draft};
use crate::model::fields::{Catalog, Entity, FieldId};
use crate::model::record::Record;
use crate::model::settings::Reading;
use crate::report::brief;
use fields::{FormField, Group, fields};

/// The state of the form.
#[derive(Debug)]
pub struct Form {
    /// A contact or an organization.
    pub entity: Entity,
    /// The ID of a stored record; of a new one it is typed.
    id: Option<String>,
    /// Whose record it is; empty for a new one.
    pub name: String,
    /// The record as the person saw it; `None` for a new one.
    seen: Option<Record>,
    /// The fields, in the order of the screen.
    pub fields: Vec<FormField>,
    /// The field that has the focus; one more is the line that saves.
    pub at: usize,
    /// The rows in view.
    pub cursor: Cursor,
    /// Organizations for what is typed as the Account ID of a contact.
    pub offers: Offers,
    /// The selected one of them.
    pub offer: Option<usize>,
    /// How it is read.
    pub reading: Reading,
    /// What was typed comes to this.
    pub checked: Checked,
}

/// A row of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// The heading of a group.
    Heading(Group),
    /// A field, by its number.
    Field(usize),
    /// An offered organization, by its number.
    Offer(usize),
    /// The line that saves.
    Save,
}

/// Title line above the rows; rule, two lines about the field and the rule above the hint bar below them; tab bar, hint bar.
const AROUND: u16 = 7;

impl Form {
    /// A form for a new record of that entity, or for a stored one.
    pub fn new(entity: Entity, stored: Option<&Hit>, known: &Known) -> Form {
        let record = stored.map(|hit| &hit.record);
        let mut form = Form {
            entity,
            id: stored.map(|hit| hit.id.clone()),
            name: stored.map(|hit| brief::name(entity, hit.record.values.view())).unwrap_or_default(),
            seen: record.cloned(),
            fields: fields(entity, record, &known.catalog),
            at: 0,
            cursor: Cursor::default(),
            offers: Offers::default(),
            offer: None,
            reading: known.reading.clone(),
            checked: Checked::default(),
        };
        if let Some(hit) = stored {
            form.offers.text = form.text(FieldId::ACCOUNT_ID).to_owned();
            form.offers.exact.clone_from(&hit.organization);
        }
        form.check(&known.catalog);
        form
    }

    /// What it is for.
    pub fn title(&self) -> String {
        match &self.id {
            Some(id) => format!("Edit {} {id}", self.entity.noun()),
            None => format!("New {}", self.entity.noun()),
        }
    }

    /// Whether the record is new.
    pub fn is_new(&self) -> bool {
        self.seen.is_none()
    }

    /// The field that has the focus; `None` on the line that saves.
    pub fn focused(&self) -> Option<&FormField> {
        self.fields.get(self.at)
    }

    /// How many fields were touched.
    pub fn touched(&self) -> usize {
        self.fields.iter().filter(|field| field.touched()).count()
    }

    fn text(&self, id: FieldId) -> &str {
        self.fields.iter().find(|field| field.id == id).map_or("", |field| field.input.text())
    }

    /// What was typed, for the flow.
    fn draft(&self) -> Draft {
        let key = self.entity.key();
        let touched = self.fields.iter().filter(|field| field.touched() && field.id != key);
        Draft {
            entity: self.entity,
            id: self.id.clone().unwrap_or_else(|| self.text(key).to_owned()),
            seen: self.seen.clone(),
            typed: touched.map(|field| (field.id, field.input.text().to_owned())).collect(),
            reading: self.reading.clone(),
        }
    }

    fn check(&mut self, catalog: &Catalog) {
        self.checked = self.draft().check(catalog);
    }

    /// Every row, as if the window were long enough.
    pub fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::with_capacity(self.fields.len() + 8);
        let mut last = None;
        for (number, field) in self.fields.iter().enumerate() {
            let group = Group::of(field.id);
            if last.replace(group) != Some(group) {
                rows.push(Row::Heading(group));
            }
            rows.push(Row::Field(number));
            if number == self.at && field.id == FieldId::ACCOUNT_ID && self.entity == Entity::Contact {
                rows.extend((0..self.offers.found.len()).map(Row::Offer));
            }
        }
        rows.push(Row::Save);
        rows
    }

    /// How many rows are in view.
    pub fn height(size: Size) -> usize {
        usize::from(size.height.saturating_sub(AROUND)).max(1)
    }

    /// Keeps the focus in view, with the heading above it where there is one.
    pub fn reveal(&mut self, size: Size) {
        let rows = self.rows();
        let here = match self.offer {
            Some(offer) => Row::Offer(offer),
            None if self.at < self.fields.len() => Row::Field(self.at),
            None => Row::Save,
        };
        let place = rows.iter().position(|row| *row == here).unwrap_or(0);
        if place > 0 && matches!(rows[place - 1], Row::Heading(_)) {
            self.cursor.selected = place - 1;
            self.cursor.reveal(rows.len(), Form::height(size));
        }
        self.cursor.selected = place;
        self.cursor.reveal(rows.len(), Form::height(size));
    }

    /// Moves the focus by so many fields; it stops at the ends.
    fn step(&mut self, by: isize) {
        self.at = self.at.saturating_add_signed(by).min(self.fields.len());
        self.offer = None;
    }

    /// Moves up or down through the offers, and out of them to the fields.
    fn step_in_offers(&mut self, down: bool) {
        let offers = if self.rows().contains(&Row::Offer(0)) { self.offers.found.len() } else { 0 };
        match (self.offer, down) {
            (None, true) if offers > 0 => self.offer = Some(0),
            (Some(at), true) if at + 1 < offers => self.offer = Some(at + 1),
            (Some(0), false) => self.offer = None,
            (Some(at), false) => self.offer = Some(at - 1),
            (_, true) => self.step(1),
            (None, false) => self.step(-1),
        }
    }
}

/// Opens the form for a new record of the entity that is listed.
pub fn create(state: &mut State) -> Vec<Effect> {
    let browse = &mut state.browse;
    let mut form = Form::new(browse.entity, None, &browse.known);
    if let Some(inside) = &browse.inside
        && let Some(field) = form.fields.iter_mut().find(|field| field.id == FieldId::ACCOUNT_ID)
    {
        field.input = TextField::new(&inside.account);
        form.offers = Offers { text: inside.account.clone(), exact: Some(inside.name.clone()), found: Vec::new() };
        form.check(&browse.known.catalog);
    }
    open(state, form)
}

/// Opens the form for the selected record.
pub fn edit(state: &mut State) -> Vec<Effect> {
    let browse = &state.browse;
    let Some(hit) = browse.selected() else { return vec![] };
    let form = Form::new(browse.entity, Some(hit), &browse.known);
    open(state, form)
}

fn open(state: &mut State, mut form: Form) -> Vec<Effect> {
    if state.counts.is_none() {
        state.notice = Some("The base is not open".to_owned());
        return vec![];
    }
    form.reveal(state.size);
    state.browse.form = Some(form);
    vec![]
}

/// Does an action in the form.
pub fn act(state: &mut State, action: Action) -> Vec<Effect> {
    let saving = state.running.iter().any(|(slot, _)| *slot == Slot::Edit);
    if saving {
        return if action == Action::Back { vec![Effect::Cancel(Slot::Edit)] } else { vec![] };
    }
    let size = state.size;
    let page = Form::height(size) as isize;
    let Some(form) = &mut state.browse.form else { return vec![] };
    let last = form.fields.len();
    match action {
        Action::Back => return leave(state),
        Action::SaveForm => return save::ask(state),
        Action::NextField if form.at == last => return save::ask(state),
        Action::NextField if form.offer.is_some() => return take_offer(state),
        Action::NextField | Action::NextPane => form.step(1),
        Action::PreviousPane => form.step(-1),
        Action::TextListUp => form.step_in_offers(false),
        Action::TextListDown => form.step_in_offers(true),
        Action::TextPageUp => form.step(-page),
        Action::TextPageDown => form.step(page),
        _ => {
            return edit_text(state, |input| {
                input.edit(action);
            });
        }
    }
    focused(state)
}

/// Text for the field that has the focus.
pub fn type_text(state: &mut State, text: &str) -> Vec<Effect> {
    let long = text.chars().count();
    let room = |input: &TextField| TextField::LIMIT - input.text().chars().count();
    let full = state.browse.form.as_ref().and_then(Form::focused).is_some_and(|field| room(&field.input) < long);
    if full {
        state.notice = Some(format!("A field takes {} characters; nothing was put in", TextField::LIMIT));
        return vec![];
    }
    edit_text(state, |input| input.insert(text))
}

/// Changes the text that has the focus, and checks the form again.
fn edit_text(state: &mut State, change: impl FnOnce(&mut TextField)) -> Vec<Effect> {
    let saving = state.running.iter().any(|(slot, _)| *slot == Slot::Edit);
    let browse = &mut state.browse;
    let Some(form) = browse.form.as_mut().filter(|_| !saving) else { return vec![] };
    let Some(field) = form.fields.get_mut(form.at) else { return vec![] };
    if field.locked {
        state.notice = Some("This value has line breaks or is very long: it can only be changed by a file".to_owned());
        return vec![];
    }
    let before = field.input.text().to_owned();
    change(&mut field.input);
    if field.input.text() == before {
        return vec![];
    }
    field.refused = None;
    form.offer = None;
    form.check(&browse.known.catalog);
    focused(state)
}

/// The focus is on another field, or its text has changed: organizations are offered where one is typed.
fn focused(state: &mut State) -> Vec<Effect> {
    let size = state.size;
    let Some(form) = &mut state.browse.form else { return vec![] };
    form.reveal(size);
    let membership = form.entity == Entity::Contact && form.focused().is_some_and(|f| f.id == FieldId::ACCOUNT_ID);
    if !membership || (form.offers.text == form.text(FieldId::ACCOUNT_ID) && !form.offers.found.is_empty()) {
        return vec![];
    }
    let job = EditJob::Offer(form.text(FieldId::ACCOUNT_ID).to_owned());
    vec![state.start(Job::Edit(job))]
}

/// Takes offered organizations in, if they are for what is typed now.
pub fn take_offers(state: &mut State, offers: Offers) {
    let size = state.size;
    let Some(form) = &mut state.browse.form else { return };
    if form.text(FieldId::ACCOUNT_ID) == offers.text {
        form.offers = offers;
        form.offer = None;
        form.reveal(size);
    }
}

/// Puts the selected organization in.
fn take_offer(state: &mut State) -> Vec<Effect> {
    let browse = &mut state.browse;
    let Some(form) = &mut browse.form else { return vec![] };
    let Some((id, name)) = form.offer.and_then(|offer| form.offers.found.get(offer)).cloned() else { return vec![] };
    if let Some(field) = form.fields.get_mut(form.at) {
        field.input = TextField::new(&id);
        field.refused = None;
    }
    form.offers = Offers { text: id, exact: Some(name), found: Vec::new() };
    form.step(1);
    form.check(&browse.known.catalog);
    focused(state)
}

/// Leaves the form; asks if something was typed.
fn leave(state: &mut State) -> Vec<Effect> {
    let Some(form) = &mut state.browse.form else { return vec![] };
    if form.offer.take().is_some() {
        return focused(state);
    }
    match form.touched() {
        0 => state.browse.form = None,
        touched => {
            let what = if touched == 1 { "One field was changed" } else { &format!("{touched} fields were changed") };
            let text = format!("{what} and not saved. Yes throws that away, No goes on typing.");
            state.overlays.push(Overlay::Confirm(Confirm::new(Question::LeaveForm, "Leave the form?", &text)));
        }
    }
    vec![]
}

/// What a person said yes to.
pub fn confirmed(state: &mut State, question: Question) -> Vec<Effect> {
    if question == Question::SaveForm {
        return save::confirmed(state);
    }
    state.browse.form = None;
    vec![]
}
