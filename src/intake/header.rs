//! A header line becomes a mapping: what a person says first, then what was remembered, then what headers mean (R21).

use std::collections::BTreeMap;

use super::checker::makes_record;
use super::mapping::{Column, Key, Mapping, RememberedMapping, Target, fingerprint, is_own};
use super::question::{Answer, MapError, Question, QuestionKind, Request, custom_name, reference, request};
use super::source::Source;
use crate::model::columns::is_origin_column;
use crate::model::fields::{self, Catalog, Entity, FieldId, HeaderMeaning, header_key};

/// What a person says about the columns of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MapOptions {
    /// `Header=field`, `Header=` to leave out, `Header+Header=contact.id` to compose; `#3` is the third column.
    pub maps: Vec<String>,
    /// What stands between the parts of a composed key; `-` if nothing is said.
    pub key_separator: Option<String>,
    /// Columns that fit nothing become custom fields.
    pub keep_unmapped: bool,
    /// All account columns are left out.
    pub no_accounts: bool,
}

/// What the columns of a file mean, as far as that is settled.
#[derive(Debug, Clone)]
pub struct MapOutcome {
    /// The mapping. A column with an open question is left out in it.
    pub mapping: Mapping,
    /// The custom fields of the base and those that the mapping adds.
    pub catalog: Catalog,
    /// What must be asked before the file can be read.
    pub questions: Vec<Question>,
    /// The columns (from 0) that are left out.
    pub unmapped: Vec<usize>,
    /// Whether the mapping is that of an earlier import with the same header line.
    pub remembered: bool,
    /// Whose wording the headers are, if they are Genesys'.
    pub wording: Option<Wording>,
}

/// A header dialect of Genesys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wording {
    /// `Contact Id`, `Contact First Name`.
    Older,
    /// `External ID`, `First Name`.
    Current,
}

/// Maps the columns of a file to the fields of the base's catalog. `remembered` are the mappings of earlier imports,
/// the latest last.
///
/// # Errors
/// When an option cannot be obeyed.
pub fn map(
    source: &Source,
    options: &MapOptions,
    catalog: &Catalog,
    remembered: &[RememberedMapping],
) -> Result<MapOutcome, MapError> {
    map_header(source.header(), options, catalog, remembered)
}

pub(super) fn map_header(
    header: &[String],
    options: &MapOptions,
    catalog: &Catalog,
    remembered: &[RememberedMapping],
) -> Result<MapOutcome, MapError> {
    let mut sketch = Sketch::new(header, catalog.clone(), options)?;
    sketch.obey(&options.maps)?;
    let print = fingerprint(header);
    let last_time = remembered.iter().rev().find(|r| r.fingerprint == print);
    match last_time {
        Some(last_time) => sketch.recall(&last_time.mapping),
        None => {
            sketch.claim_exact()?;
            sketch.claim_aliases();
        }
    }
    if options.keep_unmapped {
        sketch.keep_unmapped()?;
    }
    sketch.settle();
    if last_time.is_none() {
        sketch.ask_changed_keys(remembered);
    }
    sketch.ask_missing_keys();
    let Sketch { mapping, catalog, questions, .. } = sketch;
    let unmapped = (0..header.len()).filter(|c| mapping.columns[*c].target == Target::LeftOut).collect();
    Ok(MapOutcome { mapping, catalog, questions, unmapped, remembered: last_time.is_some(), wording: wording(header) })
}

/// Whose wording most of the headers are; `None` if none is Genesys' own.
fn wording(header: &[String]) -> Option<Wording> {
    let (mut older, mut current) = (0, 0);
    for key in header.iter().map(|h| header_key(h)) {
        older += usize::from(fields::FIELDS.iter().any(|f| header_key(f.header) == key));
        current += usize::from(fields::FIELDS.iter().any(|f| header_key(f.header_current) == key));
    }
    match older.cmp(&current) {
        _ if older + current == 0 => None,
        std::cmp::Ordering::Less => Some(Wording::Current),
        _ => Some(Wording::Older),
    }
}

