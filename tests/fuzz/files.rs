//! Files that somebody exported somehow: opened, mapped, checked, imported.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use muster::base::Base;
use muster::flow::import::{Checked, Opened, Request, Stamp, Watch, commit, open};
use muster::flow::{FlowError, export, gauge::Gauge, reports, undo};
use muster::intake::{self, CheckedRow, Checker, IntakeError, MapOptions, Progress, Sink, Source, SourceOptions};
use muster::model::fields::Catalog;
use muster::model::finding::{Code, Finding, Severity};
use muster::model::record::Value;
use muster::model::settings::{Merging, Reading};
use muster::reconcile::decision::Decisions;
use muster::reconcile::plan::Plan;
use muster::report::export::Wording;
use muster::spill::SpillRoom;

use crate::{Seen, seen};

/// The samples of the repository.
pub fn samples() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    paths.sort();
    paths
        .iter()
        .filter(|path| path.extension().is_some_and(|e| e == "csv"))
        .map(|path| fs::read(path).unwrap())
        .collect()
}

/// The samples' first rows, so that an import is quick.
pub fn small_samples() -> Vec<Vec<u8>> {
    let first = |file: Vec<u8>| file.split_inclusive(|b| *b == b'\n').take(6).collect::<Vec<_>>().concat();
    samples().into_iter().map(first).collect()
}

/// Header lines, each followed by `--map` options, one a line.
pub fn headers() -> Vec<Vec<u8>> {
    let line = |file: Vec<u8>| file.split(|b| *b == b'\n').next().unwrap().to_vec();
    let mut headers: Vec<Vec<u8>> = samples().into_iter().map(line).collect();
    let texts = [
        "Customer No,Country,Name\nCountry+Customer No=contact.id\n#3=contact.last_name\nName=",
        "Company,Email,Email,Phone,Mobile\nCompany=account.id\n#2=contact.work_email",
        "External ID,First Name,Last Name,External Organization External ID,Segment\nSegment=contact.custom.Segment",
        "a=b,c+d,\"e,f\",#1\na=b=contact.city\n#4=contact.custom.a=b",
    ];
    headers.extend(texts.map(|text| text.as_bytes().to_vec()));
    headers
}

/// Puts the input where a file would be.
pub struct Place {
    room: tempfile::TempDir,
    file: PathBuf,
    spill: SpillRoom,
}

impl Place {
    pub fn new() -> Place {
        let room = tempfile::tempdir().unwrap();
        let spill = SpillRoom { memory: 1 << 12, ..SpillRoom::new(room.path()) };
        Place { file: room.path().join("in.csv"), spill, room }
    }

    /// The path of a file with these bytes.
    pub fn put(&self, input: &[u8]) -> &Path {
        fs::write(&self.file, input).unwrap();
        &self.file
    }

    /// The folder of the file.
    pub fn folder(&self) -> &Path {
        self.room.path()
    }
}

/// How a person might have it read; mostly as it is detected.
fn source_options(input: &[u8]) -> SourceOptions {
    let choice = crc32fast::hash(input);
    let labels = ["utf-8", "windows-1250", "utf-16le", "shift_jis", "gb18030", "iso-2022-jp", "big5", "koi8-r"];
    let encoding = choice.is_multiple_of(5).then(|| labels[(choice >> 8) as usize % labels.len()].to_owned());
    let separator = choice.is_multiple_of(7).then(|| b",;\t| .'a\""[(choice >> 16) as usize % 9]);
    SourceOptions { encoding, separator }
}

/// An error, as far as it tells one behaviour from another.
fn kind(error: &impl std::fmt::Debug) -> u64 {
    let text = format!("{error:?}");
    seen(&text.split(['{', '(', ' ']).next())
}

/// Opens a file, maps its columns and checks every row.
pub fn file() -> Seen {
    let place = Place::new();
    Box::new(move |input| {
        let source = match intake::open(place.put(input), &source_options(input)) {
            Ok(source) => source,
            Err(error) => return intake_error(&error),
        };
        let keep_unmapped = input.len().is_multiple_of(3);
        let options = MapOptions { keep_unmapped, ..MapOptions::default() };
        match intake::map(&source, &options, &Catalog::default(), &[]) {
            Ok(mapped) => check(&source, &Checker::new(&mapped.mapping, &mapped.catalog, &reading(input))),
            Err(error) => kind(&error),
        }
    })
}

