//! What a person typed into the search field, parsed: words, `"phrases"`, `-exclusions` and `filter:values`.

use std::ops::{Range, RangeInclusive};

use jiff::civil::{Date, date};
use thiserror::Error;
use uuid::Uuid;

use super::text::{Tag, Tags};
use super::typo::one_slip;
use super::word::Word;
use crate::model::fields::Entity;

/// A parsed query. All of its words and conditions must hold for a hit; their order does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// Each must match.
    pub(super) words: Vec<Word>,
    /// Neighbouring words that may be one phone number (`030 901`), as one word, and which of `words` they are.
    pub(super) number: Option<(Word, Range<usize>)>,
    /// None may match.
    pub(super) without: Vec<Word>,
    /// Each must hold.
    pub(super) conditions: Vec<Condition>,
}

/// A filter that is not about text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Condition {
    pub fact: Fact,
    /// Whether the fact must be true, or must be false.
    pub holds: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fact {
    /// A part with one of these tags.
    Has(Tags),
    /// Created or last changed by that commit.
    Commit(u64),
    /// Last changed on one of these days, local time.
    Changed(RangeInclusive<Date>),
}

/// Why a query cannot be searched. The message says what to type instead.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum QueryError {
    /// No filter has that name.
    #[error(
        "there is no filter '{typed}:'; {} (in quotes it is searched as text)",
        suggestion.map_or_else(|| format!("filters are {}", filter_names()), |name| format!("did you mean '{name}:'?"))
    )]
    UnknownFilter {
        /// The name as it was typed.
        typed: String,
        /// The filter that was probably meant.
        suggestion: Option<&'static str>,
    },
    /// The filter does not take that value, or has none yet.
    #[error(
        "{filter}: {}; it takes {expected}",
        if typed.is_empty() { "needs a value".to_owned() } else { format!("does not take '{typed}'") }
    )]
    BadValue {
        /// The name of the filter.
        filter: &'static str,
        /// The value as it was typed.
        typed: String,
        /// What the filter takes, with an example.
        expected: &'static str,
    },
}

/// What a filter does with its value.
enum Filter {
    /// Looks for the value in parts with these tags.
    Text(&'static [Tag]),
    No,
    Syncs,
    Import,
    Changed,
    Edited,
}

const PHONES: &[Tag] = &[Tag::Phone, Tag::BadPhone];
const ORGANIZATION: &[Tag] = &[Tag::Organization, Tag::Membership];

/// Every filter: name, meaning, what it takes.
const FILTERS: [(&str, Filter, &str); 11] = [
    ("name", Filter::Text(&[Tag::Name]), "part of a name, as name:smith"),
    (
        "org",
        Filter::Text(ORGANIZATION),
        "part of an organization's name or Account ID, as org:mart or org:\"office mart\"",
    ),
    ("id", Filter::Text(&[Tag::Id]), "part of an ID, as id:C-1001"),
    ("phone", Filter::Text(PHONES), "digits of a phone, as phone:030901 or phone:\"+49 30\""),
    ("email", Filter::Text(&[Tag::Email]), "part of an e-mail address, as email:mart.example"),
    ("city", Filter::Text(&[Tag::City]), "part of a city, as city:berlin"),
    ("no", Filter::No, "what is missing: no:phone, no:email, no:org or no:city"),
    ("syncs", Filter::Syncs, "syncs:no (a phone that will not sync) or syncs:yes"),
    ("import", Filter::Import, "the number of an import, as import:7"),
    ("changed", Filter::Changed, "a day, month or year, as changed:2026-11-22, changed:2026-11, changed:today"),
    ("edited", Filter::Edited, "edited:hand"),
];

fn filter_names() -> String {
    FILTERS.map(|(name, ..)| format!("{name}:")).join(" ")
}

impl Query {
    /// Parses what was typed on the day `today`, local time. Words are separated by white space; an open quote at the end
    /// counts as closed.
    ///
    /// # Errors
    /// For a filter that does not exist or whose value it does not take.
    pub fn parse(typed: &str, today: Date) -> Result<Query, QueryError> {
        let mut query = Query::default();
        let mut run: Option<(String, usize)> = None;
        for token in tokens(typed) {
            let Some(filter) = token.filter.clone() else {
                let at = query.words.len();
                query.push_word(&token, Tags::ALL);
                let may_be_phone = query.words.get(at).is_some_and(|word| word.digits().is_some()) && !token.quoted;
                run = query.extend_number(run, may_be_phone.then_some(token.text), at);
                continue;
            };
            run = None;
            let Some((name, kind, expected)) = FILTERS.iter().find(|(name, ..)| *name == filter) else {
                return Err(QueryError::UnknownFilter { suggestion: suggestion(&filter), typed: filter });
            };
            let bad_value = || QueryError::BadValue { filter: name, typed: token.text.clone(), expected };
            match kind {
                Filter::Text(tags) if !token.text.is_empty() => query.push_word(&token, Tags::of(tags)),
                Filter::Text(_) => return Err(bad_value()),
                _ => {
                    let (fact, holds) = fact(kind, &token.text, today).ok_or_else(bad_value)?;
                    query.conditions.push(Condition { fact, holds: holds != token.negated });
                }
            }
        }
        Ok(query)
    }

