//! Inputs made of other inputs: bits, bytes, tokens, lines, cells and encodings changed, a few at a time.

use crate::random::Random;

/// What goes wrong in files: separators, quotes, marks, line ends, formulas, damage, bytes that are no text.
pub const CSV: &[&[u8]] = &[
    b"\"",
    b"\"\"",
    b",",
    b";",
    b"\t",
    b"|",
    b"\n",
    b"\r\n",
    b"\r",
    b"\0",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xfe\xff",
    b"sep=;\n",
    b"=cmd|'/c calc'!A1",
    b"'=1+1",
    b"''",
    b"+",
    b"-",
    b"@SUM(1)",
    b"1.2E+11",
    b"#N/A",
    b"NULL",
    b"\x1b[2J",
    b"\x1b]52;c;aGk=\x07",
    b"\xc2\x9b31m",
    b"\xe2\x80\xae",
    b"\xe2\x80\x8b",
    b"\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81",
    b"\xed\xa0\x80",
    b"\xc0\x80",
    b"\xf4\x90\x80\x80",
    b"\xff",
    b"\xc3",
    b"\xef\xbf\xbd",
    b"\xe2\x80\xa8",
    b"\xc3\x9f",
    b"\xef\xac\x81",
    b"\xc4\xb0",
    b"+13175550101",
    b"+1 317 555 0101 x12",
    b"tel:",
    b"0049 30 901820",
    b"yes",
    b"1,200",
    b"2147483648",
    b"a@b.example",
    b"https://x.example",
    b"contact.id",
    b"Contact Id",
    b"External ID",
    b"Account Id",
    b"Account Name",
    b"Contact First Name",
    b"Contact Last Name",
    b"Work Phone",
    b"Country",
    b"Company",
    b"muster line",
    b"contact.custom.X",
    b"Contact Id=",
    b"#1+#2=contact.id",
    b"C-1",
    b"A-1",
    b" ",
    b"0001",
    b"US",
    b"Hungary",
    b"a;b|c",
];

/// What queries are written with.
pub const QUERY: &[&[u8]] = &[
    b"\"",
    b"-",
    b":",
    b" ",
    b"org:",
    b"id:",
    b"phone:",
    b"email:",
    b"city:",
    b"name:",
    b"no:phone",
    b"no:",
    b"syncs:no",
    b"import:7",
    b"import:99999999999999999999",
    b"changed:today",
    b"changed:2026-02-30",
    b"changed:2026",
    b"edited:hand",
    b"+49 30",
    b"030 901",
    b"\xc3\x9f",
    b"\xc4\xb0",
    b"\xcc\x81",
    b"\xe2\x80\x8b",
    b"\xef\xac\x83",
    b"Kathryn",
    b"smith",
    b"office mart",
    b"*",
    b"\\",
    b"(",
    b"\0",
    b"\t",
    b"x12",
    b"@",
];

/// What terminals send.
pub const KEYS: &[&[u8]] = &[
    b"\x1b",
    b"\x1b[",
    b"\x1bO",
    b"\x1b[A",
    b"\x1b[1;5C",
    b"\x1b[200~",
    b"\x1b[201~",
    b"\x1b[3~",
    b"\x1b[<0;1;1M",
    b"\x1b[M   ",
    b"\x1bP",
    b"\x1b]0;x\x07",
    b"\x1b\\",
    b"\x1b[?1;2c",
    b"\r",
    b"\n",
    b"\x7f",
    b"\x08",
    b"\x03",
    b"\xc3",
    b"\xf0\x9f\x98",
    b"\xff",
    b";",
    b"999999999999",
    b"\x1b\x1b",
    b"\t",
    b"\x1b[Z",
    b"\x1b\t",
];