/// A mapping in the making.
struct Sketch<'a> {
    header: &'a [String],
    meanings: Vec<HeaderMeaning>,
    catalog: Catalog,
    no_accounts: bool,
    separator: String,
    /// What each column feeds; `None` if nothing has been said yet.
    targets: Vec<Option<Target>>,
    /// The columns that claim a field, keys included.
    claims: BTreeMap<FieldId, Vec<usize>>,
    /// Fields whose column a person named: nothing else may claim them.
    said: Vec<FieldId>,
    /// A composed key, or one made of a column that has a meaning of its own.
    keys: BTreeMap<FieldId, Key>,
    mapping: Mapping,
    questions: Vec<Question>,
}

impl<'a> Sketch<'a> {
    fn new(header: &'a [String], catalog: Catalog, options: &MapOptions) -> Result<Sketch<'a>, MapError> {
        let separator = options.key_separator.clone().unwrap_or_else(|| "-".to_owned());
        if separator.is_empty() || separator.chars().any(char::is_control) {
            return Err(MapError::KeySeparator);
        }
        let column = |header: &String| Column { header: header.clone(), target: Target::LeftOut };
        Ok(Sketch {
            header,
            meanings: header.iter().map(|header| fields::meaning(header)).collect(),
            catalog,
            no_accounts: options.no_accounts,
            separator,
            targets: header.iter().map(|header| is_own(header).then_some(Target::Own)).collect(),
            claims: BTreeMap::new(),
            said: Vec::new(),
            keys: BTreeMap::new(),
            mapping: Mapping { columns: header.iter().map(column).collect(), contact_key: None, account_key: None },
            questions: Vec::new(),
        })
    }

    /// Does what a person says. Of two options for one column, or for one key, the later counts.
    fn obey(&mut self, maps: &[String]) -> Result<(), MapError> {
        let mut fields: BTreeMap<usize, FieldId> = BTreeMap::new();
        for map in maps {
            match request(map, self.header, &mut self.catalog)? {
                Request::LeaveOut(column) => {
                    fields.remove(&column);
                    self.targets[column] = Some(Target::LeftOut);
                }
                Request::Field(column, field) => {
                    fields.insert(column, field);
                    self.targets[column] = Some(Target::Field(field));
                }
                Request::Key(entity, columns) => {
                    self.keys.insert(entity.key(), Key { columns, separator: self.separator.clone() });
                }
            }
        }
        for (column, field) in fields {
            if self.said.contains(&field) {
                return Err(MapError::FieldTwice(self.catalog.name(field)));
            }
            self.said.push(field);
            self.claims.insert(field, vec![column]);
        }
        self.said.extend(self.keys.keys());
        Ok(())
    }

    /// Takes over the mapping of an earlier file with the same header line, where a person says nothing else.
    fn recall(&mut self, earlier: &Mapping) {
        // Muster's own columns do not count in a fingerprint, so the others correspond one by one.
        let now: Vec<usize> = (0..self.header.len()).filter(|c| !is_own(&self.header[*c])).collect();
        let then: Vec<usize> = (0..earlier.columns.len()).filter(|c| !is_own(&earlier.columns[*c].header)).collect();
        for (now, then) in now.iter().zip(&then) {
            let target = earlier.columns[*then].target;
            if self.targets[*now].is_none() {
                match target {
                    Target::Field(field) if !self.said.contains(&field) => self.claim(*now, field),
                    _ => self.targets[*now] = Some(Target::LeftOut),
                }
            }
        }
        for entity in [Entity::Contact, Entity::Organization] {
            let Some(key) = earlier.key(entity).filter(|_| !self.keys.contains_key(&entity.key())) else { continue };
            let place = |column: &usize| then.iter().position(|c| c == column).and_then(|at| now.get(at).copied());
            if let Some(columns) = key.columns.iter().map(place).collect::<Option<Vec<usize>>>() {
                self.keys.insert(entity.key(), Key { columns, separator: key.separator.clone() });
            }
        }
    }

    fn claim(&mut self, column: usize, field: FieldId) {
        self.targets[column] = Some(Target::Field(field));
        self.claims.entry(field).or_default().push(column);
    }

    /// Headers that are a field's name or Genesys' own header for it.
    fn claim_exact(&mut self) -> Result<(), MapError> {
        let only_accounts = self.sides() == (false, true);
        for column in self.undecided() {
            if is_origin_column(&self.header[column]) && !self.no_accounts {
                self.claim(column, FieldId::ORIGIN);
                continue;
            }
            if let Some((entity, name)) = custom_name(&self.header[column]) {
                let field = self.catalog.add(entity, name).ok_or(MapError::TooManyFields)?;
                if !self.said.contains(&field) {
                    self.claim(column, field);
                }
                continue;
            }
            let meaning = &self.meanings[column];
            // In a file of organizations alone, `City` is the organization's.
            if only_accounts && meaning.alias.iter().any(|f| self.is_account(*f)) {
                continue;
            }
            if let [field] = meaning.exact[..] {
                match self.said.contains(&field) {
                    true => self.targets[column] = Some(Target::LeftOut),
                    false => self.claim(column, field),
                }
            }
        }
        Ok(())
    }

    /// Headers that CRMs write, for the fields that are still free.
    fn claim_aliases(&mut self) {
        let taken: Vec<FieldId> = self.claims.keys().chain(&self.said).copied().collect();
        let sides = self.sides();
        for column in self.undecided() {
            let HeaderMeaning { exact, alias } = self.meanings[column].clone();
            let mut candidates: Vec<FieldId> = exact.into_iter().chain(alias).collect();
            candidates.retain(|field| !taken.contains(field) && !(self.no_accounts && self.is_account(*field)));
            let both =
                candidates.iter().any(|f| self.is_account(*f)) && !candidates.iter().all(|f| self.is_account(*f));
            match sides {
                (_, false) if both => candidates.retain(|f| !self.is_account(*f)),
                (false, true) if both => candidates.retain(|f| self.is_account(*f)),
                _ => {}
            }
            match candidates.as_slice() {
                [] => {}
                [field] => self.claim(column, *field),
                _ => self.ask_header(column, &candidates),
            }
        }
    }

    /// Whether some header can only be a contact's, and whether some can only be an organization's.
    fn sides(&self) -> (bool, bool) {
        let only = |account: bool| {
            self.meanings.iter().any(|meaning| {
                meaning.is_known() && meaning.exact.iter().chain(&meaning.alias).all(|f| self.is_account(*f) == account)
            })
        };
        (only(false), only(true))
    }

    fn is_account(&self, field: FieldId) -> bool {
        self.catalog.entity(field) == Some(Entity::Organization)
    }

    fn undecided(&self) -> Vec<usize> {
        (0..self.targets.len()).filter(|column| self.targets[*column].is_none()).collect()
    }

    /// Makes custom fields of the columns that fit nothing: the contact's, or the organization's in a file without contacts.
    fn keep_unmapped(&mut self) -> Result<(), MapError> {
        let has_key = |field| self.claims.contains_key(&field) || self.keys.contains_key(&field);
        let only_accounts = !has_key(FieldId::CONTACT_ID) && has_key(FieldId::ACCOUNT_ID);
        let entity = if only_accounts { Entity::Organization } else { Entity::Contact };
        for column in self.undecided() {
            let is_key = self.keys.values().any(|key| key.columns.contains(&column));
            if !self.header[column].is_empty() && !is_key {
                let field = self.catalog.add(entity, &self.header[column]).ok_or(MapError::TooManyFields)?;
                self.claim(column, field);
            }
        }
        Ok(())
    }

    /// Turns claims into the mapping; a field with several claims is asked about.
    fn settle(&mut self) {
        if self.no_accounts {
            self.claims.retain(|field, _| self.catalog.entity(*field) != Some(Entity::Organization));
            self.keys.remove(&FieldId::ACCOUNT_ID);
        }
        for (field, columns) in std::mem::take(&mut self.claims) {
            match columns.as_slice() {
                [column] if field == FieldId::CONTACT_ID || field == FieldId::ACCOUNT_ID => {
                    let key = Key { columns: vec![*column], separator: self.separator.clone() };
                    self.keys.entry(field).or_insert(key);
                }
                [column] => self.mapping.columns[*column].target = Target::Field(field),
                _ => self.ask_field(field, columns),
            }
        }
        for (column, target) in self.targets.iter().enumerate() {
            if *target == Some(Target::Own) {
                self.mapping.columns[column].target = Target::Own;
            }
        }
        for (field, key) in std::mem::take(&mut self.keys) {
            for column in &key.columns {
                let target = &mut self.mapping.columns[*column].target;
                if *target == Target::LeftOut {
                    *target = Target::Key(field);
                }
            }
            match field {
                FieldId::CONTACT_ID => self.mapping.contact_key = Some(key),
                _ => self.mapping.account_key = Some(key),
            }
        }
    }

    fn ask_header(&mut self, column: usize, candidates: &[FieldId]) {
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

    fn ask_field(&mut self, field: FieldId, columns: Vec<usize>) {
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
    fn ask_changed_keys(&mut self, remembered: &[RememberedMapping]) {
        let Some(last) = remembered.iter().rev().find(|r| is_similar(self.header, &r.mapping)) else { return };
        for entity in [Entity::Contact, Entity::Organization] {
            let keys = |mapping: &Mapping| mapping.key_headers(entity).into_iter().map(header_key).collect::<Vec<_>>();
            let (then, now) = (keys(&last.mapping), keys(&self.mapping));
            if then == now || then.is_empty() || now.is_empty() || self.said.contains(&entity.key()) {
                continue;
            }
            let name = self.catalog.name(entity.key());
            let find = |key: &String| self.header.iter().position(|h| header_key(h) == *key);
            let answer = |keys: &[String], label: &str| {
                let columns = keys.iter().map(find).collect::<Option<Vec<usize>>>()?;
                let parts: Vec<String> = columns.iter().map(|c| reference(*c, self.header)).collect();
                let label = format!("{label}: {}", parts.join(" + "));
                Some(Answer { label, maps: vec![format!("{}={name}", parts.join("+"))], ..Answer::default() })
            };
            let answers =
                [answer(&then, "as last time"), answer(&now, "as in this file")].into_iter().flatten().collect();
            let message = format!(
                "the last file with a similar header had its {} in '{}', this one would have it in '{}'. Which is right?",
                self.catalog.label(entity.key()),
                last.mapping.key_headers(entity).join(" + "),
                self.mapping.key_headers(entity).join(" + ")
            );
            self.questions.push(Question { kind: QuestionKind::KeyChanged { entity }, message, answers });
        }
    }

    /// R4: asks when there are columns for a record, but none for its ID; or when nothing at all is known.
    fn ask_missing_keys(&mut self) {
        for entity in [Entity::Contact, Entity::Organization] {
            let asked = self
                .questions
                .iter()
                .any(|q| matches!(q.kind, QuestionKind::Field { field, .. } if field == entity.key()));
            let columns: Vec<usize> = (0..self.header.len()).filter(|c| self.feeds(*c, entity)).collect();
            if self.mapping.key(entity).is_none() && !asked && !columns.is_empty() {
                let question = self.missing_key(entity, &columns);
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
    let keys = |names: &mut dyn Iterator<Item = &str>| -> std::collections::BTreeSet<String> {
        names.filter(|name| !is_own(name)).map(header_key).collect()
    };
    let now = keys(&mut header.iter().map(String::as_str));
    let then = keys(&mut earlier.columns.iter().map(|c| c.header.as_str()));
    now.intersection(&then).count() * 2 >= now.union(&then).count()
}
