//! THE table of actions: everything a person can do, once. The keymap, the hint bar, the help, the palette and the key
//! sheet are all read from it.

use super::key::{Code, Key};

/// Where an action applies. What has the focus gives a short list of these, the nearest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Context {
    /// In a field that takes text: printable keys are text there, whatever else they are bound to.
    Text,
    /// In any list.
    List,
    /// The list of contacts or organizations.
    Browse,
    /// The search field of Browse.
    Search,
    /// The details of one record.
    Detail,
    /// The form of one record.
    Form,
    /// Import: which file.
    Choose,
    /// Import: which column is which field.
    Columns,
    /// Import: while the file is checked.
    Check,
    /// Import: the counts of what would happen.
    Review,
    /// Import: a list behind one of these counts.
    Findings,
    /// Import: the conflicts.
    Conflicts,
    /// Import: hand edits against the file.
    HandEdits,
    /// Import: another person under a stored Contact ID.
    Persons,
    /// Import: records deleted by hand.
    Deleted,
    /// Import: what was done.
    Result,
    /// The list of what was done.
    History,
    /// The records of one act.
    Records,
    /// What keeps an act from being undone.
    Blockers,
    /// Anything that lies above a screen.
    Overlay,
    /// A question with yes and no.
    Confirm,
    /// Everything.
    Everywhere,
}

impl Context {
    /// All contexts, in the order in which the help names them.
    pub const ALL: [Context; 22] = [
        Context::Browse,
        Context::Search,
        Context::Detail,
        Context::Form,
        Context::Choose,
        Context::Columns,
        Context::Check,
        Context::Review,
        Context::Findings,
        Context::Conflicts,
        Context::HandEdits,
        Context::Persons,
        Context::Deleted,
        Context::Result,
        Context::History,
        Context::Records,
        Context::Blockers,
        Context::List,
        Context::Text,
        Context::Overlay,
        Context::Confirm,
        Context::Everywhere,
    ];

    /// The heading of the context in the help.
    pub fn title(self) -> &'static str {
        match self {
            Context::Text => "While typing",
            Context::List => "In a list",
            Context::Browse => "Browse",
            Context::Search => "Search field",
            Context::Detail => "Record",
            Context::Form => "Form",
            Context::Choose => "Import: file",
            Context::Columns => "Import: columns",
            Context::Check => "Import: check",
            Context::Review => "Import: review",
            Context::Findings => "Import: rows",
            Context::Conflicts => "Import: conflicts",
            Context::HandEdits => "Import: hand edits",
            Context::Persons => "Import: different persons",
            Context::Deleted => "Import: deleted by hand",
            Context::Result => "Import: result",
            Context::History => "History",
            Context::Records => "History: records",
            Context::Blockers => "History: blockers",
            Context::Overlay => "In a window",
            Context::Confirm => "Question",
            Context::Everywhere => "Everywhere",
        }
    }
}

/// One row of the table.
#[derive(Debug)]
pub struct Entry {
    /// The action.
    pub action: Action,
    /// Its stable name, in kebab case.
    pub id: &'static str,
    /// Its name in help and palette.
    pub title: &'static str,
    /// Its name in the hint bar: a word or two.
    pub hint: &'static str,
    /// What it does, in one sentence.
    pub help: &'static str,
    /// Its keys, the one to show first.
    pub keys: &'static [Key],
    /// Where it applies.
    pub contexts: &'static [Context],
}

/// Makes [`Action`] and [`ACTIONS`] from one list, so that neither can miss what the other has.
macro_rules! actions {
    ($($action:ident $id:literal, $title:literal, $hint:literal, [$($key:expr),* $(,)?] in [$($context:ident),*]: $help:literal;)*) => {
        /// Something a person can do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Action { $(#[doc = $help] $action,)* }

        /// Every action, in the order of the enum.
        pub static ACTIONS: &[Entry] = &[$(Entry {
            action: Action::$action,
            id: $id,
            title: $title,
            hint: $hint,
            help: $help,
            keys: &[$($key),*],
            contexts: &[$(Context::$context),*],
        },)*];
    };
}

