//! The steps of an import, one file each; here what they share.

mod choose;
mod columns;
mod conflicts;
mod doubts;
mod review;
mod rows;
mod work;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::screen::Screen;
use crate::app::screen::import::Step;
use crate::app::screen::import::draft::Saved;
use crate::app::state::State;
use crate::tui::theme::Theme;
use crate::tui::widget::text::put;

/// Draws the step between tab bar and hint bar.
pub fn draw(state: &State, theme: &Theme, frame: &mut Frame, area: Rect) {
    match state.import.step {
        Step::Choose => choose::draw(state, theme, frame, area),
        Step::Columns => columns::draw(state, theme, frame.buffer_mut(), area),
        Step::Check | Step::Commit => work::draw(state, theme, frame.buffer_mut(), area),
        Step::Review => review::draw(state, theme, frame.buffer_mut(), area),
        Step::Rows => rows::draw(state, theme, frame.buffer_mut(), area),
        Step::Conflicts => conflicts::draw(state, theme, frame.buffer_mut(), area),
        Step::Doubts => doubts::draw(state, theme, frame.buffer_mut(), area),
        Step::Result => review::draw_result(state, theme, frame.buffer_mut(), area),
    }
}

/// Whether the step shows itself how far the work is.
pub fn shows_progress(state: &State) -> bool {
    state.screen == Screen::Import && matches!(state.import.step, Step::Check | Step::Commit)
}

/// One line of an area, from its top.
fn line(area: Rect, row: u16) -> Rect {
    Rect { y: area.y.saturating_add(row), height: 1, ..area }.intersection(area)
}

/// A rule across a line.
fn rule(buffer: &mut Buffer, area: Rect, theme: &Theme) {
    put(buffer, area, &theme.rule().repeat(usize::from(area.width)), theme.border, theme);
}

/// Whether what a person said is on the disk, as a word to add and its style.
fn saved(state: &State, theme: &Theme) -> (&'static str, Style) {
    match state.import.draft.saved {
        Saved::Failed => (", NOT SAVED", theme.error),
        Saved::Saved if state.import.draft.begun => (", saved", theme.title),
        Saved::Saved | Saved::Written => ("", theme.title),
    }
}

/// The name of the file, without folders.
fn file_name(state: &State) -> &str {
    let import = &state.import;
    let asked = || import.ask.as_ref().and_then(|ask| ask.path.file_name()?.to_str());
    import.file.as_ref().map(|file| file.name.as_str()).or_else(asked).unwrap_or_default()
}

/// A size for people.
fn size(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} B"),
        10_000..10_000_000 => format!("{} kB", bytes / 1000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}
