//! What a person said about an import, step by step, so that each step can be taken back and brought back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::conflict::Fingerprint;
use super::correction::Correction;
use super::decision::{Choice, Consent, Decisions, Subject};
use crate::model::fields::Entity;

/// One thing that holds from now on; `None` takes it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Said {
    /// About the conflict of an ID, with what the conflict was: see [`Decisions::choices`].
    Choice(Entity, String, Option<(Fingerprint, Choice)>),
    /// About a doubt, with what the doubt was: see [`Decisions::consents`].
    Consent(Subject, Option<(Fingerprint, Consent)>),
    /// About cells of a data row, counted from 0.
    Correction(u32, Option<Correction>),
}

impl Decisions {
    /// Says it; gives what was said about the same thing before.
    pub fn say(&mut self, said: Said) -> Said {
        match said {
            Said::Choice(entity, id, now) => {
                let before = put(&mut self.choices, (entity, id.clone()), now);
                Said::Choice(entity, id, before)
            }
            Said::Consent(subject, now) => {
                let before = put(&mut self.consents, subject.clone(), now);
                Said::Consent(subject, before)
            }
            Said::Correction(row, now) => Said::Correction(row, put(&mut self.corrections, row, now)),
        }
    }
}

/// Puts a value in or takes it out; gives the former one.
fn put<K: Ord, V>(map: &mut BTreeMap<K, V>, key: K, value: Option<V>) -> Option<V> {
    match value {
        Some(value) => map.insert(key, value),
        None => map.remove(&key),
    }
}

/// The decisions of an import, and the steps by which they came about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timeline {
    decisions: Decisions,
    /// What to say to take a step back, the last step last.
    undo: Vec<Vec<Said>>,
    /// What to say to bring a step back.
    redo: Vec<Vec<Said>>,
}

impl Timeline {
    /// The decisions as they are now.
    pub fn decisions(&self) -> &Decisions {
        &self.decisions
    }

    /// Says things that are taken back together.
    pub fn say(&mut self, step: Vec<Said>) {
        let before = self.apply(step);
        self.undo.push(before);
        self.redo.clear();
    }

    /// Whether there is a step to take back.
    pub fn can_undo(&self) -> bool {
        !self.undo.is_empty()
    }

    /// Takes the last step back; gives what holds now of what it had changed. `None`: there is no step.
    pub fn undo(&mut self) -> Option<Vec<Said>> {
        let step = self.undo.pop()?;
        let after = self.apply(step.clone());
        self.redo.push(after);
        Some(step)
    }

    /// Brings back the step that was taken back last; gives what holds now. `None`: there is no step.
    pub fn redo(&mut self) -> Option<Vec<Said>> {
        let step = self.redo.pop()?;
        let before = self.apply(step.clone());
        self.undo.push(before);
        Some(step)
    }

    /// Gives what to say to be where it was before.
    fn apply(&mut self, step: Vec<Said>) -> Vec<Said> {
        let mut before: Vec<Said> = step.into_iter().map(|said| self.decisions.say(said)).collect();
        before.reverse();
        before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hold(id: &str) -> Said {
        Said::Choice(Entity::Contact, id.to_owned(), Some((Fingerprint([0; 16]), Choice::Hold)))
    }

    fn base(id: &str) -> Said {
        Said::Choice(Entity::Contact, id.to_owned(), Some((Fingerprint([0; 16]), Choice::Base)))
    }

    #[test]
    fn steps_are_taken_back_and_brought_back_whole() {
        let mut timeline = Timeline::default();
        timeline.say(vec![hold("C-1"), hold("C-2")]);
        timeline.say(vec![
            base("C-1"),
            hold("C-1"),
            Said::Consent(
                Subject { entity: Entity::Contact, id: "C-3".into(), field: None },
                Some((Fingerprint([0; 16]), Consent::SamePerson)),
            ),
        ]);
        let last = timeline.decisions().clone();
        assert_eq!(timeline.undo().map(|step| step.len()), Some(3));
        assert_eq!(timeline.decisions().choices.len(), 2);
        assert!(timeline.decisions().consents.is_empty());
        assert!(timeline.undo().is_some() && timeline.undo().is_none());
        assert_eq!(timeline.decisions(), &Decisions::default());
        assert!(timeline.redo().is_some() && timeline.redo().is_some() && timeline.redo().is_none());
        assert_eq!(timeline.decisions(), &last);
    }

    #[test]
    fn saying_something_new_ends_what_could_be_brought_back() {
        let mut timeline = Timeline::default();
        timeline.say(vec![hold("C-1")]);
        timeline.undo();
        timeline.say(vec![hold("C-2")]);
        assert_eq!(timeline.redo(), None);
        assert_eq!(timeline.decisions().choices.len(), 1);
    }
}
