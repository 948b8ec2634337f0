//! What would happen, in numbers; each opens its list.

use super::{Import, Step, conflicts, draft, rows as list};
use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::job::Job;
use crate::app::job::import::{ImportJob, List, Review};
use crate::app::message::Size;
use crate::app::overlay::{Confirm, Notice, Overlay, Question};
use crate::app::state::State;
use crate::model::fields::Entity;
use crate::model::finding::{Code, Severity};
use crate::model::text::{counted, grouped, plural, wrapped};
use crate::reconcile::doubt::DoubtKind;
use crate::reconcile::outcome::Outcome;
use crate::reconcile::plan::Idle;

/// A line of the review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// A heading.
    Heading(&'static str),
    /// A number and what it counts; its list, if it has one.
    Number {
        /// What it counts.
        label: String,
        /// How many.
        count: u64,
        /// What Enter opens.
        opens: Opens,
        /// How bad it is, for its colour.
        severity: Option<Severity>,
        /// How bad it is in a word, where the label does not say it.
        word: &'static str,
    },
    /// Something to know.
    Text(String),
}

/// What a number opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opens {
    /// A list.
    List(List),
    /// The conflicts.
    Conflicts,
    /// What needs consent.
    Doubts(DoubtKind),
    /// The headers of the columns that are left out.
    LeftOut,
}

/// How many lines are in view: all but tab bar, the line of the file, rule and hint bar.
pub fn rows(size: Size) -> usize {
    usize::from(size.height).saturating_sub(4).max(1)
}

/// The lines of the review, in a window of a size.
pub fn lines(import: &Import, size: Size) -> Vec<Line> {
    let Some(review) = &import.review else { return Vec::new() };
    let notes = review.notes.iter().map(|note| format!("Note: {note}"));
    let width = usize::from(size.width).saturating_sub(3);
    let texts = review.since.iter().cloned().chain(notes);
    let mut lines: Vec<Line> = texts.flat_map(|text| wrapped(&text, width)).map(Line::Text).collect();
    if review.empty {
        lines.push(Line::Text("Nothing to change: the base already says all of this.".to_owned()));
    }
    rows_of(review, &mut lines);
    to_decide(import, review, &mut lines);
    effects(review, &mut lines);
    if !review.findings.is_empty() {
        lines.push(Line::Heading("FINDINGS"));
    }
    for (severity, code, count) in &review.findings {
        let opens = match code {
            Code::DifferentPerson => Opens::Doubts(DoubtKind::DifferentPerson),
            Code::DeletedByHand => Opens::Doubts(DoubtKind::DeletedByHand),
            Code::HandEditKept => Opens::Doubts(DoubtKind::HandEdit),
            code => Opens::List(List::Findings(*severity, *code)),
        };
        lines.push(Line::Number {
            label: code.name().to_owned(),
            count: *count,
            opens,
            severity: Some(*severity),
            word: severity.word(),
        });
    }
    if !review.unmapped.is_empty() {
        let count = review.unmapped.len() as u64;
        let label = format!("{} left out: {}", plural(count, "column"), review.unmapped.join(", "));
        lines.push(Line::Heading("COLUMNS"));
        lines.push(Line::Number { label, count, opens: Opens::LeftOut, severity: None, word: "" });
    }
    lines
}

/// What a person is asked: conflicts, and what needs consent.
fn to_decide(import: &Import, review: &Review, lines: &mut Vec<Line>) {
    let start = lines.len();
    if !import.conflicts.standing.is_empty() {
        let decided = import.conflicts.decided() as u64;
        let all = import.conflicts.standing.len() as u64;
        let label = format!("{}: rows that disagree, {} decided", plural(all, "conflict"), grouped(decided));
        let severity = if decided < all { Some(Severity::Held) } else { None };
        lines.push(Line::Number { label, count: all, opens: Opens::Conflicts, severity, word: "" });
    }
    for (kind, count, answered) in review.doubts.iter().copied().filter(|(_, count, _)| *count > 0) {
        let what = match kind {
            DoubtKind::DifferentPerson => plural(count, "different person") + " under a stored Contact ID",
            DoubtKind::DeletedByHand => "deleted by hand and in the file again".to_owned(),
            DoubtKind::HandEdit => plural(count, "hand edit") + " against the file",
        };
        let waits = kind != DoubtKind::HandEdit && answered < count;
        let label = format!("{what}, {} answered", grouped(answered));
        let severity = waits.then_some(Severity::Held);
        lines.push(Line::Number { label, count, opens: Opens::Doubts(kind), severity, word: "" });
    }
    if lines.len() > start {
        lines.insert(start, Line::Heading("TO DECIDE"));
    }
}

