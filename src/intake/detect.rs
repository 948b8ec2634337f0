//! What a file is, told from its first MiB: text or not, which encoding, which separator and line end (R20).

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::batch::Batch;
use super::error::IntakeError;
use super::records::{Format, Records};
use crate::model::fields;

/// How the encoding was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Detected {
    /// A byte order mark says it.
    Bom,
    /// A person chose it.
    Chosen,
    /// The first MiB is valid UTF-8, or damaged in so few places that it is meant to be.
    Utf8,
    /// It is not UTF-8, so Windows-1252 is assumed; [`super::Source::samples`] shows what comes out.
    Guess {
        /// Another encoding that the letters resemble, as a WHATWG label for `--encoding`.
        resembles: Option<&'static str>,
    },
}

/// An encoding, how it was found, and the length of its byte order mark.
pub(super) struct Found {
    pub(super) encoding: &'static Encoding,
    pub(super) detected: Detected,
    pub(super) bom_len: usize,
}

/// The encoding of a file that begins with `head`. A byte order mark decides, then `chosen`, then the bytes.
pub(super) fn encoding(name: &str, head: &[u8], whole: bool, chosen: Option<&str>) -> Result<Found, IntakeError> {
    let chosen = chosen
        .map(|label| {
            let unknown = || IntakeError::UnknownEncoding { label: label.to_owned() };
            let found = Encoding::for_label(label.as_bytes()).ok_or_else(unknown)?;
            // WHATWG's "replacement" stands for encodings that must not be decoded.
            if found == encoding_rs::REPLACEMENT { Err(unknown()) } else { Ok(found) }
        })
        .transpose()?;
    if head.starts_with(b"\xff\xfe\0\0") || head.starts_with(b"\0\0\xfe\xff") {
        return Err(IntakeError::WideText { name: name.to_owned(), label: "UTF-32" });
    }
    if let Some((encoding, bom_len)) = Encoding::for_bom(head) {
        return Ok(Found { encoding, detected: Detected::Bom, bom_len });
    }
    if let Some(looks_like) = signature(head) {
        return Err(IntakeError::Binary { name: name.to_owned(), looks_like });
    }
    if let Some(encoding) = chosen {
        return Ok(Found { encoding, detected: Detected::Chosen, bom_len: 0 });
    }
    if let Some(label) = wide(head) {
        return Err(IntakeError::WideText { name: name.to_owned(), label });
    }
    if is_noise(head) {
        return Err(IntakeError::Binary { name: name.to_owned(), looks_like: "binary data" });
    }
    if is_utf8(head, whole) {
        return Ok(Found { encoding: UTF_8, detected: Detected::Utf8, bom_len: 0 });
    }
    Ok(Found { encoding: WINDOWS_1252, detected: Detected::Guess { resembles: resembles(head) }, bom_len: 0 })
}

/// What a file with these first bytes is, if it is one of the things that people take for CSV files.
fn signature(head: &[u8]) -> Option<&'static str> {
    let known: [(&[u8], &'static str); 7] = [
        (b"PK\x03\x04", "an Excel workbook or a ZIP archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook"),
        (b"\x1f\x8b", "a gzip archive"),
        (b"%PDF-", "a PDF document"),
        (b"\x89PNG", "a picture"),
        (b"{\\rtf", "an RTF document"),
        (b"\x7fELF", "a program"),
    ];
    known.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, looks_like)| *looks_like)
}

/// Whether the bytes look like UTF-16 without a mark: nearly every second byte is zero, as in Western text.
fn wide(head: &[u8]) -> Option<&'static str> {
    let pairs = head.len() / 2;
    let zeros = |offset: usize| head.iter().skip(offset).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    match (even * 10 > pairs * 4, odd * 10 > pairs * 4) {
        (false, true) => Some(UTF_16LE.name()),
        (true, false) => Some(UTF_16BE.name()),
        _ => None,
    }
}

/// Whether over 5 % of the bytes (and not just a few) are control characters that text does not have.
fn is_noise(head: &[u8]) -> bool {
    let text = |b: &u8| !matches!(b, 0..=8 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f | 0x7f);
    let noise = head.len() - head.iter().filter(|b| text(b)).count();
    noise > 16 && noise * 20 > head.len()
}

