//! From the form to the base: what will be saved is shown first, and what happened meanwhile is never overwritten.

use super::Form;
use super::fields::FormField;
use crate::app::effect::Effect;
use crate::app::job::edit::EditJob;
use crate::app::overlay::{Confirm, Notice, Overlay, Question};
use crate::app::screen::browse::hand::{self, Act};
use crate::app::state::State;
use crate::flow::edit::{Ready, Review, Saved, Stale, ValueChange};
use crate::model::fields::{Catalog, Entity, FieldId, Kind};
use crate::model::finding::{Finding, Severity};
use crate::model::record::Value;
use crate::model::text::personal;
use crate::report::brief;

/// Asks the base what would be saved; if something typed cannot be, goes there.
pub fn ask(state: &mut State) -> Vec<Effect> {
    let size = state.size;
    let Some(form) = &mut state.browse.form else { return vec![] };
    let error = form.checked.findings.iter().find(|finding| finding.severity == Severity::Error);
    if let Some(error) = error {
        let field = error.field.unwrap_or(form.entity.key());
        let label = form.fields.iter().find(|f| f.id == field).map_or("", |f| f.label.as_str());
        state.notice = Some(format!("Not saved: {}", error.message(label)));
        form.go_to(field);
        form.reveal(size);
        return vec![];
    }
    if !form.is_new() && form.checked.changes.is_empty() {
        state.notice = Some("Nothing was changed: there is nothing to save".to_owned());
        return vec![];
    }
    let job = EditJob::Review(Box::new(form.draft()));
    vec![hand::start(state, job)]
}

/// The person has said yes.
pub fn confirmed(state: &mut State) -> Vec<Effect> {
    let Some(form) = &state.browse.form else { return vec![] };
    let job = EditJob::Save(Box::new(form.draft()));
    vec![hand::start(state, job)]
}

/// Takes in what the base says to the draft.
pub fn reviewed(state: &mut State, review: Review) {
    match review {
        Review::Ready(ready) => question(state, &ready),
        Review::Refused(field, why) => refuse(state, field, why),
        Review::Stale(stale) => rebase(state, stale),
    }
}

/// Takes in what became of saving.
pub fn saved(state: &mut State, saved: Saved) -> Vec<Effect> {
    let done = match saved {
        Saved::Done(done) => done,
        Saved::Not(review) => {
            reviewed(state, review);
            return vec![];
        }
    };
    let Some(form) = state.browse.form.take() else { return vec![] };
    let name = brief::name(form.entity, form.checked.put.values.view());
    let what = if form.is_new() { "created" } else { "saved" };
    hand::done(state, Act { number: done.number, what: format!("{}: {what}", personal(&name)) });
    if form.is_new() { super::super::show(state, form.entity, &form.checked.id) } else { vec![] }
}

/// Shows what will be saved, and asks.
fn question(state: &mut State, ready: &Ready) {
    let Some(form) = &state.browse.form else { return };
    let catalog = &state.browse.known.catalog;
    let mut lines: Vec<String> =
        ready.checked.changes.iter().map(|change| changed(change, catalog, form.is_new())).collect();
    let warnings = ready.checked.findings.iter().map(|finding| warning(finding, catalog));
    let notes: Vec<String> = warnings.chain(ready.notes.iter().cloned()).collect();
    if !notes.is_empty() {
        lines.push(String::new());
        lines.extend(notes);
    }
    lines.push(String::new());
    lines.push(promise(form).to_owned());
    let title = match form.is_new() {
        true => format!("Create {} {}?", form.entity.noun(), ready.checked.id),
        false => format!("Save {} {}?", form.entity.noun(), ready.checked.id),
    };
    let confirm = Confirm::new(Question::SaveForm, &title, &lines.join("\n"));
    state.overlays.push(Overlay::Confirm(confirm));
}

fn warning(finding: &Finding, catalog: &Catalog) -> String {
    let message = finding.message(&finding.field.map(|field| catalog.label(field)).unwrap_or_default());
    let phone = finding.field.is_some_and(|field| field.kind() == Kind::Phone);
    if phone { format!("{message}: it will not sync") } else { message }
}

/// What imports will do with it (R13, R14).
fn promise(form: &Form) -> &'static str {
    match (form.entity, form.is_new(), form.checked.put.manual) {
        (Entity::Organization, true, _) => {
            "No file may change it or add members, until you hand it over to imports (h in the list)."
        }
        (_, _, true) => "No file may change this organization: it was made by hand.",
        _ => "Imports keep these values until a file brings the same, or you accept the file's.",
    }
}

/// A value old -> new in one line; of a new record only the new one.
pub fn changed(change: &ValueChange, catalog: &Catalog, new: bool) -> String {
    let text = |value: &Option<Value>| {
        value.as_ref().map_or_else(|| "(empty)".to_owned(), |value| personal(&brief::readable(value)))
    };
    match new {
        true => format!("{}: {}", catalog.label(change.field), text(&change.after)),
        false => format!("{}: {} -> {}", catalog.label(change.field), text(&change.before), text(&change.after)),
    }
}

fn refuse(state: &mut State, field: FieldId, why: String) {
    let size = state.size;
    let Some(form) = &mut state.browse.form else { return };
    state.notice = Some(format!("Not saved: {why}"));
    form.go_to(field);
    if let Some(field) = form.fields.get_mut(form.at) {
        field.refused = Some(why);
    }
    form.reveal(size);
}

/// The record has changed under the form: fields that were not touched show what it is now, the others say it.
fn rebase(state: &mut State, stale: Stale) {
    let size = state.size;
    let browse = &mut state.browse;
    let Some(form) = &mut browse.form else { return };
    let catalog = &browse.known.catalog;
    let mut lines = match &stale.now {
        Some(_) => vec![format!("{} has changed it while you were typing:", stale.by)],
        None => vec!["It was deleted while you were typing. Saving makes it again.".to_owned()],
    };
    if stale.now.is_some() {
        lines.extend(stale.changes.iter().map(|change| changed(change, catalog, false)));
        lines.push("\nNothing was saved. Fields that you did not touch show the new values now.".to_owned());
    }
    form.rebase(stale);
    form.check(catalog);
    form.reveal(size);
    state.overlays.push(Overlay::Notice(Notice::new("Not saved: the record has changed", &lines.join("\n"))));
}

impl Form {
    /// Puts the focus on a field, if the form has it.
    fn go_to(&mut self, field: FieldId) {
        if let Some(at) = self.fields.iter().position(|f| f.id == field) {
            self.at = at;
            self.offer = None;
        }
    }

    fn rebase(&mut self, stale: Stale) {
        if stale.now.is_none() {
            self.fields.iter_mut().for_each(FormField::begin_anew);
            self.seen = None;
            return;
        }
        for change in &stale.changes {
            let Some(field) = self.fields.iter_mut().find(|field| field.id == change.field) else { continue };
            let typed = field.touched().then(|| field.input.clone());
            field.begin(change.after.as_ref());
            if let Some(typed) = typed {
                field.meanwhile = Some(field.before.clone());
                field.input = typed;
            }
        }
        self.seen = stale.now;
    }
}
