//! What a person or a policy says to a conflict (R8).

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::conflict::{Class, Conflict, Fingerprint, Variant};
use super::correction::Correction;
use crate::model::fields::{Entity, FieldId};
use crate::model::record::{Value, Values};

/// A decision about one conflict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Choice {
    /// Take a variant.
    Variant(Fingerprint),
    /// Pick per field; differing fields without a pick are not decided, so all must have one.
    Fields(BTreeMap<FieldId, Pick>),
    /// Keep what the base holds in the differing fields.
    Base,
    /// Hold the rows back; they go to the rejects file.
    Hold,
}

/// A decision about one field of a conflict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pick {
    /// The value of a variant.
    Variant(Fingerprint),
    /// What the base holds.
    Base,
    /// The payload of a value that a person typed; empty: no value. It counts as set by hand (R14).
    Typed(Vec<u8>),
}

/// What a person says to a doubt; see [`super::doubt`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Consent {
    /// R15: it is the same person; import the rows.
    SamePerson,
    /// R15: it is another person; hold the rows.
    OtherPerson,
    /// R28: create the deleted record again.
    CreateAgain,
    /// R28: the record stays deleted.
    StayDeleted,
    /// R14: take the file's value instead of the one set by hand.
    TakeFile,
    /// R14: keep the value set by hand.
    KeepHand,
}

impl Consent {
    /// Its word in the history.
    pub fn word(self) -> &'static str {
        match self {
            Consent::SamePerson => "same-person",
            Consent::OtherPerson => "other-person",
            Consent::CreateAgain => "create-again",
            Consent::StayDeleted => "stay-deleted",
            Consent::TakeFile => "take-file",
            Consent::KeepHand => "keep-hand",
        }
    }
}

/// What a consent is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Subject {
    /// Whose ID it is.
    pub entity: Entity,
    /// The Contact ID or Account ID.
    pub id: String,
    /// One value of the record (R14); `None`: the record (R15, R28).
    pub field: Option<FieldId>,
}

/// Everything that a person said about the rows of one import.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decisions {
    /// By ID: what the conflict was (see [`Conflict::fingerprint`]) and the choice. A choice for another conflict is not applied.
    pub choices: BTreeMap<(Entity, String), (Fingerprint, Choice)>,
    /// By subject: what the doubt was (see [`super::doubt::Doubt::fingerprint`]) and the consent; to another doubt it is not applied.
    pub consents: BTreeMap<Subject, (Fingerprint, Consent)>,
    /// By data row, from 0.
    pub corrections: BTreeMap<u32, Correction>,
}

impl Decisions {
    /// The choice for exactly this conflict.
    pub fn choice(&self, conflict: &Conflict) -> Option<&Choice> {
        let (about, choice) = self.choices.get(&(conflict.entity, conflict.id.clone()))?;
        (*about == conflict.fingerprint()).then_some(choice)
    }

    /// The consent to exactly this doubt.
    pub fn consent(&self, subject: &Subject, about: Fingerprint) -> Option<Consent> {
        let (given_to, consent) = self.consents.get(subject)?;
        (*given_to == about).then_some(*consent)
    }

    /// How many decisions there are.
    pub fn len(&self) -> usize {
        self.choices.len() + self.consents.len()
    }

    /// Whether nothing was decided.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A way to decide many conflicts at once (R8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// The variant of the first row of the file.
    First,
    /// The variant of the last row of the file.
    Last,
    /// The variant that more rows have than any other.
    MostRows,
    /// The variant that has more filled fields than any other.
    MostComplete,
    /// What the base holds.
    Base,
    /// What muster suggests.
    Suggested,
    /// What was decided for the same ID and variants in an earlier import.
    Remembered,
    /// Hold the rows back.
    Hold,
}

impl Policy {
    /// Every policy with its word in `--resolve`.
    pub const ALL: [(Policy, &'static str); 8] = [
        (Policy::First, "first"),
        (Policy::Last, "last"),
        (Policy::MostRows, "most-rows"),
        (Policy::MostComplete, "most-complete"),
        (Policy::Base, "base"),
        (Policy::Suggested, "suggested"),
        (Policy::Remembered, "remembered"),
        (Policy::Hold, "hold"),
    ];

    /// Its word in `--resolve`.
    pub fn word(self) -> &'static str {
        Policy::ALL.iter().find(|(policy, _)| *policy == self).map_or("", |(_, word)| word)
    }
}

/// A policy and the conflicts that it is for: `[account:|contact:][CLASS:]POLICY`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Rule {
    /// Only conflicts of this kind.
    pub entity: Option<Entity>,
    /// Only conflicts of this class.
    pub class: Option<Class>,
    /// What to do.
    pub policy: Policy,
}

