//! What an import would do: counts that add up, blast radius, conflicts, findings, digest, and the changes to commit.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::board::{Board, OrganizationMark, Want};
use super::candidate::{self, Head};
use super::conflict::{Class, Conflict};
use super::correction::Corrected;
use super::decision::{Choice, Rule};
use super::doubt::Doubts;
use super::lost::Lost;
use super::merge::Effects;
use super::outcome::{Outcome, RowCounts, outcomes, settle};
use super::pass::{Pass, PlanError, PlanInput};
use super::rows::{Groups, Rows, Stage, findings, push_finding};
use super::{contacts, organizations};
use crate::base::{Change, ChangeSource, Put};
use crate::model::fields::{Entity, FieldId};
use crate::model::finding::{Code, Finding, Severity};
use crate::model::record::Values;
use crate::spill::{Place, Sorted, Sorter, Tape};

/// How many records of one kind are created, updated, unchanged or held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct EntityCounts {
    /// New records.
    pub created: u64,
    /// Records of which a value changes.
    pub updated: u64,
    /// Records that already say what the file says.
    pub unchanged: u64,
    /// Records that wait for a decision.
    pub held: u64,
    /// Organizations that the file only refers to (R5); always 0 for contacts.
    pub references: u64,
}

/// What happens to memberships.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MembershipCounts {
    /// Contacts that get an organization for the first time.
    pub created: u64,
    /// Contacts that move to another organization.
    pub moved: u64,
    /// Contacts that stay where they are.
    pub unchanged: u64,
}

/// What an import does to people's data besides setting values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BlastRadius {
    /// Values erased under the blank policy `clear` (R11).
    pub values_erased: u64,
    /// Contacts that move to another organization.
    pub contacts_moved: u64,
    /// Organizations whose name changes.
    pub organizations_renamed: u64,
    /// Stored valid phones kept against invalid ones (R18).
    pub phones_kept: u64,
    /// Values set by hand and kept (R14).
    pub hand_edits_kept: u64,
    /// Values set by hand and overwritten.
    pub hand_edits_overwritten: u64,
}

/// All numbers of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// By row; the outcomes sum up to the data rows of the file (R12).
    pub rows: RowCounts,
    /// By contact.
    pub contacts: EntityCounts,
    /// By organization.
    pub organizations: EntityCounts,
    /// By membership.
    pub memberships: MembershipCounts,
    /// What happens to people's data.
    pub blast_radius: BlastRadius,
}

/// What decided a conflict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// The policy; `None` if a person decided.
    pub rule: Option<Rule>,
    /// The decision.
    pub choice: Choice,
}

/// A conflict in a list; [`Plan::conflict`] reads it whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConflictSummary {
    /// Account conflict (organization) or contact conflict.
    pub entity: Entity,
    /// The Account ID or Contact ID.
    pub id: String,
    /// The worst class of its fields.
    pub class: Class,
    /// The rows behind it.
    pub rows: usize,
    /// The fields that differ.
    pub fields: Vec<FieldId>,
    /// Whether muster has a suggestion.
    pub suggested: bool,
    /// What decided it, if anything has.
    pub decided: Option<Decided>,
    /// The import in which the same variants were decided before.
    pub remembered: Option<u64>,
    pub(super) place: Place,
}

/// A record that would be written.
#[derive(Debug)]
pub struct Written {
    /// Whether the base does not have it yet.
    pub new: bool,
    /// What writing it does to people's data.
    pub effects: Effects,
    /// What it becomes.
    pub change: Change,
}

/// Why nothing of an organization is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Idle {
    /// The base says the same already.
    Unchanged,
    /// It waits for a decision.
    Held,
    /// Rows only refer to it (R5).
    Referred,
}

