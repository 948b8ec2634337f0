//! The lists behind the numbers of the review. Of each list only the window that is asked for leaves this file.

use std::collections::BTreeMap;

use super::import::Planned;
use super::{Flows, said};
use crate::app::job::import::{List, ListRow, RowsFound, RowsWanted};
use crate::base::{Base, Change};
use crate::flow::correct::corrected_cells;
use crate::intake::raw_records;
use crate::model::fields::{Catalog, Entity, FieldId};
use crate::model::finding::{Code, Finding};
use crate::model::record::{Value, ValuesRef};
use crate::model::text::{personal, told};
use crate::reconcile::outcome::Outcome;
use crate::reconcile::plan::{Idle, Written};
use crate::report::brief;
use crate::report::changes::{Difference, differing};
use crate::report::findings::message;
use crate::tui::worker::Desk;

/// What of a list is wanted, and what has been found of it.
struct Window {
    wanted: RowsWanted,
    seen: usize,
    rows: Vec<ListRow>,
}

impl Window {
    /// Counts an entry, and says whether it is in the window.
    fn takes_next(&mut self) -> bool {
        let number = self.seen;
        self.seen += 1;
        (self.wanted.first..self.wanted.first + self.wanted.count).contains(&number)
    }

    fn is_full(&self) -> bool {
        self.seen >= self.wanted.first + self.wanted.count
    }
}

impl Flows {
    /// The wanted part of a list; `None` if a newer wish has come.
    pub(super) fn rows(&self, wanted: RowsWanted, desk: &Desk) -> Result<Option<RowsFound>, String> {
        let planned = self.planned()?;
        let base = self.base()?;
        let mut window = Window { wanted, seen: 0, rows: Vec::new() };
        let total = match wanted.list {
            List::Outcome(outcome @ (Outcome::Rejected | Outcome::Held)) => {
                refused(&planned, outcome, &mut window, desk)?
            }
            List::Outcome(outcome) => raw(&planned, outcome, &mut window, desk)?,
            List::Corrections => corrections(&planned, &mut window),
            List::All => all(&planned, &mut window, desk)?,
            List::Idle(which) => idle(&planned, &base, which, &mut window, desk)?,
            List::Findings(severity, code) => {
                let known = planned.plan.finding_counts.get(&(severity, code)).copied().unwrap_or(0);
                let wanted = |finding: &Finding| (finding.severity, finding.code) == (severity, code);
                findings(&planned, wanted, &mut window, desk)?;
                usize::try_from(known).unwrap_or(usize::MAX)
            }
            list => records(&planned, &base, list, &mut window, desk)?,
        };
        let found = RowsFound { list: wanted.list, first: wanted.first, rows: window.rows, total };
        Ok((!desk.cancelled()).then_some(found))
    }
}

/// The data rows with a wanted outcome that are in the window, and how many there are.
fn numbers(planned: &Planned, wanted: impl Fn(Outcome) -> bool, window: &mut Window) -> (Vec<u32>, usize) {
    let all = (0u32..).zip(&planned.plan.outcomes).filter(|(_, outcome)| wanted(**outcome)).map(|(row, _)| row);
    let inside = all.filter(|_| window.takes_next()).collect();
    (inside, window.seen)
}

/// Rows that are not imported, with the worst finding of each.
fn refused(planned: &Planned, outcome: Outcome, window: &mut Window, desk: &Desk) -> Result<usize, String> {
    let (rows, total) = numbers(planned, |of| of == outcome, window);
    let mut by_row: BTreeMap<u32, Vec<Finding>> = rows.into_iter().map(|row| (row, Vec::new())).collect();
    let last = by_row.keys().next_back().copied();
    for finding in planned.plan.findings().map_err(|e| said(&e))? {
        let finding = finding.map_err(|e| said(&e))?;
        if desk.cancelled() || finding.row > last {
            break;
        }
        if let Some(found) = finding.row.and_then(|row| by_row.get_mut(&row)) {
            found.push(finding);
        }
    }
    for (row, mut findings) in by_row {
        findings.sort_by_key(|f| std::cmp::Reverse(f.severity));
        window.rows.push(match findings.split_first() {
            Some((worst, others)) => {
                let mut listed = listed(worst, &planned.checked.catalog);
                for other in others {
                    listed.about.extend(about(other, &planned.checked.catalog));
                }
                listed
            }
            None => ListRow {
                row: Some(row),
                column: None,
                cells: [
                    planned.checked.rows.lines[row as usize].to_string(),
                    String::new(),
                    String::new(),
                    String::new(),
                ],
                about: Vec::new(),
            },
        });
    }
    Ok(total)
}

