//! What must be asked about the columns of a file before it can be read (R4, R21, R27), and how to answer.

use super::header::MapOptions;
use crate::model::fields::{Catalog, Entity, FieldId, by_name, header_key};

/// Something that a header does not settle. It is asked, never guessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What it is about.
    pub kind: QuestionKind,
    /// The question for a person. Headers in it are foreign text: see [`crate::model::text::shown`].
    pub message: String,
    /// What can be answered; another mapping of the person's own is always an answer too.
    pub answers: Vec<Answer>,
}

/// What a question is about. Columns count from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuestionKind {
    /// R21: the header fits several fields.
    Header {
        /// The column.
        column: usize,
    },
    /// R21: several columns fit one field.
    Field {
        /// The field.
        field: FieldId,
        /// The columns.
        columns: Vec<usize>,
    },
    /// R4: there are columns for a record, but none for its ID.
    KeyMissing {
        /// Whose.
        entity: Entity,
    },
    /// R27: other columns make the ID than in the last import with a similar header.
    KeyChanged {
        /// Whose.
        entity: Entity,
    },
    /// No column says which contact or organization a row is about.
    NothingKnown,
}

/// One answer: options of `check` and `import` that settle the question.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// What it means, for a person.
    pub label: String,
    /// Values of `--map`.
    pub maps: Vec<String>,
    /// Whether it sets `--no-accounts`.
    pub no_accounts: bool,
    /// Whether it is what most people want. Suggested, never taken.
    pub suggested: bool,
}

impl Answer {
    /// The options as they are typed in a shell: `--map 'Company=account.id'`.
    pub fn options(&self) -> String {
        let maps = self.maps.iter().map(|map| format!("--map '{}'", map.replace('\'', r"'\''")));
        maps.chain(self.no_accounts.then(|| "--no-accounts".to_owned())).collect::<Vec<_>>().join(" ")
    }

    /// Gives the answer.
    pub fn apply(&self, options: &mut MapOptions) {
        options.maps.extend(self.maps.iter().cloned());
        options.no_accounts |= self.no_accounts;
    }
}

/// Why a `--map` cannot be obeyed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MapError {
    /// It is not `Header=field`.
    #[error("--map '{0}' is not 'Header=field'; write 'Header=' to leave a column out")]
    Form(String),
    /// No such column.
    #[error("the file has no column '{0}'; its headers are listed by `muster check`, and '#3' means the third column")]
    NoColumn(String),
    /// Several columns have that header.
    #[error("several columns are headed '{header}'; say which one: {}", places(.columns))]
    SeveralColumns {
        /// The header.
        header: String,
        /// Their places, from 0.
        columns: Vec<usize>,
    },
    /// No such field.
    #[error("there is no field '{0}'; `muster fields` lists them, and 'contact.custom.NAME' makes a new one")]
    NoField(String),
    /// Several columns for a field that is no ID.
    #[error("only contact.id and account.id can be composed of several columns, not '{0}'")]
    NotAKey(String),
    /// Two options feed one field.
    #[error("two --map options feed '{0}'; a field has one column")]
    FieldTwice(String),
    /// R27: a separator that separates nothing.
    #[error("--key-separator must not be empty, nor a control character")]
    KeySeparator,
    /// The base has no room for more custom fields.
    #[error("the base has 60,000 custom fields already; leave some columns out")]
    TooManyFields,
}

fn places(columns: &[usize]) -> String {
    columns.iter().map(|column| format!("#{}", column + 1)).collect::<Vec<_>>().join(", ")
}

/// What one `--map` asks for. Columns count from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Request {
    LeaveOut(usize),
    Field(usize, FieldId),
    Key(Entity, Vec<usize>),
}

/// Reads a `--map`: `Header=field`, `Header=`, or `Header+Header=contact.id`.
pub(super) fn request(map: &str, header: &[String], catalog: &mut Catalog) -> Result<Request, MapError> {
    // Headers and custom fields may contain `=` too, so the first one counts that has a column and a field beside it.
    let splits = || map.match_indices('=').map(|(at, _)| (map[..at].trim(), map[at + 1..].trim()));
    let fits = |(left, right): &(&str, &str)| {
        columns(left, header).is_ok() && (right.is_empty() || by_name(right).is_some() || custom_name(right).is_some())
    };
    let form = || MapError::Form(map.to_owned());
    let (left, right) = splits().find(fits).or_else(|| splits().next_back()).ok_or_else(form)?;
    if left.is_empty() {
        return Err(form());
    }
    let columns = columns(left, header)?;
    let field = if right.is_empty() { None } else { Some(field(right, catalog)?) };
    match (field, columns.as_slice()) {
        (None, [column]) => Ok(Request::LeaveOut(*column)),
        (Some(FieldId::CONTACT_ID), _) => Ok(Request::Key(Entity::Contact, columns)),
        (Some(FieldId::ACCOUNT_ID), _) => Ok(Request::Key(Entity::Organization, columns)),
        (Some(field), [column]) => Ok(Request::Field(*column, field)),
        _ => Err(MapError::NotAKey(right.to_owned())),
    }
}