impl Rule {
    /// Whether the rule is for this conflict.
    pub fn covers(&self, conflict: &Conflict) -> bool {
        self.entity.is_none_or(|e| e == conflict.entity) && self.class.is_none_or(|c| c == conflict.class)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(entity) = self.entity {
            write!(f, "{}:", entity.prefix())?;
        }
        if let Some(class) = self.class {
            write!(f, "{}:", class.word())?;
        }
        f.write_str(self.policy.word())
    }
}

impl FromStr for Rule {
    type Err = String;

    fn from_str(text: &str) -> Result<Rule, String> {
        let mut parts: Vec<&str> = text.split(':').collect();
        let policy = parts.pop().unwrap_or_default();
        let policy =
            Policy::ALL.iter().find(|(_, word)| *word == policy).map(|(policy, _)| *policy).ok_or_else(|| {
                let words: Vec<&str> = Policy::ALL.iter().map(|(_, word)| *word).collect();
                format!("'{policy}' is no policy; policies are {}", words.join(", "))
            })?;
        let mut rule = Rule { entity: None, class: None, policy };
        for part in parts {
            match part {
                "account" if rule.entity.is_none() && rule.class.is_none() => rule.entity = Some(Entity::Organization),
                "contact" if rule.entity.is_none() && rule.class.is_none() => rule.entity = Some(Entity::Contact),
                "blank" if rule.class.is_none() => rule.class = Some(Class::Blank),
                "cosmetic" if rule.class.is_none() => rule.class = Some(Class::Cosmetic),
                "content" if rule.class.is_none() => rule.class = Some(Class::Content),
                _ => return Err(format!("'{text}' is not [account:|contact:][blank:|cosmetic:|content:]POLICY")),
            }
        }
        Ok(rule)
    }
}

/// What the first rule that settles a conflict chooses. `remembered` is the choice kept from an earlier import.
pub fn by_rules(rules: &[Rule], conflict: &Conflict, remembered: Option<&Choice>) -> Option<(Rule, Choice)> {
    rules
        .iter()
        .filter(|rule| rule.covers(conflict))
        .find_map(|rule| Some((*rule, apply(rule.policy, conflict, remembered)?)))
}

fn apply(policy: Policy, conflict: &Conflict, remembered: Option<&Choice>) -> Option<Choice> {
    let take = |variant: &Variant| Choice::Variant(variant.fingerprint);
    let row = |v: &&Variant, last: bool| if last { v.rows.last().copied() } else { v.rows.first().copied() };
    match policy {
        Policy::First => conflict.eligible().min_by_key(|v| row(v, false)).map(take),
        Policy::Last => conflict.eligible().max_by_key(|v| row(v, true)).map(take),
        Policy::MostRows => strict_winner(conflict, |v| v.rows.len()).map(take),
        Policy::MostComplete => strict_winner(conflict, |v| v.values.view().iter().count()).map(take),
        Policy::Base => conflict.base.is_some().then_some(Choice::Base),
        Policy::Suggested => suggested(conflict),
        Policy::Remembered => remembered.cloned(),
        Policy::Hold => Some(Choice::Hold),
    }
}

fn strict_winner(conflict: &Conflict, measure: impl Fn(&Variant) -> usize) -> Option<&Variant> {
    let best = conflict.eligible().map(&measure).max()?;
    let mut winners = conflict.eligible().filter(|v| measure(v) == best);
    let winner = winners.next()?;
    winners.next().is_none().then_some(winner)
}

/// The suggestion of a conflict as a choice: each value is a variant's, or else the base's.
pub fn suggested(conflict: &Conflict) -> Option<Choice> {
    let picks = conflict.suggestion.as_ref()?.iter().map(|(field, payload)| {
        let holders = conflict.eligible().filter(|v| v.values.view().get(*field) == Some(payload));
        // Of several variants with the value always the same one, so that the order of rows decides nothing (R10).
        let holder = holders.min_by_key(|v| v.fingerprint);
        (*field, holder.map_or(Pick::Base, |v| Pick::Variant(v.fingerprint)))
    });
    Some(Choice::Fields(picks.collect()))
}

/// What a decided conflict brings to its record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resolved {
    /// The values that the file is taken to say.
    pub values: Values,
    /// Fields that stay as the base has them.
    pub from_base: Vec<FieldId>,
    /// Fields whose value a person typed, with the payload that the file brought instead; empty: none (R14).
    pub typed: BTreeMap<FieldId, Vec<u8>>,
}

