//! What lies in a person's own folders and somebody else may have written: `config.toml`, drafts.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use muster::app::action::ACTIONS;
use muster::base::Base;
use muster::cli;
use muster::flow::draft::{since, unfit};
use muster::flow::import::{Checked, Opened, Watch, commit, open};
use muster::home::config::ConfigError;
use muster::home::draft::{self, Draft, DraftError, DraftFile, Entry, Found, Step, Taken};
use muster::home::paths::Paths;
use muster::intake::MapOptions;
use muster::model::fields::{Entity, FieldId};
use muster::model::record::Value;
use muster::model::settings::{Merging, Reading};
use muster::reconcile::conflict::Fingerprint;
use muster::reconcile::decision::{Choice, Consent, Decisions, Pick, Subject};
use muster::reconcile::doubt::DoubtKind;
use muster::reconcile::plan::Plan;
use muster::reconcile::timeline::Said;

use crate::files::{Place, import_into, request, stamp};
use crate::{Seen, seen};

/// Settings as a person writes them, right and wrong.
pub fn configs() -> Vec<Vec<u8>> {
    let texts = [
        "theme = \"mono\"\nascii = true\nregion = \"GB\"\nblank = \"clear\"\n",
        "[keys]\nsearch = [\"/\", \"Ctrl-F\"]\nquit = \"Q\"\ndown = [\"n\", \"Down\"]\n",
        "# keys\nkeys = { undo = \"z\", redo = \"Ctrl-Y\" }\ntheme = 'auto'\n",
        "theme = \"momo\"\n",
        "[keys]\nserach = \"s\"\n",
        "[keys]\nsearch = \"Alt-x\"\n",
        "blank = \"\"\"\nkeep\"\"\"\n",
        "region = \"\\u0047B\"\n\n[keys]\n\"search\" = []\n",
    ];
    texts.map(|text| text.as_bytes().to_vec()).to_vec()
}

/// The settings are taken whole, and every action can still be reached; or the mistake is said with its place.
pub fn config() -> Seen {
    let room = tempfile::tempdir().unwrap();
    let paths = Paths { config: room.path().to_owned(), ..Paths::default() };
    Box::new(move |input| {
        let _room = &room;
        fs::write(paths.config_file(), input).unwrap();
        match cli::config::load(&paths) {
            Ok((config, keymap)) => {
                assert!(ACTIONS.iter().all(|entry| !keymap.keys(entry.action).is_empty()), "an action has no key");
                let keys: Vec<_> = config.keys.iter().map(|binding| &binding.action.text).collect();
                seen(&(format!("{:?}", config.theme), config.ascii, config.region, config.blank, keys))
            }
            Err(error) => {
                let text = error.to_string();
                assert!(text.len() < 2000 + 4 * input.len(), "{text}");
                match error {
                    ConfigError::Unreadable { .. } => 0,
                    ConfigError::Wrong { line, column, what, .. } => {
                        assert!(line <= 1 + input.iter().filter(|byte| **byte == b'\n').count(), "line {line}: {what}");
                        assert!(column <= 1 + input.len(), "column {column}: {what}");
                        seen(&what.split('\'').map(|part| part.get(..6).unwrap_or(part)).step_by(2).collect::<String>())
                    }
                }
            }
        }
    })
}

/// An import that is not finished: a base, a file that disagrees with itself and with the base, what there is to decide.
struct Unfinished {
    place: Place,
    base: Base,
    opened: Opened,
    checked: Checked,
}

impl Unfinished {
    fn new() -> Unfinished {
        let place = Place::new();
        let base = Base::in_memory();
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/conflicts.csv");
        let text = fs::read_to_string(sample).unwrap();
        // The base knows the same IDs by other names, so that there are doubts too.
        let stored: String =
            text.lines().take(8).map(|line| line.replace("Megan,Brooks", "Oleg,Petrov") + "\n").collect();
        let stored = stored.replace("megan.brooks", "oleg.petrov").replace("555-0101", "555-0199");
        import_into(&base, &place, place.put(stored.as_bytes()), Reading::default()).unwrap();
        let file = place.put(text.as_bytes()).with_file_name("conflicts.csv");
        fs::write(&file, &text).unwrap();
        let opened = open(&base, request(&place, &file, Reading::default())).unwrap();
        let checked = opened.check(&Watch::default()).unwrap();
        Unfinished { place, base, opened, checked }
    }

