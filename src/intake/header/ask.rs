//! What the header does not settle becomes questions (R4, R21, R27).

use std::collections::BTreeSet;

use super::sketch::Sketch;
use crate::intake::checker::makes_record;
use crate::intake::mapping::{Mapping, RememberedMapping, Target, is_own};
use crate::intake::question::{Answer, Question, QuestionKind, reference};
use crate::model::fields::{self, Entity, FieldId, header_key};

impl Sketch<'_> {
    pub(super) fn ask_header(&mut self, column: usize, candidates: &[FieldId]) {
        // Decided for now, so that it does not become a custom field.
        self.targets[column] = Some(Target::LeftOut);
        let name = reference(column, self.header);
        let answer = |field: &FieldId| {
            let entity = self.catalog.entity(*field).map_or("", Entity::noun);
            let label = format!("the {}'s {}", entity, self.catalog.label(*field));
            Answer { label, maps: vec![format!("{name}={}", self.catalog.name(*field))], ..Answer::default() }
        };
        let mut answers: Vec<Answer> = candidates.iter().map(answer).collect();
        answers.push(Answer { label: "leave it out".into(), maps: vec![format!("{name}=")], ..Answer::default() });
        let message = format!("column {} '{}' fits several fields. Which is it?", column + 1, self.header[column]);
        self.questions.push(Question { kind: QuestionKind::Header { column }, message, answers });
    }

    pub(super) fn ask_field(&mut self, field: FieldId, columns: Vec<usize>) {
        let name = self.catalog.name(field);
        let answer = |column: &usize| Answer {
            label: format!("column {} '{}'", column + 1, self.header[*column]),
            maps: vec![format!("{}={name}", reference(*column, self.header))],
            ..Answer::default()
        };
        let answers = columns.iter().map(answer).collect();
        let message = format!("{} columns fit {name}. Which one is it? The others are left out.", columns.len());
        self.questions.push(Question { kind: QuestionKind::Field { field, columns }, message, answers });
    }

    /// R27: asks when the last import with a similar header made an ID from other columns, unless a person named them.
    pub(super) fn ask_changed_keys(&mut self, remembered: &[RememberedMapping]) {
        let Some(last) = remembered.iter().rev().find(|r| is_similar(self.header, &r.mapping)) else { return };
        for entity in [Entity::Contact, Entity::Organization] {
            let keys = |mapping: &Mapping| mapping.key_headers(entity).into_iter().map(header_key).collect::<Vec<_>>();
            let (then, now) = (keys(&last.mapping), keys(&self.mapping));
            if then == now || then.is_empty() || now.is_empty() || self.said.contains(&entity.key()) {
                continue;
            }
            let answers = [self.made_of(entity, &then, "as last time"), self.made_of(entity, &now, "as in this file")];
            let answers = answers.into_iter().flatten().collect();
            let message = format!(
                "the last file with a similar header had its {} in '{}', this one would have it in '{}'. Which is right?",
                self.catalog.label(entity.key()),
                last.mapping.key_headers(entity).join(" + "),
                self.mapping.key_headers(entity).join(" + ")
            );
            self.questions.push(Question { kind: QuestionKind::KeyChanged { entity }, message, answers });
        }
    }

    /// The answer that makes an ID of the columns with these headers (as [`header_key`] gives them), if all are there.
    fn made_of(&self, entity: Entity, headers: &[String], label: &str) -> Option<Answer> {
        let find = |key: &String| self.header.iter().position(|h| header_key(h) == *key);
        let columns = headers.iter().map(find).collect::<Option<Vec<usize>>>()?;
        let parts: Vec<String> = columns.iter().map(|c| reference(*c, self.header)).collect();
        let label = format!("{label}: {}", parts.join(" + "));
        let map = format!("{}={}", parts.join("+"), self.catalog.name(entity.key()));
        Some(Answer { label, maps: vec![map], ..Answer::default() })
    }

    /// R4: asks when there are columns for a record, but none for its ID; or when nothing at all is known. What made the
    /// ID in the last file with a similar header is offered (R27).
    pub(super) fn ask_missing_keys(&mut self, remembered: &[RememberedMapping]) {
        let last = remembered.iter().rev().find(|r| is_similar(self.header, &r.mapping));
        for entity in [Entity::Contact, Entity::Organization] {
            let asked = self
                .questions
                .iter()
                .any(|q| matches!(q.kind, QuestionKind::Field { field, .. } if field == entity.key()));
            let columns: Vec<usize> = (0..self.header.len()).filter(|c| self.feeds(*c, entity)).collect();
            if self.mapping.key(entity).is_none() && !asked && !columns.is_empty() {
                let mut question = self.missing_key(entity, &columns);
                let then: Vec<String> =
                    last.map_or_else(Vec::new, |r| r.mapping.key_headers(entity).into_iter().map(header_key).collect());
                let as_then = self.made_of(entity, &then, "as last time").filter(|_| !then.is_empty());
                question.answers.retain(|answer| as_then.as_ref().is_none_or(|then| then.maps != answer.maps));
                question.answers.extend(as_then);
                self.questions.push(question);
            }
        }
        let keyless = self.mapping.contact_key.is_none() && self.mapping.account_key.is_none();
        if keyless && self.questions.is_empty() {
            let message =
                "no column says which contact or organization a row is about: is the first line a header?".to_owned();
            let answers = self.key_answers(Entity::Contact);
            self.questions.push(Question { kind: QuestionKind::NothingKnown, message, answers });
        }
    }

    /// Whether a column feeds a field that makes a record of that entity.
    fn feeds(&self, column: usize, entity: Entity) -> bool {
        match self.mapping.columns[column].target {
            Target::Field(field) => self.catalog.entity(field) == Some(entity) && makes_record(field),
            _ => false,
        }
    }

    fn missing_key(&self, entity: Entity, columns: &[usize]) -> Question {
        let named: Vec<String> = columns.iter().take(3).map(|c| format!("'{}'", self.header[*c])).collect();
        let label = self.catalog.label(entity.key());
        let message = format!(
            "the file has {} {} column{} ({}{}) but none for the {label}. What shall become of them?",
            columns.len(),
            entity.prefix(),
            if columns.len() == 1 { "" } else { "s" },
            named.join(", "),
            if columns.len() > 3 { ", …" } else { "" },
        );
        let leave_out = match entity {
            Entity::Organization => Some(Answer { no_accounts: true, suggested: true, ..Answer::default() }),
            Entity::Contact if self.mapping.account_key.is_some() => {
                let maps = columns.iter().map(|c| format!("{}=", reference(*c, self.header))).collect();
                Some(Answer { maps, ..Answer::default() })
            }
            Entity::Contact => None,
        };
        let leave_out = leave_out.map(|answer| Answer { label: "leave them out".to_owned(), ..answer });
        let answers = leave_out.into_iter().chain(self.key_answers(entity)).collect();
        Question { kind: QuestionKind::KeyMissing { entity }, message, answers }
    }

    /// Columns from which the ID may be made: for an organization its name; then those that nothing else uses.
    fn key_answers(&self, entity: Entity) -> Vec<Answer> {
        let name = fields::by_name("account.name").and_then(|f| self.mapping.column_of(f.id));
        let name = name.filter(|_| entity == Entity::Organization);
        let free = (0..self.header.len())
            .filter(|c| self.mapping.columns[*c].target == Target::LeftOut && !self.header[*c].is_empty());
        let answer = |column: usize| Answer {
            label: format!("make the {} from '{}'", self.catalog.label(entity.key()), self.header[column]),
            maps: vec![format!("{}={}", reference(column, self.header), self.catalog.name(entity.key()))],
            ..Answer::default()
        };
        name.into_iter().chain(free).take(5).map(answer).collect()
    }
}

/// Whether a header line has at least half of all headers in common with that of an earlier mapping.
fn is_similar(header: &[String], earlier: &Mapping) -> bool {
    let keys = |names: &mut dyn Iterator<Item = &str>| -> BTreeSet<String> {
        names.filter(|name| !is_own(name)).map(header_key).collect()
    };
    let now = keys(&mut header.iter().map(String::as_str));
    let then = keys(&mut earlier.columns.iter().map(|c| c.header.as_str()));
    now.intersection(&then).count() * 2 >= now.union(&then).count()
}
