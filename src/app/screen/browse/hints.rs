//! Which keys are worth naming where the focus is, and whether they would do something now.

use super::{Browse, Focus, organization_of};
use crate::app::action::Action;
use crate::model::fields::Entity;

impl Browse {
    /// The hints of what has the focus.
    pub fn hints(&self) -> &'static [Action] {
        use Action::*;
        if self.form.is_some() {
            return &[SaveForm, NextField, Back, PreviousPane, Help];
        }
        match self.focus {
            Focus::List if self.total() == 0 && self.inside.is_none() => {
                &[Search, SwitchEntity, GoImport, Create, Help, Palette, Quit]
            }
            Focus::List if self.inside.is_some() => {
                &[Back, Search, Open, HandOver, Create, EditRecord, Help, Palette, Copy, SaveHits, SortHits, Undo]
            }
            Focus::List => &[
                Search,
                Open,
                HandOver,
                SwitchEntity,
                Create,
                EditRecord,
                Help,
                Palette,
                Copy,
                SaveHits,
                SortHits,
                Undo,
            ],
            Focus::Search => &[SearchDone, SearchClear, TextDeleteToStart, Help],
            Focus::Detail => &[Back, Copy, HandOver, EditRecord, DeleteRecord, Members, Search, Help],
        }
    }

    /// Whether an action that is worth a hint would do something now.
    pub fn possible(&self, action: Action) -> bool {
        use Action::*;
        match action {
            Open | Copy | EditRecord | DeleteRecord | SaveHits | SortHits => self.selected().is_some(),
            HandOver => self.entity == Entity::Organization && self.selected().is_some_and(|hit| hit.record.manual),
            Members => {
                self.inside.is_none() && self.selected().is_some_and(|h| organization_of(self.entity, h).is_some())
            }
            Undo => self.hand.can_undo(),
            _ => true,
        }
    }
}
