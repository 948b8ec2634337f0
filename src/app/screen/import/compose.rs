//! An ID built of several columns (R27): they are marked in the order of the parts, then it is said which ID they make
//! and what stands between the parts.

use super::columns::change;
use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::overlay::{Item, Overlay, Pick, Prompt, Question};
use crate::app::state::State;
use crate::model::fields::Entity;

/// The IDs, in the order in which they are offered.
const IDS: [(Entity, &str); 2] = [(Entity::Contact, "The Contact ID"), (Entity::Organization, "The Account ID")];

/// Marks the selected column as the next part, or not any more.
pub fn mark(state: &mut State) -> Vec<Effect> {
    let import = &mut state.import;
    let column = import.column.selected;
    match import.parts.iter().position(|part| *part == column) {
        Some(place) => drop(import.parts.remove(place)),
        None => import.parts.push(column),
    }
    vec![]
}

/// Asks which ID the marked columns make.
pub fn ask(state: &mut State) -> Vec<Effect> {
    if state.import.parts.len() < 2 {
        let key = state.keymap.key_for(state.contexts(), Action::Mark);
        let key = key.map(|key| format!(" with {key}")).unwrap_or_default();
        state.notice = Some(format!("First mark two or more columns{key}, in the order of the parts"));
        return vec![];
    }
    let about = headers(state);
    let items = IDS.map(|(_, label)| Item { label: label.to_owned(), about: about.clone() });
    state.overlays.push(Overlay::Pick(Pick::new(Question::ComposedId, "Which ID do they make?", items.into())));
    vec![]
}

/// The headers of the parts, as they will stand in the ID.
fn headers(state: &State) -> String {
    let columns = state.import.file.as_ref().map_or(&[][..], |file| &file.columns);
    let headers: Vec<&str> =
        state.import.parts.iter().filter_map(|part| columns.get(*part)).map(|column| column.header.as_str()).collect();
    headers.join(" + ")
}

/// Which ID was chosen; asks for the separator.
pub fn chosen(state: &mut State, item: usize) -> Vec<Effect> {
    let Some((entity, label)) = IDS.get(item) else { return vec![] };
    let hint = "What stands between the parts? Nothing typed: a hyphen, US-1001.";
    state.overlays.push(Overlay::Prompt(Prompt::new(Question::Separator(*entity), label, hint)));
    vec![]
}

/// The separator was typed: the file is mapped again. An error says why it cannot be one.
pub fn separator_typed(state: &mut State, entity: Entity, typed: &str) -> Result<Vec<Effect>, String> {
    let separator = if typed.trim().is_empty() { "-" } else { typed.trim() };
    let before = state.import.ask.as_ref().and_then(|ask| ask.map.key_separator.clone());
    let composed = state.import.ask.iter().flat_map(|ask| &ask.map.maps).filter(|map| is_composed(map));
    let others = composed.filter(|map| !makes(map, entity)).count();
    if others > 0 && before.is_some_and(|before| before != separator) {
        return Err("The other ID has another separator; both must have the same.".to_owned());
    }
    let parts: Vec<String> =
        std::mem::take(&mut state.import.parts).iter().map(|part| format!("#{}", part + 1)).collect();
    Ok(change(state, |ask| {
        ask.map.maps.retain(|map| !makes(map, entity));
        ask.map.maps.push(format!("{}={}", parts.join("+"), id(entity)));
        ask.map.key_separator = Some(separator.to_owned());
    }))
}

fn id(entity: Entity) -> &'static str {
    match entity {
        Entity::Contact => "contact.id",
        Entity::Organization => "account.id",
    }
}

fn makes(map: &str, entity: Entity) -> bool {
    map.rsplit_once('=').is_some_and(|(_, field)| field == id(entity))
}

fn is_composed(map: &str) -> bool {
    map.rsplit_once('=').is_some_and(|(columns, _)| columns.contains("+#"))
}