    /// Whether it matches every record.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.without.is_empty() && self.conditions.is_empty()
    }

    fn push_word(&mut self, token: &Token, within: Tags) {
        if let Some(word) = Word::new(&token.text, within) {
            if token.negated { &mut self.without } else { &mut self.words }.push(word);
        }
    }

    /// Goes on with a run of words that may be one phone, or ends it; the first run of several words is kept.
    fn extend_number(
        &mut self,
        run: Option<(String, usize)>,
        text: Option<String>,
        at: usize,
    ) -> Option<(String, usize)> {
        let text = text?;
        let Some((before, start)) = run else { return Some((text, at)) };
        let joined = format!("{before} {text}");
        if self.number.as_ref().is_none_or(|(_, covered)| covered.start == start) {
            self.number = Word::new(&joined, Tags::of(PHONES)).map(|word| (word, start..at + 1));
        }
        Some((joined, start))
    }

    /// Whether every hit of this query is a hit of `earlier` too, so that it is enough to look through those.
    pub(super) fn narrows(&self, earlier: &Query) -> bool {
        earlier.words.iter().all(|before| self.words.iter().any(|now| now.narrows(before)))
            && earlier.without.iter().all(|before| self.without.contains(before))
            && earlier.conditions.iter().all(|before| self.conditions.contains(before))
    }

    /// Looks up whose internal IDs (R2) its words spell out, among the records of one kind.
    ///
    /// # Errors
    /// Those of `whose`.
    pub fn identify<E>(
        &mut self,
        entity: Entity,
        whose: impl Fn(Uuid) -> Result<Option<(Entity, String)>, E>,
    ) -> Result<(), E> {
        for word in self.words.iter_mut().chain(&mut self.without) {
            let Some(internal) = word.internal else { continue };
            if let Some((_, id)) = whose(internal)?.filter(|(of, _)| *of == entity) {
                word.name(id);
            }
        }
        Ok(())
    }

    /// The query as it is put to the texts of one kind of record: an organization's own name and ID are what `org:` means there.
    pub(super) fn on(&self, entity: Entity) -> Query {
        let mut query = self.clone();
        if entity == Entity::Organization {
            for word in query.words.iter_mut().chain(&mut query.without) {
                if word.within == Tags::of(ORGANIZATION) {
                    word.within = Tags::of(&[Tag::Name, Tag::Id]);
                }
            }
        }
        query
    }
}

