//! Doubts for the app: a window of them, and what a consent to many is given to.

use super::{Flows, said};
use crate::app::job::Report;
use crate::app::job::doubt::{DoubtField, DoubtJob, DoubtReport, DoubtView};
use crate::model::fields::{Catalog, FieldId};
use crate::model::record::{Value, ValuesRef, same};
use crate::reconcile::doubt::{Doubt, DoubtKind, Doubts};
use crate::report::brief;
use crate::tui::worker::Desk;

impl Flows {
    pub(super) fn doubt(&self, job: DoubtJob, desk: &Desk) -> Result<Report, String> {
        let planned = self.planned()?;
        let doubts = &planned.plan.doubts;
        Ok(Report::Doubt(match job {
            DoubtJob::Load { kind, first, count } => {
                let end = first.saturating_add(count).min(doubts.count(kind));
                let catalog = &planned.checked.catalog;
                let views = (first..end).map(|number| Ok(view(&load(doubts, kind, number)?, catalog)));
                DoubtReport::Found(kind, first, views.collect::<Result<_, String>>()?)
            }
            DoubtJob::Settle(kind, consent, numbers) => {
                let numbers = numbers.unwrap_or_else(|| (0..doubts.count(kind)).collect());
                let mut settled = Vec::with_capacity(numbers.len());
                for number in numbers {
                    if desk.cancelled() {
                        return Err("cancelled".to_owned());
                    }
                    let doubt = load(doubts, kind, number)?;
                    let fingerprint = doubt.fingerprint();
                    settled.push((doubt.subject, fingerprint));
                }
                DoubtReport::Settled(consent, settled)
            }
        }))
    }
}

fn load(doubts: &Doubts, kind: DoubtKind, number: usize) -> Result<Doubt, String> {
    let doubt = doubts.get(kind, number).map_err(|e| said(&e))?;
    doubt.ok_or_else(|| "The numbers have changed: go back to the review.".to_owned())
}

fn view(doubt: &Doubt, catalog: &Catalog) -> DoubtView {
    let entity = doubt.subject.entity;
    let [stored, file] = [&doubt.stored, &doubt.incoming].map(|values| values.view());
    let mut fields: Vec<DoubtField> = match doubt.subject.field {
        Some(edited) => vec![field(edited, doubt, catalog)],
        None => {
            let mut all: Vec<FieldId> = stored.iter().chain(file.iter()).map(|(field, _)| field).collect();
            all.sort_unstable();
            all.dedup();
            all.into_iter().map(|id| field(id, doubt, catalog)).collect()
        }
    };
    fields.sort_by_key(|field| !field.differs);
    DoubtView {
        subject: doubt.subject.clone(),
        fingerprint: doubt.fingerprint(),
        usual: doubt.usual,
        stored_name: brief::name(entity, stored),
        file_name: brief::name(entity, file),
        row: (doubt.row, doubt.line),
        rows: doubt.rows,
        fields,
    }
}

fn field(id: FieldId, doubt: &Doubt, catalog: &Catalog) -> DoubtField {
    let [stored, file] = [&doubt.stored, &doubt.incoming].map(|values| values.view());
    let text = |values: ValuesRef<'_>| values.value(id).map(|value| value.text());
    let last = Value::decode(id, &doubt.last).map(|value| value.text()).filter(|text| !text.is_empty());
    DoubtField {
        label: catalog.label(id),
        last: last.filter(|_| doubt.subject.field == Some(id)),
        stored: text(stored),
        file: text(file),
        differs: match (stored.get(id), file.get(id)) {
            (Some(a), Some(b)) => !same(id, a, b),
            (a, b) => a != b,
        },
    }
}
