use super::*;
use proptest::prelude::*;
use rstest::rstest;

const COMMA: Format = Format { separator: b',', terminator: b'\n', skip_first_line: false };

/// Text that arrives in small pieces.
struct Pieces<'a>(&'a [u8], usize);

impl Input for Pieces<'_> {
    fn more(&mut self, into: &mut Vec<u8>) -> Result<(), IntakeError> {
        let (piece, rest) = self.0.split_at(self.1.min(self.0.len()));
        into.extend_from_slice(piece);
        self.0 = rest;
        Ok(())
    }
}

type Split = (u32, Result<Vec<String>, Code>);

fn split(input: impl Input) -> (Vec<Split>, u32) {
    let mut records = Records::new(input, COMMA);
    let mut batch = Batch::default();
    while records.next(&mut batch).unwrap() {}
    let text = |cell: &[u8]| String::from_utf8_lossy(cell).into_owned();
    let split = batch.records().map(|r| (r.lines[0], r.cells.map(|c| c.iter().map(text).collect()))).collect();
    (split, records.lines())
}

fn cells(text: &[&str]) -> Result<Vec<String>, Code> {
    Ok(text.iter().map(|c| (*c).to_owned()).collect())
}

#[rstest]
#[case("a,b\nc,d\n", vec![(1, cells(&["a", "b"])), (2, cells(&["c", "d"]))], 2)]
#[case("a,b\r\n\r\n\nc,d", vec![(1, cells(&["a", "b"])), (4, cells(&["c", "d"]))], 4)]
#[case("\"a\r\nb\",\"c\"\r\nd,\"e\"\r\n", vec![(1, cells(&["a\r\nb", "c"])), (3, cells(&["d", "e"]))], 3)]
#[case("a,\"b\r\"\n", vec![(1, cells(&["a", "b\r"]))], 1)]
#[case("a,\"\"\n,\n", vec![(1, cells(&["a", ""])), (2, cells(&["", ""]))], 2)]
#[case("a,b\"c\"\n\"d\"e,f", vec![(1, cells(&["a", "b\"c\""])), (2, cells(&["de", "f"]))], 2)]
#[case("\r\n\n\r", vec![], 3)]
#[case("\"\"", vec![(1, cells(&[""]))], 1)]
#[case("a\rb,c\n", vec![(1, cells(&["a\rb", "c"]))], 1)]
fn r20_records_and_their_lines(#[case] text: &str, #[case] expected: Vec<Split>, #[case] lines: u32) {
    for size in [1, 2, 3, 100] {
        assert_eq!(split(Pieces(text.as_bytes(), size)), (expected.clone(), lines), "{size}");
    }
}

#[test]
fn r22_an_unclosed_quote_costs_the_line_where_its_record_began() {
    let text = "h,i\na,\"b\nc,d\n\"e\nf\",g\nh,\"i";
    // The quote of line 2 is closed by that of line 4, as far as anybody can tell.
    assert_eq!(split(text.as_bytes()).0[1], (2, cells(&["a", "b\nc,d\ne"])));
    let text = "h,i\na,\"b\nc,d\ne,f";
    let expected =
        vec![(1, cells(&["h", "i"])), (2, Err(Code::QuoteUnclosed)), (3, cells(&["c", "d"])), (4, cells(&["e", "f"]))];
    assert_eq!(split(Pieces(text.as_bytes(), 3)), (expected, 4));
}

#[test]
fn r22_a_quote_not_closed_within_a_mebibyte_is_unclosed() {
    let filler = "x,yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\n".repeat(LONGEST_RECORD / 40);
    let text = format!("a,\"b\n{filler}{filler}c,d\"\n");
    let (records, lines) = split(Pieces(text.as_bytes(), 100_000));
    assert_eq!(records[0], (1, Err(Code::QuoteUnclosed)));
    assert_eq!(records[1].0, 2);
    assert_eq!((records.len(), lines as usize), (text.lines().count(), text.lines().count()));
    assert_eq!(records.last().unwrap().1, cells(&["c", "d\""]));
}