    fn plan(&self, decisions: &Decisions) -> Plan {
        self.checked.plan(&self.base, &self.opened, decisions, &Watch::default()).unwrap()
    }

    fn draft(&self) -> PathBuf {
        self.place.folder().join("fuzzed.draft")
    }
}

/// Everything that a person may say to the import.
fn said(import: &Unfinished) -> Vec<Said> {
    let plan = import.plan(&Decisions::default());
    let mut said = Vec::new();
    for (n, summary) in plan.conflicts.iter().enumerate() {
        let conflict = plan.conflict(summary).unwrap();
        let variant = conflict.variants[0].fingerprint;
        let typed = |field: FieldId| (field, Pick::Typed(Value::Text("Kiss & Fia".to_owned()).encode()));
        let choice = match n % 4 {
            0 => Choice::Variant(variant),
            1 => Choice::Fields(summary.fields.iter().map(|field| typed(*field)).collect()),
            2 => Choice::Fields(summary.fields.iter().map(|field| (*field, Pick::Variant(variant))).collect()),
            _ => Choice::Hold,
        };
        said.push(Said::Choice(summary.entity, summary.id.clone(), Some((conflict.fingerprint(), choice))));
    }
    for kind in DoubtKind::ALL {
        for number in 0..plan.doubts.count(kind) {
            let doubt = plan.doubts.get(kind, number).unwrap().unwrap();
            said.push(Said::Consent(doubt.subject.clone(), Some((doubt.fingerprint(), kind.answers()[0]))));
        }
    }
    let mut correction = import.checked.original(&import.opened, 3).unwrap().unwrap();
    correction.texts = [(2, "Müller".to_owned()), (4, "+1 212 555 0104".to_owned())].into();
    said.push(Said::Correction(3, Some(correction)));
    said
}

/// Drafts: of everything that may be said, step by step and at once, taken back and brought back; whole and torn.
pub fn drafts() -> Vec<Vec<u8>> {
    let import = Unfinished::new();
    let said = said(&import);
    let map = MapOptions { maps: vec!["#1=contact.id".into()], no_accounts: true, ..MapOptions::default() };
    let taken = Taken { map, settings: Some((Reading::default(), Merging::default())), ..Taken::default() };
    let no_fit = Subject { entity: Entity::Contact, id: "C-99".into(), field: Some(FieldId(4)) };
    let steps: Vec<Entry> = said.iter().map(|said| Entry::Said(vec![said.clone()])).collect();
    let all = [
        [vec![Entry::Taken(Taken::default()), Entry::At(Step::Review)], steps].concat(),
        vec![Entry::Said(said.clone()), Entry::Undone, Entry::Redone, Entry::At(Step::Conflicts)],
        vec![
            Entry::Taken(taken),
            Entry::Said(vec![Said::Consent(no_fit, Some((Fingerprint([7; 16]), Consent::TakeFile)))]),
            Entry::Said(said.into_iter().rev().take(2).collect()),
            Entry::Undone,
            Entry::Undone,
            Entry::Redone,
            Entry::Committing("ab".into()),
        ],
    ];
    let mut drafts = Vec::new();
    for entries in all {
        let folder = import.place.folder().join("drafts");
        let mut file = DraftFile::begin(&folder, Path::new("/base"), Path::new("/in/conflicts.csv")).unwrap();
        file.add(&entries).unwrap();
        let bytes = fs::read(file.path()).unwrap();
        drafts.push(bytes[..bytes.len() - 9].to_vec());
        drafts.push(bytes);
        fs::remove_file(file.path()).unwrap();
    }
    drafts
}

