//! The keys of the tables that stand beside contacts and organizations. An ID has no control characters (R1), so NUL parts
//! IDs within a key.

use uuid::Uuid;

use crate::model::fields::Entity;

/// The longest ID in bytes: 255 characters of four.
pub const MAX_ID: usize = 1020;

/// The byte of an entity; contacts come first.
pub fn entity_byte(entity: Entity) -> u8 {
    match entity {
        Entity::Contact => 0,
        Entity::Organization => 1,
    }
}

/// The entity of a byte.
pub fn entity_of(byte: u8) -> Option<Entity> {
    match byte {
        0 => Some(Entity::Contact),
        1 => Some(Entity::Organization),
        _ => None,
    }
}

/// Entity and ID.
pub fn record_key(out: &mut Vec<u8>, entity: Entity, id: &str) {
    out.clear();
    out.push(entity_byte(entity));
    out.extend_from_slice(id.as_bytes());
}

/// The key of a record in the delta of a commit.
pub fn delta_key(out: &mut Vec<u8>, commit: u64, entity: Entity, id: &str) {
    out.clear();
    out.extend_from_slice(&commit.to_be_bytes());
    out.push(entity_byte(entity));
    out.extend_from_slice(id.as_bytes());
}

/// Reads what [`record_key`] wrote.
pub fn split_record_key(key: &[u8]) -> Option<(Entity, &str)> {
    let (entity, id) = key.split_first()?;
    Some((entity_of(*entity)?, std::str::from_utf8(id).ok()?))
}

/// Account ID, NUL, Contact ID.
pub fn member_key(out: &mut Vec<u8>, account: &str, contact: &str) {
    out.clear();
    out.extend_from_slice(account.as_bytes());
    out.push(0);
    out.extend_from_slice(contact.as_bytes());
}

/// Reads what [`member_key`] wrote: the Account ID and the Contact ID.
pub fn split_member_key(key: &[u8]) -> Option<(&str, &str)> {
    std::str::from_utf8(key).ok()?.split_once('\0')
}

/// Entity, folded ID, NUL: what the near keys of all IDs begin with that are equal but for case or leading zeros (R1).
pub fn near_prefix(out: &mut Vec<u8>, entity: Entity, id: &str) {
    out.clear();
    out.push(entity_byte(entity));
    let id = id.trim_start_matches('0');
    if id.is_ascii() {
        out.extend(id.bytes().map(|b| b.to_ascii_lowercase()));
    } else {
        let mut buffer = [0; 4];
        for c in id.chars().flat_map(char::to_lowercase) {
            out.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
        }
    }
    out.push(0);
}

/// The near prefix of an ID and the ID.
pub fn near_key(out: &mut Vec<u8>, entity: Entity, id: &str) {
    near_prefix(out, entity, id);
    out.extend_from_slice(id.as_bytes());
}

/// The internal ID (R2) of the record that a commit creates as number `ordinal` of its entity: a UUID v7 of the commit's
/// time, the entity, the ordinal and the commit's seed. In the order of the ordinals, so it packs well.
pub fn internal_id(when: i64, seed: [u8; 5], entity: Entity, ordinal: u64) -> Uuid {
    // 34 bits go around the fixed bits of a UUID v7: the entity and 33 bits of the ordinal.
    let counter = u64::from(entity_byte(entity)) << 33 | (ordinal & ((1 << 33) - 1));
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&when.max(0).to_be_bytes()[2..]);
    bytes[6] = 0x70 | (counter >> 30) as u8;
    bytes[7] = (counter >> 22) as u8;
    bytes[8] = 0x80 | (counter >> 16) as u8 & 0x3f;
    bytes[9] = (counter >> 8) as u8;
    bytes[10] = counter as u8;
    bytes[11..].copy_from_slice(&seed);
    Uuid::from_bytes(bytes)
}

/// A seed that no other commit has, as far as 40 random bits go.
pub fn seed() -> [u8; 5] {
    let random = Uuid::now_v7().into_bytes();
    [random[11], random[12], random[13], random[14], random[15]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r02_internal_ids_are_uuid_v7_and_ascend() {
        let made: Vec<Uuid> = [0, 1, 255, 256, 1 << 22, (1 << 33) - 1]
            .into_iter()
            .map(|n| internal_id(1_700_000_000_000, [9; 5], Entity::Contact, n))
            .chain([internal_id(1_700_000_000_000, [9; 5], Entity::Organization, 0)])
            .collect();
        assert!(made.is_sorted_by(|a, b| a < b), "{made:?}");
        assert!(made.iter().all(|id| id.get_version_num() == 7 && id.get_variant() == uuid::Variant::RFC4122));
    }

    #[test]
    fn r01_near_ids_share_a_prefix() {
        let prefix = |id: &str| {
            let mut key = Vec::new();
            near_prefix(&mut key, Entity::Contact, id);
            key
        };
        assert_eq!(prefix("007-A"), prefix("7-a"));
        assert_eq!(prefix("ÁB"), prefix("áb"));
        assert_ne!(prefix("7-a"), prefix("70-a"));
    }
}
