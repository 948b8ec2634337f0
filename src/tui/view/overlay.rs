//! What lies above a screen: a frame in the middle of the window, and its contents.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::widgets::{Block, Clear, Widget};

use unicode_width::UnicodeWidthStr;

use crate::app::field::TextField;
use crate::app::keymap::Keymap;
use crate::app::overlay::{Confirm, Help, HelpLine, Kind, Notice, Overlay, Palette, Pick, Prompt};
use crate::app::state::State;
use crate::model::text::wrapped;
use crate::tui::theme::Theme;
use crate::tui::widget::field::put_field;
use crate::tui::widget::text::{cut, put, put_all, put_right};

/// Draws an overlay.
pub fn draw(state: &State, overlay: &Overlay, theme: &Theme, frame: &mut Frame) {
    let size = overlay.frame(state.size);
    let (x, y) = ((state.size.width - size.width) / 2, (state.size.height - size.height) / 2);
    let area = Rect { x, y, width: size.width, height: size.height };
    let inside = window(frame.buffer_mut(), area, overlay, theme);
    let buffer = frame.buffer_mut();
    let cursor = match overlay {
        Overlay::Help(help) => Some(draw_help(buffer, inside, help, &state.keymap, theme)),
        Overlay::Palette(palette) => Some(draw_palette(buffer, inside, palette, &state.keymap, theme)),
        Overlay::Pick(pick) => Some(draw_pick(buffer, inside, pick, theme)),
        Overlay::Prompt(prompt) => Some(draw_prompt(buffer, inside, prompt, theme)),
        Overlay::Confirm(confirm) => {
            draw_confirm(buffer, inside, confirm, theme);
            None
        }
        Overlay::Notice(notice) => {
            draw_notice(buffer, inside, notice, theme);
            None
        }
    };
    if let Some(cursor) = cursor {
        frame.set_cursor_position(cursor);
    }
}

/// Draws the frame; gives the area inside, with a margin of one column.
fn window(buffer: &mut Buffer, area: Rect, overlay: &Overlay, theme: &Theme) -> Rect {
    let (title, style) = match overlay {
        Overlay::Help(_) => ("Help", theme.title),
        Overlay::Palette(_) => ("Commands", theme.title),
        Overlay::Confirm(confirm) => (confirm.title.as_str(), theme.title),
        Overlay::Pick(pick) => (pick.title.as_str(), theme.title),
        Overlay::Prompt(prompt) => (prompt.title.as_str(), theme.title),
        Overlay::Notice(notice) if notice.kind == Kind::Error => (notice.title.as_str(), theme.error),
        Overlay::Notice(notice) => (notice.title.as_str(), theme.title),
    };
    Clear.render(area, buffer);
    let block = Block::bordered().border_set(theme.frame()).border_style(theme.border);
    let inside = block.inner(area);
    block.render(area, buffer);
    let title = &theme.message(title);
    let title = format!(" {} ", cut(title, usize::from(inside.width.saturating_sub(3)), theme));
    let style = style.remove_modifier(Modifier::DIM);
    put(buffer, Rect { x: inside.x, y: area.y, width: inside.width, height: 1 }, &title, style, theme);
    Rect { x: inside.x + 1, width: inside.width.saturating_sub(2), ..inside }
}

fn line(area: Rect, row: usize) -> Rect {
    Rect { y: area.y.saturating_add(row as u16), height: 1, ..area }.intersection(area)
}

/// The first line: a prompt sign and the field.
fn search_field(buffer: &mut Buffer, area: Rect, sign: &str, field: &TextField, theme: &Theme) -> Position {
    put(buffer, line(area, 0), sign, theme.key, theme);
    put_field(buffer, Rect { x: area.x + 2, width: area.width.saturating_sub(2), ..line(area, 0) }, field, theme)
}

/// The columns of the keys and of the titles in help and palette.
const KEYS: u16 = 16;
const TITLES: u16 = 26;
/// From this width on, each line of the help has its sentence; below, only the last line has that of the selected one.
const WITH_HELP: u16 = 90;
/// From this width on, each line of the palette has the name of the action for `config.toml`.
const WITH_NAMES: u16 = 70;

fn draw_help(buffer: &mut Buffer, area: Rect, help: &Help, keymap: &Keymap, theme: &Theme) -> Position {
    let lines = help.lines(keymap);
    let rows = usize::from(area.height.saturating_sub(2));
    for (row, number) in help.cursor.window(lines.len(), rows).enumerate() {
        let place = line(area, row + 1);
        match &lines[number] {
            HelpLine::Heading(context, here) => {
                let mark = if *here { " (here)" } else { "" };
                put_all(buffer, place, [(context.title(), theme.title), (mark, theme.dim)], theme);
            }
            HelpLine::Entry(entry) => {
                let keys: Vec<String> = keymap.keys(entry.action).iter().map(ToString::to_string).collect();
                put(buffer, column(place, 2, KEYS), &keys.join(" "), theme.key, theme);
                let sentence = place.width >= WITH_HELP;
                let titles = if sentence { TITLES } else { u16::MAX };
                put(buffer, column(place, 2 + KEYS, titles), entry.title, Style::default(), theme);
                if sentence {
                    put(buffer, column(place, 2 + KEYS + TITLES, u16::MAX), entry.help, theme.dim, theme);
                }
            }
        }
        if number == help.cursor.selected {
            buffer.set_style(place, theme.selected);
        }
    }
    if let Some(HelpLine::Entry(entry)) = lines.get(help.cursor.selected) {
        put(buffer, line(area, rows + 1), entry.help, theme.title, theme);
    }
    if lines.is_empty() {
        put(buffer, line(area, 1), "Nothing matches.", theme.dim, theme);
    }
    search_field(buffer, area, "/", &help.filter, theme)
}