impl Action {
    /// The action's row of the table.
    pub fn entry(self) -> &'static Entry {
        &ACTIONS[self as usize]
    }
}

const fn c(char: char) -> Key {
    Key::char(char)
}

const fn ctrl(char: char) -> Key {
    Key::ctrl(char)
}

const fn k(code: Code) -> Key {
    Key::plain(code)
}

use Code::{BackTab, Backspace, Delete, Down, End, Enter, Esc, Home, Left, PageDown, PageUp, Right, Tab, Up};

actions! {
    // Browse and search
    Search "search", "Search", "search", [c('/')] in [Browse, Detail]: "Type to search all fields; every hit is shown at once.";
    SearchDone "search-done", "Go to the hits", "to the list", [k(Enter), k(Tab)] in [Search]: "Leaves the search field and keeps the hits.";
    SearchClear "search-clear", "Clear, then leave", "clear", [k(Esc)] in [Search]: "Empties the search field; if it is empty, goes back to the list.";
    SwitchEntity "switch-entity", "Contacts or organizations", "contacts/orgs", [c('o')] in [Browse]: "Switches the list between contacts and organizations.";
    SortHits "sort-hits", "Sort", "sort", [c('s')] in [Browse]: "Sorts by name, by organization, or puts the best hits first again; the selected record stays.";
    Members "members", "Members of the organization", "members", [c('m')] in [Browse, Detail]: "Lists the members of the selected organization, or of the contact's; Esc goes back.";
    ShowOrganization "show-organization", "Organization of the contact", "organization", [c('a')] in [Browse, Detail]: "Lists the organization (the account) of the selected contact.";
    Create "create", "Create a record", "create", [c('c')] in [Browse, Detail]: "Opens an empty form for a contact, or for an organization where those are listed.";
    EditRecord "edit-record", "Edit the record", "edit", [c('e')] in [Browse, Detail]: "Opens the form of the selected record.";
    DeleteRecord "delete-record", "Delete the record", "delete", [c('d'), k(Delete)] in [Browse, Detail]: "Asks, names what hangs on it, then deletes the selected record.";
    HandOver "hand-over", "Hand over to imports", "hand over", [c('h')] in [Browse, Detail]: "Asks, then lets files change an organization that was made by hand.";
    SaveHits "save-hits", "Save the hits", "save as CSV", [c('w')] in [Browse]: "Writes all that is listed, in its order, to a new CSV file.";
    Reload "reload", "Load again", "load again", [c('r')] in [Browse]: "Opens the base again, or loads the list again.";

    // The form
    SaveForm "save-form", "Save", "save", [ctrl('o')] in [Form]: "Shows what will be saved, old -> new, and asks.";
    NextField "next-field", "Next field", "next field", [k(Enter)] in [Form]: "Goes to the next field; takes the selected organization; on the last line, saves.";

    // Import: file
    ChooseFile "choose-file", "Open the file", "open", [k(Enter)] in [Choose]: "Opens the file, or goes into the folder.";
    FolderAbove "folder-above", "Folder above", "folder above", [k(BackTab)] in [Choose]: "Goes to the folder above the one that is listed.";
    CompletePath "complete-path", "Complete the path", "complete", [k(Tab)] in [Choose]: "Completes the path as far as it is clear.";

    // Import: columns
    MapColumn "map-column", "Choose the field", "choose", [k(Enter)] in [Columns]: "Chooses which field the column fills, or leaves the column out.";
    AnswerQuestion "answer-question", "Answer the question", "answer", [c('a')] in [Columns]: "Shows the answers to what the header does not settle.";
    ImportSettings "import-settings", "Settings of this import", "settings", [c('s')] in [Columns]: "Region of phones, empty cells, strictness.";
    ComposeId "compose-id", "Build an ID of marked columns", "build ID", [c('+')] in [Columns]: "Builds the Contact ID or the Account ID of the columns marked with Space, in that order.";
    StartCheck "start-check", "Check the file", "check", [c('c')] in [Columns]: "Checks every row with this mapping; nothing is written.";

    // Import: review and result
    ReviewConflicts "review-conflicts", "Decide conflicts", "conflicts", [c('v')] in [Review, Findings]: "Opens the rows that disagree with each other.";
    BackToColumns "back-to-columns", "Back to the columns", "columns", [c('m')] in [Review]: "Changes mapping or settings; the file is checked again.";
    Commit "commit", "Import", "import", [c('i')] in [Review, Conflicts, HandEdits, Persons, Deleted]: "Asks once, naming the numbers, then imports.";
    CorrectCell "correct-cell", "Correct the cell", "correct", [c('e')] in [Findings]: "Types the cell anew; the file stays as it is, the row is checked again.";
    CloseResult "close-result", "To the contacts", "to the contacts", [k(Enter)] in [Result]: "Goes to the contacts.";

    // Import: conflicts
    VariantLeft "variant-left", "Variant to the left", "variant before", [k(Left), c('h')] in [Conflicts]: "Moves to the variant on the left.";
    VariantRight "variant-right", "Variant to the right", "next variant", [k(Right), c('l')] in [Conflicts]: "Moves to the variant on the right.";
    VariantJump "variant-jump", "Variant by number", "variant", [c('1'), c('2'), c('3'), c('4'), c('5'), c('6'), c('7'), c('8'), c('9')] in [Conflicts]: "Moves to the variant of that number.";
    TakeVariant "take-variant", "Take this variant", "take it", [c('t')] in [Conflicts]: "Decides for the variant under the cursor.";
    KeepBase "keep-base", "Keep what the base holds", "base", [c('b')] in [Conflicts]: "Decides for the stored values.";
    PickFields "pick-fields", "Decide per field", "per field", [c('f')] in [Conflicts]: "Takes each field from a variant of its own.";
    TypeValue "type-value", "Type a value", "type", [c('e')] in [Conflicts]: "Decides for a value that you type.";
    HoldBack "hold-back", "Hold back", "hold back", [c('x')] in [Conflicts]: "Leaves these rows out; they go to the rejects file.";
    TakeSuggestion "take-suggestion", "Take the suggestion", "suggested", [c('d')] in [Conflicts]: "Decides as suggested.";
    ApplyPolicy "apply-policy", "Decide many at once", "all...", [c('a')] in [Conflicts, HandEdits, Persons, Deleted]: "Answers all at once, or the marked ones, and says beforehand how many that are.";
    ShowEqual "show-equal", "Show equal fields", "equal", [c('=')] in [Conflicts]: "Shows or hides the fields in which the variants agree.";
    ShowLines "show-lines", "Show the lines", "lines", [k(Enter)] in [Conflicts]: "Shows the raw lines of the file behind the variant.";
    NextOpen "next-open", "Next open conflict", "next", [c('n')] in [Conflicts]: "Goes to the next conflict without a decision.";
    PreviousOpen "previous-open", "Previous open conflict", "previous", [c('N')] in [Conflicts]: "Goes to the previous conflict without a decision.";
    Undo "undo", "Undo", "undo", [c('u')] in [Browse, Detail, Conflicts, Columns, Review, Findings, HandEdits, Persons, Deleted]: "Takes back the last decision, correction or edit.";
    Redo "redo", "Redo", "redo", [ctrl('r')] in [Browse, Detail, Conflicts, Columns, Review, Findings, HandEdits, Persons, Deleted]: "Brings back what was undone.";

    // History
    UndoAct "undo-act", "Undo this act", "undo it", [c('u')] in [History, Records]: "Says what taking the import, edit or undo back would change and what blocks it, then asks.";
    UndoRest "undo-rest", "Undo the rest", "undo the rest", [c('r')] in [Blockers]: "Leaves the blocked values as they are and undoes everything else, after a question.";
    FilterRecords "filter-records", "Which records", "which", [c('f')] in [Records]: "Lists only what was created, updated, deleted, or changed again since.";
    SaveRejects "save-rejects", "Save its rejects again", "save rejects", [c('w')] in [History]: "Writes the rows that the import left out to a new file.";

    // Import: what needs consent
    TakeFile "take-file", "Take the file's value", "take the file's", [c('t')] in [HandEdits]: "The file's value replaces the one that was set by hand.";
    KeepHand "keep-hand", "Keep the value set by hand", "keep by hand", [c('b')] in [HandEdits]: "The value set by hand stays, whatever the file says.";
    SamePerson "same-person", "It is the same person", "same person", [c('t')] in [Persons]: "Imports the rows: the Contact ID still means the same person.";
    OtherPerson "other-person", "It is another person", "hold back", [c('x')] in [Persons]: "Holds the rows back; they go to the rejects file.";
    CreateAgain "create-again", "Create it again", "create again", [c('t')] in [Deleted]: "Imports the record that was deleted by hand.";
    StayDeleted "stay-deleted", "It stays deleted", "stay deleted", [c('x')] in [Deleted]: "Rejects the rows, now and in later imports.";

    // Lists
    Up "up", "Up", "up", [k(Up), c('k')] in [List]: "One row up.";
    Down "down", "Down", "down", [k(Down), c('j')] in [List]: "One row down.";
    PageUp "page-up", "Page up", "page up", [k(PageUp)] in [List]: "One page up.";
    PageDown "page-down", "Page down", "page down", [k(PageDown)] in [List]: "One page down.";
    HalfUp "half-up", "Half a page up", "half up", [ctrl('u')] in [List]: "Half a page up.";
    HalfDown "half-down", "Half a page down", "half down", [ctrl('d')] in [List]: "Half a page down.";
    First "first", "First row", "first", [c('g'), k(Home)] in [List]: "To the first row.";
    Last "last", "Last row", "last", [c('G'), k(End)] in [List]: "To the last row.";
    Open "open", "Open", "open", [k(Enter)] in [Browse, Review, Findings, HandEdits, Persons, Deleted, History, Records]: "Opens what is selected.";
    Mark "mark", "Mark", "mark", [c(' ')] in [Columns, Conflicts, HandEdits, Persons, Deleted]: "Marks or unmarks the row.";
    Copy "copy", "Copy", "copy", [c('y')] in [Browse, Detail, Findings, Conflicts, HandEdits, Persons, Deleted, History, Records, Blockers]: "Sends the value to the clipboard of your terminal, and shows it.";
    NextPane "next-pane", "Next pane", "next", [k(Tab)] in [Browse, Detail, Form, Conflicts]: "Moves the focus to the next pane or field.";
    PreviousPane "previous-pane", "Previous pane", "previous", [k(BackTab)] in [Browse, Search, Detail, Form, Conflicts]: "Moves the focus to the previous pane or field.";

    // Typing. Up and Down move through what is listed below the field.
    TextListUp "text-list-up", "Up in the list", "up", [k(Up)] in [Text]: "One row up in the list that belongs to the field.";
    TextListDown "text-list-down", "Down in the list", "down", [k(Down)] in [Text]: "One row down in the list that belongs to the field.";
    TextPageUp "text-page-up", "Page up in the list", "page up", [k(PageUp)] in [Text]: "One page up in the list that belongs to the field.";
    TextPageDown "text-page-down", "Page down in the list", "page down", [k(PageDown)] in [Text]: "One page down in the list that belongs to the field.";
    TextLeft "text-left", "Left", "left", [k(Left)] in [Text]: "One character to the left.";
    TextRight "text-right", "Right", "right", [k(Right)] in [Text]: "One character to the right.";
    TextStart "text-start", "Start", "start", [k(Home)] in [Text]: "To the start of the text.";
    TextEnd "text-end", "End", "end", [k(End), ctrl('e')] in [Text]: "To the end of the text.";
    TextDeleteBack "text-delete-back", "Delete to the left", "delete", [k(Backspace)] in [Text]: "Deletes the character to the left.";
    TextDelete "text-delete", "Delete to the right", "delete", [k(Delete)] in [Text]: "Deletes the character to the right.";
    TextDeleteWord "text-delete-word", "Delete a word", "delete word", [ctrl('w')] in [Text]: "Deletes the word to the left.";
    TextDeleteToStart "text-delete-to-start", "Delete to the start", "delete all", [ctrl('u')] in [Text]: "Deletes everything to the left.";
    TextDeleteToEnd "text-delete-to-end", "Delete to the end", "delete rest", [ctrl('k')] in [Text]: "Deletes everything to the right.";

    // Questions
    Yes "yes", "Yes", "yes", [c('y')] in [Confirm]: "Does what the question names.";
    No "no", "No", "no", [c('n')] in [Confirm]: "Leaves everything as it is.";
    OtherAnswer "other-answer", "The other answer", "other", [k(Tab), k(BackTab), k(Left), k(Right)] in [Confirm]: "Moves between yes and no.";
    Accept "accept", "Accept", "accept", [k(Enter)] in [Overlay]: "Does what is selected, or closes the message.";

    // Drafts
    Drafts "drafts", "Unfinished imports", "unfinished", [c('U')] in [Browse, Result]: "Lists the imports that were left, to go on with one.";

    // Everywhere
    GoBrowse "go-browse", "Browse", "browse", [c('1')] in [Browse, Detail, Columns, Check, Review, Findings, HandEdits, Persons, Deleted, Result, History, Records, Blockers]: "Goes to contacts and organizations.";
    GoImport "go-import", "Import a file", "import", [c('2')] in [Browse, Detail, Columns, Check, Review, Findings, HandEdits, Persons, Deleted, Result, History, Records, Blockers]: "Goes to the import, or asks for a file.";
    GoHistory "go-history", "History", "history", [c('3')] in [Browse, Detail, Columns, Check, Review, Findings, HandEdits, Persons, Deleted, Result, History, Records, Blockers]: "Lists the imports, edits and undos, the newest first.";
    Back "back", "Back", "back", [k(Esc)] in [Everywhere]: "Goes back one layer; it never quits.";
    Help "help", "Help", "help", [c('?'), k(Code::F(1))] in [Everywhere]: "Shows every key; type to search.";
    Palette "palette", "Commands", "commands", [c(':')] in [Everywhere]: "Lists what can be done here; type to find it.";
    Cancel "cancel", "Cancel", "cancel", [ctrl('c')] in [Everywhere]: "Cancels what is running; if nothing is, asks whether to quit.";
    Redraw "redraw", "Redraw", "redraw", [ctrl('l')] in [Everywhere]: "Paints the whole screen again.";
    Suspend "suspend", "Suspend", "suspend", [ctrl('z')] in [Everywhere]: "Back to the shell; `fg` returns.";
    Quit "quit", "Quit", "quit", [c('q')] in [Everywhere]: "Goes back to Browse; there, quits.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_action_is_named_explained_and_placed() {
        let mut ids = HashSet::new();
        for (place, entry) in ACTIONS.iter().enumerate() {
            assert_eq!(entry.action as usize, place);
            assert!(ids.insert(entry.id), "{} is there twice", entry.id);
            assert!(entry.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{} is not kebab case", entry.id);
            assert!(entry.help.ends_with('.') && !entry.title.is_empty() && !entry.hint.is_empty(), "{}", entry.id);
            assert!(!entry.contexts.is_empty(), "{} applies nowhere", entry.id);
            assert!(!entry.keys.is_empty(), "{} has no key", entry.id);
        }
        for context in Context::ALL {
            assert_eq!(Context::ALL.iter().filter(|c| **c == context).count(), 1);
            assert!(ACTIONS.iter().any(|e| e.contexts.contains(&context)), "{context:?} has no action");
        }
    }
}
