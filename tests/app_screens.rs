//! What the screens look like: state in, picture out.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/dump.rs"]
mod dump;
#[path = "support/records.rs"]
mod records;

use std::time::Duration;

use dump::{SIZES, dump, picture, pictures};
use insta::assert_snapshot;
use muster::app::effect::Effect;
use muster::app::job::{Counts, Ended, Found, Progress, Report, Slot};
use muster::app::key::{Code, Key};
use muster::app::message::{Message, Size};
use muster::app::screen::Screen;
use muster::app::state::State;
use muster::app::update::update;
use muster::tui::paint::Painter;
use muster::tui::theme::Theme;
use muster::tui::view;
use muster::tui::widget::matrix::{Matrix, Row};
use muster::tui::widget::progress::put_progress;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;
use records::{browse, found, hit};

const USUAL: (u16, u16) = (80, 24);
const WIDE: (u16, u16) = (120, 40);
const NARROW: (u16, u16) = (60, 15);

fn press(state: &mut State, keys: &str) -> Vec<Effect> {
    keys.chars().flat_map(|c| update(state, Message::Key(Key::char(c)))).collect()
}

fn key(state: &mut State, code: Code) -> Vec<Effect> {
    update(state, Message::Key(Key::plain(code)))
}

fn colour() -> Theme {
    Theme::new(true, false)
}

/// Pictures at three sizes.
fn scene(name: &str, mut state: State) {
    for (size, picture) in pictures(&mut state, &SIZES) {
        assert_snapshot!(format!("{name}_{size}"), picture);
    }
}

/// Browse after these keys.
fn after(keys: &str) -> State {
    let mut state = browse(USUAL);
    press(&mut state, keys);
    state
}

fn start() -> State {
    State::new(Size { width: 80, height: 24 }).0
}

#[test]
fn browse_from_the_start_on() {
    scene("browse_opening", start());
    let mut empty = start();
    update(&mut empty, Message::Report(Report::Opened(Counts::default())));
    update(&mut empty, Message::Report(Report::Found(Found::default())));
    key(&mut empty, Code::Esc);
    assert_eq!(empty.screen, Screen::Browse);
    scene("browse_empty", empty);
    scene("browse", after("jj"));
}

#[test]
fn the_mono_theme_shows_the_same_with_modifiers_only() {
    let state = browse(NARROW);
    assert_snapshot!(picture(&state, &Theme::new(false, true)));
    let picture = picture(&after("?"), &Theme::new(false, true));
    assert!(picture.is_ascii() && !picture.contains("Cyan"));
}

#[test]
fn help_and_palette() {
    scene("help", after("?"));
    scene("help_searched", after("?quit"));
    let mut palette = after(":");
    key(&mut palette, Code::Down);
    scene("palette", palette);
    scene("palette_searched", after(":org"));
    scene("palette_nothing", after(":zzz"));
}

#[test]
fn questions_and_messages() {
    let mut quit = after("");
    update(&mut quit, Message::Key(Key::ctrl('c')));
    scene("confirm", quit);
    let mut error = start();
    let why =
        "the base is in use by ann (muster import, process 4711, since 10:14)\nclose it there, or wait: --wait 60";
    update(&mut error, Message::Ended(Slot::Base, Ended::Failed(why.to_owned())));
    scene("error", error);
    scene("notice", after("h"));
    let mut busy = after("");
    let progress = Progress { doing: "Importing contacts-nov.csv".to_owned(), ..checking() };
    busy.running.push((Slot::Import, progress));
    scene("browse_while_an_import_runs", busy);
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

fn checking() -> Progress {
    Progress {
        doing: "Checking".to_owned(),
        rows: 450_000,
        bytes: 157_000_000,
        total_bytes: 348_000_000,
        elapsed: Duration::from_secs(5),
        ..Progress::default()
    }
}

#[test]
fn progress() {
    let progress = checking();
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

/// The painter of a window of 120x40, and how many bytes a frame sends.
struct Line(Painter);

impl Line {
    fn new(state: &State) -> Line {
        let mut line = Line(Painter::new(Rect::new(0, 0, WIDE.0, WIDE.1)));
        line.bytes(state);
        line
    }

    fn bytes(&mut self, state: &State) -> usize {
        let mut terminal = Terminal::new(TestBackend::new(WIDE.0, WIDE.1)).unwrap();
        terminal.draw(|frame| view::draw(state, &colour(), frame)).unwrap();
        self.0.paint(terminal.backend().buffer().clone(), None).len()
    }
}

/// Records in which everything is another, and as long as it usually is at most.
fn people(first: usize) -> Vec<muster::app::job::Hit> {
    let names = ["Kathryn Smith", "Josh Smithers", "Carlos Hernández", "Oliver Ashworth", "Rebecca Jones-Smith"];
    let offices = ["Office Mart", "Granite Insurance 33 Inc.", "Patel Group", "Quarry Tools & Sons"];
    (first..first + 80).map(|n| hit(n * 37, names[n % names.len()], offices[n % offices.len()])).collect()
}

#[test]
fn a_moved_selection_sends_at_most_400_bytes() {
    let mut state = browse(WIDE);
    update(&mut state, Message::Report(Report::Found(found("", people(0)))));
    let mut line = Line::new(&state);
    let keys = [[Code::Down; 70], [Code::Up; 70]].concat();
    let most = keys.into_iter().map(|code| {
        key(&mut state, code);
        line.bytes(&state)
    });
    let most = most.max().unwrap();
    assert!(most <= 400, "{most} bytes");
}

#[test]
fn a_letter_of_a_search_sends_at_most_3000_bytes_where_every_hit_is_another() {
    let mut state = browse(WIDE);
    update(&mut state, Message::Report(Report::Found(found("", people(0)))));
    let mut line = Line::new(&state);
    press(&mut state, "/smi");
    update(&mut state, Message::Report(Report::Found(found("smi", people(500)))));
    let bytes = line.bytes(&state);
    assert!(bytes <= 3000, "{bytes} bytes");
}
