//! Records become a segment: folded one by one in the order of their IDs, then put into the order of their names.

use std::sync::OnceLock;

use super::block::{Block, Entry, Ids, MOST, Part, Segment};
use super::dictionary::Coder;
use super::numbers::Numbers;
use super::text::{NameOf, Rests, Tags, push_head, push_rest};
use crate::model::fields::Entity;
use crate::model::record::RecordRef;

/// A segment while its records are folded. Used again for the next one.
#[derive(Default)]
pub(super) struct Folding {
    heads: Vec<u8>,
    rests: Rests,
    ids: String,
    rows: Vec<Row>,
}

/// A folded record; the ends are those of its parts in [`Folding`].
#[derive(Debug, Clone, Copy, Default)]
struct Row {
    head: usize,
    rest: usize,
    id: usize,
    codes: usize,
    numbers: usize,
    /// Where its name begins among the heads.
    name: usize,
    account: u32,
    tags: Tags,
    commits: [u32; 2],
}

/// What becomes of the values of a record that other records may have too.
pub(super) enum Shared<'a, 'c> {
    /// They get codes.
    Coded(&'a mut Coder<'c>),
    /// They are texts of the record, with the name of its organization.
    Plain(&'a NameOf<'c>),
}

impl Folding {
    /// How many records it has.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Appends a record. Records come in the order of their IDs.
    pub fn push(&mut self, entity: Entity, id: &str, record: &RecordRef<'_>, shared: &mut Shared<'_, '_>) {
        let (head_tags, account) = push_head(&mut self.heads, entity, id, record, shared);
        let rest_tags = push_rest(&mut self.rests, entity, record, shared);
        self.ids.push_str(id);
        let commits = [record.created, record.changed].map(|number| u32::try_from(number).unwrap_or(u32::MAX));
        self.end(account, head_tags.or(rest_tags), commits);
    }

    /// Appends a record of another segment as it is.
    pub fn copy(&mut self, entry: &Entry<'_>) {
        self.heads.extend_from_slice(entry.text(Part::Head));
        self.rests.text.extend_from_slice(entry.text(Part::Rest));
        self.rests.numbers.extend(entry.block.numbers.get(entry.at));
        self.ids.push_str(&entry.id());
        let codes = entry.block.coded().map(|(column, codes)| (column as u16, codes[entry.at]));
        self.rests.codes.extend(codes.filter(|(_, code)| *code > 0));
        self.end(entry.account(), entry.tags(), entry.block.commits(entry.at));
    }

    fn end(&mut self, account: u32, tags: Tags, commits: [u32; 2]) {
        let start = self.rows.last().map_or(0, |row| row.head);
        let name = memchr::memrchr(super::text::Tag::Name as u8, &self.heads[start..]).map_or(0, |tag| tag + 1);
        self.rows.push(Row {
            head: self.heads.len(),
            rest: self.rests.text.len(),
            id: self.ids.len(),
            codes: self.rests.codes.len(),
            numbers: self.rests.numbers.len(),
            name: start + name,
            account,
            tags,
            commits,
        });
    }

    /// The segment of the records that came since the last one, which begins at the ID `low`.
    pub fn finish(&mut self, low: &str) -> Segment {
        let mut order: Vec<u16> = (0..self.rows.len()).map(|at| at as u16).collect();
        let name = |at: &u16| {
            let row = &self.rows[usize::from(*at)];
            &self.heads[row.name..row.head]
        };
        order.sort_by(|a, b| name(a).cmp(name(b)));
        let blocks = order.chunks(MOST).map(|rows| self.block(rows)).collect();
        let mut by_id = vec![0; order.len()];
        order.iter().enumerate().for_each(|(at, row)| by_id[usize::from(*row)] = at as u16);
        let segment = Segment { low: low.into(), blocks, by_id: by_id.into(), grams: OnceLock::new() };
        self.heads.clear();
        self.rests.text.clear();
        self.rests.codes.clear();
        self.rests.numbers.clear();
        self.ids.clear();
        self.rows.clear();
        segment
    }

