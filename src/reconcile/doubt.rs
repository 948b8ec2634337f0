//! What needs a person's consent though no rows disagree: hand edits against the file (R14), another person under a known
//! Contact ID (R15), records that somebody deleted (R28).

use std::collections::BTreeMap;
use std::io;

use serde::{Deserialize, Serialize};

use super::conflict::Fingerprint;
use super::decision::{Consent, Subject};
use crate::model::fields::{Entity, FieldId, Kind, by_name};
use crate::model::phone::Phone;
use crate::model::record::{Values, ValuesRef, canonical};
use crate::model::settings::{HandEdits, Merging};
use crate::model::text::fold;
use crate::spill::{Place, SpillRoom, Tape, TapeWriter};

/// What kind of consent is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum DoubtKind {
    /// R15: the Contact ID is stored for what looks like somebody else.
    DifferentPerson,
    /// R28: somebody deleted the record.
    DeletedByHand,
    /// R14: the file brings another value than the one that a person set.
    HandEdit,
}

impl DoubtKind {
    /// Every kind, in the order in which they are asked.
    pub const ALL: [DoubtKind; 3] = [DoubtKind::DifferentPerson, DoubtKind::DeletedByHand, DoubtKind::HandEdit];

    /// The two answers: the one that takes what the file says, and the one that does not.
    pub fn answers(self) -> [Consent; 2] {
        match self {
            DoubtKind::DifferentPerson => [Consent::SamePerson, Consent::OtherPerson],
            DoubtKind::DeletedByHand => [Consent::CreateAgain, Consent::StayDeleted],
            DoubtKind::HandEdit => [Consent::TakeFile, Consent::KeepHand],
        }
    }
}

/// A question about one record, or about one of its values, that only a person can answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    /// What is asked.
    pub kind: DoubtKind,
    /// The record; for a hand edit also the field.
    pub subject: Subject,
    /// The row that brings it, its line, and how many rows do.
    pub row: u32,
    /// See `row`.
    pub line: u32,
    /// See `row`.
    pub rows: u32,
    /// What the file says of the record.
    pub incoming: Values,
    /// What the base holds; nothing if the record was deleted.
    pub stored: Values,
    /// For a hand edit, the payload that a file brought last; empty if none did.
    pub last: Vec<u8>,
    /// What happens if nobody says anything; `None`: the rows wait.
    pub usual: Option<Consent>,
}

impl Doubt {
    /// Identifies what a consent was given to: the values of both sides (of a hand edit those of its field). That a
    /// record was deleted is a matter of its ID alone.
    pub fn fingerprint(&self) -> Fingerprint {
        match (self.kind, self.subject.field) {
            (DoubtKind::DeletedByHand, _) => Fingerprint::of_bytes(b"deleted"),
            (_, Some(field)) => {
                let [stored, incoming] = [&self.stored, &self.incoming].map(|values| values.view().get(field));
                hand_edit(field, &self.last, stored, incoming)
            }
            (_, None) => {
                let sides = [&self.stored, &self.incoming].map(|values| Fingerprint::of(values.view()).0);
                Fingerprint::of_bytes(&sides.concat())
            }
        }
    }
}

/// Identifies a hand edit: the value last brought by a file, the one set by hand, the one that the file brings.
pub(super) fn hand_edit(field: FieldId, last: &[u8], stored: Option<&[u8]>, brought: Option<&[u8]>) -> Fingerprint {
    let mut bytes = Vec::new();
    let mut form = Vec::new();
    for payload in [Some(last), stored, brought] {
        form.clear();
        if let Some(payload) = payload.filter(|payload| !payload.is_empty()) {
            canonical(field, payload, &mut form);
        }
        bytes.extend_from_slice(&(form.len() as u64).to_be_bytes());
        bytes.extend_from_slice(&form);
    }
    Fingerprint::of_bytes(&bytes)
}

/// What happens to a doubt that nobody answers.
pub(super) fn usual(kind: DoubtKind, merging: &Merging, stays_deleted: bool) -> Option<Consent> {
    match kind {
        DoubtKind::DifferentPerson => merging.accept_different_person.then_some(Consent::SamePerson),
        DoubtKind::DeletedByHand => stays_deleted.then_some(Consent::StayDeleted),
        DoubtKind::HandEdit if merging.hand_edits == HandEdits::Overwrite => Some(Consent::TakeFile),
        DoubtKind::HandEdit => Some(Consent::KeepHand),
    }
}

/// Collects doubts while a plan is made.
#[derive(Debug)]
pub(super) struct DoubtsWriter {
    tape: TapeWriter,
    places: BTreeMap<DoubtKind, Vec<Place>>,
    given: Vec<(DoubtKind, Subject, Consent)>,
}

impl DoubtsWriter {
    pub fn new(room: &SpillRoom) -> io::Result<DoubtsWriter> {
        Ok(DoubtsWriter { tape: TapeWriter::new(&room.dir)?, places: BTreeMap::new(), given: Vec::new() })
    }

