//! What a person does to single records, done.

use std::collections::BTreeSet;

use super::{Flows, flow_said, said};
use crate::app::job::Report;
use crate::app::job::edit::{EditJob, EditReport, Offers};
use crate::base::{Base, BaseError, Blocker, UndoPlan};
use crate::flow::gauge::Gauge;
use crate::flow::undo::{TakenBack, reasons, take_back};
use crate::flow::{FlowError, adopt, delete, edit};
use crate::model::fields::Entity;
use crate::model::record::Record;
use crate::report::brief;
use crate::tui::worker::Desk;

/// How many organizations are offered.
const OFFERED: usize = 5;

/// How many blockers are named.
const NAMED: usize = 5;

impl Flows {
    pub(super) fn edit(&self, job: EditJob, desk: &Desk) -> Result<(), String> {
        let base = self.base()?;
        let stamp = self.stamp();
        let (before, cancel) = (base.head().commit, desk.cancel_flag());
        let report = match job {
            EditJob::Offer(text) => EditReport::Offers(self.organizations_like(&base, text, desk)?),
            EditJob::Review(draft) => {
                EditReport::Reviewed(Box::new(edit::review(&base, &draft).map_err(|e| flow_said(&e))?))
            }
            EditJob::Save(draft) => {
                EditReport::Saved(Box::new(edit::save(&base, &draft, &stamp, &cancel).map_err(|e| flow_said(&e))?))
            }
            EditJob::AskDelete(entity, id) => ask_delete(&base, entity, &id, false)?,
            EditJob::Delete(deletion) => match delete::delete(&base, &deletion, &stamp, &cancel) {
                Ok(done) => EditReport::Deleted(done.number),
                Err(FlowError::Base(BaseError::Moved { .. })) => {
                    ask_delete(&base, deletion.entity, &deletion.id, true)?
                }
                Err(error) => return Err(flow_said(&error)),
            },
            EditJob::HandOver(id) => {
                let done = adopt::adopt(&base, &id, &stamp, &cancel).map_err(|e| flow_said(&e))?;
                EditReport::HandedOver(done.map(|done| done.number))
            }
            EditJob::TakeBack(number) => {
                let taken = match take_back(&base, number, &stamp, &Gauge::default()).map_err(|e| flow_said(&e))? {
                    TakenBack::Done(done) => Ok(done.number),
                    TakenBack::Blocked(plan) => Err(blocked(&base, &plan).map_err(|e| flow_said(&e))?),
                };
                EditReport::TakenBack(number, taken)
            }
        };
        desk.report(Report::Edit(report));
        if base.head().commit != before {
            desk.report(Report::Opened(self.counts()?));
        }
        Ok(())
    }

    /// Organizations whose Account ID begins with a text, then those that a search for it finds.
    fn organizations_like(&self, base: &Base, text: String, desk: &Desk) -> Result<Offers, String> {
        let view = base.view();
        let name = |record: &Record| brief::name(Entity::Organization, record.values.view());
        let get = |id: &str| view.get(Entity::Organization, id).map_err(|e| said(&e));
        let wanted = text.trim();
        let mut offers = Offers { exact: get(wanted)?.as_ref().map(name), text: text.clone(), found: Vec::new() };
        let by_id = view.scan(Entity::Organization, wanted).take(OFFERED);
        for found in by_id {
            let (id, record) = found.map_err(|e| said(&e))?;
            if id.starts_with(wanted) && id != wanted {
                offers.found.push((id, name(&record)));
            }
        }
        let known: BTreeSet<String> = offers.found.iter().map(|(id, _)| id.clone()).collect();
        for id in self.browsing.organizations(wanted, OFFERED, desk) {
            if offers.found.len() < OFFERED && id != wanted && !known.contains(&id) {
                offers.found.extend(get(&id)?.map(|record| (id, name(&record))));
            }
        }
        Ok(offers)
    }
}

fn ask_delete(base: &Base, entity: Entity, id: &str, again: bool) -> Result<EditReport, String> {
    let deletion = delete::plan(base, entity, id).map_err(|e| flow_said(&e))?;
    Ok(EditReport::Asked(deletion, again))
}

/// What keeps an act from being taken back (R26).
fn blocked(base: &Base, plan: &UndoPlan) -> Result<String, FlowError> {
    let catalog = base.catalog();
    let line = |(Blocker { entity, id, field, .. }, why): &(Blocker, String)| {
        let what = field.map_or_else(|| entity.noun().to_owned(), |field| catalog.label(field));
        format!("{id}: {what} {why}")
    };
    let mut lines: Vec<String> = reasons(base, plan)?.iter().take(NAMED).map(line).collect();
    if plan.blocked > NAMED as u64 {
        lines.push(format!("and {} more", plan.blocked - NAMED as u64));
    }
    lines.push("\nNothing was changed. Take the later changes back first.".to_owned());
    Ok(lines.join("\n"))
}