#[test]
fn r22_a_line_without_end_is_one_rejected_row() {
    let text = format!("a,b\n{},\"c\nd,e\n", "x".repeat(5 * LONGEST_RECORD));
    let (records, lines) = split(Pieces(text.as_bytes(), 300_000));
    let expected = vec![(1, cells(&["a", "b"])), (2, Err(Code::RecordTooLong)), (3, cells(&["d", "e"]))];
    assert_eq!((records, lines), (expected, 3));
}

#[test]
fn r22_a_file_full_of_unclosed_quotes_takes_linear_time() {
    // Every line leaves a quote open both when a record begins with it and when it is within quotes.
    let line = "a\"b,\"c\n";
    let text = line.repeat(1_000_000);
    let start = std::time::Instant::now();
    let (records, _) = split(text.as_bytes());
    assert_eq!(records.len(), 1_000_000);
    assert!(records.iter().all(|(_, r)| *r == Err(Code::QuoteUnclosed)));
    // Without the leap it would be a million scans of a mebibyte each: hours.
    assert!(start.elapsed().as_secs() < 60);
}

#[test]
fn r22_a_leap_over_known_lines_loses_no_cell() {
    // The first record is open at the limit; the second is open too and ends just behind it.
    let filler = "a\"b,\"c\n".repeat(LONGEST_RECORD / 7 - 1);
    let text = format!("{filler}a\"b,\"c\nx\"\ny,z\n");
    let (records, _) = split(text.as_bytes());
    let whole = records.iter().find_map(|(line, r)| r.as_ref().ok().map(|cells| (*line, cells))).unwrap();
    let first_line = whole.0 as usize - 1;
    let rest: String = text.lines().skip(first_line).map(|l| format!("{l}\n")).collect();
    let mut csv = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(rest.as_bytes());
    let expected: Vec<String> = csv.records().next().unwrap().unwrap().iter().map(str::to_owned).collect();
    assert_eq!(whole.1, &expected);
    assert_eq!(records.last().unwrap().1, cells(&["y", "z"]));
}

#[test]
fn the_text_of_a_record_is_kept_without_its_line_end() {
    let mut records = Records::new("a,\"b\"\r\nc,\"d".as_bytes(), COMMA).keeping_raw();
    let mut batch = Batch::default();
    let mut seen = Vec::new();
    while records.next(&mut batch).unwrap() {
        seen.push(String::from_utf8(records.raw().unwrap().kept.clone()).unwrap());
    }
    assert_eq!(seen, ["a,\"b\"", "c,\"d"]);
}

proptest! {
    #[test]
    fn splits_as_the_csv_crate_does(rows in prop::collection::vec(prop::collection::vec("[a-c,\"\n ü]{0,4}", 2..5), 0..8), crlf: bool, size in 1usize..9) {
        let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mut writer = csv::WriterBuilder::new().flexible(true).terminator(terminator).from_writer(Vec::new());
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let text = writer.into_inner().unwrap();
        let found: Vec<Vec<String>> = split(Pieces(&text, size)).0.into_iter().map(|(_, r)| r.unwrap()).collect();
        prop_assert_eq!(found, rows);
    }

    #[test]
    fn every_line_of_any_bytes_is_accounted_for(text in prop::collection::vec(prop::sample::select(b"ab,\"\n\r\0\xff".to_vec()), 0..60), size in 1usize..9) {
        let mut records = Records::new(Pieces(&text, size), COMMA).keeping_raw();
        let mut batch = Batch::default();
        let mut next_line = 1;
        let mut kept: Vec<u8> = Vec::new();
        while records.next(&mut batch).unwrap() {
            let [first, last] = batch.last().unwrap().lines;
            prop_assert!(first >= next_line && last >= first);
            next_line = last + 1;
            kept.extend(records.raw().unwrap().kept.iter().filter(|b| !b"\r\n".contains(b)));
        }
        let content: Vec<u8> = text.iter().copied().filter(|b| !b"\r\n".contains(b)).collect();
        prop_assert_eq!(kept, content);
        let ended = text.last().is_none_or(|b| *b == b'\n');
        let physical = text.iter().filter(|b| **b == b'\n').count() + usize::from(!ended);
        prop_assert_eq!(records.lines() as usize, physical);
    }
}
