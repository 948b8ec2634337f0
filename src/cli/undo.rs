//! `muster undo`: takes an import back, or says what keeps it from that.

use serde_json::{Value, json};

use super::args::{Common, UndoOptions};
use super::ask::confirmed;
use super::exit::{Exit, Failure};
use super::open::{base_or_empty, stamp};
use super::output::Output;
use super::stop::Stop;
use super::work::gauged;
use crate::base::{Base, Blocker, Counts, UndoPlan, Why};
use crate::flow::{history, undo};
use crate::model::fields::Catalog;
use crate::report::import::grouped;

/// Blockers in the text are cut here; the JSON has up to a thousand.
const TEXT_CUT: usize = 20;

/// What came of it, beside the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// There is nothing to take back.
    Nothing,
    /// Blockers, and nobody said to leave them.
    Blocked,
    /// Only looked.
    Looked,
    /// The person said no.
    Declined,
    /// Undone by that commit.
    Undone(u64),
}

/// Plans the undo, asks, and does it.
pub fn run(options: &UndoOptions, common: &Common, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let base = base_or_empty(common)?;
    let act = history::act(&base, options.number)?;
    let stop = Stop::on_signals()?;
    let plan = gauged(&stop, output, |gauge| undo::plan(&base, options.number, gauge))?;
    let report = Report::of(&base, act.name(), options.number, &plan)?;
    let outcome = if plan.blocked > 0 && !options.keep_blocked {
        Outcome::Blocked
    } else if undo::is_empty(&plan) {
        Outcome::Nothing
    } else if options.dry_run {
        Outcome::Looked
    } else {
        if !options.yes && !output.json {
            output.print(&report.text())?;
        }
        match confirmed(&format!("Undo {}?", report.name), options.yes, output)? {
            false => Outcome::Declined,
            true => {
                let stamp = stamp(common);
                let done = gauged(&stop, output, |gauge| undo::commit(&base, options.number, plan, stamp, gauge))?;
                Outcome::Undone(done.number)
            }
        }
    };
    report.print(outcome, output)?;
    Ok(match outcome {
        Outcome::Blocked => Exit::Partly,
        Outcome::Nothing if report.blocked > 0 => Exit::Partly,
        _ => Exit::Done,
    })
}

/// What a plan says, in words; it outlives the plan.
struct Report {
    name: String,
    number: u64,
    contacts: Counts,
    organizations: Counts,
    blockers: Vec<(Value, String)>,
    blocked: u64,
    forgotten: u64,
}

impl Report {
    fn of(base: &Base, name: String, number: u64, plan: &UndoPlan) -> Result<Report, Failure> {
        let catalog = base.catalog();
        let texts = |(blocker, reason): (Blocker, String)| {
            (blocker_json(&blocker, &catalog, &reason), blocker_text(&blocker, &catalog, &reason))
        };
        let blockers = undo::reasons(base, plan)?.into_iter().map(texts).collect();
        let (contacts, organizations, blocked) = (plan.contacts, plan.organizations, plan.blocked);
        Ok(Report { name, number, contacts, organizations, blockers, blocked, forgotten: plan.forgotten })
    }

    /// What would change, and what blocks.
    fn text(&self) -> String {
        let line = |label: &str, counts: Counts| {
            let Counts { created, updated, deleted } = counts;
            let [back, restored, removed] = [created, updated, deleted].map(grouped);
            format!("{label:<15}{removed} removed, {restored} restored, {back} brought back\n")
        };
        let mut text = line("Contacts", self.contacts) + &line("Organizations", self.organizations);
        if self.forgotten > 0 {
            text.push_str(&format!("Forgotten      {} contacts are left out\n", grouped(self.forgotten)));
        }
        if self.blocked > 0 {
            text.push_str(&format!("Blocked        {} values\n", grouped(self.blocked)));
        }
        for (_, blocker) in self.blockers.iter().take(TEXT_CUT) {
            text.push_str(&format!("  {blocker}\n"));
        }
        let more = self.blocked.saturating_sub(self.blockers.len().min(TEXT_CUT) as u64);
        if more > 0 {
            text.push_str(&format!("  ... and {} more\n", grouped(more)));
        }
        text
    }

    fn print(&self, outcome: Outcome, output: &mut Output<'_>) -> Result<(), Failure> {
        let undone = match outcome {
            Outcome::Undone(number) => Some(number),
            _ => None,
        };
        if output.json {
            let blockers: Vec<&Value> = self.blockers.iter().map(|(json, _)| json).collect();
            return Ok(output.print_json(&json!({
                "undo": self.number,
                "done": undone.is_some(),
                "undone_by": undone,
                "contacts": self.contacts,
                "organizations": self.organizations,
                "blockers": blockers,
                "blockers_total": self.blocked,
                "forgotten": self.forgotten,
            }))?);
        }
        let name = &self.name;
        let last = match outcome {
            Outcome::Undone(number) => format!("Undid {name}. To have it back: muster undo {number}\n"),
            Outcome::Blocked => {
                format!(
                    "Nothing was changed: {name} is blocked. --keep-blocked leaves these values and undoes the rest.\n"
                )
            }
            Outcome::Nothing => format!("Nothing to undo: {name} left nothing that could be taken back.\n"),
            Outcome::Looked => "Dry run: nothing was changed.\n".to_owned(),
            Outcome::Declined => "Nothing was changed.\n".to_owned(),
        };
        let told = outcome == Outcome::Declined;
        let text = if told { String::new() } else { self.text() };
        let safe: String = text.lines().map(|line| format!("{}\n", output.safe(line))).collect();
        Ok(output.print(&(safe + &last))?)
    }
}

fn blocker_text(blocker: &Blocker, catalog: &Catalog, reason: &str) -> String {
    let field = blocker.field.map(|field| format!(", {}", catalog.full_label(field))).unwrap_or_default();
    format!("{} '{}'{field}: {reason}", blocker.entity.noun(), blocker.id)
}

fn blocker_json(blocker: &Blocker, catalog: &Catalog, reason: &str) -> Value {
    let by = match blocker.why {
        Why::ChangedBy(commit) => Some(commit),
        _ => None,
    };
    json!({
        "record": blocker.entity.noun(),
        "id": blocker.id,
        "field": blocker.field.map(|field| catalog.name(field)),
        "changed_by": by,
        "reason": reason,
    })
}
