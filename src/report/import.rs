//! The result of a check or an import: JSON for machines, text for people.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::findings;
use super::text::Look;
use crate::model::fields::{Catalog, Entity, FieldId};
use crate::model::finding::{Finding, Severity};
use crate::model::text::shown;
use crate::reconcile::conflict::{Class, Conflict};
use crate::reconcile::outcome::RowCounts;
use crate::reconcile::plan::{Counts, Decided, EntityCounts, Plan};

const CUT: usize = findings::LISTED;
/// Findings and headers in the text are cut here.
const TEXT_CUT: usize = 20;

/// What is known of the file itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FileFacts {
    /// Its name without folders.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
    /// The encoding it was read in, by its WHATWG name.
    pub encoding: String,
    /// The character between its cells.
    pub separator: char,
}

/// A column and the field it feeds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappedColumn {
    /// Its number, from 1.
    pub column: u32,
    /// Its header.
    pub header: String,
    /// The field's name; several columns may compose one key.
    pub field: String,
}

/// Everything that a check or an import reports.
#[derive(Debug, Clone, Copy)]
pub struct ImportReport<'a> {
    /// The file.
    pub file: &'a FileFacts,
    /// Columns that feed a field.
    pub mapping: &'a [MappedColumn],
    /// Headers of the columns that are left out.
    pub unmapped: &'a [String],
    /// What the import does.
    pub plan: &'a Plan,
    /// Names of custom fields.
    pub catalog: &'a Catalog,
    /// What is said about the file as a whole, such as "same file as import 7".
    pub notes: &'a [String],
    /// The number of the import in the history, if it was committed.
    pub import: Option<u64>,
    /// How long it took.
    pub seconds: f64,
}

impl ImportReport<'_> {
    /// The object that `check --json` and `import --json` print.
    ///
    /// # Errors
    /// A spill file cannot be read.
    pub fn json(&self) -> io::Result<Json> {
        let Counts { rows, contacts, organizations, memberships, blast_radius } = &self.plan.counts;
        let conflicts: Vec<Json> =
            self.plan.conflicts.iter().take(CUT).map(|c| self.conflict_json(c)).collect::<io::Result<_>>()?;
        let findings: Vec<Json> = self
            .plan
            .findings()?
            .take(CUT)
            .map(|f| Ok(findings::json(&f?, self.catalog)))
            .collect::<io::Result<_>>()?;
        let findings_total: u64 = self.plan.finding_counts.values().sum();
        Ok(json!({
            "file": self.file,
            "mapping": self.mapping,
            "unmapped": self.unmapped,
            "notes": self.notes,
            "rows": rows,
            "contacts": without_references(contacts),
            "organizations": organizations,
            "memberships": memberships,
            "blast_radius": blast_radius,
            "conflicts": conflicts,
            "conflicts_total": self.plan.conflicts.len(),
            "findings": findings,
            "findings_total": findings_total,
            "digest": self.plan.digest,
            "import": self.import,
            "committed": self.import.is_some(),
            "seconds": (self.seconds * 1000.0).round() / 1000.0,
        }))
    }

    fn conflict_json(&self, summary: &crate::reconcile::plan::ConflictSummary) -> io::Result<Json> {
        let conflict = self.plan.conflict(summary)?;
        let mut lines: Vec<u32> = conflict.variants.iter().flat_map(|v| v.rows.iter().map(|(_, line)| *line)).collect();
        lines.sort_unstable();
        lines.truncate(CUT);
        let fields: Vec<Json> =
            conflict.fields.iter().map(|(f, class)| self.field_json(&conflict, *f, *class)).collect();
        Ok(json!({
            "kind": conflict.entity.prefix(),
            "id": conflict.id,
            "class": conflict.class.word(),
            "rows": summary.rows,
            "lines": lines,
            "decided": summary.decided.as_ref().map(decided_word),
            "remembered_from_import": summary.remembered,
            "fields": fields,
        }))
    }

    fn field_json(&self, conflict: &Conflict, field: FieldId, class: Class) -> Json {
        let mut values: Vec<(Option<String>, Vec<u32>)> = Vec::new();
        for variant in &conflict.variants {
            let value = variant.values.view().value(field).map(|v| v.text());
            let lines = variant.rows.iter().map(|(_, line)| *line);
            match values.iter_mut().find(|(known, _)| *known == value) {
                Some((_, known)) => known.extend(lines),
                None => values.push((value, lines.collect())),
            }
        }
        let variants: Vec<Json> = values
            .into_iter()
            .map(|(value, mut lines)| {
                lines.sort_unstable();
                lines.truncate(CUT);
                json!({ "value": value, "lines": lines })
            })
            .collect();
        json!({
            "field": self.catalog.name(field),
            "class": class.word(),
            "variants": variants,
            "base": conflict.base.as_ref().and_then(|b| b.view().value(field)).map(|v| v.text()),
        })
    }

    /// The report that a person reads in a terminal. Foreign text in it is safe to print.
    ///
    /// # Errors
    /// A spill file cannot be read.
    pub fn text(&self, look: Look) -> io::Result<String> {
        let ascii = look.ascii;
        let mut out = String::new();
        let safe = |text: &str| shown(text, ascii).into_owned();
        let file = self.file;
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{}: {} rows, {}", safe(&file.name), grouped(self.plan.counts.rows.total), facts(file));
        for note in self.notes {
            let _ = writeln!(out, "Note: {}", safe(&look.message(note)));
        }
        if !self.unmapped.is_empty() {
            let names: Vec<String> = self.unmapped.iter().take(TEXT_CUT).map(|h| safe(h)).collect();
            let more = self.unmapped.len() - names.len();
            let more = if more > 0 { format!(" and {} more", grouped(more as u64)) } else { String::new() };
            let _ = writeln!(out, "Columns left out: {}{more}", names.join(", "));
        }
        out.push('\n');
        out.push_str(&counts_text(&self.plan.counts));
        self.conflicts_text(&mut out);
        self.findings_text(&mut out, look)?;
        let _ = writeln!(out, "Digest         {}", self.plan.digest);
        Ok(out)
    }

    fn conflicts_text(&self, out: &mut String) {
        if self.plan.conflicts.is_empty() {
            return;
        }
        let mut kinds: BTreeMap<(Entity, Class), (u64, u64)> = BTreeMap::new();
        for conflict in &self.plan.conflicts {
            let (all, decided) = kinds.entry((conflict.entity, conflict.class)).or_default();
            *all += 1;
            *decided += u64::from(conflict.decided.is_some());
        }
        for ((entity, class), (all, decided)) in kinds {
            let kind = format!("{} {} conflicts", entity.prefix(), class.word());
            let _ = writeln!(out, "Conflicts      {} {kind}, {} decided", grouped(all), grouped(decided));
        }
    }

    fn findings_text(&self, out: &mut String, look: Look) -> io::Result<()> {
        let total: u64 = self.plan.finding_counts.values().sum();
        if total == 0 {
            return Ok(());
        }
        let count = |severity| grouped(self.plan.finding_count(severity));
        let _ = writeln!(
            out,
            "\nFindings       {} errors, {} held, {} warnings",
            count(Severity::Error),
            count(Severity::Held),
            count(Severity::Warning)
        );
        for finding in self.plan.findings()?.take(TEXT_CUT) {
            let finding = finding?;
            let _ = writeln!(out, "  {}", finding_line(&finding, self.catalog, look));
        }
        if total > TEXT_CUT as u64 {
            let _ =
                writeln!(out, "  ... and {} more: --findings FILE writes them all", grouped(total - TEXT_CUT as u64));
        }
        out.push('\n');
        Ok(())
    }
}