fn findings(
    planned: &Planned,
    wanted: impl Fn(&Finding) -> bool,
    window: &mut Window,
    desk: &Desk,
) -> Result<(), String> {
    for finding in planned.plan.findings().map_err(|e| said(&e))? {
        let finding = finding.map_err(|e| said(&e))?;
        if desk.cancelled() || window.is_full() {
            break;
        }
        if wanted(&finding) && window.takes_next() {
            window.rows.push(listed(&finding, &planned.checked.catalog));
        }
    }
    Ok(())
}

/// A finding as a row: line, column, value, reason.
fn listed(finding: &Finding, catalog: &Catalog) -> ListRow {
    let field = finding.field.map(|field| catalog.full_label(field));
    let column = field.or_else(|| finding.column.map(|column| format!("column {column}"))).unwrap_or_default();
    let line = if finding.line == 0 { String::new() } else { finding.line.to_string() };
    ListRow {
        row: finding.row,
        column: finding.column,
        cells: [line, column, finding.value.clone(), finding.reason()],
        about: about(finding, catalog),
    }
}

fn about(finding: &Finding, catalog: &Catalog) -> Vec<String> {
    vec![format!("{} ({}): {}", message(finding, catalog), finding.code.name(), way_out(finding.code))]
}

/// What to do now, in this app: where the hint of a finding names an option of the command line, the key instead.
fn way_out(code: Code) -> &'static str {
    match code {
        Code::Undecodable => "save the file as UTF-8; or Esc, m, s: Encoding",
        Code::AccountIdMissing => "fill in the Account ID; or Esc, m, s: leave the account columns out",
        Code::KeySeparator => "Esc, m, then mark the columns again and choose another separator",
        Code::ManualOrganization => "hand it over to imports: 1, o, select it, h; then check the file again",
        Code::WouldCreate | Code::WouldUpdate => "Esc, m, s: Which records",
        Code::AccountConflict | Code::ContactConflict => "v shows the conflicts, to decide which is right",
        Code::DifferentPerson => "Esc; its line under TO DECIDE asks whether it is the same person",
        Code::PhoneKept => "correct the number; or Esc, m, s: Invalid against a stored valid phone",
        Code::HandEditKept => "Esc; its line under TO DECIDE asks which value shall hold",
        code => code.hint(),
    }
}

/// Cells that a person corrected.
fn corrections(planned: &Planned, window: &mut Window) -> usize {
    for cell in corrected_cells(&planned.plan, &planned.opened.mapped.mapping) {
        if window.takes_next() {
            let about = vec![format!("in the file: {}; corrected: {}", personal(&cell.old), personal(&cell.new))];
            let cells = [cell.line.to_string(), cell.header, cell.old, cell.new];
            window.rows.push(ListRow { row: Some(cell.row), column: Some(cell.column), cells, about });
        }
    }
    window.seen
}

/// Rows as they stand in the file.
fn raw(planned: &Planned, outcome: Outcome, window: &mut Window, desk: &Desk) -> Result<usize, String> {
    let (rows, total) = numbers(planned, |of| of == outcome, window);
    for record in raw_records(&planned.opened.source, rows).take_while(|_| !desk.cancelled()) {
        let record = record.map_err(|e| said(&e))?;
        let cells = [record.lines[0].to_string(), record.text, String::new(), String::new()];
        window.rows.push(ListRow { row: Some(record.row), column: None, cells, about: Vec::new() });
    }
    Ok(total)
}