fn reading(input: &[u8]) -> Reading {
    let choice = crc32fast::hash(input);
    Reading { region_from_country: choice & 1 == 1, strict_phones: choice & 6 == 6, ..Reading::default() }
}

/// Every message is for a person, on one screen.
fn intake_error(error: &IntakeError) -> u64 {
    assert!(!error.hint().is_empty() && error.to_string().len() < 2000, "{error}");
    kind(error)
}

fn check(source: &Source, checker: &Checker) -> u64 {
    let watch = Progress::default();
    match intake::check(source, checker, vec![Rows::default()], &watch, &AtomicBool::new(false)) {
        Err(error) => intake_error(&error),
        Ok((summary, sinks)) => {
            let rows = &sinks[0];
            assert_eq!(summary.bytes, source.bytes());
            assert_eq!(rows.places.len(), summary.rows as usize, "a row came twice or never");
            assert!(rows.places.iter().all(|row| *row < summary.rows));
            assert!(rows.last_line <= summary.lines, "line {} of {}", rows.last_line, summary.lines);
            seen(&(&rows.shapes, &rows.codes, source.encoding(), source.separator()))
        }
    }
}

/// What came of the rows, and what must hold for each.
#[derive(Default)]
struct Rows {
    places: BTreeSet<u32>,
    last_line: u32,
    shapes: BTreeSet<(bool, bool, bool, bool)>,
    codes: BTreeSet<(Code, Severity)>,
    errors: bool,
}

impl Sink for Rows {
    fn row(&mut self, row: CheckedRow<'_>) -> io::Result<()> {
        self.places.insert(row.row);
        self.last_line = self.last_line.max(row.line);
        assert_eq!(row.rejected, std::mem::take(&mut self.errors), "an error rejects its row, and nothing else does");
        for side in [row.contact, row.account].into_iter().flatten() {
            assert!(!side.id.is_empty() && side.id.chars().count() <= 255, "{:?}", side.id);
            assert!(!side.id.chars().any(muster::model::text::is_foreign_control), "{:?}", side.id);
            for (field, payload) in side.values.iter() {
                assert!(!payload.is_empty() && Value::decode(field, payload).is_some(), "{field:?} {payload:?}");
            }
        }
        self.shapes.insert((row.blank, row.rejected, row.contact.is_some(), row.account.is_some()));
        Ok(())
    }

    fn finding(&mut self, finding: Finding) -> io::Result<()> {
        self.errors |= finding.severity == Severity::Error;
        self.codes.insert((finding.code, finding.severity));
        // A message is one screen's, whatever the cell holds.
        assert!(finding.message("Field").chars().count() < 600);
        Ok(())
    }
}

/// Maps a header line by options, then by the suggested answers to what it asks.
pub fn header() -> Seen {
    let place = Place::new();
    Box::new(move |input| {
        let (line, maps) = input.split_at(input.iter().position(|b| *b == b'\n').unwrap_or(input.len()));
        let source = match intake::open(place.put(line), &SourceOptions::default()) {
            Ok(source) => source,
            Err(error) => return intake_error(&error),
        };
        let maps = String::from_utf8_lossy(maps);
        let maps = maps.lines().filter(|map| !map.is_empty()).take(8).map(str::to_owned).collect();
        let mut options = MapOptions { maps, ..MapOptions::default() };
        let mut shapes = Vec::new();
        for round in 0.. {
            let mapped = match intake::map(&source, &options, &Catalog::default(), &[]) {
                Ok(mapped) => mapped,
                Err(error) => return seen(&(round == 0, kind(&error))),
            };
            assert_eq!(mapped.mapping.columns.len(), source.header().len());
            let Checker { .. } = Checker::new(&mapped.mapping, &mapped.catalog, &Reading::default());
            let Some(question) = mapped.questions.first() else {
                let fields: BTreeSet<_> = mapped.mapping.fields();
                return seen(&(shapes, fields, mapped.unmapped.is_empty()));
            };
            shapes.push(std::mem::discriminant(&question.kind));
            let suggested = question.answers.iter().find(|answer| answer.suggested).or(question.answers.first());
            match suggested {
                Some(answer) if round < 4 * source.header().len() + 8 => answer.apply(&mut options),
                Some(_) => panic!("the answers that muster suggests lead nowhere: {question:?}"),
                None => return seen(&shapes),
            }
        }
        unreachable!("a loop without an end")
    })
}

