//! The pass over all Account IDs of the file: each becomes an organization to create, update or keep, or a reason not to.

use super::board::{OrganizationMark, RowState, Want};
use super::conflict::{conflict, variants};
use super::decision::{Consent, Resolved, Subject};
use super::doubt::DoubtKind;
use super::merge::{Merged, Merger};
use super::pass::{Pass, PlanError};
use super::rows::{Group, GroupRow, Groups};
use crate::base::Cursor;
use crate::model::fields::{Entity, FieldId};
use crate::model::finding::Code;
use crate::model::record::{MAX_RECORD, RecordRef, ValuesRef, same};
use crate::model::settings::Only;

/// Marks every organization of the file on the board and writes the candidates.
pub(super) fn pass(pass: &mut Pass<'_>) -> Result<(), PlanError> {
    let mut groups = Groups::new(pass.rows, Entity::Organization)?;
    let mut cursor = pass.base.cursor(Entity::Organization);
    while let Some(group) = groups.next()? {
        pass.check_cancel()?;
        organization(pass, &mut cursor, group)?;
    }
    Ok(())
}

fn organization(pass: &mut Pass<'_>, cursor: &mut Cursor, group: &mut Group) -> Result<(), PlanError> {
    let place = pass.board.organizations.len() as u32;
    for row in group.rows() {
        pass.board.organization_of[row.row as usize] = place;
    }
    let references = take_references(group);
    let stored = cursor.get(&group.id)?;
    let base = stored.as_ref();
    let mark =
        OrganizationMark { want: Want::Nothing, in_base: base.is_some(), manual: base.is_some_and(|b| b.manual) };
    pass.board.organizations.push(mark);
    if !group.spellings.is_empty() {
        let want = if mark.manual { manual(pass, group, base)? } else { decide(pass, group, base, place)? };
        pass.board.organizations[place as usize].want = want;
    }
    // R5, R30: a reference is good where the base has the organization, and waits with it where rows will create it.
    match pass.board.organizations[place as usize].want {
        _ if mark.in_base => {}
        Want::Held => pass.hold(&references, Code::OrganizationHeld, FieldId::ACCOUNT_ID, &group.id, "")?,
        Want::Nothing | Want::Rejected => {
            let code = Code::OrganizationUnknown;
            pass.reject(Entity::Organization, &references, code, FieldId::ACCOUNT_ID, &group.id, "")?;
        }
        Want::Create | Want::Update | Want::Keep => {}
    }
    Ok(())
}

/// Removes the rows without account data from the group: they take no part in it (R5).
fn take_references(group: &mut Group) -> Vec<GroupRow> {
    let at = group.spellings.iter().position(|s| s.values.view().is_empty());
    at.map_or_else(Vec::new, |at| group.spellings.remove(at).rows)
}

/// R13: rows may only say what the base says.
fn manual(pass: &mut Pass<'_>, group: &Group, base: Option<&RecordRef<'_>>) -> Result<Want, PlanError> {
    let merger = pass.merger(Entity::Organization);
    for spelling in &group.spellings {
        let incoming = Resolved { values: spelling.values.clone(), ..Resolved::default() };
        if merger.merge(&incoming, base, &|_, _| None).changed
            || base.is_some_and(|b| says_otherwise(&merger, incoming.values.view(), b))
        {
            pass.reject(
                Entity::Organization,
                &spelling.rows,
                Code::ManualOrganization,
                FieldId::ACCOUNT_ID,
                &group.id,
                "",
            )?;
        }
    }
    Ok(Want::Keep)
}

/// Whether the rows say something that a hand edit alone keeps out of the base; under `clear` that is also an empty cell.
fn says_otherwise(merger: &Merger, incoming: ValuesRef<'_>, base: &RecordRef<'_>) -> bool {
    let brings = |(field, payload): (FieldId, &[u8])| {
        field != FieldId::ORIGIN && base.values.get(field).is_none_or(|stored| !same(field, stored, payload))
    };
    let erases = |(field, _): (FieldId, &[u8])| merger.erases(field) && incoming.get(field).is_none();
    incoming.iter().any(brings) || base.values.iter().any(erases)
}

