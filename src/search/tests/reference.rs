//! The slow and obvious matcher: what a hit is, read off the rules, without the text, the words and the scan of the search.

use super::super::{Hit, Tier};
use super::people::{Person, Piece, TestBase, TestPhone};
use crate::model::fields::Entity;
use crate::model::text::fold;

/// The parts of a record in which a piece looks, by name.
#[derive(Default)]
struct Parts<'a> {
    id: String,
    account: Option<String>,
    name: String,
    organization: Option<String>,
    email: String,
    others: Vec<String>,
    city: String,
    phones: &'a [&'static TestPhone],
}

fn reference_parts<'a>(base: &TestBase, entity: Entity, id: &str, person: &'a Person) -> Parts<'a> {
    let organization = person.account.as_ref().and_then(|account| base.organizations.get(account));
    let name = [person.name[0], if entity == Entity::Contact { person.name[1] } else { "" }].map(fold);
    Parts {
        id: fold(id),
        account: person.account.as_deref().map(fold),
        name: name.iter().filter(|n| !n.is_empty()).cloned().collect::<Vec<_>>().join(" "),
        organization: organization.map(|o| fold(o.name[0])).filter(|name| !name.is_empty()),
        email: if entity == Entity::Contact { fold(person.email) } else { String::new() },
        others: vec![fold(person.title), fold(person.custom)],
        city: fold(person.city),
        phones: &person.phones,
    }
}

fn starts_of(text: &str) -> impl Iterator<Item = usize> {
    text.char_indices().map(|(at, _)| at).filter(|at| {
        text[..*at].chars().next_back().is_none_or(|before| before.is_ascii() && !before.is_ascii_alphanumeric())
    })
}

fn has_word_start(text: &str, word: &str) -> bool {
    starts_of(text).any(|at| text[at..].starts_with(word))
}

fn digits_of(word: &str) -> Option<String> {
    let phone_like = word.chars().all(|c| c.is_ascii_digit() || " +()-./".contains(c));
    let digits: String = word.chars().filter(char::is_ascii_digit).collect();
    (phone_like && !digits.is_empty()).then_some(digits)
}

fn phone_text(phone: &TestPhone) -> String {
    match phone.1 {
        Some(forms) => forms[0].to_owned(),
        None => digits_of(phone.0).map_or(phone.0.to_owned(), |digits| format!("{} {digits}", phone.0)),
    }
}

fn phone_tier(phone: &TestPhone, word: &str) -> Option<Tier> {
    let text = phone_text(phone);
    let mut tiers = Vec::new();
    for w in [Some(word.to_owned()), digits_of(word)].into_iter().flatten() {
        tiers.extend(text.contains(&w).then_some(Tier::Anywhere));
        tiers.extend(has_word_start(&text, &w).then_some(Tier::Word));
    }
    if let (Some([international, national, bare]), Some(digits)) = (phone.1, digits_of(word)) {
        let dialled = format!("00{international}");
        let forms = [international, national, bare, &dialled];
        tiers.extend(forms.iter().any(|form| form.starts_with(&digits)).then_some(Tier::Word));
        tiers.extend(forms.contains(&digits.as_str()).then_some(Tier::Exact));
    }
    tiers.into_iter().min()
}

fn reference_word(parts: &Parts<'_>, word: &str) -> Option<Tier> {
    let texts =
        [Some(&parts.id), parts.account.as_ref(), Some(&parts.name), parts.organization.as_ref(), Some(&parts.city)];
    let texts: Vec<&String> = texts.into_iter().flatten().chain(&parts.others).chain([&parts.email]).collect();
    let mut tiers: Vec<Tier> = parts.phones.iter().filter_map(|phone| phone_tier(phone, word)).collect();
    tiers.extend(texts.iter().any(|t| t.contains(word)).then_some(Tier::Anywhere));
    tiers.extend(texts.iter().any(|t| has_word_start(t, word)).then_some(Tier::Word));
    let prefix = has_word_start(&parts.name, word) || parts.organization.as_ref().is_some_and(|o| o.starts_with(word));
    tiers.extend(prefix.then_some(Tier::Prefix));
    let exact = parts.id == word || parts.account.as_deref() == Some(word);
    tiers.extend(exact.then_some(Tier::Exact));
    tiers.into_iter().min()
}

fn reference_org(parts: &Parts<'_>, entity: Entity, word: &str) -> Option<Tier> {
    let (id, name) = match entity {
        Entity::Contact => (parts.account.as_ref(), parts.organization.as_ref()),
        Entity::Organization => (Some(&parts.id), Some(&parts.name)),
    };
    let only = Parts {
        id: id.cloned().unwrap_or_default(),
        name: if entity == Entity::Organization { name.cloned().unwrap_or_default() } else { String::new() },
        organization: if entity == Entity::Contact { name.cloned() } else { None },
        ..Parts::default()
    };
    reference_word(&only, word)
}

/// The tier of a piece that is a word or a filter for one; `None` if it does not match, or is none.
fn piece_tier(parts: &Parts<'_>, entity: Entity, piece: &Piece) -> Option<Tier> {
    match piece {
        Piece::Word(text) | Piece::Phrase(text) => reference_word(parts, &fold(text)),
        Piece::Org(text) => reference_org(parts, entity, &fold(text)),
        Piece::City(text) => parts
            .city
            .contains(&fold(text))
            .then(|| if has_word_start(&parts.city, &fold(text)) { Tier::Word } else { Tier::Anywhere }),
        Piece::Name(text) => reference_word(&Parts { name: parts.name.clone(), ..Parts::default() }, &fold(text)),
        Piece::Id(text) => reference_word(&Parts { id: parts.id.clone(), ..Parts::default() }, &fold(text)),
        Piece::Email(text) => reference_word(&Parts { email: parts.email.clone(), ..Parts::default() }, &fold(text)),
        Piece::Phone(text) => reference_word(&Parts { phones: parts.phones, ..Parts::default() }, &fold(text)),
        Piece::Without(_) | Piece::NoPhone => None,
    }
}