/// What an import would do. Nothing is written by making one.
#[derive(Debug)]
pub struct Plan {
    /// All numbers.
    pub counts: Counts,
    /// Every conflict, by kind (organizations first) and ID.
    pub conflicts: Vec<ConflictSummary>,
    /// What needs a person's consent though no rows disagree.
    pub doubts: Doubts,
    /// The outcome of each data row.
    pub outcomes: Vec<Outcome>,
    /// How many findings of each code and severity there are.
    pub finding_counts: BTreeMap<(Severity, Code), u64>,
    /// Hash of the canonical plan in hexadecimal (R10).
    pub digest: String,
    /// The commit of the base that the plan was made on (R24).
    pub head: u64,
    findings: Sorted,
    corrected: Arc<BTreeMap<u32, Corrected>>,
    conflict_tape: Tape,
    contacts: Tape,
    organizations: Tape,
    board: Board,
    written: Vec<bool>,
    changes: [u64; 2],
}

/// Makes the plan of checked rows.
///
/// # Errors
/// The base or a spill file cannot be read or written, or the person cancelled. Nothing a file holds is an error here.
pub fn plan(rows: &Rows, input: PlanInput<'_>) -> Result<Plan, PlanError> {
    let mut lost = Lost::default();
    loop {
        let plan = plan_knowing(&lost, rows, input.clone())?;
        if !lost.learn(&plan.board, rows, &plan.conflict_tape)? {
            return Ok(plan);
        }
    }
}

/// The plan, where it is known of some rows that they are rejected in the end.
fn plan_knowing(lost: &Lost, rows: &Rows, input: PlanInput<'_>) -> Result<Plan, PlanError> {
    let (base, room) = (input.base, input.room);
    let head = base.head();
    let mut pass = Pass::new(rows, input.clone(), lost)?;
    organizations::pass(&mut pass)?;
    contacts::pass(&mut pass)?;
    let Pass { mut board, findings, contacts, organizations, conflicts, conflict_tape, doubts, .. } = pass;
    let (written, unknown) = settle(&mut board, rows);
    let outcomes = outcomes(&board, rows);
    let mut said = Sorter::new(room);
    say_unknown(&mut said, rows, &unknown, input.columns.get(&FieldId::ACCOUNT_ID).copied())?;
    let mut plan = Plan {
        counts: Counts { rows: RowCounts::of(&outcomes), ..Counts::default() },
        conflicts,
        doubts: doubts.finish()?,
        outcomes,
        finding_counts: BTreeMap::new(),
        digest: String::new(),
        head: head.commit,
        findings: Sorted::default(),
        corrected: Arc::clone(&rows.corrected),
        conflict_tape: conflict_tape.finish()?,
        contacts: contacts.finish()?,
        organizations: organizations.finish()?,
        board,
        written,
        changes: [0; 2],
    };
    let hashes = plan.sum_up()?;
    if head.contacts > 0 && plan.counts.contacts.mostly_new() {
        push_finding(&mut said, &all_new(plan.counts.contacts.created), Stage::Later)?;
    }
    plan.findings = Sorted::join([rows.findings.clone(), findings.finish(), said.finish()]);
    for finding in plan.findings()? {
        let finding = finding?;
        *plan.finding_counts.entry((finding.severity, finding.code)).or_default() += 1;
    }
    plan.digest = digest(&plan, &input, hashes)?;
    Ok(plan)
}

impl EntityCounts {
    fn mostly_new(&self) -> bool {
        self.created * 10 > (self.created + self.updated + self.unchanged) * 9
    }
}

fn all_new(created: u64) -> Finding {
    Finding {
        row: None,
        line: 0,
        column: None,
        field: None,
        code: Code::AllNew,
        severity: Severity::Warning,
        value: String::new(),
        detail: created.to_string(),
    }
}

/// R5: says on each row which organization is unknown.
fn say_unknown(
    said: &mut Sorter,
    rows: &Rows,
    unknown: &BTreeMap<u32, u32>,
    column: Option<u32>,
) -> Result<(), PlanError> {
    let places: BTreeSet<u32> = unknown.values().copied().collect();
    let names = names(rows, &places)?;
    for (row, place) in unknown {
        let finding = Finding {
            row: Some(*row),
            line: rows.lines[*row as usize],
            column,
            field: Some(FieldId::ACCOUNT_ID),
            code: Code::OrganizationUnknown,
            severity: Severity::Error,
            value: names.get(place).cloned().unwrap_or_default(),
            detail: String::new(),
        };
        push_finding(said, &finding, Stage::Later)?;
    }
    Ok(())
}

