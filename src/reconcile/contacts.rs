//! The pass over all Contact IDs of the file: each becomes a contact to create, update or keep, or a reason not to.

use super::board::{ContactMark, NONE, RowState, Want};
use super::conflict::{Variant, conflict, variants};
use super::decision::{Consent, Resolved, Subject};
use super::doubt::{DoubtKind, different_person};
use super::organizations::{deleted, merge, refused, want};
use super::pass::{Pass, PlanError};
use super::rows::{Group, GroupRow, Groups};
use crate::base::Cursor;
use crate::model::fields::{Entity, FieldId};
use crate::model::finding::Code;
use crate::model::record::{RecordRef, ValuesRef};

/// Marks every contact of the file on the board and writes the candidates. Organizations come first.
pub(super) fn pass(pass: &mut Pass<'_>) -> Result<(), PlanError> {
    let mut groups = Groups::new(pass.rows, Entity::Contact)?;
    let mut cursor = pass.base.cursor(Entity::Contact);
    while let Some(group) = groups.next()? {
        pass.check_cancel()?;
        contact(pass, &mut cursor, group)?;
    }
    Ok(())
}

fn contact(pass: &mut Pass<'_>, cursor: &mut Cursor, group: &mut Group) -> Result<(), PlanError> {
    let stored = cursor.get(&group.id)?;
    reject_strangers(pass, group, stored.as_ref())?;
    for row in group.spellings.iter_mut().flat_map(|s| &mut s.rows) {
        row.rejected |= pass.board.row(row.row) == RowState::Rejected;
        row.lost = pass.lost.contains(row.row, Entity::Contact);
    }
    let place = pass.board.contacts.len() as u32;
    let mut rows: Vec<GroupRow> = group.rows().filter(|row| !row.rejected).collect();
    rows.sort_unstable_by_key(|row| row.row);
    for row in &rows {
        pass.board.contact_of[row.row as usize] = place;
    }
    let Some(first) = rows.first() else { return Ok(()) };
    pass.board.contacts.push(ContactMark { want: Want::Rejected, carrier: first.row, member: false, needs: NONE });
    let mark = decide(pass, group, &rows, stored.as_ref(), place)?;
    pass.board.contacts[place as usize] = mark;
    Ok(())
}

fn decide(
    pass: &mut Pass<'_>,
    group: &Group,
    rows: &[GroupRow],
    base: Option<&RecordRef<'_>>,
    place: u32,
) -> Result<ContactMark, PlanError> {
    let id = &group.id;
    let mut mark = ContactMark { want: Want::Held, carrier: rows[0].row, member: false, needs: NONE };
    let Some((mut incoming, carrier)) = settled(pass, group, rows, base)? else { return Ok(mark) };
    pass.note_typed(Entity::Contact, group, &mut incoming);
    mark.carrier = carrier.row;
    // What cannot be imported is not held either: no decision would help it (R12).
    let merger = pass.merger(Entity::Contact);
    let merged = merge(pass, &merger, id, &incoming, base);
    if refused(pass, &merger, &merged, base, id, rows)? {
        return Ok(ContactMark { want: Want::Rejected, ..mark });
    }
    match membership(pass, group, merged.values.view(), base)? {
        Membership::Good => {}
        Membership::Needs(organization) => mark.needs = organization,
        Membership::Refused(code, organization) => {
            pass.reject(Entity::Contact, rows, code, FieldId::ACCOUNT_ID, &organization, "")?;
            return Ok(ContactMark { want: Want::Rejected, ..mark });
        }
    }
    if held_by_organization(pass, rows, id)? {
        return Ok(mark);
    }
    if let Some(want) = in_doubt(pass, id, rows, incoming.values.view(), base)? {
        return Ok(ContactMark { want, ..mark });
    }
    mark.want = want(base, &merged);
    mark.member = merged.values.view().get(FieldId::ACCOUNT_ID).is_some();
    pass.remark(carrier, &merged.remarks)?;
    pass.hand_edits(&Subject::record(Entity::Contact, id), rows, incoming.values.view(), base, &merged)?;
    pass.write(Entity::Contact, id, [place, carrier.line], base, merged)?;
    Ok(mark)
}

/// What the rows say of the contact, and the row that speaks for them; `None` if their conflict is not decided (R9).
fn settled(
    pass: &mut Pass<'_>,
    group: &Group,
    rows: &[GroupRow],
    base: Option<&RecordRef<'_>>,
) -> Result<Option<(Resolved, GroupRow)>, PlanError> {
    let plain = |values| (Resolved { values, ..Resolved::default() }, rows[0]);
    if let [only] = group.spellings.as_slice() {
        return Ok(Some(plain(only.values.clone())));
    }
    let variants = variants(group);
    if let [agreed] = variants.as_slice() {
        return Ok(Some(plain(agreed.values.clone())));
    }
    let backing: Vec<Variant> = variants.clone();
    let conflict = conflict(Entity::Contact, &group.id, variants, base.map(|b| b.values), pass.merging.blank);
    let detail = pass.field_names(&conflict);
    let Some(resolved) = pass.settle(conflict)? else {
        pass.hold(rows, Code::ContactConflict, FieldId::CONTACT_ID, &group.id, &detail)?;
        return Ok(None);
    };
    let winner = backing.iter().find(|v| v.values == resolved.values);
    let backs = |row: &&GroupRow| winner.is_some_and(|v| v.rows.iter().any(|(n, _)| *n == row.row));
    let carrier = rows.iter().find(backs).unwrap_or(&rows[0]);
    Ok(Some((resolved, *carrier)))
}

