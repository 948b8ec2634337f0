//! The style that the terminal writes in, and the shortest way to another one.

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

/// Colours and modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pen {
    /// Of the letters.
    pub fg: Color,
    /// Behind them.
    pub bg: Color,
    /// Bold, reversed and the like.
    pub modifier: Modifier,
}

/// The modifiers that terminals know, with their parameter of SGR.
const MODIFIERS: [(Modifier, u8); 7] = [
    (Modifier::BOLD, 1),
    (Modifier::DIM, 2),
    (Modifier::ITALIC, 3),
    (Modifier::UNDERLINED, 4),
    (Modifier::SLOW_BLINK, 5),
    (Modifier::REVERSED, 7),
    (Modifier::CROSSED_OUT, 9),
];

impl Pen {
    /// The pen that a cell is written with.
    pub fn of(cell: &Cell) -> Pen {
        Pen { fg: cell.fg, bg: cell.bg, modifier: cell.modifier }
    }

    /// Whether a blank that it writes shows nothing.
    pub fn leaves_blanks(self) -> bool {
        let shows = Modifier::REVERSED | Modifier::UNDERLINED | Modifier::CROSSED_OUT;
        self.bg == Color::Reset && !self.modifier.intersects(shows)
    }

    /// Becomes another pen, and says so to the terminal.
    pub fn change(&mut self, to: Pen, out: &mut Vec<u8>) {
        if *self == to {
            return;
        }
        let mut parameters: Vec<String> = Vec::new();
        // What is on and shall not be is put off all at once: there are no two codes for it that all terminals share.
        if !to.modifier.contains(self.modifier) {
            *self = Pen::default();
            parameters.push("0".to_owned());
        }
        let missing = MODIFIERS.iter().filter(|(m, _)| to.modifier.contains(*m) && !self.modifier.contains(*m));
        parameters.extend(missing.map(|(_, code)| code.to_string()));
        if self.fg != to.fg {
            parameters.push(colour(to.fg, 30));
        }
        if self.bg != to.bg {
            parameters.push(colour(to.bg, 40));
        }
        let plain = to == Pen::default();
        let text = if plain { "\x1b[m".to_owned() } else { format!("\x1b[{}m", parameters.join(";")) };
        out.extend(text.as_bytes());
        *self = to;
    }
}

/// The parameters of a colour; `base` is 30 for letters and 40 for what is behind them.
fn colour(colour: Color, base: u8) -> String {
    let ansi = [
        Color::Black,
        Color::Red,
        Color::Green,
        Color::Yellow,
        Color::Blue,
        Color::Magenta,
        Color::Cyan,
        Color::Gray,
        Color::DarkGray,
        Color::LightRed,
        Color::LightGreen,
        Color::LightYellow,
        Color::LightBlue,
        Color::LightMagenta,
        Color::LightCyan,
        Color::White,
    ];
    match (colour, (0u8..).zip(ansi).find(|(_, known)| *known == colour)) {
        (_, Some((number @ ..8, _))) => (base + number).to_string(),
        (_, Some((number, _))) => (base + 52 + number).to_string(),
        (Color::Indexed(number), None) => format!("{};5;{number}", base + 8),
        (Color::Rgb(r, g, b), None) => format!("{};2;{r};{g};{b}", base + 8),
        _ => (base + 9).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(from: Pen, to: Pen) -> String {
        let mut out = Vec::new();
        let mut pen = from;
        pen.change(to, &mut out);
        assert_eq!(pen, to);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_way_between_two_styles_is_short() {
        let plain = Pen::default();
        let bold = Pen { modifier: Modifier::BOLD, ..plain };
        let red = Pen { fg: Color::Red, modifier: Modifier::BOLD, ..plain };
        assert_eq!(sent(plain, plain), "");
        assert_eq!(sent(plain, bold), "\x1b[1m");
        assert_eq!(sent(bold, red), "\x1b[31m");
        assert_eq!(sent(red, bold), "\x1b[39m");
        assert_eq!(sent(red, plain), "\x1b[m");
        assert_eq!(sent(bold, Pen { modifier: Modifier::DIM, ..plain }), "\x1b[0;2m");
        assert_eq!(sent(plain, Pen { fg: Color::LightCyan, ..plain }), "\x1b[96m");
        assert_eq!(sent(plain, Pen { bg: Color::White, ..plain }), "\x1b[107m");
    }
}
