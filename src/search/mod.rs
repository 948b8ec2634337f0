//! A query over the base becomes ranked hits.
//!
//! - [`query`](Query): words, quotes, exclusions and filters, parsed; a mistake is said with a suggestion
//! - `text`: the folded text of a record, in tagged parts · `digits`: phones in every notation
//! - `word`: where and how well one word matches a text · `rank`: the order of hits, and the best of many
//! - `index`: the folded text of every page, refolded where the base changed · `scan`: the search itself
//! - `typo`: one slip forgiven when nothing matches · `mark`: where a match lies in the original text

mod digits;
mod index;
mod mark;
mod page;
mod query;
mod rank;
mod scan;
mod source;
#[cfg(test)]
mod tests;
mod text;
mod typo;
mod word;

pub use index::{Index, Progress, Source, SourcePage};
pub use mark::{marks, marks_in};
pub use query::{Query, QueryError};
pub use scan::{Cancelled, Narrowing};

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
    /// The next better tier.
    fn better(self) -> Option<Tier> {
        match self {
            Tier::Exact => None,
            Tier::Prefix => Some(Tier::Exact),
            Tier::Word => Some(Tier::Prefix),
            Tier::Anywhere => Some(Tier::Word),
        }
    }
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
    /// The best of those that match, best first.
    pub hits: Vec<Hit>,
    /// Whether the whole base was searched; else it was still being loaded.
    pub complete: bool,
}
