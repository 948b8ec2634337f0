//! What an import writes: one line for each field of each created or updated record, old and new.

use std::io::{self, Write};

use super::csv_out::CsvOut;
use crate::model::fields::{Catalog, Entity, FieldId};
use crate::model::record::{Value, ValuesRef, same};

/// One record that an import creates or updates.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    /// What it is.
    pub entity: Entity,
    /// Its key.
    pub id: &'a str,
    /// The physical line of the file that brings it.
    pub line: u32,
    /// Its values before; `None` if the import creates it.
    pub old: Option<ValuesRef<'a>>,
    /// Its values after.
    pub new: ValuesRef<'a>,
}

/// The changes file.
pub struct ChangesFile<'c, W: Write> {
    out: CsvOut<W>,
    catalog: &'c Catalog,
}

impl<'c, W: Write> ChangesFile<'c, W> {
    /// Writes the header line.
    pub fn begin(out: W, catalog: &'c Catalog) -> io::Result<Self> {
        let mut out = CsvOut::new(out);
        out.record(["record", "id", "change", "line", "field", "old", "new"])?;
        Ok(ChangesFile { out, catalog })
    }

    /// Writes the lines of a record: its filled fields if it is new, else those that differ.
    pub fn write(&mut self, change: &Change<'_>) -> io::Result<()> {
        let kind = if change.old.is_some() { "updated" } else { "created" };
        let line = change.line.to_string();
        for (field, old, new) in differing(change.old.unwrap_or(ValuesRef(&[])), change.new) {
            let text = |payload: Option<&[u8]>| {
                payload.and_then(|payload| Value::decode(field, payload)).map(|value| value.text()).unwrap_or_default()
            };
            let (name, old, new) = (self.catalog.name(field), text(old), text(new));
            self.out.record([change.entity.noun(), change.id, kind, &line, &name, &old, &new])?;
        }
        Ok(())
    }

    /// Completes the file.
    pub fn finish(self) -> io::Result<()> {
        self.out.finish()
    }
}

/// A field and its payload on either side, `None` where it is empty.
pub type Difference<'a> = (FieldId, Option<&'a [u8]>, Option<&'a [u8]>);

/// The fields in which two sets of values differ by R6, in ascending order.
pub fn differing<'a>(old: ValuesRef<'a>, new: ValuesRef<'a>) -> Vec<Difference<'a>> {
    let (mut olds, mut news) = (old.iter().peekable(), new.iter().peekable());
    let mut found = Vec::new();
    loop {
        let next = match (olds.peek(), news.peek()) {
            (None, None) => return found,
            (Some((a, _)), Some((b, _))) => *a.min(b),
            (Some((field, _)), None) | (None, Some((field, _))) => *field,
        };
        let a = olds.next_if(|(field, _)| *field == next).map(|(_, payload)| payload);
        let b = news.next_if(|(field, _)| *field == next).map(|(_, payload)| payload);
        let equal = matches!((a, b), (Some(a), Some(b)) if same(next, a, b));
        if !equal {
            found.push((next, a, b));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::record::Values;

    fn values(entries: &[(u16, &str)]) -> Values {
        entries.iter().map(|(field, text)| (FieldId(*field), Value::Text((*text).into()))).collect()
    }

    #[test]
    fn only_what_differs_is_listed_with_both_sides() {
        let old = values(&[(2, "Kathryn"), (4, "Smith"), (5, "Buyer")]);
        let new = values(&[(2, "Kathryn"), (4, "Smith-Hall"), (27, "Bloomington")]);
        let mut bytes = Vec::new();
        let catalog = Catalog::default();
        let mut file = ChangesFile::begin(&mut bytes, &catalog).unwrap();
        let update = Change { entity: Entity::Contact, id: "C-1", line: 7, old: Some(old.view()), new: new.view() };
        file.write(&update).unwrap();
        let josh = values(&[(2, "Josh")]);
        file.write(&Change { id: "C-2", old: None, new: josh.view(), ..update }).unwrap();
        file.finish().unwrap();
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "record,id,change,line,field,old,new\n\
             contact,C-1,updated,7,contact.last_name,Smith,Smith-Hall\n\
             contact,C-1,updated,7,contact.title,Buyer,\n\
             contact,C-1,updated,7,contact.city,,Bloomington\n\
             contact,C-2,created,7,contact.first_name,,Josh\n"
        );
    }
}