/// The fact that a filter's value states, and whether it must hold; `None` for a value that it does not take.
fn fact(filter: &Filter, value: &str, today: Date) -> Option<(Fact, bool)> {
    Some(match (filter, value.to_ascii_lowercase().as_str()) {
        (Filter::No, "phone") => (Fact::Has(Tags::of(PHONES)), false),
        (Filter::No, "email") => (Fact::Has(Tags::of(&[Tag::Email])), false),
        (Filter::No, "org") => (Fact::Has(Tags::of(&[Tag::Membership])), false),
        (Filter::No, "city") => (Fact::Has(Tags::of(&[Tag::City])), false),
        (Filter::Syncs, "no") => (Fact::Has(Tags::of(&[Tag::BadPhone])), true),
        (Filter::Syncs, "yes") => (Fact::Has(Tags::of(&[Tag::Phone])), true),
        (Filter::Edited, "hand") => (Fact::Has(Tags::of(&[Tag::Hand])), true),
        (Filter::Import, number) => (Fact::Commit(number.parse().ok()?), true),
        (Filter::Changed, day) => (Fact::Changed(days(day, today)?), true),
        _ => return None,
    })
}

/// The days of `today`, `yesterday`, `2026`, `2026-11` or `2026-11-22`.
fn days(typed: &str, today: Date) -> Option<RangeInclusive<Date>> {
    match typed {
        "today" => return Some(today..=today),
        "yesterday" => return today.yesterday().ok().map(|day| day..=day),
        _ => {}
    }
    let digits_only = typed.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let numbers: Vec<i16> = typed.split('-').map(|n| n.parse().ok()).collect::<Option<_>>()?;
    match *numbers.as_slice() {
        [year @ 1000..=9999] if digits_only => Some(date(year, 1, 1)..=date(year, 12, 31)),
        [year @ 1000..=9999, month] if digits_only => {
            let first = Date::new(year, i8::try_from(month).ok()?, 1).ok()?;
            Some(first..=first.last_of_month())
        }
        [year @ 1000..=9999, month, day] if digits_only => {
            let day = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
            Some(day..=day)
        }
        _ => None,
    }
}

/// The filter that was probably meant by an unknown one.
fn suggestion(typed: &str) -> Option<&'static str> {
    let names = || FILTERS.iter().map(|(name, ..)| *name);
    names()
        .find(|name| name.len() <= typed.len() + 1 && one_slip(typed, name))
        .or_else(|| names().find(|name| typed.starts_with(name) || name.starts_with(typed)))
        .or_else(|| names().find(|name| typed.contains(name) || name.contains(typed)))
}

/// A piece of a query between white space.
struct Token {
    negated: bool,
    /// The lower-case name before the colon, if there is one that could name a filter.
    filter: Option<String>,
    /// The rest, without its quotes.
    text: String,
    quoted: bool,
}

fn tokens(typed: &str) -> impl Iterator<Item = Token> {
    let mut rest = typed;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        if rest.is_empty() {
            return None;
        }
        let negated = rest.starts_with('-');
        let body = rest.strip_prefix('-').unwrap_or(rest);
        let (filter, value) = split_filter(body);
        let (text, after, quoted) = match value.strip_prefix('"') {
            Some(inside) => {
                let (text, after) = inside.split_once('"').unwrap_or((inside, ""));
                (text, after, true)
            }
            None => {
                let end = value.find(char::is_whitespace).unwrap_or(value.len());
                (&value[..end], &value[end..], false)
            }
        };
        rest = after;
        Some(Token { negated, filter, text: text.to_owned(), quoted })
    })
}

