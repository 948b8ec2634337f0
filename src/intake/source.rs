//! Opening a file: is it there, is it text, how is it written, what is its header (R20).

use std::fs::{File, Metadata, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use encoding_rs::Encoding;
use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};

use super::batch::{Batch, Cells};
use super::detect::{self, Detected};
use super::error::IntakeError;
use super::records::{Format, Records};
use super::stream::{Decode, Stream, read_at};

/// How much of a file is looked at to see what it is.
const HEAD: usize = 1 << 20;

/// Rows read when a file is opened, for sample values.
const FIRST_ROWS: usize = 100;

/// The most columns a header may have: as many as a sheet of Excel has.
pub const MOST_COLUMNS: usize = 16_384;

/// What a person says about a file, where detection is not wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SourceOptions {
    /// A WHATWG encoding label, such as `windows-1250`. A byte order mark goes before it.
    pub encoding: Option<String>,
    /// What stands between two cells: an ASCII sign.
    pub separator: Option<u8>,
}

/// A file that is open and looks like CSV. It is read in passes; each fails if the file is no longer as it was.
#[derive(Debug)]
pub struct Source {
    pub(super) name: String,
    pub(super) file: File,
    pub(super) encoding: &'static Encoding,
    pub(super) bom_len: usize,
    pub(super) format: Format,
    stamp: Stamp,
    detected: Detected,
    samples: Vec<String>,
    header: Vec<String>,
    header_line: u32,
    first_rows: Vec<Vec<String>>,
}

/// What tells that nobody wrote to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    modified: (i64, i64),
}

impl Stamp {
    fn of(metadata: &Metadata) -> Stamp {
        Stamp { bytes: metadata.len(), modified: (metadata.mtime(), metadata.mtime_nsec()) }
    }
}

/// Opens a file and finds out how it is written; `-` is standard input, kept in a temporary file that nobody else sees.
///
/// # Errors
/// When there is no such file, it is no text, has no header line, or the options fit no file.
pub fn open(path: &Path, options: &SourceOptions) -> Result<Source, IntakeError> {
    if path == Path::new("-") {
        let file = spool(&mut io::stdin().lock()).map_err(|source| IntakeError::Spool { source })?;
        return inspect("standard input".to_owned(), file, options);
    }
    open_with(path, options, |path| {
        // A pipe is not waited for: it is no file anyway.
        File::options().read(true).custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(path)
    })
}

/// The same with another way to open a file by its path, which must not wait for a pipe.
///
/// # Errors
/// As [`open`].
pub fn open_with(
    path: &Path,
    options: &SourceOptions,
    opening: impl FnOnce(&Path) -> io::Result<File>,
) -> Result<Source, IntakeError> {
    let name = path.display().to_string();
    let failed = |source| IntakeError::Open { name: path.display().to_string(), source };
    let file = opening(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if metadata.is_dir() {
        return Err(IntakeError::Folder { name });
    }
    if !metadata.is_file() {
        return Err(IntakeError::NotAFile { name });
    }
    inspect(name, file, options)
}

/// All bytes of a stream in a temporary file without a name: mode 0600, and gone when the process is.
fn spool(from: &mut dyn Read) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    io::copy(from, &mut file)?;
    Ok(file)
}

fn inspect(name: String, file: File, options: &SourceOptions) -> Result<Source, IntakeError> {
    let read_error = |offset: usize, source| IntakeError::Read { name: name.clone(), offset: offset as u64, source };
    let stamp = Stamp::of(&file.metadata().map_err(|e| read_error(0, e))?);
    let mut head = vec![0; HEAD.min(usize::try_from(stamp.bytes).unwrap_or(HEAD))];
    let mut read = 0;
    while read < head.len() {
        match read_at(&file, &mut head[read..], read as u64).map_err(|e| read_error(read, e))? {
            0 => break,
            n => read += n,
        }
    }
    head.truncate(read);

    let whole = read as u64 == stamp.bytes;
    let found = detect::encoding(&name, &head, whole, options.encoding.as_deref())?;
    let mut text = Vec::new();
    Decode::new(found.encoding, found.bom_len).feed(&head, whole, &mut text);
    let format = detect::format(&text, options.separator)?;

    let mut source = Source {
        name,
        file,
        encoding: found.encoding,
        bom_len: found.bom_len,
        format,
        stamp,
        detected: found.detected,
        samples: Vec::new(),
        header: Vec::new(),
        header_line: 0,
        first_rows: Vec::new(),
    };
    source.read_first_rows()?;
    if let Detected::Guess { .. } = source.detected {
        source.samples = source.odd_cells().take(3).map(str::to_owned).collect();
    }
    Ok(source)
}

