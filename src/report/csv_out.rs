//! CSV as muster writes it: quotes where needed, LF, UTF-8, and no cell that a spreadsheet would run.

use std::io::{self, Write};

use crate::model::formula::guard;

/// How a file looks beside its cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// The character between cells.
    pub separator: u8,
    /// Whether the file begins with a byte order mark, by which spreadsheets know UTF-8.
    pub mark: bool,
}

impl Default for Form {
    /// Commas, no mark.
    fn default() -> Form {
        Form { separator: b',', mark: false }
    }
}

/// Writes records to a stream. Nothing is complete before [`CsvOut::finish`].
pub struct CsvOut<W: Write> {
    csv: csv::Writer<W>,
}

impl<W: Write> CsvOut<W> {
    /// Over a stream, which need not be buffered.
    pub fn new(out: W) -> CsvOut<W> {
        CsvOut { csv: builder(Form::default().separator).from_writer(out) }
    }

    /// Like [`CsvOut::new`], in another form.
    pub fn shaped(mut out: W, form: Form) -> io::Result<CsvOut<W>> {
        if form.mark {
            out.write_all("\u{feff}".as_bytes())?;
        }
        Ok(CsvOut { csv: builder(form.separator).from_writer(out) })
    }

    /// Appends a cell to the record that is being written.
    pub fn cell(&mut self, text: &str) -> io::Result<()> {
        self.csv.write_field(guard(text).as_bytes()).map_err(io_error)
    }

    /// Ends the record.
    pub fn end(&mut self) -> io::Result<()> {
        self.csv.write_record(None::<&[u8]>).map_err(io_error)
    }

    /// Writes a whole record.
    pub fn record<'t>(&mut self, cells: impl IntoIterator<Item = &'t str>) -> io::Result<()> {
        cells.into_iter().try_for_each(|text| self.cell(text))?;
        self.end()
    }

    /// Hands everything to the stream.
    pub fn finish(mut self) -> io::Result<()> {
        self.csv.flush()
    }
}

fn builder(separator: u8) -> csv::WriterBuilder {
    let mut builder = csv::WriterBuilder::new();
    builder.flexible(true).delimiter(separator).buffer_capacity(1 << 16);
    builder
}

/// The kind of the error below matters: a broken pipe, a full disk.
fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::formula::unguard;
    use proptest::prelude::*;

    fn written(rows: &[Vec<String>]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut out = CsvOut::new(&mut bytes);
        for row in rows {
            out.record(row.iter().map(String::as_str)).unwrap();
        }
        out.finish().unwrap();
        bytes
    }

    #[test]
    fn formulas_are_guarded_and_separators_quoted() {
        let bytes = written(&[["=1+1", "a,b", "say \"x\"", "two\nlines", "+13175550101"].map(String::from).to_vec()]);
        assert_eq!(String::from_utf8(bytes).unwrap(), "'=1+1,\"a,b\",\"say \"\"x\"\"\",\"two\nlines\",+13175550101\n");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(rows in prop::collection::vec(prop::collection::vec("['=+@,\";\r\n a-c]{0,6}|.{0,9}", 1..4), 0..4)) {
            let header = vec!["a header line, as every file of muster has".to_owned()];
            let bytes = written(&[vec![header], rows.clone()].concat());
            let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes.as_slice());
            let read: Vec<Vec<String>> =
                reader.records().map(|r| r.unwrap().iter().map(|cell| unguard(cell).to_owned()).collect()).collect();
            prop_assert_eq!(read, rows);
        }
    }
}