/// The Account IDs at these places of the file's order.
fn names(rows: &Rows, places: &BTreeSet<u32>) -> io::Result<BTreeMap<u32, String>> {
    let mut names = BTreeMap::new();
    let Some(last) = places.last() else { return Ok(names) };
    let mut groups = Groups::new(rows, Entity::Organization)?;
    for place in 0..=*last {
        let Some(group) = groups.next()? else { break };
        if places.contains(&place) {
            names.insert(place, group.id.clone());
        }
    }
    Ok(names)
}

impl Plan {
    /// Every finding in the order of the file, those of the file as a whole first.
    pub fn findings(&self) -> io::Result<impl Iterator<Item = io::Result<Finding>> + use<>> {
        findings(&self.findings, Arc::clone(&self.corrected))
    }

    /// The corrections that hold, by data row.
    pub fn corrections(&self) -> &BTreeMap<u32, Corrected> {
        &self.corrected
    }

    /// A conflict, whole.
    pub fn conflict(&self, summary: &ConflictSummary) -> io::Result<Conflict> {
        let (_, bytes) = self.conflict_tape.read_at(summary.place)?;
        postcard::from_bytes(&bytes).map_err(io::Error::other)
    }

    /// Whether committing would change a record.
    pub fn is_empty(&self) -> bool {
        self.changes == [0; 2]
    }

    /// How many findings have this severity.
    pub fn finding_count(&self, severity: Severity) -> u64 {
        self.finding_counts.iter().filter(|((s, _), _)| *s == severity).map(|(_, n)| n).sum()
    }

    /// The records that would be written, in the order of their IDs.
    pub fn writes(&self, entity: Entity) -> impl Iterator<Item = io::Result<Written>> + Send + '_ {
        self.accepted(entity).filter_map(|item| match item {
            Ok((head, id, values)) if head.changed => {
                Some(Ok(Written { new: head.new, effects: head.effects, change: change(head, id, values) }))
            }
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        })
    }

    /// The Account IDs of the file's organizations of which nothing is written, in ascending order. `rows` are those that
    /// the plan was made of.
    pub fn idle_organizations<'a>(
        &'a self,
        rows: &Rows,
        idle: Idle,
    ) -> io::Result<impl Iterator<Item = io::Result<String>> + use<'a>> {
        let marks = self.board.organizations.iter().zip(&self.written);
        let is_idle = move |mark: &OrganizationMark, written: bool| match idle {
            Idle::Unchanged => mark.want == Want::Keep && written,
            Idle::Held => mark.want == Want::Held,
            Idle::Referred => mark.want == Want::Nothing && mark.in_base,
        };
        let ids = rows.account_ids()?.zip(marks);
        Ok(ids.filter(move |(_, (mark, written))| is_idle(mark, **written)).map(|(id, _)| id))
    }

    fn accepted(&self, entity: Entity) -> impl Iterator<Item = io::Result<(Head, String, Values)>> + Send + '_ {
        let mut reader = match entity {
            Entity::Contact => self.contacts.reader(),
            Entity::Organization => self.organizations.reader(),
        };
        let mut next = move || -> io::Result<Option<(Head, String, Values)>> {
            while let Some((id, payload)) = reader.next()? {
                let (head, values) = candidate::read(payload)?;
                if self.accepts(entity, head.place) {
                    let id = String::from_utf8(id.to_vec()).map_err(io::Error::other)?;
                    return Ok(Some((head, id, values.to_owned())));
                }
            }
            Ok(None)
        };
        std::iter::from_fn(move || next().transpose())
    }

    fn accepts(&self, entity: Entity, place: u32) -> bool {
        let place = place as usize;
        match entity {
            Entity::Contact => self.board.contacts[place].want.writes(),
            Entity::Organization => self.board.organizations[place].want.writes() && self.written[place],
        }
    }

    /// Fills in the counts and gives the hashes of all accepted candidates in order.
    fn sum_up(&mut self) -> io::Result<Sha256> {
        let mut hashes = Sha256::new();
        for (n, entity) in [Entity::Organization, Entity::Contact].into_iter().enumerate() {
            let tape = if entity == Entity::Contact { &self.contacts } else { &self.organizations };
            let mut reader = tape.reader();
            while let Some((_, payload)) = reader.next()? {
                let (head, _) = candidate::read(payload)?;
                if self.accepts(entity, head.place) {
                    self.changes[n] += 1;
                    hashes.update(head.hash);
                    self.counts.add(&head);
                }
            }
        }
        let contacts = self.board.contacts.iter().map(|mark| (mark.want, true));
        self.counts.contacts = entity_counts(contacts);
        let marks = self.board.organizations.iter().zip(&self.written);
        self.counts.organizations = entity_counts(marks.map(|(mark, written)| (mark.want, *written)));
        self.counts.organizations.references =
            self.board.organizations.iter().filter(|mark| mark.want == Want::Nothing && mark.in_base).count() as u64;
        let members = self.board.contacts.iter().filter(|mark| mark.want.writes() && mark.member).count() as u64;
        let memberships = &mut self.counts.memberships;
        memberships.unchanged = members - memberships.created - memberships.moved;
        Ok(hashes)
    }
}