/// All numbers of an import as a person reads them.
pub fn counts_text(counts: &Counts) -> String {
    let mut out = String::new();
    rows_text(&counts.rows, &mut out);
    out.push('\n');
    effects_text(counts, &mut out);
    out
}

fn rows_text(rows: &RowCounts, out: &mut String) {
    let lines = [
        ("created", rows.created),
        ("updated", rows.updated),
        ("unchanged", rows.unchanged),
        ("repeated", rows.repeated),
        ("organization only", rows.organization_only),
        ("held", rows.held),
        ("rejected", rows.rejected),
        ("blank", rows.blank),
    ];
    for (word, count) in lines.into_iter().filter(|(word, n)| *n > 0 || matches!(*word, "created" | "updated")) {
        let _ = writeln!(out, "  {word:<18}{:>12}", grouped(count));
    }
    let _ = writeln!(out, "  {:<18}{:>12}", "rows", grouped(rows.total));
}

fn effects_text(counts: &Counts, out: &mut String) {
    let Counts { contacts, organizations, memberships, blast_radius: b, .. } = counts;
    let _ = writeln!(out, "Contacts       {}", entity_text(contacts));
    let _ = writeln!(
        out,
        "Organizations  {}, {} only referred to",
        entity_text(organizations),
        grouped(organizations.references)
    );
    let _ = writeln!(
        out,
        "Memberships    {} created, {} moved, {} unchanged",
        grouped(memberships.created),
        grouped(memberships.moved),
        grouped(memberships.unchanged)
    );
    let effects = [
        (b.values_erased, "values are erased"),
        (b.contacts_moved, "contacts move to another organization"),
        (b.organizations_renamed, "organizations are renamed"),
        (b.phones_kept, "stored valid phones are kept against invalid ones"),
        (b.hand_edits_kept, "hand edits are kept"),
        (b.hand_edits_overwritten, "hand edits are overwritten"),
    ];
    for (count, what) in effects.into_iter().filter(|(count, _)| *count > 0) {
        let _ = writeln!(out, "Note           {} {what}", grouped(count));
    }
}

fn without_references(contacts: &EntityCounts) -> Json {
    let EntityCounts { created, updated, unchanged, held, .. } = contacts;
    json!({ "created": created, "updated": updated, "unchanged": unchanged, "held": held })
}

fn decided_word(decided: &Decided) -> String {
    decided.rule.map_or_else(|| "person".to_owned(), |rule| rule.to_string())
}

fn entity_text(counts: &EntityCounts) -> String {
    format!(
        "{} created, {} updated, {} unchanged, {} held",
        grouped(counts.created),
        grouped(counts.updated),
        grouped(counts.unchanged),
        grouped(counts.held)
    )
}

fn facts(file: &FileFacts) -> String {
    let separator = match file.separator {
        ',' => "comma".to_owned(),
        ';' => "semicolon".to_owned(),
        '\t' => "tab".to_owned(),
        other => format!("'{other}'"),
    };
    format!("{} bytes, {}, {separator}", grouped(file.bytes), file.encoding)
}

/// A finding as one line for a person; foreign text in it is safe to print.
pub fn finding_line(finding: &Finding, catalog: &Catalog, look: Look) -> String {
    let place = match (finding.line, finding.column) {
        (0, _) => "file".to_owned(),
        (line, None) => format!("line {line}"),
        (line, Some(column)) => format!("line {line}, column {column}"),
    };
    let message = look.message(&findings::message(finding, catalog));
    format!("{place}: {} [{} {}]", shown(&message, look.ascii), finding.severity.word(), finding.code.name())
}

/// A number with commas between groups of three digits.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([0, 999, 1000, 1234567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
