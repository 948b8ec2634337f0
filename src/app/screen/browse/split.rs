//! How Browse divides the window between the list and the details.

use super::Focus;
use crate::app::message::Size;

/// Where the details are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pane {
    /// Nowhere: the window is too small, so that they come when they are opened.
    Hidden,
    /// Below the list, with this many rows.
    Below(usize),
    /// Right of the list, with this many columns.
    Beside(usize),
    /// In place of the list, with this many rows.
    Whole(usize),
}

/// The division of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Split {
    /// How many records of the list are in view.
    pub list: usize,
    /// Where the details are.
    pub pane: Pane,
}

/// Tab bar, search line, headings, rule and hint bar.
const AROUND: usize = 5;
/// From this width on the details are right of the list, ...
const BESIDE: u16 = 140;
/// ... else below it, if the window has this many columns and rows.
const BELOW: Size = Size { width: 60, height: 18 };

impl Split {
    /// The division of a window; details that have the focus get more room.
    pub fn of(size: Size, focus: Focus) -> Split {
        let height = usize::from(size.height);
        let list = height.saturating_sub(AROUND);
        let reading = focus == Focus::Detail;
        if size.width >= BESIDE {
            return Split { list, pane: Pane::Beside(usize::from(size.width) * 2 / 5) };
        }
        if size.width >= BELOW.width && size.height >= BELOW.height {
            let rows = if reading { list * 3 / 5 } else { (height / 4).clamp(5, 7) };
            return Split { list: list - rows - 1, pane: Pane::Below(rows) };
        }
        // Search line and headings make room for them too.
        Split { list, pane: if reading { Pane::Whole(list + 2) } else { Pane::Hidden } }
    }

    /// How many lines of the details are in view when they have the focus, below their heading.
    pub fn detail_rows(self) -> usize {
        match self.pane {
            Pane::Hidden => 0,
            Pane::Below(rows) | Pane::Whole(rows) => rows - 1,
            Pane::Beside(_) => self.list,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_window_that_is_large_enough_shows_records_and_details() {
        for width in 40..250 {
            for height in 10..100 {
                for focus in [Focus::List, Focus::Search, Focus::Detail] {
                    let split = Split::of(Size { width, height }, focus);
                    assert!(split.list >= 5, "{width}x{height} {split:?}");
                    assert!(focus != Focus::Detail || split.detail_rows() >= 5, "{width}x{height} {split:?}");
                }
            }
        }
    }
}