/// What JSON is written with.
pub const JSON: &[&[u8]] = &[
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\"",
    b"null",
    b"true",
    b"-1",
    b"0",
    b"1e400",
    b"18446744073709551616",
    b"65535",
    b"\\u0000",
    b"\\ud800",
    b"\"columns\"",
    b"\"separator\"",
    b"{\"Field\":65535}",
    b"{\"Key\":0}",
    b"\"LeftOut\"",
    b"[[[[[[[[[[[[[[[[",
    b"\xff",
    b"\"US\"",
    b"\"\"",
    b"{\"said\":[]}\n",
    b"{\"at\":\"conflicts\"}\n",
    b"\"undone\"\n",
    b"\"redone\"\n",
    b"{\"committing\":\"\"}\n",
    b"\"Hold\"",
    b"\"Base\"",
    b"{\"Typed\":[255]}",
    b"{\"Fields\":{}}",
    b"\"Contact\"",
    b"\"Organization\"",
    b"\"TakeFile\"",
    b"\"SamePerson\"",
    b"4294967295",
    b"\"AC-1\"",
    b"\"C-10\"",
];

/// What `config.toml` is written with.
pub const TOML: &[&[u8]] = &[
    b"\n",
    b"[keys]\n",
    b"[[keys]]\n",
    b"keys.",
    b"theme = \"mono\"\n",
    b"ascii = true\n",
    b"region = \"GB\"\n",
    b"blank = \"clear\"\n",
    b"search = [\"/\", \"Ctrl-F\"]\n",
    b"quit = \"Q\"\n",
    b"quit = []\n",
    b"\"Alt-x\"",
    b"\"F1\"",
    b"\"Ctrl-H\"",
    b"\"Ctrl-Shift-\xc3\xa9\"",
    b"\"\xcc\x81\"",
    b"\"\\u202e\"",
    b"\"\\U0010ffff\"",
    b"\"\"\"",
    b"'''",
    b"=",
    b"#",
    b"[",
    b"{",
    b"}",
    b"]",
    b".",
    b",",
    b"\r",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"1979-05-27T07:32:00Z",
    b"nan",
    b"0x7fffffffffffffffffff",
    b"{a={a={a={a={a={a={a={a={",
];

/// Numbers at the edges of lengths and counters.
pub const BINARY: &[&[u8]] = &[
    b"\0",
    b"\x01",
    b"\x7f",
    b"\x80",
    b"\xff",
    b"\xff\xff",
    b"\xff\xff\xff\xff",
    b"\0\0\0\0",
    b"\xff\xff\xff\xff\x0f",
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
    b"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01",
    b"\0\0\0\x80",
    b"\x00\x10\x00\x00",
    b"\xff\xff\xff\x7f",
];

/// An input for the `number`th execution: one of `seeds`, changed in one to eight places, of at most `most` bytes.
pub fn mutated(random: &mut Random, seeds: &[Vec<u8>], words: &[&[u8]], most: usize) -> Vec<u8> {
    let mut input = one(random, seeds).clone();
    for _ in 0..=random.below(8) {
        match random.below(20) {
            0..=2 => flip(random, &mut input),
            3 | 4 => set(random, &mut input),
            5..=8 => insert(random, &mut input, words),
            9 => remove(random, &mut input),
            10 => repeat(random, &mut input, most),
            11 => swap(random, &mut input),
            12 | 13 => {
                let other = one(random, seeds);
                graft(random, &mut input, other);
            }
            14 => {
                let end = below(random, input.len() + 1);
                input.truncate(end);
            }
            15 | 16 => cells(random, &mut input),
            17 => {
                let other = one(random, seeds);
                lines(random, &mut input, other);
            }
            18 => overwrite(random, &mut input, words),
            _ if random.chance(0.2) => recode(random, &mut input),
            _ => set(random, &mut input),
        }
    }
    input.truncate(most);
    input
}

fn below(random: &mut Random, limit: usize) -> usize {
    random.below(limit.max(1) as u64) as usize
}

fn one<'a, T>(random: &mut Random, all: &'a [T]) -> &'a T {
    &all[below(random, all.len())]
}

/// A range within so many bytes: short ones are more likely.
fn range(random: &mut Random, len: usize) -> std::ops::Range<usize> {
    let start = below(random, len + 1);
    let most = if random.chance(0.8) { 16.min(len - start) } else { len - start };
    start..start + below(random, most + 1)
}