    fn block(&self, rows: &[u16]) -> Block {
        let rows: Vec<(Row, &Row)> = rows.iter().map(|at| self.row(usize::from(*at))).collect();
        let size = rows.iter().map(|(before, row)| row.head - before.head + row.rest - before.rest).sum();
        let mut text = Vec::with_capacity(size);
        let mut ends = Vec::with_capacity(2 * rows.len());
        for (before, row) in &rows {
            text.extend_from_slice(&self.heads[before.head..row.head]);
            ends.push(text.len() as u32);
        }
        for (before, row) in &rows {
            text.extend_from_slice(&self.rests.text[before.rest..row.rest]);
            ends.push(text.len() as u32);
        }
        let mut commits: Vec<[u32; 2]> = rows.iter().map(|(_, row)| row.commits).collect();
        let same = commits.windows(2).all(|pair| pair[0] == pair[1]);
        commits.truncate(if same { 1 } else { commits.len() });
        let accounts: Vec<u32> = rows.iter().map(|(_, row)| row.account).collect();
        let (columns, codes) = self.columns(&rows);
        let numbers = rows.iter().map(|(before, row)| &self.rests.numbers[before.numbers..row.numbers]);
        let mut block = Block {
            text: text.into(),
            ends: ends.into(),
            tags: rows.iter().map(|(_, row)| row.tags).collect(),
            text_tags: [Tags::default(); 2],
            commits: commits.into(),
            ids: Ids::Folded,
            accounts: if accounts.iter().all(|code| *code == 0) { Box::default() } else { accounts.into() },
            columns,
            codes,
            numbers: Numbers::of(numbers),
        };
        block.ids = self.spelling(&block, &rows);
        block.text_tags = [Part::Head, Part::Rest].map(|part| Tags::in_text(block.rows(part).whole()));
        block
    }

    /// A record, after the one whose ends are where it begins.
    fn row(&self, at: usize) -> (Row, &Row) {
        (at.checked_sub(1).map_or(Row::default(), |before| self.rows[before]), &self.rows[at])
    }

    fn columns(&self, rows: &[(Row, &Row)]) -> (Box<[u16]>, Box<[u16]>) {
        let of = |(before, row): &(Row, &Row)| &self.rests.codes[before.codes..row.codes];
        let mut columns: Vec<u16> = rows.iter().flat_map(|row| of(row).iter().map(|(column, _)| *column)).collect();
        columns.sort_unstable();
        columns.dedup();
        let mut codes = vec![0; columns.len() * rows.len()];
        for (at, row) in rows.iter().enumerate() {
            for (column, code) in of(row) {
                let column = columns.partition_point(|other| other < column);
                codes[column * rows.len() + at] = *code;
            }
        }
        (columns.into(), codes.into())
    }

    fn spelling(&self, block: &Block, rows: &[(Row, &Row)]) -> Ids {
        let spelled = || rows.iter().map(|(before, row)| &self.ids[before.id..row.id]);
        let upper = |(at, id): (usize, &str)| {
            let folded = block.folded_id(at);
            folded.len() == id.len() && id.bytes().zip(folded).all(|(a, b)| a == b.to_ascii_uppercase())
        };
        if spelled().enumerate().all(|(at, id)| id.as_bytes() == block.folded_id(at)) {
            Ids::Folded
        } else if spelled().enumerate().all(upper) {
            Ids::Upper
        } else {
            let mut end = 0;
            let ends = spelled().map(|id| {
                end += id.len() as u32;
                end
            });
            let ends = ends.collect();
            Ids::Spelled(spelled().collect::<String>().into(), ends)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::block::Table;
    use super::super::dictionary::Dictionary;
    use super::*;
    use crate::model::record::Record;
    use rstest::rstest;
    use std::sync::Arc;

    fn segment(ids: &[&str]) -> Segment {
        let mut folding = Folding::default();
        let bytes = Record::default().encode();
        let record = RecordRef::decode(&bytes).unwrap();
        ids.iter().for_each(|id| folding.push(Entity::Contact, id, &record, &mut Shared::Plain(&|_| None)));
        folding.finish(ids[0])
    }

    #[rstest]
    #[case(&["1", "2"])]
    #[case(&["A-1", "Z"])]
    #[case(&["a", "A"])]
    #[case(&["0035gAB", "İd", "ß"])]
    #[case(&["a", "ab", "Ab"])]
    #[case(&["É", "E"])]
    fn ids_keep_their_spelling(#[case] ids: &[&str]) {
        let segment = segment(ids);
        let spelled = segment.entries(&Dictionary::default()).map(|entry| entry.id().into_owned()).collect::<Vec<_>>();
        assert_eq!(spelled, ids);
    }

    #[test]
    fn records_have_places_and_numbers_in_the_order_of_their_ids() {
        let segments = [["A", "B"], ["C", "D"]].map(|ids| Arc::new(segment(&ids))).into();
        let table = Table::new(segments, Arc::default());
        let places: Vec<_> = table.places().collect();
        assert!(places.is_sorted());
        assert_eq!((0..5).filter_map(|n| table.nth(n)).collect::<Vec<_>>(), places);
        let ids: Vec<_> = table.entries().map(|entry| entry.id().into_owned()).collect();
        assert!(ids.iter().enumerate().all(|(n, id)| table.number(id) == Some(n)));
        assert_eq!(table.find("C").unwrap().id(), "C");
        assert!(table.find("CC").is_none() && table.find("").is_none());
    }
}
