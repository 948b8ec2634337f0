//! What the screens look like: state in, picture out.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/dump.rs"]
mod dump;
#[path = "support/records.rs"]
mod records;

use std::time::Duration;

use dump::dump;
use insta::assert_snapshot;
use muster::app::effect::Effect;
use muster::app::job::{Counts, Ended, Found, Progress, Report, Slot};
use muster::app::key::{Code, Key};
use muster::app::message::{Message, Size};
use muster::app::state::State;
use muster::app::update::update;
use muster::tui::theme::Theme;
use muster::tui::view;
use muster::tui::widget::matrix::{Matrix, Row};
use muster::tui::widget::progress::put_progress;
use ratatui::backend::{CrosstermBackend, TestBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;
use ratatui::{Terminal, TerminalOptions, Viewport};
use records::browse;

const USUAL: (u16, u16) = (80, 24);
const WIDE: (u16, u16) = (120, 40);
const NARROW: (u16, u16) = (60, 15);

fn press(state: &mut State, keys: &str) -> Vec<Effect> {
    keys.chars().flat_map(|c| update(state, Message::Key(Key::char(c)))).collect()
}

fn picture(state: &State, theme: &Theme) -> String {
    let mut terminal = Terminal::new(TestBackend::new(state.size.width, state.size.height)).unwrap();
    terminal.draw(|frame| view::draw(state, theme, frame)).unwrap();
    dump(terminal.backend().buffer())
}

fn colour() -> Theme {
    Theme::new(true, false)
}

#[test]
fn browse_at_three_sizes() {
    for (name, size) in [("usual", USUAL), ("wide", WIDE), ("narrow", NARROW)] {
        let mut state = browse(size);
        press(&mut state, "jj");
        assert_snapshot!(format!("browse_{name}"), picture(&state, &colour()));
    }
}

#[test]
fn browse_before_the_base_is_open_and_with_nothing_in_it() {
    let (mut state, _) = State::new(Size { width: 60, height: 15 });
    assert_snapshot!("browse_opening", picture(&state, &colour()));
    update(&mut state, Message::Report(Report::Opened(Counts::default())));
    update(&mut state, Message::Report(Report::Found(Found::default())));
    assert_snapshot!("browse_empty", picture(&state, &colour()));
}

#[test]
fn the_mono_theme_shows_the_same_with_modifiers_only() {
    let state = browse(NARROW);
    assert_snapshot!(picture(&state, &Theme::new(false, true)));
    let mut searching = browse(USUAL);
    press(&mut searching, "?");
    let picture = picture(&searching, &Theme::new(false, true));
    assert!(picture.is_ascii() && !picture.contains("Cyan"));
}

#[test]
fn help_at_three_sizes() {
    for (name, size) in [("usual", USUAL), ("wide", WIDE), ("narrow", NARROW)] {
        let mut state = browse(size);
        press(&mut state, "?");
        assert_snapshot!(format!("help_{name}"), picture(&state, &colour()));
    }
}

#[test]
fn help_searched() {
    let mut state = browse(USUAL);
    press(&mut state, "?quit");
    assert_snapshot!(picture(&state, &colour()));
}

#[test]
fn palette_at_three_sizes() {
    for (name, size) in [("usual", USUAL), ("wide", WIDE), ("narrow", NARROW)] {
        let mut state = browse(size);
        press(&mut state, ":");
        update(&mut state, Message::Key(Key::plain(Code::Down)));
        assert_snapshot!(format!("palette_{name}"), picture(&state, &colour()));
    }
}

#[test]
fn questions_and_messages() {
    let mut state = browse(USUAL);
    update(&mut state, Message::Key(Key::ctrl('c')));
    assert_snapshot!("confirm", picture(&state, &colour()));
    let mut state = browse(NARROW);
    let why =
        "the base is in use by ann (muster import, process 4711, since 10:14)\nclose it there, or wait: --wait 60";
    update(&mut state, Message::Ended(Slot::Base, Ended::Failed(why.to_owned())));
    assert_snapshot!("error", picture(&state, &colour()));
}

#[test]
fn a_small_window_says_so() {
    let state = browse((39, 9));
    assert_snapshot!(picture(&state, &colour()));
}

#[test]
fn no_size_makes_the_view_panic() {
    for width in (0..140).step_by(7) {
        for height in 0..30 {
            for keys in ["", "?", ":", "2", "/smith"] {
                let mut state = browse((width, height));
                press(&mut state, keys);
                picture(&state, &colour());
            }
        }
    }
}

fn area(width: u16, height: u16) -> Buffer {
    Buffer::empty(Rect::new(0, 0, width, height))
}

#[test]
fn progress() {
    let progress = Progress {
        doing: "Checking".to_owned(),
        rows: 450_000,
        bytes: 157_000_000,
        total_bytes: 348_000_000,
        elapsed: Duration::from_secs(5),
        ..Progress::default()
    };
    let mut buffer = area(80, 2);
    put_progress(&mut buffer, Rect::new(0, 0, 80, 1), &progress, &colour());
    put_progress(&mut buffer, Rect::new(0, 1, 80, 1), &progress, &Theme::new(false, true));
    assert_snapshot!(dump(&buffer));
}

fn matrix(width: u16, selected: usize, theme: &Theme) -> String {
    let row = |label: &str, compared: bool, cells: &[&str]| Row {
        label: label.to_owned(),
        compared,
        differs: false,
        picked: None,
        cells: cells.iter().map(|cell| (*cell != "-").then(|| (*cell).to_owned())).collect(),
    };
    let rows = [
        row("rows", false, &["12", "2", "1", "import 6"]),
        row("lines", false, &["2,3,5...", "9,40", "77", "-"]),
        row("Name", true, &["Office Mart", "Office Max", "Office Mart", "Office Mart"]),
        row("Phone", true, &["+13175550100", "+13175550199", "+13175550100", "+13175550100"]),
        row("Industry", true, &["Retail", "", "-", "Retail"]),
        row("City", true, &["Carmel", "Carmel", "Carmel", "Carmel"]),
    ];
    let heads = ["1", "2", "3", "in base"].map(str::to_owned);
    let mut buffer = area(width, 7);
    Matrix { heads: &heads, rows: &rows, selected, row: Some(3), pinned: 1, beyond: (0, 0), theme }
        .render(buffer.area, &mut buffer);
    dump(&buffer)
}

#[test]
fn the_matrix_marks_what_differs_and_scrolls_sideways() {
    assert_snapshot!("matrix_wide", matrix(80, 0, &colour()));
    assert_snapshot!("matrix_narrow", matrix(40, 2, &colour()));
    assert_snapshot!("matrix_mono", matrix(60, 1, &Theme::new(false, true)));
    for width in 0..60 {
        for selected in 0..4 {
            matrix(width, selected, &colour());
        }
    }
}

/// How many bytes these frames send, one after the other.
fn sent(frames: &[&State]) -> usize {
    let mut bytes = Vec::new();
    let viewport = Viewport::Fixed(Rect::new(0, 0, 120, 40));
    let mut terminal = Terminal::with_options(CrosstermBackend::new(&mut bytes), TerminalOptions { viewport }).unwrap();
    for state in frames {
        terminal.draw(|frame| view::draw(state, &colour(), frame)).unwrap();
    }
    drop(terminal);
    bytes.len()
}

#[test]
fn a_moved_selection_sends_a_few_hundred_bytes() {
    let before = browse(WIDE);
    let mut after = browse(WIDE);
    press(&mut after, "j");
    let moved = sent(&[&before, &after]) - sent(&[&before]);
    println!("first frame {} bytes, moved selection {moved} bytes", sent(&[&before]));
    assert!(moved <= 500, "{moved} bytes");
}