/// Whether the bytes are meant to be UTF-8: at most as many places are damaged as are well formed beyond ASCII.
/// Text of another encoding hardly ever forms such a sequence by chance.
fn is_utf8(head: &[u8], whole: bool) -> bool {
    let (mut good, mut bad) = (0usize, 0usize);
    let mut at = 0;
    for chunk in head.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        at += chunk.valid().len() + chunk.invalid().len();
        // A character cut by the end of the head is no damage.
        let cut = at == head.len() && !whole && chunk.invalid().len() < 4;
        bad += usize::from(!chunk.invalid().is_empty() && !cut);
    }
    bad == 0 || bad <= good
}

/// The encoding whose letters the bytes resemble, if it is not the one that is assumed anyway.
fn resembles(head: &[u8]) -> Option<&'static str> {
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(head, true);
    let guess = detector.guess(None, chardetng::Utf8Detection::Deny);
    (guess != WINDOWS_1252).then(|| guess.name())
}

/// How the records of a decoded head are written: `sep=` line, separator and line end.
pub(super) fn format(head: &[u8], chosen: Option<u8>) -> Result<Format, IntakeError> {
    if let Some(separator) = chosen.filter(|s| !can_separate(*s)) {
        return Err(IntakeError::Separator { separator: char::from(separator) });
    }
    // Old Macintosh files end their lines by CR alone.
    let terminator = if head.contains(&b'\n') || !head.contains(&b'\r') { b'\n' } else { b'\r' };
    let said = sep_line(head, terminator);
    let skip_first_line = said.is_some();
    let separator = chosen.or(said).unwrap_or_else(|| {
        // The last of equals wins in `max_by_key`, so the most common separator comes last.
        let score = |separator: &u8| header_score(head, Format { separator: *separator, terminator, skip_first_line });
        [b'\t', b';', b','].into_iter().max_by_key(score).unwrap_or(b',')
    });
    Ok(Format { separator, terminator, skip_first_line })
}

fn can_separate(separator: u8) -> bool {
    separator.is_ascii() && !separator.is_ascii_alphanumeric() && !matches!(separator, b'"' | b'\r' | b'\n' | 0)
}

/// The separator of a first line `sep=X`, which Excel writes and obeys.
fn sep_line(head: &[u8], terminator: u8) -> Option<u8> {
    let line = head.split(|b| *b == terminator).next()?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let line = line.strip_prefix(b"\"").and_then(|l| l.strip_suffix(b"\"")).unwrap_or(line);
    match line {
        [s, e, p, b'=', separator] if [*s, *e, *p].eq_ignore_ascii_case(b"sep") => {
            Some(*separator).filter(|s| can_separate(*s))
        }
        _ => None,
    }
}

