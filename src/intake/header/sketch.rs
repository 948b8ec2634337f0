//! A mapping in the making: columns claim fields, and what is claimed once is settled.

use std::collections::BTreeMap;

use super::MapOptions;
use crate::intake::mapping::{Column, Key, Mapping, Target, is_own};
use crate::intake::question::{MapError, Question, Request, custom_name, request};
use crate::model::columns::is_origin_column;
use crate::model::fields::{self, Catalog, Entity, FieldId, HeaderMeaning};

/// A mapping in the making.
pub(super) struct Sketch<'a> {
    pub(super) header: &'a [String],
    pub(super) meanings: Vec<HeaderMeaning>,
    pub(super) catalog: Catalog,
    pub(super) no_accounts: bool,
    pub(super) separator: String,
    /// What each column feeds; `None` if nothing has been said yet.
    pub(super) targets: Vec<Option<Target>>,
    /// The columns that claim a field, keys included.
    pub(super) claims: BTreeMap<FieldId, Vec<usize>>,
    /// Fields whose column a person named: nothing else may claim them.
    pub(super) said: Vec<FieldId>,
    /// A composed key, or one made of a column that has a meaning of its own.
    pub(super) keys: BTreeMap<FieldId, Key>,
    pub(super) mapping: Mapping,
    pub(super) questions: Vec<Question>,
}

impl<'a> Sketch<'a> {
    pub(super) fn new(header: &'a [String], catalog: Catalog, options: &MapOptions) -> Result<Sketch<'a>, MapError> {
        let separator = options.key_separator.clone().unwrap_or_else(|| "-".to_owned());
        if separator.is_empty() || separator.chars().any(char::is_control) {
            return Err(MapError::KeySeparator);
        }
        let column = |header: &String| Column {
            header: header.clone(),
            target: if is_own(header) { Target::Own } else { Target::LeftOut },
        };
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
    pub(super) fn obey(&mut self, maps: &[String]) -> Result<(), MapError> {
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
    pub(super) fn recall(&mut self, earlier: &Mapping) {
        // Muster's own columns do not count in a fingerprint, so the others correspond one by one.
        let now: Vec<usize> = (0..self.header.len()).filter(|c| !is_own(&self.header[*c])).collect();
        let then: Vec<usize> = (0..earlier.columns.len()).filter(|c| !is_own(&earlier.columns[*c].header)).collect();
        for entity in [Entity::Contact, Entity::Organization] {
            let Some(key) = earlier.key(entity).filter(|_| !self.keys.contains_key(&entity.key())) else { continue };
            let place = |column: &usize| then.iter().position(|c| c == column).and_then(|at| now.get(at).copied());
            let columns = key.columns.iter().map(place).collect::<Option<Vec<usize>>>();
            let left_out = |column: &usize| self.targets[*column] == Some(Target::LeftOut);
            if let Some(columns) = columns.filter(|columns| !columns.iter().any(left_out)) {
                self.keys.insert(entity.key(), Key { columns, separator: key.separator.clone() });
            }
        }
        for (now, then) in now.iter().zip(&then) {
            let target = earlier.columns[*then].target;
            if self.targets[*now].is_none() {
                match target {
                    Target::Field(field) if !self.said.contains(&field) => self.claim(*now, field),
                    // It fits nothing and may become a custom field this time.
                    Target::LeftOut if !self.meanings[*now].is_known() => {}
                    _ => self.targets[*now] = Some(Target::LeftOut),
                }
            }
        }
    }

    fn claim(&mut self, column: usize, field: FieldId) {
        self.targets[column] = Some(Target::Field(field));
        self.claims.entry(field).or_default().push(column);
    }

    /// Headers that are a field's name or Genesys' own header for it.
    pub(super) fn claim_exact(&mut self) -> Result<(), MapError> {
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
    pub(super) fn claim_aliases(&mut self) {
        let exact: Vec<FieldId> = self.claims.keys().copied().collect();
        let sides = self.sides();
        for column in self.undecided() {
            let meant = self.may_mean(column, sides);
            let free: Vec<FieldId> = meant.iter().filter(|field| !exact.contains(field)).copied().collect();
            match (free.as_slice(), meant.as_slice()) {
                ([field], _) => self.claim(column, *field),
                // Another column has the field for sure. Whether this one is to be left out is not ours to say.
                ([], [field, ..]) => self.claim(column, *field),
                ([], []) => {}
                _ => self.ask_header(column, &free),
            }
        }
    }

    /// The fields that a header can mean by an alias, without those for which a person has named a column.
    fn may_mean(&self, column: usize, sides: (bool, bool)) -> Vec<FieldId> {
        let HeaderMeaning { exact, alias } = self.meanings[column].clone();
        let mut fields: Vec<FieldId> = exact.into_iter().chain(alias).collect();
        fields.retain(|field| !(self.said.contains(field) || self.no_accounts && self.is_account(*field)));
        let account = |field: &FieldId| self.is_account(*field);
        let both = fields.iter().any(account) && !fields.iter().all(account);
        match sides {
            (_, false) if both => fields.retain(|f| !self.is_account(*f)),
            (false, true) if both => fields.retain(|f| self.is_account(*f)),
            _ => {}
        }
        fields
    }

    /// Whether some header can only be a contact's, and whether some can only be an organization's. What a person
    /// leaves out says nothing.
    fn sides(&self) -> (bool, bool) {
        let used = |column: &usize| self.targets[*column] != Some(Target::LeftOut) && self.meanings[*column].is_known();
        let columns: Vec<usize> = (0..self.header.len()).filter(used).collect();
        let only = |account: bool| {
            columns.iter().map(|column| &self.meanings[*column]).any(|meaning| {
                meaning.exact.iter().chain(&meaning.alias).all(|field| self.is_account(*field) == account)
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
    pub(super) fn keep_unmapped(&mut self) -> Result<(), MapError> {
        let has_key = |field| self.claims.contains_key(&field) || self.keys.contains_key(&field);
        let only_accounts = !has_key(FieldId::CONTACT_ID) && has_key(FieldId::ACCOUNT_ID);
        let entity = if only_accounts { Entity::Organization } else { Entity::Contact };
        for column in self.undecided() {
            let is_key = self.keys.values().any(|key| key.columns.contains(&column));
            if !self.header[column].is_empty() && !is_key {
                let field = self.catalog.add(entity, &self.header[column]).ok_or(MapError::TooManyFields)?;
                if !self.said.contains(&field) {
                    self.claim(column, field);
                }
            }
        }
        Ok(())
    }

    /// Turns claims into the mapping; a field with several claims is asked about.
    pub(super) fn settle(&mut self) {
        if self.no_accounts {
            self.claims.retain(|field, _| self.catalog.entity(*field) != Some(Entity::Organization));
            self.keys.remove(&FieldId::ACCOUNT_ID);
        }
        for (field, mut columns) in std::mem::take(&mut self.claims) {
            columns.sort_unstable();
            match columns.as_slice() {
                [column] if field == FieldId::CONTACT_ID || field == FieldId::ACCOUNT_ID => {
                    let key = Key { columns: vec![*column], separator: self.separator.clone() };
                    self.keys.entry(field).or_insert(key);
                }
                [column] => self.mapping.columns[*column].target = Target::Field(field),
                _ => self.ask_field(field, columns),
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
}
