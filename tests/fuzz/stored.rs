//! What is on the disk, damaged in a way that the checksum does not see: pages, records, deltas, history, JSON.

use std::path::Path;

use muster::base::page::{Packer, Page, Raw};
use muster::base::{Done, Entry, Who, delta};
use muster::flow::import::ImportDetails;
use muster::home::recent::Recent;
use muster::intake::{self, Checker, MapOptions, RememberedMapping, SourceOptions, fingerprint};
use muster::model::fields::{Catalog, Entity, FieldId};
use muster::model::phone::Phone;
use muster::model::record::{Record, RecordRef, Value, ValuesRef};
use muster::model::settings::Country;
use muster::reconcile::decision::{Choice, Decisions};

use crate::{Seen, seen};

fn people() -> Vec<Record> {
    let text = |text: &str| Value::Text(text.to_owned());
    let phone = |text: &str| Value::Phone(Phone::parse(text, None, Some(Country::US)));
    let values =
        [(FieldId(2), text("Kathryn")), (FieldId(4), text("Smith")), (FieldId(7), phone("+1 317 555 0101 x12"))];
    let plain = Record { created: 1, changed: 7, line: 2, values: values.into_iter().collect(), ..Record::default() };
    let by_hand = [(FieldId(4), b"Smyth".to_vec()), (FieldId(30), Vec::new())].into();
    vec![Record::default(), Record { manual: true, by_hand, ..plain.clone() }, plain]
}

/// Stored records.
pub fn records() -> Vec<Vec<u8>> {
    people().iter().map(Record::encode).collect()
}

/// Stored pages, packed and not.
pub fn pages() -> Vec<Vec<u8>> {
    let mut pages = Vec::new();
    for count in [0, 1, 3, 200] {
        let mut take = |_: &[u8], page: Option<Raw<'_>>| {
            pages.extend(page.map(|page| page.pack().unwrap()));
            Ok(())
        };
        let mut packer = Packer::new(7);
        packer.begin(b"");
        for n in 0..count {
            packer.push(format!("C-{n:04}").as_bytes(), &records()[n % 3], &mut take).unwrap();
        }
        packer.finish(&mut take).unwrap();
    }
    pages
}

/// Unpacks a page as it is, and once more with a checksum that fits, so that what lies behind the check is reached.
pub fn page() -> Seen {
    let mut page = Page::default();
    Box::new(move |input| {
        let as_it_is = page.unpack(input);
        let mut mended = input.to_vec();
        if mended.len() >= 22 {
            mended[0] = 1;
            let mut crc = crc32fast::Hasher::new();
            crc.update(&mended[..18]);
            crc.update(&mended[22..]);
            mended[18..22].copy_from_slice(&crc.finalize().to_le_bytes());
        }
        let unpacked = page.unpack(&mended);
        let mut shown = Vec::new();
        if unpacked.is_ok() {
            assert!(page.size() <= 256 * input.len(), "{} bytes of {}", page.size(), input.len());
            for (key, payload) in page.iter().take(1000) {
                shown.push((key.len().min(20), read(payload)));
                assert!(page.get(key).is_some() || !page.iter().is_sorted());
            }
        }
        seen(&(as_it_is, unpacked, shown.len().min(8), shown.first()))
    })
}

/// Reads a record in both ways, with every value in it.
fn read(bytes: &[u8]) -> u64 {
    let record = Record::decode(bytes);
    let lent = RecordRef::decode(bytes);
    assert_eq!(record.is_some(), lent.is_some());
    let Some(record) = record else { return 0 };
    // What cannot be read reads as if it ended there, so the way back may be shorter, and then stays.
    let encoded = record.encode();
    assert_eq!(Record::decode(&encoded).as_ref(), Some(&record));
    let values = record.values.view();
    let kinds: std::collections::BTreeSet<bool> = values.iter().map(|(field, payload)| text(field, payload)).collect();
    seen(&(kinds, record.manual, record.by_hand.len().min(3), record.line.min(1)))
}

fn text(field: FieldId, payload: &[u8]) -> bool {
    let name = Catalog::default().name(field);
    let value = Value::decode(field, payload);
    assert!(!name.is_empty());
    value.is_some_and(|value| value.text().len() < 4 * payload.len() + 64)
}

/// A stored record.
pub fn record() -> Seen {
    Box::new(|input| {
        let values = ValuesRef(input);
        let first = values.iter().next().map(|(field, payload)| (field, payload.len()));
        assert!(values.iter().map(|(_, payload)| payload.len()).sum::<usize>() <= input.len());
        seen(&(read(input), first, Phone::decode(input).map(|phone| phone.shown().len().min(4))))
    })
}

/// Deltas, each behind the number of its kind of record.
pub fn deltas() -> Vec<Vec<u8>> {
    let people = people();
    let stored = records();
    let (mut created, mut deleted, mut updated) = (Vec::new(), Vec::new(), Vec::new());
    delta::encode_created(&mut created, 9);
    delta::encode_deleted(&mut deleted, 0, &stored[1]);
    let [before, after] = [&stored[1], &stored[2]].map(|bytes| RecordRef::decode(bytes).unwrap());
    assert!(delta::encode_updated(&mut updated, 300, delta::content(&before), delta::content(&after)));
    assert_eq!(people.len(), 3);
    vec![created, deleted, updated]
}

