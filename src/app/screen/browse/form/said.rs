//! What a form says: in a few words beside each field, in a sentence about the field that has the focus.

use super::Form;
use super::fields::FormField;
use crate::app::screen::browse::card::Remark;
use crate::model::fields::{Entity, FieldId, Kind};
use crate::model::finding::{Code, Finding, Severity};
use crate::model::record::Value;

impl Form {
    /// What stands beside a field, and whether it keeps the form from being saved.
    pub fn beside(&self, field: &FormField) -> (Remark, bool) {
        if let Some(why) = &field.refused {
            return (Remark::Bad(why.clone()), true);
        }
        let finding = self.finding(field.id);
        match finding {
            Some(finding) if finding.code == Code::RequiredMissing => {
                return (Remark::Note("required".to_owned()), false);
            }
            Some(finding) if finding.severity == Severity::Error => return (Remark::Bad(finding.verdict()), true),
            _ => {}
        }
        if let Some(value) = &field.meanwhile {
            return (Remark::Bad(format!("meanwhile: {}", or_empty(value))), false);
        }
        let said = match self.checked.put.values.view().value(field.id) {
            Some(Value::Phone(phone)) => match &phone.number {
                Ok(_) => Remark::Good(format!("{}  syncs", phone.shown())),
                Err(problem) => Remark::Bad(format!("will not sync: {}", problem.reason())),
            },
            _ if finding.is_some() => Remark::Bad(finding.map(Finding::verdict).unwrap_or_default()),
            _ if field.id == FieldId::ACCOUNT_ID && self.entity == Entity::Contact => return self.organization(field),
            _ if field.locked => Remark::Note("cannot be changed here".to_owned()),
            _ if !field.touched() && self.is_by_hand(field.id) => Remark::Note("by hand".to_owned()),
            _ => Remark::None,
        };
        (said, false)
    }

    /// The worst finding about a field.
    fn finding(&self, field: FieldId) -> Option<&Finding> {
        let about = self.checked.findings.iter().filter(|finding| finding.field == Some(field));
        about.max_by_key(|finding| finding.severity)
    }

    fn is_by_hand(&self, field: FieldId) -> bool {
        self.seen.as_ref().is_some_and(|record| record.by_hand.contains_key(&field))
    }

    /// The name of the organization whose Account ID is typed, as far as it was asked for.
    fn organization(&self, field: &FormField) -> (Remark, bool) {
        match (&self.offers.exact, field.input.text().trim()) {
            (_, "") => (Remark::None, false),
            _ if self.offers.text != field.input.text() => (Remark::None, false),
            (Some(name), _) => (Remark::Good(name.clone()), false),
            (None, _) => (Remark::Bad("no such organization".to_owned()), true),
        }
    }

    /// What there is to know about the field that has the focus.
    pub fn about(&self) -> String {
        let Some(field) = self.focused() else {
            return "Enter shows what will be saved, old -> new, and asks.".to_owned();
        };
        if let Some(why) = &field.refused {
            return format!("{}: {why}", field.label);
        }
        let missing = |finding: &&Finding| finding.code == Code::RequiredMissing;
        if let Some(finding) = self.finding(field.id).filter(|finding| !missing(finding)) {
            return format!("{}: {}", finding.message(&field.label), finding.code.hint());
        }
        if let Some(value) = &field.meanwhile {
            return format!("The base now has {}. What is typed here would replace it.", or_empty(value));
        }
        if field.id.kind() == Kind::Phone {
            let region = self.reading.region.code();
            return format!("Without + it is read as a number of {region}; x12 adds an extension.");
        }
        hint(self.entity, field).to_owned()
    }
}

fn or_empty(value: &str) -> &str {
    if value.is_empty() { "(empty)" } else { value }
}

/// What to type.
fn hint(entity: Entity, field: &FormField) -> &'static str {
    match (field.id.kind(), entity) {
        (Kind::Id, Entity::Contact) if field.id == FieldId::ACCOUNT_ID => {
            "The organization, by its Account ID. Type part of its name or ID, then Down and Enter choose it."
        }
        (Kind::Id, _) => "The ID by which files name this record. It cannot be changed later.",
        (Kind::PhoneCountry(_) | Kind::Country, _) => "ISO code (US, HUN) or English name.",
        (Kind::PhoneSms(_) | Kind::YesNo, _) => "yes or no.",
        (Kind::List, _) => "Several are separated by ; each.",
        (Kind::Integer, _) => "A whole number.",
        (Kind::Url, _) => "Begins with https:// or http://",
        _ => "",
    }
}