/// The tier of each piece that is a word, whether any other piece fails, and the words that do not match.
fn reference(
    base: &TestBase,
    entity: Entity,
    pieces: &[Piece],
    id: &str,
    person: &Person,
) -> Result<Tier, Vec<String>> {
    let parts = reference_parts(base, entity, id, person);
    let (mut tiers, mut missed, mut fails) = (Vec::new(), Vec::new(), false);
    for piece in pieces {
        match piece {
            Piece::Without(text) => {
                fails |= reference_word(&parts, &fold(text)).is_some();
                continue;
            }
            Piece::NoPhone => {
                fails |= !person.phones.is_empty();
                continue;
            }
            _ => {}
        }
        let tier = piece_tier(&parts, entity, piece);
        match tier {
            Some(tier) => tiers.push(tier),
            None => missed.extend(match piece {
                Piece::Word(text) => Some(fold(text)),
                _ => Some(String::new()),
            }),
        }
    }
    if fails {
        return Err(vec![String::new()]);
    }
    if !missed.is_empty() {
        return Err(missed);
    }
    let worst = tiers.iter().copied().max().unwrap_or(Tier::Anywhere);
    Ok(number_tier(&parts, entity, pieces).map_or(worst, |better| better.min(worst)))
}

/// The tier when the first run of neighbouring digit words is read as one phone.
fn number_tier(parts: &Parts<'_>, entity: Entity, pieces: &[Piece]) -> Option<Tier> {
    let is_digits = |piece: &Piece| matches!(piece, Piece::Word(text) if digits_of(text).is_some());
    let runs = pieces.chunk_by(|a, b| is_digits(a) && is_digits(b));
    let run = runs.filter(|run| run.len() > 1).collect::<Vec<_>>();
    let run = *run.first()?;
    let joined = run.iter().map(Piece::typed).collect::<Vec<_>>().join(" ");
    let number = parts.phones.iter().filter_map(|phone| phone_tier(phone, &fold(&joined))).min()?;
    let others = pieces.iter().filter(|piece| !run.iter().any(|r| std::ptr::eq(r, *piece)));
    let others = others.filter_map(|piece| piece_tier(parts, entity, piece));
    Some(others.max().map_or(number, |other| other.max(number)))
}

/// Distance with swaps of neighbours (optimal string alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut d = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            d[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let replaced = d[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                let swapped = if swapped { d[i - 2][j - 2] + 1 } else { usize::MAX };
                replaced.min(swapped).min(d[i - 1][j] + 1).min(d[i][j - 1] + 1)
            };
        }
    }
    d[a.len()][b.len()]
}

fn one_typo_away(parts: &Parts<'_>, word: &str) -> bool {
    let letters: Vec<char> = word.chars().collect();
    if letters.len() < 4 || !letters.iter().all(|c| c.is_alphabetic()) {
        return false;
    }
    let texts =
        [Some(&parts.id), parts.account.as_ref(), Some(&parts.name), parts.organization.as_ref(), Some(&parts.city)];
    let phones: Vec<String> = parts.phones.iter().map(|phone| phone_text(phone)).collect();
    texts.into_iter().flatten().chain(&parts.others).chain([&parts.email]).chain(&phones).any(|text| {
        starts_of(text).any(|start| {
            let rest: Vec<char> = text[start..].chars().collect();
            (0..=rest.len()).any(|len| distance(&letters, &rest[..len]) == 1)
        })
    })
}

pub fn reference_search(base: &TestBase, entity: Entity, pieces: &[Piece]) -> Vec<Hit> {
    let people = || base.of(entity).iter().filter(|(_, person)| !person.name[0].is_empty());
    let hit = |id: &String, tier, typo| Hit { id: id.clone(), tier, typo };
    let mut hits: Vec<(Tier, String, Hit)> = Vec::new();
    for (id, person) in people() {
        if let Ok(tier) = reference(base, entity, pieces, id, person) {
            hits.push((tier, reference_parts(base, entity, id, person).name, hit(id, tier, false)));
        }
    }
    if hits.is_empty() {
        for (id, person) in people() {
            let parts = reference_parts(base, entity, id, person);
            if let Err(missed) = reference(base, entity, pieces, id, person)
                && let [word] = missed.as_slice()
                && one_typo_away(&parts, word)
            {
                hits.push((Tier::Anywhere, parts.name, hit(id, Tier::Anywhere, true)));
            }
        }
    }
    // Without a query everything is in the order of the IDs, as it is already.
    if !pieces.is_empty() {
        hits.sort_by(|a, b| (a.0, &a.1, &a.2.id).cmp(&(b.0, &b.1, &b.2.id)));
    }
    hits.into_iter().map(|(_, _, hit)| hit).collect()
}

/// The hits in another order than the best first.
pub fn reference_sorted(base: &TestBase, entity: Entity, pieces: &[Piece], by_organization: bool) -> Vec<String> {
    let hits = reference_search(base, entity, pieces);
    let key = |id: &String| {
        let parts = reference_parts(base, entity, id, &base.of(entity)[id]);
        let organization = parts.organization.filter(|_| by_organization);
        (organization.is_none(), organization, parts.name, id.clone())
    };
    let mut ids: Vec<String> = hits.into_iter().map(|hit| hit.id).collect();
    ids.sort_by_key(key);
    ids
}