/// What a choice makes of a conflict; `None` if it holds the rows back or does not fit the conflict.
pub fn resolve(conflict: &Conflict, choice: &Choice) -> Option<Resolved> {
    let picks: BTreeMap<FieldId, Pick> = match choice {
        Choice::Hold => return None,
        Choice::Fields(picks) => picks.clone(),
        Choice::Base => conflict.fields.iter().map(|(field, _)| (*field, Pick::Base)).collect(),
        Choice::Variant(fingerprint) => {
            conflict.fields.iter().map(|(field, _)| (*field, Pick::Variant(*fingerprint))).collect()
        }
    };
    let mut resolved = Resolved::default();
    let mut values: BTreeMap<FieldId, &[u8]> = BTreeMap::new();
    let agreed = conflict.variants.first()?.values.view();
    values.extend(agreed.iter().filter(|(field, _)| !conflict.fields.iter().any(|(f, _)| f == field)));
    for (field, _) in &conflict.fields {
        match picks.get(field)? {
            Pick::Base => resolved.from_base.push(*field),
            // It comes from a draft, which somebody else may have written.
            Pick::Typed(payload) if !payload.is_empty() && Value::decode(*field, payload).is_none() => return None,
            Pick::Typed(payload) => {
                values.insert(*field, payload);
                resolved.typed.insert(*field, Vec::new());
            }
            Pick::Variant(fingerprint) => {
                let variant = conflict.variants.iter().find(|v| v.fingerprint == *fingerprint)?;
                if let Some(payload) = variant.values.view().get(*field) {
                    values.insert(*field, payload);
                }
            }
        }
    }
    for (field, payload) in values {
        resolved.values.push(field, payload);
    }
    Some(resolved)
}

#[cfg(test)]
mod tests {
    use super::super::conflict::conflict;
    use super::*;
    use crate::model::fields::by_name;
    use crate::model::settings::Blank;
    use rstest::rstest;

    fn sample() -> Conflict {
        let v = |name: &str, industry: &str, rows: &[u32], only_rejected| {
            let fields = [("account.name", name), ("account.industry", industry)];
            let values: Values =
                fields.iter().map(|(f, v)| (by_name(f).unwrap().id, Value::Text((*v).to_owned()))).collect();
            let rows = rows.iter().map(|r| (*r, r + 2)).collect();
            Variant { fingerprint: Fingerprint::of(values.view()), values, rows, only_rejected }
        };
        let variants = vec![
            v("Office Mart", "Retail", &[1, 2], false),
            v("Office Mart", "", &[3], false),
            v("Office Mart", "Toys", &[0, 4, 5], true),
        ];
        conflict(Entity::Organization, "A-1", variants, None, Blank::Keep)
    }

    #[rstest]
    #[case("first", Some("Retail"))]
    #[case("last", None)]
    #[case("most-rows", Some("Retail"))]
    #[case("most-complete", Some("Retail"))]
    fn r08_policies_take_whole_variants_and_never_one_of_rejected_rows(
        #[case] policy: &str,
        #[case] industry: Option<&str>,
    ) {
        let c = sample();
        let (_, choice) = by_rules(&[policy.parse().unwrap()], &c, None).unwrap();
        let resolved = resolve(&c, &choice).unwrap();
        assert_eq!(resolved.values.view().text(by_name("account.industry").unwrap().id), industry);
    }

    #[test]
    fn r08_rules_apply_in_order_to_what_they_cover_and_the_first_that_settles_wins() {
        let c = sample();
        let rules: Vec<Rule> =
            ["contact:first", "account:blank:first", "base", "content:hold"].map(|r| r.parse().unwrap()).to_vec();
        assert_eq!(by_rules(&rules, &c, None), Some((rules[3], Choice::Hold)));
    }

    #[rstest]
    #[case("account:blank:suggested")]
    #[case("contact:most-rows")]
    #[case("cosmetic:first")]
    fn r08_rules_read_as_they_are_written(#[case] text: &str) {
        assert_eq!(text.parse::<Rule>().unwrap().to_string(), text);
    }

    #[rstest]
    #[case("blank:account:first")]
    #[case("best")]
    #[case("account:account:first")]
    #[case("")]
    fn r08_a_wrong_rule_is_refused(#[case] text: &str) {
        assert!(text.parse::<Rule>().is_err());
    }

    #[test]
    fn r08_what_was_typed_and_is_no_value_decides_nothing() {
        let c = sample();
        let typed = |bytes: &[u8]| {
            let picks = c.fields.iter().map(|(field, _)| (*field, Pick::Typed(bytes.to_vec())));
            resolve(&c, &Choice::Fields(picks.collect()))
        };
        assert!(typed(b"Toys").is_some() && typed(b"").is_some());
        assert_eq!(typed(b"Toys\xb9"), None);
    }

    #[test]
    fn r08_a_choice_is_for_its_conflict_only() {
        let c = sample();
        let mut decisions = Decisions::default();
        decisions.choices.insert((c.entity, c.id.clone()), (c.fingerprint(), Choice::Hold));
        assert_eq!(decisions.choice(&c), Some(&Choice::Hold));
        let mut other = c.clone();
        other.variants.pop();
        assert_eq!(decisions.choice(&other), None);
    }
}
