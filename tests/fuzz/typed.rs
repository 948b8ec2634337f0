//! What a person types or pastes: cells, queries, keys.

use muster::base::Base;
use muster::intake::typed;
use muster::model::fields::{Catalog, Entity, FIELDS};
use muster::model::formula::{guard, unguard};
use muster::model::record::Value;
use muster::model::settings::{Country, Reading};
use muster::model::text::{cosmetic, fold, is_foreign_control, normal, shown, wrapped};
use muster::search::{Index, Narrowing, Query, Wanted, marks, marks_in};
use muster::tui::decode::{Decoder, Input};
use unicode_width::UnicodeWidthStr;

use crate::{Seen, files, seen};

/// A byte that chooses the field, then the text.
pub fn cells() -> Vec<Vec<u8>> {
    let texts = [
        "(317) 555-0101",
        "+44 20 7946 0204 ext. 7",
        "317.555.0102 x012",
        "tel:+1-317-555-0104;ext=7",
        "4.47912E+11",
        "0049 30 901820",
        "kathryn.smith@officemart.example",
        "https://www.officemart.example/a?b=c",
        "@officemart",
        "1,200",
        "yes",
        "US",
        "Hungary",
        "vip;renewal|x",
        "  Zoë\u{308} \u{202e}evil\u{1b}[31m ",
        "'=1+1",
        "Straße\r\nzwei",
        "日本語",
        "a\u{301}\u{301}\u{301}\u{301}\u{301}",
    ];
    let fields = FIELDS.iter().map(|field| field.id.0 as u8);
    fields.zip(texts.iter().cycle()).map(|(field, text)| [&[field], text.as_bytes()].concat()).collect()
}

/// A text as the cell of a field, and everything that is done with text.
pub fn cell() -> Seen {
    let catalog = Catalog::default();
    Box::new(move |input| {
        let Some((choice, bytes)) = input.split_first() else { return 0 };
        let text = String::from_utf8_lossy(bytes);
        made_safe(&text);
        let field = &FIELDS[usize::from(*choice) % FIELDS.len()];
        let reading = Reading { region: Country::new("DE").unwrap(), ..Reading::default() };
        match typed(field.entity, field.id, &text, &catalog, &reading) {
            Err(finding) => seen(&(field.id, finding.code)),
            Ok(typed) => {
                let value = Value::decode(field.id, &typed.payload);
                assert!(typed.payload.is_empty() || value.is_some(), "{:?}", typed.payload);
                seen(&(field.id, typed.warning.map(|finding| finding.code), typed.payload.is_empty()))
            }
        }
    })
}

fn made_safe(text: &str) {
    for ascii in [false, true] {
        let safe = shown(text, ascii);
        assert!(!safe.chars().any(is_foreign_control), "{safe:?}");
        assert!(!ascii || safe.is_ascii());
    }
    assert!(
        wrapped(text, 20).iter().all(|line| line.width() <= 20 || line.chars().count() == 1),
        "{:?}",
        wrapped(text, 20)
    );
    assert_eq!(unguard(&guard(text)), text);
    assert!(!guard(text).starts_with(['=', '@', '\t', '\r']));
    let once = normal(text).into_owned();
    assert_eq!(normal(&once), once, "the normal form has a normal form");
    assert_eq!(fold(&fold(text)), fold(text));
    assert_eq!(cosmetic(&once), cosmetic(text));
}

/// Queries as people type them.
pub fn queries() -> Vec<Vec<u8>> {
    let texts = [
        "smi off",
        "\"office mart\" -josh",
        "org:mart city:berlin",
        "phone:\"+49 30\"",
        "no:phone syncs:no",
        "import:7 edited:hand",
        "changed:2026-11 -changed:today",
        "id:C-1 kathryn",
        "+1 (317) 555-0101",
        "straße müller",
        "ﬁsh İstanbul",
        "030 901 820",
        "name:\"",
        "-",
        ":",
        "org:",
        "\"\"",
        "kathrin smyth",
    ];
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// A query, asked of the samples.
pub fn query() -> Seen {
    let base = Base::in_memory();
    files::fill(&base);
    let index = Index::new();
    index.refresh(&base.view(), None, &|| false, |_| {}).unwrap().unwrap();
    let texts: Vec<String> = queries().into_iter().map(|text| String::from_utf8(text).unwrap()).collect();
    Box::new(move |input| {
        let typed = String::from_utf8_lossy(input);
        let today = jiff::civil::date(2026, 11, 22);
        let query = match Query::parse(&typed, today) {
            Ok(query) => query,
            Err(error) => {
                let text = error.to_string();
                return seen(&text.chars().take(12).collect::<String>());
            }
        };
        let mut totals = Vec::new();
        for entity in [Entity::Contact, Entity::Organization] {
            let hits = index
                .search(&query, Wanted::best(entity, 5), &|| false, &mut Narrowing::default(), &mut |_| {})
                .unwrap();
            assert!(hits.hits.len() <= hits.total.min(5));
            totals.push((hits.total, hits.hits.first().map(|hit| hit.id.clone())));
        }
        for text in texts.iter().map(String::as_str).chain([&*typed]) {
            for ranges in [marks(text, &query), marks_in(Entity::Contact, FIELDS[2].id, text, &query)] {
                assert!(ranges.iter().all(|range| text.get(range.clone()).is_some()), "{text:?} {ranges:?}");
                assert!(ranges.windows(2).all(|two| two[0].end <= two[1].start), "{text:?} {ranges:?}");
            }
        }
        seen(&totals)
    })
}

/// Bytes of a terminal.
pub fn keystrokes() -> Vec<Vec<u8>> {
    let texts: [&[u8]; 6] = [
        b"smith\x1b[A\x1b[B\r",
        b"\x1b[200~Kathryn\nSmith\x1b[201~q",
        b"\x1b[1;5C\x1b[3~\x1bOP\x1b[15~",
        "Zoë 日本 😀".as_bytes(),
        b"\x1b[<0;10;10M\x1b[M !!",
        b"\x1b\x1b[A\x7f\x08\x03\t\x1b[Z",
    ];
    texts.iter().map(|text| text.to_vec()).collect()
}

/// Bytes of a terminal, in reads of different sizes and with pauses.
pub fn keys() -> Seen {
    Box::new(|input| {
        let mut decoder = Decoder::default();
        let mut inputs = Vec::new();
        let size = 1 + crc32fast::hash(input) as usize % 17;
        for (n, read) in input.chunks(size).enumerate() {
            inputs.extend(decoder.feed(read));
            if n % 5 == 4 {
                inputs.extend(decoder.expire());
            }
        }
        inputs.extend(decoder.expire());
        assert!(decoder.patience().is_none(), "something is held back for ever");
        assert!(inputs.len() <= input.len() + 2);
        let kind = |input: &Input| match input {
            Input::Key(key) => format!("{key:?}").chars().take(14).collect(),
            Input::Text(text) => text.len().min(3).to_string(),
        };
        let kinds: std::collections::BTreeSet<String> = inputs.iter().map(kind).collect();
        seen(&kinds)
    })
}
