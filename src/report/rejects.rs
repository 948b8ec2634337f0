//! The rejects file (R23): the rows that were not imported, as they stood in the file, with what is wrong beside them. It can be
//! corrected and imported as it is.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::csv_out::{CsvOut, Form};
use super::findings::message;
use crate::model::columns::{REJECTS, is_rejects_column};
use crate::model::fields::Catalog;
use crate::model::finding::Finding;
use crate::model::formula::unguard;

/// A row that was not imported.
#[derive(Debug)]
pub struct Reject<'a> {
    /// Its first and its last physical line.
    pub lines: (u32, u32),
    /// What the file says.
    pub original: Original<'a>,
    /// Why it was not imported.
    pub findings: &'a [Finding],
}

/// A row as it stands in the file.
#[derive(Debug)]
pub enum Original<'a> {
    /// One cell for each column.
    Cells(&'a [&'a str]),
    /// It could not be split into the columns.
    Raw(&'a str),
}

/// The rejects file.
pub struct RejectsFile<'c, W: Write> {
    out: CsvOut<W>,
    catalog: &'c Catalog,
    /// The places of the columns that are written: all but those that an earlier rejects file added.
    columns: Vec<usize>,
}

impl<'c, W: Write> RejectsFile<'c, W> {
    /// Writes the header line. `headers` are those of the imported file, in their order and spelling.
    ///
    /// `form` has the separator of the imported file, which is the one that the person's spreadsheet opens, and a mark
    /// where the file had one or was not UTF-8, so that the names in it survive the correction.
    pub fn begin(out: W, form: Form, catalog: &'c Catalog, headers: &[&str]) -> io::Result<Self> {
        let columns: Vec<usize> = (0..headers.len()).filter(|place| !is_rejects_column(headers[*place])).collect();
        let mut file = RejectsFile { out: CsvOut::shaped(out, form)?, catalog, columns };
        file.originals(headers)?;
        file.out.record(REJECTS)?;
        Ok(file)
    }

    /// Writes a row; its findings are joined by ` | `, worst first.
    pub fn write(&mut self, reject: &Reject<'_>) -> io::Result<()> {
        let raw = match reject.original {
            Original::Cells(cells) => self.originals(cells).map(|()| "")?,
            Original::Raw(raw) => self.originals(&[]).map(|()| raw)?,
        };
        let mut findings: Vec<&Finding> = reject.findings.iter().collect();
        findings.sort_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.column));
        let joined =
            |part: &dyn Fn(&Finding) -> String| findings.iter().map(|f| part(f)).collect::<Vec<_>>().join(" | ");
        let lines = match reject.lines {
            (first, last) if last > first => format!("{first}-{last}"),
            (first, _) => first.to_string(),
        };
        let codes = joined(&|finding| finding.code.name().to_owned());
        let fields = joined(&|finding| finding.field.map(|field| self.catalog.name(field)).unwrap_or_default());
        let messages = joined(&|finding| message(finding, self.catalog));
        self.out.record([&lines, &codes, &fields, &messages, raw])
    }

    /// Writes the cells of the original columns. A cell that came guarded is not guarded twice.
    fn originals(&mut self, cells: &[&str]) -> io::Result<()> {
        self.columns.iter().try_for_each(|place| self.out.cell(unguard(cells.get(*place).unwrap_or(&""))))
    }

    /// Completes the file.
    pub fn finish(self) -> io::Result<()> {
        self.out.finish()
    }
}

/// The names for the rejects of a file, best first: `contacts.rejects.csv`, `contacts.rejects-2.csv`, … beside it.
pub fn names(file: &Path) -> impl Iterator<Item = PathBuf> {
    let stem = file.file_stem().unwrap_or(file.as_os_str()).to_owned();
    (1..1000).map(move |n| {
        let mut name = stem.clone();
        name.push(if n == 1 { ".rejects.csv".to_owned() } else { format!(".rejects-{n}.csv") });
        file.with_file_name(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fields::by_name;
    use crate::model::finding::{Code, Severity};

    fn finding(code: Code, field: Option<&str>, value: &str) -> Finding {
        let field = field.map(|name| by_name(name).unwrap().id);
        let (value, detail) = (value.to_owned(), "2 cells, 3 expected".to_owned());
        Finding { row: Some(0), line: 2, column: Some(1), field, code, severity: code.severity(), value, detail }
    }

    fn written(headers: &[&str], rejects: &[Reject<'_>]) -> String {
        shaped(Form::default(), headers, rejects)
    }

    fn shaped(form: Form, headers: &[&str], rejects: &[Reject<'_>]) -> String {
        let mut bytes = Vec::new();
        let catalog = Catalog::default();
        let mut file = RejectsFile::begin(&mut bytes, form, &catalog, headers).unwrap();
        rejects.iter().for_each(|reject| file.write(reject).unwrap());
        file.finish().unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn r23_original_columns_then_ours_with_the_worst_finding_first() {
        let findings = [
            finding(Code::PhoneTooShort, Some("contact.work_phone"), "317"),
            finding(Code::ContactIdMissing, None, ""),
        ];
        assert!(findings[0].severity == Severity::Warning && findings[1].severity == Severity::Error);
        let cells = Reject { lines: (2, 4), original: Original::Cells(&["", "=Josh", "'=x"]), findings: &findings };
        let raw =
            Reject { lines: (5, 5), original: Original::Raw("a,b"), findings: &[finding(Code::RowTooShort, None, "")] };
        assert_eq!(
            written(&["ID", "first NAME", "Note"], &[cells, raw]),
            "ID,first NAME,Note,muster line,muster code,muster field,muster message,muster raw\n\
             ,'=Josh,'=x,2-4,contact-id-missing | phone-too-short, | contact.work_phone,\
             the row has contact data but no Contact ID | Work phone '317' is too short,\n\
             ,,,5,row-too-short,,\"the row has 2 cells, 3 expected\",\"a,b\"\n"
        );
    }

    #[test]
    fn r23_the_columns_of_an_earlier_rejects_file_are_replaced() {
        let headers = ["ID", "Muster Line", "Note", "muster raw"];
        let reject = Reject { lines: (9, 9), original: Original::Cells(&["1", "2", "n", ""]), findings: &[] };
        assert_eq!(
            written(&headers, &[reject]),
            "ID,Note,muster line,muster code,muster field,muster message,muster raw\n1,n,9,,,,\n"
        );
    }

    #[test]
    fn r23_the_file_opens_where_the_imported_one_did() {
        let text = shaped(Form { separator: b';', mark: true }, &["ID", "Név"], &[]);
        assert_eq!(text, "\u{feff}ID;Név;muster line;muster code;muster field;muster message;muster raw\n");
    }

    #[test]
    fn r23_the_file_is_named_after_the_imported_one() {
        let found: Vec<PathBuf> = names(Path::new("in/contacts.nov.csv")).take(2).collect();
        assert_eq!(found, ["in/contacts.nov.rejects.csv", "in/contacts.nov.rejects-2.csv"].map(PathBuf::from));
    }
}
