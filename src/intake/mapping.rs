//! What each column of a file means: a plain value that is shown, stored and remembered.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub(super) use crate::model::columns::is_rejects_column as is_own;
use crate::model::fields::{Entity, FieldId, Kind, header_key};
use crate::model::settings::{Merging, Reading};

/// The columns of a file and what they feed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// Every column of the file, in its order.
    pub columns: Vec<Column>,
    /// What makes the Contact ID; `None` if nothing does.
    pub contact_key: Option<Key>,
    /// What makes the Account ID; `None` if nothing does.
    pub account_key: Option<Key>,
}

/// One column of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its header as it stands in the file, without outer space; empty if it has none.
    pub header: String,
    /// What it feeds. It may be part of a composed key besides.
    pub target: Target,
}

/// What a column feeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    /// A field other than the two keys.
    Field(FieldId),
    /// Nothing but a key, [`FieldId::CONTACT_ID`] or [`FieldId::ACCOUNT_ID`], alone or with other columns.
    Key(FieldId),
    /// Nothing.
    LeftOut,
    /// Nothing: muster's own column in a rejects file (R23).
    Own,
}

/// The columns that make an ID (R27).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Their places in the file, from 0, in the order of the parts.
    pub columns: Vec<usize>,
    /// What stands between two parts.
    pub separator: String,
}

impl Mapping {
    /// The key of an entity.
    pub fn key(&self, entity: Entity) -> Option<&Key> {
        match entity {
            Entity::Contact => self.contact_key.as_ref(),
            Entity::Organization => self.account_key.as_ref(),
        }
    }

    /// The fields whose values the file brings, so that the blank policy applies to them (R11). With an Account ID that
    /// includes [`FieldId::ACCOUNT_ID`], the membership. An extension is part of its phone and no field of its own here.
    pub fn fields(&self) -> BTreeSet<FieldId> {
        let mapped = self.columns.iter().filter_map(|column| match column.target {
            Target::Field(field) if !matches!(field.kind(), Kind::Extension(_)) => Some(field),
            _ => None,
        });
        mapped.chain(self.account_key.as_ref().map(|_| FieldId::ACCOUNT_ID)).collect()
    }

    /// The column that feeds a field, from 0; for a key the first of its columns.
    pub fn column_of(&self, field: FieldId) -> Option<usize> {
        let key = match field {
            FieldId::CONTACT_ID => &self.contact_key,
            FieldId::ACCOUNT_ID => &self.account_key,
            _ => return self.columns.iter().position(|column| column.target == Target::Field(field)),
        };
        key.as_ref().and_then(|key| key.columns.first().copied())
    }

    /// The headers of the columns that make a key, in the order of the parts; empty without that key.
    pub fn key_headers(&self, entity: Entity) -> Vec<&str> {
        let columns = self.key(entity).map_or(&[][..], |key| &key.columns);
        columns.iter().filter_map(|column| self.columns.get(*column)).map(|column| column.header.as_str()).collect()
    }
}

/// The mapping and the settings of an import, kept for the next file with the same header line (R21).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RememberedMapping {
    /// See [`fingerprint`].
    pub fingerprint: String,
    /// What the columns meant.
    pub mapping: Mapping,
    /// How cells were read.
    pub reading: Reading,
    /// How rows met the base.
    pub merging: Merging,
}

/// What two header lines have in common that mean the same: lower-case hexadecimal. Case, spacing and punctuation do
/// not count, nor do muster's own columns, so that a corrected rejects file is read as its original was.
pub fn fingerprint<H: AsRef<str>>(header: &[H]) -> String {
    let mut hash = Sha256::new();
    for name in header.iter().map(AsRef::as_ref).filter(|name| !is_own(name)) {
        hash.update(header_key(name));
        hash.update("\n");
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r23_the_columns_of_a_rejects_file_do_not_change_the_fingerprint() {
        let original = fingerprint(&["Contact Id", "City"]);
        assert_eq!(fingerprint(&["contact_id", "CITY", "muster line", "muster raw"]), original);
        assert_ne!(fingerprint(&["City", "Contact Id"]), original);
    }
}
