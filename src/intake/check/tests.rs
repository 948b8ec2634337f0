use std::io::{self, Write};
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::intake::{CheckedRow, MapOptions, SourceOptions, map, open, raw_records};
use crate::model::fields::Catalog;
use crate::model::finding::{Code, Finding};
use crate::model::settings::Reading;

/// Rows and findings as text, to be compared.
#[derive(Debug, Default)]
struct Kept {
    rows: Vec<(u32, String)>,
    codes: Vec<(u32, Code)>,
}

impl Sink for Kept {
    fn row(&mut self, row: CheckedRow<'_>) -> io::Result<()> {
        self.rows.push((row.row, format!("{row:?}")));
        Ok(())
    }

    fn finding(&mut self, finding: Finding) -> io::Result<()> {
        self.codes.push((finding.line, finding.code));
        Ok(())
    }
}

/// A sink that does something at its first row.
struct AtFirstRow<F>(Option<F>);

impl<F: FnOnce() -> io::Result<()> + Send> Sink for AtFirstRow<F> {
    fn row(&mut self, _: CheckedRow<'_>) -> io::Result<()> {
        self.0.take().map_or(Ok(()), |act| act())
    }

    fn finding(&mut self, _: Finding) -> io::Result<()> {
        Ok(())
    }
}

fn file(content: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(content).unwrap();
    file
}

fn run<S: Sink>(path: &Path, sinks: Vec<S>, cancel: bool) -> Result<(Summary, Vec<S>), IntakeError> {
    let source = open(path, &SourceOptions::default())?;
    let outcome = map(&source, &MapOptions::default(), &Catalog::default(), &[]).unwrap();
    let checker = Checker::new(&outcome.mapping, &outcome.catalog, &Reading::default());
    check(&source, &checker, sinks, &Progress::default(), &AtomicBool::new(cancel))
}

/// All rows by number, all findings by line, and the summary.
fn checked(content: &[u8], workers: usize) -> Result<(Summary, Kept), IntakeError> {
    let sinks = (0..workers).map(|_| Kept::default()).collect();
    let (summary, sinks) = run(file(content).path(), sinks, false)?;
    let mut all = Kept::default();
    for sink in sinks {
        all.rows.extend(sink.rows);
        all.codes.extend(sink.codes);
    }
    all.rows.sort();
    all.codes.sort();
    Ok((summary, all))
}

/// A file of so many good rows.
fn rows(count: usize) -> String {
    let mut text = "Contact Id,Contact Last Name\n".to_owned();
    for row in 0..count {
        text.push_str(&format!("C-{row},Smith\n"));
    }
    text
}

#[test]
fn r25_the_summary_names_rows_lines_size_and_hash() {
    let text = "\u{feff}Contact Id,Contact City\r\n1,Lyon\r\n\r\n2,\"Le\r\nMans\"\r\n";
    let (summary, kept) = checked(text.as_bytes(), 1).unwrap();
    assert_eq!((summary.rows, summary.lines, summary.bytes as usize), (2, 5, text.len()));
    let hash = checked(b"Contact Id\nabc\n", 1).unwrap().0.sha256;
    assert_eq!(hash, "f3a91a705d445800ce44f1ca539745bd8e5ec142fd60b4d29c53ce3adc04f25d");
    assert_eq!(kept.rows.iter().map(|(row, _)| *row).collect::<Vec<_>>(), [0, 1]);
}

#[test]
fn r22_broken_rows_are_rejected_and_the_rest_is_read() {
    let text = "Contact Id,Contact City\nC-1,\"Lyon\nC-2,Paris\nC-3\n\nC-4,Lille,x\nC-5,Nice\n";
    let (summary, kept) = checked(text.as_bytes(), 2).unwrap();
    assert_eq!((summary.rows, summary.lines), (5, 7));
    assert_eq!(kept.codes, [(2, Code::QuoteUnclosed), (4, Code::RowTooShort), (6, Code::RowTooLong)]);
}

#[test]
fn a_cell_of_fifty_megabytes_is_one_rejected_row() {
    for quote in ["", "\""] {
        let huge = format!("Contact Id,Contact City\nC-1,{quote}{}{quote}\nC-2,Lyon\n", "x".repeat(50_000_000));
        let (summary, kept) = checked(huge.as_bytes(), 1).unwrap();
        assert_eq!((summary.rows, kept.codes), (2, vec![(2, Code::RecordTooLong)]));
    }
}