/// A whole import into an empty base, what it writes beside it, the way back, and the way into another base.
pub fn import() -> Seen {
    let place = Place::new();
    Box::new(move |input| {
        let base = Base::in_memory();
        match import_into(&base, &place, place.put(input), reading(input)) {
            Err(error) => kind(&error),
            Ok((plan, opened, checked)) => {
                let mut rejects = Vec::new();
                let written = reports::write_rejects(&mut rejects, &opened, &checked, &plan).unwrap();
                assert_eq!(written, plan.counts.rows.held + plan.counts.rows.rejected);
                again(&opened, &base);
                round_trip(&base, &place, reading(input));
                let undone = undo::plan(&base, 1, &Gauge::default()).unwrap();
                undo::commit(&base, 1, undone, stamp(), &Gauge::default()).unwrap();
                let head = base.head();
                assert_eq!((head.contacts, head.organizations, head.members), (0, 0, 0), "undo leaves something");
                let rows = plan.counts.rows;
                let some =
                    [rows.created, rows.repeated, rows.held, rows.rejected, rows.organization_only].map(|n| n > 0);
                seen(&(some, plan.finding_counts.keys().collect::<Vec<_>>(), plan.conflicts.len().min(2)))
            }
        }
    })
}

pub fn stamp() -> Stamp {
    Stamp { who: muster::base::Who::default(), when: 1_764_000_000_000 }
}

pub fn request(place: &Place, path: &Path, reading: Reading) -> Request {
    Request {
        path: path.to_owned(),
        source: SourceOptions::default(),
        map: MapOptions { keep_unmapped: true, ..MapOptions::default() },
        reading,
        merging: Merging::default(),
        rules: Vec::new(),
        threads: 1,
        room: place.spill.clone(),
        access: Default::default(),
    }
}

pub fn import_into(
    base: &Base,
    place: &Place,
    path: &Path,
    reading: Reading,
) -> Result<(Arc<Plan>, Opened, Checked), FlowError> {
    let mut opened = open(base, request(place, path, reading))?;
    for _ in 0..64 {
        let Some(question) = opened.mapped.questions.first() else { break };
        let answer = question.answers.iter().find(|answer| answer.suggested).or(question.answers.first()).cloned();
        let Some(answer) = answer else { break };
        answer.apply(&mut opened.request.map);
        opened.map_again(base)?;
    }
    if !opened.mapped.questions.is_empty() {
        return Err(FlowError::Questions(Vec::new()));
    }
    let watch = Watch::default();
    let checked = opened.check(&watch)?;
    let plan = Arc::new(checked.plan(base, &opened, &Decisions::default(), &watch)?);
    let rows = plan.counts.rows;
    let sum = rows.created + rows.updated + rows.unchanged + rows.repeated + rows.organization_only;
    assert_eq!(sum + rows.held + rows.rejected + rows.blank, rows.total, "r12");
    assert_eq!(rows.total, u64::from(checked.summary.rows));
    commit(base, &opened, &checked, &plan, stamp(), &watch)?;
    assert_eq!(base.head().contacts, plan.counts.contacts.created);
    Ok((plan, opened, checked))
}

/// The same file once more changes nothing.
fn again(opened: &Opened, base: &Base) {
    let watch = Watch::default();
    let checked = opened.check(&watch).unwrap();
    let plan = checked.plan(base, opened, &Decisions::default(), &watch).unwrap();
    let (contacts, organizations) = (plan.counts.contacts, plan.counts.organizations);
    assert_eq!([contacts.created, contacts.updated, organizations.created, organizations.updated], [0; 4]);
}

/// The export, imported into an empty base, exports the same.
fn round_trip(base: &Base, place: &Place, reading: Reading) {
    if base.head().contacts + base.head().organizations == 0 {
        return;
    }
    let first = exported(base);
    let other = Base::in_memory();
    let (plan, ..) = import_into(&other, place, place.put(&first), reading).unwrap();
    let second = exported(&other);
    let differing = second.split(|b| *b == b'\n').zip(first.split(|b| *b == b'\n')).find(|(a, b)| a != b);
    let differing = differing.map(|lines| [lines.0, lines.1].map(String::from_utf8_lossy));
    assert!(second == first, "{differing:?} {:?}", plan.finding_counts);
}

fn exported(base: &Base) -> Vec<u8> {
    let mut bytes = Vec::new();
    export::export(base, &mut bytes, Wording::default(), &Gauge::default()).unwrap();
    bytes
}

/// The samples, imported.
pub fn fill(base: &Base) {
    let place = Place::new();
    for sample in samples().iter().take(1) {
        import_into(base, &place, place.put(sample), Reading::default()).unwrap();
    }
}