impl Source {
    /// The file as it was named.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its size in bytes.
    pub fn bytes(&self) -> u64 {
        self.stamp.bytes
    }

    /// The WHATWG name of its encoding, such as `UTF-8`.
    pub fn encoding(&self) -> &'static str {
        self.encoding.name()
    }

    /// Whether the file begins with a byte order mark.
    pub fn has_mark(&self) -> bool {
        self.bom_len > 0
    }

    /// How the encoding was found.
    pub fn detected(&self) -> &Detected {
        &self.detected
    }

    /// For a guessed encoding: up to three cells with letters beyond ASCII, as they come out.
    pub fn samples(&self) -> &[String] {
        &self.samples
    }

    /// What stands between two cells.
    pub fn separator(&self) -> u8 {
        self.format.separator
    }

    /// The header line, cell by cell, without outer space.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// The physical line where the header begins, from 1.
    pub fn header_line(&self) -> u32 {
        self.header_line
    }

    /// The first rows, as they are; for previews.
    pub fn first_rows(&self) -> &[Vec<String>] {
        &self.first_rows
    }

    /// Up to three different values of a column (from 0), from its first cells that are not empty.
    pub fn column_samples(&self, column: usize) -> Vec<&str> {
        let mut found: Vec<&str> = Vec::new();
        for cell in self.first_rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.trim()) {
            if found.len() < 3 && !cell.is_empty() && !found.contains(&cell) {
                found.push(cell);
            }
        }
        found
    }

    /// Fails if the file is not the one that was opened, or if a pass ended after another number of bytes.
    pub(super) fn ensure_unchanged(&self, bytes_read: u64) -> Result<(), IntakeError> {
        let now = self.file.metadata().map_err(|source| IntakeError::Read {
            name: self.name.clone(),
            offset: bytes_read,
            source,
        })?;
        let same = Stamp::of(&now) == self.stamp && bytes_read == self.stamp.bytes;
        if same { Ok(()) } else { Err(IntakeError::Changed { name: self.name.clone() }) }
    }

    fn read_first_rows(&mut self) -> Result<(), IntakeError> {
        let mut batch = Batch::default();
        let mut records = Records::new(Stream::new(self), self.format);
        while batch.len() <= FIRST_ROWS && !batch.is_full() && records.next(&mut batch)? {}
        let mut read = batch.records();
        let Some(header) = read.next() else { return Err(IntakeError::Empty { name: self.name.clone() }) };
        let line = header.lines[0];
        let Ok(cells) = header.cells else { return Err(IntakeError::Header { name: self.name.clone(), line }) };
        if cells.len() > MOST_COLUMNS {
            let (columns, most) = (cells.len(), MOST_COLUMNS);
            return Err(IntakeError::TooManyColumns { name: self.name.clone(), columns, most });
        }
        self.first_rows = read.filter_map(|row| row.cells.ok()).map(texts).collect();
        self.header = texts(cells).iter().map(|cell| super::cell::bare(cell).into_owned()).collect();
        self.header_line = line;
        Ok(())
    }

    /// Cells of the header and the first rows with letters beyond ASCII.
    fn odd_cells(&self) -> impl Iterator<Item = &str> {
        let cells = std::iter::once(&self.header).chain(&self.first_rows).flatten();
        cells.map(|cell| cell.trim()).filter(|cell| !cell.is_ascii())
    }
}

