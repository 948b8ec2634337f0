//! A segment as bytes.

use std::sync::OnceLock;

use super::bytes::{In, Out};
use crate::search::block::{Block, Ids, MOST, SLOTS, Segment};
use crate::search::dictionary::Dictionary;
use crate::search::grams::Grams;
use crate::search::numbers::Numbers;
use crate::search::text::Tags;

/// Writes a segment.
pub fn write(segment: &Segment, out: &mut Out) {
    out.bytes(segment.low.as_bytes());
    out.u16s(segment.by_id.iter().copied());
    out.number(segment.blocks.len() as u64);
    segment.blocks.iter().for_each(|block| write_block(block, out));
    out.u32s(segment.grams.get().map_or(&[][..], Grams::numbers).iter().copied());
}

fn write_block(block: &Block, out: &mut Out) {
    out.bytes(&block.text);
    out.u32s(block.ends.iter().copied());
    out.u16s(block.tags.iter().chain(&block.text_tags).map(|tags| tags.bits()).collect::<Vec<_>>().into_iter());
    out.u32s(block.commits.as_flattened().iter().copied());
    match &block.ids {
        Ids::Folded => out.number(0),
        Ids::Upper => out.number(1),
        Ids::Spelled(ids, ends) => {
            out.number(2);
            out.bytes(ids.as_bytes());
            out.u32s(ends.iter().copied());
        }
    }
    out.u32s(block.accounts.iter().copied());
    out.u16s(block.columns.iter().copied());
    out.u16s(block.codes.iter().copied());
    write_numbers(&block.numbers, out);
}

fn write_numbers(Numbers { short, ends, long }: &Numbers, out: &mut Out) {
    out.u64s(short);
    out.u16s(ends.iter().copied());
    out.u16s(long.iter().map(|(at, _)| *at));
    let halves = long.iter().flat_map(|(_, number)| [(number >> u64::BITS) as u64, *number as u64]);
    out.u64s(&halves.collect::<Vec<_>>());
}

/// Reads a segment whose codes are those of a dictionary; `None` if it is not one that could have been written.
pub fn read(input: &mut In<'_>, dictionary: &Dictionary) -> Option<Segment> {
    let low = std::str::from_utf8(input.bytes()?).ok()?.into();
    let by_id = input.u16s()?;
    let count = usize::try_from(input.number()?).ok().filter(|count| *count <= SLOTS)?;
    let blocks: Box<[Block]> = (0..count).map(|_| read_block(input, dictionary)).collect::<Option<_>>()?;
    let grams = match input.u32s()? {
        none if none.is_empty() => OnceLock::new(),
        rows => OnceLock::from(Grams::from_numbers(rows, count)?),
    };
    let records: usize = blocks.iter().map(Block::len).sum();
    let is_full = |block: &Block| block.len() == MOST;
    let full = blocks.split_last().is_none_or(|(last, rest)| rest.iter().all(is_full) && last.len() > 0);
    let in_order = records == by_id.len() && by_id.iter().all(|at| usize::from(*at) < records);
    (full && in_order && records <= SLOTS).then_some(Segment { low, blocks, by_id, grams })
}

fn read_block(input: &mut In<'_>, dictionary: &Dictionary) -> Option<Block> {
    let text: Box<[u8]> = input.bytes()?.into();
    let ends = input.u32s()?;
    let tags = input.u16s()?;
    let (tags, text_tags) = tags.split_last_chunk::<2>()?;
    let commits = input.u32s()?;
    let ids = match input.number()? {
        0 => Ids::Folded,
        1 => Ids::Upper,
        2 => Ids::Spelled(std::str::from_utf8(input.bytes()?).ok()?.into(), input.u32s()?),
        _ => return None,
    };
    let block = Block {
        tags: tags.iter().map(|bits| Tags::from_bits(*bits)).collect(),
        text_tags: text_tags.map(Tags::from_bits),
        commits: commits.as_chunks().0.into(),
        accounts: input.u32s()?,
        columns: input.u16s()?,
        codes: input.u16s()?,
        numbers: read_numbers(input)?,
        text,
        ends,
        ids,
    };
    is_sound(&block, dictionary).then_some(block)
}

fn read_numbers(input: &mut In<'_>) -> Option<Numbers> {
    let (short, ends, records, halves) = (input.u64s()?, input.u16s()?, input.u16s()?, input.u64s()?);
    let (pairs, rest) = halves.as_chunks::<2>();
    let whole = |pair: &[u64; 2]| u128::from(pair[0]) << u64::BITS | u128::from(pair[1]);
    let is_paired = rest.is_empty() && pairs.len() == records.len();
    let long = records.iter().copied().zip(pairs.iter().map(whole)).collect();
    is_paired.then_some(Numbers { short, ends, long })
}

/// Whether nothing that searches such a block would miss what it refers to.
fn is_sound(block: &Block, dictionary: &Dictionary) -> bool {
    let count = block.len();
    let ends = block.ends.len() == 2 * count && block.ends.is_sorted() && last(&block.ends) == block.text.len();
    // A head has at least the tag of its ID.
    let heads = ends && block.ends[..count].first().is_none_or(|end| *end > 0);
    let heads = heads && block.ends[..count].windows(2).all(|pair| pair[0] < pair[1]);
    let commits = [1, count].contains(&block.commits.len());
    let ids = match &block.ids {
        Ids::Folded | Ids::Upper => true,
        Ids::Spelled(ids, ends) => {
            let whole = ends.iter().all(|end| ids.is_char_boundary(*end as usize));
            ends.len() == count && ends.is_sorted() && last(ends) == ids.len() && whole
        }
    };
    let within = |most: usize, code: usize| code <= most;
    let accounts = [0, count].contains(&block.accounts.len())
        && block.accounts.iter().all(|code| within(dictionary.accounts.len(), *code as usize));
    let codes = block.codes.len() == block.columns.len() * count
        && block.coded().all(|(column, codes)| {
            let texts = dictionary.columns.get(column);
            texts.is_some_and(|texts| codes.iter().all(|code| within(texts.len(), usize::from(*code))))
        });
    let Numbers { short, ends, long } = &block.numbers;
    let numbers = if short.is_empty() { ends.is_empty() } else { ends.len() == count && ends.is_sorted() };
    let numbers = numbers
        && ends.last().map_or(0, |end| usize::from(*end)) == short.len()
        && long.iter().all(|(at, _)| usize::from(*at) < count);
    count <= MOST && heads && commits && ids && accounts && codes && numbers
}

fn last(ends: &[u32]) -> usize {
    ends.last().map_or(0, |end| *end as usize)
}