/// The draft with checksums that fit, so that what lies behind them is reached.
fn mended(input: &[u8]) -> Vec<u8> {
    let text = |line: &[u8]| {
        let has_sum = line.get(..8).is_some_and(|sum| sum.iter().all(u8::is_ascii_hexdigit));
        line[if has_sum { 9.min(line.len()) } else { 0 }..].to_vec()
    };
    let lines = input.split_inclusive(|byte| *byte == b'\n').map(|line| {
        let text = text(line.strip_suffix(b"\n").unwrap_or(line));
        [format!("{:08x} ", crc32fast::hash(&text)).as_bytes(), &text, &line[line.len() - 1..]].concat()
    });
    lines.collect::<Vec<_>>().concat()
}

/// A draft is read up to what is damaged; what is read of it holds as far as it fits the import, and can be gone on with.
pub fn draft() -> Seen {
    let import = Unfinished::new();
    // The digests of plans that were committed once.
    let mut known = HashSet::from([import.plan(&Decisions::default()).digest]);
    Box::new(move |input| {
        let as_it_is = read(&import, input).is_ok();
        let found = match read(&import, &mended(input)) {
            Ok(found) => found,
            Err(error) => return seen(&(as_it_is, std::mem::discriminant(&error))),
        };
        gone_on(&found);
        let decisions = steps(&found.draft);
        let plan = Arc::new(import.plan(&decisions));
        let fit = holds(&plan, &decisions);
        let told = found.draft.checked.as_ref().and_then(|now| since(&Default::default(), now, &plan, &decisions));
        assert!(told.is_none_or(|text| text.len() < 200));
        if known.insert(plan.digest.clone()) {
            committed(&import, &decisions);
        }
        seen(&(as_it_is, found.torn, fit, found.draft.at as u8, plan.counts.rows.held, plan.doubts.given.len()))
    })
}

fn read(import: &Unfinished, input: &[u8]) -> Result<Found, DraftError> {
    fs::write(import.draft(), input).unwrap();
    draft::read(&import.draft())
}

/// One more entry is found where the draft ended.
fn gone_on(found: &Found) {
    DraftFile::go_on(found).unwrap().add(&[Entry::At(Step::Conflicts)]).unwrap();
    let again = draft::read(&found.path).unwrap();
    assert_eq!(again.draft, Draft { at: Step::Conflicts, ..found.draft.clone() });
    assert!(!again.torn);
}

/// Every step is taken back, and brought back.
fn steps(draft: &Draft) -> Decisions {
    let mut timeline = draft.timeline.clone();
    let decisions = timeline.decisions().clone();
    let taken_back = std::iter::from_fn(|| timeline.undo()).count();
    (0..taken_back).for_each(|_| assert!(timeline.redo().is_some()));
    assert_eq!(timeline.decisions(), &decisions);
    decisions
}

/// What of the decisions fits.
fn holds(plan: &Plan, decisions: &Decisions) -> [usize; 3] {
    let rows = plan.counts.rows;
    let sum = rows.created + rows.updated + rows.unchanged + rows.repeated + rows.organization_only;
    assert_eq!(sum + rows.held + rows.rejected + rows.blank, rows.total, "r12");
    let said = [decisions.choices.len(), decisions.consents.len(), decisions.corrections.len()];
    let unfit = unfit(plan, decisions);
    std::array::from_fn(|n| said[n] - unfit[n])
}

/// The import by these decisions leaves a base that is sound.
fn committed(import: &Unfinished, decisions: &Decisions) {
    let fresh = Unfinished::new();
    let plan = Arc::new(fresh.plan(decisions));
    assert_eq!(plan.digest, import.plan(decisions).digest, "r10");
    for entity in [Entity::Organization, Entity::Contact] {
        for written in plan.writes(entity) {
            let put = written.unwrap().change.put.unwrap();
            for (field, payload) in put.values.view().iter() {
                assert!(Value::decode(field, payload).is_some(), "{field:?} {payload:?}");
                let membership = field == FieldId::ACCOUNT_ID && entity == Entity::Contact;
                assert!(membership || fresh.checked.catalog.entity(field) == Some(entity), "{field:?}");
            }
        }
    }
    commit(&fresh.base, &fresh.opened, &fresh.checked, &plan, stamp(), &Watch::default()).unwrap();
    let report = fresh.base.verify(&mut |_, _| {}, &AtomicBool::new(false)).unwrap();
    assert_eq!(report.damages, 0, "{:?}", report.damaged);
}