/// How well a separator splits the header: into how many columns that the table knows, then into how many at all, and
/// if neither tells, how often it stands in the first line.
fn header_score(head: &[u8], format: Format) -> (usize, usize, usize) {
    let mut batch = Batch::default();
    let read = Records::new(head, format).next(&mut batch);
    let record = batch.records().next().filter(|_| matches!(read, Ok(true)));
    let cells: Vec<&[u8]> = record.and_then(|r| r.cells.ok()).map(|c| c.iter().collect()).unwrap_or_default();
    let known = cells.iter().filter(|cell| fields::meaning(&String::from_utf8_lossy(cell)).is_known()).count();
    let line = head.split(|b| *b == format.terminator).next().unwrap_or_default();
    (known, cells.len().saturating_sub(1), line.iter().filter(|b| **b == format.separator).count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn detected(head: &[u8]) -> (&'static str, Detected) {
        let found = encoding("x.csv", head, true, None).unwrap();
        (found.encoding.name(), found.detected)
    }

    #[rstest]
    #[case(b"\xef\xbb\xbfContact Id", "UTF-8", Detected::Bom)]
    #[case(b"\xff\xfeC\0", "UTF-16LE", Detected::Bom)]
    #[case(b"\xfe\xff\0C", "UTF-16BE", Detected::Bom)]
    #[case(b"Contact Id", "UTF-8", Detected::Utf8)]
    #[case("Jürgen".as_bytes(), "UTF-8", Detected::Utf8)]
    #[case("Jürgen Größe \u{fffd}".as_bytes(), "UTF-8", Detected::Utf8)]
    #[case(b"J\xc3\xbcrgen, Andr\xc3\xa9, \xff", "UTF-8", Detected::Utf8)]
    #[case(b"Name\nJ\xfcrgen M\xfcller\nStra\xdfe", "windows-1252", Detected::Guess { resembles: None })]
    fn r20_encodings(#[case] head: &[u8], #[case] name: &str, #[case] how: Detected) {
        assert_eq!(detected(head), (name, how));
    }

    #[test]
    fn r20_a_character_cut_by_the_end_of_the_head_is_no_damage() {
        assert_eq!(encoding("x", b"abc\xc3", false, None).unwrap().encoding, UTF_8);
        assert_eq!(encoding("x", b"abc\xc3", true, None).unwrap().encoding, WINDOWS_1252);
    }

    #[test]
    fn r20_letters_of_central_europe_are_pointed_out() {
        let (text, ..) =
            encoding_rs::WINDOWS_1250.encode("Győr, Székesfehérvár, Hódmezővásárhely, őszibarack, fűtő, hűtő");
        assert_eq!(detected(&text).1, Detected::Guess { resembles: Some("windows-1250") });
    }

    #[rstest]
    #[case(b"PK\x03\x04....")]
    #[case(b"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17")]
    fn binary_content_is_refused(#[case] head: &[u8]) {
        assert!(matches!(encoding("x", head, true, None), Err(IntakeError::Binary { .. })));
    }

    #[test]
    fn r20_wide_text_without_a_mark_asks_for_its_encoding() {
        let head: Vec<u8> = "Contact Id,Name".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(matches!(encoding("x", &head, true, None), Err(IntakeError::WideText { label: "UTF-16LE", .. })));
        assert_eq!(encoding("x", &head, true, Some("utf-16le")).unwrap().detected, Detected::Chosen);
    }

    #[test]
    fn r20_only_real_encodings_can_be_chosen() {
        for label in ["klingon", "replacement", "hz-gb-2312"] {
            assert!(matches!(encoding("x", b"a", true, Some(label)), Err(IntakeError::UnknownEncoding { .. })));
        }
        assert_eq!(encoding("x", b"a", true, Some("latin1")).unwrap().encoding, WINDOWS_1252);
    }

    #[rstest]
    #[case("Contact Id,Contact First Name\n1,2", b',', false)]
    #[case("Contact Id;Contact First Name\n1;2", b';', false)]
    #[case("Contact Id\tContact First Name\n", b'\t', false)]
    #[case("\"Company, legal\";Contact Id;Note, a, b, c\n", b';', false)]
    #[case("Contact Id", b',', false)]
    #[case("sep=;\r\nContact Id,x,y;b\r\n", b';', true)]
    #[case("SEP=|\na|b\n", b'|', true)]
    #[case("\"sep=;\"\na,b\n", b';', true)]
    fn r20_separators(#[case] head: &str, #[case] separator: u8, #[case] skip: bool) {
        let format = format(head.as_bytes(), None).unwrap();
        assert_eq!((format.separator, format.skip_first_line), (separator, skip));
    }

    #[test]
    fn r20_a_chosen_separator_wins_and_must_be_able_to_separate() {
        let chosen = format(b"sep=;\na,b", Some(b',')).unwrap();
        assert_eq!((chosen.separator, chosen.skip_first_line), (b',', true));
        assert!(matches!(format(b"a", Some(b'"')), Err(IntakeError::Separator { separator: '"' })));
    }

    #[test]
    fn lone_carriage_returns_end_lines_where_nothing_else_does() {
        assert_eq!(format(b"a,b\rc,d\r", None).unwrap().terminator, b'\r');
        assert_eq!(format(b"a,b\r\nc\rd,e", None).unwrap().terminator, b'\n');
    }
}