fn texts(cells: Cells<'_>) -> Vec<String> {
    cells.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn file(content: &[u8]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(content).unwrap();
        file
    }

    fn opened(content: &[u8]) -> Result<Source, IntakeError> {
        open(file(content).path(), &SourceOptions::default())
    }

    #[test]
    fn r20_what_was_detected_is_stated() {
        let source = opened("\u{feff}Contact Id;Stadt\r\n1;Köln\r\n2;\r\n3;Bonn\r\n4;Köln\r\n".as_bytes()).unwrap();
        assert_eq!((source.encoding(), source.separator(), source.header_line()), ("UTF-8", b';', 1));
        assert_eq!(source.header(), ["Contact Id", "Stadt"]);
        assert_eq!(source.column_samples(1), ["Köln", "Bonn"]);
        assert_eq!(source.detected(), &Detected::Bom);
    }

    #[test]
    fn r20_a_guessed_encoding_comes_with_three_samples() {
        let source = opened(b"Id,Name\n1,J\xfcrgen\n2,Anna\n3,Andr\xe9\n4,Bj\xf6rn\n5,Zo\xeb\n").unwrap();
        assert_eq!(
            (source.encoding(), source.samples()),
            ("windows-1252", ["Jürgen", "André", "Björn"].map(String::from).as_slice())
        );
    }

    #[test]
    fn r20_utf_16_and_other_encodings_are_read() {
        let text: Vec<u8> = "\u{feff}Id\tName\r\n1\tJürgen\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let source = opened(&text).unwrap();
        assert_eq!((source.encoding(), source.first_rows()[0][1].as_str()), ("UTF-16LE", "Jürgen"));
        let (text, ..) = encoding_rs::WINDOWS_1250.encode("Id,Name\n1,Győző\n");
        let options = SourceOptions { encoding: Some("windows-1250".into()), separator: None };
        let source = open(file(&text).path(), &options).unwrap();
        assert_eq!(source.first_rows()[0][1], "Győző");
    }

    #[test]
    fn files_that_are_none_are_refused_with_their_reason() {
        let folder = tempfile::tempdir().unwrap();
        let none = SourceOptions::default();
        assert!(matches!(open(&folder.path().join("x"), &none), Err(IntakeError::Open { .. })));
        assert!(matches!(open(folder.path(), &none), Err(IntakeError::Folder { .. })));
        assert!(matches!(open(Path::new("/dev/null"), &none), Err(IntakeError::NotAFile { .. })));
        for empty in ["", "\n\r\n", "\u{feff}", "sep=;\n"] {
            assert!(matches!(opened(empty.as_bytes()), Err(IntakeError::Empty { .. })), "{empty:?}");
        }
        assert!(matches!(opened(b"PK\x03\x04xl/workbook.xml"), Err(IntakeError::Binary { .. })));
        assert!(matches!(opened(b"a,\"b\n1,2\n"), Err(IntakeError::Header { line: 1, .. })));
        assert!(matches!(opened(&[b','; 20_000]), Err(IntakeError::TooManyColumns { columns: 20_001, .. })));
    }

    #[test]
    fn a_header_of_ten_thousand_columns_is_read() {
        let header: Vec<String> = (0..10_000).map(|n| format!("Column {n}")).collect();
        assert_eq!(opened(header.join(",").as_bytes()).unwrap().header(), header);
    }

    #[test]
    fn standard_input_is_kept_where_only_we_can_read_it() {
        let file = spool(&mut "Contact Id\n1\n".as_bytes()).unwrap();
        assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o600);
        assert_eq!(file.metadata().unwrap().nlink(), 0);
        assert_eq!(inspect("standard input".into(), file, &SourceOptions::default()).unwrap().bytes(), 13);
    }

    #[test]
    fn a_file_that_changes_is_noticed() {
        let mut file = file(b"Contact Id\n1\n");
        let source = open(file.path(), &SourceOptions::default()).unwrap();
        assert!(source.ensure_unchanged(13).is_ok());
        assert!(matches!(source.ensure_unchanged(12), Err(IntakeError::Changed { .. })));
        file.write_all(b"2\n").unwrap();
        assert!(matches!(source.ensure_unchanged(13), Err(IntakeError::Changed { .. })));
    }
}
