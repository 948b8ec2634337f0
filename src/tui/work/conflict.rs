//! Conflicts for the app: names for the list, one whole, what policies would do, the lines behind a variant.

use std::collections::BTreeMap;

use super::import::{Planned, lines};
use super::{Flows, said};
use crate::app::job::Report;
use crate::app::job::conflict::{
    ConflictJob, ConflictName, ConflictReport, ConflictView, FieldView, Offer, Settled, VariantView,
};
use crate::base::Base;
use crate::model::fields::{Catalog, FieldId};
use crate::model::text::grouped;
use crate::reconcile::conflict::{Class, Conflict, Variant};
use crate::reconcile::decision::{Policy, Rule, by_rules, suggested};
use crate::reconcile::remembered;
use crate::report::brief;
use crate::tui::worker::Desk;

/// How many variants one view brings.
const VARIANTS: usize = 24;
/// How many lines of a variant are named, and how many are read.
const LINES_NAMED: usize = 12;
const LINES_READ: usize = 40;

impl Flows {
    pub(super) fn conflict(&self, job: ConflictJob, desk: &Desk) -> Result<Report, String> {
        let planned = self.planned()?;
        let base = self.base()?;
        Ok(Report::Conflict(match job {
            ConflictJob::Names { first, count } => ConflictReport::Names(first, names(&planned, first, count)?),
            ConflictJob::Load { number, first } => {
                let conflict = load(&planned, number)?;
                let catalog = &planned.checked.catalog;
                ConflictReport::View(Box::new(view(&base, catalog, number, &conflict, first)?))
            }
            ConflictJob::Offer(numbers) => ConflictReport::Offers(offers(&base, &planned, &numbers, desk)?),
            ConflictJob::Settle(rule, numbers) => {
                ConflictReport::Settled(rule, settle(&base, &planned, rule, &numbers, desk)?)
            }
            ConflictJob::Lines { number, variant } => {
                let conflict = load(&planned, number)?;
                let rows = conflict.variants.get(variant).map_or(&[][..], |v| &v.rows);
                let more = rows.len().saturating_sub(LINES_READ);
                let title = match more {
                    0 => format!("Lines behind variant {}", variant + 1),
                    _ => format!(
                        "Lines behind variant {}: the first {LINES_READ} of {}",
                        variant + 1,
                        grouped(rows.len() as u64)
                    ),
                };
                let wanted = rows.iter().take(LINES_READ).map(|(row, _)| *row).collect();
                return Ok(Report::Import(lines(&planned.opened, &title, wanted)?));
            }
        }))
    }
}

fn load(planned: &Planned, number: usize) -> Result<Conflict, String> {
    let summary = planned.plan.conflicts.get(number).ok_or("The conflict is not there any more.")?;
    planned.plan.conflict(summary).map_err(|e| said(&e))
}

fn names(planned: &Planned, first: usize, count: usize) -> Result<Vec<ConflictName>, String> {
    let end = (first + count).min(planned.plan.conflicts.len());
    let named = |number: usize| {
        let conflict = load(planned, number)?;
        let name = conflict.variants.first().map(|v| brief::name(conflict.entity, v.values.view())).unwrap_or_default();
        Ok(ConflictName { rows: conflict.row_count(), id: conflict.id, name })
    };
    (first..end).map(named).collect()
}

fn view(
    base: &Base,
    catalog: &Catalog,
    number: usize,
    conflict: &Conflict,
    first: usize,
) -> Result<ConflictView, String> {
    let stored = base.get(conflict.entity, &conflict.id).map_err(|e| said(&e))?;
    let window = &conflict.variants[first.min(conflict.variants.len())..];
    let window = &window[..window.len().min(VARIANTS)];
    let differing = conflict.fields.iter().map(|(field, class)| (*field, Some(*class)));
    let agreed = conflict.variants.first().into_iter().flat_map(|v| v.values.view().iter().map(|(field, _)| field));
    let agreed = agreed.filter(|field| conflict.fields.iter().all(|(differs, _)| differs != field));
    let field = |(field, class): (FieldId, Option<Class>)| FieldView {
        field,
        label: catalog.label(field),
        class,
        values: window.iter().map(|v| v.values.view().value(field)).collect(),
        base: conflict.base.as_ref().and_then(|values| values.view().value(field)),
    };
    Ok(ConflictView {
        number,
        entity: conflict.entity,
        id: conflict.id.clone(),
        class: conflict.class,
        fingerprint: conflict.fingerprint(),
        rows: conflict.row_count(),
        variants: conflict.variants.len(),
        first,
        window: window.iter().map(variant).collect(),
        base: stored.map(|record| record.changed),
        fields: differing.chain(agreed.map(|field| (field, None))).map(field).collect(),
        suggestion: suggested(conflict),
        remembered: remembered(base, conflict).map_err(|e| said(&e))?,
    })
}

