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

/// How many rows the details below the list have for a glance, at least and at most.
const GLANCE: (usize, usize) = (5, 7);
/// How many hits a person sees while typing, at most: in a higher window there is room to read all of the first one, and a
/// slow line keeps up with the letters.
const HITS: usize = 12;
/// From this width on the list above the details has room for most e-mail addresses.
const ADDRESSES: u16 = 100;

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
            // Where the list has the address, the details need not.
            let most = GLANCE.1 - usize::from(size.width >= ADDRESSES);
            let glance = (height / 4).clamp(GLANCE.0, most);
            let rows = match focus {
                Focus::Detail => list * 3 / 5,
                Focus::Search => glance.max(list.saturating_sub(HITS + 1)),
                Focus::List => glance,
            };
            return Split { list: list - rows - 1, pane: Pane::Below(rows) };
        }
        // Search line and headings make room for them too.
        Split { list, pane: if reading { Pane::Whole(list + 2) } else { Pane::Hidden } }
    }

    /// Whether the details are one column to read, rather than two for a glance.
    pub fn reads(self, focus: Focus) -> bool {
        let many = |rows: usize| rows > 2 * GLANCE.1;
        matches!(self.pane, Pane::Beside(_))
            || focus == Focus::Detail
            || matches!(self.pane, Pane::Below(rows) if many(rows))
    }

    /// Whether the details below the list leave the work e-mail to it: said twice, it would cost a slow line the most.
    pub fn list_has_email(self, size: Size) -> bool {
        matches!(self.pane, Pane::Below(_)) && size.width >= ADDRESSES
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
