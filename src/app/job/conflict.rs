//! What is asked and answered about conflicts. A conflict comes whole but for its variants, of which a window comes.

use super::Slot;
use crate::model::fields::{Entity, FieldId};
use crate::model::record::Value;
use crate::reconcile::conflict::{Class, Fingerprint};
use crate::reconcile::decision::{Choice, Rule};

/// Something about the conflicts of the plan; they are numbered from 0 in the plan's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConflictJob {
    /// Name conflicts for the list; answered by [`ConflictReport::Names`].
    Names {
        /// The first one.
        first: usize,
        /// How many at most.
        count: usize,
    },
    /// Load a conflict; answered by [`ConflictReport::View`].
    Load {
        /// Which one.
        number: usize,
        /// The first variant to bring, from 0.
        first: usize,
    },
    /// Read the lines behind a variant; answered by [`super::import::ImportReport::Lines`].
    Lines {
        /// Which conflict.
        number: usize,
        /// Which variant, from 0.
        variant: usize,
    },
    /// Say how many of these each policy would settle; answered by [`ConflictReport::Offers`].
    Offer(Vec<usize>),
    /// Say what a policy chooses for these; answered by [`ConflictReport::Settled`].
    Settle(Rule, Vec<usize>),
}

impl ConflictJob {
    /// The slot in which it runs.
    pub fn slot(&self) -> Slot {
        match self {
            ConflictJob::Names { .. } => Slot::Rows,
            ConflictJob::Load { .. } => Slot::Conflict,
            ConflictJob::Lines { .. } => Slot::Lines,
            ConflictJob::Offer(_) | ConflictJob::Settle(..) => Slot::Import,
        }
    }
}

/// Answers about conflicts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConflictReport {
    /// Names for the list, from a first one on.
    Names(usize, Vec<ConflictName>),
    /// A conflict.
    View(Box<ConflictView>),
    /// How many each policy settles.
    Offers(Vec<Offer>),
    /// What a policy chooses.
    Settled(Rule, Vec<Settled>),
}

/// A conflict in the list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConflictName {
    /// The Account ID or Contact ID.
    pub id: String,
    /// The name of the organization or person.
    pub name: String,
    /// How many rows are behind it.
    pub rows: usize,
}

/// A conflict, for its screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConflictView {
    /// Its number.
    pub number: usize,
    /// Account or contact conflict.
    pub entity: Entity,
    /// The Account ID or Contact ID.
    pub id: String,
    /// The worst class of its fields.
    pub class: Class,
    /// What a decision is about.
    pub fingerprint: Fingerprint,
    /// How many rows are behind it.
    pub rows: usize,
    /// How many variants there are.
    pub variants: usize,
    /// The number of the first of `window`, from 0.
    pub first: usize,
    /// Some of the variants.
    pub window: Vec<VariantView>,
    /// Whether the base has the record, and which import changed it last.
    pub base: Option<u64>,
    /// The fields: those that differ first.
    pub fields: Vec<FieldView>,
    /// What muster suggests.
    pub suggestion: Option<Choice>,
    /// What was decided for the same variants before, and in which import.
    pub remembered: Option<(u64, Choice)>,
}

/// A variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariantView {
    /// Identifies it.
    pub fingerprint: Fingerprint,
    /// How many rows are behind it.
    pub rows: usize,
    /// The first lines.
    pub lines: Vec<u32>,
    /// Whether all its rows are rejected.
    pub only_rejected: bool,
}

/// A field of a conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldView {
    /// The field.
    pub field: FieldId,
    /// Its name.
    pub label: String,
    /// How far the variants differ; `None` if they agree.
    pub class: Option<Class>,
    /// The value of each variant of the window.
    pub values: Vec<Option<Value>>,
    /// What the base holds.
    pub base: Option<Value>,
}

/// How many conflicts a policy settles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// The policy and for which it is.
    pub rule: Rule,
    /// How many it settles.
    pub settles: usize,
    /// How many it is for.
    pub of: usize,
}

/// A choice for one conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The number of the conflict.
    pub number: usize,
    /// Account or contact conflict.
    pub entity: Entity,
    /// The Account ID or Contact ID.
    pub id: String,
    /// What the choice is about.
    pub fingerprint: Fingerprint,
    /// The choice.
    pub choice: Choice,
}
