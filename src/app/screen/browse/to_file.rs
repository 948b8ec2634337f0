//! All that the list holds goes to a CSV file, in the order of the list.

use crate::app::effect::Effect;
use crate::app::field::TextField;
use crate::app::job::Job;
use crate::app::overlay::{Overlay, Prompt, Question};
use crate::app::state::State;
use crate::model::fields::Entity;
use crate::model::text::{grouped, plural};

/// Asks as which file; the name that was typed last is offered again.
pub fn ask(state: &mut State) -> Vec<Effect> {
    let browse = &state.browse;
    if browse.total() == 0 {
        state.notice = Some("The list is empty: there is nothing to save".to_owned());
        return vec![];
    }
    let counting = browse.found.as_ref().is_some_and(|found| found.counting);
    let count = if counting { "all".to_owned() } else { grouped(browse.total() as u64) };
    let (what, name) = match (&browse.inside, browse.entity) {
        (Some(inside), _) => (format!("members of {}", inside.name), "members.csv"),
        (None, Entity::Contact) => ("contacts".to_owned(), "contacts.csv"),
        (None, Entity::Organization) => ("organizations".to_owned(), "organizations.csv"),
    };
    let hint = "A CSV file that an import takes back; a file that exists stays";
    let mut prompt = Prompt::new(Question::SaveHits, &format!("Save {count} {what} as"), hint);
    prompt.field = TextField::new(browse.saved_as.as_deref().unwrap_or(name));
    state.overlays.push(Overlay::Prompt(prompt));
    vec![]
}

/// A name for the file was typed.
///
/// # Errors
/// It is empty.
pub fn name_typed(state: &mut State, path: &str) -> Result<Vec<Effect>, String> {
    let path = path.trim();
    if path.is_empty() {
        return Err("Type the name of a new file".to_owned());
    }
    state.browse.saved_as = Some(path.to_owned());
    let search = state.browse.search_of_all();
    Ok(vec![state.start(Job::SaveHits(search, path.to_owned()))])
}

/// The file is there.
pub fn saved(state: &mut State, path: &str, records: u64) {
    state.notice = Some(format!("{} {} saved: {path}", grouped(records), plural(records, "record")));
}