#[test]
fn ten_thousand_columns_are_read() {
    let header: Vec<String> = (0..10_000).map(|n| format!("Column {n}")).collect();
    let row = "x,".repeat(9_999);
    let text = format!("Contact Id,{}\n{}", header[1..].join(","), format!("{row}x\n").repeat(300));
    let (summary, kept) = checked(text.as_bytes(), 2).unwrap();
    assert_eq!((summary.rows, kept.codes), (300, vec![]));
}

#[test]
fn a_header_alone_has_no_rows() {
    assert_eq!(checked(b"Contact Id,Contact City\n", 2).unwrap().0.rows, 0);
}

#[test]
fn r20_a_bad_byte_is_an_error_on_its_row() {
    let text =
        [b"Contact Id,Contact City,Account Id\n1,K\xc3\xb6ln,A\n2,\xc3,\xb6\n3,Z\xc3\xbcrich,A\n".as_slice()].concat();
    // Both halves are bad, although together they would be a letter.
    assert_eq!(checked(&text, 1).unwrap().1.codes, [(3, Code::Undecodable), (3, Code::Undecodable)]);
}

#[test]
fn r20_every_way_to_write_the_file_gives_the_same_rows() {
    let text = "Contact Id,Contact City\nC-1,Köln\nC-2,\"Le, \"\"Mans\"\"\"\n";
    let utf16 =
        |text: &str| -> Vec<u8> { format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_be_bytes).collect() };
    let (plain, kept) = checked(text.as_bytes(), 1).unwrap();
    for other in [
        text.replace('\n', "\r\n").into_bytes(),
        text.replace('\n', "\r").into_bytes(),
        text.trim_end().to_owned().into_bytes(),
        format!("\u{feff}{text}").into_bytes(),
        text.replace("Id,", "Id\t").replace("1,", "1\t").replace("2,", "2\t").into_bytes(),
        encoding_rs::WINDOWS_1252.encode(text).0.into_owned(),
        utf16(text),
    ] {
        let (summary, same) = checked(&other, 1).unwrap();
        assert_eq!((summary.rows, summary.lines, &same.rows), (plain.rows, plain.lines, &kept.rows));
    }
    let said = checked(format!("sep=,\n{text}").as_bytes(), 1).unwrap();
    assert_eq!((said.0.rows, said.0.lines), (2, 4));
}

#[test]
fn r20_half_a_character_of_utf_16_is_an_error_on_its_row() {
    let mut text: Vec<u8> = "\u{feff}Contact Id,Contact City\n1,x".encode_utf16().flat_map(u16::to_le_bytes).collect();
    text.extend([0x00, 0xd8]);
    text.extend("\n2,Köln\n".encode_utf16().flat_map(u16::to_le_bytes));
    let (summary, kept) = checked(&text, 1).unwrap();
    assert_eq!((summary.rows, kept.codes), (2, vec![(2, Code::Undecodable)]));
}

#[test]
fn r20_over_one_percent_of_bad_rows_asks_for_the_encoding() {
    let bad = |count: usize, of: usize| {
        let mut text = "Contact Id,Contact City\n".to_owned().into_bytes();
        for row in 0..of {
            // Enough letters beyond ASCII for it to be UTF-8 that is damaged.
            text.extend(format!("C-{row},Düsseldorf").bytes());
            text.extend_from_slice(if row % (of / count) == 0 { b"\xff\n" } else { b"\n" });
        }
        text
    };
    assert_eq!(checked(&bad(10, 1000), 2).unwrap().1.codes.len(), 10);
    let error = checked(&bad(20, 1000), 2).unwrap_err();
    assert!(error.is_question() && error.hint().contains("--encoding"));
    assert!(matches!(error, IntakeError::Undecodable { encoding: "UTF-8", bad: 20, rows: 1000, first_line: 2, .. }));
    // Long files are given up early.
    let error = checked(&bad(50_000, 100_000), 2).unwrap_err();
    assert!(matches!(error, IntakeError::Undecodable { rows, .. } if rows < 10_000), "{error}");
}