impl Counts {
    fn add(&mut self, head: &Head) {
        let e = &head.effects;
        self.memberships.created += u64::from(e.joined);
        self.memberships.moved += u64::from(e.moved);
        self.blast_radius.contacts_moved += u64::from(e.moved);
        self.blast_radius.values_erased += u64::from(e.values_erased);
        self.blast_radius.organizations_renamed += u64::from(e.renamed);
        self.blast_radius.phones_kept += u64::from(e.phones_kept);
        self.blast_radius.hand_edits_kept += u64::from(e.hand_edits_kept);
        self.blast_radius.hand_edits_overwritten += u64::from(e.hand_edits_overwritten);
    }
}

fn entity_counts(marks: impl Iterator<Item = (Want, bool)>) -> EntityCounts {
    let mut counts = EntityCounts::default();
    for (want, accepted) in marks {
        match want {
            Want::Create if accepted => counts.created += 1,
            Want::Update if accepted => counts.updated += 1,
            Want::Keep if accepted => counts.unchanged += 1,
            Want::Held => counts.held += 1,
            _ => {}
        }
    }
    counts
}

fn change(head: Head, id: String, values: Values) -> Change {
    Change { id, line: head.line, put: Some(Put { values, by_hand: head.by_hand, manual: head.manual }) }
}

impl ChangeSource for Arc<Plan> {
    fn changes(&self, entity: Entity) -> io::Result<Box<dyn Iterator<Item = io::Result<Change>> + Send + '_>> {
        let changes = self.accepted(entity);
        Ok(Box::new(changes.map(|item| item.map(|(head, id, values)| change(head, id, values)))))
    }

    fn count(&self, entity: Entity) -> u64 {
        self.changes[usize::from(entity == Entity::Contact)]
    }
}

/// R10: settings with effect, outcomes, conflicts with their decisions, old → new values by key. No internal IDs, times,
/// user, path, row numbers.
fn digest(plan: &Plan, input: &PlanInput<'_>, hashes: Sha256) -> io::Result<String> {
    let mut digest = Sha256::new();
    let columns: Vec<String> = input.columns.keys().map(|field| input.catalog.name(*field)).collect();
    let conflicts: Vec<(Entity, &str, &Option<Decided>)> =
        plan.conflicts.iter().map(|c| (c.entity, c.id.as_str(), &c.decided)).collect();
    let settings = serde_json::to_vec(&(input.merging, columns, &plan.counts))?;
    digest.update(&settings);
    digest.update(format!("{conflicts:?}{:?}", plan.doubts.given));
    digest.update(hashes.finalize());
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