/// What a commit changed in a record.
pub fn delta() -> Seen {
    Box::new(|input| {
        let Some(delta) = delta::decode(Entity::Contact, "C-1", input) else { return 0 };
        match delta.what {
            delta::What::Created => 1,
            delta::What::Deleted { record } => seen(&(2, read(&record.encode()))),
            delta::What::Updated { fields, manual } => {
                let fields: std::collections::BTreeSet<_> = fields
                    .iter()
                    .map(|change| {
                        let slots = [&change.before, &change.after];
                        slots.map(|slot| slot.value.as_ref().map(|payload| text(change.field, payload)))
                    })
                    .collect();
                seen(&(3, manual, fields))
            }
        }
    })
}

/// Entries of the history.
pub fn entries() -> Vec<Vec<u8>> {
    let who = Who { user: "ops".into(), ssh_client: Some("192.0.2.7".into()), as_name: None };
    let details = r#"{"file":{"name":"a.csv","bytes":9,"sha256":"00","encoding":"UTF-8","separator":","}}"#;
    // Fields in the order of `Entry`; it has no public constructor, because only a commit makes one.
    let entry = (
        Done { number: 7, ..Done::default() },
        muster::base::Kind::Import,
        1_764_000_000_000i64,
        who,
        false,
        details,
        99u64,
    );
    let undo = (Done::default(), muster::base::Kind::Undo { of: 7 }, -1i64, Who::default(), true, "", 0u64);
    vec![postcard::to_stdvec(&entry).unwrap(), postcard::to_stdvec(&undo).unwrap()]
}

/// An entry of the history, the custom fields, a remembered choice, decisions.
pub fn entry() -> Seen {
    Box::new(|input| {
        let entry = postcard::from_bytes::<Entry>(input).ok();
        let catalog = postcard::from_bytes::<Catalog>(input).ok();
        let choice = postcard::from_bytes::<(u64, Choice)>(input).ok();
        let decisions = postcard::from_bytes::<Decisions>(input).ok();
        if let Some(catalog) = &catalog {
            assert!(catalog.customs().all(|(id, entity, _)| catalog.entity(id) == Some(entity)));
        }
        let kind = entry.as_ref().map(|entry| (std::mem::discriminant(&entry.kind), entry.who.ssh_client.is_some()));
        seen(&(
            kind,
            catalog.map(|c| c.customs().count().min(3)),
            choice.is_some(),
            decisions.map(|d| d.choices.len().min(3)),
        ))
    })
}

/// A mapping as the base remembers it, what an import said of itself, the recent files.
pub fn json_seeds() -> Vec<Vec<u8>> {
    let header = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/office-mart.csv");
    let source = intake::open(&header, &SourceOptions::default()).unwrap();
    let mapped = intake::map(&source, &MapOptions::default(), &Catalog::default(), &[]).unwrap();
    let kept = RememberedMapping {
        fingerprint: fingerprint(source.header()),
        mapping: mapped.mapping,
        reading: Default::default(),
        merging: Default::default(),
    };
    let mut small = kept.clone();
    small.mapping.columns.truncate(3);
    let details = r#"{"file":{"name":"a.csv","bytes":9,"sha256":"00","encoding":"UTF-8","separator":","},"reading":{"region":"US","region_from_country":false,"strict_phones":false},"rules":[],"decisions":[["account:A","person"]],"digest":"00"}"#;
    let recent = br#"{"files":["/srv/in/contacts.csv","/tmp/a b.csv"]}"#;
    vec![
        serde_json::to_vec(&(7, kept)).unwrap(),
        serde_json::to_vec(&(7, small)).unwrap(),
        details.into(),
        recent.to_vec(),
    ]
}

/// JSON of our own that somebody else has written.
pub fn json() -> Seen {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/office-mart.csv");
    let source = intake::open(&sample, &SourceOptions::default()).unwrap();
    Box::new(move |input| {
        let files = serde_json::from_slice::<Recent>(input).map_or(9, |recent| recent.files.len().min(2));
        let details = serde_json::from_slice::<ImportDetails>(input).is_ok();
        let Ok((_, mut kept)) = serde_json::from_slice::<(u64, RememberedMapping)>(input) else {
            return seen(&(files, details));
        };
        // A mapping is used for the header that it was kept for.
        kept.fingerprint = fingerprint(source.header());
        let mapped = intake::map(&source, &MapOptions::default(), &Catalog::default(), std::slice::from_ref(&kept));
        let checkers = [&kept.mapping].into_iter().chain(mapped.as_ref().ok().map(|mapped| &mapped.mapping));
        checkers.for_each(|mapping| drop(Checker::new(mapping, &Catalog::default(), &kept.reading)));
        let fields = kept.mapping.fields().len();
        seen(
            &mapped
                .map(|mapped| (mapped.remembered, mapped.questions.len().min(3), mapped.mapping.fields().len(), fields))
                .ok(),
        )
    })
}
