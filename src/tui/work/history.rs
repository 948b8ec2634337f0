//! The history for the app: acts, their records a window at a time, undo, rejects saved again.

use std::path::Path;
use std::sync::Arc;

use super::{Flows, files, flow_said, gauged, locked};
use crate::app::job::Report;
use crate::app::job::history::{ActView, HistoryJob, HistoryReport, RecordRow, RecordsFound, RecordsWanted, UndoView};
use crate::base::{Base, BaseError, UndoPlan, Verb};
use crate::flow::history::{self, Act};
use crate::flow::records::{self, FieldTold, Part, RecordTold, Story};
use crate::flow::rejects::{self, Rejects};
use crate::flow::{FlowError, undo};
use crate::home::access::Access;
use crate::home::clock;
use crate::model::fields::{Catalog, Entity};
use crate::model::record::Value;
use crate::model::text::{personal, personal_line};
use crate::report::rejects::names;
use crate::tui::worker::Desk;

/// The records of an act that were changed since, as of a commit: finding them takes a look at all of them.
#[derive(Clone)]
pub struct ChangedSince {
    commit: u64,
    number: u64,
    ids: Arc<Vec<(Entity, String)>>,
}

impl Flows {
    pub(super) fn history(&self, job: HistoryJob, desk: &Desk) -> Result<(), String> {
        let base = self.base()?;
        let report = match job {
            HistoryJob::List => acts(&base),
            HistoryJob::Records(wanted) => self.records(&base, wanted, desk),
            HistoryJob::Story { number, entity, id } => story(&base, number, entity, &id),
            HistoryJob::PlanUndo(number) => plan(&base, number, desk).map(|(view, _)| HistoryReport::Undo(view)),
            HistoryJob::Undo(told) => return self.undo(&base, told, desk),
            HistoryJob::SaveRejects(number, path) => save(&base, &self.place.access, number, &path),
        };
        desk.report(Report::History(report.map_err(|error| flow_said(&error))?));
        Ok(())
    }

    fn records(&self, base: &Base, wanted: RecordsWanted, desk: &Desk) -> Result<HistoryReport, FlowError> {
        let RecordsWanted { number, part, first, count } = wanted;
        let view = base.view();
        let entry = view.entry(number)?;
        let (told, total) = match records::count(&entry, part) {
            Some(total) => (records::records(&view, &entry, part, first, count)?, total as usize),
            None => {
                let commit = view.head().commit;
                let known = locked(&self.changed_since).clone();
                let ids = match known.filter(|known| (known.commit, known.number) == (commit, number)) {
                    Some(known) => known.ids,
                    None => {
                        let ids = Arc::new(records::changed_since(&view, &entry, &desk.cancel_flag())?);
                        *locked(&self.changed_since) = Some(ChangedSince { commit, number, ids: Arc::clone(&ids) });
                        ids
                    }
                };
                let window = first.min(ids.len())..first.saturating_add(count).min(ids.len());
                (records::named(&view, &entry, &ids[window])?, ids.len())
            }
        };
        let rows = told.iter().map(|record| row(record, view.catalog(), part)).collect();
        Ok(HistoryReport::Records(RecordsFound { number, part, first, rows, total }))
    }

    /// Takes an act back, if that still does what the person was told; else tells it anew.
    fn undo(&self, base: &Base, told: Box<UndoView>, desk: &Desk) -> Result<(), String> {
        let undone = plan(base, told.number, desk).and_then(|(view, plan)| {
            if view != told {
                return Ok(Err(view));
            }
            let stamp = self.stamp();
            let done = gauged(desk, "Undoing", |gauge| undo::commit(base, told.number, plan, stamp, gauge));
            match done {
                Ok(done) => Ok(Ok(done.number)),
                Err(FlowError::Base(BaseError::Moved { .. })) => Ok(Err(plan_anew(base, &told, desk)?)),
                Err(error) => Err(error),
            }
        });
        match undone.map_err(|error| flow_said(&error))? {
            Ok(by) => {
                desk.report(Report::Opened(self.counts()?));
                desk.report(Report::History(HistoryReport::Undone(told, by)));
            }
            Err(view) => desk.report(Report::History(HistoryReport::Undo(view))),
        }
        Ok(())
    }
}

fn plan_anew(base: &Base, told: &UndoView, desk: &Desk) -> Result<Box<UndoView>, FlowError> {
    plan(base, told.number, desk).map(|(view, _)| view)
}

fn acts(base: &Base) -> Result<HistoryReport, FlowError> {
    let acts = history::list(base)?;
    Ok(HistoryReport::Acts(acts.iter().map(|act| act_view(base, act)).collect()))
}

