//! The way of one record through the commits: what each of them changed in it.

use super::delta::{self, Delta};
use super::engine::Table;
use super::error::BaseError;
use super::key;
use super::table::damaged;
use super::view::View;
use crate::model::fields::Entity;

impl View {
    /// What the commits changed in a record, the newest first, at most `limit` of them; as far back as deltas are kept
    /// (R26). Looks at every commit that is kept.
    pub fn trace(&self, entity: Entity, id: &str, limit: usize) -> Result<Vec<(u64, Delta)>, BaseError> {
        let head = self.head();
        let mut deltas = self.walker(Table::Deltas);
        let (mut found, mut key) = (Vec::new(), Vec::new());
        for number in (head.kept.from..=head.commit).rev() {
            if found.len() == limit {
                break;
            }
            key::delta_key(&mut key, number, entity, id);
            if let Some(bytes) = deltas.get(&key)? {
                let delta = delta::decode(entity, id, bytes);
                found.push((number, delta.ok_or_else(|| damaged(Table::Deltas, &key, "it cannot be read"))?));
            }
        }
        Ok(found)
    }
}
