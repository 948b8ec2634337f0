//! The settings of an import: shown before the check, changed one by one.

use super::columns::change;
use crate::app::effect::Effect;
use crate::app::job::import::{Ask, FileView};
use crate::app::overlay::{Item, Overlay, Pick, Prompt, Question};
use crate::app::state::State;
use crate::intake::country;
use crate::model::settings::{Blank, HandEdits, Only};

/// A setting that a person can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Setting {
    Region,
    RegionFromCountry,
    Blank,
    StrictPhones,
    ReplaceValidPhones,
    HandEdits,
    Only,
    DifferentPerson,
    Unmapped,
    Accounts,
    Encoding,
    Separator,
}

const ALL: [Setting; 12] = [
    Setting::Region,
    Setting::RegionFromCountry,
    Setting::Blank,
    Setting::StrictPhones,
    Setting::ReplaceValidPhones,
    Setting::HandEdits,
    Setting::Only,
    Setting::DifferentPerson,
    Setting::Unmapped,
    Setting::Accounts,
    Setting::Encoding,
    Setting::Separator,
];

/// The settings in one line, for the screen of the columns.
pub fn summary(file: &FileView) -> String {
    let (reading, merging) = (&file.settings.reading, &file.settings.merging);
    let mut parts = vec![
        format!("phones as in {}", reading.region.code()),
        format!("empty cells {}", if merging.blank == Blank::Keep { "keep" } else { "erase" }),
    ];
    let more = [
        (reading.region_from_country, "country of the row first"),
        (reading.strict_phones, "strict phones"),
        (merging.hand_edits == HandEdits::Overwrite, "hand edits overwritten"),
        (merging.replace_valid_phones, "invalid phones replace valid ones"),
        (merging.accept_different_person, "different persons accepted"),
        (merging.only == Some(Only::Create), "only new records"),
        (merging.only == Some(Only::Update), "only stored records"),
        (file.ask.map.no_accounts, "no accounts"),
    ];
    parts.extend(more.into_iter().filter(|(on, _)| *on).map(|(_, text)| text.to_owned()));
    // What is not as usual needs the room more than the whole sentence.
    let whole = if parts.len() == 2 { " what is stored" } else { "" };
    parts.join(", ") + whole
}

fn items(file: &FileView) -> Vec<Item> {
    ALL.iter()
        .map(|setting| {
            let (label, about) = said(*setting, file);
            Item { label: label.to_owned(), about }
        })
        .collect()
}

fn said(setting: Setting, file: &FileView) -> (&'static str, String) {
    let (reading, merging) = (&file.settings.reading, &file.settings.merging);
    let either = |on: bool, yes: &str, no: &str| if on { yes } else { no }.to_owned();
    match setting {
        Setting::Region => ("Phones without country code", format!("as in {}", reading.region.code())),
        Setting::RegionFromCountry => ("Country of the row first", either(reading.region_from_country, "yes", "no")),
        Setting::Blank => {
            ("Empty cells", either(merging.blank == Blank::Keep, "keep the stored value", "erase the stored value"))
        }
        Setting::StrictPhones => {
            ("Invalid phones", either(reading.strict_phones, "reject the row", "are kept as text"))
        }
        Setting::ReplaceValidPhones => (
            "Invalid against a stored valid phone",
            either(merging.replace_valid_phones, "replaces it", "the stored one is kept"),
        ),
        Setting::HandEdits => {
            ("Values set by hand", either(merging.hand_edits == HandEdits::Keep, "are kept", "are overwritten"))
        }
        Setting::Only => (
            "Which records",
            match merging.only {
                None => "new and stored ones",
                Some(Only::Create) => "only new ones",
                Some(Only::Update) => "only stored ones",
            }
            .to_owned(),
        ),
        Setting::DifferentPerson => {
            ("An ID that has another person's data", either(merging.accept_different_person, "is imported", "is held"))
        }
        Setting::Unmapped => {
            ("Columns that fit nothing", either(file.ask.map.keep_unmapped, "become custom fields", "are left out"))
        }
        Setting::Accounts => ("Account columns", either(file.ask.map.no_accounts, "are left out", "are used")),
        Setting::Encoding => ("Encoding", file.encoding.clone()),
        Setting::Separator => ("Separator", file.separator.clone()),
    }
}

