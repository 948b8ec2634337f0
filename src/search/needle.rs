//! Where a needle lies in the texts of neighbouring records, and how well that matches.

use std::ops::Range;

use memchr::memmem::Finder;

use super::Tier;
use super::block::{Part, Rows};
use super::reach::Depth;
use super::text::{Tag, Tags, is_tag, until_tag};

/// Shows which of some neighbouring texts have a needle in parts with these tags, and how well that matches; one text may come more
/// than once.
pub(super) fn each(
    needle: &Finder<'_>,
    within: Tags,
    rows: Rows<'_>,
    range: &Range<usize>,
    depth: Depth,
    part: Part,
    found: &mut dyn FnMut(usize, Tier),
) {
    let best_to_come = if part == Part::Head { Tier::Prefix } else { Tier::Word };
    occurrences(rows, range, needle, |text, place, at| {
        let tier = tier_at(text, place, needle.needle().len(), within, part);
        tier.is_some_and(|tier| tell(tier, best_to_come, depth, || found(at, tier)))
    });
}

/// Shows an occurrence, if its tier is asked for; whether no other one in the same text can be better.
fn tell(tier: Tier, best_to_come: Tier, depth: Depth, found: impl FnOnce()) -> bool {
    if tier <= depth.worst {
        found();
    }
    tier <= depth.enough(best_to_come)
}

/// Shows which of some neighbouring rests have a needle of digits in their phones, and how well that matches.
pub(super) fn each_in_phones(
    needle: &Finder<'_>,
    within: Tags,
    rows: Rows<'_>,
    range: &Range<usize>,
    depth: Depth,
    found: &mut dyn FnMut(usize, Tier),
) {
    let start = rows.end(range.start);
    let text = &rows.text[..rows.end(range.end)];
    let mut at = range.start;
    // Few phones are texts, so that these are found sooner than digits.
    for tag in memchr::memchr2_iter(Tag::Phone as u8, Tag::BadPhone as u8, &text[start..]).map(|at| start + at) {
        at += rows.ends[at..].iter().take_while(|end| **end as usize <= tag).count();
        if !within.has(text[tag]) {
            continue;
        }
        for place in needle.find_iter(until_tag(&text[tag + 1..])) {
            let tier = if begins_word(text, tag + 1 + place) { Tier::Word } else { Tier::Anywhere };
            if tell(tier, Tier::Word, depth, || found(at, tier)) {
                break;
            }
        }
    }
}

/// The tier of an occurrence of `len` bytes in records' texts; `None` outside the parts that count.
fn tier_at(text: &[u8], at: usize, len: usize, within: Tags, part: Part) -> Option<Tier> {
    let begins_word = begins_word(text, at);
    if within == Tags::ALL && !begins_word {
        return Some(Tier::Anywhere);
    }
    if within == Tags::ALL && part == Part::Rest {
        return Some(Tier::Word);
    }
    // A text begins with a tag and needles have none, so there is one before every occurrence.
    let tag_at = tag_before(text, at).unwrap_or(0);
    let tag = text[tag_at];
    let begins_part = tag_at + 1 == at;
    let is_whole = begins_part && text.get(at + len).is_none_or(|b| is_tag(*b));
    let tier = match tag {
        _ if !begins_word => Tier::Anywhere,
        t if is_whole && (t == Tag::Id as u8 || t == Tag::Membership as u8) => Tier::Exact,
        t if t == Tag::Name as u8 => Tier::Prefix,
        t if begins_part && t == Tag::Organization as u8 => Tier::Prefix,
        _ => Tier::Word,
    };
    within.has(tag).then_some(tier)
}

/// Where the tag of the part is that a place lies in.
pub(super) fn tag_before(text: &[u8], at: usize) -> Option<usize> {
    text[..at].iter().rposition(|b| is_tag(*b))
}

/// Whether a word begins at that place of a record's text: after a tag, white space or ASCII punctuation.
pub(super) fn begins_word(text: &[u8], at: usize) -> bool {
    at.checked_sub(1).is_none_or(|before| text[before].is_ascii() && !text[before].is_ascii_alphanumeric())
}

/// Shows where a needle occurs in some neighbouring texts: the text, the place in it, and in which of them that is.
/// What `found` answers says whether the other occurrences in that one are to be left out.
///
/// A needle has no tag and every text begins with one, so that no occurrence lies across two of them.
pub(super) fn occurrences(
    rows: Rows<'_>,
    range: &Range<usize>,
    needle: &Finder<'_>,
    mut found: impl FnMut(&[u8], usize, usize) -> bool,
) {
    let text = &rows.text[..rows.end(range.end)];
    let (mut from, mut at) = (rows.end(range.start), range.start);
    let mut find = finding(text, from, needle);
    while let Some(place) = find(from) {
        // Where hits are rare, the text that has one is far from the one before.
        if rows.ends.get(at + FAR).is_some_and(|end| *end as usize <= place) {
            at += rows.ends[at..range.end].partition_point(|end| *end as usize <= place);
        }
        while rows.ends[at] as usize <= place {
            at += 1;
        }
        from = if found(text, place, at) { rows.ends[at] as usize } else { place + 1 };
    }
}

/// Finds the next place of a needle at or after one that is given; these are ascending.
fn finding<'t>(text: &'t [u8], start: usize, needle: &'t Finder<'_>) -> impl FnMut(usize) -> Option<usize> + 't {
    // One byte is found often, so that to begin anew for each would take most of the time.
    let mut bytes = match needle.needle() {
        [byte] => Some(memchr::memchr_iter(*byte, &text[start..])),
        _ => None,
    };
    move |from| match &mut bytes {
        Some(bytes) => bytes.map(|offset| start + offset).find(|place| *place >= from),
        None => needle.find(&text[from..]).map(|offset| from + offset),
    }
}

/// As many texts are passed over one by one.
const FAR: usize = 16;