    /// Notes a doubt, and what a person said to it.
    pub fn push(&mut self, doubt: &Doubt, given: Option<Consent>) -> io::Result<()> {
        let bytes = postcard::to_stdvec(doubt).map_err(io::Error::other)?;
        let place = self.tape.push(&[], &bytes)?;
        self.places.entry(doubt.kind).or_default().push(place);
        self.given.extend(given.map(|consent| (doubt.kind, doubt.subject.clone(), consent)));
        Ok(())
    }

    pub fn finish(self) -> io::Result<Doubts> {
        Ok(Doubts { tape: self.tape.finish()?, places: self.places, given: self.given })
    }
}

/// The doubts of a plan: each kind in the order of the IDs, organizations before contacts. However many there are, they
/// take a few bytes each; they are read one by one.
#[derive(Debug)]
pub struct Doubts {
    tape: Tape,
    places: BTreeMap<DoubtKind, Vec<Place>>,
    /// What a person said, and to what.
    pub given: Vec<(DoubtKind, Subject, Consent)>,
}

impl Doubts {
    /// How many there are of a kind.
    pub fn count(&self, kind: DoubtKind) -> usize {
        self.places.get(&kind).map_or(0, Vec::len)
    }

    /// How many of a kind a person has answered.
    pub fn answered(&self, kind: DoubtKind) -> usize {
        self.given.iter().filter(|(given, ..)| *given == kind).count()
    }

    /// The doubt of a number, from 0, among those of its kind; `None` beyond the last.
    ///
    /// # Errors
    /// The spill file cannot be read.
    pub fn get(&self, kind: DoubtKind, number: usize) -> io::Result<Option<Doubt>> {
        let Some(place) = self.places.get(&kind).and_then(|places| places.get(number)) else { return Ok(None) };
        let (_, bytes) = self.tape.read_at(*place)?;
        postcard::from_bytes(&bytes).map(Some).map_err(io::Error::other)
    }
}

impl Subject {
    /// A whole record.
    pub fn record(entity: Entity, id: &str) -> Subject {
        Subject { entity, id: id.to_owned(), field: None }
    }

    /// One value of a record.
    pub fn value(entity: Entity, id: &str, field: FieldId) -> Subject {
        Subject { field: Some(field), ..Subject::record(entity, id) }
    }
}

/// Whether a stored contact looks like another person than the file's (R15). The answer says what was compared.
pub fn different_person(incoming: ValuesRef<'_>, stored: ValuesRef<'_>) -> Option<String> {
    let names =
        |values: ValuesRef<'_>| -> Vec<String> { (2..=4).filter_map(|n| values.text(FieldId(n)).map(fold)).collect() };
    let brought = names(incoming);
    if brought.is_empty() || shares(&brought, &names(stored)) || shares(&emails(incoming), &emails(stored)) {
        return None;
    }
    if shares(&numbers(incoming), &numbers(stored)) {
        return None;
    }
    let name =
        |values: ValuesRef<'_>| [2, 4].iter().filter_map(|n| values.text(FieldId(*n))).collect::<Vec<_>>().join(" ");
    Some(format!("'{}' in the base, '{}' in the file", name(stored), name(incoming)))
}

fn shares(a: &[String], b: &[String]) -> bool {
    a.iter().any(|x| b.contains(x))
}

fn emails(values: ValuesRef<'_>) -> Vec<String> {
    ["contact.work_email", "contact.personal_email", "contact.other_email"]
        .iter()
        .filter_map(|name| values.text(by_name(name)?.id).map(fold))
        .collect()
}

fn numbers(values: ValuesRef<'_>) -> Vec<String> {
    let phones = values.iter().filter(|(field, _)| field.kind() == Kind::Phone);
    phones.filter_map(|(_, payload)| Phone::decode(payload)?.number.ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::record::Value;
    use rstest::rstest;

    fn values(entries: &[(FieldId, &str)]) -> Values {
        entries.iter().map(|(f, v)| (*f, Value::Text((*v).to_owned()))).collect()
    }

    #[rstest]
    #[case::other_names(&[(FieldId(2), "Josh"), (FieldId(4), "Hale")], true)]
    #[case::swapped_names(&[(FieldId(2), "smith"), (FieldId(4), "Hale")], false)]
    #[case::same_mail(&[(FieldId(2), "Josh"), (FieldId(22), "K@x.example")], false)]
    #[case::no_names(&[(FieldId(22), "other@x.example")], false)]
    fn r15_different_person(#[case] incoming: &[(FieldId, &str)], #[case] different: bool) {
        let stored = values(&[(FieldId(2), "Kathryn"), (FieldId(4), "Smith"), (FieldId(23), "k@x.example")]);
        assert_eq!(different_person(values(incoming).view(), stored.view()).is_some(), different);
    }
}