/// Shows the settings.
pub fn ask(state: &mut State) {
    let Some(file) = &state.import.file else { return };
    state.overlays.push(Overlay::Pick(Pick::new(Question::Setting, "Settings of this import", items(file))));
}

/// Shows what is in force now, if the settings are shown.
pub fn refresh(state: &mut State) {
    let Some(file) = &state.import.file else { return };
    for overlay in &mut state.overlays {
        if let Overlay::Pick(pick) = overlay
            && pick.question == Question::Setting
        {
            pick.items = items(file);
        }
    }
}

/// A setting was chosen: one of two or three values moves on, another is asked for.
pub fn chosen(state: &mut State, item: usize) -> Vec<Effect> {
    let Some(setting) = ALL.get(item) else { return vec![] };
    let prompt = |question, title: &str, hint: &str| Overlay::Prompt(Prompt::new(question, title, hint));
    match setting {
        Setting::Region => {
            let hint = "A country: US, HUN, Germany";
            state.overlays.push(prompt(Question::Region, "Phones without country code", hint));
            vec![]
        }
        Setting::Encoding => {
            let hint = "utf-8, windows-1252, windows-1250, utf-16le...; empty: detect it";
            state.overlays.push(prompt(Question::Encoding, "Encoding of the file", hint));
            vec![]
        }
        _ => change(state, |ask| turn(*setting, ask)),
    }
}

fn turn(setting: Setting, ask: &mut Ask) {
    let mut settings = ask.settings.clone().unwrap_or_default();
    let (reading, merging) = (&mut settings.reading, &mut settings.merging);
    match setting {
        Setting::RegionFromCountry => reading.region_from_country ^= true,
        Setting::StrictPhones => reading.strict_phones ^= true,
        Setting::ReplaceValidPhones => merging.replace_valid_phones ^= true,
        Setting::DifferentPerson => merging.accept_different_person ^= true,
        Setting::Blank => merging.blank = if merging.blank == Blank::Keep { Blank::Clear } else { Blank::Keep },
        Setting::HandEdits => {
            let keeps = merging.hand_edits == HandEdits::Keep;
            merging.hand_edits = if keeps { HandEdits::Overwrite } else { HandEdits::Keep };
        }
        Setting::Only => {
            merging.only = match merging.only {
                None => Some(Only::Create),
                Some(Only::Create) => Some(Only::Update),
                Some(Only::Update) => None,
            };
        }
        Setting::Unmapped => ask.map.keep_unmapped ^= true,
        Setting::Accounts => ask.map.no_accounts ^= true,
        Setting::Separator => {
            ask.source.separator = match ask.source.separator {
                None => Some(b','),
                Some(b',') => Some(b';'),
                Some(b';') => Some(b'\t'),
                Some(_) => None,
            };
        }
        Setting::Region | Setting::Encoding => {}
    }
    ask.settings = Some(settings);
}

/// The region was typed.
///
/// # Errors
/// It is no country.
pub fn region_typed(state: &mut State, text: &str) -> Result<Vec<Effect>, String> {
    let region = country(text).ok_or("Not a country. Type its code (US, HUN) or its English name.")?;
    Ok(change(state, |ask| ask.settings.get_or_insert_default().reading.region = region))
}

/// The encoding was typed; opening the file says whether there is such a one.
pub fn encoding_typed(state: &mut State, text: &str) -> Vec<Effect> {
    let label = text.trim();
    change(state, |ask| ask.source.encoding = (!label.is_empty()).then(|| label.to_owned()))
}