fn act_view(base: &Base, act: &Act) -> ActView {
    let rows = act.import.as_ref().map(|import| import.counts.rows).unwrap_or_default();
    let rejects = rejects::kept(base, act);
    let free = || names(Path::new(act.file()?)).find(|path| !path.exists());
    let save_as = if rejects == Rejects::Kept { free() } else { None };
    ActView {
        number: act.entry.number(),
        name: act.name(),
        kind: act.kind(),
        about: act.about(),
        when: clock::local(act.at()),
        who: act.who(),
        contacts: act.entry.done.contacts,
        organizations: act.entry.done.organizations,
        left_out: [rows.held, rows.rejected],
        rejects,
        save_as: save_as.map(|path| path.display().to_string()).unwrap_or_default(),
        state: act.state(),
    }
}

fn plan(base: &Base, number: u64, desk: &Desk) -> Result<(Box<UndoView>, UndoPlan), FlowError> {
    let name = history::act(base, number)?.name();
    let plan = gauged(desk, "Looking what can be undone", |gauge| undo::plan(base, number, gauge))?;
    let catalog = base.catalog();
    let blockers = undo::reasons(base, &plan)?.into_iter().map(|(blocker, why)| {
        let field = blocker.field.map(|field| catalog.label(field)).unwrap_or_default();
        [blocker.entity.noun().to_owned(), blocker.id, field, why]
    });
    let view = UndoView {
        number,
        name,
        contacts: plan.contacts,
        organizations: plan.organizations,
        blocked: plan.blocked,
        blockers: blockers.collect(),
    };
    Ok((Box::new(view), plan))
}

fn save(base: &Base, access: &Access, number: u64, path: &str) -> Result<HistoryReport, FlowError> {
    let path = files::expanded(path, access);
    let saved = rejects::save(base, &history::act(base, number)?, access, &path)?;
    Ok(HistoryReport::Saved(saved.display().to_string()))
}

fn story(base: &Base, number: u64, entity: Entity, id: &str) -> Result<HistoryReport, FlowError> {
    let view = base.view();
    let catalog = view.catalog();
    let act = history::act(base, number)?;
    let Some(Story { told, since }) = records::story(&view, &act.entry, entity, id)? else {
        return Ok(HistoryReport::Story(id.to_owned(), vec![format!("{} did nothing to it.", act.name())]));
    };
    let line = if told.line > 0 { format!(", line {}", told.line) } else { String::new() };
    let mut lines = vec![format!("{} by {}{line}", told.verb.word(), act.name())];
    lines.extend(changes(&told, catalog).iter().map(|line| personal_line(line)));
    lines.push(String::new());
    if since.is_empty() {
        lines.push("Nothing has changed it since.".to_owned());
    }
    for (number, told) in since {
        let act = history::act(base, number)?;
        lines.push(format!("{} since by {}, {}", told.verb.word(), act.name(), clock::local(act.at())));
        lines.extend(changes(&told, catalog).iter().map(|line| personal_line(line)));
    }
    Ok(HistoryReport::Story(format!("{id} {}", personal(&told.name)), lines))
}

fn row(told: &RecordTold, catalog: &Catalog, part: Part) -> RecordRow {
    let changes = changes(told, catalog);
    // Where all are alike, the word is in the title.
    let noun = if told.entity == Entity::Organization { " organization" } else { "" };
    let verb = if let Part::Of(..) = part { String::new() } else { format!("{}{noun} ", told.verb.word()) };
    let since = if told.changed_since { "(changed since) " } else { "" };
    let line = if told.line > 0 { told.line.to_string() } else { String::new() };
    RecordRow {
        entity: told.entity,
        id: told.id.clone(),
        cells: [told.id.clone(), told.name.clone(), format!("{verb}{since}{}", changes.join("; ")), line],
        changes,
    }
}

/// What happened to a record, field by field: `Title: Buyer -> Head of purchasing`.
fn changes(told: &RecordTold, catalog: &Catalog) -> Vec<String> {
    let text = |value: &Option<Value>| value.as_ref().map_or_else(|| "(empty)".to_owned(), Value::text);
    let field = |field: &FieldTold| {
        let label = catalog.label(field.field);
        let note = if field.note.is_empty() { String::new() } else { format!(" ({})", field.note) };
        match told.verb {
            Verb::Created => format!("{label}: {}", text(&field.after)),
            Verb::Deleted => format!("{label}: {}", text(&field.before)),
            Verb::Updated if field.before == field.after => format!("{label}: {}{note}", text(&field.after)),
            Verb::Updated => format!("{label}: {} -> {}{note}", text(&field.before), text(&field.after)),
        }
    };
    let note = (!told.note.is_empty()).then(|| told.note.to_owned());
    told.fields.iter().map(field).chain(note).collect()
}
