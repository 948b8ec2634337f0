//! Every error and warning, as CSV and as JSON.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::csv_out::CsvOut;
use crate::model::fields::Catalog;
use crate::model::finding::Finding;

/// How many findings or conflicts a JSON report lists; the total stands beside the list.
pub const LISTED: usize = 1000;

/// The finding as JSON reports list it. Whole-file findings have no line.
pub fn json(finding: &Finding, catalog: &Catalog) -> Value {
    json!({
        "line": (finding.line > 0).then_some(finding.line),
        "column": finding.column,
        "field": finding.field.map(|field| catalog.name(field)),
        "code": finding.code.name(),
        "severity": finding.severity.word(),
        "value": finding.value,
        "message": message(finding, catalog),
        "hint": finding.code.hint(),
    })
}

/// The message for a person; see [`Finding::message`].
pub fn message(finding: &Finding, catalog: &Catalog) -> String {
    finding.message(&finding.field.map(|field| catalog.full_label(field)).unwrap_or_default())
}

/// The findings file: the same as the JSON, one line each.
pub struct FindingsFile<'c, W: Write> {
    out: CsvOut<W>,
    catalog: &'c Catalog,
}

impl<'c, W: Write> FindingsFile<'c, W> {
    /// Writes the header line.
    pub fn begin(out: W, catalog: &'c Catalog) -> io::Result<Self> {
        let mut out = CsvOut::new(out);
        out.record(["line", "column", "field", "code", "severity", "value", "message", "hint"])?;
        Ok(FindingsFile { out, catalog })
    }

    /// Writes a finding.
    pub fn write(&mut self, finding: &Finding) -> io::Result<()> {
        let line = if finding.line > 0 { finding.line.to_string() } else { String::new() };
        let column = finding.column.map(|column| column.to_string()).unwrap_or_default();
        let field = finding.field.map(|field| self.catalog.name(field)).unwrap_or_default();
        let (code, severity, hint) = (finding.code.name(), finding.severity.word(), finding.code.hint());
        let message = message(finding, self.catalog);
        self.out.record([&line, &column, &field, code, severity, &finding.value, &message, hint])
    }

    /// Completes the file.
    pub fn finish(self) -> io::Result<()> {
        self.out.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fields::by_name;
    use crate::model::finding::{Code, Severity};

    fn finding() -> Finding {
        Finding {
            row: Some(5),
            line: 7,
            column: Some(12),
            field: by_name("contact.work_phone").map(|f| f.id),
            code: Code::PhoneTooShort,
            severity: Severity::Warning,
            value: "317".into(),
            detail: String::new(),
        }
    }

    #[test]
    fn json_has_the_shape_that_scripts_rely_on() {
        insta::assert_snapshot!(format!("{:#}", json(&finding(), &Catalog::default())), @r#"
        {
          "line": 7,
          "column": 12,
          "field": "contact.work_phone",
          "code": "phone-too-short",
          "severity": "warning",
          "value": "317",
          "message": "Work phone '317' is too short",
          "hint": "correct the number; it is stored as text and will not sync calls or SMS"
        }
        "#);
    }

    #[test]
    fn the_file_has_one_line_each() {
        let mut bytes = Vec::new();
        let catalog = Catalog::default();
        let mut file = FindingsFile::begin(&mut bytes, &catalog).unwrap();
        file.write(&finding()).unwrap();
        file.write(&Finding { line: 0, column: None, field: None, code: Code::AllNew, ..finding() }).unwrap();
        file.finish().unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert!(
            lines[1].starts_with("7,12,contact.work_phone,phone-too-short,warning,317,Work phone '317' is too short,")
        );
        assert!(lines[2].starts_with(",,,all-new,"));
    }
}