/// Splits `name:` off: letters before a colon, unless it is a web address.
fn split_filter(body: &str) -> (Option<String>, &str) {
    match body.split_once(':') {
        Some((name, value))
            if !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphabetic()) && !value.starts_with("//") =>
        {
            (Some(name.to_ascii_lowercase()), value)
        }
        _ => (None, body),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const TODAY: Date = date(2026, 11, 22);

    fn parse(typed: &str) -> Query {
        Query::parse(typed, TODAY).unwrap()
    }

    fn texts(words: &[Word]) -> Vec<String> {
        words.iter().map(|w| String::from_utf8_lossy(w.text()).into_owned()).collect()
    }

    #[rstest]
    #[case("Jürgen  off", &["jurgen", "off"], &[])]
    #[case("\"Office  Mart\" -smith", &["office mart"], &["smith"])]
    #[case("-\"a b\" \"open quote ", &["open quote"], &["a b"])]
    #[case("- \"\" x", &["x"], &[])]
    #[case("http://x.example 12:30", &["http://x.example", "12:30"], &[])]
    #[case("org:mart -city:berlin", &["mart"], &["berlin"])]
    #[case("\"org:x\"", &["org:x"], &[])]
    fn words_phrases_and_exclusions(#[case] typed: &str, #[case] words: &[&str], #[case] without: &[&str]) {
        let query = parse(typed);
        assert_eq!(texts(&query.words), words);
        assert_eq!(texts(&query.without), without);
    }

    #[rstest]
    #[case("no:phone", Fact::Has(Tags::of(PHONES)), false)]
    #[case("-no:email", Fact::Has(Tags::of(&[Tag::Email])), true)]
    #[case("Syncs:NO", Fact::Has(Tags::of(&[Tag::BadPhone])), true)]
    #[case("import:7", Fact::Commit(7), true)]
    #[case("edited:hand", Fact::Has(Tags::of(&[Tag::Hand])), true)]
    #[case("changed:today", Fact::Changed(TODAY..=TODAY), true)]
    #[case("changed:2026-11", Fact::Changed(date(2026, 11, 1)..=date(2026, 11, 30)), true)]
    #[case("changed:2024-02-29", Fact::Changed(date(2024, 2, 29)..=date(2024, 2, 29)), true)]
    #[case("changed:2026", Fact::Changed(date(2026, 1, 1)..=date(2026, 12, 31)), true)]
    fn filters(#[case] typed: &str, #[case] fact: Fact, #[case] holds: bool) {
        assert_eq!(parse(typed).conditions, [Condition { fact, holds }]);
    }

    #[rstest]
    #[case("orgg:x", "there is no filter 'orgg:'; did you mean 'org:'? (in quotes it is searched as text)")]
    #[case(
        "organization:x",
        "there is no filter 'organization:'; did you mean 'org:'? (in quotes it is searched as text)"
    )]
    #[case("mail:x", "there is no filter 'mail:'; did you mean 'email:'? (in quotes it is searched as text)")]
    #[case(
        "org:",
        "org: needs a value; it takes part of an organization's name or Account ID, as org:mart or org:\"office mart\""
    )]
    #[case("import:x", "import: does not take 'x'; it takes the number of an import, as import:7")]
    #[case(
        "changed:2026-13",
        "changed: does not take '2026-13'; it takes a day, month or year, as changed:2026-11-22, changed:2026-11, changed:today"
    )]
    fn a_mistake_in_a_filter_is_said(#[case] typed: &str, #[case] message: &str) {
        assert_eq!(Query::parse(typed, TODAY).unwrap_err().to_string(), message);
    }

    #[rstest]
    #[case("030 901", Some(("030901", 0..2)))]
    #[case("smith +49 (0)30 901 berlin", Some(("49030901", 1..4)))]
    #[case("030 smith 901", None)]
    #[case("030 city:x 901", None)]
    #[case("030", None)]
    fn neighbouring_digits_may_be_one_number(#[case] typed: &str, #[case] number: Option<(&str, Range<usize>)>) {
        let query = parse(typed);
        let found = query.number.as_ref().map(|(w, covered)| (w.digits().unwrap(), covered.clone()));
        assert_eq!(found, number.as_ref().map(|(digits, covered)| (digits.as_bytes(), covered.clone())));
    }

    #[rstest]
    #[case("smith off", "smi off", true)]
    #[case("smith off", "smith", true)]
    #[case("off smith", "smi o", true)]
    #[case("smith -a", "smith", true)]
    #[case("smith -a", "smith -ab", false)]
    #[case("smith no:phone", "smi", true)]
    #[case("smith", "smith no:phone", false)]
    #[case("smith", "name:smith", false)]
    #[case("anything", "", true)]
    fn a_longer_query_narrows(#[case] now: &str, #[case] before: &str, #[case] narrows: bool) {
        assert_eq!(parse(now).narrows(&parse(before)), narrows);
    }
}