fn flip(random: &mut Random, input: &mut [u8]) {
    if !input.is_empty() {
        let at = below(random, input.len());
        input[at] ^= 1 << random.below(8);
    }
}

fn set(random: &mut Random, input: &mut [u8]) {
    if !input.is_empty() {
        let at = below(random, input.len());
        input[at] =
            if random.chance(0.5) { random.below(256) as u8 } else { *one(random, b"\0\x01\x7f\x80\xff\"\n,;-+=") };
    }
}

fn insert(random: &mut Random, input: &mut Vec<u8>, words: &[&[u8]]) {
    let at = below(random, input.len() + 1);
    let word = random.pick(words);
    input.splice(at..at, word.iter().copied());
}

fn overwrite(random: &mut Random, input: &mut Vec<u8>, words: &[&[u8]]) {
    let at = below(random, input.len() + 1);
    let word = random.pick(words);
    let end = (at + word.len()).min(input.len());
    input.splice(at..end, word.iter().copied());
}

fn remove(random: &mut Random, input: &mut Vec<u8>) {
    let range = range(random, input.len());
    input.drain(range);
}

/// A part comes several times; now and then so often that it reaches a limit.
fn repeat(random: &mut Random, input: &mut Vec<u8>, most: usize) {
    let range = range(random, input.len());
    let part = input[range.clone()].to_vec();
    if part.is_empty() || input.len() >= most {
        return;
    }
    let fit = (most - input.len()) / part.len();
    let times = if random.chance(0.002) { fit } else { below(random, 40).min(fit) };
    input.splice(range.end..range.end, part.repeat(times));
}

fn swap(random: &mut Random, input: &mut [u8]) {
    if input.len() > 1 {
        let (a, b) = (below(random, input.len()), below(random, input.len()));
        input.swap(a, b);
    }
}

/// A part of another input takes the place of a part.
fn graft(random: &mut Random, input: &mut Vec<u8>, other: &[u8]) {
    let (to, from) = (range(random, input.len()), range(random, other.len()));
    input.splice(to, other[from].iter().copied());
}

/// Two cells of one line change places, or one takes the other's: headers permuted, values in foreign columns.
fn cells(random: &mut Random, input: &mut Vec<u8>) {
    let separator = *one(random, b",,,;\t");
    let mut lines: Vec<Vec<u8>> = input.split(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
    let line = below(random, lines.len());
    let mut cells: Vec<&[u8]> = lines[line].split(|b| *b == separator).collect();
    let (a, b) = (below(random, cells.len()), below(random, cells.len()));
    match random.below(4) {
        0 => cells.swap(a, b),
        1 => cells[a] = cells[b],
        2 => cells[a] = b"",
        _ => drop(cells.remove(a)),
    }
    lines[line] = cells.join(&separator);
    *input = lines.join(&b'\n');
}

/// A line is doubled, moved, dropped, or comes from another input.
fn lines(random: &mut Random, input: &mut Vec<u8>, other: &[u8]) {
    let mut lines: Vec<&[u8]> = input.split(|b| *b == b'\n').collect();
    let foreign: Vec<&[u8]> = other.split(|b| *b == b'\n').collect();
    let (a, b) = (below(random, lines.len()), below(random, lines.len()));
    match random.below(4) {
        0 => lines.insert(a, lines[b]),
        1 => lines.swap(a, b),
        2 => drop(lines.remove(a)),
        _ => {
            let line = random.pick(&foreign);
            lines.insert(a, line);
        }
    }
    *input = lines.join(&b'\n');
}

/// The text in another encoding.
fn recode(random: &mut Random, input: &mut Vec<u8>) {
    let text = String::from_utf8_lossy(input).into_owned();
    *input = match random.below(4) {
        0 => [b"\xff\xfe".to_vec(), text.encode_utf16().flat_map(u16::to_le_bytes).collect()].concat(),
        1 => [b"\xfe\xff".to_vec(), text.encode_utf16().flat_map(u16::to_be_bytes).collect()].concat(),
        2 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        _ => encoding_rs::WINDOWS_1252.encode(&text).0.into_owned(),
    };
}