/// R15, R28: what becomes of a contact that needs the consent of a person and does not have it.
fn in_doubt(
    pass: &mut Pass<'_>,
    id: &str,
    rows: &[GroupRow],
    incoming: ValuesRef<'_>,
    base: Option<&RecordRef<'_>>,
) -> Result<Option<Want>, PlanError> {
    let Some(base) = base else {
        if pass.forgotten.contains(id) {
            pass.hold(rows, Code::Forgotten, FieldId::CONTACT_ID, id, "")?;
            return Ok(Some(Want::Held));
        }
        let deleted = deleted(pass, Entity::Contact, id, rows, incoming)?;
        if deleted.is_none() {
            pass.warn_near(Entity::Contact, id, rows)?;
        }
        return Ok(deleted);
    };
    let Some(detail) = different_person(incoming, base.values) else { return Ok(None) };
    let subject = Subject::record(Entity::Contact, id);
    let said = pass.doubt(DoubtKind::DifferentPerson, subject, rows, [base.values, incoming], false)?;
    if said == Some(Consent::SamePerson) {
        return Ok(None);
    }
    pass.hold(rows, Code::DifferentPerson, FieldId::CONTACT_ID, id, &detail)?;
    Ok(Some(Want::Held))
}

/// R13: rows that would add the contact to an organization made by hand are errors by themselves, whatever the other rows
/// of the contact say.
fn reject_strangers(pass: &mut Pass<'_>, group: &Group, base: Option<&RecordRef<'_>>) -> Result<(), PlanError> {
    let joined = base.and_then(|base| base.values.text(FieldId::ACCOUNT_ID));
    let by_hand = base.is_some_and(|base| base.by_hand.iter().any(|(field, _)| *field == FieldId::ACCOUNT_ID));
    for spelling in &group.spellings {
        let account = spelling.values.view().text(FieldId::ACCOUNT_ID).filter(|account| Some(*account) != joined);
        let place = spelling.rows.first().map_or(NONE, |row| pass.board.organization_of[row.row as usize]);
        let manual = place != NONE && pass.board.organizations[place as usize].manual;
        if let Some(account) = account.filter(|_| manual && !by_hand) {
            let rows = &spelling.rows;
            pass.reject(Entity::Organization, rows, Code::ManualOrganization, FieldId::ACCOUNT_ID, account, "")?;
        }
    }
    Ok(())
}

/// R30: a contact is written only when none of its rows is held.
fn held_by_organization(pass: &mut Pass<'_>, rows: &[GroupRow], id: &str) -> Result<bool, PlanError> {
    if rows.iter().all(|row| pass.board.row(row.row) != RowState::Held) {
        return Ok(false);
    }
    let good: Vec<GroupRow> = rows.iter().filter(|row| pass.board.row(row.row) == RowState::Good).copied().collect();
    pass.hold(&good, Code::ContactHeld, FieldId::CONTACT_ID, id, "")?;
    Ok(true)
}

enum Membership {
    /// None, the stored one, or an organization that the base has.
    Good,
    /// An organization that the file must create.
    Needs(u32),
    /// Why not, and the organization.
    Refused(Code, String),
}

fn membership(
    pass: &Pass<'_>,
    group: &Group,
    values: ValuesRef<'_>,
    base: Option<&RecordRef<'_>>,
) -> Result<Membership, PlanError> {
    let Some(account) = values.text(FieldId::ACCOUNT_ID) else { return Ok(Membership::Good) };
    if base.and_then(|b| b.values.text(FieldId::ACCOUNT_ID)) == Some(account) {
        return Ok(Membership::Good);
    }
    let naming = group.spellings.iter().filter(|s| s.values.view().text(FieldId::ACCOUNT_ID) == Some(account));
    let place = naming.flat_map(|s| &s.rows).map(|r| pass.board.organization_of[r.row as usize]).find(|at| *at != NONE);
    let (in_base, manual) = match place {
        Some(place) => {
            let mark = pass.board.organizations[place as usize];
            (mark.in_base, mark.manual)
        }
        None => {
            let record = pass.base.get(Entity::Organization, account)?;
            (record.is_some(), record.is_some_and(|r| r.manual))
        }
    };
    Ok(match (place, in_base, manual) {
        (_, true, true) => Membership::Refused(Code::ManualOrganization, account.to_owned()),
        (_, true, false) => Membership::Good,
        (Some(place), false, _) => Membership::Needs(place),
        (None, false, _) => Membership::Refused(Code::OrganizationUnknown, account.to_owned()),
    })
}