/// The columns before the `=`: one, or several joined by `+`.
fn columns(text: &str, header: &[String]) -> Result<Vec<usize>, MapError> {
    match column(text, header) {
        Err(MapError::NoColumn(_)) if text.contains('+') => {
            text.split('+').map(|part| column(part.trim(), header)).collect()
        }
        found => Ok(vec![found?]),
    }
}

/// The column that a person means: `#` and its place, else its header, else its header without case and punctuation.
fn column(name: &str, header: &[String]) -> Result<usize, MapError> {
    let place = name.strip_prefix('#').and_then(|place| place.parse::<usize>().ok()?.checked_sub(1));
    if let Some(place) = place.filter(|place| *place < header.len()) {
        return Ok(place);
    }
    let find = |same: &dyn Fn(&str) -> bool| -> Vec<usize> {
        header.iter().enumerate().filter(|(_, h)| same(h)).map(|(column, _)| column).collect()
    };
    let mut columns = find(&|h| h == name);
    if columns.is_empty() {
        let key = header_key(name);
        columns = find(&|h| !key.is_empty() && header_key(h) == key);
    }
    match columns.as_slice() {
        [] => Err(MapError::NoColumn(name.to_owned())),
        [column] => Ok(*column),
        _ => Err(MapError::SeveralColumns { header: name.to_owned(), columns }),
    }
}

/// The field of that name; a custom field is made if the catalog does not have it.
fn field(name: &str, catalog: &mut Catalog) -> Result<FieldId, MapError> {
    if let Some(field) = by_name(name) {
        return Ok(field.id);
    }
    let (entity, custom) = custom_name(name).ok_or_else(|| MapError::NoField(name.to_owned()))?;
    catalog.add(entity, custom).ok_or(MapError::TooManyFields)
}

/// Whose custom field a name such as `contact.custom.Segment` is, and what it is called.
pub(super) fn custom_name(name: &str) -> Option<(Entity, &str)> {
    let of = |entity: Entity| {
        let (prefix, rest) = name.split_at_checked(entity.prefix().len() + ".custom.".len())?;
        let wanted = format!("{}.custom.", entity.prefix());
        (prefix.eq_ignore_ascii_case(&wanted) && !rest.trim().is_empty()).then(|| (entity, rest.trim()))
    };
    of(Entity::Contact).or_else(|| of(Entity::Organization))
}

/// How `--map` names a column: by its header, or by its place if the header names none or several.
pub(super) fn reference(at: usize, header: &[String]) -> String {
    let name = header.get(at).map_or("", String::as_str);
    let plain = !name.is_empty() && !name.contains(['=', '+', '\n', '\r']) && column(name, header) == Ok(at);
    if plain { name.to_owned() } else { format!("#{}", at + 1) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn read(map: &str, header: &[&str]) -> Result<Request, MapError> {
        let header: Vec<String> = header.iter().map(|h| (*h).to_owned()).collect();
        request(map, &header, &mut Catalog::default())
    }

    #[rstest]
    #[case("Mail=contact.work_email", Request::Field(1, FieldId(22)))]
    #[case("mail =contact.work_email", Request::Field(1, FieldId(22)))]
    #[case("Mail=", Request::LeaveOut(1))]
    #[case("Key=contact.id", Request::Key(Entity::Contact, vec![0]))]
    #[case("Mail+Key=account.id", Request::Key(Entity::Organization, vec![1, 0]))]
    #[case("a+b=contact.city", Request::Field(2, FieldId(27)))]
    #[case("x=y=contact.city", Request::Field(3, FieldId(27)))]
    #[case("Mail=contact.custom.a=b", Request::Field(1, FieldId(FieldId::CUSTOM)))]
    #[case("x=y=", Request::LeaveOut(3))]
    #[case("#2=contact.city", Request::Field(1, FieldId(27)))]
    #[case("Mail=contact.custom.Segment", Request::Field(1, FieldId(FieldId::CUSTOM)))]
    fn r21_map_options(#[case] map: &str, #[case] expected: Request) {
        assert_eq!(read(map, &["Key", "Mail", "a+b", "x=y"]), Ok(expected));
    }

    #[rstest]
    #[case("Mail")]
    #[case("=contact.city")]
    #[case("Nothing=contact.city")]
    #[case("#9=contact.city")]
    #[case("#0=contact.city")]
    #[case("Mail=contact.shoe_size")]
    #[case("Mail=contact.custom.")]
    #[case("Mail+Key=contact.city")]
    #[case("Twice=contact.city")]
    fn r21_map_options_that_cannot_be_obeyed(#[case] map: &str) {
        assert!(read(map, &["Key", "Mail", "Twice", "twice", "Twice"]).is_err());
    }

    #[test]
    fn r21_a_header_that_is_not_alone_is_named_by_its_place() {
        let header = ["City", "city", "Name", "", "Name"].map(String::from);
        let names: Vec<String> = (0..5).map(|column| reference(column, &header)).collect();
        assert_eq!(names, ["City", "city", "#3", "#4", "#5"]);
    }

    #[test]
    fn answers_are_quoted_for_a_shell() {
        let answer = Answer { maps: vec!["Buyer's no=contact.id".into()], no_accounts: true, ..Answer::default() };
        assert_eq!(answer.options(), r"--map 'Buyer'\''s no=contact.id' --no-accounts");
    }
}