#[test]
fn a_file_that_grows_or_shrinks_while_it_is_read_is_an_error() {
    for grow in [true, false] {
        let file = file(rows(200_000).as_bytes());
        let other = std::fs::OpenOptions::new().append(true).open(file.path()).unwrap();
        let act = move || if grow { (&other).write_all(b"C,D\n") } else { other.set_len(1_000) };
        let error = run(file.path(), vec![AtFirstRow(Some(act))], false).map(|(summary, _)| summary).unwrap_err();
        assert!(matches!(error, IntakeError::Changed { .. }), "{error}");
    }
}

#[test]
fn a_file_that_disappears_while_it_is_read_is_read_to_its_end() {
    let file = file(rows(50_000).as_bytes());
    let path = file.path().to_owned();
    let act = move || std::fs::remove_file(path);
    assert_eq!(run(file.path(), vec![AtFirstRow(Some(act))], false).unwrap().0.rows, 50_000);
}

#[test]
fn a_check_can_be_cancelled() {
    let file = file(rows(10).as_bytes());
    assert!(matches!(run(file.path(), vec![Kept::default()], true), Err(IntakeError::Cancelled)));
}

#[test]
fn a_sink_that_fails_ends_the_check_with_its_error() {
    let file = file(rows(100_000).as_bytes());
    let full =
        |fails: bool| AtFirstRow(Some(move || if fails { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }));
    for sinks in [vec![full(true)], vec![full(true), full(true)]] {
        let error = run(file.path(), sinks, false).map(|(summary, _)| summary).unwrap_err();
        assert!(matches!(error, IntakeError::Sink { source } if source.kind() == io::ErrorKind::StorageFull));
    }
}

#[test]
fn r23_rows_are_found_again_as_they_stand_in_the_file() {
    let text = "Contact Id,City\r\n1,\"Lyon\"\r\n\r\n2\r\n3,\"a\r\nb\"\r\n4,\"Nice\n5,Ümea\n";
    let file = file(text.as_bytes());
    let source = open(file.path(), &SourceOptions::default()).unwrap();
    let found: Vec<_> = raw_records(&source, [1, 2, 3, 4, 99]).map(Result::unwrap).collect();
    let texts: Vec<(u32, [u32; 2], &str)> = found.iter().map(|r| (r.row, r.lines, r.text.as_str())).collect();
    let expected = [(1, [4, 4], "2"), (2, [5, 6], "3,\"a\r\nb\""), (3, [7, 7], "4,\"Nice"), (4, [8, 8], "5,Ümea")];
    assert_eq!(texts, expected);
    assert_eq!(found[1].cells, [&b"3"[..], b"a\r\nb"]);
    assert!(found[2].cells.is_empty());
    assert_eq!(raw_records(&source, []).count(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn r10_the_number_of_threads_changes_nothing(
        cells in prop::collection::vec(("[A-C]-[0-9]{1,2}|", "[a-zü\"\n,@]{0,6}", "\\+?[0-9 ()x]{0,12}"), 0..3000),
        workers in 2usize..5,
    ) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["Contact Id", "Contact Work Email", "Contact Work Phone"]).unwrap();
        for (id, email, phone) in &cells {
            writer.write_record([id, email, phone]).unwrap();
        }
        let text = writer.into_inner().unwrap();
        let (one, alone) = checked(&text, 1).unwrap();
        let (many, together) = checked(&text, workers).unwrap();
        prop_assert_eq!(one.rows as usize, cells.len());
        prop_assert_eq!(one, many);
        prop_assert_eq!(alone.rows, together.rows);
        prop_assert_eq!(alone.codes, together.codes);
    }

    #[test]
    fn any_bytes_give_every_row_once_and_never_panic(content in prop::collection::vec(prop::sample::select(b"ab1,;\"\n\r\0\xff\xc3\xbc'=+".to_vec()), 0..400)) {
        let text = [b"Contact Id,Contact City,Contact Work Phone\n".as_slice(), &content].concat();
        match checked(&text, 2) {
            Ok((summary, kept)) => {
                let expected: Vec<u32> = (0..summary.rows).collect();
                prop_assert_eq!(kept.rows.iter().map(|(row, _)| *row).collect::<Vec<_>>(), expected);
            }
            Err(error) => prop_assert!(matches!(error, IntakeError::Undecodable { .. } | IntakeError::Binary { .. }), "{}", error),
        }
    }
}
