//! A place in a long list, and the part of the list that is in view.

use std::ops::Range;

use super::action::Action;

/// The selected row and the first row in view. It holds no rows, so the list may be as long as it likes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cursor {
    /// The selected row, from 0.
    pub selected: usize,
    /// The first row in view.
    pub top: usize,
}

impl Cursor {
    /// Does a moving action in a list of `total` rows of which `rows` are in view; says whether it was one.
    pub fn step(&mut self, action: Action, total: usize, rows: usize) -> bool {
        let page = rows.max(1);
        let half = (rows / 2).max(1);
        self.selected = match action {
            Action::Up | Action::TextListUp => self.selected.saturating_sub(1),
            Action::Down | Action::TextListDown => self.selected.saturating_add(1),
            Action::PageUp | Action::TextPageUp => self.selected.saturating_sub(page),
            Action::PageDown | Action::TextPageDown => self.selected.saturating_add(page),
            Action::HalfUp => self.selected.saturating_sub(half),
            Action::HalfDown => self.selected.saturating_add(half),
            Action::First => 0,
            Action::Last => usize::MAX,
            _ => return false,
        };
        self.reveal(total, rows);
        true
    }

    /// Keeps the selection in the list and in view, scrolling as little as that needs.
    pub fn reveal(&mut self, total: usize, rows: usize) {
        let rows = rows.max(1);
        self.selected = self.selected.min(total.saturating_sub(1));
        self.top = self.top.clamp((self.selected + 1).saturating_sub(rows), self.selected);
        self.top = self.top.min(total.saturating_sub(rows));
    }

    /// The rows in view.
    pub fn window(&self, total: usize, rows: usize) -> Range<usize> {
        let start = self.top.min(total);
        start..start.saturating_add(rows).min(total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_move_within_the_window_does_not_scroll() {
        let mut cursor = Cursor { selected: 5, top: 3 };
        cursor.step(Action::Down, 100, 10);
        assert_eq!(cursor, Cursor { selected: 6, top: 3 });
        cursor.step(Action::Last, 100, 10);
        assert_eq!(cursor, Cursor { selected: 99, top: 90 });
        cursor.step(Action::Up, 100, 10);
        assert_eq!(cursor, Cursor { selected: 98, top: 90 });
    }

    proptest! {
        #[test]
        fn the_selection_is_always_in_view(selected: usize, top: usize, total in 1usize..1_000_000, rows in 1usize..200, down: bool) {
            let mut cursor = Cursor { selected, top };
            cursor.step(if down { Action::PageDown } else { Action::HalfUp }, total, rows);
            prop_assert!(cursor.selected < total);
            prop_assert!(cursor.window(total, rows).contains(&cursor.selected));
            prop_assert_eq!(cursor.window(total, rows).len(), rows.min(total));
        }
    }
}