/// A part of a line: from `x`, `width` columns less one for the gap.
fn column(area: Rect, x: u16, width: u16) -> Rect {
    Rect { x: area.x.saturating_add(x), width: width - 1, ..area }.intersection(area)
}

fn draw_palette(buffer: &mut Buffer, area: Rect, palette: &Palette, keymap: &Keymap, theme: &Theme) -> Position {
    let entries = palette.entries(keymap);
    let rows = usize::from(area.height.saturating_sub(1));
    for (row, number) in palette.cursor.window(entries.len(), rows).enumerate() {
        let place = line(area, row + 1);
        let selected = number == palette.cursor.selected;
        put(buffer, place, theme.pointer(selected), theme.title, theme);
        put(buffer, column(place, 2, TITLES + 4), entries[number].title, Style::default(), theme);
        put(buffer, column(place, 6 + TITLES, KEYS), &palette.key(keymap, entries[number]), theme.key, theme);
        if place.width >= WITH_NAMES {
            put(buffer, column(place, 6 + TITLES + KEYS, u16::MAX), entries[number].id, theme.dim, theme);
        }
        if selected {
            buffer.set_style(place, theme.selected);
        }
    }
    if entries.is_empty() {
        put(buffer, line(area, 1), "Nothing matches.", theme.dim, theme);
    }
    search_field(buffer, area, ":", &palette.filter, theme)
}

/// What to choose on the left, what else there is to say on the right as far as there is room.
fn draw_pick(buffer: &mut Buffer, area: Rect, pick: &Pick, theme: &Theme) -> Position {
    let matching = pick.matching();
    let text = wrapped(&theme.message(&pick.text), usize::from(area.width));
    for (row, text) in text.iter().enumerate() {
        put(buffer, line(area, row), text, Style::default(), theme);
    }
    let above = (text.len() as u16).min(area.height);
    let area = Rect { y: area.y + above, height: area.height - above, ..area };
    let rows = usize::from(area.height.saturating_sub(1));
    for (row, number) in pick.cursor.window(matching.len(), rows).enumerate() {
        let place = line(area, row + 1);
        let item = &pick.items[matching[number]];
        let selected = number == pick.cursor.selected;
        put(buffer, place, theme.pointer(selected), theme.title, theme);
        let room = column(place, 2, u16::MAX);
        let said = theme.message(&item.about);
        let about = cut(&said, usize::from(room.width / 2), theme).width() as u16;
        put_right(buffer, Rect { x: room.right() - about, width: about, ..room }, &said, theme.dim, theme);
        let label = Rect { width: (room.width - about).saturating_sub(1), ..room };
        put(buffer, label, &theme.message(&item.label), Style::default(), theme);
        if selected {
            buffer.set_style(place, theme.selected);
        }
    }
    if matching.is_empty() {
        put(buffer, line(area, 1), "Nothing matches.", theme.dim, theme);
    }
    search_field(buffer, area, "/", &pick.filter, theme)
}

fn draw_prompt(buffer: &mut Buffer, area: Rect, prompt: &Prompt, theme: &Theme) -> Position {
    let [hint, wrong] = prompt.lines(usize::from(area.width));
    let styled = |lines: Vec<String>, style: Style| lines.into_iter().map(move |text| (text, style));
    for (row, (text, style)) in styled(hint, theme.dim).chain(styled(wrong, theme.error)).enumerate() {
        put(buffer, line(area, row + 1), &theme.message(&text), style, theme);
    }
    search_field(buffer, area, ">", &prompt.field, theme)
}

fn draw_confirm(buffer: &mut Buffer, area: Rect, confirm: &Confirm, theme: &Theme) {
    let lines = wrapped(&theme.message(&confirm.text), usize::from(area.width));
    let rows = usize::from(area.height).saturating_sub(3);
    for (row, text) in lines.iter().skip(confirm.top).take(rows).enumerate() {
        put(buffer, line(area, row + 1), text, Style::default(), theme);
    }
    let shown = lines.len().min(rows);
    if lines.len() > confirm.top + rows {
        put_right(buffer, line(area, shown + 1), "more: Down", theme.dim, theme);
    }
    let answer = |chosen: bool| if chosen { theme.selected } else { Style::default() };
    let pointer = |chosen: bool| if chosen { " >" } else { "  " };
    let (yes, no) = (confirm.yes, !confirm.yes);
    let pieces = [
        (pointer(no), answer(no)),
        ("No ", answer(no)),
        ("   ", Style::default()),
        (pointer(yes), answer(yes)),
        ("Yes ", answer(yes)),
    ];
    put_all(buffer, line(area, shown + 2), pieces, theme);
}

fn draw_notice(buffer: &mut Buffer, area: Rect, notice: &Notice, theme: &Theme) {
    let rows = usize::from(area.height);
    let lines = wrapped(&theme.message(&notice.text), usize::from(area.width));
    for (row, text) in lines.iter().skip(notice.top).take(rows).enumerate() {
        put(buffer, line(area, row), text, Style::default(), theme);
    }
}
