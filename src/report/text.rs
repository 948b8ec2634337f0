//! Records and tables for a terminal. Every cell is made safe and measured in columns, not in characters.

use unicode_width::UnicodeWidthStr;

use super::json::{Around, fields_of};
use crate::model::fields::{Catalog, Entity, FieldId};
use crate::model::record::{Record, Value};
use crate::model::text::{masked, masked_message, shown};

/// How text is shown to a person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Look {
    /// Only ASCII.
    pub ascii: bool,
    /// Personal data masked.
    pub mask: bool,
}

impl Look {
    /// What is shown of a text that may be personal data.
    pub fn personal(self, text: &str) -> String {
        if self.mask { masked(text, self.ascii) } else { text.to_owned() }
    }

    /// What is shown of a message that may have personal data between single quotes.
    pub fn message(self, text: &str) -> String {
        if self.mask { masked_message(text, self.ascii) } else { text.to_owned() }
    }
}

/// Rows in aligned columns, two spaces apart; the last column is as long as it is. No trailing spaces.
pub fn table<const N: usize>(rows: &[[String; N]], ascii: bool) -> String {
    let safe: Vec<[String; N]> =
        rows.iter().map(|row| row.each_ref().map(|cell| shown(cell, ascii).into_owned())).collect();
    let mut widths = [0; N];
    for row in &safe {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.width().max(*width);
        }
    }
    let mut out = String::new();
    for row in &safe {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width - cell.width() + 2));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// Words in lines of at most `width` columns where the words allow it, each line behind `indent` spaces.
pub fn wrapped(text: &str, indent: usize, width: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.width() + 1 + word.width() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(" ".repeat(indent) + word),
        }
    }
    lines.iter().map(|line| line.to_owned() + "\n").collect()
}

/// A record as aligned lines of label and value: its key, what is filled, and where it came from.
pub fn record(entity: Entity, id: &str, record: &Record, catalog: &Catalog, around: Around<'_>, look: Look) -> String {
    let values = record.values.view();
    let mut rows = vec![[catalog.label(entity.key()), id.to_owned()]];
    let filled = fields_of(entity, catalog).filter_map(|field| Some((field, values.value(field)?)));
    rows.extend(filled.map(|(field, value)| [catalog.label(field), look.personal(&value_text(&value))]));
    if let Some(organization) = values.text(FieldId::ACCOUNT_ID).filter(|_| entity == Entity::Contact) {
        let name = around.organization_name.map(|name| format!("{} ({organization})", look.personal(name)));
        rows.push(["Organization".into(), name.unwrap_or_else(|| organization.to_owned())]);
    }
    rows.push(["Internal ID".into(), record.internal.to_string()]);
    if record.manual {
        rows.push(["Origin".into(), "made by hand".into()]);
    }
    rows.push(["Last changed".into(), last_change(record, around)]);
    table(&rows, look.ascii)
}

fn last_change(record: &Record, around: Around<'_>) -> String {
    let Some(change) = around.change else { return format!("by commit {}", record.changed) };
    let mut text = format!("{} by {}", change.local, change.words);
    if let Some(file) = change.file {
        text.push_str(&format!(", {file}"));
    }
    if record.line > 0 {
        text.push_str(&format!(" line {}", record.line));
    }
    text
}

/// `+13175550101 x12`, or `317 (will not sync: too short)`.
pub fn value_text(value: &Value) -> String {
    match value {
        Value::Phone(phone) => match phone.number {
            Ok(_) => phone.shown(),
            Err(problem) => format!("{} (will not sync: {})", phone.typed, problem.reason()),
        },
        Value::Text(text) => text.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fields::by_name;
    use crate::model::phone::{Phone, PhoneProblem};
    use crate::report::json::ChangeRef;
    use std::collections::BTreeMap;

    #[test]
    fn columns_are_aligned_by_width_and_cells_are_safe() {
        let rows = [["漢字", "x"], ["a\x1b[31m", "y "]].map(|row| row.map(String::from));
        assert_eq!(table(&rows, false), "漢字    x\na\u{fffd}[31m  y\n");
        assert_eq!(table::<2>(&[], false), "");
    }

    #[test]
    fn words_are_wrapped() {
        assert_eq!(wrapped("aa bb cc", 1, 6), " aa bb\n cc\n");
        assert_eq!(wrapped("toolongaword b", 0, 5), "toolongaword\nb\n");
        assert_eq!(wrapped("", 4, 5), "");
    }

    #[test]
    fn a_record_reads_like_a_card() {
        let number = Err(PhoneProblem::TooShort);
        let values = [
            ("contact.first_name", Value::Text("Kathryn".into())),
            ("contact.cell_phone", Value::Phone(Phone { typed: "317".into(), number, extension: None })),
            ("account.id", Value::Text("A-1".into())),
        ];
        let values = values.into_iter().map(|(name, value)| (by_name(name).unwrap().id, value)).collect();
        let contact = Record {
            internal: uuid::Uuid::nil(),
            created: 1,
            changed: 1,
            line: 2,
            manual: false,
            values,
            by_hand: BTreeMap::new(),
        };
        let (words, file, local) = ("import 1", Some("office-mart.csv"), "2026-11-22 10:14");
        let change = ChangeRef { number: 1, words, file, at: jiff::Timestamp::UNIX_EPOCH, local };
        let around = Around { organization_name: Some("Office Mart"), change: Some(change) };
        insta::assert_snapshot!(record(Entity::Contact, "C-1", &contact, &Catalog::default(), around, Look::default()), @r"
        Contact ID    C-1
        First name    Kathryn
        Cell phone    317 (will not sync: too short)
        Organization  Office Mart (A-1)
        Internal ID   00000000-0000-0000-0000-000000000000
        Last changed  2026-11-22 10:14 by import 1, office-mart.csv line 2
        ");
    }
}
