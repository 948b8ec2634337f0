//! What the two passes share: the inputs of a plan, the board, and where candidates, conflicts and findings go.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use thiserror::Error;

use super::board::{Board, RowState};
use super::candidate::Candidates;
use super::conflict::Conflict;
use super::decision::{Choice, Consent, Decisions, Resolved, Rule, Subject, by_rules, resolve};
use super::doubt::{Doubt, DoubtKind, DoubtsWriter, usual};
use super::lost::Lost;
use super::merge::{Effects, FieldSet, Merged, Merger, Remark};
use super::plan::{ConflictSummary, Decided};
use super::rows::{Group, GroupRow, Rows, Spelling, Stage, push_finding};
use crate::base::{Base, BaseError, Forgotten};
use crate::model::fields::{Catalog, Entity, FieldId, Kind};
use crate::model::finding::{Code, Finding, Severity};
use crate::model::phone::Phone;
use crate::model::record::{RecordRef, ValuesRef, same};
use crate::model::settings::Merging;
use crate::spill::{Sorter, SpillRoom, TapeWriter};

/// Why no plan could be made.
#[derive(Debug, Error)]
pub enum PlanError {
    /// A spill file could not be written or read: disk full, or no such folder.
    #[error("cannot keep the checked rows on disk")]
    Spill(#[from] io::Error),
    /// The base could not be read.
    #[error(transparent)]
    Base(#[from] BaseError),
    /// The person cancelled.
    #[error("cancelled")]
    Cancelled,
}

/// All that a plan depends on (R10), besides the checked rows.
#[derive(Debug, Clone)]
pub struct PlanInput<'a> {
    /// The base that the rows meet.
    pub base: &'a Base,
    /// How records are merged.
    pub merging: &'a Merging,
    /// The fields for which the file has a column, and the first column (from 1) of each. The membership is `account.id`.
    pub columns: &'a BTreeMap<FieldId, u32>,
    /// Names of custom fields, those of this import included.
    pub catalog: &'a Catalog,
    /// Decisions of the person.
    pub decisions: &'a Decisions,
    /// Policies for what the person has not decided, in order.
    pub rules: &'a [Rule],
    /// Where to spill.
    pub room: &'a SpillRoom,
    /// Set by another thread to stop.
    pub cancel: &'a AtomicBool,
    /// IDs of the file that are done, for a progress bar.
    pub progress: &'a AtomicU64,
}

/// What was decided for the same ID and variants before, and in which import (R8).
///
/// # Errors
/// The base cannot be read.
pub fn remembered(base: &Base, conflict: &Conflict) -> Result<Option<(u64, Choice)>, BaseError> {
    let kept = base.recall(&conflict.memory_key())?;
    Ok(kept.and_then(|bytes| postcard::from_bytes(&bytes).ok()))
}

/// A doubt about what these rows bring; `sides` are the stored values and the file's.
fn doubted(
    kind: DoubtKind,
    subject: Subject,
    rows: &[GroupRow],
    [stored, incoming]: [ValuesRef<'_>; 2],
    last: Vec<u8>,
    usual: Option<Consent>,
) -> Doubt {
    let good = rows.iter().filter(|row| !row.rejected);
    let first = good.min_by_key(|row| row.row).or(rows.first());
    Doubt {
        kind,
        subject,
        row: first.map_or(0, |row| row.row),
        line: first.map_or(0, |row| row.line),
        rows: rows.len() as u32,
        incoming: incoming.to_owned(),
        stored: stored.to_owned(),
        last,
        usual,
    }
}

/// A plan in the making.
pub(super) struct Pass<'a> {
    pub base: &'a Base,
    pub rows: &'a Rows,
    pub merging: &'a Merging,
    pub decisions: &'a Decisions,
    pub forgotten: Forgotten,
    pub lost: &'a Lost,
    pub board: Board,
    pub findings: Sorter,
    pub contacts: Candidates,
    pub organizations: Candidates,
    pub conflicts: Vec<ConflictSummary>,
    pub conflict_tape: TapeWriter,
    pub doubts: DoubtsWriter,
    input: PlanInput<'a>,
    mergers: [Arc<Merger>; 2],
    empty_base: bool,
}

impl<'a> Pass<'a> {
    pub fn new(rows: &'a Rows, input: PlanInput<'a>, lost: &'a Lost) -> Result<Pass<'a>, PlanError> {
        let merger = |entity: Entity| {
            let own = input.columns.keys().copied().filter(|f| input.catalog.entity(*f) == Some(entity));
            let membership = input.columns.keys().copied().filter(|f| *f == FieldId::ACCOUNT_ID);
            let columns = own.chain(membership).collect::<FieldSet>();
            Arc::new(Merger { entity, columns, merging: input.merging.clone() })
        };
        let head = input.base.head();
        Ok(Pass {
            base: input.base,
            rows,
            merging: input.merging,
            decisions: input.decisions,
            forgotten: input.base.view().forgotten()?,
            lost,
            board: Board::new(rows),
            findings: Sorter::new(input.room),
            contacts: Candidates::new(input.room)?,
            organizations: Candidates::new(input.room)?,
            conflicts: Vec::new(),
            conflict_tape: TapeWriter::new(&input.room.dir)?,
            doubts: DoubtsWriter::new(input.room)?,
            mergers: [merger(Entity::Contact), merger(Entity::Organization)],
            empty_base: head.contacts == 0 && head.organizations == 0,
            input,
        })
    }

    pub fn check_cancel(&self) -> Result<(), PlanError> {
        self.input.progress.fetch_add(1, Ordering::Relaxed);
        if self.input.cancel.load(Ordering::Relaxed) { Err(PlanError::Cancelled) } else { Ok(()) }
    }

    pub fn merger(&self, entity: Entity) -> Arc<Merger> {
        self.mergers[usize::from(entity == Entity::Organization)].clone()
    }

    /// Records the conflict, with what decides it. `None`: its rows are held.
    pub fn settle(&mut self, conflict: Conflict) -> Result<Option<Resolved>, PlanError> {
        let kept = self.remembered(&conflict)?;
        let by_person = self.decisions.choice(&conflict).map(|choice| (None, choice.clone()));
        let decided = by_person.or_else(|| {
            let choice = kept.as_ref().map(|(_, choice)| choice);
            by_rules(self.input.rules, &conflict, choice).map(|(rule, choice)| (Some(rule), choice))
        });
        let resolved = decided.as_ref().and_then(|(_, choice)| resolve(&conflict, choice));
        let bytes = postcard::to_stdvec(&conflict).map_err(io::Error::other)?;
        let place = self.conflict_tape.push(conflict.id.as_bytes(), &bytes)?;
        self.conflicts.push(ConflictSummary {
            entity: conflict.entity,
            class: conflict.class,
            rows: conflict.row_count(),
            fields: conflict.fields.iter().map(|(field, _)| *field).collect(),
            suggested: conflict.suggestion.is_some(),
            decided: decided.map(|(rule, choice)| Decided { rule, choice }),
            remembered: kept.map(|(import, _)| import),
            id: conflict.id,
            place,
        });
        Ok(resolved)
    }

    fn remembered(&self, conflict: &Conflict) -> Result<Option<(u64, Choice)>, PlanError> {
        // Asked of an empty base too: an undone import leaves its decisions.
        Ok(remembered(self.base, conflict)?)
    }

    /// R14: what a person typed into rows of the file is set by hand, unless an uncorrected row says the same.
    pub fn note_typed(&self, entity: Entity, group: &Group, incoming: &mut Resolved) {
        let corrected = &self.rows.corrected;
        if corrected.is_empty() {
            return;
        }
        let rows = group.rows().filter_map(|row| corrected.get(&row.row));
        let mut typed: BTreeMap<FieldId, Vec<u8>> =
            rows.flat_map(|row| row.typed(entity)).map(|(field, instead)| (field, instead.to_vec())).collect();
        typed.retain(|field, _| {
            // R18: a number that is not valid has no claim, whoever typed it.
            let has_claim = |value: &&[u8]| field.kind() != Kind::Phone || Phone::is_valid(value);
            let value = incoming.values.view().get(*field).filter(has_claim);
            let says_so = |spelling: &&Spelling| {
                spelling.values.view().get(*field).zip(value).is_some_and(|(a, b)| same(*field, a, b))
            };
            let is_typed = |row: &GroupRow| corrected.get(&row.row).is_some_and(|row| row.types(entity, *field));
            let mut witnesses = group.spellings.iter().filter(says_so).flat_map(|spelling| &spelling.rows).peekable();
            witnesses.peek().is_some() && witnesses.all(is_typed)
        });
        incoming.typed.extend(typed);
    }

    /// Notes that a record is in doubt. Gives what becomes of it, by what a person said or else by the settings; `None`:
    /// it waits.
    pub fn doubt(
        &mut self,
        kind: DoubtKind,
        subject: Subject,
        rows: &[GroupRow],
        sides: [ValuesRef<'_>; 2],
        stays_deleted: bool,
    ) -> Result<Option<Consent>, PlanError> {
        let usual = usual(kind, self.merging, stays_deleted);
        let doubt = doubted(kind, subject, rows, sides, Vec::new(), usual);
        let given = self.decisions.consent(&doubt.subject, doubt.fingerprint());
        self.doubts.push(&doubt, given)?;
        Ok(given.or(usual))
    }

    /// R14: notes the hand edits of a record against which the file brings other values.
    pub fn hand_edits(
        &mut self,
        subject: &Subject,
        rows: &[GroupRow],
        incoming: ValuesRef<'_>,
        base: Option<&RecordRef<'_>>,
        merged: &Merged,
    ) -> Result<(), PlanError> {
        let Some(base) = base else { return Ok(()) };
        let usual = usual(DoubtKind::HandEdit, self.merging, false);
        for (field, given) in &merged.hand_edits {
            let last = base.by_hand.iter().find(|(edited, _)| edited == field).map(|(_, last)| last.to_vec());
            let subject = Subject { field: Some(*field), ..subject.clone() };
            let sides = [base.values, incoming];
            let doubt = doubted(DoubtKind::HandEdit, subject, rows, sides, last.unwrap_or_default(), usual);
            self.doubts.push(&doubt, *given)?;
        }
        Ok(())
    }

    /// The names of the fields on which the rows disagree.
    pub fn field_names(&self, conflict: &Conflict) -> String {
        let names: Vec<String> = conflict.fields.iter().map(|(f, _)| self.input.catalog.full_label(*f)).collect();
        names.join(", ")
    }

    /// Makes the good ones among the rows held, and says so on each.
    pub fn hold(
        &mut self,
        rows: &[GroupRow],
        code: Code,
        field: FieldId,
        value: &str,
        detail: &str,
    ) -> Result<(), PlanError> {
        for row in rows.iter().filter(|row| !row.rejected) {
            if !self.board.row(row.row).is_out() {
                self.board.set(row.row, RowState::Held);
                self.say(*row, code, field, value.to_owned(), detail.to_owned())?;
            }
        }
        Ok(())
    }

    /// Makes the rows rejected by a record of that kind, and says so on each.
    pub fn reject(
        &mut self,
        entity: Entity,
        rows: &[GroupRow],
        code: Code,
        field: FieldId,
        value: &str,
        detail: &str,
    ) -> Result<(), PlanError> {
        for row in rows.iter().filter(|row| !row.rejected) {
            self.board.set(row.row, RowState::out_by(entity));
            self.finding(*row, code, Severity::Error, field, value.to_owned(), detail.to_owned())?;
        }
        Ok(())
    }

    /// R1: warns of an ID that is stored in nearly the same form.
    pub fn warn_near(&mut self, entity: Entity, id: &str, rows: &[GroupRow]) -> Result<(), PlanError> {
        if self.empty_base {
            return Ok(());
        }
        if let (Some(near), Some(row)) = (self.base.near(entity, id)?.first(), rows.first()) {
            self.say(*row, Code::IdNear, entity.key(), id.to_owned(), near.clone())?;
        }
        Ok(())
    }

    pub fn remark(&mut self, row: GroupRow, remarks: &[Remark]) -> Result<(), PlanError> {
        for (code, field, value, detail) in remarks {
            self.say(row, *code, *field, value.clone(), detail.clone())?;
        }
        Ok(())
    }

    pub fn say(
        &mut self,
        row: GroupRow,
        code: Code,
        field: FieldId,
        value: String,
        detail: String,
    ) -> Result<(), PlanError> {
        self.finding(row, code, code.severity(), field, value, detail)
    }

    fn finding(
        &mut self,
        row: GroupRow,
        code: Code,
        severity: Severity,
        field: FieldId,
        value: String,
        detail: String,
    ) -> Result<(), PlanError> {
        let column = self.input.columns.get(&field).copied();
        let finding =
            Finding { row: Some(row.row), line: row.line, column, field: Some(field), code, severity, value, detail };
        Ok(push_finding(&mut self.findings, &finding, Stage::Later)?)
    }

    /// Writes a candidate, unless there is nothing to write.
    pub fn write(
        &mut self,
        entity: Entity,
        id: &str,
        place_and_line: [u32; 2],
        base: Option<&RecordRef<'_>>,
        merged: Merged,
    ) -> Result<(), PlanError> {
        let same_hands = base.is_some_and(|b| {
            b.by_hand.len() == merged.by_hand.len()
                && b.by_hand.iter().all(|(f, p)| merged.by_hand.get(f).is_some_and(|q| q == p))
        });
        if !merged.changed && same_hands && merged.effects == Effects::default() {
            return Ok(());
        }
        let candidates = match entity {
            Entity::Contact => &mut self.contacts,
            Entity::Organization => &mut self.organizations,
        };
        Ok(candidates.push(entity, id, place_and_line, base, merged)?)
    }
}