/// Every row, with what becomes of it.
fn all(planned: &Planned, window: &mut Window, desk: &Desk) -> Result<usize, String> {
    let (rows, total) = numbers(planned, |_| true, window);
    for record in raw_records(&planned.opened.source, rows).take_while(|_| !desk.cancelled()) {
        let record = record.map_err(|e| said(&e))?;
        let outcome = planned.plan.outcomes[record.row as usize].word().to_owned();
        let cells = [record.lines[0].to_string(), outcome, record.text, String::new()];
        window.rows.push(ListRow { row: Some(record.row), column: None, cells, about: Vec::new() });
    }
    Ok(total)
}

/// Organizations of which nothing is written: ID and name, and why.
fn idle(planned: &Planned, base: &Base, idle: Idle, window: &mut Window, desk: &Desk) -> Result<usize, String> {
    let about = match idle {
        Idle::Unchanged => "The base says the same already.",
        Idle::Held => "It waits for a decision; until then its rows are held.",
        Idle::Referred => "Rows name it and bring no data of it.",
    };
    for id in planned.plan.idle_organizations(&planned.checked.rows, idle).map_err(|e| said(&e))? {
        let id = id.map_err(|e| said(&e))?;
        if desk.cancelled() {
            break;
        }
        if window.takes_next() {
            let stored = base.get(Entity::Organization, &id).map_err(|e| said(&e))?;
            let name = stored.map(|record| brief::name(Entity::Organization, record.values.view()));
            let cells = [id, name.unwrap_or_default(), String::new(), String::new()];
            window.rows.push(ListRow { row: None, column: None, cells, about: vec![about.to_owned()] });
        }
    }
    Ok(window.seen)
}

/// Records that are written: ID, name, and what is new about them.
fn records(planned: &Planned, base: &Base, list: List, window: &mut Window, desk: &Desk) -> Result<usize, String> {
    let entities = match list {
        List::Created(entity) | List::Updated(entity) => vec![entity],
        List::Renamed => vec![Entity::Organization],
        List::Moved => vec![Entity::Contact],
        _ => vec![Entity::Contact, Entity::Organization],
    };
    for entity in entities {
        for written in planned.plan.writes(entity) {
            let written = written.map_err(|e| said(&e))?;
            if desk.cancelled() {
                return Ok(window.seen);
            }
            if is_in(&written, list) && window.takes_next() {
                window.rows.push(record(planned, base, entity, &written.change)?);
            }
        }
    }
    Ok(window.seen)
}

/// Whether a record that is written belongs to a list.
fn is_in(written: &Written, list: List) -> bool {
    match list {
        List::Created(_) => written.new,
        List::Updated(_) => !written.new,
        List::Moved => written.effects.moved > 0,
        List::Renamed => written.effects.renamed > 0,
        List::Erased => written.effects.values_erased > 0,
        _ => false,
    }
}

/// A record as a row: what happens to it, field by field.
fn record(planned: &Planned, base: &Base, entity: Entity, change: &Change) -> Result<ListRow, String> {
    let old = base.get(entity, &change.id).map_err(|e| said(&e))?;
    let empty = ValuesRef(&[]);
    let before = old.as_ref().map_or(empty, |record| record.values.view());
    let after = change.put.as_ref().map_or(empty, |put| put.values.view());
    let catalog = &planned.checked.catalog;
    let text = |field: FieldId, payload: Option<&[u8]>| {
        let value = payload.and_then(|payload| Value::decode(field, payload));
        value.map_or_else(|| "(empty)".to_owned(), |value| personal(&value.text()))
    };
    let about = |(field, a, b): Difference<'_>| match old {
        Some(_) => format!("{}: {} -> {}", catalog.label(field), text(field, a), text(field, b)),
        None => format!("{}: {}", catalog.label(field), text(field, b)),
    };
    let about: Vec<String> = differing(before, after).into_iter().map(about).collect();
    let cells =
        [change.line.to_string(), change.id.clone(), brief::name(entity, after), told(&about.join("; ")).into_owned()];
    Ok(ListRow { row: None, column: None, cells, about })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_way_out_in_the_app_is_an_option_of_the_command_line() {
        for code in Code::ALL {
            assert!(!way_out(*code).contains("--"), "{}: {}", code.name(), way_out(*code));
        }
    }
}