fn variant(variant: &Variant) -> VariantView {
    VariantView {
        fingerprint: variant.fingerprint,
        rows: variant.rows.len(),
        lines: variant.rows.iter().take(LINES_NAMED).map(|(_, line)| *line).collect(),
        only_rejected: variant.only_rejected,
    }
}

/// Each policy for each class among these conflicts, and for all of them, with how many it settles.
fn offers(base: &Base, planned: &Planned, numbers: &[usize], desk: &Desk) -> Result<Vec<Offer>, String> {
    let mut by_class: BTreeMap<Class, (usize, [usize; Policy::ALL.len()])> = BTreeMap::new();
    for number in numbers.iter().take_while(|_| !desk.cancelled()) {
        let conflict = load(planned, *number)?;
        let kept = remembered(base, &conflict).map_err(|e| said(&e))?.map(|(_, choice)| choice);
        let (of, settled) = by_class.entry(conflict.class).or_default();
        *of += 1;
        for (place, (policy, _)) in Policy::ALL.into_iter().enumerate() {
            let rule = Rule { entity: None, class: None, policy };
            settled[place] += usize::from(by_rules(&[rule], &conflict, kept.as_ref()).is_some());
        }
    }
    let mut offers = Vec::new();
    let mut all = (0, [0; Policy::ALL.len()]);
    for (class, (of, settled)) in &by_class {
        all.0 += of;
        all.1.iter_mut().zip(settled).for_each(|(sum, n)| *sum += n);
        offers.extend(offer(Some(*class), *of, settled));
    }
    if by_class.len() > 1 {
        offers.extend(offer(None, all.0, &all.1));
    }
    Ok(offers)
}

/// The policies that settle anything; those that suit most people first.
fn offer(class: Option<Class>, of: usize, settled: &[usize; Policy::ALL.len()]) -> Vec<Offer> {
    let mut policies: Vec<(Policy, usize)> =
        Policy::ALL.iter().map(|(policy, _)| *policy).zip(settled.iter().copied()).filter(|(_, n)| *n > 0).collect();
    let rank = |policy: Policy| match policy {
        Policy::Remembered => 0,
        Policy::Suggested => 1,
        Policy::MostRows => 2,
        Policy::MostComplete => 3,
        Policy::Base => 4,
        Policy::First => 5,
        Policy::Last => 6,
        Policy::Hold => 7,
    };
    policies.sort_by_key(|(policy, _)| rank(*policy));
    let offer = |(policy, settles)| Offer { rule: Rule { entity: None, class, policy }, settles, of };
    policies.into_iter().map(offer).collect()
}

fn settle(base: &Base, planned: &Planned, rule: Rule, numbers: &[usize], desk: &Desk) -> Result<Vec<Settled>, String> {
    let mut settled = Vec::new();
    for number in numbers {
        if desk.cancelled() {
            return Ok(Vec::new());
        }
        let conflict = load(planned, *number)?;
        let kept = remembered(base, &conflict).map_err(|e| said(&e))?.map(|(_, choice)| choice);
        if let Some((_, choice)) = by_rules(&[rule], &conflict, kept.as_ref()) {
            let fingerprint = conflict.fingerprint();
            settled.push(Settled { number: *number, entity: conflict.entity, id: conflict.id, fingerprint, choice });
        }
    }
    Ok(settled)
}
