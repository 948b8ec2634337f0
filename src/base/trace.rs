//! The way of one record through the commits: what each of them changed in it.

use super::delta::Delta;
use super::engine::Table;
use super::error::BaseError;
use super::view::View;
use crate::model::fields::Entity;

impl View {
    /// What the commits changed in a record, the newest first, at most `limit` of them; as far back as deltas are kept
    /// (R26). Looks at every commit that is kept.
    pub fn trace(&self, entity: Entity, id: &str, limit: usize) -> Result<Vec<(u64, Delta)>, BaseError> {
        let head = self.head();
        let mut deltas = self.walker(Table::Deltas);
        let commits = (head.kept.from..=head.commit).rev();
        let mut found = Vec::new();
        for number in commits {
            if found.len() == limit {
                break;
            }
            found.extend(View::delta_of(&mut deltas, number, entity, id)?.map(|delta| (number, delta)));
        }
        Ok(found)
    }
}
