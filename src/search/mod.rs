//! A query over the base becomes ranked hits.
//!
//! - [`query`](Query): words, quotes, exclusions and filters, parsed; a mistake is said with a suggestion
//! - `text`: the folded text of a record, in tagged parts · `numbers`: its phones, with `digits`: their notations
//! - `word`: how well one word matches records, by `needle`: where it lies in texts · `typo`: one slip forgiven when nothing
//!   matches · `judge`: how well records match a query, with `reach`: that of a whole block at once
//! - `block`: the texts of neighbouring records, in segments, and of a whole table · `dictionary`: what many of them share,
//!   and `shared`: how a word matches that
//! - `source`: the base that records are read from · `load`: the base becomes segments, each by `fold`, with the `names` of
//!   organizations · `kept`: the file from which the next start has them · `index`: what is searched, brought up to date where
//!   the base has changed
//! - `answer`: one search, by the cheapest way that settles it: `first` page, whole `scan`, `ranking` of all hits; `matches`: hits as bits
//! - `guide`: the orders of a table, with the `sketch` of what can occur · `grams`: what each block has, and `sieve`: which
//!   blocks may have a word · `rank`: the order of hits, and the best of many
//! - `mark`: where a match lies in the original text

mod answer;
mod block;
mod dictionary;
mod digits;
mod first;
mod fold;
mod grams;
mod guide;
mod index;
mod judge;
mod kept;
mod load;
mod mark;
mod matches;
mod names;
mod needle;
mod numbers;
mod query;
mod rank;
mod ranking;
mod reach;
mod scan;
mod shared;
mod sieve;
mod sketch;
mod source;
#[cfg(test)]
mod tests;
mod text;
mod typo;
mod word;

pub use answer::{Narrowing, Wanted};
pub use index::{Changed, Index, Progress, Source, SourcePage};
pub use mark::{marks, marks_in};
pub use query::{Query, QueryError};
pub use scan::Cancelled;

/// The order in which hits are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Sort {
    /// The best first, then by name; without a query, by ID.
    #[default]
    Best,
    /// By folded name, then by ID.
    Name,
    /// By the folded name of the organization, those without one last, then by name, then by ID.
    Organization,
}

/// How well a record matches; the order is from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// A word is a whole ID or phone number.
    Exact,
    /// Every word begins a part of the name, or the organization's name.
    Prefix,
    /// Every word begins some word.
    Word,
    /// Every word is somewhere.
    Anywhere,
}

impl Tier {
    /// Every tier, from best to worst.
    const ALL: [Tier; 4] = [Tier::Exact, Tier::Prefix, Tier::Word, Tier::Anywhere];
}

/// A record that matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Its Contact ID or Account ID.
    pub id: String,
    /// How well it matches.
    pub tier: Tier,
    /// Whether it matches only because one typo was forgiven.
    pub typo: bool,
}

/// The answer to a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hits {
    /// How many records match.
    pub total: usize,
    /// How many records were looked at.
    pub of: usize,
    /// The number of the first of `hits` among all hits, from 0.
    pub first: usize,
    /// Those of them that were wanted, in order.
    pub hits: Vec<Hit>,
    /// Whether the whole base was searched; else it was still being loaded.
    pub complete: bool,
}