/// A number that has a list; not shown if it is 0.
fn number(lines: &mut Vec<Line>, label: &str, count: u64, opens: Opens) {
    if count > 0 {
        lines.push(Line::Number { label: label.to_owned(), count, opens, severity: None, word: "" });
    }
}

fn rows_of(review: &Review, lines: &mut Vec<Line>) {
    let rows = &review.counts.rows;
    lines.push(Line::Heading("ROWS"));
    let contact = Entity::Contact;
    number(lines, "created", rows.created, Opens::List(List::Created(contact)));
    number(lines, "updated", rows.updated, Opens::List(List::Updated(contact)));
    let outcomes = [
        ("unchanged", rows.unchanged, Outcome::Unchanged),
        ("repeated", rows.repeated, Outcome::Repeated),
        ("organization only", rows.organization_only, Outcome::OrganizationOnly),
        ("held", rows.held, Outcome::Held),
        ("rejected", rows.rejected, Outcome::Rejected),
        ("blank", rows.blank, Outcome::Blank),
    ];
    for (label, count, outcome) in outcomes {
        number(lines, label, count, Opens::List(List::Outcome(outcome)));
        if let (Some(Line::Number { severity, .. }), true) = (lines.last_mut(), count > 0) {
            *severity = match outcome {
                Outcome::Held => Some(Severity::Held),
                Outcome::Rejected => Some(Severity::Error),
                _ => None,
            };
        }
    }
    let label = "rows in all".to_owned();
    lines.push(Line::Number { label, count: rows.total, opens: Opens::List(List::All), severity: None, word: "" });
    let cells = plural(review.corrected, "cell") + " corrected by hand";
    number(lines, &cells, review.corrected, Opens::List(List::Corrections));
}

fn effects(review: &Review, lines: &mut Vec<Line>) {
    let counts = &review.counts;
    let entity = Entity::Organization;
    let start = lines.len();
    number(lines, "created", counts.organizations.created, Opens::List(List::Created(entity)));
    number(lines, "updated", counts.organizations.updated, Opens::List(List::Updated(entity)));
    let idle = |idle| Opens::List(List::Idle(idle));
    number(lines, "unchanged", counts.organizations.unchanged, idle(Idle::Unchanged));
    number(lines, "held", counts.organizations.held, idle(Idle::Held));
    number(lines, "only referred to", counts.organizations.references, idle(Idle::Referred));
    if lines.len() > start {
        lines.insert(start, Line::Heading("ORGANIZATIONS"));
    }
    let start = lines.len();
    let blast = &counts.blast_radius;
    let phones = Opens::List(List::Findings(Severity::Warning, Code::PhoneKept));
    let hand_edits = Opens::Doubts(DoubtKind::HandEdit);
    let harm = [
        ("value", "erased", blast.values_erased, Opens::List(List::Erased)),
        ("contact", "moved to another organization", blast.contacts_moved, Opens::List(List::Moved)),
        ("organization", "renamed", blast.organizations_renamed, Opens::List(List::Renamed)),
        ("stored valid phone", "kept", blast.phones_kept, phones),
        ("hand edit", "kept", blast.hand_edits_kept, hand_edits),
        ("hand edit", "overwritten", blast.hand_edits_overwritten, hand_edits),
    ];
    for (noun, what, count, opens) in harm {
        number(lines, &format!("{} {what}", plural(count, noun)), count, opens);
    }
    if lines.len() > start {
        lines.insert(start, Line::Heading("WHAT THIS DOES TO STORED DATA"));
    }
}

/// Takes the numbers in; what is shown of rows and conflicts is loaded again.
pub fn take(state: &mut State, review: Review) -> Vec<Effect> {
    let import = &mut state.import;
    let first = import.review.is_none();
    import.conflicts.stands(&review.conflicts);
    import.stale = false;
    import.review = Some(review);
    if matches!(import.step, Step::Check | Step::Commit) {
        import.step = Step::Review;
    }
    let lines = lines(import, state.size);
    if first {
        import.number.selected = lines.iter().position(|l| matches!(l, Line::Number { .. })).unwrap_or(0);
    }
    import.number.reveal(lines.len(), rows(state.size));
    if std::mem::take(&mut import.wants_commit) {
        confirm(state);
    }
    let mut effects = draft::checked(state);
    match state.import.step {
        Step::Rows => effects.extend(list::load(state)),
        Step::Conflicts => effects.extend(conflicts::load(state)),
        _ => {}
    }
    effects
}

