//! The screens as cells: pure functions of the state.
//!
//! | file | what it draws |
//! | --- | --- |
//! | here | the frame that all screens share: tab bar, hint bar, and the line for a window that is too small |
//! | `browse` | the list and its search |
//! | `history` | acts, records of an act, what blocks an undo |
//! | `import` | the steps of an import, one file each |
//! | `overlay` | help, palette, questions, messages |

mod browse;
mod history;
mod import;
mod overlay;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::theme::Theme;
use super::widget::hints::put_hints;
use super::widget::progress::put_progress;
use super::widget::text::{put, put_all, put_right};
use crate::app::job::Slot;
use crate::app::screen::Screen;
use crate::app::state::{SMALLEST, State};
use crate::model::text::grouped;

/// Draws the whole window.
pub fn draw(state: &State, theme: &Theme, frame: &mut Frame) {
    let area = frame.area();
    if state.too_small() {
        let (width, height) = (state.size.width, state.size.height);
        let text = format!("{width}x{height} is too small; muster needs {}x{}", SMALLEST.width, SMALLEST.height);
        put(frame.buffer_mut(), area, &text, theme.title, theme);
        return;
    }
    let line = |y: u16| Rect { y, height: 1, ..area };
    let body = Rect { y: 1, height: area.height - 2, ..area };
    tab_bar(state, theme, frame.buffer_mut(), line(0));
    match state.screen {
        Screen::Browse => browse::draw(state, theme, frame, body),
        Screen::Import => import::draw(state, theme, frame, body),
        Screen::History => history::draw(state, theme, frame.buffer_mut(), body),
    }
    bottom_line(state, theme, frame.buffer_mut(), line(area.height - 1));
    for overlay in &state.overlays {
        overlay::draw(state, overlay, theme, frame);
    }
}

/// The name of the program, the screens, and what the base holds as far as there is room.
fn tab_bar(state: &State, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    let tab = |screen: Screen| if screen == state.screen { theme.selected } else { Style::default() };
    let gap = (" ", Style::default());
    let tabs = [
        (" 1 Browse ", tab(Screen::Browse)),
        gap,
        (" 2 Import ", tab(Screen::Import)),
        gap,
        (" 3 History ", tab(Screen::History)),
    ];
    let name = [(" muster ", theme.title), gap];
    let width = |pieces: &[(&str, Style)]| pieces.iter().map(|(text, _)| text.len() as u16).sum::<u16>();
    let named = width(&name) + width(&tabs) <= area.width;
    let pieces: Vec<_> = if named { name.into_iter().chain(tabs).collect() } else { tabs.to_vec() };
    let taken = width(&pieces).min(area.width);
    put_all(buffer, area, pieces, theme);
    let counts = match state.counts {
        Some(counts) => {
            let contacts = format!("{} contacts ", grouped(counts.contacts));
            let both = format!("{contacts} {} organizations ", grouped(counts.organizations));
            if both.len() <= usize::from(area.width - taken) { both } else { contacts }
        }
        None if state.running.iter().any(|(slot, _)| *slot == Slot::Base) => "opening the base... ".to_owned(),
        None => "the base is not open ".to_owned(),
    };
    let right = Rect { x: area.x + taken, width: area.width - taken, ..area };
    if counts.len() <= usize::from(right.width) {
        put_right(buffer, right, &counts, theme.dim, theme);
    }
}

/// The notice if there is one, else the progress of work; the hints where there is room.
fn bottom_line(state: &State, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    let work = state.running.iter().rev().find(|(slot, _)| slot.is_work() && !import::shows_progress(state));
    match (&state.notice, work) {
        (Some(notice), _) => {
            let taken = put(buffer, area, &format!(" {} ", theme.message(notice)), theme.title, theme);
            let rest = Rect { x: area.x + taken, width: area.width - taken, ..area };
            put_hints(buffer, rest, state, theme);
        }
        (None, Some((_, progress))) => {
            put_progress(buffer, Rect { x: area.x + 1, width: area.width - 1, ..area }, progress, theme);
        }
        (None, None) => put_hints(buffer, area, state, theme),
    }
}