fn decide(pass: &mut Pass<'_>, group: &mut Group, base: Option<&RecordRef<'_>>, place: u32) -> Result<Want, PlanError> {
    let entity = Entity::Organization;
    for row in group.spellings.iter_mut().flat_map(|s| &mut s.rows) {
        row.lost = pass.lost.contains(row.row, entity);
    }
    let rows: Vec<GroupRow> = group.rows().collect();
    let variants = if group.spellings.len() > 1 { variants(group) } else { Vec::new() };
    let mut incoming = if variants.len() > 1 {
        let conflict = conflict(entity, &group.id, variants, base.map(|b| b.values), pass.merging.blank);
        let detail = pass.field_names(&conflict);
        match pass.settle(conflict)? {
            Some(resolved) => resolved,
            None => {
                pass.hold(&rows, Code::AccountConflict, FieldId::ACCOUNT_ID, &group.id, &detail)?;
                return Ok(Want::Held);
            }
        }
    } else {
        let agreed = variants.first().map(|variant| &variant.values).or(group.spellings.first().map(|s| &s.values));
        Resolved { values: agreed.cloned().unwrap_or_default(), ..Resolved::default() }
    };
    pass.note_typed(entity, group, &mut incoming);
    if base.is_none() {
        if let Some(want) = deleted(pass, entity, &group.id, &rows, incoming.values.view())? {
            return Ok(want);
        }
        pass.warn_near(entity, &group.id, &rows)?;
    }
    let merger = pass.merger(entity);
    let merged = merge(pass, &merger, &group.id, &incoming, base);
    if refused(pass, &merger, &merged, base, &group.id, &rows)? {
        return Ok(Want::Rejected);
    }
    let want = want(base, &merged);
    let good = rows.iter().filter(|r| pass.board.row(r.row) == RowState::Good).min_by_key(|r| r.row);
    if let Some(first) = good {
        pass.remark(*first, &merged.remarks)?;
        pass.hand_edits(&Subject::record(entity, &group.id), &rows, incoming.values.view(), base, &merged)?;
    }
    pass.write(entity, &group.id, [place, good.map_or(0, |row| row.line)], base, merged)?;
    Ok(want)
}

/// What becomes of a record whose values are settled.
pub(super) fn want(base: Option<&RecordRef<'_>>, merged: &Merged) -> Want {
    match (base, merged.changed) {
        (None, _) => Want::Create,
        (Some(_), true) => Want::Update,
        (Some(_), false) => Want::Keep,
    }
}

/// What the rows and the stored record make, with what a person said to hand edits (R14).
pub(super) fn merge(
    pass: &Pass<'_>,
    merger: &Merger,
    id: &str,
    incoming: &Resolved,
    base: Option<&RecordRef<'_>>,
) -> Merged {
    let said = |field, about| pass.decisions.consent(&Subject::value(merger.entity, id, field), about);
    merger.merge(incoming, base, &said)
}

/// R28: a record that a person deleted waits for consent.
pub(super) fn deleted(
    pass: &mut Pass<'_>,
    entity: Entity,
    id: &str,
    rows: &[GroupRow],
    incoming: ValuesRef<'_>,
) -> Result<Option<Want>, PlanError> {
    let Some(stone) = pass.base.tombstone(entity, id)?.filter(|stone| stone.by_hand) else { return Ok(None) };
    let subject = Subject::record(entity, id);
    match pass.doubt(DoubtKind::DeletedByHand, subject, rows, [ValuesRef(&[]), incoming], stone.stay)? {
        Some(Consent::CreateAgain) => Ok(None),
        Some(Consent::StayDeleted) => {
            pass.reject(entity, rows, Code::DeletedByHand, entity.key(), id, "")?;
            Ok(Some(Want::Rejected))
        }
        _ => {
            pass.hold(rows, Code::DeletedByHand, entity.key(), id, "")?;
            Ok(Some(Want::Held))
        }
    }
}

/// R4, `--only` and the bound on records: whether the result cannot be stored. Says why on every row.
pub(super) fn refused(
    pass: &mut Pass<'_>,
    merger: &Merger,
    merged: &Merged,
    base: Option<&RecordRef<'_>>,
    id: &str,
    rows: &[GroupRow],
) -> Result<bool, PlanError> {
    let missing = merger.missing(merged.values.view());
    for field in &missing {
        pass.reject(merger.entity, rows, Code::RequiredMissing, *field, "", "")?;
    }
    let key = merger.entity.key();
    let only = match (merger.merging.only, base) {
        (Some(Only::Update), None) => Some(Code::WouldCreate),
        (Some(Only::Create), Some(_)) if merged.changed => Some(Code::WouldUpdate),
        _ => None,
    };
    if let Some(code) = only {
        pass.reject(merger.entity, rows, code, key, id, "")?;
    }
    let size = merged.values.as_bytes().len() + merged.by_hand.values().map(|p| p.len() + 8).sum::<usize>() + 64;
    let large = size > MAX_RECORD;
    if large {
        let detail = format!("{size} bytes, {MAX_RECORD} can be stored");
        pass.reject(merger.entity, rows, Code::RecordTooLarge, key, id, &detail)?;
    }
    Ok(!missing.is_empty() || only.is_some() || large)
}