/// Does an action.
pub fn act(state: &mut State, action: Action) -> Vec<Effect> {
    let lines = lines(&state.import, state.size);
    let before = state.import.number.selected;
    if state.import.number.step(action, lines.len(), rows(state.size)) {
        skip(state, &lines, before);
        return vec![];
    }
    match action {
        Action::Open => match lines.get(state.import.number.selected) {
            Some(Line::Number { opens: Opens::List(wanted), label, .. }) => {
                let of_organizations = matches!(
                    wanted,
                    List::Created(Entity::Organization) | List::Updated(Entity::Organization) | List::Idle(_)
                );
                let title = if of_organizations { format!("organizations {label}") } else { label.clone() };
                return list::enter(state, *wanted, &title);
            }
            Some(Line::Number { opens: Opens::Conflicts, .. }) => return conflicts::enter(state),
            Some(Line::Number { opens: Opens::LeftOut, .. }) => {
                let headers = state.import.review.as_ref().map(|review| review.unmapped.join("\n")).unwrap_or_default();
                let text = format!("{headers}\n\nm goes back to the columns, to give them a field.");
                state.overlays.push(Overlay::Notice(Notice::new("Columns left out", &text)));
            }
            Some(Line::Number { opens: Opens::Doubts(kind), .. }) => return super::doubts::enter(state, *kind),
            _ => {}
        },
        Action::Back => state.import.step = Step::Columns,
        _ => {}
    }
    vec![]
}

/// The selection stays on numbers: from a heading it goes on the way it came.
fn skip(state: &mut State, lines: &[Line], before: usize) {
    let cursor = &mut state.import.number;
    let is_number = |at: &usize| matches!(lines.get(*at), Some(Line::Number { .. }));
    let down = cursor.selected >= before;
    let (ahead, behind) = (cursor.selected..lines.len(), (0..cursor.selected).rev());
    let mut ahead = ahead;
    let mut behind = behind;
    let found = if down { ahead.find(is_number) } else { behind.find(is_number) };
    let here = is_number(&cursor.selected).then_some(cursor.selected);
    cursor.selected = here.or(found).unwrap_or(before);
    // The heading of the first numbers is worth a line.
    if cursor.selected <= 1 {
        cursor.top = 0;
    }
    cursor.reveal(lines.len(), rows(state.size));
}

/// Asks once, naming the numbers. Counts again first if decisions were made since.
pub fn ask_commit(state: &mut State) -> Vec<Effect> {
    if state.work().is_some() {
        state.notice = Some("Still counting; a moment".to_owned());
        return vec![];
    }
    if state.import.review.is_none() {
        return vec![];
    }
    if matches!(state.import.step, Step::Conflicts | Step::Doubts) {
        state.import.step = Step::Review;
    }
    if state.import.stale {
        state.import.wants_commit = true;
        return count_again(state);
    }
    confirm(state);
    vec![]
}

fn confirm(state: &mut State) {
    let Some(review) = &state.import.review else { return };
    let text = question(review);
    state.overlays.push(Overlay::Confirm(Confirm::new(Question::Commit, "Import now?", &text)));
}

/// Makes the plan again with the decisions as they are.
pub fn count_again(state: &mut State) -> Vec<Effect> {
    let decisions = state.import.timeline.decisions().clone();
    vec![state.start(Job::Import(ImportJob::Plan(decisions)))]
}

fn question(review: &Review) -> String {
    let (rows, contacts) = (&review.counts.rows, &review.counts.contacts);
    let organizations = &review.counts.organizations;
    let contacts = counted(&[(contacts.created, "created"), (contacts.updated, "updated")]);
    let organizations = counted(&[(organizations.created, "created"), (organizations.updated, "updated")]);
    let written = [("Contacts", contacts), ("Organizations", organizations)];
    let written = written.into_iter().filter(|(_, what)| !what.is_empty()).map(|(who, what)| format!("{who}: {what}."));
    let mut text = written.collect::<Vec<_>>().join(" ");
    if review.empty {
        text = "Nothing changes; the history gets a line.".to_owned();
    }
    let left_out = rows.held + rows.rejected;
    if left_out > 0 {
        let noun = plural(if rows.held > 0 { rows.held } else { rows.rejected }, "row");
        let rejected = if rows.held > 0 { "rejected".to_owned() } else { format!("{noun} rejected") };
        let what = counted(&[(rows.held, &format!("{noun} held")), (rows.rejected, &rejected)]);
        let goes = if left_out == 1 { "it goes" } else { "they go" };
        text.push_str(&format!("\n{what}: {goes} to the rejects file."));
    }
    let blast = &review.counts.blast_radius;
    let harm = [
        (blast.values_erased, plural(blast.values_erased, "value") + " erased"),
        (blast.contacts_moved, plural(blast.contacts_moved, "contact") + " moved"),
        (blast.organizations_renamed, plural(blast.organizations_renamed, "organization") + " renamed"),
        (blast.hand_edits_overwritten, plural(blast.hand_edits_overwritten, "hand edit") + " overwritten"),
    ];
    let harm = counted(&harm.each_ref().map(|(count, what)| (*count, what.as_str())));
    if !harm.is_empty() {
        text.push_str(&format!("\nIn stored data: {harm}."));
    }
    text
}
